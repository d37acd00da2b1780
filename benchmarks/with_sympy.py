"""SymPy in the comparison: functions of matrix symbols, `diff`, and what it answers as numbers.

SymPy has two ways to write a scalar such as x'Ax: as a 1 × 1 matrix, to which functions are applied entry by entry, and
as a trace, which is a number. There are two ways to write powers entry by entry, diag(w)*v, and vectors of ones. Its
rules see different things in them, so all are tried, and the best answer counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.tensor.array import expressions as arrays

from benchmarks.problems import Problem
from benchmarks.solver import Answer, Attempt, RefusedError, Solver
from generator.expr.evaluate.numeric import Array, Point, UndefinedError
from generator.expr.functions import FUNCTIONS
from generator.expr.nodes import (
    ONE,
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
    Softmax,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    Zero,
    quotient_of,
)

ONES = "one"
"""The name of vectors of ones that are symbols."""


class SymPy(Solver):
    """`sympy.diff` by a matrix symbol."""

    name = "SymPy"

    @property
    def version(self) -> str:
        """The version of the package."""
        return str(sp.__version__)

    def attempts(self, problem: Problem) -> list[Attempt]:
        """Each different expression that the ways of writing give."""
        written, failed = [], ""
        for ways in product((True, False), repeat=3):
            try:
                written.append(Writing(*ways).of(problem.expr))
            except (TypeError, ValueError) as error:
                failed = f"cannot be written: {error}"
        if not written:
            raise RefusedError(failed)
        return [_attempt(problem, function) for function in dict.fromkeys(written)]


def _attempt(problem: Problem, function: Any) -> Attempt:
    wrt = _symbol(problem.variable)
    orders = 2 if problem.find == "hessian" else 1

    def attempt() -> Answer:
        result = function
        for _ in range(orders):
            result = sp.diff(result, wrt)
            result = result.doit() if result.has(sp.Derivative) else result
        if result.has(sp.Derivative):
            raise RefusedError(f"left unevaluated: {result}")
        return Answer(str(result), lambda point: Numbers(point, problem).of(result))

    return attempt


def _size(dim: Dim) -> Any:
    return sp.Mul(dim.number, *(sp.Symbol(name, integer=True, positive=True) for name in dim.names))


def _symbol(s: Symbol) -> Any:
    return sp.Symbol(s.name) if s.is_scalar else sp.MatrixSymbol(s.name, *map(_size, s.shape))


def _function(name: str) -> Any:
    """A scalar function; |t| is written as a root, because SymPy differentiates Abs as one of a complex number."""
    t = sp.Symbol("t")
    return sp.Lambda(t, sp.sqrt(t**2) if name == "abs" else FUNCTIONS[name].symbolic(sp, t))


@dataclass(frozen=True)
class Writing:
    """Our expressions as SymPy's, in one of the ways to write them."""

    scalars_as_matrices: bool
    by_functions: bool
    """Entrywise powers are functions applied to each entry, and diag(w)*v is the Hadamard product of w and v."""
    ones_as_symbols: bool
    """Vectors of ones are symbols like any other, which are ones in the numbers alone."""

    def scalar(self, e: Expr) -> Any:
        """A 1 × 1 expression as a number."""
        found = self.of(e)
        return sp.Trace(found) if isinstance(found, sp.MatrixExpr) else found

    def of(self, e: Expr) -> Any:  # noqa: C901 - one branch per node
        """The same in SymPy; RefusedError for what it has no matrix expression for."""
        match e:
            case Number(value):
                return sp.Rational(value.numerator, value.denominator)
            case Pi():
                return sp.pi
            case Matrix(rows):
                return sp.ImmutableMatrix(
                    [[sp.Rational(entry.numerator, entry.denominator) for entry in row] for row in rows]
                )
            case Symbol():
                return _symbol(e)
            case Identity(n):
                return sp.Identity(_size(n))
            case Zero(shape):
                return sp.ZeroMatrix(*map(_size, shape))
            case Ones(shape):
                return self._ones(*map(_size, shape))
            case Sum(terms):
                parts = [self.of(term) for term in terms]
                if not any(isinstance(part, sp.MatrixExpr) for part in parts):
                    return sp.Add(*parts)
                return sp.MatAdd(*(p if isinstance(p, sp.MatrixExpr) else p * sp.Identity(1) for p in parts))
            case Product((*factors, Diag(entries), last)) if self.by_functions and last.is_vector:
                return self.of(_times(factors, Hadamard((entries, last))))
            case Product(factors):
                return self._closed(reduce(lambda a, b: a * b, map(self.of, factors)))
            case Scale(coefficient, body):
                return self._scaled(coefficient, body)
            case Power(Norm("2", arg), Number(power)):
                return self.of(_squares(arg) if power == 2 else Power(_squares(arg), Number(power / 2)))
            case Power(base, exponent):
                found = self.of(base)
                if not isinstance(found, sp.MatrixExpr):
                    return found ** self.scalar(exponent)
                return sp.HadamardPower(found, self.scalar(exponent)) if e.is_scalar else found ** self.of(exponent)
            case Softmax():
                return self.of(quotient_of(e))
            case Transpose(arg):
                return sp.Transpose(self.of(arg)).doit(deep=False)
            case Inverse(arg):
                return sp.Inverse(self.of(arg))
            case Trace(arg):
                return sp.Trace(self.of(arg))
            case Determinant(arg):
                return sp.Determinant(self.of(arg))
            case EntrySum(arg):
                rows, columns = map(_size, arg.shape)
                found = self.of(arg)
                if arg.shape[0] != ONE:
                    found = sp.Transpose(self._ones(rows, sp.S.One)) * found
                return self._closed(found * self._ones(columns, sp.S.One) if arg.shape[1] != ONE else found)
            case Norm("1", arg):
                return self.of(EntrySum(Elementwise("abs", arg)))
            case Norm(_, arg):
                return self.of(Power(_squares(arg), Number(Fraction(1, 2))))
            case Diag(arg):
                return sp.DiagMatrix(self.of(arg))
            case Diagonal(arg):
                return sp.DiagonalOf(self.of(arg))
            case Kronecker(left, right):
                return sp.KroneckerProduct(self.of(left), self.of(right))
            case Elementwise(name, arg):
                found = self.of(arg)
                f = _function(name)
                return found.applyfunc(f) if isinstance(found, sp.MatrixExpr) else f(found)
            case Hadamard(factors):
                return sp.HadamardProduct(*map(self.of, factors))
            case HadamardPower(base, exponent) if self.by_functions:
                t = sp.Symbol("entry")
                return self.of(base).applyfunc(sp.Lambda(t, t ** self.scalar(exponent)))
            case HadamardPower(base, exponent):
                return sp.HadamardPower(self.of(base), self.scalar(exponent))
            case (
                CrossMatrix()
                | Adjugate()
                | PseudoInverse()
                | Vec()
                | Unvec()
                | Commutation()
                | MatrixFunction()
                | Differential()
                | BlockMatrix()
                | Curve()
                | Spectral()
            ):
                raise RefusedError(f"there is no matrix expression for {type(e).__name__}")
            case Member() | Members() | Entry() | IndexSum():
                raise RefusedError(f"there is no matrix expression for {type(e).__name__}")

    def _ones(self, rows: Any, columns: Any) -> Any:
        return sp.MatrixSymbol(ONES, rows, columns) if self.ones_as_symbols else sp.OneMatrix(rows, columns)

    def _closed(self, found: Any) -> Any:
        """A product that is 1 × 1, in the form in which scalars are written."""
        return found if self.scalars_as_matrices or found.shape != (1, 1) else sp.Trace(found)

    def _scaled(self, coefficient: Expr, body: Expr) -> Any:
        scalar, found = self.of(coefficient), self.of(body)
        if isinstance(scalar, sp.MatrixExpr):
            if isinstance(found, sp.MatrixExpr) and found.shape[1] == 1:
                return found * scalar
            scalar = sp.Trace(scalar)
        return scalar * found


