"""What a solver is asked, with nothing left open, and the one place that chooses the solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.solver.conventions import USUAL, Conventions
from generator.solver.evaluation import unevaluated
from generator.solver.solve import derive, symbols_of

if TYPE_CHECKING:
    from generator.expr.nodes import Expr, Member, Symbol
    from generator.solver.derivation import Derivation
    from generator.solver.detail import Detail
    from generator.solver.solve import Equations


@dataclass(frozen=True)
class Task:
    """A function, the variable, what to find (`value` asks for the value of the function alone), and how to show it."""

    function: Expr
    wrt: Symbol
    find: str
    conventions: Conventions = USUAL
    subject_to: Equations = ()
    detail: Detail = "standard"
    member: Member | None = None
    """Which one of a family the variable is, where it is one."""
    reserved: tuple[Symbol, ...] = ()
    """Symbols to which the derivation must give no other meaning."""

    @property
    def symbols(self) -> dict[str, Symbol]:
        """Every symbol that occurs or is reserved, by name, in order."""
        return symbols_of(self.function, *(side for sides in self.subject_to for side in sides), *self.reserved)


def solve_task(task: Task) -> Derivation:
    """The verified derivation of a task, in letters; raises what `solve` raises for an expression."""
    if task.find == "value":
        return unevaluated(task.function, task.wrt, task.symbols)
    return derive(
        task.function,
        task.wrt,
        task.symbols,
        task.find,
        task.detail,
        task.conventions,
        task.subject_to,
        member=task.member,
    )
