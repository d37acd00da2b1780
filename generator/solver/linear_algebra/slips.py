"""Wrong values that come from mistakes students make with numbers, each by its name."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.evaluate.exact import NoValueError, Rows, adjugate, as_expr, determinant, exact, rank
from generator.expr.messages import Message
from generator.expr.nodes import (
    Determinant,
    EntrySum,
    Expr,
    Hadamard,
    Inverse,
    Matrix,
    Product,
    PseudoInverse,
    Spectral,
    Trace,
    Transpose,
    number,
    product,
    scale,
)
from generator.rules.rule import at, replaced
from generator.solver.linear_algebra.determinant import without
from generator.solver.linear_algebra.named import Slip
from generator.solver.linear_algebra.spectral_slips import wrong_spectra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Wrong = Callable[[Expr], Expr | None]


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


def _columns_counted(e: Expr) -> Expr | None:
    return number(e.arg.shape[1].number) if isinstance(e, Spectral) else None


def _rows_counted(e: Expr) -> Expr | None:
    return number(e.arg.shape[0].number) if isinstance(e, Spectral) else None


def _zero_rows_counted(e: Expr) -> Expr | None:
    match e:
        case Spectral("rank", Matrix(rows)):
            return number(len(rows) - rank(rows))
        case _:
            return None


def _nullity(e: Expr) -> Expr | None:
    match e:
        case Spectral("rank", Matrix(rows)):
            return number(len(rows[0]) - rank(rows))
        case _:
            return None


def _slip(name: str, tempting: str, correction: str, wrong: Wrong) -> tuple[Slip, Wrong]:
    return Slip(name, Message(f"{name}-tempts", tempting)(), Message(f"{name}-corrected", correction)()), wrong


# fmt: off
SLIPS = (
    _slip("sign-of-second-product", "Both products of a 2 × 2 determinant look alike.",
          "The product of the other diagonal is subtracted: ad − bc.", _sign_of_product),
    _slip("signs-of-cofactors", "The minors are right.",
          "The signs of cofactors alternate like the colors of a chessboard.", _signs_of_cofactors),
    _slip("only-diagonal", "This is right where all other entries are zero.",
          "Entries off the diagonal count, too.", _only_diagonal),
    _slip("off-diagonal-once", "The entry above the diagonal was counted.",
          "The entries above and below the diagonal both count: together they give 2bxy.", _off_diagonal_once),
    _slip("determinant-left-out", "The entries are those of the adjugate.",
          "The adjugate has to be divided by the determinant.", _determinant_left_out),
    _slip("transposed-inverse", "Each cofactor stands where its entry stands.",
          "The matrix of cofactors has to be transposed.", _inverse_transposed),
    _slip("sign-of-determinant", "The determinant was taken with the wrong sign.",
          "It is the product of the diagonal minus that of the other one.", _inverse_negated),
    _slip("not-inverted", "The product with the matrix is easier to work out.",
          "The matrix has to be inverted.", _not_inverted),
    _slip("factors-exchanged", "Numbers may be multiplied in any order.",
          "Matrices do not commute: AB and BA differ in general.", _wrong_order),
    _slip("product-entry-by-entry", "Sums of matrices are taken entry by entry.",
          "An entry of a product is a row times a column.", _entry_by_entry),
    _slip("columns-for-rows", "Columns of the left factor were taken for its rows.",
          "Rows of the left factor are multiplied by columns of the right one.", _factor_transposed),
    _slip("product-of-traces", "The trace of a sum is the sum of the traces.",
          "The trace of a product is not the product of the traces.", _product_of_traces),
    _slip("all-entries", "The trace is a sum of entries.",
          "It is the sum of the diagonal entries alone.", _all_entries),
    _slip("gram-left-out", "This is right where the columns are orthonormal.",
          "In general the inverse of A′A has to stand between A and A′.", _gram_left_out),
    _slip("rest-of-projection", "This vector and the projection add up to the given one.",
          "It is what the projection leaves, and is orthogonal to the columns.", _rest),
    _slip("rows-counted", "Every row was counted.",
          "Only rows that are no linear combinations of the others count.", _rows_counted),
    _slip("columns-counted", "Every column was counted.",
          "Only columns that are no linear combinations of the others count.", _columns_counted),
    _slip("zero-rows-counted", "The rows of zeros in the echelon form were counted.",
          "The rank is the number of rows that are not zero.", _zero_rows_counted),
    _slip("nullity-taken", "This number and the rank add up to the number of columns.",
          "It is the dimension of the null space.", _nullity),
)
# fmt: on


def wrong_answers(e: Expr) -> Iterator[tuple[Slip, Expr]]:
    """Like `wrong_values`, as expressions; of eigenvalues and eigenvectors too, which may have roots."""
    match e:
        case Spectral("eigenvalues" | "eigenvectors"):
            yield from wrong_spectra(e)
        case _:
            yield from ((slip, as_expr(rows)) for slip, rows in wrong_values(e))


def wrong_values(e: Expr) -> Iterator[tuple[Slip, Rows]]:
    """What each slip makes of an expression of numbers at each place where it can be made.

    Each value has the shape of the right one and is another than it and than those before.
    """
    taken = [exact(e, {})]
    for slip, wrong in SLIPS:
        for path in _paths(e):
            new = wrong(at(e, path))
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
