"""Functions of their arguments, with and without parentheses, and the refusal of those with two meanings."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from generator.errors import InText, ShapeError
from generator.expr.functions import MATRIX_FUNCTIONS, OF_ENTRIES
from generator.expr.nodes import (
    OF_SYMMETRIC,
    Determinant,
    Differential,
    Elementwise,
    Identity,
    Inverse,
    Kronecker,
    Number,
    Power,
    Product,
    Scale,
    Spectral,
    Sum,
    Trace,
    Transpose,
    Zero,
    entrywise_power,
    negative,
    number,
    parameter_of,
    scale,
    walk,
)
from generator.expr.parsing.calls import BINARY, FUNCTION_SPELLINGS, OF_ROWS, OF_TRACES, UNARY
from generator.expr.parsing.elaboration.extents import argument
from generator.expr.parsing.elaboration.indices import log_of_product
from generator.expr.parsing.elaboration.matrices import filled, ones_of_size, size
from generator.expr.parsing.elaboration.names import curve
from generator.expr.parsing.elaboration.norms import named_norm
from generator.expr.parsing.elaboration.powers import exponent_of, raised, small_digits
from generator.expr.parsing.elaboration.products import product_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lark import Token, Tree

    from generator.expr.nodes import Expr
    from generator.expr.parsing.elaboration.scope import Scope


def apply(scope: Scope, tree: Tree[Token]) -> Expr:
    """A function without parentheses, and perhaps factors behind its argument."""
    return product_of(scope, tree) if argument(scope, tree)[1] else call(scope, tree)


def method(scope: Scope, tree: Tree[Token]) -> Expr:
    """A function behind what it is applied to, as in x.sum()."""
    base, name, *args = cast("tuple[Tree[Token], Token, *tuple[Tree[Token], ...]]", tree.children)
    own = str(name)[1:]
    return _applied(scope, name.update(value=FUNCTION_SPELLINGS.get(own, own)), [base, *args], tree)


def call(scope: Scope, tree: Tree[Token]) -> Expr:
    """A function of its arguments, and perhaps a power of its value: sin^2(x)."""
    function, *rest = cast("tuple[Token, *tuple[Tree[Token], ...]]", tree.children)
    if not rest or rest[0].data != "raised":
        return _applied(scope, function, rest, tree)
    to_power, *args = rest
    value = _applied(scope, function, args, tree)
    mark = cast("Token", to_power.children[0])
    if mark.type == "DOTHAT":
        return entrywise_power(value, scope.build(to_power.children[-1]))
    exponent = number(small_digits(mark)) if mark.type == "SUPERSCRIPT" else exponent_of(scope, to_power)
    if not value.is_scalar or (isinstance(exponent, Number) and exponent.value < 0):
        raise scope.fail(
            f"it is not clear what {function} to a power is",
            tree,
            f"Put the power behind the argument: {function}(…)^2.",
        )
    return Power(value, exponent)


def _applied(scope: Scope, function: Token, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
    name = str(function)
    match name, len(args):
        case (("eye" | "I"), 1):
            return Identity(size(scope, args[0]))
        case "zeros", 2:
            return Zero((size(scope, args[0]), size(scope, args[1])))
        case (("vector" | "matrix"), _):
            return filled(scope, name, args, tree)
        case "kron", 2:
            return _kronecker(*map(scope.build, args))
        case "ones", (1 | 2):
            return ones_of_size(scope, args, function, tree)
        case "matrix_power", 2:
            return raised(scope, scope.build(args[0]), scope.build(args[1]), tree)
        case (("max" | "min"), 2):
            return _maximum(scope, name, args, tree)
        case "d", 1 if scope.differentials:
            return Differential(scope.build(args[0]))
        case "norm", (1 | 2) if (norm := named_norm(scope, function, args, tree)) is not None:
            return norm
        case _, 1 if (own := scope.symbols.get(name.rstrip("'"))) is not None and OF_ENTRIES in own.properties:
            return Elementwise(name, scope.build(args[0]))
        case _, 1 if name.endswith("'") and parameter_of(scope.symbols[name.rstrip("'")]):
            return curve(scope, scope.symbols[name.rstrip("'")], name.count("'"))
        case _, 2 if name in BINARY:
            return _of_two(scope, function, args, tree)
        case _, 1 if name in UNARY:
            if name in ("log", "ln") and (found := log_of_product(scope, args[0])) is not None:
                return found
            return _of_one(scope, function, args[0], tree)
    expected = 2 if name in {"kron", "zeros", "max", *BINARY} else 1
    raise scope.fail(f"{name} takes {expected} argument{'s' * (expected > 1)}, not {len(args)}", tree)


def _kronecker(left: Expr, right: Expr) -> Expr:
    if left.is_scalar:
        return scale(left, right)
    return scale(right, left) if right.is_scalar else Kronecker(left, right)


def _maximum(scope: Scope, name: str, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
    """The larger of zero and something, its positive part; the smaller is minus the positive part of minus that."""
    zero = number(0)
    others = [part for part in map(scope.build, args) if part != zero]
    if len(others) != 1:
        raise scope.fail(f"{name} is read with zero only", tree, "max(0, x) is the positive part, relu(x).")
    return Elementwise("relu", others[0]) if name == "max" else negative(Elementwise("relu", negative(others[0])))


def _of_two(scope: Scope, function: Token, args: Sequence[Tree[Token]], tree: Tree[Token]) -> Expr:
    """A function of two arguments, such as dot(x, y)."""
    left, right = map(scope.build, args)
    if function == "inner" and scope.is_of_library(function) and not scope.is_line(left):
        raise scope.fail("inner of matrices is the product A*B'", tree, "Write A*B', or tr(A'*B).")
    if function in OF_ROWS and scope.is_column(left) and not right.is_scalar and not scope.is_row(right):
        left = Transpose(left)  # an array of one axis, which is a row before a matrix
        scope.required(Product((left, right)), tree)
    made = BINARY[str(function)](left, right)
    for part in walk(made):
        scope.required(part, tree)
    return made


def _of_one(scope: Scope, function: Token, written: Tree[Token], tree: Tree[Token]) -> Expr:
    """A function of one argument, with what is to be noted and checked about it."""
    name = str(function)
    scope.in_call += name in ("sum", "mean")
    arg = scope.build(written)
    scope.in_call -= name in ("sum", "mean")
    _check_trace(scope, name, arg, tree)
    if scope.text[function.start_pos : function.end_pos] == f"\\{name}" and not scope.in_sum:
        scope.typeset.append((function, arg, tree))
    try:
        made = UNARY[name](arg)
    except ShapeError as error:
        error.text = scope.place(tree)
        raise
    if isinstance(made, Spectral) and name in (*OF_SYMMETRIC, *OF_SYMMETRIC.values()):
        scope.symmetric.append((name, arg, scope.place(tree)))
    for part in made.children:  # log(det(X)) of logdet(X)
        scope.required(part, tree)
    of_matrix = not arg.is_scalar and not scope.is_line(arg) and not scope.in_sum and not scope.given
    if f"{name}m" in MATRIX_FUNCTIONS and (of_matrix or scope.is_square(arg)):
        scope.note(f"{scope.written(tree)} is taken of each entry; of the matrix it is {name}m(…).")
    return scope.required(made, tree)


def _check_trace(scope: Scope, name: str, arg: Expr, tree: Tree[Token]) -> None:
    """Try other kinds for the names in tr(rho) and sum(beta^2), which are numbers by their letters."""
    numbers = [symbol.name for symbol in arg.symbols if symbol.is_scalar and symbol.name not in scope.given]
    if name in (*OF_TRACES, "sum") and arg.is_scalar and numbers and len(numbers) == len(arg.symbols):
        raise ShapeError(
            "the trace of a number" if name in OF_TRACES else "the sum of a number",
            text=scope.place(tree),
            remedy=f"Declare the shape of {min(numbers)}, such as n x n.",
        )


def check_typeset(scope: Scope) -> None:
    r"""Refuse \exp(X) of a square matrix, which on a page may be meant of the matrix or of its entries."""
    for function, arg, tree in scope.typeset:
        name = "log" if function == "ln" else str(function)
        if f"{name}m" in MATRIX_FUNCTIONS and scope.is_square(arg):
            of_entries = r"X^{\circ 1/2}" if name == "sqrt" else rf"\{name}^{{\circ}}(X)"
            raise scope.fail(
                rf"\{function} of a square matrix has two meanings",
                tree,
                rf"Of each entry it is {of_entries}, of the matrix \operatorname{{{name}m}}(X).",
            )
    scope.typeset.clear()


def check_of_matrices(scope: Scope, e: Expr) -> None:
    """Refuse exp(X) and its like in a trace, a determinant or an inverse, where that of the matrix may be meant."""
    for whole in (Trace(e), *walk(e)):
        if isinstance(whole, Trace | Determinant | Inverse | Product):
            for part in _factors(whole if isinstance(whole, Product) else whole.arg):
                if isinstance(part, Elementwise) and f"{part.name}m" in MATRIX_FUNCTIONS and scope.is_square(part):
                    raise ShapeError(
                        f"{part.name} of a square matrix has two meanings here",
                        text=InText.whole(scope.text),
                        remedy=f"Of the matrix it is {part.name}m(…). For that of each entry declare the symbols,"
                        " such as X = n x n.",
                    )


def _factors(e: Expr) -> Iterator[Expr]:
    """The parts of a matrix that are multiplied and added as matrices."""
    if isinstance(e, Product | Sum | Scale | Transpose):
        for part in e.children:
            yield from _factors(part)
    else:
        yield e
