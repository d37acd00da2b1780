"""Elaboration of whole texts: the builders by the rules of the grammar, and the checks across all parts of a text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, cast

from generator.errors import ExpressionError, InText, ShapeError
from generator.expr.evaluate.numeric import evaluate, random_point
from generator.expr.nodes import Dim, IndexSum, Ones, Symbol, number, scale, walk, with_dims, zeros
from generator.expr.parsing.elaboration.functions import apply, call, check_of_matrices, check_typeset, method
from generator.expr.parsing.elaboration.indices import indexed, sum_over_indices
from generator.expr.parsing.elaboration.matrices import matrix
from generator.expr.parsing.elaboration.names import column_of_ones, name_of, number_of
from generator.expr.parsing.elaboration.norms import absolute, norm, quoted_word
from generator.expr.parsing.elaboration.powers import (
    inverse_transpose,
    positive_part,
    power,
    power_of_entries,
    pseudo_inverse,
    superscript,
    transpose,
)
from generator.expr.parsing.elaboration.products import inner, product_of
from generator.expr.parsing.elaboration.scope import Scope
from generator.expr.parsing.elaboration.sums import entry_sum, sum_of
from generator.expr.parsing.index_sums import sign, signs, subscript
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import bare_name, tokens_of
from generator.expr.printing.plain import plain
from generator.expr.properties import is_symmetric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lark import Token

    from generator.expr.nodes import Expr, Shape
    from generator.expr.parsing.elaboration.scope import Builder
    from generator.expr.parsing.trees import Source

SMALLEST_DIFFERENCE = 1e-12
"""Squares of numbers of about one that are equal differ by less."""

BUILDERS: Mapping[str, Builder] = {
    "absolute": absolute,
    "add": sum_of,
    "apply": apply,
    "call": call,
    "entry_sum": entry_sum,
    "entrywise_power": power_of_entries,
    "fraction": product_of,
    "group": lambda scope, tree: scope.build(tree.children[0]),
    "index_sum": sum_over_indices,
    "indexed": indexed,
    "inner": inner,
    "inverse_transpose": inverse_transpose,
    "juxtapose": product_of,
    "matrix": matrix,
    "method": method,
    "name": name_of,
    "negate": product_of,
    "norm": norm,
    "number": number_of,
    "ones": column_of_ones,
    "positive_part": positive_part,
    "power": power,
    "pseudo_inverse": pseudo_inverse,
    "string": quoted_word,
    "subtract": sum_of,
    "superscript": superscript,
    "times": product_of,
    "transpose": transpose,
}
"""The builder of expressions for each rule of the grammar."""


@dataclass
class Elaborated:
    """A whole, and the sides of equations that go with it, all in the symbols `found`."""

    exprs: Sequence[Expr]
    found: dict[str, Symbol]
    notes: dict[str, None]
    entrywise: bool
    """Something that is no function of a matrix or a column was taken of each entry."""
    unsized: ShapeError | None
    """The error for a constant whose size nothing decides: its trace, for one, is not known."""


def elaborate(
    sources: Sequence[Source],
    declared: Mapping[str, Symbol],
    kinds: Mapping[str, str],
    *,
    differentials: bool,
    broadcasts: bool,
) -> Elaborated:
    """The expressions for texts in one reading of the names; raises `ExpressionError`, with the place."""
    scope = Scope(BUILDERS, declared, kinds, differentials=differentials, broadcasts=broadcasts)
    over = [sign for source in sources for sign in signs(source.text, tokens_of(source.tree))]
    scope.counts |= {one.last for one in over if one.last and not one.last.isdigit()}
    scope.letters = {letter for one in over for letter in one.letters}
    _take_weights_as_symmetric(scope, sources)
    exprs = [_whole(scope, source) for source in sources]
    for i in range(1, len(exprs), 2):
        exprs[i : i + 2] = _alike(scope, exprs[i], exprs[i + 1], sources[i : i + 2])
    names = _dimension_names(scope)
    _refuse_clashes(scope, exprs, sources)
    _require_symmetry(scope, names)
    _require_orders_alike(scope, names)
    occurring = frozenset[Symbol]().union(*(e.symbols for e in exprs))
    found = {
        name: cast("Symbol", with_dims(symbol, names))
        for name, symbol in scope.symbols.items()
        if symbol.total is None or name in scope.given or symbol in occurring  # of x_c of x - x_c no family is left
    }
    return Elaborated([with_dims(e, names) for e in exprs], found, scope.notes, scope.entrywise, _unsized(scope))


def _take_weights_as_symmetric(scope: Scope, sources: Sequence[Source]) -> None:
    """Take d of d_ij, if it is undeclared, as symmetric where only sums over i < j have entries of it."""
    within: dict[str, set[int]] = {}
    everywhere: dict[str, set[int]] = {}
    for source in sources:
        for tree in source.tree.find_data("indexed"):
            everywhere.setdefault(normal_name(bare_name(tree) or "?"), set()).add(id(tree))
        for whole in source.tree.find_data("index_sum"):
            over = sign(source.text, cast("Token", whole.children[0]))
            for tree in whole.find_data("indexed") if over.is_ordered else ():
                if set(subscript(str(tree.children[1]))) == {*over.letters} and bare_name(tree):
                    within.setdefault(normal_name(bare_name(tree)), set()).add(id(tree))
    for name, places in within.items():
        found = scope.symbols.get(name)
        if found is not None and name not in scope.given and places == everywhere[name]:
            scope.shapes.unify(*found.shape)
            scope.symbols[name] = Symbol(name, (found.shape[0],) * 2, frozenset(("symmetric",)))
            scope.note(f"{name} is taken as symmetric: the sum has the entries above its diagonal only.")


def _whole(scope: Scope, source: Source) -> Expr:
    scope.text, scope.bold = source.text, source.bold
    e, shape = scope.build(source.tree), source.shape
    check_typeset(scope)
    if not scope.given and "\\" not in source.text:
        check_of_matrices(scope, e)
    if shape is not None and not scope.unified(e.shape, shape):
        raise ShapeError(
            f"the expression is {e.shape[0]} × {e.shape[1]}, not {shape[0]} × {shape[1]}",
            text=InText.whole(source.text),
        )
    return e


def _alike(scope: Scope, left: Expr, right: Expr, sources: Sequence[Source]) -> tuple[Expr, Expr]:
    """The sides of an equation, which have the same shape."""
    if right == number(0):
        return left, zeros(left.shape)
    if sources[0].of_inequality and left.is_scalar != right.is_scalar:
        shape = right.shape if left.is_scalar else left.shape
        left, right = (_of_each_entry(side, shape) if side.is_scalar else side for side in (left, right))
    if not scope.unified(left.shape, right.shape):
        whole = "=".join(source.text for source in sources)
        raise ShapeError("the sides of an equation have the same shape", text=InText.whole(whole))
    return left, right


def _of_each_entry(e: Expr, shape: Shape) -> Expr:
    """The matrix of a shape whose entries are a scalar."""
    return zeros(shape) if e == number(0) else Ones(shape) if e == number(1) else scale(e, Ones(shape))


def _dimension_names(scope: Scope) -> dict[str, Dim]:
    """A name or number for each unknown dimension: those found, and n, m, p, … for the free ones."""
    dims = [*(dim for symbol in scope.symbols.values() for dim in symbol.dims), *scope.ranges]
    taken = {name for dim in dims for name in scope.shapes.find(dim).names}
    taken |= {*scope.symbols, *scope.dimensions}
    pool = (name for name in chain("nmpqrkst", (f"n{i}" for i in count(1))) if name not in taken)
    for dim in sorted(dims, key=lambda dim: dim not in scope.ranges):
        for name in scope.shapes.find(dim).names:
            if name.startswith("?"):
                scope.shapes.known[name] = Dim.of(next(pool))
    return {name: scope.shapes.find(dim) for name, dim in scope.shapes.known.items()}


def _refuse_clashes(scope: Scope, exprs: Sequence[Expr], sources: Sequence[Source]) -> None:
    """The names that the indices are printed with are those of no symbol."""
    for e, source in zip(exprs, sources, strict=True):
        for part in walk(e) if e.sum_depth else ():
            if isinstance(part, IndexSum) and (part.index.name in scope.symbols or part.index.name in scope.counts):
                raise ExpressionError(
                    f"{part.index.name} is the name of an index here, and of a symbol",
                    text=InText.whole(source.text),
                    remedy=f"Rename the symbol {part.index.name}; indices are i, j, l.",
                )


def _require_symmetry(scope: Scope, names: Mapping[str, Dim]) -> None:
    """Raise a ShapeError for the eigenvalue of a matrix that is not known to be symmetric."""
    for name, arg, where in scope.symmetric:
        sized = with_dims(arg, names)
        if not is_symmetric(sized):
            raise ShapeError(
                f"{name} is of symmetric matrices, and {plain(sized)} is not known to be one",
                text=where,
                remedy="Declare it as symmetric, such as A = n x n symmetric, or write (A + A')/2.",
            )


def _require_orders_alike(scope: Scope, names: Mapping[str, Dim]) -> None:
    """Raise an ExpressionError for a sum over i < j whose terms differ from those with i and j exchanged."""
    for written, over, where in scope.either_order:
        squares = with_dims(written, names)
        symbols = {s.name: s for s in squares.symbols}
        values = [
            evaluate(squares, random_point(squares, min(squares.symbols, key=lambda s: s.name), symbols, (3, k, 2)))
            for k in range(3)
        ]
        if any(not abs(value).max() < SMALLEST_DIFFERENCE for value in values):
            first, second = over.letters
            raise ExpressionError(
                f"the terms of this sum are others where {first} and {second} are exchanged",
                text=where,
                remedy=f"A sum over {first} < {second} is read where both orders give the same, as with a matrix of"
                " weights that is declared as symmetric.",
            )


def _unsized(scope: Scope) -> ShapeError | None:
    for constant, where, sized in scope.constants:
        if any(name.startswith("?") for dim in constant.shape for name in scope.shapes.find(dim).names):
            return ShapeError(
                f"nothing says how large {where.text[where.start : where.stop]} is",
                text=where,
                remedy=f"Write its size:  {sized}",
            )
    return None
