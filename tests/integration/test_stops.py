"""Whatever stops a build, and wherever, the one before stays whole; builds at once do not disturb each other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from generator.building.builder import Options, build
from generator.errors import BuildError
from generator.system.output_dir import Scratch, checksum, clear, read_manifest
from generator.system.workers import STOPPING, parallel_map, stopped_once
from generator.worksheet.variants import Draws
from tests.integration.test_builder import SHEET, contents

ROOT = Path(__file__).parents[2]

Fault = Callable[[], None]


@pytest.fixture(autouse=True)
def keys_are_heard() -> Iterator[None]:
    """Ctrl-C does what it does at a terminal, even if these tests run in the background of a script."""
    before = {one: signal.getsignal(one) for one in STOPPING}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def full() -> None:
    raise OSError(28, "No space left on device")


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def at_drawing(fault: Fault, patch: pytest.MonkeyPatch) -> None:
    questions = Draws.questions

    def drawn(self: Draws, i: int, version: int) -> object:
        fault()
        return questions(self, i, version)

    patch.setattr(Draws, "questions", drawn)


def at_writing(name: str) -> Callable[[Fault, pytest.MonkeyPatch], None]:
    def moment(fault: Fault, patch: pytest.MonkeyPatch) -> None:
        write_bytes = Path.write_bytes

        def written(self: Path, content: bytes) -> int:
            if self.name != name:
                return write_bytes(self, content)
            write_bytes(self, content[: len(content) // 2])
            fault()
            raise AssertionError("nothing has stopped it")

        patch.setattr(Path, "write_bytes", written)

    return moment


def at_renaming(name: str) -> Callable[[Fault, pytest.MonkeyPatch], None]:
    """Where it fails nothing has been renamed; Ctrl-C is noticed when that is done."""

    def moment(fault: Fault, patch: pytest.MonkeyPatch) -> None:
        rename = Path.rename

        def renamed(self: Path, target: Path) -> Path:
            if self.name != name:
                return rename(self, target)
            if fault is full:
                fault()
            found = rename(self, target)
            fault()
            return found

        patch.setattr(Path, "rename", renamed)

    return moment


TEX, PDF = ("tex",), ("pdf",)
MOMENTS = {
    "drawing": (at_drawing, TEX),
    "sources": (at_writing("sheet-v01.tex"), TEX),
    "papers": (at_writing("sheet-v01.pdf"), PDF),
    "joining": (at_writing("sheet-all.pdf"), PDF),
    "manifest": (at_writing("manifest.json"), TEX),
    "putting the old folder aside": (at_renaming("sheet"), TEX),
    "putting the new folder in its place": (at_renaming("new"), TEX),
}


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worksheet; what is temporary is in `tmp`."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    file = tmp_path / "sheet.yaml"
    file.write_text(SHEET)
    return file


@pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name, (_, formats) in MOMENTS.items() for fault in (full, interrupt)[: 1 + (formats == TEX)]],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_build_that_is_stopped_leaves_the_one_before(
    name: str, fault: Fault, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, formats = MOMENTS[name]
    folder = sheet.parent / "output"
    build(sheet, Options(folder, formats=TEX, versions=1))
    before = contents(folder)
    with monkeypatch.context() as patch:
        moment(fault, patch)
        if fault is full and name != "drawing":  # which writes nothing
            with pytest.raises(BuildError, match=r"cannot write to .*sheet: No space left on device"):
                build(sheet, Options(folder, formats=formats, versions=1, seed=1))
        else:
            with pytest.raises((KeyboardInterrupt, OSError)):
                build(sheet, Options(folder, formats=formats, versions=1, seed=1))
    after = contents(folder)
    if (name, fault) == ("putting the new folder in its place", interrupt):  # it is there already
        assert {f"sheet/{name}" for name in read_manifest(folder / "sheet")["files"]} < set(after)
    else:
        assert after == before
    assert [path.name for path in folder.iterdir()] == ["sheet"]
    assert list((sheet.parent / "tmp").iterdir()) == []


@pytest.mark.parametrize("phase", ["Solving", "Typesetting", "Joining"])
def test_a_key_pressed_at_work_leaves_the_build_before(phase: str, sheet: Path) -> None:
    folder = sheet.parent / "output"
    build(sheet, Options(folder, formats=TEX, versions=1))
    before = contents(folder)
    seen: list[str] = []

    def stop(kind: str, done: int, total: int) -> None:
        seen.append(kind)
        if kind == phase and (done or phase == "Joining"):  # of typesetting, while TeX is busy
            interrupt()

    with pytest.raises(KeyboardInterrupt):
        build(sheet, Options(folder, formats=PDF, versions=1, seed=1, jobs=1), stop)
    assert seen[-1] == phase
    assert contents(folder) == before
    assert [path.name for path in folder.iterdir()] == ["sheet"]
    assert list((sheet.parent / "tmp").iterdir()) == []


def started(*arguments: object, temporary: Path, errors: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """The command as a process in a group of its own, as a shell starts it; all that it starts has `temporary`."""
    command = [sys.executable, "-m", "generator", "build", *map(str, arguments), "-q"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    return subprocess.Popen(command, env=environment, start_new_session=True, stderr=errors)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def at_work(folder: Path) -> list[str]:
    """The processes that are in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append(process.name)
    return found


def as_another_error() -> None:
    try:
        interrupt()
    except KeyboardInterrupt as stopped:
        raise ValueError("could not be built") from stopped


def as_nothing(number: int = signal.SIGINT) -> None:
    class Lost:
        def __del__(self) -> None:
            os.kill(os.getpid(), number)

    Lost()
    for _ in range(100):
        time.sleep(0.1)


