"""The files that a worksheet prints: figures beside it, or in the templates of its course, and nowhere else."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.document.pictures import INCLUDED, included
from generator.errors import GeneratorError, WorksheetError
from generator.system import inputs
from generator.system.output_dir import is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from generator.errors import Key
    from generator.worksheet.spec import Worksheet

KINDS = {".pdf": b"%PDF-", ".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
"""The endings of figures, and what their files begin with."""
MOST_BYTES = 10_000_000
NAME = re.compile(r"(?:[A-Za-z0-9_][\w.-]*/)*[A-Za-z0-9_][\w.-]*", re.ASCII)


def read_figures(worksheet: Worksheet, templates: Path | None) -> tuple[Mapping[str, bytes], Sequence[GeneratorError]]:
    """The files of all figures by their names, and what is wrong with others."""
    found: dict[str, bytes] = {}
    errors: list[GeneratorError] = []
    folders = [folder for folder in (worksheet.path.parent, templates) if folder is not None]
    for key, name in named_figures(worksheet):
        try:
            if name not in found:
                found[name] = _read(name, folders)
        except WorksheetError as error:
            errors.append(error.at(worksheet.place(*key)))
    return found, errors


def named_figures(worksheet: Worksheet) -> Iterator[tuple[Key, str]]:
    """The names of figures, each with its place."""
    if worksheet.logo:
        yield ("logo",), worksheet.logo.file
    for i, problem in enumerate(worksheet.problems):
        if problem.figure:
            yield ("problems", i, "figure"), problem.figure.file
        for place, asking in (((), problem), *problem.asked):
            for number, choice in enumerate(asking.choices if isinstance(asking.choices, tuple) else ()):
                if choice.figure:
                    yield ("problems", i, *place, "choices", number, "figure"), choice.figure.file
        for key, latex in problem.words:
            for found in INCLUDED.finditer(latex):
                yield ("problems", i, *key), included(found).file


def _read(name: str, folders: Sequence[Path]) -> bytes:
    ending = PurePosixPath(name).suffix.lower()
    if not NAME.fullmatch(name):
        raise WorksheetError(
            f"{name!r} is no name of a figure beside the worksheet",
            remedy="Name a file in the folder of the worksheet or below, such as figures/plot.pdf, in letters, digits, "
            "'-', '_' and '.'.",
        )
    if ending not in KINDS:
        raise WorksheetError(
            f"{name} is no figure that can be printed", remedy=f"Its name ends in {', '.join(KINDS)}; write all of it."
        )
    for folder in folders:
        path = folder / name
        if inputs.kind(path) != "file":
            continue
        if not is_inside(path, folder):
            raise WorksheetError(
                f"{name} is a link to a file in another folder", remedy="Put a copy of that file in its place."
            )
        content = inputs.read(path, MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise WorksheetError(f"{name} is larger than {MOST_BYTES // 10**6} MB", remedy="Make it smaller.")
        if not content.startswith(KINDS[ending]):
            raise WorksheetError(f"{name} is not what its name says", remedy=f"Save it as {ending[1:].upper()} again.")
        return content
    where = "beside the worksheet" + (" or in the templates" if len(folders) > 1 else "")
    raise WorksheetError(f"there is no figure {name} {where}", remedy="Check its name and its folder.")
