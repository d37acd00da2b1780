"""Hundreds of papers: shared out among cores, a broken one told apart from its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from generator.errors import BuildError, GeneratorError, together
from generator.processes import each
from generator.render.pdf import PATIENCE, attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from generator.render.pdf import Overfull, Paper, Printed

WORTH_A_JOB = 12
"""So many papers take as long as it takes TeX to start."""


@dataclass(frozen=True)
class Pressed:
    """A paper that lies in its folder as a PDF, or the error that keeps it from being one."""

    name: str
    checksum: str = ""
    pages: int = 0
    warnings: tuple[str, ...] = ()
    """What does not fit on its pages."""
    error: BuildError | None = None


def press(
    papers: Sequence[Paper],
    preamble: str,
    folder: Path,
    *,
    jobs: int = 1,
    tell: Callable[[int], None] = lambda done: None,
    patience: float = PATIENCE,
) -> list[Pressed]:
    """Each paper as a PDF in a folder, or an error of its own; `tell` hears how many are done.

    A fault that is in no paper, such as a missing package, is raised as a `BuildError`.
    """

    def work(places: Sequence[int], tick: Callable[[int], None]) -> list[Pressed] | BuildError:
        try:
            printed = isolated([papers[place] for place in places], preamble, tick, patience)
        except BuildError as error:
            return error
        return [_kept(one, folder) for one in printed]

    shares = _shares(papers, min(jobs, -(-len(papers) // WORTH_A_JOB)))
    pressed: dict[int, Pressed] = {}
    for places, done in zip(shares, each(work, shares, jobs, tell), strict=True):
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
) -> list[bytes]:
    """Each paper as a PDF; `warn` hears of what does not fit. Raises all that is wrong with any of them."""
    printed = isolated(papers, preamble, patience=patience)
    if errors := [one.error for one in printed if one.error]:
        raise mistakes(errors)
    for one in printed:
        for overfull in one.overfull:
            if warn:
                warn(overfull)
    return [one.content for one in printed]


def isolated(
    papers: Sequence[Paper], preamble: str, tick: Callable[[int], None] = lambda more: None, patience: float = PATIENCE
) -> list[Printed]:
    """Each paper as if it had been typeset alone, in as few runs of TeX as that takes.

    What TeX made of papers behind a broken one is not used: they are typeset again without it. One that TeX complained
    about is broken if it is so alone, or if another with the same mistake was.
    """
    printed: dict[int, Printed] = {}
    broken: set[tuple[str, str | None]] = set()
    waiting = list(range(len(papers)))
    while waiting:
        told = 0

        def begun(number: int) -> None:
            nonlocal told
            tick(number - told)
            told = number

        run = attempt([papers[n] for n in waiting], preamble, begun=begun, patience=patience)
        made = dict(zip(waiting, run, strict=True))
        printed |= {n: one for n, one in made.items() if one.content}
        suspects = [n for n, one in made.items() if one.error]
        tick(sum(1 for one in made.values() if one.content) - told)
        for n in suspects:
            one = made[n]
            if len(waiting) > 1 and one.kind not in broken:
                (one,) = attempt([papers[n]], preamble, patience=patience)
            if one.error and one.kind:
                broken.add(one.kind)
            printed[n] = one
            tick(1)
        waiting = [n for n in made if n not in printed]
        if len(waiting) == len(made):
            raise BuildError("TeX ended without a word and without any page", remedy="Build again, or with -j 1.")
    return [printed[n] for n in range(len(papers))]


def mistakes(errors: Sequence[BuildError]) -> GeneratorError:
    """One error for all, each mistake told once, with the number of further papers that have it too."""
    alike: dict[tuple[str, str], list[BuildError]] = {}
    for error in errors:
        alike.setdefault((str(error.file), error.what.partition(": ")[2]), []).append(error)
    told = []
    for first, *others in alike.values():
        if others:
            first.what += f" (and in {len(others)} more paper{'s' * (len(others) > 1)})"
        told.append(first)
    return together(told)


def _kept(one: Printed, folder: Path) -> Pressed:
    if one.error is None:
        (folder / f"{one.paper.name}.pdf").write_bytes(one.content)
    return Pressed(one.paper.name, sha256(one.content).hexdigest(), one.pages, tuple(map(str, one.overfull)), one.error)


def _shares(papers: Sequence[Paper], count: int) -> list[list[int]]:
    """The papers' places in so many parts that are about equally long, each in order."""
    shares: list[list[int]] = [[] for _ in range(max(1, count))]
    sizes = [0] * len(shares)
    for place in sorted(range(len(papers)), key=lambda place: -len(papers[place].body)):
        least = sizes.index(min(sizes))
        shares[least].append(place)
        sizes[least] += len(papers[place].body)
    return [sorted(share) for share in shares]
