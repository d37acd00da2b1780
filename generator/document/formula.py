"""Formulas and sentences of a document.

A formula is an expression, or one of the few things that are written in mathematics and are no expression: an
equation, `L(X)`, the name of a derivative, where a symbol lives. Formats print them; nothing here knows how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

from generator.expr.messages import Message, Worded, Wording, assembled, english
from generator.expr.nodes import Dim, Expr, Node, Symbol
from generator.problems.picture import Picture

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema
    from pydantic_core.core_schema import ValidationInfo


@dataclass(frozen=True)
class Equation:
    """Sides that are equal, two or more, or of which the first is not below the other."""

    sides: tuple[Math, ...]
    sign: str = "="
    """= or ≥."""


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
    number: int = 0
    """Its number in the derivation, from 1; 0 where blanks have none."""

    @property
    def label(self) -> str:
        """Its name for readers who cannot see it."""
        return f"blank {self.number}" if self.number else "blank"


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


FORMS = "forms"


class Printed:
    """What formats print, each once: all documents of one worksheet print it alike.

    It can be kept as JSON and read again by its printed forms alone. Who reads it names the forms that it must have, in
    the validation context under the key `FORMS`.
    """

    forms: dict[str, str]
    """By the names of printers."""

    @property
    def content(self) -> object:
        """What is printed; None if it is known by its forms alone."""
        raise NotImplementedError

    @classmethod
    def of_forms(cls, forms: dict[str, str]) -> Self:
        """What has been printed in these forms."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> object:
        return tuple(sorted(self.forms.items())) or self.content

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        def restored(forms: dict[str, str], info: ValidationInfo) -> Printed:
            if missing := set((info.context or {}).get(FORMS, ())) - forms.keys():
                raise ValueError(f"not printed as {', '.join(missing)}")
            return cls.of_forms(forms)

        forms = core_schema.dict_schema(core_schema.str_schema(), core_schema.str_schema())
        serialized = core_schema.plain_serializer_function_ser_schema(lambda printed: printed.forms)
        return core_schema.with_info_after_validator_function(restored, forms, serialization=serialized)


@dataclass(frozen=True, eq=False)
class Formula(Printed):
    """A formula of a document."""

    math: Math | None
    """None for a formula that is known by its printed forms alone."""
    forms: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def content(self) -> Math | None:
        """The mathematics."""
        return self.math

    @classmethod
    def of_forms(cls, forms: dict[str, str]) -> Formula:
        """A formula that has been printed in these forms."""
        return cls(None, forms)


PUNCTUATION = ",.:;"
"""Marks that stay beside a formula which is stated before them."""


@dataclass(frozen=True)
class Stated:
    """A formula that is stated within a sentence, on a line of its own where it is long."""

    formula: Formula


@dataclass(frozen=True)
class ReasonBlank:
    """A blank to write a reason in."""

    number: int = 0
    """Its number in the derivation, from 1; 0 where blanks have none."""

    @property
    def label(self) -> str:
        """Its name for readers who cannot see it."""
        return f"blank {self.number}" if self.number else "blank"


@dataclass(frozen=True)
class AuthorSource:
    """LaTeX of the worksheet's author, with formulas in its slots."""

    parts: tuple[str | Formula, ...]
    alt: Sentence | None = None
    """The author's words for formats without LaTeX."""
    alt_key: str = ""
    """How the author may give such words, as it is written in the file: `alt: …`; empty where they cannot."""


Inline: TypeAlias = "str | Formula | Stated | ReasonBlank | AuthorSource | Picture"


@dataclass(frozen=True, eq=False)
class Sentence(Printed, Worded):
    """Words and formulas in turn, with the message and the arguments that they come from, if they come from one."""

    inlines: tuple[Inline, ...] | None = ()
    """In English; None for a sentence that is known by its printed forms alone."""
    forms: dict[str, str] = field(default_factory=dict, repr=False)
    message: Message | None = field(default=None, repr=False)
    arguments: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def content(self) -> tuple[Inline, ...] | None:
        """The inlines."""
        return self.inlines

    @classmethod
    def of_forms(cls, forms: dict[str, str]) -> Sentence:
        """A sentence that has been printed in these forms."""
        return cls(None, forms)

    def worded(self, wording: Wording) -> tuple[Inline, ...]:
        """The same sentence in a language; what comes from no message stays as it is.

        In English it is there already, with formulas that keep their printed forms.
        """
        if self.message is None or wording is english:
            return self.inlines or ()
        return inlines(assembled(self.message, self.arguments, wording))

    def __bool__(self) -> bool:
        """It says something."""
        return bool(self.inlines) if self.inlines is not None else any(self.forms.values())


def inlines(text: Sequence[object]) -> tuple[Inline, ...]:
    """The pieces of a text, in which expressions stand for formulas."""
    return tuple(Formula(cast("Expr", piece)) if isinstance(piece, Node) else cast("Inline", piece) for piece in text)


NOTHING = Sentence()
