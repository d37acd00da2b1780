"""Questions that were given before: builds record fingerprints of theirs, which a make-up exam avoids."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from generator.errors import InFile, WorksheetError
from generator.system import inputs
from generator.system.output_dir import MANIFEST, is_inside, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.worksheet.spec import Worksheet

SCHEME = "fingerprint_scheme"
"""The key of a manifest that says which fingerprints can be compared with its own."""


def avoiding(worksheet: Worksheet, output: Path, *, makeup: bool) -> Worksheet:
    """The worksheet with the fingerprints of what was given before, in builds that it names or, for a make-up, its own.

    `output` is the folder in which builds have theirs. Raises `WorksheetError` where a folder has no build.
    """
    folders = [_folder(worksheet, output, said) for said in worksheet.avoid]
    if makeup:
        folders.append(output / worksheet.stem)
    if not folders:
        return worksheet
    given = {one for folder in folders for one in _fingerprints(worksheet, folder)}
    return worksheet.avoiding(tuple(sorted(given)), makeup_stem(worksheet.stem) if makeup else worksheet.stem)


def makeup_stem(stem: str) -> str:
    """Common beginning of the names of a make-up exam's files."""
    return f"{stem}-makeup"


def _folder(worksheet: Worksheet, output: Path, said: str) -> Path:
    """The folder of a build that a worksheet names, in or beside the output folder or beside the worksheet."""
    roots = output, output.absolute().parent, worksheet.path.parent
    found = (root / said for root in roots if is_inside(root / said, root))
    return next((one for one in found if inputs.kind(one / MANIFEST) == "file"), output / said)


def _fingerprints(worksheet: Worksheet, folder: Path) -> Iterator[float]:
    """The fingerprints of all questions in a build, and of the words of those in which nothing is derived or drawn."""
    from generator.worksheet.equivalence import scheme

    place = worksheet.place("avoid") if worksheet.avoid else InFile(worksheet.path)
    inputs.kind(folder / MANIFEST)
    with suppress(OSError):
        inputs.read(folder / MANIFEST)
    manifest = read_manifest(folder)
    if not manifest:
        raise WorksheetError(
            f"nothing was built in {folder}, whose questions are to be avoided",
            remedy="Build it first, or name the folder of the exam that was given.",
            file=place,
        )
    answers = tuple(chain.from_iterable(some for some in manifest["answers"].values() if isinstance(some, list)))
    has_all = all(isinstance(answer, dict) and "fingerprint" in answer for answer in answers)
    if manifest.get(SCHEME) != scheme() or not has_all:
        raise WorksheetError(
            f"{folder} was built by another version of this program, and does not say which questions it has",
            remedy="Build it again with this one, from the same worksheet and seed.",
            file=place,
        )
    for answer in answers:
        yield from (found for key in ("fingerprint", "wording") if isinstance(found := answer.get(key), float))
