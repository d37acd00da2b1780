r"""Whole questions, such as `d/dX tr(AX)` or `\nabla_x^2 (x'Ax)`: the function, the variable and the order.

The function keeps its place in the text: what asks for the derivative is replaced by spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unicodedata import normalize

from generator.errors import ExpressionError, InText
from generator.expr.parsing.brackets import SIGN_DEPTH
from generator.expr.parsing.frames import blank, closing_brace, left_side, presented, right_hand_side, without_mapping
from generator.expr.parsing.lexer import normal_name

if TYPE_CHECKING:
    from collections.abc import Container

_FACE = r"\\(?:mathbf|boldsymbol|bm|pmb|vec|mathrm|mathit|hat|tilde|bar)\s*(?:\{\s*\\?[A-Za-z]+\s*\}|[A-Za-z])"
_INDEX = r"(?:_(?:\{[^{}]*\}|[A-Za-z0-9])|\^\{(?:\(\w+\)|\[\w+\])\})?[₀-₉]*"
_NAME = rf"(?:{_FACE}|\\[A-Za-z]+|[A-Za-zΑ-ωϕϵ][A-Za-z0-9]*){_INDEX}"
_LETTER = rf"(?:{_FACE}|\\[A-Za-z]+|[A-Za-zΑ-ωϕϵ])"
_D = r"(?:\\partial|∂|\\(?:mathrm|text|operatorname)\s*\{\s*d\s*\}|\\mathrm\s+d|\{\s*\\rm\s+d\s*\}|(?<![A-Za-z\\])d)"
_SQUARE = r"(?:\s*\^\s*(?:2|\{\s*2\s*\})|²)"
_MARK = r"\s*(?:\^\s*(?:T|\\top|\{\s*(?:T|\\top|\\math\w+\s*\{?T\}?|\\prime|')\s*\})|['ᵀ⊤])"
_BELOW = rf"{_D}\s*(?P<name>{_NAME})\s*(?:(?P<square>{_SQUARE})|{_D}\s*(?P<again>{_NAME}))?(?P<mark>{_MARK})?"

_BEGINNING = re.compile(r"\s*(?:\$\$?|\\\(|\\\[)?\s*(?:\\displaystyle)?\s*")
_FRACTION = re.compile(r"\\[dtc]?frac\s*(?=\{)")
_ABOVE = re.compile(rf"\s*{_D}(?P<square>{_SQUARE})?\s*")
_DENOMINATOR = re.compile(rf"\s*{_BELOW}\s*")
_SLASH = re.compile(rf"(?P<open>\()?\s*{_D}(?P<above>{_SQUARE})?\s*/\s*{_BELOW}(?(open)\s*\))")
_AROUND = re.compile(
    rf"{_D}(?P<above>{_SQUARE})?(?=[\s(\[{{|‖∥\\]|tr|det|log|ln)(?P<body>.*)/\s*{_BELOW}(?P<end>\s*[$.]*)", re.DOTALL
)
_NABLA = re.compile(
    rf"(?P<sign>\\nabla|∇|\\partial|∂)(?P<before>{_SQUARE})?"
    rf"(?:\s*_\s*(?:\{{\s*(?P<braced>{_NAME})\s*\}}|(?P<short>{_LETTER})(?![a-z]))|(?P<low>[ₐₓᵦ]))?"
    rf"(?P<behind>{_SQUARE})?"
)
_D_OF = re.compile(rf"D_(?:\{{\s*(?P<braced>{_NAME})\s*\}}|(?P<short>{_LETTER}))(?=\s*(?:\\left\s*)?[(\[])")
_TOTAL = re.compile(
    r"\\(?:mathrm|operatorname|text)\s*\{\s*d\s*\}(?=\s*(?:\\left\s*)?[(\[])|\\mathrm\s+d(?=\s*(?:\\left\s*)?[(\[])"
)
_OPTIMUM = re.compile(
    r"\\arg\s*(?:\\[,;!:]\s*)?\\(?:min|max)|\\(?:min|max|argmin|argmax)(?=\s*(?:\\limits\s*)?_)"
    r"|\\(?:operatorname\*?|mathop|text|mathrm)\s*\{\s*(?:(?:\\?arg)?(?:\s|\\[,;!])*\\?(?:min|max)(?=[^{}]*\}\s*_)|(?:min|max)imi[sz]e)\s*:?\s*\}"
)
_OVER = re.compile(r"\s*(?:\\limits)?\s*_\s*(?:\{(?P<braced>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}|(?P<short>\\?[A-Za-z]+))")
_ASKS = re.compile(
    r"(?:\\text\s*\{\s*)?(?:(?:the|find|compute|calculate)\s+)*"
    r"(?P<what>derivative|gradient|hessian|jacobian|differentiate)(?:\s+of)?(?:\s*\}|\s|(?=\$))(?=\s*\S)",
    re.IGNORECASE,
)
_BY = re.compile(
    rf"[\s,]*(?:\\text\s*\{{\s*|\\quad\s*)*(?:w\.?\s*r\.?\s*t\.?|with\s+respect\s+to)(?:\s*\}}|[\s~])\s*\$?\s*(?P<name>{_NAME})(?P<end>[\s$.?]*)$"
)
_CONSTRAINT = re.compile(
    r"\\text\s*\{[^{}]*(?:s\.\s*t\.|subject\s+to)|(?<![A-Za-z])(?:s\.\s*t\.|subject\s+to)(?![A-Za-z])"
)
_END = re.compile(r"\s*=\s*\??\s*(?=\$*\s*$)")


@dataclass(frozen=True)
class Asked:
    """A function, and the variable and the order of its derivative as far as the text names them."""

    function: str
    wrt: str | None = None
    among: tuple[str, ...] = ()
    """The variables of a smallest or largest value, of which the derivative is by one."""
    order: int = 0
    """1 for a derivative, 2 for a second one; 0 where the text is the function alone."""
    notes: tuple[str, ...] = ()


def asked(text: str, declared: Container[str] = ()) -> Asked:
    """What a text asks for; raises `ExpressionError`, with the place, where it is not clear how far it goes."""
    constraint = _CONSTRAINT.search(text)
    if constraint is not None:
        raise ExpressionError(
            "a constraint is no part of a function",
            text=InText(text, constraint.start(), len(text)),
            remedy="Write it beside the function, under `subject_to`, as in x'x = 1.",
        )
    text = presented(text)
    named, text = _by(text)
    start = _BEGINNING.match(text)
    begin = start.end() if start is not None else 0
    if "d" in declared and not re.match(r"\\|∂|∇", text[begin:]):
        return Asked(text, named)
    within = replace(_unframed(text, begin, declared), wrt=named) if named else _unframed(text, begin, declared)
    text = within.function
    found = _operator(text, begin + len(text[begin:]) - len(text[begin:].lstrip()))
    if found is None:
        return within
    body, name, order, sign = _behind_equation(text, found)
    last = _END.search(text, body.start)
    stop = min(body.stop, last.start() if last is not None else body.stop)
    function = " " * body.start + text[body.start : stop] + " " * (len(text) - stop)
    function = text[:begin].replace("\\displaystyle", " " * 13) + function[begin:]
    if stop < len(text) and (closing := re.search(r"(\$\$?|\\\)|\\\])\s*$", text[stop:])) is not None and begin:
        function = function[: stop + closing.start()] + text[stop + closing.start() :]
    notes = _scope(text, slice(body.start, stop), sign) if body.stop == len(text) else ()
    return Asked(function, normal_name(name) if name else within.wrt, within.among, order, (*within.notes, *notes))


def _unframed(text: str, begin: int, declared: Container[str]) -> Asked:
    """The function within `f(x) =`, words and a sign such as `min_x`, which begin at a place."""
    whole = Asked(text)
    for frame in (_named, _asks, _optimum, _total):
        behind = whole.function[begin:].lstrip()
        one = frame(behind, declared)
        if one.function != behind:
            whole = Asked(
                whole.function[: len(text) - len(behind)] + one.function,
                whole.wrt or one.wrt,
                whole.among or one.among,
                max(whole.order, one.order),
                (*whole.notes, *one.notes),
            )
    return whole


def _by(text: str) -> tuple[str | None, str]:
    """The variable that stands at the end, as in `w.r.t. X`, and the text without it."""
    found = _BY.search(text)
    if found is None:
        return None, text
    begin, end = found.span()[0], found.start("end")
    return normal_name(found["name"]), text[:begin] + " " * (end - begin) + text[end:]


def _named(text: str, declared: Container[str]) -> Asked:
    """`f(x) =` before an operator or a smallest value; that before any other function is read with it."""
    end, *_ = left_side(text)
    behind = text[end:].lstrip()
    is_operator = bool(end) and (
        _operator(text, len(text) - len(behind)) is not None or _OPTIMUM.match(behind) is not None
    )
    return Asked(right_hand_side(without_mapping(text), declared) if is_operator else text)


def _asks(text: str, declared: Container[str]) -> Asked:
    """`derivative of` in words before a function."""
    found = _ASKS.match(text)
    if found is None or found["what"] in declared:
        return Asked(text)
    return Asked(blank(found) + text[found.end() :], order=2 if found["what"].lower() == "hessian" else 1)


def _optimum(text: str, declared: Container[str]) -> Asked:
    r"""The function behind `\min_w`, of which the derivative is by w."""
    found = _OPTIMUM.match(text)
    if found is None:
        return Asked(text)
    over = _OVER.match(text, found.end())
    end = over.end() if over is not None else found.end()
    written = (over["braced"] or over["short"]) if over is not None else ""
    among = tuple(normal_name(name.strip()) for name in written.split(",") if name.strip())
    note = f"The function is what stands behind {text[:end].strip()}; where it is stationary is another question."
    return Asked(" " * end + text[end:], among[0] if len(among) == 1 else None, among, 0, (note,))


def _total(text: str, declared: Container[str]) -> Asked:
    """The argument of an upright d that stands before the whole text."""
    found = _TOTAL.match(text)
    if found is None or not _is_whole(text, found.end()):
        return Asked(text)
    return Asked(blank(found) + text[found.end() :], notes=("The function is that in the brackets behind d.",))


def _is_whole(text: str, begin: int) -> bool:
    """The bracket that opens at a place closes at the end."""
    depth = 0
    for i, sign in enumerate(text[begin:], begin):
        depth += SIGN_DEPTH.get(sign, 0)
        if depth == 0 and sign in ")]":
            return not text[i + 1 :].strip(" .,;$")
    return False


def _operator(text: str, begin: int) -> _Found | None:
    return (
        _fraction(text, begin)
        or _slash(text, begin)
        or _around(text, begin)
        or _nabla(text, begin)
        or _capital(text, begin)
    )


def _behind_equation(text: str, found: _Found) -> _Found:
    """The second operator of `∇f(x) = ∇ x'Ax`; raises `ExpressionError` where the right-hand side has none."""
    end, *_ = left_side(text, found[0].start)
    if end <= found[0].start:
        return found
    start = len(text) - len(text[end:].lstrip())
    second = _operator(text, start)
    if second is None or (second[2], bool(second[1]) and second[1]) != (found[2], bool(second[1]) and found[1]):
        raise ExpressionError(
            "both sides of an equation ask for the same derivative",
            text=InText(text, found[0].start, len(text)),
            remedy="Write the function alone, or the operator and the function behind it.",
        )
    return second[0], second[1] or found[1], *second[2:]


_Found = tuple[slice, str, int, str]


def _fraction(text: str, begin: int) -> _Found | None:
    """An operator as a fraction, with the function behind it or in its numerator."""
    sign = _FRACTION.match(text, begin)
    if sign is None:
        return None
    above = _braced(text, sign.end())
    gap = re.compile(r"\s*").match(text, above.stop + 1)
    at = gap.end() if gap is not None else above.stop + 1
    below = _braced(text, at) if text[at : at + 1] == "{" else None
    top = _ABOVE.match(text, above.start, above.stop)
    bottom = _DENOMINATOR.fullmatch(text, below.start, below.stop) if below is not None else None
    if top is None or bottom is None or below is None:
        return None
    order = _order(text, top["square"], bottom)
    if top.end() == above.stop:
        return slice(below.stop + 1, len(text)), bottom["name"], order, text[begin : below.stop + 1]
    if text[below.stop + 1 :].strip(" $.,"):
        return None
    return slice(top.end(), above.stop), bottom["name"], order, ""


def _slash(text: str, begin: int) -> _Found | None:
    """d/dX, and the function behind it."""
    sign = _SLASH.match(text, begin)
    if sign is None or not text[sign.end() :].strip(" $.)"):
        return None
    return slice(sign.end(), len(text)), sign["name"], _order(text, sign["above"], sign), sign[0]


def _around(text: str, begin: int) -> _Found | None:
    """d(…)/dX, with the function between."""
    found = _AROUND.fullmatch(text, begin)
    if found is None:
        return None
    return slice(found.start("body"), found.end("body")), found["name"], _order(text, found["above"], found), ""


def _nabla(text: str, begin: int) -> _Found | None:
    """∇_X, ∂_X or, where the variable is named elsewhere, ∇, and the function behind it."""
    sign = _NABLA.match(text, begin)
    if sign is None:
        return None
    name = sign["braced"] or sign["short"] or normalize("NFKC", sign["low"] or "")
    if not name and sign["sign"] not in ("\\nabla", "∇"):
        return None
    order = 2 if sign["before"] or sign["behind"] else 1
    return slice(sign.end(), len(text)), name, order, sign[0]


def _capital(text: str, begin: int) -> _Found | None:
    """D_x, where all that stands behind it is in brackets."""
    sign = _D_OF.match(text, begin)
    if sign is None or not _is_whole(text, sign.end()):
        return None
    return slice(sign.end(), len(text)), sign["braced"] or sign["short"], 1, sign[0]


def _order(text: str, above: str | None, below: re.Match[str]) -> int:
    """1 or 2; both parts of an operator say the same, and the variable is no row."""
    twice = bool(below["square"] or below["again"])
    place = InText(text, below.start(), below.end())
    if twice != bool(above) or (below["again"] and normal_name(below["again"]) != normal_name(below["name"])):
        raise ExpressionError(
            "which derivative is asked for is not clear",
            text=place,
            remedy="A second one is d^2/dx^2 or d^2/(dx dx^T).",
        )
    if below["mark"] and not twice:
        raise ExpressionError(
            "the derivative by a row is not read",
            text=place,
            remedy="Name the column; the layout `numerator` gives the derivative as a row.",
        )
    return 2 if twice else 1


def _braced(text: str, opening: int) -> slice:
    """What stands between a brace and the one that closes it."""
    return slice(opening + 1, closing_brace(text, opening))


def _scope(text: str, body: slice, operator: str) -> tuple[str, ...]:
    """A note where the operator is of a sum; refused where brackets end before the sum does."""
    depth, ended = 0, -1
    written = text[body]
    first = len(written) - len(written.lstrip())
    for i, sign in enumerate(written):
        depth += SIGN_DEPTH.get(sign, 0)
        if depth == 0 and sign in ")]}" and ended < 0 and written[first] in "([{":
            ended = i
        if depth == 0 and sign in "+-−" and written[:i].strip() and written[:i].rstrip()[-1] not in "^_*/=({[":
            if ended >= 0:
                raise ExpressionError(
                    "it is not clear how far the derivative goes",
                    text=InText(text, body.start, body.stop),
                    remedy="Put brackets around the whole function.",
                )
            return (f"The derivative is of all that stands behind {operator.strip()}.",)
    return ()
