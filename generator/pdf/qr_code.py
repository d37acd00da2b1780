"""QR codes, by which a scanned page is told from any other."""

from __future__ import annotations

from itertools import groupby

MODULE = 1.7
"""How wide one square of a code is, in points: 0.6 mm, which 150 dots to the inch can tell from the next."""
MOST = 48.0
"""How wide a code is at most: one that says more has smaller squares, as it has to stay in the margins."""
EDGE = 22.0
"""How far a code is from the right and the lower edge of the page, in points; printers leave out 5 mm."""


def squares(text: str) -> list[list[bool]]:
    """The rows of the code that says `text`, each square dark or light, with no margin."""
    import segno

    return [[bool(square) for square in row] for row in segno.make(text, error="m", micro=False).matrix]


def drawn(text: str, width: float) -> bytes:
    """PDF operators that draw the code in the lower right corner of a page that is so many points wide."""
    rows = squares(text)
    module = min(MODULE, MOST / len(rows))
    left, top = width - EDGE - module * len(rows), EDGE + module * len(rows)
    bars = []
    for i, row in enumerate(rows, 1):
        column = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                x, y = left + module * column, top - module * i
                bars.append(f"{x:.2f} {y:.2f} {module * length:.2f} {module:.2f} re")
            column += length
    return f"q 0 g {' '.join(bars)} f Q\n".encode()
