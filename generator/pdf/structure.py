"""Structure trees (PDF/UA-1) in PDFs: that of a paper, and those of papers that are joined as one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from pikepdf import Dictionary, Name, Object

from generator.pdf.tags import SPACE_FONT, Element, TreeBuilder
from generator.pdf.unicode_maps import unicode_map
from generator.pdf.update import Update, prepare, read_update, stream

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pikepdf

    from generator.pdf.tags import SpokenFormula
    from generator.pdf.update import Updated

LANGUAGE: Final = "en-US"
MATHML: Final = "http://www.w3.org/1998/Math/MathML"
REFERENCE: Final = re.compile(r"\((?:[^()\\]|\\.)*\)|(\d+) 0 R")
"""A string, in which numbers refer to nothing, or a reference."""
TREE: Final = re.compile(r"<</Type/StructTreeRoot/K (\d+) 0 R/ParentTree (\d+) 0 R/")
PARENTS: Final = re.compile(r"\d+ (\d+) 0 R")
"""A number of a page in a parent tree, and the array of the elements of its content."""


SPACE_FONT_OBJECT: Final = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 32/LastChar 32/Widths[0]"
    b"/Encoding<</Type/Encoding/Differences[32/space]>>/Resources<<>>>>"
)
SPACE_MAP: Final = unicode_map({32: " "})


class PaperTree:
    """The structure tree of a paper, whose pages are marked."""

    def __init__(self, tree: Element, owners: Sequence[Sequence[Element]]) -> None:
        self._tree = tree
        self._owners = owners
        """For each page, the elements of its content, by the numbers of that."""

    def added_to(self, pdf: bytes) -> bytes:
        """The PDF of the paper with its tree."""
        return _Writer(Update(pdf)).written(self._tree, self._owners)


def mark(document: pikepdf.Pdf, title: str, formulas: Sequence[SpokenFormula]) -> PaperTree:
    """Mark the content of a document's pages by the points in it; returns the tree, to be added to its bytes."""
    builder = TreeBuilder(formulas)
    owners: list[list[Element]] = []
    space_font = _space_font(document)
    for number, page in enumerate(document.pages):
        page.contents_coalesce()
        content, own = builder.marked(number, page.Contents.read_bytes())
        page.obj.Contents = document.make_stream(content)
        page.obj.StructParents = number
        if "/Font" in page.resources:
            page.resources.Font[SPACE_FONT] = space_font
        owners.append(own)
    declare_tagged(document, title)
    return PaperTree(builder.finished(owners), owners)


def _space_font(document: pikepdf.Pdf) -> pikepdf.Object:
    """A font whose only glyph is a space without width."""
    font = Object.parse(SPACE_FONT_OBJECT)
    font.CharProcs = Dictionary(space=document.make_stream(b"0 0 d0"))
    font.ToUnicode = document.make_stream(SPACE_MAP)
    return document.make_indirect(font)


class _Writer:
    """Writes a tree as objects of an update."""

    def __init__(self, update: Update) -> None:
        self._update = update
        self._pages = update.pages
        self._files: dict[str, int] = {}

    def written(self, tree: Element, owners: Sequence[Sequence[Element]]) -> bytes:
        top = self._element(tree, self._update.root)
        parents = [self._update.add(f"[{' '.join(f'{one.number} 0 R' for one in own)}]") for own in owners]
        _set_root(self._update, top, parents)
        return self._update.applied()

    def _element(self, element: Element, parent: int) -> int:
        """The number of the object of an element; the objects of all below it are added, too."""
        number = element.number = self._update.new()
        kids: list[str] = []
        first = None
        for child in element.children:
            if isinstance(child, Element):
                kids.append(f"{self._element(child, number)} 0 R")
            elif first is None or child.page == first:
                first = child.page
                kids.append(str(child.number))
            else:
                kids.append(f"<</Type/MCR/Pg {self._pages[child.page]} 0 R/MCID {child.number}>>")
        page = "" if first is None else f"/Pg {self._pages[first]} 0 R"
        inside = f"/K[{' '.join(kids)}]" if kids else ""
        more = element.attributes + (self._alternative(element) if element.formulas else "")
        self._update.set(number, f"<</Type/StructElem/S/{element.role}/P {parent} 0 R{page}{inside}{more}>>")
        return number

    def _alternative(self, formula: Element) -> str:
        """The words for a formula, and its MathML as an associated file."""
        mathml = formula.mathml
        return f"/Alt {_string(formula.alt)}" + (f"/AF[{self._file(mathml)} 0 R]" if mathml else "")

    def _file(self, mathml: str) -> int:
        if (known := self._files.get(mathml)) is None:
            content = self._update.add_stream(_mathml_file(mathml))
            known = self._files[mathml] = self._update.add(
                "<</Type/Filespec/F(formula.xml)/UF(formula.xml)/AFRelationship/Supplement/Desc(MathML)"
                f"/EF<</F {content} 0 R/UF {content} 0 R>>>>"
            )
        return known


