"""Spellings of plain text, and the tokens that each stands for: a new one is a new row."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING
from unicodedata import normalize

from generator.errors import ExpressionError
from generator.expr.functions import GREEK, spelled_out
from generator.expr.parsing.brackets import closing, outermost
from generator.expr.parsing.calls import CONJUGATE, FUNCTION_NAMES
from generator.expr.parsing.grammar import ARRAYS, LATEX_ONLY, lex, made, place

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from lark import Token

SIGNS = {"⋅": "·", "•": "·", "⊙": "∘", ".": "@", "%*%": "@", "%x%": "⊗"}
"""Other signs of products; those with a point are Mathematica's, those with per cent R's."""
WORDS = {"otimes": "⊗", "odot": "∘", "circ": "∘", "cdot": "·", "times": "×", "oslash": "./", "kron": "⊗"}
"""Signs of products by their names."""
OF_ARRAYS = {"*": ("TIMES", ".*"), "/": ("TIMES", "./"), "**": ("DOTHAT", ".^")}
"""Signs that act entry by entry in a text that has `@`, `np.` or the like, as in NumPy."""
OF_ARRAYS_ALONE = frozenset(("@", ".", "%*%"))
"""Signs that only texts of NumPy, Mathematica and R have."""
TRANSPOSE_OF_R = "t"
"""The function of R, in texts that have its products."""
LETTERS = {
    code: normalize("NFKC", chr(code)) for code in range(0x1D400, 0x1D6A4) if unicodedata.category(chr(code))[0] == "L"
}
"""Letters of mathematics that are characters of their own, such as 𝑥 and 𝐀, and those of the alphabet."""
BOLD_LETTERS = frozenset(map(chr, (*range(0x1D400, 0x1D434), *range(0x1D468, 0x1D49C))))
DIVISION = "\\"
NUMBERS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
ONES = {"1": 1, "11": 2}
"""Numbers that are never transposed, unless they stand for so many vectors of ones: 1'x, A - 11'."""
NOTHING = "NOTHING"
"""A token that is left out."""
BEFORE_PAIR = frozenset(("PLUS", "MINUS", "TIMES", "LPAR", "LBRACE", "NUMBER"))
"""Tokens behind which (x, y) are no arguments of a function."""
MARKS = frozenset(("PRIME", "TRANSPOSED"))
ENDS_OPERAND = MARKS | {
    "NAME", "WORD", "NUMBER", "ONES", "RPAR", "CLOSE", "RBRACE", "NORM_CLOSE", "BAR_CLOSE", "ANGLE_CLOSE",
    "INVERSE_TRANSPOSED", "PSEUDO_INVERSE", "STARRED", "SUPERSCRIPT", "SUBSCRIPT", "POSITIVE_PART", "MATRIX_CLOSE",
}  # fmt: skip
"""Tokens behind which a bar may close, or the sign of a product stand."""


def in_usual_letters(text: str) -> str:
    """A text of the same length in the letters of the alphabet."""
    return text if text.isascii() else text.translate(LETTERS)


def with_left_divisions(tokens: Sequence[Token]) -> list[Token]:
    r"""The raw tokens, where the backslash of MATLAB's A\b, in a text that has no LaTeX, is the sign of a division."""
    commands = [token for token in tokens if token.type == "COMMAND"]
    if not commands or any(token.type in LATEX_ONLY - {"COMMAND"} or _is_latex(token) for token in tokens):
        return [*tokens]
    found: list[Token] = []
    for token in tokens:
        if token.type == "COMMAND" and found and (found[-1].type in ENDS_OPERAND or found[-1] in ("'", ")")):
            start = token.start_pos or 0
            found.append(made("TIMES", DIVISION, start, start + 1))
            rest = lex(token[1:]) if token[1:].strip() else []
            found += [made(t.type, str(t), (t.start_pos or 0) + start + 1, (t.end_pos or 0) + start + 1) for t in rest]
        else:
            found.append(token)
    return found


