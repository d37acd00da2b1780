"""Text to expression: one parser for plain text as on matrixcalculus.org, the spelling of the blackboard, and LaTeX.

Names need no declaration. Then upper case is a matrix, a lower-case letter from h to z a vector, any other a scalar,
and a name whose kind the shapes contradict is tried the other way; dimensions follow by unification.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from generator.errors import DeclarationError, ExpressionError, InText, ShapeError
from generator.expr.functions import OF_ENTRIES
from generator.expr.inequalities import at_least_zero, opposite
from generator.expr.nodes import (
    SCALAR,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Product,
    Scale,
    Shape,
    Symbol,
    Trace,
    add,
    parameter_of,
    split_scale,
    walk,
    zeros,
)
from generator.expr.parsing.declarations import LARGEST_DIMENSION, declare
from generator.expr.parsing.definitions import Definitions, Piece, names_in, pieces
from generator.expr.parsing.elaboration.sources import Elaborated, elaborate
from generator.expr.parsing.frames import (
    FUNCTION_ALONE,
    equation,
    presented,
    right_hand_side,
    sides_of,
    without_domains,
    without_mapping,
)
from generator.expr.parsing.index_sums import family, signs
from generator.expr.parsing.lexer import bound_in, members, normal_name, scan
from generator.expr.parsing.points import with_points
from generator.expr.parsing.readings import Reading, default_kind, readings
from generator.expr.parsing.trees import Source, tokens_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LONGEST_TEXT = 4000
NAMES = ("NAME", "WORD")
"""Tokens that are names."""
MOST_READINGS = 1000
"""Names that are not declared are read in so many ways at most."""

__all__ = ["LARGEST_DIMENSION", "Parsed", "declare", "default_kind", "matrices_of_numbers", "read", "read_equations"]


@dataclass(frozen=True)
class Parsed:
    """An expression, all symbols that occur in it or were declared, and equations in the same symbols."""

    expr: Expr
    symbols: dict[str, Symbol]
    equations: tuple[tuple[Expr, Expr], ...] = ()
    notes: tuple[str, ...] = ()
    """Notes on parts of the text with several readings: the one that was chosen."""

    @property
    def occurring(self) -> frozenset[Symbol]:
        """The symbols in the expression and the equations, and declared functions that are applied in them."""
        whole = (self.expr, *(side for sides in self.equations for side in sides))
        return frozenset(applied(self.symbols.values(), whole)).union(*(e.symbols for e in whole))


def applied(symbols: Iterable[Symbol], expressions: Sequence[Expr]) -> Iterator[Symbol]:
    """The declared functions, among symbols, that expressions apply."""
    functions = [symbol for symbol in symbols if OF_ENTRIES in symbol.properties]
    names = {p.name.rstrip("'") for e in expressions if functions for p in walk(e) if isinstance(p, Elementwise)}
    return (symbol for symbol in functions if symbol.name in names)


def read(
    text: str,
    symbols: Mapping[str, str] | None = None,
    wrt: str | None = None,
    *,
    shape: Shape | None = None,
    known: Mapping[str, Symbol] | None = None,
    differentials: bool = False,
) -> Parsed:
    """The expression that a text stands for.

    `symbols` declares names as `"n x m symmetric"`; where it is empty or None, kinds and shapes are inferred. `known`
    gives symbols that exist already. `wrt` helps to read `AX` as A times X. `shape` fixes the shape of the whole.
    `differentials` reads `dX`, `d2L` and `d(...)` as differentials. Raises ExpressionError or ShapeError, with place.
    """
    text, domains = without_domains(presented(text))
    declared = _declared(domains | dict(symbols or {}), known, (text,))
    source = _source(text, declared, wrt, differentials=differentials, closed=known is not None)
    read = _elaborated(
        [replace(source, shape=shape)], declared, wrt, differentials=differentials, closed=known is not None
    )
    return Parsed(read.exprs[0], read.found, (), (*source.notes, *read.notes))


_AT_LEAST = (">=", "≥", "⩾", r"\geqslant", r"\geq", r"\ge")
_AT_MOST = ("<=", "≤", "⩽", r"\leqslant", r"\leq", r"\le")
_RELATION = re.compile(
    rf"({'|'.join(rf'{re.escape(sign)}(?![A-Za-z])' for sign in (*_AT_LEAST, *_AT_MOST))}|=(?![^{{}}]*\}}))"
)
"""Signs between the sides of a constraint; not the one at the limits of a sum."""


def read_equations(
    function: str, equations: Sequence[str], symbols: Mapping[str, str] | None = None, wrt: str | None = None
) -> Parsed:
    """A function, and constraints `left = right` or `left >= right` in the same symbols; 0 is the zero of any shape.

    Names that are not declared are inferred from all of them together.
    """
    function, domains = without_domains(presented(function))
    pairs = list(map(_related, equations))
    texts = [function, *(side for left, _, right in pairs for side in (left, right))]
    declared = _declared(domains | dict(symbols or {}), None, texts)
    sources = [_source(text, declared, wrt, differentials=False) for text in texts]
    for i, (_, sign, _) in enumerate(pairs):
        for k in (2 * i + 1, 2 * i + 2):
            sources[k] = replace(sources[k], of_inequality=sign != "=")
    read = _elaborated(sources, declared, wrt, differentials=False)
    expr, *sides_of = read.exprs
    sides = zip(sides_of[::2], sides_of[1::2], pairs, strict=True)
    found = tuple(_constraint(left, sign, right) for left, right, (_, sign, _) in sides)
    notes = (note for source in sources for note in source.notes)
    return Parsed(expr, read.found, found, tuple(dict.fromkeys((*notes, *read.notes))))


def relations(constraints: Sequence[str]) -> tuple[str, ...]:
    """Constraints with one sign each: of low <= x <= high, both low <= x and x <= high."""
    return tuple(one for constraint in constraints for one in _apart(constraint))


def _apart(constraint: str) -> tuple[str, ...]:
    match _RELATION.split(constraint):
        case [low, first, middle, second, high] if any({first, second} <= {*signs} for signs in (_AT_LEAST, _AT_MOST)):
            return f"{low.strip()} {first} {middle.strip()}", f"{middle.strip()} {second} {high.strip()}"
        case _:
            return (constraint,)


def _related(constraint: str) -> tuple[str, str, str]:
    """The left side of a constraint, its sign, and its right side."""
    match _RELATION.split(constraint):
        case [left, sign, right]:
            return left, sign, right
        case _:
            raise ExpressionError(
                "a constraint is one equation, left = right, an inequality, left >= right, or two, low <= x <= high",
                text=InText.whole(constraint),
            )


def _constraint(left: Expr, sign: str, right: Expr) -> tuple[Expr, Expr]:
    if sign == "=":
        return left, right
    zero = zeros(left.shape)
    lower, upper = (right, left) if sign in _AT_LEAST else (left, right)
    sides = {upper: upper, lower: opposite(lower)}
    terms = [sides[side] for side in (left, right) if side != zero]
    return at_least_zero(add(*terms) if terms else zero)


def matrices_of_numbers(text: str) -> tuple[list[InText], set[str]]:
    """Where matrices of numbers stand in a text, from left to right, and all names in it; raises what `read` raises."""
    source = _source(presented(text), {}, None, differentials=False)
    found = sorted(source.tree.find_data("matrix"), key=lambda tree: tree.meta.start_pos)
    matrices = [
        InText(source.text, tree.meta.start_pos, tree.meta.end_pos)
        for tree in found
        if not any(token.type in NAMES for token in tokens_of(tree))
    ]
    return matrices, {str(token) for token in tokens_of(source.tree) if token.type in NAMES}


def _declared(
    symbols: Mapping[str, str] | None, known: Mapping[str, Symbol] | None, texts: Sequence[str]
) -> dict[str, Symbol]:
    """The symbols that declarations describe; x_i is a family where a sum runs over its index."""
    declared = {normal_name(name): declare(name, said) for name, said in (symbols or {}).items()}
    for symbol in [symbol for symbol in declared.values() if parameter_of(symbol)]:
        name = parameter_of(symbol)
        if not declared.setdefault(name, Symbol(name, SCALAR)).is_scalar:
            raise DeclarationError(symbol.name, f"{name} is no scalar", remedy="A symbol depends on a scalar.")
    stems = {name: m[1] for name in declared if (m := re.fullmatch(r"(.+)_[A-Za-z]", name))}
    if stems:
        found = set(members(right_hand_side(piece.text, ()) for text in texts for piece in pieces(text)))
        families = {name: declared.pop(name) for name, stem in stems.items() if stem in found}
        for name, symbol in families.items():
            key = family(stems[name])
            declared[key] = Symbol(key, symbol.shape, symbol.properties, Dim.of(f"?{key}"))
    return declared | dict(known or {})


def _source(
    text: str, declared: Mapping[str, Symbol], wrt: str | None, *, differentials: bool, closed: bool = False
) -> Source:
    name = normal_name(wrt) if wrt is not None else None
    text = without_mapping(text)
    parts = pieces(text)
    if len(parts) > 1:
        return _with_definitions(text, parts, declared, name)
    whole, text = text, right_hand_side(text, {*declared, name})
    if text.split() != whole.split() and len(sides := sides_of(text)) > 1 and name is not None:
        return _last_of(sides, text, declared, name)
    if not text.strip():
        raise ExpressionError("the expression is empty", text=InText(text, 0, 1))
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(f"an expression of over {LONGEST_TEXT} characters", remedy="Make it several problems.")
    scanned = scan(text, declared, name, differentials=differentials, closed=closed)
    tree, notes = with_points(text, tree_of(text, scanned.tokens), declared)
    return Source(text, tree, scanned.bold, (*scanned.notes, *notes))


def _last_of(sides: Sequence[str], text: str, declared: Mapping[str, Symbol], variable: str) -> Source:
    """The last of several functions that are all said to be f(x); raises `ExpressionError` where one has no x."""
    sources = [_source(side, declared, variable, differentials=False) for side in sides]
    if not all(variable in names_in(source.tree) for source in sources):
        raise equation(text, len(text) - len(text.lstrip()), len(text))
    return replace(sources[-1], notes=(*sources[-1].notes, f"The function is {sides[-1].strip()}."))


def _with_definitions(
    text: str, parts: Sequence[Piece], declared: Mapping[str, Symbol], variable: str | None
) -> Source:
    """The function among pieces of a text, in which each name stands for what another piece defines it as."""
    functions = frozenset(part.name for part in parts if part.arguments)
    bound = frozenset(letter for part in parts for one in bound_in(part.text) for letter in one.letters)
    trees, scanned = [], []
    for part in parts:
        own = bound | {part.letter} if bound and part.letter else bound
        scanned.append(scan(part.text, declared, variable, differentials=False, functions=functions, bound=own))
        trees.append(tree_of(text, scanned[-1].tokens))
    names = [names_in(tree) for tree in trees]
    main = next(
        (i for i, part in enumerate(parts) if not any(part.name in others or part.stem in others for others in names)),
        0,
    )
    known = {
        part.name: (part, tree)
        for i, (part, tree) in enumerate(zip(parts, trees, strict=True))
        if i != main and part.name != variable and part.name not in declared
    }
    definitions = Definitions(text, known)
    tree, of_points = with_points(text, definitions.put_into(trees[main]), declared)
    notes = [*(note for one in scanned for note in one.notes), *of_points]
    for i, part in enumerate(parts):
        if part.name in definitions.used:
            notes.append(f"{part.name} stands for {part.text.strip()}.")
        elif part.name == variable and i != main:
            notes.append(f"{variable} is the variable, and {part.text.strip()} is not put in.")
        elif i != main:
            raise ExpressionError(
                f"{part.name} is defined here, and the function does not contain it",
                text=InText(text, len(part.text) - len(part.text.lstrip()), len(part.text)),
                remedy=FUNCTION_ALONE,
            )
    return Source(text, tree, frozenset[str]().union(*(one.bold for one in scanned)), tuple(notes))


def _elaborated(
    sources: Sequence[Source],
    declared: Mapping[str, Symbol],
    wrt: str | None,
    *,
    differentials: bool,
    closed: bool = False,
) -> Elaborated:
    """All texts, elaborated in the first and most usual reading of the undeclared names that conforms."""
    try:
        return _in_some_reading(sources, declared, wrt, differentials=differentials, closed=closed)
    except RecursionError:
        text = max((source.text for source in sources), key=len)
        raise ExpressionError("the expression is nested too deeply", text=InText.whole(text)) from None


def _in_some_reading(
    sources: Sequence[Source], declared: Mapping[str, Symbol], wrt: str | None, *, differentials: bool, closed: bool
) -> Elaborated:
    variable = normal_name(wrt) if wrt is not None else None
    failure: ShapeError | None = None
    found: dict[int, tuple[Elaborated, Reading]] = {}
    tried = tuple(islice(readings(sources, declared, wrt, closed=closed), MOST_READINGS))
    over = any(signs(source.text, tokens_of(source.tree)) for source in sources)
    for reading, broadcasts in (*((r, False) for r in tried), *((r, True) for r in (() if over else tried))):
        if found and (broadcasts or (reading.last_resort and found.keys().isdisjoint(_OF_MATRICES))):
            break
        try:
            elaborated = elaborate(sources, declared, reading.kinds, differentials=differentials, broadcasts=broadcasts)
        except ShapeError as error:
            failure = failure or error
            continue
        except ExpressionError:
            if found:
                continue
            raise
        rank = _rank(elaborated, reading) if reading.kinds else 0
        if rank == _DEMOTED and (free := _free_factors(found, reading)) and variable not in free:
            rank = _USUAL_NUMBERS
            elaborated.notes |= {f"Nothing says that {one} is a column: it is read as a number.": None for one in free}
        found.setdefault(rank, (elaborated, reading))
        if rank == 0:
            break
    if found:
        elaborated, reading = found[min(found)]
        if failure is not None and _takes_a_column_for_a_number(elaborated, reading):
            raise _with_advice(failure, declared)
        if variable is not None:
            _refuse_number_in_trace(sources[0].text, elaborated, reading, variable)
            _refuse_constant_matrices(sources[0].text, elaborated, reading, variable)
        if elaborated.unsized is not None:
            raise elaborated.unsized
        return elaborated
    assert failure is not None
    raise _with_advice(failure, declared)


def _refuse_number_in_trace(text: str, elaborated: Elaborated, reading: Reading, variable: str) -> None:
    """Refuse tr(ρ H) by ρ, which is a number by its letter, and would stand before the trace."""
    traces = (part.arg for part in walk(elaborated.exprs[0]) if isinstance(part, Trace))
    factors = (factor for arg in traces for factor in split_scale(arg)[0])
    if reading.kinds.get(variable) == "scalar" and elaborated.found.get(variable) in set(factors):
        raise ExpressionError(
            f"{variable} in a trace could be a matrix or a number",
            text=InText.whole(text),
            remedy=f"Declare it under `symbols`, as {variable}: n x n or {variable}: scalar.",
        )


def _refuse_constant_matrices(text: str, elaborated: Elaborated, reading: Reading, variable: str) -> None:
    """Refuse -G M m/|r| by r, where a product of constants that are matrices by their letters may be one of numbers."""
    _, body = split_scale(elaborated.exprs[0])
    names = {symbol.name for symbol in body.symbols}
    are_names = isinstance(body, Product) and all(isinstance(factor, Symbol) for factor in body.factors)
    if are_names and variable not in names and names <= {*reading.kinds}:
        written = " ".join(sorted(names))
        raise ExpressionError(
            f"{written} could be numbers or matrices",
            text=InText.whole(text),
            remedy=f"Declare them under `symbols`, as {min(names)}: scalar or {min(names)}: n x m.",
        )


def _free_factors(found: Mapping[int, tuple[Elaborated, Reading]], reading: Reading) -> list[str]:
    """The names that a reading takes for numbers, where nothing but their letters would make them columns.

    That is so where they made the whole function a column of a size that nothing else has, as n does in n log det(X).
    Empty where that is not so of one of them, or where it is a letter of columns, as in u v'x.
    """
    usual = next((one for rank, (one, _) in sorted(found.items()) if rank in _OF_MATRICES), None)
    if usual is None:
        return []
    names = {name for name, symbol in usual.found.items() if symbol.is_vector and reading.kinds.get(name) == "scalar"}
    sizes = {name: set(usual.found[name].shape[0].names) for name in names}
    others = {n for name, s in usual.found.items() if name not in names for dim in s.dims for n in dim.names}
    whole = set(usual.exprs[0].shape[0].names)
    are_free = all(_NUMBER.fullmatch(name) and sizes[name] == whole and whole.isdisjoint(others) for name in names)
    return sorted(names) if are_free else []


def _takes_a_column_for_a_number(elaborated: Elaborated, reading: Reading) -> bool:
    """The reading multiplies columns, by their letters u to z, by taking one for a number: x y, x A x, |x - c|."""
    if not reading.demotes:
        return False
    names = {name for name, kind in reading.kinds.items() if kind == "scalar" and re.fullmatch("[u-xz]", name)}
    whole = elaborated.exprs[0]
    sums = [part.arg for part in walk(whole) if isinstance(part, EntrySum)]
    columns = [whole, *sums] if not whole.is_scalar else sums
    factors = [part.coefficient for e in columns for part in walk(e) if isinstance(part, Scale) and not part.is_scalar]
    factors += [part for part in walk(whole) if isinstance(part, Elementwise) and part.name == "abs"]
    return not names.isdisjoint(symbol.name for factor in factors for symbol in factor.symbols)


def _with_advice(failure: ShapeError, declared: Mapping[str, Symbol]) -> ShapeError:
    if not declared:
        failure.remedy = " ".join(
            part
            for part in (
                failure.remedy,
                "Names were read as matrices (upper case), vectors (h to z) and scalars (a to g, Greek); declare them"
                " under `symbols` if they are something else.",
            )
            if part
        )
    return failure


_USUAL_NUMBERS, _DEMOTED, _OF_MATRICES = 1, 3, (2, 4, 5)
"""Ranks of readings: of numbers by letters of columns, where that is usual and where not; of functions that are no
scalars."""
_NUMBER = re.compile(r"[k-ty](_\w+)?")
"""Names of columns by convention that are often numbers."""


def _rank(elaborated: Elaborated, reading: Reading) -> int:
    """How far a reading is from what is usual: a scalar function of names that are what they look like."""
    if elaborated.exprs[0].is_scalar:
        return 3 if reading.demotes else 1 if reading.last_resort else 0
    if reading.demotes or reading.last_resort:
        return 5
    return 4 if elaborated.entrywise else 2
