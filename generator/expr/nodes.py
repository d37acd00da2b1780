"""Expressions: a closed union of immutable nodes that are built without being evaluated.

Sums, products and Hadamard products are flat (they are associative), a scalar times anything is a `Scale`, and
nothing else is decided here: `A*X*inv(X)` stays as it was written until a named rule changes it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from itertools import product as product_of
from math import prod
from operator import add as add_up
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, cast, dataclass_transform
from weakref import WeakValueDictionary

from generator.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class _OfEachOne(type):
    """Makes each thing once: one that has the same fields as another is that other, so that equality is identity."""

    __match_args__: tuple[str, ...]

    def __call__(cls, *args: Any, **named: Any) -> Any:
        """The thing with these fields; a new one only if there is none."""
        key = (cls, *args)
        found = None if named else _made.get(key)
        if found is None:
            new = super().__call__(*args, **named)
            found = _made.setdefault(key if len(args) == len(cls.__match_args__) else (cls, *fields(new)), new)
        return found


_made: WeakValueDictionary[tuple[Any, ...], Any] = WeakValueDictionary()


def fields(thing: Any) -> tuple[Any, ...]:
    """The values of the fields of a node or a dimension."""
    return tuple([getattr(thing, name) for name in thing.__match_args__])


@dataclass(frozen=True, eq=False)
class Dim(metaclass=_OfEachOne):
    """A dimension: whole numbers times names, added up, as `3`, `n*m` or `n + m`.

    Names that begin with `?` are still unknown.
    """

    terms: tuple[tuple[tuple[str, ...], int], ...] = (((), 1),)
    """The names of each term, and the number that multiplies them; in order, no names twice."""

    @classmethod
    def of(cls, value: int | str) -> Dim:
        """A dimension from a whole number or a name."""
        return cls((((), value),)) if isinstance(value, int) else cls((((value,), 1),))

    @classmethod
    def total(cls, terms: Iterable[tuple[tuple[str, ...], int]]) -> Dim:
        """The sum of terms."""
        found: Counter[tuple[str, ...]] = Counter()
        for names, times in terms:
            found[names] += times
        return cls(tuple(sorted(found.items(), key=lambda term: (not term[0], term[0]))))

    def __reduce__(self) -> tuple[object, ...]:
        """By its fields, so that another process takes the one that it has."""
        return Dim, fields(self)

    def __lt__(self, other: Dim) -> bool:
        return self.terms < other.terms

    def __add__(self, other: Dim) -> Dim:
        return Dim.total((*self.terms, *other.terms))

    def __mul__(self, other: Dim) -> Dim:
        if not (self.is_sum or other.is_sum):
            return Dim(((tuple(sorted(self.names + other.names)), self.number * other.number),))
        pairs = product_of(self.terms, other.terms)
        return Dim.total((tuple(sorted(mine + theirs)), a * b) for (mine, a), (theirs, b) in pairs)

    def __str__(self) -> str:
        return " + ".join("*".join(parts) for parts in self.written)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names in it, as often as they occur."""
        return tuple(name for names, _ in self.terms for name in names)

    @cached_property
    def number(self) -> int:
        """The number that multiplies the names; 1 for a sum."""
        return self.terms[0][1] if len(self.terms) == 1 else 1

    @cached_property
    def is_sum(self) -> bool:
        """It has several terms."""
        return len(self.terms) > 1

    @property
    def is_one_word(self) -> bool:
        """It is one name or one number."""
        return not self.is_sum and len(self.names) + (self.number != 1) < 2

    @property
    def written(self) -> tuple[tuple[str, ...], ...]:
        """The factors of each term as they are written, a number first."""
        return tuple((*((str(number),) if number != 1 or not names else ()), *names) for names, number in self.terms)

    @property
    def is_unknown(self) -> bool:
        """It is one name that unification has still to find."""
        return self.number == 1 and len(self.names) == 1 and not self.is_sum and self.names[0].startswith("?")

    def replace(self, known: Mapping[str, Dim]) -> Dim:
        """The dimension with names replaced by dimensions."""
        if known.keys().isdisjoint(self.names):
            return self
        if self.is_one_word:  # as nearly all are; to multiply out takes a tenth of the time of reading a long sum
            return known[self.names[0]]
        terms = (
            prod((known.get(name, Dim.of(name)) for name in names), start=Dim.of(number))
            for names, number in self.terms
        )
        return reduce(add_up, terms)


