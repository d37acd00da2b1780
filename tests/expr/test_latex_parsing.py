"""LaTeX to expression: what the printer prints is read back, and errors show the place in the LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product as combinations
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.cli import main
from generator.errors import ExpressionError, ShapeError
from generator.expr.evaluate.numeric import (
    Point,
    UndefinedError,
    dimension_names,
    draw_matrix,
    evaluate,
    relative_error,
)
from generator.expr.nodes import Expr, Identity, Ones, Spectral
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.parse import read
from generator.expr.printing.latex import latex
from generator.expr.printing.notation import Notation
from generator.expr.printing.plain import plain
from generator.worksheet.load import load_worksheet
from tests.support.expressions import KNOWN, SHAPES, SYMBOLS, expressions

TRACES: tuple[Literal["Tr", "tr"], ...] = ("Tr", "tr")
TRANSPOSES: tuple[Literal["top", "T", "prime"], ...] = ("top", "T", "prime")
NOTATIONS = [
    Notation(trace=trace, transpose=transpose, bold=bold)
    for trace, transpose, bold in combinations(TRACES, TRANSPOSES, (False, True))
]


def points() -> Iterator[Point]:
    """Random numbers for the symbols."""
    frame = Point({}, {"n": 3, "m": 2})
    for seed in range(3):
        rng = np.random.default_rng(seed)
        drawn = {name: draw_matrix(frame.array_shape(s.shape), s.properties, rng) for name, s in SYMBOLS.items()}
        yield replace(frame, values=drawn)


POINTS = tuple(points())


def value(e: Expr, point: Point) -> np.ndarray | None:
    """The value of an expression, None where it has none."""
    try:
        return evaluate(e, point)
    except (UndefinedError, UserWarning):  # SciPy warns of the logarithm of a singular matrix
        return None


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_is_printed_is_read_back(data: st.DataObject) -> None:
    e = data.draw(st.sampled_from(SHAPES).flatmap(expressions))
    notation = data.draw(st.sampled_from(NOTATIONS))
    page = latex(e, notation)
    try:
        again = read(page, known=KNOWN, shape=e.shape).expr
    except ExpressionError:  # nothing beside an I or a 1 says its size; ‖A‖₂² may be meant for the Frobenius norm
        assert e.kinds & {Identity, Ones, Spectral}, page
        return
    assume(set(dimension_names(again)) <= {"n", "m"})
    for point in POINTS:
        left, right = value(e, point), value(again, point)
        assert left is None or right is None or relative_error(left, right) < 1e-6, page


SPELLINGS = [
    # traces and transposes
    (r"\operatorname{Tr}(X^\top A X)", "X", "tr(X'*A*X)"),
    (r"\mathrm{tr}(X^TAX)", "X", "tr(X'*A*X)"),
    (r"\Tr(X^{\mathsf T} A X)", "X", "tr(X'*A*X)"),
    (r"\tr\!\left(X'\,A~X\right)", "X", "tr(X'*A*X)"),
    (r"\trace \bigl[ X^{\intercal} A X \bigr]", "X", "tr(X'*A*X)"),
    (r"\operatorname*{Tr}\{ X^{\prime} A X \}", "X", "tr(X'*A*X)"),
    (r"\text{tr}(A X^{-\mathsf{T}} B)", "X", "tr(A*inv(X)'*B)"),
    (r"\mathop{\mathrm{tr}}(A X^{-T} B)", "X", "tr(A*inv(X)'*B)"),
    (r"\tr{A X^{-1}}", "X", "tr(A*inv(X))"),
    (r"\tr({X^{-1}}^\top A)", "X", "tr(inv(X)'*A)"),
    (r"\tr(A X^\dagger B) + \tr(C X^{+})", "X", "tr(A*pinv(X)*B) + tr(C*pinv(X))"),
    # norms and absolute values
    (r"\lVert Ax-b\rVert_2^2", "x", "norm2(A*x - b)^2"),
    (r"\left\| A x - b \right\|^2_2", "x", "norm2(A*x - b)^2"),
    (r"\left|\left| Ax - b \right|\right|^2", "x", "norm2(A*x - b)^2"),
    (r"||Ax - b||^2_2", "x", "norm2(A*x - b)^2"),
    (r"\norm{Ax-b}_2^2", "x", "norm2(A*x - b)^2"),
    (r"\|x\|_1 + \bigl\lVert X \bigr\rVert_\mathrm{F}", "X", "norm1(x) + norm2(X)"),
    (r"\left| a^\top x \right| + |b^\top x|", "x", "abs(a'*x) + abs(b'*x)"),
    # fractions and roots
    (r"\frac{1}{2} x^\top x", "x", "1/2*x'*x"),
    (r"\tfrac12 \|x\|^2", "x", "1/2*norm2(x)^2"),
    (r"\dfrac{c}{2} \Tr(X)", "X", "c/2*tr(X)"),
    (r"\frac{x^\top A x}{x^\top x}", "x", "(x'*A*x)/(x'*x)"),
    (r"\frac{x}{\|x\|}", "x", "x/norm2(x)"),
    (r"-\frac{1}{2\sigma^2}(y - Xw)^\top(y - Xw)", "w", "-1/(2*sigma^2)*(y - X*w)'*(y - X*w)"),
    (r"\sqrt{x^\top x} + \sqrt2", "x", "sqrt(x'*x) + sqrt(2)"),
    # functions
    (r"\log\det\Lambda - \tr(S\Lambda)", "Lambda", "log(det(Lambda)) - tr(S*Lambda)"),
    (r"\ln \det(X)", "X", "log(det(X))"),
    (r"\log\frac{x^\top A x}{x^\top x}", "x", "log((x'*A*x)/(x'*x))"),
    (r"e^{-\frac12 x^\top A x}", "x", "exp(-1/2*x'*A*x)"),
    (r"\sin^2(a^\top x) + \log^{2}\det X", "x", "sin(a'*x)^2 + log(det(X))^2"),
    (r"\mathbf{1}^\top \sigma(Xw)", "w", "vector(1)'*sigmoid(X*w)"),
    (r"\mathbf 1^\top \max(0, x)", "x", "vector(1)'*relu(x)"),
    (r"\operatorname{sum}(\tanh(Ax))", "x", "sum(tanh(A*x))"),
    (r"\arctan\left(a^\top x\right)", "x", "arctan(a'*x)"),
    (r"\operatorname{sgn}(x)^\top \operatorname{ReLU}(x)", "x", "sign(x)'*relu(x)"),
    (r"\operatorname{diag}(x) \operatorname{vec}(X)", "x", "diag(x)*vec(X)"),
    (r"\operatorname{adj}(X) A", "X", "adj(X)*A"),
    (r"\tr(A \operatorname{expm}(X))", "X", "tr(A*expm(X))"),
    (r"\tr(A e^{X})", "X", "tr(A*expm(X))"),
    (
        r"\operatorname{softmax}_{\text{rows}}(U) \operatorname{softmax}_{\operatorname{columns}}(V)",
        "U",
        "(exp(U')./(matrix(1)*exp(U')))'*(exp(V)./(matrix(1)*exp(V)))",
    ),
    (r"\tr(A X^{1/2})", "X", "tr(A*sqrtm(X))"),
    (r"\tr(A X^{-1/2})", "X", "tr(A*inv(sqrtm(X)))"),
    (r"\tr(A \exp^{\circ}(X))", "X", "tr(A*exp(X))"),
    (r"\sum(X \circ \exp(X'X))", "X", "sum(X.*exp(X'*X))"),
    # entry by entry, and other products
    (r"\|W \odot (M - UV^\top)\|_F^2", "U", "norm2(W.*(M - U*V'))^2"),
    (r"(x \circ y) \oslash z", "x", "x.*y./z"),
    (r"\mathbb{1}^\top x^{\circ 2} + \mathbf{1}^\top y^{\odot -1}", "x", "vector(1)'*x.^2 + vector(1)'*y.^-1"),
    (r"\Tr(\mathbf{1}\mathbf{1}^\top X)", "X", "tr(vector(1)*vector(1)'*X)"),
    (r"\mathbf{1}_n^\top X \mathbf{1}_m", "X", "vector(1)'*X*vector(1)"),
    (r"A \otimes X", "X", "kron(A, X)"),
    (r"2 \cdot c \times x^\top x", "x", "2*c*x'*x"),
    # names
    (r"\mathbf{x}^\top \boldsymbol{A} \bm{x}", "x", "x'*A*x"),
    (r"{\bf x}^\top {\bf y}", "x", "x'*y"),
    (r"\mathbf{Ax}", "x", "A*x"),
    (r"\lambda \|W_1 x - W_{12} y\|^2", "W_1", "lambda*norm2(W_1*x - W_12*y)^2"),
    (r"\lambda_1 \mathbf{x}_{\text{new}}^\top \mathbf{x}_{\mathrm{new}}", "x_new", "lambda_1*x_new'*x_new"),
    (r"\tr(\Sigma_{xy}^{-1} S) + \varepsilon", "S", "tr(inv(Sigma_xy)*S) + epsilon"),
    (r"x^\top_1 Ay", "x_1", "x_1'*A*y"),
    (r"\mathbf{a}^\top\mathbf{b} c + \pi\|\mathbf{a}\|", "a", "(a'*b)*c + pi*norm2(a)"),
    (r"\mathit{loss}\, \alpha", "loss", "alpha*loss"),
    # around the whole, and mixed with the other spellings
    (r"$x^\top x$", "x", "x'*x"),
    (r"\(x^\top x\)", "x", "x'*x"),
    (r"\[ x^\top \quad x \]", "x", "x'*x"),
    (r"\lambda*norm2(A*x).^2 + y'*x", "x", "lambda*norm2(A*x)^2 + y'*x"),
]


@pytest.mark.parametrize(("text", "wrt", "expected"), SPELLINGS)
def test_spellings_of_plain_text(text: str, wrt: str, expected: str) -> None:
    found, meant = read(text, wrt=wrt), read(expected, wrt=wrt)
    assert plain(found.expr) == expected == plain(meant.expr)
    assert found.expr.shape == meant.expr.shape


def test_declared_names_are_found() -> None:
    symbols = {"W1": "n x n", "loss": "scalar", "x": "n", r"\Sigma": "n \\times n symmetric", "AX": "n x n"}
    text = r"\mathit{loss} \boldsymbol{x}^\top W_{1} \Sigma AX \bm{x}"
    assert plain(read(text, symbols, "x").expr) == "loss*x'*W1*Sigma*AX*x"


NAMES = [
    (r"\mathbf{x}", "x"),
    (r"\Lambda", "Lambda"),
    (r"$\mathbf{W}_{12}$", "W_12"),
    ("λ", "lambda"),
    (r"x_{1}", "x_1"),
]


@pytest.mark.parametrize(("written", "name"), NAMES)
def test_names_are_read_where_they_are_declared(written: str, name: str) -> None:
    assert normal_name(written) == name


REFUSED = [
    # could be read in two ways
    (r"\log |x|", "bars around a vector have two meanings\n    \\log |x|\n         ^^^"),
    (r"\det \exp(X)", "\\exp of a square matrix has two meanings\n    \\det \\exp(X)\n         ^^^^^^^"),
    (r"\sigma (x^\top x)", "sigma could be the logistic function or a factor\n    \\sigma (x^\\top x)\n    ^^^^^^"),
    (r"\sigma(x) \sigma", "sigma could be the logistic function or a factor"),
    (r"\phi(x)", "phi is not a function that is known"),
    (r"e^{-t} + c e", "e could be the base of the natural logarithm or a symbol\n    e^{-t} + c e\n    ^"),
    (
        r"\mathbf{x}^\top x",
        "x is set in two ways, and would be one symbol\n    \\mathbf{x}^\\top x\n    " + " " * 16 + "^",
    ),
    (r"\varphi + \phi", "phi is set in two ways"),
    (r"A \times X", "× between matrices has several meanings"),
    (r"2\frac{1}{2} x", "a number before a fraction"),
    (r"\alpha x^10", "^10 is ^1 in LaTeX, with 0 behind it\n    \\alpha x^10\n            ^^^"),
    (r"\alpha x_ij", "x_ij could have an index of one character or of more"),
    (r"\alpha x_1_2", "x_1_2 could have an index of one character or of more"),
    (r"\alpha loss", "loss could be one name or a product"),
    (r"\sin^{-1}(\alpha)", "it is not clear what sin to a power is"),
    (r"\frac{a}{b}^2", "a fraction with a mark behind it"),
    (r"{A X}^\top", "braces are not seen on the page\n    {A X}^\\top\n    ^^^^^"),
    (r"\log c X", "it is not clear how far the argument of log goes\n    \\log c X\n    ^^^^^^^^"),
    (r"\|X\|_2 \alpha", "||X||_2 of a matrix is its largest singular value"),
    # is not read
    (r"\lamda x", "\\lamda is not read\n    \\lamda x\n    ^^^^^^\nDid you mean \\lambda?"),
    (r"\sum_{i < 2} x_i", r"the limits of \sum_{i < 2} are not read"),
    (r"\hat{x + y}", "\\hat stands over one letter\n    \\hat{x + y}\n    ^^^^"),
    (r"\vec{X}", "an arrow over a matrix has two meanings\n    \\vec{X}\n    ^^^^"),
    (r"\mathbb{E} x", "E in blackboard bold is a set or an expectation"),
    (r"\operatorname{trac}(X)", "trac is not a function that is known"),
    (r"\sqrt[n]{\alpha}", "the index of a root is no whole number"),
    (r"\alpha X^* X", "X^* could be a transpose or a name\n    \\alpha X^* X\n           ^^^"),
    (r"\log_3(\alpha)", "log takes no index"),
    (r"x_{t+u} \alpha", "an index is letters and digits"),
    (r"\mathbf{x + y}^\top", "braces are not seen on the page\n    \\mathbf{x + y}^\\top\n    ^^^^^^^"),
    (r"\mathbf{2} x", "2 in another font has no meaning"),
    (
        r"A X = \tr(AX)",
        "'=' has no meaning here\n    A X = \\tr(AX)\n        ^\n"
        "Write the function alone, and in it for each name that an equation defines what that is.",
    ),
    (r"x^\top x \\", "\\\\ is not read"),
    # is not complete
    (r"\frac{A}{X}", "only a scalar can divide, and X is not one\n    \\frac{A}{X}\n    ^^^^^^^^^^^"),
    (r"\frac{1}{2", "{ is not closed\n    \\frac{1}{2\n            ^"),
    (r"\frac1", "nothing follows \\frac"),
    (r"\mathbf{} x", "nothing stands in the braces"),
    (r"(x^\top x]", "] cannot close (\n    (x^\\top x]\n             ^"),
    (r"\left( x^\top x", "the expression ends too early"),
    (r"$x^\top x", "$ is not closed by $ at the end"),
    (r"x^\top $ x", "'$' has no meaning here"),
    (r"\tr(\mathbf{X}", "the expression ends too early\n    \\tr(\\mathbf{X}\n                  ^"),
    (r"\alpha x)", ") cannot stand here\n    \\alpha x)\n            ^"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_not_clear_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert caught.value.text is not None
    assert caught.value.text.text == text


def test_shapes_that_disagree_are_shown_in_the_latex() -> None:
    with pytest.raises(ShapeError) as caught:
        read(r"\Tr(\mathbf{A}^\top \boldsymbol{X})", {"A": "n x m", "X": "m x n"})
    assert str(caught.value).splitlines()[1:] == [
        r"    \Tr(\mathbf{A}^\top \boldsymbol{X})",
        "        " + "^" * len(r"\mathbf{A}^\top \boldsymbol{X}"),
    ]


SHEET = r"""
problems:
  - function: $\frac{c}{2} \lVert \mathbf{A} \mathbf{x} - \mathbf{b} \rVert_2^2$
    wrt: \mathbf{x}
    symbols:
      \mathbf{A}: n \times m
      \mathbf{x}: m
      b: n
    vary: {c: 2..9}
  - function: \log\det\Lambda - \operatorname{tr}(S\Lambda)
    wrt: \Lambda
    symbols: {\Lambda: n x n symmetric, S: n x n symmetric}
"""


def test_a_worksheet_may_be_written_in_latex(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(SHEET, encoding="utf-8")
    (first,), (second,) = (problem.readings for problem in load_worksheet(file).problems)
    assert plain(first.function) == "c/2*norm2(A*x - b)^2"
    assert first.variable.name == "x"
    assert plain(second.function) == "log(det(Lambda)) - tr(S*Lambda)"


def test_the_command_line_reads_latex() -> None:
    result = CliRunner().invoke(main, ["solve", r"\operatorname{Tr}(\mathbf{A} \mathbf{X})", "--wrt", r"\mathbf{X}"])
    assert "the gradient of L by X = A'" in result.output
