"""What every solver is to the comparison: a name, a version, and ways to write a question down for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.judge import Layout, Value
from benchmarks.problems import Problem


class RefusedError(Exception):
    """The solver cannot be asked this, or gave nothing that is a value; with the reason."""


@dataclass(frozen=True)
class Answer:
    """What a solver answered, as it prints it and as numbers. `value` raises RefusedError where it is no value."""

    text: str
    value: Value


Attempt = Callable[[], Answer]
"""A question written down for a solver, which is asked when this is called: the call is what is timed."""


class Solver(ABC):
    """A solver of the comparison."""

    name: str
    finds: Sequence[str] = ("derivative", "hessian")
    """What it can be asked to find."""
    layout: Layout = "any"
    """Which layouts of its answers are accepted."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Its version, as its package says."""

    @abstractmethod
    def attempts(self, problem: Problem) -> Sequence[Attempt]:
        """The question in each way of writing it down that might help; RefusedError where there is none."""
