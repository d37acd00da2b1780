"""The comparison with other programs that print exams runs, part by part, and compares the same pages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
from click.testing import CliRunner

from benchmarks import printing, tags

if TYPE_CHECKING:
    import pytest


PRINTED = ("all", "all-key", "answers", "formulas")


def test_the_comparison_runs_and_bare_tex_makes_the_same_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[list[int]] = []
    write_jobs, bare = printing.write_jobs, printing.bare

    def written(folder: Path, jobs: Path) -> None:
        write_jobs(folder, jobs)
        sets, *others = (counted(folder / "output" / "exam" / f"exam-{name}.pdf") for name in PRINTED)
        pages.append([sets, sum(others)])

    def compared(jobs: Path, at_once: int) -> None:
        bare(jobs, at_once)
        pages.append([counted(jobs / f"{name}.pdf") for name in ("sets", "keys")])

    monkeypatch.setattr(printing, "write_jobs", written)
    monkeypatch.setattr(printing, "bare", compared)
    monkeypatch.setattr(printing, "SAMPLE", 1)
    done = CliRunner().invoke(printing.main, ["--times", "1", "-n", "2", "--few", "1", "--no-many"])
    assert done.exception is None
    assert pages[0] == pages[1] == pages[2]
    assert re.findall(r"^## .*", done.output, re.MULTILINE) == [
        "## 2 problem sets and 2 worked keys, a file for each",
        "## 1 problem sets and 1 keys",
        "## Again, help, and many",
    ]
    rows = dict(re.findall(r"^\| ([^|]+) \| ([\d.]+) m?s \|", done.output, re.MULTILINE))
    assert {"the bare TeX jobs, beside each other", "`worksheets --help`"} <= set(rows)
    assert sum(what.startswith("worksheets build") for what in rows) == 4
    assert all(float(taken) > 0 for taken in rows.values())


def counted(file: Path) -> int:
    """The pages of a file that have something on them."""
    with pikepdf.open(file) as document:
        return sum("/Contents" in page and bool(page.Contents.read_bytes()) for page in document.pages)


def test_the_memory_of_children_is_seen() -> None:
    with printing.peak_memory() as most:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)"], check=True)
    assert 1 < most[0] < 2000


def test_the_cost_of_tags_is_measured() -> None:
    done = CliRunner().invoke(tags.main, ["--times", "1", "-n", "2"])
    assert done.exception is None
    assert re.search(r"\| with by without \| \d\.\d\d \|", done.output)
