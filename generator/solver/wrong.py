"""Wrong derivations: one false rule applied once, true rules before and after; and the wrong answers they end in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

from generator.errors import Unsupported, VerificationError
from generator.expr.evaluate.numeric import (
    Array,
    Point,
    UndefinedError,
    derivative_at,
    evaluate,
    largest,
    other_layouts,
    relative_error,
    tangent,
)
from generator.expr.nodes import Expr, Transpose, d, product, size, substitute, tr, zeros
from generator.expr.printing.plain import plain
from generator.rules.rule import Context, Rule, Step, at, replaced
from generator.solver.conventions import structure_of
from generator.solver.derivation import Equation
from generator.solver.detail import Detail, detailed
from generator.solver.solve import written
from generator.solver.verify import LARGEST, TRIES_FOR_LINES, as_agreed, drawn, tolerance, true_answer, with_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.rules.mistakes import Mistake
    from generator.solver.derivation import Derivation, Line

PLACES = 3
"""At how many places of its use a mistake is tried; further ones differ little."""
STEPS, MORE_STEPS = 3, 100
"""How many times as many steps as the right one, and how many more, a wrong derivation may take."""
DISTINCT = 1e-3
"""The smallest relative difference between answers that are told apart."""
SEED, SCALE = 5, 0.4
"""What random points are drawn with."""
POINTS = 3
"""On how many random points answers are compared, each with dimensions of its own."""
LONGER, MORE = 1.6, 6
"""How many times as long as the right answer, and how many nodes longer, a wrong one is if it can be helped."""
LONGEST = 3
"""How many times as long it may be at most."""


@dataclass(frozen=True)
class WrongDerivation:
    """A derivation with one mistake, the place of the first wrong line, and what that line should be."""

    derivation: Derivation
    mistake: Mistake
    stage: int
    line: int
    right: Line

    @property
    def wrong(self) -> Line:
        """The wrong line."""
        return self.derivation.stages[self.stage].lines[self.line]

    @property
    def number(self) -> int:
        """The wrong line's number, where lines are counted from 1."""
        return self._index + 1

    @property
    def above(self) -> tuple[Line, ...]:
        """The lines before the wrong one, which are true."""
        return self.derivation.lines[: self._index]

    @property
    def below(self) -> tuple[Line, ...]:
        """The lines after the wrong one, which follow from it."""
        return self.derivation.lines[self._index + 1 :]

    @property
    def _index(self) -> int:
        return sum(len(stage.lines) for stage in self.derivation.stages[: self.stage]) + self.line


@dataclass(frozen=True)
class Distractor:
    """A wrong answer in the shape of the right one, and the mistake that it stands for."""

    answer: Expr
    mistake: Mistake


@dataclass
class _Slip:
    """Takes a wrong step instead of a right one, where the derivation comes to that."""

    right: Step
    wrong: Step
    patience: int
    """How many steps to take before it is clear that no answer will come of it."""

    def __call__(self, step: Step, context: Context) -> Step:
        del context
        self.patience -= 1
        if self.patience < 0:
            raise Unsupported("this leads nowhere")
        return self.wrong if step == self.right else step


def _slipped(false: Rule, step: Step, context: Context) -> Step | None:
    """The step with a false rule instead of the true one; of what is read off the outermost parts are looked at."""
    if isinstance(step.rule, Rule):
        e, paths = step.before, [step.path]
    else:
        e, paths = step.after, _outermost(step.after, type(false.left))
    for path in paths:
        part = at(e, path)
        for selection, match, new in false.rewrites(part, context):
            if new.shape == part.shape and (selection == step.selection or e is step.after):
                after = replaced(e, path, new)
                return Step(false, path, selection, match, step.before, after) if after != step.after else None
    return None


def _outermost(e: Expr, kind: type) -> list[tuple[int, ...]]:
    """The paths to the nodes of a type that are inside of no other."""
    if isinstance(e, kind):
        return [()]
    return [(i, *path) for i, child in enumerate(e.children) for path in _outermost(child, kind)]


def candidates(right: Derivation, detail: Detail = "standard", seed: str = "") -> Iterator[WrongDerivation]:
    """Every derivation with one mistake made once, from the right one, in its detail; the seed decides their order.

    The lines above the wrong one are those of the right derivation, and each line below follows from what stands above
    it by true rules. That the wrong line is false, and so is the answer, is for `is_sound` to check. There are none
    where the answer is an equation, or subject to constraints.
    """
    for mistake, written_wrong in _attempts(right, seed):
        wrong = _compared(replace(written_wrong, stages=detailed(written_wrong.stages, detail)), right, mistake)
        if wrong is not None:
            yield wrong


