"""The Jacobian of a vector or matrix function: dy = J dx or vec(dF) = J vec(dX), and the derivative by a scalar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.messages import clauses
from generator.expr.nodes import (
    ONE,
    SCALAR,
    Expr,
    Shape,
    Transpose,
    Vec,
    add,
    number,
    product,
    scale,
    scaled,
    split_scale,
    terms_of,
    zeros,
)
from generator.expr.printing.plain import plain
from generator.rules import plan
from generator.rules.laws import before_differential
from generator.rules.predicates import ends_in_differential
from generator.rules.rule import Substitution
from generator.rules.vectorization import COLUMNS_STACKED, formulas, matrix_before, stacked
from generator.solver.derivation import Line
from generator.solver.differential import DifferentialSolver
from generator.solver.identify import EQUATION, IDENTIFY, TRANSPOSE_BOTH, VANISHES

if TYPE_CHECKING:
    from generator.expr.messages import Text


def jacobian_shape(function: Shape, wrt: Shape) -> Shape:
    """That of [∂f_i/∂x_j] or ∂vec F/∂(vec X)′; of F itself for a scalar variable, of X for a scalar function."""
    if wrt == SCALAR:
        return function
    if function == SCALAR:
        return wrt
    return function[0] * function[1], wrt[0] * wrt[1]


class JacobianSolver(DifferentialSolver):
    """The derivation of a Jacobian, line by line."""

    answer_names = ("J", "D", "K")

    def answer_shape(self) -> Shape:
        """That of the Jacobian."""
        return jacobian_shape(self.function.shape, self.wrt.shape)

    @property
    def jacobian(self) -> Expr:
        """What stands before dx: the answer, or its transpose where the layout turns it."""
        return self.names.answer.T if self.turned else self.names.answer

    @property
    def by_columns(self) -> bool:
        """Function and variable are columns or rows, so that dy = J dx needs no vec."""
        return ONE in self.function.shape and self.wrt.shape[1] == ONE

    def derive(self) -> Expr:
        """The whole derivation; gives back the Jacobian."""
        self.simplified()
        return self.of(self.dL, self.named_function(), self.title(plan.DIFFERENTIATE))

    def differential(self) -> Expr:
        """The derivation of dy alone, which has the shape of y: a row stays one."""
        self.simplified()
        function, title = self.named_function(), self.title(plan.DIFFERENTIATE)
        if self._is_row(function):
            return self.writer.advance(self.dL, self._worked_out(self.dL, function, title), plan.COLLECT)
        return self._settled(self.dL, function, title)[1]

    def of(self, left: Expr, function: Expr, title: Text) -> Expr:
        """Lines from `left = d(function)`, under a title, to the Jacobian."""
        return self._identify(*self._settled(left, function, title))

    def _is_row(self, e: Expr) -> bool:
        """It has to be turned before dx can stand at its end."""
        return self.by_columns and not self.wrt.is_scalar and e.shape[0] == ONE

    def _worked_out(self, left: Expr, function: Expr, title: Text) -> Expr:
        """Lines until d stands at the variable only."""
        self.writer.stage(title)
        return self.resolve_blocks(self.differentiate(left, function))

    def _settled(self, left: Expr, function: Expr, title: Text) -> tuple[Expr, Expr]:
        """Lines until dx is last; a row is turned into a column on the way."""
        right = self._worked_out(left, function, title)
        if self._is_row(right):
            turned, steps = self.engine.run(Transpose(right), plan.ANSWER)
            left, right = Transpose(left), self.writer.write(Transpose(left), Transpose(right), turned, steps)
        self.writer.stage(self.title(plan.JACOBIAN))
        right = self.moved(left, right, plan.JACOBIAN.passes)
        stacks = not self.by_columns and not self.wrt.is_scalar
        return left, self.writer.advance(left, right, plan.COLLECT_LIKE if stacks else plan.COLLECT)

    def is_settled(self, term: Expr) -> bool:
        """It is M dt for a scalar t, M dx for a column, and for a matrix linear in vec(dX) by a known matrix."""
        scalars, body = split_scale(term)
        if self.wrt.is_scalar:
            return [s for s in (*scalars, body) if s.has_differential] == [self.dX]
        if self.by_columns:
            return not any(s.has_differential for s in scalars) and ends_in_differential(body)
        return matrix_before(term, self.dX) is not None

    def _identify(self, left: Expr, right: Expr) -> Expr:
        J = self.names.answer
        self.writer.stage(IDENTIFY(answer=J))
        if right in (zeros(right.shape), number(0)):
            found: Expr = zeros(J.shape)
            self.writer.line(Line(J, found, "identify", VANISHES(differential=left, direction=self.dX)))
            return found
        unsettled = next((t for t in terms_of(right) if not self.is_settled(t)), None)
        if unsettled is not None:
            raise Unsupported(
                f"{plain(unsettled)} cannot be brought into the form J d{self.wrt.name}",
                remedy="A rule that moves the differential to the end is missing for this kind of term.",
            )
        if self.wrt.is_scalar:
            found = add(*(self._without_differential(t) for t in terms_of(right)))
            compare = EQUATION(left=left, right=scale(self.dX, self.jacobian))
        elif self.by_columns:
            found = add(*map(self._before_differential, terms_of(right)))
            compare = EQUATION(left=left, right=product(self.jacobian, self.dX))
        else:
            return self._by_vec(left, right)
        return self._answer(found, compare)

    def _answer(self, found: Expr, compare: Text) -> Expr:
        J = self.jacobian
        found, read = self.engine.once(J, Substitution("identify", ((J, found),), quiet=True))
        self.writer.line(Line(J, found, "identify", compare, tuple(read), J))
        if self.turned:
            return self._transposed(found)
        put, steps = self.engine.exhaust(found, (self.put_back(),))
        final, more = self.engine.run_all(put, (plan.ANSWER, *plan.FINISH))
        return self.writer.write(J, found, final, [*steps, *more])

    def _transposed(self, jacobian: Expr) -> Expr:
        """The transpose of the Jacobian, which denominator layout asks for."""
        D = self.names.answer
        turn = Substitution("transpose", ((D, Transpose(jacobian)),), TRANSPOSE_BOTH, quiet=True)
        start, turned = self.engine.once(D, turn)
        put, steps = self.engine.exhaust(start, (self.put_back(),))
        final, more = self.engine.run_all(put, (plan.ANSWER, *plan.FINISH))
        self.writer.line(Line(D, final, "transpose", TRANSPOSE_BOTH(), (*turned, *steps, *more), D))
        return final

    def _without_differential(self, term: Expr) -> Expr:
        scalars, body = split_scale(term)
        return scaled([s for s in scalars if s != self.dX], body if body != self.dX else None)

    @staticmethod
    def _before_differential(term: Expr) -> Expr:
        found = before_differential(term)
        assert found is not None, term  # it is settled
        return found[0]

    def _by_vec(self, left: Expr, right: Expr) -> Expr:
        """vec(A dX B) = (B′ ⊗ A) vec(dX), term by term."""
        step = self.dX if self.wrt.shape[1] == ONE else Vec(self.dX)
        found = matrix_before(right, self.dX)
        assert found is not None, right  # it is settled
        form = product(self.jacobian, step)
        if left.shape[1] != ONE:
            self.writer.line(Line(stacked(left), stacked(right), "vec", COLUMNS_STACKED()))
        return self._answer(found, clauses(EQUATION(left=stacked(left), right=form), *formulas(right, found)))
