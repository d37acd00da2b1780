"""Expressions, declarations and names of derivatives in words, as a lecturer says them.

Words are reversible: no two different formulas have the same. What has one part that is closed is said shortly, "trace
of capital X"; anything longer begins with "the" and says its own end, "the trace of capital A capital X, end trace".
Capitals are said, as X and x both occur, and parentheses are said where the page has them.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.expr.functions import FUNCTIONS, GREEK
from generator.expr.nodes import (
    OF_NUMBERS_ONLY,
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
    Hadamard,
    HadamardPower,
    Identity,
    IndexSum,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Member,
    Members,
    Norm,
    Number,
    Ones,
    Pi,
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
    Zero,
    entry_of,
    named_from_outside,
    turned,
)
from generator.expr.printing.binding import APPLIED, ATOM, CHAIN, FACTOR, POSTFIX, SUM
from generator.expr.printing.layout import (
    HALF,
    MOST_KNOWN,
    is_ambiguous,
    is_named,
    kronecker_factors,
    scalars_above_and_below,
    split_name,
)
from generator.expr.printing.notation import STANDARD, Notation
from generator.expr.printing.plain import denominator, is_entrywise_reciprocal, member_name, without_sign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARTS = {2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters"), 5: ("fifth", "fifths")}
"""What a fraction with a small denominator is called: one, and several."""
POWERS = {2: "squared", 3: "cubed"}
SPECTRAL = {
    "lambda_max": "largest eigenvalue",
    "lambda_min": "smallest eigenvalue",
    "eigvec_max": "eigenvector of the largest eigenvalue",
    "eigvec_min": "eigenvector of the smallest eigenvalue",
    "norm_spec": "spectral norm",
    "left_singular": "first left singular vector",
    "right_singular": "first right singular vector",
}
DIFFERENTIAL = "d"
LETTER_D = "letter d"
"""The symbol d, which is not the d of a differential."""


def speech(e: Expr, drawn: Mapping[Symbol, str] | None = None) -> str:
    """The expression in words; for some symbols there may be others, which need no parentheses anywhere."""
    return (_Printer(drawn) if drawn else _printer()).at(named_from_outside(e), SUM)


def name_speech(name: str) -> str:
    """A symbol's name: its capitals, its index, and longer names as such."""
    stem, index = split_name(name)
    if index[-2:-1] in ("+", "-"):
        return f"{_word(stem)} sub {_word(index[:-2])} {'plus' if index[-2] == '+' else 'minus'} {index[-1]}"
    return f"{_word(stem)} sub {_word(index)}" if index else _word(stem)


def dim_speech(dim: Dim) -> str:
    """A dimension."""
    terms = (" ".join(part if part.isdigit() else name_speech(part) for part in term) for term in dim.written)
    return " plus ".join(terms)


def declaration(symbol: Symbol) -> str:
    """Where a symbol lives: "capital A in R n by m", "x in R n", "c in R"."""
    rows, columns = symbol.shape
    sizes = () if symbol.is_scalar else (rows,) if columns == ONE else (rows, columns)
    said = speech(symbol) if symbol.total is None else _members(symbol)
    return " ".join([f"{said} in R", *filter(None, [" by ".join(map(dim_speech, sizes))])])


def _members(family: Symbol) -> str:
    """The first and the last member of a family."""
    assert family.total is not None
    name = name_speech(member_name(family))
    return f"{name} sub 1 up to {name} sub {dim_speech(family.total)}"


def derivative(value: Symbol, wrt: Symbol, notation: Notation = STANDARD) -> str:
    """The name of a derivative: "nabla sub capital X of capital L", "partial capital L by partial capital X"."""
    if wrt.is_scalar:
        return f"{speech(Differential(value))} by {speech(Differential(wrt))}"
    if notation.gradient == "nabla" and notation.layout != "numerator":
        return f"nabla sub {speech(wrt)} of {speech(value)}"
    return f"partial {speech(value)} by partial {speech(wrt)}"


def parenthesized(words: str) -> str:
    """In parentheses."""
    return f"open paren {words} close paren"


