"""The same place for each question in every version, as those who scan papers and grade them on a screen need it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import BuildError
from generator.pdf.paper import WORTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.pdf.paper import Paper, Place

TOLERANCE = 3.0
"""So many millimeters are no other place: the first line of a question may be a little higher in one version."""


@dataclass(frozen=True)
class Overflow:
    """What a question takes more in some papers than in others, and the error that says where and by how much."""

    papers: tuple[Paper, ...]
    error: BuildError


def overflows(papers: Sequence[Paper], places: Sequence[Sequence[Place]], pages: Sequence[int]) -> Iterator[Overflow]:
    """The questions whose space does not hold them in some versions.

    `places` are those of the questions of each paper, which has so many `pages`. What a question takes reaches to the
    next one, or to the end; the least of all versions is what it should take.
    """
    places = [[one for one in some if not one.label.startswith(WORTH)] for some in places]
    moved: dict[str, set[str]] = defaultdict(set)
    for number, here in enumerate(places[0] if places else ()):
        elsewhere = moved[here.label.partition("(")[0]]  # an overflow moves all that is behind it in the same problem
        taken = [
            (paper, *_taken(some, number, total))
            for paper, some, total in zip(papers, places, pages, strict=True)
            if paper.name not in elsewhere
        ]
        least = min((pages, down) for _, pages, down in taken)
        over = [
            (paper, pages - least[0], down - least[1])
            for paper, pages, down in taken
            if pages > least[0] or down > least[1] + TOLERANCE
        ]
        if over:
            elsewhere.update(paper.name for paper, _, _ in over)
            yield Overflow(tuple(paper for paper, _, _ in over), _error(here.label, over))


def _taken(places: Sequence[Place], number: int, total: int) -> tuple[int, float]:
    """How many pages, and how many millimeters, it is from a question to what comes after it."""
    here, *after = places[number:]
    if not after:
        return total - here.page, 0.0
    return after[0].page - here.page, after[0].down - here.down


def _error(label: str, over: Sequence[tuple[Paper, int, float]]) -> BuildError:
    paper, pages, down = max(over, key=lambda one: one[1:])
    part = next((part for part in paper.parts if part.label == label), None)
    versions = ", ".join(one.label or one.name for one, _, _ in over)
    by = f"{pages} page{'s' * (pages > 1)} later" if pages else f"{down / 10:.1f} cm lower"
    what = f"problem {part.problem}, question {label}" if part else f"question {label}"
    return BuildError(
        f"{what} overflows in version{'s' * (len(over) > 1)} {versions}: what comes after it begins "
        f"{'up to ' * (len(over) > 1)}{by} than in other versions",
        remedy="Give it more room, such as  space: page, or have its versions differ less.",
        file=part.source if part else paper.worksheet,
    )
