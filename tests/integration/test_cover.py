"""Covers, large print, and whose paper it is on every page."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from generator.building.builder import Options, build
from generator.building.pages import typeset_with_pages
from generator.errors import BuildError, InFile, WorksheetError
from generator.pdf.paper import Paper, Place, Worth
from generator.pdf.tex_batch import TypesetPaper
from generator.system.shipped import TEMPLATES
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
        ({"grading": "pagewise"}, "must be 'problems', 'pages' or 'none'"),
        ({"fields": "Seat"}, "must be a list"),
        ({"fields": ["x"] * 9}, "must have at most 8"),
        ({"date": " "}, "must not be empty"),
    ],
)
def test_a_wrong_cover_is_said(tmp_path: Path, cover: object, said: str) -> None:
    with pytest.raises(WorksheetError, match=re.escape(said)):
        worksheet(tmp_path, {"function": "Tr(A X)", "wrt": "X"}, cover=cover)


BY_PAGE = """\
title: Final
seed: 5
versions: 2
order: shuffled
cover: {grading: pages}
print: {formats: [pdf, tex, html]}
problems:
  - {function: Tr(A X), wrt: X, points: 2.5, space: page}
  - function: ||A x - b||^2
    wrt: x
    parts: [{points: 3, space: 15cm}, {find: stationary, points: 4, space: 12cm}]
  - {statement: 'True?', answer: true, points: 1}
  - {statement: 'False?', answer: false, points: 7, bonus: true}
  - {statement: 'No points?', answer: false, points: 0, space: page}
"""


def by_page(folder: Path, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The columns of the table in a source, and those that the headings on the pages of the PDF give."""
    source = (folder / "tex" / f"{name}.tex").read_text()
    lines = {head: re.findall(rf"\{{{head}\}} & (.*?) \\\\", source)[0] for head in ("Page", "Points")}
    rows = {head: re.findall(r"\{cell\}\{(.*?)\}|\{columnhead\}\{(.*?)\}", line) for head, line in lines.items()}
    table = dict(zip(map("".join, rows["Page"]), map("".join, rows["Points"]), strict=True))
    found = {}
    for number, page in enumerate(pages(folder / f"{name}.pdf")[1:], 2):
        worth = {"": 0.0, "bonus ": 0.0}
        for problem in re.split(r"(?m)^(?= ?Problem )", page):
            parts = re.findall(r"\(([\d.]+) (bonus )?points?\)", problem)
            for points, kind in parts or re.findall(r"^ ?Problem .* ([\d.]+) (bonus )?points?\n", problem):
                worth[kind] += float(points)
        shown = [f"{mark}{worth[kind]:g}" for kind, mark in (("", ""), ("bonus ", "+")) if worth[kind]]
        if shown:
            found[str(number)] = " ".join(shown)
    return table, found | {"Total": "10.5"}


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
def test_a_table_for_scores_has_the_points_on_each_page(tmp_path: Path, engine: str) -> None:
    folder = built(tmp_path, f"{BY_PAGE}engine: {engine}\n")
    tables = []
    for number in (1, 2):
        columns, expected = by_page(folder, f"exam-v0{number}")
        assert columns == expected
        tables.append(columns)
        source = (folder / "tex" / f"exam-v0{number}.tex").read_text()
        assert r"\tablebypage" not in source
        assert (folder / f"exam-v0{number}.html").read_text().count(
            '<th scope="row">'
        ) == 6  # problems, as it has no pages
    assert tables[0] != tables[1]  # each has the pages of its version


def test_a_table_by_page_is_the_same_after_a_build_that_changes_other_papers(tmp_path: Path) -> None:
    folder = built(tmp_path, BY_PAGE)
    before = {file.name: file.read_bytes() for file in (folder / "tex").glob("exam-v??.tex")}
    assert len(before) == 2
    built(tmp_path, BY_PAGE.replace("print: {", "print: {keys: [compact], "))
    assert {file.name: file.read_bytes() for file in (folder / "tex").glob("exam-v??.tex")} == before


def test_sources_alone_cannot_have_a_table_by_page(tmp_path: Path) -> None:
    with pytest.raises(WorksheetError, match=r"exam.yaml:5: cover.grading: .*only when there is a PDF"):
        built(tmp_path, BY_PAGE.replace("[pdf, tex, html]", "[tex]"))


def test_a_template_that_notes_no_places_is_said(tmp_path: Path) -> None:
    template = (TEMPLATES / "question.tex.j2").read_text().replace(r"\noteplace{@", r"\csname @gobble\endcsname{@")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "question.tex.j2").write_text(template)
    (tmp_path / "exam.yaml").write_text(BY_PAGE)
    with pytest.raises(BuildError, match="a template does not note where questions are"):
        build(tmp_path / "exam.yaml", Options(output=tmp_path / "out", templates=tmp_path / "mine", jobs=1))


def test_pages_that_do_not_stay_are_said() -> None:
    paper = Paper("v1", "Version 1", "", InFile(Path("exam.yaml")), worth=(Worth("1", Fraction(2), is_bonus=False),))
    tables: list[int] = []

    def with_pages(paper: Paper, pages: Mapping[str, int]) -> Paper:
        tables.append(pages["1"])
        return paper

    def moving(papers: Sequence[Paper]) -> list[TypesetPaper]:
        return [TypesetPaper(one.name, places=(Place("@1", 5 - tables[-1], 0.0),)) for one in papers]

    (one,) = typeset_with_pages([paper], with_pages, moving)
    assert tables == [2, 3, 2, 3]
    assert "moves questions to other pages" in str(one.error)


@pytest.mark.parametrize(("size", "problems"), [("normal", 14), ("large", 8)])
def test_a_table_for_scores_is_in_one_piece(tmp_path: Path, size: str, problems: int) -> None:
    one = "  - {statement: 'True?', answer: true, points: 12.5}\n"
    sheet = f"seed: 1\nrepeats: true\ncover: {{date: today}}\nprint: {{size: {size}, formats: [pdf]}}\nproblems:\n"
    folder = built(tmp_path, sheet + one * problems)  # no warning says that it is too wide
    (paper,) = folder.glob("exam-v*1.pdf")
    assert pages(paper)[0].count("Score") == 1
