"""Laws of the orthogonal projection on the columns of a matrix, A A⁺ or A (A′A)⁻¹ A′, and of what it leaves."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.expr.nodes import (
    Expr,
    Identity,
    Inverse,
    Norm,
    Number,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Sum,
    Transpose,
    add,
    factors_of,
    negative,
    number,
    product,
    tr,
    zeros,
)
from generator.expr.properties import settled, transpose_of
from generator.rules.laws import number_and_rest, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.rules.rule import Context


def absorb_projection(e: Expr, context: Context) -> Expr | None:
    """A A⁺ B = B and C A A⁺ = C, where B and C′ have the columns of A: they are A, or the transpose of A⁺."""
    del context
    if not isinstance(e, Product):
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
            return rest if Identity(f.shape[0]) in f.children else negative(rest)
    return None


def take_out_complement(e: Expr, context: Context) -> Expr | None:
    """B - A A⁺ B = (I - A A⁺) B, in a sum that may have more terms; and B - B A A⁺ = B (I - A A⁺)."""
    del context
    if not isinstance(e, Sum):
        return None
    parts = [number_and_rest(term) for term in e.terms]
    for i, (value, B) in enumerate(parts):
        for j, (other, projected) in enumerate(parts):
            if B is not None and projected is not None and other == -value:
                whole = _complement_of(B, factors_of(projected))
                if whole is not None:
                    terms = [times(value, whole) if k == i else t for k, t in enumerate(e.terms) if k != j]
                    return add(*terms)
    return None


def norm_projected(e: Expr, context: Context) -> Expr | None:
    """‖A A⁺ B‖² = Tr(B′A A⁺ B), from the right as from the left, and with I - A A⁺: it is symmetric and its square."""
    del context
    if not isinstance(e, Power) or e.exponent != number(2) or not isinstance(e.base, Norm) or e.base.kind != "2":
        return None
    value, inside = number_and_rest(e.base.arg)
    factors = factors_of(inside) if inside is not None else ()
    for i in range(1, len(factors)):
        left, right = product(*factors[:i]), product(*factors[i:])
        if (P := _projection(left)) is not None:
            inner = product(transpose_of(right), P, right)
        elif (P := _projection(right)) is not None:
            inner = product(left, P, transpose_of(left))
        else:
            continue
        return times(value**2, inner if inner.is_scalar else tr(inner))
    return None


def _complement_of(B: Expr, projected: tuple[Expr, ...]) -> Expr | None:
    """(I - P) B of B and the factors of P B, and B (I - P) of B P."""
    kept = factors_of(B)
    rows, columns = (Identity(n) for n in B.shape)
    if len(kept) < len(projected):
        if projected[-len(kept) :] == kept and _projected_on(P := product(*projected[: -len(kept)])) is not None:
            return product(add(rows, negative(P)), B)
        if projected[: len(kept)] == kept and _projected_on(P := product(*projected[len(kept) :])) is not None:
            return product(B, add(columns, negative(P)))
    return None


def _projection(e: Expr) -> Expr | None:
    """An orthogonal projection, itself; of A A⁺ - I, the projection I - A A⁺; None of anything else."""
    if not isinstance(e, Sum):
        return e if _projected_on(e) is not None else None
    if _left_by(e) is None:
        return None
    first, identity = e.terms[0], Identity(e.shape[0])
    return e if first == identity else add(identity, negative(first))


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
