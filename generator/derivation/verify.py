"""Checks every line of a derivation on random numbers, and its result against a derivative that knows no rule."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

from generator.algebra.expr import Differential, add, scaled, walk
from generator.algebra.numeric import (
    Array,
    Point,
    UndefinedError,
    derivative_at,
    eigenvectors,
    evaluate,
    largest,
    random_point,
    relative_error,
    tangent,
)
from generator.algebra.plain import plain
from generator.derivation.derivation import Derivation, Equation, Line, Verified
from generator.errors import Unsupported, VerificationError

TOLERANCE = 1e-8
"""Largest relative error of a line; rounding alone stays far below it."""
SECOND_TOLERANCE = 1e-5
"""The same where a second differential is taken by differences."""
STATIONARY_TOLERANCE = 1e-7
"""Largest gradient at a stationary point, relative to the gradient elsewhere."""
POINTS = 2
"""How many random points a derivation is checked on, at different dimensions."""
LARGEST = 1e8
"""Values beyond this leave too few digits to compare."""
TRIES = 400
"""How many draws to try for a point where everything is defined."""


def verify(derivation: Derivation, *, seed: int = 0) -> Verified:
    """The derivation's error on random numbers; raises VerificationError if a line, or the result, is not true.

    Points where the function or a line is undefined are drawn again; if none is found it is Unsupported.
    """
    worst = 0.0
    for which in range(POINTS):
        for attempt in range(TRIES):
            shrink = (1.0, 0.4, 0.15)[attempt % 3]
            seeds = (seed, which, attempt)
            point = random_point(derivation.function, derivation.wrt, derivation.symbols, seeds, shrink)
            try:
                worst = max(worst, _error_at(derivation, point))
            except UndefinedError:
                continue
            break
        else:
            raise Unsupported(
                f"{plain(derivation.function)} could not be checked: no numbers were found where every line is defined",
                remedy="Declare what it needs, for instance `positive` or `positive definite`.",
            )
    return Verified(len(derivation.lines), worst)


def _error_at(derivation: Derivation, sample: Point) -> float:
    """The largest error of a line, and of the result, at one point."""
    answer = derivation.answer
    gradient = _gradient(derivation, sample)
    if max(largest(gradient), largest(evaluate(derivation.function, sample))) > LARGEST:
        raise UndefinedError("numbers too large to compare")
    values = {**sample.values, answer.name: gradient}
    definitions = {
        derivation.value.name: derivation.function,
        **{s.name: e for s, e in derivation.definitions.items()},
    }
    point = replace(sample, values=values, definitions=definitions)
    errors = [_line_error(line, point) for line in derivation.lines if line.where is None]
    if derivation.find != "stationary":
        asked = Differential(derivation.value) if derivation.find == "differential" else answer
        errors.append(_line_error(Line(asked, derivation.result, "result", ()), point))
    else:
        errors += _errors_where_stationary(derivation, sample, point, gradient)
    return max(errors, default=0.0)


def _errors_where_stationary(derivation: Derivation, sample: Point, point: Point, gradient: Array) -> list[float]:
    """The gradient at the stationary point, the lines and the constraints there, and what leads to an equation."""
    found = _solution(derivation, sample)
    slope = _gradient(derivation, replace(sample, values={**sample.values, **found}))
    error = largest(slope) / (1.0 + largest(gradient))
    if not error < STATIONARY_TOLERANCE:
        raise VerificationError(
            f"the gradient of {plain(derivation.function)} is not zero at {derivation.outcome}",
            remedy=f"Relative size {error:.1e}. Nothing was printed; please report the function.",
        )
    there = replace(point, values={**point.values, **found})
    lines = [line for line in derivation.lines if line.where == "stationary"]
    if derivation.subject_to is not None:
        lines += [Line(left, right, "constraint", ()) for left, right in derivation.subject_to.equations]
    errors = [error, *(_line_error(line, there) for line in lines)]
    if isinstance(derivation.outcome, Equation):  # it holds nowhere else
        equation = derivation.outcome
        whole = scaled([equation.factor], add(equation.left, -equation.right))
        gradient_name = derivation.answer if derivation.is_gradient else derivation.answer.T
        errors.append(_line_error(Line(gradient_name, whole, "equation", ()), point))
    return errors


def _solution(derivation: Derivation, sample: Point) -> dict[str, Array]:
    """The variable at the stationary point, or at one that solves the equation, and the multipliers there."""
    name, shape = derivation.wrt.name, sample.values[derivation.wrt.name].shape
    if isinstance(derivation.outcome, Equation):
        A, B = (evaluate(e, sample) for e in derivation.outcome.pencil)
        found = eigenvectors(A, B, shape[1])
    else:
        found = evaluate(derivation.result, sample)
    if derivation.subject_to is None:
        return {name: found}
    values = {**sample.values, name: found}
    if isinstance(derivation.outcome, Equation) and shape[1] == 1:  # any length solves it but for the constraint
        ((left, right),) = derivation.subject_to.equations
        length, wanted = (evaluate(side, replace(sample, values=values))[0, 0] for side in (left, right))
        if not wanted / length > 0:
            raise UndefinedError("no eigenvector has this length")
        values[name] = found * sqrt(wanted / length)
    for multiplier, e in derivation.subject_to.multipliers.items():
        values[multiplier.name] = evaluate(e, replace(sample, values=values))
    return {key: values[key] for key in (name, *(s.name for s in derivation.subject_to.multipliers))}


def _gradient(derivation: Derivation, point: Point) -> Array:
    """What the answer has to be at a point: the derivative, or of a gradient that is right the derivative again."""
    if derivation.find == "hessian":
        symbol, gradient_found = list(derivation.definitions.items())[-1]
        first = derivative_at(derivation.function, derivation.wrt, point)
        if not relative_error(evaluate(gradient_found, point), first) < TOLERANCE:
            raise VerificationError(f"the gradient {symbol.name} = {plain(gradient_found)} failed its check")
        return derivative_at(gradient_found, derivation.wrt, point)
    wrt, function = derivation.wrt, derivation.function
    if derivation.convention == "independent entries":
        derivative = derivative_at(function, wrt, point, wrt.properties)
    else:
        derivative = derivative_at(function, wrt, point)
    if derivation.convention == "projection":
        derivative = tangent(derivative, wrt.properties)
    return derivative.T if derivation.conventions.turn(function.shape, wrt.shape) else derivative


def _line_error(line: Line, point: Point) -> float:
    left, right = evaluate(line.left, point), evaluate(line.right, point)
    error = relative_error(left, right)
    second = any(
        isinstance(part, Differential) and part.arg.has_differential for part in (*walk(line.left), *walk(line.right))
    )
    if not error < (SECOND_TOLERANCE if second else TOLERANCE):
        raise VerificationError(
            f"the line {plain(line.left)} = {plain(line.right)} failed its check",
            remedy=f"Relative error {error:.1e}, rule {line.rule}. Nothing was printed; please report the function.",
        )
    return error
