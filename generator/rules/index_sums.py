"""The laws behind the rules of sums over an index: what does not contain the index comes out, the rest goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import (
    ONE,
    Differential,
    Entry,
    Expr,
    Identity,
    IndexSum,
    Product,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    add,
    d,
    factors_of,
    index_sum,
    number,
    product,
    scaled,
    split_scale,
    substitute,
    tr,
)
from generator.expr.properties import has, transpose_of
from generator.rules.laws import number_and_rest, times

if TYPE_CHECKING:
    from generator.rules.rule import Context


def differential(e: Expr, context: Context) -> Expr | None:
    """d Σᵢ Aᵢ = Σᵢ d Aᵢ."""
    del context
    match e:
        case Differential(IndexSum(index, body)):
            return index_sum(index, d(body))
        case _:
            return None


def transposed(e: Expr, context: Context) -> Expr | None:
    """(Σᵢ Aᵢ)′ = Σᵢ Aᵢ′."""
    del context
    match e:
        case Transpose(IndexSum(index, body)):
            return index_sum(index, body.T)
        case _:
            return None


def unit_sum(e: Expr, context: Context) -> Expr | None:
    """Σᵢ uᵢ = 1, and for a matrix Σᵢ Uᵢⱼ = 1 or Σⱼ Uᵢⱼ = 1, where the entries are declared to add up to one."""
    del context
    match e:
        case IndexSum(index, Entry(arg, row, column)) if index not in arg.symbols and row != column:
            return number(1) if has(arg, "sums to one" if row == index else "rows sum to one") else None
        case _:
            return None


def taken_out(e: Expr, context: Context) -> Expr | None:
    """Σᵢ c A Bᵢ C = c A (Σᵢ Bᵢ) C, Σᵢ Tr(Aᵢ) = Tr(Σᵢ Aᵢ) where all of dX then comes out, and Σᵢ A = n A."""
    if not isinstance(e, IndexSum):
        return None
    index, body = e.index, e.body
    if index not in body.symbols:
        assert index.total is not None
        times_n = tr(Identity(index.total))
        return scaled([times_n], body)
    scalars, inner = split_scale(body)
    if inner.is_scalar and not isinstance(inner, Product | Trace):
        scalars, inner = (*scalars, inner), number(1)
    outer = [s for s in scalars if index not in s.symbols]
    kept = [s for s in scalars if index in s.symbols]
    if isinstance(inner, Trace):
        inside = taken_out(index_sum(index, scaled(kept, inner.arg)), context)
        moved = inside is not None and any(f.has_differential for f in factors_of(split_scale(inside)[1]))
        if inside is not None and moved and not any(isinstance(f, IndexSum) for f in _moving(inside)):
            return scaled(outer, tr(inside)) if outer else tr(inside)
        rest: Expr = inner
        before: tuple[Expr, ...] = ()
        after: tuple[Expr, ...] = ()
    else:
        factors = factors_of(inner)
        first = next((k for k, f in enumerate(factors) if index in f.symbols), len(factors))
        last = next((k for k in range(len(factors), first, -1) if index in factors[k - 1].symbols), first)
        before, middle, after = factors[:first], factors[first:last], factors[last:]
        if not middle:
            return None if inner == number(1) and not outer else _with_scalars(index, outer, kept, inner)
        rest = product(*middle)
    if not (outer or before or after):
        return None
    found = product(*before, index_sum(index, scaled(kept, rest) if kept else rest), *after)
    return scaled(outer, found) if outer else found


def number_out(e: Expr, context: Context) -> Expr | None:
    """Σᵢ 2 Aᵢ = 2 Σᵢ Aᵢ: a number before every term of a sum."""
    del context
    if not isinstance(e, IndexSum):
        return None
    value, rest = number_and_rest(e.body)
    return None if value == 1 or rest is None else times(value, index_sum(e.index, rest))


def _moving(e: Expr) -> list[Expr]:
    """The factors that have a differential."""
    return [f for f in factors_of(split_scale(e)[1]) if f.has_differential]


def _with_scalars(index: Symbol, outer: list[Expr], kept: list[Expr], inner: Expr) -> Expr | None:
    """(Σᵢ cᵢ) A of Σᵢ cᵢ A."""
    total = index_sum(index, scaled(kept))
    parts = [*outer, total]
    return scaled(parts) if inner == number(1) else scaled(parts, inner)


def put_in(e: Expr, context: Context) -> Expr | None:
    """Tr(A Σᵢ Bᵢ C) = Σᵢ Tr(A Bᵢ C), where a differential stands in the sum."""
    del context
    match e:
        case Trace(IndexSum(index, body)) if body.has_differential:
            return index_sum(index, tr(body))
        case Trace(Scale(coefficient, IndexSum(index, body))) if body.has_differential:
            return scaled([coefficient], index_sum(index, tr(body)))
        case Product(factors):
            for k, f in enumerate(factors):
                if isinstance(f, IndexSum) and f.has_differential:
                    return index_sum(f.index, product(*factors[:k], f.body, *factors[k + 1 :]))
            return None
        case _:
            return None


def split(e: Expr, context: Context) -> Expr | None:
    """Σᵢ (Aᵢ + Bᵢ) = Σᵢ Aᵢ + Σᵢ Bᵢ, where a differential stands in it."""
    del context
    match e:
        case IndexSum(index, Sum(terms)) if e.has_differential:
            return add(*(index_sum(index, term) for term in terms))
        case _:
            return None


def split_by_unknown(e: Expr, context: Context) -> Expr | None:
    """The same, where the variable stands in it."""
    match e:
        case IndexSum(index, Sum(terms)) if not context.is_constant(e):
            return add(*(index_sum(index, term) for term in terms))
        case _:
            return None


def unknown_behind(e: Expr, context: Context) -> Expr | None:
    """Σᵢ (aᵢ′x) aᵢ = Σᵢ (x′aᵢ) aᵢ = Σᵢ aᵢ aᵢ′x, where the variable stands in the inner product."""
    match e:
        case IndexSum(index, Scale() as body) if body.shape[1] == ONE and not body.is_scalar:
            scalars, inner = split_scale(body)
            moving = [s for s in scalars if not context.is_constant(s)]
            if len(moving) != 1 or not isinstance(moving[0], Product) or not context.is_constant(inner):
                return None
            still = [s for s in scalars if s is not moving[0]]
            turned = context.is_constant(moving[0].factors[-1])
            return index_sum(index, scaled(still, product(inner, transpose_of(moving[0]) if turned else moving[0])))
        case _:
            return None


def together(e: Expr, context: Context) -> Expr | None:
    """Σᵢ Aᵢ + 2 Σᵢ Bᵢ = Σᵢ (Aᵢ + 2 Bᵢ)."""
    del context
    if not isinstance(e, Sum):
        return None
    for k, first in enumerate(e.terms):
        value, one = number_and_rest(first)
        if not isinstance(one, IndexSum):
            continue
        for m in range(k + 1, len(e.terms)):
            factor, other = number_and_rest(e.terms[m])
            if isinstance(other, IndexSum) and other.index.total == one.index.total:
                both = add(times(value, one.body), times(factor, _renamed(other, one)))
                rest = [t for j, t in enumerate(e.terms) if j not in (k, m)]
                return add(*rest[:k], index_sum(one.index, both), *rest[k:])
    return None


def constant_together(e: Expr, context: Context) -> Expr | None:
    """A sum of index sums without the variable as one index sum, so that the variable can be isolated."""
    if not isinstance(e, Sum):
        return None
    constant = [t for t in e.terms if context.is_constant(t)]
    joined = together(add(*constant), context) if len(constant) > 1 else None
    return None if joined is None else add(*(t for t in e.terms if t not in constant), joined)


def _renamed(e: IndexSum, like: IndexSum) -> Expr:
    return substitute(e.body, {e.index: like.index})


def trace_trick(e: Expr, context: Context) -> Expr | None:
    """Σᵢ aᵢ′ M aᵢ = Tr(M Σᵢ aᵢ aᵢ′), where the variable stands in M alone."""
    if not isinstance(e, IndexSum) or e.has_differential:
        return None
    index = e.index
    scalars, inner = split_scale(e.body)
    factors = factors_of(inner)
    inside = [k for k, f in enumerate(factors) if not context.is_constant(f)]
    if not inner.is_scalar or not isinstance(inner, Product) or not inside:
        return None
    if not all(map(context.is_constant, scalars)):
        return None
    free = [k for k, f in enumerate(factors) if index not in f.symbols]
    first = inside[0]
    while first - 1 in free:
        first -= 1
    last = inside[-1]
    while last + 1 in free:
        last += 1
    middle = factors[first : last + 1]
    if first == 0 or last == len(factors) - 1 or any(index in f.symbols for f in middle):
        return None
    around = index_sum(index, product(*factors[last + 1 :], *factors[:first]))
    if any(index in s.symbols for s in scalars):
        kept = [s for s in scalars if index in s.symbols]
        around = index_sum(index, scaled(kept, product(*factors[last + 1 :], *factors[:first])))
        scalars = tuple(s for s in scalars if index not in s.symbols)
    found = tr(product(*middle, around))
    return scaled([*scalars], found) if scalars else found
