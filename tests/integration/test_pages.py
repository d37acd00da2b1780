"""What is on the pages that students and graders get."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
import yaml

from generator.building.builder import Options, build
from generator.building.documents import formula_sheet
from generator.document.formula import NOTHING, Sentence
from generator.document.model import AnswerGrid, FinalAnswer
from generator.document.words import plain
from generator.errors import GeneratorError
from generator.worksheet.load import load_worksheet

if TYPE_CHECKING:
    from pathlib import Path

QUADRATIC: dict[str, Any] = {
    "function": "c Tr(X^T A X) + Tr(B^T X)",
    "wrt": "X",
    "symbols": {"X": "n x m", "A": "n x n", "B": "n x m", "c": "scalar"},
    "vary": {"c": "2..9"},
}
FORMS = ("choice", "find-the-error", "fill-in", "identify")


def built(folder: Path, problems: list[dict[str, Any]], *, formats: tuple[str, ...] | None = None, **keys: Any) -> Path:
    """The folder with what is built from these problems, in all usual formats or in some; nothing overflows."""
    file = folder / "sheet.yaml"
    file.write_text(yaml.safe_dump({"versions": 3, **keys, "problems": problems}))
    done = build(file, Options(output=folder / "out", formats=formats))
    assert done.warnings == ()
    return done.folder


def text(file: Path) -> str:
    shown = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True, text=True).stdout
    return re.sub(r"[ \u2009]+", " ", shown)


def pages(file: Path) -> int:
    with pikepdf.open(file) as document:
        return len(document.pages)


def test_each_form_has_a_place_for_its_answer_and_the_key_fills_it(tmp_path: Path) -> None:
    folder = built(tmp_path, [QUADRATIC | {"form": form, "id": form} for form in FORMS], print={"keys": ["compact"]})
    source, key = (
        (folder / f"tex/sheet-v01{ending}.tex").read_text().partition(r"\begin{document}")[2] for ending in ("", "-key")
    )
    assert (source.count(r"\option{"), source.count(r"\rightoption{")) == (4, 0)
    assert (key.count(r"\option{"), key.count(r"\rightoption{")) == (3, 1)
    assert (source.count(r"\answerfields{"), key.count(r"\answerfields{")) == (1, 0)
    assert r"\reasonsbelow" in source  # of lines to fill in
    assert r"\tryline" in source  # of reasons to name
    assert "Number of the wrong line That line, corrected" in " ".join(text(folder / "sheet-v01.pdf").split())
    assert pages(folder / "sheet-all-key-compact.pdf") == 3  # no blank backs
    grid = " ".join(text(folder / "sheet-answers.pdf").split())
    assert re.search(r"Line \d: .* = ", grid)  # what it should say, too


def test_homework_has_no_room_but_where_it_is_asked_for(tmp_path: Path) -> None:
    problems = [QUADRATIC | {"id": f"p{n}"} for n in range(6)]
    exam = pages(built(tmp_path, problems) / "sheet-v01.pdf")
    homework = pages(built(tmp_path, problems, print={"room": "none"}) / "sheet-v01.pdf")
    spaced = [*problems, QUADRATIC | {"id": "room", "space": "page"}]
    assert (exam, homework) == (4, 1)
    assert pages(built(tmp_path, spaced, print={"room": "none", "two_sided": False}) / "sheet-v01.pdf") == 2


def test_the_first_page_has_the_first_problem(tmp_path: Path) -> None:
    long = QUADRATIC | {
        "function": "Tr((A X + B)'*C*(A X + B)) + Tr(X'*D*X*E) + logdet(X'*X)",
        "symbols": {},
        "vary": {},
    }
    folder = built(tmp_path, [long], instructions="\n\n".join(["Name the property of every step."] * 12))
    assert "Problem 1" in text(folder / "sheet-v01.pdf").partition("\f")[0]


NUMBERS = {
    "function": "||A x - b||_2^2",
    "wrt": "x",
    "symbols": {"A": "3 x 2", "b": "3", "x": "2"},
    "vary": {"A": "-3..3", "b": "-5..5", "x": "-2..2"},
}
HIGH = [
    {"function": "eigenvectors(A)", "find": "value", "symbols": {"A": "3 x 3 symmetric"},
     "vary": {"A": "-3..3", "nice": "integers"}},
    {"function": "inv(B) b", "find": "value", "symbols": {"B": "3 x 3", "b": "3"},
     "vary": {"B": "-4..4", "b": "-5..5"}},
    {"function": "F pinv(F) f", "find": "value", "symbols": {"F": "4 x 2", "f": "4"},
     "vary": {"F": "-2..3", "f": "-5..5"}},
    NUMBERS | {"parts": [{}, {"numeric": True}, {"find": "stationary", "numeric": True}]},
]  # fmt: skip


def lines_of(pdf: Path) -> list[list[tuple[float, str]]]:
    """For each page, its lines between head and foot: how far down each ends, as a share of the page, and its words."""
    shown = subprocess.run(["pdftotext", "-bbox-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    found = []
    for page in shown.split("<page ")[1:]:
        height = float(re.findall(r'height="([\d.]+)"', page)[0])
        lines = re.findall(r'<line [^>]*yMax="([\d.]+)">(.*?)</line>', page, re.DOTALL)
        placed = sorted(
            (float(end) / height, " ".join(re.findall(r">([^<\s][^<]*)</word>", line))) for end, line in lines
        )
        found.append([(end, words) for end, words in placed if 0.09 < end < 0.92])
    return found


@pytest.mark.parametrize(
    "problems",
    [HIGH, [NUMBERS | {"id": f"p{n}", "parts": [{"points": 4}, {"numeric": True}]} for n in range(5)]],
    ids=["high matrices", "numbers put in"],
)
def test_no_page_of_a_key_ends_early_and_few_chains_are_parted(problems: list[dict[str, Any]], tmp_path: Path) -> None:
    folder = built(tmp_path, problems, versions=2, seed=4)
    for number in (1, 2):
        found = lines_of(folder / f"sheet-v0{number}-key.pdf")
        assert len(found) > 3
        for before, page in pairwise(found):
            assert before[-1][0] > 0.91 - 0.3 * 0.82  # at most 30 % of what a page takes is empty
            first = next(words for _, words in page if re.search(r"=|[A-Za-z]{2}", words))
            if not re.match(r"(Problem|Step|From|Answer|\([a-z]\)|\d+ points?$)", first):
                heads = [end for end, words in before if re.match(r"(Problem|Step [2-9]|\([a-z]\))", words)]
                start = max(heads, default=0.0)  # the first step stays with what is above it
                assert 0.91 - start > 0.2 * 0.82  # so much would be empty if the chain were not parted


@pytest.mark.parametrize("tagged", [False, True])
def test_no_page_turns_between_an_answer_and_its_marking(tagged: bool, tmp_path: Path) -> None:
    folder = built(tmp_path, [QUADRATIC], formats=("tex",), versions=1, print={"tagged": tagged})
    probe = r"""\newpage
