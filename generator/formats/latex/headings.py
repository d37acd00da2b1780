"""The headings of documents, as bookmarks of their PDFs say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.document.model import AnswerGrid, FormulaSheet, OfVersion, Preview, ProblemKey
from generator.document.words import plain, say
from generator.expr.messages import Message
from generator.formats.titles import title_text
from generator.pdf.paper import Heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.document.author_text import AuthorText
    from generator.document.model import Document, Question
    from generator.expr.messages import Wording

PROBLEM = Message("bookmark-problem", "Problem {number}")
TITLED = Message("bookmark-titled-problem", "Problem {number}. {title}")
PART = Message("bookmark-part", "Part ({part})")
OF_VERSION = Message("bookmark-version", "Version {version}: {problem}")
STUDENTS = Message("bookmark-students", "Students")
STUDENTS_PLACE = "students"
"""The label of the place of the list of students, on the grid of answers."""


def headings(document: Document, wording: Wording) -> Iterator[Heading]:
    """The headings of a document, with the labels that its template notes their places by."""
    match document:
        case OfVersion(questions=questions):
            yield from _of_questions(questions, wording, depth=int(document.has_sections))
        case ProblemKey(versions=versions):
            for label, questions in versions:
                yield from _of_questions(questions, wording, version=label)
        case Preview(problems=problems):
            for problem in problems:
                titles = _problem(problem.number, problem.title, wording)
                yield _below(problem.section, str(problem.number), (titles,), depth=int(document.has_sections))
        case AnswerGrid(by_question=by_question, students=students):
            if students:
                yield Heading(STUDENTS_PLACE, (plain(say(STUDENTS), wording),))
            for number, (column, _) in enumerate(by_question, 1):
                yield Heading(str(number), (plain(column, wording),))
        case FormulaSheet(parts=parts):
            for number, (title, _) in enumerate(parts, 1):
                yield Heading(str(number), (plain(title, wording),))
        case _:
            return


def _of_questions(
    questions: Sequence[Question], wording: Wording, *, depth: int = 0, version: str = ""
) -> Iterator[Heading]:
    """The headings of questions, with problems at level `depth`; in a key of several versions, in one list."""
    for question in questions:
        part = (plain(say(PART, part=question.part), wording),) if question.part else ()
        if question.opens:
            problem = _problem(question.number, question.title, wording)
            if version:
                problem = plain(say(OF_VERSION, version=version, problem=problem), wording)
            section = question.section.title if question.section and not version else None
            yield _below(section, question.label, (problem, *part), depth=depth)
        else:
            yield Heading(question.label, part, depth + 1)


def _below(section: AuthorText | None, label: str, titles: tuple[str, ...], *, depth: int) -> Heading:
    """Titles of a problem, below that of the section which it is the first of."""
    return Heading(label, (title_text(section), *titles)) if section else Heading(label, titles, depth)


def _problem(number: int | str, title: AuthorText, wording: Wording) -> str:
    message = TITLED if title else PROBLEM
    return plain(say(message, number=str(number), title=title_text(title)), wording)
