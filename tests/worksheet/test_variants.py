"""Draws: pure, the same for good, independent of other problems, and distinct while there is a choice."""

from __future__ import annotations

import re
from fractions import Fraction
from math import prod
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.expr.nodes import Expr, Number, substitute
from generator.expr.parsing.parse import read
from generator.expr.printing.plain import plain
from generator.problems.question import Question
from generator.solver.derivation import declaration_text
from generator.worksheet.load import load_worksheet
from generator.worksheet.space import Space, shuffled
from generator.worksheet.spec import Worksheet
from generator.worksheet.values import put_in
from generator.worksheet.variants import Draws, draw

QUADRATIC = """
  - id: quadratic
    function: c Tr(X^T A X) + Tr(B^T X)
    wrt: X
    symbols: {X: n x m, A: n x n symmetric, B: n x m}
    vary:
      c: 2..9
      names: [{A: A, B: B, X: X}, {A: M, B: C, X: Y}]
"""
REGRESSION = """
  - id: regression
    title: Linear regression
    function: ||A x - b||_2^2
    wrt: x
    find: stationary
    points: 10
    vary: {names: [{A: A, x: x, b: b}, {A: X, x: w, b: y}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sheet(*problems: str, head: str = "seed: 2026\nversions: 12\n", name: str = "sheet.yaml") -> Worksheet:
    path = Path(name)
    path.write_text(f"{head}problems:{''.join(problems)}", encoding="utf-8")
    return load_worksheet(path)


def functions(worksheet: Worksheet, problem: str) -> list[str]:
    return [
        plain(question.function)
        for number in range(1, worksheet.versions + 1)
        for question in draw(worksheet, number).questions
        if question.id == problem
    ]


@pytest.mark.usefixtures("folder")
def test_draws_are_golden() -> None:
    """They hold on every machine and in every release: printed sheets rely on them."""
    assert functions(sheet(QUADRATIC), "quadratic")[:6] == GOLDEN


GOLDEN = [
    "4*tr(Y'*M*Y) + tr(C'*Y)",
    "3*tr(X'*A*X) + tr(B'*X)",
    "9*tr(Y'*M*Y) + tr(C'*Y)",
    "5*tr(X'*A*X) + tr(B'*X)",
    "7*tr(Y'*M*Y) + tr(C'*Y)",
    "2*tr(X'*A*X) + tr(B'*X)",
]


@pytest.mark.usefixtures("folder")
def test_a_question_says_all_that_is_asked() -> None:
    worksheet = sheet(QUADRATIC, REGRESSION)
    version = next(v for v in (draw(worksheet, n) for n in range(1, 13)) if v.questions[1].wrt.name == "w")
    question = version.questions[1]
    assert version.label == f"{version.number:02d}"
    assert (question.number, question.id, question.title, question.points) == (
        2,
        "regression",
        "Linear regression",
        10,
    )
    assert (question.find, question.statement, question.wrt.name) == ("stationary", None, "w")
    assert plain(question.function) == "norm2(X*w - y)^2"
    assert {symbol.name for symbol in question.symbols} == {"X", "w", "y"}
    assert str(question.source) == "sheet.yaml:14: problems[1].function"
    assert question.wrt in question.function.symbols


@pytest.mark.usefixtures("folder")
def test_declared_properties_survive_renaming() -> None:
    for number in range(1, 13):
        matrix = draw(sheet(QUADRATIC), number).questions[0].symbols[1]
        assert (matrix.name in "AM", matrix.properties) == (True, frozenset({"symmetric"}))


@pytest.mark.usefixtures("folder")
def test_another_problem_re_rolls_nothing() -> None:
    alone = functions(sheet(QUADRATIC), "quadratic")
    assert functions(sheet(REGRESSION, QUADRATIC), "quadratic") == alone
    assert functions(sheet(QUADRATIC.replace("quadratic", "another"), QUADRATIC), "quadratic") == alone
    assert functions(sheet(QUADRATIC + "    points: 9\n    title: New\n", REGRESSION), "quadratic") == alone


@pytest.mark.usefixtures("folder")
def test_seed_stem_id_and_version_decide() -> None:
    alone = functions(sheet(QUADRATIC), "quadratic")
    more = sheet(QUADRATIC, head="seed: 2026\nversions: 100\n")
    assert functions(more, "quadratic")[:12] == alone
    assert functions(sheet(QUADRATIC, head="seed: 2027\nversions: 12\n"), "quadratic") != alone
    assert functions(sheet(QUADRATIC, name="other.yaml"), "quadratic") != alone
    assert functions(sheet(QUADRATIC.replace("id: quadratic", "id: other")), "other") != alone


@pytest.mark.usefixtures("folder")
def test_versions_differ_until_every_choice_was_used() -> None:
    drawn = functions(sheet(QUADRATIC, head="versions: 35\n"), "quadratic")
    assert len(set(drawn[:16])) == 16
    assert len({text[0] for text in drawn[:8]}) == len({text[0] for text in drawn[8:16]}) == 8
    assert set(drawn[16:32]) == set(drawn[:16])


@pytest.mark.usefixtures("folder")
def test_labels_are_as_wide_as_the_last_one() -> None:
    assert draw(sheet(REGRESSION, head="versions: 4\n"), 4).label == "04"
    assert draw(sheet(REGRESSION, head="versions: 100\n"), 4).label == "004"


@pytest.mark.usefixtures("folder")
def test_names_can_be_swapped() -> None:
    swapped = "\n  - {id: s, function: Tr(A X B), wrt: X, vary: {names: [{A: B, B: A}]}}\n"
    assert functions(sheet(swapped, head=""), "s") == ["tr(B*X*A)"]


@pytest.mark.usefixtures("folder")
def test_statements_are_filled() -> None:
    text = r"""
  - function: c x'x
    wrt: x
    statement: Let $L = <<function>>$ with $<<c>> > 0$. Find $\nabla_{<<wrt>>} L$, $<< x >> \ne 0$.
    vary: {c: 3, names: [{x: u}]}
