"""The wrong line of a derivation is to be found."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, ClassVar

from generator.document.derivation import solution, with_lines, written
from generator.document.formula import Equation, Formula, Sentence
from generator.document.model import FinalAnswer, Flaw
from generator.document.statement import given_derivation
from generator.document.words import say, sentence
from generator.errors import FormError
from generator.expr.messages import Message
from generator.forms.protocol import DERIVE_INSTEAD, TASK, Form, Shown
from generator.problems.marking import evenly
from generator.solver.wrong import WrongDerivation, candidates, is_short, is_sound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from generator.document.model import Question
    from generator.document.statement import Facts
    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Symbol
    from generator.problems.marking import Marking
    from generator.problems.settings import FormSettings
    from generator.problems.solved import SolvedDerived
    from generator.solver.derivation import Derivation

CORRECTED = Message("answer-line", "Line {number}: {right}")
ROOM = "0.5cm"


class FindTheError(Form[WrongDerivation]):
    """Find the line that does not follow, and say what it should be; half of the points are for each."""

    name: ClassVar[str] = "find-the-error"
    takes_turns: ClassVar[bool] = True

    def ask(self, derivation: Derivation, settings: FormSettings, data: Mapping[Symbol, Rows]) -> WrongDerivation:
        """A derivation with one mistake, in letters."""
        if data:
            raise FormError("a derivation with an error ends in a formula, not in numbers", remedy=DERIVE_INSTEAD)
        return _with_error(derivation, settings)

    def to_json(self, asked: WrongDerivation) -> dict[str, object]:
        """The number of the line, and the name of the mistake."""
        return {"line": asked.number, "mistake": asked.mistake.name}

    def marking(
        self, points: Fraction, asked: WrongDerivation, derivation: Derivation, weights: Sequence[int]
    ) -> Marking:
        """Half for the number, half for the correction."""
        return evenly(
            points, (Message("mark-number", "the number of the line")(), Message("mark-line", "its correction")())
        )

    def request(self, facts: Facts) -> Sentence:
        """What is derived, and what is wrong with that."""
        task = Message(
            "ask-error",
            "One line does not follow from those above it; any lines below it build on the mistake."
            " Give the number of the wrong line, and correct it.",
        )
        return say(TASK, derivation=given_derivation(facts), task=say(task))

    def show(self, solved: SolvedDerived, asked: WrongDerivation) -> Shown:
        """The wrong derivation with numbers for its lines; in the key what is wrong, and the right one."""
        numbers = count(1)
        given = with_lines(written(asked.derivation), lambda line: replace(line, number=next(numbers)))
        mistake = asked.mistake
        right = Formula(Equation(asked.right.sides))
        flaw = Flaw(asked.number, right, sentence(mistake.tempting), sentence(mistake.correction))
        return Shown(solution(solved), given=given, flaw=flaw)

    def room(self, derivation: Derivation) -> str:
        """Next to nothing: there are boxes for the number and the line."""
        return ROOM

    def final_answer(self, question: Question) -> FinalAnswer:
        """The number of the line, and the line corrected."""
        flaw = question.flaw
        assert flaw
        return FinalAnswer((say(CORRECTED, number=str(flaw.number), right=flaw.right),))


def _with_error(derivation: Derivation, form: FormSettings) -> WrongDerivation:
    """A wrong derivation; which of the lines that can be wrong is wrong follows from the form's turn.

    Of those with that line wrong it is the first by the form's key, and if it can be one in which something follows
    from the error.
    """
    by_line: dict[int, list[WrongDerivation]] = {}
    for wrong in candidates(derivation, form.detail, form.key):
        if is_short(wrong.derivation.result, derivation):
            by_line.setdefault(wrong.number, []).append(wrong)
    while by_line:
        lines = sorted(by_line)
        number = lines[form.turn % len(lines)]
        for wrong in sorted(by_line.pop(number), key=lambda wrong: not wrong.below):
            if is_sound(wrong, derivation):
                return _without_steps(wrong)
    raise FormError("no mistake of the table leads to another answer here", remedy=DERIVE_INSTEAD)


def _without_steps(wrong: WrongDerivation) -> WrongDerivation:
    """What is printed of it: single steps are not, and those by false rules cannot be handed between processes."""
    stages = tuple(
        replace(stage, lines=tuple(replace(line, steps=()) for line in stage.lines))
        for stage in wrong.derivation.stages
    )
    return replace(wrong, derivation=replace(wrong.derivation, stages=stages))
