"""Bookmarks: the titles of a paper's sections, problems and parts, in an outline that viewers show beside its pages."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.pdf.paper import Heading, Place

POINTS_IN_MM: Final = 72 / 25.4
LINE: Final = 6.0
"""The distance in mm from the top of the line of a heading to its baseline, which is the place that TeX notes."""
FEWEST: Final = 2
"""So many bookmarks, at least, make an outline of a paper."""


@dataclass(frozen=True)
class Bookmark:
    """A title, its level from 0, and its place: the number of a page, from 0, and the distance in mm from its top."""

    title: str
    level: int
    page: int
    down: float


def bookmarks(headings: Sequence[Heading], places: Sequence[Place]) -> tuple[Bookmark, ...]:
    """The headings of a paper at the places that TeX has noted for their labels, in the order of these.

    Several headings with the same label stand at the places of that in order; those without a place are left out, as
    a course's template may leave out what notes it.
    """
    return tuple(_bookmarks(headings, places))


def _bookmarks(headings: Sequence[Heading], places: Sequence[Place]) -> Iterator[Bookmark]:
    waiting: defaultdict[str, deque[Heading]] = defaultdict(deque)
    for heading in headings:
        waiting[heading.label].append(heading)
    for place in places:
        if waiting[place.label]:
            heading = waiting[place.label].popleft()
            for level, title in enumerate(heading.titles, heading.level):
                yield Bookmark(title, level, place.page - 1, place.down)


def add_bookmarks(document: pikepdf.Pdf, some: Sequence[Bookmark]) -> None:
    """Give a paper an outline, if there are several bookmarks."""
    if len(some) >= FEWEST:
        with document.open_outline() as outline:
            outline.root += items(document, some)


def items(document: pikepdf.Pdf, some: Sequence[Bookmark], first: int = 0) -> list[pikepdf.OutlineItem]:
    """Bookmarks as items, those of lower levels in those above; the paper begins at page `first` of the document."""
    found: list[pikepdf.OutlineItem] = []
    open_items: list[pikepdf.OutlineItem] = []
    """The last item of each level."""
    for one in some:
        page = document.pages[first + one.page]
        top = float(page.mediabox[3]) - (one.down - LINE) * POINTS_IN_MM
        where = pikepdf.Array([page.obj, pikepdf.Name.XYZ, None, round(top), None])
        item = pikepdf.OutlineItem(one.title, where)
        del open_items[one.level :]
        (open_items[-1].children if open_items else found).append(item)
        open_items.append(item)
    return found
