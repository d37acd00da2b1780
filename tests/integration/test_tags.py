"""Tagged PDFs: every piece of text belongs to one element of the structure, or to the head and the foot of a page."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import yaml

from generator.building.builder import Options, build
from generator.building.preview import preview
from generator.errors import GeneratorError
from tests.support.tagged import faults_of_tags, structure_of, tree
from tests.support.texts import texts_that_differ

AUTHORS = r"""
Some of \emph{my} words about $A^\top x$ and \[ \int_0^1 f(x)\,dx \] and $<<function>>$ then.
Say $\alpha_1 \leq \frac{a}{b}$ for $B \in \mathbb{R}^{m\times n}$, $\hat y = <<function>> + 1$.

\begin{align*} x &= \sigma(y) + e^{-x^2} \\ y &= 3 \end{align*}
It is $\|x\|_2^2 = x_1^2 + x_2^2$ so.
"""
SAID_BY_AUTHORS = [
    "capital A transpose x",
    "the integral from 0 to 1 of f open paren x close paren d x",
    "alpha sub 1 is at most the fraction a over b, end fraction",
    "capital B in R m by n",
    "y hat equals log of determinant of capital X plus 1",
    "x equals sigma open paren y close paren plus e to the power minus x squared, end power; y equals 3",
    "double bar x double bar sub 2 squared equals x sub 1 squared plus x sub 2 squared",
]

MARK_UP = 9
"""Words of pdfinfo for what structures have are no longer."""

SHEET: dict[str, object] = {
    "title": "Tagged",
    "course": "MATH 541",
    "versions": 2,
    "problems": [
        {"function": "c Tr(X' A X)", "wrt": "X", "vary": {"c": "2..5"}, "parts": [{}, {"find": "hessian"}]},
        {"function": "||A x - b||^2", "wrt": "x", "find": "stationary"},
        {"function": "x' A x", "wrt": "x", "form": "fill-in"},
        {"function": "x' A x + b' x", "wrt": "x", "form": "identify"},
        {"function": "Tr(X' A X B)", "wrt": "X", "form": "choice"},
        {"function": "Tr(A inv(X))", "wrt": "X", "form": "find-the-error"},
        {"function": "log det X", "wrt": "X", "statement": AUTHORS},
        {"statement": "Is every matrix square?", "answer": False, "solution": "No: $A$ is 2 by 3."},
        {
            "statement": "Which is linear?",
            "choices": [
                {"text": "the trace $\\operatorname{Tr}(X)$", "right": True},
                {"text": "$\\det X$", "why": "Not."},
            ],
        },
    ],
}


PROBLEMS: Any = SHEET["problems"]
SOME = [{**PROBLEMS[0], "parts": [{}, {"form": "fill-in"}]}, *PROBLEMS[5:]]
"""Problems for the tests of each engine: a derivation, blanks, a wrong line, an author's formulas, and choices."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The same worksheet with tags and without."""
    made = {}
    for tagged in (True, False):
        folder = tmp_path_factory.mktemp("tagged" if tagged else "plain")
        keys = {"tagged": tagged, "keys": ["compact", "by problem"], "formats": ["pdf", "html"]}
        (folder / "sheet.yaml").write_text(yaml.safe_dump({**SHEET, "repeats": True, "print": keys}))
        made[tagged] = build(folder / "sheet.yaml", Options(output=folder / "output", jobs=1)).folder
        preview(folder / "sheet.yaml", Options(output=folder / "output", jobs=1))
    return made


def words(pdf: Path) -> list[str]:
    """The words of a PDF, sorted, as poppler finds them; without signs, of which only tagged papers have characters."""
    said = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return sorted(re.findall(r"[A-Za-z]{2,}", said))


def test_validators_find_nothing_wrong(folders: dict[bool, Path]) -> None:
    papers = [
        paper for paper in sorted(folders[True].glob("*.pdf")) if "-v02" not in paper.name
    ]  # its pages are in all
    assert len(papers) > 10
    for paper in papers:
        assert not list(faults_of_tags(paper)), paper.name


