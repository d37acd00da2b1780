"""Trees to expressions, for one reading of the names, unifying dimensions on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from lark import Token, Tree

from generator.errors import ExpressionError, InText, ShapeError, UnknownSymbolError, Unsupported
from generator.expr.evaluate.exact import NoValueError, exact
from generator.expr.evaluate.numeric import evaluate, random_point
from generator.expr.functions import MATRIX_FUNCTIONS, OF_ENTRIES
from generator.expr.nodes import (
    OF_SYMMETRIC,
    ONE,
    CrossMatrix,
    Curve,
    Determinant,
    Differential,
    Dim,
    Elementwise,
    Entry,
    EntrySum,
    Expr,
    HadamardPower,
    Identity,
    IndexSum,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Member,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Zero,
    add,
    entrywise_power,
    hadamard,
    in_blocks,
    index,
    index_sum,
    inverse,
    negative,
    number,
    parameter_of,
    product,
    reciprocal,
    scale,
    scaled,
    split_scale,
    terms_of,
    unit_vector,
    walk,
    with_dims,
    zeros,
)
from generator.expr.parsing.calls import (
    BINARY,
    CONJUGATE,
    FUNCTION_SPELLINGS,
    OF_MATRICES,
    OF_ROWS,
    UNARY,
    inner_product,
    spectral_norm,
)
from generator.expr.parsing.declarations import dimension, sensible
from generator.expr.parsing.index_sums import family, sign, signs, subscript
from generator.expr.parsing.lexer import differential_of, normal_name
from generator.expr.parsing.trees import (
    Source,
    bare_name,
    factors_of,
    index_of,
    is_e,
    is_mark,
    is_name,
    is_number,
    is_weight,
    juxtaposed,
    tokens_of,
    transposes_a_name,
    weight_of,
)
from generator.expr.printing.plain import plain
from generator.expr.properties import is_symmetric
from generator.expr.shapes import Unifier, fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.expr.nodes import Shape
    from generator.expr.parsing.index_sums import Sign
    from generator.expr.shapes import Agreement

LARGEST_NUMBER, LONGEST_NUMBER = 1e30, 40
"""Numbers beyond these cannot be checked on a computer's own."""
SMALLEST_DIFFERENCE = 1e-12
"""Squares of numbers of about one that are equal differ by less."""
LARGEST_POWER = 30
"""A derivation has as many terms as the power of a matrix, and nobody reads more."""
OF_TRACES = ("tr", "Tr", "trace")
ENTRYWISE = (".*", "∘")
"""Signs of the product entry by entry."""
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass
class _Chain:
    """A product while it is read from the left: scalars so far, and the matrix so far."""

    scalars: list[Expr] = field(default_factory=list)
    body: Expr | None = None

    def whole(self) -> Expr:
        return scaled(self.scalars, self.body)


def _power_of(e: Expr) -> Fraction:
    """The product of the powers that a matrix is raised to, one after the other."""
    match e:
        case Power(base, Number(exponent)) if not base.is_scalar:
            return abs(exponent) * _power_of(base)
        case Transpose(arg) | Inverse(arg):
            return _power_of(arg)
        case _:
            return Fraction(1)


