"""Every rule is true on random matrices, and the check that says so finds a false one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator.expr.evaluate.numeric import (
    Array,
    Point,
    UndefinedError,
    dimension_names,
    draw,
    evaluate,
    relative_error,
    whole_numbers,
)
from generator.expr.functions import FUNCTIONS
from generator.expr.nodes import (
    Elementwise,
    Expr,
    Hadamard,
    Symbol,
    d,
    hadamard,
    number,
    parameter_of,
    substitute,
    tr,
    walk,
)
from generator.expr.parsing.parse import declare
from generator.expr.properties import transpose_of
from generator.rules import plan
from generator.rules.identities import BY_NAME, RULES
from generator.rules.rule import Context, Rule

TOLERANCE = 1e-9


def point_for(rule: Rule, seed: int) -> Point:
    """Random values, positive every other time, and directions for the symbols of a rule; constant ones do not move."""
    rng = np.random.default_rng(seed)
    dims = dict(zip(dimension_names(rule.left, rule.right), rng.permutation([2, 3, 4, 5]).tolist(), strict=False))
    size = Point({}, dims)
    values = {s.name: draw(s, size, rng) for s in rule.symbols}
    if seed % 2:
        values |= {s.name: np.abs(values[s.name]) for s in rule.symbols if not s.properties}
    values |= {s.name: np.array([[rng.integers(2, 5)]], dtype=float) for s in whole_numbers(rule.left)}
    directions: dict[str, Array] = {
        s.name: np.zeros_like(values[s.name])
        if not may_move(s, rule)
        else np.asarray(rng.standard_normal(values[s.name].shape))
        for s in rule.symbols
    }
    return Point(values, dims, directions)


def may_move(symbol: Symbol, rule: Rule) -> bool:
    """A symbol of a rule may contain the variable; one that depends on a scalar moves with that alone."""
    return symbol.name not in rule.constant and not parameter_of(symbol)


def error_of(rule: Rule, left: Expr, right: Expr) -> float:
    """The largest difference of two sides over ten random points where both are defined."""
    worst, seen = 0.0, 0
    for seed in range(400):
        point = point_for(rule, seed)
        try:
            worst = max(worst, relative_error(evaluate(left, point), evaluate(right, point)))
        except UndefinedError:
            continue
        seen += 1
        if seen == 10:
            return worst
    raise AssertionError(f"{rule.name} was defined on {seen} points only")


CONCRETE = [rule for rule in RULES if not any(isinstance(e, Elementwise) and e.name == "f" for e in walk(rule.left))]


@pytest.mark.parametrize("rule", CONCRETE, ids=lambda rule: rule.name)
def test_a_rule_is_true(rule: Rule) -> None:
    assert error_of(rule, rule.left, rule.right) < TOLERANCE


def test_what_depends_on_a_scalar_is_never_said_to_be_constant() -> None:
    assert not [rule.name for rule in RULES for s in rule.symbols if s.name in rule.constant and parameter_of(s)]


@pytest.mark.parametrize("rule", [rule for rule in CONCRETE if rule.law], ids=lambda rule: rule.name)
def test_a_law_does_what_its_identity_says(rule: Rule) -> None:
    assert rule.law is not None
    moving = frozenset(s for s in rule.symbols if may_move(s, rule))
    result = rule.law(rule.left, Context(moving, declare("Z", "n x n")))
    if result is not None:
        assert result.shape == rule.left.shape
        assert error_of(rule, rule.left, result) < TOLERANCE


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("said", ["scalar", "n", "n x m"])
def test_the_chain_rule_holds_for_every_function(name: str, said: str) -> None:
    rule, arg = BY_NAME["d-elementwise"], declare("A", said)
    left = d(Elementwise(name, arg))
    ((_, _, right),) = rule.rewrites(left, Context(frozenset({arg}), arg))
    like = replace(rule, left=left, right=right, law=None)
    inside = in_domain(name, arg)
    assert error_of(like, substitute(left, {arg: inside}), substitute(right, {arg: inside})) < TOLERANCE


def in_domain(name: str, e: Expr) -> Expr:
    """An argument at which a function is defined: squares, where it says nothing else."""
    return number("1/10") * e if name in ("arcsin", "arccos", "arctanh") else hadamard(e, e)


A, B = declare("A", "n x m"), declare("B", "m x n")
M, N, S = declare("M", "n x n"), declare("N", "n x n"), declare("S", "n x n symmetric")

FALSE = [
    Rule("product rule as the lecture notes misprint it", d(M @ N), d(M) @ N + N @ d(M)),
    Rule("transpose without reversal", (M @ N).T, M.T @ N.T),
    Rule("inverse like a number", d(M.I), -(M.I @ M.I @ d(M))),
    Rule("trace of a product as a product", tr(M @ N), tr(M) * tr(N)),
    Rule("cyclic property as commutativity", tr(M @ N @ S), tr(N @ M @ S)),
    Rule("every matrix symmetric", M.T, M),
    Rule("second term forgotten", d(A @ B), d(A) @ B),
    Rule("hadamard as product", Hadamard((M, N)), M @ N),
]


@pytest.mark.parametrize("rule", FALSE, ids=lambda rule: rule.name)
def test_a_false_rule_is_found_out(rule: Rule) -> None:
    assert error_of(rule, rule.left, rule.right) > 1e-3


def test_names_are_unique_and_the_plan_knows_only_rules_of_the_table() -> None:
    assert len(BY_NAME) == len(RULES)
    named = {
        name
        for phase in (plan.AS_TRACE, plan.DIFFERENTIATE, plan.SPLIT, plan.TO_THE_END, plan.JACOBIAN)
        for p in phase.passes
        for name in p.rules
    }
    assert named | set(plan.ANSWER.rules) | set(plan.COLLECT.rules) <= set(BY_NAME)


def test_a_rule_with_an_unbound_symbol_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="unbound N"):
        Rule("broken", M, N)


def test_a_rule_whose_sides_differ_in_shape_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        Rule("broken", A @ B, A)


def test_a_symbol_with_a_property_matches_only_what_is_known_to_have_it() -> None:
    context = Context(frozenset(), A)
    symmetric = BY_NAME["transpose-symmetric"]
    assert not list(symmetric.rewrites(M.T, context))
    assert [new for *_, new in symmetric.rewrites((A @ A.T).T, context)] == [A @ A.T]
    assert transpose_of(S @ M) == M.T @ S
