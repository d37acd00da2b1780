"""The pictures of the README: a problem set and its key, from the worksheet `docs/pictures/homework.yaml`.

`python -m documentation.pictures` makes them again. `SOURCES` then says which TeX they were made from, so that a test
can tell, without TeX, whether the program would make other pages today.
"""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.building.builder import Options, build

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
WORKSHEET = FOLDER / "homework.yaml"
SOURCES = FOLDER / "sources.json"
PAPERS = {"problem-set": "homework-v01", "answer-key": "homework-v01-key"}
"""For each picture the paper of whose first page it shows."""
RESOLUTION = 100
"""In pixels per inch."""
CROP = (60, 20, 730, 860)
"""The part of the page that is shown, in pixels: left, top, width, height."""


def fingerprints() -> dict[str, str]:
    """For each picture the SHA-256 of the TeX source that the program writes for it today."""
    with TemporaryDirectory() as folder:
        sources = build(WORKSHEET, Options(Path(folder), formats=("tex",))).folder / "tex"
        return {name: sha256((sources / f"{paper}.tex").read_bytes()).hexdigest() for name, paper in PAPERS.items()}


def draw() -> None:
    """Write the pictures and what they were made from; needs TeX and pdftoppm."""
    left, top, width, height = map(str, CROP)
    with TemporaryDirectory() as folder:
        built = build(WORKSHEET, Options(Path(folder), formats=("pdf",)))
        for name, paper in PAPERS.items():
            pages = [
                "-singlefile",
                "-png",
                "-gray",
                "-r",
                str(RESOLUTION),
                "-x",
                left,
                "-y",
                top,
                "-W",
                width,
                "-H",
                height,
            ]
            command = ["pdftoppm", *pages, str(built.folder / f"{paper}.pdf"), str(FOLDER / name)]
            subprocess.run(command, check=True)
    SOURCES.write_text(json.dumps(fingerprints(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        draw()
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing. Install poppler-utils, then type make pictures again.")
