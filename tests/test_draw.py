"""Draws: pure, the same for good, independent of other problems, and distinct while there is a choice."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.algebra.expr import Expr, Number, substitute
from generator.algebra.parse import read
from generator.algebra.plain import plain
from generator.worksheet.coefficient import with_numbers
from generator.worksheet.draw import Question, draw, shuffled
from generator.worksheet.spec import Worksheet, load_worksheet

QUADRATIC = """
  - id: quadratic
    function: c Tr(X^T A X) + Tr(B^T X)
    wrt: X
    symbols: {X: n x m, A: n x n symmetric, B: n x m}
    vary:
      c: 2..9
      names: [{A: A, B: B, X: X}, {A: M, B: C, X: Y}]
"""
REGRESSION = """
  - id: regression
    title: Linear regression
    function: ||A x - b||_2^2
    wrt: x
    find: stationary
    points: 10
    vary: {names: [{A: A, x: x, b: b}, {A: X, x: w, b: y}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sheet(*problems: str, head: str = "seed: 2026\nversions: 12\n", name: str = "sheet.yaml") -> Worksheet:
    path = Path(name)
    path.write_text(f"{head}problems:{''.join(problems)}", encoding="utf-8")
    return load_worksheet(path)


def functions(worksheet: Worksheet, problem: str) -> list[str]:
    return [
        plain(question.function)
        for number in range(1, worksheet.versions + 1)
        for question in draw(worksheet, number).questions
        if question.id == problem
    ]


@pytest.mark.usefixtures("folder")
def test_draws_are_golden() -> None:
    """They hold on every machine and in every release: printed sheets rely on them."""
    assert functions(sheet(QUADRATIC), "quadratic")[:6] == GOLDEN


GOLDEN = [
    "8*tr(Y'*M*Y) + tr(C'*Y)",
    "7*tr(Y'*M*Y) + tr(C'*Y)",
    "6*tr(X'*A*X) + tr(B'*X)",
    "2*tr(Y'*M*Y) + tr(C'*Y)",
    "6*tr(Y'*M*Y) + tr(C'*Y)",
    "4*tr(Y'*M*Y) + tr(C'*Y)",
]


@pytest.mark.usefixtures("folder")
def test_a_question_says_all_that_is_asked() -> None:
    worksheet = sheet(QUADRATIC, REGRESSION)
    version = next(v for v in (draw(worksheet, n) for n in range(1, 13)) if v.questions[1].wrt.name == "w")
    question = version.questions[1]
    assert version.label == f"{version.number:02d}"
    assert (question.number, question.id, question.title, question.points) == (
        2,
        "regression",
        "Linear regression",
        10,
    )
    assert (question.find, question.statement, question.wrt.name) == ("stationary", None, "w")
    assert plain(question.function) == "norm2(X*w - y)^2"
    assert {symbol.name for symbol in question.symbols} == {"X", "w", "y"}
    assert str(question.source) == "sheet.yaml:14: problems[1].function"
    assert question.wrt in question.function.symbols


@pytest.mark.usefixtures("folder")
def test_declared_properties_survive_renaming() -> None:
    for number in range(1, 13):
        matrix = draw(sheet(QUADRATIC), number).questions[0].symbols[1]
        assert (matrix.name in "AM", matrix.properties) == (True, frozenset({"symmetric"}))


@pytest.mark.usefixtures("folder")
def test_another_problem_re_rolls_nothing() -> None:
    alone = functions(sheet(QUADRATIC), "quadratic")
    assert functions(sheet(REGRESSION, QUADRATIC), "quadratic") == alone
    assert functions(sheet(QUADRATIC.replace("quadratic", "another"), QUADRATIC), "quadratic") == alone
    assert functions(sheet(QUADRATIC + "    points: 9\n    title: New\n", REGRESSION), "quadratic") == alone


@pytest.mark.usefixtures("folder")
def test_seed_stem_id_and_version_decide() -> None:
    alone = functions(sheet(QUADRATIC), "quadratic")
    more = sheet(QUADRATIC, head="seed: 2026\nversions: 100\n")
    assert functions(more, "quadratic")[:12] == alone
    assert functions(sheet(QUADRATIC, head="seed: 2027\nversions: 12\n"), "quadratic") != alone
    assert functions(sheet(QUADRATIC, name="other.yaml"), "quadratic") != alone
    assert functions(sheet(QUADRATIC.replace("id: quadratic", "id: other")), "other") != alone


@pytest.mark.usefixtures("folder")
def test_versions_differ_until_every_choice_was_used() -> None:
    drawn = functions(sheet(QUADRATIC, head="versions: 35\n"), "quadratic")
    assert len(set(drawn[:16])) == 16
    assert set(drawn[16:32]) == set(drawn[:16])
    assert drawn[16:32] != drawn[:16]


@pytest.mark.usefixtures("folder")
def test_labels_are_as_wide_as_the_last_one() -> None:
    assert draw(sheet(REGRESSION, head="versions: 4\n"), 4).label == "04"
    assert draw(sheet(REGRESSION, head="versions: 100\n"), 4).label == "004"


@pytest.mark.usefixtures("folder")
def test_names_can_be_swapped() -> None:
    swapped = "\n  - {id: s, function: Tr(A X B), wrt: X, vary: {names: [{A: B, B: A}]}}\n"
    assert functions(sheet(swapped, head=""), "s") == ["tr(B*X*A)"]


@pytest.mark.usefixtures("folder")
def test_statements_are_filled() -> None:
    text = r"""
  - function: c x'x
    wrt: x
    statement: Let $L = <<function>>$ with $<<c>> > 0$. Find $\nabla_{<<wrt>>} L$, $<< x >> \ne 0$.
    vary: {c: 3, names: [{x: u}]}
"""
    question = draw(sheet(text, head=""), 1).questions[0]
    assert question.statement == r"Let $L = 3 u^{\top} u$ with $3 > 0$. Find $\nabla_{u} L$, $u \ne 0$."


@given(size=st.integers(1, 300), key=st.text())
def test_a_shuffle_is_one_to_one(size: int, key: str) -> None:
    assert sorted(shuffled(index, size, key) for index in range(size)) == list(range(size))


def test_a_shuffle_needs_no_list() -> None:
    size = prod((1000, 1000, 1000, 7))
    places = [shuffled(index, size, "key") for index in range(100)]
    assert len(set(places)) == 100
    assert all(0 <= place < size for place in places)


def test_a_shuffle_favors_no_place() -> None:
    first = [shuffled(0, 5, str(key)) for key in range(1000)]
    assert all(150 < first.count(place) < 250 for place in range(5))


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("c*2*x'*x", 3, "6*x'*x"),
        ("c/2*x'*x + c", 4, "2*x'*x + 4"),
        ("c/2*x'*x", 3, "3/2*x'*x"),
        ("(c + 1)*tr(X)", -2, "-tr(X)"),
        ("c^2*x'*x", 3, "9*x'*x"),
        ("c^2*x'*x", 0, "0"),
        ("x'*x/(2*c)", 3, "1/6*x'*x"),
        ("tr(X) + c*x'*x", -3, "tr(X) - 3*x'*x"),
        ("tr(X) + c*x'*x", 0, "tr(X)"),
        ("tr(X) + c*x'*x", 1, "tr(X) + x'*x"),
        ("(x'*x)^c", 1, "x'*x"),
        ("(x'*x)^c", 2, "(x'*x)^2"),
        ("(x'*x)^c", 0, "1"),
        ("exp(c*x'*x)", Fraction(1, 2), "exp(1/2*x'*x)"),
        ("1/2*(2*x'*x) + c*tr(X)", 5, "1/2*2*x'*x + 5*tr(X)"),
    ],
)
def test_numbers_are_worked_out_where_they_are_drawn(text: str, value: Fraction, expected: str) -> None:
    parsed = read(text)
    assert plain(with_numbers(parsed.expr, {parsed.symbols["c"]: Number(Fraction(value))})) == expected


@pytest.mark.usefixtures("folder")
def test_a_draw_changes_names_and_numbers_only() -> None:
    """Renaming back and putting the letter in the place of the number gives the problem itself."""
    worksheet = sheet(QUADRATIC)
    original = worksheet.problems[0].parsed
    for number in range(1, 13):
        question: Question = draw(worksheet, number).questions[0]
        coefficient = Fraction(plain(question.function).split("*")[0])
        back: dict[Expr, Expr] = dict(zip(question.symbols, (original.symbols[s] for s in "XAB"), strict=True))
        assert substitute(question.function, back) == with_numbers(
            original.expr, {original.symbols["c"]: Number(coefficient)}
        )
