"""Minimizers between bounds that couple no entry to another, by the conditions of Karush, Kuhn and Tucker (1951)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.inequalities import at_least_zero, constraint_text, opposite
from generator.expr.messages import Message
from generator.expr.nodes import (
    Elementwise,
    Expr,
    Hadamard,
    Product,
    Symbol,
    add,
    entrywise_power,
    hadamard,
    inverse,
    negative,
    number,
    product,
    reciprocal,
    scaled,
    split_scale,
    substitute,
    terms_of,
    zeros,
)
from generator.expr.printing.plain import plain, without_sign
from generator.expr.properties import has, is_positive, is_positive_definite
from generator.solver.curvature import CONVEX, Curvature
from generator.solver.derivation import Line
from generator.solver.stationary.draft import Unfit
from generator.solver.stationary.equation import solved
from generator.solver.stationary.point import Stationary, divisors, opened, require_structure, texts, unsolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.expr.messages import Sentence
    from generator.solver.gradient import GradientSolver
    from generator.solver.stationary.draft import Draft

SLACKNESS = Message("use-slackness", "Use complementary slackness")
COMPLEMENTARY = Message(
    "complementary-slackness",
    "no entry of {distance} or of {multiplier} is below zero, and where one is positive, the other is zero",
)
MAKES_UP = Message(
    "makes-up",
    "where {free} is below zero, {distance} is zero and {multiplier} makes up for it; elsewhere {multiplier} is zero",
)
POSITIVE_PART = Message(
    "positive-part", "{free} where that is positive, and zero elsewhere: relu(t) = max(0, t), entry by entry"
)
WITHIN_BOUNDS = Message(
    "within-bounds", "{free} where no bound is in its way, and the bound elsewhere: relu(t) = max(0, t), entry by entry"
)
SUFFICIENT = Message(
    "convex-bounded",
    "{function} is convex, so these conditions are sufficient: this is the minimizer of {function} under the"
    " constraint",
)
SUFFICIENT_OF_SEVERAL = Message(
    "convex-several-bounds",
    "{function} is convex, so these conditions are sufficient: this is the minimizer of {function} under the"
    " constraints",
)


@dataclass(frozen=True)
class Bound:
    """That each entry of a distance, X - L or U - X, is at least zero, with its multiplier."""

    distance: Expr
    multiplier: Symbol
    at: Expr
    """The bound itself, L or U."""
    is_lower: bool


def bound_of(distance: Expr, X: Symbol, multiplier: Symbol) -> Bound:
    """The bound of X that an inequality is; raises Unsupported where it is no bound of X alone."""
    terms = terms_of(distance)
    for is_lower, own in ((True, X), (False, negative(X))):
        others = [term for term in terms if term != own]
        if len(others) == len(terms) - 1 and all(X not in term.symbols for term in others):
            rest = add(*others) if others else zeros(X.shape)
            return Bound(distance, multiplier, opposite(rest) if is_lower else rest, is_lower)
    raise Unsupported(
        f"{constraint_text(at_least_zero(distance))} bounds something else than {X}",
        remedy=f"Inequalities are read as bounds of {X}: {X} >= 0, {X} <= u, or l <= {X} <= u.",
    )


def find_bounded(
    solver: GradientSolver, gradient: Expr, objective: Expr, value: Symbol, bounds: Sequence[Bound]
) -> Stationary:
    """Solve G = 0 for X in terms of the multipliers of its bounds; raises Unsupported where entries are coupled."""
    X = solver.wrt
    if sorted(bound.is_lower for bound in bounds) not in ([True], [False], [False, True]):
        raise Unsupported(f"several bounds on the same side of {X}", remedy="Leave all out but the narrowest.")
    draft = opened(solver, gradient, frozenset(bound.multiplier for bound in bounds))
    try:
        x = solved(draft, gradient)
    except Unfit:
        raise unsolved(X, gradient) from None
    free = draft.shortened(substitute(x, {bound.multiplier: zeros(X.shape) for bound in bounds}))
    if Curvature(X, draft.positive).of(objective) != frozenset((CONVEX,)):
        raise _no_closed_form(X, value)
    multipliers = {}
    for bound in bounds:
        if free == bound.at:
            raise Unsupported(
                f"without {constraint_text(at_least_zero(bound.distance))} the point is {plain(free)}, too",
                remedy="Leave the constraint out.",
            )
        moving = [term for term in terms_of(draft.multiplied_out(x)) if bound.multiplier in term.symbols]
        turned = moving if bound.is_lower else [without_sign(term) for term in moving]
        found = (
            _undone(turned[0], bound.multiplier, _beyond(draft, free, bound))
            if len(turned) == 1 and turned[0]
            else None
        )
        if found is None:
            raise _no_closed_form(X, value)
        multipliers[bound.multiplier] = draft.shortened(found)
    for line in draft.lines:
        solver.writer.line(line)
    point = _between(draft, free, bounds)
    require_structure(draft, gradient, point)
    solver.writer.stage(SLACKNESS())
    for bound in bounds:
        m, distance = bound.multiplier, bound.distance
        there = draft.shortened(substitute(distance, {X: free}))
        complementary = COMPLEMENTARY(distance=distance, multiplier=m)
        solver.writer.line(_at_point(hadamard(m, X), draft.engine.tidied(hadamard(m, bound.at)), complementary))
        solver.writer.line(_at_point(m, multipliers[m], MAKES_UP(free=there, distance=distance, multiplier=m)))
    is_part = point == Elementwise("relu", free)
    solver.writer.line(_at_point(X, point, (POSITIVE_PART if is_part else WITHIN_BOUNDS)(free=free)))
    exist = divisors(draft)
    if len(bounds) > 1:
        low, high = (next(bound.at for bound in bounds if bound.is_lower is is_lower) for is_lower in (True, False))
        width = draft.shortened(add(high, opposite(low)))
        draft.require("positive", width)
        exist += (Elementwise("log", width),)
    remarks = ((SUFFICIENT if len(bounds) == 1 else SUFFICIENT_OF_SEVERAL)(function=value),)
    return Stationary(point, texts(draft), draft.positive, remarks, exist, (multipliers,))


def _no_closed_form(X: Symbol, value: Symbol) -> Unsupported:
    return Unsupported(
        f"the minimizer between bounds of {X} has no closed form",
        remedy=f"It has one where {value} is convex and its gradient couples no entry of {X} to another.",
    )


def _at_point(left: Expr, right: Expr, why: Sentence) -> Line:
    return Line(left, right, "slackness", why, where="stationary")


def _beyond(draft: Draft, free: Expr, bound: Bound) -> Expr:
    """How far the point without bounds is beyond one of them, and zero where it is not."""
    return _positive_part(draft, free, bound.at, is_above=not bound.is_lower)


def _positive_part(draft: Draft, free: Expr, at: Expr, *, is_above: bool) -> Expr:
    """How far the point without bounds is above another, or below it, and zero where it is not."""
    distance = add(free, opposite(at)) if is_above else add(at, negative(free))
    return Elementwise("relu", draft.shortened(distance))


def _between(draft: Draft, free: Expr, bounds: Sequence[Bound]) -> Expr:
    """The point without bounds, moved to a bound where it is beyond."""
    first, *others = sorted(bounds, key=lambda bound: not bound.is_lower)
    inside = _positive_part(draft, free, first.at, is_above=first.is_lower)
    terms = [] if first.at == zeros(first.at.shape) else [first.at]
    terms += [inside if first.is_lower else negative(inside)]
    terms += [negative(_beyond(draft, free, bound)) for bound in others]
    return add(*sorted(terms, key=lambda term: without_sign(term) is not None))


def _undone(term: Expr, m: Symbol, value: Expr) -> Expr | None:
    """What m is where a positive multiple of it, entry by entry, has a value; None where the term is something else."""
    scalars, body = split_scale(term)
    factors = [*scalars, body] if m.is_scalar else scalars
    if m.is_scalar and m in factors:
        factors, body = [factor for factor in factors if factor != m], m
    if not all(map(is_positive, factors)):
        return None
    match body:
        case Symbol() if body == m:
            found = value
        case Hadamard(parts) if parts.count(m) == 1 and all(is_positive(part) for part in parts if part != m):
            found = hadamard(value, *(entrywise_power(part, number(-1)) for part in parts if part != m))
        case Product((D, last)) if last == m and has(D, "diagonal") and is_positive_definite(D):
            found = product(inverse(D), value)
        case _:
            return None
    return scaled([reciprocal(factor) for factor in factors], found)
