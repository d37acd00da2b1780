"""The JSON Schema takes what the reader takes and refuses what it refuses; the reference is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from generator.cli import main
from generator.errors import WorksheetError
from generator.worksheet.bank import Bank
from generator.worksheet.load import load_worksheet
from generator.worksheet.schema import reference, schema

ROOT = Path(__file__).parents[2]
VALIDATORS = {families: Draft202012Validator(schema(families=families)) for families in (False, True)}


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2, as editors read it: `off`, `y` and `1:30` are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own


for kind, pattern, first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?\d+", list("-+0123456789")),
    ("float", r"[-+]?(\.\d+|\d+\.\d*)", list("-+.0123456789")),
):
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(rf"^(?:{pattern})$"), first)


def complaints(text: str, *, families: bool = False) -> list[str]:
    """What an editor says of a file."""
    return [error.message for error in VALIDATORS[families].iter_errors(yaml.load(text, EditorLoader))]


def test_the_schema_is_one() -> None:
    for families in (False, True):
        Draft202012Validator.check_schema(schema(families=families))


@pytest.mark.parametrize("file", sorted((ROOT / "worksheets").rglob("*.yaml")), ids=lambda file: file.name)
def test_every_worksheet_that_is_shipped_conforms(file: Path) -> None:
    assert complaints(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", Bank().files, ids=lambda file: file.name)
def test_every_family_of_the_bank_conforms(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert complaints(text, families=True) == []
    assert complaints(text.replace("  topic: ", "  tpoic: ", 1), families=True)


PROBLEM = "problems:\n  - {function: Tr(A X), wrt: X}\n"
SOUND = [
    PROBLEM,
    f"title: 2026\ncourse: 541\nseed: 7\nversions: '12'\nrepeats: yes\nfair: off\n{PROBLEM}",
    f"convention: independent entries\nnotation: {{trace: tr, bold: true, layout: numerator}}\n{PROBLEM}",
    "problems:\n  - function: [c Tr(A X), c Tr(X A)]\n    wrt: X\n    vary: {c: 2..9}\n",
    "problems:\n  - function: c y'y + d\n    wrt: y\n    symbols: {y: 3, c: scalar, d: scalar}\n"
    "    vary: {c: [2, 1/2, -3], d: 4, where: c != d}\n",
    "problems:\n  - function: Tr(A X) + Tr(B X)\n    wrt: X\n    points: 0\n    space: 2.5in\n    vary:\n"
    "      optional: Tr(B X)\n      A: [A, A + C]\n      names: {A: [A, M]}\n      dimensions: {n: 2..4}\n"
    "    symbols: {A: m x n, B: m x n, C: m x n, X: n x m}\n",
    "problems:\n  - {function: Tr(A X), wrt: X, vary: {names: [{A: A, X: X}, {A: M, X: Y}]}}\n",
    "problems:\n  - {use: ridge-regression, points: 7}\n  - {pick: 2, from: {topic: inverse, difficulty: 1..5}}\n",
    "problems:\n  - {pick: 1, from: {topic: [inverse, determinant], by: topic}}\n",
    "problems:\n  - {pick: 1, points: 2, from: [{use: norm}, {function: Tr(A X), wrt: X, break: before}]}\n",
    "order: shuffled\nsections:\n  - {title: One, instructions: Do., order: written, break: before,\n"
    "     problems: [{function: Tr(A X), wrt: X, fixed: true}]}\n",
]
UNSOUND = [
    "title: nothing\n",
    "problems: []\n",
    "problems: {function: Tr(A X), wrt: X}\n",
    "problems:\n  - {function: Tr(A X)}\n",
    "problems:\n  - {function: {A: X}, wrt: X}\n",
    "problems:\n  - {function: Tr(A X), wrt: }\n",
    "problems:\n  - {function: Tr(A X), wrt: X, ponits: 3}\n",
    "problems:\n  - {function: Tr(A X), wrt: X, points: -1}\n",
    "problems:\n  - {function: Tr(A X), wrt: X, points: many}\n",
    "problems:\n  - {function: Tr(A X), wrt: X, find: maximum}\n",
    "problems:\n  - {function: Tr(A X), wrt: X, symbols: [A]}\n",
    "problems:\n  - {function: Tr(A X), wrt: X, vary: {names: A}}\n",
    "problems:\n  - {pick: 2, from: {by: name}}\n",
    "problems:\n  - {pick: none}\n",
    "problems:\n  - {pick: 1, from: [{pick: 1}]}\n",
    "problems:\n  - {from: [{use: norm}]}\n",
    f"sections:\n  - {{title: One, problems: [{{use: norm}}]}}\n{PROBLEM}",
    "sections:\n  - {title: One}\n",
    "sections:\n  - {title: One, text: Do., problems: [{use: norm}]}\n",
    "order: random\nproblems:\n  - {use: norm}\n",
    "problems:\n  - {use: norm, break: after}\n",
    f"versions: 10000\n{PROBLEM}",
    f"repeats: perhaps\n{PROBLEM}",
    f"notation: {{trace: trace}}\n{PROBLEM}",
]


@pytest.mark.parametrize("text", SOUND)
def test_what_the_reader_takes_conforms(text: str, tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(text)
    assert load_worksheet(file)
    assert complaints(text) == []


@pytest.mark.parametrize("text", UNSOUND)
def test_what_the_reader_refuses_does_not(text: str, tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(text)
    with pytest.raises(WorksheetError):
        load_worksheet(file)
    assert complaints(text)


def test_every_key_is_described_and_its_examples_conform() -> None:
    made = schema()
    made["$defs"] |= schema(families=True)["$defs"]
    for model in (made, *made["$defs"].values()):
        for key, about in model["properties"].items():
            assert about.get("description"), f"write a docstring below {model['title']}.{key}"
            validator = Draft202012Validator({"$defs": made["$defs"], **about})
            assert [
                error.message for example in about.get("examples", ()) for error in validator.iter_errors(example)
            ] == []


def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == reference(), "type: make reference"


def test_the_command_writes_both() -> None:
    assert CliRunner().invoke(main, ["schema"]).output.startswith('{\n  "$schema": "https://json-schema.org/')
    assert CliRunner().invoke(main, ["schema", "--markdown"]).output == reference()
