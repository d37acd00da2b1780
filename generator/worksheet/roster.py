"""A class list: who gets a paper, and which version, the same one every time.

A version is kept by the table that a build leaves beside the papers. Who is not in it gets a number that the
student's own id and the seed choose among the free ones, so that even without the table nearly all stay as they are
when others join or leave. Who has left keeps a row, and with it the version, until somebody deletes the row.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from generator import inputs
from generator.errors import InFile, RosterError, together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.errors import GeneratorError

MAX_BYTES = 1_000_000
MAX_STUDENTS = 9999
MAX_LETTERS = 60
COLUMNS = {
    "name": ("name", "student", "student name", "full name"),
    "given": ("given", "given name", "first", "first name"),
    "last": ("last", "last name", "family name", "surname"),
    "id": ("id", "student id", "number", "student number"),
    "version": ("version",),
}
"""What a column is for, and the headings that say so."""

LETTERS = frozenset(
    "’‘–ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥ"
    "ĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŊŋŌōŎŏŐőŒœŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžǄǆǇǉǊǌǍǎǏǐǑǒǓǔǢǣǦǧǨǩǪ"
    "ǫǰǴǵȘșȚțȲȳȷḂḃḍḞḟḠḡḥḰḱḷṃṅṇṛṣṭẎẏẐẑẞỲỳ"
)
"""The letters beyond ASCII for which the T1 fonts of TeX have characters or accents."""

FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula, in a cell that may begin behind any comma or semicolon."""


@dataclass(frozen=True)
class Student:
    """Whoever gets a paper; the version is 0 where none has been chosen yet."""

    id: str
    name: str
    version: int = 0
    place: InFile | None = field(default=None, compare=False)
    """Where the list has it."""


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of a class list, in its order; a `RosterError` says all that is wrong with it."""
    return _read(path, ("id", "name"))


def read_table(path: Path) -> tuple[Student, ...]:
    """The students of a table that a build has written, with their versions; none where there is no table."""
    return _read(path, ("id", "name", "version")) if path.is_file() else ()


def assigned(
    students: Sequence[Student], before: Sequence[Student], pool: int, key: str
) -> tuple[tuple[Student, ...], tuple[Student, ...]]:
    """The students with their versions, in the order of these, and those of the table who have left.

    Versions are numbers up to `pool`, or more where that is too few.
    """
    kept = {student.id: student.version for student in before}
    here = {student.id for student in students}
    new = sorted((_mark(key, student.id), student.id) for student in students if student.id not in kept)
    free = set(range(1, max(pool, len(kept) + len(new)) + 1)) - set(kept.values())
    for _, one in new:
        kept[one] = min(free, key=lambda number: _mark(key, one, number))
        free.remove(kept[one])
    placed = (replace(student, version=kept[student.id]) for student in students)
    return (
        tuple(sorted(placed, key=lambda student: student.version)),
        tuple(student for student in before if student.id not in here),
    )


def table(students: Sequence[Student], left: Sequence[Student], files: Mapping[int, Sequence[str]]) -> bytes:
    """The table to look versions up in, for spreadsheets and for the next build."""
    text = StringIO()
    write = csv.writer(text, lineterminator="\r\n").writerow
    write(("id", "name", "version", "files"))
    for student in (*students, *left):
        write((student.id, student.name, student.version, "; ".join(files.get(student.version, ()))))
    return text.getvalue().encode("utf-8-sig")


def _mark(key: str, one: str, number: int = 0) -> bytes:
    return sha256(f"{key}/{number}/{one}".encode()).digest()


def _read(path: Path, wanted: Sequence[str]) -> tuple[Student, ...]:
    rows = _rows(path)
    if not rows:
        raise RosterError("there are no students", remedy="Begin with a line of headings: name,id", file=InFile(path))
    (first, head), *body = rows
    columns = _columns(InFile(path, first), head, wanted)
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
            student = _student(InFile(path, line), row, columns)
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
        if student.version and versions.setdefault(student.version, line) != line:
            errors.append(
                RosterError(
                    f"version {student.version} is given twice; the first time in line {versions[student.version]}",
                    remedy="Delete one of the two lines: its student gets another version.",
                    file=InFile(path, line),
                )
            )
        found.setdefault(student.id, (line, student))
    if errors:
        raise together(errors)
    return tuple(student for _, student in found.values())


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that say something, each with its line."""
    place = InFile(path)
    try:
        raw = inputs.read(path, MAX_BYTES + 1)
    except OSError as error:
        raise RosterError(f"cannot be read: {error.strerror}", remedy="Check the name.", file=place) from None
    if len(raw) > MAX_BYTES:
        raise RosterError("too large for a class list: it is over 1 MB", file=place)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RosterError(
            "not UTF-8 text", remedy="Save the file as CSV with the encoding UTF-8.", file=InFile(path, line)
        ) from None
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    rows = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, [" ".join(cell.split()) for cell in row]))
    except csv.Error as error:
        raise RosterError(
            f"not a table: {error}", remedy="Check the quotes.", file=InFile(path, reader.line_num)
        ) from None
    return rows


def _columns(place: InFile, head: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Where the columns are that are wanted."""
    columns: dict[str, int] = {}
    for kind in {"given": 0, "last": 0} | dict.fromkeys(wanted):
        headings = COLUMNS[kind]
        matching = [i for i, said in enumerate(head) if said.casefold().replace("_", " ") in headings]
        if len(matching) > 1:
            raise RosterError(f"two columns could be the {kind}", remedy="Rename one of them.", file=place)
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


def _student(place: InFile, row: Sequence[str], columns: Mapping[str, int]) -> Student:
    def cell(kind: str) -> str:
        i = columns.get(kind, len(row))
        return unicodedata.normalize("NFC", row[i]) if i < len(row) else ""

    split = "given" in columns and columns["name"] == columns.get("last")
    name = f"{cell('given')} {cell('last')}".strip() if split else cell("name")
    for what, text in (("name", name), ("id", cell("id"))):
        if not text:
            raise RosterError(f"the {what} is empty", remedy="Write one, or remove the line.", file=place)
        if len(text) > MAX_LETTERS or any(part.startswith(FORMULA) for part in re.split(r'[;," ]*[;,"][;," ]*', text)):
            raise RosterError(
                f"{text[:MAX_LETTERS]!r} cannot be the {what} of a student",
                remedy=f"It begins with a letter or a digit, and has at most {MAX_LETTERS}.",
                file=place,
            )
        strange = next((c for c in text if not c.isprintable()), None)
        if strange:
            raise RosterError(
                f"the {what} has a character that cannot be printed (U+{ord(strange):04X})",
                remedy=f"Write this {what} anew.",
                file=place,
            )
    version = cell("version")
    if version and not (re.fullmatch(r"\d{1,4}", version) and 1 <= int(version) <= MAX_STUDENTS):
        raise RosterError(f"{version!r} is not the number of a version", remedy="Delete the line.", file=place)
    return Student(cell("id"), name, int(version or 0), place)
