"""Sums over indices, and what stands in them: members of families, entries, and unit vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from generator.errors import ShapeError
from generator.expr.nodes import (
    Elementwise,
    Entry,
    Member,
    Norm,
    Power,
    Symbol,
    Transpose,
    index,
    index_sum,
    negative,
    number,
    product,
    scale,
    terms_of,
    unit_vector,
    walk,
)
from generator.expr.parsing.declarations import dimension
from generator.expr.parsing.elaboration.sums import difference
from generator.expr.parsing.index_sums import family, sign, subscript
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import child, is_name, ungrouped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lark import Token, Tree

    from generator.errors import ExpressionError
    from generator.expr.nodes import Dim, Expr
    from generator.expr.parsing.elaboration.scope import Scope
    from generator.expr.parsing.index_sums import Sign


def sum_over_indices(scope: Scope, tree: Tree[Token]) -> Expr:
    """A sum over one or more indices, which what stands behind its sign may contain."""
    over = _sign_of(scope, tree)
    if over.is_product:
        raise scope.fail("a product over an index", tree, "It is read under a logarithm: log prod_i f_i.")
    return _summed(scope, over, tree, lambda e: e)


def log_of_product(scope: Scope, arg: Tree[Token]) -> Expr | None:
    """The logarithm of a product over an index: the sum of the logarithms."""
    tree = ungrouped(arg)
    if tree.data != "index_sum" or not (over := _sign_of(scope, tree)).is_product:
        return None
    return _summed(scope, over, tree, lambda e: Elementwise("log", e))


def _sign_of(scope: Scope, tree: Tree[Token]) -> Sign:
    return sign(scope.text, cast("Token", tree.children[0]))


def _summed(scope: Scope, over: Sign, tree: Tree[Token], each: Callable[[Expr], Expr]) -> Expr:
    """The sum of something made of each body."""
    token, body = cast("tuple[Token, Tree[Token]]", tree.children)
    outside = dict(scope.bound)
    if "_" not in scope.text[token.start_pos : token.end_pos]:
        scope.note(f"The sum runs over {over.letters[0]}.")
    indices = [_bound(scope, letter, over.last, tree) for letter in over.letters]
    e = scope.build(body)
    if over.is_product and not e.is_scalar:
        raise ShapeError("a product over an index is of scalars", text=scope.place(tree))
    e = each(e)
    equal = _with_index_as(scope, over.letters[0], over.letters[1], body, indices) if over.pairs else None
    if equal is not None and _has_norm_of_zero(equal):
        raise scope.fail(
            "the sum over all pairs has norms of zero, which have no derivative", tree, "Write the squares of norms."
        )
    if over.is_ordered:
        others = dict(zip(over.letters, reversed(over.letters), strict=True))
        _keep_either_order(scope, over, difference(e, each(_with_letters(scope, body, others))), indices, tree)
    scope.bound = outside
    for one in reversed(indices):
        e = index_sum(one, e)
    if equal is not None:
        e = difference(e, index_sum(indices[0], each(equal)))
    if over.is_ordered:
        e = scale(number("1/2"), e)
    if over.pairs and not outside.keys().isdisjoint(over.letters):
        raise scope.fail("an index that is bound twice", tree, "Use another letter.")
    if over.members_of:
        scope.note(f"The members of {over.members_of.strip(chr(92))} are counted from 1.")
    if over.excluded:
        left_out = (indices[0], scope.bound.get(over.excluded))
        term = _with_index_as(scope, over.excluded, over.letters[0], body, left_out)
        scope.note(f"The sum over all {over.letters[0]}, without the term of {over.excluded}.")
        e = difference(e, each(term))
    return e


def _bound(scope: Scope, letter: str, last: str, tree: Tree[Token]) -> Symbol:
    """The index that a letter now stands for, which runs to a last value, or, without one, as far as its members."""
    if letter in scope.symbols or letter in scope.counts:
        raise _of_two_meanings(scope, letter, tree)
    count = dimension(last) if last else scope.shapes.fresh()
    scope.dimensions.update(count.names)
    scope.ranges.append(count)
    scope.bound[letter] = index(f"?{letter}{len(scope.ranges)}", count)
    return scope.bound[letter]


def _of_two_meanings(scope: Scope, letter: str, tree: Tree[Token]) -> ExpressionError:
    return scope.fail(f"{letter} is an index and a symbol", tree, "Use another letter for one of them.")


def _with_letters(scope: Scope, body: Tree[Token], others: Mapping[str, str]) -> Expr:
    """A body with other letters in place of those of indices."""
    before = dict(scope.stands_for)
    scope.stands_for |= others
    e = scope.build(body)
    scope.stands_for = before
    return e


def _with_index_as(scope: Scope, other: str, letter: str, body: Tree[Token], indices: Sequence[Symbol | None]) -> Expr:
    """A body with another letter for that of an index; both indices, where a sum runs over both, count alike."""
    totals = [one.total for one in indices if one is not None and one.total is not None]
    if len(totals) > 1:
        scope.shapes.unify(*totals)
    return _with_letters(scope, body, {letter: other})


def _keep_either_order(scope: Scope, over: Sign, exchanged: Expr, indices: Sequence[Symbol], tree: Tree[Token]) -> None:
    """Keep for later that exchanging two indices makes no difference, so that the sum over i < j is half of that."""
    square = Power(exchanged if exchanged.is_scalar else Norm("2", exchanged), number(2))
    scope.either_order.append((index_sum(indices[0], index_sum(indices[1], square)), over, scope.place(tree)))
    scope.note(f"{scope.written(tree)} is half of the sum over all pairs of two values.")


def _has_norm_of_zero(e: Expr) -> bool:
    """It has ||a - a||, and that not as a square."""
    squared = {part.base for part in walk(e) if isinstance(part, Power) and part.exponent == number(2)}
    norms = {part for part in walk(e) if isinstance(part, Norm)} - squared
    return any(negative(one) in terms_of(norm.arg) for norm in norms for one in terms_of(norm.arg))


def indexed(scope: Scope, tree: Tree[Token]) -> Expr:
    """A member of a family, or an entry."""
    base = child(tree, 0)
    written = [scope.stands_for.get(one, one) for one in subscript(str(tree.children[1]))]
    stem = family(normal_name(str(base.children[0]))) if is_name(base) else ""
    free = [one for one in written if not one.isdigit() and one not in scope.bound and one not in scope.letters]
    if stem in scope.symbols and len(written) == 1:
        members = scope.symbols[stem]
        return _single(scope, members, free[0]) if free else Member(members, _index_of(scope, written[0], tree))
    free += [one for one in written if one.isdigit()]  # of b_i1 a sum has the column b e_1
    arg = scope.build(base)
    if len(written) > 2 or arg.is_scalar:
        raise ShapeError(
            f"an entry by {len(written)} indices",
            text=scope.place(tree),
            remedy="A column has one index, a matrix two.",
        )
    if len(written) == 2 and is_name(base) and arg.is_vector:
        raise scope.fail(f"{base.children[0]} is a column and has two indices", tree, "A column has one index.")
    if len(written) == 2 and written[0] in free and written[1] not in free:
        arg, written = Transpose(arg), written[::-1]  # A_ki is (A'e_k)_i
    if len(written) == 2 and written[1] in free:
        arg, written = product(arg, _unit(scope, written[1], arg.shape[1], tree)), written[:1]
    if written[0] in free:
        return product(Transpose(_unit(scope, written[0], arg.shape[0], tree)), arg)
    return Entry(arg, *(_index_of(scope, one, tree) for one in written))


def _single(scope: Scope, members: Symbol, letter: str) -> Symbol:
    """The member of a family by a letter that no sum runs over, as a symbol of its own."""
    name = f"{members.name}{letter}"
    return scope.symbols.setdefault(name, Symbol(name, members.shape, members.properties))


def _unit(scope: Scope, letter: str, size: Dim, tree: Tree[Token]) -> Symbol:
    """The unit vector of an entry whose index no sum runs over: (Wx)_t = e_t'Wx, b_i1 = (b e_1)_i."""
    unit = unit_vector(letter, size)
    is_other = unit.name in scope.given and scope.given[unit.name].properties != unit.properties
    if is_other or letter in scope.symbols or letter in scope.counts:
        raise _of_two_meanings(scope, letter, tree)
    unit = scope.symbols.setdefault(unit.name, unit)
    if not scope.shapes.unify(unit.shape[0], size):
        raise ShapeError(f"the index {letter} counts two different things", text=scope.place(tree))
    scope.note(f"The entry with index {letter} is written with the unit vector {unit.name}.")
    return unit


def _index_of(scope: Scope, written: str, tree: Tree[Token]) -> Expr:
    if written.isdigit():
        return number(written)
    if written not in scope.bound:
        raise scope.fail(f"no sum around this place runs over {written}", tree, "Write the sum before it: sum_i.")
    return scope.bound[written]
