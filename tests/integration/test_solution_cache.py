"""What builds know of questions from builds before: never anything that a build without it would not say."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, is_dataclass
from pathlib import Path
from time import time
from typing import Any

import pytest
import yaml

from generator.building.builder import Options, build
from generator.building.preview import preview
from generator.building.solution_cache import FOLDER, SolutionCache
from generator.building.solving import BLOCK, Solver
from generator.document.formula import Printed
from generator.errors import GeneratorError
from generator.expr.printing.notation import STANDARD
from generator.formats.latex.formulas import LatexPrinter
from generator.pdf.fonts import common_fonts
from generator.pdf.installation import installation
from generator.system import disk_cache
from generator.worksheet.arrangement import Placed
from generator.worksheet.load import load_worksheet
from generator.worksheet.variants import Draws, ProblemVariants

QUADRATIC = {
    "id": "quadratic",
    "function": "c x' A x + b' x",
    "wrt": "x",
    "symbols": {"A": "n x n", "b": "n", "c": "scalar", "x": "n"},
    "vary": {"c": "2..9", "names": [{"A": "A", "x": "x"}, {"A": "M", "x": "u"}]},
}
NUMERIC = {
    "id": "numeric",
    "function": ["Tr(B X)", "Tr(X' B X)"],
    "wrt": "X",
    "symbols": {"B": "2 x 2", "X": "2 x 2"},
    "vary": {"B": "1..4", "X": "-2..2"},
    "parts": [{"points": 2}, {"numeric": True, "points": 3}],
}
OWN = {"use": "ridge", "title": "Mine"}
FAMILY = "ridge.yaml"
BASE: dict[str, Any] = {
    "title": "Sheet",
    "versions": 3,
    "seed": 3,
    "repeats": True,
    "fair": "off",
    "bank": "bank",
    "problems": [QUADRATIC, NUMERIC, {"use": "ridge"}],
}
RIDGE = """\
ridge:
  title: Ridge regression
  topic: regression
  difficulty: 2
  source: a test
  function: "||A x - b||_2^2 + k ||x||_2^2"
  wrt: x
  symbols: {A: m x n, x: n, b: m, k: scalar}
  vary: {k: 2..9}
