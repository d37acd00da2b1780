"""Eigenvalues as the zeros of the characteristic polynomial, and eigenvectors by elimination."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from generator.errors import Unsupported, VerificationError
from generator.expr.evaluate import surds
from generator.expr.evaluate.exact import PROPERTIES, NoValueError, Rows, determinant, transposed
from generator.expr.evaluate.numeric import Point, evaluate, relative_error
from generator.expr.evaluate.surds import Surd, Surds
from generator.expr.messages import Message, clauses
from generator.expr.nodes import (
    ONE,
    SCALAR,
    Determinant,
    Dim,
    Identity,
    Matrix,
    Power,
    Spectral,
    Symbol,
    Zero,
    add,
    negative,
    number,
    product,
    scale,
    scaled,
)
from generator.solver.derivation import Line, Stage
from generator.solver.linear_algebra.system import EXCHANGE, OPERATIONS, row_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.expr.messages import Text
    from generator.expr.nodes import Expr

LARGEST = 3
"""The most rows of a matrix whose characteristic polynomial is worked out, unless it is triangular."""
TOLERANCE = 1e-6
"""Largest relative difference from the eigenvalues that NumPy finds: double ones are found to half of the digits."""

POLYNOMIAL = Message("characteristic-polynomial", "Find the characteristic polynomial")
ZEROS = Message("eigenvalues-stage", "Find the eigenvalues")
VECTORS = Message("eigenvectors-stage", "Find the eigenvectors for {value}")
TWO_ROWS = Message(
    "characteristic-two-rows", "2 × 2 matrix: {square} minus the trace times {variable} plus the determinant"
)
THREE_ROWS = Message(
    "characteristic-three-rows",
    "3 × 3 matrix: {cube} minus the trace times {square} plus the sum of the principal 2 × 2 minors times {variable}"
    " minus the determinant",
)
TRIANGULAR = Message("characteristic-triangular", "determinant of a triangular matrix: the product of its diagonal")
FACTORED = Message("characteristic-factored", "factored by its rational zeros")
ZERO_OF = Message("eigenvalue-zero", "zero of {factor}")
QUADRATIC = Message("eigenvalue-quadratic", "quadratic formula for the zeros of {factor}")
SOLVES = Message("eigenvector-equation", "the matrix minus {value} times the identity maps an eigenvector to zero")
SOLUTION = Message("eigenvector", "a solution that is not zero; its multiples other than zero are eigenvectors, too")
BASIS = Message("eigenvectors-basis", "one of the linearly independent solutions that span all others")


@dataclass(frozen=True)
class Eigen:
    """The stages, the eigenvalues or eigenvectors as a matrix, and the equations that answer the question."""

    stages: tuple[Stage, ...]
    outcome: Expr
    solutions: tuple[tuple[Expr, Expr], ...]


def outcome(function: Spectral, a: Rows) -> Expr:
    """The eigenvalues or eigenvectors alone, not verified; raises NoValueError and Unsupported as `found` does."""
    values = _values(a)
    if function.name == "eigenvalues":
        return _in_column(values)
    bases = (_basis(surds.shifted(a, value), multiplicity) for value, multiplicity in Counter(values).items())
    return surds.matrix(surds.side_by_side([vector for basis in bases for vector in basis]))


def found(function: Spectral, a: Rows, eigenvalue: str, eigenvector: str) -> Eigen:
    """The eigenvalues of a matrix, or eigenvectors for each; the last names are those of both without an index.

    Raises NoValueError where an eigenvalue is not real or there are too few independent eigenvectors, Unsupported where
    more than square roots are needed or there are too many rows, VerificationError if a value is not true.
    """
    values = _values(a)
    names = [Symbol(f"{eigenvalue}_{i}", SCALAR) for i in range(1, len(values) + 1)]
    unknown = Symbol(eigenvalue, SCALAR)
    polynomial, factors = _polynomial(a, unknown)
    stages = [Stage(POLYNOMIAL(), tuple(polynomial)), Stage(ZEROS(), tuple(_zeros(names, values, factors, unknown)))]
    solutions: list[tuple[Expr, Expr]] = [(name, value.to_expr()) for name, value in zip(names, values, strict=True)]
    _verify_values(a, values)
    if function.name == "eigenvalues":
        return Eigen(tuple(stages), _in_column(values), tuple(solutions))
    vectors: list[Surds] = []
    for value, multiplicity in Counter(values).items():
        first = len(vectors)
        labels = [
            Symbol(f"{eigenvector}_{i}", (Dim.of(len(a)), ONE)) for i in range(first + 1, first + multiplicity + 1)
        ]
        lines, basis = _vectors(a, value, names[first], labels)
        stages.append(Stage(VECTORS(value=names[first]), tuple(lines)))
        vectors += basis
        solutions += [(label, surds.matrix(vector)) for label, vector in zip(labels, basis, strict=True)]
    _verify_vectors(a, values, vectors)
    return Eigen(tuple(stages), surds.matrix(surds.side_by_side(vectors)), tuple(solutions))


def _values(a: Rows) -> tuple[Surd, ...]:
    if len(a) > LARGEST and not _is_triangular(a):
        raise Unsupported(
            f"eigenvalues are worked out for up to {LARGEST} rows, and of triangular matrices",
            remedy="Make the matrix smaller.",
        )
    return surds.eigenvalues(a)


def _in_column(values: Sequence[Surd]) -> Expr:
    return surds.matrix(tuple((value,) for value in values))


def _basis(shifted: Surds, multiplicity: int) -> list[Surds]:
    """The eigenvectors that A − λI maps to zero, as many as the multiplicity; raises NoValueError for fewer."""
    basis = surds.null_space(surds.reduced(shifted))
    if len(basis) < multiplicity:
        raise NoValueError("there are too few independent eigenvectors")
    return basis


def _is_triangular(a: Rows) -> bool:
    lower = PROPERTIES["lower triangular"]
    return lower(a) or lower(transposed(a))


def _polynomial(a: Rows, unknown: Symbol) -> tuple[list[Line], dict[Surd | None, Expr]]:
    """The lines to the factored polynomial, and its factors by their rational zeros; by None the one with roots."""
    size = Dim.of(len(a))
    left = Determinant(add(scale(unknown, Identity(size)), negative(Matrix(a))))
    coefficients = surds.characteristic_polynomial(a)
    _verify_polynomial(a, coefficients)
    zeros, rest = surds.rational_zeros(coefficients)
    if _is_triangular(a):
        zeros, rest = [row[i] for i, row in enumerate(a)], [Fraction(1)]
    factors: dict[Surd | None, Expr] = {Surd(zero): _linear(unknown, zero) for zero in zeros}
    if len(rest) > 1:
        factors[None] = _written(unknown, rest)
    powers = Counter(zeros)
    parts = [Power(_linear(unknown, z), number(k)) if k > 1 else _linear(unknown, z) for z, k in powers.items()]
    parts += [factors[None]] if len(rest) > 1 else []
    factored = scaled(parts)
    if _is_triangular(a):
        return [Line(left, factored, "characteristic-triangular", TRIANGULAR())], factors
    whole = _written(unknown, coefficients)
    square, cube = (Power(unknown, number(k)) for k in (2, 3))
    if len(a) == 2:
        why = TWO_ROWS(square=square, variable=unknown)
    else:
        why = THREE_ROWS(cube=cube, square=square, variable=unknown)
    lines = [Line(left, whole, "characteristic-polynomial", why)]
    if zeros:
        lines.append(Line(left, factored, "characteristic-factored", FACTORED()))
    return lines, factors


def _linear(unknown: Symbol, zero: Fraction) -> Expr:
    return add(unknown, number(-zero)) if zero else unknown


def _written(unknown: Symbol, coefficients: Sequence[Fraction]) -> Expr:
    degree = len(coefficients) - 1
    terms = []
    for power, coefficient in zip(range(degree, -1, -1), coefficients, strict=True):
        if not coefficient:
            continue
        variable = unknown if power == 1 else Power(unknown, number(power))
        if power == 0:
            terms.append(number(coefficient))
        else:
            terms.append(variable if coefficient == 1 else scale(number(coefficient), variable))
    return add(*terms)


def _zeros(
    names: Sequence[Symbol], values: Sequence[Surd], factors: dict[Surd | None, Expr], unknown: Symbol
) -> Iterator[Line]:
    for name, value in zip(names, values, strict=True):
        if value in factors:
            yield Line(name, value.to_expr(), "eigenvalue-zero", ZERO_OF(factor=factors[value]))
        else:
            yield Line(name, value.to_expr(), "eigenvalue-quadratic", QUADRATIC(factor=factors[None]))


def _vectors(a: Rows, value: Surd, name: Symbol, labels: Sequence[Symbol]) -> tuple[list[Line], list[Surds]]:
    """The lines from (A − λI)v = 0 to a basis of its solutions."""
    rows = surds.shifted(a, value)
    nothing = Zero((Dim.of(len(a)), ONE))
    first = labels[0]

    def line(rows: Surds, rule: str, because: Text) -> Line:
        return Line(product(surds.matrix(rows), first), nothing, rule, because)

    steps = list(_eliminated(rows))
    lines = [line(rows, "eigenvector-equation", SOLVES(vector=first, value=name))]
    lines += [line(changed, "row-operations", because) for changed, because in steps]
    basis = _basis(rows, len(labels))
    for changed, _ in steps:
        _verify_rows(changed, basis)
    for label, vector in zip(labels, basis, strict=True):
        lines.append(Line(label, surds.matrix(vector), "eigenvector", SOLUTION() if len(basis) == 1 else BASIS()))
    return lines, basis


def _eliminated(matrix: Surds) -> Iterator[tuple[Surds, Text]]:
    """The matrix after each step of an elimination that leaves each pivot alone in its column, and the step.

    Rows become whole numbers first, and lose common factors where no pivot divides what is above and below it.
    """
    rows = [list(row) for row in matrix]
    top = 0
    for column in range(len(rows)):
        if not any(rows[k][column] for k in range(top, len(rows))):
            continue
        is_whole = all(surds.whole_multiple(row) <= 1 for row in rows if any(row))
        pivot = _dividing(rows, top, column) if is_whole else None
        if pivot is None:
            if operations := _made_whole(rows):
                yield tuple(map(tuple, rows)), OPERATIONS(operations=operations)
            candidates = [k for k in range(top, len(rows)) if rows[k][column]]
            pivot = min(candidates, key=lambda k: _awkwardness(rows[k][column]))
        reasons = []
        if pivot != top:
            rows[top], rows[pivot] = rows[pivot], rows[top]
            reasons.append(EXCHANGE(first=str(top + 1), second=str(pivot + 1)))
        if operations := _cleared(rows, top, column):
            reasons.append(OPERATIONS(operations=operations))
        if reasons:
            yield tuple(map(tuple, rows)), clauses(*reasons)
        top += 1
    if operations := _made_whole(rows):
        yield tuple(map(tuple, rows)), OPERATIONS(operations=operations)


def _dividing(rows: list[list[Surd]], top: int, column: int) -> int | None:
    """The first row from the top one on whose entry in a column divides all others there."""
    entries = [row[column] for row in rows]
    for k in range(top, len(rows)):
        if entries[k] and all(
            quotient.is_rational and quotient.rational.denominator == 1
            for quotient in (entry / entries[k] for entry in entries)
        ):
            return k
    return None


def _awkwardness(pivot: Surd) -> int:
    """How much work a pivot makes: least if it is ±1, most if it has a root."""
    return 2 if not pivot.is_rational else 0 if abs(pivot.rational) == 1 else 1


def _made_whole(rows: list[list[Surd]]) -> list[Expr]:
    """Make the entries of each row whole numbers without a common factor; what is done, such as 2 R₁."""
    done: list[Expr] = []
    for k, row in enumerate(rows):
        if any(row) and (factor := surds.whole_multiple(row)) != 1:
            rows[k] = [Surd(factor) * entry for entry in row]
            done.append(scale(number(factor), row_name(k)))
    return done


def _cleared(rows: list[list[Surd]], top: int, column: int) -> list[Expr]:
    """Make a column zero but for its pivot; what is done, such as 2 R₂ − 3 R₁, to the row that is named first."""
    done: list[Expr] = []
    pivot = rows[top][column]
    for k, row in enumerate(rows):
        if k == top or not (entry := row[column]):
            continue
        quotient = -entry / pivot
        own = Surd(Fraction(lcm(quotient.rational.denominator, quotient.coefficient.denominator)))
        factor = own * quotient
        rows[k] = [own * x + factor * y for x, y in zip(row, rows[top], strict=True)]
        done.append(add(_multiple(own, row_name(k)), _multiple(factor, row_name(top))))
    return done


def _multiple(factor: Surd, row: Symbol) -> Expr:
    return row if factor == Surd(Fraction(1)) else scale(factor.to_expr(), row)


def _verify_polynomial(a: Rows, coefficients: Sequence[Fraction]) -> None:
    """det(λI − A) by elimination is the polynomial at one point more than its degree, and so everywhere."""
    for point in range(len(a) + 1):
        there = tuple(tuple(Fraction(point) * (i == j) - x for j, x in enumerate(row)) for i, row in enumerate(a))
        total = Fraction(0)
        for coefficient in coefficients:
            total = total * point + coefficient
        if determinant(there) != total:
            raise VerificationError("the characteristic polynomial failed its check")


def _verify_rows(changed: Surds, basis: Sequence[Surds]) -> None:
    """The solutions before row operations are those after them: each is one, and there are as many independent ones."""
    is_solution = (not any(entry for (entry,) in surds.product(changed, vector)) for vector in basis)
    if not all(is_solution) or len(surds.null_space(surds.reduced(changed))) != len(basis):
        raise VerificationError("a row operation failed its check")


def _verify_values(a: Rows, values: Sequence[Surd]) -> None:
    """det(λI − A) is the product of λ − λᵢ at enough points, in exact numbers; and NumPy finds the same."""
    for point in range(len(a) + 1):
        there = tuple(tuple(Fraction(point) * (i == j) - x for j, x in enumerate(row)) for i, row in enumerate(a))
        total = Surd(Fraction(1))
        for value in values:
            total = total * (Surd(Fraction(point)) - value)
        if total != Surd(determinant(there)):
            raise VerificationError("the eigenvalues failed their check")
    nowhere = Point({}, {})
    column = evaluate(surds.matrix(tuple((value,) for value in values)), nowhere)
    if not relative_error(evaluate(Spectral("eigenvalues", Matrix(a)), nowhere), column) < TOLERANCE:
        raise VerificationError("the eigenvalues are not those that NumPy finds")


def _verify_vectors(a: Rows, values: Sequence[Surd], vectors: Sequence[Surds]) -> None:
    """A v = λ v in exact numbers, no vector is zero, and together they have full rank by NumPy."""
    exactly = surds.as_surds(a)
    for value, vector in zip(values, vectors, strict=True):
        multiple = tuple((value * entry,) for (entry,) in vector)
        if surds.product(exactly, vector) != multiple or not any(entry for (entry,) in vector):
            raise VerificationError("an eigenvector failed its check")
    if evaluate(Spectral("rank", surds.matrix(surds.side_by_side(vectors))), Point({}, {})) != len(a):
        raise VerificationError("the eigenvectors are not independent")
