"""Kinds for names that are not declared: as the convention has them, then with ever more small letters flipped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, combinations, islice, product
from typing import TYPE_CHECKING, cast

from lark import Token, Tree

from generator.errors import ExpressionError, InText
from generator.expr.functions import GREEK, MATRIX_FUNCTIONS
from generator.expr.nodes import ONE, Symbol
from generator.expr.parsing.calls import OF_MATRICES
from generator.expr.parsing.grammar import place
from generator.expr.parsing.index_sums import family, signs, subscript
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import (
    Source,
    bare_name,
    dimension_arguments,
    factors_of,
    index_of,
    is_e,
    is_mark,
    is_name,
    is_number,
    is_weight,
    tokens_of,
    transposes_a_name,
    weight_of,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence


COUNTS = frozenset((*"CDJKLMNT", "Delta"))
"""Capitals by which people call numbers as well, where a matrix does not conform."""
OF_MATRIX_VALUE = frozenset(("inv", "pinv", "adj", "diag", "eye", "I", "transpose", "expm", "logm", "kron", "outer"))
"""Functions whose values are matrices, most of the time."""

OF_SQUARE = OF_MATRICES | {"inv", "adj"} | set(MATRIX_FUNCTIONS)
"""Functions of a square matrix."""


def default_kind(name: str) -> str:
    """The kind of an undeclared name: a matrix if it begins in upper case, a vector from h to z, else a scalar."""
    stem = name.split("_", maxsplit=1)[0].rstrip("0123456789")
    if name[0].isupper():
        return "matrix"
    return "scalar" if stem in GREEK or name[0] < "h" else "vector"


@dataclass(frozen=True)
class Reading:
    """Kinds for the undeclared names; a last resort is for texts of which no other reading conforms."""

    kinds: Mapping[str, str]
    demotes: bool = False
    """A vector by convention is a scalar."""
    last_resort: bool = False


def readings(
    sources: Sequence[Source], declared: Mapping[str, Symbol], wrt: str | None = None, *, closed: bool
) -> Iterator[Reading]:
    """As the convention has the names first, then with ever more of them flipped.

    Small letters flip between scalar and vector; as a last resort capitals are scalars, as N and C are. `closed` if all
    names are declared.
    """
    if closed:
        yield Reading({})
        return
    tree: Tree[Token] = Tree("all", [source.tree for source in sources])
    bold = frozenset[str]().union(*(source.bold for source in sources))
    sizes = {id(t) for call in tree.find_data("call") for arg in dimension_arguments(call) for t in tokens_of(arg)}
    names, of_entries, beside, named = _names(sources, tree, declared, wrt, sizes)
    places = {id(t) for t in named if t == "e"}
    for source in sources:
        if "e" not in declared and _is_euler(
            source.text, source.tree, [t for t in tokens_of(source.tree) if id(t) in places]
        ):
            names.pop("e", None)
    dimensions = {d for symbol in declared.values() for side in symbol.dims for d in side.names}
    known = declared.keys() | dimensions | {"eye", "zeros", "pi", "I"}
    base = {name: default_kind(name) for name in names if name not in known}
    base |= {name: kind for name, kind in of_entries.items() if name in base}
    powers = {index for node in tree.find_data("norm") if re.fullmatch("[a-z]", index := index_of(node))} - known
    base |= dict.fromkeys(powers, "scalar")
    weights = {weight_of(index) for node in tree.find_data("norm") if is_weight(index := index_of(node))} - known
    base |= dict.fromkeys(weights, "matrix")
    marks = _marks(tree, named) if "t" in base else False
    if marks:
        del base["t"]
    if not base:
        yield Reading({})
        return
    _refuse_columns(sources, base)
    # nobody transposes a scalar, sets one in bold, or writes one behind a matrix
    turned = [bare_name(t.children[0]) for t in tree.find_pred(transposes_a_name)]
    columns = {normal_name(name) for name in turned} | {name for name in bold if not name[0].isupper()}
    columns |= {normal_name(name) for name in _beside(tree, "∘")}
    columns |= {family(name) for name in columns}
    base |= {name: "scalar" for name in map(normal_name, _divisors(tree)) if base.get(name) == "vector"}
    small = [
        name for name, kind in base.items() if kind != "matrix" and name not in columns | powers | of_entries.keys()
    ]
    matrices = set(map(normal_name, _within_matrix_functions(tree)))
    behind = (*_behind_matrices(tree, declared), *_beside(tree, "·", "×"), *_in_array_products(tree))
    columns |= set(map(normal_name, behind))
    base |= {name: "vector" for name in columns if base.get(name) == "scalar"}
    terms = {normal_name(name) for name in _alone(tree)}
    if upright := [name for name, kind in base.items() if kind == "matrix" and name in terms - matrices]:
        yield Reading(base)
        yield Reading(base | dict.fromkeys(upright, "vector"))
    yield from islice(_flipped(base, small), 1 if upright else 0, None)
    if marks:
        yield from _flipped(base | {"t": "scalar"}, small)
    if beside := beside & base.keys():
        often_numbers_first = sorted(beside, key=lambda name: (name[0] in "uvwxz", name))
        families = {family(name): default_kind(name) for name in often_numbers_first}
        others = {name: kind for name, kind in base.items() if name not in beside}
        yield from _flipped(others | families, [*small, *(name for name in families if families[name] != "matrix")])
    yield from _of_capital_families(base, columns, small)
    capitals = [name for name in base if name in COUNTS and name not in matrices and name not in turned]
    for chosen in (combination for count in (1, 2) for combination in combinations(capitals, count)):
        yield from _flipped(base | dict.fromkeys(chosen, "scalar"), small, last_resort=True)


def _of_capital_families(base: dict[str, str], columns: Container[str], small: Sequence[str]) -> Iterator[Reading]:
    """As a last resort X_i and Y_i, of which others write x_i and y_i, as numbers and columns."""
    families = [name for name, kind in base.items() if name.endswith("_") and kind == "matrix"]
    if 0 < len(families) <= 3:
        for kinds in product(("scalar", "vector"), repeat=len(families)):
            chosen = dict(zip(families, kinds, strict=True))
            if not any(kind == "scalar" and name in columns for name, kind in chosen.items()):
                yield from _flipped(base | chosen, small, last_resort=True)


def _names(
    sources: Sequence[Source], tree: Tree[Token], declared: Mapping[str, Symbol], wrt: str | None, sizes: Container[int]
) -> tuple[dict[str, str], dict[str, str], set[str], list[Token]]:
    """The names in a tree, families by their own, and the kinds of what entries are taken of.

    Besides, the names of which a_i is an entry only because others are, as in Σ a_i x_i by x; and the tokens of names.
    """
    bases = [(cast("Tree[Token]", t.children[0]), t) for t in tree.find_data("indexed")]
    indexed = {id(base.children[0]): t for base, t in bases if is_name(base)}
    limits = {sign.last for source in sources for sign in signs(source.text, tokens_of(source.tree))}
    named = [t for t in tokens_of(tree) if t.type == "NAME" and id(t) not in sizes and t not in limits]
    alone = {normal_name(t) for t in named if id(t) not in indexed} | {wrt}
    # nobody transposes an entry: u_k of u_k'v is a member, though u stands alone, too
    transposed = {bare_name(t.children[0]) for t in tree.find_pred(transposes_a_name) if not is_name(t.children[0])}
    transposed |= set(_points(tree))
    of_variable = {
        letter
        for t in named
        if id(t) in indexed and normal_name(t) == wrt and wrt not in transposed
        for letter in subscript(str(indexed[id(t)].children[1]))
    }
    of_wholes = {letter for base, t in bases if not is_name(base) for letter in subscript(str(t.children[1]))}
    of_others = of_variable | of_wholes
    matrices = set(map(normal_name, _within_matrix_functions(tree)))
    names: dict[str, str] = {}
    of_entries = {}
    beside: set[str] = set()
    for t in named:
        name = normal_name(t)
        indices = subscript(str(indexed[id(t)].children[1])) if id(t) in indexed else []
        count = len(indices)
        entry = name in alone and str(t) not in transposed
        is_inferred = name not in declared and family(name) not in declared
        # beside an entry x_i of the variable, or (Wx)_i, a_j is an entry of a column, too, but not A_i in a trace
        is_column = not (name[0].isupper() and name in matrices)
        is_beside = is_column and (of_others.issuperset(indices) or (of_others and not name[0].isupper()))
        if count == 1 and not entry and str(t) not in transposed and is_inferred and is_beside:
            entry = True
            beside.add(name)
        if count > 1 or (count and entry):
            of_entries[name] = "matrix" if count > 1 else "vector"
        is_family = count == 1 and (family(name) in declared or (not entry and name not in declared))
        names[family(name) if is_family else name] = ""
    return names, of_entries, beside, named


def _points(tree: Tree[Token]) -> Iterator[str]:
    """The names with an index that stand in a sum beside their whole: x_c of x - x_c is another point."""
    for node in tree.find_pred(lambda node: node.data in ("add", "subtract")):
        sides = [child for child in node.children if isinstance(child, Tree)]
        wholes = {str(side.children[0]) for side in sides if is_name(side)}
        yield from (name for side in sides if side.data == "indexed" and (name := bare_name(side)) in wholes)


def _flipped(base: dict[str, str], small: Sequence[str], *, last_resort: bool = False) -> Iterator[Reading]:
    flip = {"scalar": "vector", "vector": "scalar"}
    seen: set[frozenset[str]] = set()
    for groups in dict.fromkeys((_families(small), tuple((name,) for name in small))):
        for count in range(min(len(groups), 4) + 1):
            for chosen in map(chain.from_iterable, combinations(groups, count)):
                flipped = frozenset(chosen)
                if flipped not in seen:
                    seen.add(flipped)
                    demotes = any(
                        base[name] == "vector" == default_kind(name) for name in flipped if not name.endswith("_")
                    )
                    yield Reading(base | {name: flip[base[name]] for name in flipped}, demotes, last_resort)


def _families(names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The names in groups whose members differ in their index alone, such as b_1 and b_2: these are of one kind."""
    families: dict[str, list[str]] = {}
    for name in names:
        stem, _, index = name.partition("_")
        families.setdefault(f"{stem}_" if index else stem, []).append(name)
    return tuple(map(tuple, families.values()))


