"""An order of things that is drawn by a key."""

from __future__ import annotations

from hashlib import sha256


def rank(key: str, text: str) -> bytes:
    """A place in an order by a key."""
    return sha256(f"{key} {text}".encode()).digest()
