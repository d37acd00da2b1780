"""Documents as LaTeX sources, with the lines that belong to each question."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from pylatex.utils import NoEscape

from generator.document.model import AnswerGrid, Copy, OfVersion, Preview, ProblemKey, ProblemSet
from generator.document.words import plain
from generator.errors import InFile
from generator.expr.messages import english
from generator.formats import placed_errors
from generator.formats.latex import scripts
from generator.formats.latex.formula_points import numbered, pointed, without_points
from generator.formats.latex.formulas import LatexPrinter
from generator.formats.latex.headings import headings
from generator.formats.latex.tables import PAGE, POINTS, PROBLEM, SCORE, TOTAL, grading_table, table_by_page
from generator.formats.latex.templates import LatexTemplates, heading_comment, question_comment
from generator.pdf.paper import TABLE_BY_PAGE, Paper, Part, Worth
from generator.pdf.tags import SpokenFormula

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from generator.document.model import Document, Person, Question
    from generator.expr.messages import Message, Wording
    from generator.worksheet.spec import Figure, Worksheet

GRAPHICS = re.compile(r"\\(?:includegraphics|problemfigure|choicepicture|paperlogo)\b")
"""What prints a figure."""
SUFFIX = ".tex.j2"


class LatexWriter:
    """Writes the documents of a worksheet; templates in `overrides` go before ours."""

    def __init__(self, worksheet: Worksheet, overrides: Path | None = None, wording: Wording = english) -> None:
        self.worksheet = worksheet
        self.printer = LatexPrinter(worksheet.notation, wording, tagged=worksheet.print.tagged)
        self.templates = LatexTemplates(overrides, self.printer)

    def preamble(self, *, accents: bool = False, size: str | None = None) -> str:
        """The preamble of all papers in a size of print; with fonts for letters beyond ASCII in names.

        It has the characters of the author's words, as far as these have more than most: a paper with others is
        typeset in a run of TeX alone.
        """
        worksheet = self.worksheet
        printed = list(worksheet.printed_words)
        marked = [place for place, text in printed if not text.is_plain]
        written = [text for problem in worksheet.problems for _, text in problem.words]
        own_accents = any(map(_has_accents, [*(text for _, text in printed), *written]))
        filled = self.templates.fill(
            f"preamble{SUFFIX}",
            title=worksheet.title,
            course=worksheet.course,
            print=worksheet.print.model_copy(update={"size": size or worksheet.print.size}),
            accents=accents or own_accents,
            own_accents=own_accents,
            own_words=bool(marked or written),
            own_headings=any(place[1:] and place[-1] == "title" for place in marked),
            has_figures=bool(worksheet.files),
            has_sections=bool(worksheet.sections),
        )
        return without_points(filled)

    def write(self, document: Document) -> Paper:
        """The source of a document between preamble and end. Raises BuildError for what is wrong with a template."""
        with placed_errors(self.worksheet, self.printer.author_text):
            return self._written(document)

    def _written(self, document: Document) -> Paper:
        worksheet = self.worksheet
        copy = document.copy if isinstance(document, OfVersion) else None
        student = copy.student if copy else None
        size = student.size if student and student.size else worksheet.print.size
        filled = self.templates.fill(
            document.template + SUFFIX,
            **{
                "instructions": (),
                "questions": (),
                **{field.name: getattr(document, field.name) for field in fields(document)},
                **self._tables(document, size),
                "title": worksheet.title,
                "course": worksheet.course,
                "cover": worksheet.cover,
                "figures": {
                    i: _figure(problem.figure) for i, problem in enumerate(worksheet.problems, 1) if problem.figure
                },
                "print": worksheet.print,
                "logo": worksheet.logo and _figure(worksheet.logo),
                "version": copy.label if copy else "",
                "student": student
                and {key: scripts.shown(getattr(student, key)) for key in ("name", "id", "extra_time")},
            },
        )
        body = without_points(filled)
        tagged_body, formulas = numbered(filled) if worksheet.print.tagged else ("", ())
        has_code = isinstance(document, ProblemSet) and worksheet.print.qr
        return Paper(
            name=f"{worksheet.stem}-{document.name}",
            title=plain(document.title, self.printer.wording),
            body=body,
            worksheet=InFile(worksheet.path),
            label=copy.label if copy else None,
            parts=tuple(self._parts(document, body)),
            code=self._code(document) if has_code else "",
            tagged_body=tagged_body,
            formulas=tuple(formulas),
            headings=tuple(headings(document, self.printer.wording)),
            size=size,
            files=tuple(worksheet.files.items()) if GRAPHICS.search(body) else (),
            worth=tuple(_worth(document)) if self.by_page else (),
            engines=scripts.ENGINES if any(map(_needs_a_script, _people(document))) else (),
        )

    def _code(self, document: Document) -> str:
        """What the QR code of a paper says before the number of the page: the worksheet, the version, the student."""
        copy = document.copy if isinstance(document, OfVersion) else None
        version = f"v{copy.label}" if copy and copy.by_id else ""
        return " ".join(filter(None, (self.worksheet.stem, version, document.name)))

    def _tables(self, document: Document, size: str) -> dict[str, object]:
        if isinstance(document, ProblemSet):
            points = tuple((str(one.number), one.total, one.is_bonus) for one in document.questions if one.opens)
            if self.by_page:
                return {"grading": NoEscape(TABLE_BY_PAGE)}
            heads = self._heads(PROBLEM)
            return {"grading": grading_table(points, heads, size=size, tagged=self.worksheet.print.tagged)}
        if isinstance(document, AnswerGrid):
            students = [(label, scripts.shown(who.name)) for label, who in document.students]
            return {"students": students, "answers": document.by_question}
        return {}

    def _heads(self, columns: Message) -> tuple[str, ...]:
        """The heads of the table for scores, of which the first is that of the columns."""
        return tuple(self.templates.filled(head, 1, {}) for head in (columns, POINTS, SCORE, TOTAL))

    @property
    def by_page(self) -> bool:
        """The table for scores has a column for each page."""
        cover = self.worksheet.cover
        return cover is not None and cover.grading == "pages"

    def with_pages(self, paper: Paper, pages: Mapping[str, int]) -> Paper:
        """A paper with the table of the points on each page, where the pages of its questions are known by labels."""
        tagged = self.worksheet.print.tagged
        return paper.with_table(table_by_page(paper.worth, pages, self._heads(PAGE), size=paper.size, tagged=tagged))

    def _parts(self, document: Document, body: str) -> Iterator[Part]:
        """The lines of each question: from the comment that begins it to the next one's, or to the end."""
        expected: dict[str, deque[Part]] = {}
        for version, question in _questions(document):
            comments = {question_comment(question): self.worksheet.place_of(question)}
            if question.part and question.opens:
                comments[heading_comment(question)] = self.worksheet.place_of(question, whole=True)
            for comment, place in comments.items():
                part = Part(0, 0, question.id, place, question.label, version)
                expected.setdefault(comment, deque()).append(part)
        lines = body.splitlines()
        starts: list[tuple[int, Part]] = []
        for number, line in enumerate(lines, 1):
            if line in expected:
                queue = expected[line]
                starts.append((number, queue.popleft() if len(queue) > 1 else queue[0]))
        ends = [*(start - 1 for start, _ in starts), len(lines)][1:]
        for (start, part), end in zip(starts, ends, strict=True):
            yield replace(part, first=start, last=end)


