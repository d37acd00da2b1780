"""What is printed: statements, problem sets, keys, the formula sheet and the grid of answers."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from generator.errors import BuildError
from generator.expr.nodes import d
from generator.expr.parsing.parse import declare
from generator.expr.printing.latex import latex
from generator.pdf.paper import Overfull
from generator.rules.identities import topic
from tests.support.papers import (
    answer_grid_of,
    answer_key_of,
    formula_sheet_of,
    printed,
    problem_set_of,
    unmarked,
    worksheet,
)

F, X = declare("F", "m x n"), declare("X", "n x n")
L, T = declare("L", "scalar"), declare("t", "scalar")
x, y = declare("x", "n"), declare("y", "m")
LINEAR: dict[str, object] = {
    "id": "linear",
    "function": "Tr(A X)",
    "wrt": "X",
    "points": 4,
    "title": "Trace of a linear product",
}
QUADRATIC: dict[str, object] = {
    "id": "quadratic",
    "function": "c Tr(X^T A X)",
    "wrt": "X",
    "symbols": {"A": "n x n", "X": "n x m", "c": "scalar"},
    "points": 6,
    "vary": {"c": "2..9"},
}
REGRESSION: dict[str, object] = {
    "id": "regression",
    "function": "||A x - b||_2^2",
    "wrt": "x",
    "find": "stationary",
    "points": 10,
}


@pytest.mark.parametrize(
    ("problem", "statement"),
    [
        (
            {"function": "Tr(A X)", "wrt": "X", "symbols": {"A": "m x n", "X": "n x m"}},
            r"Let \stated{L(X) = \operatorname{Tr}(A X)}{,}% where $A \in \mathbb{R}^{m \times n}$ is constant and "
            r"$X \in \mathbb{R}^{n \times m}$. Find the gradient~$\nabla_{X} L$.",
        ),
        (
            {"function": "sum_i s_i*(w'*w)", "wrt": "w", "symbols": {"s_i": "scalar positive", "w": "n"}},
            r"Let \stated{L(w) = \sum_{i=1}^{m} s_{i} w^{\top} w}{,}% where the positive scalars "
            r"$s_{1}, \dots, s_{m} \in \mathbb{R}$ are constant and $w \in \mathbb{R}^{n}$. "
            r"Find the gradient~$\nabla_{w} L$.",
        ),
        (
            {"function": "x'*A*x - b'*x", "wrt": "x", "symbols": {"A": "n x n symmetric", "b": "n", "x": "n"}},
            r"Let \stated{L(x) = x^{\top} A x - b^{\top} x}{,}% where the symmetric matrix "
            r"$A \in \mathbb{R}^{n \times n}$ and $b \in \mathbb{R}^{n}$ are constant and $x \in \mathbb{R}^{n}$. "
            r"Find the gradient~$\nabla_{x} L$.",
        ),
        (
            {
                "function": "logdet(X) - Tr(S X)",
                "wrt": "X",
                "find": "stationary",
                "symbols": {"X": "n x n positive definite", "S": "n x n positive definite"},
            },
            r"Let \stated{L(X) = \log \det X - \operatorname{Tr}(S X)}{,}% where the positive definite matrix "
            r"$S \in \mathbb{R}^{n \times n}$ is constant and $X \in \mathbb{R}^{n \times n}$ is positive definite. "
            r"Derive $\nabla_{X} L$, and find where it is zero.",
        ),
        (
            {
                "function": "x'x",
                "wrt": "x",
                "find": "stationary",
                "subject_to": ["A x = b", "sum(x) = 1"],
            },
            r"Let \stated{f(x) = x^{\top} x}{,}% where $A \in \mathbb{R}^{m \times n}$ and $b \in \mathbb{R}^{m}$ are "
            r"constant and $x \in \mathbb{R}^{n}$. Write down the Lagrangian, and find where $f$ is stationary "
            r"subject to $A x = b$ and $\operatorname{sum}(x) = 1$.",
        ),
        (
            {"function": "a*t^2 + b*t + c", "wrt": "t"},
            r"Let \stated{L(t) = a t^{2} + b t + c}{,}% where $a \in \mathbb{R}$, $b \in \mathbb{R}$ and "
            r"$c \in \mathbb{R}$ are constant and $t \in \mathbb{R}$. "
            rf"Find the derivative~${latex(d(L))} / {{{latex(d(T))}}}$.",
        ),
        (
            {"function": "A*x", "wrt": "x", "symbols": {"A": "m x n", "x": "n"}},
            r"Let \stated{y(x) = A x}{,}% where $A \in \mathbb{R}^{m \times n}$ is constant and "
            r"$x \in \mathbb{R}^{n}$. Find the Jacobian matrix~$J$ of~$y$, "
            rf"with ${latex(d(y))} = J \, {latex(d(x))}$.",
        ),
        (
            {"function": "x'*x", "wrt": "x", "find": "hessian"},
            r"Let \stated{L(x) = x^{\top} x}{,}% where $x \in \mathbb{R}^{n}$. Find the Hessian matrix~$H$ of~$L$.",
        ),
        (
            {
                "function": "Tr(X)",
                "wrt": "X",
                "symbols": {"X": "n x n symmetric"},
                "convention": "independent entries",
            },
            r"Let \stated{L(X) = \operatorname{Tr}(X)}{,}% where $X \in \mathbb{R}^{n \times n}$ is symmetric. "
            r"Find the derivative~$\nabla_{X} L$ by the independent entries of $X$.",
        ),
        (
            {"function": "A*X", "wrt": "X", "symbols": {"A": "m x n", "X": "n x n diagonal"}},
            r"Let \stated{F(X) = A X}{,}% where $A \in \mathbb{R}^{m \times n}$ is constant and "
            r"$X \in \mathbb{R}^{n \times n}$ is diagonal. Find the Jacobian matrix~$J$ of~$F$, with "
            rf"$\operatorname{{vec}}({latex(d(F))}) = J \, \operatorname{{vec}}({latex(d(X))})$, "
            r"with all entries of $X$ taken as free.",
        ),
        (
            {"function": "Tr(X)", "wrt": "X", "find": "differential"},
            r"Let \stated{L(X) = \operatorname{Tr}(X)}{,}% where $X \in \mathbb{R}^{n \times n}$. "
            rf"Find the differential~${latex(d(L))}$.",
        ),
        (
            {"function": "Tr(A X)", "wrt": "X", "statement": r"Compute $\nabla <<function>>$ & be quick_."},
            r"Compute $\nabla \operatorname{Tr}(A X)$ & be quick_.",
        ),
    ],
)
def test_statements(tmp_path: Path, problem: dict[str, object], statement: str) -> None:
    sheet = worksheet(tmp_path, problem)
    ((version, answered), *_) = unmarked(sheet)
    body = problem_set_of(sheet, version, answered).body
    found = re.search(r"\\begin\{statement\}\n(.*?)\s*\\end\{statement\}", body, re.DOTALL)
    assert found is not None
    assert " ".join(found[1].split()) == statement


def test_a_layout_is_asked_for_and_kept(tmp_path: Path) -> None:
    linear: dict[str, object] = {"function": "a'*x", "wrt": "x"}
    vector: dict[str, object] = {"function": "A*x", "wrt": "x"}
    numerator = r"derivative~$\partial L / {\partial x}$ in numerator layout."
    denominator = rf"with ${latex(d(y))} = D^{{\top}} \, {latex(d(x))}$ in denominator layout."
    expected = {
        "numerator": (numerator, r"\frac{\partial L}{\partial x} = a^{\top}"),
        "denominator": (denominator, r"D = A^{\top}"),
    }
    for layout, (statement, answer) in expected.items():
        sheet = worksheet(tmp_path, linear, vector, notation={"layout": layout})
        ((version, answered), *_) = unmarked(sheet)
        key = answer_key_of(sheet, version, answered).body
        assert statement in key
        assert rf"\row{{{answer}}}" in key
        assert f"{layout.capitalize()} layout: " in key
        formulas = formula_sheet_of(sheet).body
        assert (r"has the shape of $X^{\top}$" in formulas) == (layout == "numerator")


@cache
def lecture(folder: Path) -> tuple[list[list[str]], tuple[Overfull, ...]]:
    """The pages of version 2 of the lecture's problems: set, key, formula sheet, and grid of answers."""
    sheet = worksheet(
        folder, LINEAR, QUADRATIC, REGRESSION, title="50% of #1 & {more}_", course="R&D_101: $5 \\ ~^", seed=3
    )
    both = unmarked(sheet)
    version, answered = both[1]
    papers = (
        problem_set_of(sheet, version, answered),
        answer_key_of(sheet, version, answered),
        formula_sheet_of(sheet),
        answer_grid_of(sheet, both),
    )
    warnings: list[Overfull] = []
    return printed(sheet, *papers, warn=warnings), tuple(warnings)


