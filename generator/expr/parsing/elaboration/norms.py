"""Norms and bars: what is written between them, what their index says, and norms with a matrix as their index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import ShapeError
from generator.expr.nodes import (
    Determinant,
    Elementwise,
    EntrySum,
    Norm,
    Number,
    Power,
    Transpose,
    entrywise_power,
    inverse,
    number,
    product,
    reciprocal,
)
from generator.expr.parsing.calls import UNARY, spectral_norm
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import child, index_of, is_number, is_weight, tokens_of, ungrouped, weight_of
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token, Tree

    from generator.errors import ExpressionError
    from generator.expr.nodes import Expr
    from generator.expr.parsing.elaboration.scope import Scope


def norm(scope: Scope, tree: Tree[Token]) -> Expr:
    """The norm that double bars and their index stand for."""
    arg = scope.build(tree.children[1])
    index = index_of(tree)
    if arg.is_scalar and arg.symbols and all(symbol.name not in scope.given for symbol in arg.symbols):
        raise ShapeError("the norm of a number", text=scope.place(tree), remedy="Write abs(…) for a number.")
    match index:
        case "1" if not scope.is_line(arg):
            raise scope.fail(
                "the 1-norm of a matrix has two meanings",
                tree,
                "For the sum of absolute entries write norm1(…).",
            )
        case "2" if not scope.is_line(arg):
            if not scope.given:
                raise of_two_norms(scope, tree)
            return _largest_singular_value(scope, arg, tree)
        case _ if is_weight(index) and weight_of(index) in scope.symbols:
            return Elementwise("sqrt", weighted(scope, tree))
        case "" | "2" | "F" | "fro" | "Fro":
            return Norm("2", arg)
        case "nuc":
            scope.note(f"{scope.written(tree)} is the sum of all singular values.")
            return scope.required(UNARY["norm_nuc"](arg), tree)
        case "1":
            return Norm("1", arg)
        case _ if index != "0" and scope.is_column(arg) and (index.isdigit() or index in scope.symbols):
            p = number(index) if index.isdigit() else scope.symbols[index]
            if p.is_scalar:
                scope.note(f"{scope.written(tree)} is the sum of |x_i|^p, to the power 1/p.")
                return Power(powers_of_entries(arg, p), reciprocal(p))
        case _:
            pass
    raise scope.fail(
        f"the norm with index {index} is not known",
        tree,
        "Known are ||x||_2, ||x||_1, ||x||_p of columns, and ||X||_F.",
    )


def absolute(scope: Scope, tree: Tree[Token]) -> Expr:
    """The absolute value of a scalar, the determinant of a matrix, a norm where it has an index."""
    if index_of(tree):
        return norm(scope, tree)
    arg = scope.build(tree.children[1])
    if arg.is_scalar or scope.in_sum or (scope.in_call and scope.is_line(arg)):
        return Elementwise("abs", arg)
    names = {normal_name(token) for token in tokens_of(tree) if token.type == "NAME"}
    if scope.is_line(arg) and (id(tree) in scope.lengths or (names and names <= scope.bold)):
        scope.note(f"{scope.written(tree)} is the norm of a vector.")
        return Norm("2", arg)
    if scope.is_line(arg):
        inside = scope.written(child(tree, 1))
        raise scope.fail(
            "bars around a vector have two meanings",
            tree,
            f"Write ||{inside}|| for the norm, abs({inside}) for the absolute value of each entry.",
        )
    scope.note(f"Bars around {plain(arg)} are its determinant.")
    return scope.required(Determinant(arg), tree)


def weighted(scope: Scope, tree: Tree[Token]) -> Expr:
    """x'Ax of ||x||_A, for the square of this norm."""
    index = index_of(tree)
    arg, matrix = scope.build(tree.children[1]), scope.symbols[weight_of(index)]
    weight = matrix if index == matrix.name else scope.required(inverse(matrix), tree)
    if not scope.is_line(arg) or matrix.is_scalar:
        raise scope.fail("a norm with a matrix as its index is of columns", tree, "Write x'*A*x.")
    scope.note(f"{scope.written(tree)}^2 is x'*A*x, with the index as A.")
    right = scope.required(product(weight, arg), tree)
    return scope.required(product(Transpose(arg), right), tree)


def is_square_of_weighted(base: Tree[Token], exponent: Tree[Token]) -> bool:
    """It is ||x||_A^2."""
    exponent = ungrouped(exponent)
    return base.data == "norm" and is_weight(index_of(base)) and is_number(exponent) and exponent.children[0] == "2"


def is_to_its_own_power(base: Tree[Token], exponent: Tree[Token]) -> bool:
    """It is a p-norm to the power p."""
    exponent = ungrouped(exponent)
    return (
        base.data == "norm"
        and (index := index_of(base)) not in ("", "0", "1", "2", "F")
        and exponent.data in ("name", "number")
        and exponent.children[0] == index
    )


def powers_of_entries(arg: Expr, exponent: Expr) -> Expr:
    """The sum of the p-th powers of absolute entries; of an even p the sign is lost anyway."""
    even = isinstance(exponent, Number) and exponent.value % 2 == 0
    return EntrySum(entrywise_power(arg if even else Elementwise("abs", arg), exponent))


def named_norm(scope: Scope, function: Token, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr | None:
    """A norm whose kind is an argument, as in norm(X, 'fro'), or that of a library; None for any other."""
    if len(args) == 1:
        return Norm("2", scope.build(args[0])) if scope.is_of_library(function) else None
    kind = str(args[1].children[0]) if args[1].data in ("string", "number") else ""
    kind = kind.split("=")[-1].strip(" \"'")
    if kind not in ("1", "2", "fro"):
        raise scope.fail(f"the norm {scope.written(args[1])} is not known", tree, "Known are 1, 2 and 'fro'.")
    arg = scope.build(args[0])
    if kind == "fro":
        return Norm("2", arg)
    if scope.is_line(arg):
        return Norm(kind, arg)
    if kind == "2":
        return _largest_singular_value(scope, arg, tree)
    raise scope.fail("this norm is of vectors", args[0], "For a matrix write norm_fro(…) or norm1(…).")


def quoted_word(scope: Scope, tree: Tree[Token]) -> Expr:
    """The refusal of a word in quotes, which is an argument of `norm` only."""
    raise scope.fail("a word in quotes names a norm, as in norm(X, 'fro')", tree)


def _largest_singular_value(scope: Scope, arg: Expr, tree: Tree[Token]) -> Expr:
    scope.note(f"{scope.written(tree)} is the largest singular value.")
    return spectral_norm(arg)


def of_two_norms(scope: Scope, tree: Tree[Token]) -> ExpressionError:
    """The error that says that the index 2 of the norm of a matrix has two meanings."""
    return scope.fail(
        "||X||_2 of a matrix is its largest singular value, and some write it for the Frobenius norm",
        tree,
        "For the largest singular value write norm_spec(X), for the Frobenius norm ||X||_F.",
    )
