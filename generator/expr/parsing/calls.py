"""The names that are applied to arguments, and what each builds: a new one is a new row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import ShapeError
from generator.expr.functions import FUNCTIONS, MATRIX_FUNCTIONS
from generator.expr.nodes import (
    ONE,
    Adjugate,
    CrossMatrix,
    Determinant,
    Diag,
    Diagonal,
    Elementwise,
    EntrySum,
    Expr,
    Identity,
    MatrixFunction,
    Norm,
    Ones,
    Power,
    PseudoInverse,
    Softmax,
    Spectral,
    Trace,
    Transpose,
    Vec,
    add,
    entrywise_power,
    hadamard,
    inverse,
    negative,
    number,
    product,
    reciprocal,
    scale,
    scaled,
    softmax_of_rows,
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
    if arg.shape[1] != ONE or arg.is_scalar:
        raise ShapeError(
            "softmax takes a column",
            remedy="Of a matrix it is meant by rows or by columns: write softmax_rows(X) or softmax_columns(X).",
        )
    return Softmax(arg)


def _one_more(arg: Expr) -> Expr:
    return add(number(1) if arg.is_scalar else Ones(arg.shape), arg)


def _norm(arg: Expr) -> Expr:
    if ONE not in arg.shape:
        raise ShapeError(
            "norm of a matrix has two meanings",
            remedy="For Frobenius's norm write norm_fro(X), for the largest singular value norm_spec(X).",
        )
    return Norm("2", arg)


def _mean(arg: Expr) -> Expr:
    sides = [Trace(Identity(side)) for side in arg.shape if side != ONE]
    return scaled([*map(reciprocal, sides), EntrySum(arg)], None) if sides else arg


def _center(arg: Expr) -> Expr:
    if arg.shape[1] != ONE or arg.is_scalar:
        raise ShapeError("the mean is taken away from the entries of a column", remedy="Declare it as a column: `n`.")
    return add(arg, negative(scale(_mean(arg), Ones(arg.shape))))


def _variance(arg: Expr) -> Expr:
    return scale(reciprocal(Trace(Identity(arg.shape[0]))), Power(Norm("2", _center(arg)), number(2)))


def _layer_norm(arg: Expr) -> Expr:
    size = Elementwise("sqrt", Trace(Identity(arg.shape[0])))
    return scaled([size, reciprocal(Norm("2", _center(arg)))], _center(arg))


def _nuclear_norm(arg: Expr) -> Expr:
    if arg.shape[1] == ONE:
        return Norm("2", arg)
    return Trace(MatrixFunction("sqrtm", product(Transpose(arg), arg)))


def spectral_norm(arg: Expr) -> Expr:
    """The largest singular value; of a column or a row, its length."""
    return Norm("2", arg) if ONE in arg.shape else Spectral("norm_spec", arg)


def inner_product(left: Expr, right: Expr) -> Expr:
    """x'y of columns, tr(A'B) of matrices, the product of scalars."""
    if left.is_scalar and right.is_scalar:
        return scale(left, right)
    joined = product(Transpose(left), right)
    return joined if left.shape[1] == right.shape[1] == ONE else Trace(joined)


def left_division(left: Expr, right: Expr) -> Expr:
    r"""inv(A) b, by which MATLAB's A\b and NumPy's solve(A, b) stand for the solution of A x = b; b/a of a scalar a."""
    return scale(reciprocal(left), right) if left.is_scalar else product(inverse(left), right)


def _dot(left: Expr, right: Expr) -> Expr:
    if left.is_scalar or right.is_scalar:
        return scale(left, right) if left.is_scalar else scale(right, left)
    return inner_product(left, right) if left.shape[1] == right.shape[1] == ONE else product(left, right)


def _gram(left: Expr, right: Expr) -> Expr:
    return product(Transpose(left), right)


UNARY: dict[str, Callable[[Expr], Expr]] = {
    "tr": Trace,
    "Tr": Trace,
    "trace": Trace,
    "det": _unless_scalar(Determinant),
    "logdet": lambda arg: _logarithm(_unless_scalar(Determinant)(arg)),
    "inv": inverse,
    "solve": inverse,
    "crossprod": lambda arg: _gram(arg, arg),
    "adj": Adjugate,
    "pinv": lambda arg: inverse(arg) if arg.is_scalar else PseudoInverse(arg),
    "sum": _unless_scalar(EntrySum),
    "norm1": lambda arg: Norm("1", arg),
    "norm2": lambda arg: Norm("2", arg),
    "norm_fro": lambda arg: Norm("2", arg),
    "diag": _unless_scalar(_diag),
    "skew": CrossMatrix,
    "rank": lambda arg: Spectral("rank", arg),
    "eigenvalues": lambda arg: Spectral("eigenvalues", arg),
    "eigenvectors": lambda arg: Spectral("eigenvectors", arg),
    "lambda_max": _unless_scalar(lambda arg: Spectral("lambda_max", arg)),
    "lambda_min": _unless_scalar(lambda arg: Spectral("lambda_min", arg)),
    "eigvec_max": lambda arg: Spectral("eigvec_max", arg),
    "eigvec_min": lambda arg: Spectral("eigvec_min", arg),
    "norm_spec": spectral_norm,
    "left_singular": lambda arg: Spectral("left_singular", arg),
    "right_singular": lambda arg: Spectral("right_singular", arg),
    "vec": _unless_scalar(Vec),
    "ln": _logarithm,
    "log2": lambda arg: _to_base(2, arg),
    "log10": lambda arg: _to_base(10, arg),
    "log1p": lambda arg: _logarithm(_one_more(arg)),
    "norm": _norm,
    "mean": _mean,
    "center": _center,
    "var": _variance,
    "layernorm": _layer_norm,
    "norm_nuc": _nuclear_norm,
    "transpose": _unless_scalar(Transpose),
    "square": lambda arg: entrywise_power(arg, number(2)),
    "cbrt": lambda arg: entrywise_power(arg, number("1/3")),
    "step": lambda arg: Elementwise("relu", Elementwise("sign", arg)),
    "silu": lambda arg: hadamard(arg, Elementwise("sigmoid", arg)),
    "softmax": _softmax,
    "softmax_rows": softmax_of_rows,
    "softmax_columns": Softmax,
    "logsumexp": lambda arg: _logarithm(_unless_scalar(EntrySum)(_exp(arg))),
}
"""What a name in front of one argument builds."""


def _register(names: Iterable[str], make: Callable[[str, Expr], Expr]) -> None:
    for name in names:
        UNARY[name] = lambda arg, name=name: make(name, arg)  # type: ignore[misc]


_register(FUNCTIONS, Elementwise)
_register(MATRIX_FUNCTIONS, _matrix_function)

BINARY: dict[str, Callable[[Expr, Expr], Expr]] = {
    "inner": inner_product,
    "dot": _dot,
    "matmul": product,
    "outer": lambda left, right: product(left, Transpose(right)),
    "multiply": hadamard,
    "cross": lambda left, right: product(CrossMatrix(left), right),
    "solve": left_division,
    "crossprod": _gram,
    "power": entrywise_power,
}
"""Functions of two arguments, by name."""

OF_ROWS = ("dot", "matmul")
"""The functions of NumPy that read a column as a row where it is their first argument."""

FUNCTION_NAMES = frozenset(UNARY) | frozenset(BINARY) | {"kron", "max", "vector", "matrix", "matrix_power"}
"""Names that stand for functions and cannot be symbols."""

FUNCTION_SPELLINGS: dict[str, str] = {
    **dict.fromkeys(("ReLU", "RELU", "Relu"), "relu"),
    **dict.fromkeys(("GELU", "Gelu"), "gelu"),
    **dict.fromkeys(("SiLU", "swish"), "silu"),
    **dict.fromkeys(("Huber",), "huber"),
    "Softplus": "softplus",
    **dict.fromkeys(("Trace", "TR", "Sp", "Spur"), "tr"),
    **{
        name.capitalize(): name
        for name in ("log", "exp", "sqrt", "sin", "cos", "tan", "tanh", "abs", "norm", "transpose")
    },
    **dict.fromkeys(("Inverse", "inverse"), "inv"),
    **dict.fromkeys(("Total",), "sum"),
    **dict.fromkeys(("mm", "mv"), "matmul"),
    "pow": "power",
    "LayerNorm": "layernorm",
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "tanh")},
    "√": "sqrt",
    "∛": "cbrt",
    "vdot": "inner",
    **dict.fromkeys(("expit", "Sigmoid", "logistic"), "sigmoid"),
    **dict.fromkeys(("diagonal", "Diagonal"), "diag"),
    "identity": "eye",
    "sgn": "sign",
    "Diag": "diag",
    **dict.fromkeys(("eig", "eigs", "eigvals", "spec"), "eigenvalues"),
    "eigvecs": "eigenvectors",
    "rk": "rank",
    "Det": "det",
    "Vec": "vec",
    "maximum": "max",
    "absolute": "abs",
    "lb": "log2",
    **dict.fromkeys(("norm_op", "sigma_max"), "norm_spec"),
}
"""Other spellings of functions, by which no symbol is called that stands before a bracket."""

LETTERS_OF_FUNCTIONS = {"sigma": ("sigmoid", "the logistic function"), "Phi": ("normcdf", "the normal distribution")}
"""Greek letters that, right before a bracket, are functions: which, and its name in a sentence."""

LOGARITHMS = {"2": "log2", "10": "log10", "e": "log"}
"""Logarithms by their bases."""

CONJUGATE = "H"
"""The mark of a conjugate transpose, which of real matrices is the transpose."""

OF_TRACES = ("tr", "Tr", "trace")
"""Names of the trace."""

OF_MATRICES = frozenset((*OF_TRACES, "det", "logdet"))
"""Functions that, without parentheses, take all factors behind them: log det B C B'."""

_SINGULAR = "Of singular values, the largest is read, norm_spec(X), and their sum, norm_nuc(X)."
_ALONE = "Write the function alone; where it is stationary is another question. max(0, x) is the positive part."
NOT_SUPPORTED: dict[str, str] = {
    **dict.fromkeys(("argmin", "argmax", "minimize", "maximize", "sup", "subject"), _ALONE),
    "cond": _SINGULAR,
    "svd": _SINGULAR,
    **dict.fromkeys(("norm_inf", "min"), "Known are norm1, norm2 and norm_fro, and max(0, x), which is relu(x)."),
    "avg": "Write mean(x).",
    "prod": "Write exp(sum(log(x))), of positive entries.",
    **dict.fromkeys(("E", "Var", "Cov"), "Expectations are not read; write what is inside of the brackets."),
    **dict.fromkeys(
        ("Gamma", "phi", "psi"),
        "Declare it as elementwise, if it is any function of each entry; put a * behind a factor.",
    ),
}
"""What a name means that is no function here, or what to write instead."""
