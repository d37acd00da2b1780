"""Derivations of documents, made from those of the solver."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.document.formula import NOTHING, Equation, Formula, Stated
from generator.document.model import Award, Derivation, Line, Stage
from generator.document.statement import target
from generator.document.words import joined, points_in_words, say, sentence
from generator.expr.messages import CLAUSES, Message
from generator.solver.derivation import Equation as EquationOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

    from generator.document.formula import Sentence
    from generator.expr.nodes import Expr
    from generator.problems.marking import Marking
    from generator.problems.solved import SolvedDerived
    from generator.solver import derivation as solver

FROM_PART = Message("from-part", "From part ({part}), {known}:")
OF_TERMS = Message("of-terms", "Up to terms without {variable}, which are constant, {terms}:")
MARK = Message("mark", "{points} for {what}", "{points} each for {what}")


def written(derivation: solver.Derivation) -> Derivation:
    """A derivation as it is."""
    definitions = (Formula(Equation((symbol, block))) for symbol, block in derivation.blocks.items())
    return Derivation(tuple(definitions), tuple(map(_stage, derivation.stages)), premises=tuple(_premises(derivation)))


def _premises(derivation: solver.Derivation) -> Iterator[Sentence]:
    """The terms of the function that contain the variable, where that is a member of a family."""
    if derivation.whole is not None:
        terms = Stated(Formula(Equation((derivation.value, derivation.function))))
        yield say(OF_TERMS, variable=Formula(derivation.wrt), terms=terms)


def _stage(stage: solver.Stage) -> Stage:
    lines = []
    above: Expr | None = None
    for line in stage.lines:
        left = None if line.left == above else Formula(line.left)
        lines.append(Line(left, Formula(line.right), sentence(line.because), line.mark))
        above = line.left
    return Stage(
        sentence(stage.title),
        tuple(lines),
        in_numbers=any(side.has_written_matrix for line in stage.lines for side in line.sides),
    )


def with_lines(derivation: Derivation, change: Callable[[Line], Line]) -> Derivation:
    """The same with each line changed, from the first to the last."""
    stages = (replace(stage, lines=tuple(map(change, stage.lines))) for stage in derivation.stages)
    return replace(derivation, stages=tuple(stages))


def solution(solved: SolvedDerived) -> Derivation:
    """The derivation as the key has it: stages are worth points, and what an earlier part has found is known."""
    marking, source = solved.marking, solved.source
    found = written(solved.remaining)
    if source is not None:
        known = Formula(Equation(source.derivation.lines[-1].sides))
        since = say(FROM_PART, part=source.question.part, known=Stated(known))
        found = replace(found, definitions=(), premises=(since,))
    if not marking.follows_stages:
        return found
    worth = zip(found.stages, awards(marking), strict=True)
    return replace(found, stages=tuple(replace(stage, award=award) for stage, award in worth))


def awards(marking: Marking) -> tuple[Award, ...]:
    """What points are given for."""
    return tuple(Award(mark.points, sentence(mark.what)) for mark in marking.marks)


def marking_words(marking: Marking) -> Sentence:
    """The marks of a question in one sentence; marks of equal worth are named together."""
    if marking.each and len({mark.points for mark in marking.marks}) == 1:
        return say(MARK, points=points_in_words(marking.marks[0].points), what=(sentence(marking.each),))
    groups: dict[Fraction, list[Sentence]] = {}
    for mark in marking.marks:
        groups.setdefault(mark.points, []).append(sentence(mark.what))
    said = [say(MARK, points=points_in_words(points), what=tuple(alike)) for points, alike in groups.items()]
    return joined(said, CLAUSES) if said else NOTHING


def answers(derivation: solver.Derivation) -> Iterator[Formula]:
    """The equations that answer the question: a gradient, unless it is known, and where it is zero."""
    if derivation.solutions:
        yield from (Formula(Equation(sides)) for sides in derivation.solutions)
        return
    name = target(derivation)
    if derivation.find != "stationary":
        outcome = derivation.outcome
        if derivation.named is not None:
            yield Formula(Equation((name, derivation.named.answer)))
            yield from (Formula(Equation(sides)) for sides in derivation.named.definitions.items())
            return
        sides = outcome.sides if isinstance(outcome, EquationOutcome) else (outcome,)
        yield Formula(Equation((name, *sides)))
        return
    if derivation.subject_to is None:
        found = [line.right for line in derivation.lines if line.left == derivation.answer and not line.where]
        if found:
            yield Formula(Equation((name, found[-1])))
    yield Formula(Equation(derivation.point))
