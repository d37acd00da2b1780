"""THE table of rules: every identity that a derivation may use, each true, each with the sentence that justifies it.

A rule reads from left to right. Its symbols stand for anything of their shape; `where` says when it is of use, never
when it is true; what it needs to be true is said by its symbols' properties and by `constant`.
"""

from __future__ import annotations

import copyreg
from dataclasses import replace
from fractions import Fraction
from functools import partial

from generator.expr.messages import Message
from generator.expr.nodes import (
    OF_SYMMETRIC,
    ONE,
    SCALAR,
    Adjugate,
    BlockMatrix,
    CrossMatrix,
    Curve,
    Determinant,
    Diag,
    Diagonal,
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
    Ones,
    PseudoInverse,
    Softmax,
    Spectral,
    Symbol,
    Transpose,
    Unvec,
    Vec,
    Zero,
    d,
    hadamard,
    index,
    number,
    scale,
    tr,
)
from generator.expr.parsing.parse import declare
from generator.rules import block_matrices, centering, index_sums, laws, sample_matrices, samples, softmax
from generator.rules.cancellation import cancel_inverse, pair
from generator.rules.predicates import (
    all_of,
    any_of,
    depends_on_variable,
    has_differential,
    has_no_differential,
    has_no_transposed_differential,
    has_transposed_differential,
    has_upright_differential,
    is_no_column,
    is_no_sum,
    is_not_zero,
    is_product,
    is_shorter_transposed,
    is_unsettled_sum,
    needs_trace,
    one_has_differential,
    only_last_has_differential,
)
from generator.rules.projections import absorb_projection, cancel_complement, norm_projected, take_out_complement
from generator.rules.rule import Role, Rule
from generator.rules.shortening import (
    cancel_denominators,
    cancel_terms,
    common_denominator,
    common_entries,
    denominators_last,
    inverse_power,
    ones_outer,
    outer_products,
    positive_first,
    sign_into_difference,
    sign_into_product,
)
from generator.rules.vectorization import (
    before_right,
    inner_vec,
    kronecker_trace,
    kronecker_vec,
    row_vec,
    trace_by_vec,
    trace_of_unvec,
)


def section(topic: str, role: Role, *rules: Rule) -> tuple[Rule, ...]:
    """Rules of one topic, with the role that is usual in it."""
    return tuple(replace(rule, topic=topic, role=rule.role or role) for rule in rules)


# fmt: off
# What the symbols of the rules stand for. `B` recurs with the shapes that its products ask for.
n, m, p, q = map(Dim.of, "nmpq")
A, C, E = (declare(name, "n x m") for name in "ACE")
B, B2, B_square, B_left, B_column = (declare("B", shape) for shape in ("m x p", "n x m", "m x n", "p x n", "m"))
B_wide = declare("B", "q x m")
K, Q = declare("K", "p x q"), declare("Q", "p x p")
M, N = declare("A", "n x n"), declare("B", "n x n")
S, Skew = declare("S", "n x n symmetric"), declare("K", "n x n skew-symmetric")
Orthogonal = declare("Q", "n x n orthogonal")
x, y, z = (declare(name, "n") for name in "xyz")
long_column = Symbol("x", (n * m, ONE))
long_row, B_long = Symbol("r", (ONE, n * m)), Symbol("B", (m * q, n * p))
long_x, long_y = (Symbol(name, (p * q, ONE)) for name in "xy")
three, other_three = declare("u", "3"), declare("v", "3")
r, x_other = declare("r", "1 x n"), declare("x", "m")
a, c = declare("a", "scalar"), declare("c", "scalar")
a_positive, c_positive = declare("a", "scalar positive"), declare("c", "scalar positive")
P = declare("A", "n x m positive")
i = index("i", q)
of_unit_sum = index("i", n)
A_i, B_i = (Member(Symbol(f"{name}_", (n, m), frozenset(), q), i) for name in "AB")
x_q, y_q = (Symbol(name, (q, ONE)) for name in "xy")
a_i, b_i = (Member(Symbol(f"{name}_", (n, ONE), frozenset(), q), i) for name in "ab")
x_i, y_i = (Member(Symbol(f"{name}_", shape, frozenset(), q), i) for name, shape in (("x", (n, ONE)), ("y", SCALAR)))
given_1, given_2, given_sum, given_product = (
    Matrix(tuple(tuple(map(Fraction, row)) for row in rows))
    for rows in (((1, 2), (3, 4)), ((2, 1), (1, 1)), ((3, 3), (4, 5)), ((4, 3), (10, 7)))
)
given_transpose, given_inverse = (
    Matrix(tuple(tuple(map(Fraction, row)) for row in rows)) for rows in (((1, 3), (2, 4)), ((1, -1), (-1, 2)))
)
one_n, one_m, one_p = (Ones((size, ONE)) for size in (n, m, p))
zero, one, two = number(0), number(1), number(2)
exp, log, sigmoid, relu, sign, absolute, sin, cos, tan, sinh, cosh, tanh = (
    partial(Elementwise, name)
    for name in ("exp", "log", "sigmoid", "relu", "sign", "abs", "sin", "cos", "tan", "sinh", "cosh", "tanh")
)
COOKBOOK = "K. B. Petersen and M. S. Pedersen, The Matrix Cookbook (2012), eq. {}"

GOLUB_PEREYRA = "G. H. Golub and V. Pereyra, SIAM Journal on Numerical Analysis 10 (1973)"
HORN = "R. A. Horn and C. R. Johnson, Matrix Analysis (2013), section 0.8.5"
MAGNUS = "J. R. Magnus, Econometric Theory 1 (1985), theorem 1"
eigvec_max, eigvec_min = (Spectral(name, S) for name in OF_SYMMETRIC.values())
curve, t = declare("A", "n x m of t"), declare("t", "scalar")
unit_sum, unit_sums = declare("u", "n sums to one"), declare("u", "n x m sums to one")
unit_rows = declare("u", "n x m rows sum to one")
K_right, K_below, K_left = declare("B", "n x p"), declare("C", "p x n"), declare("C", "p x m")
tall, square_blocks = BlockMatrix(1, (A, K_left)), BlockMatrix(2, (M, K_right, K_below, Q))
root = MatrixFunction("sqrtm", M)
root_sum = Kronecker(root.T, Identity(n)) + Kronecker(Identity(n), root)
# fmt: on
# Reasons that several rules share.
REVERSED = Message("sign-into-difference", "a minus sign reverses a difference")
A_POWER = Message("a-power", "a power is the exponential of its exponent times the logarithm of its base")
PROJECTION = Message("projection", "a matrix times its pseudo-inverse is an orthogonal projection, which is symmetric")
D_PROJECTION = Message("d-projection", "differential of an orthogonal projection (Golub and Pereyra 1973)")
IDEMPOTENT = Message("idempotent", "an orthogonal projection is symmetric, and its own square")
LEFT_BY_PROJECTION = Message(
    "left-by-projection", "what a projection leaves is a projection, and is zero on what the first projects on"
)
LOGISTIC = Message("logistic", "the logistic function is σ(t) = exp(t)/(1 + exp(t))")
CYCLIC = Message("tr-cyclic", "cyclic property of the trace")
TRACE_IS_LINEAR = Message("trace-is-linear", "linearity of the trace")
SCALAR_IS_ITS_TRACE = Message("scalar-is-its-trace", "a scalar is its own trace")
SAME_PRODUCTS = Message("same-products", "both sides add up the products of corresponding entries")
SCALAR_IS_ITS_TRANSPOSE = Message("scalar-is-its-transpose", "a scalar equals its transpose")
TRACE_OF_KRONECKER = Message("trace-of-kronecker", "the trace of a Kronecker product is the product of the traces")
DIAGONAL_SCALES = Message("diagonal-scales", "a diagonal matrix scales each entry")
TO_EACH_TERM = Message("to-each-term", "the transpose goes to each term")
TERM_BY_TERM = Message("term-by-term", "the sum is taken term by term")
DISTRIBUTIVE = Message("distributive", "distributive law")
DIAGONAL_ONLY = Message("diagonal-only", "the identity leaves the diagonal entries only")
DIAGONAL_WRITTEN_OUT = Message("diagonal-written-out", "the diagonal entries, written out")
LOG_OF_QUOTIENT = Message("log-of-quotient", "the logarithm of a quotient is a difference")
TRACE_IS_SUM = Message("trace-is-sum", "the trace is the sum of the diagonal entries")
STACKING_KEEPS_ENTRIES = Message("stacking-keeps-entries", "stacking the columns keeps all entries")
PRODUCT_RULE = Message("product-rule", "product rule")
DIFFERENTIAL_OF_NORM = Message("differential-of-norm", "differential of a norm")
DIFFERENTIAL_OF_SQUARED_NORM = Message("differential-of-squared-norm", "differential of a squared norm")
DIFFERENTIAL_OF_EIGENVALUE = Message(
    "differential-of-eigenvalue", "differential of a simple eigenvalue, with its unit eigenvector"
)
DIAG_ADDS = Message("diag-adds", "diag is linear")
CHAIN_RULE = Message("chain-rule", "chain rule")
SCHUR = Message("schur", "the determinant by the Schur complement of a block")
FACTORED = Message("factor", "common factors taken out")
BLOCK_BY_BLOCK = Message("block-by-block", "sums and products are taken block by block")
ALL_ENTRIES = Message("all-entries", "the entries of a block matrix are those of its blocks")
LOG_SUM_EXP = Message("chain-rule-softmax", "chain rule: exponentials divided by their sum are the softmax")
DIAG_IS_LINEAR = Message("diag-is-linear", "diag is linear, so it swaps with d")
TRANSPOSE_OF_FACTORS = Message("transpose-of-factors", "the transpose goes to each factor")
RELU_AND_SLOPE = Message("relu-and-slope", "relu is zero where its slope is")
ABS_TIMES_SIGN = Message("abs-times-sign", "the absolute value times the sign")
SIGN_TIMES = Message("sign-times", "a number times its sign is its absolute value")
SCALAR_BEHIND = Message("scalar-behind", "a scalar may stand behind a vector")
TANH = Message("tanh", "tanh t = sinh t / cosh t")
TAN = Message("tan", "tan t = sin t / cos t")
UNIT_SUM = Message("unit-sum", "the entries of {names} add up to 1")
UNIT_ROWS = Message("unit-rows", "the entries of each row of {names} add up to 1")
THE_SQUARE = Message("the-square", "the square of a square root is the matrix")
TIMES_INVERSE = Message("times-inverse", "a matrix times its inverse is the identity")
CONSTANT = Message("constant", "{names} is constant", "{names} are constant")
WORKED_OUT = Message("worked-out", "worked out in numbers")
SYMMETRIC = Message("transpose-symmetric", "{names} is symmetric", "{names} are symmetric")
SKEW_SYMMETRIC = Message("transpose-skew", "{names} is skew-symmetric", "{names} are skew-symmetric")
ORTHOGONALITY = Message("orthogonality", "{names} is orthogonal", "{names} are orthogonal")
SYMMETRIC_TWINS = Message(
    "symmetric-twins",
    "the terms are transposes of each other, and {names} is symmetric",
    "the terms are transposes of each other, and {names} are symmetric",
)
# fmt: off

