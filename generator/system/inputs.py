"""The inputs of a build: every file, folder listing and link that it reads, with a hash of what was found there.

Whatever reads an input reads it through `read`, `names` or `kind`. While a record is kept, each of them notes what it
was asked and what it found, so the record of a build lists all that the build depends on, and nothing has to name the
keys of a worksheet a second time. The next build compares the record with what is there now.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Found: TypeAlias = Mapping[str, Mapping[str, str]]

ABSENT = "absent"
TREE = "**"
"""The pattern of all entries of a folder and of the folders in it."""


@dataclass
class Record:
    """What was read, by names that stay when a project is moved: `worksheet/families/mine.yaml`."""

    roots: Mapping[str, Path]
    """Files and folders by their labels. A path is named after the first root that it is or lies in."""
    ignored: tuple[Path, ...] = ()
    """Folders whose files are checked in another way: those of the program, and those that a build writes."""
    found: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each question (see `QUESTIONS`) what was found, by names."""
    process: int = field(default_factory=os.getpid)

    def note(self, question: str, path: Path, answer: str) -> None:
        """Keep the first answer: if there is another one later, the next build has to see a change."""
        if any(_is_below(path, folder) for folder in self.ignored):
            return
        known = self.found.setdefault(question, {})
        name = _name(path, self.roots)
        if name not in known and os.getpid() != self.process:
            raise RuntimeError(f"{path} is read by a worker, whose record is lost: read it before workers start")
        known.setdefault(name, answer)

    @property
    def paths(self) -> list[Path]:
        """The files and folders that exist and were read, each once, in the order in which they were."""
        return existing(self.found, self.roots)


_record: ContextVar[Record | None] = ContextVar("record", default=None)


@contextmanager
def recorded(record: Record) -> Iterator[Record]:
    """Note in this record what is read meanwhile."""
    token = _record.set(record)
    try:
        yield record
    finally:
        _record.reset(token)


def read(path: Path, most: int = -1) -> bytes:
    """The first `most` bytes of an input file, or all; raises `OSError` as `open` does."""
    try:
        with path.open("rb") as file:
            content = file.read(most)
    except OSError:
        _note("content", path, ABSENT)
        raise
    _note("content", path, _digest(content))
    return content


def names(folder: Path, pattern: str = TREE) -> list[Path]:
    """The entries of a folder that match a pattern, in order; none if there is no such folder."""
    _note("names", folder / pattern, _names(folder / pattern))
    return list(_entries(folder, pattern))


def kind(path: Path) -> str:
    """Whether a path is a `file`, a `folder` or `absent`; noted with where it leads if it is a link."""
    found = _kind(path)
    _note("kind", path, found)
    return found.partition(" ")[0]


def is_same(found: Found, roots: Mapping[str, Path]) -> bool:
    """Every question that was noted has the same answer now."""
    return all(
        question in QUESTIONS and (path := _path(name, roots)) is not None and QUESTIONS[question](path) == answer
        for question, answers in found.items()
        for name, answer in answers.items()
    )


def existing(found: Found, roots: Mapping[str, Path]) -> list[Path]:
    """The files and folders of a record that exist, each once, in the order in which they were read."""
    paths = (
        path.parent if question == "names" else path
        for question in ("content", "kind", "names")
        for name in found.get(question, ())
        if (path := _path(name, roots)) is not None
    )
    return list(dict.fromkeys(path for path in paths if path.exists()))


def _note(question: str, path: Path, answer: str) -> None:
    if record := _record.get():
        record.note(question, path, answer)


def _content(path: Path) -> str:
    try:
        return _digest(path.read_bytes()) if path.is_file() else ABSENT
    except OSError:
        return ABSENT


def _names(path: Path) -> str:
    """A hash of the names that match the last part of a path, and of where those that are links lead."""
    folder, pattern = path.parent, path.name
    if not folder.is_dir():
        return ABSENT
    listed = (
        f"{entry.relative_to(folder).as_posix()}\0{entry.readlink() if entry.is_symlink() else ''}"
        for entry in _entries(folder, pattern)
    )
    return _digest("\n".join(listed).encode("utf-8", "surrogateescape"))


def _kind(path: Path) -> str:
    kind = "folder" if path.is_dir() else "file" if path.is_file() else ABSENT
    return f"{kind} {os.path.relpath(os.path.realpath(path), os.path.realpath(path.parent))}"


QUESTIONS: dict[str, Callable[[Path], str]] = {"content": _content, "names": _names, "kind": _kind}
"""What can be asked of a path, and how it is answered."""


def _entries(folder: Path, pattern: str) -> Iterator[Path]:
    found = folder.rglob("*") if pattern == TREE else folder.glob(pattern)
    yield from (path for path in sorted(found) if "__pycache__" not in path.relative_to(folder).parts)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _name(path: Path, roots: Mapping[str, Path]) -> str:
    """The label of a root and the way from there to a path; for a path outside of all, from the last root."""
    for label, root in roots.items():
        if _is_below(path, root):
            return "/".join((label, *path.absolute().relative_to(root.absolute()).parts))
    label, root = list(roots.items())[-1]
    return f"{label}/{Path(os.path.relpath(path, root)).as_posix()}"


def _path(name: str, roots: Mapping[str, Path]) -> Path | None:
    """The path that has a name; None if there is no such root now."""
    label, _, rest = name.partition("/")
    return roots[label] / rest if label in roots else None


def _is_below(path: Path, folder: Path) -> bool:
    return path.absolute().is_relative_to(folder.absolute())
