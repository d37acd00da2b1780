"""Papers come out of one TeX job as documents with the right pages, the same bytes, and faults with an address."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from generator.errors import BuildError, InFile
from generator.formats.latex.templates import LatexTemplates
from generator.pdf import engines
from generator.pdf.bookmarks import Bookmark
from generator.pdf.engines import ENGINES, INSTALL_TEX, find_engine, own_bundle
from generator.pdf.joining import join
from generator.pdf.paper import Overfull, Paper, Part, standalone
from generator.pdf.tex_batch import typeset, typeset_into
from generator.worksheet.spec import Print

SHEET = Path("worksheets/sheet.yaml")
PREAMBLE = LatexTemplates().fill("preamble.tex.j2", print=Print(), accents=False, own_words=False)
BARE = (
    r"\documentclass{article}\newenvironment{paper}[2]{}{}\newenvironment{questions}{}{}\newcommand\titledquestion{}"
    r"\def\titledquestion#1[#2]{#1}\newenvironment{statement}{}{}\newcommand\allcharacters"
    r"{ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.}"
)
"""A preamble for many runs of TeX: what papers need, and no more, as half of such a run is the reading of packages."""


def paper(label: str, *statements: str, pages: int = 1) -> Paper:
    """A paper with a problem for each statement, each on four lines of the source."""
    problems = "".join(
        f"\\titledquestion{{{name}}}[3]\n\\begin{{statement}}\n{statement}\n\\end{{statement}}\n"
        for name, statement in zip("abcdef", statements, strict=False)
    )
    body = (
        f"\\begin{{paper}}{{Course}}{{Version {label}}}\n\\begin{{questions}}\n{problems}"
        + "\\newpage x\n" * (pages - 1)
        + "\\end{questions}\n\\end{paper}\n"
    )
    parts = tuple(
        Part(3 + 4 * i, 6 + 4 * i, name, InFile(SHEET, 10 + i, f"problems[{i}].statement"))
        for i, (name, _) in enumerate(zip("abcdef", statements, strict=False))
    )
    return Paper(f"sheet-v{label}", f"Sheet, version {label}", body, InFile(SHEET), label, parts)


def text(pdf: bytes, folder: Path) -> list[str]:
    """The text of each page, as poppler reads it."""
    (folder / "some.pdf").write_bytes(pdf)
    shown = subprocess.run(["pdftotext", "some.pdf", "-"], cwd=folder, capture_output=True, text=True, check=True)
    return shown.stdout.split("\f")[:-1]


def test_each_paper_has_its_pages_and_knows_how_many(tmp_path: Path) -> None:
    papers = [paper("01", "Alpha.", pages=3), paper("02", "Beta.", "Gamma."), paper("03", "Delta.", pages=12)]
    pages = [text(pdf, tmp_path) for pdf in typeset(papers, PREAMBLE)]
    assert [len(one) for one in pages] == [3, 1, 12]
    for label, one in zip(("01", "02", "03"), pages, strict=True):
        for number, page in enumerate(one, 1):
            assert f"Version {label}" in page
            assert f"Page {number} of {len(one)}" in page
    assert "Problem 1." in pages[1][0]
    assert "Problem 2." in pages[1][0]
    assert "Problem 3." not in pages[1][0]


def test_a_paper_has_the_same_bytes_beside_whichever_papers_it_is_typeset() -> None:
    one, two = paper("01", "Let $A^{-1}$ be $\\Gamma$."), paper("02", "Let $\\sqrt{x} + \\mathbf{1}$ be (2).", pages=2)
    together = typeset([one, two], PREAMBLE)
    assert together == typeset([one, two], PREAMBLE)
    assert together == [typeset([alone], PREAMBLE)[0] for alone in (one, two)]
    assert together[::-1] == typeset([two, one], PREAMBLE)


def test_fonts_are_embedded_outlines(tmp_path: Path) -> None:
    (tmp_path / "some.pdf").write_bytes(typeset([paper("01", "Let $x \\in \\mathbb{R}$ be “Žofie”.")], PREAMBLE)[0])
    shown = subprocess.run(["pdffonts", "some.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True)
    fonts = [line.split() for line in shown.stdout.splitlines()[2:]]
    assert len(fonts) > 3
    for font in fonts:
        assert "Type 3" not in " ".join(font)
        assert font[-5] == "yes", font  # embedded


def test_documents_have_title_and_language_and_no_date() -> None:
    (pdf,) = typeset([paper("07", "Alpha.")], PREAMBLE)
    with pikepdf.open(BytesIO(pdf)) as document:
        assert dict(document.docinfo) == {"/Title": "Sheet, version 07"}
        assert document.Root.Lang == "en-US"


def test_join_keeps_all_pages_marks_each_document_and_stores_a_font_once(tmp_path: Path) -> None:
    pdfs = typeset([paper("01", "Alpha.", pages=2), paper("02", "Beta.")], PREAMBLE)
    parts = [tmp_path / f"{number}.pdf" for number in range(len(pdfs))]
    for part, pdf in zip(parts, pdfs, strict=True):
        part.write_bytes(pdf)
    first = Bookmark("Problem 1", 0, 0, 50.0)
    marked = [(parts[0], (first, Bookmark("Problem 2", 0, 1, 50.0))), (parts[1], (first,))]
    joined = join(marked)
    assert joined == join(marked)
    assert len(joined) < 0.7 * sum(map(len, pdfs))
    assert [page.strip()[-11:] for page in text(joined, tmp_path)] == ["Page 1 of 2", "Page 2 of 2", "Page 1 of 1"]
    with pikepdf.open(BytesIO(joined)) as document, document.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Sheet, version 01", "Sheet, version 02"]
        questions = [(child.title, child.destination) for item in outline.root for child in item.children]
        pages = [
            document.pages.index(pikepdf.Page(where[0])) for _, where in questions if isinstance(where, pikepdf.Array)
        ]
        assert [title for title, _ in questions] == ["Problem 1", "Problem 2", "Problem 1"]
        assert pages == [0, 1, 2]


LETTERED = (
    paper("01", "Let “Žofie” and ěščř be $x \\in \\mathbb{R}$, ∇ and ①.", pages=2),
    paper("01", "Let ľĺťŕ be.", pages=2),
)
"""Papers with other letters of the same fonts."""


@cache
def alone(name: str) -> tuple[bytes, ...]:
    """The PDF of each of these papers by an engine, each in a run of its own."""
    return tuple(typeset([one], PREAMBLE, engine=find_engine(name))[0] for one in LETTERED)


@pytest.mark.parametrize("name", ENGINES)
def test_join_tells_fonts_apart_that_have_other_letters(name: str, tmp_path: Path) -> None:
    parts = [tmp_path / f"{number}.pdf" for number in range(len(LETTERED))]
    for part, pdf in zip(parts, alone(name), strict=True):
        part.write_bytes(pdf)
    first, _, second, _ = text(join([(part, ()) for part in parts]), tmp_path)
    assert "ěščř" in first
    assert "ľĺťŕ" in second


def words(pages: list[str]) -> list[list[str]]:
    """The words of each page, in no order: fonts with other characters in them are read in another one."""
    return [sorted(page.split()) for page in pages]


@pytest.mark.parametrize("name", ENGINES)
def test_standalone_compiles_alone_to_the_same_text(name: str, tmp_path: Path) -> None:
    engine, bundle = find_engine(name), own_bundle()
    (tmp_path / "one.tex").write_text(standalone(LETTERED[0], PREAMBLE))
    options = ["-interaction=nonstopmode", "-halt-on-error"]
    command = [name, *options] if bundle is None else [engine.program, "--bundle", bundle]
    for _ in range(engine.passes):
        subprocess.run([*command, "one.tex"], cwd=tmp_path, check=True, capture_output=True)
    shown = text((tmp_path / "one.pdf").read_bytes(), tmp_path)
    assert "Žofie" in shown[0]
    assert words(shown) == words(text(alone(name)[0], tmp_path))


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "pdflatex"])  # which is above
def test_each_engine_makes_the_same_bytes_of_a_paper_in_any_company(name: str) -> None:
    engine = find_engine(name)
    one, two = paper("01", "Let $A^{-1}$ be $\\Gamma$."), paper("02", "Let $\\sqrt{x}$ be (2) α.", pages=2)
    together = typeset([one, two], PREAMBLE, engine=engine)
    assert together == [typeset([single], PREAMBLE, engine=engine)[0] for single in (one, two)]


def test_progress_and_warnings(tmp_path: Path) -> None:
    seen: list[int] = []
    wide: list[Overfull] = []
    wide_one = paper("02", "Beta.", r"\noindent\rule{1.2\linewidth}{1pt}")
    typeset([paper("01", "Alpha."), wide_one], PREAMBLE, warn=wide.append)
    typeset_into([paper("01", "Alpha."), wide_one], PREAMBLE, tmp_path, on_progress=seen.append)
    assert seen[-1] == 2
    assert seen == sorted(seen)
    assert [str(one) for one in wide] == [
        f"{SHEET}:11: problems[1].statement: problem b, version 02: "
        "something is 93.9 pt too big for its place on the page"
    ]


FAULTS = {
    "undefined command": (
        r"Let $\foo(x)$ be.",
        r"""problem b, version 02: undefined command \foo
    Let $\foo(x)$ be.
         ^^^^
