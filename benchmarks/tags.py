"""The cost of tags: the same exam built with and without them, in turns."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click

from benchmarks.printing import EXAM, environment, table


def build(folder: Path, versions: int, *, tagged: bool) -> tuple[float, int, float]:
    """Processor time of a build in seconds, its pages, and MiB of its PDFs."""
    folder.mkdir()
    print_keys = f"print: {{tagged: {str(tagged).lower()}, formats: [pdf]}}\n"
    exam = folder / EXAM.name
    exam.write_text(re.sub(r"^versions:", f"{print_keys}versions:", EXAM.read_text(), count=1, flags=re.MULTILINE))
    command = [
        sys.executable,
        "-m",
        "generator",
        "build",
        exam.name,
        "-o",
        "output",
        "-n",
        str(versions),
        "--repeats",
        "-q",
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment(), check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise click.ClickException(f"{done.args!r} failed")
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    (manifest,) = folder.glob("output/*/manifest.json")
    papers = json.loads(manifest.read_text())["printed"]
    pages = sum(told["pages"] for name, told in papers.items() if "-all" not in name)
    size = sum(file.stat().st_size for file in folder.glob("output/*/*.pdf"))
    return seconds, pages, size / 2**20


def measured(repetitions: int, versions: int) -> Iterator[list[str]]:
    """Rows of a table: with tags, without, and the first by the second."""
    found: dict[bool, list[tuple[float, int, float]]] = {True: [], False: []}
    with TemporaryDirectory() as place:
        for turn in range(repetitions):
            for tagged, runs in found.items():
                runs.append(build(Path(place) / f"{turn}-{tagged}", versions, tagged=tagged))
    for tagged, runs in found.items():
        least, pages, size = min(runs)
        middle = median(seconds for seconds, _, _ in runs)
        what = "with tags" if tagged else "without"
        yield [what, f"{least:.2f} s", f"{middle:.2f} s", f"{1000 * least / pages:.1f} ms", f"{size:.1f} MiB"]
    ratios = sorted(one[0] / other[0] for one, other in zip(found[True], found[False], strict=True))
    (one, pages, size), (other, _, smaller) = min(found[True]), min(found[False])
    more = f"{1000 * (one - other) / pages:.1f} ms"
    yield ["with by without", f"{one / other:.2f}", f"{median(ratios):.2f}", more, f"{size / smaller:.2f}"]


@click.command(help=__doc__)
@click.option("--times", "repetitions", default=3, show_default=True, help="How often each is built, in turns.")
@click.option("-n", "versions", default=100, show_default=True, help="How many versions.")
def main(repetitions: int, versions: int) -> None:
    """Print the table."""
    heads = ("", "processor time, least", "median", "a page", "all PDFs")
    click.echo(table(heads, list(measured(repetitions, versions))))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.tags")
