"""Formats: each writes documents as files of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.document.model import Document
    from generator.worksheet.spec import Worksheet


class Writer(Protocol):
    """Writes the documents of one worksheet."""

    def write(self, document: Document) -> str:
        """The content of the file of a document."""


WRITERS: dict[str, Callable[[Worksheet, Path | None], Writer]] = {}
"""For each format besides LaTeX and PDF, by the ending of its files, what makes its writer for a worksheet and a folder
of templates that go before ours."""

TYPESET = ("pdf", "tex")
"""The formats that `generator.formats.latex` writes: as PDF, or as sources."""


def names() -> tuple[str, ...]:
    """All formats that there are."""
    return (*TYPESET, *WRITERS)
