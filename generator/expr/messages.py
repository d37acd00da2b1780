"""Sentences that a reader sees, each by an id that stays, with its English beside it and mathematics put in.

A message is made where the mathematics is that it explains: `Message("transpose-both", "transpose both sides")`, or
`Message("put-in", "put {names} in")`, whose call `PUT_IN(names=[x, y])` makes the sentence. A sentence remembers its
message and what was put in, so that it can be said in another language; no code looks into its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from generator.expr.nodes import Expr

Text: TypeAlias = tuple[str | Expr, ...]
"""A sentence with mathematics in it: words and expressions in turn."""

Argument: TypeAlias = "Expr | str | Sentence | Sequence[Expr]"
"""What a placeholder stands for: an expression, words such as a rule's name, a sentence, or expressions in a row."""

PLACEHOLDER = re.compile(r"\{([\w-]+)\}|\[([^|\]]*)\|([^|\]]*)\]")
"""`{name}`, or `[is|are]` for the number of expressions in the placeholder before it."""


@dataclass(frozen=True)
class Message:
    """A sentence to be: its id, by which catalogs of translations know it, and its English with placeholders."""

    id: str
    english: str

    def __bool__(self) -> bool:
        return bool(self.english)

    def __call__(self, **arguments: Argument) -> Sentence:
        """The sentence with something for each placeholder; raises KeyError where one is missing."""
        return self.filled(arguments)

    def filled(self, arguments: Mapping[str, Argument]) -> Sentence:
        """The same for placeholders whose names are no identifiers."""
        kept = {name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()}
        sentence = Sentence(_parts(english(self), kept, english))
        sentence.message, sentence.arguments = self, kept
        return sentence


Wording: TypeAlias = Callable[[Message], str]
"""What a language writes for a message, with the same placeholders."""


def english(message: Message) -> str:
    """The English of a message."""
    return message.english


class Sentence(tuple[str | Expr, ...]):
    """A sentence in English, as words and expressions in turn, that knows what it was made of."""

    message: Message
    arguments: Mapping[str, Argument]

    def worded(self, wording: Wording) -> Text:
        """The same sentence in another language."""
        return _parts(wording(self.message), self.arguments, wording)

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


def _parts(template: str, arguments: Mapping[str, Argument], wording: Wording) -> Text:
    """A template with everything put in."""
    text: list[str | Expr] = []
    last, many = 0, False
    for found in PLACEHOLDER.finditer(template):
        text.append(template[last : found.start()])
        last = found.end()
        if found[1] is None:
            text.append(found[3] if many else found[2])
            continue
        value = arguments[found[1]]
        many = False
        if isinstance(value, Sentence):
            text += value.worded(wording)
        elif isinstance(value, tuple | list):
            many = len(value) > 1
            text += listing(cast("Sequence[Expr]", value), wording)
        else:
            text.append(cast("str | Expr", value))
    text.append(template[last:])
    return _joined(text)


def _joined(parts: Sequence[str | Expr]) -> Text:
    """Words that stand beside each other in one piece."""
    text: list[str | Expr] = []
    for part in parts:
        if isinstance(part, str) and text and isinstance(text[-1], str):
            text[-1] += part
        elif part != "":
            text.append(part)
    return tuple(text)


COMMA, AND = Message("listing-comma", ", "), Message("listing-and", " and ")


def listing(things: Sequence[Expr], wording: Wording) -> list[str | Expr]:
    """Expressions in a row: `A`, `A and b`, `A, b and C`."""
    text: list[str | Expr] = []
    for i, thing in enumerate(things):
        if i:
            text.append(wording(AND if i == len(things) - 1 else COMMA))
        text.append(thing)
    return text


NOTHING = Message("nothing", "")()
CLAUSES = Message("clauses", "{first}; {second}")


def clauses(*sentences: Text) -> Sentence:
    """Sentences one after the other; those that are empty are left out."""
    said = [cast("Sentence", sentence) for sentence in sentences if sentence]
    if not said:
        return NOTHING
    whole, *rest = said
    for sentence in rest:
        whole = CLAUSES(first=whole, second=sentence)
    return whole
