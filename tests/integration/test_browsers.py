"""Pages of HTML in a real browser: nothing that shuts readers out, nothing cut off, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from generator.building.builder import Options, build
from tests.support.browsers import NOT_YET, Seen, browse, faults_of_markup

LONG = r"\lVert A x - b \rVert_2^2 = \lVert r \rVert_2^2 + 2 h^\top A^\top r + \lVert A h \rVert_2^2"

SHEET: dict[str, object] = {
    "title": "Pages for $A^\\top$",
    "course": "MATH 541",
    "versions": 2,
    "print": {"keys": ["compact", "by problem", "practice"]},
    "cover": {"date": "11 December", "aids": "None", "pledge": "I work alone."},
    "problems": [
        {"function": "c Tr(X' A X) + log det(X)", "wrt": "X", "vary": {"c": "2..5"},
         "parts": [{"hint": "Expand."}, {"find": "hessian"}]},
        {"function": "||A x - b||^2", "wrt": "x", "find": "stationary", "points": 4},
        {"function": "Tr(A X B X' C X D)", "wrt": "X", "form": "choice", "choices": 4},
        {"function": "log det(X) - Tr(A X)", "wrt": "X", "form": "find-the-error"},
        {"function": "Tr(A inv(X))", "wrt": "X", "form": "fill-in"},
        {"function": "x' A x", "wrt": "x", "form": "identify"},
        {"function": "||A x - b||^2", "wrt": "x", "parts": [{}, {"numeric": True}],
         "vary": {"A": "-3..3", "b": "-2..2", "x": "-2..2"}, "symbols": {"A": "3 x 2", "b": "3", "x": "2"}},
        {"statement": "Is every \\emph{symmetric} matrix diagonalizable?", "answer": True, "bonus": True},
        {"statement": f"Is ${LONG}$, and is \\[ {LONG} \\] so?", "answer": True},
        {"statement": "State the theorem of \\[ \\int_0^1 f(x)\\,dx \\]", "answer": "Taylor", "note": "Or Lagrange."},
    ],
}  # fmt: skip


NAMES = ("Ann Ash", "Maximiliana von Hohenzollern-Sigmaringen")
CLASS = "name,id\n" + "".join(f"{name},{number}\n" for number, name in enumerate(NAMES))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A page of each kind: problem set, key, compact key, practice copy, key of a problem, grid, formulas, index."""
    folder = tmp_path_factory.mktemp("pages")
    file = folder / "sheet.yaml"
    file.write_text(yaml.safe_dump(SHEET))
    (folder / "class.csv").write_text(CLASS)
    build(file, Options(output=folder / "output", formats=("html",), roster=folder / "class.csv"))
    found = sorted((folder / "output").rglob("*.html"))
    kinds = [one for one in found if "-v02" not in one.name and not re.search(r"problem-[2-9]", one.name)]
    assert len(kinds) >= 8
    return kinds


@pytest.fixture(scope="module")
def shown(pages: list[Path]) -> dict[Path, Seen]:
    """What the browser shows of each page."""
    return dict(zip(pages, browse(pages), strict=True))


def test_pages_shut_nobody_out(shown: dict[Path, Seen]) -> None:
    for file, seen in shown.items():
        assert not seen.violations, (file.name, seen.violations)
        assert seen.widths["320"] == 320, (file.name, seen.widths)
        assert not seen.requests, (file.name, seen.requests)
        assert not seen.errors, (file.name, seen.errors)


def test_the_grid_of_answers_has_names_and_needs_no_scrolling_on_a_phone(shown: dict[Path, Seen]) -> None:
    (grid,) = (one for one in shown if one.name.endswith("answers.html"))
    heads = [re.sub(r"<[^>]*>", "", head) for head in re.findall(r'<th scope="row">(.*?)</th>', grid.read_text())]
    assert sorted(head.split(maxsplit=1)[0] for head in heads) == ["Version", "Version"]
    assert {name for head in heads for name in NAMES if head.endswith(name)} == set(NAMES)
    assert "div.scroll" in shown[grid].scrolled["1280"]  # so many problems are wide
    assert "div.scroll" not in shown[grid].scrolled["320"]


def test_pages_are_well_formed(pages: list[Path]) -> None:
    faults = [fault for fault in faults_of_markup(pages) if not any(words in fault for words in NOT_YET)]
    assert not faults, "\n".join(faults)