def _marks(tree: Tree[Token], named: Sequence[Token]) -> bool:
    """The letter t, which is not declared, occurs as an exponent alone, where it may stand for the transpose."""
    marks = [power for power in tree.find_data("power") if is_mark(power.children[-1])]
    return len(marks) == len([t for t in named if t == "t"])


def _within_matrix_functions(tree: Tree[Token]) -> Iterator[str]:
    """The names in a trace, a determinant or an inverse."""
    for node in tree.iter_subtrees():
        of_matrix = node.data in ("call", "apply") and node.children[0] in OF_MATRICES | OF_MATRIX_VALUE
        if of_matrix or node.data in ("inverse_transpose", "pseudo_inverse", "absolute"):
            yield from (str(token) for token in tokens_of(node) if token.type == "NAME")


def _refuse_columns(sources: Sequence[Source], kinds: Mapping[str, str]) -> None:
    """Refuse det(x) and its like: x is a column by its letter, and as a number it makes the function trivial."""
    for source in sources:
        for node in source.tree.iter_subtrees():
            if node.data not in ("call", "apply") or node.children[0] not in OF_SQUARE or len(node.children) != 2:
                continue
            argument = node.children[1]
            while isinstance(argument, Tree) and argument.data == "group":
                argument = argument.children[0]
            written = bare_name(argument)
            if written and kinds.get(normal_name(written)) == "vector":
                function, name = str(node.children[0]), normal_name(written)
                raise ExpressionError(
                    f"{function} is of a square matrix, and {name} is a column by its letter",
                    text=InText(source.text, node.meta.start_pos, node.meta.end_pos),
                    remedy=f"Write a capital, as in {function}({name.upper()}), or declare its shape, such as"
                    f" {name}: n x n",
                )


