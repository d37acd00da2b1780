"""Expressions as numbers: NumPy arrays for given symbols, and differentials by a step in the imaginary direction.

For an analytic f, Im f(X + ihV)/h is the directional derivative at X along V, exact to rounding for tiny h because
nothing is subtracted (Squire and Trapp 1998). No rule of differentiation is known here, so this can check those that
are used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, reduce
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from generator.expr.functions import EDGE, FUNCTIONS
from generator.expr.nodes import (
    OF_NUMBERS_ONLY,
    Adjugate,
    BlockMatrix,
    Commutation,
    CrossMatrix,
    Curve,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    Entry,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    IndexSum,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Member,
    Members,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Shape,
    Softmax,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    Zero,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from fractions import Fraction

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

STEP = 1e-20
"""The length of the imaginary step; nothing cancels, so it can be far below rounding."""
SECOND_STEP = 2.0**-13
"""The real step of the outer of two differentials, where the imaginary direction is taken already."""
STEPS_AGREE = 1e-4
"""How far the differences of that step and of one twice as long may be apart: what is left of both is its square."""


TINY = 1e-2
"""The size below which errors are no longer relative to it: zero is met up to rounding only."""
LAST_DIGITS = 4e-16
"""The relative change of a number in its last digit or two."""
ILL_CONDITIONED = 1e4
"""The largest entry of a matrix times the largest of its inverse beyond which too few digits are left."""
CLUSTER = 1e-3
"""Computed eigenvalues nearer to each other than this, relative to their size, count as one of higher multiplicity."""

MULTIPLE = 1e-2
"""Eigenvalues nearer to each other than this, relative to their size, count as one that is not simple."""
NEWTON_STEPS = 3
"""From a solution that is exact to rounding in its real part, each step doubles the digits of the rest."""

LARGEST_CHECKED = 6
"""The largest dimension given as a number that random points keep; larger ones are replaced by small ones.

What holds for matrices of any size holds for those of 50 rows, whose derivatives have millions of entries.
"""

MOST_KNOWN = 5000
"""So many values are kept for a point that other functions are evaluated at, too."""


class _SpecialFunctions:
    """NumPy with the special functions of SciPy, which is loaded only where one is asked for."""

    def __getattr__(self, name: str) -> Any:
        if hasattr(np, name):
            return getattr(np, name)
        import scipy.special

        return getattr(scipy.special, name)


SPECIAL = _SpecialFunctions()


class UndefinedError(ArithmeticError):
    """The expression has no value, or no derivative, at these numbers; others may do."""


@dataclass(frozen=True)
class Point:
    """Values for symbols and dimensions, directions for their differentials, and symbols that stand for expressions.

    Values and directions may be stacks of matrices: then everything is evaluated for all of them at once.
    """

    values: Mapping[str, Array]
    dims: Mapping[str, int]
    directions: Mapping[str, Array] = field(default_factory=dict)
    definitions: Mapping[str, Expr] = field(default_factory=dict)
    reduced: Mapping[int, int] = field(default_factory=dict)
    """For every dimension that is a number, the one used here; empty where all are kept."""
    origin: Point | None = field(default=None, init=False, repr=False, compare=False)
    """The point that this one was made from: what does not depend on what is its own has the same value there."""
    own: frozenset[str] = field(default=frozenset(), init=False, repr=False, compare=False)
    """The names that stand for something else than they did there."""
    known: dict[Expr, Array] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was evaluated here already; lines of one derivation share most of their parts."""
    finite: set[Expr] = field(default_factory=set, init=False, repr=False, compare=False)
    """Whose value is known to be one."""
    moved: dict[complex, Point] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The points a step away that were asked for already."""

    indexed: dict[tuple[str, int], Point] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The points where an index has a value that were asked for already."""

    def size(self, dim: Dim) -> int:
        """The whole number that a dimension is here."""
        if dim.is_sum:
            return sum(self.size(Dim((term,))) for term in dim.terms)
        total = _reduced(dim.number, self.reduced) or dim.number
        for name in dim.names:
            total *= self.dims[name]
        return total

    def array_shape(self, shape: Shape) -> tuple[int, int]:
        """Rows and columns as whole numbers."""
        return self.size(shape[0]), self.size(shape[1])

    def at_index(self, index: Symbol, value: int) -> Point:
        """The point where an index has a value, from 1 on."""
        key = (index.name, value)
        if key not in self.indexed:
            self.indexed[key] = self.changed({index.name: np.array([[float(value)]])})
        return self.indexed[key]

    def at_all(self, indices: Iterable[Symbol]) -> list[Point]:
        """The points where indices have all their values, in all combinations."""
        points = [self]
        for index in sorted(indices, key=lambda index: index.name):
            assert index.total is not None
            points = [p.at_index(index, k) for p in points for k in range(1, self.size(index.total) + 1)]
        return points

    def step(self, length: complex) -> Point:
        """The point a step along the directions; symbols without a direction stay."""
        if length not in self.moved:
            self.moved[length] = self._step(length)
        return self.moved[length]

    def _step(self, length: complex) -> Point:
        if self.origin is not None and self.own.isdisjoint(self.directions):
            there = self.origin.step(length)
            kept = {name: value for name, value in self.values.items() if name in self.own}
            return there.changed(kept, definitions=self.definitions)
        moved = {name: self.values[name] + length * direction for name, direction in self.directions.items()}
        return self.changed(moved)

    def changed(
        self,
        values: Mapping[str, Array] | None = None,
        *,
        directions: Mapping[str, Array] | None = None,
        definitions: Mapping[str, Expr] | None = None,
    ) -> Point:
        """The point where some names have other values, directions or meanings; all else is looked up here."""
        values, moving = values or {}, self.directions if directions is None else directions
        meanings = self.definitions if definitions is None else definitions
        point = Point({**self.values, **values}, self.dims, moving, meanings, self.reduced)
        object.__setattr__(point, "origin", self)
        object.__setattr__(point, "own", frozenset((*values, *(directions or ()), *meanings)))
        return point


