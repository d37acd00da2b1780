"""How much of a derivation is shown: a line for every rule, a lecturer's lines, or the result of each chain."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from generator.expr.messages import clauses
from generator.rules.engine import because
from generator.solver.derivation import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.rules.rule import Step
    from generator.solver.derivation import Stage

Detail = Literal["brief", "standard", "full"]


def detailed(stages: Iterable[Stage], detail: Detail) -> tuple[Stage, ...]:
    """The stages with their lines taken apart or together."""
    match detail:
        case "standard":
            return tuple(stages)
        case "full":
            return tuple(
                replace(s, lines=tuple(fine for line in s.lines for fine in _taken_apart(line))) for s in stages
            )
        case "brief":
            return tuple(replace(s, lines=tuple(_taken_together(s.lines))) for s in stages)


def _taken_apart(line: Line) -> list[Line]:
    """A line for each rule; what needs no reason stays with the rule before it."""
    groups: list[list[Step]] = []
    for step in line.steps:
        if groups and not step.rule.message:
            groups[-1].append(step)
        else:
            groups.append([step])
    fine: list[Line] = []
    for group in groups:
        rule, why = because(group)
        right = group[-1].after
        if right != (fine[-1].right if fine else line.start):
            fine.append(Line(line.left, right, rule, why or line.because, tuple(group), group[0].before, line.where))
    if len(fine) < 2 or fine[-1].right != line.right:
        return [line]
    return [*fine[:-1], replace(fine[-1], mark=line.mark)]


def _taken_together(lines: Sequence[Line]) -> list[Line]:
    """One line for each chain: its last right side, for all the reasons of the chain."""
    together: list[Line] = []
    for _, group in groupby(lines, key=lambda line: (line.left, line.where)):
        chain = list(group)
        marks = [line.mark for line in chain[:-1] if line.mark is not None]
        if len(chain) == 1 or marks or not chain[-1].steps:
            together += chain
            continue
        reasons = clauses(*dict.fromkeys(line.because for line in chain))
        steps = tuple(step for line in chain for step in line.steps)
        together.append(replace(chain[-1], because=reasons, steps=steps, start=chain[0].start))
    return together
