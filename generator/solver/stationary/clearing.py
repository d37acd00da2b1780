"""Denominators that contain the unknown are multiplied away, and powers that all terms share divided out."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.expr.messages import Message
from generator.expr.nodes import (
    Expr,
    Hadamard,
    HadamardPower,
    Number,
    Power,
    Product,
    add,
    entrywise_power,
    hadamard,
    number,
    scaled,
    split_scale,
    terms_of,
    walk,
)
from generator.solver.stationary.draft import ENTRY_BY_ENTRY

if TYPE_CHECKING:
    from generator.solver.stationary.draft import Draft

MULTIPLIED = Message("multiplied-by", "multiplied by {factors}")
DIVIDED = Message("divided-by", "divided by {factors}")

ROUNDS = 8
"""More denominators than an equation that can be solved has."""


def cleared(draft: Draft, e: Expr) -> Expr:
    """The equation e = 0, multiplied or divided on both sides by powers that are not zero where it makes sense."""
    multiplied: list[Expr] = []
    divided: list[Expr] = []
    by_entries = False
    for _ in range(ROUNDS):
        found = _common_power(draft, e)
        if found is None:
            break
        base, lowest = found
        positive = draft.sign(base) > 0
        draft.direction *= int(positive)  # a base that passes through zero leaves a gap that no sign is followed across
        e = draft.expanded(add(*(_times(t, _power(base, -lowest)) for t in terms_of(e))))
        (multiplied if lowest < 0 else divided).append(_power(base, abs(lowest)))
        by_entries = not base.is_scalar
    for message, factors in ((MULTIPLIED, multiplied), (DIVIDED, divided)):
        if factors:
            done = message(factors=factors)
            draft.explain(ENTRY_BY_ENTRY(what=done) if by_entries else done)
    return e


def _power(base: Expr, exponent: Fraction) -> Expr:
    return base if exponent == 1 else entrywise_power(base, Number(exponent))


def _times(term: Expr, factor: Expr) -> Expr:
    scalars, body = split_scale(term)
    if not factor.is_scalar:
        return scaled(scalars, hadamard(body, factor))
    return scaled([*scalars, body, factor]) if term.is_scalar else scaled([*scalars, factor], body)


def _common_power(draft: Draft, e: Expr) -> tuple[Expr, Fraction] | None:
    """A part that contains the unknown and its lowest power in all terms, if that is negative or may be divided by."""
    terms = terms_of(e)
    entrywise = not any(isinstance(part, Product) and not draft.is_constant(part) for t in terms for part in walk(t))
    powers = [_powers(draft, t, entrywise=entrywise) for t in terms]
    for base in dict.fromkeys(b for found in powers for b in found):
        lowest = min(found.get(base, Fraction(0)) for found in powers)
        if lowest < 0 or (lowest > 0 and draft.sign(base)):
            return base, lowest
    return None


def _powers(draft: Draft, term: Expr, *, entrywise: bool) -> dict[Expr, Fraction]:
    """The powers of what contains the unknown, among the scalars of a term and, if allowed, its entrywise factors."""
    scalars, body = split_scale(term)
    factors = [*scalars, *([body] if term.is_scalar else [])]
    if entrywise and not term.is_scalar:
        factors += body.factors if isinstance(body, Hadamard) else [body]
    found: dict[Expr, Fraction] = {}
    for f in factors:
        base, exponent = (f.base, f.exponent) if isinstance(f, Power | HadamardPower) else (f, number(1))
        if isinstance(exponent, Number) and not draft.is_constant(base):
            found[base] = found.get(base, Fraction(0)) + exponent.value
    return found