"""
    question = draw(sheet(text, head=""), 1).questions[0]
    assert question.statement is not None
    assert "".join(map(str, question.statement)) == r"Let $L = 3*u'*u$ with $3 > 0$. Find $\nabla_{u} L$, $u \ne 0$."


# What can vary


def texts(problem: str, versions: int = 0, head: str = "") -> list[str]:
    """The functions of some versions, or of all that are distinct."""
    worksheet = sheet(f"\n  - {{wrt: X, id: it, {problem}}}\n", head=head)
    draws = Draws(worksheet)
    return [
        plain(draws.version(number).questions[0].function)
        for number in range(1, (versions or draws.problems[0].capacity(500).found) + 1)
    ]


SHAPES = "symbols: {A: n x n, C: n x n, X: n x m}"
VARIED = {
    "numbers": (
        "function: c tr(A X) + d tr(X), vary: {c: [-2, 1/2], d: [0, 1]}",
        {"-2*tr(A*X)", "-2*tr(A*X) + tr(X)", "1/2*tr(A*X)", "1/2*tr(A*X) + tr(X)"},
    ),
    "alternatives": (
        "function: [tr(A X), log det X, tr(X A)]",
        {"tr(A*X)|tr(X*A)", "log(det(X))"},
    ),
    "expressions for a symbol": (
        f"function: Tr(X' A X) + d tr(X' C X), {SHAPES}, vary: {{A: [A, A', A + C, 2 A, A A], d: 2}}",
        {
            "tr(X'*A*X) + 2*tr(X'*C*X)|tr(X'*A'*X) + 2*tr(X'*C*X)",
            "tr(X'*(A + C)*X) + 2*tr(X'*C*X)",
            "tr(2*X'*A*X) + 2*tr(X'*C*X)",
            "tr(X'*A*A*X) + 2*tr(X'*C*X)",
        },
    ),
    "a transpose of a transpose": (
        "function: tr(A' X B), vary: {A: [A, A']}, symbols: {A: n x n, B: n x n, X: n x n}",
        {"tr(A'*X*B)", "tr(A*X*B)"},
    ),
    "optional terms": (
        "function: tr(X' A X) - 2 tr(B' X) + c tr(X' X), vary: {c: 3, optional: [2 tr(B' X), c tr(X' X)]}",
        {
            "tr(X'*A*X) - 2*tr(B'*X) + 3*tr(X'*X)",
            "tr(X'*A*X) + 3*tr(X'*X)",
            "tr(X'*A*X) - 2*tr(B'*X)",
            "tr(X'*A*X)",
        },
    ),
    "conditions": (
        "function: tr(A X)/(c - d), vary: {c: 2..4, d: 2..4, where: [c + d != 6, 3 <= c]}",
        {"tr(A*X)", "-tr(A*X)"},
    ),
    "what is undefined is not drawn": (
        "function: tr(A X)/(c - d), vary: {c: [2, 3], d: [2, 3]}",
        {"-tr(A*X)", "tr(A*X)"},
    ),
    "the same as mathematics": (
        "function: c d tr(A X), vary: {c: [2, 3], d: [2, 3]}",
        {"4*tr(A*X)", "6*tr(A*X)", "9*tr(A*X)"},
    ),
    "the same in other letters": (
        "function: [tr(A X B), tr(B X A)], vary: {A: [A, B]}, symbols: {A: n x n, B: n x n, X: n x n}",
        {"tr(A*X*B)|tr(B*X*A)", "tr(B*X*B)"},
    ),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("problem", "expected"), VARIED.values(), ids=VARIED)
def test_what_can_vary(problem: str, expected: set[str]) -> None:
    """Each class of functions that are the same mathematics, separated by |, comes once."""
    drawn = texts(problem)
    assert len(drawn) == len(expected)
    assert all(sum(text in group.split("|") for text in drawn) == 1 for group in expected)


@pytest.mark.usefixtures("folder")
def test_names_from_pools_never_clash() -> None:
    drawn = texts("function: tr(A X B), vary: {names: {A: [A, B, X], B: [A, B], X: [X, A, Y]}}", 7)
    assert set(drawn) == {"tr(A*X*B)", "tr(A*Y*B)", "tr(B*X*A)", "tr(B*Y*A)", "tr(X*A*B)", "tr(X*Y*B)", "tr(X*Y*A)"}


@pytest.mark.usefixtures("folder")
def test_dimensions_are_drawn() -> None:
    text = """
  - {function: c tr(A X), wrt: X, symbols: {A: n x m, X: m x n}, id: it,
     statement: "$<<function>>$ with $<<n>>$ and $<<m>>$",
     vary: {c: 2..9, dimensions: {n: 2..3, m: [m, p]}, where: n != c}}
