"""The end of a derivation whose symbols have numbers: they are put in, and worked out step by step, in fractions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from generator.errors import ExpressionError, Unsupported
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
    walk,
)
from generator.expr.printing.plain import plain
from generator.solver.conventions import FREE
from generator.solver.derivation import Derivation, Line, Stage, Verified
from generator.solver.differential import choose, names_taken, value_names
from generator.solver.linear_algebra import eigen, value
from generator.solver.verify import verify_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Data = Mapping[Symbol, Rows]


def unevaluated(function: Expr, wrt: Symbol, symbols: dict[str, Symbol]) -> Derivation:
    """What stands before `evaluated` where nothing but the value of the function is asked for."""
    names = value.value_names(function, value_names(function))
    value_name = Symbol(choose(names, names_taken(symbols)), function.shape)
    return Derivation(function, wrt, "value", FREE, symbols, value_name, value_name, {}, (), function)


def valued(function: Expr, given: Mapping[str, Rows]) -> Derivation:
    """The value of a function, worked out; matrices that stand in it as numbers get names.

    `given` has the numbers of its symbols, by name. Raises ExpressionError for a symbol without numbers or a function
    with nothing to work out, and what `evaluated` raises.
    """
    numbers = dict(given)
    names: dict[Expr, Expr] = {}
    for part in dict.fromkeys(part for part in walk(function) if isinstance(part, Matrix)):
        usual = ("b", "c", "x", "y", "z") if part.is_vector else ("A", "B", "C", "D", "M")
        name = choose(usual, {*numbers, *(symbol.name for symbol in function.symbols)})
        names[part], numbers[name] = Symbol(name, part.shape), part.rows
    function = substitute(function, names)
    symbols = {symbol.name: symbol for symbol in sorted(function.symbols, key=lambda symbol: symbol.name)}
    if not symbols:
        raise ExpressionError(f"{plain(function)} has no matrix of numbers", remedy="Write one, such as [2 1; 1 3].")
    if missing := sorted(symbols.keys() - numbers.keys()):
        raise ExpressionError(
            f"there are no numbers for {' and '.join(missing)}",
            remedy=f"Write them where they stand, such as [2 1; 1 3], or give them: {missing[0]}=[2 1; 1 3].",
        )
    data = {symbol: numbers[name] for name, symbol in symbols.items()}
    return evaluated(unevaluated(function, next(iter(data)), symbols), data)


def answer(derivation: Derivation, data: Data) -> Expr:
    """What the answer is in numbers: a number, or a matrix of numbers.

    Raises NoValueError where it has none, Unsupported where it is no fraction, nor eigenvalues with square roots.

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
    found = _exact_value(formula, data)
    values = {**data, derivation.wrt: exact(found, {})} if derivation.find == "stationary" else data
    for symbol, rows in values.items():
        for name in sorted(symbol.properties):
            if not PROPERTIES[name](rows):
                raise NoValueError(f"{plain(as_expr(rows))} is not {name}, as {symbol.name} is")
    return found


def _exact_value(formula: Expr, data: Data) -> Expr:
    """The value of a formula, with roots where its eigenvalues or eigenvectors are asked for."""
    match value.asked(formula):
        case value.Spectrum(function):
            return eigen.outcome(function, exact(function.arg, data))
        case _:
            return as_expr(exact(formula, data))


def evaluated(derivation: Derivation, data: Data) -> Derivation:
    """The derivation with a last stage that puts numbers in, verified at these numbers.

    Its conditions are decided by the numbers, so they are not said any more. Raises NoValueError where something has
    no value, Unsupported where the answer is no fraction.
    """
    outcome = answer(derivation, data)
    if derivation.find == "value":
        return _value(derivation, data)
    lines = _lines(derivation, data)
    stage = Stage(Message("put-in-numbers", "Put in the numbers")(), tuple(lines))
    result = replace(
        derivation, stages=(*derivation.stages, stage), outcome=outcome, conditions=(), verified=Verified(0, 0.0)
    )
    error = verify_at(result, data)
    return replace(result, verified=Verified(len(result.lines), max(derivation.verified.max_error, error)))


def _value(derivation: Derivation, data: Data) -> Derivation:
    """The derivation of a value, in which nothing is differentiated."""
    taken = names_taken(derivation.symbols) | {derivation.value.name}
    function = derivation.function
    count = function.factors[0].shape[1] if isinstance(function, Product) else ONE
    coefficients = Symbol(choose(("c", "k", "s", "t"), taken), (count, ONE))
    names = value.Names(coefficients, choose(("lambda", "mu", "nu"), taken), choose(("v", "w", "u", "z"), taken))
    found = value.found(function, derivation.value, names, data, partial(put_in, data=data))
    return replace(
        derivation,
        stages=found.stages,
        outcome=found.outcome,
        solutions=found.solutions,
        conditions=(),
        verified=Verified(sum(len(stage.lines) for stage in found.stages), 0.0),
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
