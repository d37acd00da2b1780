"""A derivation with numbers in it from the one with letters: the same lines, worked out and verified anew.

Questions of many versions differ in their coefficients alone, and deriving is most of the work. Where a derivation with
numbers would read otherwise than the one with letters (3 is no letter: some lines are not needed, and common factors
are other ones) it has to be derived by itself. Whether that is so follows from the letters and the numbers alone, so
that a question reads the same whichever others are solved beside it: it is tried once with numbers that have nothing
in particular, and numbers that make something vanish are told by that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from generator.algebra.expr import Expr, Number, Symbol, size
from generator.derivation.derivation import Constraints, Derivation, Equation, Line, Stage, Verified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.algebra.plain import Text

    Change: TypeAlias = Callable[[Expr], Expr]

PRIMES = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
"""Numbers that have nothing in particular."""


@dataclass(frozen=True)
class Kind:
    """What numbers have in common with others beside which derivations read the same: signs, fractions, equal sizes."""

    features: tuple[tuple[Symbol, bool, bool, int], ...]

    @property
    def plain_numbers(self) -> dict[Symbol, Number]:
        """Numbers of this kind that have nothing else in particular."""
        sizes = {}
        for symbol, is_positive, is_whole, place in self.features:
            size = Fraction(PRIMES[place % len(PRIMES)], 1 if is_whole else 3)
            sizes[symbol] = Number(size if is_positive else -size)
        return sizes


def kind(numbers: Mapping[Symbol, Number]) -> Kind:
    """The kind of some numbers."""
    sizes = [abs(number.value) for number in numbers.values()]
    return Kind(
        tuple(
            (symbol, number.value > 0, size.denominator == 1, sizes.index(size))
            for (symbol, number), size in zip(numbers.items(), sizes, strict=True)
        )
    )


def with_numbers(derivation: Derivation, numbers: Mapping[Symbol, Number], put_in: Change) -> Derivation:
    """The derivation, not verified, with numbers for letters, by a function that puts them in.

    The single steps stay those that were taken with letters.
    """
    outcome = derivation.outcome
    return replace(
        derivation,
        function=put_in(derivation.function),
        symbols={name: symbol for name, symbol in derivation.symbols.items() if symbol not in numbers},
        definitions={symbol: put_in(e) for symbol, e in derivation.definitions.items()},
        stages=tuple(
            Stage(_text(stage.title, put_in), tuple(_line(line, put_in) for line in stage.lines))
            for stage in derivation.stages
        ),
        outcome=_equation(outcome, put_in) if isinstance(outcome, Equation) else put_in(outcome),
        conditions=tuple(_text(text, put_in) for text in derivation.conditions),
        remarks=tuple(_text(text, put_in) for text in derivation.remarks),
        divisors=tuple(map(put_in, derivation.divisors)),
        subject_to=derivation.subject_to and _constraints(derivation.subject_to, put_in),
        verified=Verified(0, 0.0),
    )


def sizes(derivation: Derivation) -> tuple[int, ...]:
    """How many parts each side of each line has: fewer where a number makes something vanish."""
    return tuple(size(side) for line in derivation.lines for side in line.sides)


def reads_the_same(one: Derivation, other: Derivation) -> bool:
    """Both say the same on the page, whatever single steps their lines are made of."""
    return _said(one) == _said(other)


def _said(derivation: Derivation) -> tuple[object, ...]:
    stages = [
        (stage.title, [replace(line, steps=(), start=None) for line in stage.lines]) for stage in derivation.stages
    ]
    return (
        derivation.function,
        stages,
        derivation.outcome,
        derivation.conditions,
        derivation.remarks,
        derivation.blocks,
        derivation.subject_to,
    )


def _line(line: Line, put_in: Change) -> Line:
    left, right = map(put_in, line.sides)
    return replace(line, left=left, right=right, because=_text(line.because, put_in))


def _text(text: Text, put_in: Change) -> Text:
    return tuple(put_in(part) if isinstance(part, Expr) else part for part in text)


def _equation(equation: Equation, put_in: Change) -> Equation:
    left, right, factor, first, second = map(put_in, (equation.left, equation.right, equation.factor, *equation.pencil))
    return Equation(left, right, factor, (first, second))


def _constraints(constraints: Constraints, put_in: Change) -> Constraints:
    return Constraints(
        put_in(constraints.objective),
        constraints.value,
        tuple((put_in(left), put_in(right)) for left, right in constraints.equations),
        {symbol: put_in(e) for symbol, e in constraints.multipliers.items()},
        tuple({symbol: put_in(e) for symbol, e in other.items()} for other in constraints.others),
    )
