"""What the texts of a problem mean: each alternative for its function, with all that versions may put into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from generator.errors import ExpressionError, InText, UnknownSymbolError
from generator.expr.evaluate.exact import PROPERTIES
from generator.expr.nodes import SCALAR, Matrix, Number, Symbol, terms_of
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.parse import read, read_equations
from generator.expr.printing.plain import without_sign
from generator.worksheet.entries import Entries, Listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.expr.nodes import Dim, Expr
    from generator.expr.parsing.parse import Parsed
    from generator.solver.solve import Equations
    from generator.worksheet.values import Value, Values


SLOT = re.compile(r"<<\s*([^<>\s]+)\s*>>")
"""Where a version fills an author's statement: `<<function>>`, `<<wrt>>`, a symbol, `<<A>>`, or a dimension."""


class Varying(Protocol):
    """What varies between the versions of a problem, as its author wrote it."""

    @property
    def optional(self) -> tuple[str, ...]:
        """Terms that may be left out."""

    @property
    def dimensions(self) -> Mapping[str, tuple[Dim, ...]]:
        """For a dimension its sizes or names."""

    @property
    def values(self) -> Mapping[str, Values]:
        """For each symbol that varies, what may stand in its place."""


class Subject(Protocol):
    """The keys of a problem that say what it is about."""

    @property
    def function(self) -> tuple[str, ...]:
        """The alternatives for the function."""

    @property
    def wrt(self) -> str:
        """The variable."""

    @property
    def symbols(self) -> Mapping[str, str]:
        """Declarations."""

    @property
    def equations(self) -> tuple[str, ...]:
        """What a point is subject to in some part, each equation once."""

    @property
    def vary(self) -> Varying:
        """Values, names, sizes and terms that vary."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The alternatives, interpreted."""


class Constrained(Protocol):
    """A part of a problem that may have constraints."""

    @property
    def subject_to(self) -> tuple[str, ...]:
        """Its equations."""


@dataclass(frozen=True)
class Reading:
    """One alternative for the function of a problem."""

    function: Expr
    equations: tuple[tuple[Expr, Expr], ...]
    """What the function is subject to."""
    symbols: Mapping[str, Symbol]
    """Everything that is declared, or occurs in the function or the equations, by name."""
    variable: Symbol
    optional: tuple[Expr | None, ...]
    """For each term that may be left out, the term as the function has it; None where it does not."""
    options: Mapping[str, Listed | Entries]
    """For each symbol that varies and that is known here, what may stand in its place."""

    @property
    def wholes(self) -> tuple[Expr, ...]:
        """The function, and both sides of each equation."""
        return (self.function, *(side for sides in self.equations for side in sides))

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything that is written here: the wholes, and what may stand in the place of a symbol."""
        lists = [options.items for options in self.options.values() if isinstance(options, Listed)]
        return (*self.wholes, *chain.from_iterable(lists))


def readings(problem: Subject) -> tuple[Reading, ...]:
    """The alternatives of a problem; raises what `read` raises."""
    found = []
    for text in problem.function:
        parsed = read_function(problem, text)
        options = {
            name: read_options(problem, parsed, name, values)
            for name, values in problem.vary.values.items()
            if name in parsed.symbols
        }
        optional = tuple(read_optional(parsed, term) for term in problem.vary.optional)
        variable = parsed.symbols[normal_name(problem.wrt)]
        found.append(Reading(parsed.expr, parsed.equations, parsed.symbols, variable, optional, options))
    return tuple(found)


def read_function(problem: Subject, text: str) -> Parsed:
    """One alternative of the function; where symbols are declared, what is drawn as a number is a scalar."""
    declared = dict(problem.symbols)
    if declared:
        known = {normal_name(name) for name in declared}
        declared |= {name: "scalar" for name in problem.vary.values if name not in known}
    return _read(text, problem.equations, tuple(declared.items()), problem.wrt)


@lru_cache(100)  # each look at what is wrong with a problem reads its function
def _read(text: str, equations: tuple[str, ...], declared: tuple[tuple[str, str], ...], wrt: str) -> Parsed:
    return read_equations(text, equations, dict(declared), wrt)


def read_options(problem: Subject, parsed: Parsed, name: str, values: Values) -> Listed | Entries:
    """What a symbol may become. Numbers make the entries of a matrix; as a point they may be 0 and 1 too."""
    symbol = parsed.symbols[name]
    if values.are_numbers and not symbol.is_scalar:
        return Entries(symbol, tuple(value for value in values.items if isinstance(value, Fraction)))
    items = values.items if name == normal_name(problem.wrt) else values.coefficients
    return Listed([read_value(parsed, symbol, value) for value in items])


def read_value(parsed: Parsed, symbol: Symbol, value: Value) -> Expr:
    """What stands in the place of a symbol, of the same shape."""
    if not isinstance(value, str):
        return Number(value)
    try:
        return read(value, known=parsed.symbols, shape=symbol.shape).expr
    except UnknownSymbolError as error:
        error.remedy = f"Its symbols are {', '.join(sorted(parsed.symbols))}; declare all under 'symbols' for more."
        raise


def read_optional(parsed: Parsed, text: str) -> Expr | None:
    """A term of the function as it stands there, with either sign; None if there is no such term."""
    term = read(text, known=parsed.symbols, shape=parsed.expr.shape).expr
    forms = {term, without_sign(term)}
    return next((t for t in terms_of(parsed.expr) if t in forms or without_sign(t) in forms - {None}), None)


def subject_to(part: Constrained, problem: Subject, equations: Equations) -> Equations:
    """Of the equations of all parts, those of one."""
    return tuple(equations[problem.equations.index(text)] for text in part.subject_to)


def declaration_of(text: str) -> str:
    """The declaration that a matrix of numbers fulfils: its shape, and what its numbers say of a square one.

    Raises ExpressionError for a text that is no matrix of numbers.
    """
    e = read(text).expr
    if not isinstance(e, Matrix):
        raise ExpressionError(
            f"{text} is no matrix of numbers",
            text=InText(text, 0, len(text)),
            remedy="Write its rows with semicolons between them: [2 1; 1 3]; a column is [1; 2].",
        )
    shape = f"{e.shape[0]} x {e.shape[1]}"
    if not e.is_square:
        return shape
    known = [name for name in ("positive definite", "invertible") if PROPERTIES[name](e.rows)][:1]
    known += [name for name in ("symmetric", "skew-symmetric", "orthogonal") if PROPERTIES[name](e.rows)]
    implied = {"symmetric", "orthogonal"} if "positive definite" in known else set()
    return " ".join([shape, *(name for name in known if name not in implied)])


def comparable(problem: Subject) -> dict[str, Symbol]:
    """What a condition can speak of: symbols and dimensions that are drawn as numbers, by name."""
    known = {name: symbol for reading in problem.readings for name, symbol in reading.symbols.items()}
    drawn = {name: known[name] for name, values in problem.vary.values.items() if values.are_numbers}
    sizes = {
        name: Symbol(name, SCALAR)
        for name, sizes in problem.vary.dimensions.items()
        if not any(size.names for size in sizes)
    }
    return sizes | drawn
