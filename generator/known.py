"""Problems as papers show them: solved and verified once, then known to the builds that follow.

What is kept of a problem in a version is found again only by all that it comes from: this program, the problem, and
what the worksheet says for all its problems. Whatever of that changes, it is solved again.
"""

from __future__ import annotations

import io
import json
import pickle
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pylatex.utils import NoEscape

from generator import cache
from generator.algebra.exact import as_expr
from generator.algebra.plain import plain, prose
from generator.program import hashed, program
from generator.render import page
from generator.solving import Solver, block_of, in_blocks, signatures
from generator.worksheet import marking
from generator.worksheet.draw import Capacity
from generator.worksheet.forms import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.render.page import Answered, Item
    from generator.solving import Progress
    from generator.worksheet.draw import Draws
    from generator.worksheet.fairness import Signature
    from generator.worksheet.spec import Worksheet

    T = TypeVar("T")

FOLDER = "questions"
DAYS = 30
"""What no build has asked for in so many days is forgotten."""
ELSEWHERE = {
    *("problems", "bank"),
    *("versions", "repeats", "fair", "roster"),
    *("title", "course", "instructions", "engine"),
}
"""What a worksheet says that no question depends on: the other problems, how many versions there are for whom, and
what must hold between them, what stands around the questions, and what prints them."""


@dataclass(frozen=True)
class Ready:
    """A problem of a version: its questions as the templates see them, and what is told of their answers."""

    items: tuple[Item, ...]
    answers: tuple[dict[str, Any], ...]
    signatures: tuple[Signature, ...]


class Known:
    """The problems of a worksheet's versions; what was ready in a build before is not made again."""

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        self.solver = Solver(draws)
        self.keys = keys(draws.worksheet)
        self.name = hashed(program(), str(draws.worksheet.path.resolve()).encode())[:32]
        """What the names of its files begin with: a worksheet that is edited leaves nothing behind."""
        cache.forget(FOLDER, DAYS)

    def capacities(self) -> Iterator[Capacity]:
        """For each problem in how many versions it can differ, as its draws say."""
        for i, key in enumerate(self.keys):
            asked = f"{key} {self.draws.worksheet.versions}"
            yield Capacity(*cache.remembered(f"{FOLDER}/capacity", asked, partial(self.draws.capacity, i)))

    def made_of_all(
        self,
        make: Callable[[int, tuple[Ready, ...]], T],
        progress: Progress,
        *,
        only: Sequence[int] = (),
        jobs: int | None = None,
    ) -> list[T]:
        """What is made of every version, or only of some, and its problems; raises what keeps the first from it."""
        return in_blocks(self.draws, partial(self._made, make), progress, only, jobs)

    def _made(self, make: Callable[[int, tuple[Ready, ...]], T], block: Sequence[int]) -> Iterator[T]:
        name = f"{FOLDER}/{self.name}-{block_of(block[0])}"
        kept = _read(cache.kept(name))
        here = {(key, number): ready for (key, number), ready in kept.items() if key in self.keys}
        try:
            for number in block:
                for i, key in enumerate(self.keys):
                    if (key, number) not in here:
                        here[key, number] = self._ready(i, number)
                yield make(number, tuple(here[key, number] for key in self.keys))
        finally:  # also where a question cannot be solved, or a template not be filled
            if here.keys() != kept.keys():
                cache.keep(name, pickle.dumps(here, pickle.HIGHEST_PROTOCOL))

    def _ready(self, i: int, number: int) -> Ready:
        answered = self.solver.problem(i, number)
        return Ready(
            page.items(self.draws.worksheet, answered),
            tuple(map(_told, answered)),
            signatures(answered),
        )


def keys(worksheet: Worksheet) -> tuple[str, ...]:
    """For each problem a hash of all that its questions come from, besides the number of the version."""
    common = worksheet.model_dump_json(exclude=ELSEWHERE, warnings=False)
    return tuple(
        hashed(
            program(),
            json.dumps([worksheet.stem, i, own]).encode(),
            common.encode(),
            problem.model_dump_json(warnings=False).encode(),
        )
        for i, (problem, own) in enumerate(zip(worksheet.problems, worksheet.ids, strict=True))
    )


def _told(one: Answered) -> dict[str, Any]:
    question, derivation, asked = one.question, one.derivation, one.asked
    return {
        "number": question.number,
        "id": question.id,
        **({"part": question.part} if question.part else {}),
        "points": question.points,
        "marking": marking.told(one.marking),
        "function": plain(question.function),
        "wrt": question.wrt.name,
        "find": question.find,
        "subject_to": [" = ".join(map(plain, sides)) for sides in question.subject_to],
        "numbers": {symbol.name: plain(as_expr(rows)) for symbol, rows in question.data.items()},
        "answer": str(derivation.outcome),
        "conditions": [prose(condition) for condition in derivation.conditions],
        **({"form": question.form.name} | told(asked) if asked else {}),
    }


# The files

PARTS = {
    __name__: {"Ready"},
    page.__name__: {"Declared", "Flaw", "Item", "Line", "Mark", "Option", "Shown", "Stage"},
    NoEscape.__module__: {NoEscape.__name__},
}
"""What is ready is made of, by modules."""


class _Reader(pickle.Unpickler):
    """Reads what was kept, and makes nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module in PARTS and name in PARTS[module]:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a question")


def _read(content: bytes | None) -> dict[tuple[str, int], Ready]:
    """What was kept; nothing of it counts where it is made of anything else than questions."""
    with suppress(pickle.UnpicklingError):
        found: dict[tuple[str, int], Ready] = _Reader(io.BytesIO(content)).load() if content else {}
        return found
    return {}
