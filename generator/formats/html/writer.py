"""Documents as HTML."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from generator.document.model import AnswerGrid, OfVersion
from generator.document.words import plain
from generator.expr.messages import english
from generator.formats import placed_errors
from generator.formats.html.formulas import HtmlPrinter
from generator.formats.html.images import Images, in_templates
from generator.formats.html.templates import FOLDER, SUFFIX, HtmlTemplates

if TYPE_CHECKING:
    from pathlib import Path

    from generator.document.model import Document, Index, Person
    from generator.expr.messages import Wording
    from generator.formats import Printer
    from generator.worksheet.spec import Worksheet


class HtmlWriter:
    """Writes the documents of a worksheet; templates in `html/` in `overrides` go before ours."""

    def __init__(self, worksheet: Worksheet, overrides: Path | None = None, wording: Wording = english) -> None:
        self.worksheet = worksheet
        html = HtmlPrinter(worksheet.notation, wording)
        self.printer: Printer = html
        self.images = Images(worksheet)
        self.templates = HtmlTemplates(overrides, html)

    def write(self, document: Document) -> str:
        """A document as one file. Raises BuildError for what is wrong with a template."""
        worksheet = self.worksheet
        copy = document.copy if isinstance(document, OfVersion) else None
        with placed_errors(worksheet, self.templates.html.author_text):
            page = self.templates.fill(
                f"{FOLDER}/{document.template}{SUFFIX}",
                **{
                    "instructions": (),
                    "of_version": "",
                    "depth": int(document.has_sections),  # how many levels of headings stand above problems
                    **{field.name: getattr(document, field.name) for field in fields(document)},
                    **({"students_of": _students(document)} if isinstance(document, AnswerGrid) else {}),
                    "document_title": plain(document.title, self.printer.wording),
                    "template": document.template,
                    "title": worksheet.title,
                    "course": worksheet.course,
                    "cover": worksheet.cover,
                    "figures": self.images.of_problems(),
                    "print": worksheet.print,
                    "logo": worksheet.logo and in_templates(worksheet.logo),
                    "version": copy.label if copy else "",
                    "student": copy.student if copy else None,
                },
            )
        return self.images.in_page(page)

    def write_index(self, index: Index) -> str:
        """A page with links to all files of the worksheet."""
        return self.write(index)


def _students(grid: AnswerGrid) -> dict[str, list[Person]]:
    """The students of each version, by its label."""
    found: dict[str, list[Person]] = {label: [] for label, _ in grid.rows}
    for label, student in grid.students:
        found[label].append(student)
    return found
