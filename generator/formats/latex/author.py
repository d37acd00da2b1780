"""An author's own LaTeX in tagged papers: its formulas with their words and their MathML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.document.pictures import INCLUDED, included
from generator.errors import WorksheetError
from generator.formats import mathml_speech
from generator.formats.author_math import (
    INSIDES,
    SLOT_ELEMENT,
    SLOT_HERE,
    WITH_FIGURES,
    UnreadableFormula,
    alternative,
    filled,
    inside,
    mathml,
    with_slots,
)
from generator.formats.latex.formula_points import pointed, without_points
from generator.pdf.tags import SpokenFormula

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.document.formula import AuthorSource, Formula, Sentence
    from generator.document.pictures import Included

REMEDY = (
    "Correct it, or say all of it in other words in  {alt}  beside it, which are read out then, or write"
    "  print: {{tagged: false}}."
)
REMEDY_WITHOUT_ALT = "Correct it, write it in LaTeX that can be converted, or write  print: {tagged: false}."
FIGURE_REMEDY = (
    r"Say what it shows:  \includegraphics[alt={{What it shows}}]{{{}}}.  Or write  print: {{tagged: false}}."
)
ROW_END = r"\\"
OTHER_MATH = re.compile(r"\\begin\{eqnarray\*?\}")
"""Environments in math mode that `MATH` does not know, and whose numbers cannot be made explicit."""
SLOT_HERE_ELEMENT = re.compile(r'<mslot n="(\d+)"/>')


def pointed_source(
    source: AuthorSource,
    latex_of: Callable[[Formula], str],
    spoken_of: Callable[[Formula], SpokenFormula],
    words_of: Callable[[Sentence], str],
) -> str:
    """The LaTeX, each formula in it between points; how formulas and the author's words are printed is given.

    Where one has no words, or a figure has none, all of it is between two points, with the words that its author gives
    for it. Raises WorksheetError, without the place, if there are none.
    """
    latex, formulas = with_slots(source)
    drawn = [latex_of(one) for one in formulas]
    spoken = [spoken_of(one) for one in formulas]

    def plainly(number: int) -> str:
        return without_points(drawn[number])

    def point(found: re.Match[str]) -> str:
        if found["file"] is not None:
            return pointed_figure(included(found), [one.alt for one in spoken])
        said, is_display = inside(found)
        start, end = next(found.span(name) for name in INSIDES if found[name] is not None)
        written = found.string[start:end]
        if not SLOT_HERE.fullmatch(written.strip()):
            written = filled(_pointed(written, _spoken(said, spoken, display=is_display)), plainly)
        return found.string[found.start() : start] + written + found.string[end : found.end()]

    def each_pointed() -> str:
        if unknown := OTHER_MATH.search(latex):
            raise UnreadableFormula(f"{unknown[0]}, which it does not know")
        return filled(WITH_FIGURES.sub(point, latex), drawn.__getitem__)

    try:
        return each_pointed()
    except UnreadableFormula as error:
        if source.alt is None:
            written = REMEDY.format(alt=source.alt_key) if source.alt_key else REMEDY_WITHOUT_ALT
            remedy = error.remedy or written
            raise WorksheetError(f"a tagged PDF needs words for {error.what}", remedy=remedy) from None
        return pointed(filled(without_alternatives(latex), plainly), SpokenFormula(words_of(source.alt), ""))


def pointed_figure(figure: Included, slots: Sequence[str]) -> str:
    """A figure between points, with the words for it. Raises UnreadableFormula if it has none."""
    if figure.alt is None:
        raise UnreadableFormula(f"the figure {figure.file}", remedy=FIGURE_REMEDY.format(figure.file))
    return pointed(figure.latex, SpokenFormula(alternative(figure.alt, slots), "", is_figure=True))


def without_alternatives(latex: str) -> str:
    """An author's LaTeX without what figures in it show, which old versions of LaTeX do not know."""
    return INCLUDED.sub(lambda found: included(found).latex, latex)


def pointed_formula(latex: str) -> str:
    """A formula in LaTeX, without slots, between points.

    Raises WorksheetError, without the place, if it has no words.
    """
    try:
        return _pointed(latex, _spoken(latex, (), display=False))
    except UnreadableFormula as error:
        raise WorksheetError(f"a tagged PDF needs words for {error.what}", remedy=REMEDY_WITHOUT_ALT) from None


def _spoken(latex: str, formulas: Sequence[SpokenFormula], *, display: bool) -> SpokenFormula:
    """A formula with others in its slots, for those who cannot see it."""
    named = mathml(latex, SLOT_ELEMENT.format, display=display)
    whole = SLOT_HERE_ELEMENT.sub(lambda slot: formulas[int(slot[1])].mathml, named)
    return SpokenFormula(mathml_speech.words(named, [one.alt for one in formulas]), whole)


def _pointed(latex: str, spoken: SpokenFormula) -> str:
    """A formula between points, the second of which begins no row of its own behind the last one."""
    inner = latex.rstrip()
    last = len(inner) - len(ROW_END) if inner.endswith(ROW_END) else len(latex)
    return pointed(latex[:last], spoken) + latex[last:]
