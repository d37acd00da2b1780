"""The names that are applied to arguments, and what each builds: a new one is a new row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    Adjugate,
    Determinant,
    Diag,
    Diagonal,
    Elementwise,
    EntrySum,
    Expr,
    MatrixFunction,
    Norm,
    Ones,
    PseudoInverse,
    Trace,
    Vec,
    add,
    inverse,
    number,
    reciprocal,
    scale,
)
from generator.algebra.functions import FUNCTIONS, MATRIX_FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _diag(arg: Expr) -> Expr:
    return Diag(arg) if arg.shape[1] == ONE else Diagonal(arg)


def _entry_sum(arg: Expr) -> Expr:
    return arg if arg.is_scalar else EntrySum(arg)


def _logarithm(arg: Expr) -> Expr:
    return Elementwise("log", arg)


def _to_base(base: int, arg: Expr) -> Expr:
    below = reciprocal(_logarithm(number(base)))
    return scale(_logarithm(arg), below) if arg.is_scalar else scale(below, _logarithm(arg))


def _one_more(arg: Expr) -> Expr:
    return add(number(1) if arg.is_scalar else Ones(arg.shape), arg)


UNARY: dict[str, Callable[[Expr], Expr]] = {
    "tr": Trace,
    "Tr": Trace,
    "trace": Trace,
    "det": Determinant,
    "logdet": lambda arg: _logarithm(Determinant(arg)),
    "inv": inverse,
    "adj": Adjugate,
    "pinv": PseudoInverse,
    "sum": _entry_sum,
    "norm1": lambda arg: Norm("1", arg),
    "norm2": lambda arg: Norm("2", arg),
    "norm_fro": lambda arg: Norm("2", arg),
    "diag": _diag,
    "vec": Vec,
    "ln": _logarithm,
    "log2": lambda arg: _to_base(2, arg),
    "log10": lambda arg: _to_base(10, arg),
    "log1p": lambda arg: _logarithm(_one_more(arg)),
    "softplus": lambda arg: _logarithm(_one_more(Elementwise("exp", arg))),
}
"""What a name in front of one argument builds."""


def _register(names: Iterable[str], make: Callable[[str, Expr], Expr]) -> None:
    for name in names:
        UNARY[name] = lambda arg, name=name: make(name, arg)  # type: ignore[misc]


_register(FUNCTIONS, Elementwise)
_register(MATRIX_FUNCTIONS, MatrixFunction)

FUNCTION_NAMES = frozenset(UNARY) | {"kron", "max", "vector", "matrix"}
"""Names that stand for functions and cannot be symbols."""