@dataclass
class _Above:
    """An index in brackets above the line, as (i) of x^{(i)}: its tokens and what stands behind it in the braces."""

    index: Sequence[Token]
    rest: Sequence[Token]
    end: int
    """Where the braces end among all tokens."""


def with_indices_below(text: str, tokens: Sequence[Token], known: Container[str]) -> tuple[list[Token], list[str]]:
    """The raw tokens with x_i for x^{(i)} and x^{[i]}, and notes; raises `ExpressionError` where x_k stands beside it.

    An entry of a member, x_j^{(i)}, is (x_i)_j.
    """
    found: list[Token] = []
    notes: list[str] = []
    bound = {letter for token in tokens if token.type == "BIGSUM" for letter in re.findall("[A-Za-z]", token)}
    stems: dict[str, Token] = {}
    i = 0
    while i < len(tokens):
        above = _above(tokens, i) if found and _has_place(found[-1], known) else None
        if above is None:
            found.append(tokens[i])
            i += 1
            continue
        owner, i = found.pop(), above.end
        index = "".join(above.index)
        if owner.type == "NAME":
            below, i = _below(tokens, i)
            stem, _, entry = owner.partition("_")
            entry = entry.strip("{}") or below
            end = tokens[i - 1].end_pos or 0
            stems[stem] = owner
            found += _member(owner, stem, index, entry, end)
        else:
            start, end = tokens[above.end - 1].start_pos or 0, tokens[above.end - 1].end_pos or 0
            found += [owner, made("UNDERSCORE", "_", start, start), made("LBRACE", "{", start, start), *above.index]
            found.append(made("RBRACE", "}", end, end))
        if above.rest:
            start, end = above.rest[0].start_pos or 0, above.rest[-1].end_pos or 0
            found.append(made("TRANSPOSED", "".join(above.rest), start, end))
        if not bound.issuperset(index) and not notes:
            notes.append(f"Brackets above the line, as those around {index}, are an index and no power.")
    for at, token in enumerate(tokens):
        stem, _, entry = token.partition("_")
        if token.type == "NAME" and entry and stem in stems and not _above(tokens, at + 1):
            raise ExpressionError(
                f"{stem} has indices above and below the line",
                text=place(text, token),
                remedy=f"Write all indices below the line; an entry of {stem}_i is ({stem}_i)_j.",
            )
    return found, notes


def _above(tokens: Sequence[Token], at: int) -> _Above | None:
    """The index that begins at a place, a letter or a number in brackets above the line."""
    types = [token.type for token in tokens[at : at + 3]]
    if types[:2] != ["HAT", "LBRACE"] or types[2:] not in (["LPAR"], ["OPEN"]):
        return None
    last = next((k for k, t in enumerate(tokens[at + 3 :], at + 3) if t.type in ("RPAR", "CLOSE")), len(tokens))
    end = next((k for k, t in enumerate(tokens[last:], last) if t.type == "RBRACE"), len(tokens))
    index, rest = tokens[at + 3 : last], tokens[last + 1 : end]
    kinds = [token.type for token in index]
    shifted = len(kinds) == 3 and kinds[1] in ("PLUS", "MINUS") and kinds[2] == "NUMBER"
    if (
        end == len(tokens)
        or not kinds
        or not (kinds == ["NUMBER"] or (kinds[0] == "NAME" and (shifted or kinds[1:] == [])))
    ):
        return None
    if (index[0].type == "NAME" and (len(index[0]) > 1 or index[0] == "T")) or "." in index[0]:
        return None
    return _Above(index, rest, end + 1) if "".join(rest) in ("", "T", r"\top") else None


def _has_place(token: Token, known: Container[str]) -> bool:
    """It is a name, or the end of one, which an index may belong to; e is the base of powers."""
    if token.type == "NAME":
        return token != "e" or "e" in known
    return token.type == "RBRACE" or (token.type == "COMMAND" and token[1:] in GREEK)


