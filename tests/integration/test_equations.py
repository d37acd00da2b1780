"""Numbers of an author's equations: the same in problem sets, keys, HTML and what is said of formulas."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pikepdf
import pytest
import yaml

from generator.building.builder import Options, build
from generator.errors import GeneratorError
from tests.support.tagged import faults_of_tags, tree
from tests.support.texts import texts_that_differ

SHEET = {
    "title": "Equations",
    "problems": [
        {
            "statement": r"Let \begin{equation} x = 1 \label{first} \end{equation} and"
            r" \begin{align} y &= 2 \label{second} \\ z &= 3 \notag \\ w &= 4 \tag{$*$} \label{star} \end{align}"
            r" What is $x$ by \eqref{first}, $y$ by (\ref{second}), $w$ by \eqref{star}?",
            "solution": r"By \eqref{q} \begin{align} q &= 5 \label{q} \\ r &= 6 \\ \end{align} and \eqref{first}.",
        },
        {
            "statement": r"For $A = <<A>>$ let"
            r" \begin{multline} x + y + z + w + f(x, y, z, w) + g(x, y, z, w, u, v) \\ = 17 \label{long} \end{multline}"
            r" \begin{equation} \begin{split} q &= 1 \\ &= <<A>> \end{split} \end{equation}"
            r" \begin{align*} a &= 1 \\ b &= 2 \tag{B} \label{b} \end{align*} See \eqref{b} and \eqref{long}.",
            "symbols": {"A": "2 x 2"},
            "vary": {"A": "1..3"},
            "parts": [
                {
                    "statement": r"Show \begin{gather} s = t \label{st} \\ s = 0 \end{gather}",
                    "solution": r"By \eqref{st}.",
                },
                {"statement": r"Or \[ s = u. \tag{C} \]", "solution": r"By \begin{equation} z = 1 \end{equation}"},
            ],
        },
    ],
    "print": {"formats": ["pdf", "html"]},
}
NUMBERS = {"v01": "1 2 * 1 2 B 3 4 C", "v01-key": "1 2 * 3 4 1 2 B 3 4 C 5"}
"""Those of equations."""
REFERENCES = ["1", "2", "*", "B", "1"]
SAID = [
    "x equals 1, equation 1",
    "y equals 2, equation 2; z equals 3; w equals 4, equation star",
    "q equals 5, equation 3; r equals 6, equation 4",
    "q equals 1; equals the 2 by 2 matrix",
    "a equals 1; b equals 2, equation B",
    "s equals t, equation 3; s equals 0, equation 4",
    "s equals u ., equation C",
    "z equals 1, equation 5",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The papers of problems whose author's equations have numbers."""
    place = tmp_path_factory.mktemp("equations")
    (place / "sheet.yaml").write_text(yaml.safe_dump(SHEET), encoding="utf-8")
    return build(place / "sheet.yaml", Options(output=place / "output", jobs=1)).folder


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_those_of_the_page_in_html_and_in_words(folder: Path, name: str) -> None:
    paper = folder / f"sheet-{name}.pdf"
    shown = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    printed = re.findall(r"  +\((\S)\)\s*$|17 \((\S)\)$", shown.replace("∗", "*"), re.MULTILINE)
    assert [one or other for one, other in printed] == NUMBERS[name].split()
    page = (folder / f"sheet-{name}.html").read_text(encoding="utf-8")
    assert re.findall(r'class="equation-number">\((\S)\)', page) == NUMBERS[name].split()
    assert not list(faults_of_tags(paper))
    with pikepdf.open(paper) as pdf:
        said = " ".join(str(one["/Alt"]) for one in tree(pdf) if "/Alt" in one)
    assert re.findall(r", equation (\w+)", said) == NUMBERS[name].replace("*", "star").split()
    assert [one for one in SAID if one in said] == [one for one in SAID if name == "v01-key" or one not in SAID[2::5]]


def test_references_are_numbers(folder: Path) -> None:
    page = (folder / "sheet-v01.html").read_text(encoding="utf-8")
    plain = re.sub(r"<math>(.*?)</math>", lambda found: re.sub("<[^>]*>", "", found[1]), page)
    assert re.search(r"by \(1\), y by \(2\), w by \(\*\)\?", plain.replace("∗", "*"))
    assert "See (B) and (1)." in plain


def test_the_text_is_that_of_html(folder: Path) -> None:
    assert not texts_that_differ(folder)


def test_an_environment_whose_numbers_are_not_known_needs_words(tmp_path: Path) -> None:
    problem = {"statement": r"Let \begin{eqnarray} x &=& 1 \end{eqnarray}", "solution": "So."}
    file = tmp_path / "sheet.yaml"
    file.write_text(yaml.safe_dump({"problems": [problem], "print": {"formats": ["pdf"]}}))
    with pytest.raises(GeneratorError, match=r"problems\[0\]\.statement: a tagged PDF needs words for .*eqnarray"):
        build(file, Options(output=tmp_path / "output", jobs=1))


@pytest.mark.parametrize("label", ["gradient", "unnumbered", "elsewhere"])
def test_a_label_that_no_equation_of_the_problem_has_is_an_error(tmp_path: Path, label: str) -> None:
    statement = rf"\begin{{align*}} x &= 1 \label{{unnumbered}} \end{{align*}} By \eqref{{{label}}}?"
    other = {"statement": r"\begin{equation} x \label{elsewhere} \end{equation}", "solution": "So."}
    file = tmp_path / "sheet.yaml"
    file.write_text(yaml.safe_dump({"problems": [{"statement": statement, "solution": "So."}, other]}))
    with pytest.raises(GeneratorError, match=rf"problems\[0\]\.statement: no equation of .* '{label}'"):
        build(file, Options(output=tmp_path / "output", jobs=1))
