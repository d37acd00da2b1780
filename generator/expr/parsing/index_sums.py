"""The signs of sums and products over indices: which letters they bind, and how far each runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from generator.errors import ExpressionError
from generator.expr.functions import spelled_out
from generator.expr.parsing.grammar import place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lark import Token

_SIGN = re.compile(r"\\?(?P<word>[A-Za-z]+|[∑∏ΣΠ])(?:\s*\\(?:no)?limits)?")
_SCRIPT = re.compile(r"\s*(?P<side>[_^])\s*(?:\{(?P<long>[^{}]*)\}|(?P<short>\d+|[A-Za-z]))")
_BELOW = re.compile(
    r"\s*(?P<letters>[A-Za-z](?:\s*,?\s*[A-Za-z])*?)\s*"
    r"(?:=\s*(?P<first>\w+)\s*|(?:\\neq?(?![A-Za-z])|!=|≠)\s*(?P<excluded>[A-Za-z])\s*"
    r"|(?:\\in(?![A-Za-z])|∈)\s*(?:\\(?:math)?cal\s*)?(?P<set>\\?[A-Za-z]+)\s*)?"
)
_ONE_LESS = re.compile(r"([A-Za-z]\w*)\s*[-−]\s*1")


_LOWERED = re.compile("[ᵢⱼₖₗₘₙ₌₁]+")
_RAISED = re.compile("[ⁿᵐᵏ]+")


def _in_braces(script: re.Match[str]) -> str:
    """What stands below or above the line as a character of its own, as a script in braces."""
    return f"{'_' if script.re is _LOWERED else '^'}{{{normalize('NFKC', script[0])}}}"


@dataclass(frozen=True)
class Sign:
    """A sum, or a product, over one or more letters; `last` is its upper limit, empty where it has none."""

    letters: tuple[str, ...]
    last: str
    is_product: bool
    excluded: str = ""
    """The letter of a value that is left out, as t of j ≠ t; else empty."""
    members_of: str = ""
    """The set that the values are of, which are then counted from 1; else empty."""


def sign(text: str, token: Token) -> Sign:
    """What a sign with its limits says; raises `ExpressionError`, with the place, where it is not read."""
    written = _RAISED.sub(_in_braces, _LOWERED.sub(_in_braces, token))
    head = _SIGN.match(written)
    assert head is not None
    scripts = {m["side"]: m["long"] or m["short"] or "" for m in _SCRIPT.finditer(written, head.end())}
    below, last = _BELOW.fullmatch(scripts.get("_", "")), scripts.get("^", "").strip()
    if below is None:
        raise ExpressionError(
            f"the limits of {token} are not read",
            text=place(text, token),
            remedy="A sum runs over all values of an index, as sum_{i=1}^n, sum_i or sum_{i != k}. A sum over pairs"
            " i < j is half of that over all i and j, where both orders give the same and i = j gives 0.",
        )
    if below["first"] == "0" and (one_less := _ONE_LESS.fullmatch(last)) is not None:
        last = one_less[1]  # as many values, which are counted from 1
    elif below["first"] not in (None, "1"):
        raise ExpressionError(
            f"a sum that begins with {below['first']}",
            text=place(text, token),
            remedy="The members x_1, …, x_n are counted from 1.",
        )
    if last and not re.fullmatch(r"[A-Za-z]\w*|\d+", last):
        raise ExpressionError(
            f"a sum up to {last}", text=place(text, token), remedy="The last value is a name or a whole number."
        )
    letters = tuple(re.findall("[A-Za-z]", below["letters"]))
    if len(set(letters)) < len(letters) or last in letters:
        raise ExpressionError("an index that is bound twice", text=place(text, token), remedy="Use another letter.")
    if below["excluded"] and (len(letters) > 1 or below["excluded"] in letters):
        raise ExpressionError("a value is left out of a sum over one index", text=place(text, token))
    is_product = head["word"] in ("prod", "∏", "Π")
    return Sign(letters, last, is_product, below["excluded"] or "", below["set"] or "")


def signs(text: str, tokens: Iterable[Token]) -> list[Sign]:
    """All signs among tokens."""
    return [sign(text, token) for token in tokens if token.type == "BIGSUM"]


def subscript(mark: str) -> list[str]:
    """The indices behind a name or a bracket: letters, each one index, and a whole number."""
    return re.findall(r"[A-Za-z]|\d+", mark)


def member_of(name: str) -> str | None:
    """The name of the family that x_i, one letter behind it, is a member of; None for any other name."""
    found = re.fullmatch(r"(.+)_[A-Za-z]", name)
    return family(found[1]) if found else None


def family(stem: str) -> str:
    """The name of the family whose members are x_1, x_2, …: no name that anybody types."""
    return f"{spelled_out(stem)}_"
