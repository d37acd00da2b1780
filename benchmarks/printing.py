"""Printing beside what else prints exams: the same pages by bare TeX, by latexmk, and by auto-multiple-choice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, sleep

import click

ROOT = Path(__file__).parents[1]
EXAM = Path(__file__).parent / "exam.yaml"
QUIZ = Path(__file__).parent / "quiz.tex"
PAGE = ROOT / "docs" / "printing.md"
TEX = ("pdflatex", "-interaction=batchmode", "-no-shell-escape")
SAMPLE = 10
"""So many documents stand for all where each takes more than a second."""
MANY = 1000
TITLE, PROBLEM = "title: Midterm Exam", "title: Least squares"
"""Lines of the exam that are edited."""


@dataclass(frozen=True)
class Figure:
    """How long something took, each time, in seconds."""

    what: str
    seconds: tuple[float, ...]

    @property
    def least(self) -> float:
        """The time that other work of the machine has disturbed least."""
        return min(self.seconds)


def environment() -> dict[str, str]:
    """The environment of a program that is installed: Python keeps what it has compiled."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT)}


class Exams:
    """The exam in folders of their own, where it is built, and edited."""

    def __init__(self, place: Path, versions: int) -> None:
        self.place = place
        self.versions = versions
        self.numbers = count(1)

    def new(self) -> Path:
        """Build one that no build has seen; returns its folder."""
        folder = self.place / f"{self.versions}-{next(self.numbers)}"
        folder.mkdir()
        shutil.copy(EXAM, folder)
        self.build(folder)
        return folder

    def edit(self, folder: Path, line: str) -> None:
        """Build it again with another number at the end of a line, so that all papers change."""
        exam = folder / EXAM.name
        exam.write_text(re.sub(rf"{line}.*", f"{line} {next(self.numbers)}", exam.read_text()))
        self.build(folder)

    def build(self, folder: Path) -> None:
        """`worksheets build` as a process of its own."""
        command = [sys.executable, "-m", "generator", "build", EXAM.name]
        options = ["-o", "output", "-n", str(self.versions), "--repeats", "-q"]
        done = subprocess.run([*command, *options], cwd=folder, env=environment(), check=False)
        if done.returncode:
            raise click.ClickException(f"{done.args!r} failed")


def sources(folder: Path) -> list[Path]:
    """The sources of all papers that were built there: first the grid of answers and the formula sheet."""
    return sorted(folder.glob("output/exam/tex/*.tex"))


def write_jobs(folder: Path, jobs: Path) -> None:
    """The problem sets of a build as one TeX document, and all else, which is mostly keys, as another."""
    begin, end = "\\begin{document}\n", "\\end{document}\n"
    sets = [path for path in sources(folder) if re.fullmatch(r"exam-v\d+", path.stem)]
    keys = [path for path in sources(folder) if path not in sets]
    for name, papers in (("sets", sets), ("keys", keys)):
        preamble = papers[0].read_text().partition(begin)[0]
        bodies = [path.read_text().partition(begin)[2].removesuffix(end) for path in papers]
        whole = "\n\\setcounter{question}{0}\n".join(bodies)
        (jobs / f"{name}.tex").write_text(f"{preamble}{begin}{whole}{end}")


def bare(jobs: Path, at_once: int) -> None:
    """TeX on both documents, and nothing else."""

    def run(name: str) -> None:
        subprocess.run([*TEX, name], cwd=jobs, check=True, capture_output=True)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run, ("sets", "keys")))


def by_latexmk(folder: Path, place: Path) -> float:
    """What latexmk takes for one document, of a few."""
    papers = sources(folder)[-SAMPLE:]
    start = perf_counter()
    for paper in papers:
        shutil.copy(paper, place)
        subprocess.run(["latexmk", "-pdf", "-silent", paper.name], cwd=place, check=True, capture_output=True)
    return (perf_counter() - start) / len(papers)


def by_amc(place: Path, copies: int) -> None:
    """Copies of a multiple-choice exam of five questions, and the key of each with the right boxes ticked."""
    shutil.rmtree(place)
    (place / "data").mkdir(parents=True)
    shutil.copy(QUIZ, place)
    common = ["auto-multiple-choice", "prepare", "--with", "pdflatex", "--n-copies", str(copies)]
    common += ["--prefix", f"{place}/", "--data", f"{place}/data"]
    for mode, files in (
        ("s", {"--out-sujet": "sets.pdf", "--out-corrige": "key.pdf", "--out-calage": "places.xy"}),
        ("k", {"--out-corrige-indiv": "keys.pdf"}),
    ):
        outputs = [word for option, file in files.items() for word in (option, f"{place}/{file}")]
        command = [*common, "--mode", mode, *outputs, f"{place}/{QUIZ.name}"]
        subprocess.run(command, cwd=place, check=True, capture_output=True)
    if not (place / "sets.pdf").exists() or not (place / "keys.pdf").exists():
        raise click.ClickException("auto-multiple-choice made no PDF")


@contextmanager
def peak_memory() -> Iterator[list[float]]:
    """The most memory, in MiB, that this process's children have taken together; shared memory is counted once."""
    most, stop = [0.0], Event()

    def watch() -> None:
        while not stop.is_set():
            most[0] = max(most[0], sum(map(_memory, _children(os.getpid()))) / 1024)
            sleep(0.1)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own + sum(map(_memory, _children(pid)))


