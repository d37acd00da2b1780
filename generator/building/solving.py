"""Versions with their derivations: what is asked is solved once, by all cores, and what cannot be is said."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from generator.errors import FormError, GeneratorError, UnfairError, Unsupported, WorksheetError
from generator.system.workers import parallel_map, processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.problems.question import Question
    from generator.problems.solved import SolvedQuestion
    from generator.worksheet.arrangement import Placed
    from generator.worksheet.fairness import Difference, Signature
    from generator.worksheet.spec import Worksheet
    from generator.worksheet.variants import Capacity, Draws, Version

    T = TypeVar("T")
    Progress: TypeAlias = Callable[[str, int, int], None]
    Solved: TypeAlias = tuple[Version, tuple[SolvedQuestion, ...]]

WORTH_PROCESSES = 50
"""So many questions take as long as it takes to start processes that share them."""
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
        from generator.worksheet.kinds import KINDS

        self.draws = draws
        self.kinds = {name: kind.solver(draws) for name, kind in KINDS.items()}
        """For each kind of problem what solves its questions."""

    def solve(self, number: int) -> Solved:
        """A version with its derivations; an error says which question it is about."""
        from generator.worksheet.variants import Version

        answered = tuple(chain.from_iterable(self.problem(one, number) for one in self.draws.placed(number)))
        return Version(number, self.draws.label(number), tuple(one.question for one in answered)), answered

    def problem(self, placed: Placed, number: int) -> tuple[SolvedQuestion, ...]:
        """The questions of a problem in a version; an error says which of them it is about."""
        from generator.expr.evaluate.exact import NoValueError

        questions = self.draws.questions(placed.problem, placed.draw)
        label = self.draws.label(number)
        answered = []
        for place, question in enumerate(questions):
            try:
                answered.append(self.kinds[question.kind].solve(questions, place))
            except MemoryError:
                error = Unsupported("it takes more memory than there is", remedy="Smaller dimensions show the same.")
                raise _with_question(error, question, placed, label) from None
            except NoValueError as error:
                what = Unsupported(
                    f"it cannot be checked at the numbers drawn: {error}", remedy="Draw smaller numbers."
                )
                raise _with_question(what, question, placed, label) from None
            except GeneratorError as error:
                if isinstance(error, FormError):
                    error.at(self.draws.worksheet.place(*question.key, "form"))
                raise _with_question(error, question, placed, label) from None
        return tuple(answered)


def _with_question(error: GeneratorError, question: Question, placed: Placed, label: str) -> GeneratorError:
    """The error with the question that led to it, by the number that is printed."""
    printed = replace(question, number=placed.number).label
    where = f"This is question {printed} of version {label}: {question.summary}"
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
        _shortage(capacity, worksheet, draws.needed(i), variants.way_out).at(worksheet.place("problems", i, "vary"))
        for i, (capacity, variants) in enumerate(zip(found, draws.problems, strict=True))
        if capacity.found < draws.needed(i)
    ]


def _shortage(capacity: Capacity, worksheet: Worksheet, needed: int, way_out: str) -> GeneratorError:
    """The error says whether there are no more, or no more were found."""
    versions = f"you asked for {needed}" if needed == worksheet.versions else f"{needed} versions have this problem"
    found = f"{capacity.found} distinct" + (" besides those that were given before" if worksheet.given else "")
    if capacity.is_complete:
        return WorksheetError(
            f"{found}; {versions}",
            remedy="Give it more to vary, ask for fewer versions, or allow repetitions with 'repeats: true'.",
        )
    return WorksheetError(
        f"{found} among the {capacity.tried} draws that were tried; {versions}",
        remedy=f"{way_out} Or ask for fewer versions, or allow repetitions with 'repeats: true'.",
    )


def signatures(answered: Iterable[SolvedQuestion]) -> dict[str, Signature]:
    """The names of the rules in the derivations of a version, by question."""
    from generator.worksheet.kinds import KINDS

    return {one.question.name: KINDS[one.question.kind].signature(one) for one in answered}


def compared(
    worksheet: Worksheet, signed: Sequence[tuple[str, Mapping[str, Signature]]]
) -> list[tuple[int, str, list[Difference]]]:
    """How the derivations of versions, by label, differ where they do: for each question its problem and its name."""
    from generator.worksheet.fairness import differences

    names = [(problem, worksheet.ids[problem] + part) for problem, part in worksheet.asked]
    versions = {name: [(label, of[name]) for label, of in signed if name in of] for _, name in names}
    found = [(problem, name, differences(versions[name])) for problem, name in names if versions[name]]
    return [(problem, name, some) for problem, name, some in found if some]


def unfair(worksheet: Worksheet, signed: Sequence[tuple[str, Mapping[str, Signature]]]) -> list[GeneratorError]:
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