@pytest.fixture
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The pages of the lecture's problems."""
    return lecture(tmp_path_factory.getbasetemp())[0]


def test_nothing_of_the_lecture_is_too_wide(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert lecture(tmp_path_factory.getbasetemp())[1] == ()


def test_every_page_says_course_version_and_how_many_pages_there_are(pages: list[list[str]]) -> None:
    for paper, label in zip(pages, ("Version 02", "Version 02", "Formula sheet", "All versions"), strict=True):
        for number, one in enumerate(paper, 1):
            assert "R&D_101: $5 \\ ~^" in one.splitlines()[0].replace("˜", "~").replace("ˆ", "^")
            assert one.splitlines()[0].endswith(label)
            assert one.rstrip().endswith(f"Page {number} of {len(paper)}")


def test_a_problem_set_has_a_place_for_everything(pages: list[list[str]]) -> None:
    first = pages[0][0]
    for words in ("50% of #1 & {more}_", "Name", "Student ID", "Show all of your work."):
        assert words in first
    for row in ("Problem 1 2 3 Total", "Points 4 6 10 20", "Score"):
        assert f"\n {row}\n" in first
    assert re.search(r"\nProblem 1. Trace of a linear product 4 points\nLet L\(X\) = Tr\(AX\), where A ∈", first)
    assert len(pages[0]) % 2 == 0  # so that copies on both sides of the paper can be told apart
    assert "Answer" not in "".join(pages[0])


def test_a_key_shows_every_step_with_its_reason(pages: list[list[str]]) -> None:
    key = "".join(pages[1])
    for line in (
        r"Step 1. Take the differential\n",
        r"= Tr\(A dX\) A is constant\n",
        r"Step 2. Identify G\n",
        r"G⊤ = A dL = Tr\(G⊤ dX\)\n",
        r"Answer ∇X L = A⊤\n",
        r"a matrix and its transpose have the same trace\n",
        r"With R = Ax − b:\n",
        r"Step 5. Set G to zero\n",
        r"Answer ∇x L = 2A⊤ \(Ax − b\)\n",
        r"x = \(A⊤ A\)−1 A⊤ b, provided that A has full column rank\n",
        r"L is convex .* so this is the minimizer\.\n",
    ):
        assert re.search(line, key), line


def test_the_formula_sheet_is_the_table_of_rules(pages: list[list[str]]) -> None:
    sheet = "".join(pages[2])
    assert "If the differential of a scalar function L of X can be written as\n dL = Tr(G⊤ dX),\n" in sheet
    assert "then its gradient is ∇X L = G." in sheet
    for identity in ("d(AB) = dA B + A dB", "Tr(AB) = Tr(BA)", "d(cA) = c dA", "Tr(A) = Tr(A⊤"):
        assert identity.replace(" ", "") in sheet.replace(" ", "")
    for rule in topic("trace"):
        assert rule.message.english.split()[0] in sheet


def test_the_grid_has_the_answers_of_all_versions(pages: list[list[str]]) -> None:
    (grid,) = pages[3]
    assert re.search(r"Problem 1\n+(all|01) ∇ ?[XY] L = [A-Z]⊤", grid)
    assert re.search(r"Problem 2\n+01 ∇ ?X L = \d\(A \+ A⊤ \)X", grid)
    assert re.search(r"Problem 3\n+all ∇x L = 2A⊤ \(Ax − b\).*\(A has full column rank\)\n", grid)


@pytest.mark.parametrize(
    ("size", "problems", "bands"),
    [("normal", 1, 1), ("normal", 14, 1), ("normal", 15, 2), ("normal", 31, 3), ("large", 6, 1), ("large", 31, 5)],
)
def test_scores_are_in_one_table_that_fits(tmp_path: Path, size: str, problems: int, bands: int) -> None:
    numbers = range(1, problems + 1)
    problem_list = [LINEAR | {"id": f"p{n}", "points": n} for n in numbers]
    sheet = worksheet(tmp_path, *problem_list, versions=1, print={"size": size, "paper": "a4"}, cover={"date": "Today"})
    ((version, answered),) = unmarked(sheet)
    paper, warnings = problem_set_of(sheet, version, answered), list[Overfull]()
    ((first, *_),) = printed(sheet, paper, warn=warnings)
    assert warnings == []
    assert paper.body.count(r"\begin{tabular}") == 1
    assert " ".join(re.findall(r"Problem (.*)", first)).split() == [*map(str, numbers), "Total"]
    assert " ".join(re.findall(r"Points (.*)", first)).split() == [*map(str, numbers), str(sum(numbers))]
    assert first.count("Score") == bands


WIDE: list[dict[str, object]] = [
    LINEAR | {"id": "long", "function": "Tr(A X B X^T C) + Tr(D X^T X E) + Tr(F X) + Tr(G X H)"},
    LINEAR | {"id": "twice", "function": "norm2(A*X*B - C)^2 + norm2(D*X*E - F)^2 + Tr(G*X)"},
    LINEAR | {"id": "inverse", "function": "Tr(A X^-1) + Tr(B X^-1 C X^-1 D)"},
    {"id": "quotient", "function": "(x'*A*x)/(x'*x)", "wrt": "x", "symbols": {"A": "n x n symmetric", "x": "n"}},
]


def test_wide_lines_are_broken_and_no_heading_is_left_alone(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, *WIDE, *[LINEAR | {"id": f"p{n}"} for n in range(6)], REGRESSION, versions=1)
    ((version, answered),) = unmarked(sheet)
    warnings: list[Overfull] = []
    (key,) = printed(sheet, answer_key_of(sheet, version, answered), warn=warnings)
    assert warnings == []
    assert len(key) > 4
    for one in key:
        lines = [line.strip() for line in one.splitlines() if line.strip()]
        assert not re.match(r"Step \d|Problem \d|Let |With ", lines[-2]), lines[-3:]


def test_an_error_in_a_statement_is_traced_to_its_key(tmp_path: Path) -> None:
    sheet = worksheet(
        tmp_path, LINEAR, LINEAR | {"id": "own", "statement": "Let \\foo\\ be $<<A>>$.", "shows": "function"}
    )
    ((version, answered), *_) = unmarked(sheet)
    paper = problem_set_of(sheet, version, answered)
    with pytest.raises(BuildError) as caught:
        printed(sheet, paper)
    assert caught.value.file == sheet.place("problems", 1, "statement")
    assert caught.value.what == "problem own, version 01: undefined command \\foo"


def test_course_templates_see_the_same_names(tmp_path: Path) -> None:
    (tmp_path / "problem-set.tex.j2").write_text(
        "<% for question in questions %>\n<%= question.number %>: <%= question.title %>\n<% endfor %>"
    )
    sheet = worksheet(tmp_path, LINEAR, LINEAR | {"id": "other", "title": "50%"})
    ((version, answered), *_) = unmarked(sheet)
    body = problem_set_of(sheet, version, answered, tmp_path).body
    assert body == "1: Trace of a linear product\n2: 50\\%\n"
