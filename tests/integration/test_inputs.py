"""What builds depend on: whatever was read, however it is named. A build after an edit is the build from nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import requires
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from generator.building import fingerprint
from generator.building.builder import Options, build, sources
from generator.cli import main
from generator.errors import GeneratorError
from generator.pdf import installation
from generator.system import inputs
from generator.system.output_dir import read_manifest
from tests.integration.test_builder import contents

ROOT = Path(__file__).parents[2]
FAMILY = """\
mine:
  title: Mine
  topic: trace
  difficulty: 1
  source: a test
  function: c Tr(A X)
  wrt: X
  symbols: {A: n x n, X: n x n, c: scalar}
  vary: {c: 2..9}
"""
ROSTER = "name,id\nAda,1\nAlan,2\n"
PROBLEMS = "problems:\n  - use: mine\n"
SPELLINGS = {
    "plain": "KEY: VALUE",
    "space before the colon": "KEY : VALUE",
    "many spaces": "KEY:     VALUE   # a comment",
    "quoted": '"KEY": VALUE',
    "single quotes": "'KEY' : 'VALUE'",
    "escapes": '"\\x{first:02x}REST": "VALUE"',
    "unicode escapes": '"\\u00{first:02x}REST": VALUE',
    "explicit key": "? KEY\n: VALUE",
    "explicit quoted key": '? "KEY"\n: VALUE',
    "value below": "KEY:\n  VALUE",
    "folded value": "KEY: >-\n  VALUE",
    "literal value": "KEY: |-\n  VALUE",
    "tags": "!!str KEY: !!str VALUE",
    "anchors": "&k KEY: &v VALUE",
}
"""Ways to write a key and its value in YAML. In each of them the file that is named is read."""


def spelled(spelling: str, key: str, value: str) -> str:
    made = spelling.replace("KEY", key).replace("VALUE", value).replace("REST", key[1:])
    return made.replace("{first:02x}", f"{ord(key[0]):02x}")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with families and a class list; it is the current one."""
    monkeypatch.chdir(tmp_path)
    Path("families").mkdir()
    Path("families/mine.yaml").write_text(FAMILY)
    Path("students.csv").write_text(ROSTER)
    return tmp_path


def tex(**options: object) -> Options:
    return Options(formats=("tex",), jobs=1, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["bank", "roster"])
