"""A new course works where there is nothing of this repository, and takes the place of nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from generator.cli import main
from generator.origin import origin

ROOT = Path(__file__).parents[2]
NAMES = [
    ".devcontainer/Dockerfile",
    ".devcontainer/devcontainer.json",
    ".github/workflows/worksheets.yml",
    ".gitignore",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    ".vscode/extensions.json",
    ".vscode/settings.json",
    "Makefile",
    "README.md",
    "families.schema.json",
    "homework/first.yaml",
    "templates/README.md",
    "worksheet.schema.json",
]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder, source = tmp_path / "a course", origin()
    result = CliRunner().invoke(main, ["init", str(folder)])
    assert (result.exit_code, source.warning in result.stderr) == (0, True)
    assert result.stdout.splitlines() == [
        *(f"  {folder / name}" for name in NAMES),
        f"Its Makefile installs:  {source.requirement}",
        f"Now type:  cd '{folder}' && make worksheets",
    ]
    return folder


def make(target: str, folder: Path) -> str:
    """What `make` says there, with a command `worksheets` that is this program."""
    return shell(f"make {target}", folder)


def shell(line: str, folder: Path) -> str:
    """The same for any line of a shell."""
    program = folder.parent / "bin" / "worksheets"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m generator "$@"\n')
    program.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    environment = {**inherited, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False)
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
    schemas = [course / "worksheet.schema.json", course / "families.schema.json"]
    before = [schema.read_text(encoding="utf-8") for schema in schemas]
    for schema in schemas:
        schema.unlink()
    make("schema", course)
    assert [schema.read_text(encoding="utf-8") for schema in schemas] == before


def test_build_services_check_and_build_what_make_does_with_the_tex_of_our_makefile(course: Path) -> None:
    github = yaml.safe_load((course / ".github/workflows/worksheets.yml").read_text())["jobs"]["worksheets"]["steps"]
    gitlab = yaml.safe_load((course / ".gitlab-ci.yml").read_text())["worksheets"]
    lines = [step["run"] for step in github if "run" in step]
    assert lines[-1:] == gitlab["script"]
    (found,) = re.findall(r"^TEX_PACKAGES := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    dockerfile = (course / ".devcontainer/Dockerfile").read_text()
    assert all(found in text for text in (lines[0], " ".join(gitlab["before_script"]), dockerfile))
    shell(gitlab["script"][0], course)
    attached = [next(step["with"]["path"] for step in github if "upload" in step.get("uses", ""))]
    assert attached == gitlab["artifacts"]["paths"]
    assert list((course / attached[0]).rglob("first-v04-key.pdf"))


def test_the_hook_stops_a_commit_of_a_worksheet_that_cannot_be_solved(course: Path) -> None:
    (hook,) = yaml.safe_load((course / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert re.match(hook["files"], "homework/first.yaml")
    assert not re.match(hook["files"], "README.md")
    shell(hook["entry"], course)
    (course / "homework/first.yaml").write_text("problems: [{function: Tr(A, wrt: A}]")
    with pytest.raises(AssertionError, match=r"homework/first\.yaml"):
        shell(hook["entry"], course)


def test_editors_are_told_which_schema_belongs_to_which_files(course: Path) -> None:
    schemas = json.loads((course / ".vscode/settings.json").read_text())["yaml.schemas"]
    assert all((course / name).is_file() for name in schemas)
    assert list(course.glob(schemas["worksheet.schema.json"])) == [course / "homework/first.yaml"]
    recommended = json.loads((course / ".vscode/extensions.json").read_text())["recommendations"]
    inside = json.loads((course / ".devcontainer/devcontainer.json").read_text())
    assert inside["customizations"]["vscode"]["extensions"] == recommended
    assert inside["postCreateCommand"] == "make setup"
    assert make("setup", course) in {"", "make: Nothing to be done for 'setup'.\n"}


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
