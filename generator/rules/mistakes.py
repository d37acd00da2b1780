"""THE table of mistakes: false rules that students believe, each with the reason why it tempts and what is right.

A false rule goes by the name of the true one whose place it takes: its name in the table of rules, or `identify`,
`transpose` or `projection` where the answer is read off. It applies where that was applied, and claims its reason.
"""

from __future__ import annotations

import copyreg
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from generator.expr.derivatives import derivative
from generator.expr.messages import PLACEHOLDER, Message, Sentence
from generator.expr.nodes import (
    ONE,
    Determinant,
    Diag,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Kronecker,
    MatrixFunction,
    Norm,
    Number,
    Ones,
    Power,
    Product,
    Softmax,
    Sum,
    Symbol,
    Transpose,
    Zero,
    add,
    d,
    hadamard,
    number,
    product,
    scale,
    substitute,
    tr,
    walk,
)
from generator.expr.parsing.parse import declare
from generator.expr.printing.plain import plain
from generator.expr.properties import is_symmetric
from generator.rules import laws
from generator.rules.identities import BY_NAME, PRODUCT_RULE
from generator.rules.predicates import (
    all_of,
    depends_on_variable,
    has_differential,
    has_no_differential,
    is_no_column,
)
from generator.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.rules.rule import Context, Match, Predicate


IDENTITY = Message("equation", "{left} = {right}")


@dataclass(frozen=True)
class Mistake:
    """A false identity that students believe, why it tempts, and what is right."""

    name: str
    tempts: str
    feedback: str
    """What to say to whoever believes it; `{d-product}` stands for the rule of that name."""
    rules: tuple[Rule, ...]
    """The false rules, each by the name of the true one whose place it takes."""
    leads_on: bool = True
    """A derivation can go on from it; False where the differential has no place that a gradient can be read off."""

    @property
    def tempting(self) -> Sentence:
        """Why it tempts."""
        return self.messages[0]()

    @property
    def correction(self) -> Sentence:
        """The feedback with the true rules that it names written out."""
        named = [found[1] for found in PLACEHOLDER.finditer(self.feedback)]
        equations = {name: IDENTITY(left=BY_NAME[name].left, right=BY_NAME[name].right) for name in named}
        return self.messages[1].filled(equations)

    @property
    def messages(self) -> tuple[Message, Message]:
        """Why it tempts, and the feedback."""
        return Message(f"{self.name}-tempts", self.tempts), Message(f"{self.name}-corrected", self.feedback)

    @property
    def identity(self) -> str:
        """The false identity, as text."""
        return f"{plain(self.rules[0].left)} = {plain(self.rules[0].right)}"


def instead(
    name: str,
    right: Expr,
    left: Expr | None = None,
    where: Predicate | None = None,
    law: Callable[[Expr, Context], Expr | None] | None = None,
    because: str | Message | None = None,
) -> Rule:
    """The rule of a name with a false right side; with a left side of its own it asks for nothing but `where`."""
    true = BY_NAME[name]
    own = left is not None
    return replace(
        true,
        left=left if left is not None else true.left,
        right=right,
        where=where if own or where is not None else true.where,
        constant=() if own else true.constant,
        law=law,
        because=true.because if because is None else because,
        about=true.about if because is None else "",
        role=true.role if because is None else "mistake",
        title=None,
        proof=(),
        topic="mistake",
    )


def at_reading(name: str, left: Expr, right: Expr, where: Predicate | None = None) -> Rule:
    """A false rule for what is read off, applied to it as a whole."""
    return Rule(name, left, right, where=where, topic="mistake", role="mistake")


def is_variable(name: str) -> Predicate:
    """It is the variable itself."""
    return lambda match, context: match[name] == context.wrt


def constant(name: str) -> Predicate:
    """It does not depend on the variable."""
    return lambda match, context: context.is_constant(match[name])


def once(name: str) -> Predicate:
    """It is a product in which the variable stands once."""

    def holds(match: Match, context: Context) -> bool:
        e = match[name]
        return e.kinds <= {Symbol, Transpose, Product} and sum(part == context.wrt for part in walk(e)) == 1

    return holds


def negative(match: Match, context: Context) -> bool:
    """The scalar c is a negative number."""
    del context
    e = match["c"]
    return isinstance(e, Number) and e.value < 0


def not_a_sign(match: Match, context: Context) -> bool:
    """The scalar c is no number, as 1/2 or -1 are."""
    del context
    return not isinstance(match["c"], Number)


