"""The board: the chain of equations in the making, stage by stage, line by line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.rules.engine import Engine, because
from generator.solver.derivation import Line, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.expr.messages import Text
    from generator.expr.nodes import Expr
    from generator.rules.plan import Pass
    from generator.rules.rule import Step


@dataclass
class DerivationWriter:
    """Writes lines under titles; remembers all steps, and the marks that lines refer to each other by."""

    engine: Engine
    stages: list[tuple[Stage, list[Line]]] = field(default_factory=list)
    """Each stage, still without its lines, and its lines so far."""
    steps: list[Step] = field(default_factory=list)
    marks: int = 0
    proved: set[str] = field(default_factory=set)
    """The names of the rules that a stage has introduced already."""

    def stage(self, title: Text, introduces: str = "") -> None:
        """Begin a stage, which may introduce a rule; one that gets no line is dropped."""
        if self.stages and not self.stages[-1][1]:
            self.stages.pop()
        self.stages.append((Stage(title, (), introduces), []))

    def finished(self) -> tuple[Stage, ...]:
        """All stages that have lines."""
        return tuple(replace(stage, lines=tuple(lines)) for stage, lines in self.stages if lines)

    def line(self, line: Line) -> None:
        """Write a line below the others."""
        self.steps.extend(line.steps)
        self.stages[-1][1].append(line)

    def write(self, left: Expr, start: Expr, right: Expr, steps: Sequence[Step]) -> Expr:
        """Write `left = right`, reached from `start` by steps that name it and give its reason; give back the right."""
        if steps and right != start:
            rule, why = because(steps)
            self.line(Line(left, right, rule, why, tuple(steps), start))
        return right

    def advance(self, left: Expr, right: Expr, stage: Pass) -> Expr:
        """Write the line that a pass makes of the chain's last right side, if it changes anything."""
        new, steps = self.engine.run(right, stage)
        return self.write(left, right, new, steps)

    def mark(self, left: Expr) -> int:
        """Put a circled number beside the last line with a left side, unless it has one."""
        for _, lines in reversed(self.stages):
            for i in range(len(lines) - 1, -1, -1):
                if lines[i].left == left:
                    found = lines[i].mark
                    if found is not None:
                        return found
                    self.marks += 1
                    lines[i] = replace(lines[i], mark=self.marks)
                    return self.marks
        raise LookupError(f"there is no line for {left}")
