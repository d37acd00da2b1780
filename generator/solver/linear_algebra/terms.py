"""Products and sums of numbers as they are written out before they are worked out."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from generator.expr.nodes import Expr, add, number, scaled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction


def product_of(*factors: Fraction) -> Expr:
    """A product of numbers with its sign in front, without factors 1: −2·3 for 1, −2 and 3."""
    sign = -1 if prod(factors) < 0 else 1
    sizes = [abs(factor) for factor in factors if abs(factor) != 1]
    if prod(factors) == 0 or not sizes:
        return number(prod(factors))
    return scaled([number(sign * sizes[0]), *map(number, sizes[1:])])


def sum_of(terms: Iterable[Expr]) -> Expr:
    """A sum without zeros; 0 where nothing else is left."""
    kept = [term for term in terms if term != number(0)]
    return add(*kept) if kept else number(0)
