"""Catalogs: every sentence is in the template for translators, and a translated paper has the same mathematics."""

from __future__ import annotations

import re
from gettext import GNUTranslations
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from generator.building import documents
from generator.catalogs import template, wording
from generator.document.formula import Formula, Sentence
from generator.document.model import Copy, Document
from generator.expr.functions import FUNCTIONS, MATRIX_FUNCTIONS
from generator.expr.messages import PLACEHOLDER, Wording, english
from generator.expr.printing.notation import STANDARD
from generator.formats import print_all
from generator.formats.html.writer import HtmlWriter
from generator.formats.latex.formulas import LatexPrinter
from generator.formats.latex.writer import LatexWriter
from generator.rules.identities import RULES
from generator.worksheet.roster import Student
from generator.worksheet.spec import Worksheet
from tests.support.papers import questions, solved, text_of, typeset_to_read, worksheet

PROBLEMS: list[dict[str, object]] = [
    {"function": "c Tr(X' A X)", "wrt": "X", "symbols": {"A": "n x n symmetric"}, "vary": {"c": "2..5"}},
    {"function": "||A x - b||^2", "wrt": "x", "find": "stationary"},
    {"function": "Tr(A X B)", "wrt": "X", "form": "choice", "choices": 3},
    {"function": "log det(X) - Tr(A X)", "wrt": "X", "form": "find-the-error"},
    {"function": "Tr(A inv(X))", "wrt": "X", "form": "fill-in"},
    {"function": "x' A x", "wrt": "x", "form": "identify"},
    {"function": "A X B", "wrt": "X"},
    {"function": "x' S x", "wrt": "x", "symbols": {"S": "n x n positive definite", "b": "n"}, "find": "stationary",
     "subject_to": "b' x = 1"},
]  # fmt: skip
WORD = re.compile(r"[a-z]{3,}")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return template()


@pytest.fixture(scope="module")
def ids_alone(catalog: Catalog) -> GNUTranslations:
    """A language in which each sentence is its id in capitals, and its placeholders."""
    other = Catalog(locale="en")
    for message in catalog:
        if message.id and message.context:
            texts = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            said = tuple(
                f"{message.context.upper()} " + " ".join(found[0] for found in PLACEHOLDER.finditer(text))
                for text in texts
            )
            other.add(message.id, said if len(said) > 1 else said[0], context=message.context)
    compiled = BytesIO()
    write_mo(compiled, other)
    compiled.seek(0)
    return GNUTranslations(compiled)


def sentences(part: object) -> list[Sentence]:
    """All sentences of a part of a document, as `print_all` finds them."""
    found: list[Sentence] = []

    class Collector:
        name = "collector"
        wording: Wording = staticmethod(english)

        def formula(self, formula: Formula) -> str:
            return ""

        def sentence(self, sentence: Sentence) -> str:
            found.append(sentence)
            return ""

    print_all(part, Collector())
    return found


@pytest.mark.parametrize(
    "problem", PROBLEMS, ids=lambda problem: f"{problem['function']}-{problem.get('form', 'derive')}"
)
def test_all_that_is_said_can_be_translated(
    problem: dict[str, object], tmp_path: Path, ids_alone: GNUTranslations
) -> None:
    sheet = worksheet(tmp_path, problem, versions=1)
    shown = questions(solved(sheet)[0][1])
    translated = wording(ids_alone)
    found = sentences(shown)
    assert found
    for sentence in found:
        words = sentence.worded(translated)
        assert [part for part in words if not isinstance(part, str)] == [
            part for part in sentence.worded(english) if not isinstance(part, str)
        ]
        left = [part for part in words if isinstance(part, str) and WORD.search(part)]
        assert not left, (left, sentence.message)


def test_a_printer_prints_another_language(ids_alone: GNUTranslations, tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, PROBLEMS[0], versions=1)
    statement = questions(solved(sheet)[0][1])[0].statement
    assert "ASK-FIND" in LatexPrinter(STANDARD, wording(ids_alone)).sentence(statement)


SOFTMAX = ("softmax", "softmaxrows", "softmaxcolumns")
OPERATORS = re.compile(
    "|".join(
        sorted({*FUNCTIONS, *MATRIX_FUNCTIONS, *SOFTMAX, "diag", "max", "min", "rank", "skew"}, key=len, reverse=True)
    )
)
"""Names that are mathematics in every language."""

