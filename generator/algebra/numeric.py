"""Expressions as numbers: NumPy arrays for given symbols, and differentials by a step in the imaginary direction.

For an analytic f, Im f(X + ihV)/h is the directional derivative at X along V, exact to rounding for tiny h because
nothing is subtracted (Squire and Trapp 1998). No rule of differentiation is known here, so this can check those that
are used.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from generator.algebra.expr import (
    Adjugate,
    Commutation,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    Kronecker,
    MatrixFunction,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Shape,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Vec,
    Zero,
    walk,
)
from generator.algebra.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

STEP = 1e-20
"""The length of the imaginary step; nothing cancels, so it can be far below rounding."""
SECOND_STEP = 2.0**-17
"""The real step of the outer of two differentials, where the imaginary direction is taken already."""


class UndefinedError(ArithmeticError):
    """The expression has no value, or no derivative, at these numbers; others may do."""


@dataclass(frozen=True)
class Point:
    """Values for symbols and dimensions, directions for their differentials, and symbols that stand for expressions."""

    values: Mapping[str, Array]
    dims: Mapping[str, int]
    directions: Mapping[str, Array] = field(default_factory=dict)
    definitions: Mapping[str, Expr] = field(default_factory=dict)

    def size(self, dim: Dim) -> int:
        """The whole number that a dimension is here."""
        total = dim.number
        for name in dim.names:
            total *= self.dims[name]
        return total

    def array_shape(self, shape: Shape) -> tuple[int, int]:
        """Rows and columns as whole numbers."""
        return self.size(shape[0]), self.size(shape[1])

    def moved(self, step: complex) -> Point:
        """The point a step along the directions; symbols without a direction stay."""
        return replace(
            self, values={**self.values, **{k: self.values[k] + step * v for k, v in self.directions.items()}}
        )


def evaluate(e: Expr, point: Point) -> Array:
    """The value of an expression as a 2-dimensional array; raises UndefinedError where it has none."""
    with np.errstate(all="ignore"):
        try:
            value = _value(e, point)
        except np.linalg.LinAlgError as error:
            raise UndefinedError(str(error)) from None
    if not np.all(np.isfinite(value)):
        raise UndefinedError(f"{type(e).__name__} is not finite")
    return value


def _value(e: Expr, at: Point) -> Array:  # noqa: C901 - one branch per node
    match e:
        case Number(exact):
            return np.array([[float(exact)]])
        case Pi():
            return np.array([[np.pi]])
        case Symbol(name):
            return _value(at.definitions[name], at) if name in at.definitions else at.values[name]
        case Identity(n):
            return np.eye(at.size(n))
        case Zero(shape):
            return np.zeros(at.array_shape(shape))
        case Ones(shape):
            return np.ones(at.array_shape(shape))
        case Sum(terms):
            total = _value(terms[0], at)
            for term in terms[1:]:
                total = total + _value(term, at)
            return total
        case Product(factors):
            result = _value(factors[0], at)
            for factor in factors[1:]:
                result = result @ _value(factor, at)
            return result
        case Scale(coefficient, body):
            return np.asarray(_value(coefficient, at)[0, 0] * _value(body, at))
        case Power(base, exponent):
            return _power(_value(base, at), _value(exponent, at)[0, 0])
        case Transpose(arg):
            return _value(arg, at).T
        case Inverse(arg):
            return _inverse(_value(arg, at))
        case PseudoInverse(arg):
            return _pseudo_inverse(_value(arg, at))
        case Adjugate(arg):
            value = _value(arg, at)
            return np.asarray(np.linalg.det(value) * _inverse(value))
        case Trace(arg):
            return _scalar(np.trace(_value(arg, at)))
        case Determinant(arg):
            return _scalar(np.linalg.det(_value(arg, at)))
        case EntrySum(arg):
            return _scalar(_value(arg, at).sum())
        case Norm("1", arg):
            value = _value(arg, at)
            if np.any(np.abs(value.real) < 1e-9):
                raise UndefinedError("the 1-norm has no derivative where an entry is zero")
            return _scalar(np.where(value.real < 0, -value, value).sum())
        case Norm(_, arg):
            value = _value(arg, at)
            return _scalar(np.sqrt((value * value).sum()))
        case Diag(arg):
            return np.diag(_value(arg, at)[:, 0])
        case Diagonal(arg):
            return np.diag(_value(arg, at)).reshape(-1, 1)
        case Vec(arg):
            return _value(arg, at).reshape(-1, 1, order="F")
        case Kronecker(left, right):
            return np.kron(_value(left, at), _value(right, at))
        case Commutation(n, m):
            rows, columns = at.size(n), at.size(m)
            return np.eye(rows * columns)[np.arange(rows * columns).reshape(rows, columns, order="F").ravel()]
        case MatrixFunction(name, arg):
            import scipy.linalg

            value = _value(arg, at)
            if name == "logm" and np.any(np.linalg.eigvals(value.real).real <= 0):
                raise UndefinedError("logm of a matrix with an eigenvalue on the negative axis")
            return _series(getattr(scipy.linalg, name), value)
        case Elementwise(name, arg):
            function, value = FUNCTIONS[name], _value(arg, at)
            if function.domain is not None and not np.all(function.domain(np, value.real)):
                raise UndefinedError(f"{name} outside of its domain")
            return np.asarray(function.numeric(np, value))
        case Hadamard(factors):
            result = _value(factors[0], at)
            for factor in factors[1:]:
                result = result * _value(factor, at)
            return result
        case HadamardPower(base, exponent):
            return _entrywise_powers(_value(base, at), _value(exponent, at))
        case Differential(arg):
            return _differential(arg, at)


def _scalar(value: Any) -> Array:
    return np.asarray(value).reshape(1, 1)


def _inverse(value: Array) -> Array:
    if np.linalg.cond(value.real) > 1e6:
        raise UndefinedError("a matrix is almost singular")
    return np.linalg.inv(value)


def _series(function: Any, value: Array) -> Array:
    """A power series of a matrix A + iE with tiny E, by f([[A, E], [0, A]]) = [[f(A), L], [0, f(A)]] (Mathias 1996).

    Complex arithmetic inside f would lose E beside A; the block matrix is real, and E is scaled to the size of one.
    """
    if not np.iscomplexobj(value) or not np.any(value.imag):
        return np.asarray(function(value.real)).real
    n, size = len(value), np.max(np.abs(value.imag))
    blocks = np.block([[value.real, value.imag / size], [np.zeros((n, n)), value.real]])
    result = np.asarray(function(blocks)).real
    return np.asarray(result[:n, :n] + 1j * size * result[:n, n:])


def _pseudo_inverse(value: Array) -> Array:
    """By the normal equations with plain transposes, which are analytic (conjugates are not); for full rank only."""
    rows, columns = value.shape
    if rows >= columns:
        return _inverse(value.T @ value) @ value.T
    return value.T @ _inverse(value @ value.T)


def _power(base: Array, exponent: Any) -> Array:
    if base.shape != (1, 1):
        if exponent != round(exponent.real):
            raise UndefinedError("a power of a matrix that is no whole number")
        return np.linalg.matrix_power(base, int(exponent.real))
    return _entrywise_power(base, exponent)


def _entrywise_power(base: Array, exponent: Any) -> Array:
    whole = exponent.imag == 0 and float(exponent.real).is_integer()
    if whole and exponent.real >= 0:
        return np.asarray(base ** int(exponent.real))
    if np.any(np.abs(base.real) < 1e-9) or (not whole and np.any(base.real < 0)):
        raise UndefinedError("a power outside of its domain")
    return np.asarray(base ** (int(exponent.real) if whole else exponent))


def _entrywise_powers(base: Array, exponents: Array) -> Array:
    if exponents.size == 1:
        return _entrywise_power(base, exponents[0, 0])
    if np.any(base.real < 1e-9):
        raise UndefinedError("a power outside of its domain")
    return np.asarray(base**exponents)


def _differential(arg: Expr, at: Point) -> Array:
    """D of an expression along the point's directions; of a differential, by differences of the inner one."""
    if not any(isinstance(part, Differential) for part in _parts(arg, at)):
        if any(np.iscomplexobj(value) for value in at.values.values()):
            raise NotImplementedError("a third differential")
        return np.asarray(_value(arg, at.moved(1j * STEP)).imag / STEP)
    steps = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
    return np.asarray(sum(w * _value(arg, at.moved(k * SECOND_STEP)) for k, w in steps) / SECOND_STEP)


