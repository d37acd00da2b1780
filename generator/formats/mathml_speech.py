"""MathML in words: formulas of which no more is known than how they look, as authors write them in LaTeX.

A script or a fraction says its own end where it is more than one sign, as in the words of expressions.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIGNS: Final = {
    "+": "plus", "−": "minus", "-": "minus", "=": "equals", "≠": "is not equal to", "≤": "is at most",
    "≥": "is at least", "<": "is less than", ">": "is greater than", "≈": "is about", "≡": "is identical to",
    "∝": "is proportional to", "±": "plus or minus", "·": "times", "⋅": "times", "×": "by", "⊙": "Hadamard",
    "∘": "composed with", "⊗": "Kronecker", "/": "over", "∈": "in", "∉": "not in", "⊂": "is a subset of",
    "⊆": "is a subset of or equal to", "∪": "union", "∩": "intersected with", "→": "to", "↦": "is mapped to",
    "⇒": "implies", "⇔": "if and only if", "∀": "for all", "∃": "there is", "∞": "infinity", "∂": "partial",
    "∇": "nabla", "∑": "sum", "∏": "product", "∫": "integral", "(": "open paren", ")": "close paren",
    "[": "open bracket", "]": "close bracket", "{": "open brace", "}": "close brace", "|": "bar", "∣": "bar",
    "‖": "double bar", "∥": "double bar", "⟨": "open angle", "⟩": "close angle", ",": ",", ";": ";", ":": "colon",
    ".": ".", "…": "and so on", "⋯": "and so on", "⋮": "and so on", "⋱": "and so on", "!": "factorial", "′": "prime",
    "⊤": "transpose", "⊥": "perpendicular", "†": "dagger", "*": "star", "∗": "star", "ˆ": "hat", "^": "hat",
    "~": "tilde", "˜": "tilde", "¯": "bar", "‾": "bar", "˙": "dot", "⊕": "direct sum", "≻": "succeeds",
    "⪰": "succeeds or equals", "≺": "precedes", "⪯": "precedes or equals", "ℓ": "ell", "∖": "without",
    "∅": "the empty set",
    "%": "percent", "″": "double prime", "‴": "triple prime",
    "\u2061": "of", "\u2062": "", "\u2063": "", "\u2064": "plus",
}  # fmt: skip
"""Signs, and letters that are signs, in words."""
POWERS: Final = {
    "2": "squared",
    "3": "cubed",
    "transpose": "transpose",
    "prime": "prime",
    "star": "star",
    "dagger": "dagger",
    "double prime": "double prime",
    "triple prime": "triple prime",
    "minus 1": "inverse",
    "minus transpose": "inverse transpose",
}
"""Exponents that are said behind what they belong to, by their words."""
FUNCTIONS: Final = {
    "Tr": "trace",
    "tr": "trace",
    "det": "determinant",
    "exp": "exponential",
    "diag": "diag",
    "vec": "vec",
}
SUMS: Final = {name: name for name in ("sum", "product", "integral", "max", "min", "sup", "inf", "arg max", "arg min")}
SUMS["lim"] = "limit"
"""Operators whose scripts are bounds, with what they are called."""
ACCENTS: Final = {"̲": "bar", "̅": "bar", "⃗": "arrow", "→": "arrow", "⏞": "brace", "⏟": "brace", "¨": "two dots"}
"""Signs above or below a formula, in words, where these are others than elsewhere."""
SET_OF_NUMBERS: Final = re.compile("[ℂℕℚℝℤ]")
"""Letters of sets, whose powers are said without more words: R n, R m by n."""
DOTS: Final = [".", ".", "."]
NUMBER: Final = "equation-number"
"""The class of the number of an equation in MathML."""
INVISIBLE: Final = "\u2063"
"""The invisible character that closes a one-sided fence."""
VARIANT: Final = "\ufe00"
"""Chooses a shape of the letter before it."""
OF: Final = SIGNS["\u2061"]
CASES: Final = 3
"""A fence on the left, a table, and none on the right."""
STYLES: Final = re.compile(r"\b(mathematical|small|letter|symbol|italic|greek|latin)\b ?")


def words(mathml: str, formulas: Sequence[str] = ()) -> str:
    """What stands in <math>, in words; `formulas` are those of its slots, <mslot n="3"/>, which are known in words."""
    return _Reader(formulas).row(ElementTree.fromstring(f"<math>{mathml}</math>"))


class _Reader:
    def __init__(self, formulas: Sequence[str]) -> None:
        self.formulas = formulas

    def row(self, nodes: Iterable[ElementTree.Element]) -> str:
        """Formulas beside each other."""
        some = list(nodes)
        signs = [(one.text or "").strip() if one.tag == "mo" else "" for one in some]
        if len(some) == CASES and signs[0] == "{" and some[1].tag == "mtable" and signs[2] in ("", INVISIBLE):
            return f"the cases; {'; '.join(self.cells(line) for line in some[1])}; end cases"
        words: list[str] = []
        while some:
            taken = len(DOTS) if signs[: len(DOTS)] == DOTS else 1
            said = SIGNS["…"] if taken > 1 else self.node(some[0])
            if said and not (said == OF and words and words[-1].endswith(f" {OF}")):  # of a sum's bounds
                words.append(said)
            some, signs = some[taken:], signs[taken:]
        return " ".join(words).replace(" ,", ",").replace(" ;", ";")

    def cells(self, line: Iterable[ElementTree.Element]) -> str:
        """The cells of a row."""
        return ", ".join(map(self.node, line))

    def node(self, node: ElementTree.Element) -> str:
        """One element."""
        children = list(node)
        match node.tag:
            case "mslot":
                return self.formulas[int(node.get("n", "0"))]
            case "mi":
                return _letters(node.text or "")
            case "mo":
                return _sign((node.text or "").strip())
            case "mtext" if node.get("class") == NUMBER:
                number = (node.text or "").strip("()")
                return f", equation {SIGNS.get(number, number)}"
            case "mn" | "mtext" | "ms":
                return " ".join((node.text or "").split())
            case "mfrac" if node.get("linethickness") == "0":
                return f"{self.node(children[0])} choose {self.node(children[1])}"
            case "mfrac":
                return f"the fraction {self.node(children[0])} over {self.node(children[1])}, end fraction"
            case "msqrt":
                return f"the square root of {self.row(children)}, end root"
            case "mroot":
                return f"the root of order {self.node(children[1])} of {self.node(children[0])}, end root"
            case "munder" if (accent := _accent(children[1])) or _accent(_base(children[0])):
                return self.accented(children[0], accent or self.node(children[1]), is_label=not accent)
            case "msub" | "munder":
                return self.scripts(children[0], children[1], None)
            case "msup":
                return self.scripts(children[0], None, children[1])
            case "mover":
                return self.accented(children[0], _accent(children[1]) or self.node(children[1]))
            case "msubsup" | "munderover":
                return self.scripts(*children[:3])
            case "mtable":
                return self.table(children, are_displayed=node.get("displaystyle") == "true")
            case "menclose":
                return f"open frame {self.row(children)} close frame"
            case _:
                return self.row(children)

    def table(self, lines: Sequence[ElementTree.Element], *, are_displayed: bool) -> str:
        """Rows of a matrix, or equations below each other."""
        if are_displayed:
            return "; ".join(map(self.row, lines))
        rows = "; ".join(f"row {i}: {self.cells(line)}" for i, line in enumerate(lines, 1))
        return f"{len(lines)} rows; {rows}; end rows"

    def accented(self, base: ElementTree.Element, accent: str, *, is_label: bool = False) -> str:
        """The words for an expression with an accent, or with the label of a brace, above or below it."""
        said = self.node(base)
        if is_label:
            return f"{said}, with {accent}, end with"
        return f"{said} {accent}" if is_one(said) else f"the {accent} over {said}, end {accent}"

    def scripts(
        self, base: ElementTree.Element, below: ElementTree.Element | None, above: ElementTree.Element | None
    ) -> str:
        """What has an index and an exponent, or bounds."""
        if above is not None and below is None and SET_OF_NUMBERS.fullmatch(base.text or ""):
            return f"{unicodedata.normalize('NFKC', base.text or '')} {self.node(above)}"
        said = self.node(base)
        lower = self.node(below) if below is not None else ""
        upper = self.node(above) if above is not None else ""
        if said in SUMS:
            over = "as" if said == "lim" else "over"
            start = f" {over} {lower}" if not upper else f" from {lower}" if lower else ""
            return f"the {SUMS[said]}{start}{f' to {upper}' if upper else ''} {OF}"
        if lower:
            said += f" sub {lower}" if is_one(lower) else f" sub {lower}, end sub"
        if upper:
            said += f" {POWERS[upper]}" if upper in POWERS else f" to the {upper}" if is_one(upper) else ""
            said += f" to the power {upper}, end power" if upper not in POWERS and not is_one(upper) else ""
        return said


def is_one(words: str) -> bool:
    """They say one letter, number or name."""
    return " " not in words.removeprefix("capital ")


def _base(node: ElementTree.Element) -> ElementTree.Element:
    """The brace of a formula that has one, else the formula itself."""
    return node[1] if node.tag in ("munder", "mover") else node


def _accent(node: ElementTree.Element) -> str:
    """The words for a sign above or below a formula; nothing for what is another formula."""
    return ACCENTS.get((node.text or "").strip(), "") if node.tag == "mo" else ""


def _letters(text: str) -> str:
    """A letter with its style, or a name as it is."""
    text = " ".join(text.replace(VARIANT, "").split())
    return FUNCTIONS.get(text, text) if len(text) > 1 else _sign(text)


def _sign(text: str) -> str:
    """A sign or a letter in words."""
    if text in SIGNS:
        return SIGNS[text]
    if len(text) != 1:
        return text
    if text.isascii() and text.isalnum():
        return f"capital {text}" if text.isupper() else text
    name = STYLES.sub("", unicodedata.name(text, "sign").lower()).replace("lamda", "lambda").strip()
    *style, letter = name.split()
    return " ".join([*style, letter.upper() if style and style[-1] == "capital" and len(letter) == 1 else letter])
