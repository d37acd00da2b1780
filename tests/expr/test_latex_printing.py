"""Expressions as LaTeX, in several notations."""

from __future__ import annotations

import pytest

from generator.expr.nodes import d
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.latex import declaration, derivative, escape, latex, name_latex, prose
from generator.expr.printing.notation import Notation

FORMS = [
    ("Tr(X^T A X)", r"\operatorname{Tr}(X^{\top} A X)"),
    ("||A x - b||^2", r"\lVert A x - b \rVert_{2}^{2}"),
    ("||X||_F", r"\lVert X \rVert_{F}"),
    ("inv(X)'", r"X^{-\top}"),
    ("inv(X)*A", r"X^{-1} A"),
    ("(A + B)*X", r"(A + B) X"),
    ("(A*B)'", r"(A B)^{\top}"),
    ("-A*X - B", r"-A X - B"),
    ("A - 2*B", r"A - 2 B"),
    ("1/2*X", r"\tfrac{1}{2} X"),
    ("c/2*X", r"\frac{c}{2} X"),
    ("(x'*A*x)/(x'*x)", r"\frac{x^{\top} A x}{x^{\top} x}"),
    ("x/norm2(x)", r"\frac{x}{\lVert x \rVert_{2}}"),
    ("A*x/norm2(x)", r"\frac{1}{\lVert x \rVert_{2}} A x"),
    ("log(det(X))", r"\log \det X"),
    ("det(A*X)", r"\det(A X)"),
    ("det(X)^2", r"\det\nolimits^{2} X"),
    ("exp(x'*x)", r"e^{x^{\top} x}"),
    ("sum(exp(A*x))", r"\operatorname{sum}\bigl( \exp(A x) \bigr)"),
    ("A.*B", r"A \circ B"),
    ("A./X", r"A \oslash X"),
    ("X.^2", r"X^{\circ 2}"),
    ("X.^A", r"X^{\circ A}"),
    ("2.^(A + X)", r"2^{\circ (A + X)}"),
    ("A*relu(sign(x))", r"A \mathbf{1}[x > 0]"),
    ("kron(A, kron(B, X))", r"A \otimes B \otimes X"),
    ("tanh(A*x).^2", r"\tanh^{\circ 2}(A x)"),
    ("sigmoid(det(X))", r"\sigma(\det X)"),
    ("sigmoid(x'*x)^2", r"\sigma(x^{\top} x)^{2}"),
    ("sum(exp(A*B + B*A))", r"\operatorname{sum}\bigl( \exp^{\circ}(A B + B A) \bigr)"),
    ("tr(A*expm(X))", r"\operatorname{Tr}\bigl( A \operatorname{expm}(X) \bigr)"),
    ("softmax(A*x)", r"\operatorname{softmax}(A x)"),
    (
        "softmax_rows(A)*softmax_columns(X)'",
        r"\operatorname{softmax}_{\operatorname{rows}}(A) "
        r"\operatorname{softmax}_{\operatorname{rows}}(X^{\top})",
    ),
    ("tr(A*sqrtm(A*X))", r"\operatorname{Tr}\bigl( A (A X)^{1 / {2}} \bigr)"),
    ("inv(sqrtm(X))'*A", r"(X^{-1 / {2}})^{\top} A"),
    ("norm1(X)", r"\lVert \operatorname{vec}(X) \rVert_{1}"),
    ("sum(abs(X))", r"\operatorname{sum}\bigl( \operatorname{abs}(X) \bigr)"),
    ("x'*vector(1)", r"x^{\top} \mathbf{1}"),
    ("kron(A, X)", r"A \otimes X"),
    ("sqrt(x'*x)", r"\sqrt{x^{\top} x}"),
    ("X^3", r"X^{3}"),
    ("tr(eye(n))*X", r"n X"),
    ("2*3*X", r"2 \cdot 3 X"),
    ("alpha*X", r"\alpha X"),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_forms(text: str, expected: str) -> None:
    wrt = "x" if "x" in text.replace("exp", "") else "X"
    assert latex(read(text, wrt=wrt).expr) == expected


NOTATIONS = [
    (Notation(trace="tr"), r"\operatorname{tr}(X^{\top} \mathop{}\!\mathrm{d} X)"),
    (Notation(transpose="T"), r"\operatorname{Tr}(X^{T} \mathop{}\!\mathrm{d} X)"),
    (Notation(transpose="prime"), r"\operatorname{Tr}(X^{\prime} \mathop{}\!\mathrm{d} X)"),
    (Notation(differential="italic"), r"\operatorname{Tr}(X^{\top} \mathop{}\!d X)"),
    (
        Notation(bold=True),
        r"\operatorname{Tr}(\boldsymbol{X}^{\top} \mathop{}\!\mathrm{d} \boldsymbol{X})",
    ),
]


@pytest.mark.parametrize(("notation", "expected"), NOTATIONS)
def test_notation_is_the_course_s(notation: Notation, expected: str) -> None:
    X = declare("X", "n x m")
    assert latex(read("tr(X'*dX)", known={"X": X}, differentials=True).expr, notation) == expected


DIFFERENTIALS = [
    ("d(A*X)", r"\mathop{}\!\mathrm{d}(A X)"),
    ("dX'*A*X + X'*A*dX", r"\mathop{}\!\mathrm{d} X^{\top} \, A X + X^{\top} A \mathop{}\!\mathrm{d} X"),
    ("d(inv(X))", r"\mathop{}\!\mathrm{d}(X^{-1})"),
    ("d(tr(X))", r"\mathop{}\!\mathrm{d} \operatorname{Tr}(X)"),
    ("A*d(B*(A + X))", r"A \mathop{}\!\mathrm{d}\bigl( B (A + X) \bigr)"),
]


@pytest.mark.parametrize(("text", "expected"), DIFFERENTIALS)
def test_differentials_stand_apart_from_other_factors(text: str, expected: str) -> None:
    known = {name: declare(name, "n x n") for name in "ABX"}
    assert latex(read(text, known=known, differentials=True).expr) == expected


NAMES = [
    ("A", "A"),
    ("lambda", r"\lambda"),
    ("W1", "W_{1}"),
    ("W_12", "W_{12}"),
    ("x_ij", "x_{ij}"),
    ("weight", r"\mathit{weight}"),
    ("sigma2", r"\sigma_{2}"),
    ("x_hat_kplus1", r"\hat{x}_{k+1}"),
    ("beta_hat_OLS", r"\hat{\beta}_{OLS}"),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_names(name: str, expected: str) -> None:
    assert name_latex(name) == expected


def test_declarations_say_where_a_symbol_lives() -> None:
    assert declaration(declare("A", "n x m")) == r"A \in \mathbb{R}^{n \times m}"
    assert declaration(declare("x", "n")) == r"x \in \mathbb{R}^{n}"
    assert declaration(declare("c", "scalar")) == r"c \in \mathbb{R}"


def test_derivatives_are_named_as_the_course_does() -> None:
    L, X, t = declare("L", "scalar"), declare("X", "n x m"), declare("t", "scalar")
    assert derivative(L, X) == r"\nabla_{X} L"
    assert derivative(L, X, Notation(gradient="partial")) == r"\frac{\partial L}{\partial X}"
    assert derivative(L, X, Notation(layout="numerator")) == r"\frac{\partial L}{\partial X}"
    assert derivative(L, X, Notation(layout="denominator")) == r"\nabla_{X} L"
    assert derivative(L, X, Notation(gradient="partial"), inline=True) == r"\partial L / {\partial X}"
    assert derivative(L, t, inline=True) == f"{latex(d(L))} / {{{latex(d(t))}}}"


def test_words_are_escaped_and_mathematics_is_not() -> None:
    A = declare("A", "n x n")
    assert prose((A, " is 100% {sym}_metric & $1")) == r"$A$ is 100\% \{sym\}\_metric \& \$1"
    assert escape("\\~^#") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}\#"
