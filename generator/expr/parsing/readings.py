"""Kinds for names that are not declared: as the convention has them, then with ever more small letters flipped."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, cast

from lark import Token, Tree

from generator.errors import ExpressionError
from generator.expr.functions import GREEK
from generator.expr.nodes import Symbol
from generator.expr.parsing.grammar import place
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import Source, dimension_arguments, is_e, is_number, tokens_of, transposes_a_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def default_kind(name: str) -> str:
    """What an undeclared name is: a matrix if it begins in upper case, a vector from h to z, else a scalar."""
    stem = name.split("_", maxsplit=1)[0].rstrip("0123456789")
    if name[0].isupper():
        return "matrix"
    return "scalar" if stem in GREEK or name[0] < "h" else "vector"


def readings(sources: Sequence[Source], declared: Mapping[str, Symbol]) -> Iterator[dict[str, str]]:
    """Kinds for the undeclared names: as the convention has them first, then with ever more small letters flipped."""
    if declared:
        yield {}
        return
    tree: Tree[Token] = Tree("all", [source.tree for source in sources])
    bold = frozenset[str]().union(*(source.bold for source in sources))
    dimensions = {id(t) for call in tree.find_data("call") for arg in dimension_arguments(call) for t in tokens_of(arg)}
    named = [t for t in tokens_of(tree) if t.type == "NAME" and id(t) not in dimensions]
    names = dict.fromkeys(map(normal_name, named))
    places = {id(t) for t in named if t == "e"}
    for source in sources:
        if _is_euler(source.text, source.tree, [t for t in tokens_of(source.tree) if id(t) in places]):
            names.pop("e", None)
    base = {name: default_kind(name) for name in names if name not in ("eye", "zeros", "pi", "I")}
    # nobody transposes a scalar, or sets one in bold
    turned = [cast("Tree[Token]", t.children[0]) for t in tree.find_pred(transposes_a_name)]
    columns = {normal_name(str(t.children[0])) for t in turned} | {name for name in bold if not name[0].isupper()}
    small = [name for name, kind in base.items() if kind != "matrix" and name not in columns]
    base |= {name: "vector" for name in columns if base.get(name) == "scalar"}
    flip = {"scalar": "vector", "vector": "scalar"}
    for count in range(min(len(small), 4) + 1):
        for chosen in combinations(small, count):
            yield base | {name: flip[base[name]] for name in chosen}


def _is_euler(text: str, tree: Tree[Token], occurrences: Sequence[Token]) -> bool:
    """The letter e, which is not declared, occurs with exponents that are no numbers, and nowhere else."""
    powers = [t for t in tree.find_data("power") if is_e(t.children[0]) and not is_number(t.children[-1])]
    if powers and len(powers) < len(occurrences):
        raise ExpressionError(
            "e could be the base of the natural logarithm or a symbol",
            text=place(text, occurrences[0]),
            remedy="Write exp(…), or declare e under `symbols`.",
        )
    return bool(powers)
