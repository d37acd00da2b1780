"""A problem added to a worksheet file whose other lines, with their comments, stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from generator.errors import BuildError, InFile, WorksheetError
from generator.worksheet.yaml_source import read_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def add_problem(path: Path, keys: Mapping[str, str | int]) -> int:
    """Add a problem at the end of the problems of a file, which is made if it is not there; the number of the problem.

    Raises WorksheetError, and leaves the file as it is, where its problems are not a list with a line for each item.
    """
    try:
        if not path.exists():
            title = path.stem.replace("-", " ").replace("_", " ").capitalize()
            head = "# yaml-language-server: $schema=worksheet.schema.json\n" if _has_schema(path) else ""
            text = f"{head}{yaml.safe_dump({'title': title})}problems:\n{_item(keys, '  ')}"
            path.write_text(text, encoding="utf-8")
            return 1
        text, number = _with_problem(path, keys)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BuildError(
            f"cannot be written: {error.strerror}", remedy="Choose another file.", file=InFile(path)
        ) from error
    return number


def _has_schema(path: Path) -> bool:
    return (path.parent / "worksheet.schema.json").is_file()


def _item(keys: Mapping[str, str | int], indent: str) -> str:
    """An item of a list with these keys."""
    lines = yaml.safe_dump(dict(keys), sort_keys=False, allow_unicode=True, width=1000).splitlines()
    return "".join(f"{indent}{'- ' if n == 0 else '  '}{line}\n" for n, line in enumerate(lines))


def _with_problem(path: Path, keys: Mapping[str, str | int]) -> tuple[str, int]:
    """The text of a file with one more problem, and its number."""
    source = read_source(path)
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    before = source.data.get("problems") if isinstance(source.data, dict) else None
    last = source.lines.get(("problems", len(before) - 1)) if isinstance(before, list) and before else None
    opening = lines[last - 1] if last else ""
    indent = opening[: len(opening) - len(opening.lstrip())]
    made = ""
    if isinstance(before, list) and last and opening.lstrip().startswith("- "):
        end = next((n for n in range(last, len(lines)) if _is_outside(lines[n], indent)), len(lines))
        while end > last and not lines[end - 1].strip():
            end -= 1
        if not lines[end - 1].endswith("\n"):
            lines[end - 1] += "\n"
        made = "".join([*lines[:end], _item(keys, indent), *lines[end:]])
        found = yaml.load(made, yaml.BaseLoader)  # all values as text, as `read_source` has them
        if found["problems"] != [*yaml.load(text, yaml.BaseLoader)["problems"], {k: str(v) for k, v in keys.items()}]:
            made = ""
    if not made or not isinstance(before, list):
        raise WorksheetError(
            "a problem can be added only where each of the problems begins on a line of its own, with '- '",
            remedy=f"Add this to the problems yourself:\n{_item(keys, '  ')}".rstrip(),
            file=source.place(("problems",)),
        )
    return made, len(before) + 1


def _is_outside(line: str, indent: str) -> bool:
    """A line that belongs to none of the items that are indented by so much."""
    here = len(line) - len(line.lstrip())
    return bool(line.strip()) and (
        here < len(indent) or (here == len(indent) and not line.lstrip().startswith(("- ", "#")))
    )
