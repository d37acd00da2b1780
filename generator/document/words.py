"""Sentences of documents, put together from messages."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from generator.document.formula import NOTHING, Formula, Sentence
from generator.expr.nodes import Expr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.document.formula import Inline
    from generator.expr.messages import Text

TIE = "\u00a0"
"""A space at which no line ends."""


def say(message: str, **parts: Inline | Sentence) -> Sentence:
    """A message with inlines or sentences in the places of its `{names}`."""
    found: list[Inline] = []
    for words, name, _, _ in Formatter().parse(message):
        for part in (words, *_inlines(parts[name] if name is not None else "")):
            if isinstance(part, str) and found and isinstance(found[-1], str):
                found[-1] += part
            elif part != "":
                found.append(part)
    return Sentence(tuple(found))


def _inlines(part: Inline | Sentence) -> tuple[Inline, ...]:
    return (part.inlines or ()) if isinstance(part, Sentence) else (part,)


def concatenated(parts: Sequence[Inline | Sentence]) -> Sentence:
    """Inlines and sentences, one after another."""
    names = [f"part{i}" for i in range(len(parts))]
    return say("".join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=True)))


def enumerated(items: Sequence[Inline | Sentence]) -> Sentence:
    """One, `one and two`, or `one, two and three`; empty for no items."""
    if not items:
        return NOTHING
    if len(items) == 1:
        return joined(items)
    return say("{items} and {item}", items=joined(items[:-1]), item=items[-1])


def joined(items: Sequence[Inline | Sentence], message: str = "{items}, {item}") -> Sentence:
    """At least one item; each further one is added by a message, with a comma if none is given."""
    whole = concatenated(items[:1])
    for item in items[1:]:
        whole = say(message, items=whole, item=item)
    return whole


def sentence(text: Text) -> Sentence:
    """A sentence of the solver, whose formulas are expressions."""
    return Sentence(tuple(Formula(part) if isinstance(part, Expr) else part for part in text))
