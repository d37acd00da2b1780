"""Worksheet files: what may be left out, what YAML leaves alone, and every mistake to the exact message."""

from __future__ import annotations

import contextlib
import re
from fractions import Fraction
from itertools import chain
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.building.builder import Options, build
from generator.building.check import check
from generator.errors import GeneratorError
from generator.expr.printing.notation import Notation
from generator.expr.printing.plain import plain
from generator.worksheet.load import MODEL_KEYS, load_worksheet
from generator.worksheet.other_names import HOMES, OTHER_NAMES
from generator.worksheet.spec import Problem, Worksheet
from generator.worksheet.variants import Draws, ProblemVariants

TWO_LINES = "problems:\n  - function: Tr(A X)\n    wrt: X\n"
SHOWS_NEITHER = (
    "this statement shows neither the function nor its variable, and its key is worked out from them\n"
    "Write <<function>> or <<wrt>> where they stand. If it asks for what the key works out, in other words, add"
    "  shows: function"
)
TWO_CHOICES = "Two choices are written\n    choices:\n      - {text: linear, right: true}\n      - text: quadratic"
HOW_TO_BEGIN = "Two lines make a problem:\n    problems:\n      - function: Tr(A X)\n        wrt: X"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str | bytes) -> Worksheet:
    path = Path("sheet.yaml")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_worksheet(path)


def message(text: str | bytes) -> str:
    """What is said of a file that cannot be loaded, or of which no version can be drawn."""
    with pytest.raises(GeneratorError) as caught:
        Draws(load(text)).version(1)
    assert caught.value.exit_status == 2
    return str(caught.value)


# What may be written


def test_two_lines_make_a_problem() -> None:
    worksheet = load(TWO_LINES)
    problem = worksheet.problems[0]
    assert (worksheet.title, worksheet.course, worksheet.seed, worksheet.versions) == ("Sheet", "", 0, 1)
    assert (worksheet.stem, worksheet.path, worksheet.notation) == ("sheet", Path("sheet.yaml"), Notation())
    assert (problem.points, problem.find, problem.title, problem.statement) == (5, "derivative", None, None)
    assert plain(problem.readings[0].function) == "tr(A*X)"
    assert problem.readings[0].variable.name == "X"


def test_everything_that_can_be_said() -> None:
    worksheet = load(
        """
title: The Trace Trick
course: "MATH 541: Matrix Calculus"
seed: 2026
versions: 4
notation: {trace: tr, transpose: T, differential: italic, gradient: partial, layout: numerator, bold: true}
convention: unstructured
instructions: |
  Show your work.
problems:
  - id: quadratic
    title: Trace of a quadratic product
    statement: Let $L = <<function>>$.
    function: c Tr(X^T A X) + Tr(B^T X)
    wrt: X
    find: derivative
    symbols: {X: n x m, A: n x n, B: n x m}
    points: 6
    space: 6 cm
    vary:
      c: 2..9
      names: [{A: A, B: B, X: X}, {A: M, B: C, X: Y}]
"""
    )
    problem = worksheet.problems[0]
    assert worksheet.notation == Notation("tr", "T", "italic", "partial", "numerator", bold=True)
    assert worksheet.convention == "unstructured"
    assert worksheet.instructions == "Show your work."
    assert (worksheet.ids, problem.space, problem.points) == (("quadratic",), "6cm", 6)
    assert problem.vary.values["c"].coefficients == tuple(map(Fraction, range(2, 10)))
    assert problem.vary.names[0][1].names(("A", "B", "X")) == {"A": "M", "B": "C", "X": "Y"}
    assert worksheet.place("problems", 0, "function").line == 14


@pytest.mark.parametrize(
    ("function", "wrt", "symbols", "expected"),
    [
        ("||A x - b||_2^2", "x", "{}", "norm2(A*x - b)^2"),
        ("||x|| + 1", "x", "{x: 3}", "norm2(x) + 1"),
        ("y' n y", "y", "{y: no, n: no x no}", "y'*n*y"),
        ("yes' on", "on", "{yes: 3, on: 3}", "yes'*on"),
        ("'tr(A'' X)'", "X", "{}", "tr(A'*X)"),
        ("|\n      tr(A\n      X)", "X", "{}", "tr(A*X)"),
        ("λ x'x", "x", "{}", "lambda*x'*x"),
        ("-x'x", "x", "{}", "-x'*x"),
        ("1/2 x'x", "x", "{}", "1/2*x'*x"),
    ],
)
def test_yaml_leaves_mathematics_alone(function: str, wrt: str, symbols: str, expected: str) -> None:
    text = f"problems:\n  - function: {function}\n    wrt: {wrt}\n    symbols: {symbols}\n"
    assert plain(load(text).problems[0].readings[0].function) == expected


@pytest.mark.parametrize("word", ["y", "n", "no", "on", "1:30", "2026", "1e3", "0x1F", "2026-07-01", "null"])
def test_a_title_stays_as_it_was_written(word: str) -> None:
    assert load(f"title: {word}\n{TWO_LINES}").title == word


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("2..4", [2, 3, 4]),
        ("-3 .. 3", [-3, -2, 2, 3]),
        ("[2, 3, 5, 3]", [2, 3, 5]),
        ("[0, 1]", [0, 1]),
        ("[1/2, 0.25, -3]", [Fraction(1, 2), Fraction(1, 4), -3]),
        ("7", [7]),
    ],
)
def test_coefficients(written: str, numbers: list[Fraction]) -> None:
    problem = load(f"problems:\n  - function: c tr(X) + tr(A X)\n    wrt: X\n    vary: {{c: {written!s}}}\n").problems[
        0
    ]
    assert list(problem.vary.values["c"].coefficients) == numbers


@pytest.mark.parametrize("written", ["2 – 9", "[2-9]", "2 to 9", "2:9", "2...9", "-3 - 3"])
def test_other_ways_to_write_a_range_are_asked_about(written: str) -> None:
    assert "may be meant as the range" in message(
        f"problems:\n  - {{function: c tr(X), wrt: X, vary: {{c: {written}}}}}\n"
    )


@pytest.mark.parametrize("function", ["tr((x)) + 1", "logdet x", "inv(x) b", "adj(x)", "expm(x)"])
def test_functions_of_square_matrices_take_no_columns(function: str) -> None:
    assert "x is a column by its letter" in message(f"problems:\n  - {{function: {function}, wrt: x}}\n")


def test_no_key_that_is_known_has_another_name() -> None:
    for level, names in OTHER_NAMES.items():
        assert names.keys().isdisjoint(MODEL_KEYS[level])
    assert set(OTHER_NAMES) <= set(MODEL_KEYS) == set(HOMES)


@pytest.mark.parametrize("level", OTHER_NAMES)
def test_what_is_said_of_keys_names_keys_that_there_are(level: str) -> None:
    known = set(chain.from_iterable(MODEL_KEYS.values()))
    for said in OTHER_NAMES[level].values():
        found = set(re.findall(r"  ([a-z_]+): ", said))
        assert found <= known | {"pick"}, said


