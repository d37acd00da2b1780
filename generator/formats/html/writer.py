"""Documents as HTML."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from generator.document.model import OfVersion
from generator.formats.html.formulas import HtmlPrinter
from generator.formats.html.templates import FOLDER, SUFFIX, HtmlTemplates

if TYPE_CHECKING:
    from pathlib import Path

    from generator.document.model import Document, Index
    from generator.formats import Printer
    from generator.worksheet.spec import Worksheet


class HtmlWriter:
    """Writes the documents of a worksheet; templates in `html/` in `overrides` go before ours."""

    def __init__(self, worksheet: Worksheet, overrides: Path | None = None) -> None:
        self.worksheet = worksheet
        html = HtmlPrinter(worksheet.notation)
        self.printer: Printer = html
        self.templates = HtmlTemplates(overrides, html)

    def write(self, document: Document) -> str:
        """A document as one file. Raises BuildError for what is wrong with a template."""
        worksheet = self.worksheet
        copy = document.copy if isinstance(document, OfVersion) else None
        return self.templates.fill(
            f"{FOLDER}/{document.template}{SUFFIX}",
            **{
                "instructions": (),
                "of_version": "",
                **{field.name: getattr(document, field.name) for field in fields(document)},
                "document_title": document.title,
                "template": document.template,
                "title": worksheet.title,
                "course": worksheet.course,
                "cover": worksheet.cover,
                "print": worksheet.print,
                "version": copy.label if copy else "",
                "student": copy.student if copy else None,
            },
        )

    def write_index(self, index: Index) -> str:
        """A page with links to all files of the worksheet."""
        return self.write(index)
