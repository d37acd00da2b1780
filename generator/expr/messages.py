"""Sentences that a reader sees, each by an id that stays, with its English beside it and mathematics put in.

A message is made where the mathematics is that it explains: `Message("transpose-both", "transpose both sides")`, or
`Message("put-in", "put {names} in")`, whose call `PUT_IN(names=[x, y])` makes the sentence. A sentence keeps its
message and what was put in, so that it can be worded in another language; no code looks into its words.

Catalogs of other languages are those of GNU gettext: the id of a message is its context, the English its key.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, cast

from generator.expr.nodes import Expr

Text: TypeAlias = tuple[str | Expr, ...]
"""A sentence with mathematics in it: words and expressions in turn."""

Argument: TypeAlias = "Expr | str | Sentence | Sequence[Expr]"
"""The value of a placeholder: an expression, words such as a rule's name, a sentence, or expressions in a row."""

PLACEHOLDER = re.compile(r"\{([\w-]+)\}")


@dataclass(frozen=True)
class Message:
    """A sentence to be: its id, and its English with placeholders `{name}`.

    Where its words depend on a number, `plural` is the English for several; the number is that of the items in a row,
    which at most one placeholder of such a message stands for.
    """

    id: str
    english: str
    plural: str = ""

    def __bool__(self) -> bool:
        return bool(self.english)

    def __call__(self, **arguments: Argument) -> Sentence:
        """The sentence with something for each placeholder; raises KeyError where one is missing."""
        return self.filled(arguments)

    def filled(self, arguments: Mapping[str, Argument]) -> Sentence:
        """Like a call, for placeholders whose names are no identifiers."""
        kept = {name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()}
        sentence = Sentence(cast("Text", assembled(self, kept, english)))
        sentence.message, sentence.arguments = self, kept
        return sentence


Wording: TypeAlias = Callable[[Message, int], str]
"""The words of a language for a message and a number of items, with the same placeholders."""


def english(message: Message, count: int) -> str:
    """The English of a message."""
    return message.plural if message.plural and count != 1 else message.english


class Worded:
    """A sentence, in any kind of text, that can be worded in another language."""

    @abstractmethod
    def worded(self, wording: Wording) -> Sequence[object]:
        """Words in a language, and in turn what else is in the text."""


class Sentence(tuple[str | Expr, ...], Worded):
    """A sentence in English, as words and expressions in turn, with its message and arguments."""

    message: Message
    arguments: Mapping[str, Argument]

    def worded(self, wording: Wording) -> Text:
        """The same sentence in another language."""
        return cast("Text", assembled(self.message, self.arguments, wording))

    def mapped(self, change: Callable[[Expr], Expr]) -> Sentence:
        """The same sentence about other expressions."""
        return self.message.filled({name: _changed(value, change) for name, value in self.arguments.items()})


def _changed(value: Argument, change: Callable[[Expr], Expr]) -> Argument:
    match value:
        case str():
            return value
        case Sentence():
            return value.mapped(change)
        case tuple() | list():
            return tuple(map(change, cast("Sequence[Expr]", value)))
        case _:
            return change(cast("Expr", value))


def assembled(message: Message, arguments: Mapping[str, object], wording: Wording) -> tuple[object, ...]:
    """A message in a language with its arguments in place of the placeholders; words that meet are one string.

    An argument is words, a sentence, items in a row, or anything else, which stays as it is.
    """
    count = next((len(cast("Sequence[object]", value)) for value in arguments.values() if _is_row(value)), 1)
    first, others = _split(wording(message, count))
    text: list[object] = [first]
    for name, words in others:
        text += _pieces(arguments[name], wording)
        text.append(words)
    return joined(text)


@cache
def _split(template: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The words before the first placeholder; and each placeholder with the words after it."""
    first, *others = PLACEHOLDER.split(template)
    return first, tuple(zip(others[::2], others[1::2], strict=True))


def _is_row(value: object) -> bool:
    return isinstance(value, tuple | list) and not isinstance(value, Worded)


def _pieces(value: object, wording: Wording) -> Sequence[object]:
    if isinstance(value, Worded):
        return value.worded(wording)
    if _is_row(value):
        return _listed(cast("Sequence[object]", value), wording)
    return (value,)


def joined(pieces: Sequence[object]) -> tuple[object, ...]:
    """The pieces of a text; words that stand beside each other are one string, and empty ones are left out."""
    text: list[object] = []
    for piece in pieces:
        if isinstance(piece, str) and text and isinstance(text[-1], str):
            text[-1] += piece
        elif piece != "":
            text.append(piece)
    return tuple(text)


COMMA, AND = Message("listing-comma", ", "), Message("listing-and", " and ")


def _listed(items: Sequence[object], wording: Wording) -> Sequence[object]:
    """Items in a row: `A`, `A and b`, `A, b and C`."""
    text: list[object] = []
    for i, item in enumerate(items):
        if i:
            text.append(wording(AND if i == len(items) - 1 else COMMA, len(items)))
        text += _pieces(item, wording)
    return text


NOTHING = Message("nothing", "")()
CLAUSES = Message("clauses", "{first}; {second}")


def clauses(*sentences: Text) -> Sentence:
    """Sentences one after the other; those that are empty are left out."""
    kept = [cast("Sentence", sentence) for sentence in sentences if sentence]
    if not kept:
        return NOTHING
    whole, *rest = kept
    for sentence in rest:
        whole = CLAUSES(first=whole, second=sentence)
    return whole
