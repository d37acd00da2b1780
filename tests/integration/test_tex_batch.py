"""Many papers at once: whatever becomes of one, the others are what they would be alone."""

from __future__ import annotations

import os
import re
import shutil
import stat
import threading
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from generator.building.builder import Options, build
from generator.errors import BuildError
from generator.formats.latex.templates import LatexTemplates
from generator.pdf import tex_batch, typesetting
from generator.pdf.paper import Outcome, Paper
from generator.pdf.tex_batch import typeset
from generator.system import output_dir
from generator.system.output_dir import read_manifest
from generator.worksheet.spec import Print
from tests.integration.test_builder import SHEET, contents
from tests.integration.test_tex_jobs import BARE, PREAMBLE, paper, text

if TYPE_CHECKING:
    from collections.abc import Sequence

FAULTY = {
    "an error": r"\undefinedcommand",
    "an error that is followed by others": r"\begin{tabular}{l} & & \\",
    "a brace": "{",
    "a brace too many": "}",
    "an environment": r"\begin{itemize} \item x",
    "the end of the document": r"\end{document}",
    "the end of the job": r"\csname @@end\endcsname",
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_broken_paper_leaves_its_neighbours_as_they_are_alone(name: str) -> None:
    good = [paper(f"{n:02d}", f"Alpha {n}.") for n in range(4)]
    broken = paper("99", FAULTY[name])
    printed = tex_batch.isolated([good[0], good[1], broken, good[2], broken, good[3]], BARE)
    assert [one.paper for one in printed if one.error] == [broken, broken]
    assert [one.content for one in printed if not one.error] == typeset(good, BARE)


@pytest.mark.parametrize(
    "lasting",
    [
        r"\gdef\strut{STRUT}",
        r"\global\let\textbf\relax",
        r"{\globaldefs1 \parindent9cm}",
        r"\csname gdef\endcsname\strut{x}",
    ],
)
def test_what_a_paper_changes_for_good_changes_no_other(lasting: str) -> None:
    plain = [paper(f"{n:02d}", r"\strut\textbf{Alpha}.") for n in range(2)]
    first = paper("00", lasting + " Beta.")
    assert typeset([first, *plain], PREAMBLE)[1:] == typeset(plain, PREAMBLE)


def test_one_mistake_of_many_papers_is_looked_at_alone_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def counted(some: Sequence[Paper], *args: Any, **options: Any) -> list[Outcome]:
        runs.append(len(some))
        return typesetting.typeset_once(some, *args, **options)

    monkeypatch.setattr(tex_batch, "typeset_once", counted)
    papers = [paper(f"{n:02d}", r"\oops" if n % 5 == 2 else "Alpha.") for n in range(20)]
    printed = tex_batch.isolated(papers, BARE)
    assert [n for n, one in enumerate(printed) if one.error] == [2, 7, 12, 17]
    assert runs == [20, 1, 14]  # all; the first one that failed; those behind it that did not


def test_a_forbidden_read_is_that_of_its_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def counted(some: Sequence[Paper], *args: Any, **options: Any) -> list[Outcome]:
        runs.append(len(some))
        return typesetting.typeset_once(some, *args, **options)

    monkeypatch.setattr(tex_batch, "typeset_once", counted)
    (tmp_path / "outside.txt").write_text("secret")
    read = rf"\immediate\pdfobj stream file {{{tmp_path}/outside.txt}}"
    hidden = read.replace("outside.txt", r"outs\empty ide.txt")
    own = {2: read, 5: read, 6: "It is not in outside.txt."}
    papers = [paper(f"{n:02d}", "Alpha.", own.get(n, "Beta.")) for n in range(8)]
    printed = tex_batch.isolated(papers, BARE)
    assert [n for n, one in enumerate(printed) if one.error] == [2, 5]
    assert str(printed[5].error).startswith(
        f"worksheets/sheet.yaml:11: problems[1].statement: problem b, version 05: it reads {tmp_path}/outside.txt\n"
    )
    assert runs == [8, 1, 1, 5]  # all; two that name the file; those that do not
    papers[3] = paper("03", hidden)
    own_only = [one for n, one in enumerate(papers) if n not in own]
    printed = tex_batch.isolated(own_only, BARE)
    assert [one.paper.label for one in printed if one.error] == ["03"]
    assert "Sheet, version 03: it reads" in str(printed[2].error)
    sound = [one for one in printed if not one.error]
    assert [one.content for one in sound] == typeset([one.paper for one in sound], BARE)


def test_a_forbidden_read_of_the_preamble_is_no_paper_s(tmp_path: Path) -> None:
    (tmp_path / "logo.pdf").write_text("")
    read = rf"\AtBeginDocument{{\immediate\pdfobj stream file {{{tmp_path}/logo.pdf}}}}"
    with pytest.raises(BuildError, match=r"the preamble: it reads .*logo\.pdf\n    \\AtBeginDocument"):
        typeset([paper("01", "Alpha."), paper("02", "Alpha.")], PREAMBLE + read)


ENDLESS = r"\def\x{\x}\x"


def test_papers_that_never_end_do_not_take_all_night() -> None:
    loop = paper("00", ENDLESS)
    good = paper("01", "Alpha.")
    printed = tex_batch.isolated([good, loop, good, loop, loop, good], BARE, patience=3)
    assert [bool(one.error) for one in printed] == [False, True, False, True, True, True]
    assert "TeX was still busy after 3 seconds" in str(printed[1].error)
    assert "not tried, as TeX was busy for too long with 2 papers before it" in str(printed[5].error)


@cache
def alone(one: Paper) -> bytes:
    """A paper that is typeset without any other."""
    return typeset([one], PREAMBLE)[0]


@pytest.mark.parametrize("odd", [{1}, {0, 2}, {0, 1, 2, 3}])
def test_characters_that_hardly_a_paper_has_change_no_bytes_of_others(odd: set[int]) -> None:
    rare = r"\texttt{abc} $\mathcal{A}$ \begin{itemize} \item x \end{itemize}"
    papers = [paper(f"{n:02d}", rare if n in odd else f"Alpha {n}.") for n in range(4)]
    assert typeset(papers, PREAMBLE) == list(map(alone, papers))


def test_what_authors_often_write_is_in_the_fonts_that_all_papers_share() -> None:
    preamble = LatexTemplates().fill("preamble.tex.j2", print=Print(), accents=False, own_words=True)
    often = paper("00", r"$\hat x + \bar y + \tilde z + \dot u + \ddot v + \check w$ is 2 × 2, \textbf{2 × 2}.")
    assert not any(one.is_shared for one in typesetting.typeset_once([often, paper("01", "Alpha.")], preamble))


def test_shares_change_nothing(tmp_path: Path) -> None:
    papers = [paper(f"{n:02d}", f"Alpha ${n}$.", pages=1 + n % 3) for n in range(30)]
    for jobs in (1, 3):
        (tmp_path / str(jobs)).mkdir()
        pressed = tex_batch.typeset_into(papers, BARE, tmp_path / str(jobs), jobs=jobs)
        assert [one.pages for one in pressed] == [1 + n % 3 for n in range(30)]
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_a_fault_of_a_share_is_heard(tmp_path: Path) -> None:
    papers = [paper(f"{n:02d}", "Alpha.") for n in range(30)]
    with pytest.raises(BuildError, match="the preamble: undefined command"):
        tex_batch.typeset_into(papers, BARE + r"\oops", tmp_path, jobs=3)


# Faults from outside


def program(folder: Path, script: str) -> None:
    """A `pdflatex` of our own."""
    file = folder / "pdflatex"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -9 $$", "TeX stopped before the end of this paper"),
        ("exit 0", "TeX stopped before the end of this paper"),
        ('PATH="$REAL" pdflatex "$@" & sleep 0.1; kill -9 $!', "TeX stopped before the end of this paper"),
        ("sleep 60", "TeX was still busy after 1 seconds"),
    ],
)
def test_a_tex_that_is_killed_is_no_key(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, script)
    monkeypatch.setenv("REAL", os.environ["PATH"])
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(BuildError, match=said):  # the first paper never ends, so no machine is too fast for the kill
        typeset([paper("01", ENDLESS), paper("02", "Beta.")], BARE, patience=1)


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(BuildError, match=r"cannot write in .*, where TeX works: No space left"):
        typeset([paper("01", "Alpha.")], BARE)


