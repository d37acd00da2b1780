"""Ranks by row operations, down to row echelon form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.messages import Message, clauses
from generator.expr.nodes import Matrix, Spectral, number
from generator.solver.linear_algebra.system import EXCHANGE, OPERATIONS, cleared, pivot_row

if TYPE_CHECKING:
    from generator.expr.evaluate.exact import Rows
    from generator.expr.messages import Sentence
    from generator.expr.nodes import Expr

ECHELON = Message("rank-echelon", "row echelon form: the rank is the number of rows that are not zero")


def by_rows(rows: Rows) -> tuple[Expr, str, Sentence]:
    """A rank after the row operations for the next pivot, or its value in echelon form; the rule, and why."""
    changed = [list(row) for row in rows]
    top = 0
    for column in range(len(rows[0])):
        pivot = pivot_row(changed, top, column)
        if pivot is None:
            continue
        reasons = []
        if pivot != top:
            changed[top], changed[pivot] = changed[pivot], changed[top]
            reasons.append(EXCHANGE(first=str(top + 1), second=str(pivot + 1)))
        if operations := cleared(changed, top, column, range(top + 1, len(rows))):
            reasons.append(OPERATIONS(operations=operations))
        if reasons:
            return Spectral("rank", Matrix(tuple(map(tuple, changed)))), "row-operations", clauses(*reasons)
        top += 1
    return number(top), "rank-echelon", ECHELON()
