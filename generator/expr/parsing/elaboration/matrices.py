"""Matrices by their entries and blocks, and constant ones with their sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lark import Token, Tree

from generator.errors import ExpressionError, InText, ShapeError, Unsupported
from generator.expr.evaluate.exact import NoValueError, exact
from generator.expr.nodes import ONE, Dim, Matrix, Ones, in_blocks, number, scale
from generator.expr.parsing.declarations import dimension, sensible
from generator.expr.parsing.elaboration.names import zeros_of_any_size
from generator.expr.parsing.trees import child, is_name
from generator.expr.printing.plain import plain
from generator.expr.shapes import fits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from generator.expr.nodes import Expr
    from generator.expr.parsing.elaboration.scope import Scope
    from generator.expr.shapes import Agreement


def matrix(scope: Scope, tree: Tree[Token]) -> Expr:
    """A matrix of numbers, where fractions and sums of numbers are worked out, or of matrices."""
    written: list[list[Tree[Token]]] = [[]]
    for part in tree.children:
        if isinstance(part, Tree):
            written[-1].append(part)
        elif part.type == "SEMICOLON":
            written.append([])
    first = len(written[0])
    for row in written:
        if len(row) != first:
            raise ExpressionError(
                f"a row with {_entries(len(row))} below one with {_entries(first)}",
                text=InText(scope.text, row[0].meta.start_pos, row[-1].meta.end_pos),
                remedy="All rows have as many entries; semicolons separate rows: [1 2; 3 4].",
            )
    sensible(Dim.of(max(first, len(written))))
    entries = [[scope.build(entry) for entry in row] for row in written]
    numbers = tuple(tuple(value for e in row if (value := _rational(e)) is not None) for row in entries)
    if all(len(row) == first for row in numbers):
        return Matrix(numbers)
    if any(isinstance(part, Token) and part == "," and part.start_pos == part.end_pos for part in tree.children):
        rows = "; ".join(", ".join(map(scope.written, row)) for row in written)
        scope.note(f"Spaces separate the blocks of {scope.written(tree)}: [{rows}].")
    elif len(written) == 1 and len(written[0]) == 2 and all(map(is_name, written[0])):
        left, right = map(scope.written, written[0])
        scope.note(f"{scope.written(tree)} is a row of blocks; the commutator is {left} {right} - {right} {left}.")
    blocks = [
        [zeros_of_any_size(scope, entry) if e == number(0) else e for e, entry in zip(row, trees, strict=True)]
        for row, trees in zip(entries, written, strict=True)
    ]
    for i, line in enumerate(blocks):
        for j, block in enumerate(line):
            if j:
                _fit(scope, fits(line[0], block, 0), written[i][j])
            if i:
                _fit(scope, fits(blocks[0][j], block, 1), written[i][j])
    return in_blocks(blocks)


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _rational(e: Expr) -> Fraction | None:
    """The rational number that an expression is; None where it is none."""
    if e.symbols or not e.is_scalar:
        return None
    try:
        ((value,),) = exact(e, {})
    except (NoValueError, Unsupported, ValueError):
        return None
    return value


def _fit(scope: Scope, agreement: Agreement, tree: Tree[Token]) -> None:
    """Make a block as large as another; raises `ShapeError` with its place where it is not."""
    try:
        scope.shapes.agree(agreement)
    except ShapeError as error:
        error.text = scope.place(tree)
        raise


def filled(scope: Scope, name: str, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
    """The column `vector(c, n)` or the matrix `matrix(c, n, m)`, whose entries are all the same."""
    dims = [size(scope, arg) for arg in args[1:]] or [
        scope.shapes.fresh(any_size=True) for _ in range(2 if name == "matrix" else 1)
    ]
    entry = scope.build(args[0])
    if not entry.is_scalar or len(dims) != (2 if name == "matrix" else 1):
        raise scope.fail(f"{name} takes one scalar, which is each of its entries", tree)
    ones = Ones((dims[0], dims[1] if name == "matrix" else ONE))
    if not args[1:]:
        sized = f"{name}({plain(entry)}, n{', m' if name == 'matrix' else ''})"
        scope.constant(ones, tree, sized)
    return ones if entry == number(1) else scale(entry, ones)


def ones_of_size(scope: Scope, args: Sequence[Tree[Token]], function: Token, tree: Tree[Token]) -> Expr:
    """A matrix of ones with its size; a column, in NumPy, where only one is given."""
    if len(args) == 1 and not scope.is_of_library(function):
        raise scope.fail("ones of one size is a column or a square matrix", tree, "Write ones(n, 1) or ones(n, n).")
    sides = [size(scope, arg) for arg in args]
    return Ones((sides[0], sides[1] if len(sides) > 1 else ONE))


def size(scope: Scope, tree: Tree[Token]) -> Dim:
    """A dimension as it is written among the arguments of a function."""
    match str(tree.data):
        case "name" | "number":
            dim = dimension(str(tree.children[0]))
            scope.dimensions.update(dim.names)
            return dim
        case "add":
            return sensible(size(scope, child(tree, 0)) + size(scope, child(tree, -1)))
        case "times" if tree.children[1] == "*":
            return sensible(size(scope, child(tree, 0)) * size(scope, child(tree, 2)))
        case _:
            raise scope.fail("a dimension is a name or a whole number", tree)
