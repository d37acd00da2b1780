"""Inequalities among constraints: e ≥ 0, entry by entry, is kept as the equation e = max(0, e), which says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import Elementwise, zeros
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from generator.expr.nodes import Expr


def at_least_zero(e: Expr) -> tuple[Expr, Expr]:
    """The sides of the equation that says that no entry is below zero."""
    return e, Elementwise("relu", e)


def is_inequality(sides: tuple[Expr, Expr]) -> bool:
    """The equation says that no entry of its left side is below zero."""
    left, right = sides
    return right == Elementwise("relu", left)


def relation(sides: tuple[Expr, Expr]) -> tuple[Expr, str, Expr]:
    """The left side of a constraint, its sign as people write it, and its right side."""
    left, right = sides
    return (left, "≥", zeros(left.shape)) if is_inequality(sides) else (left, "=", right)


def constraint_text(sides: tuple[Expr, Expr]) -> str:
    """A constraint in plain text that is read back."""
    left, sign, right = relation(sides)
    return f"{plain(left)} {'>=' if sign == '≥' else sign} {'0' if sign == '≥' else plain(right)}"
