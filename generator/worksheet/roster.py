"""A class list: who gets a paper, and which version, the same one every time.

A version is kept by the table that a build leaves beside the papers. Who is not in it gets a number that the
student's own id and the seed choose among the free ones, so that even without the table nearly all stay as they are
when others join or leave. Who has left keeps a row, and with it the version, until somebody deletes the row.

People open the table and the class list in spreadsheets, which change ids. Therefore the manifest of the build records
the version of each id, too. What a spreadsheet has made of an id is recognized; where it is not certain who is meant,
or a student would get another version than before, there is an error.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import InFile, RosterError, together
from generator.worksheet.spreadsheet import cell_value, is_same_cell, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from fractions import Fraction

    from generator.errors import GeneratorError

MAX_STUDENTS = 9999
MAX_LETTERS = 120
MAX_CELL = 200
"""Characters of a section or an email address, which no paper shows."""
MAX_NAMED = 30
"""Students whom one message names at most."""
COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "name": (("name", "student", "studentname", "fullname"),),
    "given": (("given", "givenname", "givennames", "first", "firstname", "forename"),),
    "last": (("last", "lastname", "lastnames", "familyname", "surname"),),
    "id": (
        ("sisuserid",),
        ("sisloginid",),
        ("id", "idnumber", "number", "sid", "studentid", "studentidnumber", "studentnumber", "matriculationnumber"),
        ("username", "login"),
        ("email", "emailaddress", "mail"),
    ),
    "section": (("section", "sections"), ("sectionname",)),
    "email": (("email", "emailaddress", "mail"),),
    "role": (("role",),),
    "size": (("size", "printsize", "fontsize"),),
    "extra_time": (("extratime", "timeextension"),),
    "version": (("version",),),
}
"""What a column is for, and the headings that say so, in letters alone; the first ones of several go before the others.

They are those of Canvas (Student, or LastName and FirstName; ID, SIS User ID, SIS Login ID, Section), Moodle (First
name, Last name or Surname, ID number, Email address), Gradescope (First Name, Last Name, SID, Email, Role, Sections),
Blackboard (Last Name, First Name, Username, Student ID), and of spreadsheets.
"""
OPTIONAL = ("given", "last", "section", "email", "role", "size", "extra_time")
"""Columns that are read where a list has them."""
CANVAS = "sisloginid"
"""The heading by which the gradebook of Canvas is known."""
GRADESCOPE = "sid"
"""The heading by which a roster of Gradescope is known."""
POINTS_POSSIBLE = "points possible"
"""What the gradebook of Canvas has in the place of a name, in a line about the columns."""
TEST_STUDENTS = frozenset({"student, test", "test student"})
"""The account of Canvas that is nobody's."""
SIZES = ("normal", "large")
"""What the column `size` says: the print of a student's papers."""
STUDENT_ROLES = frozenset({"", "student"})
"""What Gradescope calls the role of those who get a paper."""

FILE_NAME = re.compile(r"[\w@+][\w.@+-]*")
"""Ids that can be part of the name of a file."""
OTHER_FILES = re.compile(
    r"(all|answers|formulas|index|preview|roster|template|problem-\d+|v\d{2,4}|key|practice)(-.*)?"
    r"|.*-(key|key-compact|practice)",
    re.IGNORECASE,
)
"""Names of files that are not a student's problem set."""

LETTERS = frozenset(
    "’‘–ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥ"
    "ĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŊŋŌōŎŏŐőŒœŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžǄǆǇǉǊǌǍǎǏǐǑǒǓǔǢǣǦǧǨǩǪ"
    "ǫǰǴǵȘșȚțȲȳȷḂḃḍḞḟḠḡḥḰḱḷṃṅṇṛṣṭẎẏẐẑẞỲỳ"
)
"""The letters beyond ASCII for which the T1 fonts of TeX have characters or accents."""

