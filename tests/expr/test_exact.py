"""Exact numbers: what SymPy says of the same matrices, and what is refused instead of rounded."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.errors import Unsupported
from generator.expr.evaluate.exact import (
    PROPERTIES,
    NoValueError,
    Rows,
    cayley,
    determinant,
    exact,
    inverse,
    is_integral,
    times,
    transposed,
)
from generator.expr.evaluate.numeric import Point, array, evaluate
from generator.expr.parsing.parse import read
from generator.expr.printing.latex import latex
from generator.expr.printing.plain import plain

ENTRIES = st.sampled_from(sorted({Fraction(p, q) for q in range(1, 5) for p in range(-4 * q, 4 * q + 1)}, key=abs))
SQUARE = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(ENTRIES, min_size=n, max_size=n), min_size=n, max_size=n)
)


def rows(said: list[list[Fraction]]) -> Rows:
    return tuple(map(tuple, said))


def symbolic(a: Rows) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(x.numerator, x.denominator) for x in row] for row in a])


def fractions(a: sympy.Matrix) -> Rows:
    return rows([[Fraction(int(x.p), int(x.q)) for x in a.row(i)] for i in range(a.rows)])


@given(SQUARE)
@settings(max_examples=40)
def test_linear_algebra_is_that_of_sympy(said: list[list[Fraction]]) -> None:
    a = rows(said)
    m = symbolic(a)
    assert determinant(a) == Fraction(str(m.det()))
    assert times(a, transposed(a)) == fractions(m * m.T)
    assert PROPERTIES["positive definite"](times(a, transposed(a))) == (m.det() != 0)
    if m.det() == 0:
        with pytest.raises(NoValueError):
            inverse(a)
    else:
        assert inverse(a) == fractions(m.inv())


@given(SQUARE)
@settings(max_examples=40)
def test_cayley_makes_orthogonal_matrices(said: list[list[Fraction]]) -> None:
    skew = rows(
        [
            [x - y for x, y in zip(row, column, strict=True)]
            for row, column in zip(said, transposed(rows(said)), strict=True)
        ]
    )
    assert PROPERTIES["skew-symmetric"](skew)
    assert PROPERTIES["orthogonal"](cayley(skew))


WITH_VALUES = [
    "A*B + B'", "A.*B - 2*A", "inv(A)*B", "A^3", "adj(A)*x", "tr(A*B)*x", "det(A)^2", "x'*A*x/(x'*x)", "diag(x)*A",
    "diag(A)", "vec(A)", "kron(A, x')", "norm1(x)", "sum(A)", "A.^2", "abs(x) + relu(x) - sign(x)", "sqrt(4*c^2)",
    "norm2([3; 4]*c)", "pinv(x)", "eye(2)*A", "vector(1, 2) + x", "[1, 2; 3, 4]*x", "c^-2", "(c^2)^(1/2)",
]  # fmt: skip


@given(entries=st.lists(ENTRIES.filter(bool), min_size=11, max_size=11))
@settings(max_examples=10)
@pytest.mark.parametrize("text", WITH_VALUES)
def test_values_are_those_of_the_computers_own_numbers(text: str, entries: list[Fraction]) -> None:
    parsed = read(text, {"A": "2 x 2", "B": "2 x 2", "x": "2", "c": "scalar"})
    a, b, x, c = entries[:4], entries[4:8], entries[8:10], entries[10]
    assume(a[0] * a[3] != a[1] * a[2])
    values = {"A": rows([a[:2], a[2:]]), "B": rows([b[:2], b[2:]]), "x": rows([[y] for y in x]), "c": rows([[c]])}
    found = exact(parsed.expr, {parsed.symbols[name]: value for name, value in values.items()})
    point = Point({name: array(value) for name, value in values.items()}, {})
    assert np.allclose(array(found), evaluate(parsed.expr, point))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("sqrt(2)", Unsupported),
        ("2^(1/3)", Unsupported),
        ("log(2)", Unsupported),
        ("expm([1, 2; 3, 4])", Unsupported),
        ("pi", Unsupported),
        ("2^100", Unsupported),
        ("norm2([1; 1])", Unsupported),
        ("c", Unsupported),
        ("eye(n)*matrix(1, n, n)", Unsupported),
        ("(1 - 1)^-1", NoValueError),
        ("sqrt(1 - 2)", NoValueError),
        ("inv([1, 2; 2, 4])", NoValueError),
        ("pinv([0, 0])", NoValueError),
    ],
)
def test_nothing_is_rounded(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        exact(read(text).expr, {})


def test_a_singular_matrix_has_an_adjugate() -> None:
    assert exact(read("adj([1, 2; 2, 4])").expr, {}) == rows([[Fraction(4), Fraction(-2)], [Fraction(-2), Fraction(1)]])


def test_whole_numbers() -> None:
    assert is_integral(rows([[Fraction(2), Fraction(-3)]]))
    assert not is_integral(rows([[Fraction(2), Fraction(1, 2)]]))


@pytest.mark.parametrize(
    ("text", "printed", "typeset"),
    [
        ("[1, 2; 3, -1/2]*x", "[1, 2; 3, -1/2]*x", r"\begin{pmatrix} 1 & 2 \\ 3 & -\tfrac{1}{2} \end{pmatrix} x"),
        ("([1; 2] + b)'", "([1; 2] + b)'", r"\left( \begin{pmatrix} 1 \\ 2 \end{pmatrix} + b \right)^{\top}"),
        (
            "||[1; 2] - b||",
            "norm2([1; 2] - b)",
            r"\left\lVert \begin{pmatrix} 1 \\ 2 \end{pmatrix} - b \right\rVert_{2}",
        ),
        ("[5]*b", "5*b", "5 b"),
    ],
)
def test_matrices_of_numbers_are_read_and_written(text: str, printed: str, typeset: str) -> None:
    e = read(text, {"x": "2", "b": "2"}).expr
    assert (plain(e), latex(e)) == (printed, typeset)
    assert read(printed, {"x": "2", "b": "2"}).expr == e