ONE = Dim()
C = TypeVar("C")
Shape: TypeAlias = tuple[Dim, Dim]
SCALAR: Shape = (ONE, ONE)


def shape_text(shape: Shape) -> str:
    """A shape as people write it: `n × m`."""
    rows, columns = (f"({dim})" if dim.is_sum else str(dim) for dim in shape)
    return f"{rows} × {columns}"


class Node(metaclass=_OfEachOne):
    """What all nodes share: the operators of matrix algebra, and what is known of the parts."""

    __match_args__: ClassVar[tuple[str, ...]] = ()  # the names of the fields, which `dataclass` fills in
    to_text: ClassVar[Callable[[Expr], str]]
    """The printer of plain text, which this package's `__init__` puts in: it knows all nodes."""

    if TYPE_CHECKING:

        @property
        def shape(self) -> Shape:
            """Rows and columns."""

    def __reduce__(self) -> tuple[object, ...]:
        """By its fields, so that another process takes the one that it has."""
        return type(self), fields(self)

    def __str__(self) -> str:
        """Plain text that the parser reads back."""
        return Node.to_text(cast("Expr", self))

    @cached_property
    def children(self) -> tuple[Expr, ...]:
        """The nodes directly below, in order."""
        found: list[Expr] = []
        for value in fields(self):
            if isinstance(value, Node):
                found.append(cast("Expr", value))
            elif isinstance(value, tuple):
                found.extend(cast("Expr", part) for part in value if isinstance(part, Node))
        return tuple(found)

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        """Every symbol that occurs in it."""
        return frozenset().union(*(child.symbols for child in self.children))

    @cached_property
    def declarations(self) -> frozenset[str]:
        """All that is declared of the symbols in it."""
        return frozenset().union(*(symbol.properties for symbol in self.symbols))

    @cached_property
    def kinds(self) -> frozenset[type]:
        """The types of all nodes in it."""
        return frozenset((type(self),)).union(*(child.kinds for child in self.children))

    @cached_property
    def count(self) -> int:
        """How many nodes it has, each as often as it occurs."""
        return 1 + sum(child.count for child in self.children)

    @cached_property
    def has_differential(self) -> bool:
        """A differential occurs in it."""
        return any(child.has_differential for child in self.children)

    @cached_property
    def has_written_matrix(self) -> bool:
        """A matrix occurs in it whose entries, or blocks, are written out."""
        return any(child.has_written_matrix for child in self.children)

    @cached_property
    def sum_depth(self) -> int:
        """How many sums over an index stand inside of each other in it."""
        inside = max((child.sum_depth for child in self.children), default=0)
        return inside + 1 if isinstance(self, IndexSum) else inside

    @cached_property
    def indices(self) -> frozenset[Symbol]:
        """The indices in it that no sum in it runs over."""
        return frozenset(symbol for symbol in self.symbols if symbol.is_index)

    @property
    def is_scalar(self) -> bool:
        """It is 1 × 1."""
        return self.shape == SCALAR

    @property
    def is_vector(self) -> bool:
        """It is a column with more than one row."""
        return self.shape[1] == ONE and self.shape[0] != ONE

    @property
    def is_square(self) -> bool:
        """It has as many rows as columns."""
        return self.shape[0] == self.shape[1]

    @property
    def T(self) -> Expr:
        """The transpose."""
        return Transpose(cast("Expr", self))

    @property
    def I(self) -> Expr:
        """The inverse."""
        return inverse(cast("Expr", self))

    def __add__(self, other: Expr) -> Expr:
        return add(cast("Expr", self), other)

    def __sub__(self, other: Expr) -> Expr:
        return add(cast("Expr", self), -other)

    def __neg__(self) -> Expr:
        return negative(cast("Expr", self))

    def __matmul__(self, other: Expr) -> Expr:
        return product(cast("Expr", self), other)

    def __mul__(self, other: Expr) -> Expr:
        return scale(cast("Expr", self), other)

    def __rmul__(self, other: int | Fraction) -> Expr:
        return scale(number(other), cast("Expr", self))

    def __truediv__(self, other: Expr | int) -> Expr:
        divisor = number(other) if isinstance(other, int) else other
        return scale(reciprocal(divisor), cast("Expr", self))

    def __pow__(self, exponent: Expr | int | Fraction) -> Expr:
        return Power(cast("Expr", self), exponent if isinstance(exponent, Node) else number(exponent))


