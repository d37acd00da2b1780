"""The author's own questions, with the author's own answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from generator.document.derivation import marking_words
from generator.document.formula import Sentence
from generator.document.model import Derivation, FinalAnswer, Option
from generator.document.model import Question as DocumentQuestion
from generator.document.pictures import INCLUDED
from generator.document.words import enumerated, say
from generator.errors import WorksheetError
from generator.expr.messages import Message
from generator.expr.nodes import Dim
from generator.expr.printing.plain import plain
from generator.forms.choice import LETTERS
from generator.forms.ranking import rank
from generator.forms.writer import author_words, shared
from generator.problems.equations import DISPLAYED
from generator.problems.marking import NO_MARKING, by_rubric
from generator.problems.picture import Picture
from generator.problems.question import AuthorChoice, AuthorQuestion
from generator.problems.solved import SolvedQuestion
from generator.worksheet.kinds.protocol import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.errors import Key
    from generator.expr.nodes import Expr
    from generator.problems.question import AuthorWords, Question
    from generator.worksheet.draw import Asked
    from generator.worksheet.kinds.protocol import Drawn, Mistake
    from generator.worksheet.spec import Asking, ChoiceFigure, Problem

TRUTH = {"true": True, "false": False}
TRUE, FALSE = Message("answer-true", "True"), Message("answer-false", "False")
ALL_THAT_ARE_RIGHT = Message("choose-all", "{statement} Mark all that apply.")
SEE_KEY = Message("see-key", "see the answer key")
SMALL_ROOM = "0.5cm"
"""Room below boxes to tick or a line to write on."""
CHARACTERS_A_LINE = 60
"""About so many characters of LaTeX make a line of handwriting."""
SHORT_ENOUGH = 160
"""A solution of so many characters is an answer in short."""


class AuthorKind(Kind):
    """A statement of the author's; boxes to tick, a line or room for the answer; and the author's solution."""

    name: ClassVar[str] = "author"
    description: ClassVar[str] = "a question of your own"
    is_verified: ClassVar[bool] = False
    keys: ClassVar[frozenset[str]] = frozenset({"solution", "answer", "shuffle"})
    told: ClassVar[frozenset[str]] = frozenset({"kind", "form", "statement", "answer"})

    def missing(self, problem: Problem, place: Key, asking: Asking) -> Iterator[Mistake]:
        """A statement, and something for the key to say."""
        if not asking.statement and not place:
            yield (
                (),
                WorksheetError(
                    "the key 'function' is missing",
                    remedy="Say which function, such as  function: Tr(A X), or ask a question of your own, with"
                    "  statement: …  and  solution: …",
                ),
            )
        elif not asking.statement:
            yield (
                place,
                WorksheetError("a question of your own needs a statement", remedy="Write  statement: …"),
            )
        elif not (asking.solution or asking.answer or asking.choices):
            yield (
                (*place, "statement"),
                WorksheetError(
                    "the answer key has nothing to say about this question",
                    remedy="Write  solution: …  in LaTeX,  answer: true,  answer: …  for a short answer, or  choices: …"
                    " If the program is to derive the answer, write  function: …",
                ),
            )

    def mistakes(self, problem: Problem, place: Key, asking: Asking) -> Iterator[Mistake]:
        """Choices of which none is right, or that do not go with other keys."""
        yield from ((place + key, error) for key, error in _choices(asking))

    def substance(self, asking: Asking) -> Iterator[str]:
        """All that it says."""
        from generator.worksheet.spec import own_words

        yield from (text for _, text in own_words(asking))

    def question(self, asked: Asked) -> AuthorQuestion:
        """The author's words with their slots filled; choices in the order of the version."""
        asking = asked.asking
        choices = list(asking.choices) if isinstance(asking.choices, tuple) else []
        if asking.shuffle is not False and not asked.problem.fixed:
            choices.sort(key=lambda choice: rank(asked.key, "".join(choice.shown)))
        truth = TRUTH.get((asking.answer or "").lower())
        return AuthorQuestion(
            **asked.head,
            statement=asked.words(asking.statement),
            solution=asked.words(asking.solution),
            answer=() if truth is not None else asked.words(asking.answer),
            truth=truth,
            choices=tuple(
                AuthorChoice(
                    asked.words(choice.text),
                    choice.right,
                    asked.words(choice.why),
                    _figure(choice.figure),
                    asked.plain_words(choice),
                )
                for choice in choices
            ),
        )

    def solver(self, draws: Drawn) -> AuthorSolver:
        """There is nothing to solve."""
        return AuthorSolver()

    def document(self, solved: SolvedQuestion, parts: Sequence[SolvedQuestion]) -> DocumentQuestion:
        """The author's words."""
        question = _own(solved.question)
        options = tuple(_options(question))
        answer = _answer(question, options)
        statement = author_words("statement", question.statement, question.alternatives)
        if sum(option.is_right for option in options) > 1:
            statement = say(ALL_THAT_ARE_RIGHT, statement=statement)
        return DocumentQuestion(
            **shared(question, parts),
            statement=statement,
            has_own_statement=True,
            form=_form(question),
            options=options,
            given=None,
            room=question.space or _room(question),
            solution=Derivation((), ()),
            flaw=None,
            answers=(),
            conditions=(),
            remarks=(),
            marking=marking_words(solved.marking),
            answer_line=bool(question.answer),
            explanation=author_words("solution", question.solution, question.alternatives),
            answer_words=answer,
            final=FinalAnswer((answer or _in_short(question),)),
        )

    def to_json(self, solved: SolvedQuestion) -> dict[str, Any]:
        """The author's words, with formulas in plain text."""
        question = _own(solved.question)
        options = list(zip(LETTERS, question.choices, strict=False))
        right = ", ".join(letter for letter, choice in options if choice.is_right)
        truth = None if question.truth is None else str(question.truth).lower()
        return {
            "kind": self.name,
            "form": _form(question),
            "statement": in_plain(question.statement or ()),
            **({"choices": {letter: _choice_in_plain(choice) for letter, choice in options}} if options else {}),
            "answer": truth or right or in_plain(question.answer) or in_plain(question.solution),
        }

    def identity(self, question: Question) -> str:
        """All that it says, without the order of choices."""
        own = _own(question)
        choices = sorted(map(_choice_in_plain, own.choices))
        return json.dumps([own.id, own.part, *map(in_plain, (own.statement or (), own.answer, own.solution)), choices])


