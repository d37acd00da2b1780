"""The folder that a build fills: staged beside the old one and put in its place whole, or not at all."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import copy2
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from generator.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANIFEST = "manifest.json"


def checksum(content: bytes) -> str:
    """What tells whether two files are the same."""
    return sha256(content).hexdigest()


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files in a folder that are not Python's own, with their names in it, in order."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file.relative_to(folder).as_posix(), file


def is_inside(path: Path, folder: Path) -> bool:
    """A file or folder is in a folder or below, where its links lead."""
    return path.resolve().is_relative_to(folder.resolve())


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the build before; empty if there is none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and _is_sound(found) else {}


def _is_sound(manifest: Mapping[str, Any]) -> bool:
    """What the next build looks at is of the right kind."""
    files, printed, answers = (manifest.get(key, {}) for key in ("files", "printed", "answers"))
    return (
        isinstance(files, dict)
        and all(isinstance(known, str) for known in files.values())
        and isinstance(printed, dict)
        and all(isinstance(told, dict) and isinstance(told.get("pages"), int) for told in printed.values())
        and isinstance(answers, dict)
        and all(label.isdecimal() and len(label) < 10 for label in answers)
    )


def is_intact(folder: Path, name: str, known: Mapping[str, str]) -> bool:
    """A file is there, and as it was built."""
    file = folder / name
    try:
        return name in known and not file.is_symlink() and checksum(file.read_bytes()) == known[name]
    except OSError:
        return False


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """What the operating system refuses is an error that can be read."""
    try:
        yield
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from error


def _unwritable(folder: Path, why: str) -> BuildError:
    return BuildError(
        f"cannot write to {folder}: {why}", remedy="Name another folder with -o, or make this one writable."
    )


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A new folder beside the one to replace, gone afterwards unless it has been moved."""
    if folder.is_symlink():
        raise BuildError(f"{folder} is a link to another folder", remedy="Name another folder with -o, or remove it.")
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        raise _unwritable(folder, f"{nearest} is a file")
    with disk(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        parent = TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent)
    with parent as name:
        new = Path(name) / "new"
        new.mkdir()
        yield new


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else replaces anything in a folder meanwhile; where the system has no such locks, all goes on."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write(folder: Path, name: str, content: bytes) -> None:
    """Put a file into a folder."""
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


def keep(old: Path, new: Path, name: str) -> None:
    """Have a file of the old folder in the new one, too."""
    try:
        os.link(old / name, new / name)
    except OSError:
        copy2(old / name, new / name)


def replace(folder: Path, new: Path, files: Mapping[str, str]) -> list[str]:
    """Put the new folder in the place of the old one, which stays if that fails.

    What the build before did not make, by its files' checksums, comes along; the names of what a person had edited
    and is built again are given back. The caller has the lock.
    """
    edited = _rescue(folder, new, files)
    _swap(new, folder)
    return edited


def _rescue(old: Path, new: Path, files: Mapping[str, str]) -> list[str]:
    edited = []
    for name, file in files_in(old):
        if name == MANIFEST or is_intact(old, name, files):
            continue
        target = new / name
        if target.is_file() and target.read_bytes() == file.read_bytes():
            continue
        attempt = 0
        while target.exists():
            attempt += 1
            target = new / Path(name).with_stem(f"{file.stem}.edited{attempt}")
        target.parent.mkdir(parents=True, exist_ok=True)
        copy2(file, target, follow_symlinks=False)
        if attempt:
            edited.append(target.relative_to(new).as_posix())
    return edited


def _swap(new: Path, folder: Path) -> None:
    old = new.with_name("old")
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except BaseException:  # also Ctrl-C just behind one of them
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
