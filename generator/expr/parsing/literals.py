r"""Matrices of numbers in a text: `[2 1; 1 3]`, `[2, 1; 1, 3]`, `[[2, 1], [1, 3]]`, and those of LaTeX.

Each, as also `\begin{pmatrix}2&1\\1&3\end{pmatrix}`, becomes the same tokens, with a comma between entries and a
semicolon between rows. In brackets without a comma or a semicolon, numbers with spaces between them are a row: `[2 1]`;
a sign with a space before it and none behind it begins an entry, as in `[2 -1]`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from generator.errors import ExpressionError
from generator.expr.parsing.brackets import DEPTH, closing, outermost
from generator.expr.parsing.calls import BINARY
from generator.expr.parsing.grammar import made, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token

ENVIRONMENTS = {
    **dict.fromkeys(("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "psmallmatrix", "bsmallmatrix"), ""),
    "array": "",
    "vmatrix": "BAR",
}
"""Environments of LaTeX that hold a matrix, and the bars that they put around it."""
OF_SEVERAL = frozenset(BINARY) | {"kron", "max", "vector", "matrix"}
"""Functions whose brackets hold arguments and no matrix."""
FIGURES = frozenset(("NUMBER", "MINUS", "PLUS", "TIMES"))
"""Tokens of entries that are numbers, fractions or sums of these."""
ENDS_ENTRY = frozenset(("NUMBER", "NAME", "RPAR", "CLOSE", "RBRACE", "SUPERSCRIPT", "PRIME", "TRANSPOSED"))
STARTS_ENTRY = frozenset(("NUMBER", "NAME", "LPAR", "OPEN"))
SIGNS = frozenset(("MINUS", "PLUS"))
SEPARATORS = frozenset(("COMMA", "SEMICOLON", "COLUMN_END"))
EXAMPLE = "Write it as [2 1; 1 3] or [2, 1; 1, 3]: semicolons separate rows."


def with_matrices(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The raw tokens with each matrix in one spelling; raises `ExpressionError` where an entry or an end is missing."""
    return _brackets(text, _environments(text, tokens))


def _environments(text: str, tokens: Sequence[Token]) -> list[Token]:
    result: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token == r"\begin":
            found, i = _environment(text, tokens, i)
            result += found
        elif token.type == "COLUMN_END" or token == r"\end":
            raise ExpressionError(
                f"{token} stands in no matrix",
                text=place(text, token),
                remedy=r"A matrix is \begin{pmatrix}2&1\\1&3\end{pmatrix} or [2 1; 1 3].",
            )
        else:
            result.append(token)
            i += 1
    return result


def _brackets(text: str, tokens: Sequence[Token]) -> list[Token]:
    result: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        end = _closing(tokens, i) if token.type == "OPEN" else None
        if end is not None and _is_matrix(tokens, i, end):
            _refuse_spaces(text, tokens[i + 1 : end])
            result += _matrix(text, token, _rows(tokens[i + 1 : end]), tokens[end])
            i = end + 1
        else:
            result.append(token)
            i += 1
    if any(token.type == "MATRIX_OPEN" for token in result):
        _refuse_rows(text, result)
    return result


def _refuse_rows(text: str, tokens: Sequence[Token]) -> None:
    """Refuse [X Y] beside a matrix such as [u; v]: it could be a row as well as a product."""
    for i, token in enumerate(tokens):
        end = _closing(tokens, i) if token.type == "OPEN" else None
        inner = tokens[i + 1 : end] if end is not None else ()
        starts = [k for k in range(len(inner)) if _begins_entry(inner, k)]
        if end is not None and starts and len([*outermost(inner)]) == len(inner) and inner[starts[0]].type not in SIGNS:
            written, row = _text(text, inner), ", ".join(_text(text, part) for part in _parts(inner, starts))
            raise ExpressionError(
                f"[{written}] could be a product or a row of blocks",
                text=place(text, token, tokens[end]),
                remedy=f"Write ({written}) for the product, [{row}] for the row.",
            )


def _text(text: str, tokens: Sequence[Token]) -> str:
    return text[tokens[0].start_pos : tokens[-1].end_pos]


def _parts(tokens: Sequence[Token], starts: Sequence[int]) -> list[Sequence[Token]]:
    return [tokens[a:b] for a, b in pairwise((0, *starts, len(tokens)))]


def _closing(tokens: Sequence[Token], opening: int) -> int | None:
    """Where a matrix in brackets ends that opens at a place; None where another sign closes them, or none."""
    end = closing(tokens, opening)
    return end if end is not None and tokens[end].type == "CLOSE" else None


def _is_matrix(tokens: Sequence[Token], opening: int, end: int) -> bool:
    """Brackets hold a matrix: entries with separators, or numbers with spaces between them; or nothing."""
    if opening and (str(tokens[opening - 1]) in OF_SEVERAL or tokens[opening - 1] == r"\sqrt"):
        return False
    inner = tokens[opening + 1 : end]
    if not inner or any(token.type in SEPARATORS for _, token in outermost(inner)):
        return True
    return all(token.type in FIGURES for token in inner) and any(_begins_entry(inner, i) for i in range(len(inner)))


def _begins_entry(tokens: Sequence[Token], i: int) -> bool:
    """An entry begins with a token, by the spaces around it."""
    token = tokens[i]
    if i == 0 or tokens[i - 1].type not in ENDS_ENTRY or tokens[i - 1].end_pos == token.start_pos:
        return False
    if token.type in SIGNS:
        return i + 1 < len(tokens) and token.end_pos == tokens[i + 1].start_pos
    return token.type in STARTS_ENTRY


