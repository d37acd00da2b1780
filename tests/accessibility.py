"""All shipped worksheets and the whole bank, through the validators of PDF and HTML: `make accessibility`.

It takes minutes. The tests that run each time look at one paper of each kind: `tests/integration/test_tags.py` and
`tests/integration/test_browsers.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pikepdf
import pytest

from generator.building.builder import Options, build
from generator.worksheet.bank import Bank
from tests.support.browsers import NOT_YET, browse, faults_of_markup
from tests.support.tagged import faults_of_tags, tree
from tests.support.texts import texts_that_differ

ROOT = Path(__file__).parents[1]
SHIPPED = [*sorted((ROOT / "worksheets").glob("*.yaml")), ROOT / "benchmarks" / "exam.yaml"]
FAMILIES = sorted(Bank().families)
TOGETHER = 12
"""So many families of the bank are in one worksheet: the validators take time that grows with the pages of a paper."""


ALIKE = re.compile(
    r"</?(?:mrow|mstyle|mspace)\b[^>]*>|<mo[^>]*>[\u2061\u2062]</mo>"
    r'| (?:form|intent|arg|stretchy)="[^"]*"|(?:(?<=<m)|(?<=/m))[ino](?=\W)'
)
"""What may differ in MathML that is drawn alike: groups, spaces, operators that are not seen, kinds and meanings."""


def looks_of(formula: pikepdf.Dictionary) -> str:
    """The MathML of a formula without what does not say another formula."""
    (file,) = formula["/AF"]
    return ALIKE.sub("", file["/EF"]["/F"].read_bytes().decode())


@pytest.fixture(scope="session")
def drawn() -> defaultdict[str, set[str]]:
    """The formulas of all papers, by their words."""
    return defaultdict(set)


@pytest.fixture(
    scope="module", params=[*SHIPPED, *range(0, len(FAMILIES), TOGETHER)], ids=lambda one: getattr(one, "stem", one)
)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The papers of two versions of a worksheet, as PDF and as HTML."""
    place, sheet = tmp_path_factory.mktemp("papers"), request.param
    if isinstance(sheet, int):
        uses = "".join(f"  - use: {name}\n" for name in FAMILIES[sheet : sheet + TOGETHER])
        first, sheet = sheet, place / "bank.yaml"
        sheet.write_text(f"title: The bank from {first + 1}\nproblems:\n{uses}", encoding="utf-8")
    return build(sheet, Options(output=place / "output", versions=2, formats=("pdf", "html"))).folder


def test_tags_are_right(folder: Path) -> None:
    papers = sorted(folder.glob("*.pdf"))
    assert papers
    faults = {paper.name: found for paper in papers if (found := list(faults_of_tags(paper)))}
    assert not faults


def test_the_text_is_that_of_html(folder: Path) -> None:
    assert not texts_that_differ(folder)


def test_no_two_formulas_have_the_same_words(folder: Path, drawn: defaultdict[str, set[str]]) -> None:
    words = set()
    for paper in folder.glob("*.pdf"):
        with pikepdf.open(paper) as pdf:
            for one in tree(pdf):
                if one["/S"] == "/Formula":
                    drawn[str(one["/Alt"])].add(looks_of(one))
                    words.add(str(one["/Alt"]))
    assert words
    assert not {said: looks for said in words if len(looks := drawn[said]) > 1}


def test_pages_shut_nobody_out(folder: Path) -> None:
    pages = sorted(folder.glob("*.html"))
    assert pages
    for file, seen in zip(pages, browse(pages), strict=True):
        assert not seen.violations, (file.name, seen.violations)
        assert seen.widths["320"] == 320, (file.name, seen.widths)
        assert not seen.requests + seen.errors, file.name
    faults = [fault for fault in faults_of_markup(pages) if not any(words in fault for words in NOT_YET)]
    assert not faults, "\n".join(faults)
