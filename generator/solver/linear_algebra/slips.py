"""Wrong values that come from mistakes students make with numbers, each by its name."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.evaluate.exact import NoValueError, Rows, adjugate, determinant, exact
from generator.expr.messages import Message, Sentence
from generator.expr.nodes import (
    Determinant,
    EntrySum,
    Expr,
    Hadamard,
    Inverse,
    Matrix,
    Product,
    PseudoInverse,
    Trace,
    Transpose,
    number,
    product,
    scale,
)
from generator.rules.rule import at, replaced
from generator.solver.linear_algebra.determinant import without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Slip:
    """A mistake with numbers: its name, why it tempts, what is right, and what it makes of an expression."""

    name: str
    tempting: Sentence
    correction: Sentence
    wrong: Callable[[Expr], Expr | None]


def _sign_of_product(e: Expr) -> Expr | None:
    match e:
        case Determinant(Matrix(((a, b), (c, d)))):
            return number(a * d + b * c)
        case _:
            return None


def _signs_of_cofactors(e: Expr) -> Expr | None:
    match e:
        case Determinant(Matrix(rows)) if len(rows) > 2:
            return number(sum(entry * determinant(without(rows, 0, j)) for j, entry in enumerate(rows[0])))
        case Inverse(Matrix(rows)) if determinant(rows):
            n = len(rows)
            minors = [[determinant(without(rows, j, i)) for j in range(n)] for i in range(n)]
            return Matrix(tuple(tuple(minor / determinant(rows) for minor in row) for row in minors))
        case _:
            return None


def _only_diagonal(e: Expr) -> Expr | None:
    match e:
        case Determinant(Matrix(rows)):
            return number(prod(row[i] for i, row in enumerate(rows)))
        case Product((Matrix() as left, Matrix(rows), Matrix() as right)) if left == Matrix(
            exact(Transpose(right), {})
        ):
            kept = tuple(tuple(x if i == j else x * 0 for j, x in enumerate(row)) for i, row in enumerate(rows))
            return product(left, Matrix(kept), right)
        case _:
            return None


def _off_diagonal_once(e: Expr) -> Expr | None:
    match e:
        case Product((Matrix() as left, Matrix(rows), Matrix() as right)) if left == Matrix(
            exact(Transpose(right), {})
        ):
            kept = tuple(tuple(x if i <= j else x * 0 for j, x in enumerate(row)) for i, row in enumerate(rows))
            return product(left, Matrix(kept), right)
        case _:
            return None


def _determinant_left_out(e: Expr) -> Expr | None:
    match e:
        case Inverse(Matrix(rows)):
            return Matrix(adjugate(rows))
        case _:
            return None


def _not_inverted(e: Expr) -> Expr | None:
    return e.arg if isinstance(e, Inverse) else None


def _inverse_transposed(e: Expr) -> Expr | None:
    return Transpose(e) if isinstance(e, Inverse) else None


def _inverse_negated(e: Expr) -> Expr | None:
    return scale(number(-1), e) if isinstance(e, Inverse) else None


def _wrong_order(e: Expr) -> Expr | None:
    match e:
        case Product((left, right)) if left.shape[0] == right.shape[1] and not e.is_scalar:
            return product(right, left)
        case _:
            return None


def _entry_by_entry(e: Expr) -> Expr | None:
    match e:
        case Product((left, right)) if left.shape == right.shape:
            return Hadamard((left, right))
        case _:
            return None


def _factor_transposed(e: Expr) -> Expr | None:
    match e:
        case Product((Matrix() as left, right)) if left.is_square:
            return product(Transpose(left), right)
        case _:
            return None


def _product_of_traces(e: Expr) -> Expr | None:
    match e:
        case Trace(Product((left, right))) if left.is_square and right.is_square:
            return scale(Trace(left), Trace(right))
        case _:
            return None


def _all_entries(e: Expr) -> Expr | None:
    return EntrySum(e.arg) if isinstance(e, Trace) else None


def _gram_left_out(e: Expr) -> Expr | None:
    return Transpose(e.arg) if isinstance(e, PseudoInverse) else None


def _rest(e: Expr) -> Expr | None:
    match e:
        case Product((A, PseudoInverse(B), b)) if A == B:
            return b - e
        case _:
            return None


def _slip(name: str, tempting: str, correction: str, wrong: Callable[[Expr], Expr | None]) -> Slip:
    return Slip(name, Message(f"{name}-tempts", tempting)(), Message(f"{name}-corrected", correction)(), wrong)


# fmt: off
SLIPS = (
    _slip("sign-of-second-product", "both products of a 2 × 2 determinant look alike",
          "the product of the other diagonal is subtracted: ad − bc", _sign_of_product),
    _slip("signs-of-cofactors", "the minors are right",
          "the signs of cofactors alternate like those of a chessboard", _signs_of_cofactors),
    _slip("only-diagonal", "it is so where all other entries are zero",
          "entries off the diagonal count, too", _only_diagonal),
    _slip("off-diagonal-once", "the entry above the diagonal is there",
          "the entries above and below the diagonal both count: 2bxy for b above and b below", _off_diagonal_once),
    _slip("determinant-left-out", "the entries are those of the adjugate",
          "the adjugate is divided by the determinant", _determinant_left_out),
    _slip("transposed-inverse", "cofactors stand where their entries stand",
          "the matrix of cofactors is transposed", _inverse_transposed),
    _slip("sign-of-determinant", "the determinant was taken with the wrong sign",
          "the determinant is the product of the diagonal minus that of the other one", _inverse_negated),
    _slip("not-inverted", "the matrix is multiplied with, which is easier",
          "the matrix has to be inverted", _not_inverted),
    _slip("factors-exchanged", "numbers may be multiplied in any order",
          "matrices do not commute: AB and BA differ", _wrong_order),
    _slip("product-entry-by-entry", "sums of matrices are taken entry by entry",
          "an entry of the product is a row times a column", _entry_by_entry),
    _slip("columns-for-rows", "columns of the left factor were taken for its rows",
          "rows of the left factor meet columns of the right one", _factor_transposed),
    _slip("product-of-traces", "the trace of a sum is the sum of the traces",
          "the trace of a product is not the product of the traces", _product_of_traces),
    _slip("all-entries", "the trace is a sum of entries",
          "the trace is the sum of the diagonal entries alone", _all_entries),
    _slip("gram-left-out", "it is so where the columns are orthonormal",
          "the normal equations have A′A, which has to be inverted", _gram_left_out),
    _slip("rest-of-projection", "it belongs to the projection",
          "this is what the projection leaves, which is orthogonal to the columns", _rest),
)
# fmt: on


def wrong_values(e: Expr) -> Iterator[tuple[Slip, Rows]]:
    """What each slip makes of an expression of numbers at each place where it can be made.

    Each value has the shape of the right one and is another than it and than those before.
    """
    taken = [exact(e, {})]
    for slip in SLIPS:
        for path in _paths(e):
            new = slip.wrong(at(e, path))
            if new is None or new.shape != at(e, path).shape:
                continue
            try:
                found = exact(replaced(e, path, new), {})
            except (NoValueError, Unsupported):
                continue
            if found not in taken:
                taken.append(found)
                yield slip, found


def _paths(e: Expr) -> Iterator[tuple[int, ...]]:
    yield ()
    for i, child in enumerate(e.children):
        yield from ((i, *path) for path in _paths(child))
