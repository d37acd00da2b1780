"""Matrices of numbers in texts: how they are written, what is wrong with them, and what is known of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import ExpressionError
from generator.expr import properties
from generator.expr.evaluate.exact import is_positive_semidefinite
from generator.expr.nodes import Matrix
from generator.expr.parsing.parse import read
from generator.expr.printing.plain import plain
from generator.solver.solve import solve

SPELLINGS = [
    (text, "x'*[2, 1; 1, 3]*x")
    for text in (
        "x'[2 1; 1 3]x",
        "x'*[2, 1; 1, 3]*x",
        "x^T [2 1 ; 1 3] x",
        "x'[[2, 1], [1, 3]]x",
        "x'[[2 1] , [1 3]]x",
        "x'[2 1; 1 3;]x",
        r"x^T \begin{pmatrix}2&1\\1&3\end{pmatrix} x",
        r"x^\top \begin{bmatrix} 2 & 1 \\ 1 & 3 \\ \end{bmatrix} x",
        r"x^\top \left( \begin{matrix} 2 & 1 \\ 1 & 3 \end{matrix} \right) x",
        r"x^\top \left[\begin{array}{cc} 2 & 1 \\ 1 & 3 \end{array}\right] x",
        r"x^\top \bigl[ 2, 1; 1, 3 \bigr] x",
        r"$x^\top \begin{smallmatrix} 2 & 1 \\ 1 & 3 \end{smallmatrix} x$",
    )
] + [
    ("x'[2 -1; -1/2 0.5]x", "x'*[2, -1; -1/2, 1/2]*x"),
    ("x'[2 - 1, 1; 1 + 1, 3]x", "x'*[1, 1; 2, 3]*x"),
    (r"x^T \begin{pmatrix}2&-\frac12\\1&\tfrac{3}{4}\end{pmatrix} x", "x'*[2, -1/2; 1, 3/4]*x"),
    (r"\begin{vmatrix}2&1\\1&3\end{vmatrix} x^\top x", "det([2, 1; 1, 3])*x'*x"),
    ("[1 2]x", "[1, 2]*x"),
    ("[1; 2]'x", "[1; 2]'*x"),
    ("||[0 1; 1 0] x - [1; 2]||^2", "norm2([0, 1; 1, 0]*x - [1; 2])^2"),
    ("x'([2 1; 1 3] + eye)x", "x'*([2, 1; 1, 3] + eye)*x"),
    ("tr([1 2; 3 4]^T X)", "tr([1, 2; 3, 4]'*X)"),
    ("tr(kron[[1 2; 3 4], X])", "tr(kron([1, 2; 3, 4], X))"),
    ("[5] x'x", "5*x'*x"),
    ("[2 - 1] x'x", "(2 - 1)*x'*x"),
    ("max[0, x'x]", "relu(x'*x)"),
]


@pytest.mark.parametrize(("text", "expected"), SPELLINGS)
def test_spellings_of_a_matrix(text: str, expected: str) -> None:
    e = read(text).expr
    assert plain(e) == expected
    assert read(expected).expr == e


MISTAKES = [
    ("x'[1 2; 3]x", "a row with 1 entry below one with 2 entries", "3"),
    ("x'[1; 3 -1]x", "a row with 2 entries below one with 1 entry", "3 -1"),
    (r"x^T \begin{pmatrix}1&2\\3\end{pmatrix} x", "a row with 1 entry below one with 2 entries", "3"),
    ("x'[]x", "a matrix without entries", "[]"),
    (r"x^T \begin{pmatrix}\end{pmatrix} x", "a matrix without entries", r"\begin{pmatrix}\end{pmatrix}"),
    ("x'[1 2;; 3 4]x", "an entry is missing here", ";"),
    ("x'[1,, 2]x", "an entry is missing here", ","),
    ("x'[, 2]x", "an entry is missing here", ","),
    (r"x^T \begin{pmatrix}1& \\3&4\end{pmatrix} x", "an entry is missing here", "&"),
    (
        "tr([A, B; C, D; E, x])",
        "x has 1 columns and B has more than 1; blocks below each other have as many columns",
        "x",
    ),
    ("tr([X, 1; 2, 3])", "1 has 1 rows and X has more than 1; blocks beside each other have as many rows", "1"),
    ("[A x, b]*y", "A x could be a product or two entries", "A x"),
    ("[X Y]*[u; v]", "[X Y] could be a product or a row of blocks", "[X Y]"),
    ("x'[1 1/0; 2 3]x", "division by zero", "1/0"),
    (r"x^T \begin{cases}1&2\end{cases} x", r"\begin has to be followed by a matrix", r"\begin{cases}"),
    (r"x^T \begin{pmatrix}1&2", r"\begin{pmatrix} is not closed", r"\begin{pmatrix}"),
    (r"x^T \begin{pmatrix}1&2\end{bmatrix}", r"\end{bmatrix} cannot close \begin{pmatrix}", r"\end{bmatrix}"),
    ("x & x", "& stands in no matrix", "&"),
    ("[1, 2", ", cannot stand here", ","),
]


@pytest.mark.parametrize(("text", "what", "where"), MISTAKES)
def test_mistakes_in_a_matrix_are_shown_at_their_place(text: str, what: str, where: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert caught.value.what == what
    place = caught.value.text
    assert place is not None
    assert text[place.start : place.stop] == where


ENTRIES = st.fractions(-3, 3, max_denominator=2)


@st.composite
def squares(draw: st.DrawFn) -> Matrix:
    """Square matrices, of which many are symmetric, orthogonal up to signs, or singular."""
    n = draw(st.integers(2, 3))
    rows = [[draw(ENTRIES) for _ in range(n)] for _ in range(n)]
    kind = draw(st.sampled_from(("any", "symmetric", "gram", "signed permutation", "skew")))
    if kind == "symmetric":
        rows = [[rows[min(i, j)][max(i, j)] for j in range(n)] for i in range(n)]
    if kind == "gram":
        rows = [[sum((a * b for a, b in zip(p, q, strict=True)), Fraction(0)) for q in rows] for p in rows]
    if kind == "skew":
        rows = [[rows[i][j] - rows[j][i] for j in range(n)] for i in range(n)]
    if kind == "signed permutation":
        order = draw(st.permutations(range(n)))
        rows = [[Fraction(draw(st.sampled_from((1, -1))) * (order[i] == j)) for j in range(n)] for i in range(n)]
    return Matrix(tuple(map(tuple, rows)))


@given(squares())
@settings(max_examples=150)
def test_what_is_known_of_a_matrix_is_what_its_numbers_say(e: Matrix) -> None:
    a = np.array(e.rows, dtype=float)
    symmetric = bool((a == a.T).all())
    least = float(np.linalg.eigvalsh(a)[0]) if symmetric else 0.0
    assert properties.is_symmetric(e) == symmetric
    assert properties.is_skew_symmetric(e) == bool((a == -a.T).all())
    assert properties.is_orthogonal(e) == bool((a.T @ a == np.eye(len(a))).all())
    assert properties.is_invertible(e) == (abs(np.linalg.det(a)) > 1e-9)
    assert properties.is_positive_definite(e) == (symmetric and least > 1e-9)
    assert properties.is_positive_semidefinite(e) == (symmetric and least > -1e-9) == is_positive_semidefinite(e.rows)
    assert properties.transpose_of(e) == Matrix(tuple(zip(*e.rows, strict=True)))


ANSWERS = [
    ("x'[2 1; 1 3]x", "x", "derivative", "2*[2, 1; 1, 3]*x"),
    ("x'[1 2; 3 4]x", "x", "derivative", "[2, 5; 5, 8]*x"),
    ("1/2 x'[2 1; 1 3]x - [1; 2]'x", "x", "stationary", "[1/5; 3/5]"),
    ("tr(inv([2 1; 1 1]) X [1 2; 3 4])", "X", "derivative", "[-1, -1; 3, 5]"),
    ("||[0 1; -1 0] x||^2", "x", "derivative", "2*x"),
    ("det([2 1; 1 3]) tr(X)", "X", "derivative", "5*eye"),
    ("x'[2 1; 1 3]x", "x", "hessian", "2*[2, 1; 1, 3]"),
]


@pytest.mark.parametrize(("text", "wrt", "find", "expected"), ANSWERS)
def test_answers_use_what_the_numbers_say(text: str, wrt: str, find: str, expected: str) -> None:
    assert str(solve(text, wrt, find=find).result) == expected
