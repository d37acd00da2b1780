"""All questions to all solvers that are installed, side by side."""

from __future__ import annotations

import warnings
from pathlib import Path

import click
from tqdm import tqdm

from benchmarks.problems import problems
from benchmarks.report import Run, counts, page
from benchmarks.run import LIMIT, ask, solvers

PAGE = Path(__file__).parents[1] / "docs" / "benchmark.md"


@click.command(help=__doc__)
@click.option("--write", is_flag=True, help="Write docs/benchmark.md as well.")
@click.option("--limit", default=LIMIT, show_default=True, help="Seconds for one answer.")
def main(write: bool, limit: float) -> None:
    """Ask, print, and write the page where that is wanted."""
    questions, found, runs = problems(), solvers(), []
    warnings.simplefilter("ignore")  # what other libraries deprecate is not ours to mend
    for solver in found:
        ask(solver, questions[0], limit)  # so that imports are done before the clock starts
        shown = tqdm(questions, desc=solver.name, leave=False)
        runs.append(Run(solver, [(question, ask(solver, question, limit)) for question in shown]))
    click.echo(counts(runs))
    if write:
        PAGE.write_text(page(runs), encoding="utf-8")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
