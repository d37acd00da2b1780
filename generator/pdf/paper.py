"""Papers: LaTeX sources with the place of each problem in them, and the results of typesetting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from generator.errors import BuildError, InFile
from generator.pdf.tags import SpokenFormula

FaultKey: TypeAlias = "tuple[str, str | None]"
"""A message and the id of the problem it is about: equal for papers that have the same fault."""


FIGURES = "figures"
"""The folder of figures, beside the sources of papers."""


@dataclass(frozen=True)
class Part:
    """The lines of a paper, counted from 1, that belong to one problem, and where its author wrote it."""

    first: int
    last: int
    problem: str
    source: InFile
    label: str = ""
    """The question's number, and the letter of a part: 2(b)."""
    version: str | None = None
    """The version that it belongs to, where the paper is of several."""


@dataclass(frozen=True)
class Heading:
    """Titles at a place of a paper, each a level below the one before: a section, its first problem, the first part."""

    label: str
    """Of the place (see `Place`)."""
    titles: tuple[str, ...]
    level: int = 0
    """Of the first of them, from 0."""


TABLE_BY_PAGE = r"\tablebypage{}"
"""What stands in a paper for the table of the points on each page, until the pages are known; no TeX defines it."""
WORTH = "@"
"""What the label of a place begins with where a question with points stands, without the heading of its problem."""


@dataclass(frozen=True)
class Worth:
    """The points of a question, by its label."""

    label: str
    points: Fraction
    is_bonus: bool


@dataclass(frozen=True)
class Paper:
    """One document: LaTeX between preamble and end, and what its lines are about."""

    name: str
    title: str
    body: str
    worksheet: InFile
    label: str | None = None
    parts: tuple[Part, ...] = ()
    code: str = ""
    """The text of a QR code on each of its pages, before the number of the page; no code if this is empty."""
    files: tuple[tuple[str, bytes], ...] = ()
    """Figures that it may have, by their names."""
    size: str = "normal"
    """The size of print, on which its preamble depends: normal or large."""
    engines: tuple[str, ...] = ()
    """Engines that can typeset it, if not every engine can; it is then typeset alone."""
    tagged_body: str = ""
    """The body with points for formulas, each on the line where it is in `body`; empty if the PDF is not tagged."""
    formulas: tuple[SpokenFormula, ...] = ()
    """The formulas of the tagged body, by the numbers of their points."""
    headings: tuple[Heading, ...] = ()
    """What its bookmarks say, in order."""
    worth: tuple[Worth, ...] = ()
    """The points of its questions, if it has a `TABLE_BY_PAGE`."""

    @property
    def source(self) -> tuple[bytes, ...]:
        """All inputs of its PDF, besides the preamble."""
        spoken = "\n".join(f"{one.alt}\t{one.mathml}" for one in self.formulas)
        titles = "\n".join("\t".join((one.label, str(one.level), *one.titles)) for one in self.headings)
        worth = "\n".join(f"{one.label}\t{one.points}\t{one.is_bonus}" for one in self.worth)
        texts = tuple(
            text.encode() for text in (self.title, self.body, self.code, self.tagged_body, spoken, titles, worth)
        )
        return (*texts, *(part for name, content in self.files for part in (name.encode(), content)))

    def with_table(self, table: str) -> Paper:
        """The paper with a table of the points on each page, which is on one line of its source."""
        bodies = {name: getattr(self, name).replace(TABLE_BY_PAGE, table) for name in ("body", "tagged_body")}
        return replace(self, **bodies)

    def part(self, line: int | None) -> Part | None:
        """The problem that a line belongs to, if any."""
        return next((part for part in self.parts if line and part.first <= line <= part.last), None)

    def place(self, line: int | None) -> tuple[InFile, str]:
        """Where its author wrote a line, and a name for that place: `problem quadratic, version 07`."""
        part = self.part(line)
        if part is None:
            return self.worksheet, self.title
        version = part.version or self.label
        return part.source, f"problem {part.problem}" + (f", version {version}" if version else "")


def standalone(paper: Paper, preamble: str) -> str:
    """The source of one paper that compiles alone."""
    return f"{preamble.rstrip()}\n\\begin{{document}}\n{paper.body.rstrip()}\n\\end{{document}}\n"


def line_containing(text: str, name: str) -> int | None:
    """The number, from 1, of the first line that contains a name."""
    return next((n for n, line in enumerate(text.splitlines(), 1) if name and name in line), None)


@dataclass(frozen=True)
class Overfull:
    """A box that is too big for its place on the page, by `points` pt."""

    paper: Paper
    line: int | None
    points: float

    def __str__(self) -> str:
        file, place = self.paper.place(self.line)
        return f"{file}: {place}: something is {self.points:.1f} pt too big for its place on the page"


@dataclass(frozen=True)
class Place:
    """Where a question, or another part with a heading, begins.

    The page of its paper, from 1, and the distance from the top of that page in mm.
    """

    label: str
    page: int
    down: float


def pages_of(places: Sequence[Place]) -> dict[str, int]:
    """The pages of the questions that a table of the points on each page counts, by their labels."""
    return {one.label.removeprefix(WORTH): one.page for one in places if one.label.startswith(WORTH)}


@dataclass(frozen=True)
class Outcome:
    """The result of one run of TeX for a paper: a PDF, or an error, or neither where the run is not to be trusted."""

    paper: Paper
    content: bytes = b""
    pages: int = 0
    error: BuildError | None = None
    overfull: tuple[Overfull, ...] = ()
    places: tuple[Place, ...] = ()
    """Where its questions begin."""
    fault: FaultKey | None = None
    timed_out: bool = False
    is_shared: bool = False
    """Its content may depend on other papers of the run: glyphs in its fonts, or a forbidden file that one has read."""
