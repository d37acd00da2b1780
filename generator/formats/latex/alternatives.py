"""The words that stand for a formula where it cannot be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.document.formula import (
    Blank,
    DerivativeOf,
    Equation,
    Factors,
    Filled,
    FunctionOf,
    Membership,
    Substituted,
)
from generator.expr.nodes import Dim
from generator.expr.printing.plain import plain
from generator.pdf.tags import SpokenFormula

if TYPE_CHECKING:
    from generator.document.formula import Math, Parenthesized


def spoken(math: Math) -> SpokenFormula:
    """The alternative of a formula."""
    return SpokenFormula(_words(math))


def _words(math: Math) -> str:
    match math:
        case Dim():
            return str(math)
        case Equation(sides):
            return " equals ".join(map(_words, sides))
        case FunctionOf(function, variable):
            return f"{_words(function)} of {_words(variable)}"
        case DerivativeOf(value, wrt):
            return f"derivative of {_words(value)} with respect to {_words(wrt)}"
        case Membership(symbol):
            return f"{_words(symbol)} of shape {' by '.join(map(str, symbol.shape))}"
        case Factors(factors):
            return " ".join(map(_words, factors))
        case Substituted(expression, replacements):
            parts = ", ".join(f"{symbol.name} is {_replacement(stands)}" for symbol, stands in replacements.items())
            return f"{plain(expression)} where {parts}"
        case _:
            return plain(math)


def _replacement(stands: Blank | Filled | Parenthesized) -> str:
    match stands:
        case Blank():
            return "blank"
        case Filled(expression):
            return plain(expression)
        case _:
            return _words(stands.inside)
