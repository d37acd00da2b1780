"""A preview that follows a file, problems that are asked for, completion, and ranges of versions."""

from __future__ import annotations

import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from click.testing import CliRunner

from generator.building.builder import Options
from generator.cli import main
from generator.errors import GeneratorError
from generator.watching import HOST, Shown, serving, watch

WORKSHEET = "title: T\nproblems:\n  - function: Tr(A X)\n    wrt: X\n"
SOON = 60
"""Seconds after which a change that is not shown counts as lost."""


def get(address: str, path: str = "") -> str:
    with urlopen(f"{address}{path}", timeout=SOON) as answer:
        content: bytes = answer.read()
    return content.decode()


def test_a_page_waits_for_the_next_one_and_shows_an_error_above_the_last() -> None:
    shown = Shown()
    with serving(shown) as address:
        assert shown.show("<body>one</body>")
        assert not shown.show("<body>one</body>")
        assert "since=1" in get(address)
        found: list[str] = []
        waiting = Thread(target=lambda: found.append(get(address, "changes?since=1")))
        waiting.start()
        assert shown.show_error(GeneratorError("<wrong>"))
        waiting.join(SOON)
        assert found == ["2"]
        page = get(address)
        assert "&lt;wrong&gt;" in page
        assert "one" in page


def test_nobody_else_is_answered() -> None:
    with serving(Shown()) as address, pytest.raises(HTTPError, match="403") as refused:
        urlopen(Request(address, headers={"Host": "elsewhere.example"}), timeout=SOON)
    refused.value.close()
    assert address.startswith(f"http://{HOST}:")


def test_each_change_is_shown_also_one_made_at_once_and_one_of_a_family(tmp_path: Path) -> None:
    file = tmp_path / "quiz.yaml"
    families = tmp_path / "families"
    families.mkdir()
    family = "mine: {title: Mine, topic: trace, difficulty: 1, source: me, function: Tr(B Y), wrt: Y}\n"
    (families / "mine.yaml").write_text(family)
    file.write_text(WORKSHEET)
    shown, stop, told = Shown(), Event(), []
    changed = Event()

    def report(error: GeneratorError | None) -> None:
        told.append(error and error.what)
        if len(told) == 1:  # before the files are watched
            file.write_text("bank: families\nproblems: [{use: mine}]\n")
        changed.set()

    watching = Thread(target=watch, args=(file, Options(versions=1, repeats=True), shown, report, stop))
    watching.start()
    try:
        for step, sign in enumerate(("<mi>X</mi>", "<mi>Y</mi>", "<mi>Z</mi>", "alert")):
            if step == 2:
                (families / "mine.yaml").write_text(family.replace("Y", "Z"))
            if step == 3:
                file.write_text("problems: [{function: Tr(A, wrt: A}]")
            while len(told) <= step:
                assert changed.wait(SOON), (step, told)
                changed.clear()
            if step:
                assert sign in shown.content()
    finally:
        stop.set()
        watching.join(SOON)
    assert told[:3] == [None, None, None]
    assert told[3]


def asked(file: Path, *answers: str) -> str:
    result = CliRunner().invoke(main, ["new", str(file)], input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}], ids=str)
@pytest.mark.parametrize("arguments", [[], ["--no-browser"]], ids=str)
def test_a_browser_is_opened_where_there_are_windows(
    environment: dict[str, str], arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr("generator.watching.watch", lambda *_: None)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "sheet.yaml").write_text("problems: [{function: Tr(A X), wrt: X}]\n")
    done = CliRunner().invoke(main, ["watch", *arguments, str(tmp_path / "sheet.yaml")])
    assert "the preview is at http://127.0.0.1:" in done.stdout
    assert len(opened) == bool(environment and not arguments)


def test_new_problems_are_solved_and_added_and_all_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "a-quiz.yaml"
    output = asked(file, "||A x -", "x", "", "||A x - b||_2^2", "x", "stationary", "y", "Least squares", "6")
    assert "^" in output  # what is wrong with the first answer
    assert "inv(A'*A)*A'*b" in output
    assert yaml.safe_load(file.read_text()) == {
        "title": "A quiz",
        "problems": [
            {"title": "Least squares", "function": "||A x - b||_2^2", "wrt": "x", "find": "stationary", "points": 6}
        ],
    }
    before = file.read_text() + "# the end\n\nversions: 2 # two\n"
    file.write_text(before)
    assert "problem 2 added" in asked(file, "Tr(X^T A X)", "X", "", "y", "", "")
    after = file.read_text()
    assert [line for line in after.splitlines() if line in before.splitlines()] == before.splitlines()
    assert yaml.safe_load(after)["problems"][1] == {"function": "Tr(X^T A X)", "wrt": "X", "points": 5}
    assert CliRunner().invoke(main, ["check", str(file)]).exit_code == 0


@pytest.mark.parametrize("text", ["problems: [{function: Tr(A X), wrt: X}]\n", "title: none\n"])
def test_where_a_problem_cannot_be_added_it_is_shown_and_nothing_changes(tmp_path: Path, text: str) -> None:
    file = tmp_path / "quiz.yaml"
    file.write_text(text)
    result = CliRunner().invoke(main, ["new", str(file)], input="Tr(X)\nX\n\ny\n\n\n")
    assert result.exit_code == 2
    assert "- function: Tr(X)" in result.stderr
    assert file.read_text() == text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell(shell: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0, result.output
    assert "_WORKSHEETS_COMPLETE" in result.output
    if shutil.which(shell):
        script = tmp_path / "completion"
        script.write_text(result.output)
        subprocess.run([shell, "-n", str(script)], check=True)


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ("5-2", "'5-2' is no range"),
        ("2-", "'2-' is neither the number of a version nor a range such as 2-5"),
        ("1-99999", "'1-99999' is no range"),
        ("a", "'a' is neither"),
    ],
)
def test_what_is_no_range_of_versions_is_said(only: str, said: str) -> None:
    result = CliRunner().invoke(main, ["build", "x.yaml", "--only", only])
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_range_of_versions_is_built(tmp_path: Path) -> None:
    file = tmp_path / "quiz.yaml"
    file.write_text(f"versions: 9\n{WORKSHEET}    vary: {{names: {{A: [A, B, C]}}}}\n")
    arguments = ["build", str(file), "--only", "2-4, 7", "--format", "html", "--repeats", "-o", str(tmp_path / "o")]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    made = sorted(one.name for one in (tmp_path / "o/quiz").glob("quiz-v??.html"))
    assert made == [f"quiz-v0{number}.html" for number in (2, 3, 4, 7)]
