"""The layout of typeset expressions: what stands above a bar, what needs parentheses, what a name stands for.

A subclass of `Layout` draws what is laid out here, in LaTeX or in MathML: both have the same tokens in the same order.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from generator.expr.functions import FUNCTIONS, MATRIX_FUNCTIONS
from generator.expr.nodes import (
    OF_NUMBERS_ONLY,
    OF_SYMMETRIC,
    ONE,
    SCALAR,
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
    parameter_of,
    split_scale,
    turned,
)
from generator.expr.printing.binding import ATOM, CHAIN, FACTOR, POSTFIX, SUM, TERM
from generator.expr.printing.plain import (
    denominator,
    divides,
    ends_in_sum,
    is_entrywise_reciprocal,
    member_name,
    without_sign,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.expr.printing.notation import Notation

MOST_KNOWN = 20_000
"""So many forms are kept, should the same be printed again."""

HALF = Fraction(1, 2)

Raised: TypeAlias = Literal["transpose", "inverse", "inverse transpose", "pseudo-inverse"]
"""Meaning of a mark behind a base."""
Sign: TypeAlias = Literal["+", "-", "circ", "oslash", "otimes", "="]
"""Sign between two parts."""


def split_name(name: str) -> tuple[str, str]:
    """A symbol's name as its stem and what is written as its subscript: W1, W_1 and x_ij have one; t+1 of x_tplus1."""
    m = re.fullmatch(r"([A-Za-z]+?)_?(\d+|(?<=_)\w+)?", name)
    if m is None:
        return name, ""
    shifted = re.fullmatch(r"([A-Za-z0-9]+)(plus|minus)(\d)", m[2] or "")
    return m[1], f"{shifted[1]}{'+' if shifted[2] == 'plus' else '-'}{shifted[3]}" if shifted else m[2] or ""


def scalars_above_and_below(e: Scale) -> tuple[list[Expr], list[Expr], list[Expr]]:
    """The parts above, below and behind a fraction bar; without a bar all parts are above."""
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
    if not below:
        return parts, [], []
    if (body.is_scalar and not isinstance(body, IndexSum)) or (isinstance(body, Symbol) and above == [body]):
        return above, below, []
    return [part for part in above if part is not body], below, [body]


def kronecker_factors(e: Expr) -> tuple[Expr, ...]:
    """The factors of a Kronecker product, which is associative; of anything else, itself."""
    return (*kronecker_factors(e.left), *kronecker_factors(e.right)) if isinstance(e, Kronecker) else (e,)


def is_ambiguous(e: Elementwise) -> bool:
    r"""A function of each entry of a square matrix that could be read as one of the matrix, as \exp(X)."""
    return not e.is_scalar and e.arg.is_square and f"{e.name}m" in MATRIX_FUNCTIONS


def is_letter(name: str) -> bool:
    """The function is typeset as a Greek letter."""
    return name in FUNCTIONS and FUNCTIONS[name].is_letter


def is_named(e: Elementwise) -> bool:
    """The function is written by a name before its argument, and a power can follow the name."""
    signs = e.name in ("sqrt", "abs", "exp") or is_letter(e.name)
    return e.name in FUNCTIONS and not signs and not is_ambiguous(e)


def _begins_with_a_name(e: Expr) -> bool:
    """It is a function whose name stands before its argument."""
    match e:
        case Power(base) | HadamardPower(base):
            return isinstance(base, Trace | Determinant) or (isinstance(base, Elementwise) and is_named(base))
        case Elementwise("sqrt" | "abs" | "exp"):
            return not e.is_scalar
        case Trace() | Determinant() | EntrySum() | Adjugate() | Diag() | Diagonal() | CrossMatrix() | Vec() | Unvec():
            return True
        case _:
            return isinstance(e, Spectral | MatrixFunction | Elementwise)


