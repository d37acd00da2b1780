"""Tagged PDFs: every piece of text belongs to one element of the structure, or to the head and the foot of a page."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
import yaml

from generator.building.builder import Options, build

SHEET: dict[str, object] = {
    "title": "Tagged",
    "course": "MATH 541",
    "versions": 2,
    "problems": [
        {"function": "c Tr(X' A X)", "wrt": "X", "vary": {"c": "2..5"}, "parts": [{}, {"find": "hessian"}]},
        {"function": "||A x - b||^2", "wrt": "x", "find": "stationary"},
        {"function": "x' A x", "wrt": "x", "form": "fill-in"},
        {"function": "x' A x + b' x", "wrt": "x", "form": "identify"},
        {"function": "Tr(X' A X B)", "wrt": "X", "form": "choice"},
        {"function": "Tr(A inv(X))", "wrt": "X", "form": "find-the-error"},
    ],
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The same worksheet with tags and without."""
    made = {}
    for tagged in (True, False):
        folder = tmp_path_factory.mktemp("tagged" if tagged else "plain")
        keys = {"tagged": tagged, "keys": ["compact", "by problem"]}
        (folder / "sheet.yaml").write_text(yaml.safe_dump({**SHEET, "repeats": True, "print": keys}))
        made[tagged] = build(folder / "sheet.yaml", Options(output=folder / "output", jobs=1)).folder
    return made


def elements(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """All elements of a structure tree, from the root."""
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from elements(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def marked(page: pikepdf.Page) -> Iterator[int]:
    """The numbers of the marked content of a page."""
    for one in pikepdf.parse_content_stream(page):
        if str(one.operator) == "BDC":
            properties = one.operands[1]
            if isinstance(properties, pikepdf.Dictionary) and "/MCID" in properties:
                yield int(properties["/MCID"])


def words(pdf: Path) -> list[str]:
    """The words of a PDF, sorted, as poppler finds them; without signs, of which only tagged papers have characters."""
    said = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return sorted(re.findall(r"[A-Za-z]{2,}", said))


def test_there_is_a_structure_for_all_that_is_marked(folders: dict[bool, Path]) -> None:
    papers = sorted(folders[True].glob("*.pdf"))
    assert len(papers) > 10
    for paper in papers:
        with pikepdf.open(paper) as pdf:
            root = pdf.Root
            assert bool(root["/MarkInfo"]["/Marked"])
            assert str(root["/Lang"])
            tree = root["/StructTreeRoot"]
            numbers = tree["/ParentTree"]["/Nums"]
            parents = {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}
            for page in pdf.pages:
                found = Counter(marked(page))
                assert set(found.values()) <= {1}, paper.name
                if found:
                    owners = parents[int(page.obj["/StructParents"])]
                    assert sorted(found) == list(range(len(owners))), paper.name
            kinds = Counter(str(one["/S"]) for one in elements(tree["/K"]))
            assert kinds["/H1"] == 1 or "all" in paper.name or "problem" in paper.name, (paper.name, kinds)
            assert kinds["/Formula"]


def test_every_formula_has_words(folders: dict[bool, Path]) -> None:
    for paper in folders[True].glob("*.pdf"):
        with pikepdf.open(paper) as pdf:
            for one in elements(pdf.Root["/StructTreeRoot"]["/K"]):
                if str(one["/S"]) == "/Formula":
                    assert str(one["/Alt"]).strip(), paper.name
                    assert "\\" not in str(one["/Alt"]), (paper.name, str(one["/Alt"]))


def test_tags_change_no_word_and_no_pages(folders: dict[bool, Path]) -> None:
    for paper in folders[True].glob("*.pdf"):
        other = folders[False] / paper.name
        assert words(paper) == words(other), paper.name
        with pikepdf.open(paper) as tagged, pikepdf.open(other) as plain:
            assert len(tagged.pages) == len(plain.pages)
