"""Stationary points: the point, its conditions, what kind it is, and equations that have no single solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator import Unsupported, solve
from generator.errors import ExpressionError, VerificationError
from generator.expr.evaluate.numeric import Array, Point, UndefinedError, evaluate, random_point, tangent
from generator.expr.printing.plain import plain, prose
from generator.solver.derivation import Derivation, Equation
from generator.solver.verify import verify

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
    ("log(det(A + X)) - tr(B*X)", "X", {"A": "n x n", "X": "n x n", "B": "n x n"}, "inv(B) - A",
     ["det(A + X) is positive", "B is invertible"], ""),
    ("c*log(det(X)) + tr(S*inv(X))", "X", DEFINITE | {"c": "scalar positive"}, "S/c", [], "minimizer"),
    ("tr(X^2)", "X", {"X": "n x n"}, "zeros", [], ""),
]  # fmt: skip

SCALARS: list[tuple[str, str, Declared, str, list[str], str]] = [
    ("-n/2*log(s) - q/(2*s)", "s", POSITIVE, "q/n", [], "maximizer"),
    ("n*log(t) - a*t", "t", POSITIVE, "n/a", [], "maximizer"),
    ("y*log(t) + (m - y)*log(1 - t)", "t", POSITIVE, "y/m", ["m - y is positive"], "maximizer"),
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
    for seed in range(80):
        at = random_point(derivation.function, derivation.wrt, derivation.symbols, (0, 0, seed), 0.5)
        try:
            best = evaluate(derivation.result, at)
            least = evaluate(derivation.function, at.changed({derivation.wrt.name: best}))
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
                moved = at.changed({derivation.wrt.name: best + step})
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
     "(sigmoid(a'*x) - b)*a = 0 cannot be solved for x"),  # a whole plane of points
    ("vector(1)'*B'*B*vector(1)", "B", {"B": "m x n"}, "2*B*vector(1)*vector(1)' = 0 cannot be solved for B"),
    ("norm2(D*u - u)^2", "D", {"D": "n x n", "u": "n"}, "2*(D*u - u)*u' = 0 cannot be solved for D"),
    ("norm2(A*x - b)^2", "x", {"A": "2 x 3", "x": "3", "b": "2"},
     "norm2(A*x - b)^2 could not be checked: no numbers were found"),  # more unknowns than equations
    ("sum(sin(x))", "x", {"x": "n"}, "cos(x) = 0 cannot be solved for x"),
    ("norm2(x)^4 - norm2(x)^2", "x", {"x": "n"}, "(4*norm2(x)^2 - 2)*x = 0 cannot be solved for x"),
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


CONSTRAINED: list[tuple[str, str, str | list[str], Declared, str, list[str], str]] = [
    ("x'*x", "x", "A*x = b", {"A": "m x n", "x": "n", "b": "m"}, "x = A'*inv(A*A')*b", ["A has full row rank"],
     "minimizer"),
    ("norm_fro(X)^2", "X", "A*X = B", {"A": "k x n", "X": "n x m", "B": "k x m"}, "X = A'*inv(A*A')*B",
     ["A has full row rank"], "minimizer"),
    ("w'*R*w", "w", "w'*a = 1", {"R": "n x n positive definite", "w": "n", "a": "n"},
     "w = inv(R)*a/(a'*inv(R)*a)", ["a'*inv(R)*a is not zero"], "minimizer"),
    ("1/2*x'*P*x - q'*x", "x", "A*x = b", {"P": "n x n positive definite", "x": "n", "q": "n", "A": "m x n", "b": "m"},
     "x = inv(P)*(q + A'*inv(A*inv(P)*A')*(b - A*inv(P)*q))", ["A has full row rank"], "minimizer"),
    ("norm2(x - y)^2", "x", "sum(x) = 1", {"x": "n", "y": "n"}, "x = y + (1 - sum(y))*vector(1)/tr(eye(n))", [],
     "minimizer"),
    ("norm_fro(B - A)^2", "B", "B*s = y", {"A": "n x n", "B": "n x n", "s": "n", "y": "n"},
     "B = A - (A*s - y)*s'/(s'*s)", ["s is not zero"], "minimizer"),  # Broyden 1965
    ("norm_fro(B - A)^2", "B", "B*s = y", {"A": "n x n symmetric", "B": "n x n symmetric", "s": "n", "y": "n"},
     "B = A + 1/(s'*s)^2*(s'*(A*s - y))*s*s' + (y - A*s)*s'/(s'*s) + s*(y' - s'*A)/(s'*s)", ["s is not zero"],
     "minimizer"),  # Powell 1970
    ("tr(A'*X)", "X", "X'*X = eye", {"A": "n x m", "X": "n x m"}, "X = A*inv(sqrtm(A'*A))", ["A has full column rank"],
     "maximizer"),
    ("-3*tr(A*X)", "X", "X'*X = eye", {"A": "m x n", "X": "n x m"}, "X = A'*inv(sqrtm(A*A'))", ["A has full row rank"],
     "minimizer"),
    ("norm_fro(X - A)^2", "X", "X'*X = eye", {"A": "n x m", "X": "n x m"}, "X = A*inv(sqrtm(A'*A))",
     ["A has full column rank"], "minimizer"),
    ("norm_fro(A - X*B)^2", "X", "X'*X = eye", {"A": "n x k", "B": "m x k", "X": "n x m"},
     "X = A*B'*inv(sqrtm(B*A'*A*B'))", ["A*B' has full column rank"], "minimizer"),
    ("y'*log(p)", "p", "sum(p) = 1", {"y": "n positive", "p": "n positive"}, "p = y/sum(y)", [], "maximizer"),
    ("-sum(p.*log(p))", "p", "sum(p) = 1", {"p": "n positive"}, "p = vector(1)/tr(eye(n))", [], "maximizer"),
    ("-p'*log(p) - b*c'*p", "p", "sum(p) = 1", {"p": "n positive", "b": "scalar", "c": "n"},
     "p = exp(-b*c)/sum(exp(-b*c))", [], "maximizer"),
    ("b'*sqrt(x)", "x", "a'*x = c", {"b": "n positive", "x": "n positive", "a": "n positive", "c": "scalar positive"},
     "x = c*(b./a).^2/(a'*(b./a).^2)", [], "maximizer"),
    ("log(det(X))", "X", "tr(X) = 1", {"X": "n x n positive definite"}, "X = eye/tr(eye(n))", [], "maximizer"),
    ("w'*S*w", "w", ["m'*w = r", "sum(w) = 1"], {"w": "n", "S": "n x n positive definite", "m": "n", "r": "scalar"},
     "w = inv(S)*((r*c - b)*m + (a - r*b)*vector(1))/(a*c - b^2)",
     ["(m'*inv(S)*m)*sum(inv(S)*vector(1)) - (m'*inv(S)*vector(1))^2 is not zero"], "minimizer"),
    ("a'*x", "x", "x'*x = 1", {"a": "n", "x": "n"}, "x = a/norm2(a)", ["a is not zero"], "maximizer"),
    ("norm2(x - y)^2", "x", "x'*x = 1", {"x": "n", "y": "n"}, "x = y/norm2(y)", ["y is not zero"], "minimizer"),
    ("norm2(x - y)^2", "x", "norm2(x) = 2", {"x": "n", "y": "n"}, "x = 2*y/norm2(y)", ["y is not zero"], "minimizer"),
    ("norm2(X - A)^2", "X", "norm2(X)^2 = 1", {"X": "n x m", "A": "n x m"}, "X = A/norm2(A)", ["A is not zero"],
     "minimizer"),
    ("tr(A'*X)", "X", "norm2(X) = 1", {"X": "n x m", "A": "n x m"}, "X = A/norm2(A)", ["A is not zero"], "maximizer"),
    ("x'*A*x", "x", "norm2(x) = 1", {"A": "n x n symmetric", "x": "n"}, "A*x = lambda*x", [], ""),
    ("x'*A*x", "x", "x'*x = 1", {"A": "n x n symmetric", "x": "n"}, "A*x = lambda*x", [], ""),
    ("x'*A*x", "x", "x'*B*x = c", {"A": "n x n", "B": "n x n positive definite", "x": "n", "c": "scalar positive"},
     "1/2*(A + A')*x = lambda*B*x", [], ""),
    ("tr(X'*A*X)", "X", "X'*X = eye", {"A": "n x n symmetric", "X": "n x k"}, "A*X = X*Lambda", [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "equations", "symbols", "point", "conditions", "kind"), CONSTRAINED)
def test_points_under_constraints(
    function: str,
    wrt: str,
    equations: str | list[str],
    symbols: Declared,
    point: str,
    conditions: list[str],
    kind: str,
) -> None:
    derivation = solve(function, wrt, symbols, "stationary", subject_to=equations)
    assert " = ".join(map(plain, derivation.point)) == point
    assert list(map(prose, derivation.conditions)) == conditions
    told = derivation.to_dict()
    assert told["objective"] == plain(solve(function, wrt, symbols).function)
    assert told["subject_to"] == [equations] if isinstance(equations, str) else equations
    assert prose(derivation.stages[0].title) == "Write down the Lagrangian"
    said = " ".join(map(prose, derivation.remarks))
    assert [word for word in ("minimizer", "maximizer") if word in said] == ([kind] if kind else [])
    if kind and len(symbols) < 5:
        assert is_not_beaten_along_the_constraints(derivation, kind)


def is_not_beaten_along_the_constraints(derivation: Derivation, kind: str) -> bool:
    """No other point that satisfies the constraints has a value beyond; such points are found by Newton's method."""
    assert derivation.subject_to is not None
    objective, equations = derivation.subject_to.objective, derivation.subject_to.equations
    wrt, sign, compared = derivation.wrt, 1 if kind == "minimizer" else -1, 0
    for seed in range(100):
        at = random_point(derivation.function, wrt, derivation.symbols, (seed, 0, 0), 0.5)

        def gaps(places: Array, at: Point = at) -> Array:
            there = at.changed({wrt.name: places})
            return np.hstack([(evaluate(a, there) - evaluate(b, there)).reshape(len(places), -1) for a, b in equations])

        try:
            best = evaluate(derivation.result, at)
            value = evaluate(objective, at.changed({wrt.name: best}))[0, 0]
            rng = np.random.default_rng(seed)
            other = best + tangent(np.asarray(0.2 * rng.standard_normal(best.shape)), wrt.properties)
            steps = np.array([tangent(step, wrt.properties) for step in unit_steps(best.shape)])
            for _ in range(20):
                left = gaps(np.concatenate([other[None], other + steps, other - steps]))
                if np.abs(left[0]).max() < 1e-12:
                    break
                slopes = (left[1 : len(steps) + 1] - left[len(steps) + 1 :]) / 2
                moves = np.linalg.lstsq(slopes.T, -left[0], rcond=None)[0]
                other = other + np.tensordot(moves, steps, 1)
            if np.abs(gaps(other[None])).max() > 1e-9 or ("positive" in wrt.properties and other.min() <= 0):
                continue
            elsewhere = evaluate(objective, at.changed({wrt.name: other}))[0, 0]
        except UndefinedError:
            continue
        compared += 1
        if sign * (elsewhere - value) < -1e-9 * (1 + abs(value)):
            return False
    return compared > 10


