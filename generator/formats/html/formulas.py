"""Formulas and sentences as HTML."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from generator.document.author_text import AuthorText, Emphasis, TextMath
from generator.document.formula import PUNCTUATION, AuthorSource, Formula, ReasonBlank, Stated
from generator.document.words import plain, say
from generator.expr.messages import Message, english
from generator.formats.author_math import with_slots
from generator.formats.html.author import REMEDY, UnconvertibleError, converted
from generator.formats.html.images import image
from generator.formats.mathml import MathMLPrinter
from generator.formats.speech import CIRCLED_ONE, SpeechPrinter
from generator.problems.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.document.author_text import Piece
    from generator.document.formula import Blank, Inline, Sentence
    from generator.expr.messages import Wording
    from generator.expr.printing.notation import Notation

TAG = re.compile(r"<[^>]*>")
CIRCLED = re.compile("[①-⑳]")
GAP = "gap"
"""The class of the place of a blank."""
LONGEST_IN_LINE = 34
"""So many glyphs a formula may have that is stated within a line of words; a longer one stands by itself."""
MOST_ON_PHONES = 18
"""So many glyphs of a formula surely fit into the narrowest window, which is 320 pixels wide."""

FORMULA, EQUATION = Message("formula-label", "Formula"), Message("equation-label", "equation {number}")
BLANK, NUMBERED_BLANK = Message("blank-label", "Blank"), Message("blank-number", "Blank {number}")
"""The names of formulas that can be moved, of equations, and of fields, for readers who cannot see them."""


def escaped(text: str) -> str:
    """Plain text as HTML; an apostrophe is the character that fonts of TeX draw for it."""
    return escape(text.replace("'", "’"), quote=False)


@lru_cache(maxsize=4096)  # several documents have the same formulas
def glyphs(markup: str) -> int:
    """About how many glyphs wide the formulas of a markup are, beside each other."""
    return len(TAG.sub("", markup))


class HtmlPrinter(MathMLPrinter):
    """Prints formulas as <math>, and sentences with them."""

    name = "html"

    def __init__(self, notation: Notation, wording: Wording = english) -> None:
        super().__init__(notation)
        self.wording = wording
        self.speech = SpeechPrinter(notation)

    def formula(self, formula: Formula) -> str:
        """A formula as an element of HTML."""
        if (found := formula.forms.get(self.name)) is None:
            assert formula.math is not None
            found = formula.forms[self.name] = f"<math>{self.math(formula.math)}</math>"
        return found

    def blank(self, blank: Blank) -> str:
        """The place of a blank; the field for it stands beside the formula, within which nothing can have the focus."""
        return f'<mtext class="{GAP}">{escape(blank.label)}</mtext>'

    def sentence(self, sentence: Sentence) -> str:
        """A sentence, its words escaped, with its formulas."""
        if (found := sentence.forms.get(self.name)) is None:
            assert sentence.inlines is not None
            found = sentence.forms[self.name] = "".join(self._pieces(sentence.worded(self.wording)))
        return found

    def _pieces(self, inlines: Sequence[Inline]) -> Iterator[str]:
        """The inlines; a mark of punctuation behind a formula that is stated stays beside it."""
        for before, part in zip((None, *inlines), (*inlines, None), strict=True):
            if isinstance(before, Stated):
                mark = part[0] if isinstance(part, str) and part[0] in PUNCTUATION else ""
                yield self._stated(self.formula(before.formula), mark)
                if isinstance(part, str):
                    yield self._inline(part.removeprefix(mark))
                    continue
            if part is not None and not isinstance(part, Stated):
                yield self._inline(part)

    def _inline(self, part: str | Formula | ReasonBlank | AuthorSource | Picture) -> str:
        match part:
            case AuthorText():
                return self.author_text(part)
            case str():
                return CIRCLED.sub(lambda found: self.numbered(found[0]), escaped(part))
            case Formula():
                return self.in_words(self.formula(part))
            case ReasonBlank():
                label = self._say(NUMBERED_BLANK if part.number else BLANK, number=part.number)
                return f'<input class="blank reason" aria-label="{label}" autocomplete="off">'
            case AuthorSource():
                return self.source(part)
            case Picture(file, alt, width):
                return image(file, alt, {"width": width})

    def numbered(self, character: str) -> str:
        """A number in a circle, by which a line is named, with what it is called."""
        label = self._say(EQUATION, number=ord(character) - ord(CIRCLED_ONE) + 1)
        return f'<span role="img" aria-label="{label}">{character}</span>'

    def author_text(self, text: AuthorText) -> str:
        """An author's words with their formulas and emphasis."""
        return "".join(map(self._author_piece, text.pieces))

    def _author_piece(self, piece: Piece) -> str:
        match piece:
            case str():
                return escaped(piece)
            case TextMath(latex):
                return converted(f"${latex}$", self._placed)
            case Emphasis(inner, is_strong):
                words, tag = "".join(map(self._author_piece, inner)), "strong" if is_strong else "em"
                return f"<{tag}>{words}</{tag}>"

    def _say(self, message: Message, **values: object) -> str:
        """The words of a message in an attribute."""
        return escape(plain(say(message, **{name: str(value) for name, value in values.items()}), self.wording))

    def in_words(self, markup: str) -> str:
        """A formula within words; one that may not fit into a narrow window can be moved, by the keyboard as well."""
        if glyphs(markup) <= MOST_ON_PHONES:
            return markup
        return f'<span class="long" role="group" aria-label="{self._say(FORMULA)}" tabindex="0">{markup}</span>'

    def _stated(self, markup: str, mark: str) -> str:
        """A formula that is stated within words, on a line of its own where it is long, with the mark behind it."""
        return self._displayed(markup + mark) if glyphs(markup) > LONGEST_IN_LINE else self.in_words(markup) + mark

    def _placed(self, markup: str, is_display: bool) -> str:
        """A formula of an author, within words or on a line of its own."""
        return self._displayed(markup) if is_display else self.in_words(markup)

    def _displayed(self, markup: str) -> str:
        """A formula on a line of its own; one that may not fit into a narrow window can be moved."""
        group = (
            f' role="group" aria-label="{self._say(FORMULA)}" tabindex="0"' if glyphs(markup) > MOST_ON_PHONES else ""
        )
        return f'<span class="display"{group}>{markup}</span>'

    def source(self, source: AuthorSource) -> str:
        """An author's LaTeX, with formulas in its slots; or what its author says instead."""
        if source.alt is not None:
            return self.sentence(source.alt)
        latex, formulas = with_slots(source)
        inner = [self.formula(one).removeprefix("<math>").removesuffix("</math>") for one in formulas]
        try:
            return converted(latex, self._placed, inner, list(map(self.speech.formula, formulas)))
        except UnconvertibleError as error:
            if source.alt_key:
                error.remedy = REMEDY.format(alt=source.alt_key)
            raise
