"""The solver: a question in, a verified derivation out."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from generator.errors import ExpressionError, InText, Unsupported
from generator.expr.evaluate.exact import exact
from generator.expr.nodes import (
    OF_NUMBERS_ONLY,
    Expr,
    Matrix,
    Member,
    Number,
    Spectral,
    Symbol,
    Transpose,
    named,
    parameter_of,
    shape_text,
    substitute,
    walk,
)
from generator.expr.parsing.asked import asked
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.parse import read, read_equations, relations
from generator.expr.printing.plain import plain
from generator.expr.properties import UNIT_SUMS
from generator.rules import plan
from generator.rules.rule import Context
from generator.solver import conditions
from generator.solver.blocks import expanded
from generator.solver.conventions import USUAL, Convention, Conventions, Layout, variable
from generator.solver.derivation import Constraints, Derivation, Equation, Whole, declaration_text
from generator.solver.detail import Detail, detailed
from generator.solver.evaluation import valued
from generator.solver.gradient import GradientSolver
from generator.solver.hessian import HessianSolver
from generator.solver.identify import use_structure
from generator.solver.jacobian import JacobianSolver
from generator.solver.matrix_form import in_matrices
from generator.solver.matrix_form import stated as with_matrices_stated
from generator.solver.members import (
    member_named,
    row_of,
    symbol_of,
    with_entries_as_members,
    with_free_letter,
    with_member_apart,
    with_whole_sums,
)
from generator.solver.remarks import stated
from generator.solver.stationary import find_constrained, find_stationary, posed, write_lagrangian
from generator.solver.verify import verify

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from generator.expr.evaluate.exact import Rows
    from generator.expr.messages import Text
    from generator.expr.parsing.asked import Asked
    from generator.rules.engine import Slip
    from generator.solver.differential import DifferentialSolver

Find = Literal["derivative", "differential", "hessian", "stationary", "value"]
Equations: TypeAlias = "tuple[tuple[Expr, Expr], ...]"


def solve(  # noqa: PLR0913 - a public function, whose options have names
    function: str | Expr,
    wrt: str | Symbol | None = None,
    symbols: Mapping[str, str] | None = None,
    find: str = "derivative",
    *,
    given: Mapping[str, str] | None = None,
    subject_to: str | Sequence[str] = (),
    detail: str = "standard",
    convention: str | None = None,
    layout: str = "gradient",
) -> Derivation:
    r"""The derivation of a function's derivative, differential, Hessian, stationary point or value.

    `function` is text or an expression; `wrt` the symbol to differentiate by, which a text such as `d/dX tr(AX)` or
    `\\nabla_x (x'Ax)` names itself; `symbols` declares names as
    `"n x m symmetric"`, or is left out and all is inferred; `find` is derivative, differential, hessian, stationary or
    value. A value takes no `wrt`, and `given` has the numbers of matrices, such as `{"A": "[2 1; 1 3]"}`.
    `subject_to` gives equations `left = right` under which a point is to be stationary, by Lagrange's multipliers, or
    bounds `l <= x <= u` between which a function is least;
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
    if find == "value":
        return _value(function, symbols, given or {})
    if given:
        raise ExpressionError("only a value is worked out in numbers that are given", remedy="Ask for find: value.")
    notes: tuple[str, ...] = ()
    if isinstance(function, str):
        question = asked(function, symbols or ())
        find = _found_by(question, function, find)
        wrt = _variable_of(question, function, wrt)
        function, notes = question.function, question.notes
    if wrt is None:
        raise ExpressionError(
            "nothing says by what the derivative is",
            remedy="Name the variable, or write d/dX (…) or \\nabla_X (…). Of numbers, ask for the value: find: value.",
        )
    texts = relations([subject_to] if isinstance(subject_to, str) else subject_to)
    member: Member | None = None
    name = normal_name(wrt.name if isinstance(wrt, Symbol) else wrt)
    if isinstance(function, str):
        parsed = read_equations(function, texts, symbols, name)
        expr, declared = with_entries_as_members(parsed.expr, name, parsed.symbols)
        found, member, of_members = _variable_in(function, name, expr, declared, symbols or (), find)
        notes += of_members
        name = found.name if member is not None and found is not None else name
        if found is None:  # of one that is declared the derivative is zero
            raise ExpressionError(
                f"the function does not contain {name}",
                text=InText.whole(function),
                remedy=_instead_of(name, expr),
            )
    else:
        expr = function
        declarations = {s.name: declaration_text(s) for s in function.symbols} | dict(symbols or {})
        parsed = read_equations("0", texts, declarations, name)
        declared = symbols_of(expr, *(side for sides in parsed.equations for side in sides))
        found = wrt if isinstance(wrt, Symbol) else declared.get(name)
        if found is None:
            raise ExpressionError(f"{plain(expr)} does not contain {name}", remedy="Give its symbol, with its shape.")
        declared = declared | {name: found}
    conventions = Conventions(cast("Convention | None", convention), cast("Layout", layout))
    _refuse_idle_constraints(texts, parsed.equations, found, find)
    derivation = derive(
        expr, found, declared, find, cast("Detail", detail), conventions, parsed.equations, member=member
    )
    return replace(derivation, notes=(*notes, *derivation.notes, *parsed.notes))


