"""Stationary points under equality constraints: the Lagrangian, and its multipliers eliminated (Lagrange 1788)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.errors import Unsupported
from generator.expr.inequalities import distance, is_inequality
from generator.expr.messages import Message, clauses
from generator.expr.nodes import (
    Expr,
    Identity,
    Inverse,
    Norm,
    Number,
    Power,
    Sum,
    Symbol,
    add,
    coefficient_factors,
    factors_of,
    number,
    product,
    scaled,
    split_scale,
    substitute,
    terms_of,
    tr,
    zeros,
)
from generator.expr.printing.plain import plain
from generator.expr.properties import is_nonnegative, is_symmetric, sign, transpose_of
from generator.rules.engine import Engine
from generator.rules.laws import number_and_rest
from generator.rules.rule import Context
from generator.solver.conditions import Condition
from generator.solver.curvature import AFFINE, CONCAVE, CONVEX, Curvature
from generator.solver.derivation import Constraints, Equation, Line
from generator.solver.differential import OBJECTIVES, choose, names_taken
from generator.solver.identify import EQUATION
from generator.solver.stationary.bounded import bound_of, find_bounded
from generator.solver.stationary.draft import Draft, Unfit, divided
from generator.solver.stationary.eigen import remarks, same
from generator.solver.stationary.equation import solved
from generator.solver.stationary.linear import side
from generator.solver.stationary.point import (
    Stationary,
    divisors,
    opened,
    require_domain,
    require_structure,
    texts,
    unsolved,
)
from generator.solver.stationary.polar import polar_point

if TYPE_CHECKING:
    from generator.expr.messages import Sentence, Text
    from generator.solver.gradient import GradientSolver

SCALAR_MULTIPLIERS = ("lambda", "nu", "mu", "kappa", "eta", "xi", "rho")
MATRIX_MULTIPLIERS = ("Lambda", "Gamma", "Theta", "Psi", "Phi")


LAGRANGIAN_OF_ONE = Message(
    "lagrangian-of-one", "{objective} minus {multipliers} times what the constraint sets to zero"
)
LAGRANGIAN_OF_SEVERAL = Message(
    "lagrangian-of-several", "{objective} minus {multipliers} times what the constraints set to zero"
)
LAGRANGIAN_BOUNDED = Message(
    "lagrangian-bounded",
    "{objective} minus {multipliers} times {distances}, entry by entry; the conditions of Karush, Kuhn and Tucker",
)
SQUARED = Message("constraint-squared", "{left} = {right} says that {square} = {value}")
OTHERS_PUT_IN = Message("others-put-in", "the other multipliers put in")
WITH_THIS = Message("with-this", "{left} = {right} with this {variable}")
FIND_FROM_CONSTRAINT = Message("find-from-constraint", "Find {multiplier} from the constraint")
NEGATIVE_ROOT = Message(
    "negative-root",
    "The negative root, {multiplier} = {root}, gives the other stationary point {variable} = {point}",
)
EXTREME_EIGENVALUES = Message(
    "extreme-eigenvalues",
    "{function} is {eigenvalue} there: its smallest and its largest value under the constraint are the smallest and the"
    " largest eigenvalue",
)
EIGENVECTOR_COLUMNS = Message(
    "eigenvector-columns", "So the columns of {variable} are combinations of as many eigenvectors of {matrix}"
)
EXTREMA = {
    (True, True, False): Message(
        "convex-one-linear",
        "{function} is convex and the constraint is linear,"
        " so this is the minimizer of {function} under the constraint",
    ),
    (True, True, True): Message(
        "convex-linear",
        "{function} is convex and the constraints are linear,"
        " so this is the minimizer of {function} under the constraints",
    ),
    (True, False, False): Message(
        "concave-one-linear",
        "{function} is concave and the constraint is linear,"
        " so this is the maximizer of {function} under the constraint",
    ),
    (True, False, True): Message(
        "concave-linear",
        "{function} is concave and the constraints are linear,"
        " so this is the maximizer of {function} under the constraints",
    ),
    (False, True, False): Message(
        "convex-lagrangian-one",
        "With {multipliers} the Lagrangian is convex, so this is the minimizer of {function} under the constraint",
    ),
    (False, True, True): Message(
        "convex-lagrangian",
        "With {multipliers} the Lagrangian is convex, so this is the minimizer of {function} under the constraints",
    ),
    (False, False, False): Message(
        "concave-lagrangian-one",
        "With {multipliers} the Lagrangian is concave, so this is the maximizer of {function} under the constraint",
    ),
    (False, False, True): Message(
        "concave-lagrangian",
        "With {multipliers} the Lagrangian is concave, so this is the maximizer of {function} under the constraints",
    ),
}
"""By whether the constraints are linear, what is convex rather than concave, and there are several constraints."""


@dataclass(frozen=True)
class Problem:
    """A function by its own name, the equations that it is subject to, and a multiplier for each."""

    objective: Expr
    value: Symbol
    equations: tuple[tuple[Expr, Expr], ...]
    multipliers: tuple[Symbol, ...]
    stated: tuple[tuple[Expr, Expr], ...]
    """The equations as they were given: ||x|| = 1 for x′x = 1."""

    @property
    def lagrangian(self) -> Expr:
        """The function minus each multiplier times what its constraint sets to zero."""
        pairs = zip(self.multipliers, self.equations, strict=True)
        return add(self.objective, *(-_weighed(m, gap(*sides)) for m, sides in pairs))

    def constraints(self, values: dict[Symbol, Expr], *other: dict[Symbol, Expr]) -> Constraints:
        """What a derivation tells of it."""
        return Constraints(self.objective, self.value, self.stated, values, other)


def posed(objective: Expr, symbols: dict[str, Symbol], equations: tuple[tuple[Expr, Expr], ...]) -> Problem:
    """The problem with names that are free in it."""
    taken = names_taken(symbols)
    stated, equations = equations, tuple(squared(*sides) for sides in equations)
    value = Symbol(choose(OBJECTIVES, taken), objective.shape)
    taken.add(value.name)
    multipliers = []
    for left, right in equations:
        shape = left.shape
        names = SCALAR_MULTIPLIERS if left.is_scalar or left.is_vector else MATRIX_MULTIPLIERS
        structure = {"symmetric"} if not left.is_scalar and is_symmetric(gap(left, right)) else set()
        multipliers.append(Symbol(choose(names, taken), shape, frozenset(structure)))
        taken.add(multipliers[-1].name)
    return Problem(objective, value, equations, tuple(multipliers), stated)


def squared(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """x′x = c² for ||x|| = c with c > 0, and Tr(X′X) = c for ||X||² = c; any other equation as it is."""
    if isinstance(right, Norm) or (isinstance(right, Power) and isinstance(right.base, Norm)):
        left, right = right, left
    match left:
        case Norm("2", arg) if sign(right) > 0:
            value = number(right.value**2) if isinstance(right, Number) else Power(right, number(2))
        case Power(Norm("2", arg), Number(value=exponent)) if exponent == 2:
            value = right
        case _:
            return left, right
    square = product(arg.T, arg)
    return (square if square.is_scalar else tr(square)), value


def gap(left: Expr, right: Expr) -> Expr:
    """What an equation sets to zero, or an inequality keeps above it."""
    if is_inequality((left, right)):
        return distance((left, right))
    return left if right == zeros(right.shape) else add(left, -right)


def _weighed(multiplier: Symbol, e: Expr) -> Expr:
    if multiplier.is_scalar:
        return scaled([multiplier], e)
    inner = product(multiplier.T, e)
    return inner if inner.is_scalar else tr(inner)


def write_lagrangian(solver: GradientSolver, problem: Problem) -> None:
    """The stage that every such derivation begins with."""
    solver.writer.stage(Message("lagrangian", "Write down the Lagrangian")())
    if any(map(is_inequality, problem.equations)):
        bounded = LAGRANGIAN_BOUNDED(
            objective=problem.value,
            multipliers=problem.multipliers,
            distances=list(map(distance, problem.equations)),
        )
        solver.writer.line(Line(solver.names.value, solver.function, "lagrangian", bounded))
        return
    message = LAGRANGIAN_OF_SEVERAL if len(problem.multipliers) > 1 else LAGRANGIAN_OF_ONE
    why: Text = message(objective=problem.value, multipliers=problem.multipliers)
    for (left, right), (square, value) in zip(problem.stated, problem.equations, strict=True):
        if (left, right) != (square, value):
            why = clauses(why, SQUARED(left=left, right=right, square=square, value=value))
    solver.writer.line(Line(solver.names.value, solver.function, "lagrangian", why))


def find_constrained(solver: GradientSolver, gradient: Expr, problem: Problem) -> Stationary:
    """Solve gradient = 0 and the constraints; raises Unsupported where no method fits."""
    if any(map(is_inequality, problem.equations)):
        if not all(map(is_inequality, problem.equations)):
            raise Unsupported(
                "inequalities beside equations",
                remedy=f"Bounds of {solver.wrt} have a closed form without other constraints.",
            )
        pairs = zip(problem.equations, problem.multipliers, strict=True)
        bounds = [bound_of(distance(sides), solver.wrt, multiplier) for sides, multiplier in pairs]
        return find_bounded(solver, gradient, problem.objective, problem.value, bounds)
    draft = opened(solver, gradient, frozenset(problem.multipliers))
    try:
        return _at_eigenvectors(solver, draft.trial(), gradient, problem)
    except Unfit:
        pass
    try:
        return _with_orthonormal_columns(solver, draft.trial(), gradient, problem)
    except Unfit:
        pass
    try:
        x = solved(draft, gradient)
    except Unfit:
        raise unsolved(solver.wrt, gradient) from None
    return _Elimination(solver, draft, gradient, problem, x).run()


def _with_orthonormal_columns(solver: GradientSolver, draft: Draft, gradient: Expr, problem: Problem) -> Stationary:
    """The polar factor of a matrix, under X′X = I; raises Unfit where it is something else."""
    if len(problem.multipliers) != 1:
        raise Unfit
    (m,), (constraint,) = problem.multipliers, problem.equations
    found = polar_point(solver, draft, gradient, m, constraint)
    values = {m: found.multiplier}
    remark = EXTREMA[False, found.is_convex, False](function=problem.value, multipliers=_equations(values))
    return Stationary(found.point, texts(draft), draft.positive, (remark,), divisors(draft), (values,))


@dataclass
class _Elimination:
    """The multipliers found from the constraints, one after the other, and put into the solution."""

    solver: GradientSolver
    draft: Draft
    gradient: Expr
    problem: Problem
    x: Expr
    rooted: tuple[Symbol, Expr] | None = None
    """The multiplier that was found by a positive root, and its value with the negative one."""
    root: tuple[Expr, Expr] | None = None
    """What that root was taken for, and the root."""
    names: dict[Symbol, Expr] = field(default_factory=dict)
    """What was given a name on the way."""

    def run(self) -> Stationary:
        solver, draft, X = self.solver, self.draft, self.solver.wrt
        for line in draft.lines:
            solver.writer.line(line)
        first = self.x
        try:
            values = self._pair()
        except Unfit:
            values = self._one_by_one()
        solver.writer.stage(Message("put-multipliers-in", "Put {names} in")(names=list(values)))
        self._write(X, self.x, "substitute", Message("in-equation", "in {left} = {right}")(left=X, right=first))
        self.x, values = _with(self.names, self.x), {m: _with(self.names, e) for m, e in values.items()}
        other = self._other_root(first, values)
        draft.conditions = [
            Condition(c.kind, draft.shortened(_with(values, _with(self.names, c.of)))) for c in draft.conditions
        ]
        require_structure(draft, self.gradient, self.x)
        require_domain(draft, self.solver.function, self.gradient, self.x)
        remarks = self._kind(values)
        points: tuple[dict[Symbol, Expr], ...] = (values,)
        if other is not None:
            remarks, points = (*remarks, self._other_said(other)), (*points, other)
        return Stationary(self.x, texts(draft), draft.positive, remarks, divisors(draft), points)

    def _one_by_one(self) -> dict[Symbol, Expr]:
        """Each constraint solved for a multiplier, which is put into the others."""
        draft = self.draft
        values: dict[Symbol, Expr] = {}
        for left, right in self.problem.equations:
            multiplier, value, shown = self._multiplier(left, right, values)
            values = {m: draft.shortened(substitute(e, {multiplier: value})) for m, e in values.items()}
            values[multiplier] = value
            found = substitute(substitute(self.x, shown), {multiplier: value})
            self.x = draft.shortened(found)
            if is_symmetric(self.solver.wrt) and not is_symmetric(self.x):
                self.x = _symmetric_form(draft, draft.multiplied_out(found))
        if len(values) > 1:
            for multiplier, value in values.items():
                self._write(multiplier, value, "substitute", OTHERS_PUT_IN())
        return values

    # -- two linear constraints with a scalar multiplier each

    def _pair(self) -> dict[Symbol, Expr]:
        """Two linear equations in two multipliers, their coefficients named, by Cramer's rule."""
        if len(self.problem.multipliers) != 2 or not all(m.is_scalar for m in self.problem.multipliers):
            raise Unfit
        solver, draft, (m, n) = self.solver, self.draft, self.problem.multipliers
        rows = [self._row(left, right) for left, right in self.problem.equations]
        solver.writer.stage(Message("find-from-constraints", "Find {names} from the constraints")(names=[m, n]))
        named = [[self._named(e) for e in row[:2]] for row in rows]
        for name, e in self.names.items():
            solver.writer.line(Line(name, e, "definition", Message("name-for-recurring", "a name for what recurs")()))
        (a, b), (c, d) = named
        r, s = rows[0][2], rows[1][2]
        for (left, right), (u, v), value in zip(self.problem.equations, named, (r, s), strict=True):
            with_x = WITH_THIS(left=left, right=right, variable=solver.wrt)
            left_side = draft.engine.tidied(add(u * m, v * n))
            solver.writer.line(Line(left_side, value, "constraint", with_x, where="stationary"))
        determinant = draft.shortened(add(a * d, -(b * c)))
        if same(draft, _with(self.names, determinant), number(0)):
            raise Unsupported("the constraints are not independent: they contradict each other, or one follows")
        draft.require("nonzero", determinant)
        values = {}
        for multiplier, above in ((m, add(r * d, -(s * b))), (n, add(s * a, -(r * c)))):
            values[multiplier] = draft.shortened(divided(draft.shortened(above), determinant))
            self._write(multiplier, values[multiplier], "cramer", Message("cramer", "Cramer’s rule")())
        self.x = draft.shortened(_with(values, self.x))
        return values

    def _row(self, left: Expr, right: Expr) -> tuple[Expr, Expr, Expr]:
        """The coefficients of the two multipliers in a constraint, and its right side."""
        X, draft = self.solver.wrt, self.draft
        e = draft.multiplied_out(gap(*(substitute(part, {X: self.x}) for part in (left, right))))
        parts: dict[Symbol | None, list[Expr]] = {None: [], **{m: [] for m in self.problem.multipliers}}
        for term in terms_of(e):
            factors = coefficient_factors(term)
            inside = [f for f in factors if any(m in f.symbols for m in self.problem.multipliers)]
            if len(inside) > 1 or not set(inside) <= set(self.problem.multipliers):
                raise Unfit
            key = inside[0] if inside and isinstance(inside[0], Symbol) else None
            parts[key].append(scaled([f for f in factors if f != key]))
        first, second, fixed = (
            draft.shortened(add(*parts[key])) if parts[key] else number(0) for key in (*self.problem.multipliers, None)
        )
        common = max((number_and_rest(e)[0] for e in (first, second) if e != number(0)), default=Fraction(1))
        return tuple(draft.shortened(e / number(common)) for e in (first, second, -fixed))  # type: ignore[return-value]

    def _named(self, e: Expr) -> Expr:
        """A name for an inner product; a scalar that is a name or a number already stays."""
        if isinstance(e, Number | Symbol):
            return e
        for name, known in self.names.items():
            if same(self.draft, e, known):
                return name
        name = self.solver.name(("a", "b", "c", "d", "g", "h"), e.shape)
        self.names[name] = self.solver.names.blocks[name] = e
        return name

    def _write(self, left: Expr, right: Expr, rule: str, why: Sentence) -> None:
        lines = [line for _, lines in self.solver.writer.stages for line in lines]
        if all(line.sides != (left, right) for line in lines):
            self.solver.writer.line(Line(left, right, rule, why, where="stationary"))

    def _multiplier(self, left: Expr, right: Expr, values: dict[Symbol, Expr]) -> tuple[Symbol, Expr, dict[Expr, Expr]]:
        """Solve a constraint for a multiplier that is in it: which one, its value, and a shorter way to put it in."""
        X = self.solver.wrt
        e = self.draft.multiplied_out(gap(*(substitute(part, {X: self.x}) for part in (left, right))))
        open_ones = [m for m in self.problem.multipliers if m in e.symbols and m not in values]
        if not open_ones:
            raise Unsupported(
                f"the constraint {plain(left)} = {plain(right)} does not depend on a multiplier any more",
                remedy="It follows from the other constraints, or contradicts them.",
            )
        m = open_ones[0]
        self.solver.writer.stage(FIND_FROM_CONSTRAINT(multiplier=m))
        with_x = WITH_THIS(left=left, right=right, variable=X)
        draft = Draft(Engine(Context(frozenset({m}), m)), m, pending=with_x, for_multiplier=True)
        try:
            value = solved(draft, e)
        except Unfit:
            raise Unsupported(
                f"the constraint {plain(left)} = {plain(right)}, with {X} = {plain(self.x)}, cannot be solved for {m}",
                remedy="Ask for the derivative of the Lagrangian instead.",
            ) from None
        if draft.root is not None:
            base, root = draft.root
            self.root = draft.root
            try:
                negative = solved(Draft(draft.engine, m, for_multiplier=True), add(base, root))
            except Unfit:
                negative = -value
            self.rooted = m, draft.shortened(negative)
        shown: dict[Expr, Expr] = {}
        for line in draft.lines:
            self.solver.writer.line(line)
            if m in line.left.symbols and m not in substitute(self.x, {line.left: line.right}).symbols:
                shown = {line.left: line.right}
                break
        self.draft.conditions += draft.conditions
        return m, value, shown

    def _kind(self, values: dict[Symbol, Expr]) -> tuple[Text, ...]:
        """What minimizes the Lagrangian, at these multipliers, among all points does so under the constraints."""
        curvature = Curvature(self.solver.wrt, self.draft.positive)
        linear = all(curvature.of(gap(*sides)) == AFFINE for sides in self.problem.equations)
        found = curvature.of(self.problem.objective if linear else _with(values, self.solver.function))
        if len(found) != 1:
            found = self._of_root()
        if len(found) != 1:
            return ()
        message = EXTREMA[linear, CONVEX in found, len(values) > 1]
        return (message(function=self.problem.value, multipliers=_equations(values)),)

    def _of_root(self) -> frozenset[int]:
        """That of the Lagrangian with gradient c s X + B, where the multiplier makes s a positive root."""
        if self.root is None:
            return frozenset()
        base, root = self.root
        e = self.draft.expanded(substitute(self.gradient, {base: root}))
        moving, _ = self.draft.sides(e)
        if not moving or not e.symbols.isdisjoint(self.problem.multipliers):
            return frozenset()
        split = [split_scale(term) for term in moving]
        if any(body != self.solver.wrt for _, body in split):
            return frozenset()
        factors = [scaled(scalars) for scalars, _ in split]
        if all(map(is_nonnegative, factors)):
            return frozenset({CONVEX})
        return (
            frozenset({CONCAVE}) if all(is_nonnegative(self.draft.engine.tidied(-f)) for f in factors) else frozenset()
        )

    def _other_root(self, first: Expr, values: dict[Symbol, Expr]) -> dict[Symbol, Expr] | None:
        """The variable and the multipliers with the negative root, unless a condition excludes it."""
        if self.rooted is None:
            return None
        m, value = self.rooted
        if any(c.kind != "nonzero" and m in c.of.symbols for c in self.draft.conditions):
            return None
        others = values | {m: value}
        return {self.solver.wrt: self.draft.shortened(_with(others, first)), **others}

    def _other_said(self, other: dict[Symbol, Expr]) -> Text:
        assert self.rooted is not None
        X, (m, _) = self.solver.wrt, self.rooted
        return NEGATIVE_ROOT(multiplier=m, root=other[m], variable=X, point=other[X])