TRACE = section(
    "trace", "trace",
    Rule("tr-sum", tr(M + N), tr(M) + tr(N), TRACE_IS_LINEAR, where=is_unsettled_sum, role="linearity",
         source=COOKBOOK.format(15)),
    Rule("tr-scale", tr(c * M), c * tr(M), "a scalar comes out of the trace", quiet=True, role="linearity"),
    Rule("tr-cyclic", tr(A @ B_square), tr(B_square @ A), CYCLIC,
         where=all_of(only_last_has_differential("A"), has_no_differential("B")), source=COOKBOOK.format(14)),
    Rule("tr-transpose", tr(M), tr(M.T), "a matrix and its transpose have the same trace",
         where=has_transposed_differential("A"),
         role="transpose", source=COOKBOOK.format(13)),
    Rule("scalar-as-trace", a, tr(a), SCALAR_IS_ITS_TRACE, where=needs_trace("a")),
    Rule("inner-as-norm", x.T @ x, Norm("2", x) ** 2, "the product of a vector with itself is its squared norm"),
    Rule("norm-as-trace", Norm("2", x) ** 2, tr(x.T @ x),
         "the squared norm of a vector is its product with itself, and a scalar is its own trace",
         where=depends_on_variable("x")),
    Rule("frobenius-as-trace", Norm("2", A) ** 2, tr(A.T @ A),
         "the squared Frobenius norm is the sum of the squared entries", where=all_of(depends_on_variable("A"),
         is_no_column("A"))),
    Rule("tr-hadamard", tr(B_square @ Hadamard((A, C))), tr(Hadamard((B_square.T, A)).T @ C),
         SAME_PRODUCTS,
         where=all_of(has_no_differential("B"), has_no_differential("A"), has_differential("C"))),
)
"""Properties of the trace."""

TRACE_FORMS = section(
    "trace-form", "trace",
    Rule("tr-twins", tr(M + M.T), two * tr(M), "terms that are transposes of each other have the same trace",
         law=laws.trace_twins),
    Rule("tr-symmetric-twins", tr(S @ (M + M.T)), two * tr(S @ M),
         SYMMETRIC_TWINS, about="S", where=has_upright_differential("A")),
    Rule("tr-symmetric-twins-left", tr((M + M.T) @ S), two * tr(M @ S),
         SYMMETRIC_TWINS, about="S", where=has_upright_differential("A")),
    Rule("tr-symmetric-twins-between", tr(S @ (M + M.T) @ S), two * tr(S @ M @ S),
         SYMMETRIC_TWINS, about="S", where=has_upright_differential("A")),
    Rule("tr-sum-twins", tr(M) + tr(M.T), two * tr(M), "the two traces are of transposes of each other",
         where=has_upright_differential("A")),
    Rule("scalar-transpose", a, a.T, SCALAR_IS_ITS_TRANSPOSE, where=all_of(is_product("a"),
         has_transposed_differential("a")),
         role="transpose"),
    Rule("scalar-twins", a + a.T, two * a, "scalars that are transposes of each other are equal",
         law=laws.scalar_twins),
    Rule("tr-scalar", tr(a), a, SCALAR_IS_ITS_TRACE, quiet=True),
    Rule("tr-diag", tr(M @ Diag(x)), Diagonal(M).T @ x, "only the diagonal entries of the first factor count",
         where=all_of(has_no_differential("A"), has_differential("x"))),
    Rule("tr-entrywise", tr(Hadamard((M, N))), tr(Diag(Diagonal(M)) @ N), "only the diagonal entries count",
         where=all_of(has_no_differential("A"), has_differential("B"))),
    Rule("diagonal-as-trace", r @ Diagonal(M), tr(Diag(r.T) @ M), "both sides add up the same products of entries",
         where=all_of(has_no_differential("r"), has_differential("A"))),
    Rule("tr-kronecker", tr(Kronecker(M, Q)), tr(M) * tr(Q),
         TRACE_OF_KRONECKER, where=has_differential("Q")),
    Rule("tr-kronecker-left", tr(Kronecker(M, Q)), tr(Q) * tr(M),
         TRACE_OF_KRONECKER, where=has_differential("A")),
)
"""What follows from them and saves a line: equal terms seen at once, other scalars brought into the form of a trace."""

ENTRYWISE = section(
    "entrywise", "entrywise",
    Rule("sum-hadamard-vector", EntrySum(Hadamard((y, x))), x.T @ y,
         "the sum of the products of entries is an inner product", where=all_of(has_no_differential("x"),
         has_differential("y"))),
    Rule("sum-hadamard", EntrySum(Hadamard((B2, A))), tr(A.T @ B2), "the sum of the products of entries is a trace",
         where=all_of(has_no_differential("A"), has_differential("B"), is_no_column("A"))),
    Rule("sum-kronecker", EntrySum(Kronecker(A, K)), EntrySum(A) * EntrySum(K),
         "the entries of a Kronecker product are the products of all pairs of entries",
         where=any_of(depends_on_variable("A"), depends_on_variable("K"))),
    Rule("sum-vector", EntrySum(x), one_n.T @ x, "a sum of entries is a product with the vector of ones",
         where=all_of(has_differential("x"), is_no_sum("x"))),
    Rule("sum-matrix", EntrySum(A), one_n.T @ A @ one_m, "a sum of entries is a product with vectors of ones",
         where=all_of(has_differential("A"), is_no_column("A"), is_no_sum("A"))),
    Rule("row-vec", long_row @ Vec(A), tr(Unvec(long_row.T, n, m).T @ A),
         "both sides add up the products of corresponding entries, those of the vector arranged as a matrix",
         law=row_vec, role="vec"),
    Rule("tr-kronecker-vec", tr(B_long @ Kronecker(A, d(K))), trace_by_vec(B_long, before_right(A, K.shape), d(K)),
         "both sides add up the products of corresponding entries; vec of a Kronecker product, linear in one factor",
         law=kronecker_trace, role="vec"),
    Rule("tr-unvec", tr(B_square @ Unvec(long_column, n, m)), Vec(B_square.T).T @ long_column,
         SAME_PRODUCTS, law=trace_of_unvec, role="vec"),
    Rule("inner-hadamard", r @ Hadamard((z, y)), Hadamard((r.T, y)).T @ z,
         SAME_PRODUCTS, where=all_of(has_no_differential("r"), has_no_differential("y"), has_differential("z"))),
    Rule("diag-times", Diag(x) @ y, Hadamard((x, y)), DIAGONAL_SCALES, where=has_differential("x")),
)
"""Sums of entries and Hadamard products, until a trace or an inner product is left."""

