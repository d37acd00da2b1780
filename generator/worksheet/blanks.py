"""Blanks in a derivation: lines, terms and reasons that are left out for a student to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    Expr,
    Hadamard,
    Product,
    Scale,
    Sum,
    Symbol,
    Trace,
    size,
    split_scale,
    walk,
)
from generator.algebra.message import Sentence
from generator.derivation.rule import at, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.algebra.plain import Text
    from generator.derivation.derivation import Derivation, Line

Path = tuple[int, ...]

ONE_IN = 3
"""One line in so many is left blank, if a problem does not say."""
SMALLEST_TERM = 3
"""How many nodes a term has at least that is worth asking for."""
NO_PROPERTY = frozenset({"definition", "substitute", "numbers"})
"""Lines that only put something in: their reason says what, and names no property."""


@dataclass(frozen=True)
class Gap:
    """A blank: the line, counted from 0, and the path to what is left out of its right side; none for its reason."""

    line: int
    path: Path | None
    filling: Text


@dataclass(frozen=True)
class Blanks:
    """The blanks of a derivation, from the first to the last; a page numbers them from 1."""

    gaps: tuple[Gap, ...]


def symbol_for(part: Expr) -> Symbol:
    """What stands in an expression where a part is left out; no symbol of an author has this name."""
    return Symbol("_", part.shape)


def lines_to_fill(derivation: Derivation, count: int | None, rank: Callable[[str], bytes]) -> tuple[Gap, ...]:
    """So many lines or terms of a derivation, or as many as there are; by a rank, and apart from each other.

    Never the first line, which begins the derivation, nor what can be copied from above or from the line below.
    """
    paths = dict(_fillable(derivation))
    chosen = [*_apart(sorted(paths, key=lambda line: rank(f"line {line}")))]
    lines = derivation.lines
    gaps = []
    for line in sorted(chosen[: max(1, len(lines) // ONE_IN) if count is None else count]):
        path = min(paths[line], key=lambda path: rank(f"part {line} {path}"))
        gaps.append(Gap(line, path, (at(lines[line].right, path),)))
    return tuple(gaps)


def reasons_to_name(derivation: Derivation, count: int | None, rank: Callable[[str], bytes]) -> tuple[Gap, ...]:
    """So many reasons, or all of them: those that name a property, and that no title says."""
    introduced = (stage.introduces for stage in derivation.stages for _ in stage.lines)
    found = [
        Gap(i, None, line.because)
        for i, (line, rule) in enumerate(zip(derivation.lines, introduced, strict=True))
        if line.because and line.rule not in NO_PROPERTY and not (rule and _is_reason_of(line, rule))
    ]
    found.sort(key=lambda gap: rank(f"reason {gap.line}"))
    return tuple(sorted(found[:count], key=lambda gap: gap.line))


def _is_reason_of(line: Line, rule: str) -> bool:
    """The reason is that of the rule, and no other."""
    return isinstance(line.because, Sentence) and line.because.message.id == rule


def _apart(lines: Sequence[int]) -> Iterator[int]:
    """Lines in their order, but those beside one before last."""
    taken: set[int] = set()
    for line in lines:
        if taken.isdisjoint((line - 1, line + 1)):
            taken.add(line)
            yield line
    yield from (line for line in lines if line not in taken)


def _fillable(derivation: Derivation) -> Iterator[tuple[int, list[Path]]]:
    """Lines that can have a blank, by their numbers from 0, and the paths to what can be left out of each.

    There is one thing that belongs into it: what the reason makes of the line above, or a result in numbers.
    """
    lines = derivation.lines
    for i, line in enumerate(lines[1:], 1):
        if (not line.because and line.right.symbols) or line.rule == "numbers":
            continue
        around = [side for other in (*lines[:i], *lines[i + 1 : i + 2]) for side in other.sides]
        around += [line.left, *(part for part in line.because if isinstance(part, Expr)), *derivation.blocks.values()]
        found: list[Path] = []
        for path in ((), *_terms(line.right)):
            part = at(line.right, path)
            rest = replaced(line.right, path, symbol_for(part))
            is_worth_it = size(part) >= (SMALLEST_TERM if path else 2) or not line.because
            if is_worth_it and not _is_given_away(part, [*around, rest]):
                found.append(path)
        if found:
            yield i, found


def _terms(e: Expr, path: Path = ()) -> Iterator[Path]:
    """Paths to the terms of sums and to what traces are taken of, without their coefficients."""
    match e:
        case Scale():
            yield from _terms(e.body, (*path, 1))
        case Trace(arg):
            yield (*path, 0)
            yield from _terms(arg, (*path, 0))
        case Sum(terms):
            for i, term in enumerate(terms):
                body = split_scale(term)[1]
                inside = (*path, i, 1) if isinstance(term, Scale) else (*path, i)
                if not isinstance(body, Sum):  # which would need parentheses
                    yield inside
                yield from _terms(body, inside)
        case Product(factors):
            for i, factor in enumerate(factors):
                yield from _terms(factor, (*path, i))
        case _:
            return


def _is_given_away(part: Expr, around: Sequence[Expr]) -> bool:
    """It can be copied, but for a coefficient: whole, or term by term."""
    _, body = split_scale(part)
    if isinstance(body, Sum) and all(_is_given_away(term, around) for term in body.terms):
        return True
    return bool(body.symbols) and any(_stands_in(body, e) for e in around)


def _stands_in(part: Expr, e: Expr) -> bool:
    """It occurs there as it is, be it as some of the factors in a row, or some of the terms."""
    for node in walk(e):
        match part, node:
            case Product(run), Product(factors):
                if any(factors[i : i + len(run)] == run for i in range(len(factors) - len(run) + 1)):
                    return True
            case (Sum(some), Sum(parts)) | (Hadamard(some), Hadamard(parts)):
                if set(some) <= set(parts):
                    return True
            case _ if part == node:
                return True
            case _:
                pass
    return False
