"""Builds: what comes out, byte for byte; what is left alone; and what a failure leaves behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.building import solving
from generator.building.builder import Options, build
from generator.cli import main
from generator.errors import BuildError, GeneratorError, Unsupported
from generator.pdf import engines

ROOT = Path(__file__).parents[2]
SHEET = r"""
title: '50% & more_or_less #1 {a} $b$ ^ ~ \end'
course: "MATH 541: Matrix Calculus"
seed: 2026
versions: 2
problems:
  - id: linear
    title: Trace of a linear product
    function: Tr(A X)
    wrt: X
    points: 4
  - id: quadratic
    function: c Tr(X^T A X)
    wrt: X
    vary: {c: 2..9}
"""
NAMES = [
    "manifest.json",
    *(f"sheet-{name}.pdf" for name in ("all", "all-key", "answers", "formulas", "v01", "v01-key", "v02", "v02-key")),
    *(f"tex/sheet-{name}.tex" for name in ("answers", "formulas", "v01", "v01-key", "v02", "v02-key")),
]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def tool(name: str, *arguments: object, cwd: Path | None = None) -> str:
    done = subprocess.run([name, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout


def words(pdf: Path) -> str:
    return " ".join(tool("pdftotext", "-layout", pdf, "-").split())


def pages(pdf: Path) -> int:
    found = re.search(r"Pages:\s+(\d+)", tool("pdfinfo", pdf))
    assert found
    return int(found[1])


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose worksheet has been built once."""
    folder = tmp_path_factory.mktemp("pristine")
    (folder / "sheet.yaml").write_text(SHEET)
    before = Path.cwd()
    os.chdir(folder)
    try:
        built = build(Path("sheet.yaml"))
    finally:
        os.chdir(before)
    assert (built.versions, built.problems, built.files, built.warnings) == (2, 2, len(NAMES) - 1, ())
    return folder


