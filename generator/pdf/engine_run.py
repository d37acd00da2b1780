"""One run of a TeX engine: confined, watched, and stopped when it takes too long or writes too much."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from generator.pdf import confinement, tex_log
from generator.pdf.confinement import FILE_SIZE, MEMORY
from generator.pdf.faults import FaultKind
from generator.pdf.job import TERMINAL
from generator.pdf.read_guard import is_recorded, trespass
from generator.system.workers import ending_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.pdf.engines import Engine
    from generator.pdf.job import Job

PATIENCE: Final = 30.0
"""Seconds that TeX may take for one paper: a hundred times as long as for a long one."""
GRACE: Final = 3.0
"""Seconds that TeX has to write where it was, after it was interrupted."""
MOST_OUTPUT: Final = 100_000_000
"""Characters of terminal output beyond which TeX is stopped; no sound job writes as many."""
NO_MEMORY = re.compile(r"not enough memory|memory exhausted|bad_alloc|memory allocation of")
"""Last words of programs that get no more memory."""


class ForbiddenFileError(Exception):
    """A run read, or wants its driver to read, a file that it must not; the message is the file's name."""


@dataclass(frozen=True)
class Stop:
    """Why a run was stopped before its end; all reasons count as a lack of capacity."""

    message: str
    kind: FaultKind = FaultKind.CAPACITY


def run(
    job: Job,
    engine: Engine,
    papers: int = 0,
    *,
    patience: float = PATIENCE,
    on_begin: Callable[[int], None] = lambda number: None,
) -> Stop | None:
    """Run the commands of an engine on a job with so many papers; why it was stopped, or None.

    `on_begin` gets the number of each paper, from 0, when the last pass reaches it. Raises `ForbiddenFileError`.
    """
    for number, command in enumerate(engine.commands, 1):
        notify = on_begin if number == engine.passes else (lambda number: None)
        if stop := _run_command(command, job, engine, patience, notify, papers):
            return stop
        if name := trespass(job.source, job.output):
            raise ForbiddenFileError(name)
        if (
            papers == 1
            and number < engine.passes
            and is_recorded(job.output)
            and any(tex_log.faults(job.log, job.mark))
        ):
            break  # nothing would be used of the passes that follow, and what was read is known already
    return None


def _run_command(
    command: Sequence[str], job: Job, engine: Engine, patience: float, on_begin: Callable[[int], None], papers: int
) -> Stop | None:
    """Run one program; why it was stopped, or None."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script; TeX would ignore it too
        with suppress(ValueError):  # in a thread
            signal.signal(signal.SIGINT, lambda *_: None)
    stopped, ended = Event(), Event()
    with (
        (job.folder / TERMINAL).open("a", encoding="utf-8") as output,
        confinement.start(
            command,
            job.confinement(engine),
            seconds=int(patience * (papers + 1)),  # should nobody be left to stop it, it stops itself
            cwd=job.source,
            env={**os.environ, **engine.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; TeX is ended below
            preexec_fn=ending_with_parent(signal.SIGKILL),
            encoding="utf-8",
            errors="replace",
        ) as tex,
    ):
        deadline = monotonic() + patience + engine.errands

        def interrupt() -> None:
            stopped.set()
            _send(tex, signal.SIGINT)  # TeX answers by naming the file and line that it was reading

        def watch() -> None:
            nonlocal deadline
            while not ended.wait(min(patience, deadline - monotonic())):
                if monotonic() < deadline:  # which has been moved
                    continue
                if stopped.is_set():
                    _kill(tex)
                    return
                interrupt()
                deadline = monotonic() + GRACE

        count = 0
        watchdog = Thread(target=watch)
        try:
            watchdog.start()
            for line in tex.stdout or ():
                count += len(line)
                output.write(line)
                if count > MOST_OUTPUT and not stopped.is_set():
                    interrupt()
                number = tex_log.begun(line, job.mark)
                if number is not None and not stopped.is_set():
                    deadline = monotonic() + (patience if number < papers else patience + engine.errands)
                    on_begin(number)
        except BaseException:
            _kill(tex)
            raise
        finally:
            ended.set()
            watchdog.join()
    if stopped.is_set():
        return Stop(f"TeX was still busy after {patience:g} seconds")
    if os.name == "posix" and tex.returncode == -signal.SIGXFSZ:
        return Stop(f"TeX writes more than {FILE_SIZE // 10**6} MB into one file")
    text = (job.folder / TERMINAL).read_text(encoding="utf-8", errors="replace") if tex.returncode else ""
    if denied := re.search(rf"{re.escape(command[0])}: (.+): Permission denied", text):
        raise ForbiddenFileError(denied[1])
    if NO_MEMORY.search(text):
        return Stop(f"TeX takes more than {MEMORY / 1e9:g} GB of memory")
    return None


def _send(tex: subprocess.Popen[str], what: signal.Signals) -> None:
    """Send a signal to TeX and to all programs that it has started."""
    with suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(tex.pid, what)
        else:
            tex.terminate()


def _kill(tex: subprocess.Popen[str]) -> None:
    if os.name == "posix":
        _send(tex, signal.SIGKILL)
    else:
        tex.kill()