def _refuse_spaces(text: str, inner: Sequence[Token]) -> None:
    """Refuse [A x, b]: a space in a row with commas could be a product as well as a comma."""
    for row in _split(inner, "SEMICOLON"):
        depth, has_comma = 0, any(token.type == "COMMA" for _, token in outermost(row))
        for i, token in enumerate(row):
            words = "NUMBER" not in (token.type, row[i - 1].type) and token.type not in SIGNS
            if has_comma and depth == 0 and words and _begins_entry(row, i):
                raise ExpressionError(
                    f"{_text(text, row[i - 1 : i + 1])} could be a product or two entries",
                    text=place(text, *row[i - 1 : i + 1]),
                    remedy="Write * between the factors of a product, a comma between entries.",
                )
            depth += DEPTH.get(token.type, 0)


def _rows(inner: Sequence[Token]) -> list[Token]:
    """The entries of a matrix in brackets, with all separators; `[[2, 1], [1, 3]]` has its rows in brackets."""
    parts = _split(inner, "COMMA")
    if all(part and part[0].type == "OPEN" and _closing(part, 0) == len(part) - 1 for part in parts):
        found: list[Token] = []
        for part in parts:
            found += [*_rows(part[1:-1]), part[-1].update("SEMICOLON", ";")]
        return found[:-1]
    found = []
    depth = 0
    for i, token in enumerate(inner):
        if depth == 0 and _begins_entry(inner, i):
            found.append(made("COMMA", ",", token.start_pos or 0, token.start_pos or 0))
        depth += DEPTH.get(token.type, 0)
        found.append(token)
    return found


def _split(tokens: Sequence[Token], separator: str) -> list[list[Token]]:
    """The stretches between separators that stand in no brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if depth == 0 and token.type == separator:
            parts.append([])
            continue
        depth += DEPTH.get(token.type, 0)
        parts[-1].append(token)
    return parts


def _environment(text: str, tokens: Sequence[Token], begin: int) -> tuple[list[Token], int]:
    r"""The matrix between `\begin{…}` and `\end{…}`, and where the text goes on behind it."""
    name = _name(text, tokens, begin)
    end = next((i for i in range(begin + 4, len(tokens)) if tokens[i] == r"\end"), None)
    if end is None:
        raise ExpressionError(
            rf"\begin{{{name}}} is not closed",
            text=place(text, *tokens[begin : begin + 4]),
            remedy=rf"Write \end{{{name}}} behind the last row.",
        )
    if (closed := _name(text, tokens, end)) != name:
        raise ExpressionError(
            rf"\end{{{closed}}} cannot close \begin{{{name}}}",
            text=place(text, *tokens[end : end + 4]),
            remedy=rf"Write \end{{{name}}}.",
        )
    inner = [*tokens[begin + 4 : end]]
    if name == "array" and inner and inner[0].type == "LBRACE":
        columns = next((i for i, token in enumerate(inner) if token.type == "RBRACE"), len(inner) - 1)
        inner = inner[columns + 1 :]
    separated = []
    for token in inner:
        if token.type == "COLUMN_END":
            separated.append(token.update("COMMA", ","))
        elif token == r"\\":
            separated.append(token.update("SEMICOLON", ";"))
        elif token.type != "TIE":
            separated.append(token)
    opening = made("OPEN", "[", tokens[begin].start_pos or 0, tokens[begin + 3].end_pos or 0)
    closing = made("CLOSE", "]", tokens[end].start_pos or 0, tokens[end + 3].end_pos or 0)
    matrix = _matrix(text, opening, separated, closing)
    if bars := ENVIRONMENTS[name]:
        matrix = [opening.update(f"{bars}_OPEN", ""), *matrix, closing.update(f"{bars}_CLOSE", "")]
    return matrix, end + 4


def _name(text: str, tokens: Sequence[Token], at: int) -> str:
    r"""The name of an environment behind `\begin` or `\end`."""
    behind = tokens[at + 1 : at + 4]
    name = str(behind[1]) if [token.type for token in behind] == ["LBRACE", "NAME", "RBRACE"] else ""
    if name not in ENVIRONMENTS:
        known = ", ".join(sorted(ENVIRONMENTS))
        raise ExpressionError(
            f"{tokens[at]} has to be followed by a matrix",
            text=place(text, tokens[at], *(behind if name else ())),
            remedy=f"Environments that are read: {known}.",
        )
    return name


def _matrix(text: str, opening: Token, inner: Sequence[Token], closing: Token) -> list[Token]:
    """The tokens of a matrix, without a separator behind the last row; every entry is there."""
    entries = [*inner]
    if entries and entries[-1].type == "SEMICOLON":
        entries.pop()
    if not entries:
        raise ExpressionError("a matrix without entries", text=place(text, opening, closing), remedy=EXAMPLE)
    before = opening
    for token in [*entries, closing]:
        if token.type in ("COMMA", "SEMICOLON", "CLOSE") and before.type in ("COMMA", "SEMICOLON", "OPEN"):
            where = place(text, token if before.type == "OPEN" else before)
            raise ExpressionError("an entry is missing here", text=where, remedy=EXAMPLE)
        before = token
    return [opening.update(type="MATRIX_OPEN"), *entries, closing.update(type="MATRIX_CLOSE")]
