"""Matrices of whole numbers whose inverses are whole numbers too, made and not searched for.

From a matrix of ±1, elementary operations (a row or column added to another, two of them exchanged) lead to matrices
with determinant ±1. Those of a symmetric or skew-symmetric matrix act on rows and columns alike, those of a triangular
one downwards. Only operations are kept that bring no entry further out of the values allowed for it.
"""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from generator.expr.evaluate.exact import Rows

    Entries = list[list[int]]

LARGEST_OF_INVERSE = 9
"""No entry of the inverse is larger, so that answers are numbers that people work with."""
USUAL_STEPS = 12
"""So many operations are tried for each row."""
MOST_STEPS = 60
"""The same where entries are not yet among the values allowed for them."""
CONGRUENT = frozenset({"symmetric", "positive definite", "skew-symmetric"})
"""Properties that are kept where the same is done to rows and to columns."""


def unimodular(n: int, properties: frozenset[str], values: Collection[Fraction], seed: str) -> Rows | None:
    """An n × n matrix that a seed chooses, with determinant ±1 and some properties; None where it finds none.

    Its entries are among the values, but for an orthogonal one, whose entries are 0 and ±1.
    """
    dice = _dice(seed)
    entries = _core(n, properties, dice)
    if entries is None:
        return None
    is_orthogonal, is_triangular = "orthogonal" in properties, "lower triangular" in properties
    is_congruent = not properties.isdisjoint(CONGRUENT)
    allowed = {int(value) for value in values if value.denominator == 1 and (value > 0 or "positive" not in properties)}
    if not (is_orthogonal or allowed):
        return None
    walk = _Walk(entries, _inverse_of_core(entries), frozenset() if is_orthogonal else frozenset(allowed))
    steps = 0 if "diagonal" in properties or (is_triangular and is_congruent) else n
    for step in range(MOST_STEPS * steps):
        if step >= USUAL_STEPS * steps and not walk.distance:
            break
        i, j = next(dice) % n, next(dice) % (n - 1)
        j += j >= i
        if is_triangular:
            i, j = max(i, j), min(i, j)
        factor = 0 if is_orthogonal else (1, -1)[next(dice) % 2]
        by_rows = is_congruent or is_triangular or next(dice) % 2 == 0
        walk.try_out(i, j, factor, rows=by_rows, columns=is_congruent or not by_rows)
    if walk.distance:
        return None
    return tuple(tuple(map(Fraction, row)) for row in walk.entries)


def _dice(seed: str) -> Iterator[int]:
    """Numbers that follow from a seed, on any machine."""
    block = 0
    while True:
        yield from sha256(f"{seed}/{block}".encode()).digest()
        block += 1


def _core(n: int, properties: frozenset[str], dice: Iterator[int]) -> Entries | None:
    """A matrix with the properties that has a ±1 in each row and column, and zeros else; None where there is none."""
    entries = [[0] * n for _ in range(n)]
    is_skew, is_definite = "skew-symmetric" in properties, "positive definite" in properties
    if is_skew and n % 2:
        return None
    i = 0
    while i < n:
        sign = 1 if is_definite else (1, -1)[next(dice) % 2]
        paired = properties >= {"symmetric", "orthogonal"} and not is_definite and "diagonal" not in properties
        if is_skew or (paired and i + 1 < n and next(dice) % 2):
            entries[i][i + 1], entries[i + 1][i] = sign, -sign if is_skew else sign
            i += 2
        else:
            entries[i][i] = sign
            i += 1
    return entries


def _inverse_of_core(entries: Entries) -> Entries:
    """The transpose."""
    return [list(column) for column in zip(*entries, strict=True)]


class _Walk:
    """A matrix and its inverse under elementary operations; without any allowed values, all are."""

    def __init__(self, entries: Entries, inverse: Entries, allowed: frozenset[int]) -> None:
        self.entries = entries
        self.inverse = inverse
        self.allowed = allowed
        self.distance = self._distance(entries)

    def _distance(self, entries: Entries) -> int:
        """How far entries are from the values allowed for them, in all."""
        if not self.allowed:
            return 0
        low, high = min(self.allowed), max(self.allowed)
        outside = (entry for row in entries for entry in row if entry not in self.allowed)
        return sum(1 + max(low - entry, entry - high, 0) for entry in outside)

    def try_out(self, i: int, j: int, factor: int, *, rows: bool, columns: bool) -> None:
        """Add so many times row or column j to the i-th, or exchange them for a factor 0, where that is no loss."""
        entries, inverse = [row[:] for row in self.entries], [row[:] for row in self.inverse]
        if rows:
            _on_rows(entries, i, j, factor)
            _on_columns(inverse, j, i, -factor)
        if columns:
            _on_columns(entries, i, j, factor)
            _on_rows(inverse, j, i, -factor)
        distance = self._distance(entries)
        if distance <= self.distance and max(abs(entry) for row in inverse for entry in row) <= LARGEST_OF_INVERSE:
            self.entries, self.inverse, self.distance = entries, inverse, distance


def _on_rows(entries: Entries, i: int, j: int, factor: int) -> None:
    if factor:
        entries[i] = [x + factor * y for x, y in zip(entries[i], entries[j], strict=True)]
    else:
        entries[i], entries[j] = entries[j], entries[i]


def _on_columns(entries: Entries, i: int, j: int, factor: int) -> None:
    for row in entries:
        if factor:
            row[i] += factor * row[j]
        else:
            row[i], row[j] = row[j], row[i]
