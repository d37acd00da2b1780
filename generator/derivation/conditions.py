"""What must hold for a derivation: said where it is not known already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import Determinant, Elementwise, Norm, Number, Power, walk
from generator.algebra.functions import FUNCTIONS
from generator.algebra.structure import is_invertible, is_positive, is_positive_definite, sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.algebra.expr import Expr
    from generator.algebra.plain import Text
    from generator.derivation.rule import Context, Step


def of_steps(steps: Iterable[Step]) -> Iterator[Text]:
    """What the rules that were used ask for."""
    for step in steps:
        for kind, name in getattr(step.rule, "conditions", ()):
            text = say(kind, step.match[name])
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
            case Norm("1", arg):
                yield ("no entry of ", arg, " is zero")
            case Power(base, Number(value)) if base.is_scalar and not isinstance(base, Determinant | Norm):
                if value.denominator != 1 and sign(base) <= 0:
                    yield (base, " is positive")
                elif value < 0 and sign(base) == 0:
                    yield (base, " is not zero")


def distinct(texts: Iterable[Text]) -> tuple[Text, ...]:
    """Each condition once, in order."""
    return tuple(dict.fromkeys(texts))