def _symmetric_form(draft: Draft, e: Expr) -> Expr:
    """A sum of terms that are symmetric, and of pairs of transposes, with common factors taken out: S + H + H′."""
    whole = [term for term in terms_of(e) if is_symmetric(term)]
    halves = [term for term in terms_of(e) if not is_symmetric(term)]
    last = Counter(_last(term) for term in halves)
    half: list[Expr] = []
    while halves:
        term = halves.pop(0)
        other = next((t for t in halves if t == transpose_of(term)), None)
        if other is None:
            return e
        halves.remove(other)
        half.append(max(term, other, key=lambda t: last[_last(t)]))
    H = draft.shortened(add(*half))
    first = terms_of(draft.shortened(add(*whole))) if whole else ()
    return add(*(_with_short_scalars(draft, term) for term in first), H, draft.engine.tidied(transpose_of(H)))


def _with_short_scalars(draft: Draft, term: Expr) -> Expr:
    """A term whose scalars that are sums are over one denominator."""
    scalars, body = split_scale(term)
    short = [draft.shortened(s) if isinstance(s, Sum) else s for s in scalars]
    return draft.engine.tidied(scaled(short, body))


def _last(term: Expr) -> Expr:
    return factors_of(split_scale(term)[1])[-1]


def _with(values: dict[Symbol, Expr], e: Expr) -> Expr:
    """The expression with the multipliers' values put in."""
    for multiplier, value in values.items():
        e = substitute(e, {multiplier: value})
    return e


