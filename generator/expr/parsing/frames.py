r"""The frame of a function in a text: commands of presentation, a left side `f(x) =`, and domains such as `x \in R^n`.

Each keeps its place in the text: what says nothing of the function is replaced by spaces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from generator.errors import ExpressionError, InText
from generator.expr.functions import spelled_out
from generator.expr.parsing.brackets import SIGN_DEPTH

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_ENVIRONMENT = (
    r"\\(?:begin|end)\s*\{(?:equation|align|aligned|gather|gathered|split|multline|math|displaymath|eqnarray)\*?\}"
)
_LINES = re.compile(r"\\begin\s*\{(\w+)\}.*?\\end\s*\{\1\}|&|\\\\(?:\[[^\]]*\])?", re.DOTALL)
"""A matrix, or what parts the lines of an environment."""
_HIDDEN = re.compile(
    r"\\(?:tag|label)\*?\s*\{[^{}]*\}|\\(?:color|textcolor)\s*\{[^{}]*\}"
    r"|\\(?:nonumber|notag|boxed|displaystyle)(?![A-Za-z])"
)
_SCRIPT = re.compile(r"\s*[_^]\s*")
_BRACED = re.compile(r"\\(?:under|over)brace\s*(?=\{)")
_BELOW = re.compile(r"\\underset\s*\{([^{}]*)\}\s*\{\s*(\\[A-Za-z]+\*?(?:\s*\{[^{}]*\}|\s*\\[A-Za-z]+)?)\s*\}")
_OVER_SIGN = re.compile(r"\\(?:overset|stackrel)\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*\{?\s*=\s*\}?")

_SPACE = r"(?:\s|~|\\[,;:! ]|\\q?quad(?![A-Za-z]))*"
_FACE = r"\\(?:math[a-z]+|operatorname\*?|text[a-z]*|boldsymbol|bm|pmb|(?:wide)?(?:hat|tilde)|bar|overline)"
NAME = (
    rf"(?:{_FACE}\s*(?:\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}|\\[A-Za-z]+|[A-Za-z](?![A-Za-z]))|\\[A-Za-z]+|[A-Za-zΑ-ωϕϵ]+)"
)
"""A name without its index, perhaps set in a font."""
_SCRIPTS = r"(?:\s*[_^]\s*(?:\{[^{}]*\}|\\[A-Za-z]+|[\w*])|['′₀-₉])*"
_NAMED = re.compile(rf"{_SPACE}(?P<log>-?\s*\\?(?:ln|log)(?![A-Za-z])\s*)?(?P<name>{NAME})(?P<scripts>{_SCRIPTS})\s*")
"""The name of a function at the beginning, perhaps under a logarithm."""
_OPENING = re.compile(r"(?:\\left\s*|\\[bB]igg?l?\s*)?(\(|\[|\\\{)")
_CLOSING = re.compile(r"(?:\\right\s*|\\[bB]igg?r?\s*)?(\)|\]|\\\})")
_EQUALS = re.compile(rf"{_SPACE}(?::?=(?!=)|:\s*=|≡|≜|\\equiv(?![A-Za-z])|\\triangleq(?![A-Za-z])|\\coloneqq)")
_SET = r"(?:\\mathbb\s*\{?R\}?|\\R(?![A-Za-z])|ℝ|R(?=\^))"
_POWER = r"(?:\s*\^\s*(?:\{[^{}]*\}|\w)|[ⁿᵐᵏ])?"
_MAPS = re.compile(
    rf"{_SPACE}{NAME}\s*(?::|\\colon){_SPACE}{_SET}{_POWER}(?:\s*\\times\s*{_SET}{_POWER})*{_SPACE}"
    rf"(?:\\(?:to|rightarrow|longrightarrow)(?![A-Za-z])|→){_SPACE}{_SET}{_POWER}{_SPACE}[,;.]?{_SPACE}"
)
r"""f: R^n \to R before the function."""
_MAPSTO = re.compile(rf"{_SPACE}(?:{NAME}\s*(?::|\\colon){_SPACE})?{NAME}{_SCRIPTS}{_SPACE}(?:\\mapsto(?![A-Za-z])|↦)")
_DOMAIN = re.compile(
    rf"{_SPACE}(?:(?:,|;|\\text\s*\{{\s*(?:for|with|where|and|,)?\s*(?:all)?\s*\}}|\\forall(?![A-Za-z])|∀){_SPACE})*"
    rf"(?P<names>{NAME}{_SCRIPTS}(?:{_SPACE},{_SPACE}{NAME}{_SCRIPTS})*)"
    rf"{_SPACE}(?:\\in(?![A-Za-z])|∈){_SPACE}{_SET}(?:\s*\^\s*(?:\{{(?P<sides>[^{{}}]*)\}}|(?P<side>\w))|(?P<mark>[ⁿᵐᵏ]))?"
)
_BEFORE_DOMAIN = re.compile(r",|;|\\q?quad(?![A-Za-z])|\\text\s*\{\s*(?:for|with|where)|\\forall|∀")
_TIMES = re.compile(r"\s*(?:\\times(?![A-Za-z])|×)\s*")


def blank(found: re.Match[str] | str) -> str:
    """As many spaces as something is long."""
    return " " * len(found if isinstance(found, str) else found[0])


def presented(text: str) -> str:
    """A text without the commands of LaTeX that number it, colour it, or put braces below its parts."""
    if "\\" not in text:
        return text
    text, count = re.subn(_ENVIRONMENT, blank, text)
    if count:
        text = _LINES.sub(lambda m: m[0] if m[1] else blank(m), text)
    text = _HIDDEN.sub(blank, text)
    text = _BELOW.sub(lambda m: f"{m[2]}_{{{m[1]}}}".ljust(len(m[0])), text)
    text = _OVER_SIGN.sub(lambda m: "=".rjust(len(m[0])), text)
    while (brace := _BRACED.search(text)) is not None:
        end = closing_brace(text, brace.end()) + 1
        script = _SCRIPT.match(text, end)
        if script is not None:
            stop = (
                closing_brace(text, script.end()) + 1
                if text[script.end() : script.end() + 1] == "{"
                else script.end() + 1
            )
            text = text[:end] + " " * (stop - end) + text[stop:]
        text = text[: brace.start()] + blank(brace) + text[brace.end() :]
    return text


def closing_brace(text: str, opening: int) -> int:
    """Where the brace closes that opens at a place; the end of the text where it does not."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text)


