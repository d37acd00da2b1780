"""An author's own LaTeX as HTML: what statements are written in, with formulas by the library math-core.

Text may have paragraphs, emphasis, quotation marks, dashes, lists and escaped characters; formulas are what math-core
reads. Anything else is refused by name, since a page that left it out would ask something else than the paper.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from generator.document.pictures import included
from generator.errors import WorksheetError
from generator.formats.author_math import SLOT_HERE, WITH_FIGURES, UnreadableFormula, alternative, inside, mathml
from generator.formats.html.images import image

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.document.pictures import Included

FIGURE_REMEDY = r"Say what it shows:  \includegraphics[alt={{What it shows}}]{{{}}}.  Or leave HTML out."
REMEDY = (
    "Say all of it in other words in  {alt}  beside it, which papers that are no PDF have instead, or leave HTML out."
)
REMEDY_WITHOUT_ALT = "Correct it, write it in LaTeX that can be converted, or leave HTML out."

TAGS = {"emph": "em", "textit": "em", "textbf": "strong", "texttt": "code", "underline": "u", "textsc": "span"}
"""Commands of text with one argument, and the elements that they become."""
SIGNS = {
    "ldots": "…", "dots": "…", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "ss": "ß",
    "quad": "\u2003", "qquad": "\u2003\u2003", "enspace": "\u2002", "noindent": "", "par": "\n\n", "textless": "<",
    "textgreater": ">", "smallskip": "\n\n", "medskip": "\n\n", "bigskip": "\n\n", "newline": "\\\\",
}  # fmt: skip
"""Commands of text that stand for characters, or for a new paragraph."""
QUOTES = [("``", "“"), ("''", "”"), ("`", "‘"), ("'", "’"), ("---", "—"), ("--", "–"), ("~", "\u00a0")]
LISTS = {"itemize": "ul", "enumerate": "ol"}
TOKEN = re.compile(
    r"(?P<comment>(?<!\\)%[^\n]*\n?\s*)|(?P<held>\ufdd2\d+\ufdd3)|\\(?P<begin>begin|end)\{(?P<list>\w+\*?)\}|\\item\b\s*(?P<item>)"
    r"|\\(?P<command>[A-Za-z]+)\*?\s*|\\(?P<character>[^A-Za-z])|(?P<open>\{)|(?P<close>\})|(?P<break>\n\s*\n)|(?P<text>[^\\{}%\n\ufdd2]+|\n)"
)


class UnconvertibleError(WorksheetError):
    """LaTeX that HTML cannot have; it has no place, which the caller knows."""

    def __init__(self, what: str) -> None:
        super().__init__(f"HTML cannot have {what}", remedy=REMEDY_WITHOUT_ALT)


def converted(
    latex: str, placed: Callable[[str, bool], str], formulas: Sequence[str] = (), spoken: Sequence[str] = ()
) -> str:
    """LaTeX as HTML; the formulas in its slots are given in MathML, and in words.

    `placed` says what stands in the text for the markup of a formula, which is on a line of its own or not.

    Raises UnconvertibleError, or another WorksheetError for braces that do not match, without the place.
    """
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        if found["file"] is not None:
            held.append(_figure(included(found), spoken))
        else:
            latex, is_display = inside(found)
            held.append(placed(_math(latex, formulas, display=is_display), is_display))
        return f"\ufdd2{len(held) - 1}\ufdd3"

    def hold_slot(m: re.Match[str]) -> str:
        held.append(placed(f"<math>{formulas[int(m[1])]}</math>", False))
        return f"\ufdd2{len(held) - 1}\ufdd3"

    text = WITH_FIGURES.sub(hold, latex)
    return _text(SLOT_HERE.sub(hold_slot, text), held)


def _figure(figure: Included, spoken: Sequence[str]) -> str:
    """A figure as an element; the formulas in slots of its words are given in words."""
    if figure.alt is None:
        raise WorksheetError(f"HTML needs words for the figure {figure.file}", remedy=FIGURE_REMEDY.format(figure.file))
    return image(figure.file, alternative(figure.alt, spoken), figure.options)


def _math(latex: str, formulas: Sequence[str], *, display: bool) -> str:
    """A formula as MathML, with those in its slots as they are."""
    try:
        block = ' display="block"' if display else ""
        return f"<math{block}>{mathml(latex, formulas.__getitem__, display=display)}</math>"
    except UnreadableFormula as error:
        raise UnconvertibleError(error.what) from None


def _text(text: str, held: Sequence[str]) -> str:
    """Text mode as HTML: paragraphs within which formulas stand as they were made."""
    pieces: list[str] = []
    ends: list[str] = []
    at = 0
    while at < len(text):
        m = TOKEN.match(text, at)
        if m is None:
            raise UnconvertibleError(f"the text {text[at : at + 20]!r}")
        at = m.end()
        if m["held"]:
            pieces.append(held[int(m["held"][1:-1])])
        elif m["begin"]:
            if m["list"] not in LISTS:
                raise _unknown(rf"\{m['begin']}{{{m['list']}}}")
            tag = LISTS[m["list"]]
            if m["begin"] == "begin":
                pieces.append(f"<{tag}>")
            else:
                pieces.append(f"</li></{tag}>")
        elif m["item"] is not None:
            pieces.append("<li>" if pieces and pieces[-1] in ("<ul>", "<ol>") else "</li><li>")
        elif m["command"]:
            name = m["command"]
            if name in SIGNS:
                pieces.append(SIGNS[name])
            elif name in TAGS and text[at : at + 1] == "{":
                at += 1
                pieces.append(f"<{TAGS[name]}>")
                ends.append(f"</{TAGS[name]}>")
            else:
                raise _unknown("\\" + name)
        elif m["character"]:
            pieces.append({"\\": "<br>", ",": "\u2009", " ": " ", "-": "\u00ad", "/": ""}.get(m["character"], ""))
            if m["character"] in "%&_#${}":
                pieces[-1] = escape(m["character"])
            elif not pieces[-1] and m["character"] != "/":
                raise _unknown("\\" + m["character"])
        elif m["open"]:
            ends.append("")
        elif m["close"]:
            if not ends:
                raise WorksheetError("a } has no {", remedy="Remove it, or write \\}.")
            pieces.append(ends.pop())
        elif m["break"]:
            pieces.append("\n\n")
        elif m["text"]:
            words = m["text"]
            for typed, meant in QUOTES:
                words = words.replace(typed, meant)
            pieces.append(escape(words, quote=False))
    return paragraphs("".join(pieces))


def _unknown(what: str) -> WorksheetError:
    return UnconvertibleError(f"{what}, which it does not know")


def paragraphs(markup: str) -> str:
    """Paragraphs, between which empty lines stand, as such; a single one stays as it is."""
    found = [one.strip() for one in re.split(r"\n\s*\n", markup) if one.strip()]
    return found[0] if len(found) == 1 else '<span class="paragraph"></span>'.join(found)