def _found_by(question: Asked, text: str, find: str) -> str:
    """What to find: of a text that is a whole question, the derivative or the Hessian."""
    if question.order == 2 and find == "derivative":
        return "hessian"
    if question.order and find != ("hessian" if question.order == 2 else "derivative"):
        raise ExpressionError(
            f"the text asks for a derivative, and find: {find} for something else",
            text=InText.whole(text),
            remedy="Write the function alone.",
        )
    return find


def _variable_of(question: Asked, text: str, wrt: str | Symbol | None) -> str | Symbol | None:
    """The variable, which the text and the argument name alike where both do."""
    if question.among and wrt is not None:
        name = normal_name(wrt.name if isinstance(wrt, Symbol) else wrt)
        if name in question.among:
            return wrt
        names = ", ".join(question.among)
        raise ExpressionError(
            f"the text has a function of {names} whose best value is meant, and {wrt} is not among these",
            text=InText.whole(text),
            remedy="Write the function alone.",
        )
    if question.wrt is None or wrt is None:
        return question.wrt if wrt is None else wrt
    if normal_name(wrt.name if isinstance(wrt, Symbol) else wrt) != question.wrt:
        raise ExpressionError(
            f"the text asks for the derivative by {question.wrt}, not by {wrt}", text=InText.whole(text)
        )
    return wrt


def _variable_in(
    text: str, name: str, expr: Expr, symbols: Mapping[str, Symbol], known: Container[str], find: str
) -> tuple[Symbol | None, Member | None, tuple[str, ...]]:
    """The symbol of the variable, the member of a family that it is, if any, and notes; no symbol where none is it."""
    found = symbols.get(name)
    notes: tuple[str, ...] = ()
    if found is None and find == "derivative" and (row := row_of(name, symbols)) is not None:
        notes += (f"The derivative by {row} is row k of that by {name}, whose rows are {row[:-1]}1, {row[:-1]}2, ….",)
        name = row
    member = member_named(name, symbols) if name not in known else None
    if found is not None and member is None:
        _refuse_one_of_all(text, expr, found, known)
    if found is not None and member is not None and member.family in expr.symbols:
        _refuse_double_meaning(text, expr, member, symbols)
        notes += (f"{name} is taken for none of those that the sum runs over.",)
    if found is not None or member is None:
        return found, None, notes
    free = with_free_letter(member, expr, symbols)
    if free != member:
        notes += (f"{name} is one of those that the sum runs over, and is written {symbol_of(free).name}.",)
    return symbol_of(free), free, (*notes, *_other_members(symbol_of(free).name, free, expr))


def _other_members(name: str, member: Member, function: Expr) -> tuple[str, ...]:
    """Notes on other members of the same family, such as w_{y_i} beside w_j."""
    family = member.family
    others = sorted(s.name for s in function.symbols if s.name.startswith(family.name) and s != family)
    return tuple(f"{name} is another one than {other}, by which the derivative differs." for other in others)


def _refuse_one_of_all(text: str, function: Expr, one: Symbol, known: Container[str]) -> None:
    """Refuse w_{y_i} beside a sum over all w_j, of which it is one by its index."""
    families = [s.name for s in function.symbols if s.total is not None and not s.is_index]
    if one.name not in known and any(one.name.startswith(family) for family in families):
        raise ExpressionError(
            f"{one.name} is one of those that the sum runs over",
            text=InText.whole(text),
            remedy="Ask for the derivative by another member, or by what all of them are multiplied with.",
        )


