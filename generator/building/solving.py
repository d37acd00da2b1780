"""Versions with their derivations: what is asked is solved once, by all cores, and what cannot be is said."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from generator.errors import FormError, GeneratorError, UnfairError, Unsupported, WorksheetError
from generator.system.workers import parallel_map, processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Expr, Number, Symbol
    from generator.problems.question import AuthorWords, Question
    from generator.problems.settings import FormSettings
    from generator.problems.solved import SolvedQuestion
    from generator.solver.derivation import Derivation
    from generator.solver.task import Task
    from generator.worksheet.fairness import Difference, Signature
    from generator.worksheet.spec import Worksheet
    from generator.worksheet.variants import Capacity, Draws, Version
    from generator.worksheet.yaml_source import Key

    T = TypeVar("T")
    Words: TypeAlias = tuple[str, AuthorWords | None, AuthorWords | None]
    Values: TypeAlias = tuple[tuple[Symbol, Number], ...]
    Given: TypeAlias = tuple[tuple[Symbol, Rows], ...]
    Progress: TypeAlias = Callable[[str, int, int], None]
    Solved: TypeAlias = tuple[Version, tuple[SolvedQuestion, ...]]

WORTH_PROCESSES = 50
"""So many questions take as long as it takes to start processes that share them."""
REMEMBERED = 500
"""So many answered questions are kept at most, should they be asked again."""
BLOCK = 5
"""So many versions that follow each other are one process's work at a time; then it takes the next that are left."""


def silent(kind: str, done: int, total: int) -> None:
    """Tell nobody."""


def solve_all(draws: Draws, *, jobs: int | None = 1) -> list[Solved]:
    """Every version of a worksheet with its derivations."""
    return made_of_all(draws, lambda version, answered: (version, answered), jobs=jobs)


def made_of_all(
    draws: Draws,
    make: Callable[[Version, tuple[SolvedQuestion, ...]], T],
    progress: Progress = silent,
    *,
    only: Sequence[int] = (),
    jobs: int | None = None,
) -> list[T]:
    """What is made of every version, or only of some, and its derivations; raises what keeps the first from it."""
    solver = Solver(draws)
    return in_blocks(draws, lambda block: (make(*solver.solve(number)) for number in block), progress, only, jobs)


def in_blocks(
    draws: Draws,
    make: Callable[[Sequence[int]], Iterable[T]],
    progress: Progress = silent,
    only: Sequence[int] = (),
    jobs: int | None = None,
) -> list[T]:
    """What is made of every version, or only of some, one after the other; raises what keeps the first from it.

    Blocks of versions are shared out among processes, so what is made of them has to travel between these.
    """
    numbers = list(only) or list(range(1, draws.worksheet.versions + 1))
    questions = len(numbers) * len(draws.worksheet.asked)
    jobs = (jobs or processors()) if questions >= WORTH_PROCESSES else 1
    blocks = [list(block) for _, block in groupby(numbers, block_of)]

    def work(block: Sequence[int], tick: Callable[[int], None]) -> list[T] | GeneratorError:
        made = []
        try:
            for one in make(block):
                made.append(one)
                tick(1)
        except GeneratorError as error:
            return error
        return made

    progress("Solving", 0, len(numbers))
    made: list[T] = []
    for some in parallel_map(work, blocks, jobs, lambda done: progress("Solving", done, len(numbers))):
        if isinstance(some, GeneratorError):
            raise some
        made += some
    return made


def block_of(number: int) -> int:
    """The block that a version belongs to."""
    return (number - 1) // BLOCK


