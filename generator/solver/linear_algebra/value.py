"""The derivation of a value: a method chosen by what is asked for, its lines, and their check in exact numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import VerificationError
from generator.expr.evaluate.exact import Rows, exact, inverse, times, transposed
from generator.expr.evaluate.numeric import Point, array, evaluate, relative_error
from generator.expr.messages import Message, clauses
from generator.expr.nodes import ONE, Expr, Identity, Inverse, Matrix, Number, Product, PseudoInverse, Spectral, Symbol
from generator.expr.printing.plain import plain
from generator.solver.derivation import Line, Stage
from generator.solver.linear_algebra import eigen, projection, system
from generator.solver.linear_algebra.steps import next_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Data = Mapping[Symbol, Rows]

TOLERANCE = 1e-8
"""Largest relative difference from the value that NumPy finds."""
SOLVE = Message("solve-system", "Solve the system by elimination")
PROJECT = Message("solve-normal-equations", "Solve the normal equations")
WORK_OUT = Message("work-out", "Work it out")
WORK_OUT_MATRIX = Message("work-out-matrix", "Work out the matrix")


@dataclass(frozen=True)
class System:
    """A⁻¹ b of a column b: the solution of A x = b."""

    matrix: Expr
    right: Expr


@dataclass(frozen=True)
class Projection:
    """A A⁺ b of a column b: its projection onto the space that the columns of A span."""

    matrix: Expr
    column: Expr


@dataclass(frozen=True)
class Spectrum:
    """The eigenvalues or the eigenvectors of a matrix."""

    function: Spectral

    @property
    def matrix(self) -> Expr:
        """Whose they are."""
        return self.function.arg


@dataclass(frozen=True)
class Names:
    """Names that are free in a problem for what a derivation introduces."""

    coefficients: Symbol
    """Of the columns in a projection."""
    eigenvalue: str
    eigenvector: str


@dataclass(frozen=True)
class Found:
    """The stages of a value, the value, and where it has several parts the equations that give them."""

    stages: tuple[Stage, ...]
    outcome: Expr
    solutions: tuple[tuple[Expr, Expr], ...] = ()


def asked(function: Expr) -> System | Projection | Spectrum | None:
    """The method that a function asks for by its form; None where it is worked out from the inside."""
    match function:
        case Product((Inverse(A), b)) if b.shape[1] == ONE:
            return System(A, b)
        case Product((A, PseudoInverse(B), b)) if A == B and b.shape[1] == ONE:
            return Projection(A, b)
        case Spectral("eigenvalues" | "eigenvectors"):
            return Spectrum(function)
        case _:
            return None


def name(function: Expr, value: Symbol) -> Expr:
    """What stands on the left of a value: x or p, or the function itself, as in det(A) = 5."""
    return value if isinstance(asked(function), System | Projection) else function


def value_names(function: Expr, usual: tuple[str, ...]) -> tuple[str, ...]:
    """What the value may be called: a solution x, a projection p."""
    match asked(function):
        case System():
            return ("x", "z", "w", *usual)
        case Projection():
            return ("p", "q", *usual)
        case _:
            return usual


def found(function: Expr, value: Symbol, names: Names, data: Data, put_in: Callable[[Expr], Expr]) -> Found:
    """The lines from a function with its numbers to its value, each true in exact numbers.

    Raises NoValueError where there is no value, Unsupported where it is no fraction, VerificationError if a line or
    the value is not true.
    """
    match asked(function):
        case System(A, b):
            lines = system.solved(value, *_invertible(exact(A, data), exact(b, data)))
            stage = Stage(SOLVE(), tuple(lines))
        case Projection(A, b):
            lines = projection.projected(value, names.coefficients, exact(A, data), exact(b, data))
            stage = Stage(PROJECT(), tuple(lines))
        case Spectrum(of):
            return _spectrum(of, names, data, put_in)
        case None:
            stage = Stage(WORK_OUT(), tuple(_from_inside(function, put_in)))
    _verify(function, value, names.coefficients, data, stage)
    return Found((stage,), stage.lines[-1].right)


def _spectrum(function: Spectral, names: Names, data: Data, put_in: Callable[[Expr], Expr]) -> Found:
    """The eigenvalues or eigenvectors of a matrix, which is worked out first where it is not given."""
    matrix = function.arg
    before = []
    if not isinstance(matrix, Symbol | Matrix):
        before = [Stage(WORK_OUT_MATRIX(), tuple(_from_inside(matrix, put_in)))]
        _verify(matrix, Symbol("?", matrix.shape), names.coefficients, data, before[0])
    solved = eigen.found(function, exact(matrix, data), names.eigenvalue, names.eigenvector)
    return Found((*before, *solved.stages), solved.outcome, solved.solutions)


def _invertible(A: Rows, b: Rows) -> tuple[Rows, Rows]:
    inverse(A)  # raises NoValueError for a singular matrix
    return A, b


def _from_inside(function: Expr, put_in: Callable[[Expr], Expr]) -> list[Line]:
    named = sorted(function.symbols, key=lambda symbol: (symbol.name.islower(), symbol.name))
    right = put_in(function)
    why = Message("numbers-given", "with the numbers given for {names}")(names=named)
    lines = [Line(function, right, "numbers", why)]
    while not isinstance(right, Number | Matrix):
        right, reasons = next_line(right)
        lines.append(Line(function, right, next(iter(reasons), "arithmetic"), clauses(*reasons.values())))
    return lines


def _verify(function: Expr, value: Symbol, coefficients: Symbol, data: Data, stage: Stage) -> None:
    """Every line in exact numbers; the value by NumPy, and by what it has to satisfy."""
    answer = exact(stage.lines[-1].right, {})
    known = {**data, value: answer}
    if coefficients in frozenset().union(*(line.left.symbols for line in stage.lines)):
        known[coefficients] = exact(next(line.right for line in reversed(stage.lines) if line.left == coefficients), {})
    for line in stage.lines:
        if exact(line.left, known) != exact(line.right, known):
            raise VerificationError(f"the line {plain(line.left)} = {plain(line.right)} failed its check")
    point = Point({symbol.name: array(rows) for symbol, rows in data.items()}, {})
    error = relative_error(evaluate(function, point), array(answer))
    if not (error < TOLERANCE and _satisfies(function, answer, data)):
        raise VerificationError(f"the value of {plain(function)} failed its check")


def _satisfies(function: Expr, answer: Rows, data: Data) -> bool:
    """A x = b, A A⁻¹ = I, or A′(b − p) = 0, for what is a solution, an inverse or a projection."""
    match asked(function), function:
        case System(A, b), _:
            return times(exact(A, data), answer) == exact(b, data)
        case Projection(A, b), _:
            rows = transposed(exact(A, data))
            return times(rows, answer) == times(rows, exact(b, data))
        case None, Inverse(A):
            rows = exact(A, data)
            return times(rows, answer) == exact(Identity(function.shape[0]), {})
        case _:
            return True