ENTRYWISE_FORMS = section(
    "entrywise-form", "entrywise",
    Rule("sum-sum", EntrySum(A + B2), EntrySum(A) + EntrySum(B2), "the sum is linear",
         where=has_differential("A"), quiet=True,
         role="linearity"),
    Rule("hadamard-sum", Hadamard((A + E, C)), Hadamard((A, C)) + Hadamard((E, C)), DISTRIBUTIVE,
         where=has_differential("A"), quiet=True, role="linearity"),
    Rule("inner-turn", x.T @ y, y.T @ x, SCALAR_IS_ITS_TRANSPOSE, where=all_of(has_differential("x"),
         has_no_differential("y")),
         role="transpose"),
    Rule("cross-swapped", CrossMatrix(three) @ other_three, -(CrossMatrix(other_three) @ three),
         "a cross product changes its sign where its factors change places",
         where=all_of(has_differential("u"), has_no_differential("v"))),
    Rule("hadamard-diag", Hadamard((y, x)), Diag(x) @ y, DIAGONAL_SCALES,
         where=all_of(has_differential("y"), has_no_differential("x"))),
    Rule("diag-columns", B_left @ Diag(x), Hadamard((B_left, one_p @ x.T)), "a diagonal matrix scales each column",
         where=has_differential("x")),
    Rule("diag-rows", Diag(x) @ A, Hadamard((A, x @ one_m.T)), "a diagonal matrix scales each row",
         where=has_differential("x")),
    Rule("diag-masked", Diag(x), Hadamard((Identity(n), x @ one_n.T)), DIAGONAL_ONLY,
         where=has_differential("x")),
    Rule("scalar-behind", (r @ y) * x_other, x_other @ r @ y, SCALAR_BEHIND,
         law=laws.scalar_behind),
    Rule("scalar-ahead", x_other @ r @ y, (r @ y) * x_other, "a scalar may stand before a vector",
         where=all_of(has_differential("x"), has_no_differential("r"), has_no_differential("y"))),
    Rule("diagonal-product", Diagonal(A @ Diag(x_other) @ B_square), Hadamard((A, B_square.T)) @ x_other,
         DIAGONAL_WRITTEN_OUT, where=all_of(has_no_differential("A"), has_no_differential("B"), has_differential("x"))),
    Rule("diagonal-rows", Diagonal(A @ B_square), Hadamard((A, B_square.T)) @ one_m,
         DIAGONAL_WRITTEN_OUT, where=one_has_differential("A", "B")),
    Rule("diagonal-masked", Diagonal(M), Hadamard((Identity(n), M)) @ one_n,
         DIAGONAL_ONLY, where=has_differential("A")),
    Rule("kronecker-column", Kronecker(y, x_other), Kronecker(y, Identity(m)) @ x_other,
         "mixed product: A ⊗ B = (A ⊗ I)(I ⊗ B)", where=all_of(has_no_differential("y"), has_differential("x"))),
    Rule("kronecker-column-left", Kronecker(x, B_column), Kronecker(Identity(n), B_column) @ x,
         "mixed product: A ⊗ B = (I ⊗ B)(A ⊗ I)", where=all_of(has_differential("x"), has_no_differential("B"))),
    Rule("diagonal-outer", Diagonal(x @ r), Hadamard((x, r.T)), "the diagonal of an outer product"),
    Rule("diagonal-sum", Diagonal(M + N), Diagonal(M) + Diagonal(N), DIAG_ADDS,
         where=has_differential("A"), quiet=True,
         role="linearity"),
)
"""What brings a column into the form J dx."""

LOGARITHM = section(
    "logarithm", "simplify",
    Rule("log-exp", log(exp(A)), A, "the logarithm undoes the exponential function"),
    Rule("softmax", scale(EntrySum(exp(x)) ** -1, exp(x)), Softmax(x),
         "exponentials divided by their sum are the softmax", law=softmax.of_quotient, quiet=True),
    Rule("inner-log-softmax", y.T @ log(Softmax(x)), y.T @ x - (y.T @ one_n) * log(EntrySum(exp(x))),
         LOG_OF_QUOTIENT),
    Rule("entries-log-softmax-rows", EntrySum(Hadamard((B2, log(Softmax(A.T).T)))),
         tr(B2.T @ A) - (B2 @ one_m).T @ log(exp(A) @ one_m), LOG_OF_QUOTIENT),
    Rule("trace-log-softmax-rows", tr(B2.T @ log(Softmax(A.T).T)),
         tr(B2.T @ A) - (B2 @ one_m).T @ log(exp(A) @ one_m), LOG_OF_QUOTIENT),
    Rule("log-softmax", log(Softmax(x)), x - log(EntrySum(exp(x))) * one_n, LOG_OF_QUOTIENT),
    Rule("log-softmax-rows", log(Softmax(A.T).T), A - log(exp(A) @ one_m) @ one_m.T, LOG_OF_QUOTIENT),
    Rule("log-softmax-columns", log(Softmax(A)), A - one_n @ log(exp(A).T @ one_n).T, LOG_OF_QUOTIENT,
         where=is_no_column("A")),
    Rule("centered", one_n.T @ (x - (EntrySum(x) / tr(Identity(n))) * one_n), zero,
         "the differences from the mean add up to zero", law=centering.centered_sum),
    Rule("sums-to-one", one_n.T @ unit_sum, one, UNIT_SUM, about="u"),
    Rule("sums-to-one-left", unit_sum.T @ one_n, one, UNIT_SUM, about="u"),
    Rule("sums-to-one-entries", EntrySum(unit_sum), one, UNIT_SUM, about="u"),
    Rule("sums-to-one-rows", unit_rows @ one_m, one_n, UNIT_ROWS, about="u"),
    Rule("sums-to-one-rows-left", one_m.T @ unit_rows.T, one_n.T, UNIT_ROWS, about="u"),
    Rule("sums-to-one-columns", one_n.T @ unit_sums, one_m.T, UNIT_SUM, about="u"),
    Rule("log-quotient", log(c_positive**-1 * P), log(P) - log(c_positive) * Ones((n, m)),
         LOG_OF_QUOTIENT),
    Rule("log-ratio", log(scale(a_positive, c_positive**-1)), log(a_positive) - log(c_positive),
         LOG_OF_QUOTIENT),
    Rule("logistic-below", (one + exp(a)) ** -1, sigmoid(-a), LOGISTIC),
    Rule("logistic-below-entrywise", HadamardPower(Ones((n, m)) + exp(A), number(-1)), sigmoid(-A), LOGISTIC),
    Rule("diag-scales", Diag(x) @ y, Hadamard((x, y)), DIAGONAL_SCALES,
         where=all_of(depends_on_variable("x"), depends_on_variable("y")), role="entrywise"),
    Rule("log-product", log(c_positive * P), log(c_positive) * Ones((n, m)) + log(P),
         "the logarithm of a product is a sum"),
    Rule("log-power", log(a_positive**c), c * log(a_positive), "the logarithm of a power is a multiple"),
    Rule("kronecker-vec", Kronecker(A, K) @ Vec(B_wide), Vec(K @ B_wide @ A.T), "vec of a product, read backwards",
         law=kronecker_vec, role="vec"),
    Rule("gather-vec", Vec(A) + c * Vec(B2), Vec(A + c * B2), "vec is linear", law=laws.gather_vec, role="vec"),
    Rule("norm-kronecker", Norm("2", Kronecker(A, K)), Norm("2", A) * Norm("2", K),
         "the norm of a Kronecker product is the product of the norms"),
    Rule("vec-inner", Vec(A).T @ Vec(B2), tr(A.T @ B2), SAME_PRODUCTS,
         law=inner_vec, role="vec"),
    Rule("sum-diagonal", EntrySum(Diagonal(M)), tr(M), TRACE_IS_SUM),
    Rule("tr-of-diag", tr(Diag(x)), EntrySum(x), TRACE_IS_SUM),
    Rule("norm-vec", Norm("2", Vec(A)), Norm("2", A), STACKING_KEEPS_ENTRIES, role="vec"),
    Rule("norm-diag", Norm("2", Diag(x)), Norm("2", x), "off the diagonal all entries are zero"),
    Rule("norm-projected", Norm("2", A @ PseudoInverse(A) @ x) ** 2, x.T @ A @ PseudoInverse(A) @ x, IDEMPOTENT,
         law=norm_projected),
    Rule("norm-projected-by-inverse", Norm("2", A @ (A.T @ A).I @ A.T @ x) ** 2, x.T @ A @ (A.T @ A).I @ A.T @ x,
         IDEMPOTENT, law=norm_projected),
    Rule("complement", x - A @ PseudoInverse(A) @ x, (Identity(n) - A @ PseudoInverse(A)) @ x, FACTORED,
         law=take_out_complement),
    Rule("complement-by-inverse", x - A @ (A.T @ A).I @ A.T @ x, (Identity(n) - A @ (A.T @ A).I @ A.T) @ x, FACTORED,
         law=take_out_complement),
    Rule("norm1-vec", Norm("1", Vec(A)), Norm("1", A), STACKING_KEEPS_ENTRIES, role="vec"),
    Rule("sum-vec", EntrySum(Vec(A)), EntrySum(A), STACKING_KEEPS_ENTRIES, role="vec"),
    Rule("det-expm", Determinant(MatrixFunction("expm", M)), exp(tr(M)),
         "the determinant of an exponential is the exponential of the trace"),
    Rule("sqrtm-square", root @ root, M, THE_SQUARE),
    Rule("sqrtm-power", root**2, M, THE_SQUARE),
    Rule("det-power", Determinant(M**c), Determinant(M) ** c,
         "the determinant of a power is the power of the determinant"),
    Rule("det-kronecker", Determinant(Kronecker(M, Q)),
         scale(Determinant(M) ** tr(Identity(p)), Determinant(Q) ** tr(Identity(n))),
         "the determinant of a Kronecker product: each factor counts as often as the other has rows"),
)
"""What logarithms do where their arguments are known to be positive, and determinants of products."""

