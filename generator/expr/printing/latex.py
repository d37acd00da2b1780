"""Expressions, declarations and sentences as LaTeX in the course's notation, printed from structure alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Literal

from generator.expr.functions import ACCENTS, FUNCTIONS, GREEK, MATRIX_FUNCTIONS
from generator.expr.nodes import (
    ONE,
    Adjugate,
    Commutation,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    Zero,
    split_scale,
)
from generator.expr.printing.plain import denominator, divides, is_entrywise_reciprocal, without_sign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.expr.messages import Text

SUM, CHAIN, FACTOR, POSTFIX, ATOM = range(5)
"""How tightly a typeset form binds, from loosest to tightest."""
MOST_KNOWN = 20_000
"""So many forms are kept, should the same be printed again."""


@dataclass(frozen=True)
class Notation:
    """How a course writes the trace, transposes, differentials, gradients and matrices, and lays derivatives out."""

    trace: Literal["Tr", "tr"] = "Tr"
    """How the trace begins."""
    transpose: Literal["top", "T", "prime"] = "top"
    """The mark of a transpose: a ⊤, an italic T, or a prime."""
    differential: Literal["upright", "italic"] = "upright"
    """The d of a differential."""
    gradient: Literal["nabla", "partial"] = "nabla"
    """A gradient as ∇ with the variable below it, or as a fraction of ∂."""
    layout: Literal["gradient", "numerator", "denominator"] = "gradient"
    """Whether the derivative of a scalar by a column is a column, and what the rows of a Jacobian are."""
    bold: bool = False
    """Prints the names of matrices and vectors in bold."""


STANDARD = Notation()


def latex(e: Expr, notation: Notation = STANDARD, drawn: Mapping[Symbol, str] | None = None) -> str:
    """The expression in math mode, without the dollar signs; some symbols may be drawn in another way."""
    return (_Printer(notation, drawn) if drawn else _printer(notation)).at(e, SUM)


def name_latex(name: str, *, bold: bool = False) -> str:
    """A symbol's name: Greek letters by their commands, digits and what follows an underscore as a subscript."""
    m = re.fullmatch(r"([A-Za-z]+?)_?(\d+|(?<=_)\w+)?", name)
    stem, index = (m[1], m[2]) if m else (name.replace("_", r"\_"), None)
    if stem in GREEK:
        letter = "\\" + stem
    elif len(stem) == 1:
        letter = stem
    else:
        letter = rf"\mathit{{{stem}}}"
    if bold:
        letter = rf"\boldsymbol{{{letter}}}"
    if index in ACCENTS:
        return rf"\{index}{{{letter}}}"
    if index in GREEK:
        index = "\\" + index
    return f"{letter}_{{{index}}}" if index else letter


def dim_latex(dim: Dim) -> str:
    """A dimension."""
    parts = ([str(dim.number)] if dim.number != 1 or not dim.names else []) + [name_latex(n) for n in dim.names]
    return " ".join(parts)


def declaration(symbol: Symbol, notation: Notation = STANDARD) -> str:
    r"""Where a symbol lives: `A \in \mathbb{R}^{n \times m}`, a column `x \in \mathbb{R}^{n}`, or a scalar."""
    rows, columns = symbol.shape
    if symbol.is_scalar:
        space = r"\mathbb{R}"
    elif columns == ONE:
        space = rf"\mathbb{{R}}^{{{dim_latex(rows)}}}"
    else:
        space = rf"\mathbb{{R}}^{{{dim_latex(rows)} \times {dim_latex(columns)}}}"
    return rf"{latex(symbol, notation)} \in {space}"


