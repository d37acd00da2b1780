"""Sentences of documents, made from messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from generator.document.formula import NOTHING, Sentence, inlines
from generator.expr import messages
from generator.expr.messages import Message, assembled, english
from generator.problems.marking import written as in_figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from generator.document.formula import Inline
    from generator.expr.messages import Text, Wording

LISTED = Message("listed", "{items}")
ENUMERATION = Message("enumeration", "{first}, {second}")
SEQUENCE = Message("sequence", "{first}{second}")
POINT, POINTS = Message("mark-point", "{number} point"), Message("mark-points", "{number} points")
EVERY = Message("every-version", "all")
"""In place of the labels of all versions."""
BONUS_POINT = Message("bonus-point", "{number} bonus point")
BONUS_POINTS = Message("bonus-points", "{number} bonus points")


def say(message: Message, **parts: Inline | Sentence | Sequence[Inline | Sentence]) -> Sentence:
    """A message with inlines, sentences or rows of these in the places of its `{names}`."""
    return _sentence(message, parts)


def _sentence(message: Message, arguments: Mapping[str, object]) -> Sentence:
    return Sentence(inlines(assembled(message, arguments, english)), message=message, arguments=arguments)


def plain(sentence: Sentence, wording: Wording = english) -> str:
    """The words of a sentence without formulas, where nothing but text is possible: the title of a file."""
    return "".join(cast("Sequence[str]", sentence.worded(wording)))


def concatenated(parts: Sequence[Inline | Sentence]) -> Sentence:
    """Inlines and sentences, one after another."""
    return joined(parts, SEQUENCE) if parts else NOTHING


def enumerated(items: Sequence[Inline | Sentence]) -> Sentence:
    """One, `one and two`, or `one, two and three`; empty for no items."""
    return say(LISTED, items=tuple(items))


def joined(items: Sequence[Inline | Sentence], message: Message = ENUMERATION) -> Sentence:
    """At least one item; each further one is the `{second}` of a message whose `{first}` are those before it."""
    whole = say(LISTED, items=items[:1])
    for item in items[1:]:
        whole = say(message, first=whole, second=item)
    return whole


def points_in_words(points: Fraction, is_bonus: bool = False) -> Sentence:
    """A number of points, such as 2.5 points, or 1 bonus point."""
    one, several = (BONUS_POINT, BONUS_POINTS) if is_bonus else (POINT, POINTS)
    return say(one if points == 1 else several, number=in_figures(points))


def sentence(text: Text) -> Sentence:
    """A sentence of the solver, whose formulas are expressions."""
    if isinstance(text, messages.Sentence):
        return _sentence(text.message, text.arguments)
    return Sentence(inlines(text))