def _refuse_double_meaning(text: str, function: Expr, member: Member, symbols: Mapping[str, Symbol]) -> None:
    """Refuse u_o beside a function of a sum over all u_k, as log Σ exp(u_k'v), which may contain it."""
    one = symbol_of(member)
    try:
        is_of_sums = bool(with_member_apart(function, member, symbols).others)
    except Unsupported:
        is_of_sums = True
    if is_of_sums:
        raise ExpressionError(
            f"{one.name} could be one of those that the sum runs over, or another one",
            text=InText.whole(text),
            remedy=f"Write a number if it is one of them, as {one.name.rpartition('_')[0]}_1. If it is another one,"
            f" rename it, or declare it under `symbols`: {one.name}: n.",
        )


def _instead_of(name: str, expr: Expr) -> str:
    """What to ask for instead of the derivative by a name that the function does not contain."""
    stem, _, index = name.rpartition("_")
    if any(s.name == stem and not s.is_scalar for s in expr.symbols):
        where = f"in row {index[0]} and column {index[1:]}" if len(index) > 1 else f"with the index {index}"
        return f"Ask for the derivative by {stem}: that by {name} is its entry {where}."
    known = ", ".join(sorted(plain(named(s)) for s in expr.symbols)) or "no symbol"
    return f"It contains {known}. If {name} is meant, declare its shape under `symbols`: its derivative is 0."


def _value(function: str | Expr, symbols: Mapping[str, str] | None, given: Mapping[str, str]) -> Derivation:
    """The derivation of a value in numbers; those that are given declare their shapes."""
    numbers: dict[str, Rows] = {}
    shapes = dict(symbols or {})
    for name, text in given.items():
        e = read(text).expr
        if not isinstance(e, Matrix | Number):
            raise ExpressionError(
                f"{text} is no matrix of numbers", text=InText.whole(text), remedy="Write rows as [2 1; 1 3]."
            )
        numbers[normal_name(name)] = exact(e, {})
        shapes.setdefault(name, "scalar" if e.is_scalar else f"{e.shape[0]} x {e.shape[1]}")
    if isinstance(function, Expr):
        return valued(function, numbers)
    parsed = read(function, shapes or None)
    return replace(valued(parsed.expr, numbers), notes=parsed.notes)


def symbols_of(*expressions: Expr) -> dict[str, Symbol]:
    """All symbols that occur in expressions, by name, in order."""
    symbols = frozenset[Symbol]().union(*(e.symbols for e in expressions))
    return {s.name: s for s in sorted(symbols, key=lambda s: s.name)}


def _refuse_idle_constraints(texts: Sequence[str], equations: Equations, wrt: Symbol, find: str) -> None:
    """A constraint is on the variable, and asks for a stationary point."""
    for text, sides in zip(texts, equations, strict=True):
        place = InText.whole(text)
        if find != "stationary":
            raise ExpressionError("only a stationary point is subject to a constraint", text=place)
        if wrt not in sides[0].symbols | sides[1].symbols:
            raise ExpressionError(f"the constraint does not depend on {wrt.name}", text=place)


def derive(  # noqa: PLR0913 - what a derivation depends on has names
    function: Expr,
    wrt: Symbol,
    symbols: dict[str, Symbol],
    find: str,
    detail: Detail = "standard",
    conventions: Conventions = USUAL,
    subject_to: Equations = (),
    *,
    member: Member | None = None,
) -> Derivation:
    """The same for an expression whose symbols are known; `member` says which one of a family the variable is."""
    derivation = written(function, wrt, symbols, find, None, conventions, subject_to, member=member)
    derivation = replace(derivation, stages=detailed(derivation.stages, detail))
    return replace(derivation, verified=verify(derivation))


