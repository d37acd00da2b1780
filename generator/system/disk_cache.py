"""What is worth keeping between builds, in the user's own folder for that; what cannot be kept is found again.

The folder may come from elsewhere, as a build service restores it: all in it is data, checked as it is read. What does
not have the form of what was kept counts as not there.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from time import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NAME = "trace-trick-worksheets"
DAY = 86400
DAYS = 30
"""What no build has asked for in so many days is forgotten."""
LOOKED_THROUGH = ".looked-through"
"""The file of a folder whose date is that of the last search for what is to be forgotten."""
DIGEST = sha256().digest_size


def folder() -> Path:
    """The user's own folder for what is kept."""
    from platformdirs import user_cache_path

    return user_cache_path(NAME)


def keep(name: str, content: bytes) -> None:
    """Put something there, if that is possible."""
    place = folder() / name
    if place.is_absolute():  # not where the environment names no home
        _forget(place.parent)
        write(place, content)


def kept(name: str) -> bytes | None:
    """What was put there, which now counts as used; None if it is not there, or not whole."""
    place = folder() / name
    if not place.is_absolute() or (content := read(place)) is None:
        return None
    with suppress(OSError):  # of one that is only to be read
        os.utime(place)
    return content


def write(place: Path, content: bytes) -> None:
    """Write a file whole, with its digest, if that is possible."""
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, new = mkstemp(dir=place.parent, prefix=f".{place.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sha256(content).digest() + content)
            Path(new).replace(place)
        except BaseException:
            Path(new).unlink()
            raise


def read(place: Path) -> bytes | None:
    """What `write` has written; None if the file is not there, or not whole."""
    try:
        found = place.read_bytes() if place.is_file() else b""
    except OSError:
        return None
    digest, content = found[:DIGEST], found[DIGEST:]
    return content if sha256(content).digest() == digest else None


def remembered(kind: str, key: str, find: Callable[[], T], check: Callable[[Any], T]) -> T:
    """What was found before for a key, or is found now, as JSON can hold it.

    `check` gives back what was kept, as the type that `find` has, or raises `ValueError`: then it is found again.
    """
    name = f"{kind}-{sha256(key.encode()).hexdigest()[:32]}"
    if (content := kept(name)) is not None:
        with suppress(ValueError, RecursionError):
            return check(json.loads(content))
    found = find()
    keep(name, json.dumps(found).encode())
    return found


def _forget(place: Path) -> None:
    """Remove the files of a folder that have not been used for `DAYS`; once a day, as there may be many thousands."""
    now, mark = time(), place / LOOKED_THROUGH
    with suppress(OSError):
        if mark.exists() and now - mark.stat().st_mtime < DAY:
            return
        mark.touch()
        with os.scandir(place) as entries:
            unused = [one.path for one in entries if one.is_file() and now - one.stat().st_mtime > DAYS * DAY]
        for path in unused:
            Path(path).unlink(missing_ok=True)
