"""Derivatives of the scalar functions in the table, entry by entry."""

from __future__ import annotations

from functools import cache

from generator.expr.functions import FUNCTIONS
from generator.expr.nodes import (
    SCALAR,
    Elementwise,
    Expr,
    Ones,
    Power,
    Scale,
    Sum,
    Symbol,
    add,
    entrywise_power,
    hadamard,
    number,
    scale,
    split_scale,
)
from generator.expr.parsing.parse import read_equations

T = Symbol("t", SCALAR)


def derivative(name: str, arg: Expr) -> Expr:
    """f′ of a function, applied to each entry of an expression."""
    if name not in FUNCTIONS:  # one that an author declares
        return Elementwise(f"{name}'", arg)
    return _entrywise(_derivative(name), arg)


def definition(name: str, arg: Expr) -> Expr:
    """What a function in the table is defined as by others, applied to each entry of an expression."""
    said = FUNCTIONS[name].definition
    assert isinstance(said, str)
    return _entrywise(read_equations(said, (), {"t": "scalar"}).expr, arg)


@cache
def _derivative(name: str) -> Expr:
    return read_equations(FUNCTIONS[name].derivative, (), {"t": "scalar"}).expr


def _entrywise(e: Expr, arg: Expr) -> Expr:
    """A scalar expression in t with an argument for t, entry by entry."""
    match e:
        case Symbol():
            return arg
        case _ if T not in e.symbols:
            return e if arg.is_scalar else Ones(arg.shape) if e == number(1) else scale(e, Ones(arg.shape))
        case Sum(terms):
            return add(*(_entrywise(term, arg) for term in terms))
        case Scale():
            scalars, body = split_scale(e)
            constants = [factor for factor in (*scalars, body) if T not in factor.symbols]
            parts = [_entrywise(factor, arg) for factor in (*scalars, body) if T in factor.symbols]
            found = hadamard(*parts)
            for constant in reversed(constants):
                found = scale(constant, found)
            return found
        case Power(base, exponent):
            return entrywise_power(_entrywise(base, arg), exponent)
        case Elementwise(name, inner):
            return Elementwise(name, _entrywise(inner, arg))
        case _:
            raise AssertionError(f"the table of functions has an expression with {type(e).__name__}")