def _word(name: str) -> str:
    """A name, or an index, as one word where that is unambiguous, else letter by letter."""
    if name == "d":
        return LETTER_D
    if name.isdigit() or (len(name) == 1 and name.islower()):
        return name
    if name in GREEK:
        return name if name.islower() else f"capital {name.lower()}"
    if len(name) == 1:
        return _letter(name)
    if name.isascii() and name.isalpha() and name.islower():
        return f"name {name}"
    if name.isascii() and name.isalpha() and name[1:].islower():
        return f"name capital {name.lower()}"
    return f"name {' '.join(map(_letter, name))} end name"


def _letter(letter: str) -> str:
    if letter == "_":
        return "underscore"
    return f"capital {letter}" if letter.isupper() else letter


@lru_cache(maxsize=1)
def _printer() -> _Printer:
    return _Printer({})


class _Printer:
    def __init__(self, drawn: Mapping[Symbol, str]) -> None:
        self.drawn = drawn
        self.known: dict[Expr, tuple[str, int]] = {}
        """The lines of a derivation share most of their parts."""

    def at(self, e: Expr, binding: int) -> str:
        """The words, in parentheses where the place binds tighter."""
        words, own = self.said(e)
        return parenthesized(words) if own < binding else words

    def said(self, e: Expr) -> tuple[str, int]:
        """The words of a node, and how tightly they bind."""
        if (found := self.known.get(e)) is None:
            if len(self.known) > MOST_KNOWN:
                self.known.clear()
            found = self.known[e] = self.form(e)
        return found

    def form(self, e: Expr) -> tuple[str, int]:  # noqa: C901, PLR0915 - one branch per node
        """The words of a node that were not said before, and how tightly they bind."""
        match e:
            case Number(value):
                return _number(value), ATOM if value >= 0 and value.denominator == 1 else CHAIN
            case Pi():
                return "pi", ATOM
            case Matrix(rows):
                return _matrix([[_number(value) for value in row] for row in rows]), ATOM
            case BlockMatrix():
                return _matrix([[self.at(entry, SUM) for entry in row] for row in e.lines]), ATOM
            case Symbol() if e in self.drawn:
                return self.drawn[e], ATOM
            case Symbol(name):
                return name_speech(name), ATOM
            case Member(family, index):
                return f"{name_speech(member_name(family))} sub {self.at(index, ATOM)}", ATOM
            case Members(family):
                return f"the matrix with the columns {_members(family)}", ATOM
            case Curve(symbol, at, order):
                return self.function(" ".join([name_speech(symbol.name), *["prime"] * order]), at)
            case Entry():
                arg, places = entry_of(e)
                return f"entry {' '.join(self.at(place, ATOM) for place in places)} of {self.at(arg, ATOM)}", APPLIED
            case IndexSum(index, body):
                assert index.total is not None
                over = f"from {self.at(index, ATOM)} equals 1 to {dim_speech(index.total)}"
                return f"the sum {over} of {self.at(body, SUM)}, end sum", ATOM
            case Identity():
                return "the identity", ATOM
            case Zero(shape):
                return "the zero vector" if ONE in shape else "the zero matrix", ATOM
            case Ones(shape):
                return "the vector of ones" if ONE in shape else "the matrix of ones", ATOM
            case Sum(terms):
                return self.sum(terms), SUM
            case Product(factors):
                return _multiplied([self.at(f, FACTOR) for f in factors]), CHAIN
            case Scale():
                return self.scale(e)
            case Power(base, Number(half)) if half == HALF:
                return self.function("square root", base)
            case Power() if (below := denominator(e)) is not None:
                return _fraction("1", self.at(below, SUM)), ATOM
            case Power(Norm() as norm, exponent):
                return self.norm(norm, self.power(exponent))
            case Power(Elementwise(name, arg) as base, exponent) if e.is_scalar and is_named(base):
                return self.function(FUNCTIONS[name].spoken, arg, power=self.power(exponent))
            case Power(Determinant(arg), exponent):
                return self.function("determinant", arg, power=self.power(exponent))
            case Power(Trace(arg), exponent):
                return self.function("trace", arg, power=self.power(exponent))
            case Power(base, exponent):
                return f"{self.at(base, ATOM)} {self.power(exponent)}", POSTFIX
            case HadamardPower(Elementwise(name, arg) as base, exponent) if not e.is_scalar and is_named(base):
                return self.function(FUNCTIONS[name].spoken, arg, power=f"entrywise {self.power(exponent)}")
            case HadamardPower(base, exponent):
                return f"{self.at(base, ATOM)} entrywise {self.power(exponent)}", POSTFIX
            case Hadamard(factors):
                return self.hadamard(factors), CHAIN
            case Transpose(Differential(Symbol() as s)):  # (dX)′ and d(X′) are the same
                return f"{DIFFERENTIAL} {self.at(s, ATOM)} transpose", POSTFIX
            case Transpose(Inverse(arg)):
                return f"{self.at(arg, ATOM)} inverse transpose", POSTFIX
            case Transpose(Softmax(arg)) if arg.shape[1] != ONE:
                return self.function("softmax of each row", turned(arg))
            case Transpose(arg):
                return f"{self.at(arg, ATOM)} transpose", POSTFIX
            case Inverse(arg):
                return f"{self.at(arg, ATOM)} inverse", POSTFIX
            case PseudoInverse(arg):
                return f"{self.at(arg, ATOM)} pseudoinverse", POSTFIX
            case Adjugate(arg):
                return self.function("adjugate", arg)
            case Trace(Identity(n)):
                return dim_speech(n), ATOM if n.is_one_word else SUM if n.is_sum else CHAIN
            case Trace(arg):
                return self.function("trace", arg)
            case Determinant(arg):
                return self.function("determinant", arg)
            case EntrySum(arg):
                return self.function("sum of entries", arg, end="sum")
            case Norm():
                return self.norm(e)
            case Diag(arg):
                return self.function("diagonal matrix", arg)
            case CrossMatrix(arg):
                return self.function("skew matrix", arg)
            case Diagonal(arg):
                return self.function("diagonal", arg)
            case Vec(arg):
                return self.function("vec", arg)
            case Unvec(arg, n, m):
                return self.function(f"inverse vec {dim_speech(n)} by {dim_speech(m)}", arg, end="inverse vec")
            case Kronecker():
                return " Kronecker ".join(self.at(f, POSTFIX) for f in kronecker_factors(e)), CHAIN
            case Commutation(n, m):
                return f"the commutation matrix {dim_speech(n)} by {dim_speech(m)}, end matrix", ATOM
            case Spectral(name, arg) if name not in OF_NUMBERS_ONLY:
                return self.function(SPECTRAL[name], arg)
            case Spectral(name, arg):
                return self.function(name, arg)
            case MatrixFunction(name, arg):
                return self.function(f"matrix {FUNCTIONS[name.removesuffix('m')].spoken}", arg)
            case Softmax(arg):
                return self.function("softmax" if arg.shape[1] == ONE else "softmax of each column", arg)
            case Elementwise("relu", Elementwise("sign", arg)):  # the derivative of relu, as people write it
                return f"the indicator of {self.at(arg, SUM)} greater than 0, end indicator", ATOM
            case Elementwise(name, arg) if name not in FUNCTIONS:  # any function, or a derivative of it
                words = " ".join([name_speech(name.rstrip("'")), *["prime"] * name.count("'")])
                return self.function(words, arg)
            case Elementwise(name, arg):
                entrywise = is_ambiguous(e) or (name in ("sqrt", "abs", "exp") and not e.is_scalar)
                return self.function(f"{'entrywise ' if entrywise else ''}{FUNCTIONS[name].spoken}", arg)
            case Differential(Symbol() as s):
                return f"{DIFFERENTIAL} {self.at(s, ATOM)}", APPLIED
            case Differential(Differential(Symbol() as s)):
                return f"second differential of {self.at(s, ATOM)}", APPLIED
            case Differential(arg):
                return self.function("differential", arg)

    def function(self, name: str, arg: Expr, *, end: str = "", power: str = "") -> tuple[str, int]:
        """A function, perhaps to a power, of one closed part; or of what begins with "the" and says its end."""
        words, own = self.said(arg)
        raised = f"{name} {power}" if power else name
        if own >= APPLIED:
            return f"{raised} of {words}", APPLIED
        return f"the {raised} of {words}, end {end or name}", APPLIED

    def norm(self, e: Norm, power: str = "") -> tuple[str, int]:
        """A norm, perhaps to a power, with its kind."""
        is_matrix = ONE not in e.arg.shape
        kind = "one norm" if e.kind == "1" else "Frobenius norm" if is_matrix else "norm"
        words, own = self.said(Vec(e.arg) if is_matrix and e.kind == "1" else e.arg)
        if power:
            return f"the {kind} of {words}, end norm, {power}", ATOM
        return (f"{kind} of {words}", APPLIED) if own >= APPLIED else (f"the {kind} of {words}, end norm", ATOM)

    def power(self, exponent: Expr) -> str:
        """The words for an exponent, behind its base."""
        if isinstance(exponent, Number) and exponent.value in POWERS:
            return POWERS[int(exponent.value)]
        words, own = self.said(exponent)
        if own >= APPLIED or isinstance(exponent, Number):
            return f"to the {words}"
        return f"to the power {words}, end power"

    def sum(self, terms: Sequence[Expr]) -> str:
        """Terms with plus and minus between them."""
        words = self.at(terms[0], CHAIN)
        for term in terms[1:]:
            opposite = without_sign(term)
            words += f" plus {self.at(term, CHAIN)}" if opposite is None else f" minus {self.at(opposite, CHAIN)}"
        return words

    def hadamard(self, factors: Sequence[Expr]) -> str:
        """Factors multiplied, or divided by, entry by entry."""
        words = self.at(factors[0], POSTFIX)
        for f in factors[1:]:
            if isinstance(f, HadamardPower) and is_entrywise_reciprocal(f):
                words += f" Hadamard over {self.at(f.base, POSTFIX)}"
            else:
                words += f" Hadamard {self.at(f, POSTFIX)}"
        return words

    def scale(self, e: Scale) -> tuple[str, int]:
        """Scalars before what they multiply, denominators in a fraction."""
        opposite = without_sign(e)
        if opposite is not None:
            return f"minus {self.at(opposite, CHAIN)}", CHAIN
        above, below, behind = scalars_above_and_below(e)
        if not below:
            return self.chain(above), CHAIN
        bar = _fraction(self.chain(above) if above else "1", self.chain(below))
        if not behind:
            return bar, ATOM
        return f"{bar}, {self.at(behind[0], CHAIN if isinstance(behind[0], Product) else FACTOR)}", CHAIN

    def chain(self, parts: Sequence[Expr]) -> str:
        """Scalars in a row, and perhaps a body."""
        if len(parts) == 1:
            return self.at(parts[0], SUM)
        words = []
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            loose = (last and isinstance(part, Product)) or (isinstance(part, Number) and part.value > 0)
            words.append(self.at(part, CHAIN if loose else FACTOR))
        return _multiplied(words)


def _multiplied(factors: Sequence[str]) -> str:
    """Factors one after the other; "times" before numbers, and before what begins with "the"."""
    first, *others = factors
    return " ".join([first, *(f"times {one}" if one.startswith("the ") or one[0].isdigit() else one for one in others)])


def _number(value: Fraction) -> str:
    above, below = abs(value.numerator), value.denominator
    sign = "minus " if value < 0 else ""
    if below == 1:
        return f"{sign}{above}"
    if below in PARTS:
        one, several = PARTS[below]
        return f"{sign}one {one}" if above == 1 else f"{sign}{above} {several}"
    return sign + _fraction(str(above), str(below))


def _fraction(above: str, below: str) -> str:
    return f"the fraction {above} over {below}, end fraction"


def _matrix(rows: Sequence[Sequence[str]]) -> str:
    lines = "; ".join(f"row {i}: {', '.join(row)}" for i, row in enumerate(rows, 1))
    return f"the {len(rows)} by {len(rows[0])} matrix; {lines}; end matrix"
