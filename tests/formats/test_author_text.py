"""An author's words: what is mathematics, what is emphasis, and what prints as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.building.documents import problem_set
from generator.document.author_text import AuthorText
from generator.document.model import Copy
from generator.document.words import plain
from generator.expr.printing.notation import STANDARD
from generator.formats import WRITERS
from generator.formats.html.formulas import HtmlPrinter
from generator.formats.latex.text import author_text
from tests.support.papers import paper, printed, questions, solved, worksheet

TEXTS = [
    ("50% of R&D_2 #1 {x} \\", r"50\% of R\&D\_2 \#1 \{x\} \textbackslash{}", "50% of R&amp;D_2 #1 {x} \\"),
    ("from $5 to $10", r"from \$5 to \$10", "from $5 to $10"),
    ("$x$", "$x$", "<math><mi>x</mi></math>"),
    (r"5 \$ or 6\$", r"5 \$ or 6\$", "5 $ or 6$"),
    ("no *notes*.", r"no \emph{notes}.", "no <em>notes</em>."),
    ("**Two** hours", r"\textbf{Two} hours", "<strong>Two</strong> hours"),
    ("*all $x$*", r"\emph{all $x$}", "<em>all <math><mi>x</mi></math></em>"),
    ("2*3*4, a * b * c", "2*3*4, a * b * c", "2*3*4, a * b * c"),
    (r"\*stars\*", "*stars*", "*stars*"),
    ("$a*b$ and $c*d$", "$a*b$ and $c*d$", None),
    (r"$\$ 5$", r"$\$ 5$", None),
]


@pytest.mark.parametrize(("typed", "tex", "html"), TEXTS)
def test_formulas_and_emphasis_are_set_and_all_else_is_as_typed(typed: str, tex: str, html: str | None) -> None:
    text = AuthorText(typed)
    assert author_text(text) == tex
    if html is not None:
        assert HtmlPrinter(STANDARD).author_text(text) == html


def test_titles_instructions_and_courses_have_formulas_on_every_paper(tmp_path: Path) -> None:
    words = {
        "title": r"Maps of $\mathbb{R}^n$",
        "course": "*Math* 1_2",
        "instructions": "Name $n$.\n\n100% & *legibly*.",
    }
    sheet = worksheet(
        tmp_path, {"function": "Tr(A X)", "wrt": "X", "title": r"Of $\operatorname{Tr}$"}, versions=1, **words
    )
    ((version, answered),) = solved(sheet)
    document = problem_set(sheet, Copy(version.label), questions(answered))
    assert plain(document.title) == "Maps of R n, version 01"
    ((page, *_),) = printed(sheet, paper(sheet, document))
    for said in ("Maps of Rn", "Math 1_2", "Name n.", "100% & legibly.", "Problem 1. Of Tr"):
        assert said in page
    html = WRITERS["html"](sheet, None).write(document)
    assert "<h1>Maps of <math>" in html
    assert "<p>100% &amp; <em>legibly</em>.</p>" in html
