"""The gallery of the bank: each family with a question, its derivation and what is known of it, by topic."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from generator.building.check import COUNTED
from generator.building.fingerprint import fingerprint, hashed
from generator.building.solving import Solver
from generator.formats.html.excerpt import solution, statement
from generator.system.disk_cache import remembered
from generator.system.workers import parallel_map, processors
from generator.worksheet.bank import Bank, Entry
from generator.worksheet.kinds.writer import QuestionWriter
from generator.worksheet.load import load_family
from generator.worksheet.variants import Draws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HEADINGS = {"pca": "Principal components", "norm": "Norms"}
"""Headings of topics whose names are no headings."""
BLOCK = 8
"""Families per worker task."""


@dataclass(frozen=True)
class Family:
    """An entry of the gallery: a family of problems with a question, its derivation and facts."""

    name: str
    title: str
    topic: str
    difficulty: int
    source: str
    versions: str
    """Number of distinct versions, in words."""
    written: str
    """The family in YAML."""
    question: str
    """The question of its first version, as HTML."""
    derivation: str
    """Its derivation and its answer, as HTML."""


def families() -> list[Family]:
    """All families of the bank, by topic and difficulty; what was made before by the same program is not made again."""
    entries = sorted(Bank().families.values(), key=lambda one: (one.topic, one.difficulty, one.name))
    blocks = [entries[at : at + BLOCK] for at in range(0, len(entries), BLOCK)]

    def work(block: Iterable[Entry], tick: Callable[[int], None]) -> list[Family]:
        tick(1)
        return list(map(_remembered, block))

    return [family for block in parallel_map(work, blocks, processors(), lambda _: None) for family in block]


def _remembered(entry: Entry) -> Family:
    key = hashed(fingerprint(), json.dumps([entry.name, entry.text]).encode())
    return Family(**remembered("gallery/family", key, partial(_described, entry), _checked))


def _checked(found: Any) -> dict[str, Any]:
    if isinstance(found, dict) and found.keys() == {field.name for field in fields(Family)}:
        return found
    raise ValueError("not a family")


def _described(entry: Entry) -> dict[str, Any]:
    worksheet = load_family(entry)
    draws = Draws(worksheet)
    questions = QuestionWriter().questions(Solver(draws).problem(draws.placed(1)[0], 1))
    return asdict(
        Family(
            entry.name,
            entry.title,
            entry.topic,
            entry.difficulty,
            str(entry.keys.get("source", "")),
            _versions(draws),
            entry.text,
            "\n".join(statement(question) for question in questions),
            "\n".join(solution(question) for question in questions),
        )
    )


def _versions(draws: Draws) -> str:
    (variants,) = draws.problems
    if not variants.varies:
        return "the same in every version"
    found = variants.capacity(1, COUNTED + 1)
    if found.found > COUNTED:
        return f"more than {COUNTED}"
    return f"{'' if found.is_complete else 'at least '}{found.found}"


def pages(all_families: Iterable[Family]) -> Iterator[tuple[str, str, str]]:
    """For each topic its name, the title and the Markdown of its page.

    `slot` marks where the HTML of a question and of a derivation belongs, which Markdown would not leave as it is.
    """
    for topic, group in groupby(all_families, key=lambda one: one.topic):
        title = _heading(topic)
        yield topic, title, "\n\n".join([f"# {title}", *map(_section, group)]) + "\n"


def slot(family: Family, what: str) -> str:
    """The element that stands in Markdown for a question or a derivation."""
    return f'<div class="slot" id="{what}-{family.name}"></div>'


def _section(family: Family) -> str:
    facts = {
        "Name": f"`{family.name}`",
        "Difficulty": f"{family.difficulty} of 5",
        "Distinct versions": family.versions,
        "Source": family.source,
    }
    return "\n\n".join(
        (
            f"## {family.title} {{ #{family.name} }}",
            " · ".join(f"{name}: {value}" for name, value in facts.items() if value),
            slot(family, "question"),
            f'??? note "Derivation: {family.title}"\n\n    {slot(family, "derivation")}',
            f'??? example "In YAML: {family.title}"\n\n    ```yaml\n{_indented(family.written)}\n    ```',
        )
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())


def overview(all_families: list[Family]) -> str:
    """The Markdown of the page that lists all families."""
    lines = [
        "# Gallery of the bank",
        f"All {len(all_families)} problem families that the program comes with, each with a question, its derivation,"
        " and how many versions of it differ as mathematics. Take one with `use: NAME`, or let the program choose with"
        " `pick`: [exams with versions](../how-to/exam.md#from-the-bank). The search finds titles, names and sources.",
    ]
    for topic, group in groupby(all_families, key=lambda one: one.topic):
        lines += [
            f"## {_heading(topic)}",
            "| family | difficulty | distinct versions |\n| --- | --- | --- |",
        ]
        lines[-1] += "".join(
            f"\n| [{one.title}]({page(topic)}#{one.name}) | {one.difficulty} | {one.versions} |" for one in group
        )
    return "\n\n".join(lines) + "\n"


def _heading(topic: str) -> str:
    return HEADINGS.get(topic, topic[:1].upper() + topic[1:])


def page(topic: str) -> str:
    """The file of a topic."""
    return f"{topic.replace(' ', '-')}.md"
