"""Validation of the variation between versions."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from generator.errors import GeneratorError, UnknownSymbolError, WorksheetError
from generator.expr.evaluate.exact import PROPERTIES
from generator.expr.nodes import Matrix, named, shape_text, terms_of
from generator.expr.parsing.index_sums import member_of
from generator.expr.parsing.lexer import normal_name, symbol_name
from generator.expr.parsing.parse import applied, declare
from generator.expr.printing.plain import plain
from generator.worksheet.condition import read_condition
from generator.worksheet.given import matrices
from generator.worksheet.interpret import argument_of, comparable, read_function, read_optional, read_slots, read_value
from generator.worksheet.validate import numbers
from generator.worksheet.validate.functions import absent, alternatives
from generator.worksheet.validate.names import NOT_AT_A_POINT, given_names, occurring
from generator.worksheet.values import is_undefined, put_in, without_terms
from generator.worksheet.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.expr.nodes import Expr, Symbol
    from generator.expr.parsing.parse import Parsed
    from generator.worksheet.kinds.protocol import Mistake
    from generator.worksheet.spec import Problem
    from generator.worksheet.validate.names import Names
    from generator.worksheet.values import Values

VARY = ("names", "dimensions", "text", "optional", "where", "nice")
"""The keys below `vary` that are no symbols."""

MOST_COLUMNS, MOST_ENTRIES = 10, 100
"""How large a matrix may be that is drawn as numbers."""


def mistakes(problem: Problem) -> Iterator[Mistake]:
    """The mistakes in the key `vary`."""
    found = list(chain(_values(problem), _optional(problem)))
    yield from found
    if found:
        return
    symbols = occurring(problem)
    functions = {f.name for reading in problem.readings for f in applied(reading.symbols.values(), reading.expressions)}
    for name in problem.symbols:
        if symbol_name(name, symbols) not in symbols and normal_name(name) not in functions:
            yield ("symbols", name), absent(name, symbols.values())
    yield from _dimensions(problem, symbols)
    yield from _renamings(problem, symbols)
    yield from _conditions(problem)
    yield from numbers.mistakes(problem)


def _values(problem: Problem) -> Iterator[Mistake]:
    """What is wrong with the values of a symbol."""
    functions = _parsed(problem)
    in_functions = {symbol.name: symbol for _, parsed in functions for symbol in parsed.occurring}
    in_slots = _in_slots(problem)
    variables = {normal_name(text.wrt) for text in problem.functions.values()}
    for name, values in problem.vary.values.items():
        written = problem.vary.written[name]
        key = ("vary", written)
        if symbol_name(written, in_functions) != name:
            yield (
                key,
                WorksheetError(
                    f"{written} has many members, and nothing can stand in their place",
                    remedy="Write the function with other terms as an alternative:  function: [..., ...]",
                ),
            )
            continue
        if name not in in_functions | in_slots:
            meant = nearest(written, VARY)
            yield (
                key,
                WorksheetError(f"unknown key '{written}'; did you mean '{meant}'?")
                if meant
                else absent(written, (in_functions | in_slots).values(), "the function" if functions else "any slot"),
            )
            continue
        texts = [value for value in values.items if isinstance(value, str)]
        found = matrices(texts)
        unlike = next((text for text, one in zip(texts, found, strict=False) if one.shape != found[0].shape), None)
        if unlike is not None:
            yield key, WorksheetError(f"{unlike} and {texts[0]} are not of the same shape")
            continue
        if name in variables and texts and not found:
            yield key, WorksheetError(f"{written} is the variable, and only numbers can stand in its place")
            continue
        if name in variables and all(part.find in NOT_AT_A_POINT for _, part in problem.derived):
            what = " or ".join(dict.fromkeys(part.find for _, part in problem.derived))
            yield key, WorksheetError(f"{written} is the variable; with find: {what} nothing can stand in its place")
            continue
        for wrt, parsed in functions:
            if parsed.symbols.get(name) in parsed.occurring:
                error = _wrong_value(wrt, parsed, written, values)
                if error:
                    yield key, error
                    break
        if name not in in_functions:
            for symbols in alternatives(problem):
                if error := _wrong_value_in_slot(symbols, written, values):
                    yield key, error
                    break


def _parsed(problem: Problem) -> list[tuple[str, Parsed]]:
    """All alternatives for functions, each with its variable."""
    return [
        (text.wrt, read_function(problem, text, one)) for text in problem.functions.values() for one in text.function
    ]


def _in_slots(problem: Problem) -> dict[str, Symbol]:
    """The symbols in slots, by their names."""
    return {
        symbol.name: symbol
        for symbols in alternatives(problem)
        for e in read_slots(problem, symbols).values()
        for symbol in e.symbols
    }


def _wrong_value_in_slot(symbols: Names, written: str, values: Values) -> GeneratorError | None:
    """What goes wrong where values stand for a symbol that is in no function."""
    symbol = symbols[normal_name(written)]
    if _is_in_numbers(symbol, values):
        return _wrong_size(symbol, written, values)
    if not values.coefficients:
        return _no_coefficient(values)
    for value in values.coefficients:
        try:
            option = read_value(symbols, symbol, value)
        except GeneratorError as error:
            return error
        if lacks := _lacks_a_property(symbol, written, value, option):
            return lacks
    return None


def _is_in_numbers(symbol: Symbol, values: Values) -> bool:
    """Numbers stand for the entries of a matrix."""
    return not symbol.is_scalar and any(isinstance(value, Fraction) for value in values.items)


def _wrong_size(symbol: Symbol, written: str, values: Values) -> GeneratorError | None:
    """Why numbers cannot be the entries of a matrix."""
    if not values.are_numbers:
        return WorksheetError(f"{written} is not a scalar, and numbers and expressions cannot both stand in its place")
    if any(dim.names for dim in symbol.shape):
        return WorksheetError(
            f"{written} is {shape_text(symbol.shape)}, and numbers need a size",
            remedy=f"Declare all symbols, this one by its size or as a scalar:  symbols: {{{written}: 2 x 2, ...}}",
        )
    rows, columns = (dim.number for dim in symbol.shape)
    if rows * columns > MOST_ENTRIES or columns > MOST_COLUMNS:
        return WorksheetError(
            f"{written} is {shape_text(symbol.shape)}, and numbers are drawn for up to {MOST_COLUMNS} columns and"
            f" {MOST_ENTRIES} entries, which fit on a page",
            remedy=f"Make it smaller, such as  symbols: {{{written}: {min(rows, 4)} x {min(columns, 4)}, ...}}",
        )
    return None


def _no_coefficient(values: Values) -> GeneratorError:
    return WorksheetError(
        f"the range {values.items[0]}..{values.items[-1]} holds no coefficient",
        remedy="A range leaves out 0, 1 and -1; a list, such as [0, 1], does not.",
    )


def _lacks_a_property(symbol: Symbol, written: str, value: object, option: Expr) -> GeneratorError | None:
    if not isinstance(option, Matrix):
        return None
    for name in sorted(symbol.properties):
        if not PROPERTIES[name](option.rows):
            return WorksheetError(f"{value} is not {name}, as {written} is declared to be")
    return None


def _wrong_value(wrt: str, parsed: Parsed, written: str, values: Values) -> GeneratorError | None:
    """What goes wrong where one of its values stands for a symbol of a function, and everything else stays."""
    symbol = parsed.symbols[normal_name(written)]
    variable = argument_of(parsed.symbols, normal_name(wrt))
    if _is_in_numbers(symbol, values):
        return _wrong_size(symbol, written, values)
    if symbol != variable and not values.coefficients:
        return _no_coefficient(values)
    for value in values.items if symbol == variable else values.coefficients:
        try:
            option = read_value(parsed.symbols, symbol, value)
        except GeneratorError as error:
            return error
        if lacks := _lacks_a_property(symbol, written, value, option):
            return lacks
        if isinstance(option, Matrix) or symbol == variable:
            continue
        drawn = put_in(parsed.expr, {symbol: option})
        if is_undefined(drawn):
            return WorksheetError(f"with {symbol.name} = {value} the function is undefined", remedy="Leave it out.")
        if variable not in drawn.symbols:
            return WorksheetError(
                f"with {symbol.name} = {value} the function does not depend on {wrt}", remedy="Leave it out."
            )
    return None


def _optional(problem: Problem) -> Iterator[Mistake]:
    functions = _parsed(problem)
    for i, text in enumerate(problem.vary.optional):
        key = ("vary", "optional", i)
        try:
            terms = [(wrt, parsed, read_optional(parsed, text)) for wrt, parsed in functions]
        except GeneratorError as error:
            yield key, error
            continue
        present = [(wrt, parsed, term) for wrt, parsed, term in terms if term is not None]
        if not functions:
            yield key, WorksheetError("there is no function with terms to leave out", remedy="Remove it.")
        elif not present:
            whole = ", ".join(plain(term) for term in terms_of(functions[0][1].expr))
            yield key, WorksheetError(f"{text} is not a term of the function", remedy=f"Its terms are {whole}.")
        for wrt, parsed, term in present:
            rest = without_terms(parsed.expr, frozenset({term}))
            if argument_of(parsed.symbols, normal_name(wrt)) not in rest.symbols:
                yield key, WorksheetError(f"without {text} the function does not depend on {wrt}")
                break


def _dimensions(problem: Problem, known: Names) -> Iterator[Mistake]:
    present = {name for symbol in known.values() for dim in symbol.dims for name in dim.names}
    for name, sizes in problem.vary.dimensions.items():
        key = ("vary", "dimensions", name)
        if name not in present:
            yield key, WorksheetError(f"{name} is no dimension of this problem", remedy=_among("dimensions", present))
        for new in (new for size in sizes for new in size.names):
            if new in known:
                yield key, WorksheetError(f"{new} is a symbol of this problem", remedy="Choose a name that is free.")
            elif new in present - {name}:
                yield key, WorksheetError(f"{name} and {new} would both be called {new}")


def _among(what: str, names: Iterable[str]) -> str:
    return f"Its {what} are {', '.join(sorted(names))}." if names else f"It has no {what} with a name."


def _renamings(problem: Problem, known: Names) -> Iterator[Mistake]:
    dimensions = {name for symbol in known.values() for dim in symbol.dims for name in dim.names}
    numbers = {name for name, values in problem.vary.values.items() if values.are_numbers}
    numbers -= set().union(*map(given_names, problem.readings))  # their letters are still there
    together = len(problem.vary.names) == 1
    for one in (one for choice in problem.vary.names for one in choice):
        for old, new in one.written.items():
            name, names = symbol_name(old, known), one.names(known)
            target = names[name]
            clash = [n for n in sorted(known) if together and n != name and names.get(n, n) == target]
            error: GeneratorError | None = None
            if name not in known:
                error = absent(old, known.values())
            elif known[name].total is not None and member_of(normal_name(new)) is None:
                error = WorksheetError(f"{old} has members, and {new} has none", remedy=f"Write it as {new}_i.")
            elif name in numbers:
                error = WorksheetError(f"{old} is drawn as a number, and cannot be renamed as well")
            elif clash:
                error = WorksheetError(
                    f"{old} and {plain(named(known[clash[0]]))} would both be called {new}",
                    remedy="Choose another name, or rename both.",
                )
            elif target in dimensions:
                error = WorksheetError(f"{new} is a dimension of this problem", remedy="Choose a name that is free.")
            else:
                error = _not_a_name(new)
            if error:
                yield ("vary", "names", *one.key, *([old] if isinstance(one.key[0], int) else [])), error


def _conditions(problem: Problem) -> Iterator[Mistake]:
    for i, text in enumerate(problem.vary.where):
        key = ("vary", "where", i)
        try:
            read_condition(text, comparable(problem))
        except GeneratorError as error:
            if isinstance(error, UnknownSymbolError):
                error.remedy = _drawn(problem)
            yield key, error


def _drawn(problem: Problem) -> str:
    names = sorted(comparable(problem))
    return (
        f"It can speak of what is drawn as a number: {', '.join(names)}." if names else "Nothing is drawn as a number."
    )


def _not_a_name(name: str) -> GeneratorError | None:
    try:
        declare(name, "scalar")
    except GeneratorError as error:
        return error
    return None
