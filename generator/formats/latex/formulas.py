"""Formulas and sentences as LaTeX."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from generator.document.author_text import AuthorText
from generator.document.formula import (
    PUNCTUATION,
    AuthorSource,
    Blank,
    DerivativeOf,
    Equation,
    Factors,
    Filled,
    Formula,
    FunctionOf,
    Membership,
    Parenthesized,
    ReasonBlank,
    Stated,
    Substituted,
)
from generator.expr.messages import english
from generator.expr.nodes import Dim
from generator.expr.printing.latex import declaration, derivative, dim_latex, escape, latex
from generator.formats.author_math import filled, with_slots
from generator.formats.latex.formula_points import pointed
from generator.formats.latex.text import author_text
from generator.formats.mathml import MathMLPrinter
from generator.formats.speech import SpeechPrinter
from generator.pdf.tags import SpokenFormula
from generator.problems.picture import Picture

if TYPE_CHECKING:
    from generator.document.formula import Inline, Math, Sentence
    from generator.expr.messages import Wording
    from generator.expr.printing.notation import Notation

NAME = "latex"
TAGGED = "latex-tagged"
MOST_PRINTED = 1000
"""The number of printed formulas kept for further papers, of about two kilobytes each if tagged."""
SIGNS = {"=": " = ", "≥": r" \ge ", "≤": r" \le "}
"""Relations in formulas; any other sign stands as it is."""


class LatexPrinter:
    """Prints formulas and sentences in a course's notation; if tagged, each formula with its words and its MathML."""

    def __init__(self, notation: Notation, wording: Wording = english, *, tagged: bool = False) -> None:
        self.notation = notation
        self.wording = wording
        self.tagged = tagged
        self.name = TAGGED if tagged else NAME
        self.speech = SpeechPrinter(notation)
        self.mathml = MathMLPrinter(notation)
        self._print = lru_cache(MOST_PRINTED)(self._printed)
        """Prints once what is on several papers."""

    def formula(self, formula: Formula) -> str:
        """A formula in math mode, without the dollar signs."""
        if (found := formula.forms.get(self.name)) is None:
            assert formula.math is not None
            found = formula.forms[self.name] = self._print(formula.math)
        return found

    def _printed(self, math: Math) -> str:
        return pointed(self.math(math), self._spoken(math)) if self.tagged else self.math(math)

    def spoken(self, formula: Formula) -> SpokenFormula:
        """A formula for those who cannot see it."""
        assert formula.math is not None
        return self._spoken(formula.math)

    def _spoken(self, math: Math) -> SpokenFormula:
        return SpokenFormula(self.speech.math(math), self.mathml.math(math))

    def math(self, math: Math) -> str:
        """What stands in a formula, in math mode."""
        match math:
            case Dim():
                return dim_latex(math)
            case Equation(sides, sign):
                return SIGNS.get(sign, f" {sign} ").join(map(self.math, sides))
            case FunctionOf(function, variable):
                return f"{self.math(function)}({self.math(variable)})"
            case DerivativeOf(value, wrt, inline):
                return derivative(value, wrt, self.notation, inline=inline)
            case Membership(symbol):
                return declaration(symbol, self.notation)
            case Factors(factors):
                return r" \, ".join(map(self.math, factors))
            case Substituted(expression, replacements):
                drawn = {symbol: self._replacement(stands) for symbol, stands in replacements.items()}
                return latex(expression, self.notation, drawn)
            case _:
                return latex(math, self.notation)

    def _replacement(self, stands: Blank | Filled | Parenthesized) -> str:
        match stands:
            case Blank(width, None):
                return rf"\termblank{{{width}}}"
            case Blank(width, rows):
                return rf"\lineblank{{{width}}}{{{rows}}}"
            case Filled(expression):
                return rf"\filled{{{self.math(expression)}}}"
            case Parenthesized(inside):
                return f"({self.math(inside)})"

    def sentence(self, sentence: Sentence) -> str:
        """A sentence in text mode, its words escaped and its formulas in math mode."""
        if (found := sentence.forms.get(self.name)) is None:
            assert sentence.inlines is not None
            found = sentence.forms[self.name] = self._inlines(sentence.worded(self.wording))
        return found

    def _inlines(self, inlines: tuple[Inline, ...]) -> str:
        pieces: list[str] = []
        follows_stated = False
        for part in inlines:
            match part:
                case AuthorText():
                    pieces.append(self.author_text(part))
                case str() if follows_stated and part[0] in PUNCTUATION:
                    pieces += [f"{{{part[0]}}}%\n", escape(part[1:].lstrip())]
                case str():
                    pieces.append(("{}%\n" if follows_stated else "") + escape(part))
                case Formula():
                    pieces.append(f"${self.formula(part)}$")
                case Stated(formula):
                    pieces.append(rf"\stated{{{self.formula(formula)}}}")
                case ReasonBlank(label=label):
                    blank = r"\reasonblank{}"
                    pieces.append(pointed(blank, SpokenFormula(label, "")) if self.tagged else blank)
                case AuthorSource():
                    pieces.append(self.source(part))
                case Picture():
                    pieces.append((r"\belowwords " if pieces else "") + self.picture(part))
            follows_stated = isinstance(part, Stated)
        return "".join(pieces) + ("{}" if follows_stated else "")

    def author_text(self, text: AuthorText) -> str:
        """An author's words with their formulas and emphasis; if tagged, each formula has its words.

        Raises WorksheetError, without the place, for one that has none.
        """
        if not self.tagged or text.is_plain:
            return author_text(text)
        from generator.formats.latex.author import pointed_formula

        return author_text(text, pointed_formula)

    def source(self, source: AuthorSource) -> str:
        """An author's LaTeX as it is, with formulas in its slots.

        If tagged, each formula in it has its words; where one has none, all of it has those that its author gives.
        """
        from generator.formats.latex.author import pointed_source, without_alternatives

        if not self.tagged:
            latex, formulas = with_slots(source)
            return filled(without_alternatives(latex), [self.formula(one) for one in formulas].__getitem__)
        return pointed_source(source, self.formula, self.spoken, self.speech.sentence)

    def picture(self, picture: Picture) -> str:
        """A figure, as high as a line of words above it; if tagged, with the words for it."""
        latex = rf"\choicepicture{{{picture.width}}}{{{picture.file}}}"
        return pointed(latex, SpokenFormula(picture.alt, "", is_figure=True)) if self.tagged else latex