JOINER = re.compile(r"(?<=[^\x00-\u02ff\W])[\u200c\u200d](?=[^\x00-\u02ff\W])|(?<=[\u0900-\u0dff])[\u200c\u200d]")
"""What joins or separates letters of Persian, or of Indian scripts, where it may also stand behind a mark."""

FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula, in a cell that may begin behind any comma or semicolon."""


@dataclass(frozen=True)
class Student:
    """Whoever gets a paper; the version is 0 where none has been chosen yet."""

    id: str
    name: str
    version: int = 0
    section: str = ""
    email: str = ""
    size: str = ""
    """One of `SIZES`; empty where the list does not say."""
    extra_time: str = ""
    """What the cover says of the time beyond that of the others, such as 25 %."""
    place: InFile | None = field(default=None, compare=False)
    """Where the list has it."""


@dataclass(frozen=True)
class ClassList:
    """The students of a class list, in its order, and what was left out of it."""

    students: tuple[Student, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """Who has which version."""

    students: tuple[Student, ...] = ()
    """Those of the class list, in its order."""
    left: tuple[Student, ...] = ()
    """Those who are in the table alone."""
    warnings: tuple[str, ...] = ()

    @property
    def by_version(self) -> dict[int, tuple[Student, ...]]:
        """The students of the class list by their versions, in the order of these."""
        versions = sorted({student.version for student in self.students})
        return {number: tuple(one for one in self.students if one.version == number) for number in versions}


def assign_versions(
    roster: Path, table: Path, record: object, pool: int, key: str, *, share: bool = False, reassign: bool = False
) -> Assignment:
    """The versions of a class list's students: those of the table of the build before, or new ones.

    `record` is what the manifest of that build says of ids and versions, `pool` the number of versions wanted, which
    students `share` or not. A `RosterError` names students who would get another version than they had, unless
    `reassign` allows it.
    """
    read = read_class_list(roster)
    students = read.students
    recorded = read_record(record, share=share) if table.is_file() else {}
    rows = read_table(table, recorded, {student.id for student in students}, share=share)
    before, warnings = identify(students, rows, reassign=reassign)
    here, left = (shared if share else assigned)(students, before, pool, key)
    if share and (beyond := next((row for row in before if row.version > pool), None)):
        raise RosterError(
            f"{beyond.name} has version {beyond.version}, and {pool} versions are shared",
            remedy="Ask for as many versions as there were. To draw all versions anew, delete this table.",
            file=InFile(table),
        )
    if not reassign:
        require_same_versions(here, recorded, table)
    alike = neighbors_alike(here) if share else ()
    return Assignment(here, left, (*read.warnings, *warnings, *alike))


def read_class_list(path: Path) -> ClassList:
    """The students of a class list; a `RosterError` says all that is wrong with it."""
    left_out: list[str] = []
    return ClassList(_read(path, ("id", "name"), left_out=left_out), tuple(left_out))


def read_table(
    path: Path, recorded: Mapping[str, int] | None = None, ids: Collection[str] = (), *, share: bool = False
) -> tuple[Student, ...]:
    """The students of a table that a build has written, with their versions; none where there is no table.

    `recorded` has the version of each id at the last build, `ids` those of the class list. An id that is not one
    recorded for its version is replaced by the only one that a spreadsheet may have made it of, or by the only one
    that there is, if nobody has it.
    """
    if not path.is_file():
        return ()
    known = recorded or {}

    def restored(row: Student) -> Student:
        before = [one for one, version in known.items() if version == row.version]
        alike = [one for one in before if is_same_cell(row.id, one)]
        is_unknown = row.id not in ids and row.id not in known
        found = alike if len(alike) == 1 else before if is_unknown else []
        return replace(row, id=found[0]) if len(found) == 1 and row.id not in before else row

    return _read(path, ("id", "name", "version"), restored, share=share)


def read_record(record: object, *, share: bool = False) -> dict[str, int]:
    """The version of each id as a manifest records it, which several may `share`; empty if it is not such a record."""
    if not isinstance(record, dict) or not all(type(number) is int for number in record.values()):
        return {}
    return record if share or len(set(record.values())) == len(record) else {}


def identify(
    students: Sequence[Student], table: Sequence[Student], *, reassign: bool = False
) -> tuple[tuple[Student, ...], tuple[str, ...]]:
    """The rows of a table with the ids of the class list, and a warning for each id that is written in another way.

    A row and a student with the same id, or with the same name and ids that are one cell to a spreadsheet, are the same
    person. A `RosterError` names those of whom only the name or only the value of the id is the same; `reassign` takes
    them for different people.
    """
    groups: dict[Fraction | str, tuple[list[Student], list[Student]]] = {}
    for side, people in enumerate((students, table)):
        for person in people:
            groups.setdefault(cell_value(person.id), ([], []))[side].append(person)
    same: dict[str, Student] = {}
    unsure: list[tuple[Student, Student]] = []
    new: list[Student] = []
    left: list[Student] = []
    for here, rows in groups.values():
        _match(here, rows, same, reassign=reassign)
        if here and rows:
            unsure += [(student, rows[0]) for student in here]
        else:
            new += here
            left += rows
    by_id = {student.id: student for student in students}
    unsure += [(by_id[row.id], row) for row in left if row.id in by_id]
    by_name = {row.name: row for row in left}
    names = Counter(person.name for person in (*new, *left))
    for student in new:
        row = by_name.get(student.name)
        if row and not reassign and names[student.name] == 2 and is_same_cell(student.id, row.id):
            same[row.id] = student
        elif row:
            unsure.append((student, row))
    if unsure and not reassign:
        raise together([_unsure(student, row) for student, row in unsure])
    rows_now = tuple(replace(row, id=same[row.id].id) if row.id in same else row for row in table)
    changed = ((row, now) for row, now in zip(table, rows_now, strict=True) if row.id != now.id)
    return rows_now, tuple(f"{row.name} had the id {row.id}; the class list now has {now.id}" for row, now in changed)


def _match(here: list[Student], rows: list[Student], same: dict[str, Student], *, reassign: bool) -> None:
    """Move the certain pairs of students and rows, all with ids of one value, to `same`, by the ids of the rows."""

    def pair(student: Student, row: Student) -> None:
        same[row.id] = student
        here.remove(student)
        rows.remove(row)

    by_id = {row.id: row for row in rows}
    by_name = {row.name: row for row in rows}
    names = [Counter(person.name for person in people) for people in (here, rows)]
    all_there = by_id.keys() == {student.id for student in here}
    for student in tuple(here):
        if all_there or (reassign and student.id in by_id):
            pair(student, by_id[student.id])
        elif not reassign and all(some[student.name] == 1 for some in names):
            pair(student, by_name[student.name])


def _unsure(student: Student, row: Student) -> RosterError:
    where = f"{row.place}: " if row.place else ""
    return RosterError(
        f"{student.name} has the id {student.id}, and version {row.version} is {row.name}'s, {row.id}: one person?",
        remedy=f"{where}If so, write the same id in both files. If not, delete the line of whoever has left there, or "
        "build with --reassign.",
        file=student.place,
    )


def require_same_versions(students: Sequence[Student], recorded: Mapping[str, int], table: Path) -> None:
    """Every student has the version that is recorded, or none is; a `RosterError` names those who have another."""
    ids = {student.id for student in students}
    by_value = {cell_value(one): version for one, version in recorded.items() if one not in ids}
    moved = [
        f"    {student.name}, {student.id}: version {before}, now {student.version}"
        for student in students
        if (before := recorded.get(student.id, by_value.get(cell_value(student.id)))) and before != student.version
    ]
    if moved:
        more = [f"    and {len(moved) - MAX_NAMED} more"] if len(moved) > MAX_NAMED else []
        raise RosterError(
            "\n".join(["these students would get another version than before:", *moved[:MAX_NAMED], *more]),
            remedy="Put their lines back as they were. To give them other versions, build with --reassign. To draw all "
            "versions anew, delete this table.",
            file=InFile(table),
        )


def assigned(
    students: Sequence[Student], before: Sequence[Student], pool: int, key: str
) -> tuple[tuple[Student, ...], tuple[Student, ...]]:
    """The students with their versions, and those of the table who have left.

    Versions are numbers up to `pool`, or more where that is too few.
    """
    kept = {student.id: student.version for student in before}
    here = {student.id for student in students}
    new = sorted((_mark(key, student.id), student.id) for student in students if student.id not in kept)
    free = set(range(1, max(pool, len(kept) + len(new)) + 1)) - set(kept.values())
    for _, one in new:
        kept[one] = min(free, key=lambda number: _mark(key, one, number))
        free.remove(kept[one])
    return (
        tuple(replace(student, version=kept[student.id]) for student in students),
        tuple(student for student in before if student.id not in here),
    )


def shared(
    students: Sequence[Student], before: Sequence[Student], versions: int, key: str
) -> tuple[tuple[Student, ...], tuple[Student, ...]]:
    """The students with versions that several share, and those of the table who have left.

    Who is new gets a version that no neighbor in the list has, where there is one, and of those one that few have.
    """
    kept = {student.id: student.version for student in before}
    here = {student.id for student in students}
    counts = Counter(kept[student.id] for student in students if student.id in kept)
    followers = [*(kept.get(student.id, 0) for student in students[1:]), 0]
    previous = 0
    for student, follower in zip(students, followers, strict=True):
        if student.id not in kept:
            ranked = sorted(
                range(1, versions + 1),
                key=lambda number: (
                    number == previous,
                    number == follower,
                    counts[number],
                    _mark(key, student.id, number),
                ),
            )
            kept[student.id] = ranked[0]
            counts[ranked[0]] += 1
        previous = kept[student.id]
    return (
        tuple(replace(student, version=kept[student.id]) for student in students),
        tuple(student for student in before if student.id not in here),
    )


def neighbors_alike(students: Sequence[Student]) -> tuple[str, ...]:
    """A warning if students who follow each other in the list have the same version."""
    alike = [(one, next_one) for one, next_one in pairwise(students) if one.version == next_one.version]
    if not alike:
        return ()
    first, second = alike[0]
    more = f", and {len(alike) - 1} more such pairs" if len(alike) > 1 else ""
    return (
        f"{first.name} and {second.name}, neighbors in the class list, both have version {first.version}{more}, as "
        "everybody keeps theirs or there are too few",
    )


def require_file_names(students: Sequence[Student]) -> None:
    """Every id can be part of the names of files; a `RosterError` names those that cannot."""
    errors: list[GeneratorError] = []
    seen: dict[str, str] = {}
    for student in students:
        other = seen.setdefault(student.id.casefold(), student.id)
        if not FILE_NAME.fullmatch(student.id):
            why = "has characters that"
        elif OTHER_FILES.fullmatch(student.id):
            why = "is what other files are called, and"
        elif other != student.id:
            why = f"differs from {other} in capitals alone, and"
        else:
            continue
        errors.append(
            RosterError(
                f"the id {student.id} {why} cannot name a file",
                remedy="Ids that name files have letters, digits and . _ - + @ alone. Without 'names: id' and "
                "'share: true', files are named by versions.",
                file=student.place,
            )
        )
    if errors:
        raise together(errors)


def table(students: Sequence[Student], left: Sequence[Student], files: Mapping[str, Sequence[str]]) -> bytes:
    """The table to look versions up in, for spreadsheets and for the next build; `files` are known by ids.

    Text is in quotes, which LibreOffice can be told to leave as it is.
    """
    text = StringIO()
    write = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC).writerow
    everybody = (*students, *left)
    more = [kind for kind in ("section", "email") if any(getattr(student, kind) for student in everybody)]
    write(("id", "name", "version", *more, "files"))
    for student in everybody:
        others = (getattr(student, kind) for kind in more)
        write((student.id, student.name, student.version, *others, "; ".join(files.get(student.id, ()))))
    return text.getvalue().encode("utf-8-sig")


def _mark(key: str, one: str, number: int = 0) -> bytes:
    return sha256(f"{key}/{number}/{one}".encode()).digest()


def _read(
    path: Path,
    wanted: Sequence[str],
    restored: Callable[[Student], Student] = lambda row: row,
    left_out: list[str] | None = None,
    *,
    share: bool = False,
) -> tuple[Student, ...]:
    """The rows of students; a line for each row that is nobody's paper is added to `left_out`."""
    rows = read_rows(path)
    if not rows:
        raise RosterError("there are no students", remedy="Begin with a line of headings: name,id", file=InFile(path))
    (first, head), *body = rows
    headings = [_letters_of(said) for said in head]
    if CANVAS in headings:
        body = [(line, row) for line, row in body if not _is_about_columns(row)]
    columns = _columns(InFile(path, first), head, headings, [row for _, row in body], wanted)
    body, others = _students_and_others(headings, body, columns)
    if left_out is not None:
        left_out += [f"{InFile(path, line)}: {why}" for line, why in others]
    if not body:
        raise RosterError("there are no students below the headings", file=InFile(path, first))
    if len(body) > MAX_STUDENTS:
        raise RosterError(
            f"there are {len(body)} students, and a worksheet has at most {MAX_STUDENTS} versions",
            remedy="Split the list, and build each part into a folder of its own with -o.",
            file=InFile(path),
        )
    found: dict[str, tuple[int, Student]] = {}
    versions: dict[int, int] = {}
    errors: list[GeneratorError] = []
    for line, row in body:
        try:
            student = restored(_student(InFile(path, line), row, columns))
        except RosterError as error:
            errors.append(error)
            continue
        if student.id in found:
            errors.append(
                RosterError(
                    f"the id {student.id} occurs twice; the first time in line {found[student.id][0]}",
                    remedy="Remove one of the two lines, or correct its id.",
                    file=InFile(path, line),
                )
            )
        if student.version and not share and versions.setdefault(student.version, line) != line:
            errors.append(
                RosterError(
                    f"version {student.version} is given twice; the first time in line {versions[student.version]}",
                    remedy="Write the versions as the papers have them, or delete one of the two lines. Versions that "
                    "students share need 'share: true' in the worksheet.",
                    file=InFile(path, line),
                )
            )
        found.setdefault(student.id, (line, student))
    if errors:
        raise together(errors)
    return tuple(student for _, student in found.values())


