"""Text to expression: spellings, shapes, and errors that show the place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import ExpressionError, ShapeError, Unsupported
from generator.expr.evaluate.numeric import dimension_names
from generator.expr.nodes import (
    SCALAR,
    Expr,
    Identity,
    Product,
    Softmax,
    factors_of,
    product,
    quotient_of,
    rebuild,
    shape_text,
)
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.plain import plain
from generator.expr.shapes import check
from generator.solver.derivation import declaration_text
from tests.support.expressions import KNOWN, SHAPES, expressions

SPELLINGS = [
    # as on matrixcalculus.org
    ("tr(X'*A*X)", "X", "tr(X'*A*X)"),
    ("norm2(A*x - b)^2", "x", "norm2(A*x - b)^2"),
    ("2.*A.*X./Y", "X", "2*A.*X./Y"),
    ("A*-inv(X)", "X", "-A*inv(X)"),
    ("tr(X^{-1}'*A) + tr(X^(2)'*A)", "X", "tr(inv(X)'*A) + tr((X^2)'*A)"),
    ("tr(X^(1/2)*A) + tr(X^(-1/2)'*A)", "X", "tr(sqrtm(X)*A) + tr(inv(sqrtm(X))'*A)"),
    ("sum(softplus(A*x) + log1p(y))", "x", "sum(softplus(A*x) + log(vector(1) + y))"),
    ("log2(a) - log10(b)", "a", "log(a)/log(2) - log(b)/log(10)"),
    ("sum(x.^y + 2.^x)", "x", "sum(x.^y + 2.^x)"),
    ("tr(X^k)", "X", "tr(X^k)"),
    ("logsumexp(A*x)", "x", "log(sum(exp(A*x)))"),
    ("y'*softmax(x)", "x", "y'*(exp(x)/sum(exp(x)))"),
    ("det(c)*vec(c)*pinv(c)*expm(c)*x'*x", "x", "c*c/c*exp(c)*x'*x"),
    ("-x'*x", "x", "-x'*x"),
    ("1/2*x'*x", "x", "1/2*x'*x"),
    ("x'*x/2", "x", "(x'*x)/2"),
    ("0.25*c*tr(X)", "X", "1/4*c*tr(X)"),
    ("c/2*tr(X)", "X", "c/2*tr(X)"),
    ("norm2(x).^3", "x", "norm2(x)^3"),
    ("logdet(X)", "X", "log(det(X))"),
    ("x'*vector(2)", "x", "x'*(2*vector(1))"),
    # as on the board
    ("Tr(X^T A X)", "X", "tr(X'*A*X)"),
    ("Tr(AX)", "X", "tr(A*X)"),
    ("Tr(A X^{-T} B)", "X", "tr(A*inv(X)'*B)"),
    ("Tr(A X^-1)", "X", "tr(A*inv(X))"),
    ("||A x - b||_2^2", "x", "norm2(A*x - b)^2"),
    ("‖X‖_F", "X", "norm2(X)"),
    ("||x||_1 + ||A x||", "x", "norm1(x) + norm2(A*x)"),
    ("log det Λ − Tr(SΛ)", "Λ", "log(det(Lambda)) - tr(S*Lambda)"),
    ("Xᵀ A X⁻¹", "X", "X'*A*inv(X)"),
    ("Tr((W ∘ X)ᵀ X²)", "X", "tr((W.*X)'*X^2)"),
    ("λ xᵀx", "x", "lambda*x'*x"),
    ("αxᵀx", "x", "alpha*x'*x"),
    ("1/n ||A x - b||^2", "x", "1/n*norm2(A*x - b)^2"),
    ("1/2 x^T A x", "x", "1/2*x'*A*x"),
    ("t¹²", "t", "t^12"),
    ("sqrt(2π)*x", "x", "sqrt(2*pi)*x"),
    ("Tr((A + λI) X)", "X", "tr((A + lambda*eye)*X)"),
    ("y^T(a x^T)z", "x", "((y'*a)*x')*z"),
    ("2 x^T A x / (x^T x)", "x", "2*(x'*A*x)/(x'*x)"),
]


@pytest.mark.parametrize(("text", "wrt", "expected"), SPELLINGS)
def test_spellings_of_the_same_input(text: str, wrt: str, expected: str) -> None:
    assert plain(read(text, wrt=wrt).expr) == expected


SHAPES_FOUND = [
    ("Tr(A X)", "X", {"A": "n × m", "X": "m × n"}),
    ("Tr(X^T A X)", "X", {"X": "n × m", "A": "n × n"}),
    ("||A x - b||_2^2", "x", {"A": "n × m", "x": "m × 1", "b": "n × 1"}),
    ("a' X b", "X", {"a": "n × 1", "X": "n × m", "b": "m × 1"}),
    ("x/norm2(x)", "x", {"x": "n × 1"}),
    ("t A + B", "t", {"t": "1 × 1", "A": "n × m", "B": "n × m"}),
    ("c Tr(X^T A X) + Tr(B^T X)", "X", {"c": "1 × 1", "X": "n × m", "A": "n × n", "B": "n × m"}),
]


@pytest.mark.parametrize(("text", "wrt", "expected"), SHAPES_FOUND)
def test_shapes_are_inferred(text: str, wrt: str, expected: dict[str, str]) -> None:
    found = {name: shape_text(symbol.shape) for name, symbol in read(text, wrt=wrt).symbols.items()}
    assert found == expected


def test_a_product_without_spaces_is_read_by_declared_names() -> None:
    symbols = {"A": "n x n", "X": "n x n", "AX": "n x n"}
    assert plain(read("tr(AX)", symbols, "X").expr) == "tr(AX)"
    assert plain(read("tr(AXA^T)", {"A": "n x n", "X": "n x n"}, "X").expr) == "tr(A*X*A')"


def test_a_name_with_letters_behind_the_number_of_its_index_needs_no_variable() -> None:
    assert plain(read("A_1k'*A_1k").expr) == "A_1k'*A_1k"


UNCLEAR = [
    ("loax^T x", "x", "loax could be one name or a product"),
    ("Tr(X^T A_1X)", "X", "A_1X could be one name or a product"),
    ("sum(lgamma(x))", "x", "lgamma is not a function that is known"),
    ("log7(x'*x)", "x", "log7 is not a function that is known"),
    ("sum_{i=0}^n x_i", "x", "a sum that begins with 0"),
    ("||x - m||^2 / 2 sigma", "x", "it is not clear how far the division goes"),
    ("1/2m ||x||^2", "x", "it is not clear how far the division goes"),
    ("Tr(X)/2 m", "X", "it is not clear how far the division goes"),
    ("|x| + y", "x", "bars around a vector have two meanings"),
    ("norm(X)", "X", "norm of a matrix has two meanings"),
    ("log c x", "x", "it is not clear how far the argument of log goes"),
    ("exp A x", "x", "it is not clear how far the argument of exp goes"),
    ("det A c", "A", "it is not clear how far the argument of det goes"),
    ("a^2^3", "a", "a power of a power"),
    ("1 000 x^T x", "x", "a number behind another factor"),
    ("||x||1", "x", "a number behind another factor"),
    ("1e400 x", "x", "a number beyond all need"),
    ("tr(X^200)", "X", "a power above 30"),
    ("A × X", "X", "× between matrices has several meanings"),
    ("tr(exp(X))", "X", "exp of a square matrix has two meanings here"),
    ("tr(X log X)", "X", "log of a square matrix has two meanings here"),
    ("||x||_inf", "x", "the norm with index inf is not known"),
    ("||x||_0", "x", "the norm with index 0 is not known"),
    (r"\delta_{ij} x_i x_j", "x", "delta_ij has the index of x_i, and no sum runs over it"),
    ("||x||_ab", "x", "_ab is _a in LaTeX"),
    ("e^-x'x", "x", "it is not clear how far the exponent goes"),
    ("X^-1'", "X", "it is not clear what is transposed"),
]


@pytest.mark.parametrize(("text", "wrt", "message"), UNCLEAR)
def test_what_could_be_read_in_two_ways_is_refused(text: str, wrt: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text, wrt=wrt)
    assert str(caught.value).startswith(message)
    assert caught.value.text is not None


DECLARED = {"A": "n x m", "B": "p x q", "X": "m x n", "x": "m", "c": "scalar"}

ERRORS = [
    ("tr(A*loss)", "unknown symbol loss\n    tr(A*loss)\n         ^^^^"),
    ("tr(A*(X)", "the expression ends too early\n    tr(A*(X)\n            ^"),
    ("tr(A $ X)", "'$' has no meaning here\n    tr(A $ X)\n         ^"),
    ("A*X ~ x", "'~' has no meaning here\n    A*X ~ x\n        ^\nRelations such as y ~ x are not read"),
    ("x~", "'~' has no meaning here\n    x~\n     ^"),
    ("[x ~ x]", "'~' has no meaning here\n    [x ~ x]\n       ^"),
    ("x^T~x", "'~' has no meaning here\n    x^T~x\n       ^"),
    ("A*X)", ") cannot stand here\n    A*X)\n       ^"),
    (
        "tr(A*B)",
        "A has m columns and B has p rows; the product A*B needs as many columns on its left as rows on its right",
    ),
    ("tr(A)", "A has n rows and m columns; tr needs a square matrix\n    tr(A)\n    ^^^^^"),
    ("A + c", "A has n rows and c has 1; the parts of a sum have the same shape"),
    ("A*X + A", "A*X has n columns and A has m; the parts of a sum have the same shape"),
    ("A/X", "only a scalar can divide, and X is not one\n    A/X\n    ^^^"),
    ("A/0", "division by zero"),
    ("A^2", "A has n rows and m columns; a power (of the whole; for each entry write .^) needs a square matrix"),
    ("c^X", "an exponent is a scalar\n    c^X\n      ^"),
    ("x^H H x", "the conjugate transpose ^H is not read\n    x^H H x\n      ^\nOf real matrices write X^T."),
    ("||A||_7", "the norm with index 7 is not known"),
    ("log c X", "it is not clear how far the argument of log goes\n    log c X\n    ^^^^^"),
    ("(A*X)^-1'", "it is not clear what is transposed"),
    ("softmax(A)", "softmax takes a column\n    softmax(A)\n    ^^^^^^^^^^"),
    (
        "cond(X)*c",
        "cond is not a function that is known\n    cond(X)*c\n    ^^^^\nOf singular values, the largest is read",
    ),
    ("kron(A)", "kron takes 2 arguments, not 1"),
    ("", "the expression is empty"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_errors_say_what_and_where(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text, DECLARED, "X")
    assert str(caught.value).startswith(message)


SHAPES_DECLARED = [
    ("n", "n × 1"), ("n x m", "n × m"), ("3x4", "3 × 4"), ("n by n invertible", "n × n"), ("n * m", "n × m"),
    ("n*m x 1", "m*n × 1"), ("2*n x p*q", "2*n × p*q"), ("scalar positive", "1 × 1"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "shape"), SHAPES_DECLARED)
def test_declared_shapes(said: str, shape: str) -> None:
    symbol = declare("A", said)
    assert shape_text(symbol.shape) == shape
    assert declare("A", declaration_text(symbol)) == symbol


DECLARATIONS = [
    ("A", "n by", "A: 'by' is not a property of a symbol"),
    ("A", "n x m symmetric", "A has n rows and m columns; a symmetric matrix is square"),
    ("A", "n x n symmetric lower triangular", "A: what is both symmetric and lower triangular is diagonal"),
    ("A", "n x n skew-symmetric, symmetric", "A: what is both symmetric and skew-symmetric is zero"),
    ("A", "n x n symetric", "A: 'symetric' is not a property of a symbol"),
    ("A", "0 x n", "A: a dimension cannot be 0"),
    ("tr", "n x n", "'tr' is the name of a function or a constant"),
    ("2A", "n x n", "'2A' cannot be a symbol's name"),
]


@pytest.mark.parametrize(("name", "said", "message"), DECLARATIONS)
def test_wrong_declarations(name: str, said: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        declare(name, said)
    assert str(caught.value).startswith(message)


def test_a_misspelled_property_gets_the_nearest_known_one() -> None:
    with pytest.raises(ExpressionError, match="Did you mean 'symmetric'"):
        declare("A", "n x n symetric")


def test_inferred_names_that_contradict_each_other_say_how_they_were_read() -> None:
    with pytest.raises(ShapeError, match="declare them under `symbols`"):
        read("tr(A*X) + X", wrt="X")


def test_unsupported_is_a_typed_refusal() -> None:
    assert issubclass(Unsupported, Exception)
    assert not issubclass(Unsupported, ExpressionError)


@settings(max_examples=400)
@given(st.data())
def test_plain_text_reads_back_to_the_same_tree(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    e: Expr = data.draw(expressions(shape))
    text = plain(e)
    assert unsized(read(text, known=KNOWN, shape=shape).expr) == unsized(e), text


def unsized(e: Expr) -> Expr:
    """The expression without identity factors, which `eye(n)*vector(1)` takes to say how many ones there are.

    A softmax is written as a quotient.
    """
    e = rebuild(e, [unsized(child) for child in e.children]) if e.children else e
    e = quotient_of(e) if isinstance(e, Softmax) else e
    factors = [f for f in factors_of(e) if not isinstance(f, Identity)]
    return product(*factors) if isinstance(e, Product) and factors else e


@settings(max_examples=100)
@given(expressions(SCALAR, 2, differentials=True))
def test_differentials_read_back_too(e: Expr) -> None:
    assert unsized(read(plain(e), known=KNOWN, shape=SCALAR, differentials=True).expr) == unsized(e)


@settings(max_examples=200)
@given(st.sampled_from(SHAPES).flatmap(expressions))
def test_what_is_built_conforms(e: Expr) -> None:
    check(e)


def test_long_sums_and_products_are_read() -> None:
    text = " + ".join(f"tr(A{i}*X)" for i in range(200))
    assert plain(read(text, wrt="X").expr) == text
    chain = "tr(" + "*".join(["A", "X"] * 25) + ")"
    assert plain(read(chain, wrt="X").expr) == chain


@pytest.mark.parametrize(
    ("text", "constant", "sized"),
    [
        ("tr(X*eye)*tr(eye)", "eye", "eye(n)"),
        ("kron(X, eye)", "eye", "eye(n)"),
        ("det(X)*sum(zeros)", "zeros", "zeros(n, m)"),
        ("tr(X)*sum(vector(1))", "vector(1)", "vector(1, n)"),
        ("tr(X)*norm2(matrix(2))", "matrix(2)", "matrix(2, n, m)"),
        (r"\mathbf{1}^T \mathbf{1} \tr(X)", r"\mathbf{1}", "vector(1, n)"),
    ],
)
def test_a_constant_whose_size_nothing_decides_is_refused(text: str, constant: str, sized: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(f"nothing says how large {constant} is")) as caught:
        read(text)
    assert caught.value.remedy == f"Write its size:  {sized}"


@pytest.mark.parametrize("text", ["X*eye + X", "x'*vector(1)", "tr(X + eye)", "tr(eye(n))*tr(X)", "X - zeros"])
def test_a_constant_has_its_size_from_what_stands_beside_it(text: str) -> None:
    assert not any(name.startswith("?") for name in dimension_names(read(text).expr))