def by_going_on() -> None:
    with suppress(KeyboardInterrupt):
        interrupt()
    parallel_map(lambda task, _: task, [1, 2], 2, lambda _: None)


@pytest.mark.parametrize("loss", [as_another_error, as_nothing, by_going_on])
def test_ctrl_c_is_heard_where_a_library_loses_it(loss: Callable[[], None]) -> None:
    with pytest.raises(KeyboardInterrupt), stopped_once():
        loss()


def test_a_process_that_is_told_to_end_hears_it_where_a_library_loses_it(tmp_path: Path) -> None:
    def work(task: int, _: object) -> None:
        if task:
            as_nothing(signal.SIGTERM)
            (tmp_path / "done").touch()

    with pytest.raises(BuildError):
        parallel_map(work, [0, 1], 2, lambda _: None)
    assert not (tmp_path / "done").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_ends_all_processes_and_leaves_nothing(sheet: Path) -> None:
    temporary, folder = sheet.parent / "tmp", sheet.parent / "output"
    process = started(sheet, "-n", 8, "-j", 2, "-o", folder, temporary=temporary)
    until(lambda: len(list(temporary.glob("worksheets-*/source/0.tex"))) == 2 and len(at_work(temporary)) == 2)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait() == 130
    until(lambda: not at_work(temporary) and not list(temporary.iterdir()))
    assert list(folder.iterdir()) == []


def of_the_build(temporary: Path) -> list[str]:
    """The processes that a build has started, and itself: those that have its temporary folder in the environment."""
    wanted = f"TMPDIR={temporary}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append(process.name)
    return found


MANY = SHEET.replace("versions: 2", "versions: 40\nrepeats: true")
STOPS: dict[str, tuple[tuple[int, ...], float]] = {
    "Ctrl-C twice": ((signal.SIGINT, signal.SIGINT), 0.1),
    "Ctrl-C three times at once": ((signal.SIGINT, signal.SIGINT, signal.SIGINT), 0.0),
    "told to end": ((signal.SIGTERM,), 0.0),
    "killed": ((signal.SIGKILL,), 0.0),
}
"""Signals, and how many seconds lie between them. Those of the keyboard go to all processes of the build."""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("moment", ["starting", "solving", "typesetting"])
@pytest.mark.parametrize("name", STOPS)
def test_whatever_stops_a_build_no_process_and_no_folder_is_left(name: str, moment: str, sheet: Path) -> None:
    temporary, folder = sheet.parent / "tmp", sheet.parent / "output"
    sheet.write_text(MANY)
    process = started(sheet, "-j", 2, "-o", folder, temporary=temporary, errors=subprocess.PIPE)
    reached: dict[str, Callable[[], bool]] = {
        "starting": folder.exists,
        "solving": lambda: len(of_the_build(temporary)) == 3,
        "typesetting": lambda: len(list(temporary.glob("worksheets-*/source/0.tex"))) == 2,
    }
    until(reached[moment])
    signals, seconds = STOPS[name]
    for number in signals:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        time.sleep(seconds)
    said = process.communicate(timeout=60)[1].decode()
    assert "Traceback" not in said
    until(lambda: not of_the_build(temporary))
    if signal.SIGKILL not in signals:
        assert process.returncode in (130, -signal.SIGINT)  # the same for a shell
        assert "Stopped. Nothing that was there before has changed." in said
        assert list(folder.iterdir()) == list(temporary.iterdir()) == []
    build(sheet, Options(folder, formats=TEX, versions=1))
    assert [path.name for path in folder.iterdir()] == ["sheet"]
    assert list(temporary.iterdir()) == []


def test_only_what_a_dead_process_has_left_is_removed(sheet: Path) -> None:
    """A live one has its lock; what has no lock is somebody else's."""
    output, temporary = sheet.parent / "output", sheet.parent / "tmp"
    with Scratch(".sheet-", output.parent) as alive, Scratch("worksheets-") as working:
        dead = output / ".other-abcdefgh"
        for place in (
            dead / "old" / "notes",
            dead / "new",
            temporary / "worksheets-mine_own",
            output / ".git-12345678",
        ):
            place.mkdir(parents=True)
        (dead / ".in-use").touch()
        unborn = output / ".sheet-00000000"
        unborn.mkdir()
        (unborn / ".in-use-soon").touch()
        clear(output)
        clear(output.parent)
        assert Path(alive).is_dir()
        assert Path(working).is_dir()
        assert sorted(path.name for path in output.iterdir()) == [".git-12345678", "other"]  # which was put aside
        assert (output / "other" / "notes").is_dir()
        assert (temporary / "worksheets-mine_own").is_dir()


def test_builds_at_once_by_processes_do_no_harm(sheet: Path) -> None:
    temporary, folder = sheet.parent / "tmp", sheet.parent / "output"
    other = sheet.with_name("other.yaml")
    other.write_text(SHEET)
    builds = [(sheet, 1, "tex,pdf"), (sheet, 2, "pdf"), (other, 3, "tex")]  # of two people, or by `make -j`
    processes = [
        started(file, "--seed", seed, "-n", 1, "--format", formats, "-o", folder, temporary=temporary)
        for file, seed, formats in builds
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert sorted(path.name for path in folder.iterdir()) == ["other", "sheet"]
    for name in ("other", "sheet"):
        files = contents(folder / name)
        del files["manifest.json"]
        assert {file: checksum(content) for file, content in files.items()} == read_manifest(folder / name)["files"]
    assert list(temporary.iterdir()) == []
