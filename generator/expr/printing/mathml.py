"""Expressions, declarations and names of derivatives as MathML in the course's notation.

Elements are those of MathML Core. Invisible times (U+2062) and function application (U+2061) say what stands beside
each other, and `intent` says what marks mean, for readers that know it: ⊤ a transpose, ‖ a norm. Markup is XML.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import lookup, name

from generator.expr.functions import FUNCTIONS, GREEK, GREEK_LETTERS
from generator.expr.nodes import named_from_outside
from generator.expr.printing.binding import SUM
from generator.expr.printing.layout import Layout, Raised, Sign, split_name
from generator.expr.printing.notation import STANDARD, Notation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from generator.expr.nodes import Dim, Expr, Symbol

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
TIMES = "<mo>\u2062</mo>"
"""Invisible times."""
APPLY = "<mo>\u2061</mo>"
"""Invisible function application."""
THIN = '<mspace width="0.1667em"/>'
SMALL = '<mstyle displaystyle="false"><mfrac>'
"""Opening tag of a fraction of numbers, which is set small."""
BOLD_ONE = "<mn>\U0001d7cf</mn>"
LETTERS = {name: letter for letter, name in GREEK_LETTERS.items()}
"""Greek letters by their names."""


def mathml(e: Expr, notation: Notation = STANDARD, drawn: Mapping[Symbol, str] | None = None) -> str:
    """The expression, to stand within <math>; some symbols may be drawn in another way."""
    return (_Printer(notation, drawn) if drawn else _printer(notation)).at(named_from_outside(e), SUM)


def declaration(symbol: Symbol, notation: Notation = STANDARD) -> str:
    """Where a symbol lives: A ∈ ℝⁿˣᵐ, a column x ∈ ℝⁿ, or a scalar."""
    return _printer(notation).declaration(symbol)


def derivative(value: Symbol, wrt: Symbol, notation: Notation = STANDARD, *, inline: bool = False) -> str:
    """The name of a derivative: a gradient with ∇, or a fraction of ∂ or d; inline with a slash."""
    return _printer(notation).derivative(value, wrt, inline=inline)


def dim_mathml(dim: Dim) -> str:
    """A dimension."""
    return _printer(STANDARD).dim(dim)


def row(*parts: str) -> str:
    """Parts as one."""
    return parts[0] if len(parts) == 1 and _is_one(parts[0]) else f"<mrow>{''.join(parts)}</mrow>"


def fenced(inside: str, left: str = "(", right: str = ")") -> str:
    """Between brackets, which grow with what is inside where that is more than a line high."""
    stretchy = "" if _is_tall(inside) else ' stretchy="false"'
    return f"<mrow><mo{stretchy}>{left}</mo>{inside}<mo{stretchy}>{right}</mo></mrow>"


@lru_cache(maxsize=8)
def _printer(notation: Notation) -> _Printer:
    return _Printer(notation, {})


_SIGNS: dict[Sign, str] = {"circ": "∘", "oslash": "⊘", "otimes": "⊗", "+": "+", "-": "−", "=": "="}
_INTENTS: dict[Raised, str] = {
    "transpose": "transpose($x)",
    "inverse": "inverse($x)",
    "inverse transpose": "transpose(inverse($x))",
    "pseudo-inverse": "pseudoinverse($x)",
}


class _Printer(Layout):
    """Draws in MathML."""

    def __init__(self, notation: Notation, drawn: Mapping[Symbol, str]) -> None:
        super().__init__(notation, drawn)
        mark = {"T": "<mi>T</mi>", "top": "<mo>⊤</mo>", "prime": "<mo>′</mo>"}[notation.transpose]
        minus_one = "<mrow><mo>−</mo><mn>1</mn></mrow>"
        self.marks: dict[Raised, str] = {
            "transpose": mark,
            "inverse": minus_one,
            "inverse transpose": f"<mrow><mo>−</mo>{mark}</mrow>",
            "pseudo-inverse": "<mo>+</mo>",
        }
        self.minus_one = minus_one
        self.d = '<mi mathvariant="normal">d</mi>' if notation.differential == "upright" else "<mi>d</mi>"

    def number(self, value: Fraction) -> str:
        size = f"<mn>{abs(value.numerator)}</mn>"
        if value.denominator != 1:
            size = f"{SMALL}{size}<mn>{value.denominator}</mn></mfrac></mstyle>"
        return f"<mrow><mo>−</mo>{size}</mrow>" if value < 0 else size

    def pi(self) -> str:
        return "<mi>π</mi>"

    def name(self, name: str, *, bold: bool = False) -> str:
        stem, index = split_name(name)
        if stem in GREEK:
            greek = LETTERS[stem]
            upright = ' mathvariant="normal"' if stem[0].isupper() and not bold else ""
            letter = f"<mi{upright}>{_slanted(greek, bold=True) if bold else greek}</mi>"
        elif stem == "ell":
            letter = "<mi>ℓ</mi>"
        elif len(stem) == 1 and not bold:
            letter = f"<mi>{stem}</mi>"
        else:  # a word is one name, in letters that are slanted by themselves
            letter = f"<mi>{''.join(_slanted(one, bold=bold) for one in stem)}</mi>"
        if not index:
            return letter
        if index.isdigit():
            below = f"<mn>{index}</mn>"
        elif index in GREEK:
            below = f"<mi>{LETTERS[index]}</mi>"
        elif (shifted := re.fullmatch(r"(.+)([-+])(\d)", index)) is not None:
            sign = "\u2212" if shifted[2] == "-" else "+"
            below = f"<mrow><mi>{shifted[1]}</mi><mo>{sign}</mo><mn>{shifted[3]}</mn></mrow>"
        else:
            below = f"<mi>{index if len(index) == 1 else ''.join(map(_slanted, index))}</mi>"
        return f"<msub>{letter}{below}</msub>"

    def primed(self, name: str, order: int, *, bold: bool = False) -> str:
        letter = self.name(name, bold=bold)
        return f"<msup>{letter}<mo>{'′' * order}</mo></msup>" if order else letter

    def indexed(self, base: str, places: Sequence[str]) -> str:
        between = "<mo>,</mo>" if any("<mn>" in place for place in places) else ""
        return f"<msub>{row(base)}{row(between.join(places)) if len(places) > 1 else row(places[0])}</msub>"

    def sum_over(self, index: str, last: str, body: str) -> str:
        below = f"<mrow>{index}<mo>=</mo><mn>1</mn></mrow>"
        return f"<mrow><munderover><mo>∑</mo>{below}{row(last)}</munderover>{body}</mrow>"

    def listed(self, first: str, last: str) -> str:
        return f"<mrow>{first}<mo>,</mo><mo>…</mo><mo>,</mo>{last}</mrow>"

    def ones(self) -> str:
        return BOLD_ONE

    def dim(self, dim: Dim) -> str:
        terms = (
            TIMES.join(f"<mn>{part}</mn>" if part.isdigit() else self.name(part) for part in term)
            for term in dim.written
        )
        return row("<mo>+</mo>".join(terms))

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        lines = "".join(f"<mtr>{''.join(f'<mtd>{entry}</mtd>' for entry in entries)}</mtr>" for entries in rows)
        return fenced(f"<mtable>{lines}</mtable>")

    def operator(self, name: str) -> str:
        if name not in FUNCTIONS:
            return f"<mi>{name}</mi>"
        # a function that is written as a Greek letter, or by its own name
        return f"<mi>{LETTERS.get(FUNCTIONS[name].latex.removeprefix(chr(92)), name)}</mi>"

    def applied(self, operator: str, arg: str, *, bare: bool) -> str:
        return f"<mrow>{operator}{APPLY}{THIN if bare else ''}{arg}</mrow>"

    def parenthesized(self, inside: str) -> str:
        return fenced(inside)

    def grouped(self, inside: str) -> str:
        return f"<mrow>{inside}</mrow>"

    def joined(self, left: str, sign: Sign, right: str) -> str:
        return f"{left}<mo>{_SIGNS[sign]}</mo>{right}"

    def negative(self, inside: str) -> str:
        return f"<mrow><mo>−</mo>{inside}</mrow>"

    def factors(
        self,
        pieces: Sequence[str],
        changing: Sequence[bool],
        dotted: Sequence[bool] = (),
        named: Sequence[bool] = (),
    ) -> str:
        text = pieces[0]
        for i, piece in enumerate(pieces[1:], 1):
            if dotted and dotted[i]:
                text += "<mo>⋅</mo>"
            else:
                apart = changing[i - 1] or changing[i] or (named and (named[i] or named[i - 1]))
                text += f"{TIMES}{THIN}" if apart else TIMES
            text += piece
        return f"<mrow>{text}</mrow>"

    def raised(self, base: str, exponent: str) -> str:
        return f"<msup>{row(base)}{row(exponent)}</msup>"

    def raised_entrywise(self, base: str, exponent: str) -> str:
        above = f"<mrow><mo>∘</mo>{exponent}</mrow>" if exponent else "<mo>∘</mo>"
        return f"<msup>{row(base)}{above}</msup>"

    def entrywise_root(self, base: str) -> str:
        return self.raised_entrywise(base, "<mn>1</mn><mo>/</mo><mn>2</mn>")

    def marked(self, base: str, mark: Raised) -> str:
        return f'<msup intent="{_INTENTS[mark]}"><mrow arg="x">{base}</mrow>{self.marks[mark]}</msup>'

    def fraction(self, above: str, below: str) -> str:
        return f"<mfrac>{row(above)}{row(below)}</mfrac>"

    def slashed(self, above: str, below: str) -> str:
        return f"<mrow>{above}<mo>/</mo>{below}</mrow>"

    def root(self, inside: str) -> str:
        return f"<msqrt>{inside}</msqrt>"

    def absolute(self, inside: str) -> str:
        return fenced(inside, "|", "|")

    def exponential(self, exponent: str) -> str:
        return f"<msup><mi>e</mi>{row(exponent)}</msup>"

    def norm_of(self, inside: str, index: str, exponent: str) -> str:
        below = f"<mn>{index}</mn>" if index.isdigit() else f"<mi>{index}</mi>"
        whole = fenced(inside, "‖", "‖").replace("<mrow>", '<mrow arg="x">', 1)
        if exponent:
            power = row(exponent).replace(">", ' arg="n">', 1)
            return f'<msubsup intent="power(norm($x),$n)">{whole}{below}{power}</msubsup>'
        return f'<msub intent="norm($x)">{whole}{below}</msub>'

    def is_positive(self, inside: str) -> str:
        return f"<mrow>{BOLD_ONE}{APPLY}{fenced(f'{inside}<mo>&gt;</mo><mn>0</mn>', '[', ']')}</mrow>"

    def inverse_vec(self, n: Dim, m: Dim) -> str:
        return f"<msubsup><mi>vec</mi>{self._size((n, m))}{self.minus_one}</msubsup>"

    def commutation(self, n: Dim, m: Dim) -> str:
        return f"<msub><mi>K</mi><mrow>{self.dim(n)}<mo>,</mo>{self.dim(m)}</mrow></msub>"

    def differential(self, inside: str, *, second: bool = False, tight: bool = False) -> str:
        d = f"<msup>{self.d}<mn>2</mn></msup>" if second else self.d
        return f"<mrow>{d}{APPLY}{inside}</mrow>"

    def member(self, symbol: str, sizes: Sequence[Dim]) -> str:
        space = f"<msup><mi>ℝ</mi>{self._size(sizes)}</msup>" if sizes else "<mi>ℝ</mi>"
        return f"<mrow>{symbol}<mo>∈</mo>{space}</mrow>"

    def _size(self, sizes: Sequence[Dim]) -> str:
        sides = (fenced(self.dim(dim)) if dim.is_sum and len(sizes) > 1 else self.dim(dim) for dim in sizes)
        return row('<mo lspace="0" rspace="0">×</mo>'.join(sides))

    def nabla(self, value: str, wrt: str) -> str:
        return f'<mrow><msub><mi mathvariant="normal">∇</mi>{row(wrt)}</msub>{APPLY}{value}</mrow>'

    def partial(self, inside: str) -> str:
        return f"<mrow><mi>∂</mi>{inside}</mrow>"


def _is_one(markup: str) -> bool:
    """It is a single name or number."""
    return markup.startswith(("<mi>", "<mn>")) and markup.count("</") == 1


def _is_tall(markup: str) -> bool:
    """It needs brackets that grow with it: a matrix, or a fraction that is not set small."""
    return "<mtable" in markup or "<munderover" in markup or "<mfrac" in markup.replace(SMALL, "")


@lru_cache(maxsize=1000)
def _slanted(letter: str, *, bold: bool = False) -> str:
    """A letter of the slanted mathematical alphabet, perhaps bold; what that does not have stays as it is."""
    if letter == "h" and not bold:
        return "\u210e"  # which Unicode had before that alphabet
    words = name(letter, "")
    for part in ("LATIN ", "GREEK ", "LETTER ", "LUNATE "):
        words = words.replace(part, "")
    try:
        return lookup(f"MATHEMATICAL {'BOLD ' if bold else ''}ITALIC {words}")
    except KeyError:
        return letter
