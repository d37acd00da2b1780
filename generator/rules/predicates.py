"""When a rule is of use: small predicates on what its symbols stand for. No rule is true or false by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.nodes import (
    ONE,
    Differential,
    Expr,
    Hadamard,
    Product,
    Softmax,
    Sum,
    Symbol,
    Transpose,
    add,
    factors_of,
    terms_of,
)
from generator.expr.properties import is_zero, settled, transpose_of

if TYPE_CHECKING:
    from generator.rules.rule import Context, Match, Predicate


def all_of(*predicates: Predicate) -> Predicate:
    """All of several predicates hold."""
    return lambda match, context: all(predicate(match, context) for predicate in predicates)


def any_of(*predicates: Predicate) -> Predicate:
    """One of several predicates holds."""
    return lambda match, context: any(predicate(match, context) for predicate in predicates)


def depends_on_variable(name: str) -> Predicate:
    """It depends on the variable."""
    return lambda match, context: not context.is_constant(match[name])


def has_differential(name: str) -> Predicate:
    """A differential occurs in it."""
    return lambda match, context: match[name].has_differential


def has_no_differential(name: str) -> Predicate:
    """No differential occurs in it."""
    return lambda match, context: not match[name].has_differential


def one_has_differential(first: str, second: str) -> Predicate:
    """A differential occurs in one of two, and none in the other."""
    return lambda match, context: match[first].has_differential != match[second].has_differential


def has_transposed_differential(name: str) -> Predicate:
    """Some transposed factor contains a differential."""
    return lambda match, context: any(map(is_transposed_differential, factors_of(match[name])))


def has_no_transposed_differential(name: str) -> Predicate:
    """No factor of it is a transposed one that contains a differential."""
    return lambda match, context: not any(map(is_transposed_differential, factors_of(match[name])))


def has_upright_differential(name: str) -> Predicate:
    """It contains a differential, and no transposed factor does."""
    return lambda match, context: (
        match[name].has_differential and not any(map(is_transposed_differential, factors_of(match[name])))
    )


def only_last_has_differential(name: str) -> Predicate:
    """Its last factor contains a differential, and no other does."""

    def predicate(match: Match, context: Context) -> bool:
        del context
        factors = factors_of(match[name])
        return factors[-1].has_differential and not any(f.has_differential for f in factors[:-1])

    return predicate


def needs_trace(name: str) -> Predicate:
    """It is a product with a differential in it, and the variable is a matrix: only a trace brings dX to the end."""

    def predicate(match: Match, context: Context) -> bool:
        return isinstance(match[name], Product) and match[name].has_differential and context.wrt.shape[1] != ONE

    return predicate


def is_product(name: str) -> Predicate:
    """It is a product of matrices, even if it is 1 × 1."""
    return lambda match, context: isinstance(match[name], Product)


def is_no_sum(name: str) -> Predicate:
    """It is no sum, which would rather be taken apart."""
    return lambda match, context: not isinstance(match[name], Sum)


def is_no_column(name: str) -> Predicate:
    """It has more than one column."""
    return lambda match, context: match[name].shape[1] != ONE


def is_unsettled_sum(match: Match, context: Context) -> bool:
    """A + B contains a differential, and some of its terms do not end in one yet."""
    del context
    terms = [*terms_of(match["A"]), *terms_of(match["B"])]
    return any(t.has_differential for t in terms) and not all(map(ends_in_differential, terms))


def is_shorter_transposed(match: Match, context: Context) -> bool:
    """The transposes of A and B contain a differential, or need no more marks than the transpose of their sum."""
    del context
    both_terms = settled(add(match["A"], match["B"]))
    return both_terms.has_differential or marks(transpose_of(both_terms)) <= 1 + marks(both_terms)


def ends_in_differential(e: Expr) -> bool:
    """It is dX, or a product that ends in dX and contains no other differential."""
    factors = factors_of(e)
    return is_differential(factors[-1]) and not any(f.has_differential for f in factors[:-1])


def is_differential(e: Expr) -> bool:
    """It is dX or du, not a transpose or a function of it."""
    return isinstance(e, Differential) and isinstance(e.arg, Symbol)


def is_transposed_differential(e: Expr) -> bool:
    """It is the transpose of a factor that contains a differential, or an entrywise product with one.

    The transpose of such a factor is none, or a trace would be transposed for ever.
    """
    match e:
        case Hadamard(factors):
            return any(map(is_transposed_differential, factors))
        case Transpose(arg):
            is_turned_by_rules = isinstance(arg, Product | Transpose) or is_transposed_differential(arg)
            return e.has_differential and not is_turned_by_rules
        case _:
            return False


def marks(e: Expr) -> int:
    """How many transposes occur in it; the softmax of rows is written without."""
    if isinstance(e, Transpose) and isinstance(e.arg, Softmax) and isinstance(e.arg.arg, Transpose):
        return marks(e.arg.arg.arg)
    return isinstance(e, Transpose) + sum(map(marks, e.children))


def is_not_zero(name: str) -> Predicate:
    """The part that a symbol matches is not a zero."""

    def predicate(match: Match, context: Context) -> bool:
        del context
        return not is_zero(match[name])

    return predicate
