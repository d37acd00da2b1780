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
    BlockMatrix,
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
    axes: tuple[int, int] | None = None
    """The sides by which the blocks of two parts, or of one, meet: 0 for rows and 1 for columns."""


def _square(arg: Expr, what: str) -> Agreement:
    return Agreement(
        (arg.shape[0], "{e} has {} rows", arg),
        (arg.shape[1], "{} columns", None),
        f"{what} a square matrix",
        axes=(0, 1),
    )


def _alike(first: Expr, other: Expr, what: str) -> Iterator[Agreement]:
    for axis, name in enumerate(("rows", "columns")):
        yield Agreement(
            (first.shape[axis], f"{{e}} has {{}} {name}", first),
            (other.shape[axis], "{e} has {}", other),
            f"the parts of {what} have the same shape",
            axes=(axis, axis),
        )


def fits(first: Expr, other: Expr, axis: int) -> Agreement:
    """The condition for blocks to conform: equal rows beside each other (axis 0), equal columns below (axis 1)."""
    where, name = (("beside", "rows"), ("below", "columns"))[axis]
    return Agreement(
        (other.shape[axis], f"{{e}} has {{}} {name}", other),
        (first.shape[axis], "{e} has {}", first),
        f"blocks {where} each other have as many {name}",
        axes=(axis, axis),
    )


def blocks_along(e: Expr, axis: int) -> tuple[Dim, ...]:
    """The rows, or columns, of the blocks that an expression is made of; those of the whole where it has none."""
    match e:
        case BlockMatrix():
            return e.widths if axis else e.heights
        case Transpose(arg):
            return blocks_along(arg, 1 - axis)
        case Scale(_, arg) | Elementwise(_, arg):
            return blocks_along(arg, axis)
        case Product(factors):
            return blocks_along(factors[-1 if axis else 0], axis)
        case Sum(terms) | Hadamard(terms):
            return max((blocks_along(term, axis) for term in terms), key=len)
        case _:
            return (e.shape[axis],)


def _factors_along(e: Expr, axis: int) -> list[Dim]:
    """The dimensions whose product is the number of rows (0) or columns (1) of a Kronecker product, or of vec X."""
    match e:
        case Kronecker(left, right):
            return [*_factors_along(left, axis), *_factors_along(right, axis)]
        case Transpose(arg):
            return _factors_along(arg, 1 - axis)
        case Vec(arg) if axis == 0:
            return [arg.shape[1], arg.shape[0]]
        case Product(factors):
            return _factors_along(factors[-axis], axis)
        case Scale(_, body):
            return _factors_along(body, axis)
        case _:
            return [e.shape[axis]]


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
                    axes=(1, 0),
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
        case BlockMatrix():
            for axis, lines in enumerate((e.lines, e.columns)):
                for first, *others in lines:
                    yield from (fits(first, other, axis) for other in others)
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
        return Dim.of(f"?{'any' if any_size else ''}{self._fresh}")

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
        if left.is_sum or right.is_sum:
            apart = _without_common_terms(left, right)
            if apart is None:
                return False
            left, right = apart
        elif not (left.is_unknown or right.is_unknown):
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
            try:
                self.agree(a, in_pairs=stacked)
            except ShapeError:
                if not self._agree_by_factors(e):
                    raise
                self.agree(a, in_pairs=stacked)

    def _agree_by_factors(self, e: Expr) -> bool:
        """Make what stands beside a Kronecker product as large as its factors one by one, as of (B ⊗ A) vec X."""
        match e:
            case Trace(arg) | Determinant(arg) | Inverse(arg) | Power(arg):
                sides = [(_factors_along(arg, 0), _factors_along(arg, 1))]
            case Product(factors):
                sides = [(_factors_along(left, 1), _factors_along(right, 0)) for left, right in pairwise(factors)]
            case Sum(terms):
                sides = [(_factors_along(one, 0), _factors_along(other, 0)) for one, other in pairwise(terms)]
            case _:
                return False
        pairs = [pair for left, right in sides if len(left) == len(right) > 1 for pair in zip(left, right, strict=True)]
        return bool(pairs) and all(self.unify(left, right) for left, right in pairs)

    def agree(self, a: Agreement, *, in_pairs: bool = False) -> None:
        """Make two dimensions equal, or raise a ShapeError that names both sides and the reason."""
        if not self._unify_blocks(a) and not self.unify(a.left[0], a.right[0], in_pairs=in_pairs):
            why = a.why.format(*map(plain, a.parts))
            raise ShapeError(f"{self._words(a.left)} and {self._words(a.right)}; {why}")

    def _unify_blocks(self, a: Agreement) -> bool:
        """Make the blocks on both sides as large as each other; False where there are none, or they do not meet."""
        left, right = a.left[2], a.right[2] or a.left[2]
        if a.axes is None or left is None or right is None or not (a.left[0].is_sum and a.right[0].is_sum):
            return False
        mine, theirs = blocks_along(left, a.axes[0]), blocks_along(right, a.axes[1])
        known = dict(self.known)
        if len(mine) == len(theirs) and all(map(self.unify, mine, theirs)):
            return True
        self.known = known
        return False

    def _words(self, side: Side) -> str:
        dim, sentence, e = self.find(side[0]), side[1], side[2]
        is_known = not any(name.startswith("?") for name in dim.names)
        return sentence.format(dim if is_known else "more than 1", e=plain(e) if e is not None else "")


def _unknown_in_pairs(left: Dim, right: Dim) -> dict[str, Dim] | None:
    """Sides of matrices as those of others, where vec(X) is as long as vec(Y) and nothing else is known of both."""
    names = (*left.names, *right.names)
    inferred = all(name[1:].isdigit() and name.startswith("?") for name in names) and len(set(names)) == len(names)
    if not inferred or left.number != right.number or len(left.names) != len(right.names) or len(left.names) < 2:
        return None
    ordered = (sorted(dim.names, key=lambda name: int(name[1:])) for dim in (left, right))
    return {mine: Dim.of(other) for mine, other in zip(*ordered, strict=True)}


def _without_common_terms(left: Dim, right: Dim) -> tuple[Dim, Dim] | None:
    """Two sums with what both have taken out; None where nothing is left of one, which cannot be of no size."""
    mine, theirs = Counter(dict(left.terms)), Counter(dict(right.terms))
    rest = [(a - b).items() for a, b in ((mine, theirs), (theirs, mine))]
    return (Dim.total(rest[0]), Dim.total(rest[1])) if all(rest) else None


def _without_common_factors(left: Dim, right: Dim) -> tuple[Dim, Dim]:
    """Two dimensions with what both are multiples of taken out: 2*n and n*m are equal where 2 and m are."""
    mine, theirs = Counter(left.names), Counter(right.names)
    divisor = gcd(left.number, right.number)
    return (
        Dim(((tuple(sorted((mine - theirs).elements())), left.number // divisor),)),
        Dim(((tuple(sorted((theirs - mine).elements())), right.number // divisor),)),
    )


def check(e: Expr) -> None:
    """Raise a ShapeError unless every part of an expression conforms."""
    unifier = Unifier()
    for part in walk(e):
        unifier.require(part)
