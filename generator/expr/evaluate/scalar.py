"""SymPy's part: scalar coefficients, derivatives of scalar functions, and the bridge to SymPy for users."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

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
    base_and_exponent,
    entrywise_power,
    hadamard,
    number,
    scale,
    scaled,
    size,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def simplify_scalars(factors: Sequence[Expr]) -> list[Expr]:
    """The same product of scalars in its shortest form: one number, then each base once, with its powers added up.

    Sums and everything that is no scalar of its own stay closed, so nothing is multiplied out.
    """
    total = sympy.Integer(1)
    exponents: dict[Expr, Any] = {}
    alone: dict[Expr, list[Expr]] = {}
    atoms: dict[Expr, Any] = {}
    for factor in factors:
        if isinstance(factor, Number):
            total *= sympy.Rational(factor.value.numerator, factor.value.denominator)
            continue
        base, exponent = base_and_exponent(factor)
        power = to_sympy(exponent, atoms)
        if isinstance(base, Number) and power.is_Integer and (base.value or power > 0):
            total *= to_sympy(base, atoms) ** power
            continue
        if isinstance(base, Power) and power.is_Integer:
            power *= to_sympy(base.exponent, atoms)
            base = base.base
        exponents[base] = exponents.get(base, sympy.Integer(0)) + power
        alone.setdefault(base, []).append(factor)
    if total == 0:
        return [number(0)]
    parts = [number(str(total))] if total != 1 else []
    for base, exponent in exponents.items():
        power = from_sympy(sympy.simplify(exponent) if exponent.free_symbols else exponent, atoms)
        if len(alone[base]) == 1 and isinstance(alone[base][0], Elementwise):  # a square root stays one
            parts += alone[base]
        elif power != number(0):
            parts.append(base if power == number(1) else Power(base, power))
    return parts


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
