"""What `check` finds: what came up, how many distinct versions there can be, and how they differ in difficulty."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from generator.building.solving import compared, made_of_all, shortages, signatures, silent, unfair
from generator.worksheet.kinds import KINDS
from generator.worksheet.variants import Draws, Seeds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.building.solving import Progress
    from generator.errors import GeneratorError
    from generator.problems.solved import SolvedQuestion
    from generator.worksheet.fairness import Signature
    from generator.worksheet.kinds.protocol import Findings
    from generator.worksheet.spec import Worksheet
    from generator.worksheet.variants import Capacity, Version

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
    """What is kept of a version: what is to be said of each question, and the rules that its derivation uses."""

    label: str
    questions: dict[str, Findings]
    wrong_lines: dict[str, int]
    """For each question in which the wrong line of a derivation is to be found, the number of that line."""
    signatures: Mapping[str, Signature]
    unverified: tuple[str, ...]
    """The questions whose keys nobody can verify."""


def check(
    worksheet: Worksheet, seeds: int | None = None, progress: Progress = silent, *, jobs: int | None = None
) -> Checked:
    """Every version solved, or the first one under many seeds; raises what keeps one from being solved."""
    draws = Draws(worksheet)
    start = perf_counter()
    drawn = Seeds(worksheet, seeds) if seeds else draws
    seen = made_of_all(drawn, _seen, progress, jobs=jobs)
    seconds = perf_counter() - start
    questions = list({key: found for one in seen for key, found in one.questions.items()}.values())
    verified = _count(sum(one.lines for one in questions), "line")
    different = _count(len(questions), "different question")
    distractors = sum(one.distractors for one in questions)
    drawn_problems = len(seen) * worksheet.problems_in_a_version
    report = [
        f"{_count(drawn_problems, 'draw')} under {_count(seeds, 'seed')} in {seconds:.1f} s,"
        f" {different}, {verified} verified, 0 wrong"
        if seeds
        else f"{_count(len(seen), 'version')}, {different}, {verified} of derivations verified",
        *_pools(draws),
        *_orders(worksheet),
        *_capacities(draws),
        *_choices(worksheet),
    ]
    if distractors:
        report[0] += f", {_count(distractors, 'wrong answer')} proven different"
    for what, found in (
        ("ugly", [fault for one in questions for fault in one.ugly]),
        ("too wide for the page", [fault for one in questions for fault in one.wide]),
    ):
        if found or seeds:
            report[0] += f", {len(found)} {what}"
        report += [f"  {what}: {fault}" for fault in found[:SHOWN]]
    if unverified := dict.fromkeys(name for one in seen for name in one.unverified):
        report.append(f"  written by the author, and verified by nobody: the keys of {', '.join(unverified)}")
    signed = [(one.label, one.signatures) for one in seen]
    for _, name, differing in compared(worksheet, signed):
        report += [f"  {name}: {difference}" for difference in differing]
    report += _wrong_lines(seen)
    return Checked(tuple(report), (*shortages(draws, draws.capacities), *unfair(worksheet, signed)))


def _seen(version: Version, answered: Sequence[SolvedQuestion]) -> _Seen:
    found, wrong_lines = {}, {}
    for one in answered:
        kind = KINDS[one.question.kind]
        findings = found[kind.identity(one.question)] = kind.findings(one)
        if findings.wrong_line:
            wrong_lines[one.question.name] = findings.wrong_line
    unverified = [one.question.name for one in answered if not KINDS[one.question.kind].is_verified]
    return _Seen(version.label, found, wrong_lines, signatures(answered), tuple(unverified))


def _wrong_lines(seen: Sequence[_Seen]) -> Iterator[str]:
    """For each question in which the wrong line is to be found, in how many versions which line is wrong."""
    names = dict.fromkeys(name for one in seen for name in one.wrong_lines)
    for name in names:
        counts = sorted(Counter(one.wrong_lines[name] for one in seen if name in one.wrong_lines).items())
        yield f"  {name}: the wrong line is " + ", ".join(
            f"line {number} in {_count(count, 'version')}" for number, count in counts
        )


def _pools(draws: Draws) -> Iterator[str]:
    """For each pool, in how many versions which of its problems is."""
    worksheet = draws.worksheet
    for slot in worksheet.slots:
        if slot.varies:
            uses = (f"{worksheet.ids[i]} in {draws.arrangement.uses(i, worksheet.versions)}" for i in slot.problems)
            yield f"  {slot.pick} of {len(slot.problems)} problems: of {_count(worksheet.versions, 'version')}, " + (
                ", ".join(uses)
            )


def _orders(worksheet: Worksheet) -> Iterator[str]:
    """The sections whose problems are shuffled."""
    for section in dict.fromkeys(slot.section for slot in worksheet.slots):
        if worksheet.order_of(section) == "shuffled":
            where = "" if section is None else f" of {worksheet.sections[section].title.plain}"
            count = sum(slot.pick for slot in worksheet.slots if slot.section == section)
            yield f"  the {_count(count, 'problem')}{where}: in another order in each version"


def _choices(worksheet: Worksheet) -> Iterator[str]:
    """For each problem how its text was read, where there are several readings."""
    for own, problem in zip(worksheet.ids, worksheet.problems, strict=True):
        subjects = [subject for reading in problem.readings for subject in reading.subjects.values()]
        for note in dict.fromkeys(note for subject in subjects for note in subject.notes):
            yield f"  {own}: {note}"


def _capacities(draws: Draws) -> Iterator[str]:
    """How many distinct versions each question and the whole worksheet can give."""
    worksheet = draws.worksheet
    limit = max(COUNTED, worksheet.versions) + 1

    def said(capacity: Capacity) -> str:
        if capacity.found == limit:
            return f"more than {limit - 1} distinct"
        return f"{'' if capacity.is_complete else 'at least '}{capacity.found} distinct"

    varying = []
    for i, (own, variants) in enumerate(zip(worksheet.ids, draws.problems, strict=True)):
        if not variants.varies:
            yield f"  {own}: the same question in every version"
            continue
        capacity = variants.capacity(draws.needed(i), limit)
        varying.append(capacity)
        unsure = capacity.found < limit and not capacity.is_complete
        given_up = f" (the search for more was given up after {capacity.tried} draws)" if unsure else ""
        yield f"  {own}: {said(capacity)}{given_up}"
    if varying:
        yield f"  all together: {said(min(varying, key=lambda one: (one.found, not one.is_complete)))}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
