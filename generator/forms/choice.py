"""The answer is one of several, of which the others come from known mistakes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from generator.document.derivation import solution
from generator.document.formula import Formula, Sentence
from generator.document.model import FinalAnswer, Option
from generator.document.statement import FOR_POINT, at_point, could_be_transposed, sought, sought_kind, target
from generator.document.words import say, sentence
from generator.errors import FormError, Unsupported
from generator.expr.evaluate.exact import NoValueError
from generator.expr.messages import Message
from generator.expr.nodes import Spectral
from generator.expr.printing.plain import plain
from generator.forms.protocol import DERIVE_INSTEAD, Form, Shown
from generator.forms.ranking import rank
from generator.problems.marking import Mark, Marking
from generator.solver.conventions import structure_of
from generator.solver.derivation import Equation
from generator.solver.evaluation import answer, put_in
from generator.solver.linear_algebra.slips import wrong_answers
from generator.solver.wrong import distractors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.document.model import Question
    from generator.document.statement import Facts
    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Expr, Symbol
    from generator.problems.settings import FormSettings
    from generator.problems.solved import SolvedDerived
    from generator.rules.mistakes import Mistake
    from generator.solver.derivation import Derivation
    from generator.solver.linear_algebra.named import Slip
    from generator.solver.wrong import Distractor

LETTERS = "ABCDEFGH"
ROOM = "2.5cm"
MANY = 20
"""How many wrong formulas are looked for where numbers have to tell them apart."""


@dataclass(frozen=True)
class Choice:
    """An answer to choose, and the mistake that leads to it; none for the right one."""

    letter: str
    answer: Expr
    mistake: Mistake | Slip | None = None


@dataclass(frozen=True)
class Choices:
    """The answers to choose from, in the order in which they are printed."""

    options: tuple[Choice, ...]

    @property
    def right(self) -> Choice:
        """The right one."""
        return next(option for option in self.options if option.mistake is None)


@dataclass(frozen=True)
class WrongValue:
    """A wrong value, and the slip that leads to it."""

    answer: Expr
    mistake: Slip


class MultipleChoice(Form[Choices]):
    """Choose the right answer; all points are for its letter."""

    name: ClassVar[str] = "choice"
    keys: ClassVar[frozenset[str]] = frozenset({"choices"})
    takes_values: ClassVar[bool] = True
    continues: ClassVar[bool] = True

    def ask(self, derivation: Derivation, settings: FormSettings, data: Mapping[Symbol, Rows]) -> Choices:
        """The right answer among wrong ones; in numbers where there are any."""
        return _choices(derivation, settings, data)

    def to_json(self, asked: Choices) -> dict[str, object]:
        """All answers by their letters, and the letter of the right one."""
        return {
            "choices": {option.letter: plain(option.answer) for option in asked.options},
            "letter": asked.right.letter,
        }

    def marking(self, points: Fraction, asked: Choices, derivation: Derivation, weights: Sequence[int]) -> Marking:
        """All or nothing."""
        return Marking((Mark(Fraction(points), Message("mark-letter", "the right letter alone")()),))

    def request(self, facts: Facts) -> Sentence:
        """Which of these it is."""
        if sought_kind(facts.derivation) == "stationary":
            return say(
                Message("ask-choice-stationary", "At which of these {variable} is {target} zero{at}?"),
                variable=Formula(facts.solved.question.wrt),
                target=Formula(target(facts.derivation, inline=True)),
                at=at_point(FOR_POINT, facts),
            )
        match facts.derivation.function if facts.derivation.find == "value" else None:
            case Spectral("eigenvalues", matrix):
                return say(
                    Message("ask-choice-eigenvalues", "Which of these are the eigenvalues of\u00a0{matrix}?"),
                    matrix=Formula(matrix),
                )
            case Spectral("eigenvectors", matrix):
                message = Message(
                    "ask-choice-eigenvectors",
                    "In which of these matrices is each column an eigenvector of\u00a0{matrix}, the first for the"
                    " largest eigenvalue, and so on?",
                )
                return say(message, matrix=Formula(matrix))
            case _:
                pass
        return say(Message("ask-choice", "Which of these is {sought}?"), sought=sought(facts, among_transposes=True))

    def show(self, solved: SolvedDerived, asked: Choices) -> Shown:
        """The answers; in the key why the wrong ones tempt."""
        return Shown(solution(solved), options=tuple(_options(asked)))

    def room(self, derivation: Derivation) -> str:
        """A little: what is marked is a box that is ticked."""
        return ROOM

    def final_answer(self, question: Question) -> FinalAnswer:
        """The letter."""
        return FinalAnswer((Sentence((question.letter,)),))


def _options(asked: Choices) -> Iterator[Option]:
    for option in asked.options:
        answer = Formula(option.answer)
        if option.mistake is None:
            yield Option(option.letter, answer, is_right=True)
        else:
            tempts, correction = sentence(option.mistake.tempting), sentence(option.mistake.correction)
            yield Option(option.letter, answer, is_right=False, tempts=tempts, correction=correction)


def _states_layout(derivation: Derivation, form: FormSettings) -> bool:
    """The statement leaves no doubt of how the answer is laid out."""
    if form.own_words or derivation.find != "derivative":
        return False
    if could_be_transposed(derivation):
        return True
    function, wrt = derivation.function, derivation.wrt
    is_jacobian = not function.is_scalar and not wrt.is_scalar
    return is_jacobian or (derivation.conventions.layout != "gradient" and structure_of(wrt) is None)


def _choices(derivation: Derivation, form: FormSettings, data: Mapping[Symbol, Rows]) -> Choices:
    if isinstance(derivation.outcome, Equation):
        raise FormError("the answer is an equation, and there are no wrong ones to choose from", remedy=DERIVE_INSTEAD)
    needed = form.choices - 1
    stated = _states_layout(derivation, form)
    wrong: Sequence[Distractor | WrongValue]
    if derivation.find == "value" and data:
        numbers = put_in(derivation.function, data)
        right = answer(derivation, data)
        found = [WrongValue(value, slip) for slip, value in wrong_answers(numbers)]
        wrong = sorted(found, key=lambda one: rank(form.key, one.mistake.name))
    elif data:
        right, wrong = _in_numbers(derivation, distractors(derivation, MANY, form.key, layout_is_stated=stated), data)
    else:
        right, wrong = derivation.result, distractors(derivation, needed, form.key, layout_is_stated=stated)
    if len(wrong) < needed:
        raise FormError(
            f"too few wrong answers for {form.choices} choices: {needed} needed, {len(wrong) or 'none'} found in the"
            f" table of mistakes that differ{'s' * (len(wrong) < 2)} from the right one and from all others",
            remedy=f"Write  choices: {len(wrong) + 1}" if wrong else DERIVE_INSTEAD,
        )
    answers = [(right, None), *((one.answer, one.mistake) for one in wrong[:needed])]
    answers.sort(key=lambda pair: rank(form.key, plain(pair[0])))
    return Choices(tuple(Choice(letter, *pair) for letter, pair in zip(LETTERS, answers, strict=False)))


def _in_numbers(
    derivation: Derivation, wrong: Sequence[Distractor], data: Mapping[Symbol, Rows]
) -> tuple[Expr, tuple[Distractor, ...]]:
    """The answers at given numbers, exactly; wrong ones that have a value there, each another."""
    right = answer(derivation, data)
    taken = [right]
    found = []
    for one in wrong:
        try:
            value = answer(replace(derivation, outcome=one.answer), data)
        except (NoValueError, Unsupported):
            continue
        if value not in taken:
            taken.append(value)
            found.append(replace(one, answer=value))
    return right, tuple(found)