def test_a_full_disk_leaves_the_build_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sheet.yaml").write_text(SHEET)
    options = Options(output=tmp_path / "output", formats=("tex",))
    build(tmp_path / "sheet.yaml", options)
    before = contents(tmp_path / "output")

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BuildError, match=r"cannot write to .*sheet: No space left on device"):
        build(tmp_path / "sheet.yaml", replace(options, seed=1))
    monkeypatch.undo()
    assert contents(tmp_path / "output") == before


# Whole builds


BROKEN = SHEET.replace(
    "    vary: {c: 2..9}\n",
    "    vary: {c: [2, 3]}\n    statement: $<<c>> <<wrt>> \\ifnum<<c>>=3 \\oops \\fi$\n    alt: <<c>> times\n",
)


def test_what_is_sound_is_delivered_if_asked(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(BROKEN)
    options = Options(output=tmp_path / "output")
    with pytest.raises(BuildError) as caught:
        build(file, options)
    assert re.search(
        r"problem quadratic, version 0[12]: undefined command \\oops \(and in 1 more paper\)", str(caught.value)
    )
    assert not (tmp_path / "output/sheet").exists()
    built = build(file, replace(options, keep_going=True))
    assert str(built.error) == str(caught.value)
    label = re.findall(r"version (0[12])", str(caught.value))[0]
    other = {"01": "02", "02": "01"}[label]
    folder = tmp_path / "output/sheet"
    made = {path.name for path in folder.glob("*.pdf")}
    assert {f"sheet-v{other}.pdf", f"sheet-v{other}-key.pdf", "sheet-all.pdf"} <= made
    assert not any(label in name for name in made)
    assert text((folder / "sheet-all.pdf").read_bytes(), tmp_path) == text(
        (folder / f"sheet-v{other}.pdf").read_bytes(), tmp_path
    )
    assert not build(file, replace(options, keep_going=True)).current  # what is broken is tried again
    file.write_text(SHEET)
    assert build(file, options).error is None


def test_only_what_a_change_is_on_is_typeset_again(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(SHEET)
    options = Options(output=tmp_path / "output")
    assert build(file, options).typeset == 6
    before = contents(tmp_path / "output")
    file.write_text(f"# a remark\n{SHEET}")
    assert build(file, options).typeset == 0
    after = contents(tmp_path / "output")
    assert {name for name in after if after[name] != before[name]} == {"sheet/manifest.json"}
    built = build(file, replace(options, versions=3))  # versions 1 and 2 are as they were
    assert built.typeset == 3  # a set, its key, and the answers of all versions
    (tmp_path / "output/sheet/sheet-v02.pdf").write_bytes(b"damaged")
    assert build(file, replace(options, versions=3)).typeset == 1


def test_builds_at_once_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(SHEET)
    errors: list[Exception] = []

    def run(seed: int) -> None:
        try:
            for _ in range(3):
                build(file, Options(output=tmp_path / "output", formats=("tex",), seed=seed))
        except Exception as error:  # noqa: BLE001 - a thread has to tell its errors
            errors.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    folder = tmp_path / "output/sheet"
    manifest = read_manifest(folder)
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == ["sheet"]
    found = {
        name: output_dir.checksum(content) for name, content in contents(folder).items() if name != "manifest.json"
    }
    assert found == manifest["files"]
