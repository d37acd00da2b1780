"""The bank: every family is sound, varies and is fair; what a worksheet takes from it, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.building.builder import Options, build
from generator.errors import GeneratorError
from generator.expr.printing.latex import latex
from generator.forms import ask
from generator.solver.evaluation import evaluated
from generator.solver.task import Task, solve_task
from generator.worksheet.bank import Bank, Entry
from generator.worksheet.fairness import beyond, differences, signature
from generator.worksheet.lint import faults
from generator.worksheet.load import load_family, load_worksheet
from generator.worksheet.variants import Draws

SHIPPED = Bank()
DRAWS = 2
LONGEST = {1: 12, 2: 12, 3: 14, 4: 18, 5: 20}
"""How many lines a derivation may have at most, by difficulty."""


@pytest.mark.parametrize("entry", SHIPPED.families.values(), ids=lambda entry: entry.name)
def test_a_family_varies_and_its_versions_are_alike(entry: Entry) -> None:
    worksheet = load_family(entry)
    draws = Draws(worksheet)
    assert draws.problems[0].capacity(8).found == 8
    questions = [draws.version(number).questions[0] for number in range(1, DRAWS + 1)]
    solved = [
        solve_task(Task(q.function, q.wrt, q.find, q.conventions, q.subject_to, member=q.member)) for q in questions
    ]
    shown = [evaluated(one, q.data) if q.data else one for one, q in zip(solved, questions, strict=True)]
    for derivation in shown:
        assert 2 <= len(derivation.lines) <= LONGEST[entry.difficulty]
        assert not list(faults(derivation))
        assert all(latex(line.right) for line in derivation.lines)
    for question, derivation in zip(questions, solved, strict=True):
        assert (ask(derivation, question.form, question.data) is None) == (question.form.name == "derive")
    fair = worksheet.problems[0].fair or "similar"
    assert not beyond(differences((str(i), signature(one)) for i, one in enumerate(shown)), fair)


def test_there_are_many_families_of_every_difficulty() -> None:
    assert len(SHIPPED.families) >= 80
    assert {entry.difficulty for entry in SHIPPED.families.values()} == {1, 2, 3, 4, 5}
    assert len(SHIPPED.topics) >= 15


def ids(text: str, folder: Path, name: str = "sheet") -> tuple[str, ...]:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_worksheet(path).ids


def test_a_family_is_used_with_some_keys_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_text("problems:\n  - use: least-squares\n    points: 9\n    title: Fit\n", encoding="utf-8")
    (problem,) = load_worksheet(path).problems
    assert (problem.id, problem.points, problem.title, problem.find) == ("least-squares", 9, "Fit", "stationary")


PICK = "  - pick: 3\n    from: {topic: [determinant, inverse], difficulty: 2..3}\n"


def test_a_pick_takes_no_family_twice_and_stays_when_other_problems_change(tmp_path: Path) -> None:
    first = ids("problems:\n" + PICK, tmp_path)
    assert len(set(first)) == 3
    assert {SHIPPED.families[name].topic for name in first} <= {"determinant", "inverse"}
    assert {SHIPPED.families[name].difficulty for name in first} <= {2, 3}
    after = ids("problems:\n  - use: trace-linear\n" + PICK + "  - function: tr(X)\n    wrt: X\n", tmp_path)
    assert after[1:4] == first
    assert ids("seed: 5\nproblems:\n" + PICK, tmp_path) != first
    twice = ids("problems:\n" + PICK + PICK, tmp_path)
    assert len(set(twice)) == 6
    used = ids(f"problems:\n  - use: {first[0]}\n" + PICK, tmp_path)
    assert len(set(used)) == 4


def test_a_pick_by_stratum_takes_some_of_each(tmp_path: Path) -> None:
    found = ids("problems:\n  - pick: 1\n    from: {topic: gaussian, by: difficulty}\n", tmp_path)
    assert [SHIPPED.families[name].difficulty for name in found] == [2, 3, 4, 5]


def test_a_course_adds_families_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "families").mkdir()
    own = "mine:\n  title: Mine\n  topic: trace\n  difficulty: 1\n  source: me\n  function: tr(A X)\n  wrt: X\n"
    (tmp_path / "families" / "own.yaml").write_text(own, encoding="utf-8")
    text = "bank: families\nproblems:\n  - use: mine\n"
    assert ids(text, tmp_path) == ("mine",)
    path, options = tmp_path / "sheet.yaml", Options(tmp_path / "out", formats=("tex",))
    assert not build(path, options).current
    assert build(path, options).current
    (tmp_path / "families" / "own.yaml").write_text(own.replace("tr(A X)", "tr(A' X)"), encoding="utf-8")
    assert not build(path, options).current


WRONG = [
    ("use: ridge-regresion", "problems[0].use: there is no family 'ridge-regresion'\nDid you mean ridge-regression?"),
    (
        "pick: 3\n    from: {topic: determinan}",
        "from.topic: there is no topic 'determinan'; did you mean 'determinant'?",
    ),
    ("pick: 40\n    from: {topic: pca}", "40 families are asked for, and there are 2 that no other entry uses"),
    ("use: norm\n    pick: 2", "problems[0].pick: 'use' and 'pick' do not go together"),
    ("pick: some", "problems[0].pick: must be a whole number from 1 to 99, not 'some'"),
    ("pick: 1\n    from: {topics: pca}", "unknown key 'topics'; did you mean 'topic'?"),
    ("pick: 1\n    from: {difficulty: 9}", "must be a number from 1 to 5 or a range such as 2..3, not 9"),
    ("pick: 1\n    from: pca", "from: there is no file pca beside the worksheet"),
    ("pick: 1\n    from: {by: colour}", "from.by: must be topic or difficulty, not 'colour'"),
    ("use: trace-linear\n    colour: red", "sheet.yaml:3: problems[0]: unknown key 'colour'"),
]


@pytest.mark.parametrize(("entry", "message"), WRONG)
def test_what_the_bank_cannot_give_is_said_with_file_line_and_key(entry: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(GeneratorError) as caught:
        ids(f"problems:\n  - {entry}\n", tmp_path)
    assert message in str(caught.value)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("said", ["../elsewhere", "nowhere", "/etc"])
@pytest.mark.parametrize("problem", ["{use: trace-linear}", "{function: Tr(A X), wrt: X}"])
def test_families_lie_beside_the_worksheet(said: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match=r"sheet.yaml:1: bank: .*\n\w"):
        ids(f"bank: {said}\nproblems:\n  - {problem}\n", tmp_path)


def test_a_family_with_a_mistake_is_reported_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("mine:\n  title: Mine\n  function: tr(A X\n  wrt: X\n", encoding="utf-8")
    with pytest.raises(GeneratorError) as caught:
        load_family(Bank((tmp_path,)).families["mine"])
    assert "own.yaml" in str(caught.value)
    assert "topic" in str(caught.value)
