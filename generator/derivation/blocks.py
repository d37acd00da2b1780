"""Blocks: parts that contain the variable and are squared or recur, which a derivation names instead of repeating."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import Expr, Norm, Power, Sum, Symbol, number, walk
from generator.algebra.structure import settled, transpose_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.derivation.rule import Context

NAMES = ("R", "S", "E", "Q", "U", "V", "W", "Z")
"""Names for blocks, in the order in which they are tried."""


def find_blocks(function: Expr, context: Context, taken: Iterable[str]) -> dict[Symbol, Expr]:
    """The parts to name, each with a name that is free: R = Ax - b where a function squares or repeats it."""
    found: list[Expr] = []
    for part in walk(function):
        if isinstance(part, Power) and isinstance(part.base, Norm) and part.exponent == number(2):
            candidate = part.base.arg
        elif isinstance(part, Sum) and not part.is_scalar and _occurrences(function, part) > 1:
            candidate = part
        else:
            continue
        if candidate.children and not context.is_constant(candidate) and candidate not in found:
            found.append(candidate)
    used = set(taken)
    free = (name for name in NAMES if name not in used and f"d{name}" not in used)
    return {Symbol(name, part.shape): part for part, name in zip(found, free, strict=False)}


def _occurrences(e: Expr, part: Expr) -> int:
    """How often a part occurs, as it is or transposed."""
    forms = {part, settled(part), transpose_of(part)}
    return (e in forms) or sum(_occurrences(child, part) for child in e.children)
