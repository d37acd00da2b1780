"""Every mistake is false, leads to the wrong answer it is known for, and to nothing else that is wrong."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.problems import Problem, problems
from generator import solve
from generator.errors import GeneratorError
from generator.expr.evaluate.numeric import UndefinedError, derivative_at, evaluate, random_point, relative_error
from generator.expr.nodes import Elementwise, Expr, number, rebuild, substitute, walk, zeros
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.plain import plain, prose
from generator.rules.identities import BY_NAME
from generator.rules.mistakes import MISTAKES, Mistake
from generator.rules.rule import Rule
from generator.solver.derivation import Derivation
from generator.solver.solve import derive
from generator.solver.wrong import WrongDerivation, candidates, distractors, is_sound
from tests.rules.test_rules import error_of
from tests.solver.test_solve import FACTORS, SQUARE, TALL, Declared
from tests.support.expressions import SYMBOLS, expressions

READ_OFF = {"identify", "transpose", "projection", "definition"}
FALSE = [pytest.param(rule, id=f"{mistake.name}-{i}") for mistake in MISTAKES for i, rule in enumerate(mistake.rules)]


def concrete(e: Expr) -> Expr:
    """The sine for a function by the name of f, and 3 for the power of a matrix."""
    e = substitute(e, {declare("k", "scalar"): number(3)})
    if isinstance(e, Elementwise) and e.name in ("f", "f'"):
        return Elementwise({"f": "sin", "f'": "cos"}[e.name], concrete(e.arg))
    return rebuild(e, [concrete(child) for child in e.children]) if e.children else e


@pytest.mark.parametrize("rule", FALSE)
def test_a_false_rule_is_false(rule: Rule) -> None:
    assert rule.left.shape == rule.right.shape
    names = [s.name for s in rule.symbols]
    assert len(set(names)) == len(names)
    assert error_of(rule, concrete(rule.left), concrete(rule.right)) > 1e-3


@pytest.mark.parametrize("rule", FALSE)
def test_a_false_rule_takes_the_place_of_one_that_exists_and_can_give_its_reason(rule: Rule) -> None:
    assert rule.name in BY_NAME or rule.name in READ_OFF
    assert not rule.about or rule.about in {s.name for s in rule.symbols}
    assert bool(rule.about) == ("{names}" in rule.message.english)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_says_why_it_tempts_and_what_is_right(mistake: Mistake) -> None:
    correction = prose(mistake.correction)
    for sentence in (mistake.tempts, correction):
        assert sentence.endswith(".")
        assert "{" not in sentence
    named = re.findall(r"\{([\w-]+)\}", mistake.feedback)
    assert all(f"{plain(BY_NAME[name].left)} = {plain(BY_NAME[name].right)}" in correction for name in named)


def test_the_names_of_mistakes_are_unique() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)


SYMMETRIC: Declared = {"S": "n x n", "X": "n x n symmetric"}
VECTOR: Declared = {"A": "n x n", "x": "n"}
LIKELIHOOD: Declared = {"X": "n x n positive definite", "S": "n x n symmetric"}

KNOWN: list[tuple[str, str, str, Declared, str, str]] = [
    ("tr-commutes", "tr(A*X*B*X)", "X", SQUARE, "derivative", "(B*X + X*B)'*A'"),
    ("tr-of-product", "log(det(X))", "X", SQUARE, "derivative", "tr(inv(X))*eye"),
    ("trace-of-all-entries", "tr(A*X)", "X", SQUARE, "derivative", "A'*matrix(1)"),
    ("power-of-trace", "tr(X)^2", "X", SQUARE, "derivative", "2*X'"),
    ("tr-kronecker-adds", "tr(kron(A, X))", "X", {"A": "m x m", "X": "n x n"}, "derivative", "eye"),
    ("norm-without-root", "norm_fro(X)^2", "X", {"X": "n x m"}, "derivative", "4*tr(X'*X)*X"),
    ("square-overlooked", "norm2(A*x - b)^2", "x", TALL, "derivative", "A'*(A*x - b)/norm2(A*x - b)"),
    ("norm-without-transpose", "norm_fro(X - A)^2", "X", SQUARE, "derivative", "2*(X - A)'"),
    ("factor-2-forgotten", "norm2(A*x - b)^2", "x", TALL, "derivative", "A'*(A*x - b)"),
    ("transpose-keeps-order", "tr(A*inv(X)*B)", "X", SQUARE, "derivative", "-inv(X)'*inv(X)'*A'*B'"),
    ("transpose-first-term-only", "x'*A*x", "x", VECTOR, "derivative", "2*A*x"),
    ("transpose-of-d-forgotten", "tr(X'*A*X)", "X", SQUARE, "derivative", "(A*X + X'*A)'"),
    ("treated-as-symmetric", "x'*A*x", "x", VECTOR, "derivative", "2*A'*x"),
    ("answer-not-transposed", "tr(A*X)", "X", SQUARE, "derivative", "A"),
    ("second-term-forgotten", "x'*A*x", "x", VECTOR, "derivative", "A*x"),
    ("first-term-forgotten", "x'*A*x", "x", VECTOR, "derivative", "A'*x"),
    ("product-rule-misprinted", "tr(A*X*B*X)", "X", SQUARE, "derivative", "(B*X*A + A*B*X)'"),
    ("product-rule-turned-round", "tr(A*X*B*X)", "X", SQUARE, "derivative", "(B*X*A + X*A*B)'"),
    ("constant-differentiated", "log(det(X)) - tr(S*X)", "X", LIKELIHOOD, "derivative", "inv(X) - X - S"),
    ("linear-like-quadratic", "tr(A*X)", "X", SQUARE, "derivative", "2*A'"),
    ("constant-matrix-lost", "tr(A*X)", "X", SQUARE, "derivative", "eye"),
    ("constant-factor-vanishes", "log(det(X)) - tr(S*X)", "X", LIKELIHOOD, "derivative", "inv(X)"),
    ("constant-term-dropped", "norm2(A*x - b)^2", "x", TALL, "derivative", "2*A'*A*x"),
    ("inverse-like-number", "tr(A*inv(X)*B)", "X", SQUARE, "derivative", "-inv(X)'*inv(X)'*A'*B'"),
    ("inverse-sign-lost", "inv(X)", "X", SQUARE, "derivative", "kron(inv(X)', inv(X))"),
    ("inverse-one-factor", "inv(A + t*B)", "t", {"t": "scalar", **SQUARE}, "derivative", "-inv(A + t*B)*B"),
    ("inverse-of-sum", "tr(inv(X + A))", "X", SQUARE, "derivative", "-inv(X)'*inv(X)'"),
    ("log-det-like-log", "log(det(X))", "X", SQUARE, "derivative", "eye/det(X)"),
    ("log-det-keeps-det", "log(det(X))", "X", SQUARE, "derivative", "det(X)*inv(X)'"),
    ("det-lost", "det(X)", "X", SQUARE, "derivative", "inv(X)'"),
    ("det-without-inverse", "log(det(X))", "X", SQUARE, "derivative", "X'"),
    ("gradient-for-differential", "log(det(X))", "X", SQUARE, "derivative", "inv(X)"),
    ("norm-like-its-square", "norm2(x)", "x", {"x": "n"}, "derivative", "2*x"),
    ("norm-half-forgotten", "norm2(x)", "x", {"x": "n"}, "derivative", "2*x/norm2(x)"),
    ("norm-not-divided", "norm2(x)", "x", {"x": "n"}, "hessian", "eye"),
    ("absolute-value-ignored", "norm1(A*x - b)", "x", TALL, "derivative", "A'*vector(1)"),
    ("absolute-value-kept", "norm1(A*x - b)", "x", TALL, "derivative", "A'*abs(A*x - b)"),
    ("norm-1-like-norm-2", "norm1(A*x - b)", "x", TALL, "derivative", "A'*(A*x - b)/norm2(A*x - b)"),
    ("inner-derivative-forgotten", "sum(cosh(A*x))", "x", VECTOR, "derivative", "sinh(A*x)"),
    ("outer-function-kept", "tr(A'*sin(X))", "X", SQUARE, "derivative", "A.*sin(X)"),
    ("outer-derivative-forgotten", "exp(x'*A*x)", "x", VECTOR, "derivative", "(A + A')*x"),
    ("exponential-like-power", "exp(x'*x)", "x", {"x": "n"}, "derivative", "2*(x'*x)*exp(x'*x)*x"),
    ("exponential-for-logarithm", "sum(exp(A*x))", "x", TALL, "derivative", "A'*(A*x).^-1"),
    ("hyperbolic-like-circular", "sum(cosh(A*x))", "x", VECTOR, "derivative", "-A'*sinh(A*x)"),
    ("logarithm-of-sum", "log(1 + x'*x)", "x", {"x": "n"}, "derivative", "2*x/(x'*x)"),
    ("sine-sign", "tr(A'*sin(X))", "X", SQUARE, "derivative", "-A.*cos(X)"),
    ("series-entrywise", "tr(expm(X))", "X", SQUARE, "derivative", "exp(X)'"),
    ("entrywise-as-product", "tr(A'*sin(X))", "X", SQUARE, "derivative", "cos(X)'*A"),
    ("entrywise-factor-lost", "norm_fro(W.*(M - U*V'))^2", "U", FACTORS, "derivative", "-2*(W.*(M - U*V'))*V"),
    ("diag-out-of-order", "x.*(A*x)", "x", VECTOR, "derivative", "diag(A*x) + A*diag(x)"),
    ("power-not-lowered", "tr(X^4)", "X", SQUARE, "derivative", "4*(X^4)'"),
    ("exponent-forgotten", "tr(X^4)", "X", SQUARE, "derivative", "(X^3)'"),
    ("matrix-power-like-number", "tr(A*X^3)", "X", SQUARE, "derivative", "3*(X^2)'*A'"),
    ("quotient-sign-lost", "(x'*A*x)/(x'*x)", "x", {"A": "n x n symmetric", "x": "n"}, "derivative",
     "2*A*x/(x'*x) + 2*(x'*A*x)*x/(x'*x)^2"),
    ("quotient-turned-round", "(x'*A*x)/(x'*x)", "x", {"A": "n x n symmetric", "x": "n"}, "derivative",
     "2*(x'*A*x)*x/(x'*x)^2 - 2*A*x/(x'*x)"),
    ("quotient-not-squared", "(x'*A*x)/(x'*x)", "x", {"A": "n x n symmetric", "x": "n"}, "derivative",
     "2*(A*x - (x'*A*x)*x)/(x'*x)"),
    ("sign-lost", "norm2(b - A*x)^2", "x", TALL, "derivative", "2*A'*(b - A*x)"),
    ("constant-factor-lost", "1/2*x'*A*x", "x", VECTOR, "derivative", "(A + A')*x"),
    ("factor-for-first-term-only", "tr(2*X'*A*X)", "X", SQUARE, "derivative", "(2*A + A')*X"),
    ("bracket-forgotten", "(x - s)'*W*(x - s)", "x", {"x": "n", "s": "n", "W": "n x n symmetric"}, "derivative",
     "2*(W*x - s)"),
    ("softmax-entry-by-entry", "b'*softmax(A*x)", "x", TALL, "derivative", "A'*(b.*softmax(A*x))"),
    ("softmax-like-sigmoid", "b'*softmax(A*x)", "x", TALL, "derivative",
     "A'*(b.*softmax(A*x).*(vector(1) - softmax(A*x)))"),
    ("softmax-sign-lost", "b'*softmax(A*x)", "x", TALL, "derivative",
     "A'*(diag(softmax(A*x)) + softmax(A*x)*softmax(A*x)')*b"),
    ("log-sum-exp-not-divided", "logsumexp(A*x + b)", "x", TALL, "derivative", "A'*exp(A*x + b)"),
    ("vec-swapped", "A*X*B", "X", {"A": "p x n", "X": "n x m", "B": "m x q"}, "derivative", "kron(A, B')"),
    ("outer-product-swapped", "tr(X)*X", "X", SQUARE, "derivative", "vec(eye(n))*vec(X)' + tr(X)*eye"),
    ("vec-not-transposed", "inv(X)", "X", SQUARE, "derivative", "-kron(inv(X), inv(X))"),
    ("structure-ignored", "tr(S*X)", "X", SYMMETRIC, "derivative", "S'"),
    ("half-forgotten", "tr(S*X)", "X", SYMMETRIC, "derivative", "S + S'"),
]  # fmt: skip


def are_equal(some: Expr, other: Expr, derivation: Derivation) -> bool:
    """They are the same numbers wherever both are defined."""
    compared = 0
    for seed in range(60):
        point = random_point(derivation.function, derivation.wrt, derivation.symbols, (seed, 7, 0), 0.4)
        try:
            error = relative_error(evaluate(some, point), evaluate(other, point))
        except UndefinedError:
            continue
        if error > 1e-9:
            return False
        compared += 1
    assert compared >= 3
    return True


def used(function: str, symbols: Declared) -> Declared:
    return {name: said for name, said in symbols.items() if re.search(rf"\b{name}\b", function)}


def sound(right: Derivation) -> list[WrongDerivation]:
    return [wrong for wrong in candidates(right) if is_sound(wrong, right)]


@pytest.mark.parametrize(("name", "function", "wrt", "symbols", "find", "answer"), KNOWN, ids=[row[0] for row in KNOWN])
def test_a_mistake_leads_to_the_answer_it_is_known_for(
    name: str, function: str, wrt: str, symbols: Declared, find: str, answer: str
) -> None:
    right = solve(function, wrt, used(function, symbols), find)
    made = [wrong for wrong in sound(right) if wrong.mistake.name == name]
    expected = read(answer, used(function, symbols), shape=right.result.shape).expr
    assert any(are_equal(wrong.derivation.result, expected, right) for wrong in made), [
        plain(wrong.derivation.result) for wrong in made
    ]


def test_every_mistake_that_leads_on_is_known_for_an_answer() -> None:
    assert [row[0] for row in KNOWN] == [mistake.name for mistake in MISTAKES if mistake.leads_on]


PROBLEMS: list[tuple[str, str, Declared | None, str]] = [
    ("tr(X'*A*X)", "X", {"X": "n x m", "A": "n x n"}, "derivative"),
    ("tr(A*inv(X)*B)", "X", SQUARE, "derivative"),
    ("norm2(A*x - b)^2 + c*x'*x", "x", {**TALL, "c": "scalar positive"}, "stationary"),
    ("norm_fro(M - U*V')^2", "U", FACTORS, "derivative"),
    ("log(det(X)) - tr(S*X)", "X", LIKELIHOOD, "derivative"),
    ("1/2*x'*A*x - b'*x", "x", {**VECTOR, "b": "n"}, "hessian"),
    ("inv(X)", "X", {"X": "n x n"}, "derivative"),
    ("x'*A", "x", VECTOR, "derivative"),
    ("exp(x)/sum(exp(x))", "x", {"x": "n"}, "derivative"),
    ("tr(A*inv(X)*B)", "X", SQUARE, "differential"),
]


def made_of(function: str, wrt: str, symbols: Declared | None, find: str) -> tuple[Derivation, list[WrongDerivation]]:
    right = solve(function, wrt, symbols, find)
    return right, sound(right)


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), PROBLEMS)
def test_a_wrong_derivation_is_right_up_to_its_wrong_line(
    function: str, wrt: str, symbols: Declared | None, find: str
) -> None:
    right, made = made_of(function, wrt, symbols, find)
    assert made or function == "x'*A"
    for wrong in made:
        equations = [(line.left, line.right) for line in right.lines]
        assert [(line.left, line.right) for line in wrong.above] == equations[: len(wrong.above)]
        assert right.stages[wrong.stage].lines[wrong.line] == wrong.right
        assert wrong.wrong.left == wrong.right.left
        assert wrong.wrong.right != wrong.right.right
        assert not are_equal(wrong.derivation.result, right.result, right)


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), PROBLEMS)
def test_a_second_error_is_found_out(function: str, wrt: str, symbols: Declared | None, find: str) -> None:
    right, made = made_of(function, wrt, symbols, find)
    for wrong in made:
        for later in wrong.below:
            if later.right in (zeros(later.right.shape), number(0)):
                continue
            worse = replace(later, right=2 * later.right)
            stages = tuple(
                replace(stage, lines=tuple(worse if line is later else line for line in stage.lines))
                for stage in wrong.derivation.stages
            )
            assert not is_sound(replace(wrong, derivation=replace(wrong.derivation, stages=stages)), right)


def test_the_right_derivation_is_no_wrong_one() -> None:
    right, made = made_of("tr(X'*A*X)", "X", SQUARE, "derivative")
    assert not is_sound(replace(made[0], derivation=right), right)


def test_a_wrong_derivation_line_by_line() -> None:
    right = solve("tr(A*inv(X))", "X", SQUARE)
    wrong = next(w for w in sound(right) if w.mistake.name == "inverse-sign-lost")
    assert [f"{plain(line.left)} = {plain(line.right)}" for line in wrong.derivation.lines] == [
        "dL = tr(d(A*inv(X)))",
        "dL = tr(A*d(inv(X)))",
        "dX*inv(X) + X*d(inv(X)) = zeros",
        "d(inv(X)) = inv(X)*dX*inv(X)",
        "dL = tr(A*inv(X)*dX*inv(X))",
        "dL = tr(inv(X)*A*inv(X)*dX)",
        "G' = inv(X)*A*inv(X)",
        "G = inv(X)'*A'*inv(X)'",
    ]
    assert (wrong.stage, wrong.line) == (1, 1)
    assert plain(wrong.right.right) == "-inv(X)*dX*inv(X)"


ORDINARY = [p for p in problems() if p.find == "derivative" and p.difficulty > 1 and not p.refused]
"""Easier are linear functions, whose derivative is a constant that shapes leave hardly any freedom to get wrong."""


LINEAR: list[tuple[str, str, Declared]] = [
    ("tr(A*X)", "X", {"A": "m x n", "X": "n x m"}),
    ("tr(A*X)", "X", SQUARE),
    ("tr(A'*X)", "X", {"A": "n x m", "X": "n x m"}),
    ("tr(A*X*B)", "X", SQUARE),
    ("a'*X*b", "X", {"a": "n", "X": "n x m", "b": "m"}),
    ("a'*x", "x", {"a": "n", "x": "n"}),
    ("b'*A*x", "x", {"A": "n x m", "x": "m", "b": "n"}),
    ("3*tr(A*X) + 5", "X", SQUARE),
]


@pytest.mark.parametrize(("function", "wrt", "symbols"), LINEAR)
def test_linear_functions_have_three_distractors(function: str, wrt: str, symbols: Declared) -> None:
    right = solve(function, wrt, used(function, symbols))
    answers = [right.result, *(one.answer for one in distractors(right, 3))]
    assert len(answers) == 4
    for i, answer in enumerate(answers):
        assert not any(are_equal(answer, other, right) for other in answers[:i])


def test_most_problems_have_three_distractors() -> None:
    some = ORDINARY[::3]
    few = []
    for problem in some:
        right = solve(problem.function, problem.wrt, problem.symbols)
        if len(distractors(right, 3, "some seed", layout_is_stated=not right.function.is_scalar)) < 3:
            few.append(problem.function)
    assert len(few) <= 0.1 * len(some), few


SAMPLE = [p for p in problems() if not p.refused][::6]


@pytest.mark.parametrize("problem", SAMPLE, ids=str)
def test_distractors_are_wrong_and_differ(problem: Problem) -> None:
    right = solve(problem.function, problem.wrt, problem.symbols, problem.find)
    answers = [right.result, *(one.answer for one in distractors(right, 4, "a seed"))]
    for i, answer in enumerate(answers):
        assert answer.shape == right.result.shape
        assert all(s.name in right.symbols for s in answer.symbols)
        assert not any(e.has_differential for e in walk(answer))
        assert not any(are_equal(answer, other, right) for other in answers[:i])


CONVENTIONS: list[tuple[str, str, Declared, str]] = [
    ("tr(A*X)", "X", {"A": "n x n", "X": "n x n"}, "A"),
    ("log(det(X))", "X", {"X": "n x n"}, "inv(X)"),
    ("X*W", "W", {"X": "m x n", "W": "n x k"}, "kron(X, eye(k))"),
    ("tr(S*X)", "X", SYMMETRIC, "S'"),
    ("tr(S*X)", "X", SYMMETRIC, "S"),
    ("tr(S*X)", "X", SYMMETRIC, "S + S' - diag(diag(S))"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "answer"), CONVENTIONS)
def test_what_is_right_by_another_convention_is_no_distractor(
    function: str, wrt: str, symbols: Declared, answer: str
) -> None:
    right = solve(function, wrt, symbols)
    other = read(answer, symbols, shape=right.result.shape).expr
    assert not any(are_equal(one.answer, other, right) for one in distractors(right, 20))


def test_a_stated_layout_makes_a_distractor_of_the_other_one() -> None:
    right = solve("tr(A*X)", "X", {"A": "n x n", "X": "n x n"})
    assert "A" in [plain(one.answer) for one in distractors(right, 20, layout_is_stated=True)]


def test_the_seed_decides_which_distractors_come_first() -> None:
    right = solve("tr(A*inv(X)*B)", "X", SQUARE)
    draws = {tuple(plain(one.answer) for one in distractors(right, 3, f"seed {i}")) for i in range(8)}
    assert len(draws) > 2
    assert distractors(right, 3, "seed 1") == distractors(right, 3, "seed 1")
    assert len({one.mistake.name for one in distractors(right, 5, "seed 1")}) == 5


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(function=expressions(), name=st.sampled_from(["x", "X", "A", "a"]))
def test_distractors_of_random_functions_are_wrong(function: Expr, name: str) -> None:
    wrt = SYMBOLS[name]
    if wrt not in function.symbols:
        return
    try:
        right = derive(function, wrt, {s.name: s for s in function.symbols}, "derivative")
    except GeneratorError:
        return
    for one in distractors(right, 3):
        differ = 0
        for seed in range(12):
            point = random_point(function, wrt, right.symbols, (seed, 11, 0), 0.4)
            try:
                truth = derivative_at(function, wrt, point)
                differ += relative_error(evaluate(one.answer, point), truth) > 1e-6
            except UndefinedError:
                continue
        assert differ, one.mistake.name
