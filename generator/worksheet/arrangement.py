"""Which problems each version has, in which order, and with which numbers.

As with what is drawn, all of it follows from the seed, the stem and the ids of problems: no version depends on how many
versions there are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from math import factorial
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.worksheet.space import shuffled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.worksheet.spec import Worksheet
    from generator.worksheet.yaml_source import Slot


@dataclass(frozen=True)
class Placed:
    """A problem of a version."""

    problem: int
    """Its place in the worksheet, counted from 0."""
    draw: int
    """Which of its draws the version has, counted from 1: a problem of a pool is not in every version."""
    number: int
    """The number that is printed, from 1."""
    section: int | None = None
    """The section that it is in, counted from 0."""
    opens_section: bool = False


class Arrangement:
    """The problems of each version of a worksheet, in the order in which they are printed."""

    def __init__(self, worksheet: Worksheet, given: Mapping[int, bool] = MappingProxyType({})) -> None:
        """With the problems that pools give out only where they have too few others, and whether that can be done."""
        self.worksheet = worksheet
        self.key = json.dumps([worksheet.seed, worksheet.stem])
        self.pools = {slot: Pool(worksheet, slot, self.key, given) for slot in worksheet.slots if slot.varies}

    def version(self, version: int) -> tuple[Placed, ...]:
        """The problems of a version, counted from 1, in the order in which they are printed."""
        worksheet = self.worksheet
        placed: list[Placed] = []
        for section in dict.fromkeys(slot.section for slot in worksheet.slots):
            slots = [slot for slot in worksheet.slots if slot.section == section]
            here = [problem for slot in slots for problem in self._of_slot(slot, version)]
            if worksheet.order_of(section) == "shuffled":
                here = self._shuffled(here, version, section)
            for i, problem in enumerate(here):
                draw = self.draw(problem, version)
                placed.append(Placed(problem, draw, len(placed) + 1, section, section is not None and i == 0))
        return tuple(placed)

    def uses(self, problem: int, versions: int) -> int:
        """In how many of the first versions a problem, counted from 0, is."""
        return next((pool.uses(problem, versions) for pool in self._pools_of(problem)), versions)

    def draw(self, problem: int, version: int) -> int:
        """Which of its draws a version has of a problem that is in it."""
        return self.uses(problem, version)

    def _pools_of(self, problem: int) -> Sequence[Pool]:
        return [pool for slot, pool in self.pools.items() if problem in slot.problems]

    def _of_slot(self, slot: Slot, version: int) -> Sequence[int]:
        return self.pools[slot].version(version) if slot in self.pools else slot.problems

    def _shuffled(self, problems: Sequence[int], version: int, section: int | None) -> list[int]:
        """Problems in the order of a version; what is fixed keeps its place.

        All orders of the others come up, each once, before one comes again.
        """
        free = [place for place, problem in enumerate(problems) if not self.worksheet.problems[problem].fixed]
        count = factorial(len(free))
        rank = shuffled((version - 1) % count, count, f"{self.key}/order/{section}")
        left = list(free)
        found = list(problems)
        for place in free:
            rank, chosen = divmod(rank, len(left))
            found[place] = problems[left.pop(chosen)]
        return found


class Pool:
    """The problems of a pool in each version, with counts of use that differ by at most one.

    It is dealt like a deck of cards: when all problems were given out, they are shuffled again. Problems that were
    given before are left out; where too few others are left, each version has all of these, and some of those.
    """

    def __init__(self, worksheet: Worksheet, slot: Slot, key: str, given: Mapping[int, bool]) -> None:
        self.slot = slot
        others = tuple(problem for problem in slot.problems if problem not in given)
        is_enough = len(others) >= slot.pick
        self.always = () if is_enough else others
        """The problems that every version has."""
        again = tuple(problem for problem in slot.problems if given.get(problem))
        if len(others) + len(again) < slot.pick:  # which is an error of the others when they are drawn
            again = tuple(problem for problem in slot.problems if problem in given)
        self.varying = others if is_enough else again
        self.ids = [worksheet.ids[problem] for problem in slot.problems]
        self.key = key
        self.deck: list[int] = []
        self.rounds = 0
        self.dealt: list[tuple[int, ...]] = []
        """For each version so far the problems that it has, in the order of the worksheet."""
        self.counts: list[dict[int, int]] = [dict.fromkeys(slot.problems, 0)]
        """How often each problem was given out before each version, and after the last."""

    def version(self, version: int) -> tuple[int, ...]:
        """The problems that a version, counted from 1, has, in the order of the worksheet."""
        while len(self.dealt) < version:
            chosen = list(self.always)
            while len(chosen) < self.slot.pick:
                if not self.deck:
                    self.deck = self._shuffled()
                chosen.append(next(problem for problem in self.deck if problem not in chosen))
                self.deck.remove(chosen[-1])
            self.dealt.append(tuple(sorted(chosen)))
            self.counts.append({one: count + (one in chosen) for one, count in self.counts[-1].items()})
        return self.dealt[version - 1]

    def uses(self, problem: int, versions: int) -> int:
        """In how many of the first versions a problem is."""
        if versions:
            self.version(versions)
        return self.counts[versions][problem]

    def _shuffled(self) -> list[int]:
        """All problems in the order of the next round, which depends on their ids and not on their places."""
        self.rounds += 1
        marks = {
            problem: sha256(f"{self.key}/pool/{self.rounds}/{own}".encode()).digest()
            for problem, own in zip(self.slot.problems, self.ids, strict=True)
            if problem in self.varying
        }
        return sorted(marks, key=lambda problem: marks[problem])
