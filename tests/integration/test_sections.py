"""Sections, pools and shuffled problems on paper: all that a build writes has the numbers that are printed."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from generator.building.builder import Options, build
from generator.building.preview import preview, preview_page

SHEET = r"""
versions: 3
seed: 4
print: {tagged: true, keys: [compact, by problem, practice], formats: [pdf, tex, html]}
sections:
  - title: Short questions
    instructions: Tick *one* box.
    order: shuffled
    problems:
      - {id: alpha, title: Alpha, statement: Say alpha., solution: Solved alpha., points: 1}
      - {id: beta, title: Beta, statement: Say beta., solution: Solved beta., points: 2}
      - {pick: 1, points: 3, from: pool.yaml}
  - title: Long questions
    break: before
    problems:
      - id: main
        title: Main
        function: c Tr(X^T A X)
        wrt: X
        vary: {c: 2..9}
        parts: [{points: 4}, {find: hessian, points: 2}]
      - {id: last, title: Last, function: "Tr(A X^{-1})", wrt: X, form: find-the-error, points: 5}
"""
POOL = """
- {id: gamma, title: Gamma, statement: Say gamma., solution: Solved gamma.}
- {id: delta, title: Delta, statement: Say delta., solution: Solved delta.}
"""
TITLES = {name: name.capitalize() for name in ("alpha", "beta", "gamma", "delta", "main", "last")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build."""
    folder = tmp_path_factory.mktemp("sections")
    (folder / "pool.yaml").write_text(POOL, encoding="utf-8")
    (folder / "sheet.yaml").write_text(SHEET, encoding="utf-8")
    assert build(folder / "sheet.yaml", Options(folder / "output")).warnings == ()
    return folder / "output/sheet"


def text(file: Path) -> str:
    """What poppler reads on a paper."""
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


def numbers(built: Path, label: str) -> dict[str, int]:
    """For each problem that is printed in a version the number on its problem set, by its id."""
    found = re.findall(r"Problem (\d+)\.\s+(\w+)", text(built / f"sheet-v{label}.pdf"))
    return {title.lower(): int(number) for number, title in found}


@pytest.mark.parametrize("label", ["01", "02", "03"])
def test_all_documents_of_a_version_have_the_numbers_of_its_paper(label: str, built: Path) -> None:
    printed = numbers(built, label)
    assert sorted(printed.values()) == [1, 2, 3, 4, 5]
    manifest = json.loads((built / "manifest.json").read_text())
    assert {one["id"]: one["number"] for one in manifest["answers"][label]} == printed
    for name in (
        f"sheet-v{label}-key.pdf",
        f"sheet-v{label}.html",
        f"sheet-v{label}-key.html",
        f"sheet-v{label}-practice.html",
    ):
        content = text(built / name) if name.endswith("pdf") else (built / name).read_text()
        for own, number in printed.items():
            assert re.search(rf"Problem {number}\.\s+{TITLES[own]}\b", content), (name, own)
    compact = text(built / f"sheet-v{label}-key-compact.pdf")
    for own, number in printed.items():
        if own not in ("main", "last"):
            assert re.search(
                rf"(?:^|\s{{3,}}){number}\s+Solved {own}\.", compact, re.MULTILINE
            )  # some stand in two columns
            assert re.search(rf"Version {label}: Problem {number}\.", text(built / f"sheet-problem-{own}-key.pdf"))
    grid = text(built / "sheet-answers.pdf")
    for own in ("alpha", "beta"):
        column = re.search(rf"Problem {printed[own]}\n(.*?)(?=Problem|Page)", grid, re.DOTALL)
        assert column
        assert re.search(rf"{label}[^.]*Solved {own}|all\s+Solved {own}", column[1])
    assert list(printed)[:3] == sorted(list(printed)[:3], key=printed.__getitem__)


def test_versions_differ_in_their_numbers_and_errors_say_those_of_the_paper(built: Path) -> None:
    assert len({tuple(numbers(built, label).items()) for label in ("01", "02", "03")}) > 1
    source = (built / "tex/sheet-v02.tex").read_text()
    for own, number in numbers(built, "02").items():
        assert f"% Problem {number}{'(a)' if own == 'main' else ''}: {own}" in source


def test_a_section_is_a_level_of_headings(built: Path) -> None:
    with pikepdf.open(built / "sheet-v01-key.pdf") as pdf:
        roles = [str(one.S) for one in structure(pdf.Root.StructTreeRoot.K) if str(one.S).startswith("/H")]
    assert roles[:3] == ["/H1", "/H2", "/H3"]
    assert roles.count("/H1") == 1
    assert roles.count("/H2") == 2
    assert roles.count("/H3") == 5
    assert "/H4" in roles
    levels = re.findall(r"<h(\d)", (built / "sheet-v01-key.html").read_text())
    assert levels[:3] == ["1", "2", "3"]
    assert levels.count("2") == 2
    assert all(int(after) <= int(before) + 1 for before, after in pairwise(levels))


def structure(element: pikepdf.Object) -> list[pikepdf.Object]:
    """An element of a structure tree and all below it, in order."""
    if isinstance(element, pikepdf.Array):
        return [one for child in element for one in structure(child)]
    if not isinstance(element, pikepdf.Dictionary):
        return []
    return [*([element] if "/S" in element else []), *structure(element.get("/K", pikepdf.Array()))]


def test_a_break_begins_a_new_page_in_problem_sets_alone(built: Path) -> None:
    pages = text(built / "sheet-v01.pdf").split("\f")
    (page,) = [one for one in pages if "Long questions" in one]
    assert re.match(r"\s*Version 01\s+Long questions\s", page)
    assert "Tick one box." in pages[0]
    key = text(built / "sheet-v01-key.pdf")
    assert "Tick one box." not in key
    assert re.search(r"Solved \w+\.\s+Long questions", key)


def test_a_preview_says_in_which_versions_a_problem_has_which_number(built: Path) -> None:
    sheet = built.parents[1] / "sheet.yaml"
    page = preview_page(sheet)
    printed = {label: numbers(built, label) for label in ("01", "02", "03")}
    for label, own in (("01", "alpha"), ("03", "beta")):
        alike = ", ".join(one for one in printed if printed[one][own] == printed[label][own])
        assert f"Problem {printed[label][own]} in version {alike}" in page
    assert preview(sheet, Options(built.parent)).warnings == ()


def test_a_pool_in_a_file_of_its_own_is_built_again_when_it_is_edited(tmp_path: Path) -> None:
    (tmp_path / "sheet.yaml").write_text("problems:\n  - {pick: 1, from: pool.yaml}\n", encoding="utf-8")
    (tmp_path / "pool.yaml").write_text(POOL, encoding="utf-8")
    options = Options(tmp_path / "output", formats=("tex",))
    assert not build(tmp_path / "sheet.yaml", options).current
    assert build(tmp_path / "sheet.yaml", options).current
    (tmp_path / "pool.yaml").write_text(POOL.replace("Say", "Tell"), encoding="utf-8")
    assert not build(tmp_path / "sheet.yaml", options).current
