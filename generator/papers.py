"""What a worksheet comes to on paper: for each version its problem set and its key, and what is told of its answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.algebra.exact import as_expr
from generator.algebra.plain import plain, prose
from generator.render import page
from generator.solving import made_of_all, signatures
from generator.worksheet import marking
from generator.worksheet.forms import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pylatex.utils import NoEscape

    from generator.render.page import Answered, Worked
    from generator.render.pdf import Paper
    from generator.render.template import Templates
    from generator.solving import Progress
    from generator.worksheet.draw import Draws, Version
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
    draws: Draws,
    templates: Templates,
    progress: Progress,
    *,
    only: Sequence[int] = (),
    students: Mapping[int, Student] | None = None,
    jobs: int | None = None,
) -> list[Written]:
    """The papers of every version, or only of some, with the names of the students whose they are."""
    worksheet = draws.worksheet

    def written(version: Version, answered: Sequence[Answered]) -> Written:
        version = replace(version, student=(students or {}).get(version.number))
        return Written(
            version.label,
            page.problem_set(worksheet, version, answered, templates),
            page.answer_key(worksheet, version, answered, templates),
            page.answer_row(worksheet, answered),
            page.compact_key(worksheet, version, answered, templates) if "compact" in worksheet.print.keys else None,
            page.worked(worksheet, answered, templates) if "by problem" in worksheet.print.keys else (),
            page.blank_template(worksheet, answered, templates)
            if worksheet.print.is_fixed and version.number == 1
            else None,
            tuple(map(_told, answered)),
            signatures(answered),
        )

    return made_of_all(draws, written, progress, only=only, jobs=jobs)


def _told(one: Answered) -> dict[str, Any]:
    question, derivation, asked = one.question, one.derivation, one.asked
    return {
        "number": question.number,
        "id": question.id,
        **({"part": question.part} if question.part else {}),
        "points": question.points,
        "marking": marking.told(one.marking),
        "function": plain(question.function),
        "wrt": question.wrt.name,
        "find": question.find,
        "subject_to": [" = ".join(map(plain, sides)) for sides in question.subject_to],
        "numbers": {symbol.name: plain(as_expr(rows)) for symbol, rows in question.data.items()},
        "answer": str(derivation.outcome),
        "conditions": [prose(condition) for condition in derivation.conditions],
        **({"form": question.form.name} | told(asked) if asked else {}),
    }
