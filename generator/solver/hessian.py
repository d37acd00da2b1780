"""The Hessian of a scalar function: the Jacobian of its gradient, which the second differential shows."""

from __future__ import annotations

from generator.expr.messages import Message, clauses
from generator.expr.nodes import ONE, Expr, Shape, Symbol, Transpose, d, product, tr
from generator.expr.properties import is_symmetric
from generator.solver.derivation import Line
from generator.solver.differential import Names
from generator.solver.gradient import GradientSolver
from generator.solver.jacobian import JacobianSolver, jacobian_shape


class HessianSolver(GradientSolver):
    """The derivation of a gradient, and of the gradient's Jacobian."""

    answer_names = ("H", "K", "D")

    @property
    def turned(self) -> bool:
        """Never: a Hessian is its own transpose."""
        return False

    def answer_shape(self) -> Shape:
        """Square, with as many rows as the variable has entries."""
        return jacobian_shape(self.wrt.shape, self.wrt.shape)

    def derive(self) -> Expr:
        """The whole derivation; gives back the Hessian."""
        H, G = self.names.answer, self.name(("G", "g", "E"), self.wrt.shape)
        self.names.answer = G
        gradient = super().derive()
        self.names.answer = H
        self.names.blocks[G] = gradient
        second = JacobianSolver(gradient, self.wrt, {}, self.engine.slip)
        second.writer, second.names = self.writer, Names(G, H)
        hessian = second.of(d(G), gradient, Message("differentiate-gradient", "Differentiate {gradient}")(gradient=G))
        first, again = self._forms(G, H)
        why = Message("once-more", "{differential} = {first} once more, {direction} held fixed")(
            differential=self.dL, first=first, direction=self.dX
        )
        symmetric = Message("hessian-symmetric", "{hessian} is symmetric, as it must be")(hessian=H)
        is_worth_saying = is_symmetric(hessian) and not self.wrt.is_scalar
        reasons = clauses(why, symmetric) if is_worth_saying else why
        self.writer.line(Line(d(self.dL), again, "second-differential", reasons))
        return hessian

    def _forms(self, G: Symbol, H: Symbol) -> tuple[Expr, Expr]:
        """The first and the second differential by their names: G dt and H dt²; G′dx and dx′H dx; or traces."""
        dX = self.dX
        if self.wrt.is_scalar:
            return G * dX, H * dX**2
        if self.wrt.shape[1] == ONE:
            return product(G.T, dX), product(Transpose(dX), H, dX)
        return tr(product(G.T, dX)), tr(product(Transpose(d(G)), dX))
