"""A new course works where there is nothing of this repository, and takes the place of nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.origin import origin

ROOT = Path(__file__).parents[2]
SOURCE = origin()
NAMES = [".gitignore", "Makefile", "README.md", "homework/first.yaml", "templates/README.md", "worksheet.schema.json"]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "a course"
    result = CliRunner().invoke(main, ["init", str(folder)])
    assert (result.exit_code, SOURCE.warning in result.stderr) == (0, True)
    assert result.stdout.splitlines() == [
        *(f"  {folder / name}" for name in NAMES),
        f"Its Makefile installs:  {SOURCE.requirement}",
        f"Now type:  cd '{folder}' && make worksheets",
    ]
    return folder


def make(target: str, folder: Path) -> str:
    """What `make` says there, with a command `worksheets` that is this program."""
    program = folder.parent / "bin" / "worksheets"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m generator "$@"\n')
    program.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    environment = {**inherited, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["make", target], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_has_these_files(course: Path) -> None:
    assert sorted(file.relative_to(course).as_posix() for file in course.rglob("*") if file.is_file()) == NAMES


def test_make_builds_it(course: Path) -> None:
    assert make("worksheets", course).startswith("homework/first.yaml: 4 versions of 2 problems, ")
    assert (course / "output/first/first-v04-key.pdf").is_file()
    assert "nothing has changed" in make("worksheets", course)


def test_make_checks_it_and_writes_the_schema_again(course: Path) -> None:
    said = make("check", course)
    assert said.startswith("homework/first.yaml: 4 versions, 5 different questions, ")
    before = (course / "worksheet.schema.json").read_text(encoding="utf-8")
    (course / "worksheet.schema.json").unlink()
    make("schema", course)
    assert (course / "worksheet.schema.json").read_text(encoding="utf-8") == before


def test_nothing_is_overwritten(course: Path) -> None:
    (course / "README.md").write_text("mine")
    for place in (course, course / "README.md"):
        result = CliRunner().invoke(main, ["init", str(place)])
        assert result.exit_code == 2
        assert result.stderr == f"{place}: is there already, and nothing is overwritten\nName a new folder.\n"
    assert (course / "README.md").read_text() == "mine"


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["init", str(tmp_path)]).exit_code == 0
    assert (tmp_path / "Makefile").is_file()


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(main, ["init", str(tmp_path / "file" / "course")])
    assert result.exit_code == 1
    assert result.stderr.endswith("file/course: cannot be written: Not a directory\nName a folder elsewhere.\n")
