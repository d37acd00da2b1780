"""What is worth keeping between builds, in the user's own folder for that; what cannot be kept is found again."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from time import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

NAME = "trace-trick-worksheets"
DAY = 86400
DIGEST = sha256().digest_size


def folder() -> Path:
    """The user's own folder for what is kept."""
    from platformdirs import user_cache_path

    return user_cache_path(NAME)


def file(name: str) -> Path | None:
    """Where something may be kept; None where nothing can be."""
    found = folder() / name
    try:
        found.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return found


def keep(name: str, content: bytes) -> None:
    """Put something there, all of it at once, if that is possible."""
    if place := file(name):
        with suppress(OSError):
            new = place.with_suffix(f".{os.getpid()}")
            new.write_bytes(sha256(content).digest() + content)
            new.replace(place)


def kept(name: str) -> bytes | None:
    """What was put there, which now counts as used; None if it is not there, or not whole."""
    place = folder() / name
    try:
        found = place.read_bytes()
    except OSError:
        return None
    with suppress(OSError):  # of one that is only to be read
        os.utime(place)
    digest, content = found[:DIGEST], found[DIGEST:]
    return content if sha256(content).digest() == digest else None


def remembered(kind: str, key: str, find: Callable[[], T]) -> T:
    """What was found before for a key, or is found now, as JSON can hold it."""
    name = f"{kind}-{sha256(key.encode()).hexdigest()[:32]}"
    content = kept(name)
    if content is None:
        content = json.dumps(find()).encode()
        keep(name, content)
    found: T = json.loads(content)
    return found


def forget(kind: str, days: int) -> None:
    """Remove the files of a folder that have not been used for so many days."""
    with suppress(OSError):
        for place in (folder() / kind).iterdir():
            if time() - place.stat().st_mtime > days * DAY:
                place.unlink()