Correct it, or define it in a preamble.tex.j2 of your own.""",
    ),
    "the second of two that look alike": (
        r"Let $\bar{x}$ and \textbf{\bar} be.",
        r"""problem b, version 02: \bar allowed only in math mode
    Let $\bar{x}$ and \textbf{\bar} be.
                                  ^
Put mathematics between dollar signs: $…$.""",
    ),
    "mathematics without dollars": (
        "Let x_1 be.",
        """problem b, version 02: Missing $ inserted
    Let x_1 be.
         ^
Put mathematics between dollar signs: $…$.""",
    ),
    "brace never closed": (
        "Let {x be.",
        r"""problem b, version 02: Missing } inserted
    \end{statement}
                  ^
Close everything where it was opened.""",
    ),
    "environment never closed": (
        r"\begin{itemize} \item x",
        r"""problem b, version 02: \begin{itemize} on input line 9 ended by \end{statement}
    \end{statement}
                  ^
Close everything where it was opened.""",
    ),
    "ampersand": (
        "Let A & B be.",
        r"""problem b, version 02: Misplaced alignment tab character &
    Let A & B be.
          ^
Write an ampersand as \&.""",
    ),
    "foreign character": (
        "Let 王 be.",
        """problem b, version 02: Unicode character 王 (U+738B)
    Let 王 be.
        ^
