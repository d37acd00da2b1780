"""The sources of one TeX job: each paper in a group of its own, with notes in the log about its pages."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING

from generator.pdf import tex_log
from generator.pdf.confinement import Confinement
from generator.pdf.engines import OUTPUT, source_date
from generator.pdf.lockdown import LATE
from generator.pdf.paper import FIGURES
from generator.pdf.read_guard import JOB, trees

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.pdf.engines import Engine
    from generator.pdf.paper import Paper

_MACROS = r"""
\makeatletter
\newcommand\jobnoteMARK[1]{\immediate\write\m@ne{MARK #1 \the\ReadonlyShipoutCounter\space
  \the\currentgrouplevel\space\detokenize\expandafter{\@currenvir}\@currenvline}}
\newcommand\remembercounter[1]{\expandafter\xdef\csname first@#1\endcsname{\the\value{#1}}}
\newcommand\restorecounter[1]{\ifcsname first@#1\endcsname\setcounter{#1}{\csname first@#1\endcsname}\fi}
% The first page of a job sets up colors and fonts, so it is one that belongs to no paper.
\newcommand\jobbeginsMARK{%
  \begingroup\let\@elt\remembercounter\cl@@ckpt\endgroup
  % pages are compressed when they are papers, but fonts only once
  \ifdefined\pdfcompresslevel\chardef\usual@level\pdfcompresslevel \pdfcompresslevel\z@\fi
  \thispagestyle{empty}\ifdefined\allcharacters\allcharacters\fi\null\clearpage
  \tracinglostchars3 } % a character that no font has is an error
\newcommand\paperbeginsMARK[1]{\clearpage\typeout{}\typeout{MARKER}%
  \begingroup\let\@elt\restorecounter\cl@@ckpt\endgroup
  \begingroup\def\thispaper{#1}\jobnoteMARK{begins #1}}
% where a question is: the number of its page in the paper, and how far down, when that page is done
\def\noteplace#1{\ifdefined\pdfsavepos\pdfsavepos\else\savepos\fi
  \write\m@ne{place \thispaper\space #1 \the\c@page\space
    \the\numexpr\number\paperheight-\ifdefined\pdflastypos\pdflastypos\else\lastypos\fi\relax}}
\newcommand\paperendsMARK[1]{\clearpage\jobnoteMARK{ends #1}\endgroup}
\newcommand\jobendsMARK[1]{\clearpage\ifdefined\usual@level\global\pdfcompresslevel\usual@level\fi
  \typeout{}\typeout{MARKER}\jobnoteMARK{END -}}
\makeatother
""".replace("MARKER", tex_log.MARKER.format("MARK", "#1"))
"""MARK stands for letters that differ in each run, so that no paper can name these commands, or forge their notes."""

_UNDATED = (
    r"\makeatletter\protected\def\today{\@latex@error{\string\today\space REASON}\@ehd}\makeatother".replace(
        "REASON", tex_log.NO_DATE
    )
    + "\n"
)
"""Makes `\\today` an error in a job without a date."""

TERMINAL = "terminal.txt"
"""The file with the terminal output of the engine."""


@dataclass(frozen=True)
class Job:
    """One run of TeX: the folder of its sources, the one where it writes, and the mark of its notes."""

    folder: Path
    source: Path
    output: Path
    mark: str

    @classmethod
    def of(cls, papers: Sequence[Paper], preamble: str, folder: Path, engine: Engine) -> Job:
        """Write the sources of a job into a folder."""
        source = folder / "source"
        job = cls(folder, source, folder / OUTPUT if engine.writes_apart else source, _random_mark())
        source.mkdir()
        job.output.mkdir(exist_ok=True)
        for number, paper in enumerate(papers):
            (source / f"{number}.tex").write_text((paper.tagged_body or paper.body).rstrip() + "\n", encoding="utf-8")
        for name, content in {file for paper in papers for file in paper.files}:
            figure = source / FIGURES / name
            figure.parent.mkdir(parents=True, exist_ok=True)
            figure.write_bytes(content)
        (source / JOB).write_text(driver(preamble, len(papers), engine, job.mark), encoding="utf-8")
        return job

    @property
    def pdf(self) -> Path:
        """The PDF with the pages of all papers."""
        return self.output / "job.pdf"

    @property
    def has_complete_pdf(self) -> bool:
        """The PDF is there, and so is its last line."""
        with suppress(OSError), self.pdf.open("rb") as file:
            file.seek(-min(1024, self.pdf.stat().st_size), os.SEEK_END)
            return b"%%EOF" in file.read()
        return False

    @property
    def log(self) -> list[str]:
        """The lines of TeX's log; none if there is no log."""
        return _lines(self.output / "job.log")

    @property
    def terminal(self) -> list[str]:
        """The lines of the terminal output so far."""
        return _lines(self.folder / TERMINAL)

    def confinement(self, engine: Engine) -> Confinement:
        """What the engine may read and write."""
        return Confinement((self.source, *trees(), *engine.reads), (self.output, *engine.writes), engine.uses_network)


def driver(preamble: str, papers: int, engine: Engine, mark: str) -> str:
    """The main source of a job with so many papers."""
    each = "".join(f"\\paperbegins{mark}{{{n}}}\\input{{{n}.tex}}\\paperends{mark}{{{n}}}\n" for n in range(papers))
    files = "" if engine.passes > 1 else "\n\\nofiles"  # what is written for the next pass
    undated = _UNDATED if source_date() is None else ""
    macros = _MACROS.replace("MARK", mark)
    body = f"\\begin{{document}}\n{undated}\\jobbegins{mark}\n{each}\\jobends{mark}{{{papers}}}\n\\end{{document}}\n"
    return f"{engine.prologue}{preamble.rstrip()}{files}{macros}{LATE}\n{body}"


def _random_mark() -> str:
    """Letters that no paper can guess."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(20))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