def _has_accents(text: str) -> bool:
    """It has letters beyond those of ASCII."""
    return any(letter.isalpha() for letter in text if not letter.isascii())


def _figure(figure: Figure) -> dict[str, object]:
    """A figure as templates have it; its point has the words for it, and nothing that is printed."""
    point = NoEscape(pointed("", SpokenFormula(figure.alt, "")))
    return {"file": figure.file, "width": figure.width, "alt": figure.alt, "point": point}


def _questions(document: Document) -> Iterator[tuple[str | None, Question]]:
    """The questions of a document, in order; in one of several versions, with the label of each."""
    match document:
        case OfVersion():
            yield from ((None, question) for question in document.questions)
        case ProblemKey():
            yield from ((label, question) for label, questions in document.versions for question in questions)
        case Preview():
            for problem in document.problems:
                for sample in problem.samples:
                    yield from ((None, question) for question in sample.questions)
        case _:
            return


def _worth(document: Document) -> Iterator[Worth]:
    """The points of the questions of a problem set."""
    if isinstance(document, ProblemSet):
        for one in document.questions:
            yield Worth(one.label, one.points, one.bonus)


def _people(document: Document) -> Iterator[Person]:
    """The students whose names are printed."""
    match document:
        case OfVersion(copy=Copy(student=student)) if student is not None:
            yield student
        case AnswerGrid():
            yield from (student for _, student in document.students)
        case _:
            return


def _needs_a_script(student: Person) -> bool:
    return not scripts.is_plain(student.name + student.id + student.extra_time)
