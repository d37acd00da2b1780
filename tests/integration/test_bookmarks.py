"""Bookmarks: each paper has one for each heading, at its place, in words that can be read out."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
import yaml

from generator.building.builder import Options, build
from generator.building.preview import preview

SHEET = {
    "title": r"The norm $\|x\|$",
    "versions": 2,
    "repeats": True,
    "print": {"keys": ["compact", "by problem"], "formats": ["pdf"]},
    "sections": [
        {
            "title": "Traces of *products*",
            "problems": [
                {
                    "title": r"The map $A^\top X$",
                    "function": "c Tr(A' X)",
                    "wrt": "X",
                    "vary": {"c": "2..9"},
                    "parts": [{}, {"find": "hessian"}],
                },
                {"function": "Tr(X' A X)", "wrt": "X"},
            ],
        },
        {
            "title": r"With $\det X$",
            "problems": [{"title": "Own", "statement": "Why?", "solution": "So.", "space": "15cm"}],
        },
    ],
}
FIRST = ["Problem 1. The map capital A transpose capital X", ["Part (a)", "Part (b)"]]
PROBLEMS = ["Traces of products", [*FIRST, "Problem 2"], "With determinant of capital X", ["Problem 3. Own"]]
NUMBER = re.compile(r"Problem \d+|(?<=Part )\(\w\)")
TITLE = "The norm double bar x double bar"
BOOKMARKS = {
    "v01": PROBLEMS,
    "v02-key": PROBLEMS,
    "v02-key-compact": [],
    "problem-1-key": [f"Version 0{i}: {FIRST[0]}" if even else FIRST[1] for i in (1, 2) for even in (True, False)],
    "answers": ["Problem 1(a)", "Problem 1(b)", "Problem 2", "Problem 3"],
    "formulas": ["Properties of the trace", "Properties of differentials"],
    "preview": [
        "Traces of products",
        [FIRST[0], "Problem 2"],
        "With determinant of capital X",
        ["Problem 3. Own"],
    ],
    "all": [f"{TITLE}, version 01", PROBLEMS, f"{TITLE}, version 02", PROBLEMS],
    "all-key": [
        f"{TITLE}, version 01, answer key",
        PROBLEMS,
        f"{TITLE}, version 02, answer key",
        PROBLEMS,
    ],
}


@pytest.fixture(scope="module", params=[True, False], ids=["tagged", "untagged"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The papers of a worksheet with sections, parts, and titles with formulas."""
    place = tmp_path_factory.mktemp("papers")
    sheet = {**SHEET, "print": {**SHEET["print"], "tagged": request.param}}  # type: ignore[dict-item]
    (place / "sheet.yaml").write_text(yaml.safe_dump(sheet), encoding="utf-8")
    made = build(place / "sheet.yaml", Options(output=place / "output", jobs=1)).folder
    preview(place / "sheet.yaml", Options(output=place / "output", jobs=1))
    return made


def titles(items: list[pikepdf.OutlineItem]) -> list[object]:
    """The titles of bookmarks, each with a list of those below it behind it."""
    found: list[object] = []
    for one in items:
        found.append(one.title)
        if one.children:
            found.append(titles(one.children))
    return found


def places(document: pikepdf.Pdf, items: list[pikepdf.OutlineItem]) -> Iterator[tuple[str, int]]:
    """The titles of bookmarks and of those below them, in order, each with the number of its page, from 0."""
    for one in items:
        assert isinstance(one.destination, pikepdf.Array)
        sheet = pikepdf.Page(one.destination[0])
        if one.destination[1] == "/XYZ":
            assert 0 < float(one.destination[3]) < float(sheet.mediabox[3])
        yield one.title, document.pages.index(sheet)
        yield from places(document, one.children)


@pytest.mark.parametrize("name", BOOKMARKS)
def test_bookmarks_are_the_headings(folder: Path, name: str) -> None:
    file = folder / f"sheet-{name}.pdf"
    shown = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    texts = shown.split("\f")
    with pikepdf.open(file) as document, document.open_outline() as outline:
        assert titles(outline.root) == BOOKMARKS[name]
        found = list(places(document, outline.root))
    assert [page for _, page in found] == sorted(page for _, page in found)
    for title, page in found:
        if number := NUMBER.search(title):
            assert number[0] in " ".join(texts[page].split()), title


def test_titles_of_documents_are_words(folder: Path) -> None:
    with pikepdf.open(folder / "sheet-v01.pdf") as document:
        assert str(document.docinfo["/Title"]) == f"{TITLE}, version 01"
