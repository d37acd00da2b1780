"""The symbols that occur in a problem, and those that its words name."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from generator.expr.functions import GREEK
from generator.expr.nodes import Matrix, Number
from generator.worksheet.entries import Entries
from generator.worksheet.interpret import SLOT, slot_name
from generator.worksheet.spec import DERIVED, own_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.errors import Key
    from generator.expr.nodes import Symbol
    from generator.worksheet.entries import Listed
    from generator.worksheet.interpret import Reading
    from generator.worksheet.spec import Asking, Problem

    Names: TypeAlias = Mapping[str, Symbol]

NOT_AT_A_POINT = ("stationary", "differential")
"""What is not asked for at a value of the variable."""

MATH = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)

NOT_A_SYMBOL = re.compile(
    r"\\(?:operatorname\*?|text\w*|math(?:bb|cal|rm|sf|frak)|begin|end|label|(?:eq)?ref)\s*\{[^{}]*\}|\\[A-Za-z]+"
)
"""Letters in LaTeX mathematics that name no symbol of a function."""


def occurring(problem: Problem) -> dict[str, Symbol]:
    """The symbols that occur in some version before it is renamed, by name."""
    known: dict[str, Symbol] = {}
    for reading in problem.readings:
        for symbol in frozenset().union(*(e.symbols for e in reading.expressions)):
            known.setdefault(symbol.name, symbol)
    return known


def given_names(reading: Reading) -> set[str]:
    """The symbols whose numbers stand beside the function: matrices, and the variable."""
    return {
        name
        for name, options in reading.options.items()
        if holds_numbers(options)
        and (reading.symbols[name] in reading.variables or not reading.symbols[name].is_scalar)
    }


def holds_numbers(options: Listed | Entries) -> bool:
    """All that may be drawn are numbers, or matrices of numbers."""
    return isinstance(options, Entries) or all(isinstance(item, Number | Matrix) for item in options.items)


def statements_of(asking: Asking) -> Iterator[tuple[Key, str]]:
    """The author's statement, and what stands for it where there is no LaTeX, with their places below the question."""
    if asking.statement:
        yield ("statement",), asking.statement
    if "statement" in asking.alternatives:
        yield asking.alternatives["statement"]


def words_of_author(problem: Problem) -> Iterator[tuple[Key, str]]:
    """The words of questions that are the author's own, and those before parts that have no function in common."""
    for place, asking in problem.asked:
        if problem.kind_of(asking) != DERIVED:
            yield from ((place + key, text) for key, text in own_words(asking))
    if problem.parts and () not in problem.functions:
        yield from statements_of(problem)


def names_in_slots(problem: Problem, text: str) -> set[str]:
    """The names in the slots of some words."""
    found: set[str] = set()
    for slot in SLOT.findall(text):
        found.add(slot_name(slot, problem.readings[0].symbols))
        for reading in problem.readings:
            if slot in reading.slots:
                found |= {symbol.name for symbol in reading.slots[slot].symbols}
    return found


def mentions(statement: str, name: str) -> bool:
    """The mathematics in a statement names a symbol."""
    math = " ".join(chain.from_iterable(MATH.findall(SLOT.sub(" ", statement))))
    if name in GREEK:
        return re.search(rf"\\{name}(?![A-Za-z])", math) is not None
    return name in re.sub(r"[{}]", "", NOT_A_SYMBOL.sub(" ", math))
