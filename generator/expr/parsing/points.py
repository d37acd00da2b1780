"""Marks that make another name: x^* and x' of x - x^* and x - x' are points of their own, x^* of x^* A x is turned.

A prime is of another point where it cannot be that of a transpose: in a sum beside the name itself, or behind a product
that begins with a column turned by another mark, as in x^T x'. A star is turned in front of a capital or of the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lark import Token, Tree

from generator.errors import ExpressionError, InText
from generator.expr.nodes import ONE
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import bare_name, factors_of, is_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.expr.nodes import Symbol

_SUMS = ("add", "subtract")


def with_points(text: str, tree: Tree[Token], declared: Mapping[str, Symbol]) -> tuple[Tree[Token], list[str]]:
    """The tree with a name for each marked one that is another point, and notes that say so."""
    starred, primed = list(tree.find_data("starred")), [node for node in tree.iter_subtrees() if _is_primed(node)]
    if not starred and not primed:
        return tree, []
    sums = list(tree.find_pred(lambda node: node.data in _SUMS))
    within = {id(child) for node in sums for child in node.children}
    beside = [name for node in sums if id(node) not in within for name in _beside_themselves(node)]
    products = list(tree.find_data("juxtapose"))
    parts = {id(node.children[0]) for node in products}
    behind = [name for node in products if id(node) not in parts for name in _behind_turned(node)]
    columns = {name for name in (*beside, *behind) if name[0].islower() and _may_be_column(declared, name)}
    turned = {id(node) for node in tree.iter_subtrees() for node in _turned(node)}
    points: dict[int, str] = {}
    for node in primed:
        if (name := normal_name(bare_name(node.children[0]))) in columns:
            points[id(node)] = f"{name}_prime"
    for node in starred:
        name = normal_name(bare_name(node.children[0])) if is_name(node.children[0]) else ""
        if id(node) in turned:
            continue
        if not name or not (name[0].islower() or name in beside):
            written = text[node.meta.start_pos : node.meta.end_pos]
            raise ExpressionError(
                f"{written} could be a transpose or a name",
                text=InText(text, node.meta.start_pos, node.meta.end_pos),
                remedy="Of real matrices write X^T for the conjugate transpose; for another symbol X_star.",
            )
        points[id(node)] = f"{name}_star"
    notes = {f"{text[n.meta.start_pos : n.meta.end_pos]} is another symbol than {bare_name(n.children[0])}."
             for n in (*primed, *starred) if id(n) in points}  # fmt: skip
    return _replaced(tree, points), sorted(notes)


def _is_primed(node: Tree[Token]) -> bool:
    return node.data == "transpose" and is_name(node.children[0]) and cast("Token", node.children[1]).type == "PRIME"


def _may_be_column(declared: Mapping[str, Symbol], name: str) -> bool:
    return name not in declared or ONE in declared[name].shape


def _terms(node: Tree[Token] | Token) -> Iterator[Tree[Token]]:
    """The terms of a sum, without signs."""
    if isinstance(node, Tree) and node.data in (*_SUMS, "negate"):
        for child in node.children:
            yield from _terms(child)
    elif isinstance(node, Tree):
        yield node


def _beside_themselves(node: Tree[Token]) -> list[str]:
    """The names that stand in a sum both alone and with a prime or a star."""
    terms = list(_terms(node))
    alone = {normal_name(bare_name(term)) for term in terms if is_name(term)}
    marked = [term.children[0] for term in terms if term.data == "starred" or _is_primed(term)]
    return [name for one in marked if is_name(one) and (name := normal_name(bare_name(one))) in alone]


def _behind_turned(node: Tree[Token]) -> Iterator[str]:
    """The primed name behind a product that begins with a column turned by another mark."""
    first, *_, last = factors_of(node)
    by_another = first.data == "transpose" and cast("Token", first.children[1]).type == "TRANSPOSED"
    if by_another and bare_name(first.children[0])[:1].islower() and _is_primed(last):
        yield normal_name(bare_name(last.children[0]))


def _turned(node: Tree[Token]) -> Iterator[Tree[Token]]:
    """The starred name in front of a capital or of itself, in a product."""
    if node.data != "juxtapose" and not (node.data == "times" and node.children[1] in ("*", "·", "@")):
        return
    left, right = factors_of(cast("Tree[Token]", node.children[0]))[-1], cast("Tree[Token]", node.children[-1])
    name = bare_name(left.children[0]) if left.data == "starred" else ""
    following = bare_name(factors_of(right)[0])
    if name[:1].islower() and following and (following == name or following[0].isupper()):
        yield left


def _replaced(tree: Tree[Token], points: Mapping[int, str]) -> Tree[Token]:
    if id(tree) in points:
        name = next(tree.scan_values(lambda value: isinstance(value, Token)))
        return Tree("name", [name.update(value=points[id(tree)])], tree.meta)
    children = [_replaced(child, points) if isinstance(child, Tree) else child for child in tree.children]
    return Tree("transpose" if tree.data == "starred" else tree.data, children, tree.meta)
