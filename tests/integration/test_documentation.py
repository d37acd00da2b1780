"""README and documentation are true: worksheets solve, commands exist and print what is shown, links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from documentation.pictures import FOLDER, SOURCES, WORKSHEET, fingerprints
from generator import errors
from generator.cli import main
from generator.errors import GeneratorError
from generator.expr.parsing.parse import read
from generator.solver.solve import solve
from generator.worksheet.load import load_worksheet

if TYPE_CHECKING:
    import click
    from _pytest.mark.structures import ParameterSet

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
README = TEXTS["README.md"]
FIRST = "worksheets/homework.yaml"
"""The file that a reader of the README writes."""
MADE = ("gallery/index.md", "commands.md")
"""Pages of the site that the program makes of itself."""


def blocks(language: str, text: str) -> list[str]:
    """The fenced blocks of a text."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def all_blocks(language: str) -> list[ParameterSet]:
    """The fenced blocks of all pages, each with the name of its page as an id."""
    return [pytest.param(block, id=name) for name, text in TEXTS.items() for block in blocks(language, text)]


def commands() -> list[ParameterSet]:
    """The commands `worksheets …` in blocks and in code within words, each with its page as an id."""
    found = []
    for name, text in TEXTS.items():
        words = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        indented = re.findall(r"^ {4}(worksheets .*)$", text, re.MULTILINE)
        inline = re.findall(r"`(worksheets\s[^`]*)`", words)
        found += [pytest.param(" ".join(one.split()), id=name) for one in [*indented, *inline]]
    return found


@pytest.mark.parametrize("text", [one for one in all_blocks("yaml") if "problems:" in str(one.values[0])])
def test_each_worksheet_loads_and_solves(text: str, tmp_path: Path) -> None:
    file = tmp_path / "readme.yaml"
    file.write_text(text, encoding="utf-8")
    for figure in re.findall(r"(?:figure|logo): \{file: ([\w./-]+)", text):
        (tmp_path / figure).parent.mkdir(exist_ok=True)
        (tmp_path / figure).write_bytes(b"%PDF-1.4\n")
    assert load_worksheet(file).problems
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("text", all_blocks("console"))
def test_each_command_prints_what_is_shown(text: str) -> None:
    command, _, expected = text.removeprefix("$ ").partition("\n")
    program, *arguments = shlex.split(command)
    assert program == "worksheets"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert result.output.rstrip() == expected.rstrip()


@pytest.mark.parametrize("text", all_blocks("python"))
def test_each_python_example_runs(text: str) -> None:
    exec(text, {})


def test_the_python_example_says_what_comes_out() -> None:
    assert '# "2*A\'*(A*x - b)"' in TEXTS["docs/how-to/python.md"]
    assert str(solve("norm2(A*x - b)^2", "x", {"A": "n x m", "x": "m", "b": "n"}).result) == "2*A'*(A*x - b)"


@pytest.mark.parametrize("said", commands())
def test_each_command_and_option_exists(said: str) -> None:
    words = shlex.split(said.replace("…", ""), comments=True)[1:]
    command: click.Command = main
    if words and not words[0].startswith("-"):
        assert words[0] in main.commands, said
        command = main.commands[words.pop(0)]
    known = {name for one in command.params for name in one.opts} | {"--help", "--version"}
    assert {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)} <= known, said


