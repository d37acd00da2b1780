"""What all derivations by differentials share: names, and the way from d of a function to d of its symbols."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from generator.algebra.expr import Differential, Expr, Shape, Symbol, d, terms_of, walk
from generator.algebra.plain import plain
from generator.derivation import plan
from generator.derivation.blocks import find_blocks
from generator.derivation.board import Board
from generator.derivation.derivation import Line
from generator.derivation.engine import Engine
from generator.derivation.identities import RULES
from generator.derivation.rule import Context, Match, Rule, Substitution
from generator.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.algebra.plain import Text
    from generator.derivation.engine import Slip
    from generator.derivation.plan import Pass, Phase
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


class DifferentialBoard(ABC):
    """The derivation of a differential, line by line; what it is brought to is up to those who inherit."""

    answer_names: ClassVar[tuple[str, ...]]

    def __init__(self, function: Expr, wrt: Symbol, symbols: dict[str, Symbol], slip: Slip | None = None) -> None:
        self.function = function
        self.wrt = wrt
        self.names = self._named(symbols)
        self.context = Context(frozenset({wrt, *self.names.blocks}), wrt)
        self.engine = Engine(self.context, slip)
        self.board = Board(self.engine)
        self.dX = d(wrt)
        self.dL = d(self.names.value)
        self.convention = "unstructured"

    def _named(self, symbols: dict[str, Symbol]) -> Names:
        """Names for what the derivation will speak of, free in the problem."""
        taken = set(symbols) | {f"d{name}" for name in symbols}
        value = Symbol(choose(self.value_names, taken), self.function.shape)
        taken.add(value.name)
        answer = Symbol(choose(self.answer_names, taken), self.answer_shape())
        taken.add(answer.name)
        return Names(value, answer, find_blocks(self.function, Context(frozenset({self.wrt}), self.wrt), taken))

    @property
    @abstractmethod
    def value_names(self) -> tuple[str, ...]:
        """What the function may be called."""

    @abstractmethod
    def answer_shape(self) -> Shape:
        """The shape of what is looked for."""

    @abstractmethod
    def is_settled(self, term: Expr) -> bool:
        """The term is in the form that the answer is read off."""

    @abstractmethod
    def differential(self) -> Expr:
        """The derivation as far as the differential of the function; gives that back."""

    @abstractmethod
    def derive(self) -> Expr:
        """The whole derivation; gives back the answer."""

    def title(self, phase: Phase) -> tuple[str | Expr, ...]:
        words: list[str | Expr] = []
        things = {"L": self.names.value, "dX": self.dX}
        for piece in phase.title.split("{"):
            name, closed, rest = piece.partition("}")
            words += [things[name], rest] if closed else [piece]
        return tuple(word for word in words if word != "")

    def naming(self) -> tuple[Expr, list[Step]]:
        """The function written with the names of its blocks."""
        names = tuple((part, symbol) for symbol, part in self.names.blocks.items())
        if not names:
            return self.function, []
        return self.engine.once(self.function, Substitution("definition", names, quiet=True))

    def named_function(self) -> Expr:
        """The same, with a line for it where there are blocks."""
        e, steps = self.naming()
        if steps:
            self.board.stage("Name what recurs")
            why: list[str | Expr] = []
            for symbol, part in self.names.blocks.items():
                why += [", " if why else "with ", symbol, " = ", part]
            self.board.line(Line(self.names.value, e, "definition", tuple(why), tuple(steps), self.function))
        return e

    def differentiate(self, left: Expr, e: Expr) -> Expr:
        """Lines for `left = d(e)`, until d stands at symbols only."""
        right = d(e)
        for stage in plan.DIFFERENTIATE.passes:
            right = self.board.advance(left, right, stage)
        right = self._lemmas(left, right)
        for stage in plan.TWINS:
            right = self.board.advance(left, right, stage)
        return right

    def _lemmas(self, left_side: Expr, right: Expr) -> Expr:
        """Rules that deserve a stage of their own, each introduced with its proof, until d stands at symbols only."""
        shown: set[str] = set()
        for _ in range(100):
            rule, match = self._next_lemma(right)
            if rule is None:
                break
            use: Rule | Substitution = rule
            if rule.name not in shown:
                self.board.stage(rule.title)
                shown.add(rule.name)
                use = self._proved(rule, match)
            new, steps = self.engine.exhaust(right, (use,))
            then, more = self.engine.run(new, plan.PUSH)
            right = self.board.write(left_side, right, then, [*steps, *more])
        left_over = next((p for p in walk(right) if isinstance(p, Differential) and p.arg.children), None)
        if left_over is not None:
            raise Unsupported(
                f"no rule gives the differential of {plain(left_over.arg)}",
                remedy="The other parts of the function can be derived; this one is not covered yet.",
            )
        return right

    def _proved(self, rule: Rule, match: Match) -> Substitution:
        """Lines for the proof of a rule, the last of which is the rule itself; gives back what that finds."""
        *before, last = ((match.instance(left), right, match.said(why)) for left, right, why in rule.proof)
        for left, right, why in before:
            self.board.line(Line(left, self.engine.tidied(match.instance(right)), rule.name, why))
        left, _, why = last
        found, steps = self.engine.once(left, rule)
        self.board.line(Line(left, found, rule.name, why, tuple(steps), left))
        return Substitution(rule.name, ((left, found),), rule.because)

    def _next_lemma(self, e: Expr) -> tuple[Rule | None, Match]:
        for part in walk(e):
            for rule in RULES:
                if rule.title and isinstance(part, type(rule.left)):
                    for _, match, _ in rule.rewrites(part, self.context):
                        return rule, match
        return None, Match()

    def resolve_blocks(self, right: Expr) -> Expr:
        """Find dR for each block, and put it in."""
        blocks = self.names.blocks
        for symbol, definition in blocks.items():
            if d(symbol) not in set(walk(right)):
                continue
            self.board.stage("Find ", d(symbol))
            found = self.board.advance(d(symbol), d(definition), plan.PUSH)
            found = self._lemmas(d(symbol), found)
            put = Substitution("substitute", ((d(symbol), found),), quiet=True)
            new, steps = self.engine.exhaust(right, (put,))
            why: Text = ("put ", d(symbol), " in")
            others = {d(block) for block in blocks} & set(walk(new))
            if not others and all(map(self.is_settled, terms_of(new))):
                back = Substitution("definition", tuple(blocks.items()), quiet=True)
                new, more = self.engine.exhaust(new, (back,))
                steps += more
                why = ("put ", d(symbol), " and ", symbol, " in")
            self.board.line(Line(self.dL, new, "substitute", why, tuple(steps), right))
            right = new
        return right

    def moved(self, left: Expr, right: Expr, passes: Sequence[Pass]) -> Expr:
        """The chain that goes through the passes until each term is settled or nothing changes any more."""
        for _ in range(ROUNDS):
            before = right
            for stage in passes:
                right = self.board.advance(left, right, stage)
                if all(map(self.is_settled, terms_of(right))):
                    return right
            if right == before:
                break
        return right
