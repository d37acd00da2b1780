"""The folder that a build fills: staged beside the old one and put in its place whole, or not at all."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from shutil import copy2, rmtree
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any

from generator.errors import BuildError
from generator.system.workers import stop_if_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANIFEST = "manifest.json"
NEW, OLD = "new", "old"
"""In the folder where a build is staged: what it makes, and what was there before while the two change places."""
IN_USE = ".in-use"
"""The file of a lock, in a folder that is gone when its process has ended."""
SOON = f"{IN_USE}-soon"
"""The same before the lock is held."""
STAGING = re.compile(r"\.(.+)-[a-z0-9_]{8}")
WORKING = re.compile(r"worksheets-[a-z0-9_]{8}")
"""The names of such folders: beside the folder that a build replaces, and where TeX works."""


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
        _has_texts(files)
        and _are_sound_inputs(manifest.get("inputs"))
        and isinstance(printed, dict)
        and all(isinstance(told, dict) and isinstance(told.get("pages"), int) for told in printed.values())
        and isinstance(answers, dict)
        and all(label.isdecimal() and len(label) < 10 for label in answers)
    )


def _has_texts(data: object) -> bool:
    return isinstance(data, dict) and all(isinstance(value, str) for value in data.values())


def _are_sound_inputs(inputs: object) -> bool:
    """What a build depended on is a hash of its settings and tables of what it read, or is not known."""
    match inputs:
        case None:
            return True
        case {"settings": str(), "read": dict() as tables}:
            return all(map(_has_texts, tables.values()))
        case _:
            return False


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


class Scratch(TemporaryDirectory[str]):
    """A new folder for this process alone, gone afterwards.

    Where the system has locks, the process holds one in it as long as it lives, in whatever way it ends.
    """

    def __init__(self, prefix: str, parent: Path | None = None, *, ignore_cleanup_errors: bool = False) -> None:
        super().__init__(prefix=prefix, dir=parent, ignore_cleanup_errors=ignore_cleanup_errors)
        self.lock = _lock(Path(self.name))

    def cleanup(self) -> None:
        """Remove the folder."""
        super().cleanup()
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


def _lock(folder: Path) -> int | None:
    """The handle of the lock of a new folder. Its file has its name only when the lock is held."""
    try:
        import fcntl
    except ImportError:
        return None
    file = folder / SOON
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # a file system without locks
        os.close(handle)
        return None
    file.rename(folder / IN_USE)
    return handle


def clear(output: Path) -> None:
    """Remove what builds that were killed have left beside the folders in `output` and in the temporary folder.

    A folder that was put aside, but not replaced yet, gets its place back. What belongs to a process that is alive
    stays, and so does what has no lock; but whoever makes a folder in `output` has that locked until the folder has its
    own lock, so that one with nothing but a lock to be was left by a process that ended in between.
    """
    for entry in _scratches(output, STAGING):
        with suppress(OSError), locked(output) as is_locked:
            if is_locked and [path.name for path in entry.iterdir()] == [SOON]:
                rmtree(entry, ignore_errors=True)
        target = output / STAGING.fullmatch(entry.name)[1]  # type: ignore[index]  # it matches
        with _if_abandoned(entry) as is_abandoned:
            if is_abandoned:
                with suppress(OSError), locked(output):
                    if (entry / OLD).is_dir() and not target.exists():
                        (entry / OLD).rename(target)
                rmtree(entry, ignore_errors=True)
    with suppress(OSError):  # there may be no temporary folder at all
        for entry in _scratches(Path(gettempdir()), WORKING):
            with _if_abandoned(entry) as is_abandoned:
                if is_abandoned:
                    rmtree(entry, ignore_errors=True)


def _scratches(folder: Path, name: re.Pattern[str]) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(one) for one in entries if name.fullmatch(one.name) and one.is_dir(follow_symlinks=False)]
    except OSError:
        return []


@contextmanager
def _if_abandoned(folder: Path) -> Iterator[bool]:
    """Whether a folder has a lock that nobody holds; meanwhile this process holds it."""
    try:
        import fcntl

        handle = os.open(folder / IN_USE, os.O_RDWR | os.O_NOFOLLOW)
    except (ImportError, OSError):
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


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
        with locked(folder.parent):  # see `clear`
            parent = Scratch(f".{folder.name}-", folder.parent)
    with parent as name:
        new = Path(name) / NEW
        new.mkdir()
        yield new


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Nobody else replaces anything in a folder meanwhile; False where the system has no locks, and all goes on."""
    try:
        import fcntl
    except ImportError:
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield True
    finally:
        os.close(handle)


def write(folder: Path, name: str, content: bytes) -> None:
    """Put a file into a folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
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
    stop_if_told()
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
    old = new.with_name(OLD)
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except BaseException:  # also Ctrl-C just behind one of them
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
