"""Questions about one member of a family: which terms of the sum matter, in every form and under every name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from generator.building.builder import Options, build
from generator.errors import GeneratorError
from generator.expr.printing.plain import plain
from generator.problems.question import DerivedQuestion
from generator.worksheet.load import load_worksheet
from generator.worksheet.spec import Worksheet
from generator.worksheet.variants import Draws
from tests.support.papers import answer_key_of, problem_set_of, solved

SOFTMAX = {
    "function": "-sum_{i=1}^n sum_{j=1}^m Y_{ij} (w_j'x_i - log(sum_{l=1}^m exp(w_l'x_i))) + c sum_{j=1}^m w_j'w_j",
    "wrt": "w_k",
    "symbols": {"Y": "n x m one-hot rows", "w_j": "d", "x_i": "d", "c": "scalar"},
    "vary": {"c": "2..5", "names": [{"Y": "Y", "w_j": "w_j", "x_i": "x_i"}, {"Y": "T", "w_j": "b_j", "x_i": "z_i"}]},
}
CENTRES = {"function": "sum_{i=1}^n norm2(x_i - m)^2", "wrt": "x_1"}
COORDINATE = {"function": "norm2(sum_{j=1}^n a_j*x_j - y)^2", "wrt": "a_k", "find": "stationary"}


def sheet(folder: Path, **problem: object) -> Worksheet:
    file = folder / "sheet.yaml"
    file.write_text(yaml.safe_dump({"seed": 3, "versions": 4, "problems": [problem]}))
    return load_worksheet(file)


def derived(worksheet: Worksheet) -> list[DerivedQuestion]:
    draws = Draws(worksheet)
    found = [one for number in range(1, worksheet.versions + 1) for one in draws.version(number).questions]
    assert all(isinstance(one, DerivedQuestion) for one in found)
    return [one for one in found if isinstance(one, DerivedQuestion)]


def test_a_member_takes_the_name_of_its_family(tmp_path: Path) -> None:
    found = derived(sheet(tmp_path, **SOFTMAX))
    assert {one.wrt.name for one in found} == {"w_k", "b_k"}
    for one in found:
        assert one.member is not None
        assert one.member.family in one.function.symbols
        assert f"{one.wrt.name[0]}_j" in plain(one.function)


@pytest.mark.parametrize(
    ("problem", "statement", "terms"),
    [
        (
            CENTRES,
            r"and $x_{1}$ is one of $x_{1}, \dots, x_{n} \in",
            "Up to terms without $x_{1}$, which are constant",
        ),
        (
            COORDINATE,
            r"and $a_{k}$ is one of $a_{1}, \dots, a_{n} \in",
            "Up to terms without $a_{k}$, which are constant",
        ),
    ],
)
def test_the_statement_has_the_whole_and_the_key_its_terms(
    problem: dict[str, object], statement: str, terms: str, tmp_path: Path
) -> None:
    worksheet = sheet(tmp_path, **problem)
    (version, answered), *_ = solved(worksheet)
    assert statement in " ".join(problem_set_of(worksheet, version, answered).body.split())
    assert terms in " ".join(answer_key_of(worksheet, version, answered).body.split())


@pytest.mark.parametrize("form", [{"form": "choice"}, {"form": "find-the-error"}, {"form": "fill-in", "blanks": 1}])
@pytest.mark.parametrize("problem", [SOFTMAX, CENTRES], ids=["softmax", "centres"])
def test_every_form_asks_for_it(problem: dict[str, object], form: dict[str, object], tmp_path: Path) -> None:
    sheet(tmp_path, **problem, **form)
    built = build(tmp_path / "sheet.yaml", Options(output=tmp_path / "output", formats=("tex",)))
    assert built.files


def test_what_a_key_cannot_be_made_of_is_said_with_its_place(tmp_path: Path) -> None:
    sheet(tmp_path, function="sum_{i=1}^n sum_{j=1}^n norm2(x_i - x_j)^2", wrt="x_k", find="hessian")
    with pytest.raises(GeneratorError, match=r"sheet\.yaml:\d+: problems\[0\].*over pairs"):
        build(tmp_path / "sheet.yaml", Options(output=tmp_path / "output", formats=("tex",)))
