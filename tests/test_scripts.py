"""Names in any script are printed; what is missing for that is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.builder import Options, build
from generator.cli import main
from generator.errors import BuildError
from generator.render import engines, press, scripts
from tests.test_builder import tool

NAMES = ("Žofie Nováková", "Пётр Чайковский", "Nguyễn Thị Ánh", "Γιώργος αβγ", "王小芳", "王芳 Wang", "Đặng Ħal")
FROM_RIGHT = ("משה כהן", "محمد بن سلمان")
SHEET = "versions: 2\nproblems:\n  - function: c Tr(A X)\n    wrt: X\n    symbols: {A: n x m, X: m x n, c: scalar}\n"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    scripts._font.cache_clear()
    yield
    scripts._font.cache_clear()


def course(folder: Path, *names: str) -> Path:
    """A worksheet with a class list beside it."""
    (folder / "sheet.yaml").write_text(SHEET + "    vary: {c: 2..30}\nroster: class.csv\n")
    (folder / "class.csv").write_text("name,id\n" + "".join(f"{name},id{n}\n" for n, name in enumerate(names)))
    return folder / "sheet.yaml"


def test_names_in_any_script_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engines: list[str | None] = []
    isolated = press.isolated

    def noted(papers: object, preamble: str, *arguments: object) -> object:
        engines.append(getattr(arguments[-1], "name", None))
        return isolated(papers, preamble, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(press, "isolated", noted)
    built = build(course(tmp_path, *NAMES, *FROM_RIGHT), Options(output=tmp_path / "output", jobs=1))
    assert built.warnings == ()
    assert sorted(map(str, engines)) == ["pdflatex", *["xelatex"] * 2 * (len(NAMES) + len(FROM_RIGHT) - 1)]
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
    assert "class.csv:3: Bo𒀀: no font of this computer has '𒀀' (U+12000)\nInstall a font that has it" in said
    assert not (tmp_path / "output").exists()


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