def _compared(wrong: Derivation, right: Derivation, mistake: Mistake) -> WrongDerivation | None:
    """The wrong line found: the first that differs; None where they differ in more than its right side."""
    for i, (stage, other) in enumerate(zip(wrong.stages, right.stages, strict=False)):
        for j, (line, true) in enumerate(zip(stage.lines, other.lines, strict=False)):
            if (line.left, line.right) != (true.left, true.right):
                return WrongDerivation(wrong, mistake, i, j, true) if line.left == true.left else None
    return None


def _attempts(right: Derivation, seed: str = "") -> Iterator[tuple[Mistake, Derivation]]:
    """Mistakes made where their rule is used: all at their first place, in an order by the seed, then at later ones."""
    slips = _slips(right) if right.subject_to is None and not isinstance(right.outcome, Equation) else []
    if seed:
        slips.sort(key=lambda found: sha256(f"{seed} {found[0].name}".encode()).digest())
    for place in range(PLACES):
        for mistake, at_places in slips:
            for slip in at_places[place : place + 1]:
                wrong = _written(right, slip)
                if wrong is not None and wrong.outcome != zeros(right.result.shape):
                    yield mistake, wrong


def _slips(right: Derivation) -> list[tuple[Mistake, list[_Slip]]]:
    """The mistakes that can be made in a derivation, each with the steps at which it can be made."""
    from generator.rules.mistakes import MISTAKES  # a long table, which only wrong answers need

    context = Context(frozenset({right.wrt, *right.definitions}), right.wrt)
    steps = [step for line in right.lines for step in line.steps]
    found = []
    for mistake in MISTAKES:
        slips = []
        for step in steps:
            for false in mistake.rules if mistake.leads_on else ():
                wrong = _slipped(false, step, context) if false.name == step.rule.name else None
                if wrong is not None:
                    slips.append(_Slip(step, wrong, STEPS * len(steps) + MORE_STEPS))
                    break
        if slips:
            found.append((mistake, slips))
    return found


def _written(right: Derivation, slip: _Slip) -> Derivation | None:
    """The derivation with a slip in it; None if it comes to no answer."""
    wrt = right.symbols[right.wrt.name]
    symbols = {name: symbol for name, symbol in right.symbols.items() if symbol not in right.constants}
    if right.whole is not None:
        function, member = right.whole.function, right.whole.member
    else:
        function, member = substitute(right.function, {right.wrt: wrt}), None
    try:
        wrong = written(function, wrt, symbols, right.find, slip, right.conventions, member=member)
    except (Unsupported, VerificationError):
        return None
    return None if isinstance(wrong.outcome, Equation) else wrong


# -- following a wrong line


def is_sound(wrong: WrongDerivation, right: Derivation) -> bool:
    """It is wrong in its wrong line and its answer, and nowhere else."""
    harm: list[tuple[float, float]] = []

    def error_at(sample: Point) -> float:
        there = with_names(wrong.derivation, sample, {})
        here = with_names(right, sample, {right.answer.name: true_answer(right, sample)})
        results = evaluate(wrong.derivation.result, there), evaluate(right.result, here)
        if max(map(largest, results)) > LARGEST:
            raise UndefinedError("numbers too large to compare")
        sides = evaluate(wrong.wrong.left, here), evaluate(wrong.wrong.right, here)
        harm.append((relative_error(*sides), relative_error(*results)))
        belief = _Belief(wrong, there)
        return max(map(belief.error, wrong.below), default=0.0)

    for which in range(POINTS):
        try:
            if not any(_is_defined(error_at, point) for point in _draws(right, which)):
                return False
        except VerificationError:
            return False
    return all(max(kind) > DISTINCT for kind in zip(*harm, strict=True))


def _draws(right: Derivation, which: int) -> Iterator[Point]:
    """A series of random points for a derivation."""
    for attempt in range(TRIES_FOR_LINES):
        yield drawn(right, (SEED, which, attempt), SCALE)


def _is_defined(value_at: Callable[[Point], object], point: Point) -> bool:
    """Something has a value at a point."""
    try:
        value_at(point)
    except UndefinedError:
        return False
    return True


