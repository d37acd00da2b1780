"""The programs that make PDF from TeX: what each is called with, what it may do, and which of them is here."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.errors import BuildError
from generator.render.guard import LUA_GUARD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INSTALL_TEX = """\
Install TeX, then build again:
    Debian, Ubuntu   sudo apt-get install --no-install-recommends texlive-latex-extra lmodern
    Fedora           sudo dnf install texlive-collection-latexextra texlive-lm
    macOS            brew install --cask mactex-no-gui       and open a new terminal
    Windows          winget install MiKTeX.MiKTeX            and open a new terminal"""

INSTALL_ENGINE = {
    "pdflatex": INSTALL_TEX,
    "xelatex": """\
Install it, then build again:
    Debian, Ubuntu   sudo apt-get install --no-install-recommends texlive-xetex texlive-latex-extra lmodern
    Fedora           sudo dnf install texlive-xetex texlive-collection-latexextra texlive-lm
    macOS, Windows   it comes with MacTeX and with MiKTeX""",
    "lualatex": """\
Install it, then build again:
    Debian, Ubuntu   sudo apt-get install --no-install-recommends texlive-luatex texlive-latex-extra lmodern
    Fedora           sudo dnf install texlive-luatex texlive-collection-latexextra texlive-lm
    macOS, Windows   it comes with MacTeX and with MiKTeX""",
}

SOURCE_DATE = "SOURCE_DATE_EPOCH"
"""The environment variable by which a build has a date, in seconds since 1970; without it no document has one."""
ENVIRONMENT = {
    "openin_any": "p",  # paranoid: TeX reads and writes in its own trees and the job's folder, nowhere else
    "openout_any": "p",
    "FORCE_SOURCE_DATE": "1",
    "max_print_line": "10000",
    "error_line": "254",
    "half_error_line": "238",
}
OPTIONS = ("-interaction=nonstopmode", "-file-line-error", "-no-shell-escape", "-no-mktex=pk", "-recorder")


@dataclass(frozen=True)
class Engine:
    """One way from `job.tex` to `job.pdf`: commands to run in the job's folder, one after another."""

    name: str
    program: str
    commands: tuple[tuple[str, ...], ...]
    tells_glyphs: bool = False
    """Its documents say which glyphs are in each font."""
    prologue: str = ""
    """TeX that comes before the first line of the source."""
    environment: Mapping[str, str] = field(
        default_factory=lambda: {**ENVIRONMENT, SOURCE_DATE: os.environ.get(SOURCE_DATE, "0")}
    )
    """What is laid over the environment of this process."""

    @property
    def passes(self) -> int:
        """How many of the commands read the source; each writes its log anew."""
        return sum(command[0] == self.program for command in self.commands)

    def version(self) -> str:
        """What the program calls itself."""
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=False)
        return done.stdout.partition("\n")[0]


def find_engine(name: str | None = None) -> Engine:
    """The engine of this name, or the first that is here; a `BuildError` says what to install."""
    for one in (name,) if name else ENGINES:
        program = shutil.which(one)
        if program:
            return ENGINES[one](program)
    if name is None:
        raise BuildError("there is no TeX on this computer: pdflatex was not found", remedy=INSTALL_TEX)
    raise BuildError(f"{name} was not found on this computer", remedy=INSTALL_ENGINE[name])


def _pdflatex(program: str) -> Engine:
    """PDF in one pass: a page can refer to what is only known later."""
    return Engine("pdflatex", program, ((program, *OPTIONS, "job.tex"),), tells_glyphs=True)


def _xelatex(program: str) -> Engine:
    """Two passes, for the number of pages; only then are pages made into PDF."""
    tex = (program, *OPTIONS, "-no-pdf", "job.tex")
    return Engine("xelatex", program, (tex, tex, ("xdvipdfmx", "-q", "-E", "job.xdv")))


def _lualatex(program: str) -> Engine:
    """Two passes, for the number of pages; the first makes none."""
    options = (*OPTIONS, "--nosocket")
    commands = (program, *options, "-draftmode", "job.tex"), (program, *options, "job.tex")
    return Engine("lualatex", program, commands, prologue=LUA_GUARD)


ENGINES: dict[str, Callable[[str], Engine]] = {
    "pdflatex": _pdflatex,
    "xelatex": _xelatex,
    "lualatex": _lualatex,
}
"""How each engine is used, given the path of its program; the first that is here is the one that is used."""
