"""Formats: each writes documents as files of one kind."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from generator.document.formula import Formula, Sentence
from generator.errors import WorksheetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.document.author_text import AuthorText
    from generator.document.model import Document, Index
    from generator.expr.messages import Wording
    from generator.worksheet.spec import Worksheet


class Printer(Protocol):
    """Prints formulas and sentences in one form, which it keeps with them."""

    name: str
    """Of the form."""
    wording: Wording
    """The language of sentences, and of templates."""

    def formula(self, formula: Formula) -> str:
        """A formula in this form."""

    def sentence(self, sentence: Sentence) -> str:
        """A sentence in this form."""


def print_all(part: object, printer: Printer) -> None:
    """Print all formulas and sentences of a part of a document."""
    match part:
        case Formula():
            printer.formula(part)
        case Sentence():
            printer.sentence(part)
        case tuple():
            for one in part:
                print_all(one, printer)
        case _ if is_dataclass(part):
            for name in part.__dataclass_fields__:
                print_all(getattr(part, name), printer)
        case _:
            pass


@contextmanager
def placed_errors(worksheet: Worksheet, author_text: Callable[[AuthorText], str]) -> Iterator[None]:
    """Give the error of words that a printer cannot have their place, while a document is written.

    `author_text` prints the author's words; those of questions are printed before, and have their places.
    """
    try:
        yield
    except WorksheetError as unplaced:
        for key, text in worksheet.printed_words if unplaced.file is None else ():
            try:
                author_text(text)
            except WorksheetError as error:
                raise error.at(worksheet.place(*key)) from None
        raise


class Writer(Protocol):
    """Writes the documents of one worksheet."""

    printer: Printer

    def write(self, document: Document) -> str:
        """The content of the file of a document."""


@runtime_checkable
class IndexWriter(Writer, Protocol):
    """Writes an index of all files of a worksheet, too."""

    def write_index(self, index: Index) -> str:
        """The content of the file of an index."""


def _html(worksheet: Worksheet, overrides: Path | None) -> Writer:
    from generator.formats.html.writer import HtmlWriter

    return HtmlWriter(worksheet, overrides)


WRITERS: dict[str, Callable[[Worksheet, Path | None], Writer]] = {"html": _html}
"""For each format besides LaTeX and PDF, by the ending of its files, what makes its writer for a worksheet and a folder
of templates that go before ours."""

TYPESET = ("pdf", "tex")
"""The formats that `generator.formats.latex` writes: as PDF, or as sources."""


def names() -> tuple[str, ...]:
    """All formats that there are."""
    return (*TYPESET, *WRITERS)