class Elaborator:
    """Builds the expression for one reading of the names, unifying dimensions on the way."""

    def __init__(
        self,
        text: str,
        declared: Mapping[str, Symbol],
        kinds: Mapping[str, str],
        *,
        differentials: bool,
        broadcasts: bool = False,
    ) -> None:
        self.text = text
        self.bold = frozenset[str]()
        """Names that are set in bold in the text."""
        self.shapes = Unifier()
        self.dimensions: set[str] = set()
        self.typeset: list[tuple[Token, Expr, Tree[Token]]] = []
        r"""Functions written as LaTeX's own commands, such as \exp, and their arguments."""
        self.constants: list[tuple[Identity | Zero | Ones, InText, str]] = []
        """Those written without a size, where they stand, and how they are written with one."""
        self.symmetric: list[tuple[str, Expr, InText]] = []
        """Matrices that have to be symmetric, the functions of them, and where these stand."""
        self.differentials = differentials
        self.broadcasts = broadcasts
        self.in_sum = 0
        """Number of sums of all entries around a place."""
        self.in_call = 0
        """Number of calls of `sum` and `mean` around a place."""
        self.lengths: set[int] = set()
        """Trees of bars that are multiplied, raised to a power or divided by, and so no absolute values of entries."""
        self.entrywise = False
        """Something that is no function of a matrix or a column was taken of each entry."""
        self.notes: dict[str, None] = {}
        self.exprs: list[Expr] = []
        self.found: dict[str, Symbol] = {}
        self.given = declared
        self.symbols = dict(declared)
        for name, kind in kinds.items():
            rows = ONE if kind == "scalar" else self.shapes.fresh()
            columns = self.shapes.fresh() if kind == "matrix" else ONE
            count = self.shapes.fresh() if name.endswith("_") else None
            self.symbols[name] = Symbol(name, (rows, columns), frozenset(), count)
        self.bound: dict[str, Symbol] = {}
        """The letters that sums around a place bind, and the indices that they stand for."""
        self.letters: set[str] = set()
        """All letters that sums bind somewhere."""
        self.stands_for: dict[str, str] = {}
        """Letters in place of which another stands, for the term that is left out of a sum."""
        self.either_order: list[tuple[Expr, Sign, InText]] = []
        """Of each sum over i < j: the squared difference of its terms in both orders, its sign, and its place."""
        self.ranges: list[Dim] = []
        """How many values the indices have."""
        sides = (side for s in declared.values() for side in s.dims)
        self.counts = {name for side in sides for name in side.names}
        """Names that are dimensions, and the numbers that these are."""

    def all(self, sources: Sequence[Source]) -> None:
        """Read a whole, and the sides of equations that go with it, into `exprs`, all in the symbols `found`."""
        over = [sign for source in sources for sign in signs(source.text, tokens_of(source.tree))]
        self.counts |= {one.last for one in over if one.last and not one.last.isdigit()}
        self.letters = {letter for one in over for letter in one.letters}
        self._symmetric_weights(sources)
        exprs = [self._whole(source) for source in sources]
        for i in range(1, len(exprs), 2):
            exprs[i : i + 2] = self._alike(exprs[i], exprs[i + 1], sources[i : i + 2])
        names = self._dimension_names()
        self._refuse_clashes(exprs, sources)
        self._require_symmetry(names)
        self._require_orders_alike(names)
        occurring = frozenset[Symbol]().union(*(e.symbols for e in exprs))
        self.found = {
            name: cast("Symbol", with_dims(symbol, names))
            for name, symbol in self.symbols.items()
            if symbol.total is None or name in self.given or symbol in occurring  # of x_c of x - x_c no family is left
        }
        self.exprs = [with_dims(e, names) for e in exprs]

    def _symmetric_weights(self, sources: Sequence[Source]) -> None:
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
            found = self.symbols.get(name)
            if found is not None and name not in self.given and places == everywhere[name]:
                self.shapes.unify(*found.shape)
                self.symbols[name] = Symbol(name, (found.shape[0],) * 2, frozenset(("symmetric",)))
                self.notes[f"{name} is taken as symmetric: the sum has the entries above its diagonal only."] = None

    def require_sizes(self) -> None:
        """Raise a ShapeError for a constant whose size nothing decides: its trace, for one, is not known."""
        for constant, where, sized in self.constants:
            if any(name.startswith("?") for dim in constant.shape for name in self.shapes.find(dim).names):
                raise ShapeError(
                    f"nothing says how large {where.text[where.start : where.stop]} is",
                    text=where,
                    remedy=f"Write its size:  {sized}",
                )

    def _whole(self, source: Source) -> Expr:
        self.text, self.bold = source.text, source.bold
        e, shape = self.build(source.tree), source.shape
        for function, arg, call in self.typeset:
            self._check_entrywise(function, arg, call)
        self.typeset.clear()
        if not self.given and "\\" not in source.text:
            self._check_of_matrices(e)
        if shape is not None and not all(self.shapes.unify(a, b) for a, b in zip(e.shape, shape, strict=True)):
            raise ShapeError(
                f"the expression is {e.shape[0]} × {e.shape[1]}, not {shape[0]} × {shape[1]}",
                text=InText(self.text, 0, len(self.text)),
            )
        return e

    def _alike(self, left: Expr, right: Expr, sources: Sequence[Source]) -> tuple[Expr, Expr]:
        """The sides of an equation, which have the same shape."""
        if right == number(0):
            return left, zeros(left.shape)
        if sources[0].of_inequality and left.is_scalar != right.is_scalar:
            shape = right.shape if left.is_scalar else left.shape
            left, right = (self._of_each_entry(side, shape) if side.is_scalar else side for side in (left, right))
        if not all(self.shapes.unify(a, b) for a, b in zip(left.shape, right.shape, strict=True)):
            whole = "=".join(source.text for source in sources)
            raise ShapeError("the sides of an equation have the same shape", text=InText(whole, 0, len(whole)))
        return left, right

    def _of_each_entry(self, e: Expr, shape: Shape) -> Expr:
        """The matrix of a shape whose entries are a scalar."""
        return zeros(shape) if e == number(0) else Ones(shape) if e == number(1) else scale(e, Ones(shape))

    def _dimension_names(self) -> dict[str, Dim]:
        """A name or number for each unknown dimension: those found, and n, m, p, … for the free ones."""
        dims = [*(dim for symbol in self.symbols.values() for dim in symbol.dims), *self.ranges]
        taken = {name for dim in dims for name in self.shapes.find(dim).names}
        taken |= {*self.symbols, *self.dimensions}
        pool = iter(name for name in [*"nmpqrkst", *(f"n{i}" for i in range(1, 1000))] if name not in taken)
        for dim in sorted(dims, key=lambda dim: dim not in self.ranges):
            for name in self.shapes.find(dim).names:
                if name.startswith("?"):
                    self.shapes.known[name] = Dim.of(next(pool))
        return {name: self.shapes.find(dim) for name, dim in self.shapes.known.items()}

    def _require_symmetry(self, names: Mapping[str, Dim]) -> None:
        """Raise a ShapeError for the eigenvalue of a matrix that is not known to be symmetric."""
        for name, arg, where in self.symmetric:
            sized = with_dims(arg, names)
            if not is_symmetric(sized):
                raise ShapeError(
                    f"{name} is of symmetric matrices, and {plain(sized)} is not known to be one",
                    text=where,
                    remedy="Declare it as symmetric, such as A = n x n symmetric, or write (A + A')/2.",
                )

    def _require_orders_alike(self, names: Mapping[str, Dim]) -> None:
        """Raise an ExpressionError for a sum over i < j whose terms differ from those with i and j exchanged."""
        for written, over, where in self.either_order:
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

    def _refuse_clashes(self, exprs: Sequence[Expr], sources: Sequence[Source]) -> None:
        """The names that the indices are printed with are those of no symbol."""
        for e, source in zip(exprs, sources, strict=True):
            for part in walk(e) if e.sum_depth else ():
                if isinstance(part, IndexSum) and (part.index.name in self.symbols or part.index.name in self.counts):
                    raise ExpressionError(
                        f"{part.index.name} is the name of an index here, and of a symbol",
                        text=InText(source.text, 0, len(source.text)),
                        remedy=f"Rename the symbol {part.index.name}; indices are i, j, l.",
                    )

    # -- one method per construct

    def build(self, tree: Tree[Token] | Token) -> Expr:
        """The expression for a tree, its own agreements required."""
        assert isinstance(tree, Tree)
        e = self._form(tree)
        return self._required(e, tree)

    def _required(self, e: Expr, tree: Tree[Token]) -> Expr:
        try:
            self.shapes.require(e)
            for part in split_scale(e):
                if not isinstance(part, tuple):
                    self.shapes.require(part)
        except ShapeError as error:
            if error.text is None:
                error.text = self._place(tree)
            raise
        return e

    def _place(self, tree: Tree[Token]) -> InText:
        return InText(self.text, tree.meta.start_pos, tree.meta.end_pos)

    def _fail(self, what: str, tree: Tree[Token], remedy: str = "") -> ExpressionError:
        return ExpressionError(what, text=self._place(tree), remedy=remedy)

    def _form(self, tree: Tree[Token]) -> Expr:  # noqa: C901 - one branch per rule of the grammar
        match str(tree.data):
            case "add" | "subtract":
                return self._sum(tree)
            case "times" | "juxtapose" | "negate":
                return self._chain(tree).whole()
            case "group":
                return self.build(tree.children[0])
            case "number":
                written = str(tree.children[0]).rstrip(".")
                if len(written) > LONGEST_NUMBER or float(written.split("/")[0]) > LARGEST_NUMBER:
                    raise self._fail("a number beyond all need", tree, f"The largest is {LARGEST_NUMBER:.0e}.")
                return number(Fraction(written))
            case "name":
                return self._name(tree)
            case "ones":
                return self._constant(Ones((self.shapes.fresh(any_size=True), ONE)), tree, "vector(1, n)")
            case "fraction":
                return self._chain(tree).whole()
            case "absolute":
                return self._absolute(tree)
            case "inner":
                return self._inner(tree)
            case "entry_sum":
                return self._entry_sum(tree)
            case "method":
                base, method, *args = tree.children
                own = str(method)[1:]
                named = cast("Token", method).update(value=FUNCTION_SPELLINGS.get(own, own))
                return self._applied(named, cast("list[Tree[Token]]", [base, *args]), tree)
            case "positive_part":
                return Elementwise("relu", self.build(tree.children[0]))
            case "pseudo_inverse":
                return self._pseudo_inverse(tree)
            case "transpose":
                if is_number(tree.children[0]) or _ends_in_exponent(tree.children[0]):
                    raise self._fail(
                        "it is not clear what is transposed", tree, "Put the power in parentheses: (X^2)'."
                    )
                if tree.children[-1] in (CONJUGATE, "*"):
                    self._note("{0} is the transpose, since all numbers are real.", tree)
                return Transpose(self._turned(tree))
            case "inverse_transpose":
                return Transpose(self._required(inverse(self._operand(tree)), tree))
            case "superscript" | "power" if self._marks_lengths(tree.children[0]):
                return self._form(tree)
            case "superscript":
                digits = str(tree.children[1]).translate(SUPERSCRIPTS)
                return self._power(self._operand(tree), number(digits), tree)
            case "power" if is_e(tree.children[0]) and "e" not in self.symbols:
                return self._exponential(tree)
            case "power" if (turned := _transposed_power(tree)) is not None:
                return Transpose(self.build(turned))
            case "power" if is_mark(tree.children[-1]) and "t" not in self.symbols:
                return self._marked(tree)
            case "power" if self._is_square_of_weighted(tree):
                return self._weighted(cast("Tree[Token]", tree.children[0]))
            case "power" if self._is_norm_to_its_own(tree):
                norm = cast("Tree[Token]", tree.children[0])
                return self._powers_of_entries(self.build(norm.children[1]), self._exponent(tree))
            case "power":
                return self._power(self._squared(tree), self._exponent(tree), tree)
            case "index_sum":
                return self._index_sum(tree)
            case "indexed":
                return self._indexed(tree)
            case "entrywise_power":
                return entrywise_power(self._operand(tree), self.build(tree.children[-1]))
            case "apply" if self._argument(tree)[1]:
                return self._chain(tree).whole()
            case "call" | "apply":
                return self._call(tree)
            case "norm":
                return self._norm(tree)
            case "matrix":
                return self._matrix(tree)
            case "string":
                raise self._fail("a word in quotes names a norm, as in norm(X, 'fro')", tree)
            case other:
                raise AssertionError(other)

    def _marks_lengths(self, *trees: Tree[Token] | Token) -> bool:
        """Keep bars among trees for those that are norms where they hold a vector; says if there are new ones."""
        bars = {id(tree) for tree in trees if isinstance(tree, Tree) and tree.data == "absolute"} - self.lengths
        self.lengths |= bars
        return bool(bars)

    def _operand(self, tree: Tree[Token]) -> Expr:
        base = cast("Tree[Token]", tree.children[0])
        if base.data == "fraction":
            raise self._fail("a fraction with a mark behind it", tree, "Put the fraction in parentheses.")
        powers = ("power", "entrywise_power", "superscript")
        if tree.data in powers and base.data in powers:
            raise self._fail("a power of a power", tree, "Say with parentheses which is meant: (a^2)^3 or a^(2^3).")
        return self.build(base)

    def _turned(self, tree: Tree[Token]) -> Expr:
        """The operand of a transpose; raises ShapeError for numbers in brackets, so that other kinds are tried."""
        e, written = self._operand(tree), cast("Tree[Token]", tree.children[0])
        if written.data == "group" and e.symbols and all(s.is_scalar and s.name not in self.given for s in e.symbols):
            raise ShapeError("the transpose of a number", text=self._place(tree))
        return e

    def _squared(self, tree: Tree[Token]) -> Expr:
        base = self._operand(tree)
        if isinstance(base, Spectral) and cast("Tree[Token]", tree.children[0]).data == "norm":
            raise self._of_two_norms(tree)
        return base

    def _pseudo_inverse(self, tree: Tree[Token]) -> Expr:
        base = self._operand(tree)
        if not self.given and (base.is_scalar or self._is_line(base)):
            written = self._written(cast("Tree[Token]", tree.children[0]))
            raise self._fail(
                "it is not clear what is meant of a column or a number",
                tree,
                f"Of real columns the conjugate transpose is {written}', the pseudo-inverse pinv({written}), and the"
                f" positive part relu({written}).",
            )
        if "†" in self._written(tree) or "dag" in self._written(tree):
            self._note("{0} is the pseudo-inverse.", tree)
        return PseudoInverse(base)

    # -- functions without parentheses

    def _argument(self, tree: Tree[Token]) -> tuple[Tree[Token], list[Tree[Token]]]:
        """A function with what it is applied to, and the factors behind that."""
        function, *raised, written = tree.children
        assert isinstance(function, Token)
        factors = factors_of(cast("Tree[Token]", written))
        if factors[0].data == "apply":
            inner, behind = self._argument(factors[0])
            factors = [inner, *behind, *factors[1:]]
            own = 1
            if len(factors) > 1 and function not in OF_MATRICES:
                self._refuse_extent(function, factors, tree)
        elif self.text[function.start_pos : function.end_pos] in ("√", "∛") and is_number(factors[0]):
            own = 1
        else:
            own = next((i for i, f in enumerate(factors) if i and f.data in ("apply", "call")), len(factors))
        if function in ("log", "ln") and own < len(factors) and factors[own].children[0] == "exp":
            self._refuse_extent(function, factors, tree)  # log (c exp(x)) or (log c) exp(x)
        if own > 1:
            self._check_extent(function, factors[:own], tree)
        argument = juxtaposed(factors[:own])
        return Tree("apply", [function, *raised, argument], tree.meta), factors[own:]

    def _check_extent(self, function: Token, factors: Sequence[Tree[Token]], tree: Tree[Token]) -> None:
        """Refuse a function without parentheses before several factors, where it could be of the first alone."""
        if is_number(factors[0]) and function != "sqrt":
            return
        if function in OF_MATRICES:
            clear = function in ("tr", "Tr", "trace") or not any(self._tried(f).is_scalar for f in factors[1:])
        else:
            first = self._tried(factors[0])
            clear = not first.is_scalar and (ONE in first.shape or f"{function}m" not in MATRIX_FUNCTIONS)
        if not clear:
            self._refuse_extent(function, factors, tree)

    def _refuse_extent(self, function: Token, factors: Sequence[Tree[Token]], tree: Tree[Token]) -> None:
        first_text, rest, whole = map(self._written, (factors[0], juxtaposed(factors[1:]), juxtaposed(factors)))
        raise self._fail(
            f"it is not clear how far the argument of {function} goes",
            tree,
            f"Write {function}({whole}), or {function}({first_text}) {rest}.",
        )

    def _tried(self, tree: Tree[Token]) -> Expr:
        """The expression of a tree, without the agreements that it asks for."""
        known = dict(self.shapes.known)
        try:
            return self.build(tree)
        finally:
            self.shapes.known = known

    def _written(self, tree: Tree[Token]) -> str:
        return self.text[slice(*self._span(tree))]

    def _note(self, sentence: str, *trees: Tree[Token]) -> None:
        self.notes[sentence.format(*map(self._written, trees))] = None

    def _is_column(self, e: Expr) -> bool:
        return not e.is_scalar and self.shapes.find(e.shape[1]) == ONE

    def _is_row(self, e: Expr) -> bool:
        return not e.is_scalar and self.shapes.find(e.shape[0]) == ONE

    def _is_line(self, e: Expr) -> bool:
        """It is a row or a column."""
        return ONE in map(self.shapes.find, e.shape)

    def _line(self, tree: Tree[Token]) -> Expr:
        arg = self.build(tree)
        if not self._is_line(arg):
            raise self._fail("this norm is of vectors", tree, "For a matrix write norm_fro(…) or norm1(…).")
        return arg

    def _entry_sum(self, tree: Tree[Token]) -> Expr:
        """The sum of all entries of the product behind the sign; powers in it are those of each entry."""
        self.in_sum += 1
        arg = self.build(tree.children[-1])
        self.in_sum -= 1
        if arg.is_scalar:
            raise self._fail("a sum of one number", tree, "Its index stands below it, as in sum_i.")
        return EntrySum(arg)

    # -- bars, brackets and powers

    def _inner(self, tree: Tree[Token]) -> Expr:
        left, right = self.build(tree.children[1]), self.build(tree.children[3])
        if not all(self.shapes.unify(a, b) for a, b in zip(left.shape, right.shape, strict=True)):
            raise ShapeError("an inner product of different shapes", text=self._place(tree))
        return inner_product(left, right)

    def _marked(self, tree: Tree[Token]) -> Expr:
        """`A^t`, where t is no symbol: the transpose."""
        base = self._operand(tree)
        if base.is_scalar:
            raise ShapeError("the transpose of a scalar", text=self._place(tree))
        self._note("{0} is the transpose.", tree)
        return Transpose(base)

    def _is_norm_to_its_own(self, tree: Tree[Token]) -> bool:
        """It is a p-norm to the power p."""
        base, exponent = cast("list[Tree[Token]]", (tree.children[0], tree.children[-1]))
        while isinstance(exponent, Tree) and exponent.data == "group":
            exponent = cast("Tree[Token]", exponent.children[0])
        return (
            isinstance(base, Tree)
            and base.data == "norm"
            and (index := index_of(base)) not in ("", "0", "1", "2", "F")
            and isinstance(exponent, Tree)
            and exponent.data in ("name", "number")
            and exponent.children[0] == index
        )

    def _is_square_of_weighted(self, tree: Tree[Token]) -> bool:
        """It is ||x||_A^2."""
        base, exponent = cast("list[Tree[Token]]", (tree.children[0], tree.children[-1]))
        while exponent.data == "group":
            exponent = cast("Tree[Token]", exponent.children[0])
        return base.data == "norm" and is_weight(index_of(base)) and is_number(exponent) and exponent.children[0] == "2"

    def _weighted(self, norm: Tree[Token]) -> Expr:
        """x'Ax of ||x||_A, for the square of this norm."""
        index = index_of(norm)
        arg, matrix = self.build(norm.children[1]), self.symbols[weight_of(index)]
        weight = matrix if index == matrix.name else self._required(inverse(matrix), norm)
        if not self._is_line(arg) or matrix.is_scalar:
            raise self._fail("a norm with a matrix as its index is of columns", norm, "Write x'*A*x.")
        self._note("{0}^2 is x'*A*x, with the index as A.", norm)
        right = self._required(product(weight, arg), norm)
        return self._required(product(Transpose(arg), right), norm)

    def _powers_of_entries(self, arg: Expr, exponent: Expr) -> Expr:
        """The sum of the p-th powers of absolute entries; of an even p the sign is lost anyway."""
        even = isinstance(exponent, Number) and exponent.value % 2 == 0
        return EntrySum(entrywise_power(arg if even else Elementwise("abs", arg), exponent))

    def _exponential(self, tree: Tree[Token]) -> Expr:
        """e to a scalar, or to a square matrix, of which it is the matrix exponential."""
        exponent = self.build(tree.children[-1])
        if exponent.is_scalar:
            return Elementwise("exp", exponent)
        if not exponent.is_scalar and self.shapes.find(exponent.shape[0]) == ONE:
            raise ShapeError(
                "it is not clear how far the exponent goes",
                text=self._place(tree),
                remedy="Put the whole exponent in brackets: e^(-x'x).",
            )
        if exponent.is_vector or self.in_sum:
            self.entrywise = True
            self._note("{0} is taken of each entry.", tree)
            return Elementwise("exp", exponent)
        self._note("{0} is the exponential of the matrix.", tree)
        return MatrixFunction("expm", exponent)

    def _absolute(self, tree: Tree[Token]) -> Expr:
        """The absolute value of a scalar, the determinant of a matrix, a norm where it has an index."""
        if index_of(tree):
            return self._norm(tree)
        arg = self.build(tree.children[1])
        if arg.is_scalar or self.in_sum or (self.in_call and self._is_line(arg)):
            return Elementwise("abs", arg)
        names = {normal_name(token) for token in tokens_of(tree) if token.type == "NAME"}
        if self._is_line(arg) and (id(tree) in self.lengths or (names and names <= self.bold)):
            self._note("{0} is the norm of a vector.", tree)
            return Norm("2", arg)
        if self._is_line(arg):
            inside = self._written(cast("Tree[Token]", tree.children[1]))
            raise self._fail(
                "bars around a vector have two meanings",
                tree,
                f"Write ||{inside}|| for the norm, abs({inside}) for the absolute value of each entry.",
            )
        self.notes[f"Bars around {plain(arg)} are its determinant."] = None
        return self._required(Determinant(arg), tree)

    def _exponent(self, tree: Tree[Token]) -> Expr:
        exponent = self.build(tree.children[-1])
        if isinstance(exponent, Symbol) and exponent.name == "H" and not exponent.is_scalar:
            written = cast("Tree[Token]", tree.children[-1])
            raise self._fail("the conjugate transpose ^H is not read", written, "Of real matrices write X^T.")
        if not exponent.is_scalar:
            raise ShapeError(
                "an exponent is a scalar",
                text=self._place(cast("Tree[Token]", tree.children[-1])),
                remedy="For a power with each entry as its exponent write .^ instead of ^.",
            )
        return exponent

    def _power(self, base: Expr, exponent: Expr, tree: Tree[Token]) -> Expr:
        if base.is_scalar:
            return Power(base, exponent)
        if not exponent.symbols and not isinstance(exponent, Number):
            try:
                exponent = number(exact(exponent, {})[0][0])
            except (NoValueError, Unsupported) as error:
                raise self._fail(f"the power has no value: {error.args[0]}", tree, "Write it as a number.") from None
        if not isinstance(exponent, Number):
            if any(s.name == "T" and "T" not in self.given for s in exponent.symbols):
                raise self._fail("it is not clear what is transposed", tree, "Write (X^{-1})^T, or declare T.")
            return Power(base, exponent)
        value = exponent.value
        of_entries = self._is_line(base) or self.in_sum
        if of_entries and isinstance(base, Transpose) and not self.in_sum and value not in (1, -1):
            raise self._fail("the power of a row", tree, "For the power of each entry write .^ instead of ^.")
        if of_entries and value not in (1, -1):
            self.entrywise = True
            self._note("{0} is taken of each entry.", tree)
            return entrywise_power(base, exponent)
        if abs(value) == Fraction(1, 2):
            root = self._required(MatrixFunction("sqrtm", base), tree)
            return root if value > 0 else inverse(root)
        if value.denominator != 1:
            raise self._fail(
                "a matrix can be raised to whole powers, 1/2 and -1/2 only",
                tree,
                r"For the power of each entry write .^ instead of ^, in LaTeX ^{\circ …}.",
            )
        if value == 1:
            return base
        if abs(value) * _power_of(base) > LARGEST_POWER:
            raise self._fail(f"a power above {LARGEST_POWER}", tree, "Smaller powers show the same.")
        square = self._required(Power(base, number(2)), tree)
        match int(value):
            case -1:
                return inverse(base)
            case 0:
                return Identity(square.shape[0])
            case k:
                return Power(base, exponent) if k > 0 else Power(inverse(base), number(-k))

    def _sum(self, tree: Tree[Token]) -> Expr:
        parts: list[tuple[Tree[Token], bool]] = []
        while tree.data in ("add", "subtract"):
            parts.append((cast("Tree[Token]", tree.children[-1]), tree.data == "subtract"))
            tree = cast("Tree[Token]", tree.children[0])
        total = self.build(tree)
        for part, minus in reversed(parts):
            term = self.build(part)
            total, term = self._alike_terms(total, term, part), self._alike_terms(term, total, part)
            try:
                total = self._required(add(total, _opposite(term) if minus else term), part)
            except ShapeError as error:
                if total.is_scalar != term.is_scalar:
                    error.remedy = (
                        "A scalar is added to each entry by `c*vector(1)` or `c*matrix(1)`, to the diagonal by `c*eye`."
                    )
                raise
        return total

    def _alike_terms(self, e: Expr, other: Expr, tree: Tree[Token]) -> Expr:
        """A number beside a column is added to each entry; where nothing else conforms, so is any scalar."""
        if not e.is_scalar or other.is_scalar or not (self._is_column(other) or self.in_sum):
            return e
        if e.symbols and not self.broadcasts:
            return e
        if all(isinstance(t, Symbol) and t.name[0].isupper() and t.name not in self.given for t in terms_of(other)):
            return e  # by its letter it is a matrix
        self.entrywise = self.entrywise or bool(e.symbols)
        self.notes[f"{plain(e)} is added to each entry."] = None
        ones = Ones(other.shape)
        return ones if e == number(1) else scale(e, ones)

    def _chain(self, tree: Tree[Token]) -> _Chain:
        steps: list[tuple[str, Tree[Token], Tree[Token]]] = []
        while tree.data in ("times", "juxtapose"):
            left, right = cast("Tree[Token]", tree.children[0]), cast("Tree[Token]", tree.children[-1])
            steps.append((str(tree.children[1]) if tree.data == "times" else " ", right, tree))
            tree = left
        opened: list[tuple[str, Tree[Token], Tree[Token]]] = []
        for operator, factor, whole in [("*", tree, tree), *reversed(steps)]:
            first, behind = self._argument(factor) if factor.data == "apply" else (factor, [])
            opened += [(operator, first, whole), *((" ", f, whole) for f in behind)]
        self._check_repeated([factor for _, factor, _ in opened], tree)
        bars = [factor for _, factor, _ in opened if factor.data == "absolute"]
        self._marks_lengths(*(bars if len(bars) > 1 else ()), *(f for sign, f, _ in opened if sign == "/"))
        (_, first, _), *following = self._denominators_joined(opened)
        self._check_clear(first, following)
        self._check_squares([first, *(factor for _, factor, _ in following)])
        chain = _Chain()
        self._join(chain, "*", first, first)
        while following:
            del following[: self._join_next(chain, following)]
        return chain

    def _check_repeated(self, factors: Sequence[Tree[Token]], tree: Tree[Token]) -> None:
        """Refuse x_i x_i without a sum, by which some mean the sum over i."""
        entries = [factor for factor in factors if factor.data == "indexed"]
        counts = Counter(one for factor in entries for one in subscript(str(factor.children[1])) if one.isalpha())
        letter = next((one for one, count in counts.items() if count > 1 and one not in self.letters), None)
        if letter is not None and all(family(normal_name(bare_name(f))) not in self.symbols for f in entries):
            written = self.text[entries[0].meta.start_pos : entries[-1].meta.end_pos]
            raise self._fail(
                f"{written} could be a product of entries, or the sum of these over {letter}",
                tree,
                f"Write sum_{letter} {written} for the sum; for the product rename the index of one.",
            )

    def _denominators_joined(
        self, steps: Sequence[tuple[str, Tree[Token], Tree[Token]]]
    ) -> list[tuple[str, Tree[Token], Tree[Token]]]:
        """The steps with x'x of y/x'x as one: x' alone can divide nothing."""
        joined: list[tuple[str, Tree[Token], Tree[Token]]] = []
        rest = list(steps)
        while rest:
            operator, factor, whole = rest.pop(0)
            run = [step[1] for step in rest[: next((i for i, s in enumerate(rest) if s[0] != " "), len(rest))]]
            if operator == "/" and run and not is_number(factor) and not self._tried(factor).is_scalar:
                together = juxtaposed([factor, *run])
                if (product := self._conforming(together)) is not None and product.is_scalar:
                    self._note("{0} is the denominator.", together)
                    factor = together
                    del rest[: len(run)]
            joined.append((operator, factor, whole))
        return joined

    def _join_next(self, chain: _Chain, steps: Sequence[tuple[str, Tree[Token], Tree[Token]]]) -> int:
        """Join the next factor, or the product that a sign takes as one; says how many factors these are."""
        operator, factor, whole = steps[0]
        run = 1 + next((i for i, step in enumerate(steps[1:]) if step[0] != " "), len(steps) - 1)
        if operator not in (*ENTRYWISE, "⊗", "·", ":") or factor.data == "negate":
            run = 1
        together = juxtaposed([step[1] for step in steps[:run]])
        if operator == ":":
            self._join_inner(chain, self.build(together), whole)
            return run
        if operator == "·":
            count_of_dots = sum(step[0] == "·" for step in steps)
            if chain.body is not None and self._is_column(chain.body):
                for count in dict.fromkeys((run, 1)):
                    other = self._conforming(juxtaposed([step[1] for step in steps[:count]]))
                    if other is not None and self._is_column(other):
                        self._join_inner(chain, other, whole)
                        return count
                if count_of_dots > 1 and not self._tried(factor).is_scalar:
                    chain.body = Transpose(chain.body)  # x·A·y is x'A y
            run = 1
        elif run > 1:
            self._note(f"{{0}} is multiplied first, then by {operator}.", together)
        self._join(chain, operator, together if run > 1 else factor, whole)
        return run

    def _conforming(self, tree: Tree[Token]) -> Expr | None:
        """The expression of a tree; None where its shapes do not conform."""
        known = dict(self.shapes.known)
        try:
            return self.build(tree)
        except ShapeError:
            self.shapes.known = known
            return None

    def _join_inner(self, chain: _Chain, other: Expr, whole: Tree[Token]) -> None:
        """The inner product of what was read so far and another factor."""
        if chain.body is None or other.is_scalar:
            raise ShapeError("an inner product of a scalar", text=self._place(whole))
        if not all(self.shapes.unify(a, b) for a, b in zip(chain.body.shape, other.shape, strict=True)):
            raise ShapeError("an inner product of different shapes", text=self._place(whole))
        chain.scalars.append(inner_product(chain.body, other))
        chain.body = None

    def _check_clear(self, first: Tree[Token], steps: Sequence[tuple[str, Tree[Token], Tree[Token]]]) -> None:
        """Refuse a product written without a sign where it could be read in two ways."""
        for i, (operator, factor, whole) in enumerate(steps):
            if operator == "/" and is_number(factor):
                self._check_root(steps[i - 1][1] if i else first, factor, whole)
            if operator == " ":
                last = steps[i - 1][0] if i else ""
                before = steps[i - 1][1] if i else first
                if factor.data == "fraction" and is_number(before) and all(map(is_number, factor.children[1:])):
                    raise self._fail("a number before a fraction", whole, "Write a product sign or + between them.")
                if is_number(factor):
                    raise self._fail("a number behind another factor", whole, "Write * between them.")
                if factor.data == "index_sum":
                    continue  # it takes all that follows, and what is before it stands before the whole
                if last in ("/", "./") and not self._is_fraction(first, steps[: i + 1]):
                    above = self.text[self._span(first)[0] : self._span(before)[0]].rstrip("./ ")
                    below, behind = self._written(before), self._written(factor)
                    raise self._fail(
                        "it is not clear how far the division goes",
                        whole,
                        f"Write {above}/({below} {behind}), or ({above}/{below}) {behind}.",
                    )

    def _check_root(self, power: Tree[Token], below: Tree[Token], whole: Tree[Token]) -> None:
        """Refuse t^1/2 and t^-1/2, where the exponent could be a half."""
        exponent = power.children[-1] if power.data == "power" else None
        while isinstance(exponent, Tree) and exponent.data == "negate":
            exponent = exponent.children[-1]
        together = power.meta.end_pos + 1 == below.meta.start_pos
        if isinstance(exponent, Tree) and is_number(exponent) and exponent.children[0] == "1" and together:
            base = cast("Tree[Token]", power.children[0])
            root = self.text[base.meta.end_pos : below.meta.end_pos].strip("^*")
            raise self._fail(
                "it is not clear how far the exponent goes",
                whole,
                f"Write {self._written(base)}^({root}), or ({self._written(power)})/{self._written(below)}.",
            )

    def _check_squares(self, factors: Sequence[Tree[Token]]) -> None:
        """Refuse x'Ax^2, where the square could be of the whole."""
        last = factors[-1]
        name = bare_name(last.children[0]) if last.data in ("power", "superscript") else ""
        symbol = self.symbols.get(normal_name(name)) if name else None
        if symbol is None or not self._is_column(symbol):
            return
        if any(transposes_a_name(factor) and bare_name(factor.children[0]) == name for factor in factors[:-1]):
            whole = self.text[factors[0].meta.start_pos : cast("Tree[Token]", last.children[0]).meta.end_pos]
            raise self._fail(
                "it is not clear what is raised to a power",
                last,
                f"Write ({whole})^2, or {name}.^2 for the power of each entry.",
            )

    def _is_fraction(self, first: Tree[Token], steps: Sequence[tuple[str, Tree[Token], Tree[Token]]]) -> bool:
        """It begins with a fraction: 1/2 x′x, n/2 log det S, 1/n ‖x‖², 1/(2n) ‖x‖², or 1/2x′x without a space."""
        (slash, below, _), (_, following, _) = steps[-2:]
        while first.data == "negate":
            first = cast("Tree[Token]", first.children[-1])
        if below.data == "group":
            return True
        if len(steps) != 2 or slash != "/":
            return False
        apart = self.text[below.meta.end_pos : following.meta.start_pos] != ""
        over_number = is_number(below)
        above = cast("Tree[Token]", first.children[-1]) if first.data == "negate" else first
        if apart and is_name(above) and normal_name(str(above.children[0])) in self.counts:
            return over_number
        if apart:
            return (is_number(first) and below.data == "name") or (first.data in ("number", "name") and over_number)
        base = following.children[0] if following.data in ("power", "superscript") else following
        return is_number(first) and over_number and not bare_name(base)

    def _join(self, chain: _Chain, operator: str, factor: Tree[Token], whole: Tree[Token]) -> None:
        """Multiply or divide what was read so far by one more factor."""
        if factor.data == "fraction" and operator in (" ", "*", "·", "×"):
            self._join_fraction(chain, factor, whole)
            return
        if factor.data == "negate":
            inner = cast("Tree[Token]", factor.children[-1])
            if not is_number(inner):
                chain.scalars.append(number(-1))
                self._join(chain, operator, inner, whole)
                return
            e: Expr = negative(self.build(inner))
        else:
            e = self.build(factor)
        match operator:
            case "/" | "./" if e.is_scalar:
                if isinstance(e, Number):
                    if e.value == 0:
                        raise self._fail("division by zero", whole)
                    last = chain.scalars[-1] if chain.scalars else None
                    if isinstance(last, Number):
                        chain.scalars.pop()
                        e = number(last.value / e.value)
                    else:
                        e = reciprocal(e)
                else:
                    if chain.scalars == [number(1)] and chain.body is None:  # 1/q is the reciprocal alone
                        chain.scalars.clear()
                    e = reciprocal(e)
                chain.scalars.append(e)
            case "/":
                raise ShapeError(
                    f"only a scalar can divide, and {self.text[slice(*self._span(factor))]} is not one",
                    text=self._place(whole),
                    remedy="Write inv(B)*A or A*inv(B) for matrices, A ./ B for each entry.",
                )
            case "\\":
                self._divide_from_the_left(chain, e, factor, whole)
            case "./":
                self._multiply(chain, HadamardPower(e, number(-1)), whole, hadamard)
            case "×" if not e.is_scalar and chain.body is not None:
                self._cross(chain, chain.body, e, whole)
            case "@" if (
                chain.body is not None and self._is_column(chain.body) and not e.is_scalar and not self._is_row(e)
            ):
                chain.body = Transpose(chain.body)
                self._multiply(chain, e, whole, product)
            case "⊗":
                left = chain.body if chain.body is not None else chain.whole()
                chain.body = Kronecker(left, e)
            case _:
                if e.is_scalar:
                    scalars, body = split_scale(e) if factor.data != "group" else ((), e)
                    chain.scalars.extend([*scalars, body])
                else:
                    self._multiply(chain, e, whole, hadamard if operator in ENTRYWISE else product)

    def _cross(self, chain: _Chain, left: Expr, right: Expr, whole: Tree[Token]) -> None:
        """The cross product of two columns of three."""
        if not (self._is_column(left) and self._is_column(right)):
            raise self._fail(
                "× between matrices has several meanings",
                whole,
                "Write A B for the product, A ∘ B for the entrywise one, A ⊗ B for Kronecker's.",
            )
        chain.body = self._required(CrossMatrix(left), whole)
        self._multiply(chain, right, whole, product)
        self.notes[
            f"The cross product of {plain(left)} and {plain(right)} is written skew({plain(left)})*{plain(right)}."
        ] = None

    def _divide_from_the_left(self, chain: _Chain, e: Expr, factor: Tree[Token], whole: Tree[Token]) -> None:
        r"""The solution A\b of A x = b, for a square matrix A."""
        if chain.body is None or (self.shapes.find(chain.body.shape[0]) == ONE):
            raise self._fail("only a matrix divides from the left", whole, "A\\b is inv(A)*b, and b/c is divided by c.")
        chain.body = self._required(inverse(chain.body), whole)
        self._multiply(chain, e, whole, product)
        self._note("{0} is divided by a square matrix from the left.", factor)

    def _join_fraction(self, chain: _Chain, fraction: Tree[Token], whole: Tree[Token]) -> None:
        """Multiply by a fraction as if it were written with a slash: its numerator, then one over its denominator."""
        above, below = cast("list[Tree[Token]]", fraction.children[1:])
        self._marks_lengths(below)
        numerator = self._chain(above)
        if numerator.scalars != [number(1)] or numerator.body is not None:
            chain.scalars.extend(numerator.scalars)
        if numerator.body is not None:
            self._multiply(chain, numerator.body, whole, product)
        self._join(chain, "/", below, fraction)

    def _multiply(self, chain: _Chain, e: Expr, whole: Tree[Token], join: Callable[..., Expr]) -> None:
        if chain.body is not None and join is product:
            self._required(Product((chain.body, e)), whole)  # product() may split off a scalar and hide what must agree
        body = e if chain.body is None else self._required(join(chain.body, e), whole)
        if body.is_scalar:
            chain.scalars.append(body)
            chain.body = None
        else:
            chain.body = body

    def _span(self, tree: Tree[Token]) -> tuple[int, int]:
        place = self._place(tree)
        return place.start, place.stop

    def _name(self, tree: Tree[Token]) -> Expr:
        name = normal_name(str(tree.children[0]))
        if name in self.symbols:
            symbol = self.symbols[name]
            return self._curve(symbol, 0) if parameter_of(symbol) else symbol
        match name:
            case "pi":
                return Pi()
            case _ if name in self.counts:
                return Trace(Identity(Dim.of(name)))
            case "eye" | "I":
                return self._constant(Identity(self.shapes.fresh()), tree, "eye(n)")
            case "zeros":
                shape = self.shapes.fresh(any_size=True), self.shapes.fresh(any_size=True)
                return self._constant(Zero(shape), tree, "zeros(n, m)")
            case _:
                pass
        found = differential_of(name, self.symbols) if self.differentials else None
        if found is None:
            raise UnknownSymbolError(f"unknown symbol {name}", text=self._place(tree))
        return found

    def _curve(self, symbol: Symbol, order: int) -> Expr:
        """A(t), or a derivative of it, of a symbol that is declared to depend on t."""
        return Curve(symbol, self.symbols[parameter_of(symbol)], order)

    def _index_sum(self, tree: Tree[Token]) -> Expr:
        """A sum over one or more indices, which what stands behind its sign may contain."""
        token, body = cast("tuple[Token, Tree[Token]]", tree.children)
        over = sign(self.text, token)
        if over.is_product:
            raise self._fail("a product over an index", tree, "It is read under a logarithm: log prod_i f_i.")
        return self._summed(over, body, tree, lambda e: e)

    def _summed(self, over: Sign, body: Tree[Token], tree: Tree[Token], each: Callable[[Expr], Expr]) -> Expr:
        """The sum of something made of each body."""
        outside, indices = dict(self.bound), []
        written = tree.children[0]
        if isinstance(written, Token) and "_" not in self.text[written.start_pos : written.end_pos]:
            self.notes[f"The sum runs over {over.letters[0]}."] = None
        for letter in over.letters:
            if letter in self.symbols or letter in self.counts:
                raise self._fail(f"{letter} is an index and a symbol", tree, "Use another letter for one of them.")
            count = dimension(over.last) if over.last else self._usual_count()
            self.dimensions.update(count.names)
            self.ranges.append(count)
            indices.append(index(f"?{letter}{len(self.ranges)}", count))
            self.bound[letter] = indices[-1]
        e = self.build(body)
        if over.is_product and not e.is_scalar:
            raise ShapeError("a product over an index is of scalars", text=self._place(tree))
        e = each(e)
        equal = self._with_index_as(over.letters[0], over.letters[1], body, indices) if over.pairs else None
        if equal is not None and _has_norm_of_zero(equal):
            raise self._fail(
                "the sum over all pairs has norms of zero, which have no derivative",
                tree,
                "Write the squares of norms.",
            )
        if over.is_ordered:
            self._require_either_order(
                over,
                e,
                each(self._with_letters(body, dict(zip(over.letters, reversed(over.letters), strict=True)))),
                indices,
                tree,
            )
        self.bound = outside
        for one in reversed(indices):
            e = index_sum(one, e)
        if equal is not None:
            e = add(e, _opposite(index_sum(indices[0], each(equal))))
        if over.is_ordered:
            e = scale(number("1/2"), e)
        if over.pairs and not outside.keys().isdisjoint(over.letters):
            raise self._fail("an index that is bound twice", tree, "Use another letter.")
        if over.members_of:
            self.notes[f"The members of {over.members_of.strip(chr(92))} are counted from 1."] = None
        if over.excluded:
            e = add(e, _opposite(each(self._left_out(over, body, indices[0]))))
        return e

    def _with_letters(self, body: Tree[Token], others: Mapping[str, str]) -> Expr:
        """A body with other letters in place of those of indices."""
        before = dict(self.stands_for)
        self.stands_for |= others
        e = self.build(body)
        self.stands_for = before
        return e

    def _require_either_order(
        self, over: Sign, e: Expr, exchanged: Expr, indices: Sequence[Symbol], tree: Tree[Token]
    ) -> None:
        """Keep for later that both orders of two indices give the same, so that the sum over i < j is half of that."""
        difference = add(e, _opposite(exchanged))
        square = Power(difference, number(2)) if e.is_scalar else Power(Norm("2", difference), number(2))
        self.either_order.append((index_sum(indices[0], index_sum(indices[1], square)), over, self._place(tree)))
        self._note("{0} is half of the sum over all pairs of two values.", tree)

    def _left_out(self, over: Sign, body: Tree[Token], one: Symbol) -> Expr:
        """The term of a sum whose index has the value that is left out."""
        term = self._with_index_as(over.excluded, over.letters[0], body, (one, self.bound.get(over.excluded)))
        self._note(f"The sum over all {over.letters[0]}, without the term of {over.excluded}.")
        return term

    def _with_index_as(self, other: str, letter: str, body: Tree[Token], indices: Sequence[Symbol | None]) -> Expr:
        """A body with another letter for that of an index; both indices, where a sum runs over both, count alike."""
        totals = [one.total for one in indices if one is not None and one.total is not None]
        if len(totals) > 1:
            self.shapes.unify(*totals)
        return self._with_letters(body, {letter: other})

    def _usual_count(self) -> Dim:
        """How far a sum without limits runs: to n, where n occurs and is nothing else, or as far as its members."""
        return self.shapes.fresh()

    def _indexed(self, tree: Tree[Token]) -> Expr:
        """A member of a family, or an entry."""
        base, mark = cast("tuple[Tree[Token], Token]", tree.children)
        written = subscript(str(mark))
        stem = family(normal_name(str(base.children[0]))) if is_name(base) else ""
        written = [self.stands_for.get(one, one) for one in written]
        free = [one for one in written if not one.isdigit() and one not in self.bound and one not in self.letters]
        if stem in self.symbols and len(written) == 1:
            return (
                self._single(self.symbols[stem], free[0])
                if free
                else Member(self.symbols[stem], self._index_of(written[0], tree))
            )
        free += [one for one in written if one.isdigit()]  # of b_i1 a sum has the column b e_1
        arg = self.build(base)
        if len(written) > 2 or arg.is_scalar:
            raise ShapeError(
                f"an entry by {len(written)} indices",
                text=self._place(tree),
                remedy="A column has one index, a matrix two.",
            )
        if len(written) == 2 and is_name(base) and arg.is_vector:
            raise self._fail(f"{base.children[0]} is a column and has two indices", tree, "A column has one index.")
        if len(written) == 2 and written[0] in free and written[1] not in free:
            arg, written = Transpose(arg), written[::-1]  # A_ki is (A'e_k)_i
        if len(written) == 2 and written[1] in free:
            arg, written = product(arg, self._unit(written[1], arg.shape[1], tree)), written[:1]
        if written[0] in free:
            return product(Transpose(self._unit(written[0], arg.shape[0], tree)), arg)
        return Entry(arg, *(self._index_of(one, tree) for one in written))

    def _single(self, family: Symbol, letter: str) -> Symbol:
        """The member of a family by a letter that no sum runs over, as a symbol of its own."""
        name = f"{family.name}{letter}"
        return self.symbols.setdefault(name, Symbol(name, family.shape, family.properties))

    def _unit(self, letter: str, size: Dim, tree: Tree[Token]) -> Symbol:
        """The unit vector of an entry whose index no sum runs over: (Wx)_t = e_t'Wx, b_i1 = (b e_1)_i."""
        unit = unit_vector(letter, size)
        is_other = unit.name in self.given and self.given[unit.name].properties != unit.properties
        if is_other or letter in self.symbols or letter in self.counts:
            raise self._fail(f"{letter} is an index and a symbol", tree, "Use another letter for one of them.")
        unit = self.symbols.setdefault(unit.name, unit)
        if not self.shapes.unify(unit.shape[0], size):
            raise ShapeError(f"the index {letter} counts two different things", text=self._place(tree))
        self.notes[f"The entry with index {letter} is written with the unit vector {unit.name}."] = None
        return unit

    def _index_of(self, written: str, tree: Tree[Token]) -> Expr:
        if written.isdigit():
            return number(written)
        if written not in self.bound:
            raise self._fail(f"no sum around this place runs over {written}", tree, "Write the sum before it: sum_i.")
        return self.bound[written]

    def _constant(self, constant: Identity | Zero | Ones, tree: Tree[Token], sized: str) -> Expr:
        """A constant written without its size, which what stands around it must decide."""
        self.constants.append((constant, self._place(tree), sized))
        return constant

    def _dimension(self, tree: Tree[Token] | Token) -> Dim:
        if isinstance(tree, Tree) and tree.data in ("name", "number"):
            dim = dimension(str(tree.children[0]))
            self.dimensions.update(dim.names)
            return dim
        if isinstance(tree, Tree) and tree.data == "add":
            return sensible(self._dimension(tree.children[0]) + self._dimension(tree.children[-1]))
        if isinstance(tree, Tree) and tree.data == "times" and str(tree.children[1]) == "*":
            return sensible(self._dimension(tree.children[0]) * self._dimension(tree.children[2]))
        raise self._fail("a dimension is a name or a whole number", cast("Tree[Token]", tree))

    def _call(self, tree: Tree[Token]) -> Expr:
        """A function of its arguments, and perhaps a power of its value: sin^2(x)."""
        function, *rest = cast("tuple[Token, *tuple[Tree[Token], ...]]", tree.children)
        if not rest or rest[0].data != "raised":
            return self._applied(function, rest, tree)
        raised, *args = rest
        value = self._applied(function, args, tree)
        mark = cast("Token", raised.children[0])
        if mark.type == "DOTHAT":
            return entrywise_power(value, self.build(raised.children[-1]))
        written = str(mark).translate(SUPERSCRIPTS)
        exponent = number(written) if mark.type == "SUPERSCRIPT" else self._exponent(raised)
        if not value.is_scalar or (isinstance(exponent, Number) and exponent.value < 0):
            raise self._fail(
                f"it is not clear what {function} to a power is",
                tree,
                f"Put the power behind the argument: {function}(…)^2.",
            )
        return Power(value, exponent)

    def _applied(self, function: Token, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
        name = str(function)
        match name, len(args):
            case (("eye" | "I"), 1):
                return Identity(self._dimension(args[0]))
            case "zeros", 2:
                return Zero((self._dimension(args[0]), self._dimension(args[1])))
            case (("vector" | "matrix"), _):
                return self._filled(name, args, tree)
            case "kron", 2:
                left, right = map(self.build, args)
                return (
                    scale(left, right)
                    if left.is_scalar
                    else scale(right, left)
                    if right.is_scalar
                    else Kronecker(left, right)
                )
            case "ones", (1 | 2):
                return self._ones(args, function, tree)
            case "matrix_power", 2:
                return self._power(self.build(args[0]), self.build(args[1]), tree)
            case (("max" | "min"), 2):
                return self._maximum(name, args, tree)
            case "d", 1 if self.differentials:
                return Differential(self.build(args[0]))
            case "norm", (1 | 2) if (norm := self._named_norm(function, args, tree)) is not None:
                return norm
            case _, 1 if (own := self.symbols.get(name.rstrip("'"))) is not None and OF_ENTRIES in own.properties:
                return Elementwise(name, self.build(args[0]))
            case _, 1 if name.endswith("'") and parameter_of(self.symbols[name.rstrip("'")]):
                return self._curve(self.symbols[name.rstrip("'")], name.count("'"))
            case _, 2 if name in BINARY:
                return self._of_two(function, args, tree)
            case _, 1 if name in UNARY:
                if name in ("log", "ln") and (found := self._log_of_product(args[0])) is not None:
                    return found
                self.in_call += name in ("sum", "mean")
                arg = self.build(args[0])
                self.in_call -= name in ("sum", "mean")
                self._check_trace(name, arg, tree)
                if self.text[function.start_pos : function.end_pos] == f"\\{name}" and not self.in_sum:
                    self.typeset.append((function, arg, tree))
                try:
                    made = UNARY[name](arg)
                except ShapeError as error:
                    error.text = self._place(tree)
                    raise
                if isinstance(made, Spectral) and name in (*OF_SYMMETRIC, *OF_SYMMETRIC.values()):
                    self.symmetric.append((name, arg, self._place(tree)))
                for part in made.children:  # log(det(X)) of logdet(X)
                    self._required(part, tree)
                of_matrix = not arg.is_scalar and not self._is_line(arg) and not self.in_sum and not self.given
                if f"{name}m" in MATRIX_FUNCTIONS and (of_matrix or self._is_square(arg)):
                    self._note(f"{{0}} is taken of each entry; of the matrix it is {name}m(…).", tree)
                return self._required(made, tree)
        expected = 2 if name in {"kron", "zeros", "max", *BINARY} else 1
        raise self._fail(f"{name} takes {expected} argument{'s' * (expected > 1)}, not {len(args)}", tree)

    def _check_trace(self, name: str, arg: Expr, tree: Tree[Token]) -> None:
        """Try other kinds for the names in tr(rho) and sum(beta^2), which are numbers by their letters."""
        numbers = [symbol.name for symbol in arg.symbols if symbol.is_scalar and symbol.name not in self.given]
        if name in (*OF_TRACES, "sum") and arg.is_scalar and numbers and len(numbers) == len(arg.symbols):
            raise ShapeError(
                "the trace of a number" if name in OF_TRACES else "the sum of a number",
                text=self._place(tree),
                remedy=f"Declare the shape of {min(numbers)}, such as n x n.",
            )

    def _of_two(self, function: Token, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
        """A function of two arguments, such as dot(x, y)."""
        left, right = map(self.build, args)
        if function == "inner" and self._is_of_library(function) and not self._is_line(left):
            raise self._fail("inner of matrices is the product A*B'", tree, "Write A*B', or tr(A'*B).")
        if function in OF_ROWS and self._is_column(left) and not right.is_scalar and not self._is_row(right):
            left = Transpose(left)  # an array of one axis, which is a row before a matrix
            self._required(Product((left, right)), tree)
        made = BINARY[str(function)](left, right)
        for part in walk(made):
            self._required(part, tree)
        return made

    def _named_norm(self, function: Token, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr | None:
        """A norm whose kind is an argument, as in norm(X, 'fro'), or that of a library; None for any other."""
        if len(args) == 1:
            return Norm("2", self.build(args[0])) if self._is_of_library(function) else None
        kind = str(args[1].children[0]) if args[1].data in ("string", "number") else ""
        kind = kind.split("=")[-1].strip(" \"'")
        if kind == "2" and not self._is_line(arg := self.build(args[0])):
            return self._spectral_norm(arg, tree)
        if kind in ("1", "2"):
            return Norm(kind, self._line(args[0]))
        if kind != "fro":
            raise self._fail(f"the norm {self._written(args[1])} is not known", tree, "Known are 1, 2 and 'fro'.")
        return Norm("2", self.build(args[0]))

    def _spectral_norm(self, arg: Expr, tree: Tree[Token]) -> Expr:
        self._note("{0} is the largest singular value.", tree)
        return spectral_norm(arg)

    def _of_two_norms(self, tree: Tree[Token]) -> ExpressionError:
        return self._fail(
            "||X||_2 of a matrix is its largest singular value, and some write it for the Frobenius norm",
            tree,
            "For the largest singular value write norm_spec(X), for the Frobenius norm ||X||_F.",
        )

    def _is_of_library(self, function: Token) -> bool:
        """The function has the name of a library in front of it, as np.linalg.norm has."""
        return self.text[: function.start_pos].endswith(".")

    def _ones(self, args: Sequence[Tree[Token]], function: Token, tree: Tree[Token]) -> Expr:
        """A matrix of ones with its size; a column, in NumPy, where only one is given."""
        if len(args) == 1 and not self._is_of_library(function):
            raise self._fail("ones of one size is a column or a square matrix", tree, "Write ones(n, 1) or ones(n, n).")
        sides = [self._dimension(arg) for arg in args]
        return Ones((sides[0], sides[1] if len(sides) > 1 else ONE))

    def _check_of_matrices(self, e: Expr) -> None:
        """Refuse exp(X) and its like in a trace, a determinant or an inverse, where that of the matrix may be meant."""
        for whole in (Trace(e), *walk(e)):
            if isinstance(whole, Trace | Determinant | Inverse | Product):
                for part in _factors(whole if isinstance(whole, Product) else whole.arg):
                    if isinstance(part, Elementwise) and f"{part.name}m" in MATRIX_FUNCTIONS and self._is_square(part):
                        raise ShapeError(
                            f"{part.name} of a square matrix has two meanings here",
                            text=InText(self.text, 0, len(self.text)),
                            remedy=f"Of the matrix it is {part.name}m(…). For that of each entry declare the symbols,"
                            " such as X = n x n.",
                        )

    def _is_square(self, e: Expr) -> bool:
        rows, columns = map(self.shapes.find, e.shape)
        return rows == columns != ONE

    def _log_of_product(self, arg: Tree[Token]) -> Expr | None:
        """The logarithm of a product over an index: the sum of the logarithms."""
        while arg.data == "group":
            arg = cast("Tree[Token]", arg.children[0])
        if arg.data != "index_sum":
            return None
        token, body = cast("tuple[Token, Tree[Token]]", arg.children)
        over = sign(self.text, token)
        return self._summed(over, body, arg, lambda e: Elementwise("log", e)) if over.is_product else None

    def _check_entrywise(self, function: Token, arg: Expr, tree: Tree[Token]) -> None:
        r"""Refuse \exp(X) of a square matrix, which on a page may be meant of the matrix or of its entries."""
        rows, columns = map(self.shapes.find, arg.shape)
        name = "log" if function == "ln" else str(function)
        if rows != columns or rows == ONE or f"{name}m" not in MATRIX_FUNCTIONS:
            return
        of_entries = r"X^{\circ 1/2}" if name == "sqrt" else rf"\{name}^{{\circ}}(X)"
        raise self._fail(
            rf"\{function} of a square matrix has two meanings",
            tree,
            rf"Of each entry it is {of_entries}, of the matrix \operatorname{{{name}m}}(X).",
        )

    def _maximum(self, name: str, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
        """The larger of zero and something, its positive part; the smaller is minus the positive part of minus that."""
        zero = number(0)
        parts = [self.build(arg) for arg in args]
        others = [part for part in parts if part != zero]
        if len(others) != 1:
            raise self._fail(f"{name} is read with zero only", tree, "max(0, x) is the positive part, relu(x).")
        return Elementwise("relu", others[0]) if name == "max" else negative(Elementwise("relu", negative(others[0])))

    def _filled(self, name: str, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
        dims = [self._dimension(arg) for arg in args[1:]] or [
            self.shapes.fresh(any_size=True) for _ in range(2 if name == "matrix" else 1)
        ]
        entry = self.build(args[0])
        if not entry.is_scalar or len(dims) != (2 if name == "matrix" else 1):
            raise self._fail(f"{name} takes one scalar, which is each of its entries", tree)
        ones = Ones((dims[0], dims[1] if name == "matrix" else ONE))
        if not args[1:]:
            sized = f"{name}({plain(entry)}, n{', m' if name == 'matrix' else ''})"
            self._constant(ones, tree, sized)
        return ones if entry == number(1) else scale(entry, ones)

    def _matrix(self, tree: Tree[Token]) -> Expr:
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
                    text=InText(self.text, row[0].meta.start_pos, row[-1].meta.end_pos),
                    remedy="All rows have as many entries; semicolons separate rows: [1 2; 3 4].",
                )
        sensible(Dim.of(max(first, len(written))))
        entries = [[self.build(entry) for entry in row] for row in written]
        numbers = tuple(tuple(value for e in row if (value := _rational(e)) is not None) for row in entries)
        if all(len(row) == first for row in numbers):
            return Matrix(numbers)
        if any(isinstance(part, Token) and part == "," and part.start_pos == part.end_pos for part in tree.children):
            rows = "; ".join(", ".join(map(self._written, row)) for row in written)
            self._note(f"Spaces separate the blocks of {{0}}: [{rows}].", tree)
        elif len(written) == 1 and len(written[0]) == 2 and all(map(is_name, written[0])):
            left, right = map(self._written, written[0])
            self._note(f"{{0}} is a row of blocks; the commutator is {left} {right} - {right} {left}.", tree)
        blocks = [list(map(self._block, row, trees)) for row, trees in zip(entries, written, strict=True)]
        for i, line in enumerate(blocks):
            for j, block in enumerate(line):
                if j:
                    self._fit(fits(line[0], block, 0), written[i][j])
                if i:
                    self._fit(fits(blocks[0][j], block, 1), written[i][j])
        return in_blocks(blocks)

    def _block(self, e: Expr, tree: Tree[Token]) -> Expr:
        """A block of a matrix: 0 is one of zeros, of any size."""
        if e != number(0):
            return e
        shape = self.shapes.fresh(any_size=True), self.shapes.fresh(any_size=True)
        return self._constant(Zero(shape), tree, "zeros(n, m)")

    def _fit(self, agreement: Agreement, tree: Tree[Token]) -> None:
        """Make a block as large as another; raises `ShapeError` with its place where it is not."""
        try:
            self.shapes.agree(agreement)
        except ShapeError as error:
            error.text = self._place(tree)
            raise

    def _norm(self, tree: Tree[Token]) -> Expr:
        arg = self.build(tree.children[1])
        suffix = index_of(tree)
        if arg.is_scalar and arg.symbols and all(symbol.name not in self.given for symbol in arg.symbols):
            raise ShapeError("the norm of a number", text=self._place(tree), remedy="Write abs(…) for a number.")
        match suffix:
            case "1" if not self._is_line(arg):
                raise self._fail(
                    "the 1-norm of a matrix has two meanings",
                    tree,
                    "For the sum of absolute entries write norm1(…).",
                )
            case "2" if not self._is_line(arg):
                if not self.given:
                    raise self._of_two_norms(tree)
                return self._spectral_norm(arg, tree)
            case _ if is_weight(suffix) and weight_of(suffix) in self.symbols:
                return Elementwise("sqrt", self._weighted(tree))
            case "" | "2" | "F" | "fro" | "Fro":
                return Norm("2", arg)
            case "nuc":
                self._note("{0} is the sum of all singular values.", tree)
                return self._required(UNARY["norm_nuc"](arg), tree)
            case "1":
                return Norm("1", arg)
            case _ if suffix != "0" and self._is_column(arg) and (suffix.isdigit() or suffix in self.symbols):
                p = number(suffix) if suffix.isdigit() else self.symbols[suffix]
                if p.is_scalar:
                    self._note("{0} is the sum of |x_i|^p, to the power 1/p.", tree)
                    return Power(self._powers_of_entries(arg, p), reciprocal(p))
            case _:
                pass
        raise self._fail(
            f"the norm with index {suffix} is not known",
            tree,
            "Known are ||x||_2, ||x||_1, ||x||_p of columns, and ||X||_F.",
        )


def _rational(e: Expr) -> Fraction | None:
    """The rational number that an expression is; None where it is none."""
    if e.symbols or not e.is_scalar:
        return None
    try:
        ((value,),) = exact(e, {})
    except (NoValueError, Unsupported, ValueError):
        return None
    return value


def _ends_in_exponent(tree: Tree[Token] | Token) -> bool:
    """It is a power written without brackets, as in `X^-1'`, where the mark could belong to the exponent."""
    return (
        isinstance(tree, Tree)
        and tree.data in ("power", "entrywise_power")
        and isinstance(tree.children[-1], Tree)
        and tree.children[-1].data != "group"
    )


def _transposed_power(tree: Tree[Token]) -> Tree[Token] | None:
    """The power of `X^{-1}'`, whose mark behind the brackets is of the power, since an exponent is a scalar."""
    base, exponent = tree.children[0], tree.children[-1]
    if not isinstance(exponent, Tree) or exponent.data != "transpose":
        return None
    inner = exponent.children[0]
    return Tree("power", [base, inner], tree.meta) if isinstance(inner, Tree) and inner.data == "group" else None


def _factors(e: Expr) -> Iterator[Expr]:
    """The parts of a matrix that are multiplied and added as matrices."""
    if isinstance(e, Product | Sum | Scale | Transpose):
        for child in e.children:
            yield from _factors(child)
    else:
        yield e


def _has_norm_of_zero(e: Expr) -> bool:
    """It has ||a - a||, and that not as a square."""
    squared = {part.base for part in walk(e) if isinstance(part, Power) and part.exponent == number(2)}
    norms = {part for part in walk(e) if isinstance(part, Norm)} - squared
    return any(negative(one) in terms_of(norm.arg) for norm in norms for one in terms_of(norm.arg))


def _opposite(e: Expr) -> Expr:
    """Minus an expression as `a - b` means it: the sign goes into a leading number."""
    scalars, body = split_scale(e)
    if scalars and isinstance(scalars[0], Number) and scalars[0].value > 0:
        return scaled([Number(-scalars[0].value), *scalars[1:]], body)
    return negative(e)


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"
