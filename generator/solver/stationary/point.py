"""From a gradient to the point where it is zero: the equation solved, its domain minded, the kind of point said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.functions import FUNCTIONS, POSITIVE
from generator.expr.messages import Message
from generator.expr.nodes import (
    Determinant,
    Elementwise,
    Expr,
    HadamardPower,
    Inverse,
    Norm,
    Number,
    Power,
    Symbol,
    Transpose,
    entrywise_power,
    inverse,
    number,
    product,
    reciprocal,
    substitute,
    terms_of,
    walk,
    zeros,
)
from generator.expr.printing.plain import plain
from generator.expr.properties import (
    has,
    is_negative_definite,
    is_symmetric,
    settled,
    sign,
    transpose_of,
)
from generator.solver.conditions import Condition
from generator.solver.stationary.draft import EQUALS_ZERO, Draft, Unfit
from generator.solver.stationary.eigen import eigen_equation
from generator.solver.stationary.equation import solved
from generator.solver.stationary.inversion import no_point
from generator.solver.stationary.kind import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.expr.messages import Text
    from generator.rules.rule import ConditionKind
    from generator.solver.derivation import Equation
    from generator.solver.gradient import GradientSolver


OTHER_POINTS = Message(
    "other-points", "Where {matrix} is not invertible, every {point} with {product} = {zero} is stationary, too"
)

DEMANDS: dict[str, ConditionKind] = {
    "positive definite": "positive definite",
    "invertible": "full rank",
    "positive": "positive",
}
"""What a declaration of the variable asks of the point, as the kind of a condition."""


@dataclass(frozen=True)
class Stationary:
    """The point where the gradient is zero, and what is to be said of it."""

    solution: Expr | Equation
    conditions: tuple[Text, ...]
    implied: frozenset[Expr]
    """What the conditions make positive, so that nothing has to be said of it."""
    remarks: tuple[Text, ...]
    divisors: tuple[Expr, ...]
    """Inverses and reciprocals that must exist."""
    multipliers: tuple[dict[Symbol, Expr], ...] = ({},)
    """Those of constraints; and where there is another point, that one and those that belong to it."""


def find_stationary(solver: GradientSolver, gradient: Expr) -> Stationary:
    """Solve gradient = 0 on the board; raises Unsupported where no method fits."""
    draft = opened(solver, gradient)
    try:
        solution = solved(draft, gradient)
    except Unfit:
        return _characterized(solver, gradient)
    require_structure(draft, gradient, solution)
    require_domain(draft, solver.function, gradient, solution)
    for line in draft.lines:
        solver.writer.line(line)
    judge = Judge(draft, solver.function, gradient, solver.names.value)
    remarks = (*judge.remarks(), *_other_points(draft, solution))
    return Stationary(solution, texts(draft), draft.positive, remarks, divisors(draft))


def opened(solver: GradientSolver, gradient: Expr, multipliers: frozenset[Symbol] = frozenset()) -> Draft:
    """The equation gradient = 0, under a title of its own; raises Unsupported where it says nothing of the variable."""
    X, G = solver.wrt, solver.names.answer
    solver.writer.stage(Message("set-to-zero", "Set {gradient} to zero")(gradient=G))
    if gradient == zeros(X.shape):
        raise Unsupported(f"the gradient is zero for every {X}: every point is stationary")
    if solver.context.is_constant(gradient):
        raise Unsupported(
            f"the gradient {plain(gradient)} does not depend on {X}: it is zero nowhere, or everywhere",
            remedy="Ask for the derivative instead.",
        )
    return Draft(
        solver.engine, X, frozenset(positive_parts(solver.function)), EQUALS_ZERO(gradient=G), apart=multipliers
    )


def unsolved(X: Symbol, gradient: Expr) -> Unsupported:
    """No method fits."""
    return Unsupported(
        f"{plain(gradient)} = 0 cannot be solved for {X}",
        remedy=f"No method that is known isolates {X}. Ask for the derivative instead.",
    )


def _other_points(draft: Draft, solution: Expr) -> tuple[Text, ...]:
    """Where zero is the solution of M x = 0, every vector that M maps to zero is one, too."""
    x = draft.unknown
    if solution != zeros(x.shape) or not x.is_vector:
        return ()
    matrices = [c.of for c in draft.conditions if c.kind == "full rank" and tuple(c.texts())]
    return tuple(OTHER_POINTS(matrix=M, point=x, product=product(M, x), zero=solution) for M in matrices)


def _characterized(solver: GradientSolver, gradient: Expr) -> Stationary:
    """Where no formula gives the point, the equation that it satisfies."""
    X, G = solver.wrt, solver.names.answer
    draft = Draft(solver.engine, X, frozenset(positive_parts(solver.function)), EQUALS_ZERO(gradient=G))
    try:
        found = eigen_equation(draft, solver.function, gradient, solver.names.value, G.T if solver.turned else G)
    except Unfit:
        raise unsolved(X, gradient) from None
    for line in (found.line, *draft.lines):
        solver.writer.line(line)
    return Stationary(found.equation, texts(draft), frozenset(), found.remarks, divisors(draft))


def positive_parts(function: Expr) -> Iterator[Expr]:
    """What has to be positive for a function to be defined."""
    for part in walk(function):
        match part:
            case Elementwise("log", Determinant()):
                continue
            case Elementwise(name, arg) if FUNCTIONS[name].domain is POSITIVE:
                yield arg
            case Power(base, exponent) | HadamardPower(base, exponent) if not _is_whole(exponent):
                yield base
            case _:
                continue


def _is_whole(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def texts(draft: Draft) -> tuple[Text, ...]:
    """The conditions in words, the weaker ones left out where a stronger one says the same."""
    parts = [part for condition in draft.conditions for part in condition.parts()]
    definite = {part.of for part in parts if part.kind == "positive definite"}
    positive = {part.of for part in parts if part.kind == "positive"}
    said = [p for p in parts if not (p.kind == "full rank" and p.of in definite)
            and not (p.kind in ("nonzero", "nonzero entries") and p.of in positive)]  # fmt: skip
    return tuple(text for part in said for text in part.texts())


def divisors(draft: Draft) -> tuple[Expr, ...]:
    """What the conditions ask to exist: it does so for almost all numbers, or for none."""
    makers: dict[object, Callable[[Expr], Expr]] = {
        "full rank": inverse,
        "nonzero": reciprocal,
        "nonzero entries": lambda e: entrywise_power(e, number(-1)),
    }
    return tuple(makers[c.kind](c.of) for c in draft.conditions if c.kind in makers)


def require_structure(draft: Draft, equation: Expr, solution: Expr) -> None:
    """The point must be a value that the variable may take."""
    X = draft.unknown
    if is_negative_definite(solution) and has(X, "positive definite"):
        raise no_point(draft, f"{X} = {plain(solution)} would be negative definite")
    for name in ("symmetric", "skew-symmetric", "diagonal", "orthogonal", "lower triangular"):
        known = has(solution, name) or (has(solution, "diagonal") and has(X, "diagonal"))
        if X.is_square and has(X, name) and not known and not _keeps(name, equation, X):
            raise Unsupported(f"{plain(solution)} solves the equation but is not known to be {name}, as {X} is")
    if has(X, "positive") and (solution == zeros(X.shape) or draft.sign(solution) < 0):
        raise no_point(draft, f"{X} = {plain(solution)} is not positive")
    for name, kind in DEMANDS.items():
        if name in X.properties and not has(solution, name):
            draft.require(kind, solution)


def _keeps(name: str, equation: Expr, X: Symbol) -> bool:
    """With X, X′ solves the equation too; so the only solution is symmetric."""
    if name != "symmetric":
        return False
    Y = Symbol(X.name, X.shape)
    free = substitute(equation, {X: Y})
    turned = settled(substitute(free, {Y: Transpose(Y)}))
    return sorted(map(str, terms_of(turned))) == sorted(map(str, terms_of(transpose_of(free))))


def require_domain(draft: Draft, function: Expr, gradient: Expr, solution: Expr) -> None:
    """At the point, everything in the function and its gradient has to be defined."""
    X = draft.unknown
    for part in walk(gradient):
        if isinstance(part, Power | HadamardPower) and X in part.symbols and sign(part.exponent) < 0:
            below = part.base.arg if isinstance(part.base, Norm) else part.base
            there = draft.shortened(substitute(below, {X: solution}))
            if there == zeros(there.shape):
                raise no_point(draft, f"{plain(gradient)} is not defined at {X} = {plain(solution)}")
    for part in positive_parts(function):
        if X not in part.symbols or has(part, "positive"):
            continue
        there = draft.shortened(substitute(part, {X: solution}))
        if there == zeros(there.shape) or has(draft.shortened(-there), "positive"):
            raise no_point(draft, f"{plain(part)} would be {plain(there)}, which is not positive")
        draft.conditions.append(Condition("positive", there))
    likelihood = any(isinstance(part, Determinant | Inverse) for part in walk(function))
    if likelihood and not X.is_scalar and is_symmetric(X):  # there it has to stay positive definite
        draft.require("positive definite", solution)
