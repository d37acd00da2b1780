"""What builds depend on besides their inputs: this program itself."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from generator.disk import files_in
from generator.render import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def hashed(*parts: bytes) -> str:
    """A hash of some parts, each by itself."""
    all_of_them = sha256()
    for part in parts:
        all_of_them.update(sha256(part).digest())
    return all_of_them.hexdigest()


@cache
def program() -> bytes:
    """A hash of this program: of its code, its tables and its templates."""
    return hashed(*_contents(HERE), *_contents(TEMPLATES)).encode()


def _contents(folder: Path) -> Iterator[bytes]:
    for name, file in files_in(folder):
        yield name.encode()
        yield file.read_bytes()