def test_an_id_depends_on_its_own_problem_alone() -> None:
    one = "  - {function: Tr(A X), wrt: X}\n"
    other = "  - {function: x'A x, wrt: x}\n"
    first, second = load(f"problems:\n{one}{other}").ids
    assert load(f"problems:\n{other}{one}").ids == (second, first)
    assert load(f"problems:\n  - {{function: Tr(A' X), wrt: X}}\n{other}").ids[1] == second
    assert load(f"problems:\n{one}{one}{other}").ids == (first, f"{first}-2", second)
    assert load(f"problems:\n{one}  - {{function: tr(X), wrt: X, id: {first}}}\n").ids == (
        f"{first}-2",
        first,
    )


def test_ids_are_golden() -> None:
    assert load(TWO_LINES).ids == ("tr-a-x-ab96",)


def test_comments_may_be_anywhere() -> None:
    worksheet = load(f"#1\ntitle: x # 4 of them\n#2 is later\n{TWO_LINES}    title: y#1  # 2\n")
    assert (worksheet.title, worksheet.problems[0].title) == ("x", "y#1")


def test_anchors_may_be_used() -> None:
    worksheet = load(
        "problems:\n"
        "  - {function: Tr(A X), wrt: X, symbols: &shapes {A: n x m, X: m x n}}\n"
        "  - {function: Tr(X A), wrt: X, symbols: *shapes}\n"
    )
    assert worksheet.problems[0].symbols == worksheet.problems[1].symbols


# What may not be written


def of_samples(line: str) -> str:
    """A worksheet whose problem has families of symbols, and one more line."""
    function = "sum_{i=1}^n (x_i'w - y_i)^2"
    return f"problems:\n  - function: {function}\n    wrt: w\n    symbols: {{x_i: d, y_i: scalar, w: d}}\n    {line}\n"


def problem_with(line: str) -> str:
    return f"{TWO_LINES}    {line}\n"


NOT_YAML = {
    "colon in a value": (
        "title: Part 1: traces\n",
        "sheet.yaml:1: not YAML: a ':' that cannot be understood here\n"
        "    title: Part 1: traces\n"
        "                 ^\n"
        "A value that contains ': ' needs quotes; otherwise check its indentation and the line above.",
    ),
    "tab": (
        "title: x\n\tseed: 1\n",
        "sheet.yaml:2: not YAML: a line indented with a tab\n     seed: 1\n    ^\nIndent with spaces.",
    ),
    "open quote": (
        "title: 'x\nseed: 1\n",
        "sheet.yaml:3: not YAML: a quote that is never closed\nClose the quote that opens in line 1.",
    ),
    "open bracket": (
        "problems: [a,\n  b\nseed: 1\n",
        "sheet.yaml:3: not YAML: a bracket that is never closed\n"
        "    seed: 1\n"
        "        ^\n"
        "Close the bracket opened in line 1; a value that begins with '[' or '{' needs quotes.",
    ),
    "escape": (
        'title: "\\operatorname"\n',
        "sheet.yaml:1: not YAML: a backslash in double quotes\n"
        '    title: "\\operatorname"\n'
        "             ^\n"
        "Use single quotes: in them a backslash is a backslash.",
    ),
    "silent escape": (
        'title: "\\frac"\n',
        "sheet.yaml:1: title: a backslash in double quotes that makes a character nobody sees,"
        " as \\t makes a tab\n"
        "Use single quotes: in them a backslash is a backslash.",
    ),
    "text behind a quote": (
        "title: 'The' trick\n",
        "sheet.yaml:1: not YAML: a value that cannot be understood\n"
        "    title: 'The' trick\n"
        "                 ^\n"
        "A value that begins with a quote, a bracket, '*', '&' or '!' needs quotes around all of it.",
    ),
    "brace": (
        "title: {a}^2\n",
        "sheet.yaml:1: not YAML: a value that cannot be understood\n"
        "    title: {a}^2\n"
        "              ^\n"
        "A value that begins with a quote, a bracket, '*', '&' or '!' needs quotes around all of it.",
    ),
    "star": (
        "title: *x\n",
        "sheet.yaml:1: not YAML: a value that begins with '*'\n"
        "    title: *x\n"
        "           ^\n"
        "Put the value in single quotes.",
    ),
    "at": (
        "title: @x\n",
        "sheet.yaml:1: not YAML: a value that begins with '@'\n"
        "    title: @x\n"
        "           ^\n"
        "Put the value in single quotes.",
    ),
    "dash": (
        "title: - x\n",
        "sheet.yaml:1: not YAML: a '-' that cannot be understood here\n"
        "    title: - x\n"
        "           ^\n"
        "A list begins on a line of its own; a value that begins with '- ' needs quotes.",
    ),
    "indentation": (
        "a:\n  b: 1\n c: 2\n",
        "sheet.yaml:3: not YAML: a line that does not continue what stands above it\n"
        "     c: 2\n"
        "     ^\n"
        "Check its indentation, and that every key is followed by ': '.",
    ),
    "number sign": (
        "title: Homework #3\n",
        "sheet.yaml:1: not YAML: '#' begins a comment\n"
        "    title: Homework #3\n"
        "                    ^\n"
        "If it belongs to the value, put the value in quotes; a comment has a space behind its '#'.",
    ),
    "two documents": (
        "a: 1\n---\nb: 1\n",
        "sheet.yaml:2: not YAML: a second document\n    ---\n    ^\nA file holds one worksheet: remove the line '---'.",
    ),
    "control character": (
        "title: x\nseed: \x00\n",
        "sheet.yaml:2: not YAML: the character U+0000 has no place in a text",
    ),
    "not UTF-8": (
        b"seed: 1\ntitle: caf\xe9\n",
        "sheet.yaml:2: not UTF-8 text: the byte 0xe9\nSave the file with the encoding UTF-8.",
    ),
    "UTF-16": (
        "title: x".encode("utf-16"),
        "sheet.yaml:1: not UTF-8 text: the byte 0xff\nSave the file with the encoding UTF-8.",
    ),
    "tag": (
        "title: !!python/object/apply:os.system [ls]\n",
        "sheet.yaml:1: title: the tag !!python/object/apply:os.system has no meaning in a worksheet\n"
        "A value that begins with '!' needs single quotes.",
    ),
    "repeated key": (
        "title: x\nseed: 1\ntitle: y\n",
        "sheet.yaml:3: the key 'title' occurs twice; the first time in line 1\nRemove one of the two.",
    ),
    "repeated key below": (
        problem_with("wrt: Y"),
        "sheet.yaml:4: problems[0]: the key 'wrt' occurs twice; the first time in line 3\nRemove one of the two.",
    ),
    "list as a key": (
        "? [a]\n: b\n",
        "sheet.yaml:1: a key that is a list or a mapping\nA value that begins with '[' or '{' needs single quotes.",
    ),
    "too many values": (
        "".join(
            f"{this}: &{this} [{','.join([f'*{last}' if last else 'x'] * 10)}]\n"
            for last, this in zip(["", *"abcd"], "abcde", strict=True)
        ),
        "sheet.yaml: too large for a worksheet: over 20000 values",
    ),
    "alias of itself": ("title: &a [*a]\n", "sheet.yaml:1: nested too deeply for a worksheet"),
    "too deep": ("\n" + "[" * 3000, "sheet.yaml:2: nested too deeply for a worksheet"),
    "too deep in lines": ("- " * 3000, "sheet.yaml: nested too deeply for a worksheet"),
    "too long": ("#" * 1_000_001, "sheet.yaml: too large for a worksheet: it is over 1 MB"),
}


