"""Figures: files beside the worksheet, in its papers, and part of what they are built from."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from generator.building.builder import Options, build
from generator.errors import GeneratorError
from generator.pdf import confinement, picture
from generator.pdf.read_guard import FIGURE
from generator.system import disk_cache
from tests.support.pictures import png

PROBLEM = "  - {function: Tr(A X), wrt: X, figure: {file: FILE, alt: An ellipse, width: 50%}}\n"
SHEET = "seed: 1\nrepeats: true\nversions: 2\nproblems:\n"


def pdf() -> bytes:
    """A figure as PDF, whose left half is black."""
    file, document = BytesIO(), pikepdf.new()
    page = document.add_blank_page(page_size=(100, 50))
    page.Contents = document.make_stream(b"0 0 50 50 re f")
    document.save(file)
    return file.getvalue()


FIGURES = {"plot.png": png(40, 20), "pictures/plot.pdf": pdf()}


def built(folder: Path, text: str, **options: object) -> Path:
    """The folder of a build."""
    for name, content in FIGURES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "sheet.yaml").write_text(SHEET + text)
    return build(folder / "sheet.yaml", Options(output=folder / "out", jobs=1, **options)).folder  # type: ignore[arg-type]


def images(paper: Path) -> int:
    """How many images, and figures from PDF of 100 by 50 pt, a paper has."""
    with pikepdf.open(paper) as document:
        objects = [one for page in document.pages for one in page.resources.get("/XObject", {}).values()]
        sizes = [[float(number) for number in one.get("/BBox", [])][2:] for one in objects]
        return sum(one.Subtype == "/Image" or size == [100, 50] for one, size in zip(objects, sizes, strict=True))


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_in_every_paper_with_each_engine(tmp_path: Path, name: str, engine: str) -> None:
    folder = built(tmp_path, PROBLEM.replace("FILE", name), engine=engine)
    for version in ("1", "2"):
        (paper,) = folder.glob(f"sheet-v*{version}.pdf")
        assert images(paper) == 1
    assert (folder / "tex" / "figures" / name).read_bytes() == FIGURES[name]


def test_an_engine_that_takes_no_figures_says_so(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="lualatex cannot have figures here\nBuild with another engine"):
        built(tmp_path, PROBLEM.replace("FILE", "plot.png"), engine="lualatex")


def test_html_holds_the_figure_and_its_alt_text(tmp_path: Path) -> None:
    folder = built(tmp_path, PROBLEM.replace("FILE", "plot.png"), formats=("html",))
    (page,) = folder.glob("sheet-v*1.html")
    found = re.search(r'<img src="data:image/png;base64,([^"]*)" alt="An ellipse" style="[^"]*">', page.read_text())
    assert found is not None
    assert base64.b64decode(found[1]) == FIGURES["plot.png"]


def picture_of(page: Path) -> Image.Image:
    """The only picture in a page of HTML."""
    (found,) = re.findall(r'<img src="data:image/png;base64,([^"]*)"', page.read_text())
    return Image.open(BytesIO(base64.b64decode(found)))


def test_html_has_a_picture_of_a_figure_in_pdf(tmp_path: Path) -> None:
    folder = built(tmp_path, PROBLEM.replace("FILE", "pictures/plot.pdf"), formats=("pdf", "html"))
    shown = picture_of(folder / "sheet-v01.html")
    assert shown.size == (1200, 600)
    gray = shown.convert("L")
    assert [gray.getpixel(place) for place in ((300, 300), (900, 300))] == [0, 255]  # its left half is black
    assert images(folder / "sheet-v01.pdf") == 1


def test_a_pdf_that_html_cannot_show_is_said_with_its_place(tmp_path: Path) -> None:
    file, document = BytesIO(), pikepdf.new()
    document.add_blank_page(page_size=(100, 50))
    document.save(file, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    (tmp_path / "locked.pdf").write_bytes(file.getvalue())
    with pytest.raises(GeneratorError) as error:
        built(tmp_path, PROBLEM.replace("FILE", "locked.pdf"), formats=("html",))
    assert re.search(r"sheet.yaml:5: problems\[0\].figure: HTML cannot show locked.pdf: .*password", str(error.value))
    assert "Save it as PDF again" in str(error.value)


def test_the_program_that_converts_a_pdf_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "CONVERTER", "while True: pass")
    monkeypatch.setattr(picture, "SECONDS", 1)
    monkeypatch.setattr(disk_cache, "kept", lambda name: None)
    with pytest.raises(picture.NoPictureError, match=r"1 seconds|status"):
        picture.png(pdf())


@pytest.mark.skipif(not confinement.means(), reason="nothing confines programs here")
def test_the_program_that_converts_a_pdf_reads_no_other_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    monkeypatch.setattr(picture, "CONVERTER", f"print(open({str(tmp_path / 'secret')!r}).read())")
    monkeypatch.setattr(disk_cache, "kept", lambda name: None)
    with pytest.raises(picture.NoPictureError, match=r"Permission denied|not permitted"):
        picture.png(pdf())


def test_a_logo_is_beside_the_title_of_each_problem_set(tmp_path: Path) -> None:
    logo = "  - {function: Tr(A X), wrt: X}\nlogo: {file: pictures/plot.pdf, alt: University of Examples}\n"
    folder = built(tmp_path, logo, formats=("pdf", "html"))
    assert images(folder / "sheet-v01.pdf") == images(folder / "sheet-v02.pdf") == 1
    assert images(folder / "sheet-v01-key.pdf") == 0
    with pikepdf.open(folder / "sheet-v01.pdf") as paper:
        kinds = {
            str(one.get("/S")): str(one.get("/Alt", "")) for one in paper.objects if isinstance(one, pikepdf.Dictionary)
        }
    assert kinds["/Figure"] == "University of Examples"
    page = (folder / "sheet-v01.html").read_text()
    assert '<p class="logo"><img src="data:image/png;base64,' in page
    assert 'alt="University of Examples"' in page
    assert "University of Examples" not in (folder / "sheet-v01-key.html").read_text()


def test_an_edited_figure_makes_papers_anew(tmp_path: Path) -> None:
    text = PROBLEM.replace("FILE", "plot.png")
    built(tmp_path, text)
    options = Options(output=tmp_path / "out", jobs=1)
    assert build(tmp_path / "sheet.yaml", options).current
    (tmp_path / "plot.png").write_bytes(png(60, 20))
    again = build(tmp_path / "sheet.yaml", options)
    assert not again.current
    assert again.typeset > 0


INCLUDED = "See \\includegraphics[width=3cm, alt={The graph of $x^2$, [twice]}]{plot.png}."
SPOKEN = "The graph of x squared, [twice]"
IN_CHOICES = {
    "the text of a choice": "choices: [{text: '%s', right: true}, {text: linear}]",
    "the reason of a choice": "choices: [{text: linear, why: '%s'}, {text: affine, right: true}]",
}
WITH_FIGURE = {
    **{key: f"{key}: '%s'" for key in ("statement", "hint", "note", "solution")},
    "answer": "answer: '%s'",
    **IN_CHOICES,
}
"""Places of a question of one's own where LaTeX stands, each with YAML for it."""


