"""Attacks outside TeX: files that are made to hang it, to fill the memory, or to reach other files are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NoReturn

import pytest

from generator.building.builder import Options, build, sources
from generator.errors import BuildError, GeneratorError, RosterError, WorksheetError
from generator.expr.parsing.grammar import grammar, lex
from generator.formats.latex.templates import LatexTemplates
from generator.formats.templates.budget import BUDGET
from generator.system.disk_cache import remembered
from generator.worksheet.bank import Bank
from generator.worksheet.load import load_worksheet
from generator.worksheet.roster import read_class_list, read_table

PROBLEM = "problems:\n  - function: Tr(A X)\n    wrt: X\n"


def problem(function: str, more: str = "") -> str:
    return f"problems:\n  - function: '{function}'\n    wrt: X\n{more}"


WORKSHEETS = {
    "object": (
        f"title: !!python/object/apply:os.system [touch x]\n{PROBLEM}",
        "the tag !!python/object/apply:os.system",
    ),
    "aliases": (
        "a: &a [x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 8)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + PROBLEM,
        "too large for a worksheet",
    ),
    "nesting": ("title: " + "{a: " * 900 + "}" * 900 + f"\n{PROBLEM}", "nested too deeply"),
    "size": ("#" * 1_000_001 + f"\n{PROBLEM}", "too large for a worksheet"),
    "versions": (f"versions: 1000000000\n{PROBLEM}", "must be at most 9999"),
    "long number": (f"seed: {'9' * 5000}\n{PROBLEM}", "must be a whole number"),
    "long range": (
        problem("c Tr(A X)", "    symbols: {c: scalar, A: n x n, X: n x n}\n    vary: {c: 1..100000000}\n"),
        "has more than 1000 numbers",
    ),
    "power": (problem("Tr(X^1000000000)"), "a power above 30"),
    "tower": (problem("9^9^9^9 Tr(X)"), "a power of a power"),
    "number": (problem("9" * 3000 + " Tr(X)"), "a number beyond all need"),
    "size of a matrix": (
        problem("Tr(A X)", "    symbols: {A: 9999 x 9999, X: 9999 x 9999}\n"),
        "a dimension above 50",
    ),
    "product of sizes": (problem("Tr(eye(9*9) X)"), "a dimension above 50"),
    "drawn size": (
        problem("Tr(A X)", "    symbols: {A: n x n, X: n x n}\n    vary: {dimensions: {n: [999]}}\n"),
        "999 is a dimension above 50",
    ),
    "brackets": (problem("(" * 1500 + "Tr(X)" + ")" * 1500), "the expression is nested too deeply"),
    "terms": (problem(" + ".join(f"Tr(A_{i} X)" for i in range(500))), "an expression of over 4000 characters"),
    "names": (problem(" + ".join(f"||A_{i} x_{i} - b_{i}||^2" for i in range(60))), "X does not occur in the function"),
    "id": (f"{PROBLEM}    id: ../../x\n", "'../../x' cannot be an id"),
    "nothing": (f"title: a\0b\n{PROBLEM}", "the character U+0000 has no place in a text"),
    "bank": ("bank: ../../etc\nproblems:\n  - use: x\n", "must be a folder beside the worksheet"),
    "bank that is not used": (f"bank: /etc\n{PROBLEM}", "sheet.yaml:1: bank: must be a folder beside the worksheet"),
    "roster": (f"roster: ../../etc/passwd\n{PROBLEM}", "there is no class list ../../etc/passwd beside"),
}


@pytest.mark.parametrize("attack", WORKSHEETS)
def test_a_worksheet_that_asks_for_too_much_is_refused_in_words(attack: str, tmp_path: Path) -> None:
    text, what = WORKSHEETS[attack]
    file = tmp_path / "sheet.yaml"
    file.write_text(text)
    with pytest.raises(GeneratorError) as caught:
        load_worksheet(file)
    assert what in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert all(len(line) < 300 + len(str(file)) for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    "name", ["..yaml", "...yaml", ".yaml", ".hidden.yaml", "-rf.yaml", "a\nb.yaml", "a\u202eb.yaml"]
)
def test_no_paper_is_named_like_a_folder_above_an_option_or_what_cannot_be_seen(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(PROBLEM)
    other = tmp_path / "output" / "other.txt"
    other.parent.mkdir()
    other.write_text("mine")
    with pytest.raises(WorksheetError, match="cannot be named after this file"):
        build(tmp_path / name, Options(tmp_path / "output", formats=("tex",)))
    assert list((tmp_path / "output").iterdir()) == [other]


FAMILY = "mine:\n  title: Mine\n  topic: trace\n  difficulty: 1\n  source: me\n  function: tr(A X)\n  wrt: X\n"


def test_families_that_are_a_link_to_elsewhere_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(FAMILY)
    families = tmp_path / "course" / "families"
    families.mkdir(parents=True)
    (families / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (families / "notes.txt").symlink_to(tmp_path / "outside.yaml")
    sheet = families.parent / "sheet.yaml"
    sheet.write_text("bank: families\nproblems:\n  - use: mine\n")
    with pytest.raises(WorksheetError, match=r"families/link\.yaml: .* a link to a file in another folder"):
        build(sheet, Options(tmp_path / "output", formats=("tex",)))
    (families / "link.yaml").unlink()
    (families / "mine.yaml").write_text(FAMILY)
    (families / "other.yaml").symlink_to("mine.yaml")
    assert not build(sheet, Options(tmp_path / "output", formats=("tex",))).current
    read = sources(sheet, Options(tmp_path / "output", formats=("tex",)))
    assert read == [sheet, families / "mine.yaml", families / "other.yaml", families]


@pytest.mark.parametrize("key", ["bank", "roster"])
def test_a_link_does_not_lead_out_of_the_folder(key: str, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "elsewhere")
    file = tmp_path / "here" / "sheet.yaml"
    file.write_text(f"{key}: link\n{PROBLEM}  - use: x\n" if key == "bank" else f"{key}: link\n{PROBLEM}")
    with pytest.raises(WorksheetError, match="beside the worksheet"):
        load_worksheet(file)


ROSTERS = {
    "formula": ('1,"=cmd()"', "'=cmd()' cannot be the name"),
    "plus": ("1,+1", "cannot be the name"),
    "minus": ("1,-1", "cannot be the name"),
    "at": ("1,@x", "cannot be the name"),
    "tab": ('1,"\t=x"', "cannot be the name"),
    "no-break space": ("1,\u00a0=x", "cannot be the name"),
    "unseen": ("1,\u200b=x", "U+200B"),
    "behind a semicolon": ('1,"x;=cmd()"', "cannot be the name"),
    "behind a comma": ('1,"x, =cmd()"', "cannot be the name"),
    "behind a quote": ('1,"x "";=cmd()"', "cannot be the name"),
    "formula for an id": ("=1,x", "cannot be the id"),
    "long": ("1," + "a" * 5000, "cannot be the name"),
    "longer": ("1," + "a" * 500_000, "not a table"),
    "rows": ("\n".join(f"{i},a" for i in range(100_000)), "there are 100000 students"),
    "large": ("1,a\n" * 300_000, "over 1 MB"),
    "open quote": ('1,"a\n2,b', "not a table"),
    "nothing": ("1,a\0b", "U+0000"),
    "turned": ("1,a\u202eb", "U+202E"),
}


@pytest.mark.parametrize("attack", ROSTERS)
def test_a_class_list_that_would_do_harm_is_refused(attack: str, tmp_path: Path) -> None:
    rows, what = ROSTERS[attack]
    file = tmp_path / "students.csv"
    file.write_text(f"id,name\n{rows}\n", encoding="utf-8", newline="")
    with pytest.raises(RosterError) as caught:
        read_class_list(file)
    assert what in str(caught.value)
    assert str(caught.value).startswith(str(file))


@pytest.mark.parametrize("version", ["9" * 5000, "²", "-1", "0", "1e3"])
def test_a_version_in_the_table_is_a_small_number(version: str, tmp_path: Path) -> None:
    file = tmp_path / "sheet-roster.csv"
    file.write_text(f"id,name,version\n1,a,{version}\n", encoding="utf-8")
    with pytest.raises(RosterError, match="is not the number of a version"):
        read_table(file)


def test_two_columns_for_the_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text("id,name,name\n1,a,b\n")
    with pytest.raises(RosterError, match="more than one column could be the name"):
        read_class_list(tmp_path / "students.csv")


def test_a_path_for_an_id_makes_no_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text("id,name\n../../x,../../../etc/passwd\n/y,a/b\n")
    (tmp_path / "sheet.yaml").write_text(f"roster: students.csv\n{PROBLEM}")
    before = set(tmp_path.parent.iterdir())
    build(tmp_path / "sheet.yaml", Options(tmp_path / "output", formats=("tex",)))
    assert {file.name for file in tmp_path.iterdir()} == {"students.csv", "sheet.yaml", "output"}
    assert set(tmp_path.parent.iterdir()) == before


TEMPLATES = {
    "class": ("<%= ''.__class__.__mro__ %>", "what templates may not"),
    "globals": ("<%= cycler.__init__.__globals__ %>", "what templates may not"),
    "attr": ("<%= ''|attr('__class__') %>", "what templates may not"),
    "format": ("<%= '{0.__class__}'.format('') %>", "what templates may not"),
    "lipsum": ("<%= lipsum() %>", "'lipsum' is undefined"),
    "random": ("<%= [1, 2]|random %>", "No filter named 'random'"),
    "include": ("<% include '/etc/passwd' %>", "there is no template '/etc/passwd'"),
    "include above": ("<% include '../x.tex.j2' %>", "there is no template '../x.tex.j2'"),
    "import": ("<% import 'os' as os %>", "there is no template 'os'"),
    "import itself": ("<% import 'own.tex.j2' as own %>", "the template fails"),
    "range": ("<% for i in range(10**9) %>x<% endfor %>", "the template asks for too much"),
    "ranges": (
        "<% for i in range(90000) %><% for j in range(90000) %><% endfor %><% endfor %>",
        "the template asks for too much",
    ),
    "condition": (
        "<% for i in range(90000) if range(90000)|sum < 0 %>x<% endfor %>",
        "the template asks for too much",
    ),
    "product": ("<%= 'a' * 10**9 %>", "the template asks for too much"),
    "list": ("<% set x = 10**9 * [1] %>", "the template asks for too much"),
    "power": ("<% set x = 9**(9**9) %>", "the template asks for too much"),
    "width": ("<%= 'a'|center(10**9) %>", "the template asks for too much"),
    "method": ("<%= 'a'.ljust(10**9) %>", "the template asks for too much"),
    "percent": ("<%= '%999999999d' % 1 %>", "the template asks for too much"),
    "star": ("<%= '%*d' % (10**9, 1) %>", "the template asks for too much"),
    "format filter": ("<%= '%999999999d'|format(1) %>", "the template asks for too much"),
    "format width": ("<%= '{:999999999}'.format(1) %>", "the template asks for too much"),
    "doubling": (
        "<% set n = namespace(x='a') %><% for i in range(99) %><% set n.x = n.x ~ n.x %><% endfor %>",
        "the template asks for too much",
    ),
    "sum": (
        "<% set n = namespace(x='a') %><% for i in range(99) %><% set n.x = n.x + n.x %><% endfor %>",
        "the template asks for too much",
    ),
    "squares": (
        "<% set n = namespace(x=3) %><% for i in range(99) %><% set n.x = n.x * n.x %><% endfor %>",
        "the template asks for too much",
    ),
    "replace": (
        "<% set n = namespace(x='aa') %><% for i in range(99) %><% set n.x = n.x|replace('a', 'aa') %><% endfor %>",
        "the template asks for too much",
    ),
    "recursion": ("<% macro m() %><%= m() %><% endmacro %><%= m() %>", "the template fails"),
    "tree": (
        "<% macro m(n) %><% if n %><% set x = m(n - 1) %><% set y = m(n - 1) %><% endif %><% endmacro %><%= m(60) %>",
        "the template asks for too much",
    ),
}


@pytest.mark.parametrize("attack", TEMPLATES)
def test_a_template_cannot_reach_out_hang_or_fill_the_memory(attack: str, tmp_path: Path) -> None:
    text, what = TEMPLATES[attack]
    (tmp_path / "own.tex.j2").write_text(f"a\n{text}\n")
    with pytest.raises(BuildError) as caught:
        LatexTemplates(tmp_path).fill("own.tex.j2")
    assert what in caught.value.what
    assert caught.value.remedy
    assert caught.value.file is not None
    assert caught.value.file.line == 2
    assert len(str(caught.value)) < 1000


def test_a_template_that_does_much_is_filled_each_time(tmp_path: Path) -> None:
    (tmp_path / "own.tex.j2").write_text("<% for i in range(9000) %><%= 'ab' ~ i %><% endfor %>")
    templates = LatexTemplates(tmp_path)
    for _ in range(2):
        templates.fill("own.tex.j2")
        assert templates.left > BUDGET * 0.9


def test_a_template_that_is_a_link_to_elsewhere_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "own" / "own.tex.j2").symlink_to(tmp_path / "outside.txt")
    (tmp_path / "own" / "other.tex.j2").write_text("\n<% include 'own.tex.j2' %>")
    for name in ("own", "other"):
        with pytest.raises(BuildError, match="a link to a file in another folder"):
            LatexTemplates(tmp_path / "own").fill(f"{name}.tex.j2")


# The output folder


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A worksheet that has been built in `output`."""
    file = tmp_path / "sheet.yaml"
    file.write_text(PROBLEM)
    build(file, Options(tmp_path / "output", formats=("tex",)))
    return file


