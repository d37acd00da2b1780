"""Forms of a question: what is asked, what is right, and that nothing else is."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import solve
from generator.building import builder
from generator.building.solving import solve_all
from generator.document.derivation import solution
from generator.document.formula import Sentence
from generator.document.model import FinalAnswer, Question
from generator.document.statement import Facts
from generator.document.words import say
from generator.errors import FormError, GeneratorError
from generator.expr.evaluate.exact import Rows
from generator.expr.evaluate.numeric import UndefinedError, evaluate, random_point, relative_error
from generator.expr.messages import Message, Text
from generator.expr.nodes import Expr, Matrix, Sum, Symbol, walk
from generator.expr.printing.plain import plain, prose
from generator.forms import FORMS, ask
from generator.forms.blanks import Blanks, symbol_for
from generator.forms.choice import Choices
from generator.forms.protocol import Form, Shown
from generator.pdf.paper import Overfull
from generator.problems.marking import Mark, Marking
from generator.problems.settings import FormSettings
from generator.problems.solved import SolvedDerived, SolvedQuestion
from generator.rules.rule import at, replaced
from generator.solver.derivation import Derivation
from generator.solver.wrong import WrongDerivation
from generator.worksheet.load import load_worksheet
from generator.worksheet.spec import Worksheet
from generator.worksheet.variants import Draws, Version
from tests.support.papers import answer_grid_of, answer_key_of, answer_row, printed, problem_set_of, solved, worksheet

Problem = dict[str, object]

PROBLEMS: dict[str, Problem] = {
    "gradient": {"function": "c Tr(X^T A X) + Tr(B^T X)", "wrt": "X", "vary": {"c": "2..9"}},
    "inverse": {"function": "Tr(A X^-1)", "wrt": "X"},
    "stationary": {
        "function": "norm2(A*x - b)^2 + c*x'*x",
        "wrt": "x",
        "find": "stationary",
        "symbols": {"A": "n x m", "x": "m", "b": "n", "c": "scalar positive"},
    },
    "jacobian": {"function": "X^-1", "wrt": "X"},
    "hessian": {"function": "x'*A*x", "wrt": "x", "find": "hessian"},
    "mask": {"function": "norm_fro(W.*(M - U*V'))^2", "wrt": "U"},
    "differential": {"function": "X*A*X + X", "wrt": "X", "find": "differential"},
    "quotient": {"function": "(x'*A*x)/(x'*x)", "wrt": "x", "symbols": {"A": "n x n symmetric", "x": "n"}},
}
"""A problem for each kind of answer."""

MORE: dict[str, Problem] = {
    "constrained": {
        "function": "x'*A*x",
        "wrt": "x",
        "find": "stationary",
        "subject_to": "B*x = b",
        "symbols": {"A": "n x n positive definite", "x": "n", "B": "m x n", "b": "m"},
    },
    "numbers": {
        "function": "x'*A*x + b'*x",
        "wrt": "x",
        "symbols": {"A": "2 x 2", "x": "2", "b": "2"},
        "vary": dict.fromkeys("Axb", "-3..3"),
    },
}
"""Problems whose derivations no single mistake can be followed through."""


def everything(folder: Path, form: str, **keys: object) -> Worksheet:
    """All problems in one form."""
    asked = PROBLEMS | MORE if "blanks" in FORMS[form].keys else PROBLEMS
    problems: list[Problem] = [{"id": name, "form": form, **problem} for name, problem in asked.items()]
    for problem in problems:
        if form == "fill-in" and problem["id"] == "differential":
            problem["detail"] = "full"
        if form == "choice" and problem["id"] == "differential":
            problem["choices"] = 3
    return worksheet(folder, *problems, **keys)


Solved = tuple[Worksheet, list[tuple[Version, tuple[SolvedQuestion, ...]]]]


@pytest.fixture(scope="module")
def in_form(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Solved]:
    """All problems in one form, and four versions of them that are solved once for all tests."""

    @cache
    def made(form: str) -> Solved:
        sheet = everything(tmp_path_factory.mktemp(form), form, versions=4)
        return sheet, solved(sheet)

    return made


def derived(name: str) -> Derivation:
    problem = PROBLEMS[name]
    symbols: dict[str, str] | None = problem.get("symbols")  # type: ignore[assignment]
    return solve(str(problem["function"]), str(problem["wrt"]), symbols, str(problem.get("find", "derivative")))


def are_different(derivation: Derivation, some: object, other: object) -> bool:
    """They are other numbers somewhere, at points that no form knows."""
    for attempt in range(30):
        point = random_point(derivation.function, derivation.wrt, derivation.symbols, (attempt, 11, 3), 0.4)
        try:
            if relative_error(evaluate(some, point), evaluate(other, point)) > 1e-4:  # type: ignore[arg-type]
                return True
        except UndefinedError:
            continue
    return False


def test_one_choice_is_right_and_all_differ_in_every_version(in_form: Callable[[str], Solved]) -> None:
    for _, answered in in_form("choice")[1]:
        for one in answered:
            assert isinstance(one.asked, Choices)
            options = one.asked.options
            assert [o.letter for o in options] == list("ABCD")[: len(options)]
            assert len(options) == (3 if one.question.id == "differential" else 4)
            assert [o.answer for o in options if o.mistake is None] == [one.derivation.result]
            assert one.asked.right.answer == one.derivation.result
            for i, option in enumerate(options):
                for other in options[:i]:
                    assert are_different(one.derivation, option.answer, other.answer)


def test_each_letter_is_right_about_equally_often() -> None:
    derivation = derived("inverse")
    letters = Counter()  # type: Counter[str]
    for key in map(str, range(60)):
        asked = ask(derivation, FormSettings("choice", key=key), {})
        assert isinstance(asked, Choices)
        letters[asked.right.letter] += 1
    assert set(letters) == set("ABCD")
    assert max(letters.values()) < 30


@given(key=st.text(max_size=20), form=st.sampled_from(["choice", "find-the-error", "fill-in", "identify"]))
def test_what_is_asked_follows_from_the_key(key: str, form: str) -> None:
    derivation = derived("inverse")
    asked = ask(derivation, FormSettings(form, key=key), {})
    assert asked == ask(derivation, FormSettings(form, key=key), {})


def test_the_error_is_where_the_key_says(in_form: Callable[[str], Solved]) -> None:
    for _, answered in in_form("find-the-error")[1]:
        for one in answered:
            wrong, right = one.asked, one.derivation
            assert isinstance(wrong, WrongDerivation)
            lines = wrong.derivation.lines
            for line, true in zip(wrong.above, right.lines, strict=False):
                assert line.sides == true.sides
            assert lines[wrong.number - 1].right == wrong.wrong.right != wrong.right.right
            assert right.lines[wrong.number - 1].sides == wrong.right.sides
            assert are_different(right, wrong.derivation.result, right.result)


def test_versions_draw_other_errors_and_other_orders(tmp_path: Path) -> None:
    for form in ("choice", "find-the-error", "fill-in"):
        sheet = worksheet(tmp_path, PROBLEMS["inverse"] | {"form": form}, versions=12, repeats=True)
        drawn = {answer_row(answered) for _, answered in solved(sheet)}
        assert len(drawn) > 2


def test_a_question_does_not_depend_on_the_others_or_on_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = everything(tmp_path, "choice", versions=3)
    alone = worksheet(tmp_path, PROBLEMS["inverse"] | {"id": "inverse", "form": "choice"}, versions=2)
    with_others = [one.asked for _, all_of in solved(sheet) for one in all_of if one.question.id == "inverse"]
    assert [all_of[0].asked for _, all_of in solved(alone)] == with_others[:2]
    for form in ("choice", "find-the-error", "fill-in"):
        sheet = everything(tmp_path, form, versions=2)
        monkeypatch.setattr(builder, "WORTH_PROCESSES", 1)
        shared = solve_all(Draws(sheet), jobs=2)
        monkeypatch.setattr(builder, "WORTH_PROCESSES", 1000)
        in_one = solved(sheet)
        keys = [
            [answer_key_of(sheet, version, answered).body for version, answered in some] for some in (shared, in_one)
        ]
        assert keys[0] == keys[1]


def test_blanks_are_filled_with_what_is_left_out_and_nothing_else_is(in_form: Callable[[str], Solved]) -> None:
    for _, answered in in_form("fill-in")[1]:
        for one in answered:
            assert isinstance(one.asked, Blanks)
            lines = one.derivation.lines
            numbers = [gap.line for gap in one.asked.gaps]
            assert numbers == sorted(set(numbers))
            assert 0 not in numbers
            assert 1 <= len(numbers) <= max(1, len(lines) // 3)
            for gap in one.asked.gaps:
                line = lines[gap.line]
                assert gap.path is not None
                (filling,) = gap.filling
                assert not isinstance(filling, str)
                assert replaced(line.right, gap.path, filling) == line.right
                assert line.because or not line.right.symbols
                left_open = replaced(line.right, gap.path, symbol_for(filling))
                around = [left_open, *(side for i in (-1, 1) for side in _sides(one.derivation, gap.line + i))]
                assert not filling.symbols or all(filling not in walk(e) for e in around)


def _sides(derivation: Derivation, line: int) -> tuple[Expr, ...]:
    return derivation.lines[line].sides if line < len(derivation.lines) else ()


COPIES: list[tuple[str, str]] = [
    ("gradient", "c*X'*(A' + A) + B'"),  # stands in the trace above
    ("gradient", "tr(B'*dX)"),
    ("stationary", "A'*b"),  # stands in the solution below
    ("mask", "-2*V'*(R.*W)'"),
]


@pytest.mark.parametrize(("name", "copy"), COPIES)
def test_what_can_be_copied_is_not_asked_for(name: str, copy: str) -> None:
    derivation = derived(name)
    parts = {plain(e) for line in derivation.lines for e in walk(line.right)}
    assert copy in parts
    asked_for = set()
    for key in map(str, range(80)):
        asked = ask(derivation, FormSettings("fill-in", key=key), {})
        assert isinstance(asked, Blanks)
        asked_for |= {plain(part) for gap in asked.gaps for part in gap.filling if not isinstance(part, str)}
    assert copy not in asked_for
    assert len(asked_for) > 3
    assert plain(derivation.result) in asked_for


def test_blanks_are_apart_where_they_can_be() -> None:
    for key in map(str, range(20)):
        asked = ask(derived("mask"), FormSettings("fill-in", key=key, blanks=3), {})
        assert isinstance(asked, Blanks)
        numbers = [gap.line for gap in asked.gaps]
        assert len(numbers) == 3
        assert all(later - line > 1 for line, later in pairwise(numbers))


def test_no_blank_stands_for_a_sum_that_needs_parentheses() -> None:
    for name in PROBLEMS:
        for key in map(str, range(20)):
            derivation = derived(name)
            try:
                asked = ask(derivation, FormSettings("fill-in", key=key, blanks=1), {})
            except FormError:
                assert name == "differential"
                continue
            assert isinstance(asked, Blanks)
            for gap in asked.gaps:
                assert gap.path is not None
                parts = [at(derivation.lines[gap.line].right, gap.path[:i]) for i in range(len(gap.path) + 1)]
                assert len(parts) == 1 or type(parts[-2]).__name__ == "Trace" or not isinstance(parts[-1], Sum)


def test_properties_are_asked_for_where_a_line_has_one(in_form: Callable[[str], Solved]) -> None:
    for _, answered in in_form("identify")[1]:
        for one in answered:
            assert isinstance(one.asked, Blanks)
            lines = one.derivation.lines
            blank = {gap.line for gap in one.asked.gaps}
            assert all(gap.path is None and gap.filling == lines[gap.line].because for gap in one.asked.gaps)
            kept = [prose(line.because) for i, line in enumerate(lines) if line.because and i not in blank]
            assert all(
                why.startswith(("put ", "by the definition", "with the numbers", "differential of an inverse", "in x"))
                or "in ①" in why
                for why in kept
            ), kept
            assert len(blank) > len(kept)
    fewer = ask(derived("mask"), FormSettings("identify", blanks=2, key="k"), {})
    assert isinstance(fewer, Blanks)
    assert len(fewer.gaps) == 2


def test_blanks_can_be_in_the_numbers(tmp_path: Path) -> None:
    problem: Problem = {**MORE["numbers"], "form": "fill-in"}
    numbers = 0
    for _, (one,) in solved(worksheet(tmp_path, problem, versions=6)):
        assert isinstance(one.asked, Blanks)
        for gap in one.asked.gaps:
            assert one.derivation.lines[gap.line].rule != "numbers"
            numbers += one.derivation.lines[gap.line].rule == "arithmetic"
    assert numbers > 0


def test_choices_in_numbers_differ_as_numbers(tmp_path: Path) -> None:
    numbers: Problem = {
        "function": "x'*A*x + b'*x",
        "wrt": "x",
        "symbols": {"A": "2 x 2", "x": "2", "b": "2"},
        "vary": dict.fromkeys("Axb", "-3..3"),
        "form": "choice",
    }
    for _, (one,) in solved(worksheet(tmp_path, numbers, versions=6)):
        assert isinstance(one.asked, Choices)
        answers = [option.answer for option in one.asked.options]
        assert all(isinstance(answer, Matrix) for answer in answers)
        assert len(set(answers)) == 4
        assert one.asked.right.answer == one.derivation.outcome


REFUSED: dict[str, tuple[Problem, str]] = {
    "too few": (
        {"function": "Tr(X)", "wrt": "X", "form": "choice"},
        "problems[0].form: too few wrong answers for 4 choices: 3 needed, 1 found in the table of mistakes that"
        " differs from the right one and from all others\nWrite  choices: 2\n",
    ),
    "none": (
        {"function": "A x", "wrt": "x", "form": "choice", "choices": 2},
        "problems[0].form: too few wrong answers for 2 choices: 1 needed, none found",
    ),
    "no error": (
        {"function": "A x", "wrt": "x", "form": "find-the-error"},
        "problems[0].form: no mistake of the table leads to another answer here\nAsk for it with  form: derive\n",
    ),
    "one line": (
        {**PROBLEMS["differential"], "form": "fill-in"},
        "problems[0].form: too few lines that can be left blank: 1 needed, none found in a derivation of 1 line\n"
        "Show every rule with  detail: full, or ask for it with  form: derive\n",
    ),
    "too many blanks": (
        {**PROBLEMS["inverse"], "form": "identify", "blanks": 30},
        "problems[0].form: too few reasons that name a property: 30 needed, 7 found in a derivation of 8 lines\n"
        "Write  blanks: 7\n",
    ),
    "no derivation": (
        {**MORE["numbers"], "find": "value", "form": "find-the-error"},
        "problems[0].form: the value of a function comes without a derivation\nAsk for it with  form: derive\n",
    ),
    "an equation": (
        {**PROBLEMS["quotient"], "find": "stationary", "form": "choice"},
        "the answer is an equation, and there are no wrong ones to choose from\nAsk for it with  form: derive\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked_is_refused_with_a_remedy(name: str, tmp_path: Path) -> None:
    problem, message = REFUSED[name]
    with pytest.raises(FormError) as caught:
        solved(worksheet(tmp_path, problem))
    assert re.match(r".*sheet\.yaml:\d+: problems\[0\]\.form: ", str(caught.value))
    assert message in str(caught.value)
    assert "This is question 1 of version 01" in str(caught.value)


def test_keys_of_other_forms_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sheet.yaml").write_text("problems:\n  - function: Tr(A X)\n    wrt: X\n    choices: 3\n")
    with pytest.raises(GeneratorError, match=r"sheet.yaml:4: problems\[0\].choices: .*\nAdd  form: choice"):
        load_worksheet(tmp_path / "sheet.yaml")
    (tmp_path / "sheet.yaml").write_text("problems:\n  - function: Tr(A X)\n    wrt: X\n    blanks: 3\n")
    with pytest.raises(GeneratorError, match=r"sheet.yaml:4: problems\[0\].blanks: .*\nAdd  form: fill-in"):
        load_worksheet(tmp_path / "sheet.yaml")


STATEMENTS: list[tuple[str, str, str]] = [
    ("gradient", "choice", r"Which of these is the gradient~$\nabla_{X} L$?"),
    (
        "inverse",
        "choice",
        r"Which of these is the gradient~$\nabla_{X} L$, with"
        r" $\mathop{}\!\mathrm{d} L = \operatorname{Tr}\bigl( (\nabla_{X} L)^{\top} \mathop{}\!\mathrm{d} X \bigr)$?",
    ),
    ("jacobian", "choice", r"Which of these is the Jacobian matrix~$J$ of~$F$, with "),
    ("hessian", "choice", "Which of these is the Hessian matrix~$H$ of~$L$?"),
    ("stationary", "choice", r"At which of these $x$ is $\nabla_{x} L$ zero?"),
    (
        "gradient",
        "find-the-error",
        r"Below, the gradient~$\nabla_{X} L$ is derived. One line does not follow from those above it;"
        " any lines below it build on the mistake. Give the number of the wrong line, and correct it.",
    ),
    (
        "gradient",
        "fill-in",
        r"Below, the gradient~$\nabla_{X} L$ is derived. Fill in the blanks: each line follows from what stands above"
        " it, by the property beside it.",
    ),
    (
        "quotient",
        "identify",
        "is derived. In each blank, name the property that justifies the line; if there are several",
    ),
    (
        "constrained",
        "fill-in",
        "Below, the points are found where $f$ is stationary subject to $B x = b$. Fill in the blanks",
    ),
    ("stationary", "find-the-error", r"Below, $\nabla_{x} L$ is derived and set to zero. One line does not follow"),
]


@pytest.mark.parametrize(("name", "form", "words"), STATEMENTS)
def test_statements(name: str, form: str, words: str, tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, (PROBLEMS | MORE)[name] | {"form": form})
    (version, answered), *_ = solved(sheet)
    assert words in " ".join(problem_set_of(sheet, version, answered).body.split())


def test_pages(in_form: Callable[[str], Solved]) -> None:
    warnings: list[Overfull] = []
    for form in ("choice", "find-the-error", "fill-in", "identify"):
        sheet, versions = in_form(form)
        version, answered = versions[0]
        papers = (
            problem_set_of(sheet, version, answered),
            answer_key_of(sheet, version, answered),
            answer_grid_of(sheet, versions),
        )
        asks, key, grid = ("\n".join(pages) for pages in printed(sheet, *papers, warn=warnings))
        assert "Answer" not in asks
        for one in answered:
            match one.asked:
                case Choices(options):
                    assert f"Answer: {one.asked.right.letter}" in key
                    assert all(re.search(rf"\b{option.letter}\. ", asks) for option in options)
                case WrongDerivation():
                    assert f"Answer: line {one.asked.number} is wrong. Its correction" in key
                    assert f"Line {one.asked.number}" in grid
                    assert f"({len(one.asked.derivation.lines)}) " in asks
                case Blanks(gaps):
                    assert all(f"({number}) " in paper for number in range(1, len(gaps) + 1) for paper in (asks, key))
                    assert "Accept anything that equals" in key or form == "identify"
                case _:
                    raise AssertionError(one.asked)
    assert warnings == []


def test_the_manifest_tells_what_to_look_for(tmp_path: Path) -> None:
    sheet = everything(tmp_path, "choice")
    built = builder.build(sheet.path, builder.Options(output=tmp_path / "out", formats=("tex",)))
    told = (built.folder / "manifest.json").read_text()
    asked = solved(sheet)[0][1][0].asked
    assert isinstance(asked, Choices)
    assert f'"letter": "{asked.right.letter}"' in told
    assert plain(asked.options[0].answer) in told
    sheet = everything(tmp_path, "fill-in")
    built = builder.build(sheet.path, builder.Options(output=tmp_path / "out", formats=("tex",)))
    blanks = solved(sheet)[0][1][0].asked
    assert isinstance(blanks, Blanks)
    told = json.loads((built.folder / "manifest.json").read_text())["answers"]["01"][0]["blanks"]
    assert told == [{"line": gap.line + 1, "filling": prose(gap.filling)} for gap in blanks.gaps]


class LastReason(Form[Text]):
    """Name the property behind the last line: a form that no module of the program knows."""

    name: ClassVar[str] = "last-reason"

    def ask(self, derivation: Derivation, settings: FormSettings, data: Mapping[Symbol, Rows]) -> Text:
        return derivation.lines[-1].because

    def to_json(self, asked: Text) -> dict[str, object]:
        return {"reason": prose(asked)}

    def marking(self, points: Fraction, asked: Text, derivation: Derivation, weights: Sequence[int]) -> Marking:
        return Marking((Mark(points, Message("mark-property", "the property")()),))

    def request(self, facts: Facts) -> Sentence:
        return say(Message("ask-last-reason", "Which property justifies the last line?"))

    def show(self, solved: SolvedDerived, asked: Text) -> Shown:
        return Shown(solution(solved), given=solution(solved))

    def room(self, derivation: Derivation) -> str:
        return "1cm"

    def final_answer(self, question: Question) -> FinalAnswer:
        return FinalAnswer((question.solution.lines[-1].because,))


def test_a_form_from_outside_is_asked_marked_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMS, "last-reason", LastReason())
    sheet = worksheet(tmp_path, {"function": "Tr(A X B)", "wrt": "X", "form": "last-reason", "points": 3})
    built = builder.build(sheet.path, builder.Options(tmp_path / "output", formats=("html",)))
    paper, key = ((built.folder / f"{name}.html").read_text() for name in ("sheet-v01", "sheet-v01-key"))
    assert "Which property justifies the last line?" in paper
    assert "3 points for the property" in key
    (problem,) = json.loads((built.folder / "manifest.json").read_text())["answers"]["01"]
    assert problem["form"] == "last-reason"
    assert problem["reason"]
    assert problem["reason"] in key