def own(place: str, latex: str) -> str:
    """A question of one's own with LaTeX at a place."""
    lines = {"statement": "statement: Why?", "solution": "solution: So."} | {place: WITH_FIGURE[place] % latex}
    return "  - id: own\n" + "".join(f"    {line}\n" for line in lines.values())


def alternatives(paper: Path) -> list[str]:
    """What the figures of a tagged paper show."""
    with pikepdf.open(paper) as pdf:
        elements = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        return [str(one["/Alt"]) for one in elements if one.get("/S") == "/Figure" and one["/K"]]


@pytest.mark.parametrize("place", WITH_FIGURE)
def test_figures_in_latex_of_an_author_are_in_keys_and_in_html(tmp_path: Path, place: str) -> None:
    folder = built(tmp_path, own(place, INCLUDED), formats=("pdf", "html", "tex"))
    assert images(folder / "sheet-v01-key.pdf") == 1
    assert alternatives(folder / "sheet-v01-key.pdf") == [SPOKEN]
    page = (folder / "sheet-v01-key.html").read_text()
    assert re.findall(r'<img src="data:image/png;base64,[^"]*" alt="([^"]*)" style="([^"]*)">', page) == [
        (SPOKEN, "width: 3cm;")
    ]
    source = (folder / "tex" / "sheet-v01-key.tex").read_text()
    assert r"\includegraphics[width=3cm]{plot.png}" in source  # which versions of LaTeX without the option read


