"""Checks every line of a derivation on random numbers, and its result against a derivative that knows no rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from generator.errors import Unsupported, VerificationError
from generator.expr.evaluate.exact import NoValueError, Rows
from generator.expr.evaluate.numeric import (
    Array,
    Point,
    UndefinedError,
    array,
    derivative_at,
    derivative_by_member,
    eigenvectors,
    evaluate,
    first_unit,
    largest,
    matrix_of,
    members,
    random_point,
    reduced_dimensions,
    relative_error,
    rounding,
    tangent,
)
from generator.expr.functions import FUNCTIONS, NONZERO
from generator.expr.inequalities import constraint_text, is_inequality
from generator.expr.nodes import (
    Differential,
    Elementwise,
    Expr,
    Norm,
    PseudoInverse,
    Symbol,
    add,
    scaled,
    shape_text,
    terms_of,
    walk,
)
from generator.expr.printing.plain import plain, without_sign
from generator.solver.derivation import Constraints, Derivation, Equation, Line, Verified, Whole

TOLERANCE = 1e-8
"""Largest relative error of a line; rounding alone stays far below it."""
SECOND_TOLERANCE = 1e-5
"""The same where a second differential is taken by differences."""
ROUNDING = 1e3
"""Largest difference that rounding may cause, as a multiple of the effect of the last digits of all numbers."""
STATIONARY_TOLERANCE = 1e-7
"""Largest gradient at a stationary point, relative to the gradient elsewhere."""
POINTS = 2
"""How many random points a derivation is checked on, at different dimensions."""
MORE_POINTS = 30
"""How many more are drawn at most for the sake of kinks, such as that of |t| at zero."""
SCALES = (1.0, 0.4, 0.15)
"""How large free numbers are, in turn: some functions are defined, or of a size to compare, near zero only."""
EXTRA_SCALES = (1.0, 3.0)
"""The same for points that look for the other side of a kink."""
SIGNS = 12
"""How many entries are looked at on the sides of a kink: a step function says yes or no, and no more, at each."""
LARGEST = 1e8
"""Values beyond this leave too few digits to compare."""
SMALLEST = 1e-3
"""An answer below this hides what is missing in it: exp(-x′x) far from zero has any gradient."""
TRIES = 400
"""How many draws to try for a point where the function is defined."""
TRIES_FOR_LINES = 60
"""How many of these to try for one where every line is defined."""
TRIES_FOR_SIZE = 9
"""How many of these to try for one where the answer is not tiny; after that it may be zero."""


def verify(derivation: Derivation, *, seed: int = 0) -> Verified:
    """The derivation's error on random numbers; raises VerificationError if a line, or the result, is not true.

    Points where the function or a line is undefined are drawn again; if none is found it is Unsupported, and so is what
    is true at its own large dimensions only, since it is checked at small ones.
    """
    reduced = reduced_dimensions(derivation.function, *derivation.symbols.values())
    try:
        return _verified(derivation, seed)
    except MemoryError:
        raise _too_large(derivation, "to be checked") from None
    except (VerificationError, ValueError):  # NumPy's, of arrays that do not fit together any more
        if any(size != dimension for dimension, size in reduced.items()):
            raise _too_large(derivation, "to be checked, and it is not the same at smaller ones") from None
        raise


def _too_large(derivation: Derivation, what: str) -> Unsupported:
    sizes = {name: shape_text(symbol.shape) for name, symbol in derivation.symbols.items() if not symbol.is_scalar}
    named = ", ".join(f"{name} ({size})" for name, size in sizes.items())
    return Unsupported(
        f"{plain(derivation.function)} has dimensions too large {what}",
        remedy=f"Make them smaller: {named}. Dimensions with names, such as n x n, are always checked at small ones.",
    )


def _verified(derivation: Derivation, seed: int) -> Verified:
    """The same, where dimensions are small or can be made small."""
    worst = 0.0
    seen: dict[Expr, list[bool]] = {arg: [] for arg in _kinks(derivation.function)}
    for which in range(POINTS + MORE_POINTS if seen else POINTS):
        try:
            if which < POINTS:
                point, error = _checked(derivation, which, seed)
                sides = _sides(seen, point)
            else:
                point = drawn(derivation, (seed, which, 0), EXTRA_SCALES[which % len(EXTRA_SCALES)])
                sides = _sides(seen, point)
                if not any(len(seen[arg]) < SIGNS or set(here) - set(seen[arg]) for arg, here in sides.items()):
                    continue
                error = _error_at(derivation, point)
        except UndefinedError:
            continue
        worst = max(worst, error)
        for arg, here in sides.items():
            seen[arg] += here
        if all(len(signs) >= SIGNS and len(set(signs)) == 2 for signs in seen.values()) and which + 1 >= POINTS:
            break
    return Verified(len(derivation.lines), max(worst, _error_tall_and_wide(derivation, seed)))


def _error_tall_and_wide(derivation: Derivation, seed: int) -> float:
    """The error where what is inverted by a pseudo-inverse is tall, and where it is wide: A⁺A or A A⁺ is I there."""
    inverted = [part.arg for part in walk(derivation.function) if isinstance(part, PseudoInverse)]
    worst, seen = 0.0, set()
    for attempt in range(0, TRIES_FOR_LINES, 3) if inverted else ():
        point = drawn(derivation, (seed, 0, attempt), SCALES[0])
        tall = tuple(rows > columns for rows, columns in (point.array_shape(arg.shape) for arg in inverted))
        try:
            if tall not in seen:
                worst = max(worst, _error_at(derivation, point))
                seen.add(tall)
        except UndefinedError:
            continue
    return worst


def _checked(derivation: Derivation, which: int, seed: int) -> tuple[Point, float]:
    """The first point in a series of draws where the derivation can be checked, and its error there."""
    defined = 0
    for attempt in range(TRIES):
        point = drawn(derivation, (seed, which, attempt), SCALES[(which + attempt // 3) % len(SCALES)])
        try:
            if largest(evaluate(derivation.function, point)) > LARGEST:
                continue
            defined += 1
            return point, _error_at(derivation, point, dull=defined > TRIES_FOR_SIZE)
        except UndefinedError:
            if defined == TRIES_FOR_LINES:
                break
    raise Unsupported(
        f"{plain(derivation.function)} could not be checked: no numbers were found where every line is defined",
        remedy="Declare what it needs, for instance `positive` or `positive definite`.",
    )


def drawn(derivation: Derivation, seeds: tuple[int, int, int], scale: float, *, full_size: bool = False) -> Point:
    """A random point, where dX has the structure of X unless all entries are taken as free."""
    wrt = derivation.wrt
    if derivation.convention == "unstructured" and derivation.find != "differential":
        wrt = Symbol(wrt.name, wrt.shape)
    whole = derivation.whole
    beside = () if whole is None else (whole.function, whole.member)
    point = random_point(derivation.function, wrt, derivation.symbols, seeds, scale, full_size=full_size, beside=beside)
    point = point if whole is None else _of_one_member(derivation, whole, point)
    return (
        point if derivation.subject_to is None else _with_ordered_bounds(derivation.wrt, derivation.subject_to, point)
    )


def _with_ordered_bounds(wrt: Symbol, constraints: Constraints, point: Point) -> Point:
    """The point where, of the bounds l ≤ x ≤ u, u is moved above l, or l below u, in entries where it is not."""
    distances = [left for left, right in constraints.equations if is_inequality((left, right))]
    if len(distances) > 1:
        width = evaluate(add(*distances), point)
        for term in (term for distance in distances for term in terms_of(distance)):
            symbol = without_sign(term) or term
            if isinstance(symbol, Symbol) and symbol.name != wrt.name:
                change = abs(width) - width
                return point.changed({symbol.name: point.values[symbol.name] + (change if symbol == term else -change)})
    return point


def _of_one_member(derivation: Derivation, whole: Whole, point: Point) -> Point:
    """The point where the variable is a member of its family, and symbols stand for what belongs to that."""
    index = whole.member.index
    if isinstance(index, Symbol):
        point = point.at_index(index, 1)
    values = {derivation.wrt.name: evaluate(whole.member, point)}
    for symbol, member in whole.alike.items():
        values[symbol.name] = first_unit(symbol, point) if member is None else evaluate(member, point)
    point = point.changed(values)
    return point.changed({symbol.name: members(e, point) for symbol, e in derivation.constants.items()})


def _kinks(function: Expr) -> set[Expr]:
    """What stands where the function has one form for positive and another for negative numbers."""
    found = set()
    for part in walk(function):
        match part:
            case Norm("1", arg):
                found.add(arg)
            case Elementwise(name, arg) if FUNCTIONS[name].domain is NONZERO:
                found.add(arg)
            case _:
                pass
    return found


def _sides(kinks: Iterable[Expr], point: Point) -> dict[Expr, list[bool]]:
    """On which side of each kink each entry is at a point."""
    return {
        arg: [bool(side) for there in point.at_all(arg.indices) for side in (evaluate(arg, there) > 0).flat]
        for arg in kinks
    }


def verify_at(derivation: Derivation, data: Mapping[Symbol, Rows]) -> float:
    """The derivation's error where some symbols have given numbers; raises NoValueError where it is undefined there."""
    values = {symbol.name: array(rows) for symbol, rows in data.items()}
    for attempt in range(TRIES):
        point = drawn(derivation, (0, 0, attempt), 1.0, full_size=True)
        try:
            return _error_at(derivation, point.changed(values))
        except UndefinedError:
            if derivation.wrt in data:  # then the other symbols, and nothing else, are random
                break
    raise NoValueError(f"{plain(derivation.function)} is undefined at these numbers")


