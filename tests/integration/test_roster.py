"""Class lists: everybody gets a version of their own, with their name on it, and the same one next time."""

from __future__ import annotations

import csv
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from generator.building.builder import Options, build
from generator.errors import RosterError, WorksheetError
from generator.worksheet.roster import Student, assigned, read_class_list, read_roster, read_table, table

SHEET = "seed: 5\nproblems:\n  - {function: c Tr(A X), wrt: X, vary: {c: 2..40}}\n"
CLASS = [Student(f"id{number}", f"Student {number}") for number in range(30)]


@pytest.mark.parametrize(
    "text",
    [
        "name,id\nAnn Łąska,a1\nBo O'Neil,b2\n",
        "\ufeffid;name\r\na1;Ann Łąska\r\n\r\nb2;Bo O'Neil\r\n",
        "Last Name\tGroup\tGiven_Name\tStudent ID\nŁa\u0328ska\t7\tAnn\ta1\nO'Neil\t8\tBo\tb2\n",
        'name,id,version\n"Ann  Łąska",a1,x\nBo O\'Neil, b2,x\n',
    ],
)
def test_a_list_is_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_bytes(text.encode())
    assert read_roster(file) == (Student("a1", "Ann Łąska"), Student("b2", "Bo O'Neil"))


ANN, BO = Student("0012", "Ann Ash"), Student("0034", "Bo Ek")
EXPORTS = {
    "Canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (42),Current Score\n"
        ",,,,,Manual Posting,\n    Points Possible,,,,,10.00,(read only)\n"
        '"Ash, Ann",881,0012,aash@u.edu,Math 1 and Math 2,9.00,90\n"Ek, Bo",882,0034,bek@u.edu,Math 2,,\n'
        '"Student, Test",883,,f00d,Math 1,,\n',
        [replace(ANN, name="Ash, Ann", section="Math 1 and Math 2"), replace(BO, name="Ek, Bo", section="Math 2")],
        ["6: Student, Test is left out"],
    ),
    "Canvas with names in two columns and integration": (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section\n"
        "    Points Possible,,,,,,,\nAsh,Ann,881,0012,aash,,u.edu,Math 1\nEk,Bo,882,0034,bek,,u.edu,Math 2\n"
        "Student,Test,883,,f00d,,u.edu,Math 1\n",
        [replace(ANN, section="Math 1"), replace(BO, section="Math 2")],
        ["5: Test Student is left out"],
    ),
    "Canvas without SIS identifiers": (
        "Student,ID,SIS Login ID,Section\n    Points Possible,,,\nAnn Ash,881,0012,Math 1\nBo Ek,882,0034,Math 1\n",
        [replace(ANN, section="Math 1"), replace(BO, section="Math 1")],
        [],
    ),
    "Moodle": (
        "First name,Surname,ID number,Institution,Department,Email address,Quiz: 1 (Real),"
        "Last downloaded from this course\n"
        "Ann,Ash,0012,,,ann@u.edu,9.00,1567713827\nBo,Ek,0034,,,bo@u.edu,-,1567713827\n",
        [replace(ANN, email="ann@u.edu"), replace(BO, email="bo@u.edu")],
        [],
    ),
    "Moodle without ID numbers": (
        "First name,Last name,ID number,Email address\nAnn,Ash,,ann@u.edu\nBo,Ek,,bo@u.edu\n",
        [replace(ANN, id="ann@u.edu", email="ann@u.edu"), replace(BO, id="bo@u.edu", email="bo@u.edu")],
        [],
    ),
    "Gradescope's roster": (
        "First Name,Last Name,SID,Email,Role,Sections\nAnn,Ash,0012,ann@u.edu,Student,A\n"
        "Ty,Ay,0099,ty@u.edu,TA,\nBo,Ek,0034,bo@u.edu,Student,B\n",
        [replace(ANN, email="ann@u.edu", section="A"), replace(BO, email="bo@u.edu", section="B")],
        ["3: Ty Ay is left out: the role is TA"],
    ),
    "Gradescope's grades": (
        "First Name,Last Name,SID,Email,Sections,section_name,Total Score,Max Points,Status\n"
        "Ann,Ash,0012,ann@u.edu,,A,8.0,12.0,Graded\nBo,Ek,0034,bo@u.edu,,B,,12.0,Missing\n",
        [replace(ANN, email="ann@u.edu", section="A"), replace(BO, email="bo@u.edu", section="B")],
        [],
    ),
    "Blackboard": (
        '"Last Name","First Name","Username","Student ID","Last Access"\n"Ash","Ann","aa","0012","x"\n'
        '"Ek","Bo","be","0034","x"\n',
        [ANN, BO],
        [],
    ),
    "a spreadsheet": (
        "Matriculation number;Surname;Given names;E-mail;Section;Role\n0012;Ash;Ann;ann@u.edu;A;note taker\n"
        "0034;Ek;Bo;bo@u.edu;B;\n",
        [replace(ANN, email="ann@u.edu", section="A"), replace(BO, email="bo@u.edu", section="B")],
        [],
    ),
}
"""For each kind of export, its text, the students in it, and beginnings of the lines that say who is left out."""


