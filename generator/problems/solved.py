"""Solved questions: what kinds of problem hand to documents, manifests and reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.problems.marking import NO_MARKING

if TYPE_CHECKING:
    from generator.problems.marking import Marking
    from generator.problems.question import DerivedQuestion, Question
    from generator.solver.derivation import Derivation


@dataclass(frozen=True, eq=False)
class SolvedQuestion:
    """A question of any kind with its answer, and what its points are given for.

    Two are equal only if they are the same object: versions that ask the same question share it.
    """

    question: Question
    marking: Marking = NO_MARKING


@dataclass(frozen=True, eq=False, kw_only=True)
class SolvedDerived(SolvedQuestion):
    """A question with its derivation, and what its form makes of that."""

    question: DerivedQuestion
    derivation: Derivation
    asked: Any = None
    """What its form has made of the derivation."""
    source: SolvedDerived | None = None
    """An earlier part of the same problem, which found what this one starts from."""

    @property
    def remaining(self) -> Derivation:
        """What there is to derive beyond what its source has found."""
        if self.source is None:
            return self.derivation
        return replace(self.derivation, stages=self.derivation.after(self.source.derivation))
