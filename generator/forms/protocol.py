"""What a form of question is: how a question is asked, what is printed with it, and what its points are given for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from generator.document.derivation import solution
from generator.document.formula import Sentence
from generator.document.model import FinalAnswer
from generator.document.words import joined, say
from generator.expr.messages import CLAUSES, Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from generator.document.model import Derivation, Flaw, Option, Question
    from generator.document.statement import Facts
    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Symbol
    from generator.problems.marking import Marking
    from generator.problems.settings import FormSettings
    from generator.problems.solved import SolvedDerived
    from generator.solver.derivation import Derivation as SolvedDerivation

A = TypeVar("A")

DERIVE_INSTEAD = "Ask for it with  form: derive"
"""The remedy where a form can make nothing of a derivation."""
TASK = Message("task-below", "{derivation} {task}")
"""What the derivation below derives, and what is to be done with it."""


@dataclass(frozen=True)
class Shown:
    """What a document shows of a question besides its statement and its answer."""

    solution: Derivation
    options: tuple[Option, ...] = ()
    given: Derivation | None = None
    flaw: Flaw | None = None


class Form(ABC, Generic[A]):
    """A form of question; `A` is what it makes of a derivation."""

    name: ClassVar[str]
    keys: ClassVar[frozenset[str]] = frozenset()
    """The keys of a problem that only forms which name them have."""
    derives_singly: ClassVar[bool] = True
    """Every question is derived by itself, as single rewritings are wanted: none is had from one with letters."""
    takes_values: ClassVar[bool] = False
    """It can ask for the value of a function at given numbers."""
    takes_turns: ClassVar[bool] = False
    """What is asked follows from the number of the version: versions that follow each other differ in it."""
    continues: ClassVar[bool] = False
    """A part may start from the result of an earlier one."""

    @abstractmethod
    def ask(self, derivation: SolvedDerivation, settings: FormSettings, data: Mapping[Symbol, Rows]) -> A:
        """What is asked, from a derivation before numbers are put in; raises FormError where nothing can be."""

    def to_json(self, asked: A) -> dict[str, object]:
        """What is to be found, for programs."""
        return {}

    @abstractmethod
    def marking(self, points: Fraction, asked: A, derivation: SolvedDerivation, weights: Sequence[int]) -> Marking:
        """What points, at least one, are given for; the weights are those of the derivation's stages."""

    @abstractmethod
    def request(self, facts: Facts) -> Sentence:
        """The words that ask for it."""

    def show(self, solved: SolvedDerived, asked: A) -> Shown:
        """What is printed of it."""
        return Shown(solution(solved))

    @abstractmethod
    def room(self, derivation: SolvedDerivation) -> str:
        """A length of room to work; handwriting needs 8 mm for a line."""

    def final_answer(self, question: Question) -> FinalAnswer:
        """The answer in short: equations, and their conditions."""
        paragraphs = [Sentence((answer,)) for answer in question.answers]
        if question.conditions:
            conditions = joined(question.conditions, CLAUSES)
            paragraphs.append(say(Message("parenthesized", "({conditions})"), conditions=conditions))
        return FinalAnswer(tuple(paragraphs))