@dataclass_transform(frozen_default=True, eq_default=False)
def node(cls: type[C]) -> type[C]:
    """A frozen dataclass that keeps the identity of `Node`."""
    return dataclass(frozen=True, eq=False)(cls)


@node
class Number(Node):
    """An exact rational number."""

    value: Fraction
    shape = SCALAR


@node
class Pi(Node):
    """The number π."""

    shape = SCALAR


@node
class Symbol(Node):
    """A named scalar, column vector or matrix, with what is declared of it; a family of these; or an index."""

    name: str
    shape: Shape
    properties: frozenset[str] = frozenset()
    total: Dim | None = None
    """How many members a family has, whose name ends in `_`, or how many values an index has; else None."""

    @property
    def dims(self) -> tuple[Dim, ...]:
        """The dimensions of its shape, and the number of members that a family has."""
        return self.shape if self.total is None else (*self.shape, self.total)

    @property
    def is_index(self) -> bool:
        """It counts the members of families and the entries of matrices."""
        return INDEX in self.properties

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        """Itself."""
        return frozenset((self,))


def parameter_of(symbol: Symbol) -> str:
    """The scalar that a symbol is declared to depend on, as in `n x n of t`; empty where there is none."""
    return next((name.removeprefix(OF) for name in symbol.properties if name.startswith(OF)), "")


OF = "of "
"""The prefix of the property that names the scalar on which a symbol depends."""
INDEX = "index"
"""The property of a symbol that is an index, 1, 2, … up to its count."""
INDEX_NAMES = ("i", "j", "l", "r", "s", "t", *(f"i{k}" for k in range(2, 40)))
"""The names of indices that sums run over: the innermost is i, the one around it j, and so on."""


@node
class Member(Node):
    """x_i: one of a family of scalars, columns or matrices of one shape; the index is an index or a whole number."""

    family: Symbol
    index: Expr

    @property
    def shape(self) -> Shape:
        return self.family.shape


@node
class Members(Node):
    """(x_1, …, x_n): all members of a family of scalars, columns or matrices, side by side."""

    family: Symbol

    @property
    def shape(self) -> Shape:
        rows, columns = self.family.shape
        assert self.family.total is not None
        return rows, columns * self.family.total


@node
class Curve(Node):
    """A(t): a scalar, column or matrix that depends on a scalar, or its derivative of some order by that."""

    symbol: Symbol
    at: Expr
    order: int

    @property
    def shape(self) -> Shape:
        return self.symbol.shape


@node
class Entry(Node):
    """An entry of a column, by one index, or of a matrix, by two; an index is an index or a whole number."""

    arg: Expr
    row: Expr
    column: Expr | None = None
    shape = SCALAR


@node
class IndexSum(Node):
    """The sum of an expression over all values of an index, which `index_sum` names by its place."""

    index: Symbol
    body: Expr

    @property
    def shape(self) -> Shape:
        return self.body.shape

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        """Those of the body but the index, which means nothing outside."""
        return self.body.symbols - {self.index}


@node
class Identity(Node):
    """The identity matrix with n rows."""

    n: Dim

    @property
    def shape(self) -> Shape:
        return (self.n, self.n)


@node
class Zero(Node):
    """The matrix of zeros."""

    shape: Shape


@node
class Ones(Node):
    """The matrix of ones; as a column, the vector of ones."""

    shape: Shape


@node
class Matrix(Node):
    """A matrix of exact numbers, row by row."""

    rows: tuple[tuple[Fraction, ...], ...]
    has_written_matrix = True

    @cached_property
    def shape(self) -> Shape:
        return (Dim.of(len(self.rows)), Dim.of(len(self.rows[0])))


@node
class BlockMatrix(Node):
    """A matrix made of matrices, row by row; where all are scalars, one with these entries."""

    width: int
    """The number of blocks in a row."""
    blocks: tuple[Expr, ...]
    has_written_matrix = True

    @cached_property
    def shape(self) -> Shape:
        return (reduce(add_up, self.heights), reduce(add_up, self.widths))

    @property
    def heights(self) -> tuple[Dim, ...]:
        """The rows of the blocks below each other."""
        return tuple(row[0].shape[0] for row in self.lines)

    @property
    def widths(self) -> tuple[Dim, ...]:
        """The columns of the blocks beside each other."""
        return tuple(block.shape[1] for block in self.blocks[: self.width])

    @cached_property
    def lines(self) -> tuple[tuple[Expr, ...], ...]:
        """The blocks of each row."""
        starts = range(0, len(self.blocks), self.width)
        return tuple(self.blocks[start : start + self.width] for start in starts)

    @property
    def columns(self) -> tuple[tuple[Expr, ...], ...]:
        """The blocks of each column."""
        return tuple(self.blocks[start :: self.width] for start in range(self.width))


