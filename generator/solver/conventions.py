"""What a derivative by a structured variable means, and how a derivative is laid out: conventions, each as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from generator.errors import Unsupported
from generator.expr.messages import Message
from generator.expr.nodes import (
    ONE,
    SCALAR,
    Diag,
    Diagonal,
    Expr,
    Hadamard,
    Identity,
    Scale,
    Shape,
    Symbol,
    number,
    scale,
)
from generator.expr.properties import declared, has

if TYPE_CHECKING:
    from collections.abc import Callable

Convention = Literal["projection", "independent entries", "unstructured"]
"""Of a derivative by a structured variable: the gradient within the space of the variable; the derivative by each
entry, where entries that the structure ties together are one variable; the gradient with all entries taken as free."""

Layout = Literal["gradient", "numerator", "denominator"]
"""A derivative of a scalar has the shape of the variable but in numerator layout; a Jacobian is [∂f_i/∂x_j] but in
denominator layout. Where a layout differs from these, it is by a transpose."""


@dataclass(frozen=True)
class Conventions:
    """The conventions that a derivation is asked to keep to; `structured` is None for the usual one."""

    structured: Convention | None = None
    layout: Layout = "gradient"

    def turn(self, function: Shape, wrt: Shape) -> bool:
        """The layout asks for the transpose of the gradient, or of the Jacobian."""
        if function == SCALAR:
            return self.layout == "numerator" and wrt != SCALAR
        return self.layout == "denominator" and (wrt != SCALAR or ONE in function)

    def decided(self, function: Expr, wrt: Symbol, find: str) -> Conventions:
        """The same with nothing left open; Unsupported where what is asked for has no meaning, or no formula."""
        return replace(self, structured=_decided(self.structured, function, wrt, find))


USUAL = Conventions()
FREE = Conventions("unstructured")

half = number("1/2")


@dataclass(frozen=True)
class Structure:
    """What a property of the variable leaves of a gradient, where P stands before dX in dL = Tr(P dX)."""

    property: str
    only_part_counts: Message | None = None
    """Why the projection is the gradient, of the variable's `{differential}`."""
    projection: Callable[[Expr], Expr] | None = None
    """The part of P′ that has the property: the gradient within the space of such matrices."""
    independent: Callable[[Expr], Expr] | None = None
    """The derivative by each entry, where those that are tied together move together."""
    tie: Message | None = None
    """How often an entry of the `{variable}` occurs."""


def _on_diagonal(P: Expr) -> Expr:
    match P:
        case Scale(coefficient, body):
            return scale(coefficient, Diag(Diagonal(body)))
        case _:
            return Diag(Diagonal(P))


def _skew_part(P: Expr) -> Expr:
    return half * (P.T - P)


def _symmetric_part(P: Expr) -> Expr:
    return half * (P + P.T)


def _off_diagonal_twice(P: Expr) -> Expr:
    return P + P.T - Hadamard((Identity(P.shape[0]), P))


STRUCTURES = (
    Structure("orthogonal"),
    Structure(
        "diagonal",
        Message(
            "diagonal-part", "{differential} is diagonal, so only the diagonal part of the factor before it counts"
        ),
        _on_diagonal,
        _on_diagonal,
    ),
    Structure(
        "skew-symmetric",
        Message(
            "skew-part",
            "{differential} is skew-symmetric, so only the skew-symmetric part of the factor before it counts",
        ),
        _skew_part,
        lambda P: P.T - P,
        Message(
            "skew-tie",
            "{variable} is skew-symmetric: each entry occurs twice, with opposite signs, and the diagonal is zero",
        ),
    ),
    Structure(
        "symmetric",
        Message(
            "symmetric-part", "{differential} is symmetric, so only the symmetric part of the factor before it counts"
        ),
        _symmetric_part,
        _off_diagonal_twice,
        Message("symmetric-tie", "{variable} is symmetric: each entry off the diagonal occurs twice, each on it once"),
    ),
    Structure("lower triangular"),
)
"""The structures that a variable may have; where it has several, the first one decides."""


def structure_of(wrt: Symbol) -> Structure | None:
    """The structure of a variable; None of one whose entries are free."""
    if not wrt.is_square or wrt.is_scalar:
        return None
    return next((s for s in STRUCTURES if has(wrt, s.property)), None)


def variable(wrt: Symbol, convention: Convention | None, find: str) -> Symbol:
    """The variable as a derivation takes it: where its entries are free, without its structure.

    Used before differentiating, X′ = X would make dX symmetric. Of what is declared only that is kept which no small
    change of an entry ends. A differential alone may take dX as the structure has it.
    """
    structure = structure_of(wrt)
    if structure is None or convention != "unstructured" or (find == "differential" and structure.projection):
        return wrt
    return Symbol(wrt.name, wrt.shape, frozenset(p for p in ("positive", "invertible") if declared(wrt, p)))


def _decided(asked: Convention | None, function: Expr, wrt: Symbol, find: str) -> Convention:
    structure = structure_of(wrt)
    if structure is None or find == "differential":
        return "unstructured"
    gradient = function.is_scalar and find != "hessian"
    if find == "stationary" and structure.projection is None:
        raise Unsupported(
            f"points that are stationary among all that are {structure.property} are not derived",
            remedy="Ask for the derivative instead.",
        )
    if find == "stationary" and asked not in (None, "projection"):
        raise Unsupported(
            f"points are stationary where the projected gradient is zero: they have no convention {asked!r}",
            remedy="Leave the convention out, or ask for 'projection'.",
        )
    if asked is None:
        return "projection" if gradient and structure.projection else "unstructured"
    if asked != "unstructured" and not gradient:
        raise Unsupported(
            f"a {'Hessian' if find == 'hessian' else 'Jacobian'} has no convention {asked!r}",
            remedy=f"Leave it out, or ask for 'unstructured': all entries of {wrt.name} are taken as free.",
        )
    if asked != "unstructured" and structure.projection is None:
        raise Unsupported(
            f"the derivative by the {structure.property} {wrt.name} has no formula in the convention {asked!r}",
            remedy=f"Leave it out, or ask for 'unstructured': all entries of {wrt.name} are taken as free.",
        )
    return asked
