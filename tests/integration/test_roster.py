"""Class lists: everybody gets a version of their own, with their name on it, and the same one next time."""

from __future__ import annotations

import csv
import json
import subprocess
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from generator.building.builder import Options, build
from generator.building.joined import section_names
from generator.errors import RosterError, WorksheetError
from generator.worksheet.roster import (
    Assignment,
    Student,
    assign_versions,
    assigned,
    read_class_list,
    read_table,
    require_file_names,
    shared,
    table,
)

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
    assert read_class_list(file).students == (Student("a1", "Ann Łąska"), Student("b2", "Bo O'Neil"))


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
    "with what some students need": (
        "name,id,Print size,Extra time\nAnn Ash,0012,Large,25 %\nBo Ek,0034,,\n",
        [replace(ANN, size="large", extra_time="25 %"), BO],
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
        ("name,id,size\nAnn,1,huge\n", ":2: 'huge' is no size of print\nWrite large"),
        ("name,id,extra time\nAnn,1,=1+1\n", ":2: '=1+1' cannot be the extra time of a student"),
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
        read_class_list(file)
    assert str(caught.value).startswith(f"{file}{said}")


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_bytes(b"name,id\nAnn,\n,2\n")
    with pytest.raises(WorksheetError) as caught:
        read_class_list(file)
    assert str(caught.value).splitlines() == [
        f"{file}:2: the id is empty",
        f"{file}:3: the name is empty",
        "Write one, or remove the line.",
    ]
    file.write_bytes(b"name,id\nJos\xe9,1\n")
    with pytest.raises(RosterError, match="not UTF-8 text"):
        read_class_list(file)


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


def neighbors_alike(students: tuple[Student, ...]) -> int:
    return sum(one.version == following.version for one, following in pairwise(students))


@pytest.mark.parametrize("versions", [2, 3, 4, 7])
def test_neighbors_in_the_list_share_no_version(versions: int) -> None:
    here, _ = shared(CLASS, (), versions, "key")
    assert [student.id for student in here] == [student.id for student in CLASS]
    assert neighbors_alike(here) == 0
    counts = Counter(student.version for student in here)
    assert set(counts) == set(range(1, versions + 1))
    assert max(counts.values()) - min(counts.values()) <= 2
    joined = [*CLASS[:10], Student("new", "New"), *CLASS[10:]]
    now, _ = shared(joined, here, versions, "key")
    assert {one.id: one.version for one in now if one.id != "new"} == {one.id: one.version for one in here}
    if versions > 2:
        assert neighbors_alike(now) == 0


def share(folder: Path, *names: str, versions: int = 2, **options: Any) -> Assignment:
    """The versions of a class that shares some, with the table and the record that a build leaves."""
    roster, made, record = folder / "class.csv", folder / "table.csv", folder / "record.json"
    roster.write_text("name,id\n" + "".join(f"{name},000{name[-1]}\n" for name in names))
    recorded = json.loads(record.read_text()) if record.exists() else {}
    found = assign_versions(roster, made, recorded, versions, "key", share=True, **options)
    made.write_bytes(table(found.students, found.left, {}))
    record.write_text(json.dumps({one.id: one.version for one in (*found.students, *found.left)}))
    return found


def test_who_shares_a_version_keeps_it_or_the_build_stops(tmp_path: Path) -> None:
    first = share(tmp_path, "A1", "B2", "C3", "D4")
    assert first.warnings == ()
    versions = {one.name: one.version for one in first.students}
    made = tmp_path / "table.csv"
    made.write_text(made.read_text(encoding="utf-8-sig").replace('"000', '"'), encoding="utf-8-sig")
    later = share(tmp_path, "A1", "C3", "D4")
    assert {one.name: one.version for one in later.students} == {name: versions[name] for name in ("A1", "C3", "D4")}
    assert {one.id for one in (*later.students, *later.left)} == {"0001", "0002", "0003", "0004"}
    assert later.warnings == (
        f"A1 and C3, neighbors in the class list, both have version {versions['A1']}, as everybody keeps theirs or "
        "there are too few",
    )
    swapped = "".join(
        line.replace(f",{versions[name]},", f",{3 - versions[name]},") if (name := line[8:10]) == "A1" else line
        for line in made.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    )
    made.write_text(swapped, encoding="utf-8-sig")
    with pytest.raises(RosterError, match="these students would get another version than before:\n    A1, 0001"):
        share(tmp_path, "A1", "C3", "D4")
    with pytest.raises(RosterError, match=r"has version 2, and 1 versions are shared\nAsk for as many"):
        share(tmp_path, "A1", "C3", "D4", versions=1, reassign=True)
    with pytest.raises(WorksheetError, match=r"version \d is given twice(.|\n)*'share: true'"):
        read_table(made)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("a/b", "c", "the id a/b has characters that cannot name a file"),
        (".a", "c", "the id .a has characters that cannot name a file"),
        ("all", "c", "the id all is what other files are called, and cannot name a file"),
        ("V01", "c", "the id V01 is what other files are called, and cannot name a file"),
        ("c-key", "c", "the id c-key is what other files are called, and cannot name a file"),
        ("A1", "a1", "the id a1 differs from A1 in capitals alone, and cannot name a file"),
        ("V00123456", "ada+1@u.edu", ""),
    ],
)
def test_ids_that_can_name_files(one: str, other: str, said: str) -> None:
    students = [Student(one, "Ann"), Student(other, "Bo")]
    if not said:
        require_file_names(students)
        return
    with pytest.raises(RosterError) as caught:
        require_file_names(students)
    assert str(caught.value).startswith(said)


