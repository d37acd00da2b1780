"""When a rule is of use: small predicates on what its symbols stand for. No rule is true or false by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import ONE, Differential, Expr, Product, Sum, Symbol, Transpose, add, factors_of, terms_of
from generator.algebra.structure import settled, transpose_of

if TYPE_CHECKING:
    from generator.derivation.rule import Context, Guard, Match


def both(*guards: Guard) -> Guard:
    """All of several guards hold."""
    return lambda match, context: all(guard(match, context) for guard in guards)


def either(*guards: Guard) -> Guard:
    """One of several guards holds."""
    return lambda match, context: any(guard(match, context) for guard in guards)


def varies(name: str) -> Guard:
    """It depends on the variable."""
    return lambda match, context: not context.is_constant(match[name])


def moves(name: str) -> Guard:
    """A differential occurs in it."""
    return lambda match, context: match[name].has_differential


def still(name: str) -> Guard:
    """No differential occurs in it."""
    return lambda match, context: not match[name].has_differential


def one_moves(first: str, second: str) -> Guard:
    """A differential occurs in one of two, and none in the other."""
    return lambda match, context: match[first].has_differential != match[second].has_differential


def turned(name: str) -> Guard:
    """A factor of it that moves stands transposed."""
    return lambda match, context: any(map(is_turned, factors_of(match[name])))


def upright(name: str) -> Guard:
    """It moves, and no factor that moves stands transposed."""
    return lambda match, context: match[name].has_differential and not any(map(is_turned, factors_of(match[name])))


def last_moves(name: str) -> Guard:
    """Only its last factor moves."""

    def guard(match: Match, context: Context) -> bool:
        del context
        factors = factors_of(match[name])
        return factors[-1].has_differential and not any(f.has_differential for f in factors[:-1])

    return guard


def by_matrix(name: str) -> Guard:
    """It is a product that moves, and the variable is a matrix, so that only a trace can bring dX to the end."""

    def guard(match: Match, context: Context) -> bool:
        return isinstance(match[name], Product) and match[name].has_differential and context.wrt.shape[1] != ONE

    return guard


def is_product(name: str) -> Guard:
    """It is a product of matrices, even if it is 1 × 1."""
    return lambda match, context: isinstance(match[name], Product)


def not_sum(name: str) -> Guard:
    """It is no sum, which would rather be taken apart."""
    return lambda match, context: not isinstance(match[name], Sum)


def not_column(name: str) -> Guard:
    """It has more than one column."""
    return lambda match, context: match[name].shape[1] != ONE


def unsettled(match: Match, context: Context) -> bool:
    """A + B moves, and some of its terms do not end in a differential yet."""
    del context
    terms = [*terms_of(match["A"]), *terms_of(match["B"])]
    return any(t.has_differential for t in terms) and not all(map(ends_in_differential, terms))


def frees(match: Match, context: Context) -> bool:
    """Pushing the transpose into A and B frees a differential, or leaves fewer transposes to write."""
    del context
    both_terms = settled(add(match["A"], match["B"]))
    return both_terms.has_differential or marks(transpose_of(both_terms)) <= 1 + marks(both_terms)


def ends_in_differential(e: Expr) -> bool:
    """It is dX, or a product whose only moving factor is a dX at its end."""
    factors = factors_of(e)
    return is_differential(factors[-1]) and not any(f.has_differential for f in factors[:-1])


def is_differential(e: Expr) -> bool:
    """It is dX or du, not a transpose or a function of it."""
    return isinstance(e, Differential) and isinstance(e.arg, Symbol)


def is_turned(e: Expr) -> bool:
    """It is the transpose of something that moves, pushed down as far as products go."""
    return isinstance(e, Transpose) and e.has_differential and not isinstance(e.arg, Product | Transpose)


def marks(e: Expr) -> int:
    """How many transposes occur in it."""
    return isinstance(e, Transpose) + sum(map(marks, e.children))