SHORT_WORDS = {"all", "and", "the", "for", "with"}
"""English in formulas is no longer than their symbols beside each other, unless it is one of these."""

PAGES = {
    "title": "T", "course": "C", "instructions": "I",
    "cover": {"date": "D", "place": "P", "duration": "H", "aids": "A", "pledge": "W"},
}  # fmt: skip
OWN: list[dict[str, object]] = [
    {"statement": "S", "answer": True, "solution": "B", "hint": "H", "note": "N", "bonus": True, "title": "T"},
    {"statement": "S", "answer": "A", "points": 1, "title": "T"},
    {"statement": "S", "choices": [{"text": "A", "right": True, "why": "R"}, {"text": "B"}], "title": "T"},
    {"function": "c Tr(X' A X)", "wrt": "X", "title": "T", "vary": {"c": "2..5"},
     "parts": [{"points": 1}, {"points": 1.5, "find": "hessian"}]},
]  # fmt: skip


class _Shown(HTMLParser):
    """What readers of a page see or hear of its words, without its formulas and its style."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attributes if name in ("aria-label", "alt", "title") and value]
        if tag in ("style", "math"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Worksheet, list[Document]]]:
    """A worksheet with a cover, with its documents of each kind, and the same problems without a cover."""
    problems = [*(one | {"title": "T"} for one in PROBLEMS), *OWN]
    sheet = worksheet(tmp_path_factory.mktemp("cover"), *problems, **PAGES)
    plain = worksheet(tmp_path_factory.mktemp("plain"), *problems, title="T")
    versions = [(version.label, questions(answered)) for version, answered in solved(sheet)]
    rows = [(label, [(one.label, one.final) for one in of_version]) for label, of_version in versions]
    label, asked = versions[0]
    student = Student("Ö", "1", extra_time="X")
    copies = (Copy(label), Copy(label, student))
    of_versions = (documents.problem_set, documents.answer_key, documents.compact_key)
    with_cover: list[Document] = [
        *(make(sheet, copy, asked) for make in of_versions for copy in copies),
        documents.problem_key(sheet, 1, versions),
        documents.answer_grid(sheet, rows, [(label, student)]),
        documents.preview(sheet, versions),
        documents.formula_sheet(sheet, {rule.name for rule in RULES}),
        documents.practice_key(sheet, copies[0], asked),
    ]
    without: list[Document] = [documents.problem_set(plain, copy, asked[:1]) for copy in copies]
    return [(sheet, with_cover), (plain, [*without, documents.blank_problem_set(plain, asked[:1])])]


def words_left(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if word in SHORT_WORDS or len(OPERATORS.sub("", word)) > 3]


def test_pages_have_no_words_but_those_of_the_catalog(
    written: list[tuple[Worksheet, list[Document]]], ids_alone: GNUTranslations
) -> None:
    for sheet, of_sheet in written:
        writer = HtmlWriter(sheet, None, wording(ids_alone))
        for document in of_sheet:
            shown = _Shown()
            shown.feed(writer.write(document))
            text = " ".join(shown.found)
            assert not words_left(text), (document.name, words_left(text), text)


def test_papers_have_no_words_but_those_of_the_catalog(
    written: list[tuple[Worksheet, list[Document]]], ids_alone: GNUTranslations
) -> None:
    writers = [(LatexWriter(sheet, None, wording(ids_alone)), of_sheet) for sheet, of_sheet in written]
    papers = [writer.write(document) for writer, of_sheet in writers for document in of_sheet if document.on_paper]
    for paper, pdf in zip(papers, typeset_to_read(papers, writers[0][0].preamble()), strict=True):
        text = text_of(pdf)
        assert not words_left(text), (paper.name, words_left(text), text)


def test_the_template_has_plurals_and_what_tables_say(catalog: Catalog) -> None:
    plural = catalog.get(("{names} is constant", "{names} are constant"), context="constant")
    assert plural is not None
    assert plural.pluralizable
    assert catalog.get("a matrix and its transpose have the same trace", context="tr-transpose") is not None


def test_the_template_has_the_words_of_templates(catalog: Catalog) -> None:
    found = catalog.get("Answer key for problem {number} in all versions", context="problem-key-title")
    assert found is not None
    assert [file for file, _ in found.locations] == [
        "templates/html/problem-key.html.j2",
        "templates/problem-key.tex.j2",
    ]
    assert catalog.get(
        ("The first version, with answers", "The first {count} versions, with answers"), context="preview-title"
    )