def _parts(e: Expr, at: Point) -> list[Expr]:
    found = [e]
    for part in found:
        found.extend(part.children)
        if isinstance(part, Symbol) and part.name in at.definitions:
            found.append(at.definitions[part.name])
    return found


def largest(value: Array) -> float:
    """The largest absolute entry."""
    return float(np.max(np.abs(value)))


def weighed(value: Array) -> float:
    """One number that tells arrays apart: the sum of the entries, each with a weight of its own."""
    return float(np.sum(value.real * np.cos(1.0 + np.arange(value.size)).reshape(value.shape)))


def relative_error(left: Array, right: Array) -> float:
    """The largest difference of two arrays, relative to their size where that is above 1."""
    if left.shape != right.shape:
        return float("inf")
    return largest(left - right) / (1.0 + max(largest(left), largest(right)))


def draw_matrix(shape: tuple[int, int], properties: frozenset[str], rng: np.random.Generator) -> Array:
    """A random matrix with the properties that a declaration claims."""
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
    if "orthogonal" in properties:
        value = np.linalg.qr(value)[0]
    if "lower triangular" in properties:
        value = np.tril(value)
    if "diagonal" in properties:
        value = np.diag(np.diag(value))
    if "invertible" in properties and properties.isdisjoint({"skew-symmetric", "orthogonal", "positive definite"}):
        value = value + 2.5 * np.eye(rows)
    return value


