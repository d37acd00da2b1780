"""The font files that LuaTeX makes from Latin Modern, kept between jobs.

LuaTeX runs what it finds in its folder of such files, so no job may write where another job reads: each gets a copy.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree
from typing import TYPE_CHECKING

from generator.pdf.engine_run import run
from generator.pdf.engines import FETCHING, find_engine
from generator.pdf.job import Job
from generator.pdf.read_guard import MADE_OF_FONTS
from generator.system.disk_cache import folder as cache_folder

if TYPE_CHECKING:
    from generator.pdf.engines import Engine

SAMPLE = r"""
\documentclass[11pt]{article}
\usepackage{lmodern,amsmath,amssymb}
\makeatletter
\newcommand\sample[4]{{\fontencoding{TU}\fontfamily{#1}\fontseries{#2}\fontshape{#3}%
  \@for\samplesize:=#4\do{\fontsize\samplesize\samplesize\selectfont x}}}
\AtBeginDocument{\sample{lmr}{m}{n}{8,9,10,10.95,17.28}\sample{lmr}{bx}{n}{10,10.95,17.28}\sample{lmr}{m}{it}{10.95}%
  \sample{lmss}{m}{n}{10}\sample{lmss}{bx}{n}{10,10.95,17.28}$x^{x^x}$}
\makeatother
"""
"""A preamble that loads the fonts of the shipped papers, and has no words of an author."""


def with_font_files(engine: Engine, job: Job) -> Engine:
    """An engine that keeps its font files in the job's folder, which begins with a copy of those known."""
    if not engine.keeps_fonts:
        return engine
    copy = job.output / MADE_OF_FONTS
    copy.mkdir()
    if known := font_files(engine.program):
        copytree(known, copy, dirs_exist_ok=True)
    return _keeping(engine, copy)


@cache
def font_files(program: str) -> Path | None:
    """The folder of font files for a program, made when it is missing; None where it cannot be kept."""
    engine = replace(find_engine("lualatex"), program=program)
    name = sha256(f"{program}\n{engine.version()}\n{SAMPLE}".encode()).hexdigest()[:16]
    known = cache_folder() / f"lua-fonts-{name}"
    if not known.is_dir():
        work = Path(tempfile.mkdtemp(prefix="worksheets-"))
        try:
            job = Job.of((), SAMPLE, work, engine)
            fonts = job.output / MADE_OF_FONTS
            fonts.mkdir()
            run(job, replace(_keeping(engine, fonts), errands=FETCHING))
            if not job.has_complete_pdf:
                return None
            known.parent.mkdir(parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(prefix="lua-fonts-", dir=known.parent))
            copytree(fonts, new, dirs_exist_ok=True)
            with suppress(OSError):  # another process was first
                new.rename(known)
            rmtree(new, ignore_errors=True)
        except OSError:  # it cannot be kept
            return None
        finally:
            rmtree(work, ignore_errors=True)
    return known


def _keeping(engine: Engine, folder: Path) -> Engine:
    return replace(engine, environment={**engine.environment, "TEXMFCACHE": str(folder)})
