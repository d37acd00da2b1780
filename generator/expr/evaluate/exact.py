"""Expressions as exact numbers: matrices of fractions, with nothing rounded.

What has no rational value, such as log 2 or √2, is refused and never approximated.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import chain, pairwise
from math import isqrt, lcm, prod
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import Unsupported
from generator.expr.nodes import (
    Adjugate,
    BlockMatrix,
    CrossMatrix,
    Determinant,
    Diag,
    Diagonal,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    Kronecker,
    Matrix,
    Norm,
    Number,
    Ones,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Shape,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Vec,
    Zero,
    shape_text,
)
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Rows: TypeAlias = tuple[tuple[Fraction, ...], ...]
"""The entries of a matrix, row by row; a scalar is 1 × 1."""

LARGEST_EXPONENT = 60


LARGEST_WORK = 100_000
"""So many products of numbers are worked out for one answer at most, which takes a second."""
LARGEST_BITS = 2000
"""No number with more binary digits is the result of a power."""


class NoValueError(ArithmeticError):
    """The expression has no value at these numbers: it divides by zero, or inverts a singular matrix."""


def scalar(value: Fraction | int) -> Rows:
    """A number as a 1 × 1 matrix."""
    return ((Fraction(value),),)


def exact(e: Expr, values: Mapping[Symbol, Rows]) -> Rows:  # noqa: C901 - one branch per node
    """The value of an expression; raises NoValueError where it has none, Unsupported where it is no fraction."""

    def of(part: Expr) -> Rows:
        return exact(part, values)

    def number_of(part: Expr) -> Fraction:
        return of(part)[0][0]

    match e:
        case Number(value):
            return scalar(value)
        case Matrix(rows):
            return rows
        case Symbol() if e in values:
            return values[e]
        case Identity() | Zero() | Ones():
            return _filled(e)
        case Sum(terms):
            return reduce(_entrywise(lambda a, b: a + b), map(of, terms))
        case Product(factors):
            return reduce(times, map(of, factors))
        case Scale(coefficient, body):
            return scaled(number_of(coefficient), of(body))
        case Power(base, exponent):
            return _power(of(base), number_of(exponent), e)
        case Transpose(arg):
            return transposed(of(arg))
        case Inverse(arg):
            return inverse(of(arg))
        case PseudoInverse(arg):
            return _pseudo_inverse(of(arg))
        case Adjugate(arg):
            return adjugate(of(arg))
        case Spectral("rank", arg):
            return scalar(rank(of(arg)))
        case Trace(arg):
            return scalar(sum(row[i] for i, row in enumerate(of(arg))))
        case Determinant(arg):
            return scalar(determinant(of(arg)))
        case EntrySum(arg):
            return scalar(sum(chain.from_iterable(of(arg))))
        case Norm("1", arg):
            return scalar(sum(abs(entry) for entry in chain.from_iterable(of(arg))))
        case Norm(_, arg):
            return scalar(_root(sum(entry**2 for entry in chain.from_iterable(of(arg))), e))
        case BlockMatrix():
            lines = [[of(block) for block in line] for line in e.lines]
            return tuple(tuple(chain(*parts)) for line in lines for parts in zip(*line, strict=True))
        case Diag(arg):
            column = [row[0] for row in of(arg)]
            return tuple(
                tuple(entry if i == j else Fraction(0) for j in range(len(column))) for i, entry in enumerate(column)
            )
        case CrossMatrix(arg):
            (x,), (y,), (z,) = of(arg)
            zero = Fraction(0)
            return ((zero, -z, y), (z, zero, -x), (-y, x, zero))
        case Diagonal(arg):
            return tuple((row[i],) for i, row in enumerate(of(arg)))
        case Vec(arg):
            return tuple((entry,) for column in transposed(of(arg)) for entry in column)
        case Kronecker(left, right):
            a, b = of(left), of(right)
            return tuple(tuple(x * y for x in above for y in below) for above in a for below in b)
        case Hadamard(factors):
            return reduce(_entrywise(lambda a, b: a * b), map(of, factors))
        case HadamardPower(base, exponent):
            if exponent.is_scalar:
                power = number_of(exponent)
                return tuple(tuple(_raised(entry, power, e) for entry in row) for row in of(base))
            powers = of(exponent)
            bases = [[number_of(base)] * len(row) for row in powers] if base.is_scalar else of(base)
            return tuple(
                tuple(_raised(b, p, e) for b, p in zip(*rows, strict=True)) for rows in zip(bases, powers, strict=True)
            )
        case Elementwise(name, arg) if name in _FUNCTIONS:
            return tuple(tuple(_FUNCTIONS[name](entry, e) for entry in row) for row in of(arg))
        case _:
            raise Unsupported(
                f"{plain(e)} has no value that is a fraction",
                remedy="Only what takes numbers to fractions can be worked out exactly.",
            )


def work(e: Expr) -> int:
    """About how many products of numbers it takes to work out an expression, by its dimensions alone."""
    rows, columns = (dim.number for dim in e.shape)
    own = rows * columns
    longer = 1 + rows // 3  # numbers have more digits, the longer an elimination is
    match e:
        case Product(factors):
            own = sum(rows * left.shape[1].number * right.shape[1].number for left, right in pairwise(factors))
        case Inverse():
            own = 2 * rows**3 * longer
        case Spectral(_, arg):
            own = 4 * max(arg.shape[0].number, arg.shape[1].number) ** 3 * longer
        case Determinant(arg):
            own = arg.shape[0].number ** 3 * (1 + arg.shape[0].number // 3)
        case PseudoInverse(arg):
            own = 4 * rows * columns * max(rows, columns) * longer
        case Adjugate():
            own = rows**5 * longer
        case Power(base, Number(exponent)) if not base.is_scalar:
            own = rows**3 * abs(exponent.numerator)
        case _:
            pass
    return own + sum(map(work, e.children))


def require_little_work(e: Expr) -> None:
    """Raises Unsupported for what takes too long to work out."""
    if work(e) > LARGEST_WORK:
        sizes = {part.name: shape_text(part.shape) for part in e.symbols if not part.is_scalar}
        raise Unsupported(
            f"{plain(e)} takes over {LARGEST_WORK} products of numbers to work out",
            remedy="Make dimensions smaller: " + ", ".join(f"{name} ({size})" for name, size in sorted(sizes.items())),
        )


def times(a: Rows, b: Rows) -> Rows:
    """The matrix product."""
    left = list(_in_whole_numbers(a))
    right = list(_in_whole_numbers(transposed(b)))
    return tuple(
        tuple(Fraction(sum(x * y for x, y in zip(row, column, strict=True)), over * below) for column, below in right)
        for row, over in left
    )


def transposed(a: Rows) -> Rows:
    """The transpose."""
    return tuple(zip(*a, strict=True))


def scaled(factor: Fraction, a: Rows) -> Rows:
    """A number times a matrix."""
    return tuple(tuple(factor * entry for entry in row) for row in a)


def determinant(a: Rows) -> Fraction:
    """The determinant, by elimination."""
    whole = list(_in_whole_numbers(a))
    pivots = [1, *_pivots([row for row, _ in whole], len(a))]
    return Fraction(pivots[-1] if len(pivots) > len(a) else 0, prod(factor for _, factor in whole))


def rank(a: Rows) -> int:
    """The rank, by elimination."""
    return sum(1 for _ in _pivots([row for row, _ in _in_whole_numbers(a)], len(a[0])))


def inverse(a: Rows) -> Rows:
    """The inverse, by elimination; raises NoValueError for a singular matrix."""
    n = len(a)
    rows = [row + [factor if i == j else 0 for j in range(n)] for i, (row, factor) in enumerate(_in_whole_numbers(a))]
    pivots = list(_pivots(rows, n, above=True))
    if len(pivots) < n:
        raise NoValueError("a matrix is singular")
    return tuple(tuple(Fraction(entry, pivots[-1]) for entry in row[n:]) for row in rows)


def _pivots(rows: list[list[int]], columns: int, *, above: bool = False) -> Iterator[int]:
    """Eliminate, in some columns, below each pivot, and if asked above it; gives the pivots.

    Each is the determinant of its row and those over it, in the columns of their pivots.
    """
    top, before = 0, 1
    for column in range(columns):
        at = next((k for k in range(top, len(rows)) if rows[k][column]), None)
        if at is None:
            continue
        if at != top:
            rows[top], rows[at] = rows[at], [-entry for entry in rows[top]]  # which keeps the determinant
        for k in range(0 if above else top + 1, len(rows)):
            if k != top:
                rows[k] = _reduced(rows[k], rows[top], column, before)
        before = rows[top][column]
        yield before
        top += 1


def _in_whole_numbers(a: Rows) -> Iterator[tuple[list[int], int]]:
    """Each row of a matrix without denominators, and the number that it was multiplied by for that."""
    for row in a:
        factor = lcm(*(entry.denominator for entry in row))
        yield [entry.numerator * (factor // entry.denominator) for entry in row], factor


def _reduced(row: Sequence[int], pivot_row: Sequence[int], column: int, before: int) -> list[int]:
    """A row with zero in the column of the pivot.

    It is divided by the pivot of the step before, which leaves no remainder (Bareiss 1968): so numbers stay small.
    """
    pivot, factor = pivot_row[column], row[column]
    return [(pivot * x - factor * y) // before for x, y in zip(row, pivot_row, strict=True)]


def cayley(skew: Rows) -> Rows:
    """The orthogonal matrix (I − S)(I + S)⁻¹ of a skew-symmetric S, whose entries are fractions as those of S are."""
    identity = _identity(len(skew))
    plus, minus = _entrywise(lambda a, b: a + b), _entrywise(lambda a, b: a - b)
    return times(minus(identity, skew), inverse(plus(identity, skew)))


def is_positive_definite(a: Rows) -> bool:
    """It is symmetric and its leading minors are positive (Sylvester's criterion)."""
    return a == transposed(a) and all(determinant(tuple(row[:k] for row in a[:k])) > 0 for k in range(1, len(a) + 1))


def is_positive_semidefinite(a: Rows) -> bool:
    """It is symmetric, and elimination on its diagonal meets no negative pivot, and zero only above zeros."""
    if a != transposed(a):
        return False
    rows = [list(row) for row in a]
    for i, row in enumerate(rows):
        if row[i] < 0 or (not row[i] and any(row[i:])):
            return False
        for below in rows[i + 1 :]:
            factor = below[i] / row[i] if row[i] else Fraction(0)
            below[:] = [x - factor * y for x, y in zip(below, row, strict=True)]
    return True


PROPERTIES: dict[str, Callable[[Rows], bool]] = {
    "symmetric": lambda a: a == transposed(a),
    "skew-symmetric": lambda a: a == scaled(Fraction(-1), transposed(a)),
    "positive definite": is_positive_definite,
    "diagonal": lambda a: not any(entry for i, row in enumerate(a) for j, entry in enumerate(row) if i != j),
    "orthogonal": lambda a: times(transposed(a), a) == _identity(len(a)),
    "lower triangular": lambda a: not any(entry for i, row in enumerate(a) for entry in row[i + 1 :]),
    "invertible": lambda a: determinant(a) != 0,
    "positive": lambda a: min(chain.from_iterable(a)) > 0,
    "sums to one": lambda a: all(sum(column) == 1 for column in transposed(a)),
    "rows sum to one": lambda a: all(sum(row) == 1 for row in a),
    "one-hot rows": lambda a: all(sorted(row) == [0] * (len(row) - 1) + [1] for row in a),
    "one-hot": lambda a: all(sorted(column) == [0] * (len(a) - 1) + [1] for column in transposed(a)),
}
"""Whether a matrix of numbers is what a declaration says of a symbol."""


def _identity(n: int) -> Rows:
    return tuple(tuple(Fraction(int(i == j)) for j in range(n)) for i in range(n))


def _filled(e: Identity | Zero | Ones) -> Rows:
    rows, columns = _sizes(e.shape)
    if isinstance(e, Identity):
        return _identity(rows)
    return ((Fraction(int(isinstance(e, Ones))),) * columns,) * rows


def _sizes(shape: Shape) -> tuple[int, int]:
    rows, columns = shape
    if rows.names or columns.names:
        raise Unsupported(f"a matrix of {rows} × {columns} has no numbers", remedy="Give its dimensions as numbers.")
    return rows.number, columns.number


def _entrywise(join: Callable[[Fraction, Fraction], Fraction]) -> Callable[[Rows, Rows], Rows]:
    return lambda a, b: tuple(tuple(map(join, x, y)) for x, y in zip(a, b, strict=True))


def _pseudo_inverse(a: Rows) -> Rows:
    """By the normal equations, for full rank."""
    t = transposed(a)
    return times(inverse(times(t, a)), t) if len(a) >= len(a[0]) else times(t, inverse(times(a, t)))


def adjugate(a: Rows) -> Rows:
    """The transposed matrix of cofactors, which a singular matrix has too."""
    n = len(a)

    def cofactor(i: int, j: int) -> Fraction:
        minor = tuple(row[:j] + row[j + 1 :] for k, row in enumerate(a) if k != i)
        return determinant(minor) if (i + j) % 2 == 0 else -determinant(minor)

    return tuple(tuple(cofactor(j, i) for j in range(n)) for i in range(n))


def _power(base: Rows, exponent: Fraction, e: Expr) -> Rows:
    if len(base) == 1:
        return scalar(_raised(base[0][0], exponent, e))
    return reduce(times, [base] * _small(exponent.numerator, e))


def _small(exponent: int, e: Expr) -> int:
    if abs(exponent) > LARGEST_EXPONENT:
        raise Unsupported(f"{plain(e)} is too large a power", remedy=f"Powers go up to {LARGEST_EXPONENT}.")
    return exponent


def _raised(base: Fraction, exponent: Fraction, e: Expr) -> Fraction:
    """A fraction to a whole power, or to half of one where it is a square."""
    if exponent.denominator == 2:
        return _raised(_root(base, e), exponent * 2, e)
    if exponent.denominator != 1:
        raise Unsupported(f"{plain(e)} is not a fraction here")
    if base == 0 and exponent < 0:
        raise NoValueError("division by zero")
    if max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent) > LARGEST_BITS:
        raise Unsupported(f"{plain(e)} is too large a number", remedy="Choose smaller numbers or powers.")
    return Fraction(base ** _small(exponent.numerator, e))


def _root(value: Fraction | int, e: Expr) -> Fraction:
    value = Fraction(value)
    if value < 0:
        raise NoValueError("the root of a negative number")
    root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    if root**2 != value:
        raise Unsupported(f"{plain(e)} is not a fraction here", remedy="Choose numbers whose root is one.")
    return root


_FUNCTIONS: dict[str, Callable[[Fraction, Expr], Fraction]] = {
    "abs": lambda value, _: abs(value),
    "sign": lambda value, _: Fraction((value > 0) - (value < 0)),
    "relu": lambda value, _: max(value, Fraction(0)),
    "sqrt": _root,
}
"""Elementwise functions that take fractions to fractions, some of them or all."""


def is_integral(a: Rows) -> bool:
    """Every entry is a whole number."""
    return prod(entry.denominator for row in a for entry in row) == 1


def as_expr(a: Rows) -> Expr:
    """Exact numbers as an expression: a number, or a matrix."""
    return Number(a[0][0]) if len(a) == len(a[0]) == 1 else Matrix(a)