@pytest.mark.parametrize("place", WITH_FIGURE)
def test_figures_in_latex_of_an_author_need_words(tmp_path: Path, place: str) -> None:
    latex = INCLUDED.replace(", alt={The graph of $x^2$, [twice]}", "")
    for name, what in (("pdf", "a tagged PDF needs words"), ("html", "HTML needs words")):
        with pytest.raises(GeneratorError) as error:
            built(tmp_path, own(place, latex), formats=(name,))
        assert f"{what} for the figure plot.png\nSay what it shows:  \\includegraphics[alt={{What it shows}}]" in str(
            error.value
        )


def test_options_that_html_cannot_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match=r"HTML cannot have the option angle=90 of the figure plot\.png"):
        built(tmp_path, own("hint", INCLUDED.replace("width", "angle=90, width")), formats=("html",))


def test_choices_may_be_figures(tmp_path: Path) -> None:
    choices = (
        "[{figure: {file: plot.png, alt: A line}}, {text: Both of $f$, figure: {file: pictures/plot.pdf, alt: A (wide)"
        " line, width: 4cm}, right: true}, {text: None}]"
    )
    text = f"  - statement: Which is f?\n    shuffle: false\n    choices: {choices}\n"
    folder = built(tmp_path, text, formats=("pdf", "html"))
    for name in ("sheet-v01", "sheet-v01-key"):
        assert images(folder / f"{name}.pdf") == 2
        assert alternatives(folder / f"{name}.pdf") == ["A line", "A (wide) line"]
        page = (folder / f"{name}.html").read_text()
        assert re.findall(r'<img [^>]* alt="([^"]*)" style="([^"]*)">', page) == [
            ("A line", "width: 5cm;"),
            ("A (wide) line", "width: 4cm;"),
        ]
    (letters,) = {tuple(one["choices"].values()) for one in answers(folder)}
    assert letters == ("plot.png", "Both of $f$ pictures/plot.pdf", "None")


def answers(folder: Path) -> list[dict[str, dict[str, str]]]:
    """The questions of all versions in a manifest."""
    versions = json.loads((folder / "manifest.json").read_text())["answers"]
    return [question for questions in versions.values() for question in questions]


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ("[{right: true}, {text: b}]", "this choice has no text and no figure"),
        ("[{figure: FIGURE, right: true}, {figure: FIGURE}]", "choices[1].figure: this choice is there twice"),
        ("[{figure: plot.png, right: true}, {text: b}]", "the figure has no alt text"),
        ("[{figure: {file: none.png, alt: x}, right: true}, {text: b}]", "there is no figure none.png"),
    ],
)
def test_a_wrong_choice_is_said(tmp_path: Path, choices: str, said: str) -> None:
    with pytest.raises(GeneratorError) as error:
        built(
            tmp_path, f"  - statement: Which?\n    choices: {choices.replace('FIGURE', '{file: plot.png, alt: x}')}\n"
        )
    assert said in str(error.value)


@pytest.mark.parametrize("key", ["statement", "hint", "note", "solution"])
def test_figures_in_latex_of_an_author_are_looked_for(tmp_path: Path, key: str) -> None:
    latex = "\\includegraphics[width=3cm]{none.png}"
    words = {"statement": "Why?", "solution": "So."} | {key: latex}
    lines = "".join(f"    {name}: '{said}'\n" for name, said in words.items())
    with pytest.raises(GeneratorError, match=r"there is no figure none\.png"):
        built(tmp_path, f"  - id: own\n{lines}")


def test_latex_of_an_author_includes_figures(tmp_path: Path) -> None:
    text = (
        "  - function: Tr(A X)\n    wrt: X\n"
        "    statement: 'Find $\\nabla <<function>>$. \\includegraphics[width=3cm]{plot.png}'\n"
        "    alt: Find nabla of <<function>>. A plot.\n"
    )
    folder = built(tmp_path, text)
    (paper,) = folder.glob("sheet-v*1.pdf")
    assert images(paper) == 1


