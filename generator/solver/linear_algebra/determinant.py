"""Determinants: by the formula for two rows, along a row, or as the product of a diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.evaluate.exact import PROPERTIES, transposed
from generator.expr.messages import Message
from generator.expr.nodes import Determinant, Matrix, number, scale
from generator.solver.linear_algebra.terms import product_of, sum_of

if TYPE_CHECKING:
    from generator.expr.evaluate.exact import Rows
    from generator.expr.messages import Sentence
    from generator.expr.nodes import Expr

TWO_ROWS = Message("determinant-two-rows", "determinant of a 2 × 2 matrix: ad − bc")
TRIANGULAR = Message("determinant-triangular", "determinant of a triangular matrix: the product of its diagonal")
ALONG_ROW = Message("determinant-expansion", "expansion along row {row}")


def expanded(rows: Rows) -> tuple[Expr, str, Sentence]:
    """A determinant of two or more rows written out by one step, the name of the rule, and why."""
    lower = PROPERTIES["lower triangular"]
    if len(rows) > 2 and (lower(rows) or lower(transposed(rows))):
        return product_of(*(row[i] for i, row in enumerate(rows))), "determinant-triangular", TRIANGULAR()
    if len(rows) == 2:
        (a, b), (c, d) = rows
        return sum_of((product_of(a, d), product_of(-b, c))), "determinant-two-rows", TWO_ROWS()
    i = max(range(len(rows)), key=lambda i: (rows[i].count(0), -i))
    terms = []
    for j, entry in enumerate(rows[i]):
        if entry:
            signed = entry if (i + j) % 2 == 0 else -entry
            minor = Determinant(Matrix(without(rows, i, j)))
            terms.append(minor if signed == 1 else scale(number(signed), minor))
    return sum_of(terms), "determinant-expansion", ALONG_ROW(row=str(i + 1))


def without(rows: Rows, i: int, j: int) -> Rows:
    """The matrix without a row and a column."""
    return tuple(row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i)
