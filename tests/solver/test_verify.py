"""Nothing wrong passes the check: plausible slips are put into right derivations, and each has to be found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from generator import solve
from generator.errors import ShapeError, Unsupported, VerificationError
from generator.expr.evaluate.numeric import Point, UndefinedError, derivative_at, dimension_names, evaluate, tangent
from generator.expr.nodes import (
    Elementwise,
    Expr,
    Hadamard,
    HadamardPower,
    Inverse,
    Norm,
    Number,
    Power,
    Product,
    Scale,
    Sum,
    Trace,
    Transpose,
    add,
    hadamard,
    negative,
    number,
    product,
    scale,
)
from generator.expr.printing.plain import plain
from generator.expr.shapes import check
from generator.rules.rule import replaced
from generator.solver.derivation import Derivation, Line
from generator.solver.verify import verify
from tests.solver.test_automatic_differentiation import drawn

Declared = dict[str, str]
FREE: Declared = {"A": "n x n", "B": "n x n", "X": "n x n", "x": "n", "y": "n", "a": "scalar", "b": "scalar"}
TALL: Declared = {"A": "m x n", "x": "n", "b": "m", "c": "scalar"}

PROBLEMS: list[tuple[str, str, Declared, str]] = [
    ("tr(A*X)", "X", FREE, "derivative"),
    ("tr(X'*A*X)", "X", FREE, "derivative"),
    ("tr(A*inv(X))", "X", FREE, "derivative"),
    ("x'*A*x", "x", FREE, "hessian"),
    ("norm2(A*x - b)^2", "x", TALL, "stationary"),
    ("1/2*norm2(A*x - b)^2 + c/2*x'*x", "x", TALL, "derivative"),
    ("exp(-norm2(A*x - b)^2)", "x", TALL, "derivative"),
    ("exp(-9*x'*x)", "x", FREE, "derivative"),
    ("log(det(X))", "X", FREE, "derivative"),
    ("log(det(X)) - tr(S*X)", "X", {"X": "n x n positive definite", "S": "n x n symmetric"}, "derivative"),
    ("tr(A*X)", "X", {"A": "n x n", "X": "n x n symmetric"}, "derivative"),
    ("tr(K*X*A)", "X", {"A": "n x n", "X": "n x n", "K": "n x n skew-symmetric"}, "derivative"),
    ("tr(K*X*M)", "X", {"M": "n x n skew-symmetric", "X": "n x n", "K": "n x n skew-symmetric"}, "derivative"),
    ("tr(Q*X*R)", "X", {"Q": "n x n orthogonal", "X": "n x n", "R": "n x n orthogonal"}, "derivative"),
    ("tr(E*X*A)", "X", {"A": "n x n", "X": "n x n", "E": "n x n diagonal"}, "derivative"),
    ("tr(R*X)", "X", {"R": "n x n lower triangular", "X": "n x n diagonal"}, "derivative"),
    ("norm_fro(W.*(M - U*V'))^2", "U", {"M": "m x n", "U": "m x k", "V": "n x k", "W": "m x n"}, "derivative"),
    ("(x'*A*x)/(x'*x)", "x", {"A": "n x n symmetric", "x": "n"}, "derivative"),
    ("sum(log(vector(1) + exp(-y.*x)))", "x", FREE, "derivative"),
    ("relu(a)*b", "a", FREE, "derivative"),
    ("relu(a*b)", "a", FREE, "derivative"),
    ("relu(x'*A*y)", "x", FREE, "derivative"),
    ("sum(relu(A*x))", "x", FREE, "derivative"),
    ("abs(a)*b + a", "a", FREE, "derivative"),
    ("y'*abs(x)", "x", FREE, "derivative"),
    ("norm1(A*x - b)", "x", TALL, "derivative"),
    ("norm2(a*x)", "x", FREE, "derivative"),
    ("abs(det(X))", "X", {"X": "n x n invertible"}, "derivative"),
    ("tanh(A*x + y)", "x", FREE, "derivative"),
    ("exp(x)/sum(exp(x))", "x", FREE, "derivative"),
    ("X*A*X", "X", FREE, "derivative"),
    ("inv(A + a*B)", "a", FREE, "derivative"),
    ("log(sum(exp(x)))", "x", FREE, "hessian"),
    ("tr(eye(n))*x'*y", "x", FREE, "derivative"),
    ("x'*y + tr(X)^8", "X", FREE, "derivative"),
    ("sqrt(a^2 + b^2)*abs(a*b)", "a", FREE, "derivative"),
    ("tr(Q*X*A)", "X", {"Q": "2 x 2 orthogonal", "X": "2 x 2", "A": "2 x 2"}, "derivative"),
    ("tr(K*X*A)", "X", {"K": "3 x 3 skew-symmetric", "X": "3 x 3", "A": "3 x 3 invertible"}, "derivative"),
    ("x'*E*y + sum(sign(x).*y)", "x", {"E": "n x n diagonal", "x": "n", "y": "n"}, "derivative"),
    ("sum(X.*A) + tr(kron(A, X))", "X", FREE, "derivative"),
    ("exp(-5*x'*x)", "x", FREE, "hessian"),
    ("x'*Y*pinv(Y)*x", "Y", {"Y": "n x m", "x": "n"}, "derivative"),
    ("norm2(x - Y*inv(Y'*Y)*Y'*x)^2", "Y", {"Y": "n x m", "x": "n"}, "derivative"),
    ("tr(inv(X'*K*X))", "K", {"X": "n x n", "K": "n x n skew-symmetric"}, "derivative"),
]


def slips(e: Expr) -> Iterator[Expr]:
    """What may be written instead of a node by mistake."""
    match e:
        case Number(value):
            yield number(value + 1)
        case Sum(terms):
            for i, term in enumerate(terms):
                rest = [*terms[:i], *terms[i + 1 :]]
                yield add(*rest)
                yield add(*rest[:i], negative(term), *rest[i:])
        case Product(factors):
            for i, factor in enumerate(factors):
                yield product(*factors[:i], *factors[i + 1 :])
                yield product(*factors[:i], *factors[i + 1 : i + 2], factor, *factors[i + 2 :])
        case Scale(coefficient, body):
            yield body
            yield scale(negative(coefficient), body)
        case Hadamard(factors):
            for i in range(len(factors)):
                yield hadamard(*factors[:i], *factors[i + 1 :])
        case Transpose(arg) | Inverse(arg):
            yield arg
        case Elementwise(name, arg):
            yield arg
            yield Elementwise("abs" if name != "abs" else "sign", arg)
        case Power(base) | HadamardPower(base):
            yield base
        case Norm(kind, arg):
            yield Norm("1" if kind == "2" else "2", arg)
        case Trace(arg):
            yield Trace(product(arg, arg))
        case _:
            pass
    if e.is_square and not e.is_scalar:
        yield Transpose(e)


def corrupted(e: Expr) -> Iterator[Expr]:
    """The expression with one slip somewhere in it, of the same shape and conformable."""

    def places(part: Expr, path: tuple[int, ...]) -> Iterator[tuple[Expr, tuple[int, ...]]]:
        yield part, path
        for i, child in enumerate(part.children):
            yield from places(child, (*path, i))

    seen = {e}
    for part, path in places(e, ()):
        for slip in slips(part):
            if slip.shape != part.shape:
                continue
            new = replaced(e, path, slip)
            try:
                check(new)
            except (ShapeError, AttributeError):
                continue
            if new.shape == e.shape and new not in seen:
                seen.add(new)
                yield new


def point_for(d: Derivation, seed: int) -> Point:
    """Random numbers of our own at which a line of a derivation can be looked at, in many dimensions."""
    rng = np.random.default_rng((7, seed))
    names = dimension_names(d.function, *d.symbols.values())
    dims = dict(zip(names, (5 + rng.permutation(len(names))).tolist(), strict=True))
    size = Point({}, dims)
    shrink = (1.0, 0.5, 0.2)[seed % 3]
    values = {s.name: drawn(size.array_shape(s.shape), s.properties, rng) for s in d.symbols.values()}
    values |= {s.name: values[s.name] * shrink for s in d.symbols.values() if not s.properties}
    direction = tangent(rng.standard_normal(values[d.wrt.name].shape), d.wrt.properties)
    point = Point(values, dims, {d.wrt.name: direction})
    if d.find == "hessian":
        truth = derivative_at(list(d.definitions.values())[-1], d.wrt, point)
    else:
        truth = derivative_at(d.function, d.wrt, point)
        truth = tangent(truth, d.wrt.properties) if d.convention == "projection" else truth
    return replace(
        point,
        values={**values, d.answer.name: truth},
        definitions={d.value.name: d.function, **{s.name: e for s, e in d.definitions.items()}},
    )


def is_false(d: Derivation, line: Line) -> bool:
    """Somewhere its sides differ by more than rounding."""
    seen = 0
    for seed in range(60):
        try:
            point = point_for(d, seed)
            left, right = evaluate(line.left, point), evaluate(line.right, point)
        except UndefinedError:
            continue
        if np.max(np.abs(left - right)) > 1e-5 * max(np.max(np.abs(left)), np.max(np.abs(right)), 1e-3):
            return True
        seen += 1
        if seen == 8:
            return False
    return False


def with_slips(d: Derivation) -> Iterator[tuple[Line, Derivation]]:
    """The derivation with one slip in the right side of one line; lines that hold only at the solution stay."""
    for s, stage in enumerate(d.stages):
        for i, line in enumerate(stage.lines):
            if line.where is not None:
                continue
            for right in corrupted(line.right):
                bad = replace(line, right=right)
                lines = (*stage.lines[:i], bad, *stage.lines[i + 1 :])
                yield bad, replace(d, stages=(*d.stages[:s], replace(stage, lines=lines), *d.stages[s + 1 :]))
    for result in corrupted(d.result):
        if d.find != "stationary":
            yield Line(d.answer, result, "result", ()), replace(d, outcome=result)


def survives(line: Line, d: Derivation) -> bool:
    """The check lets a derivation with a false line pass."""
    try:
        verify(d)
    except (VerificationError, Unsupported):
        return False
    return is_false(d, line)


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), PROBLEMS)
def test_no_slip_passes_the_check(function: str, wrt: str, symbols: Declared, find: str) -> None:
    found = list(with_slips(solve(function, wrt, symbols, find)))
    assert found
    passed = [bad for bad, d in found if survives(bad, d)]
    assert [f"{plain(line.left)} = {plain(line.right)}" for line in passed] == []


ILL_CONDITIONED: list[tuple[str, str, Declared]] = [
    ("sum_{i=1}^k tr(inv(W_i'*K*W_i))", "K", {"K": "n x n skew-symmetric", "W_i": "n x n"}),
    ("norm_fro(pinv(X)'*X'*pinv(X)'*inv(X'*X)*X')^2", "X", {"X": "n x m"}),
]
"""Functions of which some of the points drawn leave too few digits."""


@pytest.mark.parametrize(("function", "wrt", "symbols"), ILL_CONDITIONED)
def test_where_too_few_digits_are_left_another_point_decides(function: str, wrt: str, symbols: Declared) -> None:
    derivation = solve(function, wrt, symbols)
    assert isinstance(derivation.outcome, Expr)
    for factor in ("1", "1/1000"):
        with pytest.raises(VerificationError):
            verify(replace(derivation, outcome=add(derivation.outcome, scale(number(factor), derivation.wrt))))
