r"""Definitions beside a function, as in `\|r\|^2 \text{ where } r = Ax - b`: names and functions are put in.

Each piece of a text keeps its place. The right side of a definition is put into the tree of the function, in brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from lark import Token, Tree

from generator.errors import ExpressionError, InText
from generator.expr.parsing.brackets import SIGN_DEPTH
from generator.expr.parsing.frames import FUNCTION_ALONE, equation, left_side
from generator.expr.parsing.index_sums import sign, subscript
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import bare_name, is_name, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORD = r"(?<![A-Za-z\\])(?:where|with|and|for|of|let)(?![A-Za-z])"
_SPACE = r"(?:\s|~|\\[,;:! ]|[$:])*"
_SIGN = rf"\\q?quad(?![A-Za-z])|[,;]|{_WORD}|\\(?:text|mbox|textrm|mathrm)\s*\{{[\s,]*{_WORD}[\s:]*\}}"
_BETWEEN = re.compile(rf"{_SPACE}(?:(?:{_SIGN}){_SPACE})+")
"""The separator of definitions: commas, spaces of LaTeX, and words such as `where`."""
_AROUND = " ,;:!~\\"
"""Characters that are no part of a name in a list of arguments."""


@dataclass(frozen=True)
class Piece:
    """A function or a definition in a text."""

    text: str
    """As long as the whole up to its end, with spaces for what stands before it."""
    name: str = ""
    """The name on its left side; empty for a function without one."""
    arguments: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """The index of the name, as i of p_i; empty where it has none."""
        found = re.fullmatch(r".+_([A-Za-z])", self.name)
        return found[1] if found is not None and not self.arguments else ""

    @property
    def stem(self) -> str:
        """The name without its letter."""
        return self.name.removesuffix(f"_{self.letter}") if self.letter else self.name


def pieces(text: str) -> list[Piece]:
    """The function and the definitions beside it, in their order; the text as it is where it has no definition."""
    cuts = list(_cuts(text))
    if not cuts:
        return [Piece(text)]
    begins, ends = [0, *(begin for _, begin in cuts)], [*(end for end, _ in cuts), len(text)]
    places = [(begin, end) for begin, end in zip(begins, ends, strict=True) if text[begin:end].strip(" $")]
    return [_piece(text.replace("$", " "), begin, end) for begin, end in places]


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Where something ends that a definition follows, and where this begins."""
    depth = at = 0
    while at < len(text):
        between = _BETWEEN.match(text, at) if depth == 0 else None
        if between is not None and left_side(text, between.end()).end > between.end():
            yield between.span()
            at = between.end()
        else:
            depth += SIGN_DEPTH.get(text[at], 0)
            at += 1


def _piece(text: str, begin: int, end: int) -> Piece:
    left = left_side(text, begin)
    body = (" " * left.end + text[left.end : end]).rstrip(" .,;")
    if not left.head:
        return Piece(body)
    try:
        inside = left.arguments.replace("\\left", "").replace("\\right", "").strip("()[] ")
        listed = [one.strip(_AROUND) for one in re.split(r"[,;|]|\\mid(?![A-Za-z])", inside) if inside]
        return Piece(body, normal_name(left.head), tuple(map(normal_name, listed)))
    except ExpressionError:
        raise equation(text, begin, left.end) from None


