"""Solving of questions that are derived from a function: what is asked is derived once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import GeneratorError
from generator.problems.question import DerivedQuestion
from generator.problems.solved import SolvedDerived

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.errors import Key
    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Expr, Number, Symbol
    from generator.problems.question import AuthorWords, Question
    from generator.problems.settings import FormSettings
    from generator.solver.derivation import Derivation
    from generator.solver.task import Task
    from generator.worksheet.kinds.protocol import Drawn

    Words: TypeAlias = tuple[str, AuthorWords | None, AuthorWords | None, AuthorWords, AuthorWords]
    Values: TypeAlias = tuple[tuple[Symbol, Number], ...]
    Given: TypeAlias = tuple[tuple[Symbol, Rows], ...]

REMEMBERED = 500
"""So many answered questions are kept at most, should they be asked again."""


class DerivedSolver:
    """Derives questions; those that are alike are derived once."""

    def __init__(self, draws: Drawn) -> None:
        self.draws = draws
        self.derivations: dict[tuple[Task, bool], Derivation] = {}
        """By what is asked, and whether single steps are wanted, which stay in letters where numbers are put in."""
        self.in_letters: dict[Task, Derivation] = {}
        """What was derived with letters for coefficients."""
        self.from_letters: dict[tuple[Task, Values], tuple[int, ...]] = {}
        """For letters and plain numbers, the sizes of the lines if the derivation may be had from letters."""
        self.evaluations: dict[tuple[Task, bool, Given], Derivation] = {}
        self.answered: dict[tuple[Task, Given, FormSettings, Words], SolvedDerived] = {}
        self.weights: dict[Key, dict[int, tuple[int, ...]]] = {}
        """For each question of a version the weights of its stages, by how many there are."""
        self.weighed: Counter[Key] = Counter()
        """In how many versions, from the first, each question has been looked at for them."""

    def solve(self, questions: Sequence[Question], place: int) -> SolvedDerived:
        """One of the questions of a problem in a version."""
        question = _derived(questions[place])
        words = question.label, question.statement, question.preface, question.hint, question.note
        key = question.task, tuple(question.data.items()), question.form, words
        if len(self.answered) > REMEMBERED:
            self.answered.clear()
            self.derivations.clear()
            self.evaluations.clear()
        if key not in self.answered:
            self.answered[key] = self._solved(questions, place)
        return self.answered[key]

    def _solved(self, questions: Sequence[Question], place: int) -> SolvedDerived:
        from generator.forms import FORMS, ask
        from generator.problems.marking import NO_MARKING, by_rubric

        question = _derived(questions[place])
        derivation = self._derivation(question)
        asked = ask(self._in_letters(question), question.form, question.data)
        before = self._source(questions, place)
        source = None if before is None else self.solve(questions, before)
        left = self._left(questions, place)
        marking = NO_MARKING
        if question.rubric:
            marking = by_rubric(question.rubric)
        elif question.points:
            weights = self._weights(question, place, left)
            marking = FORMS[question.form.name].marking(question.points, asked, left, weights)
        return SolvedDerived(question=question, marking=marking, derivation=derivation, asked=asked, source=source)

    def _source(self, questions: Sequence[Question], place: int) -> int | None:
        """Where the part before stands that has found most of what a part starts from; none if its solution is given.

        A part that puts numbers in goes on from the one that found the formula, and one that sets a gradient to zero
        from the one that found the gradient.
        """
        question = _derived(questions[place])
        from generator.forms import FORMS

        if not FORMS[question.form.name].continues:
            return None
        derivation = self._derivation(question)
        earlier_parts = ((i, one) for i, one in enumerate(questions[:place]) if isinstance(one, DerivedQuestion))
        before = {i: self._derivation(one) for i, one in earlier_parts}
        found = {i: len(earlier.stages) for i, earlier in before.items() if derivation.after(earlier)}
        return max(found, key=lambda i: (found[i], i), default=None)

    def _left(self, questions: Sequence[Question], place: int) -> Derivation:
        """What there is to derive beyond what an earlier part has found."""
        derivation, before = self._derivation(_derived(questions[place])), self._source(questions, place)
        if before is None:
            return derivation
        return replace(derivation, stages=derivation.after(self._derivation(_derived(questions[before]))))

    def _derivation(self, question: DerivedQuestion) -> Derivation:
        """How a question is solved, with its numbers put in."""
        from generator.solver.evaluation import evaluated

        found, given = self._in_letters(question), tuple(question.data.items())
        if not given:
            return found
        key = question.task, _derives_singly(question), given
        if key not in self.evaluations:
            self.evaluations[key] = evaluated(found, question.data)
        return self.evaluations[key]

    def _in_letters(self, question: DerivedQuestion) -> Derivation:
        """The same before numbers are put in for matrices."""
        key = question.task, _derives_singly(question)
        if key not in self.derivations:
            self.derivations[key] = self._derived(question, *key)
        return self.derivations[key]

    def _weights(self, question: DerivedQuestion, place: int, derivation: Derivation) -> tuple[int, ...]:
        """The weights of the stages in the first version that has as many, so that all such versions are marked alike.

        This is so whichever versions are built, and in whatever order.
        """
        from generator.problems.marking import weights

        key, count = question.key, len(derivation.stages)
        known = self.weights.setdefault(key, {})
        while count not in known:
            self.weighed[key] += 1
            with suppress(GeneratorError):
                first = self._left(self.draws.questions(question.number - 1, self.weighed[key]), place)
                known.setdefault(len(first.stages), weights(first))
        return known[count]

    def _derived(self, question: DerivedQuestion, task: Task, in_steps: bool) -> Derivation:
        """Derived by itself, or from letters where that reads as well with such numbers."""
        from generator.solver.instance import lettered, sizes
        from generator.solver.task import solve_task
        from generator.solver.verify import verify

        pattern = question.pattern
        if pattern is not None and not in_steps:
            known = lettered(pattern.numbers)
            patterned = replace(task, function=pattern.function, subject_to=pattern.subject_to)
            letters = _with(patterned, known.written)
            plain_sizes = known.plain_sizes
            key = letters, tuple(plain_sizes.items())
            if key not in self.from_letters:
                self.from_letters[key] = self._from_letters(letters, plain_sizes)
            if usual := self.from_letters[key]:
                found = _with_numbers(self.in_letters[letters], known.sizes)
                if sizes(found) == usual:
                    return replace(found, verified=verify(found))
        return solve_task(task)

    def _from_letters(self, letters: Task, numbers: Mapping[Symbol, Number]) -> tuple[int, ...]:
        """The sizes of the lines if what is had from letters reads as well as what is derived by itself; else none."""
        from generator.solver.instance import reads_as_well, sizes
        from generator.solver.task import solve_task

        try:
            if letters not in self.in_letters:
                self.in_letters[letters] = solve_task(letters)
            found = _with_numbers(self.in_letters[letters], numbers)
            alone = solve_task(_with(letters, numbers))
        except GeneratorError:
            return ()
        return sizes(found) if reads_as_well(found, alone) else ()


def _derived(question: Question) -> DerivedQuestion:
    assert isinstance(question, DerivedQuestion)
    return question


def _derives_singly(question: DerivedQuestion) -> bool:
    from generator.forms import FORMS

    return FORMS[question.form.name].derives_singly


def _with(task: Task, values: Mapping[Symbol, Expr]) -> Task:
    """What is asked with values for letters."""
    from generator.worksheet.values import putting_in

    put_in = putting_in(values.items())
    equations = tuple((put_in(left), put_in(right)) for left, right in task.subject_to)
    return replace(task, function=put_in(task.function), subject_to=equations)


def _with_numbers(derivation: Derivation, numbers: Mapping[Symbol, Number]) -> Derivation:
    from generator.solver.instance import with_numbers
    from generator.worksheet.values import putting_in

    return with_numbers(derivation, numbers, putting_in(numbers.items()))