FUNCTION_ALONE = "Write the function alone; an equation is a constraint beside it."
"""What to do about an equation in a function."""


def equation(text: str, begin: int, end: int) -> ExpressionError:
    """The error for a part of a text that is an equation."""
    return ExpressionError("an equation is no function", text=InText(text, begin, end), remedy=FUNCTION_ALONE)


class LeftSide(NamedTuple):
    """`f(x) =` at the beginning of something."""

    end: int
    """Where it ends; where it would begin, if there is none."""
    name: str = ""
    """The name of the function, without its index."""
    head: str = ""
    """The name with its index, as it is written; empty where its logarithm stands there."""
    arguments: str = ""
    """Its arguments, in their brackets."""


def left_side(text: str, begin: int = 0) -> LeftSide:
    """`f(x) =`, where it begins at a place."""
    named = _NAMED.match(text, begin)
    if named is None:
        return LeftSide(begin)
    end = _behind_brackets(text, named.end()) if _OPENING.match(text, named.end()) else named.end()
    sign = _EQUALS.match(text, end)
    if sign is None:
        return LeftSide(begin)
    head = text[named.start("name") : named.end()].strip() if named["log"] is None else ""
    return LeftSide(sign.end(), named["name"], head, text[named.end() : end])


def _behind_brackets(text: str, begin: int) -> int:
    """Where the bracket closes that opens at a place."""
    depth, at = 0, begin
    while at < len(text):
        if (opening := _OPENING.match(text, at)) is not None:
            depth, at = depth + 1, opening.end()
        elif (closing := _CLOSING.match(text, at)) is not None:
            depth, at = depth - 1, closing.end()
            if depth == 0:
                return at
        else:
            at += 1
    return begin


def without_mapping(text: str) -> str:
    r"""A text with spaces for `f: R^n \to R` or `x \mapsto` at its beginning."""
    for frame in (_MAPS, _MAPSTO):
        if (found := frame.match(text)) is not None:
            text = blank(found) + text[found.end() :]
    return text


def right_hand_side(text: str, known: Container[str | None]) -> str:
    """A text with spaces for `f(x) =` at its beginning, and for a full stop at its end."""
    end, name, _, arguments = left_side(text)
    if end and not arguments and re.fullmatch("[A-Z][a-z]", name):
        raise equation(text, 0, end)
    if end and spelled_out(re.sub(r"\\math[a-z]+|[\\{}\s]", "", name)) not in known:
        text = " " * end + text[end:]
    end = len(text.rstrip(" .,;"))
    return text[:end] + " " * (len(text) - end)


def sides_of(text: str) -> list[str]:
    """The sides of equations between equal functions, each in its place in the text; one where there is no equation."""
    depth, begins = 0, [0]
    for i, sign in enumerate(text):
        depth += SIGN_DEPTH.get(sign, 0)
        if depth == 0 and sign == "=" and not {*text[max(i - 1, 0) : i + 2]} & {*":<>!≡"} and "==" not in text:
            begins.append(i + 1)
    ends = [*(begin - 1 for begin in begins[1:]), len(text)]
    return [" " * begin + text[begin:end] for begin, end in zip(begins, ends, strict=True)]


def without_domains(text: str) -> tuple[str, dict[str, str]]:
    r"""A text without `x \in \mathbb{R}^n` at its end, and what that declares."""
    for sign in _BEFORE_DOMAIN.finditer(text):
        declared = dict(_domains(text, sign.start()))
        if declared:
            return text[: sign.start()] + " " * (len(text) - sign.start()), declared
    return text, {}


def _domains(text: str, begin: int) -> Iterator[tuple[str, str]]:
    """The names from a place to the end, and what each is declared as; nothing where something else stands there."""
    found: list[tuple[str, str]] = []
    while text[begin:].strip(" .,;$"):
        domain = _DOMAIN.match(text, begin)
        if domain is None:
            return
        sides = (domain["sides"] or domain["side"] or normalize("NFKC", domain["mark"] or "")).strip()
        parts = [part.strip("{} ") for part in _TIMES.split(sides)] if sides else []
        if len(parts) > 2 or not all(re.fullmatch(r"[A-Za-z]|\d+", part) for part in parts):
            return
        for name in re.split(rf"{_SPACE},{_SPACE}", domain["names"]):
            found.append((name.strip(), " x ".join(parts) or "scalar"))
        begin = domain.end()
    yield from found