def test_there_is_a_structure(folders: dict[bool, Path]) -> None:
    for paper in folders[True].glob("*.pdf"):
        with pikepdf.open(paper) as pdf:
            assert bool(pdf.Root["/MarkInfo"]["/Marked"])
            assert str(pdf.Root["/Lang"])
            kinds = Counter(str(one["/S"]) for one in tree(pdf))
            assert kinds["/H1"] == 1 or "all" in paper.name or "problem" in paper.name, (paper.name, kinds)
            assert kinds["/Formula"]


def test_the_text_is_that_of_html(folders: dict[bool, Path]) -> None:
    assert not texts_that_differ(folders[True], "*-v01*.html")
    assert not texts_that_differ(folders[True], "*-formulas.html")


def test_tags_change_no_word_and_no_pages(folders: dict[bool, Path]) -> None:
    for paper in folders[True].glob("*.pdf"):
        other = folders[False] / paper.name
        assert words(paper) == words(other), paper.name
        with pikepdf.open(paper) as tagged, pikepdf.open(other) as plain:
            assert len(tagged.pages) == len(plain.pages)


def test_charsets_name_all_glyphs(folders: dict[bool, Path]) -> None:
    """But for .notdef, which ISO 32000-1, table 122, says a CharSet shall leave out."""
    (key,) = folders[True].glob("*v01-key.pdf")
    with pikepdf.open(key) as pdf:
        descriptors = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/CharSet" in one]
        assert len(descriptors) > 5
        for one in descriptors:
            names = set(re.findall(r"/([\w.]+)", str(one["/CharSet"])))
            assert glyphs_of_type1(one["/FontFile"]) - names == {".notdef"}, one["/FontName"]


def glyphs_of_type1(file: pikepdf.Object) -> set[str]:
    """The names of the glyphs of a Type 1 font, whose part with them is enciphered (Adobe Type 1 Font Format, 7.1)."""
    start, size = int(file["/Length1"]), int(file["/Length2"])
    key, clear = 55665, bytearray()
    for byte in file.read_bytes()[start : start + size]:
        clear.append(byte ^ (key >> 8))
        key = ((byte + key) * 52845 + 22719) & 0xFFFF
    return {name.decode() for name in re.findall(rb"/([\w.]+) \d+ (?:RD|-\|) ", bytes(clear[4:]))}


def said_in(paper: Path) -> list[str]:
    """The words that stand for formulas and other content of a PDF."""
    with pikepdf.open(paper) as pdf:
        return [str(one["/Alt"]) for one in tree(pdf) if "/Alt" in one]


def test_authors_own_formulas_have_words(folders: dict[bool, Path]) -> None:
    (paper,) = folders[True].glob("*v01.pdf")
    assert [one for one in said_in(paper) if one in SAID_BY_AUTHORS] == SAID_BY_AUTHORS


def test_a_blank_for_a_reason_is_said(folders: dict[bool, Path]) -> None:
    (paper,) = folders[True].glob("*v01.pdf")
    said = said_in(paper)
    assert {"blank 1", "blank 2"} <= set(said)


def test_a_number_in_a_circle_is_said_as_that_of_its_equation(folders: dict[bool, Path]) -> None:
    (paper,) = folders[True].glob("*v01-key.pdf")
    with pikepdf.open(paper) as pdf:
        circled = [one for one in tree(pdf) if str(one.get("/ActualText", "")) == "①"]
        assert circled
        assert {str(one["/Alt"]) for one in circled} == {"equation 1"}
    page = paper.with_suffix(".html").read_text(encoding="utf-8")
    assert '<span role="img" aria-label="equation 1">①</span>' in page
    assert page.count("①") == page.count('aria-label="equation 1">①')


def test_words_are_apart_where_a_line_ends(folders: dict[bool, Path]) -> None:
    for paper in folders[True].glob("*v01*.pdf"):
        lines = subprocess.run(["pdftotext", "-raw", str(paper), "-"], capture_output=True, text=True, check=True)
        said = set(re.findall(r"[A-Za-z]{2,}", structure_of(paper)))
        drawn = set(re.findall(r"[A-Za-z]{2,}", lines.stdout))
        assert not {word for word in said - drawn if len(word) > MARK_UP and word.islower()}, paper.name


