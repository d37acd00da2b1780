"""Conditions between drawn values: `c != d`, `a*d - b*c > 0`, `1 < c < d`, decided exactly and without running code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any

from generator.errors import ExpressionError
from generator.expr.evaluate.exact import NoValueError, Rows, exact, require_little_work, work
from generator.expr.parsing.parse import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.expr.nodes import Expr, Symbol

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "!=": ne,
    "≠": ne,
    "<=": le,
    "≤": le,
    ">=": ge,
    "≥": ge,
    "==": eq,
    "=": eq,
    "<": lt,
    ">": gt,
}
SPLIT = re.compile("(" + "|".join(COMPARISONS) + ")")
HOW = "Compare two expressions, such as  c != d  or  a*d - b*c > 0; several conditions make a list."


@dataclass(frozen=True)
class Condition:
    """Expressions compared in a chain; it holds where each comparison does."""

    sides: tuple[Expr, ...]
    comparisons: tuple[str, ...]

    @property
    def symbols(self) -> frozenset[Symbol]:
        """What it speaks of."""
        return frozenset().union(*(side.symbols for side in self.sides))

    @property
    def work(self) -> int:
        """About how many products of numbers it takes to decide it."""
        return sum(map(work, self.sides))

    def holds(self, values: Mapping[Symbol, Rows]) -> bool:
        """Whether it holds for drawn values; False where a side has no value."""
        try:
            sides = [exact(side, values) for side in self.sides]
        except NoValueError:
            return False
        return all(
            COMPARISONS[comparison](left, right)
            for (left, right), comparison in zip(pairwise(sides), self.comparisons, strict=True)
        )


def read_condition(said: str, known: Mapping[str, Symbol]) -> Condition:
    """The condition that a text states about known symbols; raises what `read` raises, and ExpressionError."""
    texts = SPLIT.split(said)
    if len(texts) < 3:
        raise ExpressionError(f"{said!r} compares nothing", remedy=HOW)
    first = read(texts[0], known=known).expr
    sides = [first, *(read(text, known=known, shape=first.shape).expr for text in texts[2::2])]
    ordered = [text for text in texts[1::2] if COMPARISONS[text] not in (eq, ne)]
    if ordered and not first.is_scalar:
        raise ExpressionError(f"matrices have no order, and {said!r} compares them by {ordered[0]}", remedy=HOW)
    for side in sides:
        require_little_work(side)
    return Condition(tuple(sides), tuple(texts[1::2]))
