"""An equation being solved: the lines so far, what they ask for, and what every method of solving shares."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from generator.expr.messages import NOTHING, Message
from generator.expr.nodes import (
    Expr,
    Hadamard,
    Inverse,
    Number,
    Power,
    Scale,
    Sum,
    Symbol,
    Transpose,
    add,
    coefficient_factors,
    entrywise_power,
    hadamard,
    number,
    rebuild,
    reciprocal,
    scaled,
    size,
    split_scale,
    terms_of,
    walk,
    zeros,
)
from generator.expr.printing.plain import denominator, without_sign
from generator.expr.properties import is_positive, settled, sign, transpose_of
from generator.rules.identities import rules
from generator.rules.index_sums import constant_together
from generator.rules.laws import number_and_rest, times
from generator.rules.plan import GIVEN, SIGN
from generator.rules.predicates import depends_on_variable, marks
from generator.solver.conditions import Condition
from generator.solver.derivation import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.expr.functions import NumberSet
    from generator.expr.messages import Sentence
    from generator.rules.engine import Engine
    from generator.rules.rule import ConditionKind, Rule

IN_TURN = Message("in-turn", "{first}, {second}")
ENTRY_BY_ENTRY = Message("entry-by-entry", "{what}, entry by entry")
EQUALS_ZERO = Message("equals-zero", "{gradient} = 0")

SHORTEN = rules(
    "gather-terms",
    "gather-factors",
    "inverse-left",
    "inverse-right",
    "cancel-inverse",
    "inverse-diag",
    "tr-scalar",
    "index-sum-out",
    *GIVEN,
) + tuple(replace(rule, law=constant_together) for rule in rules("index-sums-together"))
FACTOR = (*SHORTEN, *rules("factor"))
JOINED = (*FACTOR, *rules("factor-scalars"))
INVERSES = rules("inverse-orthogonal")
SPLIT = rules("index-sum-unknown", "index-sum-behind")
DISTRIBUTIVE = rules("expand-left", "expand-right", "expand-scale", "hadamard-sum", "tr-sum", "sum-sum", "diagonal-sum")
EXPAND = (
    *SPLIT,
    *(replace(rule, where=depends_on_variable("A")) for rule in DISTRIBUTIVE),
    *(replace(rule, where=depends_on_variable("a")) for rule in rules("expand-coefficient")),
)
"""The distributive law, for sums that contain the unknown."""
EXPAND_ALL = tuple(replace(rule, where=None) for rule in (*DISTRIBUTIVE, *rules("expand-coefficient")))


class Unfit(Exception):
    """A method does not fit an equation; another may."""


@dataclass
class Draft:
    """Lines that hold at the solution, their conditions, and whether G grows or falls with the unknown."""

    engine: Engine
    unknown: Symbol
    positive: frozenset[Expr] = frozenset()
    """What is positive wherever the function is defined."""
    pending: Sentence = NOTHING
    """Why the next line holds, besides what it says itself."""
    lines: list[Line] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    apart: frozenset[Symbol] = frozenset()
    """Symbols to be solved for later: a scalar function of one stands as a factor of its own."""
    for_multiplier: bool = False
    """The unknown is a multiplier: of two roots with opposite signs the positive one is taken, and noted."""
    root: tuple[Expr, Expr] | None = None
    """What was squared, and the positive root that was taken for it."""
    direction: int = 1
    """1 where each entry of the equation's left side has the sign of what is left of it to solve, -1 where the
    opposite one; 0 where that is not known."""
    shifted: bool = False
    """Every point that differs from the solution by the same number in each entry is one, too."""

    def trial(self) -> Draft:
        """A copy on which a method may fail."""
        return replace(self, lines=[*self.lines], conditions=[*self.conditions])

    def adopt(self, trial: Draft) -> None:
        """Take over what a method that fitted has written."""
        self.lines, self.conditions = trial.lines, trial.conditions
        self.pending, self.direction = trial.pending, trial.direction
        self.root, self.shifted = trial.root, trial.shifted

    def explain(self, why: Sentence) -> None:
        """Add to the reasons of the next line."""
        self.pending = IN_TURN(first=self.pending, second=why) if self.pending and why else self.pending or why

    def line(self, left: Expr, right: Expr, rule: str, why: Sentence = NOTHING) -> None:
        """Write a line that holds at the solution, unless it stands there already."""
        left, right = rows_turned(left), rows_turned(right)
        if self.lines and (self.lines[-1].left, self.lines[-1].right) == (left, right):
            return
        self.explain(why)
        self.lines.append(Line(left, right, rule, self.pending, where="stationary"))
        self.pending = NOTHING

    def require(self, kind: ConditionKind | NumberSet, e: Expr) -> None:
        """Note what has to hold."""
        self.conditions.append(Condition(kind, e))

    # -- what is known

    def is_constant(self, e: Expr) -> bool:
        """It does not contain the unknown."""
        return self.engine.context.is_constant(e) and self.unknown not in e.symbols

    def is_positive(self, e: Expr) -> bool:
        """It is positive, entry by entry, wherever the function is defined."""
        return e in self.positive or is_positive(e)

    def is_never_zero(self, e: Expr) -> bool:
        """It is a scalar that is not zero wherever the function is defined."""
        divides = isinstance(e, Power) and sign(e.exponent) < 0
        return divides or sign(e) != 0 or self.is_positive(e)

    def sign(self, e: Expr) -> int:
        """The sign of a scalar or of every entry: 1, -1, or 0 where it is not known."""
        if e.is_scalar and sign(e):
            return sign(e)
        return 1 if self.is_positive(e) else -1 if is_positive(self.shortened(-e)) else 0

    # -- shaping

    def expanded(self, e: Expr) -> Expr:
        """Multiplied out as far as the unknown is concerned; what cancels has gone before."""
        e = self._exhausted(self.engine.tidied(settled(e)), SHORTEN)
        return self._exhausted(e, (*EXPAND, *SHORTEN))

    def multiplied_out(self, e: Expr) -> Expr:
        """Multiplied out altogether."""
        return self._exhausted(self.engine.tidied(settled(e)), (*EXPAND_ALL, *SHORTEN))

    def shortened(self, e: Expr) -> Expr:
        """In the shortest form: with common factors taken out, or multiplied out."""
        if e.is_scalar and isinstance(e, Sum):
            from generator.expr.evaluate.scalar import shortest_scalar  # SymPy is loaded only where scalars add up

            e = shortest_scalar(self.engine.tidied(e))
        e = unfolded(e)
        shortest = self._exhausted(self.engine.tidied(e), FACTOR)
        if any(len(terms_of(part)) > 1 for part in walk(shortest)):
            flat = self._exhausted(self.multiplied_out(e), FACTOR)
            traces_joined = self._exhausted(shortest, JOINED)
            shortest = min(shortest, flat, traces_joined, key=size)
        last = self.engine.tidied(positive_first(rows_turned(shortest)))
        return self.engine.run(last, SIGN)[0]

    def inverse_of(self, e: Expr) -> Expr:
        """The inverse of a matrix; of an orthogonal one its transpose."""
        return settled(self._exhausted(self.engine.tidied(settled(Inverse(e))), INVERSES))

    def _exhausted(self, e: Expr, some: Sequence[Rule]) -> Expr:
        return self.engine.exhaust(e, some)[0]

    def sides(self, e: Expr) -> tuple[list[Expr], list[Expr]]:
        """The terms that contain the unknown, and those that do not."""
        terms = [term for term in terms_of(e) if term != zeros(e.shape)]
        return [t for t in terms if not self.is_constant(t)], [t for t in terms if self.is_constant(t)]

    def negated(self, terms: Iterable[Expr], like: Expr) -> Expr:
        """The other side of an equation: the opposite of the terms."""
        parts = [self.engine.tidied(-t) for t in terms]
        return self.shortened(add(*parts)) if parts else zeros(like.shape)


def unfolded(e: Expr) -> Expr:
    """With b/a for the reciprocal of a/b, and like it any whole power of a quotient."""
    if e.children:
        e = rebuild(e, [unfolded(child) for child in e.children])
    match e:
        case Power(Scale() as base, Number(value)) if value.denominator == 1:
            factors = coefficient_factors(base)
            if any(denominator(f) is not None for f in factors) or (value == -1 and number_and_rest(base)[0] != 1):
                raised = [(f, value) if not isinstance(f, Power) else _raised(f, value) for f in factors]
                powers = [base if p == 1 else Power(base, number(p)) for base, p in raised]
                return scaled(sorted(powers, key=lambda f: denominator(f) is not None))
            return e
        case _:
            return e


def _raised(f: Power, value: Fraction) -> tuple[Expr, Fraction]:
    """The base and the exponent of a power of a power."""
    return (f.base, f.exponent.value * value) if isinstance(f.exponent, Number) else (f, value)


def rows_turned(e: Expr) -> Expr:
    """Sums of transposes are transposes of sums: (x - u)′ and not x′ - u′."""
    if e.children:
        e = rebuild(e, [rows_turned(child) for child in e.children])
    if isinstance(e, Sum) and not e.is_scalar:
        column = transpose_of(e)
        return Transpose(column) if marks(column) + 1 < marks(e) else e
    return e


def positive_first(e: Expr) -> Expr:
    """Sums begin with a term that has no minus, where there is one, and scalars share no number: 2 (b - a'y)."""
    if e.children:
        e = rebuild(e, [positive_first(child) for child in e.children])
    if not isinstance(e, Sum):
        return e
    terms = sorted(e.terms, key=lambda t: without_sign(t) is not None)
    if without_sign(e.terms[0]) is None:
        terms = list(e.terms)
    values = [number_and_rest(t)[0] for t in terms]
    common = Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))
    if not e.is_scalar or common == 1:
        return add(*terms)
    return number(common) * add(*(times(v / common, rest) for v, rest in map(number_and_rest, terms)))


def divided(e: Expr, divisor: Expr) -> Expr:
    """An expression over a scalar, or over each entry of something of its shape; denominators behind numerators."""
    scalars, body = (coefficient_factors(divisor), None) if divisor.is_scalar else split_scale(divisor)
    below = [reciprocal(s) for s in scalars]
    if body is not None:
        factors = body.factors if isinstance(body, Hadamard) else (body,)
        e = hadamard(e, *(entrywise_power(f, number(-1)) for f in factors))
    if not below:
        return e
    above, rest = split_scale(e)
    return scaled([*above, rest, *below]) if e.is_scalar else scaled([*above, *below], rest)
