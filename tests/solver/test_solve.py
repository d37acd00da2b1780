"""Jacobians, stationary points and what is refused, and random functions against plain differences."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import Unsupported, solve
from generator.errors import ExpressionError, GeneratorError
from generator.expr.evaluate.numeric import (
    Array,
    Point,
    UndefinedError,
    evaluate,
    random_point,
    relative_error,
    tangent,
)
from generator.expr.nodes import SCALAR, Commutation, Dim, Expr, Symbol, substitute
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.plain import plain, prose
from generator.solver.solve import derive
from tests.support.expressions import SYMBOLS, expressions

Declared = dict[str, str]
SQUARE: Declared = {"A": "n x n", "B": "n x n", "X": "n x n"}
TALL: Declared = {"A": "m x n", "x": "n", "b": "m"}
CURVES: Declared = {
    "A": "n x n of t",
    "B": "n x n",
    "S": "n x n positive definite of t",
    "x": "n of t",
    "a": "scalar positive of t",
}
SAMPLES: Declared = {"X": "n x d", "W": "d x k", "c": "scalar"}
FACTORS: Declared = {"M": "m x n", "U": "m x k", "V": "n x k", "W": "m x n"}

DERIVATIVES: list[tuple[str, str, Declared, str, str]] = [
    ("inv(A + x*y')*b", "x", {"A": "n x n", "x": "n", "y": "n", "b": "n"},
     "-inv(A + x*y')*(y'*inv(A + x*y')*b)", "rank-one update"),
    ("tr(logm(X))", "X", SQUARE, "inv(X)'", "power series"),
    ("tr(sqrtm(X))", "X", SQUARE, "1/2*X^(-1/2)'", "power series"),
    ("tr(A*sqrtm(X))", "X", SQUARE,
     "kron(vec(eye(n))', eye(n))*kron(eye(n), inv(kron(sqrtm(X), eye(n)) + kron(eye(n), sqrtm(X)'))*vec(A'))",
     "Sylvester equation"),
    ("tr(A*sqrtm(X))", "X", {"A": "n x n symmetric", "X": "n x n positive definite"},
     "kron(vec(eye(n))', eye(n))*kron(eye(n), inv(kron(sqrtm(X), eye(n)) + kron(eye(n), sqrtm(X)))*vec(A))",
     "Sylvester equation"),
    ("sqrtm(X)", "X", SQUARE, "inv(kron(sqrtm(X)', eye(n)) + kron(eye(n), sqrtm(X)))", "Sylvester equation"),
    ("a'*sqrtm(t*A)*b", "t", {"A": "n x n", "a": "n", "b": "n", "t": "scalar"},
     "1/2*a'*A*inv(sqrtm(t*A))*b", "power series"),
    ("tr(sqrtm(X)*sqrtm(X)*A)", "X", SQUARE, "A'", "the square of a root"),
    ("logsumexp(A*x + b)", "x", TALL, "A'*softmax(A*x + b)", "Boyd and Vandenberghe 3.1.5"),
    ("b'*softmax(A*x)", "x", TALL, "A'*(diag(softmax(A*x)) - softmax(A*x)*softmax(A*x)')*b", "softmax"),
    ("softmax(A*x)", "x", TALL, "(diag(softmax(A*x)) - softmax(A*x)*softmax(A*x)')*A", "softmax"),
    ("exp(c*x)/sum(exp(c*x))", "x", {"x": "n", "c": "scalar"},
     "c*(diag(softmax(c*x)) - softmax(c*x)*softmax(c*x)')", "softmax"),
    ("-y'*log(softmax(W*x))", "W", {"W": "k x n", "x": "n", "y": "k sums to one"}, "(softmax(W*x) - y)*x'",
     "cross-entropy"),
    ("-y'*log(softmax(W*x))", "W", {"W": "k x n", "x": "n", "y": "k one-hot"}, "(softmax(W*x) - y)*x'",
     "cross-entropy"),
    ("-y'*log(softmax(W*x))", "W", {"W": "k x n", "x": "n", "y": "k"}, "(sum(y)*softmax(W*x) - y)*x'",
     "cross-entropy"),
    ("-sum(y.*log(exp(x)/sum(exp(x))))", "x", {"x": "n", "y": "n"}, "sum(y)*softmax(x) - y", "cross-entropy"),
    ("tr(G'*softmax_rows(U)*V)", "U", {"G": "n x k", "U": "n x m", "V": "m x k"},
     "(G*V' - ((G*V').*softmax_rows(U))*matrix(1, m, m)).*softmax_rows(U)", "attention"),
    ("tr(A*softmax_columns(X))", "X", SQUARE,
     "softmax_columns(X).*(A' - matrix(1, n, n)*(A'.*softmax_columns(X)))", "attention"),
    ("-sum(W.*log(softmax_rows(M)))", "M", FACTORS, "((W*vector(1))*vector(1)').*softmax_rows(M) - W", "cross-entropy"),
    ("-sum(Y.*log(softmax_rows(X*W)))", "W", {**SAMPLES, "Y": "n x k one-hot rows"}, "X'*(softmax_rows(X*W) - Y)",
     "cross-entropy of samples"),
    ("-tr(Y'*log(softmax_rows(X*W)))/c", "W", {**SAMPLES, "Y": "n x k rows sum to one"},
     "X'*(softmax_rows(X*W) - Y)/c", "cross-entropy of samples"),
    ("-sum(Y.*log(softmax_rows(X*W)))", "W", {**SAMPLES, "Y": "n x k"},
     "X'*(((Y*vector(1))*vector(1)').*softmax_rows(X*W) - Y)", "cross-entropy of samples"),
    ("sum(log(exp(X*W)*vector(1)))", "W", SAMPLES, "X'*softmax_rows(X*W)", "log-sum-exp of rows"),
    ("tr(G'*softmax_rows(X*W))", "W", {**SAMPLES, "G": "n x k"},
     "X'*(softmax_rows(X*W).*(G - ((softmax_rows(X*W).*G)*vector(1))*vector(1)'))", "attention"),
    ("var(A*x)", "x", TALL, "2*A'*(A*x - mean(A*x)*vector(1))/tr(eye(m))", "variance"),
    ("b'*center(A*x)", "x", TALL, "A'*(b - mean(b)*vector(1))", "centering"),
    ("layernorm(x)", "x", {"x": "n"}, "sqrt(tr(eye(n)))*(eye(n) - matrix(1, n, n)/tr(eye(n))"
     " - center(x)*center(x)'/norm2(center(x))^2)/norm2(center(x))", "layer normalization"),
    ("A'*((A*x).^3 - b.*(A*x))", "x", TALL, "A'*diag(3*(A*x).^2 - b)*A", "phase retrieval"),
    ("norm_nuc(X)", "X", {"X": "n x m"}, "X*(X'*X)^(-1/2)", "nuclear norm"),
    ("norm_nuc(A*X)", "X", SQUARE, "A'*A*X*inv(sqrtm(X'*A'*A*X))", "nuclear norm"),
    ("b'*phi(A*x)", "x", TALL | {"phi": "elementwise"}, "A'*(b.*phi'(A*x))", "chain rule"),
    ("b'*phi''(A*x + b)", "A", TALL | {"phi": "elementwise"}, "(b.*phi'''(A*x + b))*x'", "chain rule"),
    ("phi(psi(x'*x))", "x", TALL | {"phi": "elementwise", "psi": "elementwise"},
     "2*phi'(psi(x'*x))*psi'(x'*x)*x", "chain rule"),
    ("phi(A*x)", "x", TALL | {"phi": "elementwise"}, "diag(phi'(A*x))*A", "chain rule"),
    ("norm2(phi(X) - A)^2", "X", SQUARE | {"phi": "elementwise"}, "2*(phi(X) - A).*phi'(X)", "chain rule"),
    ("log(det(A(t)))", "t", CURVES, "tr(inv(A(t))*A'(t))", "Jacobi's formula"),
    ("inv(A(t))", "t", CURVES, "-inv(A(t))*A'(t)*inv(A(t))", "Matrix Cookbook 59"),
    ("tr(A(t)'*A(t))", "t", CURVES, "2*tr(A(t)'*A'(t))", "product rule"),
    ("tr(B*A'(t)*A(t))", "t", CURVES, "tr(B*(A''(t)*A(t) + A'(t)*A'(t)))", "product rule"),
    ("x(t)'*S(t)*x(t)", "t", CURVES, "2*x'(t)'*S(t)*x(t) + x(t)'*S'(t)*x(t)", "product rule"),
    ("A(t)*x(t)/a(t)", "t", CURVES, "A'(t)*x(t)/a(t) + A(t)*x'(t)/a(t) - a'(t)/a(t)^2*A(t)*x(t)", "quotient rule"),
    ("lambda_max(S(t))", "t", CURVES, "eigvec_max(S(t))'*S'(t)*eigvec_max(S(t))", "Magnus 1985"),
    ("norm_fro(expm(t*B)*A(t))^2", "t", CURVES, "2*tr(A(t)'*expm(t*B)'*(B*expm(t*B)*A(t) + expm(t*B)*A'(t)))",
     "product rule"),
    ("lambda_max(X)", "X", {"X": "n x n symmetric"}, "eigvec_max(X)*eigvec_max(X)'", "Magnus 1985"),
    ("lambda_min(A + t*B)", "t", {"A": "n x n symmetric", "B": "n x n symmetric", "t": "scalar"},
     "eigvec_min(A + t*B)'*B*eigvec_min(A + t*B)", "Magnus 1985"),
    ("lambda_max(X'*X)", "X", {"X": "n x m"}, "2*X*eigvec_max(X'*X)*eigvec_max(X'*X)'", "Magnus 1985"),
    ("norm_spec(X)", "X", {"X": "n x m"}, "left_singular(X)*right_singular(X)'", "Watson 1992"),
    ("norm_spec(A*X - B)^2", "X", SQUARE,
     "2*norm_spec(A*X - B)*A'*left_singular(A*X - B)*right_singular(A*X - B)'", "Watson 1992"),
    ("tr(X*logm(X) - X)", "X", {"X": "n x n positive definite"}, "logm(X)", "von Neumann entropy"),
    ("tr(X*A*expm(X*A))", "X", SQUARE, "(A*expm(X*A)*(eye + X*A))'", "all else commutes with X*A"),
    ("log(det(expm(X)))", "X", SQUARE, "eye", "the determinant of an exponential"),
    ("tr(X^k)", "X", {"X": "n x n", "k": "scalar"}, "k*(X^(k - 1))'", "Matrix Cookbook 121"),
    ("det(X^k)", "X", {"X": "n x n", "k": "scalar"}, "k*det(X)^k*inv(X)'", "Matrix Cookbook 58"),
    ("det(kron(A, X))", "X", {"A": "m x m", "X": "n x n"}, "tr(eye(m))*det(A)^tr(eye(n))*det(X)^tr(eye(m))*inv(X)'",
     "Magnus and Neudecker 2.2"),
    ("tr(adj(X)*A)", "X", SQUARE, "(tr(adj(X)*A)*inv(X) - inv(X)*A*adj(X))'", "Magnus and Neudecker 8.5"),
    ("tr(A*pinv(X))", "X", {"A": "n x m", "X": "n x m"},
     "(-pinv(X)*A*pinv(X) + pinv(X)*pinv(X)'*A'*(eye - X*pinv(X)) + (eye - pinv(X)*X)*A'*pinv(X)'*pinv(X))'",
     "Golub and Pereyra 1973"),
    ("a^(x'*x)", "x", {"a": "scalar positive", "x": "n"}, "2*log(a)*a^(x'*x)*x", "an exponent that varies"),
    ("t^t", "t", {"t": "scalar positive"}, "t^t*(log(t) + 1)", "base and exponent vary"),
    ("sum(2.^x)", "x", {"x": "n"}, "log(2)*2.^x", "entrywise exponential"),
    ("sum(x.^x)", "x", {"x": "n positive"}, "x.^x.*(log(x) + vector(1))", "entrywise, base and exponent vary"),
    ("sum(X.^Y)", "Y", {"X": "n x m positive", "Y": "n x m"}, "X.^Y.*log(X)", "entrywise exponents"),
    ("sum(x.^t)", "t", {"x": "n positive", "t": "scalar"}, "sum(x.^t.*log(x))", "one exponent for all entries"),
    ("b'*vec(X)", "X", {"X": "n x m", "b": "n*m x 1"}, "kron(vec(eye(m))', eye(n))*kron(eye(m), b)", "vec undone"),
    ("vec(X)'*A*vec(X)", "X", {"X": "n x m", "A": "n*m x n*m"},
     "kron(vec(eye(m))', eye(n))*kron(eye(m), (A + A')*vec(X))", "vec undone"),
    ("vec(X)'*kron(A, B)*vec(X)", "X", {"X": "n x m", "A": "m x m", "B": "n x n"}, "B*X*A' + B'*X*A",
     "Magnus and Neudecker 2.4"),
    ("norm2(vec(X*B - C))^2", "X", {"X": "n x m", "B": "m x p", "C": "n x p"}, "2*(X*B - C)*B'", "norm of a vec"),
    ("x'*kron(X, B)*y", "X", {"X": "n x m", "B": "p x q", "x": "n*p x 1", "y": "m*q x 1"},
     "(kron(vec(eye(n))', eye(p))*kron(eye(n), x))'*B*(kron(vec(eye(m))', eye(q))*kron(eye(m), y))", "vec undone"),
    ("sum(diag(X))", "X", {"X": "n x n"}, "eye", "the trace, spelled out"),
    ("tr(diag(diag(X))*A)", "X", {"X": "n x n", "A": "n x n"}, "diag(diag(A))", "both ways of diag"),
    ("sum(softplus(A*x))", "x", TALL, "A'*sigmoid(A*x)", "logistic function"),
    ("sum(erf(A*x))", "x", TALL, "2*A'*exp(-(A*x).^2)/pi^(1/2)", "error function"),
    ("sum(gelu(A*x))", "x", TALL, "A'*(normcdf(A*x) + (A*x).*normpdf(A*x))", "Hendrycks and Gimpel 2016"),
    ("b'*log(normcdf(A*x))", "x", TALL, "A'*(b.*normpdf(A*x)./normcdf(A*x))", "probit regression"),
    ("sum(huber(A*x - b))", "x", TALL, "A'*clip(A*x - b)", "Huber 1964"),
    ("sum(silu(x))", "x", {"x": "n"}, "sigmoid(x) + x.*(vector(1) - sigmoid(x)).*sigmoid(x)", "swish"),
    ("sum(x.*log2(x))", "x", {"x": "n positive"}, "(vector(1) + log(x))/log(2)", "entropy in bits"),
    ("sum(arctanh(x))", "x", {"x": "n"}, "(vector(1) - x.^2).^-1", "inverse hyperbolic tangent"),
    ("sum(cot(x))", "x", {"x": "n"}, "-vector(1) - cot(x).^2", "cotangent"),
    ("norm2(X*b - c)^2", "X", {"X": "1 x n", "b": "n", "c": "scalar"}, "2*(X*b - c)*b'", "a single row"),
    ("det(X)*tr(X)", "X", {"X": "1 x 1"}, "2*X", "a matrix of one entry"),
    ("X'*b", "X", {"X": "n x m", "b": "n"}, "kron(eye(m), b')", "one column, so that no commutation matrix is left"),
    ("diag(X*B)", "X", {"X": "n x m", "B": "m x n"}, "kron(vector(1, m)', eye(n))*diag(vec(B'))", "diagonal entries"),
    ("diag(x)*A", "x", {"x": "n", "A": "n x m"}, "diag(vec(A))*kron(vector(1, m), eye(n))", "rows scaled"),
    ("kron(x, y)", "x", {"x": "n", "y": "m"}, "kron(eye(n), y)", "Kronecker product"),
    ("kron(x, x)", "x", {"x": "n"}, "kron(eye(n), x) + kron(x, eye(n))", "Kronecker square"),
    ("(x.*x)'*diag(x)*y", "x", {"x": "n", "y": "n"}, "2*(diag(x)*y).*x + x.*x.*y", "entrywise and diagonal factors"),
    ("tr(X*X)*y", "X", {"X": "n x n", "y": "m"}, "2*y*vec(X')'", "a vector times a trace"),
    ("norm_fro(diag(x))", "x", {"x": "n"}, "x/norm2(x)", "norm of a diagonal matrix"),
    ("tr(A*(X'.*X'))", "X", {"A": "n x n", "X": "n x n"}, "2*A.*X", "entrywise product of transposes"),
    ("tr(A*(X.*X'))", "X", {"A": "n x n", "X": "n x n"}, "(A.*X + A'.*X)'", "entrywise product with a transpose"),
    ("x'*A*kron(x, x)", "x", {"x": "n", "A": "n x n*n"},
     "A*kron(x, x) + (kron(eye(n), x) + kron(x, eye(n)))'*A'*x", "cubic form"),
    ("kron(A, x)", "x", {"A": "p x q", "x": "n"}, "kron(vec(A), eye(n))", "Magnus and Neudecker 3.7"),
    ("X/sum(X)", "X", {"X": "n x m"}, "eye(n*m)/sum(X) - vec(X)*vector(1)'/sum(X)^2", "normalization"),
    ("vec(A*X*B)", "X", {"A": "p x n", "X": "n x m", "B": "m x q"}, "kron(B', A)", "vec"),
]  # fmt: skip

COMMUTED: list[tuple[str, Declared, str, tuple[str, str]]] = [
    ("X'", {"X": "n x m"}, "K", ("n", "m")),
    ("X'*B*X", {"X": "n x m", "B": "n x n"}, "K*kron(eye(m), X'*B') + kron(eye(m), X'*B)", ("m", "m")),
    ("X*X'", {"X": "n x m"}, "kron(X, eye(n)) + K*kron(X, eye(n))", ("n", "n")),
    ("A*X'*B", {"X": "n x m", "A": "p x m", "B": "n x q"}, "K*kron(A, B')", ("q", "p")),
    ("X.*X'", {"X": "n x n"}, "diag(vec(X')) + diag(vec(X))*K", ("n", "n")),
    ("kron(X, A)", {"X": "n x m", "A": "p x q"}, "kron(eye(m), kron(K, eye(p))*kron(eye(n), vec(A)))", ("q", "n")),
    ("kron(A, X)", {"X": "n x m", "A": "p x q"}, "kron(kron(eye(q), K)*kron(vec(A), eye(m)), eye(n))", ("m", "p")),
]


@pytest.mark.parametrize(("function", "symbols", "expected", "sizes"), COMMUTED)
def test_jacobians_with_a_commutation_matrix(
    function: str, symbols: Declared, expected: str, sizes: tuple[str, str]
) -> None:
    """As Magnus and Neudecker write them; verified on numbers by the solver, and readable without a name for K."""
    derivation = solve(function, "X", symbols)
    K = Commutation(*map(Dim.of, sizes))
    known = {name: declare(name, said) for name, said in symbols.items()}
    like = read(expected, known={**known, "K": Symbol("K", K.shape)}).expr
    assert substitute(derivation.result, {K: Symbol("K", K.shape)}) == like
    again = read(str(derivation.result), known=known, shape=derivation.result.shape).expr
    point = random_point(derivation.function, derivation.wrt, derivation.symbols, (0, 0, 0))
    assert relative_error(evaluate(again, point), evaluate(derivation.result, point)) < 1e-12


@pytest.mark.parametrize(("function", "wrt", "symbols", "expected", "source"), DERIVATIVES)
def test_derivatives(function: str, wrt: str, symbols: Declared, expected: str, source: str) -> None:
    derivation = solve(function, wrt, symbols)
    like = read(expected, symbols, shape=derivation.result.shape).expr
    compared = 0
    for seed in range(60):
        point = random_point(derivation.function, derivation.wrt, derivation.symbols, (0, 0, seed), 0.4)
        try:
            assert relative_error(evaluate(derivation.result, point), evaluate(like, point)) < 1e-9, source
        except UndefinedError:
            continue
        compared += 1
    assert compared >= 3
    assert len(derivation.lines) <= 20


STATIONARY: list[tuple[str, str, Declared, str, list[str], str]] = [
    ("norm2(A*x - b)^2", "x", TALL, "inv(A'*A)*A'*b", ["A has full column rank"], "minimizer"),
    ("norm2(A*x - b)^2 + 3*x'*x", "x", TALL, "inv(A'*A + 3*eye)*A'*b", [], "minimizer"),
    ("norm_fro(M - U*V')^2", "U", FACTORS, "M*V*inv(V'*V)", ["V has full column rank"], "minimizer"),
    ("norm_fro(M - U*V')^2", "V", FACTORS, "M'*U*inv(U'*U)", ["U has full column rank"], "minimizer"),
    ("1/2*x'*P*x - b'*x", "x", {"P": "n x n positive definite", "x": "n", "b": "n"}, "inv(P)*b", [], "minimizer"),
    ("b'*x - 1/2*x'*P*x", "x", {"P": "n x n positive definite", "x": "n", "b": "n"}, "inv(P)*b", [], "maximizer"),
    ("logsumexp(x) - y'*x", "x", {"x": "n", "y": "n sums to one"}, "log(y)", ["every entry of y is positive"],
     "a minimizer, as is every point that differs from it by the same number in each entry"),
    ("c*y'*x - c*logsumexp(x)", "x", {"x": "n", "y": "n positive sums to one", "c": "scalar positive"}, "log(y)", [],
     "a maximizer, as is every point that differs from it by the same number in each entry"),
    ("(x - s)'*W*(x - s)", "x", {"x": "n", "s": "n", "W": "n x n symmetric"}, "s", ["W is invertible"], ""),
    ("exp(-norm2(A*x - b)^2)", "x", TALL, "inv(A'*A)*A'*b", ["A has full column rank"], ""),
    ("log(1 + norm2(A*x - b)^2)", "x", TALL, "inv(A'*A)*A'*b", ["A has full column rank"], ""),
    ("tr((X - u*vector(1)')'*P*(X - u*vector(1)'))", "u", {"X": "d x n", "u": "d", "P": "d x d positive definite"},
     "X*vector(1)/tr(eye(n))", [], "minimizer"),
    ("norm_fro(t*A - B)^2", "t", {"t": "scalar", "A": "n x m", "B": "n x m"}, "tr(B'*A)/tr(A'*A)", ["A is not zero"],
     "minimizer"),
    ("a*norm2(x)^2 + b'*x", "x", {"a": "scalar", "x": "n", "b": "n"}, "-1/2*b/a", ["a is not zero"], ""),
    ("norm_fro(x*y' - A)^2", "x", {"x": "m", "y": "n", "A": "m x n"}, "A*y/(y'*y)", ["y is not zero"], "minimizer"),
    ("norm_fro(X - A)^2", "X", {"X": "n x n positive definite", "A": "n x n"}, "1/2*(A' + A)",
     ["A' + A is positive definite"], "minimizer"),
    ("log(det(X)) - tr(S*X)", "X", {"X": "n x n symmetric", "S": "n x n symmetric"}, "inv(S)",
     ["det(X) is positive", "S is positive definite"], ""),
    ("log(det(X)) - tr(S*X)", "X", {"X": "n x n positive definite", "S": "n x n positive definite"}, "inv(S)", [],
     "maximizer"),
    ("c*log(det(X)) + tr(inv(X)*S)", "X",
     {"c": "scalar positive", "X": "n x n positive definite", "S": "n x n positive definite"}, "S/c", [],
     "minimizer"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "symbols", "point", "conditions", "kind"), STATIONARY)
def test_stationary_points_with_their_conditions_and_kind(
    function: str, wrt: str, symbols: Declared, point: str, conditions: list[str], kind: str
) -> None:
    derivation = solve(function, wrt, symbols, "stationary")
    assert plain(derivation.result) == point
    assert list(map(prose, derivation.conditions)) == conditions
    assert (kind in " ".join(map(prose, derivation.remarks))) if kind else not derivation.remarks


FORMS: Declared = {
    "A": "n x n", "B": "n x m", "D": "m x m", "X": "n x m", "V": "n x n", "K": "n x n skew-symmetric", "x": "n",
    "S": "n x n symmetric", "y": "n", "u": "m", "w": "n positive", "a": "scalar",
}  # fmt: skip
FOUND_AT_RANDOM: list[tuple[str, str, str, str]] = [
    ("u'*D", "u", "differential", "du'*D"),
    ("vec(X)'*vec(B)", "X", "derivative", "B"),
    ("vec(A*X)'*vec(B)", "X", "derivative", "A'*B"),
    ("(vec(u)'*vec(u))^2", "u", "derivative", "4*(u'*u)*u"),
    ("sum(kron(X, A))", "X", "derivative", "sum(A)*matrix(1)"),
    ("sum(kron(x, y))", "x", "derivative", "sum(y)*vector(1)"),
    ("tr(A.*V)", "V", "derivative", "diag(diag(A))"),
    ("tr(eye.*V)", "V", "derivative", "eye"),
    ("tr(A.^4)", "A", "derivative", "4*diag(diag(A.^3))"),
    ("tr(diag(x))", "x", "derivative", "vector(1)"),
    ("tr(inv(diag(w)))", "w", "derivative", "-w.^-2"),
    ("diag(V)'*A*diag(V)", "V", "derivative", "diag((A + A')*diag(V))"),
    ("log(det(2*V))", "V", "derivative", "inv(V)'"),
    ("inv(2*V)", "V", "derivative", "-1/2*kron(inv(V)', inv(V))"),
    ("tr(inv(D'^3))", "D", "derivative", "-3*inv(D'^3)*inv(D)'"),
    ("det(V')", "V", "derivative", "det(V)*inv(V)'"),
    ("det(K)", "K", "derivative", "-det(K)*inv(K)"),
    ("norm2(X')", "X", "derivative", "X/norm2(X)"),
    ("sum(x.*vector(1).*y)", "x", "derivative", "y"),
    ("(w.*y)'*log(w.*y)", "y", "derivative", "log(w.*y).*w + w"),
    ("(x.*x)'*log(x.*x)", "x", "derivative", "2*(log(x.*x).*x + x)"),
    ("a^3", "a", "hessian", "6*a"),
    ("a/a*x", "a", "derivative", "zeros"),
    ("x*sin(a)/a", "a", "derivative", "(cos(a) - sin(a)/a)*x/a"),
    ("sum(log(X))", "X", "hessian", "-diag(vec(X.^-2))"),
    (
        "det(S + x*x')",
        "x",
        "hessian",
        "2*det(S + x*x')*(inv(S + x*x')*x*x'*inv(S + x*x') + (1 - x'*inv(S + x*x')*x)*inv(S + x*x'))",
    ),
]


@pytest.mark.parametrize(("function", "wrt", "find", "expected"), FOUND_AT_RANDOM)
def test_what_random_functions_turned_up(function: str, wrt: str, find: str, expected: str) -> None:
    """Each was refused once, failed its check, or was longer than it is now."""
    known = {name: said for name, said in FORMS.items() if name in function}
    derivation = solve(function, wrt, known, find)
    assert plain(derivation.result) == expected
    lines = [(line.left, line.right) for line in derivation.lines]
    assert len(set(lines)) == len(lines)


def test_the_second_differential_by_a_scalar_is_no_product_of_matrices() -> None:
    assert "d2L = H*da^2" in solve("a^3", "a", {"a": "scalar"}, "hessian").text()


def test_a_rule_is_proved_once_in_a_derivation() -> None:
    assert solve("tr(inv(V))", "V", {"V": "n x n"}, "hessian").text().count("Differential of an inverse") == 1


SHORTENED = [
    ("-y'*log(sigmoid(X*w)) - (vector(1)-y)'*log(vector(1)-sigmoid(X*w))", "w", "X'*(sigmoid(X*w) - y)"),
    ("-a*log(sigmoid(x'*w)) - (1-a)*log(1-sigmoid(x'*w))", "w", "(sigmoid(x'*w) - a)*x"),
    ("sum(log(cosh(A*x-b)))", "x", "A'*tanh(A*x - b)"),
    ("sum(log(cos(A*x-b)))", "x", "-A'*tan(A*x - b)"),
    ("log(abs(det(X)))", "X", "inv(X)'"),
    ("abs(det(X))", "X", "abs(det(X))*inv(X)'"),
    ("tr(inv(X)*inv(X))", "X", "-2*(inv(X)^3)'"),
    ("a^2/(a^2+b^2)", "a", "2*b^2*a/(a^2 + b^2)^2"),
    ("sum(x.^2)/(1+sum(x.^2))", "x", "2*x/(1 + sum(x.^2))^2"),
    ("log(1 + x'*x/c)", "x", "2*x/(c + x'*x)"),
    ("a'*x*x'*b", "x", "(a*b' + b*a')*x"),
    ("sum(W*H - V.*log(W*H))", "W", "(matrix(1) - V./(W*H))*H'"),
    ("sum(exp(x)./(1 + exp(x)))", "x", "(vector(1) - sigmoid(x)).*sigmoid(x)"),
    ("1/(1 + exp(-x'*w))", "w", "(1 - sigmoid(x'*w))*sigmoid(x'*w)*x"),
    ("sum(sigmoid(x).*(1 - sigmoid(x)))", "x", "(vector(1) - 2*sigmoid(x)).*(vector(1) - sigmoid(x)).*sigmoid(x)"),
    ("sum(sinh(x)./cosh(x))", "x", "vector(1) - tanh(x).^2"),
    ("sum((x.^-1).^-1)", "x", "vector(1)"),
    ("x'*K*x/(x'*z)", "x", "((K + K')*x - (x'*K*x)*z/(x'*z))/(x'*z)"),
    ("x'*S*x/norm2(x)^2", "x", "2*(norm2(x)^2*S*x - (x'*S*x)*x)/norm2(x)^4"),
    ("(x.*x)'*diag(x)*z", "x", "3*x.*x.*z"),
    ("(z - x)'*(w - x)", "x", "2*x - w - z"),
    ("exp(x'*z)*(x'*z)*z", "x", "exp(x'*z)*(x'*z + 1)*z*z'"),
    ("norm_fro(pinv(X))^2", "X", "-2*pinv(X)'*pinv(X)*pinv(X)'"),
    ("tr(H*pinv(H))", "H", "zeros"),
    ("tr(H*pinv(H)*H*H')", "H", "2*H"),
    ("X*pinv(X)*y", "y", "X*pinv(X)"),
    ("y'*X*pinv(X)*y", "X", "2*(eye - X*pinv(X))*y*y'*pinv(X)'"),
    ("norm2(X*pinv(X)*y - y)^2", "X", "-2*(eye - X*pinv(X))*y*y'*pinv(X)'"),
    ("norm2(y - X*pinv(X)*y)^2", "y", "2*(eye - X*pinv(X))*y"),
    ("norm_fro(W - W*H*pinv(H))^2", "H", "-2*(eye - H*pinv(H))*W'*W*pinv(H)'"),
    ("y'*(eye - A*pinv(A))*(eye - A*pinv(A))*y", "y", "2*(eye - A*pinv(A))*y"),
    ("y'*A*(A'*A)^-1*A'*y", "A", "2*(eye - A*inv(A'*A)*A')*y*y'*A*inv(A'*A)"),
    ("norm2(y - A*(A'*A)^-1*A'*y)^2", "y", "2*(eye - A*inv(A'*A)*A')*y"),
    ("norm2(y - A*(A'*A)^-1*A'*y)^2", "A", "-2*(eye - A*inv(A'*A)*A')*y*y'*A*inv(A'*A)"),
]  # fmt: skip
"""Functions, and their derivatives in the form that is published: terms cancelled, over a common denominator."""


@pytest.mark.parametrize(("function", "wrt", "expected"), SHORTENED)
def test_answers_are_as_short_as_published_ones(function: str, wrt: str, expected: str) -> None:
    symbols = {
        "a": "scalar", "b": "n", "c": "scalar positive", "w": "m", "y": "n", "x": "m", "A": "n x m", "X": "n x m",
        "V": "n x p positive", "W": "n x m positive", "H": "m x p positive", "K": "m x m", "S": "m x m symmetric",
        "z": "m",
    }  # fmt: skip
    if "det" in function or "inv" in function:
        symbols["X"] = "n x n"
    if "a'" in function:
        symbols |= {"a": "m", "b": "m"}
    if function.startswith("a^2"):
        symbols["b"] = "scalar"
    used = {name: said for name, said in symbols.items() if re.search(rf"\b{name}\b", function)}
    assert str(solve(function, wrt, used).result) == expected


REFUSED = [
    ("A*x", {"find": "hessian"}, "A*x is n × 1, and find: hessian asks for a scalar function"),
    ("A*x", {"find": "stationary"}, "A*x is n × 1, and find: stationary asks for a scalar function"),
    ("sum(sin(x))", {"find": "stationary"}, "cos(x) = 0 cannot be solved for x"),
    ("norm2(x - a)^2 - norm2(x - b)^2", {"find": "stationary"}, "the gradient 2*(b - a) does not depend on x"),
    (
        "x'*expm(x*x')*x",
        {},
        "the differential of expm(x*x') has no closed form: in each term of the power series "
        "d(x*x') stands between powers of x*x', with which it need not commute",
    ),
    (
        "softmax_rows(inv(expm(x*x')))",  # a softmax has a name in its differential
        {"find": "differential"},
        "the differential of expm(x*x') has no closed form",
    ),
    ("x'*x/(a'*x - a'*x)", {}, "(x'*x)/(a'*x - a'*x) could not be checked: no numbers were found"),
    ("tr(A^(x'*x))", {}, "A^(x'*x) is a power of a matrix, whose exponent x'*x is a whole number"),
    ("tr(A*(x*x')^k)", {}, "the differential of (x*x')^k has one term for each of k factors"),
]


@pytest.mark.parametrize(("function", "options", "message"), REFUSED)
def test_what_is_not_covered_is_refused_with_the_reason(function: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(Unsupported) as caught:
        solve(function, "x", {"A": "n x n", "x": "n", "a": "n", "b": "n", "k": "scalar"}, **options)
    assert str(caught.value).startswith(message)


def test_what_depends_on_a_scalar_is_differentiated_by_that_alone() -> None:
    with pytest.raises(Unsupported, match="A is declared to depend on t, and it is not differentiated by"):
        solve("tr(A(t))", "A", CURVES)
    with pytest.raises(Unsupported, match=re.escape("the differential of expm(A(t)) has no closed form")):
        solve("expm(A)", "t", CURVES)
    found = solve("log(det(A))", "t", CURVES, "hessian").result
    assert plain(found) == "tr(inv(A(t))*A''(t)) - tr(inv(A(t))*A'(t)*inv(A(t))*A'(t))"


@pytest.mark.parametrize(
    ("said", "message"),
    [("n", "those of y are not known to do so"), ("n one-hot", "there is no stationary point: the entries of")],
)
def test_log_sum_exp_has_stationary_points_for_probabilities_only(said: str, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        solve("logsumexp(x) - y'*x", "x", {"x": "n", "y": said}, "stationary")


def test_entries_that_sum_to_one_are_not_free() -> None:
    with pytest.raises(Unsupported, match="y is declared to sum to one"):
        solve("y'*A*y", "y", {"A": "n x n", "y": "n one-hot"})


SIMPLE_ONLY = [
    ("lambda_max(X)", "n x n symmetric", np.diag([2.0, 2.0, 1.0]), np.diag([2.0, 1.9, 1.0])),
    ("lambda_min(X)", "n x n symmetric", np.diag([3.0, 1.0, 1.0]), np.diag([3.0, 1.0, 1.1])),
    ("norm_spec(X)", "n x m", np.eye(3)[:, :2], np.diag([1.0, 0.8, 0.5])[:, :2]),
]


@pytest.mark.parametrize(("function", "said", "multiple", "simple"), SIMPLE_ONLY)
def test_an_eigenvalue_that_is_not_simple_has_no_gradient(
    function: str, said: str, multiple: Array, simple: Array
) -> None:
    """Beside a multiple value the slopes to both sides differ, beside a simple one they are those of the gradient."""
    derivation = solve(function, "X", {"X": said})
    rng = np.random.default_rng(1)
    direction = rng.standard_normal(multiple.shape)
    direction = direction + direction.T if "symmetric" in said else direction

    def size(X: Array) -> float:
        ordered = np.linalg.svd(X, compute_uv=False) if "norm" in function else np.linalg.eigvalsh(X)[::-1]
        return float(ordered[-1 if "min" in function else 0])

    def slopes(X: Array) -> tuple[float, float]:
        step = 1e-6
        return (size(X + step * direction) - size(X)) / step, (size(X) - size(X - step * direction)) / step

    right, left = slopes(multiple)
    assert abs(right - left) > 0.1
    dims = {name: value for dim, value in zip(derivation.wrt.shape, multiple.shape, strict=True) for name in dim.names}
    with pytest.raises(UndefinedError, match="simple"):
        evaluate(derivation.result, Point({"X": multiple}, dims))
    gradient = evaluate(derivation.result, Point({"X": simple}, dims))
    assert slopes(simple) == pytest.approx([float((gradient * direction).sum())] * 2, abs=1e-4)


def test_partial_traces() -> None:
    """Tr((X ⊗ A) B) and Tr((A ⊗ X) B) are linear in X; by plain differences, since nobody writes their gradient out."""
    for function in ("tr(kron(X, A)*B)", "tr(kron(A, X)*B)"):
        derivation = solve(function, "X", {"X": "n x n", "A": "m x m", "B": "n*m x n*m"})
        point = random_point(derivation.function, derivation.wrt, derivation.symbols, (0, 0, 0), 1.0)
        found = evaluate(derivation.result, point)
        assert relative_error(found, differences(derivation.function, "X", point)) < 1e-6
        again = read(plain(derivation.result), known=derivation.symbols, shape=derivation.wrt.shape).expr
        assert relative_error(found, evaluate(again, point)) < 1e-12


def test_a_point_outside_of_the_variable_s_space_is_no_stationary_point() -> None:
    symbols = {"X": "n x n positive definite", "S": "n x n positive definite"}
    with pytest.raises(Unsupported, match="there is no stationary point"):
        solve("log(det(X)) + tr(S*X)", "X", symbols, "stationary")


CONDITIONS = [
    ("sum(x.^(1/2))", "x", {"x": "n"}, ["every entry of x is positive"]),
    ("sum(x.^-1)", "x", {"x": "n"}, ["no entry of x is zero"]),
    ("det(X)^(1/2)", "X", SQUARE, ["det(X) is positive", "X is invertible"]),
    ("tr(pinv(X)*A)", "X", SQUARE, ["the rank of X is the same at all points nearby"]),
    ("x'*A*(A'*A)^-1*A'*x", "A", {"A": "n x m", "x": "n"}, ["A has full column rank"]),
    ("x'*A*pinv(A)*x", "A", {"A": "n x m", "x": "n"}, ["the rank of A is the same at all points nearby"]),
    ("tr(adj(X))", "X", SQUARE, ["X is invertible"]),
    ("tr(X^k)", "X", {"X": "n x n", "k": "scalar"}, ["k is a whole number, at least 1"]),
    ("sum(cot(x))", "x", {"x": "n"}, ["no entry of x is a multiple of π"]),
    ("tan(t)", "t", {"t": "scalar"}, ["t is not an odd multiple of π/2"]),
    ("sum(relu(A*x))", "x", TALL, ["no entry of A*x is zero"]),
    ("norm2(relu(A*x))^2", "x", TALL, []),
    ("sum(relu(A*x).^2 + relu(A*x).*relu(A*x))", "x", TALL, []),
    ("relu(a*t)^2 + abs(t)^3", "t", {"a": "scalar", "t": "scalar"}, []),
    ("norm2(relu(A*x))^2 + sum(relu(A*x))", "x", TALL, ["no entry of A*x is zero"]),
    ("sum(x.^x)", "x", {"x": "n"}, ["every entry of x is positive"]),
    ("a^(x'*x)", "x", {"a": "scalar", "x": "n"}, ["a is positive"]),
    ("tr(logm(X))", "X", SQUARE, ["no eigenvalue of X is negative or zero"]),
    ("norm_nuc(A*X)", "X", {"A": "k x n", "X": "n x m"}, ["A*X has full column rank"]),
    ("lambda_max(X)", "X", {"X": "n x n symmetric"}, ["the largest eigenvalue of X is simple"]),
    ("lambda_min(X'*X)^2", "X", SQUARE, ["the smallest eigenvalue of X'*X is simple"]),
    ("1/norm_spec(X)", "X", SQUARE, ["the largest singular value of X is simple"]),
    ("tr(A*sqrtm(X))", "X", SQUARE, ["no eigenvalue of X is negative or zero"]),
    ("sign(det(X))*log(abs(det(X)))", "X", SQUARE, ["X is invertible"]),
    ("norm2(A*x - b)", "x", TALL, ["A*x - b is not zero"]),
    ("norm2(x)^2", "x", {"x": "n"}, []),
    ("log(det(X))", "X", {"X": "n x n positive definite"}, []),
    ("norm1(x)", "x", {"x": "n"}, ["no entry of x is zero"]),
    ("sum(huber(x))", "x", {"x": "n"}, []),
    ("b'*clip(A*x)", "x", TALL, ["no entry of A*x is 1 or −1"]),
    ("sum(step(x).*x)", "x", {"x": "n"}, ["no entry of x is zero"]),
    ("sum((x.^-1).^-1)", "x", {"x": "n"}, ["no entry of x is zero"]),
    ("sum(abs(x).^a)^(1/a)", "x", {"x": "n", "a": "scalar"}, ["no entry of x is zero"]),
    ("log(1 - sigmoid(b'*x))", "x", {"b": "n", "x": "n"}, []),
    ("sum(log(1 - tanh(x).^2))", "x", {"x": "n"}, []),
    ("sum(log(1 - sin(x)))", "x", {"x": "n"}, ["every entry of vector(1) - sin(x) is positive"]),
]


def test_a_second_derivative_needs_more_than_a_square() -> None:
    derivation = solve("norm2(relu(A*x))^2", "x", TALL, find="hessian")
    assert list(map(prose, derivation.conditions)) == ["no entry of A*x is zero"]
    derivation = solve("sum(huber(A*x - b))", "x", TALL, find="hessian")
    assert list(map(prose, derivation.conditions)) == ["no entry of A*x - b is 1 or −1"]


@pytest.mark.parametrize(("function", "wrt", "symbols", "expected"), CONDITIONS)
def test_conditions_are_said_where_they_are_needed(
    function: str, wrt: str, symbols: Declared, expected: list[str]
) -> None:
    assert list(map(prose, solve(function, wrt, symbols).conditions)) == expected


def test_a_function_that_does_not_contain_the_variable() -> None:
    with pytest.raises(ExpressionError, match="the function does not contain Y\n    Tr\\(A X\\)\n    \\^"):
        solve("Tr(A X)", "Y")


def test_names_of_the_function_and_its_gradient_are_free_in_the_problem() -> None:
    derivation = solve("tr(L*G*R)", "R", {"L": "n x n", "G": "n x n", "R": "n x n"})
    assert (derivation.value.name, derivation.answer.name) == ("f", "H")
    blocks = solve("norm2(R*x - L)^2", "x", {"R": "m x n", "x": "n", "L": "m"}).definitions
    assert [s.name for s in blocks] == ["S"]


def test_long_sums_and_long_products_end() -> None:
    terms = " + ".join(f"tr(A{i}*X)" for i in range(40))
    assert plain(solve(terms, "X", {**{f"A{i}": "n x n" for i in range(40)}, "X": "n x n"}).result).count("A") == 40
    product = "tr(" + "*".join(f"A{i}" for i in range(30)) + "*X)"
    assert solve(product, "X", {**{f"A{i}": "n x n" for i in range(30)}, "X": "n x n"}).result


def differences(function: Expr, name: str, point: Point) -> Array:
    """The gradient by central differences of values alone."""
    values = point.values[name]
    result = np.zeros_like(values)
    h = 1e-5
    for index in np.ndindex(values.shape):
        ends = []
        for step in (h, -h):
            moved = values.copy()
            moved[index] += step
            ends.append(evaluate(function, Point({**point.values, name: moved}, point.dims))[0, 0])
        result[index] = (ends[0] - ends[1]) / (2 * h)
    return result


@settings(max_examples=150)
@given(expressions(SCALAR, 3), st.sampled_from(["X", "x", "c", "P"]))
def test_a_random_function_is_derived_rightly_or_refused(function: Expr, name: str) -> None:
    wrt = SYMBOLS[name]
    if wrt not in function.symbols:
        return
    symbols = {s.name: s for s in function.symbols}
    try:
        derivation = derive(function, wrt, symbols, "derivative")
    except Unsupported:
        return
    except GeneratorError as error:  # a failed check is a fault even if nothing wrong got out
        raise AssertionError(f"{plain(function)} by {name}: {error}") from error
    for seed in range(1000, 1020):
        point = random_point(function, wrt, symbols, (0, 0, seed), 0.4)
        try:
            expected = differences(function, name, point)
            found = evaluate(derivation.result, point)
        except UndefinedError:
            continue
        if derivation.convention == "projection":
            expected = tangent(expected, wrt.properties)
        if np.abs(expected).max() < 1e3:
            assert relative_error(found, expected) < 1e-3, f"{plain(function)} by {name}: {plain(derivation.result)}"


CONSTANTS: list[tuple[str, str, str, str]] = [
    ("x'*B*x", "symmetric", "2*B*x", "B is symmetric"),
    ("x'*B*x", "positive definite", "2*B*x", "B is symmetric"),
    ("x'*B*x", "diagonal", "2*B*x", "B is symmetric"),
    ("x'*B*x", "symmetric orthogonal", "2*B*x", "B is symmetric"),
    ("x'*B*x", "skew-symmetric", "zeros", "B is skew-symmetric"),
    ("x'*B*x", "lower triangular", "(B + B')*x", ""),
    ("x'*B^2*x", "skew-symmetric", "2*B^2*x", "B^2 is symmetric"),
    ("x'*B^3*x", "skew-symmetric", "zeros", "B^3 is skew-symmetric"),
    ("x'*inv(B)*x", "symmetric", "2*inv(B)*x", "inv(B) is symmetric"),
    ("x'*inv(B)*x", "skew-symmetric invertible", "zeros", "inv(B) is skew-symmetric"),
    ("norm2(B*x)^2", "orthogonal", "2*x", "B is orthogonal"),
    ("b'*inv(B)*x", "orthogonal", "B*b", "B is orthogonal"),
    ("norm2(x - B*B'*b)^2", "orthogonal", "2*(x - b)", "B is orthogonal"),
    ("log(det(B)) + x'*x", "positive definite", "2*x", ""),
    ("norm2(inv(B)*x)^2", "lower triangular invertible", "2*inv(B)'*inv(B)*x", ""),
]


@pytest.mark.parametrize(("function", "said", "gradient", "reason"), CONSTANTS)
def test_what_is_declared_of_a_constant_shortens_the_answer(
    function: str, said: str, gradient: str, reason: str
) -> None:
    derivation = solve(function, "x", {"x": "n", "b": "n", "B": f"n x n {said}"})
    assert plain(derivation.result) == gradient
    assert reason in "; ".join(prose(line.because) for line in derivation.lines)
    assert not derivation.conditions
