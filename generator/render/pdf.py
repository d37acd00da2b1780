"""PDF from LaTeX: one TeX job for many papers, split page by page, every fault traced to its problem and version."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from generator.errors import BuildError, InFile, InText

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pikepdf

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many papers are done, and how many there are."""

INSTALL_TEX = """\
Install TeX, then build again:
    Debian, Ubuntu:  sudo apt-get install --no-install-recommends texlive-latex-extra lmodern
    Fedora:          sudo dnf install texlive-collection-latexextra texlive-lm
    macOS:           brew install --cask mactex-no-gui   (then open a new terminal)
    Windows:         winget install MiKTeX.MiKTeX        (then open a new terminal)"""


@dataclass(frozen=True)
class Part:
    """The lines of a paper's body, counted from 1, that belong to one problem, and where its author wrote it."""

    first: int
    last: int
    problem: str
    source: InFile


@dataclass(frozen=True)
class Paper:
    """One document: LaTeX without preamble, and what its lines and pages are about."""

    name: str
    title: str
    body: str
    worksheet: InFile
    label: str | None = None
    parts: tuple[Part, ...] = ()

    def part(self, line: int | None) -> Part | None:
        """The problem that a line of the body belongs to, if any."""
        return next((part for part in self.parts if line and part.first <= line <= part.last), None)


@dataclass(frozen=True)
class Overfull:
    """A line or a page that came out too long, by so many points."""

    paper: Paper
    part: Part | None
    points: float
    line: int | None

    def __str__(self) -> str:
        return f"{_place(self.paper, self.part)}: something is {self.points:.0f} pt too wide for the page"


def standalone(paper: Paper, preamble: str) -> str:
    """The source of one paper that compiles alone."""
    return f"{preamble.rstrip()}\n\\begin{{document}}\n{paper.body.rstrip()}\n\\end{{document}}\n"


def typeset(
    papers: Sequence[Paper],
    preamble: str,
    progress: Progress | None = None,
    *,
    warn: Callable[[Overfull], None] | None = None,
    limit: float | None = None,
) -> list[bytes]:
    """Each paper as a PDF, from one run of TeX; `limit` is in seconds, `warn` is told what is too wide.

    The same papers give the same bytes on any day. A fault in any paper is a `BuildError`; there is no partial result.
    """
    if not papers:
        return []
    with tempfile.TemporaryDirectory(prefix="worksheets-", ignore_cleanup_errors=True) as name:
        job = _Job(Path(name), papers, preamble)
        job.run(limit or 30 + len(papers), progress or (lambda _what, _done, _total: None))
        if warn:
            for overfull in job.overfull():
                warn(overfull)
        return job.split()
