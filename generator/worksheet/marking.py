"""What the points of a problem are given for, so that whoever grades it comes to the same mark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.algebra.plain import prose
from generator.derivation.wrong import WrongDerivation
from generator.errors import WorksheetError
from generator.worksheet.blanks import Blanks
from generator.worksheet.forms import Choices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.algebra.plain import Text
    from generator.derivation.derivation import Derivation, Line
    from generator.worksheet.draw import Question
    from generator.worksheet.forms import Asked
    from generator.worksheet.source import Key
    from generator.worksheet.spec import Asking

HALF = Fraction(1, 2)
MOST = 1000
POINTS = re.compile(r"\d{1,4}(\.[05])?|\d{1,4}/2")


@dataclass(frozen=True)
class Mark:
    """Points, and what they are given for."""

    points: Fraction
    what: Text


@dataclass(frozen=True)
class Marking:
    """How all points of a question are given; none where it is worth nothing."""

    marks: tuple[Mark, ...] = ()
    follows_stages: bool = False
    """There is a mark for each stage of the derivation, in order."""


NO_MARKING = Marking()


def read_points(said: object) -> Fraction:
    """Whole points or halves, more than none."""
    points = Fraction(str(said)) if POINTS.fullmatch(str(said)) else Fraction(0)
    if not 0 < points <= MOST:
        raise ValueError(f"must be whole points or halves, up to {MOST}, not {said!r}\nWrite them as 2 or 1.5.")
    return points


def mismarked(problem: Asking) -> Iterator[tuple[Key, WorksheetError]]:
    """A rubric that gives more points, or fewer, than there are."""
    total = sum(problem.rubric.values(), Fraction(0))
    if problem.rubric and total != problem.points:
        whole = total.denominator == 1
        yield (
            ("rubric",),
            WorksheetError(
                f"the rubric gives {in_words(total)} in all, and it is for {in_words(problem.points)}",
                remedy=f"Write  points: {total}  or change the rubric." if whole else "Change the rubric.",
            ),
        )


def in_words(points: Fraction | int) -> str:
    """Points with their unit: 1 point, 1.5 points."""
    return f"{written(points)} point{'s' * (points != 1)}"


def written(points: Fraction | int) -> str:
    """Points as a number: 2, or 1.5."""
    return f"{float(points):g}"


def weights(derivation: Derivation) -> tuple[int, ...]:
    """How much work each stage is: the properties that its lines use, and at least one for each line."""
    return tuple(sum(map(_work, stage.lines)) for stage in derivation.stages)


def _work(line: Line) -> int:
    return max(1, len({step.rule.message for step in line.steps if step.rule.message}))


def shares(points: int, weights: Sequence[int]) -> tuple[Fraction, ...]:
    """Points in shares by weights, none of them 0 if that can be: whole points, or halves where these are too few.

    One after the other goes to whoever has none, then to whoever has least for its weight (Sainte-Laguë).
    """
    unit = Fraction(1) if points >= len(weights) else HALF
    given = [0] * len(weights)
    for _ in range(int(points / unit)):
        neediest = max(range(len(given)), key=lambda i: (not given[i], Fraction(weights[i], 2 * given[i] + 1)))
        given[neediest] += 1
    return tuple(unit * count for count in given)


def marking(question: Question, derivation: Derivation, asked: Asked, weights: Sequence[int]) -> Marking:
    """What the points of a question are given for: as its author says, else by its form.

    The weights are those of the derivation's stages, be they its own or those of another one with as many.
    """
    points = question.points
    if question.rubric:
        return Marking(tuple(Mark(points, (what,)) for what, points in question.rubric.items()))
    match asked:
        case _ if not points:
            return NO_MARKING
        case None:
            titles = (stage.title for stage in derivation.stages)
            return Marking(tuple(map(Mark, shares(points, weights), titles)), follows_stages=True)
        case Choices():
            return Marking((Mark(Fraction(points), ("the right letter, and none for any other",)),))
        case WrongDerivation():
            return _evenly(points, ("the number of the line", "what it should say"))
        case Blanks(gaps):
            return _evenly(points, [f"blank {number}" for number in range(1, len(gaps) + 1)])


def _evenly(points: int, what: Sequence[str]) -> Marking:
    return Marking(
        tuple(Mark(share, (for_this,)) for share, for_this in zip(shares(points, [1] * len(what)), what, strict=True))
    )


def told(marking: Marking) -> list[dict[str, object]]:
    """The same for programs."""
    return [{"points": float(mark.points), "for": prose(mark.what)} for mark in marking.marks]