def is_defined(derivation: Derivation, data: Mapping[Symbol, Rows]) -> bool:
    """The function has a value, and a derivative that can be checked, where symbols have given numbers."""
    point = Point({symbol.name: array(rows) for symbol, rows in data.items()}, {})
    try:
        evaluate(derivation.function, point)
        return largest(derivative_at(derivation.function, derivation.wrt, point)) <= LARGEST
    except UndefinedError:
        return False


def _error_at(derivation: Derivation, sample: Point, *, dull: bool = True) -> float:
    """The largest error of a line, and of the result, at one point; a dull point has a tiny answer."""
    answer = derivation.answer
    gradient = true_answer(derivation, sample)
    if largest(gradient) > LARGEST or (largest(gradient) < SMALLEST and not dull):
        raise UndefinedError("numbers too large or too small to compare")
    point = with_names(derivation, sample, {answer.name: gradient})
    errors = [_line_error(line, point) for line in derivation.lines if line.where is None]
    if derivation.whole is not None:
        errors.append(_error_of_terms(derivation, derivation.whole, sample))
    if derivation.find != "stationary":
        asked = Differential(derivation.value) if derivation.find == "differential" else answer
        errors.append(_line_error(Line(asked, derivation.result, "result", ()), point))
    else:
        errors += _errors_where_stationary(derivation, sample, point, gradient)
    if (named := derivation.with_matrices) is not None:
        by_matrices = Line(derivation.result, named.written_out, "samples-as-matrices", ())
        errors.append(_line_error(by_matrices, point))
    return max(errors, default=0.0)


