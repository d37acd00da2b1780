"""A derivation is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from generator.document.formula import Formula
from generator.document.statement import AT_POINT, FOR_POINT, at_point, constraint_list, sought, sought_kind, target
from generator.document.words import say
from generator.expr.inequalities import is_inequality
from generator.expr.messages import Message
from generator.forms.protocol import Form
from generator.problems.marking import by_stages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from generator.document.formula import Sentence
    from generator.document.statement import Facts
    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Symbol
    from generator.problems.marking import Marking
    from generator.problems.settings import FormSettings
    from generator.solver.derivation import Derivation

ASK_CONSTRAINED = Message(
    "ask-constrained",
    "Write down the Lagrangian, and find where {value} is stationary subject to {constraints}{at}.",
)
ASK_BOUNDED = Message(
    "ask-bounded", "Write down the Lagrangian, and find the minimizer of {value} subject to {constraints}{at}."
)


class Derive(Form[None]):
    """Find it, with all steps; the points are shared out among these."""

    name: ClassVar[str] = "derive"
    derives_singly: ClassVar[bool] = False
    continues: ClassVar[bool] = True

    def ask(self, derivation: Derivation, settings: FormSettings, data: Mapping[Symbol, Rows]) -> None:
        """Nothing but the derivation."""

    def marking(self, points: Fraction, asked: None, derivation: Derivation, weights: Sequence[int]) -> Marking:
        """By the steps."""
        return by_stages(points, derivation, weights)

    def request(self, facts: Facts) -> Sentence:
        """What is to be found, as briefly as an earlier part allows."""
        question, source = facts.solved.question, facts.solved.source
        find, before = sought_kind(facts.derivation), sought_kind(source.derivation) if source else None
        wanted = Formula(target(facts.derivation, inline=True))
        stationary_for = at_point(FOR_POINT, facts)
        if source and before == find:
            if find == "stationary":
                return say(
                    Message("ask-again", "Work out the answer to part ({part}){at}."),
                    part=source.question.part,
                    at=stationary_for,
                )
            return say(Message("ask-evaluate", "Evaluate {target}{at}."), target=wanted, at=at_point(AT_POINT, facts))
        if question.subject_to:
            bounded = any(map(is_inequality, question.subject_to))
            return say(
                ASK_BOUNDED if bounded else ASK_CONSTRAINED,
                value=Formula(facts.value),
                constraints=constraint_list(facts),
                at=stationary_for,
            )
        if find == "stationary" and before == "gradient":
            return say(Message("ask-zero", "Find where {target} is zero{at}."), target=wanted, at=stationary_for)
        if find == "stationary":
            return say(
                Message("ask-stationary", "Derive {target}, and find where it is zero{at}."),
                target=wanted,
                at=stationary_for,
            )
        return say(Message("ask-find", "Find {sought}."), sought=sought(facts))

    def room(self, derivation: Derivation) -> str:
        """From what the key takes."""
        return f"{min(max(5.0, 1.0 + 0.8 * len(derivation.lines)), 17.0):.1f}cm"
