"""What is published: a wheel with all that the program needs, which an index would take; workflows, the citation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STAMP = "SETUPTOOLS_SCM_PRETEND_VERSION"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel and a source distribution, by the tools of this environment, as they would be of a tag."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, STAMP: "7.8.9"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_an_index_would_take_them(dist: Path) -> None:
    names = sorted(file.name for file in dist.iterdir())
    assert names == ["trace_trick_worksheets-7.8.9-py3-none-any.whl", "trace_trick_worksheets-7.8.9.tar.gz"]
    command = [sys.executable, "-m", "twine", "check", "--strict", *(str(dist / name) for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_wheel_runs_alone(dist: Path, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    assert (tmp_path / "installed/generator/docs/reference.md").is_file()
    (tmp_path / "quiz.yaml").write_text("problems: [{function: Tr(A X), wrt: X}]\n")
    command = [sys.executable, "-m", "generator", "build", "quiz.yaml", "--format", "tex,html"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output/quiz/quiz-v01-key.html").is_file()


def test_the_source_distribution_makes_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    (wheel,) = dist.glob("*.whl")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path / "again"), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    (again,) = (tmp_path / "again").iterdir()
    assert again.name == wheel.name
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_a_clone_without_tags_has_a_version(tmp_path: Path) -> None:
    (tmp_path / "generator").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    code = """
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
print(ProjectMetadata(".", PluginManager()).version)
"""
    environment = {key: value for key, value in os.environ.items() if key != STAMP}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env=environment | {"GIT_CEILING_DIRECTORIES": str(tmp_path)},
    )  # fmt: skip
    assert re.fullmatch(r"0\.1\.0\.dev\d+", done.stdout.strip())


def test_workflows_and_the_citation_are_well_formed_and_name_what_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for workflow in (ROOT / ".github/workflows").glob("*.yml"):
        jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
        steps = [step for job in jobs.values() for step in job["steps"]]
        targets = [step["run"].split()[1] for step in steps if step.get("run", "").startswith("make ")]
        assert targets or workflow.name != "docs.yml"
        assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation.keys() >= {"cff-version", "message", "title", "authors"}
    assert (ROOT / "SECURITY.md").is_file()
