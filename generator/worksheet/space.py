"""Spaces of choices: how many ways there are to choose one thing from each of several, and which is the i-th.

The order is a shuffle made from SHA-256: the same everywhere and for good, with no list and no random generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from math import prod

ROUNDS = 6


@dataclass(frozen=True)
class Space:
    """All ways to choose one of so many things, one of so many others, and so on, in the order that a key decides."""

    sizes: tuple[int, ...]
    key: str

    @property
    def size(self) -> int:
        """How many ways there are."""
        return prod(self.sizes)

    def __getitem__(self, index: int) -> tuple[int, ...]:
        """The numbers of the things that are chosen the i-th time; each way comes up once."""
        place = shuffled(index, self.size, self.key)
        digits = []
        for size in self.sizes:
            place, digit = divmod(place, size)
            digits.append(digit)
        return tuple(digits)


def shuffled(index: int, size: int, key: str) -> int:
    """Where the shuffle of `range(size)` that `key` decides puts `index`, without making a list.

    A Feistel network permutes the numbers of so many bits; what falls outside the range goes round again.
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    width = (half + 7) // 8
    while True:
        left, right = index >> half, index & mask
        for turn in range(ROUNDS):
            digest = sha256(f"{key}/{turn}/{right}".encode()).digest()
            left, right = right, left ^ (int.from_bytes(digest[: max(8, width)]) & mask)
        index = left << half | right
        if index < size:
            return index
