"""Templates for HTML: those for TeX with another escape, in a folder of their own."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pylatex.utils import NoEscape

from generator.document.author_text import AuthorText
from generator.document.formula import Formula
from generator.document.model import FinalAnswer
from generator.formats.html.formulas import GAP, MOST_ON_PHONES, HtmlPrinter, glyphs
from generator.formats.templates.environment import Templates
from generator.solver.derivation import circled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.document.model import Stage

FOLDER = "html"
SUFFIX = ".html.j2"
FONTS = Path(__file__).parent / "fonts"
FACES = (
    ("Worksheets Math", "math", "normal", "normal"),
    ("Worksheets Text", "regular", "normal", "normal"),
    ("Worksheets Text", "italic", "normal", "italic"),
    ("Worksheets Text", "bold", "bold", "normal"),
)
"""The families of fonts that pages bring with them: file, weight and style."""


@cache
def font_faces() -> NoEscape:
    """The fonts, as CSS that needs no other file."""
    rules = (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; font-display: swap; '
        f"src: url(data:font/woff2;base64,{b64encode((FONTS / f'{file}.woff2').read_bytes()).decode()}) }}"
        for family, file, weight, style in FACES
    )
    return NoEscape("\n".join(rules))


class HtmlTemplates(Templates):
    """The templates that end in `.html.j2`, all in the folder `html`."""

    suffix = SUFFIX

    def __init__(self, overrides: Path | None, printer: HtmlPrinter) -> None:
        super().__init__(overrides, printer)
        self.html = printer
        self.globals |= {
            "font_faces": font_faces,
            "equals": self.equals,
            "both_sides": self.both_sides,
            "in_words": self.in_words,
            "circled": lambda number: NoEscape(printer.numbered(circled(number))),
            "has_blank": self.has_blank,
            "is_long": self.is_long,
            "are_long": self.are_long,
            "needs_scrolling": self.needs_scrolling,
            "depth": 0,
            "template": "",
        }

    def escaped(self, text: str) -> str:
        """Plain text or an author's words as HTML."""
        if isinstance(text, AuthorText):
            return self.html.author_text(text)
        return text if isinstance(text, NoEscape) else escape(text)

    def printed(self, value: object) -> str:
        """What a template prints of a value."""
        if isinstance(value, FinalAnswer):
            return "<br>".join(map(self.html.sentence, value.paragraphs))
        return super().printed(value)

    def equals(self, formula: Formula) -> NoEscape:
        """A right side with the sign before it."""
        inside = self.html.formula(formula).removeprefix("<math>")
        return NoEscape(f'<math><mo form="infix">=</mo>{inside}')

    def both_sides(self, left: Formula, right: Formula) -> NoEscape:
        """An equation."""
        sides = [self.html.formula(side).removeprefix("<math>").removesuffix("</math>") for side in (left, right)]
        return NoEscape(f"<math>{'<mo>=</mo>'.join(sides)}</math>")

    def in_words(self, value: object) -> NoEscape:
        """What a sentence has of a value; a formula that may not fit into a narrow window can be moved."""
        return (
            NoEscape(self.html.in_words(self.printed(value))) if isinstance(value, Formula) else super().in_words(value)
        )

    def is_long(self, formula: Formula) -> bool:
        """It may be wider than the narrowest window, and then has to be scrolled."""
        return glyphs(self.html.formula(formula)) > MOST_ON_PHONES

    def are_long(self, formulas: Sequence[Formula]) -> bool:
        """Some of them, or the first two beside each other, may be wider than the narrowest window."""
        return sum(glyphs(self.html.formula(one)) for one in formulas) > MOST_ON_PHONES

    def needs_scrolling(self, stage: Stage) -> bool:
        """Some line is wider than the narrowest window."""
        left = max((glyphs(self.html.formula(one)) for one in stage.lefts), default=0)
        rights = [self.html.formula(line.right) for line in stage.lines]
        return any(left + glyphs(right) > MOST_ON_PHONES for right in rights)

    def has_blank(self, formula: Formula) -> bool:
        """Something is to be filled in."""
        return f'class="{GAP}"' in self.html.formula(formula)
