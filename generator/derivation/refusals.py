"""Why a differential is not found: the mathematics that stands in the way, and what can be asked for instead."""

from __future__ import annotations

from generator.algebra.expr import Expr, MatrixFunction, Number, Power
from generator.algebra.plain import plain
from generator.errors import Unsupported


def no_differential(e: Expr) -> Unsupported:
    """The refusal for an expression that no rule differentiates."""
    match e:
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
        case _:
            return Unsupported(
                f"no rule gives the differential of {plain(e)}",
                remedy="The other parts of the function can be derived; this one is not covered yet.",
            )
