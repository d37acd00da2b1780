"""Faults of a job as errors with the place of each in its worksheet, and the pages of the papers without a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import BuildError, InText
from generator.pdf import tex_log
from generator.pdf.faults import REMEDIES, FaultKind
from generator.pdf.paper import Outcome, Overfull, Part, Place, line_containing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.pdf.engine_run import Stop
    from generator.pdf.paper import FaultKey, Paper
    from generator.pdf.tex_log import Fault

Span: TypeAlias = "range | Flawed | None"
"""The pages of a paper in the PDF of its job, counted from 0; or its error; or None where neither is known."""

UNTOLD = "TeX cannot go on from here"
"""The message of a fault whose own message may quote files that a paper must not read."""
PLACE = re.compile(r"place (\d+) (\S+) (\d+) (-?\d+)")
"""A note about a question: the number of the paper, the label, the page, and the distance from its top in sp."""
FORMULA_POINTS = re.compile(r"\\tagformula\{\d+\}|\\tagendformula\{\}")
"""The commands in a tagged body that are not in the body of the same paper."""
SCALED_POINTS_IN_MM = 65536 * 72.27 / 25.4


@dataclass(frozen=True)
class Flawed:
    """The error of a paper; `fault` identifies papers with the same fault, where it is TeX that reported it."""

    error: BuildError
    fault: FaultKey | None = None


def paper_error(
    paper: Paper, line: int | None, message: str, kind: FaultKind = FaultKind.OTHER, fault: Fault | None = None
) -> BuildError:
    """The error for a fault at a line of a paper."""
    file, place = paper.place(line)
    return BuildError(
        f"{place}: {message}",
        remedy=REMEDIES[kind],
        file=file,
        text=_excerpt(paper.body, line, fault),
        mistake=message,
    )


def preamble_error(
    paper: Paper, preamble: str, line: int | None, message: str, kind: FaultKind, fault: Fault | None = None
) -> BuildError:
    """The error for a fault at a line of the preamble that a paper has."""
    return BuildError(
        f"the preamble: {message}",
        remedy=REMEDIES[kind],
        file=paper.worksheet,
        text=_excerpt(preamble, line, fault),
        mistake=message,
    )


def fault_in_preamble(paper: Paper, preamble: str, fault: Fault) -> BuildError:
    """The error for a fault that TeX reported before the first paper."""
    is_missing = fault.kind in (FaultKind.MISSING_FILE, FaultKind.MISSING_PACKAGE)
    line = None if is_missing else fault.line  # a package is missed one line later
    return preamble_error(paper, preamble, line, fault.message, fault.kind, fault)


def forbidden_read(papers: Sequence[Paper], preamble: str, file: str) -> list[Outcome]:
    """The outcomes of a run that read a forbidden file: nothing is made of it, and papers that name it have an error.

    If no paper and not the preamble name it, it may be any of them.
    """
    message = f"it reads {file}"
    name = re.split(r"[\\/(]", file)[-1].rstrip(")")
    lines = [line_containing(paper.body, name) for paper in papers]
    if not any(lines) and (line := line_containing(preamble, name)):
        raise preamble_error(papers[0], preamble, line, message, FaultKind.FORBIDDEN_FILE)
    if not any(lines) and len(papers) > 1:
        return [Outcome(paper, is_shared=True) for paper in papers]
    outcomes = []
    for paper, line in zip(papers, lines, strict=True):
        if line is None and len(papers) > 1:
            outcomes.append(Outcome(paper))
        else:
            part, error = paper.part(line), paper_error(paper, line, message, FaultKind.FORBIDDEN_FILE)
            # with the line itself, as another paper may only mention such a file
            key = f"{message}: {error.text}", part.problem if part else None
            outcomes.append(Outcome(paper, error=error, fault=key))
    return outcomes


def stopped(papers: Sequence[Paper], log: Sequence[str], stop: Stop, mark: str) -> tuple[int, BuildError]:
    """The number of the paper that a job was stopped at, and its error, at the place that TeX then named."""
    for fault in tex_log.faults(log, mark):
        if fault.kind is FaultKind.INTERRUPTION and fault.paper is not None:
            return fault.paper, paper_error(papers[fault.paper], fault.line, stop.message, stop.kind)
    last = next((number for line in reversed(log) if (number := tex_log.begun(line, mark)) is not None), 0)
    number = min(last, len(papers) - 1)
    return number, paper_error(papers[number], None, stop.message, stop.kind)


def notes(log: Sequence[str], mark: str) -> tuple[dict[tuple[str, str], list[str]], dict[int, tuple[Place, ...]]]:
    """The notes of a job, by their kind and the number of a paper; and where the questions of each paper begin."""
    found: dict[tuple[str, str], list[str]] = {}
    places: dict[int, tuple[Place, ...]] = {}
    inside = ""
    for line in log:
        if line.startswith(f"{mark} "):
            _, kind, number, *rest = line.split(maxsplit=5)
            found[kind, number] = rest
            inside = number if kind == "begins" else ""
        elif (note := PLACE.fullmatch(line)) and note[1] == inside:
            label, page, down = note[2], int(note[3]), round(int(note[4]) / SCALED_POINTS_IN_MM, 1)
            places[int(inside)] = (*places.get(int(inside), ()), Place(label, page, down))
    return found, places


def spans(
    papers: Sequence[Paper], faults: Sequence[Fault], noted: Mapping[tuple[str, str], Sequence[str]]
) -> Iterator[Span]:
    """The pages of each paper, or its error; None behind one that leaves something open."""
    first: dict[int, Fault] = {}
    for fault in faults:
        first.setdefault(-1 if fault.paper is None else fault.paper, fault)
    is_open = False
    for number, paper in enumerate(papers):
        begins, ends = noted.get(("begins", str(number))), noted.get(("ends", str(number)))
        if is_open:
            yield None
            continue
        is_open = not begins or not ends or begins[1] != ends[1]
        if number in first:
            yield _reported(paper, first[number])
        elif not begins or not ends:
            yield Flawed(paper_error(paper, None, "TeX stopped before the end of this paper"))
        elif is_open:
            line, message = _unclosed(" ".join(ends[2:]))
            yield Flawed(paper_error(paper, line, message, FaultKind.UNCLOSED))
        elif begins[0] == ends[0]:
            yield Flawed(paper_error(paper, None, "this paper has no page"))
        else:
            yield range(int(begins[0]), int(ends[0]))


def _reported(paper: Paper, fault: Fault) -> Flawed:
    """The error of a paper for a fault that TeX reported."""
    is_missing = fault.kind in (FaultKind.MISSING_FILE, FaultKind.MISSING_PACKAGE)
    line = line_containing(paper.body, fault.subject) if is_missing and not fault.line else fault.line
    part = paper.part(line)
    key = fault.message, part.problem if part else None
    return Flawed(paper_error(paper, line, fault.message, fault.kind, fault), key)


def overfull(papers: Sequence[Paper], log: Sequence[str], mark: str) -> dict[int, tuple[Overfull, ...]]:
    """The boxes that are too big, by the numbers of papers: the worst of each problem."""
    worst: dict[int, dict[Part | None, Overfull]] = {}
    for box in tex_log.overfull(log, mark):
        if box.paper is not None:
            paper = papers[box.paper]
            part = paper.part(box.line)
            found = worst.setdefault(box.paper, {})
            if part not in found or found[part].points < box.points:
                found[part] = Overfull(paper, box.line, box.points)
    return {number: tuple(found.values()) for number, found in worst.items()}


def _unclosed(environment: str) -> tuple[int | None, str]:
    """Line and message for a paper that leaves something open: `environment` is LaTeX's innermost one."""
    found = re.fullmatch(r"(\S+) +on input line (\d+)", environment)
    if found:
        return int(found[2]), rf"\begin{{{found[1]}}} is never closed"
    return None, "a brace or a group is never closed"


def _excerpt(source: str, line: int | None, fault: Fault | None) -> InText | None:
    """The offending line, with carets under the token that TeX stopped at, or under all of the line."""
    lines = source.splitlines()
    if not line or line > len(lines) or not lines[line - 1].strip():
        return None
    text = lines[line - 1].rstrip()
    if fault and fault.token:
        read = FORMULA_POINTS.sub("", fault.read.rstrip()).removeprefix("...")
        stop = text.find(read) + len(read) if read in text else len(text)
        start = text.rfind(fault.token, 0, stop)
        if start >= 0:
            return InText(text, start, start + len(fault.token))
    return InText.whole(text)
