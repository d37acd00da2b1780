"""Questions of documents, made from solved questions by their kinds."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from generator.problems.equations import with_numbers
from generator.worksheet.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.document.model import Question
    from generator.problems.solved import SolvedQuestion


class QuestionWriter:
    """Writes questions; those that versions share are written once."""

    def __init__(self) -> None:
        self.written: dict[SolvedQuestion, Question] = {}

    def questions(self, solved: Sequence[SolvedQuestion]) -> tuple[Question, ...]:
        """The questions of a version or a problem."""
        for _, parts in groupby(solved, key=lambda one: one.question.number):
            together = tuple(parts)
            if all(one in self.written for one in together):
                continue
            numbered = with_numbers([one.question for one in together])
            shown = tuple(replace(one, question=question) for one, question in zip(together, numbered, strict=True))
            for one, own in zip(together, shown, strict=True):
                self.written[one] = KINDS[own.question.kind].document(own, shown)
        return tuple(self.written[one] for one in solved)
