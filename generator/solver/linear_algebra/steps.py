"""The value of an expression of numbers, line by line: what is innermost is written out, then worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.evaluate.exact import as_expr, exact
from generator.expr.messages import Message
from generator.expr.nodes import (
    ONE,
    Determinant,
    Expr,
    Inverse,
    Matrix,
    Number,
    Power,
    Product,
    Scale,
    Spectral,
    Trace,
    number,
    product,
    rebuild,
)
from generator.solver.linear_algebra.determinant import expanded
from generator.solver.linear_algebra.inverse import LARGEST, by_adjugate
from generator.solver.linear_algebra.rank import by_rows
from generator.solver.linear_algebra.terms import product_of, sum_of

if TYPE_CHECKING:
    from generator.expr.messages import Sentence

DIAGONAL = Message("trace-diagonal", "the trace is the sum of the diagonal entries")
ROW_TIMES_COLUMN = Message("row-times-column", "each entry is a row of the left factor times a column of the right one")
INNER = Message("inner-product", "a row times a column: the products of their entries, added up")


def next_line(e: Expr) -> tuple[Expr, dict[str, Sentence]]:
    """An expression with everything done by one step whose parts are numbers, and why, by the names of rules."""
    reasons: dict[str, Sentence] = {}
    return _stepped(e, reasons), reasons


def _stepped(e: Expr, reasons: dict[str, Sentence]) -> Expr:
    if isinstance(e, Number | Matrix):
        return e
    if all(isinstance(part, Number | Matrix) for part in e.children):
        return _written_out(e, reasons)
    new = rebuild(e, [_stepped(child, reasons) for child in e.children])
    if isinstance(new, Scale) and new.coefficient == number(1):
        return new.body
    at_once = isinstance(new, Power | Scale) and new.is_scalar
    return as_expr(exact(new, {})) if at_once and all(isinstance(part, Number) for part in new.children) else new


def _written_out(e: Expr, reasons: dict[str, Sentence]) -> Expr:
    match e:
        case Determinant(Matrix(rows)) if len(rows) > 1:
            new, rule, why = expanded(rows)
        case Inverse(Matrix(rows)) if len(rows) <= LARGEST:
            exact(e, {})  # raises NoValueError for a singular matrix
            new, rule, why = by_adjugate(rows)
        case Spectral("rank", Matrix(rows)):
            new, rule, why = by_rows(rows)
        case Trace(Matrix(rows)):
            new = sum_of(number(row[i]) for i, row in enumerate(rows))
            rule, why = "trace-diagonal", DIAGONAL()
        case Product((Matrix(), _, *_)):
            new, rule, why = _multiplied(e)
        case _:
            return as_expr(exact(e, {}))
    reasons[rule] = why
    return new


def _multiplied(e: Product) -> tuple[Expr, str, Sentence]:
    """Two factors of a product multiplied: a column is multiplied from its left, as that takes least work."""
    *before, left, right = e.factors
    if before and right.shape[1] != ONE:
        left, right, *behind = e.factors
        return product(_value(product(left, right)), *behind), "row-times-column", ROW_TIMES_COLUMN()
    if before:
        return product(*before, _value(product(left, right))), "row-times-column", ROW_TIMES_COLUMN()
    if e.is_scalar:
        (row,), column = exact(left, {}), exact(right, {})
        return sum_of(product_of(a, b) for a, (b,) in zip(row, column, strict=True)), "inner-product", INNER()
    return _value(e), "row-times-column", ROW_TIMES_COLUMN()


def _value(e: Expr) -> Expr:
    return as_expr(exact(e, {}))
