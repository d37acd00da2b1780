"""The table of scalar functions that may be applied to each entry: a new one is a new row.

A row gives the function twice, to SymPy for its derivative and to NumPy for its values, because the two check each
other. The NumPy form must be analytic where the function is smooth (no `abs` of a complex number): differentials are
found numerically by a step in the imaginary direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Function:
    """A scalar function: its name in text, its forms, where it is defined, and how it is typeset."""

    name: str
    symbolic: Callable[[Any, Any], Any]
    numeric: Callable[[Any, Any], Any]
    latex: str
    derivative: str
    """f′(t) in the language of expressions, in the form that people write."""
    domain: Callable[[Any, Any], Any] | None = None
    """Where the function is smooth, of a real array; None where it is so everywhere."""
    condition: str = ""
    """The same in words, of the argument's entries."""
    inverse: str = ""
    """f⁻¹(t) in the language of expressions, where the function is one to one on its domain."""
    values: str = ""
    """Which numbers are values, in words; empty where all are."""
    grows: bool = True
    """Of a function that is one to one: it increases."""


EDGE = 1e-9
"""Nearer than this to the edge of a domain, rounding decides on which side a number is."""

FUNCTIONS: dict[str, Function] = {
    row.name: row
    for row in (
        Function(
            "exp", lambda sp, t: sp.exp(t), lambda np, t: np.exp(t), r"\exp", "exp(t)",
            inverse="log(t)", values="positive",
        ),
        Function(
            "log", lambda sp, t: sp.log(t), lambda np, t: np.log(t), r"\log", "t^-1",
            domain=lambda np, t: t > EDGE, condition="positive",
            inverse="exp(t)",
        ),
        Function(
            "sqrt", lambda sp, t: sp.sqrt(t), lambda np, t: np.sqrt(t), r"\sqrt", "1/2*t^(-1/2)",
            domain=lambda np, t: t > EDGE, condition="positive",
            inverse="t^2", values="positive",
        ),
        Function("sin", lambda sp, t: sp.sin(t), lambda np, t: np.sin(t), r"\sin", "cos(t)"),
        Function("cos", lambda sp, t: sp.cos(t), lambda np, t: np.cos(t), r"\cos", "-sin(t)"),
        Function(
            "tan", lambda sp, t: sp.tan(t), lambda np, t: np.tan(t), r"\tan", "1 + tan(t)^2",
            domain=lambda np, t: abs(np.cos(t)) > 1e-3, condition="not an odd multiple of π/2",
        ),
        Function(
            "arcsin", lambda sp, t: sp.asin(t), lambda np, t: np.arcsin(t), r"\arcsin", "(1 - t^2)^(-1/2)",
            domain=lambda np, t: abs(t) < 1 - EDGE, condition="between −1 and 1",
            inverse="sin(t)", values="between −π/2 and π/2",
        ),
        Function(
            "arccos", lambda sp, t: sp.acos(t), lambda np, t: np.arccos(t), r"\arccos", "-(1 - t^2)^(-1/2)",
            domain=lambda np, t: abs(t) < 1 - EDGE, condition="between −1 and 1",
            inverse="cos(t)", values="between 0 and π", grows=False,
        ),
        Function(
            "arctan", lambda sp, t: sp.atan(t), lambda np, t: np.arctan(t), r"\arctan", "(1 + t^2)^-1",
            inverse="tan(t)", values="between −π/2 and π/2",
        ),
        Function(
            "sinh", lambda sp, t: sp.sinh(t), lambda np, t: np.sinh(t), r"\sinh", "cosh(t)",
            inverse="log(t + sqrt(t^2 + 1))",
        ),
        Function("cosh", lambda sp, t: sp.cosh(t), lambda np, t: np.cosh(t), r"\cosh", "sinh(t)"),
        Function(
            "tanh", lambda sp, t: sp.tanh(t), lambda np, t: np.tanh(t), r"\tanh", "1 - tanh(t)^2",
            inverse="1/2*log((1 + t)/(1 - t))", values="between −1 and 1",
        ),
        Function(
            "cot", lambda sp, t: sp.cot(t), lambda np, t: 1 / np.tan(t), r"\cot", "-1 - cot(t)^2",
            domain=lambda np, t: abs(np.sin(t)) > 1e-3, condition="not a multiple of π",
        ),
        Function(
            "arcsinh", lambda sp, t: sp.asinh(t), lambda np, t: np.arcsinh(t), r"\operatorname{arcsinh}",
            "(1 + t^2)^(-1/2)", inverse="sinh(t)",
        ),
        Function(
            "arctanh", lambda sp, t: sp.atanh(t), lambda np, t: np.arctanh(t), r"\operatorname{arctanh}",
            "(1 - t^2)^-1", domain=lambda np, t: abs(t) < 1 - EDGE, condition="between −1 and 1",
            inverse="tanh(t)",
        ),
        Function(
            "abs", lambda sp, t: sp.Abs(t), lambda np, t: np.where(t.real < 0, -t, t), r"\operatorname{abs}",
            "sign(t)", domain=lambda np, t: abs(t) > EDGE, condition="not zero",
        ),
        Function(
            "sign", lambda sp, t: sp.sign(t), lambda np, t: np.sign(t.real) + 0 * t, r"\operatorname{sign}",
            "0", domain=lambda np, t: abs(t) > EDGE, condition="not zero",
        ),
        Function(
            "relu", lambda sp, t: sp.Max(0, t), lambda np, t: np.where(t.real > 0, t, 0 * t), r"\operatorname{relu}",
            "relu(sign(t))", domain=lambda np, t: abs(t) > EDGE, condition="not zero",
        ),
        Function(
            "sigmoid", lambda sp, t: 1 / (1 + sp.exp(-t)), lambda np, t: 1 / (1 + np.exp(-t)), r"\sigma",
            "(1 - sigmoid(t))*sigmoid(t)",
            inverse="log(t/(1 - t))", values="between 0 and 1",
        ),
    )
}  # fmt: skip
"""Every elementwise function, by its name in plain text."""

