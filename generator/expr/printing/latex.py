"""Expressions, declarations and sentences as LaTeX in the course's notation, printed from structure alone."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from generator.expr.functions import ACCENTS, FUNCTIONS, GREEK
from generator.expr.nodes import named_from_outside
from generator.expr.printing.binding import SUM
from generator.expr.printing.layout import Layout, Raised, Sign, split_name
from generator.expr.printing.notation import STANDARD, Notation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from generator.expr.messages import Text
    from generator.expr.nodes import Dim, Expr, Symbol


def latex(e: Expr, notation: Notation = STANDARD, drawn: Mapping[Symbol, str] | None = None) -> str:
    """The expression in math mode, without the dollar signs; some symbols may be drawn in another way."""
    return (_Printer(notation, drawn) if drawn else _printer(notation)).at(named_from_outside(e), SUM)


def name_latex(name: str, *, bold: bool = False) -> str:
    """A symbol's name: Greek letters by their commands, digits and what follows an underscore as a subscript."""
    letter, _, behind = name.partition("_")
    accent, _, index = behind.partition("_")
    if accent in ACCENTS:
        name = f"{letter}_{index}" if index else letter
    stem, index = split_name(name)
    if stem in (*GREEK, "ell"):
        letter = "\\" + stem
    elif len(stem) == 1:
        letter = stem
    else:
        word = stem.replace("_", r"\_")
        letter = rf"\mathit{{{word}}}"
    if bold:
        letter = rf"\boldsymbol{{{letter}}}"
    if accent in ACCENTS:
        letter = rf"\{accent}{{{letter}}}"
    if index in GREEK or index == "star":
        index = "\\" + index
    return f"{letter}_{{{index}}}" if index else letter


def dim_latex(dim: Dim) -> str:
    """A dimension."""
    terms = (" ".join(part if part.isdigit() else name_latex(part) for part in term) for term in dim.written)
    return " + ".join(terms)


def declaration(symbol: Symbol, notation: Notation = STANDARD) -> str:
    r"""Where a symbol lives: `A \in \mathbb{R}^{n \times m}`, a column `x \in \mathbb{R}^{n}`, or a scalar."""
    return _printer(notation).declaration(symbol)


def derivative(value: Symbol, wrt: Symbol, notation: Notation = STANDARD, *, inline: bool = False) -> str:
    r"""The name of a derivative: `\nabla_{X} L`, `\partial L / \partial X` or `dL / dt`; inline with a slash."""
    return _printer(notation).derivative(value, wrt, inline=inline)


def prose(text: Text, notation: Notation = STANDARD) -> str:
    """A sentence in text mode, its words escaped and its expressions in math mode."""
    return "".join(escape(part) if isinstance(part, str) else f"${latex(part, notation)}$" for part in text)


