"""Tagged PDF (PDF/UA-1): marked content and a structure tree from the points that TeX has put into pages.

Papers write *points*, operators `/NAME MP` that say where something begins and ends:

    /B:ROLE MP  /E:ROLE MP   text of a role; roles do not nest, and one that begins ends the one before
    /B:ROLE.N MP             the same in item N of a list: its label, its line, its reason
    /F:N MP  /G MP           formula N of the paper begins, and ends
    /R MP                    a sign of equality between formulas of the line that is open
    /K:N MP                  the line that is open has the mark N, by which later lines refer to it
    /A MP  /Z MP             the head or the foot of a page, which belong to no text

Each stretch between two points that paints something becomes marked content, and the roles become the tree. Text
outside of any role becomes a paragraph, so that no text is lost to readers; lines and frames there are artifacts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGE: Final = "en-US"

POINT = re.compile(rb"/([BEFK]:[\w.]+|[GAZR]) MP\s?")
TEXT = re.compile(rb"T[jJ]\b|'\s|\"\s")
PATH = re.compile(rb"\b(?:S|s|f|F|B|b|f\*|B\*|b\*|sh|Do|EI)\s")
"""Operators that paint no text; strings, which may contain the same letters, only stand in stretches with text."""

PARAGRAPH: Final = "P"
LIST: Final = "/A<</O/List/ListNumbering/None>>"
MATHML: Final = "http://www.w3.org/1998/Math/MathML"
ITEMS: Final = ("label", "line", "reason", "option")
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

    Without MathML it is text, for which the words stand.
    """

    alt: str
    mathml: str


EQUALS: Final = SpokenFormula("equals", '<mo form="infix">=</mo>')


def mark(number: str) -> SpokenFormula:
    """The number of an equation, behind it."""
    return SpokenFormula(f", equation {number}", f'<mspace width="1em"/><mtext>({number})</mtext>')


@dataclass
class Element:
    """A node of the structure tree."""

    role: str
    children: list[Element | Content] = field(default_factory=list)
    formulas: list[SpokenFormula] = field(default_factory=list)
    """The formulas of it, and the signs between them; none for what is no formula."""
    attributes: str = ""
    """Entries of its dictionary, as they are written in a PDF."""

    @property
    def alt(self) -> str:
        """The words for it."""
        return " ".join(one.alt for one in self.formulas).replace(" ,", ",")

    @property
    def mathml(self) -> str:
        """What stands in its MathML."""
        return "".join(one.mathml for one in self.formulas)


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
                pieces.append(artifact(part))
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
        """The label, the line or the reason of an item, which begins when the first of them does."""
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
            target = self._formula = _child(target, "Formula" if formula.mathml else "Span")
        target.formulas.append(formula)


def artifact(content: bytes) -> bytes:
    """Content that belongs to no text, as marked content."""
    return b"/Artifact BMC\n%s\nEMC\n" % content


def _child(parent: Element, role: str) -> Element:
    parent.children.append(child := Element(role))
    return child


def tagged(pages: Sequence[pikepdf.Page], title: str, formulas: Sequence[SpokenFormula]) -> pikepdf.Pdf:
    """A new document with pages of another, their content marked, with a structure tree and its metadata."""
    builder = TreeBuilder(formulas)
    contents: list[bytes] = []
    owners: list[list[Element]] = []
    for number, page in enumerate(pages):
        page.contents_coalesce()
        content, own = builder.marked(number, page.Contents.read_bytes())
        contents.append(content)
        owners.append(own)
    _prune(builder.document)
    document = pikepdf.open(BytesIO(TreeFile(builder.document, owners).content))
    empty = list(document.pages)
    document.pages.extend(pages)
    for page, copy, content in zip(empty, list(document.pages)[len(empty) :], contents, strict=True):
        for key, value in copy.obj.items():
            if key not in ("/Parent", "/Contents"):
                page.obj[key] = value
        page.obj.Contents = document.make_stream(content)
    del document.pages[len(empty) :]
    declare_tagged(document, title)
    return document


def _prune(element: Element) -> bool:
    """Leave out elements without content, but for the cells of a table; whether an element stays."""
    element.children = [child for child in element.children if isinstance(child, Content) or _prune(child)]
    return bool(element.children) or element.role in ("TH", "TD")