def _error_of_terms(derivation: Derivation, whole: Whole, point: Point) -> float:
    """How far the derivative of the terms with a member is from that of the whole function by this member."""
    found = derivative_at(derivation.function, derivation.wrt, point)
    error = relative_error(found, derivative_by_member(whole.function, whole.member, point))
    if not error < TOLERANCE:
        raise VerificationError(
            f"the terms of {plain(whole.function)} that contain {derivation.wrt.name} failed their check",
            remedy=f"Relative error {error:.1e}. Nothing was printed; please report the function.",
        )
    return error


def _errors_where_stationary(derivation: Derivation, sample: Point, point: Point, gradient: Array) -> list[float]:
    """The gradient at the stationary point, the lines and the constraints there, and what leads to an equation."""
    for e in derivation.divisors:
        evaluate(e, sample)
    found = _solution(derivation, sample)
    error = _slope_at(derivation, sample, found, gradient)
    constraints = derivation.subject_to
    for other in constraints.others if constraints is not None else ():
        values = {symbol.name: evaluate(e, sample) for symbol, e in other.items()}
        error = max(error, _slope_at(derivation, sample, values, gradient))
    there = point.changed(found)
    lines = [line for line in derivation.lines if line.where == "stationary"]
    errors = [error, *(_line_error(line, there) for line in lines)]
    if isinstance(derivation.outcome, Equation):  # it holds nowhere else
        equation = derivation.outcome
        whole = scaled([equation.factor], add(equation.left, -equation.right))
        gradient_name = derivation.answer if derivation.is_gradient else derivation.answer.T
        errors.append(_line_error(Line(gradient_name, whole, "equation", ()), point))
    return errors


def _slope_at(derivation: Derivation, sample: Point, found: Mapping[str, Array], elsewhere: Array) -> float:
    """The gradient's size at a point that is claimed to be stationary, and the constraints' errors there."""
    there = sample.changed(found)
    error = relative_error(elsewhere + true_answer(derivation, there), elsewhere)
    if not error < STATIONARY_TOLERANCE:
        raise VerificationError(
            f"the gradient of {plain(derivation.function)} is not zero at {derivation.outcome}",
            remedy=f"Relative size {error:.1e}. Nothing was printed; please report the function.",
        )
    constraints = derivation.subject_to.equations if derivation.subject_to is not None else ()
    return max(error, *(_error_of_constraint(sides, there) for sides in constraints), 0.0)


