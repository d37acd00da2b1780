"""Derivations and questions as HTML to stand in somebody else's page, such as a notebook's."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.document.author_text import AuthorText
from generator.document.derivation import answers, written
from generator.document.formula import NOTHING
from generator.document.model import Question
from generator.document.statement import reading
from generator.document.words import sentence
from generator.expr.printing.notation import STANDARD
from generator.formats.html.formulas import HtmlPrinter
from generator.formats.html.templates import FOLDER, SUFFIX, HtmlTemplates

if TYPE_CHECKING:
    from generator.document.model import Preview
    from generator.expr.printing.notation import Notation
    from generator.formats.html.images import Images
    from generator.solver.derivation import Derivation


def excerpt(derivation: Derivation, notation: Notation = STANDARD) -> str:
    """A derivation and its answer, with their styles, in one element."""
    question = Question(
        number=1,
        problem=1,
        part="",
        opens=True,
        id="",
        title=AuthorText(""),
        points=Fraction(0),
        total=Fraction(0),
        preface=NOTHING,
        has_own_preface=False,
        statement=reading(derivation),
        has_own_statement=False,
        form="derive",
        options=(),
        given=None,
        room="",
        has_own_room=False,
        ground="",
        solution=written(derivation),
        flaw=None,
        answers=tuple(answers(derivation)),
        conditions=tuple(map(sentence, derivation.conditions)),
        remarks=tuple(map(sentence, derivation.remarks)),
        marking=NOTHING,
    )
    return _fill("excerpt", notation, shown=question.solution, question=question)


def excerpt_of_preview(preview: Preview, images: Images, notation: Notation = STANDARD) -> str:
    """What problems become in some versions, with the answers and the styles, in one element."""
    depth = int(preview.has_sections)
    page = _fill("excerpt-preview", notation, problems=preview.problems, depth=depth, figures=images.of_problems())
    return images.in_page(page)


def statement(question: Question, notation: Notation = STANDARD) -> str:
    """What a question asks, without styles."""
    return _fill("excerpt-question", notation, question=question, level=4)


def solution(question: Question, notation: Notation = STANDARD) -> str:
    """How a question is derived, and its answer, without styles."""
    return _fill("solution", notation, question=question)


def _fill(template: str, notation: Notation, **context: object) -> str:
    return HtmlTemplates(None, HtmlPrinter(notation)).fill(f"{FOLDER}/{template}{SUFFIX}", **{"figures": {}, **context})
