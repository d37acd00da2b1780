"""Inverses by the adjugate, which is divided by the determinant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.evaluate.exact import adjugate
from generator.expr.messages import Message
from generator.expr.nodes import Determinant, Matrix, reciprocal, scale

if TYPE_CHECKING:
    from generator.expr.evaluate.exact import Rows
    from generator.expr.messages import Sentence
    from generator.expr.nodes import Expr

TWO_ROWS = Message(
    "inverse-two-rows",
    "inverse of a 2 × 2 matrix: the diagonal exchanged, the other entries negated, divided by the determinant",
)
ADJUGATE = Message("inverse-adjugate", "the transposed matrix of cofactors, divided by the determinant")
LARGEST = 3
"""The inverse of a matrix with more rows is worked out in one line."""


def by_adjugate(rows: Rows) -> tuple[Expr, str, Sentence]:
    """An inverse written out by one step, the name of the rule, and why."""
    found = scale(reciprocal(Determinant(Matrix(rows))), Matrix(adjugate(rows)))
    if len(rows) == 2:
        return found, "inverse-two-rows", TWO_ROWS()
    return found, "inverse-adjugate", ADJUGATE()
