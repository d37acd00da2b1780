"""The state of one reading of the names, and the helpers that the modules of all subjects share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from lark import Token, Tree

from generator.errors import ExpressionError, InText, ShapeError
from generator.expr.nodes import ONE, Symbol, split_scale
from generator.expr.shapes import Unifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.expr.nodes import Dim, Expr, Identity, Ones, Shape, Zero
    from generator.expr.parsing.index_sums import Sign

Builder: TypeAlias = "Callable[[Scope, Tree[Token]], Expr]"
"""Builds the expression for the trees of one rule of the grammar."""


class Scope:
    """The names, shapes and notes of one reading, and where in the sources it is.

    `builders` has the function that builds the trees of each rule of the grammar; by it the module of one subject
    builds parts of any other.
    """

    def __init__(
        self,
        builders: Mapping[str, Builder],
        declared: Mapping[str, Symbol],
        kinds: Mapping[str, str],
        *,
        differentials: bool,
        broadcasts: bool,
    ) -> None:
        self.builders = builders
        self.text = ""
        self.bold = frozenset[str]()
        """Names that are set in bold in the text."""
        self.shapes = Unifier()
        self.notes: dict[str, None] = {}
        self.differentials = differentials
        self.broadcasts = broadcasts

        self.given = declared
        self.symbols = dict(declared)
        for name, kind in kinds.items():
            rows = ONE if kind == "scalar" else self.shapes.fresh()
            columns = self.shapes.fresh() if kind == "matrix" else ONE
            count = self.shapes.fresh() if name.endswith("_") else None
            self.symbols[name] = Symbol(name, (rows, columns), frozenset(), count)
        sides = (side for s in declared.values() for side in s.dims)
        self.counts = {name for side in sides for name in side.names}
        """Names that are dimensions, and the numbers that these are."""
        self.dimensions: set[str] = set()
        """Names of dimensions that are written in the sources."""

        self.bound: dict[str, Symbol] = {}
        """The letters that sums around a place bind, and the indices that they stand for."""
        self.letters: set[str] = set()
        """All letters that sums bind somewhere."""
        self.stands_for: dict[str, str] = {}
        """Letters in place of which another stands, for the term that is left out of a sum."""
        self.ranges: list[Dim] = []
        """The numbers of values of the indices."""

        self.in_sum = 0
        """Number of sums of all entries around a place."""
        self.in_call = 0
        """Number of calls of `sum` and `mean` around a place."""
        self.lengths: set[int] = set()
        """Trees of bars that are multiplied, raised to a power or divided by, and so no absolute values of entries."""
        self.entrywise = False
        """Something that is no function of a matrix or a column was taken of each entry."""

        self.typeset: list[tuple[Token, Expr, Tree[Token]]] = []
        r"""Functions written as LaTeX's own commands, such as \exp, and their arguments."""
        self.constants: list[tuple[Identity | Zero | Ones, InText, str]] = []
        """Constants without a size, their places, and their spellings with one."""
        self.symmetric: list[tuple[str, Expr, InText]] = []
        """Matrices that have to be symmetric, the functions of them, and where these stand."""
        self.either_order: list[tuple[Expr, Sign, InText]] = []
        """Of each sum over i < j: the squared difference of its terms in both orders, its sign, and its place."""

    def build(self, tree: Tree[Token] | Token) -> Expr:
        """The expression for a tree, its own agreements required."""
        assert isinstance(tree, Tree)
        return self.required(self.builders[tree.data](self, tree), tree)

    def required(self, e: Expr, tree: Tree[Token]) -> Expr:
        """An expression whose shapes agree; raises `ShapeError`, with the place of a tree, where they do not."""
        try:
            self.shapes.require(e)
            self.shapes.require(split_scale(e)[1])
        except ShapeError as error:
            if error.text is None:
                error.text = self.place(tree)
            raise
        return e

    def tried(self, tree: Tree[Token]) -> Expr:
        """The expression of a tree, without the agreements that it asks for."""
        known = dict(self.shapes.known)
        try:
            return self.build(tree)
        finally:
            self.shapes.known = known

    def conforming(self, tree: Tree[Token]) -> Expr | None:
        """The expression of a tree; None where its shapes do not conform."""
        known = dict(self.shapes.known)
        try:
            return self.build(tree)
        except ShapeError:
            self.shapes.known = known
            return None

    def unified(self, first: Shape, second: Shape) -> bool:
        """Two shapes are the same, now that their unknown sides are taken as equal."""
        return all(self.shapes.unify(a, b) for a, b in zip(first, second, strict=True))

    def constant(self, constant: Identity | Zero | Ones, tree: Tree[Token], sized: str) -> Expr:
        """A constant written without its size, which what stands around it must decide."""
        self.constants.append((constant, self.place(tree), sized))
        return constant

    def is_column(self, e: Expr) -> bool:
        """It is known to have one column, and is no scalar."""
        return not e.is_scalar and self.shapes.find(e.shape[1]) == ONE

    def is_row(self, e: Expr) -> bool:
        """It is known to have one row, and is no scalar."""
        return not e.is_scalar and self.shapes.find(e.shape[0]) == ONE

    def is_line(self, e: Expr) -> bool:
        """It is a row or a column."""
        return ONE in map(self.shapes.find, e.shape)

    def is_square(self, e: Expr) -> bool:
        """It is known to be square, and is no scalar."""
        rows, columns = map(self.shapes.find, e.shape)
        return rows == columns != ONE

    def mark_lengths(self, *trees: Tree[Token]) -> None:
        """Keep bars among trees for those that are norms where they hold a vector."""
        self.lengths |= {id(tree) for tree in trees if tree.data == "absolute"}

    def place(self, tree: Tree[Token]) -> InText:
        """Where a tree stands in the text."""
        return InText(self.text, tree.meta.start_pos, tree.meta.end_pos)

    def written(self, tree: Tree[Token]) -> str:
        """A tree as it is written."""
        return self.text[tree.meta.start_pos : tree.meta.end_pos]

    def is_of_library(self, function: Token) -> bool:
        """The function has the name of a library in front of it, as np.linalg.norm has."""
        return self.text[: function.start_pos].endswith(".")

    def note(self, sentence: str) -> None:
        """Note how something is read."""
        self.notes[sentence] = None

    def fail(self, what: str, tree: Tree[Token], remedy: str = "") -> ExpressionError:
        """The error that says what is wrong with a tree, and what to do."""
        return ExpressionError(what, text=self.place(tree), remedy=remedy)
