"""Minimizers under x ≥ 0."""

from __future__ import annotations

import numpy as np
import pytest

from generator import solve
from generator.errors import ExpressionError, Unsupported
from generator.expr.evaluate.numeric import Point, evaluate
from generator.expr.parsing.parse import read_equations

BOUNDED = [
    ("norm2(x - a)^2", {"x": "n", "a": "n"}, "relu(a)", "2*relu(-a)"),
    ("c*sum(x) + 1/2*norm2(x - a)^2", {"x": "n", "a": "n", "c": "scalar"},
     "relu(a - c*vector(1))", "relu(c*vector(1) - a)"),
    ("1/2*x'*D*x - b'*x", {"x": "n", "D": "n x n diagonal positive definite", "b": "n"},
     "relu(inv(D)*b)", "D*relu(-inv(D)*b)"),
    ("sum(w.*(x - a).^2)", {"x": "n", "w": "n positive", "a": "n"}, "relu(a)", "2*relu(-a).*w"),
    ("norm_fro(x - A)^2", {"x": "n x m", "A": "n x m"}, "relu(A)", "2*relu(-A)"),
    ("(x - a)^2", {"x": "scalar", "a": "scalar"}, "relu(a)", "2*relu(-a)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "symbols", "point", "multiplier"), BOUNDED)
def test_the_minimizer_is_a_positive_part(function: str, symbols: dict[str, str], point: str, multiplier: str) -> None:
    derivation = solve(function, "x", symbols, "stationary", subject_to="x >= 0")
    assert derivation.subject_to is not None
    assert str(derivation.result) == point
    assert [str(e) for e in derivation.subject_to.multipliers.values()] == [multiplier]
    assert derivation.to_dict()["subject_to"] == ["x >= 0"]
    assert "minimizer" in str(derivation.remarks[-1])


@pytest.mark.parametrize(("function", "symbols", "point", "multiplier"), BOUNDED)
def test_no_other_point_without_negative_entries_is_lower(
    function: str, symbols: dict[str, str], point: str, multiplier: str
) -> None:
    del point, multiplier
    derivation = solve(function, "x", symbols, "stationary", subject_to="x >= 0")
    assert derivation.subject_to is not None
    rng = np.random.default_rng(5)
    dims = {"n": 4, "m": 3}
    values = {}
    for name, symbol in derivation.symbols.items():
        shape = [dims[side.names[0]] if side.names else 1 for side in symbol.shape]
        values[name] = rng.normal(size=shape)
        if "positive" in symbol.properties or "positive definite" in symbol.properties:
            values[name] = np.abs(values[name]) * (np.eye(shape[0], shape[1]) if "diagonal" in symbol.properties else 1)

    def at(x: np.ndarray) -> float:
        return float(evaluate(derivation.subject_to.objective, Point({**values, "x": x}, dims))[0, 0])  # type: ignore[union-attr]

    best = evaluate(derivation.result, Point(values, dims))
    assert (best >= 0).all()
    assert (best == 0).any() or best.size == 1
    others = (np.abs(best + rng.normal(size=best.shape) * size) for size in (1e-3, 0.1, 1.0) for _ in range(50))
    assert all(at(best) <= at(other) for other in others)


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
    ("norm2(x - b)^2", "x >= b", "read as x >= 0"),
    ("norm2(x - b)^2", ["x >= 0", "sum(x) = 1"], "as the only constraint"),
    ("norm2(x)^2", "x >= 0", "the point is zero, too"),
]


@pytest.mark.parametrize(("function", "constraint", "message"), REFUSED)
def test_what_has_no_closed_form_is_refused(function: str, constraint: str | list[str], message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        solve(function, "x", {"A": "m x n", "x": "n", "b": "n" if "A" not in function else "m"}, "stationary",
              subject_to=constraint)  # fmt: skip


def test_a_strict_inequality_is_refused_at_its_place() -> None:
    with pytest.raises(ExpressionError, match="left >= right"):
        solve("norm2(x - a)^2", "x", {"x": "n", "a": "n"}, "stationary", subject_to="x > 0")
