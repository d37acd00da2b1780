"""Questions with numbers: what is drawn, and answers worked out in fractions, line by line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.building.solving import solve_all
from generator.cli import main
from generator.errors import GeneratorError, Unsupported
from generator.expr.evaluate.exact import PROPERTIES, NoValueError, Rows, determinant, exact, is_integral, times
from generator.expr.functions import PROPERTIES as DECLARABLE
from generator.expr.nodes import Matrix, Number
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.plain import plain
from generator.problems.question import Question
from generator.problems.solved import SolvedDerived
from generator.solver.derivation import Derivation
from generator.solver.evaluation import evaluated, unevaluated
from generator.solver.solve import solve
from generator.worksheet.entries import Entries
from generator.worksheet.load import load_worksheet
from generator.worksheet.variants import Draws


def matrix(text: str) -> Rows:
    return exact(read(text).expr, {})


def worked_out(function: str, wrt: str, find: str, symbols: dict[str, str], numbers: dict[str, str]) -> Derivation:
    derivation = solve(function, wrt, symbols, find)
    return evaluated(derivation, {derivation.symbols[name]: matrix(text) for name, text in numbers.items()})


ANSWERS = [
    ("x'A x + b'x", "x", "derivative", {"A": "2 x 2", "x": "2", "b": "2"},
     {"A": "[2, 1; 0, 3]", "b": "[1; 4]", "x": "[1; -1]"}, "[4; -1]"),
    ("||A x - b||^2", "x", "stationary", {"A": "3 x 2", "x": "2", "b": "3"},
     {"A": "[2, 1; 0, 3; 1, 1]", "b": "[1; 4; 0]"}, "[-17/46; 59/46]"),
    ("tr(A inv(X))", "X", "derivative", {"A": "2 x 2", "X": "2 x 2"},
     {"A": "[2, 1; 0, 3]", "X": "[1, 1; 0, 1]"}, "[-2, 0; 4, -3]"),
    ("x'A x/(x'x)", "x", "derivative", {"A": "2 x 2 symmetric", "x": "2"},
     {"A": "[2, 1; 1, 3]", "x": "[1; 2]"}, "[4/25; -2/25]"),
    ("1/2 x'A x", "x", "hessian", {"A": "2 x 2", "x": "2"}, {"A": "[2, 1; 0, 3]"}, "[2, 1/2; 1/2, 3]"),
    ("log det X - tr(S X)", "X", "stationary", {"S": "2 x 2 positive definite", "X": "2 x 2 positive definite"},
     {"S": "[2, 1; 1, 3]"}, "[3/5, -1/5; -1/5, 2/5]"),
    ("x.*x", "x", "derivative", {"x": "2"}, {"x": "[3; -1]"}, "[6, 0; 0, -2]"),
    ("c^3 + 2*c", "c", "derivative", {"c": "scalar"}, {"c": "1/2"}, "11/4"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "wrt", "find", "symbols", "numbers", "expected"), ANSWERS, ids=lambda x: str(x)[:20]
)
def test_answers_in_fractions(
    function: str, wrt: str, find: str, symbols: dict[str, str], numbers: dict[str, str], expected: str
) -> None:
    derivation = worked_out(function, wrt, find, symbols, numbers)
    assert plain(derivation.result) == expected
    assert derivation.conditions == ()
    stage = derivation.stages[-1]
    assert stage.title == ("Put in the numbers",)
    assert stage.lines[-1].right == derivation.result
    assert all(a.right != b.right for a, b in zip(stage.lines, stage.lines[1:], strict=False))
    assert derivation.verified.lines == len(derivation.lines)


def test_each_line_works_out_what_is_innermost() -> None:
    derivation = worked_out(
        "x'A x + b'x", "x", "derivative", {"A": "2 x 2", "x": "2", "b": "2"},
        {"A": "[2, 1; 0, 3]", "b": "[1; 4]", "x": "[1; -1]"},
    )  # fmt: skip
    assert [plain(line.right) for line in derivation.stages[-1].lines] == [
        "([2, 1; 0, 3] + [2, 0; 1, 3])*[1; -1] + [1; 4]",
        "[4, 1; 1, 6]*[1; -1] + [1; 4]",
        "[3; -5] + [1; 4]",
        "[4; -1]",
    ]


def test_a_value() -> None:
    parsed = read("||A x||", {"A": "2 x 2", "x": "2"})
    data = {parsed.symbols["A"]: matrix("[1, 2; 0, 2]"), parsed.symbols["x"]: matrix("[1; 1]")}
    derivation = evaluated(
        unevaluated(parsed.expr, parsed.symbols["x"], parsed.symbols),
        {**data, parsed.symbols["A"]: matrix("[1, 2; 2, 2]")},
    )
    assert plain(derivation.result) == "5"
    with pytest.raises(Unsupported):
        evaluated(unevaluated(parsed.expr, parsed.symbols["x"], parsed.symbols), data)


@pytest.mark.parametrize(
    ("function", "symbols", "numbers"),
    [
        ("log det X", {"X": "2 x 2"}, {"X": "[1, 2; 2, 4]"}),
        ("log det X", {"X": "2 x 2"}, {"X": "[1, 2; 2, 1]"}),  # the gradient has a value, and the function has none
        ("norm1(x)", {"x": "2"}, {"x": "[1; 0]"}),
        ("log det X", {"X": "2 x 2 symmetric"}, {"X": "[1, 2; 0, 1]"}),
    ],
)
def test_what_is_undefined_at_the_numbers(function: str, symbols: dict[str, str], numbers: dict[str, str]) -> None:
    with pytest.raises(NoValueError):
        worked_out(function, next(iter(symbols)), "derivative", symbols, numbers)


def test_a_point_that_the_variable_cannot_be_is_none() -> None:
    """S⁻¹ is where the gradient is zero, and det S⁻¹ is positive; but X is positive definite, and S⁻¹ is not."""
    symbols = {"S": "2 x 2 symmetric", "X": "2 x 2 positive definite"}
    with pytest.raises(NoValueError):
        worked_out("log det X - tr(S X)", "X", "stationary", symbols, {"S": "[-2, 0; 0, -1]"})
    assert worked_out("log det X - tr(S X)", "X", "stationary", symbols, {"S": "[2, 0; 0, 1]"})


def test_every_property_can_be_decided() -> None:
    assert set(PROPERTIES) == set(DECLARABLE)


def test_an_answer_that_needs_more_numbers_says_so() -> None:
    with pytest.raises(Unsupported) as caught:
        worked_out("x'A x", "x", "derivative", {"A": "2 x 2", "x": "2"}, {"A": "[1, 2; 3, 4]"})
    assert caught.value.what == "the answer (A + A')*x needs numbers for x"


# What is drawn


@pytest.mark.parametrize("properties", ["", *PROPERTIES, "symmetric invertible", "diagonal positive definite"])
@given(index=st.integers(0, 10**9), n=st.integers(2, 3))
@settings(max_examples=40)
def test_entries_have_the_declared_properties(properties: str, index: int, n: int) -> None:
    symbol = declare("A", f"{n} x {n} {properties}")
    entries = Entries(symbol, tuple(map(Fraction, range(-2, 4))))
    made = entries[index % entries.size]
    if made is None:
        return
    assert isinstance(made, Matrix)
    assert made.shape == symbol.shape
    assert all(PROPERTIES[name](made.rows) for name in symbol.properties)
    if properties != "orthogonal":
        assert all(abs(x) <= 3 for row in made.rows for x in row)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("2 x 2", 3**4 - 1),
        ("2 x 2 symmetric", 3**3 - 1),
        ("2 x 2 diagonal", 3**2 - 1),
        ("3", 3**3 - 1),
        ("2 x 2 invertible", 48),
    ],
)
def test_every_matrix_comes_once(said: str, count: int) -> None:
    entries = Entries(declare("A", said), tuple(map(Fraction, (-1, 0, 1))))
    made = [entries[index] for index in range(entries.size)]
    assert len({e for e in made if e is not None}) == sum(e is not None for e in made) == count


SHEET = """
versions: 8
problems:
  - id: point
    function: c x'A x + b'x
    wrt: x
    symbols: {A: 2 x 2 symmetric, x: 2, b: 2}
    vary: {A: -3..3, b: -5..5, x: [-2, -1, 1, 2], c: 2..3, where: det(A) > 0, names: {x: [x, w]}}
  - id: regression
    function: ||A x - b||^2
    wrt: x
    find: stationary
    symbols: {A: 3 x 2, x: 2, b: 3}
    vary: {A: -2..2, b: -4..4, nice: integers}
  - id: unimodular
    function: tr(B inv(X))
    wrt: X
    symbols: {B: 2 x 2, X: 2 x 2}
    vary: {B: -3..3, X: -3..3, where: det(X)^2 = 1, nice: integers}
  - id: value
    function: ||A x - b||
    wrt: x
    find: value
    symbols: {A: 2 x 2, x: 2, b: 2}
    statement: Let $A = <<A>>$, $b = <<b>>$. What is $<<function>>$ at $<<wrt>> = <<x>>$?
    vary: {A: -3..3, b: -5..5, x: -2..2, nice: integers}
  - id: fixed
    function: tr(Q X)
    wrt: X
    symbols: {Q: 2 x 2 orthogonal, X: 2 x 2}
    vary: {Q: [1/2, 1/3, 2, 3, 4, 5, 6, 7, 8]}
