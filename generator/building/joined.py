"""Files of papers joined for the copier: of all versions, and of each section of a class list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.building.versions import WrittenDocument, WrittenVersion
    from generator.worksheet.roster import Assignment


@dataclass(frozen=True)
class JoinedFile:
    """Papers that are joined into one file, in order."""

    name: str
    """The end of its name, behind that of the worksheet."""
    title: str
    """The end of its title, behind that of the worksheet."""
    documents: tuple[WrittenDocument, ...]
    on_sheets: bool = True
    """Each paper begins on a sheet of its own; not where who grades wants few sheets."""


def joined_files(written: Sequence[WrittenVersion], assignment: Assignment) -> Iterator[JoinedFile]:
    """The papers of all versions, and of the sections of the class list where there are several.

    Where there is a class list they are in its order; keys that students share are in the order of the versions.
    """
    places = {student.id: place for place, student in enumerate(assignment.students)}
    sets = [
        (copy.student.id if copy.student else "", document)
        for one in written
        for copy, document in zip(one.copies, one.problem_sets, strict=True)
    ]
    sets.sort(key=lambda pair: places.get(pair[0], 0))
    students = [one.copies[0].of_key.student for one in written]
    owners = [student.id if student else "" for student in students]
    by_owner = sorted(zip(owners, written, strict=True), key=lambda pair: places.get(pair[0], 0))
    keys = [(owner, one.answer_key) for owner, one in by_owner]
    yield JoinedFile("all", "problem sets of all versions", tuple(document for _, document in sets))
    yield JoinedFile("all-key", "answer keys of all versions", tuple(document for _, document in keys))
    compact = tuple(one.compact_key for _, one in by_owner if one.compact_key)
    if compact:
        yield JoinedFile("all-key-compact", "answers of all versions", compact, on_sheets=False)
    sections = {student.id: student.section for student in assignment.students}
    names = section_names(tuple(dict.fromkeys(filter(None, sections.values()))))
    for section, name in names.items() if len(names) > 1 else ():
        for ending, papers, what in (("", sets, "problem sets"), ("-key", keys, "answer keys")):
            chosen = tuple(document for owner, document in papers if sections.get(owner) == section)
            if chosen:
                yield JoinedFile(f"{name}{ending}", f"{what} of section {section}", chosen)


def section_names(sections: Sequence[str]) -> dict[str, str]:
    """The ends of the names of files of sections: all-section- and the letters of the section."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for section in sections:
        base = name = "all-section-" + (re.sub(r"[^\w]+", "-", section).strip("-") or "other")
        number = 1
        while taken & {name.casefold(), f"{name}-key".casefold()}:
            number += 1
            name = f"{base}-{number}"
        names[section] = name
        taken |= {name.casefold(), f"{name}-key".casefold()}
    return names
