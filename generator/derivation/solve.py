"""The solver: a question in, a verified derivation out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast, get_args

from generator.algebra.expr import Expr, Symbol, Transpose, shape_text, substitute
from generator.algebra.parse import read
from generator.algebra.plain import plain
from generator.algebra.scan import normal_name
from generator.derivation import conditions, plan
from generator.derivation.blocks import expanded
from generator.derivation.conventions import USUAL, Convention, Conventions, Layout, stated, variable
from generator.derivation.derivation import Derivation, Equation
from generator.derivation.detail import Detail, detailed
from generator.derivation.gradient import GradientBoard
from generator.derivation.hessian import HessianBoard
from generator.derivation.identify import use_structure
from generator.derivation.jacobian import JacobianBoard
from generator.derivation.rule import Context
from generator.derivation.stationary import find_stationary
from generator.derivation.verify import verify
from generator.errors import ExpressionError, InText, Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.derivation.differential import DifferentialBoard
    from generator.derivation.engine import Slip

Find = Literal["derivative", "differential", "hessian", "stationary"]


def solve(
    function: str | Expr,
    wrt: str | Symbol,
    symbols: Mapping[str, str] | None = None,
    find: str = "derivative",
    *,
    detail: str = "standard",
    convention: str | None = None,
    layout: str = "gradient",
) -> Derivation:
    """The derivation of a function's derivative, differential, Hessian or stationary point.

    `function` is text or an expression; `wrt` the symbol to differentiate by; `symbols` declares names as
    `"n x m symmetric"`, or is left out and all is inferred; `find` is derivative, differential, hessian or stationary;
    `detail` shows each rule on a line of its own (full), a lecturer's lines, or the result of each chain (brief).
    `convention` says what the derivative by a structured variable means: projection (which is usual), independent
    entries or unstructured. `layout` is gradient (a gradient has the shape of the variable, a Jacobian is
    [∂f_i/∂x_j]), numerator or denominator. Every line is checked on random numbers before it is given back. Raises
    ExpressionError or ShapeError, with the place, for what is ill-formed; Unsupported for what no rule covers;
    VerificationError if a check fails.
    """
    for key, said, known in (
        ("find", find, get_args(Find)),
        ("detail", detail, get_args(Detail)),
        ("convention", convention, (None, *get_args(Convention))),
        ("layout", layout, get_args(Layout)),
    ):
        if said not in known:
            names = ", ".join(filter(None, known))
            raise ExpressionError(f"nothing is known of {key}: {said}", remedy=f"It is one of {names}.")
    if isinstance(function, str):
        name = normal_name(wrt.name if isinstance(wrt, Symbol) else wrt)
        parsed = read(function, symbols, name)
        expr, declared = parsed.expr, parsed.symbols
        found = declared.get(name)
        if found is None or found not in expr.symbols:
            raise ExpressionError(
                f"the function does not depend on {name}",
                text=InText(function, 0, len(function)),
                remedy=f"It contains {', '.join(sorted(s.name for s in expr.symbols)) or 'no symbol'}.",
            )
    else:
        expr = function
        declared = {s.name: s for s in sorted(expr.symbols, key=lambda s: s.name)}
        found = wrt if isinstance(wrt, Symbol) else declared.get(normal_name(wrt))
        if found is None or found not in expr.symbols:
            raise ExpressionError(f"{plain(expr)} does not depend on {wrt if isinstance(wrt, str) else wrt.name}")
    conventions = Conventions(cast("Convention | None", convention), cast("Layout", layout))
    return derive(expr, found, declared, find, cast("Detail", detail), conventions)


def derive(
    function: Expr,
    wrt: Symbol,
    symbols: dict[str, Symbol],
    find: str,
    detail: Detail = "standard",
    conventions: Conventions = USUAL,
) -> Derivation:
    """The same for an expression whose symbols are known."""
    derivation = written(function, wrt, symbols, find, conventions=conventions)
    derivation = replace(derivation, stages=detailed(derivation.stages, detail))
    return replace(derivation, verified=verify(derivation))


def written(
    function: Expr,
    wrt: Symbol,
    symbols: dict[str, Symbol],
    find: str,
    slip: Slip | None = None,
    conventions: Conventions = USUAL,
) -> Derivation:
    """The derivation before it is verified; with a slip, one that need not be true."""
    _refuse_what_is_missing(function, wrt, symbols, find)
    conventions = conventions.decided(function, wrt, find)
    X = variable(wrt, conventions.structured, find)
    board = _board(function, find)(substitute(function, {wrt: X}), X, symbols, slip, conventions)
    result = board.derive() if find != "differential" else board.differential()
    known = {symbol: substitute(e, {X: wrt}) for symbol, e in expanded(board.names.blocks).items()} | {X: wrt}
    said = [
        *conditions.of_function(function, Context(frozenset({wrt}), wrt)),
        *conditions.of_steps(board.board.steps, known),
    ]
    if wrt != X and find != "differential":
        result = use_structure(board, result, wrt)
    remarks = list(stated(board, wrt, find))
    outcome: Expr | Equation = result
    if find == "stationary" and isinstance(board, GradientBoard):
        gradient = board.engine.run(Transpose(result), plan.ANSWER)[0] if board.turned else result
        point = find_stationary(board, gradient)
        outcome = point.solution
        said = [text for text in said if point.implied.isdisjoint(text)] + [*point.conditions]
        remarks += point.remarks
    return Derivation(
        board.function,
        X,
        find,
        conventions,
        symbols,
        board.names.value,
        board.names.answer,
        board.names.blocks,
        board.board.finished(),
        outcome,
        conditions.distinct(said),
        tuple(remarks),
    )


def _board(function: Expr, find: str) -> type[DifferentialBoard]:
    """Who derives what is asked for."""
    if find == "hessian":
        return HessianBoard
    return GradientBoard if function.is_scalar else JacobianBoard


def _refuse_what_is_missing(function: Expr, wrt: Symbol, symbols: Mapping[str, Symbol], find: str) -> None:
    if not function.is_scalar and find in ("hessian", "stationary"):
        raise Unsupported(
            f"{plain(function)} is {shape_text(function.shape)}, and find: {find} asks for a scalar function",
            remedy="Ask for the derivative, or for a scalar such as the trace, the norm or the sum of the entries.",
        )
    clash = f"d{wrt.name}"
    if clash in symbols:
        raise Unsupported(f"{clash} is the name of the differential of {wrt.name}", remedy=f"Rename {clash}.")
