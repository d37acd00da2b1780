"""The Jacobian of a vector or matrix function: dy = J dx or vec(dF) = J vec(dX), and the derivative by a scalar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    SCALAR,
    Diag,
    Dim,
    Expr,
    Hadamard,
    Identity,
    Kronecker,
    Product,
    Scale,
    Shape,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Vec,
    add,
    factors_of,
    hadamard,
    number,
    product,
    scale,
    scaled,
    split_scale,
    terms_of,
    zeros,
)
from generator.algebra.plain import plain
from generator.algebra.structure import transpose_of
from generator.derivation import plan
from generator.derivation.derivation import Line
from generator.derivation.differential import DifferentialBoard
from generator.derivation.guards import ends_in_differential
from generator.derivation.laws import before_differential
from generator.derivation.rule import Substitution
from generator.errors import Unsupported

if TYPE_CHECKING:
    from generator.algebra.plain import Text


def jacobian_shape(function: Shape, wrt: Shape) -> Shape:
    """That of [∂f_i/∂x_j] or ∂vec F/∂(vec X)′; of F itself for a scalar variable, of X for a scalar function."""
    if wrt == SCALAR:
        return function
    if function == SCALAR:
        return wrt
    return function[0] * function[1], wrt[0] * wrt[1]


class JacobianBoard(DifferentialBoard):
    """The derivation of a Jacobian, line by line."""

    answer_names = ("J", "D", "K")

    @property
    def value_names(self) -> tuple[str, ...]:
        """Small letters for columns and rows, capitals for matrices."""
        return ("y", "f", "h") if ONE in self.function.shape else ("F", "Y", "Z")

    def answer_shape(self) -> Shape:
        """That of the Jacobian."""
        return jacobian_shape(self.function.shape, self.wrt.shape)

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
            return self.board.advance(self.dL, self._worked_out(self.dL, function, title), plan.COLLECT)
        return self._settled(self.dL, function, title)[1]

    def of(self, left: Expr, function: Expr, title: Text) -> Expr:
        """Lines from `left = d(function)`, under a title, to the Jacobian."""
        return self._identify(*self._settled(left, function, title))

    def _is_row(self, e: Expr) -> bool:
        """It has to be turned before dx can stand at its end."""
        return self.by_columns and not self.wrt.is_scalar and e.shape[0] == ONE

    def _worked_out(self, left: Expr, function: Expr, title: Text) -> Expr:
        """Lines until d stands at the variable only."""
        self.board.stage(*title)
        return self.resolve_blocks(self.differentiate(left, function))

    def _settled(self, left: Expr, function: Expr, title: Text) -> tuple[Expr, Expr]:
        """Lines until dx is last; a row is turned into a column on the way."""
        right = self._worked_out(left, function, title)
        if self._is_row(right):
            turned, steps = self.engine.run(Transpose(right), plan.ANSWER)
            left, right = Transpose(left), self.board.write(Transpose(left), Transpose(right), turned, steps)
        self.board.stage(*self.title(plan.JACOBIAN))
        right = self.moved(left, right, plan.JACOBIAN.passes)
        return left, self.board.advance(left, right, plan.COLLECT)

    def is_settled(self, term: Expr) -> bool:
        """It is M dt for a scalar t, M dx for a column, and for a matrix one differential between constant factors."""
        scalars, body = split_scale(term)
        if self.wrt.is_scalar:
            return [s for s in (*scalars, body) if s.has_differential] == [self.dX]
        if self.by_columns:
            return not any(s.has_differential for s in scalars) and ends_in_differential(body)
        return True

    def _identify(self, left: Expr, right: Expr) -> Expr:
        J = self.names.answer
        self.board.stage("Identify ", J)
        if right in (zeros(right.shape), number(0)):
            found: Expr = zeros(J.shape)
            self.board.line(Line(J, found, "identify", (left, " = 0 for every ", self.dX)))
            return found
        unsettled = next((t for t in terms_of(right) if not self.is_settled(t)), None)
        if unsettled is not None:
            raise Unsupported(
                f"{plain(unsettled)} cannot be brought into the form J d{self.wrt.name}",
                remedy="A rule that moves the differential to the end is missing for this kind of term.",
            )
        if self.wrt.is_scalar:
            found = add(*(self._without_differential(t) for t in terms_of(right)))
            compare: Text = (left, " = ", scale(self.dX, J))
        elif self.by_columns:
            found = add(*map(self._before_differential, terms_of(right)))
            compare = (left, " = ", product(J, self.dX))
        else:
            return self._by_vec(left, right)
        return self._answer(found, compare)

    def _answer(self, found: Expr, compare: Text) -> Expr:
        back = self.put_back()
        J = self.names.answer
        found, read = self.engine.once(J, Substitution("identify", ((J, found),), quiet=True))
        self.board.line(Line(J, found, "identify", compare, tuple(read), J))
        final, steps = self.engine.exhaust(found, (back,))
        final, more = self.engine.run(final, plan.ANSWER)
        return self.board.write(J, found, final, [*steps, *more])

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
        found = add(*(self._matrix(t) for t in terms_of(right)))
        form = product(self.names.answer, step)
        if left.shape[1] == ONE:
            return self._answer(found, (left, " = ", form))
        self.board.line(Line(Vec(left), Vec(right), "vec", ("columns stacked",)))
        A, B, C = (Symbol(name, (Dim.of("n"), Dim.of("n"))) for name in "ABC")
        stacked: Text = (Vec(A @ B @ C), " = ", product(Kronecker(C.T, A), Vec(B)))
        return self._answer(found, (Vec(left), " = ", form, ", and ", *stacked))

    def _matrix(self, term: Expr) -> Expr:
        """The matrix M in vec(term) = M vec(dX)."""
        size = self.wrt.shape[0] * self.wrt.shape[1]
        match term:
            case _ if term == self.dX or (term == Transpose(self.dX) and self.wrt.shape[1] == ONE):
                return Identity(size)
            case Sum(terms):
                return add(*map(self._matrix, terms))
            case Scale():
                scalars, body = split_scale(term)
                moving = [s for s in scalars if s.has_differential]
                if not moving:
                    return scaled(scalars, self._matrix(body))
                if len(moving) == 1 and not body.has_differential:
                    outer = product(body if body.shape[1] == ONE else Vec(body), self._row(moving[0]))
                    still = [s for s in scalars if not s.has_differential]
                    return scaled(still, outer) if still else outer
            case Product(factors):
                moving = [f for f in factors if f.has_differential]
                if len(moving) == 1:
                    i = factors.index(moving[0])
                    before = product(*factors[:i]) if i else None
                    after = product(*factors[i + 1 :]) if i + 1 < len(factors) else None
                    inner = self._matrix(moving[0])
                    rows, columns = moving[0].shape
                    left = before if before is not None else None if rows == ONE else Identity(rows)
                    right = transpose_of(after) if after is not None else None if columns == ONE else Identity(columns)
                    both = left if right is None else right if left is None else Kronecker(right, left)
                    if both is None or both.is_scalar:
                        return inner
                    return both if isinstance(inner, Identity) else product(both, inner)
            case Hadamard(factors):
                moving = [f for f in factors if f.has_differential]
                if len(moving) == 1:
                    rest = hadamard(*(f for f in factors if f is not moving[0]))
                    inner = self._matrix(moving[0])
                    diagonal = Diag(rest if rest.shape[1] == ONE else Vec(rest))
                    return diagonal if isinstance(inner, Identity) else product(diagonal, inner)
            case _:
                pass
        what = "the commutation matrix, which vec of a transpose needs," if isinstance(term, Transpose) else "a rule"
        raise Unsupported(f"the Jacobian of {plain(self.function)} is not derived: {what} is missing for {plain(term)}")

    def _row(self, scalar: Expr) -> Expr:
        """The row r in s = r vec(dX) for a scalar that moves."""
        scalars, body = split_scale(scalar)
        inner = body.arg if isinstance(body, Trace) else body
        factors = factors_of(inner)
        if any(s.has_differential for s in scalars) or not ends_in_differential(inner):
            raise Unsupported(
                f"the Jacobian of {plain(self.function)} is not derived: a rule is missing for {plain(scalar)}"
            )
        before = product(*factors[:-1]) if len(factors) > 1 else Identity(self.wrt.shape[0])
        column = transpose_of(before)
        row = Transpose(column if column.shape[1] == ONE else Vec(column))
        return scaled(scalars, row) if scalars else row
