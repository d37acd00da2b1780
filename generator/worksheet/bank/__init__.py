"""The bank: problem families in YAML, and what a worksheet takes from it with `use` and `pick`.

A family is a problem with a topic, a difficulty and a source. Taking one happens before anything is validated: the
family's keys are put into the worksheet's data, overridden by what stands beside `use` or `pick`.
"""

from __future__ import annotations

import json
import marshal
import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from generator.errors import InFile, WorksheetError
from generator.system import compiled, disk_cache, inputs
from generator.system.output_dir import is_inside
from generator.worksheet import yaml_source
from generator.worksheet.space import shuffled
from generator.worksheet.yaml_source import Source, described, nearest, read_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from generator.worksheet.yaml_source import Data, Node

SHIPPED = Path(__file__).parent
OF_A_FAMILY = ("topic", "difficulty", "source")
"""What a family says besides its problem."""
SELECTORS = ("topic", "difficulty", "families", "by")
DIFFICULTY = re.compile(r"([1-5])(?:\s*\.\.\s*([1-5]))?")


@dataclass(frozen=True)
class Entry:
    """A family as it is written: its name, its keys, and its file."""

    name: str
    keys: Mapping[str, Data]
    file: Source

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.keys.get("title", ""))

    @property
    def text(self) -> str:
        """The lines of its file that it is written in."""
        lines = self.file.path.read_text(encoding="utf-8").splitlines()
        first = self.file.lines[self.name,] - 1
        first = next(i for i in range(first, -1, -1) if lines[i].startswith(f"{self.name}:"))
        last = next((i for i in range(first + 1, len(lines)) if lines[i][:1].strip()), len(lines))
        return "\n".join(lines[first:last]).rstrip() + "\n"

    @property
    def topic(self) -> str:
        """What it is about."""
        return str(self.keys.get("topic", ""))

    @property
    def difficulty(self) -> int:
        """From 1, for a first exercise, to 5; 0 where it is not said."""
        said = str(self.keys.get("difficulty", ""))
        return int(said) if re.fullmatch(DIFFICULTY, said) and said.isdigit() else 0

    @property
    def problem(self) -> dict[str, Data]:
        """The keys of a problem that it stands for."""
        return {"id": self.name} | {key: value for key, value in self.keys.items() if key not in OF_A_FAMILY}

    @property
    def alone(self) -> Source:
        """Its file, read as a worksheet that has this family for its only problem."""
        lines = {("problems", 0, *key[1:]): line for key, line in self.file.lines.items() if key[:1] == (self.name,)}
        return Source(self.file.path, self.file.data, {("problems",): 1} | lines)


