"""The problems of problems.yaml as questions: one for each thing that is published of a problem."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from generator.expr.nodes import Commutation, Dim, Expr, Shape, Symbol, substitute
from generator.expr.parsing.parse import read

FILE = Path(__file__).with_name("problems.yaml")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C, where PyYAML has it, takes a tenth of the time."""
FINDS = ("derivative", "hessian", "stationary")


@dataclass(frozen=True, eq=False)
class Problem:
    """One question, as `solve` is asked it, and its published answer; None where none can be written down."""

    source: str
    at: str
    function: str
    wrt: str
    symbols: dict[str, str]
    find: str
    published: str | None
    refused: bool
    difficulty: int
    K: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.find} of {self.function} by {self.wrt} ({self.source}, {self.at})"

    @cached_property
    def expr(self) -> Expr:
        """The function as an expression."""
        return self._read[0]

    @cached_property
    def declared(self) -> dict[str, Symbol]:
        """The symbols with their shapes and properties."""
        return self._read[1]

    @property
    def variable(self) -> Symbol:
        """The symbol to differentiate by."""
        return self.declared[self.wrt]

    @cached_property
    def answer(self) -> Expr | None:
        """What is published, as an expression of the shape that `solve` promises."""
        if self.published is None:
            return None
        commutation: dict[Expr, Expr] = {}
        known = dict(self.declared)
        if self.K is not None:
            matrix = Commutation(*map(Dim.of, self.K))
            known["K"] = Symbol("K", matrix.shape)
            commutation[known["K"]] = matrix
        return substitute(read(self.published, known=known, shape=self._answer_shape).expr, commutation)

    @property
    def _answer_shape(self) -> Shape:
        by = self.variable.shape
        if self.find == "stationary" or (self.find == "derivative" and self.expr.is_scalar):
            return by
        of = by if self.find == "hessian" else self.expr.shape
        return of if self.variable.is_scalar else (of[0] * of[1], by[0] * by[1])

    @cached_property
    def _read(self) -> tuple[Expr, dict[str, Symbol]]:
        parsed = read(self.function, self.symbols, self.wrt)
        return parsed.expr, dict(parsed.symbols)


@lru_cache(maxsize=1)
def problems() -> tuple[Problem, ...]:
    """All questions of the file, in its order."""
    found = []
    for source, entries in yaml.load(FILE.read_text(encoding="utf-8"), LOADER).items():
        for entry in entries:
            refused = entry.pop("refused", [])
            published = {find: entry.pop(find, None) for find in FINDS}
            found += [
                Problem(source, **entry, find=find, published=answer, refused=find in refused)
                for find, answer in published.items()
                if answer is not None or find in refused
            ]
    return tuple(found)
