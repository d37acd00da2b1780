"""The Makefile of a course installs the program from where it came, and never by a name that nobody has published."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from generator import origin as module
from generator.cli import main
from generator.course import create
from generator.origin import NAME, Origin, origin
from generator.pdf import engines

ROOT = Path(__file__).parents[2]


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def installed(monkeypatch: pytest.MonkeyPatch, told: dict[str, object] | None) -> Origin:
    """The origin where the program has been installed with such a `direct_url.json`."""
    text = json.dumps(told) if told else None
    monkeypatch.setattr(module, "distribution", lambda _: SimpleNamespace(version="1.2", read_text=lambda _: text))
    return origin()


VCS = {"vcs": "git", "requested_revision": "main", "commit_id": "c0ffee"}
URLS: dict[str, tuple[dict[str, object] | None, str, str]] = {
    "index": (None, f"{NAME}==1.2", ""),
    "commit": (
        {"url": "https://git.example.org/w.git", "vcs_info": VCS},
        f"{NAME} @ git+https://git.example.org/w.git@c0ffee",
        "",
    ),
    "commit, inside a folder": (
        {"url": "ssh://git@git.example.org/w.git", "vcs_info": VCS, "subdirectory": "a/b"},
        f"{NAME} @ git+ssh://git@git.example.org/w.git@c0ffee#subdirectory=a/b",
        "",
    ),
    "commit, with a password": (
        {"url": "https://ada:secret@git.example.org:8443/w.git", "vcs_info": VCS},
        f"{NAME} @ git+https://git.example.org:8443/w.git@c0ffee",
        "",
    ),
    "commit on this computer": (
        {"url": "file:///srv/w.git", "vcs_info": VCS},
        "git+file:///srv/w.git@c0ffee",
        "file:///srv/w.git is on this computer alone",
    ),
    "wheel": (
        {"url": "https://example.org/w-1-py3-none-any.whl", "archive_info": {"hashes": {"sha256": "ab"}}},
        f"{NAME} @ https://example.org/w-1-py3-none-any.whl#sha256=ab",
        "",
    ),
    "wheel on this computer": (
        {"url": "file:///tmp/w%201.whl", "archive_info": {}},
        f"{NAME} @ file:///tmp/w%201.whl",
        "file:///tmp/w%201.whl is on this computer alone",
    ),
}


@pytest.mark.parametrize("kind", URLS)
def test_what_the_installation_says(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told, requirement, warning = URLS[kind]
    assert installed(monkeypatch, told) == Origin(requirement, warning)


def test_a_program_that_was_not_installed_is_where_its_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise PackageNotFoundError

    monkeypatch.setattr(module, "distribution", missing)
    monkeypatch.setattr(module, "_git", lambda *_: "")
    assert origin() == Origin(f"{NAME} @ {ROOT.as_uri()}", f"{ROOT.as_uri()} is on this computer alone")


REMOTES = {
    "https://ada:secret@git.example.org/a/w.git": "git+https://git.example.org/a/w.git",
    "git@git.example.org:a/w.git": "git+ssh://git@git.example.org/a/w.git",
    "ssh://git:secret@git.example.org/w.git": "git+ssh://git@git.example.org/w.git",
}


@pytest.mark.parametrize("address", REMOTES)
def test_a_clone_is_its_remote_and_commit_once_that_is_pushed(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, clone = tmp_path / "shared.git", tmp_path / "a clone"
    git(tmp_path, "init", "--bare", str(shared))
    git(tmp_path, "clone", str(shared), str(clone))
    told: dict[str, object] = {"url": clone.as_uri(), "dir_info": {"editable": True}}
    folder = f"{NAME} @ {clone.as_uri()}"
    alone = f"{clone.as_uri()} is on this computer alone"
    (clone / "pyproject.toml").write_text("")
    git(clone, "checkout", "-b", "main")
    git(clone, "commit", "--allow-empty", "-m", "First")
    assert installed(monkeypatch, told) == Origin(folder, alone)  # somebody else's repository
    git(clone, "add", ".")
    git(clone, "commit", "-m", "Second")
    commit = git(clone, "rev-parse", "HEAD")
    not_pushed = f"{alone}; commit {commit[:12]} of it has not been pushed to a remote"
    assert installed(monkeypatch, told) == Origin(folder, not_pushed)
    git(clone, "push", "origin", "main")
    local = Origin(f"git+{shared.as_uri()}@{commit}", f"{shared.as_uri()} is on this computer alone")
    assert installed(monkeypatch, told) == local
    git(clone, "remote", "set-url", "origin", address)
    assert installed(monkeypatch, told) == Origin(f"{NAME} @ {REMOTES[address]}@{commit}")
    (clone / "pyproject.toml").write_text("# changed")
    assert installed(monkeypatch, told).warning == (f"changes in {clone} that are not committed are not part of it")


@pytest.mark.parametrize("requirement", ["w @ https://example.org/w.whl#sha256=ab", '/a/o\'neil $HOME `x` "y"/w.whl'])
def test_make_gives_pip_the_requirement_as_it_is(requirement: str, tmp_path: Path) -> None:
    create(tmp_path / "course", Origin(requirement, "it is on this computer alone"))
    python = tmp_path / "python"
    python.write_text(  # makes an environment whose Python notes what it is asked to install
        '#!/bin/sh\nmkdir -p "$3/bin"\nprintf \'#!/bin/sh\\nfor last; do :; done; printf %s "$last" > asked\\n\' '
        '> "$3/bin/python"\nchmod +x "$3/bin/python"\n'
    )
    python.chmod(0o755)
    environment = {"PATH": os.defpath, "PACKAGE": "of another program"}
    command = ["make", f"PYTHON={python}", ".venv/bin/worksheets"]
    done = subprocess.run(
        command, cwd=tmp_path / "course", env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "course/asked").read_text() == requirement


def test_init_takes_another_package(tmp_path: Path) -> None:
    (tmp_path / "w.whl").touch()
    for said, meant in ((f"{NAME}==9", f"{NAME}==9"), (os.path.relpath(tmp_path / "w.whl"), str(tmp_path / "w.whl"))):
        folder = tmp_path / meant.replace("/", "-")
        done = CliRunner().invoke(main, ["init", str(folder), "--package", said])
        assert f"\nIts Makefile installs:  {meant}\n" in done.stdout
        assert f"\nexport PACKAGE := {meant}\n" in (folder / "Makefile").read_text()
        assert ("is on this computer alone" in done.stderr) is (said != meant)
    assert CliRunner().invoke(main, ["init", str(tmp_path / "x"), "--package", "a\nb"]).exit_code == 2


def test_no_text_tells_people_to_install_this_program_by_its_name() -> None:
    """Nobody has published it, so that a stranger could."""
    texts = [file for file in (ROOT / "generator").rglob("*") if file.suffix in ("", ".py", ".md") and file.is_file()]
    texts += [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "Makefile"]
    for file in texts:
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not ("install" in line and NAME in line and "@" not in line), (file, line)
    assert (ROOT / "pyproject.toml").read_text().count(engines.INSTALL_TECTONIC.split('"')[1]) == 1


# Real installations


@pytest.fixture(scope="module")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is installed here but this program, so that nothing is fetched, or installed, again."""
    folder = tmp_path_factory.mktemp("dependencies")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.suffix != ".pth" and not re.match(r"trace_trick|_editable|setuptools\b", entry.name):
            (folder / entry.name).symlink_to(entry)
    return folder