DIFFERENTIAL = section(
    "differential", "differential",
    Rule("d-constant", d(A), Zero((n, m)), CONSTANT, about="A", constant=("A",), role="constant",
         source=COOKBOOK.format(33)),
    Rule("d-sum", d(A + B2), d(A) + d(B2), "the differential of a sum is the sum of the differentials", quiet=True,
         role="linearity", source=COOKBOOK.format(35)),
    Rule("d-constant-factor", d(c * A), c * d(A), "d is linear", constant=("c",), quiet=True, role="linearity",
         source=COOKBOOK.format(34)),
    Rule("d-product", d(A @ B), d(A) @ B + A @ d(B), PRODUCT_RULE, law=laws.product_rule, role="product",
         source=COOKBOOK.format(37)),
    Rule("d-scaled", d(c * A), d(c) * A + c * d(A), PRODUCT_RULE, role="product"),
    Rule("d-curve", d(Curve(curve, t, 0)), d(t) * Curve(curve, t, 1), CHAIN_RULE, law=laws.along_curve,
         role="chain"),
    Rule("d-quotient", d(a / c), d(a) / c - (a / c**2) * d(c), "quotient rule", law=laws.quotient, role="product"),
    Rule("d-trace", d(tr(M)), tr(d(M)), "the trace is a sum and d is linear, so they swap", role="linearity",
         source=COOKBOOK.format(36)),
    Rule("d-inverse", d(M.I), -(M.I @ d(M) @ M.I), "differential of an inverse",
         title=Message("inverse-introduced", "Differential of an inverse"),
         proof=((d(M) @ M.I + M @ d(M.I), Zero((n, n)),
                 Message("product-rule-on-inverse", "product rule on {product} = {identity}")(
                     product=M @ M.I, identity=Identity(n))),
                (d(M.I), -(M.I @ d(M) @ M.I), Message("solved-for", "solved for {differential}")(differential=d(M.I)))),
         conditions=(("invertible", M),), source=COOKBOOK.format(40)),
    Rule("d-det", d(Determinant(M)), Determinant(M) * tr(M.I @ d(M)), "Jacobi’s formula",
         conditions=(("invertible", M),), source=COOKBOOK.format(42)),
    Rule("d-log-det", d(Elementwise("log", Determinant(M))), tr(M.I @ d(M)),
         "Jacobi’s formula for the log-determinant", conditions=(("positive determinant", M),),
         source=COOKBOOK.format(43)),
    Rule("d-log-abs-det", d(log(absolute(Determinant(M)))), tr(M.I @ d(M)),
         "Jacobi’s formula for the logarithm of the absolute value of a determinant",
         conditions=(("invertible", M),), source=COOKBOOK.format(43)),
    Rule("d-power", d(a**c), (c * a ** (c - one)) * d(a), "power rule", constant=("c",), law=laws.power,
         role="chain"),
    Rule("d-elementwise", d(Elementwise("f", A)), Hadamard((Elementwise("f'", A), d(A))), CHAIN_RULE,
         law=laws.chain, role="chain"),
    Rule("d-log-sum-exp", d(log(EntrySum(exp(x)))), Softmax(x).T @ d(x),
         LOG_SUM_EXP, role="chain",
         source="S. Boyd and L. Vandenberghe, Convex Optimization (2004), section 3.1.5"),
    Rule("d-log-sum-exp-rows", d(log(exp(A) @ one_m)), Hadamard((Softmax(A.T).T, d(A))) @ one_m,
         LOG_SUM_EXP, role="chain"),
    Rule("d-softmax", d(Softmax(x)), (Diag(Softmax(x)) - Softmax(x) @ Softmax(x).T) @ d(x),
         "quotient rule on the softmax", role="chain",
         source="I. Goodfellow, Y. Bengio and A. Courville, Deep Learning (2016), section 6.2.2"),
    Rule("d-softmax-rows", d(Softmax(A.T).T),
         Hadamard((Softmax(A.T).T, d(A) - Hadamard((Softmax(A.T).T, d(A))) @ Ones((m, m)))),
         "quotient rule on the softmax of each row", role="chain"),
    Rule("d-softmax-columns", d(Softmax(A)),
         Hadamard((Softmax(A), d(A) - Ones((n, n)) @ Hadamard((Softmax(A), d(A))))),
         "quotient rule on the softmax of each column", where=is_no_column("A"), role="chain"),
    Rule("d-norm", d(Norm("2", x)), (x.T @ d(x)) / Norm("2", x), DIFFERENTIAL_OF_NORM,
         conditions=(("nonzero", x),)),
    Rule("d-norm-squared", d(Norm("2", x) ** 2), two * (x.T @ d(x)), DIFFERENTIAL_OF_SQUARED_NORM),
    Rule("d-frobenius-squared", d(Norm("2", A) ** 2), two * tr(A.T @ d(A)), DIFFERENTIAL_OF_SQUARED_NORM,
         where=is_no_column("A")),
    Rule("d-frobenius", d(Norm("2", A)), tr(A.T @ d(A)) / Norm("2", A), DIFFERENTIAL_OF_NORM,
         where=is_no_column("A"), conditions=(("nonzero", A),)),
    Rule("d-lambda-max", d(Spectral("lambda_max", S)), eigvec_max.T @ d(S) @ eigvec_max, DIFFERENTIAL_OF_EIGENVALUE,
         conditions=(("simple largest eigenvalue", S),), source=MAGNUS),
    Rule("d-lambda-min", d(Spectral("lambda_min", S)), eigvec_min.T @ d(S) @ eigvec_min, DIFFERENTIAL_OF_EIGENVALUE,
         conditions=(("simple smallest eigenvalue", S),), source=MAGNUS),
    Rule("d-norm-spec", d(Spectral("norm_spec", A)),
         Spectral("left_singular", A).T @ d(A) @ Spectral("right_singular", A),
         "differential of the largest singular value, with its unit singular vectors",
         conditions=(("simple largest singular value", A),),
         source="G. A. Watson, Linear Algebra and its Applications 170 (1992)"),
    Rule("d-norm1", d(Norm("1", A)), EntrySum(Hadamard((Elementwise("sign", A), d(A)))),
         "the derivative of an absolute value is the sign"),
    Rule("d-entry-sum", d(EntrySum(A)), EntrySum(d(A)), "the sum is linear, so it swaps with d", quiet=True,
         role="linearity"),
    Rule("d-hadamard", d(Hadamard((A, B2))), Hadamard((d(A), B2)) + Hadamard((A, d(B2))),
         "product rule, entry by entry", role="product", source=COOKBOOK.format(38)),
    Rule("d-hadamard-power", d(HadamardPower(A, c)), c * Hadamard((HadamardPower(A, c - one), d(A))),
         "power rule, entry by entry", constant=("c",), role="chain"),
    Rule("d-any-power", d(a**c), a**c * d(c * log(a)), A_POWER, where=depends_on_variable("c"), role="chain"),
    Rule("d-any-entrywise-power", d(HadamardPower(A, B2)),
         Hadamard((HadamardPower(A, B2), d(Hadamard((B2, log(A)))))), A_POWER, where=depends_on_variable("B"),
         role="chain"),
    Rule("d-entrywise-exponential", d(HadamardPower(a, A)), Hadamard((HadamardPower(a, A), d(log(a) * A))), A_POWER,
         role="chain"),
    Rule("d-entrywise-exponent", d(HadamardPower(A, c)), Hadamard((HadamardPower(A, c), d(c * log(A)))), A_POWER,
         where=depends_on_variable("c"), role="chain"),
    Rule("d-pseudo-inverse", d(PseudoInverse(A)),
         -(PseudoInverse(A) @ d(A) @ PseudoInverse(A))
         + PseudoInverse(A) @ PseudoInverse(A).T @ d(A.T) @ (Identity(n) - A @ PseudoInverse(A))
         + (Identity(m) - PseudoInverse(A) @ A) @ d(A.T) @ PseudoInverse(A).T @ PseudoInverse(A),
         "differential of a pseudo-inverse at constant rank (Golub and Pereyra 1973)",
         conditions=(("constant rank", A),),
         source=GOLUB_PEREYRA),
    Rule("d-projection", d(A @ PseudoInverse(A)),
         (Identity(n) - A @ PseudoInverse(A)) @ d(A) @ PseudoInverse(A)
         + PseudoInverse(A).T @ d(A.T) @ (Identity(n) - A @ PseudoInverse(A)),
         D_PROJECTION, conditions=(("constant rank", A),), source=GOLUB_PEREYRA),
    Rule("d-projection-rows", d(PseudoInverse(A) @ A),
         PseudoInverse(A) @ d(A) @ (Identity(m) - PseudoInverse(A) @ A)
         + (Identity(m) - PseudoInverse(A) @ A) @ d(A.T) @ PseudoInverse(A).T,
         D_PROJECTION, conditions=(("constant rank", A),), source=GOLUB_PEREYRA),
    Rule("d-projection-by-inverse", d(A @ (A.T @ A).I @ A.T),
         (Identity(n) - A @ (A.T @ A).I @ A.T) @ d(A) @ (A.T @ A).I @ A.T
         + A @ (A.T @ A).I @ d(A.T) @ (Identity(n) - A @ (A.T @ A).I @ A.T),
         D_PROJECTION, conditions=(("full rank", A.T @ A),), source=GOLUB_PEREYRA),
    Rule("d-adjugate", d(Adjugate(M)), tr(M.I @ d(M)) * Adjugate(M) - Adjugate(M) @ d(M) @ M.I,
         "differential of an adjugate", title=Message("adjugate-introduced", "Differential of an adjugate"),
         proof=((d(Adjugate(M)), d(Determinant(M)) * M.I + Determinant(M) * d(M.I),
                 Message("product-rule-on-adjugate", "{adjugate} = {multiple}; product rule")(
                     adjugate=Adjugate(M), multiple=Determinant(M) * M.I)),
                (d(Adjugate(M)), tr(M.I @ d(M)) * Adjugate(M) - Adjugate(M) @ d(M) @ M.I,
                 Message("jacobi-and-inverse", "Jacobi’s formula, {d_det} = {of_det}, and {d_inverse} = {of_inverse}")(
                     d_det=d(Determinant(M)), of_det=Determinant(M) * tr(M.I @ d(M)),
                     d_inverse=d(M.I), of_inverse=-(M.I @ d(M) @ M.I)))),
         conditions=(("invertible", M),)),
    Rule("d-sqrtm", d(root), Unvec(Inverse(root_sum) @ Vec(d(M)), n, n),
         "differential of a square root, which solves a Sylvester equation",
         title=Message("sqrtm-introduced", "Differential of a square root"),
         proof=((d(root) @ root + root @ d(root), d(M),
                 Message("product-rule-on-square", "product rule on {square} = {matrix}: a Sylvester equation")(
                     square=root @ root, matrix=M)),
                (root_sum @ Vec(d(root)), Vec(d(M)), Message("columns-of-sylvester", "columns stacked")()),
                (d(root), Unvec(Inverse(root_sum) @ Vec(d(M)), n, n),
                 Message("solved-for", "solved for {differential}")(differential=d(root)))),
         conditions=(("off the negative axis", M),),
         source="N. J. Higham, Functions of Matrices (2008), section 6.1"),
    Rule("d-diag", d(Diag(x)), Diag(d(x)), DIAG_IS_LINEAR, quiet=True, role="linearity"),
    Rule("d-cross", d(CrossMatrix(three)), CrossMatrix(d(three)), "a cross product is linear in each factor",
         quiet=True, role="linearity"),
    Rule("d-diagonal", d(Diagonal(M)), Diagonal(d(M)), DIAG_IS_LINEAR, quiet=True, role="linearity"),
    Rule("d-vec", d(Vec(A)), Vec(d(A)), "vec is linear, so it swaps with d", quiet=True, role="linearity"),
    Rule("d-unvec", d(Unvec(long_x, p, q)), Unvec(d(long_x), p, q), "undoing vec is linear, so it swaps with d",
         quiet=True, role="linearity"),
    Rule("d-kronecker", d(Kronecker(A, K)), Kronecker(d(A), K) + Kronecker(A, d(K)), PRODUCT_RULE, role="product",
         source=COOKBOOK.format(39)),
    Rule("d-matrix-power", d(M**2), d(M) @ M + M @ d(M), PRODUCT_RULE, law=laws.matrix_power, role="product"),
    Rule("d-trace-power", d(tr(M**3)), number(3) * tr(M**2 @ d(M)),
         "product rule; by the cyclic property all terms have the same trace", law=laws.trace_power, role="product"),
    Rule("tr-d-function", tr(M @ d(MatrixFunction("expm", M))), tr(M @ MatrixFunction("expm", M) @ d(M)),
         "term by term in the power series, where the cyclic property makes terms equal", law=laws.trace_of_function),
    Rule("d-function-scalar", d(MatrixFunction("expm", c * M)), d(c) * (M @ MatrixFunction("expm", c * M)),
         "the power series, differentiated term by term", constant=("A",), law=laws.function_of_multiple),
)
"""Properties of differentials."""

