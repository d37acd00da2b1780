r"""Words of a worksheet's author: printed as they are typed, but for mathematics and emphasis.

`$...$` is LaTeX mathematics, `*...*` emphasis, `**...**` strong emphasis. Every other character prints as itself,
`% & _ # \ { }` too. As in most dialects of Markdown, the first `$` of a formula has no space behind it, the last one
no space before and no digit behind it, so that `from $5 to $10` is about money; and stars inside a word, as in
`2*3*4`, are stars. `\$` and `\*` are always characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

MATH = re.compile(r"(?<!\\)\$(?=[^\s$])((?:[^$\\]|\\.)*?[^\s$\\]|(?:[^$\\]|\\.)*?\\.)\$(?!\d)", re.DOTALL)
EMPHASIS = re.compile(r"(?<![\w*\\])(\*\*?)(?=[^\s*])(.*?[^\s*\\])\1(?![\w*])", re.DOTALL)
ESCAPED = re.compile(r"\\([$*])")
HELD = re.compile("\ufdd0(\\d+)\ufdd1")
"""What stands for a formula while emphasis is looked for; no text has these two characters."""


@dataclass(frozen=True)
class TextMath:
    """A formula in LaTeX, without its dollar signs."""

    latex: str


@dataclass(frozen=True)
class Emphasis:
    """Emphasized words."""

    pieces: tuple[Piece, ...]
    is_strong: bool


Piece: TypeAlias = "str | TextMath | Emphasis"


class AuthorText(str):
    """A text in this notation; as a string it is what the author typed."""

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Plain characters, formulas and emphasized words, in order."""
        formulas: list[TextMath] = []

        def hold(m: re.Match[str]) -> str:
            formulas.append(TextMath(m[1]))
            return f"\ufdd0{len(formulas) - 1}\ufdd1"

        return tuple(_pieces(MATH.sub(hold, self), formulas))

    @property
    def is_plain(self) -> bool:
        """It has no formulas and no emphasis."""
        return all(isinstance(piece, str) for piece in self.pieces)

    @property
    def plain(self) -> str:
        """The words without marks of emphasis and without dollar signs, for titles of windows and files."""
        return _plain(self.pieces)

    @property
    def paragraphs(self) -> tuple[AuthorText, ...]:
        """The paragraphs, between which there are empty lines."""
        return tuple(AuthorText(one) for one in re.split(r"\n\s*\n", self) if one.strip())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core.core_schema import no_info_after_validator_function, str_schema

        return no_info_after_validator_function(cls, str_schema())


def _pieces(text: str, formulas: list[TextMath]) -> Iterator[Piece]:
    at = 0
    for m in EMPHASIS.finditer(text):
        yield from _words(text[at : m.start()], formulas)
        yield Emphasis(tuple(_pieces(m[2], formulas)), m[1] == "**")
        at = m.end()
    yield from _words(text[at:], formulas)


def _words(text: str, formulas: list[TextMath]) -> Iterator[Piece]:
    for i, piece in enumerate(HELD.split(text)):
        if i % 2:
            yield formulas[int(piece)]
        elif piece:
            yield ESCAPED.sub(r"\1", piece)


def _plain(pieces: tuple[Piece, ...]) -> str:
    words = ""
    for piece in pieces:
        match piece:
            case str():
                words += piece
            case TextMath(latex):
                words += latex
            case Emphasis(inner):
                words += _plain(inner)
    return words
