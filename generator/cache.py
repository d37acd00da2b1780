"""What is worth keeping between builds, in the user's own folder for that; what cannot be kept is found again."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

NAME = "trace-trick-worksheets"


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


def keep(place: Path, content: bytes) -> None:
    """Put something there, all of it at once, if that is possible."""
    with suppress(OSError):
        new = place.with_suffix(f".{os.getpid()}")
        new.write_bytes(content)
        new.replace(place)


def remembered(kind: str, key: str, find: Callable[[], Any], read: Callable[[Any], T]) -> T:
    """What was found before for a key, or is found now, which JSON can hold, as `read` takes it.

    What `read` cannot take, by a `TypeError` or a `ValueError`, is found again.
    """
    kept = file(f"{kind}-{sha256(key.encode()).hexdigest()[:32]}.json")
    if kept is None:
        return read(find())
    with suppress(OSError, ValueError, TypeError, RecursionError):
        return read(json.loads(kept.read_bytes()))
    found = find()
    keep(kept, json.dumps(found).encode())
    return read(found)
