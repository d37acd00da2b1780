"""Undoing what was done to the unknown, from the outside: functions of each entry, powers, inverses, transposes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.functions import FUNCTIONS, POSITIVE
from generator.expr.messages import Message
from generator.expr.nodes import (
    ONE,
    Diag,
    Diagonal,
    Elementwise,
    Expr,
    HadamardPower,
    Identity,
    Inverse,
    MatrixFunction,
    Norm,
    Number,
    Ones,
    Power,
    Product,
    Scale,
    Softmax,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Zero,
    add,
    coefficient_factors,
    entrywise_power,
    hadamard,
    inverse,
    number,
    reciprocal,
    scaled,
    split_scale,
    zeros,
)
from generator.expr.printing.plain import plain
from generator.expr.properties import has, is_nonnegative, is_symmetric, transpose_of
from generator.solver.identify import TRANSPOSE_BOTH
from generator.solver.stationary.draft import ENTRY_BY_ENTRY, Draft, Unfit, divided

if TYPE_CHECKING:
    from generator.expr.messages import Sentence

OPPOSITE = {"exp": "log", "log": "exp", "expm": "logm", "logm": "expm"}
"""Functions that are named by what undoes them."""

INVERSE_FUNCTION = Message("inverse-function", "the inverse function of {function} on both sides")
OF_BOTH_SIDES = Message("of-both-sides", "{function} of both sides")
SOFTMAX_OF_LOGARITHM = Message(
    "softmax-of-logarithm",
    "the entries of {value} add up to 1, so it is the softmax of its logarithm; a number added to each entry changes"
    " nothing",
)
INVERSES = Message("inverses", "take inverses on both sides")
COMPARE_DIAGONALS = Message("compare-diagonals", "compare the diagonals")
IS_ITS_DIAGONAL = Message("is-its-diagonal", "a diagonal matrix is its diagonal")
RAISE = Message("raise", "raise to the power {exponent}")
ROOTS = {
    Fraction(-1): Message("reciprocals", "take reciprocals"),
    Fraction(1, 2): Message("square-roots", "take square roots"),
    Fraction(1, 3): Message("cube-roots", "take cube roots"),
}

INVERTIBLE = (Elementwise, HadamardPower, Power, Inverse, Transpose, Diag, Diagonal, MatrixFunction)
"""What can be undone, on conditions."""


def can_be_undone(e: Expr) -> bool:
    """It is a node that `undone` may take off."""
    match e:
        case Elementwise(name):
            return bool(FUNCTIONS[name].inverse)
        case Power(base):
            return base.is_scalar
        case Softmax(arg):
            return isinstance(arg, Symbol) and arg.shape[1] == ONE
        case _:
            return isinstance(e, INVERTIBLE)


def undone(draft: Draft, e: Expr, value: Expr) -> tuple[Expr, Expr]:
    """What an equation `e = value` says of the argument of e: a line for it; raises Unfit where e has no inverse."""
    match e:
        case Elementwise(name, arg):
            result = _function_undone(draft, name, e, value)
            why = _entry_by_entry(arg, INVERSE_FUNCTION(function=name))
            if name in OPPOSITE:
                why = _entry_by_entry(arg, OF_BOTH_SIDES(function=OPPOSITE[name]))
        case HadamardPower(arg, exponent) | Power(arg, exponent):
            result = _power_undone(draft, arg, exponent, value)
            why = _entry_by_entry(arg, _in_words(reciprocal(exponent)))
        case Softmax(arg):
            result, why = _softmax_undone(draft, e, value), SOFTMAX_OF_LOGARITHM(value=value)
        case Inverse(arg):
            draft.direction = 0
            if not is_symmetric(arg):
                draft.require("full rank", value)
            scalars, body = split_scale(value)
            inverted = draft.engine.tidied(inverse(body))
            result, why = draft.shortened(divided(inverted, scaled(scalars))), INVERSES()
        case Transpose(arg):
            draft.direction = 0  # an entry of the one side is not that of the other
            result, why = transpose_of(value), TRANSPOSE_BOTH()
        case Diag(arg):
            draft.direction = 0
            result, why = _diagonal_of(value), COMPARE_DIAGONALS()
        case Diagonal(arg) if has(arg, "diagonal"):
            draft.direction = 0
            result, why = Diag(value), IS_ITS_DIAGONAL()
        case MatrixFunction(name, arg) if name in OPPOSITE and is_symmetric(arg) and is_symmetric(value):
            draft.direction = 0
            other = OPPOSITE[name]
            if other == "logm":
                draft.require("positive definite", value)
            result, why = MatrixFunction(other, value), OF_BOTH_SIDES(function=other)
        case _:
            raise Unfit
    draft.line(arg, result, "undo", why)
    return arg, result


def _softmax_undone(draft: Draft, e: Expr, value: Expr) -> Expr:
    """log y, a column whose softmax is y, where the entries of y are positive and add up to one."""
    draft.direction = 0
    if not has(value, "sums to one"):
        raise Unsupported(
            f"the entries of {plain(e)} add up to 1, and those of {plain(value)} are not known to do so",
            remedy="Declare it as `sums to one`; else there is no stationary point.",
        )
    if has(value, "one-hot"):
        raise no_point(draft, f"the entries of {plain(e)} are positive, and {plain(value)} has zeros")
    _require_positive(draft, e, value)
    draft.shifted = True
    return Elementwise("log", value)


def _function_undone(draft: Draft, name: str, e: Expr, value: Expr) -> Expr:
    """f⁻¹ of a value, which has to be one that f takes."""
    from generator.expr.evaluate.scalar import inverse_function  # SymPy is loaded only where a function is undone

    row = FUNCTIONS[name]
    if not row.inverse:
        raise Unfit
    draft.direction *= 1 if row.monotone == "increasing" else -1
    if row.range is POSITIVE:
        _require_positive(draft, e, value)
    elif row.range is not None and not isinstance(value, Number):
        draft.require(row.range, value)
    if name == "log" and isinstance(value, Sum) and (split := _exp_split(draft, value)) is not None:
        return split
    scalars, body = split_scale(value)
    match body:
        case Product((Ones(), Transpose(Ones()))):  # 1 1′
            body = Ones(body.shape)
        case _:
            pass
    if isinstance(value, Zero):
        scalars, body = (number(0),), Ones(value.shape)
    if isinstance(body, Ones):  # f(c 1) = f(c) 1
        entry = inverse_function(name, draft.engine.tidied(scaled(scalars)))
        result = None if entry is None else draft.engine.tidied(entry * body)
    else:
        result = inverse_function(name, value)
    if result is None:
        raise no_point(draft, f"{plain(e)} would be {plain(value)}")
    return draft.engine.tidied(result)


def _exp_split(draft: Draft, value: Sum) -> Expr | None:
    """exp(c 1 + A) = exp(c) exp(A), where a multiplier is in c."""
    split = [split_scale(term) for term in value.terms]
    same = [scaled(scalars) if scalars else number(1) for scalars, body in split if isinstance(body, Ones)]
    rest = [term for term, (_, body) in zip(value.terms, split, strict=True) if not isinstance(body, Ones)]
    if not any(draft.apart & c.symbols for c in same):
        return None
    outside = Elementwise("exp", draft.shortened(add(*same)))
    return draft.engine.tidied(outside * (Elementwise("exp", add(*rest)) if rest else Ones(value.shape)))


def _power_undone(draft: Draft, base: Expr, exponent: Expr, value: Expr) -> Expr:
    """The root of a value that is the only one: that of a positive base, or of an odd power."""
    if not isinstance(exponent, Number):
        if not draft.is_positive(base):
            raise Unfit
        draft.require("nonzero", exponent)
        draft.direction *= draft.sign(exponent)
        _require_positive(draft, base, value)
        return draft.engine.tidied(entrywise_power(value, draft.engine.tidied(reciprocal(exponent))))
    p = exponent.value
    odd = p.denominator == 1 and p.numerator % 2 == 1
    if value == zeros(value.shape):
        if p < 0:
            raise no_point(draft, f"{plain(entrywise_power(base, exponent))} would be zero")
        draft.direction *= int(odd)
        return value
    positive = draft.is_positive(base) or p.denominator != 1
    if positive:
        _require_positive(draft, base, value)
        draft.direction *= 1 if p > 0 else -1
        return _root(draft, value, number(1 / p))
    if not odd:
        if draft.sign(value) < 0:
            raise no_point(draft, f"{plain(entrywise_power(base, exponent))} would be negative")
        if draft.for_multiplier and base.is_scalar:
            draft.direction = 0
            if not is_nonnegative(value):
                draft.require("positive", value)
            draft.require("nonzero", value)
            root = _root(draft, value, number(1 / p))
            draft.root = base, root
            return root
        raise Unsupported(
            f"{plain(entrywise_power(base, exponent))} = {plain(value)} has more than one solution",
            remedy=f"Declare {draft.unknown.name} as `positive` if the positive one is meant.",
        )
    if p < 0:
        draft.direction = 0
        draft.require("nonzero" if value.is_scalar else "nonzero entries", value)
    if abs(p) == 1 or draft.sign(value) > 0:
        return _root(draft, value, number(1 / p))
    if draft.sign(value) < 0:
        return draft.engine.tidied(-_root(draft, draft.shortened(-value), number(1 / p)))
    scalars, body = split_scale(value)
    signed = scaled([s for s in scalars if draft.sign(s) <= 0], body)
    return hadamard(Elementwise("sign", signed), _root(draft, Elementwise("abs", value), number(1 / p)))


def _root(draft: Draft, value: Expr, exponent: Expr) -> Expr:
    """A power of each entry; of c 1 it is the power of c, times 1."""
    if isinstance(value, Number) and (exact := _exact_root(value, exponent)) is not None:
        return exact
    if value.is_scalar and isinstance(value, Product | Scale | Trace):
        return draft.engine.tidied(scaled([_scalar_root(f, exponent) for f in _split_off_roots(value, exponent)]))
    scalars, body = split_scale(value)
    if isinstance(body, Ones):
        return draft.engine.tidied(scaled([Power(scaled(scalars), exponent)] if scalars else [], body))
    whole = isinstance(exponent, Number) and exponent.value.denominator == 1
    if scalars and not value.is_scalar and (whole or all(draft.sign(s) > 0 for s in scalars)):
        return draft.engine.tidied(scaled([Power(scaled(scalars), exponent)], entrywise_power(body, exponent)))
    return draft.engine.tidied(entrywise_power(value, exponent))


def _split_off_roots(value: Expr, exponent: Expr) -> list[Expr]:
    """The positive numbers in a product of scalars that have an exact root, each alone, and the rest together."""
    factors = coefficient_factors(value)
    apart = [f for f in factors if isinstance(f, Number) and f.value > 0 and _exact_root(f, exponent) is not None]
    rest = [f for f in factors if f not in apart]
    return [*apart, *([scaled(rest)] if rest else [])]


def _scalar_root(value: Expr, exponent: Expr) -> Expr:
    """A power of one scalar: the root of y′y is a norm."""
    match value, exponent:
        case ((Product((Transpose(y), z)) | Trace(Product((Transpose(y), z)))), Number(half)) if (
            y == z and half == Fraction(1, 2)
        ):
            return Norm("2", y)
        case Trace(Product((y, Transpose(z)))), Number(half) if y == z and half == Fraction(1, 2):
            return Norm("2", y)
        case Number(), _ if (exact := _exact_root(value, exponent)) is not None:
            return exact
        case _:
            return Power(value, exponent)


def _in_words(exponent: Expr) -> Sentence:
    """What is done to both sides, to undo a power."""
    if isinstance(exponent, Number) and exponent.value in ROOTS:
        return ROOTS[exponent.value]()
    return RAISE(exponent=exponent)


def _entry_by_entry(arg: Expr, what: Sentence) -> Sentence:
    """What is done to a scalar, or to each entry of anything else."""
    return what if arg.is_scalar else ENTRY_BY_ENTRY(what=what)


def _exact_root(value: Number, exponent: Expr) -> Expr | None:
    """The root of a fraction that has one: 2/3 of 8/27."""
    assert isinstance(exponent, Number)
    k = exponent.value.denominator
    if value.value < 0 and k > 1:
        return None
    above, below = (round(part ** (1 / k)) for part in (value.value.numerator, value.value.denominator))
    root = Fraction(above, below)
    return number(root**exponent.value.numerator) if root**k == value.value else None


def _require_positive(draft: Draft, e: Expr, value: Expr) -> None:
    if value == zeros(value.shape) or draft.sign(value) < 0:
        raise no_point(draft, f"{plain(e)} is positive, and would be {plain(value)}")
    if not draft.is_positive(value):
        draft.require("positive", value)


def _diagonal_of(value: Expr) -> Expr:
    """The diagonal of a matrix that is diagonal."""
    match value:
        case Diag(arg):
            return arg
        case Identity(n):
            return Ones((n, ONE))
        case Zero((n, _)):
            return zeros((n, ONE))
        case _:
            raise Unfit


def no_point(draft: Draft, why: str) -> Unsupported:
    """The equation has no solution."""
    return Unsupported(
        f"there is no stationary point: {why}",
        remedy=f"Ask for the derivative by {draft.unknown.name} instead.",
    )
