"""Titles as plain text, for windows, lists of files and bookmarks, where readers meet them without the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.document.author_text import Emphasis, TextMath

if TYPE_CHECKING:
    from generator.document.author_text import AuthorText, Piece


def title_text(text: AuthorText) -> str:
    """An author's words without marks of emphasis, with formulas in words.

    A formula that cannot be converted stays LaTeX: the page with the title says that, if it is to have words.
    """
    return _text(text.pieces)


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Emphasis(inner):
            return _text(inner)
        case TextMath(latex):
            from generator.formats import mathml_speech
            from generator.formats.author_math import UnreadableFormula, mathml

            try:
                return mathml_speech.words(mathml(latex, str, display=False))
            except UnreadableFormula:
                return latex
