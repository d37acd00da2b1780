"""What is known to be convex or concave by how it is built (disciplined convex programming, Grant, Boyd and Ye 2006).

A function that is convex on a convex domain has no stationary point but its minimizers. Vectors and matrices are
looked at entry by entry.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.expr.functions import FUNCTIONS
from generator.expr.nodes import (
    ONE,
    CrossMatrix,
    Determinant,
    Diag,
    Diagonal,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    IndexSum,
    Inverse,
    Kronecker,
    Norm,
    Number,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Vec,
    factors_of,
    number,
    product,
    scaled,
    split_scale,
)
from generator.expr.properties import (
    is_nonnegative,
    is_positive,
    is_positive_definite,
    is_positive_semidefinite,
    settled,
    sign,
    transpose_of,
)

CONVEX, CONCAVE = 1, -1
AFFINE = frozenset({CONVEX, CONCAVE})
NEITHER: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Curvature:
    """Tells convex from concave in one variable."""

    variable: Symbol
    positive: frozenset[Expr] = frozenset()
    """What is positive wherever the function is defined."""

    def of(self, e: Expr) -> frozenset[int]:
        """What an expression is known to be, entry by entry: CONVEX, CONCAVE, both if it is affine, or neither."""
        if self._is_constant(e) or e == self.variable:
            return AFFINE
        match e:
            case Sum(terms):
                return frozenset.intersection(*map(self.of, terms))
            case IndexSum(_, arg):
                return self.of(arg)
            case Scale():
                return self._of_scaled(e)
            case Transpose(arg) | Diagonal(arg) | CrossMatrix(arg) | Diag(arg) | Vec(arg) | EntrySum(arg):
                return self.of(arg)
            case Product(factors):
                return self._of_product(factors)
            case Kronecker(left, right):
                return AFFINE if self._is_bilinear((left, right)) else NEITHER
            case Trace(arg):
                return self._of_trace(arg)
            case Hadamard(factors):
                return self._of_factors(factors)
            case Norm(_, arg):
                return frozenset({CONVEX}) if self._is_affine(arg) else NEITHER
            case Power(base, exponent) if base.is_scalar:
                return self._of_power(base, exponent)
            case HadamardPower(base, exponent):
                return self._of_power(base, exponent)
            case Elementwise("log", Determinant(arg)):
                definite = self._is_affine(arg) and is_positive_semidefinite(arg)
                return frozenset({CONCAVE}) if definite else NEITHER
            case Elementwise(name, arg):
                return self._of_function(name, arg)
            case _:
                return NEITHER

    def _is_constant(self, e: Expr) -> bool:
        return self.variable not in e.symbols

    def _is_affine(self, e: Expr) -> bool:
        return self.of(e) == AFFINE

    def _is_positive(self, e: Expr) -> bool:
        return e in self.positive or is_positive(e)

    def _times(self, factor: Expr, curvature: frozenset[int]) -> frozenset[int]:
        """That of a constant factor times something."""
        if curvature in (AFFINE, NEITHER) or is_positive(factor) or is_nonnegative(factor):
            return curvature
        opposite = sign(factor) < 0 or is_positive(scaled([number(-1)], factor))
        return frozenset(-c for c in curvature) if opposite else NEITHER

    def _of_scaled(self, e: Scale) -> frozenset[int]:
        scalars, body = split_scale(e)
        if body.is_scalar or all(map(self._is_constant, scalars)):
            return self._of_factors((*scalars, body))
        if self._is_constant(body):
            return self._times(body, self._of_factors(scalars))
        return NEITHER

    def _of_factors(self, factors: tuple[Expr, ...]) -> frozenset[int]:
        """That of a product of scalars or of entries, where one factor varies or two make v log v."""
        varying = [f for f in factors if not self._is_constant(f)]
        if len(varying) == 1:
            result = self.of(varying[0])
        elif len(varying) == 2 and self._is_entropy(*varying):
            result = frozenset({CONVEX})
        else:
            return NEITHER
        for f in factors:
            if self._is_constant(f):
                result = self._times(f, result)
        return result

    def _is_entropy(self, first: Expr, second: Expr) -> bool:
        """They are v and log v, or log(v/c): v log v is convex for v > 0."""
        for v, other in ((first, second), (second, first)):
            if isinstance(other, Elementwise) and other.name == "log" and self._is_affine(v):
                if other.arg == v:
                    return True
                parts = other.arg.factors if isinstance(other.arg, Hadamard) else ()
                rest = [p for p in parts if p != v]
                if len(rest) == len(parts) - 1 and all(self._is_constant(p) and is_positive(p) for p in rest):
                    return True
        return False

    def _of_product(self, factors: tuple[Expr, ...]) -> frozenset[int]:
        if self._is_square(factors):
            return frozenset({CONVEX})
        whole = product(*factors)
        if whole.is_scalar and len(factors) == 2:  # an inner product adds up products of entries
            return self._of_factors((transpose_of(factors[0]), factors[1]))
        varying = [i for i, f in enumerate(factors) if not self._is_constant(f)]
        if len(varying) != 1:
            return NEITHER
        i = varying[0]
        result = self.of(factors[i])
        if isinstance(factors[i], Inverse):
            return self._of_quadratic_inverse(factors, i) if whole.is_scalar else NEITHER
        for j, f in enumerate(factors):
            if j != i:
                result = self._times(f, result)
        return result

    def _is_square(self, factors: tuple[Expr, ...]) -> bool:
        """It is the scalar v′Mv with an affine v and a constant positive semidefinite M."""
        half = len(factors) // 2
        for length in range(1, half + 1):
            left, middle, right = factors[:length], factors[length : len(factors) - length], factors[-length:]
            v = product(*right)
            if v.shape[1] != ONE or transpose_of(v) != settled(product(*left)):
                continue
            if self._is_affine(v) and (not middle or self._is_weight(middle)):
                return True
        return False

    def _is_weight(self, factors: tuple[Expr, ...]) -> bool:
        weight = product(*factors)
        return self._is_constant(weight) and is_positive_semidefinite(weight)

    def _is_bilinear(self, factors: tuple[Expr, ...]) -> bool:
        varying = [f for f in factors if not self._is_constant(f)]
        return len(varying) == 1 and self._is_affine(varying[0])

    def _of_trace(self, arg: Expr) -> frozenset[int]:
        """Tr is linear; Tr(V′MVN) is convex in V, and Tr(V⁻¹S) for positive definite V; M, N, S semidefinite."""
        match arg:
            case Sum(terms):
                return frozenset.intersection(*map(self._of_trace, terms))
            case Scale():
                scalars, body = split_scale(arg)
                if not all(map(self._is_constant, scalars)):
                    return NEITHER
                return self._times(scaled(scalars), self._of_trace(body))
            case _:
                pass
        factors = factors_of(arg)
        if self._is_bilinear(factors):
            return AFFINE
        for turn in range(len(factors)):
            turned = factors[turn:] + factors[:turn]
            if self._is_inverse_times_weight(turned) or self._is_weighted_square(turned):
                return frozenset({CONVEX})
        return NEITHER

    def _is_inverse_times_weight(self, factors: tuple[Expr, ...]) -> bool:
        match factors[0]:
            case Inverse(arg):
                rest = factors[1:]
                return self._is_affine(arg) and is_positive_definite(arg) and (not rest or self._is_weight(rest))
            case _:
                return False

    def _is_weighted_square(self, factors: tuple[Expr, ...]) -> bool:
        """It is V′MVN: split into V′, M, V, N at every place."""
        count = len(factors)
        for length in range(1, count // 2 + 1):
            left = settled(product(*factors[:length]))
            for start in range(length, count - length + 1):
                right = product(*factors[start : start + length])
                middle, rest = factors[length:start], factors[start + length :]
                weights = [part for part in (middle, rest) if part]
                if transpose_of(right) == left and self._is_affine(right) and all(map(self._is_weight, weights)):
                    return True
        return False

    def _of_quadratic_inverse(self, factors: tuple[Expr, ...], i: int) -> frozenset[int]:
        """b′V⁻¹b."""
        inner = factors[i]
        assert isinstance(inner, Inverse)
        mirrored = transpose_of(product(*factors[i + 1 :])) == settled(product(*factors[:i]))
        definite = self._is_affine(inner.arg) and is_positive_definite(inner.arg)
        return frozenset({CONVEX}) if mirrored and definite else NEITHER

    def _of_power(self, base: Expr, exponent: Expr) -> frozenset[int]:
        if not isinstance(exponent, Number):
            return NEITHER
        p, inner = exponent.value, self.of(base)
        if inner == AFFINE and p.denominator == 1 and p > 0 and p.numerator % 2 == 0:
            return frozenset({CONVEX})
        if p >= 1 and CONVEX in inner and (is_nonnegative(base) or self._is_positive(base)):
            return frozenset({CONVEX})
        if not self._is_positive(base) or CONCAVE not in inner:
            return NEITHER
        return frozenset({CONVEX} if p < 0 else {CONCAVE} if p <= 1 else ())

    def _of_function(self, name: str, arg: Expr) -> frozenset[int]:
        inner = self.of(arg)
        if name == "log" and self._is_log_convex(arg):
            return frozenset({CONVEX})
        function = FUNCTIONS[name]
        if not function.curvature:
            return NEITHER
        outer = CONVEX if function.curvature == "convex" else CONCAVE
        match function.monotone:
            case "increasing":
                return frozenset({outer}) & inner
            case "decreasing":
                return frozenset({outer}) if -outer in inner else NEITHER
            case _:
                return frozenset({outer}) if inner == AFFINE else NEITHER

    def _is_log_convex(self, e: Expr) -> bool:
        """It is a sum of exponentials of affine functions, with positive factors (Boyd and Vandenberghe 3.5)."""
        if self._is_constant(e):
            return is_positive(e)
        match e:
            case Sum(terms):
                return all(map(self._is_log_convex, terms))
            case Scale():
                scalars, body = split_scale(e)
                return all(map(self._is_log_convex, (*scalars, body)))
            case EntrySum(arg) | Transpose(arg):
                return self._is_log_convex(arg)
            case Product(factors) | Hadamard(factors):
                return all(map(self._is_log_convex, factors))
            case Elementwise("exp", arg):
                return CONVEX in self.of(arg)
            case _:
                return False
