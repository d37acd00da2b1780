"""The TeX that is installed: whether its programs, formats or packages have changed since something was typeset.

No TeX is started for that. Whatever installs a package writes the list of all files of its tree (`ls-R`) anew; a tree
without such a list, as one of a user's own, is gone through.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any, TypeAlias

from generator.pdf.engines import BUNDLE, ENGINES, FOLDERS
from generator.system.disk_cache import remembered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIST = "ls-R"
WRITTEN_BY_TEX = "luatex-cache"
"""The folder of a user's tree that LuaTeX fills by itself."""
OWN_SETTINGS = ("HOME", "PATH", "TEXMFCNF")
"""Environment variables that decide where TeX's trees are, and say nothing else about them."""
Stamp: TypeAlias = tuple[str, int, int]
"""A file with its size, in bytes, and the time of its last change, in nanoseconds."""
Trees: TypeAlias = tuple[list[str], list[list[str | int]]]
"""TeX's trees, and the stamps of the files of settings that name them."""


@dataclass(frozen=True)
class Installation:
    """What is installed: a hash that is the same for the same installation elsewhere, and when it last changed."""

    identity: str
    changed: int
    """In nanoseconds since 1970; never in the future."""


def installation() -> Installation:
    """The engines, formats and packages that are here now."""
    stamps = list(_stamps())
    settings = sorted((name, value) for name, value in os.environ.items() if name == BUNDLE or name.startswith("TEX"))
    sizes = [(Path(name).name, size) for name, size, _ in stamps]
    now = time_ns()
    times = (time for _, _, time in stamps if time <= now)  # a wrong clock must not make all builds out of date
    return Installation(sha256(repr((settings, sizes)).encode()).hexdigest(), max(times, default=0))


def _stamps() -> Iterator[Stamp]:
    for name in ENGINES:
        for folder in (None, *FOLDERS):
            if program := shutil.which(name, path=folder):
                yield from _stamped(Path(program))
    for tree in _trees():
        if (tree / LIST).is_file():
            yield from _stamped(tree / LIST, tree / "web2c" / "texmf.cnf", *sorted(tree.glob("web2c/*/*.fmt")))
        else:
            for folder, folders, files in os.walk(tree):
                folders[:] = sorted(set(folders) - {WRITTEN_BY_TEX})
                yield from _stamped(*(Path(folder, name) for name in sorted(files)))


def _stamped(*files: Path) -> Iterator[Stamp]:
    for file in files:
        try:
            found = file.stat()
        except OSError:
            continue
        yield str(file), found.st_size, found.st_mtime_ns


def _trees() -> list[Path]:
    """The folders in which TeX looks for packages and formats, in its order; none where it does not tell."""
    kpsewhich = shutil.which("kpsewhich")
    if kpsewhich is None:
        return []
    settings = [os.environ.get(name) for name in OWN_SETTINGS]
    settings += sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("TEXMF"))
    key = repr((list(_stamped(Path(kpsewhich))), settings))
    trees, _ = remembered("tex-trees", key, lambda: _found(kpsewhich), _checked)
    return [Path(tree) for tree in trees]


def _found(kpsewhich: str) -> Trees:
    without_lists = {**os.environ, "TEXMFDBS": os.devnull}  # which kpsewhich would read before it answers
    said = _said(kpsewhich, ["--expand-path=$TEXMF"], without_lists).strip().split(os.pathsep)
    trees = [tree for tree in said if Path(tree).is_absolute() and Path(tree) != Path(Path(tree).anchor)]
    files = _said(kpsewhich, ["--all", "texmf.cnf"], without_lists).splitlines()
    return trees, [list(stamp) for stamp in _stamped(*map(Path, files))]


def _checked(found: Any) -> Trees:
    """What was found before, if the files of settings are as they were; else raises `ValueError`."""
    match found:
        case [[*trees], [*settings]] if all(isinstance(tree, str) for tree in trees):
            names = [stamp[0] for stamp in settings if isinstance(stamp, list) and stamp and isinstance(stamp[0], str)]
            if settings == [list(stamp) for stamp in _stamped(*map(Path, names))]:
                return trees, settings
    raise ValueError("not the trees of TeX as they are now")


def _said(program: str, arguments: Sequence[str], environment: dict[str, str]) -> str:
    import subprocess

    return subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False).stdout