def _reduced(number: int, reduced: Mapping[int, int]) -> int | None:
    """What a dimension becomes with others reduced, of which it may be the product; None if it is none of them."""
    if number == 1 or number in reduced:
        return reduced.get(number, 1)
    for known, size in reduced.items():
        if number % known == 0 and (rest := _reduced(number // known, reduced)) is not None:
            return size * rest
    return None


def evaluate(e: Expr, point: Point) -> Array:
    """The value of an expression as rows and columns; raises UndefinedError where it has none."""
    if e in point.finite:
        return point.known[e]
    with np.errstate(all="ignore"):
        try:
            value = _value(e, point)
        except np.linalg.LinAlgError as error:
            raise UndefinedError(str(error)) from None
    if not np.isfinite(value).all():
        raise UndefinedError(f"{type(e).__name__} is not finite")
    point.finite.add(e)
    return value


def _value(e: Expr, at: Point) -> Array:
    found = at.known.get(e)
    if found is None:
        if at.origin is not None and not any(s.name in at.own for s in e.symbols):
            found = _value(e, at.origin)
        else:
            found = _computed(e, at)
        at.known[e] = found
    return found


def _computed(e: Expr, at: Point) -> Array:  # noqa: C901, PLR0915 - one branch per node
    match e:
        case Symbol(name):
            return _value(at.definitions[name], at) if name in at.definitions else at.values[name]
        case Product(factors):
            return reduce(np.matmul, [_value(factor, at) for factor in factors])
        case Scale(coefficient, body):
            return np.asarray(_value(coefficient, at) * _value(body, at))
        case Sum(terms):
            return reduce(np.add, [_value(term, at) for term in terms])
        case Transpose(arg):
            return _turned(_value(arg, at))
        case Number(exact):
            return np.array([[float(exact)]])
        case Pi():
            return np.array([[np.pi]])
        case Matrix(exactly):
            return array(exactly)
        case Identity(n):
            return np.eye(at.size(n))
        case Zero(shape):
            return np.zeros(at.array_shape(shape))
        case Ones(shape):
            return np.ones(at.array_shape(shape))
        case Power(base, exponent) if not base.is_scalar:
            return _matrix_power(_value(base, at), _value(exponent, at))
        case Power(Norm("2", arg), Number(exact)) if exact > 0 and exact % 2 == 0:  # smooth where the norm is not
            value = _value(arg, at)
            return _total(value * value) ** int(exact / 2)
        case Power(base, exponent) | HadamardPower(base, exponent):
            return _power(_value(base, at), _value(exponent, at))
        case Inverse(arg):
            return _inverse(_value(arg, at))
        case PseudoInverse(arg):
            return _pseudo_inverse(_value(arg, at))
        case Adjugate(arg):
            value = _value(arg, at)
            return np.asarray(_scalars(np.linalg.det(value)) * _inverse(value))
        case Trace(arg):
            return _scalars(np.trace(_value(arg, at), axis1=-2, axis2=-1))
        case Determinant(arg):
            return _scalars(np.linalg.det(_value(arg, at)))
        case EntrySum(arg):
            return _total(_value(arg, at))
        case Norm("1", arg):
            value = _value(arg, at)
            if (np.abs(value.real) < EDGE).any():
                raise UndefinedError("the 1-norm has no derivative where an entry is zero")
            return _total(np.where(value.real < 0, -value, value))
        case Norm(_, arg):
            value = _value(arg, at)
            if not (total := _total(value * value)).real.min() > EDGE**2:
                raise UndefinedError("a norm has no derivative at zero")
            return np.sqrt(total)
        case Diag(arg):
            value = _value(arg, at)
            return value * np.eye(value.shape[-2])
        case CrossMatrix(arg):
            return _cross_matrix(_value(arg, at)[..., 0])
        case Diagonal(arg):
            return np.diagonal(_value(arg, at), axis1=-2, axis2=-1)[..., None]
        case Vec(arg):
            return _columns_stacked(_value(arg, at))
        case Unvec(arg, n, m):
            value = _value(arg, at)
            return value.reshape(*value.shape[:-2], at.size(m), at.size(n)).swapaxes(-2, -1)
        case Kronecker(left, right):
            a, b = _value(left, at), _value(right, at)
            both = a[..., :, None, :, None] * b[..., None, :, None, :]
            return both.reshape(*both.shape[:-4], a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1])
        case Commutation(n, m):
            rows, columns = at.size(n), at.size(m)
            return np.eye(rows * columns)[np.arange(rows * columns).reshape(rows, columns, order="F").ravel()]
        case BlockMatrix():
            return _beside([_beside([_value(block, at) for block in line], -1) for line in e.lines], -2)
        case Spectral(name, arg):
            value = _value(arg, at)
            return _spectral(name, value.real) if name in OF_NUMBERS_ONLY else _extreme(name, value)
        case MatrixFunction(name, arg):
            return _series(name, _value(arg, at))
        case Elementwise(name, arg):
            function, value = FUNCTIONS[name], _value(arg, at)
            if function.domain is not None and not function.domain.contains(np, value.real).all():
                raise UndefinedError(f"{name} outside of its domain")
            return np.asarray(function.numeric(SPECIAL, value))
        case Softmax(arg):
            value = _value(arg, at)
            powers = np.exp(value - value.real.max(axis=-2, keepdims=True))
            return np.asarray(powers / powers.sum(axis=-2, keepdims=True))
        case Hadamard(factors):
            return reduce(np.multiply, [_value(factor, at) for factor in factors])
        case Member(family, index):
            value, width = _value(family, at), at.size(family.shape[1])
            first = _whole(index, at) * width
            return value[..., first : first + width]
        case Members(family):
            return _value(family, at)
        case Curve(symbol, argument, order):
            return _curve(_value(symbol, at), _value(argument, at), order)
        case Entry(arg, row, column):
            value = _value(arg, at)
            return value[..., [_whole(row, at)], :][..., [0 if column is None else _whole(column, at)]]
        case IndexSum(index, body):
            return reduce(np.add, [_value(body, there) for there in at.at_all((index,))])
        case Differential(arg):
            return _differential(arg, at)


def _curve(value: Array, t: Array, order: int) -> Array:
    """The derivative of some order of exp(t/2) A + exp(-3t/4) D A D, which keeps the structure of A but not A itself.

    D is diagonal with different entries, so that these matrices do not commute.
    """
    rows, columns = (1 + np.arange(side) % 5 / 3 for side in value.shape[-2:])
    other = value * rows[:, None] * columns
    return np.asarray(0.5**order * np.exp(t / 2) * value + (-0.75) ** order * np.exp(-0.75 * t) * other)


def _cross_matrix(x: Array) -> Array:
    """The matrix of the cross product with a column of three."""
    return np.stack([np.cross(x, unit) for unit in np.eye(3)], axis=-1)


def _beside(values: Sequence[Array], axis: int) -> Array:
    """Matrices, or stacks of these, beside or below each other."""
    stacked = np.broadcast_shapes(*(value.shape[:-2] for value in values))
    return np.concatenate([np.broadcast_to(value, (*stacked, *value.shape[-2:])) for value in values], axis)


def _whole(index: Expr, at: Point) -> int:
    """The place, from 0 on, that an index stands for."""
    return round(float(_value(index, at)[0, 0].real)) - 1


def _turned(value: Array) -> Array:
    return np.swapaxes(value, -1, -2)


def _columns_stacked(value: Array) -> Array:
    return _turned(value).reshape(*value.shape[:-2], -1, 1)


def _scalars(value: Any) -> Array:
    """Numbers as matrices of one row and one column."""
    return np.asarray(value)[..., None, None]


def _total(value: Array) -> Array:
    return np.asarray(value.sum(axis=(-2, -1), keepdims=True))


def array(rows: Sequence[Sequence[Fraction]]) -> Array:
    """Exact entries as numbers of the computer's own."""
    return np.array([[float(entry) for entry in row] for row in rows])


def _inverse(value: Array) -> Array:
    result = np.linalg.inv(value)
    if not largest(value.real) * largest(result.real) < ILL_CONDITIONED:
        raise UndefinedError("a matrix is almost singular")
    return result


def _spectral(name: str, value: Array) -> Array:
    """The rank; real eigenvalues from the largest to the smallest, and unit eigenvectors in the same order."""
    if name == "rank":
        return np.asarray(np.linalg.matrix_rank(value), dtype=float)[..., None, None]
    if value.ndim > 2:
        return np.stack([_spectral(name, one) for one in value])
    found, vectors = np.linalg.eig(value)
    if name == "eigenvalues":
        found = _with_multiplicity(found)
    if (np.abs(found.imag) > EDGE * (1 + np.abs(found))).any():
        raise UndefinedError("an eigenvalue is not real")
    order = np.argsort(-found.real, kind="stable")
    if name == "eigenvalues":
        return np.asarray(found.real[order][:, None])
    vectors = vectors.real[:, order]
    return np.asarray(vectors * np.where(vectors.sum(axis=0) < 0, -1, 1))


def _extreme(name: str, value: Array) -> Array:
    """An extreme eigenvalue of a symmetric matrix, the largest singular value of any, or a vector that belongs to it.

    They solve polynomial equations, A v = λ v with v′v = 1, by Newton's method from the real solution: it converges for
    a matrix a complex step away, too, and knows no derivative by the entries of A.
    """
    if value.ndim > 2:
        return np.stack([_extreme(name, one) for one in value])
    if name in ("norm_spec", "left_singular", "right_singular"):
        root, v = _extreme_pair(_turned(value) @ value, -1)
        size = np.sqrt(root)
        return (
            _scalars(size) if name == "norm_spec" else v if name == "right_singular" else np.asarray(value @ v / size)
        )
    if relative_error(value.real, value.real.T) > EDGE:
        raise UndefinedError(f"{name} of a matrix that is not symmetric")
    root, v = _extreme_pair(value, -1 if name.endswith("max") else 0)
    return v if name.startswith("eigvec") else _scalars(root)


def _extreme_pair(value: Array, at: int) -> tuple[Any, Array]:
    """The smallest (0) or largest (-1) eigenvalue of a matrix whose real part is symmetric, and a unit eigenvector."""
    found, vectors = np.linalg.eigh(value.real)
    root, v = found[at], vectors[:, [at]]
    others = np.delete(found, at)
    if len(others) and np.abs(others - root).min() < MULTIPLE * (1 + np.abs(root)):
        raise UndefinedError("an eigenvalue is not simple")
    v = v if v.sum() >= 0 else -v
    for _ in range(NEWTON_STEPS):
        equations = np.block([[value - root * np.eye(len(value)), -v], [v.T, np.zeros((1, 1))]])
        change = np.linalg.solve(equations, -np.vstack([value @ v - root * v, (v.T @ v - 1) / 2]))
        v, root = v + change[:-1], root + change[-1, 0]
    return root, v


def _with_multiplicity(eigenvalues: Array) -> Array:
    """Each eigenvalue replaced by the mean of those that lie close to it.

    Rounding by ε spreads an eigenvalue of multiplicity m with too few eigenvectors over a circle of radius about
    ε^(1/m), off the real line too; their mean is true to about ε (Golub and Van Loan, Matrix Computations, §7.2).
    """
    close = np.abs(eigenvalues[:, None] - eigenvalues) < CLUSTER * (1 + np.abs(eigenvalues))
    return np.asarray(close @ eigenvalues / close.sum(axis=1))


def _series(name: str, value: Array) -> Array:
    """A function of a matrix that a power series defines, by sums and products alone, which are analytic."""
    match name:
        case "expm":
            return _exponential(value)
        case "logm" | "sqrtm":
            return np.stack([_principal(name, one) for one in value]) if value.ndim > 2 else _principal(name, value)
        case _:  # exp([[0, A], [-A, 0]]) = [[cos A, sin A], [-sin A, cos A]]
            zero, n = np.zeros_like(value), value.shape[-1]
            blocks = np.concatenate([np.concatenate(row, -1) for row in ((zero, value), (-value, zero))], -2)
            return _exponential(blocks)[..., :n, n:] if name == "sinm" else _exponential(blocks)[..., :n, :n]


def _exponential(value: Array) -> Array:
    """The series of A/2ᵏ, squared k times."""
    size = largest(value.real) * value.shape[-1]
    if not size < 50:
        raise UndefinedError("an exponential too large to compare")
    squarings = int(np.ceil(np.log2(max(size, 0.25)))) + 2
    total = term = np.eye(value.shape[-1])
    for k in range(1, 15):
        term = term @ value / (k * 2.0**squarings)
        total = total + term
    for _ in range(squarings):
        total = total @ total
    return total


def _principal(name: str, value: Array) -> Array:
    """f(A + iE) for tiny E and f = logm or sqrtm, by f([[A, E], [0, A]]) = [[f A, L], [0, f A]] (Mathias 1996).

    Complex arithmetic inside would lose E beside A; the block matrix is real, and E is scaled to the size of one.
    """
    import scipy.linalg

    function = scipy.linalg.logm if name == "logm" else scipy.linalg.sqrtm
    if (np.linalg.eigvals(value.real).real <= EDGE).any():
        raise UndefinedError(f"{name} of a matrix with an eigenvalue on the negative axis")
    if not np.iscomplexobj(value) or not value.imag.any():
        return np.asarray(function(value.real)).real
    n, size = len(value), largest(value.imag)
    blocks = np.block([[value.real, value.imag / size], [np.zeros((n, n)), value.real]])
    result = np.asarray(function(blocks)).real
    return np.asarray(result[:n, :n] + 1j * size * result[:n, n:])


def _pseudo_inverse(value: Array) -> Array:
    """By the normal equations with plain transposes, which are analytic (conjugates are not); for full rank only."""
    rows, columns = value.shape[-2:]
    if rows >= columns:
        return _inverse(_turned(value) @ value) @ _turned(value)
    return _turned(value) @ _inverse(value @ _turned(value))


def _matrix_power(base: Array, exponent: Array) -> Array:
    if np.iscomplexobj(exponent) or not float(exponent[0, 0]).is_integer():
        raise UndefinedError("a power of a matrix that is no whole number")
    return np.linalg.matrix_power(base, int(exponent[0, 0]))


def _power(base: Array, exponent: Array) -> Array:
    if exponent.size == 1 and not np.iscomplexobj(exponent) and float(exponent.flat[0]).is_integer():
        if exponent.flat[0] < 0 and (np.abs(base.real) < EDGE).any():
            raise UndefinedError("a negative power of zero")
        return np.asarray(base ** int(exponent.flat[0]))
    if (base.real < EDGE).any():
        raise UndefinedError("a power outside of its domain")
    return np.asarray(base**exponent)


def _differential(arg: Expr, at: Point) -> Array:
    """d of an expression along the point's directions; of a differential, by differences of the inner one."""
    if not _has_differential(arg, at):
        if any(np.iscomplexobj(value) for value in at.values.values()):
            raise NotImplementedError("a third differential")
        return np.asarray(_value(arg, at.step(1j * STEP)).imag / STEP)
    near, far = (
        (_value(arg, at.step(length)) - _value(arg, at.step(-length))) / (2 * length)
        for length in (SECOND_STEP, 2 * SECOND_STEP)
    )
    if not relative_error(near, far) < STEPS_AGREE:
        raise UndefinedError("a differential of a differential changes too fast for differences")
    return np.asarray((4 * near - far) / 3)


def _has_differential(e: Expr, at: Point) -> bool:
    """A differential occurs in it or in what its symbols stand for."""
    defined = (at.definitions[s.name] for s in e.symbols if s.name in at.definitions)
    return e.has_differential or any(_has_differential(part, at) for part in defined)


def largest(value: Array) -> float:
    """The largest absolute entry."""
    return float(np.abs(value).max())


def weighed(value: Array) -> float:
    """One number that tells arrays apart: the sum of the entries, each with a weight of its own."""
    return float(np.sum(value.real * np.cos(1.0 + np.arange(value.size)).reshape(value.shape)))


def relative_error(left: Array, right: Array, *, size: float = 0.0) -> float:
    """The largest difference of two arrays, relative to their size, or that of their parts, unless that is tiny."""
    if left.shape != right.shape:
        return float("inf")
    return largest(left - right) / (TINY + max(largest(left), largest(right), size))


def rounding(e: Expr, point: Point) -> float:
    """How far an expression's value moves where numbers change in their last digits; whole numbers stay."""
    rng = np.random.default_rng(0)
    value, moved = evaluate(e, point), 0.0
    for _ in range(2):
        near = {
            name: np.where(there == np.round(there), there, there * (1 + LAST_DIGITS * rng.uniform(-1, 1, there.shape)))
            for name, there in point.values.items()
        }
        moved = max(moved, largest(evaluate(e, point.changed(near)) - value))
    return moved


def draw_matrix(shape: tuple[int, int], properties: frozenset[str], rng: np.random.Generator) -> Array:
    """A random matrix with the properties that a declaration claims."""
    if by_rows := properties & {"rows sum to one", "one-hot rows"}:
        turned = {"sums to one" if name == "rows sum to one" else "one-hot" for name in by_rows}
        return _turned(draw_matrix(shape[::-1], properties - by_rows | turned, rng))
    rows, _ = shape
    value = rng.standard_normal(shape)
    if "positive" in properties:
        value = rng.uniform(0.3, 1.7, shape)
    if "positive definite" in properties:
        value = value @ value.T / rows + 0.5 * np.eye(rows)
    if "symmetric" in properties:
        value = (value + value.T) / 2
    if "skew-symmetric" in properties:
        value = (value - value.T) / 2
    if properties >= {"symmetric", "orthogonal"}:
        basis = np.linalg.qr(value)[0]
        return np.asarray(basis @ np.diag(rng.choice([-1.0, 1.0], rows)) @ basis.T)
    if "orthogonal" in properties:  # with signs of their own: the reflections of QR make a 2 × 2 one symmetric
        value = np.linalg.qr(value)[0] * rng.choice([-1.0, 1.0], rows)
    if "lower triangular" in properties:
        value = np.tril(value)
    if "diagonal" in properties:
        value = np.diag(np.diag(value))
    if "invertible" in properties and properties.isdisjoint({"skew-symmetric", "orthogonal", "positive definite"}):
        value = value + rng.choice([-2.5, 2.5]) * np.eye(rows)
    if "one-hot" in properties:
        value = np.eye(rows)[:, rng.integers(rows, size=shape[1])]
    elif "sums to one" in properties:
        sums = value.sum(axis=0)
        value = value / sums if "positive" in properties else value + (1 - sums) / rows
    return value


def tangent(direction: Array, properties: frozenset[str]) -> Array:
    """The part of a direction along which a structured matrix keeps its structure."""
    if properties & {"symmetric", "positive definite"}:
        direction = (direction + _turned(direction)) / 2
    if "skew-symmetric" in properties:
        direction = (direction - _turned(direction)) / 2
    if "lower triangular" in properties:
        direction = np.tril(direction)
    if "diagonal" in properties:
        direction = direction * np.eye(direction.shape[-1])
    return direction


@lru_cache(64)
def dimension_names(*expressions: Expr) -> tuple[str, ...]:
    """Names of all dimensions that occur."""
    names: set[str] = set()

    def note(dim: Dim) -> None:
        names.update(dim.names)

    for e in expressions:
        for part in walk(e):
            if isinstance(part, Symbol | Zero | Ones):
                note(part.shape[0])
                note(part.shape[1])
                if isinstance(part, Symbol) and part.total is not None:
                    note(part.total)
            elif isinstance(part, Identity):
                note(part.n)
            elif isinstance(part, Commutation | Unvec):
                note(part.n)
                note(part.m)
    return tuple(sorted(names))


@lru_cache(64)
def reduced_dimensions(*expressions: Expr) -> Mapping[int, int]:
    """For every dimension that is a number, the one to check at; empty where none is large.

    Different ones stay different and in their order, but one that is the product of two others stays that. Where an
    expression holds numbers for matrices, or blocks, all dimensions stay what they are.
    """
    parts = frozenset(part for e in expressions for part in walk(e))
    shapes = [part.shape for part in parts if isinstance(part, Symbol | Zero | Ones | Identity)]
    shapes += [(part.n, part.m) for part in parts if isinstance(part, Commutation | Unvec)]
    shapes += [(part.total, part.total) for part in parts if isinstance(part, Symbol) and part.total is not None]
    numbers = sorted({dim.number for shape in shapes for dim in shape} - {1})
    if not numbers or numbers[-1] <= LARGEST_CHECKED or any(isinstance(part, Matrix | BlockMatrix) for part in parts):
        return {}
    reduced = {number: number for number in numbers if number <= LARGEST_CHECKED}
    for number in numbers[len(reduced) :]:
        pair = next((a for a in reduced if number % a == 0 and number // a in reduced), None)
        larger = max(LARGEST_CHECKED - 2, *reduced.values(), 0) + 1
        reduced[number] = reduced[pair] * reduced[number // pair] if pair else larger
    return reduced


@lru_cache(64)
def whole_numbers(e: Expr) -> frozenset[Symbol]:
    """The symbols in the powers of matrices."""
    powers = [part for part in walk(e) if isinstance(part, Power) and not part.base.is_scalar]
    return frozenset().union(*(part.exponent.symbols for part in powers))


@lru_cache(64)
def least_sizes(*expressions: Expr) -> Mapping[str, int]:
    """How large dimensions must be so that the members and entries with a number are there: 7 for n of x_7."""
    least: dict[str, int] = {}
    for part in chain.from_iterable(map(walk, expressions)):
        match part:
            case Member(family, index) if family.total is not None:
                asked = [(family.total, index)]
            case Entry(arg, row, column):
                asked = [(arg.shape[0], row), *([(arg.shape[1], column)] if column is not None else [])]
            case _:
                continue
        for dim, place in asked:
            if isinstance(place, Number) and len(dim.names) == 1:
                least[dim.names[0]] = max(least.get(dim.names[0], 0), int(place.value))
    return least


class _Sizes(NamedTuple):
    """The dimensions of a point before they are drawn."""

    names: tuple[str, ...]
    """The named dimensions, in the order of their draws."""
    reduced: tuple[tuple[int, int], ...]
    """The reduced value of each dimension that is a number."""
    least: tuple[tuple[str, int], ...]
    """The least value of a named dimension."""


def random_point(  # noqa: PLR0913 - what a point depends on has names
    function: Expr,
    wrt: Symbol,
    symbols: Mapping[str, Symbol],
    seeds: tuple[int, int, int],
    scale: float = 1.0,
    first: Sequence[str] = (),
    *,
    full_size: bool = False,
    beside: Sequence[Expr] = (),
) -> Point:
    """A point of a series: dimensions, values of some scale where they are free, and a direction for the variable.

    The seeds are that of the series, the number of the point in it, and the number of the attempt to draw it. Values
    are drawn for symbols in their order, for dimensions in that of their names, but for those that come `first`.

    Chance must not hide what is false. So all dimensions differ, and each differs from one point to the next, in parity
    too; free vectors and matrices have entries of both signs, and a free scalar changes its sign from one point to the
    next. What is not defined there is met by other attempts: every third leaves the signs to chance, every third has
    positive numbers only, and the dimensions change their order, for what needs a matrix to be tall. Large
    dimensions that are numbers are reduced, unless the point is to have its full size. Families have all members that
    the function, and what is evaluated `beside` it, speaks of.
    """
    names = tuple(dict.fromkeys((*first, *dimension_names(function, *symbols.values()))))
    reduced = {} if full_size else reduced_dimensions(function, wrt, *symbols.values())
    sizes = _Sizes(names, tuple(reduced.items()), tuple(least_sizes(function, *beside).items()))
    point = _point(sizes, wrt, tuple(symbols.values()), whole_numbers(function), seeds, scale)
    if len(point.known) > MOST_KNOWN:
        point.known.clear()
        point.finite.clear()
        point.moved.clear()
    return point


@lru_cache(64)
def _point(
    sizes: _Sizes,
    wrt: Symbol,
    symbols: Sequence[Symbol],
    whole: frozenset[Symbol],
    seeds: tuple[int, int, int],
    scale: float,
) -> Point:
    """The point itself: functions of the same symbols share what they have in common."""
    seed, which, attempt = seeds
    order = _order(seed, attempt // 3, len(sizes.names) + 1)
    dims = {name: 2 + which % 3 + k for name, k in zip(sizes.names, order, strict=False)}
    dims |= {name: count for name, count in sizes.least if dims[name] < count}
    size = Point({}, dims, reduced=dict(sizes.reduced))
    rng = np.random.default_rng(seeds)
    values = {}
    for s, chance in zip(symbols, _signs(seed, which // 2, len(symbols)), strict=True):
        sign = chance * (-1) ** which
        value = draw(s, size, rng)
        if not s.properties and attempt % 3 == 0:
            value.flat[0] = -sign * abs(value.flat[0])
            value.flat[-1] = sign * abs(value.flat[-1])
        elif not s.properties and attempt % 3 == 2:
            value = abs(value)
        values[s.name] = value * scale if s.properties <= {"positive"} else value
    for s in (s for s in symbols if s in whole):
        values[s.name] = np.array([[rng.integers(2, 5)]], dtype=float)
    direction = tangent(rng.standard_normal(values[wrt.name].shape), wrt.properties)
    return Point(values, dims, {wrt.name: direction}, reduced=dict(sizes.reduced))


@lru_cache(1024)
def _order(seed: int, turn: int, count: int) -> tuple[int, ...]:
    """A random permutation of the numbers below a count."""
    return tuple(map(int, np.random.default_rng((seed, turn)).permutation(count)))


@lru_cache(1024)
def _signs(seed: int, pair: int, count: int) -> tuple[float, ...]:
    """Random signs of all symbols, the same for a pair of successive points."""
    return tuple(map(float, np.random.default_rng((seed, pair)).choice([-1.0, 1.0], count)))


def draw(symbol: Symbol, size: Point, rng: np.random.Generator) -> Array:
    """A random value for a symbol; the members of a family side by side."""
    count = 1 if symbol.total is None or symbol.is_index else size.size(symbol.total)
    members = [draw_matrix(size.array_shape(symbol.shape), symbol.properties, rng) for _ in range(count)]
    return members[0] if count == 1 else np.hstack(members)


def first_unit(symbol: Symbol, point: Point) -> Array:
    """The first unit vector of the size of a column."""
    return np.eye(*point.array_shape(symbol.shape))


def members(e: Expr, point: Point) -> Array:
    """The values of an expression that speaks of each i, for all i side by side; its value where it does not."""
    return np.hstack([evaluate(e, there) for there in point.at_all(e.indices)])


def eigenvectors(A: Array, B: Array, count: int) -> Array:
    """Columns v with A v = λ B v, each with v′Bv = 1; raises UndefinedError unless so many are real."""
    import scipy.linalg

    values, vectors = scipy.linalg.eig(A, B)
    real = [v.real for value, v in zip(values, vectors.T, strict=True) if abs(value.imag) < 1e-9 and np.isfinite(value)]
    scaled = [v / np.sqrt(v @ B @ v) for v in real if v @ B @ v > 1e-6]
    if len(scaled) < count:
        raise UndefinedError("too few real eigenvectors")
    return np.column_stack(scaled[:count])


def derivative_at(function: Expr, wrt: Symbol, point: Point, tied: frozenset[str] = frozenset()) -> Array:
    """The derivative entry by entry, each entry of the variable taken as free but for what properties tie together.

    A gradient has the shape of the variable; the Jacobian of a vector is [∂f_i/∂x_j], of a matrix ∂vec F/∂(vec X)′; a
    derivative by a scalar has the shape of the function.
    """
    return matrix_of(Differential(function), wrt, point, tied)


def matrix_of(differential: Expr, wrt: Symbol, point: Point, tied: frozenset[str] = frozenset()) -> Array:
    """The derivative that belongs to an expression linear in the variable's differential, in the same layout."""
    rows, columns = point.values[wrt.name].shape
    steps = _steps(rows, columns, tied)
    return _in_layout(evaluate(differential, point.changed(directions={wrt.name: steps})), rows, columns)


def derivative_by_member(function: Expr, member: Member, point: Point) -> Array:
    """The derivative by one member of a family, entry by entry, in the same layout."""
    family = point.values[member.family.name]
    rows, columns = point.array_shape(member.shape)
    first = _whole(member.index, point) * columns
    steps = np.zeros((rows * columns, *family.shape))
    steps[..., first : first + columns] = _steps(rows, columns, frozenset())
    moved = point.changed(directions={member.family.name: steps})
    return _in_layout(evaluate(Differential(function), moved), rows, columns)


def _in_layout(found: Array, rows: int, columns: int) -> Array:
    """A derivative from the differentials along the directions of the variable's entries."""
    result = np.broadcast_to(found, (rows * columns, *found.shape[-2:]))
    if (rows, columns) == (1, 1):
        return np.asarray(result[0])
    if found.shape[-2:] == (1, 1):
        return np.asarray(result.reshape(columns, rows).T)
    return np.asarray(_columns_stacked(result)[..., 0].T)


@lru_cache(64)
def _steps(rows: int, columns: int, tied: frozenset[str]) -> Array:
    """A direction for each entry of a matrix, down the columns: it moves by one, and those tied to it with it."""
    units = _turned(np.eye(rows * columns).reshape(-1, columns, rows))
    steps = tangent(units, tied)
    own = (steps * units).sum(axis=(-2, -1), keepdims=True)
    return np.asarray(steps / np.where(own == 0, 1, own))


def other_layouts(derivative: Array, of: tuple[int, int], wrt: tuple[int, int]) -> list[Array]:
    """A derivative as others lay it out: transposed, and for matrices with rows stacked instead of columns."""
    layouts = [derivative.T]
    if derivative.shape == (of[0] * of[1], wrt[0] * wrt[1]):
        by_rows = derivative.reshape((*of, *wrt), order="F").transpose(1, 0, 3, 2).reshape(derivative.shape, order="F")
        layouts += [by_rows, by_rows.T]
    return layouts