"""


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.yaml").write_text(SHEET)
    return Path("sheet.yaml")


def named(question: Question) -> dict[str, Rows]:
    return {symbol.name: rows for symbol, rows in question.data.items()}


def test_questions_with_numbers(sheet: Path) -> None:
    solved = solve_all(Draws(load_worksheet(sheet)), jobs=1)
    seen = set()
    for _, (point, regression, unimodular, value, fixed) in solved:
        x = "x" if "x" in named(point.question) else "w"
        assert set(named(point.question)) == {"A", "b", x}
        assert determinant(named(point.question)["A"]) > 0
        assert is_integral(exact(regression.derivation.result, {}))
        A, b = (named(regression.question)[name] for name in "Ab")
        solution = exact(regression.derivation.result, {})
        residual = [[left[0] - right[0]] for left, right in zip(times(A, solution), b, strict=True)]
        assert not any(map(any, times(tuple(zip(*A, strict=True)), tuple(map(tuple, residual)))))
        assert abs(determinant(named(unimodular.question)["X"])) == 1
        assert isinstance(value.derivation.result, Number)
        assert any(isinstance(part, Matrix) for part in value.question.statement or ())
        assert PROPERTIES["orthogonal"](exact(fixed.derivation.result, {}))
        seen.add(tuple(plain(one.derivation.result) for one in (point, regression, unimodular)))
    assert len(seen) == len(solved) == 8


def test_numbers_on_paper(sheet: Path) -> None:
    result = CliRunner().invoke(main, ["build", str(sheet), "--format", "tex", "--only", "3"])
    assert (result.exit_code, result.stderr.splitlines()) == (0, ["sheet.yaml: Solving"])
    key = Path("output/sheet/tex/sheet-v03-key.tex").read_text()
    paper = Path("output/sheet/tex/sheet-v03.tex").read_text()
    assert (key.count("Put in the numbers"), key.count("Work it out")) == (4, 1)
    assert "Put in the numbers" not in paper
    assert paper.count("Find the gradient") == 3
    assert r"L$ at $" in paper.replace("\n", " ")
    assert "provided that" not in key
    numbers = Path("output/sheet/manifest.json").read_text()
    assert '"numbers": {' in numbers


GIVEN = """
problems:
  - {function: det(A), wrt: A, find: value, given: {A: '[2 1; 1 3]'}}
  - {function: x'A x - b'x, wrt: x, given: {A: '[2 1; 1 3]', b: '[1; 2]', x: '[1; -1]'}}
  - {function: 1/2 x'A x - b'x, wrt: x, find: stationary, given: {A: '[2 1; 1 3]', b: '[1; 2]'}}
