"""Paper: its size, room to work, and the same place for every question where papers are scanned."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pikepdf
import pytest
import yaml
import zxingcpp

from generator.building.builder import Options, build
from generator.errors import GeneratorError
from generator.pdf import tex_batch, typesetting
from generator.pdf.layout import TOLERANCE, overflows
from generator.pdf.paper import Outcome, Paper, Place
from generator.system.output_dir import read_manifest
from tests.integration.test_tex_jobs import paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAPERS = {"letter": (612, 792), "a4": (595.276, 841.89)}
PROBLEMS: list[dict[str, object]] = [
    {"function": "c Tr(A X)", "wrt": "X", "vary": {"c": "2..9", "names": [{"A": "A", "X": "X"}, {"A": "M", "X": "Y"}]}},
    {"function": "Tr(X' A X)", "wrt": "X", "parts": [{"points": 4}, {"find": "stationary"}, {"form": "choice"}]},
    {"function": "x'*A*x + b'*x", "wrt": "x", "form": "find-the-error", "ground": "grid"},
]
SHORT, LONG = "Tr(A X)", "Tr((A X + B)'*C*(A X + B)) + Tr(X'*D*X*E) + logdet(X'*X)"


THEMES = {"exam": {"Name", "Score", "Show"}, "worksheet": {"Name", "Show"}, "lecture-notes": set()}


def built(
    folder: Path,
    problems: list[dict[str, object]],
    templates: Path | None = None,
    stem: str = "sheet",
    **keys: object,
) -> Path:
    """The folder with what is built from these problems."""
    file = folder / f"{stem}.yaml"
    file.write_text(yaml.safe_dump({"versions": 3, **keys, "problems": problems}))
    done = build(file, Options(output=folder, formats=("pdf",), templates=templates))
    assert done.warnings == ()
    return done.folder


def sizes(file: Path) -> list[tuple[float, float]]:
    with pikepdf.open(file) as document:
        return [(float(page.mediabox[2]), float(page.mediabox[3])) for page in document.pages]


def words(file: Path) -> list[list[tuple[float, float, str]]]:
    """For each page its words: how far down and to the right they begin, in points."""
    shown = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True, text=True).stdout
    pages = []
    for page in shown.split("<page ")[1:]:
        found = (line.split('"') for line in page.splitlines() if "<word" in line)
        pages.append([(float(one[3]), float(one[1]), one[8].partition("<")[0].lstrip(">")) for one in found])
    return pages


def headings(file: Path) -> list[tuple[int, int, str]]:
    """Where the headings of problems and parts are: page, millimeters from above, and what follows."""
    return [
        (number, round(down / 72 * 25.4), word)
        for number, page in enumerate(words(file), 1)
        for down, right, word in page
        if right < 80 and (word == "Problem" or word in ("(a)", "(b)", "(c)")) and number > 1
    ]


@pytest.mark.parametrize("size", PAPERS)
def test_pages_have_the_size_that_the_worksheet_names(tmp_path: Path, size: str) -> None:
    folder = built(tmp_path, PROBLEMS[:1], print={"paper": size})
    for file in folder.glob("*.pdf"):
        assert all(one == pytest.approx(PAPERS[size], abs=0.5) for one in sizes(file)), file


@pytest.mark.parametrize("profile", ["gradescope", "crowdmark"])
def test_scanned_papers_have_every_question_at_the_same_place(tmp_path: Path, profile: str) -> None:
    folder = built(tmp_path, PROBLEMS, print={"profile": profile, "ground": "ruled"})
    papers = [folder / f"sheet-v0{n}.pdf" for n in (1, 2, 3)] + [folder / "sheet-template.pdf"]
    assert {len(sizes(file)) for file in papers} == {4}
    found = [headings(file) for file in papers]
    assert [word for _, _, word in found[0]] == ["Problem", "Problem", "(a)", "(b)", "(c)", "Problem"]
    assert [one for one in found if one != found[0]] == []
    places = [page for page, _, word in found[0] if word == "Problem"]
    assert places == [2, 3, 4]  # behind a cover, each on a page of its own
    for number, file in enumerate(papers[:3], 1):
        for page in words(file):
            assert [word for down, _, word in page if down < 140].count(f"0{number}") == 1
    assert not any(label in {word for _, _, word in page} for page in words(papers[3]) for label in ("01", "02", "03"))
    cover = " ".join(word for _, _, word in words(papers[0])[0])
    assert "Name Student ID" in cover
    assert "Problem 1." not in cover


def test_crowdmark_has_the_upper_38_millimeters_of_each_page(tmp_path: Path) -> None:
    folder = built(tmp_path, PROBLEMS[:1], print={"profile": "crowdmark"})
    assert all(down > 38 / 25.4 * 72 for page in words(folder / "sheet-v01.pdf") for down, _, _ in page)


def test_what_overflows_is_named(tmp_path: Path) -> None:
    problem: dict[str, object] = {
        "id": "wordy",
        "function": [SHORT, LONG],
        "wrt": "X",
        "parts": [{"form": "find-the-error"}, {"space": "third"}, {"space": "third"}],
    }
    keys: dict[str, Any] = {"print": {"profile": "gradescope"}, "versions": 2, "fair": "off"}
    with pytest.raises(GeneratorError) as raised:
        built(tmp_path, [problem], **keys)
    assert "problem wordy, question 1(a) overflows in version" in str(raised.value)
    assert "begins 1 page later than in other versions" in str(raised.value)
    assert "space" in str(raised.value)
    assert "question 1(b)" not in str(raised.value)
    folder = tmp_path / "sheet"
    assert not folder.exists()
    done = build(tmp_path / "sheet.yaml", Options(output=tmp_path, keep_going=True))
    assert str(done.error) == str(raised.value)
    (label,) = re.findall(r"overflows in version (0[12])\b", str(done.error)) or ["01"]
    sound, moved = ("01", "02") if label == "02" else ("02", "01")
    made = {file.name for file in folder.glob("*.pdf")}
    assert {f"sheet-v{sound}.pdf", f"sheet-v{sound}-key.pdf", f"sheet-v{moved}-key.pdf", "sheet-all.pdf"} <= made
    assert f"sheet-v{moved}.pdf" not in made
    assert ("sheet-template.pdf" in made) == (sound == "01")  # which is made of the first version
    assert len(sizes(folder / "sheet-all.pdf")) == len(sizes(folder / f"sheet-v{sound}.pdf"))
    assert set(read_manifest(folder)["files"]) >= made


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ((Place("1", 2, 30.0), Place("2(a)", 3, 30.0), Place("2(b)", 3, 100.0)), None),
        ((Place("1", 2, 30.0), Place("2(a)", 3, 30.0), Place("2(b)", 3, 100.0 + TOLERANCE - 1)), None),
        (
            (Place("1", 2, 30.0), Place("2(a)", 3, 30.0), Place("2(b)", 3, 112.0)),
            r"2\(a\) overflows in version 07: .*1.2 cm",
        ),
        (
            (Place("1", 2, 30.0), Place("2(a)", 4, 30.0), Place("2(b)", 4, 100.0)),
            "1 overflows in version 07: .*1 page l",
        ),
    ],
)
def test_places_are_compared(second: tuple[Place, ...], told: str | None) -> None:
    first = (Place("1", 2, 30.0), Place("2(a)", 3, 30.0), Place("2(b)", 3, 100.0))
    papers: list[Paper] = [paper("03", ""), paper("07", "")]
    found = list(overflows(papers, [first, second], [4, 4 + (second[1].page - 3)]))
    assert len(found) == (told is not None)
    if told:
        assert found[0].papers == (papers[1],)
        assert re.search(told, str(found[0].error))


def test_what_an_overflow_moves_is_not_taken_for_one() -> None:
    """Where (a) pushes (b) to the next page, (b) takes less there than where it is at its place."""
    sound = (Place("1(a)", 2, 30.0), Place("1(b)", 2, 200.0), Place("1(c)", 3, 30.0), Place("2", 4, 30.0))
    moved = (Place("1(a)", 2, 30.0), Place("1(b)", 3, 30.0), Place("1(c)", 3, 90.0), Place("2", 4, 30.0))
    papers: list[Paper] = [paper(f"{n:02d}", "") for n in range(3)]
    (found,) = overflows(papers, [sound, moved, sound], [4, 4, 4])
    assert found.papers == (papers[1],)
    assert "question 1(a) overflows in version 01: " in str(found.error)


def test_shares_of_a_page_add_up(tmp_path: Path) -> None:
    spaces = ["page", "half", "half", "third", "third", "third", "5cm"]
    folder = built(
        tmp_path,
        [{"function": f"{n} Tr(A X)", "wrt": "X", "space": space} for n, space in enumerate(spaces, 2)],
        versions=1,
        print={"ground": "ruled"},
        cover={"duration": "an hour"},
    )
    found = [(page, down) for page, down, word in headings(folder / "sheet-v01.pdf") if word == "Problem"]
    assert [page for page, _ in found] == [2, 3, 3, 4, 4, 4, 5]
    _, (_, top), (_, middle), (_, first), (_, second), (_, third), _ = found
    assert middle - top == pytest.approx(113, abs=2)  # half of what letter paper leaves
    assert second - first == pytest.approx(third - second, abs=1)
    assert top == first


@pytest.mark.parametrize("space", ["23cm", "quarter", "5 parsecs"])
def test_space_is_a_length_or_a_share(tmp_path: Path, space: str) -> None:
    with pytest.raises(GeneratorError, match="third, half or page"):
        built(tmp_path, [{"function": "Tr(A X)", "wrt": "X", "space": space}])


def test_a_compact_key_has_the_answers_and_no_derivation(tmp_path: Path) -> None:
    folder = built(tmp_path, PROBLEMS, print={"keys": ["compact"]})
    (page,) = words(folder / "sheet-v01-key-compact.pdf")
    shown = [word for _, _, word in page]
    beginnings = (min(right for _, right, _ in page), 306)  # of two columns
    labels = [word for _, right, word in page if any(abs(right - edge) < 3 for edge in beginnings)]
    assert sorted(label for label in labels if label[0].isdigit()) == ["1", "1", "2(a)", "2(b)", "2(c)", "3"]
    assert "Line" in shown
    assert "Step" not in shown
    assert not list(folder.glob("*problem*"))
    assert len(sizes(folder / "sheet-all-key-compact.pdf")) == 3  # graders turn no blank pages


@pytest.mark.parametrize(("theme", "two_sided"), [("lecture-notes", True), ("exam", False)])
def test_no_sheet_has_papers_of_two_students(tmp_path: Path, theme: str, two_sided: bool) -> None:
    look = {"theme": theme, "two_sided": two_sided, "paper": "a4", "keys": ["compact"]}
    folder = built(tmp_path, PROBLEMS[:1], print=look)
    printed = read_manifest(folder)["printed"]
    for kind in ("", "-key"):
        whole = words(folder / f"sheet-all{kind}.pdf")
        begins = [n for n, page in enumerate(whole) if {"Page", "1", "of"} <= {word for _, _, word in page[-4:]}]
        assert len(begins) == 3
        assert (begins == [0, 1, 2]) is not two_sided
        if two_sided:
            assert [n for n in begins if n % 2] == []
            assert len(whole) % 2 == 0
        single = [len(words(folder / f"sheet-v0{n}{kind}.pdf")) for n in (1, 2, 3)]
        assert sum(map(bool, whole)) == sum(single)
        assert printed[f"sheet-all{kind}.pdf"]["pages"] == len(whole)
        assert {(round(wide), round(high)) for wide, high in sizes(folder / f"sheet-all{kind}.pdf")} == {(595, 842)}


def test_a_key_for_one_problem_has_what_every_version_has_of_it(tmp_path: Path) -> None:
    folder = built(tmp_path, PROBLEMS, print={"keys": ["by problem"]})
    for number in (1, 2, 3):
        shown = [word for page in words(folder / f"sheet-problem-{number}-key.pdf") for _, _, word in page]
        assert [shown[i + 1] for i, word in enumerate(shown) if word == "Version"] == ["01:", "02:", "03:"]
        assert {shown[i + 1] for i, word in enumerate(shown[:-1]) if word == "Problem"} == {str(number), f"{number}."}
        assert sum(word in ("Answer", "Answer:") for word in shown) == 1 + 3 * (3 if number == 2 else 1)
    assert not list(folder.glob("*compact*"))


def test_a_fault_in_a_key_for_one_problem_names_problem_and_version(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "problem-key.tex.j2").write_text('% ours\n<% include "default/problem-key.tex.j2" %>\n')
    (own / "problem-worked.tex.j2").write_text(
        '<% include "default/problem-worked.tex.j2" %>\n'
        '<% if label == "02" and questions[0].id == "varied" %>\\oops<% endif %>\n'
    )
    varied = {"id": "varied", "function": "c Tr(A X)", "wrt": "X", "vary": {"c": "5..7"}}
    file = tmp_path / "sheet.yaml"
    file.write_text(
        yaml.safe_dump({"versions": 3, "print": {"keys": ["by problem"]}, "problems": [PROBLEMS[2], varied]})
    )
    done = build(file, Options(output=tmp_path, templates=own, keep_going=True))
    assert ": problems[1].function: problem varied, version 02: undefined command \\oops\n" in str(done.error)
    made = {file.name for file in done.folder.glob("*.pdf")}
    assert {"sheet-problem-1-key.pdf", "sheet-all.pdf", "sheet-all-key.pdf"} <= made
    assert "sheet-problem-2-key.pdf" not in made


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[Outcome]]:
    """The outcomes of each run of TeX."""
    found: list[list[Outcome]] = []

    def counted(*args: Any, **options: Any) -> list[Outcome]:
        found.append(typesetting.typeset_once(*args, **options))
        return found[-1]

    monkeypatch.setattr(tex_batch, "typeset_once", counted)
    return found


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_has_what_belongs_to_it_in_fonts_that_all_papers_share(
    tmp_path: Path, theme: str, runs: list[list[Outcome]]
) -> None:
    folder = built(tmp_path, PROBLEMS, print={"theme": theme})
    shown = {word for page in words(folder / "sheet-v01.pdf") for _, _, word in page}
    assert shown & {"Name", "Score", "Show"} == THEMES[theme]
    assert len(runs) == 1
    assert not any(one.is_shared for one in runs[0])


OWN_WORDS: dict[str, dict[str, object]] = {
    "formulas and emphasis in headings": {
        "sections": [
            {
                "title": r"With $\det X$ and *traces*",
                "problems": [{**PROBLEMS[0], "title": r"The *map* $A^\top X$ and $\mathbb{E} \xi$"}],
            }
        ]
    },
    "letters with accents": {
        "title": "Übungen für Größen",
        "course": "Präzise Lösungen",
        "sections": [
            {"title": "Größen", "problems": [{**PROBLEMS[0], "title": "Lösbar", "hint": "Für *jede* Größe."}]}
        ],
    },
    "a list with bullets": {
        "problems": [{"statement": r"\begin{itemize}\item One \item Two\end{itemize}", "answer": "Both."}]
    },
}


@pytest.mark.parametrize("name", OWN_WORDS)
def test_words_of_an_author_are_in_fonts_that_all_papers_share(
    tmp_path: Path, name: str, runs: list[list[Outcome]]
) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(yaml.safe_dump({"title": "Sheet", "versions": 2, "repeats": True, **OWN_WORDS[name]}))
    build(file, Options(output=tmp_path, formats=("pdf",), jobs=1))
    assert len(runs) == 1
    assert not any(one.is_shared for one in runs[0])


@pytest.mark.parametrize("engine", ["xelatex", "lualatex", "tectonic"])
def test_other_engines_note_places_and_know_the_fonts_of_themes(tmp_path: Path, engine: str) -> None:
    look = {"profile": "gradescope", "theme": "worksheet"}
    folder = built(tmp_path, PROBLEMS[:1], engine=engine, versions=2, print=look)
    assert headings(folder / "sheet-v01.pdf") == headings(folder / "sheet-v02.pdf") != []


def test_a_course_changes_the_look_in_one_place(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "theme.tex.j2").write_text(
        '<% include "default/theme.tex.j2" %>\n\\renewcommand\\logo{\\fbox{Our School}}\n'
        "\\renewcommand\\headingfont{\\itshape}\\definecolor{quiet}{RGB}{0,60,120}\n"
    )
    folder = built(tmp_path, PROBLEMS[:1], own, versions=1)
    for name in ("sheet-v01", "sheet-v01-key", "sheet-formulas"):
        assert "School" in {word for _, right, word in words(folder / f"{name}.pdf")[0] if right > 400}


@pytest.mark.parametrize(
    ("stem", "scans"), [("sheet", (150, 300)), ("Übungsblatt-12-Spurtrick-und-Ableitungen", (300,))]
)
def test_each_page_has_a_code_that_tells_worksheet_version_and_page(
    tmp_path: Path, stem: str, scans: tuple[int, ...]
) -> None:
    look = {"qr": True, "paper": "a4"}
    folder = built(tmp_path, PROBLEMS[:1], stem=stem, title="Sheet", versions=2, print=look)
    for dots in scans:
        for file, codes in (("v01", 1), ("v02", 1), ("v01-key", 0)):
            found = [read_codes(page) for page in pictures(folder / f"{stem}-{file}.pdf", dots)]
            assert found == [[f"{stem} {file} p{number}"] * codes for number in range(1, len(found) + 1)]
        whole = [text for page in pictures(folder / f"{stem}-all.pdf", dots) for text in read_codes(page)]
        assert whole == [f"{stem} {label} p{number}" for label in ("v01", "v02") for number in (1, 2)]


def pictures(file: Path, dots: int) -> Iterator[NDArray[np.uint8]]:
    """The pages as a printer or a scanner has them, in gray, so many dots to the inch."""
    left = subprocess.run(["pdftoppm", "-r", str(dots), "-gray", file], capture_output=True, check=True).stdout
    while left:
        kind, shape, _, left = left.split(b"\n", 3)
        assert kind == b"P5"
        wide, high = map(int, shape.split())
        yield np.frombuffer(left, np.uint8, wide * high).reshape(high, wide)
        left = left[wide * high :]


def read_codes(picture: NDArray[np.uint8]) -> list[str]:
    """What the codes on a page say."""
    return [code.text for code in zxingcpp.read_barcodes(picture)]
