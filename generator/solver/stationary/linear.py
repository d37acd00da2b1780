"""Equations that are linear in an unknown: Σ c A U B + C = 0, Σ H ∘ U + C = 0, and both together by way of vec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from generator.expr.messages import NOTHING, Message
from generator.expr.nodes import (
    ONE,
    Diag,
    Dim,
    Expr,
    Hadamard,
    Identity,
    Inverse,
    Kronecker,
    Number,
    Ones,
    Product,
    Scale,
    Symbol,
    Transpose,
    Vec,
    add,
    coefficient_factors,
    d,
    factors_of,
    hadamard,
    number,
    product,
    reciprocal,
    scaled,
    split_scale,
    substitute,
    terms_of,
    zeros,
)
from generator.expr.properties import is_positive_semidefinite, transpose_of
from generator.rules.laws import number_and_rest, times
from generator.rules.vectorization import VEC_OF, matrix_before
from generator.solver.stationary.draft import ENTRY_BY_ENTRY, IN_TURN, Draft, Unfit, divided

FROM_LEFT = Message("multiply-from-left", "multiply by {factor} from the left")
FROM_RIGHT = Message("multiply-from-right", "multiply by {factor} from the right")


RANK_ONE = Message(
    "rank-one", "the inverse of {matrix}, the sum of an outer product and a multiple of the identity (Sherman–Morrison)"
)


@dataclass(frozen=True)
class Term:
    """c A (H ∘ U) B: the scalars, what stands before the unknown, what multiplies its entries, what stands behind."""

    scalars: tuple[Expr, ...]
    before: tuple[Expr, ...] = ()
    entries: tuple[Expr, ...] = ()
    after: tuple[Expr, ...] = ()

    @property
    def is_entrywise(self) -> bool:
        """Each entry of the unknown is multiplied on its own."""
        return not (self.before or self.after)


def isolate(draft: Draft, e: Expr, unknown: Expr) -> Expr:
    """Solve e = 0, linear in the unknown, which may stand for a part such as X⁻¹; raises Unfit if it is not."""
    U: Symbol = draft.unknown if unknown == draft.unknown else Symbol("?", unknown.shape)
    moving, fixed = draft.sides(substitute(e, {unknown: U}))
    moving = [t for t in (*moving, *fixed) if U in t.symbols]
    fixed = [t for t in fixed if U not in t.symbols]
    moving, fixed, sign_of_common = _without_common_number(moving, fixed)
    draft.direction *= sign_of_common
    if not moving:
        raise Unfit
    right = draft.negated(fixed, like=e)
    terms = [_term(draft, t, U) for t in moving]
    if all(t.is_entrywise for t in terms):
        return _entrywise(draft, terms, unknown, right)
    draft.direction = 0
    if unknown.shape[1] == ONE:
        terms = [Term(t.scalars, (*t.before, Diag(hadamard(*t.entries)))) if t.entries else t for t in terms]
    if not any(t.entries for t in terms):
        if len({t.after for t in terms}) == 1:
            before = _coefficient(draft, [(t.scalars, t.before) for t in terms], unknown.shape[0])
            return _two_sided(draft, before, side(terms[0].after, unknown.shape[1]), unknown, right)
        if len({t.before for t in terms}) == 1:
            after = _coefficient(draft, [(t.scalars, t.after) for t in terms], unknown.shape[1])
            return _two_sided(draft, side(terms[0].before, unknown.shape[0]), after, unknown, right)
    raise Unfit


def terms_around(draft: Draft, e: Expr, U: Symbol) -> list[Term]:
    """The terms of an expression that contain the unknown; raises Unfit if one is not linear in it."""
    return [_term(draft, t, U) for t in terms_of(e) if U in t.symbols]


def _term(draft: Draft, e: Expr, U: Symbol) -> Term:
    """The factors around the unknown in one term."""
    scalars, body = split_scale(e)
    if U.is_scalar:
        factors = (*scalars, body)
        if factors.count(U) != 1 or not e.is_scalar:
            raise Unfit
        found = Term(tuple(f for f in factors if f != U))
    else:
        factors = factors_of(body)
        place = [i for i, f in enumerate(factors) if U in f.symbols]
        if len(place) != 1:
            raise Unfit
        i = place[0]
        before, after = factors[:i], factors[i + 1 :]
        entries: tuple[Expr, ...] = ()
        if isinstance(middle := factors[i], Hadamard) and middle.factors.count(U) == 1:
            entries = tuple(f for f in middle.factors if f != U)
        elif middle == Transpose(U) and after and product(*after).shape[1] == ONE:  # w (x'v) is w v'x
            before, after = (*before, *factors_of(transpose_of(product(*after)))), ()
        elif middle != U:
            raise Unfit
        if after and (behind := product(*after)).is_scalar:  # x (1′1) is (1′1) x
            scalars, after = (*scalars, behind), ()
        if entries and (before or after) and U.shape[1] != ONE:
            raise Unfit
        found = Term(scalars, before, entries, after)
    parts = (*found.scalars, *found.before, *found.entries, *found.after)
    if not all(U not in part.symbols and draft.is_constant(part) for part in parts):
        raise Unfit
    return found


def _entrywise(draft: Draft, terms: Sequence[Term], unknown: Expr, right: Expr) -> Expr:
    """Divide h U = r or H ∘ U = R by what multiplies the entries."""
    flat = not any(t.entries for t in terms)
    ones = None if flat else Ones(unknown.shape)
    parts = [scaled(t.scalars, hadamard(*t.entries) if t.entries else ones) for t in terms]
    factor = draft.shortened(add(*parts))
    outer, inner = split_scale(factor)
    if isinstance(inner, Ones):  # each entry is multiplied by the same
        factor, flat = draft.engine.tidied(scaled(outer)), True
    if factor == number(1):
        draft.line(unknown, right, "set-to-zero")
        return right
    draft.direction *= draft.sign(factor)
    solution = draft.shortened(divided(right, factor))
    if isinstance(factor, Number):
        draft.line(unknown, solution, "set-to-zero")
        return solution
    draft.require("nonzero" if factor.is_scalar else "nonzero entries", factor)
    left = scaled(coefficient_factors(factor), unknown) if factor.is_scalar else hadamard(factor, unknown)
    draft.line(draft.engine.tidied(left), right, "set-to-zero")
    why = Message("divide-by", "divide by {factor}")(factor=factor)
    draft.line(unknown, solution, "divide", why if factor.is_scalar else ENTRY_BY_ENTRY(what=why))
    return solution


def _two_sided(draft: Draft, before: Expr, after: Expr, unknown: Expr, right: Expr) -> Expr:
    """A U B = R: multiply by the inverses of what stands on the two sides."""
    scalars, before = split_scale(before)
    more, after = split_scale(after)
    outer = (*scalars, *more)
    for s in outer:
        draft.require("nonzero", s)
    right = draft.shortened(scaled([reciprocal(s) for s in outer], right) if outer else right)
    left = draft.engine.tidied(product(before, unknown, after))
    gram = isinstance(before, Product) and is_positive_semidefinite(before) and len(factors_of(before)) == 2
    normal = gram and isinstance(unknown, Symbol) and unknown.shape[1] == ONE and not draft.for_multiplier
    if normal:
        draft.pending = Message("normal-equations", "{reason}: the normal equations")(reason=draft.pending)
    draft.line(left, right, "set-to-zero")
    if left == unknown:
        return right
    if draft.for_multiplier and isinstance(after, Identity | Number) and (found := _rank_one(draft, before, right)):
        draft.line(unknown, found, "solve", RANK_ONE(matrix=before))
        return found
    solution = right
    reasons = NOTHING
    for part, at in ((before, "left"), (after, "right")):
        if isinstance(part, Identity | Number):
            continue
        if part.shape[0] != part.shape[1] or _is_thin(part):
            raise Unfit
        draft.require("full rank", part)
        inverted = draft.inverse_of(part)
        multiply = (FROM_LEFT if at == "left" else FROM_RIGHT)(factor=inverted)
        reasons = IN_TURN(first=reasons, second=multiply) if reasons else multiply
        solution = product(inverted, solution) if at == "left" else product(solution, inverted)
    solution = draft.shortened(solution)
    draft.line(unknown, solution, "solve", reasons)
    return solution


def _rank_one(draft: Draft, matrix: Expr, right: Expr) -> Expr | None:
    """(r − v′r/(c + v′u) u)/c, which solves (c I + u v′) x = r (Sherman and Morrison 1950); None of another matrix."""
    match terms_of(matrix):
        case (Product() as outer, Scale(c, Identity())) if len(outer.factors) == 2 and outer.factors[0].is_vector:
            u, row = outer.factors
        case _:
            return None
    below = draft.shortened(add(c, product(row, u)))
    for s in (c, below):
        draft.require("nonzero", s)
    part = draft.shortened(divided(product(row, right), below))
    return draft.shortened(divided(draft.shortened(add(right, -scaled([part], u))), c))


def _is_thin(e: Expr) -> bool:
    """It is a product like x y′, which is never invertible, or has it for a factor of a Kronecker product."""
    if isinstance(e, Kronecker):
        return _is_thin(e.left) or _is_thin(e.right)
    return isinstance(e, Product) and any(f.shape[1] == ONE for f in e.factors[:-1])


def solved_by_vec(draft: Draft, e: Expr) -> Expr:
    """Solve Σ A X B + C = 0 as one system for vec X, with the matrix Σ B′ ⊗ A."""
    X = draft.unknown
    moving, fixed, _ = _without_common_number(*draft.sides(e))
    if ONE in X.shape or not moving:
        raise Unfit
    left, right = draft.engine.tidied(add(*moving)), draft.negated(fixed, like=e)
    matrix = matrix_before(substitute(left, {X: d(X)}), d(X))
    if matrix is None:
        raise Unfit
    K = draft.shortened(matrix)
    if _is_thin(split_scale(K)[1]):
        raise Unfit
    draft.direction = 0
    draft.line(left, right, "set-to-zero")
    A, B, C = (Symbol(name, (Dim.of("n"), Dim.of("n"))) for name in "ABC")
    formula = VEC_OF(whole=Vec(A @ B @ C), parts=product(Kronecker(C.T, A), Vec(B)))
    why = Message("columns-stacked-by", "columns stacked: {formula}")(formula=formula)
    draft.line(product(K, Vec(X)), Vec(right), "vec", why)
    draft.require("full rank", K)
    if right == zeros(X.shape):
        draft.line(X, right, "solve", Message("only-zero", "only zero is mapped to zero")())
        return right
    column = draft.shortened(product(Inverse(K), Vec(right)))
    draft.line(Vec(X), column, "solve", FROM_LEFT(factor=Inverse(K)))
    return unstacked(column, X.shape)


def unstacked(column: Expr, shape: tuple[Dim, Dim]) -> Expr:
    """X of vec X, as a product: (vec(I)′ ⊗ I)(I ⊗ vec X) takes the blocks of vec X as columns."""
    rows, columns = shape
    first = Kronecker(Transpose(Vec(Identity(columns))), Identity(rows))
    return product(first, Kronecker(Identity(columns), column))


def _coefficient(draft: Draft, parts: Sequence[tuple[tuple[Expr, ...], tuple[Expr, ...]]], size: Dim) -> Expr:
    """The sum of what stands on one side of the unknown, multiples of the identity last: A′A + λI."""
    parts = sorted(parts, key=lambda part: not part[1])
    return draft.shortened(add(*(scaled(scalars, side(factors, size)) for scalars, factors in parts)))


def side(factors: Sequence[Expr], size: Dim) -> Expr:
    """What stands on one side of the unknown: the product of the factors, or the identity."""
    if factors:
        return product(*factors)
    return number(1) if size == ONE else Identity(size)


def _without_common_number(moving: Sequence[Expr], fixed: Sequence[Expr]) -> tuple[list[Expr], list[Expr], int]:
    """The terms divided by the largest number in all, and by -1 if all that move are negative; the divisor's sign."""
    split = [number_and_rest(term) for term in (*moving, *fixed)]
    values = [value for value, _ in split]
    common = Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))
    if all(value < 0 for value in values[: len(moving)]):
        common = -common
    divided_terms = [times(value / common, rest) for value, rest in split]
    return divided_terms[: len(moving)], divided_terms[len(moving) :], 1 if common > 0 else -1
