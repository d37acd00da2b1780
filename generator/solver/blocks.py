"""Blocks: parts that contain the variable and recur, are squared, or are what a function is applied to.

A derivation names them instead of repeating them: R = Ax - b, an argument u = Wx + b, a ratio p/q.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.expr.functions import PROPERTIES
from generator.expr.nodes import (
    ONE,
    BlockMatrix,
    Determinant,
    Elementwise,
    Expr,
    HadamardPower,
    Inverse,
    Norm,
    Number,
    Ones,
    Power,
    Product,
    Scale,
    Softmax,
    Sum,
    Symbol,
    Transpose,
    base_and_exponent,
    number,
    run_in,
    size,
    split_scale,
    substitute,
    walk,
)
from generator.expr.properties import has, settled, transpose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.rules.rule import Context

RESIDUALS = ("R", "S", "E", "Q", "U", "V", "W", "Z")
ARGUMENTS = ("u", "v", "z", "r", "h", "k")
MATRIX_ARGUMENTS = ("U", "V", "Z", "R", "S", "H")
PROBABILITIES = ("P", "S", "M", "R")
MATRICES = ("M", "R", "S", "N", "Q")
NUMERATORS = ("p", "f", "h", "k")
DENOMINATORS = ("q", "s", "r", "g")
SCALARS = ("s", "r", "q", "g")
"""Names for blocks by what they are, in the order in which they are tried."""

LARGE_ARGUMENT, LARGE_MATRIX, LARGE_SCALAR = 5, 8, 14
"""From how many nodes on the argument of an entrywise function, of an inverse or a determinant, and of a function of a
scalar is worth a name."""
SIGN = 2
"""The number of nodes in a minus sign, not counted in a size: I - AXB is as large as I + AXB."""
RECURRING_ARGUMENT, LARGE_SOFTMAX = 3, 4
"""The least size for a name of an argument of entrywise functions that recurs, and of a softmax of a matrix."""


@dataclass(frozen=True)
class Candidate:
    """A part that is worth a name, what it may be called, and from what size on once the parts in it have names."""

    part: Expr
    names: tuple[str, ...]
    least: int = 2


def find_blocks(function: Expr, context: Context, taken: Iterable[str]) -> dict[Symbol, Expr]:
    """The parts to name, inner ones first, each defined by the names before it."""
    found: dict[Expr, Candidate] = {}
    for part in walk(function):
        for candidate in _candidates(part, function, context):
            if not context.is_constant(candidate.part) and not candidate.part.indices:
                found[candidate.part] = min(found.get(candidate.part, candidate), candidate, key=lambda c: c.least)
    used = set(taken)
    known: dict[Expr, Expr] = {}
    blocks: dict[Symbol, Expr] = {}
    for part in _inner_first(list(found)):
        definition = substitute(part, known)
        name = next((name for name in found[part].names if name not in used and f"d{name}" not in used), None)
        if name is None or size(definition) < found[part].least:
            continue
        used.add(name)
        symbol = Symbol(name, part.shape, properties_of(definition))
        blocks[symbol] = definition
        known[part] = symbol
    return blocks


def properties_of(definition: Expr) -> frozenset[str]:
    """The properties that are declared of the name of a part."""
    return frozenset(p for p in PROPERTIES if has(definition, p))


def _inner_first(parts: Sequence[Expr]) -> list[Expr]:
    """The parts in their order, but each behind those that it contains."""
    ordered: list[Expr] = []
    for part in parts:
        inside = set(walk(part))
        ordered += [p for p in sorted(parts, key=size) if p in inside and p not in ordered]
    return ordered


def _candidates(part: Expr, function: Expr, context: Context) -> Iterator[Candidate]:
    """What is worth a name in a node or directly below it."""
    match part:
        case Power(Norm(_, arg), exponent) if exponent == number(2):
            yield Candidate(arg, RESIDUALS)
        case Sum() if not part.is_scalar and _occurrences(function, part) > 1:
            yield Candidate(part, RESIDUALS)
        case Elementwise("log", Determinant() | Sum((Ones() | Number(), Elementwise("exp")))):
            return  # log det X and log(1 + exp(t)) have differentials of their own
        case Elementwise("log", Sum((Elementwise("exp"), Ones() | Number()))):
            return
        case Elementwise("log", Product((Elementwise("exp"), Ones()))):
            return
        case Softmax(arg) if arg.shape[1] != ONE:
            of_rows = isinstance(arg, Transpose)
            yield Candidate(arg.arg if isinstance(arg, Transpose) else arg, MATRIX_ARGUMENTS, LARGE_SOFTMAX)
            if sum(isinstance(p, Softmax) for p in set(walk(function))) == 1:
                yield Candidate(part.T if of_rows else part, PROBABILITIES)
        case Elementwise(_, arg) | Softmax(arg):
            yield _argument(arg)
            if isinstance(arg, Product) and not arg.is_scalar and _occurrences(function, arg) > 1:
                yield replace(_argument(arg), least=RECURRING_ARGUMENT)
        case HadamardPower(arg, exponent) if not _is_whole(exponent):
            yield _argument(arg)
        case Determinant(BlockMatrix() as arg) | Inverse(BlockMatrix() as arg):
            yield Candidate(arg, MATRICES)
        case Determinant(arg) | Inverse(arg):
            yield Candidate(arg, MATRICES, LARGE_MATRIX + SIGN * sum(p == number(-1) for p in walk(arg)))
        case Scale():
            yield from _ratio(part, context)
        case _:
            return


def _argument(arg: Expr) -> Candidate:
    if arg.is_scalar:
        return Candidate(arg, SCALARS, LARGE_SCALAR)
    return Candidate(arg, ARGUMENTS if arg.shape[1] == ONE else MATRIX_ARGUMENTS, LARGE_ARGUMENT)


def _is_whole(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value > 0


def _ratio(e: Scale, context: Context) -> Iterator[Candidate]:
    """The numerator and the denominator of a scalar p/q in which both contain the variable."""
    scalars, body = split_scale(e)
    moving = [s for s in (*scalars, body) if not context.is_constant(s)]
    above = [s for s in moving if not _divides(s)]
    below = [base_and_exponent(s)[0] for s in moving if _divides(s)]
    if not above or not below or not all(map(_needs_name, below)):
        return
    if len(above) == 1 and above[0].is_scalar and _needs_name(above[0]):
        yield Candidate(above[0], NUMERATORS)
    for part in below:
        yield Candidate(base_and_exponent(part)[0], DENOMINATORS)


def _divides(s: Expr) -> bool:
    _, exponent = base_and_exponent(s)
    return isinstance(exponent, Number) and exponent.value < 0


def _needs_name(s: Expr) -> bool:
    """Its differential is longer than a line wants to carry along; that of a norm is not."""
    return bool(s.children) and not isinstance(s, Norm)


def expanded(blocks: dict[Symbol, Expr]) -> dict[Expr, Expr]:
    """What the names of blocks stand for, with no name left in it."""
    known: dict[Expr, Expr] = {}
    for symbol, e in blocks.items():
        known[symbol] = substitute(e, known)
    return known


def _occurrences(e: Expr, part: Expr) -> int:
    """How often a part occurs, as it is or transposed."""
    forms = {part, settled(part), transpose_of(part)}
    if e in forms:
        return 1
    longer = [f.factors for f in forms if isinstance(f, Product)] if isinstance(e, Product) else []
    inside = any(run_in(e.children, run) is not None for run in longer)
    return inside + sum(_occurrences(child, part) for child in e.children)
