"""Templates for TeX: what they print is escaped for it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pylatex.utils import NoEscape, escape_latex

from generator.document.formula import Formula
from generator.document.model import FinalAnswer
from generator.expr.printing.notation import STANDARD
from generator.formats.latex.formulas import LatexPrinter
from generator.formats.latex.tables import paragraphs
from generator.formats.templates.environment import Templates
from generator.pdf.glyph_names import LARGE_GLYPHS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.document.model import Question

SUFFIX = ".tex.j2"

_escape: Callable[[str], NoEscape] = escape_latex  # PyLaTeX has no type hints

# T1 fonts join or turn these where plain text means them as they are; PyLaTeX leaves them alone.
_LITERAL = {
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "^": r"\textasciicircum{}",
}


def escape(text: str) -> NoEscape:
    r"""Plain text as TeX that prints it character by character; what is marked as TeX stays as it is.

    White space, line ends included, becomes single spaces (U+00A0 stays a tie); control characters vanish.
    """
    return text if isinstance(text, NoEscape) else _escaped(text)


@lru_cache(maxsize=1000)
def _escaped(text: str) -> NoEscape:
    text = re.sub(r"[^\S\xa0]+", " ", text)
    text = "".join(character for character in text if character.isprintable() or character == "\xa0")
    escaped = "".join(_LITERAL.get(character) or _escape(character) for character in text)
    # A second comma or apostrophe would turn the pair into a quotation mark; ?` and !` cannot arise.
    return NoEscape(re.sub(r"([,'])(?=\1)", r"\1{}", escaped))


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
        super().__init__(overrides, printer or LatexPrinter(STANDARD))
        self.globals |= {
            "heading_comment": heading_comment,
            "question_comment": question_comment,
            "large_glyphs": {name: f"{ord(character):04X}" for name, character in LARGE_GLYPHS.items()},
        }

    def escaped(self, text: str) -> str:
        """Plain text as TeX."""
        return str(escape(text))

    def printed(self, value: object) -> str:
        """What a template prints of a value."""
        if isinstance(value, FinalAnswer):
            return str(paragraphs(value, self.printer))
        return super().printed(value)

    def in_words(self, value: object) -> NoEscape:
        """What a sentence has of a value: a formula between dollar signs."""
        return NoEscape(f"${self.printed(value)}$") if isinstance(value, Formula) else super().in_words(value)
