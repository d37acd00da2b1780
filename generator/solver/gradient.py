"""The gradient of a scalar function: dL is brought into the form Tr(GᵀdX), and G is read off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.messages import Message
from generator.expr.nodes import (
    ONE,
    Expr,
    IndexSum,
    Product,
    Shape,
    Sum,
    Trace,
    number,
    split_scale,
    terms_of,
    walk,
)
from generator.rules import plan
from generator.rules.predicates import ends_in_differential
from generator.rules.rule import Substitution
from generator.solver.blocks import properties_of
from generator.solver.derivation import Line, circled
from generator.solver.differential import DifferentialSolver
from generator.solver.identify import identify_gradient
from generator.solver.refusals import not_movable

if TYPE_CHECKING:
    from generator.rules.rule import Step

BY_MARKS = Message("by-marks", "by {marks}")
MARKS_IN = Message("marks-in", "{marks} in {mark}")

SAMPLE_SUMS = ("S", "C", "M", "Q")
"""Names for a matrix that is a sum over samples."""


class GradientSolver(DifferentialSolver):
    """The derivation of a gradient, line by line."""

    answer_names = ("G", "H", "K")

    def answer_shape(self) -> Shape:
        """That of the variable."""
        return self.wrt.shape

    def derive(self) -> Expr:
        """The whole derivation; gives back the gradient."""
        return identify_gradient(self, self.differential())

    def differential(self) -> Expr:
        """Everything up to dL in its final form, which is given back."""
        e = self._as_trace()
        self.writer.stage(self.title(plan.DIFFERENTIATE))
        e = self.differentiate(self.dL, e)
        if self.names.blocks:
            e = self.resolve_blocks(self.settled_scalar(self.dL, e))
        return self._settle(e)

    def _as_trace(self) -> Expr:
        """L as the rules can take it: blocks named, squared norms as traces."""
        self.simplified()
        e, naming = self.naming()
        new, steps = self.engine.run(e, plan.AS_TRACE.passes[0])
        if not steps:
            return self.named_function()
        self.writer.stage(self.title(plan.AS_TRACE))
        new, named = self._with_sums_named(new)
        return self.writer.write(self.names.value, self.simple, new, [*naming, *steps, *named])

    def _with_sums_named(self, e: Expr) -> tuple[Expr, list[Step]]:
        """L with names for the matrices that are constant sums over samples: S for Σᵢ (xᵢ - μ)(xᵢ - μ)′."""
        sums = [part for part in walk(e) if isinstance(part, IndexSum) and not (part.is_scalar or part.indices)]
        constant = dict.fromkeys(filter(self.context.is_constant, sums))
        names = {part: self.name(SAMPLE_SUMS, part.shape, properties_of(part)) for part in constant}
        self.names.blocks |= {symbol: part for part, symbol in names.items()}
        return self.engine.exhaust(e, [Substitution("definition", tuple(names.items()), quiet=True)] if names else [])

    # -- moving dX to the end

    def is_settled(self, term: Expr) -> bool:
        """It is c Tr(M dX), c m dx or c dt."""
        scalars, body = split_scale(term)
        if any(s.has_differential for s in scalars):
            return False
        if isinstance(body, Sum):
            return all(map(self.is_settled, body.terms))
        inner = body.arg if isinstance(body, Trace) else body
        if isinstance(body, Trace) or not isinstance(inner, Product) or inner.factors[-1].shape[1] == ONE:
            return ends_in_differential(inner)
        return False

    def _settle(self, right: Expr) -> Expr:
        """Split what has to be split, bring dX to the end of each term, and take the terms together."""
        if self._has_trace_to_split(right):
            self.writer.stage(self.title(plan.SPLIT))
            for stage in plan.SPLIT.passes:
                right = self.writer.advance(self.dL, right, stage)
        if not all(map(self.is_settled, terms_of(right))):
            right = self._bring_to_end(right)
        right = self.writer.advance(self.dL, right, plan.COLLECT)
        moving = [t for t in terms_of(right) if not self.is_settled(t)]
        if right != number(0) and (moving or len(terms_of(right)) > 1):
            raise not_movable((moving or [right])[0], self.wrt)
        return right

    def _has_trace_to_split(self, e: Expr) -> bool:
        """A trace of what moves in it is not yet settled."""
        traces = (part for part in walk(e) if isinstance(part, Trace) and part.has_differential)
        return not all(map(self.is_settled, traces))

    def settled_scalar(self, left: Expr, right: Expr) -> Expr:
        """The same in one stage, for the differentials of blocks."""
        for stage in plan.SPLIT.passes:
            if self._has_trace_to_split(right):
                right = self.writer.advance(left, right, stage)
        if not all(map(self.is_settled, terms_of(right))):
            right = self.moved(left, right, plan.TO_THE_END.passes)
        return self.writer.advance(left, right, plan.COLLECT)

    def _bring_to_end(self, right: Expr) -> Expr:
        self.writer.stage(self.title(plan.TO_THE_END))
        terms = terms_of(right)
        if len(terms) == 1 or not any(isinstance(part, Trace) and part.has_differential for part in walk(right)):
            return self.moved(self.dL, right, plan.TO_THE_END.passes)
        asides: list[tuple[Expr, Expr]] = []
        for term in terms:
            if self.is_settled(term):
                continue
            _, body = split_scale(term)
            new = self.moved(body, body, plan.TO_THE_END.passes)
            if new != body:
                asides.append((body, new))
        if not asides:
            return right
        first = self._mark_before(right)
        marks = [self.writer.mark(body) for body, _ in asides]
        put = Substitution("substitute", tuple(asides), quiet=True)
        new, steps = self.engine.exhaust(right, (put,))
        listed = ", ".join(map(circled, marks))
        why = BY_MARKS(marks=listed)
        if first:
            why = MARKS_IN(marks=listed, mark=circled(first))
        self.writer.line(Line(self.dL, new, "substitute", why, tuple(steps), right))
        return new

    def _mark_before(self, right: Expr) -> int:
        """Mark the line whose right side is taken up again."""
        lines = [line for _, lines in self.writer.stages for line in lines]
        return self.writer.mark(self.dL) if any((e.left, e.right) == (self.dL, right) for e in lines) else 0