class Solver:
    """Solves the versions of a worksheet; questions that are alike are solved once."""

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        self.derivations: dict[tuple[Task, bool], Derivation] = {}
        """By what is asked, and whether single steps are wanted, which stay in letters where numbers are put in."""
        self.in_letters: dict[Task, Derivation] = {}
        """What was derived with letters for coefficients."""
        self.from_letters: dict[tuple[Task, Values], tuple[int, ...]] = {}
        """For letters and plain numbers, the sizes of the lines if the derivation may be had from letters."""
        self.evaluations: dict[tuple[Task, bool, Given], Derivation] = {}
        self.answered: dict[tuple[Task, Given, FormSettings, Words], SolvedQuestion] = {}
        self.weights: dict[Key, dict[int, tuple[int, ...]]] = {}
        """For each question of a version the weights of its stages, by how many there are."""
        self.weighed: Counter[Key] = Counter()
        """In how many versions, from the first, each question has been looked at for them."""

    def solve(self, number: int) -> Solved:
        """A version with its derivations; an error says which question it is about."""
        from generator.worksheet.variants import Version

        answered = tuple(chain.from_iterable(self.problem(i, number) for i in range(len(self.draws.problems))))
        return Version(number, self.draws.label(number), tuple(one.question for one in answered)), answered

    def problem(self, i: int, number: int) -> tuple[SolvedQuestion, ...]:
        """The questions of a problem, counted from 0, in a version; an error says which of them it is about."""
        from generator.expr.evaluate.exact import NoValueError

        questions = self.draws.questions(i, number)
        answered = []
        for place, question in enumerate(questions):
            try:
                answered.append(self._answered(questions, place))
            except MemoryError:
                error = Unsupported("it takes more memory than there is", remedy="Smaller dimensions show the same.")
                raise _with_question(error, question, self.draws.label(number)) from None
            except NoValueError as error:
                what = Unsupported(
                    f"it cannot be checked at the numbers drawn: {error}", remedy="Draw smaller numbers."
                )
                raise _with_question(what, question, self.draws.label(number)) from None
            except GeneratorError as error:
                if isinstance(error, FormError):
                    error.at(self.draws.worksheet.place(*question.key, "form"))
                raise _with_question(error, question, self.draws.label(number)) from None
        return tuple(answered)

    def _answered(self, questions: Sequence[Question], place: int) -> SolvedQuestion:
        question = questions[place]
        words = question.label, question.statement, question.preface
        key = question.task, tuple(question.data.items()), question.form, words
        if len(self.answered) > REMEMBERED:
            self.answered.clear()
            self.derivations.clear()
            self.evaluations.clear()
        if key not in self.answered:
            self.answered[key] = self._solved(questions, place)
        return self.answered[key]

    def _solved(self, questions: Sequence[Question], place: int) -> SolvedQuestion:
        from generator.forms import FORMS, ask
        from generator.problems.marking import NO_MARKING, by_rubric
        from generator.problems.solved import SolvedQuestion

        question = questions[place]
        derivation = self._derivation(question)
        asked = ask(self._in_letters(question), question.form, question.data)
        before = self._source(questions, place)
        source = None if before is None else self._answered(questions, before)
        left = self._left(questions, place)
        marking = NO_MARKING
        if question.rubric:
            marking = by_rubric(question.rubric)
        elif question.points:
            weights = self._weights(question, place, left)
            marking = FORMS[question.form.name].marking(question.points, asked, left, weights)
        return SolvedQuestion(question, derivation, asked, marking, source)

    def _source(self, questions: Sequence[Question], place: int) -> int | None:
        """Where the part before stands that has found most of what a part starts from; none if its solution is given.

        A part that puts numbers in goes on from the one that found the formula, and one that sets a gradient to zero
        from the one that found the gradient.
        """
        question = questions[place]
        from generator.forms import FORMS

        if not FORMS[question.form.name].continues:
            return None
        derivation = self._derivation(question)
        before = {i: self._derivation(one) for i, one in enumerate(questions[:place])}
        found = {i: len(earlier.stages) for i, earlier in before.items() if derivation.after(earlier)}
        return max(found, key=lambda i: (found[i], i), default=None)

    def _left(self, questions: Sequence[Question], place: int) -> Derivation:
        """What there is to derive beyond what an earlier part has found."""
        derivation, before = self._derivation(questions[place]), self._source(questions, place)
        if before is None:
            return derivation
        return replace(derivation, stages=derivation.after(self._derivation(questions[before])))

    def _derivation(self, question: Question) -> Derivation:
        """How a question is solved, with its numbers put in."""
        from generator.solver.evaluation import evaluated

        found, given = self._in_letters(question), tuple(question.data.items())
        if not given:
            return found
        key = question.task, _derives_singly(question), given
        if key not in self.evaluations:
            self.evaluations[key] = evaluated(found, question.data)
        return self.evaluations[key]

    def _in_letters(self, question: Question) -> Derivation:
        """The same before numbers are put in for matrices."""
        key = question.task, _derives_singly(question)
        if key not in self.derivations:
            self.derivations[key] = self._derived(question, *key)
        return self.derivations[key]

    def _weights(self, question: Question, place: int, derivation: Derivation) -> tuple[int, ...]:
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

    def _derived(self, question: Question, task: Task, in_steps: bool) -> Derivation:
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