class AuthorSolver:
    """The author's answers as they are; questions that say the same are one."""

    def __init__(self) -> None:
        self.solved: dict[object, SolvedQuestion] = {}

    def solve(self, questions: Sequence[Question], place: int) -> SolvedQuestion:
        """One of the questions of a problem in a version."""
        one = _own(questions[place])
        words = one.statement, one.preface, one.solution, one.answer, one.truth, one.hint, one.note
        choices = (
            (each.text, each.is_right, each.why, each.figure, *each.alternatives.items()) for each in one.choices
        )
        key = one.label, *words, *choices, *one.alternatives.items()
        if key not in self.solved:
            self.solved[key] = SolvedQuestion(one, by_rubric(one.rubric) if one.rubric else NO_MARKING)
        return self.solved[key]


def in_plain(words: AuthorWords) -> str:
    """An author's LaTeX, with what is in its slots in plain text."""
    return "".join(_in_plain(part) for part in words)


def _in_plain(part: str | Expr | Dim) -> str:
    match part:
        case str():
            return part
        case Dim():
            return str(part)
        case _:
            return plain(part)


def _choice_in_plain(choice: AuthorChoice) -> str:
    """The words of a choice and the file of its figure."""
    figure = choice.figure.file if choice.figure else ""
    return " ".join(filter(None, (in_plain(choice.text), figure)))


def _figure(figure: ChoiceFigure | None) -> Picture | None:
    return Picture(figure.file, figure.alt, figure.width) if figure else None


def _own(question: Question) -> AuthorQuestion:
    assert isinstance(question, AuthorQuestion)
    return question


def _choices(asking: Asking) -> Iterator[Mistake]:
    if isinstance(asking.choices, int):
        yield (
            ("choices",),
            WorksheetError(
                "the answers to choose from are your own here, as there is no function",
                remedy="Write them as  choices: [{text: linear, right: true}, {text: convex}]",
            ),
        )
        return
    choices = asking.choices or ()
    if asking.answer and choices:
        yield (
            ("answer",),
            WorksheetError("there is an answer beside choices", remedy="Mark the right choice by  right: true"),
        )
    if asking.shuffle is not None and not choices:
        yield ("shuffle",), WorksheetError("there are no choices to shuffle", remedy="Remove it.")
    if choices and not any(choice.right for choice in choices):
        yield ("choices",), WorksheetError("no choice is right", remedy="Mark the right one by  right: true")
    seen: set[tuple[str, str]] = set()
    for i, choice in enumerate(choices):
        key = "text" if choice.text else "figure"
        if not any(choice.shown):
            yield ("choices", i), WorksheetError("this choice has no text and no figure", remedy="Write  text: …")
        elif choice.shown in seen:
            yield ("choices", i, key), WorksheetError("this choice is there twice", remedy="Change or remove it.")
        seen.add(choice.shown)


def _form(question: AuthorQuestion) -> str:
    if question.truth is not None:
        return "true-false"
    return "choice" if question.choices else "short-answer" if question.answer else "essay"


def _options(question: AuthorQuestion) -> Iterator[Option]:
    if question.truth is not None:
        yield Option("", None, is_right=question.truth, words=say(TRUE))
        yield Option("", None, is_right=not question.truth, words=say(FALSE))
    for letter, choice in zip(LETTERS, question.choices, strict=False):
        yield Option(
            letter,
            None,
            is_right=choice.is_right,
            words=_choice_words(choice),
            tempts=author_words("why", choice.why, choice.alternatives),
        )


def _choice_words(choice: AuthorChoice) -> Sentence:
    """The words of a choice with its figure."""
    words = author_words("text", choice.text, choice.alternatives)
    return Sentence((*(words.inlines or ()), *((choice.figure,) if choice.figure else ())))


def _answer(question: AuthorQuestion, options: Sequence[Option]) -> Sentence:
    """The answer in a frame; nothing where there is but a solution."""
    if question.truth is not None:
        return say(TRUE if question.truth else FALSE)
    if options:
        return enumerated([Sentence((option.letter,)) for option in options if option.is_right])
    return author_words("answer", question.answer, question.alternatives)


def _in_short(question: AuthorQuestion) -> Sentence:
    """The solution where it is short, and stands in a line."""
    words = in_plain(question.solution)
    is_short = len(words) <= SHORT_ENOUGH and not INCLUDED.search(words) and not DISPLAYED.search(words)
    return author_words("solution", question.solution, question.alternatives) if is_short else say(SEE_KEY)


def _room(question: AuthorQuestion) -> str:
    """Room to work: as much as the solution takes in handwriting, with 8 mm for a line."""
    if question.truth is not None or question.choices or question.answer:
        return SMALL_ROOM
    lines = len(in_plain(question.solution)) / CHARACTERS_A_LINE
    return f"{min(max(4.0, 2.0 + 0.8 * lines), 17.0):.1f}cm"