"""


def problem(number: int, **keys: object) -> Callable[[dict[str, Any]], None]:
    return lambda sheet: sheet["problems"][number].update(keys)


def whole(**keys: object) -> Callable[[dict[str, Any]], None]:
    return lambda sheet: sheet.update(keys)


EDITS: dict[str, tuple[Callable[[dict[str, Any]], None], set[int]]] = {
    "nothing": (whole(), set()),
    "title": (whole(title="Quiz", course="MATH 1", instructions="Be quick."), set()),
    "demands": (whole(repeats=False, fair="similar", versions=1), set()),
    "more versions": (whole(versions=4), {0, 1, 2}),
    "fewer versions": (whole(versions=2), set()),
    "seed": (whole(seed=4), {0, 1, 2}),
    "notation": (whole(notation={"transpose": "prime"}), {0, 1, 2}),
    "layout": (whole(notation={"layout": "numerator"}), {0, 1, 2}),
    "detail": (whole(detail="full"), {0, 1, 2}),
    "convention": (whole(convention="independent entries"), {0, 1, 2}),
    "profile": (whole(print={"profile": "gradescope"}), {0, 1, 2}),
    "ground": (whole(print={"ground": "grid"}), {0, 1, 2}),
    "keys": (whole(print={"keys": ["compact", "by problem"]}), {0, 1, 2}),
    "points": (problem(0, points=9), {0}),
    "heading": (problem(0, title="Form"), {0}),
    "statement": (problem(0, statement="Find the gradient of $<<function>>$."), {0}),
    "function": (problem(0, function="c x' A x - b' x"), {0}),
    "constraint": (problem(0, find="stationary", subject_to="b' x = 1", function="c x' A x"), {0}),
    "find": (problem(0, find="hessian"), {0}),
    "range": (problem(0, vary={"c": "2..10"}), {0}),
    "condition": (problem(0, vary={"c": "2..9", "where": "c != 4"}), {0}),
    "names": (problem(0, vary={"c": "2..9", "names": {"A": ["A", "Q"]}}), {0}),
    "sizes": (problem(0, vary={"c": "2..9", "dimensions": {"n": "2..4"}}), {0}),
    "other sizes": (problem(0, vary={"c": "2..9", "dimensions": {"n": ["n", "p"]}}), {0}),
    "terms": (problem(0, vary={"c": "2..9", "optional": "b' x"}), {0}),
    "property": (problem(0, symbols={"A": "n x n symmetric", "b": "n", "c": "scalar", "x": "n"}), {0}),
    "id": (problem(0, id="form"), {0}),
    "form": (problem(0, form="choice"), {0}),
    "choices": (problem(0, form="choice", choices=3), {0}),
    "blanks": (problem(0, form="fill-in", blanks=2), {0}),
    "rubric": (problem(0, rubric={"differential": 2, "gradient": 3}), {0}),
    "space": (problem(0, space="3cm", ground="ruled"), {0}),
    "parts": (problem(1, parts=[{"points": 2}, {"find": "value", "points": 1}]), {1}),
    "own problem": (problem(2, title="Mine"), {2}),
    "order": (lambda sheet: sheet["problems"].reverse(), {0, 2}),
    "one less": (lambda sheet: sheet["problems"].pop(0), {0, 1}),
}
"""What an author changes, and which problems, counted from 0, have to be solved again."""


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The problems that are solved, each with its version."""
    asked: list[tuple[int, int]] = []
    solve = Solver.problem

    def noted(solver: Solver, placed: Placed, number: int) -> Any:
        asked.append((placed.problem, number))
        return solve(solver, placed, number)

    monkeypatch.setattr(Solver, "problem", noted)
    return asked


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for these tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def sheet(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worksheet with a bank, and nothing that is known."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: kept)
    shutil.rmtree(kept / FOLDER, ignore_errors=True)
    return base(tmp_path)


def base(folder: Path) -> Path:
    """The worksheet in a folder, with its bank."""
    (folder / "bank").mkdir()
    (folder / "bank" / FAMILY).write_text(RIDGE)
    return written(folder / "sheet.yaml", BASE)


@pytest.fixture(scope="module")
def first(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], Path]:
    """A worksheet, what its build makes where nothing is known, and a copy of what that keeps."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("platformdirs.user_cache_path", lambda name: kept)
        shutil.rmtree(kept / FOLDER, ignore_errors=True)
        made = built(base(folder))
    shutil.copytree(kept / FOLDER, folder / "known")
    return folder / "sheet.yaml", made, folder / "known"


def written(file: Path, keys: dict[str, Any]) -> Path:
    file.write_text(yaml.safe_dump(keys, sort_keys=False))
    return file


def built(sheet: Path, **options: Any) -> dict[str, bytes]:
    """All that a build makes, by names, of a folder in which nothing counts as built."""
    (sheet.parent / "output" / "sheet" / "manifest.json").unlink(missing_ok=True)
    folder = build(sheet, Options(sheet.parent / "output", formats=("tex",), jobs=1, **options)).folder
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.usefixtures("sheet")
def test_what_is_known_is_what_would_be_found(
    name: str, kept: Path, first: tuple[Path, dict[str, bytes], Path], solved: list[tuple[int, int]]
) -> None:
    sheet, before, known_before = first
    shutil.rmtree(sheet.parent / "output")
    shutil.copytree(known_before, kept / FOLDER)
    keys, (edit, again) = deepcopy(BASE), EDITS[name]
    edit(keys)
    known = built(written(sheet, keys))
    assert {i for i, _ in solved} == again
    shutil.rmtree(kept / FOLDER)
    assert built(sheet) == known
    assert (known == before) == (name == "nothing")


def test_an_edited_family_is_solved_again(kept: Path, sheet: Path, solved: list[tuple[int, int]]) -> None:
    built(sheet)
    family = sheet.parent / "bank" / FAMILY
    family.write_text(family.read_text().replace("2..9", "2..8"))
    solved.clear()
    known = built(sheet)
    assert {i for i, _ in solved} == {2}
    shutil.rmtree(kept / FOLDER)
    assert built(sheet) == known


def test_a_version_that_is_added_is_the_only_one_to_be_solved(sheet: Path, solved: list[tuple[int, int]]) -> None:
    for versions in (BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 2):
        solved.clear()
        built(sheet, versions=versions)
    assert solved == [(i, BLOCK + 2) for i in range(3)]


def test_what_was_solved_is_known_though_a_template_was_broken(sheet: Path, solved: list[tuple[int, int]]) -> None:
    (broken := sheet.parent / "templates").mkdir()
    (broken / "answer-key.tex.j2").write_text("<%= nothing %>")
    with pytest.raises(GeneratorError, match="nothing"):
        built(sheet, templates=broken)
    assert solved == [(0, 1), (1, 1), (2, 1)]
    built(sheet)
    assert len(solved) == len(set(solved)) == 3 * BASE["versions"]


def test_what_a_build_knows_its_preview_does(sheet: Path, solved: list[tuple[int, int]]) -> None:
    built(sheet)
    solved.clear()
    preview(sheet, Options(sheet.parent / "output", jobs=1))
    assert solved == []


def test_how_many_versions_differ_is_counted_once(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(sheet, BASE | {"repeats": False, "versions": 3})
    before = built(sheet)
    monkeypatch.setattr(ProblemVariants, "capacity", None)
    assert built(sheet) == before


def test_another_worksheet_of_the_same_name_knows_nothing_of_it(sheet: Path, solved: list[tuple[int, int]]) -> None:
    built(sheet)
    solved.clear()
    other = sheet.parent / "other" / "sheet.yaml"
    other.parent.mkdir()
    (other.parent / "bank").mkdir()
    built(written(other, BASE | {"problems": [QUADRATIC]}))
    assert len(solved) == BASE["versions"]


def test_another_program_knows_nothing_of_it(
    sheet: Path, solved: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    built(sheet)
    solved.clear()
    monkeypatch.setattr("generator.building.solution_cache.fingerprint", lambda: b"another")
    built(sheet, seed=3)
    assert len(solved) == 3 * BASE["versions"]


class Attack:
    """What would do something as it is read."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def edited(content: bytes, edit: Callable[[dict[str, Any]], Any]) -> bytes:
    """What is kept of questions, with each entry changed."""
    found = json.loads(content)
    for entry in found.values():
        edit(entry)
    return json.dumps(found).encode()


