"""Parts of a problem: questions about one function, which share all that a version draws."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from generator.building.builder import Options, build
from generator.building.solving import compared, signatures
from generator.document.derivation import _stage
from generator.document.formula import Formula, Sentence, Stated
from generator.document.model import Question
from generator.errors import FormError
from generator.expr.evaluate.exact import Rows, exact, is_integral
from generator.expr.evaluate.numeric import Array, array
from generator.expr.parsing.parse import declare
from generator.expr.printing.notation import STANDARD
from generator.expr.printing.plain import plain
from generator.formats.latex.formulas import LatexPrinter
from generator.forms.choice import Choices
from generator.pdf.paper import Overfull
from generator.worksheet.spec import Worksheet
from tests.support.papers import (
    answer_grid_of,
    answer_key_of,
    printed,
    problem_set_of,
    questions,
    solved,
    worksheet,
)

Parts = list[dict[str, object]]
Problem = dict[str, object]

LEAST_SQUARES: Problem = {
    "id": "least-squares",
    "title": "Least squares",
    "function": "||A x - b||_2^2",
    "wrt": "x",
    "symbols": {"A": "3 x 2", "b": "3", "x": "2"},
}
NUMBERS = {"A": "-3..3", "b": "-5..5", "x": "-2..2"}
ALL: Parts = [
    {"points": 4},
    {"numeric": True, "points": 2},
    {"find": "stationary", "points": 3},
    {"find": "hessian", "points": 1},
    {"find": "value", "points": 2},
    {"find": "stationary", "numeric": True, "points": 2},
]


def with_parts(parts: Parts, **keys: object) -> Problem:
    return LEAST_SQUARES | {"vary": NUMBERS, "parts": parts} | keys


def items(sheet: Worksheet) -> list[tuple[Question, ...]]:
    return [questions(answered) for _, answered in solved(sheet)]


def tex(text: Formula | Sentence) -> str:
    """A formula or a sentence as LaTeX."""
    printer = LatexPrinter(STANDARD)
    return printer.formula(text) if isinstance(text, Formula) else printer.sentence(text)


def numbers(rows: Rows) -> Array:
    return np.asarray(array(rows))


def asked(sheet: Worksheet) -> list[str]:
    """What each part of the first version asks for, without its setting."""
    return [" ".join(tex(item.statement).split()) for item in items(sheet)[0]]


def test_parts_share_one_draw_and_take_numbers_only_where_they_ask_for_them(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, with_parts(ALL), versions=20)
    seen = set()
    for version, answered in solved(sheet):
        assert [one.question.label for one in answered] == [f"1({letter})" for letter in "abcdef"]
        a, b, c, d, e, f = answered
        assert [one.question.data for one in (a, c, d)] == [{}, {}, {}]
        data = {symbol.name: numbers(rows) for symbol, rows in b.question.data.items()}
        A, x, y = data["A"], data["x"], data["b"]
        assert {symbol.name for symbol in e.question.data} == {"A", "b", "x"}
        assert {symbol.name for symbol in f.question.data} == {"A", "b"}
        seen.add(version.label + str(data))
        results = [plain(one.derivation.result) for one in (a, c, d)]
        assert results == ["2*A'*(A*x - b)", "inv(A'*A)*A'*b", "2*A'*A"]
        for one, expected in (
            (b, 2 * A.T @ (A @ x - y)),
            (e, (A @ x - y).T @ (A @ x - y)),
            (f, np.linalg.lstsq(A, y, rcond=None)[0]),
        ):
            np.testing.assert_allclose(numbers(exact(one.derivation.result, {})), expected, atol=1e-9)
    assert len(seen) == 20


def since(item: Question) -> tuple[object, str]:
    """The letter of the part that a key goes on from, and what was found there."""
    (premise,) = item.solution.premises
    known = premise.arguments["known"]
    assert isinstance(known, Stated)
    return premise.arguments["part"], tex(known.formula)


def test_a_part_goes_on_from_the_result_of_an_earlier_one(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, with_parts(ALL))
    found = items(sheet)[0]
    assert [item.solution.premises and since(item) for item in found] == [
        (),
        *[("a", r"G = 2 A^{\top} (A x - b)")] * 3,
        (),
        ("c", r"x = (A^{\top} A)^{-1} A^{\top} b"),
    ]
    assert [stage.title for stage in found[1].solution.stages] == [Sentence(("Put in the numbers",))]
    assert [len(item.answers) for item in found] == [1] * 6
    rooms = [float(item.room.removesuffix("cm")) for item in found]
    assert rooms[0] > rooms[2]
    for (_, answered), shown in zip(solved(sheet), items(sheet), strict=True):
        for one, item in zip(answered, shown, strict=True):
            lines = [line for stage in item.solution.stages for line in stage.lines]
            assert len(lines) == len(one.derivation.lines) or lines == [
                line for stage in one.derivation.stages[-len(item.solution.stages) :]
                for line in _stage(stage).lines
            ]  # fmt: skip


def test_what_is_asked_is_said_in_as_few_words_as_will_do(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, with_parts(ALL))
    found = [re.sub(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}", "#", text) for text in asked(sheet)]
    assert found == [
        r"Find the gradient~$\nabla_{x} L$.",
        r"Evaluate $\nabla_{x} L$ at $A = #$, $b = #$ and $x = #$.",
        r"Find where $\nabla_{x} L$ is zero.",
        r"Find the Hessian matrix~$H$ of~$L$.",
        r"Find the value~$L$ at $A = #$, $b = #$ and $x = #$.",
        r"Work out the answer to part (c) for $A = #$ and $b = #$.",
    ]
    alone = worksheet(tmp_path, with_parts([{"numeric": True}, {"find": "stationary", "numeric": True}]))
    assert "A =" in tex(items(alone)[0][0].preface)
    found = [re.sub(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}", "#", text) for text in asked(alone)]
    assert found == [
        r"Find the gradient~$\nabla_{x} L$ at $x = #$.",
        r"Derive $\nabla_{x} L$, and find where it is zero.",
    ]


def test_parts_call_the_function_and_its_gradient_by_the_same_names(tmp_path: Path) -> None:
    problem: Problem = {
        "function": "x'A x",
        "wrt": "x",
        "symbols": {"A": "n x n positive definite", "x": "n", "G": "n"},
        "parts": [{"points": 1}, {"find": "stationary", "subject_to": "G'x = 1"}, {"find": "hessian"}],
    }
    found = items(worksheet(tmp_path, problem))[0]
    (setting,) = {tex(item.preface) for item in found}
    assert r"\stated{f(x) = x^{\top} A x}" in setting
    assert setting.count(r"\in") == 3
    assert found[1].solution.stages[0].lines[0].left == Formula(declare("L", "scalar"))
    assert all(
        r"\mathrm{d} G" not in str(line.left) for item in found for s in item.solution.stages for line in s.lines
    )


def test_everything_that_varies_is_the_same_in_all_parts(tmp_path: Path) -> None:
    problem: Problem = {
        "function": ["c Tr(X^T A X)", "c Tr(X^T A X) + Tr(B^T X)"],
        "wrt": "X",
        "symbols": {"X": "n x m", "A": "n x n", "B": "n x m"},
        "fair": "off",
        "vary": {"c": "2..9", "names": [{"A": "A", "X": "X"}, {"A": "M", "X": "Y"}]},
        "parts": [{"points": 1}, {"find": "differential"}, {"find": "hessian"}],
    }
    versions = solved(worksheet(tmp_path, problem, versions=10))
    assert len({plain(answered[0].question.function) for _, answered in versions}) == 10
    for _, answered in versions:
        assert len({(one.question.function, one.question.wrt) for one in answered}) == 1


def test_answers_of_all_parts_are_as_nice_as_asked(tmp_path: Path) -> None:
    parts: Parts = [{"find": "stationary"}, {"find": "stationary", "numeric": True}, {"numeric": True}]
    vary = {**NUMBERS, "A": "0..2", "nice": "integers"}
    for _, answered in solved(worksheet(tmp_path, with_parts(parts, vary=vary), versions=5)):
        for one in answered[1:]:
            assert is_integral(exact(one.derivation.result, {}))


@pytest.mark.parametrize("form", ["choice", "find-the-error", "fill-in", "identify"])
def test_a_part_may_have_any_form(tmp_path: Path, form: str) -> None:
    problem: Problem = {
        "function": "Tr(A X^-1)",
        "wrt": "X",
        "parts": [{"form": form}, {"form": form, "find": "differential"}, {"points": 0}],
    }
    for (_, answered), shown in zip(
        solved(worksheet(tmp_path, problem)), items(worksheet(tmp_path, problem)), strict=True
    ):
        assert [one.asked is not None for one in answered] == [True, True, False]
        assert [item.form for item in shown] == [form, form, "derive"]
        assert [item.given is not None for item in shown] == [form != "choice"] * 2 + [False]


def test_choices_in_numbers(tmp_path: Path) -> None:
    parts: Parts = [{"points": 1}, {"numeric": True, "form": "choice", "choices": 3}]
    sheet = worksheet(tmp_path, with_parts(parts))
    for _, (_, one) in solved(sheet):
        assert isinstance(one.asked, Choices)
        assert one.asked.right.answer == one.derivation.result
        assert len(one.asked.options) == 3


def test_a_form_that_a_part_cannot_have_is_an_error_at_the_part(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, with_parts([{"points": 1}, {"numeric": True, "form": "find-the-error"}]))
    with pytest.raises(FormError) as caught:
        solved(sheet)
    assert caught.value.file is not None
    assert caught.value.file.key == "problems[0].parts[1].form"
    assert "This is question 1(b) of version 01" in str(caught.value)


def test_own_words_before_parts_and_in_them(tmp_path: Path) -> None:
    parts: Parts = [
        {"statement": "Differentiate by $<<wrt>>$ where $<<A>>$ is fixed."},
        {"statement": "What is it if $<<A>>$, $<<b>>$ and $<<x>>$ are given?", "numeric": True},
    ]
    statement = "Consider $<<function>>$."
    vary = {**NUMBERS, "names": {"A": ["M"]}}
    sheet = worksheet(tmp_path, with_parts(parts, statement=statement, vary=vary))
    first, second = items(sheet)[0]
    assert tex(first.preface) == r"Consider $\lVert M x - b \rVert_{2}^{2}$."
    assert tex(first.statement) == "Differentiate by $x$ where $M$ is fixed."
    assert tex(second.statement).count("pmatrix") == 6
    version, answered = solved(sheet)[0]
    paper = problem_set_of(sheet, version, answered)
    keys = [part.source.key for part in paper.parts]
    assert keys == ["problems[0].statement", "problems[0].parts[0].statement", "problems[0].parts[1].statement"]


def test_versions_of_each_part_are_compared(tmp_path: Path) -> None:
    problem: Problem = {
        "function": ["x'x", "exp(x'A x)"],
        "wrt": "x",
        "fair": "off",
        "parts": [{"points": 1}, {"find": "hessian"}],
    }
    sheet = worksheet(tmp_path, problem)
    found = compared(sheet, [(version.label, signatures(answered)) for version, answered in solved(sheet)])
    assert [name for _, name, _ in found] == [f"{sheet.ids[0]}(a)", f"{sheet.ids[0]}(b)"]


def test_parts_of_a_family_of_the_bank(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, {"use": "least-squares", "parts": [{"points": 2}, {"find": "stationary"}]})
    assert [(item.label, tex(item.statement).split()[:3], item.points) for item in items(sheet)[0]] == [
        ("1(a)", ["Find", "the", "gradient~$\\nabla_{w}"], 2),
        ("1(b)", ["Find", "where", "$\\nabla_{w}"], 5),
    ]


def test_papers_manifest_and_tables_know_the_parts(tmp_path: Path) -> None:
    linear = {"function": "Tr(A X)", "wrt": "X", "points": 4}
    sheet = worksheet(tmp_path, with_parts(ALL), linear)
    overfull: list[Overfull] = []
    version, answered = solved(sheet)[0]
    papers = [
        problem_set_of(sheet, version, answered),
        answer_key_of(sheet, version, answered),
        answer_grid_of(sheet, solved(sheet)),
    ]
    student, key, grid = ("\n".join(pages) for pages in printed(sheet, *papers, warn=overfull))
    assert not overfull
    assert re.search(r"Problem 1\. Least squares 14 points\nLet L\(x\) =", student)
    assert re.search(r"Problem 1 2 Total", student)
    assert re.search(r"Points 14 4 18", student)
    assert all(f"({letter})" in student for letter in "abcdef")
    assert key.count("From part (a),") == 3
    assert key.count("Take the differential") == 2
    assert all(f"1({letter})" in grid for letter in "abcdef")
    built = build(sheet.path, Options(output=tmp_path, formats=("tex",)))
    told = json.loads((built.folder / "manifest.json").read_text())["answers"]["01"]
    assert [(one["number"], one.get("part"), one["points"]) for one in told[:2]] == [(1, "a", 4), (1, "b", 2)]
    assert "part" not in told[-1]
    assert told[0]["numbers"] == {}
    assert set(told[1]["numbers"]) == {"A", "b", "x"}


def test_no_part_is_parted_from_its_room(tmp_path: Path) -> None:
    """A page may turn before a part, and not between what it asks and the room below."""
    sheet = worksheet(tmp_path, with_parts([{"space": "9cm"} | part for part in ALL]))
    version, answered = solved(sheet)[0]
    pages = printed(sheet, problem_set_of(sheet, version, answered))[0]
    starts = [re.findall(r"\(([a-f])\) \(\d", text) for text in pages]
    assert [letters for letters in starts if letters] == [["a"], ["b", "c"], ["d", "e"], ["f"]]


def test_parts_go_on_from_one_another_whatever_coefficient_is_drawn(tmp_path: Path) -> None:
    problem: Problem = {
        "function": "c x'A x - b'x",
        "wrt": "x",
        "symbols": {"A": "n x n positive definite", "x": "n", "b": "n", "c": "scalar"},
        "vary": {"c": ["2", "3", "1/2", "1/4", "5"]},
        "parts": [{"form": "choice"}, {"find": "stationary"}, {"find": "hessian"}],
    }
    for shown in items(worksheet(tmp_path, problem, versions=5)):
        assert [item.solution.premises and since(item)[0] for item in shown] == [(), "a", "a"]
