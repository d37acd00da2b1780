"""What points are given for: all of them, the same in all versions, by stages, forms, or as a rubric says."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.building import builder
from generator.building.solving import Solver, made_of_all, solve_all
from generator.errors import GeneratorError
from generator.pdf.paper import Overfull
from generator.problems.marking import shares
from generator.problems.solved import SolvedQuestion
from generator.worksheet.load import load_worksheet
from generator.worksheet.variants import Draws
from tests.support.papers import answer_key_of, printed, problem_set_of, worksheet

Problem = dict[str, object]

QUADRATIC: Problem = {
    "function": "c Tr(X^T A X) + Tr(B^T X)",
    "wrt": "X",
    "symbols": {"A": "n x n", "B": "n x m", "X": "n x m", "c": "scalar"},
    "points": 6,
    "vary": {"c": "2..9"},
}
NUMBERS: Problem = {
    "function": "x'*A*x + b'*x",
    "wrt": "x",
    "symbols": {"A": "2 x 2", "x": "2", "b": "2"},
    "vary": dict.fromkeys("Axb", "-3..3"),
}
UNLIKE: Problem = {
    "function": ["Tr(A X)", "Tr(A X^-1)", "Tr(X^T A X)", "det(X)", "Tr(A X B)", "log(det(X)) + Tr(A X)"],
    "wrt": "X",
    "symbols": {"A": "n x n", "B": "n x n", "X": "n x n"},
    "points": 7,
    "fair": "off",
}
"""Alternatives whose derivations have two, three and four stages."""

weights = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@given(points=st.integers(0, 60), of=weights)
def test_all_points_are_given_in_whole_points_or_halves(points: int, of: list[int]) -> None:
    given_points = shares(points, of)
    assert sum(given_points) == points
    assert len(given_points) == len(of)
    if points >= len(of):
        assert all(share >= 1 and share.denominator == 1 for share in given_points)
    else:
        assert all(share.denominator <= 2 for share in given_points)
        assert all(given_points) or 2 * points < len(of)
    if points >= 2 * len(of):
        assert given_points[of.index(max(of))] == max(given_points)


SHARES: list[tuple[int, list[int], list[str]]] = [
    (5, [3, 1, 1], ["3", "1", "1"]),
    (10, [4, 1, 3, 2], ["4", "1", "3", "2"]),
    (4, [1, 1, 1], ["2", "1", "1"]),
    (2, [2, 1, 1], ["1", "1/2", "1/2"]),
    (1, [1, 5, 2], ["0", "1/2", "1/2"]),
    (0, [1, 2], ["0", "0"]),
]


@pytest.mark.parametrize(("points", "of", "expected"), SHARES)
def test_shares(points: int, of: list[int], expected: list[str]) -> None:
    assert shares(points, of) == tuple(map(Fraction, expected))


def points_of(one: SolvedQuestion) -> list[Fraction]:
    return [mark.points for mark in one.marking.marks]


def test_stages_are_worth_the_same_in_all_versions(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, QUADRATIC, NUMBERS, UNLIKE, versions=6, repeats=True)
    by_stages: dict[tuple[int, int], set[tuple[Fraction, ...]]] = {}
    for _, answered in solve_all(Draws(sheet)):
        for i, one in enumerate(answered):
            assert one.marking.follows_stages
            assert sum(points_of(one)) == one.question.points
            stages = one.derivation.stages
            assert [mark.what for mark in one.marking.marks] == [stage.title for stage in stages]
            by_stages.setdefault((i, len(stages)), set()).add(tuple(points_of(one)))
    assert all(len(found) == 1 for found in by_stages.values()), by_stages
    assert len(by_stages) > 4


def test_a_version_alone_is_marked_as_among_others(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, UNLIKE, NUMBERS, versions=6, repeats=True)
    together = [answered for _, answered in solve_all(Draws(sheet))]
    for number in (6, 3):
        (alone,) = made_of_all(Draws(sheet), lambda _, answered: answered, only=[number])
        assert [one.marking for one in alone] == [one.marking for one in together[number - 1]]
    backwards = Solver(Draws(sheet))
    for number in (6, 5, 4, 3, 2, 1):
        _, answered = backwards.solve(number)
        assert [one.marking for one in answered] == [one.marking for one in together[number - 1]]


FORMS: list[tuple[Problem, list[tuple[str, str]]]] = [
    ({"form": "choice"}, [("6", "the right letter alone")]),
    ({"form": "find-the-error"}, [("3", "the number of the line"), ("3", "its correction")]),
    ({"form": "find-the-error", "points": 5}, [("3", "the number of the line"), ("2", "its correction")]),
    ({"form": "fill-in", "blanks": 2}, [("3", "blank 1"), ("3", "blank 2")]),
    ({"form": "identify", "blanks": 4}, [("2", "blank 1"), ("2", "blank 2"), ("1", "blank 3"), ("1", "blank 4")]),
    ({"points": 0}, []),
    (
        {"rubric": {"dX at the end": "3/2", "differential of the trace": "3.5", "gradient": 1}},
        [("1.5", "dX at the end"), ("3.5", "differential of the trace"), ("1", "gradient")],
    ),
    ({"form": "choice", "rubric": {"letter": 4, "reason": 2}}, [("4", "letter"), ("2", "reason")]),
]


@pytest.mark.parametrize(("keys", "expected"), FORMS)
def test_what_points_are_given_for(keys: Problem, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, {**QUADRATIC, **keys})
    built = builder.build(sheet.path, builder.Options(output=tmp_path / "out", formats=("tex",)))
    answers = json.loads((built.folder / "manifest.json").read_text())["answers"]
    assert answers["01"][0]["marking"] == [{"points": float(points), "for": what} for points, what in expected]
    assert answers["02"][0]["marking"] == answers["01"][0]["marking"]


def test_pages(tmp_path: Path) -> None:
    forms = ("derive", "choice", "find-the-error", "fill-in", "identify")
    problems: list[Problem] = [{**QUADRATIC, "form": form, "id": form} for form in forms]
    problems.append({**QUADRATIC, "id": "own", "points": 3, "rubric": {"100% of dX & co_1": "2.5", "the rest": "1/2"}})
    problems.append({**QUADRATIC, "id": "nothing", "points": 0})
    problems.append({**QUADRATIC, "id": "little", "points": 1})
    sheet = worksheet(tmp_path, *problems)
    (version, answered), *_ = solve_all(Draws(sheet))
    warnings: list[Overfull] = []
    papers = (
        problem_set_of(sheet, version, answered),
        answer_key_of(sheet, version, answered),
    )
    asks, key = (" ".join("\n".join(pages).split()) for pages in printed(sheet, *papers, warn=warnings))
    assert warnings == []
    assert "Marking" not in asks
    assert "Take the differential 2 points" in key
    assert "Split the trace 1 point " in key
    assert "Split the trace 0" not in key
    assert "0.5 points" in key
    assert "Marking: 6 points for the right letter alone." in key
    assert "Marking: 3 points each for the number of the line and its correction." in key
    assert "Marking: 3 points for each blank." in key
    assert "Marking: 2.5 points for 100% of dX & co_1; 0.5 points for the rest." in key
    assert key.count("Marking") == 5


def test_a_rubric_stays_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(
        "problems:\n  - function: Tr(A X)\n    wrt: X\n    rubric: {gradient: 2, a: 1.5, differential: 1.5}\n"
    )
    (problem,) = load_worksheet(file).problems
    assert list(problem.rubric.items()) == [("gradient", 2), ("a", Fraction(3, 2)), ("differential", Fraction(3, 2))]


WRONG: list[tuple[str, str]] = [
    (
        "rubric: {one: 2, other: 2}",
        ":4: problems[0].rubric: the rubric gives 4 points in all, and it is for 5 points\n"
        "Write  points: 4  or change the rubric.",
    ),
    (
        "rubric: {one: 0.5}",
        ":4: problems[0].rubric: the rubric gives 0.5 points in all, and it is for 5 points\nChange the rubric.",
    ),
    (
        "rubric: {one: 5, other: 1/3}",
        ":4: problems[0].rubric.other: must be whole points or halves, up to 1000, not '1/3'\nWrite them as 2 or 1.5.",
    ),
    (
        "rubric: {one: 1e999999999}",
        ":4: problems[0].rubric.one: must be whole points or halves, up to 1000, not '1e999999999'\n",
    ),
    ("rubric: {one: -5}", ":4: problems[0].rubric.one: must be whole points or halves"),
    ("rubric: [one, 5]", ":4: problems[0].rubric: must be keys with values, not a list\nWrite it as {"),
    ("rubric:", ":4: problems[0].rubric: has no value"),
]


@pytest.mark.parametrize(("key", "message"), WRONG)
def test_a_rubric_that_cannot_be(key: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(f"problems:\n  - function: Tr(A X)\n    wrt: X\n    {key}\n")
    with pytest.raises(GeneratorError) as caught:
        load_worksheet(file)
    assert message in str(caught.value)
