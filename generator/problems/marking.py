"""What the points of a problem are given for, so that whoever grades it comes to the same mark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.expr.printing.plain import prose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.expr.messages import Text
    from generator.solver.derivation import Derivation, Line

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
    each: Text = ()
    """The purpose of every mark, such as `each blank`, where all are of one kind."""


NO_MARKING = Marking()


def read_points(said: object) -> Fraction:
    """Whole points or halves, more than none."""
    points = Fraction(str(said)) if POINTS.fullmatch(str(said)) else Fraction(0)
    if not 0 < points <= MOST:
        raise ValueError(f"must be whole points or halves, up to {MOST}, not {said!r}\nWrite them as 2 or 1.5.")
    return points


def read_worth(said: object) -> Fraction:
    """What a question is worth: whole points or halves, or none."""
    if isinstance(said, int | Fraction):
        said = f"{float(said):g}"
    if said is None or not isinstance(said, str):
        raise ValueError("must be whole points or halves\nWrite them as 2 or 1.5.")
    if said.startswith("-"):
        raise ValueError(f"must be at least 0, not {said}")
    points = Fraction(said) if POINTS.fullmatch(said) else Fraction(-1)
    if not 0 <= points <= MOST:
        raise ValueError(f"must be whole points or halves, up to {MOST}, not {said!r}\nWrite them as 2 or 1.5.")
    return points


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
    return max(1, len({(step.rule.message, step.rule.about) for step in line.steps if step.rule.message}))


def shares(points: Fraction | int, weights: Sequence[int]) -> tuple[Fraction, ...]:
    """Points in shares by weights, none of them 0 if that can be: whole points, or halves where these are too few.

    One after the other goes to whoever has none, then to whoever has least for its weight (Sainte-Laguë).
    """
    unit = Fraction(1) if points >= len(weights) and Fraction(points).denominator == 1 else HALF
    given = [0] * len(weights)
    for _ in range(int(points / unit)):
        neediest = max(range(len(given)), key=lambda i: (not given[i], Fraction(weights[i], 2 * given[i] + 1)))
        given[neediest] += 1
    return tuple(unit * count for count in given)


def by_stages(points: Fraction | int, derivation: Derivation, weights: Sequence[int]) -> Marking:
    """Points shared out among the stages of a derivation, by their weights."""
    titles = (stage.title for stage in derivation.stages)
    return Marking(tuple(map(Mark, shares(points, weights), titles)), follows_stages=True)


def evenly(points: Fraction | int, what: Sequence[Text], each: Text = ()) -> Marking:
    """The same points, as nearly as can be, for each of some things; `each` is said where they are the same."""
    shared = zip(shares(points, [1] * len(what)), what, strict=True)
    return Marking(tuple(Mark(share, for_this) for share, for_this in shared), each=each)


def by_rubric(rubric: Mapping[str, Fraction]) -> Marking:
    """Points as the author gives them."""
    return Marking(tuple(Mark(points, (what,)) for what, points in rubric.items()))


def to_json(marking: Marking) -> list[dict[str, object]]:
    """The same for programs."""
    return [{"points": float(mark.points), "for": prose(mark.what)} for mark in marking.marks]
