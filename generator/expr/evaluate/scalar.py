"""SymPy's part: scalar coefficients, derivatives of scalar functions, and the bridge to SymPy for users."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy

from generator.expr.functions import FUNCTIONS
from generator.expr.nodes import (
    Elementwise,
    Expr,
    Number,
    Ones,
    Pi,
    Power,
    Scale,
    Sum,
    add,
    entrywise_power,
    hadamard,
    number,
    scale,
    scaled,
    size,
)

T = sympy.Symbol("t", real=True)


def inverse_function(name: str, arg: Expr) -> Expr | None:
    """f⁻¹ of a function in the table, applied to each entry of an expression; None of a number that is no value."""
    found = _inverse(name)
    if isinstance(arg, Number):
        value = sympy.simplify(_in_sympy(found).subs(T, sympy.Rational(arg.value.numerator, arg.value.denominator)))
        if not value.is_real:
            return None
        if value.is_Rational:
            return number(str(value))
    return _entrywise(found, arg)


@cache
def _inverse(name: str) -> Any:
    names = {other: sympy.Function(other) for other in FUNCTIONS}
    return sympy.sympify(FUNCTIONS[name].inverse, locals={**names, "t": T})


def _in_sympy(s: Any) -> Any:
    """The same with SymPy's own functions, which know values."""
    return s.replace(
        lambda part: type(part).__name__ in FUNCTIONS,
        lambda part: FUNCTIONS[type(part).__name__].symbolic(sympy, part.args[0]),
    )


_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}


def _entrywise(s: Any, arg: Expr) -> Expr:
    """A SymPy expression in t as an expression in our language, with an argument for t, entry by entry."""
    if s == T:
        return arg
    if not s.has(T):
        value = from_sympy(s, {})
        return value if arg.is_scalar else Ones(arg.shape) if s == 1 else scale(value, Ones(arg.shape))
    if s.is_Add:
        constants = [part for part in s.args if part.is_Number]
        return add(*(_entrywise(part, arg) for part in [*constants, *(p for p in s.args if not p.is_Number)]))
    if s.is_Mul:
        coefficient, rest = s.as_independent(T)
        body = hadamard(*(_entrywise(part, arg) for part in (rest.args if rest.is_Mul else (rest,))))
        return body if coefficient == 1 else scale(from_sympy(coefficient, {}), body)
    if s.is_Pow:
        base, exponent = (_entrywise(part, arg) if part.has(T) else from_sympy(part, {}) for part in s.args)
        return entrywise_power(base, exponent)
    name = type(s).__name__
    return Elementwise(_NAMES.get(name, name), _entrywise(s.args[0], arg))


def shortest_scalar(e: Expr) -> Expr:
    """A sum of scalars in the shortest form that SymPy finds: multiplied out, or over one denominator."""
    atoms: dict[Expr, Any] = {}
    s = to_sympy(e, atoms)
    forms = [sympy.expand(s), sympy.cancel(s), sympy.factor(s)]
    found = min((from_sympy(form, atoms) for form in forms), key=size)
    return found if size(found) < size(e) else e


def simplified(e: Expr) -> Expr:
    """A scalar in the form that SymPy takes for the simplest."""
    atoms: dict[Expr, Any] = {}
    return from_sympy(sympy.simplify(to_sympy(e, atoms)), atoms)


def to_sympy(e: Expr, atoms: dict[Expr, Any]) -> Any:
    """A scalar expression as SymPy's; what is not elementary arithmetic becomes a symbol, noted in `atoms`."""
    if isinstance(e, Number):
        return sympy.Rational(e.value.numerator, e.value.denominator)
    if isinstance(e, Pi):
        return sympy.pi
    if isinstance(e, Sum):
        return sympy.Add(*(to_sympy(term, atoms) for term in e.terms))
    if isinstance(e, Scale):
        return to_sympy(e.coefficient, atoms) * to_sympy(e.body, atoms)
    if isinstance(e, Power) and e.is_scalar and isinstance(e.exponent, Number) and e.exponent.value.denominator == 1:
        return to_sympy(e.base, atoms) ** int(e.exponent.value)
    return atoms.setdefault(e, sympy.Symbol(f"s{len(atoms):04}", real=True))


def from_sympy(s: Any, atoms: dict[Expr, Any]) -> Expr:
    """The scalar expression for SymPy's, with the symbols of `atoms` put back."""
    for e, symbol in atoms.items():
        if symbol == s:
            return e
    if s.is_Number:
        return number(str(s))
    if s == sympy.pi:
        return Pi()
    parts = [from_sympy(part, atoms) for part in s.args]
    if s.is_Add:
        return add(*sorted(parts, key=lambda p: isinstance(p, Number)))
    if s.is_Mul:
        return scaled(parts)
    if s.is_Pow:
        return Power(*parts)
    return Elementwise(_NAMES.get(type(s).__name__, type(s).__name__), *parts)
