"""Formulas in an author's own LaTeX: as MathML, and in words."""

from __future__ import annotations

from itertools import chain
from xml.etree import ElementTree

import pytest

from generator.formats import mathml_speech
from generator.formats.author_math import UnreadableFormula, mathml

SAID = [
    (r"\sum_{i=1}^n x_i^2", "the sum from i equals 1 to n of x sub i squared"),
    (r"\sum_i x_i", "the sum over i of x sub i"),
    (r"\int_0^1 f(x)\,dx", "the integral from 0 to 1 of f open paren x close paren d x"),
    (r"\lim_{h \to 0} f", "the limit as h to 0 of f"),
    (r"\operatorname*{arg\,min}_x f", "the arg min over x of f"),
    (
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        "open paren 2 rows; row 1: 1, 2; row 2: 3, 4; end rows close paren",
    ),
    (
        r"f = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        "f equals the cases; x, x is greater than 0; 0, otherwise; end cases",
    ),
    (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a equals b; c equals d"),
    (r"\frac{\partial L}{\partial X}", "the fraction partial capital L over partial capital X, end fraction"),
    (r"\nabla_X L", "nabla sub capital X capital L"),
    (r"A^{-1} A^{-\top}", "capital A inverse capital A inverse transpose"),
    (r"x_{ij}", "x sub i j, end sub"),
    (r"\overline{x+y}", "the bar over x plus y, end bar"),
    (r"x + \bar y + \vec A", "x plus y bar plus capital A arrow"),
    (r"\underbrace{x+y}_{n}", "the brace over x plus y, end brace, with n, end with"),
    (r"\binom{n}{k}", "open paren n choose k close paren"),
    (r"f''(x)", "f double prime open paren x close paren"),
    (r"\mathcal{N}(0, \Sigma)", "script capital N open paren 0, capital sigma close paren"),
    (r"\{1,\ldots,n\}", "open brace 1, and so on, n close brace"),
    (r"10\,\%", "10 percent"),
    (r"\lambda \Lambda", "lambda capital lambda"),
    (r"A \in \mathbb{R}^{m\times n}, x \in \mathbb{R}^n", "capital A in R m by n, x in R n"),
    (r"\mathbb{R}", "double-struck capital R"),
]


@pytest.mark.parametrize(("latex", "said"), SAID)
def test_formulas_of_authors_are_said(latex: str, said: str) -> None:
    markup = mathml(latex, str, display=True)
    ElementTree.fromstring(f"<math>{markup}</math>")
    assert mathml_speech.words(markup) == said


LOOKS = [
    ("x_i y", "x_{i y}", "x_{i} + y", "x_{i + y}"),
    ("a + \\frac{b}{c} + d", "\\frac{a + b}{c} + d", "a + \\frac{b}{c + d}", "\\frac{a + b}{c + d}"),
    ("e^{x} y", "e^{x y}", "e^x_y", "e^{x_y}"),
    ("\\overline{x} + y", "\\overline{x + y}", "x + \\overline{y}"),
    ("\\sqrt{x} + y", "\\sqrt{x + y}", "\\sqrt[3]{x} + y", "\\sqrt[3]{x + y}"),
    ("x", "X", "\\mathbf{x}", "\\mathbf{X}", "\\mathcal{X}", "\\mathbb{X}", "\\hat x", "\\tilde x", "\\bar x"),
    (
        "\\begin{matrix} a & b \\\\ c & d \\end{matrix}",
        "\\begin{matrix} a & b & c \\\\ & & d \\end{matrix}",
        "\\begin{cases} a & b \\\\ c & d \\end{cases}",
        "\\begin{aligned} a & b \\\\ c & d \\end{aligned}",
    ),
]


def test_different_formulas_have_different_words() -> None:
    formulas = list(chain.from_iterable(LOOKS))
    said = {latex: mathml_speech.words(mathml(latex, str, display=True)) for latex in formulas}
    assert len(set(said.values())) == len(formulas), said


@pytest.mark.parametrize("latex", [r"\raise2pt\hbox{x}", r"\ourmacro{x}", r"\frac{a}", r"\left( x"])
def test_what_cannot_be_converted_is_named(latex: str) -> None:
    with pytest.raises(UnreadableFormula) as error:
        mathml(latex, str, display=False)
    assert f"the formula ${latex}$: " in error.value.what
