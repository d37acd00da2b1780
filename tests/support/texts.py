"""The text of a paper, as its tagged PDF and its HTML give it to readers: formulas by their MathML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pikepdf

from tests.support.tagged import mathml, structure_of, tree

LEFT_OUT = {"Table", "Lbl"}
"""Structure types whose text HTML does not have: the table for scores, and labels, which its lists make themselves."""
OTHERWISE = {"running", "scores"}
IN_LISTS = {"number", "field"}
"""Classes of elements of HTML, anywhere and in lists, with text that PDF has not or as an artifact, or as a label."""
SAME = re.compile(r"-v\d+(?:-key)?$|-formulas$")
"""What a paper is called that says the same in PDF and in HTML."""
HIDDEN = {"style", "script", "title"}


def text_of_pdf(paper: Path) -> str:
    """The text of the structure of a PDF, without white space."""
    with pikepdf.open(paper) as pdf:
        replaced = list(_replaced(tree(pdf)))
    return _bare("".join(_lines(structure_of(paper), iter(replaced))))


def _replaced(elements: list[pikepdf.Dictionary]) -> Iterator[str | None]:
    """For each element what stands for its content, if something does."""
    for one in elements:
        yield "".join(mathml(one).itertext()) if one["/S"] == "/Formula" else _actual(one)


def _actual(one: pikepdf.Dictionary) -> str | None:
    if one["/S"] == "/Figure":
        return ""
    return str(one["/ActualText"]) if "/ActualText" in one else None


def _lines(shown: str, replaced: Iterator[str | None]) -> Iterator[str]:
    """The text of a tree as pdfinfo draws it: elements in order, and text in quotation marks, which are indented."""
    hidden: int | None = None
    for line in shown.splitlines():
        text, depth = line.strip(), len(line) - len(line.lstrip())
        if text.startswith("/"):  # an attribute
            continue
        if text.startswith('"'):
            if hidden is None or depth <= hidden:
                yield text[1:-1]
            continue
        instead = next(replaced)
        if hidden is not None and depth > hidden:
            continue
        hidden = None
        if instead is not None or text.split()[0].rstrip(":") in LEFT_OUT:
            hidden = depth
            yield instead or ""


class _Text(HTMLParser):
    """Collects the text of a page."""

    VOID = frozenset({"input", "meta", "br", "img", "link", "hr", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.open: list[bool] = [False]
        """For each element that is open, whether its text is left out."""
        self.lists = 0
        """How many items of lists are open."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        if tag not in self.VOID:
            self.lists += tag == "li"
            otherwise = OTHERWISE | IN_LISTS if self.lists else OTHERWISE
            self.open.append(self.open[-1] or tag in HIDDEN or bool(classes & otherwise))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.lists -= tag == "li"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open[-1]:
            self.pieces.append(data)


def text_of_html(page: Path) -> str:
    """The text of a page of HTML, without white space."""
    reader = _Text()
    reader.feed(page.read_text(encoding="utf-8"))
    return _bare("".join(reader.pieces))


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def texts_that_differ(folder: Path, pages: str = "*.html") -> list[str]:
    """Where the text of a paper in HTML is not that of its PDF; keys of answers alone are laid out otherwise."""
    names = [page.stem for page in sorted(folder.glob(pages)) if SAME.search(page.stem)]
    return [
        f"{name}: {_difference(pdf, html)}"
        for name in names
        if (pdf := text_of_pdf(folder / f"{name}.pdf")) != (html := text_of_html(folder / f"{name}.html"))
    ]


def _difference(one: str, other: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, at - 20)
    return f"{one[start : at + 40]!r} and {other[start : at + 40]!r}"