def whole_power(match: Match, context: Context) -> bool:
    """The exponent k is one that a matrix can have."""
    del context
    e = match["k"]
    return isinstance(e, Number) and e.value.denominator == 1 and e.value > 1


def not_negative(match: Match, context: Context) -> bool:
    """The scalar c is anything else."""
    return not negative(match, context)


# What the false rules do where a pattern cannot say it: a function by any name, a symbol that is no product.


def _function(e: Expr) -> tuple[str, Expr] | None:
    """The name and the argument in d f(A)."""
    return (e.arg.name, e.arg.arg) if isinstance(e, Differential) and isinstance(e.arg, Elementwise) else None


def outer_kept(e: Expr, context: Context) -> Expr | None:
    """d f(A) = f(A) ∘ dA."""
    del context
    found = _function(e)
    return hadamard(Elementwise(*found), d(found[1])) if found else None


def outer_lost(e: Expr, context: Context) -> Expr | None:
    """d f(a) = da."""
    del context
    found = _function(e)
    return d(found[1]) if found else None


def inner_lost(e: Expr, context: Context) -> Expr | None:
    """d f(U) = f′(U) ∘ dX for a U of the variable's shape."""
    found = _function(e)
    if not found or found[1] == context.wrt or found[1].shape != context.wrt.shape:
        return None

    return hadamard(derivative(*found), d(context.wrt))


def entrywise_as_product(e: Expr, context: Context) -> Expr | None:
    """d f(A) = f′(A) dA, multiplied as matrices."""
    del context
    found = _function(e)
    if not found or not found[1].is_square or found[1].is_scalar:
        return None

    return product(derivative(*found), d(found[1]))


def inner_power_lost(e: Expr, context: Context) -> Expr | None:
    """d(uᵖ) = p uᵖ⁻¹ dX for a u of the variable's shape, entry by entry."""
    if not isinstance(e, Differential) or not isinstance(e.arg, Power | HadamardPower):
        return None
    base, exponent = e.arg.base, e.arg.exponent
    if base == context.wrt or base.shape != context.wrt.shape or (isinstance(e.arg, Power) and not base.is_scalar):
        return None
    power = type(e.arg)(base, exponent - number(1))
    return scale(exponent, hadamard(power, d(context.wrt)))


def marks_dropped(e: Expr, context: Context) -> Expr | None:
    """(A B)′ = B′ A′, but a square constant that is not symmetric loses its mark."""
    if not isinstance(e, Transpose) or not isinstance(e.arg, Product):
        return None

    def turned(f: Expr) -> Expr:
        plain_constant = isinstance(f, Symbol) and f.is_square and context.is_constant(f) and not is_symmetric(f)
        return f if plain_constant else f.T

    result = product(*map(turned, reversed(e.arg.factors)))
    return result if result != product(*(f.T for f in reversed(e.arg.factors))) else None


def quotient(change: Callable[[Expr, Expr], Expr]) -> Callable[[Expr, Context], Expr | None]:
    """The quotient rule with something else made of its two terms."""

    def law(e: Expr, context: Context) -> Expr | None:
        true = laws.quotient(e, context)
        return change(*true.terms) if isinstance(true, Sum) and len(true.terms) == 2 else None

    return law


def not_squared(upper: Expr, lower: Expr) -> Expr:
    """dp/q - p/q dq."""
    squares = [part for part in walk(lower) if isinstance(part, Power) and part.exponent == number(-2)]
    return add(upper, substitute(lower, {squares[0]: Power(squares[0].base, number(-1))}))


# fmt: off
n, m, p = map(Dim.of, "nmp")
A, C = declare("A", "n x m"), declare("C", "n x m")
B, B2, Same = declare("B", "m x p"), declare("B", "n x m"), declare("B", "m x m")
Back, D2 = declare("B", "m x n"), declare("B", "n x p")
K, Q = declare("K", "p x q"), declare("Q", "p x p")
M, N, O = (declare(name, "n x n") for name in "ABC")
D, E = declare("D", "n x p"), declare("A", "m x n")
S = declare("S", "n x n symmetric")
x, y, z = (declare(name, "n") for name in "xyz")
r = declare("r", "1 x n")
row, column = declare("A", "1 x n"), declare("B", "n")
a, b, c, k = (declare(name, "scalar") for name in "abck")
one, two, half = number(1), number(2), number("1/2")
exp, log, sin, cos = (partial(Elementwise, name) for name in ("exp", "log", "sin", "cos"))
sinh, cosh, tanh = (partial(Elementwise, name) for name in ("sinh", "cosh", "tanh"))
expm, det = partial(MatrixFunction, "expm"), Determinant

