"""The gradient of a scalar function: dL is brought into the form Tr(GᵀdX), and G is read off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    Diag,
    Diagonal,
    Differential,
    Expr,
    Identity,
    Product,
    Sum,
    Symbol,
    Trace,
    Transpose,
    d,
    factors_of,
    number,
    product,
    scale,
    scaled,
    split_scale,
    terms_of,
    tr,
    walk,
    zeros,
)
from generator.algebra.plain import plain
from generator.algebra.structure import has, is_symmetric
from generator.derivation import plan
from generator.derivation.blocks import find_blocks
from generator.derivation.board import Board
from generator.derivation.derivation import Line, circled
from generator.derivation.engine import Engine
from generator.derivation.guards import ends_in_differential
from generator.derivation.identities import RULES
from generator.derivation.rule import Context, Match, Rule, Substitution, listing
from generator.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.algebra.plain import Text
    from generator.derivation.rule import Step


ROUNDS = 8
"""How often the passes that bring dX to the end are gone through; nested Hadamard products take one each."""


@dataclass
class Names:
    """The names of a derivation: the function L, its gradient G, and blocks; all free in the problem."""

    value: Symbol
    answer: Symbol
    blocks: dict[Symbol, Expr] = field(default_factory=dict)


def choose(candidates: Sequence[str], taken: set[str]) -> str:
    """The first name that is free, and whose differential is."""
    for name in [*candidates, *(f"{candidates[0]}{i}" for i in range(1, 100))]:
        if name not in taken and f"d{name}" not in taken and f"d2{name}" not in taken:
            return name
    raise Unsupported("no name is left for the function", remedy="Rename a symbol.")


def name_things(function: Expr, wrt: Symbol, symbols: dict[str, Symbol]) -> Names:
    """Names for what the derivation will speak of."""
    taken = set(symbols) | {f"d{name}" for name in symbols}
    value = Symbol(choose(("L", "J", "F"), taken), function.shape)
    taken.add(value.name)
    answer = Symbol(choose(("G", "H", "K"), taken), wrt.shape)
    taken.add(answer.name)
    context = Context(frozenset({wrt}), wrt)
    return Names(value, answer, find_blocks(function, context, taken))


@dataclass(frozen=True)
class Projection:
    """What a structure of the variable leaves of a gradient: the part of the transposed gradient that has it."""

    property: str
    name: str
    part: Callable[[Expr], Expr]


half = number("1/2")
PROJECTIONS = (
    Projection("diagonal", "diagonal part", lambda H: Diag(Diagonal(H))),
    Projection("skew-symmetric", "skew-symmetric part", lambda H: half * (H.T - H)),
    Projection("symmetric", "symmetric part", lambda H: half * (H + H.T)),
)
"""The orthogonal projections onto the spaces of structured matrices, the smallest space first."""


class GradientBoard:
    """The derivation of a gradient, line by line."""

    def __init__(self, function: Expr, wrt: Symbol, symbols: dict[str, Symbol]) -> None:
        self.function = function
        self.wrt = wrt
        self.names = name_things(function, wrt, symbols)
        self.context = Context(frozenset({wrt, *self.names.blocks}), wrt)
        self.engine = Engine(self.context)
        self.board = Board(self.engine)
        self.dX = d(wrt)
        self.dL = d(self.names.value)
        self.convention = "unstructured"

    # -- the phases

    def differential(self) -> Expr:
        """Everything up to dL in its final form, which is given back."""
        e = self._as_trace()
        e = self._differentiate(e)
        e = self._resolve_blocks(e)
        return self._settle(e)

    def gradient(self) -> Expr:
        """The whole derivation; gives back the gradient."""
        e = self.differential()
        return self._identify(e)

    def _title(self, phase: plan.Phase) -> tuple[str | Expr, ...]:
        words: list[str | Expr] = []
        things = {"L": self.names.value, "dX": self.dX}
        for piece in phase.title.split("{"):
            name, closed, rest = piece.partition("}")
            words += [things[name], rest] if closed else [piece]
        return tuple(word for word in words if word != "")

    def _as_trace(self) -> Expr:
        """L as the rules can take it: blocks named, squared norms as traces."""
        self.board.stage(*self._title(plan.AS_TRACE))
        names = tuple((part, symbol) for symbol, part in self.names.blocks.items())
        e = self.function
        naming: list[Step] = []
        if names:
            e, naming = self.engine.once(e, Substitution("definition", names, quiet=True))
        new, steps = self.engine.run(e, plan.AS_TRACE.passes[0])
        if steps or naming:
            self.board.write(self.names.value, self.function, new, [*naming, *steps])
        return new

    def _differentiate(self, e: Expr) -> Expr:
        self.board.stage(*self._title(plan.DIFFERENTIATE))
        right = d(e)
        for stage in plan.DIFFERENTIATE.passes:
            right = self.board.advance(self.dL, right, stage)
        right = self._lemmas(right)
        return self._twins(right)

    def _twins(self, right: Expr) -> Expr:
        for stage in plan.DIFFERENTIATE.passes[2:]:
            right = self.board.advance(self.dL, right, stage)
        return right

    def _lemmas(self, right: Expr) -> Expr:
        """Rules that deserve a stage of their own, each introduced with its proof, until d stands at symbols only."""
        shown: set[str] = set()
        for _ in range(100):
            rule, match = self._next_lemma(right)
            if rule is None:
                break
            if rule.name not in shown:
                self.board.stage(rule.title)
                shown.add(rule.name)
                for left, side, why in rule.proof:
                    text: Text = tuple(part if isinstance(part, str) else match.instance(part) for part in why)
                    tidy = self.engine.tidied(match.instance(side))
                    self.board.line(Line(match.instance(left), tidy, rule.name, text))
            new, steps = self.engine.exhaust(right, (rule,))
            then, more = self.engine.run(new, plan.DIFFERENTIATE.passes[1])
            right = self.board.write(self.dL, right, then, [*steps, *more])
        left_over = next((p for p in walk(right) if isinstance(p, Differential) and p.arg.children), None)
        if left_over is not None:
            raise Unsupported(
                f"no rule gives the differential of {plain(left_over.arg)}",
                remedy="The other parts of the function can be derived; this one is not covered yet.",
            )
        return right

    def _next_lemma(self, e: Expr) -> tuple[Rule | None, Match]:
        for part in walk(e):
            for rule in RULES:
                if rule.title and isinstance(part, type(rule.left)):
                    for _, match, _ in rule.rewrites(part, self.context):
                        return rule, match
        return None, Match()

    def _resolve_blocks(self, right: Expr) -> Expr:
        """Find dR for each block, and put it in."""
        blocks = self.names.blocks
        for symbol, definition in blocks.items():
            if d(symbol) not in set(walk(right)):
                continue
            self.board.stage("Find ", d(symbol))
            found = self.board.advance(d(symbol), d(definition), plan.DIFFERENTIATE.passes[1])
            for left_over in walk(found):
                if isinstance(left_over, Differential) and left_over.arg.children:
                    raise Unsupported(f"no rule gives the differential of {plain(left_over.arg)}")
            put = Substitution("substitute", ((d(symbol), found),), quiet=True)
            new, steps = self.engine.exhaust(right, (put,))
            why: Text = ("put ", d(symbol), " in")
            others = {d(block) for block in blocks} & set(walk(new))
            if not others and all(map(self._is_settled, terms_of(new))):
                back = Substitution("definition", tuple(blocks.items()), quiet=True)
                new, more = self.engine.exhaust(new, (back,))
                steps += more
                why = ("put ", d(symbol), " and ", symbol, " in")
            self.board.line(Line(self.dL, new, "substitute", why, tuple(steps), right))
            right = new
        return right

    # -- moving dX to the end

    def _is_settled(self, term: Expr) -> bool:
        """It is c Tr(M dX), c m dx or c dt."""
        scalars, body = split_scale(term)
        if any(s.has_differential for s in scalars):
            return False
        if isinstance(body, Sum):
            return all(map(self._is_settled, body.terms))
        inner = body.arg if isinstance(body, Trace) else body
        if isinstance(body, Trace) or self.wrt.shape[1] == ONE or not isinstance(inner, Product):
            return ends_in_differential(inner)
        return False

    def _settle(self, right: Expr) -> Expr:
        """Split what has to be split, bring dX to the end of each term, and take the terms together."""
        if any(isinstance(part, Trace) and not self._is_settled(part) for part in walk(right)):
            self.board.stage(*self._title(plan.SPLIT))
            for stage in plan.SPLIT.passes:
                right = self.board.advance(self.dL, right, stage)
        if not all(map(self._is_settled, terms_of(right))):
            right = self._bring_to_end(right)
        right = self.board.advance(self.dL, right, plan.COLLECT.passes[0])
        moving = [t for t in terms_of(right) if not self._is_settled(t)]
        if right != number(0) and (moving or len(terms_of(right)) > 1):
            raise Unsupported(
                f"{plain((moving or [right])[0])} cannot be brought into the form Tr(G' d{self.wrt.name})",
                remedy="A rule that moves the differential to the end is missing for this kind of term.",
            )
        return right

    def _bring_to_end(self, right: Expr) -> Expr:
        self.board.stage(*self._title(plan.TO_THE_END))
        terms = terms_of(right)
        if len(terms) == 1 or not any(isinstance(part, Trace) for part in walk(right)):
            return self._moved(self.dL, right)
        asides: list[tuple[Expr, Expr]] = []
        for term in terms:
            if self._is_settled(term):
                continue
            _, body = split_scale(term)
            new = self._moved(body, body)
            if new != body:
                asides.append((body, new))
        if not asides:
            return right
        first = self._mark_before(right)
        marks = [self.board.mark(body) for body, _ in asides]
        put = Substitution("substitute", tuple(asides), quiet=True)
        new, steps = self.engine.exhaust(right, (put,))
        listed = ", ".join(map(circled, marks))
        why: Text = (f"{listed} in {circled(first)}",) if first else (f"by {listed}",)
        self.board.line(Line(self.dL, new, "substitute", why, tuple(steps), right))
        return new

    def _moved(self, left: Expr, right: Expr) -> Expr:
        """The chain that goes through the passes until dX is last or nothing changes any more."""
        for _ in range(ROUNDS):
            before = right
            for stage in plan.TO_THE_END.passes:
                right = self.board.advance(left, right, stage)
                if all(map(self._is_settled, terms_of(right))):
                    return right
            if right == before:
                break
        return right

    def _mark_before(self, right: Expr) -> int:
        """Mark the line whose right side is taken up again."""
        for title, lines in self.board.stages:
            del title
            for line in lines:
                if line.left == self.dL and line.right == right:
                    return self.board.mark(self.dL)
        return 0

    # -- reading G off

    def _identify(self, right: Expr) -> Expr:
        G, wrt = self.names.answer, self.wrt
        self.board.stage("Identify ", G)
        back = Substitution("definition", tuple(self.names.blocks.items()), quiet=True)
        if right == number(0):
            self.board.line(Line(G, zeros(wrt.shape), "identify", (self.dL, " = 0 for every ", self.dX)))
            return zeros(wrt.shape)
        scalars, body = split_scale(right)
        if wrt.is_scalar:
            found = scaled(scalars)
            self.board.line(Line(G, found, "identify", (self.dL, " = ", scale(G, self.dX))))
            return self.board.apply(G, found, back)
        inner = body.arg if isinstance(body, Trace) else body
        factors = factors_of(inner)
        rest: Expr | None = product(*factors[:-1]) if len(factors) > 1 else None
        if rest is None:
            rest = Identity(wrt.shape[0])
        transposed = scaled(scalars, rest) if scalars else rest
        form = product(G.T, self.dX)
        compare: Text = (self.dL, " = ", tr(form) if isinstance(body, Trace) else form)
        space = next((p for p in PROJECTIONS if wrt.is_square and has(wrt, p.property)), None)
        if space is not None:
            self.convention = "projection"
            if not (space.property == "symmetric" and is_symmetric(transposed)):
                return self._project(space, transposed, back)
        self.board.line(Line(G.T, transposed, "identify", compare))
        start = Transpose(transposed)
        new, steps = self.engine.run(start, plan.ANSWER)
        final, more = self.engine.exhaust(new, (back,))
        final, factored = self.engine.run(final, plan.Pass(("gather-factors", "gather-terms", "factor")))
        why: Text = ("transpose both sides",)
        if more:
            why = (*why, "; put ", *listing(list(self.names.blocks)), " back")
        if self.convention == "projection":
            why = ("already symmetric, as the gradient by a symmetric ", wrt, " is")
        self.board.line(Line(G, final, "transpose", why, (*steps, *more, *factored), start))
        return final

    def _project(self, space: Projection, transposed: Expr, back: Substitution) -> Expr:
        """For a structured variable only that part of the gradient counts that has the structure."""
        whole = space.part(transposed)
        new, steps = self.engine.run(whole, plan.ANSWER)
        final, more = self.engine.exhaust(new, (back,))
        why: Text = (self.dX, f" is {space.property}, so only the {space.name} of the factor before it counts")
        self.board.line(Line(self.names.answer, final, "projection", why, (*steps, *more), whole))
        return final
