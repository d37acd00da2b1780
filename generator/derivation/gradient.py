"""The gradient of a scalar function: dL is brought into the form Tr(GᵀdX), and G is read off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    Diag,
    Diagonal,
    Expr,
    Product,
    Shape,
    Sum,
    Trace,
    Transpose,
    number,
    product,
    scale,
    split_scale,
    terms_of,
    tr,
    walk,
    zeros,
)
from generator.algebra.plain import plain
from generator.algebra.structure import has, is_symmetric
from generator.derivation import plan
from generator.derivation.derivation import Line, circled
from generator.derivation.differential import DifferentialBoard
from generator.derivation.guards import ends_in_differential, frees
from generator.derivation.identities import rules
from generator.derivation.laws import before_differential
from generator.derivation.rule import Substitution, listing
from generator.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.algebra.plain import Text


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


class GradientBoard(DifferentialBoard):
    """The derivation of a gradient, line by line."""

    answer_names = ("G", "H", "K")

    @property
    def value_names(self) -> tuple[str, ...]:
        """The lecture calls a function L."""
        return ("L", "J", "F")

    def answer_shape(self) -> Shape:
        """That of the variable."""
        return self.wrt.shape

    def derive(self) -> Expr:
        """The whole derivation; gives back the gradient."""
        return self._identify(self.differential())

    def differential(self) -> Expr:
        """Everything up to dL in its final form, which is given back."""
        e = self._as_trace()
        self.board.stage(*self.title(plan.DIFFERENTIATE))
        e = self.differentiate(self.dL, e)
        e = self.resolve_blocks(e)
        return self._settle(e)

    def _as_trace(self) -> Expr:
        """L as the rules can take it: blocks named, squared norms as traces."""
        e, naming = self.naming()
        new, steps = self.engine.run(e, plan.AS_TRACE.passes[0])
        if not steps:
            return self.named_function()
        self.board.stage(*self.title(plan.AS_TRACE))
        return self.board.write(self.names.value, self.function, new, [*naming, *steps])

    # -- moving dX to the end

    def is_settled(self, term: Expr) -> bool:
        """It is c Tr(M dX), c m dx or c dt."""
        scalars, body = split_scale(term)
        if any(s.has_differential for s in scalars):
            return False
        if isinstance(body, Sum):
            return all(map(self.is_settled, body.terms))
        inner = body.arg if isinstance(body, Trace) else body
        if isinstance(body, Trace) or self.wrt.shape[1] == ONE or not isinstance(inner, Product):
            return ends_in_differential(inner)
        return False

    def _settle(self, right: Expr) -> Expr:
        """Split what has to be split, bring dX to the end of each term, and take the terms together."""
        if any(isinstance(part, Trace) and not self.is_settled(part) for part in walk(right)):
            self.board.stage(*self.title(plan.SPLIT))
            for stage in plan.SPLIT.passes:
                right = self.board.advance(self.dL, right, stage)
        if not all(map(self.is_settled, terms_of(right))):
            right = self._bring_to_end(right)
        right = self.board.advance(self.dL, right, plan.COLLECT)
        moving = [t for t in terms_of(right) if not self.is_settled(t)]
        if right != number(0) and (moving or len(terms_of(right)) > 1):
            raise self._stuck((moving or [right])[0])
        return right

    def _stuck(self, term: Expr) -> Unsupported:
        return Unsupported(
            f"{plain(term)} cannot be brought into the form Tr(G' d{self.wrt.name})",
            remedy="A rule that moves the differential to the end is missing for this kind of term.",
        )

    def _bring_to_end(self, right: Expr) -> Expr:
        self.board.stage(*self.title(plan.TO_THE_END))
        terms = terms_of(right)
        if len(terms) == 1 or not any(isinstance(part, Trace) for part in walk(right)):
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
        marks = [self.board.mark(body) for body, _ in asides]
        put = Substitution("substitute", tuple(asides), quiet=True)
        new, steps = self.engine.exhaust(right, (put,))
        listed = ", ".join(map(circled, marks))
        why: Text = (f"{listed} in {circled(first)}",) if first else (f"by {listed}",)
        self.board.line(Line(self.dL, new, "substitute", why, tuple(steps), right))
        return new

    def _mark_before(self, right: Expr) -> int:
        """Mark the line whose right side is taken up again."""
        lines = [line for _, lines in self.board.stages for line in lines]
        return self.board.mark(self.dL) if any((e.left, e.right) == (self.dL, right) for e in lines) else 0

    # -- reading G off

    def _identify(self, right: Expr) -> Expr:
        G, wrt = self.names.answer, self.wrt
        self.board.stage("Identify ", G)
        back = Substitution("definition", tuple(self.names.blocks.items()), quiet=True)
        structured = wrt.is_square and not wrt.is_scalar
        space = next((p for p in PROJECTIONS if structured and has(wrt, p.property)), None)
        if space is not None:
            self.convention = "projection"
        if right == number(0):
            self.board.line(Line(G, zeros(wrt.shape), "identify", (self.dL, " = 0 for every ", self.dX)))
            return zeros(wrt.shape)
        found = before_differential(right)
        if found is None:
            raise self._stuck(right)
        transposed, _, traced = found
        if wrt.is_scalar:
            self.board.line(Line(G, transposed, "identify", (self.dL, " = ", scale(G, self.dX))))
            put, steps = self.engine.exhaust(transposed, (back,))
            shorter, taken = self.engine.run(put, plan.SCALAR_ANSWER)
            return self.board.write(G, transposed, shorter, [*steps, *taken])
        form = product(G.T, self.dX)
        compare: Text = (self.dL, " = ", tr(form) if traced else form)
        if space is not None and not (space.property == "symmetric" and is_symmetric(transposed)):
            return self._project(space, transposed, back)
        turn = Substitution("transpose", ((G, Transpose(transposed)),), quiet=True)
        new, turned = self.engine.once(G, turn)
        new, steps = self.engine.run(new, plan.ANSWER)
        steps = [*turned, *steps]
        final, more = self.engine.exhaust(new, (back,))
        final, factored = self.engine.run(final, plan.Pass(plan.GATHER))
        if self.convention == "projection":
            why: Text = (*compare, "; already symmetric, as the gradient by a symmetric ", wrt, " is")
            self.board.line(Line(G, final, "identify", why, (*steps, *more, *factored), G))
            return final
        self.board.line(Line(G.T, transposed, "identify", compare))
        why = ("transpose both sides",)
        if more:
            why = (*why, "; put ", *listing(list(self.names.blocks)), " back")
        self.board.line(Line(G, final, "transpose", why, (*steps, *more, *factored), G))
        return final

    def _project(self, space: Projection, transposed: Expr, back: Substitution) -> Expr:
        """For a structured variable only that part of the gradient counts that has the structure."""
        whole = space.part(transposed)
        new, steps = self.engine.exhaust(whole, (back,))
        pushed = tuple(replace(rule, where=None) if rule.where is frees else rule for rule in rules(*plan.ANSWER.rules))
        final, more = self.engine.exhaust(new, pushed)
        why: Text = (self.dX, f" is {space.property}, so only the {space.name} of the factor before it counts")
        self.board.line(Line(self.names.answer, final, "projection", why, (*steps, *more), whole))
        return final
