"""The matrix before vec(dX), for every kind of product that dX may stand in, and the commutation matrix."""

from __future__ import annotations

import numpy as np
import pytest

from generator.errors import ShapeError
from generator.expr.evaluate.numeric import Point, evaluate
from generator.expr.nodes import Commutation, Dim, Symbol, Unvec, Vec, d
from generator.expr.parsing.parse import declare, read
from generator.expr.printing.latex import latex
from generator.expr.printing.plain import plain
from generator.expr.properties import transpose_of
from generator.expr.shapes import check
from generator.rules.vectorization import matrix_before, row_before

SIZES = {"n": 2, "m": 3, "p": 4, "q": 5}
DECLARED = {
    "A": "p x n", "B": "m x q", "C": "n x m", "D": "m x p", "E": "p x q", "a": "n", "b": "m", "c": "scalar",
    "X": "n x m", "x": "n", "r": "1 x m",
}  # fmt: skip
SYMBOLS = {name: declare(name, said) for name, said in DECLARED.items()}

LINEAR = [
    ("dX", "eye"),
    ("dX'", None),
    ("A*dX*B", "kron(B', A)"),
    ("A*dX", "kron(eye(m), A)"),
    ("dX*B", "kron(B', eye(n))"),
    ("dX'*a", "kron(eye(m), a')"),
    ("a'*dX", "kron(eye(m), a')"),
    ("D'*dX'", None),
    ("c*(dX + 2*dX)", None),
    ("c*D*A*dX + C'*C*dX'*C", None),
    ("C.*dX", "diag(vec(C))"),
    ("(a*b').*(C*dX'*C)", None),
    ("tr(C'*dX)*D", "vec(D)*vec(C)'"),
    ("c*sum(dX)*C", "c*(vec(C)*vector(1)')"),
    ("(a'*dX*b)*a", "a*kron(b', a')"),
    ("kron(dX, E)", None),
    ("kron(E, dX)", None),
    ("kron(dX, a)", "kron(eye(m), kron(eye(n), a))"),
    ("kron(a, dX)", None),
    ("kron(r, dX)", "kron(kron(r', eye(m)), eye(n))"),
    ("kron(dX, r)", None),
    ("kron(dx, E)", None),
    ("kron(E, dx)", "kron(vec(E), eye(n))"),
    ("kron(dx, x)", "kron(eye(n), x)"),
    ("dx*x'", "kron(x, eye(n))"),
    ("x*dx'", "kron(eye(n), x)"),
    ("vec(A*dX)", "kron(eye(m), A)"),
    ("kron(E, C*dX'*C)*kron(E', C')", None),
]


@pytest.mark.parametrize(("text", "form"), LINEAR)
def test_the_matrix_before_vec(text: str, form: str | None) -> None:
    rng = np.random.default_rng(0)
    term = read(text, known=SYMBOLS, differentials=True).expr
    point = Point({}, SIZES)
    values = {s.name: rng.standard_normal(point.array_shape(s.shape)) for s in SYMBOLS.values()}
    steps = {name: rng.standard_normal(values[name].shape) for name in ("X", "x")}
    at = Point(values, SIZES, steps)
    wrt: Symbol = SYMBOLS["X" if "dX" in text else "x"]
    found = matrix_before(term, d(wrt))
    assert found is not None
    assert np.allclose(evaluate(found, at) @ evaluate(Vec(d(wrt)), at), evaluate(Vec(term), at))
    if form:
        assert found == read(form, known=SYMBOLS, shape=found.shape).expr


def test_what_is_not_linear_yet_is_left_to_the_rules() -> None:
    dX = d(SYMBOLS["X"])
    for text in ("diag(dx)", "dX*dX'", "dX.*dX", "dX + C", "sum(C.*dX)*C", "sum(dX*B)*C"):
        wrt = d(SYMBOLS["x"]) if "dx" in text else dX
        assert matrix_before(read(text, known=SYMBOLS, differentials=True).expr, wrt) is None, text
    assert row_before(read("tr(dX*D*A)", known=SYMBOLS, differentials=True).expr, dX) is None


def test_the_commutation_matrix() -> None:
    n, m = Dim.of("n"), Dim.of("m")
    K, at = Commutation(n, m), Point({"C": np.arange(6.0).reshape(2, 3)}, SIZES)
    turned = evaluate(Vec(SYMBOLS["C"].T), at)
    assert np.array_equal(evaluate(K @ Vec(SYMBOLS["C"]), at), turned)
    assert np.array_equal(evaluate(read(plain(K), known=SYMBOLS).expr @ Vec(SYMBOLS["C"]), at), turned)
    assert np.array_equal(evaluate(transpose_of(K) @ K, at), np.eye(6))
    assert latex(K) == "K_{n,m}"


def test_vec_undone() -> None:
    n, m = Dim.of("n"), Dim.of("m")
    C, at = SYMBOLS["C"], Point({"C": np.arange(6.0).reshape(2, 3)}, SIZES)
    e = Unvec(Vec(C), n, m)
    assert np.array_equal(evaluate(e, at), at.values["C"])
    assert np.array_equal(evaluate(read(plain(e), known=SYMBOLS).expr, at), at.values["C"])
    assert latex(e) == r"\operatorname{vec}^{-1}_{n \times m}\bigl( \operatorname{vec}(C) \bigr)"
    with pytest.raises(ShapeError, match=r"vec\(C\) has m\*n rows and its matrix n entries; vec undone"):
        check(Unvec(Vec(C), n, Dim.of(1)))