@lru_cache(maxsize=4096)  # the same formulas are on many papers
def _mathml_file(mathml: str) -> bytes:
    return stream(
        "/Type/EmbeddedFile/Subtype/application#2Fmathml+xml", f'<math xmlns="{MATHML}">{mathml}</math>'.encode()
    )


def _set_root(update: Update, top: int, parents: Sequence[int]) -> None:
    """Make the tree whose root is `top`, with the arrays of the elements of each page's content."""
    numbers = update.add(f"<</Nums[{' '.join(f'{page} {array} 0 R' for page, array in enumerate(parents))}]>>")
    update.set(
        update.root,
        f"<</Type/StructTreeRoot/K {top} 0 R/ParentTree {numbers} 0 R/ParentTreeNextKey {len(parents)}>>",
    )


def _string(text: str) -> str:
    """A text string as it is written in a PDF."""
    if text.isascii() and text.isprintable():
        return "(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"
    return f"<FEFF{text.encode('utf-16-be').hex()}>"


class JoinedTrees:
    """The structure trees of PDFs whose pages are joined in one document, each as a part of one tree."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self._document = document
        self._parts: list[tuple[Updated, int]] = []
        """The update of each PDF, and the number of its first page in the document, from 0."""
        self._pages = 0
        self._is_complete = True

    def add(self, pdf: bytes, first: int) -> None:
        """Add the tree of a PDF whose pages are in the document already, from the page with this number, from 0."""
        if (found := read_update(pdf)) is None:
            self._is_complete = False
            return
        self._parts.append((found, first))
        for number in range(len(found.pages)):
            self._document.pages[first + number].obj.StructParents = self._pages
            self._pages += 1

    @property
    def is_tagged(self) -> bool:
        """Each of the PDFs has a tree, and so the document."""
        return self._is_complete and bool(self._parts)

    def added_to(self, pdf: bytes) -> bytes:
        """The bytes of the document, which is tagged, with its tree."""
        update = Update(pdf)
        whole = update.new()
        shared: dict[str | bytes, int] = {}
        tops: list[int] = []
        parents: list[int] = []
        for part, first in self._parts:
            tree = TREE.match(part.texts[part.root])
            assert tree
            top, numbers = map(int, tree.groups())
            owners = PARENTS.findall(part.texts[numbers])
            part.texts[top] = part.texts[top].replace("/S/Document", "/S/Part", 1)
            del part.texts[part.root], part.texts[numbers]
            pages = update.pages[first : first + len(part.pages)]
            moved = _moved(part, update, {part.root: whole, **dict(zip(part.pages, pages, strict=True))}, shared)
            tops.append(moved[top])
            parents += [moved[int(owner)] for owner in owners]
        kids = " ".join(f"{top} 0 R" for top in tops)
        update.set(whole, f"<</Type/StructElem/S/Document/P {update.root} 0 R/K[{kids}]>>")
        _set_root(update, whole, parents)
        return update.applied()


def _moved(part: Updated, update: Update, moved: dict[int, int], shared: dict[str | bytes, int]) -> Mapping[int, int]:
    """The numbers that objects of a part have in the update to which they are added, by their numbers in the part.

    Those of the root and of pages are given. Files of formulas are added once, and shared.
    """
    for number, content in part.streams.items():
        if content not in shared:
            shared[content] = update.add_stream(content)
        moved[number] = shared[content]
    files = {number: text for number, text in part.texts.items() if text.startswith("<</Type/Filespec")}
    for number, text in zip(files, _with_references(files.values(), moved), strict=True):
        if text not in shared:
            shared[text] = update.add(text)
        moved[number] = shared[text]
    others = {number: text for number, text in part.texts.items() if number not in files}
    moved.update((number, update.new()) for number in others)
    for number, text in zip(others, _with_references(others.values(), moved), strict=True):
        update.set(moved[number], text)
    return moved


def _with_references(texts: Collection[str], moved: Mapping[int, int]) -> list[str]:
    """Texts of one line each, that refer to objects by other numbers."""
    if not texts:  # which would be joined as one empty line
        return []
    written = {str(old): f"{new} 0 R" for old, new in moved.items()}
    return REFERENCE.sub(lambda found: written[found[1]] if found[1] else found[0], "\n".join(texts)).split("\n")


def declare_tagged(document: pikepdf.Pdf, title: str) -> None:
    """Say in a document that it is tagged, what its title is and that it conforms to PDF/UA-1."""
    prepare(document)
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
