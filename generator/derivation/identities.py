"""THE table of rules: every identity that a derivation may use, each true, each with the sentence that justifies it.

A rule reads from left to right. Its symbols stand for anything of their shape; `where` says when it is of use, never
when it is true; what it needs to be true is said by its symbols' properties and by `constant`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.algebra.expr import (
    ONE,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    Identity,
    Inverse,
    Norm,
    Product,
    Symbol,
    Transpose,
    Zero,
    add,
    d,
    factors_of,
    number,
    terms_of,
    tr,
)
from generator.algebra.parse import declare
from generator.algebra.structure import transpose_of
from generator.derivation.collect import (
    add_numbers,
    combine_scalars,
    differential_last,
    factor_sum,
    gather_terms,
    gather_traces,
    power_rule,
)
from generator.derivation.rule import Context, Match, Rule

if TYPE_CHECKING:
    from generator.derivation.rule import Guard

# What the symbols of the rules stand for. Names recur with other shapes where the identity asks for them.
A, C = declare("A", "n x m"), declare("C", "n x m")
B = declare("B", "m x p")
B2 = declare("B", "p x n")
M, N = declare("M", "n x n"), declare("N", "n x n")
S = declare("S", "n x n symmetric")
Back = declare("B", "m x n")  # the shape that makes both A B and B A square
x, y = declare("x", "n"), declare("y", "n")
a, c = declare("a", "scalar"), declare("c", "scalar")
n, m, p = Dim.of("n"), Dim.of("m"), Dim.of("p")
half, one, two = number("1/2"), number(1), number(2)


def both(*guards: Guard) -> Guard:
    """All of several guards hold."""
    return lambda match, context: all(guard(match, context) for guard in guards)


def varies(name: str) -> Guard:
    """It depends on the variable."""
    return lambda match, context: not context.is_constant(match[name])


def fewer_marks(match: Match, context: Context) -> bool:
    """Pushing the transpose into the sum of A and C leaves fewer transposes to write."""
    both_terms = add(match["A"], match["C"])
    return marks(transpose_of(both_terms)) < 1 + marks(both_terms)


def marks(e: Expr) -> int:
    """How many transposes occur in it."""
    return isinstance(e, Transpose) + sum(map(marks, e.children))


def moves(name: str) -> Guard:
    """A differential occurs in it."""
    return lambda match, context: match[name].has_differential


def still(name: str) -> Guard:
    """No differential occurs in it."""
    return lambda match, context: not match[name].has_differential


def ends_in_differential(e: Expr) -> bool:
    """It is dX, or a product whose only moving factor is a dX at its end."""
    factors = factors_of(e)
    return is_plain_differential(factors[-1]) and not any(f.has_differential for f in factors[:-1])


def is_plain_differential(e: Expr) -> bool:
    """It is dX or du, not a transpose or a function of it."""
    return isinstance(e, Differential) and isinstance(e.arg, Symbol)


def is_transposed_differential(e: Expr) -> bool:
    """It is the transpose of dX."""
    return isinstance(e, Transpose) and is_plain_differential(e.arg)


def turned(name: str) -> Guard:
    """Its differential stands transposed."""
    return lambda match, context: any(map(is_transposed_differential, factors_of(match[name])))


def upright(name: str) -> Guard:
    """It moves, and its differential does not stand transposed."""
    return lambda match, context: (
        match[name].has_differential and not any(map(is_transposed_differential, factors_of(match[name])))
    )


def last_moves(name: str) -> Guard:
    """Only its last factor moves."""

    def guard(match: Match, context: Context) -> bool:
        factors = factors_of(match[name])
        return factors[-1].has_differential and not any(f.has_differential for f in factors[:-1])

    return guard


def unsettled(match: Match, context: Context) -> bool:
    """Of the terms A and B some do not end in a differential yet."""
    terms = [*terms_of(match["M"]), *terms_of(match["N"])]
    return any(t.has_differential for t in terms) and not all(map(ends_in_differential, terms))


def by_matrix(name: str) -> Guard:
    """It moves, and some differential in it is of a matrix, so that only a trace can bring it to the end."""

    def guard(match: Match, context: Context) -> bool:
        e = match[name]
        return isinstance(e, Product) and e.has_differential and context.wrt.shape[1] != ONE

    return guard


def is_product(name: str) -> Guard:
    """It is a product of matrices that happens to be 1 × 1."""
    return lambda match, context: isinstance(match[name], Product)


def not_column(name: str) -> Guard:
    """It is a matrix with more than one column."""
    return lambda match, context: match[name].shape[1] != ONE


def _chain_rule(e: Expr, context: Context) -> Expr | None:
    from generator.algebra.expr import hadamard
    from generator.algebra.scalar import derivative  # SymPy is only loaded where a function needs it

    if isinstance(e, Differential) and isinstance(e.arg, Elementwise):
        return hadamard(derivative(e.arg.name, e.arg.arg), d(e.arg.arg))
    return None


RULES: tuple[Rule, ...] = (
    # -- the trace
    Rule("tr-sum", tr(M + N), tr(M) + tr(N), "linearity of the trace", "trace", where=unsettled),
    Rule("tr-scale", tr(c * M), c * tr(M), "a scalar comes out of the trace", "trace", quiet=True),
    Rule(
        "tr-transpose",
        tr(M),
        tr(M.T),
        "a matrix and its transpose have the same trace",
        "trace",
        where=turned("M"),
    ),
    Rule(
        "tr-cyclic",
        tr(A @ Back),
        tr(Back @ A),
        "cyclic property of the trace",
        "trace",
        where=both(last_moves("A"), still("B")),
    ),
    Rule(
        "tr-twins",
        tr(M + M.T),
        two * tr(M),
        "the two terms are transposes of each other",
        "trace",
        where=upright("M"),
    ),
    Rule(
        "tr-sum-twins",
        tr(M) + tr(M.T),
        two * tr(M),
        "the two terms are transposes of each other, so their traces are equal",
        "trace",
        where=upright("M"),
    ),
    Rule("scalar-as-trace", a, tr(a), "a scalar is its own trace", "trace", where=by_matrix("a")),
    Rule("tr-scalar", tr(a), a, "a scalar is its own trace", "trace"),
    Rule(
        "scalar-transpose",
        a,
        a.T,
        "a scalar equals its transpose",
        "trace",
        where=both(is_product("a"), turned("a")),
    ),
    Rule(
        "scalar-twins",
        a + a.T,
        two * a,
        "the two terms are scalars and transposes of each other",
        "trace",
        where=both(is_product("a"), upright("a")),
    ),
    Rule(
        "tr-hadamard",
        tr(Back @ Hadamard((A, C))),
        tr(Hadamard((Back.T, A)).T @ C),
        "Tr(Aᵀ(B ∘ C)) = Tr((A ∘ B)ᵀC): both are the sum of all aᵢⱼbᵢⱼcᵢⱼ",
        "trace",
        where=both(still("B"), still("A"), moves("C")),
    ),
    # -- norms, written so that the trace applies
    Rule(
        "norm-as-trace",
        Norm("2", x) ** 2,
        tr(x.T @ x),
        "the squared norm of a vector is its product with itself, and a scalar is its own trace",
        "norm",
        where=varies("x"),
    ),
    Rule(
        "frobenius-as-trace",
        Norm("2", A) ** 2,
        tr(A.T @ A),
        "the squared Frobenius norm is the sum of the squared entries",
        "norm",
        where=both(varies("A"), not_column("A")),
    ),
    # -- the differential
    Rule("d-constant", d(A), Zero((n, m)), "{A:symbols} [is|are] constant", "differential", constant=("A",)),
    Rule(
        "d-sum",
        d(A + C),
        d(A) + d(C),
        "the differential of a sum is the sum of the differentials",
        "differential",
        quiet=True,
    ),
    Rule("d-trace", d(tr(M)), tr(d(M)), "the trace is a sum and d is linear, so they swap", "differential"),
    Rule(
        "d-constant-factor",
        d(c * A),
        c * d(A),
        "d is linear",
        "differential",
        constant=("c",),
        quiet=True,
    ),
    Rule(
        "d-left-constant",
        d(A @ B),
        A @ d(B),
        "{A:symbols} [is|are] constant",
        "differential",
        constant=("A",),
    ),
    Rule(
        "d-right-constant",
        d(A @ B),
        d(A) @ B,
        "{B:symbols} [is|are] constant",
        "differential",
        constant=("B",),
    ),
    Rule("d-product", d(A @ B), d(A) @ B + A @ d(B), "product rule", "differential"),
    Rule("d-scaled", d(c * A), d(c) * A + c * d(A), "product rule", "differential"),
    Rule("d-transpose", d(A.T), d(A).T, "d and the transpose swap", "differential", quiet=True),
    Rule(
        "d-inverse",
        d(M.I),
        -(M.I @ d(M) @ M.I),
        "differential of an inverse",
        "differential",
        title="Differential of an inverse",
        proof=(
            (
                d(M) @ M.I + M @ d(M.I),
                Zero((n, n)),
                ("product rule on ", M @ M.I, " = ", Identity(n)),
            ),
            (d(M.I), -(M.I @ d(M) @ M.I), ("solved for ", d(M.I))),
        ),
        conditions=(("invertible", "M"),),
    ),
    Rule(
        "d-log-det",
        d(Elementwise("log", Determinant(M))),
        tr(M.I @ d(M)),
        "Jacobi’s formula for the log-determinant",
        "differential",
        conditions=(("positive determinant", "M"),),
    ),
    Rule(
        "d-det",
        d(Determinant(M)),
        Determinant(M) * tr(M.I @ d(M)),
        "Jacobi’s formula",
        "differential",
        conditions=(("invertible", "M"),),
    ),
    Rule("d-entry-sum", d(EntrySum(A)), EntrySum(d(A)), "the sum is linear, so it swaps with d", "differential"),
    Rule(
        "d-hadamard",
        d(Hadamard((A, C))),
        Hadamard((d(A), C)) + Hadamard((A, d(C))),
        "product rule, entry by entry",
        "differential",
    ),
    Rule(
        "d-elementwise",
        d(Elementwise("f", A)),
        Hadamard((Elementwise("f'", A), d(A))),
        "chain rule",
        "differential",
        law=_chain_rule,
    ),
    Rule(
        "d-norm",
        d(Norm("2", x)),
        (x.T @ d(x)) / Norm("2", x),
        "differential of a norm",
        "differential",
        conditions=(("nonzero", "x"),),
    ),
    Rule(
        "d-frobenius",
        d(Norm("2", A)),
        tr(A.T @ d(A)) / Norm("2", A),
        "differential of a norm",
        "differential",
        where=not_column("A"),
        conditions=(("nonzero", "A"),),
    ),
    Rule(
        "d-power",
        d(a**c),
        (c * a ** (c - one)) * d(a),
        "power rule",
        "differential",
        constant=("c",),
        law=power_rule,
    ),
    Rule("d-diag", d(Diag(x)), Diag(d(x)), "diag is linear, so it swaps with d", "differential"),
    Rule("d-diagonal", d(Diagonal(M)), Diagonal(d(M)), "diag is linear, so it swaps with d", "differential"),
    # -- transposes
    Rule("transpose-twice", A.T.T, A, "transposing twice changes nothing", "transpose", quiet=True),
    Rule("transpose-product", (A @ B).T, B.T @ A.T, "(AB)ᵀ = BᵀAᵀ", "transpose", quiet=True),
    Rule(
        "transpose-sum",
        (A + C).T,
        A.T + C.T,
        "(A + B)ᵀ = Aᵀ + Bᵀ",
        "transpose",
        where=fewer_marks,
        quiet=True,
    ),
    Rule("transpose-scale", (c * A).T, c * A.T, "a scalar stays in front", "transpose", quiet=True),
    Rule(
        "transpose-hadamard",
        Hadamard((A, C)).T,
        Hadamard((A.T, C.T)),
        "(A ∘ B)ᵀ = Aᵀ ∘ Bᵀ",
        "transpose",
        where=fewer_marks,
        quiet=True,
    ),
    Rule("transpose-symmetric", S.T, S, "{S} is symmetric", "transpose"),
    Rule("transpose-scalar", a.T, a, "a scalar equals its transpose", "transpose", quiet=True),
    Rule("transpose-zero", Zero((n, m)).T, Zero((m, n)), "", "transpose", quiet=True),
    Rule("inverse-transpose", Inverse(M.T), M.I.T, "(Aᵀ)⁻¹ = (A⁻¹)ᵀ", "transpose", quiet=True),
    # -- sums and factors
    Rule(
        "gather-traces",
        tr(A @ Back) + tr(C @ Back),
        tr((A + C) @ Back),
        "linearity of the trace",
        "collect",
        law=gather_traces,
    ),
    Rule("gather-terms", c * A + a * A, (c + a) * A, "like terms", "collect", law=gather_terms),
    Rule("factor", A @ B + C @ B, (A + C) @ B, "common factors taken out", "collect", law=factor_sum),
    Rule("expand-left", (A + C) @ B, A @ B + C @ B, "distributive law", "expand", where=moves("A")),
    Rule("expand-right", B2 @ (A + C), B2 @ A + B2 @ C, "distributive law", "expand", where=moves("A")),
    Rule("expand-scale", c * (A + C), c * A + c * C, "distributive law", "expand", where=moves("A")),
    Rule(
        "inverse-left",
        M.I @ M,
        Identity(n),
        "a matrix times its inverse is the identity",
        "inverse",
        quiet=True,
    ),
    Rule(
        "inverse-right",
        M @ M.I,
        Identity(n),
        "a matrix times its inverse is the identity",
        "inverse",
        quiet=True,
    ),
    Rule("inverse-twice", M.I.I, M, "the inverse of the inverse", "arithmetic", quiet=True),
    # -- arithmetic
    Rule("combine-scalars", c * (a * A), (c * a) * A, "", "arithmetic", law=combine_scalars, quiet=True),
    Rule("differential-last", a * c, c * a, "", "arithmetic", law=differential_last, quiet=True),
    Rule("combine-powers", (a**two) ** c, a ** (two * c), "", "arithmetic", law=combine_scalars, quiet=True),
    Rule("combine-numbers", number(1) + number(1), number(2), "", "arithmetic", law=add_numbers, quiet=True),
    Rule("scale-out-left", (c * A) @ B, c * (A @ B), "", "arithmetic", quiet=True),
    Rule("scale-out-right", A @ (c * B), c * (A @ B), "", "arithmetic", quiet=True),
    Rule("scale-out-hadamard", Hadamard((c * A, C)), c * Hadamard((A, C)), "", "arithmetic", quiet=True),
    Rule("add-zero", A + Zero((n, m)), A, "", "arithmetic", quiet=True),
    Rule("add-zero-scalar", a + number(0), a, "", "arithmetic", quiet=True),
    Rule("zero-left", Zero((n, m)) @ B, Zero((n, p)), "", "arithmetic", quiet=True),
    Rule("zero-right", A @ Zero((m, p)), Zero((n, p)), "", "arithmetic", quiet=True),
    Rule("zero-scale", number(0) * A, Zero((n, m)), "", "arithmetic", quiet=True),
    Rule("scale-zero", c * Zero((n, m)), Zero((n, m)), "", "arithmetic", quiet=True),
    Rule("zero-hadamard", Hadamard((A, Zero((n, m)))), Zero((n, m)), "", "arithmetic", quiet=True),
    Rule("tr-zero", tr(Zero((n, n))), number(0), "", "arithmetic", quiet=True),
    Rule("sum-zero", EntrySum(Zero((n, m))), number(0), "", "arithmetic", quiet=True),
    Rule("identity-left", Identity(n) @ A, A, "", "arithmetic", quiet=True),
    Rule("identity-right", A @ Identity(m), A, "", "arithmetic", quiet=True),
)
"""Every rule, in the order of the formula sheet."""

BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}


def rules(*names: str) -> tuple[Rule, ...]:
    """Rules by their names."""
    return tuple(BY_NAME[name] for name in names)


def topic(*topics: str) -> tuple[Rule, ...]:
    """All rules of some topics."""
    return tuple(rule for rule in RULES if rule.topic in topics)
