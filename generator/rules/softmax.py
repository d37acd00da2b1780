"""Laws of the softmax: exponentials divided by their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import (
    ONE,
    Diag,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    Number,
    Ones,
    Power,
    Product,
    Scale,
    Softmax,
    Trace,
    Transpose,
    number,
    rebuild,
    scaled,
    split_scale,
)

if TYPE_CHECKING:
    from generator.rules.rule import Context

LINEAR = (Product, Hadamard, Transpose, Diag, Trace, EntrySum)
"""Nodes that are linear in each of their parts."""


def of_quotient(e: Expr, context: Context) -> Expr | None:
    """A exp(x) / sum(exp(x)) = A softmax(x): exponentials, wherever they are a factor, divided by their sum."""
    del context
    if not isinstance(e, Scale) or e.kinds.isdisjoint((EntrySum, Ones)) or e.has_differential:
        return None
    scalars, body = split_scale(e)
    parts = [*scalars, body]
    for i, divisor in enumerate(parts):
        match divisor:
            case Power(base, Number(value)) if value <= -1 and (arg := _exponents(base)) is not None:
                pass
            case _:
                continue
        for j, part in enumerate(parts):
            if j != i and (new := _divided(part, arg)) is not None:
                less = [] if value == -1 else [Power(base, number(value + 1))]
                return scaled([*less, *(new if k == j else p for k, p in enumerate(parts) if k != i)])
    return None


def _exponents(e: Expr) -> Expr | None:
    """x of sum(exp(x)), also as 1′exp(x); None for anything else."""
    match e:
        case (
            EntrySum(Elementwise("exp", arg))
            | Product((Transpose(Ones()), Elementwise("exp", arg)))
            | Product((Transpose(Elementwise("exp", arg)), Ones()))
        ) if arg.shape[1] == ONE:
            return arg
        case _:
            return None


def _divided(e: Expr, arg: Expr) -> Expr | None:
    """A part with the first factor exp(x) in it replaced by the softmax; None where it has no such factor."""
    if e == Elementwise("exp", arg):
        return Softmax(arg)
    if not isinstance(e, LINEAR) or _exponents(e) == arg:
        return None
    for i, child in enumerate(e.children):
        if (new := _divided(child, arg)) is not None:
            return rebuild(e, [new if k == i else c for k, c in enumerate(e.children)])
    return None
