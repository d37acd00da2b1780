"""What a reader has to be told of the conventions that a derivation kept to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.functions import PROPERTIES
from generator.expr.messages import Message, clauses
from generator.expr.nodes import Expr, Symbol, Transpose, product
from generator.solver.conventions import structure_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.expr.messages import Text
    from generator.solver.conventions import Layout, Structure
    from generator.solver.differential import DifferentialSolver

NAMED = ("orthogonal", "diagonal", "symmetric", "skew-symmetric", "positive definite", "lower triangular")
"""The properties that tie entries together or leave some out."""

PROPERTY_WORDS = {name: Message(f"property-{name.replace(' ', '-')}", name) for name in PROPERTIES}
BOTH = Message("both-properties", "{first} and {second}")
BY_ENTRIES = Message(
    "by-entries",
    "The derivative is by the independent entries of {variable}: entries that are tied together move together",
)
ALL_FREE = Message("all-free", "All entries of {variable} are taken as free, although {variable} is {property}")
RIGHT_FOR_EVERY = {
    name: Message(
        f"right-{name.replace(' ', '-')}-or-not", f"{{answer}} is right for every {{direction}}, {name} or not"
    )
    for name in NAMED
}
BELOW_COUNT = Message(
    "below-count", "where {direction} is, too, only the entries of {answer} on and below the diagonal count"
)
ABOVE_COUNT = Message(
    "above-count", "where {direction} is, too, only the entries of {answer} on and above the diagonal count"
)
AMONG_ORTHOGONAL = Message(
    "among-orthogonal",
    "among orthogonal matrices {direction} is skew-symmetric, so that {function} is stationary where {slope} is"
    " symmetric",
)
SHAPE_OF: dict[Layout, Message] = {
    "numerator": Message("numerator-shape", "Numerator layout: {answer} has the shape of {like}"),
    "denominator": Message("denominator-shape", "Denominator layout: {answer} has the shape of {like}"),
}
ENTRIES_OF: dict[Layout, Message] = {
    "numerator": Message(
        "numerator-entries",
        "Numerator layout: {answer} has a row for each entry of {rows} and a column for each entry of {columns}",
    ),
    "denominator": Message(
        "denominator-entries",
        "Denominator layout: {answer} has a row for each entry of {rows} and a column for each entry of {columns}",
    ),
}


def stated(solver: DifferentialSolver, wrt: Symbol, find: str) -> Iterator[Text]:
    """What a reader has to be told of the conventions that a derivation by `wrt` kept to."""
    structure = structure_of(wrt)
    if structure is not None and find != "differential":
        yield from _structure_stated(solver, wrt, structure)
    if solver.conventions.layout != "gradient" and not (wrt.is_scalar and solver.function.is_scalar):
        yield from _layout_stated(solver, wrt, find)


def _structure_stated(solver: DifferentialSolver, wrt: Symbol, structure: Structure) -> Iterator[Text]:
    answer = solver.names.answer
    match solver.conventions.structured:
        case "independent entries":
            yield BY_ENTRIES(variable=wrt)
        case "unstructured":
            first, *others = (PROPERTY_WORDS[p]() for p in NAMED if p in wrt.properties)
            for other in others:
                first = BOTH(first=first, second=other)
            free = ALL_FREE(variable=wrt, property=first)
            if answer.shape not in (wrt.shape, wrt.shape[::-1]):
                yield clauses(free, RIGHT_FOR_EVERY[structure.property](answer=answer, direction=solver.dX))
            elif structure.property == "lower triangular":
                message = ABOVE_COUNT if solver.turned else BELOW_COUNT
                yield clauses(free, message(answer=answer, direction=solver.dX))
            elif structure.property == "orthogonal":
                slope = product(answer, wrt) if solver.turned else product(Transpose(wrt), answer)
                direction = product(Transpose(wrt), solver.dX)
                yield clauses(free, AMONG_ORTHOGONAL(direction=direction, function=solver.names.value, slope=slope))
            else:
                yield free
        case "projection" | None:  # said by the line that projects
            pass


def _layout_stated(solver: DifferentialSolver, wrt: Symbol, find: str) -> Iterator[Text]:
    answer, value = solver.names.answer, solver.names.value
    layout = solver.conventions.layout
    if find == "stationary" and not solver.turned:
        return
    if find in ("derivative", "stationary"):
        like: Expr = wrt if value.is_scalar else value
        if value.is_scalar or wrt.is_scalar:
            yield SHAPE_OF[layout](answer=answer, like=like.T if solver.turned else like)
        else:
            rows, columns = (wrt, value) if solver.turned else (value, wrt)
            yield ENTRIES_OF[layout](answer=answer, rows=rows, columns=columns)