Write it with Latin letters, or as a TeX command.""",
    ),
    "the day of the build": (
        r"Hand in by \today.",
        r"""problem b, version 02: \today has no date, as the same input gives the same pages on any day
    Hand in by \today.
               ^^^^^^
Write the date itself, or give one in the environment variable SOURCE_DATE_EPOCH.""",
    ),
    "file outside": (
        r"\input{/etc/passwd}",
        r"""problem b, version 02: File `/etc/passwd.tex' not found
    \input{/etc/passwd}
                      ^
A paper can use the packages of TeX, and no other file.""",
    ),
    "no file": (
        r"\input{nothing}",
        r"""problem b, version 02: File `nothing.tex' not found
    \input{nothing}
                  ^
A paper can use the packages of TeX, and no other file.""",
    ),
    "the document ended": (
        r"\end{document}",
        r"""problem b, version 02: \begin{statement} on input line 8 ended by \end{document}
    \end{document}
                 ^
Close everything where it was opened.""",
    ),
    "the file ended": (
        r"\endinput",
        r"""problem b, version 02: \begin{statement} is never closed
    \begin{statement}
    ^^^^^^^^^^^^^^^^^
Close everything where it was opened.""",
    ),
}


TOLD_OTHERWISE = ("undefined command", "environment never closed", "foreign character", "file outside", "no file")
"""Faults that not all engines tell of in the same words."""


@pytest.mark.parametrize(
    ("name", "engine"), [*((name, "pdflatex") for name in FAULTS), *((name, "tectonic") for name in TOLD_OTHERWISE)]
)
def test_a_fault_names_file_problem_version_and_line(name: str, engine: str) -> None:
    statement, message = FAULTS[name]
    if engine == "tectonic" and "file" in name:  # it says less of what it misses, and misses less
        message = re.sub(r"    (.*)\n +\^\n", lambda shown: f"    {shown[1]}\n    {'^' * len(shown[1])}\n", message)
    with pytest.raises(BuildError) as caught:  # of the paper alone, as in the end it is: test_tex_batch.py has others
        typeset([paper("02", "Alpha.", statement)], PREAMBLE, engine=find_engine(engine))
    assert str(caught.value) == f"{SHEET}:11: problems[1].statement: {message}"


def test_a_fault_of_several_versions_is_told_once() -> None:
    papers = [paper(label, r"Let \foo be.") for label in ("01", "02", "03")]
    with pytest.raises(BuildError, match=r"problem a, version 01: undefined command \\foo \(and in 2 more papers\)"):
        typeset(papers, PREAMBLE)


def test_what_a_template_leaves_open_is_noticed_without_an_error_from_tex() -> None:
    good, broken = paper("01", "Alpha."), paper("02", "Beta.")
    body = broken.body.replace("\\end{questions}\n\\end{paper}\n", "")
    with pytest.raises(BuildError) as caught:
        typeset([good, replace(broken, body=body), good], PREAMBLE)
    assert str(caught.value) == (
        f"{SHEET}: Sheet, version 02: \\begin{{questions}} is never closed\n"
        "    \\begin{questions}\n    ^^^^^^^^^^^^^^^^^\nClose everything where it was opened."
    )


@pytest.mark.parametrize("engine", ["xelatex", "lualatex", "tectonic"])
def test_a_letter_that_no_font_has_is_never_left_out(engine: str) -> None:
    with pytest.raises(BuildError, match=r"version 01: Unicode character 王 \(U\+738B\)"):
        typeset([paper("01", "Let 王 be.")], BARE, engine=find_engine(engine))


@pytest.mark.parametrize("loop", [r"\def\x{\x}\x", r"\loop\typeout{}\iftrue\repeat", r"\loop x\newpage\iftrue\repeat"])
def test_what_never_ends_is_ended(loop: str) -> None:
    with pytest.raises(BuildError) as caught:
        typeset([paper("01", "Alpha."), paper("02", "Alpha.", loop)], BARE, patience=2)
    assert str(caught.value) == (
        f"{SHEET}:11: problems[1].statement: problem b, version 02: TeX was still busy after 2 seconds\n"
        f"    {loop}\n    {'^' * len(loop)}\nLook for a loop, or for a macro that calls itself."
    )


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        (r"\oops", "undefined command \\oops\n    \\oops\n    ^^^^^\nCorrect it"),
        (r"\usepackage{nothing-there}", "File `nothing-there.sty' not found\nInstall TeX"),
    ],
)
def test_a_fault_in_the_preamble_is_no_problem_s(addition: str, message: str) -> None:
    with pytest.raises(BuildError) as caught:
        typeset([paper("01", "Alpha.")], PREAMBLE + addition)
    assert str(caught.value).startswith(f"{SHEET}: the preamble: {message}")


def test_without_tex_the_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr(engines, "FOLDERS", ())
    with pytest.raises(BuildError) as caught:
        typeset([paper("01", "Alpha.")], PREAMBLE)
    assert str(caught.value) == f"there is no TeX on this computer: pdflatex was not found\n{INSTALL_TEX}"
    for system in ("Debian, Ubuntu   sudo apt-get install", "Fedora ", "macOS ", "Windows "):
        assert system in INSTALL_TEX


def test_a_paper_cannot_run_programs_or_write_elsewhere(tmp_path: Path) -> None:
    target = tmp_path / "written"
    tricks = rf"\immediate\write18{{touch {target}}}\immediate\openout15={target}.txt \immediate\write15{{x}}Alpha."
    with pytest.raises(BuildError):
        typeset([paper("01", tricks)], PREAMBLE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ENGINES)
def test_a_day_that_the_environment_gives_is_printed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated = paper("01", r"\edef\x{\today}Hand in by \x.")
    with pytest.raises(BuildError, match=r"problem a, version 01: \\today has no date"):
        typeset([dated], BARE, engine=find_engine(name))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")
    assert "Hand in by December 1, 2026." in text(typeset([dated], BARE, engine=find_engine(name))[0], tmp_path)[0]


def test_a_counter_that_a_paper_changes_is_as_before_in_the_next(tmp_path: Path) -> None:
    papers = [paper("01", r"\setcounter{equation}{41}Alpha."), paper("02", r"\stepcounter{equation}Now \theequation.")]
    assert "Now 1." in text(typeset(papers, PREAMBLE)[1], tmp_path)[0]