@pytest.mark.parametrize(
    ("special", "is_own"),
    [
        (b"pdf:image bbox 0 0 40 20 clip 0 width 234.9pt height 117.4pt (figures//plot.png) ", True),
        (b"pdf:image matrix 1.0 0.0 page 0 pagebox cropbox (./figures//pictures/plot.pdf)", True),
        (b"pdf:image (figures/../../secret.png)", False),
        (b"pdf:image (/etc/secret.png)", False),
        (b"pdf:image (../figures/plot.png)", False),
        (b"pdf:image (figures/plot.png) (/etc/secret.png)", False),
    ],
)
def test_the_driver_of_xetex_is_told_of_no_other_images(special: bytes, is_own: bool) -> None:
    assert (FIGURE.fullmatch(special) is not None) == is_own


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("plot.png", "the figure has no alt text\nWrite it as {file: plot.png, alt: What it shows}"),
        ("{file: plot.png}", "the key 'alt' is missing"),
        ("{file: none.png, alt: x}", "there is no figure none.png beside the worksheet"),
        ("{file: ../plot.png, alt: x}", "is no name of a figure beside the worksheet"),
        ("{file: /etc/plot.png, alt: x}", "is no name of a figure beside the worksheet"),
        ("{file: plot.svg, alt: x}", "is no figure that can be printed"),
        ("{file: linked.png, alt: x}", "is a link to a file in another folder"),
        ("{file: fake.png, alt: x}", "is not what its name says"),
        ("{file: plot.png, alt: x, width: 12}", "must be a length or a share of the line"),
    ],
)
def test_a_wrong_figure_is_said_with_its_place(tmp_path: Path, figure: str, said: str) -> None:
    sheet = tmp_path / "sheet"
    sheet.mkdir()
    (tmp_path / "secret.png").write_bytes(png(1, 1))
    (sheet / "linked.png").symlink_to(tmp_path / "secret.png")
    (sheet / "fake.png").write_text("no image")
    with pytest.raises(GeneratorError) as error:
        built(sheet, f"  - function: Tr(A X)\n    wrt: X\n    figure: {figure}\n")
    assert said in str(error.value)
    assert "sheet.yaml:7" in str(error.value)


@pytest.mark.parametrize("name", ["enumerate", "itemize", "checkboxes"])
def test_items_of_lists_stand_apart_from_their_labels(tmp_path: Path, name: str) -> None:
    item = r"\choice" if name == "checkboxes" else r"\item"
    latex = rf"Of $<<function>>$: \begin{{{name}}}{item} smooth \end{{{name}}}"
    folder = built(tmp_path, f"  - function: Tr(A X)\n    wrt: X\n    statement: '{latex}'\n")
    (paper,) = folder.glob("sheet-v*1.pdf")
    boxes = subprocess.run(["pdftotext", "-bbox", paper, "-"], capture_output=True, text=True, check=True).stdout
    assert re.search(r">smooth<", boxes)  # a word of its own: no label touches it


def test_a_tagged_figure_has_the_words_of_its_author(tmp_path: Path) -> None:
    one = PROBLEM.replace("FILE", "plot.png")
    two = one.replace("An ellipse", '"Two (é) ellipses"').replace("wrt: X", "wrt: X, parts: [{}, {find: hessian}]")
    folder = built(tmp_path, two + one)
    for name in ("sheet-v*1.pdf", "sheet-v*1-key.pdf"):
        (paper,) = folder.glob(name)
        with pikepdf.open(paper) as pdf:
            figures = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"]
            assert [(str(one["/Alt"]), len(one["/K"])) for one in figures] == [
                ("Two (é) ellipses", 1),
                ("An ellipse", 1),
            ]


@pytest.mark.parametrize("tagged", [True, False])
def test_a_tagged_figure_in_latex_of_an_author_needs_words(tmp_path: Path, *, tagged: bool) -> None:
    statement = "Find $\\nabla <<function>>$. \\includegraphics[width=3cm]{plot.png}"
    text = f"  - function: Tr(A X)\n    wrt: X\n    statement: '{statement}'\n"
    if not tagged:
        assert built(tmp_path, f"{text}print: {{tagged: false}}\n")
        return
    with pytest.raises(GeneratorError) as error:
        built(tmp_path, text)
    assert "sheet.yaml:7: problems[0].statement: a tagged PDF needs words for the figure plot.png" in str(error.value)
    assert r"\includegraphics[alt={What it shows}]{plot.png}" in str(error.value)
    assert "tagged: false" in str(error.value)
    (paper,) = built(tmp_path, f"{text}    alt: Find nabla of <<function>>. It is plotted.\n").glob("sheet-v*1.pdf")
    with pikepdf.open(paper) as pdf:
        said = [str(one["/Alt"]) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
    assert "Find nabla of the trace of capital A capital X, end trace. It is plotted." in said