def written(  # noqa: PLR0913 - the same
    function: Expr,
    wrt: Symbol,
    symbols: dict[str, Symbol],
    find: str,
    slip: Slip | None = None,
    conventions: Conventions = USUAL,
    subject_to: Equations = (),
    *,
    member: Member | None = None,
) -> Derivation:
    """The derivation before it is verified; with a slip, one that need not be true."""
    whole: Whole | None = None
    others: dict[Symbol | Member, Expr] = {}
    if member is not None:
        apart = with_member_apart(function, member, symbols, twice=find in ("hessian", "stationary"))
        whole, others = Whole(function, member, apart.alike), apart.others
        function = apart.function
        occurring = symbols_of(function, wrt, *others, *others.values(), *chain.from_iterable(subject_to))
        symbols = {name: symbol for name, symbol in {**symbols, **occurring}.items() if not symbol.is_index}
    problem = posed(function, symbols, subject_to) if subject_to else None
    named = symbols
    if problem is not None:
        function, symbols = problem.lagrangian, symbols | {s.name: s for s in problem.multipliers}
        named = symbols | {problem.value.name: problem.value}
    _refuse_what_is_missing(function, wrt, symbols, find)
    conventions = conventions.decided(function, wrt, find)
    X = variable(wrt, conventions.structured, find)
    solver = _board(function, find)(substitute(function, {wrt: X}), X, named, slip, conventions)
    if problem is not None and isinstance(solver, GradientSolver):
        write_lagrangian(solver, problem)
    result = solver.derive() if find != "differential" else solver.written_out(solver.differential())
    known = {symbol: substitute(e, {X: wrt}) for symbol, e in expanded(solver.names.blocks).items()} | {X: wrt}
    asked = [
        *conditions.of_function(function, Context(frozenset({wrt}), wrt), twice=find == "hessian"),
        *conditions.of_steps(solver.writer.steps, known),
    ]
    asked = conditions.without_implied(asked)
    if wrt != X and find != "differential":
        result = use_structure(solver, result, wrt)
    if others and find in ("derivative", "hessian"):
        result = with_whole_sums(solver, result, others)
    remarks = list(stated(solver, wrt, find))
    outcome: Expr | Equation = result
    divisors: tuple[Expr, ...] = ()
    constraints: Constraints | None = None
    from_point: tuple[Text, ...] = ()
    if find == "stationary" and isinstance(solver, GradientSolver):
        gradient = solver.engine.run(Transpose(result), plan.ANSWER)[0] if solver.turned else result
        point = find_stationary(solver, gradient) if problem is None else find_constrained(solver, gradient, problem)
        outcome = point.solution
        asked = [condition for condition in asked if condition.subject not in point.implied]
        from_point = point.conditions
        remarks += point.remarks
        divisors = point.divisors
        constraints = problem.constraints(*point.multipliers) if problem is not None else None
    by_matrices = None
    if find != "differential" and isinstance(outcome, Expr):
        by_matrices = in_matrices(outcome, solver.engine, solver.taken)
    if by_matrices is not None:
        left = X if find == "stationary" else solver.names.answer
        remarks.append(with_matrices_stated(left, by_matrices))
    return Derivation(
        solver.function,
        X,
        find,
        conventions,
        symbols,
        solver.names.value,
        solver.names.answer,
        solver.names.blocks,
        solver.writer.finished(),
        outcome,
        tuple(dict.fromkeys([*filter(None, (condition.text for condition in asked)), *from_point])),
        tuple(remarks),
        divisors,
        constraints,
        with_matrices=by_matrices,
        others=others,
        whole=whole,
    )


def _board(function: Expr, find: str) -> type[DifferentialSolver]:
    """Who derives what is asked for."""
    if find == "hessian":
        return HessianSolver
    return GradientSolver if function.is_scalar else JacobianSolver


def _refuse_what_is_missing(function: Expr, wrt: Symbol, symbols: Mapping[str, Symbol], find: str) -> None:
    if part := next((p for p in walk(function) if isinstance(p, Spectral) and p.name in OF_NUMBERS_ONLY), None):
        raise Unsupported(
            f"{plain(part)} has a value, but is not differentiated",
            remedy="Ask for the value at given numbers: find: value.",
        )
    if not function.is_scalar and find in ("hessian", "stationary"):
        raise Unsupported(
            f"{plain(function)} is {shape_text(function.shape)}, and find: {find} asks for a scalar function",
            remedy="Ask for the derivative, or for a scalar such as the trace, the norm or the sum of the entries.",
        )
    if parameter_of(wrt):
        raise Unsupported(
            f"{wrt.name} is declared to depend on {parameter_of(wrt)}, and it is not differentiated by",
            remedy=f"Take the derivative by {parameter_of(wrt)}, or leave `of {parameter_of(wrt)}` out.",
        )
    if not wrt.properties.isdisjoint(UNIT_SUMS):
        raise Unsupported(
            f"{wrt.name} is declared to sum to one, and a derivative takes its entries as free",
            remedy=f"Leave that out; for a stationary point give sum({wrt.name}) = 1 as a constraint.",
        )
    clash = f"d{wrt.name}"
    if clash in symbols:
        raise Unsupported(f"{clash} is the name of the differential of {wrt.name}", remedy=f"Rename {clash}.")
