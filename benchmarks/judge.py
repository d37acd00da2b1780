"""Right or wrong, by central differences of a function's values: no rule and no derivative of anyone is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, permutations
from typing import Literal

import numpy as np

from benchmarks.problems import Problem
from generator.expr.evaluate.numeric import (
    Array,
    Point,
    UndefinedError,
    evaluate,
    random_point,
    relative_error,
    tangent,
)
from generator.expr.nodes import Expr

STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
STEPS = {"derivative": (1e-3, 2e-3), "stationary": (1e-3, 2e-3), "hessian": (2e-3, 4e-3)}
TOLERANCE = {"derivative": 1e-6, "stationary": 1e-6, "hessian": 1e-5}
POINTS, ATTEMPTS = 3, 100

Value = Callable[[Point], Array]
"""An answer as numbers, for the numbers that the symbols are; UndefinedError where it has none."""
Layout = Literal["ours", "any"]


@dataclass(frozen=True)
class Sample:
    """The numbers of some answers at a random point, and the derivative there by differences.

    The derivative has the two axes of the function, then the two of the variable. For a stationary point, it is the
    gradient at the first answer, in proportion to the gradient at the random point.
    """

    point: Point
    answers: list[Array]
    derivative: Array


def is_right(problem: Problem, answer: Value, layout: Layout = "ours") -> bool:
    """Whether an answer is the derivative, or a point where the gradient vanishes, at several random points.

    Ours is the one layout that the project promises. Any is every layout in use: the function's or the variable's axes
    first, either transposed, as a tensor or with the entries of a matrix stacked by columns or by rows. Of a structured
    variable the gradient among all matrices counts, its projection, and 2G - diag(G) as in the Matrix Cookbook 138.
    """
    tolerance = TOLERANCE[problem.find]
    found = list(islice(samples(problem, answer), POINTS))
    if len(found) < POINTS:
        return False
    if problem.find == "stationary":
        return all(np.abs(sample.derivative).max() < tolerance for sample in found)
    by_layout = zip(*(_forms(problem, sample.derivative, layout) for sample in found), strict=True)
    return any(
        all(
            relative_error(sample.answers[0].squeeze(), form.squeeze()) < tolerance
            for sample, form in zip(found, forms, strict=True)
        )
        for forms in by_layout
    )


def samples(problem: Problem, *answers: Value) -> Iterator[Sample]:
    """Random points at which the function and all answers are defined."""
    for seed in range(ATTEMPTS):
        point = random_point(problem.expr, problem.variable, problem.declared, (0, 0, seed), (0.4, 1.0)[seed % 2])
        try:
            truth = derivative(problem, point)
            arrays = [np.asarray(answer(point), dtype=float) for answer in answers]
            if problem.find == "stationary":
                moved = point.changed({problem.wrt: arrays[0]})
                gradient = tangent(derivative(problem, moved)[0, 0], problem.variable.properties)
                truth = gradient / (1 + np.abs(truth).max())
        except UndefinedError:
            continue
        yield Sample(point, arrays, truth)


def derivative(problem: Problem, point: Point) -> Array:
    """The derivative that the problem asks for, by differences; the gradient for a stationary point.

    Raises UndefinedError where there is none, or where two lengths of the step do not agree.
    """
    order = 2 if problem.find == "hessian" else 1
    fine, coarse = (differences(problem.expr, problem.wrt, point, step, order) for step in STEPS[problem.find])
    if not np.abs(fine - coarse).max() / (1 + np.abs(coarse).max()) < TOLERANCE[problem.find] / 10:
        raise UndefinedError("two lengths of the step do not agree")
    return fine if order == 1 else fine[0, 0]


def differences(e: Expr, name: str, point: Point, step: float, order: int = 1) -> Array:
    """The derivative of an expression by a symbol: the expression's axes, then the symbol's for each order.

    The expression is evaluated for a stack of matrices, all that differences need, at once.
    """
    at = point.values[name]
    lengths, weights = np.array(STENCIL).T
    units = np.eye(at.size).reshape(-1, *at.shape)
    moves = (step * lengths[:, None, None, None] * units).reshape(-1, *at.shape)
    places = at[None]
    for _ in range(order):
        places = (places[:, None] + moves).reshape(-1, *at.shape)
    found = evaluate(e, point.changed({name: places}))
    values = np.broadcast_to(found, (len(places), *found.shape[-2:])).reshape(*[len(moves)] * order, *found.shape[-2:])
    for _ in range(order):
        values = np.moveaxis(np.tensordot(np.kron(weights / step, np.eye(at.size)), values, 1), 0, -1)
    return values.reshape(*found.shape[-2:], *at.shape * order)


def value_of(e: Expr) -> Value:
    """The numbers that one of our expressions is."""
    return lambda point: evaluate(e, point)


def _forms(problem: Problem, tensor: Array, layout: Layout) -> Iterator[Array]:
    """The arrays that count as the derivative, in the same order at every point."""
    yield _stacked(tensor, "F")
    if problem.expr.is_scalar and problem.find == "derivative":
        yield from _structured(tensor[0, 0], problem.variable.properties)
    if layout == "any":
        yield from (_stacked(tensor, "F").T, _stacked(tensor, "C"), _stacked(tensor, "C").T)
        yield from (tensor.transpose(axes) for axes in permutations(range(4)) if {*axes[:2]} in ({0, 1}, {2, 3}))


def _stacked(tensor: Array, order: Literal["C", "F"]) -> Array:
    """A gradient or a derivative by a scalar as it is; of vectors and matrices, the entries stacked in that order."""
    of, by = tensor.shape[:2], tensor.shape[2:]
    if of == (1, 1) or by == (1, 1):
        return tensor.reshape(by if of == (1, 1) else of)
    axes = (0, 1, 2, 3) if order == "C" else (1, 0, 3, 2)
    return tensor.transpose(axes).reshape(of[0] * of[1], by[0] * by[1])


def _structured(gradient: Array, properties: frozenset[str]) -> Iterator[Array]:
    if properties:
        projected = tangent(gradient, properties)
        yield projected
        if properties & {"symmetric", "positive definite"}:
            yield 2 * projected - np.diag(np.diag(projected))
