"""The keys of all problems of the literature, in several notations: TeX takes them, and everything has its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks.problems import problems
from generator.formats.latex.writer import LatexWriter
from generator.pdf.paper import Overfull, Paper
from generator.pdf.tex_batch import typeset
from generator.pdf.typesetting import typeset_once
from generator.worksheet.load import load_worksheet
from generator.worksheet.variants import draw
from tests.support.papers import answer_key_of, formula_sheet_of, solved_by

NOTATIONS: tuple[dict[str, object], ...] = (
    {},
    {"trace": "tr", "transpose": "T", "differential": "italic", "gradient": "partial", "layout": "numerator"},
    {"transpose": "prime", "bold": True, "layout": "denominator"},
)


def test_the_keys_of_the_literature_can_be_typeset_in_every_notation(tmp_path: Path) -> None:
    """Each problem in one of the notations, all in one run of TeX."""
    asked = [p for p in problems() if not p.refused]
    papers: list[Paper] = []
    for k, notation in enumerate(NOTATIONS):
        rows = [{"function": p.function, "wrt": p.wrt, "symbols": p.symbols, "find": p.find} for p in asked[k::3]]
        file = tmp_path / f"literature-{k}.yaml"
        file.write_text(yaml.safe_dump({"notation": notation, "problems": rows}))
        sheet = load_worksheet(file)
        version = draw(sheet, 1)
        answered = list(map(solved_by, version.questions))
        papers += [answer_key_of(sheet, version, answered), formula_sheet_of(sheet)]
    run = typeset_once(papers, LatexWriter(sheet).preamble())
    assert [str(one.error) for one in run if one.error] == []
    assert [str(box) for one in run for box in one.overfull] == []
    assert all(one.pages for one in run)


# What TeX cannot break outside of parentheses is broken within, where letters may be bold.
LONG = "Tr(" + " + ".join(f"A_{i}*X" for i in range(1, 25)) + ")"


@pytest.mark.parametrize("notation", [{}, {"bold": True}, {"bold": True, "transpose": "prime"}])
def test_a_wide_formula_is_broken_in_bold_letters_too(notation: dict[str, object], tmp_path: Path) -> None:
    file = tmp_path / "wide.yaml"
    file.write_text(yaml.safe_dump({"notation": notation, "problems": [{"function": LONG, "wrt": "X"}]}))
    sheet = load_worksheet(file)
    version = draw(sheet, 1)
    key = answer_key_of(sheet, version, list(map(solved_by, version.questions)))
    overfull: list[Overfull] = []
    assert typeset([key], LatexWriter(sheet).preamble(), warn=overfull.append)
    assert overfull == []