class TreeFile:
    """A structure tree as the text of a PDF, which is read in less time than the same objects are made one by one.

    Each character stands for one byte, so that lengths and offsets are those of the text.
    """

    def __init__(self, tree: Element, owners: Sequence[Sequence[Element]]) -> None:
        self._objects: list[str] = []
        self._pages = [self._add("<</Type/Page>>") for _ in owners]
        self._parents: dict[Content, int] = {}
        pages = self._add("")
        for page in self._pages:
            self._objects[page - 1] = f"<</Type/Page/Parent {pages} 0 R/StructParents {page - 1}>>"
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._objects[pages - 1] = f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>"
        self._files: dict[str, int] = {}
        root = self._add("")
        top = self._element(tree, root)
        numbers = "".join(
            f"{page}[{' '.join(f'{self._parents[Content(page, n)]} 0 R' for n in range(len(own)))}]"
            for page, own in enumerate(owners)
        )
        self._objects[root - 1] = (
            f"<</Type/StructTreeRoot/K {top} 0 R/ParentTree {self._add(f'<</Nums[{numbers}]>>')} 0 R"
            f"/ParentTreeNextKey {len(owners)}>>"
        )
        self._catalog = self._add(f"<</Type/Catalog/Pages {pages} 0 R/StructTreeRoot {root} 0 R>>")

    @property
    def content(self) -> bytes:
        """The bytes of the PDF."""
        pieces, offsets, size = ["%PDF-1.7\n"], [], 9
        for number, text in enumerate(self._objects, 1):
            offsets.append(size)
            pieces.append(f"{number} 0 obj\n{text}\nendobj\n")
            size += len(pieces[-1])
        table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
        count = len(self._objects) + 1
        pieces.append(
            f"xref\n0 {count}\n0000000000 65535 f \n{table}"
            f"trailer\n<</Size {count}/Root {self._catalog} 0 R>>\nstartxref\n{size}\n%%EOF\n"
        )
        return "".join(pieces).encode("latin-1")

    def _add(self, text: str) -> int:
        self._objects.append(text)
        return len(self._objects)

    def _element(self, element: Element, parent: int) -> int:
        """The number of the object of an element; the objects of all below it are added, too."""
        number = self._add("")
        first = next((child.page for child in element.children if isinstance(child, Content)), None)
        is_mixed = first is not None and any(isinstance(child, Element) for child in element.children)
        children: list[str] = []
        for child in element.children:
            if isinstance(child, Element):
                children.append(f"{self._element(child, number)} 0 R")
            elif is_mixed:  # an element has either content or elements, so that its order is plain to every reader
                span = f"<</Type/StructElem/S/Span/P {number} 0 R/Pg {self._pages[child.page]} 0 R/K {child.number}>>"
                self._parents[child] = self._add(span)
                children.append(f"{self._parents[child]} 0 R")
            else:
                self._parents[child] = number
                children.append(
                    str(child.number)
                    if child.page == first
                    else f"<</Type/MCR/Pg {self._pages[child.page]} 0 R/MCID {child.number}>>"
                )
        kids = f"/K[{' '.join(children)}]" if children else ""
        page = "" if first is None or is_mixed else f"/Pg {self._pages[first]} 0 R"
        more = f"{element.attributes}{self._alternative(element) if element.formulas else ''}"
        self._objects[number - 1] = f"<</Type/StructElem/S/{element.role}/P {parent} 0 R{page}{kids}{more}>>"
        return number

    def _alternative(self, formula: Element) -> str:
        """The words for a formula, and its MathML as an associated file."""
        file = f"/AF[{self._file(formula.mathml)} 0 R]" if formula.mathml else ""
        return f"/Alt {_string(formula.alt)}{file}"

    def _file(self, mathml: str) -> int:
        if mathml not in self._files:
            content = f'<math xmlns="{MATHML}">{mathml}</math>'.encode().decode("latin-1")
            dictionary = f"<</Type/EmbeddedFile/Subtype/application#2Fmathml+xml/Length {len(content)}>>"
            stream = self._add(f"{dictionary}\nstream\n{content}\nendstream")
            self._files[mathml] = self._add(
                "<</Type/Filespec/F(formula.xml)/UF(formula.xml)/AFRelationship/Supplement/Desc(MathML)"
                f"/EF<</F {stream} 0 R/UF {stream} 0 R>>>>"
            )
        return self._files[mathml]


def _string(text: str) -> str:
    """A text string as it is written in a PDF."""
    if text.isascii() and text.isprintable():
        return "(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"
    return f"<FEFF{text.encode('utf-16-be').hex()}>"


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
