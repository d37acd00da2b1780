"""The judge of the comparison finds right what is right and wrong what is wrong, whoever answers."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.judge import Layout, Value, is_right, value_of
from benchmarks.problems import FINDS, Problem, problems
from benchmarks.report import Run, page
from benchmarks.run import Ours, ask
from benchmarks.solver import Answer, Attempt, RefusedError, Solver
from generator.expr.evaluate.numeric import Point


def problem(function: str, find: str = "derivative") -> Problem:
    return next(p for p in problems() if (p.function, p.find) == (function, find))


DETERMINANT, LINEAR, MINIMUM = problem("det(X)"), problem("tr(X*A)"), problem("norm2(y - F*t)^2", "stationary")


def published(asked: Problem, by: Callable[[np.ndarray], np.ndarray] = lambda value: value) -> Value:
    assert asked.answer is not None
    value = value_of(asked.answer)
    return lambda point: by(value(point))


@pytest.mark.parametrize(
    ("asked", "change", "layout", "right"),
    [
        (DETERMINANT, lambda value: value, "ours", True),
        (DETERMINANT, np.zeros_like, "any", False),
        (DETERMINANT, lambda value: 1.001 * value, "any", False),
        (LINEAR, lambda value: value, "ours", True),
        (LINEAR, np.transpose, "ours", False),
        (LINEAR, np.transpose, "any", True),
        (LINEAR, np.ravel, "any", False),
        (MINIMUM, lambda value: value, "ours", True),
        (MINIMUM, np.zeros_like, "ours", False),
    ],
)
def test_the_judge(asked: Problem, change: Callable[[np.ndarray], np.ndarray], layout: Layout, right: bool) -> None:
    assert is_right(asked, published(asked, change), layout) is right


class Scripted(Solver):
    """A solver that says in each way of writing what it is told to."""

    name, version, finds = "scripted", "1", FINDS

    def __init__(self, *script: Attempt) -> None:
        self.script = script

    def attempts(self, problem: Problem) -> list[Attempt]:
        if not self.script:
            raise RefusedError("no words for it")
        return list(self.script)


def answers(by: Callable[[np.ndarray], np.ndarray]) -> Attempt:
    return lambda: Answer("an answer", published(DETERMINANT, by))


def fails() -> Answer:
    raise ZeroDivisionError("inside")


def sleeps() -> Answer:
    time.sleep(20)
    raise AssertionError("the alarm did not ring")


def unreadable(point: Point) -> np.ndarray:
    raise RefusedError("a derivative stands in the answer")


@pytest.mark.parametrize(
    ("script", "verdicts", "said"),
    [
        ([], ["refused"], "no words for it"),
        ([fails], ["refused"], "ZeroDivisionError: inside"),
        ([sleeps], ["refused"], "no answer within 0.2 s"),
        ([lambda: Answer("f′", unreadable)], ["refused"], "a derivative stands in the answer"),
        ([answers(np.zeros_like)], ["wrong"], "an answer"),
        ([answers(np.zeros_like), fails, answers(np.asarray)], ["right", "refused", "wrong"], "an answer"),
    ],
)
def test_outcomes(script: list[Attempt], verdicts: list[str], said: str) -> None:
    outcomes = ask(Scripted(*script), DETERMINANT, limit=0.2)
    assert [outcome.verdict for outcome in outcomes] == verdicts
    assert outcomes[0].said == said


def test_the_page_counts_what_happened() -> None:
    asked = [DETERMINANT, LINEAR, MINIMUM]
    runs = [
        Run(solver, [(question, ask(solver, question)) for question in asked])
        for solver in (Ours(), Scripted(answers(np.zeros_like), fails), Scripted(answers(np.asarray)))
    ]
    text = page(runs)
    assert "| Gradients and Jacobians (2) | solve | 2 | 0 | 0 |" in text
    assert "|  | scripted | 0 | 0 | 2 |" in text
    assert "|  | scripted | 1 | 1 | 0 |" in text
    assert "| `tr(X*A)` | `X` | `an answer` | `A'` |" in text
