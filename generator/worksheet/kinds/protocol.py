"""What a kind of problem is: what it asks of its keys, how it is solved, and what papers and reports say of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.document import model
    from generator.errors import GeneratorError, Key
    from generator.problems.question import Question
    from generator.problems.solved import SolvedQuestion
    from generator.worksheet.draw import Asked
    from generator.worksheet.fairness import Signature
    from generator.worksheet.spec import Asking, Problem

    Mistake: TypeAlias = tuple[Key, GeneratorError]


class Drawn(Protocol):
    """All versions of a worksheet, as they are drawn."""

    def questions(self, i: int, draw: int) -> tuple[Question, ...]:
        """The questions of a draw, counted from 1, of a problem, counted from 0."""


class KindSolver(Protocol):
    """Solves the questions of one kind in a worksheet's versions."""

    def solve(self, questions: Sequence[Question], place: int) -> SolvedQuestion:
        """One of the questions of a problem in a version; raises GeneratorError for what cannot be solved."""


@dataclass(frozen=True)
class Findings:
    """What `check` says of a question."""

    lines: int = 0
    """How many lines of derivations were verified."""
    distractors: int = 0
    """How many wrong answers were proven different from the right one."""
    ugly: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    """What is too wide for the page."""
    wrong_line: int = 0
    """The number of the wrong line, where that is to be found in a derivation."""


class Kind(ABC):
    """A kind of problem."""

    name: ClassVar[str]
    description: ClassVar[str]
    """What a question of this kind is called in messages, with an article."""
    is_verified: ClassVar[bool]
    """The program verifies its answers."""
    keys: ClassVar[frozenset[str]] = frozenset()
    """The keys of a problem or a part that only kinds which name them have."""
    told: ClassVar[frozenset[str]]
    """What the manifest tells of every answer."""

    def missing(self, problem: Problem, place: Key, asking: Asking) -> Iterator[Mistake]:
        """What a problem lacks, or a part of one at a place below it; nothing of it has been read yet."""
        yield from ()

    @abstractmethod
    def mistakes(self, problem: Problem, place: Key, asking: Asking) -> Iterator[Mistake]:
        """What is wrong with a problem, or with a part of one at a place below it; what varies is sound."""

    def substance(self, asking: Asking) -> Iterator[str]:
        """The author's words that tell draws apart, besides functions."""
        yield from ()

    @abstractmethod
    def question(self, asked: Asked) -> Question:
        """The question of a version."""

    @abstractmethod
    def solver(self, draws: Drawn) -> KindSolver:
        """What solves such questions."""

    @abstractmethod
    def document(self, solved: SolvedQuestion, parts: Sequence[SolvedQuestion]) -> model.Question:
        """A question as documents have it, which is one of the parts of its problem, or alone."""

    @abstractmethod
    def to_json(self, solved: SolvedQuestion) -> dict[str, Any]:
        """What the manifest tells of an answer, besides what it tells of all."""

    def signature(self, solved: SolvedQuestion) -> Signature:
        """What the derivation uses, by which versions are compared."""
        return ()

    def rules(self, solved: SolvedQuestion) -> Iterator[str]:
        """The names of all rules that its derivation uses."""
        yield from ()

    def findings(self, solved: SolvedQuestion) -> Findings:
        """What `check` says of it."""
        return Findings()

    @abstractmethod
    def identity(self, question: Question) -> str:
        """The same for questions that are the same but for their place."""
