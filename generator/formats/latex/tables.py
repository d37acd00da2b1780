"""Tables as LaTeX, drawn by PyLaTeX."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pylatex import LongTable, Tabular
from pylatex.utils import NoEscape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.document.model import AnswerGrid, FinalAnswer
    from generator.formats.latex.formulas import LatexPrinter

PROBLEMS_IN_A_ROW = 8
"""The most problems beside each other in a grading table."""

ANSWERS_IN_A_ROW = {3: 18, 2: 28}
"""How many answers stand beside each other in the grid of answers, by the most glyphs that may stand in a row in one of
them without a good place to break; a longer one stands alone."""


@lru_cache(8)
def grading_table(points_of: Sequence[tuple[str, int]], *, tagged: bool = False) -> NoEscape:
    """Problems, by their labels, with their points and room for scores; a long worksheet has several rows of them."""
    cells = _tagged_cells if tagged else _cells
    rows = [points_of[i : i + PROBLEMS_IN_A_ROW] for i in range(0, len(points_of), PROBLEMS_IN_A_ROW)]
    tables = []
    for row in rows:
        heads, points = [label for label, _ in row], [str(points) for _, points in row]
        if row is rows[-1]:
            heads.append("Total")
            points.append(str(sum(points for _, points in points_of)))
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


def answer_tables(grid: AnswerGrid, printer: LatexPrinter) -> Iterator[NoEscape]:
    """The answers of all versions: a row for each version, a few questions beside each other in each table."""
    columns = zip(*(answers for _, answers in grid.rows), strict=True)
    lengths = [max(answer.width for answer in column) for column in columns]
    first = 0
    while first < len(lengths):
        fitting = (n for n, most in ANSWERS_IN_A_ROW.items() if max(lengths[first : first + n]) <= most)
        here = range(first, min(first + next(fitting, 1), len(lengths)))
        first = here.stop
        column = rf">{{\raggedright\arraybackslash}}p{{\dimexpr(\linewidth-4.5em)/{len(here)}-2\tabcolsep\relax}}"
        table = LongTable(rf"@{{}}p{{4.5em}}{column * len(here)}@{{}}", width=len(here) + 1)
        heads = (NoEscape(rf"\gridhead{{{grid.columns[number]}}}") for number in here)
        table.add_row([NoEscape(r"\gridhead{Version}"), *heads])
        table.add_hline()
        table.end_table_header()
        for label, answers in grid.rows:
            table.add_row([NoEscape(rf"\gridcell{{{label}}}"), *(cell(answers[number], printer) for number in here)])
            table.add_hline()
        yield NoEscape(table.dumps())


def cell(answer: FinalAnswer, printer: LatexPrinter) -> NoEscape:
    """An answer in short, in a cell of a table or beside a sample."""
    paragraphs = r" \par ".join(map(printer.sentence, answer.paragraphs))
    return NoEscape(rf"\gridcell{{{paragraphs}}}")
