"""Catalogs: every sentence is in the template for translators, and a translated paper has the same mathematics."""

from __future__ import annotations

import re
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from generator.catalogs import template, wording
from generator.document.formula import Formula, Sentence
from generator.expr.messages import PLACEHOLDER, Wording, english
from generator.expr.printing.notation import STANDARD
from generator.formats import print_all
from generator.formats.latex.formulas import LatexPrinter
from tests.support.papers import questions, solved, worksheet

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


def test_the_template_has_plurals_and_what_tables_say(catalog: Catalog) -> None:
    plural = catalog.get(("{names} is constant", "{names} are constant"), context="constant")
    assert plural is not None
    assert plural.pluralizable
    assert catalog.get("a matrix and its transpose have the same trace", context="tr-transpose") is not None


def test_the_template_has_the_words_of_templates(catalog: Catalog) -> None:
    found = catalog.get("Answer key for problem {number} in all versions", context="problem-key-title")
    assert found is not None
    assert [file for file, _ in found.locations] == ["templates/problem-key.tex.j2"]
    assert catalog.get(
        ("The first version, with answers", "The first {count} versions, with answers"), context="preview-title"
    )
