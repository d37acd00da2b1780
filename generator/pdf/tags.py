"""Tagged PDF (PDF/UA-1): marked content and a structure tree from the points that TeX has put into pages.

Papers write *points*, operators `/NAME MP` that say where something begins and ends:

    /B:ROLE MP  /E:ROLE MP   text of a role; roles do not nest, and one that begins ends the one before
    /B:ROLE.N MP             the same in item N of a list: its label, its line, its reason
    /F:N MP  /G MP           formula N of the paper begins, and ends
    /K:N MP                  the line that is open has the mark N, by which later lines refer to it
    /A MP  /Z MP             the head or the foot of a page, which belong to no text

Each stretch between two points that paints something becomes marked content, and the roles become the tree. Text
outside of any role becomes a paragraph, so that no text is lost to readers; lines and frames there are artifacts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGE: Final = "en-US"

POINT = re.compile(rb"/([BEFK]:[\w.]+|[GAZ]) MP\s?")
TEXT = re.compile(rb"T[jJ]\b|'\s|\"\s")
PATH = re.compile(rb"\b(?:S|s|f|F|B|b|f\*|B\*|b\*|sh|Do|EI)\s")
"""Operators that paint no text; strings, which may contain the same letters, only stand in stretches with text."""

PARAGRAPH: Final = "P"
HEADINGS: Final = ("H1", "H2", "H3")
ITEMS: Final = ("label", "line", "reason", "option")
"""Roles of the parts of a list's item."""


@dataclass(frozen=True)
class SpokenFormula:
    """A formula as words, and as MathML, without the element `math`; that is empty where there is none."""

    alt: str
    mathml: str = ""


@dataclass
class Element:
    """A node of the structure tree."""

    role: str
    children: list[Element | Content] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    mathml: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    """Numbers by which other lines refer to it."""
    attributes: str = ""

    @property
    def alt(self) -> str:
        """The words for it: of a line with two sides, those of an equation."""
        return " equals ".join(self.alts) + "".join(f", equation {mark}" for mark in self.marks)


@dataclass(frozen=True)
class Content:
    """Marked content: the number of its page, from 0, and its number on that."""

    page: int
    number: int


