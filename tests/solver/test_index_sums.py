"""Sums over an index: read, printed, renamed, differentiated, and solved in the form that people publish."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from generator import solve
from generator.errors import ExpressionError, GeneratorError, VerificationError
from generator.expr.evaluate.numeric import Point, evaluate
from generator.expr.nodes import (
    SCALAR,
    Dim,
    Expr,
    IndexSum,
    Member,
    Symbol,
    index,
    index_sum,
    scale,
    substitute,
)
from generator.expr.parsing.parse import read
from generator.expr.printing.latex import latex
from generator.expr.printing.plain import plain
from generator.solver.verify import verify

n = Dim.of("n")
FAMILY = Symbol("x_", SCALAR, frozenset(), n)
i, j, k = (index(name, n) for name in "ijk")


def x(at: Symbol) -> Expr:
    return Member(FAMILY, at)


GAUSSIAN = "-n/2 log det Sigma - 1/2 sum_{i=1}^n (x_i - mu)' inv(Sigma) (x_i - mu)"
OF_GAUSSIAN = {"Sigma": "d x d positive definite", "x_i": "d", "mu": "d"}
MEAN = {"x_i": "d", "c": "d"}

READ = [
    (GAUSSIAN, "-n/2*log(det(Sigma)) - 1/2*sum_{i=1}^n (x_i - mu)'*inv(Sigma)*(x_i - mu)"),
    (r"\frac{1}{n}\sum_{i=1}^n (y_i - w^T x_i)^2", "1/n*sum_{i=1}^n (y_i - w'*x_i)^2"),
    (r"\sum_i \log(1 + \exp(-t_i w^T x_i))", "sum_{i=1}^n log(1 + exp(-t_i*w'*x_i))"),
    (r"\sum_{n=1}^N \| t_n - W^T \phi_n \|^2", "sum_{i=1}^N norm2(t_i - W'*phi_i)^2"),
    (r"\sum^n_{i=1} x_i^T A x_i", "sum_{i=1}^n x_i'*A*x_i"),
    ("∑_i x_i'A x_i + tr(A)", "sum_{i=1}^n x_i'*A*x_i + tr(A)"),
    ("sum_{i=1}^n sum_{j=1}^n (x_i - x_j)'A(x_i - x_j)", "sum_{i=1}^n sum_{j=1}^n (x_i - x_j)'*A*(x_i - x_j)"),
    (r"\sum_{i,j} X_{ij}^2", "sum_{i=1}^n sum_{j=1}^m X_{ij}^2"),
    ("sum_k (W x + c)_k^2", "sum_{i=1}^n (W*x + c)_i^2"),
    (r"\log\prod_{i=1}^n p^{x_i}", "sum_{i=1}^n log(p^x_i)"),
    ("log sum_i exp(w'x_i)", "log(sum_{i=1}^n exp(w'*x_i))"),
    ("-log(sigmoid(u'v)) - sum_k log(sigmoid(-u_k'v))", "-log(sigmoid(u'*v)) - sum_{i=1}^n log(sigmoid(-u_i'*v))"),
]


@pytest.mark.parametrize(("text", "meant"), READ, ids=[text for text, _ in READ])
def test_a_sum_is_read_as_it_is_written_and_printed_so_that_it_is_read_again(text: str, meant: str) -> None:
    parsed = read(text)
    assert plain(parsed.expr) == meant
    assert read(plain(parsed.expr), known=parsed.symbols).expr is parsed.expr
    assert latex(read(latex(parsed.expr), known=parsed.symbols).expr) == latex(parsed.expr)


REFUSED = [
    ("sum_{i=0}^n x_i", "begins with 0"),
    (r"\sum_{i<2} x_i", "the limits of"),
    (r"\sum_{i<j} x_i", "exchanged"),
    (r"\sum_i \sum_{i<j} x_i x_j", "bound twice"),
    (r"\sum_{i<j} (\|x_i - x_j\| - 1)^2", "norms of zero"),
    ("x_i + sum_{i=1}^n x_i", "no sum around this place runs over i"),
    ("log sum_i exp(x_i) - x_i", "no sum around this place runs over i"),
    (r"\sum_{i,j: i \neq k} x_i x_j", "pairs of different values"),
    ("i + sum_i x_i'x_i", "i is an index and a symbol"),
    ("sum_k k'x_k", "k is an index and a symbol"),
    ("j'j + sum_{k=1}^n sum_{l=1}^n x_k'x_l", "j is the name of an index here"),
    ("prod_{i=1}^n x_i", "a product over an index"),
    ("x'x + sum_i x_{in} x_i", "x is a column and has two indices"),
    ("sum_i a_{ijk} x_i", "an entry by 3 indices"),
]


@pytest.mark.parametrize(("text", "what"), REFUSED)
def test_what_is_no_sum_over_an_index_is_refused(text: str, what: str) -> None:
    with pytest.raises(ExpressionError, match=what):
        read(text)


def test_sums_that_differ_in_the_names_of_indices_are_one() -> None:
    assert index_sum(k, x(k)) is index_sum(i, x(i))
    inner = index_sum(i, x(i) * x(j))
    assert index_sum(j, inner) is index_sum(k, index_sum(j, x(j) * x(k)))


def test_what_is_put_into_a_sum_keeps_its_own_index() -> None:
    """x_i from outside is not the x_i that the sum runs over."""
    a = Symbol("a", SCALAR)
    inside = substitute(index_sum(i, scale(a, x(i))), {a: x(i)})
    assert isinstance(inside, IndexSum)
    assert inside.indices == {i}
    assert index_sum(i, inside) is index_sum(k, index_sum(j, scale(x(k), x(j))))


def test_a_sum_inside_of_another_takes_another_name_wherever_it_is_built_first() -> None:
    a = Symbol("a", SCALAR)
    whole = index_sum(j, index_sum(i, scale(a, scale(x(i), x(j)))))
    deeper = substitute(whole, {a: index_sum(i, x(i))})
    assert deeper is index_sum(j, index_sum(k, scale(index_sum(i, x(i)), scale(x(k), x(j)))))


SOLVED: list[tuple[str, str, dict[str, str] | None, str, str]] = [
    (GAUSSIAN, "mu", OF_GAUSSIAN, "stationary", "(sum_{i=1}^n x_i)/n"),
    (GAUSSIAN, "Sigma", OF_GAUSSIAN, "stationary", "(sum_{i=1}^n (x_i - mu)*(x_i - mu)')/n"),
    ("1/n sum_{i=1}^n ||x_i - c||^2", "c", MEAN, "stationary", "(sum_{i=1}^n x_i)/n"),
    ("sum_i (a_i'x - b_i)^2", "x", None, "derivative", "2*sum_{i=1}^n (a_i'*x - b_i)*a_i"),
    ("sum_i (a_i'x - b_i)^2", "x", None, "hessian", "2*sum_{i=1}^n a_i*a_i'"),
    ("sum_i (a_i'x - b_i)^2", "x", None, "stationary", "inv(sum_{i=1}^n a_i*a_i')*sum_{i=1}^n b_i*a_i"),
    ("sum_i log(1 + exp(-t_i w'x_i))", "w", None, "derivative", "-sum_{i=1}^n sigmoid(-t_i*w'*x_i)*t_i*x_i"),
    ("sum_i (b_i - x'a_i)^2 + c x'x", "x", {"c": "scalar positive"}, "stationary",
     "inv(sum_{i=1}^n a_i*a_i' + c*eye)*sum_{i=1}^n b_i*a_i"),
    ("sum_i (x_i log(p) + (1 - x_i) log(1 - p))", "p", {"x_i": "scalar", "p": "scalar"}, "stationary",
     "(sum_{i=1}^n x_i)/n"),
    ("sum_i ||y_i - W x_i||^2 + c ||W||_F^2", "W", None, "derivative", "2*(c*W + sum_{i=1}^n (W*x_i - y_i)*x_i')"),
    ("sum_i ||t_i - W'x_i||^2", "W", None, "stationary", "inv(sum_{i=1}^n x_i*x_i')*sum_{i=1}^n x_i*t_i'"),
    ("sum_i tr(A_i X B_i)", "X", None, "derivative", "sum_{i=1}^n A_i'*B_i'"),
    ("sum_i sum_j (x_i - x_j)'A(x_i - x_j)", "A", None, "derivative",
     "sum_{i=1}^n sum_{j=1}^n (x_i - x_j)*(x_i - x_j)'"),
    ("-sum_i (y_i log(sigmoid(w'x_i)) + (1 - y_i) log(1 - sigmoid(w'x_i)))", "w", None, "derivative",
     "sum_{i=1}^n (sigmoid(w'*x_i) - y_i)*x_i"),
    ("log sum_i exp(w'x_i)", "w", None, "derivative", "(sum_{i=1}^n exp(w'*x_i)*x_i)/(sum_{i=1}^n exp(w'*x_i))"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "symbols", "find", "answer"), SOLVED)
def test_the_answer_is_in_the_form_that_people_publish(
    function: str, wrt: str, symbols: dict[str, str] | None, find: str, answer: str
) -> None:
    derivation = solve(function, wrt, symbols, find)
    assert str(derivation.result) == answer
    assert derivation.verified.max_error < 1e-8
    told = derivation.to_dict()
    assert read(told["function"], told["symbols"]).expr is derivation.function


def test_the_trace_trick_is_a_line_with_its_own_rule() -> None:
    derivation = solve(GAUSSIAN, "Sigma", OF_GAUSSIAN)
    lines = derivation.lines
    assert lines[0].rule == "trace-trick"
    assert plain(lines[0].right).endswith("1/2*tr(inv(Sigma)*S)")
    assert {s.name: plain(e) for s, e in derivation.definitions.items()} == {"S": "sum_{i=1}^n (x_i - mu)*(x_i - mu)'"}
    assert derivation.named is not None
    assert plain(derivation.named.answer) == "1/2*(inv(Sigma)*S*inv(Sigma) - tr(eye(n))*inv(Sigma))"


TWINS = [
    (GAUSSIAN, "mu", OF_GAUSSIAN, "scalar-twins", "sum_{i=1}^n (x_i - mu)'*inv(Sigma)*dmu"),
    ("sum_i ||y_i - W x_i||^2", "W", None, "tr-twins", "-2*sum_{i=1}^n tr((y_i - W*x_i)'*dW*x_i)"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "rule", "line"), TWINS)
def test_terms_of_a_sum_that_are_transposes_of_each_other_are_joined_at_once(
    function: str, wrt: str, symbols: dict[str, str] | None, rule: str, line: str
) -> None:
    lines = solve(function, wrt, symbols).lines
    assert [plain(e.right) for e in lines if e.rule == rule] == [line]


def test_conditions_are_said_without_positive_denominators() -> None:
    told = solve(
        "sum_i (x_i log(p) + (1 - x_i) log(1 - p))", "p", {"x_i": "scalar", "p": "scalar"}, "stationary"
    ).to_dict()
    assert told["conditions"] == ["sum_{i=1}^n x_i is positive", "n - sum_{i=1}^n x_i is positive"]


SAMPLES = [
    ("sum_{i=1}^n (a_i'x - b_i)^2", "norm2(A*x - b)^2"),
    ("sum_{i=1}^n log(1 + exp(-b_i*(a_i'x)))", "sum(log(vector(1) + exp(-b.*(A*x))))"),
    ("sum_{i=1}^n b_i a_i'x", "b'*A*x"),
]


@pytest.mark.parametrize("find", ["derivative", "hessian"])
@pytest.mark.parametrize(("samples", "matrices"), SAMPLES)
def test_answers_by_samples_are_those_of_the_matrix_whose_rows_they_are(samples: str, matrices: str, find: str) -> None:
    rng = np.random.default_rng(7)
    A, b = rng.standard_normal((5, 3)), rng.standard_normal((5, 1))
    point = Point({"x": rng.standard_normal((3, 1)), "A": A, "b": b, "a_": A.T, "b_": b.T}, {"n": 5, "m": 3})
    by_samples = solve(samples, "x", {"a_i": "m", "b_i": "scalar", "x": "m"}, find)
    by_matrices = solve(matrices, "x", {"A": "n x m", "b": "n", "x": "m"}, find)
    assert np.allclose(evaluate(by_samples.result, point), evaluate(by_matrices.result, point))


BY_MATRICES: list[tuple[str, str, dict[str, str] | None, str, str]] = [
    ("sum_i (a_i'x - b_i)^2", "x", None, "derivative", "2*A'*(A*x - b)"),
    ("sum_i (a_i'x - b_i)^2", "x", None, "hessian", "2*A'*A"),
    ("sum_i (a_i'x - b_i)^2", "x", None, "stationary", "inv(A'*A)*A'*b"),
    ("sum_i r_i (x'a_i - b_i)^2", "x", None, "stationary", "inv(A'*diag(r)*A)*A'*(r.*b)"),
    ("sum_i log(1 + exp(-t_i w'x_i))", "w", None, "derivative", "-X'*(sigmoid(-t.*(X*w)).*t)"),
    ("sum_i (exp(w'x_i) - y_i w'x_i)", "w", None, "derivative", "X'*(exp(X*w) - y)"),
    ("sum_i (y_i - w'x_i - b)^2", "w", {"b": "scalar"}, "derivative", "-2*X'*(y - X*w - b*vector(1))"),
    ("sum_i r_i ||x_i - c||^2", "c", {"x_i": "d", "c": "d"}, "stationary", "X'*r/sum(r)"),
    ("sum_i ||y_i - W x_i||^2", "W", None, "derivative", "-2*(Y' - W*X')*X"),
    ("sum_i ||t_i - W'x_i||^2", "W", None, "stationary", "inv(X'*X)*X'*T"),
    ("sum_i (x_i'y - b_i)^2 + ||X y||^2", "y", {"X": "k x d", "y": "d"}, "hessian", "2*(A'*A + X'*X)"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "find", "answer"), BY_MATRICES)
def test_an_answer_by_samples_is_said_with_the_matrices_whose_rows_they_are(
    function: str, wrt: str, symbols: dict[str, str] | None, find: str, answer: str
) -> None:
    derivation = solve(function, wrt, symbols, find)
    told = derivation.to_dict()
    assert told["result_with_matrices"] == answer
    assert told["remarks"][-1].startswith("With ")
    assert told["remarks"][-1].endswith(f" = {answer}")


def test_matrices_of_samples_are_defined_beside_the_answer() -> None:
    told = solve("sum_i r_i (x'a_i - b_i)^2", "x").to_dict()
    definitions = "A = [a_1, ..., a_n]', r = [r_1, ..., r_n]' and b = [b_1, ..., b_n]'"
    assert told["remarks"] == [f"With {definitions}, G = {told['result_with_matrices']}"]


def test_sums_that_recur_in_an_answer_have_names() -> None:
    told = solve("log sum_i exp(w'x_i)", "w", find="hessian").to_dict()
    assert told["result_with_names"] == "(sum_{i=1}^n exp(w'*x_i)*x_i*x_i' - r*r'/s)/s"
    assert told["names"] == {"s": "sum_{i=1}^n exp(w'*x_i)", "r": "sum_{i=1}^n exp(w'*x_i)*x_i"}


def test_the_softmax_of_samples_is_that_of_rows() -> None:
    told = solve("-sum_i y_i' log(softmax(W x_i))", "W", {"y_i": "k sums to one"}).text()
    assert "G = sum_{i=1}^n (softmax(W*x_i) - y_i)*x_i'\n" in told
    assert told.endswith("G = (softmax_rows(X*W')' - Y')*X.")


WITHOUT_MATRICES: list[tuple[str, str, dict[str, str] | None, str]] = [
    ("n log(lambda) - lambda sum_i x_i", "lambda", {"x_i": "scalar", "lambda": "scalar"}, "stationary"),
    (GAUSSIAN, "mu", OF_GAUSSIAN, "stationary"),
    (GAUSSIAN, "Sigma", OF_GAUSSIAN, "stationary"),
    ("sum_i tr(A_i X B_i)", "X", None, "derivative"),
    ("sum_i sum_j (x_i - x_j)'A(x_i - x_j)", "A", None, "derivative"),
    ("norm2(A*x - b)^2", "x", None, "derivative"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), WITHOUT_MATRICES)
def test_an_answer_that_no_such_matrix_makes_shorter_stays_as_it_is(
    function: str, wrt: str, symbols: dict[str, str] | None, find: str
) -> None:
    assert solve(function, wrt, symbols, find).with_matrices is None


def test_an_answer_with_matrices_is_verified_as_lines_are() -> None:
    right = solve("sum_i (a_i'x - b_i)^2", "x")
    assert right.with_matrices is not None
    wrong = replace(right.with_matrices, answer=-right.with_matrices.answer)
    with pytest.raises(VerificationError):
        verify(replace(right, with_matrices=wrong))


AS_TYPED = [
    (r"\sum_{j \neq t} [W x]_j^2 - [W x]_t", "W", "(2*W*x + (-2*e_t'*W*x - 1)*e_t)*x'"),
    (r"-\log \frac{e^{x_j}}{\sum_k e^{x_k}}", "x", "exp(x)/sum(exp(x)) - e_j"),
    (r"\sum_i\sum_{j\ne i} x_i x_j", "x", "2*(sum(x)*vector(1) - x)"),
    ("sum_{j != k} (w_j'x - w_k'x)", "x", "sum_{i=1}^n w_i - n*w_k"),
    (r"\sum_{i \in S} (y_i - w^T x_i)^2", "w", "-2*sum_{i=1}^n (y_i - w'*x_i)*x_i"),
    (r"\sum_{i=0}^{n-1} (y_i - w^T x_i)^2", "w", "-2*sum_{i=1}^n (y_i - w'*x_i)*x_i"),
    (r"\sum \log(1+\exp(-y_i w^T x_i))", "w", "-sum_{i=1}^n sigmoid(-y_i*w'*x_i)*y_i*x_i"),
    (r"\sum_{n=1}^N (t_n - w^T \phi(x_n))^2", "w", "-2*sum_{i=1}^N (t_i - w'*phi_i)*phi_i"),
    (r"\phi(x)^T w", "w", "phi"),
    ("(A x)_k", "x", "A'*e_k"),
    ("(A x)_9", "x", "A'*e_9"),
    (
        r"\frac{\exp(x)}{\mathbf{1}^T\exp(x)}",
        "x",
        "diag(exp(x)/sum(exp(x))) - (exp(x)/sum(exp(x)))*(exp(x)/sum(exp(x)))'",
    ),
    (r"\|vec(A) - vec(X)\|^2", "X", "2*(X - A)"),
    (r"\|A\otimes X\|_F^2", "X", "2*norm2(A)^2*X"),
    (r"\frac12\sum_{i,j=1}^n W_{ij}\|f_i - f_j\|^2", "f_k", "sum_{i=1}^n (W_{ki} + W_{ik})*(f_k - f_i)"),
    ("x_1^2 + 3 x_1 x_2 + x_2^2", "x", "(2*e_1'*x + 3*e_2'*x)*e_1 + (3*e_1'*x + 2*e_2'*x)*e_2"),
    ("sum_i (X_{i1} - y_i)^2", "X", "2*(X*e_1 - y)*e_1'"),
    (r"\sum_i \|x - x_i\|^2", "x", "2*sum_{i=1}^n (x - x_i)"),
    (r"\sum_{i,j} a_i X_{ij} b_j", "a", "X*b"),
    (r"\sum_{i,j} a_i X_{ij} b_j", "b", "X'*a"),
    (r"-\sum_i\sum_j v_i W_{ij} h_j - \sum_i b_i v_i", "v", "-W*h - b"),
    (r"\|x-\sum_j w_j d_j\|^2", "w", "-2*[d_1, ..., d_n]'*(x - [d_1, ..., d_n]*w)"),
    (r"\sum_{i,j}\alpha_i\alpha_j y_i y_j x_i^Tx_j", r"\alpha", "2*y.*([x_1, ..., x_n]'*[x_1, ..., x_n]*(alpha.*y))"),
    (r"\sum_i (y_i - \beta_0 - \sum_j X_{ij}\beta_j)^2", r"\beta", "-2*X'*(y - beta_0*vector(1) - X*beta)"),
    ("sum_i (y_i - b_0 - b_1 x_i)^2", "b_0", "-2*sum_{i=1}^n (y_i - b_0 - b_1*x_i)"),
    ("sum_i b_{ik} x_i", "x", "b*e_k"),
    (r"\sum_i b_{i1} x_i", "x", "b*e_1"),
    (r"-\sum_i y_{ic} w_c^T x_i", "w_c", "-sum_{i=1}^n y_{ic}*x_i"),
    ("sum_i y_it w'x_i", "w", "sum_{i=1}^n (y*e_t)_i*x_i"),
    (r"\|x - \mu\|_{\Sigma^{-1}}^2", "x", "(inv(Sigma) + inv(Sigma)')*(x - mu)"),
    ("||A x - b||_{R^-1}^2", "x", "A'*(inv(R) + inv(R)')*(A*x - b)"),
    (r"\sum_{i=1}^ny_ix_i^Tw", "w", "sum_{i=1}^n y_i*x_i"),
    (r"\sum_ia_ix_i", "x", "a"),
    (r"\sum_ix_i\log x_i", "x", "log(x) + vector(1)"),
    (r"\log\sum_je^{x_j}", "x", "exp(x)/sum(exp(x))"),
    (r"\sum_{i=1}^n\|A_iX-B_i\|_F^2", "X", "2*sum_{i=1}^n A_i'*(A_i*X - B_i)"),
    (r"\log\det\left(A+\sum_ix_iB_i\right)", "x_1", "tr(inv(A + sum_{i=1}^n x_i*B_i)*B_1)"),
    (
        r"\sum_{i=1}^n\alpha_i-\frac12\sum_{i=1}^n\sum_{j=1}^n\alpha_i\alpha_jy_iy_jx_i^Tx_j",
        r"\alpha_k",
        "1 - y_k*sum_{i=1}^n (x_k'*x_i)*y_i*alpha_i",
    ),
    (r"-\sum_{i=1}^{K} y_i \log(\hat y_i)", r"\hat y", "-y./y_hat"),
    (r"\sum_i(\hat{y}_i-y_i)^2", r"\hat{y}", "2*(y_hat - y)"),
    (r"\sum_i \|\hat y_i - W x_i\|^2", "W", "-2*sum_{i=1}^n (y_hat_i - W*x_i)*x_i'"),
    (r"\frac{1}{2}\sum_{i=1}^{m}(\theta^T x^{(i)} - y^{(i)})^2", r"\theta", "sum_{i=1}^m (theta'*x_i - y_i)*x_i"),
    (r"\sum_{k}\|x-c^{(k)}\|^2", "x", "2*sum_{i=1}^n (x - c_i)"),
    (r"\sum_i x^{(i)T} A x^{(i)}", "A", "sum_{i=1}^n x_i*x_i'"),
    (r"\sum_i\sum_j (x_j^{(i)})^2", "x_1", "2*x_1"),
    ("sum_i (x_{ij} - y_i)^2", "y", "2*(y - x*e_j)"),
    (r"\sum_k A_{ik} X_{kj}", "X", "A'*e_i*e_j'"),
    # a sum goes as far as the last term with its index
    (
        r"\sum_{i=1}^m y_i\log\sigma(\theta^T x_i)+(1-y_i)\log(1-\sigma(\theta^T x_i))",
        r"\theta",
        "sum_{i=1}^m (y_i - sigmoid(theta'*x_i))*x_i",
    ),
    ("sum_i log(1 + exp(x_i'b)) - y_i x_i'b", "b", "sum_{i=1}^n (sigmoid(x_i'*b) - y_i)*x_i"),
    (r"\sum_{i}\exp(x_i^T\beta)-y_ix_i^T\beta", r"\beta", "sum_{i=1}^n (exp(x_i'*beta) - y_i)*x_i"),
    (r"-\sum_i x_i\log x_i-x_i", "x", "-log(x)"),
    (r"\sum_{k=0}^{N-1}x_k^TQx_k+u_k^TRu_k", "u_k", "(R + R')*u_k"),
    ("sum_i x_i^2 + a'a", "x", "2*x"),
    (r"\sum_{i=1}^n x_i^2 - 2 x_i + x_1", "x_1", "2*x_1 - 1"),
    ("sum_i sum_j a_{ij} x_j - b_i x_i", "x", "a'*vector(1) - b"),
    (r"\frac{1}{2}\sum_i x_i^2 - c(\sum_i x_i + y_i - d)", "x", "x - c*vector(1)"),
    (r"\underset{i}{\sum}x_i^2", "x", "2*x"),
    (r"\Sigma_{i=1}^n x_i^2", "x", "2*x"),
    (r"L_i = -\log\left(\frac{e^{f_{y_i}}}{\sum_j e^{f_j}}\right)", "f", "exp(f)/sum(exp(f)) - e_y_i"),
    # pairs of different values
    (r"-\frac12\sum_{i\neq j}J_{ij}s_is_j", "s", "1/2*(2*diag(J).*s - (J + J')*s)"),
    (r"\sum_{i\neq j}A_{ij}^2", "A", "2*(A - diag(diag(A)))"),
    (r"\sum_{i,j: i\neq j} x_i x_j", "x", "2*(sum(x)*vector(1) - x)"),
    (r"\sum_{i\ne j}(x_i^Tx_j)^2", "x_k", "4*(sum_{i=1}^n (x_k'*x_i)*x_i - (x_k'*x_k)*x_k)"),
    (r"\sum_j\sum_{i\neq j} x_i x_j", "x", "2*(sum(x)*vector(1) - x)"),
    (r"\sum_{i<j} \|x_i - x_j\|^2", "x_k", "2*sum_{i=1}^n (x_k - x_i)"),
    (r"\sum_{i<j} w_{ij}\|x_i - x_j\|^2", "x_k", "2*sum_{i=1}^n w_{ik}*(x_k - x_i)"),
    (r"\sum_{1 \le i<j \le n} x_i x_j", "x", "sum(x)*vector(1) - x"),
    (r"\sum_{i,j}(X_{ij}-u_i^Tv_j)^2", "u_i", "-2*sum_{i=1}^m (X_{ki} - u_k'*v_i)*v_i"),
    (r"Q = \sum (Y_i - \beta_0 - \beta_1 X_i)^2", r"\beta_1", "-2*sum_{i=1}^n (Y_i - beta_0 - beta_1*X_i)*X_i"),
    (r"\sum_{i=1}^n (Y_i - X_i^T\beta)^2", r"\beta", "-2*sum_{i=1}^n (Y_i - X_i'*beta)*X_i"),
    (r"\sum_i \|X_i - A B_i\|_F^2", "A", "-2*sum_{i=1}^n (X_i - A*B_i)*B_i'"),
    (
        r"\sum_{j\neq y_i} \max(0, w_j^Tx_i - w_{y_i}^Tx_i + \Delta)",
        "w_j",
        "relu(sign(w_j'*x_i - w_y_i'*x_i + Delta))*x_i",
    ),
    (
        r"\sum_{j\neq y_i} \max(0, s_j - s_{y_i} + 1)",
        "s",
        "relu(sign(s + (1 - e_y_i'*s)*vector(1))) - (relu(sign(s + (1 - e_y_i'*s)*vector(1)))'*vector(1))*e_y_i",
    ),
]


@pytest.mark.parametrize(("function", "wrt", "answer"), AS_TYPED)
def test_indices_are_read_as_people_type_them(function: str, wrt: str, answer: str) -> None:
    assert str(solve(function, wrt).result) == answer


NOT_READ = [
    (r"\sum_{j\neq y_i} \max(0, w_j^Tx_i - w_{y_i}^Tx_i + 1)", "w_{y_i}", "one of those that the sum runs over"),
    (r"\phi(x)^T w + \phi(y)^T w", "w", "Declare it as elementwise"),
    (r"\phi(x)^T w", "x", "Declare it as elementwise"),
    (r"\sum_n \phi(x_n)^T w + \phi(y_n)^T w", "w", "Declare it as elementwise"),
    ("tr(A(t))", "t", "could be a function of t, or a product"),
    ("E(x)", "x", "E(x) could be a function of x, or a product"),
    (r"2 \nabla_X tr(A X)", "X", "Write the function alone"),
    (r"2 \min_x \|A x - b\|^2", "x", "Write the function alone"),
]


@pytest.mark.parametrize(("function", "wrt", "what"), NOT_READ)
def test_what_has_two_readings_is_refused_with_advice(function: str, wrt: str, what: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(what)):
        solve(function, wrt)


OF_ENTRIES = [
    ("sum_i x_i^2", "x", "2*x"),
    ("sum_{ij} A_{ij} x_i x_j", "x", "(A + A')*x"),
    ("sum_i sum_j X_{ij}^2", "X", "2*X"),
    ("sum_i X_{ii}", "X", "eye"),
    ("sum_i log(X_{ii})", "X", "diag(diag(X).^-1)"),
    ("sum_{ij} A_{ij} log(X_{ij})", "X", "A./X"),
    ("sum_i (x_i - y_i)^2", "x", "2*(x - y)"),
    ("sum_i a_i (x_i - b_i)^2", "x", "2*a.*(x - b)"),
    ("log sum_k exp(x_k)", "x", "exp(x)/sum(exp(x))"),
    ("sum_i x_i y_i + lambda sum_i x_i^2", "x", "y + 2*lambda*x"),
    ("-sum_k p_k log(p_k)", "p", "-(log(p) + vector(1))"),
    ("sum_k (W x + c)_k^2", "W", "2*(W*x + c)*x'"),
]


@pytest.mark.parametrize(("function", "wrt", "answer"), OF_ENTRIES)
def test_sums_over_entries_are_written_with_matrices_first(function: str, wrt: str, answer: str) -> None:
    derivation = solve(function, wrt)
    assert derivation.lines[0].rule == "entries-as-matrices"
    assert str(derivation.result) == answer


def test_a_family_is_no_variable_of_its_own() -> None:
    with pytest.raises(GeneratorError):
        solve("sum_{i=1}^n x_i'A x_i", "x")
