"""What a worksheet comes to on paper: for each version its problem set and its key, and what is told of its answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from generator.render import page
from generator.render.page import Copy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.known import Known, Ready
    from generator.render.page import Worked
    from generator.render.pdf import Paper
    from generator.render.template import Templates
    from generator.render.tex import NoEscape
    from generator.solving import Progress
    from generator.worksheet.fairness import Signature
    from generator.worksheet.roster import Student

ASKED = ("function", "wrt", "find", "subject_to", "numbers")
"""What makes a question another one, of what is told of its answer."""


@dataclass(frozen=True)
class Written:
    """One version: its papers, its row in the grid of answers, and what the manifest tells of it."""

    label: str
    problem_set: Paper
    answer_key: Paper
    row: tuple[NoEscape, ...]
    compact_key: Paper | None
    worked: tuple[Worked, ...]
    """Its problems with their derivations, for keys that have one problem of all versions."""
    template: Paper | None
    """The questions of the first version as they are shown to a scan-and-grade service."""
    answers: tuple[dict[str, Any], ...]
    signatures: tuple[Signature, ...]

    @property
    def identity(self) -> str:
        """The same for versions that ask the same."""
        return json.dumps([[answer[key] for key in ASKED] for answer in self.answers])


def write(
    known: Known,
    templates: Templates,
    progress: Progress,
    *,
    only: Sequence[int] = (),
    students: Mapping[int, Student] | None = None,
    jobs: int | None = None,
) -> list[Written]:
    """The papers of every version, or only of some, with the names of the students whose they are."""
    draws = known.draws
    worksheet = draws.worksheet

    def written(number: int, problems: Sequence[Ready]) -> Written:
        copy = Copy(draws.label(number), (students or {}).get(number))
        questions = tuple(chain.from_iterable(problem.items for problem in problems))
        has_template = worksheet.print.is_fixed and number == 1
        return Written(
            copy.label,
            page.problem_set(worksheet, copy, questions, templates),
            page.answer_key(worksheet, copy, questions, templates),
            page.answer_row(questions),
            page.compact_key(worksheet, copy, questions, templates) if "compact" in worksheet.print.keys else None,
            page.worked(worksheet, questions, templates) if "by problem" in worksheet.print.keys else (),
            page.blank_template(worksheet, questions, templates) if has_template else None,
            tuple(chain.from_iterable(problem.answers for problem in problems)),
            tuple(chain.from_iterable(problem.signatures for problem in problems)),
        )

    return known.made_of_all(written, progress, only=only, jobs=jobs)
