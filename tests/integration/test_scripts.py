"""Names in any script are printed; what is missing for that is said."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.building.builder import Options, build
from generator.cli import main
from generator.errors import BuildError, RosterError
from generator.formats.latex import scripts
from generator.pdf import engines, tex_batch
from generator.worksheet.roster import read_class_list
from tests.integration.test_builder import tool

NAMES = ("Žofie Nováková", "Пётр Γιώργος αβγ", "Nguyễn Thị Ánh Ħal", "王小芳", "Пётр 王芳 Wang")
FROM_RIGHT = ("משה כהן", "محمد بن سلمان")
SHEET = "versions: 2\nproblems:\n  - function: c Tr(A X)\n    wrt: X\n    symbols: {A: n x m, X: m x n, c: scalar}\n"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    remembered = (scripts._font, scripts._families)
    for function in remembered:
        function.cache_clear()
    yield
    for function in remembered:
        function.cache_clear()


def course(folder: Path, *names: str) -> Path:
    """A worksheet with a class list beside it."""
    (folder / "sheet.yaml").write_text(SHEET + "    vary: {c: 2..30}\nroster: class.csv\n")
    (folder / "class.csv").write_text("name,id\n" + "".join(f"{name},id{n}\n" for n, name in enumerate(names)))
    return folder / "sheet.yaml"


def test_names_in_any_script_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engines: list[str | None] = []
    isolated = tex_batch.isolated

    def noted(papers: object, preamble: str, *arguments: object) -> object:
        engines.append(getattr(arguments[-1], "name", None))
        return isolated(papers, preamble, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(tex_batch, "isolated", noted)
    built = build(course(tmp_path, *NAMES, *FROM_RIGHT), Options(output=tmp_path / "output", jobs=1))
    assert built.warnings == ()
    assert sorted(map(str, engines)) == [
        "pdflatex",
        *["xelatex"] * (2 * (len(NAMES) + len(FROM_RIGHT) - 1) + 1),  # and the names beside all answers
    ]
    folder = tmp_path / "output/sheet"
    papers = [pdf for pdf in sorted(folder.glob("sheet-v*.pdf")) if "key" not in pdf.stem]
    words = {pdf: tool("pdftotext", pdf, "-") for pdf in papers}
    for n, name in enumerate(NAMES):
        (mine,) = (text for text in words.values() if f"id{n}" in text)
        assert name in mine
        assert "gradient" in mine
    for n, name in enumerate(FROM_RIGHT, len(NAMES)):
        (mine,) = (text for text in words.values() if f"id{n}" in text)
        assert len([letter for letter in mine if "\u0590" < letter < "\ufefd"]) >= len(name.replace(" ", ""))


def test_the_paper_of_a_name_is_the_same_alone(tmp_path: Path) -> None:
    sheet = course(tmp_path, "Ada", "Пётр")
    build(sheet, Options(output=tmp_path / "both"))
    for number in (1, 2):
        build(sheet, Options(output=tmp_path / "one", only=(number,)))
        for name in (f"sheet-v0{number}.pdf", f"sheet-v0{number}-key.pdf"):
            assert (tmp_path / "one/sheet" / name).read_bytes() == (tmp_path / "both/sheet" / name).read_bytes()


def test_a_letter_that_no_font_has_is_said_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        build(course(tmp_path, "Ada", "Bo\U00012000"), Options(output=tmp_path / "output"))
    said = str(caught.value)
    assert (
        "class.csv:3: Bo𒀀: no font of this computer has '𒀀' (U+12000), Cuneiform\nInstall a font for Cuneiform" in said
    )
    assert not (tmp_path / "output").exists()


def only(monkeypatch: pytest.MonkeyPatch, known: str, *families: str) -> None:
    """Let the fonts of this computer have these letters alone."""
    font = scripts._font
    monkeypatch.setattr(scripts, "_font", lambda letters: font(letters) if set(letters) <= set(known) else None)
    monkeypatch.setattr(scripts, "_families", lambda: frozenset(families))


CYRILLIC = "Пётр Чайковский"
UNPRINTABLE = {
    "김민수": ("'김' (U+AE40), '민' (U+BBFC), '수' (U+C218), Korean", "fonts-nanum", "google-noto-sans-cjk-fonts"),
    "สมชัย": (
        "'ส' (U+0E2A), 'ม' (U+0E21), 'ช' (U+0E0A), 'ั' (U+0E31), 'ย' (U+0E22), Thai",
        "fonts-noto-core",
        "google-noto-sans-thai-fonts",
    ),
    "कमल Kamal": (
        "'क' (U+0915), 'म' (U+092E), 'ल' (U+0932), Devanagari",
        "fonts-noto-core",
        "google-noto-sans-devanagari-fonts",
    ),
    "王芳": ("'王' (U+738B), '芳' (U+82B3), Chinese", "fonts-noto-cjk", "google-noto-sans-cjk-fonts"),
    "Ada王김": (
        "'王' (U+738B), '김' (U+AE40), Chinese, Korean",
        "fonts-noto-cjk fonts-nanum",
        "google-noto-sans-cjk-fonts",
    ),
    "Пи王": ("'王' (U+738B), Chinese", "fonts-noto-cjk", "google-noto-sans-cjk-fonts"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNPRINTABLE)
def test_what_no_font_has_is_said_by_letter_and_script_with_packages(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters, debian, fedora = UNPRINTABLE[name]
    only(monkeypatch, "Пи")
    with pytest.raises(BuildError) as caught:
        scripts.shown(name)
    assert caught.value.what == f"no font of this computer has {letters}"
    assert f"Debian, Ubuntu   sudo apt-get install {debian}\n" in caught.value.remedy
    assert f"Fedora           sudo dnf install {fedora}\n" in caught.value.remedy


def test_fonts_that_are_here_are_not_advised(monkeypatch: pytest.MonkeyPatch) -> None:
    for script in scripts.SCRIPTS.values():
        families = [font.family for font in script.fonts]
        for count in range(len(families) + 1):
            only(monkeypatch, "", *families[:count])
            said = scripts.advice([script])
            gone = [name for font in script.fonts[:count] for name in (font.debian, font.family)]
            assert not any(name in said.split() or said.endswith(name) for name in gone)
            for font in script.fonts[count : count + 1]:
                assert f"apt-get install {font.debian}" in said
                assert said.endswith(font.family)
    assert said == "Write it in other letters, or install another font for Tibetan, then build again."


def test_a_word_of_several_scripts_is_set_in_their_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = {"к": "cyrillic.otf", "\u0301к": "cyrillic.otf", "王": "chinese.ttc"}
    monkeypatch.setattr(scripts, "_font", fonts.get)
    assert scripts.shown("Ada к\u0301王") == (
        r"Ada \inscript{cyrillic.otf}{к\u0301}\inscript{chinese.ttc}{王}".replace(r"\u0301", "\u0301")
    )


def test_joiners_belong_to_names_but_need_no_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("می\u200cنا", "ශ්\u200dරී", "क्\u200dष")
    course(tmp_path, *names)
    assert tuple(student.name for student in read_class_list(tmp_path / "class.csv").students) == names
    only(monkeypatch, "".join(names).replace("\u200c", "").replace("\u200d", ""))
    monkeypatch.setattr(scripts, "_font", lambda letters: None if set(letters) & set(scripts.JOINERS) else "f.otf")
    assert all(rf"\inscript{{f.otf}}{{{name}}}" in scripts.shown(name) for name in names)
    for strange in ("A\u200dda", "A\u200cda", "\u200dمحمد"):
        course(tmp_path, strange)
        with pytest.raises(RosterError, match="cannot be printed"):
            read_class_list(tmp_path / "class.csv")


def test_one_name_that_cannot_be_printed_keeps_no_other_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, CYRILLIC)
    course(tmp_path, "Ada", "김민수", CYRILLIC, "이지은")
    monkeypatch.chdir(tmp_path)
    arguments = ["build", "sheet.yaml", "-j", "1"]
    stopped = CliRunner().invoke(main, arguments)
    assert stopped.exit_code == 1
    assert [line.partition(": no font")[0] for line in stopped.stderr.splitlines()[:2]] == [
        f"class.csv:{line}: {name}" for line, name in ((3, "김민수"), (5, "이지은"))
    ]
    assert stopped.stderr.count("sudo apt-get install fonts-nanum") == 1
    assert not (tmp_path / "output").exists()

    result = CliRunner().invoke(main, [*arguments, "--keep-going"])
    assert result.exit_code == 1
    assert stopped.stderr in result.stderr
    assert "sheet.yaml: 2 versions of 1 problem" in result.stdout
    folder = tmp_path / "output/sheet"
    table = list(csv.DictReader((folder / "sheet-roster.csv").read_text("utf-8-sig").splitlines()))
    made = {row["name"]: [folder / name for name in row["files"].split("; ") if name] for row in table}
    assert {name: len(files) for name, files in made.items()} == {"Ada": 2, CYRILLIC: 2, "김민수": 0, "이지은": 0}
    papers = set(folder.glob("sheet-v*.pdf"))
    assert papers == {pdf for files in made.values() for pdf in files}
    assert CYRILLIC in tool("pdftotext", made[CYRILLIC][0], "-")
    assert int(tool("pdfinfo", folder / "sheet-all.pdf").split("Pages:")[1].split()[0]) >= 2

    assert "nothing has changed" not in CliRunner().invoke(main, [*arguments, "--keep-going"]).stdout


def test_where_none_of_the_wanted_names_can_be_printed_nothing_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "")
    sheet = course(tmp_path, "Ada", "김민수")
    for number in (1, 2):
        options = Options(output=tmp_path / f"output{number}", only=(number,), keep_going=True, formats=("tex",))
        try:
            build(sheet, options)
        except BuildError as error:
            failed, said = number, str(error)
    assert "김민수: no font of this computer has" in said
    assert not (tmp_path / f"output{failed}").exists()
    assert (tmp_path / f"output{3 - failed}").exists()


def test_without_xelatex_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines, "FOLDERS", ())
    with pytest.raises(BuildError, match=r"class\.csv:2: Пётр: xelatex was not found on this computer\nInstall it"):
        build(course(tmp_path, "Пётр"), Options(output=tmp_path / "output"))


def test_the_doctor_says_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0
    for what in ("Python: 3.", "pdflatex: pdfTeX", "xelatex: XeTeX", "TeX's packages and fonts: all", "Cyrillic"):
        assert what in result.stdout
    assert result.stdout.endswith("Worksheets can be built.\n")


def test_the_doctor_says_which_script_lacks_which_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lacking = {"김": "fonts-nanum", "ก": "fonts-noto-core"}
    only(monkeypatch, "".join({script.letter for script in scripts.SCRIPTS.values()} - lacking.keys()))
    monkeypatch.setattr(scripts, "_font", lambda letters: None if letters in lacking else "some.otf")
    said = CliRunner().invoke(main, ["doctor"]).stdout
    assert (
        "fonts for names in other scripts: Latin with many accents, Greek, Cyrillic, Chinese, Japanese, Arabic" in said
    )
    assert (
        "not there: fonts for names in Korean, Thai\n    Install a font for Korean, Thai, then build again:\n" in said
    )
    assert "sudo apt-get install fonts-nanum fonts-noto-core\n" in said
    assert "NanumGothic, Noto Sans Thai\n" in said


def test_the_doctor_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines, "FOLDERS", ())
    result = CliRunner().invoke(main, ["doctor", "-o", str(tmp_path)])
    assert result.exit_code == 1
    assert (
        "MISSING: a TeX engine\n    Install TeX, then build again:\n        Debian, Ubuntu   sudo apt-get"
        in result.stdout
    )
    assert result.stdout.endswith("Worksheets cannot be built yet.\n")
