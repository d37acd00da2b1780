"""Stationary points: the point, its conditions, what kind it is, and equations that have no single solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator import Unsupported, solve
from generator.algebra.numeric import UndefinedError, evaluate, random_point, tangent
from generator.algebra.plain import plain, prose
from generator.derivation.derivation import Derivation, Equation
from generator.derivation.verify import verify
from generator.errors import VerificationError

Declared = dict[str, str]
DEFINITE: Declared = {"X": "n x n positive definite", "S": "n x n positive definite"}
SQUARE: Declared = {"A": "n x n positive definite", "B": "m x m positive definite", "C": "n x m", "X": "n x m"}
POSITIVE: Declared = dict.fromkeys("abmnqsty", "scalar positive")

ENTRYWISE: list[tuple[str, str, Declared, str, list[str], str]] = [
    ("x'*log(x)", "x", {"x": "n positive"}, "exp(-1)*vector(1)", [], "minimizer"),
    ("sum(X.*log(X))", "X", {"X": "n x m"}, "exp(-1)*matrix(1)", [], "minimizer"),
    ("y'*log(p) - c*(sum(p) - 1)", "p", {"y": "n positive", "p": "n", "c": "scalar positive"}, "y/c", [], "maximizer"),
    ("y'*log(p) + (vector(1) - y)'*log(vector(1) - p)", "p", {"y": "n", "p": "n"}, "y",
     ["every entry of y is positive", "every entry of vector(1) - y is positive"], "maximizer"),
    ("sum(exp(x)) - b'*x", "x", {"x": "n", "b": "n"}, "log(b)", ["every entry of b is positive"], "minimizer"),
    ("sum(exp(A*x)) - b'*x", "x", {"A": "n x n", "x": "n", "b": "n"}, "inv(A)*log(inv(A)'*b)",
     ["A is invertible", "every entry of inv(A)'*b is positive"], "minimizer"),
    ("sum(log(vector(1) + exp(x))) - c'*x", "x", {"x": "n", "c": "n"}, "log(c./(vector(1) - c))",
     ["every entry of c is between 0 and 1"], "minimizer"),
    ("sum(x.^4) - b'*x", "x", {"x": "n", "b": "n"}, "sign(b).*abs(1/4*b).^(1/3)", [], "minimizer"),
    ("sum(x.^c) - b'*x", "x", {"x": "n positive", "b": "n positive", "c": "scalar"}, "(b/c).^((c - 1)^-1)",
     ["c is not zero", "c - 1 is not zero", "every entry of b/c is positive"], ""),
    ("c'*sqrt(x) - a'*x", "x", {"x": "n", "a": "n positive", "c": "n positive"}, "1/4*(c./a).^2", [], "maximizer"),
    ("norm_fro(W.*(X - A))^2", "X", {"W": "n x m positive", "X": "n x m", "A": "n x m"}, "A", [], "minimizer"),
    ("norm2(x - y)^2 + w'*(x.*x)", "x", {"x": "n", "y": "n", "w": "n positive"}, "y./(vector(1) + w)", [], "minimizer"),
    ("norm_fro(X - A)^2", "X", {"X": "n x n diagonal", "A": "n x n"}, "diag(diag(A))", [], "minimizer"),
    ("log(det(A + X)) - tr(B*X)", "X", {"A": "n x n", "X": "n x n", "B": "n x n"}, "-A + inv(B)",
     ["det(A + X) is positive", "B is invertible"], ""),
    ("c*log(det(X)) + tr(S*inv(X))", "X", DEFINITE | {"c": "scalar positive"}, "S/c", [], "minimizer"),
    ("tr(X^2)", "X", {"X": "n x n"}, "zeros", [], ""),
]  # fmt: skip

SCALARS: list[tuple[str, str, Declared, str, list[str], str]] = [
    ("-n/2*log(s) - q/(2*s)", "s", POSITIVE, "q/n", [], "maximizer"),
    ("n*log(t) - a*t", "t", POSITIVE, "n/a", [], "maximizer"),
    ("y*log(t) + (m - y)*log(1 - t)", "t", POSITIVE, "y/m", ["1 - y/m is positive"], "maximizer"),
    ("a/3*t^3 - b*t", "t", POSITIVE, "(b/a)^(1/2)", [], "minimizer"),
    ("t + a/t", "t", POSITIVE, "a^(1/2)", [], "minimizer"),
    ("exp(b*t) - a*t", "t", {"t": "scalar", "a": "scalar positive", "b": "scalar positive"}, "log(a/b)/b", [],
     "minimizer"),
    ("t^2/2 + 8/t", "t", {"t": "scalar"}, "2", ["t is not zero"], ""),  # a minimum, but no least value
    ("a*log(t) - b*t", "t", {"t": "scalar", "a": "scalar", "b": "scalar"}, "a/b",
     ["b is not zero", "a/b is positive"], ""),
    ("(t - a)^4", "t", {"t": "scalar", "a": "scalar"}, "a", [], "minimizer"),
    ("norm2(x - t*y)^2", "t", {"t": "scalar", "x": "n", "y": "n"}, "(x'*y)/(y'*y)", ["y is not zero"], "minimizer"),
]  # fmt: skip

BY_VEC: list[tuple[str, str, Declared, str, list[str], str]] = [
    ("tr(X'*A*X) + tr(X*B*X') - 2*tr(C'*X)", "X", SQUARE,
     "vec(X) = inv(kron(eye(m), A) + kron(B, eye(n)))*vec(C)", [], "minimizer"),
    ("tr(X*A*X) - tr(C*X)", "X", dict.fromkeys("ACX", "n x n symmetric"),
     "vec(X) = inv(kron(eye(n), A) + kron(A, eye(n)))*vec(C)",
     ["kron(eye(n), A) + kron(A, eye(n)) is invertible"], ""),
    ("norm_fro(W.*(M - U*V'))^2", "U", {"W": "m x n", "M": "m x n", "U": "m x k", "V": "n x k"},
     "vec(U) = inv(kron(V', eye(m))*diag(vec(W.*W))*kron(V, eye(m)))*vec((M.*W.*W)*V)",
     ["kron(V', eye(m))*diag(vec(W.*W))*kron(V, eye(m)) is invertible"], "minimizer"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "symbols", "point", "conditions", "kind"), [*ENTRYWISE, *SCALARS, *BY_VEC])
def test_the_point_its_conditions_and_its_kind(
    function: str, wrt: str, symbols: Declared, point: str, conditions: list[str], kind: str
) -> None:
    derivation = solve(function, wrt, {k: v for k, v in symbols.items() if k in function}, "stationary")
    last = derivation.lines[-1]
    assert f"{plain(last.left)} = {plain(last.right)}" == (point if " = " in point else f"{wrt} = {point}")
    assert list(map(prose, derivation.conditions)) == conditions
    assert [word for word in ("minimizer", "maximizer") if word in " ".join(map(prose, derivation.remarks))] == (
        [kind] if kind else []
    )
    assert is_not_beaten(derivation, kind)


def is_not_beaten(derivation: Derivation, kind: str) -> bool:
    """No value of the function, near or far, lies beyond that at the point."""
    sign = {"minimizer": 1, "maximizer": -1, "": 0}[kind]
    compared = 0
    for seed in range(200):
        at = random_point(derivation.function, derivation.wrt, derivation.symbols, (0, 0, seed), 0.5)
        try:
            best = evaluate(derivation.result, at)
            least = evaluate(derivation.function, replace(at, values={**at.values, derivation.wrt.name: best}))
        except UndefinedError:
            continue
        rng = np.random.default_rng(seed)
        for size in (0.01, 0.3, 3.0):
            step = tangent(np.asarray(size * rng.standard_normal(best.shape)), derivation.wrt.properties)
            if "positive" in derivation.wrt.properties and np.any(best + step <= 0):
                continue
            if "positive definite" in derivation.wrt.properties and np.linalg.eigvalsh(best + step)[0] <= 0:
                continue
            try:
                moved = replace(at, values={**at.values, derivation.wrt.name: best + step})
                value = evaluate(derivation.function, moved)
            except UndefinedError:
                continue
            compared += 1
            if sign * float((value - least)[0, 0]) < -1e-9 * (1.0 + abs(float(least[0, 0]))):
                return False
    return compared > 20


REFUSED: list[tuple[str, str, Declared, str]] = [
    ("exp(t) + a*t", "t", {"t": "scalar", "a": "scalar positive"},
     "there is no stationary point: exp(t) + a is never zero"),
    ("sum(exp(x)) + sum(x)", "x", {"x": "n"},
     "there is no stationary point: exp(x) is positive, and would be -vector(1)"),
    ("sum(log(x)) + sum(x)", "x", {"x": "n positive"}, "there is no stationary point: x = -vector(1) is not positive"),
    ("log(t) + 2*t", "t", {"t": "scalar"}, "there is no stationary point: t would be -1/2, which is not positive"),
    ("norm2(x)", "x", {"x": "n"}, "there is no stationary point: x/norm2(x) is not defined at x = zeros"),
    ("log(det(X)) + tr(S*X)", "X", DEFINITE, "there is no stationary point: X = -inv(S) would be negative definite"),
    ("t^3 - a*t", "t", {"t": "scalar", "a": "scalar positive"}, "t^2 = 1/3*a has more than one solution"),
    ("t^3 + a*t", "t", {"t": "scalar", "a": "scalar positive"},
     "there is no stationary point: 3*t^2 + a is never zero"),
    ("sum(x.^3) - b'*x", "x", {"x": "n", "b": "n"}, "x.^2 = 1/3*b has more than one solution"),
    ("(t - a)^2*(t - b)^2", "t", {"t": "scalar", "a": "scalar", "b": "scalar"},
     "2*((t - b)^2*(t - a) + (t - a)^2*(t - b)) = 0 cannot be solved for t"),
    ("log(1 + exp(a'*x)) - b*a'*x", "x", {"a": "n", "x": "n", "b": "scalar"},
     "sigmoid(a'*x)*a - b*a = 0 cannot be solved for x"),  # a whole plane of points
    ("sum(sin(x))", "x", {"x": "n"}, "cos(x) = 0 cannot be solved for x"),
    ("norm2(x)^4 - norm2(x)^2", "x", {"x": "n"}, "4*norm2(x)^2*x - 2*x = 0 cannot be solved for x"),
    ("norm_fro(X - A)^2", "X", {"X": "n x n orthogonal", "A": "n x n"},
     "points that are stationary among all that are orthogonal are not derived"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "symbols", "message"), REFUSED)
def test_no_point_where_there_is_none_or_more_than_one(
    function: str, wrt: str, symbols: Declared, message: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        solve(function, wrt, symbols, "stationary")
    assert str(caught.value).startswith(message)


EIGENVECTORS: list[tuple[str, Declared, str, str]] = [
    ("x'*A*x/(x'*x)", {"A": "n x n symmetric", "x": "n"}, "A*x = L*x", "x is an eigenvector of A"),
    ("x'*A*x/(x'*x)", {"A": "n x n", "x": "n"}, "(A + A')*x = 2*L*x", "x is an eigenvector of A + A'"),
    ("x'*A*x/(x'*B*x)", {"A": "n x n symmetric", "B": "n x n positive definite", "x": "n"}, "A*x = L*B*x",
     "x is an eigenvector of inv(B)*A"),
    ("norm2(A*x)^2/norm2(x)^2", {"A": "m x n", "x": "n"}, "A'*A*x = L*x", "x is an eigenvector of A'*A"),
    ("log(x'*A*x) - log(x'*x)", {"A": "n x n positive definite", "x": "n"}, "A*x = (x'*A*x)*x/(x'*x)",
     "x is an eigenvector of A"),
    ("c*x'*A*x/(x'*x)", {"A": "n x n symmetric", "x": "n", "c": "scalar"}, "A*x = L*x/c", "x is an eigenvector of A"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "symbols", "equation", "meaning"), EIGENVECTORS)
def test_eigenvectors_are_recognized(function: str, symbols: Declared, equation: str, meaning: str) -> None:
    derivation = solve(function, "x", symbols, "stationary")
    assert str(derivation.outcome) == derivation.to_dict()["result"] == equation
    assert meaning in prose(derivation.remarks[0])
    assert f"Answer: {equation}" in derivation.text()
    with pytest.raises(Unsupported, match="no formula gives x"):
        _ = derivation.result


def test_a_wrong_equation_is_never_given_out() -> None:
    derivation = solve("x'*A*x/(x'*x)", "x", {"A": "n x n symmetric", "x": "n"}, "stationary")
    equation = derivation.outcome
    assert isinstance(equation, Equation)
    wrong = [
        replace(equation, right=2 * equation.right),
        replace(equation, factor=2 * equation.factor),
    ]
    for other in wrong:
        with pytest.raises((VerificationError, Unsupported)):
            verify(replace(derivation, outcome=other))


def test_zero_is_not_the_only_point_where_a_matrix_is_singular() -> None:
    symbols = {"A": "n x n symmetric", "x": "n", "c": "scalar"}
    derivation = solve("x'*A*x - c*(x'*x - 1)", "x", symbols, "stationary")
    assert str(derivation.result) == "zeros"
    assert "every x with (A - c*eye)*x = zeros is stationary" in prose(derivation.remarks[0])
