"""Problems as papers show them: solved and verified once, then known to the builds that follow.

What is kept of a problem in a version is found again only by all that it comes from: this program, the problem, and
what the worksheet says for all its problems. Whatever of that changes, it is solved again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from generator.building.fingerprint import fingerprint, hashed
from generator.building.solving import Solver, block_of, in_blocks, signatures
from generator.document.formula import FORMS as PRINTED_FORMS
from generator.document.model import Heading, Question
from generator.errors import GeneratorError
from generator.formats import print_all
from generator.problems import marking
from generator.problems.question import name_of
from generator.system import disk_cache
from generator.worksheet.equivalence import recorded
from generator.worksheet.fairness import Signature
from generator.worksheet.kinds import KINDS
from generator.worksheet.kinds.writer import QuestionWriter
from generator.worksheet.spec import DERIVED
from generator.worksheet.variants import Capacity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from fractions import Fraction

    from generator.building.solving import Progress
    from generator.errors import InFile
    from generator.formats import Printer
    from generator.problems.solved import SolvedQuestion
    from generator.worksheet.arrangement import Placed
    from generator.worksheet.spec import Worksheet
    from generator.worksheet.variants import Draws

    T = TypeVar("T")

FOLDER = "questions"
ELSEWHERE = {
    *("problems", "bank"),
    *("sections", "order"),
    *("versions", "repeats", "fair", "roster", "share", "names", "avoid", "formulas"),
    *("title", "course", "instructions", "cover", "engine"),
}
"""What a worksheet says that no question depends on: the other problems, how many versions there are for whom, and
what must hold between them, what stands around the questions, and what prints them."""


WRITTEN = {
    **{name: name for name in ("hint", "note", "title")},
    "explanation": "solution",
    "answer_words": "answer",
    "options": "choices",
}
"""For words of the author in a question, by their names, keys of the worksheet; all others are in its statement."""

TOLD = frozenset(("number", "id", "points", "marking", "fingerprint", "wording"))
"""Keys that the manifest has for the answer to a question of any kind."""


@dataclass(frozen=True)
class SolvedProblem:
    """A problem of a version: its questions as the templates see them, and what is told of their answers."""

    questions: tuple[Question, ...]
    answers: tuple[dict[str, Any], ...]
    signatures: Mapping[str, Signature]
    """The names of the rules in their derivations, by question."""
    rules: tuple[str, ...]
    """The names of all rules that their derivations use."""

    def placed(self, placed: Placed, worksheet: Worksheet) -> SolvedProblem:
        """The problem as a version has it: with its number there, below its heading, on a new page if it begins one."""
        heading, starts_page = heading_of(placed, worksheet)
        if placed.number == placed.problem + 1 and not heading and not starts_page:
            return self
        questions = tuple(
            replace(
                one,
                number=placed.number,
                section=heading if one.opens else None,
                starts_page=starts_page and one.opens,
            )
            for one in self.questions
        )
        return replace(
            self, questions=questions, answers=tuple({**told, "number": placed.number} for told in self.answers)
        )


def heading_of(placed: Placed, worksheet: Worksheet) -> tuple[Heading | None, bool]:
    """The heading above a problem, where it opens a section, and whether it begins a new page."""
    starts_page = worksheet.problems[placed.problem].break_before is not None
    if placed.section is None or not placed.opens_section:
        return None, starts_page
    section = worksheet.sections[placed.section]
    paragraphs = section.instructions.paragraphs if section.instructions else ()
    return Heading(section.title, paragraphs), starts_page or section.break_before is not None


class SolutionCache:
    """The problems of a worksheet's versions; what was solved in a build before is not made again."""

    def __init__(self, draws: Draws, printers: Sequence[Printer]) -> None:
        self.draws = draws
        self.printers = printers
        """What prints the formulas and sentences of questions, in all forms that are wanted."""
        self.solver = Solver(draws)
        self.question_writer = QuestionWriter()
        self.keys = keys(draws.worksheet, [printer.name for printer in printers])
        self.name = hashed(fingerprint(), str(draws.worksheet.path.resolve()).encode(), draws.worksheet.stem.encode())[
            :32
        ]
        """What the names of its files begin with: a worksheet that is edited leaves nothing behind."""
        _form()  # which all processes then know

    def capacities(self) -> Iterator[Capacity]:
        """For each problem in how many versions it can differ, as its draws say."""
        for i, key in enumerate(self.keys):
            asked = f"{key} {self.draws.needed(i)}"
            yield disk_cache.remembered(f"{FOLDER}/capacity", asked, partial(self.draws.capacity, i), _capacity)

    def made_of_all(
        self,
        make: Callable[[int, tuple[SolvedProblem, ...]], T],
        progress: Progress,
        *,
        only: Sequence[int] = (),
        jobs: int | None = None,
    ) -> list[T]:
        """What is made of every version, or only of some, and its problems; raises what keeps the first from it."""
        return in_blocks(self.draws, partial(self._made, make), progress, only, jobs)

    def _made(self, make: Callable[[int, tuple[SolvedProblem, ...]], T], block: Sequence[int]) -> Iterator[T]:
        name = f"{FOLDER}/{self.name}-{block_of(block[0])}"
        kept = _read(disk_cache.kept(name), [printer.name for printer in self.printers])
        wanted = {key: i for i, key in enumerate(self.keys)}
        here: dict[str, SolvedProblem] = {}
        for at, solved in kept.items():
            key = at.partition(" ")[0]
            if key in wanted and self._is_of(solved, wanted[key]):
                here[at] = solved
        try:
            for number in block:
                problems = []
                for placed in self.draws.placed(number):
                    at = _at(self.keys[placed.problem], placed.draw)
                    if at not in here:
                        here[at] = self._solved(placed, number)
                    problems.append(here[at].placed(placed, self.draws.worksheet))
                yield make(number, tuple(problems))
        finally:  # also where a question cannot be solved, or a template not be filled
            if here.keys() != kept.keys():
                disk_cache.keep(name, _form().dump_json(here))

    def _is_of(self, solved: SolvedProblem, i: int) -> bool:
        """It has the questions of a problem, counted from 0, and tells of each what is asked."""
        asked = [(i + 1, part.strip("()")) for number, part in self.draws.worksheet.asked if number == i]
        return (
            [(question.number, question.part) for question in solved.questions] == asked
            and [(told.get("number"), told.get("part", "")) for told in solved.answers] == asked
            and solved.signatures.keys() == {name_of(self.draws.worksheet.ids[i], part) for _, part in asked}
            and all(map(_is_told, solved.answers))
        )

    def _place(self, question: Question, name: str) -> InFile:
        """Where the author's words are written that a question has by this name."""
        worksheet = self.draws.worksheet
        if (key := WRITTEN.get(name)) is None:
            return worksheet.place_of(question, whole=name == "preface" or not question.has_own_statement)
        part = ("parts", ascii_lowercase.index(question.part)) if question.part else ()
        return worksheet.place("problems", question.problem - 1, *part, key)

    def _solved(self, placed: Placed, number: int) -> SolvedProblem:
        answered = self.solver.problem(placed, number)
        drawn = self.draws.fingerprint(placed.problem, placed.draw)
        found = None if drawn is None else recorded(drawn)
        questions = self.question_writer.questions(answered)
        for question, printer in product(questions, self.printers):
            for name in sorted(question.__dataclass_fields__, key="final".__eq__):  # which repeats others
                try:
                    print_all(getattr(question, name), printer)
                except GeneratorError as error:  # an author's words that some format cannot have
                    raise error.at(self._place(question, name)) from None
        return SolvedProblem(
            questions,
            tuple(
                {**_told(one), "fingerprint": found, "wording": self.draws.wording(placed.problem)} for one in answered
            ),
            signatures(answered),
            tuple(sorted({rule for one in answered for rule in KINDS[one.question.kind].rules(one)})),
        )


