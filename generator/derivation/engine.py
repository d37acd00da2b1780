"""Applies rules one at a time, each at one place, and records every step; what does not end is an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.algebra.expr import Expr, Scale, Sum, Symbol
from generator.derivation.identities import ARITHMETIC, rules
from generator.derivation.rule import Context, Rule, Step, Substitution, reason, replaced
from generator.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.algebra.plain import Text
    from generator.derivation.plan import Pass

TIDY = (*ARITHMETIC, *rules("tr-scale"))
"""What is done after every step without a line of its own: zeros vanish, scalars come to the front."""

STEPS_AT_MOST = 3000
"""More rewritings than any derivation needs that a person would read."""


@dataclass(frozen=True)
class Engine:
    """Rewrites expressions in the context of one derivation."""

    context: Context

    def run(self, e: Expr, stage: Pass) -> tuple[Expr, list[Step]]:
        """The expression after a pass, and the steps."""
        e, steps = self.exhaust(e, rules(*stage.rules), stage.scope)
        if steps and stage.then:
            e, more = self.exhaust(e, rules(*stage.then))
            steps += more
        return e, steps

    def exhaust(
        self, e: Expr, rules: Sequence[Rule | Substitution], scope: str = "anywhere"
    ) -> tuple[Expr, list[Step]]:
        """Apply rules, outermost place first, until none applies; arithmetic is tidied after each."""
        steps: list[Step] = []
        pending: Sequence[Rule | Substitution] = rules
        while True:
            step = self._first(e, pending, scope)
            if step is None:
                return e, steps
            steps.append(step)
            e = self._tidied(step.after, steps)
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
        by_head: dict[type, list[Rule | Substitution]] = {}
        for path, part in _places(e, scope):
            kind = type(part)
            if kind not in by_head:
                by_head[kind] = [rule for rule in rules if _may_match(rule, kind)]
            for rule in by_head[kind]:
                if isinstance(rule, Substitution) and path:
                    continue
                for selection, match, new in rule.rewrites(part, self.context):
                    return Step(rule, path, selection, match, e, replaced(e, path, new))
        return None


def _may_match(rule: Rule | Substitution, kind: type) -> bool:
    return isinstance(rule, Substitution) or isinstance(rule.left, kind | Symbol)


def _places(e: Expr, scope: str) -> Iterator[tuple[tuple[int, ...], Expr]]:
    """Paths and nodes, outermost first: all of them, or the root and the terms that it adds up."""
    yield (), e
    if scope == "terms":
        if isinstance(e, Sum):
            inner = list(enumerate(e.terms))
        elif isinstance(e, Scale):
            inner = [(1, e.body)]
        else:
            return
    else:
        inner = list(enumerate(e.children))
    for i, child in inner:
        for path, part in _places(child, scope):
            yield (i, *path), part


def because(steps: Sequence[Step]) -> tuple[str, Text]:
    """The rule that a line is named by, and the reasons of all rules in it that speak, each once."""
    loud = [step for step in steps if not step.rule.quiet] or [step for step in steps if step.rule.because]
    if not loud:
        return (steps[0].rule.name if steps else "definition"), ()
    groups: dict[str, list[Step]] = {}
    for step in loud:
        groups.setdefault(_shape_of(step.rule.because), []).append(step)
    lead = next((s for s in loud if "constant" not in s.rule.because), loud[0])
    ordered = sorted(groups.values(), key=lambda group: "constant" in group[0].rule.because)
    text: list[str | Expr] = []
    for group in ordered:
        said = reason([(step.rule.because, step.match) for step in group])
        if said:
            text += ["; "] * bool(text) + list(said)
    return lead.rule.name, tuple(text)


def _shape_of(template: str) -> str:
    """A reason without the names of its placeholders: `A is constant` and `B is constant` are said together."""
    return "{}".join(part.split("}")[-1] for part in template.split("{"))
