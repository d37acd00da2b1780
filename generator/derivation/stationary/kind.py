"""What kind of point it is: a minimizer or a maximizer where that is proved, and nothing where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    Adjugate,
    Determinant,
    Elementwise,
    Expr,
    HadamardPower,
    Inverse,
    MatrixFunction,
    Number,
    Power,
    Product,
    PseudoInverse,
    Symbol,
    Trace,
    Transpose,
    add,
    d,
    number,
    product,
    scaled,
    split_scale,
    substitute,
    terms_of,
    tr,
    walk,
)
from generator.algebra.functions import FUNCTIONS
from generator.algebra.structure import (
    has,
    is_positive_definite,
    is_positive_semidefinite,
    sign,
    transpose_of,
)
from generator.derivation.curvature import AFFINE, CONVEX, Curvature
from generator.derivation.stationary.draft import Draft, Unfit
from generator.derivation.stationary.linear import Term, side, terms_around

if TYPE_CHECKING:
    from generator.algebra.plain import Text


@dataclass(frozen=True)
class Judge:
    """Says of the only stationary point of a function what kind it is."""

    draft: Draft
    function: Expr
    gradient: Expr
    L: Symbol

    def remarks(self) -> tuple[Text, ...]:
        """At most one sentence."""
        for found in (self._by_hessian(), self._by_curvature(), self._by_inverse(), self._by_direction()):
            if found:
                return (found,)
        return ()

    @property
    def X(self) -> Symbol:
        """The variable."""
        return self.draft.unknown

    def _extremum(self, sense: int, because: Text) -> Text:
        word, point = ("convex", "minimizer") if sense == CONVEX else ("concave", "maximizer")
        return (self.L, f" is {word}", *because, f", so this is the {point}")

    # -- a quadratic function: its second differential has one sign

    def _by_hessian(self) -> Text:
        """With G = Σ c A X B - C and semidefinite A and B, d²L = Σ c Tr(dX′ A dX B) has the sign of the c."""
        outer, body = split_scale(self.gradient)
        X, dX, tidied = self.X, d(self.X), self.draft.engine.tidied
        if X.is_scalar or not all(map(self.draft.is_constant, outer)):
            return ()
        try:
            terms = terms_around(self.draft, self.draft.expanded(body), X)
        except Unfit:
            return ()
        if any(t.entries for t in terms):
            return ()
        senses = {self._sense(outer, t) for t in terms}
        sense = senses.pop()
        if senses or not sense:
            return ()
        if X.shape[1] == ONE:
            sides = [tidied(scaled([*outer, *t.scalars], side(t.before, X.shape[0]))) for t in terms]
            hessian = self.draft.shortened(add(*sides))
            definite = is_positive_definite(self.draft.shortened(number(sense) * hessian))
            sort = f"{'positive' if sense > 0 else 'negative'} {'definite' if definite else 'semidefinite'}"
            return self._extremum(sense, (" (its Hessian ", hessian, f" is {sort})"))
        squares = [tidied(scaled([*outer, *t.scalars], tr(product(transpose_of(dX), *t.before, dX, *t.after))))
                   for t in terms]  # fmt: skip
        never = "negative" if sense > 0 else "positive"
        return self._extremum(sense, (" (", d(d(self.L)), " = ", add(*squares), f" is never {never})"))

    def _sense(self, outer: tuple[Expr, ...], t: Term) -> int:
        rows, columns = self.X.shape
        definite = is_positive_semidefinite(side(t.before, rows)) and is_positive_semidefinite(side(t.after, columns))
        total = 1
        for s in (*outer, *t.scalars):
            total *= 1 if _is_square(s) else sign(s)
        return total if definite else 0

    # -- convex by how it is built

    def _by_curvature(self) -> Text:
        curvature = Curvature(self.X, self.draft.positive)
        found = curvature.of(self.function)
        if len(found) != 1:
            return ()
        (sense,) = found
        terms = terms_of(self.function)
        curved = [t for t in terms if curvature.of(t) != AFFINE]
        because: Text = ()
        if len(curved) == 1 < len(terms):
            because = (", because ", curved[0], " is, and the rest is linear")
        elif len(terms) > 1:
            because = (", because each of its terms is",)
        return self._extremum(sense, because)

    def _by_inverse(self) -> Text:
        """L as a function of Y = X⁻¹, which is positive definite with X."""
        X = self.X
        if not has(X, "positive definite"):
            return ()
        Y = Symbol("?", X.shape, X.properties)
        log_det = Elementwise("log", Determinant(X))
        turned = substitute(self.function, {log_det: -Elementwise("log", Determinant(Y)), Inverse(X): Y})
        found = Curvature(Y, self.draft.positive).of(turned)
        if X in turned.symbols or len(found) != 1:
            return ()
        (sense,) = found
        word, point = ("convex", "minimizer") if sense == CONVEX else ("concave", "maximizer")
        return ("As a function of ", Inverse(X), ", ", self.L, f" is {word}, so this is the {point}")

    # -- the gradient changes its sign once

    def _by_direction(self) -> Text:
        """Each entry of G grows through zero with its own entry of X, on a convex domain."""
        direction = self.draft.direction
        if not direction or not self._has_convex_domain():
            return ()
        before, after = ("negative", "positive") if direction > 0 else ("positive", "negative")
        point = "minimizer" if direction > 0 else "maximizer"
        if self.X.is_scalar:
            return (f"The derivative is {before} before this point and {after} behind it, so it is the {point}",)
        entry = f"Each entry of the gradient is {before} where that of "
        return (entry, self.X, f" is too small, and {after} where it is too large, so this is the {point}")

    def _has_convex_domain(self) -> bool:
        """The function is defined, and continuous, on a convex set of values of the variable."""
        curvature = Curvature(self.X, self.draft.positive)

        def is_fine(arg: Expr) -> bool:
            return self.draft.is_constant(arg) or has(arg, "positive") or (
                arg in self.draft.positive and curvature.of(arg) == AFFINE
            )  # fmt: skip

        for part in walk(self.function):
            match part:
                case _ if self.draft.is_constant(part):
                    continue
                case Inverse() | PseudoInverse() | Adjugate() | Determinant() | MatrixFunction():
                    return False
                case Elementwise(name, arg) if FUNCTIONS[name].condition == "positive" and is_fine(arg):
                    continue
                case Elementwise("abs" | "relu"):
                    continue
                case Elementwise(name) if FUNCTIONS[name].condition:
                    return False
                case Power(base, exponent) | HadamardPower(base, exponent):
                    whole = isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value > 0
                    if not whole and not is_fine(base):
                        return False
                case _:
                    continue
        return True


def _is_square(s: Expr) -> bool:
    """It is y′y or Tr(Y′Y), which is positive where Y is not zero."""
    match s:
        case Product((Transpose(left), right)) | Trace(Product((Transpose(left), right))):
            return left == right
        case Power(base, Number()):
            return _is_square(base)
        case _:
            return False
