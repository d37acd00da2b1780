"""Applies rules one at a time, each at one place, and records every step; what does not end is an error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import Unsupported, VerificationError
from generator.expr.messages import NOTHING, clauses
from generator.expr.nodes import Expr, IndexSum, Product, Scale, Softmax, Sum, Transpose
from generator.rules.identities import ARITHMETIC, rules
from generator.rules.rule import SAID_LAST, Context, Match, Rule, Selection, Step, Substitution, reason, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.expr.messages import Message, Sentence
    from generator.rules.plan import Pass

Slip: TypeAlias = "Callable[[Step, Context], Step]"
Find: TypeAlias = "tuple[Rule | Substitution, tuple[int, ...], Selection, Match, Expr] | None"
"""A rule that applies, the path to its place, what it takes there, what its symbols stand for, and what it makes."""

TIDY = (*ARITHMETIC, *rules("tr-scale"))
"""What is done after every step without a line of its own: zeros vanish, scalars come to the front."""

REMEMBERED = 20_000
"""How many finds are kept at most, for each context and what was looked for."""
STEPS_AT_MOST = 3000
"""More rewritings than any derivation needs that a person would read."""
LARGEST_LINE = 2000
"""More nodes than an expression has that a person would read; the bank has up to some hundreds."""


@lru_cache(maxsize=16)
def _remembered(context: Context) -> dict[tuple[tuple[Rule | Substitution, ...], str], _Sought]:
    """What has been found in a context, whatever was derived: the versions of a question are alike in most parts."""
    del context
    return {}


class _ByKind:
    """Rules by the kinds of nodes that they are for."""

    def __init__(self, rules: tuple[Rule | Substitution, ...]) -> None:
        self.rules = rules
        self._at_root: dict[tuple[type, frozenset[type]], list[Rule | Substitution]] = {}
        self._somewhere: dict[frozenset[type], bool] = {}

    def at_root(self, e: Expr) -> list[Rule | Substitution]:
        """Those that may apply at the root of an expression, by the kinds of its nodes, in order."""
        kind, kinds = type(e), e.kinds
        found = self._at_root.get((kind, kinds))
        if found is None:
            found = self._at_root[kind, kinds] = [
                rule for rule in self.rules if rule.root in (kind, None) and rule.needs <= kinds
            ]
        return found

    def is_somewhere(self, e: Expr) -> bool:
        """Some rule may apply somewhere in an expression, by the kinds of its nodes."""
        found = self._somewhere.get(e.kinds)
        if found is None:
            found = self._somewhere[e.kinds] = any(rule.needs <= e.kinds for rule in self.rules)
        return found


_by_kind = lru_cache(maxsize=256)(_ByKind)


class _Sought:
    """Rules that are looked for in a scope, and what has been found out about them on the way."""

    def __init__(self, rules: tuple[Rule | Substitution, ...], scope: str) -> None:
        self.scope = scope
        self.finds: dict[Expr, Find] = {}
        """What applies first in an expression: nobody need look into it again."""
        self.lasting = not any(isinstance(rule, Substitution) for rule in rules)
        """What is found stays so: what a substitution puts in differs each time, and it is only for the root."""
        self.by_kind = _by_kind(rules) if self.lasting else _ByKind(rules)


@dataclass(frozen=True)
class Engine:
    """Rewrites expressions in the context of one derivation."""

    context: Context
    slip: Slip | None = None
    """What somebody who makes a mistake does instead of a step; None in every derivation that is a key."""

    @cached_property
    def _sought(self) -> dict[tuple[tuple[Rule | Substitution, ...], str], _Sought]:
        return _remembered(self.context)

    def run(self, e: Expr, stage: Pass) -> tuple[Expr, list[Step]]:
        """The expression after a pass, and the steps."""
        e, steps = self.exhaust(e, rules(*stage.rules), stage.scope)
        if steps and stage.then:
            e, more = self.exhaust(e, rules(*stage.then))
            steps += more
        return e, steps

    def run_all(self, e: Expr, stages: Sequence[Pass]) -> tuple[Expr, list[Step]]:
        """Like `run`, for several passes one after the other."""
        steps: list[Step] = []
        for stage in stages:
            e, more = self.run(e, stage)
            steps += more
        return e, steps

    def exhaust(
        self, e: Expr, rules: Sequence[Rule | Substitution], scope: str = "anywhere"
    ) -> tuple[Expr, list[Step]]:
        """Apply rules, outermost place first, until none applies; arithmetic is tidied after each."""
        steps: list[Step] = []
        while True:
            step = self._first(e, rules, scope)
            if step is None:
                return e, steps
            steps.append(step)
            e = self._tidied(step.after, steps)
            if e.count > LARGEST_LINE:
                raise Unsupported(
                    f"a line of the derivation has over {LARGEST_LINE} symbols and operations",
                    remedy="Make powers smaller, or take fewer functions of functions.",
                )
            if len(steps) > STEPS_AT_MOST:
                last = ", ".join(dict.fromkeys(s.rule.name for s in steps[-50:]))
                raise VerificationError(
                    "the rules do not come to an end",
                    remedy=f"Rules in turn: {last}. Please report the function.",
                )

    def once(self, e: Expr, rule: Rule | Substitution) -> tuple[Expr, list[Step]]:
        """Apply one rule at the first place where it applies, then tidy."""
        step = self._first(e, (rule,), "anywhere")
        if step is None:
            return e, []
        steps = [step]
        return self._tidied(step.after, steps), steps

    def tidied(self, e: Expr) -> Expr:
        """The expression with its arithmetic done."""
        return self._tidied(e, [])

    def _tidied(self, e: Expr, steps: list[Step]) -> Expr:
        while (step := self._first(e, TIDY, "anywhere")) is not None:
            steps.append(step)
            e = step.after
        return e

    def _first(self, e: Expr, rules: Sequence[Rule | Substitution], scope: str) -> Step | None:
        key = tuple(rules), scope
        sought = self._sought.get(key) or _Sought(*key)
        if sought.lasting:
            self._sought[key] = sought
        found = self._search(e, sought)
        if found is None:
            return None
        rule, path, selection, match, new = found
        step = Step(rule, path, selection, match, e, replaced(e, path, new))
        return self.slip(step, self.context) if self.slip else step

    def _search(self, part: Expr, sought: _Sought, *, root: bool = True) -> Find:
        """The first rule that applies, outermost place first, with the place and what it makes of it."""
        if not sought.lasting:
            return self._look(part, sought, root=root)
        if part not in sought.finds:
            if len(sought.finds) >= REMEMBERED:
                sought.finds.clear()
            sought.finds[part] = self._look(part, sought, root=root)
        return sought.finds[part]

    def _look(self, part: Expr, sought: _Sought, *, root: bool) -> Find:
        if not sought.by_kind.is_somewhere(part):
            return None
        for rule in sought.by_kind.at_root(part):
            if (not rule.declared or rule.declared <= part.declarations) and (root or isinstance(rule, Rule)):
                for selection, match, new in rule.rewrites(part, self.context):
                    return rule, (), selection, match, new
        for place, child in _inside(part, sought.scope):
            found = self._search(child, sought, root=False)
            if found is not None:
                rule, path, selection, match, new = found
                return rule, (*place, *path), selection, match, new
        return None


def _inside(e: Expr, scope: str) -> Iterator[tuple[tuple[int, ...], Expr]]:
    """The parts to look into, with their places: all children, or those that a sum adds up.

    The mark in the softmax of the rows of a product, Softmax((XW)')', is part of its name, and not pushed inside.
    """
    match e:
        case _ if scope == "whole":
            return
        case Softmax(Transpose(Product() as arg)) if scope == "anywhere":
            yield (0, 0), arg
        case _ if scope == "anywhere":
            for i, child in enumerate(e.children):
                yield (i,), child
        case Sum(terms):
            for i, term in enumerate(terms):
                yield (i,), term
        case Scale(_, body) | IndexSum(_, body):
            yield (1,), body
        case _:
            return


def because(steps: Sequence[Step]) -> tuple[str, Sentence]:
    """The rule that a line is named by, and the reasons of all rules in it that speak, each once."""
    spoken = [step for step in steps if step.rule.message]
    loud = [step for step in spoken if not step.rule.quiet] or spoken
    if not loud:
        return (steps[0].rule.name if steps else "definition"), NOTHING
    groups: dict[Message, list[Step]] = {}
    for step in loud:
        groups.setdefault(step.rule.message, []).append(step)
    lead = min(loud, key=_said_last)
    ordered = sorted(groups.values(), key=lambda group: _said_last(group[0]))
    return lead.rule.name, clauses(*(reason([(step.rule, step.match) for step in group]) for group in ordered))


def _said_last(step: Step) -> bool:
    return step.rule.role in SAID_LAST
