"""Nothing runs without an end: work is counted, what is too much is said, and nice inverses are constructed."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from generator import Unsupported, solve
from generator.building.check import COUNTED, check
from generator.building.solving import shortages
from generator.errors import ExpressionError, WorksheetError
from generator.expr.evaluate.exact import PROPERTIES, exact, inverse, is_integral
from generator.expr.evaluate.numeric import reduced_dimensions
from generator.expr.parsing.parse import declare, read
from generator.worksheet.entries import Entries
from generator.worksheet.load import load_worksheet
from generator.worksheet.spec import Worksheet
from generator.worksheet.unimodular import unimodular
from generator.worksheet.variants import EFFORT, PATIENCE, Draws

VALUES = tuple(map(Fraction, range(-3, 4)))

STRUCTURES = (
    "", "invertible", "symmetric", "positive definite", "diagonal", "diagonal positive definite", "lower triangular",
    "skew-symmetric", "orthogonal", "symmetric orthogonal",
)  # fmt: skip


@pytest.mark.parametrize("said", STRUCTURES)
@pytest.mark.parametrize("n", [2, 6, 10])
def test_constructed_matrices_have_inverses_in_whole_numbers(said: str, n: int) -> None:
    symbol = declare("A", f"{n} x {n} {said}")
    made = [unimodular(n, symbol.properties, VALUES, str(seed)) for seed in range(20)]
    found = {rows for rows in made if rows is not None}
    assert len(found) >= (1 if {"diagonal", "positive definite"} <= symbol.properties else 2)
    for rows in found:
        assert is_integral(rows)
        assert is_integral(inverse(rows))
        assert all(PROPERTIES[name](rows) for name in symbol.properties)
        assert all(entry in VALUES for row in rows for entry in row)
    assert made == [unimodular(n, symbol.properties, VALUES, str(seed)) for seed in range(20)]


@pytest.mark.parametrize(
    ("n", "properties", "values"),
    [
        (3, {"skew-symmetric"}, VALUES),  # is singular
        (3, {"diagonal"}, (Fraction(2), Fraction(0))),
        (3, set(), (Fraction(1, 2),)),
        (3, set(), (Fraction(2), Fraction(4))),  # the determinant is even
    ],
)
def test_what_cannot_be_constructed(n: int, properties: set[str], values: tuple[Fraction, ...]) -> None:
    assert all(unimodular(n, frozenset(properties), values, str(seed)) is None for seed in range(20))


def sheet(folder: Path, problem: str) -> Worksheet:
    file = folder / "sheet.yaml"
    file.write_text(f"versions: 3\nproblems:\n  - {problem}\n")
    return load_worksheet(file)


INVERSE = (
    "{{function: 'Tr(X^{{-1}} A)', wrt: X, symbols: {{X: {n} x {n}, A: {n} x {n}}},"
    " vary: {{X: -3..3, A: -3..3, {more}}}}}"
)
QUADRATIC = (
    "{{function: 1/2 x'A x - b'x, wrt: x, find: stationary, "
    "symbols: {{A: {n} x {n} positive definite, x: {n}, b: {n}}}, vary: {{A: -3..5, b: -5..5, {more}}}}}"
)


@pytest.mark.parametrize(
    "problem",
    [
        INVERSE.format(n=6, more="nice: integers"),
        INVERSE.format(n=6, more="where: det(X)^2 = 1"),
        INVERSE.format(n=10, more="nice: integers"),
        QUADRATIC.format(n=8, more="nice: integers"),
    ],
)
def test_large_inverses_are_drawn(problem: str, tmp_path: Path) -> None:
    draws = Draws(sheet(tmp_path, problem))
    drawn = [draws.questions(0, version)[0] for version in (1, 2, 3)]
    assert len({str(question.data) for question in drawn}) == 3
    for question in drawn:
        rows = {symbol.name: rows for symbol, rows in question.data.items()}
        assert is_integral(inverse(rows["X" if "X" in rows else "A"]))
        assert all(-5 <= entry <= 5 for matrix in rows.values() for row in matrix for entry in row)


IMPOSSIBLE = {
    "no coefficients found": (
        "{function: c Tr(X A) + d Tr(X), wrt: X, vary: {c: 2..999, d: 2..999, where: c^3 + d^3 = 1}}",
        r"none of the \d+ draws that were tried meets all conditions\nRelax a condition or give more values",
    ),
    "nothing found": (
        "{function: 'Tr(X^{-1} A)', wrt: X, symbols: {X: 7 x 7, A: 7 x 7},"
        " vary: {X: [2, 4], A: 1..3, where: det(X) = 1}}",
        r"sheet.yaml:3: problems\[0\].vary.where: none of the \d+ draws that were tried meets all conditions and has an"
        r" answer in numbers\nMake matrices smaller \(A is 7 × 7 and X is 7 × 7\), relax a condition or give more",
    ),
    "nothing left": (
        "{function: c Tr(X A), wrt: X, symbols: {X: 2 x 2, A: 2 x 2, c: scalar}, vary: {c: 2..3, where: c > 5}}",
        "there is no draw that meets all conditions",
    ),
    "too large a matrix": (
        INVERSE.format(n=50, more="nice: integers"),
        r"problems\[0\].vary.A: A is 50 × 50, and numbers are drawn for up to 10 columns and 100 entries",
    ),
    "too much work": (
        "{function: Tr(adj(X) A), wrt: X, symbols: {X: 10 x 10, A: 10 x 10}, vary: {X: -3..3, A: -3..3}}",
        r"problems\[0\].vary: .* takes over \d+ products of numbers to work out\n"
        r"Make dimensions smaller: A \(10 × 10\)",
    ),
}


@pytest.mark.parametrize(("problem", "said"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_drawn_is_said_as_it_is(problem: str, said: str, tmp_path: Path) -> None:
    with pytest.raises((WorksheetError, Unsupported), match=said):
        Draws(sheet(tmp_path, problem)).version(1)


def test_drawing_ends_by_the_work_that_was_done(tmp_path: Path) -> None:
    """Not by time: the draws are the same on any machine."""
    worksheet = sheet(tmp_path, INVERSE.format(n=6, more="nice: integers"))
    problems = [Draws(worksheet).problems[0] for _ in range(2)]
    assert [variants.substances.has(1) for variants in problems] == [True, True]
    assert problems[0].substances.looked_at == problems[1].substances.looked_at < PATIENCE
    assert problems[0].work == problems[1].work < 3 * EFFORT


COEFFICIENTS = "{function: c Tr(X A) + d Tr(X), wrt: X, vary: {c: 2..999, d: 2..999, where: c = 2 d}}"
FEW = "{function: c Tr(X A), wrt: X, vary: {c: 2..3}}"


@pytest.mark.parametrize(
    ("problem", "count", "complete"),
    [
        (FEW, 2, True),
        (COEFFICIENTS, None, False),
        (INVERSE.format(n=6, more="nice: integers"), None, False),
    ],
)
def test_counting_says_whether_there_are_more(problem: str, count: int | None, complete: bool, tmp_path: Path) -> None:
    worksheet = sheet(tmp_path, problem).model_copy(update={"versions": 1})
    found, tried, is_complete = Draws(worksheet).problems[0].capacity(1, COUNTED + 1)
    assert is_complete == complete
    assert 1 <= found == (count or found) <= tried
    lines = check(worksheet, jobs=1).report
    if complete:
        assert lines[1].endswith(f": {found} distinct")
        assert lines[2] == f"  all together: {found} distinct"
    else:
        assert lines[1].endswith(f": at least {found} distinct (the search for more was given up after {tried} draws)")
        assert lines[2] == f"  all together: at least {found} distinct"


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (FEW, r"2 distinct; you asked for 500\nGive it more to vary, ask for fewer versions"),
        (
            COEFFICIENTS,
            r"\d+ distinct among the \d+ draws that were tried; you asked for 500\n"
            r"Relax a condition or give more values to choose from\. Or ask for fewer versions",
        ),
        (
            "{function: 'Tr(X^{-1} A)', wrt: X, symbols: {X: 4 x 4 skew-symmetric, A: 4 x 4},"
            " vary: {X: -3..3, A: -3..3, nice: integers}}",
            r"\d+ distinct among the \d+ draws that were tried; you asked for 500\n"
            r"Make matrices smaller \(A is 4 × 4 and X is 4 × 4\) or give more values to choose from\.",
        ),
    ],
)
def test_too_few_versions_are_said_to_be_all_or_those_found(problem: str, said: str, tmp_path: Path) -> None:
    draws = Draws(sheet(tmp_path, problem).model_copy(update={"versions": 500}))
    (error,) = shortages(draws, draws.capacities)
    assert re.search(said, str(error))


def test_a_search_goes_on_while_it_finds(tmp_path: Path) -> None:
    """However much work each draw is."""
    draws = Draws(sheet(tmp_path, INVERSE.format(n=10, more="nice: integers")))
    assert draws.problems[0].capacity(20).found == 20


LARGE = [
    ("det(X)^30", "X", {"X": "50 x 50"}, "hessian"),
    ("tr(X'*A*X*B)", "X", {"X": "50 x 50", "A": "50 x 50", "B": "50 x 50"}, "hessian"),
    ("kron(X, A)", "X", {"X": "50 x 50", "A": "50 x 50"}, "derivative"),
    ("norm2(A*x - b)^2", "x", {"A": "50 x 40", "x": "40", "b": "50"}, "stationary"),
    ("norm2(A*x - b)^2", "x", {"A": "8 x 6", "x": "6", "b": "8"}, "stationary"),
    ("b'*vec(X)", "X", {"b": "50", "X": "5 x 10"}, "derivative"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), LARGE)
def test_large_dimensions_are_checked_at_small_ones(
    function: str, wrt: str, symbols: dict[str, str], find: str
) -> None:
    assert solve(function, wrt, symbols, find).verified.max_error < 1e-5


def test_a_derivation_ends_where_a_line_is_too_long_to_be_read() -> None:
    with pytest.raises(Unsupported, match=r"a line of the derivation has over \d+ symbols"):
        solve("tr(pinv(adj(X))^3)", "X", {"X": "n x n"}, "hessian")


@pytest.mark.parametrize("function", ["tr(X^(10^6))", "tr(((X^30)^30)^30)", "tr((inv(X^7)')^7)", "tr(X^(2^(2^(2^9))))"])
def test_powers_of_powers_of_a_matrix_have_an_end(function: str) -> None:
    with pytest.raises(ExpressionError, match=r"a power above 30|the power has no value"):
        read(function)


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        ({"A": "2 x 6"}, {}),
        ({"A": "50 x 50"}, {50: 5}),
        ({"A": "8 x 6"}, {6: 6, 8: 7}),
        ({"A": "50 x 40"}, {40: 5, 50: 6}),
        ({"A": "5 x 10", "b": "50"}, {5: 5, 10: 6, 50: 30}),
        ({"A": "n x 50"}, {50: 5}),
    ],
)
def test_reduced_dimensions_keep_what_ties_them(symbols: dict[str, str], expected: dict[int, int]) -> None:
    assert reduced_dimensions(*(declare(name, said) for name, said in symbols.items())) == expected


def test_numbers_too_large_to_be_checked_are_said_to_be(tmp_path: Path) -> None:
    problem = "{function: Tr(X^30), wrt: X, symbols: {X: 8 x 8}, vary: {X: -3..3}}"
    with pytest.raises((WorksheetError, Unsupported), match="none of the"):
        Draws(sheet(tmp_path, problem)).version(1)


def test_numbers_do_not_grow_beyond_all_need() -> None:
    with pytest.raises(Unsupported, match="too large a number"):
        exact(read("(((9^30)^30)^30)^30").expr, {})


def test_entries_can_be_constructed() -> None:
    entries = Entries(declare("A", "6 x 6 positive definite"), VALUES)
    assert any(entries.constructed(index) is not None for index in range(20))
