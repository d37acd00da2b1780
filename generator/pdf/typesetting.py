"""Papers typeset in one run of TeX, each with its own PDF or its own error."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.errors import BuildError
from generator.pdf import diagnostics, tex_log
from generator.pdf.cutting import cut
from generator.pdf.diagnostics import UNTOLD, Flawed
from generator.pdf.engine_run import PATIENCE, ForbiddenFileError, run
from generator.pdf.engines import find_engine
from generator.pdf.faults import FaultKind
from generator.pdf.fonts import common_fonts
from generator.pdf.job import Job
from generator.pdf.lua_fonts import with_font_files
from generator.pdf.paper import Outcome
from generator.pdf.read_guard import is_recorded
from generator.system.output_dir import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.pdf.engines import Engine
    from generator.pdf.paper import Paper
    from generator.pdf.tex_log import Fault

SPARE: Final = 1_000_000
"""Bytes of free disk below which a failure of TeX is taken to be for lack of room."""


def typeset_once(
    papers: Sequence[Paper],
    preamble: str,
    *,
    on_begin: Callable[[int], None] = lambda number: None,
    patience: float = PATIENCE,
    engine: Engine | None = None,
) -> list[Outcome]:
    """The outcomes of one run of TeX; `on_begin` gets the number of each paper, from 0, when TeX reaches it.

    The same paper gives the same bytes on any day, beside any other papers that use the preamble's fonts. Of a run
    that met a fault only the papers before it can be trusted: all from there on are without content, and of these the
    ones that TeX complained about have an error. Nothing is made of a run that read a forbidden file. A fault that is
    in no paper is raised as a `BuildError`.
    """
    if not papers:
        return []
    engine = engine or find_engine()
    try:
        with Scratch("worksheets-", ignore_cleanup_errors=True) as name:
            outcomes = _typeset(papers, preamble, Path(name), on_begin, patience, engine)
            is_full = shutil.disk_usage(name).free < SPARE
    except OSError as error:
        raise _no_room(error.strerror or str(error)) from error
    if is_full and any(one.error for one in outcomes):
        raise _no_room(os.strerror(ENOSPC))
    return outcomes


def _no_room(why: str) -> BuildError:
    return BuildError(
        f"cannot write in {tempfile.gettempdir()}, where TeX works: {why}",
        remedy="Make room there, or name another folder in the environment variable TMPDIR.",
    )


def _typeset(
    papers: Sequence[Paper],
    preamble: str,
    folder: Path,
    on_begin: Callable[[int], None],
    patience: float,
    engine: Engine,
) -> list[Outcome]:
    job = Job.of(papers, preamble, folder, engine)
    try:
        stop = run(job, with_font_files(engine, job), len(papers), patience=patience, on_begin=on_begin)
    except ForbiddenFileError as forbidden:
        return diagnostics.forbidden_read(papers, preamble, str(forbidden))
    log = tex_log.unwrapped(job.log, engine.wraps_at)
    if stop:
        number, error = diagnostics.stopped(papers, log or job.terminal, stop, job.mark)
        return [Outcome(p, error=error, timed_out=True) if n == number else Outcome(p) for n, p in enumerate(papers)]
    faults = list(tex_log.faults(log, job.mark))
    if excuse := engine.excuse("\n".join(job.terminal), bool(faults) or job.pdf.exists()):
        raise excuse
    if not is_recorded(job.output):
        known = preamble + "".join(paper.body for paper in papers)
        faults = [one if _quotes_only(one, known) else _without_message(one) for one in faults]
    if faults and faults[0].paper is None:
        raise diagnostics.fault_in_preamble(papers[0], preamble, faults[0])
    return _outcomes(job, papers, preamble, engine, log, faults)


def _outcomes(
    job: Job, papers: Sequence[Paper], preamble: str, engine: Engine, log: Sequence[str], faults: Sequence[Fault]
) -> list[Outcome]:
    """The outcomes of a run that came to its end."""
    overfull, (noted, places) = diagnostics.overfull(papers, log, job.mark), diagnostics.notes(log, job.mark)
    spans = list(diagnostics.spans(papers, faults, noted))
    sound = next((n for n, span in enumerate(spans) if not isinstance(span, range)), len(papers))
    is_whole = ("END", "-") in noted and job.has_complete_pdf
    if sound == len(papers) and not is_whole:
        sound -= 1
        spans[-1] = Flawed(diagnostics.paper_error(papers[-1], None, "TeX stopped before the end of the job"))
    usable = sound if is_whole else 0  # its fonts are as always only if the job came to its end
    usual = common_fonts(preamble, engine.name) if len(papers) > 1 and engine.tells_glyphs else None
    pages = [
        (paper, span, places.get(n, ()))
        for n, (paper, span) in enumerate(zip(papers, spans[:usable], strict=False))
        if isinstance(span, range)
    ]
    outcomes = [
        Outcome(
            paper,
            content or b"",
            len(span),
            overfull=overfull.get(n, ()),
            places=found,
            is_shared=content is None,
        )
        for n, ((paper, span, found), content) in enumerate(zip(pages, cut(job.pdf, pages, usual), strict=True))
    ]
    for paper, span in zip(papers[usable:], spans[usable:], strict=True):
        flaw = span if isinstance(span, Flawed) else None
        outcomes.append(Outcome(paper, error=flaw.error, fault=flaw.fault) if flaw else Outcome(paper))
    return outcomes


def _quotes_only(fault: Fault, source: str) -> bool:
    """The message of a fault quotes nothing that is not in the source."""
    return fault.quotes is not None and all(words in source for words in fault.quotes)


def _without_message(fault: Fault) -> Fault:
    return replace(fault, message=UNTOLD, kind=FaultKind.OTHER)
