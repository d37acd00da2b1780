"""Random functions against automatic differentiation, which shares nothing with the rules nor with their own check.

The evaluator here is written from the meaning of the nodes, over the NumPy of `autograd`; series of matrices are
summed, adjugates are made of minors, random matrices are drawn anew.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, get_args

import autograd.numpy as np
import pytest
import scipy.special
from autograd import jacobian
from autograd.extend import Box, defvjp, primitive
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator import Unsupported
from generator.expr.evaluate.numeric import Point, UndefinedError, evaluate, relative_error
from generator.expr.nodes import (
    SCALAR,
    Adjugate,
    BlockMatrix,
    Commutation,
    CrossMatrix,
    Curve,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    Entry,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    IndexSum,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Member,
    Members,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Shape,
    Softmax,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    Zero,
    add,
    index,
    index_sum,
    substitute,
)
from generator.expr.parsing.parse import declare
from generator.expr.printing.plain import plain
from generator.solver.conventions import Convention, Conventions, Layout
from generator.solver.derivation import Derivation
from generator.solver.solve import derive
from tests.support.expressions import SHAPES, SYMBOLS, M, N, expressions, textbook, with_blocks

Array = Any
TOLERANCE = 1e-6
LARGEST = 1e4
"""An intermediate value beyond this leaves too few digits to compare."""


erf = primitive(scipy.special.erf)
defvjp(erf, lambda _, t: lambda g: g * 2 / np.sqrt(np.pi) * np.exp(-t * t))  # autograd's own would load all of SciPy


class OutsideError(ArithmeticError):
    """Here the function has no value or no derivative, or none that could be compared."""


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    **{name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan")},
    **{name: getattr(np, name) for name in ("arcsinh", "arctanh")},
    **{name: getattr(np, name) for name in ("sinh", "cosh", "tanh", "abs", "sign")},
    "relu": lambda t: t * (t > 0),
    "sigmoid": lambda t: (1 + np.tanh(t / 2)) / 2,
    "cot": lambda t: np.cos(t) / np.sin(t),
    "softplus": lambda t: np.log1p(np.exp(t)),
    "erf": erf,
    "normcdf": lambda t: (1 + erf(t / np.sqrt(2))) / 2,
    "normpdf": lambda t: np.exp(-t * t / 2) / np.sqrt(2 * np.pi),
    "gelu": lambda t: t * (1 + erf(t / np.sqrt(2))) / 2,
    "huber": lambda t: (np.abs(t) <= 1) * t**2 / 2 + (np.abs(t) > 1) * (np.abs(t) - 0.5),
    "clip": lambda t: (np.abs(t) <= 1) * t + (np.abs(t) > 1) * np.sign(t),
}
DOMAINS: dict[str, Callable[[Array], Array]] = {
    **dict.fromkeys(("log", "sqrt"), lambda t: t > 1e-3),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), lambda t: np.abs(t) < 0.99),
    "cot": lambda t: np.abs(np.sin(t)) > 0.05,
    **dict.fromkeys(("abs", "sign", "relu"), lambda t: np.abs(t) > 1e-6),
    **dict.fromkeys(("huber", "clip"), lambda t: (np.abs(np.abs(t) - 1) > 1e-6) & (np.abs(t) > 1e-6)),
    "tan": lambda t: np.abs(np.cos(t)) > 0.05,
}


@dataclass(frozen=True)
class Place:
    """Numbers for symbols, dimensions, and the differentials of symbols."""

    values: dict[str, Array]
    dims: dict[str, int]
    steps: dict[str, Array] = field(default_factory=dict)
    indices: dict[Symbol, int] = field(default_factory=dict)
    """The values of indices, counted from 0; those of a family lie along the first axis of its array."""

    def counted(self, index: Symbol) -> int:
        assert index.total is not None
        return self.size(index.total)

    def size(self, dim: Dim) -> int:
        return sum(reduce(lambda total, name: total * self.dims[name], names, times) for names, times in dim.terms)

    def sizes(self, shape: Shape) -> tuple[int, int]:
        return self.size(shape[0]), self.size(shape[1])


def plain_number(value: Array) -> Array:
    """The numbers inside what autograd follows."""
    while isinstance(value, Box):
        value = value._value
    return value


def checked(value: Array) -> Array:
    now = plain_number(value)
    if not np.all(np.isfinite(now)) or np.max(np.abs(now)) > LARGEST:
        raise OutsideError
    return value


def solvable(value: Array) -> Array:
    if np.linalg.cond(plain_number(value)) > LARGEST:
        raise OutsideError
    return value


def value(e: Expr, at: Place) -> Array:
    """The value of an expression as an array of two axes, which autograd can follow."""
    return checked(_value(e, at))


def _value(e: Expr, at: Place) -> Array:  # noqa: C901, PLR0915 - one branch per node
    match e:
        case Number(exact):
            return np.full((1, 1), float(exact))
        case Pi():
            return np.full((1, 1), np.pi)
        case Matrix(rows):
            return np.array(rows, dtype=float)
        case Symbol(name):
            return at.values[name]
        case Differential(Symbol(name)):
            return at.steps[name]
        case Identity(n):
            return np.eye(at.size(n))
        case Zero(shape):
            return np.zeros(at.sizes(shape))
        case Ones(shape):
            return np.ones(at.sizes(shape))
        case Sum(terms):
            return reduce(np.add, [value(term, at) for term in terms])
        case Product(factors):
            return reduce(np.dot, [value(factor, at) for factor in factors])
        case Hadamard(factors):
            return reduce(np.multiply, [value(factor, at) for factor in factors])
        case Scale(coefficient, body):
            return value(coefficient, at) * value(body, at)  # 1 × 1 is broadcast
        case Power(base, Number(exponent)) if not base.is_scalar:
            return reduce(np.dot, [value(base, at)] * int(exponent))
        case Power(base, exponent) | HadamardPower(base, exponent):
            return power(value(base, at), value(exponent, at))
        case Transpose(arg):
            return np.transpose(value(arg, at))
        case Inverse(arg):
            return np.linalg.inv(solvable(value(arg, at)))
        case PseudoInverse(arg):
            A = value(arg, at)
            solvable(np.dot(A.T, A) if A.shape[0] >= A.shape[1] else np.dot(A, A.T))
            return np.linalg.pinv(A)
        case Adjugate(arg):
            return adjugate(value(arg, at))
        case Trace(arg):
            return np.reshape(np.trace(value(arg, at)), (1, 1))
        case Determinant(arg):
            return np.reshape(np.linalg.det(solvable(value(arg, at))), (1, 1))
        case EntrySum(arg):
            return np.reshape(np.sum(value(arg, at)), (1, 1))
        case Norm("1", arg):
            return np.reshape(np.sum(np.abs(inside("abs", value(arg, at)))), (1, 1))
        case Norm(_, arg):
            return np.reshape(np.sqrt(inside("sqrt", np.sum(value(arg, at) ** 2))), (1, 1))
        case Diag(arg):
            return np.diag(value(arg, at)[:, 0])
        case CrossMatrix(arg):
            x = value(arg, at)[:, 0]
            zero = 0 * x[0]
            return np.array([[zero, -x[2], x[1]], [x[2], zero, -x[0]], [-x[1], x[0], zero]])
        case Diagonal(arg):
            return np.reshape(np.diag(value(arg, at)), (-1, 1))
        case Vec(arg):
            return np.reshape(np.transpose(value(arg, at)), (-1, 1))
        case Unvec(arg, n, m):
            return np.transpose(np.reshape(value(arg, at), (at.size(m), at.size(n))))
        case Commutation(n, m):
            units = [
                (np.eye(at.size(n))[[i]], np.eye(at.size(m))[[j]]) for i in range(at.size(n)) for j in range(at.size(m))
            ]
            return sum(np.kron(a.T @ b, b.T @ a) for a, b in units)
        case Kronecker(left, right):
            return np.kron(value(left, at), value(right, at))
        case MatrixFunction(name, arg):
            return SERIES[name](value(arg, at))
        case Elementwise(name, arg):
            return (
                FUNCTIONS[name](inside(name, value(arg, at)))
                if name in FUNCTIONS
                else any_function(name, value(arg, at))
            )
        case Softmax(arg):
            powers = np.exp(value(arg, at))
            return powers / np.sum(powers, axis=0, keepdims=True)
        case Curve(symbol, argument, order):
            A, t = at.values[symbol.name], value(argument, at)
            rows, columns = (1 + np.arange(side) % 5 / 3 for side in A.shape)
            other = A * rows[:, None] * columns
            return np.exp(t / 2) * A / 2**order + (-0.75) ** order * np.exp(-3 * t / 4) * other
        case Spectral(name, arg):
            return extreme(name, value(arg, at))
        case IndexSum(index, body):
            places = (Place(at.values, at.dims, at.steps, {**at.indices, index: k}) for k in range(at.counted(index)))
            return reduce(np.add, [value(body, place) for place in places])
        case Member(family, Symbol() as index):
            return at.values[family.name][at.indices[index]]
        case BlockMatrix():
            lines = [np.concatenate([value(block, at) for block in line], axis=1) for line in e.lines]
            return np.concatenate(lines, axis=0)
        case Differential() | Member() | Members() | Entry():
            raise AssertionError(f"{plain(e)} is not worked out")


def extreme(name: str, A: Array) -> Array:
    """An extreme eigenvalue of a symmetric matrix, the largest singular value, or a unit vector for one."""
    if name in ("norm_spec", "left_singular", "right_singular"):
        u, s, v = np.linalg.svd(A, full_matrices=False)
        simple = plain_number(s)
        found = {"norm_spec": s[0], "left_singular": u[:, [0]], "right_singular": v[[0]].T}[name]
    else:
        values, vectors = np.linalg.eigh((A + A.T) / 2)
        at, simple = (-1, plain_number(values)[::-1]) if name.endswith("max") else (0, plain_number(values))
        found = vectors[:, [at]] if name.startswith("eigvec") else values[at]
    if len(simple) > 1 and abs(simple[0] - simple[1]) < 0.05 * (1 + abs(simple[0])):
        raise OutsideError
    return np.reshape(found, (1, 1)) if name in ("norm_spec", "lambda_max", "lambda_min") else found


def any_function(name: str, t: Array) -> Array:
    """A function that stands for any, or one of its derivatives; the numbers are those that `evaluate` takes."""
    letter, order = name.rstrip("'"), name.count("'")
    shift = sum(map(ord, letter)) % 7
    wave = (np.sin, np.cos, lambda s: -np.sin(s), lambda s: -np.cos(s))[order % 4]
    return wave(t + shift) + np.exp(t / 3) / 3**order


def inside(name: str, t: Array) -> Array:
    """An argument that the function is smooth at."""
    if name in DOMAINS and not np.all(DOMAINS[name](plain_number(t))):
        raise OutsideError
    return t


def power(base: Array, exponent: Array) -> Array:
    plain_base, plain_exponent = plain_number(base), plain_number(exponent)[0, 0]
    if isinstance(exponent, Box) or exponent.size > 1 or plain_exponent != round(plain_exponent):
        return np.exp(exponent * np.log(inside("log", base)))
    if plain_exponent >= 0:
        return reduce(np.multiply, [base] * int(plain_exponent), np.ones(plain_base.shape))
    return 1 / power(inside("abs", base), -exponent)


def adjugate(A: Array) -> Array:
    """The transposed matrix of cofactors."""
    n = len(A)
    if n == 1:
        return np.ones((1, 1)) + 0 * A
    rest = [np.array([k for k in range(n) if k != i]) for i in range(n)]
    return np.array([[(-1) ** (i + j) * np.linalg.det(A[rest[j]][:, rest[i]]) for j in range(n)] for i in range(n)])


def expm(A: Array) -> Array:
    halvings = 6
    term = total = np.eye(len(A))
    for k in range(1, 16):
        term = np.dot(term, A) / (k * 2**halvings)
        total = total + term
    return reduce(lambda E, _: np.dot(E, E), range(halvings), total)


def alternating(A: Array, term: Array, first: int) -> Array:
    """The series whose terms are `term`, and each after it the one before times −A²/(k (k + 1)) from k = first."""
    if np.linalg.norm(plain_number(A)) > 6:
        raise OutsideError
    total = term
    for k in range(first, first + 50, 2):
        term = -np.dot(term, np.dot(A, A)) / (k * (k + 1))
        total = total + term
    return total


def sqrtm(A: Array) -> Array:
    """The principal square root (Denman and Beavers 1976)."""
    if np.any(np.real(np.linalg.eigvals(plain_number(A))) < 0.05):
        raise OutsideError
    Y, Z = A, np.eye(len(A))
    for _ in range(12):
        Y, Z = (Y + np.linalg.inv(Z)) / 2, (Z + np.linalg.inv(Y)) / 2
    return Y


def logm(A: Array) -> Array:
    """By square roots until the series of the inverse hyperbolic tangent is short."""
    one, roots = np.eye(len(A)), 6
    for _ in range(roots):
        A = sqrtm(A)
    if np.linalg.norm(plain_number(A) - one) > 0.3:
        raise OutsideError
    t = np.dot(A - one, np.linalg.inv(A + one))
    term, total = t, t
    for k in range(3, 21, 2):
        term = np.dot(term, np.dot(t, t))
        total = total + term / k
    return 2 ** (roots + 1) * total


SERIES: dict[str, Callable[[Array], Array]] = {
    "expm": expm,
    "logm": logm,
    "sqrtm": sqrtm,
    "sinm": lambda A: alternating(A, A, 2),
    "cosm": lambda A: alternating(A, np.eye(len(A)), 1),
}


def structured(G: Array, properties: frozenset[str]) -> Array:
    """The orthogonal projection of a matrix onto those with a structure, and what else is declared, by force."""
    G = G if properties.isdisjoint({"symmetric", "positive definite"}) else (G + G.T) / 2
    G = G if "skew-symmetric" not in properties else (G - G.T) / 2
    G = G if "lower triangular" not in properties else np.tril(G)
    return G if "diagonal" not in properties else G * np.eye(len(G))


def drawn(shape: tuple[int, int], properties: frozenset[str], rng: Array) -> Array:
    if "one-hot rows" in properties:
        return drawn(shape[::-1], frozenset({"one-hot"}), rng).T
    if "rows sum to one" in properties:
        return drawn(shape[::-1], frozenset({"sums to one"}), rng).T
    if "one-hot" in properties:
        return np.eye(shape[0])[:, rng.integers(shape[0], size=shape[1])]
    if "sums to one" in properties:
        return rng.dirichlet(np.ones(shape[0]), shape[1]).T
    if "positive" in properties:
        return rng.uniform(0.2, 2.0, shape)
    G = rng.normal(size=shape)
    if "positive definite" in properties:
        return G @ np.diag(rng.uniform(0.2, 0.6, shape[0])) @ G.T + 0.3 * np.eye(shape[0])
    if "orthogonal" in properties:
        return np.linalg.qr(G)[0]
    if "invertible" in properties:
        G = G + 2 * np.sign(rng.normal()) * np.eye(shape[0])
    return structured(G, properties)


def place(symbols: dict[str, Symbol], wrt: Symbol, seed: int) -> Place:
    rng = np.random.default_rng((541, seed))
    at = Place({}, {"n": (3, 2)[seed % 2], "m": (2, 3)[seed % 2], "k": 2})
    shrink = (1.0, 1.0, 0.5, 0.5, 0.2, 0.2)[seed % 6]
    for s in symbols.values():
        free = s.properties <= {"positive", "symmetric"}
        members = 1 if s.total is None else at.size(s.total)
        values = [drawn(at.sizes(s.shape), s.properties, rng) * (shrink if free else 1.0) for _ in range(members)]
        at.values[s.name] = values[0] if s.total is None else np.array(values)
    at.steps[wrt.name] = structured(rng.normal(size=at.sizes(wrt.shape)), wrt.properties)
    return at


def derivatives(function: Expr, wrt: Symbol, at: Place, order: int) -> Array:
    """The array of derivatives: first the axes of the function, then those of the variable for each order."""

    def f(X: Array) -> Array:
        return value(function, Place({**at.values, wrt.name: X}, at.dims))

    for _ in range(order):
        f = jacobian(f)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input")
        return f(at.values[wrt.name])


def expected(d: Derivation, at: Place) -> Array:
    """What the result of a derivation has to be at a place."""
    J = derivatives(d.function, d.wrt, at, 2 if d.find == "hessian" else 1)
    rows, columns = J.shape[:2]
    p, q = J.shape[2:4]
    if d.find == "hessian":
        return np.reshape(np.transpose(J[0, 0], (1, 0, 3, 2)), (p * q, p * q))
    if d.find == "differential":
        return np.tensordot(J, at.steps[d.wrt.name], 2)
    if (rows, columns) == (1, 1):
        G = J[0, 0]
        if d.convention == "projection":
            G = structured(G, d.wrt.properties)
        if d.convention == "independent entries":
            G = by_independent_entries(G, d.wrt.properties)
        return G.T if d.conventions.layout == "numerator" else G
    if (p, q) == (1, 1):
        return J[:, :, 0, 0].T if d.conventions.layout == "denominator" and 1 in (rows, columns) else J[:, :, 0, 0]
    J = np.reshape(np.transpose(J, (1, 0, 3, 2)), (rows * columns, p * q))
    return J.T if d.conventions.layout == "denominator" else J


def by_independent_entries(G: Array, properties: frozenset[str]) -> Array:
    """Each entry moves by one, and those that the structure ties to it with it."""
    result = np.zeros(G.shape)
    for i, j in np.ndindex(*G.shape):
        step = np.zeros(G.shape)
        step[i, j] = 1.0
        step = structured(step, properties)
        if step[i, j]:
            result[i, j] = np.sum(G * step) / step[i, j]
    return result


def written_out(d: Derivation) -> Expr:
    """The answer as it is shown, without its own names and those that the derivation defined."""
    result = d.result if d.named is None else d.named.answer
    for names in ({} if d.named is None else d.named.definitions, d.definitions):
        for symbol, definition in reversed(names.items()):
            result = substitute(result, {symbol: definition})
    return result


def errors(d: Derivation, seeds: range, enough: int) -> list[float]:
    """The relative errors of a result at places where it can be compared."""
    found: list[float] = []
    for seed in seeds:
        at = place(d.symbols, d.wrt, seed)
        try:
            value(d.function, at)
            right = checked(expected(d, at))
            mine = value(written_out(d), at)
        except (OutsideError, np.linalg.LinAlgError):
            continue
        same = right.shape == mine.shape
        found.append(float(np.max(np.abs(right - mine)) / (1 + np.max(np.abs(right)))) if same else np.inf)
        if len(found) == enough:
            break
    return found


@dataclass(frozen=True)
class Case:
    function: Expr
    wrt: Symbol
    find: str
    conventions: Conventions

    @property
    def symbols(self) -> dict[str, Symbol]:
        return {s.name: s for s in sorted(self.function.symbols, key=lambda s: s.name)}

    def __str__(self) -> str:
        return f"{plain(self.function)} by {self.wrt.name}: {self.find}, {self.conventions}"


@st.composite
def cases(draw: st.DrawFn, find: str) -> Case:
    """A function, any of its symbols as the variable, what to find, and the conventions to keep to."""
    shape = SCALAR if find in ("hessian", "stationary") or draw(st.booleans()) else draw(st.sampled_from(SHAPES))
    depth = draw(st.sampled_from([1, 2] if find == "hessian" else [2, 3]))
    kinds = st.sampled_from([textbook, textbook, expressions])
    function = draw(kinds.flatmap(lambda kind: kind(shape, depth)).filter(lambda e: e.symbols))
    wrt = draw(st.sampled_from(sorted(function.symbols, key=lambda s: s.name)))
    layout = draw(st.sampled_from(get_args(Layout)))
    gradient = find == "derivative" and function.is_scalar
    convention = draw(st.sampled_from([None, *get_args(Convention)])) if gradient else None
    return Case(function, wrt, find, Conventions(convention, layout))


@st.composite
def sums_over_data(draw: st.DrawFn, find: str) -> Case:
    """A sum over the members of families, which stand where some constants of a random function stood."""
    body = draw(textbook(SCALAR, 1 if find == "hessian" else 2).filter(lambda e: len(e.symbols) > 1))
    symbols = sorted(body.symbols, key=lambda s: s.name)
    wrt = draw(st.sampled_from(symbols))
    families = draw(st.sets(st.sampled_from([s for s in symbols if s != wrt]), min_size=1))
    total = Dim.of("k")
    i = index("i", total)
    members: dict[Expr, Expr] = {s: Member(Symbol(f"{s.name}_", s.shape, s.properties, total), i) for s in families}
    function = index_sum(i, substitute(body, members))
    if draw(st.booleans()):
        function = add(function, draw(textbook(SCALAR, 1)))
    return Case(function, wrt, find, Conventions())


@st.composite
def along_curves(draw: st.DrawFn, find: str) -> Case:
    """A random function in which some symbols depend on a scalar, by that scalar."""
    shape = SCALAR if find == "hessian" or draw(st.booleans()) else draw(st.sampled_from(SHAPES))
    body = draw(textbook(shape, 1 if find == "hessian" else 2).filter(lambda e: e.symbols))
    t = declare("t", "scalar")
    symbols = sorted((s for s in body.symbols if "orthogonal" not in s.properties), key=lambda s: s.name)
    assume(symbols)
    chosen = draw(st.sets(st.sampled_from(symbols), min_size=1))
    curves: dict[Expr, Expr] = {
        s: Curve(replace(s, properties=s.properties | {"of t"}), t, draw(st.sampled_from([0, 0, 1]))) for s in chosen
    }
    return Case(substitute(body, curves), t, find, Conventions())


@st.composite
def of_blocks(draw: st.DrawFn, find: str) -> Case:
    """A random function of block matrices, by any of its symbols."""
    shape = SCALAR if find == "hessian" or draw(st.booleans()) else draw(st.sampled_from([(N, Dim()), (N, M)]))
    function = draw(with_blocks(shape, 0 if find == "hessian" else 1).filter(lambda e: e.symbols))
    return Case(function, draw(st.sampled_from(sorted(function.symbols, key=lambda s: s.name))), find, Conventions())


def outcome(case: Case) -> str:
    """Solved, refused, or solved but nowhere to be compared; a result that is wrong fails."""
    try:
        derivation = derive(case.function, case.wrt, case.symbols, case.find, conventions=case.conventions)
    except Unsupported:
        return "refused"
    found = errors(derivation, range(60), 3)
    assert all(error < TOLERANCE for error in found), f"{case} = {plain(derivation.result)}, errors {found}"
    return "solved" if found else "incomparable"


@pytest.mark.parametrize(("find", "examples", "share"), [
    ("derivative", 170, 0.75),
    ("hessian", 70, 0.75),
    ("differential", 40, 0.75),
])  # fmt: skip
def test_what_is_solved_is_what_automatic_differentiation_finds(find: str, examples: int, share: float) -> None:
    """Most of it is solved, too: a solver that refuses everything is never wrong."""
    counts: Counter[str] = Counter()

    @settings(max_examples=max(examples, settings().max_examples))
    @given(cases(find))
    def check(case: Case) -> None:
        counts[outcome(case)] += 1

    check()
    assert counts["solved"] > share * counts.total(), counts


@pytest.mark.parametrize(("find", "examples"), [("derivative", 20), ("hessian", 8)])
def test_sums_over_data_are_what_automatic_differentiation_finds(find: str, examples: int) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=examples)
    @given(sums_over_data(find))
    def check(case: Case) -> None:
        counts[outcome(case)] += 1

    check()
    assert counts["solved"] > 0.6 * counts.total(), counts


@pytest.mark.parametrize(("find", "examples"), [("derivative", 30), ("hessian", 10)])
def test_derivatives_along_curves_are_what_automatic_differentiation_finds(find: str, examples: int) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=examples)
    @given(along_curves(find))
    def check(case: Case) -> None:
        counts[outcome(case)] += 1

    check()
    assert counts["solved"] > 0.6 * counts.total(), counts


@pytest.mark.parametrize(("find", "examples"), [("derivative", 40), ("hessian", 10)])
def test_derivatives_of_block_matrices_are_what_automatic_differentiation_finds(find: str, examples: int) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=examples)
    @given(of_blocks(find))
    def check(case: Case) -> None:
        counts[outcome(case)] += 1

    check()
    assert counts["solved"] > 0.6 * counts.total(), counts


@given(st.sampled_from(SHAPES).flatmap(lambda shape: st.one_of(expressions(shape), textbook(shape))))
def test_two_evaluators_that_share_nothing_agree(e: Expr) -> None:
    symbols = {s.name: s for s in e.symbols}
    for seed in range(12):
        at = place(symbols, SYMBOLS["x"], seed)
        try:
            mine = value(e, at)
            other = evaluate(e, Point(at.values, at.dims))
        except (OutsideError, UndefinedError, np.linalg.LinAlgError):
            continue
        assert relative_error(other, mine) < TOLERANCE, plain(e)
