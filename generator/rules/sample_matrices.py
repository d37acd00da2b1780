"""The law that turns sums over samples into products of the matrices whose rows they are: Σᵢ yᵢ xᵢ = X′y.

The rows of X are the xᵢ′, and the entries of y the yᵢ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import (
    ONE,
    Diag,
    Elementwise,
    Entry,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    IndexSum,
    Member,
    Members,
    Ones,
    Power,
    Product,
    Scale,
    Softmax,
    Sum,
    Symbol,
    add,
    entrywise_power,
    factors_of,
    hadamard,
    product,
    scaled,
    softmax_of_rows,
    split_scale,
    terms_of,
)
from generator.expr.properties import transpose_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.rules.rule import Context


def as_products(e: Expr, context: Context) -> Expr | None:
    """Σᵢ cᵢ uᵢ = U′c and Σᵢ cᵢ uᵢ vᵢ′ = U′ diag(c) V, where the rows of U and V are the uᵢ′ and vᵢ′."""
    del context
    if not isinstance(e, IndexSum) or e.has_differential:
        return None
    found = [_summed(term, e.index) for term in terms_of(e.body)]
    terms = [term for term in found if term is not None]
    return add(*terms) if len(terms) == len(found) else None


def _summed(term: Expr, over: Symbol) -> Expr | None:
    scalars, inner = split_scale(term)
    factors: Sequence[Expr] = () if inner.is_scalar else factors_of(inner)
    scalars = (*scalars, inner) if inner.is_scalar else scalars
    outer = [s for s in scalars if over not in s.symbols]
    weights = _all_rows([s for s in scalars if over in s.symbols], over)
    if weights is None:
        return None
    if not factors:
        return scaled([*outer, _inner_product(weights)]) if weights else None
    cut = next((k for k in range(1, len(factors) + 1) if factors[k - 1].shape[1] == ONE), None)
    if cut is None:
        return None
    columns = _all_rows([product(*factors[:cut]), *map(transpose_of, _joined(factors[cut:]))], over)
    if columns is None or len(columns) + len(weights) < 2:  # Σᵢ xᵢ is no shorter with a column of ones
        return None
    left, *right = columns
    if not right:
        return scaled(outer, product(left.T, hadamard(*weights)))
    between = [Diag(hadamard(*weights))] if weights else []
    return scaled(outer, product(left.T, *between, *right))


def _joined(factors: Sequence[Expr]) -> list[Expr]:
    return [product(*factors)] if factors else []


def _inner_product(columns: Sequence[Expr]) -> Expr:
    first, *others = columns
    return product(first.T, hadamard(*others)) if others else EntrySum(first)


def _all_rows(parts: Sequence[Expr], over: Symbol) -> list[Expr] | None:
    """The matrices of all parts, or None where one has none."""
    found = [rows(part, over) for part in parts]
    known = [part for part in found if part is not None]
    return known if len(known) == len(found) else None


def rows(e: Expr, over: Symbol) -> Expr | None:
    """The matrix whose rows a column is, transposed, for all values of an index; of a scalar, the column of these."""
    assert over.total is not None
    if over not in e.symbols:
        return scaled([e], Ones((over.total, ONE))) if e.is_scalar else None
    match e:
        case Member(family, at) if at == over and family.shape[1] == ONE:
            return Members(family).T
        case Entry(arg, at, None) if at == over and over not in arg.symbols:
            return arg
        case Sum(terms):
            return add(*parts) if (parts := _all_rows(terms, over)) else None
        case Scale():
            return _scaled_rows(e, over)
        case Product(factors):
            return _product_rows(factors, over)
        case Hadamard(factors):
            return hadamard(*parts) if (parts := _all_rows(factors, over)) else None
        case Elementwise(name, arg):
            inner = rows(arg, over)
            return inner and Elementwise(name, inner)
        case Power(base, exponent) | HadamardPower(base, exponent) if (
            exponent.is_scalar and over not in exponent.indices
        ):
            inner = rows(base, over)
            return inner and entrywise_power(inner, exponent)
        case Softmax(arg):
            inner = rows(arg, over)
            return inner and softmax_of_rows(inner)
        case _:
            return None


def _scaled_rows(e: Scale, over: Symbol) -> Expr | None:
    scalars, body = split_scale(e)
    outer = [s for s in scalars if over not in s.symbols]
    weights = _all_rows([s for s in scalars if over in s.symbols], over)
    inner = rows(body, over)
    if weights is None or inner is None:
        return None
    if e.is_scalar or not weights:
        return scaled(outer, hadamard(*weights, inner))
    return scaled(outer, product(Diag(hadamard(*weights)), inner))


def _product_rows(factors: Sequence[Expr], over: Symbol) -> Expr | None:
    """X A′ for the columns A xᵢ, and X b for the scalars xᵢ′b or b′xᵢ."""
    changing = [k for k, f in enumerate(factors) if over in f.symbols]
    if changing == [len(factors) - 1]:
        inner, others = rows(factors[-1], over), transpose_of(product(*factors[:-1]))
    elif changing == [0] and factors[0].shape[0] == ONE:
        inner, others = rows(transpose_of(factors[0]), over), product(*factors[1:])
    else:
        return None
    return inner and product(inner, others)
