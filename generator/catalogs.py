"""Catalogs of translations, as GNU gettext has them: the id of a message is its context, the English its key.

The program ships English alone, which stands beside what it explains. `template` collects all of it for translators;
`wording` makes the words of another language from what they return.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator.expr.messages import Message
from generator.formats.latex.templates import LatexTemplates
from generator.rules.identities import RULES
from generator.rules.mistakes import MISTAKES
from generator.solver.remarks import PROPERTY_WORDS, RIGHT_FOR_EVERY
from generator.system.shipped import PACKAGE, TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from gettext import NullTranslations

    from babel.messages.catalog import Catalog

    from generator.expr.messages import Wording


def wording(translations: NullTranslations) -> Wording:
    """The words of a language; English where a message is not translated."""

    def translated(message: Message, count: int) -> str:
        if message.plural:
            return translations.npgettext(message.id, message.english, message.plural, count)
        return translations.pgettext(message.id, message.english)

    return translated


def template() -> Catalog:
    """All messages of the program, for translators; needs Babel."""
    from babel.messages.catalog import Catalog

    catalog = Catalog(project="worksheets", charset="utf-8")
    for file in sorted(PACKAGE.rglob("*.py")):
        for line, message in _written_in(file):
            _add(catalog, message, (f"generator/{file.relative_to(PACKAGE).as_posix()}", line))
    templates = LatexTemplates()
    for file in sorted(TEMPLATES.rglob("*.j2")):
        for line, message in templates.messages(file.read_text(encoding="utf-8")):
            _add(catalog, message, (f"templates/{file.relative_to(TEMPLATES).as_posix()}", line))
    for message in _of_tables():
        _add(catalog, message)
    return catalog


def _add(catalog: Catalog, message: Message, *locations: tuple[str, int]) -> None:
    texts = (message.english, message.plural) if message.plural else message.english
    catalog.add(texts, locations=locations, context=message.id)


def _written_in(file: Path) -> Iterator[tuple[int, Message]]:
    """The messages that a module writes out, with their lines.

    Babel's own extraction does not find calls within calls.
    """
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == Message.__name__:
            words = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
            if len(words) == len(node.args):
                yield node.lineno, Message(*words)


def write_template(file: Path) -> None:
    """Write the template as a POT file."""
    from babel.messages.pofile import write_po

    with file.open("wb") as opened:
        write_po(opened, template(), sort_by_file=True)


def _of_tables() -> Iterator[Message]:
    """The messages that rows of tables make."""
    for rule in RULES:
        if rule.message:
            yield rule.message
    for mistake in MISTAKES:
        yield from mistake.messages
    yield from PROPERTY_WORDS.values()
    yield from RIGHT_FOR_EVERY.values()


if __name__ == "__main__":
    write_template(Path(sys.argv[1]))