@node
class Sum(Node):
    """Two or more terms of one shape."""

    terms: tuple[Expr, ...]

    @cached_property
    def shape(self) -> Shape:
        return self.terms[0].shape


@node
class Product(Node):
    """Two or more factors, none of them 1 × 1, multiplied as matrices."""

    factors: tuple[Expr, ...]

    @cached_property
    def shape(self) -> Shape:
        return (self.factors[0].shape[0], self.factors[-1].shape[1])


@node
class Scale(Node):
    """A scalar times a body that is not itself a `Scale`; of several scalars the coefficient holds all but the last."""

    coefficient: Expr
    body: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.body.shape


@node
class Power(Node):
    """A scalar to any scalar power, or a square matrix to a whole power: a number of at least 2, or a name for one."""

    base: Expr
    exponent: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.base.shape


@node
class Transpose(Node):
    """The transpose."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return (self.arg.shape[1], self.arg.shape[0])


@node
class Inverse(Node):
    """The inverse of a square matrix."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.arg.shape


@node
class PseudoInverse(Node):
    """The Moore-Penrose inverse."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return (self.arg.shape[1], self.arg.shape[0])


@node
class Adjugate(Node):
    """The adjugate of a square matrix: det(A) A⁻¹ where A is invertible."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.arg.shape


@node
class Trace(Node):
    """The sum of the diagonal entries of a square matrix."""

    arg: Expr
    shape = SCALAR


@node
class Determinant(Node):
    """The determinant of a square matrix."""

    arg: Expr
    shape = SCALAR


@node
class EntrySum(Node):
    """The sum of all entries."""

    arg: Expr
    shape = SCALAR


@node
class Norm(Node):
    """A norm: kind "2" is the root of the sum of squared entries (Frobenius), "1" the sum of absolute entries."""

    kind: str
    arg: Expr
    shape = SCALAR


@node
class Diag(Node):
    """The diagonal matrix that has a column vector on its diagonal."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return (self.arg.shape[0], self.arg.shape[0])


@node
class CrossMatrix(Node):
    """The skew-symmetric matrix of the cross product with a column of three: its product with y is x × y."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return (self.arg.shape[0], self.arg.shape[0])


@node
class Diagonal(Node):
    """The column vector of the diagonal entries of a square matrix."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return (self.arg.shape[0], ONE)


@node
class Vec(Node):
    """The columns of a matrix, stacked."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return (self.arg.shape[0] * self.arg.shape[1], ONE)


@node
class Unvec(Node):
    """The n × m matrix whose columns, stacked, are a vector."""

    arg: Expr
    n: Dim
    m: Dim

    @property
    def shape(self) -> Shape:
        return (self.n, self.m)


@node
class Kronecker(Node):
    """The Kronecker product of two matrices."""

    left: Expr
    right: Expr

    @cached_property
    def shape(self) -> Shape:
        (a, b), (c, d) = self.left.shape, self.right.shape
        return (a * c, b * d)


@node
class Commutation(Node):
    """The matrix of zeros and ones that turns vec(A) into vec(A′) for every n × m matrix A."""

    n: Dim
    m: Dim

    @property
    def shape(self) -> Shape:
        return (self.n * self.m, self.n * self.m)


@node
class Spectral(Node):
    """A rank, eigenvalues or singular values of a matrix, or vectors that belong to them.

    Of a matrix of numbers, and not differentiated: `rank`; `eigenvalues`, a column from the largest to the smallest,
    each as often as its multiplicity; `eigenvectors`, the columns of a matrix in the same order. Of a symmetric matrix:
    `lambda_max` and `lambda_min`, its largest and smallest eigenvalue, with the unit eigenvectors `eigvec_max` and
    `eigvec_min`. Of any matrix: `norm_spec`, its largest singular value, with the unit singular vectors `left_singular`
    and `right_singular`. Vectors are unique up to their signs, which pairs share, where the value is simple.
    """

    name: str
    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        rows, columns = self.arg.shape
        match self.name:
            case "rank" | "lambda_max" | "lambda_min" | "norm_spec":
                return SCALAR
            case "eigenvectors":
                return (rows, rows)
            case "right_singular":
                return (columns, ONE)
            case _:
                return (rows, ONE)


