"""A class list, or the table of versions, that a spreadsheet has saved: nobody gets another version unnoticed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.building.builder import Options, build
from generator.errors import GeneratorError, RosterError
from generator.worksheet.roster import Assignment, Student, assign_versions, read_class_list, read_table, table
from generator.worksheet.spreadsheet import is_same_cell

SHEET = "seed: 5\nproblems:\n  - {function: c Tr(A X), wrt: X, vary: {c: 2..40}}\n"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Spreadsheet:
    """One that reads a CSV file, takes for a number or a date what looks like one, and saves what it shows."""

    separator: str = ","
    encoding: str = "utf-8"
    newline: str = "\r\n"
    quoting: int = csv.QUOTE_MINIMAL
    comma: str = "."
    digits: int = 11
    """Whole numbers that are longer are shown with an exponent."""
    first: str = ""

    def saved(self, content: bytes) -> bytes:
        text = StringIO()
        writer = csv.writer(
            text,
            delimiter=self.separator,
            lineterminator=self.newline,
            quoting=self.quoting,  # type: ignore[arg-type]
        )
        for row in csv.reader(StringIO(content.decode("utf-8-sig"), newline="")):
            writer.writerow([self.cell(cell) for cell in row])
        return (self.first + text.getvalue()).encode(self.encoding)

    def cell(self, text: str) -> str:
        if re.fullmatch(r"\d+", text):
            return str(int(text)) if len(str(int(text))) <= self.digits else f"{Decimal(text):.5E}"
        if re.fullmatch(r"\d+[eE]\d\d?", text):
            return f"{Decimal(text):.2E}"
        if re.fullmatch(r"\d{1,9}\.\d{1,5}", text):
            return f"{Decimal(text).normalize():f}".replace(".", self.comma)
        if (date := re.fullmatch(r"(\d\d?)[-/](\d\d?)", text)) and 1 <= int(date[1]) <= 12 and 1 <= int(date[2]) <= 28:
            return f"{int(date[2])}-{MONTHS[int(date[1]) - 1]}"
        return text.upper() if text.lower() in ("true", "false") else text


SPREADSHEETS = {
    "Excel": Spreadsheet(),
    "Excel, German": Spreadsheet(separator=";", encoding="utf-8-sig", comma=","),
    "Excel, Unicode text": Spreadsheet(separator="\t", encoding="utf-16"),
    "without a byte order mark": Spreadsheet(encoding="utf-16-le"),
    "LibreOffice": Spreadsheet(newline="\n", digits=15),
    "everything in quotes": Spreadsheet(quoting=csv.QUOTE_ALL, newline="\r"),
    "sep=": Spreadsheet(separator=";", first="sep=;\r\n"),
    "sep=, saved again": Spreadsheet(separator="|", first='"sep=|"\n'),
}
IDS = ("0001", "0002", "12", "1e5", "7e3", "001234567890123456", "12345678901234567", "12.50", "3-4", "true", "a7", "0")


def class_list(students: Sequence[Student]) -> bytes:
    return ("name,id\n" + "".join(f"{one.name},{one.id}\n" for one in students)).encode()


class Course:
    """A class list, and the table and the manifest that a build leaves."""

    def __init__(self, folder: Path, students: Sequence[Student]) -> None:
        self.roster, self.table = folder / "class.csv", folder / "sheet-roster.csv"
        self.record: dict[str, int] = {}
        self.table.unlink(missing_ok=True)
        self.roster.write_bytes(class_list(students))
        self.build()

    def build(self, *, reassign: bool = False) -> Assignment:
        found = assign_versions(self.roster, self.table, self.record, 1, "key", reassign=reassign)
        self.table.write_bytes(table(found.students, found.left, {}))
        self.record = {one.id: one.version for one in (*found.students, *found.left)}
        return found

    def versions(self) -> dict[str, int]:
        return {one.name: one.version for one in read_table(self.table)}


CLASS = [Student(one, f"Student {chr(65 + n)}") for n, one in enumerate(IDS)]


@pytest.mark.parametrize("kind", SPREADSHEETS)
def test_a_table_that_a_spreadsheet_saved_gives_everybody_the_same_version_and_id(kind: str, tmp_path: Path) -> None:
    course = Course(tmp_path, CLASS)
    before = course.table.read_bytes()
    saved = SPREADSHEETS[kind].saved(before)
    assert saved != before
    course.table.write_bytes(saved)
    assert course.build().warnings == ()
    assert course.table.read_bytes() == before


@pytest.mark.parametrize("kind", SPREADSHEETS)
def test_those_who_left_are_known_again_after_a_spreadsheet(kind: str, tmp_path: Path) -> None:
    course = Course(tmp_path, CLASS)
    before = course.versions()
    course.roster.write_bytes(class_list(CLASS[::2]))
    course.build()
    course.table.write_bytes(SPREADSHEETS[kind].saved(course.table.read_bytes()))
    course.build()
    course.roster.write_bytes(class_list(CLASS))
    course.build()
    assert course.versions() == before


@pytest.mark.parametrize("kind", SPREADSHEETS)
def test_a_class_list_that_a_spreadsheet_saved_keeps_versions_or_names_who_is_unsure(kind: str, tmp_path: Path) -> None:
    numbers = [one for one in CLASS if one.id != "3-4"]
    course = Course(tmp_path, numbers)
    before = course.versions()
    course.roster.write_bytes(SPREADSHEETS[kind].saved(class_list(numbers)))
    assert "Student A had the id 0001; the class list now has 1" in course.build().warnings
    assert course.versions() == before

    course = Course(tmp_path, CLASS)
    course.roster.write_bytes(SPREADSHEETS[kind].saved(class_list(CLASS)))
    with pytest.raises(GeneratorError) as caught:
        course.build()
    said = str(caught.value)
    assert [name for name in before if f"{name} has" in said] == []
    assert "Student I has the id 4-Mar, and version" in said
    assert f"is Student I's, 3-4: one person?\n{course.table}:" in said


texts = st.one_of(
    st.from_regex(r"0{0,3}[0-9]{1,3}", fullmatch=True),
    st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.from_regex(r"20260[0-9]{11}", fullmatch=True),
    st.from_regex(r"[1-9]e[1-9]", fullmatch=True),
    st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}", fullmatch=True),
    st.from_regex(r"[01]?[0-9][-/][0-9]", fullmatch=True),
    st.sampled_from(["true", "TRUE", "a1", "A1", "x-7"]),
)
people = st.builds(Student, texts, st.sampled_from([f"Student {letter}" for letter in "ABCDEFGHIJKLMNOP"]))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(people, min_size=1, max_size=9, unique_by=lambda one: one.id),
    st.lists(people, max_size=3),
    st.sampled_from(sorted(SPREADSHEETS)),
    st.booleans(),
    st.data(),
)
def test_everybody_keeps_a_version_through_a_spreadsheet_or_the_build_stops(
    tmp_path_factory: pytest.TempPathFactory,
    students: list[Student],
    more: list[Student],
    kind: str,
    is_list: bool,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.getbasetemp() / "course"
    folder.mkdir(exist_ok=True)
    course = Course(folder, students)
    before = dict(course.record)
    stay = data.draw(st.lists(st.sampled_from(students), min_size=1, unique=True))
    joined = [one for one in more if one.id not in before]
    now = list({one.id: one for one in (*stay, *joined)}.values())
    course.roster.write_bytes(class_list(now))
    file = course.roster if is_list else course.table
    file.write_bytes(SPREADSHEETS[kind].saved(file.read_bytes()))
    try:
        written = read_class_list(course.roster).students
        found = course.build()
    except GeneratorError:
        return
    version = {one.id: one.version for one in found.students}
    for one, as_written in zip(now, written, strict=True):
        if one in stay:
            assert version[as_written.id] == before[one.id]
    assert len({one.version for one in (*found.students, *found.left)}) == len(found.students) + len(found.left)


# What is an error, and what is meant


EDITS: dict[str, tuple[Callable[[str], str], str]] = {
    "a line is deleted": (lambda text: re.sub(r'(?m)^"Y".*\n', "", text), "Student Y, Y: version 2, now 4"),
    "two versions are exchanged": (
        lambda text: re.sub(r",([12]),", lambda found: f",{3 - int(found[1])},", text),
        "Student X, X: version 1, now 2",
    ),
}


def course_of(folder: Path) -> tuple[Course, list[Student]]:
    """Students with the ids X, Y and Z have versions 1, 2 and 3, and one who has left has 7."""
    students = [Student(one, f"Student {one}", version) for version, one in enumerate("XYZ", 1)]
    course = Course(folder, students)
    course.table.write_bytes(table(students, (Student("gone", "Gone", 7),), {}))
    course.record = {one.id: one.version for one in students} | {"gone": 7}
    course.build()
    return course, students


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_that_moves_a_student_stops_unless_it_is_allowed(edit: str, tmp_path: Path) -> None:
    change, moved = EDITS[edit]
    course, _ = course_of(tmp_path)
    before = course.versions()
    text = course.table.read_text("utf-8-sig")
    course.table.write_text(change(text), "utf-8", newline="")
    assert course.table.read_text("utf-8") != text
    with pytest.raises(RosterError) as caught:
        course.build()
    said = str(caught.value)
    assert said.startswith(f"{course.table}: these students would get another version than before:\n")
    assert re.search(moved.replace("now 4", r"now \d"), said)
    for way in ("Put their lines back", "--reassign", "delete this table"):
        assert way in said
    course.build(reassign=True)
    assert course.versions() != before


def test_who_has_left_may_be_deleted_and_a_student_may_get_another_id(tmp_path: Path) -> None:
    course, students = course_of(tmp_path)
    text = course.table.read_text("utf-8-sig")
    course.table.write_text(re.sub(r'"gone".*\n', "", text).replace('"X"', '"X2"'), "utf-8", newline="")
    course.roster.write_bytes(class_list([Student("X2", "Student X"), *students[1:]]))
    course.build()
    assert course.record == {"X2": 1, "Y": 2, "Z": 3}


def test_without_its_table_all_is_drawn_anew(tmp_path: Path) -> None:
    course, _ = course_of(tmp_path)
    course.table.unlink()
    course.build()
    assert sorted(course.versions().values()) == [1, 2, 3]


SAME = {
    "leading zeros": ("Ann,1", "Ann,0001", None),
    "another name": ("Bo,1", "Ann,0001", "Bo has the id 1, and version 1 is Ann's, 0001: one person?"),
    "another id": ("Ann,b2", "Ann,a1", "Ann has the id b2, and version 1 is Ann's, a1: one person?"),
    "one of two has left": ("Ann,1", "Ann,1,1\nAnn,01,2", "Ann has the id 1, and version 1 is Ann's, 1: one person?"),
    "two could be meant": ("Bo,1\nCy,01", "Ann,1", "Bo has the id 1, and version 1 is Ann's, 1: one person?"),
    "the same id, another name": ("Bo,0001", "Ann,0001", None),
    "neither": ("Bo,2", "Ann,1", None),
}


@pytest.mark.parametrize("case", SAME)
def test_ids_that_a_spreadsheet_takes_for_one_are_of_one_person_or_an_error(case: str, tmp_path: Path) -> None:
    now, before, error = SAME[case]
    roster, file = tmp_path / "class.csv", tmp_path / "table.csv"
    roster.write_text(f"name,id\n{now}\n")
    file.write_text(f"name,id,version\n{before}{',1' * (before.count(',') == 1)}\n")  # of a build that recorded nothing
    if error:
        with pytest.raises(GeneratorError) as caught:
            assign_versions(roster, file, None, 1, "key")
        assert str(caught.value).startswith(f"{roster}:2: {error}\n")
        assert f"\n{file}:2: If so, write the same id" in str(caught.value)
        found = assign_versions(roster, file, None, 1, "key", reassign=True)
        assert {one.name for one in (*found.students, *found.left)} >= {line.split(",")[0] for line in now.split()}
    else:
        versions = [one.version for one in assign_versions(roster, file, None, 1, "key").students]
        assert versions == ([2] if case == "neither" else [1])


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("0001", "1", True),
        ("1e5", "100000", True),
        ("1e5", "1.00E+05", True),
        ("12.50", "12,5", True),
        ("1234567890123456", "1.23457E+15", True),
        ("1234567890123456", "1.23456789012346E+15", True),
        ("1234567890123456", "1234567890123450", True),
        ("1234567890123456", "1.23458E+15", False),
        ("12345678", "12345679", False),
        ("true", "TRUE", True),
        ("a1", "A1", False),
        ("10", "1", False),
    ],
)
def test_cells_that_are_the_same_to_a_spreadsheet(one: str, other: str, is_same: bool) -> None:
    assert is_same_cell(one, other) is is_same_cell(other, one) is is_same


@pytest.mark.parametrize("record", [None, 7, [], {"X": "1"}, {"X": None}, {"X": True}, {"X": 1, "Y": 1}])
def test_a_damaged_record_is_not_used(record: object, tmp_path: Path) -> None:
    course, _ = course_of(tmp_path)
    before = course.versions()
    course.record = record  # type: ignore[assignment]
    course.build()
    assert course.versions() == before


def test_a_build_records_who_has_which_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("quiz.yaml").write_text(SHEET)
    students = [Student(f"000{n}", f"Student {n}") for n in range(1, 9)]
    Path("class.csv").write_bytes(class_list(students))
    options = Options(roster=Path("class.csv"), formats=("tex",))
    build("quiz.yaml", options)
    file = Path("output/quiz/quiz-roster.csv")
    before = file.read_bytes()
    build("quiz.yaml", Options(formats=("tex",)))  # without a class list, the record is kept
    for kind in SPREADSHEETS.values():
        file.write_bytes(kind.saved(before))
        built = build("quiz.yaml", options)
        assert file.read_bytes() == before
        assert len(built.kept) == 1
        built.kept[0].unlink()
    file.write_bytes(re.sub(rb",([12]),", lambda found: b",%d," % (3 - int(found[1])), before))
    with pytest.raises(RosterError, match="these students would get another version"):
        build("quiz.yaml", options)
    assert not build("quiz.yaml", Options(roster=Path("class.csv"), formats=("tex",), reassign=True)).current