def _error_of_constraint(sides: tuple[Expr, Expr], point: Point) -> float:
    """How far a constraint is from being met; of a bound, which may hold with equality, how far an entry is below."""
    if not is_inequality(sides):
        return _line_error(Line(*sides, "constraint", ()), point)
    distance = evaluate(sides[0], point)
    size = max(1.0, *(largest(evaluate(term, point)) for term in terms_of(sides[0])))
    error = max(0.0, -float(distance.min())) / size
    if not error < TOLERANCE:
        raise VerificationError(
            f"the constraint {constraint_text(sides)} is not met",
            remedy=f"An entry is beyond the bound by {error:.1e}. Nothing was printed; please report the function.",
        )
    return error


def _solution(derivation: Derivation, sample: Point) -> dict[str, Array]:
    """The variable at the stationary point, or at one that solves the equation, and the multipliers there."""
    name, shape = derivation.wrt.name, sample.values[derivation.wrt.name].shape
    if isinstance(derivation.outcome, Equation):
        A, B = (evaluate(e, sample) for e in derivation.outcome.pencil)
        found = eigenvectors(A, B, shape[1])
    else:
        found = evaluate(derivation.result, sample)
    solution = {name: found}
    if derivation.subject_to is None:
        return solution
    if isinstance(derivation.outcome, Equation) and shape[1] == 1:  # any length solves it but for the constraint
        ((left, right),) = derivation.subject_to.equations
        length, wanted = (evaluate(side, sample.changed(solution))[0, 0] for side in (left, right))
        if not wanted / length > 0:
            raise UndefinedError("no eigenvector has this length")
        solution[name] = found * sqrt(wanted / length)
    for multiplier, e in derivation.subject_to.multipliers.items():
        solution[multiplier.name] = evaluate(e, sample.changed(solution))
    return solution


def with_names(derivation: Derivation, sample: Point, answers: Mapping[str, Array]) -> Point:
    """A point where the names that a derivation gives have their meaning, too."""
    definitions = {
        derivation.value.name: derivation.function,
        **{s.name: e for s, e in derivation.definitions.items()},
    }
    return sample.changed(answers, definitions=definitions)


def true_answer(derivation: Derivation, point: Point) -> Array:
    """What the answer has to be at a point: the derivative, or of a gradient that is right the derivative again."""
    if derivation.find == "hessian":
        symbol, gradient_found = list(derivation.definitions.items())[-1]
        first = derivative_at(derivation.function, derivation.wrt, point)
        if not relative_error(evaluate(gradient_found, point), first) < TOLERANCE:
            raise VerificationError(f"the gradient {symbol.name} = {plain(gradient_found)} failed its check")
        return derivative_at(gradient_found, derivation.wrt, point)
    return as_agreed(derivation, Differential(derivation.function), point)


def as_agreed(derivation: Derivation, differential: Expr, point: Point) -> Array:
    """The answer that belongs to a differential of the function by the conventions of a derivation."""
    wrt, convention = derivation.wrt, derivation.convention
    tied = wrt.properties if convention == "independent entries" else frozenset()
    derivative = matrix_of(differential, wrt, point, tied)
    if convention == "projection":
        derivative = tangent(derivative, wrt.properties)
    return derivative.T if derivation.conventions.turn(derivation.function.shape, wrt.shape) else derivative


def _line_error(line: Line, point: Point) -> float:
    """The error of a line; of one that speaks of each i, the largest for all values of i."""
    free = line.left.indices | line.right.indices
    return max(_line_error_at(line, there) for there in point.at_all(free))


def _line_error_at(line: Line, point: Point) -> float:
    left, right = evaluate(line.left, point), evaluate(line.right, point)
    error = relative_error(left, right)
    if error < TOLERANCE:
        return error
    terms = (*terms_of(line.left), *terms_of(line.right))  # of a sum that is zero, each is rounded
    error = relative_error(left, right, size=max(largest(evaluate(term, point)) for term in terms))
    if not error < tolerance(line):
        _require_digits((line.left, line.right), point, largest(left - right))
        raise VerificationError(
            f"the line {plain(line.left)} = {plain(line.right)} failed its check",
            remedy=f"Relative error {error:.1e}, rule {line.rule}. Nothing was printed; please report the function.",
        )
    return error


def _require_digits(sides: tuple[Expr, Expr], point: Point, difference: float) -> None:
    """Raise UndefinedError where two sides differ by no more than rounding may do: another point has to decide."""
    if difference < ROUNDING * sum(rounding(side, point) for side in sides):
        raise UndefinedError("numbers of which too few digits are left")


def tolerance(line: Line) -> float:
    """The largest error of a line that rounding, and differences where it has a second differential, may cause."""
    second = _has_second_differential(line.left) or _has_second_differential(line.right)
    return SECOND_TOLERANCE if second else TOLERANCE


def _has_second_differential(e: Expr) -> bool:
    if not e.has_differential:
        return False
    return (isinstance(e, Differential) and e.arg.has_differential) or any(map(_has_second_differential, e.children))
