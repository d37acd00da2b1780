"""Block matrices: how they are read, and what is derived of them."""

from __future__ import annotations

import re

import pytest

from generator import solve
from generator.errors import ExpressionError
from generator.expr.nodes import BlockMatrix, Matrix
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.latex import declaration, latex
from generator.expr.printing.mathml import mathml
from generator.expr.printing.plain import plain
from generator.expr.printing.speech import speech

GRADIENTS = [
    ("tr([A B; C D])", "A", "eye"),
    ("tr([A, B; C, D]'*[A, B; C, D])", "B", "2*B"),
    (r"\left\| \begin{pmatrix} A & B \\ C & D \end{pmatrix} \right\|_F^2", "C", "2*C"),
    ("norm2([A; sqrt(lambda)*eye(n)]*x - [b; 0])^2", "x", "2*(A'*(A*x - b) + lambda*x)"),
    ("norm2([A, B]*[x; y] - c)^2", "y", "2*B'*(A*x + B*y - c)"),
    ("[x; y]'*[A, B; B', C]*[x; y]", "x", "(A + A')*x + 2*B*y"),
    ("sum(exp([x; y]))", "x", "exp(x)"),
    ("norm1([x; y])", "y", "sign(y)"),
    ("log(det([A b; b' c]))", "A", "inv(A - b*b'/c)'"),
    ("log(det([A, b; b', c]))", "c", "(c - b'*inv(A)*b)^-1"),
    ("log(det([A, B; C, D]))", "A", "inv(A - B*inv(D)*C)'"),
    ("log(det([A, B; 0, D]))", "A", "inv(A)'"),
    ("log(det([Q, A'; A, 0]))", "Q", "[eye(n), zeros(n, m)]*inv([Q, A'; A, zeros(m, m)])'*[eye(n); zeros(m, n)]"),
    ("[A; B]*x", "x", "[A; B]"),
    ("[A*x; B*x]", "x", "[A; B]"),
    ("[sin(x); cos(x)]", "x", "[diag(cos(x)); -diag(sin(x))]"),
    ("[1, t; t^2, 3]", "t", "[0, 1; 2*t, 0]"),
]


@pytest.mark.parametrize(("function", "wrt", "answer"), GRADIENTS)
def test_derivatives_are_read_off_blocks(function: str, wrt: str, answer: str) -> None:
    assert str(solve(function, wrt).result) == answer


def test_a_jacobian_by_a_matrix_has_the_blocks_of_the_function() -> None:
    derivation = solve("[X*A, X*B]", "X", symbols={"X": "n x m", "A": "m x p", "B": "m x q"})
    assert derivation.verified.max_error < 1e-9


def test_the_hessian_of_augmented_least_squares() -> None:
    assert str(solve("norm2([A; sqrt(c)*eye(n)]*x)^2", "x", find="hessian").result) == "2*(A'*A + c*eye)"


def test_augmented_least_squares_are_ridge_regression() -> None:
    d = solve(
        "norm2([A; sqrt(lambda)*eye(n)]*x - [b; 0])^2", "x", symbols={"lambda": "scalar positive"}, find="stationary"
    )
    assert str(d.result) == "inv(A'*A + lambda*eye)*A'*b"


def test_a_pivot_of_a_determinant_is_a_condition() -> None:
    conditions = map(str, solve("log(det([A, b; b', c]))", "b").conditions)
    assert "invertible" in " ".join(conditions)


SPELLINGS = [
    ("[A B; C D]", "[A, B; C, D]"),
    ("[[A, B], [C, D]]", "[A, B; C, D]"),
    (r"\begin{bmatrix} A & B \\ C & D \end{bmatrix}", "[A, B; C, D]"),
    (r"\begin{pmatrix} A x & b \\ C x & c \end{pmatrix}", "[A*x, b; C*x, c]"),
    ("[A^T b; b^T c]", "[A', b; b', c]"),
    ("tr([A, 0; 0, B])", "tr([A, zeros(n, m); zeros(m, n), B])"),
    ("[A, b; 0, 1]*[x; 1]", "[A, b; zeros(1, m), 1]*[x; 1]"),
]


@pytest.mark.parametrize(("text", "expected"), SPELLINGS)
def test_spellings_of_blocks(text: str, expected: str) -> None:
    assert plain(read(text).expr) == plain(read(expected).expr)


def test_numbers_are_a_matrix_of_numbers() -> None:
    assert isinstance(read("[2 1; 1 3]").expr, Matrix)
    assert isinstance(read("[2 1; 1 3/2]").expr, Matrix)
    assert isinstance(read("[2 a; 1 3]").expr, BlockMatrix)


def test_spaces_that_separate_blocks_are_said() -> None:
    assert solve("tr([A B; C D])", "A").notes == ("Spaces separate the blocks of [A B; C D]: [A, B; C, D].",)
    assert solve(r"\operatorname{tr}\begin{pmatrix}A & B \\ C & D\end{pmatrix}", "A").notes == ()


REFUSED = [
    ("tr([A, 1; 2, 3])", "1 has 1 rows"),
    ("tr([A, x; C, D])", "blocks below each other have as many columns"),
    ("[A x, b]*y", "could be a product or two entries"),
    ("[X Y]*[u; v]", "could be a product or a row of blocks"),
    ("norm2([A, 0; 0, I])^2", "nothing says how large I is"),
    ("[A; B]*x - [c; 0; 0]", "more than 1 rows"),
]


@pytest.mark.parametrize(("text", "what"), REFUSED)
def test_blocks_that_do_not_fit_are_refused(text: str, what: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(what)):
        read(text)


def test_blocks_in_print() -> None:
    e = read("[A, b; b', c]").expr
    assert latex(e) == r"\begin{pmatrix} A & b \\ b^{\top} & c \end{pmatrix}"
    assert mathml(e).count("<mtd>") == 4
    assert "row 2" in speech(e)


def test_a_sum_of_dimensions_is_declared_as_it_is_printed() -> None:
    derivation = solve("tr(S*inv([A, B; C, D]))", "A", symbols={"A": "n x n", "D": "m x m", "S": "n + m x n + m"})
    told = derivation.to_dict()["symbols"]
    assert told["S"] == "m + n x m + n"
    assert declare("S", told["S"]) == derivation.symbols["S"]
    assert declaration(derivation.symbols["S"]) == r"S \in \mathbb{R}^{(m + n) \times (m + n)}"


def test_a_function_of_a_block_matrix_needs_no_parentheses_of_its_own() -> None:
    e = read("det([A, b; b', c])").expr
    assert latex(e) == r"\det\begin{pmatrix} A & b \\ b^{\top} & c \end{pmatrix}"
    assert read(latex(e)).expr == e