FOREIGN: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda content: b"",
    "null": lambda content: b"null",
    "a list": lambda content: b"[]",
    "a list of lists": lambda content: b"[[1, 2], [3]]",
    "a fraction": lambda content: b"7.5",
    "a negative number": lambda content: b"-7",
    "true": lambda content: b"true",
    "not a number": lambda content: b"NaN",
    "a long number": lambda content: b"9" * 10_000,
    "a text": lambda content: b'"text"',
    "an empty mapping": lambda content: b"{}",
    "another mapping": lambda content: b'{"a": {"b": 1}}',
    "a pickle": lambda content: pickle.dumps({("key", 1): Attack(Path("attacked"))}),
    "a pickle of another protocol": lambda content: pickle.dumps([1, 2], 0),
    "not UTF-8": lambda content: b'"\xff\xfe"',
    "deep": lambda content: b"[" * 100_000,
    "deep and closed": lambda content: b"[" * 100_000 + b"]" * 100_000,
    "deep mappings": lambda content: b'{"a":' * 100_000,
    "half": lambda content: content[: len(content) // 2] + b"?",
    "bytes": lambda content: bytes(range(256)),
}
"""What may stand in an entry with a right digest, by what stood there."""
OF_QUESTIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no questions": lambda entry: entry.update(questions=[]),
    "no answers": lambda entry: entry.update(answers=[]),
    "no signatures": lambda entry: entry.update(signatures=[]),
    "questions that are nothing": lambda entry: entry.update(questions=None),
    "an answer that says nothing": lambda entry: entry["answers"][0].clear(),
    "another part": lambda entry: entry["questions"][0].update(part="?"),
    "another problem": lambda entry: entry["questions"][0].update(number=99),
    "points that are a text": lambda entry: entry["questions"][0].update(points="5"),
    "points that are true": lambda entry: entry["questions"][0].update(points=True),
    "a formula that is a list": lambda entry: entry["questions"][0].update(answers=[[]]),
    "a sentence that was not printed": lambda entry: entry["questions"][0].update(statement={}),
    "a sentence in another form": lambda entry: entry["questions"][0].update(statement={"html": "x"}),
}
"""What may be odd in an entry of questions."""
PREAMBLE = r"\documentclass{article}"


