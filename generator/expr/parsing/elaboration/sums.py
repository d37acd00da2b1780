"""Sums and differences of terms, and sums of all entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import ShapeError
from generator.expr.nodes import (
    EntrySum,
    Number,
    Ones,
    Symbol,
    add,
    negative,
    number,
    scale,
    scaled,
    split_scale,
    terms_of,
)
from generator.expr.parsing.trees import child
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from lark import Token, Tree

    from generator.expr.nodes import Expr
    from generator.expr.parsing.elaboration.scope import Scope


def sum_of(scope: Scope, tree: Tree[Token]) -> Expr:
    """The sum of terms, read from the left."""
    parts: list[tuple[Tree[Token], bool]] = []
    while tree.data in ("add", "subtract"):
        parts.append((child(tree, -1), tree.data == "subtract"))
        tree = child(tree, 0)
    total = scope.build(tree)
    for part, minus in reversed(parts):
        term = scope.build(part)
        total, term = _alike(scope, total, term), _alike(scope, term, total)
        try:
            total = scope.required(difference(total, term) if minus else add(total, term), part)
        except ShapeError as error:
            if total.is_scalar != term.is_scalar:
                error.remedy = (
                    "A scalar is added to each entry by `c*vector(1)` or `c*matrix(1)`, to the diagonal by `c*eye`."
                )
            raise
    return total


def _alike(scope: Scope, e: Expr, other: Expr) -> Expr:
    """A number beside a column is added to each entry; where nothing else conforms, so is any scalar."""
    if not e.is_scalar or other.is_scalar or not (scope.is_column(other) or scope.in_sum):
        return e
    if e.symbols and not scope.broadcasts:
        return e
    if all(isinstance(t, Symbol) and t.name[0].isupper() and t.name not in scope.given for t in terms_of(other)):
        return e  # by its letter it is a matrix
    scope.entrywise = scope.entrywise or bool(e.symbols)
    scope.note(f"{plain(e)} is added to each entry.")
    ones = Ones(other.shape)
    return ones if e == number(1) else scale(e, ones)


def difference(first: Expr, second: Expr) -> Expr:
    """`a - b`, where the sign goes into a leading number of b."""
    scalars, body = split_scale(second)
    if scalars and isinstance(scalars[0], Number) and scalars[0].value > 0:
        return add(first, scaled([Number(-scalars[0].value), *scalars[1:]], body))
    return add(first, negative(second))


def entry_sum(scope: Scope, tree: Tree[Token]) -> Expr:
    """The sum of all entries of the product behind the sign; powers in it are those of each entry."""
    scope.in_sum += 1
    arg = scope.build(tree.children[-1])
    scope.in_sum -= 1
    if arg.is_scalar:
        raise scope.fail("a sum of one number", tree, "Its index stands below it, as in sum_i.")
    return EntrySum(arg)
