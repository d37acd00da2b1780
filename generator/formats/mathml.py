"""Formulas of documents as MathML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from generator.document.formula import (
    Blank,
    DerivativeOf,
    Equation,
    Factors,
    Filled,
    FunctionOf,
    Membership,
    Parenthesized,
    Substituted,
)
from generator.expr.nodes import Dim
from generator.expr.printing.mathml import (
    APPLY,
    NAMESPACE,
    THIN,
    TIMES,
    declaration,
    derivative,
    dim_mathml,
    fenced,
    mathml,
)

if TYPE_CHECKING:
    from generator.document.formula import Formula, Math
    from generator.expr.printing.notation import Notation


class MathMLPrinter:
    """Prints formulas as documents of MathML, each by itself: associated files of PDF are such."""

    name = "mathml"

    def __init__(self, notation: Notation) -> None:
        self.notation = notation

    def formula(self, formula: Formula) -> str:
        """A formula as an XML document."""
        if (found := formula.forms.get(self.name)) is None:
            assert formula.math is not None
            found = formula.forms[self.name] = f'<math xmlns="{NAMESPACE}">{self.math(formula.math)}</math>'
        return found

    def math(self, math: Math) -> str:
        """What stands in a formula, to stand within <math>."""
        match math:
            case Dim():
                return dim_mathml(math)
            case Equation(sides, sign):
                return f"<mrow>{f'<mo>{sign}</mo>'.join(map(self.math, sides))}</mrow>"
            case FunctionOf(function, variable):
                return f"<mrow>{self.math(function)}{APPLY}{fenced(self.math(variable))}</mrow>"
            case DerivativeOf(value, wrt, inline):
                return derivative(value, wrt, self.notation, inline=inline)
            case Membership(symbol):
                return declaration(symbol, self.notation)
            case Factors(factors):
                return f"<mrow>{f'{TIMES}{THIN}'.join(map(self.math, factors))}</mrow>"
            case Substituted(expression, replacements):
                drawn = {symbol: self.replacement(stands) for symbol, stands in replacements.items()}
                return mathml(expression, self.notation, drawn)
            case _:
                return mathml(math, self.notation)

    def replacement(self, stands: Blank | Filled | Parenthesized) -> str:
        """What stands for a symbol and is no expression."""
        match stands:
            case Blank():
                return self.blank(stands)
            case Filled(expression):
                return f'<mrow class="filled">{self.math(expression)}</mrow>'
            case Parenthesized(inside):
                return fenced(self.math(inside))

    def blank(self, blank: Blank) -> str:
        """A blank to write a term or a right side in."""
        return f"<mtext>{escape(blank.label)}</mtext>"
