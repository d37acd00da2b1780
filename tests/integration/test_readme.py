"""The README is true: its worksheets load and solve, its commands exist, what it prints is what they print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.solver.solve import solve
from generator.worksheet.load import load_worksheet

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_each_worksheet_loads_and_solves(text: str, tmp_path: Path) -> None:
    file = tmp_path / "readme.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_worksheet(file).problems
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("text", blocks("console"))
def test_each_command_prints_what_the_readme_shows(text: str) -> None:
    command, _, expected = text.removeprefix("$ ").partition("\n")
    program, *arguments = shlex.split(command)
    assert program == "worksheets"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert result.output.rstrip() == expected.rstrip()


def test_the_python_example_says_what_comes_out() -> None:
    (text,) = blocks("python")
    names: dict[str, object] = {}
    exec(text, names)
    assert '# "2*A\'*(A*x - b)"' in text
    assert str(solve("norm2(A*x - b)^2", "x", {"A": "n x m", "x": "m", "b": "n"}).result) == "2*A'*(A*x - b)"
    assert names["d"]


def test_every_make_target_that_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=`| +#)", README))
    assert named >= {"worksheets", "test", "lint"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


def test_every_file_and_subcommand_that_it_names_exists() -> None:
    for path in re.findall(r"`((?:generator|templates|worksheets)/[\w./-]*)`", README):
        assert (ROOT / path).exists(), path
    assert (ROOT / "docs" / "answer-key.png").is_file()
    for command in re.findall(r"worksheets (build|check|solve|rules|preview|bank|init|doctor)\b", README):
        assert command in main.commands


def test_every_key_of_the_worksheet_table_is_known() -> None:
    from generator.worksheet.spec import Problem, Vary, Worksheet

    table = README[README.index("| key |") : README.index("A question's draw")]
    keys = {key for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert len(keys) >= 13
    assert keys <= set(Problem.model_fields) | set(Worksheet.model_fields)
    rest = README[README.index("### What may vary") :]
    varied = set(re.findall(r"^\| `(\w+)` \|", rest[: rest.index("Numbers are")], re.MULTILINE))
    assert varied == set(Vary.model_fields)
