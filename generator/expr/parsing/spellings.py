"""Spellings of plain text, and the tokens that each stands for: a new one is a new row."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from unicodedata import normalize

from generator.expr.functions import GREEK, spelled_out
from generator.expr.parsing.calls import FUNCTION_NAMES
from generator.expr.parsing.grammar import ARRAYS, LATEX_ONLY, lex, made

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from lark import Token

SIGNS = {"⋅": "·", "•": "·", "⊙": "∘"}
"""Other signs of products."""
WORDS = {"otimes": "⊗", "odot": "∘", "circ": "∘", "cdot": "·", "times": "×", "oslash": "./"}
"""Signs of products by their names."""
OF_ARRAYS = {"*": ("TIMES", ".*"), "/": ("TIMES", "./"), "**": ("DOTHAT", ".^")}
"""Signs that act entry by entry in a text that has `@`, `np.` or the like, as in NumPy."""
OF_ARRAYS_ALONE = frozenset(("@", ".sum", ".mean"))
"""Signs and methods that only texts of NumPy have."""
LETTERS = {
    code: normalize("NFKC", chr(code)) for code in range(0x1D400, 0x1D6A4) if unicodedata.category(chr(code))[0] == "L"
}
"""Letters of mathematics that are characters of their own, such as 𝑥 and 𝐀, and those of the alphabet."""
BOLD_LETTERS = frozenset(map(chr, (*range(0x1D400, 0x1D434), *range(0x1D468, 0x1D49C))))
DIVISION = "\\"
NUMBERS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
ONES = {"1": 1, "11": 2}
"""Numbers that are never transposed, unless they stand for so many vectors of ones: 1'x, A - 11'."""
MARKS = frozenset(("PRIME", "TRANSPOSED"))
ENDS_OPERAND = MARKS | {
    "NAME", "WORD", "NUMBER", "ONES", "RPAR", "CLOSE", "RBRACE", "NORM_CLOSE", "BAR_CLOSE", "ANGLE_CLOSE",
    "INVERSE_TRANSPOSED", "PSEUDO_INVERSE", "SUPERSCRIPT", "SUBSCRIPT", "POSITIVE_PART", "MATRIX_CLOSE",
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


def _is_latex(token: Token) -> bool:
    """It is a command that no division reads as: of several letters, or a space and the like."""
    return token.type == "COMMAND" and (len(token) > 2 or (not token[1].isalnum() and token[1] not in " (["))


def canonical(tokens: Sequence[Token], known: Container[str]) -> Iterator[Token]:
    """The tokens with each spelling replaced by the usual one; `known` are names that stay what they are."""
    of_arrays = OF_ARRAYS if any(token in OF_ARRAYS_ALONE or token.type == ARRAYS for token in tokens) else {}
    tokens = [token for token in tokens if token.type != ARRAYS]
    before: Token | None = None
    for found in _canonical(tokens, known):
        token = found
        if found in WORDS and found not in known and before is not None and before.type in ENDS_OPERAND:
            token = found.update("TIMES", WORDS[str(found)])
        elif found in of_arrays:
            token = found.update(*of_arrays[str(found)])
        yield token
        before = token


def _canonical(tokens: Sequence[Token], known: Container[str]) -> Iterator[Token]:
    i, exponent = 0, False
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
            yield made("NAME", rest, middle, mark.end_pos or 0)
            i += 1 + after.index(mark)
        elif token.type == "NUMBER" and token in ONES and following in MARKS and not raised:
            for k in range(ONES[str(token)]):
                yield made("ONES", "1", start + k, start + k + 1)
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
    return name[1:] if name[1:2].isalpha() else None
