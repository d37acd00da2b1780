"""Fairness: what derivations use, side by side; and when two functions are one question."""

from __future__ import annotations

import pytest

from generator.expr.parsing.parse import read
from generator.solver.solve import solve
from generator.worksheet.equivalence import are_close, fingerprint
from generator.worksheet.fairness import Signature, beyond, differences, signature


def derivations(*functions: str) -> list[tuple[str, Signature]]:
    return [(f"{i:02d}", signature(solve(function, "X"))) for i, function in enumerate(functions, 1)]


def test_the_same_way_is_no_difference() -> None:
    assert differences(derivations("Tr(A X)", "Tr(B X)", "Tr(M X)")) == []


def test_what_differs_is_said_of_the_fewer() -> None:
    (found,) = differences(derivations("Tr(A X)", "Tr(A X B)", "Tr(C X)"))
    assert (found.labels, found.usual, found.less) == (("02",), ("01", "03"), ())
    assert found.more == ("tr-cyclic",)
    assert found.is_similar
    assert (
        str(found) == f"version 02 takes {found.lines} lines, and version 01 takes {found.usual_lines}: with tr-cyclic"
    )


@pytest.mark.parametrize(
    ("functions", "strict", "similar"),
    [
        (("Tr(A X)", "Tr(B X)"), 0, 0),
        (("Tr(A X)", "Tr(A X B)"), 1, 0),
        (("Tr(A X)", "log det(X' X) + Tr(X' A X B)"), 1, 1),
    ],
)
def test_tolerances(functions: tuple[str, ...], strict: int, similar: int) -> None:
    found = differences(derivations(*functions))
    assert [len(beyond(found, tolerance)) for tolerance in ("strict", "similar", "off")] == [strict, similar, 0]


SAME = [
    ("Tr(A X)", "Tr(X A)"),
    ("Tr(A X)", "Tr(X' A')"),
    ("Tr(A X)", "Tr(M X)"),
    ("Tr(A X) + Tr(B' X)", "Tr(B' X) + Tr(A X)"),
    ("Tr(A X) + Tr(B' X)", "Tr(A' X) + Tr(B X)"),
    ("Tr(X' A X)", "Tr(X' A' X)"),
    ("2 Tr(A X) + Tr(X)", "Tr(2 A X + X)"),
    ("||X||_F^2", "Tr(X' X)"),
    ("log det X", "log(det(X'))"),
    ("c Tr(A X)", "a Tr(M X)"),
]
OTHER = [
    ("Tr(A X)", "Tr(A' X)"),
    ("Tr(A X)", "2 Tr(A X)"),
    ("Tr(A X) + Tr(B' X)", "Tr(A X) - Tr(B' X)"),
    ("Tr(A X B X)", "Tr(A X A X)"),
    ("log det X", "det X"),
    ("||X||_F^2", "||X||_F"),
    ("X", "X'"),
]


@pytest.mark.parametrize(("pair", "same"), [*((pair, True) for pair in SAME), *((pair, False) for pair in OTHER)])
def test_the_same_mathematics_has_one_fingerprint(pair: tuple[str, str], same: bool) -> None:
    symbols = dict.fromkeys("ABMX", "n x n") | {"a": "scalar", "c": "scalar"}
    first, second = (read(text, symbols) for text in pair)
    found = [fingerprint(parsed.expr, parsed.symbols["X"]) for parsed in (first, second)]
    assert are_close(*found) == same


def test_what_is_defined_nowhere_is_told_apart_by_its_text() -> None:
    first, second = (read(text, {"x": "n"}) for text in ("log(-x'x)", "log(-2*x'x)"))
    found = [fingerprint(parsed.expr, parsed.symbols["x"]) for parsed in (first, second)]
    assert not are_close(*found)
    assert found[0] == fingerprint(first.expr, first.symbols["x"])
