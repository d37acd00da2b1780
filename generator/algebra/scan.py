"""Text to the tokens of the grammar: names told from functions, norms opened and closed, `AX` read as A X."""

from __future__ import annotations

import difflib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters
from lark.lark import PostLex

from generator.algebra.calls import FUNCTION_NAMES
from generator.algebra.expr import Differential, Expr, Symbol
from generator.algebra.functions import GREEK, GREEK_LETTERS
from generator.errors import ExpressionError, InText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def normal_name(name: str) -> str:
    """A name as plain text has it: Greek letters spelled out, no braces."""
    plain_name = "".join(GREEK_LETTERS.get(letter, letter) for letter in name)
    return plain_name.replace("{", "").replace("}", "")


@cache
def grammar() -> Lark:
    """The grammar of expressions."""
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        postlex=_KeepNorms(),
        propagate_positions=True,
        maybe_placeholders=False,
    )


class _KeepNorms(PostLex):
    """Lets the lexer find `||`, which no grammar rule names because only `scan` knows if it opens or closes."""

    always_accept = ("NORM",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens as they are."""
        return stream


def scan(text: str, declared: Mapping[str, Symbol], wrt: str | None, *, differentials: bool) -> list[Token]:
    """The tokens, with functions told from names, norms opened and closed, and `AX` read as A X."""
    try:
        tokens = list(grammar().lex(text))
    except UnexpectedCharacters as error:
        position = error.pos_in_stream or 0
        raise ExpressionError(
            f"{text[position]!r} has no meaning here",
            text=InText(text, position, position + 1),
            remedy="LaTeX commands are not read; write Tr(X^T A X), ||A x - b||^2 or tr(X'*A*X)."
            if text[position] == "\\"
            else "",
        ) from None
    alone = {normal_name(t) for t in tokens if t.type == "NAME"}
    result: list[Token] = []
    open_brackets: list[str] = []
    for i, token in enumerate(tokens):
        following = tokens[i + 1].type if i + 1 < len(tokens) else ""
        match token.type:
            case "NAME" if token in FUNCTION_NAMES or (differentials and token == "d" and following == "LPAR"):
                result.append(token.update(type="FUNCTION"))
            case "NAME" if token in ("eye", "zeros", "I") and following == "LPAR" and token not in declared:
                result.append(token.update(type="FUNCTION"))
            case "NAME" if following == "LPAR" and _looks_like_a_function(token, declared, wrt):
                near = difflib.get_close_matches(str(token).lower(), sorted(FUNCTION_NAMES), 1)
                hint = f"Did you mean {near[0]}? " if near else ""
                raise ExpressionError(
                    f"{token} is not a function that is known",
                    text=place(text, token),
                    remedy=f"{hint}If it is a factor, put a * behind it or declare it under `symbols`.",
                )
            case "NAME":
                letters = _letters(text, token, declared, alone, wrt, differentials=differentials)
                if len(letters) > 1 and result and result[-1] == "/":
                    raise ExpressionError(
                        f"{token} is read as a product, and it is not clear how far the division goes",
                        text=place(text, token),
                        remedy=f"Write /({' '.join(letters)}).",
                    )
                result.extend(letters)
            case "NORM":
                ends_operand = bool(result) and (
                    result[-1].type
                    in (
                        "NAME",
                        "NUMBER",
                        "RPAR",
                        "PRIME",
                        "NORM_CLOSE",
                        "TRANSPOSED",
                        "SUPERSCRIPT",
                        "RBRACE",
                    )
                )
                if ends_operand and open_brackets and open_brackets[-1] == "NORM":
                    open_brackets.pop()
                    result.append(token.update(type="NORM_CLOSE"))
                else:
                    open_brackets.append("NORM")
                    result.append(token.update(type="NORM_OPEN"))
            case _:
                if token.type in ("LPAR", "LBRACE"):
                    open_brackets.append(token.type)
                elif token.type in ("RPAR", "RBRACE") and open_brackets:
                    open_brackets.pop()
                result.append(token)
    return result


def _looks_like_a_function(token: Token, declared: Mapping[str, Symbol], wrt: str | None) -> bool:
    """An undeclared name of several letters, or f, g or h, right before a bracket."""
    name = normal_name(token)
    if name in declared or name == wrt or name in GREEK or any(letter in GREEK_LETTERS for letter in token):
        return False
    if name in ("eye", "zeros", "pi"):
        return False
    several = len(re.sub(r"_.*|\d", "", name)) > 1 and not (declared and list(_segments(str(token), declared)))
    return (several and not any(letter.isupper() for letter in name[1:])) or (not declared and name in ("f", "g", "h"))


def _letters(
    text: str,
    token: Token,
    declared: Mapping[str, Symbol],
    alone: set[str],
    wrt: str | None,
    *,
    differentials: bool,
) -> list[Token]:
    """The token, or its parts if it is a product written without spaces."""
    name = normal_name(token)
    special = name in ("eye", "zeros", "pi", "I") or name in GREEK
    dimensions = {dim for symbol in declared.values() for side in symbol.shape for dim in side.names}
    if name in dimensions and name not in declared:  # as in eye(n); anywhere else it is rejected as an unknown symbol
        return [token]
    if name in declared or (name == wrt and not declared) or (special and name != "I"):
        return [token]
    if differentials and differential_of(name, declared) is not None:
        return [token]
    if name == "I" and not declared:
        return [token]
    if declared:
        splits = list(_segments(str(token), declared))
        if len(splits) == 1:
            return _parts(token, splits[0])
        if name == "I":
            return [token]
        if len(splits) > 1:
            ways = " or ".join(" ".join(s) for s in splits[:2])
            raise ExpressionError(
                f"{token} could mean {ways}", text=place(text, token), remedy="Put spaces between the factors."
            )
        near = difflib.get_close_matches(name, [*declared, *FUNCTION_NAMES], 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise ExpressionError(
            f"unknown symbol {token}",
            text=place(text, token),
            remedy=f"{hint}Declared are {', '.join(declared)}; declare {token} under `symbols` too, or leave `symbols`"
            " out and all are inferred.",
        )
    parts = list(str(token))
    if len(parts) == 1:
        return [token]
    stem = name.split("_")[0]
    if stem != name and stem in FUNCTION_NAMES:
        raise ExpressionError(
            f"{token} is no function", text=place(text, token), remedy=f"Write {stem}(…), without an index."
        )
    if not all(p.isalpha() for p in parts):
        if wrt is not None and len(wrt) == 1 and wrt in re.sub(r"_(\{\w+\}|[0-9]+|[A-Za-z]$)", "", str(token))[1:]:
            raise _glued(text, token)
        return [token]
    others = alone - {name}
    normal = [normal_name(p) for p in parts]
    mixed = (any(p.isupper() for p in parts) and wrt in normal) or any(p in GREEK_LETTERS for p in parts)
    if mixed or all(p in others or p == wrt for p in normal):
        return _parts(token, parts)
    if wrt in normal:
        raise _glued(text, token)
    return [token]


def _glued(text: str, token: Token) -> ExpressionError:
    return ExpressionError(
        f"{token} could be one name or a product",
        text=place(text, token),
        remedy="Put spaces between the factors of a product; declare a name of several letters under `symbols`.",
    )


def _segments(word: str, declared: Mapping[str, Symbol]) -> Iterator[list[str]]:
    if not word:
        yield []
    for end in range(1, len(word) + 1):
        if normal_name(word[:end]) in declared:
            for rest in _segments(word[end:], declared):
                yield [word[:end], *rest]


def _parts(token: Token, words: Sequence[str]) -> list[Token]:
    result, start = [], token.start_pos or 0
    for word in words:
        result.append(Token("NAME", word, start_pos=start, end_pos=start + len(word)))
        start += len(word)
    return result


def differential_of(name: str, declared: Mapping[str, Symbol]) -> Expr | None:
    """What a name such as `dX` or `d2L` stands for, where X and L are declared."""
    if name.startswith("d2") and name[2:] in declared:
        return Differential(Differential(declared[name[2:]]))
    if name.startswith("d") and name[1:] in declared:
        return Differential(declared[name[1:]])
    return None


def place(text: str, *tokens: Token) -> InText:
    """Where tokens stand."""
    return InText(text, tokens[0].start_pos or 0, tokens[-1].end_pos or len(text))