def times(times: int, *rows: tuple[str, Callable[[], object]]) -> list[Figure]:
    """How long some things take, in turns, so that what else the machine does disturbs all alike."""
    seconds: dict[str, list[float]] = {what: [] for what, _ in rows}
    for _ in range(times):
        for what, work in rows:
            start = perf_counter()
            work()
            seconds[what].append(perf_counter() - start)
    return [Figure(what, tuple(found)) for what, found in seconds.items()]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def measured(repetitions: int, versions: int, few: int, *, many: bool) -> Iterator[str]:
    """The page, part by part."""
    with TemporaryDirectory() as name:
        place = Path(name)
        jobs, single, quiz = (place / part for part in ("jobs", "single", "quiz"))
        for part in (jobs, single, quiz):
            part.mkdir()
        exams, some = Exams(place, versions), Exams(place, few)
        full = exams.new()
        write_jobs(full, jobs)
        rows = times(
            repetitions,
            ("worksheets build, of a new worksheet", exams.new),
            ("worksheets build, one of its five problems edited", lambda: exams.edit(full, PROBLEM)),
            ("worksheets build, its title edited", lambda: exams.edit(full, TITLE)),
            ("the bare TeX jobs, one after the other", lambda: bare(jobs, 1)),
            ("the bare TeX jobs, beside each other", lambda: bare(jobs, 2)),
        )
        whole = rows[0].least
        if shutil.which("latexmk"):
            scaled = by_latexmk(full, single) * 2 * versions
            rows.append(Figure(f"latexmk, from {SAMPLE} of the documents", (scaled,)))
        yield f"## {versions} problem sets and {versions} worked keys, a file for each\n"
        yield table(("", "least", "median", *AS_LONG), compared(rows, len(AS_LONG))) + "\n"
        competitors: list[tuple[str, Callable[[], object]]] = [("worksheets build, with derivations", some.new)]
        if shutil.which("auto-multiple-choice"):
            competitors.append(("auto-multiple-choice, with ticks", lambda: by_amc(quiz, few)))
        yield f"## {few} problem sets and {few} keys\n"
        yield table(("", "least", "median", AS_LONG[0]), compared(times(repetitions, *competitors))) + "\n"
        again, asked = times(repetitions, ("again", lambda: exams.build(full)), ("help", ask_for_help))
        results = [
            ["the same again: nothing has changed", f"{again.least:.2f} s"],
            ["`worksheets --help`", f"{asked.least:.2f} s"],
            ["a version and its key, of so many as above", f"{1000 * whole / versions:.0f} ms"],
        ]
        if many:
            with peak_memory() as most:
                (thousand,) = times(1, ("", Exams(place, MANY).new))
            results += [
                [f"a version and its key, of {MANY}", f"{1000 * thousand.least / MANY:.0f} ms"],
                ["the most memory that these took, all processes together", f"{most[0]:.0f} MiB"],
            ]
        yield "## Again, help, and many\n"
        yield table(("", ""), results) + "\n"


AS_LONG = ("a new worksheet takes so many times as long", "one problem edited", "the title edited")


def compared(rows: Sequence[Figure], of: int = 1) -> list[list[str]]:
    """Each with its times, and the times of the first so many by its own."""
    return [
        [
            row.what,
            f"{row.least:.2f} s",
            f"{median(row.seconds):.2f} s",
            *(f"{first.least / row.least:.2g}" for first in rows[:of]),
        ]
        for row in rows
    ]


def ask_for_help() -> None:
    """`worksheets --help`."""
    subprocess.run([sys.executable, "-m", "generator", "--help"], env=environment(), capture_output=True, check=True)


HEAD = """# Printing beside other programs

Written by `make printing BENCH=--write`. Nothing on this page is typed by hand.

Ours is `worksheets build` as a whole: starting Python, drawing, solving, verifying every line, TeX, a PDF for each
paper, and all of them in one. A new worksheet is one that no build has seen. What was solved and verified before is
known to the next build: where one problem is edited, that one alone is solved again, and where the title is, none; all
papers are made again. The bare TeX jobs are the same pages: all problem sets in one document, and all keys, the formula
sheet and the grid of answers in another, by pdflatex once, with nothing drawn, solved or taken apart. The exam is
`benchmarks/exam.yaml`, five questions; auto-multiple-choice gets
five questions of its own kind (`benchmarks/quiz.tex`), as it cannot ask for derivations.
"""


@click.command(help=__doc__)
@click.option("--write", is_flag=True, help="Write docs/printing.md as well.")
@click.option("--times", "repetitions", default=3, show_default=True, help="How often each is run, in turns.")
@click.option("-n", "versions", default=100, show_default=True, help="How many versions.")
@click.option("--few", default=30, show_default=True, help="How many beside auto-multiple-choice.")
@click.option("--many/--no-many", default=True, help="Make a thousand, too.")
def main(write: bool, repetitions: int, versions: int, few: int, many: bool) -> None:
    """Run all, print, and write the page where that is wanted."""
    parts = [f"{HEAD}\n{os.cpu_count()} cores, Python {sys.version.split()[0]}.\n"]
    click.echo(parts[0])
    for part in measured(repetitions, versions, few, many=many):
        click.echo(part)
        parts.append(part)
    if write:
        PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.printing")
