r"""Numbers of equations in an author's LaTeX: the same in problem sets, keys and all formats.

They count from 1 in each problem: first what students are asked, in order, then what keys say. So a number is the same
in the problem set and in the key, in every version, and in each format. Numbers become explicit, `\tag{2}`, and
references to labels, `\ref{gradient}` and `\eqref{gradient}`, become numbers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from generator.problems.question import AuthorQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.problems.question import AuthorChoice, AuthorWords, Question

ONE_NUMBER: Final = ("equation", "multline")
ENVIRONMENTS: Final = (*ONE_NUMBER, "align", "gather", "flalign", "alignat")
"""Environments whose equations have numbers: one for all of it, or one for each row."""
DISPLAYED: Final = re.compile(
    rf"\\begin\{{(?P<name>{'|'.join(ENVIRONMENTS)})(?P<star>\*?)\}}(?P<inside>.*?)\\end\{{(?P=name)(?P=star)\}}"
    r"|\\\[(?P<brackets>.*?)\\\]",
    re.DOTALL,
)
TAG: Final = re.compile(r"\\tag(\*?)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
LABEL: Final = re.compile(r"\\label\s*\{([^{}]*)\}")
REFERENCE: Final = re.compile(r"\\(eq)?ref\s*\{([^{}]*)\}")
WITHOUT_NUMBER: Final = re.compile(r"\\(?:notag|nonumber)\b\s*")
TOKEN: Final = re.compile(r"\\\\|\\begin\b|\\end\b|\\.|[{}]", re.DOTALL)
USES_NUMBERS: Final = re.compile(rf"\\begin\{{(?:{'|'.join(ENVIRONMENTS)})\}}|\\(?:tag|label|eqref|ref)\b")
PLACE: Final = "\ufdd6{}\ufdd7"
PLACE_HERE: Final = re.compile("\ufdd6(\\d+)\ufdd7")
"""What stands for an expression between words while these are read."""


def with_numbers(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions of one problem, in order, with the numbers of the equations in their author's LaTeX."""
    if not any(USES_NUMBERS.search(_text(words)) for one in questions for words in _all_words(one)):
        return tuple(questions)
    numbers = _Numbers()
    prefaced = [_changed(one, numbers.preface, ("preface",)) for one in questions]
    asked = [_changed(one, numbers.numbered, _ASKED) for one in prefaced]
    said = [_changed(one, numbers.numbered, _SAID) for one in asked]
    return tuple(_changed(one, numbers.referred, ("preface", *_ASKED, *_SAID)) for one in said)


def labels(text: str) -> Iterator[str]:
    """The labels of equations in some LaTeX."""
    for found in DISPLAYED.finditer(text):
        inside = found["inside"] or found["brackets"]
        if (found["name"] and not found["star"]) or TAG.search(inside):
            yield from LABEL.findall(inside)


def references(text: str) -> Iterator[str]:
    """The labels that some LaTeX refers to."""
    yield from (name for _, name in REFERENCE.findall(text))


_ASKED: Final = ("statement", "hint", "choices.text")
_SAID: Final = ("answer", "solution", "choices.why", "note")
"""The words of a question that students get, behind those before all parts, and those of keys alone, in order."""


class _Numbers:
    """Counts equations, and knows what their labels stand for."""

    def __init__(self) -> None:
        self._count = 0
        self._by_label: dict[str, str] = {}
        self._preface: AuthorWords = ()

    def preface(self, words: AuthorWords) -> AuthorWords:
        """The words before all parts, which each part has, with the numbers of equations."""
        self._preface = self._preface or self.numbered(words)
        return self._preface

    def numbered(self, words: AuthorWords) -> AuthorWords:
        """Words with the numbers of equations as tags, and without labels."""
        return _with_text(words, lambda text: DISPLAYED.sub(self._display, text))

    def referred(self, words: AuthorWords) -> AuthorWords:
        """Words with numbers for references."""
        return _with_text(words, lambda text: REFERENCE.sub(self._number, text))

    def _number(self, found: re.Match[str]) -> str:
        number = self._by_label.get(found[2], "??")  # which is an error when the worksheet is read
        return f"({number})" if found[1] else number

    def _display(self, found: re.Match[str]) -> str:
        inside = found["inside"] if found["name"] else found["brackets"]
        has_rows = found["name"] and found["name"] not in ONE_NUMBER
        counts = bool(found["name"]) and not found["star"]
        rows = list(_rows(inside)) if has_rows else [inside]
        if len(rows) > 1 and not rows[-1].strip():  # an empty row, which would have a number
            rows[-2:] = [rows[-2].removesuffix(r"\\") + rows[-1]]
        written = "".join(self._row(row, counts=counts) for row in rows)
        start, end = found.span("inside" if found["name"] else "brackets")
        return found.string[found.start() : start] + written + found.string[end : found.end()]

    def _row(self, row: str, *, counts: bool) -> str:
        """A row with its number; what ends it stays behind that."""
        body = row.removesuffix(r"\\")
        end = row[len(body) :]
        tag = TAG.search(body)
        if not tag and (not counts or WITHOUT_NUMBER.search(body)):
            return LABEL.sub("", body) + end
        if not tag:
            self._count += 1
        star, number = (tag[1], tag[2]) if tag else ("", str(self._count))
        self._by_label |= dict.fromkeys(LABEL.findall(body), number)
        return rf"{TAG.sub('', LABEL.sub('', body)).rstrip()} \tag{star}{{{number}}}" + (end or "\n")


def _rows(inside: str) -> Iterator[str]:
    r"""The rows of an environment, each with the `\\` that ends it, which is in no braces and no other environment."""
    depth = start = 0
    for found in TOKEN.finditer(inside):
        depth += {"{": 1, r"\begin": 1, "}": -1, r"\end": -1}.get(found[0], 0)
        if found[0] == r"\\" and not depth:
            yield inside[start : found.end()]
            start = found.end()
    yield inside[start:]


def _all_words(question: Question) -> Iterator[AuthorWords]:
    yield from (question.preface or (), question.statement or (), question.hint, question.note)
    if isinstance(question, AuthorQuestion):
        yield from (question.answer, question.solution)
        for choice in question.choices:
            yield from (choice.text, choice.why)


def _changed(question: Question, change: Callable[[AuthorWords], AuthorWords], names: Sequence[str]) -> Question:
    """A question with some of its words changed."""
    for name in names:
        key, _, inner = name.partition(".")
        value: Any = getattr(question, key, None)
        if not value:
            continue
        new: Any = tuple(map(partial(_changed_choice, change, inner), value)) if inner else change(value)
        question = replace(question, **{key: new})
    return question


def _changed_choice(change: Callable[[AuthorWords], AuthorWords], name: str, choice: AuthorChoice) -> AuthorChoice:
    words: Any = change(getattr(choice, name))
    return replace(choice, **{name: words})


def _text(words: AuthorWords) -> str:
    """Words with marks for the expressions between them."""
    return "".join(one if isinstance(one, str) else PLACE.format(i) for i, one in enumerate(words))


def _with_text(words: AuthorWords, change: Callable[[str], str]) -> AuthorWords:
    """Words whose text is changed, with the same expressions."""
    pieces = PLACE_HERE.split(change(_text(words)))
    return tuple(words[int(piece)] if i % 2 else piece for i, piece in enumerate(pieces) if i % 2 or piece)
