"""Many papers typeset in as few runs of TeX as possible, on several cores, with an error for each broken one."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from generator.errors import BuildError, GeneratorError, together
from generator.pdf.engine_run import PATIENCE
from generator.pdf.engines import find_engine
from generator.pdf.fonts import common_fonts
from generator.pdf.lua_fonts import font_files
from generator.pdf.paper import Outcome
from generator.pdf.typesetting import typeset_once
from generator.system.workers import parallel_map

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from generator.pdf.engines import Engine
    from generator.pdf.paper import FaultKey, Overfull, Paper, Place

WORTH_A_JOB = 12
"""Number of papers that TeX typesets in the time that it takes to start."""

LASTING = re.compile(
    r"\\(?:[gx]def|global(?:defs)?|csname|scantokens|hyphenation|page(?:numbering|color)|AddToHook|At(?:Begin|End)\w+"
    r"|(?:cat|lc|uc)code|makeatletter|ExplSyntaxOn|aftergroup|after\w+|futurelet|every\w+|endinput|(?:end|begin)group"
    r"|[be]group|write|typeout|message|output|shipout|input|openin|read\w*|newcounter|newlength|newsavebox)\b"
    r"|\^\^"
)
"""Commands that change TeX beyond the group of a paper, read or write files, or could hide a command that does."""
TIMEOUTS = 2
"""Number of papers that TeX does not end with, after which others of the same share are not tried."""
MOST_IN_A_JOB = 150
"""Number of papers in a job; more take memory, and save no time that matters."""


@dataclass(frozen=True)
class TypesetPaper:
    """A paper whose PDF is in its folder, or the error that prevented that."""

    name: str
    checksum: str = ""
    pages: int = 0
    warnings: tuple[str, ...] = ()
    """Boxes that do not fit on its pages."""
    places: tuple[Place, ...] = ()
    error: BuildError | None = None


def typeset_into(
    papers: Sequence[Paper],
    preamble: str,
    folder: Path,
    *,
    jobs: int = 1,
    on_progress: Callable[[int], None] = lambda done: None,
    patience: float = PATIENCE,
    engine: Engine | None = None,
) -> list[TypesetPaper]:
    """Each paper as a PDF in a folder, or an error of its own; `on_progress` gets the number of papers done.

    A fault that is in no paper, such as a missing package, is raised as a `BuildError`.
    """

    def work(places: Sequence[int], tick: Callable[[int], None]) -> list[TypesetPaper] | BuildError:
        own = papers[places[0]].engines
        try:
            chosen = engine if not own or (engine and engine.name in own) else find_engine(among=own)
            printed = isolated([papers[place] for place in places], preamble, tick, patience, chosen)
        except BuildError as error:
            return error
        return [_kept(one, folder) for one in printed]

    alike = [place for place, paper in enumerate(papers) if not paper.engines]
    fewest = -(-len(alike) // MOST_IN_A_JOB)
    shares = _shares(papers, alike, max(fewest, min(jobs, -(-len(alike) // WORTH_A_JOB))))
    shares += [[place] for place, paper in enumerate(papers) if paper.engines]
    if len(shares) > 1:
        _prepare(preamble, engine or find_engine())
    done_papers: dict[int, TypesetPaper] = {}
    for places, done in zip(shares, parallel_map(work, shares, jobs, on_progress), strict=True):
        if isinstance(done, BuildError):
            raise done
        done_papers |= dict(zip(places, done, strict=True))
    return [done_papers[place] for place in range(len(papers))]


def _prepare(preamble: str, engine: Engine) -> None:
    """Find what all runs of an engine need, so that no two processes do."""
    if engine.tells_glyphs:
        common_fonts(preamble, engine.name)
    if engine.keeps_fonts:
        font_files(engine.program)


def typeset(
    papers: Sequence[Paper],
    preamble: str,
    *,
    warn: Callable[[Overfull], None] | None = None,
    patience: float = PATIENCE,
    engine: Engine | None = None,
) -> list[bytes]:
    """Each paper as a PDF; `warn` gets each box that does not fit. Raises the errors of all papers as one."""
    printed = isolated(papers, preamble, patience=patience, engine=engine)
    if errors := [one.error for one in printed if one.error]:
        raise mistakes(errors)
    for one in printed:
        for overfull in one.overfull:
            if warn:
                warn(overfull)
    return [one.content for one in printed]


def isolated(
    papers: Sequence[Paper],
    preamble: str,
    tick: Callable[[int], None] = lambda more: None,
    patience: float = PATIENCE,
    engine: Engine | None = None,
) -> list[Outcome]:
    """Each paper as if it had been typeset alone, in as few runs of TeX as that takes.

    What TeX made of papers behind a broken one is not used: they are typeset again without it. One that TeX complained
    about is broken if it is so alone, or if another with the same mistake was. A paper that changes TeX for good is
    always typeset alone, and so is one that has glyphs in its fonts which hardly another paper has.
    """
    printed: dict[int, Outcome] = {}
    broken: set[FaultKey] = set()
    timeouts = 0
    changing = [n for n, paper in enumerate(papers) if LASTING.search(paper.body)]
    batches = [[n for n in range(len(papers)) if n not in changing], *([n] for n in changing)]
    while batches:
        if not (batch := batches.pop()):
            continue
        before = reported = len(printed)

        def on_begin(number: int, before: int = before) -> None:
            nonlocal reported
            tick(before + number - reported)
            reported = before + number

        run = typeset_once([papers[n] for n in batch], preamble, on_begin=on_begin, patience=patience, engine=engine)
        left, shared = [], []
        for place, (n, one) in enumerate(zip(batch, run, strict=True)):
            if one.timed_out:
                printed[n] = one
                timeouts += 1
                batches.append(batch[:place])  # they were sound
                left = batch[place + 1 :]
                break
            if one.is_shared:
                shared.append(n)
            elif one.content:
                printed[n] = one
            elif one.error:
                known = len(batch) == 1 or one.fault in broken
                printed[n] = one if known else _alone(papers[n], preamble, patience, engine)
                if fault := printed[n].fault:
                    broken.add(fault)
            else:
                left.append(n)
        if timeouts >= TIMEOUTS:
            printed |= {n: Outcome(papers[n], error=_untried(papers[n])) for n in left}
        else:
            batches.append(left)
        half = -(-len(shared) // 2)
        batches += [shared[:half], shared[half:]]  # one paper's glyphs are in the fonts of all that have these
        tick(len(printed) - reported)
        if len(printed) == before and not shared and not timeouts:
            raise BuildError("TeX ended without a word and without any page", remedy="Build again, or with -j 1.")
    return [printed[n] for n in range(len(papers))]


def _alone(paper: Paper, preamble: str, patience: float, engine: Engine | None) -> Outcome:
    (one,) = typeset_once([paper], preamble, patience=patience, engine=engine)
    return one


def _untried(paper: Paper) -> BuildError:
    message = f"not tried, as TeX was busy for too long with {TIMEOUTS} papers before it"
    return BuildError(
        f"{paper.title}: {message}",
        remedy="Mend those first.",
        file=paper.worksheet,
        mistake=message,
    )


def mistakes(errors: Sequence[BuildError]) -> GeneratorError:
    """One error for all, each mistake once, with the number of further papers that have it."""
    alike: dict[tuple[str, str], list[BuildError]] = {}
    for error in errors:
        alike.setdefault((str(error.file), error.mistake), []).append(error)
    distinct = []
    for first, *others in alike.values():
        distinct.append(copy(first))
        if others:
            distinct[-1].what += f" (and in {len(others)} more paper{'s' * (len(others) > 1)})"
    return together(distinct)


def _kept(one: Outcome, folder: Path) -> TypesetPaper:
    if one.error is None:
        (folder / f"{one.paper.name}.pdf").write_bytes(one.content)
    return TypesetPaper(
        one.paper.name,
        sha256(one.content).hexdigest(),
        one.pages,
        tuple(map(str, one.overfull)),
        one.places,
        one.error,
    )


def _shares(papers: Sequence[Paper], places: Sequence[int], count: int) -> list[list[int]]:
    """Some papers' places in so many parts that are about equally long, each in order."""
    shares: list[list[int]] = [[] for _ in range(max(1, count))]
    sizes = [0] * len(shares)
    for place in sorted(places, key=lambda place: -len(papers[place].body)):
        least = sizes.index(min(sizes))
        shares[least].append(place)
        sizes[least] += len(papers[place].body)
    return [sorted(share) for share in shares if share]
