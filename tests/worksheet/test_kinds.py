"""Kinds of problem: the author's own questions, slots with expressions, parts of several kinds, a kind from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from generator.building.builder import Options, build
from generator.building.check import check
from generator.errors import GeneratorError, Key
from generator.problems.question import AuthorQuestion, Question
from generator.worksheet.draw import Asked, is_in_math
from generator.worksheet.kinds import KINDS
from generator.worksheet.kinds.author import AuthorKind, in_plain
from generator.worksheet.load import load_worksheet
from generator.worksheet.spec import Asking, Problem, Worksheet
from generator.worksheet.variants import Draws
from tests.support.papers import questions, solved


def sheet(folder: Path, *problems: Mapping[str, object], **keys: object) -> Worksheet:
    file = folder / "sheet.yaml"
    file.write_text(yaml.safe_dump({"seed": 7, "versions": 3, **keys, "problems": list(problems)}))
    return load_worksheet(file)


def own(question: Question) -> AuthorQuestion:
    assert isinstance(question, AuthorQuestion)
    return question


@pytest.mark.parametrize(
    ("text", "c", "expected"),
    [
        ("Double <<c>>.", -3, "Double $-3$."),
        ("$x - <<c>>$", -3, "$x - (-3)$"),
        ("$x - <<c>>$", 3, "$x - 3$"),
        ("$2 <<c>>$", -3, "$2 (-3)$"),
        ("$<<c>>^2 = <<c^2>>$", -3, "$(-3)^2 = 9$"),
        ("$<<c>>^2$", "1/2", "$(1/2)^2$"),
        ("$y = <<c>> x$", -3, "$y = -3 x$"),
        (r"\[\frac{<<c>>}{<<c - 1>>}\]", -3, r"\[\frac{-3}{-4}\]"),
        (r"\begin{align*}y &= <<1/c>>\end{align*}", "3", r"\begin{align*}y &= 1/3\end{align*}"),
        (r"It costs \$<<c>>.", 3, r"It costs \$$3$."),
    ],
)
def test_a_slot_reads_as_what_it_stands_for(tmp_path: Path, text: str, c: object, expected: str) -> None:
    problem = {"statement": text, "answer": "true", "vary": {"c": [c]}}
    (question,) = Draws(sheet(tmp_path, problem, repeats=True)).questions(0, 1)
    assert in_plain(own(question).statement or ()) == expected


@pytest.mark.parametrize(
    ("latex", "inside"),
    [("a $b", True), ("a $b$ ", False), (r"\$", False), (r"\(", True), (r"\[x\] ", False), (r"\begin{gather*}", True)],
)
def test_mathematics_is_told_from_text(latex: str, inside: bool) -> None:
    assert is_in_math(latex) is inside


def test_slots_are_worked_out_exactly_and_draws_differ(tmp_path: Path) -> None:
    problem = {
        "statement": "Invert <<A>>.",
        "solution": "<<inv(A)>>, as <<A inv(A)>> shows, with determinant <<det(A)>>.",
        "symbols": {"A": "2 x 2"},
        "vary": {"A": "-2..2", "nice": "integers", "where": "det(A) != 1"},
    }
    draws = Draws(sheet(tmp_path, problem, versions=6))
    texts = [in_plain(own(draws.questions(0, number)[0]).solution) for number in range(1, 7)]
    assert len(set(texts)) == 6
    for text in texts:
        assert text.endswith("as $[1, 0; 0, 1]$ shows, with determinant $-1$.")
        assert "/" not in text


def test_an_expression_that_has_no_exact_value_is_an_error(tmp_path: Path) -> None:
    problem = {"statement": "Let $c = <<c>>$.", "answer": "<<sqrt(c)>>", "vary": {"c": [2, 3]}}
    with pytest.raises(GeneratorError):
        Draws(sheet(tmp_path, problem, versions=1)).questions(0, 1)


def test_words_vary_and_choices_are_shuffled(tmp_path: Path) -> None:
    choices: Sequence[dict[str, object]] = [{"text": "one", "right": True}, {"text": "two"}, {"text": "three"}]
    vary = {"text": {"kind": ["symmetric", "diagonal", "orthogonal"]}}
    kept = {"statement": "Which is <<kind>>?", "choices": choices, "vary": vary, "shuffle": False}
    moved = {**kept, "shuffle": True, "id": "moved"}
    draws = Draws(sheet(tmp_path, kept, moved))
    versions = [[own(draws.questions(i, number)[0]) for i in (0, 1)] for number in (1, 2, 3)]
    assert {in_plain(one.statement or ()) for one, _ in versions} == {
        "Which is symmetric?",
        "Which is diagonal?",
        "Which is orthogonal?",
    }
    assert {tuple(in_plain(choice.text) for choice in one.choices) for one, _ in versions} == {("one", "two", "three")}
    assert len({tuple(in_plain(choice.text) for choice in one.choices) for _, one in versions}) > 1
    for _, answered in solved(load_worksheet(tmp_path / "sheet.yaml")):
        for question in questions(answered):
            right = next(option for option in question.options if option.is_right)
            assert right.words.inlines is not None
            assert "one" in str(right.words.inlines)
            assert question.letter == right.letter


def test_parts_of_several_kinds_share_what_is_drawn(tmp_path: Path) -> None:
    problem = {
        "function": "||A x - b||^2",
        "wrt": "x",
        "symbols": {"A": "2 x 2", "x": "2", "b": "2"},
        "vary": {"A": "-3..3", "b": "-3..3", "x": "-2..2"},
        "parts": [
            {"points": 2},
            {"statement": "Is $A = <<A>>$ invertible?", "answer": "<<det(A)>>", "points": "1.5"},
            {"function": "b'A x", "numeric": "true", "points": 1},
            {"numeric": "true", "points": 1},
        ],
    }
    worksheet = sheet(tmp_path, problem)
    for _, answered in solved(worksheet):
        gradient, invertible, other, numeric = answered
        assert [one.question.kind for one in answered] == ["derived", "author", "derived", "derived"]
        a = {symbol.name: rows for symbol, rows in numeric.question.data.items()}["A"]
        b = {symbol.name: rows for symbol, rows in numeric.question.data.items()}["b"]
        (p, q), (r, s) = a
        answer = in_plain(own(invertible.question).answer)
        assert answer == f"${p * s - q * r}$"
        expected = [b[0][0] * p + b[1][0] * r, b[0][0] * q + b[1][0] * s]
        assert [row[0] for row in other.derivation.result.rows] == expected
        assert gradient.question.data == {}
    shown = questions(answered)
    assert shown[0].preface
    assert shown[2].statement
    assert sum(one.points for one in shown) == Fraction("5.5") == shown[0].total


def test_check_says_which_keys_nobody_verifies(tmp_path: Path) -> None:
    own_question = {"id": "theorem", "statement": "State it.", "solution": "It is stated."}
    report = check(sheet(tmp_path, own_question, {"function": "Tr(A X)", "wrt": "X"}), jobs=1).report
    assert any("verified by nobody: the keys of theorem" in line for line in report)
    assert "1 version" not in report[0]


@dataclass(frozen=True, kw_only=True)
class SumQuestion(AuthorQuestion):
    kind: ClassVar[str] = "sum"


class Sum(AuthorKind):
    """A kind from outside: an expression in its statement, whose value it works out."""

    name: ClassVar[str] = "sum"
    description: ClassVar[str] = "a sum"

    def missing(self, problem: Problem, place: Key, asking: Asking) -> Iterator[tuple[Key, GeneratorError]]:
        yield from ()

    def question(self, asked: Asked) -> SumQuestion:
        text = asked.asking.statement
        return SumQuestion(**asked.head, statement=asked.words("Add <<a>> and <<b>>."), answer=asked.words(text))


def test_a_kind_from_outside_is_drawn_solved_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "sum", Sum())
    problem = {"kind": "sum", "statement": "<<a + b>>", "vary": {"a": "2..9", "b": "2..9"}}
    built = build(sheet(tmp_path, problem).path, Options(tmp_path / "output", formats=("html",)))
    for number in (1, 2, 3):
        paper = (built.folder / f"sheet-v0{number}.html").read_text()
        key = (built.folder / f"sheet-v0{number}-key.html").read_text()
        asked = re.findall(r"<mn>(\d+)</mn>", paper)
        *_, answer = re.findall(r"<mn>(\d+)</mn>", key)
        assert len(asked) == 2
        assert int(answer) == sum(map(int, asked))
