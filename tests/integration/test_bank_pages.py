"""The bank on paper: whatever a family draws fits on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.building.builder import Options, build
from generator.worksheet.bank import Bank

if TYPE_CHECKING:
    from pathlib import Path


def test_every_family_fits_on_the_page(tmp_path: Path) -> None:
    sheet = tmp_path / "bank.yaml"
    uses = "".join(f"  - use: {name}\n" for name in Bank().families)
    sheet.write_text(f"title: The bank\nversions: 2\nprint: {{tagged: false}}\nproblems:\n{uses}", encoding="utf-8")
    built = build(sheet, Options(output=tmp_path))
    assert built.warnings == ()