MISTAKES: tuple[Mistake, ...] = (
    # the trace
    Mistake("tr-commutes",
            "The cyclic property is read as if the factors of a trace could stand in any order.",
            "The factors of a trace may be moved cyclically, {tr-cyclic}; two of three factors may not be swapped.",
            (instead("tr-cyclic", tr(M @ O @ N), tr(M @ N @ O), all_of(has_no_differential("A"),
            has_differential("B"), has_no_differential("C"))),)),
    Mistake("tr-of-product",
            "The trace of a sum is the sum of the traces, so the same is expected of products.",
            "The trace of a product is not the product of the traces: it stays one trace.",
            (instead("d-trace", d(tr(M) * tr(N)), d(tr(M @ N))),
             instead("d-trace-power", k * (tr(M ** (k - one)) * tr(d(M))), d(tr(M**k))),
             instead("tr-d-function", tr(expm(M)) * tr(d(M)), tr(d(expm(M)))),
             instead("d-log-det", tr(M.I) * tr(d(M))),
             instead("d-det", det(M) * tr(M.I) * tr(d(M))),
             instead("tr-diag", tr(M) * EntrySum(x)))),
    Mistake("trace-of-all-entries",
            "The trace is a sum of entries, and all entries are added.",
            "The trace adds only the entries on the diagonal.",
            (instead("d-trace", EntrySum(d(M)), where=is_no_column("A")),)),
    Mistake("power-of-trace",
            "A power of a trace and the trace of a power look alike.",
            "The square of a trace is a product of two numbers; the square in a trace is a product of two matrices.",
            (instead("d-power", d(tr(M**k)), d(tr(M) ** k), whole_power),)),
    Mistake("tr-kronecker-adds",
            "The trace of a Kronecker sum has two terms, and the product is taken for the sum.",
            "The trace of a Kronecker product is the product of the two traces.",
            (instead("d-trace", d(tr(M) + tr(Q)), d(tr(Kronecker(M, Q)))),)),
    Mistake("norm-without-root",
            "The squared norm is taken for the norm.",
            "The norm is a root, and squaring only removes that root: {norm-as-trace}.",
            (instead("norm-as-trace", tr(x.T @ x) ** 2), instead("frobenius-as-trace", tr(A.T @ A) ** 2))),
    Mistake("square-overlooked",
            "The exponent 2 is taken for the index 2, which only says which norm it is.",
            "The norm is squared here, which removes the root: {norm-as-trace}.",
            (instead("norm-as-trace", tr(x.T @ x) ** half),
             instead("frobenius-as-trace", tr(A.T @ A) ** half))),
    Mistake("norm-without-transpose",
            "For numbers the square of x is x times x, without a transpose.",
            "Without the transpose, entries are not multiplied by themselves: {frobenius-as-trace}.",
            (instead("frobenius-as-trace", tr(M @ M), Norm("2", M) ** 2, depends_on_variable("A")),)),
    Mistake("factor-2-forgotten",
            "The two terms of the product rule are equal, so only one of them is written.",
            "The two terms are transposes of each other and have the same value: together they are twice one of them.",
            (instead("tr-twins", tr(M)), instead("tr-sum-twins", tr(M)), instead("scalar-twins", a),
             instead("tr-symmetric-twins", tr(S @ M)), instead("tr-symmetric-twins-left", tr(M @ S)),
             instead("tr-symmetric-twins-between", tr(S @ M @ S)),
             instead("d-norm-squared", x.T @ d(x)), instead("d-frobenius-squared", tr(A.T @ d(A))))),
    # the transpose
    Mistake("transpose-keeps-order",
            "The transpose goes to each term of a sum, so it seems to go to each factor without changing their order.",
            "The transpose of a product reverses the factors: {transpose-product}.",
            (instead("transpose-product", M.T @ N.T, (M @ N).T),)),
    Mistake("transpose-first-term-only",
            "The transpose stands behind the bracket, and only one term gets it.",
            "The transpose of a sum goes to every term: {transpose-sum}.",
            (instead("transpose-sum", M.T + N, (M + N).T, BY_NAME["transpose-sum"].where),)),
    Mistake("transpose-of-d-forgotten",
            "d and the transpose swap, and the transpose is lost.",
            "The differential of a transpose is the transpose of the differential: {d-transpose}.",
            (instead("d-transpose", d(M), d(M.T)),)),
    Mistake("treated-as-symmetric",
            "The matrix of a quadratic form is mostly symmetric, and then it equals its transpose.",
            "A transpose may be left out only if the matrix is symmetric, which is not given here.",
            (instead("transpose-product", N.T @ M, (M @ N).T, law=marks_dropped),)),
    Mistake("answer-not-transposed",
            "What stands before the differential looks like the answer.",
            "What stands before the differential is the transpose of the gradient, so it has to be transposed.",
            (at_reading("transpose", M.T, M),)),
    # the product rule
    Mistake("second-term-forgotten",
            "The first factor is differentiated, and the second is taken for a constant.",
            "The product rule has a term for each factor that depends on the variable: {d-product}.",
            (instead("d-product", d(A) @ B), instead("d-scaled", d(c) * A),
             instead("d-hadamard", Hadamard((d(A), B2))), instead("d-matrix-power", d(M) @ M, d(M**2)),
             instead("d-kronecker", Kronecker(d(A), K)),
             instead("d-quotient", d(a) / c, law=quotient(lambda upper, lower: upper)))),
    Mistake("first-term-forgotten",
            "The second factor is differentiated, and the first is taken for a constant.",
            "The product rule has a term for each factor that depends on the variable: {d-product}.",
            (instead("d-product", A @ d(B)), instead("d-scaled", c * d(A)),
             instead("d-hadamard", Hadamard((A, d(B2)))), instead("d-kronecker", Kronecker(A, d(K))),
             instead("d-quotient", -((a / c**2) * d(c)), law=quotient(lambda upper, lower: lower)))),
    Mistake("product-rule-misprinted",
            "For numbers the order of the factors does not matter, and the second factor is copied once more.",
            "In the product rule each factor keeps its place: {d-product}.",
            (instead("d-product", d(M) @ N + N @ d(M), d(M @ N)),)),
    Mistake("product-rule-turned-round",
            "For numbers the order of the factors does not matter, so what is differentiated is written first.",
            "In the product rule each factor keeps its place: {d-product}.",
            (instead("d-product", d(M) @ N + d(N) @ M, d(M @ N)),
             instead("d-left-constant", d(N) @ M, d(M @ N), constant("A")),
             instead("d-right-constant", N @ d(M), d(M @ N), constant("B")))),
    Mistake("product-of-differentials",
            "The differential of a sum is the sum of the differentials, so the same is expected of products.",
            "The product of two differentials is of second order; each factor has a term of its own: {d-product}.",
            (instead("d-product", d(A) @ d(B)),), leads_on=False),
    Mistake("constant-differentiated",
            "Both terms of the product rule are written, whether or not their factors depend on the variable.",
            "A constant has the differential zero, so its term of the product rule vanishes.",
            (instead("d-left-constant", d(N) @ N + M @ d(N), d(M @ N), all_of(constant("A"), is_variable("B")),
                     because=PRODUCT_RULE),
             instead("d-right-constant", d(M) @ N + M @ d(M), d(M @ N), all_of(constant("B"), is_variable("A")),
                     because=PRODUCT_RULE),
             instead("d-left-constant", d(Back).T @ Back + A @ d(Back), d(A @ Back),
                     all_of(constant("A"), is_variable("B")), because=PRODUCT_RULE))),
    Mistake("linear-like-quadratic",
            "A quadratic form gives a term and its transpose, so both are written here, too.",
            "Where the variable stands once, the product rule leaves one term: {d-left-constant}.",
            (instead("d-left-constant", A @ d(Back) + d(Back).T @ A.T, d(A @ Back), all_of(constant("A"), once("B")),
                     because=PRODUCT_RULE),
             instead("d-right-constant", d(A) @ Back + Back.T @ d(A).T, d(A @ Back), all_of(constant("B"), once("A")),
                     because=PRODUCT_RULE))),
    Mistake("constant-matrix-lost",
            "A constant vanishes when it is differentiated, so a constant factor seems to vanish, too.",
            "A constant term vanishes, but a constant factor stays in its place: {d-left-constant}.",
            (instead("d-left-constant", d(D2), d(M @ D2), constant("A")),
             instead("d-right-constant", d(A), d(A @ Same), constant("B")),
             instead("d-left-constant", Ones((n, ONE)).T @ d(D2), d(row @ D2), constant("A")),
             instead("d-right-constant", d(E) @ Ones((n, ONE)), d(E @ column), constant("B")))),
    Mistake("constant-factor-vanishes",
            "The differential of a constant is zero, so the whole product seems to vanish.",
            "A constant term vanishes, but a constant factor stays: {d-left-constant}.",
            (instead("d-left-constant", Zero((n, p))), instead("d-right-constant", Zero((n, p))),
             instead("d-constant-factor", Zero((n, m)), where=not_a_sign))),
    Mistake("constant-term-dropped",
            "Constants vanish when a function is differentiated, so the constant in the sum is left out everywhere.",
            "A constant vanishes from the differential of a sum, but not from the sum itself.",
            (at_reading("definition", A + C, A, all_of(depends_on_variable("A"), constant("C"))),)),
    # inverses
    Mistake("inverse-like-number",
            "For numbers the inverse is squared, and the same is written for matrices.",
            "The differential stands between the two inverses and does not commute with them: {d-inverse}.",
            (instead("d-inverse", -(M.I @ M.I @ d(M))),)),
    Mistake("inverse-sign-lost",
            "The two inverses are remembered, but not the sign.",
            "The inverse shrinks where the matrix grows, so there is a minus sign: {d-inverse}.",
            (instead("d-inverse", M.I @ d(M) @ M.I),)),
    Mistake("inverse-one-factor",
            "Only one of the two inverses is remembered.",
            "There is an inverse on each side of the differential: {d-inverse}.",
            (instead("d-inverse", -(M.I @ d(M))),)),
    Mistake("inverse-of-differential",
            "d swaps with the trace and the transpose, so it seems to swap with the inverse, too.",
            "The inverse is not linear and does not swap with d: {d-inverse}.",
            (instead("d-inverse", d(M).I),), leads_on=False),
    Mistake("inverse-of-sum",
            "The transpose goes to each term of a sum, so the inverse seems to go to each term, too.",
            "The inverse of a sum is not the sum of the inverses, even for numbers: 1/(1 + 1) is not 1/1 + 1/1.",
            (instead("d-inverse", d(M.I) + d(N.I), d((M + N).I)),)),
    # determinants
    Mistake("log-det-like-log",
            "The determinant is put into the denominator as for numbers, and the trace of the differential above it.",
            "Jacobi’s formula has the inverse inside the trace: {d-log-det}.",
            (instead("d-log-det", tr(d(M)) / det(M)),)),
    Mistake("log-det-keeps-det",
            "Jacobi’s formula for the determinant is taken for that of its logarithm.",
            "The logarithm divides by the determinant, which cancels: {d-log-det}.",
            (instead("d-log-det", det(M) * tr(M.I @ d(M))),)),
    Mistake("det-lost",
            "Jacobi’s formula for the logarithm of a determinant is taken for that of the determinant.",
            "Jacobi’s formula begins with the determinant: {d-det}.",
            (instead("d-det", tr(M.I @ d(M))),)),
    Mistake("det-without-inverse",
            "The trace in Jacobi’s formula is remembered, but not the inverse.",
            "Jacobi’s formula has the inverse inside the trace: {d-det}.",
            (instead("d-det", det(M) * tr(M @ d(M))), instead("d-log-det", tr(M @ d(M))))),
    Mistake("gradient-for-differential",
            "The gradient is remembered, with its transpose, and put into the differential as it is.",
            "The differential has the transpose of the gradient, which is the inverse itself: {d-log-det}.",
            (instead("d-log-det", tr(M.I.T @ d(M))), instead("d-det", det(M) * tr(M.I.T @ d(M))))),
    # norms
    Mistake("norm-like-its-square",
            "Most norms are squared, and the differential of the square is written out of habit.",
            "Without the square the norm is a root: {d-norm}.",
            (instead("d-norm", two * (x.T @ d(x))), instead("d-frobenius", two * tr(A.T @ d(A))))),
    Mistake("norm-half-forgotten",
            "The root is differentiated to one over the root, without the half.",
            "The half of the root cancels the 2 of the square: {d-norm}.",
            (instead("d-norm", two * (x.T @ d(x)) / Norm("2", x)),
             instead("d-frobenius", two * tr(A.T @ d(A)) / Norm("2", A)))),
    Mistake("norm-not-divided",
            "The 2 of the square cancels with that of the root, and the norm below is forgotten.",
            "The root leaves the norm below: {d-norm}.",
            (instead("d-norm", x.T @ d(x)), instead("d-frobenius", tr(A.T @ d(A))))),
    Mistake("absolute-value-ignored",
            "Where an entry is positive its absolute value changes nothing.",
            "The derivative of an absolute value is the sign, which is −1 for negative entries.",
            (instead("d-norm1", EntrySum(d(A))),)),
    Mistake("absolute-value-kept",
            "The sign of an entry is confused with its absolute value.",
            "The derivative of an absolute value is the sign, 1 or −1, not the size of the entry.",
            (instead("d-norm1", EntrySum(Hadamard((Elementwise("abs", A), d(A))))),)),
    Mistake("norm-1-like-norm-2",
            "The 1-norm is differentiated as if it were the 2-norm.",
            "The 1-norm adds absolute values, and their derivatives are signs; there is no root in it.",
            (instead("d-norm1", EntrySum(Hadamard((A, d(A)))) / Norm("2", A)),)),
    # the chain rule
    Mistake("inner-derivative-forgotten",
            "Only the outer function is differentiated.",
            "The chain rule multiplies by the differential of what is inside.",
            (instead("d-elementwise", Hadamard((Elementwise("f'", M @ x), d(x))), d(Elementwise("f", M @ x)),
                     law=inner_lost),
             instead("d-power", (k * (b * a) ** (k - one)) * d(a), d((b * a) ** k), law=inner_power_lost),
             instead("d-hadamard-power", c * Hadamard((HadamardPower(M @ x, c - one), d(x))),
                     d(HadamardPower(M @ x, c)), law=inner_power_lost))),
    Mistake("outer-function-kept",
            "The exponential function is its own derivative, and the others are treated like it.",
            "The chain rule begins with the derivative of the outer function.",
            (instead("d-elementwise", Hadamard((Elementwise("f", A), d(A))), law=outer_kept),)),
    Mistake("outer-derivative-forgotten",
            "Only what is inside is differentiated.",
            "The chain rule begins with the derivative of the outer function.",
            (instead("d-elementwise", d(A), law=outer_lost),)),
    Mistake("exponential-like-power",
            "The exponent of a power comes down in front, and here there is an exponent, too.",
            "In a power the base varies, but here the exponent does: the exponential function is its own derivative.",
            (instead("d-elementwise", Hadamard((A, exp(A), d(A))), d(exp(A))),
             instead("d-elementwise", (a * exp(a)) * d(a), d(exp(a))),
             instead("tr-d-function", tr(M @ expm(M) @ d(M)), tr(d(expm(M)))))),
    Mistake("exponential-for-logarithm",
            "The exponential function and the logarithm belong together, and their derivatives are interchanged.",
            "The exponential function is its own derivative, and that of the logarithm is one over what is inside.",
            (instead("d-elementwise", Hadamard((HadamardPower(A, -one), d(A))), d(exp(A))),
             instead("d-elementwise", Hadamard((exp(A), d(A))), d(log(A))),
             instead("d-elementwise", d(a) / a, d(exp(a))),
             instead("d-elementwise", exp(a) * d(a), d(log(a))))),
    Mistake("hyperbolic-like-circular",
            "The hyperbolic functions are named after the circular ones, whose derivatives have other signs.",
            "The derivative of the hyperbolic tangent is one minus its square, and that of the cosine has no minus.",
            (instead("d-elementwise", Hadamard((Ones((n, m)) + HadamardPower(tanh(A), two), d(A))), d(tanh(A))),
             instead("d-elementwise", -Hadamard((sinh(A), d(A))), d(cosh(A))),
             instead("d-elementwise", (one + tanh(a) ** 2) * d(a), d(tanh(a))),
             instead("d-elementwise", -(sinh(a) * d(a)), d(cosh(a))))),
    Mistake("logarithm-of-sum",
            "The logarithm turns products into sums, so it seems to go to each term of a sum.",
            "The logarithm of a sum is not the sum of the logarithms.",
            (instead("d-elementwise", d(EntrySum(log(A))), d(log(EntrySum(A)))),
             instead("d-elementwise", d(log(a)) + d(log(b)), d(log(a + b))))),
    Mistake("sine-sign",
            "One of the derivatives of sine and cosine has a minus sign, and the wrong one gets it.",
            "The derivative of the sine is the cosine; that of the cosine is minus the sine.",
            (instead("d-elementwise", -Hadamard((cos(A), d(A))), d(sin(A))),
             instead("d-elementwise", Hadamard((sin(A), d(A))), d(cos(A))),
             instead("d-elementwise", -(cos(a) * d(a)), d(sin(a))),
             instead("d-elementwise", sin(a) * d(a), d(cos(a))))),
    Mistake("series-entrywise",
            "The exponential function of a matrix is written like that of its entries.",
            "expm is a power series in the matrix; it does not act on each entry.",
            (instead("tr-d-function", tr(exp(M) @ d(M)), tr(d(expm(M)))),)),
    # entrywise products
    Mistake("entrywise-as-product",
            "A dot between two matrices looks like a product of matrices.",
            "The entrywise product multiplies corresponding entries; it is not the product of matrices.",
            (instead("d-elementwise", Elementwise("f'", M) @ d(M), d(Elementwise("f", M)), law=entrywise_as_product),
             instead("d-hadamard", d(M) @ N + M @ d(N), d(Hadamard((M, N)))),
             instead("d-hadamard-constant", M @ d(N), d(Hadamard((M, N))), constant("A")))),
    Mistake("entrywise-factor-lost",
            "The factor moves to the other side and is lost there.",
            "An entrywise factor may change sides under a trace or in an inner product, but it does not vanish.",
            (instead("tr-hadamard", tr(Symbol("B", (m, n)) @ C)), instead("inner-hadamard", r @ z),
             instead("hadamard-diag", y))),
    Mistake("diag-out-of-order",
            "It seems not to matter whether entries are scaled before or after the product.",
            "A diagonal matrix takes the place of the entrywise factor, and commutes with no other: {hadamard-diag}.",
            (instead("hadamard-diag", M @ Diag(x) @ y, Hadamard((x, M @ y)), all_of(has_no_differential("x"),
            has_differential("y"))),)),
    # powers and quotients
    Mistake("power-not-lowered",
            "The exponent comes down in front, but is not lowered.",
            "The power rule lowers the exponent by one: {d-power}.",
            (instead("d-power", (c * a**c) * d(a), where=not_negative),
             instead("d-hadamard-power", c * Hadamard((HadamardPower(A, c), d(A))), where=not_negative),
             instead("d-trace-power", k * tr(M**k @ d(M)), d(tr(M**k))))),
    Mistake("exponent-forgotten",
            "The exponent is lowered by one, but not put in front.",
            "The power rule puts the exponent in front: {d-power}.",
            (instead("d-power", a ** (c - one) * d(a), where=not_negative),
             instead("d-hadamard-power", Hadamard((HadamardPower(A, c - one), d(A))), where=not_negative),
             instead("d-trace-power", tr(M ** (k - one) @ d(M)), d(tr(M**k))))),
    Mistake("matrix-power-like-number",
            "For numbers the exponent comes down in front, and the same is written for matrices.",
            "A matrix and its differential do not commute: {d-matrix-power}.",
            (instead("d-matrix-power", k * (M ** (k - one) @ d(M)), d(M**k)),)),
    Mistake("quotient-sign-lost",
            "The product rule has a plus, and so has the quotient rule written from memory.",
            "The quotient shrinks where its denominator grows, so there is a minus sign: {d-quotient}.",
            (instead("d-quotient", d(a) / c + (a / c**2) * d(c), law=quotient(lambda upper, lower: upper - lower)),
             instead("d-power", a**-2 * d(a), d(a**-1)),
             instead("d-power", -((c * a ** (c - one)) * d(a)), where=negative),
             instead("d-hadamard-power", -(c * Hadamard((HadamardPower(A, c - one), d(A)))), where=negative))),
    Mistake("quotient-turned-round",
            "The two terms of the numerator look alike, and change places.",
            "The term in which the numerator is differentiated has the plus sign: {d-quotient}.",
            (instead("d-quotient", (a / c**2) * d(c) - d(a) / c, law=quotient(lambda upper, lower: -upper - lower)),)),
    Mistake("quotient-not-squared",
            "The denominator is copied as it is.",
            "A denominator is a power with exponent −1, which differentiation lowers to −2: {d-quotient}.",
            (instead("d-quotient", d(a) / c - (a / c) * d(c), law=quotient(not_squared)),
             instead("d-power", -(a**-1 * d(a)), d(a**-1)),
             instead("d-power", (c * a**c) * d(a), where=negative),
             instead("d-hadamard-power", c * Hadamard((HadamardPower(A, c), d(A))), where=negative))),
    # signs, constant factors, brackets
    Mistake("sign-lost",
            "The minus sign is lost when d moves past it.",
            "d is linear and keeps the sign: {d-constant-factor}.",
            (instead("d-constant-factor", d(A), d(-A)), instead("d-constant-factor", -(c * d(A)), where=negative))),
    Mistake("constant-factor-lost",
            "A constant vanishes when it is differentiated, so a constant factor seems to vanish, too.",
            "The differential of an added constant is zero; a constant factor stays in front: {d-constant-factor}.",
            (instead("d-constant-factor", d(A), where=not_negative),)),
    Mistake("factor-for-first-term-only",
            "The factor stands next to the first term in the bracket, and multiplies only that.",
            "A factor before a bracket multiplies every term in it.",
            (instead("expand-scale", c * A + C), instead("expand-left", A @ Same + C, (A + C) @ Same,
            has_differential("A")))),
    Mistake("bracket-forgotten",
            "A block is put back by copying what it stands for, without a bracket.",
            "What is put in for a block gets a bracket, so that the factor beside it multiplies every term.",
            (at_reading("definition", N @ (A + C), N @ A + C),
             at_reading("definition", (A + C).T @ N @ D, (A.T @ N + C.T) @ D),
             at_reading("definition", (A + C) @ Same, A @ Same + C))),
    # the softmax
    Mistake("softmax-entry-by-entry",
            "An entry of the softmax looks like a function of the same entry of its argument.",
            "The denominator depends on all entries: {d-softmax}.",
            (instead("d-softmax", Diag(Softmax(x)) @ d(x)),)),
    Mistake("softmax-like-sigmoid",
            "The softmax generalizes the logistic function, whose derivative is written.",
            "Off the diagonal its Jacobian is not zero: {d-softmax}.",
            (instead("d-softmax", (Diag(Softmax(x)) - Diag(Hadamard((Softmax(x), Softmax(x))))) @ d(x)),)),
    Mistake("softmax-sign-lost",
            "The second term of the quotient rule is added, like that of the product rule.",
            "The second term of the quotient rule is subtracted: {d-softmax}.",
            (instead("d-softmax", (Diag(Softmax(x)) + Softmax(x) @ Softmax(x).T) @ d(x)),)),
    Mistake("log-sum-exp-not-divided",
            "The sum of exponentials is its own derivative, and the logarithm around it is forgotten.",
            "The derivative of the logarithm divides by the sum: {d-log-sum-exp}.",
            (instead("d-log-sum-exp", exp(x).T @ d(x)),)),
    # reading off
    Mistake("vec-swapped",
            "The factor that stands first is put first into the Kronecker product.",
            "Where columns are stacked, the factor behind the differential comes first, transposed.",
            (at_reading("identify", Kronecker(A, K), Kronecker(K, A)),)),
    Mistake("outer-product-swapped",
            "It is confused whether the rows or the columns belong to the function.",
            "The rows of a Jacobian belong to the function, and its columns to the variable.",
            (at_reading("identify", x @ y.T, y @ x.T),)),
    Mistake("vec-not-transposed",
            "No factor was transposed before, so none seems to be in the Kronecker product.",
            "Where columns are stacked, the factor behind the differential is transposed in the Kronecker product.",
            (at_reading("identify", Kronecker(M.T, K), Kronecker(M, K)),)),
    Mistake("structure-ignored",
            "The gradient is read off as if each entry of the matrix could move alone.",
            "The variable keeps its structure, so that only the part of the gradient with this structure counts.",
            (at_reading("projection", c * (M + M.T), M.T),)),
    Mistake("half-forgotten",
            "The sum of a matrix and its transpose is symmetric already, so it seems to be the symmetric part.",
            "The symmetric part of a matrix is half the sum of it and its transpose.",
            (at_reading("projection", c * (M + M.T), M + M.T),)),
)
"""Every mistake."""
# fmt: on


def mistaken(name: str) -> Mistake:
    """The mistake with a name."""
    return next(mistake for mistake in MISTAKES if mistake.name == name)


copyreg.pickle(Mistake, lambda mistake: (mistaken, (mistake.name,)))  # its rules hold functions, which no pickle does
