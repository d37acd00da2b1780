"""Papers as HTML: documents that need nothing else, with MathML for every formula and a field for every blank."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from generator.building.documents import answer_key, formula_sheet, problem_set
from generator.document.formula import Equation, Formula, FunctionOf, Sentence, Stated
from generator.document.model import Copy
from generator.expr.nodes import Symbol
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.notation import STANDARD
from generator.formats import WRITERS
from generator.formats.html.formulas import HtmlPrinter
from tests.support.papers import questions, solved, worksheet

PROBLEMS: dict[str, dict[str, object]] = {
    "derive": {"function": "log(1 + exp(c Tr(A X)))", "wrt": "X", "vary": {"c": "2..5"}},
    "numbers": {"function": "Tr(X' A X)", "wrt": "X", "find": "value", "symbols": {"A": "2 x 2", "X": "2 x 1"},
                "vary": {"A": "-3..3", "X": "-3..3"}},
    "choice": {"function": "Tr(X' A X)", "wrt": "X", "form": "choice"},
    "fill-in": {"function": "x' A x", "wrt": "x", "form": "fill-in"},
    "identify": {"function": "x' A x", "wrt": "x", "form": "identify"},
    "find-the-error": {"function": "Tr(A inv(X))", "wrt": "X", "form": "find-the-error"},
}  # fmt: skip


def body(html: str) -> ET.Element:
    """What is between the tags of the body, as a tree."""
    found = re.search(r"<body[^>]*>(.*)</body>", html, re.DOTALL)
    assert found
    closed = re.sub(r"<((?:input|br|hr|meta|img)\b[^>]*?)/?>", r"<\1/>", found[1])
    closed = re.sub(r"(<input[^>]*) (required|disabled|checked)(?=[ />])", r"\1", closed)
    return ET.fromstring(f"<body>{closed}</body>".replace("&nbsp;", "\u00a0"))


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_paper_is_one_file_in_which_every_formula_is_mathml(name: str, tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, PROBLEMS[name], versions=2)
    writer = WRITERS["html"](sheet, None)
    for version, answered in solved(sheet):
        asked, copy = questions(answered), Copy(version.label)
        for document in (problem_set(sheet, copy, asked), answer_key(sheet, copy, asked)):
            html = writer.write(document)
            assert not re.search(r"<script|https?://(?!www\.w3\.org)|<link[^>]+stylesheet", html)
            tree = body(html)
            assert not re.search(r"[$\\]", "".join(tree.itertext()))
            formulas = [one for one in tree.iter() if one.tag.endswith("math")]
            assert formulas
            assert all("".join(one.itertext()).strip() for one in formulas)
            headings = [one.tag for one in tree.iter() if one.tag in ("h1", "h2", "h3")]
            assert headings[0] == "h1"
            assert headings.count("h1") == 1
            gaps = [one for one in tree.iter() if one.get("class") == "gap"]
            fields = [one for one in tree.iter("label") if "field" in (one.get("class") or "")]
            assert len(fields) == len(gaps)


def test_a_mark_stays_beside_the_formula_that_is_stated_before_it() -> None:
    value, x = declare("L", "scalar"), declare("x", "n")
    assert isinstance(value, Symbol)
    assert isinstance(x, Symbol)
    long = read("x'*A*x + " + " + ".join(f"b_{i}'*x" for i in range(12))).expr
    for function, mark in ((long, ","), (x.T @ x, ",")):
        stated = Stated(Formula(Equation((FunctionOf(value, x), function))))
        printed = HtmlPrinter(STANDARD).sentence(Sentence(("Let ", stated, f"{mark} where it is so.")))
        assert re.search(rf"</math>(</span>)?{mark}(</span>)? where", printed)


def test_the_formula_sheet_has_all_identities(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, PROBLEMS["derive"])
    document = formula_sheet(sheet, ("tr-cyclic", "d-trace"))
    html = WRITERS["html"](sheet, None).write(document)
    identities = sum(len(rules) for _, rules in document.parts)
    assert html.count("<math>") >= identities


@pytest.mark.parametrize("title", ["Jacobi's formula", "**Huber's** loss by $x'$"])
def test_apostrophes_are_those_of_paper(tmp_path: Path, title: str) -> None:
    problem: dict[str, object] = {"title": title, "function": "Tr(A X)", "wrt": "X"}
    sheet = worksheet(tmp_path, problem, versions=1)
    ((version, answered),) = solved(sheet)
    html = WRITERS["html"](sheet, None).write(problem_set(sheet, Copy(version.label), questions(answered)))
    heading = re.sub(r"<math>.*?</math>|<[^>]*>", "", re.findall(r"<h2.*?</h2>", html)[0])
    assert "’s" in heading
    assert "'" not in heading
