"""Derivations and questions as HTML to stand in somebody else's page, such as a notebook's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.document.derivation import answers, written
from generator.document.formula import NOTHING, Formula, Sentence
from generator.document.words import sentence
from generator.expr.printing.notation import STANDARD
from generator.formats.html.formulas import HtmlPrinter
from generator.formats.html.templates import FOLDER, SUFFIX, HtmlTemplates

if TYPE_CHECKING:
    from generator.document.model import Preview, Question
    from generator.expr.printing.notation import Notation
    from generator.solver.derivation import Derivation


@dataclass(frozen=True)
class _Answered:
    """What the templates of derivations and answers ask of a question, for a derivation that belongs to none."""

    answers: tuple[Formula, ...]
    conditions: tuple[Sentence, ...]
    remarks: tuple[Sentence, ...]
    part: str = ""
    label: str = "1"
    letter: str = ""
    form: str = ""
    options: tuple[object, ...] = ()
    flaw: None = None
    marking: Sentence = NOTHING


def excerpt(derivation: Derivation, notation: Notation = STANDARD) -> str:
    """A derivation and its answer, with their styles, in one element."""
    question = _Answered(
        tuple(answers(derivation)),
        tuple(map(sentence, derivation.conditions)),
        tuple(map(sentence, derivation.remarks)),
    )
    return _fill("excerpt", notation, shown=written(derivation), question=question)


def excerpt_of_preview(preview: Preview, notation: Notation = STANDARD) -> str:
    """What problems become in some versions, with the answers and the styles, in one element."""
    return _fill("excerpt-preview", notation, problems=preview.problems)


def statement(question: Question, notation: Notation = STANDARD) -> str:
    """What a question asks, without styles."""
    return _fill("asked", notation, question=question)


def solution(question: Question, notation: Notation = STANDARD) -> str:
    """How a question is derived, and its answer, without styles."""
    return _fill("solution", notation, question=question)


def _fill(template: str, notation: Notation, **context: object) -> str:
    return HtmlTemplates(None, HtmlPrinter(notation)).fill(f"{FOLDER}/{template}{SUFFIX}", **context)