@pytest.fixture
def project(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that project to do anything with; it is the current folder."""
    folder = tmp_path / "project"
    shutil.copytree(pristine, folder)
    monkeypatch.chdir(folder)
    return folder


# What comes out


def test_a_build_makes_these_files_and_no_others(pristine: Path) -> None:
    assert list(contents(pristine / "output")) == [f"sheet/{name}" for name in sorted(NAMES)]
    assert sorted(path.name for path in (pristine / "output").iterdir()) == ["sheet"]


def test_a_problem_set_asks(pristine: Path) -> None:
    text = words(pristine / "output/sheet/sheet-v02.pdf")
    assert "Version 02" in text
    assert "Version 01" not in text
    assert "MATH 541: Matrix Calculus" in text
    assert "50% & more_or_less #1 {a} b ^ ~ \\end" in text
    assert "Trace of a linear product" in text
    assert "4 points" in text
    assert "Step 1" not in text
    assert f"Page 1 of {pages(pristine / 'output/sheet/sheet-v02.pdf')}" in text


def test_a_key_answers(pristine: Path) -> None:
    text = words(pristine / "output/sheet/sheet-v01-key.pdf")
    assert "Version 01" in text
    assert text.count("Step 1.") == 2
    assert text.count("Answer ∇") == 2
    assert "A is constant" in text


def test_all_in_one_is_every_version_in_order(pristine: Path) -> None:
    folder = pristine / "output/sheet"
    for suffix in ("", "-key"):
        whole = folder / f"sheet-all{suffix}.pdf"
        single = [folder / f"sheet-v{label}{suffix}.pdf" for label in ("01", "02")]
        assert pages(whole) == sum(pages(part) + pages(part) % 2 for part in single)
        assert words(whole) == " ".join(map(words, single))


def test_fonts_are_embedded_outlines(pristine: Path) -> None:
    for pdf in (pristine / "output/sheet").glob("*.pdf"):
        rows = tool("pdffonts", pdf).splitlines()[2:]
        assert rows
        space, *others = sorted(rows, key=lambda row: "Type 3" not in row)
        assert "[none]" in space  # what stands between words in a tagged paper, and draws nothing
        assert all(re.search(r"Type 1\s.*\syes\s", row) for row in others), rows


def test_the_manifest_says_what_was_built(pristine: Path) -> None:
    folder = pristine / "output/sheet"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["worksheet"], manifest["seed"], manifest["versions"]) == ("sheet.yaml", 2026, 2)
    assert list(manifest["answers"]) == ["01", "02"]
    linear, quadratic = manifest["answers"]["02"]
    assert (linear["id"], linear["points"], linear["function"], linear["wrt"]) == ("linear", 4, "tr(A*X)", "X")
    assert (linear["find"], linear["answer"], linear["conditions"]) == ("derivative", "A'", [])
    coefficient = quadratic["function"].split("*")[0]
    assert quadratic["answer"] == f"{coefficient}*(A + A')*X"
    assert sorted([*manifest["files"], "manifest.json"]) == sorted(NAMES)


def test_the_answers_of_all_versions_stand_side_by_side(pristine: Path) -> None:
    text = words(pristine / "output/sheet/sheet-answers.pdf")
    assert "01" in text
    assert "02" in text


def test_sources_compile_alone_to_the_same_words(pristine: Path, tmp_path: Path) -> None:
    for name in ("sheet-v01-key", "sheet-formulas"):
        shutil.copy(pristine / f"output/sheet/tex/{name}.tex", tmp_path)
        tool("pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex", cwd=tmp_path)
        assert words(tmp_path / f"{name}.pdf") == words(pristine / f"output/sheet/{name}.pdf")


def test_the_same_input_gives_the_same_bytes(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "another place"
    elsewhere.mkdir()
    shutil.copy(pristine / "sheet.yaml", elsewhere)
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    build(elsewhere / "sheet.yaml", Options(output=Path("printed/here")))
    assert contents(elsewhere / "printed/here/sheet") == contents(pristine / "output/sheet")


def test_the_example_worksheets_fit_their_pages(tmp_path: Path) -> None:
    sheets = sorted((ROOT / "worksheets").glob("*.yaml"))
    assert sheets
    for sheet in sheets:
        assert build(sheet, Options(output=tmp_path)).warnings == ()


# What is left alone


def test_nothing_changed_does_nothing_and_loads_nothing(project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (project / "output").rglob("*")}
    script = (
        "import sys; from generator.cli import main\n"
        "try: main(['build', 'sheet.yaml'])\n"
        "except SystemExit as stop: assert not stop.code\n"
        "heavy = {'sympy', 'numpy', 'pydantic', 'pikepdf', 'jinja2', 'pylatex', 'lark', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "sheet.yaml: nothing has changed since output/sheet was built\n[]\n"
    assert done.stderr == ""
    assert {path: path.stat().st_mtime_ns for path in (project / "output").rglob("*")} == before


def change_worksheet(_: Path) -> Options:
    Path("sheet.yaml").write_text(SHEET.replace("2..9", "3..9"))
    return Options()


def change_template(_: Path) -> Options:
    Path("templates").mkdir()
    shutil.copy(ROOT / "templates/statement.tex.j2", "templates")
    return Options()


def remove_file(folder: Path) -> Options:
    (folder / "sheet-v01.pdf").unlink()
    return Options()


def damage_file(folder: Path) -> Options:
    (folder / "sheet-v01.pdf").write_bytes(b"%PDF")
    return Options()


def damage_manifest(folder: Path) -> Options:
    (folder / "manifest.json").write_text("[")
    return Options()


def ask_for_more(_: Path) -> Options:
    return Options(versions=3)


def change_seed(_: Path) -> Options:
    return Options(seed=1)


@pytest.mark.parametrize(
    "change",
    [change_worksheet, change_template, remove_file, damage_file, damage_manifest, ask_for_more, change_seed],
    ids=lambda change: change.__name__,
)
def test_any_change_builds_again(project: Path, change: object) -> None:
    assert callable(change)
    options = change(project / "output/sheet")
    options = Options(versions=options.versions, seed=options.seed, formats=("tex",))
    assert not build(Path("sheet.yaml"), options).current
    assert build(Path("sheet.yaml"), options).current


def test_an_edited_source_is_no_reason_to_build_and_survives_one(project: Path) -> None:
    source = project / "output/sheet/tex/sheet-v01.tex"
    source.write_text("edited")
    assert build(Path("sheet.yaml")).current
    built = build(Path("sheet.yaml"), Options(seed=1, formats=("tex",)))
    kept = Path("output/sheet/tex/sheet-v01.edited1.tex")
    assert built.kept == (kept,)
    assert kept.read_text() == "edited"
    assert source.read_text() != "edited"


def test_what_a_build_did_not_make_stays(project: Path) -> None:
    notes = project / "output/sheet/notes/mine.txt"
    notes.parent.mkdir()
    notes.write_text("mine")
    built = build(Path("sheet.yaml"), Options(seed=1, formats=("tex",)))
    assert (built.kept, notes.read_text()) == ((), "mine")


def test_files_of_versions_that_are_gone_go(project: Path) -> None:
    build(Path("sheet.yaml"), Options(versions=1, formats=("tex",)))
    assert sorted(contents(project / "output/sheet")) == [
        "manifest.json",
        *(f"tex/sheet-{name}.tex" for name in ("answers", "formulas", "v01-key", "v01")),
    ]


def test_a_version_alone_has_the_bytes_that_it_has_among_all(project: Path) -> None:
    before = contents(project / "output/sheet")
    shutil.rmtree("output")
    built = build(Path("sheet.yaml"), Options(only=(2,)))
    assert (built.versions, built.current) == (1, False)
    alone = contents(project / "output/sheet")
    assert list(alone) == [
        "manifest.json",
        *(
            f"{folder}sheet-v02{name}"
            for folder, end in (("", "pdf"), ("tex/", "tex"))
            for name in (f"-key.{end}", f".{end}")
        ),
    ]
    assert all(before[name] == content for name, content in alone.items() if name != "manifest.json")
    assert not build(Path("sheet.yaml")).current
    assert contents(project / "output/sheet") == before


def test_a_version_alone_leaves_the_others(project: Path) -> None:
    before = contents(project / "output/sheet")
    assert build(Path("sheet.yaml"), Options(only=(2,))).current
    (project / "output/sheet/sheet-v02.pdf").unlink()
    assert not build(Path("sheet.yaml"), Options(only=(2,))).current
    assert contents(project / "output/sheet") == before
    assert build(Path("sheet.yaml")).current
    Path("sheet.yaml").write_text(SHEET.replace("2..9", "3..9"))
    build(Path("sheet.yaml"), Options(only=(2,), formats=("tex",)))
    after = contents(project / "output/sheet")
    assert {name for name in after if after[name] != before[name]} <= {
        "manifest.json", "tex/sheet-v02.tex", "tex/sheet-v02-key.tex"
    }  # fmt: skip
    assert not build(Path("sheet.yaml"), Options(formats=("tex",))).current


def test_only_a_version_that_there_is(project: Path) -> None:
    result = CliRunner().invoke(main, ["build", "sheet.yaml", "--only", "2,17"])
    assert result.exit_code == 2
    assert result.stderr == (
        "sheet.yaml:5: versions: there is no version 17: the versions are 1 to 2\n"
        "Ask for as many versions as there were, with 'versions' or -n.\n"
    )
    assert project


def test_processes_change_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "WORTH_PROCESSES", 1)
    build(Path("sheet.yaml"), Options(formats=("tex",), versions=8, jobs=3))
    by_many = contents(project / "output/sheet")
    shutil.rmtree("output")
    build(Path("sheet.yaml"), Options(formats=("tex",), versions=8, jobs=1))
    assert contents(project / "output/sheet") == by_many


def test_an_error_in_a_process_is_that_of_the_first_version(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "WORTH_PROCESSES", 1)
    Path("sheet.yaml").write_text(SHEET.replace("c Tr(X^T A X)", "c sum(expm(X))"))
    with pytest.raises(Unsupported) as caught:
        build(Path("sheet.yaml"), Options(versions=8, jobs=2))
    assert "This is question 2 of version 01: " in str(caught.value)
    assert project


def test_versions_that_are_not_equally_hard_fail(project: Path) -> None:
    Path("sheet.yaml").write_text(
        "versions: 2\nproblems:\n  - function: [Tr(A X), log det(X' A X) + Tr(X' X A X)]\n    wrt: X\n    vary: {}\n"
    )
    before = contents(project / "output")
    result = CliRunner().invoke(main, ["build", "sheet.yaml"])
    assert result.exit_code == 1
    first, remedy = result.stderr.splitlines()[1:]
    assert first.startswith("sheet.yaml:5: problems[0].vary: versions are not equally hard: version 0")
    assert remedy == "Choose alternatives that are more alike, or tolerate it with 'fair: similar' or 'fair: off'."
    assert contents(project / "output") == before
    checked = CliRunner().invoke(main, ["check", "sheet.yaml"])
    assert checked.exit_code == 1
    assert "takes" in checked.stdout.splitlines()[-1]
    Path("sheet.yaml").write_text("fair: off\n" + Path("sheet.yaml").read_text())
    checked = CliRunner().invoke(main, ["check", "sheet.yaml"])
    assert checked.exit_code == 0
    assert "takes" in checked.stdout.splitlines()[-1]


# What a failure leaves behind


BROKEN = {
    "worksheet": (
        "    points: 4\n",
        "    points: four\n",
        "sheet.yaml:11: problems[0].points: must be whole points or halves",
    ),
    "solver": ("    points: 4\n", "    find: stationary\n", "This is question 1 of version 01: tr(A*X)"),
    "TeX": ("    points: 4\n", "    statement: $<<function>> \\undefinedcommand$\n", "undefinedcommand"),
}


@pytest.mark.parametrize(("old", "new", "said"), BROKEN.values(), ids=BROKEN)
def test_a_failed_build_leaves_the_one_before(project: Path, old: str, new: str, said: str) -> None:
    before = contents(project / "output")
    Path("sheet.yaml").write_text(SHEET.replace(old, new))
    with pytest.raises(GeneratorError) as caught:
        build(Path("sheet.yaml"))
    assert said in str(caught.value)
    assert "sheet.yaml:" in str(caught.value)
    assert contents(project / "output") == before
    assert sorted(path.name for path in (project / "output").iterdir()) == ["sheet"]


def test_a_tex_error_names_problem_and_version(project: Path) -> None:
    Path("sheet.yaml").write_text(
        SHEET.replace("    vary: {c: 2..9}\n", "    vary: {c: 2..9}\n    statement: $<<function>>$ \\oops\n")
    )
    with pytest.raises(BuildError) as caught:
        build(Path("sheet.yaml"))
    assert str(caught.value).startswith("sheet.yaml:16: problems[1].statement: ")
    assert "quadratic" in str(caught.value)
    assert "01" in str(caught.value)
    assert project


def test_an_undefined_name_in_a_template_leaves_the_build_before(project: Path) -> None:
    before = contents(project / "output")
    Path("templates").mkdir()
    Path("templates/problem-set.tex.j2").write_text("\n<%= titel %>\n")
    result = CliRunner().invoke(main, ["build", "sheet.yaml"])
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-2:] == [
        "templates/problem-set.tex.j2:2: 'titel' is undefined",
        "Did you mean 'title'?",
    ]
    assert contents(project / "output") == before


def test_a_swap_that_fails_is_undone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(project / "output")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(BuildError) as caught:
        build(Path("sheet.yaml"), Options(seed=1, formats=("tex",)))
    assert str(caught.value) == (
        "cannot write to output/sheet: No space left on device\nName another folder with -o, or make this one writable."
    )
    assert contents(project / "output") == before


@pytest.mark.parametrize("blocker", ["printed", "printed/sheet", "printed/sheet/deeper"])
def test_a_folder_that_cannot_be_is_said_before_any_work(
    project: Path, monkeypatch: pytest.MonkeyPatch, blocker: str
) -> None:
    monkeypatch.setattr(solving, "made_of_all", None)
    output = Path("printed/sheet/deeper") if blocker == "printed/sheet/deeper" else Path("printed")
    Path(blocker).parent.mkdir(parents=True, exist_ok=True)
    Path(blocker).write_text("in the way")
    with pytest.raises(BuildError) as caught:
        build(Path("sheet.yaml"), Options(output=output))
    assert str(caught.value) == (
        f"cannot write to {output}/sheet: {blocker} is a file\nName another folder with -o, or make this one writable."
    )
    assert caught.value.exit_status == 1
    assert (project / blocker).read_text() == "in the way"


def test_without_tex_the_way_to_get_it_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(project / "output")
    monkeypatch.setenv("PATH", str(project))
    monkeypatch.setattr(engines, "FOLDERS", ())
    result = CliRunner().invoke(main, ["build", "sheet.yaml", "--seed", "1"])
    assert result.exit_code == 1
    assert "pdflatex was not found" in result.stderr
    assert "sudo apt-get install" in result.stderr
    assert contents(project / "output") == before
    assert CliRunner().invoke(main, ["build", "sheet.yaml", "--format", "tex"]).exit_code == 0


def test_the_question_that_cannot_be_solved_is_named(project: Path) -> None:
    sheet = SHEET.replace("c Tr(X^T A X)", "c sum(expm(X))").replace("{c: 2..9}", "{c: 7}")
    Path("sheet.yaml").write_text(sheet)
    with pytest.raises(Unsupported) as caught:
        build(Path("sheet.yaml"))
    assert str(caught.value).startswith("sheet.yaml:13: problems[1].function: ")
    assert str(caught.value).endswith("This is question 2 of version 01: 7*sum(expm(X))")
    assert project


# What the command says


def test_more_versions_than_there_are_fail_unless_repeats_are_allowed(project: Path) -> None:
    before = contents(project / "output")
    result = CliRunner().invoke(main, ["build", "sheet.yaml", "-n", "9", "--format", "tex"])
    assert result.exit_code == 2
    assert result.stderr == (
        "sheet.yaml:15: problems[1].vary: 8 distinct; you asked for 9\n"
        "Give it more to vary, ask for fewer versions, or allow repetitions with 'repeats: true'.\n"
    )
    assert contents(project / "output") == before
    result = CliRunner().invoke(main, ["build", "sheet.yaml", "-n", "9", "--format", "tex", "--repeats"])
    assert result.stdout.splitlines()[1:] == ["  only 8 of them differ: give the problems more to vary"]


@pytest.mark.parametrize("name", ["100% Übung_#1 {a} $b$", "a b", "~^&"])
def test_any_file_name_will_do(project: Path, name: str) -> None:
    (project / f"{name}.yaml").write_text(SHEET)
    build(f"{name}.yaml", Options(versions=1))
    assert "Step 1." in words(project / "output" / name / f"{name}-v01-key.pdf")
    shutil.copy(project / "output" / name / "tex" / f"{name}-v01.tex", project / "alone.tex")
    tool("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "alone.tex")


def test_the_command_reports(project: Path) -> None:
    Path("broken.yaml").write_text("problems: []\n")
    result = CliRunner().invoke(main, ["build", "broken.yaml", "sheet.yaml", "--seed", "3"])
    assert result.exit_code == 2
    said = re.sub(r"\d+\.\d s", "0.0 s", result.stdout)
    assert said == "sheet.yaml: 2 versions of 2 problems, 14 files in output/sheet (0.0 s)\n"
    assert result.stderr.startswith("broken.yaml:1: problems: there is no problem in the list\n")
    assert result.stderr.splitlines()[-3:] == [
        "sheet.yaml: Solving",
        "sheet.yaml: Typesetting",
        "sheet.yaml: Joining",
    ]
    assert project


# What the command says


def test_quiet_says_nothing(project: Path) -> None:
    result = CliRunner().invoke(main, ["build", "sheet.yaml", "--seed", "3", "--format", "tex", "--quiet"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    Path("sheet.yaml").write_text(SHEET.replace("c Tr", "c Trr"))
    result = CliRunner().invoke(main, ["build", "sheet.yaml", "--quiet"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("sheet.yaml:")
    assert project


def test_several_worksheets_end_with_a_table(project: Path) -> None:
    shutil.copy("sheet.yaml", "second.yaml")
    result = CliRunner().invoke(main, ["build", "sheet.yaml", "second.yaml", "--format", "tex"])
    table = [line.split() for line in result.stdout.splitlines()[-3:]]
    assert table[0] == ["versions", "files", "pages", "typeset", "seconds", "warnings"]
    assert [row[:5] for row in table[1:]] == [["sheet", "2", "6", "0", "0"], ["second", "2", "6", "0", "0"]]
    assert project


def test_make_knows_what_a_build_depends_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("templates").mkdir()
    shutil.copy(ROOT / "templates/statement.tex.j2", "templates")
    Path("a class.csv").write_text("name,id\nAda,1\nAlan,2\n")
    arguments = ["--format", "tex", "--depfile", "sheet.d", "--roster", "a class.csv"]
    assert CliRunner().invoke(main, ["build", "sheet.yaml", *arguments]).exit_code == 0
    rule, *empty = Path("sheet.d").read_text().splitlines()
    assert rule == r"output/sheet/manifest.json: sheet.yaml a\ class.csv templates/statement.tex.j2 templates"
    assert empty == ["sheet.yaml:", r"a\ class.csv:", "templates/statement.tex.j2:", "templates:"]
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):  # of the make that runs the tests
        monkeypatch.delenv(name, raising=False)
    Path("Makefile").write_text("-include sheet.d\noutput/sheet/manifest.json:\n\t@echo again\n")
    assert tool("make") == "make: 'output/sheet/manifest.json' is up to date.\n"
    os.utime("a class.csv", (2_000_000_000, 2_000_000_000))
    assert tool("make") == "again\n"
    assert project


def test_a_date_is_in_documents_only_where_it_is_given(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = Path("output/sheet/sheet-v01.pdf")
    before = built.read_bytes()
    assert "CreationDate" not in tool("pdfinfo", built)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")
    assert build(Path("sheet.yaml")).typeset == 6
    assert "2026" in tool("pdfinfo", built)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    build(Path("sheet.yaml"))
    assert built.read_bytes() == before
    assert project