def tangent(direction: Array, properties: frozenset[str]) -> Array:
    """The part of a direction along which a structured matrix keeps its structure."""
    if properties & {"symmetric", "positive definite"}:
        direction = (direction + direction.T) / 2
    if "skew-symmetric" in properties:
        direction = (direction - direction.T) / 2
    if "lower triangular" in properties:
        direction = np.tril(direction)
    if "diagonal" in properties:
        direction = np.diag(np.diag(direction))
    return direction


def dimension_names(*expressions: Expr) -> list[str]:
    """Names of all dimensions that occur."""
    names: set[str] = set()

    def note(dim: Dim) -> None:
        names.update(dim.names)

    for e in expressions:
        for part in walk(e):
            if isinstance(part, Symbol | Zero | Ones):
                note(part.shape[0])
                note(part.shape[1])
            elif isinstance(part, Identity):
                note(part.n)
            elif isinstance(part, Commutation):
                note(part.n)
                note(part.m)
    return sorted(names)


def whole_numbers(e: Expr) -> frozenset[Symbol]:
    """The symbols in the powers of matrices."""
    powers = [part for part in walk(e) if isinstance(part, Power) and not part.base.is_scalar]
    return frozenset().union(*(part.exponent.symbols for part in powers))


def random_point(
    function: Expr, wrt: Symbol, symbols: Mapping[str, Symbol], seeds: Sequence[int], shrink: float
) -> Point:
    """Random dimensions, values with the declared properties, and a direction for the variable."""
    rng = np.random.default_rng(seeds)
    names = dimension_names(function, *symbols.values())
    dims = dict(zip(names, (int(k) for k in 2 + rng.permutation(len(names) + 2)), strict=False))
    size = Point({}, dims)
    values = {}
    for s in symbols.values():
        free = s.properties <= {"positive"}
        values[s.name] = draw_matrix(size.array_shape(s.shape), s.properties, rng) * (shrink if free else 1.0)
    for s in whole_numbers(function):
        values[s.name] = np.array([[rng.integers(2, 5)]], dtype=float)
    direction = tangent(rng.standard_normal(size.array_shape(wrt.shape)), wrt.properties)
    return Point(values, dims, {wrt.name: direction})


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
    shape = point.values[wrt.name].shape
    columns = []
    for j in range(shape[1]):
        for i in range(shape[0]):
            direction = np.zeros(shape)
            direction[i, j] = 1.0
            direction = tangent(direction, tied)
            if direction[i, j]:  # this entry moves by one, and those that are tied to it with it
                direction = direction / direction[i, j]
            moved = Point(point.values, point.dims, {wrt.name: direction}, point.definitions)
            columns.append(evaluate(Differential(function), moved))
    if shape == (1, 1):
        return columns[0]
    jacobian = np.hstack([column.reshape(-1, 1, order="F") for column in columns])
    return jacobian.reshape(shape, order="F") if jacobian.shape[0] == 1 and columns[0].shape == (1, 1) else jacobian
