"""Coefficients that a version draws: which numbers they may be, and what a function becomes with them."""

from __future__ import annotations

import re
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    Expr,
    Number,
    Power,
    Scale,
    Sum,
    Symbol,
    Zero,
    add,
    number,
    rebuild,
    scaled,
    split_scale,
)
from generator.worksheet.source import described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.worksheet.source import Data

MAX_COEFFICIENTS = 1000
MAX_EXPONENT = 12

NUMBER = re.compile(r"[-+]?\d{1,9}(\.\d{1,9}|/0*[1-9]\d{0,8})?")
RANGE = re.compile(r"([-+]?\d{1,9})\s*\.\.\s*([-+]?\d{1,9})")


def read_coefficients(said: Data) -> tuple[Fraction, ...]:
    """The numbers of `2..9`, `[2, 1/2]` or `3`.

    A range leaves out 0, which would hide a term, and 1 and −1, which would hide the coefficient.
    """
    example = "Write a range (2..9), a list ([2, 3, 1/2]) or a number."
    if isinstance(said, str) and (bounds := RANGE.fullmatch(said)):
        low, high = int(bounds[1]), int(bounds[2])
        if low > high:
            raise ValueError(f"the range {low}..{high} is empty\nWrite {high}..{low}.")
        if high - low >= MAX_COEFFICIENTS:
            raise ValueError(f"the range {low}..{high} has more than {MAX_COEFFICIENTS} numbers")
        values = tuple(Fraction(n) for n in range(low, high + 1) if abs(n) > 1)
        if not values:
            raise ValueError(
                f"the range {low}..{high} holds no coefficient\n"
                "A range leaves out 0, 1 and -1; a list, such as [0, 1], does not."
            )
        return values
    items = said if isinstance(said, list) else [said]
    if not items:
        raise ValueError(f"the list is empty\n{example}")
    for item in items:
        if not isinstance(item, str) or not NUMBER.fullmatch(item):
            raise ValueError(f"must be made of numbers, not {described(item)}\n{example}")
    return tuple(dict.fromkeys(Fraction(str(item)) for item in items))


def with_numbers(e: Expr, numbers: Mapping[Expr, Number]) -> Expr:
    """The expression with numbers for scalars, and what they touch worked out: 2·c with c = 3 is 6."""
    if isinstance(e, Symbol):
        return numbers.get(e, e)
    if e.symbols.isdisjoint(numbers):
        return e
    return _worked_out(rebuild(e, [with_numbers(child, numbers) for child in e.children]))


def _worked_out(e: Expr) -> Expr:
    """The expression with its numbers multiplied, added or raised; a factor 1 and a term 0 disappear."""
    match e:
        case Scale():
            scalars, body = split_scale(e)
            parts = [part for part in (*scalars, body) if not isinstance(part, Number)]
            factor = prod((part.value for part in (*scalars, body) if isinstance(part, Number)), start=Fraction(1))
            if factor == 0:
                return _zero(e)
            return scaled([number(factor), *parts] if factor != 1 or not parts else parts)
        case Sum(terms):
            total = sum((term.value for term in terms if isinstance(term, Number)), start=Fraction(0))
            rest = [term for term in terms if not isinstance(term, Number | Zero)]
            constant = [number(total)] if total else []
            return add(*rest, *constant) if rest or constant else _zero(e)
        case Power(base, Number(exponent)) if exponent in {0, 1}:
            return base if exponent else number(1)
        case Power(Number(base), Number(exponent)) if (
            exponent.denominator == 1 and abs(exponent) <= MAX_EXPONENT and (base or exponent > 0)
        ):
            return number(base**exponent.numerator)
        case _:
            return e


def _zero(e: Expr) -> Expr:
    return number(0) if e.is_scalar else Zero(e.shape)