_ESCAPES = str.maketrans(
    {
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
)


def escape(words: str) -> str:
    """Plain words in text mode."""
    return words.translate(_ESCAPES)


@lru_cache(maxsize=8)
def _printer(notation: Notation) -> _Printer:
    return _Printer(notation, {})


_SIGNS: dict[Sign, str] = {"circ": r"\circ", "oslash": r"\oslash", "otimes": r"\otimes", "+": "+", "-": "-", "=": "="}


class _Printer(Layout):
    """Draws in LaTeX."""

    def __init__(self, notation: Notation, drawn: Mapping[Symbol, str]) -> None:
        super().__init__(notation, drawn)
        mark = {"T": "T", "top": r"\top", "prime": r"\prime"}[notation.transpose]
        self.marks: dict[Raised, str] = {
            "transpose": mark,
            "inverse": "-1",
            "inverse transpose": f"-{mark}",
            "pseudo-inverse": "+",
        }
        # an empty operator before d: a thin space sets dX off from the factor before it, none from an opening bracket
        self.d = r"\mathop{}\!" + (r"\mathrm{d}" if notation.differential == "upright" else "d")

    def number(self, value: Fraction) -> str:
        if value.denominator == 1:
            return str(value)
        sign = "-" if value < 0 else ""
        return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"

    def pi(self) -> str:
        return r"\pi"

    def name(self, name: str, *, bold: bool = False) -> str:
        return name_latex(name, bold=bold)

    def primed(self, name: str, order: int, *, bold: bool = False) -> str:
        return name_latex(name, bold=bold) + "'" * order

    def indexed(self, base: str, places: Sequence[str]) -> str:
        m = re.fullmatch(r"(.*)_\{([^{}]*)\}", base)
        below = (", " if any(map(str.isdigit, places)) else " ").join(places)
        return rf"{m[1]}_{{{m[2]},{below}}}" if m else f"{base}_{{{below}}}"

    def sum_over(self, index: str, last: str, body: str) -> str:
        return rf"\sum_{{{index}=1}}^{{{last}}} {body}"

    def listed(self, first: str, last: str) -> str:
        return rf"{first}, \dots, {last}"

    def ones(self) -> str:
        return r"\mathbf{1}"

    def dim(self, dim: Dim) -> str:
        return dim_latex(dim)

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        lines = r" \\ ".join(map(" & ".join, rows))
        return rf"\begin{{pmatrix}} {lines} \end{{pmatrix}}"

    def operator(self, name: str) -> str:
        if name in FUNCTIONS:
            return FUNCTIONS[name].latex
        return r"\det" if name == "det" else rf"\operatorname{{{name}}}"

    def applied(self, operator: str, arg: str, *, bare: bool) -> str:
        return f"{operator} {arg}" if bare else operator + arg

    def parenthesized(self, inside: str) -> str:
        """In the smallest parentheses that stand out from those inside."""
        if _is_tall(inside):
            return rf"\left( {inside} \right)"
        if "(" in inside:
            return rf"\bigl( {inside} \bigr)"
        return f"({inside})"

    def grouped(self, inside: str) -> str:
        return inside

    def joined(self, left: str, sign: Sign, right: str) -> str:
        return f"{left} {_SIGNS[sign]} {right}"

    def negative(self, inside: str) -> str:
        return f"-{inside}"

    def factors(
        self,
        pieces: Sequence[str],
        changing: Sequence[bool],
        dotted: Sequence[bool] = (),
        named: Sequence[bool] = (),  # TeX knows the names of functions, and sets them apart by itself
    ) -> str:
        shown = [
            rf"\cdot {piece}" if dot else piece
            for piece, dot in zip(pieces, dotted or [False] * len(pieces), strict=True)
        ]
        spaces = [r" \, " if here and not after else " " for here, after in pairwise(changing)]
        return "".join(part for pair in zip_longest(shown, spaces, fillvalue="") for part in pair)

    def raised(self, base: str, exponent: str) -> str:
        return rf"{base}\nolimits^{{{exponent}}}" if base == r"\det" else f"{base}^{{{exponent}}}"

    def raised_entrywise(self, base: str, exponent: str) -> str:
        return rf"{base}^{{\circ {exponent}}}" if exponent else rf"{base}^{{\circ}}"

    def entrywise_root(self, base: str) -> str:
        return rf"{base}^{{\circ 1/2}}"

    def marked(self, base: str, mark: Raised) -> str:
        return f"{base}^{{{self.marks[mark]}}}"

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def slashed(self, above: str, below: str) -> str:
        return f"{above} / {{{below}}}"

    def root(self, inside: str) -> str:
        return rf"\sqrt{{{inside}}}"

    def absolute(self, inside: str) -> str:
        return rf"\lvert {inside} \rvert"

    def exponential(self, exponent: str) -> str:
        return f"e^{{{exponent}}}"

    def norm_of(self, inside: str, index: str, exponent: str) -> str:
        power = f"^{{{exponent}}}" if exponent else ""
        left, right = (r"\left", r"\right") if _is_tall(inside) else ("", "")
        return rf"{left}\lVert {inside} {right}\rVert_{{{index}}}{power}"

    def is_positive(self, inside: str) -> str:
        return rf"{self.ones()}[{inside} > 0]"

    def inverse_vec(self, n: Dim, m: Dim) -> str:
        return rf"\operatorname{{vec}}^{{-1}}_{{{dim_latex(n)} \times {dim_latex(m)}}}"

    def commutation(self, n: Dim, m: Dim) -> str:
        return rf"K_{{{dim_latex(n)},{dim_latex(m)}}}"

    def differential(self, inside: str, *, second: bool = False, tight: bool = False) -> str:
        return f"{self.d}{'^2' if second else ''}{'' if tight else ' '}{inside}"

    def member(self, symbol: str, sizes: Sequence[Dim]) -> str:
        sides = (f"({dim_latex(dim)})" if dim.is_sum and len(sizes) > 1 else dim_latex(dim) for dim in sizes)
        size = r" \times ".join(sides)
        power = f"^{{{size}}}" if size else ""
        return rf"{symbol} \in \mathbb{{R}}{power}"

    def nabla(self, value: str, wrt: str) -> str:
        return rf"\nabla_{{{wrt}}} {value}"

    def partial(self, inside: str) -> str:
        return rf"\partial {inside}"


def _is_tall(text: str) -> bool:
    """It needs brackets that grow with it."""
    return r"\frac" in text or r"\begin" in text or r"\sum_" in text
