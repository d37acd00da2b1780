"""The factors of a product one after the other, and the refusal of those that could be grouped in two ways."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from generator.expr.parsing.elaboration.extents import argument
from generator.expr.parsing.index_sums import family, subscript
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.trees import bare_name, child, is_name, is_number, juxtaposed, transposes_a_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token, Tree

    from generator.expr.parsing.elaboration.scope import Scope


class Step(NamedTuple):
    """A factor of a product, the sign before it, which is a space where there is none, and the product up to it."""

    sign: str
    factor: Tree[Token]
    whole: Tree[Token]


def steps_of(scope: Scope, tree: Tree[Token]) -> list[Step]:
    """The factors of a product, with those behind the argument of a function without parentheses."""
    steps: list[Step] = []
    while tree.data in ("times", "juxtapose"):
        steps.append(Step(str(tree.children[1]) if tree.data == "times" else " ", child(tree, -1), tree))
        tree = child(tree, 0)
    opened: list[Step] = []
    for sign, factor, whole in [Step("*", tree, tree), *reversed(steps)]:
        first, behind = argument(scope, factor) if factor.data == "apply" else (factor, [])
        opened += [Step(sign, first, whole), *(Step(" ", f, whole) for f in behind)]
    return opened


def run_of(steps: Sequence[Step]) -> int:
    """The number of factors from the first to the next sign."""
    return next((i for i, step in enumerate(steps) if i and step.sign != " "), len(steps))


def denominators_joined(scope: Scope, steps: Sequence[Step]) -> list[Step]:
    """The steps with x'x of y/x'x as one: x' alone can divide nothing."""
    joined: list[Step] = []
    rest = list(steps)
    while rest:
        (sign, factor, whole), run = rest[0], run_of(rest)
        if sign == "/" and run > 1 and not is_number(factor) and not scope.tried(factor).is_scalar:
            together = juxtaposed([step.factor for step in rest[:run]])
            if (product := scope.conforming(together)) is not None and product.is_scalar:
                scope.note(f"{scope.written(together)} is the denominator.")
                joined.append(Step(sign, together, whole))
                del rest[:run]
                continue
        joined.append(rest.pop(0))
    return joined


def check_repeated(scope: Scope, steps: Sequence[Step]) -> None:
    """Refuse x_i x_i without a sum, by which some mean the sum over i."""
    entries = [step.factor for step in steps if step.factor.data == "indexed"]
    counts = Counter(one for factor in entries for one in subscript(str(factor.children[1])) if one.isalpha())
    letter = next((one for one, count in counts.items() if count > 1 and one not in scope.letters), None)
    if letter is not None and all(family(normal_name(bare_name(f))) not in scope.symbols for f in entries):
        written = scope.text[entries[0].meta.start_pos : entries[-1].meta.end_pos]
        raise scope.fail(
            f"{written} could be a product of entries, or the sum of these over {letter}",
            steps[0].whole,
            f"Write sum_{letter} {written} for the sum; for the product rename the index of one.",
        )


def check_clear(scope: Scope, steps: Sequence[Step]) -> None:
    """Refuse a product written without a sign where it could be read in two ways."""
    for i, (sign, factor, whole) in enumerate(steps[1:], 1):
        last, before, _ = steps[i - 1]
        if sign == "/" and is_number(factor):
            _check_root(scope, before, factor, whole)
        if sign == " ":
            if factor.data == "fraction" and is_number(before) and all(map(is_number, factor.children[1:])):
                raise scope.fail("a number before a fraction", whole, "Write a product sign or + between them.")
            if is_number(factor):
                raise scope.fail("a number behind another factor", whole, "Write * between them.")
            if factor.data == "index_sum":
                continue  # it takes all that follows, and what is before it stands before the whole
            if last in ("/", "./") and not _is_fraction(scope, steps[: i + 1]):
                first = steps[0].factor
                above = scope.text[first.meta.start_pos : before.meta.start_pos].rstrip("./ ")
                below, behind = scope.written(before), scope.written(factor)
                raise scope.fail(
                    "it is not clear how far the division goes",
                    whole,
                    f"Write {above}/({below} {behind}), or ({above}/{below}) {behind}.",
                )


def _check_root(scope: Scope, power: Tree[Token], below: Tree[Token], whole: Tree[Token]) -> None:
    """Refuse t^1/2 and t^-1/2, where the exponent could be a half."""
    exponent = child(power, -1) if power.data == "power" else None
    while exponent is not None and exponent.data == "negate":
        exponent = child(exponent, -1)
    together = power.meta.end_pos + 1 == below.meta.start_pos
    if exponent is not None and is_number(exponent) and exponent.children[0] == "1" and together:
        base = child(power, 0)
        root = scope.text[base.meta.end_pos : below.meta.end_pos].strip("^*")
        raise scope.fail(
            "it is not clear how far the exponent goes",
            whole,
            f"Write {scope.written(base)}^({root}), or ({scope.written(power)})/{scope.written(below)}.",
        )


def _is_fraction(scope: Scope, steps: Sequence[Step]) -> bool:
    """It begins with a fraction: 1/2 x′x, n/2 log det S, 1/n ‖x‖², 1/(2n) ‖x‖², or 1/2x′x without a space."""
    above, (slash, below, _), following = steps[0].factor, steps[-2], steps[-1].factor
    while above.data == "negate":
        above = child(above, -1)
    if below.data == "group":
        return True
    if len(steps) != 3 or slash != "/":
        return False
    apart = scope.text[below.meta.end_pos : following.meta.start_pos] != ""
    over_number = is_number(below)
    if apart and is_name(above) and normal_name(str(above.children[0])) in scope.counts:
        return over_number
    if apart:
        return (is_number(above) and is_name(below)) or (above.data in ("number", "name") and over_number)
    base = following.children[0] if following.data in ("power", "superscript") else following
    return is_number(above) and over_number and not bare_name(base)


def check_squares(scope: Scope, steps: Sequence[Step]) -> None:
    """Refuse x'Ax^2, where the square could be of the whole."""
    first, last = steps[0].factor, steps[-1].factor
    name = bare_name(last.children[0]) if last.data in ("power", "superscript") else ""
    symbol = scope.symbols.get(normal_name(name)) if name else None
    if symbol is None or not scope.is_column(symbol):
        return
    if any(transposes_a_name(step.factor) and bare_name(step.factor.children[0]) == name for step in steps[:-1]):
        whole = scope.text[first.meta.start_pos : child(last, 0).meta.end_pos]
        raise scope.fail(
            "it is not clear what is raised to a power",
            last,
            f"Write ({whole})^2, or {name}.^2 for the power of each entry.",
        )
