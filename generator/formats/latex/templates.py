"""Templates for TeX: what they print is escaped for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylatex.utils import NoEscape

from generator.document.author_text import AuthorText
from generator.document.formula import Formula
from generator.document.model import FinalAnswer
from generator.expr.printing.notation import STANDARD
from generator.formats.latex.formulas import LatexPrinter
from generator.formats.latex.tables import paragraphs
from generator.formats.latex.text import escape
from generator.formats.templates.environment import Templates
from generator.pdf.glyph_names import LARGE_GLYPHS

if TYPE_CHECKING:
    from pathlib import Path

    from generator.document.model import Question

SUFFIX = ".tex.j2"


def heading_comment(question: Question) -> NoEscape:
    """The TeX comment that begins the lines of a problem with parts."""
    return NoEscape(f"%% Problem {question.number}: {question.id}")


def question_comment(question: Question) -> NoEscape:
    """The TeX comment that begins the lines of a question."""
    return NoEscape(f"%% Problem {question.label}: {question.id}")


class LatexTemplates(Templates):
    """The templates that end in `.tex.j2`."""

    suffix = SUFFIX

    def __init__(self, overrides: Path | None = None, printer: LatexPrinter | None = None) -> None:
        self.latex = printer or LatexPrinter(STANDARD)
        super().__init__(overrides, self.latex)
        self.globals |= {
            "heading_comment": heading_comment,
            "question_comment": question_comment,
            "latex": NoEscape,
            "large_glyphs": {name: f"{ord(character):04X}" for name, character in LARGE_GLYPHS.items()},
        }

    def escaped(self, text: str) -> str:
        """Plain text or an author's words as TeX."""
        return self.latex.author_text(text) if isinstance(text, AuthorText) else str(escape(text))

    def printed(self, value: object) -> str:
        """What a template prints of a value."""
        if isinstance(value, FinalAnswer):
            return str(paragraphs(value, self.printer))
        return super().printed(value)

    def in_words(self, value: object) -> NoEscape:
        """What a sentence has of a value: a formula between dollar signs."""
        return NoEscape(f"${self.printed(value)}$") if isinstance(value, Formula) else super().in_words(value)