class TreeBuilder:
    """Builds the tree of a paper from its pages in order."""

    def __init__(self, formulas: Sequence[SpokenFormula]) -> None:
        self.formulas = formulas
        self.document = Element("Document")
        self._section: Element | None = None
        self._has_problems = False
        self._items: dict[str, Element] = {}
        self._lines: dict[str, Element] = {}
        self._open: Element | None = None
        """The element of the open role."""
        self._open_role = ""
        self._formula: Element | None = None
        self._is_running = False
        """Inside the head or the foot of a page."""

    def marked(self, page: int, stream: bytes) -> tuple[bytes, list[Element]]:
        """The content of a page with its stretches marked, and the element of each, by its number on the page."""
        pieces: list[bytes] = []
        owners: list[Element] = []
        parts = POINT.split(stream)
        for place, part in enumerate(parts):
            if place % 2:
                self._point(part.decode())
                continue
            is_text = TEXT.search(part) is not None
            if not is_text and not PATH.search(part):
                pieces.append(part)
            elif element := self._owner(is_text=is_text):
                content = Content(page, len(owners))
                pieces.append(b"/%s <</MCID %d>> BDC\n%s\nEMC\n" % (element.role.encode(), content.number, part))
                element.children.append(content)
                owners.append(element)
            else:
                pieces.append(b"/Artifact BMC\n%s\nEMC\n" % part)
        return b"".join(pieces), owners

    def _owner(self, *, is_text: bool) -> Element | None:
        """The element that painted content belongs to; None for an artifact."""
        if self._is_running or self._open_role == "artifact":
            return None
        if self._formula:
            return self._formula
        if self._open and self._open.role == "Formula":
            return self._open
        if not is_text:
            return None
        if self._open is None:
            self._begin("text")
        return self._open

    def _point(self, point: str) -> None:
        kind, _, name = point.partition(":")
        match kind:
            case "A" | "Z":
                self._is_running = kind == "A"
            case "B":
                self._begin(name)
            case "E":
                if name == self._open_role:
                    self._open = self._formula = None
                    self._open_role = ""
            case "F":
                self._begin_formula(name)
            case "G":
                self._formula = None
            case "K" if self._open and name not in self._open.marks:
                self._open.marks.append(name)

    def _begin(self, name: str) -> None:
        self._formula = None
        self._open_role = name
        role, _, item = name.partition(".")
        match role:
            case "artifact":
                self._open = None
            case "title":
                self._open = _child(self.document, "H1")
            case "heading":
                self._has_problems = True
                self._open = self._new_section()
            case "stage" if self._has_problems and self._section:
                self._open = _child(self._section, "H3")
            case "stage":
                self._open = self._new_section()
            case _ if role in ITEMS and item:
                self._open = self._part_of_item(role, item)
            case _:
                self._open = _child(self._parent, PARAGRAPH)

    @property
    def _parent(self) -> Element:
        return self._section or self.document

    def _new_section(self) -> Element:
        self._section = _child(self.document, "Sect")
        return _child(self._section, "H2")

    def _part_of_item(self, role: str, number: str) -> Element:
        """The label, the line or the reason of an item, which begins when the first of them does."""
        if number not in self._items:
            siblings = self._parent.children
            last = siblings[-1] if siblings else None
            if not isinstance(last, Element) or last.role != "L":
                last = _child(self._parent, "L")
                last.attributes = "List"
            self._items[number] = _child(last, "LI")
        item = self._items[number]
        if role == "label":
            return _child(item, "Lbl")
        body = next((one for one in item.children if isinstance(one, Element) and one.role == "LBody"), None)
        body = body or _child(item, "LBody")
        if role == "reason":
            return _child(body, PARAGRAPH)
        if number not in self._lines:
            self._lines[number] = _child(body, "Formula")
        return self._lines[number]

    def _begin_formula(self, name: str) -> None:
        number = int(name) if name.isdecimal() else -1
        if not 0 <= number < len(self.formulas):  # written by an author
            return
        formula = self.formulas[number]
        if self._open is None:
            self._begin("text")
        assert self._open is not None
        target = self._open
        if target.role != "Formula":
            target = self._formula = _child(target, "Formula")
        target.alts.append(formula.alt)
        target.mathml.append(formula.mathml)


def _child(parent: Element, role: str) -> Element:
    parent.children.append(child := Element(role))
    return child


def tag(document: pikepdf.Pdf, title: str, formulas: Sequence[SpokenFormula]) -> None:
    """Mark the content of a document's pages, one stream each, and give it a structure tree and its metadata."""
    builder = TreeBuilder(formulas)
    owners: list[list[Element]] = []
    for number, page in enumerate(document.pages):
        content, own = builder.marked(number, page.Contents.read_bytes())
        page.Contents = document.make_stream(content)
        page.obj.StructParents = number
        owners.append(own)
    _prune(builder.document)
    pages = [page.obj for page in document.pages]
    root = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    parents: dict[Content, pikepdf.Object] = {}
    root.K = _written(document, builder.document, root, pages, parents)
    numbers = Array()
    for place, own in enumerate(owners):
        numbers.append(place)
        numbers.append(Array([parents[Content(place, number)] for number in range(len(own))]))
    root.ParentTree = document.make_indirect(Dictionary(Nums=numbers))
    root.ParentTreeNextKey = len(owners)
    document.Root.StructTreeRoot = root
    declare_tagged(document, title)


def _prune(element: Element) -> bool:
    """Leave out elements without content; whether there is any."""
    element.children = [child for child in element.children if isinstance(child, Content) or _prune(child)]
    return bool(element.children)