\setbox0\vbox{\answer{Answer}{\row{x}{.}}\marking{Marking: all.}\closingremark{It is the maximizer.}}
\setbox2\vsplit0 to 1pt \typeout{\ifvoid0 held together\else parted\fi}
\end{document}"""
    (tmp_path / "probe.tex").write_text(
        (folder / "tex/sheet-v01-key.tex").read_text().replace(r"\end{document}", probe)
    )
    run = ["pdflatex", "-interaction=nonstopmode", "probe.tex"]
    told = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False).stdout
    assert "held together" in told
    assert "parted" not in told


def test_short_answers_of_a_compact_key_stand_side_by_side(tmp_path: Path) -> None:
    problems = [{"statement": f"Is {n} even?", "answer": n % 2 == 0, "id": f"p{n}"} for n in range(1, 41)]
    folder = built(tmp_path, [*problems, QUADRATIC], print={"keys": ["compact"]}, versions=1)
    key = folder / "sheet-v01-key-compact.pdf"
    assert pages(key) == 1
    assert "39 False 40 True" in text(key).replace("\n\n", "\n")


def test_answers_of_all_versions_stand_once() -> None:
    same, other = FinalAnswer((Sentence(("A",)),)), FinalAnswer((Sentence(("B",)),))
    rows = [(f"0{n}", (same, other if n in (2, 6) else same)) for n in range(1, 7)]
    grid = AnswerGrid("answers", NOTHING, (Sentence(("1",)), Sentence(("2",))), ("1", "2"), tuple(rows))
    assert [
        (plain(head), [(plain(labels), said) for labels, said in entries]) for head, entries in grid.by_question
    ] == [
        ("1", [("all", same)]),
        ("2", [("01, 03–05", same), ("02, 06", other)]),
    ]


SHEETS: list[tuple[object, set[str], set[str]]] = [
    ("used", {"cyclic property of the trace"}, {"differential of an inverse", "linearity of the trace"}),
    ("basic", {"cyclic property of the trace", "differential of an inverse"}, {"quotient rule"}),
    ("all", {"cyclic property of the trace", "differential of an inverse", "quotient rule"}, set()),
    (["d-inverse"], {"differential of an inverse"}, {"cyclic property of the trace"}),
]


@pytest.mark.parametrize(("formulas", "says"), [(["d-product"], False), ("all", True)])
def test_the_legend_explains_what_the_sheet_has(formulas: object, says: bool, tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(yaml.safe_dump({"formulas": formulas, "problems": [QUADRATIC]}))
    parts = formula_sheet(load_worksheet(file), ()).legend.inlines or ()
    legend = "".join(part for part in parts if isinstance(part, str))
    assert ("is the column whose entries are all 1" in legend) == says
    assert legend.endswith(".")


@pytest.mark.parametrize(("formulas", "has", "lacks"), SHEETS)
def test_a_formula_sheet_has_the_rules_that_are_asked_for(
    formulas: object, has: set[str], lacks: set[str], tmp_path: Path
) -> None:
    problem = {"function": "Tr(A X B)", "wrt": "X"}
    folder = built(tmp_path, [problem], formats=("tex",), versions=1, formulas=formulas)
    source = " ".join((folder / "tex/sheet-formulas.tex").read_text().partition(r"\begin{document}")[2].split())
    assert all(one in source for one in has)
    assert not any(one in source for one in lacks)
    assert r"\operatorname{vec}^{-1}" not in source


@pytest.mark.parametrize(
    ("formulas", "message"),
    [("d-invers", "Did you mean 'd-inverse'?"), ("uses", "Did you mean 'used'?"), ([], "a list of rules")],
)
def test_a_formula_sheet_names_what_it_does_not_know(formulas: object, message: str, tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(yaml.safe_dump({"formulas": formulas, "problems": [{"function": "Tr(A X)", "wrt": "X"}]}))
    with pytest.raises(GeneratorError, match=re.escape(message)):
        load_worksheet(file)


def test_the_sheet_of_all_rules_explains_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(yaml.safe_dump({"formulas": "all", "problems": [{"function": "Tr(A X)", "wrt": "X"}]}))
    sheet = formula_sheet(load_worksheet(file), ())
    assert [plain(title) for title, _ in sheet.parts][:2] == ["Properties of the trace", "Properties of differentials"]
