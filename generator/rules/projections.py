"""Laws of the orthogonal projection on the columns of a matrix, A A⁺ or A (A′A)⁻¹ A′, and of what it leaves."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.expr.nodes import (
    Expr,
    Identity,
    Inverse,
    Number,
    Product,
    PseudoInverse,
    Scale,
    Sum,
    Transpose,
    factors_of,
    negative,
    product,
    zeros,
)
from generator.expr.properties import settled, transpose_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.rules.rule import Context


def absorb_projection(e: Expr, context: Context) -> Expr | None:
    """A A⁺ B = B and C A A⁺ = C, where B and C′ have the columns of A: they are A, or the transpose of A⁺."""
    del context
    if not isinstance(e, Product) or PseudoInverse not in e.kinds:
        return None
    for start in range(len(e.factors) - 1):
        for end in range(start + 2, len(e.factors) + 1):
            before, after = e.factors[:start], e.factors[end:]
            columns = _projected_on(product(*e.factors[start:end]))
            if columns is not None and columns in (*_columns_behind(after), *_columns_before(before)):
                return product(*before, *after)
    return None


def cancel_complement(e: Expr, context: Context) -> Expr | None:
    """(I - A A⁺) A = 0, since the projection leaves A as it is; and (I - A A⁺) (I - A A⁺) is I - A A⁺."""
    del context
    if not isinstance(e, Product):
        return None
    for i, f in enumerate(e.factors):
        columns = _left_by(f) if isinstance(f, Sum) else None
        if columns is None:
            continue
        before, after = e.factors[:i], e.factors[i + 1 :]
        if columns in (*_columns_behind(after), *_columns_before(before)):
            return zeros(e.shape)
        if after and isinstance(after[0], Sum) and _left_by(after[0]) == columns:
            rest = product(*before, *after)
            return rest if Identity(f.shape[0]) in f.terms else negative(rest)
    return None


def _projected_on(e: Expr) -> Expr | None:
    """A of the products A A⁺ and A (A′A)⁻¹ A′; None of anything else."""
    factors = factors_of(e)
    for i in range(1, len(factors)):
        left, right = product(*factors[:i]), product(*factors[i:])
        if right == _pseudo_inverse(left) or right == _left_inverse(left):
            return _columns(left)
    return None


def _left_by(e: Sum) -> Expr | None:
    """A of the differences I - A A⁺ and A A⁺ - I."""
    identity = Identity(e.shape[0])
    match e.terms:
        case (first, Scale(Number(Fraction(numerator=-1, denominator=1)), P)) if first == identity:
            return _projected_on(P)
        case (P, second) if second == negative(identity):
            return _projected_on(P)
        case _:
            return None


def _pseudo_inverse(e: Expr) -> Expr:
    match e:
        case PseudoInverse(arg):
            return arg
        case Transpose(PseudoInverse(arg)):
            return transpose_of(arg)
        case _:
            return settled(Transpose(PseudoInverse(transpose_of(e)))) if isinstance(e, Transpose) else PseudoInverse(e)


def _left_inverse(e: Expr) -> Expr:
    """(A′A)⁻¹ A′."""
    turned = transpose_of(e)
    return product(Inverse(product(turned, e)), turned)


def _columns(e: Expr) -> Expr:
    """A matrix whose columns span the same space: of A⁺, the transpose of A."""
    match e:
        case PseudoInverse(arg):
            return transpose_of(arg)
        case Transpose(PseudoInverse(arg)):
            return settled(arg)
        case _:
            return settled(e)


def _columns_behind(factors: tuple[Expr, ...]) -> Iterator[Expr]:
    """Of what the factors behind a projection begin with."""
    return (_columns(product(*factors[:k])) for k in range(1, len(factors) + 1))


def _columns_before(factors: tuple[Expr, ...]) -> Iterator[Expr]:
    """Of the transpose of what the factors before a projection end with."""
    return (_columns(transpose_of(product(*factors[k:]))) for k in range(len(factors)))