def _is_told(told: dict[str, Any]) -> bool:
    """It is what is told of an answer of a kind that there is."""
    kind = KINDS.get(told.get("kind", DERIVED))
    return kind is not None and told.keys() >= TOLD | kind.told


def keys(worksheet: Worksheet, forms: Sequence[str]) -> tuple[str, ...]:
    """For each problem a hash of all that its questions come from, besides the number of the version.

    `forms` are the names of what they are printed in.
    """
    common = worksheet.model_dump_json(exclude=ELSEWHERE, warnings=False)
    return tuple(
        hashed(
            fingerprint(),
            json.dumps([worksheet.stem, i, own, sorted(forms), worksheet.given]).encode(),
            common.encode(),
            problem.model_dump_json(warnings=False).encode(),
        )
        for i, (problem, own) in enumerate(zip(worksheet.problems, worksheet.ids, strict=True))
    )


def _at(key: str, draw: int) -> str:
    """Under what a draw of a problem is kept."""
    return f"{key} {draw}"


def _capacity(found: object) -> Capacity:
    """A capacity that was kept; raises `ValueError` for anything else."""
    match found:
        case [int(count), int(tried), bool(is_complete)] if count >= 0 and tried >= 0:
            return Capacity(count, tried, is_complete)
    raise ValueError("not a capacity")


def _told(one: SolvedQuestion) -> dict[str, Any]:
    question = one.question
    return {
        "number": question.number,
        "id": question.id,
        **({"part": question.part} if question.part else {}),
        "points": in_json(question.points),
        **({"bonus": True} if question.bonus else {}),
        "marking": marking.to_json(one.marking),
        **KINDS[question.kind].to_json(one),
    }


def in_json(points: Fraction) -> int | float:
    """Points as a number of JSON."""
    return int(points) if points.denominator == 1 else float(points)


# The files


@cache
def _form() -> TypeAdapter[dict[str, SolvedProblem]]:
    """Schema by which solved problems are written as JSON and read again, by the types of their fields alone."""
    return TypeAdapter(dict[str, SolvedProblem])


def _read(content: bytes | None, forms: Sequence[str]) -> dict[str, SolvedProblem]:
    """What was kept; nothing of it counts where it has another form, or was not printed in some of the forms."""
    with suppress(ValidationError):
        return _form().validate_json(content, strict=True, context={PRINTED_FORMS: forms}) if content else {}
    return {}