def _times(factors: list[Expr], last: Expr) -> Expr:
    return Product((*factors, last)) if factors else last


def _squares(e: Expr) -> Expr:
    """The sum of squared entries."""
    square = Product((Transpose(e), e))
    return square if e.is_vector else Trace(square)


class Numbers:
    """SymPy's answers as numbers, read node by node: its own `lambdify` does not know many of the nodes of `diff`."""

    def __init__(self, point: Point, problem: Problem) -> None:
        self.values: dict[str, Any] = {
            name: point.values[name][0, 0] if s.is_scalar else point.values[name]
            for name, s in problem.declared.items()
        }
        self.sizes = point.dims

    def of(self, e: Any) -> Array:
        """An array with as many axes as the expression has, none for a number. RefusedError where that is unknown."""
        with np.errstate(all="ignore"):
            try:
                value = self._value(e)
            except (ValueError, IndexError, np.linalg.LinAlgError) as error:
                raise UndefinedError(f"SymPy's answer does not fit together: {error}") from error
        if not np.all(np.isfinite(value)):
            raise UndefinedError("SymPy's answer is not finite here")
        return value

    def _value(self, e: Any) -> Array:  # noqa: C901 - one branch per node
        match e:
            case sp.MatrixSymbol() if e.name == ONES:
                return np.ones([*map(self._size, e.shape)])
            case sp.MatrixSymbol() | sp.Symbol():
                return np.asarray(self.values[e.name] if e.name in self.values else self.sizes[e.name])
            case sp.Identity():
                return np.eye(self._size(e.shape[0]))
            case sp.ZeroMatrix() | arrays.ZeroArray():
                return np.zeros([*map(self._size, e.shape)])
            case sp.OneMatrix() | arrays.OneArray():
                return np.ones([*map(self._size, e.shape)])
            case sp.Transpose():
                return self._value(e.arg).T
            case sp.Trace():
                return np.asarray(np.trace(self._value(e.arg)))
            case sp.Determinant():
                return np.asarray(np.linalg.det(self._value(e.arg)))
            case sp.Inverse():
                return np.linalg.inv(self._value(e.arg))
            case sp.DiagMatrix():
                return np.diag(self._value(e.args[0]).reshape(-1))
            case sp.DiagonalMatrix():
                return np.diag(np.diag(self._value(e.args[0])))
            case sp.DiagonalOf():
                return np.diag(self._value(e.args[0])).reshape(-1, 1)
            case sp.KroneckerProduct():
                return reduce(np.kron, map(self._value, e.args))
            case sp.HadamardProduct():
                return reduce(np.multiply, map(self._value, e.args))
            case sp.HadamardPower():
                return np.asarray(np.power(self._value(e.base), self._value(e.exp)))
            case ElementwiseApplyFunction() | arrays.ArrayElementwiseApplyFunc():
                return self._apply(e.function, self._value(e.expr))
            case arrays.ArrayTensorProduct():
                return reduce(np.multiply.outer, map(self._value, e.args))
            case arrays.ArrayContraction():
                return _relabelled(self._value(e.expr), e.contraction_indices, [])
            case arrays.ArrayDiagonal():
                return _relabelled(self._value(e.expr), e.diagonal_indices, [group[0] for group in e.diagonal_indices])
            case arrays.PermuteDims():
                return self._value(e.expr).transpose(e.permutation.array_form)
            case sp.Add() | sp.MatAdd() | arrays.ArrayAdd():
                return reduce(_sum, map(self._value, e.args))
            case sp.Mul() | sp.MatMul():
                return reduce(_product, map(self._value, e.args))
            case sp.Pow() | sp.MatPow():
                return _power(self._value(e.base), self._value(e.exp))
            case _ if e.is_number:
                return np.asarray(float(e))
            case sp.Function():
                return np.asarray(float(e.func(*(sp.Float(self._value(arg).item()) for arg in e.args))))
            case _:
                raise RefusedError(f"{type(e).__name__} stands in the answer: {e}")

    def _size(self, size: Any) -> int:
        return int(size.subs({s: self.sizes[s.name] for s in size.free_symbols}))

    def _apply(self, function: Any, value: Array) -> Array:
        t = sp.Dummy("t", real=True)
        body = function(t)
        if body.has(sp.Derivative):
            raise RefusedError(f"left unevaluated: {body}")
        return np.broadcast_to(sp.lambdify(t, body, "numpy")(value), value.shape).astype(float)


def _relabelled(value: Array, groups: Any, kept: list[int]) -> Array:
    """The sum over axes that are equal, or the diagonal of those that are kept, which come last."""
    label = list(range(value.ndim))
    for group in groups:
        for axis in group:
            label[axis] = group[0]
    grouped = {axis for group in groups for axis in group}
    return np.asarray(np.einsum(value, label, [axis for axis in label if axis not in grouped] + kept))


def _sum(a: Array, b: Array) -> Array:
    if a.squeeze().shape != b.squeeze().shape:
        raise UndefinedError(f"SymPy adds arrays of the shapes {a.shape} and {b.shape}")
    return a + b


def _product(a: Array, b: Array) -> Array:
    if a.size == 1 or b.size == 1:
        return a * b
    if a.shape[-1] != b.shape[0]:
        raise UndefinedError(f"SymPy multiplies matrices of the shapes {a.shape} and {b.shape}")
    return a @ b


def _power(base: Array, exponent: Array) -> Array:
    if base.size == 1:
        return np.asarray(base ** exponent.item())
    return np.linalg.matrix_power(base, int(exponent.item()))
