"""The documents of each version in all formats that are asked for, and what the manifest says of their answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from generator.building import documents
from generator.document.model import Copy
from generator.formats import TYPESET, WRITERS, IndexWriter
from generator.formats.latex.writer import LatexWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.building.solution_cache import SolutionCache, SolvedProblem
    from generator.building.solving import Progress
    from generator.document.model import Document, FinalAnswer, Index, Question
    from generator.formats import Printer, Writer
    from generator.pdf.paper import Paper
    from generator.worksheet.fairness import Signature
    from generator.worksheet.roster import Student
    from generator.worksheet.spec import Worksheet

IDENTIFYING = ("function", "wrt", "find", "subject_to", "numbers", "statement")
"""The keys of an answer in the manifest that identify a question."""


class Writers:
    """Writes documents of a worksheet in several formats."""

    def __init__(self, worksheet: Worksheet, formats: Sequence[str], overrides: Path | None = None) -> None:
        self.worksheet = worksheet
        self.formats = tuple(formats)
        self.latex = LatexWriter(worksheet, overrides)
        self.typesets = any(name in TYPESET for name in formats)
        self.others: dict[str, Writer] = {
            name: WRITERS[name](worksheet, overrides) for name in formats if name not in TYPESET
        }

    @property
    def printers(self) -> tuple[Printer, ...]:
        """What prints formulas and sentences for them, one for each form."""
        used: list[LatexWriter | Writer] = [*([self.latex] if self.typesets else []), *self.others.values()]
        return tuple({writer.printer.name: writer.printer for writer in used}.values())

    def write(self, document: Document) -> WrittenDocument:
        """A document in all formats."""
        return WrittenDocument(
            self.latex.write(document) if self.typesets and document.on_paper else None,
            {
                f"{self.worksheet.stem}-{document.name}.{ending}": writer.write(document)
                for ending, writer in self.others.items()
            },
        )

    def write_indices(self, index: Index) -> Mapping[str, str]:
        """An index in all formats that have one, by the names of the files."""
        return {
            f"index.{ending}": writer.write_index(index)
            for ending, writer in self.others.items()
            if isinstance(writer, IndexWriter)
        }


@dataclass(frozen=True)
class WrittenDocument:
    """A document as a LaTeX source, where that is wanted, and as files by their names."""

    paper: Paper | None
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WrittenVersion:
    """One version: its documents, and what those of all versions and the manifest need."""

    label: str
    problem_sets: tuple[WrittenDocument, ...]
    """One for each of the students, or one where there are none."""
    answer_key: WrittenDocument
    compact_key: WrittenDocument | None
    practice_key: WrittenDocument | None
    template: WrittenDocument | None
    """The questions of the first version as they are shown to a scan-and-grade service."""
    row: tuple[tuple[str, FinalAnswer], ...]
    """For the grid of answers: each with the label of its question."""
    questions: tuple[Question, ...]
    """For keys that have one problem of all versions; empty if there are none."""
    answers: tuple[dict[str, Any], ...]
    signatures: Mapping[str, Signature]
    """The names of the rules in the derivations, by question."""
    rules: tuple[str, ...]
    """The names of the rules that its derivations use."""
    copies: tuple[Copy, ...]
    """For each problem set, the version and its student."""

    @property
    def identity(self) -> str:
        """An identity that is equal for versions with equal questions in any order."""
        return json.dumps(sorted(json.dumps([answer.get(key) for key in IDENTIFYING]) for answer in self.answers))


def write(
    solutions: SolutionCache,
    writers: Writers,
    progress: Progress,
    *,
    only: Sequence[int] = (),
    students: Mapping[int, Sequence[Student]] | None = None,
    jobs: int | None = None,
) -> list[WrittenVersion]:
    """The documents of every version, or only of some, with the names of the students whose they are."""
    draws = solutions.draws
    worksheet = draws.worksheet

    def written(number: int, problems: Sequence[SolvedProblem]) -> WrittenVersion:
        label = draws.label(number)
        copies = tuple(documents.copy_of(worksheet, label, one) for one in (students or {}).get(number, (None,)))
        copy = copies[0].of_key
        questions = tuple(chain.from_iterable(problem.questions for problem in problems))
        has_compact, has_template = "compact" in worksheet.print.keys, worksheet.print.is_fixed and number == 1
        has_practice = "practice" in worksheet.print.keys
        return WrittenVersion(
            label,
            tuple(writers.write(documents.problem_set(worksheet, one, questions)) for one in copies),
            writers.write(documents.answer_key(worksheet, copy, questions)),
            writers.write(documents.compact_key(worksheet, copy, questions)) if has_compact else None,
            writers.write(documents.practice_key(worksheet, copy, questions)) if has_practice else None,
            writers.write(documents.blank_problem_set(worksheet, questions)) if has_template else None,
            tuple((question.label, question.final) for question in questions),
            questions if "by problem" in worksheet.print.keys else (),
            tuple(chain.from_iterable(problem.answers for problem in problems)),
            {name: used for problem in problems for name, used in problem.signatures.items()},
            tuple(chain.from_iterable(problem.rules for problem in problems)),
            copies,
        )

    return solutions.made_of_all(written, progress, only=only, jobs=jobs)
