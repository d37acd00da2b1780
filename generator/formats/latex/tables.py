"""Tables as LaTeX, drawn by PyLaTeX."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from pylatex import Tabular
from pylatex.utils import NoEscape

from generator.problems.marking import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.document.model import FinalAnswer
    from generator.formats import Printer

PROBLEMS_IN_A_ROW = 8
"""The most problems beside each other in a grading table."""


@lru_cache(8)
def grading_table(points_of: Sequence[tuple[str, Fraction, bool]], *, tagged: bool = False) -> NoEscape:
    """Problems, by their labels, with their points and room for scores; a long worksheet has several rows of them.

    The points of a bonus have a plus sign, and are not in the total.
    """
    cells = _tagged_cells if tagged else _cells
    rows = [points_of[i : i + PROBLEMS_IN_A_ROW] for i in range(0, len(points_of), PROBLEMS_IN_A_ROW)]
    tables = []
    for row in rows:
        heads = [label for label, _, _ in row]
        points = [f"{'+' * is_bonus}{written(points)}" for _, points, is_bonus in row]
        if row is rows[-1]:
            heads.append("Total")
            points.append(written(sum((points for _, points, is_bonus in points_of if not is_bonus), Fraction(0))))
        table = Tabular("|l|" + r">{\centering\arraybackslash}m{2.6em}|" * len(heads), width=len(heads) + 1)
        table.add_hline()
        table.add_row(cells("Problem", heads, are_heads=True))
        table.add_hline()
        table.add_row(cells("Points", points))
        table.add_hline()
        table.add_row(cells(NoEscape(r"\scorestrut Score"), [""] * len(heads)))
        table.add_hline()
        tables.append(table.dumps())
    return NoEscape("\\par\\medskip\n".join(tables))


def _cells(head: str, others: Sequence[str], *, are_heads: bool = False) -> list[str]:
    """The cells of a row."""
    return [head, *others]


def _tagged_cells(head: str, others: Sequence[str], *, are_heads: bool = False) -> list[str]:
    """The cells of a row with their tags: a head for the row, and heads for the columns or what stands below them."""
    kind = "columnhead" if are_heads else "cell"
    first = rf"\nexttagitem\tagcell{{{'columnhead' if are_heads else 'rowhead'}}}{{{head}}}"
    return [NoEscape(first), *(NoEscape(rf"\tagcell{{{kind}}}{{{text}}}") for text in others)]


def paragraphs(answer: FinalAnswer, printer: Printer) -> NoEscape:
    """An answer in short, as paragraphs."""
    printed = r" \par ".join(map(printer.sentence, answer.paragraphs))
    return NoEscape(rf"\paragraphs{{{printed}}}")
