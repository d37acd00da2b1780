"""Laws that replace a sum by a shorter one: products multiplied out where terms cancel, and a common denominator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import (
    Elementwise,
    Expr,
    Hadamard,
    HadamardPower,
    IndexSum,
    Inverse,
    MatrixFunction,
    Number,
    Ones,
    Power,
    Product,
    Scale,
    Sum,
    Transpose,
    add,
    factors_of,
    hadamard,
    index_sum,
    negative,
    number,
    product,
    rebuild,
    scaled,
    split_scale,
    terms_of,
    walk,
)
from generator.expr.printing.plain import without_sign
from generator.expr.properties import settled, transpose_of
from generator.rules.laws import add_numbers, combined_in, gather_factors, gather_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.rules.rule import Context

MOST_TERMS = 24
"""Sums that would have more terms when multiplied out are left as they are."""


def length(e: Expr) -> int:
    """How many numbers, names and functions an expression is written with; signs and fraction bars do not count."""
    match e:
        case Number():
            return 1
        case Scale(Number(value), body) if value == -1:
            return length(body)
        case Power(base, Number(value)) | HadamardPower(base, Number(value)) if value == -1:
            return length(base)
        case Sum() | Product() | Scale() | Hadamard() | Transpose():
            return sum(map(length, e.children))
        case Elementwise() | MatrixFunction():
            return 1 + length(e.arg)
        case _:
            return 1 + sum(map(length, e.children))


def cancel_terms(e: Expr, context: Context) -> Expr | None:
    """-y (1 - s) + (1 - y) s = s - y: products of scalars or entries multiplied out, where that is shorter."""
    if not isinstance(e, Sum) or e.has_differential or not any(map(_can_expand, e.terms)):
        return None
    return _if_shorter(e, _gathered(multiplied_out(e), context))


def common_denominator(e: Expr, context: Context) -> Expr | None:
    """A/q - p B/q² = (A - p B/q)/q, or over q² where terms cancel then: the shorter of the two, if one is shorter."""
    if not isinstance(e, Sum) or e.has_differential:
        return None
    forms = []
    powers = [_denominators(term) for term in e.terms]
    bases = dict.fromkeys(base for found in powers for base in found)
    for base in bases:
        exponents = [found.get(base, 0) for found in powers]
        if all(exponents):
            forms.append(_taken_out(e, base, max(exponents), context, expand=False))
        if len(set(exponents)) > 1 and (all(exponents) or len(bases) == 1):
            forms.append(_taken_out(e, base, min(exponents), context, expand=True))
    best = min(forms, key=_cost) if forms else e
    return best if _cost(best) < _cost(e) else None


def common_entries(e: Expr, context: Context) -> Expr | None:
    """A ∘ C + E ∘ C ∘ C = (A + E ∘ C) ∘ C: the entrywise factors that all terms share, where that is shorter."""
    del context
    if not isinstance(e, Sum) or e.has_differential or e.is_scalar:
        return None
    parts = [split_scale(term) for term in e.terms]
    powers = [_entrywise_powers(body) for _, body in parts]
    common = {base: min(found.get(base, 0) for found in powers) for base in powers[0]}
    shared = [_to_power(base, k) for base, k in common.items() if k > 0]
    if not shared:
        return None
    terms = []
    for (scalars, _), found in zip(parts, powers, strict=True):
        rest = {base: k - max(common.get(base, 0), 0) for base, k in found.items()}
        left = [_to_power(base, k) for base, k in rest.items() if k]
        if not left and not all(isinstance(s, Number) for s in scalars):
            return None  # a multiple of the matrix of ones is no shorter to read
        body = hadamard(*left) if left else Ones(e.shape)
        terms.append(scaled(scalars, body) if scalars else body)
    return _if_shorter(e, hadamard(add(*terms), *shared))


def _entrywise_powers(e: Expr) -> dict[Expr, int]:
    """The entrywise factors, each with how often it is multiplied; one to another power is a factor by itself."""
    found: dict[Expr, int] = {}
    for f in e.factors if isinstance(e, Hadamard) else (e,):
        base, times = f, 1
        if isinstance(f, HadamardPower) and isinstance(f.exponent, Number):
            value = f.exponent.value
            if value.denominator == 1:
                base, times = f.base, int(value)
        found[base] = found.get(base, 0) + times
    return found


def _to_power(base: Expr, k: int) -> Expr:
    return base if k == 1 else HadamardPower(base, number(k))


def outer_products(e: Expr, context: Context) -> Expr | None:
    """(b′x) a + (a′x) b = (a b′ + b a′) x: terms of a column that end in x, or have an inner product with it."""
    del context
    if not isinstance(e, Sum) or e.has_differential or not e.is_vector:
        return None
    for last in dict.fromkeys(_last_factors(e.terms[0])):
        parts = [_before(term, last) for term in e.terms]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            return _if_shorter(e, product(add(*known), last))
    return None


def _cost(e: Expr) -> tuple[int, int]:
    """Its length; of two of the same length, that with fewer denominators is taken for the shorter one."""
    return length(e), sum(isinstance(part, Power) and _divides(part) for part in walk(e))


def _if_shorter(e: Expr, form: Expr) -> Expr | None:
    return form if length(form) < length(e) else None


def _can_expand(term: Expr) -> bool:
    """Some scalar or entrywise factor of it is a sum."""
    scalars, body = split_scale(term)
    parts = (*scalars, *(body.factors if isinstance(body, Hadamard) else (body,)))
    return any(isinstance(part, Sum) for part in parts)


def multiplied_out(e: Expr) -> Expr:
    """A sum with its scalar and its entrywise factors multiplied out, as far as that is short."""
    terms: list[Expr] = []
    for term in terms_of(e):
        parts = _expanded(term)
        terms += parts if len(parts) + len(terms) <= MOST_TERMS else [term]
    return add(*terms)


def _expanded(term: Expr) -> list[Expr]:
    """The terms of a product of scalars and entrywise factors."""
    scalars, body = split_scale(term)
    by_entries = isinstance(body, Hadamard)
    bodies: tuple[Expr, ...] = body.factors if isinstance(body, Hadamard) else (body,)
    chosen: list[tuple[list[Expr], list[Expr]]] = [([], [])]
    for part in scalars:
        chosen = [([*s, t], b) for s, b in chosen for t in terms_of(part)]
        if len(chosen) > MOST_TERMS:
            return [term]
    for part in bodies:
        pieces = [split_scale(t) for t in terms_of(part)]
        chosen = [([*s, *more], [*b, inner]) for s, b in chosen for more, inner in pieces]
        if len(chosen) > MOST_TERMS:
            return [term]
    made = []
    for s, b in chosen:
        inner = _without_ones(hadamard(*b)) if by_entries else b[0]
        made.append(combined_in(number(1), scaled(s, inner) if s else inner))
    return made if len(made) == 1 else [part for one in made for part in ([one] if one == term else _expanded(one))]


def _without_ones(e: Expr) -> Expr:
    """An entrywise product without the factors whose entries are all one."""
    scalars, body = split_scale(e)
    if not isinstance(body, Hadamard):
        return e
    kept = [f for f in body.factors if not isinstance(f, Ones)]
    inner = hadamard(*kept) if kept else body.factors[0]
    return scaled(scalars, inner) if scalars else inner


def _gathered(e: Expr, context: Context) -> Expr:
    """A sum with the like factors of its terms, and then its like terms, taken together."""
    terms = []
    for term in terms_of(e):
        scalars, body = split_scale(term)
        inner = gather_factors(body, context) or body
        terms.append(combined_in(number(1), scaled(scalars, inner) if scalars else inner))
    together = add(*terms)
    together = add_numbers(together, context) or together
    return gather_terms(together, context) or together


def _denominators(term: Expr) -> dict[Expr, int]:
    """The scalars that a term is divided by, each with its exponent, which is negative."""
    scalars, body = split_scale(term)
    found: dict[Expr, int] = {}
    for part in (*scalars, *([body] if body.is_scalar else [])):
        if isinstance(part, Power) and isinstance(part.exponent, Number):
            value = part.exponent.value
            if value < 0 and value.denominator == 1 and not isinstance(part.base, Number):
                found[part.base] = found.get(part.base, 0) + int(value)
    return found


def _taken_out(e: Sum, base: Expr, exponent: int, context: Context, *, expand: bool) -> Expr:
    """A sum as a power of a scalar times another sum, whose terms are multiplied by the opposite power."""
    opposite = base if exponent == -1 else Power(base, number(-exponent))
    terms: list[Expr] = []
    for term in e.terms:
        whole = combined_in(opposite, term)
        terms += _expanded(whole) if expand else [whole]
    inner = _gathered(add(*terms), context) if expand else add(*terms)
    power = Power(base, number(exponent))
    scalars, body = split_scale(inner)
    if inner.is_scalar:
        return scaled([*scalars, body, power]) if inner != number(1) else power
    return scaled([*scalars, power], body)


def _last_factors(term: Expr) -> Iterator[Expr]:
    """Last factors that a column can be brought to."""
    scalars, body = split_scale(term)
    if isinstance(body, Product):
        yield body.factors[-1]
    for s in scalars:
        if isinstance(s, Product):
            yield s.factors[-1]
            yield transpose_of(s.factors[0])


def _before(term: Expr, last: Expr) -> Expr | None:
    """M of a column M x, with an inner product that ends in x put behind what it multiplies."""
    scalars, body = split_scale(term)
    factors = factors_of(body)
    if len(factors) > 1 and factors[-1] == last:
        before = product(*factors[:-1])
        return scaled(scalars, before) if scalars else before
    for i, s in enumerate(scalars):
        if not isinstance(s, Product) or not {body, transpose_of(body)}.isdisjoint(s.factors):
            continue  # (x′A x) x is better left as a multiple of x
        if s.factors[-1] == last and settled(transpose_of(s.factors[0])) == last:
            continue  # and (x′A x) y as a multiple of y
        rest = [*scalars[:i], *scalars[i + 1 :]]
        for row in (s.factors, factors_of(settled(transpose_of(s)))):
            if row[-1] == last and len(row) > 1:
                outer = product(body, *row[:-1])
                return scaled(rest, outer) if rest else outer
    return None


def cancel_denominators(e: Expr, context: Context) -> Expr | None:
    """1/(c (1 + p/c)) = 1/(c + p): a denominator multiplied into another that is a sum, where that is shorter."""
    if not isinstance(e, Scale):
        return None
    scalars, body = split_scale(e)
    factors = [*scalars, body] if body.is_scalar else [*scalars]
    below = {i: f.base for i, f in enumerate(factors) if isinstance(f, Power) and f.exponent == number(-1)}
    for i, large in below.items():
        for j, small in below.items():
            if i == j or not isinstance(large, Sum):
                continue
            whole = _gathered(add(*(combined_in(small, t) for t in large.terms)), context)
            if length(whole) < length(large) + length(small):
                rest = [f for k, f in enumerate(factors) if k not in (i, j)]
                joined = Power(whole, number(-1))
                return scaled([*rest, joined]) if body.is_scalar else scaled([*rest, joined], body)
    return None


def denominators_last(e: Expr, context: Context) -> Expr | None:
    """p/q B and not 1/q p B: of the scalars in front, those that divide stand last."""
    del context
    if not isinstance(e, Scale):
        return None
    scalars, body = split_scale(e)
    if body.is_scalar and not body.has_differential:
        scalars = (*scalars, body)
    ordered = sorted(scalars, key=_divides)
    if [*scalars] == ordered:
        return None
    return scaled(ordered) if body in ordered else scaled(ordered, body)


def positive_first(e: Expr, context: Context) -> Expr | None:
    """s - y and not -y + s: a sum does not begin with a minus where another term has none."""
    del context
    if not isinstance(e, Sum) or without_sign(e.terms[0]) is None:
        return None
    first = next((term for term in e.terms if without_sign(term) is None), None)
    return None if first is None else add(first, *(term for term in e.terms if term is not first))


def sign_into_difference(e: Expr, context: Context) -> Expr | None:
    """2 (b - a) and not -2 (a - b), (b - a) c and not -(a - b) c: a minus before a difference goes into it."""
    scalars, body = split_scale(e)
    if scalars[:1] == (number(-1),) and not isinstance(body, Sum):
        factors = _with_reversed_difference((*scalars[1:], *factors_of(body)), deep=False)
        if factors is not None:
            count = len(scalars) - 1
            return scaled(factors[:count], product(*factors[count:]))
    if scalars == (number(-1),) and isinstance(body, IndexSum):
        is_complement = isinstance(terms_of(body.body)[0], Number)  # Σᵢ (1 - xᵢ) stays
        inside = None if is_complement else sign_into_difference(negative(body.body), context)
        return None if inside is None else index_sum(body.index, inside)
    if not isinstance(body, Sum) or not scalars or (opposite := without_sign(e)) is None:
        return None
    first = [unsigned for term in body.terms if (unsigned := without_sign(term)) is not None]
    if not first:
        return None
    last = [negative(term) for term in body.terms if without_sign(term) is None]
    before = split_scale(opposite)[0]
    return scaled(before, add(*first, *last)) if before else add(*first, *last)


def sign_into_product(e: Expr, context: Context) -> Expr | None:
    """(A (C - B)) ∘ E and not -(A (B - C)) ∘ E: the same for a difference further inside of a product."""
    del context
    scalars, body = split_scale(e)
    if scalars[:1] != (number(-1),) or isinstance(body, Sum):
        return None
    factors = _with_reversed_difference((*scalars[1:], body), deep=True)
    return None if factors is None else scaled(factors)


def _with_reversed_difference(factors: Sequence[Expr], *, deep: bool) -> list[Expr] | None:
    """The factors with the only difference among them, or deep in a product among them, turned round."""
    found = [(i, new) for i, f in enumerate(factors) if (new := _reversed(f, deep=deep)) is not None]
    if len(found) != 1:
        return None
    ((i, new),) = found
    return [*factors[:i], new, *factors[i + 1 :]]


def _reversed(e: Expr, *, deep: bool) -> Expr | None:
    """b - a of a - b, which is no complement such as 1 - a, and its transpose; deep, also a product with it."""
    match e:
        case Sum((first, second)):
            last = without_sign(second)
            if last is None or without_sign(first) is not None or isinstance(first, Number | Ones):
                return None
            return add(last, negative(first))
        case Transpose() | Product() | Hadamard() if deep or isinstance(e, Transpose):
            parts = _with_reversed_difference(e.children, deep=deep)
            return None if parts is None else rebuild(e, parts)
        case _:
            return None


def _divides(s: Expr) -> bool:
    return isinstance(s, Power) and isinstance(s.exponent, Number) and s.exponent.value < 0


def inverse_power(e: Expr, context: Context) -> Expr | None:
    """A⁻¹ A⁻¹ = A⁻²: inverses, or their transposes, that stand side by side."""
    del context
    if not isinstance(e, Product):
        return None
    for i, f in enumerate(e.factors[:-1]):
        base, count = _inverse_and_count(f)
        if base is None:
            continue
        other, more = _inverse_and_count(e.factors[i + 1])
        if base != other:
            continue
        power = Power(Inverse(base.arg), number(count + more)) if isinstance(base, Transpose) else None
        joined = Power(base, number(count + more)) if power is None else Transpose(power)
        return product(*e.factors[:i], joined, *e.factors[i + 2 :])
    return None


def _inverse_and_count(f: Expr) -> tuple[Expr | None, int]:
    """A⁻¹ and k of its power (A⁻¹)ᵏ, A⁻ᵀ and k of the transpose of that; None of anything else."""
    match f:
        case Inverse():
            return f, 1
        case Power(Inverse() as base, Number(value)):
            return base, int(value)
        case Transpose(Inverse(arg)):
            return Transpose(arg), 1
        case Transpose(Power(Inverse(arg), Number(value))):
            return Transpose(arg), int(value)
        case _:
            return None, 0


def ones_outer(e: Expr, context: Context) -> Expr | None:
    """1 1′ is the matrix of ones, where it stands alone."""
    del context
    match e:
        case Product((Ones((rows, _)), Transpose(Ones((columns, _))))):
            return Ones((rows, columns))
        case _:
            return None
