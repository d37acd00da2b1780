"""What a reader has to be told of the conventions that a derivation kept to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import Expr, Symbol, Transpose, product
from generator.derivation.conventions import structure_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.algebra.plain import Text
    from generator.derivation.conventions import Structure
    from generator.derivation.differential import DifferentialBoard

NAMED = ("orthogonal", "diagonal", "symmetric", "skew-symmetric", "positive definite", "lower triangular")
"""The properties that tie entries together or leave some out."""


def stated(board: DifferentialBoard, wrt: Symbol, find: str) -> Iterator[Text]:
    """What a reader has to be told of the conventions that a derivation by `wrt` kept to."""
    structure = structure_of(wrt)
    if structure is not None and find != "differential":
        yield from _structure_stated(board, wrt, structure)
    if board.conventions.layout != "gradient" and not (wrt.is_scalar and board.function.is_scalar):
        yield from _layout_stated(board, wrt, find)


def _structure_stated(board: DifferentialBoard, wrt: Symbol, structure: Structure) -> Iterator[Text]:
    answer = board.names.answer
    match board.conventions.structured:
        case "independent entries":
            yield (
                "The derivative is by the independent entries of ",
                wrt,
                ": entries that are tied together move together",
            )
        case "unstructured":
            named = " and ".join(p for p in NAMED if p in wrt.properties)
            free: Text = ("All entries of ", wrt, " are taken as free, although ", wrt, f" is {named}")
            if answer.shape not in (wrt.shape, wrt.shape[::-1]):
                yield (*free, "; ", answer, " is right for every ", board.dX, f", {structure.property} or not")
            elif structure.property == "lower triangular":
                where = "above" if board.turned else "below"
                only: Text = ("only the entries of ", answer, f" on and {where} the diagonal count")
                yield (*free, "; where ", board.dX, " is, too, ", *only)
            elif structure.property == "orthogonal":
                slope = product(answer, wrt) if board.turned else product(Transpose(wrt), answer)
                yield (
                    *free, "; among orthogonal matrices ", product(Transpose(wrt), board.dX),
                    " is skew-symmetric, so that ", board.names.value, " is stationary where ", slope, " is symmetric",
                )  # fmt: skip
            else:
                yield free
        case "projection" | None:  # said by the line that projects
            pass


def _layout_stated(board: DifferentialBoard, wrt: Symbol, find: str) -> Iterator[Text]:
    answer, value = board.names.answer, board.names.value
    layout = f"{board.conventions.layout.capitalize()} layout: "
    if find == "stationary" and not board.turned:
        return
    if find in ("derivative", "stationary"):
        like: Expr = wrt if value.is_scalar else value
        if value.is_scalar or wrt.is_scalar:
            yield (layout, answer, " has the shape of ", like.T if board.turned else like)
        else:
            rows, columns = (wrt, value) if board.turned else (value, wrt)
            yield (layout, answer, " has a row for each entry of ", rows, " and a column for each entry of ", columns)
