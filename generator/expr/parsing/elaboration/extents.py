"""How far the argument of a function without parentheses goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lark import Token, Tree

from generator.expr.functions import MATRIX_FUNCTIONS
from generator.expr.nodes import ONE
from generator.expr.parsing.calls import OF_MATRICES, OF_TRACES
from generator.expr.parsing.trees import child, factors_of, is_number, juxtaposed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.errors import ExpressionError
    from generator.expr.parsing.elaboration.scope import Scope


def argument(scope: Scope, tree: Tree[Token]) -> tuple[Tree[Token], list[Tree[Token]]]:
    """A function with what it is applied to, and the factors behind that."""
    function, *raised, _ = tree.children
    assert isinstance(function, Token)
    factors = factors_of(child(tree, -1))
    if factors[0].data == "apply":
        inner, behind = argument(scope, factors[0])
        factors = [inner, *behind, *factors[1:]]
        own = 1
        if len(factors) > 1 and function not in OF_MATRICES:
            raise _unclear_extent(scope, function, factors, tree)
    elif scope.text[function.start_pos : function.end_pos] in ("√", "∛") and is_number(factors[0]):
        own = 1
    else:
        own = next((i for i, f in enumerate(factors) if i and f.data in ("apply", "call")), len(factors))
    if function in ("log", "ln") and own < len(factors) and factors[own].children[0] == "exp":
        raise _unclear_extent(scope, function, factors, tree)  # log (c exp(x)) or (log c) exp(x)
    if own > 1 and not _takes_all(scope, function, factors[:own]):
        raise _unclear_extent(scope, function, factors[:own], tree)
    return Tree("apply", [function, *raised, juxtaposed(factors[:own])], tree.meta), factors[own:]


def _takes_all(scope: Scope, function: Token, factors: Sequence[Tree[Token]]) -> bool:
    """A function without parentheses is of all factors behind it, and could not be of the first alone."""
    if is_number(factors[0]) and function != "sqrt":
        return True
    if function in OF_MATRICES:
        return function in OF_TRACES or not any(scope.tried(f).is_scalar for f in factors[1:])
    first = scope.tried(factors[0])
    return not first.is_scalar and (ONE in first.shape or f"{function}m" not in MATRIX_FUNCTIONS)


def _unclear_extent(
    scope: Scope, function: Token, factors: Sequence[Tree[Token]], tree: Tree[Token]
) -> ExpressionError:
    first, rest, whole = map(scope.written, (factors[0], juxtaposed(factors[1:]), juxtaposed(factors)))
    return scope.fail(
        f"it is not clear how far the argument of {function} goes",
        tree,
        f"Write {function}({whole}), or {function}({first}) {rest}.",
    )
