"""Where the gradient is zero: G = 0 solved for the variable, with the conditions, and the kind of point read off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm, prod
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    Determinant,
    Dim,
    Expr,
    Identity,
    Inverse,
    Number,
    Power,
    Product,
    Scale,
    Symbol,
    Trace,
    Transpose,
    add,
    coefficient_factors,
    d,
    factors_of,
    inverse,
    number,
    product,
    reciprocal,
    scaled,
    split_scale,
    substitute,
    terms_of,
    tr,
    walk,
    zeros,
)
from generator.algebra.plain import plain
from generator.algebra.structure import (
    has,
    is_negative_definite,
    is_positive_definite,
    is_positive_semidefinite,
    is_symmetric,
    rank_condition,
    settled,
    sign,
    transpose_of,
)
from generator.derivation.derivation import Line
from generator.derivation.guards import varies
from generator.derivation.identities import rules
from generator.derivation.laws import number_and_rest, times
from generator.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.algebra.plain import Text
    from generator.derivation.gradient import GradientBoard

EXPAND = (
    *(replace(rule, where=varies("A")) for rule in rules("expand-left", "expand-right", "expand-scale", "tr-sum")),
    *(replace(rule, where=varies("a")) for rule in rules("expand-coefficient")),
)
"""The distributive law, for sums that contain the variable."""
SHORTEN = rules("gather-terms", "inverse-left", "inverse-right")
FACTOR = rules("gather-terms", "factor", "inverse-left", "inverse-right")


@dataclass(frozen=True)
class Stationary:
    """The point where the gradient is zero, and what is to be said of it."""

    solution: Expr
    conditions: tuple[Text, ...]
    remarks: tuple[Text, ...]


@dataclass(frozen=True)
class _Term:
    """c A X B: the scalars, what stands before the variable, and what behind."""

    scalars: tuple[Expr, ...]
    before: tuple[Expr, ...]
    after: tuple[Expr, ...]


def find_stationary(board: GradientBoard, gradient: Expr) -> Stationary:
    """Solve gradient = 0 on the board; raises Unsupported where no method fits."""
    return _Solver(board, gradient).solve()


class _Solver:
    def __init__(self, board: GradientBoard, gradient: Expr) -> None:
        self.board, self.engine, self.X = board, board.engine, board.wrt
        self.G = board.names.answer
        self.gradient = gradient
        self.conditions: list[Text] = []

    def solve(self) -> Stationary:
        self.board.board.stage("Set ", self.G, " to zero")
        if self.gradient == zeros(self.X.shape):
            raise Unsupported(f"the gradient is zero for every {self.X}: every point is stationary")
        if self.engine.context.is_constant(self.gradient):
            raise Unsupported(
                f"the gradient {plain(self.gradient)} does not depend on {self.X}: it is zero nowhere, or everywhere",
                remedy="Ask for the derivative instead.",
            )
        factor, equation = self._without_nonzero_scalars(self.gradient)
        equation = self._expanded(equation)
        moving, fixed = self._sides(equation)
        if not moving:
            raise self._unsolved()
        inverted: dict[Expr, Expr] = {self.X: Inverse(self.X), Inverse(self.X): self.X}
        if all(self.X not in substitute(t, {Inverse(self.X): number(0)}).symbols for t in moving):
            return self._by_inverse(factor, equation, inverted)
        return self._linear(factor, moving, fixed)

    # -- shaping the equation

    def _without_nonzero_scalars(self, e: Expr) -> tuple[tuple[Expr, ...], Expr]:
        """The gradient without the factors in front that are never zero."""
        scalars, body = split_scale(e)
        unknown = [s for s in scalars if sign(s) == 0]
        for s in unknown:
            if not self.engine.context.is_constant(s):
                raise self._unsolved()
            self._nonzero(s)
        return scalars, body

    def _nonzero(self, s: Expr) -> None:
        """Say that a scalar must not be zero, of the smallest part: of y where it is y′y, of c where it is 2c²."""
        if sign(s):
            return
        if isinstance(s, Scale):
            for part in coefficient_factors(s):
                self._nonzero(part)
            return
        if isinstance(s, Power) and isinstance(s.exponent, Number):
            self._nonzero(s.base)
            return
        vector = _squared(s)
        self.conditions.append((vector if vector is not None else s, " is not zero"))

    def _invertible(self, e: Expr) -> None:
        """Say what a matrix needs to be invertible, if it is not known."""
        needed = rank_condition(e)
        if needed:
            self.conditions.append((needed[1], f" {needed[0]}"))

    @staticmethod
    def _sign(scalars: Sequence[Expr]) -> int:
        """The sign of a product, of which y′y is positive where it is not zero."""
        return prod(1 if _squared(s) is not None else sign(s) for s in scalars)

    def _expanded(self, e: Expr) -> Expr:
        """The equation's left side multiplied out as far as the variable is concerned."""
        new, _ = self.engine.exhaust(settled(e), (*EXPAND, *SHORTEN))
        return new

    def _sides(self, e: Expr) -> tuple[list[Expr], list[Expr]]:
        terms = terms_of(e)
        constant = self.engine.context.is_constant
        return [t for t in terms if not constant(t)], [t for t in terms if constant(t)]

    def _shortened(self, e: Expr) -> Expr:
        new, _ = self.engine.exhaust(self.engine.tidied(e), FACTOR)
        return new

    def _negated(self, terms: Sequence[Expr]) -> Expr:
        if not terms:
            return zeros(self.X.shape)
        return self.engine.tidied(add(*(self.engine.tidied(-t) for t in terms)))

    def _line(self, left: Expr, right: Expr, rule: str, *why: str | Expr) -> None:
        self.board.board.line(Line(left, right, rule, why, where="stationary"))

    def _unsolved(self) -> Unsupported:
        return Unsupported(
            f"{plain(self.gradient)} = 0 cannot be solved for {self.X}",
            remedy="The equation is neither linear in the variable nor in its inverse. Ask for the derivative instead.",
        )

    # -- linear in the inverse: X⁻¹ = S, and X⁻¹ S X⁻¹ = c X⁻¹

    def _by_inverse(self, factor: tuple[Expr, ...], equation: Expr, inverted: dict[Expr, Expr]) -> Stationary:
        X = self.X
        if all(factors_of(split_scale(t)[1]).count(Inverse(X)) <= 1 for t in terms_of(equation)):
            moving, fixed = self._sides(substitute(equation, inverted))
            solved = self._isolated(moving, fixed, Inverse(X))
            if not is_symmetric(X):
                self._invertible(solved)
            solution = self.engine.tidied(inverse(solved))
            self._line(X, solution, "invert", "take inverses on both sides")
            return self._result(solution, self._kind_by_inverse(factor, moving))
        multiplied = [self._shortened(product(X, t, X)) for t in terms_of(equation)]
        whole = self._expanded(add(*multiplied))
        moving, fixed = self._sides(whole)
        if any(Inverse(X) in factors_of(split_scale(t)[1]) for t in moving):
            raise self._unsolved()
        self._line(
            whole,
            zeros(X.shape),
            "multiply-both-sides",
            self.G,
            " = 0 multiplied by ",
            X,
            " from the left and from the right",
        )
        solution = self._isolated(moving, fixed, X)
        return self._result(solution, ())

    def _require_structure(self, solution: Expr) -> None:
        """The point must be a value that the variable may take."""
        X = self.X
        if is_negative_definite(solution) and has(X, "positive definite"):
            raise Unsupported(
                f"there is no stationary point: {X} = {plain(solution)} would be negative definite",
                remedy="Ask for the derivative instead.",
            )
        for name in ("symmetric", "skew-symmetric", "diagonal", "orthogonal", "lower triangular"):
            if X.is_square and has(X, name) and not has(solution, name):
                raise Unsupported(f"{plain(solution)} solves the equation but is not known to be {name}, as {X} is")
        for name in ("positive definite", "invertible", "positive"):
            if name in X.properties and not has(solution, name):
                words = f" is {name}" if name != "positive" or X.is_scalar else " has positive entries"
                self.conditions.append((self._smallest(solution), words))
        if any(isinstance(part, Determinant | Inverse) for part in walk(self.board.function)):
            self._require_domain(solution)

    def _require_domain(self, solution: Expr) -> None:
        """A symmetric variable whose determinant is taken has to stay positive definite to be a likelihood's."""
        if is_symmetric(self.X) and not is_positive_definite(solution):
            self.conditions.append((self._smallest(solution), " is positive definite"))

    @staticmethod
    def _smallest(e: Expr) -> Expr:
        """S where S⁻¹ is meant: the one is positive definite, or positive, with the other."""
        return e.arg if isinstance(e, Inverse) else e

    def _kind_by_inverse(self, factor: tuple[Expr, ...], moving: Sequence[Expr]) -> tuple[Text, ...]:
        """With G = c X⁻¹ + …, d²L = -c Tr(X⁻¹ dX X⁻¹ dX), which has one sign where X is positive definite."""
        scalars, body = split_scale(moving[0])
        total = sign(scaled([*factor, *scalars]))
        constant = all(map(self.engine.context.is_constant, factor))
        if len(moving) > 1 or body != self.X or not has(self.X, "positive definite") or not total or not constant:
            return ()
        L = self.board.names.value
        second = tr(product(Inverse(self.X), self.board.dX, Inverse(self.X), self.board.dX))
        whole = self.engine.tidied(scaled([number(-1), *factor, *scalars], second))
        return (self._extremum(total < 0, L, (d(d(L)), " = ", whole)),)

    # -- linear in the variable

    def _linear(self, factor: tuple[Expr, ...], moving: list[Expr], fixed: list[Expr]) -> Stationary:
        solution = self._isolated(moving, fixed, self.X)
        return self._result(solution, self._kind(factor, [self._term(t, self.X) for t in moving]))

    def _term(self, e: Expr, unknown: Expr) -> _Term:
        scalars, body = split_scale(e)
        factors = factors_of(body)
        if unknown.is_scalar:
            scalars, factors = (*scalars, body), (number(1),)
            if scalars.count(unknown) != 1:
                raise self._unsolved()
            rest = tuple(s for s in scalars if s != unknown)
            parts: tuple[Expr, ...] = rest
            found = _Term(rest, (), ())
        else:
            if factors.count(unknown) != 1:
                raise self._unsolved()
            i = factors.index(unknown)
            before, after = factors[:i], factors[i + 1 :]
            parts = (*scalars, *before, *after)
            if after and (behind := product(*after)).is_scalar:  # x (1′1) is (1′1) x
                scalars, after = (*scalars, behind), ()
            found = _Term(scalars, before, after)
        if not all(map(self.engine.context.is_constant, parts)):
            raise self._unsolved()
        return found

    def _isolated(self, moving: Sequence[Expr], fixed: Sequence[Expr], unknown: Expr) -> Expr:
        """Solve Σ c A X B + C = 0, where all terms have the factors on one side in common."""
        X = self.X if unknown != self.X and not unknown.is_scalar else unknown
        moving, fixed = _without_common_number(moving, fixed)
        terms = [self._term(t, X) for t in moving]
        right = self._shortened(self._negated(fixed))
        if X.is_scalar:
            coefficient = self.engine.tidied(add(*(scaled(t.scalars) for t in terms)))
            coefficient, _ = self.engine.exhaust(coefficient, rules("gather-terms"))
            if coefficient != number(1):
                self._line(
                    self.engine.tidied(coefficient * X),
                    right,
                    "set-to-zero",
                    self.G,
                    " = 0, solved for the part with ",
                    X,
                )
            self._nonzero(coefficient)
            solution = self.engine.tidied(scaled([*coefficient_factors(right), reciprocal(coefficient)]))
            self._line(X, solution, "divide", "divide by ", coefficient) if coefficient != number(1) else self._line(
                X, solution, "set-to-zero", self.G, " = 0"
            )
            return solution
        if len({t.after for t in terms}) == 1:
            before = self._coefficient([(t.scalars, t.before) for t in terms], X.shape[0])
            after = _side(terms[0].after, X.shape[1])
        elif len({t.before for t in terms}) == 1:
            before = _side(terms[0].before, X.shape[0])
            after = self._coefficient([(t.scalars, t.after) for t in terms], X.shape[1])
        else:
            raise self._unsolved()
        scalars, before = split_scale(before)
        more, after = split_scale(after)
        for s in (*scalars, *more):
            self._nonzero(s)
        right = self._shortened(scaled([reciprocal(s) for s in (*scalars, *more)], right) if scalars or more else right)
        left = self.engine.tidied(product(before, unknown, after))
        gram = isinstance(before, Product) and is_positive_semidefinite(before) and len(factors_of(before)) == 2
        why: list[str | Expr] = [self.G, " = 0"]
        if gram and isinstance(unknown, Symbol) and unknown.shape[1] == ONE:
            why.append(": the normal equations")
        self._line(left, right, "set-to-zero", *why)
        if left == unknown:
            return right
        solution = right
        reasons: list[str | Expr] = []
        for part, side in ((before, "left"), (after, "right")):
            if isinstance(part, Identity | Number):
                continue
            self._invertible(part)
            by: list[str | Expr] = ["multiply by ", Inverse(part), f" from the {side}"]
            reasons += [", "] * bool(reasons) + by
            solution = product(Inverse(part), solution) if side == "left" else product(solution, Inverse(part))
        solution = self._shortened(solution)
        self._line(unknown, solution, "solve", *reasons)
        return solution

    def _coefficient(self, parts: Sequence[tuple[tuple[Expr, ...], tuple[Expr, ...]]], size: Dim) -> Expr:
        """The sum of what stands on one side of the variable; the identity where nothing does."""
        return self._shortened(add(*(scaled(scalars, _side(factors, size)) for scalars, factors in parts)))

    # -- what kind of point

    def _kind(self, factor: tuple[Expr, ...], terms: Sequence[_Term]) -> tuple[Text, ...]:
        """G = c A X B - C with A and B semidefinite: L is convex for c > 0, concave for c < 0."""
        L, X, dX = self.board.names.value, self.X, self.board.dX
        if not all(map(self.engine.context.is_constant, factor)):  # then it belongs into the Hessian, differentiated
            return ()
        if X.is_scalar or (len({t.after for t in terms}) != 1 and len({t.before for t in terms}) != 1):
            return ()
        for direction in (1, -1):
            whole = [
                self._sign([*factor, *t.scalars]) == direction
                and is_positive_semidefinite(_side(t.before, X.shape[0]))
                and is_positive_semidefinite(_side(t.after, X.shape[1]))
                for t in terms
            ]
            if all(whole):
                break
        else:
            return ()
        sides = [self.engine.tidied(scaled([*factor, *t.scalars], _side(t.before, X.shape[0]))) for t in terms]
        if X.shape[1] == ONE:
            hessian, _ = self.engine.exhaust(add(*sides), FACTOR)
            kind = "semidefinite" if not is_positive_definite(hessian) else "definite"
            because: Text = (
                "its Hessian ",
                hessian,
                f" is {'positive' if direction > 0 else 'negative'} {kind}",
            )
            return (self._extremum(direction > 0, L, because, bare=True),)
        squares = [
            self.engine.tidied(scaled([*factor, *t.scalars], tr(product(transpose_of(dX), *t.before, dX, *t.after))))
            for t in terms
        ]
        return (self._extremum(direction > 0, L, (d(d(L)), " = ", add(*squares))),)

    def _extremum(self, convex: bool, L: Expr, because: Text, *, bare: bool = False) -> Text:
        word, point, sense = (
            ("convex", "minimizer", "is never negative") if convex else ("concave", "maximizer", "is never positive")
        )
        tail = "" if bare else f" {sense}"
        return (L, f" is {word} (", *because, f"{tail}), so this is the {point}")

    def _result(self, solution: Expr, remarks: tuple[Text, ...]) -> Stationary:
        self._require_structure(solution)
        return Stationary(solution, tuple(self.conditions), remarks)


def _squared(s: Expr) -> Expr | None:
    """The y of y′y or Tr(y′y); None of anything else."""
    match s:
        case Product((Transpose(left), right)) | Trace(Product((Transpose(left), right))) if left == right:
            return right
        case _:
            return None


def _without_common_number(moving: Sequence[Expr], fixed: Sequence[Expr]) -> tuple[list[Expr], list[Expr]]:
    """The terms of an equation divided by the largest number in all, and by -1 if all that move are negative."""
    split = [number_and_rest(term) for term in (*moving, *fixed)]
    values = [value for value, _ in split]
    common = Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))
    if all(value < 0 for value in values[: len(moving)]):
        common = -common
    divided = [times(value / common, rest) for value, rest in split]
    return divided[: len(moving)], divided[len(moving) :]


def _side(factors: Sequence[Expr], size: Dim) -> Expr:
    """What stands on one side of the variable: the product of the factors, or the identity."""
    if factors:
        return product(*factors)
    return number(1) if size == ONE else Identity(size)
