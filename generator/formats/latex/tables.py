"""Tables as LaTeX, drawn by PyLaTeX."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from pylatex import Tabular
from pylatex.utils import NoEscape

from generator.expr.messages import Message
from generator.problems.marking import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.document.model import FinalAnswer
    from generator.formats import Printer
    from generator.pdf.paper import Worth

MOST_COLUMNS = {"normal": 15, "large": 9}
"""By the size of print, the most columns in one band of the table for scores, with that of the total."""
MOST_IN_BANDS = {"normal": 12, "large": 7}
"""The same where there are several bands, in whose columns the total must fit."""

PROBLEM, PAGE = Message("score-problem", "Problem"), Message("score-page", "Page")
POINTS, SCORE, TOTAL = Message("score-points", "Points"), Message("score", "Score"), Message("score-total", "Total")
"""The heads of the table for scores."""

MOST_BANDS = 6
"""The most bands of rows in one table, which cannot go on to another page."""


@lru_cache(8)
def grading_table(
    points_of: Sequence[tuple[str, Fraction, bool]], heads: Sequence[str], *, size: str = "normal", tagged: bool = False
) -> NoEscape:
    """One table of problems, by their labels, with their points and room for scores, as wide as a line at most.

    The heads, as TeX, are those of problems, points and scores, and that of the total.

    Where there are too many problems for one line, it has several bands of rows, in columns of one width; where these
    are too many for a page, it is several tables. The points of a bonus have a plus sign, and are not in the total.
    """
    total = sum((points for _, points, is_bonus in points_of if not is_bonus), Fraction(0))
    columns = [(label, f"{'+' * is_bonus}{written(points)}") for label, points, is_bonus in points_of]
    return _grading_table([*columns, (heads[-1], written(total))], heads, size=size, tagged=tagged)


def table_by_page(
    worth: Sequence[Worth], pages: Mapping[str, int], heads: Sequence[str], *, size: str, tagged: bool
) -> NoEscape:
    """The same with a column for each page on which questions begin that have points, on one line of the source.

    `pages` has the numbers of the pages by the labels of the questions; the heads begin with that of pages.
    """
    total = sum((one.points for one in worth if not one.is_bonus), Fraction(0))
    columns = []
    for page in sorted(set(pages.values())):
        here = [one for one in worth if pages.get(one.label) == page and one.points]
        usual = sum((one.points for one in here if not one.is_bonus), Fraction(0))
        bonus = sum((one.points for one in here if one.is_bonus), Fraction(0))
        if here:
            columns.append(
                (str(page), " ".join([*[written(usual)] * bool(usual), *[f"+{written(bonus)}"] * bool(bonus)]))
            )
    table = _grading_table([*columns, (heads[-1], written(total))], heads, size=size, tagged=tagged)
    return NoEscape(table.replace("%\n", "").replace("\n", " "))


def _grading_table(columns: Sequence[tuple[str, str]], heads: Sequence[str], *, size: str, tagged: bool) -> NoEscape:
    """Columns of labels and points, the last of which is the total, in as few bands as possible."""
    *heads_of_rows, total_head = heads
    most = MOST_COLUMNS if len(columns) <= MOST_COLUMNS[size] else MOST_IN_BANDS
    bands = -(-len(columns) // most[size])
    width = -(-len(columns) // bands)
    rows = [columns[start : start + width] for start in range(0, len(columns), width)]
    tables = [
        _bands(rows[i : i + MOST_BANDS], heads_of_rows, width, tagged=tagged) for i in range(0, len(rows), MOST_BANDS)
    ]
    heads_below = r" \\ ".join(heads_of_rows)
    measures = rf"\scorecolumns{{{width}}}{{{heads_below}}}{{{total_head}}}"
    return NoEscape(measures + "\n" + "\\par\\medskip\n".join(tables))


def _bands(bands: Sequence[Sequence[tuple[str, str]]], heads: Sequence[str], width: int, *, tagged: bool) -> str:
    """A table with rows of labels, points and room for scores in each band; the last one may have fewer columns."""
    cells = _tagged_cells if tagged else _cells
    problem, points_head, score = map(NoEscape, heads)
    centered = r">{\centering\arraybackslash}m{%s}|"
    last = r"\totalcolumn" if len(bands) == 1 else r"\scorecolumn"
    table = Tabular("|l|" + centered % r"\scorecolumn" * (width - 1) + centered % last, width=width + 1)
    for position, band in enumerate(bands):
        empty = width - len(band)
        line = NoEscape(rf"\cline{{1-{len(band) + 1}}}" if empty and position else r"\hline")
        if not position:
            table.append(NoEscape(r"\hline"))
        for head, others, is_head in (
            (problem, [label for label, _ in band], True),
            (points_head, [points for _, points in band], False),
            (NoEscape(rf"\scorestrut {score}"), [""] * len(band), False),
        ):
            row = cells(head, others, are_heads=is_head)
            blank = [NoEscape(rf"\multicolumn{{{empty}}}{{l}}{{}}")] if empty else []
            table.append(NoEscape(" & ".join(map(str, [*row, *blank])) + r" \\"))
            table.append(line)
    dumped: str = table.dumps()
    return dumped


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