@node
class MatrixFunction(Node):
    """A function of a square matrix by power series, by its name in the table of these functions."""

    name: str
    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.arg.shape


@node
class Elementwise(Node):
    """A scalar function, by its name in the table of functions, applied to each entry."""

    name: str
    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.arg.shape


@node
class Softmax(Node):
    """The softmax of each column: positive entries in proportion to their exponentials, which add up to 1."""

    arg: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.arg.shape


@node
class Hadamard(Node):
    """Two or more factors of one shape, none 1 × 1, multiplied entry by entry."""

    factors: tuple[Expr, ...]

    @cached_property
    def shape(self) -> Shape:
        return self.factors[0].shape


@node
class HadamardPower(Node):
    """Each entry to a power; of base and exponent, at most one is a scalar, which then is the same for all entries."""

    base: Expr
    exponent: Expr

    @cached_property
    def shape(self) -> Shape:
        return self.exponent.shape if self.base.is_scalar else self.base.shape


@node
class Differential(Node):
    """d of an expression: its change to first order, of the same shape."""

    arg: Expr
    has_differential = True

    @cached_property
    def shape(self) -> Shape:
        return self.arg.shape


Expr: TypeAlias = (
    Number
    | Pi
    | Matrix
    | BlockMatrix
    | Symbol
    | Member
    | Members
    | Curve
    | Entry
    | IndexSum
    | Identity
    | Zero
    | Ones
    | Sum
    | Product
    | Scale
    | Power
    | Transpose
    | Inverse
    | PseudoInverse
    | Adjugate
    | Trace
    | Determinant
    | EntrySum
    | Norm
    | Diag
    | Diagonal
    | CrossMatrix
    | Vec
    | Unvec
    | Kronecker
    | Commutation
    | Spectral
    | MatrixFunction
    | Elementwise
    | Softmax
    | Hadamard
    | HadamardPower
    | Differential
)


OF_NUMBERS_ONLY = ("rank", "eigenvalues", "eigenvectors")
"""The names of `Spectral` nodes that are not differentiated."""
OF_SYMMETRIC = {"lambda_max": "eigvec_max", "lambda_min": "eigvec_min"}
"""Single eigenvalues of symmetric matrices, and the eigenvectors that belong to them."""


def number(value: int | str | Fraction) -> Expr:
    """An exact number."""
    return Number(Fraction(value))


def zeros(shape: Shape) -> Expr:
    """The zero of a shape; as a scalar, the number 0."""
    return Number(Fraction(0)) if shape == SCALAR else Zero(shape)


def ones(shape: Shape) -> Expr:
    """The matrix of ones of a shape; as a scalar, the number 1."""
    return Number(Fraction(1)) if shape == SCALAR else Ones(shape)


def add(*terms: Expr) -> Expr:
    """The sum of terms of one shape, flat."""
    flat = tuple(part for term in terms for part in (term.terms if isinstance(term, Sum) else (term,)))
    return flat[0] if len(flat) == 1 else Sum(flat)


def negative(arg: Expr) -> Expr:
    """Minus an expression; of a number, the opposite number."""
    return Number(-arg.value) if isinstance(arg, Number) else scale(number(-1), arg)


def scale(coefficient: Expr, body: Expr) -> Expr:
    """A scalar times an expression, with the scalars of the body moved to the coefficient."""
    if isinstance(body, Scale):
        return Scale(scale(coefficient, body.coefficient), body.body)
    return Scale(coefficient, body)


def scaled(factors: Sequence[Expr], body: Expr | None = None) -> Expr:
    """The product of scalars and at most one body; 1 where there are none."""
    parts = [*factors] if body is None else [*factors, body]
    if not parts:
        return number(1)
    result = parts[0]
    for part in parts[1:]:
        result = scale(result, part)
    return result


