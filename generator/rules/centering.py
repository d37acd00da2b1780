"""The law of centered columns: what is left of a column when its mean is taken from each entry adds up to zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import (
    EntrySum,
    Expr,
    Identity,
    Ones,
    Power,
    Product,
    Sum,
    Trace,
    Transpose,
    add,
    number,
    product,
    split_scale,
)
from generator.expr.properties import settled, transpose_of

if TYPE_CHECKING:
    from generator.rules.rule import Context


def centered_sum(e: Expr, context: Context) -> Expr | None:
    """1′(x − (sum(x)/n) 1) = 0."""
    del context
    if not e.is_scalar or not e.kinds >= {Sum, Ones, EntrySum}:
        return None
    match e:
        case EntrySum(column) | Product((Transpose(Ones()), column)):
            return number(0) if _is_centered(column) else None
        case Product((row, Ones())):
            return number(0) if _is_centered(settled(transpose_of(row))) else None
        case _:
            return None


def _is_centered(column: Expr) -> bool:
    """It is x − (sum(x)/n) 1 for some x, whose own terms may stand in the sum."""
    if not isinstance(column, Sum) or not column.is_vector:
        return False
    size = Power(Trace(Identity(column.shape[0])), number(-1))
    for term in column.terms:
        scalars, body = split_scale(term)
        rest = add(*(t for t in column.terms if t is not term))
        if isinstance(body, Ones) and _is_mean(scalars, rest, size):
            return True
    return False


def _is_mean(scalars: tuple[Expr, ...], rest: Expr, size: Expr) -> bool:
    """The factors are −1, 1/n and the sum of the entries of the rest."""
    ones = Transpose(Ones(rest.shape))
    totals = (EntrySum(rest), product(ones, rest))
    return any(sorted(map(str, scalars)) == sorted(map(str, (number(-1), size, total))) for total in totals)
