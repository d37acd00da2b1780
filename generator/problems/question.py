"""A question: one problem of one version, or a part of it, with all choices made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from generator.expr.evaluate.exact import Rows
from generator.expr.nodes import Dim, Expr, Number, Symbol
from generator.problems.settings import DERIVE, FormSettings
from generator.solver.task import Task

if TYPE_CHECKING:
    from generator.errors import InFile
    from generator.solver.conventions import Conventions
    from generator.solver.detail import Detail
    from generator.solver.solve import Equations

AuthorWords: TypeAlias = tuple[str | Expr | Dim, ...]
"""An author's LaTeX, in turn with what stands in its slots."""
Key: TypeAlias = tuple[str | int, ...]
"""Where something stands in a worksheet file."""


@dataclass(frozen=True)
class Pattern:
    """A question before coefficients are put in, and what they are: other versions have others, and all else alike."""

    function: Expr
    subject_to: Equations
    numbers: Mapping[Symbol, Number]


@dataclass(frozen=True)
class Question:
    """One problem of one version; `statement` is the author's own, or None for the usual words."""

    number: int
    id: str
    title: str
    statement: AuthorWords | None
    function: Expr
    wrt: Symbol
    find: str
    conventions: Conventions
    subject_to: Equations
    detail: Detail
    symbols: tuple[Symbol, ...]
    points: int
    source: InFile
    key: Key
    """Where it stands in the worksheet."""
    space: str | None = None
    ground: str = "blank"
    data: Mapping[Symbol, Rows] = field(default_factory=dict)
    """Numbers for symbols, at which the answer is worked out."""
    form: FormSettings = DERIVE
    rubric: Mapping[str, Fraction] = field(default_factory=dict)
    """What its points are given for, in its author's words; where there are none, how it is solved decides."""
    pattern: Pattern | None = None
    """What it is drawn from, where it has coefficients that vary."""
    part: str = ""
    """The letter of a part; its symbols are those of all parts."""
    preface: AuthorWords | None = None
    """What the author says once for all parts, or None for the usual words."""
    statement_alt: AuthorWords | None = None
    """What stands for the author's statement where there is no LaTeX: words without commands."""
    preface_alt: AuthorWords | None = None
    """The same for the preface."""
    others: tuple[Symbol, ...] = ()
    """Symbols that its derivation must give no other meaning, as they have one in another part."""

    @property
    def label(self) -> str:
        """Its number, and the letter of a part: 2(b)."""
        return f"{self.number}({self.part})" if self.part else str(self.number)

    @property
    def task(self) -> Task:
        """What there is to derive, before any numbers are put in."""
        return Task(self.function, self.wrt, self.find, self.conventions, self.subject_to, self.detail, self.others)