def product(*factors: Expr) -> Expr:
    """The matrix product, flat; whatever is 1 × 1 in it becomes a coefficient."""
    scalars: list[Expr] = []
    chain: list[Expr] = []
    for factor in (part for f in factors for part in (f.factors if isinstance(f, Product) else (f,))):
        if factor.is_scalar:
            scalars.append(factor)
            continue
        chain.append(factor)
        if chain[0].shape[0] == ONE == factor.shape[1]:  # (x'y) is a scalar: it multiplies what follows
            scalars.append(Product(tuple(chain)))
            chain = []
    if not chain:
        return scaled(scalars)
    return scaled(scalars, chain[0] if len(chain) == 1 else Product(tuple(chain)))


def hadamard(*factors: Expr) -> Expr:
    """The entrywise product, flat; of scalars it is the ordinary product."""
    flat = [part for f in factors for part in (f.factors if isinstance(f, Hadamard) else (f,))]
    scalars = [f for f in flat if f.is_scalar]
    bodies = [f for f in flat if not f.is_scalar]
    if not bodies:
        return scaled(scalars)
    return scaled(scalars, bodies[0] if len(bodies) == 1 else Hadamard(tuple(bodies)))


def inverse(arg: Expr) -> Expr:
    """The inverse of a square matrix; of a scalar, its reciprocal."""
    return reciprocal(arg) if arg.is_scalar else Inverse(arg)


def reciprocal(arg: Expr) -> Expr:
    """One over a scalar; of a positive power, the negative one."""
    if isinstance(arg, Number) and arg.value != 0:
        return Number(1 / arg.value)
    if isinstance(arg, Power) and isinstance(arg.exponent, Number) and arg.exponent.value > 0:
        return Power(arg.base, Number(-arg.exponent.value))
    return Power(arg, number(-1))


def entrywise_power(base: Expr, exponent: Expr) -> Expr:
    """The entrywise power; of scalars, the ordinary one."""
    return Power(base, exponent) if base.is_scalar and exponent.is_scalar else HadamardPower(base, exponent)


def in_blocks(lines: Sequence[Sequence[Expr]]) -> Expr:
    """The matrix with these blocks in its rows; a single block is that."""
    parts = tuple(block for line in lines for block in line)
    return parts[0] if len(parts) == 1 else BlockMatrix(len(lines[0]), parts)


def commutation(n: Dim, m: Dim) -> Expr:
    """The matrix that turns vec(A) into vec(A′) for an n × m matrix A; of rows and columns, the identity."""
    return Identity(n * m) if ONE in (n, m) else Commutation(n, m)


def index(name: str, count: Dim) -> Symbol:
    """An index with the values 1, 2, … up to a number."""
    return Symbol(name, SCALAR, frozenset((INDEX,)), count)


def unit_vector(letter: str, size: Dim) -> Symbol:
    """e_k, whose entry with index k is 1, and all others are 0."""
    return Symbol(f"{UNIT}{letter}", (size, ONE), frozenset((ONE_HOT,)))


def entry_of(e: Entry) -> tuple[Expr, tuple[Expr, ...]]:
    """The matrix or column of an entry, and its indices; a unit vector is an index: (A e_k)_i is A_ik."""
    match e.arg:
        case Product((Transpose(arg), Symbol() as unit)) if _is_unit(unit) and e.column is None:
            return arg, (_index_of(unit), e.row)
        case Product((*factors, Symbol() as unit)) if _is_unit(unit) and e.column is None:
            return product(*factors), (e.row, _index_of(unit))
        case arg:
            return arg, tuple(place for place in (e.row, e.column) if place is not None)


def _is_unit(symbol: Symbol) -> bool:
    """It is a unit vector, whose letter no sum around it can have as the name of its index."""
    letter = symbol.name.removeprefix(UNIT)
    return ONE_HOT in symbol.properties and letter not in (symbol.name, *INDEX_NAMES)


def _index_of(unit: Symbol) -> Symbol:
    return Symbol(unit.name.removeprefix(UNIT), SCALAR)


UNIT = "e_"
"""How the names of unit vectors begin."""
ONE_HOT = "one-hot"
"""The property of a column with one entry 1, and zeros."""


def named(symbol: Symbol) -> Expr:
    """The expression by which a sentence names a symbol: x_i for a family, else the symbol."""
    return symbol if symbol.total is None else any_member(symbol)


def any_member(family: Symbol) -> Expr:
    """x_i, by which sentences name a family."""
    assert family.total is not None
    return Member(family, index(INDEX_NAMES[0], family.total))