DIFFERENTIAL_FORMS = section(
    "differential-form", "constant",
    Rule("d-transpose", d(A.T), d(A).T, "d and the transpose swap", quiet=True, role="transpose",
         source=COOKBOOK.format(44)),
    Rule("d-left-constant", d(A @ B), A @ d(B), CONSTANT, about="A", constant=("A",)),
    Rule("d-right-constant", d(A @ B), d(A) @ B, CONSTANT, about="B", constant=("B",)),
    Rule("d-scaled-constant", d(c * A), d(c) * A, CONSTANT, about="A", constant=("A",)),
    Rule("d-hadamard-constant", d(Hadamard((A, B2))), Hadamard((A, d(B2))), CONSTANT, about="A",
         constant=("A",)),
    Rule("d-kronecker-constant-right", d(Kronecker(A, K)), Kronecker(d(A), K), CONSTANT, about="K",
         constant=("K",)),
    Rule("d-kronecker-constant", d(Kronecker(A, K)), Kronecker(A, d(K)), CONSTANT, about="A",
         constant=("A",)),
)
"""What follows from them and saves a line: the product rules where one factor does not move."""

TRANSPOSE = section(
    "transpose", "transpose",
    Rule("transpose-product", (A @ B).T, B.T @ A.T, "the transpose of a product reverses the factors", quiet=True,
         source=COOKBOOK.format(5)),
    Rule("transpose-sum", (A + B2).T, A.T + B2.T, TO_EACH_TERM,
         where=is_shorter_transposed, quiet=True,
         source=COOKBOOK.format(4)),
    Rule("transpose-symmetric", S.T, S, SYMMETRIC, about="S", where=has_no_transposed_differential("S"),
         role="property"),
    Rule("transpose-projection", (A @ PseudoInverse(A)).T, A @ PseudoInverse(A), PROJECTION),
    Rule("transpose-projection-left", (PseudoInverse(A) @ A).T, PseudoInverse(A) @ A, PROJECTION),
    Rule("transpose-skew", Skew.T, -Skew, SKEW_SYMMETRIC, about="K", role="property"),
    Rule("transpose-cross", CrossMatrix(three).T, -CrossMatrix(three),
         "the matrix of a cross product is skew-symmetric"),
    Rule("transpose-scale", (c * A).T, c * A.T, "a scalar stays in front", quiet=True),
    Rule("transpose-hadamard", Hadamard((A, B2)).T, Hadamard((A.T, B2.T)),
         TRANSPOSE_OF_FACTORS, where=is_shorter_transposed, quiet=True),
    Rule("transpose-scalar", a.T, a, SCALAR_IS_ITS_TRANSPOSE, quiet=True),
    Rule("transpose-kronecker", Kronecker(A, K).T, Kronecker(A.T, K.T), TRANSPOSE_OF_FACTORS,
         quiet=True),
    Rule("transpose-inverse", Inverse(M.T), M.I.T, "transpose and inverse swap", quiet=True,
         source=COOKBOOK.format(3)),
)
"""What transposes do."""

