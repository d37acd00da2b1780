"""Worksheets made from problems, their papers, and what poppler reads on these."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from generator.building import documents
from generator.building.solving import solve_all
from generator.document.model import Copy, Document, FinalAnswer, Question
from generator.formats.latex.writer import LatexWriter
from generator.pdf import typesetting
from generator.pdf.paper import Overfull, Paper
from generator.pdf.tex_batch import typeset
from generator.problems import question
from generator.problems.solved import SolvedDerived, SolvedQuestion
from generator.rules.identities import RULES
from generator.solver.solve import derive
from generator.worksheet import variants as variants_module
from generator.worksheet.kinds.writer import QuestionWriter
from generator.worksheet.load import load_worksheet
from generator.worksheet.spec import Worksheet
from generator.worksheet.variants import Draws, Version


def worksheet(folder: Path, *problems: dict[str, object], **keys: object) -> Worksheet:
    """A worksheet with these problems."""
    file = folder / "sheet.yaml"
    file.write_text(yaml.safe_dump({"title": "Sheet", "versions": 2, **keys, "problems": list(problems)}))
    return load_worksheet(file)


def solved_by(q: question.Question) -> SolvedDerived:
    """A question with its derivation."""
    assert isinstance(q, question.DerivedQuestion)
    symbols = {symbol.name: symbol for symbol in q.symbols}
    asked = derive(q.function, q.wrt, symbols, q.find, conventions=q.conventions, subject_to=q.subject_to)
    return SolvedDerived(question=q, derivation=asked)


def solved(sheet: Worksheet) -> list[tuple[Version, tuple[SolvedQuestion, ...]]]:
    """Every version with its solved questions."""
    return solve_all(Draws(sheet), jobs=1)


def unmarked(sheet: Worksheet) -> list[tuple[Version, tuple[SolvedQuestion, ...]]]:
    """Every version with its solved questions, whose points are not shared out."""
    versions = [variants_module.draw(sheet, number) for number in range(1, sheet.versions + 1)]
    return [(version, tuple(map(solved_by, version.questions))) for version in versions]


def questions(answered: Sequence[SolvedQuestion]) -> tuple[Question, ...]:
    """The questions of a version, as documents have them."""
    return QuestionWriter().questions(answered)


def paper(sheet: Worksheet, document: Document, overrides: Path | None = None) -> Paper:
    """A document as LaTeX."""
    return LatexWriter(sheet, overrides).write(document)


def problem_set_of(
    sheet: Worksheet, version: Version, answered: Sequence[SolvedQuestion], overrides: Path | None = None
) -> Paper:
    """The problem set of a version of nobody in particular."""
    return paper(sheet, documents.problem_set(sheet, Copy(version.label), questions(answered)), overrides)


def answer_key_of(sheet: Worksheet, version: Version, answered: Sequence[SolvedQuestion]) -> Paper:
    """The key of a version of nobody in particular."""
    return paper(sheet, documents.answer_key(sheet, Copy(version.label), questions(answered)))


def answer_row(answered: Sequence[SolvedQuestion]) -> tuple[FinalAnswer, ...]:
    """The final answers of a version."""
    return tuple(one.final for one in questions(answered))


def answer_grid_of(sheet: Worksheet, versions: Sequence[tuple[Version, Sequence[SolvedQuestion]]]) -> Paper:
    """The final answers of all versions."""
    rows = [(version.label, [(one.label, one.final) for one in questions(answered)]) for version, answered in versions]
    return paper(sheet, documents.answer_grid(sheet, rows))


def formula_sheet_of(sheet: Worksheet) -> Paper:
    """The formula sheet."""
    return paper(sheet, documents.formula_sheet(sheet, {rule.name for rule in RULES}))


def printed(sheet: Worksheet, *papers: Paper, warn: list[Overfull] | None = None) -> list[list[str]]:
    """The text of each page of each paper, as poppler reads it, words separated by single spaces in each line."""
    pdfs = typeset_to_read(papers, LatexWriter(sheet).preamble(), warn=None if warn is None else warn.append)
    return [[re.sub(r"[ \u2009]+", " ", one) for one in text_of(pdf).split("\f")[:-1]] for pdf in pdfs]


def typeset_to_read(
    papers: Sequence[Paper], preamble: str, *, warn: Callable[[Overfull], None] | None = None
) -> list[bytes]:
    """Each paper as a PDF in one run of TeX, where its text matters and its bytes do not.

    So a paper with glyphs that hardly another one has is not typeset alone again.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typesetting, "common_fonts", lambda preamble, engine: frozenset())
        return typeset(papers, preamble, warn=warn)


def text_of(pdf: bytes) -> str:
    """The text of a PDF, as poppler reads it, with the lines as they are on the page."""
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
