"""The numbers of matrices that a problem gives: by their letters, or where they stand in a function."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, Any

from generator.errors import ExpressionError, GeneratorError, InText
from generator.expr.evaluate.exact import PROPERTIES
from generator.expr.nodes import ONE, Matrix
from generator.expr.parsing.parse import matrices_of_numbers, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def matrices(texts: Sequence[str]) -> list[Matrix]:
    """The matrices of numbers that texts stand for; empty where one stands for something else."""
    try:
        found = [read(text).expr for text in texts]
    except GeneratorError:
        return []
    made = [e for e in found if isinstance(e, Matrix)]
    return made if len(made) == len(found) else []


def matrix_of(text: str) -> Matrix:
    """The matrix of numbers that a text stands for; raises ExpressionError for any other text."""
    e = read(text).expr
    if isinstance(e, Matrix):
        return e
    raise ExpressionError(
        f"{text} is no matrix of numbers",
        text=InText.whole(text),
        remedy="Write its rows with semicolons between them: [2 1; 1 3]; a column is [1; 2].",
    )


def _declaration_of(alike: Sequence[Matrix]) -> str:
    """The declaration that matrices of one shape fulfil: the shape, and what the numbers say of square ones."""
    shape = f"{alike[0].shape[0]} x {alike[0].shape[1]}"
    if not alike[0].is_square:
        return shape
    held = [name for name, holds in PROPERTIES.items() if all(holds(matrix.rows) for matrix in alike)]
    known = [str(name) for name in ("positive definite", "invertible") if name in held][:1]
    known += [name for name in ("symmetric", "skew-symmetric", "orthogonal") if name in held]
    implied = {"symmetric", "orthogonal"} if "positive definite" in known else set()
    return " ".join([shape, *(name for name in known if name not in implied)])


def with_given(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys of a problem with what it gives as one value to draw from; lists of matrices of numbers are declared.

    Keys that are not what they should be stay as they are.
    """
    said = _with_letters(said)
    given, vary, symbols = (said.get(key, {}) for key in ("given", "vary", "symbols"))
    if not (isinstance(given, dict) and isinstance(vary, dict) and isinstance(symbols, dict)):
        return said
    drawn = {**{name: [text] for name, text in given.items()}, **vary}
    declared = {}
    for name, texts in drawn.items():
        if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
            found = matrices(texts)
            if len({matrix.shape for matrix in found}) == 1:
                declared[name] = _declaration_of(found)
    return {**said, "vary": drawn, "symbols": {**declared, **symbols}} if declared else said


def _with_letters(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys with letters for the matrices of numbers in functions of which only values are sought."""
    parts = said.get("parts", [])
    if not (isinstance(parts, list) and all(isinstance(part, dict) for part in parts)):
        return said
    shared = [part for part in parts if "function" not in part]
    named = [said[key] for key in ("given", "vary", "symbols") if isinstance(said.get(key), dict)]
    letters = _Letters({name for names in named for name in names})
    problem = letters.put_into(said, shared if parts else [said]) if "wrt" not in said else said
    made = [letters.put_into(part, [part]) if "wrt" not in said else part for part in parts]
    found = {**problem, **({"parts": made} if parts else {})}
    for key, numbers in ("given", letters.given), ("vary", letters.drawn):
        if numbers and isinstance(found.get(key, {}), dict):
            found[key] = {**found.get(key, {}), **numbers}
    return found


class _Letters:
    """Letters for the matrices of numbers in the functions of a problem, each matrix with one letter."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.given: dict[str, str] = {}
        """The matrices by their letters."""
        self.drawn: dict[str, list[str]] = {}
        """The matrices in which alternatives differ, by their letter."""

    def put_into(self, subject: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The keys with a function about which something is asked, with letters if only its values are.

        Raises ValueError for alternatives that differ in more than one matrix.
        """
        function = subject.get("function")
        texts: list[Any] = function if isinstance(function, list) else [function]
        sought = {part["find"] for part in asked if "find" in part}
        if "wrt" in subject or sought != {"value"} or not all(isinstance(text, str) for text in texts):
            return subject
        try:
            if len(texts) == 1:
                return {**subject, "function": self._lettered(texts[0], self.given)}
            found: list[dict[str, str]] = [{} for _ in texts]
            made = {self._lettered(text, matrices) for text, matrices in zip(texts, found, strict=True)}
        except GeneratorError:
            return subject  # the function is reported where it is read
        if not any(found):
            return subject
        if len(made) > 1 or len(found[0]) > 1:
            raise ValueError(
                "alternatives with matrices of numbers may differ in one matrix only\n"
                "Write letters in the function, and draw their numbers:  vary: {A: ['[2 1; 1 3]', '[1 2; 2 5]']}"
            )
        for letter in found[0]:
            self.drawn[letter] = [matrices[letter] for matrices in found]
        self.taken |= self.drawn.keys()
        return {**subject, "function": made.pop()}

    def _lettered(self, text: str, letters: dict[str, str]) -> str:
        """A function with letters for its matrices; those that are new are added to the letters."""
        matrices, names = matrices_of_numbers(text)
        made, end = "", 0
        for where in matrices:
            numbers = text[where.start : where.stop]
            letter = next((letter for letter, known in letters.items() if known == numbers), None)
            if letter is None:
                usual = "bcxyz" if matrix_of(numbers).shape[1] == ONE else "ABCDMN"
                taken = self.taken | names | letters.keys()
                letter = next(letter for letter in usual + ascii_letters if letter not in taken)
                letters[letter] = numbers
            made += f"{text[end : where.start]} {letter} "
            end = where.stop
        return " ".join((made + text[end:]).split()) if matrices else text
