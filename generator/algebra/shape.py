"""Shapes by unification: what must agree for an expression to mean something, and which dimensions follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    Adjugate,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    Kronecker,
    MatrixFunction,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Vec,
    Zero,
    walk,
)
from generator.algebra.plain import plain
from generator.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Agreement:
    """Two dimensions that must be equal: each with whose it is, and the reason."""

    left: Dim
    right: Dim
    of_left: str
    of_right: str
    why: str


def _square(arg: Expr, what: str) -> Agreement:
    return Agreement(arg.shape[0], arg.shape[1], f"{plain(arg)} has {{}} rows", "{} columns", f"{what} a square matrix")


def _alike(first: Expr, other: Expr, what: str) -> Iterator[Agreement]:
    for axis, name in enumerate(("rows", "columns")):
        yield Agreement(
            first.shape[axis],
            other.shape[axis],
            f"{plain(first)} has {{}} {name}",
            f"{plain(other)} has {{}}",
            f"the parts of {what} have the same shape",
        )


def agreements(e: Expr) -> Iterator[Agreement]:
    """What the node itself, not those below it, asks of its children."""
    match e:
        case Sum(terms):
            for other in terms[1:]:
                yield from _alike(terms[0], other, "a sum")
        case Hadamard(factors):
            for other in factors[1:]:
                yield from _alike(factors[0], other, "an entrywise product")
        case Product(factors):
            for a, b in pairwise(factors):
                yield Agreement(
                    a.shape[1],
                    b.shape[0],
                    f"{plain(a)} has {{}} columns",
                    f"{plain(b)} has {{}} rows",
                    f"the product {plain(a)}*{plain(b)} needs as many columns on its left as rows on its right",
                )
        case Trace(arg):
            yield _square(arg, "tr needs")
        case Determinant(arg):
            yield _square(arg, "det needs")
        case Inverse(arg):
            yield _square(arg, "an inverse needs")
        case Adjugate(arg):
            yield _square(arg, "adj needs")
        case MatrixFunction(name, arg):
            yield _square(arg, f"{name} needs")
        case Diagonal(arg):
            yield _square(arg, "diag needs a column vector or")
        case Power(base) if not base.is_scalar:
            yield _square(base, "a power (of the whole; for each entry write .^) needs")
        case Diag(arg):
            yield Agreement(
                arg.shape[1],
                ONE,
                f"{plain(arg)} has {{}} columns",
                "a column vector has {}",
                "diag of a vector",
            )
        case Symbol(_, (rows, columns), properties) if properties & MUST_BE_SQUARE:
            yield Agreement(
                rows,
                columns,
                f"{plain(e)} has {{}} rows",
                "{} columns",
                f"a {min(properties & MUST_BE_SQUARE)} matrix is square",
            )
        case (
            Number()
            | Pi()
            | Symbol()
            | Identity()
            | Zero()
            | Ones()
            | Scale()
            | Power()
            | Transpose()
            | PseudoInverse()
            | EntrySum()
            | Norm()
            | Vec()
            | Kronecker()
            | Elementwise()
            | HadamardPower()
            | Differential()
        ):
            return


MUST_BE_SQUARE = frozenset(
    {
        "symmetric",
        "skew-symmetric",
        "positive definite",
        "orthogonal",
        "lower triangular",
        "diagonal",
        "invertible",
    }
)
"""Properties that only a square matrix can have."""


class Unifier:
    """Finds the unknown dimensions, or the two that cannot be equal."""

    def __init__(self) -> None:
        self.known: dict[str, Dim] = {}
        self._fresh = 0

    def fresh(self, *, any_size: bool = False) -> Dim:
        """A dimension not known yet. Unless it may have any size it is not 1: no matrix is a column by accident."""
        self._fresh += 1
        return Dim((f"?{'any' if any_size else ''}{self._fresh}",))

    def find(self, dim: Dim) -> Dim:
        """What is known of a dimension."""
        while (found := dim.replace(self.known)) != dim:
            dim = found
        return dim

    def unify(self, left: Dim, right: Dim) -> bool:
        """Make two dimensions equal; False if they cannot be."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return True
        if right.is_unknown and not (left.is_unknown and left.names[0].startswith("?any")):
            left, right = right, left
        if not left.is_unknown or left.names[0] in right.names:
            return False
        if right == ONE and not left.names[0].startswith("?any"):
            return False
        self.known[left.names[0]] = right
        return True

    def require(self, e: Expr) -> None:
        """Make the node's own agreements hold, or raise a ShapeError that names both sides and the reason."""
        for a in agreements(e):
            if not self.unify(a.left, a.right):
                left, right = (_count(self.find(side)) for side in (a.left, a.right))
                raise ShapeError(f"{a.of_left.format(left)} and {a.of_right.format(right)}; {a.why}")


def _count(dim: Dim) -> str:
    return "more than 1" if dim.is_unknown else str(dim)


def check(e: Expr) -> None:
    """Raise a ShapeError unless every part of an expression conforms."""
    unifier = Unifier()
    for part in walk(e):
        unifier.require(part)