def _equations(values: dict[Symbol, Expr]) -> Sentence:
    first, *rest = (EQUATION(left=symbol, right=value) for symbol, value in values.items())
    for other in rest:
        first = Message("both-equations", "{first} and {second}")(first=first, second=other)
    return first


# -- eigenvectors


def _at_eigenvectors(solver: GradientSolver, draft: Draft, gradient: Expr, problem: Problem) -> Stationary:
    """A x = λ B x and x′Bx = c, or A X = B X Λ and X′BX = I; raises Unfit where it is something else."""
    X, f = solver.wrt, problem.value
    if len(problem.multipliers) != 1:
        raise Unfit
    (m,), ((left, right),) = problem.multipliers, problem.equations
    A, B, factor = _pencil(draft, gradient, m)
    BX = X if isinstance(B, Identity) else product(B, X)
    quadratic = product(X.T, BX)
    if not (same(draft, left, quadratic) if left.is_scalar else left == quadratic and isinstance(right, Identity)):
        raise Unfit
    sides = draft.engine.tidied(product(A, X)), scaled([m], BX) if m.is_scalar else product(BX, m)
    draft.line(*sides, "eigenvector")
    form = product(X.T, A, X)
    if m.is_scalar and same(draft, form, problem.objective):
        form = problem.objective
    value = draft.engine.tidied(divided(form, right) if m.is_scalar else form)
    for line in draft.lines:
        solver.writer.line(line)
    solver.writer.stage(FIND_FROM_CONSTRAINT(multiplier=m))
    why = Message("multiplied-with", "multiplied by {factor} from the left, with {left} = {right}")(
        factor=X.T, left=left, right=right
    )
    solver.writer.line(Line(m, value, "eigenvalue", why, where="stationary"))
    if m.is_scalar:
        said: list[Text] = list(remarks(draft, A, B, m, None))
        if same(draft, value, problem.objective):
            said.append(EXTREME_EIGENVALUES(function=f, eigenvalue=m))
    else:
        matrix = A if isinstance(B, Identity) else product(Inverse(B), A)
        said = [EIGENVECTOR_COLUMNS(variable=X, matrix=matrix)]
    equation = Equation(*sides, factor, (A, B))
    return Stationary(equation, texts(draft), frozenset(), tuple(said), divisors(draft), ({m: value},))


