"""The end of a derivation whose symbols have numbers: they are put in, and worked out step by step, in fractions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.evaluate.exact import PROPERTIES, NoValueError, Rows, as_expr, exact, require_little_work
from generator.expr.messages import Message
from generator.expr.nodes import (
    ONE,
    Expr,
    Matrix,
    Number,
    Power,
    Product,
    Scale,
    Symbol,
    Transpose,
    rebuild,
    substitute,
)
from generator.expr.printing.plain import plain
from generator.solver.conventions import FREE
from generator.solver.derivation import Derivation, Line, Stage, Verified
from generator.solver.differential import choose, names_taken, value_names
from generator.solver.linear_algebra import value
from generator.solver.verify import verify_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Data = Mapping[Symbol, Rows]


def unevaluated(function: Expr, wrt: Symbol, symbols: dict[str, Symbol]) -> Derivation:
    """What stands before `evaluated` where nothing but the value of the function is asked for."""
    names = value.value_names(function, value_names(function))
    value_name = Symbol(choose(names, names_taken(symbols)), function.shape)
    return Derivation(function, wrt, "value", FREE, symbols, value_name, value_name, {}, (), function)


def answer(derivation: Derivation, data: Data) -> Rows:
    """What the answer is in numbers; raises NoValueError where it has none, Unsupported where it is no fraction.

    Numbers that are not what their symbol is declared to be have no answer, as the derivation relies on it; nor has a
    stationary point that the variable cannot be.
    """
    formula = in_full(derivation)
    missing = sorted(symbol.name for symbol in formula.symbols - set(data))
    if missing:
        raise Unsupported(
            f"the answer {plain(formula)} needs numbers for {' and '.join(missing)}",
            remedy=f"Draw them as well, such as  vary: {{{missing[0]}: -3..3}}",
        )
    require_little_work(formula)
    found = exact(formula, data)
    values = {**data, derivation.wrt: found} if derivation.find == "stationary" else data
    for symbol, rows in values.items():
        for name in sorted(symbol.properties):
            if not PROPERTIES[name](rows):
                raise NoValueError(f"{plain(as_expr(rows))} is not {name}, as {symbol.name} is")
    return found


def evaluated(derivation: Derivation, data: Data) -> Derivation:
    """The derivation with a last stage that puts numbers in, verified at these numbers.

    Its conditions are decided by the numbers, so they are not said any more. Raises NoValueError where something has
    no value, Unsupported where the answer is no fraction.
    """
    rows = answer(derivation, data)
    if derivation.find == "value":
        return _value(derivation, data)
    lines = _lines(derivation, data)
    stage = Stage(Message("put-in-numbers", "Put in the numbers")(), tuple(lines))
    result = replace(
        derivation, stages=(*derivation.stages, stage), outcome=as_expr(rows), conditions=(), verified=Verified(0, 0.0)
    )
    error = verify_at(result, data)
    return replace(result, verified=Verified(len(result.lines), max(derivation.verified.max_error, error)))


def _value(derivation: Derivation, data: Data) -> Derivation:
    """The derivation of a value, in which nothing is differentiated."""
    taken = names_taken(derivation.symbols) | {derivation.value.name}
    function = derivation.function
    count = function.factors[0].shape[1] if isinstance(function, Product) else ONE
    coefficients = Symbol(choose(("c", "k", "s", "t"), taken), (count, ONE))
    stage = value.stage(function, derivation.value, coefficients, data, partial(put_in, data=data))
    return replace(
        derivation,
        stages=(stage,),
        outcome=stage.lines[-1].right,
        conditions=(),
        verified=Verified(len(stage.lines), 0.0),
    )


def in_full(derivation: Derivation) -> Expr:
    """The answer without the names that the derivation gave."""
    names: dict[Expr, Expr] = {symbol: e for symbol, e in derivation.definitions.items()}  # noqa: C416 - widens the key
    names[derivation.value] = derivation.function
    e = derivation.result
    while not e.symbols.isdisjoint(names):
        e = substitute(e, names)
    return e


def _lines(derivation: Derivation, data: Data) -> list[Line]:
    """The numbers in the place of symbols; then, line by line, what is innermost worked out."""
    stationary = derivation.find == "stationary"
    left = derivation.wrt if stationary else derivation.answer
    formula = in_full(derivation)
    right = put_in(formula, data)
    named = sorted(formula.symbols, key=lambda symbol: (symbol.name.islower(), symbol.name))
    why = Message("numbers-given", "with the numbers given for {names}")(names=named)
    lines = [Line(left, right, "numbers", why, where="stationary" if stationary else None)]
    while not isinstance(right, Number | Matrix):
        right = _one_step(right)
        lines.append(Line(left, right, "arithmetic", (), where=lines[0].where))
    return lines


def put_in(e: Expr, data: Data) -> Expr:
    """An expression with numbers for its symbols; transposes and scalars are worked out at once."""
    if isinstance(e, Symbol):
        return as_expr(data[e])
    return _at_once(rebuild(e, [put_in(child, data) for child in e.children])) if e.children else e


def _at_once(e: Expr) -> Expr:
    """What nobody writes a line for: transposes of numbers, and powers and products of scalars."""
    plain_sight = isinstance(e, Transpose) or (isinstance(e, Power | Scale) and e.is_scalar)
    return as_expr(exact(e, {})) if plain_sight and _are_numbers(e.children) else e


def _are_numbers(parts: Sequence[Expr]) -> bool:
    return all(isinstance(part, Number | Matrix) for part in parts)


def _one_step(e: Expr) -> Expr:
    """Every part worked out whose own parts are numbers."""
    if isinstance(e, Number | Matrix):
        return e
    if _are_numbers(e.children):
        return as_expr(exact(e, {}))
    return _at_once(rebuild(e, [_one_step(child) for child in e.children]))
