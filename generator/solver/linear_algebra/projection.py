"""Projections onto the space that columns span, by the normal equations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.evaluate.exact import NoValueError, as_expr, determinant, times, transposed
from generator.expr.messages import Message
from generator.expr.nodes import Matrix, Symbol, product
from generator.solver.derivation import Line
from generator.solver.linear_algebra import system

if TYPE_CHECKING:
    from generator.expr.evaluate.exact import Rows

NORMAL = Message("normal-equations", "normal equations: the residual {rest} is orthogonal to every column of {matrix}")
WORKED_OUT = Message("normal-equations-numbers", "both products worked out")
COMBINED = Message("projection", "the projection is the combination of the columns with these coefficients")


def projected(value: Symbol, coefficients: Symbol, A: Rows, b: Rows) -> list[Line]:
    """The lines from the normal equations to the projection of b onto the column space of A.

    Raises NoValueError where the columns of A are dependent.
    """
    turned = transposed(A)
    gram, right = times(turned, A), times(turned, b)
    if not determinant(gram):
        raise NoValueError("the columns are dependent")
    left = product(Matrix(turned), Matrix(A), coefficients)
    lines = [
        Line(
            left,
            product(Matrix(turned), Matrix(b)),
            "normal-equations",
            NORMAL(rest=Matrix(b) - product(Matrix(A), coefficients), matrix=Matrix(A)),
        )
    ]
    if len(gram) == 1:
        scalar = Line(product(as_expr(gram), coefficients), as_expr(right), "arithmetic", WORKED_OUT())
        found = tuple(tuple(entry / gram[0][0] for entry in row) for row in right)
        lines += [scalar, Line(coefficients, as_expr(found), "arithmetic", ())]
    else:
        lines += system.solved(coefficients, gram, right)
        found = lines[-1].right.rows if isinstance(lines[-1].right, Matrix) else right
    combined, result = product(Matrix(A), as_expr(found)), Matrix(times(A, found))
    if result == Matrix(A):  # the coefficient is 1
        return [*lines, Line(value, result, "projection", COMBINED())]
    return [*lines, Line(value, combined, "projection", COMBINED()), Line(value, result, "arithmetic", ())]
