"""The words of templates: `<% trans "id" name=value %>English with <%= name %><% endtrans %>`, worded as sentences are.

The id and the English are those of a `Message`, so that one catalog has the words of documents and of templates.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2.ext import InternationalizationExtension
from pylatex.utils import NoEscape

from generator.expr.messages import AND, COMMA, PLACEHOLDER, Message
from generator.formats.templates.budget import FrugalEnvironment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.formats import Printer

JINJA_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class WordedEnvironment(FrugalEnvironment):
    """An environment whose words are those of the printer's language."""

    def __init__(self, printer: Printer, **options: Any) -> None:
        super().__init__(extensions=[InternationalizationExtension], **options)
        self.printer = printer
        self.globals["listed"] = self.listed
        self.install_gettext_callables(  # type: ignore[attr-defined]
            _without_id,
            _without_id,
            newstyle=True,
            pgettext=lambda context, english: _Words(self, _message(context, english)),
            npgettext=lambda context, english, plural, number: _Words(self, _message(context, english, plural), number),
        )

    @abstractmethod
    def escaped(self, text: str) -> str:
        """Plain text in this format; what is marked as printed already stays as it is."""

    @abstractmethod
    def in_words(self, value: object) -> NoEscape:
        """What a sentence has of a value."""

    def filled(self, message: Message, number: int, values: Mapping[str, object]) -> NoEscape:
        """The words of a message for a number of things, with values in place of its placeholders."""
        pieces = PLACEHOLDER.split(self.printer.wording(message, number))
        return NoEscape(
            "".join(
                self.in_words(values[piece]) if position % 2 else self.escaped(piece)
                for position, piece in enumerate(pieces)
            )
        )

    def listed(self, items: Sequence[object]) -> NoEscape:
        """Items in a row, as in a sentence: `A`, `A and b`, `A, b and C`."""
        pieces: list[str] = []
        for position, item in enumerate(items):
            if position:
                between = AND if position == len(items) - 1 else COMMA
                pieces.append(self.escaped(self.printer.wording(between, len(items))))
            pieces.append(self.in_words(item))
        return NoEscape("".join(pieces))

    def messages(self, source: str) -> Iterator[tuple[int, Message]]:
        """The messages of a template, with their lines."""
        for line, _, texts in self.extract_translations(source):  # type: ignore[attr-defined]
            yield line, _message(*(text for text in texts if text is not None))


@dataclass(frozen=True)
class _Words:
    """A message for a number of things before its placeholders have values, which Jinja gives by the operator %."""

    environment: WordedEnvironment
    message: Message
    number: int = 1

    def __mod__(self, values: Mapping[str, object]) -> NoEscape:
        return self.environment.filled(self.message, self.number, values)


@lru_cache(maxsize=1024)  # templates say the same in each document
def _message(context: str, *texts: str) -> Message:
    """The message that Jinja's extension means by an id and its English, singular and plural."""
    return Message(context, *(JINJA_PLACEHOLDER.sub(r"{\1}", text).replace("%%", "%") for text in texts))


def _without_id(*_: object) -> _Words:
    raise ValueError('words need an id: <% trans "id" %>…<% endtrans %>')
