"""Products and quotients, read from the left to the right, and the cross and inner products written with signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import ShapeError
from generator.expr.nodes import (
    ONE,
    CrossMatrix,
    HadamardPower,
    Kronecker,
    Number,
    Product,
    Transpose,
    hadamard,
    inverse,
    negative,
    number,
    product,
    reciprocal,
    scaled,
    split_scale,
)
from generator.expr.parsing.calls import inner_product
from generator.expr.parsing.elaboration.grouping import (
    check_clear,
    check_repeated,
    check_squares,
    denominators_joined,
    run_of,
    steps_of,
)
from generator.expr.parsing.trees import child, is_number, juxtaposed
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lark import Token, Tree

    from generator.expr.nodes import Expr
    from generator.expr.parsing.elaboration.grouping import Step
    from generator.expr.parsing.elaboration.scope import Scope

ENTRYWISE = (".*", "∘")
"""Signs of the product entry by entry."""


def product_of(scope: Scope, tree: Tree[Token]) -> Expr:
    """The product of factors, a fraction, or minus something."""
    return _chain(scope, tree).whole()


def inner(scope: Scope, tree: Tree[Token]) -> Expr:
    """The inner product that is written with angles."""
    return _inner_product(scope, scope.build(tree.children[1]), scope.build(tree.children[3]), tree)


def _inner_product(scope: Scope, left: Expr, right: Expr, tree: Tree[Token]) -> Expr:
    if not scope.unified(left.shape, right.shape):
        raise ShapeError("an inner product of different shapes", text=scope.place(tree))
    return inner_product(left, right)


def _chain(scope: Scope, tree: Tree[Token]) -> _Chain:
    steps = steps_of(scope, tree)
    check_repeated(scope, steps)
    bars = [step.factor for step in steps if step.factor.data == "absolute"]
    scope.mark_lengths(*(bars if len(bars) > 1 else ()), *(step.factor for step in steps if step.sign == "/"))
    steps = denominators_joined(scope, steps)
    check_clear(scope, steps)
    check_squares(scope, steps)
    chain = _Chain(scope)
    while steps:
        del steps[: chain.join_next(steps)]
    return chain


class _Chain:
    """A product while it is read from the left: scalars so far, and the matrix so far."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.scalars: list[Expr] = []
        self.body: Expr | None = None

    def whole(self) -> Expr:
        return scaled(self.scalars, self.body)

    def join_next(self, steps: Sequence[Step]) -> int:
        """Join the next factor, or the product that a sign takes as one; says how many factors these are."""
        sign, factor, whole = steps[0]
        run = run_of(steps)
        if sign not in (*ENTRYWISE, "⊗", "·", ":") or factor.data == "negate":
            run = 1
        together = juxtaposed([step.factor for step in steps[:run]])
        if sign == ":":
            self._join_inner(self.scope.build(together), whole)
            return run
        if sign == "·":
            if self.body is not None and self.scope.is_column(self.body):
                for count in dict.fromkeys((run, 1)):
                    other = self.scope.conforming(juxtaposed([step.factor for step in steps[:count]]))
                    if other is not None and self.scope.is_column(other):
                        self._join_inner(other, whole)
                        return count
                count_of_dots = sum(step.sign == "·" for step in steps)
                if count_of_dots > 1 and not self.scope.tried(factor).is_scalar:
                    self.body = Transpose(self.body)  # x·A·y is x'A y
            run = 1
        elif run > 1:
            self.scope.note(f"{self.scope.written(together)} is multiplied first, then by {sign}.")
        self._join(sign, together if run > 1 else factor, whole)
        return run

    def _join_inner(self, other: Expr, whole: Tree[Token]) -> None:
        """The inner product of what was read so far and another factor."""
        if self.body is None or other.is_scalar:
            raise ShapeError("an inner product of a scalar", text=self.scope.place(whole))
        self.scalars.append(_inner_product(self.scope, self.body, other, whole))
        self.body = None

    def _join(self, sign: str, factor: Tree[Token], whole: Tree[Token]) -> None:
        """Multiply or divide what was read so far by one more factor."""
        if factor.data == "fraction" and sign in (" ", "*", "·", "×"):
            self._join_fraction(factor, whole)
            return
        if factor.data == "negate":
            unsigned = child(factor, -1)
            if not is_number(unsigned):
                self.scalars.append(number(-1))
                self._join(sign, unsigned, whole)
                return
            e: Expr = negative(self.scope.build(unsigned))
        else:
            e = self.scope.build(factor)
        match sign:
            case "/" | "./" if e.is_scalar:
                self._divide(e, whole)
            case "/":
                raise ShapeError(
                    f"only a scalar can divide, and {self.scope.written(factor)} is not one",
                    text=self.scope.place(whole),
                    remedy="Write inv(B)*A or A*inv(B) for matrices, A ./ B for each entry.",
                )
            case "\\":
                self._divide_from_the_left(e, factor, whole)
            case "./":
                self._multiply(HadamardPower(e, number(-1)), whole, hadamard)
            case "×" if not e.is_scalar and self.body is not None:
                self._cross(self.body, e, whole)
            case "@" if (
                self.body is not None
                and self.scope.is_column(self.body)
                and not e.is_scalar
                and not self.scope.is_row(e)
            ):
                self.body = Transpose(self.body)
                self._multiply(e, whole, product)
            case "⊗":
                self.body = Kronecker(self.body if self.body is not None else self.whole(), e)
            case _:
                if e.is_scalar:
                    scalars, body = split_scale(e) if factor.data != "group" else ((), e)
                    self.scalars.extend([*scalars, body])
                else:
                    self._multiply(e, whole, hadamard if sign in ENTRYWISE else product)

    def _divide(self, e: Expr, whole: Tree[Token]) -> None:
        """Divide by a scalar; a number that is divided by one is a fraction."""
        last = self.scalars[-1] if self.scalars else None
        if not isinstance(e, Number):
            if self.scalars == [number(1)] and self.body is None:  # 1/q is the reciprocal alone
                self.scalars.clear()
            self.scalars.append(reciprocal(e))
        elif e.value == 0:
            raise self.scope.fail("division by zero", whole)
        elif isinstance(last, Number):
            self.scalars[-1] = number(last.value / e.value)
        else:
            self.scalars.append(reciprocal(e))

    def _cross(self, left: Expr, right: Expr, whole: Tree[Token]) -> None:
        """The cross product of two columns of three."""
        if not (self.scope.is_column(left) and self.scope.is_column(right)):
            raise self.scope.fail(
                "× between matrices has several meanings",
                whole,
                "Write A B for the product, A ∘ B for the entrywise one, A ⊗ B for Kronecker's.",
            )
        self.body = self.scope.required(CrossMatrix(left), whole)
        self._multiply(right, whole, product)
        self.scope.note(
            f"The cross product of {plain(left)} and {plain(right)} is written skew({plain(left)})*{plain(right)}."
        )

    def _divide_from_the_left(self, e: Expr, factor: Tree[Token], whole: Tree[Token]) -> None:
        r"""The solution A\b of A x = b, for a square matrix A."""
        if self.body is None or self.scope.shapes.find(self.body.shape[0]) == ONE:
            raise self.scope.fail(
                "only a matrix divides from the left", whole, "A\\b is inv(A)*b, and b/c is divided by c."
            )
        self.body = self.scope.required(inverse(self.body), whole)
        self._multiply(e, whole, product)
        self.scope.note(f"{self.scope.written(factor)} is divided by a square matrix from the left.")

    def _join_fraction(self, fraction: Tree[Token], whole: Tree[Token]) -> None:
        """Multiply by a fraction as if it were written with a slash: its numerator, then one over its denominator."""
        above, below = child(fraction, 1), child(fraction, 2)
        self.scope.mark_lengths(below)
        numerator = _chain(self.scope, above)
        if numerator.scalars != [number(1)] or numerator.body is not None:
            self.scalars.extend(numerator.scalars)
        if numerator.body is not None:
            self._multiply(numerator.body, whole, product)
        self._join("/", below, fraction)

    def _multiply(self, e: Expr, whole: Tree[Token], join: Callable[..., Expr]) -> None:
        if self.body is not None and join is product:  # which may split off a scalar and hide what must agree
            self.scope.required(Product((self.body, e)), whole)
        body = e if self.body is None else self.scope.required(join(self.body, e), whole)
        if body.is_scalar:
            self.scalars.append(body)
            self.body = None
        else:
            self.body = body