def _written(
    document: pikepdf.Pdf,
    element: Element,
    parent: pikepdf.Object,
    pages: Sequence[pikepdf.Object],
    parents: dict[Content, pikepdf.Object],
) -> pikepdf.Object:
    """An element as an object of the document; `parents` gets the object of each marked content."""
    made = document.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{element.role}"), P=parent))
    is_mixed = len({type(child) for child in element.children}) > 1
    children = Array()
    first = next((child.page for child in element.children if isinstance(child, Content)), None)
    if first is not None:
        made.Pg = pages[first]
    for child in element.children:
        if isinstance(child, Element):
            children.append(_written(document, child, made, pages, parents))
        elif is_mixed:  # an element has either content or elements, so that its order is plain to every reader
            span = Dictionary(Type=Name.StructElem, S=Name.Span, P=made, Pg=pages[child.page], K=child.number)
            parents[child] = document.make_indirect(span)
            children.append(parents[child])
        else:
            parents[child] = made
            children.append(
                child.number
                if child.page == first
                else Dictionary(Type=Name.MCR, Pg=pages[child.page], MCID=child.number)
            )
    made.K = children if len(children) > 1 else children[0]
    if element.role == "Formula":
        made.Alt = String(element.alt or "formula")
        if mathml := "<mo>=</mo>".join(filter(None, element.mathml)):
            made.AF = Array([_associated(document, mathml)])
    if element.attributes == "List":
        made.A = Dictionary(O=Name.List, ListNumbering=Name("/None"))
    return made


def _associated(document: pikepdf.Pdf, mathml: str) -> pikepdf.Object:
    """A formula's MathML as an associated file."""
    content = f'<math xmlns="http://www.w3.org/1998/Math/MathML">{mathml}</math>'.encode()
    stream = document.make_stream(content, Type=Name.EmbeddedFile, Subtype=Name("/application/mathml+xml"))
    return document.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String("formula.xml"),
            UF=String("formula.xml"),
            AFRelationship=Name.Supplement,
            Desc=String("MathML"),
            EF=Dictionary(F=stream, UF=stream),
        )
    )


class JoinedTrees:
    """The structure trees of PDFs whose pages are joined in one document, each as a part of one tree."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self._document = document
        self._root = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self._whole = document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=self._root))
        self._parts = Array()
        self._numbers = Array()
        self._next = 0
        self._is_complete = True

    def add(self, pdf: pikepdf.Pdf, first: int) -> None:
        """Add the tree of a PDF whose pages are in the document already, from the page with this number, from 0."""
        if "/StructTreeRoot" not in pdf.Root:
            self._is_complete = False
            return
        tree = self._document.copy_foreign(pdf.Root.StructTreeRoot)
        part = tree.K
        part.S = Name.Part
        part.P = self._whole
        self._parts.append(part)
        owners = tree.ParentTree.Nums
        for number in range(len(owners) // 2):
            self._document.pages[first + number].obj.StructParents = self._next
            self._numbers.append(self._next)
            self._numbers.append(owners[2 * number + 1])
            self._next += 1

    def finish(self, title: str) -> None:
        """Give the document the whole tree, if each PDF had one."""
        if not self._is_complete or not self._next:
            return
        self._whole.K = self._parts
        self._root.K = self._whole
        self._root.ParentTree = self._document.make_indirect(Dictionary(Nums=self._numbers))
        self._root.ParentTreeNextKey = self._next
        self._document.Root.StructTreeRoot = self._root
        self._document.docinfo["/Title"] = title
        declare_tagged(self._document, title)


def declare_tagged(document: pikepdf.Pdf, title: str) -> None:
    """Say in the metadata of a document that it is tagged, what its title is and that it conforms to PDF/UA-1."""
    document.Root.MarkInfo = Dictionary(Marked=True)
    text = METADATA.replace("TITLE", escape(title)).replace("LANGUAGE", LANGUAGE)
    document.Root.Metadata = document.make_stream(text.encode(), Type=Name.Metadata, Subtype=Name.XML)


METADATA: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">TITLE</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>LANGUAGE</rdf:li></rdf:Bag></dc:language>
<pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
