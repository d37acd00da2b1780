"""Formulas in an author's own LaTeX as MathML, by the library math-core."""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from generator.document.pictures import INCLUDED
from generator.errors import WorksheetError
from generator.formats import mathml_speech
from generator.problems.equations import ENVIRONMENTS, TAG, WITHOUT_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.document.formula import AuthorSource, Formula

ALIGNED = {
    **dict.fromkeys(("align", "flalign", "alignat"), "aligned"),
    **dict.fromkeys(("gather", "multline"), "gathered"),
}
"""Environments within a formula for those that make it a display of several rows."""
SLOT = "\ufdd0{}\ufdd1"
"""What stands for a formula of the worksheet while LaTeX is read."""
SLOT_HERE = re.compile("\ufdd0(\\d+)\ufdd1")
MATH = re.compile(
    r"\$\$(?P<display>.+?)\$\$|(?<!\\)\$(?P<inline>.+?)(?<!\\)\$|\\\((?P<round>.+?)\\\)|\\\[(?P<square>.+?)\\\]"
    rf"|\\begin\{{(?P<name>{'|'.join(ENVIRONMENTS)}|displaymath|math)(?P<star>\*?)\}}(?:\{{\d+\}})?"
    r"(?P<environment>.+?)\\end\{(?P=name)(?P=star)\}",
    re.DOTALL,
)
WITH_FIGURES = re.compile(f"{INCLUDED.pattern}|{MATH.pattern}", re.DOTALL)
"""A figure or a formula: one that is in the words for a figure, or a figure in a formula, is a part of the other."""
SPLIT = re.compile(r"\\(begin|end)\{split\}")
INSIDES = ("display", "inline", "round", "square", "environment")
"""The groups of `MATH` of which one has the formula."""
ENTITY = re.compile(r"&(?!lt;|gt;|amp;|quot;|apos;|#)(\w+);")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
SLOT_ELEMENT = '<mslot n="{}"/>'
"""The placeholder, in MathML to be spoken, of a formula of the worksheet."""
ESCAPED = re.compile(r"\\([%&_#${}])|\\[A-Za-z]+\s*|[{}]")
"""In the words for a figure, a character that LaTeX has a backslash for; commands and braces, which are left out."""
IN_MATHML = re.compile(r"<mtext>slot (\d+)\.</mtext>")
TAG_IN_MATHML = re.compile(r"<mtext>tag (\d+)\.</mtext>")


class UnreadableFormula(WorksheetError):
    """A formula that math-core does not read, or a figure without words; it has no place, which the format knows."""


def with_slots(source: AuthorSource) -> tuple[str, list[Formula]]:
    """An author's LaTeX with a slot for each formula of the worksheet, and these in the order of their numbers."""
    formulas: list[Formula] = []
    pieces: list[str] = []
    for part in source.parts:
        if isinstance(part, str):
            pieces.append(part)
        else:
            pieces.append(SLOT.format(len(formulas)))
            formulas.append(part)
    return "".join(pieces), formulas


def filled(latex: str, formula: Callable[[int], str]) -> str:
    """LaTeX with something in its slots, by their numbers."""
    return SLOT_HERE.sub(lambda slot: formula(int(slot[1])), latex)


def inside(found: re.Match[str]) -> tuple[str, bool]:
    """The formula of a match of `MATH` as math-core reads it, and whether it is displayed."""
    is_display = any(found[name] is not None for name in ("display", "square")) or (found["name"] or "math") != "math"
    latex = next(found[name] for name in INSIDES if found[name] is not None)
    if name := ALIGNED.get(found["name"] or ""):
        latex = rf"\begin{{{name}}}{latex}\end{{{name}}}"
    return SPLIT.sub(r"\\\1{aligned}", WITHOUT_NUMBER.sub("", latex)), is_display


def alternative(alt: str, slots: Sequence[str]) -> str:
    """The words for a figure in LaTeX, with its formulas in words; those in its slots are given.

    Raises UnreadableFormula.
    """

    def said(found: re.Match[str]) -> str:
        return mathml_speech.words(mathml(inside(found)[0], SLOT_ELEMENT.format, display=False), slots)

    return ESCAPED.sub(lambda found: found[1] or "", filled(MATH.sub(said, alt), slots.__getitem__)).replace("~", " ")


def mathml(latex: str, formula: Callable[[int], str], *, display: bool) -> str:
    """What stands in <math> for a formula with slots, whose MathML `formula` gives by their numbers.

    Raises UnreadableFormula.
    """
    if alone := SLOT_HERE.fullmatch(latex.strip()):
        return formula(int(alone[1]))
    from math_core import LatexError

    numbers: list[str] = []

    def hold(found: re.Match[str]) -> str:
        number = found[2].replace("$", "").strip()
        if "\\" in number:
            raise UnreadableFormula(f"the number {found[0]}, which is no plain text")
        numbers.append(number if found[1] else f"({number})")
        return rf"\quad{{\text{{tag {len(numbers) - 1}.}}}}"

    words = TAG.sub(hold, SLOT_HERE.sub(r"{\\text{slot \1.}}", latex))
    try:
        markup: str = _converter().convert_with_local_state(words, displaystyle=display)
    except LatexError as error:
        shown = SLOT_HERE.sub("<<…>>", latex).strip()
        raise UnreadableFormula(f"the formula ${shown}$: {_reason(error)}") from None
    markup = ENTITY.sub(lambda found: escape(unescape(found[0])), markup).replace("\u00a0", " ")
    markup = TAG_IN_MATHML.sub(
        lambda found: f'<mtext class="{mathml_speech.NUMBER}">{escape(numbers[int(found[1])])}</mtext>', markup
    )
    return IN_MATHML.sub(lambda found: formula(int(found[1])), markup[markup.index(">") + 1 : markup.rindex("<")])


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML()


def _reason(error: Exception) -> str:
    """The first line of an error of math-core, which goes on with a drawing in colors."""
    first = COLOR.sub("", str(error)).strip().splitlines()[0].removeprefix("Error: ").rstrip(".")
    return first[:1].lower() + first[1:]
