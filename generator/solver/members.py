"""The part of a function that one member of a family occurs in: of Σᵢ f(xᵢ), the term f(x_k)."""

from __future__ import annotations

import re

from generator.errors import ExpressionError, Unsupported
from generator.expr.nodes import (
    ONE,
    Entry,
    Expr,
    IndexSum,
    Member,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    add,
    index_sum,
    number,
    product,
    rebuild,
    scale,
    substitute,
    walk,
)
from generator.expr.parsing.index_sums import family
from generator.expr.printing.plain import plain


def member_symbol(name: str, symbols: dict[str, Symbol]) -> tuple[Symbol, Symbol] | None:
    """The symbol of a member such as x_k or x_1, and its family; None where no family has the name."""
    found = re.fullmatch(r"(.+)_([A-Za-z]|\d+)", name)
    of = symbols.get(family(found[1])) if found is not None else None
    return None if of is None else (Symbol(name, of.shape, of.properties), of)


def with_member_apart(e: Expr, one: Symbol, of: Symbol, *, twice: bool = False) -> Expr:
    """The terms of a sum that contain a member, as a symbol; of pairs, each with all others held fixed.

    Its derivative by the member is that of the whole. `twice` where second derivatives are asked for, which pairs of
    members do not keep. Raises `Unsupported` where the sum stands inside of another function.
    """
    apart = _Apart(e, one, of, twice=twice).part(e) or number(0)
    letter = one.name.rpartition("_")[2]
    if any(isinstance(part, IndexSum) and part.index.name == letter for part in walk(apart)):
        raise ExpressionError(
            f"{letter} is the index of {one.name}, and that of a sum",
            remedy=f"Ask for another member, such as {one.name.rpartition('_')[0]}_k.",
        )
    return apart


class _Apart:
    """Takes the terms with one member out of a function."""

    def __init__(self, whole: Expr, one: Symbol, of: Symbol, *, twice: bool) -> None:
        self.whole, self.one, self.of, self.twice = whole, one, of, twice
        self.own = one.name.rpartition("_")[2]
        """The index of the member: a letter, or its number."""
        self.member = Member(of, number(self.own)) if self.own.isdigit() else None

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
                return None if inner is None else scale(coefficient, inner)
            case Scale(coefficient, body) if self.of not in body.symbols:
                inner = self.part(coefficient)
                return None if inner is None else scale(inner, body)
            case Trace(arg) | Transpose(arg):
                inner = self.part(arg)
                return None if inner is None else rebuild(e, [inner])
            case IndexSum(index, body):
                return self._of_sum(index, body)
            case _ if not any(isinstance(part, IndexSum) and self.of in part.symbols for part in walk(e)):
                member = self.member
                return substitute(e, {member: self.one}) if member is not None and member in walk(e) else None
            case _:
                raise self._unsupported()

    def _of_sum(self, index: Symbol, body: Expr) -> Expr | None:
        named = Member(self.of, index)
        parts = []
        if any(part == named for part in walk(body)):
            pairs = self.of in substitute(body, {named: self.one}).symbols
            if pairs and self.twice:
                raise Unsupported(
                    f"the second derivative by {self.one.name} of a sum over pairs",
                    remedy="Ask for the derivative, or name the member by which a row of all second ones is meant.",
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
                if self.own.isdigit():
                    return Member(other, number(self.own))
                return Symbol(f"{other.name}{self.own}", other.shape, other.properties)
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
            f"{self.one.name} stands in no sum of {plain(self.whole)} by itself",
            remedy="Derivatives by one member are taken of sums over it, and not of functions of such sums.",
        )

    def _entry(self, e: Entry, arg: Expr, index: Symbol) -> Expr:
        """An entry whose row or column is that of the member: by its number, or by the unit vector e_k."""
        if self.own.isdigit():
            places = [number(self.own) if place == index else place for place in (e.row, e.column)]
            return Entry(arg, *(place for place in places if place is not None))
        rows, columns = (Symbol(f"e_{self.own}", (side, ONE)) for side in arg.shape)
        if e.row != index:
            return Entry(product(arg, columns), e.row)
        row = product(Transpose(rows), arg)
        if e.column is None:
            return row
        return product(row, columns) if e.column == index else Entry(Transpose(row), e.column)


def _fixed(of: Symbol) -> Symbol:
    """A stand-in for the member of the outer index, while that of the inner one is looked for."""
    return Symbol(f"?{of.name}", of.shape, of.properties)
