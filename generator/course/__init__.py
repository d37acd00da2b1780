"""A new course: a folder with a first worksheet and all that is needed around it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import BuildError, GeneratorError, InFile

if TYPE_CHECKING:
    from generator.origin import Origin

FILES = Path(__file__).parent / "files"
SCHEMA, FAMILIES_SCHEMA = "worksheet.schema.json", "families.schema.json"
DOTTED = {"devcontainer", "github", "gitignore", "gitlab-ci.yml", "pre-commit-config.yaml", "vscode"}
"""Files and folders whose names begin with a dot in a course; they are shipped without it."""


def contents(package: Origin) -> dict[str, str]:
    """The files of a new course by their names.

    `package` is what its Makefile installs.
    """
    from generator.worksheet.schema import written

    files = {file.relative_to(FILES).as_posix(): file for file in sorted(FILES.rglob("*")) if file.is_file()}
    texts = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
    comment = f"\n# Change it for others: {package.warning}." if package.warning else ""
    for placeholder, value in ("@COMMENT@", comment), ("@PACKAGE@", _escaped(package.requirement)):
        texts["Makefile"] = texts["Makefile"].replace(placeholder, value)
    named = {f".{name}" if name.partition("/")[0] in DOTTED else name: text for name, text in texts.items()}
    return named | {SCHEMA: written(), FAMILIES_SCHEMA: written(families=True)}


def _escaped(value: str) -> str:
    """A value for a variable of make."""
    return value.replace("$", "$$").replace("#", "\\#")


def create(folder: Path, package: Origin) -> list[str]:
    """Write a new course into a folder that is empty or does not exist; the names of its files."""
    files = contents(package)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise GeneratorError(
                "is there already, and nothing is overwritten", remedy="Name a new folder.", file=InFile(folder)
            )
        for name, text in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BuildError(
            f"cannot be written: {error.strerror}", remedy="Name a folder elsewhere.", file=InFile(folder)
        ) from error
    return sorted(files)
