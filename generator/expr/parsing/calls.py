"""The names that are applied to arguments, and what each builds: a new one is a new row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import ShapeError
from generator.expr.functions import FUNCTIONS, MATRIX_FUNCTIONS
from generator.expr.nodes import (
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _unless_scalar(make: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
    """What changes nothing about a scalar."""
    return lambda arg: arg if arg.is_scalar else make(arg)


def _diag(arg: Expr) -> Expr:
    return Diag(arg) if arg.shape[1] == ONE else Diagonal(arg)


def _matrix_function(name: str, arg: Expr) -> Expr:
    return Elementwise(name.removesuffix("m"), arg) if arg.is_scalar else MatrixFunction(name, arg)


def _exp(arg: Expr) -> Expr:
    return Elementwise("exp", arg)


def _logarithm(arg: Expr) -> Expr:
    return Elementwise("log", arg)


def _to_base(base: int, arg: Expr) -> Expr:
    below = reciprocal(_logarithm(number(base)))
    return scale(_logarithm(arg), below) if arg.is_scalar else scale(below, _logarithm(arg))


def _softmax(arg: Expr) -> Expr:
    if arg.shape[1] != ONE:
        raise ShapeError(
            "softmax takes a column",
            remedy="Of a matrix it is meant by rows or by columns; by rows write exp(X)./(exp(X)*matrix(1)).",
        )
    return _exp(arg) / EntrySum(_exp(arg))


def _one_more(arg: Expr) -> Expr:
    return add(number(1) if arg.is_scalar else Ones(arg.shape), arg)


UNARY: dict[str, Callable[[Expr], Expr]] = {
    "tr": Trace,
    "Tr": Trace,
    "trace": Trace,
    "det": _unless_scalar(Determinant),
    "logdet": lambda arg: _logarithm(_unless_scalar(Determinant)(arg)),
    "inv": inverse,
    "adj": Adjugate,
    "pinv": lambda arg: inverse(arg) if arg.is_scalar else PseudoInverse(arg),
    "sum": _unless_scalar(EntrySum),
    "norm1": lambda arg: Norm("1", arg),
    "norm2": lambda arg: Norm("2", arg),
    "norm_fro": lambda arg: Norm("2", arg),
    "diag": _unless_scalar(_diag),
    "vec": _unless_scalar(Vec),
    "ln": _logarithm,
    "log2": lambda arg: _to_base(2, arg),
    "log10": lambda arg: _to_base(10, arg),
    "log1p": lambda arg: _logarithm(_one_more(arg)),
    "softplus": lambda arg: _logarithm(_one_more(_exp(arg))),
    "softmax": _softmax,
    "logsumexp": lambda arg: _logarithm(_unless_scalar(EntrySum)(_exp(arg))),
}
"""What a name in front of one argument builds."""


def _register(names: Iterable[str], make: Callable[[str, Expr], Expr]) -> None:
    for name in names:
        UNARY[name] = lambda arg, name=name: make(name, arg)  # type: ignore[misc]


_register(FUNCTIONS, Elementwise)
_register(MATRIX_FUNCTIONS, _matrix_function)

FUNCTION_NAMES = frozenset(UNARY) | {"kron", "max", "vector", "matrix"}
"""Names that stand for functions and cannot be symbols."""

_EIGENVALUES = "Eigenvalues are not supported: their differentials take eigenvectors."
_SINGULAR = "Singular values are not supported: their differentials take singular vectors."
NOT_SUPPORTED: dict[str, str] = {
    "norm": "Write norm2(x) for a vector, norm_fro(X) for a matrix, norm1(X) for the sum of the absolute entries.",
    "rank": "The rank is a whole number and has no differential.",
    "cond": _SINGULAR,
    **dict.fromkeys(("norm_nuc", "norm_spec", "norm_op", "svd"), _SINGULAR),
    **dict.fromkeys(("eig", "eigs", "eigvals", "lambda_max", "lambda_min"), _EIGENVALUES),
    **dict.fromkeys(("norm_inf", "min"), "Known are norm1, norm2 and norm_fro, and max(0, x), which is relu(x)."),
    **dict.fromkeys(("mean", "avg"), "Write sum(x)/tr(eye(n)), with n for the number of entries."),
    "prod": "Write exp(sum(log(x))), of positive entries.",
    "sqrtm": "Name the square root S and write S*S for the matrix.",
}
"""What a name means that is no function here, or what to write instead."""
