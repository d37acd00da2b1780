"""The part of a function that one member of a family occurs in: of Σᵢ f(xᵢ), the term f(x_k).

Where such a sum stands inside another function, as in log Σᵢ exp(xᵢ), its other terms are there as well, and they are
constant: a symbol stands for them, log(exp(x_k) + r), until the answer has the whole sum again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.errors import ExpressionError, Unsupported
from generator.expr.nodes import (
    INDEX_NAMES,
    ONE,
    SCALAR,
    Dim,
    Entry,
    Expr,
    IndexSum,
    Member,
    Norm,
    Number,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    add,
    index,
    index_sum,
    negative,
    number,
    product,
    rebuild,
    scale,
    substitute,
    terms_of,
    unit_vector,
    walk,
)
from generator.expr.parsing.index_sums import family
from generator.expr.printing.plain import plain, without_sign
from generator.expr.properties import has, sign
from generator.rules import plan
from generator.rules.laws import number_and_rest, times
from generator.solver.derivation import Line
from generator.solver.differential import PUT_BACK, choose, names_taken

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from generator.solver.differential import DifferentialSolver

SMALL, LARGE = ("r", "s", "q", "c"), ("R", "S", "Q", "C")
"""Names for what a sum has beside the terms that contain the member."""


@dataclass(frozen=True)
class Apart:
    """A function by one member, and what the symbols in it stand for: sums without the terms that contain that."""

    function: Expr
    others: dict[Symbol | Member, Expr]
    """By the symbol of each sum, or by its member where the sum depends on an index; all are constant."""
    alike: dict[Symbol, Member | None]
    """The members of other families with the same index, and for a unit vector with this index None."""


def member_named(name: str, symbols: Mapping[str, Symbol]) -> Member | None:
    """The member that a name such as x_k or x_1 belongs to; None where no family has it."""
    found = re.fullmatch(r"(.+)_([A-Za-z]|\d+)", name)
    of = symbols.get(family(found[1])) if found is not None else None
    if found is None or of is None or of.total is None:
        return None
    return Member(of, number(found[2]) if found[2].isdigit() else index(found[2], of.total))


def with_entries_as_members(e: Expr, name: str, symbols: Mapping[str, Symbol]) -> tuple[Expr, dict[str, Symbol]]:
    """The function and its symbols where, if the name is x_k, a column x of which only entries occur is a family."""
    column = symbols.get(name.rpartition("_")[0])
    if name in symbols or column is None or not column.is_vector or not column.properties <= {"positive"}:
        return e, dict(symbols)
    members = Symbol(family(column.name), SCALAR, column.properties, column.shape[0])
    whole = _with_members(e, column, members)
    if column in whole.symbols:
        return e, dict(symbols)
    return whole, {name: symbol for name, symbol in symbols.items() if symbol != column} | {members.name: members}


def _with_members(e: Expr, column: Symbol, members: Symbol) -> Expr:
    if isinstance(e, Entry) and e.arg == column:
        return Member(members, e.row)
    return rebuild(e, [_with_members(child, column, members) for child in e.children]) if e.children else e


def with_free_letter(member: Member, function: Expr, taken: Container[str]) -> Member:
    """The same member with another letter, x_k for x_i, where a sum that stays when it is set apart may run over i."""
    inner = {*INDEX_NAMES[: function.sum_depth]} if function.sum_depth > 1 else set()
    if plain(member.index) not in inner or member.family.total is None:
        return member
    letter = next(letter for letter in "kqrspuv" if letter not in taken and letter not in inner)
    return Member(member.family, index(letter, member.family.total))


def symbol_of(member: Member) -> Symbol:
    """The symbol that a derivation has for a member: the variable x_k."""
    return Symbol(f"{member.family.name}{plain(member.index)}", member.family.shape, member.family.properties)


def argument(variable: Symbol, member: Member | None) -> Symbol:
    """The symbol in a function that depends on its variable: the variable, or the family of that member."""
    return variable if member is None else member.family


def row_of(name: str, symbols: Mapping[str, Symbol]) -> str | None:
    """The member that is row k of a matrix with a name: y_k of Y, where there is a family of columns y_i; else None."""
    small = name.lower()
    of = symbols.get(family(small))
    return f"{small}_k" if small != name and of is not None and of.is_vector else None


def with_member_apart(e: Expr, member: Member, symbols: Mapping[str, Symbol], *, twice: bool = False) -> Apart:
    """The terms of a sum that contain a member, as its symbol; of pairs, each with all others held fixed.

    The derivative by the member is that of the whole. `symbols` have the names that are taken; `twice` where more is
    asked for, as a second derivative or a stationary point, which pairs of members do not keep. Raises `Unsupported`
    where a sum that depends on the member in two ways stands inside of another function.
    """
    _refuse_beyond(member)
    finder = _Finder(e, member, symbols, twice=twice)
    apart = finder.part(e) or number(0)
    letter, one = plain(member.index), symbol_of(member).name
    if any(isinstance(part, IndexSum) and part.index.name == letter for part in walk(apart)):
        raise ExpressionError(
            f"{letter} is the index of {one}, and that of a sum",
            remedy=f"Ask for another member, such as {one.rpartition('_')[0]}_k.",
        )
    return Apart(apart, finder.others, finder.alike)


def _refuse_beyond(member: Member) -> None:
    """Refuse x_7 where there are five, and x_0."""
    match member:
        case Member(_, Number(at)) if at < 1:
            raise ExpressionError(f"there is no {symbol_of(member).name}: the first one is counted as 1")
        case Member(Symbol(total=Dim(names=(), number=last)), Number(at)) if at > last:
            there = symbol_of(replace(member, index=number(last)))
            raise ExpressionError(f"there is no {symbol_of(member).name}: the last one is {there.name}")
        case _:
            pass


def with_whole_sums(solver: DifferentialSolver, answer: Expr, others: Mapping[Symbol | Member, Expr]) -> Expr:
    """The answer where sums are whole again, with a line that says so."""
    passes = plan.WITH_WHOLE_SUMS if any(Norm in e.kinds for e in others.values()) else plan.FINISH
    whole, _ = solver.engine.run_all(_whole(answer, others), passes)
    if (alike := _with_one_sign(whole)) != whole:
        whole, _ = solver.engine.run_all(alike, plan.FINISH)
    if whole != answer:
        solver.writer.line(Line(solver.names.answer, whole, "whole-sums", PUT_BACK(names=list(others))))
    return whole


def _with_one_sign(e: Expr, seen: list[Norm] | None = None) -> Expr:
    """The same where the norm of a difference turned round is that of the difference, as it was written first."""
    seen = [] if seen is None else seen
    if isinstance(e, Norm):
        turned = frozenset(without_sign(term) or negative(term) for term in terms_of(e.arg))
        same = next((one for one in seen if one.kind == e.kind and frozenset(terms_of(one.arg)) == turned), None)
        seen.append(same or e)
        return seen[-1]
    if isinstance(e, IndexSum):
        return index_sum(e.index, _with_one_sign(e.body, seen))
    return rebuild(e, [_with_one_sign(child, seen) for child in e.children]) if e.children else e


def _whole(e: Expr, others: Mapping[Symbol | Member, Expr]) -> Expr:
    if isinstance(e, IndexSum):
        assert e.index.total is not None
        apart = index(f"?{e.sum_depth}", e.index.total)  # a name that no sum inside has
        return index_sum(apart, _whole(substitute(e.body, {e.index: apart}), others))
    if (meaning := _meaning(e, others)) is not None:
        return meaning
    return rebuild(e, [_whole(child, others) for child in e.children]) if e.children else e


def _scaled(coefficient: Expr, e: Expr) -> Expr:
    """A product with its numbers in front: -y log(p) for y (-log(p))."""
    value, rest = number_and_rest(e)
    return scale(coefficient, e) if rest is None else times(value, scale(coefficient, rest))


def _meaning(e: Expr, others: Mapping[Symbol | Member, Expr]) -> Expr | None:
    """The definition of a constant for other terms, at any index; None for any other expression."""
    for symbol, meaning in others.items():
        match symbol, e:
            case Member(family, at), Member(other, there) if family == other:
                return substitute(meaning, {at: there})
            case _ if symbol == e:
                return meaning
            case _:
                pass
    return None


class _Finder:
    """Takes the terms with one member out of a function."""

    def __init__(self, whole: Expr, member: Member, symbols: Mapping[str, Symbol], *, twice: bool) -> None:
        self.whole, self.member, self.twice = whole, member, twice
        self.of, self.one = member.family, symbol_of(member)
        self.taken = names_taken({**symbols, self.one.name: self.one})
        self.has_number = isinstance(member.index, Number)
        self.others: dict[Symbol | Member, Expr] = {}
        self.alike: dict[Symbol, Member | None] = {}

    def part(self, e: Expr) -> Expr | None:
        """The terms of e that contain the member; None where none does."""
        if self.of not in e.symbols:
            return None
        match e:
            case Sum(terms):
                parts = [part for term in terms if (part := self.part(term)) is not None]
                return add(*parts) if parts else None
            case Scale(coefficient, body) if self.of not in coefficient.symbols:
                inner = self.part(body)
                return None if inner is None else _scaled(coefficient, inner)
            case Scale(coefficient, body) if self.of not in body.symbols:
                inner = self.part(coefficient)
                return None if inner is None else scale(inner, body)
            case Trace(arg) | Transpose(arg):
                inner = self.part(arg)
                return None if inner is None else rebuild(e, [inner])
            case IndexSum(index, body):
                return self._of_sum(index, body)
            case _ if not any(isinstance(part, IndexSum) and self.of in part.symbols for part in walk(e)):
                return substitute(e, {self.member: self.one}) if self.member in walk(e) else None
            case _:
                return self._with_others(e)

    def _with_others(self, e: Expr) -> Expr:
        """A function of sums that contain the member, each as the terms that do and a symbol for its others."""
        if self.of not in e.symbols:
            return e
        if e == self.member:
            return self.one
        if isinstance(e, IndexSum):
            part = self._of_sum(e.index, e.body)
            return e if part is None else add(part, self._others_of(e, part))
        return rebuild(e, [self._with_others(child) for child in e.children])

    def _others_of(self, e: IndexSum, part: Expr) -> Expr:
        """The symbol for the terms of a sum that do not contain the member."""
        meaning = add(e, *map(negative, terms_of(part)))
        found = next((symbol for symbol, other in self.others.items() if other == meaning), None)
        if found is not None:
            return found
        free = sorted(meaning.indices, key=lambda one: one.name)
        if len(free) > 1 or _fixed(self.of) in meaning.symbols:
            raise self._unsupported()
        name = choose(SMALL if e.shape[1] == ONE else LARGE, self.taken)
        self.taken |= {name, f"d{name}"}
        known = {"positive"} if e.is_scalar and sign(e) > 0 else {"symmetric"} if _is_of_symmetric(e) else set()
        properties = frozenset(known)
        symbol: Symbol | Member = Symbol(name, e.shape, properties)
        if free:
            symbol = Member(Symbol(family(name), e.shape, properties, free[0].total), free[0])
        self.others[symbol] = meaning
        return symbol

    def _of_sum(self, index: Symbol, body: Expr) -> Expr | None:
        named = Member(self.of, index)
        parts = []
        if any(part == named for part in walk(body)):
            pairs = self.of in substitute(body, {named: self.one}).symbols
            if pairs and self.twice:
                raise Unsupported(
                    f"only the derivative by {self.one.name} is known of a sum over pairs",
                    remedy="In the others it is the same member, so that its second derivative has more terms.",
                )
            parts.append(self._at_own(substitute(body, {named: self.one}), index))
            inner = self.part(substitute(body, {named: _fixed(self.of)})) if pairs else None
            if inner is not None:
                parts.append(index_sum(index, substitute(inner, {_fixed(self.of): named})))
        elif (inner := self.part(body)) is not None:
            parts.append(index_sum(index, inner))
        return add(*parts) if parts else None

    def _at_own(self, e: Expr, index: Symbol) -> Expr:
        """The term whose index is that of the member."""
        if index not in e.symbols:
            return e
        match e:
            case Member(other, at) if at == index:
                member = Member(other, self.member.index)
                if self.has_number:
                    return member
                self.alike[symbol_of(member)] = member
                return symbol_of(member)
            case Entry(arg, row, column) if index in (row, column):
                return self._entry(e, self._at_own(arg, index), index)
            case IndexSum(other, body):
                return index_sum(other, self._at_own(body, index))
            case _ if e.children:
                return rebuild(e, [self._at_own(child, index) for child in e.children])
            case _:
                raise self._unsupported()

    def _unsupported(self) -> Unsupported:
        return Unsupported(
            f"{self.one.name} stands in {plain(self.whole)} in more than one way",
            remedy="Derivatives by one member are taken of sums over it, and of functions of such sums.",
        )

    def _entry(self, e: Entry, arg: Expr, index: Symbol) -> Expr:
        """An entry whose row or column is that of the member: by its number, or by the unit vector e_k."""
        if self.has_number:
            places = [self.member.index if place == index else place for place in (e.row, e.column)]
            return Entry(arg, *(place for place in places if place is not None))
        rows, columns = (unit_vector(plain(self.member.index), side) for side in arg.shape)
        self.alike |= {unit: None for unit, place in ((rows, e.row), (columns, e.column)) if place == index}
        if e.column is None:
            return product(Transpose(rows), arg)
        if e.row == e.column:
            return product(Transpose(rows), arg, columns)
        return Entry(product(Transpose(arg), rows), e.column) if e.row == index else Entry(product(arg, columns), e.row)


def _is_of_symmetric(e: IndexSum) -> bool:
    """Every term of a sum of matrices is symmetric."""
    return not e.is_scalar and has(e.body, "symmetric")


def _fixed(of: Symbol) -> Symbol:
    """A stand-in for the member of the outer index, while that of the inner one is looked for."""
    return Symbol(f"?{of.name}", of.shape, of.properties)
