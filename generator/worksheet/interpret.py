"""What the texts of a problem mean: each alternative for its function, with all that versions may put into it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from generator.errors import GeneratorError, UnknownSymbolError, WorksheetError
from generator.expr.nodes import SCALAR, Number, Symbol, shape_text, terms_of
from generator.expr.parsing.lexer import normal_name, symbol_name
from generator.expr.parsing.parse import declare, read, read_equations
from generator.expr.printing.plain import without_sign
from generator.solver.members import argument, member_named, symbol_of
from generator.worksheet.entries import Entries, Listed

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Mapping

    from generator.errors import Key
    from generator.expr.nodes import Dim, Expr, Member
    from generator.expr.parsing.parse import Parsed
    from generator.solver.solve import Equations
    from generator.worksheet.values import Value, Values


SLOT = re.compile(r"<<\s*([^<>]+?)\s*>>")
"""Where a version fills an author's words: `<<function>>`, `<<wrt>>`, a symbol, `<<A>>`, a dimension, words that vary,
or an expression in symbols, `<<det(A)>>`."""


NAME = re.compile(r"[^\W\d_]\w*")
"""What can be the name of a symbol."""


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


@dataclass(frozen=True)
class FunctionText:
    """A function as its author wrote it."""

    function: tuple[str, ...]
    """Its alternatives."""
    wrt: str
    """Its variable."""
    equations: tuple[str, ...]
    """What a point is subject to in some question about it, each equation once."""

    @property
    def variable(self) -> str:
        """Its variable by its usual name."""
        return normal_name(self.wrt)


class ProblemText(Protocol):
    """The keys of a problem that say what it is about."""

    @property
    def functions(self) -> Mapping[Key, FunctionText]:
        """The functions of the problem and of its parts, by the places where they stand."""

    @property
    def symbols(self) -> Mapping[str, str]:
        """Declarations."""

    @property
    def vary(self) -> Varying:
        """Values, names, sizes and terms that vary."""

    @property
    def words(self) -> Iterator[tuple[Key, str]]:
        """All words of the author with slots, by their places below the problem."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The alternatives, interpreted."""


class Constrained(Protocol):
    """A part of a problem that may have constraints."""

    @property
    def subject_to(self) -> tuple[str, ...]:
        """Its equations."""


@dataclass(frozen=True)
class Subject:
    """One alternative for a function that an answer is derived from."""

    function: Expr
    equations: tuple[tuple[Expr, Expr], ...]
    """What the function is subject to."""
    variable: Symbol
    member: Member | None
    """Which one of a family the variable is, where it is one."""
    optional: tuple[Expr | None, ...]
    """For each term that may be left out, the term as the function has it; None where it does not."""
    notes: tuple[str, ...] = ()
    """Notes on parts of the text with several readings: the one that was chosen."""

    @property
    def wholes(self) -> tuple[Expr, ...]:
        """The function, and both sides of each equation."""
        return (self.function, *(side for sides in self.equations for side in sides))

    @property
    def symbols(self) -> frozenset[Symbol]:
        """The symbols that occur in it."""
        return frozenset().union(*(e.symbols for e in self.wholes))


