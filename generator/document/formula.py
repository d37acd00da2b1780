"""Formulas and sentences of a document.

A formula is an expression, or one of the few things that are written in mathematics and are no expression: an
equation, `L(X)`, the name of a derivative, where a symbol lives. Formats print them; nothing here knows how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from generator.algebra.expr import Dim, Expr, Symbol


@dataclass(frozen=True)
class Equation:
    """Sides that are equal, two or more."""

    sides: tuple[Math, ...]


@dataclass(frozen=True)
class FunctionOf:
    """The name of a function with its variable: `L(X)`."""

    function: Symbol
    variable: Symbol


@dataclass(frozen=True)
class DerivativeOf:
    """The name of the derivative of `value` by `wrt`: a gradient, a partial or a plain derivative."""

    value: Symbol
    wrt: Symbol
    inline: bool = False
    """It stands in a sentence, where a fraction is written with a slash."""


@dataclass(frozen=True)
class Membership:
    """A symbol and the space that it belongs to, such as the n × m matrices."""

    symbol: Symbol


@dataclass(frozen=True)
class Factors:
    """Factors of a product that is written with a space between them: J dx."""

    factors: tuple[Math, ...]


@dataclass(frozen=True)
class Blank:
    """A blank to write a term or a right side in."""

    width: int
    """In em."""
    rows: int | None = None
    """How many rows a whole right side has; None for a term, which has one."""


@dataclass(frozen=True)
class Filled:
    """A term or a right side that was a blank in what a student was given."""

    expression: Expr


@dataclass(frozen=True)
class Parenthesized:
    """A formula in parentheses."""

    inside: Math


@dataclass(frozen=True)
class Substituted:
    """An expression in which something that is no expression stands for some symbols."""

    expression: Expr
    replacements: Mapping[Symbol, Blank | Filled | Parenthesized]

    def __hash__(self) -> int:
        return hash((self.expression, tuple(self.replacements.items())))


Math: TypeAlias = "Expr | Dim | Equation | FunctionOf | DerivativeOf | Membership | Factors | Substituted"


@dataclass(frozen=True)
class Formula:
    """A formula of a document, with the forms in which formats have printed it."""

    math: Math | None
    """None for a formula that is known by its printed forms alone."""
    forms: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """By the names of formats. All documents of one worksheet print it alike, so each format prints it once."""


@dataclass(frozen=True)
class Stated:
    """A formula that is stated within a sentence, on a line of its own where it is long."""

    formula: Formula


@dataclass(frozen=True)
class ReasonBlank:
    """A blank to write a reason in."""


@dataclass(frozen=True)
class AuthorSource:
    """LaTeX of the worksheet's author, with formulas in its slots."""

    parts: tuple[str | Formula, ...]


Inline: TypeAlias = "str | Formula | Stated | ReasonBlank | AuthorSource"


@dataclass(frozen=True)
class Sentence:
    """Words and formulas in turn, with the forms in which formats have printed them."""

    inlines: tuple[Inline, ...] | None = ()
    """None for a sentence that is known by its printed forms alone."""
    forms: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """By the names of formats."""

    def __bool__(self) -> bool:
        """It says something."""
        return bool(self.inlines) if self.inlines is not None else any(self.forms.values())


NOTHING = Sentence()
