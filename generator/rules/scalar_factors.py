"""Products of scalars in their shortest form."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.expr.nodes import Elementwise, Expr, Number, Power, add, base_and_exponent, number, scale

if TYPE_CHECKING:
    from collections.abc import Sequence


def simplify_scalars(factors: Sequence[Expr]) -> list[Expr]:
    """The same product of scalars in its shortest form: one number, then each base once, with its powers added up.

    Sums and everything that is no scalar of its own stay closed, so nothing is multiplied out.
    """
    total = Fraction(1)
    exponents: dict[Expr, list[Expr]] = {}
    alone: dict[Expr, list[Expr]] = {}
    for factor in factors:
        if isinstance(factor, Number):
            total *= factor.value
            continue
        base, exponent = base_and_exponent(factor)
        whole = exponent.value if isinstance(exponent, Number) and exponent.value.denominator == 1 else None
        if isinstance(base, Number) and whole is not None and (base.value or whole > 0):
            total *= base.value ** int(whole)
            continue
        if isinstance(base, Power) and whole is not None:
            exponent = _times(whole, base.exponent)
            base = base.base
        exponents.setdefault(base, []).append(exponent)
        alone.setdefault(base, []).append(factor)
    if total == 0:
        return [number(0)]
    parts = [number(total)] if total != 1 else []
    for base, powers in exponents.items():
        power = _added(powers)
        if len(alone[base]) == 1 and isinstance(alone[base][0], Elementwise):  # a square root stays one
            parts += alone[base]
        elif power != number(0):
            parts.append(base if power == number(1) else Power(base, power))
    return parts


def _times(whole: Fraction, exponent: Expr) -> Expr:
    return number(whole * exponent.value) if isinstance(exponent, Number) else scale(number(whole), exponent)


def _added(exponents: Sequence[Expr]) -> Expr:
    numbers = [exponent.value for exponent in exponents if isinstance(exponent, Number)]
    if len(numbers) == len(exponents):
        return number(sum(numbers, Fraction(0)))
    from generator.expr.evaluate.scalar import simplified  # SymPy is loaded only where exponents have letters

    return simplified(add(*exponents))
