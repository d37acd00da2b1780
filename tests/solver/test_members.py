"""Derivatives by one member of a family, against differences of the whole function."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator import GeneratorError, Unsupported, solve
from generator.errors import VerificationError
from generator.expr.evaluate.numeric import Point, dimension_names, draw, evaluate, relative_error
from generator.expr.nodes import number
from generator.expr.parsing.parse import read
from generator.solver.verify import verify

STEP = 1e-6

BY_NUMBER = [
    (r"\sum_i \|x_i - \mu\|^2", "x_1"),
    (r"\sum_i (y_i - w^T x_i)^2 + \|w\|^2", "x_2"),
    (r"\sum_i y_i w^T x_i", "y_1"),
    (r"\frac{1}{n} \sum_{i=1}^n \log(1 + e^{-y_i w^T x_i})", "x_1"),
    (r"\sum_{ij} \|x_i - x_j\|^2", "x_1"),
    (r"\sum_{ij} \exp(-\|x_i - 2 x_j\|^2)", "x_2"),
    (r"\sum_i \sum_k r_{ik}\|x_i - \mu_k\|^2", r"\mu_1"),
    (r"\sum_i \sum_k r_{ik}\|x_i - \mu_k\|^2", "x_1"),
    (r"\sum_{i,j}(A_{ij} - u_i^T v_j)^2", "u_2"),
    (r"\sum_{i,j}(A_{ij} - u_i^T v_j)^2", "v_1"),
    (r"\sum_{ij} A_{ij} x_i x_j", "x_1"),
    (r"\sum_i \log(1 + x_1^T x_i)", "x_1"),
    (r"\log\sum_i \exp(w_i^T x)", "w_1"),
    (r"w_1^T x - \log\sum_i \exp(w_i^T x)", "w_1"),
    (r"\frac{\exp(w_1^T x)}{\sum_i \exp(w_i^T x)}", "w_1"),
    (r"\frac{\exp(w_1^T x)}{\sum_i \exp(w_i^T x)}", "w_2"),
    (r"\sum_j \log\sum_i \exp(w_i^T x_j)", "w_2"),
    (r"\sum_j \log\sum_i \exp(w_i^T x_j)", "x_2"),
    (r"\|\sum_i a_i x_i - y\|^2", "a_1"),
    (r"\|\sum_i a_i x_i - y\|^2", "x_2"),
    (r"\log\sum_{ij} (1 + \|y_i - y_j\|^2)^{-1}", "y_2"),
    (r"\log\det(\sum_i x_i x_i^T + S^T S)", "x_1"),
    (r"tr((\sum_i A_i)(\sum_i A_i)^T)", "A_1"),
    (r"(\sum_i x_i^2)(\sum_i \sin x_i)", "x_2"),
    (r"\det(\sum_i x_i A_i A_i^T)", "x_2"),
    (r"\|\sum_i x_i A_i - C\|_F^2", "x_1"),
]


@pytest.mark.parametrize(("text", "wrt"), BY_NUMBER)
def test_a_derivative_by_a_member_is_that_of_the_whole(text: str, wrt: str) -> None:
    derivation, whole = solve(text, wrt), read(text, wrt=wrt).expr
    stem, _, number = derivation.wrt.name.rpartition("_")
    rng = np.random.default_rng(3)
    frame = Point({}, dict.fromkeys(dimension_names(whole), 3))
    values = {s.name: draw(s, frame, rng) / 2 for s in sorted(whole.symbols, key=lambda s: s.name)}
    family = values[f"{stem}_"]
    width = family.shape[1] // 3
    own = slice((int(number) - 1) * width, int(number) * width)
    values[derivation.wrt.name] = family[:, own]
    found = evaluate(derivation.result, Point(values, frame.dims))
    differences = np.zeros_like(found)
    for row, column in np.ndindex(found.shape):
        moved = np.zeros_like(family)
        moved[row, own.start + column] = STEP
        there, back = (
            evaluate(whole, Point({**values, f"{stem}_": family + sign * moved}, frame.dims)) for sign in (1, -1)
        )
        differences[row, column] = ((there - back) / (2 * STEP))[0, 0]
    assert relative_error(found, differences) < 1e-6


BY_LETTER = [
    (r"\sum_i \|x_i - \mu\|^2", "x_k", "2*(x_k - mu)"),
    (r"-\log\sigma(u_o^T v) - \sum_k \log\sigma(-u_k^T v)", "u_k", "(1 - sigmoid(-u_k'*v))*v"),
    (r"\sum_{ij} \|x_i - x_j\|^2", "x_k", "4*sum_{i=1}^n (x_k - x_i)"),
    (r"\sum_i \alpha_i y_i x_i^T w", "x_k", "alpha_k*y_k*w"),
    (r"\sum_{i,j}(A_{ij} - u_i^T v_j)^2", "u_k", "-2*sum_{i=1}^m (A_{ki} - u_k'*v_i)*v_i"),
    (r"\sum_i y_i w^T x_i", "x_7", "y_7*w"),
    (r"\sum_{i=1}^5 y_i w^T x_i", "x_5", "y_5*w"),
    (r"\sum_i x_i^T x_9", "x_7", "x_9"),
    (r"\sum_i x_i^T x_i + x_9^T x_9", "x_2", "2*x_2"),
    (r"\operatorname{tr}(A \sum_i x_i B_i)", "x_k", "tr(A*B_k)"),
    (r"\log\det(\sum_i x_i B_i)", "x_k", "tr(inv(sum_{i=1}^n x_i*B_i)*B_k)"),
    (r"\log\det(\sum_i x_i a_i a_i^T)", "x_k", "a_k'*inv(sum_{i=1}^n x_i*a_i*a_i')*a_k"),
    (r"\log\sum_k \exp(u_k^T v)", "u_j", "exp(u_j'*v)*v/(sum_{i=1}^n exp(u_i'*v))"),
    (
        r"\sum_j \log\sum_i \exp(w_i^T x_j)",
        "w_k",
        "sum_{i=1}^n exp(w_k'*x_i)*x_i/(sum_{j=1}^m exp(w_j'*x_i))",
    ),
]


@pytest.mark.parametrize(("text", "wrt", "answer"), BY_LETTER)
def test_a_member_is_named_by_its_letter(text: str, wrt: str, answer: str) -> None:
    derivation = solve(text, wrt)
    assert str(derivation.result) == answer
    assert "the others are constant" in derivation.reading()


REFUSED = [
    (r"\sum_i \log\sum_j \exp(u_i^T u_j)", "u_k", "more than one way"),
    (r"-u_o^T v + \log\sum_k \exp(u_k^T v)", "u_o", "as u_1. If it is another one, rename it"),
    (r"\sum_{i=1}^5 x_i^T x_i", "x_7", "there is no x_7: the last one is x_5"),
    ("tr(AX)", "X_{ij}", "Ask for the derivative by X"),
    ("x'Ax", "x_j", "Ask for the derivative by x"),
    (r"\log\det(\sum_i x_i B_i)", "x", "ask for the derivative by x_k"),
    (r"\|\sum_k x_k B_k - C\|_F^2", "x", "ask for the derivative by x_k"),
]


@pytest.mark.parametrize(("text", "wrt", "advice"), REFUSED)
def test_what_is_no_member_of_a_sum_is_refused_with_advice(text: str, wrt: str, advice: str) -> None:
    with pytest.raises(GeneratorError) as caught:
        solve(text, wrt)
    assert advice in str(caught.value)


@pytest.mark.parametrize("find", ["hessian", "stationary"])
def test_of_pairs_only_the_derivative_is_known(find: str) -> None:
    with pytest.raises(Unsupported, match="over pairs"):
        solve(r"\sum_{ij} \|x_i - x_j\|^2", "x_k", find=find)


def test_a_coordinate_is_minimized_with_the_others_held_fixed() -> None:
    derivation = solve(r"\|\sum_i a_i x_i - y\|^2", "a_k", find="stationary")
    assert "With r = sum_{i=1}^n a_i*x_i - a_k*x_k" in derivation.text()
    assert str(derivation.result) == "((y - r)'*x_k)/(x_k'*x_k)"


def test_a_declared_column_of_which_only_entries_occur_is_a_family() -> None:
    symbols = {"x": "n positive", "A_i": "m x m symmetric"}
    derivation = solve("lambda_max(sum_i x_i*A_i)", "x_k", symbols)
    largest = "eigvec_max(sum_{i=1}^n x_i*A_i)"
    assert str(derivation.result) == f"{largest}'*A_k*{largest}"
    with pytest.raises(GeneratorError, match="Ask for the derivative by x"):
        solve("x'*x + sum_i x_i", "x_k", {"x": "n"})


def test_second_derivatives_are_those_of_the_terms() -> None:
    assert str(solve(r"\sum_i \|x_i - \mu\|^2", "x_k", find="hessian").result) == "2*eye"
    second = solve(r"\log\sum_i \exp(w_i^T x)", "w_k", find="hessian")
    exp, total = "exp(w_k'*x)", "(sum_{i=1}^n exp(w_i'*x))"
    assert str(second.result) == f"({total[1:-1]} - {exp})*{exp}*x*x'/{total}^2"


def test_the_derivative_by_a_matrix_of_samples_is_that_by_each_row() -> None:
    text = r"\sum_i (x_i^T w - y_i)^2 + \log\sum_{i} \exp(x_i^T w)"
    found = solve(text, "X")
    assert found.result == solve(text, "x_k").result
    assert found.notes[0] == "The derivative by x_k is row k of that by X, whose rows are x_1, x_2, …."


WHOLE_SUMS = [
    (
        r"\sum_i\log\sum_k \pi_k\exp(-\frac12\|x_i-\mu_k\|^2)",
        r"\mu_k",
        "pi_k*sum_{i=1}^n exp(-1/2*norm2(x_i - mu_k)^2)*(x_i - mu_k)/(sum_{j=1}^m pi_j*exp(-1/2*norm2(x_i - mu_j)^2))",
    ),
    (
        r"\log\sum_{ij} (1 + \|y_i - y_j\|^2)^{-1}",
        "y_k",
        "-4*(sum_{i=1}^n (y_k - y_i)/(1 + norm2(y_k - y_i)^2)^2)/(sum_{i=1}^n sum_{j=1}^n (1 + norm2(y_i - y_j)^2)^-1)",
    ),
]


@pytest.mark.parametrize(("text", "wrt", "answer"), WHOLE_SUMS)
def test_what_stands_in_whole_sums_cancels(text: str, wrt: str, answer: str) -> None:
    assert str(solve(text, wrt).result) == answer


def test_other_terms_of_a_sum_have_a_name_that_is_told() -> None:
    derivation = solve(r"\log\sum_i \exp(w_i^T x)", "w_k")
    assert "With r = sum_{i=1}^n exp(w_i'*x) - exp(w_k'*x):" in derivation.text()
    assert derivation.to_dict()["definitions"] == {"r": "sum_{i=1}^n exp(w_i'*x) - exp(w_k'*x)"}
    of_each = solve(r"\sum_j \log\sum_i \exp(w_i^T x_j)", "w_k")
    assert "With r_j = sum_{i=1}^m exp(w_i'*x_j) - exp(w_k'*x_j):" in of_each.text()
    assert of_each.symbols.keys() == {"r_", "w_", "w_k", "x_"}
    wrong = replace(derivation, others=dict.fromkeys(derivation.others, number(1)))
    with pytest.raises(VerificationError):
        verify(wrong)


def test_terms_that_are_not_all_are_no_key() -> None:
    """The derivative of the terms with a member is that of the whole function, which no rule takes apart."""
    derivation = solve(r"\sum_{ij} A_{ij} x_i^T x_j", "x_k")
    assert derivation.whole is not None
    other = solve(r"\sum_{ij} A_{ij} x_i^T x_j + \sum_i b_i x_i^T x_i", "x_k")
    assert other.whole is not None
    symbols = {**other.symbols, **derivation.symbols}
    wrong = replace(derivation, symbols=symbols, whole=replace(other.whole, alike=derivation.whole.alike))
    with pytest.raises(VerificationError, match=r"the terms of .* failed their check"):
        verify(wrong)


def test_a_number_has_no_norm() -> None:
    assert read("||a - b||^2", wrt="a").symbols["a"].is_vector