class Layout(ABC):
    """Lays expressions out in a course's notation; some symbols may be drawn in another way.

    Everything drawn is a string of the subclass's language.
    """

    def __init__(self, notation: Notation, drawn: Mapping[Symbol, str]) -> None:
        self.notation = notation
        self.drawn = drawn
        self.known: dict[Expr, tuple[str, int]] = {}
        """The lines of a derivation share most of their parts."""

    def at(self, e: Expr, binding: int) -> str:
        """The expression, in parentheses where the place binds tighter."""
        if (found := self.known.get(e)) is None:
            if len(self.known) > MOST_KNOWN:
                self.known.clear()
            found = self.known[e] = self.form(e)
        text, own = found
        if own == FACTOR < binding and isinstance(e, Determinant | Elementwise):  # a bare argument: log x
            name = "det" if isinstance(e, Determinant) else e.name
            text, own = self.function(self.operator(name), e.arg, tight=True)
        return self.parenthesized(text) if own < binding else text

    def form(self, e: Expr) -> tuple[str, int]:  # noqa: C901, PLR0915 - one branch per node
        """The drawing of a node, and how tightly it binds."""
        match e:
            case Number(value):
                return self.number(value), ATOM if value >= 0 and value.denominator == 1 else CHAIN
            case Pi():
                return self.pi(), ATOM
            case Matrix(rows):
                return self.matrix([[self.number(value) for value in row] for row in rows]), ATOM
            case BlockMatrix():
                return self.matrix([[self.at(entry, SUM) for entry in row] for row in e.lines]), ATOM
            case Symbol() if e in self.drawn:
                return self.drawn[e], ATOM
            case Symbol():
                return self.name(e.name, bold=self.notation.bold and not e.is_scalar), ATOM
            case Member(family, index):
                return self.indexed(self._family(family), [self.at(index, SUM)]), ATOM
            case Members(family):
                return self.parenthesized(self._members(family)), ATOM
            case Curve(symbol, at, order):
                return self._of_parameter(symbol, at, order), ATOM
            case Entry():
                arg, places = entry_of(e)
                return self.indexed(self.at(arg, ATOM), [self.at(place, SUM) for place in places]), ATOM
            case IndexSum(index, body):
                assert index.total is not None
                return self.sum_over(self.at(index, SUM), self.dim(index.total), self.at(body, TERM)), TERM
            case Identity():
                return self.name("I"), ATOM
            case Zero():
                return self.number(Fraction(0)), ATOM
            case Ones(shape):
                ones = self.ones()
                if shape[1] == ONE:
                    return ones, ATOM
                return self.factors([ones, self.marked(ones, "transpose")], [False, False]), CHAIN
            case Sum(terms):
                return self.sum(terms), SUM
            case Product(factors):
                last = TERM if ends_in_sum(e) else FACTOR
                pieces = [*(self.at(f, FACTOR) for f in factors[:-1]), self.at(factors[-1], last)]
                return self.beside(pieces, factors), min(last, CHAIN)
            case Scale():
                return self.scale(e)
            case Power(base, Number(half)) if half == HALF:
                return self.root(self.at(base, SUM)), ATOM
            case Power() if (below := denominator(e)) is not None:
                return self.fraction(self.number(Fraction(1)), self.at(below, SUM)), CHAIN
            case Power(Elementwise(name, arg) as base, exponent) if e.is_scalar and is_named(base):
                return self.function(self.raised(self.operator(name), self.at(exponent, SUM)), arg)
            case Power(Elementwise(name) as base, exponent) if is_letter(name):  # σ² would be a square of a scalar σ
                return self.raised(self.at(base, POSTFIX), self.at(exponent, SUM)), POSTFIX
            case Power(Determinant(arg), exponent):
                return self.function(self.raised(self.operator("det"), self.at(exponent, SUM)), arg)
            case Power(Trace(arg), exponent):
                return self.function(self.raised(self.operator(self.notation.trace), self.at(exponent, SUM)), arg)
            case Power(Norm() as norm, exponent):
                return self.norm(norm, self.at(exponent, SUM)), ATOM
            case Power(Inverse(arg), Number(value)) if value.denominator == 1:  # a power of an inverse is one of A
                return self.raised(self.at(arg, ATOM), self.number(-value)), POSTFIX
            case Power(base, exponent):
                return self.raised(self.at(base, ATOM), self.at(exponent, SUM)), POSTFIX
            case HadamardPower(Elementwise(name) as base, exponent) if is_letter(name):
                return self.raised_entrywise(self.at(base, POSTFIX), self.at(exponent, FACTOR)), POSTFIX
            case HadamardPower(Elementwise(name, arg) as base, exponent) if is_named(base):
                operator = self.raised_entrywise(self.operator(name), self.at(exponent, FACTOR))
                return self.function(operator, arg, tight=True)
            case HadamardPower(base, exponent):
                return self.raised_entrywise(self.at(base, ATOM), self.at(exponent, FACTOR)), POSTFIX
            case Hadamard(factors):
                return self.hadamard(factors)
            case Transpose(Differential(Symbol() as s)):  # (dX)′ and d(X′) are the same
                return self.differential(self.marked(self.at(s, ATOM), "transpose")), FACTOR
            case Transpose(MatrixFunction("sqrtm") | Inverse(MatrixFunction("sqrtm")) as root):
                return self.marked(self.parenthesized(self.at(root, SUM)), "transpose"), POSTFIX
            case Transpose(Inverse(arg)):
                return self.marked(self.at(arg, ATOM), "inverse transpose"), POSTFIX
            case Transpose(Power() as power):
                return self.marked(self.parenthesized(self.at(power, SUM)), "transpose"), POSTFIX
            case Transpose(Softmax(arg)) if arg.shape[1] != ONE:
                name = self.indexed(self.operator("softmax"), [self.operator("rows")])
                return self.function(name, turned(arg), tight=True)
            case Transpose(arg):
                return self.marked(self.at(arg, ATOM), "transpose"), POSTFIX
            case Inverse(MatrixFunction("sqrtm", arg)):
                return self._half_power(arg, -1), POSTFIX
            case Inverse(arg):
                return self.marked(self.at(arg, ATOM), "inverse"), POSTFIX
            case PseudoInverse(arg):
                return self.marked(self.at(arg, ATOM), "pseudo-inverse"), POSTFIX
            case Adjugate(arg):
                return self.function(self.operator("adj"), arg, tight=True)
            case Trace(Identity(n)):
                return self.dim(n), ATOM if n.is_one_word else SUM if n.is_sum else CHAIN
            case Trace(arg):
                return self.function(self.operator(self.notation.trace), arg, tight=True)
            case Determinant(arg):
                return self.function(self.operator("det"), arg)
            case EntrySum(arg):
                return self.function(self.operator("sum"), arg, tight=True)
            case Norm():
                return self.norm(e), ATOM
            case Diag(arg) | Diagonal(arg):
                return self.function(self.operator("diag"), arg, tight=True)
            case CrossMatrix(arg):
                return self.function(self.operator("skew"), arg, tight=True)
            case Vec(arg):
                return self.function(self.operator("vec"), arg, tight=True)
            case Unvec(arg, n, m):
                return self.function(self.inverse_vec(n, m), arg, tight=True)
            case Kronecker():
                return self.between([self.at(f, POSTFIX) for f in kronecker_factors(e)], "otimes"), CHAIN
            case Commutation(n, m):
                return self.commutation(n, m), ATOM
            case MatrixFunction("sqrtm", arg):
                return self._half_power(arg, 1), POSTFIX
            case Spectral("norm_spec", arg):
                return self.norm_of(self.at(arg, SUM), "2", ""), ATOM
            case Spectral(name, arg) if name not in OF_NUMBERS_ONLY:
                return self.function(self._of_spectrum(name), arg, tight=True)
            case Spectral(name, arg) | MatrixFunction(name, arg):
                return self.function(self.operator(name), arg, tight=True)
            case Softmax(arg):
                name = self.operator("softmax")
                if arg.shape[1] == ONE:
                    return self.function(name, arg, tight=True)
                if isinstance(arg, Transpose):
                    return self.marked(self.at(Transpose(e), POSTFIX), "transpose"), POSTFIX
                return self.function(self.indexed(name, [self.operator("columns")]), arg, tight=True)
            case Elementwise("relu", Elementwise("sign", arg)):  # the derivative of relu, as people write it
                return self.is_positive(self.at(arg, SUM)), ATOM
            case Elementwise("sqrt", arg) if arg.is_scalar:
                return self.root(self.at(arg, SUM)), ATOM
            case Elementwise("abs", arg) if arg.is_scalar:  # bars around a vector are a norm, around a matrix det
                return self.absolute(self.at(arg, SUM)), ATOM
            case Elementwise("exp", arg) if arg.is_scalar:
                return self.exponential(self.at(arg, SUM)), POSTFIX
            case Elementwise("sqrt", arg):
                return self.entrywise_root(self.at(arg, ATOM)), POSTFIX
            case Elementwise(name, arg) if name not in FUNCTIONS:  # any function, or a derivative of it
                return self.function(self.primed(name.rstrip("'"), name.count("'")), arg, tight=True)
            case Elementwise(name, arg) if is_ambiguous(e):
                return self.function(self.raised_entrywise(self.operator(name), ""), arg, tight=True)
            case Elementwise(name, arg):
                bare = isinstance(arg, Determinant) and not is_letter(name)  # log det X, but σ(det X)
                return self.function(self.operator(name), arg, tight=not bare)
            case Differential(Symbol() as s):
                return self.differential(self.at(s, ATOM)), POSTFIX
            case Differential(Differential(Symbol() as s)):
                return self.differential(self.at(s, ATOM), second=True), POSTFIX
            case Differential(Trace() | Determinant() | Elementwise() | Norm() as arg):
                return self.differential(self.at(arg, FACTOR)), FACTOR
            case Differential(arg):
                return self.differential(self.parenthesized(self.at(arg, SUM)), tight=True), FACTOR

    def function(self, operator: str, arg: Expr, *, tight: bool = False) -> tuple[str, int]:
        """A function's name and its argument; only atoms may follow a name without parentheses."""
        if not tight and isinstance(arg, Symbol | Determinant):
            return self.applied(operator, self.at(arg, FACTOR), bare=True), FACTOR
        if isinstance(arg, BlockMatrix):  # it has parentheses
            return self.applied(operator, self.at(arg, ATOM), bare=False), POSTFIX
        return self.applied(operator, self.parenthesized(self.at(arg, SUM)), bare=False), POSTFIX

    def _half_power(self, arg: Expr, sign: int) -> str:
        """The square root of a matrix, or its inverse."""
        half = self.slashed(self.number(Fraction(sign)), self.number(Fraction(2)))
        return self.raised(self.at(arg, ATOM), half)

    def norm(self, e: Norm, exponent: str = "") -> str:
        """A norm, perhaps to a power, with its kind as an index."""
        is_matrix = ONE not in e.arg.shape
        index = {"1": "1", "2": "F" if is_matrix else "2"}[e.kind]
        # of a matrix the norm with index 1 is another one, its largest column
        inside = self.at(Vec(e.arg) if is_matrix and e.kind == "1" else e.arg, SUM)
        return self.norm_of(inside, index, exponent)

    def _of_spectrum(self, name: str) -> str:
        """The name of an extreme eigenvalue, its eigenvector or a singular vector, without the argument."""
        if name in ("left_singular", "right_singular"):
            letter = self.name({"left_singular": "u", "right_singular": "v"}[name], bold=self.notation.bold)
            return self.indexed(letter, [self.number(Fraction(1))])
        letter = self.name("lambda") if name in OF_SYMMETRIC else self.name("v", bold=self.notation.bold)
        return self.indexed(letter, [self.operator(name[-3:])])

    def sum(self, terms: Sequence[Expr]) -> str:
        """Terms with their signs between them."""
        text = self.at(terms[0], TERM)
        for term in terms[1:]:
            opposite = without_sign(term)
            sign: Sign = "+" if opposite is None else "-"
            text = self.joined(text, sign, self.at(term if opposite is None else opposite, TERM))
        return self.grouped(text)

    def hadamard(self, factors: Sequence[Expr]) -> tuple[str, int]:
        """Factors multiplied, or divided by, entry by entry."""
        text = self.at(factors[0], POSTFIX)
        for f in factors[1:]:
            if isinstance(f, HadamardPower) and is_entrywise_reciprocal(f):
                text = self.joined(text, "oslash", self.at(f.base, POSTFIX))
            else:
                text = self.joined(text, "circ", self.at(f, POSTFIX))
        return self.grouped(text), CHAIN

    def between(self, pieces: Sequence[str], sign: Sign) -> str:
        """Pieces with the same sign between them."""
        text = pieces[0]
        for piece in pieces[1:]:
            text = self.joined(text, sign, piece)
        return self.grouped(text)

    def scale(self, e: Scale) -> tuple[str, int]:
        """Scalars before what they multiply, denominators below a fraction bar."""
        opposite, own = without_sign(e), TERM if ends_in_sum(split_scale(e)[1]) else CHAIN
        if opposite is not None:
            return self.negative(self.at(opposite, own)), own
        above, below, behind = scalars_above_and_below(e)
        if not below:
            return self.chain(above), own
        bar = self.fraction(self.chain(above) if above else self.number(Fraction(1)), self.chain(below))
        if not behind:
            return bar, CHAIN
        loose = own if isinstance(behind[0], Product | IndexSum) else FACTOR
        return self.factors([bar, self.at(behind[0], loose)], [False, False]), own

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
            binding = CHAIN if loose or first_number else FACTOR if last else POSTFIX
            pieces.append(self.at(part, TERM if last and ends_in_sum(part) else binding))
        return self.beside(pieces, parts)

    def beside(self, pieces: Sequence[str], factors: Sequence[Expr]) -> str:
        """Factors side by side, each with its drawing."""
        dotted = [bool(i) and isinstance(f, Number) for i, f in enumerate(factors)]
        named = [_begins_with_a_name(f) for f in factors]
        changing = [isinstance(f.arg if isinstance(f, Transpose) else f, Differential) for f in factors]
        return self.factors(pieces, changing, dotted, named)

    # Names that are no expressions

    def declaration(self, symbol: Symbol) -> str:
        """A symbol and the space that it belongs to: the n × m matrices, columns with n entries, or numbers."""
        rows, columns = symbol.shape
        sizes = () if symbol.is_scalar else (rows,) if columns == ONE else (rows, columns)
        if parameter := parameter_of(symbol):
            return self.member(self._of_parameter(symbol, Symbol(parameter, SCALAR), 0), sizes)
        if symbol.total is not None:
            return self.member(self._members(symbol), sizes)
        return self.member(self.at(symbol, SUM), sizes)

    def _of_parameter(self, symbol: Symbol, at: Expr, order: int) -> str:
        name = self.primed(symbol.name, order, bold=self.notation.bold and not symbol.is_scalar)
        return self.function(name, at, tight=True)[0]

    def _family(self, family: Symbol) -> str:
        return self.name(member_name(family), bold=self.notation.bold and not family.is_scalar)

    def _members(self, family: Symbol) -> str:
        """The first and the last member of a family, between which the others stand."""
        assert family.total is not None
        first, last = (
            self.indexed(self._family(family), [place]) for place in (self.number(Fraction(1)), self.dim(family.total))
        )
        return self.listed(first, last)

    def derivative(self, value: Symbol, wrt: Symbol, *, inline: bool = False) -> str:
        """The name of a derivative: a gradient, or a fraction of differentials or ∂; inline with a slash.

        In numerator layout, where it is the gradient's transpose, no nabla stands for it.
        """
        of, by = self.at(value, SUM), self.at(wrt, SUM)
        if wrt.is_scalar:
            above, below = self.at(Differential(value), SUM), self.at(Differential(wrt), SUM)
        elif self.notation.gradient == "nabla" and self.notation.layout != "numerator":
            return self.nabla(of, by)
        else:
            above, below = self.partial(of), self.partial(by)
        return self.slashed(above, below) if inline else self.fraction(above, below)

    # What a language draws

    @abstractmethod
    def number(self, value: Fraction) -> str:
        """A number, fractions with a bar."""

    @abstractmethod
    def pi(self) -> str:
        """The number π."""

    @abstractmethod
    def name(self, name: str, *, bold: bool = False) -> str:
        """A symbol's name: Greek letters, digits and what follows an underscore as a subscript."""

    @abstractmethod
    def primed(self, name: str, order: int, *, bold: bool = False) -> str:
        """The name of a function, with as many primes as it is differentiated."""

    @abstractmethod
    def indexed(self, base: str, places: Sequence[str]) -> str:
        """A base with indices below it."""

    @abstractmethod
    def sum_over(self, index: str, last: str, body: str) -> str:
        """The sum of a body over an index, from 1 to a last value."""

    @abstractmethod
    def listed(self, first: str, last: str) -> str:
        """The first and the last of several, with dots between them."""

    @abstractmethod
    def ones(self) -> str:
        """The column of ones."""

    @abstractmethod
    def dim(self, dim: Dim) -> str:
        """A dimension."""

    @abstractmethod
    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        """A matrix in parentheses."""

    @abstractmethod
    def operator(self, name: str) -> str:
        """The name of a function, an elementwise one by its name in the table of functions."""

    @abstractmethod
    def applied(self, operator: str, arg: str, *, bare: bool) -> str:
        """A function's name before its argument, which is bare or has its parentheses."""

    @abstractmethod
    def parenthesized(self, inside: str) -> str:
        """In parentheses that stand out from those inside."""

    @abstractmethod
    def grouped(self, inside: str) -> str:
        """Joined parts as one."""

    @abstractmethod
    def joined(self, left: str, sign: Sign, right: str) -> str:
        """Two parts with a sign between them."""

    @abstractmethod
    def negative(self, inside: str) -> str:
        """Minus a part."""

    @abstractmethod
    def factors(
        self,
        pieces: Sequence[str],
        changing: Sequence[bool],
        dotted: Sequence[bool] = (),
        named: Sequence[bool] = (),
    ) -> str:
        """Factors side by side, those that are `dotted` with a dot before them.

        A differential, which is `changing`, gets a thin space behind it, so that dA B is not read as d(AB). The name of
        a function, with which a `named` factor begins, stands apart from the factor before it.
        """

    @abstractmethod
    def raised(self, base: str, exponent: str) -> str:
        """A base to a power."""

    @abstractmethod
    def raised_entrywise(self, base: str, exponent: str) -> str:
        """A base, each entry to a power; without an exponent, a function of each entry."""

    @abstractmethod
    def entrywise_root(self, base: str) -> str:
        """The square root of each entry."""

    @abstractmethod
    def marked(self, base: str, mark: Raised) -> str:
        """A base with the mark of a transpose or an inverse behind it."""

    @abstractmethod
    def fraction(self, above: str, below: str) -> str:
        """A fraction with a bar."""

    @abstractmethod
    def slashed(self, above: str, below: str) -> str:
        """A fraction with a slash."""

    @abstractmethod
    def root(self, inside: str) -> str:
        """A square root."""

    @abstractmethod
    def absolute(self, inside: str) -> str:
        """An absolute value."""

    @abstractmethod
    def exponential(self, exponent: str) -> str:
        """e to a power."""

    @abstractmethod
    def norm_of(self, inside: str, index: str, exponent: str) -> str:
        """A norm with its index, to a power unless that is empty."""

    @abstractmethod
    def is_positive(self, inside: str) -> str:
        """1 where entries are positive, else 0."""

    @abstractmethod
    def inverse_vec(self, n: Dim, m: Dim) -> str:
        """The name of the function that makes an n × m matrix of a column."""

    @abstractmethod
    def commutation(self, n: Dim, m: Dim) -> str:
        """The commutation matrix of n × m matrices."""

    @abstractmethod
    def differential(self, inside: str, *, second: bool = False, tight: bool = False) -> str:
        """d, or d², before what it is taken of; `tight` before parentheses."""

    @abstractmethod
    def member(self, symbol: str, sizes: Sequence[Dim]) -> str:
        """A symbol in the space of real numbers, or of columns or matrices of these sizes."""

    @abstractmethod
    def nabla(self, value: str, wrt: str) -> str:
        """A gradient's name."""

    @abstractmethod
    def partial(self, inside: str) -> str:
        """∂ before a name."""
