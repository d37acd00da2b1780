"""Notebooks: what they show of derivations and worksheets, and the example, which runs."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from generator.solver.solve import solve
from generator.worksheet.load import load_worksheet

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "notebooks" / "derivations.ipynb"


def parsed(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(html.replace("<br>", "<br/>"))


@pytest.mark.parametrize("find", ["derivative", "stationary", "hessian", "differential"])
def test_a_derivation_is_shown_whole_and_in_one_element(find: str) -> None:
    derivation = solve("||A x - b||_2^2", "x", find=find)
    html = derivation._repr_html_()
    root = parsed(html)
    assert root.get("class") == "worksheets"
    assert len(root.findall(".//li")) == len(derivation.lines)
    assert len(root.findall("h3")) == len(derivation.stages)
    assert len(root.findall(".//div[@class='answer']")) == 1
    assert not re.search(r"\\\w|<script|https?:", html)
    latex = derivation._repr_latex_()
    assert latex.startswith("$\\displaystyle ")
    assert latex.endswith("$")


def test_what_a_text_was_read_as_stands_above_its_derivation() -> None:
    """The shapes of all symbols that were inferred, and the choices made."""
    derivation = solve("(A x - b)^2 + tr(S)", "x", {"S": "k x k symmetric"})
    root = parsed(derivation._repr_html_())
    said = "".join(root.find("div[@class='statement']").itertext())  # type: ignore[union-attr]
    for expected in ("A∈ℝ", "b∈ℝ", "x∈ℝ", "the symmetric matrix S∈ℝ", *derivation.notes):
        assert expected in said


def test_styles_hold_within_their_element_alone() -> None:
    style = parsed(solve("Tr(A X)", "X")._repr_html_()).findtext("style")
    assert style
    assert style.strip().startswith(".worksheets {")
    depth, ends = 0, []
    for position, sign in enumerate(style):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "}" and depth == 0:
            ends.append(position)
    assert ends == [len(style.rstrip()) - 1]


def test_a_worksheet_shows_the_problems_of_its_first_version() -> None:
    worksheet = load_worksheet(ROOT / "docs/pictures/homework.yaml")
    root = parsed(worksheet._repr_html_())
    assert [section.get("aria-label") for section in root.findall("section")] == [
        "Problem 1, version 01",
        "Problem 2, version 01",
    ]


def test_the_example_runs() -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.reads(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    assert not any(cell.get("outputs") for cell in notebook.cells)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    shown = [output["data"] for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output]
    assert sum("<math>" in data.get("text/html", "") for data in shown) == 2
    assert '"(A + A\')*X"' in {data["text/plain"] for data in shown}
