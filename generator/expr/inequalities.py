"""Inequalities among constraints: e ≥ 0, entry by entry, is kept as the equation e = max(0, e), which says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import Elementwise, add, negative, terms_of, zeros
from generator.expr.printing.plain import plain, without_sign
from generator.expr.properties import is_zero

if TYPE_CHECKING:
    from generator.expr.nodes import Expr

SIGNS = {"=": "=", "≥": ">=", "≤": "<="}
"""The signs of constraints, and as they are typed."""


def at_least_zero(e: Expr) -> tuple[Expr, Expr]:
    """The sides of the equation that says that no entry is below zero."""
    return e, Elementwise("relu", e)


def is_inequality(sides: tuple[Expr, Expr]) -> bool:
    """The equation says that no entry of its left side is below zero."""
    left, right = sides
    return right == Elementwise("relu", left)


def distance(sides: tuple[Expr, Expr]) -> Expr:
    """The side of an inequality that is at least zero, with its positive terms in front."""
    return add(*sorted(terms_of(sides[0]), key=lambda term: without_sign(term) is not None))


def opposite(e: Expr) -> Expr:
    """Minus an expression, term by term."""
    return e if is_zero(e) else add(*(without_sign(term) or negative(term) for term in terms_of(e)))


def relation(sides: tuple[Expr, Expr]) -> tuple[Expr, str, Expr]:
    """The left side of a constraint, its sign as people write it, and its right side."""
    left, right = sides
    if not is_inequality(sides):
        return left, "=", right
    first, *others = terms_of(left)
    rest = add(*others) if others else zeros(left.shape)
    turned = without_sign(first)
    return (first, "≥", opposite(rest)) if turned is None else (turned, "≤", rest)


def constraint_text(sides: tuple[Expr, Expr]) -> str:
    """A constraint in plain text that is read back."""
    left, sign, right = relation(sides)
    return f"{plain(left)} {SIGNS[sign]} {'0' if is_inequality(sides) and is_zero(right) else plain(right)}"
