"""The gradient read off: what stands before dX in dL = Tr(GᵀdX), or the part that the variable's structure leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.algebra.expr import Diag, Diagonal, Expr, Transpose, number, product, scale, tr, zeros
from generator.algebra.structure import has, is_symmetric
from generator.derivation import plan
from generator.derivation.derivation import Line
from generator.derivation.guards import frees
from generator.derivation.identities import rules
from generator.derivation.laws import before_differential
from generator.derivation.rule import Substitution, listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.algebra.plain import Text
    from generator.derivation.gradient import GradientBoard


@dataclass(frozen=True)
class Projection:
    """What a structure of the variable leaves of a gradient: the part of the transposed gradient that has it."""

    property: str
    name: str
    part: Callable[[Expr], Expr]


half = number("1/2")
PROJECTIONS = (
    Projection("diagonal", "diagonal part", lambda H: Diag(Diagonal(H))),
    Projection("skew-symmetric", "skew-symmetric part", lambda H: half * (H.T - H)),
    Projection("symmetric", "symmetric part", lambda H: half * (H + H.T)),
)
"""The orthogonal projections onto the spaces of structured matrices, the smallest space first."""


def identify_gradient(board: GradientBoard, right: Expr) -> Expr:
    """The lines that read G off from dL = right, the last of their chain; gives G back."""
    G, wrt = board.names.answer, board.wrt
    board.board.stage("Identify ", G)
    back = board.put_back()
    structured = wrt.is_square and not wrt.is_scalar
    space = next((p for p in PROJECTIONS if structured and has(wrt, p.property)), None)
    if space is not None:
        board.convention = "projection"
    if right == number(0):
        board.board.line(Line(G, zeros(wrt.shape), "identify", (board.dL, " = 0 for every ", board.dX)))
        return zeros(wrt.shape)
    found = before_differential(right)
    if found is None:
        raise board.stuck(right)
    transposed, _, traced = found
    if wrt.is_scalar:
        board.board.line(Line(G, transposed, "identify", (board.dL, " = ", scale(G, board.dX))))
        put, steps = board.engine.exhaust(transposed, (back,))
        shorter, taken = board.engine.run(put, plan.SCALAR_ANSWER)
        return board.board.write(G, transposed, shorter, [*steps, *taken])
    form = product(G.T, board.dX)
    compare: Text = (board.dL, " = ", tr(form) if traced else form)
    if space is not None and not (space.property == "symmetric" and is_symmetric(transposed)):
        return _project(board, space, transposed, back)
    turn = Substitution("transpose", ((G, Transpose(transposed)),), "transpose both sides", quiet=True)
    new, turned = board.engine.once(G, turn)
    new, steps = board.engine.run(new, plan.ANSWER)
    steps = [*turned, *steps]
    final, more = board.engine.exhaust(new, (back,))
    final, factored = board.engine.run(final, plan.Pass(plan.GATHER))
    if board.convention == "projection":
        why: Text = (*compare, "; already symmetric, as the gradient by a symmetric ", wrt, " is")
        board.board.line(Line(G, final, "identify", why, (*steps, *more, *factored), G))
        return final
    board.board.line(Line(G.T, transposed, "identify", compare))
    why = ("transpose both sides",)
    if more:
        why = (*why, "; put ", *listing(list(board.names.blocks)), " back")
    board.board.line(Line(G, final, "transpose", why, (*steps, *more, *factored), G))
    return final


def _project(board: GradientBoard, space: Projection, transposed: Expr, back: Substitution) -> Expr:
    """For a structured variable only that part of the gradient counts that has the structure."""
    whole = space.part(transposed)
    new, steps = board.engine.exhaust(whole, (back,))
    pushed = tuple(replace(rule, where=None) if rule.where is frees else rule for rule in rules(*plan.ANSWER.rules))
    final, more = board.engine.exhaust(new, pushed)
    why: Text = (board.dX, f" is {space.property}, so only the {space.name} of the factor before it counts")
    board.board.line(Line(board.names.answer, final, "projection", why, (*steps, *more), whole))
    return final
