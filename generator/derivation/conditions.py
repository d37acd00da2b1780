"""What must hold for a derivation: said where it is not known already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import (
    Determinant,
    Elementwise,
    HadamardPower,
    MatrixFunction,
    Norm,
    Number,
    Power,
    substitute,
    walk,
)
from generator.algebra.functions import FUNCTIONS
from generator.algebra.structure import is_invertible, is_positive, is_positive_definite, sign

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


def say(kind: str, e: Expr) -> Text:
    """One condition in words; empty where it is known to hold."""
    match kind:
        case "invertible":
            return () if is_invertible(e) else (e, " is invertible")
        case "positive determinant":
            return () if is_positive_definite(e) else (Determinant(e), " is positive")
        case "nonzero":
            return () if is_positive(e) else (e, " is not zero")
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
                entries = "" if arg.is_scalar else "every entry of "
                yield (
                    (entries, arg, f" is {FUNCTIONS[name].condition}")
                    if entries
                    else (arg, f" is {FUNCTIONS[name].condition}")
                )
            case HadamardPower(base, exponent) if not _is_whole(exponent) and not is_positive(base):
                yield ("every entry of ", base, " is positive")
            case HadamardPower(base, Number(value)) if value < 0 and not is_positive(base):
                yield ("no entry of ", base, " is zero")
            case MatrixFunction("logm", arg) if not is_positive_definite(arg):
                yield ("no eigenvalue of ", arg, " is negative or zero")
            case Norm("1", arg):
                yield ("no entry of ", arg, " is zero")
            case Power(base, exponent) if base.is_scalar and not isinstance(base, Norm) and sign(base) == 0:
                if not _is_whole(exponent):
                    yield (base, " is positive")
                elif isinstance(exponent, Number) and exponent.value < 0 and not isinstance(base, Determinant):
                    yield (base, " is not zero")


def _is_whole(exponent: Expr) -> bool:
    """It is a whole number, so that any base will do, zero perhaps left out."""
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def distinct(texts: Iterable[Text]) -> tuple[Text, ...]:
    """Each condition once, in order."""
    return tuple(dict.fromkeys(texts))
