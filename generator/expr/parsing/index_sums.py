"""The signs of sums and products over indices: which letters they bind, and how far each runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from generator.errors import ExpressionError
from generator.expr.functions import spelled_out
from generator.expr.parsing.brackets import DEPTH, enclose
from generator.expr.parsing.grammar import place
from generator.expr.parsing.spellings import ENDS_OPERAND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lark import Token

INDICES = frozenset("ijklmn")
"""Letters that are mostly indices."""
NESTED = re.compile(r"(?P<stem>[^_{}]+)_\{(?P<index>(?P<letter>[A-Za-z])_(?P<of>[A-Za-z]))\}")
"""A name whose index has an index, as s_{y_i}, the entry of s that the i-th class says."""
_SIGN = re.compile(r"\\?(?P<word>[A-Za-z]+|[∑∏ΣΠ])(?:\s*\\(?:no)?limits)?")
_SCRIPT = re.compile(r"\s*(?P<side>[_^])\s*(?:\{(?P<long>[^{}]*)\}|(?P<short>\d+|[A-Za-z]))")
_BELOW = re.compile(
    r"\s*(?:1\s*(?:\\leq?|<=|≤)\s*(?=[A-Za-z]\s*<))?(?P<letters>[A-Za-z](?:\s*,?\s*[A-Za-z])*?)\s*"
    r"(?:=\s*(?P<first>\w+)\s*|(?:\\neq?(?![A-Za-z])|!=|≠)\s*(?P<excluded>[A-Za-z](?:_[A-Za-z0-9])?)\s*"
    r"|[:,;|]\s*(?P<one>[A-Za-z])\s*(?:\\neq?(?![A-Za-z])|!=|≠)\s*(?P<other>[A-Za-z])\s*"
    r"|(?P<sign><|>|\\lt(?![A-Za-z])|\\gt(?![A-Za-z]))\s*(?P<later>[A-Za-z])\s*"
    r"(?:(?:\\leq?(?![A-Za-z])|<=|≤)\s*(?P<count>\w+)\s*)?"
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
    pairs: bool = False
    """It runs over pairs of different values of two letters."""
    is_ordered: bool = False
    """Of two such pairs it has one, as i < j has."""
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
            remedy="A sum runs over all values of an index, as sum_{i=1}^n, sum_i, sum_{i != k} or sum_{i < j}.",
        )
    last = last or below["count"] or ""
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
    letters = tuple(re.findall("[A-Za-z]", below["letters"])) + ((below["later"],) if below["later"] else ())
    if len(set(letters)) < len(letters) or last in letters:
        raise ExpressionError("an index that is bound twice", text=place(text, token), remedy="Use another letter.")
    if below["excluded"] and (len(letters) > 1 or below["excluded"] in letters):
        raise ExpressionError("a value is left out of a sum over one index", text=place(text, token))
    if below["one"] and {below["one"], below["other"]} != {*letters}:
        raise ExpressionError("pairs of different values of two indices", text=place(text, token))
    if below["later"] and len(letters) != 2:
        raise ExpressionError("pairs of two indices", text=place(text, token))
    is_product = head["word"] in ("prod", "∏", "Π", "Pi")
    is_ordered, members = bool(below["later"]), below["set"] or ""
    return Sign(
        letters, last, is_product, below["excluded"] or "", is_ordered or bool(below["one"]), is_ordered, members
    )


def signs(text: str, tokens: Iterable[Token]) -> list[Sign]:
    """All signs among tokens."""
    return [sign(text, token) for token in tokens if token.type == "BIGSUM"]


def with_scopes(text: str, tokens: Sequence[Token]) -> tuple[list[Token], list[str]]:
    r"""The tokens with brackets around what each sum is of, and notes where these reach beyond the first term.

    A sum takes the terms behind its sign as far as the last that holds its index: y_i x_i of \sum_i e^{x_i} - y_i x_i,
    but not a'a of \sum_i x_i^2 + a'a. \sum_{i \ne j} of terms with both indices runs over pairs, unless j is bound
    or stands outside, too.
    """
    result = [*tokens]
    notes: list[str] = []
    for at in reversed([i for i, token in enumerate(tokens) if token.type == "BIGSUM"]):
        over = sign(text, result[at])
        is_argument = at > 0 and result[at - 1].type == "APPLY"
        terms = _terms(result, at + 1)
        with_index = [i for i, term in enumerate(terms) if _holds(text, result[slice(*term)], over.letters)]
        last = max([0, *with_index]) if not (is_argument or over.is_product) else 0
        end = terms[last][1]
        if last:
            notes.append(_extent(over, [text[_span(result[slice(*term)])] for term in terms], last))
            enclose(result, at + 1, end)
            end += 2
        if (over.letters, over.excluded) == (("i",), "j") and _runs_over_pairs(text, result, at, end):
            result[at] = result[at].update(value="∑_{i,j:i≠j}")
            notes.append("The sum runs over all pairs of an i and another j.")
    return result, notes


def with_exponents(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with brackets around the exponent of `exp -x'x`, which is all of the term."""
    result = [*tokens]
    for at in reversed([i for i, token in enumerate(tokens) if token == "exp" and token.type == "APPLY"]):
        if [token.type for token in result[at + 1 : at + 2]] == ["MINUS"]:
            enclose(result, at + 1, _terms(result, at + 1)[0][1])
    return result


