"""Names in an answer, where they make it shorter: A′R⁻ᵀXB′ + R⁻¹AXB with R = AXBX′ + C.

An answer is found without the names of a derivation. Here what recurs in it is named again: by the name that the
derivation had for it, or by a new one. Nothing else is changed, so that an answer with names says the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.expr.nodes import (
    ONE,
    BlockMatrix,
    Determinant,
    Elementwise,
    EntrySum,
    Expr,
    HadamardPower,
    IndexSum,
    Norm,
    Softmax,
    Spectral,
    Sum,
    Symbol,
    Transpose,
    substitute,
    turned,
    walk,
)
from generator.expr.properties import transpose_of
from generator.rules.shortening import length
from generator.solver.blocks import expanded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

LEAST_ANSWER = 12
"""From how many numbers, names and functions on an answer is worth a name in it."""
LEAST_SAVED = 2
"""How many of these a name must save, its definition counted."""
LEAST_SAVED_BY_VALUE = 0
"""The number that a name must save for a layer's output in a network, such as H = tanh(WX)."""
MOST_NAMES = 3

NAMED = (Sum, IndexSum, Softmax, Elementwise, HadamardPower, Norm, EntrySum, Determinant, Spectral, BlockMatrix)
"""The kinds of nodes that get a name."""

PROBABILITIES = (("p", "q", "r", "s"), ("P", "Q", "R", "S"))
SUMS = (("r", "u", "v", "z", "s"), ("R", "S", "E", "U", "V", "M"))
VALUES = (("h", "u", "v", "s", "z"), ("H", "S", "U", "V", "Z"))
UNIT_VECTORS = (("v", "u", "q", "p"), ("V", "Q", "U", "P"))
SCALARS = ("s", "q", "r", "c", "t")
"""Names for columns and for matrices, by what they stand for, and for scalars, in the order in which they are tried."""


@dataclass(frozen=True)
class Named:
    """An answer with names, and what they stand for, in the order in which they may use one another."""

    answer: Expr
    definitions: dict[Symbol, Expr]

    @property
    def written_out(self) -> Expr:
        """The answer without names."""
        return substitute(self.answer, expanded(self.definitions))

    def mapped(self, change: Callable[[Expr], Expr]) -> Named:
        """The same with a function applied to the answer and to what names stand for."""
        return Named(change(self.answer), {symbol: change(e) for symbol, e in self.definitions.items()})


def in_names(answer: Expr, blocks: Mapping[Symbol, Expr], taken: Iterable[str]) -> Named | None:
    """The answer with names for what recurs in it; None where it is no shorter with names."""
    if length(answer) < LEAST_ANSWER:
        return None
    full = expanded(dict(blocks))
    known = {full[symbol]: symbol for symbol in blocks}
    used = set(taken)
    definitions: dict[Symbol, Expr] = {}
    for _ in range(MOST_NAMES):
        part = _best([answer, *definitions.values()]) or _sum_over_samples(answer, known)
        if part is None:
            break
        names, part = _names(part), _as_written(part)
        symbol = known.get(part) or _symbol(part, names, used)
        if symbol is None or symbol in definitions:
            break
        used.add(symbol.name)
        of_transpose = Transpose(symbol)
        forms: dict[Expr, Expr] = {turned(part): of_transpose, transpose_of(part): of_transpose, part: symbol}
        answer = substitute(answer, forms)
        definitions = {symbol: part, **{s: substitute(e, forms) for s, e in definitions.items()}}
    return Named(answer, _ordered(definitions)) if definitions else None


def _ordered(definitions: Mapping[Symbol, Expr]) -> dict[Symbol, Expr]:
    """Definitions, each behind those that it uses."""
    waiting, ordered = dict(definitions), dict[Symbol, Expr]()
    while waiting:
        symbol = next(s for s, e in waiting.items() if e.symbols.isdisjoint(waiting))
        ordered[symbol] = waiting.pop(symbol)
    return ordered


def _as_written(part: Expr) -> Expr:
    """The part, or its transpose where that is written: the softmax of rows."""
    of_rows = isinstance(part, Softmax) and isinstance(part.arg, Transpose)
    return Transpose(part) if of_rows else part


def _symbol(part: Expr, names: Sequence[str], used: set[str]) -> Symbol | None:
    """A symbol with a name that is free; None where there is none."""
    name = next((name for name in names if name not in used), None)
    return None if name is None else Symbol(name, part.shape)


def _best(expressions: Sequence[Expr]) -> Expr | None:
    """The part whose name saves most; None where no name saves enough."""
    counts: dict[Expr, int] = {}
    for whole in expressions:
        for e in walk(whole):
            if isinstance(e, NAMED) and not e.indices:
                turned = transpose_of(e)
                key = turned if turned in counts else e
                counts[key] = counts.get(key, 0) + 1
    saved = {e: (count - 1) * (length(e) - 1) - 2 for e, count in counts.items() if count > 1}
    worth = [e for e, more in saved.items() if more >= (LEAST_SAVED_BY_VALUE if _is_value(e) else LEAST_SAVED)]
    return max(worth, key=lambda e: (saved[e], -length(e)), default=None)


def _is_value(e: Expr) -> bool:
    """It is what a function of each entry, or a softmax, makes of a column or a matrix."""
    return isinstance(e, Softmax | Elementwise) and not e.is_scalar


def _sum_over_samples(answer: Expr, known: Mapping[Expr, Symbol]) -> Expr | None:
    """A sum over samples that has a name and is one part among others of an answer."""
    return next((e for e in walk(answer) if isinstance(e, IndexSum) and e in known), None)


def _names(part: Expr) -> tuple[str, ...]:
    if part.is_scalar:
        return SCALARS
    names = {Softmax: PROBABILITIES, Sum: SUMS, IndexSum: SUMS, Spectral: UNIT_VECTORS}
    columns, matrices = names.get(type(part), VALUES)
    return columns if part.shape[1] == ONE else matrices
