"""The table of scalar functions that may be applied to each entry: a new one is a new row, and nothing else.

A row gives the function twice, to SymPy for its derivative and to NumPy (with SciPy) for its values, because the two
check each other. The NumPy form must be analytic where the function is smooth (no `abs` of a complex number):
differentials are found numerically by a step in the imaginary direction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Any, Literal

from generator.expr.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable


EDGE = 1e-9
"""Nearer than this to the edge of a domain, rounding decides on which side a number is."""
NEAR_A_POLE = 1e-3
"""Smaller values of a sine or a cosine are taken for zero."""


@dataclass(frozen=True)
class NumberSet:
    """A set of real numbers: which entries of an array are in it, and how a condition asks for it."""

    contains: Callable[[Any, Any], Any]
    """Of a module of functions (NumPy or math) and numbers: which of them are in the set, by a margin."""
    scalar: Message
    """`{part}` is in the set."""
    entries: Message
    """Every entry of `{part}` is in the set."""


POSITIVE = NumberSet(
    lambda np, t: t > EDGE,
    Message("positive", "{part} is positive"),
    Message("positive-entries", "every entry of {part} is positive"),
)
NONZERO = NumberSet(
    lambda np, t: abs(t) > EDGE,
    Message("nonzero", "{part} is not zero"),
    Message("nonzero-entries", "no entry of {part} is zero"),
)
UP_TO_ONE = NumberSet(
    lambda np, t: abs(t) < 1 - EDGE,
    Message("up-to-one", "{part} is between −1 and 1"),
    Message("up-to-one-entries", "every entry of {part} is between −1 and 1"),
)
PROBABILITY = NumberSet(
    lambda np, t: (t > EDGE) & (t < 1 - EDGE),
    Message("probability", "{part} is between 0 and 1"),
    Message("probability-entries", "every entry of {part} is between 0 and 1"),
)
HALF_TURN = NumberSet(
    lambda np, t: abs(t) < pi / 2 - EDGE,
    Message("half-turn", "{part} is between −π/2 and π/2"),
    Message("half-turn-entries", "every entry of {part} is between −π/2 and π/2"),
)
NOT_ONE_IN_SIZE = NumberSet(
    lambda np, t: abs(abs(t) - 1) > EDGE,
    Message("not-one-in-size", "{part} is neither 1 nor −1"),
    Message("not-one-in-size-entries", "no entry of {part} is 1 or −1"),
)
POSITIVE_HALF_TURN = NumberSet(
    lambda np, t: (t > EDGE) & (t < pi - EDGE),
    Message("positive-half-turn", "{part} is between 0 and π"),
    Message("positive-half-turn-entries", "every entry of {part} is between 0 and π"),
)
NO_POLE_OF_TAN = NumberSet(
    lambda np, t: abs(np.cos(t)) > NEAR_A_POLE,
    Message("no-pole-of-tan", "{part} is not an odd multiple of π/2"),
    Message("no-pole-of-tan-entries", "no entry of {part} is an odd multiple of π/2"),
)
NO_POLE_OF_COT = NumberSet(
    lambda np, t: abs(np.sin(t)) > NEAR_A_POLE,
    Message("no-pole-of-cot", "{part} is not a multiple of π"),
    Message("no-pole-of-cot-entries", "no entry of {part} is a multiple of π"),
)


@dataclass(frozen=True)
class Function:
    """A scalar function: its name in text, its forms, how it is typeset, and what is known of it."""

    name: str
    symbolic: Callable[[Any, Any], Any]
    numeric: Callable[[Any, Any], Any]
    latex: str
    spoken: str
    """Its name in words."""
    derivative: str
    """f′(t) in the language of expressions, in the form that people write."""
    domain: NumberSet | None = None
    """Where the function is smooth; None where it is so everywhere."""
    slope_domain: NumberSet | None = None
    """Where the derivative is smooth; None where it is so on the whole domain."""
    range: NumberSet | None = None
    """Its values on the domain; None where all numbers are, or where nobody needs to know."""
    inverse: str = ""
    """f⁻¹(t) in the language of expressions, where the function is one to one on its domain."""
    monotone: Literal["increasing", "decreasing", ""] = ""
    """What it does all over its domain; one to one functions must say it."""
    sign: Literal["positive", "nonnegative", ""] = ""
    """What all its values are known to be."""
    curvature: Literal["convex", "concave", ""] = ""
    """What it is all over its domain, which then is an interval, or everywhere."""
    continuous: bool = False
    """It is defined and continuous everywhere, and zero outside of its domain, where it is not smooth."""
    definition: str | Message = ""
    """f(t) in the language of expressions, or a sentence about `{value}`, which is f of `{argument}`; empty where the
    name says it all."""

    def __post_init__(self) -> None:
        if self.inverse and not self.monotone:
            raise ValueError(f"{self.name} has an inverse, so it increases or decreases")

    @property
    def is_letter(self) -> bool:
        """It is typeset as a Greek letter, which could be a factor where parentheses are left out."""
        return self.latex.removeprefix("\\") in GREEK


def any_function(name: str) -> Function:
    """A smooth function of which nothing else is known, or a derivative of it, with as many primes behind its name.

    Its numbers are those of sin(t + c) + exp(t/3), c by its name, whose derivatives differ in all orders.
    """
    letter = name.rstrip("'")
    order, shift = len(name) - len(letter), sum(map(ord, letter)) % 7

    def symbolic(sp: Any, t: Any) -> Any:
        return sp.sin(t + shift + order * sp.pi / 2) + sp.exp(t / 3) / 3**order

    def numeric(np: Any, t: Any) -> Any:
        return np.sin(t + shift + order * pi / 2) + np.exp(t / 3) / 3**order

    spoken = " ".join([letter, *["prime"] * order])
    return Function(name, symbolic, numeric, f"\\{letter}" if letter in GREEK else letter, spoken, f"{name}'(t)",
                    definition=ANY_FUNCTION)  # fmt: skip


ANY_FUNCTION = Message("defined-any-function", " Here {value} is any smooth function.")
OF_ENTRIES = "elementwise"
"""The property of a symbol that is declared as a function of each entry."""


class _Functions(dict[str, Function]):
    """The table, which has a row for every other name, too: those of functions that an author declares."""

    def __missing__(self, name: str) -> Function:
        return any_function(name)


FUNCTIONS: dict[str, Function] = _Functions({
    row.name: row
    for row in (
        Function(
            "exp", lambda sp, t: sp.exp(t), lambda np, t: np.exp(t), r"\exp", "exponential", "exp(t)",
            range=POSITIVE, inverse="log(t)", monotone="increasing", sign="positive", curvature="convex",
        ),
        Function(
            "log", lambda sp, t: sp.log(t), lambda np, t: np.log(t), r"\log", "log", "t^-1",
            domain=POSITIVE,
            inverse="exp(t)", monotone="increasing", curvature="concave",
        ),
        Function(
            "sqrt", lambda sp, t: sp.sqrt(t), lambda np, t: np.sqrt(t), r"\sqrt", "square root", "1/2*t^(-1/2)",
            domain=POSITIVE,
            range=POSITIVE, inverse="t^2", monotone="increasing", sign="nonnegative", curvature="concave",
        ),
        Function("sin", lambda sp, t: sp.sin(t), lambda np, t: np.sin(t), r"\sin", "sine", "cos(t)"),
        Function("cos", lambda sp, t: sp.cos(t), lambda np, t: np.cos(t), r"\cos", "cosine", "-sin(t)"),
        Function(
            "tan", lambda sp, t: sp.tan(t), lambda np, t: np.tan(t), r"\tan", "tangent", "1 + tan(t)^2",
            domain=NO_POLE_OF_TAN,
        ),
        Function(
            "arcsin", lambda sp, t: sp.asin(t), lambda np, t: np.arcsin(t), r"\arcsin", "arc sine", "(1 - t^2)^(-1/2)",
            domain=UP_TO_ONE,
            range=HALF_TURN, inverse="sin(t)", monotone="increasing",
        ),
        Function(
            "arccos", lambda sp, t: sp.acos(t), lambda np, t: np.arccos(t), r"\arccos",
            "arc cosine", "-(1 - t^2)^(-1/2)",
            domain=UP_TO_ONE,
            range=POSITIVE_HALF_TURN, inverse="cos(t)", monotone="decreasing",
        ),
        Function(
            "arctan", lambda sp, t: sp.atan(t), lambda np, t: np.arctan(t), r"\arctan", "arc tangent", "(1 + t^2)^-1",
            range=HALF_TURN, inverse="tan(t)", monotone="increasing",
        ),
        Function(
            "sinh", lambda sp, t: sp.sinh(t), lambda np, t: np.sinh(t), r"\sinh", "hyperbolic sine", "cosh(t)",
            inverse="log(t + sqrt(t^2 + 1))", monotone="increasing",
        ),
        Function(
            "cosh", lambda sp, t: sp.cosh(t), lambda np, t: np.cosh(t), r"\cosh", "hyperbolic cosine", "sinh(t)",
            sign="positive", curvature="convex",
        ),
        Function(
            "tanh", lambda sp, t: sp.tanh(t), lambda np, t: np.tanh(t), r"\tanh", "hyperbolic tangent", "1 - tanh(t)^2",
            range=UP_TO_ONE, inverse="1/2*log((1 + t)/(1 - t))", monotone="increasing",
        ),
        Function(
            "cot", lambda sp, t: sp.cot(t), lambda np, t: 1 / np.tan(t), r"\cot", "cotangent", "-1 - cot(t)^2",
            domain=NO_POLE_OF_COT,
        ),
        Function(
            "arcsinh", lambda sp, t: sp.asinh(t), lambda np, t: np.arcsinh(t), r"\operatorname{arcsinh}",
            "inverse hyperbolic sine",
            "(1 + t^2)^(-1/2)", inverse="sinh(t)", monotone="increasing",
        ),
        Function(
            "arctanh", lambda sp, t: sp.atanh(t), lambda np, t: np.arctanh(t), r"\operatorname{arctanh}",
            "inverse hyperbolic tangent",
            "(1 - t^2)^-1", domain=UP_TO_ONE,
            inverse="tanh(t)", monotone="increasing",
        ),
        Function(
            "abs", lambda sp, t: sp.Abs(t), lambda np, t: np.where(t.real < 0, -t, t), r"\operatorname{abs}",
            "absolute value",
            "sign(t)", domain=NONZERO, sign="nonnegative", curvature="convex", continuous=True,
        ),
        Function(
            "sign", lambda sp, t: sp.sign(t), lambda np, t: np.sign(t.real) + 0 * t, r"\operatorname{sign}", "sign",
            "0", domain=NONZERO,
        ),
        Function(
            "relu", lambda sp, t: sp.Max(0, t), lambda np, t: np.where(t.real > 0, t, 0 * t), r"\operatorname{relu}",
            "relu",
            "relu(sign(t))", domain=NONZERO,
            monotone="increasing", sign="nonnegative", curvature="convex", continuous=True,
            definition=Message("defined-relu", " Here {value} is {argument} where this is positive, and 0 elsewhere."),
        ),
        Function(
            "sigmoid", lambda sp, t: 1 / (1 + sp.exp(-t)), lambda np, t: 1 / (1 + np.exp(-t)), r"\sigma", "sigmoid",
            "(1 - sigmoid(t))*sigmoid(t)",
            range=PROBABILITY, inverse="log(t/(1 - t))", monotone="increasing", sign="positive",
            definition="1/(1 + exp(-t))",
        ),
        Function(
            "softplus", lambda sp, t: sp.log(1 + sp.exp(t)), lambda np, t: np.log(1 + np.exp(t)),
            r"\operatorname{softplus}", "softplus", "sigmoid(t)",
            range=POSITIVE, inverse="log(exp(t) - 1)", monotone="increasing", sign="positive", curvature="convex",
            definition="log(1 + exp(t))",
        ),
        Function(
            "erf", lambda sp, t: sp.erf(t), lambda np, t: np.erf(t), r"\operatorname{erf}",
            "error function", "2*pi^(-1/2)*exp(-t^2)", monotone="increasing",
            definition=Message("defined-erf", " Here {value} is the error function."),
        ),
        Function(
            "normcdf", lambda sp, t: (1 + sp.erf(t / sp.sqrt(2))) / 2, lambda np, t: np.ndtr(t), r"\Phi",
            "normal distribution function", "normpdf(t)",
            monotone="increasing", sign="positive",
            definition=Message(
                "defined-normcdf", " Here {value} is the distribution function of the standard normal distribution."
            ),
        ),
        Function(
            "normpdf", lambda sp, t: sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi),
            lambda np, t: np.exp(-(t**2) / 2) / np.sqrt(2 * pi), r"\operatorname{normpdf}", "normal density",
            "-t*normpdf(t)",
            sign="positive", definition="(2*pi)^(-1/2)*exp(-t^2/2)",
        ),
        Function(
            "gelu", lambda sp, t: t * (1 + sp.erf(t / sp.sqrt(2))) / 2, lambda np, t: t * np.ndtr(t),
            r"\operatorname{gelu}", "gelu", "normcdf(t) + t*normpdf(t)", definition="t*normcdf(t)",
        ),
        Function(
            "huber", lambda sp, t: sp.Piecewise((t**2 / 2, sp.Abs(t) < 1), (sp.Abs(t) - sp.Rational(1, 2), True)),
            lambda np, t: np.where(abs(t.real) < 1, t * t / 2, np.where(t.real < 0, -t, t) - 1 / 2),
            r"\operatorname{huber}", "huber", "clip(t)", slope_domain=NOT_ONE_IN_SIZE,
            sign="nonnegative", curvature="convex",
            definition=Message(
                "defined-huber",
                " Here {value} is half the square of {argument} where that is between −1 and 1, and the absolute value"
                " less one half elsewhere.",
            ),
        ),
        Function(
            "clip", lambda sp, t: sp.Min(1, sp.Max(-1, t)),
            lambda np, t: np.where(abs(t.real) < 1, t, np.sign(t.real) + 0 * t), r"\operatorname{clip}", "clip",
            "relu(sign(1 - abs(t)))", domain=NOT_ONE_IN_SIZE, monotone="increasing",
            definition=Message(
                "defined-clip", " Here {value} is {argument}, but 1 where this is more, and −1 where it is less."
            ),
        ),
    )
})  # fmt: skip
"""Every elementwise function, by its name in plain text."""

MATRIX_FUNCTIONS: tuple[str, ...] = ("expm", "logm", "sinm", "cosm", "sqrtm")
"""Power series of a square matrix, with the principal logarithm and square root, by their names in plain text."""

PROPERTIES: tuple[str, ...] = (
    "symmetric", "skew-symmetric", "positive definite", "diagonal", "orthogonal", "lower triangular", "invertible",
    "positive", "sums to one", "rows sum to one", "one-hot rows", "one-hot",
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


ACCENTS = frozenset(("hat", "bar", "tilde", "dot", "ddot", "check", "breve"))
"""Indices that are typeset as accents: x_hat."""


def spelled_out(name: str) -> str:
    """A name as plain text has it: Greek letters spelled out, what is below as an index, no braces, `_tplus1`."""
    return _SHIFT.sub(_shift, _BELOW.sub(r"_\g<0>", name)).translate(_SPELLED_OUT)


def _shift(found: re.Match[str]) -> str:
    return f"{'plus' if found[1] == '+' else 'minus'}{found[2]}"


_BELOW = re.compile("[₀-₉ᵢⱼₖₗₘₙₚₛₜ]+")
_SHIFT = re.compile(r"(?<=\w)\s*([-+−])\s*(\d)(?=\}|$)")
_SPELLED_OUT = str.maketrans(
    {**GREEK_LETTERS, **dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚₛₜ", "0123456789ijklmnpst", strict=True)), "{": "", "}": ""}
)