def _pair(name: str, first: Expr, second: Expr, result: Expr, because: str | Message) -> Rule:
    """A rule on two factors that commute, wherever they stand in a longer product."""
    return Rule(name, hadamard(first, second), result, because, law=pair(first, second, result))


ABSORB = section(
    "absorb", "simplify",
    _pair("logistic", exp(A), HadamardPower(Ones((n, m)) + exp(A), number(-1)), sigmoid(A), LOGISTIC),
    _pair("logistic-scalar", exp(a), (one + exp(a)) ** -1, sigmoid(a), LOGISTIC),
    _pair("relu-step", relu(A), relu(sign(A)), relu(A), RELU_AND_SLOPE),
    _pair("relu-step-scalar", relu(a), relu(sign(a)), relu(a), RELU_AND_SLOPE),
    _pair("step-step", relu(sign(A)), relu(sign(A)), relu(sign(A)), "the slope of relu is 0 or 1"),
    _pair("abs-sign", absolute(A), sign(A), A, ABS_TIMES_SIGN),
    _pair("abs-sign-scalar", absolute(a), sign(a), a, ABS_TIMES_SIGN),
    _pair("sign-times", sign(A), A, absolute(A), SIGN_TIMES),
    _pair("sign-times-scalar", sign(a), a, absolute(a), SIGN_TIMES),
    _pair("sinh-cosh", sinh(A), HadamardPower(cosh(A), number(-1)), tanh(A), TANH),
    _pair("sinh-cosh-scalar", sinh(a), cosh(a) ** -1, tanh(a), TANH),
    _pair("sin-cos", sin(A), HadamardPower(cos(A), number(-1)), tan(A), TAN),
    _pair("sin-cos-scalar", sin(a), cos(a) ** -1, tan(a), TAN),
)
"""Factors that make one."""

ORTHOGONAL = section(
    "orthogonal", "property",
    Rule("orthogonal-left", Orthogonal.T @ Orthogonal, Identity(n), ORTHOGONALITY, about="Q"),
    Rule("orthogonal-right", Orthogonal @ Orthogonal.T, Identity(n), ORTHOGONALITY, about="Q"),
    Rule("inverse-orthogonal", Orthogonal.I, Orthogonal.T, ORTHOGONALITY, about="Q"),
    Rule("inverse-orthogonal-left", (Orthogonal @ M).I, M.I @ Orthogonal.T, ORTHOGONALITY, about="Q"),
    Rule("inverse-orthogonal-right", (M @ Orthogonal).I, Orthogonal.T @ M.I, ORTHOGONALITY, about="Q"),
)
"""The transpose of an orthogonal matrix is its inverse."""

COLLECT = section(
    "collect", "collect",
    Rule("gather-traces", tr(A @ B_square) + tr(C @ B_square), tr((A + C) @ B_square), "linearity",
         law=laws.gather_traces, role="linearity"),
    Rule("gather-factors", Hadamard((A, C, A)), Hadamard((A, A, C)), "entrywise factors commute",
         law=laws.gather_factors, quiet=True),
    Rule("gather-terms", c * A + a * A, (c + a) * A, "like terms", law=laws.gather_terms, quiet=True),
    Rule("add-given", given_1 + given_2, given_sum, WORKED_OUT, law=laws.worked_out),
    Rule("multiply-given", given_1 @ given_2, given_product, WORKED_OUT, law=laws.worked_out),
    Rule("transpose-given", given_1.T, given_transpose, WORKED_OUT, law=laws.worked_out, quiet=True),
    Rule("invert-given", given_2.I, given_inverse, WORKED_OUT, law=laws.worked_out),
    Rule("tr-given", tr(given_1), number(5), WORKED_OUT, law=laws.worked_out),
    Rule("det-given", Determinant(given_1), number(-2), WORKED_OUT, law=laws.worked_out),
    Rule("tr-of-scalar", tr(a), a, SCALAR_IS_ITS_TRACE, where=has_no_differential("a"), quiet=True),
    Rule("tr-of-outer", tr(x @ r), r @ x, CYCLIC, where=all_of(has_no_differential("x"),
         has_no_differential("r"))),
    Rule("gather-diagonals", Diag(x) + c * Diag(y), Diag(x + c * y), DIAG_ADDS, law=laws.gather_diagonals, quiet=True,
         role="linearity"),
    Rule("gather-unvec", Unvec(long_x, p, q) + Unvec(long_y, p, q), Unvec(long_x + long_y, p, q),
         "undoing vec is linear", quiet=True, role="linearity"),
    Rule("factor", A @ B + C @ B, (A + C) @ B, FACTORED, law=laws.factor),
    Rule("factor-scalars", tr(A @ B_square) + tr(A @ E.T), tr(A @ (B_square + E.T)), TRACE_IS_LINEAR,
         law=laws.factor_scalars, role="linearity"),
    Rule("cancel-scalars", c * (A / c + C / c), A + C, "the common factor cancels", quiet=True,
         law=laws.cancel_scalars),
    Rule("expand-left", (A + C) @ B, A @ B + C @ B, DISTRIBUTIVE, where=has_differential("A"), quiet=True,
         role="linearity"),
    Rule("expand-right", B_left @ (A + C), B_left @ A + B_left @ C, DISTRIBUTIVE,
         where=has_differential("A"), quiet=True,
         role="linearity"),
    Rule("expand-coefficient", (a + c) * A, a * A + c * A, DISTRIBUTIVE, where=has_differential("a"), quiet=True,
         role="linearity"),
    Rule("expand-scale", c * (A + C), c * A + c * C, DISTRIBUTIVE, where=has_differential("A"), quiet=True,
         role="linearity"),
    Rule("cancel-inverse", N @ (M @ N).I, M.I,
         "the inverse of a product reverses the factors, and a matrix times its inverse is the identity",
         law=cancel_inverse),
    Rule("projected", A @ PseudoInverse(A) @ A, A, "a projection leaves what it projects on as it is",
         law=absorb_projection),
    Rule("projected-away", (Identity(n) - A @ PseudoInverse(A)) @ A, Zero((n, m)), LEFT_BY_PROJECTION,
         law=cancel_complement),
    Rule("projected-away-by-inverse", (Identity(n) - A @ (A.T @ A).I @ A.T) @ A, Zero((n, m)), LEFT_BY_PROJECTION,
         law=cancel_complement),
    Rule("cancel-terms", Hadamard((Ones((n, m)) + scale(number(-1), A), C)) + Hadamard((A, C)), C,
         "multiplied out, terms cancel", law=cancel_terms),
    Rule("diag-scales-column", Diag(x) @ y, Hadamard((x, y)), DIAGONAL_SCALES,
         where=all_of(depends_on_variable("x"), has_no_differential("x"), has_no_differential("y")), role="entrywise"),
    Rule("common-entries", Hadamard((A, C)) + Hadamard((E, C)), Hadamard((A + E, C)),
         "common entrywise factors taken out", law=common_entries),
    Rule("common-denominator", A / c + (a / c**2) * C, (A + (a / c) * C) / c, "over a common denominator",
         law=common_denominator),
    Rule("outer-products", (y.T @ x) * z + (z.T @ x) * y, (z @ y.T + y @ z.T) @ x,
         SCALAR_BEHIND, law=outer_products),
    Rule("cancel-denominators", (one + a / c) ** -1 * c**-1, (c + a) ** -1, "one denominator multiplied into the other",
         law=cancel_denominators, quiet=True),
    Rule("denominators-last", scale(c**-1, a * A), scale(a * c**-1, A), "scalars commute",
         law=denominators_last, quiet=True),
    Rule("positive-first", scale(number(-1), A) + C, C - A, "terms commute", law=positive_first, quiet=True),
    Rule("sign-into-difference", scale(number(-1), A - C), C - A, REVERSED,
         law=sign_into_difference, quiet=True),
    Rule("sign-into-product", scale(number(-1), Hadamard((A - C, E))), Hadamard((C - A, E)),
         REVERSED, law=sign_into_product, quiet=True),
    Rule("inverse-square", M.I @ M.I, M.I**2, "equal factors make a power", law=inverse_power, quiet=True),
    Rule("ones-outer", one_n @ one_m.T, Ones((n, m)), "the product of two vectors of ones has only ones for entries",
         law=ones_outer, quiet=True),
    Rule("inverse-diag", Diag(x).I, Diag(HadamardPower(x, number(-1))),
         "a diagonal matrix is inverted entry by entry", quiet=True),
    Rule("inverse-left", M.I @ M, Identity(n), TIMES_INVERSE, quiet=True),
    Rule("inverse-right", M @ M.I, Identity(n), TIMES_INVERSE, quiet=True),
)
"""Sums taken together and apart."""

