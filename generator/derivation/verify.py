"""Checks every line of a derivation on random numbers, and its result against a derivative that knows no rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from generator.algebra.expr import Differential, Dim, Expr, Identity, Ones, Symbol, Zero, walk
from generator.algebra.numeric import (
    Array,
    Point,
    UndefinedHere,
    draw_matrix,
    evaluate,
    relative_error,
    tangent,
)
from generator.algebra.plain import plain
from generator.derivation.derivation import Derivation, Line, Verified
from generator.errors import Unsupported, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOLERANCE = 1e-8
"""Largest relative error of a line; rounding alone stays far below it."""
SECOND_TOLERANCE = 1e-5
"""The same where a second differential is taken by differences."""
POINTS = 2
"""How many random points a derivation is checked on, at different dimensions."""
TRIES = 400
"""How many draws to try for a point where everything is defined."""


@dataclass(frozen=True)
class Sample:
    """A random point with a direction for the variable, and the gradient there, found without any rule."""

    point: Point
    value: Array
    gradient: Array


def dimension_names(*expressions: Expr) -> list[str]:
    """Names of all dimensions that occur."""
    names: set[str] = set()

    def note(dim: Dim) -> None:
        names.update(dim.names)

    for e in expressions:
        for part in walk(e):
            if isinstance(part, Symbol | Zero | Ones):
                note(part.shape[0])
                note(part.shape[1])
            elif isinstance(part, Identity):
                note(part.n)
    return sorted(names)


def samples(
    function: Expr, wrt: Symbol, symbols: Mapping[str, Symbol], *, seed: int = 0, count: int = POINTS
) -> Iterator[Sample]:
    """Points where the function and its derivative are defined; raises Unsupported if none is found."""
    names = dimension_names(function, *symbols.values())
    for which in range(count):
        dims = {name: 2 + (i + which) % 3 + which for i, name in enumerate(names)}
        for attempt in range(TRIES):
            rng = np.random.default_rng([seed, which, attempt])
            size = Point({}, dims)
            scale = (1.0, 0.4, 0.15)[attempt % 3]
            values = {
                s.name: draw_matrix(size.array_shape(s.shape), s.properties, rng)
                * (scale if not s.properties or s.properties == {"positive"} else 1.0)
                for s in symbols.values()
            }
            direction = tangent(rng.standard_normal(size.array_shape(wrt.shape)), wrt.properties)
            point = Point(values, dims, {wrt.name: direction})
            try:
                value = evaluate(function, point)
                gradient = full_derivative(function, wrt, point)
            except UndefinedHere:
                continue
            if np.abs(value).max() < 1e8 and np.abs(gradient).max() < 1e8:
                yield Sample(point, value, gradient)
                break
        else:
            raise Unsupported(
                f"{plain(function)} could not be checked: no numbers were found for which it is defined",
                remedy="Declare what it needs, for instance `positive` or `positive definite`.",
            )


def full_derivative(function: Expr, wrt: Symbol, point: Point) -> Array:
    """The gradient of a scalar function entry by entry, each entry of the variable taken as free."""
    rows, columns = point.values[wrt.name].shape
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            direction = np.zeros((rows, columns))
            direction[i, j] = 1.0
            moved = Point(point.values, point.dims, {wrt.name: direction})
            result[i, j] = evaluate(Differential(function), moved)[0, 0]
    return result


def verify(derivation: Derivation, *, seed: int = 0) -> Verified:
    """The derivation's error on random numbers; raises VerificationError if a line, or the result, is not true."""
    worst, checked = 0.0, 0
    wrt, value, answer = derivation.wrt, derivation.value, derivation.answer
    for sample in samples(derivation.function, wrt, derivation.symbols, seed=seed):
        gradient = sample.gradient
        if derivation.convention == "projection":
            gradient = tangent(gradient, wrt.properties)
        definitions = {value.name: derivation.function, **{s.name: e for s, e in derivation.definitions.items()}}
        point = Point(
            {**sample.point.values, answer.name: gradient}, sample.point.dims, sample.point.directions, definitions
        )
        for line in derivation.lines:
            if line.where == "stationary":
                continue
            worst = max(worst, _line_error(line, point))
            checked += 1
        if derivation.find == "derivative":
            error = relative_error(evaluate(derivation.result, point), gradient)
            if not error < TOLERANCE:
                raise VerificationError(
                    f"the gradient {plain(derivation.result)} of {plain(derivation.function)} failed its check",
                    remedy=f"Relative error {error:.1e}. Nothing was printed; please report the function.",
                )
            worst = max(worst, error)
    return Verified(checked // POINTS, worst)


def _line_error(line: Line, point: Point) -> float:
    try:
        left, right = evaluate(line.left, point), evaluate(line.right, point)
    except UndefinedHere as error:
        raise VerificationError(f"{plain(line.left)} = {plain(line.right)} has no value where the function has one: {error}") from None
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
