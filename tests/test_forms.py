"""Forms of a question: what is asked, what is right, and that nothing else is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import builder, solve
from generator.algebra.expr import Matrix
from generator.algebra.numeric import UndefinedError, evaluate, random_point, relative_error
from generator.algebra.plain import plain
from generator.derivation.derivation import Derivation
from generator.derivation.wrong import WrongDerivation
from generator.errors import FormError, GeneratorError
from generator.render import page
from generator.render.page import Answered
from generator.render.pdf import Overfull
from generator.solving import solve_all
from generator.worksheet.draw import Draws, Version
from generator.worksheet.forms import Choices, Form, ask
from generator.worksheet.spec import Worksheet, load_worksheet
from tests.test_page import TEMPLATES, grid_rows, printed, worksheet

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


def solved(sheet: Worksheet) -> list[tuple[Version, tuple[Answered, ...]]]:
    return solve_all(Draws(sheet), jobs=1)


def everything(folder: Path, form: str, **keys: object) -> Worksheet:
    """All problems in one form."""
    problems: list[Problem] = [{"id": name, "form": form, **problem} for name, problem in PROBLEMS.items()]
    for problem in problems:
        if form == "choice" and problem["id"] == "differential":
            problem["choices"] = 3
    return worksheet(folder, *problems, **keys)


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


def test_one_choice_is_right_and_all_differ_in_every_version(tmp_path: Path) -> None:
    for _, answered in solved(everything(tmp_path, "choice", versions=4)):
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
        asked = ask(derivation, Form("choice", key=key), {})
        assert isinstance(asked, Choices)
        letters[asked.right.letter] += 1
    assert set(letters) == set("ABCD")
    assert max(letters.values()) < 30


@given(key=st.text(max_size=20), form=st.sampled_from(["choice", "find-the-error"]))
def test_what_is_asked_follows_from_the_key(key: str, form: str) -> None:
    derivation = derived("inverse")
    asked = ask(derivation, Form(form, key=key), {})  # type: ignore[arg-type]
    assert asked == ask(derivation, Form(form, key=key), {})  # type: ignore[arg-type]


def test_the_error_is_where_the_key_says(tmp_path: Path) -> None:
    for _, answered in solved(everything(tmp_path, "find-the-error", versions=4)):
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
    for form in ("choice", "find-the-error"):
        sheet = worksheet(tmp_path, PROBLEMS["inverse"] | {"form": form}, versions=12, repeats=True)
        drawn = {page.answer_row(sheet, answered) for _, answered in solved(sheet)}
        assert len(drawn) > 2


def test_a_question_does_not_depend_on_the_others_or_on_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = everything(tmp_path, "choice", versions=3)
    alone = worksheet(tmp_path, PROBLEMS["inverse"] | {"id": "inverse", "form": "choice"}, versions=2)
    with_others = [one.asked for _, all_of in solved(sheet) for one in all_of if one.question.id == "inverse"]
    assert [all_of[0].asked for _, all_of in solved(alone)] == with_others[:2]
    for form in ("choice", "find-the-error"):
        sheet = everything(tmp_path, form, versions=2)
        monkeypatch.setattr(builder, "WORTH_PROCESSES", 1)
        shared = solve_all(Draws(sheet), jobs=2)
        monkeypatch.setattr(builder, "WORTH_PROCESSES", 1000)
        in_one = solved(sheet)
        keys = [
            [page.answer_key(sheet, version, answered, TEMPLATES).body for version, answered in some]
            for some in (shared, in_one)
        ]
        assert keys[0] == keys[1]


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
        {"function": "Tr(A X)", "wrt": "X", "form": "choice"},
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


STATEMENTS: list[tuple[str, str, str]] = [
    ("gradient", "choice", r"Which of these is the gradient $\nabla_{X} L$?"),
    ("jacobian", "choice", r"Which of these is the Jacobian matrix $J$ of $F$, with "),
    ("hessian", "choice", "Which of these is the Hessian matrix $H$ of $L$?"),
    ("stationary", "choice", r"At which of these $x$ is $\nabla_{x} L$ zero?"),
    (
        "gradient",
        "find-the-error",
        r"Below, the gradient $\nabla_{X} L$ is derived. One line is wrong, and so is what follows from it."
        " Which line is it, and what should it say?",
    ),
    ("stationary", "find-the-error", r"Below, $\nabla_{x} L$ is derived and set to zero. One line is wrong,"),
]


@pytest.mark.parametrize(("name", "form", "words"), STATEMENTS)
def test_statements(name: str, form: str, words: str, tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, PROBLEMS[name] | {"form": form})
    (version, answered), *_ = solved(sheet)
    assert words in " ".join(page.problem_set(sheet, version, answered, TEMPLATES).body.split())


def test_pages(tmp_path: Path) -> None:
    warnings: list[Overfull] = []
    for form in ("choice", "find-the-error"):
        sheet = everything(tmp_path, form)
        both = solved(sheet)
        version, answered = both[0]
        papers = (
            page.problem_set(sheet, version, answered, TEMPLATES),
            page.answer_key(sheet, version, answered, TEMPLATES),
            page.answer_grid(sheet, grid_rows(sheet, both), TEMPLATES),
        )
        asks, key, grid = ("\n".join(pages) for pages in printed(sheet, *papers, warn=warnings))
        assert "Answer" not in asks
        for one in answered:
            match one.asked:
                case Choices(options):
                    assert f"Answer: {one.asked.right.letter}" in key
                    assert all(re.search(rf"\b{option.letter}\. ", asks) for option in options)
                case WrongDerivation():
                    assert f"Answer: line {one.asked.number} is wrong. It should say" in key
                    assert f"Line {one.asked.number}" in grid
                    assert f"({len(one.asked.derivation.lines)}) " in asks
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
