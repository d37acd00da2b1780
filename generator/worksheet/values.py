"""What a symbol may become in a version: numbers or expressions, and what a function becomes with them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping  # pydantic looks at the fields of `Renaming`
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import Key
from generator.expr.functions import FUNCTIONS
from generator.expr.nodes import (
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Inverse,
    Norm,
    Number,
    Power,
    Product,
    Scale,
    Sum,
    Trace,
    Transpose,
    Zero,
    add,
    hadamard,
    number,
    product,
    rebuild,
    scale,
    scaled,
    split_scale,
    walk,
    zeros,
)
from generator.expr.parsing.index_sums import member_of
from generator.expr.parsing.lexer import normal_name, symbol_name
from generator.expr.parsing.parse import LARGEST_DIMENSION
from generator.worksheet.yaml_source import described

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from generator.worksheet.yaml_source import Data

Value: TypeAlias = Fraction | str
"""A number, or an expression as its author wrote it."""

MAX_VALUES = 1000
MAX_EXPONENT = 12
LARGEST_BASE = 10**12
"""Powers of larger numbers are not worked out."""

NUMBER = re.compile(r"[-+−]?\d{1,9}(\.\d{1,9}|/0*[1-9]\d{0,8})?")
RANGE = re.compile(r"([-+−]?\d{1,9})\s*\.\.\s*([-+−]?\d{1,9})")
NEARLY_RANGE = re.compile(r"([-+−]?\d{1,9})\s*([-–—−:…~]|\.{3,}|to)\s*([-+−]?\d{1,9})")
"""Ranges as they are written in other places; with a dash it is a difference, too."""
HOW = "Write a range (2..9), a list ([2, 3, 1/2] or [A, A', A + B]) or one value."


def read_range(said: Data) -> range | None:
    """The whole numbers of `2..9`; None if this is no range."""
    bounds = RANGE.fullmatch(said) if isinstance(said, str) else None
    if bounds is None:
        return None
    low, high = (int(bound.replace("−", "-")) for bound in bounds.groups())
    if low > high:
        raise ValueError(f"the range {low}..{high} is empty\nWrite {high}..{low}.")
    if high - low >= MAX_VALUES:
        raise ValueError(f"the range {low}..{high} has more than {MAX_VALUES} numbers")
    return range(low, high + 1)


def read_items(said: Data, how: str) -> tuple[str, ...]:
    """The texts of a list, or of one that stands alone, each once."""
    items = said if isinstance(said, list) else [said]
    if not items:
        raise ValueError(f"the list is empty\n{how}")
    if len(items) > MAX_VALUES:
        raise ValueError(f"the list has more than {MAX_VALUES} values")
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise ValueError(f"must be made of values, not {described(item)}\n{how}")
    return tuple(dict.fromkeys(str(item).strip() for item in items))


@dataclass(frozen=True)
class Values:
    """What a symbol may become."""

    items: tuple[Value, ...]
    is_range: bool = False

    @property
    def are_numbers(self) -> bool:
        """There is no expression among them."""
        return all(isinstance(item, Fraction) for item in self.items)

    @property
    def coefficients(self) -> tuple[Value, ...]:
        """Those that can stand before a term: of a range not 0, which would hide it, nor 1 and −1, which hide."""
        return tuple(item for item in self.items if not self.is_range or item not in {0, 1, -1})


def _refuse_dashed(item: str) -> None:
    """Raise ValueError for a range that is written in another way, as 2-9 is."""
    if (found := NEARLY_RANGE.fullmatch(item)) is None:
        return
    low, high = (int(bound.replace("−", "-")) for bound in found.group(1, 3))
    if low < high:
        number = f", {low - high} for the difference" if found[2] in "-–—−" else ""
        raise ValueError(f"{item} may be meant as the range {low}..{high}\nWrite {low}..{high} for the range{number}.")


def read_values(said: Data) -> Values:
    """The values of `2..9`, `[2, 1/2]`, `[A, A']` or `3`."""
    span = read_range(said)
    if span is not None:
        return Values(tuple(map(Fraction, span)), is_range=True)
    for item in (written := read_items(said, HOW)):
        _refuse_dashed(item)
    items = [Fraction(item.replace("−", "-")) if NUMBER.fullmatch(item) else item for item in written]
    return Values(tuple(dict.fromkeys(items)))


@dataclass(frozen=True)
class Renaming:
    """New names for symbols, all at once, and where they are written below the key `names`."""

    key: Key
    written: Mapping[str, str]

    def names(self, known: Container[str]) -> dict[str, str]:
        """The new names by the old ones, among names that are known: those of families for members."""
        found = {}
        for old, new in self.written.items():
            name, target = symbol_name(old, known), normal_name(new)
            found[name] = member_of(target) or target if name != normal_name(old) else target
        return found


def read_names(said: Data) -> tuple[tuple[Renaming, ...], ...]:
    """Choices of names: a list of sets that go together is one choice, a pool for each symbol one for each."""
    how = "Write names that go together, [{A: A, X: X}, {A: M, X: Y}], or pools, {A: [A, B, M], X: [X, Y]}"
    if isinstance(said, dict):
        return tuple(
            tuple(Renaming((old, i), {old: new}) for i, new in enumerate(read_items(pool, how)))
            for old, pool in said.items()
        )
    if not isinstance(said, list) or not all(isinstance(alternative, dict) for alternative in said):
        raise ValueError(f"must be a list of names that go together, or pools\n{how}")
    if not said:
        raise ValueError(f"the list is empty\n{how}")
    sets = [alternative for alternative in said if isinstance(alternative, dict)]
    for new in (new for alternative in sets for new in alternative.values()):
        if not isinstance(new, str) or not new.strip():
            raise ValueError(f"must be made of names, not {described(new)}\n{how}")
    return (tuple(Renaming((i,), {old: str(new).strip() for old, new in one.items()}) for i, one in enumerate(sets)),)


def read_sizes(said: Data) -> tuple[Dim, ...]:
    """The sizes that a dimension may have: `2..4`, `[2, 3]`, or names, `[n, p]`."""
    how = "Write a range (2..4), numbers ([2, 3]) or names ([n, p])."
    span = read_range(said)
    items = [str(size) for size in span] if span is not None else read_items(said, how)
    for item in items:
        if not re.fullmatch(r"[A-Za-z]\w{0,19}|[1-9]\d{0,2}", item) or item == "1":
            raise ValueError(f"{item} cannot be a dimension\n{how} A dimension that is a number is at least 2.")
        if item.isdigit() and int(item) > LARGEST_DIMENSION:
            raise ValueError(f"{item} is a dimension above {LARGEST_DIMENSION}\nSmaller dimensions show the same.")
    return tuple(Dim.of(int(item) if item.isdigit() else item) for item in items)


def put_in(e: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """The expression with values for symbols, and what they touch worked out: 2·c with c = 3 is 6, (A′)′ is A."""
    return putting_in(values.items())(e)


def putting_in(values: Iterable[tuple[Expr, Expr]]) -> Callable[[Expr], Expr]:
    """The same as a function of expressions; what several have in common is worked out once."""
    known = dict(values)
    touched = frozenset(known)

    def put_in(e: Expr) -> Expr:
        if e in known:
            return known[e]
        if e.symbols.isdisjoint(touched):
            return e
        known[e] = _worked_out(rebuild(e, [put_in(child) for child in e.children]))
        return known[e]

    return put_in


def without_terms(e: Expr, left_out: frozenset[Expr]) -> Expr:
    """A sum without some of its terms; 0 where none is left."""
    terms = e.terms if isinstance(e, Sum) else (e,)
    rest = [term for term in terms if term not in left_out]
    return add(*rest) if rest else zeros(e.shape)


def _worked_out(e: Expr) -> Expr:
    """The expression with its numbers multiplied, added or raised; factors 1, terms 0 and double marks disappear."""
    match e:
        case Scale():
            scalars, body = split_scale(e)
            parts = [part for part in (*scalars, body) if not isinstance(part, Number)]
            factor = math.prod((part.value for part in (*scalars, body) if isinstance(part, Number)), start=Fraction(1))
            if factor == 0 or any(isinstance(part, Zero) for part in parts):
                return zeros(e.shape)
            return scaled([number(factor), *parts] if factor != 1 or not parts else parts)
        case Sum(terms):
            total = sum((term.value for term in terms if isinstance(term, Number)), start=Fraction(0))
            rest = [term for term in terms if not isinstance(term, Number | Zero)]
            constant = [number(total)] if total else []
            return add(*rest, *constant) if rest or constant else zeros(e.shape)
        case Power(base, Number(exponent)) if exponent in {0, 1} and base.is_scalar:
            return base if exponent else number(1)
        case Power(Number(base), Number(exponent)) if (
            exponent.denominator == 1
            and abs(exponent) <= MAX_EXPONENT
            and max(abs(base.numerator), base.denominator) <= LARGEST_BASE
            and (base or exponent > 0)
        ):
            return number(base**exponent.numerator)
        case Product(factors) | Hadamard(factors):
            if any(isinstance(factor, Zero) for factor in factors):
                return zeros(e.shape)
            split = [split_scale(factor) for factor in factors]
            scalars = tuple(scalar for before, _ in split for scalar in before)
            join = product if isinstance(e, Product) else hadamard
            return _worked_out(scaled(scalars, join(*(body for _, body in split)))) if scalars else e
        case Transpose(Transpose(arg)) | Inverse(Inverse(arg)):
            return arg
        case Transpose(arg) if arg.is_scalar:
            return arg
        case Transpose(Scale(coefficient, body)):
            return scale(coefficient, _worked_out(Transpose(body)))
        case Transpose(Zero()) | Trace(Zero()) | EntrySum(Zero()) | Norm(_, Zero()):
            return zeros(e.shape)
        case _:
            return e


def is_undefined(e: Expr) -> bool:
    """Some part of it has no value, whatever its symbols are: it divides by zero, or takes the logarithm of −3."""
    for part in walk(e):
        match part:
            case Power(Number(base), Number(exponent)) if exponent < 0 == base or (
                base < 0 and exponent.denominator > 1
            ):
                return True
            case Inverse(Zero()) | HadamardPower(Zero(), _):
                return True
            case Elementwise(name, Number(value)) if (domain := FUNCTIONS[name].domain) and not domain.contains(
                math, float(value)
            ):
                return True
            case _:
                pass
    return False