def _terms(tokens: Sequence[Token], start: int) -> list[tuple[int, int]]:
    """Where terms begin and end, from a place to the end of what is in the same brackets."""
    found: list[tuple[int, int]] = []
    depth = 0
    for i, token in enumerate(tokens[start:], start):
        depth += DEPTH.get(token.type, 0)
        if depth < 0 or (depth == 0 and token.type in ("COMMA", "SEMICOLON")):
            return [*found, (start, i)]
        if depth == 0 and i > start and token.type in ("PLUS", "MINUS") and tokens[i - 1].type in ENDS_OPERAND:
            found.append((start, i))
            start = i + 1
    return [*found, (start, len(tokens))]


def _holds(text: str, tokens: Sequence[Token], letters: Sequence[str]) -> bool:
    """An index among tokens is one of the letters, and no sum among them runs over it."""
    for i, token in enumerate(tokens):
        if token.type == "SUBSCRIPT" and (own := {*letters}.intersection(subscript(token))):
            around = [k for k in range(i) if tokens[k].type == "BIGSUM" and _terms(tokens, k + 1)[0][1] > i]
            if not own.issubset(letter for k in around for letter in sign(text, tokens[k]).letters):
                return True
    return False


def _runs_over_pairs(text: str, tokens: Sequence[Token], at: int, end: int) -> bool:
    r"""j of \sum_{i \ne j} is an index of what the sum is of, and of nothing else."""
    others = [sign(text, token) for i, token in enumerate(tokens) if token.type == "BIGSUM" and i != at]
    is_bound = any("j" in other.letters for other in others)
    is_outside = _holds(text, [*tokens[:at], *tokens[end:]], "j")
    return not is_bound and not is_outside and _holds(text, tokens[at + 1 : end], "j")


def _span(tokens: Sequence[Token]) -> slice:
    return slice(tokens[0].start_pos, tokens[-1].end_pos)


def _extent(over: Sign, terms: Sequence[str], last: int) -> str:
    """The note that says how far a sum goes."""
    behind = f" What follows, {', '.join(terms[last + 1 :])}, stands outside of it." if terms[last + 1 :] else ""
    return f"The sum over {', '.join(over.letters)} goes as far as {terms[last]}, the last term with its index.{behind}"


def subscript(mark: str) -> list[str]:
    """The indices behind a name or a bracket: letters, each one index, or y_i as one, and a whole number."""
    return re.findall(r"[A-Za-z](?:_[A-Za-z0-9])?|\d+", mark.lstrip("_"))


def member_of(name: str) -> str | None:
    """The name of the family that x_i, one letter behind it, is a member of; None for any other name."""
    found = re.fullmatch(r"(.+)_[A-Za-z]", name)
    return family(found[1]) if found else None


def family(stem: str) -> str:
    """The name of the family whose members are x_1, x_2, …: no name that anybody types."""
    return f"{spelled_out(stem)}_"
