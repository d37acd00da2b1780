"""What `check` finds: what came up, how many distinct versions there can be, and how they differ in difficulty."""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from generator.algebra.exact import as_expr
from generator.algebra.plain import plain
from generator.solving import compared, made_of_all, shortages, signatures, silent, unfair
from generator.worksheet.draw import Draws, Seeds
from generator.worksheet.looks import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.errors import GeneratorError
    from generator.render.page import Answered
    from generator.solving import Progress
    from generator.worksheet.draw import Question, Version
    from generator.worksheet.fairness import Signature
    from generator.worksheet.spec import Worksheet

SHOWN = 10
"""How many faults of one kind are shown."""
COUNTED = 200
"""How far distinct questions are counted where no more versions are asked for."""


@dataclass(frozen=True)
class Checked:
    """The lines of a report, and the errors that make it a bad one."""

    report: tuple[str, ...]
    errors: tuple[GeneratorError, ...]


@dataclass(frozen=True)
class _Seen:
    """What is kept of a version: by question, how many lines were verified and what is ugly; and the rules used."""

    label: str
    questions: dict[str, tuple[int, tuple[str, ...]]]
    signatures: tuple[Signature, ...]


def check(
    worksheet: Worksheet, seeds: int | None = None, progress: Progress = silent, *, jobs: int | None = None
) -> Checked:
    """Every version solved, or the first one under many seeds; raises what keeps one from being solved."""
    draws = Draws(worksheet)
    start = perf_counter()
    seen = made_of_all(Seeds(worksheet, seeds) if seeds else draws, _seen, progress, jobs=jobs)
    seconds = perf_counter() - start
    questions = {key: found for one in seen for key, found in one.questions.items()}
    verified = f"{_count(sum(lines for lines, _ in questions.values()), 'line')}"
    different = _count(len(questions), "different question")
    if seeds:
        ugly = [fault for _, some in questions.values() for fault in some]
        report = [
            f"{_count(len(seen) * len(worksheet.problems), 'draw')} under {_count(seeds, 'seed')} in {seconds:.1f} s,"
            f" {different}, {verified} verified, 0 wrong, {len(ugly)} ugly",
            *_capacities(draws),
            *(f"  ugly: {fault}" for fault in ugly[:SHOWN]),
        ]
    else:
        report = [
            f"{_count(len(seen), 'version')}, {different}, {verified} of derivations verified",
            *_capacities(draws),
        ]
    signed = [(one.label, one.signatures) for one in seen]
    for _, name, found in compared(worksheet, signed):
        report += [f"  {name}: {difference}" for difference in found]
    return Checked(tuple(report), (*shortages(draws), *unfair(worksheet, signed)))


def _seen(version: Version, answered: Sequence[Answered]) -> _Seen:
    questions = {_key(one.question): (one.derivation.verified.lines, tuple(faults(one.derivation))) for one in answered}
    return _Seen(version.label, questions, signatures(answered))


def _key(question: Question) -> str:
    """The same for questions that are the same but for their place."""
    equations = [" = ".join(map(plain, sides)) for sides in question.subject_to]
    numbers = {symbol.name: plain(as_expr(rows)) for symbol, rows in question.data.items()}
    return json.dumps([plain(question.function), question.wrt.name, question.find, equations, numbers])


def _capacities(draws: Draws) -> Iterator[str]:
    """How many distinct versions each question and the whole worksheet can give."""
    worksheet = draws.worksheet
    limit = max(COUNTED, worksheet.versions) + 1

    def said(capacity: int) -> str:
        return f"{capacity} distinct" if capacity < limit else f"more than {limit - 1} distinct"

    varying = [deck.capacity(limit) for deck in draws.decks if deck.varies]
    for own, deck in zip(worksheet.ids, draws.decks, strict=True):
        yield f"  {own}: {said(deck.capacity(limit)) if deck.varies else 'the same question in every version'}"
    if varying:
        yield f"  all together: {said(min(varying))}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
