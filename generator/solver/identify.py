"""The gradient read off: what stands before dX in dL = Tr(GᵀdX), or the part that the variable's structure leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.expr.messages import Message, clauses
from generator.expr.nodes import Expr, Symbol, Transpose, number, product, scale, substitute, tr, zeros
from generator.expr.properties import is_symmetric
from generator.rules import plan
from generator.rules.engine import Engine, because
from generator.rules.identities import rules
from generator.rules.laws import before_differential
from generator.rules.predicates import is_shorter_transposed
from generator.rules.rule import Context, Substitution
from generator.solver.conventions import structure_of
from generator.solver.derivation import Line
from generator.solver.differential import PUT_BACK
from generator.solver.refusals import not_movable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.expr.messages import Text
    from generator.rules.rule import Step
    from generator.solver.conventions import Structure
    from generator.solver.differential import DifferentialSolver

IDENTIFY = Message("identify", "Identify {answer}")
EQUATION = Message("equation", "{left} = {right}")
VANISHES = Message("vanishes", "{differential} = 0 for every {direction}")
TRANSPOSE_BOTH = Message("transpose-both", "transpose both sides")

PUSHED = tuple(
    replace(rule, where=None) if rule.where is is_shorter_transposed else rule for rule in rules(*plan.ANSWER.rules)
)
"""What brings the transposes of a sum to its symbols, even where that saves nothing: A + A′ shows what it is."""


def identify_gradient(solver: DifferentialSolver, right: Expr) -> Expr:
    """The lines that read the answer off from dL = right, the last of their chain; gives the answer back."""
    G, wrt = solver.names.answer, solver.wrt
    solver.writer.stage(IDENTIFY(answer=G))
    if right == number(0):
        solver.writer.line(Line(G, zeros(G.shape), "identify", VANISHES(differential=solver.dL, direction=solver.dX)))
        return zeros(G.shape)
    found = before_differential(right)
    if found is None:
        raise not_movable(right, wrt)
    before, _, traced = found
    if wrt.is_scalar:
        return _written(solver, before, EQUATION(left=solver.dL, right=scale(G, solver.dX)), plan.SCALAR_ANSWER)
    form = product(G if solver.turned else G.T, solver.dX)
    compare = EQUATION(left=solver.dL, right=tr(form) if traced else form)
    structure = structure_of(wrt) if solver.conventions.structured != "unstructured" else None
    if structure is None:
        if solver.turned:
            return _written(solver, before, compare, plan.ANSWER)
        solver.writer.line(Line(G.T, before, "identify", compare))
        return _transposed(solver, before, "transpose", TRANSPOSE_BOTH())
    if solver.conventions.structured == "independent entries" and structure.independent is not structure.projection:
        return _by_independent_entries(solver, structure, before)
    if structure.property == "symmetric" and is_symmetric(before):
        already = Message("already-symmetric", "already symmetric, as the gradient by a symmetric {variable} is")
        return _transposed(solver, before, "identify", clauses(compare, already(variable=wrt)))
    return _projected(solver, structure, before)


def _written(solver: DifferentialSolver, before: Expr, compare: Text, shorten: plan.Pass) -> Expr:
    """What stands before dX is the answer as it is."""
    G = solver.names.answer
    solver.writer.line(Line(G, before, "identify", compare))
    put, steps = solver.engine.exhaust(before, (solver.put_back(),))
    shorter, taken = solver.engine.run_all(put, (shorten, *plan.FINISH))
    return solver.writer.write(G, before, shorter, [*steps, *taken])


def _transposed(solver: DifferentialSolver, before: Expr, rule: str, why: Text) -> Expr:
    """The answer is the transpose of what stands before dX."""
    G = solver.names.answer
    turn = Substitution("transpose", ((G, Transpose(before)),), TRANSPOSE_BOTH, quiet=True)
    new, turned = solver.engine.once(G, turn)
    new, steps = solver.engine.run(new, plan.ANSWER)
    put, more = solver.engine.exhaust(new, (solver.put_back(),))
    why = clauses(why, _properties_used(steps))
    if more and rule == "transpose":
        why = clauses(why, PUT_BACK(names=list(solver.names.blocks)))
    final, gathered = solver.engine.run_all(put, plan.FINISH)
    solver.writer.line(Line(G, final, rule, why, (*turned, *steps, *more, *gathered), G))
    return final


def _turned(solver: DifferentialSolver, structure: Structure, before: Expr) -> Expr:
    """What stands before dX, turned if the layout asks for it; what is symmetric in the end need not be."""
    return Transpose(before) if solver.turned and structure.property == "skew-symmetric" else before


def _properties_used(steps: Sequence[Step]) -> Text:
    """What is to be said of the constants: that they are symmetric, or orthogonal."""
    return because([step for step in steps if not step.rule.quiet and step.rule.role == "property"])[1]


def _projected(solver: DifferentialSolver, structure: Structure, before: Expr) -> Expr:
    """For a structured variable only that part of the gradient counts that has the structure."""
    assert structure.projection is not None  # or the convention would be another
    G = solver.names.answer
    part = structure.projection(_turned(solver, structure, before))
    whole, projected = solver.engine.once(G, Substitution("projection", ((G, part),), quiet=True))
    put, steps = solver.engine.exhaust(whole, (solver.put_back(),))
    final, more = _pushed(solver, put)
    assert structure.only_part_counts is not None
    why = structure.only_part_counts(differential=solver.dX)
    solver.writer.line(Line(G, final, "projection", why, (*projected, *steps, *more), G))
    return final


def _by_independent_entries(solver: DifferentialSolver, structure: Structure, before: Expr) -> Expr:
    """The derivative by an entry of the variable, where the structure moves another entry along."""
    assert structure.independent is not None  # or the convention would be another
    G = solver.names.answer
    P = solver.name(("P", "M", "Q"), before.shape, ["symmetric"] if is_symmetric(before) else [])
    meaning, shown = solver.engine.exhaust(before, (solver.put_back(),))
    compare = EQUATION(left=solver.dL, right=tr(product(P, solver.dX)))
    solver.writer.line(Line(P, meaning, "identify", compare, tuple(shown), before))
    solver.names.blocks[P] = meaning
    by_entries = Message("by-independent-entries", "Differentiate by the independent entries of {variable}")
    solver.writer.stage(by_entries(variable=solver.wrt))
    whole, _ = solver.engine.exhaust(structure.independent(_turned(solver, structure, P)), PUSHED)
    assert structure.tie is not None
    solver.writer.line(Line(G, whole, "independent-entries", structure.tie(variable=solver.wrt)))
    put, steps = solver.engine.exhaust(whole, (Substitution("definition", ((P, meaning),), quiet=True),))
    final, more = _pushed(solver, put)
    return solver.writer.write(G, whole, final, [*steps, *more])


def _pushed(solver: DifferentialSolver, e: Expr) -> tuple[Expr, list[Step]]:
    """The last form of an answer whose transposes go to the symbols."""
    pushed, steps = solver.engine.exhaust(e, PUSHED)
    final, more = solver.engine.run(pushed, plan.LAST_TOUCH)
    return final, [*steps, *more]


def use_structure(solver: DifferentialSolver, result: Expr, wrt: Symbol) -> Expr:
    """The answer, found with all entries free, at a variable that has a structure; a line where that shortens it."""
    X, answer = solver.wrt, solver.names.answer
    final, steps = Engine(Context(frozenset({wrt}), wrt)).run(substitute(result, {X: wrt}), plan.ANSWER)
    short = substitute(final, {wrt: X})
    if short == result:
        return result
    _, why = because(steps)
    solver.writer.stage(Message("use-structure", "Use the structure of {variable}")(variable=X))
    only_now = Message("only-now", "only now, after differentiating: {reason}")
    solver.writer.line(Line(answer, short, "structure", only_now(reason=why)))
    return short