def test_what_has_no_words_needs_those_of_its_author(tmp_path: Path) -> None:
    problem = {"function": "log det X", "wrt": "X", "statement": r"Raise $\raise2pt\hbox{x}$ of $<<function>>$ here."}
    sheet = {"title": "Own", "print": {"tagged": True, "formats": ["pdf"]}, "problems": [problem]}
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(sheet))
    with pytest.raises(GeneratorError, match=r"own.yaml:\d+: problems\[0\]\.statement: .*words.*raise"):
        build(file, Options(output=tmp_path / "output", jobs=1))
    problem["alt"] = "Raise x of <<function>> here."
    file.write_text(yaml.safe_dump(sheet))
    folder = build(file, Options(output=tmp_path / "output", jobs=1)).folder
    assert "Raise x of log of determinant of capital X here." in said_in(next(folder.glob("*v01.pdf")))


OWN = {"statement": "Why?", "solution": "So.", "hint": "Think.", "note": "Be kind."}


WRONG = r"It is $\raise2pt\hbox{x}$."
CHOICES = [{"text": "y", "right": True}, {"text": "z"}]


def own_problem(key: str, alt: object) -> dict[str, object]:
    """A question with LaTeX under a key that cannot be converted, and perhaps what is said in its place."""
    said = {} if alt is None else {"alt": alt}
    match key:
        case "choices" | "choices.why":
            wrong = {"text": WRONG} if key == "choices" else {"text": "x", "why": WRONG}
            return {"statement": "Which?", "choices": [*CHOICES, {**wrong, **said}]}
        case "preface":
            return {"statement": WRONG, "parts": [OWN], **said}
        case "parts[1].solution":
            return {"statement": "Here:", "parts": [OWN, {**OWN, "solution": WRONG, **said}]}
        case _:
            return {**OWN, key: WRONG, **said}


ALTERNATIVES = [
    ("statement", "alt: …", "It is x."),
    ("statement", "alt: …", {"statement": "It is x."}),
    ("preface", "alt: …", "It is x."),
    ("choices", "alt: …", "It is x."),
    ("choices.why", "alt: {why: …}", {"why": "It is x."}),
    *((key, f"alt: {{{key}: …}}", {key: "It is x."}) for key in ("hint", "solution", "answer", "note")),
    ("parts[1].solution", "alt: {solution: …}", {"solution": "It is x."}),
]


@pytest.mark.parametrize("tags", [True, False], ids=["PDF", "HTML"])
@pytest.mark.parametrize(("key", "written", "alt"), ALTERNATIVES)
def test_a_formula_that_has_no_words_is_found(
    tmp_path: Path, key: str, written: str, alt: object, *, tags: bool
) -> None:
    del alt
    file = tmp_path / "own.yaml"
    sheet = {"title": "Own", "print": {"formats": ["pdf"] if tags else ["html"]}}
    file.write_text(yaml.safe_dump({**sheet, "problems": [own_problem(key, None)]}))
    with pytest.raises(GeneratorError) as error:
        build(file, Options(output=tmp_path / "output", jobs=1))
    place = {"preface": "statement", "choices.why": "choices"}.get(key, key)
    assert f": problems[0].{place}: {'a tagged PDF' if tags else 'HTML'} " in str(error.value)
    assert f"  {written}  beside it" in str(error.value)


def test_an_author_can_give_words_for_each_formula_that_has_none(tmp_path: Path) -> None:
    """Each in a problem of its own, with words of its own."""
    problems = [
        own_problem(key, json.loads(json.dumps(alt).replace("It is x.", f"It is x in {n}.")))
        for n, (key, _, alt) in enumerate(ALTERNATIVES)
    ]
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump({"title": "Own", "print": {"formats": ["pdf", "html"]}, "problems": problems}))
    folder = build(file, Options(output=tmp_path / "output", jobs=1)).folder
    said = "\n".join(said_in(next(folder.glob("*01-key.pdf"))))
    page = next(folder.glob("*01-key.html")).read_text()
    for n in range(len(ALTERNATIVES)):
        assert f"It is x in {n}." in said, ALTERNATIVES[n]
        assert f"It is x in {n}." in page, ALTERNATIVES[n]


