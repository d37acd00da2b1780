"""The problems of a worksheet as one list, and which of them are in the same section or in the same pool.

Sections, pools and entries that take families from the bank are put into one list before anything is validated. Each
problem keeps the file, the line and the key where it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.errors import WorksheetError
from generator.system import inputs
from generator.system.output_dir import is_inside
from generator.worksheet.bank import Bank, Filling, own_folder, read_pick, takes
from generator.worksheet.yaml_source import Node, Slot, Source, described, read_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from generator.errors import Key
    from generator.worksheet.yaml_source import Data

OF_A_PICK = ("use", "pick", "from")
"""Keys beside `pick` that are not of each problem."""
TWO_LINES = "Two lines make a problem:\n    problems:\n      - function: Tr(A X)\n        wrt: X"
A_SECTION = "Write each section as {title: Short questions, problems: [...]}"
A_POOL = (
    "Write the problems, from: [{statement: …}, {statement: …}], or the name of a file beside the worksheet that has"
    " them as a list; of the bank, write  from: {topic: [determinant, inverse], difficulty: 2..3}"
)


@dataclass
class _Entry:
    """An entry of a list of problems: a problem, a family or families of the bank, or a pool."""

    node: Node
    section: int | None
    pool: Sequence[Node] | None = None


@dataclass
class _Flat:
    """The list of all problems, as it is put together."""

    problems: list[Data] = field(default_factory=list)
    lines: dict[Key, int] = field(default_factory=dict)
    origins: dict[Key, tuple[Path, Key]] = field(default_factory=dict)

    def add(self, problem: Data, written: Node, beside: Node | None = None) -> int:
        """Add a problem that is written at a place, but for keys that stand beside `pick`; return its index."""
        here: Key = ("problems", len(self.problems))
        self.lines |= written.lines(here)
        self.origins[here] = written.source.path, written.key
        for key in _shared(beside):
            self.lines |= Node(None, beside.source, (*beside.key, key)).lines((*here, key)) if beside else {}
            self.origins[*here, key] = (beside or written).source.path, (*(beside or written).key, key)
        self.problems.append(problem)
        return len(self.problems) - 1


def structured(source: Source, of_a_part: Collection[str] = ()) -> Source:
    """The source with all problems in one list, and with their slots; itself where all of it is one list already.

    Raises `WorksheetError` for sections, pools and picks that are not well formed.
    """
    data = source.data
    if not isinstance(data, dict):
        return source
    own = tuple(own_folder(source, data))
    problems = data.get("problems")
    if "sections" not in data and not (isinstance(problems, list) and any(map(_is_put_together, problems))):
        return source
    entries = list(_entries(source, data))
    for entry in entries:
        entry.pool = _pool(entry.node)
    written = [node for entry in entries for node in entry.pool or (entry.node,)]
    filling = Filling(source, Bank(own), written, of_a_part)
    flat = _Flat(lines={k: line for k, line in source.lines.items() if k[:1] != ("problems",) or len(k) == 1})
    slots: list[Slot] = []
    for entry in entries:
        if entry.pool is None:
            for problem in filling.problems_of(entry.node):
                slots.append(Slot((flat.add(problem, entry.node),), section=entry.section))
            continue
        pick = _pick(entry.node, entry.pool)
        found = []
        for node in entry.pool:
            for problem in filling.problems_of(node):
                assert isinstance(problem, dict)
                assert isinstance(entry.node.data, dict)
                beside = {key: entry.node.data[key] for key in _shared(entry.node)}
                found.append(flat.add(problem | beside, node, entry.node))
        slots.append(Slot(tuple(found), pick, entry.section, entry.node.place("from")))
    return replace(
        source,
        data={**data, "problems": flat.problems, **_headings(data)},
        lines=flat.lines | {("problems",): source.lines.get(("problems",), source.lines.get(("sections",), 1))},
        origins=flat.origins,
        slots=tuple(slots),
    )


def _is_put_together(entry: Data) -> bool:
    return takes(entry) or (isinstance(entry, dict) and "from" in entry)


def _shared(node: Node | None) -> list[str]:
    """The keys beside `pick` that each of its problems has."""
    return [key for key in node.data if key not in OF_A_PICK] if node and isinstance(node.data, dict) else []


def _headings(data: dict[str, Data]) -> dict[str, Data]:
    """The sections without their problems."""
    sections = data.get("sections")
    if not isinstance(sections, list):
        return {}
    return {
        "sections": [
            {key: value for key, value in one.items() if key != "problems"} for one in sections if isinstance(one, dict)
        ]
    }


def _entries(source: Source, data: dict[str, Data]) -> Iterator[_Entry]:
    """The entries of the list of problems, or of the lists of all sections."""
    if "sections" not in data:
        top = Node(data["problems"], source, ("problems",))
        yield from (_Entry(node, None) for node in _items(top, "problem", TWO_LINES))
        return
    if "problems" in data:
        raise WorksheetError(
            "there are problems beside sections",
            remedy="Put them into a section, or leave the sections out.",
            file=source.place(("problems",)),
        )
    for i, section in enumerate(_items(Node(data["sections"], source, ("sections",)), "section", A_SECTION)):
        if not isinstance(section.data, dict):
            raise WorksheetError(
                f"must be keys with values, not {described(section.data)}", remedy=A_SECTION, file=section.place()
            )
        if "problems" not in section.data:
            raise WorksheetError("the key 'problems' is missing", remedy=TWO_LINES, file=section.place())
        below = Node(section.data["problems"], source, (*section.key, "problems"))
        yield from (_Entry(node, i) for node in _items(below, "problem", TWO_LINES))


def _items(node: Node, what: str, remedy: str) -> Iterator[Node]:
    """The items of a list, of which there is at least one."""
    if not isinstance(node.data, list):
        begin = f"Begin each {what} with '- '."
        raise WorksheetError(f"must be a list, not {described(node.data)}", remedy=begin, file=node.place())
    if not node.data:
        raise WorksheetError(f"there is no {what} in the list", remedy=remedy, file=node.place())
    for i, item in enumerate(node.data):
        yield Node(item, node.source, (*node.key, i))


def _pool(node: Node) -> list[Node] | None:
    """The problems of a pool; None of an entry that is none."""
    entry = node.data
    if not isinstance(entry, dict) or "from" not in entry:
        return None
    if "pick" not in entry:
        raise WorksheetError(
            "'from' stands without 'pick'",
            remedy="Say how many problems each version has, such as  pick: 2",
            file=node.place("from"),
        )
    match entry["from"]:
        case str(name):
            problems = _file(node, name)
        case list(listed):
            problems = Node(listed, node.source, (*node.key, "from"))
        case _:
            return None
    found = list(_items(problems, "problem", A_POOL))
    for one in found:
        if not isinstance(one.data, dict):
            raise WorksheetError(
                f"a problem must be keys with values, not {described(one.data)}",
                remedy="Write its keys; of a family of the bank, write  use: least-squares",
                file=one.place(),
            )
        if "pick" in one.data or "from" in one.data:
            raise WorksheetError(
                "a pool cannot have a pool in it",
                remedy="List its problems in this one, or pick from it beside this one.",
                file=one.place("pick" if "pick" in one.data else "from"),
            )
    return found


def _pick(node: Node, pool: Sequence[Node]) -> int:
    """How many problems of a pool each version has."""
    assert isinstance(node.data, dict)
    if "use" in node.data:
        raise WorksheetError(
            "'use' and 'pick' do not go together",
            remedy="Use a family by its name, or pick from a pool; make it two entries for both.",
            file=node.place("pick"),
        )
    pick = read_pick(node)
    if pick > len(pool):
        problems = f"{len(pool)} problem{'s' * (len(pool) != 1)}"
        raise WorksheetError(
            f"{pick} problems are asked for, and there {'is' if len(pool) == 1 else 'are'} {problems} in the pool",
            remedy="Ask for fewer, or add problems to the pool.",
            file=node.place("pick"),
        )
    return pick


def _file(node: Node, name: str) -> Node:
    """What the file of a pool says."""
    here = node.source.path.parent
    path = here / name
    if not is_inside(path, here):
        raise WorksheetError(
            f"{name} is not beside the worksheet",
            remedy="Put the file into the folder of the worksheet or below.",
            file=node.place("from"),
        )
    if inputs.kind(path) != "file":
        raise WorksheetError(f"there is no file {name} beside the worksheet", remedy=A_POOL, file=node.place("from"))
    source = read_source(path)
    if source.data is None:
        raise WorksheetError("the file is empty", remedy=A_POOL, file=source.place())
    if not isinstance(source.data, list):
        raise WorksheetError(
            f"a pool is a list of problems, not {described(source.data)}",
            remedy="Begin each problem with '- ', and nothing before the first.",
            file=source.place(),
        )
    return Node(source.data, source, ())
