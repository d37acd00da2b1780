"""Random well-typed expressions over a fixed set of symbols, for property tests."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from generator.algebra.expr import (
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
    Power,
    PseudoInverse,
    Shape,
    Symbol,
    Trace,
    Transpose,
    Vec,
    Zero,
    add,
    hadamard,
    negative,
    product,
    scale,
)
from generator.algebra.functions import FUNCTIONS, MATRIX_FUNCTIONS
from generator.algebra.parse import declare

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
        "X": "n x m",
        "x": "n",
        "y": "n",
        "u": "m",
        "a": "scalar",
        "c": "scalar positive",
        "lambda": "scalar",
    }.items()
}
SHAPES: tuple[Shape, ...] = (SCALAR, (N, ONE), (M, ONE), (N, N), (N, M), (M, N), (M, M), (ONE, N))


def numbers() -> st.SearchStrategy[Expr]:
    """Whole numbers and simple fractions, negative ones too."""
    return st.sampled_from([Fraction(v) for v in ("1", "2", "3", "-1", "-2", "1/2", "-3/2", "5")]).map(Number)


def leaves(shape: Shape) -> st.SearchStrategy[Expr]:
    """Symbols and constants of a shape."""
    found: list[Expr] = [s for s in SYMBOLS.values() if s.shape == shape]
    found += [Transpose(s) for s in SYMBOLS.values() if (s.shape[1], s.shape[0]) == shape and not s.is_scalar]
    options = [st.sampled_from(found)] if found else []
    if shape == SCALAR:
        options.append(numbers())
    elif shape[0] == shape[1]:
        options.append(st.just(Identity(shape[0])))
    if shape[0] != ONE:
        options.append(st.just(Ones(shape)))
    return st.one_of(options)


@st.composite
def expressions(draw: st.DrawFn, shape: Shape = SCALAR, depth: int = 3, *, differentials: bool = False) -> Expr:
    """An expression of a shape, at most some levels deep."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(leaves(shape))

    def inner(s: Shape) -> Expr:
        return draw(expressions(s, depth - 1, differentials=differentials))

    builders = {
        "sum": lambda: add(*(inner(shape) for _ in range(draw(st.integers(2, 3))))),
        "minus": lambda: add(inner(shape), negative(inner(shape))),
        "scale": lambda: scale(inner(SCALAR), inner(shape)),
        "number": lambda: scale(draw(numbers()), inner(shape)),
    }
    if differentials:
        builders["differential"] = lambda: Differential(inner(shape))
    if shape == SCALAR:
        some = draw(st.sampled_from([s for s in SHAPES if s[0] == s[1] and s != SCALAR]))
        other = draw(st.sampled_from([s for s in SHAPES if s != SCALAR]))
        builders |= {
            "trace": lambda: Trace(inner(some)),
            "det": lambda: Determinant(inner(some)),
            "entries": lambda: EntrySum(inner(other)),
            "norm": lambda: Norm(draw(st.sampled_from(["1", "2"])), inner(other)),
            "power": lambda: Power(inner(SCALAR), draw(st.one_of(numbers(), st.just(SYMBOLS["a"])))),
            "function": lambda: Elementwise(draw(st.sampled_from(sorted(FUNCTIONS))), inner(SCALAR)),
            "form": lambda: product(Transpose(inner((N, ONE))), inner((N, N)), inner((N, ONE))),
        }
    else:
        middle = draw(st.sampled_from([N, M]))
        builders |= {
            "product": lambda: (
                product(inner((shape[0], middle)), inner((middle, shape[1])))
                if (shape[0], middle) in SHAPES and (middle, shape[1]) in SHAPES
                else inner(shape)
            ),
            "hadamard": lambda: hadamard(inner(shape), inner(shape)),
            "entrywise power": lambda: HadamardPower(inner(shape), draw(numbers())),
            "function": lambda: Elementwise(draw(st.sampled_from(sorted(FUNCTIONS))), inner(shape)),
        }
        if (shape[1], shape[0]) in SHAPES:
            builders["transpose"] = lambda: Transpose(inner((shape[1], shape[0])))
            builders["pseudo-inverse"] = lambda: PseudoInverse(inner((shape[1], shape[0])))
        if shape[1] == ONE:
            builders["diagonal"] = lambda: Diagonal(inner((shape[0], shape[0])))
        elif shape[0] == shape[1]:
            builders |= {
                "inverse": lambda: Inverse(inner(shape)),
                "adjugate": lambda: Adjugate(inner(shape)),
                "power": lambda: Power(inner(shape), Number(Fraction(draw(st.integers(2, 3))))),
                "diag": lambda: Diag(inner((shape[0], ONE))),
                "matrix function": lambda: MatrixFunction(draw(st.sampled_from(MATRIX_FUNCTIONS)), inner(shape)),
            }
    return builders[draw(st.sampled_from(sorted(builders)))]()


def stacked(e: Expr) -> Expr:
    """Its columns stacked, and a Kronecker product of it: shapes that no symbol has."""
    return Vec(Kronecker(e, Zero((N, M))))