LIST = "name,id,section\nŽofie,s1,Mon 9:00\nBo,s2,Tue\nCy,s3,Mon 9:00\nDi,s4,Tue\nEd,s5,\n"


def titles(pdf: Path) -> list[str]:
    """The bookmarks of a joined file."""
    with pikepdf.open(pdf) as document, document.open_outline() as outline:
        return [item.title.partition(", ")[2] for item in outline.root]


@pytest.mark.parametrize(
    ("keys", "sets", "key_files", "joined"),
    [
        ("", ["v0{}"], ["v0{}-key"], True),
        ("names: id\n", ["s{}"], ["s{}-key"], True),
        ("share: true\n", ["v0{version}-s{}"], [], False),
        ("share: true\nnames: id\n", ["s{}"], [], False),
    ],
)
def test_papers_are_named_and_joined_as_the_list_wants(
    keys: str, sets: list[str], key_files: list[str], joined: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("quiz.yaml").write_text(f"{keys}roster: class.csv\nversions: 2\n{SHEET}", encoding="utf-8")
    Path("class.csv").write_text(LIST, encoding="utf-8")
    options = Options(formats=("pdf", "html"), jobs=1)
    build("quiz.yaml", options)
    folder = Path("output/quiz")
    rows = list(csv.DictReader((folder / "quiz-roster.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["name"] for row in rows] == ["Žofie", "Bo", "Cy", "Di", "Ed"]
    by_name = {row["name"]: row for row in rows}
    for number, row in enumerate(rows, 1):
        at = row["version"] if "v0" in sets[0] and "version" not in sets[0] else number
        paper, key = row["files"].split("; ")
        assert paper == f"quiz-{sets[0].format(at, version=row['version'])}.pdf"
        assert key == (f"quiz-{key_files[0].format(at)}.pdf" if key_files else f"quiz-v0{row['version']}-key.pdf")
        assert row["name"] in words(folder / paper)
        assert row["id"] in words(folder / paper)
        assert (row["name"] in words(folder / key)) == joined
        assert (folder / paper).with_suffix(".html").exists()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["roster"] == {row["id"]: int(row["version"]) for row in rows}
    assert manifest["share"] == (not joined)
    labels = [f"version 0{row['version']}, {row['name']}" for row in rows]
    assert titles(folder / "quiz-all.pdf") == labels
    assert titles(folder / "quiz-all-section-Mon-9-00.pdf") == [labels[0], labels[2]]
    assert titles(folder / "quiz-all-section-Tue.pdf") == [labels[1], labels[3]]
    if joined:
        assert titles(folder / "quiz-all-section-Tue-key.pdf") == [f"{labels[i]}, answer key" for i in (1, 3)]
        assert titles(folder / "quiz-all-key.pdf") == [f"{label}, answer key" for label in labels]
    else:
        assert titles(folder / "quiz-all-key.pdf") == ["version 01, answer key", "version 02, answer key"]
        assert not list(folder.glob("*section*key*"))
    for name in manifest["files"]:
        assert (folder / name).exists()
    assert build("quiz.yaml", options).current
    assert by_name["Bo"]["version"] != by_name["Cy"]["version"]


@pytest.mark.parametrize(
    ("sections", "names"),
    [
        (("A", "B"), ["all-section-A", "all-section-B"]),
        (("A", "a", "A key"), ["all-section-A", "all-section-a-2", "all-section-A-key-2"]),
        (("Δ 1", "***"), ["all-section-Δ-1", "all-section-other"]),
    ],
)
def test_each_section_has_a_file_of_its_own(sections: tuple[str, ...], names: list[str]) -> None:
    assert section_names(sections) == dict(zip(sections, names, strict=True))