class _Belief:
    """What somebody holds for true who wrote some lines and believes them, at one point."""

    def __init__(self, wrong: WrongDerivation, point: Point) -> None:
        self.derivation, self.point = wrong.derivation, point
        self.said = {line.left: line.right for line in wrong.above}
        self.said[wrong.wrong.left] = wrong.wrong.right
        value, answer = self.derivation.value, self.derivation.answer
        names = [(value, self.derivation.function), *self.derivation.definitions.items()]
        self.defined: dict[Expr, Expr] = dict(names)
        self.read = {answer: d(value)}
        """Which differential each answer is read off from."""
        if self.derivation.find == "hessian":
            gradient = list(self.derivation.definitions)[-1]
            self.read = {gradient: d(value), answer: d(gradient)}

    def error(self, line: Line) -> float:
        """How far a line is from what those above it say; raises VerificationError if it does not follow."""
        if line.where == "stationary":
            solution = evaluate(self.derivation.result, self.point)
            there = self.point.changed({self.derivation.wrt.name: solution})
            error = relative_error(evaluate(line.left, there), evaluate(line.right, there))
        else:
            error = relative_error(self._expected(line), self._value(line.right))
        if not error < tolerance(line):
            raise VerificationError(f"{plain(line.left)} = {plain(line.right)} does not follow")
        self.said[line.left] = line.right
        return error

    def _expected(self, line: Line) -> Array:
        """The value of a left side: as said above, as read off what was said above, or as it is."""
        left, wrt = line.left, self.derivation.wrt
        turned = left.arg if isinstance(left, Transpose) else Transpose(left)
        if left in self.said:
            return self._value(self.said[left])
        if turned in self.said:
            return self._value(self.said[turned]).T
        for answer, differential in self.read.items():
            if left in (answer, Transpose(answer)):
                found = as_agreed(self.derivation, self._believed(differential), self.point)
                return found if left == answer else found.T
        if line.rule == "second-differential":
            gradient = next(iter(self.read))
            return self._value(tr(product(Transpose(d(gradient)), d(wrt))))
        return self._value(left)

    def _value(self, e: Expr) -> Array:
        return evaluate(self._believed(e), self.point)

    def _believed(self, e: Expr) -> Expr:
        """An expression with everything put in that was said of its parts, and else what names stand for."""
        meaning = {**self.defined, **self.said}
        for _ in range(len(meaning) + 1):
            new = substitute(e, meaning)
            if new == e:
                break
            e = new
        return e


# -- wrong answers


def distractors(
    right: Derivation, count: int, seed: str = "", *, layout_is_stated: bool = False
) -> tuple[Distractor, ...]:
    """Up to so many wrong answers in the shape of the right one, each of another mistake while there are enough.

    They differ from the right answer and from each other at random points. One that would be right by another
    convention (the transposed layout, rows stacked, the structure of the variable ignored) is left out unless the
    question states its own. The seed decides which come first; fewer come where there are no more.
    """
    if isinstance(right.outcome, Equation):
        return ()
    points = list(_points_for(right))
    taken: list[Sequence[Array]] = [[evaluate(right.result, point) for point in points]]
    if not layout_is_stated:
        taken += zip(*(_by_other_conventions(right, point) for point in points), strict=True)
    found: list[Distractor] = []
    long: list[Distractor] = []
    for mistake, wrong in _attempts(right, seed):
        if len(found) == count:
            break
        answer = wrong.result
        if size(answer) > LONGEST * size(right.result) + MORE or not _is_readable(answer, right):
            continue
        try:
            values = [evaluate(answer, point) for point in points]
        except UndefinedError:
            continue
        if all(_are_distinct(values, other) for other in taken):
            (found if is_short(answer, right) else long).append(Distractor(answer, mistake))
            taken.append(values)
    return (*found, *long)[:count]


def is_short(answer: Expr, right: Derivation) -> bool:
    """A wrong answer is not much longer than the right one."""
    return size(answer) <= LONGER * size(right.result) + MORE


def _is_readable(answer: Expr, right: Derivation) -> bool:
    """It speaks of what the problem speaks of, and of no name that a derivation gave."""
    return all(symbol.name in right.symbols for symbol in answer.symbols)


def _are_distinct(some: Sequence[Array], other: Sequence[Array]) -> bool:
    """They are different numbers somewhere, by far more than rounding."""
    return any(relative_error(a, b) > DISTINCT for a, b in zip(some, other, strict=True))


def _points_for(right: Derivation) -> Iterator[Point]:
    """Random points, of other dimensions each, where the function and its right answer are defined."""

    def values_at(point: Point) -> None:
        if max(largest(evaluate(e, point)) for e in (right.function, right.result)) > LARGEST:
            raise UndefinedError("numbers too large to compare")

    for which in range(POINTS):
        yield from islice((point for point in _draws(right, which) if _is_defined(values_at, point)), 1)


def _by_other_conventions(right: Derivation, point: Point) -> Iterator[Array]:
    """What the right answer is where derivatives are laid out, or structured variables understood, in another way."""
    value, function, wrt = evaluate(right.result, point), right.function, right.symbols[right.wrt.name]
    of = wrt.shape if right.find == "hessian" else function.shape
    yield from other_layouts(value, point.array_shape(of), point.array_shape(wrt.shape))
    if function.is_scalar and right.find == "derivative" and structure_of(wrt) is not None:
        free = derivative_at(function, wrt, point)
        for derivative in (free, tangent(free, wrt.properties), derivative_at(function, wrt, point, wrt.properties)):
            yield from (derivative, derivative.T)