def unit_steps(shape: tuple[int, ...]) -> list[Array]:
    """A small step along each entry."""
    return [1e-6 * row.reshape(shape) for row in np.eye(int(np.prod(shape)))]


def test_the_other_root_is_said_and_checked() -> None:
    derivation = solve("a'*x", "x", {"a": "n", "x": "n"}, "stationary", subject_to="x'*x = 1")
    assert prose(derivation.remarks[-1]).endswith("gives the other stationary point x = -a/norm2(a)")
    constraints = derivation.subject_to
    assert constraints is not None
    (other,) = constraints.others
    wrong = replace(constraints, others=({**other, derivation.wrt: derivation.result},))
    with pytest.raises(VerificationError):
        verify(replace(derivation, subject_to=wrong))


def test_a_wrong_multiplier_or_constraint_is_never_given_out() -> None:
    symbols = {"R": "n x n positive definite", "w": "n", "a": "n"}
    derivation = solve("w'*R*w", "w", symbols, "stationary", subject_to="w'*a = 1")
    constraints = derivation.subject_to
    assert constraints is not None
    ((left, right),) = constraints.equations
    doubled = {symbol: 2 * e for symbol, e in constraints.multipliers.items()}
    for wrong in (replace(constraints, multipliers=doubled), replace(constraints, equations=((2 * left, right),))):
        with pytest.raises(VerificationError):
            verify(replace(derivation, subject_to=wrong))


