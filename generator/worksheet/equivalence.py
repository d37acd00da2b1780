"""When two questions are the same mathematics: their functions have the same values, whatever their letters."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from itertools import groupby, permutations
from math import factorial
from typing import TYPE_CHECKING

from generator.expr.evaluate.numeric import UndefinedError, evaluate, random_point, weighed
from generator.expr.nodes import Dim, Symbol, tr, walk
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.expr.evaluate.numeric import Point
    from generator.expr.nodes import Expr

TRIES = 30
"""How many points to try for one where the function is defined."""
ORDERS = 24
"""How many ways to call the constants are tried, where several could trade their names."""
TOLERANCE = 1e-9
"""Values closer than this, relative to their size, are the same: rounding stays far below it."""
RECORDED_DIGITS = 7
"""Significant digits that manifests record of a fingerprint."""
RECORDED_TOLERANCE = 10.0**-RECORDED_DIGITS * 5
"""Values closer than this to one that is recorded are taken for the same; a draw in a million is lost by that."""
VANISHING = 1e-6
"""A value below this tells nothing; other points may tell more."""


def fingerprint(function: Expr, wrt: Symbol) -> float:
    """A number that is the same for two functions if they are, as functions of the variable and up to renaming.

    It is a value at a random point, which knows symbols and dimensions only by the order in which they occur. Of
    constants that could trade their names every order is tried, and the least value taken. What is defined at none of
    the points is told apart by its text.
    """
    symbols = (wrt, *dict.fromkeys(part for part in walk(function) if isinstance(part, Symbol) and part != wrt))
    symbols = tuple(symbol for symbol in symbols if not symbol.is_index)
    dims = dict.fromkeys(name for symbol in symbols for dim in symbol.dims for name in dim.names)
    places = {name: i for i, name in enumerate(dims)}
    kinds = {symbol: _kind(symbol, places) for symbol in symbols}
    constants = sorted(symbols[1:], key=kinds.__getitem__)
    named = {symbol.name: symbol for symbol in (wrt, *constants)}
    orders = _orders([[s.name for s in alike] for _, alike in groupby(constants, key=kinds.__getitem__)])
    for attempt in range(TRIES):
        shrink = (1.0, 0.4, 0.15)[attempt % 3]
        point = random_point(function, wrt, named, (1, 0, attempt), shrink, tuple(dims))
        try:
            found = min(weighed(evaluate(function, _traded(point, order))) for order in orders)
        except UndefinedError:
            continue
        if abs(found) > VANISHING:  # as det(A X B) does where A is tall
            return found
    return float(int.from_bytes(sha256(plain(function).encode()).digest()[:6]))


@cache
def scheme() -> float:
    """The fingerprint of one function, as it is recorded: fingerprints can be compared where that is the same."""
    n, m = Dim.of("n"), Dim.of("m")
    a, b, x = Symbol("A", (n, m)), Symbol("B", (n, m)), Symbol("X", (m, n))
    return recorded(fingerprint(tr(a @ x @ b @ x), x))


def _traded(point: Point, order: Mapping[str, str]) -> Point:
    return point.changed({name: point.values[other] for name, other in order.items()}) if order else point


def are_close(a: float, b: float, tolerance: float = TOLERANCE) -> bool:
    """Two fingerprints are the same, but for rounding."""
    return abs(a - b) <= tolerance * (abs(a) + abs(b))


def recorded(found: float) -> float:
    """A fingerprint as a manifest records it: rounded, so that it is the same on any machine."""
    return float(f"{found:.{RECORDED_DIGITS}g}")


def _kind(symbol: Symbol, places: Mapping[str, int]) -> tuple[object, ...]:
    """What symbols have in common that could trade their names; a dimension is known by its place in the function."""
    shape = [[(sorted(places[name] for name in names), times) for names, times in dim.terms] for dim in symbol.dims]
    return shape, sorted(symbol.properties)


def _orders(kinds: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    """The ways in which constants of one kind can trade their names, as far as they are few."""
    orders: list[dict[str, str]] = [{}]
    for alike in kinds:
        few = factorial(len(alike)) * len(orders) <= ORDERS
        traded = list(permutations(alike)) if few else [tuple(alike)]
        orders = [before | dict(zip(alike, order, strict=True)) for before in orders for order in traded]
    return orders
