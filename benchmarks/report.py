"""The outcomes of a run as a page of Markdown: every number and every example on it is counted."""

from __future__ import annotations

import platform
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.problems import FINDS, Problem
from benchmarks.run import LIMIT, Outcome
from benchmarks.solver import Solver

EXAMPLES = 10
"""How many wrong answers of a solver are shown."""
REASONS = 8
"""How many reasons for refusals are shown: the most frequent ones."""

NAMES = {"derivative": "Gradients and Jacobians", "hessian": "Hessians", "stationary": "Stationary points"}
INTRODUCTION = (
    "Written by `make bench BENCH=--write`, which asks all questions anew. Nothing on this page is typed by hand."
)
METHOD = """\
The questions are those of `benchmarks/problems.yaml`, each with its published answer. An
answer is right if its numbers equal central differences of the function's values at three random points; for a
stationary point, if the gradient vanishes there. `solve` must answer in its own layout; from the others every layout in
use is accepted, transposed or stacked by columns or by rows. They are asked in each way of writing that might help, and
the best outcome counts: right, then refused, then wrong. Refused is also an error, what is left unevaluated, and no
answer within {limit:g} seconds.

The time is what one call takes of the processor, on a question not asked before. Writing the question down costs
nothing, but `solve` also reads it from text; its time includes the derivation with all its lines, and the check of each
line on numbers. Only right answers are timed. Times differ from machine to machine; their ratios do so less.

Not compared: matrixcalculus.org, which can only be asked over the network."""


@dataclass(frozen=True)
class Run:
    """All outcomes of one solver, question by question; the first of each is its best one."""

    solver: Solver
    outcomes: Sequence[tuple[Problem, Sequence[Outcome]]]

    def best(self, finds: Sequence[str] = FINDS) -> Iterator[tuple[Problem, Outcome]]:
        """The best outcome of each question that it was asked."""
        return ((question, found[0]) for question, found in self.outcomes if found and question.find in finds)

    @property
    def right(self) -> dict[Problem, float]:
        """The seconds that each right answer took."""
        return {question: outcome.seconds for question, outcome in self.best() if outcome.verdict == "right"}


def page(runs: Sequence[Run]) -> str:
    """The whole page; the first run is ours."""
    parts = [
        "# `solve` beside other solvers",
        INTRODUCTION,
        counts(runs),
        _ratios(runs),
        METHOD.format(limit=LIMIT),
        _by_source(runs),
        *map(_wrong, runs),
        *map(_refused, runs),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def counts(runs: Sequence[Run]) -> str:
    """Right, wrong and refused of each solver, and its times."""
    rows = []
    for find in FINDS:
        for run in runs:
            if find not in run.solver.finds:
                continue
            best = list(run.best([find]))
            count = Counter(outcome.verdict for _, outcome in best)
            times = sorted(outcome.seconds for _, outcome in best if outcome.verdict == "right")
            title = f"{NAMES[find]} ({len(best)})" if run is runs[0] else ""
            shown = [statistics.median(times), times[int(0.9 * (len(times) - 1))]] if times else []
            rows.append([
                title, run.solver.name, *(str(count[verdict]) for verdict in ("right", "wrong", "refused")),
                *(map(_milliseconds, shown) if shown else ("", "")),
            ])  # fmt: skip
    versions = ", ".join(f"{run.solver.name} {run.solver.version}" for run in runs)
    table = _table(["asked for", "solver", "right", "wrong", "refused", "median", "90 %"], rows)
    return f"{len(runs[0].outcomes)} questions. Python {platform.python_version()}, {versions}.\n\n{table}"


def _ratios(runs: Sequence[Run]) -> str:
    mine = runs[0].right
    said = []
    for run in runs[1:]:
        ratios = [seconds / mine[question] for question, seconds in run.right.items() if question in mine]
        if ratios:
            said.append(
                f"- On the {len(ratios)} questions that both answer rightly, {run.solver.name} takes "
                f"{statistics.median(ratios):.2g} times as long as `solve`: the median of the ratios."
            )
    return "\n".join(said)


def _by_source(runs: Sequence[Run]) -> str:
    """What all solvers can be asked to find."""
    shared = [find for find in FINDS if all(find in run.solver.finds for run in runs)]
    asked = Counter(question.source for question, _ in runs[0].best(shared))
    right = [Counter(q.source for q, found in run.best(shared) if found.verdict == "right") for run in runs]
    rows = [[source, str(number), *(str(r[source]) for r in right)] for source, number in asked.items()]
    title = f"## Right answers by source\n\nOf what all can be asked for: {', '.join(NAMES[find] for find in shared)}."
    return f"{title}\n\n" + _table(["source", "questions", *(run.solver.name for run in runs)], rows)


def _wrong(run: Run) -> str:
    """Of the questions that were answered wrongly in every way of writing, the shortest of each kind."""
    misled = sum(any(outcome.verdict == "wrong" for outcome in found) for _, found in run.outcomes)
    wrong = [(question, outcome) for question, outcome in run.best() if outcome.verdict == "wrong"]
    wrong.sort(key=lambda row: (len(row[0].function), row[0].function))
    by_kind = {question.expr.kinds: (question, outcome) for question, outcome in reversed(wrong)}
    rows = [
        [_code(question.function), _code(question.wrt), _code(outcome.said), _code(question.published or "")]
        for question, outcome in sorted(by_kind.values(), key=wrong.index)[:EXAMPLES]
    ]
    if not misled:
        return ""
    return (
        f"## Where {run.solver.name} is wrong\n\n"
        f"On {len(wrong)} questions in every way of writing that gives an answer, and on {misled - len(wrong)} more in "
        "some of them. The shortest of the former, one of each kind:\n\n"
        + _table(["function", "by", f"{run.solver.name} answers", "published"], rows)
    )


def _refused(run: Run) -> str:
    said = [outcome.said for _, outcome in run.best() if outcome.verdict == "refused"]
    reasons = Counter(reason.partition("\n")[0].partition(":")[0] for reason in said)
    if not reasons:
        return ""
    rows = [[str(times), _code(reason)] for reason, times in reasons.most_common(REASONS)]
    return f"## What {run.solver.name} refuses\n\n" + _table(["questions", "reason"], rows)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2g} ms" if seconds < 0.0995 else f"{1000 * seconds:.0f} ms"


def _code(text: str) -> str:
    """What a program says, in a cell: a bar would end the cell, and a long text would widen the table."""
    line = text.partition("\n")[0]
    return "`" + (line if len(line) <= 70 else line[:69] + "…").replace("|", "\\|") + "`"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *rows])
