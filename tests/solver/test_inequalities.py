"""Minimizers under x ≥ 0, and between other bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator import solve
from generator.errors import ExpressionError, Unsupported, VerificationError
from generator.expr.evaluate.numeric import Point, evaluate
from generator.expr.nodes import zeros
from generator.expr.parsing.parse import read_equations
from generator.expr.printing.plain import prose
from generator.solver.verify import verify

BOUNDED = [
    ("norm2(x - a)^2", {"x": "n", "a": "n"}, "x >= 0", "relu(a)", ["2*relu(-a)"]),
    ("c*sum(x) + 1/2*norm2(x - a)^2", {"x": "n", "a": "n", "c": "scalar"}, "x >= 0",
     "relu(a - c*vector(1))", ["relu(c*vector(1) - a)"]),
    ("1/2*x'*D*x - b'*x", {"x": "n", "D": "n x n diagonal positive definite", "b": "n"}, "x >= 0",
     "relu(inv(D)*b)", ["D*relu(-inv(D)*b)"]),
    ("sum(w.*(x - a).^2)", {"x": "n", "w": "n positive", "a": "n"}, "x >= 0", "relu(a)", ["2*relu(-a).*w"]),
    ("norm_fro(x - A)^2", {"x": "n x m", "A": "n x m"}, "x >= 0", "relu(A)", ["2*relu(-A)"]),
    ("(x - a)^2", {"x": "scalar", "a": "scalar"}, "x >= 0", "relu(a)", ["2*relu(-a)"]),
    ("norm2(x - a)^2", {"x": "n", "a": "n"}, "x <= 0", "-relu(-a)", ["2*relu(a)"]),
    ("norm2(x - a)^2", {"x": "n", "a": "n", "l": "n"}, "x >= l", "l + relu(a - l)", ["2*relu(l - a)"]),
    ("norm2(x - a)^2", {"x": "n", "a": "n", "u": "n"}, "x <= u", "u - relu(u - a)", ["2*relu(a - u)"]),
    ("norm2(x - a)^2", {"x": "n", "a": "n"}, "0 <= x <= 1", "relu(a) - relu(a - vector(1))",
     ["2*relu(-a)", "2*relu(a - vector(1))"]),
    ("norm_fro(x - A)^2", {"x": "n x m", "A": "n x m"}, "1 >= x >= 0", "relu(A) - relu(A - matrix(1))",
     ["2*relu(A - matrix(1))", "2*relu(-A)"]),
    ("sum(w.*(x - a).^2)", {"x": "n", "w": "n positive", "a": "n", "l": "n", "u": "n"}, "l <= x <= u",
     "l + relu(a - l) - relu(a - u)", ["2*relu(l - a).*w", "2*relu(a - u).*w"]),
    ("1/2*x'*D*x - b'*x", {"x": "n", "D": "n x n diagonal positive definite", "b": "n", "c": "scalar positive"},
     "-c <= x <= c", "relu(inv(D)*b + c*vector(1)) - c*vector(1) - relu(inv(D)*b - c*vector(1))",
     ["D*relu(-c*vector(1) - inv(D)*b)", "D*relu(inv(D)*b - c*vector(1))"]),
]  # fmt: skip
Case = tuple[str, dict[str, str], str, str, list[str]]


@pytest.mark.parametrize("case", BOUNDED)
def test_the_minimizer_is_made_of_positive_parts(case: Case) -> None:
    function, symbols, bounds, point, multipliers = case
    derivation = solve(function, "x", symbols, "stationary", subject_to=bounds)
    assert derivation.subject_to is not None
    assert str(derivation.result) == point
    assert [str(e) for e in derivation.subject_to.multipliers.values()] == multipliers
    assert "minimizer" in str(derivation.remarks[-1])
    stated = derivation.to_dict()["subject_to"]
    assert read_equations(function, stated, symbols).equations == derivation.subject_to.equations


@pytest.mark.parametrize("case", BOUNDED)
def test_no_other_point_between_the_bounds_is_lower(case: Case) -> None:
    function, symbols, bounds, _, _ = case
    derivation = solve(function, "x", symbols, "stationary", subject_to=bounds)
    assert derivation.subject_to is not None
    rng = np.random.default_rng(5)
    dims = {"n": 4, "m": 3}
    values = {}
    for name, symbol in derivation.symbols.items():
        shape = [dims[side.names[0]] if side.names else 1 for side in symbol.shape]
        values[name] = rng.normal(size=shape)
        if "positive" in symbol.properties or "positive definite" in symbol.properties:
            values[name] = np.abs(values[name]) * (np.eye(shape[0], shape[1]) if "diagonal" in symbol.properties else 1)
    if {"l", "u"} <= values.keys():
        values["l"], values["u"] = np.minimum(values["l"], values["u"]), np.maximum(values["l"], values["u"])

    def at(x: np.ndarray) -> float:
        return float(evaluate(derivation.subject_to.objective, Point({**values, "x": x}, dims))[0, 0])  # type: ignore[union-attr]

    def distances(x: np.ndarray) -> list[np.ndarray]:
        there = Point({**values, "x": x}, dims)
        return [evaluate(left, there) for left, _ in derivation.subject_to.equations]  # type: ignore[union-attr]

    best = evaluate(derivation.result, Point(values, dims))
    assert all((distance >= -1e-12).all() for distance in distances(best))
    for size in (1e-3, 0.1, 1.0):
        for _ in range(50):
            other = best + rng.normal(size=best.shape) * size
            within = np.all([distance >= 0 for distance in distances(other)], axis=0)
            assert at(best) <= at(np.where(within, other, best))


@pytest.mark.parametrize("bounds", ["x >= 0", "x <= u", "l <= x <= u"])
def test_a_point_beyond_a_bound_is_found_out(bounds: str) -> None:
    symbols = {"x": "n", "a": "n"} | {name: "n" for name in "lu" if name in bounds}
    derivation = solve("norm2(x - a)^2", "x", symbols, "stationary", subject_to=bounds)
    assert derivation.subject_to is not None
    nothing = {m: zeros(m.shape) for m in derivation.subject_to.multipliers}
    wrong = replace(
        derivation,
        outcome=derivation.symbols["a"],
        stages=(),
        subject_to=replace(derivation.subject_to, multipliers=nothing),
    )
    with pytest.raises(VerificationError, match="is not met"):
        verify(wrong)


def test_bounds_that_leave_nothing_between_them_are_excluded() -> None:
    symbols = {"x": "n", "a": "n", "l": "n", "u": "n"}
    conditions = solve("norm2(x - a)^2", "x", symbols, "stationary", subject_to="l <= x <= u").conditions
    assert list(map(prose, conditions)) == ["every entry of u - l is positive"]
    assert not solve("norm2(x - a)^2", "x", {"x": "n", "a": "n"}, "stationary", subject_to="0 <= x <= 1").conditions


def test_a_number_bounds_every_entry() -> None:
    derivation = solve("norm2(x - a)^2", "x", find="stationary", subject_to="x <= 1")
    assert str(derivation.result) == "vector(1) - relu(vector(1) - a)"
    assert derivation.to_dict()["subject_to"] == ["x <= vector(1)"]


SPELLINGS = ["x >= 0", "0 <= x", "x ≥ 0", r"x \ge 0", r"x \geq 0", r"0 \le x", r"x \geqslant 0", "x>=0"]


@pytest.mark.parametrize("text", SPELLINGS)
def test_spellings_of_an_inequality(text: str) -> None:
    symbols = {"x": "n", "a": "n"}
    assert read_equations("norm2(x - a)^2", [text], symbols).equations == (
        read_equations("norm2(x - a)^2", ["x >= 0"], symbols).equations
    )


REFUSED = [
    ("norm2(A*x - b)^2", "x >= 0", "no closed form"),
    ("-norm2(x - b)^2", "x >= 0", "no closed form"),
    ("norm2(x - b)^2", "sum(x) <= 1", "bounds something else than x"),
    ("norm2(x - b)^2", "2*x >= b", "bounds something else than x"),
    ("norm2(x - b)^2", "x >= x.*b", "bounds something else than x"),
    ("norm2(x - b)^2", ["x >= 0", "x >= 1"], "several bounds on the same side of x"),
    ("norm2(x - b)^2", ["x >= 0", "sum(x) = 1"], "inequalities beside equations"),
    ("norm2(x)^2", "x >= 0", "the point is zeros, too"),
    ("norm2(x - b)^2", "x >= b", "the point is b, too"),
]


@pytest.mark.parametrize(("function", "constraint", "message"), REFUSED)
def test_what_has_no_closed_form_is_refused(function: str, constraint: str | list[str], message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        solve(function, "x", {"A": "m x n", "x": "n", "b": "n" if "A" not in function else "m"}, "stationary",
              subject_to=constraint)  # fmt: skip


def test_a_strict_inequality_is_refused_at_its_place() -> None:
    with pytest.raises(ExpressionError, match="left >= right"):
        solve("norm2(x - a)^2", "x", {"x": "n", "a": "n"}, "stationary", subject_to="x > 0")