@pytest.mark.parametrize("kind", EXPORTS)
def test_an_export_is_read_by_its_own_headings(kind: str, tmp_path: Path) -> None:
    text, students, left_out = EXPORTS[kind]
    file = tmp_path / "export.csv"
    file.write_text(text, encoding="utf-8")
    found = read_class_list(file)
    assert found.students == tuple(students)
    assert len(found.warnings) == len(left_out)
    for warning, said in zip(found.warnings, left_out, strict=True):
        assert warning.startswith(f"{file}:{said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": there are no students\nBegin with a line of headings: name,id"),
        ("name,id\n", ":1: there are no students below the headings"),
        ("name,mark\nAnn,1\n", ":1: there is no column 'id'; the headings are name, mark\nThe first line names"),
        ("given,id\nAnn,1\n", ":1: there is no column 'name'"),
        ("name,student,id\nAnn,Ann,1\n", ":1: more than one column could be the name: name, student\nRename all"),
        ("name,id\nAnn,1\nBo,2\nCy,1\n", ":4: the id 1 occurs twice; the first time in line 2\nRemove one"),
        ("name,id\n ,1\n", ":2: the name is empty\nWrite one"),
        ("name,id\nAnn\n", ":2: the id is empty\nWrite one"),
        ("name,id\nAnn,1\nB\u202eob,2\n", ":3: the name has a character that cannot be printed (U+202E)\nWrite this"),
        ("Student,ID,SIS Login ID\nPoints Possible,,\n", ":1: there are no students below the headings"),
        ("name,id,student id\nAnn,1,2\n", ":1: more than one column could be the id: id, student id\nRename all"),
        ("name,id,section\nAnn,1,=cmd()\n", ":2: '=cmd()' cannot be the section of a student"),
        ("name,id\n=cmd(),1\n", ":2: '=cmd()' cannot be the name of a student"),
        ('name,id\n"Ann,1\n', ":2: not a table: unexpected end of data\nCheck the quotes."),
        ("name,id\n" + "".join(f"Ann,{n}\n" for n in range(10000)), ": there are 10000 students, and a worksheet"),
        ("x" * 1_000_001, ": too large for a class list"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_file_and_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RosterError) as caught:
        read_roster(file)
    assert str(caught.value).startswith(f"{file}{said}")


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_bytes(b"name,id\nAnn,\n,2\n")
    with pytest.raises(WorksheetError) as caught:
        read_roster(file)
    assert str(caught.value).splitlines() == [
        f"{file}:2: the id is empty",
        f"{file}:3: the name is empty",
        "Write one, or remove the line.",
    ]
    file.write_bytes(b"name,id\nJos\xe9,1\n")
    with pytest.raises(RosterError, match="not UTF-8 text"):
        read_roster(file)


def numbers(students: list[Student], before: tuple[Student, ...] = (), pool: int = 1) -> dict[str, int]:
    here, left = assigned(students, before, pool, "key")
    assert {student.version for student in here}.isdisjoint(student.version for student in left)
    return {student.id: student.version for student in here}


def test_the_same_list_in_any_order_gives_the_same_versions() -> None:
    found = numbers(CLASS)
    assert sorted(found.values()) == list(range(1, 31))
    assert numbers(CLASS[::-1]) == found
    assert numbers(CLASS, pool=50) != found


def test_everybody_keeps_a_version_when_others_join_or_leave(tmp_path: Path) -> None:
    here, left = assigned(CLASS, (), 1, "key")
    file = tmp_path / "table.csv"
    file.write_bytes(table(here, left, {}))
    changed = [*CLASS[5:], Student("new", "New")]
    now, gone = assigned(changed, read_table(file), 1, "key")
    first = {student.id: student.version for student in here}
    assert {s.id: s.version for s in now if s.id != "new"} == {s.id: first[s.id] for s in CLASS[5:]}
    assert {s.id: s.version for s in gone} == {s.id: first[s.id] for s in CLASS[:5]}
    file.write_bytes(table(now, gone, {}))
    back = numbers(CLASS, read_table(file))
    assert back == first


def test_without_a_table_nearly_everybody_does() -> None:
    before, after = numbers(CLASS, pool=60), numbers(CLASS[1:], pool=60)
    assert sum(before[one] != number for one, number in after.items()) <= 5


def words(pdf: Path) -> str:
    return subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout


def test_a_build_prints_names_and_keeps_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("quiz.yaml").write_text(SHEET)
    roster = Path("class.csv")
    roster.write_text("name,id\nŽofie & Łąska,a_1\nBo,b2\nCy,c3\n", encoding="utf-8")
    assert build("quiz.yaml", Options(roster=roster)).versions == 3
    folder = Path("output/quiz")
    rows = list(csv.DictReader((folder / "quiz-roster.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["version"] for row in rows] == ["1", "2", "3"]
    for row in rows:
        for name in row["files"].split("; "):
            assert row["name"] in words(folder / name)
            assert row["id"] in words(folder / name)
    names = [f", version 0{row['version']}, {row['name']}" for row in rows]
    for file, what in ("quiz-all.pdf", ""), ("quiz-all-key.pdf", ", answer key"):
        with pikepdf.open(folder / file) as document, document.open_outline() as outline:
            titles = [item.title for item in outline.root]
        assert [title.removeprefix(titles[0].partition(",")[0]) for title in titles] == [name + what for name in names]
    assert build("quiz.yaml", Options(roster=roster)).current
    before = (folder / "quiz-v02.pdf").read_bytes()
    (folder / "quiz-v02.pdf").unlink()
    assert not build("quiz.yaml", Options(roster=roster, only=(2,))).current
    assert (folder / "quiz-v02.pdf").read_bytes() == before
    with pytest.raises(WorksheetError, match="no student on the list has version 9"):
        build("quiz.yaml", Options(roster=roster, only=(9,)))
    build("quiz.yaml", Options(formats=("tex",)))
    roster.write_text("name,id\nCy,c3\nNew,n4\n")
    build("quiz.yaml", Options(roster=roster, formats=("tex",)))
    after = {student.id: student.version for student in read_table(folder / "quiz-roster.csv")}
    assert after == {row["id"]: int(row["version"]) for row in rows} | {"n4": 4}


def test_a_worksheet_names_its_class_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("course").mkdir()
    Path("course/quiz.yaml").write_text(f"roster: class.csv\n{SHEET}")
    roster = Path("course/class.csv")
    roster.write_text("name,id\nBo,b2\nCy,c3\n")
    options = Options(formats=("tex",))
    assert build("course/quiz.yaml", options).versions == 2
    assert {student.name for student in read_table(Path("output/quiz/quiz-roster.csv"))} == {"Bo", "Cy"}
    assert build("course/quiz.yaml", options).current
    roster.write_text("name,id\nBo,b2\nCy,c3\nDi,d4\n")
    assert build("course/quiz.yaml", options).versions == 3
