"""What TeX's log says: faults, and what did not fit, each with the paper and the line that TeX was reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARKER = "[[{} {}]]"
"""What the job writes before each paper, to be found in the log and in the output of a run that goes on: a mark that
no paper knows, and the paper's number."""

_FAULT = re.compile(r"(?:(?:\./)?(?P<file>[^\s:]+\.\w+):(?P<line>\d+): |!\s?)(?P<message>\S.*)")
_READ = re.compile(r"l\.(?P<line>\d+) ?(?P<read>.*)")
_INSIDE = re.compile(r"(?:<[a-z ]+>|\\\S+ [^>]*->) ?(?P<read>.*)")
_OVERFULL = re.compile(r"Overfull \\[hv]box \((?P<points>[\d.]+)pt too \w+\)(?:.* at lines? (?P<line>\d+))?")
_LOST = re.compile(r"Missing character: There is no (?P<character>\S+ \(U\+[0-9A-F]+\))")
_SPEAKER = re.compile(r"^(?:LaTeX|(?:Package|Class) \S+) Error: ")
_LAST_TOKEN = re.compile(r"(\\[A-Za-z@]+|\\?\S)\s*$")


@dataclass(frozen=True)
class Fault:
    """An error in TeX's words: where it was reading, how far, and the token that it could not take."""

    message: str
    paper: int | None
    """None before the first paper: `line` is then a line of the preamble."""
    line: int | None
    read: str
    token: str


@dataclass(frozen=True)
class TooBig:
    """A box with more in it than its size, by so many points."""

    points: float
    paper: int | None
    line: int | None


def unwrapped(log: Sequence[str], width: int | None) -> list[str]:
    """A log as it would be if it had not been wrapped at some width."""
    lines: list[str] = []
    is_open = False
    for text in log:
        if is_open:
            lines[-1] += text
        else:
            lines.append(text)
        is_open = len(text) == width
    return lines


def faults(log: Sequence[str], mark: str) -> Iterator[Fault]:
    """Every error, in the order in which TeX met them."""
    for index, text, paper in _entries(log, mark):
        lost = _LOST.match(text)
        if lost and paper is not None:  # as LuaTeX says it, when the page is done
            yield Fault(_lost(lost), paper, None, "", "")
        found = _FAULT.fullmatch(text)
        if not found:
            continue
        message = _SPEAKER.sub("", found["message"]).rstrip(".")
        line, read, token = _reading(log[index + 1 : index + 30])
        if message == "Undefined control sequence":
            message = f"undefined command {token}"
        elif lost := _LOST.match(message):
            message = _lost(lost)
        own_file = found["file"] in (None, "job.tex" if paper is None else f"{paper}.tex")
        yield Fault(message, paper, line if own_file else None, read, token)


def _lost(found: re.Match[str]) -> str:
    return f"Unicode character {found['character']}"


def overfull(log: Sequence[str], mark: str) -> Iterator[TooBig]:
    """Every overfull box, in order."""
    for _, text, paper in _entries(log, mark):
        if found := _OVERFULL.match(text):
            yield TooBig(float(found["points"]), paper, int(found["line"]) if found["line"] else None)


def begun(line: str, mark: str) -> int | None:
    """The number of the paper that a line announces, if it is a marker with this mark."""
    if not line.startswith("[["):  # as most lines
        return None
    found = re.match(rf"\[\[{mark} (\d+)\]\]", line)
    return int(found[1]) if found else None


def _entries(log: Sequence[str], mark: str) -> Iterator[tuple[int, str, int | None]]:
    """Each line with its index and the paper that it was written in."""
    paper = None
    for index, text in enumerate(log):
        number = begun(text, mark)
        paper = paper if number is None else number
        yield index, text, paper


def _reading(following: Sequence[str]) -> tuple[int | None, str, str]:
    """The line of the file that TeX was reading, how far it had read it, and the last token of the innermost text.

    Below an error TeX shows what it was reading, each text cut in two where it stands: macros first, the file last.
    Where a file is missing it says so before it stops, and shows this only after.
    """
    token = ""
    for text in following:
        if _FAULT.fullmatch(text) and not text.endswith(": Emergency stop."):
            break
        of_file = _READ.match(text)
        found = of_file or _INSIDE.match(text)
        if found and not token:
            last = _LAST_TOKEN.search(found["read"])
            token = last[1] if last else ""
        if of_file:
            return int(of_file["line"]), of_file["read"], token
    return None, "", token