def _below(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """The index below the line that begins at a place, and where it ends; empty if there is none."""
    if at + 1 < len(tokens) and tokens[at].type == "UNDERSCORE":
        if tokens[at + 1].type in ("NAME", "NUMBER") and len(tokens[at + 1]) == 1:
            return str(tokens[at + 1]), at + 2
        types = [token.type for token in tokens[at + 1 : at + 4]]
        if types in (["LBRACE", "NAME", "RBRACE"], ["LBRACE", "NUMBER", "RBRACE"]):
            return str(tokens[at + 2]), at + 4
    return "", at


def _member(owner: Token, stem: str, index: str, entry: str, end: int) -> list[Token]:
    """The name x_i, or an entry of it."""
    start = owner.start_pos or 0
    below = index if len(index) == 1 else f"{{{index}}}"
    if not entry:
        return [made("NAME", f"{stem}_{below}", start, end)]
    last = len(stem) - 1 if spelled_out(stem) not in GREEK else 0
    factors = [made("NAME", stem[:last], start, start + last)] if last else []
    entry = entry if len(entry) == 1 else f"{{{entry}}}"
    return [
        *factors,
        made("LPAR", "(", start + last, start + last),
        made("NAME", f"{stem[last:]}_{below}", start + last, end),
        made("RPAR", ")", end, end),
        made("SUBSCRIPT", f"_{entry}", end, end),
    ]


def _is_latex(token: Token) -> bool:
    """It is a command that no division reads as: of several letters, or a space and the like."""
    return token.type == "COMMAND" and (len(token) > 2 or (not token[1].isalnum() and token[1] not in " (["))


def with_inner_products(text: str, tokens: Sequence[Token]) -> tuple[list[Token], list[str]]:
    """The tokens with <x, A x> for (x, A x) and for <x|A|x>, and notes that say so."""
    result, notes = [*tokens], []
    for i, token in enumerate(tokens):
        is_pair = token == "(" and (i == 0 or tokens[i - 1].type in BEFORE_PAIR)
        end = closing(tokens, i) if is_pair or token.type == "ANGLE_OPEN" else None
        signs = _between_parts(tokens, i, end) if end is not None else []
        if end is None or not signs or (len(signs) > 1 and is_pair) or (tokens[signs[0]].type == "BAR" and is_pair):
            continue
        result[i], result[end] = token.update("ANGLE_OPEN"), tokens[end].update("ANGLE_CLOSE")
        result[signs[0]] = tokens[signs[0]].update("COMMA")
        for sign in signs[1:]:  # <x|A|x> is <x, A x>
            result[sign] = tokens[sign].update(NOTHING)
        if is_pair or tokens[signs[0]].type == "BAR":
            notes.append(f"{text[token.start_pos : tokens[end].end_pos]} is an inner product.")
    return [token for token in result if token.type != NOTHING], notes


def _between_parts(tokens: Sequence[Token], opening: int, end: int) -> list[int]:
    """Where the comma stands in brackets around two parts, or one or two bars; empty for any other brackets."""
    inside = outermost(tokens[opening + 1 : end])
    signs = [opening + 1 + i for i, token in inside if token.type in ("COMMA", "SEMICOLON", "BAR")]
    parts = [tokens[a + 1 : b] for a, b in pairwise((opening, *signs, end))]
    has_names = all(any(token.type in ("NAME", "WORD") for token in part) for part in parts)
    is_sum = len(parts) > 2 and any(token.type in ("PLUS", "MINUS") for token in parts[1])
    known = [tokens[i].type for i in signs] in (["COMMA"], ["BAR"], ["BAR", "BAR"])
    return signs if known and has_names and not is_sum else []


def canonical(tokens: Sequence[Token], known: Container[str]) -> Iterator[Token]:
    """The tokens with each spelling replaced by the usual one; `known` are names that stay what they are."""
    is_array = (token in OF_ARRAYS_ALONE or token.type in (ARRAYS, "METHOD") for token in tokens)
    of_arrays = OF_ARRAYS if any(is_array) else {}
    of_r = "%*%" in tokens
    tokens = [token for token in tokens if token.type != ARRAYS]
    before: Token | None = None
    usual = [*_canonical(tokens, known)]
    for found, after in zip_longest(usual, usual[1:]):
        token = found
        applied = after is not None and after.type == "LPAR"
        behind = before is not None and before.type in ENDS_OPERAND
        if found in WORDS and found not in known and behind and not (applied and found in FUNCTION_NAMES):
            token = found.update("TIMES", WORDS[str(found)])
        elif of_r and applied and found == TRANSPOSE_OF_R and found not in known:
            token = found.update(value="transpose")
        elif found in of_arrays:
            token = found.update(*of_arrays[str(found)])
        yield token
        before = token


def _canonical(tokens: Sequence[Token], known: Container[str]) -> Iterator[Token]:
    i, exponent = 0, False
    marked = [before.type == "HAT" for before, token in pairwise(tokens) if token == CONJUGATE]
    is_conjugate = all(marked) and CONJUGATE not in known and tokens[0] != CONJUGATE
    while i < len(tokens):
        token, after = tokens[i], tokens[i + 1 : i + 3]
        following = after[0].type if after else ""
        start = token.start_pos or 0
        exponent, raised = token.type == "HAT" or (exponent and token.type == "MINUS"), exponent
        i += 1
        if token.type == "HAT" and (rest := _behind_mark(after, known)) is not None:
            mark = after[-1] if following == "MINUS" else after[0]
            middle = (mark.start_pos or 0) + 1
            if mark[0] == "T":
                yield made("INVERSE_TRANSPOSED" if following == "MINUS" else "TRANSPOSED", "", start, middle)
            else:
                yield from (token, *after[: after.index(mark)], made("NAME", "t", middle - 1, middle))
            yield made("ONES" if rest == "1" else "NAME", rest, middle, mark.end_pos or 0)
            i += 1 + after.index(mark)
        elif token.type == "HAT" and following == "TIMES" and after[0] == "*":
            yield made("STARRED", "*", start, after[0].end_pos or 0)
            i += 1
        elif token.type == "HAT" and [t.type for t in tokens[i : i + 3]] == ["LBRACE", "TIMES", "RBRACE"]:
            yield made("STARRED", "*", start, tokens[i + 2].end_pos or 0)
            i += 3
        elif token.type == "HAT" and after and after[0] == CONJUGATE and is_conjugate and tokens[i - 2] != "e":
            yield made("TRANSPOSED", CONJUGATE, start, after[0].end_pos or 0)
            i += 1
        elif token.type == "NUMBER" and token in ONES and following in MARKS and not raised:
            for k in range(ONES[str(token)]):
                yield made("ONES", "1", start + k, start + k + 1)
        elif token == "1" and i > 1 and tokens[i - 2].type in MARKS:  # x'1
            yield token.update("ONES")
        elif token.type == "NUMBER":
            yield token.update(value=NUMBERS.get(str(token), token))
        elif token.type == "TIMES":
            yield token.update(value=SIGNS.get(str(token), token))
        else:
            yield token


def _behind_mark(exponent: Sequence[Token], known: Container[str]) -> str | None:
    """The names right behind the mark of a transpose, as Ax in x^TAx; None where the exponent is another one."""
    name = exponent[1] if len(exponent) > 1 and exponent[0].type == "MINUS" else exponent[0] if exponent else None
    if name is None or name.type != "NAME" or name[0] not in "Tt":
        return None
    if spelled_out(name) in known or name in FUNCTION_NAMES or name in GREEK:
        return None
    return name[1:] if name[1:2].isalpha() or name[1:] == "1" else None
