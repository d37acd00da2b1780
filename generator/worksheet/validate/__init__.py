"""Validation of worksheets whose keys are known: names, declarations, and variation."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from generator.errors import DeclarationError, GeneratorError, WorksheetError
from generator.expr.parsing.parse import declare
from generator.problems.marking import in_words
from generator.worksheet.kinds import KINDS
from generator.worksheet.validate import functions, statements, variation
from generator.worksheet.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.errors import Key
    from generator.worksheet.kinds.protocol import Mistake
    from generator.worksheet.spec import Asking, Problem, Worksheet
    from generator.worksheet.yaml_source import Slot


def mistakes(worksheet: Worksheet) -> Iterator[GeneratorError]:
    """Everything that is wrong, each with its place."""
    lines: dict[str, int | None] = {}
    for i, problem in enumerate(worksheet.problems):
        for key, error in chain(_taken_id(problem, lines), _in_problem(problem)):
            yield error.at(worksheet.place("problems", i, *key))
        if problem.id is not None:
            lines.setdefault(problem.id, worksheet.place("problems", i, "id").line)
    yield from _arrangement(worksheet)


def _arrangement(worksheet: Worksheet) -> Iterator[GeneratorError]:
    """Mistakes by which versions differ in points, or questions in their places."""
    for slot in worksheet.slots:
        if slot.varies:
            yield from (error.at(slot.place) for error in _pool(worksheet, slot) if slot.place)
        if worksheet.print.is_fixed and worksheet.order_of(slot.section) == "shuffled":
            yield WorksheetError(
                f"papers for {worksheet.print.profile} have every question at the same place in every version, and"
                " shuffled problems have not",
                remedy="Remove  order: shuffled  or the profile.",
                file=worksheet.place("order") if slot.section is None else worksheet.place("sections", slot.section),
            )
            return


def _pool(worksheet: Worksheet, slot: Slot) -> Iterator[GeneratorError]:
    """Differences in points or parts by which problems of a pool cannot replace each other."""
    problems = [worksheet.problems[i] for i in slot.problems]
    worths = dict.fromkeys(
        (sum(one.points for _, one in problem.asked if not (one.bonus or problem.bonus)), _bonus(problem))
        for problem in problems
    )
    if len(worths) > 1:
        said = " or ".join(
            in_words(points) + f" with a bonus of {in_words(bonus)}" * bool(bonus) for points, bonus in worths
        )
        yield WorksheetError(
            f"problems of this pool are worth {said}, so that the total of a version would depend on those that it has",
            remedy="Give them all the same points, such as  points: 5  beside  pick.",
        )
    if worksheet.print.is_fixed and len({len(problem.asked) for problem in problems}) > 1:
        yield WorksheetError(
            f"papers for {worksheet.print.profile} have the same questions in every version, and problems of this pool"
            " have different numbers of parts",
            remedy="Give them all as many parts, or remove the profile.",
        )
    for i, problem in zip(slot.problems, problems, strict=True):
        if problem.fixed:
            yield WorksheetError(
                "a problem of a pool is not in every version, and so it is not the same in all",
                remedy="Remove  fixed, or put it beside the pool.",
                file=worksheet.place("problems", i, "fixed"),
            )


def _bonus(problem: Problem) -> Fraction:
    return sum((one.points for _, one in problem.asked if one.bonus or problem.bonus), Fraction(0))


def _taken_id(problem: Problem, lines: Mapping[str, int | None]) -> Iterator[Mistake]:
    if problem.id is not None and problem.id in lines:
        yield (
            ("id",),
            WorksheetError(
                f"the id {problem.id!r} is already in use, in line {lines[problem.id]}",
                remedy="Give each problem an id of its own, or none.",
            ),
        )


def _in_problem(problem: Problem) -> Iterator[Mistake]:
    """The mistakes of one problem; what could only follow from one before it is left out."""
    for check in (_parts, _kinds, _declarations, functions.mistakes, variation.mistakes, _fixed):
        found = list(check(problem))
        yield from found
        if found:
            return
    yield from statements.mistakes(problem)
    for place, asking in problem.asked:
        yield from KINDS[problem.kind_of(asking)].mistakes(problem, place, asking)
        for key, error in _mismarked(asking):
            yield (*place, key), error


def _kinds(problem: Problem) -> Iterator[Mistake]:
    """Kinds that there are not, what questions lack, and keys of another kind."""
    for place, asking in {(): problem, **dict(problem.asked)}.items():
        if asking.kind is not None and asking.kind not in KINDS:
            meant = nearest(asking.kind, KINDS)
            yield (
                (*place, "kind"),
                WorksheetError(
                    f"there is no kind of problem {asking.kind!r}",
                    remedy=f"Did you mean '{meant}'?" if meant else f"There are: {', '.join(KINDS)}.",
                ),
            )
            return
    for place, asking in problem.asked:
        kind = KINDS[problem.kind_of(asking)]
        lacks = list(kind.missing(problem, place, asking))
        yield from lacks
        said = {key for key in asking.model_fields_set if getattr(asking, key) is not None}
        for key in sorted(said - kind.keys) if not lacks else ():
            if owner := next((other for other in KINDS.values() if key in other.keys), None):
                yield (
                    (*place, key),
                    WorksheetError(
                        f"'{key}' is of {owner.description}, and this is {kind.description}",
                        remedy="Remove it, or write the question as one of that kind.",
                    ),
                )


def _parts(problem: Problem) -> Iterator[Mistake]:
    """Keys beside the parts that belong to each of them."""
    for key in problem.misplaced:
        what = "the points of a problem are those of its parts together" if key == "points" else f"'{key}' is of a part"
        yield (key,), WorksheetError(what, remedy=f"Say '{key}' in the parts, and not beside them.")


def _fixed(problem: Problem) -> Iterator[Mistake]:
    """What varies in a problem that is to be the same in all versions."""
    if not problem.fixed:
        return
    vary = problem.vary
    differing: list[tuple[Key, str]] = [
        ((*at, "function"), "the function") for at, text in problem.functions.items() if len(text.function) > 1
    ]
    differing += [(("vary", vary.written[name]), name) for name, values in vary.values.items() if len(values.items) > 1]
    differing += [(("vary", "names"), "names")] * any(len(choice) > 1 for choice in vary.names)
    differing += [(("vary", "dimensions", name), name) for name, sizes in vary.dimensions.items() if len(sizes) > 1]
    differing += [(("vary", "text", name), name) for name, words in vary.text.items() if len(words) > 1]
    differing += [(("vary", "optional"), "optional")] * bool(vary.optional)
    differing += [((*place, "shuffle"), "shuffle") for place, asking in problem.asked if asking.shuffle]
    for key, what in differing:
        yield (
            key,
            WorksheetError(
                f"the problem is fixed, the same in all versions, and {what} would differ",
                remedy="Leave one alternative, or remove  fixed: true.",
            ),
        )


def _declarations(problem: Problem) -> Iterator[Mistake]:
    for name, said in problem.symbols.items():
        try:
            declare(name, said)
        except DeclarationError as error:
            yield ("symbols", name), error.without_name()
        except GeneratorError as error:
            yield ("symbols", name), error


def _mismarked(problem: Asking) -> Iterator[tuple[str, WorksheetError]]:
    """A rubric that gives more points, or fewer, than there are."""
    total = sum(problem.rubric.values(), Fraction(0))
    if problem.rubric and total != problem.points:
        whole = total.denominator == 1
        yield (
            "rubric",
            WorksheetError(
                f"the rubric gives {in_words(total)} in all, and it is for {in_words(problem.points)}",
                remedy=f"Write  points: {total}  or change the rubric." if whole else "Change the rubric.",
            ),
        )
