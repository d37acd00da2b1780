"""Points with orthonormal columns: X S = B with a symmetric S, and X′X = I, give S² = B′B and X = B (B′B)^(−1/2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.expr.messages import Message
from generator.expr.nodes import (
    Expr,
    Identity,
    Inverse,
    MatrixFunction,
    Number,
    Symbol,
    add,
    factors_of,
    product,
    scale,
    terms_of,
    zeros,
)
from generator.expr.printing.plain import without_sign
from generator.expr.properties import is_symmetric, transpose_of
from generator.rules.laws import number_and_rest
from generator.solver.derivation import Line
from generator.solver.stationary.draft import Draft, Unfit

if TYPE_CHECKING:
    from generator.solver.gradient import GradientSolver

BOTH_SQUARED = Message(
    "multiplied-by-transpose",
    "each side multiplied by its transpose from the left; {left} = {right}, and {multiplier} is symmetric",
)
SYMMETRIC_ROOT = Message("symmetric-root", "a symmetric square root of both sides")
FROM_ABOVE = Message("equation-above", "the equation above, solved for {variable}")
FIND = Message("find-from-constraint", "Find {multiplier} from the constraint")


@dataclass(frozen=True)
class Polar:
    """A point, the multiplier there, and whether the Lagrangian is convex with it; else it is concave."""

    point: Expr
    multiplier: Expr
    is_convex: bool


def polar_point(
    solver: GradientSolver, draft: Draft, gradient: Expr, multiplier: Symbol, constraint: tuple[Expr, Expr]
) -> Polar:
    """The lines that lead to the polar factor of a matrix, and what they find.

    Raises Unfit unless the constraint is X′X = I and the gradient X M + b X Λ + C, with M symmetric and b a number.
    """
    X, (left, right) = solver.wrt, constraint
    if left != product(X.T, X) or not isinstance(right, Identity):
        raise Unfit
    M, b, C = _parts(draft, gradient, X, multiplier)
    is_convex = without_sign(terms_of(C)[0]) is not None
    sign = 1 if is_convex else -1  # X S = B with S = sign (M + b Λ), which is to be positive definite
    B = draft.shortened(-C) if is_convex else C
    times, body = number_and_rest(B)
    assert body is not None  # it is a matrix
    S = draft.shortened(add(*(scale(Number(Fraction(sign)), part) for part in (*M, scale(Number(b), multiplier)))))
    draft.line(draft.shortened(draft.multiplied_out(product(X, S))), B, "separate")
    for line in draft.lines:
        solver.writer.line(line)
    solver.writer.stage(FIND(multiplier=multiplier))
    gram = draft.engine.tidied(product(transpose_of(body), body))
    why = BOTH_SQUARED(left=left, right=right, multiplier=multiplier)
    squared = draft.engine.tidied(scale(Number(times**2), gram))
    solver.writer.line(Line(draft.engine.tidied(product(S, S)), squared, "constraint", why, where="stationary"))
    root = MatrixFunction("sqrtm", gram)
    parts = [scale(Number(-1 / b), part) for part in M]
    value = draft.engine.tidied(add(*parts, scale(Number(sign * times / b), root)))
    solver.writer.line(Line(multiplier, value, "symmetric-root", SYMMETRIC_ROOT(), where="stationary"))
    draft.require("full rank", gram)
    solver.writer.stage(Message("put-multipliers-in", "Put {names} in")(names=[multiplier]))
    point = product(body, Inverse(root))
    solver.writer.line(Line(X, point, "substitute", FROM_ABOVE(variable=X), where="stationary"))
    return Polar(point, value, is_convex)


def _parts(draft: Draft, gradient: Expr, X: Symbol, multiplier: Symbol) -> tuple[list[Expr], Fraction, Expr]:
    """The terms of M, the number b and the constant C of a gradient X M + b X Λ + C."""
    M: list[Expr] = []
    b = Fraction(0)
    C: list[Expr] = []
    for term in terms_of(draft.multiplied_out(gradient)):
        value, body = number_and_rest(term)
        first, *behind = factors_of(body) if body is not None else (zeros(X.shape),)
        if behind == [multiplier] and first == X:
            b += value
        elif not term.symbols.isdisjoint((multiplier,)):
            raise Unfit
        elif X not in term.symbols:
            C.append(term)
        elif first == X:
            M.append(scale(Number(value), product(*behind) if behind else Identity(X.shape[1])))
        else:
            raise Unfit
    M = [draft.engine.tidied(part) for part in M]
    if not b or not C or any(X in part.symbols or not is_symmetric(part) for part in M):
        raise Unfit
    return M, b, draft.shortened(add(*C))
