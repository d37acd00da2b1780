"""Work on all cores: the same work done on many things, by processes where that is safe."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from signal import SIG_DFL, SIG_IGN, SIGINT, SIGTERM, Signals, default_int_handler, getsignal, raise_signal, signal
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from generator.errors import BuildError

if sys.platform != "win32":
    from signal import SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGHUP, pthread_sigmask

    STOPPING: tuple[Signals, ...] = (SIGINT, SIGTERM, SIGHUP)
else:
    STOPPING = (SIGINT, SIGTERM)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.process import BaseProcess
    from typing import Self

    S = TypeVar("S")
    T = TypeVar("T")
    Tick: TypeAlias = Callable[[int], None]
    """Told that so much more is done."""

FORKS = sys.platform == "linux"
"""Elsewhere a fork is not safe, and other ways to start a process take longer than most work."""
POLL = 0.1
"""How often, in seconds, progress is told while processes work."""
GRACE = 2.0
"""How many seconds a process has to end when it is told to."""
PAUSE = 2 * GRACE
"""How many seconds after Ctrl-C another is taken for impatience, as all is being cleared up."""
PIPE = 65536
"""How many bytes are read from a pipe at once."""
PR_SET_PDEATHSIG = 1
"""The number of what prctl(2) does to have a signal sent when the parent process ends."""


def collect_seldom() -> None:
    """Look for garbage seldom: what is made is kept until the end, and looking takes a tenth of the time.

    At the end nothing is looked for, as the system takes all memory back at once.
    """
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)


def processors() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parallel_map(work: Callable[[T, Tick], S], tasks: Sequence[T], jobs: int, tell: Tick) -> list[S]:
    """What some work makes of each task, in order; `tell` hears how much is done by what the work ticks off.

    `work` may be any function, and sees all that there is here; tasks and results travel between processes. These end
    when this process does, in whatever way that happens.
    """
    stop_if_told()
    if jobs == 1 or len(tasks) < 2 or not FORKS:
        done = 0

        def tick(more: int) -> None:
            nonlocal done
            done += more
            tell(done)

        return [work(task, tick) for task in tasks]
    from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    others = set(active_children())
    with _Ticks() as ticks:
        pool = ProcessPoolExecutor(
            min(jobs, len(tasks)), get_context("fork"), initializer=_begin, initargs=(work, ticks, os.getpid())
        )
        try:
            with _held(SIGINT, SIGTERM):  # a new process has our handlers until it has set its own
                futures = [pool.submit(_do, task) for task in tasks]
            while (state := wait(futures, POLL, FIRST_EXCEPTION)).not_done and not _failed(state.done):
                tell(ticks.told())
            results = [future.result() for future in futures]
        except BaseException as error:
            _end([child for child in active_children() if child not in others])
            pool.shutdown(cancel_futures=True)
            if isinstance(error, BrokenProcessPool):
                raise BuildError(
                    "a process that worked on this was ended from outside",
                    remedy="Perhaps the memory is full: build again with fewer processes, such as -j 1.",
                ) from None
            raise
        pool.shutdown()
        tell(ticks.told())
    return results


def _failed(done: Any) -> bool:
    return any(future.exception() for future in done)


def _end(children: Sequence[BaseProcess]) -> None:
    """End processes: let them clear up, and after a while end those that have not."""
    for child in children:
        child.terminate()
    deadline = monotonic() + GRACE
    for child in children:
        child.join(max(0.0, deadline - monotonic()))
        if child.is_alive():
            child.kill()
            child.join()


class _Ticks:
    """Counts what processes tick off: a byte in a pipe for each, as a shared counter has a lock that can be lost."""

    def __enter__(self) -> Self:
        self.done = 0
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.reader)
        os.close(self.writer)

    def tick(self, more: int) -> None:
        """Tick off so much."""
        os.write(self.writer, b"." * more)

    def told(self) -> int:
        """How much has been ticked off so far."""
        with suppress(BlockingIOError):
            while more := os.read(self.reader, PIPE):
                self.done += len(more)
        return self.done


class _Worker:
    """The work of a process of the pool, and whether it is to end."""

    def __init__(self, work: Any, ticks: _Ticks) -> None:
        self.work = work
        self.ticks = ticks
        self.is_busy = False
        self.is_leaving = False

    def do(self, task: Any) -> Any:
        """Do a task."""
        try:
            self.is_busy = True
            return self.work(task, self.ticks.tick)
        finally:
            self.is_busy = False
            if self.is_leaving:  # the pool would take the exception for a result, and go on
                os._exit(1)

    def stay(self) -> None:
        """Take it that this process was not told to end."""
        self.is_leaving = False

    def leave(self, *_: object) -> None:
        """End this process: at once where it has no task, else by an exception, so that the task is cleared up."""
        if not self.is_busy:
            os._exit(1)
        if not self.is_leaving:  # nothing stops it from clearing up
            self.is_leaving = True
            sys.exit(1)


_workers: list[_Worker] = []
"""In a process of the pool the one that it is."""


def _begin(work: Any, ticks: _Ticks, parent: int) -> None:
    """What a process does first: leave Ctrl-C to the one that started it, end in good order, and keep its memory."""
    _workers[:] = [_Worker(work, ticks)]
    signal(SIGINT, lambda *_: None)  # not SIG_IGN, which the programs that it starts would inherit
    signal(SIGTERM, _workers[0].leave)
    sys.unraisablehook = _sending_again(SIGTERM, SystemExit, _workers[0].stay)
    if end := ending_with_parent(SIGTERM):
        end()
    pthread_sigmask(SIG_UNBLOCK, (SIGINT, SIGTERM))
    if os.getppid() != parent:  # it has ended before
        os._exit(1)
    gc.freeze()
    collect_seldom()


def _do(task: Any) -> Any:
    return _workers[0].do(task)


@contextmanager
def _held(*signals: Signals) -> Iterator[None]:
    """Signals wait meanwhile."""
    before = pthread_sigmask(SIG_BLOCK, signals)
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def ending_with_parent(how: Signals) -> Callable[[], None] | None:
    """A call by which Linux sends a signal to a process when the one that started it has ended, even if by a kill.

    It is for the new process, and does nothing but that. None on other systems.
    """
    if not FORKS:
        return None
    prctl = _prctl()
    return lambda: prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


@cache
def _prctl() -> Any:
    import ctypes

    return ctypes.CDLL(None).prctl


def _sending_again(which: Signals, error: type[BaseException], forget: Callable[[], None]) -> Callable[[Any], None]:
    """A hook that sends a signal again where the error that its handler raised is lost, as in a destructor.

    Before that it makes the handler forget the first.
    """
    report = sys.unraisablehook

    def lost(what: Any) -> None:
        if not isinstance(what.exc_value, error):
            report(what)
            return
        forget()
        soon = threading.Timer(POLL, raise_signal, (which,))  # raised here, it would be lost as well
        soon.daemon = True
        soon.start()

    return lost


@dataclass
class _Stopping:
    """The state of a process with respect to stop signals."""

    again: float = 0.0
    """The time from which on a further signal raises `KeyboardInterrupt`, too."""
    is_told: bool = False
    """A signal has come."""

    def begin(self) -> None:
        """Forget all signals."""
        self.again, self.is_told = 0.0, False

    def wait_no_more(self) -> None:
        """Let the next signal raise `KeyboardInterrupt`, however soon it comes."""
        self.again = 0.0

    def stop(self, *_: object) -> None:
        """Handle a signal."""
        self.is_told = True
        if monotonic() >= self.again:
            self.again = monotonic() + PAUSE
            raise KeyboardInterrupt


_stopping = _Stopping()


def stop_if_told() -> None:
    """Raise again a `KeyboardInterrupt` that a library has taken for something else; for work that is about to begin.

    Compiled code may call Python, and go on as if it knew nothing when that raises an error.
    """
    if _stopping.is_told:
        raise KeyboardInterrupt


@contextmanager
def stopped_once() -> Iterator[None]:
    """Ctrl-C, or being told to end, raises `KeyboardInterrupt` once, and the clearing up that follows is left alone.

    It is raised again where the first was lost, as in a destructor, or where after a while all still goes on; and in
    the place of another error, which a library may have made of it.
    """
    if threading.current_thread() is not threading.main_thread():  # only that can have handlers
        yield
        return
    told = [one for one in STOPPING if getsignal(one) in (SIG_DFL, default_int_handler)]
    before = {one: getsignal(one) for one in told}
    report = sys.unraisablehook
    _stopping.begin()
    for one in told:
        signal(one, _stopping.stop)
    if SIGINT in told:
        sys.unraisablehook = _sending_again(SIGINT, KeyboardInterrupt, _stopping.wait_no_more)
    try:
        yield
    except Exception as error:
        if _stopping.is_told:
            raise KeyboardInterrupt from error
        raise
    finally:
        sys.unraisablehook = report
        for one, handler in before.items():
            signal(one, SIG_IGN if _stopping.is_told else handler)  # also while Python itself ends
        _stopping.is_told = False
