"""Hundreds of papers: shared out among cores, a broken one told apart from its neighbours."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from generator.errors import BuildError, GeneratorError, together
from generator.pdf.engines import find_engine
from generator.pdf.jobs import PATIENCE, Printed, attempt, glyphs
from generator.system.workers import parallel_map

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from generator.pdf.engines import Engine
    from generator.pdf.jobs import Kind, Overfull, Paper, Place

WORTH_A_JOB = 12
"""So many papers take as long as it takes TeX to start."""


LASTING = re.compile(
    r"\\(?:[gx]def|global(?:defs)?|csname|scantokens|hyphenation|page(?:numbering|color)|AddToHook|At(?:Begin|End)\w+"
    r"|(?:cat|lc|uc)code|makeatletter|ExplSyntaxOn|aftergroup|after\w+|futurelet|every\w+|endinput|(?:end|begin)group"
    r"|[be]group|write|typeout|message|output|shipout|input|openin|read\w*|newcounter|newlength|newsavebox)\b"
    r"|\^\^"
)
"""What changes TeX beyond the group that a paper stands in, reads or writes beside it, or could hide such a thing."""
TIMEOUTS = 2
"""After so many papers that TeX does not come to an end with, others of the same share are not tried."""


MOST_IN_A_JOB = 150
"""More papers than that take memory, and save no time that matters."""


@dataclass(frozen=True)
class TypesetPaper:
    """A paper that lies in its folder as a PDF, or the error that keeps it from being one."""

    name: str
    checksum: str = ""
    pages: int = 0
    warnings: tuple[str, ...] = ()
    """What does not fit on its pages."""
    places: tuple[Place, ...] = ()
    error: BuildError | None = None


def typeset_into(
    papers: Sequence[Paper],
    preamble: str,
    folder: Path,
    *,
    jobs: int = 1,
    tell: Callable[[int], None] = lambda done: None,
    patience: float = PATIENCE,
    engine: Engine | None = None,
) -> list[TypesetPaper]:
    """Each paper as a PDF in a folder, or an error of its own; `tell` hears how many are done.

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
        glyphs(preamble, engine.name if engine else None)  # which all processes then know
    pressed: dict[int, TypesetPaper] = {}
    for places, done in zip(shares, parallel_map(work, shares, jobs, tell), strict=True):
        if isinstance(done, BuildError):
            raise done
        pressed |= dict(zip(places, done, strict=True))
    return [pressed[place] for place in range(len(papers))]


def typeset(
    papers: Sequence[Paper],
    preamble: str,
    *,
    warn: Callable[[Overfull], None] | None = None,
    patience: float = PATIENCE,
    engine: Engine | None = None,
) -> list[bytes]:
    """Each paper as a PDF; `warn` hears of what does not fit. Raises all that is wrong with any of them."""
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
) -> list[Printed]:
    """Each paper as if it had been typeset alone, in as few runs of TeX as that takes.

    What TeX made of papers behind a broken one is not used: they are typeset again without it. One that TeX complained
    about is broken if it is so alone, or if another with the same mistake was. A paper that changes TeX for good is
    always typeset alone, and so is one that has glyphs in its fonts which hardly another paper has.
    """
    printed: dict[int, Printed] = {}
    broken: set[Kind] = set()
    timeouts = 0
    changing = [n for n, paper in enumerate(papers) if LASTING.search(paper.body)]
    batches = [[n for n in range(len(papers)) if n not in changing], *([n] for n in changing)]
    while batches:
        if not (batch := batches.pop()):
            continue
        before = told = len(printed)

        def begun(number: int, before: int = before) -> None:
            nonlocal told
            tick(before + number - told)
            told = before + number

        run = attempt([papers[n] for n in batch], preamble, begun=begun, patience=patience, engine=engine)
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
                known = len(batch) == 1 or one.kind in broken
                printed[n] = one if known else _alone(papers[n], preamble, patience, engine)
                if kind := printed[n].kind:
                    broken.add(kind)
            else:
                left.append(n)
        if timeouts >= TIMEOUTS:
            printed |= {n: Printed(papers[n], error=_untried(papers[n])) for n in left}
        else:
            batches.append(left)
        half = -(-len(shared) // 2)
        batches += [shared[:half], shared[half:]]  # one paper's glyphs are in the fonts of all that have these
        tick(len(printed) - told)
        if len(printed) == before and not shared and not timeouts:
            raise BuildError("TeX ended without a word and without any page", remedy="Build again, or with -j 1.")
    return [printed[n] for n in range(len(papers))]


def _alone(paper: Paper, preamble: str, patience: float, engine: Engine | None) -> Printed:
    (one,) = attempt([paper], preamble, patience=patience, engine=engine)
    return one


def _untried(paper: Paper) -> BuildError:
    return BuildError(
        f"{paper.title}: not tried, as TeX was busy for too long with {TIMEOUTS} papers before it",
        remedy="Mend those first.",
        file=paper.worksheet,
    )


def mistakes(errors: Sequence[BuildError]) -> GeneratorError:
    """One error for all, each mistake told once, with the number of further papers that have it too."""
    alike: dict[tuple[str, str], list[BuildError]] = {}
    for error in errors:
        alike.setdefault((str(error.file), error.what.partition(": ")[2]), []).append(error)
    told = []
    for first, *others in alike.values():
        told.append(copy(first))
        if others:
            told[-1].what += f" (and in {len(others)} more paper{'s' * (len(others) > 1)})"
    return together(told)


def _kept(one: Printed, folder: Path) -> TypesetPaper:
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
