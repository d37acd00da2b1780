"""Minimizers under X ≥ 0 where no entry is coupled to another, by the conditions of Karush, Kuhn and Tucker (1951)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.messages import Message
from generator.expr.nodes import (
    Elementwise,
    Expr,
    Hadamard,
    Product,
    Symbol,
    entrywise_power,
    hadamard,
    inverse,
    number,
    product,
    reciprocal,
    scaled,
    split_scale,
    substitute,
    terms_of,
    zeros,
)
from generator.expr.properties import has, is_positive, is_positive_definite
from generator.solver.curvature import CONVEX, Curvature
from generator.solver.derivation import Line
from generator.solver.stationary.draft import Unfit
from generator.solver.stationary.equation import solved
from generator.solver.stationary.point import Stationary, divisors, opened, require_structure, texts, unsolved

if TYPE_CHECKING:
    from generator.solver.gradient import GradientSolver

SLACKNESS = Message("use-slackness", "Use complementary slackness")
COMPLEMENTARY = Message(
    "complementary-slackness",
    "no entry of {variable} or of {multiplier} is below zero, and where one is positive, the other is zero",
)
MAKES_UP = Message(
    "makes-up",
    "where {free} is below zero, {variable} is zero and {multiplier} makes up for it; elsewhere {multiplier} is zero",
)
POSITIVE_PART = Message(
    "positive-part", "{free} where that is positive, and zero elsewhere: relu(t) = max(0, t), entry by entry"
)
SUFFICIENT = Message(
    "convex-bounded",
    "{function} is convex, so these conditions are sufficient: this is the minimizer of {function} under the"
    " constraint",
)


def find_bounded(solver: GradientSolver, gradient: Expr, objective: Expr, value: Symbol, m: Symbol) -> Stationary:
    """Solve G = 0 for X in terms of the multiplier m of X ≥ 0; raises Unsupported where entries are coupled."""
    X = solver.wrt
    draft = opened(solver, gradient, frozenset((m,)))
    try:
        x = solved(draft, gradient)
    except Unfit:
        raise unsolved(X, gradient) from None
    free = draft.shortened(substitute(x, {m: zeros(m.shape)}))
    if free == zeros(X.shape):
        raise Unsupported(f"without {X} >= 0 the point is zero, too", remedy="Leave the constraint out.")
    below = Elementwise("relu", draft.shortened(-free))
    moving = [term for term in terms_of(draft.multiplied_out(x)) if m in term.symbols]
    multiplier = _undone(moving[0], m, below) if len(moving) == 1 else None
    if multiplier is None or Curvature(X, draft.positive).of(objective) != frozenset((CONVEX,)):
        raise Unsupported(
            f"the minimizer under {X} >= 0 has no closed form",
            remedy=f"It has one where {value} is convex and its gradient couples no entry of {X} to another.",
        )
    for line in draft.lines:
        solver.writer.line(line)
    point, multiplier = Elementwise("relu", free), draft.shortened(multiplier)
    require_structure(draft, gradient, point)
    solver.writer.stage(SLACKNESS())
    for left, right, why in (
        (hadamard(m, X), zeros(X.shape), COMPLEMENTARY(variable=X, multiplier=m)),
        (m, multiplier, MAKES_UP(free=free, variable=X, multiplier=m)),
        (X, point, POSITIVE_PART(free=free)),
    ):
        solver.writer.line(Line(left, right, "slackness", why, where="stationary"))
    remarks = (SUFFICIENT(function=value),)
    return Stationary(point, texts(draft), draft.positive, remarks, divisors(draft), ({m: multiplier},))


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