def known(sheet: Path) -> SolutionCache:
    """The problems of a worksheet, printed as LaTeX."""
    return SolutionCache(Draws(load_worksheet(sheet)), (LatexPrinter(STANDARD),))


def finds(kind: str, sheet: Path) -> Any:
    """What is found with the help of a kind of entry."""
    match kind:
        case "glyphs":
            common_fonts.cache_clear()
            return common_fonts(PREAMBLE, "pdflatex")
        case "tex-trees":
            return installation()
        case "questions":
            return known(sheet).made_of_all(lambda number, problems: problems, lambda *_: None, jobs=1)
        case _:
            return list(known(sheet).capacities())


def check_foreign(kind: str, make: Callable[[bytes], bytes], kept: Path, sheet: Path) -> None:
    written(sheet, {"versions": 2, "problems": [QUADRATIC]})
    before = finds(kind, sheet)
    files = list(kept.glob(f"{kind}/*-0" if kind == FOLDER else f"{kind}-*"))
    assert files
    for file in files:
        content = disk_cache.read(file)
        assert content is not None
        disk_cache.write(file, make(content))
    assert finds(kind, sheet) == before
    assert not Path("attacked").exists()


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("kind", [FOLDER, f"{FOLDER}/capacity", "glyphs", "tex-trees"])
def test_what_has_another_form_is_not_there(
    kind: str, name: str, kept: Path, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sheet.parent)
    check_foreign(kind, FOREIGN[name], kept, sheet)


@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_questions_that_are_not_those_of_the_problem_are_not_there(name: str, kept: Path, sheet: Path) -> None:
    check_foreign(FOLDER, lambda content: edited(content, OF_QUESTIONS[name]), kept, sheet)


def test_latex_and_plain_text_are_told_apart(sheet: Path) -> None:
    """What is read again is what was kept, with the type of each text: LaTeX is printed as it is, and text is not."""
    first, again = (
        known(sheet).made_of_all(lambda number, problems: problems, lambda *_: None, jobs=1) for _ in range(2)
    )
    assert again == first
    assert [typed(one) for one in again] == [typed(one) for one in first]


def typed(value: Any) -> Any:
    """The types of all that a value is made of."""
    if isinstance(value, Printed):
        return type(value), value.forms
    if is_dataclass(value):
        return type(value), [typed(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, dict):
        return {key: typed(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value), [typed(one) for one in value]
    return type(value)


def test_what_is_not_asked_for_is_forgotten_after_a_while(
    sheet: Path, solved: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    built(sheet)
    solved.clear()
    built(sheet)
    assert not solved
    monkeypatch.setattr(disk_cache, "time", lambda: time() + (disk_cache.DAYS + 1) * disk_cache.DAY)
    disk_cache.keep(f"{FOLDER}/another", b"")
    built(sheet)
    assert len(solved) == 3 * BASE["versions"]
