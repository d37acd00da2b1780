"""Values of expressions of numbers: the lines of each method, and answers against SymPy."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.expr.evaluate.exact import NoValueError, Rows, exact
from generator.expr.nodes import Expr, Matrix
from generator.expr.parsing.parse import declare, read
from generator.solver.derivation import Derivation
from generator.solver.evaluation import evaluated, put_in
from generator.solver.linear_algebra.slips import SLIPS, wrong_values
from generator.solver.task import Task, solve_task


def worked_out(function: str, **matrices: Rows) -> Derivation:
    """The derivation of the value of a function at matrices."""
    said = {name: f"{len(rows)} x {len(rows[0])}" for name, rows in matrices.items()}
    e = read(function, said).expr
    data = {declare(name, said[name]): rows for name, rows in matrices.items()}
    return evaluated(solve_task(Task(e, next(iter(data)), "value")), data)


def rows(text: str) -> Rows:
    return exact(read(text).expr, {})


METHODS = [
    ("det(A)", {"A": "[2 1; 1 3]"}, "5", ["numbers", "determinant-two-rows", "arithmetic", "arithmetic"]),
    ("det(A)", {"A": "[2 7 1; 0 3 5; 0 0 4]"}, "24", ["numbers", "determinant-triangular", "arithmetic"]),
    ("inv(A)", {"A": "[2 1; 1 1]"}, "[1, -1; -1, 2]",
     ["numbers", "inverse-two-rows", "determinant-two-rows", "arithmetic"]),
    ("inv(A) b", {"A": "[0 1; 1 2]", "b": "[1; 4]"}, "[2; 1]",
     ["system", "row-operations", "row-operations", "system-solved"]),
    ("A pinv(A) b", {"A": "[1 0; 1 1; 1 2]", "b": "[6; 0; 0]"}, "[5; 2; -1]",
     ["normal-equations", "system", "row-operations", "row-operations", "row-operations", "system-solved", "projection",
      "arithmetic"]),
    ("a pinv(a) b", {"a": "[1; 2; 2]", "b": "[1; 2; 2]"}, "[1; 2; 2]",
     ["normal-equations", "arithmetic", "arithmetic", "projection"]),
    ("tr(A B)", {"A": "[2 1; 1 3]", "B": "[0 1; 1 1]"}, "5",
     ["numbers", "row-times-column", "trace-diagonal", "arithmetic"]),
    ("x'A x", {"A": "[2 1; 1 3]", "x": "[1; -2]"}, "10",
     ["numbers", "row-times-column", "inner-product", "arithmetic"]),
]  # fmt: skip


@pytest.mark.parametrize(("function", "matrices", "answer", "rules"), METHODS)
def test_the_lines_of_each_method(function: str, matrices: dict[str, str], answer: str, rules: list[str]) -> None:
    found = worked_out(function, **{name: rows(text) for name, text in matrices.items()})
    assert str(found.outcome) == answer
    assert [line.rule for line in found.lines] == rules


ENTRIES = st.integers(-4, 4).map(Fraction)


def matrices(n: int, m: int) -> st.SearchStrategy[Rows]:
    row = st.tuples(*[ENTRIES] * m)
    return st.tuples(*[row] * n)


def sympy_of(a: Rows) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(x.numerator, x.denominator) for x in row] for row in a])


@given(st.integers(2, 4).flatmap(lambda n: st.tuples(matrices(n, n), matrices(n, 1))))
@settings(max_examples=40, deadline=None)
def test_determinants_inverses_and_systems_are_those_of_sympy(drawn: tuple[Rows, Rows]) -> None:
    a, b = drawn
    A, column = sympy_of(a), sympy_of(b)
    assert exact(read(str(worked_out("det(A)", A=a).outcome)).expr, {})[0][0] == A.det()
    if A.det() == 0:
        for function in ("inv(A)", "inv(A) b"):
            with pytest.raises(NoValueError):
                worked_out(function, **({"A": a, "b": b} if "b" in function else {"A": a}))
        return
    assert sympy_of(exact(worked_out("inv(A)", A=a).outcome, {})) == A.inv()  # type: ignore[arg-type]
    assert sympy_of(exact(worked_out("inv(A) b", A=a, b=b).outcome, {})) == A.LUsolve(column)  # type: ignore[arg-type]


SLIPPED: list[tuple[Expr, set[str]]] = [
    (read(text).expr, names)
    for text, names in (
        ("det([2 1; 1 3])", {"sign-of-second-product", "only-diagonal"}),
        ("inv([2 1; 0 3])", {"determinant-left-out", "transposed-inverse", "signs-of-cofactors"}),
        ("[1 2; 3 4]*[0 1; 2 1]", {"factors-exchanged", "product-entry-by-entry", "columns-for-rows"}),
        ("tr([1 2; 3 4]*[0 1; 1 1])", {"product-of-traces", "all-entries"}),
        ("[1; 2]*pinv([1; 2])*[3; 4]", {"gram-left-out", "rest-of-projection"}),
    )
]


@pytest.mark.parametrize(("e", "names"), SLIPPED)
def test_slips_lead_to_other_values(e: Expr, names: set[str]) -> None:
    found = list(wrong_values(put_in(e, {})))
    values = [exact(e, {}), *(value for _, value in found)]
    assert names <= {slip.name for slip, _ in found}
    assert len(set(values)) == len(values)
    assert {Matrix(value).shape for value in values} == {e.shape}
    assert len({slip.name for slip in SLIPS}) == len(SLIPS)
