"""The cross product of columns of three, and the matrix skew(x) with skew(x) y = x × y."""

from __future__ import annotations

import numpy as np
import pytest

from generator import GeneratorError, Unsupported, solve
from generator.expr.evaluate.exact import exact
from generator.expr.evaluate.numeric import Point, evaluate
from generator.expr.nodes import CrossMatrix, Dim, Symbol
from generator.expr.parsing.parse import read
from generator.expr.printing.latex import latex
from generator.expr.printing.mathml import mathml
from generator.expr.printing.plain import plain
from generator.expr.printing.speech import speech

GRADIENTS = [
    ("a'(x × y)", "x", "skew(y)*a"),
    (r"\mathbf{a}\cdot(\mathbf{x}\times\mathbf{y})", "y", "-skew(x)*a"),
    ("x × y", "x", "-skew(y)"),
    ("cross(x, y)", "y", "skew(x)"),
    ("||x × y||^2", "x", "2*skew(y)*skew(x)*y"),
    ("||a × x - b||^2", "x", "-2*skew(a)*(skew(a)*x - b)"),
    ("cross(A x, y)'*z", "x", "A'*skew(y)*z"),
    ("(x × y)'(x × z)", "x", "skew(y)*skew(x)*z + skew(z)*skew(x)*y"),
    ("x'(y × (A x))", "x", "(skew(y)*A - A'*skew(y))*x"),
    ("x·(y × z)", "z", "-skew(y)*x"),
    ("np.cross(x, y) @ z", "x", "skew(y)*z"),
    ("x'(y × x)", "x", "zeros"),
]


@pytest.mark.parametrize(("function", "wrt", "answer"), GRADIENTS)
def test_cross_products_have_published_gradients(function: str, wrt: str, answer: str) -> None:
    assert str(solve(function, wrt).result) == answer


def test_the_matrix_of_a_cross_product_multiplies_like_it() -> None:
    x, y = (Symbol(name, (Dim.of(3), Dim.of(1))) for name in "xy")
    values = {"x": np.array([[1.0], [2.0], [5.0]]), "y": np.array([[-3.0], [4.0], [0.5]])}
    found = evaluate(CrossMatrix(x) @ y, Point(values, {}))
    assert np.allclose(found[:, 0], np.cross(values["x"][:, 0], values["y"][:, 0]))
    numbers = read("skew([1; 2; 5])").expr
    assert exact(numbers, {}) == ((0, -5, 2), (5, 0, -1), (-2, 1, 0))


def test_skew_is_printed_in_each_notation_and_read_back() -> None:
    e = read("skew(x)*y").expr
    assert read(plain(e)).expr == read(latex(e)).expr == e
    assert "<mi>skew</mi>" in mathml(e)
    assert speech(e) == "skew matrix of x y"


@pytest.mark.parametrize("function", ["A × X", "skew(X)", "x × y + vector(1, 4)"])
def test_only_columns_of_three_have_a_cross_product(function: str) -> None:
    with pytest.raises(GeneratorError):
        solve(function, function[-1] if function[-1] == "X" else "x")


def test_a_skew_matrix_without_a_column_behind_it_is_refused() -> None:
    with pytest.raises(Unsupported):
        solve("tr(A skew(x))", "x")


def test_what_the_sign_was_read_as_is_said() -> None:
    assert read("x × y").notes == ("The cross product of x and y is written skew(x)*y.",)