@pytest.mark.parametrize(("text", "expected"), NOT_YAML.values(), ids=NOT_YAML)
def test_what_is_not_yaml_is_said_with_its_line(text: str | bytes, expected: str) -> None:
    assert message(text) == expected


SHAPES = (
    "A declaration is `n x m`, `n` (a column vector) or `scalar`, then any of: symmetric, skew-symmetric,"
    " positive definite, diagonal, orthogonal, lower triangular, invertible, positive, sums to one, rows sum to one,"
    " one-hot rows, one-hot."
)

MISTAKES = {
    "empty": ("", f"sheet.yaml: the file is empty\n{HOW_TO_BEGIN}"),
    "only a comment": ("# later\n", f"sheet.yaml: the file is empty\n{HOW_TO_BEGIN}"),
    "list": (
        "- a\n",
        f"sheet.yaml:1: a worksheet is made of keys with values, not of a list\n{HOW_TO_BEGIN}",
    ),
    "text": (
        "hello\n",
        f"sheet.yaml:1: a worksheet is made of keys with values, not of 'hello'\n{HOW_TO_BEGIN}",
    ),
    "no problems": ("title: x\n", f"sheet.yaml:1: the key 'problems' is missing\n{HOW_TO_BEGIN}"),
    "empty problems": (
        "problems: []\n",
        f"sheet.yaml:1: problems: there is no problem in the list\n{HOW_TO_BEGIN}",
    ),
    "no choices": (
        "problems: [{statement: Which, choices: []}]\n",
        f"sheet.yaml:1: problems[0].choices: there is no choice in the list\n{TWO_CHOICES}",
    ),
    "one choice": (
        "problems: [{statement: Which, choices: [{text: this, right: true}]}]\n",
        f"sheet.yaml:1: problems[0].choices: there are too few choices: 1 of at least 2\n{TWO_CHOICES}",
    ),
    "no formats": (
        "print: {formats: []}\nproblems: [{function: Tr(A X), wrt: X}]\n",
        "sheet.yaml:1: print.formats: there is no format in the list\n"
        "Say which files are made, such as  formats: [pdf, html]",
    ),
    "problems not a list": (
        "problems: {function: x, wrt: x}\n",
        "sheet.yaml:1: problems: must be a list, not keys with values\nBegin each problem with '- '.",
    ),
    "problem not a mapping": (
        "problems:\n  - Tr(A X)\n",
        "sheet.yaml:2: problems[0]: must be keys with values, not 'Tr(A X)'",
    ),
    "misspelled key": (
        "titel: x\n" + TWO_LINES,
        "sheet.yaml:1: unknown key 'titel'; did you mean 'title'?",
    ),
    "misspelled key of a problem": (
        "problems:\n  - wrt: X\n    functoin: Tr(A X)\n",
        "sheet.yaml:3: problems[0]: unknown key 'functoin'; did you mean 'function'?",
    ),
    "capital key": (
        "Title: x\n" + TWO_LINES,
        "sheet.yaml:1: unknown key 'Title'; did you mean 'title'?",
    ),
    "unknown key": (
        "wallpaper: 30\n" + TWO_LINES,
        "sheet.yaml:1: unknown key 'wallpaper'\n"
        "Known here are: title, course, seed, versions, repeats, fair, notation, detail, convention, "
        "instructions, logo, cover, formulas, bank, roster, share, names, avoid, print, engine, order, sections, "
        "problems.",
    ),
    "a list among the rules of the formula sheet": (
        "formulas: [[]]\n" + TWO_LINES,
        "sheet.yaml:1: formulas: there is no rule []\n"
        "Write one of used, basic, all, or a list of names that  worksheets rules  shows.",
    ),
    "a key that other programs have": (
        "preamble: x\n" + TWO_LINES,
        "sheet.yaml:1: unknown key 'preamble'\n"
        "LaTeX for all papers stands in a preamble.tex.j2 of the course's templates: docs/how-to/templates.md",
    ),
    "such a key of a part": (
        problem_with("parts: [{points: 1}, {marks: 2}]"),
        "sheet.yaml:4: problems[0].parts[1]: unknown key 'marks'\nWrite  points: 6",
    ),
    "a key of the cover beside the problems": (
        "duration: 90 minutes\n" + TWO_LINES,
        "sheet.yaml:1: unknown key 'duration'\nIt stands on the cover:  cover: {duration: ...}",
    ),
    "a key of a problem beside the problems": (
        "hint: x\n" + TWO_LINES,
        "sheet.yaml:1: unknown key 'hint'\n'hint' is a key of each problem: write it below its '- '.",
    ),
    "a range with a dash": (
        "problems:\n  - {function: c tr(X), wrt: X, vary: {c: 2-9}}\n",
        "sheet.yaml:2: problems[0].vary.c: 2-9 may be meant as the range 2..9\n"
        "Write 2..9 for the range, -7 for the difference.",
    ),
    "the determinant of a column": (
        "problems:\n  - {function: det(x), wrt: x}\n",
        "sheet.yaml:2: problems[0].function: det is of a square matrix, and x is a column by its letter\n"
        "    det(x)\n    ^^^^^^\n"
        "Write a capital, as in det(X), or declare its shape, such as x: n x n",
    ),
    "misspelled names": (
        problem_with("vary: {name: [{A: B}]}"),
        "sheet.yaml:4: problems[0].vary: unknown key 'name'; did you mean 'names'?",
    ),
    "no parts": (
        problem_with("parts: []"),
        "sheet.yaml:4: problems[0].parts: there is no part in the list\nTwo parts are written\n"
        "    parts:\n      - find: derivative\n      - find: stationary",
    ),
    "parts that are no list": (
        problem_with("parts: hessian"),
        "sheet.yaml:4: problems[0].parts: must be a list, not 'hessian'\nBegin each part with '- '.",
    ),
    "a part without keys": (
        problem_with("parts: [hessian]"),
        "sheet.yaml:4: problems[0].parts[0]: must be keys with values, not 'hessian'",
    ),
    "unknown key of a part": (
        problem_with("parts: [{points: 1}, {finds: hessian}]"),
        "sheet.yaml:4: problems[0].parts[1]: unknown key 'finds'; did you mean 'find'?",
    ),
    "functions of parts that disagree on a symbol": (
        problem_with("parts: [{points: 1}, {function: det(A), wrt: A}]"),
        "sheet.yaml:4: problems[0].parts[1].function: A is n × m in one function and n × n in another\n"
        "Declare all symbols, such as  symbols: {A: n x m, ...}",
    ),
    "a kind that there is not": (
        problem_with("kind: autor"),
        "sheet.yaml:4: problems[0].kind: there is no kind of problem 'autor'\nDid you mean 'author'?",
    ),
    "a solution of what is derived": (
        problem_with("solution: It is $A'$."),
        "sheet.yaml:4: problems[0].solution: 'solution' is of a question of your own, and this is a question that is"
        " derived from a function\nRemove it, or write the question as one of that kind.",
    ),
    "a question of one's own without an answer": (
        "problems:\n  - statement: State the theorem.\n",
        "sheet.yaml:2: problems[0].statement: the answer key has nothing to say about this question\n"
        "Write  solution: …  in LaTeX,  answer: true,  answer: …  for a short answer, or  choices: … If the program is"
        " to derive the answer, write  function: …",
    ),
    "a number of choices of one's own": (
        "problems:\n  - {statement: 'Which?', choices: 4}\n",
        "sheet.yaml:2: problems[0].choices: the answers to choose from are your own here, as there is no function\n"
        "Write them as  choices: [{text: linear, right: true}, {text: convex}]",
    ),
    "no right choice": (
        "problems:\n  - {statement: 'Which?', choices: [{text: a}, {text: b}]}\n",
        "sheet.yaml:2: problems[0].choices: no choice is right\nMark the right one by  right: true",
    ),
    "a misspelled key of a choice": (
        "problems:\n  - {statement: 'Which?', choices: [{text: a, rihgt: true}, {text: b}]}\n",
        "sheet.yaml:2: problems[0].choices[0]: unknown key 'rihgt'; did you mean 'right'?",
    ),
    "a slot for nothing": (
        "problems:\n  - {statement: 'Is <<d>> even?', answer: true, vary: {c: 2..9}}\n",
        "sheet.yaml:2: problems[0].vary.c: c does not occur in any slot\nIt has no symbols.",
    ),
    "what is drawn and never shown": (
        "problems:\n  - {statement: 'Is it even?', answer: <<c>>, vary: {c: 2..9}}\n",
        "sheet.yaml:2: problems[0].vary.c: c varies, but no statement shows it\nWrite <<c>> where it stands.",
    ),
    "points beside parts": (
        problem_with("points: 3\n    parts: [{points: 1}]"),
        "sheet.yaml:4: problems[0].points: the points of a problem are those of its parts together\n"
        "Say 'points' in the parts, and not beside them.",
    ),
    "what is sought beside parts": (
        problem_with("find: hessian\n    parts: [{points: 1}]"),
        "sheet.yaml:4: problems[0].find: 'find' is of a part\nSay 'find' in the parts, and not beside them.",
    ),
    "too many parts": (
        problem_with("parts: [" + "{points: 1}, " * 27 + "]"),
        "sheet.yaml:4: problems[0].parts: there are more than 26 parts\nMake it two problems.",
    ),
    "a part in numbers, and none drawn": (
        problem_with("parts: [{points: 1}, {numeric: true}]"),
        "sheet.yaml:4: problems[0].parts[1]: there are no numbers for A, and so nothing can be worked out\n"
        "Draw them as well, such as  vary: {A: -3..3}",
    ),
    "a part in numbers without constants": (
        "problems:\n  - function: x'x\n    wrt: x\n    parts:\n      - numeric: true\n",
        "sheet.yaml:5: problems[0].parts[0]: there are no numbers to put in\n"
        "Draw some, such as  vary: {x: -3..3}  with  symbols: {x: 2}",
    ),
    "numbers for no part": (
        "problems:\n  - {function: b'x, wrt: x, symbols: {b: 2, x: 2}, vary: {b: -3..3}, parts: [{points: 1}]}\n",
        "sheet.yaml:2: problems[0].vary.b: numbers are drawn for b, and no part is worked out in numbers\n"
        "Add  numeric: true  to a part.",
    ),
    "a differential in numbers": (
        "problems:\n  - function: b'x\n    wrt: x\n    symbols: {b: 2, x: 2}\n    vary: {b: -3..3}\n    parts:\n"
        "      - points: 1\n      - {find: differential, numeric: true}\n",
        "sheet.yaml:8: problems[0].parts[1].find: a differential has no numbers\nAsk for the derivative.",
    ),
    "a constraint on a derivative in a part": (
        problem_with("parts: [{points: 1}, {subject_to: Tr(X) = 1}]"),
        "sheet.yaml:4: problems[0].parts[1].subject_to: only a stationary point is subject to a constraint\n"
        "Add  find: stationary",
    ),
    "a constraint of a part that does not parse": (
        problem_with("parts: [{points: 1}, {find: stationary, subject_to: Tr(X = 1}]"),
        "sheet.yaml:4: problems[0].parts[1].subject_to: the expression ends too early\n"
        "    Tr(X \n        ^\n"
        "Something is missing: a closing bracket or norm, or what follows an operator.",
    ),
    "choices for a part without any": (
        problem_with("parts: [{choices: 3}]"),
        "sheet.yaml:4: problems[0].parts[0].choices: the form derive has no choices\nAdd  form: choice",
    ),
    "numbers of a part that its own words lack": (
        "problems:\n  - function: b'x\n    wrt: x\n    symbols: {b: 2, x: 2}\n    vary: {b: -3..3}\n    parts:\n"
        "      - points: 1\n      - {statement: Evaluate it., numeric: true}\n",
        "sheet.yaml:8: problems[0].parts[1].statement: b varies, but is not shown here\nWrite <<b>> where it stands.",
    ),
    "a part that says a letter that varies": (
        problem_with("vary: {names: {A: [A, B]}}\n    parts: [{statement: 'What if $A$ is zero?'}]"),
        "sheet.yaml:5: problems[0].parts[0].statement: A varies, but is written here as it is\n"
        "Write <<A>> where it stands, or <<function>> for the whole.",
    ),
    "no class list": (
        "roster: class.csv\n" + TWO_LINES,
        "sheet.yaml:1: roster: there is no class list class.csv beside the worksheet\nCheck its name and its folder.",
    ),
    "a class list elsewhere": (
        "roster: ../class.csv\n" + TWO_LINES,
        "sheet.yaml:1: roster: there is no class list ../class.csv beside the worksheet\n"
        "Check its name and its folder.",
    ),
    "no function": (
        "problems:\n  - wrt: X\n",
        "sheet.yaml:2: problems[0]: the key 'function' is missing\nSay which function, such as  function: Tr(A X), or"
        " ask a question of your own, with  statement: …  and  solution: …",
    ),
    "no wrt": (
        "problems:\n  - function: Tr(A X)\n",
        "sheet.yaml:2: problems[0]: the key 'wrt' is missing\nSay what the derivative is taken by, such as  wrt: X",
    ),
    "no value": (
        "title:\n" + TWO_LINES,
        "sheet.yaml:1: title: has no value\nGive it one, or remove the key.",
    ),
    "empty title": ("title: ' '\n" + TWO_LINES, "sheet.yaml:1: title: must not be empty"),
    "title a list": ("title: [a]\n" + TWO_LINES, "sheet.yaml:1: title: must be text, not a list"),
    "versions a word": (
        "versions: four\n" + TWO_LINES,
        "sheet.yaml:1: versions: must be a whole number, not 'four'",
    ),
    "versions a fraction": (
        "versions: 2.5\n" + TWO_LINES,
        "sheet.yaml:1: versions: must be a whole number, not '2.5'",
    ),
    "no version": ("versions: 0\n" + TWO_LINES, "sheet.yaml:1: versions: must be at least 1, not 0"),
    "too many versions": (
        "versions: 10000\n" + TWO_LINES,
        "sheet.yaml:1: versions: must be at most 9999, not 10000",
    ),
    "notation a word": (
        "notation: tr\n" + TWO_LINES,
        "sheet.yaml:1: notation: must be keys with values, not 'tr'\nWrite it as {trace: tr, transpose: T}",
    ),
    "notation": (
        "notation: {trace: sp}\n" + TWO_LINES,
        "sheet.yaml:1: notation.trace: must be 'Tr' or 'tr', not 'sp'",
    ),
    "layout": (
        "notation: {layout: columns}\n" + TWO_LINES,
        "sheet.yaml:1: notation.layout: must be 'gradient', 'numerator' or 'denominator', not 'columns'",
    ),
    "convention": (
        problem_with("convention: independent entry"),
        "sheet.yaml:4: problems[0].convention: must be 'projection', 'independent entries' or 'unstructured',"
        " not 'independent entry'\nDid you mean 'independent entries'?",
    ),
    "key of notation": (
        "notation:\n  trance: tr\n" + TWO_LINES,
        "sheet.yaml:2: notation: unknown key 'trance'; did you mean 'trace'?",
    ),
    "bold": (
        "notation: {bold: perhaps}\n" + TWO_LINES,
        "sheet.yaml:1: notation.bold: must be true or false, not 'perhaps'",
    ),
    "find": (
        problem_with("find: stationery"),
        "sheet.yaml:4: problems[0].find: must be 'derivative', 'differential', 'hessian', 'stationary' or 'value', not"
        " 'stationery'\nDid you mean 'stationary'?",
    ),
    "constraint": (
        problem_with("find: stationary\n    subject_to: tr(X)"),
        "sheet.yaml:5: problems[0].subject_to: a constraint is one equation, left = right, an inequality,"
        " left >= right, or two, low <= x <= high\n    tr(X)\n    ^^^^^",
    ),
    "shapes of a constraint": (
        problem_with("find: stationary\n    subject_to: A X = 1"),
        "sheet.yaml:5: problems[0].subject_to: the sides of an equation have the same shape\n    A X = 1\n    ^^^^^^^\n"
        "Names were read as matrices (upper case), vectors (h to z) and scalars (a to g, Greek); declare them under"
        " `symbols` if they are something else.",
    ),
    "constraint without the variable": (
        problem_with("find: stationary\n    subject_to: tr(A) = 1"),
        "sheet.yaml:5: problems[0].subject_to: the constraint tr(A) = 1 does not depend on X",
    ),
    "constraint on a derivative": (
        problem_with("subject_to: tr(X) = 1"),
        "sheet.yaml:4: problems[0].subject_to: only a stationary point is subject to a constraint\n"
        "Add  find: stationary",
    ),
    "points": (problem_with("points: -1"), "sheet.yaml:4: problems[0].points: must be at least 0, not -1"),
    "space": (
        problem_with("space: 100cm"),
        "sheet.yaml:4: problems[0].space: must be a length up to 22 cm or third, half or page, not '100cm'\n"
        "Write it as 6cm, 60mm, 2.5in or half.",
    ),
    "id": (
        problem_with("id: a b"),
        "sheet.yaml:4: problems[0].id: 'a b' cannot be an id\n"
        "Write letters, digits, '-' and '_', such as least-squares.",
    ),
    "repeated id": (
        problem_with("id: a") + "  - function: Tr(X)\n    wrt: X\n    id: a\n",
        "sheet.yaml:7: problems[1].id: the id 'a' is already in use, in line 4\n"
        "Give each problem an id of its own, or none.",
    ),
    "function": (
        "problems:\n  - function: Tr(A X\n    wrt: X\n",
        "sheet.yaml:2: problems[0].function: the expression ends too early\n"
        "    Tr(A X\n"
        "          ^\n"
        "Something is missing: a closing bracket or norm, or what follows an operator.",
    ),
    "wrt elsewhere": (
        "problems:\n  - function: Tr(A X)\n    wrt: Y\n",
        "sheet.yaml:3: problems[0].wrt: Y does not occur in the function\nIts symbols are A, X.",
    ),
    "wrt nowhere": (
        "problems:\n  - function: 2 + 3\n    wrt: x\n",
        "sheet.yaml:3: problems[0].wrt: x does not occur in the function\nIt has no symbols.",
    ),
    "wrt of one member": (
        "problems:\n  - function: sum_i exp(w_i'*x)\n    wrt: v_k\n",
        "sheet.yaml:3: problems[0].wrt: v_k does not occur in the function\nIts symbols are w_i, x.",
    ),
    "declaration": (
        problem_with("symbols: {A: n x m foo, X: m x n}"),
        f"sheet.yaml:4: problems[0].symbols.A: 'foo' is not a property of a symbol\n{SHAPES}",
    ),
    "declared but absent": (
        problem_with("symbols: {A: n x m, X: m x n, B: n}"),
        "sheet.yaml:4: problems[0].symbols.B: B does not occur in the function\nIts symbols are A, X.",
    ),
    "symbols a list": (
        problem_with("symbols: [A, X]"),
        "sheet.yaml:4: problems[0].symbols: must be keys with values, not a list\n"
        "Write them as {A: n x n symmetric, X: n x m}",
    ),
    "coefficient elsewhere": (
        problem_with("vary: {c: 2..9}"),
        "sheet.yaml:4: problems[0].vary.c: c does not occur in the function\nIts symbols are A, X.",
    ),
    "numbers for a matrix without a size": (
        problem_with("vary: {A: 2..9}"),
        "sheet.yaml:4: problems[0].vary.A: A is n × m, and numbers need a size\n"
        "Declare all symbols, this one by its size or as a scalar:  symbols: {A: 2 x 2, ...}",
    ),
    "numbers and expressions for a matrix": (
        problem_with("vary: {A: [2, A]}\n    symbols: {A: 2 x 2, X: 2 x 2}"),
        "sheet.yaml:4: problems[0].vary.A: A is not a scalar,"
        " and numbers and expressions cannot both stand in its place",
    ),
    "numbers for some": (
        "problems:\n  - {function: x'A x, wrt: x, symbols: {A: 2 x 2, x: 2}, vary: {x: -3..3}}\n",
        "sheet.yaml:2: problems[0].vary: there are no numbers for A, and so nothing can be worked out\n"
        "Draw them as well, such as  vary: {A: -3..3}",
    ),
    "no numbers for the point": (
        "problems:\n  - {function: x'A x, wrt: x, symbols: {A: 2 x 2, x: 2}, vary: {A: -3..3}}\n",
        "sheet.yaml:2: problems[0].vary: the answer (A + A')*x needs numbers for x\n"
        "Draw them as well, such as  vary: {x: -3..3}",
    ),
    "a value without numbers": (
        problem_with("find: value"),
        "sheet.yaml:2: problems[0].vary: there are no numbers for A and X, and so nothing can be worked out\n"
        "Draw them as well, such as  vary: {A: -3..3}",
    ),
    "nice without numbers": (
        problem_with("vary: {nice: integers}"),
        "sheet.yaml:4: problems[0].vary.nice: no answer is a number here\nDraw matrices, or leave it out.",
    ),
    "nice in another way": (
        problem_with("vary: {nice: very}"),
        "sheet.yaml:4: problems[0].vary.nice: must be 'integers', not 'very'",
    ),
    "a matrix that is not what it is declared to be": (
        "problems:\n  - function: x'A x\n    wrt: x\n    symbols: {A: 2 x 2 symmetric, x: 2}\n"
        "    vary: {x: -3..3, A: ['[1, 2; 2, 1]', '[1, 2; 3, 4]']}\n",
        "sheet.yaml:5: problems[0].vary.A: [1, 2; 3, 4] is not symmetric, as A is declared to be",
    ),
    "only singular matrices": (
        "problems:\n  - {function: tr(inv(A) X), wrt: X, symbols: {A: 2 x 2, X: 2 x 2}, vary: {A: [1]}}\n",
        "sheet.yaml:2: problems[0].vary: there is nothing to draw\n"
        "Relax a condition, or give it more values to choose from.",
    ),
    "an answer that is no fraction": (
        "problems:\n  - {function: norm2(x), wrt: x, symbols: {x: 2}, vary: {x: [1, -1]}}\n",
        "sheet.yaml:2: problems[0].vary: norm2(x) is not a fraction here\nChoose numbers whose root is one.",
    ),
    "the variable as an expression": (
        "problems:\n  - function: c^2\n    wrt: c\n    vary: {c: c + 1}\n",
        "sheet.yaml:4: problems[0].vary.c: c is the variable, and only numbers can stand in its place",
    ),
    "the variable where it is looked for": (
        "problems:\n  - function: x'x\n    wrt: x\n    find: stationary\n    symbols: {x: 2}\n    vary: {x: 2..9}\n",
        "sheet.yaml:6: problems[0].vary.x: x is the variable; with find: stationary nothing can stand in its place",
    ),
    "an expression of another shape": (
        "problems:\n  - function: tr(A X)\n    wrt: X\n    vary:\n      A: [A, A']\n",
        "sheet.yaml:5: problems[0].vary.A: the expression is m × n, not n × m\n    A'\n    ^^",
    ),
    "an expression of an unknown symbol": (
        "problems:\n  - function: tr(A X)\n    wrt: X\n    vary: {A: A + B}\n",
        "sheet.yaml:4: problems[0].vary.A: unknown symbol B\n    A + B\n        ^\n"
        "Its symbols are A, X; declare all under 'symbols' for more.",
    ),
    "an expression that loses the variable": (
        "problems:\n  - function: tr(A X)\n    wrt: X\n    vary: {A: [A, zeros]}\n",
        "sheet.yaml:4: problems[0].vary.A: with A = zeros the function does not depend on X\nLeave it out.",
    ),
    "no alternative": (
        "problems:\n  - function: []\n    wrt: X\n",
        "sheet.yaml:2: problems[0].function: the list is empty\n"
        "Write a function, such as Tr(A X), or a list of alternatives.",
    ),
    "a function without a value": (
        "problems:\n  - function:\n    wrt: X\n",
        "sheet.yaml:2: problems[0].function: has no value\nGive it one, or remove the key.",
    ),
    "alternatives of different shapes": (
        "problems:\n  - wrt: x\n    function:\n      - x'x\n      - A x\n",
        "sheet.yaml:5: problems[0].function[1]: the shapes disagree: here a vector depends on a vector, and a scalar"
        " on a vector in the first alternative\n"
        "Alternatives ask for the same kind of answer; make this one a problem of its own.",
    ),
    "an alternative without the variable": (
        "problems:\n  - wrt: x\n    function: [x'x, y'y]\n",
        "sheet.yaml:3: problems[0].function[1]: x does not occur in the function\nIts symbols are y.",
    ),
    "optional but absent": (
        problem_with("vary: {optional: [tr(B X)]}").replace("Tr(A X)", "tr(A X) + tr(C X)")
        + "    symbols: {A: n x m, B: n x m, C: n x m, X: m x n}\n",
        "sheet.yaml:4: problems[0].vary.optional[0]: tr(B X) is not a term of the function\n"
        "Its terms are tr(A*X), tr(C*X).",
    ),
    "optional but needed": (
        problem_with("vary: {optional: Tr(A X)}").replace("Tr(A X)", "Tr(A X) + c", 1),
        "sheet.yaml:4: problems[0].vary.optional[0]: without Tr(A X) the function does not depend on X",
    ),
    "a condition that nothing meets": (
        problem_with("vary: {c: 2..9, where: c > 9}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.where: there is no draw that meets all conditions\n"
        "Relax a condition, or give it more values to choose from.",
    ),
    "conditions that contradict": (
        problem_with("vary: {c: 2..9, where: [c < 5, c > 5]}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.where: there is no draw that meets all conditions\n"
        "Relax a condition, or give it more values to choose from.",
    ),
    "a condition without a comparison": (
        problem_with("vary: {c: 2..9, where: c}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.where[0]: 'c' compares nothing\n"
        "Compare two expressions, such as  c != d  or  a*d - b*c > 0; several conditions make a list.",
    ),
    "a condition on what is not drawn": (
        problem_with("vary: {c: 2..9, where: c != d}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.where[0]: unknown symbol d\n     d\n     ^\n"
        "It can speak of what is drawn as a number: c.",
    ),
    "a condition that is a program": (
        problem_with("vary: {c: 2..9, where: __import__('os') != c}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.where[0]: an index is letters and digits\n    __import__('os') \n     ^\n"
        "Choose a name such as x_1 or x_{new}.",
    ),
    "a misspelled key that reads as a symbol": (
        problem_with("vary: {wheer: 2..9}"),
        "sheet.yaml:4: problems[0].vary.wheer: unknown key 'wheer'; did you mean 'where'?",
    ),
    "empty pool": (
        problem_with("vary: {names: {A: []}}"),
        "sheet.yaml:4: problems[0].vary.names: the list is empty\n"
        "Write names that go together, [{A: A, X: X}, {A: M, X: Y}], or pools, {A: [A, B, M], X: [X, Y]}",
    ),
    "a pool with a bad name": (
        problem_with("vary: {names: {A: [A, tr]}}"),
        "sheet.yaml:4: problems[0].vary.names.A[1]: 'tr' is the name of a function or a constant\nChoose another name.",
    ),
    "pools that always clash": (
        problem_with("vary: {names: {A: [M], X: [M]}}"),
        "sheet.yaml:4: problems[0].vary: there is nothing to draw\n"
        "Relax a condition, or give it more values to choose from.",
    ),
    "no dimension": (
        problem_with("vary: {dimensions: {k: 2..4}}"),
        "sheet.yaml:4: problems[0].vary.dimensions.k: k is no dimension of this problem\nIts dimensions are m, n.",
    ),
    "a dimension of 1": (
        problem_with("vary: {dimensions: {n: 1..4}}"),
        "sheet.yaml:4: problems[0].vary.dimensions.n: 1 cannot be a dimension\n"
        "Write a range (2..4), numbers ([2, 3]) or names ([n, p]). A dimension that is a number is at least 2.",
    ),
    "a dimension called as a symbol": (
        problem_with("vary: {dimensions: {n: [n, A]}}"),
        "sheet.yaml:4: problems[0].vary.dimensions.n: A is a symbol of this problem\nChoose a name that is free.",
    ),
    "a dimension called as another": (
        problem_with("vary: {dimensions: {n: [n, m]}}"),
        "sheet.yaml:4: problems[0].vary.dimensions.n: n and m would both be called m",
    ),
    "fairness": (
        problem_with("fair: very"),
        "sheet.yaml:4: problems[0].fair: must be 'strict', 'similar' or 'off', not 'very'",
    ),
    "statement without the function that varies": (
        problem_with("statement: Differentiate $X$.").replace("Tr(A X)", "[Tr(A X), Tr(A X X)]"),
        "sheet.yaml:4: problems[0].statement: the function varies, but is not shown here\n"
        "Write <<function>> where it stands.",
    ),
    "coefficient a word": (
        problem_with("vary: {c: many}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.c: unknown symbol many\n"
        "    many\n"
        "    ^^^^\n"
        "Its symbols are A, X, c; declare all under 'symbols' for more.",
    ),
    "coefficient with division by zero": (
        problem_with("vary: {c: 1/0}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.c: division by zero\n    1/0\n    ^^^",
    ),
    "backward range": (
        problem_with("vary: {c: 9..2}"),
        "sheet.yaml:4: problems[0].vary.c: the range 9..2 is empty\nWrite 2..9.",
    ),
    "hollow range": (
        problem_with("vary: {c: 0..1}").replace("Tr", "c Tr"),
        "sheet.yaml:4: problems[0].vary.c: the range 0..1 holds no coefficient\n"
        "A range leaves out 0, 1 and -1; a list, such as [0, 1], does not.",
    ),
    "endless range": (
        problem_with("vary: {c: 1..999999999}"),
        "sheet.yaml:4: problems[0].vary.c: the range 1..999999999 has more than 1000 numbers",
    ),
    "empty list": (
        problem_with("vary: {c: []}"),
        "sheet.yaml:4: problems[0].vary.c: the list is empty\n"
        "Write a range (2..9), a list ([2, 3, 1/2] or [A, A', A + B]) or one value.",
    ),
    "division by a drawn zero": (
        "problems:\n  - function: Tr(A X)/c\n    wrt: X\n    vary: {c: [0, 2]}\n",
        "sheet.yaml:4: problems[0].vary.c: with c = 0 the function is undefined\nLeave it out.",
    ),
    "a drawn zero leaves nothing": (
        "problems:\n  - function: c Tr(A X)\n    wrt: X\n    vary: {c: [0, 2]}\n",
        "sheet.yaml:4: problems[0].vary.c: with c = 0 the function does not depend on X\nLeave it out.",
    ),
    "names not a list": (
        problem_with("vary: {names: A}"),
        "sheet.yaml:4: problems[0].vary.names: must be a list of names that go together, or pools\n"
        "Write names that go together, [{A: A, X: X}, {A: M, X: Y}], or pools, {A: [A, B, M], X: [X, Y]}",
    ),
    "renaming what is absent": (
        problem_with("vary: {names: [{B: M}]}"),
        "sheet.yaml:4: problems[0].vary.names[0].B: B does not occur in the function\nIts symbols are A, X.",
    ),
    "a value for a family": (
        of_samples("vary: {x_i: [2 x_i]}"),
        "sheet.yaml:5: problems[0].vary.x_i: x_i has many members, and nothing can stand in their place\n"
        "Write the function with other terms as an alternative:  function: [..., ...]",
    ),
    "a family renamed to a single symbol": (
        of_samples("vary: {names: {x_i: [x_i, u]}}"),
        "sheet.yaml:5: problems[0].vary.names.x_i[1]: x_i has members, and u has none\nWrite it as u_i.",
    ),
    "two families of one name": (
        of_samples("vary: {names: {x_i: [x_i, y_i]}}"),
        "sheet.yaml:5: problems[0].vary.names.x_i[1]: x_i and y_i would both be called y_i\n"
        "Choose another name, or rename both.",
    ),
    "a family in a statement": (
        of_samples("vary: {names: {x_i: [x_i, u_i]}}\n    statement: Differentiate $L$ by $<<wrt>>$, for $x_i$."),
        "sheet.yaml:6: problems[0].statement: x_i varies, but is written here as it is\n"
        "Write <<x_i>> where it stands, or <<function>> for the whole.",
    ),
    "capture": (
        problem_with("vary: {names: [{A: A}, {A: X}]}"),
        "sheet.yaml:4: problems[0].vary.names[1].A: A and X would both be called X\n"
        "Choose another name, or rename both.",
    ),
    "renaming onto a dimension": (
        problem_with("vary: {names: [{A: n}]}"),
        "sheet.yaml:4: problems[0].vary.names[0].A: n is a dimension of this problem\nChoose a name that is free.",
    ),
    "renaming onto a function": (
        problem_with("vary: {names: [{A: tr}]}"),
        "sheet.yaml:4: problems[0].vary.names[0].A: 'tr' is the name of a function or a constant\nChoose another name.",
    ),
    "renaming a coefficient": (
        "problems:\n  - function: c tr(X)\n    wrt: X\n    vary: {c: 2..9, names: [{c: a}]}\n",
        "sheet.yaml:4: problems[0].vary.names[0].c: c is drawn as a number, and cannot be renamed as well",
    ),
    "slot": (
        problem_with("statement: Find <<funktion>>."),
        "sheet.yaml:4: problems[0].statement: <<funktion>> stands for nothing; did you mean <<function>>?\n"
        "It can be <<function>>, <<wrt>> or a symbol of the function.",
    ),
    "statement that asks for something else": (
        problem_with("statement: True or false? The trace is linear."),
        f"sheet.yaml:4: problems[0].statement: {SHOWS_NEITHER}",
    ),
    "statement that shows a constant only": (
        problem_with("statement: True or false? The trace of $<<A>>$ is linear."),
        f"sheet.yaml:4: problems[0].statement: {SHOWS_NEITHER}",
    ),
    "statement of a part that asks for something else": (
        problem_with("parts: [{find: hessian}, {statement: Is the trace linear}]"),
        f"sheet.yaml:4: problems[0].parts[1].statement: {SHOWS_NEITHER}",
    ),
    "statement before parts that is about something else": (
        problem_with(
            "statement: Recall the trace.\n    parts: [{find: hessian}, {statement: By <<wrt>>}, {points: 1}]"
        ),
        f"sheet.yaml:4: problems[0].statement: {SHOWS_NEITHER}",
    ),
    "shows without a statement": (
        problem_with("shows: function"),
        "sheet.yaml:4: problems[0].shows: there is no statement of your own to speak of\nRemove it.",
    ),
    "shows of a part without a statement": (
        problem_with("statement: Let $L = <<function>>$.\n    parts: [{shows: function}]"),
        "sheet.yaml:5: problems[0].parts[0].shows: there is no statement of your own to speak of\nRemove it.",
    ),
    "statement that names what varies": (
        problem_with(r"""statement: Let $L = <<function>>$ with $A \in \mathbb{R}$.
    vary: {names: [{A: M}]}"""),
        "sheet.yaml:4: problems[0].statement: A varies, but is written here as it is\n"
        "Write <<A>> where it stands, or <<function>> for the whole.",
    ),
    "statement that hides what varies": (
        problem_with("statement: Let $X$ be a matrix.\n    vary: {names: [{A: M}]}"),
        "sheet.yaml:4: problems[0].statement: A varies, but is not shown here\n"
        "Write <<A>> where it stands, or <<function>> for the whole.",
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_with_file_line_and_key(text: str, expected: str) -> None:
    assert message(text) == expected


def test_all_mistakes_are_said_at_once_in_the_order_of_their_lines() -> None:
    text = f"titel: x\nversions: 0\n{TWO_LINES}    find: minimum\n    points: many\n"
    assert message(text).splitlines() == [
        "sheet.yaml:1: unknown key 'titel'; did you mean 'title'?",
        "sheet.yaml:2: versions: must be at least 1, not 0",
        "sheet.yaml:6: problems[0].find: must be 'derivative', 'differential', 'hessian', 'stationary' or 'value',"
        " not 'minimum'",
        "sheet.yaml:7: problems[0].points: must be whole points or halves, up to 1000, not 'many'",
        "Write them as 2 or 1.5.",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        r"Let $L = <<function>>$, where $<<A>> \in \mathbb{R}^{n \times m}$.",
        r"A matrix $\operatorname{A} \mathcal{A} <<function>> <<wrt>>$.",
        "Let A be constant in $L(<<wrt>>) = << function >>$.",
        "Let $<<A>>$ be what A is called, and $L = <<function>>$.",
    ],
)
def test_statements_that_follow_what_varies(statement: str) -> None:
    assert load(problem_with(f"statement: {statement}\n    vary: {{names: [{{A: M, X: Y}}]}}"))


@pytest.mark.parametrize(
    "said",
    [
        "statement: Differentiate $<<function>>$.",
        "statement: Differentiate the inner product by $<<wrt>>$.",
        "statement: Differentiate the inner product by $<<X>>$.",
        "statement: Work out the gradient of the inner product.\n    shows: function",
        "statement: Let $L = <<function>>$.\n    parts: [{statement: Work out its gradient.}, {find: hessian}]",
        "statement: Recall the trace.\n    parts: [{statement: Differentiate by $<<wrt>>$.}]",
        "statement: Consider the inner product.\n    shows: function\n    parts: [{statement: Work out its gradient.}]",
        "parts: [{statement: Work out the gradient., shows: function}, {find: hessian}]",
    ],
)
def test_statements_that_ask_for_what_the_key_works_out(said: str) -> None:
    assert load(problem_with(said))


INNER_PRODUCT = """\
inner-product:
  title: An inner product
  topic: traces
  difficulty: 1
  source: the lecture
  function: Tr(A X)
  wrt: X
  statement: Work out the gradient of the inner product.
  shows: function
"""


@pytest.mark.parametrize(
    ("said", "is_sound"),
    [
        ("use: inner-product", True),
        ("use: inner-product\n    statement: True or false? The trace is linear.", False),
        ("pick: 1\n    from: {families: inner-product}\n    statement: True or false? The trace is linear.", False),
        ("use: inner-product\n    statement: Work out the gradient of this.\n    shows: function", True),
        ("use: inner-product\n    parts: [{find: hessian}]", True),
    ],
)
def test_what_a_family_says_of_its_own_statement_is_not_said_of_another(said: str, is_sound: bool) -> None:
    Path("families").mkdir()
    Path("families/own.yaml").write_text(INNER_PRODUCT)
    text = f"bank: families\nproblems:\n  - {said}\n"
    if is_sound:
        assert load(text)
    else:
        assert SHOWS_NEITHER in message(text)


UNDRAWABLE = """
versions: 2
problems:
  - {function: c Tr(A X), wrt: X, vary: {c: 2..3, where: c > 5}}
  - {function: d Tr(X), wrt: X, vary: {d: 2..3}}
  - {function: c Tr(A X), wrt: X, vary: {c: 2..3, where: c > 6}}
"""


@pytest.mark.parametrize("repeats", [False, True])
def test_what_cannot_be_drawn_is_said_by_builds_and_checks_alike(repeats: bool) -> None:
    """Loading finds nothing to say; all problems of which there is no draw are said at once, each at its place."""
    text = UNDRAWABLE + f"repeats: {str(repeats).lower()}\n"
    load(text)
    said = "".join(
        f"sheet.yaml:{line}: problems[{i}].vary.where: there is no draw that meets all conditions\n"
        for i, line in ((0, 4), (2, 6))
    )
    said += "Relax a condition, or give it more values to choose from."
    for attempt in (lambda: build(Path("sheet.yaml"), Options(formats=("tex",))), lambda: check(load(text))):
        with pytest.raises(GeneratorError) as caught:
            attempt()
        assert str(caught.value) == said


def test_loading_neither_draws_nor_solves(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("loading draws or solves")

    monkeypatch.setattr(ProblemVariants, "__init__", refuse)
    monkeypatch.setattr("generator.solver.solve.derive", refuse)
    monkeypatch.setattr("generator.worksheet.variants.solve_task", refuse)
    problem = "function: 'Tr(X^{-1} A)', wrt: X, symbols: {A: 2 x 2, X: 2 x 2}, vary: {A: -3..3, X: -3..3}"
    load(f"problems:\n  - {{{problem}}}\n")


KEYS = st.sampled_from([*Worksheet.model_fields, *Problem.model_fields, "names", "pick", "A", "X", "c", "=", ""])
VALUES = st.recursive(
    st.none() | st.text(max_size=8) | st.sampled_from(["Tr(A X)", "X", "2..9", "n x m", "1e999", "9" * 5000, "||x||"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(data=st.dictionaries(KEYS, VALUES, max_size=4), problem=st.dictionaries(KEYS, VALUES, max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_can_be_written_ends_in_a_traceback(data: dict[str, object], problem: dict[str, object]) -> None:
    sound = {"function": "c Tr(A X)", "wrt": "X"}
    for contents in (data, data | {"problems": [sound | problem]}):
        with contextlib.suppress(GeneratorError):
            load(yaml.safe_dump(contents, allow_unicode=True))


@given(text=st.text(alphabet=":- []{}|>'\"#*&!%@`~\\\n\tabx", max_size=40))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_ends_in_a_traceback(text: str) -> None:
    with contextlib.suppress(GeneratorError):
        load(text)


def test_a_file_that_is_not_there() -> None:
    Path("trace-trick.yaml").write_text(TWO_LINES)
    with pytest.raises(GeneratorError) as caught:
        load_worksheet(Path("trace-trik.yaml"))
    assert str(caught.value) == "trace-trik.yaml: there is no such file\nDid you mean trace-trick.yaml?"
    with pytest.raises(GeneratorError) as caught:
        load_worksheet(Path("nowhere/x.yaml"))
    assert str(caught.value) == "nowhere/x.yaml: there is no such file\nCheck the name and the folder."


def test_a_folder() -> None:
    with pytest.raises(GeneratorError) as caught:
        load_worksheet(Path())
    assert str(caught.value) == ".: this is a folder, not a worksheet\nName the files in it: *.yaml"
