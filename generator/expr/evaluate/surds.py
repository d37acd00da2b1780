"""Exact numbers a + b√d with one square root, and what is found in them: eigenvalues, eigenvectors, ranks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from itertools import chain
from math import gcd, isqrt, lcm
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import Unsupported
from generator.expr.evaluate.exact import NoValueError, Rows, times
from generator.expr.nodes import BlockMatrix, Matrix, Number, Power, add, number, scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.expr.nodes import Expr

HALF = Number(Fraction(1, 2))
LARGEST_RADICAND = 10**12
"""No larger number is searched for squares that divide it."""


@dataclass(frozen=True)
class Surd:
    """The number `rational + coefficient·√radicand`, with a square-free radicand that is 1 where there is no root.

    Two numbers are added and multiplied only if they share their radicand, or one has no root; raises ValueError else.
    """

    rational: Fraction
    coefficient: Fraction = Fraction(0)
    radicand: int = 1

    def __post_init__(self) -> None:
        if not self.coefficient:
            object.__setattr__(self, "radicand", 1)

    def __bool__(self) -> bool:
        return bool(self.rational or self.coefficient)

    @property
    def is_rational(self) -> bool:
        """It has no root."""
        return not self.coefficient

    def __neg__(self) -> Surd:
        return Surd(-self.rational, -self.coefficient, self.radicand)

    def __add__(self, other: Surd) -> Surd:
        root = self._common_root(other)
        return Surd(self.rational + other.rational, self.coefficient + other.coefficient, root)

    def __sub__(self, other: Surd) -> Surd:
        return self + -other

    def __mul__(self, other: Surd) -> Surd:
        root = self._common_root(other)
        a, b, c, d = self.rational, self.coefficient, other.rational, other.coefficient
        return Surd(a * c + b * d * root, a * d + b * c, root)

    def __truediv__(self, other: Surd) -> Surd:
        norm = other.rational**2 - other.coefficient**2 * other.radicand
        conjugate = Surd(other.rational / norm, -other.coefficient / norm, other.radicand)
        return self * conjugate

    def sign(self) -> int:
        """−1, 0 or 1."""
        a, b = self.rational, self.coefficient
        if (a >= 0) == (b >= 0) or not a or not b:
            return (a > 0 or b > 0) - (a < 0 or b < 0)
        larger = a**2 - b**2 * self.radicand  # the part with the larger square decides
        return (1 if a > 0 else -1) * ((larger > 0) - (larger < 0))

    def _common_root(self, other: Surd) -> int:
        roots = {self.radicand, other.radicand} - {1}
        if len(roots) > 1:
            raise ValueError(f"√{self.radicand} and √{other.radicand} are in no common field of two dimensions")
        return next(iter(roots), 1)

    def to_expr(self) -> Expr:
        """The number as an expression, with one denominator for both parts: 1/2 (5 + √5)."""
        if self.is_rational:
            return Number(self.rational)
        below = lcm(self.rational.denominator, self.coefficient.denominator)
        root = Power(number(self.radicand), HALF)
        multiple = self.coefficient * below
        term = root if multiple == 1 else scale(number(multiple), root)
        above = add(number(self.rational * below), term) if self.rational else term
        if below == 1:
            return above
        return scale(number(multiple / below), root) if not self.rational else scale(number(Fraction(1, below)), above)


Surds: TypeAlias = tuple[tuple[Surd, ...], ...]
"""A matrix of such numbers, row by row."""


def as_surds(rows: Rows) -> Surds:
    """Exact numbers without roots."""
    return tuple(tuple(map(Surd, row)) for row in rows)


def matrix(rows: Surds) -> Expr:
    """A matrix as an expression."""
    if all(entry.is_rational for row in rows for entry in row):
        return Matrix(tuple(tuple(entry.rational for entry in row) for row in rows))
    return BlockMatrix(len(rows[0]), tuple(entry.to_expr() for row in rows for entry in row))


def product(a: Surds, b: Surds) -> Surds:
    """The matrix product."""
    return tuple(tuple(_total(x * y for x, y in zip(row, c, strict=True)) for c in zip(*b, strict=True)) for row in a)


def _total(terms: Iterable[Surd]) -> Surd:
    return sum(terms, start=Surd(Fraction(0)))


def characteristic_polynomial(a: Rows) -> tuple[Fraction, ...]:
    """The coefficients of det(λI − A), from that of the highest power, by the method of Faddeev and LeVerrier."""
    n, found, m = len(a), [Fraction(1)], a
    for k in range(1, n + 1):
        found.append(-sum((m[i][i] for i in range(n)), Fraction(0)) / k)
        shifted = tuple(tuple(x + found[-1] * (i == j) for j, x in enumerate(row)) for i, row in enumerate(m))
        m = times(a, shifted)
    return tuple(found)


def rational_zeros(polynomial: Sequence[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """The zeros that are fractions, each as often as it is one, and the coefficients of what is left without them."""
    left, found = list(polynomial), []
    while len(left) > 1:
        zero = next((x for x in _candidates(left) if not _value(left, x)), None)
        if zero is None:
            break
        found.append(zero)
        quotient = [left[0]]
        for coefficient in left[1:-1]:
            quotient.append(coefficient + zero * quotient[-1])
        left = quotient
    return found, left


def _candidates(polynomial: Sequence[Fraction]) -> Iterator[Fraction]:
    """What a zero can be by the rational root theorem."""
    if not polynomial[-1]:
        yield Fraction(0)
        return
    below = lcm(*(coefficient.denominator for coefficient in polynomial))
    first, last = abs(int(polynomial[0] * below)), abs(int(polynomial[-1] * below))
    if max(first, last) > LARGEST_RADICAND:
        raise Unsupported("these numbers are too large for zeros of their polynomial", remedy="Choose smaller ones.")
    for p in _divisors(last):
        for q in _divisors(first):
            if gcd(p, q) == 1:
                yield Fraction(p, q)
                yield Fraction(-p, q)


def _divisors(n: int) -> list[int]:
    small = [k for k in range(1, isqrt(n) + 1) if n % k == 0]
    return small + [n // k for k in reversed(small) if k * k != n]


def _value(polynomial: Sequence[Fraction], x: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in polynomial:
        total = total * x + coefficient
    return total


def quadratic_zeros(b: Fraction, c: Fraction) -> tuple[Surd, Surd]:
    """The zeros of x² + b x + c, the larger one first; raises NoValueError where they are not real."""
    discriminant = b**2 / 4 - c
    if discriminant < 0:
        raise NoValueError("an eigenvalue is not real")
    outside, inside = _square_and_rest(discriminant.numerator * discriminant.denominator)
    size = Fraction(outside, discriminant.denominator)
    return Surd(-b / 2, size, inside), Surd(-b / 2, -size, inside)


def _square_and_rest(n: int) -> tuple[int, int]:
    """Numbers s and d with n = s²d, where d is square-free."""
    if n > LARGEST_RADICAND:
        raise Unsupported(f"√{n} is too large a root", remedy="Choose smaller numbers.")
    outside, inside, k = 1, n, 2
    while k * k <= inside:
        while inside % (k * k) == 0:
            outside, inside = outside * k, inside // (k * k)
        k += 1
    return outside, inside


def eigenvalues(a: Rows) -> tuple[Surd, ...]:
    """All eigenvalues, from the largest to the smallest.

    Raises NoValueError where one is not real, Unsupported where more than a square root is needed.
    """
    found, left = rational_zeros(characteristic_polynomial(a))
    values = list(map(Surd, found))
    if len(left) > 3:
        raise Unsupported(
            "an eigenvalue needs more than square roots",
            remedy="Choose a matrix with an eigenvalue that is a fraction, such as a triangular one.",
        )
    if len(left) == 3:
        values += quadratic_zeros(left[1] / left[0], left[2] / left[0])
    return descending(values)


def _descending(x: Surd, y: Surd) -> int:
    return (y - x).sign()


def descending(values: Iterable[Surd]) -> tuple[Surd, ...]:
    """Numbers from the largest to the smallest."""
    return tuple(sorted(values, key=cmp_to_key(_descending)))


def eigenvectors(a: Rows) -> list[Surds]:
    """Independent eigenvectors, as columns, in the order of the eigenvalues; raises NoValueError for too few."""
    values = eigenvalues(a)
    found: list[Surds] = []
    for value in dict.fromkeys(values):
        found += null_space(reduced(shifted(a, value)))
    if len(found) < len(a):
        raise NoValueError("there are too few independent eigenvectors")
    return found


def reduced(rows: Surds) -> Surds:
    """The reduced row echelon form."""
    changed, top = [list(row) for row in rows], 0
    for column in range(len(rows[0])):
        pivot = next((k for k in range(top, len(changed)) if changed[k][column]), None)
        if pivot is None:
            continue
        changed[top], changed[pivot] = changed[pivot], changed[top]
        changed[top] = [entry / changed[top][column] for entry in changed[top]]
        for k, row in enumerate(changed):
            if k != top and row[column]:
                factor = row[column]
                changed[k] = [x - factor * y for x, y in zip(row, changed[top], strict=True)]
        top += 1
    return tuple(map(tuple, changed))


def side_by_side(columns: Sequence[Surds]) -> Surds:
    """Columns as one matrix."""
    return tuple(tuple(chain.from_iterable(rows)) for rows in zip(*columns, strict=True))


def shifted(a: Rows, value: Surd) -> Surds:
    """A − λI."""
    return tuple(
        tuple(Surd(x) - (value if i == j else Surd(Fraction(0))) for j, x in enumerate(row)) for i, row in enumerate(a)
    )


def null_space(reduced: Surds) -> list[Surds]:
    """Independent solutions of R x = 0, as columns, for a reduced echelon form R."""
    width = len(reduced[0])
    pivots = {next(j for j, x in enumerate(row) if x): row for row in reduced if any(row)}
    found: list[Surds] = []
    for free in (j for j in range(width) if j not in pivots):
        column = [Surd(Fraction(int(j == free))) for j in range(width)]
        for j, row in pivots.items():
            column[j] = -row[free]
        found.append(tuple((entry,) for entry in _without_denominators(column)))
    return found


def _without_denominators(column: list[Surd]) -> list[Surd]:
    factor = Surd(whole_multiple(column))
    return [entry * factor for entry in column]


def whole_multiple(entries: Sequence[Surd]) -> Fraction:
    """The positive factor by which numbers, not all 0, become whole, without a common factor; √2 counts as whole."""
    parts = [part for entry in entries for part in (entry.rational, entry.coefficient) if part]
    below = lcm(*(part.denominator for part in parts))
    return Fraction(below, gcd(*(int(part * below) for part in parts)))
