"""Plain text and an author's words as TeX."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pylatex.utils import NoEscape, escape_latex

from generator.document.author_text import Emphasis, TextMath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.document.author_text import AuthorText, Piece

_escape: Callable[[str], NoEscape] = escape_latex  # PyLaTeX has no type hints

# T1 fonts join or turn these where plain text means them as they are; PyLaTeX leaves them alone.
_LITERAL = {
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "^": r"\textasciicircum{}",
}


def escape(text: str) -> NoEscape:
    r"""Plain text as TeX that prints it character by character; what is marked as TeX stays as it is.

    White space, line ends included, becomes single spaces (U+00A0 stays a tie); control characters vanish.
    """
    return text if isinstance(text, NoEscape) else _escaped(text)


@lru_cache(maxsize=1000)
def _escaped(text: str) -> NoEscape:
    text = re.sub(r"[^\S\xa0]+", " ", text)
    text = "".join(character for character in text if character.isprintable() or character == "\xa0")
    escaped = "".join(_LITERAL.get(character) or _escape(character) for character in text)
    # A second comma or apostrophe would turn the pair into a quotation mark; ?` and !` cannot arise.
    return NoEscape(re.sub(r"([,'])(?=\1)", r"\1{}", escaped))


def author_text(text: AuthorText, formula: Callable[[str], str] = str) -> str:
    """An author's words: plain characters escaped, formulas in math mode, emphasis as commands.

    `formula` says what is written between dollar signs for the LaTeX of a formula.
    """
    return _pieces(text.pieces, formula)


def _pieces(pieces: Iterable[Piece], formula: Callable[[str], str]) -> str:
    return "".join(_piece(piece, formula) for piece in pieces)


def _piece(piece: Piece, formula: Callable[[str], str]) -> str:
    match piece:
        case str():
            return str(escape(piece))
        case TextMath(latex):
            return f"${formula(latex)}$"
        case Emphasis(inner, is_strong):
            words = _pieces(inner, formula)
            return rf"\textbf{{{words}}}" if is_strong else rf"\emph{{{words}}}"