MATRIX_FUNCTIONS: tuple[str, ...] = ("expm", "logm", "sinm", "cosm")
"""Power series of a square matrix, by their names in plain text."""

PROPERTIES: tuple[str, ...] = (
    "symmetric", "skew-symmetric", "positive definite", "diagonal", "orthogonal", "lower triangular", "invertible",
    "positive",
)  # fmt: skip
"""What a declaration may say of a symbol besides its shape."""

TOO_MUCH: dict[tuple[str, str], str] = {
    ("symmetric", "skew-symmetric"): "is zero",
    ("positive definite", "skew-symmetric"): "does not exist",
    ("diagonal", "skew-symmetric"): "is zero",
    ("lower triangular", "skew-symmetric"): "is zero",
    ("orthogonal", "skew-symmetric"): "exists in even dimensions only",
    ("symmetric", "lower triangular"): "is diagonal",
    ("positive definite", "lower triangular"): "is diagonal",
    ("orthogonal", "lower triangular"): "has ±1 on its diagonal and zeros elsewhere",
    ("orthogonal", "diagonal"): "has ±1 on its diagonal and zeros elsewhere",
    ("orthogonal", "positive definite"): "is the identity",
}
"""Pairs of properties that hardly a matrix has, and what is to be said of one that has both."""

GREEK_LETTERS: dict[str, str] = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωϕϵΓΔΘΛΞΠΣΥΦΨΩ",
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
            "phi",
            "epsilon",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Upsilon",
            "Phi",
            "Psi",
            "Omega",
        ],
        strict=True,
    )
)
"""Names by their Greek letters."""

GREEK: frozenset[str] = frozenset(GREEK_LETTERS.values()) - {"pi"}
"""Names that are typeset as Greek letters; pi is a number."""


def spelled_out(name: str) -> str:
    """A name as plain text has it: Greek letters spelled out, no braces."""
    return name.translate(_SPELLED_OUT)


_SPELLED_OUT = str.maketrans({**GREEK_LETTERS, "{": "", "}": ""})
