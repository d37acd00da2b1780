"""The wrong line is spread over all lines that can be wrong, and `check` says how."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from generator.building.check import check
from generator.building.solving import solve_all
from generator.solver.wrong import WrongDerivation
from generator.worksheet.load import load_worksheet
from generator.worksheet.variants import Draws

SHEET = """\
versions: 8
problems:
  - {id: one, function: c Tr(X^T A X), wrt: X, vary: {c: 2..20}, form: find-the-error}
  - {id: two, function: d Tr(X^T A X), wrt: X, vary: {d: 21..40}, form: find-the-error}
  - {id: three, function: e Tr(X^T A X), wrt: X, vary: {e: 41..60}, form: find-the-error}
"""


def test_the_wrong_line_is_spread_among_versions_and_within_one(tmp_path: Path) -> None:
    file = tmp_path / "sheet.yaml"
    file.write_text(SHEET)
    worksheet = load_worksheet(file)
    numbers = [
        [one.asked.number for one in answered if isinstance(one.asked, WrongDerivation)]
        for _, answered in solve_all(Draws(worksheet))
    ]
    for number, name in enumerate(("one", "two", "three")):
        counts = Counter(row[number] for row in numbers)
        assert len(counts) > 2
        assert max(counts.values()) - min(counts.values()) <= 1
        said = ", ".join(f"line {line} in {n} version{'s' * (n > 1)}" for line, n in sorted(counts.items()))
        assert f"  {name}: the wrong line is {said}" in check(worksheet, jobs=1).report
    assert any(len(set(row)) > 1 for row in numbers)
