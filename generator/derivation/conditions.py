"""What must hold for a derivation: said where it is not known already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    Determinant,
    Diag,
    Elementwise,
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
    Trace,
    Transpose,
    coefficient_factors,
    hadamard,
    scaled,
    split_scale,
    substitute,
    walk,
)
from generator.algebra.functions import FUNCTIONS
from generator.algebra.structure import is_invertible, is_positive, is_positive_definite, rank_condition, sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.algebra.expr import Expr
    from generator.algebra.plain import Text
    from generator.derivation.rule import Context, Step


def of_steps(steps: Iterable[Step], definitions: Mapping[Expr, Expr]) -> Iterator[Text]:
    """What the rules that were used ask for, said without the names that a derivation gave."""
    for step in steps:
        for kind, name in getattr(step.rule, "conditions", ()):
            text = say(kind, substitute(step.match[name], definitions))
            if text:
                yield text


@dataclass(frozen=True)
class Condition:
    """Something that has to hold of an expression, by its kind, as `say` puts it."""

    kind: str
    of: Expr

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
                rest = [f for f in factors if not is_positive(f)]
                yield from replace(self, of=hadamard(*rest)).parts() if 0 < len(rest) < len(factors) else [self]
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
            text = say(part.kind, part.of)
            if text:
                yield text


def say(kind: str, e: Expr) -> Text:
    """One condition in words; empty where it is known to hold."""
    each: Text = (e,) if e.is_scalar else ("every entry of ", e)
    match kind:
        case "invertible":
            return () if is_invertible(e) else (e, " is invertible")
        case "full rank":
            needed = rank_condition(e)
            return (needed[1], f" {needed[0]}") if needed else ()
        case "positive determinant":
            return () if is_positive_definite(e) else (Determinant(e), " is positive")
        case "positive definite":
            return () if is_positive_definite(e) else (e, " is positive definite")
        case "constant rank":
            return () if is_invertible(e) else ("the rank of ", e, " is the same at all points nearby")
        case "nonzero":
            return () if is_positive(e) or sign(e) else (e, " is not zero")
        case "nonzero entries":
            return () if is_positive(e) else ("no entry of ", e, " is zero")
        case "positive":
            return () if is_positive(e) else (*each, " is positive")
        case values if values.startswith("between "):
            return (*each, f" is {values}")
        case _:
            raise ValueError(kind)


def of_function(e: Expr, context: Context) -> Iterator[Text]:
    """Where a function has a value and a derivative, as far as the variable decides it."""
    for part in walk(e):
        if context.is_constant(part):
            continue
        match part:
            case Elementwise("log", Determinant()):
                continue
            case Elementwise(name, arg) if FUNCTIONS[name].condition and not (
                FUNCTIONS[name].condition == "positive" and is_positive(arg)
            ):
                condition = FUNCTIONS[name].condition
                if arg.is_scalar:
                    yield (arg, f" is {condition}")
                elif condition.startswith("not "):
                    yield ("no entry of ", arg, f" is {condition.removeprefix('not ')}")
                else:
                    yield ("every entry of ", arg, f" is {condition}")
            case HadamardPower(base, exponent) if not _is_whole(exponent) and not is_positive(base):
                yield (base, " is positive") if base.is_scalar else ("every entry of ", base, " is positive")
            case HadamardPower(base, Number(value)) if value < 0 and not is_positive(base):
                yield ("no entry of ", base, " is zero")
            case MatrixFunction("logm", arg) if not is_positive_definite(arg):
                yield ("no eigenvalue of ", arg, " is negative or zero")
            case Norm("1", arg):
                yield ("no entry of ", arg, " is zero")
            case Power(base, exponent) if not base.is_scalar and not isinstance(exponent, Number):
                yield (exponent, " is a whole number, at least 1")
            case Power(base, exponent) if base.is_scalar and not isinstance(base, Norm) and sign(base) == 0:
                if not _is_whole(exponent):
                    yield (base, " is positive")
                elif isinstance(exponent, Number) and exponent.value < 0 and not isinstance(base, Determinant):
                    yield (base, " is not zero")


def _is_whole(exponent: Expr) -> bool:
    """It is a whole number, so that any base will do, zero perhaps left out."""
    if isinstance(exponent, Trace):  # the number of rows of an identity
        return isinstance(exponent.arg, Identity)
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def distinct(texts: Iterable[Text]) -> tuple[Text, ...]:
    """Each condition once, in order."""
    return tuple(dict.fromkeys(texts))
