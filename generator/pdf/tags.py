"""Marked content and the structure of a paper (PDF/UA-1) from the points that TeX has put into its pages.

Papers write *points*, operators `/NAME MP` that say where something begins and ends:

    /B:ROLE MP  /E:ROLE MP   text of a role; roles do not nest, and one that begins ends the one before
    /B:ROLE.N MP             the same in item N of a list: its label, its line, its reason
    /F:N MP  /G MP           formula N of the paper begins, and ends
    /N:N MP  /G MP           the number N in a circle, which is drawn as two characters
    /T MP  /U MP             the number of a displayed equation, which belongs to the formula that began last
    /S MP                    a skip that stands for a space
    /R MP                    a sign of equality between formulas of the line that is open
    /K:N MP                  the line that is open has the mark N, by which later lines refer to it
    /B:figure MP             a picture, for which a point of a formula has the words
    /A MP  /Z MP             the head or the foot of a page, which belong to no text

Each stretch between two points that paints something becomes marked content, and the roles become the tree. Text
outside of any role becomes a paragraph, so that no text is lost to readers; lines and frames there are artifacts.

TeX writes no spaces: it moves to the next word. Text gets a space for each move that is wide enough, from a font of its
own, in which it has no width, so that nothing moves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

POINT = re.compile(rb"/([BEFKN]:[\w.]+|[GAZRSTU]) MP\s?")
TEXT = re.compile(rb"T[jJ]\b|'\s|\"\s")
PATH = re.compile(rb"\b(?:S|s|f|F|B|b|f\*|B\*|b\*|sh|Do|EI)\s")
"""Operators that paint no text; strings, which may contain the same letters, only stand in stretches with text."""

TEXT_OBJECT = re.compile(rb"^(BT|ET)\n", re.MULTILINE)
"""Operators that begin and end a text object, where points do not end it: each on a line of its own."""
FONT = re.compile(rb"/\w+ [\d.]+ Tf")
MOVE = re.compile(
    rb"(/\w+ [\d.]+ Tf)|(?<=[)>])(-(?:[2-9]\d\d|\d{4,})(?:\.\d+)?)(?=[(<])"
    rb"|((?<!-\)\]TJ )(?:-[\d.]+|[01](?:\.\d+)?) -\d[\d.]* Td )(?=[\[(<])"
)
"""The choice of a font; a move between two strings by at least a fifth of the size of that; or a move to the next line,
down and hardly to the right, unless a hyphen is before it."""
SPACE_FONT: Final = "/Space"
SPACE: Final = b"/Space 1 Tf( )Tj"

PARAGRAPH: Final = "P"
FORMULA: Final = "Formula"
FIGURE: Final = "Figure"
ALTERNATIVES: Final = (FORMULA, FIGURE)
"""Structure types for which words stand, so that all that is painted belongs to them."""
LIST: Final = "/A<</O/List/ListNumbering/None>>"
ITEMS: Final = ("label", "line", "reason", "option", "words")
"""Roles of the parts of a list's item."""
CELLS: Final = {
    "columnhead": ("TH", "/A<</O/Table/Scope/Column>>"),
    "rowhead": ("TH", "/A<</O/Table/Scope/Row>>"),
    "cell": ("TD", ""),
}
"""For the roles of the cells of a table's row, structure types and attributes."""


@dataclass(frozen=True)
class SpokenFormula:
    """A formula, or a sign between formulas, as words, and as MathML without the element `math`.

    Without MathML it is text or a figure, for which the words stand.
    """

    alt: str
    mathml: str
    is_figure: bool = False
    """It is a figure within words."""

    @property
    def role(self) -> str:
        """Its structure type."""
        return FIGURE if self.is_figure else FORMULA if self.mathml else "Span"


EQUALS: Final = SpokenFormula("equals", '<mo form="infix">=</mo>')


def mark(number: str) -> SpokenFormula:
    """The number of an equation, behind it."""
    return SpokenFormula(f", equation {number}", f'<mspace width="1em"/><mtext>{circled(int(number))}</mtext>')


@dataclass(eq=False, slots=True)
class Element:
    """A node of the structure tree."""

    role: str
    children: list[Element | Content] = field(default_factory=list)
    formulas: list[SpokenFormula] = field(default_factory=list)
    """The formulas of it, and the signs between them; none for what is no formula."""
    attributes: str = ""
    """Entries of its dictionary, as they are written in a PDF."""
    number: int = 0
    """The number of its object in the PDF."""

    @property
    def alt(self) -> str:
        """The words for it."""
        return " ".join(one.alt for one in self.formulas).replace(" ,", ",")

    @property
    def mathml(self) -> str:
        """What stands in its MathML."""
        return "".join(one.mathml for one in self.formulas)


class Content(NamedTuple):
    """Marked content: the number of its page, from 0, and its number on that."""

    page: int
    number: int


