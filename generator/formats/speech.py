"""Formulas and sentences of documents in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.document.formula import (
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
from generator.expr.printing.speech import declaration, derivative, dim_speech, parenthesized, speech
from generator.problems.picture import Picture

if TYPE_CHECKING:
    from generator.document.formula import Inline, Math, Sentence
    from generator.expr.messages import Wording
    from generator.expr.printing.notation import Notation

CIRCLED_ONE = "①"
SIGNS = {"=": " equals ", "≥": " is at least ", "≤": " is at most "}
"""Relations in formulas, as they are spoken."""


class SpeechPrinter:
    """Prints formulas in words, as alternatives for those who hear a document."""

    name = "speech"

    def __init__(self, notation: Notation, wording: Wording = english) -> None:
        self.notation = notation
        self.wording = wording

    def formula(self, formula: Formula) -> str:
        """A formula in words."""
        if (found := formula.forms.get(self.name)) is None:
            assert formula.math is not None
            found = formula.forms[self.name] = self.math(formula.math)
        return found

    def math(self, math: Math) -> str:
        """What stands in a formula."""
        match math:
            case Dim():
                return dim_speech(math)
            case Equation(sides, sign):
                return SIGNS[sign].join(map(self.math, sides))
            case FunctionOf(function, variable):
                return f"{self.math(function)} of {self.math(variable)}"
            case DerivativeOf(value, wrt):
                return derivative(value, wrt, self.notation)
            case Membership(symbol):
                return declaration(symbol)
            case Factors(factors):
                return " ".join(map(self.math, factors))
            case Substituted(expression, replacements):
                drawn = {symbol: self._replacement(stands) for symbol, stands in replacements.items()}
                return speech(expression, drawn)
            case _:
                return speech(math)

    def _replacement(self, stands: Blank | Filled | Parenthesized) -> str:
        match stands:
            case Blank():
                return stands.label
            case Filled(expression):
                return f"open frame {self.math(expression)} close frame"
            case Parenthesized(inside):
                return parenthesized(self.math(inside))

    def sentence(self, sentence: Sentence) -> str:
        """A sentence with its formulas in words."""
        if (found := sentence.forms.get(self.name)) is None:
            assert sentence.inlines is not None
            found = sentence.forms[self.name] = "".join(map(self._inline, sentence.worded(self.wording)))
        return found

    def _inline(self, part: Inline) -> str:
        match part:
            case str():
                return words(part)
            case Formula():
                return self.formula(part)
            case Stated(formula):
                return self.formula(formula)
            case ReasonBlank():
                return part.label
            case Picture():
                return part.alt
            case AuthorSource(parts):
                return "".join(one if isinstance(one, str) else self.formula(one) for one in parts)


def words(text: str) -> str:
    """Plain words, in which a number in a circle is that of an equation."""
    return "".join(
        f"equation {ord(letter) - ord(CIRCLED_ONE) + 1}" if CIRCLED_ONE <= letter <= "⑳" else letter for letter in text
    )
