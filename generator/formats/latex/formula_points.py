r"""Formulas and figures in LaTeX sources, with what is said of each: the source of a tagged paper.

A printer puts a formula between characters that no source has. The source of a paper has them no more: they become the
commands `\\tagformula{3} … \\tagendformula{}`, or vanish.
"""

from __future__ import annotations

import re
from sys import intern
from typing import TYPE_CHECKING, Final

from generator.pdf.tags import SpokenFormula

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN: Final = "\x02"
MATHML: Final = "\x1f"
LATEX: Final = "\x03"
END: Final = "\x04"
FIGURE: Final = "\x1e"

_BEGINNING = re.compile(f"{BEGIN}({FIGURE}?)([^{MATHML}]*){MATHML}([^{LATEX}]*){LATEX}")
_ANY = re.compile(f"{_BEGINNING.pattern}|{END}")


def pointed(latex: str, spoken: SpokenFormula) -> str:
    """A formula in LaTeX with the words for it."""
    return f"{BEGIN}{FIGURE if spoken.is_figure else ''}{spoken.alt}{MATHML}{spoken.mathml}{LATEX}{latex}{END}"


def without_points(source: str) -> str:
    """The LaTeX alone."""
    return _ANY.sub("", source)


def numbered(source: str) -> tuple[str, Sequence[SpokenFormula]]:
    """LaTeX with commands around each formula, and the formulas by the numbers in these."""
    formulas: dict[SpokenFormula, int] = {}

    def command(found: re.Match[str]) -> str:
        if found[0] == END:
            return r"\tagendformula{}"
        words, mathml = intern(found[2]), intern(found[3])  # which the papers of other versions have as well
        number = formulas.setdefault(SpokenFormula(words, mathml, bool(found[1])), len(formulas))
        return rf"\tagformula{{{number}}}"

    return _ANY.sub(command, source), tuple(formulas)