def _alone(tree: Tree[Token]) -> Iterator[str]:
    """The names that are terms of a sum by themselves: Y of Y - X b."""
    for node in tree.iter_subtrees():
        if node.data in ("add", "subtract"):
            for child in node.children:
                if isinstance(child, Tree) and child.data == "name":
                    yield str(child.children[0])


def _divisors(tree: Tree[Token]) -> Iterator[str]:
    """The letters k, m and n that divide: numbers of something, and no columns."""
    for node in tree.find_pred(lambda node: node.data == "times" and node.children[1] in ("/", "./")):
        if (name := bare_name(node.children[-1])) in ("k", "m", "n"):
            yield name


def _behind_matrices(tree: Tree[Token], declared: Mapping[str, Symbol]) -> Iterator[str]:
    """The names right behind a matrix or a row: b of A b and of x'b, and terms in brackets, c and d of A(c + d)."""
    for node in tree.iter_subtrees():
        if node.data == "juxtapose" or (node.data == "times" and node.children[1] in ("*", "·")):
            left, right = cast("Tree[Token]", node.children[0]), cast("Tree[Token]", node.children[-1])
            last = factors_of(left)[-1]
            is_row = transposes_a_name(last) and bare_name(last.children[0])[0].islower()
            if is_matrix(left, declared) or is_row:
                yield from _terms(right)


