"""Questions of documents, made from solved questions by their kinds."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

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
            for one in together:
                if one not in self.written:
                    self.written[one] = KINDS[one.question.kind].document(one, together)
        return tuple(self.written[one] for one in solved)
