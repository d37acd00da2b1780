"""Laws by which factors cancel: a matrix against its inverse, scalars and entries against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from generator.expr.nodes import (
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    Number,
    Power,
    Product,
    Scale,
    Transpose,
    entrywise_power,
    factors_of,
    hadamard,
    inverse,
    number,
    product,
    scaled,
    split_scale,
)
from generator.expr.properties import settled, transpose_of
from generator.rules.rule import Match, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.rules.rule import Context


def cancel_inverse(e: Expr, context: Context) -> Expr | None:
    """C (A B C)⁻¹ = (A B)⁻¹: a factor beside the inverse of a product of square matrices that it begins or ends.

    Each factor of an invertible product of square matrices is invertible, so nothing has to be asked for.
    """
    del context
    if not isinstance(e, Product):
        return None
    factors = e.factors
    for i, f in enumerate(factors):
        inverted = _inverted(f)
        if inverted is None or not all(part.is_square for part in inverted):
            continue
        if i and (kept := _without(factors[i - 1], inverted[-1])) is not None:
            rest = _power_less(inverted, last=True)
            return _rejoined(e, (*factors[: i - 1], *kept, *_inverse_of(rest), *factors[i + 1 :]))
        if i + 1 < len(factors) and (kept := _without(factors[i + 1], inverted[0])) is not None:
            rest = _power_less(inverted, last=False)
            return _rejoined(e, (*factors[:i], *_inverse_of(rest), *kept, *factors[i + 2 :]))
    return None


def _inverted(f: Expr) -> tuple[Expr, ...] | None:
    """A, B, C of (A B C)⁻¹ and C′, B′, A′ of its transpose; None of what is no inverse."""
    match f:
        case Inverse(arg):
            return factors_of(settled(arg))
        case Transpose(Inverse(arg)):
            return factors_of(transpose_of(arg))
        case _:
            return None


def _unit(e: Expr) -> Expr:
    """X of Xᵏ; of anything else, itself."""
    return e.base if _is_repeated(e) else e


def _power_less(factors: Sequence[Expr], *, last: bool) -> tuple[Expr, ...]:
    """The factors without the last one or the first, or with its power one lower."""
    f = factors[-1] if last else factors[0]
    kept = (_lowered(f),) if _is_repeated(f) else ()
    return (*factors[:-1], *kept) if last else (*kept, *factors[1:])


def _is_repeated(f: Expr) -> TypeGuard[Power]:
    """It is a power with a number for an exponent."""
    return isinstance(f, Power) and isinstance(f.exponent, Number)


def _lowered(f: Power) -> Expr:
    assert isinstance(f.exponent, Number)
    return f.base if f.exponent == number(2) else Power(f.base, Number(f.exponent.value - 1))


def _without(neighbor: Expr, part: Expr) -> tuple[Expr, ...] | None:
    """What is left of a neighbor that the outermost factor of an inverse cancels against; None if it does not."""
    neighbor = settled(neighbor)
    if _unit(neighbor) != _unit(part):
        return None
    return (_lowered(neighbor),) if _is_repeated(neighbor) else ()


def _inverse_of(factors: Sequence[Expr]) -> tuple[Expr, ...]:
    return (inverse(product(*factors)),) if factors else ()


def _rejoined(e: Product, factors: Sequence[Expr]) -> Expr:
    return product(*factors) if factors else Identity(e.shape[0])


def pair(first: Expr, second: Expr, result: Expr) -> Callable[[Expr, Context], Expr | None]:
    """The law that two factors, wherever they stand in a product of scalars or of entries, make a third.

    Where the result is the first of them again, it may stand to any power.
    """

    def law(e: Expr, context: Context) -> Expr | None:
        del context
        factors, join = _commuting(e)
        for i, f in enumerate(factors):
            base, exponent = (f.base, f.exponent) if isinstance(f, Power | HadamardPower) else (f, None)
            if exponent is not None and result != first:
                base, exponent = f, None
            for found in matches(first, base, Match()):
                for j, g in enumerate(factors):
                    for both in matches(second, g, found) if j != i else ():
                        new = both.instance(result)
                        whole = new if exponent is None else entrywise_power(new, exponent)
                        return join([whole if k == i else h for k, h in enumerate(factors) if k != j])
        return None

    return law


def _commuting(e: Expr) -> tuple[tuple[Expr, ...], Callable[[Sequence[Expr]], Expr]]:
    """The factors of a node that commute, and what puts them together again."""
    if isinstance(e, Hadamard):
        return e.factors, lambda factors: hadamard(*factors)
    if isinstance(e, Scale):
        scalars, body = split_scale(e)
        if body.is_scalar and not body.has_differential:
            return (*scalars, body), scaled
        return scalars, lambda factors: scaled(factors, body)
    return (), scaled
