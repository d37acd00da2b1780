"""The lecture's problems and the six standard ones, line by line, and what holds for every derivation."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from generator import solve
from generator.errors import ExpressionError, VerificationError
from generator.expr.nodes import substitute
from generator.expr.parsing.parse import read
from generator.expr.printing.plain import plain, prose, terminal
from generator.expr.properties import settled
from generator.rules.identities import ARITHMETIC, BY_NAME, RULES
from generator.rules.rule import Context, Rule, at, replaced
from generator.solver.derivation import Derivation
from generator.solver.verify import verify

LINES = dict[str, list[str]]

GOLDEN: list[tuple[str, str, dict[str, str] | None, str, LINES]] = [
    (
        "Tr(A X)", "X", None, "derivative",
        {
            "Take the differential": ["dL = tr(d(A*X))", "dL = tr(A*dX)"],
            "Identify G": ["G' = A", "G = A'"],
        },
    ),
    (
        "Tr(X^T A X)", "X", None, "derivative",
        {
            "Take the differential": ["dL = tr(d(X'*A*X))", "dL = tr(dX'*A*X + X'*A*dX)"],
            "Split the trace": ["dL = tr(dX'*A*X) + tr(X'*A*dX)"],
            "Bring dX to the end": [
                "tr(dX'*A*X) = tr(X'*A'*dX)",
                "dL = tr(X'*A'*dX) + tr(X'*A*dX)",
                "dL = tr(X'*(A' + A)*dX)",
            ],
            "Identify G": ["G' = X'*(A' + A)", "G = (A + A')*X"],
        },
    ),
    (
        "Tr(X^T A X)", "X", {"X": "n x m", "A": "n x n symmetric"}, "derivative",
        {
            "Take the differential": ["dL = tr(d(X'*A*X))", "dL = tr(dX'*A*X + X'*A*dX)", "dL = 2*tr(X'*A*dX)"],
            "Identify G": ["G' = 2*X'*A", "G = 2*A*X"],
        },
    ),
    (
        "||A x - b||_2^2", "x", None, "stationary",
        {
            "Write L as a trace": ["L = tr(R'*R)"],
            "Take the differential": ["dL = tr(d(R'*R))", "dL = tr(dR'*R + R'*dR)", "dL = 2*tr(R'*dR)"],
            "Find dR": ["dR = A*dx", "dL = 2*tr((A*x - b)'*A*dx)"],
            "Identify G": ["G' = 2*(A*x - b)'*A", "G = 2*A'*(A*x - b)"],
            "Set G to zero": ["A'*A*x = A'*b", "x = inv(A'*A)*A'*b"],
        },
    ),
    (
        "Tr(A X^{-1})", "X", None, "derivative",
        {
            "Take the differential": ["dL = tr(d(A*inv(X)))", "dL = tr(A*d(inv(X)))"],
            "Differential of an inverse": [
                "dX*inv(X) + X*d(inv(X)) = zeros",
                "d(inv(X)) = -inv(X)*dX*inv(X)",
                "dL = -tr(A*inv(X)*dX*inv(X))",
            ],
            "Bring dX to the end": ["dL = -tr(inv(X)*A*inv(X)*dX)"],
            "Identify G": ["G' = -inv(X)*A*inv(X)", "G = -inv(X)'*A'*inv(X)'"],
        },
    ),
    (
        "log det Λ - Tr(S Λ)", "Λ", {"Λ": "n x n symmetric", "S": "n x n symmetric"}, "stationary",
        {
            "Take the differential": [
                "dL = tr(inv(Lambda)*dLambda) - tr(S*dLambda)",
                "dL = tr((inv(Lambda) - S)*dLambda)",
            ],
            "Identify G": ["G = inv(Lambda) - S"],
            "Set G to zero": ["inv(Lambda) = S", "Lambda = inv(S)"],
        },
    ),
    (
        "||M - U V^T||_F^2", "U", None, "stationary",
        {
            "Write L as a trace": ["L = tr(R'*R)"],
            "Take the differential": ["dL = tr(d(R'*R))", "dL = tr(dR'*R + R'*dR)", "dL = 2*tr(R'*dR)"],
            "Find dR": ["dR = -dU*V'", "dL = -2*tr(R'*dU*V')"],
            "Bring dU to the end": ["dL = -2*tr(V'*R'*dU)"],
            "Identify G": ["G' = -2*V'*R'", "G = -2*(M - U*V')*V"],
            "Set G to zero": ["U*V'*V = M*V", "U = M*V*inv(V'*V)"],
        },
    ),
    (
        "c Tr(X^T A X) + Tr(B^T X)", "X", None, "derivative",
        {
            "Take the differential": ["dL = c*tr(dX'*A*X + X'*A*dX) + tr(B'*dX)"],
            "Split the trace": ["dL = c*tr(dX'*A*X) + c*tr(X'*A*dX) + tr(B'*dX)"],
            "Bring dX to the end": [
                "tr(dX'*A*X) = tr(X'*A'*dX)",
                "dL = c*tr(X'*A'*dX) + c*tr(X'*A*dX) + tr(B'*dX)",
                "dL = tr((c*X'*(A' + A) + B')*dX)",
            ],
            "Identify G": ["G' = c*X'*(A' + A) + B'", "G = c*(A + A')*X + B"],
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "symbols", "find", "expected"), GOLDEN)
def test_golden_derivations(
    function: str, wrt: str, symbols: dict[str, str] | None, find: str, expected: LINES
) -> None:
    derivation = solve(function, wrt, symbols, find)
    found = {
        prose(stage.title): [f"{plain(line.left)} = {plain(line.right)}" for line in stage.lines]
        for stage in derivation.stages
    }
    assert found == expected


def test_a_softmax_within_another_is_named_once() -> None:
    derivation = solve("softmax_rows(softmax_rows(A*S))", "S", {"A": "n x m", "S": "m x k"})
    assert derivation.named is not None
    assert all(symbol not in e.symbols for symbol, e in derivation.named.definitions.items())


def test_reasons_stand_beside_the_lines() -> None:
    said = [prose(line.because) for line in solve("Tr(X^T A X)", "X").lines]
    assert said == [
        "the trace is a sum and d is linear, so they swap",
        "product rule; A is constant",
        "linearity of the trace",
        "a matrix and its transpose have the same trace",
        "② in ①",
        "linearity; common factors taken out",
        "dL = tr(G'*dX)",
        "transpose both sides",
    ]


def test_the_regression_says_when_the_minimizer_exists_and_why_it_is_one() -> None:
    derivation = solve("||A x - b||_2^2", "x", find="stationary")
    assert list(map(prose, derivation.conditions)) == ["A has full column rank"]
    assert list(map(prose, derivation.remarks)) == [
        "L is convex (its Hessian 2*A'*A is positive semidefinite), so this is the minimizer"
    ]


def test_the_precision_is_found_where_the_scatter_is_positive_definite() -> None:
    derivation = solve("log det Λ - Tr(S Λ)", "Λ", {"Λ": "n x n symmetric", "S": "n x n symmetric"}, "stationary")
    assert "S is positive definite" in map(prose, derivation.conditions)
    assert derivation.convention == "projection"


PROBLEMS = [
    *((function, wrt, symbols, find) for function, wrt, symbols, find, _ in GOLDEN),
    ("tr(B'*X'*C*X*X'*C*X*B)", "X", None, "derivative"),
    ("log(1 + x'*x)", "x", None, "derivative"),
    ("norm_fro(S - A*C)^2 + c*norm_fro(C)^2", "C", None, "derivative"),
    ("(x'*A*x)/(x'*x)", "x", None, "derivative"),
    ("log(det(X'*A*X))", "X", {"X": "n x k", "A": "n x n positive definite"}, "derivative"),
    ("tr(inv(A + inv(X)))", "X", {"X": "n x n positive definite", "A": "n x n positive definite"}, "derivative"),
    ("det(A*X*B)", "X", None, "derivative"),
    ("exp(x'*A*x)", "x", None, "derivative"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), PROBLEMS)
def test_replaying_each_step_gives_the_line(function: str, wrt: str, symbols: dict[str, str] | None, find: str) -> None:
    derivation = solve(function, wrt, symbols, find)
    context = Context(frozenset({derivation.wrt, *derivation.definitions}), derivation.wrt)
    replayed = 0
    for line in derivation.lines:
        if not line.steps:
            continue
        e = line.start
        assert e is not None
        for step in line.steps:
            assert step.before == e
            results = [replaced(e, step.path, new) for _, _, new in step.rule.rewrites(at(e, step.path), context)]
            assert step.after in results, step.rule.name
            assert step.after.shape == e.shape
            if isinstance(step.rule, Rule):
                assert BY_NAME[step.rule.name] is step.rule
            e = step.after
            replayed += 1
        assert e == line.right
    assert replayed > 0


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), PROBLEMS)
def test_the_json_of_a_derivation_reads_back(
    function: str, wrt: str, symbols: dict[str, str] | None, find: str
) -> None:
    derivation = solve(function, wrt, symbols, find)
    data = json.loads(json.dumps(derivation.to_dict()))
    assert set(data) >= {
        "function", "wrt", "find", "convention", "symbols", "value", "answer", "definitions", "stages", "result",
        "conditions", "verified",
    }  # fmt: skip
    known = {
        **derivation.symbols,
        **{s.name: s for s in (derivation.value, derivation.answer, *derivation.definitions)},
    }
    for stage, entry in zip(derivation.stages, data["stages"], strict=True):
        for line, written in zip(stage.lines, entry["lines"], strict=True):
            for side, text in ((line.left, written["left"]), (line.right, written["right"])):
                assert read(text, known=known, shape=side.shape, differentials=True).expr == side
            assert written["rule"]
    assert data["verified"]["lines"] == sum(len(entry["lines"]) for entry in data["stages"])
    assert data["verified"]["max_error"] < 1e-8


@pytest.mark.parametrize(("function", "wrt", "symbols", "find"), PROBLEMS)
def test_no_line_repeats_the_one_above(function: str, wrt: str, symbols: dict[str, str] | None, find: str) -> None:
    derivation = solve(function, wrt, symbols, find)
    equations = [(line.left, line.right) for line in derivation.lines]
    assert len(set(equations)) == len(equations)
    assert all(left != right for left, right in equations)
    assert len(equations) <= 20


def falsified(derivation: Derivation, which: int) -> Derivation:
    """The derivation with twice the right side of one line."""
    seen = -1
    stages = []
    for stage in derivation.stages:
        lines = []
        for line in stage.lines:
            seen += 1
            lines.append(replace(line, right=2 * line.right) if seen == which else line)
        stages.append(replace(stage, lines=tuple(lines)))
    return replace(derivation, stages=tuple(stages))


@pytest.mark.parametrize("which", range(10))
def test_a_wrong_line_is_never_given_out(which: int) -> None:
    derivation = solve("||A x - b||_2^2", "x", find="stationary")
    assert len(derivation.lines) == 10
    with pytest.raises(VerificationError):
        verify(falsified(derivation, which))


def test_a_wrong_result_is_never_given_out() -> None:
    for find in ("derivative", "stationary"):
        derivation = solve("||A x - b||_2^2", "x", find=find)
        with pytest.raises(VerificationError):
            verify(replace(derivation, outcome=2 * derivation.result))


def test_a_false_rule_in_the_table_would_be_caught_before_anything_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = BY_NAME["tr-transpose"]
    monkeypatch.setitem(BY_NAME, "tr-transpose", replace(true, right=2 * true.right))
    with pytest.raises(VerificationError, match="failed its check"):
        solve("Tr(X^T A X)", "X")


def test_every_rule_has_a_reason_or_is_arithmetic() -> None:
    assert [rule.name for rule in RULES if not rule.because and not (rule.quiet or rule in ARITHMETIC)] == []


@pytest.mark.parametrize(
    ("function", "wrt"),
    [
        ("Tr(X^T A X)", "X"),
        ("||A x - b||^2", "x"),
        ("(x'*A*x)/(x'*x)", "x"),
        ("sum(log(vector(1) + exp(-y.*(X*w))))", "w"),
        ("tr(A*inv(X))", "X"),
    ],
)
def test_more_detail_shows_each_rule_and_less_shows_each_result(function: str, wrt: str) -> None:
    brief, standard, full = (solve(function, wrt, detail=detail) for detail in ("brief", "standard", "full"))
    assert len(brief.lines) <= len(standard.lines) < len(full.lines)
    assert len({str(d.result) for d in (brief, standard, full)}) == 1
    for shorter, longer in ((brief, standard), (standard, full)):
        assert [stage.title for stage in shorter.stages] == [stage.title for stage in longer.stages]
        assert {plain(line.right) for line in shorter.lines} <= {plain(line.right) for line in longer.lines}
    assert all(line.because for line in full.lines)


def test_an_unknown_detail_is_rejected() -> None:
    with pytest.raises(ExpressionError, match="It is one of brief, standard, full"):
        solve("tr(X)", "X", detail="long")


NAMED = [
    ("(x'*A*x)/(x'*x)", "x", {"p": "x'*A*x", "q": "x'*x"}),
    ("sum(log(vector(1) + exp(-y.*(X*w))))", "w", {"u": "-y.*(X*w)"}),
    ("tanh(W*x + b)", "x", {"u": "W*x + b"}),
    ("norm_fro(M - U*V')^2", "U", {"R": "M - U*V'"}),
    ("(u'*w)/sqrt(w'*S*w)", "w", {"p": "u'*w", "q": "w'*S*w"}),
    ("x/sum(exp(x))", "x", {"q": "sum(exp(x))"}),
    ("norm2(sigmoid(W*x + b) - y)^2", "x", {"u": "W*x + b", "R": "sigmoid(u) - y"}),
    ("log(1 + x'*x)", "x", {}),
    ("tr(A*X)", "X", {}),
]


@pytest.mark.parametrize(("function", "wrt", "names"), NAMED)
def test_what_recurs_is_squared_or_is_an_argument_gets_a_name(function: str, wrt: str, names: dict[str, str]) -> None:
    derivation = solve(function, wrt)
    assert {s.name: plain(e) for s, e in derivation.definitions.items()} == names
    assert not set(derivation.definitions) & derivation.result.symbols


def test_a_name_is_not_that_of_a_dimension() -> None:
    symbols = {"A": "p x p", "x": "p", "W": "p x u", "y": "u"}
    assert {s.name for s in solve("(x'*A*x)/(x'*x)", "x", symbols).definitions} == {"f", "q"}
    assert {s.name for s in solve("sum(sin(W*y + x))", "y", symbols).definitions} == {"v"}


def test_logarithms_are_simplified_where_they_are_known_to_exist() -> None:
    line = solve("-y'*log(exp(x)/sum(exp(x)))", "x").lines[0]
    assert plain(line.right) == "-y'*(x - log(sum(exp(x)))*vector(1))"
    assert "Simplify" not in prose(solve("log(a*b)", "a").stages[0].title)


IN_NAMES = [
    ("log(det(A*X*B*X' + C))", "X", {"A": "n x n", "B": "n x n", "C": "n x n", "X": "n x n"},
     "A'*inv(M)'*X*B' + inv(M)*A*X*B", {"M": "A*X*B*X' + C"}),
    ("y'*softmax(W*x)", "W", None, "(diag(p) - p*p')*y*x'", {"p": "softmax(W*x)"}),
    ("y'*softmax(p*x)", "x", {"p": "scalar", "x": "n", "y": "n"}, "p*(diag(q) - q*q')*y",
     {"q": "softmax(p*x)"}),
    ("layernorm(x)", "x", {"x": "n"}, "(sqrt(n)*eye - matrix(1)/n^(1/2) - sqrt(n)*r*r'/norm2(r)^2)/norm2(r)",
     {"r": "x - sum(x)*vector(1)/n"}),
    ("det(softmax_rows(softmax_rows(S)))", "S", {"S": "n x n symmetric"},
     "1/2*det(Q)*(R.*P - (matrix(1)*(R.*P)).*P + R'.*P' - ((R'.*P')*matrix(1)).*P')",
     {"P": "softmax_columns(S)", "Q": "softmax_columns(P)", "R": "inv(Q)'.*Q - (matrix(1)*(inv(Q)'.*Q)).*Q"}),
    ("norm2(A*x - b)^2", "x", None, None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "wrt", "symbols", "answer", "names"), IN_NAMES)
def test_an_answer_keeps_names_that_make_it_shorter(
    function: str, wrt: str, symbols: dict[str, str] | None, answer: str | None, names: dict[str, str]
) -> None:
    derivation = solve(function, wrt, symbols)
    named = derivation.named
    if answer is None:
        assert named is None
        return
    assert named is not None
    assert terminal(named.answer) == answer
    assert {s.name: terminal(e) for s, e in named.definitions.items()} == names
    full = named.answer
    for symbol, e in reversed(named.definitions.items()):
        full = substitute(full, {symbol: e})
    assert settled(full) == settled(derivation.result)


FOR_PEOPLE = [
    ("X'", "X", {"X": "n x m"}, "the derivative of F by X = K_{n,m}"),
    ("X + A", "X", {"X": "n x m", "A": "n x m"}, "the derivative of F by X = eye(m*n)"),
    ("A", "X", {"X": "n x m", "A": "p x q"}, "the derivative of F by X = zeros(p*q, m*n)"),
    ("sum(X)", "X", {"X": "n x m"}, "the gradient of L by X = matrix(1, n, m)"),
    ("a*tr(X) + sum(X)", "X", {"X": "n x n"}, "the gradient of L by X = a*eye(n) + matrix(1, n, n)"),
    ("sum(x) + a'*x", "x", {"x": "n", "a": "n"}, "the gradient of L by x = vector(1) + a"),
    ("b'*vec(X)", "X", {"X": "n x m", "b": "n*m x 1"}, "the gradient of L by X = vec^-1_{n,m}(b)"),
    ("sum(relu(W*x))", "W", None, "the gradient of L by W = 1[W*x > 0]*x'"),
    ("sum(relu(relu(W*x)))", "W", None, "the gradient of L by W = (1[relu(W*x) > 0].*1[W*x > 0])*x'"),
]


@pytest.mark.parametrize(("function", "wrt", "symbols", "answer"), FOR_PEOPLE)
def test_a_terminal_shows_what_has_no_name_in_plain_text(
    function: str, wrt: str, symbols: dict[str, str] | None, answer: str
) -> None:
    text = solve(function, wrt, symbols).text()
    assert f"Answer: {answer}" in text.splitlines()
    assert "relu(sign" not in text
