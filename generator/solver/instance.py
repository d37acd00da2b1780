"""A derivation with numbers in it from the one with letters: the same lines, worked out and verified anew.

Questions of many versions differ in their coefficients alone, and deriving is most of the work. Where a derivation with
numbers would read worse than one that began with them (3 is no letter: some lines are not needed) the question has to
be derived by itself. Whether that is so follows from the letters and the numbers alone, so that a question reads the
same whichever others are solved beside it: it is tried once with numbers that have nothing in particular, and numbers
that make something vanish are told by that. A number's size has a letter and its sign has none; two of the same size
have the same letter, so that what they have in common is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import cycle
from typing import TYPE_CHECKING, TypeAlias

from generator.expr.messages import Sentence
from generator.expr.nodes import Expr, Number, Symbol, size
from generator.rules.engine import because
from generator.rules.rule import Match
from generator.solver.derivation import Constraints, Derivation, Equation, Line, Verified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.expr.messages import Text

    Change: TypeAlias = Callable[[Expr], Expr]

PRIMES = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
"""Numbers that have nothing in particular."""


@dataclass(frozen=True)
class Lettered:
    """Letters for numbers: what to write for each coefficient, and what its letter stands for, which is positive."""

    written: dict[Symbol, Expr]
    sizes: dict[Symbol, Number]

    @property
    def plain_sizes(self) -> dict[Symbol, Number]:
        """For each letter a number that has nothing in particular, but is a fraction if its own is one."""
        primes = zip(self.sizes.items(), cycle(PRIMES), strict=False)
        return {
            letter: Number(Fraction(prime, 1 if size.value.denominator == 1 else 3)) for (letter, size), prime in primes
        }


def lettered(numbers: Mapping[Symbol, Number]) -> Lettered:
    """Each number as a letter or its negative, those of one size as the same; 1 as it is, since it mostly vanishes."""
    letters: dict[Fraction, Symbol] = {}
    written: dict[Symbol, Expr] = {}
    for symbol, number in numbers.items():
        if abs(number.value) == 1:
            written[symbol] = number
            continue
        letter = letters.setdefault(abs(number.value), replace(symbol, properties=symbol.properties | {"positive"}))
        written[symbol] = letter if number.value > 0 else -letter
    return Lettered(written, {letter: Number(size) for size, letter in letters.items()})


def with_numbers(derivation: Derivation, numbers: Mapping[Symbol, Number], put_in: Change) -> Derivation:
    """The derivation, not verified, with numbers for letters, by a function that puts them in.

    The single steps stay those that were taken with letters.
    """
    outcome = derivation.outcome
    return replace(
        derivation,
        function=put_in(derivation.function),
        whole=derivation.whole and replace(derivation.whole, function=put_in(derivation.whole.function)),
        others={symbol: put_in(e) for symbol, e in derivation.others.items()},
        symbols={name: symbol for name, symbol in derivation.symbols.items() if symbol not in numbers},
        definitions={symbol: put_in(e) for symbol, e in derivation.definitions.items()},
        stages=tuple(
            replace(
                stage,
                title=_text(stage.title, put_in),
                lines=tuple(_line(line, numbers, put_in) for line in stage.lines),
            )
            for stage in derivation.stages
        ),
        outcome=_equation(outcome, put_in) if isinstance(outcome, Equation) else put_in(outcome),
        conditions=tuple(_text(text, put_in) for text in derivation.conditions),
        remarks=tuple(_text(text, put_in) for text in derivation.remarks),
        divisors=tuple(map(put_in, derivation.divisors)),
        subject_to=derivation.subject_to and _constraints(derivation.subject_to, put_in),
        with_matrices=derivation.with_matrices and derivation.with_matrices.mapped(put_in),
        verified=Verified(0, 0.0),
    )


def sizes(derivation: Derivation) -> tuple[int, ...]:
    """How many parts each side of each line has: fewer where a number makes something vanish."""
    return tuple(size(side) for line in derivation.lines for side in line.sides)


def reads_as_well(one: Derivation, other: Derivation) -> bool:
    """Both take the same lines, and nothing is longer in the first: all that may differ is where a factor stands."""

    def outline(derivation: Derivation) -> tuple[object, ...]:
        remarks = [remark.message for remark in derivation.remarks if isinstance(remark, Sentence)]
        lines = [(stage.title, [line.left for line in stage.lines]) for stage in derivation.stages]
        return derivation.function, lines, remarks, derivation.conditions, derivation.subject_to

    def said(derivation: Derivation) -> list[int]:
        return [size(part) for remark in derivation.remarks for part in remark if isinstance(part, Expr)]

    pairs = zip((*sizes(one), *said(one)), (*sizes(other), *said(other)), strict=True)
    return outline(one) == outline(other) and all(a <= b for a, b in pairs)


def _line(line: Line, numbers: Mapping[Symbol, Number], put_in: Change) -> Line:
    left, right = map(put_in, line.sides)
    return replace(line, left=left, right=right, because=_reason(line, numbers, put_in))


def _reason(line: Line, numbers: Mapping[Symbol, Number], put_in: Change) -> Text:
    """Why a line is true; where a letter is named that was constant, anew, since numbers need no mention."""
    if not any(part in numbers for part in line.because) or line.because != because(line.steps)[1]:
        return _text(line.because, put_in)
    matches = [Match({name: put_in(e) for name, e in step.match.symbols.items()}) for step in line.steps]
    return because([replace(step, match=match) for step, match in zip(line.steps, matches, strict=True)])[1]


def _text(text: Text, put_in: Change) -> Text:
    return text.mapped(put_in) if isinstance(text, Sentence) else text


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