@pytest.mark.parametrize("spelling", [*SPELLINGS, "flow mapping"])
def test_a_file_is_read_again_however_its_key_is_written(spelling: str, key: str, project: Path) -> None:
    value, file, old, new = {
        "bank": ("families", "families/mine.yaml", "Mine", "Changed"),
        "roster": ("students.csv", "students.csv", "Ada", "Grace"),
    }[key]
    line = SPELLINGS.get(spelling)
    if line is None:
        text = f'{{"{key}": {value}, ' + ("" if key == "bank" else "bank: families, ") + "problems: [{use: mine}]}\n"
    else:
        text = spelled(line, key, value) + "\n" + ("" if key == "bank" else "bank: families\n") + PROBLEMS
    Path("sheet.yaml").write_text(text)
    arguments = ["build", "sheet.yaml", "--format", "tex", "--depfile", "sheet.d"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert file in Path("sheet.d").read_text().splitlines()[0].split()
    assert build(Path("sheet.yaml"), tex()).current
    Path(file).write_text(Path(file).read_text().replace(old, new))
    assert not build(Path("sheet.yaml"), tex()).current
    assert any(new.encode() in content for content in contents(project / "output").values())


def add_family() -> None:
    Path("families/other.yaml").write_text(FAMILY.replace("mine:", "another:"))


def remove_family() -> None:
    Path("families/spare.yaml").unlink()


def turn_a_link() -> None:
    Path("link").unlink()
    Path("link").symlink_to("others")


def add_template() -> None:
    Path("templates").mkdir()
    shutil.copy(ROOT / "templates/statement.tex.j2", "templates")


def add_included_template() -> None:
    (Path("own") / "deep").mkdir()
    Path("own/deep/new.tex.j2").write_text("")


def change_template() -> None:
    Path("own/statement.tex.j2").write_text(Path("own/statement.tex.j2").read_text() + "% mine\n")


def change_roster() -> None:
    Path("given.csv").write_text(ROSTER + "Grace,3\n")


CHANGES: dict[str, tuple[Callable[[], None], str, dict[str, object]]] = {
    "a family file is added": (add_family, "families", {}),
    "a family file is removed": (remove_family, "families", {}),
    "a link leads to another folder": (turn_a_link, "link", {}),
    "a template of one's own": (add_template, "families", {}),
    "a template in a named folder": (change_template, "families", {"templates": Path("own")}),
    "a template below it": (add_included_template, "families", {"templates": Path("own")}),
    "a class list by an option": (change_roster, "families", {"roster": Path("given.csv")}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_added_removed_or_turned_is_seen(name: str, project: Path) -> None:
    change, bank, options = CHANGES[name]
    Path("families/spare.yaml").write_text(FAMILY.replace("mine:", "spare:"))
    Path("own").mkdir()
    shutil.copy(ROOT / "templates/statement.tex.j2", "own")
    Path("given.csv").write_text(ROSTER)
    shutil.copytree("families", "others")
    Path("link").symlink_to("families")
    Path("sheet.yaml").write_text(f"bank: {bank}\nversions: 3\n{PROBLEMS}")
    build(Path("sheet.yaml"), tex(**options))
    assert build(Path("sheet.yaml"), tex(**options)).current
    change()
    if name == "a link leads to another folder":  # to the same content, until that is edited
        Path("others/mine.yaml").write_text(FAMILY.replace("Mine", "Changed"))
    assert not build(Path("sheet.yaml"), tex(**options)).current
    assert build(Path("sheet.yaml"), tex(**options)).current
    assert project


def test_a_build_from_elsewhere_is_current_and_says_the_same(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sheet.yaml").write_text(f"bank: families\nroster: students.csv\n{PROBLEMS}")
    build(Path("sheet.yaml"), tex())
    monkeypatch.chdir(project.parent)
    moved = project.with_name(f"{project.name}-moved")
    shutil.copytree(project, moved)
    assert build(moved / "sheet.yaml", tex(output=moved / "output")).current


def test_sources_of_a_build_that_fails_are_those_that_were_read(project: Path) -> None:
    Path("sheet.yaml").write_text(f"bank: families\n{PROBLEMS}")
    Path("families/mine.yaml").write_text("mine: {function: Trr(A X\n")
    assert sources(Path("sheet.yaml"), tex()) == [
        Path("sheet.yaml"), Path("families/mine.yaml"), Path("families")
    ]  # fmt: skip
    assert project


READS = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, arguments: event == "open" and isinstance(arguments[0], str)
                 and "r" in (arguments[1] or "") and opened.append(Path(arguments[0]).absolute()))
from generator.building.builder import Options, build, sources
options = Options(formats=("tex",), jobs=1)
build(Path("sheet.yaml"), options)
here = Path.cwd()
known = {path.absolute() for path in sources(Path("sheet.yaml"), options)}
print([str(path) for path in opened if path.is_relative_to(here) and not path.is_relative_to(here / "output")
       and path not in known])
"""


def test_every_file_that_a_build_opens_is_in_its_record(project: Path) -> None:
    Path("sheet.yaml").write_text(f"bank: families\nroster: students.csv\n{PROBLEMS}")
    add_template()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", READS], env=environment, capture_output=True, text=True, check=True, cwd=project
    )
    assert done.stdout == "[]\n"


def test_a_worker_reads_nothing_that_is_not_in_the_record(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    with inputs.recorded(inputs.Record({"here": tmp_path})) as record:
        inputs.read(tmp_path / "a")
        record.process = -1
        inputs.read(tmp_path / "a")
        with pytest.raises(RuntimeError, match="read by a worker"):
            inputs.read(tmp_path / "b")
    inputs.read(tmp_path / "b")


# The program, its libraries and TeX


SHOWN_ONLY = {
    *("click", "colorama", "packaging", "platformdirs", "tqdm", "typing-extensions", "typing-inspection"),
    *("watchfiles", "anyio", "idna"),
}
"""Libraries that read the command line, show progress, find folders, tell of changed files, or only serve the types of
others."""


def test_every_library_that_decides_what_comes_out_counts() -> None:
    needed: set[str] = set()
    left = ["trace-trick-worksheets"]
    while left:
        for said in requires(left.pop()) or ():
            name = re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", said)[0]).lower()
            if ";" not in said and name not in needed:
                needed.add(name)
                left.append(name)
    assert needed - SHOWN_ONLY == fingerprint.LIBRARIES


def test_another_version_of_a_library_is_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.fingerprint()
    assert "sympy-0.1" not in fingerprint.libraries()
    (tmp_path / "SymPy-0.1.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    fingerprint.libraries.cache_clear()
    fingerprint.fingerprint.cache_clear()
    try:
        assert "sympy-0.1" in fingerprint.libraries()
        assert fingerprint.fingerprint() != before
    finally:
        monkeypatch.undo()
        fingerprint.libraries.cache_clear()
        fingerprint.fingerprint.cache_clear()


@pytest.mark.parametrize("changed", ["exam.cls", "own.sty"])
def test_a_changed_package_is_seen(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache")
    tree = tmp_path / "texmf" / "tex" / "latex" / "own"
    tree.mkdir(parents=True)
    (tree / "own.sty").write_text("% one\n")
    os.utime(tree / "own.sty", (1, 1))
    monkeypatch.setenv("TEXMFHOME", str(tmp_path / "texmf"))
    before = installation.installation()
    assert installation.installation() == before
    (tree / changed).write_text("% two\n")
    after = installation.installation()
    assert after.identity != before.identity or after.changed > before.changed


def test_papers_are_typeset_again_when_tex_has_changed(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "texmf" / "tex" / "latex" / "own"
    tree.mkdir(parents=True)
    (tree / "own.sty").write_text("% one\n")
    monkeypatch.setenv("TEXMFHOME", str(tmp_path / "texmf"))
    Path("sheet.yaml").write_text(f"bank: families\n{PROBLEMS}")
    options = Options(formats=("pdf",), jobs=1)
    papers = build(Path("sheet.yaml"), options).typeset
    assert papers
    assert build(Path("sheet.yaml"), options).current
    (tree / "own.sty").write_text("% two\n")
    assert build(Path("sheet.yaml"), options).typeset == papers
    assert build(Path("sheet.yaml"), options).current
    assert project


# A warm build is a cold one


def replaced(file: str, old: str, new: str) -> Callable[[], None]:
    def edit() -> None:
        text = Path(file).read_text()
        Path(file).write_text(text.replace(old, new) if old in text else text.replace(new, old))

    return edit


def toggled(file: str, text: str) -> Callable[[], None]:
    def edit() -> None:
        if Path(file).exists():
            Path(file).unlink()
        else:
            Path(file).parent.mkdir(exist_ok=True)
            Path(file).write_text(text)

    return edit


STATEMENT = (ROOT / "templates/statement.tex.j2").read_text()
EDITS = (
    replaced("sheet.yaml", "title: One", "title: Two"),
    replaced("sheet.yaml", "c: 2..9", "c: 2..8"),
    replaced("sheet.yaml", "points: 4", "points: 6"),
    replaced("sheet.yaml", "seed: 1", "seed: 2"),
    replaced("sheet.yaml", "versions: 3", "versions: 4"),
    replaced("sheet.yaml", "use: mine", "use: other"),
    replaced("families/mine.yaml", "function: c Tr(A X)", "function: c Tr(X A)"),
    replaced("families/mine.yaml", "title: Mine", "title: Changed"),
    toggled("families/a.yaml", FAMILY.replace("Mine", "Hidden")),
    replaced("students.csv", "Alan,2", "Alan,2\nGrace,3"),
    replaced("students.csv", "Ada", "Ada Augusta"),
    toggled("templates/statement.tex.j2", f"% mine\n{STATEMENT}"),
    replaced("sheet.yaml", "roster: students.csv", "# no class list"),
)
OPTIONS: tuple[dict[str, object], ...] = (
    {},
    {},
    {"seed": 5},
    {"versions": 5},
    {"roster": Path("students.csv")},
    {"only": (2,)},
)


@pytest.mark.parametrize("seed", range(2))
def test_a_warm_build_is_a_cold_one(seed: int, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: project / "cache")
    Path("sheet.yaml").write_text(
        "title: One\nseed: 1\nversions: 3\nbank: families\nroster: students.csv\nproblems:\n"
        "  - {function: c Tr(X^T A X), wrt: X, points: 4, vary: {c: 2..9}}\n  - use: mine\n"
    )
    Path("families/other.yaml").write_text(FAMILY.replace("mine:", "other:").replace("A X", "A' X"))
    random = Random(seed)
    done: list[int] = []
    for _ in range(6):
        for edit in random.sample(range(len(EDITS)), random.randint(0, 2)):
            done.append(edit)
            try:
                EDITS[edit]()
            except FileNotFoundError:
                continue
        options = random.choice(OPTIONS)
        table = Path("output/sheet/sheet-roster.csv")
        before = table.read_bytes() if table.exists() else None
        record = read_manifest(Path("output/sheet")).get("roster")
        said = outcome(tex(**options))
        shutil.rmtree("cold", ignore_errors=True)
        if before is not None:  # who has which version is an input, too
            Path("cold/sheet").mkdir(parents=True)
            Path("cold/sheet/sheet-roster.csv").write_bytes(before)
            Path("cold/sheet/manifest.json").write_text(json.dumps({"roster": record} if record else {}))
        with monkeypatch.context() as patch:
            patch.setattr("platformdirs.user_cache_path", lambda name: project / "cold" / "cache")
            assert outcome(tex(output=Path("cold"), **options)) == said, (seed, done, options)
        if said:
            continue
        warm, cold = contents(Path("output/sheet")), contents(Path("cold/sheet"))
        names = [name for name in cold if name != "manifest.json" or "only" not in options]
        assert {name: warm[name] for name in names} == {name: cold[name] for name in names}, (seed, done, options)


def outcome(options: Options) -> str:
    """Builds, and gives back the error that there is, or nothing."""
    try:
        build(Path("sheet.yaml"), options)
    except GeneratorError as error:
        return str(error)
    return ""
