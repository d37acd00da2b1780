"""What kind of point it is: a minimizer or a maximizer where that is proved, and nothing where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.expr.functions import FUNCTIONS, POSITIVE
from generator.expr.messages import NOTHING, Message
from generator.expr.nodes import (
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
from generator.expr.properties import (
    has,
    is_positive_definite,
    is_positive_semidefinite,
    sign,
    transpose_of,
)
from generator.solver.curvature import AFFINE, CONVEX, Curvature
from generator.solver.stationary.draft import Draft, Unfit
from generator.solver.stationary.linear import Term, side, terms_around

if TYPE_CHECKING:
    from generator.expr.messages import Sentence, Text


CONVEX_SO = Message("convex-so", "{function} is convex{because}, so this is the minimizer")
CONCAVE_SO = Message("concave-so", "{function} is concave{because}, so this is the maximizer")
SHIFTED = {
    1: Message(
        "convex-shifted",
        "{function} is convex{because}, so this is a minimizer, as is every point that differs from it by the same"
        " number in each entry",
    ),
    -1: Message(
        "concave-shifted",
        "{function} is concave{because}, so this is a maximizer, as is every point that differs from it by the same"
        " number in each entry",
    ),
}
HESSIAN_IS = {
    (1, True): Message("hessian-positive-definite", " (its Hessian {hessian} is positive definite)"),
    (1, False): Message("hessian-positive-semidefinite", " (its Hessian {hessian} is positive semidefinite)"),
    (-1, True): Message("hessian-negative-definite", " (its Hessian {hessian} is negative definite)"),
    (-1, False): Message("hessian-negative-semidefinite", " (its Hessian {hessian} is negative semidefinite)"),
}
"""By the sign of the second differential, and whether it is zero for dX = 0 only."""
NEVER_NEGATIVE = Message("never-negative", " ({second} = {squares} is never negative)")
NEVER_POSITIVE = Message("never-positive", " ({second} = {squares} is never positive)")
REST_IS_LINEAR = Message("rest-is-linear", ", because {term} is, and the rest is linear")
EACH_TERM_IS = Message("each-term-is", ", because each of its terms is")
CONVEX_IN = Message("convex-in", "As a function of {inverse}, {function} is convex, so this is the minimizer")
CONCAVE_IN = Message("concave-in", "As a function of {inverse}, {function} is concave, so this is the maximizer")
GROWS = Message("grows", "The derivative is negative before this point and positive after it, so it is the minimizer")
FALLS = Message("falls", "The derivative is positive before this point and negative after it, so it is the maximizer")
ENTRIES_GROW = Message(
    "entries-grow",
    "Each entry of the gradient is negative where that of {variable} is too small, and positive where it is too large,"
    " so this is the minimizer",
)
ENTRIES_FALL = Message(
    "entries-fall",
    "Each entry of the gradient is positive where that of {variable} is too small, and negative where it is too large,"
    " so this is the maximizer",
)


@dataclass(frozen=True)
class Judge:
    """Says what kind a stationary point of a function is, which is the only one unless it may be shifted."""

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

    def _extremum(self, sense: int, because: Sentence = NOTHING) -> Text:
        only = CONVEX_SO if sense == CONVEX else CONCAVE_SO
        return (SHIFTED[sense] if self.draft.shifted else only)(function=self.L, because=because)

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
            return self._extremum(sense, HESSIAN_IS[sense, definite](hessian=hessian))
        squares = [tidied(scaled([*outer, *t.scalars], tr(product(transpose_of(dX), *t.before, dX, *t.after))))
                   for t in terms]  # fmt: skip
        never = NEVER_NEGATIVE if sense > 0 else NEVER_POSITIVE
        return self._extremum(sense, never(second=d(d(self.L)), squares=add(*squares)))

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
        if len(curved) == 1 < len(terms):
            return self._extremum(sense, REST_IS_LINEAR(term=curved[0]))
        return self._extremum(sense, EACH_TERM_IS() if len(terms) > 1 else NOTHING)

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
        message = CONVEX_IN if sense == CONVEX else CONCAVE_IN
        return message(inverse=Inverse(X), function=self.L)

    # -- the gradient changes its sign once

    def _by_direction(self) -> Text:
        """Each entry of G grows through zero with its own entry of X, on a convex domain."""
        direction = self.draft.direction
        if not direction or not self._has_convex_domain():
            return ()
        if self.X.is_scalar:
            return (GROWS if direction > 0 else FALLS)()
        return (ENTRIES_GROW if direction > 0 else ENTRIES_FALL)(variable=self.X)

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
                case Elementwise(name, arg) if FUNCTIONS[name].domain is POSITIVE and is_fine(arg):
                    continue
                case Elementwise(name) if FUNCTIONS[name].domain is not None and not FUNCTIONS[name].continuous:
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
