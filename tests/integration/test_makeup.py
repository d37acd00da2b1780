"""A make-up exam has none of the questions that were given, as mathematics, or it is said that there are no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.building.builder import Options, build, load
from generator.building.check import check
from generator.errors import GeneratorError
from generator.worksheet.equivalence import RECORDED_TOLERANCE, are_close
from tests.integration.test_cli import run

TEX = Options(formats=("tex",), jobs=1)
MIDTERM = """\
versions: 4
problems:
  - {id: trace, function: c Tr(A X), wrt: X, vary: {c: 2..9, names: {A: [A, M]}}}
  - function: x'A x
    wrt: x
    symbols: {A: 2 x 2 symmetric, x: 2}
    vary: {A: -3..3, x: -2..2}
    parts: [{points: 2}, {numeric: true, points: 1}]
"""
OTHER = """\
versions: 4
problems:
  - {id: other, function: d Tr(Y B), wrt: Y, vary: {d: 2..9}}
"""


@pytest.fixture(autouse=True)
def _course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("course").mkdir()
    Path("course/midterm.yaml").write_text(MIDTERM)


def given(folder: str) -> list[Any]:
    """The fingerprints in the manifest of a build."""
    manifest = json.loads(Path(folder, "manifest.json").read_text())
    return [answer["fingerprint"] for answers in manifest["answers"].values() for answer in answers]


def are_apart(some: list[float], others: list[float]) -> bool:
    return not any(are_close(one, other, RECORDED_TOLERANCE) for one in some for other in others)


def test_a_makeup_has_no_question_that_was_given() -> None:
    build("course/midterm.yaml", TEX)
    before = Path("output/midterm/manifest.json").read_bytes()
    makeup = Options(formats=("tex",), jobs=1, makeup=True)
    assert build("course/midterm.yaml", makeup).folder == Path("output/midterm-makeup")
    assert Path("output/midterm/manifest.json").read_bytes() == before
    assert (Path("output/midterm-makeup/tex") / "midterm-makeup-v04-key.tex").exists()
    assert are_apart(given("output/midterm"), given("output/midterm-makeup"))
    assert build("course/midterm.yaml", makeup).current
    build("course/midterm.yaml", Options(formats=("tex",), jobs=1, seed=7))
    assert not build("course/midterm.yaml", makeup).current
    assert are_apart(given("output/midterm"), given("output/midterm-makeup"))


@pytest.mark.parametrize("said", ["output/midterm", "midterm", "[midterm]"])
def test_another_worksheet_avoids_the_same_mathematics_in_other_letters(said: str) -> None:
    build("course/midterm.yaml", TEX)
    Path("course/other.yaml").write_text(f"avoid: {said}\n{OTHER}")
    build("course/other.yaml", TEX)
    assert are_apart(given("output/midterm"), given("output/other"))
    assert len(set(given("output/other"))) == 4
    assert check(load(Path("course/other.yaml")), jobs=1).errors == ()
    Path("course/other.yaml").write_text(OTHER)
    build("course/other.yaml", TEX)
    assert not are_apart(given("output/midterm"), given("output/other"))


@pytest.mark.parametrize(
    ("avoid", "versions", "said"),
    [
        ("midterm", 5, "4 distinct besides those that were given before; you asked for 5\nGive it more to vary"),
        ("[midterm, other]", 1, "every draw that could be asked is a question that was given before\nGive more values"),
        ("nowhere", 1, "avoid: nothing was built in output/nowhere, whose questions are to be avoided\nBuild it"),
        ("../midterm", 1, "avoid: nothing was built in output/../midterm"),
        ("old", 1, "avoid: output/old was built by another version of this program"),
        ("{a: b}", 1, "avoid: "),
    ],
)
def test_what_cannot_be_avoided_is_said(avoid: str, versions: int, said: str) -> None:
    build("course/midterm.yaml", TEX)
    Path("course/other.yaml").write_text(f"avoid: midterm\n{OTHER}")
    build("course/other.yaml", TEX)
    Path("output/old").mkdir()
    manifest = json.loads(Path("output/midterm/manifest.json").read_text())
    del manifest["answers"]["03"][0]["fingerprint"]
    Path("output/old/manifest.json").write_text(json.dumps(manifest))
    Path("course/third.yaml").write_text(f"avoid: {avoid}\n{OTHER.replace('4', str(versions), 1)}")
    with pytest.raises(GeneratorError) as caught:
        build("course/third.yaml", TEX)
    assert said in str(caught.value)
    assert str(caught.value).startswith("course/third.yaml:")


def test_a_question_that_nothing_varies_in_is_not_given_again() -> None:
    Path("course/midterm.yaml").write_text("problems: [{function: Tr(A X), wrt: X}]\n")
    found = run("build", "course/midterm.yaml", "--makeup")
    assert (found.exit_code, "nothing was built in output/midterm" in found.output) == (2, True)
    assert run("build", "course/midterm.yaml", "--format", "tex").exit_code == 0
    found = run("build", "course/midterm.yaml", "--makeup")
    assert found.exit_code == 2
    assert (
        "course/midterm.yaml:1: problems[0].vary: every draw that could be asked is a question that was" in found.output
    )


def test_own_questions_are_avoided_where_something_is_drawn_for_them() -> None:
    Path("course/midterm.yaml").write_text(
        "versions: 3\nproblems:\n"
        "  - {statement: State the theorem., solution: It is known.}\n"
        "  - {statement: 'Is $<<c>>$ prime?', symbols: {c: scalar}, vary: {c: 2..9}, solution: See a table.}\n"
    )
    build("course/midterm.yaml", TEX)
    build("course/midterm.yaml", Options(formats=("tex",), jobs=1, makeup=True))
    before, after = given("output/midterm"), given("output/midterm-makeup")
    assert before[::2] == after[::2] == [None] * 3
    assert are_apart(before[1::2], after[1::2])


POOL = """\
versions: 2
problems:
  - pick: 2
    from:
      - {id: a, statement: State A., solution: A.}
      - {id: b, statement: State B., solution: B.}
      - {id: c, statement: State C., solution: C.}
      - {id: d, statement: State D., solution: D.}
      - {id: e, function: Tr(A X), wrt: X}
"""


def asked(folder: str) -> list[set[str]]:
    manifest = json.loads(Path(folder, "manifest.json").read_text())
    return [{answer["id"] for answer in answers} for answers in manifest["answers"].values()]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pools_give_out_what_was_not_given_before(seed: int) -> None:
    """Of five problems two versions have two or four; what is left comes first, then some that were given."""
    Path("course/midterm.yaml").write_text(f"seed: {seed}\n{POOL}")
    build("course/midterm.yaml", TEX)
    before = set().union(*asked("output/midterm"))
    left = set("abcde") - before
    build("course/midterm.yaml", Options(formats=("tex",), jobs=1, makeup=True))
    for problems in asked("output/midterm-makeup"):
        assert len(problems) == 2
        assert problems >= left if len(left) < 2 else problems <= left
    Path("course/other.yaml").write_text(f"avoid: midterm\n{POOL.replace('id: ', 'id: other-').replace('2', '1')}")
    build("course/other.yaml", TEX)
    assert set().union(*asked("output/other")) <= {f"other-{name}" for name in left}
    assert check(load(Path("course/other.yaml")), jobs=1).errors == ()
