"""Validation of the functions of a problem and their constraints."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from generator.errors import GeneratorError, WorksheetError
from generator.expr.nodes import named
from generator.expr.printing.plain import plain
from generator.worksheet.interpret import argument_of, known_symbols, parsed_functions, read_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.errors import Key
    from generator.expr.nodes import Expr, Symbol
    from generator.expr.parsing.parse import Parsed
    from generator.worksheet.interpret import FunctionText
    from generator.worksheet.kinds.protocol import Mistake
    from generator.worksheet.spec import Problem

MOST_LISTED = 20
"""How many symbols an error lists."""


def mistakes(problem: Problem) -> Iterator[Mistake]:
    """The mistakes in functions."""
    counts = {len(written.function) for written in problem.functions.values()} - {1}
    if len(counts) > 1:
        at = max(problem.functions, key=len)
        yield (
            (*at, "function"),
            WorksheetError(
                "functions have different numbers of alternatives, which are drawn together",
                remedy="Give each as many alternatives, or one.",
            ),
        )
        return
    found = list(chain.from_iterable(_function(problem, at, written) for at, written in problem.functions.items()))
    yield from found
    if not found:
        try:
            list(alternatives(problem))
        except GeneratorError as error:
            at = max(problem.functions, key=len, default=())
            yield (*at, "function") if problem.functions else ("symbols",), error


def alternatives(problem: Problem) -> Iterator[dict[str, Symbol]]:
    """The symbols of each alternative."""
    for i in range(max((len(written.function) for written in problem.functions.values()), default=1)):
        yield known_symbols(problem, parsed_functions(problem, i))


def _alternative(written: FunctionText, at: Key, index: int) -> Key:
    """Where an alternative for a function stands."""
    return (*at, "function") if len(written.function) == 1 else (*at, "function", index)


def _function(problem: Problem, at: Key, written: FunctionText) -> Iterator[Mistake]:
    """What is wrong with the alternatives for a function, each by itself and beside the first."""
    first: tuple[str, str] | None = None
    for i, text in enumerate(written.function):
        try:
            parsed = read_function(problem, written, text)
        except GeneratorError as error:
            said = error.text.text if error.text is not None else text
            yield _alternative(written, at, i) if said in text else _constraint(problem, said), error
            continue
        try:
            variable = argument_of(parsed.symbols, written.variable)
        except KeyError:
            variable = None
        if variable not in parsed.expr.symbols:
            has_own = not at or getattr(dict(problem.asked)[at], "wrt", None)
            key = _alternative(written, at, i)
            if len(written.function) == 1:
                key = (*at, "wrt") if has_own else ("wrt",)
            yield key, absent(written.wrt, parsed.expr.symbols)
            continue
        yield from _constraints(problem, at, parsed, variable)
        kinds = _kind(parsed.expr), _kind(variable)
        first = first or kinds
        if kinds != first:
            yield (
                _alternative(written, at, i),
                WorksheetError(
                    f"the shapes disagree: here a {kinds[0]} depends on a {kinds[1]}, and a {first[0]} on a {first[1]}"
                    " in the first alternative",
                    remedy="Alternatives ask for the same kind of answer; make this one a problem of its own.",
                ),
            )


def _constraints(problem: Problem, at: Key, parsed: Parsed, variable: Symbol) -> Iterator[Mistake]:
    """What is wrong with the equations that a point is subject to."""
    for place, part in problem.derived:
        if problem.subject_of(place, part) == at and part.subject_to and part.find != "stationary":
            yield (*place, "subject_to"), WorksheetError("only a stationary point is subject to a constraint",
                                                         remedy="Add  find: stationary")  # fmt: skip
    for text, sides in zip(problem.functions[at].equations, parsed.equations, strict=True):
        if all(variable not in side.symbols for side in sides):
            what = f"the constraint {text} does not depend on {problem.functions[at].wrt}"
            yield _constraint(problem, text), WorksheetError(what)


def _constraint(problem: Problem, text: str) -> Key:
    """Where a constraint stands, or the first that a text is of."""
    has = (place for place, part in problem.asked if any(text in equation for equation in part.subject_to))
    return (*next(has, ()), "subject_to")


def _kind(e: Expr) -> str:
    return "scalar" if e.is_scalar else "vector" if e.is_vector else "matrix"


def absent(name: str, symbols: Iterable[Symbol], where: str = "the function") -> WorksheetError:
    """The error for a name that occurs nowhere, with the symbols that do."""
    *first, last = sorted(plain(named(symbol)) for symbol in symbols)[: MOST_LISTED + 1] or [""]
    more = last if len(first) < MOST_LISTED else "and others"
    present = f"Its symbols are {', '.join((*first, more))}." if last else "It has no symbols."
    return WorksheetError(f"{name} does not occur in {where}", remedy=present)