ARITHMETIC = section(
    "arithmetic", "arithmetic",
    Rule("combine-scalars", c * (a * A), (c * a) * A, law=laws.combine_scalars),
    Rule("combine-powers", (a**two) ** c, a ** (two * c), law=laws.combine_scalars),
    Rule("combine-numbers", one + one, two, law=laws.add_numbers),
    Rule("differential-last", a * c, c * a, law=laws.differential_last),
    Rule("scale-out-left", (c * A) @ B, c * (A @ B)),
    Rule("scale-out-right", A @ (c * B), c * (A @ B)),
    Rule("scale-out-hadamard", Hadamard((c * A, C)), c * Hadamard((A, C))),
    Rule("scale-out-diagonal", Diagonal(c * M), c * Diagonal(M)),
    Rule("scale-out-sum", EntrySum(c * A), c * EntrySum(A)),
    Rule("number-out-of-sum", IndexSum(i, two * A_i), two * IndexSum(i, A_i), law=index_sums.number_out),
    Rule("scale-out-kronecker", Kronecker(A, c * K), c * Kronecker(A, K)),
    Rule("scale-out-kronecker-left", Kronecker(c * A, K), c * Kronecker(A, K)),
    Rule("scale-out-vec", Vec(c * A), c * Vec(A)),
    Rule("scale-out-inverse", Inverse(c * M), M.I / c),
    Rule("scale-out-transpose", Transpose(c * A), c * A.T, where=any_of(has_differential("c"), has_differential("A"))),
    Rule("scale-out-power", HadamardPower(c_positive * A, a), c_positive**a * HadamardPower(A, a)),
    Rule("power-one", HadamardPower(A, one), A),
    Rule("power-of-power", HadamardPower(HadamardPower(A, number(-1)), two), HadamardPower(A, number(-2)),
         law=laws.power_of_power),
    Rule("add-zero", A + Zero((n, m)), A),
    Rule("add-zero-scalar", a + zero, a),
    Rule("zero-left", Zero((n, m)) @ B, Zero((n, p))),
    Rule("zero-right", A @ Zero((m, p)), Zero((n, p))),
    Rule("zero-scale", zero * A, Zero((n, m))),
    Rule("scale-zero", c * Zero((n, m)), Zero((n, m))),
    Rule("zero-hadamard", Hadamard((Zero((n, m)), A)), Zero((n, m))),
    Rule("ones-inner", one_n.T @ one_n, tr(Identity(n))),
    Rule("sum-ones", EntrySum(one_n), tr(Identity(n))),
    Rule("inverse-identity", Identity(n).I, Identity(n)),
    Rule("tr-trace", tr(tr(M)), tr(M)),
    Rule("tr-zero", tr(Zero((n, n))), zero),
    Rule("sum-zero", EntrySum(Zero((n, m))), zero),
    Rule("hadamard-ones", Hadamard((Ones((n, m)), A)), A),
    Rule("power-of-ones", HadamardPower(Ones((n, m)), a), Ones((n, m))),
    Rule("diag-product", Diag(x) @ Diag(y), Diag(Hadamard((x, y)))),
    Rule("vec-column", Vec(x), x),
    Rule("det-transpose", Determinant(M.T), Determinant(M)),
    Rule("norm-transpose", Norm("2", A.T), Norm("2", A)),
    Rule("norm1-transpose", Norm("1", A.T), Norm("1", A)),
    Rule("sum-transpose", EntrySum(A.T), EntrySum(A)),
    Rule("sum-of-diag", EntrySum(Diag(x)), EntrySum(x)),
    Rule("tr-of-transpose", tr(M.T), tr(M), where=has_no_differential("A")),
    Rule("transpose-twice", A.T.T, A, "transposing twice changes nothing", quiet=True),
    Rule("transpose-zero", Zero((n, m)).T, Zero((m, n)), quiet=True),
    Rule("transpose-identity", Identity(n).T, Identity(n)),
    Rule("transpose-ones", Ones((n, m)).T, Ones((m, n)), law=laws.transpose_ones),
    Rule("transpose-diag", Diag(x).T, Diag(x)),
    Rule("diagonal-diag", Diagonal(Diag(x)), x),
    Rule("diagonal-identity", Diagonal(Identity(n)), one_n),
    Rule("diag-ones", Diag(x) @ one_n, x),
    Rule("diag-of-ones", Diag(one_n), Identity(n)),
    Rule("kronecker-zero", Kronecker(A, Zero((p, q))), Zero((n * p, m * q))),
    Rule("zero-kronecker", Kronecker(Zero((n, m)), K), Zero((n * p, m * q))),
    Rule("diag-zero", Diag(Zero((n, ONE))), Zero((n, n))),
    Rule("diagonal-transpose", Diagonal(M.T), Diagonal(M)),
    Rule("diagonal-zero", Diagonal(Zero((n, n))), Zero((n, ONE))),
    Rule("identity-left", Identity(n) @ A, A),
    Rule("identity-right", A @ Identity(m), A),
    Rule("inverse-twice", M.I.I, M),
    Rule("blocks-of-zeros", BlockMatrix(1, (Zero((n, m)), Zero((p, m)))), Zero((n + p, m)),
         law=block_matrices.of_zeros),
)
"""What nobody writes a line for."""

