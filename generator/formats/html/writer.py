"""Documents as HTML."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import fields
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.document.model import OfVersion, Preview
from generator.document.words import plain
from generator.errors import WorksheetError
from generator.expr.messages import english
from generator.formats.html.formulas import HtmlPrinter
from generator.formats.html.templates import FOLDER, SUFFIX, HtmlTemplates

if TYPE_CHECKING:
    from pathlib import Path

    from generator.document.model import Document, Index
    from generator.expr.messages import Wording
    from generator.formats import Printer
    from generator.worksheet.spec import Figure, Worksheet


IMAGES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}
"""What HTML shows, by the endings of files."""


class HtmlWriter:
    """Writes the documents of a worksheet; templates in `html/` in `overrides` go before ours."""

    def __init__(self, worksheet: Worksheet, overrides: Path | None = None, wording: Wording = english) -> None:
        self.worksheet = worksheet
        html = HtmlPrinter(worksheet.notation, wording)
        self.printer: Printer = html
        self.figures = {
            i: self._figure(problem.figure, "problems", i - 1, "figure")
            for i, problem in enumerate(worksheet.problems, 1)
            if problem.figure
        }
        self.logo = worksheet.logo and self._figure(worksheet.logo, "logo")
        self.templates = HtmlTemplates(overrides, html)

    def _figure(self, figure: Figure, *place: str | int) -> dict[str, str]:
        """A figure as templates have it; its source is an address that holds all of it.

        A PDF is replaced by an image of the same name beside it.
        """
        files, name = self.worksheet.files, PurePosixPath(figure.file)
        for ending, kind in IMAGES.items():
            if content := files.get(str(name if name.suffix.lower() == ending else name.with_suffix(ending))):
                return {"source": f"data:image/{kind};base64,{b64encode(content).decode()}", "alt": figure.alt}
        raise WorksheetError(
            f"HTML cannot show {name}, which is a PDF",
            remedy=f"Put {name.with_suffix('.png')} beside it, or leave HTML out.",
            file=self.worksheet.place(*place),
        )

    def write(self, document: Document) -> str:
        """A document as one file. Raises BuildError for what is wrong with a template."""
        worksheet = self.worksheet
        copy = document.copy if isinstance(document, OfVersion) else None
        match document:
            case OfVersion(questions=questions):
                has_sections = any(one.section for one in questions)
            case Preview(has_sections=has_sections):
                pass
            case _:
                has_sections = False
        return self.templates.fill(
            f"{FOLDER}/{document.template}{SUFFIX}",
            **{
                "instructions": (),
                "of_version": "",
                "depth": int(has_sections),  # how many levels of headings stand above problems
                **{field.name: getattr(document, field.name) for field in fields(document)},
                "document_title": plain(document.title, self.printer.wording),
                "template": document.template,
                "title": worksheet.title,
                "course": worksheet.course,
                "cover": worksheet.cover,
                "figures": self.figures,
                "print": worksheet.print,
                "logo": self.logo,
                "version": copy.label if copy else "",
                "student": copy.student if copy else None,
            },
        )

    def write_index(self, index: Index) -> str:
        """A page with links to all files of the worksheet."""
        return self.write(index)