"""


def test_matrices_are_given(tmp_path: Path) -> None:
    file = tmp_path / "given.yaml"
    file.write_text(GIVEN)
    ((_, answered),) = solve_all(Draws(load_worksheet(file)), jobs=1)
    assert [str(one.derivation.outcome) for one in answered] == ["5", "[1; -6]", "[1/5; 3/5]"]
    assert "positive definite" in next(s for s in answered[2].question.symbols if s.name == "A").properties


@pytest.mark.parametrize(
    ("said", "what"), [("[2 1; 1]", "a row with 1 entry below one with 2 entries"), ("c", "no matrix of numbers")]
)
def test_what_is_given_is_a_matrix_of_numbers(tmp_path: Path, said: str, what: str) -> None:
    file = tmp_path / "given.yaml"
    file.write_text(f"problems:\n  - {{function: det(A), wrt: A, find: value, given: {{A: '{said}'}}}}\n")
    with pytest.raises(GeneratorError, match=what):
        load_worksheet(file)


VALUES = """versions: 3
fair: 'off'
problems:
  - {id: rank, function: rank(A), find: value, symbols: {A: 3 x 4}, vary: {A: [-1, 0, 1, 2], where: rank(A) < 3}}
  - {id: roots, form: choice, function: eigenvalues(A), find: value, symbols: {A: 2 x 2 symmetric}, vary: {A: -3..-1}}
  - {id: whole, function: eigenvectors(A), find: value, symbols: {A: 2 x 2}, vary: {A: -4..5, nice: integers}}
  - {id: given, function: eigenvectors(M), find: value, given: {M: '[2 1; 1 3]'}}