INDEX_SUMS = section(
    "index-sum", "linearity",
    Rule("entries-as-matrices", IndexSum(i, Entry(x_q, i) * Entry(y_q, i)), x_q.T @ y_q,
         "sums of products of entries are entries of products of matrices", law=samples.as_matrices, role="trace"),
    Rule("sums-to-one-by-index", IndexSum(of_unit_sum, Entry(unit_sum, of_unit_sum)), one,
         "the entries that the sum runs over add up to 1", law=index_sums.unit_sum),
    Rule("d-index-sum", d(IndexSum(i, A_i)), IndexSum(i, d(A_i)),
         "the differential of a sum is the sum of differentials", law=index_sums.differential, quiet=True),
    Rule("trace-trick", IndexSum(i, a_i.T @ M @ a_i), tr(M @ IndexSum(i, a_i @ a_i.T)),
         "a scalar is its own trace, the trace is cyclic and linear: the trace trick", law=index_sums.trace_trick,
         role="trace"),
    Rule("index-sum-in", tr(IndexSum(i, a_i @ a_i.T)), IndexSum(i, tr(a_i @ a_i.T)), TRACE_IS_LINEAR,
         law=index_sums.put_in),
    Rule("index-sum-in-product", E @ IndexSum(i, A_i.T), IndexSum(i, E @ A_i.T), DISTRIBUTIVE,
         law=index_sums.put_in, quiet=True),
    Rule("index-sum-split", IndexSum(i, A_i + B_i), IndexSum(i, A_i) + IndexSum(i, B_i), TERM_BY_TERM,
         law=index_sums.split, quiet=True),
    Rule("index-sum-unknown", IndexSum(i, A_i + B_i), IndexSum(i, A_i) + IndexSum(i, B_i),
         TERM_BY_TERM, law=index_sums.split_by_unknown, quiet=True),
    Rule("index-sum-behind", IndexSum(i, (b_i.T @ x) * a_i), IndexSum(i, a_i @ b_i.T) @ x,
         SCALAR_BEHIND, law=index_sums.unknown_behind, quiet=True),
    Rule("index-sum-out", IndexSum(i, c * (E.T @ A_i)), c * (E.T @ IndexSum(i, A_i)),
         "what does not depend on the index comes out of the sum", law=index_sums.taken_out),
    Rule("samples-as-matrices", IndexSum(i, y_i * x_i), Members(x_i.family) @ Members(y_i.family).T,
         "a sum over samples is a product of the matrices whose rows they are", law=sample_matrices.as_products),
    Rule("index-sums-together", IndexSum(i, A_i) + IndexSum(i, B_i), IndexSum(i, A_i + B_i),
         "sums over the same index are combined", law=index_sums.together, quiet=True),
    Rule("transpose-index-sum", IndexSum(i, A_i).T, IndexSum(i, A_i.T), TO_EACH_TERM,
         law=index_sums.transposed, quiet=True, role="transpose"),
)
"""Sums over an index."""

BLOCKS = section(
    "block", "simplify",
    *(Rule(f"block-by-block-{name}", whole(tall.T @ tall) if square else whole(tall @ B),
           whole(A.T @ A + K_left.T @ K_left) if square else whole(BlockMatrix(1, (A @ B, K_left @ B))),
           BLOCK_BY_BLOCK, law=block_matrices.block_by_block)
      for name, whole, square in (
          ("norm", partial(Norm, "2"), False), ("sum", EntrySum, False), ("trace", tr, True),
          ("determinant", Determinant, True), ("inverse", Inverse, True))),
    Rule("block-by-block", BlockMatrix(2, (x.T, B_column.T)) @ BlockMatrix(1, (y, B_column)),
         x.T @ y + B_column.T @ B_column, BLOCK_BY_BLOCK, law=block_matrices.block_by_block),
    Rule("norm-of-blocks-squared", Norm("2", tall) ** 2, Norm("2", A) ** 2 + Norm("2", K_left) ** 2, ALL_ENTRIES,
         law=block_matrices.squared_norm),
    Rule("norm-of-blocks", Norm("1", tall), Norm("1", A) + Norm("1", K_left), ALL_ENTRIES, law=block_matrices.norm),
    Rule("sum-of-blocks", EntrySum(tall), EntrySum(A) + EntrySum(K_left), ALL_ENTRIES, law=block_matrices.entry_sum),
    Rule("tr-of-blocks", tr(square_blocks), tr(M) + tr(Q), "the diagonal runs through the diagonal blocks",
         law=block_matrices.trace),
    Rule("det-of-triangle", Determinant(BlockMatrix(2, (M, K_right, Zero((p, n)), Q))),
         scale(Determinant(M), Determinant(Q)), "the determinant of a block triangular matrix",
         law=block_matrices.triangular_determinant, source=HORN),
    Rule("det-of-bordered", Determinant(BlockMatrix(2, (M, x, r, c))), Determinant(M) * (c - r @ M.I @ x),
         SCHUR, constant=("A",), conditions=(("invertible", M),), source=HORN),
    Rule("det-of-bordered-above", Determinant(BlockMatrix(2, (c, r, x, M))), Determinant(M) * (c - r @ M.I @ x),
         SCHUR, constant=("A",), conditions=(("invertible", M),), source=HORN),
    Rule("det-by-corner", Determinant(BlockMatrix(2, (M, x, r, c))), c * Determinant(M - (x @ r) / c),
         SCHUR, constant=("c",), where=is_not_zero("c"), conditions=(("nonzero", c),), source=HORN),
    Rule("det-by-last", Determinant(square_blocks), scale(Determinant(Q), Determinant(M - K_right @ Q.I @ K_below)),
         SCHUR, constant=("Q",), where=is_not_zero("Q"), conditions=(("invertible", Q),), source=HORN),
    Rule("det-by-first", Determinant(square_blocks), scale(Determinant(M), Determinant(Q - K_below @ M.I @ K_right)),
         SCHUR, constant=("A",), where=is_not_zero("A"), conditions=(("invertible", M),), source=HORN),
    Rule("inverse-of-block-diagonal", BlockMatrix(2, (M, Zero((n, p)), Zero((p, n)), Q)).I,
         BlockMatrix(2, (M.I, Zero((n, p)), Zero((p, n)), Q.I)), "a block diagonal matrix is inverted block by block",
         law=block_matrices.diagonal_inverse),
    Rule("d-blocks", d(tall), BlockMatrix(1, (d(A), d(K_left))), "the differential is taken block by block",
         law=block_matrices.differential, quiet=True, role="differential"),
    Rule("transpose-blocks", BlockMatrix(1, (Identity(n), Zero((m, n)))).T,
         BlockMatrix(2, (Identity(n), Zero((n, m)))), "the transpose turns the blocks and their places",
         law=block_matrices.transposed, quiet=True,
         role="transpose"),
    Rule("block-factor", BlockMatrix(1, (A @ d(B), K_left @ d(B))), tall @ d(B),
         FACTORED, law=block_matrices.common_factor),
    Rule("block-alone", BlockMatrix(2, (Zero((n, n)), d(K_right), Zero((p, n)), Zero((p, p)))),
         BlockMatrix(1, (d(K_right), Zero((p, p)))) @ BlockMatrix(2, (Zero((p, n)), Identity(p))),
         "identity blocks bring a block to its place", law=block_matrices.one_by_one),
    Rule("add-blocks", BlockMatrix(1, (A, Zero((p, m)))) + BlockMatrix(1, (Zero((n, m)), K_left)), tall,
         "block matrices are added block by block", law=block_matrices.added, quiet=True),
    Rule("block-picked", BlockMatrix(2, (Identity(n), Zero((n, p)))) @ square_blocks, BlockMatrix(2, (M, K_right)),
         "identity blocks pick a block", law=block_matrices.picked, quiet=True),
)
"""Block matrices."""

RULES: tuple[Rule, ...] = (
    *INDEX_SUMS, *BLOCKS,
    *LOGARITHM, *TRACE, *TRACE_FORMS, *DIFFERENTIAL, *DIFFERENTIAL_FORMS, *ENTRYWISE, *ENTRYWISE_FORMS, *TRANSPOSE,
    *ORTHOGONAL, *ABSORB, *COLLECT, *ARITHMETIC,
)
"""Every rule."""
# fmt: on

BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}


def rules(*names: str) -> tuple[Rule, ...]:
    """Rules by their names."""
    return tuple(BY_NAME[name] for name in names)


def named(name: str) -> Rule:
    """The rule with a name."""
    return BY_NAME[name]


copyreg.pickle(Rule, lambda rule: (named, (rule.name,)))  # guards and laws are functions, which no pickle holds


def topic(*topics: str) -> tuple[Rule, ...]:
    """All rules of some topics, in the order of the table."""
    return tuple(rule for rule in RULES if rule.topic in topics)
