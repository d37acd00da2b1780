"""One equation in one unknown: every way to solve it, the most direct one first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from generator.expr.messages import Message
from generator.expr.nodes import (
    Diag,
    Expr,
    Inverse,
    add,
    factors_of,
    product,
    scaled,
    size,
    split_scale,
    substitute,
    terms_of,
    walk,
    zeros,
)
from generator.expr.printing.plain import plain
from generator.expr.properties import has
from generator.solver.stationary.clearing import cleared
from generator.solver.stationary.draft import Draft, Unfit
from generator.solver.stationary.inversion import can_be_undone, no_point, undone
from generator.solver.stationary.linear import isolate, solved_by_vec

if TYPE_CHECKING:
    from collections.abc import Callable

FROM_LEFT = Message("multiplied-from-left", "multiplied by {factor} from the left")
FROM_RIGHT = Message("multiplied-from-right", "multiplied by {factor} from the right")


def solved(draft: Draft, e: Expr) -> Expr:
    """The solution of e = 0, which is the only one under the draft's conditions; raises Unfit where none is found."""
    if isinstance(e, Diag):
        e = e.arg
    e = without_invertible_factors(draft, without_nonzero_factors(draft, e))
    e = cleared(draft, draft.expanded(e))
    e = without_invertible_factors(draft, without_nonzero_factors(draft, e))
    e = draft.expanded(e)
    methods: list[Callable[[Draft], Expr]] = [
        *(partial(_through, part=part, e=e) for part in _parts(draft, e)),
        partial(_multiplied_out, e=e),
        partial(solved_by_vec, e=e),
    ]
    for method in methods:
        trial = draft.trial()
        try:
            solution = method(trial)
        except Unfit:
            continue
        draft.adopt(trial)
        return solution
    raise Unfit


def without_nonzero_factors(draft: Draft, e: Expr) -> Expr:
    """The equation without the scalars in front that are never zero, or must not be."""
    scalars, body = split_scale(e)
    factors = (*scalars, body) if e.is_scalar else scalars
    kept = []
    for s in factors:
        if draft.is_constant(s):
            draft.require("nonzero", s)
        elif not draft.is_never_zero(s):
            kept.append(s)
            continue
        draft.direction *= draft.sign(s)
    if e.is_scalar:
        if not kept:
            raise no_point(draft, f"{plain(e)} is never zero")
        return scaled(kept)
    if kept:
        raise Unfit
    return body


def without_invertible_factors(draft: Draft, e: Expr) -> Expr:
    """The equation without the constant matrices that it is multiplied by and that have an inverse."""
    factors = list(factors_of(e))
    for message, place in ((FROM_LEFT, 0), (FROM_RIGHT, -1)):
        taken: list[Expr] = []
        while len(factors) > 1 and draft.is_constant(factors[place]) and has(factors[place], "invertible"):
            taken.insert(0 if place == 0 else len(taken), draft.inverse_of(factors.pop(place)))
        if taken:
            draft.explain(message(factor=product(*taken)))
            draft.direction = 0
    return product(*factors)


def _parts(draft: Draft, e: Expr) -> list[Expr]:
    """The unknown, and parts that hold all of it and can be undone, the smallest first."""
    X = draft.unknown
    parts = {part for part in walk(e) if X in part.symbols and (part == X or can_be_undone(part))}
    whole = [part for part in parts if X not in substitute(e, {part: zeros(part.shape)}).symbols]
    return sorted(whole, key=lambda part: (size(part), str(part)))


def _through(draft: Draft, part: Expr, e: Expr) -> Expr:
    """Solve for a part, then for what is inside of it."""
    value = isolate(draft, e, part)
    while part != draft.unknown:
        part, value = undone(draft, part, value)
        if part != draft.unknown and not can_be_undone(part):
            return solved(draft, add(part, *(draft.engine.tidied(-t) for t in terms_of(value))))
    return value


def _multiplied_out(draft: Draft, e: Expr) -> Expr:
    """X⁻¹ S X⁻¹ = c X⁻¹, multiplied by X from the left and from the right."""
    X = draft.unknown
    inverses = [factors_of(split_scale(t)[1]).count(Inverse(X)) for t in terms_of(e)]
    if max(inverses) < 2:
        raise Unfit
    draft.direction = 0
    whole = draft.expanded(add(*(draft.shortened(product(X, t, X)) for t in terms_of(e))))
    if Inverse(X) in set(walk(whole)):
        raise Unfit
    why = Message("multiplied-twice", "multiplied by {variable} from the left and from the right")(variable=X)
    draft.line(whole, zeros(X.shape), "multiply-both-sides", why)
    return isolate(draft, whole, X)
