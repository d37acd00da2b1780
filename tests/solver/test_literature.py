"""What the literature says of each problem: the answer, how short it is, and how few lines lead to it."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from benchmarks.judge import POINTS, is_right, samples, value_of
from benchmarks.problems import Problem, problems
from generator import Unsupported, solve
from generator.expr.evaluate.numeric import relative_error
from generator.expr.printing.plain import plain

LINES = {1: 8, 2: 12, 3: 16, 4: 20, 5: 24}
"""The most lines that lead to a derivative, by difficulty."""
AND_ON = 4
"""How many more lead on to a Hessian or a stationary point."""
LONGER = {"derivative": 1.35, "hessian": 1.35, "stationary": 1.75}
"""An answer may be longer than what is published by this factor, and by a pair of parentheses and a sign."""


@pytest.mark.parametrize("problem", [p for p in problems() if not p.refused], ids=str)
def test_the_published_answer_is_found_in_few_lines(problem: Problem) -> None:
    derivation = solve(problem.function, problem.wrt, problem.symbols, problem.find)
    result, published = derivation.result, problem.answer
    assert published is not None
    assert is_right(problem, value_of(published)), "what is published is wrong"
    compared = list(islice(samples(problem, value_of(published), value_of(result)), POINTS))
    assert len(compared) == POINTS
    assert all(relative_error(*sample.answers) < 1e-9 for sample in compared)
    assert len(plain(result)) <= LONGER[problem.find] * len(plain(published)) + 4
    assert len(derivation.lines) <= LINES[problem.difficulty] + (AND_ON if problem.find != "derivative" else 0)


@pytest.mark.parametrize("problem", [p for p in problems() if p.refused], ids=str)
def test_what_is_not_found_is_refused(problem: Problem) -> None:
    """A row that begins to be solved fails here, so that it says so."""
    with pytest.raises(Unsupported):
        solve(problem.function, problem.wrt, problem.symbols, problem.find)


def test_no_question_is_asked_twice() -> None:
    asked = Counter((p.function, p.wrt, p.find, str(sorted(p.symbols.items()))) for p in problems())
    assert {question: times for question, times in asked.items() if times > 1} == {}