@dataclass(frozen=True)
class Reading:
    """One alternative for a problem: its functions, by the places where they stand; none where all is the author's."""

    subjects: Mapping[Key, Subject]
    symbols: Mapping[str, Symbol]
    """Everything that is declared, or occurs in a function or an equation, by name."""
    options: Mapping[str, Listed | Entries]
    """For each symbol that varies and that is known here, what may stand in its place."""
    slots: Mapping[str, Expr]
    """The expressions in slots of the author's words, by their texts; without those that cannot be read."""

    @property
    def function(self) -> Expr:
        """The function that stands beside all parts; raises KeyError where there is none."""
        return self.subjects[()].function

    @property
    def variable(self) -> Symbol:
        """The variable of that function; raises KeyError where there is none."""
        return self.subjects[()].variable

    @property
    def variables(self) -> frozenset[Symbol]:
        """The variables of all functions."""
        return frozenset(subject.variable for subject in self.subjects.values())

    @property
    def wholes(self) -> tuple[Expr, ...]:
        """The functions, and both sides of each equation."""
        return tuple(chain.from_iterable(subject.wholes for subject in self.subjects.values()))

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything that is written here: the wholes, slots, and what may stand in the place of a symbol."""
        lists = [options.items for options in self.options.values() if isinstance(options, Listed)]
        return (*self.wholes, *self.slots.values(), *chain.from_iterable(lists))


def readings(problem: ProblemText) -> tuple[Reading, ...]:
    """The alternatives of a problem; raises what `read` raises, and WorksheetError where functions disagree.

    Where several functions have alternatives, the first of one go with the first of all others.
    """
    functions = problem.functions
    count = max((len(text.function) for text in functions.values()), default=1)
    return tuple(_reading(problem, functions, i) for i in range(count))


def parsed_functions(problem: ProblemText, i: int) -> dict[Key, Parsed]:
    """The functions of an alternative, counted from 0, by their places; raises what `read` raises."""
    return {
        place: read_function(problem, text, text.function[i % len(text.function)])
        for place, text in problem.functions.items()
    }


def known_symbols(problem: ProblemText, parsed: Mapping[Key, Parsed]) -> dict[str, Symbol]:
    """The symbols of functions, and where slots have others, those that are declared or drawn.

    Raises WorksheetError where functions disagree on a symbol, and DeclarationError.
    """
    symbols: dict[str, Symbol] = {}
    for one in parsed.values():
        for name, symbol in one.symbols.items():
            if symbols.setdefault(name, symbol) != symbol:
                raise WorksheetError(
                    f"{name} is {shape_text(symbols[name].shape)} in one function and {shape_text(symbol.shape)} in"
                    " another",
                    remedy=f"Declare all symbols, such as  symbols: {{{name}: n x m, ...}}",
                )
    sizes = {name for symbol in symbols.values() for dim in symbol.dims for name in dim.names}
    names = {slot_name(text, symbols) for text in slot_texts(problem)} - {"function", "wrt"} - sizes
    if not parsed or not names <= symbols.keys():
        others = {
            name: symbol for name, symbol in declared(problem).items() if symbol_name(name, symbols) not in symbols
        }
        symbols |= others
    return symbols


def slot_texts(problem: ProblemText) -> tuple[str, ...]:
    """What stands in the slots of the author's words, each once."""
    return tuple(dict.fromkeys(slot for _, text in problem.words for slot in SLOT.findall(text)))


def read_slots(problem: ProblemText, symbols: Mapping[str, Symbol]) -> dict[str, Expr]:
    """The expressions in slots, by their texts; without those that cannot be read."""
    expressions = {}
    for text in slot_texts(problem):
        with suppress(GeneratorError):
            expressions[text] = read_slot(text, symbols)
    return expressions


def _reading(problem: ProblemText, functions: Mapping[Key, FunctionText], i: int) -> Reading:
    parsed = parsed_functions(problem, i)
    symbols = known_symbols(problem, parsed)
    variables = {text.wrt for text in functions.values()}
    options = {
        name: read_options(variables, symbols, name, values)
        for name, values in problem.vary.values.items()
        if name in symbols
    }
    subjects = {
        place: Subject(
            one.expr,
            one.equations,
            *variable_of(one.symbols, functions[place].variable),
            tuple(read_optional(one, term) for term in problem.vary.optional),
            one.notes,
        )
        for place, one in parsed.items()
    }
    return Reading(subjects, symbols, options, read_slots(problem, symbols))


def variable_of(symbols: Mapping[str, Symbol], name: str) -> tuple[Symbol, Member | None]:
    """The variable with a name, and the member of a family that it is; raises KeyError where there is none."""
    if name in symbols or (member := member_named(name, symbols)) is None:
        return symbols[name], None
    return symbol_of(member), member


