"""Systems A x = b by elimination: each line is the system after row operations on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.messages import Message, Text, clauses
from generator.expr.nodes import SCALAR, Matrix, Symbol, add, number, product, scale
from generator.solver.derivation import Line

if TYPE_CHECKING:
    from fractions import Fraction

    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Expr

SYSTEM = Message("system", "{unknown} solves this system")
OPERATIONS = Message("row-operation", "row operation: {operations}", "row operations: {operations}")
EXCHANGE = Message("row-exchange", "rows {first} and {second} exchanged")
TRUE_OF_IDENTITY = Message("system-solved", "the matrix on the left is the identity")


def solved(unknown: Symbol, A: Rows, b: Rows) -> list[Line]:
    """The lines from A x = b to x, for an invertible A."""
    n = len(A)
    rows = [[*left, *right] for left, right in zip(A, b, strict=True)]
    lines = [_line(unknown, rows, n, "system", SYSTEM(unknown=unknown))]
    for i in range(n):
        pivot = pivot_row(rows, i, i)
        assert pivot is not None  # the matrix is invertible
        reasons: list[Text] = []
        if pivot != i:
            rows[i], rows[pivot] = rows[pivot], rows[i]
            reasons.append(EXCHANGE(first=str(i + 1), second=str(pivot + 1)))
        operations = cleared(rows, i, i, range(i + 1, n))
        if operations:
            reasons.append(OPERATIONS(operations=operations))
        if reasons:
            lines.append(_line(unknown, rows, n, "row-operations", clauses(*reasons)))
    for i in reversed(range(1, n)):
        if above := cleared(rows, i, i, range(i)):
            lines.append(_line(unknown, rows, n, "row-operations", OPERATIONS(operations=above)))
    if scales := [scale(number(1 / row[i]), row_name(i)) for i, row in enumerate(rows) if row[i] != 1]:
        rows = [[entry / row[i] for entry in row] for i, row in enumerate(rows)]
        lines.append(_line(unknown, rows, n, "row-operations", OPERATIONS(operations=scales)))
    result = Matrix(tuple(tuple(row[n:]) for row in rows))
    lines.append(Line(unknown, result, "system-solved", TRUE_OF_IDENTITY()))
    return lines


def pivot_row(rows: list[list[Fraction]], i: int, column: int) -> int | None:
    """The row from i on to divide by: i itself if it can be, else one with ±1 in the column, else one without 0."""
    candidates = [k for k in range(i, len(rows)) if rows[k][column]]
    if not candidates or candidates[0] == i:
        return candidates[0] if candidates else None
    return next((k for k in candidates if abs(rows[k][column]) == 1), candidates[0])


def cleared(rows: list[list[Fraction]], i: int, column: int, others: range) -> list[Expr]:
    """Make a column zero in other rows by row i; what is done, such as R₂ − 2 R₁."""
    done: list[Expr] = []
    for k in others:
        if factor := rows[k][column] / rows[i][column]:
            rows[k] = [x - factor * y for x, y in zip(rows[k], rows[i], strict=True)]
            multiple = row_name(i) if factor == -1 else scale(number(-factor), row_name(i))
            done.append(add(row_name(k), multiple))
    return done


def row_name(row: int) -> Symbol:
    """What a row is called in row operations, counted from 0: R₁, R₂, ..."""
    return Symbol(f"R_{row + 1}", SCALAR)


def _line(unknown: Symbol, rows: list[list[Fraction]], n: int, rule: str, because: Text) -> Line:
    left, right = (Matrix(tuple(tuple(row[part]) for row in rows)) for part in (slice(n), slice(n, None)))
    return Line(product(left, unknown), right, rule, because)
