"""An author's own LaTeX as HTML: what statements are written in, with formulas by the library math-core.

Text may have paragraphs, emphasis, quotation marks, dashes, lists and escaped characters; formulas are what math-core
reads. Anything else is refused by name, since a page that left it out would ask something else than the paper.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from generator.errors import WorksheetError

if TYPE_CHECKING:
    from collections.abc import Sequence

REMEDY = "Say the same in  alt: …  beside it, which papers that are no PDF have instead, or leave HTML out."

SLOT = "\ufdd0{}\ufdd1"
"""What stands for a formula in a slot while LaTeX is read."""
SLOT_HERE = re.compile("\ufdd0(\\d+)\ufdd1")
MATH = re.compile(
    r"\$\$(?P<display>.+?)\$\$|(?<!\\)\$(?P<inline>.+?)(?<!\\)\$|\\\((?P<round>.+?)\\\)|\\\[(?P<square>.+?)\\\]"
    r"|\\begin\{(?P<name>equation|align|gather|displaymath|math)(?P<star>\*?)\}(?P<environment>.+?)\\end\{(?P=name)(?P=star)\}",
    re.DOTALL,
)
INSIDES = ("display", "inline", "round", "square", "environment")
ENTITY = re.compile(r"&(?!lt;|gt;|amp;|quot;|apos;|#)(\w+);")

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


def converted(parts: Sequence[str], formulas: Sequence[str]) -> str:
    """LaTeX as HTML; between its parts stand formulas, whose MathML is given.

    Raises WorksheetError for what cannot be converted, without the place.
    """
    latex = parts[0] + "".join(SLOT.format(i) + part for i, part in enumerate(parts[1:]))
    held: list[str] = []

    def hold(m: re.Match[str]) -> str:
        is_display = any(m[name] is not None for name in ("display", "square")) or (m["name"] or "math") != "math"
        inside = next(m[name] for name in INSIDES if m[name] is not None)
        if m["name"] in ("align", "gather"):
            inside = rf"\begin{{{m['name']}ed}}{inside}\end{{{m['name']}ed}}"
        markup = _math(inside, formulas, display=is_display)
        held.append(f'<span class="display">{markup}</span>' if is_display else markup)
        return f"\ufdd2{len(held) - 1}\ufdd3"

    def hold_slot(m: re.Match[str]) -> str:
        held.append(f"<math>{formulas[int(m[1])]}</math>")
        return f"\ufdd2{len(held) - 1}\ufdd3"

    text = MATH.sub(hold, latex)
    return _text(SLOT_HERE.sub(hold_slot, text), held)


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML()


def _math(latex: str, formulas: Sequence[str], *, display: bool) -> str:
    """A formula as MathML, with those in its slots as they are."""
    alone = SLOT_HERE.fullmatch(latex.strip())
    if alone:
        return f"<math>{formulas[int(alone[1])]}</math>"
    from math_core import LatexError

    words = SLOT_HERE.sub(r"{\\text{slot \1.}}", latex)
    try:
        markup: str = _converter().convert_with_local_state(words, displaystyle=display)
    except LatexError as error:
        shown = SLOT_HERE.sub("<<…>>", latex).strip()
        raise WorksheetError(f"HTML cannot have the formula ${shown}$: {_reason(error)}", remedy=REMEDY) from None
    markup = ENTITY.sub(lambda m: escape(_unescaped(m[0])), markup)
    return re.sub(r"<mtext>slot (\d+)\.</mtext>", lambda m: formulas[int(m[1])], markup.replace("\u00a0", " "))


COLOR = re.compile(r"\x1b\[[0-9;]*m")


def _reason(error: Exception) -> str:
    """The first line of an error of math-core, which goes on with a drawing in colors."""
    first = COLOR.sub("", str(error)).strip().splitlines()[0].removeprefix("Error: ").rstrip(".")
    return first[:1].lower() + first[1:]


def _unescaped(entity: str) -> str:
    from html import unescape

    return unescape(entity)


def _text(text: str, held: Sequence[str]) -> str:
    """Text mode as HTML: paragraphs within which formulas stand as they were made."""
    pieces: list[str] = []
    ends: list[str] = []
    at = 0
    while at < len(text):
        m = TOKEN.match(text, at)
        if m is None:
            raise WorksheetError(f"HTML cannot have the text {text[at : at + 20]!r}", remedy=REMEDY)
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
                raise WorksheetError("a } in the statement has no {", remedy="Remove it, or write \\}.")
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
    return WorksheetError(f"HTML cannot have {what}, which it does not know", remedy=REMEDY)


def paragraphs(markup: str) -> str:
    """Paragraphs, between which empty lines stand, as such; a single one stays as it is."""
    found = [one.strip() for one in re.split(r"\n\s*\n", markup) if one.strip()]
    return found[0] if len(found) == 1 else '<span class="paragraph"></span>'.join(found)