def environment(folder: Path, dependencies: Path) -> Path:
    """A virtual environment without this program and without pip; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    (Path(site) / "dependencies.pth").write_text(f"{dependencies}\n")
    return python


@pytest.mark.parametrize("kind", ["wheel", "clone"])
def test_a_course_installs_the_program_from_where_it_came(
    kind: str, tmp_path: Path, dependencies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "false")  # which pip reads as: build with what is there
    source = tmp_path / "the program"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("generator", "templates", "docs"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    python = environment(tmp_path / "mine", dependencies)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    wanted = f"{NAME} @ {source.as_uri()}"
    arguments = ["--editable", str(source)]
    if kind == "wheel":
        subprocess.run([*pip, "wheel", "--no-deps", "-w", tmp_path, source], check=True)
        (wheel,) = tmp_path.glob("*.whl")
        wanted, arguments = f"{NAME} @ {wheel.as_uri()}#sha256=", [str(wheel)]
    elif kind == "clone":
        for command in (("init",), ("add", "."), ("commit", "-m", "All")):
            git(source, *command)
        git(tmp_path, "clone", "--bare", str(source), "shared.git")
        shutil.rmtree(source)
        git(tmp_path, "clone", "shared.git", str(source))
        wanted = f"git+{(tmp_path / 'shared.git').as_uri()}@{git(source, 'rev-parse', 'HEAD')}"
    subprocess.run([*pip, "--python", python, "install", "--no-compile", *arguments], check=True)

    course = tmp_path / "course"
    program = python.with_name("worksheets")
    done = subprocess.run([program, "init", course], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"Its Makefile installs:  {wanted}" in done.stdout
    assert "is on this computer alone" in done.stderr

    environment(course / ".venv", dependencies)
    without_pip = tmp_path / "python"
    without_pip.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@" --without-pip\n')
    without_pip.chmod(0o755)
    (course / "worksheet.schema.json").unlink()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    folders = (one for one in os.environ["PATH"].split(os.pathsep) if not (Path(one) / "worksheets").exists())
    done = subprocess.run(
        ["make", f"PYTHON={without_pip}", "schema"],
        cwd=course,
        env={**inherited, "PATH": os.pathsep.join(folders), "PIP_NO_COMPILE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (course / "worksheet.schema.json").stat().st_size > 1000
    (record,) = (course / ".venv").rglob("direct_url.json")
    told = json.loads(record.read_text())
    assert told["url"] in wanted
    assert told.get("vcs_info", {}).get("commit_id", "") in wanted
