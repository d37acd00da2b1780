"""Solving many versions: derived from letters or by itself, a key reads the same, and each is verified."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import sympy

from generator.building.solving import Solver, solve_all
from generator.expr.functions import FUNCTIONS
from generator.expr.printing.plain import plain
from generator.solver.instance import reads_as_well
from generator.solver.task import Task, solve_task
from generator.worksheet.kinds.derived_solver import DerivedSolver
from generator.worksheet.load import load_worksheet
from generator.worksheet.spec import Worksheet
from generator.worksheet.variants import Draws

COEFFICIENTS = """
seed: 5
versions: 12
repeats: true
problems:
  - function: c Tr(X^T A X) + k Tr(B^T X)
    wrt: X
    symbols: {A: n x n, B: n x m, X: n x m, c: scalar, k: scalar}
    vary: {c: -9..9, k: [1/2, 3, -4]}
  - function: "||A x - b||_2^2 + c ||x||_2^2"
    wrt: x
    find: stationary
    vary: {c: 1..12}
  - function: ["c a' inv(X) b", "c log det(X) + k a' X b"]
    wrt: X
    symbols: {a: n, b: n, X: n x n invertible, c: scalar, k: scalar}
    fair: off
    vary:
      c: 2..12
      k: 3..9
      names: [{a: a, X: X}, {a: u, X: Y}]
  - function: c sum(exp(A x)) - k b' x
    wrt: x
    symbols: {A: m x n, b: n, x: n, c: scalar, k: scalar}
    find: hessian
    vary: {c: 2..12, k: 2..12}
  - function: sum_i (y_i - w' x_i)^2 + c ||w||_2^2
    wrt: w
    vary: {c: 2..20}
"""


def derived_by(solver: Solver) -> DerivedSolver:
    """What derives the questions of a worksheet."""
    found = solver.kinds["derived"]
    assert isinstance(found, DerivedSolver)
    return found


@pytest.fixture
def sheet(tmp_path: Path) -> Worksheet:
    (tmp_path / "sheet.yaml").write_text(COEFFICIENTS)
    return load_worksheet(tmp_path / "sheet.yaml")


def test_a_key_reads_as_well_whichever_way_it_was_found(sheet: Worksheet) -> None:
    for version, answered in solve_all(Draws(sheet)):
        for one in answered:
            q = one.question
            alone = solve_task(Task(q.function, q.wrt, q.find, q.conventions, q.subject_to, q.detail))
            assert reads_as_well(one.derivation, alone), (version.label, plain(q.function))
            assert one.derivation.verified.lines == len(alone.lines)
            by_matrices = one.derivation.with_matrices, alone.with_matrices
            assert len({found and found.answer.symbols for found in by_matrices}) == 1


def test_letters_are_used_where_a_lecturer_would_write_the_same(sheet: Worksheet) -> None:
    solver = Solver(Draws(sheet))
    for number in range(1, 13):
        solver.solve(number)
    usable = {plain(letters.function): bool(sizes) for (letters, _), sizes in derived_by(solver).from_letters.items()}
    assert usable["c*tr(X'*A*X) + k*tr(B'*X)"]
    assert usable["norm2(A*x - b)^2 + c*norm2(x)^2"]


@pytest.mark.parametrize(
    ("function", "letters"),
    [
        ("c log det X + 4 Tr(A X) - k Tr(X)", "c*log(det(X)) + 4*tr(A*X) - c*tr(X)"),
        ("c log det X + k Tr(A X)", "c*log(det(X)) + c*tr(A*X)"),
        ("Tr(X^c) + k Tr(A X)", ""),
    ],
    ids=["signs stay", "one size, one letter", "a number as an exponent is easier"],
)
def test_what_letters_stand_for_numbers(tmp_path: Path, function: str, letters: str) -> None:
    (tmp_path / "sheet.yaml").write_text(
        f"problems:\n  - function: {function}\n    wrt: X\n    vary: {{c: [7], k: [7]}}\n"
        "    symbols: {A: n x n, X: n x n positive definite, c: scalar, k: scalar}\n"
    )
    solver = Solver(Draws(load_worksheet(tmp_path / "sheet.yaml")))
    solver.solve(1)
    assert [plain(task.function) for (task, _), sizes in derived_by(solver).from_letters.items() if sizes] == [
        letters
    ] * bool(letters)


def test_a_one_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "sheet.yaml").write_text(
        "problems:\n  - function: c sum(log(k x)) - sum(x)\n    wrt: x\n    vary: {c: [7], k: [1]}\n"
        "    symbols: {x: n positive, c: scalar, k: scalar}\n"
    )
    solver = Solver(Draws(load_worksheet(tmp_path / "sheet.yaml")))
    _, (one,) = solver.solve(1)
    assert [plain(task.function) for (task, _), sizes in derived_by(solver).from_letters.items() if sizes] == [
        "c*sum(log(x)) - sum(x)"
    ]
    assert not any("log(1)" in plain(side) for line in one.derivation.lines for side in line.sides)


@pytest.mark.parametrize("c", ["1", "-1", "1/2", "2", "-3/4", "7"])
def test_numbers_that_make_something_vanish_are_derived_by_themselves(tmp_path: Path, c: str) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(
        "problems:\n  - function: c Tr(X^T X) + k Tr(A X)\n    wrt: X\n"
        "    symbols: {A: n x m, X: m x n, c: scalar, k: scalar}\n"
        f"    vary: {{c: [{c}], k: [3]}}\n"
    )
    ((_, (one,)),) = solve_all(Draws(load_worksheet(file)))
    q = one.question
    alone = solve_task(Task(q.function, q.wrt, q.find, q.conventions, q.subject_to, q.detail))
    assert reads_as_well(one.derivation, alone)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_in_the_table_are_those_that_sympy_finds(name: str) -> None:
    t = sympy.Symbol("t", positive=True)
    row = FUNCTIONS[name]
    known = {other: partial(FUNCTIONS[other].symbolic, sympy) for other in FUNCTIONS}
    said = sympy.sympify(row.derivative.replace("^", "**"), locals={**known, "t": t})
    for value in (sympy.Rational(1, 7), sympy.Rational(5, 9)):
        found = sympy.diff(row.symbolic(sympy, t), t).doit().subs(t, value)
        assert abs(sympy.N(said.subs(t, value) - found)) < 1e-12