ILL_POSED = [
    (
        "A*x",
        "stationary",
        "a constraint is one equation, left = right, an inequality, left >= right, or two, low <= x <= high\n"
        "    A*x\n    ^^^",
    ),
    ("x = b = c", "stationary", "a constraint is one equation"),
    ("A*x = 1", "stationary", "the sides of an equation have the same shape"),
    ("A*b = b", "stationary", "the constraint does not depend on x"),
    ("A*x = b", "derivative", "only a stationary point is subject to a constraint"),
]


@pytest.mark.parametrize(("equation", "find", "message"), ILL_POSED)
def test_constraints_that_are_none(equation: str, find: str, message: str) -> None:
    symbols = {"A": "n x n", "x": "n", "b": "n", "c": "n"}
    with pytest.raises(ExpressionError) as caught:
        solve("x'*x", "x", symbols, find, subject_to=equation)
    assert str(caught.value).startswith(message)


INFEASIBLE: list[tuple[str, str | list[str], Declared, str]] = [
    ("b'*x", "A*x = c", {"A": "m x n", "x": "n", "b": "n", "c": "m"},
     "the gradient b - A'*lambda does not depend on x"),
    ("x'*x", ["a'*x = 1", "2*a'*x = 2"], {"a": "n", "x": "n"}, "the constraints are not independent"),
    ("x'*x", ["a'*x = 1", "a'*x = 2"], {"a": "n", "x": "n"}, "the constraints are not independent"),
    ("sum(exp(x)) - x'*x", "a'*x = 1", {"a": "n", "x": "n"}, "exp(x) - 2*x - lambda*a = 0 cannot be solved for x"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "equations", "symbols", "message"), INFEASIBLE)
def test_constraints_under_which_no_point_is_found(
    function: str, equations: str | list[str], symbols: Declared, message: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        solve(function, "x", symbols, "stationary", subject_to=equations)
    assert str(caught.value).startswith(message)


def test_names_are_inferred_from_the_function_and_its_constraints_together() -> None:
    derivation = solve("||x||^2", "x", find="stationary", subject_to="A x = b")
    assert str(derivation.result) == "A'*inv(A*A')*b"
    assert derivation.symbols["A"].shape[1] == derivation.wrt.shape[0]
