"""Expressions as MathML and in words, beside the same in LaTeX."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import product as pairs
from typing import get_args
from unicodedata import normalize
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.expr.functions import FUNCTIONS, GREEK_LETTERS
from generator.expr.nodes import (
    OF_NUMBERS_ONLY,
    OF_SYMMETRIC,
    ONE,
    Adjugate,
    BlockMatrix,
    Commutation,
    CrossMatrix,
    Curve,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    Entry,
    EntrySum,
    Expr,
    HadamardPower,
    Identity,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Member,
    Members,
    Norm,
    Ones,
    Pi,
    Power,
    PseudoInverse,
    Softmax,
    Spectral,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    Zero,
    add,
    hadamard,
    index,
    index_sum,
    negative,
    number,
    product,
    rebuild,
    scale,
)
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.latex import latex
from generator.expr.printing.mathml import NAMESPACE, mathml
from generator.expr.printing.notation import Notation
from generator.expr.printing.plain import plain
from generator.expr.printing.speech import declaration, derivative, speech
from tests.support.expressions import SHAPES, expressions

ANY = st.one_of(*(expressions(shape, 4, differentials=True) for shape in SHAPES))
CORE = "math mrow mi mn mo mtext mspace mfrac msqrt mstyle msub msup msubsup mtable mtr mtd"
NOTATIONS = [
    Notation(),
    Notation(trace="tr", transpose="T", differential="italic", gradient="partial"),
    Notation(transpose="prime", bold=True),
]

SPOKEN = [
    ("Tr(X^T A X)", "the trace of capital X transpose capital A capital X, end trace"),
    ("(A*X)'", "open paren capital A capital X close paren transpose"),
    ("A*X'", "capital A capital X transpose"),
    ("||A x - b||^2", "the norm of capital A x minus b, end norm, squared"),
    ("||X||_F", "Frobenius norm of capital X"),
    ("inv(X)'", "capital X inverse transpose"),
    ("log(det(X))", "log of determinant of capital X"),
    ("log(det(A*X))", "log of the determinant of capital A capital X, end determinant"),
    ("det(X)^2", "determinant squared of capital X"),
    ("exp(x'*x)", "the exponential of x transpose x, end exponential"),
    ("1/2*x'*A*x", "one half x transpose capital A x"),
    ("-3*X", "minus 3 capital X"),
    ("4*Tr(A*X)", "4 times the trace of capital A capital X, end trace"),
    ("Tr(X)*Tr(A*X)", "trace of capital X times the trace of capital A capital X, end trace"),
    ("[1, 2; 3, 4]*X", "the 2 by 2 matrix; row 1: 1, 2; row 2: 3, 4; end matrix capital X"),
    ("x/norm2(x)", "the fraction x over norm of x, end fraction"),
    ("A.*X", "capital A Hadamard capital X"),
    ("kron(A, X)", "capital A Kronecker capital X"),
    ("X.^2", "capital X entrywise squared"),
]


@pytest.mark.parametrize(("text", "expected"), SPOKEN)
def test_formulas_are_said_as_a_lecturer_says_them(text: str, expected: str) -> None:
    wrt = "x" if "x" in text.replace("exp", "") else "X"
    assert speech(read(text, wrt=wrt).expr) == expected


def test_names_and_differentials_are_told_apart() -> None:
    X, x, d = declare("X", "n x m"), declare("x", "n"), declare("d", "scalar")
    assert speech(Differential(x)) == "d x"
    assert speech(Differential(Differential(x))) == "second differential of x"
    assert speech(scale(d, x)) == "letter d x"
    assert speech(Transpose(Differential(X))) == "d capital X transpose"
    assert speech(Differential(Transpose(X))) == "the differential of capital X transpose, end differential"
    assert declaration(X) == "capital X in R n by m"
    assert derivative(declare("L", "scalar"), X) == "nabla sub capital X of capital L"


@given(ANY, st.sampled_from(NOTATIONS))
@settings(max_examples=300)
def test_mathml_is_xml_of_core_elements_and_has_the_tokens_of_latex(e: Expr, notation: Notation) -> None:
    root = ElementTree.fromstring(f'<math xmlns="{NAMESPACE}">{mathml(e, notation)}</math>')
    assert {element.tag.removeprefix(f"{{{NAMESPACE}}}") for element in root.iter()} <= set(CORE.split())
    for element in root.iter():  # each intent speaks of arguments that are there, below it
        named = set(re.findall(r"\$(\w+)", element.get("intent", "")))
        assert named <= {one.get("arg") for one in element.iter()}
    assert tokens_of_mathml(root) == tokens_of_latex(latex(e, notation))


def tokens_of_mathml(root: ElementTree.Element) -> str:
    text = "".join(root.itertext()).replace("\u2062", "").replace("\u2061", "")
    return normalize("NFKC", text).replace("′", "'").replace("ϵ", "ε")


SIGNS = {"top": "⊤", "circ": "∘", "oslash": "⊘", "otimes": "⊗", "times": "×", "cdot": "⋅", "partial": "∂"}
SIGNS |= {"lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|"}
SIGNS |= {name: letter for letter, name in GREEK_LETTERS.items()}
NAMES = {function.latex.removeprefix("\\") for function in FUNCTIONS.values()} | {"det"}


def tokens_of_latex(text: str) -> str:
    text = text.replace(r"\begin{pmatrix}", "(").replace(r"\end{pmatrix}", ")").replace(r"\prime", "'")
    text = re.sub(r"\\\\|\\[,!]|[{}^_&\s]", " ", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: SIGNS.get(m[1], m[1] if m[1] in NAMES else ""), text)
    return normalize("NFKC", text.replace("-", "−").replace(" ", "")).replace("ϵ", "ε")


@given(ANY)
@settings(max_examples=300)
def test_words_have_no_signs_of_markup_and_say_their_ends(e: Expr) -> None:
    words = speech(e)
    assert re.fullmatch(r"[A-Za-z0-9,;: ]+", words), words
    assert words.split().count("open") == words.split().count("close")


def small_expressions(depth: int) -> Iterator[Expr]:
    """All expressions up to a depth, of matrices, columns and scalars; of two parts, one is no deeper than 0."""
    n = Dim.of("n")
    A, B, x = declare("A", "n x n"), declare("B", "n x n"), declare("x", "n")
    a, d = declare("a", "scalar"), declare("d", "scalar")
    leaves: list[Expr] = [A, B, x, a, d, Identity(n), number(2), number("1/2"), number(-1), Ones(x.shape)]
    found: list[Expr] = list(leaves)
    for _ in range(depth):
        new = [made for e in found for made in with_one(e)]
        for e, leaf in pairs(found, leaves):
            new += [*of_two(e, leaf), *of_two(leaf, e)]
        found = list(dict.fromkeys((*found, *new)))
    yield from found


def of_two(left: Expr, right: Expr) -> Iterator[Expr]:
    if left.is_scalar:
        yield scale(left, right)
        if right.is_scalar:
            yield Power(left, right)
    if left.shape == right.shape:
        yield from (add(left, right), add(left, negative(right)))
        if not left.is_scalar:
            yield from (hadamard(left, right), HadamardPower(left, right))
            yield hadamard(left, HadamardPower(right, number(-1)))
    if not left.is_scalar and not right.is_scalar:
        if left.shape[1] == right.shape[0]:
            yield product(left, right)
        yield Kronecker(left, right)


def with_one(e: Expr) -> Iterator[Expr]:
    if isinstance(e, Symbol):
        yield from (Curve(e, declare("t", "scalar"), order) for order in range(3))
    yield Differential(e)
    yield negative(e)
    for name in ("exp", "sin", "abs", "sqrt", "sigmoid", "sign", "relu"):
        yield Elementwise(name, e)
    if e.is_scalar:
        yield from (Power(e, number(v)) for v in (2, -1, -2, 3, "1/2"))
        return
    yield from (Transpose(e), EntrySum(e), Norm("1", e), Norm("2", e), Power(Norm("2", e), number(2)), Vec(e))
    yield from (HadamardPower(e, number(2)), HadamardPower(e, number("1/2")), PseudoInverse(e))
    if e.shape[0] != ONE:
        yield Softmax(e)
    if ONE not in e.shape:
        yield from (Spectral(name, e) for name in ("norm_spec", "left_singular", "right_singular"))
    if e.is_square:
        yield from (MatrixFunction("sqrtm", e), Inverse(MatrixFunction("sqrtm", e)))
        yield from (Inverse(e), Trace(e), Determinant(e), Adjugate(e), Diagonal(e), MatrixFunction("expm", e))
        yield Power(e, number(2))
        yield from (Spectral(name, e) for name in (*OF_NUMBERS_ONLY, *OF_SYMMETRIC, *OF_SYMMETRIC.values()))
    elif e.is_vector:
        yield from (Diag(e), CrossMatrix(e), Unvec(e, *e.shape))


def with_roots(e: Expr) -> Expr:
    """The same with powers of 1/2 as square roots, which they are drawn as."""
    e = rebuild(e, [with_roots(child) for child in e.children]) if e.children else e
    return Elementwise("sqrt", e.base) if isinstance(e, Power) and e.exponent == number("1/2") else e


def test_no_two_formulas_have_the_same_words() -> None:
    by_words: defaultdict[str, set[str]] = defaultdict(set)
    drawn = set()
    for e in small_expressions(2):
        text = latex(with_roots(e))
        by_words[speech(e)].add(text)
        drawn.add(text)
    assert len(drawn) > 10_000
    assert not {words: texts for words, texts in by_words.items() if len(texts) > 1}


def test_every_node_is_printed_in_all_ways() -> None:
    nodes = {type(e) for e in (*small_expressions(1), *constants())}
    assert nodes == set(get_args(Expr))


def constants() -> Iterator[Expr]:
    n, m = Dim.of("n"), Dim.of("m")
    printed: tuple[Expr, ...] = (
        Pi(),
        Commutation(n, m),
        Zero((n, m)),
        Ones((n, m)),
        Trace(Identity(n)),
        CONSTANTS[-1][0],
        BlockMatrix(1, (number(1), Power(number(2), number("1/2")))),
        *indexed(),
    )
    for e in printed:
        assert ElementTree.fromstring(mathml(e)) is not None
        assert speech(e)
        yield e


def indexed() -> Iterator[Expr]:
    """A member of a family, all members, entries and a double sum."""
    n, m = Dim.of("n"), Dim.of("m")
    i, j, family = index("i", n), index("j", m), Symbol("x_", (m, ONE), frozenset(), n)
    entry = Entry(Symbol("A", (n, m)), i, j)
    yield from (Member(family, i), Member(family, number(2)), Members(family), entry, index_sum(i, index_sum(j, entry)))


def test_sums_over_an_index_are_said_and_drawn() -> None:
    *_, double = indexed()
    assert plain(double) == "sum_{i=1}^n sum_{j=1}^m A_{ij}"
    assert latex(double) == r"\sum_{i=1}^{n} \sum_{j=1}^{m} A_{i j}"
    inner = "the sum from j equals 1 to m of entry i j of capital A, end sum"
    assert speech(double) == f"the sum from i equals 1 to n of {inner}, end sum"
    assert mathml(double).count("<munderover>") == 2


def test_all_members_of_a_family_are_said_and_drawn_as_a_row() -> None:
    row = next(e for e in indexed() if isinstance(e, Members))
    assert plain(row.T) == "[x_1, ..., x_n]'"
    assert latex(row.T) == r"(x_{1}, \dots, x_{n})^{\top}"
    assert speech(row) == "the matrix with the columns x sub 1 up to x sub n"
    assert mathml(row).count("<mo>…</mo>") == 1


CONSTANTS: list[tuple[Expr, str]] = [
    (Zero((Dim.of("n"), Dim.of("m"))), "the zero matrix"),
    (Ones((Dim.of("n"), ONE)), "the vector of ones"),
    (Commutation(Dim.of("n"), Dim.of("m")), "the commutation matrix n by m, end matrix"),
    (Matrix(((Fraction(1), Fraction(2, 3)),)), "the 1 by 2 matrix; row 1: 1, 2 thirds; end matrix"),
]


@pytest.mark.parametrize(("e", "expected"), CONSTANTS)
def test_constants_in_words(e: Expr, expected: str) -> None:
    assert speech(e) == expected
