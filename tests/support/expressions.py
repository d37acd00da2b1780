"""Random well-typed expressions over a fixed set of symbols, for property tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

from generator.expr.functions import FUNCTIONS, MATRIX_FUNCTIONS
from generator.expr.nodes import (
    OF_SYMMETRIC,
    ONE,
    SCALAR,
    Adjugate,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
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
    PseudoInverse,
    Shape,
    Softmax,
    Spectral,
    Symbol,
    Trace,
    Transpose,
    Vec,
    add,
    hadamard,
    in_blocks,
    negative,
    number,
    product,
    scale,
    softmax_of_rows,
    zeros,
)
from generator.expr.parsing.parse import declare

T = TypeVar("T")
N, M = Dim.of("n"), Dim.of("m")
SYMBOLS: dict[str, Symbol] = {
    name: declare(name, said)
    for name, said in {
        "A": "n x n",
        "B": "n x m",
        "C": "m x n",
        "D": "m x m",
        "S": "n x n symmetric",
        "P": "n x n positive definite",
        "K": "n x n skew-symmetric",
        "E": "n x n diagonal",
        "Q": "n x n orthogonal",
        "R": "n x n lower triangular",
        "V": "n x n invertible",
        "W": "n x m positive",
        "X": "n x m",
        "x": "n",
        "y": "n",
        "u": "m",
        "w": "n positive",
        "a": "scalar",
        "c": "scalar positive",
        "lambda": "scalar",
    }.items()
}
SHAPES: tuple[Shape, ...] = (SCALAR, (N, ONE), (M, ONE), (N, N), (N, M), (M, N), (M, M), (ONE, N))


FUNCTION = declare("phi", "elementwise")
"""A function of which nothing is known."""
KNOWN = SYMBOLS | {FUNCTION.name: FUNCTION}
"""All that expressions drawn here may contain."""
APPLIED = (*sorted(FUNCTIONS), FUNCTION.name)


@cache
def among(*options: T) -> st.SearchStrategy[T]:
    """One of some values.

    Strategies are made once, as Hypothesis validates each new one, which takes longer than a draw.
    """
    return st.sampled_from(options)


@cache
def whole(least: int, most: int) -> st.SearchStrategy[int]:
    """A whole number within bounds."""
    return st.integers(least, most)


@cache
def numbers() -> st.SearchStrategy[Expr]:
    """Whole numbers and simple fractions, negative ones too."""
    return st.sampled_from([Fraction(v) for v in ("1", "2", "3", "-1", "-2", "1/2", "-3/2", "5")]).map(Number)


@cache
def exponents() -> st.SearchStrategy[Expr]:
    """Numbers, and a symbol."""
    return st.one_of(numbers(), st.just(SYMBOLS["a"]))


@cache
def leaves(shape: Shape) -> st.SearchStrategy[Expr]:
    """Symbols and constants of a shape."""
    found: list[Expr] = [s for s in SYMBOLS.values() if s.shape == shape]
    found += [Transpose(s) for s in SYMBOLS.values() if (s.shape[1], s.shape[0]) == shape and not s.is_scalar]
    options = [st.sampled_from(found)] if found else []
    if shape == SCALAR:
        options += [numbers(), st.just(Pi())]
    elif shape[0] == shape[1]:
        options.append(st.just(Identity(shape[0])))
    if shape[0] != ONE:
        options.append(st.just(Ones(shape)))
    return st.one_of(options)


@cache
@st.composite
def expressions(draw: st.DrawFn, shape: Shape = SCALAR, depth: int = 3, *, differentials: bool = False) -> Expr:
    """An expression of a shape, at most some levels deep."""
    if depth == 0 or draw(whole(0, 4)) == 0:
        return draw(leaves(shape))

    def inner(s: Shape) -> Expr:
        return draw(expressions(s, depth - 1, differentials=differentials))

    builders = {
        "sum": lambda: add(*(inner(shape) for _ in range(draw(whole(2, 3))))),
        "minus": lambda: add(inner(shape), negative(inner(shape))),
        "scale": lambda: scale(inner(SCALAR), inner(shape)),
        "number": lambda: scale(draw(numbers()), inner(shape)),
    }
    if differentials:
        builders["differential"] = lambda: Differential(inner(shape))
    if shape == SCALAR:
        some = draw(among(*(s for s in SHAPES if s[0] == s[1] and s != SCALAR)))
        other = draw(among(*(s for s in SHAPES if s != SCALAR)))
        builders |= {
            "trace": lambda: Trace(inner(some)),
            "det": lambda: Determinant(inner(some)),
            "entries": lambda: EntrySum(inner(other)),
            "norm": lambda: Norm(draw(among("1", "2")), inner(other)),
            "power": lambda: Power(inner(SCALAR), draw(exponents())),
            "function": lambda: Elementwise(draw(among(*APPLIED)), inner(SCALAR)),
            "spectral norm": lambda: Spectral("norm_spec", inner(draw(among((N, N), (N, M), (M, N))))),
            "eigenvalue": lambda: Spectral(draw(among(*sorted(OF_SYMMETRIC))), gram(inner((M, N)), number(0))),
            "form": lambda: product(Transpose(inner((N, ONE))), inner((N, N)), inner((N, ONE))),
            "vec": lambda: product(Transpose(Vec(inner(other))), Vec(inner(other))),
            "kron": lambda: EntrySum(Kronecker(inner(some), inner(some))),
            "trace of kron": lambda: Trace(Kronecker(inner(some), inner(some))),
        }
    else:
        middle = draw(among(N, M))
        builders |= {
            "product": lambda: (
                product(inner((shape[0], middle)), inner((middle, shape[1])))
                if (shape[0], middle) in SHAPES and (middle, shape[1]) in SHAPES
                else inner(shape)
            ),
            "hadamard": lambda: hadamard(inner(shape), inner(shape)),
            "entrywise power": lambda: HadamardPower(inner(shape), draw(numbers())),
            "entrywise powers": lambda: HadamardPower(inner(shape), inner(shape)),
            "exponential": lambda: HadamardPower(draw(numbers()), inner(shape)),
            "function": lambda: Elementwise(draw(among(*APPLIED)), inner(shape)),
        }
        if (shape[1], shape[0]) in SHAPES:
            builders["transpose"] = lambda: Transpose(inner((shape[1], shape[0])))
            builders["pseudo-inverse"] = lambda: PseudoInverse(inner((shape[1], shape[0])))
        if ONE not in shape or shape[1] == ONE:
            builders["softmax"] = lambda: Softmax(inner(shape))
        if shape[1] == ONE:
            builders["diagonal"] = lambda: Diagonal(inner((shape[0], shape[0])))
        elif shape[0] == shape[1]:
            builders |= {
                "inverse": lambda: Inverse(inner(shape)),
                "adjugate": lambda: Adjugate(inner(shape)),
                "power": lambda: Power(inner(shape), Number(Fraction(draw(whole(2, 3))))),
                "diag": lambda: Diag(inner((shape[0], ONE))),
                "matrix function": lambda: MatrixFunction(draw(among(*MATRIX_FUNCTIONS)), inner(shape)),
            }
    return builders[draw(among(*sorted(builders)))]()


@cache
@st.composite
def textbook(draw: st.DrawFn, shape: Shape = SCALAR, depth: int = 3) -> Expr:
    """An expression of a shape made of what textbooks are made of: forms, residuals, Gram matrices, ratios, softmax."""
    if depth == 0:
        return draw(leaves(shape))

    def inner(s: Shape) -> Expr:
        return draw(textbook(s, depth - 1))

    def applied(e: Expr, *names: str) -> Expr:
        return Elementwise(draw(among(*(names or APPLIED))), e)

    size, other = draw(among((N, M), (M, N)))
    column, square = (size, ONE), (size, size)
    idioms: dict[str, Callable[[], Expr]] = {
        "sum": lambda: add(inner(shape), inner(shape)),
        "difference": lambda: add(inner(shape), negative(inner(shape))),
        "number": lambda: scale(draw(numbers()), inner(shape)),
    }
    if shape == SCALAR:
        idioms |= {
            "inner product": lambda: product(Transpose(inner(column)), inner(column)),
            "form": lambda: product(Transpose(r := inner(column)), inner(square), r),
            "residual": lambda: Norm("2", inner(draw(among(column, (size, other))))) ** 2,
            "norm": lambda: Norm(draw(among("1", "2")), inner(draw(among(column, (N, M))))),
            "trace": lambda: Trace(product(inner((size, other)), inner((other, size)))),
            "logdet": lambda: Elementwise("log", Determinant(inner(square))),
            "logdet of Gram": lambda: Elementwise("log", Determinant(gram(inner((other, size)), draw(leaves(SCALAR))))),
            "determinant": lambda: Determinant(inner(square)),
            "spectral norm": lambda: Spectral("norm_spec", inner((N, M))),
            "eigenvalue": lambda: Spectral(draw(among(*sorted(OF_SYMMETRIC))), gram(inner((M, N)), number(1))),
            "ratio": lambda: inner(SCALAR) / inner(SCALAR),
            "product": lambda: inner(SCALAR) * inner(SCALAR),
            "log-sum-exp": lambda: Elementwise("log", EntrySum(Elementwise("exp", inner(column)))),
            "entries": lambda: EntrySum(applied(inner(draw(among(column, (N, M)))))),
            "entropy": lambda: product(Transpose(v := inner(column)), Elementwise("log", v)),
            "composition": lambda: applied(inner(SCALAR), "exp", "log", "sqrt", "sin", "tanh", "sigmoid"),
            "power": lambda: inner(SCALAR) ** draw(among(number(2), number(3), number("1/2"), number(-1))),
            "quadratic in a matrix": lambda: Trace(product(Transpose(B := inner((size, other))), inner(square), B)),
            "trace of inverse": lambda: Trace(Inverse(inner(square))),
            "sum of a Kronecker product": lambda: EntrySum(Kronecker(inner(square), inner(column))),
        }
    elif shape[1] == ONE:
        n = shape[0]
        idioms |= {
            "leaf": lambda: draw(leaves(shape)),
            "residual": lambda: add(product(inner((n, size)), inner(column)), negative(draw(leaves(shape)))),
            "product": lambda: product(inner((n, size)), inner(column)),
            "function": lambda: applied(inner(shape)),
            "hadamard": lambda: hadamard(inner(shape), inner(shape)),
            "quotient": lambda: hadamard(inner(shape), HadamardPower(inner(shape), number(-1))),
            "softmax": lambda: draw(among(Softmax, divided_by_sum))(inner(shape)),
            "normalized": lambda: (v := inner(shape)) / Norm("2", v),
            "scaled": lambda: scale(inner(SCALAR), inner(shape)),
            "solved": lambda: product(Inverse(inner((n, n))), inner(shape)),
            "diagonal": lambda: Diagonal(inner((n, n))),
            "centered": lambda: add(v := inner(shape), negative(scale(EntrySum(v) / 3, Ones(shape)))),
        }
    elif shape[0] == ONE:
        idioms["row"] = lambda: Transpose(inner((shape[1], ONE)))
    else:
        rows, columns = shape
        idioms |= {
            "leaf": lambda: draw(leaves(shape)),
            "product": lambda: product(inner((rows, size)), inner((size, columns))),
            "outer product": lambda: product(inner((rows, ONE)), Transpose(inner((columns, ONE)))),
            "softmax of rows": lambda: softmax_of_rows(inner(shape)),
            "mask": lambda: hadamard(draw(leaves(shape)), inner(shape)),
            "function": lambda: applied(inner(shape)),
            "transpose": lambda: Transpose(inner((columns, rows))),
            "scaled": lambda: scale(inner(SCALAR), draw(leaves(shape))),
        }
        if rows == columns:
            idioms |= {
                "inverse": lambda: Inverse(inner(shape)),
                "Gram": lambda: gram(inner((other if size == rows else size, rows)), draw(leaves(SCALAR))),
                "weighted Gram": lambda: product(Transpose(B := inner((size, rows))), draw(leaves(square)), B),
                "power": lambda: Power(inner(shape), number(draw(whole(2, 3)))),
                "diag": lambda: Diag(inner((rows, ONE))),
                "exponential": lambda: MatrixFunction("expm", scale(inner(SCALAR), draw(leaves(shape)))),
            }
    return idioms[draw(among(*sorted(idioms)))]()


@cache
@st.composite
def with_blocks(draw: st.DrawFn, shape: Shape = SCALAR, depth: int = 1) -> Expr:
    """A function of block matrices whose blocks are what textbooks are made of; of any shape but a scalar's, one."""

    def inner(s: Shape) -> Expr:
        zero = s != SCALAR and draw(whole(0, 5)) == 0
        return zeros(s) if zero else draw(textbook(s, draw(whole(0, depth))))

    def matrix(heights: Sequence[Dim], widths: Sequence[Dim]) -> Expr:
        return in_blocks([[inner((rows, columns)) for columns in widths] for rows in heights])

    sizes = draw(among((N, M), (M, N), (N, ONE), (N, N)))
    square, column = matrix(sizes, sizes), matrix(sizes, (ONE,))
    tall, across = matrix(sizes, (N,)), matrix((N,), sizes)
    if shape != SCALAR:
        return draw(
            st.sampled_from(
                [
                    square, column, product(square, column), product(tall, inner((N, ONE))), product(across, column),
                    Elementwise(draw(among(*sorted(FUNCTIONS))), column), product(tall, inner((N, N))),
                ]
            )
        )  # fmt: skip
    return draw(
        st.sampled_from(
            [
                Norm("2", add(product(tall, inner((N, ONE))), negative(column))) ** 2,
                Norm(draw(among("1", "2")), draw(st.sampled_from([column, tall, square]))),
                Trace(product(Transpose(tall), tall)),
                Trace(square),
                product(Transpose(column), square, column),
                Elementwise("log", Determinant(square)),
                Determinant(square),
                Trace(Inverse(square)),
                product(Transpose(column), Inverse(square), column),
                EntrySum(Elementwise(draw(among(*sorted(FUNCTIONS))), add(square, square))),
                Elementwise("log", Determinant(gram(tall, number(1)))),
            ]
        )
    )


def divided_by_sum(e: Expr) -> Expr:
    """exp(x)/sum(exp(x))."""
    powers = Elementwise("exp", e)
    return powers / EntrySum(powers)


def gram(B: Expr, c: Expr) -> Expr:
    """B′B + c I."""
    return add(product(Transpose(B), B), scale(c, Identity(B.shape[1])))
