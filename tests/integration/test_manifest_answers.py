"""The answers in manifests against differences of values: no rule is needed to check what a manifest says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generator.building.builder import Options, build, load
from generator.expr.evaluate.numeric import Array, Point, UndefinedError, evaluate, random_point
from generator.expr.nodes import Expr, Symbol
from generator.expr.parsing.parse import read
from generator.problems.question import DerivedQuestion
from generator.worksheet.variants import Draws

SHEETS = sorted((Path(__file__).parents[2] / "worksheets").glob("*.yaml"))
STEP, CLOSE = 1e-4, 1e-5
"""Central differences with such a step are so close, relative to the size of what they are of."""


def point_of(function: Expr, answer: Expr, wrt: Symbol, symbols: dict[str, Symbol], numbers: dict[str, Array]) -> Point:
    """A point where the function and the answer are defined, with the numbers of the question."""
    for attempt in range(60):
        point = random_point(function, wrt, symbols, (5, 0, attempt), (1.0, 0.4)[attempt % 2])
        try:
            point = Point({**point.values, **numbers}, point.dims)
            evaluate(function, point)
            evaluate(answer, point)
        except (UndefinedError, ValueError):
            continue
        return point
    raise AssertionError(f"defined nowhere: {function}")


def directions(wrt: Symbol, shape: tuple[int, ...]) -> list[Array]:
    """A basis of the ways in which the variable can move."""
    found = []
    for place in np.ndindex(*shape):
        one = np.zeros(shape)
        one[place] = 1
        if wrt.properties & {"symmetric", "positive definite"}:
            one = (one + one.T) / 2
        assert not wrt.properties & {"skew-symmetric", "lower triangular", "diagonal", "orthogonal"}
        found.append(one)
    return found


def slope(e: Expr, wrt: Symbol, point: Point, direction: Array, at: Array | None = None) -> Array:
    """How the value of an expression changes along a direction, from two values."""
    here = point.values[wrt.name] if at is None else at
    ahead, behind = (
        evaluate(e, Point({**point.values, wrt.name: here + step * direction}, point.dims)) for step in (STEP, -STEP)
    )
    return np.asarray(ahead - behind) / (2 * STEP)


def is_close(found: Array, wanted: Array, size: float) -> bool:
    return bool(np.max(np.abs(found - wanted), initial=0.0) <= CLOSE * (1 + size))


def check(told: dict[str, Any], symbols: dict[str, Symbol]) -> None:
    """What is told of a question is so."""

    def meant(text: str, like: Expr | None = None) -> Expr:
        return read(text, known=symbols, shape=like.shape if like is not None else None).expr

    function, wrt = meant(told["function"]), symbols[told["wrt"]]
    numbers = {name: evaluate(meant(text), Point({}, {})) for name, text in told["numbers"].items()}
    likes = {"value": function, "derivative": None if numbers else wrt, "stationary": wrt}
    answer = meant(told["answer"], likes.get(told["find"]))
    point = point_of(function, answer, wrt, symbols, numbers)
    there = point.values[wrt.name]
    basis = directions(wrt, there.shape)
    match told["find"]:
        case "value":
            assert is_close(evaluate(answer, point), evaluate(function, point), 1)
        case "derivative":
            assert function.is_scalar
            gradient = evaluate(answer, point)
            slopes = np.array([slope(function, wrt, point, one).item() for one in basis])
            told_slopes = np.array([np.sum(gradient * one) for one in basis])
            assert is_close(slopes, told_slopes, float(np.max(np.abs(slopes))))
        case "hessian":
            hessian = evaluate(answer, point)
            bent = np.array([[
                (slope(function, wrt, point, a, there + STEP * b) - slope(function, wrt, point, a, there - STEP * b))
                .item() / (2 * STEP) for a in basis] for b in basis])  # fmt: skip
            assert np.max(np.abs(bent - hessian)) <= 1e-3 * (1 + np.max(np.abs(hessian)))
        case "stationary":
            solution = evaluate(answer, point)
            at = Point({**point.values, wrt.name: solution}, point.dims)
            size = float(np.max(np.abs(evaluate(function, at)), initial=1.0))
            normals = []
            for equation in told["subject_to"]:
                left, right = (meant(side) for side in equation.split(" = "))
                assert is_close(evaluate(left, at), evaluate(right, at), 1)
                moved = [(slope(left, wrt, at, one) - slope(right, wrt, at, one)).ravel() for one in basis]
                normals += list(np.array(moved).T)
            slopes = np.array([slope(function, wrt, at, one).item() for one in basis])
            if normals:  # what is left of the slopes along directions that keep the equations
                rows = np.array(normals)
                slopes = slopes - rows.T @ np.linalg.lstsq(rows.T, slopes, rcond=None)[0]
            assert is_close(slopes, np.zeros_like(slopes), size)
        case other:
            raise AssertionError(f"no way to check {other}")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_the_answers_of_a_manifest_are_true(sheet: Path, tmp_path: Path) -> None:
    options = Options(tmp_path, formats=("tex",))
    folder = build(sheet, options).folder
    answers = json.loads((folder / "manifest.json").read_text())["answers"]
    draws = Draws(load(sheet, options))
    for label, told in answers.items():
        questions = draws.version(int(label)).questions
        for one, question in zip(told, questions, strict=True):
            assert (one["id"], one.get("part", "")) == (question.id, question.part)
            if isinstance(question, DerivedQuestion):
                check(one, {symbol.name: symbol for symbol in question.symbols})


WRONG = {
    "derivative": ("x'*A*x", "x", "2*A*x", []),
    "a factor": ("norm2(A*x - b)^2", "x", "A'*(A*x - b)", []),
    "stationary": ("norm2(x - a)^2", "x", "2*a", []),
    "constraint": ("norm2(x - a)^2", "x", "a", ["b'*x = 1"]),
    "off the best": ("norm2(x - a)^2", "x", "b/(b'*b)", ["b'*x = 1"]),
    "hessian": ("norm2(A*x - b)^2", "x", "A'*A", []),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_found_out(name: str) -> None:
    function, wrt, answer, equations = WRONG[name]
    find = {"derivative": "derivative", "a factor": "derivative", "hessian": "hessian"}.get(name, "stationary")
    texts = [function, *(side for equation in equations for side in equation.split(" = "))]
    symbols = {symbol.name: symbol for text in texts for symbol in read(text, wrt=wrt).expr.symbols}
    told = {"function": function, "wrt": wrt, "find": find, "numbers": {}, "answer": answer, "subject_to": equations}
    with pytest.raises(AssertionError):
        check(told, symbols)
