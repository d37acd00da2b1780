"""The law that turns sums over indices into products of matrices: Σᵢ aᵢ bᵢ = a′b where these are entries.

A scalar that depends on an index is an entry of a column, one that depends on two is an entry of a matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import (
    ONE,
    Diagonal,
    Dim,
    Elementwise,
    Entry,
    EntrySum,
    Expr,
    HadamardPower,
    IndexSum,
    Member,
    Members,
    Number,
    Ones,
    Power,
    Product,
    Symbol,
    Transpose,
    add,
    coefficient_factors,
    entrywise_power,
    factors_of,
    hadamard,
    product,
    scaled,
    split_scale,
    terms_of,
    tr,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from generator.rules.rule import Context


def as_matrices(e: Expr, context: Context) -> Expr | None:
    """Σᵢ aᵢ bᵢ = a′b, Σⱼ Aᵢⱼ bⱼ = (Ab)ᵢ and Σᵢ f(aᵢ) = 1′f(a), where entries of the variable stand in the sum.

    Where aᵢ weighs columns xᵢ, their sum is (x₁, …, xₙ) a.
    """
    if not isinstance(e, IndexSum) or e.shape[1] != ONE:
        return None
    if not any(isinstance(part, Entry) and not context.is_constant(part) for part in walk(e.body)):
        return None
    summed = _summed if e.is_scalar else _weighted
    found = _all(summed(term, e.index) for term in terms_of(e.body))
    return None if found is None else add(*found)


def _weighted(term: Expr, over: Symbol) -> Expr | None:
    """Σᵢ aᵢ M xᵢ = M (x₁, …, xₙ) a; None for any other sum of columns."""
    scalars, body = split_scale(term)
    *before, last = factors_of(body)
    columns = _all(column(f, over) for f in scalars if over in f.symbols)
    if not columns or any(over in f.symbols for f in before):
        return None
    match last:
        case Member(family, at) if at == over:
            outer = [f for f in scalars if over not in f.symbols]
            return scaled(outer, product(*before, Members(family), hadamard(*columns)))
        case _:
            return None


def _summed(term: Expr, over: Symbol) -> Expr | None:
    """The sum of a term over an index; None where that is no product of matrices."""
    factors = coefficient_factors(term)
    outer = [f for f in factors if over not in f.symbols]
    inner = [f for f in factors if over in f.symbols]
    others = sorted({s for f in inner for s in f.indices if s.is_index and s != over}, key=lambda s: s.name)
    if not inner:
        return None
    if not others:
        columns = _all(column(f, over) for f in inner)
        return None if columns is None else scaled([*outer, _total(columns)])
    if len(others) > 1:
        return None
    (other,) = others
    single = _all(column(f, over) for f in inner if other not in f.symbols)
    double = _all(matrix(f, other, over) for f in inner if other in f.symbols)
    if single is None or double is None:
        return None
    behind = hadamard(*single) if single else Ones((_count(over), ONE))
    return scaled([*outer, Entry(product(hadamard(*double), behind), other)])


def _count(over: Symbol) -> Dim:
    assert over.total is not None
    return over.total


def _all(parts: Iterable[Expr | None]) -> list[Expr] | None:
    """All parts, or None where one is missing."""
    found = list(parts)
    return None if None in found else [part for part in found if part is not None]


def _total(columns: Sequence[Expr]) -> Expr:
    """The sum of the entries of an entrywise product, as an inner product where there are two factors."""
    if len(columns) > 1:
        return product(columns[0].T, hadamard(*columns[1:]))
    match columns[0]:
        case HadamardPower(base, Number(exponent)) if exponent == 2:
            return product(base.T, base)
        case Diagonal(arg):
            return tr(arg)
        case Product(factors) if isinstance(factors[-1], Ones):
            return EntrySum(product(*factors[:-1]))
        case whole:
            scalars, body = split_scale(whole)
            return scaled([*scalars, _total([body])]) if scalars else EntrySum(whole)


def column(e: Expr, over: Symbol) -> Expr | None:
    """The column whose entries a scalar is, one for each value of an index; None where it is no such column."""
    if over not in e.symbols:
        return scaled([e], Ones((_count(over), ONE)))
    match e:
        case Entry(arg, row, None) if row == over and over not in arg.symbols:
            return arg
        case Entry(arg, row, below) if row == below == over and over not in arg.symbols:
            return Diagonal(arg)
        case Member(family, at) if at == over and family.is_scalar:
            return Members(family).T
        case _:
            return _entry_by_entry(e, lambda part: column(part, over), over)


def matrix(e: Expr, rows: Symbol, columns: Symbol) -> Expr | None:
    """The matrix whose entries a scalar is, with a row for each value of one index, a column for those of another."""
    beside, below = (Ones((_count(side), ONE)) for side in (columns, rows))
    if rows not in e.symbols and columns not in e.symbols:
        return scaled([e], Ones((_count(rows), _count(columns))))
    if columns not in e.symbols:
        found = column(e, rows)
        return found and product(found, beside.T)
    if rows not in e.symbols:
        found = column(e, columns)
        return found and product(below, found.T)
    match e:
        case Entry(arg, row, other) if {row, other} == {rows, columns} and arg.symbols.isdisjoint({rows, columns}):
            return arg if row == rows else arg.T
        case Product((Transpose(Member(left, first)), *between, Member(right, last))) if {first, last} == {
            rows,
            columns,
        }:
            if any(not f.symbols.isdisjoint({rows, columns}) for f in between):
                return None
            found = product(Members(left).T, *between, Members(right))
            return found if first == rows else found.T
        case _:
            return _entry_by_entry(e, lambda part: matrix(part, rows, columns), rows, columns)


def _entry_by_entry(e: Expr, of: Callable[[Expr], Expr | None], *indices: Symbol) -> Expr | None:
    """Sums, products, powers and functions of entries are those of each entry of a whole."""
    if not e.is_scalar:
        return None
    if len(terms := terms_of(e)) > 1:
        parts = _all(map(of, terms))
        return None if parts is None else add(*parts)
    match e:
        case Power(base, exponent) if exponent.symbols.isdisjoint(indices):
            found = of(base)
            return found and entrywise_power(found, exponent)
        case Elementwise(name, arg):
            found = of(arg)
            return found and Elementwise(name, found)
        case _:
            pass
    factors = coefficient_factors(e)
    if len(factors) == 1:
        return None
    outer = [f for f in factors if f.symbols.isdisjoint(indices)]
    inner = _all(of(f) for f in factors if not f.symbols.isdisjoint(indices))
    return None if inner is None else scaled(outer, hadamard(*inner))