class TreeBuilder:
    """Builds the tree of a paper from its pages in order."""

    def __init__(self, formulas: Sequence[SpokenFormula]) -> None:
        self.formulas = formulas
        self.document = Element("Document")
        self._group: Element | None = None
        """The section of problems below a heading of their own."""
        self._section: Element | None = None
        """The problem, or another part below a heading."""
        self._has_problems = False
        self._items: dict[str, Element] = {}
        self._lines: dict[str, Element] = {}
        self._open: Element | None = None
        """The element of the open role."""
        self._open_role = ""
        self._formula: Element | None = None
        self._last_formula: Element | None = None
        """What began last, within words."""
        self._is_number = False
        """The number of an equation behind its formula is open."""
        self._is_running = False
        """Inside the head or the foot of a page."""
        self._page = 0
        self._pieces: list[bytes] = []
        """The content of the page, marked."""
        self._owners: list[Element] = []
        """The elements of that, by its numbers."""
        self._font = b""
        """The font of the text before."""

    def marked(self, page: int, stream: bytes) -> tuple[bytes, list[Element]]:
        """The content of a page with its stretches marked, and the element of each, by its number on the page."""
        self._page, self._pieces, self._owners = page, [], []
        self._font = b""
        is_inside = False  # a text object
        for place, part in enumerate(POINT.split(stream)):
            if place % 2:
                if part == b"S":
                    self._add_space(is_inside=is_inside)
                else:
                    self._point(*_parsed(part))
                continue
            if not part:
                continue
            ends = len(TEXT_OBJECT.findall(part)) if b"T\n" in part else 0
            if not ends or (not is_inside and ends % 2 == 0):
                self._add(part)
                continue
            is_inside ^= ends % 2 == 1
            for number, stretch in enumerate(
                TEXT_OBJECT.split(part)
            ):  # no marked content reaches across the end of one
                if number % 2:
                    self._pieces.append(stretch + b"\n")
                else:
                    self._add(stretch)
        return b"".join(self._pieces), self._owners

    def _add(self, stretch: bytes) -> None:
        """Add a stretch of content to that of the page, marked."""
        is_text = b"]TJ" in stretch or b")Tj" in stretch or TEXT.search(stretch) is not None
        if not is_text and not PATH.search(stretch):
            self._pieces.append(stretch)
            return
        element = self._owner(is_text=is_text)
        if is_text:
            is_said = element is not None and element.role not in ALTERNATIVES
            stretch = self._spaced(stretch, is_said=is_said, is_behind=bool(element and element.children))
        self._pieces.append(self._content(element, stretch) if element else artifact(stretch))

    def _content(self, element: Element, stretch: bytes) -> bytes:
        """A stretch as content of an element."""
        content = Content(self._page, len(self._owners))
        element.children.append(content)
        self._owners.append(element)
        return b"/%s <</MCID %d>> BDC\n%s\nEMC\n" % (_encoded(element.role), content.number, stretch)

    def _spaced(self, stretch: bytes, *, is_said: bool, is_behind: bool) -> bytes:
        """Text with spaces, if it is said by its characters; the font at its end is remembered.

        There is one before its first line if it is behind other text of its element.
        """

        def space(found: re.Match[bytes]) -> bytes:
            if found[1]:
                self._font = found[1]
                return found[1]
            if found[3]:
                goes_on = is_behind or b"TJ" in stretch[: found.start()]
                return b"%b%b%b " % (found[3], SPACE, self._font) if goes_on else found[3]
            return b"]TJ%b%b[%b" % (SPACE, self._font, found[2])

        if is_said:
            return MOVE.sub(space, stretch)
        if b" Tf" in stretch and (fonts := FONT.findall(stretch)):
            self._font = fonts[-1]
        return stretch

    def _add_space(self, *, is_inside: bool) -> None:
        """Add a space to the text that is open, within a text object or not."""
        if self._open and self._open.role not in ALTERNATIVES and not self._formula and not self._is_running:
            text = SPACE + self._font if is_inside else b"BT%b ET" % SPACE
            self._pieces.append(self._content(self._open, text))

    def finished(self, owners: Sequence[list[Element]]) -> Element:
        """The tree without elements that have no content, but for the cells of a table.

        An element has either content or elements, so that its order is plain to every reader: beside elements,
        content is in spans, which become its owners.
        """
        _finish(self.document, owners)
        return self.document

    def _owner(self, *, is_text: bool) -> Element | None:
        """The element that painted content belongs to; None for an artifact."""
        if self._is_running or self._open_role == "artifact":
            return None
        if self._formula:
            return self._formula
        if self._open and self._open.role in ALTERNATIVES:
            return self._open
        if not is_text:
            return None
        if self._open is None:
            self._begin("text")
        return self._open

    def _point(self, kind: str, name: str) -> None:
        match kind:
            case "A" | "Z":
                self._is_running = kind == "A"
            case _ if self._is_running:
                pass
            case "B":
                self._begin(name)
            case "E":
                if name == self._open_role:
                    self._open = self._formula = None
                    self._open_role = ""
            case "F":
                self._begin_formula(name)
            case "N":
                self._begin_number(int(name))
            case "G":
                self._formula = None
            case "T" if self._formula is None and self._last_formula:
                self._formula, self._is_number = self._last_formula, True
            case "U" if self._is_number:
                self._formula, self._is_number = None, False
            case "R" if self._open:
                self._open.formulas.append(EQUALS)
            case "K" if self._open:
                self._open.formulas.append(mark(name))

    def _begin(self, name: str) -> None:
        self._formula = None
        self._open_role = name
        role, _, item = name.partition(".")
        match role:
            case "artifact":
                self._open = None
            case "figure":
                self._open = _child(self._parent, FIGURE)
            case "title":
                self._open = _child(self.document, "H1")
            case "section":
                self._group, self._section = _child(self.document, "Sect"), None
                self._open = _child(self._group, "H2")
            case "heading":
                self._has_problems = True
                self._open = self._new_section()
            case "stage" if self._has_problems and self._section:
                self._open = _child(self._section, "H4" if self._group else "H3")
            case "stage":
                self._open = self._new_section()
            case _ if role in ITEMS and item:
                self._open = self._part_of_item(role, item)
            case _ if role in CELLS and item:
                self._open = self._cell(role, item)
            case _:
                self._open = _child(self._parent, PARAGRAPH)

    @property
    def _parent(self) -> Element:
        return self._section or self._group or self.document

    def _new_section(self) -> Element:
        self._section = _child(self._group or self.document, "Sect")
        return _child(self._section, "H3" if self._group else "H2")

    def _cell(self, role: str, number: str) -> Element:
        """A cell in the row with a number, which begins with its first cell, as does a table with a row of heads."""
        if number not in self._items:
            last = self._parent.children[-1] if self._parent.children else None
            if not isinstance(last, Element) or last.role != "Table" or role == "columnhead":
                last = _child(self._parent, "Table")
            self._items[number] = _child(last, "TR")
        cell = _child(self._items[number], CELLS[role][0])
        cell.attributes = CELLS[role][1]
        return cell

    def _part_of_item(self, role: str, number: str) -> Element:
        """The label, the formula or the words of an item, which begins when the first of them does."""
        if number not in self._items:
            siblings = self._parent.children
            last = siblings[-1] if siblings else None
            if not isinstance(last, Element) or last.role != "L":
                last = _child(self._parent, "L")
                last.attributes = LIST
            self._items[number] = _child(last, "LI")
        item = self._items[number]
        if role == "label":
            return _child(item, "Lbl")
        body = next((one for one in item.children if isinstance(one, Element) and one.role == "LBody"), None)
        body = body or _child(item, "LBody")
        if role in ("reason", "words"):
            return _child(body, PARAGRAPH)
        if number not in self._lines:
            self._lines[number] = _child(body, FORMULA)
        return self._lines[number]

    def _begin_number(self, number: int) -> None:
        """A number in a circle within words, by which an equation is named; beside its equation it belongs to that."""
        if self._open and self._open.role not in ALTERNATIVES:
            self._formula = _child(self._open, "Span")
            character = circled(number).encode("utf-16-be").hex()
            self._formula.attributes = f"/ActualText<FEFF{character}>/Alt(equation {number})"

    def _begin_formula(self, name: str) -> None:
        number = int(name) if name.isdecimal() else -1
        if not 0 <= number < len(self.formulas):  # written by an author
            return
        formula = self.formulas[number]
        if self._open is None:
            self._begin("text")
        assert self._open is not None
        target = self._open
        if target.role not in ALTERNATIVES:
            target = self._formula = self._last_formula = _child(target, formula.role)
        target.formulas.append(formula)


