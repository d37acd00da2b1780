"""Where the gradient is zero at eigenvectors: A x = L x, which no formula solves and every student recognizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.expr.messages import Message
from generator.expr.nodes import (
    EntrySum,
    Expr,
    Identity,
    Inverse,
    Norm,
    Number,
    Ones,
    Power,
    Scale,
    Symbol,
    Trace,
    add,
    coefficient_factors,
    factors_of,
    number,
    product,
    rebuild,
    reciprocal,
    scaled,
    split_scale,
    terms_of,
)
from generator.expr.printing.plain import denominator, plain
from generator.expr.properties import is_invertible, is_positive_definite, settled, transpose_of
from generator.solver.derivation import Equation, Line
from generator.solver.stationary.draft import Draft, Unfit
from generator.solver.stationary.linear import side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.expr.messages import Text


PUT_IN_FOR = Message("put-in-for", "{name} put in for {function}")
TAKEN_OUT = Message("taken-out", "{factor} taken out")
NEVER_ZERO = Message("never-zero", "and {factor} is never zero")
EIGENVECTOR = Message("eigenvector", "So {vector} is an eigenvector of {matrix} and {eigenvalue} is its eigenvalue")
RELATIVE_EIGENVECTOR = Message(
    "relative-eigenvector",
    "So {vector} is an eigenvector of {matrix} relative to {other} and {eigenvalue} is its eigenvalue",
)
EXTREME_VALUES = Message(
    "extreme-values",
    "The smallest and the largest value of {function} are the smallest and the largest eigenvalue",
)


@dataclass(frozen=True)
class Rayleigh:
    """An equation of eigenvectors, the line that leads to it, and what it says."""

    equation: Equation
    line: Line
    remarks: tuple[Text, ...]


def eigen_equation(draft: Draft, function: Expr, gradient: Expr, L: Symbol, G: Expr) -> Rayleigh:
    """A x = (x′A x / x′B x) B x of a gradient s A x + t B x; raises Unfit where it has another form."""
    x = draft.unknown
    if not x.is_vector:
        raise Unfit
    function = _in_products(function)
    groups = _groups(draft, draft.expanded(_in_products(gradient)))
    if len(groups) != 2:
        raise Unfit
    (A, s), (B, t) = min((groups, groups[::-1]), key=lambda pair: _preference(draft, pair, function))
    if not all(draft.is_never_zero(f) or draft.is_constant(f) for f in coefficient_factors(s)):
        raise Unfit
    quotient = _quotient(draft, scaled([number(-1), *coefficient_factors(t)]), s)
    if not same(draft, scaled([*coefficient_factors(quotient), product(x.T, _applied(B, x))]), product(x.T, A, x)):
        raise Unfit
    for f in coefficient_factors(s):
        if draft.is_constant(f):
            draft.require("nonzero", f)
    ratio = _quotient(draft, quotient, function)
    named = draft.is_constant(ratio)
    eigenvalue = _quotient(draft, scaled([*coefficient_factors(ratio), L]), number(1)) if named else quotient
    left, right = product(A, x), scaled(coefficient_factors(eigenvalue), _applied(B, x))
    factor = draft.engine.tidied(s)
    why = PUT_IN_FOR(name=L, function=function) if named else TAKEN_OUT(factor=factor)
    both = draft.engine.tidied(scaled(coefficient_factors(factor), add(left, draft.engine.tidied(-right))))
    draft.line(left, right, "eigenvector", NEVER_ZERO(factor=factor))
    equation = Equation(left, right, factor, (A, B))
    said = remarks(draft, A, B, eigenvalue, L if eigenvalue == L else None)
    return Rayleigh(equation, Line(G, both, "factor", why), said)


def _in_products(e: Expr) -> Expr:
    """With x′x for a squared norm, and no trace of a scalar."""
    match e:
        case Power(Norm("2", v), Number(value)) if value.numerator % 2 == 0 and value.denominator == 1 and v.is_vector:
            square = settled(product(v.T, v))
            return square if value == 2 else Power(square, number(value / 2))
        case Trace(arg) if arg.is_scalar:
            return _in_products(arg)
        case _:
            return rebuild(e, [_in_products(child) for child in e.children]) if e.children else e


def _quotient(draft: Draft, above: Expr, below: Expr) -> Expr:
    """One scalar over another, what divides behind what multiplies."""
    whole = draft.engine.tidied(scaled([*coefficient_factors(above), *map(reciprocal, coefficient_factors(below))]))
    return scaled(sorted(coefficient_factors(whole), key=lambda f: denominator(f) is not None))


def _applied(M: Expr, x: Expr) -> Expr:
    return x if isinstance(M, Identity) else product(M, x)


def _groups(draft: Draft, e: Expr) -> list[tuple[Expr, Expr]]:
    """(M, s) for each matrix M in a sum of terms s M x."""
    found: dict[Expr, list[Expr]] = {}
    fixed: list[Expr] = []
    for term in terms_of(e):
        scalars, body = split_scale(term)
        factors = factors_of(body)
        if factors[-1] != draft.unknown or not all(map(draft.is_constant, factors[:-1])):
            raise Unfit
        matrix = side(factors[:-1], draft.unknown.shape[0])
        if all(map(draft.is_constant, scalars)):
            fixed.append(scaled(scalars, matrix))
        else:
            found.setdefault(matrix, []).append(scaled(scalars))
    groups = [(matrix, draft.shortened(add(*parts))) for matrix, parts in found.items()]
    joined = _joined(draft, groups)
    if fixed:
        joined.append((draft.shortened(add(*fixed)), number(1)))
    return joined


def _joined(draft: Draft, groups: list[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
    """Matrices with the same scalar before them, added up: A and A′ of A + A′."""
    by_scalar: dict[Expr, list[Expr]] = {}
    for matrix, scalar in groups:
        by_scalar.setdefault(scalar, []).append(matrix)
    return [(draft.shortened(add(*matrices)), scalar) for scalar, matrices in by_scalar.items()]


def _preference(draft: Draft, pair: Sequence[tuple[Expr, Expr]], function: Expr) -> tuple[bool, bool, bool]:
    """False before True: the function is the eigenvalue, B is the identity, B is positive definite."""
    (_, s), (B, t) = pair
    ratio = _quotient(draft, _quotient(draft, t, s), function)
    return not draft.is_constant(ratio), not isinstance(B, Identity), not is_positive_definite(B)


def same(draft: Draft, a: Expr, b: Expr) -> bool:
    """Two scalars are equal, x′Ax and x′A′x taken for the same."""
    difference = draft.multiplied_out(add(a, draft.engine.tidied(-b)))
    turned = [_turned(term) for term in terms_of(difference)]
    return draft.shortened(add(*turned)) == number(0)


def _turned(e: Expr) -> Expr:
    """Scalars that are products in the one of their two forms that comes first."""
    if isinstance(e, EntrySum) and e.arg.is_vector:
        return _turned(product(Ones(e.arg.shape).T, e.arg))
    if isinstance(e, Scale):
        return scaled([_turned(f) for f in coefficient_factors(e)])
    if e.children and e.is_scalar and factors_of(e) != (e,):
        return min(settled(e), transpose_of(e), key=plain)
    return rebuild(e, [_turned(child) for child in e.children]) if e.children and e.is_scalar else e


def remarks(draft: Draft, A: Expr, B: Expr, eigenvalue: Expr, value: Symbol | None) -> tuple[Text, ...]:
    """What an equation A x = λ B x means; `value` is the function's name where the eigenvalue is its value."""
    x = draft.unknown
    if isinstance(B, Identity) or is_invertible(B):
        matrix = A if isinstance(B, Identity) else product(Inverse(B), A)
        first = EIGENVECTOR(vector=x, matrix=matrix, eigenvalue=eigenvalue)
    else:
        first = RELATIVE_EIGENVECTOR(vector=x, matrix=A, other=B, eigenvalue=eigenvalue)
    if value is not None and is_positive_definite(B):
        return first, EXTREME_VALUES(function=value)
    return (first,)
