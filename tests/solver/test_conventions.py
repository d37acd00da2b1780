"""What the derivative by a structured variable means, and layouts: results, what is said of them, and refusals."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from generator import Unsupported, solve
from generator.errors import ExpressionError
from generator.expr.evaluate.numeric import Array, Point, UndefinedError, evaluate, random_point, relative_error
from generator.expr.printing.plain import plain, prose
from generator.solver.derivation import Derivation
from tests.solver.test_solve import differences

Declared = dict[str, str]


def by_variables(d: Derivation, at: Point, size: int, place: dict[int, list[tuple[int, int, float]]]) -> Array:
    """The derivative by each independent variable, by differences; `place` says where each stands, with which sign."""
    values = at.values[d.wrt.name]
    result = np.zeros((size, size))
    h = 1e-5
    for entries in place.values():
        ends = []
        for step in (h, -h):
            moved = values.copy()
            for i, j, sign in entries:
                moved[i, j] += sign * step
            ends.append(evaluate(d.function, Point({**at.values, d.wrt.name: moved}, at.dims))[0, 0])
        for i, j, sign in entries:
            result[i, j] = sign * (ends[0] - ends[1]) / (2 * h)
    return result


def variables(size: int, structure: str) -> dict[int, list[tuple[int, int, float]]]:
    """Where the independent variables of a structured matrix stand."""
    pairs = [(i, j) for i in range(size) for j in range(i + 1)]
    match structure:
        case "diagonal":
            found = [[(i, i, 1.0)] for i in range(size)]
        case "skew-symmetric":
            found = [[(i, j, 1.0), (j, i, -1.0)] for i, j in pairs if i != j]
        case _:
            found = [[(i, j, 1.0), (j, i, 1.0)] if i != j else [(i, i, 1.0)] for i, j in pairs]
    return dict(enumerate(found))


PRECISION: Declared = {"X": "n x n positive definite", "S": "n x n symmetric"}
INDEPENDENT: list[tuple[str, Declared, str, str]] = [
    ("log(det(X)) - tr(S*X)", PRECISION, "2*(inv(X) - S) - eye.*(inv(X) - S)", "Matrix Cookbook 141 and 143"),
    ("tr(A*X)", {"A": "n x n", "X": "n x n symmetric"}, "A + A' - eye.*A", "Matrix Cookbook 139"),
    ("log(det(X))", {"X": "n x n symmetric"}, "2*inv(X) - eye.*inv(X)", "Matrix Cookbook 141"),
    ("a'*X*b", {"a": "n", "b": "n", "X": "n x n symmetric"}, "b*a' + a*b' - eye.*(b*a')", "bilinear form"),
    ("norm_fro(X - A)^2", {"A": "n x n", "X": "n x n symmetric"}, "", "distance"),
    ("tr(A*X)", {"A": "n x n", "X": "n x n skew-symmetric"}, "A' - A", "skew-symmetric"),
    ("tr(A*inv(X))", {"A": "n x n", "X": "n x n diagonal"}, "", "diagonal"),
]


def points(d: Derivation) -> list[Point]:
    """Three random points where the function is defined."""
    found: list[Point] = []
    for seed in range(40):
        at = random_point(d.function, d.wrt, d.symbols, (0, 0, seed))
        with suppress(UndefinedError):
            evaluate(d.function, at)
            found.append(at)
    return found[:3]


@pytest.mark.parametrize(("function", "symbols", "expected", "source"), INDEPENDENT)
def test_the_derivative_by_independent_entries_is_that_by_each_variable(
    function: str, symbols: Declared, expected: str, source: str
) -> None:
    derivation = solve(function, "X", symbols, convention="independent entries")
    assert derivation.to_dict()["convention"] == "independent entries"
    assert not expected or plain(derivation.result) == expected, source
    structure = symbols["X"].removeprefix("n x n ")
    for at in points(derivation):
        size = len(at.values["X"])
        found = evaluate(derivation.result, at)
        assert relative_error(found, by_variables(derivation, at, size, variables(size, structure))) < 1e-5
    assert "The derivative is by the independent entries of X" in derivation.text()


def test_entries_that_occur_twice_are_the_reason_for_2g_minus_its_diagonal() -> None:
    derivation = solve("tr(A*X)", "X", {"A": "n x n", "X": "n x n symmetric"}, convention="independent entries")
    stage = derivation.stages[-1]
    assert prose(stage.title) == "Differentiate by the independent entries of X"
    assert [(plain(line.left), plain(line.right)) for line in stage.lines] == [
        ("G", "P + P' - eye.*P"),
        ("G", "A + A' - eye.*A"),
    ]
    assert prose(stage.lines[0].because) == (
        "X is symmetric: each entry off the diagonal occurs twice, each on it once"
    )


FREE: list[tuple[str, str, Declared, str | None, str, str]] = [
    ("tr(A*X)", "X", {"A": "n x n", "X": "n x n symmetric"}, "unstructured", "A'", "although X is symmetric"),
    ("tr(X^2)", "X", {"X": "n x n symmetric"}, "unstructured", "2*X", "although X is symmetric"),
    ("tr(X'*X)", "X", {"X": "n x n skew-symmetric"}, "unstructured", "2*X", "although X is skew-symmetric"),
    ("tr(X*X)", "X", {"X": "n x n skew-symmetric"}, "unstructured", "-2*X", "although X is skew-symmetric"),
    ("log(det(X))", "X", {"X": "n x n positive definite"}, "unstructured", "inv(X)", "although X is positive definite"),
    ("det(X)", "X", {"X": "n x n diagonal"}, "unstructured", "det(X)*inv(X)", "although X is diagonal"),
    ("norm_fro(A - B*Q)^2", "Q", {"A": "n x n", "B": "n x n", "Q": "n x n orthogonal"}, None, "-2*B'*(A - B*Q)",
     "Q'*dQ is skew-symmetric, so that L is stationary where Q'*G is symmetric"),
    ("tr(A*inv(Q))", "Q", {"A": "n x n", "Q": "n x n orthogonal"}, None, "-Q*A'*Q", "although Q is orthogonal"),
    ("tr(Q'*Q)", "Q", {"Q": "n x n orthogonal"}, None, "2*Q", "although Q is orthogonal"),
    ("tr(A*R*R')", "R", {"A": "n x n", "R": "n x n lower triangular"}, None, "(A' + A)*R",
     "where dR is, too, only the entries of G on and below the diagonal count"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "symbols", "convention", "expected", "remark"), FREE)
def test_entries_taken_as_free(
    function: str, wrt: str, symbols: Declared, convention: str | None, expected: str, remark: str
) -> None:
    """The structure is used after differentiating only: the result is the derivative by every entry alone."""
    derivation = solve(function, wrt, symbols, convention=convention)
    assert derivation.to_dict()["convention"] == "unstructured"
    assert plain(derivation.result) == expected
    assert derivation.text().count("are taken as free") == 1
    assert remark in derivation.text()
    for at in points(derivation):
        assert relative_error(evaluate(derivation.result, at), differences(derivation.function, wrt, at)) < 1e-5


SECOND: list[tuple[str, str, Declared, str, str]] = [
    ("inv(X)", "derivative", {"X": "n x n symmetric"}, "-kron(inv(X), inv(X))", "symmetric"),
    ("A*X*B", "derivative", {"A": "n x n", "B": "n x n", "X": "n x n diagonal"}, "kron(B', A)", "diagonal"),
    ("X*a", "derivative", {"a": "n", "X": "n x n skew-symmetric"}, "kron(a', eye(n))", "skew-symmetric"),
    ("tr(X*A*X'*B)", "hessian", {"A": "n x n symmetric", "B": "n x n symmetric", "X": "n x n lower triangular"},
     "2*kron(A, B)", "lower triangular"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "find", "symbols", "expected", "structure"), SECOND)
def test_jacobians_and_hessians_take_entries_as_free(
    function: str, find: str, symbols: Declared, expected: str, structure: str
) -> None:
    derivation = solve(function, "X", symbols, find)
    assert plain(derivation.result) == expected
    assert f"although X is {structure}" in derivation.text()
    assert f"is right for every dX, {structure} or not" in derivation.text()


def test_what_is_known_of_a_structured_variable_needs_no_condition() -> None:
    symbols = {"X": "n x n positive definite"}
    for convention in ("projection", "independent entries", "unstructured"):
        assert not solve("log(det(X)) + tr(inv(X))", "X", symbols, convention=convention).conditions


def test_a_convention_changes_nothing_for_a_variable_without_structure() -> None:
    usual = solve("tr(X'*A*X)", "X")
    for convention in ("projection", "independent entries", "unstructured"):
        asked = solve("tr(X'*A*X)", "X", convention=convention)
        assert (asked.stages, asked.remarks, asked.convention) == (usual.stages, usual.remarks, "unstructured")


REFUSED = [
    ("tr(A*X)", "lower triangular", "derivative", "projection", "has no formula in the convention 'projection'"),
    (
        "tr(A*X)",
        "orthogonal",
        "derivative",
        "independent entries",
        "no formula in the convention",
    ),
    ("tr(X'*X)", "symmetric", "hessian", "projection", "a Hessian has no convention 'projection'"),
    ("A*X", "symmetric", "derivative", "independent entries", "a Jacobian has no convention 'independent entries'"),
    ("tr(A*X)", "orthogonal", "stationary", None, "stationary among all that are orthogonal are not derived"),
    ("norm_fro(X - A)^2", "symmetric", "stationary", "unstructured", "they have no convention 'unstructured'"),
]


@pytest.mark.parametrize(("function", "structure", "find", "convention", "message"), REFUSED)
def test_conventions_that_have_no_meaning_are_refused_with_a_way_out(
    function: str, structure: str, find: str, convention: str | None, message: str
) -> None:
    with pytest.raises(Unsupported, match=message) as caught:
        solve(function, "X", {"A": "n x n", "X": f"n x n {structure}"}, find, convention=convention)
    assert caught.value.remedy


@pytest.mark.parametrize(("option", "value"), [("convention", "cookbook"), ("layout", "column"), ("find", "gradient")])
def test_an_unknown_convention_is_an_error_that_names_the_known_ones(option: str, value: str) -> None:
    with pytest.raises(ExpressionError, match=f"nothing is known of {option}: {value}\nIt is one of "):
        solve("tr(X)", "X", None, **{option: value})  # type: ignore[arg-type]


LINEAR: Declared = {"A": "m x n", "x": "n", "b": "m"}
LAYOUTS: list[tuple[str, str, Declared, str, str, str]] = [
    ("norm2(A*x - b)^2", "x", LINEAR, "numerator", "2*(A*x - b)'*A", "D has the shape of x'"),
    ("norm2(A*x - b)^2", "x", LINEAR, "denominator", "2*A'*(A*x - b)", "G has the shape of x"),
    ("tr(A*X)", "X", {"A": "m x n", "X": "n x m"}, "numerator", "A", "D has the shape of X'"),
    ("tr(A*X)", "X", {"A": "n x n", "X": "n x n skew-symmetric"}, "numerator", "1/2*(A - A')", "D has the shape of X'"),
    ("log(det(X))", "X", {"X": "n x n symmetric"}, "numerator", "inv(X)", "D has the shape of X'"),
    ("sum(sin(t*a))", "t", {"t": "scalar", "a": "n"}, "numerator", "sum(a.*cos(t*a))", ""),
    ("A*x", "x", LINEAR, "numerator", "A", "J has a row for each entry of y and a column for each entry of x"),
    ("A*x", "x", LINEAR, "denominator", "A'", "D has a row for each entry of x and a column for each entry of y"),
    ("x'*A", "x", {"A": "n x m", "x": "n"}, "denominator", "A", "D has a row for each entry of x"),
    ("sin(A*x)", "x", LINEAR, "denominator", "A'*diag(cos(A*x))", "D has a row for each entry of x"),
    ("A*X*B", "X", {"A": "p x n", "X": "n x m", "B": "m x q"}, "denominator", "kron(B, A')", "D has a row for each"),
    ("t*a", "t", {"t": "scalar", "a": "n"}, "denominator", "a'", "D has the shape of y'"),
    ("t*a", "t", {"t": "scalar", "a": "n"}, "numerator", "a", "J has the shape of y"),
    ("t*A", "t", {"t": "scalar", "A": "n x m"}, "denominator", "A", "J has the shape of F"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "layout", "expected", "remark"), LAYOUTS)
def test_layouts(function: str, wrt: str, symbols: Declared, layout: str, expected: str, remark: str) -> None:
    derivation = solve(function, wrt, symbols, layout=layout)
    assert derivation.to_dict()["layout"] == layout
    assert plain(derivation.result) == expected
    said = [prose(text) for text in derivation.remarks]
    assert (f"{layout.capitalize()} layout: {remark}" in said[0]) if remark else not said


def test_a_stationary_point_is_the_same_in_every_layout() -> None:
    usual, turned = (solve("norm2(A*x - b)^2", "x", LINEAR, "stationary", layout=x) for x in ("gradient", "numerator"))
    assert turned.result == usual.result
    assert ("D", "2*(A*x - b)'*A") in [(plain(line.left), plain(line.right)) for line in turned.lines]


def test_a_hessian_is_the_same_in_every_layout() -> None:
    usual, *turned = (solve("norm2(A*x - b)^2", "x", LINEAR, "hessian", layout=x) for x in ("gradient", "numerator"))
    assert [d.stages for d in turned] == [usual.stages]


@pytest.mark.parametrize("detail", ["brief", "full"])
def test_every_detail_shows_a_convention(detail: str) -> None:
    """Each line is verified, and its end is the result."""
    symbols = {"X": "n x n positive definite", "S": "n x n symmetric"}
    for convention in ("projection", "independent entries", "unstructured"):
        for layout in ("gradient", "numerator"):
            asked: dict[str, Any] = {"convention": convention, "layout": layout, "detail": detail}
            derivation = solve("log(det(X)) - tr(S*X)", "X", symbols, **asked)
            assert derivation.lines[-1].right == derivation.result


@pytest.mark.parametrize("structure", ["symmetric", "diagonal", "positive definite", "lower triangular"])
def test_a_masked_transpose_of_a_structured_variable_comes_to_an_end(structure: str) -> None:
    symbols = {"E": f"n x n {structure}", "p": "n"}
    assert solve("p'*(E'.*eye)*p", "E", symbols).verified.lines
