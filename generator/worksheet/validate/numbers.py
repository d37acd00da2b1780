"""Validation of problems whose answers are worked out in numbers."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from generator.errors import WorksheetError
from generator.worksheet.interpret import SLOT, subject_to
from generator.worksheet.validate.names import NOT_AT_A_POINT, given_names, holds_numbers, words_of_author

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.worksheet.interpret import Reading, Subject
    from generator.worksheet.kinds.protocol import Mistake
    from generator.worksheet.spec import Problem

DRAWN = "vary: {x: -3..3}  with  symbols: {x: 2}"


def mistakes(problem: Problem) -> Iterator[Mistake]:
    """The lack of numbers for some symbols where others have numbers, and numbers without a use."""
    for reading in problem.readings:
        numeric = {name for name, options in reading.options.items() if holds_numbers(options)}
        shown = {
            symbol.name
            for _, text in words_of_author(problem)
            for slot in SLOT.findall(text)
            for symbol in (reading.slots[slot].symbols if slot in reading.slots else ())
        }
        for place, part in problem.derived:
            at = problem.subject_of(place, part)
            subject = reading.subjects[at]
            variable = subject.variable
            given = _given_to(reading, subject)
            if not part.in_numbers:
                continue
            wanted = given - ({variable.name} if part.find in NOT_AT_A_POINT else set())
            equations = subject_to(part, problem.functions[at], subject.equations)
            wholes = (subject.function, *chain.from_iterable(equations))
            sought = {variable.name} if part.find != "value" else set()  # an answer may do without
            missing = sorted({symbol.name for e in wholes for symbol in e.symbols} - numeric - sought)
            if given and part.find == "differential":
                yield (
                    (*place, "find"),
                    WorksheetError("a differential has no numbers", remedy="Ask for the derivative."),
                )
            elif missing and (wanted or place or part.find == "value"):
                yield (
                    place or ("vary",),
                    WorksheetError(
                        f"there are no numbers for {' and '.join(missing)}, and so nothing can be worked out",
                        remedy=f"Draw them as well, such as  vary: {{{missing[0]}: -3..3}}",
                    ),
                )
            elif place and not wanted:
                yield place, WorksheetError("there are no numbers to put in", remedy=f"Draw some, such as  {DRAWN}")
        given = given_names(reading)
        asked = [part for _, part in problem.derived if part.in_numbers]
        if unused := given - shown if not asked else set():
            yield (
                ("vary", problem.vary.written[min(unused)]),
                WorksheetError(
                    f"numbers are drawn for {' and '.join(sorted(unused))}, and no part is worked out in numbers",
                    remedy="Add  numeric: true  to a part.",
                ),
            )
        elif problem.vary.nice and not given and problem.functions:
            yield (
                ("vary", "nice"),
                WorksheetError("no answer is a number here", remedy="Draw matrices, or leave it out."),
            )


def _given_to(reading: Reading, subject: Subject) -> set[str]:
    """The symbols of a function whose numbers stand beside it: matrices, and the variable."""
    known = {symbol.name for symbol in subject.symbols}
    return {
        name
        for name, options in reading.options.items()
        if name in known
        and holds_numbers(options)
        and (name == subject.variable.name or not reading.symbols[name].is_scalar)
    }