"""


def test_values_need_no_variable_and_may_have_roots(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(VALUES)
    answers = {
        (number, one.question.id): str(one.derivation.outcome)
        for number, (_, answered) in enumerate(solve_all(Draws(load_worksheet(file)), jobs=1), 1)
        for one in answered
    }
    assert all(answers[n, "rank"] in ("1", "2") for n in (1, 2, 3))
    assert all("^(1/2)" not in answers[n, "whole"] for n in (1, 2, 3))
    assert answers[1, "given"] == "[-1 + 5^(1/2), -1 - 5^(1/2); 2, 2]"


IN_A_FUNCTION: list[tuple[str, list[str]]] = [
    ("function: 'det([2 1; 1 3])', find: value", ["5"]),
    ("function: 'det\\begin{pmatrix} 2 & 1 \\\\ 1 & 3 \\end{pmatrix} + 1', find: value", ["6"]),
    ("function: \"[2 1; 1 3]^{-1} b\", find: value, given: {b: '[1; 2]'}", ["[1/5; 3/5]"]),
    ("function: 'tr([1 2; 3 4] B [1 2; 3 4])', find: value, given: {B: '[1 0; 0 1]'}", ["29"]),
    ("parts: [{function: 'det([1 2; 3 4])', find: value}, {function: 'det([1 2; 3 5])', find: value}]", ["-2", "-1"]),
    (
        "function: \"x'[2 1; 1 3]x\", given: {x: '[1; 1]'}, parts: [{find: value}, {statement: And then, answer: so}]",
        ["7"],
    ),
    ("function: 'tr([1 2; 3 4] X)', wrt: X", ["[1, 3; 2, 4]"]),
]


@pytest.mark.parametrize(("keys", "expected"), IN_A_FUNCTION)
def test_numbers_stand_in_a_function(tmp_path: Path, keys: str, expected: list[str]) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(f"problems:\n  - {{{keys}}}\n")
    ((_, answered),) = solve_all(Draws(load_worksheet(file)), jobs=1)
    derived = [one for one in answered if isinstance(one, SolvedDerived)]
    assert [str(one.derivation.outcome) for one in derived] == expected


ALTERNATIVES = """versions: 3
problems:
  - {id: inverse, function: ['inv([2 1; 1 1])', 'inv([3 1; 2 1])', 'inv([1 1; 0 1])'], find: value}
  - id: form
    function: b'A b
    find: value
    given: {b: "[1; 0]"}
    vary: {A: ['[2 1; 1 5]', '[3 1; 1 1]', '[7 0; 0 1]']}
"""


def test_alternatives_differ_in_a_matrix_of_numbers(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(ALTERNATIVES)
    found: dict[str, set[str]] = {"inverse": set(), "form": set()}
    for _, answered in solve_all(Draws(load_worksheet(file)), jobs=1):
        for one in answered:
            found[one.question.id].add(str(one.derivation.outcome))
            if one.question.id == "form":
                assert {"positive definite"} == next(s for s in one.question.symbols if s.name == "A").properties
    assert found == {"inverse": {"[1, -1; -1, 2]", "[1, -1; -2, 3]", "[1, -1; 0, 1]"}, "form": {"2", "3", "7"}}


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ("function: ['det([2 1; 1 1])', 'tr([2 1; 1 1])'], find: value", "may differ in one matrix only"),
        ("function: 'det([2 1; 1 1) + 1', find: value", r"problems\[0\].function: \) cannot close"),
        (
            "function: b'A b, find: value, given: {A: '[2 1; 1 5]'}, vary: {b: ['[1; 2]', '[1; 2; 3]']}",
            r"vary\.b: \[1; 2; 3\] and \[1; 2\] are not of the same shape",
        ),
    ],
)
def test_numbers_in_a_function_that_cannot_be_meant(tmp_path: Path, keys: str, what: str) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(f"problems:\n  - {{{keys}}}\n".replace("b'A b", '"b\'A b"'))
    with pytest.raises(GeneratorError, match=what):
        load_worksheet(file)


def test_a_value_without_numbers_asks_for_them(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text("problems:\n  - {function: det(A), find: value}\n")
    with pytest.raises(GeneratorError, match=r"there are no numbers .*\n.*given: \{A: '\[2 1; 1 3\]'\}"):
        load_worksheet(file)