def _beside(tree: Tree[Token], *signs: str) -> Iterator[str]:
    """Names with a sign between them that scalars do not need: a of a·x and a×x, where x is a vector, and of a∘b."""
    for node in tree.find_pred(lambda node: node.data == "times" and node.children[1] in signs):
        left, right = cast("Tree[Token]", node.children[0]), cast("Tree[Token]", node.children[-1])
        left = factors_of(left)[-1]
        names = [str(side.children[0]) for side in (left, right) if side.data == "name"]
        kinds = {default_kind(normal_name(name)) for name in names}
        if len(names) > 1 and ("vector" in kinds or (node.children[1] == "∘" and "matrix" not in kinds)):
            yield from names


def _in_array_products(tree: Tree[Token]) -> Iterator[str]:
    """The names beside the sign @, which has no number on either side, and b of solve(A, b)."""
    for node in tree.iter_subtrees():
        if node.data == "times" and node.children[1] == "@":
            yield from (bare_name(side) for side in node.children if is_name(side))
            yield from filter(None, [bare_name(factors_of(cast("Tree[Token]", node.children[0]))[-1])])
        elif node.data == "call" and node.children[0] == "solve":
            yield from filter(None, [bare_name(node.children[-1])])


def _terms(tree: Tree[Token]) -> Iterator[str]:
    match str(tree.data):
        case "name":
            yield str(tree.children[0])
        case "group" | "negate" | "add" | "subtract":
            for child in tree.children:
                if isinstance(child, Tree):
                    yield from _terms(child)
        case _:
            pass


def is_matrix(tree: Tree[Token], declared: Mapping[str, Symbol]) -> bool:
    """The tree looks like a matrix: a name in upper case, or a function whose values are matrices."""
    children = [child for child in tree.children if isinstance(child, Tree)]
    match str(tree.data):
        case "name":
            name = normal_name(str(tree.children[0]))
            return ONE not in declared[name].shape if name in declared else default_kind(name) == "matrix"
        case "juxtapose" | "times":
            return is_matrix(children[-1], declared)
        case "add" | "subtract":
            return any(is_matrix(child, declared) for child in children)
        case "group" | "negate" | "transpose" | "inverse_transpose" | "pseudo_inverse" | "superscript" | "power":
            return is_matrix(children[0], declared)
        case "call":
            return tree.children[0] in OF_MATRIX_VALUE
        case _:
            return False


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
