"""Declarations of symbols, such as `n x m symmetric`."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from functools import reduce
from math import prod
from operator import add

from generator.errors import DeclarationError, ExpressionError, ShapeError
from generator.expr.functions import OF_ENTRIES, PROPERTIES, TOO_MUCH
from generator.expr.nodes import (
    OF,
    ONE,
    SCALAR,
    Dim,
    Symbol,
)
from generator.expr.parsing.calls import FUNCTION_NAMES
from generator.expr.parsing.lexer import normal_name
from generator.expr.properties import UNIT_SUMS
from generator.expr.shapes import Unifier

LARGEST_DIMENSION = 50
"""Checking a Jacobian of n × n matrices takes n⁴ numbers."""

_SIDE = r"(?:[A-Za-z_]\w*|\d+)"
_PRODUCT = rf"{_SIDE}(?:\s*\*\s*{_SIDE})*"
_SUM = rf"{_PRODUCT}(?:\s*\+\s*{_PRODUCT})*"
_PARAMETER = re.compile(r"\bof\s+(\\?[A-Za-zΑ-ω]\w*)")
_DECLARATION = re.compile(
    rf"\s*(?P<rows>{_SUM}(?=\s*(?:×|\\times|\bx\b|\bby\b))|{_PRODUCT}(?:\s*\+\s*{_PRODUCT})+|{_SIDE})\s*"
    rf"(?:(?:x|×|by|\\times)\s*(?P<columns>{_SUM})|\*\s*(?P<also>{_SIDE}))?(?P<rest>.*)",
    re.DOTALL,
)
"""Rows and columns: names, numbers, sums or, where an x stands between them, products; `n*m` alone is n × m."""


def declare(name: str, said: str) -> Symbol:
    """The symbol that a declaration such as `"n x m"`, `"n"` or `"n x n positive definite"` describes."""
    if not isinstance(said, str):
        said = str(said)
    if not re.fullmatch(r"[A-Za-zΑ-ωϕϵ]\w*", normal_name(name)):
        raise ExpressionError(
            f"{name!r} cannot be a symbol's name",
            remedy="A name is a letter, then letters, digits or underscores.",
        )
    if name in FUNCTION_NAMES or name in ("eye", "zeros", "pi"):
        raise ExpressionError(f"{name!r} is the name of a function or a constant", remedy="Choose another name.")
    if said.strip() == OF_ENTRIES:
        return Symbol(normal_name(name), SCALAR, frozenset((OF_ENTRIES,)))
    if isinstance(said, str) and (of := _PARAMETER.search(said)) is not None:
        return _curve(declare(name, said[: of.start()] + said[of.end() :]), of[1])
    shapes = "A declaration is `n x m`, `n` (a column vector) or `scalar`, then any of: " + ", ".join(PROPERTIES) + "."
    m = _DECLARATION.fullmatch(said)
    if m is None:
        raise DeclarationError(name, f"{said!r} is not a declaration", remedy=shapes)
    shaped = not any(_begins_with(said.strip(), known) for known in PROPERTIES)
    rows, columns, rest = m["rows"], m["columns"] or m["also"], (m["rest"] if shaped else said).strip(" ,")
    properties = []
    while rest:
        for known in PROPERTIES:
            if _begins_with(rest, known):
                properties.append(known)
                rest = rest[len(known) :].strip(" ,")
                break
        else:
            word = rest.split(",")[0].strip()
            near = difflib.get_close_matches(word, PROPERTIES, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise DeclarationError(name, f"{word!r} is not a property of a symbol", remedy=shapes + hint)
    for pair, known in TOO_MUCH.items():
        if set(pair) <= set(properties):
            problem = f"what is both {pair[0]} and {pair[1]} {known}"
            raise DeclarationError(name, problem, remedy="Declare it as one of the two.")
    if not shaped:
        if name[0].islower() and properties != ["positive"]:
            problem = f"{said!r} says no shape, and {name} may be a column or a matrix"
            raise DeclarationError(name, problem, remedy=f"Say it too, such as `n x n {said.strip()}`.")
        side = Dim.of(f"?{name}")
        shape = SCALAR if name[0].islower() else (side, side)
        return Symbol(normal_name(name), shape, frozenset(properties))
    if rows == "scalar" and columns:
        raise DeclarationError(name, f"{said!r} is not a declaration", remedy=shapes)
    shape = SCALAR if rows == "scalar" else (dimension(rows), dimension(columns) if columns else ONE)
    if any(number == 0 for dim in shape for _, number in dim.terms):
        raise DeclarationError(name, "a dimension cannot be 0", remedy=shapes)
    symbol = Symbol(normal_name(name), shape, frozenset(properties))
    if symbol.shape[1] == ONE and not symbol.properties.isdisjoint(UNIT_SUMS[2:]):
        raise DeclarationError(name, "rows of one entry that sum to one are 1", remedy="Say `sums to one` of a column.")
    if symbol.is_scalar and not symbol.properties.isdisjoint(UNIT_SUMS):
        raise DeclarationError(name, "a scalar that sums to one is 1", remedy=f"Write 1 instead of {name}.")
    if not symbol.is_square:
        try:
            Unifier().require(symbol)
        except ShapeError as error:
            raise ShapeError(str(error.what), remedy=f"Declare {name} as square, such as `n x n`.") from None
    return symbol


def _curve(symbol: Symbol, parameter: str) -> Symbol:
    """The same symbol as one that depends on a scalar."""
    if lost := symbol.properties & {"orthogonal", *UNIT_SUMS}:
        raise DeclarationError(
            symbol.name, f"what depends on {parameter} cannot be declared as {min(lost)}", remedy="Leave that out."
        )
    if parameter == symbol.name:
        raise DeclarationError(symbol.name, "a symbol does not depend on itself", remedy="Name a scalar, as in `of t`.")
    return replace(symbol, properties=symbol.properties | {OF + normal_name(parameter)})


def _begins_with(text: str, known: str) -> bool:
    return re.match(re.escape(known) + r"(?![\w-])", text) is not None


def dimension(text: str) -> Dim:
    """The dimension that a text such as `n`, `3`, `n*m` or `n + 1` names; raises `ExpressionError` if too large."""
    return sensible(reduce(add, (_product(term) for term in text.split("+"))))


def _product(text: str) -> Dim:
    sides = (side.strip() for side in text.split("*"))
    return prod((Dim.of(int(side[:9]) if side.isdigit() else side) for side in sides), start=ONE)


def sensible(dim: Dim) -> Dim:
    """The dimension, if numbers can be checked with it; raises `ExpressionError` if not."""
    if max(number for _, number in dim.terms) > LARGEST_DIMENSION:
        raise ExpressionError(
            f"a dimension above {LARGEST_DIMENSION}",
            remedy="Smaller dimensions show the same, and a name such as n more.",
        )
    return dim
