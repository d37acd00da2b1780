"""The reference of all commands as Markdown, from what click knows of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click


def commands() -> str:
    """The Markdown of the page."""
    parts = ["# Commands", "Made from the program itself. `python -m generator` is the same as `worksheets`."]
    for name, command in sorted(main.commands.items()):
        parts += [f"## worksheets {name} {{ #{name} }}", *_described(name, command)]
    return "\n\n".join(parts) + "\n"


def _described(name: str, command: click.Command) -> Iterator[str]:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\nworksheets {name} {usage}\n```"
    for paragraph in (command.help or "").split("\n\n"):
        lines = paragraph.strip().splitlines()
        if lines and lines[0] == "\b":
            yield f"{lines[1].strip()}\n\n```sh\n" + "\n".join(line.strip() for line in lines[2:]) + "\n```"
        else:
            yield " ".join(map(str.strip, lines))
    rows = [record for parameter in command.params if (record := parameter.get_help_record(context)) and record[1]]
    if rows:
        yield "| option | what it does |\n| --- | --- |\n" + "\n".join(
            f"| {_code(of)} | {_text(said)} |" for of, said in rows
        )


def _code(options: str) -> str:
    return f"`{options}`"


def _text(said: str) -> str:
    """The words of an option in a cell of a table: what Markdown and HTML would read as signs stands as it is."""
    return re.sub(r"([|*_<\[\]])", r"\\\1", " ".join(said.split()))