"""
    draws = Draws(sheet(text))
    questions = [draws.version(number).questions[0] for number in range(1, 9)]
    shapes = {(str(q.symbols[0].shape[0]), str(q.symbols[0].shape[1])) for q in questions}
    assert shapes == {("2", "m"), ("2", "p"), ("3", "m"), ("3", "p")}
    for question in questions:
        n, m = map(str, question.symbols[0].shape)
        assert question.symbols[1].shape == question.symbols[0].shape[::-1]
        assert question.statement is not None
        assert "".join(map(str, question.statement)).endswith(f"with ${n}$ and ${m}$")
        assert not plain(question.function).startswith(n)


UGLY = re.compile(r"\b1\*|\+ -|- -|\b0\b|''|\^1\b|\+ \+|--|\*-")


@given(
    values=st.lists(st.integers(-4, 4).filter(bool) | st.sampled_from(["1/2", "-3/4"]), min_size=1, unique=True),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=25)
def test_no_draw_is_ugly(values: list[int | str], seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not one of hundreds of draws has a factor 1, a term 0 or two signs in a row; all are read back as they are."""
    problem = f"""
  - function: [c Tr(X' A X) - d Tr(B' X) + e, 1/c Tr(X' A' X) + (c d) ||X||_F^2 - (e/d) Tr(A), c^2 Tr(A X B')/(c + d^2)]
    wrt: X
    symbols: {{A: n x n, B: n x n, X: n x n, C: n x n}}
    vary: {{c: {values}, d: {values}, e: [0, 1, -1], A: [A, A', 3*A, A + C, -A], optional: [d Tr(B' X), e]}}
"""
    file = tmp_path_factory.mktemp("draw") / "sheet.yaml"
    file.write_text(f"seed: {seed}\nproblems:{problem}".replace("'1/2'", "1/2").replace("'-3/4'", "-3/4"))
    draws = Draws(load_worksheet(file))
    for number in range(1, 31):
        question = draws.version(number).questions[0]
        text = plain(question.function)
        assert not UGLY.search(text), text
        declared = {symbol.name: declaration_text(symbol) for symbol in question.symbols}
        assert read(text, declared).expr == question.function


