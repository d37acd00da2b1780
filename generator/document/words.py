"""Sentences of documents, put together from messages."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from generator.algebra.expr import Expr
from generator.document.formula import Formula, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.algebra.plain import Text
    from generator.document.formula import Inline

TIE = "\u00a0"
"""A space at which no line ends."""


def say(message: str, **parts: Inline | Sentence) -> Sentence:
    """A message with inlines or sentences in the places of its `{names}`."""
    found: list[Inline] = []
    for words, name, _, _ in Formatter().parse(message):
        found.append(words)
        if name is not None:
            part = parts[name]
            found += part if isinstance(part, tuple) else (part,)
    return merged(found)


def merged(parts: Sequence[Inline]) -> Sentence:
    """Inlines as a sentence, in which no two strings stand beside each other."""
    joined: list[Inline] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def enumerated(items: Sequence[Inline | Sentence]) -> Sentence:
    """One, `one and two`, or `one, two and three`; empty for no items."""
    if not items:
        return ()
    whole = say("{item}", item=items[0])
    for item in items[1:-1]:
        whole = say("{items}, {item}", items=whole, item=item)
    return say("{items} and {item}", items=whole, item=items[-1]) if len(items) > 1 else whole


def sentence(text: Text) -> Sentence:
    """A sentence of the solver, whose formulas are expressions."""
    return tuple(Formula(part) if isinstance(part, Expr) else part for part in text)
