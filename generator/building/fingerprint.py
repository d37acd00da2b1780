"""What builds depend on besides their inputs: this program, and the libraries that decide what comes out."""

from __future__ import annotations

import re
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from generator.system.output_dir import files_in
from generator.system.shipped import PACKAGE, TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Iterator


LIBRARIES = frozenset(
    (
        *("annotated-types", "jinja2", "lark", "lxml", "markupsafe", "math-core", "mpmath", "numpy", "ordered-set"),
        *("pikepdf", "pillow", "pydantic", "pydantic-core", "pylatex", "pypdfium2", "pyyaml"),
        *("scipy", "segno", "sympy"),
    )
)
"""Distributions, with those that they need, whose versions can change a page; the others only show progress, find
folders or read the command line."""


def hashed(*parts: bytes) -> str:
    """A hash of some parts, each by itself."""
    all_of_them = sha256()
    for part in parts:
        all_of_them.update(sha256(part).digest())
    return all_of_them.hexdigest()


@cache
def fingerprint() -> bytes:
    """A hash of this program (its code, its tables and its templates), of Python and of the libraries."""
    versions = (sys.version, *libraries())
    return hashed(*_contents(PACKAGE), *_contents(TEMPLATES), *(version.encode() for version in versions)).encode()


@cache
def libraries() -> tuple[str, ...]:
    """Name and version of each of the `LIBRARIES` that is installed, as `sympy-1.13.3`.

    They are read from the names of the folders that installers leave, as reading the files in these takes longer than
    all else that an unchanged build does.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            entries = sorted(Path(folder or ".").iterdir())
        except OSError:
            continue
        for entry in entries:
            name, _, rest = entry.stem.partition("-")
            key = re.sub(r"[-_.]+", "-", name).lower()
            if entry.suffix in (".dist-info", ".egg-info") and key in LIBRARIES:
                found.setdefault(key, f"{key}-{rest}")
    for key in LIBRARIES - found.keys():
        found[key] = f"{key}-{_version(key)}"
    return tuple(found[key] for key in sorted(found))


def _version(name: str) -> str:
    """The version of a distribution that is not in a folder of its own; empty if it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _contents(folder: Path) -> Iterator[bytes]:
    for name, file in files_in(folder):
        yield name.encode()
        yield file.read_bytes()