def _letters_of(heading: str) -> str:
    """A heading in small letters and digits alone: LastName, Last_Name and last name are one."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


def _is_about_columns(row: Sequence[str]) -> bool:
    """A line of the gradebook of Canvas below its headings: about policies of posting, or the points possible."""
    return not row[0] or row[0].casefold() == POINTS_POSSIBLE


def _students_and_others(
    headings: Sequence[str], body: Sequence[tuple[int, list[str]]], columns: Mapping[str, int]
) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str]]]:
    """The rows of students, and for each other row why it is none."""
    students: list[tuple[int, list[str]]] = []
    others: list[tuple[int, str]] = []
    for line, row in body:
        name, role = _name(row, columns), _cell(row, columns, "role")
        if CANVAS in headings and name.casefold() in TEST_STUDENTS:
            others.append((line, f"{name} is left out: nobody's account in Canvas"))
        elif GRADESCOPE in headings and role.casefold() not in STUDENT_ROLES:
            others.append((line, f"{name} is left out: the role is {role}"))
        else:
            students.append((line, row))
    return students, others


def _columns(
    place: InFile, head: Sequence[str], headings: Sequence[str], rows: Sequence[Sequence[str]], wanted: Sequence[str]
) -> dict[str, int]:
    """Where the columns are that are wanted, or of use; a column in which all is empty counts where there is no other.

    `headings` are the `head` in letters alone, and `rows` all that stand below it.
    """
    filled = {i for i in range(len(head)) if any(i < len(row) and row[i] for row in rows)}
    columns: dict[str, int] = {}
    for kind in dict.fromkeys((*OPTIONAL, *wanted)):
        places = [[i for i, said in enumerate(headings) if said in names] for names in COLUMNS[kind]]
        matching = next(filter(None, ([i for i in some if i in filled] for some in places)), None)
        matching = matching or next(filter(None, places), [])
        if len(matching) > 1:
            names = ", ".join(head[i] for i in matching)
            what = f"more than one column could be the {kind}: {names}"
            raise RosterError(what, remedy="Rename all but one of them.", file=place)
        if matching:
            columns[kind] = matching[0]
    if "name" not in columns and {"given", "last"} <= columns.keys():
        columns["name"] = columns["last"]
    for kind in wanted:
        if kind not in columns:
            raise RosterError(
                f"there is no column '{kind}'; the headings are {', '.join(head)}",
                remedy=f"The first line names the columns: {', '.join(wanted)}; or given name and last name.",
                file=place,
            )
    return columns


def _cell(row: Sequence[str], columns: Mapping[str, int], kind: str) -> str:
    i = columns.get(kind, len(row))
    return unicodedata.normalize("NFC", row[i]) if i < len(row) else ""


def _name(row: Sequence[str], columns: Mapping[str, int]) -> str:
    if "given" in columns and columns["name"] == columns.get("last"):
        return f"{_cell(row, columns, 'given')} {_cell(row, columns, 'last')}".strip()
    return _cell(row, columns, "name")


def _student(place: InFile, row: Sequence[str], columns: Mapping[str, int]) -> Student:
    name, one, section, email = _name(row, columns), *(_cell(row, columns, kind) for kind in ("id", "section", "email"))
    size, extra_time = _cell(row, columns, "size").casefold(), _cell(row, columns, "extra_time")
    texts = ("name", name), ("id", one), ("section", section), ("email", email), ("extra time", extra_time)
    for what, text in texts:
        is_needed = what in ("name", "id")
        if is_needed and not text:
            raise RosterError(f"the {what} is empty", remedy="Write one, or remove the line.", file=place)
        if len(text) > (MAX_LETTERS if is_needed else MAX_CELL) or any(
            part.startswith(FORMULA) for part in re.split(r'[;," ]*[;,"][;," ]*', text)
        ):
            raise RosterError(
                f"{text[:MAX_LETTERS]!r} cannot be the {what} of a student",
                remedy=f"It begins with a letter or a digit, and has at most {MAX_LETTERS if is_needed else MAX_CELL}.",
                file=place,
            )
        strange = next((c for c in JOINER.sub("", text) if not c.isprintable()), None)
        if strange:
            raise RosterError(
                f"the {what} has a character that cannot be printed (U+{ord(strange):04X})",
                remedy=f"Write this {what} anew.",
                file=place,
            )
    version = _cell(row, columns, "version")
    if version and not (re.fullmatch(r"\d{1,4}", version) and 1 <= int(version) <= MAX_STUDENTS):
        raise RosterError(f"{version!r} is not the number of a version", remedy="Write the paper's.", file=place)
    if size and size not in SIZES:
        remedy = "Write large, or nothing for the size of the worksheet."
        raise RosterError(f"{size!r} is no size of print", remedy=remedy, file=place)
    return Student(one, name, int(version or 0), section, email, size, extra_time, place)