def derivative(value: Symbol, wrt: Symbol, notation: Notation = STANDARD, *, inline: bool = False) -> str:
    r"""The name of a derivative: `\nabla_{X} L`, `\partial L / \partial X` or `dL / dt`; inline with a slash.

    In numerator layout, where it is the gradient's transpose, no nabla stands for it.
    """
    of, by = latex(value, notation), latex(wrt, notation)
    if wrt.is_scalar:
        above, below = latex(Differential(value), notation), latex(Differential(wrt), notation)
    elif notation.gradient == "nabla" and notation.layout != "numerator":
        return rf"\nabla_{{{by}}} {of}"
    else:
        above, below = rf"\partial {of}", rf"\partial {by}"
    return f"{above} / {{{below}}}" if inline else rf"\frac{{{above}}}{{{below}}}"


def prose(text: Text, notation: Notation = STANDARD) -> str:
    """A sentence in text mode, its words escaped and its expressions in math mode."""
    return "".join(escape(part) if isinstance(part, str) else f"${latex(part, notation)}$" for part in text)


_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{c: "\\" + c for c in "%&_#$"},
    "−": "$-$",
    "π": r"$\pi$",
    "\u00a0": "~",
    "⁻": "${}^{-}$",
}


def escape(words: str) -> str:
    """Plain words in text mode."""
    return "".join(_ESCAPES.get(letter, letter) for letter in words)


@lru_cache(maxsize=8)
def _printer(notation: Notation) -> _Printer:
    return _Printer(notation, {})


