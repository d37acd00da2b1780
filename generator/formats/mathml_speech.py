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
    "∅": "the empty set", "\u2061": "of", "\u2062": "", "\u2063": "", "\u2064": "plus",
}  # fmt: skip
"""Signs, and letters that are signs, in words."""
POWERS: Final = {
    "2": "squared",
    "3": "cubed",
    "transpose": "transpose",
    "prime": "prime",
    "star": "star",
    "dagger": "dagger",
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
SUMS: Final = ("sum", "product", "integral", "lim", "max", "min", "sup", "inf", "arg max", "arg min")
"""Operators whose scripts are bounds."""
STYLES: Final = re.compile(r"\b(mathematical|small|letter|symbol|italic|greek|latin)\b ?")


def words(mathml: str, formulas: Sequence[str] = ()) -> str:
    """What stands in <math>, in words; `formulas` are those of its slots, <mslot n="3"/>, which are known in words."""
    return _Reader(formulas).row(ElementTree.fromstring(f"<math>{mathml}</math>"))


class _Reader:
    def __init__(self, formulas: Sequence[str]) -> None:
        self.formulas = formulas

    def row(self, nodes: Iterable[ElementTree.Element]) -> str:
        """Formulas beside each other."""
        return " ".join(filter(None, map(self.node, nodes))).replace(" ,", ",").replace(" ;", ";")

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
            case "mn" | "mtext" | "ms":
                return " ".join((node.text or "").split())
            case "mfrac":
                return f"the fraction {self.node(children[0])} over {self.node(children[1])}, end fraction"
            case "msqrt":
                return f"the square root of {self.row(children)}, end root"
            case "mroot":
                return f"the root of order {self.node(children[1])} of {self.node(children[0])}, end root"
            case "msub" | "munder":
                return self.scripts(children[0], children[1], None)
            case "msup":
                return self.scripts(children[0], None, children[1])
            case "mover":
                return f"{self.node(children[0])} {self.node(children[1])}"
            case "msubsup" | "munderover":
                return self.scripts(*children[:3])
            case "mtable":
                return self.table(children)
            case "menclose":
                return f"open frame {self.row(children)} close frame"
            case _:
                return self.row(children)

    def table(self, lines: Sequence[ElementTree.Element]) -> str:
        """Rows of a matrix, or equations below each other, whose cells are aligned."""
        if any("text-align" in cell.get("style", "") for line in lines for cell in line):
            return "; ".join(map(self.row, lines))
        rows = "; ".join(f"row {i}: {', '.join(map(self.node, line))}" for i, line in enumerate(lines, 1))
        return f"{len(lines)} rows; {rows}; end rows"

    def scripts(
        self, base: ElementTree.Element, below: ElementTree.Element | None, above: ElementTree.Element | None
    ) -> str:
        """What has an index and an exponent, or bounds."""
        said = self.node(base)
        lower = self.node(below) if below is not None else ""
        upper = self.node(above) if above is not None else ""
        if said in SUMS:
            start = f" over {lower}" if not upper else f" from {lower}" if lower else ""
            return f"the {said}{start}{f' to {upper}' if upper else ''} of"
        if lower:
            said += f" sub {lower}" if " " not in lower else f" sub {lower}, end sub"
        if upper:
            said += f" {POWERS[upper]}" if upper in POWERS else f" to the {upper}" if " " not in upper else ""
            said += f" to the power {upper}, end power" if upper not in POWERS and " " in upper else ""
        return said


def _letters(text: str) -> str:
    """A letter with its style, or a name as it is."""
    text = text.strip()
    return FUNCTIONS.get(text, text) if len(text) > 1 else _sign(text)


def _sign(text: str) -> str:
    """A sign or a letter in words."""
    if text in SIGNS:
        return SIGNS[text]
    if len(text) != 1:
        return text
    if text.isascii() and text.isalnum():
        return f"capital {text}" if text.isupper() else text
    name = STYLES.sub("", unicodedata.name(text, "sign").lower()).strip()
    *style, letter = name.split()
    return " ".join([*style, letter.upper() if style and style[-1] == "capital" and len(letter) == 1 else letter])
