"""The gradient read off: what stands before dX in dL = Tr(GᵀdX), or the part that the variable's structure leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.algebra.expr import Expr, Symbol, Transpose, number, product, scale, substitute, tr, zeros
from generator.algebra.structure import is_symmetric
from generator.derivation import plan
from generator.derivation.conventions import structure_of
from generator.derivation.derivation import Line
from generator.derivation.engine import Engine, because
from generator.derivation.guards import frees
from generator.derivation.identities import rules
from generator.derivation.laws import before_differential
from generator.derivation.refusals import not_movable
from generator.derivation.rule import Context, Substitution, listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.algebra.plain import Text
    from generator.derivation.conventions import Structure
    from generator.derivation.differential import DifferentialBoard
    from generator.derivation.rule import Step

PUSHED = tuple(replace(rule, where=None) if rule.where is frees else rule for rule in rules(*plan.ANSWER.rules))
"""What brings the transposes of a sum to its symbols, even where that saves nothing: A + A′ shows what it is."""


def identify_gradient(board: DifferentialBoard, right: Expr) -> Expr:
    """The lines that read the answer off from dL = right, the last of their chain; gives the answer back."""
    G, wrt = board.names.answer, board.wrt
    board.board.stage("Identify ", G)
    if right == number(0):
        board.board.line(Line(G, zeros(G.shape), "identify", (board.dL, " = 0 for every ", board.dX)))
        return zeros(G.shape)
    found = before_differential(right)
    if found is None:
        raise not_movable(right, wrt)
    before, _, traced = found
    if wrt.is_scalar:
        return _written(board, before, (board.dL, " = ", scale(G, board.dX)), plan.SCALAR_ANSWER)
    form = product(G if board.turned else G.T, board.dX)
    compare: Text = (board.dL, " = ", tr(form) if traced else form)
    structure = structure_of(wrt) if board.conventions.structured != "unstructured" else None
    if structure is None:
        if board.turned:
            return _written(board, before, compare, plan.ANSWER)
        board.board.line(Line(G.T, before, "identify", compare))
        return _transposed(board, before, "transpose", ("transpose both sides",))
    if board.conventions.structured == "independent entries" and structure.independent is not structure.projection:
        return _by_independent_entries(board, structure, before)
    if structure.property == "symmetric" and is_symmetric(before):
        why: Text = (*compare, "; already symmetric, as the gradient by a symmetric ", wrt, " is")
        return _transposed(board, before, "identify", why)
    return _projected(board, structure, before)


def _written(board: DifferentialBoard, before: Expr, compare: Text, shorten: plan.Pass) -> Expr:
    """What stands before dX is the answer as it is."""
    G = board.names.answer
    board.board.line(Line(G, before, "identify", compare))
    put, steps = board.engine.exhaust(before, (board.put_back(),))
    shorter, taken = board.engine.run(put, shorten)
    return board.board.write(G, before, shorter, [*steps, *taken])


def _transposed(board: DifferentialBoard, before: Expr, rule: str, why: Text) -> Expr:
    """The answer is the transpose of what stands before dX."""
    G = board.names.answer
    turn = Substitution("transpose", ((G, Transpose(before)),), "transpose both sides", quiet=True)
    new, turned = board.engine.once(G, turn)
    new, steps = board.engine.run(new, plan.ANSWER)
    put, more = board.engine.exhaust(new, (board.put_back(),))
    why = (*why, *_structure_used(steps))
    if more and rule == "transpose":
        why = (*why, "; put ", *listing(list(board.names.blocks)), " back")
    final, gathered = board.engine.run(put, plan.Pass(plan.GATHER))
    board.board.line(Line(G, final, rule, why, (*turned, *steps, *more, *gathered), G))
    return final


def _turned(board: DifferentialBoard, structure: Structure, before: Expr) -> Expr:
    """What stands before dX, turned if the layout asks for it; what is symmetric in the end need not be."""
    return Transpose(before) if board.turned and structure.property == "skew-symmetric" else before


def _structure_used(steps: Sequence[Step]) -> Text:
    """What is to be said of the constants: that they are symmetric, or orthogonal."""
    _, said = because([step for step in steps if not step.rule.quiet and "[is|are]" in step.rule.because])
    return ("; ", *said) if said else ()


def _projected(board: DifferentialBoard, structure: Structure, before: Expr) -> Expr:
    """For a structured variable only that part of the gradient counts that has the structure."""
    assert structure.projection is not None  # or the convention would be another
    G = board.names.answer
    part = structure.projection(_turned(board, structure, before))
    whole, projected = board.engine.once(G, Substitution("projection", ((G, part),), quiet=True))
    put, steps = board.engine.exhaust(whole, (board.put_back(),))
    final, more = board.engine.exhaust(put, PUSHED)
    why: Text = (board.dX, f" is {structure.property}, so only the {structure.part} of the factor before it counts")
    board.board.line(Line(G, final, "projection", why, (*projected, *steps, *more), G))
    return final


def _by_independent_entries(board: DifferentialBoard, structure: Structure, before: Expr) -> Expr:
    """The derivative by an entry of the variable, where the structure moves another entry along."""
    assert structure.independent is not None  # or the convention would be another
    G = board.names.answer
    P = board.name(("P", "M", "Q"), before.shape, ["symmetric"] if is_symmetric(before) else [])
    meaning, shown = board.engine.exhaust(before, (board.put_back(),))
    board.board.line(Line(P, meaning, "identify", (board.dL, " = ", tr(product(P, board.dX))), tuple(shown), before))
    board.names.blocks[P] = meaning
    board.board.stage("Differentiate by the independent entries of ", board.wrt)
    whole, _ = board.engine.exhaust(structure.independent(_turned(board, structure, P)), PUSHED)
    board.board.line(Line(G, whole, "independent-entries", (board.wrt, f" is {structure.property}: {structure.tie}")))
    put, steps = board.engine.exhaust(whole, (Substitution("definition", ((P, meaning),), quiet=True),))
    final, more = board.engine.exhaust(put, PUSHED)
    return board.board.write(G, whole, final, [*steps, *more])


def use_structure(board: DifferentialBoard, result: Expr, wrt: Symbol) -> Expr:
    """The answer, found with all entries free, at a variable that has a structure; a line where that shortens it."""
    X, answer = board.wrt, board.names.answer
    final, steps = Engine(Context(frozenset({wrt}), wrt)).run(substitute(result, {X: wrt}), plan.ANSWER)
    short = substitute(final, {wrt: X})
    if short == result:
        return result
    _, why = because(steps)
    board.board.stage("Use the structure of ", X)
    board.board.line(Line(answer, short, "structure", ("only now, after differentiating: ", *why)))
    return short