class _Printer:
    def __init__(self, notation: Notation, drawn: Mapping[Symbol, str]) -> None:
        self.notation = notation
        self.drawn = drawn
        self.known: dict[Expr, tuple[str, int]] = {}
        """The lines of a derivation share most of their parts."""
        self.mark = {"T": "T", "top": r"\top", "prime": r"\prime"}[notation.transpose]
        # an empty operator before d: a thin space sets dX off from the factor before it, none from an opening bracket
        self.d = r"\mathop{}\!" + (r"\mathrm{d}" if notation.differential == "upright" else "d")

    def at(self, e: Expr, binding: int) -> str:
        """The LaTeX, in parentheses where the place binds tighter."""
        if (found := self.known.get(e)) is None:
            if len(self.known) > MOST_KNOWN:
                self.known.clear()
            found = self.known[e] = self.form(e)
        text, own = found
        if own == FACTOR < binding and isinstance(e, Determinant | Elementwise):  # a bare argument: log x
            name = r"\det" if isinstance(e, Determinant) else FUNCTIONS[e.name].latex
            text, own = self.function(name, e.arg, tight=True)
        return _parenthesized(text) if own < binding else text

    def form(self, e: Expr) -> tuple[str, int]:  # noqa: C901, PLR0915 - one branch per node
        """The LaTeX of a node, and how tightly it binds."""
        match e:
            case Number(value):
                return _fraction(value), ATOM if value >= 0 and value.denominator == 1 else CHAIN
            case Pi():
                return r"\pi", ATOM
            case Matrix(rows):
                return _matrix(rows), ATOM
            case Symbol() if e in self.drawn:
                return self.drawn[e], ATOM
            case Symbol(name):
                return name_latex(name, bold=self.notation.bold and not e.is_scalar), ATOM
            case Identity():
                return "I", ATOM
            case Zero():
                return "0", ATOM
            case Ones(shape):
                return (r"\mathbf{1}" if shape[1] == ONE else r"\mathbf{1}\mathbf{1}^{" + self.mark + "}"), (
                    ATOM if shape[1] == ONE else CHAIN
                )
            case Sum(terms):
                return self.sum(terms), SUM
            case Product(factors):
                return self.factors(factors), CHAIN
            case Scale():
                return self.scale(e)
            case Power(base, Number(Fraction(numerator=1, denominator=2))):
                return rf"\sqrt{{{self.at(base, SUM)}}}", ATOM
            case Power() if (below := denominator(e)) is not None:
                return rf"\frac{{1}}{{{self.at(below, SUM)}}}", CHAIN
            case Power(Elementwise(name, arg) as base, exponent) if e.is_scalar and self.named(base):
                return self.function(rf"{FUNCTIONS[name].latex}^{{{self.at(exponent, SUM)}}}", arg)
            case Power(Elementwise("sigmoid") as base, exponent):  # as σ² it would be a square of a scalar σ
                return rf"{self.at(base, POSTFIX)}^{{{self.at(exponent, SUM)}}}", POSTFIX
            case Power(Determinant(arg), exponent):
                return self.function(rf"\det\nolimits^{{{self.at(exponent, SUM)}}}", arg)
            case Power(Trace(arg), exponent):
                return self.function(rf"\operatorname{{{self.notation.trace}}}^{{{self.at(exponent, SUM)}}}", arg)
            case Power(Norm() as norm, exponent):
                return self.norm(norm, self.at(exponent, SUM)), ATOM
            case Power(Inverse(arg), Number(value)) if value.denominator == 1:  # a power of an inverse is one of A
                return rf"{self.at(arg, ATOM)}^{{-{value}}}", POSTFIX
            case Power(base, exponent):
                return rf"{self.at(base, ATOM)}^{{{self.at(exponent, SUM)}}}", POSTFIX
            case HadamardPower(Elementwise("sigmoid") as base, exponent):
                return rf"{self.at(base, POSTFIX)}^{{\circ {self.at(exponent, FACTOR)}}}", POSTFIX
            case HadamardPower(Elementwise(name, arg) as base, exponent) if self.named(base):
                return self.function(rf"{FUNCTIONS[name].latex}^{{\circ {self.at(exponent, FACTOR)}}}", arg, tight=True)
            case HadamardPower(base, exponent):
                return rf"{self.at(base, ATOM)}^{{\circ {self.at(exponent, FACTOR)}}}", POSTFIX
            case Hadamard(factors):
                return self.hadamard(factors)
            case Transpose(Differential(Symbol() as s)):  # (dX)′ and d(X′) are the same
                return rf"{self.d} {self.at(s, ATOM)}^{{{self.mark}}}", FACTOR
            case Transpose(Inverse(arg)):
                return rf"{self.at(arg, ATOM)}^{{-{self.mark}}}", POSTFIX
            case Transpose(Power() as power):
                return rf"{_parenthesized(self.at(power, SUM))}^{{{self.mark}}}", POSTFIX
            case Transpose(arg):
                return rf"{self.at(arg, ATOM)}^{{{self.mark}}}", POSTFIX
            case Inverse(arg):
                return rf"{self.at(arg, ATOM)}^{{-1}}", POSTFIX
            case PseudoInverse(arg):
                return rf"{self.at(arg, ATOM)}^{{+}}", POSTFIX
            case Adjugate(arg):
                return self.function(r"\operatorname{adj}", arg, tight=True)
            case Trace(Identity(n)):
                return dim_latex(n), ATOM
            case Trace(arg):
                return self.function(rf"\operatorname{{{self.notation.trace}}}", arg, tight=True)
            case Determinant(arg):
                return self.function(r"\det", arg)
            case EntrySum(arg):
                return self.function(r"\operatorname{sum}", arg, tight=True)
            case Norm():
                return self.norm(e), ATOM
            case Diag(arg) | Diagonal(arg):
                return self.function(r"\operatorname{diag}", arg, tight=True)
            case Vec(arg):
                return self.function(r"\operatorname{vec}", arg, tight=True)
            case Unvec(arg, n, m):
                size = rf"{dim_latex(n)} \times {dim_latex(m)}"
                return self.function(rf"\operatorname{{vec}}^{{-1}}_{{{size}}}", arg, tight=True)
            case Kronecker(left, right):
                factors = (*_kronecker_factors(left), *_kronecker_factors(right))
                return r" \otimes ".join(self.at(f, POSTFIX) for f in factors), CHAIN
            case Commutation(n, m):
                return rf"K_{{{dim_latex(n)},{dim_latex(m)}}}", ATOM
            case MatrixFunction(name, arg):
                return self.function(rf"\operatorname{{{name}}}", arg, tight=True)
            case Elementwise("relu", Elementwise("sign", arg)):  # the derivative of relu, as people write it
                return rf"\mathbf{{1}}[{self.at(arg, SUM)} > 0]", ATOM
            case Elementwise("sqrt", arg) if arg.is_scalar:
                return rf"\sqrt{{{self.at(arg, SUM)}}}", ATOM
            case Elementwise("abs", arg) if arg.is_scalar:  # bars around a vector are a norm, around a matrix det
                return rf"\lvert {self.at(arg, SUM)} \rvert", ATOM
            case Elementwise("exp", arg) if arg.is_scalar:
                return rf"e^{{{self.at(arg, SUM)}}}", POSTFIX
            case Elementwise("sqrt", arg):
                return rf"{self.at(arg, ATOM)}^{{\circ 1/2}}", POSTFIX
            case Elementwise(name, arg) if name not in FUNCTIONS:  # any function, as the chain rule speaks of it
                return self.function(name, arg, tight=True)
            case Elementwise(name, arg) if _is_ambiguous(e):
                return self.function(rf"{FUNCTIONS[name].latex}^{{\circ}}", arg, tight=True)
            case Elementwise(name, arg):
                bare = isinstance(arg, Determinant) and name != "sigmoid"  # log det X, but σ(det X): σ may be a factor
                return self.function(FUNCTIONS[name].latex, arg, tight=not bare)
            case Differential(Symbol() as s):
                return rf"{self.d} {self.at(s, ATOM)}", POSTFIX
            case Differential(Differential(Symbol() as s)):
                return rf"{self.d}^2 {self.at(s, ATOM)}", POSTFIX
            case Differential(Trace() | Determinant() | Elementwise() | Norm() as arg):
                return rf"{self.d} {self.at(arg, FACTOR)}", FACTOR
            case Differential(arg):
                return rf"{self.d}{_parenthesized(self.at(arg, SUM))}", FACTOR

    def factors(self, factors: Sequence[Expr]) -> str:
        """Matrices multiplied."""
        return self.beside([self.at(f, FACTOR) for f in factors], factors)

    @staticmethod
    def beside(pieces: Sequence[str], factors: Sequence[Expr]) -> str:
        """Factors side by side; a differential gets a thin space behind it, so that dA B is not read as d(AB)."""
        moving = [isinstance(f.arg if isinstance(f, Transpose) else f, Differential) for f in factors]
        spaces = [r" \, " if here and not after else " " for here, after in pairwise(moving)]
        return "".join(part for pair in zip_longest(pieces, spaces, fillvalue="") for part in pair)

    @staticmethod
    def named(e: Elementwise) -> bool:
        """The function is written by a name before its argument, and a power can follow the name."""
        return e.name not in ("sqrt", "abs", "exp", "sigmoid") and not _is_ambiguous(e)

    def function(self, name: str, arg: Expr, *, tight: bool = False) -> tuple[str, int]:
        """A function's name and its argument; only atoms may follow a name without parentheses."""
        bare = not tight and isinstance(arg, Symbol | Determinant)
        if bare:
            return rf"{name} {self.at(arg, FACTOR)}", FACTOR
        return rf"{name}{_parenthesized(self.at(arg, SUM))}", POSTFIX

    def norm(self, e: Norm, exponent: str = "") -> str:
        is_matrix = ONE not in e.arg.shape
        index = {"1": "1", "2": "F" if is_matrix else "2"}[e.kind]
        power = f"^{{{exponent}}}" if exponent else ""
        # of a matrix the norm with index 1 is another one, its largest column
        inside = self.at(Vec(e.arg) if is_matrix and e.kind == "1" else e.arg, SUM)
        left, right = (r"\left", r"\right") if _is_tall(inside) else ("", "")
        return rf"{left}\lVert {inside} {right}\rVert_{{{index}}}{power}"

    def sum(self, terms: Sequence[Expr]) -> str:
        text = self.at(terms[0], CHAIN)
        for term in terms[1:]:
            opposite = without_sign(term)
            text += f" + {self.at(term, CHAIN)}" if opposite is None else f" - {self.at(opposite, CHAIN)}"
        return text

    def hadamard(self, factors: Sequence[Expr]) -> tuple[str, int]:
        text = self.at(factors[0], POSTFIX)
        for f in factors[1:]:
            if isinstance(f, HadamardPower) and is_entrywise_reciprocal(f):
                text += rf" \oslash {self.at(f.base, POSTFIX)}"
            else:
                text += rf" \circ {self.at(f, POSTFIX)}"
        return text, CHAIN

    def scale(self, e: Expr) -> tuple[str, int]:
        """Scalars before what they multiply, denominators below a fraction bar."""
        opposite = without_sign(e)
        if opposite is not None:
            return f"-{self.at(opposite, CHAIN)}", CHAIN
        scalars, body = split_scale(e)
        parts = [*scalars, body]
        above: list[Expr] = []
        below: list[Expr] = []
        for before, part in zip([None, *parts], parts, strict=False):
            if (under := denominator(part)) is not None:
                below.append(under)
            elif isinstance(part, Number) and divides(part, before):
                below.append(Number(Fraction(part.value.denominator)))
            else:
                above.append(part)
        if below:
            on_top = body.is_scalar or (isinstance(body, Symbol) and above == [body])
            head, tail = (above, []) if on_top else ([part for part in above if part is not body], [body])
            bar = rf"\frac{{{self.chain(head) if head else '1'}}}{{{self.chain(below)}}}"
            loose = CHAIN if isinstance(body, Product) else FACTOR
            return (f"{bar} {self.at(tail[0], loose)}" if tail else bar), CHAIN
        return self.chain(parts), CHAIN

    def chain(self, parts: Sequence[Expr]) -> str:
        """Scalars in a row, and perhaps a body; a number after the first gets a dot before it."""
        if len(parts) == 1:
            return self.at(parts[0], SUM)
        pieces = []
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            loose = last and isinstance(part, Product)
            first_number = isinstance(part, Number) and i == 0 and part.value > 0
            # before other factors an argument needs its parentheses: det(A) c
            piece = self.at(part, CHAIN if loose or first_number else FACTOR if last else POSTFIX)
            pieces.append(rf"\cdot {piece}" if isinstance(part, Number) and i else piece)
        return self.beside(pieces, parts)


def _kronecker_factors(e: Expr) -> tuple[Expr, ...]:
    """The factors of a Kronecker product, which is associative."""
    return (*_kronecker_factors(e.left), *_kronecker_factors(e.right)) if isinstance(e, Kronecker) else (e,)


def _is_ambiguous(e: Elementwise) -> bool:
    r"""A function of each entry of a square matrix that could be read as one of the matrix, as \exp(X)."""
    return not e.is_scalar and e.arg.is_square and f"{e.name}m" in MATRIX_FUNCTIONS


def _fraction(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value)
    sign = "-" if value < 0 else ""
    return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def _matrix(rows: Sequence[Sequence[Fraction]]) -> str:
    lines = r" \\ ".join(" & ".join(map(_fraction, row)) for row in rows)
    return rf"\begin{{pmatrix}} {lines} \end{{pmatrix}}"


def _is_tall(text: str) -> bool:
    """It needs brackets that grow with it."""
    return r"\frac" in text or r"\begin" in text


def _parenthesized(text: str) -> str:
    """The text in the smallest parentheses that stand out from those inside."""
    if _is_tall(text):
        return rf"\left( {text} \right)"
    if "(" in text:
        return rf"\bigl( {text} \bigr)"
    return f"({text})"
