"""Values of expressions of numbers: the lines of each method, and answers against SymPy."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import ExpressionError, Unsupported
from generator.expr.evaluate.exact import NoValueError, Rows, exact
from generator.expr.nodes import BlockMatrix, Expr, Matrix, Spectral, number
from generator.expr.parsing.parse import declare, read
from generator.solver.derivation import Derivation
from generator.solver.evaluation import evaluated, put_in
from generator.solver.linear_algebra.slips import SLIPS, wrong_answers, wrong_values
from generator.solver.solve import solve
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
    ("rank(A)", {"A": "[1 2 3; 2 4 6; 1 0 1]"}, "2",
     ["numbers", "row-operations", "row-operations", "rank-echelon"]),
    ("eigenvalues(A)", {"A": "[2 1; 1 2]"}, "[3; 1]",
     ["characteristic-polynomial", "characteristic-factored", "eigenvalue-zero", "eigenvalue-zero"]),
    ("eigenvalues(A)", {"A": "[2 1; 1 3]"}, "[1/2*(5 + 5^(1/2)); 1/2*(5 - 5^(1/2))]",
     ["characteristic-polynomial", "eigenvalue-quadratic", "eigenvalue-quadratic"]),
    ("eigenvalues(A)", {"A": "[2 7 1; 0 -3 5; 0 0 2]"}, "[2; 2; -3]",
     ["characteristic-triangular", "eigenvalue-zero", "eigenvalue-zero", "eigenvalue-zero"]),
    ("eigenvalues(A'A)", {"A": "[1 1; 0 2]"}, "[3 + 5^(1/2); 3 - 5^(1/2)]",
     ["numbers", "row-times-column", "characteristic-polynomial", "eigenvalue-quadratic", "eigenvalue-quadratic"]),
    ("eigenvectors(A)", {"A": "[0 1; 2 1]"}, "[1, -1; 2, 1]",
     ["characteristic-polynomial", "characteristic-factored", "eigenvalue-zero", "eigenvalue-zero",
      "eigenvector-equation", "row-operations", "eigenvector",
      "eigenvector-equation", "row-operations", "eigenvector"]),
    ("eigenvectors(A)", {"A": "[1/2 1/3; 1/4 5/12]"}, "[4, -1; 3, 1]",
     ["characteristic-polynomial", "characteristic-factored", "eigenvalue-zero", "eigenvalue-zero",
      "eigenvector-equation", "row-operations", "row-operations", "eigenvector",
      "eigenvector-equation", "row-operations", "row-operations", "eigenvector"]),
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


def small_matrices(n: int) -> st.SearchStrategy[Rows]:
    """Any matrices; symmetric ones, whose eigenvalues are real; triangular ones, which often have double ones; and
    those similar to a triangular one with a single eigenvalue, most of which have too few eigenvectors."""
    any_ones = matrices(n, n)
    symmetric = any_ones.map(lambda a: tuple(tuple(a[max(i, j)][min(i, j)] for j in range(n)) for i in range(n)))
    triangular = any_ones.map(lambda a: tuple(tuple(x * (i <= j) for j, x in enumerate(r)) for i, r in enumerate(a)))
    one_eigenvalue = st.builds(_with_one_eigenvalue, st.integers(-3, 3), any_ones, any_ones)
    return any_ones | symmetric | triangular | one_eigenvalue


def _with_one_eigenvalue(value: int, lower: Rows, upper: Rows) -> Rows:
    """P⁻¹ (λI + N) P, where N is what is below the diagonal of a matrix, and P unit upper triangular."""
    change = sympy.eye(len(upper)) + sympy_of(upper).upper_triangular(1)
    similar = change.inv() * (value * sympy.eye(len(lower)) + sympy_of(lower).lower_triangular(-1)) * change
    return tuple(tuple(Fraction(int(x.p), int(x.q)) for x in similar.row(i)) for i in range(len(lower)))


def sympy_value(e: Expr) -> sympy.Matrix:
    """An answer with roots, entry by entry."""
    if isinstance(e, Matrix):
        return sympy_of(e.rows)
    assert isinstance(e, BlockMatrix)
    return sympy.Matrix([[sympy.sympify(str(x).replace("^", "**"), rational=True) for x in row] for row in e.lines])


@given(st.integers(1, 4).flatmap(lambda n: st.integers(1, 4).flatmap(lambda m: matrices(n, m))))
@settings(max_examples=60, deadline=None)
def test_ranks_are_those_of_sympy(a: Rows) -> None:
    assert worked_out("rank(A)", A=a).outcome == number(sympy_of(a).rank())


@given(st.sampled_from([2, 2, 3]).flatmap(small_matrices))
@settings(max_examples=80, deadline=None)
def test_eigenvalues_and_eigenvectors_are_those_of_sympy(a: Rows) -> None:
    A, t = sympy_of(a), sympy.Symbol("t")
    polynomial = sympy.Poly(A.charpoly(t).as_expr(), t)
    needs_cube_roots = max(factor.degree() for factor, _ in polynomial.factor_list()[1]) == 3
    if needs_cube_roots or len(sympy.real_roots(polynomial)) < len(a):
        with pytest.raises(Unsupported if needs_cube_roots else NoValueError):
            worked_out("eigenvalues(A)", A=a)
        return
    found = worked_out("eigenvalues(A)", A=a)
    values = list(sympy_value(found.outcome))  # type: ignore[arg-type]
    assert sympy.expand(sympy.prod(t - value for value in values) - polynomial.as_expr()) == 0
    assert all(sympy.simplify(x - y) >= 0 for x, y in pairwise(values))
    assert [str(right) for _, right in found.solutions] == [
        str(entry) for row in rows_of(found.outcome) for entry in row
    ]
    if not A.is_diagonalizable():
        with pytest.raises(NoValueError):
            worked_out("eigenvectors(A)", A=a)
        return
    vectors = sympy_value(worked_out("eigenvectors(A)", A=a).outcome)  # type: ignore[arg-type]
    assert sympy.simplify(A * vectors - vectors * sympy.diag(*values)) == sympy.zeros(len(a))
    assert sympy.simplify(vectors.det()) != 0


EXCHANGED = re.compile(r"rows (\d) and (\d) exchanged(?:; )?")
OPERATION = re.compile(r"(?:row operations?: |, | and )((?:(?!, | and ).)+)")


@given(st.sampled_from([2, 3, 3]).flatmap(small_matrices), st.sampled_from([1, 2, 6]))
@settings(max_examples=40, deadline=None)
def test_eigenvectors_are_found_in_whole_numbers_by_the_operations_that_are_named(a: Rows, below: int) -> None:
    try:
        found = worked_out("eigenvectors(A)", A=tuple(tuple(x / below for x in row) for row in a))
    except (NoValueError, Unsupported):
        return
    for before, line in pairwise(found.lines):
        if line.rule != "row-operations":
            continue
        rows = sympy_value(before.left.children[0])
        reason = "".join(str(part) for part in line.because)
        if exchange := EXCHANGED.match(reason):
            first, second = (int(number) - 1 for number in exchange.groups())
            rows.row_swap(first, second)
        names = sympy.symbols(f"R_1:{len(a) + 1}")
        for written in OPERATION.findall(reason[exchange.end() if exchange else 0 :]):
            operation = sympy.sympify(written.replace("^", "**"), rational=True)
            target = int(re.findall(r"R_(\d)", written)[0]) - 1  # the row that is named first
            assert operation.coeff(names[target]) != 0
            rows[target, :] = sum(
                (operation.coeff(name) * rows[i, :] for i, name in enumerate(names)), sympy.zeros(1, len(a))
            )
        shown = sympy_value(line.left.children[0])
        assert sympy.simplify(rows - shown) == sympy.zeros(len(a)), reason
        assert all(sympy.denom(sympy.together(entry)) == 1 for entry in shown)


def rows_of(e: object) -> tuple[tuple[object, ...], ...]:
    return e.rows if isinstance(e, Matrix) else e.lines if isinstance(e, BlockMatrix) else ()


@given(st.sampled_from([2, 3]).flatmap(small_matrices))
@settings(max_examples=30, deadline=None)
def test_wrong_eigenvalues_and_eigenvectors_are_wrong(a: Rows) -> None:
    A = sympy_of(a)
    for name in ("eigenvalues", "eigenvectors"):
        try:
            right = worked_out(f"{name}(A)", A=a).outcome
        except (NoValueError, Unsupported):
            return
        for slip, wrong in wrong_answers(Spectral(name, Matrix(a))):
            assert wrong != right, slip.name
            if name == "eigenvectors":
                values = sympy_value(worked_out("eigenvalues(A)", A=a).outcome)  # type: ignore[arg-type]
                claimed = sympy_value(wrong)
                assert sympy.simplify(A * claimed - claimed * sympy.diag(*values)) != sympy.zeros(len(a)), slip.name


def test_a_value_in_roots_has_a_choice_of_four() -> None:
    for name in ("eigenvalues", "eigenvectors"):
        assert len(list(wrong_answers(read(f"{name}([2 1; 1 3])").expr))) >= 3


def test_a_value_is_worked_out_of_numbers_in_the_text_or_given() -> None:
    assert str(solve("det([2 1; 1 3])", find="value").outcome) == "5"
    assert str(solve("inv(A) b", find="value", given={"A": "[2 1; 1 1]", "b": "[3; 2]"}).outcome) == "[1; 1]"
    for function, given_, told in (
        ("inv(A) b", {"A": "[2 1; 1 1]"}, "there are no numbers for b"),
        ("det(A)", {"A": "x + 1"}, "x \\+ 1 is no matrix of numbers"),
        ("2 + 2", {}, "has no matrix of numbers"),
    ):
        with pytest.raises(ExpressionError, match=told):
            solve(function, find="value", given=given_)
    with pytest.raises(Unsupported, match="is not differentiated"):
        solve("rank(A)", "A")


SLIPPED: list[tuple[Expr, set[str]]] = [
    (read(text).expr, names)
    for text, names in (
        ("det([2 1; 1 3])", {"sign-of-second-product", "only-diagonal"}),
        ("inv([2 1; 0 3])", {"determinant-left-out", "transposed-inverse", "signs-of-cofactors"}),
        ("[1 2; 3 4]*[0 1; 2 1]", {"factors-exchanged", "product-entry-by-entry", "columns-for-rows"}),
        ("tr([1 2; 3 4]*[0 1; 1 1])", {"product-of-traces", "all-entries"}),
        ("rank([1 2 3 4; 2 4 6 8; 1 0 1 0])", {"rows-counted", "columns-counted", "zero-rows-counted"}),
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
    assert len({slip.name for slip, _ in SLIPS}) == len(SLIPS)
