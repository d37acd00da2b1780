"""Texts as trees of the grammar, and what their nodes are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lark import Token, Tree
from lark.exceptions import UnexpectedToken
from lark.tree import Meta

from generator.errors import ExpressionError, InText
from generator.expr.functions import GREEK, spelled_out
from generator.expr.nodes import Shape
from generator.expr.parsing.grammar import grammar, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Source:
    """A text, its tree, the names in bold, notes, and the shape that the whole must have, if that is known.

    It may be a side of an inequality, which holds entry by entry: a scalar there bounds each entry of the other side.
    """

    text: str
    tree: Tree[Token]
    bold: frozenset[str]
    notes: tuple[str, ...] = ()
    shape: Shape | None = None
    of_inequality: bool = False


def tree_of(text: str, tokens: Sequence[Token]) -> Tree[Token]:
    """The tree for the tokens of a text; raises `ExpressionError`, with the place, where the grammar has none."""
    parser = grammar().parse_interactive("")
    try:
        for token in tokens:
            parser.feed_token(token)
        return cast("Tree[Token]", parser.feed_eof(tokens[-1]))  # type: ignore[no-untyped-call]
    except UnexpectedToken as error:
        token = error.token
        if token.type == "$END":
            raise ExpressionError(
                "the expression ends too early",
                text=InText(text, len(text.rstrip()), len(text.rstrip()) + 1),
                remedy="Something is missing: a closing bracket or norm, or what follows an operator.",
            ) from None
        where = place(text, token)
        written = text[where.start : where.stop]
        what = (
            f"a closing {written} without an opening one"
            if token.type == "NORM_CLOSE"
            else f"{written} cannot stand here"
        )
        raise ExpressionError(what, text=where) from None


def dimension_arguments(call: Tree[Token]) -> Sequence[Tree[Token]]:
    """The arguments that are dimensions: of eye(n), zeros(n, m), ones(n, m), vector(c, n), matrix(c, n, m)."""
    name, *args = cast("list[Tree[Token]]", call.children)
    return {"eye": args, "I": args, "zeros": args, "ones": args, "vector": args[1:], "matrix": args[1:]}.get(
        str(name), ()
    )


def child(tree: Tree[Token], i: int) -> Tree[Token]:
    """A part of a tree where the grammar has a tree, not a token."""
    return cast("Tree[Token]", tree.children[i])


def ungrouped(tree: Tree[Token]) -> Tree[Token]:
    """A tree without the brackets around it."""
    while tree.data == "group":
        tree = child(tree, 0)
    return tree


def is_e(tree: Tree[Token] | Token) -> bool:
    """It is the name e."""
    return isinstance(tree, Tree) and tree.data == "name" and tree.children[0] == "e"


def is_mark(tree: Tree[Token] | Token) -> bool:
    """It is the letter t, alone or in braces, which as an exponent may be the mark of a transpose."""
    return isinstance(tree, Tree) and is_name(inner := ungrouped(tree)) and inner.children[0] == "t"


def index_of(tree: Tree[Token]) -> str:
    """The index of a norm or an absolute value, without its braces; A^-1 for the inverse of a matrix."""
    written = re.sub(r"[^0-9A-Za-z^]", "", spelled_out(str(tree.children[2])).replace("*", "nuc"))
    return written.replace("^1", "^-1")


def weight_of(index: str) -> str:
    """The name of the matrix in the index of a norm, which may be its inverse."""
    return index.removesuffix("^-1")


def is_weight(index: str) -> bool:
    """The index of a norm is the name of a matrix, as A in ||x||_A, or its inverse."""
    index = weight_of(index)
    return index != "F" and (re.fullmatch("[A-Z]", index) is not None or (index[:1].isupper() and index in GREEK))


def is_number(tree: Tree[Token] | Token) -> bool:
    """It is a number."""
    return isinstance(tree, Tree) and tree.data == "number"


def is_name(tree: Tree[Token] | Token) -> bool:
    """It is a name, without an index."""
    return isinstance(tree, Tree) and tree.data == "name"


def bare_name(tree: Tree[Token] | Token) -> str:
    """The name of a name or of x_i; empty for anything else."""
    if isinstance(tree, Tree) and tree.data == "indexed":
        tree = tree.children[0]
    return str(tree.children[0]) if isinstance(tree, Tree) and tree.data == "name" else ""


def transposes_a_name(tree: Tree[Token]) -> bool:
    """It is the transpose of a name, or of x_i."""
    return tree.data == "transpose" and bool(bare_name(tree.children[0]))


def factors_of(tree: Tree[Token]) -> list[Tree[Token]]:
    """The factors of a product that is written without signs."""
    if tree.data != "juxtapose":
        return [tree]
    left, right = cast("list[Tree[Token]]", tree.children)
    return [*factors_of(left), right]


def juxtaposed(factors: Sequence[Tree[Token]]) -> Tree[Token]:
    """The product of factors, written without signs."""
    whole = factors[0]
    for factor in factors[1:]:
        whole = Tree("juxtapose", [whole, factor], _spanning(whole, factor))
    return whole


def _spanning(first: Tree[Token], last: Tree[Token]) -> Meta:
    meta = Meta()  # type: ignore[no-untyped-call]
    meta.empty = False
    meta.start_pos, meta.end_pos = first.meta.start_pos, last.meta.end_pos
    return meta


def tokens_of(tree: Tree[Token]) -> Iterator[Token]:
    """All tokens in a tree, in their order."""
    return tree.scan_values(lambda value: isinstance(value, Token))
