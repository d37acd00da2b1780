"""Tensorgrad in the comparison: functions as tensor networks, `grad`, and what it answers as numbers.

A matrix is a tensor with the edges row and column; a side of length 1 is no edge. The answers are read node by node:
its own `evaluate` needs the named tensors that PyTorch no longer has, and rounds powers to single precision.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from importlib.metadata import version
from itertools import count
from typing import Any

import numpy as np
import sympy
import tensorgrad as tg
import tensorgrad.functions as tgf
from tensorgrad.tensor import Rename

from benchmarks.problems import Problem
from benchmarks.solver import Answer, Attempt, RefusedError, Solver
from generator.expr.evaluate.numeric import Array, Point, UndefinedError
from generator.expr.nodes import (
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
    quotient_of,
)

SIDES = ("row", "column")
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    name: getattr(tgf, name) for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs", "sign")
}

ENTRYWISE: dict[str, Callable[[Array], Array]] = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "abs": np.abs,
    "sign": np.sign,
    "relu": lambda value: np.maximum(value, 0),
    "gt0": lambda value: (value > 0).astype(float),
}


class Tensorgrad(Solver):
    """`Tensor.grad` and `full_simplify`, which works the derivative out."""

    name = "tensorgrad"

    @property
    def version(self) -> str:
        """The version of the package."""
        return version("tensorgrad")

    def attempts(self, problem: Problem) -> list[Attempt]:
        """The one way of writing it."""
        network = Network(problem)
        function, wrt = network.of(problem.expr), network.variables[problem.wrt]
        by = ["by"] if problem.find == "derivative" else ["by", "and by"]

        def attempt() -> Answer:
            result = function
            for prefix in by:
                result = result.grad(wrt, {edge: f"{prefix} {edge}" for edge in wrt.edges})
            result = result.full_simplify(expand=False)
            axes = [edge for edge in SIDES if edge in function.edges]
            axes += [f"{prefix} {edge}" for prefix in by for edge in SIDES if edge in wrt.edges]
            return Answer(str(result), lambda point: Numbers(point).of(result, axes))

        return [attempt]


def _edges(shape: Shape) -> dict[str, Any]:
    return {side: _size(dim) for side, dim in zip(SIDES, shape, strict=True) if dim.names}


def _size(dim: Dim) -> Any:
    if len(dim.names) > 1 or dim.number != 1:
        raise RefusedError(f"a side of the length {dim} cannot be written")
    return sympy.Symbol(dim.names[0])


class Network:
    """The expressions of one problem as networks of its variables."""

    def __init__(self, problem: Problem) -> None:
        self.variables = {name: _variable(s, s == problem.variable) for name, s in problem.declared.items()}
        self.fresh = (f"edge {k}" for k in count())

    def of(self, e: Expr) -> Any:  # noqa: C901 - one branch per node
        """The same as a network; RefusedError for what tensorgrad has no tensor for."""
        match e:
            case Number(value):
                return tg.Sum([tg.Product([])], [value])
            case Pi():
                return tg.Sum([tg.Product([])], [sympy.pi])
            case Symbol(name):
                return self.variables[name]
            case Identity(n):
                return tg.Delta(_size(n), *SIDES)
            case Zero(shape):
                return tg.Zero(**_edges(shape))
            case Ones(shape):
                return tg.Ones(**_edges(shape))
            case Sum(terms):
                return tg.Sum([self.of(term) for term in terms])
            case Product(factors):
                return reduce(self._product, map(self.of, factors))
            case Scale(Number(value), body):
                return tg.Sum([self.of(body)], [value])
            case Scale(coefficient, body):
                return tg.Product([self.of(coefficient), self.of(body)])
            case Power(base, Number(value)) if not base.is_scalar:
                return reduce(self._product, [self.of(base)] * int(value))
            case Power(Norm("2", arg), Number(value)):
                return tgf.pow(tgf.frobenius2(self.of(arg)), _exponent(value / 2))
            case Power(base, Number(value)) | HadamardPower(base, Number(value)):
                return tgf.pow(self.of(base), _exponent(value))
            case Power(base, exponent):
                return tgf.exp(tg.Product([self.of(exponent), tgf.log(self.of(base))]))
            case Softmax():
                return self.of(quotient_of(e))
            case Transpose(arg):
                return _transposed(self.of(arg))
            case Inverse(arg):
                return _transposed(tgf.inverse(self.of(arg)))
            case Adjugate(arg):
                found = self.of(arg)
                return tg.Product([tgf.det(found), _transposed(tgf.inverse(found))])
            case Trace(Kronecker(left, right)):
                return tg.Product([tgf.trace(self.of(left)), tgf.trace(self.of(right))])
            case Trace(arg):
                return tgf.trace(self.of(arg))
            case Determinant(arg):
                return tgf.det(self.of(arg))
            case EntrySum(arg):
                return tgf.sum(self.of(arg))
            case Norm("1", arg):
                return tgf.sum(tgf.abs(self.of(arg)))
            case Norm(_, arg):
                return tgf.sqrt(tgf.frobenius2(self.of(arg)))
            case Diag(arg):
                return tgf.diag(self.of(arg), list(SIDES))
            case Diagonal(arg):
                return tgf.diag(self.of(arg), ["row"])
            case Elementwise(name, arg) if name in FUNCTIONS:
                return FUNCTIONS[name](self.of(arg))
            case Hadamard(factors):
                return reduce(tgf.prod, map(self.of, factors))
            case Elementwise(name, _) | MatrixFunction(name, _) | Spectral(name, _):
                raise RefusedError(f"there is no function {name}")
            case (
                CrossMatrix()
                | Matrix()
                | BlockMatrix()
                | Curve()
                | PseudoInverse()
                | Vec()
                | Unvec()
                | Kronecker()
                | Commutation()
                | HadamardPower()
                | Member()
                | Members()
                | Entry()
                | IndexSum()
                | Differential()
            ):
                raise RefusedError(f"there is no tensor for {type(e).__name__}")

    def _product(self, left: Any, right: Any) -> Any:
        """The matrix product: the left one's columns are joined to the right one's rows."""
        joined = next(self.fresh)
        return tg.Product([_renamed(left, {"column": joined}), _renamed(right, {"row": joined})])


def _variable(s: Symbol, is_wrt: bool) -> Any:
    """A variable; a constant matrix that is declared symmetric is declared so here."""
    symmetric = s.properties & {"symmetric", "positive definite"} and not is_wrt
    return tg.Variable(s.name, **_edges(s.shape), **({"_symmetries": " ".join(SIDES)} if symmetric else {}))


def _renamed(tensor: Any, names: dict[str, str]) -> Any:
    return tensor.rename(**{old: new for old, new in names.items() if old in tensor.edges})


def _transposed(tensor: Any) -> Any:
    return _renamed(tensor, {"row": "column", "column": "row"})


def _exponent(value: Any) -> Any:
    return int(value) if value.denominator == 1 else value


class Numbers:
    """Networks as numbers, with the values and the sizes of a point."""

    def __init__(self, point: Point) -> None:
        self.point = point

    def of(self, tensor: Any, axes: list[str]) -> Array:
        """A tensor as an array with the axes in that order."""
        with np.errstate(all="ignore"):
            try:
                value = self._aligned(tensor, axes)
            except np.linalg.LinAlgError as error:
                raise UndefinedError(str(error)) from error
        if not np.all(np.isfinite(value)):
            raise UndefinedError("tensorgrad's answer is not finite here")
        return value

    def _aligned(self, tensor: Any, axes: list[str]) -> Array:
        value, edges = self._value(tensor)
        return value.transpose([edges.index(edge) for edge in axes])

    def _value(self, tensor: Any) -> tuple[Array, list[str]]:
        match tensor:
            case tg.Variable():
                return self.point.values[tensor.name].squeeze(), list(tensor.edges)
            case Rename():
                value, edges = self._value(tensor.tensor)
                return value, [tensor.mapping.get(edge, edge) for edge in edges]
            case tg.Delta():
                n, order = self.point.dims[tensor.size.name], len(tensor.edges)
                value = np.zeros([n] * order)
                value[tuple([np.arange(n)] * order)] = 1
                return (value if order else np.asarray(float(n))), list(tensor.edges)
            case tg.Zero():
                return np.zeros([self.point.dims[size.name] for size in tensor.shape.values()]), list(tensor.edges)
            case tg.Sum():
                edges = list(tensor.edges)
                terms = [self._aligned(term, edges) for term in tensor.terms]
                return sum((float(w) * t for w, t in zip(tensor.weights, terms, strict=True)), np.zeros(())), edges
            case tg.Product():
                label: dict[str, int] = {}
                operands: list[Any] = [np.ones(()), []]
                for factor in tensor.factors:
                    value, edges = self._value(factor)
                    operands += [value, [label.setdefault(edge, len(label)) for edge in edges]]
                kept = list(tensor.edges)
                return np.asarray(np.einsum(*operands, [label[e] for e in kept], optimize=True)), kept
            case tg.Function():
                return self._function(tensor)
            case _:
                raise RefusedError(f"{type(tensor).__name__} stands in the answer")

    def _function(self, tensor: Any) -> tuple[Array, list[str]]:
        signature = tensor.signature
        value, edges = self._value(tensor.inputs[0])
        if signature.name in ("det", "inv"):
            first, second = signature.inputs[0]
            others = [edge for edge in edges if edge not in (first, second)]
            matrices = value.transpose([edges.index(edge) for edge in (*others, first, second)])
            if signature.name == "det":
                return np.asarray(np.linalg.det(matrices)), others
            return np.linalg.inv(matrices), [*others, second, first]
        if signature.name.startswith("pow("):
            return np.asarray(value ** float(signature.k)), edges
        if signature.name not in ENTRYWISE:
            raise RefusedError(f"the function {signature.name} stands in the answer")
        return ENTRYWISE[signature.name](value), edges
