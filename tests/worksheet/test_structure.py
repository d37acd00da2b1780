"""Sections, pools, shuffled and fixed problems: what each version has, with which numbers, and what is an error."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from generator.building.check import check
from generator.building.solving import solve_all
from generator.errors import GeneratorError
from generator.worksheet.load import load_worksheet
from generator.worksheet.spec import Worksheet
from generator.worksheet.variants import Draws

FIVE = "".join(f"- {{id: {name}, statement: Say {name}., solution: It is {name}.}}\n" for name in "abcde")


def load(folder: Path, text: str, **files: str) -> Worksheet:
    """A worksheet, with other files beside it."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    (folder / "sheet.yaml").write_text(text, encoding="utf-8")
    return load_worksheet(folder / "sheet.yaml")


def ids(sheet: Worksheet, versions: int) -> list[list[str]]:
    """The ids of the problems of each version, in the order in which they are printed."""
    draws = Draws(sheet)
    found = [draws.placed(number) for number in range(1, versions + 1)]
    assert all([one.number for one in some] == list(range(1, len(some) + 1)) for some in found)
    return [[sheet.ids[one.problem] for one in some] for some in found]


@pytest.mark.parametrize("pick", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_version_has_some_of_a_pool_and_each_problem_is_used_as_often_as_any_other(
    pick: int, seed: int, tmp_path: Path
) -> None:
    sheet = load(tmp_path, f"seed: {seed}\nproblems:\n  - {{pick: {pick}, from: pool.yaml}}\n", pool=FIVE)
    found = ids(sheet, 20)
    for number, some in enumerate(found, 1):
        assert some == sorted(set(some))
        assert len(some) == pick
        counts = Counter(dict.fromkeys("abcde", 0)) + Counter(chain.from_iterable(found[:number]))
        assert max(counts.values()) - min(counts[name] for name in "abcde") <= 1
    if pick < 5:
        assert len(set(map(tuple, found))) > 2
    assert found == ids(sheet, 20)


def test_a_pool_stays_when_other_problems_change_and_goes_on_with_more_versions(tmp_path: Path) -> None:
    pool = "  - {pick: 2, from: pool.yaml}\n"
    alone = ids(load(tmp_path, "versions: 3\nproblems:\n" + pool, pool=FIVE), 6)
    more = "  - {id: x, statement: Say x., solution: It is x.}\n"
    beside = ids(load(tmp_path, f"versions: 60\nproblems:\n{more}{pool}", pool=FIVE), 6)
    assert beside == [["x", *some] for some in alone]
    assert ids(load(tmp_path, "seed: 9\nproblems:\n" + pool, pool=FIVE), 6) != alone


def test_versions_that_share_a_problem_of_a_pool_have_different_draws_of_it(tmp_path: Path) -> None:
    problems = "".join(
        f"      - {{id: {name}, function: c Tr({name.upper()} X), wrt: X, vary: {{c: 2..9}}}}\n" for name in "abc"
    )
    sheet = load(tmp_path, f"versions: 12\nproblems:\n  - pick: 2\n    from:\n{problems}")
    draws = Draws(sheet)
    asked = [question.summary for number in range(1, 13) for question in draws.version(number).questions]
    assert len(set(asked)) == len(asked) == 24
    assert [one.found for one in draws.capacities()] == [8, 8, 8]
    assert any(line.startswith("  2 of 3 problems: of 12 versions, a in 8, b in 8") for line in check(sheet).report)


def test_keys_beside_a_pick_are_those_of_each_of_its_problems(tmp_path: Path) -> None:
    sheet = load(tmp_path, "problems:\n  - {pick: 2, points: 2.5, title: Short, from: pool.yaml}\n", pool=FIVE)
    assert {(problem.points, problem.title) for problem in sheet.problems} == {(2.5, "Short")}
    assert str(sheet.place("problems", 3, "points")).endswith("sheet.yaml:2: problems[0].points")
    assert str(sheet.place("problems", 3, "solution")).endswith("pool.yaml:4: [3].solution")


def test_a_pool_may_have_families_of_the_bank_which_no_other_entry_picks(tmp_path: Path) -> None:
    pool = "[{use: trace-linear, points: 5}, {use: ridge-regression, points: 5}]"
    sheet = load(tmp_path, f"problems:\n  - {{pick: 1, from: {pool}}}\n  - {{pick: 1, from: {{topic: regression}}}}\n")
    assert sheet.ids[:2] == ("trace-linear", "ridge-regression")
    assert sheet.ids[2] != "ridge-regression"


ORDERED = """\
order: {order}
sections:
  - title: First
    problems: [{a}, {b}, {c}]
  - title: Second
    order: {second}
    problems: [{d}, {e}]
"""
NAMED = {name: f"{{id: {name}, statement: Say {name}., solution: It is {name}.}}" for name in "abcde"}


def test_problems_are_shuffled_within_their_sections(tmp_path: Path) -> None:
    found = ids(load(tmp_path, ORDERED.format(order="shuffled", second="written", **NAMED)), 12)
    assert all(some[3:] == ["d", "e"] for some in found)
    first = ["".join(some[:3]) for some in found]
    assert sorted(first[:6]) == sorted(first[6:]) == ["abc", "acb", "bac", "bca", "cab", "cba"]
    second = ids(load(tmp_path, ORDERED.format(order="written", second="shuffled", **NAMED)), 2)
    assert sorted("".join(some) for some in second) == ["abcde", "abced"]


def test_what_is_fixed_keeps_its_place_in_a_shuffled_order(tmp_path: Path) -> None:
    fixed = NAMED | {"b": NAMED["b"].replace("}", ", fixed: true}")}
    found = ids(load(tmp_path, ORDERED.format(order="shuffled", second="written", **fixed)), 8)
    assert {some[1] for some in found} == {"b"}
    assert len({tuple(some) for some in found}) == 2


def test_a_fixed_question_has_its_choices_and_its_wrong_line_in_the_same_place_in_all_versions(tmp_path: Path) -> None:
    choices = "choices: [{text: r, right: true}, {text: s}, {text: t}, {text: u}]"
    text = (
        f"problems:\n  - {{statement: Which is it, {choices}, fixed: @}}\n"
        '  - {function: "Tr(X\'A X)", wrt: X, form: find-the-error, fixed: @}\n'
    )
    for fixed in ("true", "false"):
        versions = [
            answered for _, answered in solve_all(Draws(load(tmp_path, "versions: 8\n" + text.replace("@", fixed))))
        ]
        for place in (0, 1):
            asked = {str((answered[place].question, getattr(answered[place], "asked", None))) for answered in versions}
            assert (len(asked) == 1) == (fixed == "true")


WRONG = [
    (
        "problems:\n  - {pick: 6, from: pool.yaml}",
        "sheet.yaml:2: problems[0].pick: 6 problems are asked for, and there",
    ),
    ("problems:\n  - {pick: 1, from: nowhere.yaml}", "sheet.yaml:2: problems[0].from: there is no file nowhere.yaml"),
    ("problems:\n  - {pick: 1, from: ../sheet.yaml}", "problems[0].from: ../sheet.yaml is not beside the worksheet"),
    ("problems:\n  - {pick: 1, from: []}", "problems[0].from: there is no problem in the list"),
    ("problems:\n  - {pick: 1, from: [norm]}", "problems[0].from[0]: a problem must be keys with values, not 'norm'"),
    ("problems:\n  - {from: pool.yaml}", "problems[0].from: 'from' stands without 'pick'"),
    ("problems:\n  - {pick: 0, from: pool.yaml}", "problems[0].pick: must be a whole number from 1 to 99"),
    ("problems:\n  - {pick: 1, from: words.yaml}", "words.yaml:1: a pool is a list of problems, not keys with values"),
    ("problems:\n  - {pick: 1, from: broken.yaml}", "broken.yaml:2: not YAML"),
    ("problems:\n  - {pick: 1, from: empty.yaml}", "empty.yaml: the file is empty"),
    (
        "problems:\n  - {pick: 1, from: [{pick: 1, from: pool.yaml}]}",
        "problems[0].from[0].pick: a pool cannot have a pool in it",
    ),
    ("problems:\n  - {pick: 1, from: nested.yaml}", "nested.yaml:2: [1].pick: a pool cannot have a pool in it"),
    (
        "problems:\n  - {pick: 1, from: unequal.yaml}",
        "problems[0].from: problems of this pool are worth 2 points or 3 points, so that the total of a version",
    ),
    (
        "problems:\n  - {pick: 1, from: bonus.yaml}",
        "are worth 2 points or 0 points with a bonus of 2 points, so that",
    ),
    (
        "problems:\n  - {pick: 1, from: wrong.yaml}",
        "wrong.yaml:2: [1]: unknown key 'solutio'; did you mean 'solution'?",
    ),
    ("problems:\n  - {pick: 1, fixed: true, from: pool.yaml}", "a problem of a pool is not in every version"),
    ("problems: []\nsections: []", "sheet.yaml:1: problems: there are problems beside sections"),
    ("sections: []", "sheet.yaml:1: sections: there is no section in the list"),
    ("sections: {a: b}", "sheet.yaml:1: sections: must be a list, not keys with values"),
    ("sections:\n  - title: First", "sheet.yaml:2: sections[0]: the key 'problems' is missing"),
    ("sections:\n  - problems: [{statement: x, solution: y}]", "sheet.yaml:2: sections[0]: the key 'title' is missing"),
    (
        "sections:\n  - title: First\n    text: Words\n    problems: [{statement: x, solution: y}]",
        "sheet.yaml:3: sections[0]: unknown key 'text'\nWrite  instructions: ...",
    ),
    (
        "sections:\n  - title: First\n    problems:\n      - statement: x\n        solutoin: y",
        "sheet.yaml:5: sections[0].problems[0]: unknown key 'solutoin'; did you mean 'solution'?",
    ),
    ("order: random\nproblems: [{statement: x, solution: y}]", "order: must be 'written' or 'shuffled', not 'random'"),
    (
        "problems: [{statement: x, solution: y, break: after}]",
        "problems[0].break: must be 'before', not 'after'",
    ),
    (
        "print: {profile: gradescope}\norder: shuffled\nproblems: [{statement: x, solution: y}]",
        "sheet.yaml:2: order: papers for gradescope have every question at the same place",
    ),
    (
        "problems:\n  - {function: c Tr(X), wrt: X, fixed: true, vary: {c: 2..9}}",
        "problems[0].vary.c: the problem is fixed, the same in all versions, and c would differ",
    ),
    (
        "problems:\n  - {function: [Tr(A X), Tr(X)], wrt: X, fixed: true}",
        "problems[0].function: the problem is fixed, the same in all versions, and the function would differ",
    ),
    (
        "problems:\n  - {function: Tr(A X), wrt: X, fixed: true, vary: {names: {A: [A, B]}}}",
        "problems[0].vary.names: the problem is fixed",
    ),
    (
        "problems:\n  - {statement: x, fixed: true, shuffle: true, choices: [{text: a, right: true}, {text: b}]}",
        "problems[0].shuffle: the problem is fixed",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_not_well_formed_is_said_with_file_line_and_key(text: str, message: str, tmp_path: Path) -> None:
    files = {
        "pool": FIVE,
        "words": "a: b\n",
        "broken": "- {a: [\n",
        "empty": "",
        "nested": "- {statement: x, solution: y}\n- {pick: 1, from: pool.yaml}\n",
        "unequal": "- {statement: x, solution: y, points: 2}\n- {statement: x, solution: z, points: 3}\n",
        "bonus": "- {statement: x, solution: y, points: 2}\n- {statement: x, solution: z, points: 2, bonus: true}\n",
        "wrong": "- {statement: x, solution: y}\n- {statement: x, solutio: z}\n",
    }
    with pytest.raises(GeneratorError) as caught:
        load(tmp_path, text + "\n", **files)
    assert message in str(caught.value)
    assert caught.value.exit_status == 2
