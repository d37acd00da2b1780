"""An author's own LaTeX in tagged papers: its formulas with their words and their MathML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.document.formula import Formula
from generator.errors import WorksheetError
from generator.formats import mathml_speech
from generator.formats.author_math import INSIDES, MATH, SLOT_HERE, UnreadableFormula, inside, mathml, with_slots
from generator.formats.latex.formula_points import pointed, without_points
from generator.pdf.tags import SpokenFormula

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

    from generator.document.formula import AuthorSource, Sentence

REMEDY = "Say it in other words in  alt: …  beside it, which are read out then, or write  print: {tagged: false}."
ROW_END = r"\\"


def pointed_source(
    source: AuthorSource,
    latex_of: Callable[[Formula], str],
    spoken_of: Callable[[Formula], SpokenFormula],
    words_of: Callable[[Sentence], str],
) -> str:
    """The LaTeX, each formula in it between points; how formulas and the author's words are printed is given.

    Where one has no words, all of it is between two points, with the words that its author gives for it. Raises
    WorksheetError, without the place, if there are none.
    """
    text = [""]
    formulas: list[Formula] = []
    for part in source.parts:
        if isinstance(part, Formula):
            formulas.append(part)
            text.append("")
        else:
            text[-1] += part
    drawn = [latex_of(one) for one in formulas]

    def point(found: re.Match[str]) -> str:
        latex, is_display = inside(found)
        start, end = next(found.span(name) for name in INSIDES if found[name] is not None)
        written = found.string[start:end]
        if not SLOT_HERE.fullmatch(written.strip()):
            written = _pointed(written, _spoken(latex, formulas, spoken_of, display=is_display))
            written = SLOT_HERE.sub(lambda slot: without_points(drawn[int(slot[1])]), written)
        return found.string[found.start() : start] + written + found.string[end : found.end()]

    latex = with_slots(text)
    try:
        latex = MATH.sub(point, latex)
    except UnreadableFormula as error:
        if source.alt is None:
            raise WorksheetError(f"a tagged PDF needs words for {error.what}", remedy=REMEDY) from None
        latex = SLOT_HERE.sub(lambda slot: without_points(drawn[int(slot[1])]), latex)
        return pointed(latex, SpokenFormula(words_of(source.alt), ""))
    return SLOT_HERE.sub(lambda slot: drawn[int(slot[1])], latex)


def _spoken(
    latex: str, formulas: Sequence[Formula], spoken_of: Callable[[Formula], SpokenFormula], *, display: bool
) -> SpokenFormula:
    """A formula with others in its slots, for those who cannot see it."""
    known = [spoken_of(one) for one in formulas]
    named = mathml(latex, '<mslot n="{}"/>'.format, display=display)
    whole = mathml(latex, lambda number: known[number].mathml, display=display)
    return SpokenFormula(mathml_speech.words(named, [one.alt for one in known]), whole)


def _pointed(latex: str, spoken: SpokenFormula) -> str:
    """A formula between points, the second of which begins no row of its own behind the last one."""
    inner = latex.rstrip()
    last = len(inner) - len(ROW_END) if inner.endswith(ROW_END) else len(latex)
    return pointed(latex[:last], spoken) + latex[last:]