@lru_cache(maxsize=4096)  # pages have the same points hundreds of times
def _parsed(point: bytes) -> tuple[str, str]:
    """The kind of a point and its name, if it has one."""
    kind, _, name = point.decode().partition(":")
    return kind, name


_encoded = lru_cache(str.encode)


def circled(number: int) -> str:
    """The character of a number in a circle, from 1 to 20."""
    return chr(ord("①") + number - 1)


def artifact(content: bytes) -> bytes:
    """Content that belongs to no text, as marked content."""
    return b"/Artifact BMC\n%s\nEMC\n" % content


def _child(parent: Element, role: str) -> Element:
    parent.children.append(child := Element(role))
    return child


def _finish(element: Element, owners: Sequence[list[Element]]) -> bool:
    """Put the children of an element and of all below it in order; returns whether it has any, or is a cell."""
    children = element.children
    element.children = [child for child in children if isinstance(child, Content) or _finish(child, owners)]
    kinds = set(map(type, element.children))
    if len(kinds) > 1:
        element.children = list(_with_spans(element.children, owners))
    return bool(kinds) or element.role in ("TH", "TD")


def _with_spans(children: Sequence[Element | Content], owners: Sequence[list[Element]]) -> Iterator[Element]:
    """Children with spans for the content among them, which becomes that of the spans."""
    for is_content, run in groupby(children, key=lambda child: isinstance(child, Content)):
        if not is_content:
            yield from (child for child in run if isinstance(child, Element))
            continue
        yield (span := Element("Span", list(run)))
        for child in span.children:
            if isinstance(child, Content):
                owners[child.page][child.number] = span
