"""About how wide formulas will be, in glyphs, from their structure alone."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from generator.document.formula import (
    AuthorSource,
    DerivativeOf,
    Equation,
    Factors,
    Formula,
    FunctionOf,
    Membership,
    ReasonBlank,
    Stated,
    Substituted,
)
from generator.expr.functions import FUNCTIONS, GREEK
from generator.expr.nodes import (
    Adjugate,
    BlockMatrix,
    CrossMatrix,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Hadamard,
    HadamardPower,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Norm,
    Number,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Softmax,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    split_scale,
)
from generator.expr.printing.plain import denominator
from generator.problems.picture import Picture

if TYPE_CHECKING:
    from fractions import Fraction

    from generator.document.formula import Inline, Math, Sentence
    from generator.expr.nodes import Expr

PARENTHESES = 2
OWN_GLYPHS: dict[type, int] = {
    Adjugate: 3 + PARENTHESES,
    Determinant: 2,
    Diag: 4 + PARENTHESES,
    Diagonal: 4 + PARENTHESES,
    CrossMatrix: 4 + PARENTHESES,
    Differential: 3,
    EntrySum: 3 + PARENTHESES,
    Hadamard: 2,
    HadamardPower: 3,
    Inverse: 2,
    Norm: 3,
    PseudoInverse: 1,
    Trace: 2 + PARENTHESES,
    Transpose: 2,
    Unvec: 6 + PARENTHESES,
    Vec: 3 + PARENTHESES,
}
"""The glyphs of a node besides those of its parts."""
SHORT = {"exp": 3, "sqrt": 1, "abs": 2, **{name: 2 for name, row in FUNCTIONS.items() if row.is_letter}}
"""The glyphs of functions that are written by other signs than their names."""
ENCLOSING = (Hadamard, HadamardPower, Inverse, Kronecker, Power, Product, PseudoInverse, Scale, Transpose)
"""Nodes whose parts stand in parentheses if they are of the types below."""
ENCLOSED = (Hadamard, Kronecker, Sum)


def longest_run(sentence: Sentence) -> int:
    """The most glyphs of a sentence's formulas that stand in a row without a place to break outside of parentheses."""
    return max((max(_runs(math), default=0) for part in sentence.inlines or () for math in _maths(part)), default=0)


def _maths(part: Inline) -> tuple[Math, ...]:
    match part:
        case Formula(math) | Stated(Formula(math)):
            return () if math is None else (math,)
        case AuthorSource(parts):
            return tuple(one.math for one in parts if isinstance(one, Formula) and one.math is not None)
        case str() | ReasonBlank() | Picture():
            return ()


def _runs(math: Math) -> list[int]:
    """The lengths of what stands between the places where a line may break."""
    match math:
        case Equation(sides):
            return [run for side in sides for run in _runs(side)]
        case Factors(factors):
            return [sum(map(glyphs, factors))]
        case Sum(terms):
            return [run for term in terms for run in _runs(term)]
        case Hadamard(factors):
            return [_enclosed(factor) for factor in factors]
        case Kronecker(left, right):
            return [*_runs(left), *_runs(right)]
        case _:
            return [glyphs(math)]


def _enclosed(e: Expr) -> int:
    return glyphs(e) + PARENTHESES * isinstance(e, ENCLOSED)


@lru_cache(10_000)
def glyphs(math: Math) -> int:
    """About how many glyphs a formula has."""
    match math:
        case Dim():
            lengths = [sum(len(part) if part.isdigit() else 1 for part in term) for term in math.written]
            return sum(lengths) + len(lengths) - 1
        case Equation(sides):
            return sum(map(glyphs, sides)) + len(sides) - 1
        case Factors(factors):
            return sum(map(glyphs, factors))
        case FunctionOf(function, variable):
            return glyphs(function) + glyphs(variable) + PARENTHESES
        case DerivativeOf(value, wrt):
            return 2 + glyphs(value) + glyphs(wrt)
        case Membership(symbol):
            return glyphs(symbol) + 2 + sum(map(glyphs, symbol.shape))
        case Substituted(expression):
            return glyphs(expression)
        case Symbol(name):
            stem, _, index = name.partition("_")
            return (2 if stem in GREEK else 1) + len(index) + sum(letter.isdigit() for letter in stem)
        case Number(value):
            return _digits(value)
        case Matrix(rows):
            return PARENTHESES + max(sum(map(_digits, row)) + len(row) - 1 for row in rows)
        case BlockMatrix():
            return PARENTHESES + max(sum(map(glyphs, row)) + len(row) - 1 for row in math.lines)
        case Sum(terms):
            return sum(map(glyphs, terms)) + len(terms) - 1
        case Scale():
            return _scaled(math)
        case Power() if (below := denominator(math)) is not None:
            return max(1, glyphs(below))
        case Elementwise(name, arg) if name in SHORT:
            return SHORT[name] + glyphs(arg) + (0 if arg.is_scalar else PARENTHESES)
        case Elementwise(name, arg) | MatrixFunction(name, arg) | Spectral(name, arg):
            return len(name) + PARENTHESES + glyphs(arg)
        case Softmax(arg):
            return len("softmax") + PARENTHESES + glyphs(arg)
        case _:
            within = PARENTHESES if isinstance(math, ENCLOSING) else 0
            parts = sum(glyphs(child) + within * isinstance(child, ENCLOSED) for child in math.children)
            return max(1, OWN_GLYPHS.get(type(math), 0) + parts)


def _scaled(e: Scale) -> int:
    """Scalars before what they multiply; of a fraction, the wider of what stands above and below its bar."""
    scalars, body = split_scale(e)
    parts = [*scalars, body]
    below = [under for part in parts if (under := denominator(part)) is not None]
    above = [part for part in parts if denominator(part) is None]
    if not below:
        return sum(map(_enclosed, parts))
    beside = 0 if body.is_scalar else _enclosed(body)
    on_top = sum(map(_enclosed, above)) - beside
    return max(1, on_top, sum(glyphs(under) for under in below)) + beside


def _digits(value: Fraction) -> int:
    below = 0 if value.denominator == 1 else len(str(value.denominator))
    return (value < 0) + len(str(abs(value.numerator))) + below
