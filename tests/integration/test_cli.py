"""The command line: what it prints, what it exits with, and what it does not load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result

from generator.building import builder
from generator.cli import main
from generator.expr.messages import PLACEHOLDER
from generator.worksheet.lint import UGLY

SHEET = """
versions: 3
problems:
  - {function: Tr(A X), wrt: X}
  - {function: c Tr(X^T A X), wrt: X, vary: {c: 2..9}}
"""
HEAVY = {"sympy", "numpy", "scipy", "pydantic", "pikepdf", "jinja2", "pylatex", "lark", "yaml", "tqdm"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def python(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env={"PYTHONPATH": root}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", [[], *([name] for name in main.commands)], ids=" ".join)
def test_help_has_examples(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    examples = [line.strip() for line in result.output.splitlines() if line.startswith("    worksheets ")]
    assert examples
    for example in examples:
        assert example.split()[1] in main.commands


def test_every_command_is_listed_whole() -> None:
    listed = run("--help").output
    assert all(f"  {name} " in listed for name in main.commands)
    assert "..." not in listed.partition("Commands:")[2]


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from generator.cli import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print(sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    assert python("-c", script).stdout.splitlines()[-1] == "[]"


def test_python_m_generator_is_the_same() -> None:
    result = python("-m", "generator", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == run("--help").output.replace("main", "worksheets", 1)


def test_solve_prints_a_derivation() -> None:
    result = run("solve", "Tr(A X)", "--wrt", "X")
    assert result.exit_code == 0
    assert result.output.startswith(
        "Read as L = tr(A*X)\n  with A: n x m, X: m x n\n\nStep 1. Take the differential\n  dL = tr(d(A*X))\n"
    )
    assert "G = A'" in result.output


def test_solve_prints_json() -> None:
    result = run("solve", "||A x - b||_2^2", "--wrt", "x", "--find", "stationary", "--json")
    found = json.loads(result.output)
    assert (found["result"], found["conditions"]) == ("inv(A'*A)*A'*b", ["A has full column rank"])


def test_solve_prints_latex_for_any_document(folder: Path) -> None:
    result = run("solve", "||A x - b||_2^2", "--wrt", "x", "--find", "stationary", "--latex")
    assert result.output.startswith(r"Read as $L = \lVert A x - b \rVert_{2}^{2}$, with $A$: $n \times m$, $b$: $n$, ")
    assert result.output.count("\\begin{align*}") == 5
    assert r"$A$ and $b$ are constant" in result.output
    document = rf"\documentclass{{article}}\usepackage{{amsmath}}\begin{{document}}{result.output}\end{{document}}"
    (folder / "mine.tex").write_text(document)
    compiled = subprocess.run(["pdflatex", "-halt-on-error", "mine.tex"], capture_output=True, text=True, check=False)
    assert compiled.returncode == 0
    assert "Overfull" not in compiled.stdout


def test_solve_writes_in_the_notation_that_is_asked_for() -> None:
    linear = ("solve", "b'*x", "--wrt", "x", "-N", "layout=numerator", "-N", "transpose=T", "-N", "bold=true")
    assert r"\boldsymbol{D} &= \boldsymbol{b}^{T}" in run(*linear, "--latex").output
    found = json.loads(run(*linear, "--json").output)
    assert (found["result"], found["layout"]) == ("b'", "numerator")
    assert found["result_latex"] == r"\boldsymbol{b}^{T}"


@pytest.mark.parametrize(("pair", "message"), [
    ("layout=row", "layout is gradient or numerator or denominator, not 'row'."),
    ("bold=yes", "bold is true or false, not 'yes'."),
    ("tracing=tr", "'tracing' is not one of trace, transpose, differential, gradient, layout, bold."),
])  # fmt: skip
def test_a_notation_that_is_not_known_is_said_with_what_is(pair: str, message: str) -> None:
    result = run("solve", "b'*x", "--wrt", "x", "-N", pair)
    assert result.exit_code == 2
    assert message in result.output


def test_solve_takes_a_convention() -> None:
    symbols = ("-s", "A=n x n", "-s", "X=n x n symmetric")
    result = run("solve", "tr(A*X)", "--wrt", "X", *symbols, "--convention", "independent entries", "--json")
    assert json.loads(result.output)["result"] == "A + A' - eye.*A"


def test_solve_takes_declarations() -> None:
    result = run("solve", "x'*A*x", "--wrt", "x", "-s", "A=n x n symmetric", "-s", "x=n", "--json")
    assert json.loads(result.output)["result"] == "2*A*x"


def test_solve_says_what_a_text_was_read_as() -> None:
    result = run("solve", "sum((A x - b)^2)", "--wrt", "x", "-s", "A=3 x m")
    assert result.output.startswith(
        "Read as L = sum((A*x - b).^2)\n  with A: 3 x m, b: 3, x: m\n(A x - b)^2 is taken of each entry.\n\nStep 1."
    )


@pytest.mark.parametrize("expression", ["-x'x", "-1/2 x'A x", "-sum(x.^2)", "-s x'x", "-N x"])
@pytest.mark.parametrize("options", [("--wrt", "x"), ("--wrt=x", "-sx=n")])
def test_an_expression_may_begin_with_a_minus_sign(expression: str, options: tuple[str, ...]) -> None:
    for arguments in ((expression, *options), (*options, expression)):
        result = run("solve", *arguments, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.output)["function"].startswith("-")


def test_a_function_without_the_variable_has_derivative_zero() -> None:
    result = run("solve", "b'b", "--wrt", "x", "-s", "x=3")
    assert "dL = 0\n         — b is constant" in result.output
    assert result.output.endswith("Answer: the gradient of L by x = zeros(3, 1)\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["Tr(A X", "--wrt", "X"],
            "the expression ends too early\n    Tr(A X\n          ^\n"
            "Something is missing: a closing bracket or norm, or what follows an operator.\n",
        ),
        (
            ["Tr(A X)", "--wrt", "Y"],
            "the function does not contain Y\n    Tr(A X)\n    ^^^^^^^\n"
            "It contains A, X. If Y is meant, declare its shape under `symbols`: its derivative is 0.\n",
        ),
        (
            ["x'x", "--wrt", "x", "--find", "maximum"],
            "nothing is known of find: maximum\nIt is one of derivative, differential, hessian, stationary, value.\n",
        ),
    ],
)
def test_solve_says_what_is_wrong(arguments: list[str], message: str) -> None:
    result = run("solve", *arguments)
    assert (result.exit_code, result.stderr, result.stdout) == (2, message, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["biuld"], "No such command 'biuld'. Did you mean 'build'?"),
        (["solve", "x'x"], "nothing says by what the derivative is"),
        (["solve", "x'x", "--wrt", "x", "-s", "x"], "'x' is not NAME=SHAPE, such as A='n x m'."),
        (["build"], "Missing argument 'FILE...'."),
        (["build", "a.yaml", "--format", "pdf,doc"], "'doc' is not one of pdf, tex, html."),
        (["build", "a.yaml", "-n", "0"], "0 is not in the range 1<=x<=9999."),
        (["build", "a.yaml", "b/a.yaml"], "More than one file would be built into output/a."),
        (["build", "a.yaml", "--templates", "nowhere"], "Directory 'nowhere' does not exist."),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_check_solves_every_version() -> None:
    Path("sheet.yaml").write_text(SHEET)
    result = run("check", "sheet.yaml")
    assert result.exit_code == 0
    head, *capacities = result.stdout.splitlines()
    assert head.startswith("sheet.yaml: 3 versions, 4 different questions, ")
    assert head.endswith(" lines of derivations verified")
    assert capacities == [
        "  tr-a-x-ab96: the same question in every version",
        "  c-tr-x-t-a-x-c73d: 8 distinct",
        "  all together: 8 distinct",
    ]
    assert result.stderr == "sheet.yaml: Solving\n"
    assert run("check", "sheet.yaml", "-n", "1").stdout.startswith("sheet.yaml: 1 version, 2 different questions, ")


def test_check_says_how_an_ambiguous_text_is_read() -> None:
    Path("sheet.yaml").write_text("problems:\n  - {id: ratio, function: x^TAx / x^Tx + log|S|, wrt: x}\n")
    said = run("check", "sheet.yaml").stdout.splitlines()
    assert said[2:] == ["  ratio: x^Tx is the denominator.", "  ratio: Bars around S are its determinant."]


def test_check_goes_on_after_a_mistake() -> None:
    Path("good.yaml").write_text(SHEET)
    Path("bad.yaml").write_text("problems:\n  - {function: Tr(A X), wrt: Y}\n")
    result = run("check", "bad.yaml", "good.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("bad.yaml:2: problems[0].wrt: Y does not occur in the function\n")
    assert result.stdout.startswith("good.yaml: 3 versions")


def test_an_unsupported_problem_is_said_with_its_place_and_version() -> None:
    Path("sheet.yaml").write_text("problems:\n  - function: c*sum(expm(X))\n    wrt: X\n    vary: {c: 7}\n")
    result = run("check", "sheet.yaml")
    assert result.exit_code == 2
    first, *rest = result.stderr.splitlines()[1:]
    assert first.startswith("sheet.yaml:2: problems[0].function: ")
    assert rest[-1] == "This is question 1 of version 01: 7*sum(expm(X))"


def test_rules_lists_every_rule() -> None:
    from generator.rules.identities import RULES

    lines = run("rules").output.splitlines()
    assert len(lines) == len(RULES)
    assert "d-product" in [line.split()[0] for line in lines]
    assert not any(PLACEHOLDER.search(line) or "|" in line for line in lines)


def test_rules_lists_every_mistake_with_what_is_right() -> None:
    from generator.rules.mistakes import MISTAKES

    output = run("rules", "--mistakes").output
    assert [line for line in output.splitlines() if not line.startswith(" ")] == [m.name for m in MISTAKES]
    assert "    d(inv(A)) = inv(A)*dA*inv(A)\n" in output
    assert "so there is a minus sign: d(inv(A)) = -inv(A)*dA*inv(A).\n" in output


def test_an_interruption_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(builder, "build", interrupted)
    result = run("build", "sheet.yaml")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "\nStopped. Nothing that was there before has changed.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are another thing there")
def test_a_broken_pipe_is_quiet() -> None:
    script = f"{sys.executable} -m generator rules | head -n 1"
    root = str(Path(__file__).parents[2])
    result = subprocess.run(script, shell=True, cwd=root, capture_output=True, text=True, check=False)
    assert (result.stderr, result.stdout.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("text", "ugly"),
    [
        ("A*X", False), ("1*A", True), ("a*1*A", True), ("A + -2*B", True), ("A - -B", True), ("A^1*B", True),
        ("A + 0", True), ("1/2*A", False), ("A^10", False), ("-2*A", False), ("x.^-1", False), ("2*10*A", False),
    ],
)  # fmt: skip
def test_what_nobody_would_write(text: str, ugly: bool) -> None:
    assert bool(UGLY.search(text)) == ugly


def test_check_draws_under_many_seeds(tmp_path: Path) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_text("problems:\n  - function: c tr(A X)\n    wrt: X\n    vary: {c: 2..9}\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(path), "--seeds", "60"])
    assert result.exit_code == 0
    assert "60 draws under 60 seeds" in result.output
    assert "8 different questions" in result.output
    assert "0 wrong, 0 ugly" in result.output


def test_check_says_what_is_too_wide_without_tex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    long = "*".join("ABCDEF" * 5)
    declared = ", ".join(f"{name}: n x n" for name in "ABCDEF")
    for function, is_wide in ((f"a'*{long[:11]}*x + b'*x", False), (f"(a'*{long}*b)/(a'*{long}*x)", True)):
        (tmp_path / "wide.yaml").write_text(
            f'problems:\n  - function: "{function}"\n    wrt: x\n    symbols: {{a: n, b: n, x: n, {declared}}}\n'
        )
        result = CliRunner().invoke(main, ["check", str(tmp_path / "wide.yaml")])
        assert result.exit_code == 0
        assert ("too wide for the page" in result.stdout) == is_wide


DATES = {"99999999999999": "'99999999999999'", "garbage": "'garbage'", "-1": "'-1'", "1e9": "'1e9'", "²": "'²'"}


@pytest.mark.parametrize("formats", ["tex", "pdf"])
@pytest.mark.parametrize("date", DATES)
def test_a_date_that_is_none_is_said_in_a_sentence(date: str, formats: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sheet.yaml").write_text(SHEET)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    result = run("build", "sheet.yaml", "--format", formats)
    assert result.exit_code == 2
    assert result.stderr == (
        "the environment variable SOURCE_DATE_EPOCH must be a whole number of seconds since 1970, not "
        f"{DATES[date]}\nGive it a number up to 253402300799, such as 1767225600 for 2026-01-01, or unset it.\n"
    )


ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "no home": {"HOME": None, "XDG_CACHE_HOME": None},
    "a home that is not there": {"HOME": "/nowhere", "XDG_CACHE_HOME": None},
    "a cache that is a file": {"XDG_CACHE_HOME": "/dev/null"},
    "a cache with no place": {"XDG_CACHE_HOME": "cache"},
    "no temporary folder": {"TMPDIR": "/nowhere"},
    "an old locale": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"},
    "other hashes": {"PYTHONHASHSEED": "12345"},
    "the last second": {"SOURCE_DATE_EPOCH": "253402300799"},
    "an empty date": {"SOURCE_DATE_EPOCH": ""},
}


WITH_TEX = ("no temporary folder", "the last second")
"""Those that matter to TeX."""


def built_in(folder: Path, changed: dict[str, str | None], formats: str, cache: Path) -> dict[str, bytes]:
    """The sources that a process makes whose environment is changed like this."""
    (folder / "sheet.yaml").write_text("title: Größe\n" + SHEET, encoding="utf-8")
    usual = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "XDG_CACHE_HOME": str(cache)}
    environment = {key: value for key, value in (usual | changed).items() if value is not None}
    command = [sys.executable, "-m", "generator", "build", "sheet.yaml", "-n", "1", "--format", formats]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"Traceback")) == (0, 0), done.stderr
    return {file.name: file.read_bytes() for file in (folder / "output" / "sheet" / "tex").iterdir()}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for all processes but those that can have none there."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> dict[str, bytes]:
    """What comes out in this environment."""
    return built_in(tmp_path_factory.mktemp("usual"), {}, "tex", kept)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_odd_environment_changes_nothing(name: str, folder: Path, usual: dict[str, bytes], kept: Path) -> None:
    assert built_in(folder, ENVIRONMENTS[name], "tex,pdf" if name in WITH_TEX else "tex", kept) == usual
    assert {one.name for one in folder.iterdir()} == {"sheet.yaml", "output"}