PRINTED = ["title", "course", "instructions", "sections[0].title", "sections[0].instructions", "cover.pledge"]
PRINTED += ["cover.fields[0]", "sections[0].problems[0].title"]


@pytest.mark.parametrize("form", ["pdf", "html"])
@pytest.mark.parametrize("key", PRINTED)
def test_words_that_papers_print_have_their_place_in_an_error(tmp_path: Path, key: str, form: str) -> None:
    """All but questions: these have no words in place of their LaTeX."""

    def said(place: str) -> str:
        return WRONG if place == key else "Words"

    section = {
        "title": said("sections[0].title"),
        "instructions": said("sections[0].instructions"),
        "problems": [{**OWN, "title": said("sections[0].problems[0].title")}],
    }
    sheet = {
        **{name: said(name) for name in ("title", "course", "instructions")},
        "cover": {"pledge": said("cover.pledge"), "fields": [said("cover.fields[0]")]},
        "sections": [section],
        "print": {"formats": [form]},
    }
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(sheet))
    with pytest.raises(GeneratorError) as error:
        build(file, Options(output=tmp_path / "output", jobs=1))
    assert re.search(
        rf"own.yaml:\d+: {re.escape(key)}: {'a tagged PDF' if form == 'pdf' else 'HTML'} ", str(error.value)
    )
    assert "  alt:" not in str(error.value)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ({**OWN, "alt": {"answer": "x"}}, "problems[0].alt.answer: there is no answer of your own"),
        ({**OWN, "alt": {"solutoin": "x"}}, "did you mean 'solution'?"),
        ({"statement": "Which?", "choices": [*CHOICES, {"text": "x", "alt": {"why": "x"}}]}, "there is no why of"),
        ({"function": "x'x", "wrt": "x", "alt": "Go on."}, "there is no statement of"),
    ],
)
def test_words_for_nothing_are_an_error(tmp_path: Path, problem: dict[str, object], said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump({"title": "Own", "problems": [problem]}))
    with pytest.raises(GeneratorError) as error:
        build(file, Options(output=tmp_path / "output", formats=("html",), jobs=1))
    assert said in str(error.value)


def test_tags_change_no_pixel(folders: dict[bool, Path], tmp_path: Path) -> None:
    for name in ("*v01.pdf", "*v01-key.pdf", "*answers.pdf", "*formulas.pdf", "*preview.pdf"):
        pages = []
        for tagged in (True, False):
            (paper,) = folders[tagged].glob(name)
            subprocess.run(["pdftoppm", "-gray", "-r", "100", str(paper), str(tmp_path / f"{tagged}")], check=True)
            pages.append([one.read_bytes() for one in sorted(tmp_path.glob(f"{tagged}*.pgm"))])
        assert pages[0] == pages[1], name
        for file in tmp_path.glob("*.pgm"):
            file.unlink()


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex", "tectonic"])
def test_every_engine_writes_tags_and_spaces(tmp_path: Path, engine: str) -> None:
    keys = {"versions": 1, "print": {"keys": ["compact", "by problem"]}, "problems": SOME}
    (tmp_path / "sheet.yaml").write_text(yaml.safe_dump({**SHEET, **keys}))
    folder = build(tmp_path / "sheet.yaml", Options(output=tmp_path / "output", jobs=1, engine=engine)).folder
    for name in ("*v01.pdf", "*v01-key.pdf", "*v01-key-compact.pdf", "*all-key.pdf"):
        (paper,) = folder.glob(name)
        assert not list(faults_of_tags(paper)), paper.name
    (key,) = folder.glob("*problem-1-key.pdf")  # poppler takes seconds for a page
    shown = structure_of(key)
    for words in (
        "Answer key for problem 1 in all versions",
        "is constant and",
        "a matrix and its transpose have the same trace",
    ):
        assert f'"{words}"' in shown
