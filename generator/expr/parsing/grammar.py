"""The grammar of expressions, loaded once: texts to raw tokens, tokens to trees."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters
from lark.lark import PostLex

from generator.errors import ExpressionError, InText
from generator.system import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

LATEX_ONLY = frozenset(("COMMAND", "MATH", "UNDERSCORE", "COLUMN_END"))
"""Raw tokens that no other spelling has, and no rule of the grammar."""

TIE = "TIE"
"""The raw token of `~`, a space in LaTeX; it makes no text LaTeX, since elsewhere it is the sign of a relation."""

ARRAYS = "LIBRARY"
"""The raw token of a prefix such as `np.`, which no rule of the grammar has either."""


_OF_EQUATION = "Write the function alone, and in it for each name that an equation defines what that is."


class _KeepAll(PostLex):
    """Lets the lexer find what no rule names: `||` and `|`, which may open or close, and what only LaTeX has."""

    always_accept = ("NORM", "BAR", ARRAYS, TIE, *sorted(LATEX_ONLY))

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens as they are."""
        return stream


@cache
def grammar() -> Lark:
    """The grammar of expressions; Lark keeps its tables, which take it ten times as long to make as to read."""
    kept = compiled.place(__file__, "tables")
    return Lark(
        Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        postlex=_KeepAll(),
        propagate_positions=True,
        maybe_placeholders=False,
        cache=str(kept) if kept else False,
    )


def lex(text: str) -> list[Token]:
    """The raw tokens of a text, by the lexer of the parser: `Lark.lex` makes a new one for each text."""
    try:
        return list(grammar().parse_interactive(text).lexer_thread.lex(None))  # type: ignore[no-untyped-call]
    except UnexpectedCharacters as error:
        position = error.pos_in_stream or 0
        raise ExpressionError(
            f"{text[position]!r} has no meaning here",
            text=InText(text, position, position + 1),
            remedy=_OF_EQUATION if text[position] == "=" else "",
        ) from None


def made(kind: str, value: str, start: int, end: int) -> Token:
    """A token that stands for a stretch of the text."""
    return Token(kind, value, start_pos=start, end_pos=end)


def place(text: str, *tokens: Token) -> InText:
    """Where tokens stand."""
    return InText(text, tokens[0].start_pos or 0, tokens[-1].end_pos or len(text))
