"""Matrices of drawn numbers: as many free entries as a declaration leaves, and the matrix that they make."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

from generator.expr.evaluate.exact import PROPERTIES, NoValueError, as_expr, cayley
from generator.worksheet.unimodular import unimodular

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Expr, Symbol

SYMMETRIC: frozenset[str] = frozenset({"symmetric", "positive definite"})
SKEW: frozenset[str] = frozenset({"skew-symmetric", "orthogonal"})


@dataclass(frozen=True)
class Entries:
    """All matrices of a symbol's shape and properties with entries from some values.

    Of an orthogonal matrix the values are entries of S in (I − S)(I + S)⁻¹ (Cayley).
    """

    symbol: Symbol
    values: tuple[Fraction, ...]

    @property
    def size(self) -> int:
        """How many ways there are to choose the free entries; not each makes a matrix that is wanted."""
        return prod(len(self.values) for _ in self._free)

    def __getitem__(self, index: int) -> Expr | None:
        """The matrix of a choice; None if it is zero or lacks a property."""
        chosen = {}
        for place in self._free:
            index, digit = divmod(index, len(self.values))
            chosen[place] = self.values[digit]
        rows, columns = self._sizes
        made: Rows = tuple(tuple(self._entry(i, j, chosen) for j in range(columns)) for i in range(rows))
        properties = self.symbol.properties
        try:
            made = cayley(made) if "orthogonal" in properties else made
        except NoValueError:
            return None
        wanted = any(map(any, made)) and all(PROPERTIES[name](made) for name in properties)
        return as_expr(made) if wanted else None

    def constructed(self, index: int) -> Expr | None:
        """A square matrix whose inverse is in whole numbers, one for each index; None if this one lacks a property."""
        made = unimodular(self._sizes[0], self.symbol.properties, self.values, str(index))
        return as_expr(made) if made and all(PROPERTIES[name](made) for name in self.symbol.properties) else None

    @property
    def work(self) -> int:
        """How many products of numbers it takes to make one matrix and to look at its properties."""
        rows, columns = self._sizes
        minors = rows if "positive definite" in self.symbol.properties else 1
        if "orthogonal" in self.symbol.properties:  # by an inverse and two products, of fractions with many digits
            minors = 4 * (1 + rows // 3)
        return rows * columns * (rows * minors if self.symbol.properties else 1)

    @property
    def _sizes(self) -> tuple[int, int]:
        return self.symbol.shape[0].number, self.symbol.shape[1].number

    @property
    def _free(self) -> list[tuple[int, int]]:
        """The places of the entries that decide all others."""
        rows, columns = self._sizes
        properties = self.symbol.properties
        kept: Callable[[int, int], bool]
        if "diagonal" in properties:
            kept = int.__eq__
        elif properties & SKEW:
            kept = int.__lt__
        elif properties & SYMMETRIC:
            kept = int.__le__
        elif "lower triangular" in properties:
            kept = int.__ge__
        else:
            kept = _any
        return [(i, j) for i in range(rows) for j in range(columns) if kept(i, j)]

    def _entry(self, i: int, j: int, chosen: dict[tuple[int, int], Fraction]) -> Fraction:
        properties = self.symbol.properties
        if (i, j) in chosen:
            return chosen[i, j]
        if properties & SYMMETRIC:
            return chosen.get((j, i), Fraction(0))
        return -chosen.get((j, i), Fraction(0)) if properties & SKEW else Fraction(0)


@dataclass(frozen=True)
class Listed:
    """Expressions that may stand in the place of a symbol."""

    items: Sequence[Expr]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.items)

    @property
    def work(self) -> int:
        """None: they are there."""
        return 0

    def __getitem__(self, index: int) -> Expr | None:
        return self.items[index]


def _any(i: int, j: int) -> bool:
    del i, j
    return True
