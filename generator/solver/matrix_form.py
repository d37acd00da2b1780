"""An answer by samples, said again with the matrices whose rows the samples are: Σᵢ yᵢ xᵢ is X′y."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.functions import GREEK
from generator.expr.messages import Message
from generator.expr.nodes import Expr, IndexSum, Members, Symbol, substitute, walk
from generator.expr.printing.plain import member_name
from generator.rules import plan
from generator.rules.shortening import length
from generator.solver.identify import EQUATION
from generator.solver.remarks import BOTH
from generator.solver.short_names import Named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.expr.messages import Sentence
    from generator.rules.engine import Engine

WITH_MATRICES = Message("with-matrices", "With {definitions}, {equation}")
FURTHER = Message("further", "{first}, {second}")

COLUMNS = ("b", "y", "t", "c")
MATRICES = ("X", "A", "Z", "M")
"""Names for the column of scalar samples and for the matrix whose rows are others, where their own are taken."""


def in_matrices(answer: Expr, engine: Engine, taken: Iterable[str]) -> Named | None:
    """The answer with names for matrices of samples; None where a sum over samples stays, or it becomes longer."""
    if IndexSum not in answer.kinds:
        return None
    form, _ = engine.run_all(answer, plan.WITH_SAMPLES)
    parts = dict.fromkeys(part for part in walk(form) if isinstance(part, Members))
    has_matrix = any(not part.family.is_scalar for part in parts)
    if IndexSum in form.kinds or not has_matrix or length(form) > length(answer):
        return None
    used = set(taken)
    names: dict[Expr, Symbol] = {}
    for part in parts:
        name = next((name for name in _names(part.family) if name not in used and f"d{name}" not in used), None)
        if name is None:
            return None
        used.add(name)
        names[part] = Symbol(name, part.T.shape)
    in_names = engine.tidied(substitute(form, {part: symbol.T for part, symbol in names.items()}))
    return Named(in_names, {symbol: part.T for part, symbol in names.items()})


def _names(family: Symbol) -> tuple[str, ...]:
    own = member_name(family)
    if family.is_scalar:
        return (own, *COLUMNS)
    capital = own.capitalize()
    return (capital, *MATRICES) if len(capital) == 1 or capital in GREEK else MATRICES


def stated(left: Expr, form: Named) -> Sentence:
    """The remark that says an answer with its matrices."""
    definitions = [EQUATION(left=symbol, right=e) for symbol, e in form.definitions.items()]
    said = definitions[0]
    for k, other in enumerate(definitions[1:], 2):
        said = (BOTH if k == len(definitions) else FURTHER)(first=said, second=other)
    return WITH_MATRICES(definitions=said, equation=EQUATION(left=left, right=form.answer))
