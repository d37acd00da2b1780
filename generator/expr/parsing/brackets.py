"""Brackets among tokens, in raw texts and in those that the grammar knows: where they close, and what none encloses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.parsing.grammar import made

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lark import Token

OPENING = frozenset(("LPAR", "OPEN", "LBRACE", "NORM_OPEN", "BAR_OPEN", "ANGLE_OPEN", "MATRIX_OPEN"))
CLOSING = frozenset(("RPAR", "CLOSE", "RBRACE", "NORM_CLOSE", "BAR_CLOSE", "ANGLE_CLOSE", "MATRIX_CLOSE"))
DEPTH = {**dict.fromkeys(OPENING, 1), **dict.fromkeys(CLOSING, -1)}
"""How much deeper in brackets a text is behind a token of a type; of other types not at all."""
SIGN_DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
"""The same behind a sign of a text that is not split into tokens."""


def closing(tokens: Sequence[Token], opening: int) -> int | None:
    """Where the bracket closes that opens at a place; None where it does not."""
    depth = 0
    for i, token in enumerate(tokens[opening:], opening):
        depth += DEPTH.get(token.type, 0)
        if depth == 0:
            return i
    return None


def outermost(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """The tokens that are in no brackets, without these, and their places."""
    depth = 0
    for i, token in enumerate(tokens):
        change = DEPTH.get(token.type, 0)
        if depth == change == 0:
            yield i, token
        depth += change


def enclose(tokens: list[Token], begin: int, end: int) -> None:
    """Put brackets of no width around the tokens from `begin` to before `end`."""
    start, stop = tokens[begin - 1].end_pos or 0, tokens[end - 1].end_pos or 0
    tokens.insert(end, made("RPAR", ")", stop, stop))
    tokens.insert(begin, made("LPAR", "(", start, start))
