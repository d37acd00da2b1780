"""Each question to each solver, in one run, with a time limit and one judge for all."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.judge import is_right, value_of
from benchmarks.problems import FINDS, Problem
from benchmarks.solver import Answer, Attempt, RefusedError, Solver
from generator import Unsupported, solve

LIMIT = 10.0
"""The seconds that a solver has for one way of writing a question."""

Verdict = Literal["right", "refused", "wrong"]
VERDICTS: tuple[Verdict, ...] = ("right", "refused", "wrong")
"""From the best to the worst: who gives no answer misleads nobody."""


@dataclass(frozen=True)
class Outcome:
    """What came of a question: the answer, or the reason why there is none, and the seconds of the processor."""

    verdict: Verdict
    said: str
    seconds: float


class Ours(Solver):
    """`generator.solve`, which also reads the text, derives the answer line by line, and checks each line."""

    name = "solve"
    finds = FINDS
    layout = "ours"

    @property
    def version(self) -> str:
        """The one that stands beside this file."""
        return "of this repository"

    def attempts(self, problem: Problem) -> list[Attempt]:
        """The one way of writing it."""

        def attempt() -> Answer:
            try:
                result = solve(problem.function, problem.wrt, problem.symbols, problem.find).result
            except Unsupported as error:
                raise RefusedError(str(error)) from error
            return Answer(str(result), value_of(result))

        return [attempt]


def solvers() -> list[Solver]:
    """Those that are installed."""
    from benchmarks.with_sympy import SymPy

    found: list[Solver] = [Ours(), SymPy()]
    try:
        from benchmarks.with_tensorgrad import Tensorgrad
    except ModuleNotFoundError:
        return found
    return [*found, Tensorgrad()]


def ask(solver: Solver, problem: Problem, limit: float = LIMIT) -> list[Outcome]:
    """The outcomes of a question, one for each way of writing it, the best one first; none if it is not offered."""
    if problem.find not in solver.finds:
        return []
    try:
        attempts = solver.attempts(problem)
    except RefusedError as error:
        return [Outcome("refused", str(error), 0.0)]
    found = [_outcome(solver, problem, attempt, limit) for attempt in attempts]
    return sorted(found, key=lambda o: (VERDICTS.index(o.verdict), o.seconds if o.verdict == "right" else 0))


def _outcome(solver: Solver, problem: Problem, attempt: Attempt, limit: float) -> Outcome:
    start = time.process_time()
    try:
        with _at_most(limit):
            answer = attempt()
        seconds = time.process_time() - start
        right = is_right(problem, answer.value, solver.layout)
    except RefusedError as error:
        return Outcome("refused", str(error), time.process_time() - start)
    except _OutOfTimeError:
        return Outcome("refused", f"no answer within {limit:g} s", limit)
    except Exception as error:  # noqa: BLE001 - a solver may raise anything where it has no answer
        return Outcome("refused", f"{type(error).__name__}: {error}", time.process_time() - start)
    return Outcome("right" if right else "wrong", answer.text, seconds)


class _OutOfTimeError(BaseException):
    """The time is over. No `Exception`, so that no solver takes it for one of its own."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Stop what runs inside after so many seconds, where the system has an alarm."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: Any) -> None:
        raise _OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
