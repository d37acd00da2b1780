"""Covers, large print, and whose paper it is on every page."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from generator.building.builder import Options, build
from generator.errors import WorksheetError
from tests.support.papers import worksheet

COVER = """\
title: Midterm
course: MATH 541
seed: 3
instructions: Name $n$.
repeats: true
cover:
  date: 14 October, 9:00
  place: Hall 3
  duration: 90 minutes
  aids: "*No* notes."
  pledge: I have had no help.
  fields: [Section, Seat]
print: {formats: [pdf, tex, html]}
problems:
  - {function: Tr(A X), wrt: X, points: 3, space: page}
  - {function: "||A x - b||^2", wrt: x, points: 4, space: page}
"""
SAID = (
    *("Section", "Seat", "14 October, 9:00", "Hall 3", "90 minutes", "No notes.", "Name n.", "I have had no help."),
    *("Signature", "Total"),
)
"""What the cover says."""
CLASS = "name,id,size,extra time\nAnn Ash,0012,large,25 %\nBo Ek,0034,,\n"


def pages(pdf: Path) -> list[str]:
    """The text of each page."""
    shown = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True).stdout.decode()
    return [re.sub(r"[ \u2009]+", " ", page) for page in shown.split("\f")[:-1]]


def built(folder: Path, sheet: str, students: str = "") -> Path:
    """The folder of a build."""
    (folder / "exam.yaml").write_text(sheet)
    roster = None
    if students:
        roster = folder / "class.csv"
        roster.write_text(students)
    result = build(folder / "exam.yaml", Options(output=folder / "out", roster=roster, jobs=1))
    assert result.warnings == ()
    return result.folder


def heights(pdf: Path, word: str) -> list[float]:
    """How high the word is on each page that has it, in pt."""
    shown = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, check=True).stdout.decode()
    found = re.findall(rf'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">{word}<', shown)
    return [float(end) - float(start) for start, end in found]


def test_a_cover_has_a_page_of_its_own_and_each_student_is_named_on_all_pages(tmp_path: Path) -> None:
    folder = built(tmp_path, COVER, CLASS)
    table = (folder / "exam-roster.csv").read_text("utf-8-sig")
    rows = re.findall(r'"(Ann Ash|Bo Ek)",\d+,"([^;]*)', table)
    papers = {name: folder / file for name, file in rows}
    for name, one in (("Ann Ash", "0012"), ("Bo Ek", "0034")):
        cover, *others = pages(papers[name])
        assert all(said in cover for said in SAID)
        assert "Problem 1." not in cover
        assert "Problem 1." in others[0]
        for page in (cover, *others):
            assert name in page
            assert one in page
        assert ("Extra time 25 %" in cover) == (name == "Ann Ash")
        html = papers[name].with_suffix(".html").read_text()
        text = re.sub(r"<[^>]*>", "", html)
        assert all(said in text for said in SAID)
        assert ("25 %" in text) == (name == "Ann Ash")
        assert html.count('<th scope="row">') == 3
    large, normal = heights(papers["Ann Ash"], "where"), heights(papers["Bo Ek"], "where")
    assert large[0] / normal[0] == pytest.approx(17.28 / 10.95, rel=0.03)
    source = (folder / "tex" / f"{papers['Ann Ash'].stem}.tex").read_text()
    assert "{17.28}" in source


@pytest.mark.parametrize("length", [60, 80, 100, 120])
def test_a_long_name_fits_above_every_page(tmp_path: Path, length: int) -> None:
    name = f"Maximiliana-Alexandra von Hohenzollern-Sigmaringen{' de la Vega y Montenegro' * 3}"[: length - 1] + "x"
    folder = built(tmp_path, COVER, f"name,id\n{name},0012\n")  # no warning says that it does not fit
    (paper,) = folder.glob("exam-v01.pdf")
    assert len(name) == length
    for page in pages(paper)[1:]:
        assert name in page


def test_no_cover_is_made_where_none_is_asked_for(tmp_path: Path) -> None:
    without = re.sub(r"cover:\n(  .*\n)*", "", COVER)
    folder = built(tmp_path, without, CLASS)
    papers = sorted(folder.glob("exam-v??.pdf"))
    assert len(papers) == 2
    for paper in papers:
        first = pages(paper)[0]
        assert "Problem 1." in first
        assert ("Extra time 25 %" in first) == ("Ann Ash" in first)


@pytest.mark.parametrize(
    ("cover", "said"),
    [
        ("yes", "must be keys with values"),
        ({"dates": "x"}, "unknown key 'dates'; did you mean 'date'?"),
        ({"grading": "pagewise"}, "must be 'problems' or 'none'"),
        ({"fields": "Seat"}, "must be a list"),
        ({"fields": ["x"] * 9}, "must have at most 8"),
        ({"date": " "}, "must not be empty"),
    ],
)
def test_a_wrong_cover_is_said(tmp_path: Path, cover: object, said: str) -> None:
    with pytest.raises(WorksheetError, match=re.escape(said)):
        worksheet(tmp_path, {"function": "Tr(A X)", "wrt": "X"}, cover=cover)
