"""Work on all cores: the same work done on many things, by processes where that is safe."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from signal import SIGINT, SIGTERM, signal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    S = TypeVar("S")
    T = TypeVar("T")
    Tick: TypeAlias = Callable[[int], None]
    """Told that so much more is done."""

FORKS = sys.platform == "linux"
"""Elsewhere a fork is not safe, and other ways to start a process take longer than most work."""
POLL = 0.1
"""How often, in seconds, progress is told while processes work."""

_doing: Any = None
_done: Any = None


def collect_seldom() -> None:
    """Look for garbage seldom: what is made is kept until the end, and looking takes a tenth of the time.

    At the end nothing is looked for, as the system takes all memory back at once.
    """
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)


def processors() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(work: Callable[[T, Tick], S], tasks: Sequence[T], jobs: int, tell: Tick) -> list[S]:
    """What some work makes of each task, in order; `tell` hears how much is done by what the work ticks off.

    `work` may be any function, and sees all that there is here; tasks and results travel between processes.
    """
    if jobs == 1 or len(tasks) < 2 or not FORKS:
        done = 0

        def tick(more: int) -> None:
            nonlocal done
            done += more
            tell(done)

        return [work(task, tick) for task in tasks]
    from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
    from multiprocessing import active_children, get_context

    context = get_context("fork")
    counter = context.Value("q", 0)
    with ProcessPoolExecutor(min(jobs, len(tasks)), context, initializer=_begin, initargs=(work, counter)) as pool:
        try:
            futures = [pool.submit(_do, task) for task in tasks]
            while (state := wait(futures, POLL, FIRST_EXCEPTION)).not_done and not _failed(state.done):
                tell(counter.value)
            results = [future.result() for future in futures]
        except BaseException:
            for child in active_children():
                child.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    tell(counter.value)
    return results


def _failed(done: Any) -> bool:
    return any(future.exception() for future in done)


def _begin(work: Any, counter: Any) -> None:
    """What a process does first: leave Ctrl-C to the one that started it, end in good order, and keep its memory."""
    global _doing, _done
    _doing, _done = work, counter
    signal(SIGINT, lambda *_: None)  # not SIG_IGN, which the programs that it starts would inherit
    signal(SIGTERM, lambda *_: sys.exit(1))
    gc.freeze()
    collect_seldom()


def _do(task: Any) -> Any:
    return _doing(task, _tick)


def _tick(more: int) -> None:
    with _done.get_lock():
        _done.value += more
