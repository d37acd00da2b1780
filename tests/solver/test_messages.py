"""Sentences that readers see: no code decides anything by their words, each has one id, and their parts are named."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from generator import solve
from generator.expr import messages as message
from generator.expr.messages import AND, PLACEHOLDER, Message, Sentence, clauses
from generator.expr.parsing.parse import read
from generator.expr.printing.plain import prose
from generator.forms.blanks import lines_to_fill, reasons_to_name
from generator.problems.marking import weights
from generator.rules.identities import BY_NAME, RULES, Rule
from generator.solver.derivation import Derivation
from generator.solver.wrong import candidates, is_sound

PROBLEMS: list[tuple[str, str, dict[str, str] | None, str, dict[str, str]]] = [
    ("tr(X'*A*X)", "X", None, "derivative", {}),
    ("tr(A*inv(X))", "X", None, "derivative", {"detail": "full"}),
    ("tr(A*pinv(X)*B)", "X", None, "derivative", {}),
    ("norm2(A*x - b)^2", "x", None, "stationary", {}),
    ("tr(S*X*S*Y) + tr(Q'*X*Q)", "X",
     {"S": "n x n symmetric", "X": "n x n", "Y": "n x n", "Q": "n x n orthogonal"}, "derivative", {}),
    ("logdet(X) - tr(S*X)", "X", {"X": "n x n positive definite", "S": "n x n symmetric"}, "stationary", {}),
    ("x'*A*x/(x'*x)", "x", {"A": "n x n symmetric", "x": "n"}, "stationary", {}),
    ("x'*S*x", "x", {"S": "n x n positive definite", "x": "n", "b": "n", "c": "n", "r": "scalar"}, "stationary",
     {"subject_to": "b'*x = r"}),
    ("sum(exp(A*x)) + norm2(x)^2", "x", None, "hessian", {"detail": "brief"}),
    ("A*X*B", "X", None, "derivative", {"layout": "denominator"}),
    ("tr(A*X)", "X", {"A": "n x n", "X": "n x n symmetric"}, "derivative", {"convention": "independent entries"}),
    ("sum(arcsin(x)) + sum(abs(x))", "x", None, "derivative", {}),
]  # fmt: skip


def derived(function: str, wrt: str, symbols: dict[str, str] | None, find: str, options: dict[str, Any]) -> Derivation:
    return solve(function, wrt, symbols, find, **options)


def structure(derivation: Derivation) -> object:
    """All of a derivation, and of what worksheets make of it, but its words."""
    lines = [
        (stage.kind, stage.introduces, line.left, line.right, line.rule, line.where, line.mark, _ids(line.because))
        for stage in derivation.stages
        for line in stage.lines
    ]
    said = [_ids(text) for text in (*derivation.conditions, *derivation.remarks)]
    gaps = [
        [(gap.line, gap.path) for gap in find(derivation, None, str.encode)]
        for find in (lines_to_fill, reasons_to_name)
    ]
    wrong = [
        (w.mistake.name, w.number, [line.rule for line in w.derivation.lines])
        for w in candidates(derivation)
        if is_sound(w, derivation)
    ]
    return lines, said, derivation.outcome, derivation.divisors, gaps, weights(derivation), wrong


def _ids(text: object) -> list[object]:
    if not isinstance(text, Sentence):
        return [text]
    return [text.message.id, *(_ids(value) for value in text.arguments.values())]


def unreadable(found: Message, count: int) -> str:
    """The id of a message, and its placeholders, which carry the mathematics."""
    return found.id.upper() + "".join(match[0] for match in PLACEHOLDER.finditer(found.english))


@pytest.mark.parametrize(("function", "wrt", "symbols", "find", "options"), PROBLEMS)
def test_no_code_reads_words(
    function: str,
    wrt: str,
    symbols: dict[str, str] | None,
    find: str,
    options: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    english = derived(function, wrt, symbols, find, options)
    expected = structure(english)
    monkeypatch.setattr(message, "english", unreadable)
    other = derived(function, wrt, symbols, find, options)
    assert prose(other.stages[0].title) != prose(english.stages[0].title)
    assert structure(other) == expected


def test_a_line_is_named_by_what_is_done_in_it_and_not_by_what_stays_constant() -> None:
    lines = solve("tr(A*pinv(X)*B)", "X").lines
    line = next(line for line in lines if "d-pseudo-inverse" in {step.rule.name for step in line.steps})
    assert line.rule == "d-pseudo-inverse"
    assert prose(line.because).endswith("; A and B are constant")


def test_a_message_has_one_id_and_an_id_one_message() -> None:
    messages = {rule.message for rule in RULES if rule.message} | {rule.title for rule in RULES if rule.title}
    assert len({found.id for found in messages}) == len(messages)
    assert len({found.english for found in messages}) == len(messages)
    for found in messages:
        owner = BY_NAME.get(found.id)
        assert owner is None or owner.message == found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_what_it_is(rule: Rule) -> None:
    found = BY_NAME[rule.name]
    assert found.role is not None
    names = {symbol.name for symbol in found.symbols}
    assert not found.about or found.about in names
    assert set(re.findall(r"\{(\w+)\}", found.message.english)) == ({"names"} if found.about else set())


def test_a_sentence_is_said_in_another_language() -> None:
    x, y = (read(name, {name: "n"}).expr for name in "xy")
    put_in = Message("put-in", "put {names} in, which is known", "put {names} in, which are known")
    german = {
        "put-in": ("setze {names} ein, was bekannt ist", "setze {names} ein, was bekannt sind"),
        AND.id: (" und ",),
        "clauses": ("{first}, {second}",),
    }

    def wording(found: Message, count: int) -> str:
        return german[found.id][0 if count == 1 else -1] if found.id in german else found.english

    sentence = clauses(put_in(names=[x]), put_in(names=[x, y]))
    assert prose(sentence) == "put x in, which is known; put x and y in, which are known"
    assert prose(sentence.worded(wording)) == "setze x ein, was bekannt ist, setze x und y ein, was bekannt sind"
    assert prose(sentence.mapped(lambda e: e.T)) == "put x' in, which is known; put x' and y' in, which are known"
    again = pickle.loads(pickle.dumps(sentence))
    assert again == sentence
    assert again.message == sentence.message
