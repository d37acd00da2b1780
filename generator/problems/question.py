"""A question: one problem of one version, or a part of it, with all choices made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from generator.expr.evaluate.exact import Rows
from generator.expr.nodes import Dim, Expr, Member, Number, Symbol
from generator.problems.settings import DERIVE, FormSettings
from generator.solver.task import Task

if TYPE_CHECKING:
    from generator.errors import InFile, Key
    from generator.problems.picture import Picture
    from generator.solver.conventions import Conventions
    from generator.solver.detail import Detail
    from generator.solver.solve import Equations

AuthorWords: TypeAlias = tuple[str | Expr | Dim, ...]
"""An author's LaTeX, in turn with what stands in its slots."""
NO_WORDS: AuthorWords = ()


def name_of(problem: str, part: str) -> str:
    """The name of a question: the id of its problem, and the letter of a part."""
    return f"{problem}({part})" if part else problem


@dataclass(frozen=True)
class Pattern:
    """A question before coefficients are put in, and what they are: other versions have others, and all else alike."""

    function: Expr
    subject_to: Equations
    numbers: Mapping[Symbol, Number]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One problem of one version, or a part of it, of any kind; `statement` is the author's own, or None."""

    kind: ClassVar[str]
    """The name of its kind of problem."""
    number: int
    """The place of its problem in the worksheet, from 1."""
    id: str
    title: str
    statement: AuthorWords | None
    points: Fraction
    source: InFile
    key: Key
    """Where it stands in the worksheet."""
    space: str | None = None
    ground: str = "blank"
    rubric: Mapping[str, Fraction] = field(default_factory=dict)
    """What its points are given for, in its author's words; where there are none, how it is solved decides."""
    part: str = ""
    """The letter of a part; its symbols are those of all parts."""
    preface: AuthorWords | None = None
    """What the author says once for all parts, or None for the usual words."""
    alternatives: Mapping[str, AuthorWords] = field(default_factory=dict)
    """Words without commands for the author's LaTeX, by its keys, where formats cannot have it; also for `preface`."""
    hint: AuthorWords = NO_WORDS
    """What is printed below the statement to help."""
    note: AuthorWords = NO_WORDS
    """What the key says to those who grade."""
    bonus: bool = False
    """Its points are not in the total."""

    @property
    def label(self) -> str:
        """Its number, and the letter of a part: 2(b)."""
        return f"{self.number}({self.part})" if self.part else str(self.number)

    @property
    def name(self) -> str:
        """Its problem's id, and the letter of a part: regression(b)."""
        return name_of(self.id, self.part)

    @property
    def summary(self) -> str:
        """What it is about, in plain text, for error messages."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class DerivedQuestion(Question):
    """A question whose answer the solver derives from a function."""

    kind: ClassVar[str] = "derived"
    function: Expr
    wrt: Symbol
    find: str
    conventions: Conventions
    subject_to: Equations
    detail: Detail
    symbols: tuple[Symbol, ...]
    data: Mapping[Symbol, Rows] = field(default_factory=dict)
    """Numbers for symbols, at which the answer is worked out."""
    member: Member | None = None
    """Which one of a family its variable is, where it is one."""
    form: FormSettings = DERIVE
    pattern: Pattern | None = None
    """What it is drawn from, where it has coefficients that vary."""
    others: tuple[Symbol, ...] = ()
    """Symbols that its derivation must give no other meaning, as they have one in another part."""
    has_own_function: bool = False
    """It is a part whose function is not that of its problem."""

    @property
    def task(self) -> Task:
        """What there is to derive, before any numbers are put in."""
        return Task(
            self.function,
            self.wrt,
            self.find,
            self.conventions,
            self.subject_to,
            self.detail,
            member=self.member,
            reserved=self.others,
        )

    @property
    def summary(self) -> str:
        """The function."""
        from generator.expr.printing.plain import plain

        return plain(self.function)


@dataclass(frozen=True)
class AuthorChoice:
    """An answer of the author's to choose, with the reason that the key gives."""

    text: AuthorWords
    is_right: bool
    why: AuthorWords = NO_WORDS
    figure: Picture | None = None
    alternatives: Mapping[str, AuthorWords] = field(default_factory=dict)
    """Words without commands for `text` and `why`."""


@dataclass(frozen=True, kw_only=True)
class AuthorQuestion(Question):
    """A question whose answer its author gives; no program verifies it."""

    kind: ClassVar[str] = "author"
    solution: AuthorWords = NO_WORDS
    """What the key says at length."""
    answer: AuthorWords = NO_WORDS
    """What belongs on the line for the answer."""
    truth: bool | None = None
    """The answer to a true-or-false question."""
    choices: tuple[AuthorChoice, ...] = ()
    """The answers to choose from, in the order of this version."""
