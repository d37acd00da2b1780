"""Wrong eigenvalues and eigenvectors that come from mistakes students make, each by its name."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.evaluate import surds
from generator.expr.evaluate.exact import NoValueError, Rows, exact, transposed
from generator.expr.evaluate.surds import Surd, Surds
from generator.expr.messages import Message
from generator.solver.linear_algebra.named import Slip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.expr.nodes import Expr, Spectral


def _column(values: Sequence[Surd]) -> Surds:
    return tuple((value,) for value in surds.descending(values))


def _diagonal(a: Rows) -> Surds:
    return _column([Surd(row[i]) for i, row in enumerate(a)])


def _negated(a: Rows) -> Surds:
    return _column([-value for value in surds.eigenvalues(a)])


def _constant_term(a: Rows) -> Surds:
    if len(a) != 2:
        raise NoValueError("only a quadratic has two zeros")
    _, b, c = surds.characteristic_polynomial(a)
    return _column(surds.quadratic_zeros(b, -c))


def _echelon(a: Rows) -> Surds:
    rows = [list(row) for row in a]
    for i in range(len(rows)):
        if not rows[i][i]:
            raise NoValueError("rows would be exchanged")
        for k in range(i + 1, len(rows)):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [x - factor * y for x, y in zip(rows[k], rows[i], strict=True)]
    return _column([Surd(row[i]) for i, row in enumerate(rows)])


def _undivided(a: Rows) -> Surds:
    return _column([value * Surd(Fraction(2)) for value in surds.eigenvalues(a)])


def _inverted(a: Rows) -> Surds:
    values = surds.eigenvalues(a)
    if not all(values):
        raise NoValueError("a singular matrix has no inverse")
    return _column([Surd(Fraction(1)) / value for value in values])


def _coefficients(a: Rows) -> Surds:
    if len(a) != 2:
        raise NoValueError("only for two rows are there as many coefficients as eigenvalues")
    _, b, c = surds.characteristic_polynomial(a)
    return _column([Surd(-b), Surd(c)])


def _squared(a: Rows) -> Surds:
    return _column([value * value for value in surds.eigenvalues(a)])


def _row_sums(a: Rows) -> Surds:
    return _column([Surd(sum(row, Fraction(0))) for row in a])


def _of_transpose(a: Rows) -> Surds:
    return surds.side_by_side(surds.eigenvectors(transposed(a)))


def _other_order(a: Rows) -> Surds:
    return surds.side_by_side(surds.eigenvectors(a)[::-1])


def _sign_changed(a: Rows) -> Surds:
    return surds.side_by_side([(*vector[:-1], (-vector[-1][0],)) for vector in surds.eigenvectors(a)])


def _as_rows(a: Rows) -> Surds:
    return tuple(zip(*surds.side_by_side(surds.eigenvectors(a)), strict=True))


def _upside_down(a: Rows) -> Surds:
    return surds.side_by_side([vector[::-1] for vector in surds.eigenvectors(a)])


def _slip(
    name: str, tempting: str, correction: str, wrong: Callable[[Rows], Surds]
) -> tuple[Slip, Callable[[Rows], Surds]]:
    return Slip(name, Message(f"{name}-tempts", tempting)(), Message(f"{name}-corrected", correction)()), wrong


# fmt: off
OF_EIGENVALUES = (
    _slip("diagonal-taken", "The eigenvalues of a triangular matrix stand on its diagonal.",
          "Those of other matrices are the zeros of the characteristic polynomial.", _diagonal),
    _slip("echelon-form-taken", "Row operations keep the rank and the solutions of systems.",
          "They change the eigenvalues.", _echelon),
    _slip("sign-of-trace", "The trace stands in the characteristic polynomial.",
          "Its sign there is minus: the sum of the eigenvalues is the trace.", _negated),
    _slip("sign-of-constant-term", "The determinant stands in the characteristic polynomial.",
          "Its sign there is plus for two rows: the product of the eigenvalues is the determinant.", _constant_term),
    _slip("two-left-out", "The numerator of the quadratic formula was worked out.",
          "It has to be divided by two.", _undivided),
    _slip("row-sums-taken", "If all rows have the same sum, it is an eigenvalue.",
          "The sums of rows are not eigenvalues in general.", _row_sums),
    _slip("coefficients-taken", "The trace and the determinant are found from the eigenvalues.",
          "They are their sum and their product.", _coefficients),
    _slip("eigenvalues-squared", "The square of the matrix has the same eigenvectors.",
          "Its eigenvalues are the squares.", _squared),
    _slip("eigenvalues-inverted", "The inverse has the same eigenvectors.",
          "Its eigenvalues are the reciprocals.", _inverted),
)
OF_EIGENVECTORS = (
    _slip("eigenvectors-exchanged", "These are eigenvectors of the matrix.",
          "They belong to the eigenvalues in another order.", _other_order),
    _slip("eigenvectors-of-transpose", "A matrix and its transpose have the same eigenvalues.",
          "They have other eigenvectors.", _of_transpose),
    _slip("sign-in-eigenvector", "One equation of the system was solved with a wrong sign.",
          "Multiply the matrix by the vector: the result has to be a multiple of it.", _sign_changed),
    _slip("eigenvectors-as-rows", "The numbers are those of eigenvectors.",
          "Eigenvectors are the columns, not the rows.", _as_rows),
    _slip("entries-exchanged", "The numbers are those of an eigenvector.",
          "Their places in the vector matter.", _upside_down),
)
# fmt: on


def wrong_spectra(e: Spectral) -> Iterator[tuple[Slip, Expr]]:
    """What each slip takes for the eigenvalues or eigenvectors of a matrix of numbers.

    Each is wrong, and another than those before: of eigenvectors no multiples of right ones.
    """
    a = exact(e.arg, {})
    right = surds.eigenvalues(a)
    taken = {surds.matrix(_column(right))}
    for slip, wrong in OF_EIGENVALUES if e.name == "eigenvalues" else OF_EIGENVECTORS:
        try:
            found = wrong(a)
        except (NoValueError, Unsupported, ValueError):
            continue
        answer = surds.matrix(found)
        if answer.shape != e.shape or answer in taken or (e.name == "eigenvectors" and _is_right(a, right, found)):
            continue
        taken.add(answer)
        yield slip, answer


def _is_right(a: Rows, values: Sequence[Surd], found: Surds) -> bool:
    """Each column is an eigenvector for its eigenvalue, or the numbers have different roots and cannot tell."""
    exactly = surds.as_surds(a)
    for value, column in zip(values, zip(*found, strict=True), strict=True):
        vector = tuple((entry,) for entry in column)
        if surds.product(exactly, vector) != tuple((value * entry,) for entry in column):
            return False
    return True