def rebuilt(sheet: Path) -> None:
    sheet.write_text(f"title: Another\n{PROBLEM}")
    build(sheet, Options(sheet.parent / "output", formats=("tex",)))


def test_nothing_is_written_through_a_link(sheet: Path) -> None:
    outside = sheet.with_name("outside")
    outside.write_text("mine")
    folder = sheet.parent / "output" / "sheet"
    for name in ("tex/sheet-v01.tex", "tex/sheet-v01-key.tex", "manifest.json"):
        (folder / name).unlink()
        (folder / name).symlink_to(outside)
    rebuilt(sheet)
    assert outside.read_text() == "mine"
    assert "Another" in (folder / "tex" / "sheet-v01.tex").read_text()
    assert not any(file.read_text() == "mine" for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def test_a_folder_that_is_a_link_is_left_alone(sheet: Path) -> None:
    outside = sheet.with_name("outside")
    (sheet.parent / "output" / "sheet").rename(outside)
    (sheet.parent / "output" / "sheet").symlink_to(outside)
    before = {file: file.read_bytes() for file in outside.rglob("*.tex")}
    with pytest.raises(BuildError, match="is a link to another folder"):
        rebuilt(sheet)
    assert before == {file: file.read_bytes() for file in outside.rglob("*.tex")}
    assert (sheet.parent / "output" / "sheet").is_symlink()


def test_a_folder_that_may_not_be_written_says_so(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **options: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")  # what chmod does not bring about for an administrator

    monkeypatch.setattr(os, "mkdir", refused)
    with pytest.raises(BuildError, match=r"cannot write to .*sheet: Permission denied"):
        rebuilt(sheet)


@pytest.mark.parametrize(
    "manifest",
    [
        "[" * 100_000,
        "[]",
        '{"files": {"../../outside": 5}}',
        '{"files": {}, "printed": {"sheet-v01.pdf": 7}}',
        '{"files": {}, "printed": {"sheet-v01.pdf": {"pages": "x"}}}',
        '{"files": {}, "answers": {"x": []}}',
        '{"files": {}, "answers": [[]]}',
        json.dumps({"files": {}, "answers": {"9" * 5000: []}}),
    ],
)
def test_a_damaged_manifest_does_no_harm(sheet: Path, manifest: str) -> None:
    (sheet.parent / "output" / "sheet" / "manifest.json").write_text(manifest)
    built = build(sheet, Options(sheet.parent / "output", formats=("tex",)))
    assert not built.current


@pytest.mark.parametrize("damage", [0, 1, 20, 33, -1, None, "a folder", "a pipe"])
def test_a_damaged_cache_is_found_again(
    damage: int | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    looked_up = 0

    def find() -> int:
        nonlocal looked_up
        looked_up += 1
        return 1234

    assert [remembered("numbers", "key", find, int) for _ in range(3)] == [1234] * 3
    assert looked_up == 1
    (file,) = tmp_path.rglob("numbers-*")
    whole = file.read_bytes()
    if isinstance(damage, str):
        file.unlink()
        file.mkdir() if damage == "a folder" else os.mkfifo(file)
    else:
        file.write_bytes(whole[:damage] if damage is not None else whole.replace(b"1234", b"1235"))
    assert remembered("numbers", "key", find, int) == 1234
    assert looked_up == 2
    assert damage == "a folder" or file.read_bytes() == whole


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for what this program compiles."""
    monkeypatch.setattr("sys.pycache_prefix", str(tmp_path / "compiled"))
    return tmp_path / "compiled"


@pytest.mark.parametrize("content", [b"", b"no grammar", None], ids=["empty", "damaged", "a folder"])
def test_damaged_tables_of_the_grammar_are_made_again(content: bytes | None, compiled: Path) -> None:
    grammar.cache_clear()
    try:
        lex("Tr(A X)")
        (kept,) = compiled.rglob("*.tables")
        kept.unlink()
        if content is None:
            kept.mkdir()
        else:
            kept.write_bytes(content)
        for _ in range(2):  # what is kept is read by the second
            grammar.cache_clear()
            assert [str(token) for token in lex("Tr(A X)")] == ["Tr", "(", "A", "X", ")"]
    finally:
        grammar.cache_clear()


@pytest.mark.parametrize("content", [b"", b"j2 damaged", None], ids=["empty", "damaged", "a folder"])
def test_damaged_templates_are_compiled_again(content: bytes | None, compiled: Path) -> None:
    wanted = LatexTemplates().fill("characters.tex.j2")
    (kept,) = compiled.rglob("*.characters.tex.j2")
    if content is None:
        kept.unlink()
        kept.mkdir()
    else:
        kept.write_bytes(content)
    assert LatexTemplates().fill("characters.tex.j2") == wanted
    assert LatexTemplates().fill("characters.tex.j2") == wanted


@pytest.mark.parametrize("content", [b"", b"no families", None], ids=["empty", "damaged", "a folder"])
def test_damaged_families_are_read_again(content: bytes | None, compiled: Path) -> None:
    wanted = Bank().families
    kept = next(compiled.rglob("*.determinant"))
    kept.unlink()
    if content is None:
        kept.mkdir()
    else:
        kept.write_bytes(content)
    for _ in range(2):  # what is kept is read by the second
        assert Bank().families == wanted


def test_nothing_is_kept_of_the_templates_of_a_course(tmp_path: Path, compiled: Path) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "characters.tex.j2").write_text("mine")
    assert LatexTemplates(own).fill("characters.tex.j2") == "mine"
    assert not list(compiled.rglob("*.tex.j2"))
