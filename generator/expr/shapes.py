"""Shapes by unification: what must agree for an expression to mean something, and which dimensions follow from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import ShapeError
from generator.expr.nodes import (
    OF_SYMMETRIC,
    ONE,
    Adjugate,
    Commutation,
    CrossMatrix,
    Curve,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    Entry,
    EntryMatrix,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    IndexSum,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Member,
    Members,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Softmax,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    Zero,
    walk,
)
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator


Side: TypeAlias = tuple[Dim, str, Expr | None]
"""A dimension, and whose it is: a sentence with {} for its number, about an expression that fills {e}."""


@dataclass(frozen=True)
class Agreement:
    """Two dimensions that must be equal, and the reason; nothing is put into words until they are not."""

    left: Side
    right: Side
    why: str
    parts: tuple[Expr, ...] = ()
    """What the reason speaks of, in turn."""


def _square(arg: Expr, what: str) -> Agreement:
    return Agreement(
        (arg.shape[0], "{e} has {} rows", arg), (arg.shape[1], "{} columns", None), f"{what} a square matrix"
    )


def _alike(first: Expr, other: Expr, what: str) -> Iterator[Agreement]:
    for axis, name in enumerate(("rows", "columns")):
        yield Agreement(
            (first.shape[axis], f"{{e}} has {{}} {name}", first),
            (other.shape[axis], "{e} has {}", other),
            f"the parts of {what} have the same shape",
        )


def agreements(e: Expr) -> Iterator[Agreement]:  # noqa: C901 - one branch per node
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
                    (a.shape[1], "{e} has {} columns", a),
                    (b.shape[0], "{e} has {} rows", b),
                    "the product {}*{} needs as many columns on its left as rows on its right",
                    (a, b),
                )
        case HadamardPower(base, exponent) if not base.is_scalar and not exponent.is_scalar:
            yield from _alike(base, exponent, "an entrywise power")
        case Trace(arg):
            yield _square(arg, "tr needs")
        case Determinant(arg):
            yield _square(arg, "det needs")
        case Inverse(arg):
            yield _square(arg, "an inverse needs")
        case Adjugate(arg):
            yield _square(arg, "adj needs")
        case Spectral(name, arg) if name in ("eigenvalues", "eigenvectors", *OF_SYMMETRIC, *OF_SYMMETRIC.values()):
            yield _square(arg, f"{name} needs")
        case MatrixFunction(name, arg):
            yield _square(arg, f"{name} needs")
        case Diagonal(arg):
            yield _square(arg, "diag needs a column vector or")
        case Power(base) if not base.is_scalar:
            yield _square(base, "a power (of the whole; for each entry write .^) needs")
        case CrossMatrix(arg):
            for side, count, what in ((arg.shape[0], Dim.of(3), "rows"), (arg.shape[1], ONE, "columns")):
                yield Agreement(
                    (side, f"{{e}} has {{}} {what}", arg),
                    (count, f"a column of three has {{}} {what}", None),
                    "a cross product is of two columns of three",
                )
        case Diag(arg):
            yield Agreement(
                (arg.shape[1], "{e} has {} columns", arg), (ONE, "a column vector has {}", None), "diag of a vector"
            )
        case Symbol(_, (rows, columns), properties) if properties & MUST_BE_SQUARE:
            yield Agreement(
                (rows, "{e} has {} rows", e),
                (columns, "{} columns", None),
                f"a {min(properties & MUST_BE_SQUARE)} matrix is square",
            )
        case Member(family, Symbol(_, _, _, count)) if count is not None and family.total is not None:
            yield Agreement(
                (family.total, "there are {} {e}", Member(family, e.index)),
                (count, "{e} has {} values", e.index),
                "an index runs over all members",
            )
        case Entry(arg, row, column):
            for axis, at, name in ((0, row, "rows"), (1, column, "columns")):
                if at is None:
                    yield Agreement(
                        (arg.shape[1], "{e} has {} columns", arg),
                        (ONE, "a column has {}", None),
                        "one index is of a column",
                    )
                elif isinstance(at, Symbol) and at.total is not None:
                    yield Agreement(
                        (arg.shape[axis], f"{{e}} has {{}} {name}", arg),
                        (at.total, "{e} has {} values", at),
                        "an index runs over all entries",
                    )
        case Unvec(arg, n, m):
            yield Agreement(
                (arg.shape[0], "{e} has {} rows", arg),
                (n * m, "its matrix {} entries", None),
                "vec undone, which keeps all entries",
            )
        case (
            Number()
            | Pi()
            | Matrix()
            | EntryMatrix()
            | Spectral()
            | Symbol()
            | Member()
            | Members()
            | Curve()
            | IndexSum()
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
            | Commutation()
            | Elementwise()
            | Softmax()
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

    def unify(self, left: Dim, right: Dim, *, in_pairs: bool = False) -> bool:
        """Make two dimensions equal, products of unknown ones perhaps pair by pair; False if they cannot be."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return True
        if not (left.is_unknown or right.is_unknown):
            left, right = _without_common_factors(left, right)
            if in_pairs and (pairs := _unknown_in_pairs(left, right)) is not None:
                self.known.update(pairs)
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
        stacked = (
            isinstance(e, Sum | Product)
            and any(len(side.names) > 1 for child in e.children for side in child.shape)
            and not any(isinstance(part, Kronecker) for part in walk(e))
        )
        for a in agreements(e):
            if not self.unify(a.left[0], a.right[0], in_pairs=stacked):
                why = a.why.format(*map(plain, a.parts))
                raise ShapeError(f"{self._words(a.left)} and {self._words(a.right)}; {why}")

    def _words(self, side: Side) -> str:
        dim, sentence, e = self.find(side[0]), side[1], side[2]
        return sentence.format("more than 1" if dim.is_unknown else dim, e=plain(e) if e is not None else "")


def _unknown_in_pairs(left: Dim, right: Dim) -> dict[str, Dim] | None:
    """Sides of matrices as those of others, where vec(X) is as long as vec(Y) and nothing else is known of both."""
    names = (*left.names, *right.names)
    inferred = all(name[1:].isdigit() and name.startswith("?") for name in names) and len(set(names)) == len(names)
    if not inferred or left.number != right.number or len(left.names) != len(right.names) or len(left.names) < 2:
        return None
    ordered = (sorted(dim.names, key=lambda name: int(name[1:])) for dim in (left, right))
    return {mine: Dim.of(other) for mine, other in zip(*ordered, strict=True)}


def _without_common_factors(left: Dim, right: Dim) -> tuple[Dim, Dim]:
    """Two dimensions with what both are multiples of taken out: 2*n and n*m are equal where 2 and m are."""
    mine, theirs = Counter(left.names), Counter(right.names)
    divisor = gcd(left.number, right.number)
    return (
        Dim(tuple(sorted((mine - theirs).elements())), left.number // divisor),
        Dim(tuple(sorted((theirs - mine).elements())), right.number // divisor),
    )


def check(e: Expr) -> None:
    """Raise a ShapeError unless every part of an expression conforms."""
    unifier = Unifier()
    for part in walk(e):
        unifier.require(part)
