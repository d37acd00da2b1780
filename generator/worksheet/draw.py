"""What a version is: each problem of a worksheet with its names and coefficients drawn, by a seed alone.

Nothing here depends on a random generator, the clock or another problem: a draw is a place in a shuffle of
all that a problem can become, and the shuffle is made from SHA-256, which is the same everywhere, for good.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from math import prod
from typing import TYPE_CHECKING

from generator.algebra.expr import Expr, Number, Symbol, substitute
from generator.algebra.latex import latex
from generator.algebra.scan import normal_name
from generator.worksheet.coefficient import with_numbers
from generator.worksheet.review import SLOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.algebra.latex import Notation
    from generator.errors import InFile
    from generator.worksheet.spec import Problem, Worksheet

ROUNDS = 6


@dataclass(frozen=True)
class Question:
    """One problem of one version; `statement` is the author's own LaTeX, or None for the usual words."""

    number: int
    id: str
    title: str
    statement: str | None
    function: Expr
    wrt: Symbol
    find: str
    symbols: tuple[Symbol, ...]
    points: int
    source: InFile
    space: str | None = None


@dataclass(frozen=True)
class Version:
    """One draw of a whole worksheet; its label is as wide as that of the last one."""

    number: int
    label: str
    questions: tuple[Question, ...]


def draw(worksheet: Worksheet, version: int) -> Version:
    """A version, counted from 1; a question follows from the seed, the stem, its problem and the version."""
    questions = []
    for i, (problem, own) in enumerate(zip(worksheet.problems, worksheet.ids, strict=True)):
        key = json.dumps([worksheet.seed, worksheet.stem, own])
        renamed, drawn = _choice(problem, version, key)
        concrete = with_numbers(problem.parsed.expr, drawn)
        function = substitute(concrete, renamed)
        occurring = [symbol for symbol in problem.parsed.symbols.values() if symbol in concrete.symbols]
        questions.append(
            Question(
                number=i + 1,
                id=own,
                title=problem.title or "",
                statement=_filled(problem, function, {**renamed, **drawn}, worksheet.notation),
                function=function,
                wrt=renamed.get(problem.variable, problem.variable),
                find=problem.find,
                symbols=tuple(renamed.get(symbol, symbol) for symbol in occurring),
                points=problem.points,
                source=worksheet.place("problems", i, "function"),
                space=problem.space,
            )
        )
    return Version(version, f"{version:0{max(2, len(str(worksheet.versions)))}d}", tuple(questions))


def _choice(problem: Problem, version: int, key: str) -> tuple[dict[Expr, Symbol], dict[Expr, Number]]:
    """New names and coefficients; no two versions share them before every possibility was used."""
    symbols = problem.parsed.symbols
    renamings = problem.vary.renamings or ({},)
    coefficients = sorted(problem.vary.coefficients.items())
    sizes = [len(renamings), *(len(values) for _, values in coefficients)]
    capacity = prod(sizes)
    cycle, index = divmod(version - 1, capacity)
    digits = _digits(shuffled(index, capacity, f"{key}{cycle}"), sizes)
    renamed: dict[Expr, Symbol] = {
        symbols[old]: Symbol(new, symbols[old].shape, symbols[old].properties)
        for old, new in renamings[digits[0]].items()
    }
    drawn: dict[Expr, Number] = {
        symbols[name]: Number(values[digit]) for (name, values), digit in zip(coefficients, digits[1:], strict=True)
    }
    return renamed, drawn


def shuffled(index: int, size: int, key: str) -> int:
    """Where the shuffle of `range(size)` that `key` decides puts `index`, without making a list.

    A Feistel network permutes the numbers of so many bits; what falls outside the range goes round again.
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    while True:
        left, right = index >> half, index & mask
        for turn in range(ROUNDS):
            digest = sha256(f"{key}/{turn}/{right}".encode()).digest()
            left, right = right, left ^ (int.from_bytes(digest[:8]) & mask)
        index = left << half | right
        if index < size:
            return index


def _digits(index: int, sizes: Sequence[int]) -> list[int]:
    """The digits of a number whose places have different bases."""
    digits = []
    for size in sizes:
        index, digit = divmod(index, size)
        digits.append(digit)
    return digits


def _filled(problem: Problem, function: Expr, replaced: Mapping[Expr, Expr], notation: Notation) -> str | None:
    """The author's statement with the slots filled for this version."""
    if problem.statement is None:
        return None
    fillings: dict[str, Expr] = {name: replaced.get(s, s) for name, s in problem.parsed.symbols.items()}
    fillings |= {"function": function, "wrt": replaced.get(problem.variable, problem.variable)}
    return SLOT.sub(lambda slot: latex(fillings[normal_name(slot[1])], notation), problem.statement)
