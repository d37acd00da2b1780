"""Formats: one that is added from outside writes all documents, and needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.building.builder import Options, build
from generator.formats import WRITERS
from tests.support.markdown import MarkdownWriter

if TYPE_CHECKING:
    import pytest

SHEET = """\
title: Sheet
versions: 2
problems:
  - {id: quadratic, title: Quadratic, function: "c Tr(X'A X)", wrt: X, vary: {c: 2..9}}
  - {id: choice, title: Choice, function: Tr(A X), wrt: X, form: choice}
  - {id: blanks, title: Blanks, function: "||A x - b||^2", wrt: x, form: fill-in}
"""


def test_a_format_from_outside_writes_every_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WRITERS, "md", MarkdownWriter)
    (tmp_path / "sheet.yaml").write_text(SHEET)
    built = build(tmp_path / "sheet.yaml", Options(tmp_path / "output", formats=("md",)))
    files = {file.name: file.read_text() for file in built.folder.glob("*.md")}
    names = [f"sheet-{name}.md" for name in ("v01", "v02", "v01-key", "v02-key", "formulas", "answers")]
    assert sorted(files) == sorted(names)
    assert "# Sheet, version 01\n\n## 1. Quadratic\n\nLet $L(X) = " in files["sheet-v01.md"]
    assert "**Answer**" not in files["sheet-v01.md"]
    assert r"\termblank" in files["sheet-v01.md"] or r"\lineblank" in files["sheet-v01.md"]
    key = files["sheet-v01-key.md"]
    assert "### Step 1. Take the differential" in key
    assert key.count("**Answer**") == 3
    assert not list(built.folder.glob("*.pdf"))
    assert build(tmp_path / "sheet.yaml", Options(tmp_path / "output", formats=("md",))).current


def test_a_key_of_four_problems_is_small_as_html(tmp_path: Path) -> None:
    uses = ("multi-output-ridge", "logistic-loss", "softmax-loss", "trace-two-sided")
    problems = "".join(f"  - use: {name}\n" for name in uses)
    (tmp_path / "sheet.yaml").write_text(f"title: Sheet\nversions: 1\nproblems:\n{problems}")
    (key,) = build(tmp_path / "sheet.yaml", Options(tmp_path / "output", formats=("html",))).folder.glob("*-key.html")
    assert key.stat().st_size < 250_000  # with its fonts: it is sent by mail, and opened on phones
