"""Tagged PDFs as validators and the project's own checks find them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import outloud
import page
import pikepdf

WRONG_RULES = {
    "PDFUA1-FONT-GLYPH-WIDTH-001": "takes the width `1750 3 div hsbw` of a Type 1 glyph for 0",
    "PDFUA1-FONT-TYPE1-CHARSET-001": "misses a glyph that CharSet has: see test_charsets_name_all_glyphs",
}
"""Rules of page-validation that papers of pdfTeX fail by its own mistake."""
WRONG_WARNINGS = {
    "TBL-014": "takes frames around answers for the grid of a table",
    "PAG-001": "takes headings and answers that are alike for a line that each page repeats",
}
"""Warnings of outloud about what is as it should be."""
MATHML = "{http://www.w3.org/1998/Math/MathML}math"


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


def tree(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """All elements of the structure of a document."""
    return list(elements(pdf.Root["/StructTreeRoot"]["/K"]))


@cache
def structure_of(paper: Path) -> str:
    """The elements of the structure with their text, as poppler draws them, for which it takes seconds a page."""
    return subprocess.run(["pdfinfo", "-struct-text", str(paper)], capture_output=True, text=True, check=True).stdout


def mathml(formula: pikepdf.Dictionary) -> ElementTree.Element:
    """The MathML of a formula, which is its only associated file."""
    (file,) = formula["/AF"]
    assert str(file["/AFRelationship"]) == "/Supplement"
    found = ElementTree.fromstring(file["/EF"]["/F"].read_bytes())
    assert found.tag == MATHML
    return found


def faults_of_tags(paper: Path) -> Iterator[str]:
    """What the validators, qpdf and our own checks find wrong with a tagged PDF."""
    for one in page.validate_pdf(str(paper), profile=page.ValidationProfile.PDF_UA_1).failures:
        if one.rule_id not in WRONG_RULES:
            yield f"page-validation: {one.rule_id}: {one.message}"
    result = outloud.check(str(paper))
    if result.error:
        yield f"outloud: {result.error}"
    for one in result.findings:
        if one.severity in ("error", "warning") and one.rule not in WRONG_WARNINGS:
            yield f"outloud: {one.rule}: {one.message}"
    done = subprocess.run(["qpdf", "--check", str(paper)], check=False, capture_output=True, text=True)
    if done.returncode:
        yield f"qpdf: {done.stderr}"
    yield from _own_faults(paper)


def _own_faults(paper: Path) -> Iterator[str]:
    """What no validator sees: content that has another owner or none; formulas and figures without words or MathML."""
    with pikepdf.open(paper) as pdf:
        numbers = pdf.Root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
        parents = {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}
        for number, sheet in enumerate(pdf.pages, 1):
            found = sorted(_marked(sheet))
            owners = list(parents[int(sheet.obj["/StructParents"])]) if found else []
            if found != [i for i, owner in enumerate(owners) if i in _content(owner)]:
                yield f"page {number}: content {found} is not that of its owners"
        for one in tree(pdf):
            words = str(one.get("/Alt", ""))
            if one["/S"] in ("/Formula", "/Figure") and not words.strip():
                yield f"{one['/S']} has no words"
            if "\\" in words:
                yield f"the words are LaTeX: {words}"
            if one["/S"] == "/Formula" and not "".join(mathml(one).itertext()).strip():
                yield f"the MathML is empty: {words}"


def _content(owner: pikepdf.Object) -> list[int]:
    """The numbers of the content that an element names."""
    return [int(kid["/MCID"]) if isinstance(kid, pikepdf.Dictionary) else int(kid) for kid in owner["/K"]]


def _marked(sheet: pikepdf.Page) -> Iterator[int]:
    """The numbers of the marked content of a page."""
    for one in pikepdf.parse_content_stream(sheet):
        if str(one.operator) == "BDC":
            properties = one.operands[1]
            if isinstance(properties, pikepdf.Dictionary) and "/MCID" in properties:
                yield int(properties["/MCID"])