def index_sum(over: Symbol, body: Expr) -> Expr:
    """The sum of a body over an index, which is renamed: sums that differ in the names of indices are one sum.

    An index is named by how many sums stand inside of its own, so that none has the name of one around it. Where a
    part is built before what is around it, it may have to take a later name; the sum around it puts that right.
    """
    free = {symbol.name for symbol in body.indices - {over}}
    depth = body.sum_depth
    bound = {part.index.name for part in walk(body) if isinstance(part, IndexSum)} if depth else set()
    name = next(name for name in INDEX_NAMES[depth:] if name not in free)
    if over.name == name and bound <= {*INDEX_NAMES[:depth]}:
        return IndexSum(over, body)
    assert over.total is not None
    apart = index(f"?{depth}", over.total)  # what stands inside takes its own name again before this one does
    body = substitute(substitute(body, {over: apart}), {apart: index(name, over.total)})
    return IndexSum(index(name, over.total), body)


def named_from_outside(e: Expr) -> Expr:
    """With the outermost index named i, for printing; `index_sum` would name it anew."""
    return _renamed(e, {}, 0) if e.sum_depth > 1 else e


def _renamed(e: Expr, names: Mapping[Expr, Expr], level: int) -> Expr:
    if not e.sum_depth:
        return substitute(e, names)
    if isinstance(e, IndexSum) and e.index.total is not None:
        used = {symbol.name for symbol in e.indices if symbol not in names}
        name = [name for name in INDEX_NAMES if name not in used][level]
        new = index(name, e.index.total)
        return IndexSum(new, _renamed(e.body, {**names, e.index: new}, level + 1))
    return rebuild(e, [_renamed(child, names, level) for child in e.children])


def quotient_of(e: Softmax) -> Expr:
    """A softmax as the quotient of exponentials and their sum."""
    powers = Elementwise("exp", e.arg)
    if e.shape[1] == ONE:
        return scale(reciprocal(EntrySum(powers)), powers)
    sums = product(Ones((e.shape[0], e.shape[0])), powers)
    return hadamard(powers, HadamardPower(sums, number(-1)))


def softmax_of_rows(arg: Expr) -> Expr:
    """The softmax of each row."""
    return Transpose(Softmax(Transpose(arg)))


def turned(arg: Expr) -> Expr:
    """The transpose; of a transpose, what that is of."""
    return arg.arg if isinstance(arg, Transpose) else Transpose(arg)


def d(arg: Expr) -> Expr:
    """The differential."""
    return Differential(arg)


def tr(arg: Expr) -> Expr:
    """The trace."""
    return Trace(arg)


def coefficient_factors(e: Expr) -> tuple[Expr, ...]:
    """The factors of a product of scalars, in order."""
    return (*coefficient_factors(e.coefficient), e.body) if isinstance(e, Scale) else (e,)


def split_scale(e: Expr) -> tuple[tuple[Expr, ...], Expr]:
    """The scalar factors of an expression, and what they multiply."""
    return (coefficient_factors(e.coefficient), e.body) if isinstance(e, Scale) else ((), e)


def base_and_exponent(e: Expr) -> tuple[Expr, Expr]:
    """A scalar as a power: a and 1/2 of √a, a and -1 of (√a)⁻², a and 1 of a itself."""
    match e:
        case Power(Elementwise("sqrt", arg), Number(value)):
            return arg, Number(value / 2)
        case Power(base, exponent):
            return base, exponent
        case Elementwise("sqrt", arg):
            return arg, number("1/2")
        case _:
            return e, number(1)


def terms_of(e: Expr) -> tuple[Expr, ...]:
    """The terms of a sum; of anything else, itself."""
    return e.terms if isinstance(e, Sum) else (e,)


def factors_of(e: Expr) -> tuple[Expr, ...]:
    """The factors of a matrix product; of anything else, itself."""
    return e.factors if isinstance(e, Product) else (e,)


