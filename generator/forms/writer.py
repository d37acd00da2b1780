"""Questions of documents, made from solved questions by their forms."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from generator.document.author_text import AuthorText
from generator.document.derivation import answers, marking_words
from generator.document.formula import NOTHING, AuthorSource, Formula, Sentence
from generator.document.model import Question
from generator.document.statement import Facts, setting
from generator.document.words import say, sentence
from generator.expr.messages import Message
from generator.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.problems.question import AuthorWords
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
                    self.written[one] = _question(one, together)
        return tuple(self.written[one] for one in solved)


QUESTION = Message("question", "{setting}\n{request}")


def _question(solved: SolvedQuestion, parts: Sequence[SolvedQuestion]) -> Question:
    """A question, which is one of the parts of its problem, or alone."""
    question, derivation = solved.question, solved.derivation
    form = FORMS[question.form.name]
    shown = form.show(solved, solved.asked)
    facts = Facts(solved, question.data if all(one.question.data for one in parts) else {})
    setting_words = setting(facts)
    preface = NOTHING
    if question.part:
        preface = _author_words(question.preface, question.preface_alt) if question.preface else setting_words
    if question.statement is not None:
        statement = _author_words(question.statement, question.statement_alt)
    else:
        statement = (
            form.request(facts) if question.part else say(QUESTION, setting=setting_words, request=form.request(facts))
        )
    written = Question(
        number=question.number,
        part=question.part,
        opens=solved is parts[0],
        id=question.id,
        title=AuthorText(question.title),
        points=question.points,
        total=sum(one.question.points for one in parts),
        preface=preface,
        has_own_preface=question.preface is not None,
        statement=statement,
        has_own_statement=question.statement is not None,
        form=question.form.name,
        options=shown.options,
        given=shown.given,
        room=question.space or form.room(solved.remaining),
        has_own_room=question.space is not None,
        ground=question.ground,
        solution=shown.solution,
        flaw=shown.flaw,
        answers=tuple(answers(solved.remaining)),
        conditions=tuple(map(sentence, derivation.conditions)),
        remarks=tuple(map(sentence, derivation.remarks)),
        marking=NOTHING if solved.marking.follows_stages else marking_words(solved.marking),
    )
    return replace(written, final=form.final_answer(written))


def _author_words(words: AuthorWords, alt: AuthorWords | None) -> Sentence:
    return Sentence((AuthorSource(_inlines(words), None if alt is None else Sentence(_inlines(alt))),))


def _inlines(words: AuthorWords) -> tuple[str | Formula, ...]:
    return tuple(part if isinstance(part, str) else Formula(part) for part in words)
