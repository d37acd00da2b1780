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
    PseudoInverse,
    Trace,
    Vec,
    inverse,
)
from generator.algebra.functions import FUNCTIONS, MATRIX_FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _diag(arg: Expr) -> Expr:
    return Diag(arg) if arg.shape[1] == ONE else Diagonal(arg)


def _entry_sum(arg: Expr) -> Expr:
    return arg if arg.is_scalar else EntrySum(arg)


UNARY: dict[str, Callable[[Expr], Expr]] = {
    "tr": Trace,
    "Tr": Trace,
    "trace": Trace,
    "det": Determinant,
    "logdet": lambda arg: Elementwise("log", Determinant(arg)),
    "inv": inverse,
    "adj": Adjugate,
    "pinv": PseudoInverse,
    "sum": _entry_sum,
    "norm1": lambda arg: Norm("1", arg),
    "norm2": lambda arg: Norm("2", arg),
    "norm_fro": lambda arg: Norm("2", arg),
    "diag": _diag,
    "vec": Vec,
    "ln": lambda arg: Elementwise("log", arg),
}
"""What a name in front of one argument builds."""


def _register(names: Iterable[str], make: Callable[[str, Expr], Expr]) -> None:
    for name in names:
        UNARY[name] = lambda arg, name=name: make(name, arg)  # type: ignore[misc]


_register(FUNCTIONS, Elementwise)
_register(MATRIX_FUNCTIONS, MatrixFunction)

FUNCTION_NAMES = frozenset(UNARY) | {"kron", "max", "vector", "matrix"}
"""Names that stand for functions and cannot be symbols."""
