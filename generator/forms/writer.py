"""Questions of documents: what those of all kinds share, and those that are derived, in their forms."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from generator.document.author_text import AuthorText
from generator.document.derivation import answers, marking_words
from generator.document.formula import NOTHING, AuthorSource, Formula, Sentence
from generator.document.model import Question as DocumentQuestion
from generator.document.statement import Facts, setting
from generator.document.words import say, sentence
from generator.expr.messages import Message
from generator.forms import FORMS
from generator.problems.solved import SolvedDerived

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.problems.question import AuthorWords, Question
    from generator.problems.solved import SolvedQuestion


MAIN = ("statement", "preface", "text")
"""The words that `alt` is about where it does not say a key."""
ALT, ALT_OF = "alt: …", "alt: {{{key}: …}}"
"""How it is written in a file."""
QUESTION = Message("question", "{setting}\n{request}")


def shared(question: Question, parts: Sequence[SolvedQuestion]) -> dict[str, Any]:
    """What questions of all kinds have in a document; they are the parts of a problem, or alone."""
    return {
        "number": question.number,
        "problem": question.number,
        "part": question.part,
        "opens": question is parts[0].question,
        "id": question.id,
        "title": AuthorText(question.title),
        "points": question.points,
        "total": sum((one.question.points for one in parts), Fraction(0)),
        "preface": _preface(question, parts),
        "has_own_preface": question.preface is not None,
        "has_own_room": question.space is not None,
        "ground": question.ground,
        "hint": author_words("hint", question.hint, question.alternatives),
        "note": author_words("note", question.note, question.alternatives),
        "bonus": question.bonus,
        "is_bonus": all(one.question.bonus for one in parts),
    }


def _preface(question: Question, parts: Sequence[SolvedQuestion]) -> Sentence:
    """What stands before all parts of a problem: the author's words, or the function that they share."""
    if not question.part:
        return NOTHING
    if question.preface is not None:
        return author_words("preface", question.preface, question.alternatives)
    about_it = [one for one in parts if isinstance(one, SolvedDerived) and not one.question.has_own_function]
    own = [one for one in about_it if one.question is question]
    return setting(_facts((own or about_it)[0], parts)) if about_it else NOTHING


def _facts(solved: SolvedDerived, parts: Sequence[SolvedQuestion]) -> Facts:
    """What the statement of a question depends on; numbers stand with the function where all its parts have them."""
    others = [one.question for one in parts if isinstance(one, SolvedDerived) and not one.question.has_own_function]
    alike = [solved.question] if solved.question.has_own_function else others
    everywhere = solved.question.has_own_function or all(question.data for question in alike)
    seeks_values = all(question.find == "value" for question in alike)
    return Facts(solved, solved.question.data if everywhere else {}, seeks_values)


def derived_question(solved: SolvedDerived, parts: Sequence[SolvedQuestion]) -> DocumentQuestion:
    """A question whose answer is derived, which is one of the parts of its problem, or alone."""
    question, derivation = solved.question, solved.derivation
    form = FORMS[question.form.name]
    shown = form.show(solved, solved.asked)
    facts = _facts(solved, parts)
    if question.statement is not None:
        statement = author_words("statement", question.statement, question.alternatives)
    elif question.part and not question.has_own_function:
        statement = form.request(facts)
    else:
        statement = say(QUESTION, setting=setting(facts), request=form.request(facts))
    written = DocumentQuestion(
        **shared(question, parts),
        statement=statement,
        has_own_statement=question.statement is not None,
        form=question.form.name,
        options=shown.options,
        given=shown.given,
        room=question.space or form.room(solved.remaining),
        solution=shown.solution,
        flaw=shown.flaw,
        answers=tuple(answers(solved.remaining)),
        conditions=tuple(map(sentence, derivation.conditions)),
        remarks=tuple(map(sentence, derivation.remarks)),
        marking=NOTHING if solved.marking.follows_stages else marking_words(solved.marking),
    )
    return replace(written, final=form.final_answer(written))


def author_words(key: str, words: AuthorWords | None, alternatives: Mapping[str, AuthorWords]) -> Sentence:
    """Words of the author, by their key, as a sentence; nothing for none.

    `alternatives` are what the author says without LaTeX, by the same keys.
    """
    if not words:
        return NOTHING
    alt = Sentence(_inlines(alternatives[key])) if key in alternatives else None
    return Sentence((AuthorSource(_inlines(words), alt, alt_key=ALT if key in MAIN else ALT_OF.format(key=key)),))


def _inlines(words: AuthorWords) -> tuple[str | Formula, ...]:
    return tuple(part if isinstance(part, str) else Formula(part) for part in words)