@pytest.mark.parametrize("name", TEXTS)
def test_every_make_target_and_file_that_it_names_exists(name: str) -> None:
    text = TEXTS[name]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^ {4})make ([a-z]+)\b(?=`| +#|$)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE) or name == "docs/how-to/course.md", target
    for path in re.findall(r"`((?:generator|templates|worksheets|benchmarks|docs|tests)/[\w./-]*)`", text):
        assert (ROOT / path).exists() or path == FIRST, path
    for path in re.findall(r'(?:\]\(|src="|href=")(?!https?:|#)([^)#"]+)', text):
        there = (ROOT / name).parent / path
        assert there.exists() or path.endswith(MADE), path


def test_the_readme_shows_the_worksheet_of_its_pictures_and_is_short() -> None:
    assert f"```yaml\n{WORKSHEET.read_text(encoding='utf-8')}```" in README
    assert len(README.splitlines()) <= 150


def test_the_pictures_are_of_what_the_program_makes_today() -> None:
    import json

    assert json.loads(SOURCES.read_text(encoding="utf-8")) == fingerprints(), "Type: make pictures"
    assert all((FOLDER / f"{name}.png").is_file() for name in fingerprints())


def test_the_readme_is_followed_step_by_step_and_the_files_that_it_names_come_out(tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    program = environment / "bin" / "worksheets"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m generator "$@"\n')
    program.chmod(0o755)
    (environment / ".ready").touch()  # as if all that it needs had been installed
    sheet = tmp_path / Path(FIRST).name
    sheet.write_text(blocks("yaml", README)[0], encoding="utf-8")
    variables = [f"VENV={environment}", f"OUTPUT={tmp_path / 'output'}", f"SHEETS={sheet}"]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", *variables, "worksheets"], cwd=ROOT, env=inherited, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = {file.name for file in (tmp_path / "output" / "homework").iterdir()}
    named = set(re.findall(r"`(homework-[\w-]+\.pdf)`", README))
    assert len(named) >= 6
    assert named | {"tex"} <= made


@pytest.mark.parametrize("said", ["worksheets bank", "worksheets doctor", "worksheets --help"])
def test_each_other_command_of_the_readme_runs(said: str) -> None:
    assert f"`{said}`" in README
    assert CliRunner().invoke(main, said.split()[1:]).exit_code == 0


def test_the_tables_of_keys_are_true_and_of_what_may_vary_complete() -> None:
    from generator.worksheet.spec import Problem, Vary

    keys, varied = TEXTS["docs/how-to/exam.md"].split("## What may vary")
    named = {key for row in re.findall(r"^\| (`[^|]*) \|", keys, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert len(named) >= 13
    assert named <= set(Problem.model_fields)
    told = set(re.findall(r"^\| `(\w+)` \|", varied[: varied.index("Numbers are")], re.MULTILINE))
    assert told == set(Vary.model_fields)


def test_errors_name_a_page_of_the_documentation() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, GeneratorError)]
    named = {one.page for one in kinds if one is not GeneratorError}
    assert len(named) > 4
    assert "" not in named
    for page in named:
        assert f"docs/{page}.md" in TEXTS


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals to open")
def test_on_a_terminal_an_error_ends_with_its_page_and_elsewhere_it_does_not() -> None:
    command = [sys.executable, "-m", "generator", "solve", "Tr(A", "--wrt", "A"]
    plain = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert plain.stderr
    assert "docs/" not in plain.stderr
    terminal, other = os.openpty()
    try:
        subprocess.run(command, cwd=ROOT, stderr=other, check=False)
        said = os.read(terminal, 10_000).decode().replace("\r\n", "\n")
    finally:
        os.close(terminal)
        os.close(other)
    assert said == f"{plain.stderr}More about this: docs/expressions.md\n"


def test_each_function_of_the_table_of_expressions_is_known() -> None:
    table = TEXTS["docs/expressions.md"].partition("| plain text |")[2].partition("\n\n")[0]
    first_cells = [row.split(" | ")[0] for row in table.splitlines()[2:]]
    names = [name for cell in first_cells for name in re.findall(r"`([a-z]\w+)`", cell)]
    assert len(names) > 25
    arguments = {"kron": "X, X", "eye": "n", "zeros": "n, n"}
    arguments |= dict.fromkeys(("softmax", "var", "center", "layernorm"), "x")
    arguments |= dict.fromkeys(("lambda_max", "lambda_min", "eigvec_max", "eigvec_min"), "X + X'")
    for name in names:
        read(f"{name}({arguments.get(name, 'X')})", {"X": "n x n", "x": "n"})
    with pytest.raises(errors.ExpressionError, match="unheard is not a function"):
        read("unheard(X)", {"X": "n x n"})
