"""Why a differential is not found: the mathematics that stands in the way, and what can be asked for instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.nodes import Entry, Expr, MatrixFunction, Number, Power, Sum
from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from generator.expr.nodes import Symbol
    from generator.rules.rule import Context


def no_differential(e: Expr, context: Context) -> Unsupported:
    """The refusal for an expression that no rule differentiates."""
    match e:
        case Power(base, exponent) if not base.is_scalar and not context.is_constant(exponent):
            return Unsupported(
                f"{plain(e)} is a power of a matrix, whose exponent {plain(exponent)} is a whole number: "
                "it has no differential",
                remedy=f"For any exponent write expm({_factor(exponent)}*logm({plain(base)})).",
            )
        case MatrixFunction(name, arg):
            inner = plain(arg)
            return Unsupported(
                f"the differential of {plain(e)} has no closed form: in each term of the power series "
                f"d({inner}) stands between powers of {inner}, with which it need not commute",
                remedy=f"There is one inside a trace, as tr({plain(e)}), if all else there commutes with {inner}, "
                f"and along a scalar t, as {name}(t*A).",
            )
        case Power(base, exponent) if not base.is_scalar and not isinstance(exponent, Number):
            return Unsupported(
                f"the differential of {plain(e)} has one term for each of {plain(exponent)} factors, "
                f"which need not commute with d({plain(base)})",
                remedy=f"Write a number instead of {plain(exponent)}; for any number tr({plain(e)}) can be derived.",
            )
        case Entry(arg) if arg == context.wrt:
            return Unsupported(
                f"the derivative by {plain(arg)} as a whole: in a sum its entries {plain(e)} stand beside matrices, "
                f"and no product with {plain(arg)} is this sum",
                remedy=f"Each entry has its own: ask for the derivative by {_one_entry(e)}.",
            )
        case _:
            return Unsupported(
                f"no rule gives the differential of {plain(e)}",
                remedy="The other parts of the function can be derived; this one is not covered yet.",
            )


def not_movable(term: Expr, wrt: Symbol) -> Unsupported:
    """The refusal of a term whose differential cannot be moved to its end."""
    return Unsupported(
        f"{plain(term)} cannot be brought into the form Tr(G' d{wrt.name})",
        remedy="A rule that moves the differential to the end is missing for this kind of term.",
    )


def _one_entry(e: Entry) -> str:
    """The name of an entry whose indices no sum runs over: x_k, X_kl."""
    return f"{plain(e.arg)}_{'k' if e.column is None else 'kl'}"


def _factor(e: Expr) -> str:
    return f"({plain(e)})" if isinstance(e, Sum) else plain(e)