def argument_of(symbols: Mapping[str, Symbol], name: str) -> Symbol:
    """The symbol in a function that depends on a variable; raises KeyError where there is none."""
    return argument(*variable_of(symbols, name))


def slot_name(text: str, known: Container[str] = ()) -> str:
    """The name of what is in a slot, as known symbols have it, if that is a name; else the text."""
    try:
        return symbol_name(text, known)
    except GeneratorError:
        return text


def read_slot(text: str, symbols: Mapping[str, Symbol]) -> Expr:
    """The expression in a slot, in known symbols; raises what `read` raises."""
    name = slot_name(text, symbols)
    return symbols[name] if name in symbols else read(text, known=symbols).expr


def declared(problem: ProblemText) -> dict[str, Symbol]:
    """The symbols that a problem declares, and as scalars those that it only draws."""
    found = {normal_name(name): declare(name, said) for name, said in problem.symbols.items()}
    for name in problem.vary.values:
        if name not in found and NAME.fullmatch(name):
            found[name] = declare(name, "scalar")
    return found


def read_function(problem: ProblemText, written: FunctionText, text: str) -> Parsed:
    """One alternative of a function; where symbols are declared, what is drawn as a number is a scalar."""
    declared = dict(problem.symbols)
    if declared:
        known = {normal_name(name) for name in declared}
        declared |= {name: "scalar" for name in problem.vary.values if name not in known}
    return _read(text, written.equations, tuple(declared.items()), written.wrt)


@lru_cache(100)  # each look at what is wrong with a problem reads its function
def _read(text: str, equations: tuple[str, ...], declared: tuple[tuple[str, str], ...], wrt: str) -> Parsed:
    return read_equations(text, equations, dict(declared), wrt)


def read_options(
    variables: Collection[str], symbols: Mapping[str, Symbol], name: str, values: Values
) -> Listed | Entries:
    """What a symbol may become. Numbers make the entries of a matrix; as a point they may be 0 and 1 too."""
    symbol = symbols[name]
    if values.are_numbers and not symbol.is_scalar:
        return Entries(symbol, tuple(value for value in values.items if isinstance(value, Fraction)))
    items = values.items if name in map(normal_name, variables) else values.coefficients
    return Listed([read_value(symbols, symbol, value) for value in items])


def read_value(symbols: Mapping[str, Symbol], symbol: Symbol, value: Value) -> Expr:
    """What stands in the place of a symbol, of the same shape."""
    if not isinstance(value, str):
        return Number(value)
    try:
        return read(value, known=symbols, shape=symbol.shape).expr
    except UnknownSymbolError as error:
        error.remedy = f"Its symbols are {', '.join(sorted(symbols))}; declare all under 'symbols' for more."
        raise


def read_optional(parsed: Parsed, text: str) -> Expr | None:
    """A term of the function as it stands there, with either sign; None if there is no such term."""
    term = read(text, known=parsed.symbols, shape=parsed.expr.shape).expr
    forms = {term, without_sign(term)}
    return next((t for t in terms_of(parsed.expr) if t in forms or without_sign(t) in forms - {None}), None)


def subject_to(part: Constrained, written: FunctionText, equations: Equations) -> Equations:
    """Of the equations of all parts that are about a function, those of one."""
    return tuple(equations[written.equations.index(text)] for text in part.subject_to)


def comparable(problem: ProblemText) -> dict[str, Symbol]:
    """What a condition can speak of: symbols and dimensions that are drawn as numbers, by name."""
    known = {name: symbol for reading in problem.readings for name, symbol in reading.symbols.items()}
    drawn = {name: known[name] for name, values in problem.vary.values.items() if values.are_numbers}
    sizes = {
        name: Symbol(name, SCALAR)
        for name, sizes in problem.vary.dimensions.items()
        if not any(size.names for size in sizes)
    }
    return sizes | drawn
