"""What all derivations by differentials share: names, and the way from d of a function to d of its symbols."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from generator.errors import Unsupported
from generator.expr.messages import Message
from generator.expr.nodes import ONE, Differential, Expr, Shape, Symbol, d, terms_of, walk
from generator.rules import plan
from generator.rules.engine import Engine
from generator.rules.identities import RULES
from generator.rules.rule import Context, Match, Rule, Substitution
from generator.solver.blocks import expanded, find_blocks
from generator.solver.conventions import FREE
from generator.solver.derivation import Line
from generator.solver.refusals import no_differential
from generator.solver.writer import DerivationWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from generator.expr.messages import Sentence
    from generator.rules.engine import Slip
    from generator.rules.plan import Pass, Phase
    from generator.rules.rule import Step
    from generator.solver.conventions import Conventions


PUT_BACK = Message("put-back", "put {names} back")

ROUNDS = 8
"""How often the passes that bring dX to the end are gone through; nested Hadamard products take one each."""


@dataclass
class Names:
    """The names of a derivation: the function L, its gradient G, and blocks; all free in the problem."""

    value: Symbol
    answer: Symbol
    blocks: dict[Symbol, Expr] = field(default_factory=dict)


def names_taken(symbols: Mapping[str, Symbol]) -> set[str]:
    """The names of symbols, of their differentials and of their dimensions."""
    sizes = {name for symbol in symbols.values() for dim in symbol.shape for name in dim.names}
    return set(symbols) | {f"d{name}" for name in symbols} | sizes


OBJECTIVES = ("f", "F", "J", "h")
"""What a scalar function may be called that has a Lagrangian."""


def value_names(function: Expr) -> tuple[str, ...]:
    """What a function may be called: the lecture calls a scalar L; small letters are for columns and rows."""
    if function.is_scalar:
        return ("L", *OBJECTIVES)
    return ("y", "f", "h") if ONE in function.shape else ("F", "Y", "Z")


def choose(candidates: Sequence[str], taken: AbstractSet[str]) -> str:
    """The first name that is free, and whose differential is."""
    for name in [*candidates, *(f"{candidates[0]}{i}" for i in range(1, 100))]:
        if taken.isdisjoint({name, f"d{name}", f"d2{name}"}):
            return name
    raise Unsupported("no name is left for the function", remedy="Rename a symbol.")


class DifferentialSolver(ABC):
    """The derivation of a differential, line by line; what it is brought to is up to those who inherit."""

    answer_names: ClassVar[tuple[str, ...]]
    turned_names: ClassVar[tuple[str, ...]] = ("D", "E", "K")
    """What the answer may be called where the layout turns it."""

    def __init__(
        self,
        function: Expr,
        wrt: Symbol,
        symbols: dict[str, Symbol],
        slip: Slip | None = None,
        conventions: Conventions = FREE,
    ) -> None:
        self.function = function
        self.wrt = wrt
        self.conventions = conventions
        self.taken = names_taken(symbols)
        engine = Engine(Context(frozenset({wrt}), wrt))
        self.matrix_form, self.forming = engine.run(function, plan.MATRIX_FORM.passes[0])
        self.simple, self.simplifying = engine.run_all(self.matrix_form, plan.SIMPLIFY.passes)
        self.names = self._named()
        self.context = Context(frozenset({wrt, *self.names.blocks}), wrt)
        self.engine = Engine(self.context, slip)
        self.writer = DerivationWriter(self.engine)
        self.dX = d(wrt)
        self.dL = d(self.names.value)

    def _named(self) -> Names:
        """Names for what the derivation will speak of, free in the problem."""
        value = self.name(value_names(self.function), self.function.shape)
        rows, columns = self.answer_shape()
        answer = (
            self.name(self.turned_names, (columns, rows))
            if self.turned
            else self.name(self.answer_names, (rows, columns))
        )
        blocks = find_blocks(self.simple, Context(frozenset({self.wrt}), self.wrt), self.taken)
        self.taken |= {symbol.name for symbol in blocks}
        return Names(value, answer, blocks)

    def name(self, candidates: Sequence[str], shape: Shape, properties: Iterable[str] = ()) -> Symbol:
        """A symbol with the first name that is free, and whose differential is; it is taken from now on."""
        name = choose(candidates, self.taken)
        self.taken.add(name)
        return Symbol(name, shape, frozenset(properties))

    @property
    def turned(self) -> bool:
        """The layout asks for the transpose of the gradient, or of the Jacobian."""
        return self.conventions.turn(self.function.shape, self.wrt.shape)

    @abstractmethod
    def answer_shape(self) -> Shape:
        """The shape of what is looked for, before the layout turns it."""

    @abstractmethod
    def is_settled(self, term: Expr) -> bool:
        """The term is in the form that the answer is read off."""

    @abstractmethod
    def differential(self) -> Expr:
        """The derivation as far as the differential of the function; gives that back."""

    @abstractmethod
    def derive(self) -> Expr:
        """The whole derivation; gives back the answer."""

    def title(self, phase: Phase) -> Sentence:
        """The title of a phase with the names of this derivation."""
        return phase.title(function=self.names.value, differential=self.dX)

    def naming(self) -> tuple[Expr, list[Step]]:
        """The function written with the names of its blocks."""
        names = tuple((part, symbol) for symbol, part in expanded(self.names.blocks).items())
        if not names:
            return self.simple, []
        return self.engine.once(self.simple, Substitution("definition", names, quiet=True))

    def simplified(self) -> None:
        """Lines for the function in terms of matrices, and in its simpler form, if it has such forms."""
        self.writer.stage(self.title(plan.MATRIX_FORM))
        self.writer.write(self.names.value, self.function, self.matrix_form, self.forming)
        self.writer.stage(self.title(plan.SIMPLIFY))
        self.writer.write(self.names.value, self.matrix_form, self.simple, self.simplifying)

    def named_function(self) -> Expr:
        """The same, with a line for it where there are blocks."""
        e, steps = self.naming()
        if steps:
            self.writer.stage(Message("with-names", "Write {function} with these names")(function=self.names.value))
            why = Message("by-definition", "by the definition of {names}")(names=list(self.names.blocks))
            self.writer.line(Line(self.names.value, e, "definition", why, tuple(steps), self.simple))
        return e

    def differentiate(self, left: Expr, e: Expr) -> Expr:
        """Lines for `left = d(e)`, until d stands at symbols only."""
        start = right = d(e)
        before: list[Step] = []
        for stage in plan.DIFFERENTIATE.passes:
            new, steps = self.engine.run(right, stage)
            steps = [*before, *steps]
            if all(step.rule.quiet for step in steps) and stage is not plan.DIFFERENTIATE.passes[-1]:
                before, right = steps, new  # nothing that is worth a line of its own
                continue
            right = self.writer.write(left, start, new, steps)
            start, before = right, []
        right = self._lemmas(left, right)
        return self.writer.advance(left, right, plan.TWINS)

    def _lemmas(self, left_side: Expr, right: Expr) -> Expr:
        """Rules that deserve a stage of their own, each introduced with its proof, until d stands at symbols only."""
        for _ in range(100):
            rule, match = self._next_lemma(right)
            if rule is None:
                break
            use: Rule | Substitution = rule
            if rule.name not in self.writer.proved:
                assert rule.title is not None
                self.writer.stage(rule.title(), introduces=rule.name)
                self.writer.proved.add(rule.name)
                use = self._proved(rule, match)
            new, steps = self.engine.exhaust(right, (use,))
            then, more = self.engine.run(new, plan.PUSH)
            right = self.writer.write(left_side, right, then, [*steps, *more])
        left_over = next((p for p in walk(right) if isinstance(p, Differential) and p.arg.children), None)
        if left_over is not None:
            raise no_differential(left_over.arg, self.context)
        return right

    def _proved(self, rule: Rule, match: Match) -> Substitution:
        """Lines for the proof of a rule, the last of which is the rule itself; gives back what that finds."""
        *before, last = ((match.instance(left), right, why.mapped(match.instance)) for left, right, why in rule.proof)
        for left, right, why in before:
            self.writer.line(Line(left, self.engine.tidied(match.instance(right)), rule.name, why))
        left, _, why = last
        found, steps = self.engine.once(left, rule)
        self.writer.line(Line(left, found, rule.name, why, tuple(steps), left))
        return Substitution(rule.name, ((left, found),), rule.message)

    def _next_lemma(self, e: Expr) -> tuple[Rule | None, Match]:
        for part in walk(e):
            for rule in RULES:
                if rule.title and isinstance(part, type(rule.left)):
                    for _, match, _ in rule.rewrites(part, self.context):
                        return rule, match
        return None, Match()

    def resolve_blocks(self, right: Expr) -> Expr:
        """Find dR for each block that dL is made of, outermost first, then put all in."""
        blocks = self.names.blocks
        found: dict[Expr, Expr] = {}
        waiting = self._block_differentials(right)
        while waiting:
            symbol = next(s for s in waiting if not any(s in blocks[t].symbols for t in waiting))
            self.writer.stage(Message("find", "Find {differential}")(differential=d(symbol)))
            found[d(symbol)] = self.found(symbol, blocks[symbol])
            waiting = [s for e in (right, *found.values()) for s in self._block_differentials(e) if d(s) not in found]
        if not found:
            return right
        new, steps = right, []
        for differential, value in found.items():
            new, put = self.engine.exhaust(new, (Substitution("substitute", ((differential, value),), quiet=True),))
            steps += put
        new, tidied = self.engine.run(new, plan.AFTER_SUBSTITUTION)
        steps += tidied
        names = list(found)
        if len(blocks) == 1 and not names[0].is_scalar and all(map(self.is_settled, terms_of(new))):
            new, back = self.engine.exhaust(new, (self.put_back(),))
            steps += back
            names += blocks
        why = Message("put-in", "put {names} in")(names=names)
        self.writer.line(Line(self.dL, new, "substitute", why, tuple(steps), right))
        return new

    def _block_differentials(self, e: Expr) -> list[Symbol]:
        """The blocks whose differentials occur, in order."""
        return [s for part in walk(e) if isinstance(part, Differential) for s in self.names.blocks if part == d(s)]

    def found(self, symbol: Symbol, definition: Expr) -> Expr:
        """Lines for the differential of a block; that of a scalar is brought into its final form."""
        left = d(symbol)
        if symbol.is_scalar:
            return self.settled_scalar(left, self.differentiate(left, definition))
        right, steps = self.engine.run(d(definition), plan.PUSH_AND_FACTOR)
        named: list[Step] = []
        if not any(isinstance(part, Differential) and part.arg.children for part in walk(right)):
            by_name = Substitution("definition", ((definition, symbol),), quiet=True)
            right, named = self.engine.exhaust(right, (by_name,))  # dP = P ∘ …, where P is a softmax
        right = self.writer.write(left, d(definition), right, [*steps, *named])
        return self._lemmas(left, right)

    def settled_scalar(self, left: Expr, right: Expr) -> Expr:
        """Lines that bring the differential of a scalar block into the form in which it is put in."""
        return right

    def written_out(self, right: Expr) -> Expr:
        """A differential without the names of blocks, and a line for it where it had any."""
        names = [symbol for symbol in self.names.blocks if symbol in right.symbols]
        new, steps = self.engine.exhaust(right, (self.put_back(),))
        if steps:
            why = PUT_BACK(names=names)
            self.writer.line(Line(self.dL, new, "definition", why, tuple(steps), right))
        return new

    def put_back(self) -> Substitution:
        """The names of the blocks replaced by what they stand for."""
        back = tuple(expanded(self.names.blocks).items())
        return Substitution("definition", back, Message("written-out", "the names written out"), quiet=True)

    def moved(self, left: Expr, right: Expr, passes: Sequence[Pass]) -> Expr:
        """The chain that goes through the passes until each term is settled or nothing changes any more."""
        for _ in range(ROUNDS):
            before = right
            for stage in passes:
                right = self.writer.advance(left, right, stage)
                if all(map(self.is_settled, terms_of(right))):
                    return right
            if right == before:
                break
        return right
