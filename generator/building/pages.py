"""Papers with a table of the points on each page, which has to be that of their last layout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from generator.errors import BuildError
from generator.pdf.paper import pages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.pdf.paper import Paper
    from generator.pdf.tex_batch import TypesetPaper

MOST_RUNS: Final = 4
"""How often a paper is typeset; the second time is usually the last, as a table is as high as any other."""
NO_PAGES: Final = (
    "the table of the points on each page cannot be made, as a template does not note where questions are",
    r"Let the course's own question.tex.j2 have  \noteplace{@<%= question.label %>}  as the usual one does, or write"
    "  cover: {grading: problems}",
)
MOVES: Final = (
    "the table of the points on each page moves questions to other pages each time it is corrected",
    "Shorten what is on the cover, or write  cover: {grading: problems}",
)


def typeset_with_pages(
    papers: Sequence[Paper],
    with_pages: Callable[[Paper, Mapping[str, int]], Paper],
    typeset: Callable[[Sequence[Paper]], list[TypesetPaper]],
) -> list[TypesetPaper]:
    """The results of typesetting papers, again with a table of the pages of the time before until these stay.

    `with_pages` puts the table into a paper, by the pages of its questions. A paper without such a table is typeset
    once. One whose pages are not known, or do not stay, has an error.
    """
    pages: dict[int, Mapping[str, int]] = {n: _unknown(paper) for n, paper in enumerate(papers) if paper.worth}
    found: dict[int, TypesetPaper] = {}
    left = list(range(len(papers)))
    for _ in range(MOST_RUNS):
        some = [with_pages(papers[n], pages[n]) if n in pages else papers[n] for n in left]
        found |= dict(zip(left, typeset(some), strict=True))
        left = [n for n in left if n in pages and found[n].error is None and pages_of(found[n].places) != pages[n]]
        pages |= {n: pages_of(found[n].places) for n in left}
        if unknown := [n for n in left if pages[n].keys() != _unknown(papers[n]).keys()]:
            found |= {n: _without(found[n], papers[n], NO_PAGES) for n in unknown}
            left = [n for n in left if n not in unknown]
        if not left:
            break
    found |= {n: _without(found[n], papers[n], MOVES) for n in left}
    return [found[n] for n in range(len(papers))]


def _unknown(paper: Paper) -> Mapping[str, int]:
    """All questions of a paper on the page behind the cover."""
    return {one.label: 2 for one in paper.worth}


def _without(one: TypesetPaper, paper: Paper, error: tuple[str, str]) -> TypesetPaper:
    """A paper that is not to be used, as the points of its pages are not known."""
    what, remedy = error
    return replace(one, error=BuildError(f"{paper.title}: {what}", remedy=remedy, file=paper.worksheet, mistake=what))