def _pencil(draft: Draft, gradient: Expr, m: Symbol) -> tuple[Expr, Expr, Expr]:
    """A, B and the number c of a gradient that is c (A X - B X m)."""
    X = draft.unknown
    parts: dict[bool, list[Expr]] = {True: [], False: []}
    outer, body = split_scale(gradient)
    for term in terms_of(draft.multiplied_out(body)):
        scalars, inner = split_scale(term)
        factors = [*scalars, *factors_of(inner)]
        weighed = factors.count(m) == 1
        rest = [f for f in factors if f != m]
        if rest[-1] != X or not all(draft.is_constant(f) and m not in f.symbols for f in (*outer, *rest[:-1])):
            raise Unfit
        if weighed and not m.is_scalar and factors[-1] != m:
            raise Unfit
        matrices = [f for f in rest[:-1] if not f.is_scalar]
        parts[weighed].append(scaled([f for f in rest[:-1] if f.is_scalar], side(matrices, X.shape[0])))
    if not all(parts.values()):
        raise Unfit
    A, B = draft.shortened(add(*parts[False])), draft.shortened(-add(*parts[True]))
    below, B = split_scale(B)
    for s in below:
        A = draft.shortened(A / s)
    return A, B, draft.engine.tidied(scaled([*outer, *below]))
