"""What must hold for a derivation: said where it is not known already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.expr.functions import FUNCTIONS, NONZERO, POSITIVE, NumberSet
from generator.expr.messages import Message
from generator.expr.nodes import (
    Determinant,
    Diag,
    Elementwise,
    EntrySum,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    MatrixFunction,
    Norm,
    Number,
    Power,
    Product,
    Scale,
    Spectral,
    Sum,
    Trace,
    Transpose,
    add,
    coefficient_factors,
    hadamard,
    scaled,
    split_scale,
    substitute,
    walk,
)
from generator.expr.properties import (
    is_invertible,
    is_positive,
    is_positive_definite,
    is_positive_semidefinite,
    rank_condition,
    settled,
    sign,
)
from generator.rules.laws import combined_in
from generator.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from generator.expr.messages import Text
    from generator.expr.nodes import Expr
    from generator.rules.rule import ConditionKind, Context, Step


MESSAGES = {
    "invertible": Message("invertible", "{part} is invertible"),
    "full row rank": Message("full-row-rank", "{part} has full row rank"),
    "full column rank": Message("full-column-rank", "{part} has full column rank"),
    "positive determinant": Message("positive", "{part} is positive"),
    "positive definite": Message("positive-definite", "{part} is positive definite"),
    "constant rank": Message("constant-rank", "the rank of {part} is the same at all points nearby"),
    "nonzero": NONZERO.scalar,
    "nonzero entries": NONZERO.entries,
    "whole number": Message("whole-number", "{part} is a whole number, at least 1"),
    "simple largest eigenvalue": Message("simple-largest-eigenvalue", "the largest eigenvalue of {part} is simple"),
    "simple smallest eigenvalue": Message("simple-smallest-eigenvalue", "the smallest eigenvalue of {part} is simple"),
    "simple largest singular value": Message("simple-singular-value", "the largest singular value of {part} is simple"),
    "off the negative axis": Message("off-the-negative-axis", "no eigenvalue of {part} is negative or zero"),
}
"""What a reader is told, by the kind of a condition."""


def of_steps(steps: Iterable[Step], definitions: Mapping[Expr, Expr]) -> Iterator[Condition]:
    """What the rules that were used ask for, without the names that a derivation gave."""
    for step in steps:
        if isinstance(step.rule, Rule):
            for kind, about in step.rule.conditions:
                yield Condition(kind, substitute(step.match.instance(about), definitions))


@dataclass(frozen=True)
class Condition:
    """Something that has to hold of an expression."""

    kind: ConditionKind | NumberSet
    """What is asked: a word that code knows, or a set that each entry has to be in."""
    of: Expr

    @property
    def subject(self) -> Expr:
        """What its sentence speaks of: of an inverse that needs full rank, its smallest part that does."""
        match self.kind:
            case "positive determinant":
                return Determinant(self.of)
            case "full rank":
                needed = rank_condition(self.of)
                return needed[1] if needed else self.of
            case _:
                return self.of

    @property
    def is_known(self) -> bool:
        """Declarations say that it holds."""
        match self.kind:
            case "invertible" | "constant rank":
                return is_invertible(self.of)
            case "full rank":
                return rank_condition(self.of) is None
            case "positive determinant" | "positive definite" | "off the negative axis":
                return is_positive_definite(self.of)
            case "nonzero":
                return is_positive(self.of) or sign(self.of) != 0
            case "nonzero entries" | "positive":
                return is_positive(self.of)
            case _:
                return False

    @property
    def text(self) -> Text:
        """The condition in words; empty where it is known to hold."""
        return () if self.is_known else self._message(part=self.subject)

    @property
    def _message(self) -> Message:
        if self.kind == "positive" or isinstance(self.kind, NumberSet):
            numbers = self.kind if isinstance(self.kind, NumberSet) else POSITIVE
            return numbers.scalar if self.of.is_scalar else numbers.entries
        if self.kind == "full rank":
            needed = rank_condition(self.of)
            return MESSAGES[needed[0] if needed else "invertible"]
        return MESSAGES[self.kind]

    def parts(self) -> Iterator[Condition]:
        """The same of the smallest parts: of y where y′y is not zero, of S where S⁻¹/2 is positive definite."""
        match self.kind, self.of:
            case "nonzero", Scale() as e:
                for factor in coefficient_factors(e):
                    yield from Condition(self.kind, factor).parts()
            case "nonzero", Norm(_, arg):
                yield from Condition(self.kind, arg).parts()
            case "nonzero entries", Scale() as e:
                scalars, body = split_scale(e)
                yield from (part for s in scalars for part in Condition("nonzero", s).parts())
                yield from replace(self, of=body).parts()
            case "nonzero", Power(base, Number()):
                yield from Condition(self.kind, base).parts()
            case "nonzero", Product((Transpose(y), z)) | Trace(Product((Transpose(y), z))) if y == z:
                yield Condition(self.kind, y)
            case "positive", Scale() as e if e.is_scalar:
                unknown = [f for f in coefficient_factors(e) if sign(f) <= 0]
                rest = scaled(unknown) if unknown else e
                yield from replace(self, of=rest).parts() if rest != e else [self]
            case "positive", Sum() as e if e.is_scalar and (below := _positive_denominator(e)) is not None:
                yield from replace(self, of=add(*(combined_in(below, term) for term in e.terms))).parts()
            case "positive" | "positive definite" | "full rank", Scale() as e:
                scalars, body = split_scale(e)
                unknown = [s for s in scalars if sign(s) <= 0]
                if unknown and self.kind == "full rank":
                    yield from (part for s in unknown for part in Condition("nonzero", s).parts())
                    unknown = []
                yield from [replace(self, of=scaled(unknown, body))] if unknown else replace(self, of=body).parts()
            case "full rank", Transpose(arg):
                yield from replace(self, of=arg).parts()
            case "positive definite", Diag(arg):
                yield from Condition("positive", arg).parts()
            case "positive definite", Inverse(arg):
                yield from replace(self, of=arg).parts()
            case "positive" | "nonzero entries", Hadamard(factors):
                others = [f for f in factors if not is_positive(f)]
                yield from replace(self, of=hadamard(*others)).parts() if 0 < len(others) < len(factors) else [self]
            case "positive" | "nonzero entries", HadamardPower(base, Number(value)) | Power(base, Number(value)) if (
                value.numerator % 2 and value.denominator == 1
            ):
                yield from replace(self, of=base).parts()
            case "positive", HadamardPower(base) | Power(base) if not _is_whole(self.of.exponent):
                yield from replace(self, of=base).parts()  # it would not be defined otherwise
            case _:
                yield self

    def texts(self) -> Iterator[Text]:
        """The condition in words, as far as it is not known to hold."""
        for part in self.parts():
            if text := part.text:
                yield text


def _positive_denominator(e: Sum) -> Expr | None:
    """A positive scalar that some term of a sum is divided by; None where there is none."""
    for term in e.terms:
        for factor in coefficient_factors(term):
            match factor:
                case Power(base, Number(value)) if value == -1 and not isinstance(base, Number) and sign(base) > 0:
                    return base
                case _:
                    continue
    return None


def of_function(e: Expr, context: Context, *, twice: bool = False) -> Iterator[Condition]:
    """Where a function has a value and a derivative, or two derivatives, as far as the variable decides it."""
    for part in walk(e) if twice else _unsquared(e):
        if context.is_constant(part):
            continue
        match part:
            case Elementwise("log", Determinant() | Elementwise("abs", Determinant())):
                continue
            case Elementwise("relu", Elementwise("sign")):  # a step, which jumps where the sign does
                continue
            case Elementwise("abs" | "sign", Determinant(arg)):
                yield Condition("invertible", arg)
            case Elementwise(name, arg) if (domain := FUNCTIONS[name].domain) is not None:
                yield Condition("positive" if domain is POSITIVE else domain, arg)
            case Elementwise(name, arg) if twice and (domain := FUNCTIONS[name].slope_domain) is not None:
                yield Condition(domain, arg)
            case HadamardPower(base, exponent) if not _is_whole(exponent):
                yield Condition("positive", base)
            case HadamardPower(base, Number(value)) if value < 0:
                yield Condition("nonzero entries", base)
            case MatrixFunction("logm" | "sqrtm", arg):
                arg = settled(arg)
                yield Condition("full rank" if is_positive_semidefinite(arg) else "off the negative axis", arg)
            case Norm("1", arg):
                yield Condition(NONZERO, arg)
            case Power(base, exponent) if not base.is_scalar and not isinstance(exponent, Number):
                yield Condition("whole number", exponent)
            case Power(Spectral("norm_spec"), Number(value)) if value.denominator == 1:  # simple, so it is not zero
                continue
            case Power(base, exponent) if base.is_scalar and not isinstance(base, Norm) and sign(base) == 0:
                if not _is_whole(exponent):
                    yield Condition("positive", base)
                elif isinstance(exponent, Number) and exponent.value < 0 and not isinstance(base, Determinant):
                    yield Condition("nonzero", base)


def without_implied(asked: Sequence[Condition]) -> list[Condition]:
    """The conditions without those that others imply: v⁻¹ has no zero where v has none, nor have |v| and Σ|vᵢ|ᵖ."""
    entries = {c.of for c in asked if c.kind in (NONZERO, "nonzero entries")}
    return [c for c in asked if not (c.kind in ENTRYWISE and (arg := _same_zeros(c.of)) != c.of and arg in entries)]


ENTRYWISE = ("positive", "nonzero", "nonzero entries")
"""Kinds of conditions that a sum or a power of absolute values meets where no entry is zero."""


def _same_zeros(e: Expr) -> Expr:
    """What has to have no zero entry so that an expression, which is made of it by powers and sums, has none."""
    match e:
        case HadamardPower(base, Number(value)) | Power(base, Number(value)) if value.numerator == -1:
            return _same_zeros(base) if base != e else e
        case Elementwise("abs", arg):
            return arg
        case EntrySum(HadamardPower(Elementwise("abs", arg))) | EntrySum(Elementwise("abs", arg)):
            return arg
        case _:
            return e


def _unsquared(e: Expr) -> Iterator[Expr]:
    """All parts but values of relu and abs whose squares are taken, which are smooth where these are zero."""
    match e:
        case Power(Norm("2", arg), Number(value)) if value >= 2 and _has_kink(arg):
            inside: tuple[Expr, ...] = arg.children
        case Power(base, Number(value)) | HadamardPower(base, Number(value)) if value >= 2 and _has_kink(base):
            inside = base.children
        case Hadamard(factors):
            kinks = {f for f in factors if _has_kink(f) and factors.count(f) > 1}
            inside = tuple(child for f in factors for child in (f.children if f in kinks else (f,)))
        case _:
            inside = e.children
    yield e
    for part in inside:
        yield from _unsquared(part)


def _has_kink(e: Expr) -> bool:
    """It is a function that is zero where it is not smooth."""
    return isinstance(e, Elementwise) and FUNCTIONS[e.name].continuous


def _is_whole(exponent: Expr) -> bool:
    """It is a whole number, so that any base will do, zero perhaps left out."""
    if isinstance(exponent, Trace):  # the number of rows of an identity
        return isinstance(exponent.arg, Identity)
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def distinct(texts: Iterable[Text]) -> tuple[Text, ...]:
    """Each condition once, in order."""
    return tuple(dict.fromkeys(texts))