def _derives_singly(question: Question) -> bool:
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


def _with_question(error: GeneratorError, question: Question, label: str) -> GeneratorError:
    """The error with the question that led to it."""
    from generator.expr.printing.plain import plain

    where = f"This is question {question.label} of version {label}: {plain(question.function)}"
    error.remedy = "\n".join(filter(None, (error.remedy, where)))
    return error.at(question.source)


def shortages(draws: Draws, capacities: Callable[[], Iterable[Capacity]]) -> list[GeneratorError]:
    """An error for each question that does not differ in as many versions as are asked for, by how many it does."""
    worksheet = draws.worksheet
    if worksheet.repeats:
        return []
    found = list(capacities())
    if not all(capacity.found for capacity in found):
        return list(draws.mistakes())
    return [
        _shortage(capacity, worksheet.versions, variants.way_out).at(worksheet.place("problems", i, "vary"))
        for i, (capacity, variants) in enumerate(zip(found, draws.problems, strict=True))
        if capacity.found < worksheet.versions
    ]


def _shortage(capacity: Capacity, versions: int, way_out: str) -> GeneratorError:
    """The error says whether there are no more, or no more were found."""
    if capacity.is_complete:
        return WorksheetError(
            f"{capacity.found} distinct; you asked for {versions}",
            remedy="Give it more to vary, ask for fewer versions, or allow repetitions with 'repeats: true'.",
        )
    return WorksheetError(
        f"{capacity.found} distinct among the {capacity.tried} draws that were tried; you asked for {versions}",
        remedy=f"{way_out} Or ask for fewer versions, or allow repetitions with 'repeats: true'.",
    )


def signatures(answered: Iterable[SolvedQuestion]) -> tuple[Signature, ...]:
    """What the derivations of a version use, one question after the other."""
    from generator.worksheet.fairness import signature

    return tuple(signature(one.derivation) for one in answered)


def compared(
    worksheet: Worksheet, signed: Sequence[tuple[str, Sequence[Signature]]]
) -> list[tuple[int, str, list[Difference]]]:
    """How the derivations of versions, by label, differ where they do: for each question its problem and its name."""
    from generator.worksheet.fairness import differences

    found = [
        (problem, worksheet.ids[problem] + part, differences((label, signatures[i]) for label, signatures in signed))
        for i, (problem, part) in enumerate(worksheet.asked)
    ]
    return [(problem, name, some) for problem, name, some in found if some]


def unfair(worksheet: Worksheet, signed: Sequence[tuple[str, Sequence[Signature]]]) -> list[GeneratorError]:
    """An error for each question whose versions differ by more than its author tolerates."""
    from generator.worksheet.fairness import beyond

    return [
        UnfairError(
            f"versions are not equally hard: {difference}",
            remedy="Choose alternatives that are more alike, or tolerate it with 'fair: similar' or 'fair: off'.",
            file=worksheet.place("problems", i, "vary"),
        )
        for i, _, found in compared(worksheet, signed)
        for difference in beyond(found, worksheet.problems[i].fair or worksheet.fair)[:1]
    ]
