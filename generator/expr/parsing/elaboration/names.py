"""Names and numbers: symbols, constants without a size, and the derivatives and differentials of symbols."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.errors import UnknownSymbolError
from generator.expr.nodes import ONE, Curve, Dim, Identity, Ones, Pi, Trace, Zero, number, parameter_of
from generator.expr.parsing.lexer import differential_of, normal_name

if TYPE_CHECKING:
    from lark import Token, Tree

    from generator.expr.nodes import Expr, Symbol
    from generator.expr.parsing.elaboration.scope import Scope

LARGEST_NUMBER, LONGEST_NUMBER = 1e30, 40
"""Numbers beyond these cannot be checked on a computer's own."""


def number_of(scope: Scope, tree: Tree[Token]) -> Expr:
    """A number as it is written."""
    written = str(tree.children[0]).rstrip(".")
    if len(written) > LONGEST_NUMBER or float(written.split("/")[0]) > LARGEST_NUMBER:
        raise scope.fail("a number beyond all need", tree, f"The largest is {LARGEST_NUMBER:.0e}.")
    return number(Fraction(written))


def column_of_ones(scope: Scope, tree: Tree[Token]) -> Expr:
    """The bold 1, a column of ones."""
    return scope.constant(Ones((scope.shapes.fresh(any_size=True), ONE)), tree, "vector(1, n)")


def zeros_of_any_size(scope: Scope, tree: Tree[Token]) -> Expr:
    """A matrix of zeros that is written without its size."""
    shape = scope.shapes.fresh(any_size=True), scope.shapes.fresh(any_size=True)
    return scope.constant(Zero(shape), tree, "zeros(n, m)")


def name_of(scope: Scope, tree: Tree[Token]) -> Expr:
    """The symbol, constant, dimension as a number, or differential that has a name."""
    name = normal_name(str(tree.children[0]))
    if name in scope.symbols:
        symbol = scope.symbols[name]
        return curve(scope, symbol, 0) if parameter_of(symbol) else symbol
    match name:
        case "pi":
            return Pi()
        case _ if name in scope.counts:
            return Trace(Identity(Dim.of(name)))
        case "eye" | "I":
            return scope.constant(Identity(scope.shapes.fresh()), tree, "eye(n)")
        case "zeros":
            return zeros_of_any_size(scope, tree)
        case _:
            pass
    found = differential_of(name, scope.symbols) if scope.differentials else None
    if found is None:
        raise UnknownSymbolError(f"unknown symbol {name}", text=scope.place(tree))
    return found


def curve(scope: Scope, symbol: Symbol, order: int) -> Expr:
    """A(t), or a derivative of it, of a symbol that is declared to depend on t."""
    return Curve(symbol, scope.symbols[parameter_of(symbol)], order)