def rebuild(e: Expr, children: Sequence[Expr]) -> Expr:
    """The same node over other children, flat again where it has to be."""
    match e:
        case Sum():
            return add(*children)
        case Product():
            return product(*children)
        case Hadamard():
            return hadamard(*children)
        case Scale():
            return scale(*children)
        case Number() | Pi() | Matrix() | Symbol() | Identity() | Zero() | Ones() | Commutation():
            return e
        case IndexSum():
            return index_sum(cast("Symbol", children[0]), children[1])
        case HadamardPower():
            return entrywise_power(*children)
        case Inverse():
            return inverse(*children)
        case Norm(kind):
            return Norm(kind, *children)
        case Unvec(_, n, m):
            return Unvec(children[0], n, m)
        case Curve(symbol, _, order):
            if not isinstance(children[0], Symbol):
                raise Unsupported(
                    f"{symbol.name} depends on a scalar, and nothing can stand in its place",
                    remedy=f"Declare {symbol.name} without `of` for a constant.",
                )
            return Curve(children[0], children[1], order)
        case BlockMatrix(width):
            return BlockMatrix(width, tuple(children))
        case Spectral(name):
            return Spectral(name, *children)
        case MatrixFunction(name):
            return MatrixFunction(name, *children)
        case Elementwise(name):
            return Elementwise(name, *children)
        case _:
            return cast("Callable[..., Expr]", type(e))(*children)


def walk(e: Expr) -> Iterator[Expr]:
    """Every node, parents before children."""
    ahead = [e]
    while ahead:
        part = ahead.pop()
        yield part
        ahead += reversed(part.children)


def substitute(e: Expr, replacements: Mapping[Expr, Expr]) -> Expr:
    """The expression with each occurrence of some nodes replaced, all at once."""
    if not replacements:
        return e
    if e in replacements:
        return replacements[e]
    if not e.children:
        return e
    if isinstance(e, IndexSum):
        return _substitute_in_sum(e, replacements)
    children = [substitute(child, replacements) for child in e.children]
    return e if all(a is b for a, b in zip(children, e.children, strict=True)) else rebuild(e, children)


def substitute_products(e: Expr, replacements: Mapping[Expr, Expr]) -> Expr:
    """The same, the largest first, for products also where they are some of the factors of a longer product."""
    for part in sorted(replacements, key=size, reverse=True):
        e = substitute(e, {part: replacements[part]})
        if isinstance(part, Product):
            e = _in_longer_products(e, part, replacements[part])
    return e


def _in_longer_products(e: Expr, part: Product, new: Expr) -> Expr:
    if Product not in e.kinds or not part.symbols <= e.symbols:
        return e
    children = [_in_longer_products(child, part, new) for child in e.children]
    if any(a is not b for a, b in zip(children, e.children, strict=True)):
        e = rebuild(e, children)
    if isinstance(e, Product) and (at := run_in(e.factors, part.factors)) is not None:
        return product(*e.factors[:at], new, *e.factors[at + len(part.factors) :])
    return e


def run_in(factors: Sequence[Expr], run: Sequence[Expr]) -> int | None:
    """Where some factors stand one behind the other among others; None where they do not."""
    starts = range(len(factors) - len(run) + 1)
    return next((k for k in starts if tuple(factors[k : k + len(run)]) == tuple(run)), None)


def _substitute_in_sum(e: IndexSum, replacements: Mapping[Expr, Expr]) -> Expr:
    """The same in a sum, whose index is none of those outside that what is put in may have."""
    over, body = e.index, e.body
    if any(over in part.symbols for part in replacements):
        replacements = {part: new for part, new in replacements.items() if over not in part.symbols}
    if any(symbol.name == over.name for new in replacements.values() for symbol in new.indices):
        assert over.total is not None
        apart = index(f"{over.name}?", over.total)
        over, body = apart, substitute(body, {over: apart})
    new = substitute(body, replacements)
    return e if new is e.body else index_sum(over, new)


def with_dims(e: Expr, known: Mapping[str, Dim]) -> Expr:
    """The expression with dimension names replaced everywhere."""

    def shape(s: Shape) -> Shape:
        return (s[0].replace(known), s[1].replace(known))

    if not known:
        return e
    match e:
        case Symbol(name, s, properties, count):
            return Symbol(name, shape(s), properties, count and count.replace(known))
        case Identity(n):
            return Identity(n.replace(known))
        case Zero(s):
            return zeros(shape(s))
        case Ones(s):
            return ones(shape(s))
        case Commutation(n, m):
            return Commutation(n.replace(known), m.replace(known))
        case Unvec(arg, n, m):
            return Unvec(with_dims(arg, known), n.replace(known), m.replace(known))
        case _:
            return rebuild(e, [with_dims(child, known) for child in e.children]) if e.children else e


def size(e: Expr) -> int:
    """How many nodes an expression has."""
    return 1 + sum(size(child) for child in e.children)
