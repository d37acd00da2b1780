"""The contact sheet: every draw of every question, as students see it, with its answer."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.building.builder import Options, build
from generator.building.preview import preview, preview_page
from generator.cli import main
from generator.worksheet.load import load_worksheet
from generator.worksheet.variants import draw
from tests.support.pictures import png

SHEET = """
title: Quiz
versions: 2
problems:
  - {id: alike, title: Alike, function: Tr(A X), wrt: X, points: 3}
  - {id: scaled, function: c Tr(X^T A X), wrt: X, vary: {c: 2..9}, form: choice}
  - id: parts
    function: b'x
    wrt: x
    symbols: {b: 2, x: 2}
    vary: {b: -3..3}
    parts:
      - form: identify
      - numeric: true
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("quiz.yaml").write_text(SHEET)
    return tmp_path


def words(pdf: Path) -> str:
    shown = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    return re.sub(r"[ \u2009]+", " ", shown)


def test_a_preview_shows_each_draw_once_with_its_answer() -> None:
    made = preview(Path("quiz.yaml"), Options(versions=6))
    assert (made.file, made.versions, made.warnings) == (Path("output/quiz/quiz-preview.pdf"), 6, ())
    shown = words(made.file)
    assert "The first 6 versions, with answers" in shown
    assert re.search(r"Problem 1\. Alike 3 points\n(\s*\n)* ?all Let L\(X\) = Tr\(AX\)", shown)
    assert shown.count("Tr(AX)") == 1
    worksheet = load_worksheet(Path("quiz.yaml")).model_copy(update={"versions": 6})
    assert len({draw(worksheet, number).questions[1].function for number in range(1, 7)}) == 6
    assert " ".join(shown.split()).count("Which of these is") == 6
    assert shown.count("(a)") == shown.count("(b) Evaluate") == 6
    assert all(f"0{number} Let" in shown for number in range(1, 7))


def test_a_preview_draws_what_a_build_prints_and_a_build_keeps_it() -> None:
    result = CliRunner().invoke(main, ["preview", "quiz.yaml"])
    assert result.exit_code == 0, result.output
    assert "quiz.yaml: 12 versions of each problem in output/quiz/quiz-preview.pdf" in result.output
    before = Path("output/quiz/quiz-preview.pdf").read_bytes()
    build("quiz.yaml")
    assert Path("output/quiz/quiz-preview.pdf").read_bytes() == before
    assert build("quiz.yaml").current
    shown = words(Path("output/quiz/quiz-preview.pdf"))
    for label in ("01", "02"):
        function = re.search(r"Let L\(X\) = (\d) Tr\(", words(Path(f"output/quiz/quiz-v{label}.pdf")))
        assert function
        assert re.search(rf"{label} Let L\(X\) = {function[1]} Tr\(", shown)


def test_what_a_preview_cannot_solve_or_write_is_an_error() -> None:
    Path("bad.yaml").write_text("problems:\n  - {function: 'x''A x', wrt: y}\n")
    assert CliRunner().invoke(main, ["preview", "bad.yaml"]).exit_code == 2
    Path("output").write_text("")
    result = CliRunner().invoke(main, ["preview", "quiz.yaml"])
    assert result.exit_code == 1
    assert "cannot write to output/quiz" in result.output


def test_sections_and_figures_are_shown_as_in_papers(folder: Path) -> None:
    (folder / "plot.png").write_bytes(png(40, 20))
    Path("exam.yaml").write_text("""
versions: 2
sections:
  - title: Short questions
    order: shuffled
    problems:
      - {id: traces, function: Tr(A X), wrt: X, figure: {file: plot.png, alt: A plot}}
      - {id: norms, function: "||A x - b||^2", wrt: x}
  - title: Long questions
    problems:
      - {id: inverses, function: Tr(A X^-1), wrt: X}
""")
    shown = words(preview(Path("exam.yaml"), Options()).file)
    places = [shown.index(said) for said in ("Short questions", "traces", "norms", "Long questions", "inverses")]
    assert places == sorted(places)
    assert shown.count("Short questions") == 1
    page = preview_page(Path("exam.yaml"), Options())
    headings = re.findall(r"<h(\d)[^>]*>(?:<span>)?([\w ]+)", page)
    assert [(level, name) for level, name in headings if level in "23" and name != "Answer"] == [
        ("2", "Short questions"),
        ("3", "Problem traces"),
        ("3", "Problem norms"),
        ("2", "Long questions"),
        ("3", "Problem inverses"),
    ]
    assert 'alt="A plot"' in page
