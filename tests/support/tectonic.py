"""Tectonic without a network: a bundle made of the files of the TeX that is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from generator.formats.latex.templates import LatexTemplates
from generator.worksheet.spec import Print

SAMPLE = r"""\begin{document}\begin{paper}{Course}{Version}
\begin{questions}\titledquestion{Sample}[3] $x \in \mathbb{R}$ \end{questions}\end{paper}\end{document}"""
"""What is typeset to learn which files papers use."""
FONTS = (
    "lmroman10-regular.otf", "lmr10.pfb", "rm-lmr10.tfm", "lm-rm.enc", "tulmr.fd",
    "cmsy10.pfb", "msbm10.pfb", "cmr10.tfm", "msbm10.tfm", "umsa.fd",
)  # fmt: skip
"""Whatever is in the folders of these is taken too."""
TABLES = ("glyphlist.txt", "texglyphlist.txt", "pdfglyphlist.txt")
"""What makes PDF of pages."""


def make_bundle(folder: Path, work: Path) -> None:
    """A folder of files for `tectonic --bundle`, with what XeLaTeX reads for its format and for a sample."""
    preamble = LatexTemplates().fill("preamble.tex.j2", print=Print(), accents=True, own_words=True)
    (work / "sample.tex").write_text(preamble + SAMPLE)
    for command in (
        ("xelatex", "-ini", "-etex", "-recorder", "-jobname=format", "*xelatex.ini"),
        ("xelatex", "-recorder", "-interaction=nonstopmode", "-no-pdf", "sample.tex"),
    ):
        subprocess.run(command, cwd=work, check=True, capture_output=True)
    files = set(found("--format=misc fonts", "tex-text.tec") + found(*TABLES))
    for name in ("format.fls", "sample.fls"):
        read = (Path(line[6:]) for line in (work / name).read_text().splitlines() if line.startswith("INPUT "))
        files.update(path for path in read if path.is_absolute() and path.suffix not in (".fmt", ".cnf"))
    for font in found(*FONTS):
        files.update(path for path in font.parent.iterdir() if path.is_file())
    for path in sorted(files):
        if not (folder / path.name).exists():
            (folder / path.name).symlink_to(path)
    (fonts,) = found("pdftex.map")
    known = (line for line in fonts.read_text().splitlines(True) if (folder / line.split("<")[-1].strip()).is_file())
    (folder / "pdftex.map").write_text("".join(known))
    (folder / "tectonic-format-latex.tex").write_text("\\input xelatex.ini\n")
    (folder / "SHA256SUM").write_text("0" * 64 + "\n")


def found(*names: str) -> list[Path]:
    """Where the files of some names are."""
    said = subprocess.run(["kpsewhich", "--progname=xelatex", *names], capture_output=True, text=True, check=True)
    return [Path(line) for line in said.stdout.splitlines()]