# Order


@given(sizes=st.lists(st.integers(1, 6), max_size=4), key=st.text())
def test_every_choice_comes_once(sizes: list[int], key: str) -> None:
    space = Space(tuple(sizes), key)
    choices = [space[index] for index in range(space.size)]
    assert len(set(choices)) == space.size == prod(sizes)
    assert all(0 <= digit < size for choice in choices for digit, size in zip(choice, sizes, strict=True))


EDITS = st.lists(st.sampled_from([REGRESSION, "\n  - {function: c x'x, wrt: x, vary: {c: 2..5}}\n"]), max_size=3)


@given(before=EDITS, after=EDITS, versions=st.integers(1, 30))
@settings(max_examples=30)
def test_no_edit_elsewhere_changes_a_draw(
    before: list[str], after: list[str], versions: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever stands before and after, and however many versions there are, the fifth is the fifth."""
    file = tmp_path_factory.mktemp("edit") / "sheet.yaml"
    unique = [text.replace("id: regression", f"id: r{i}") for i, text in enumerate([*before, *after])]
    problems = [*unique[: len(before)], QUADRATIC, *unique[len(before) :]]
    file.write_text(f"seed: 2026\nversions: {versions}\nproblems:{''.join(problems)}")
    drawn = Draws(load_worksheet(file)).version(5).questions[len(before)]
    assert plain(drawn.function) == GOLDEN[4]


@given(size=st.integers(1, 300), key=st.text())
def test_a_shuffle_is_one_to_one(size: int, key: str) -> None:
    assert sorted(shuffled(index, size, key) for index in range(size)) == list(range(size))


def test_a_shuffle_needs_no_list() -> None:
    size = prod((1000, 1000, 1000, 7))
    places = [shuffled(index, size, "key") for index in range(100)]
    assert len(set(places)) == 100
    assert all(0 <= place < size for place in places)


def test_a_shuffle_favors_no_place() -> None:
    first = [shuffled(0, 5, str(key)) for key in range(1000)]
    assert all(150 < first.count(place) < 250 for place in range(5))


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("c*2*x'*x", 3, "6*x'*x"),
        ("c/2*x'*x + c", 4, "2*x'*x + 4"),
        ("c/2*x'*x", 3, "3/2*x'*x"),
        ("(c + 1)*tr(X)", -2, "-tr(X)"),
        ("c^2*x'*x", 3, "9*x'*x"),
        ("c^2*x'*x", 0, "0"),
        ("x'*x/(2*c)", 3, "1/6*x'*x"),
        ("tr(X) + c*x'*x", -3, "tr(X) - 3*x'*x"),
        ("tr(X) + c*x'*x", 0, "tr(X)"),
        ("tr(X) + c*x'*x", 1, "tr(X) + x'*x"),
        ("(x'*x)^c", 1, "x'*x"),
        ("(x'*x)^c", 2, "(x'*x)^2"),
        ("(x'*x)^c", 0, "1"),
        ("exp(c*x'*x)", Fraction(1, 2), "exp(1/2*x'*x)"),
        ("1/2*(2*x'*x) + c*tr(X)", 5, "1/2*2*x'*x + 5*tr(X)"),
    ],
)
def test_numbers_are_worked_out_where_they_are_drawn(text: str, value: Fraction, expected: str) -> None:
    parsed = read(text)
    assert plain(put_in(parsed.expr, {parsed.symbols["c"]: Number(Fraction(value))})) == expected


@pytest.mark.usefixtures("folder")
def test_a_draw_changes_names_and_numbers_only() -> None:
    """Renaming back and putting the letter in the place of the number gives the problem itself."""
    worksheet = sheet(QUADRATIC)
    original = worksheet.problems[0].readings[0]
    for number in range(1, 13):
        question: Question = draw(worksheet, number).questions[0]
        coefficient = Fraction(plain(question.function).split("*")[0])
        back: dict[Expr, Expr] = dict(zip(question.symbols, (original.symbols[s] for s in "XAB"), strict=True))
        assert substitute(question.function, back) == put_in(
            original.function, {original.symbols["c"]: Number(coefficient)}
        )


@pytest.mark.usefixtures("folder")
def test_constraints_vary_with_the_function() -> None:
    problem = """
  - function: x'x
    wrt: x
    find: stationary
    symbols: {A: m x n, x: n, b: m, c: scalar}
    subject_to: [A x = b, sum(x) = c]
    vary: {c: 2..5, names: [{A: A, b: b}, {A: C, b: d}]}
"""
    questions = [draw(sheet(problem, head="versions: 4\n"), version).questions[0] for version in range(1, 5)]
    constraints = {tuple(f"{plain(left)} = {plain(right)}" for left, right in q.subject_to) for q in questions}
    assert {second for _, second in constraints} == {f"sum(x) = {c}" for c in range(2, 6)}
    assert {first for first, _ in constraints} <= {"A*x = b", "C*x = d"}
    for question in questions:
        sides = [side for both in question.subject_to for side in both]
        assert set(question.symbols) == question.function.symbols.union(*(side.symbols for side in sides))


SAMPLES = """
  - id: samples
    function:
      - "c sum_{i=1}^n (x_i'w - y_i)^2"
      - "c sum_{j=1}^n (w'x_j - y_j)^2"
      - "c sum_{i=1}^n (u_i'w - v_i)^2"
      - sum_{i=1}^n log(1 + exp(-y_i*(x_i'w)))
    wrt: w
    symbols: {x_i: d, y_i: scalar, w: d, u_j: d, v_j: scalar}
    statement: For data $<<x_i>>$, $i = 1, \\dots, <<n>>$, differentiate $<<function>>$.
    vary:
      c: 2..3
      names: {x_i: [x_i, a_k], w: [w, beta]}
      dimensions: {n: [n, 5]}
"""


def test_families_of_symbols_are_declared_renamed_and_sized(folder: Path) -> None:
    worksheet = sheet(SAMPLES, head="seed: 1\nversions: 12\nfair: off\nrepeats: true\n")
    asked = functions(worksheet, "samples")
    assert any("sum_{i=1}^5" in text for text in asked)
    assert any("sum_{i=1}^n" in text for text in asked)
    assert any("a_i'*" in text for text in asked)
    questions = [draw(worksheet, number + 1).questions[0] for number in range(12)]
    for question in questions:
        families = {symbol for symbol in question.symbols if symbol.total is not None}
        assert len(families) == 2
        assert families < question.function.symbols
        assert any(str(part) in ("x_i", "a_i", "u_i") for part in question.statement or ())


def test_sums_that_differ_in_letters_alone_are_one_question(folder: Path) -> None:
    variants = Draws(sheet(SAMPLES)).problems[0]
    assert variants.capacity(12).found == 3
