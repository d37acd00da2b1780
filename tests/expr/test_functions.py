"""The table of elementwise functions: what a row claims is true, and a row is all that a new function takes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from generator.expr.evaluate.numeric import SPECIAL
from generator.expr.functions import FUNCTIONS, Function

STEPS = np.linspace(-6.05, 6.05, 2001)
"""Numbers of both signs, none of them zero or a multiple of π/2."""


def inside(row: Function) -> np.ndarray:
    """The numbers at which a function is smooth."""
    return STEPS if row.domain is None else STEPS[np.asarray(row.domain.contains(np, STEPS))]


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_what_a_row_claims_is_true(row: Function) -> None:
    t = inside(row)
    values = row.numeric(SPECIAL, t)
    assert row.range is None or np.all(row.range.contains(np, values))
    assert row.sign != "positive" or np.all(values > 0)
    assert row.sign != "nonnegative" or np.all(values >= 0)
    slope, rises = np.diff(values), {"increasing": 1, "decreasing": -1}
    assert not row.monotone or np.all(slope * rises[row.monotone] > (-1e-12 if not row.inverse else 0))
    bends = {"convex": 1, "concave": -1}
    assert not row.curvature or np.all(np.diff(slope / np.diff(t)) * bends[row.curvature] > -1e-9)


NEW_ROWS = r"""
from generator.expr.functions import FUNCTIONS, Function
FUNCTIONS["sech"] = Function(
    "sech", lambda sp, t: sp.sech(t), lambda np, t: 1 / np.cosh(t), r"\operatorname{sech}", "hyperbolic secant",
    "-sech(t)*tanh(t)", sign="positive",
)
FUNCTIONS["softexp"] = Function(
    "softexp", lambda sp, t: sp.log(1 + sp.exp(t)), lambda np, t: np.log(1 + np.exp(t)), r"\operatorname{softexp}",
    "soft exponential", "sigmoid(t)", inverse="log(exp(t) - 1)", monotone="increasing", sign="positive",
    curvature="convex",
)
from generator import solve
from generator.expr.printing.latex import latex
from generator.expr.parsing.parse import read
found = solve("sum(sech(A*x))", "x")
print(found.result, "|", latex(read("sech(x)", {"x": "n"}).expr), "|", found.verified.lines == len(found.lines))
print(solve("sum(log(sech(x)))", "x").conditions)
print(solve(r"\operatorname{sech}(c)", "c", find="hessian").result)
found = solve("sum(softexp(x)) - b'*x", "x", find="stationary")
print(found.result, "|", len(found.remarks))
"""


def test_a_new_function_is_one_row() -> None:
    done = subprocess.run([sys.executable, "-c", NEW_ROWS], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        r"-A'*(sech(A*x).*tanh(A*x)) | \operatorname{sech}(x) | True",
        "()",
        "tanh(c)^2*sech(c) + sech(c)*(tanh(c)^2 - 1)",
        "log(b./(vector(1) - b)) | 1",
    ]
