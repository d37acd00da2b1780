"""The sources that a build leaves compile alone: each in a folder of its own with its figures, as on Overleaf."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generator.building.builder import Options, build

WORKSHEETS = sorted((Path(__file__).parents[2] / "worksheets").glob("*.yaml"))
HOW = {"pdflatex": "-pdf", "xelatex": "-xelatex", "lualatex": "-lualatex"}
TRIED = {"pdflatex": WORKSHEETS, "xelatex": WORKSHEETS[:1], "lualatex": WORKSHEETS[:1]}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A problem set and a key of each worksheet that is shipped."""
    folder = tmp_path_factory.mktemp("sources")
    for sheet in WORKSHEETS:
        build(sheet, Options(folder, formats=("tex",), only=(1,)))
    return folder


@pytest.mark.parametrize("engine", HOW)
def test_every_source_compiles_alone(engine: str, sources: Path, tmp_path: Path) -> None:
    stems = [f"{sheet.stem}-v01{kind}" for sheet in TRIED[engine] for kind in ("", "-key")]

    def compiled(stem: str) -> str:
        place = tmp_path / stem
        place.mkdir()
        source = next(sources.glob(f"*/tex/{stem}.tex"))
        shutil.copy(source, place)
        if (figures := source.parent / "figures").is_dir():
            shutil.copytree(figures, place / "figures")
        command = ["latexmk", "-norc", HOW[engine], "-interaction=nonstopmode", "-halt-on-error", f"{stem}.tex"]
        done = subprocess.run(command, cwd=place, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
        shown = ["pdftotext", f"{stem}.pdf", "-"]
        return subprocess.run(shown, cwd=place, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        texts = list(pool.map(compiled, stems))
    for stem, text in zip(stems, texts, strict=True):
        pages = text.split("\f")[:-1]
        numbered = [re.findall(r"Page (\d+) of (\d+)", page) for page in pages]
        assert numbered == [[(str(n), str(len(pages)))] for n in range(1, len(pages) + 1)]
        assert ("Answer key" in text) == stem.endswith("-key")