@dataclass
class Definitions:
    """The definitions in a text, by name, each with its tree."""

    text: str
    by_name: Mapping[str, tuple[Piece, Tree[Token]]]
    used: dict[str, None] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    """The names whose definitions are being put in."""

    def put_into(self, tree: Tree[Token]) -> Tree[Token]:
        """The tree with brackets around what each name stands for in place of the name."""
        children = [self.put_into(child) if isinstance(child, Tree) else child for child in tree.children]
        tree = Tree(tree.data, children, tree.meta)
        found = self._definition_of(tree)
        if found is None:
            return tree
        piece, body = found
        if piece.name in self.within:
            raise ExpressionError(f"{piece.name} is defined by itself", text=self._place(tree), remedy=FUNCTION_ALONE)
        self.used[piece.name] = None
        body = Definitions(self.text, self.by_name, self.used, (*self.within, piece.name)).put_into(body)
        if tree.data == "call":
            values = cast("list[Tree[Token]]", tree.children[1:])
            if len(values) != len(piece.arguments):
                raise ExpressionError(f"{piece.name} has {len(piece.arguments)} arguments", text=self._place(tree))
            body = self._with_values(body, dict(zip(piece.arguments, values, strict=True)))
        elif tree.data == "indexed":
            body = self._with_letter(body, piece.letter, subscript(str(tree.children[1]))[0])
        return Tree("group", [body], tree.meta)

    def _definition_of(self, tree: Tree[Token]) -> tuple[Piece, Tree[Token]] | None:
        """The definition of what a tree is: a name, a name with one index, or a function of its arguments."""
        if tree.data == "call":
            found = self.by_name.get(str(tree.children[0]))
            return found if found is not None and found[0].arguments else None
        if not (written := bare_name(tree)) or (tree.data == "indexed" and len(subscript(str(tree.children[1]))) != 1):
            return None
        name = normal_name(written)
        for piece, body in self.by_name.values():
            if not piece.arguments and (piece.stem if tree.data == "indexed" and piece.letter else piece.name) == name:
                return None if tree.data == "indexed" and not piece.letter else (piece, body)
        return None

    def _with_values(self, tree: Tree[Token], values: Mapping[str, Tree[Token]]) -> Tree[Token]:
        """A body with values for its arguments; sums in it bind no index of these."""
        if is_name(tree) and (value := values.get(normal_name(bare_name(tree)))) is not None:
            return Tree("group", [value], value.meta)
        if tree.data == "index_sum":
            for value in values.values():
                self._refuse_capture(tree, _indices(value))
        children = [self._with_values(child, values) if isinstance(child, Tree) else child for child in tree.children]
        return Tree(tree.data, children, tree.meta)

    def _with_letter(self, tree: Tree[Token], letter: str, other: str) -> Tree[Token]:
        """A body with another letter, or a number, for its index."""
        if letter == other:
            return tree
        if tree.data == "index_sum":
            if letter in self._bound(tree):
                return tree
            if letter in _indices(tree):
                self._refuse_capture(tree, {other})
        children: list[Tree[Token] | Token] = []
        for child in tree.children:
            if isinstance(child, Tree):
                children.append(self._with_letter(child, letter, other))
            elif child.type == "SUBSCRIPT":
                parts = [other if one == letter else one for one in subscript(str(child))]
                children.append(child.update(value=f"_{''.join(parts)}"))
            else:
                children.append(child)
        return Tree(tree.data, children, tree.meta)

    def _bound(self, tree: Tree[Token]) -> tuple[str, ...]:
        return sign(self.text, cast("Token", tree.children[0])).letters

    def _refuse_capture(self, tree: Tree[Token], letters: set[str]) -> None:
        """Refuse a sum in a definition that would bind an index of what is put into it."""
        if taken := letters.intersection(self._bound(tree)):
            raise ExpressionError(
                f"a sum in a definition runs over {min(taken)}, which is another index where the definition is used",
                text=self._place(tree),
                remedy="Use another letter for one of the two.",
            )

    def _place(self, tree: Tree[Token]) -> InText:
        return InText(self.text, tree.meta.start_pos, tree.meta.end_pos)


def names_in(tree: Tree[Token]) -> set[str]:
    """The names, and those of functions, that occur in a tree; x_i as x_i and as x."""
    found = {normal_name(bare_name(node)) for node in tree.find_pred(lambda node: bool(bare_name(node)))}
    found |= {
        normal_name(f"{bare_name(node)}{node.children[1]}") for node in tree.find_data("indexed") if bare_name(node)
    }
    return found | {str(node.children[0]) for node in tree.find_data("call")}


def _indices(tree: Tree[Token]) -> set[str]:
    return {one for token in tokens_of(tree) if token.type == "SUBSCRIPT" for one in subscript(str(token))}
