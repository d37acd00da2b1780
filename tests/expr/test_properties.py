"""What is known of an expression from its declarations."""

from __future__ import annotations

import pytest

from generator.expr.nodes import Expr
from generator.expr.parsing.parse import read
from generator.expr.printing.plain import plain, prose
from generator.expr.properties import (
    is_invertible,
    is_positive_definite,
    is_positive_semidefinite,
    is_symmetric,
    settled,
    sign,
)
from generator.solver.conditions import Condition

SYMBOLS = {
    "A": "m x n",
    "B": "n x n",
    "S": "n x n symmetric",
    "P": "n x n positive definite",
    "Q": "n x n orthogonal",
    "w": "n positive",
    "x": "n",
    "c": "scalar positive",
    "b": "scalar",
}


def expression(text: str) -> Expr:
    return read(text, SYMBOLS).expr


FACTS = [
    (is_symmetric, ["S", "P", "A'*A", "A*A'", "B + B'", "inv(S)", "S*P*S", "A'*A + c*eye", "diag(x)", "x*x'", "B'*P*B"],
     ["B", "S*P", "B - B'", "Q", "A'*A*B"]),
    (is_positive_definite, ["P", "inv(P)", "c*P", "A'*A + c*eye", "P + S*S", "Q'*P*Q", "diag(w)", "expm(S)"],
     ["S", "A'*A", "-P", "b*P", "P - S", "B*P*B"]),
    (is_positive_semidefinite, ["P", "A'*A", "x*x'", "A'*A + B'*B", "B'*P*B"], ["S", "A'*A - P", "-P"]),
    (is_invertible, ["P", "Q", "inv(B)", "P*Q", "A'*A + c*eye", "c*Q'", "P^2"], ["B", "A'*A", "b*P", "P + Q"]),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "known", "unknown"), FACTS, ids=lambda value: getattr(value, "__name__", ""))
def test_facts(fact: object, known: list[str], unknown: list[str]) -> None:
    assert callable(fact)
    assert [text for text in known if not fact(expression(text))] == []
    assert [text for text in unknown if fact(expression(text))] == []


SIGNS = [
    ("c", 1),
    ("-c", -1),
    ("b", 0),
    ("2*c", 1),
    ("c + 1", 1),
    ("c - 1", 0),
    ("exp(b)", 1),
    ("det(P)", 1),
    ("1/c", 1),
]


@pytest.mark.parametrize(("text", "expected"), SIGNS)
def test_signs(text: str, expected: int) -> None:
    assert sign(expression(text)) == expected


CONDITIONS = [
    ("A'*A", "A has full column rank"),
    ("A*A'", "A has full row rank"),
    ("2*A'*A", "A has full column rank"),
    ("B*P*B'", "B has full row rank"),
    ("B", "B is invertible"),
    ("A'*A + c*eye", None),
    ("P", None),
]


@pytest.mark.parametrize(("text", "expected"), CONDITIONS)
def test_what_makes_a_matrix_invertible(text: str, expected: str | None) -> None:
    text_of_condition = prose(Condition("full rank", expression(text)).text)
    assert (text_of_condition or None) == expected


SETTLED = [
    ("(A*B)'", "B'*A'"),
    ("(B + S)'", "B' + S"),
    ("(S*P)'", "P*S"),
    ("inv(B')", "inv(B)'"),
    ("(c*B')'", "c*B"),
    ("(A'*A)'", "A'*A"),
    ("diag(x)'", "diag(x)"),
]


@pytest.mark.parametrize(("text", "expected"), SETTLED)
def test_transposes_are_pushed_down(text: str, expected: str) -> None:
    assert plain(settled(expression(text))) == expected
