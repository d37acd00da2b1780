"""The laws behind the rules that take any number of terms or factors: like terms, common factors, powers, series."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from generator.expr.derivatives import derivative
from generator.expr.evaluate.exact import NoValueError, as_expr, exact
from generator.expr.nodes import (
    ONE,
    Curve,
    Determinant,
    Diag,
    Differential,
    Elementwise,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    Matrix,
    MatrixFunction,
    Number,
    Ones,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Vec,
    add,
    base_and_exponent,
    coefficient_factors,
    d,
    entrywise_power,
    factors_of,
    hadamard,
    negative,
    number,
    product,
    rebuild,
    reciprocal,
    scale,
    scaled,
    split_scale,
    terms_of,
    tr,
    zeros,
)
from generator.expr.properties import REMEMBERED, commute, settled, transpose_of
from generator.rules.predicates import is_differential, is_transposed_differential
from generator.rules.scalar_factors import simplify_scalars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.rules.rule import Context


def before_differential(term: Expr) -> tuple[Expr, Expr, bool] | None:
    """(c M, dX, traced) of a term c Tr(M dX), c M dx or c dt; None of anything else."""
    scalars, body = split_scale(term)
    traced = isinstance(body, Trace)
    factors = factors_of(body.arg) if isinstance(body, Trace) else factors_of(body)
    if not is_differential(factors[-1]) or any(f.has_differential for f in (*scalars, *factors[:-1])):
        return None
    last = factors[-1]
    if last.is_scalar:
        return scaled(scalars), last, False
    rest = product(*factors[:-1]) if len(factors) > 1 else Identity(last.shape[0])
    return (scaled(scalars, rest) if scalars else rest), last, traced


def gather_traces(e: Expr, context: Context) -> Expr | None:
    """c Tr(A dX) + Tr(B dX) = Tr((c A + B) dX), and the same without the trace."""
    del context
    if not isinstance(e, Sum):
        return None
    parts = [before_differential(term) for term in e.terms]
    found = [part for part in parts if part is not None]
    if len(found) != len(parts) or len({last for _, last, _ in found}) != 1:
        return None
    last = found[0][1]
    traced = any(with_trace for _, _, with_trace in found)
    together = add(*(rest for rest, _, _ in found))
    if last.is_scalar:
        return scale(together, last)
    return tr(product(together, last)) if traced else product(together, last)


def number_and_rest(term: Expr) -> tuple[Fraction, Expr | None]:
    """The numeric factor of a term, and what it multiplies; None for a plain number."""
    scalars, body = split_scale(term)
    value = Fraction(1)
    rest = []
    for part in (*scalars, body):
        if isinstance(part, Number):
            value *= part.value
        else:
            rest.append(part)
    return value, scaled(rest) if rest else None


def gather_terms(e: Expr, context: Context) -> Expr | None:
    """2A + 3A = 5A, A - A = 0: terms that differ by a number only, transposes of scalars and symmetry seen through."""
    del context
    if not isinstance(e, Sum):
        return None
    found: dict[Expr | None, tuple[Fraction, Expr | None]] = {}
    for term in e.terms:
        value, rest = number_and_rest(term)
        key = _key(rest) if rest is not None else None
        total, first = found.get(key, (Fraction(0), rest))
        found[key] = (total + value, first)
    if len(found) == len(e.terms):
        return None
    terms = [times(value, rest) for value, rest in found.values() if value]
    return add(*terms) if terms else zeros(e.shape)


def gather_diagonals(e: Expr, context: Context) -> Expr | None:
    """diag(x) + c diag(y) = diag(x + c y)."""
    del context
    return _inside_one(e, Diag)


def gather_vec(e: Expr, context: Context) -> Expr | None:
    """vec A + c vec B = vec(A + c B)."""
    del context
    return _inside_one(e, Vec)


def _inside_one(e: Expr, linear: type[Diag | Vec]) -> Expr | None:
    """The terms of a sum to which a linear function is applied as one, where what it is applied to has one shape."""
    if not isinstance(e, Sum):
        return None
    parts = [(term, *split_scale(term)) for term in e.terms]
    inside = [scaled(scalars, body.arg) for _, scalars, body in parts if isinstance(body, linear)]
    if len(inside) < 2 or len({part.shape for part in inside}) > 1:
        return None
    return add(linear(add(*inside)), *(term for term, _, body in parts if not isinstance(body, linear)))


@lru_cache(maxsize=REMEMBERED)
def _key(e: Expr) -> Expr:
    """The same for expressions that differ in the order of scalars or entrywise factors, or in idle transposes."""
    e = settled(e)
    e = rebuild(e, [_key(child) for child in e.children]) if e.children else e
    if isinstance(e, Hadamard):
        return hadamard(*sorted(e.factors, key=str))
    if isinstance(e, Product) and e.is_scalar and not e.has_differential:  # x'Ay = y'A'x
        return min(e, settled(Transpose(e)), key=str)
    if isinstance(e, Trace) and not e.has_differential:
        return min(e, tr(settled(Transpose(e.arg))), key=str)
    scalars, body = split_scale(e)
    return scaled(sorted(scalars, key=str), body) if len(scalars) > 1 else e


def add_numbers(e: Expr, context: Context) -> Expr | None:
    """Numbers in a sum of scalars are added up."""
    if not isinstance(e, Sum) or not e.is_scalar or sum(isinstance(t, Number) for t in e.terms) < 2:
        return None
    total = number(sum((t.value for t in e.terms if isinstance(t, Number)), Fraction(0)))
    rest = [t for t in e.terms if not isinstance(t, Number)]
    return add(*rest, total) if rest else total


def times(value: Fraction, rest: Expr | None) -> Expr:
    """A number times what it multiplies, or the number alone."""
    if rest is None:
        return number(value)
    return rest if value == 1 else scale(number(value), rest)


def combine_scalars(e: Expr, context: Context) -> Expr | None:
    """The scalars in front in their shortest form: one number first, then each base once."""
    del context
    if isinstance(e, Power) and isinstance(e.exponent, Number):
        exponent, base = e.exponent.value, e.base
        if exponent == 1:
            return base
        if not base.is_scalar:
            return None
        if exponent == 0:
            return number(1)
        small = abs(exponent) <= 64  # larger powers would not fit on a page
        if isinstance(base, Number) and small and exponent.denominator == 1 and (base.value or exponent > 0):
            return number(base.value ** int(exponent))
        if isinstance(base, Power) and exponent.denominator == 1:
            return Power(base.base, combined(scale(base.exponent, e.exponent)))
        if isinstance(base, Elementwise) and base.name == "sqrt":
            return base.arg if exponent == 2 else Power(*base_and_exponent(e))
        return None
    if not isinstance(e, Scale):
        return None
    scalars, body = split_scale(e)
    inside = body.is_scalar and not body.has_differential
    whole = (*scalars, body) if inside else scalars
    bases = [_base(f) for f in whole]
    factors = [part for f in whole for part in _unfolded(f, bases)]
    if not _can_combine(factors):
        return None
    shortest = simplify_scalars(factors)
    return scaled(shortest) if inside else scaled(shortest, body)


def _unfolded(e: Expr, bases: Sequence[Expr]) -> list[Expr]:
    """The factors of a whole power of a product with a number, or a base that recurs: 1/2 and s⁻² of (2s²)⁻¹."""
    if isinstance(e, Power) and isinstance(e.base, Scale) and isinstance(e.exponent, Number):
        parts = coefficient_factors(e.base)
        if e.exponent.value.denominator == 1 and any(isinstance(p, Number) or _base(p) in bases for p in parts):
            return [combined(scaled([Power(part, e.exponent)])) for part in parts]
    return [e]


def _base(e: Expr) -> Expr:
    return base_and_exponent(e)[0]


def _can_combine(factors: Sequence[Expr]) -> bool:
    numbers = [i for i, f in enumerate(factors) if isinstance(f, Number)]
    bases = [_base(f) for f in factors if not isinstance(f, Number)]
    unit = any(factors[i] == number(1) for i in numbers)
    return len(numbers) > 1 or numbers not in ([], [0]) or unit or len(set(bases)) < len(bases)


def combined(e: Expr) -> Expr:
    """A product of scalars in its shortest form."""
    return scaled(simplify_scalars(coefficient_factors(e)))


def differential_last(e: Expr, context: Context) -> Expr | None:
    """Of scalars that are multiplied, the one that moves comes last."""
    del context
    if not isinstance(e, Scale) or not e.is_scalar or e.body.has_differential:
        return None
    scalars, body = split_scale(e)
    moving = [s for s in scalars if s.has_differential]
    if len(moving) != 1:
        return None
    return scaled([s for s in (*scalars, body) if s is not moving[0]], moving[0])


def scalar_behind(e: Expr, context: Context) -> Expr | None:
    """(r dx) v = v r dx: an inner product that moves goes behind the column that it multiplies."""
    del context
    if not isinstance(e, Scale) or e.shape[1] != ONE or e.is_scalar or e.body.has_differential:
        return None
    scalars, body = split_scale(e)
    moving = [s for s in scalars if s.has_differential]
    if len(moving) != 1 or not isinstance(moving[0], Product):
        return None
    still = [s for s in scalars if s is not moving[0]]
    behind = product(body, moving[0])
    return scaled(still, behind) if still else behind


def power(e: Expr, context: Context) -> Expr | None:
    """d(aᵖ) = p aᵖ⁻¹ da for a constant exponent."""
    if not isinstance(e, Differential) or not isinstance(e.arg, Power) or not e.arg.base.is_scalar:
        return None
    base, exponent = e.arg.base, e.arg.exponent
    if not context.is_constant(exponent):
        return None
    if isinstance(exponent, Number):
        lower = number(exponent.value - 1)
        power = base if lower == number(1) else Power(base, lower)
    else:
        power = Power(base, add(exponent, number(-1)))
    return scaled([exponent, power], d(base))


def quotient(e: Expr, context: Context) -> Expr | None:
    """d(p/q) = dp/q - p/q² dq, constant factors in front."""
    if not isinstance(e, Differential) or not isinstance(e.arg, Scale):
        return None
    scalars, body = split_scale(e.arg)
    moving = [s for s in (*scalars, body) if not context.is_constant(s)]
    below = [s.base for s in moving if isinstance(s, Power) and s.exponent == number(-1)]
    above = [s for s in moving if not isinstance(s, Power) or s.exponent != number(-1)]
    if len(below) != 1 or not above or not (body.is_scalar or body in moving):
        return None
    (q,) = below
    still = [s for s in (*scalars, body) if s not in moving]
    p = scaled(above)
    upper = scaled([*still, reciprocal(q)], d(p))
    square = Power(q, number(-2))
    return add(upper, scaled([number(-1), *still, p, square, d(q)] if p.is_scalar else [*still, -square, d(q), p]))


def gather_factors(e: Expr, context: Context) -> Expr | None:
    """A ∘ C ∘ A = A ∘ A ∘ C, and what divides itself vanishes: A ∘ C ⊘ A = C, A ⊘ (A ∘ C) = 1 ⊘ C."""
    del context
    if not isinstance(e, Hadamard):
        return None
    split = [(f.base, f.exponent) if isinstance(f, HadamardPower) else (f, number(1)) for f in e.factors]
    bases = [base for base, _ in split]
    powers: dict[Expr, list[Expr]] = {}
    for base, exponent in split:
        apart = isinstance(base, Hadamard) and _is_integer(exponent) and not set(bases).isdisjoint(base.factors)
        for part in base.factors if isinstance(base, Hadamard) and apart else (base,):
            powers.setdefault(part, []).append(exponent)
    factors: list[Expr] = []
    for base, exponents in powers.items():
        values = [x.value for x in exponents if isinstance(x, Number)]
        if len(values) < len(exponents) or (isinstance(base, Symbol) and all(value == 1 for value in values)):
            factors += [entrywise_power(base, x) if x != number(1) else base for x in exponents]
        elif total := sum(values):
            factors.append(base if total == 1 else entrywise_power(base, number(total)))
    return hadamard(*factors) if factors else Ones(e.shape)


def power_of_power(e: Expr, context: Context) -> Expr | None:
    """(aᵖ)^q = a^(p q) entry by entry, for whole exponents."""
    del context
    match e:
        case HadamardPower(HadamardPower(base, Number(p)), Number(q)) if p.denominator == q.denominator == 1:
            return base if p * q == 1 else entrywise_power(base, Number(p * q))
        case _:
            return None


def transpose_ones(e: Expr, context: Context) -> Expr | None:
    """The transpose of a matrix of ones is one; a row of ones stays the transpose of a column."""
    del context
    match e:
        case Transpose(Ones((rows, columns))) if ONE not in (rows, columns):
            return Ones((columns, rows))
        case _:
            return None


def _is_integer(exponent: Expr) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def worked_out(e: Expr, context: Context) -> Expr | None:
    """[1 2; 3 4] + [0 1; 1 0] = [1 3; 4 4]: what is done to matrices of numbers alone is worked out.

    Of a sum, a product or a matrix with a number in front, the parts that are numbers are taken together.
    """
    del context
    match e:
        case Sum(terms):
            given = [term for term in terms if _is_given(term)]
            if len(given) < 2:
                return None
            rest = [term for term in terms if term not in given]
            total = _value(add(*given))
            return None if total is None else add(*rest, total)
        case Product(factors):
            for i, (left, right) in enumerate(pairwise(factors)):
                if isinstance(left, Matrix) and isinstance(right, Matrix) and (both := _value(product(left, right))):
                    return product(*factors[:i], both, *factors[i + 2 :])
            return None
        case Transpose(Matrix()) | Inverse(Matrix()) | Trace(Matrix()) | Determinant(Matrix()):
            return _value(e)
        case _:
            return None


def _is_given(term: Expr) -> bool:
    """A matrix of numbers, perhaps with a number in front."""
    scalars, body = split_scale(term)
    return isinstance(body, Matrix) and all(isinstance(scalar, Number) for scalar in scalars)


def _value(e: Expr) -> Expr | None:
    """The value of an expression of numbers, identity and zero by their names; None where it has none."""
    try:
        found = as_expr(exact(e, {}))
    except NoValueError:
        return None
    if isinstance(found, Matrix) and not any(map(any, found.rows)):
        return zeros(e.shape)
    identity = Identity(e.shape[0])
    return identity if isinstance(found, Matrix) and e.is_square and found.rows == exact(identity, {}) else found


def product_rule(e: Expr, context: Context) -> Expr | None:
    """d(A B C) = dA B C + A dB C + A B dC."""
    del context
    if not isinstance(e, Differential) or not isinstance(e.arg, Product):
        return None
    factors = e.arg.factors
    return add(*(product(*factors[:i], d(factors[i]), *factors[i + 1 :]) for i in range(len(factors))))


def trace_twins(e: Expr, context: Context) -> Expr | None:
    """Tr(A + B + A′) = Tr(2 A + B): terms that move and are transposes of each other are one term twice."""
    del context
    if not isinstance(e, Trace) or not isinstance(e.arg, Sum):
        return None
    joined = _twins_joined(e.arg.terms)
    return None if joined is None else tr(add(*joined))


def scalar_twins(e: Expr, context: Context) -> Expr | None:
    """c a + b + c a′ = 2 c a + b: products that move and are transposes of each other are one term twice."""
    del context
    if not isinstance(e, Sum) or not e.is_scalar:
        return None
    joined = _twins_joined(e.terms, only=Product)
    return None if joined is None else add(*joined)


def _twins_joined(terms: Sequence[Expr], only: type[Expr] | None = None) -> list[Expr] | None:
    """The terms with the first two that are transposes of each other joined; None where there are none."""
    for i, first in enumerate(terms):
        scalars, body = split_scale(first)
        if not body.has_differential or (only and not isinstance(body, only)):
            continue
        turned = scaled(scalars, transpose_of(body))  # of a scalar, too, which a transpose leaves as it is
        for j in range(i + 1, len(terms)):
            if settled(terms[j]) == turned:
                kept = terms[j] if any(map(_has_turned_differential, factors_of(body))) else first
                rest = [t for k, t in enumerate(terms) if k not in (i, j)]
                return [*rest[:i], scale(number(2), kept), *rest[i:]]
    return None


def _has_turned_differential(f: Expr) -> bool:
    """It is a transpose, of a factor or of several, that contains a differential."""
    return is_transposed_differential(f) or (isinstance(f, Transpose) and f.has_differential)


def matrix_power(e: Expr, context: Context) -> Expr | None:
    """d(Xᵏ) = dX Xᵏ⁻¹ + X dX Xᵏ⁻² + … + Xᵏ⁻¹ dX."""
    del context
    if not isinstance(e, Differential) or not isinstance(e.arg, Power) or e.arg.base.is_scalar:
        return None
    if not isinstance(e.arg.exponent, Number):
        return None
    base, k = e.arg.base, _whole(e.arg.exponent)
    return add(*(product(*_powers(base, i), d(base), *_powers(base, k - 1 - i)) for i in range(k)))


def trace_power(e: Expr, context: Context) -> Expr | None:
    """d Tr(Xᵏ) = k Tr(Xᵏ⁻¹ dX)."""
    del context
    match e:
        case Differential(Trace(Power(base, exponent))):
            if not isinstance(exponent, Number):
                return None
            k = _whole(exponent)
            return scale(number(k), tr(product(*_powers(base, k - 1), d(base))))
        case _:
            return None


def _whole(exponent: Expr) -> int:
    assert isinstance(exponent, Number)
    return int(exponent.value)


def _powers(base: Expr, k: int) -> tuple[Expr, ...]:
    """Xᵏ as factors: none for k = 0."""
    return () if k == 0 else (base,) if k == 1 else (Power(base, number(k)),)


def trace_of_function(e: Expr, context: Context) -> Expr | None:
    """Tr(A d f(X)) = Tr(A f′(X) dX) for a power series f, where A commutes with X; in each term of a sum."""
    if not isinstance(e, Trace):
        return None
    terms = terms_of(e.arg)
    changed = [_with_slope(term, context) or term for term in terms]
    return tr(add(*changed)) if any(a is not b for a, b in zip(changed, terms, strict=True)) else None


def _with_slope(term: Expr, context: Context) -> Expr | None:
    scalars, body = split_scale(term)
    factors = factors_of(body)
    for i, factor in enumerate(factors):
        if isinstance(factor, Differential) and (slope := _slope(factor.arg, context)) is not None:
            inner = factor.arg.children[0]
            others = (*factors[i + 1 :], *factors[:i])
            if not others or commute(product(*others), inner):
                return scaled(scalars, product(*factors[:i], slope, d(inner), *factors[i + 1 :]))
    return None


def function_of_multiple(e: Expr, context: Context) -> Expr | None:
    """d f(c A) = dc A f′(c A) for a power series f and a constant A, which commutes with itself."""
    if not isinstance(e, Differential) or (slope := _slope(e.arg, context)) is None:
        return None
    scalars, body = split_scale(e.arg.children[0])
    if not scalars or not context.is_constant(body):
        return None
    return scale(d(scaled(scalars)), product(body, slope))


def _slope(e: Expr, context: Context) -> Expr | None:
    """f′(X) of a power series f(X), or k Xᵏ⁻¹ of a power by a name; None of anything else."""
    match e:
        case MatrixFunction("expm"):
            return e
        case MatrixFunction("sinm", arg):
            return MatrixFunction("cosm", arg)
        case MatrixFunction("cosm", arg):
            return negative(MatrixFunction("sinm", arg))
        case MatrixFunction("logm", arg):
            scalars, body = split_scale(arg)
            return scaled([*map(reciprocal, scalars)], Inverse(body))
        case MatrixFunction("sqrtm"):
            return scale(number("1/2"), Inverse(e))
        case Power(base, exponent) if not base.is_scalar and context.is_constant(exponent):
            return scale(exponent, Power(base, add(exponent, number(-1))))
        case _:
            return None


def chain(e: Expr, context: Context) -> Expr | None:
    """d f(A) = f′(A) ∘ dA for a scalar function of each entry."""
    del context
    if not isinstance(e, Differential) or not isinstance(e.arg, Elementwise):
        return None

    slope, inner = derivative(e.arg.name, e.arg.arg), d(e.arg.arg)
    return hadamard(inner, slope) if isinstance(slope, HadamardPower) else hadamard(slope, inner)  # dx ⊘ x


def along_curve(e: Expr, context: Context) -> Expr | None:
    """d A(t) = A′(t) dt for what depends on a scalar."""
    if not isinstance(e, Differential) or not isinstance(e.arg, Curve) or e.arg.symbol in context.variables:
        return None
    return scale(d(e.arg.at), Curve(e.arg.symbol, e.arg.at, e.arg.order + 1))


def factor(e: Expr, context: Context) -> Expr | None:
    """A B + C B = (A + C) B: what all terms share is taken out; failing that, what the most alike terms share."""
    del context
    if not isinstance(e, Sum) or e.is_scalar:
        return None
    whole = _taken_out(e.terms)
    if whole is not None:
        return whole
    alike = _same_bodies(e.terms)
    if alike is not None:
        return alike
    best: tuple[int, tuple[int, ...], Expr] | None = None
    for i, first in enumerate(e.terms):
        for j in range(i + 1, len(e.terms)):
            shared = _shared_factors((first, e.terms[j]))
            if not sum(shared):
                continue
            members = (
                i,
                j,
                *(k for k in range(j + 1, len(e.terms)) if _shared_factors((first, e.terms[j], e.terms[k])) == shared),
            )
            taken = _taken_out([e.terms[k] for k in members])
            if taken is not None and (best is None or sum(shared) > best[0]):
                best = (sum(shared), members, taken)
    if best is None:
        return None
    _, members, taken = best
    terms = [
        taken if k == members[0] else term for k, term in enumerate(e.terms) if k == members[0] or k not in members
    ]
    return add(*terms)


def _same_bodies(terms: Sequence[Expr]) -> Expr | None:
    """a A + c A + B = (a + c) A + B: terms that differ in their scalars alone."""
    split = [split_scale(term) for term in terms]
    for i, (_, body) in enumerate(split):
        members = [k for k, (_, other) in enumerate(split) if other == body]
        if len(members) < 2 or members[0] != i:
            continue
        together = scale(add(*(scaled(split[k][0]) for k in members)), body)
        rest = [together if k == i else term for k, term in enumerate(terms) if k == i or k not in members]
        return add(*rest)
    return None


def cancel_scalars(e: Expr, context: Context) -> Expr | None:
    """c (A/c + B/c²) = A + B/c, 1/2 (2 A + 4 B) = A + 2 B: a scalar that cancels in every term of a sum goes in."""
    del context
    if not isinstance(e, Scale) or not isinstance(e.body, Sum):
        return None
    scalars, body = split_scale(e)
    for i, s in enumerate(scalars):
        if isinstance(s, Number) and s.value.denominator > 1:
            values = [s.value * number_and_rest(term)[0] for term in terms_of(body)]
            if all(value.denominator == 1 for value in values):
                inner = add(*(times(v, number_and_rest(t)[1]) for v, t in zip(values, terms_of(body), strict=True)))
                rest = [*scalars[:i], *scalars[i + 1 :]]
                return scaled(rest, inner) if rest else inner
            continue
        base, exponent = base_and_exponent(s)
        others = [dict(map(base_and_exponent, _scalars(term))).get(base) for term in terms_of(body)]
        if all(isinstance(x, Number) and isinstance(exponent, Number) and x.value * exponent.value < 0 for x in others):
            inner = add(*(combined_in(s, term) for term in terms_of(body)))
            rest = [*scalars[:i], *scalars[i + 1 :]]
            return scaled(rest, inner) if rest else inner
    return None


def _scalars(term: Expr) -> tuple[Expr, ...]:
    scalars, body = split_scale(term)
    return (*scalars, body) if body.is_scalar else scalars


def combined_in(s: Expr, term: Expr) -> Expr:
    """A scalar times a term, in its shortest form."""
    scalars, body = split_scale(term)
    factors = [s, *scalars, body] if body.is_scalar else [s, *scalars]
    return scaled(simplify_scalars(factors)) if body.is_scalar else scaled(simplify_scalars(factors), body)


def factor_scalars(e: Expr, context: Context) -> Expr | None:
    """c Tr(A B) + c Tr(A C) = c Tr(A (B + C)): scalars, and what all traces begin or end with, are taken out."""
    del context
    if not isinstance(e, Sum) or not e.is_scalar:
        return None
    split = [split_scale(term) for term in e.terms]
    if all(isinstance(body, Trace) for _, body in split):
        inside = [scaled(scalars, body.arg) for scalars, body in split if isinstance(body, Trace)]
        if any(_shared_factors(inside)):
            return tr(_taken_out(inside) or add(*inside))
    return _taken_out(e.terms)


def _shared_factors(terms: Sequence[Expr]) -> tuple[int, int]:
    """How many factors all terms begin and end with alike, leaving each at least one of its own."""
    chains = [factors_of(split_scale(term)[1]) for term in terms]
    room = min(map(len, chains)) - 1
    front = 0
    while front < room and len({chain[front] for chain in chains}) == 1:
        front += 1
    back = 0
    while back < room - front and len({chain[-1 - back] for chain in chains}) == 1:
        back += 1
    return front, back


def _taken_out(terms: Sequence[Expr]) -> Expr | None:
    """The terms with their common scalars and common outer factors in front and behind; None if there are none."""
    split = [number_and_rest(term) for term in terms]
    if any(rest is None for _, rest in split):
        return None
    scalars = [Counter(split_scale(rest)[0]) for _, rest in split if rest is not None]
    common = scalars[0]
    for other in scalars[1:]:
        common = common & other
    value = split[0][0] if len({abs(value) for value, _ in split}) == 1 else Fraction(1)
    if value == -1 and not common and any(v > 0 for v, _ in split):
        value = Fraction(1)
    front, back = _shared_factors(terms)
    if not (front or back or common or value not in (1, -1)):
        return None
    inner: list[Expr] = []
    chains = [factors_of(split_scale(term)[1]) for term in terms]
    are_alike = len(set(chains)) == 1
    for (v, _), own, chain in zip(split, scalars, chains, strict=True):
        factors = [*(own - common).elements(), *([] if are_alike else [product(*chain[front : len(chain) - back])])]
        inner.append(times(v / value, scaled(factors) if factors else None))
    if are_alike:  # to split them would leave a column beside a row, whose product with dx is a scalar
        taken = scale(add(*inner), product(*chains[0]))
    else:
        taken = product(*chains[0][:front], add(*inner), *chains[0][len(chains[0]) - back :])
    order = [s for s in split_scale(split[0][1])[0] if s in common] if split[0][1] is not None else []
    outside: list[Expr] = ([number(value)] if value != 1 else []) + order
    return scaled(outside, taken) if outside else taken