class Bank:
    """All families, a course's own before ours; one of a course hides ours of the same name."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self.folders = (*folders, SHIPPED)

    @property
    def files(self) -> list[Path]:
        """Where the families are written; raises `WorksheetError` for a link to another folder."""
        found = [(folder, file) for folder in self.folders for file in inputs.names(folder, "*.yaml")]
        for folder, file in found:
            if not is_inside(file, folder):
                raise WorksheetError(
                    "the families are a link to a file in another folder",
                    remedy="Put a copy of that file in its place.",
                    file=InFile(file),
                )
        return [file for _, file in found]

    @cached_property
    def families(self) -> dict[str, Entry]:
        """Every family by its name; raises `WorksheetError` for a file that cannot be read."""
        found: dict[str, Entry] = {}
        for file in self.files:
            source = _read_ours(file) if file.parent == SHIPPED else read_source(file)
            if not isinstance(source.data, dict):
                raise WorksheetError(
                    "a file of the bank is made of names with their families",
                    remedy="Begin it with a name, and indent the family's keys below it.",
                    file=source.place(),
                )
            for name, keys in source.data.items():
                if not isinstance(keys, dict):
                    raise WorksheetError(
                        f"the family must be keys with values, not {described(keys)}", file=source.place((name,))
                    )
                found.setdefault(name, Entry(name, keys, source))
        return found

    @property
    def topics(self) -> list[str]:
        """Every topic, by the alphabet."""
        return sorted({entry.topic for entry in self.families.values()})

    def selected(self, topics: Sequence[str] = (), difficulty: tuple[int, int] = (1, 5)) -> list[Entry]:
        """The families of some topics, or of all, within a range of difficulty."""
        low, high = difficulty
        return [
            entry
            for entry in self.families.values()
            if (not topics or entry.topic in topics) and low <= entry.difficulty <= high
        ]


def _read_ours(file: Path) -> Source:
    """What `read_source` finds in a file of ours, kept in compiled form, as YAML takes long to read."""
    kept = compiled.place(__file__, file.stem)
    made_of = inputs.read(file), Path(yaml_source.__file__).read_bytes(), yaml.__version__.encode()
    digest = sha256(b"".join(made_of)).digest()
    content = disk_cache.read(kept) if kept else None
    if content and content.startswith(digest):
        return Source(file, *marshal.loads(content.removeprefix(digest)))
    source = read_source(file)
    if kept:
        found: Any = (source.data, dict(source.lines))
        disk_cache.write(kept, digest + marshal.dumps(found))
    return source


def takes(entry: Data) -> bool:
    """An entry of a list of problems stands for some of the bank."""
    return isinstance(entry, dict) and ("use" in entry or "pick" in entry)


class Filling:
    """The families of the bank that a worksheet picks, each at most once.

    Where parts are written beside `use` or `pick`, what a family says of the keys `of_a_part` is left out; where a
    statement is, what the family says about its own one.
    """

    def __init__(self, source: Source, bank: Bank, entries: Sequence[Node], of_a_part: Collection[str]) -> None:
        assert isinstance(source.data, dict)
        self.of_a_part = of_a_part
        self.key = [str(source.data.get("seed", 0)), source.path.stem]
        self.bank = bank
        self.taken = {str(one.data["use"]) for one in entries if isinstance(one.data, dict) and "use" in one.data}
        self.picks: dict[str, int] = {}

    def problems_of(self, node: Node) -> Iterator[Data]:
        """The problems that an entry stands for: itself, a family, or several. Raises `WorksheetError`."""
        entry = node.data
        if not isinstance(entry, dict) or not takes(entry):
            yield entry
            return
        if "use" in entry and "pick" in entry:
            raise WorksheetError(
                "'use' and 'pick' do not go together",
                remedy="Use one family by its name, or pick some; make it two entries for both.",
                file=node.place("pick"),
            )
        own = {key: value for key, value in entry.items() if key not in ("use", "pick", "from")}
        families = [self._named(node, "use", entry["use"])] if "use" in entry else self._picked(node, entry)
        left_out = {*(self.of_a_part if "parts" in own else ()), *(["shows"] if "statement" in own else [])}
        for family in families:
            yield {key: value for key, value in family.problem.items() if key not in left_out} | own

    def _named(self, node: Node, key: str, name: Data) -> Entry:
        families = self.bank.families
        if isinstance(name, str) and name in families:
            return families[name]
        meant = nearest(name, families) if isinstance(name, str) else None
        remedy = f"Did you mean {meant}?" if meant else "`worksheets bank` lists them."
        raise WorksheetError(f"there is no family {described(name)}", remedy=remedy, file=node.place(key))

    def _picked(self, node: Node, entry: Mapping[str, Data]) -> list[Entry]:
        """So many families as are asked for, in an order that the seed, the file and what is asked for decide."""
        count = read_pick(node)
        wanted = entry.get("from")
        groups = self._strata(node, wanted)
        asked = json.dumps([entry["pick"], wanted], sort_keys=True)
        again = self.picks.setdefault(asked, 0)
        self.picks[asked] += 1
        key = json.dumps([*self.key, asked, again])
        picked: list[Entry] = []
        for stratum, group in groups.items():
            free = [entry for entry in group if entry.name not in self.taken]
            if len(free) < count:
                raise WorksheetError(
                    f"{count} families are asked for{stratum}, and there are {len(free)} that no other entry uses",
                    remedy="Ask for fewer, or for more topics and difficulties; `worksheets bank` lists all.",
                    file=node.place("pick"),
                )
            chosen = [free[shuffled(n, len(free), key + stratum)] for n in range(count)]
            self.taken |= {entry.name for entry in chosen}
            picked += chosen
        return picked

    def _strata(self, node: Node, wanted: Data) -> dict[str, list[Entry]]:
        """The families to pick from, all together or by what they are to be spread over."""
        if wanted is None:
            return {"": list(self.bank.families.values())}
        assert isinstance(wanted, dict)  # a list or the name of a file is a pool
        for name in wanted:
            if name not in SELECTORS:
                meant = nearest(name, SELECTORS)
                raise WorksheetError(
                    f"unknown key '{name}'" + (f"; did you mean '{meant}'?" if meant else ""),
                    remedy=f"Known here are: {', '.join(SELECTORS)}.",
                    file=node.place("from", name),
                )
        topics = _texts(wanted.get("topic"))
        for topic in topics:
            if topic not in self.bank.topics:
                meant = nearest(topic, self.bank.topics)
                raise WorksheetError(
                    f"there is no topic {topic!r}" + (f"; did you mean {meant!r}?" if meant else ""),
                    remedy=f"Topics are: {', '.join(self.bank.topics)}.",
                    file=node.place("from", "topic"),
                )
        families = self.bank.selected(topics, self._difficulty(node, wanted.get("difficulty")))
        if "families" in wanted:
            named = [self._named(node, "from", name) for name in _texts(wanted["families"])]
            families = [entry for entry in named if entry in families]
        match wanted.get("by"):
            case None:
                return {"": families}
            case "topic" | "difficulty" as by:
                strata: dict[str, list[Entry]] = {}
                for entry in sorted(families, key=lambda e: str(getattr(e, by))):
                    strata.setdefault(f" of {by} {getattr(entry, by)}", []).append(entry)
                return strata
            case other:
                raise WorksheetError(f"must be topic or difficulty, not {described(other)}",
                                     file=node.place("from", "by"))  # fmt: skip

    def _difficulty(self, node: Node, said: Data) -> tuple[int, int]:
        if said is None:
            return 1, 5
        bounds = read_difficulty(said) if isinstance(said, str) else None
        if bounds is None:
            raise WorksheetError(
                f"must be a number from 1 to 5 or a range such as 2..3, not {described(said)}",
                file=node.place("from", "difficulty"),
            )
        return bounds


def read_pick(node: Node) -> int:
    """The number of problems of an entry with `pick`, from 1 to 99."""
    assert isinstance(node.data, dict)
    said = node.data["pick"]
    if not isinstance(said, str) or not re.fullmatch(r"[1-9]\d?", said):
        raise WorksheetError(f"must be a whole number from 1 to 99, not {described(said)}", file=node.place("pick"))
    return int(said)


def read_difficulty(said: str) -> tuple[int, int] | None:
    """The least and the greatest difficulty of `2` or `2..3`; None of anything else."""
    found = DIFFICULTY.fullmatch(said.strip())
    return (int(found[1]), int(found[2] or found[1])) if found else None


def _texts(said: Data) -> list[str]:
    """The items of a list, or of one that stands alone."""
    items = said if isinstance(said, list) else [] if said is None else [said]
    return [str(item).strip() for item in items]


def own_folder(source: Source, data: Mapping[str, Data]) -> Iterator[Path]:
    """A course's own folder of families, which lies beside the worksheet or below."""
    if "bank" not in data:
        return
    said = data["bank"]
    here = source.path.parent
    if not isinstance(said, str) or not is_inside(here / said, here):
        raise WorksheetError(
            f"must be a folder beside the worksheet, not {described(said)}",
            remedy="Put your families in a folder beside it or below, and name that: bank: families",
            file=source.place(("bank",)),
        )
    folder = here / said  # with the links in it, which may lead elsewhere when it is read next
    if inputs.kind(folder) != "folder":
        raise WorksheetError(
            f"there is no folder {said}", remedy="Check its name, and where it is.", file=source.place(("bank",))
        )
    yield folder
