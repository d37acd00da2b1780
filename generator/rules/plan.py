"""The plan of a derivation, as data: its phases, each with a title and the rules that it may use, in order."""

from __future__ import annotations

from dataclasses import dataclass

from generator.expr.messages import Message

TRANSPOSES = (
    "transpose-twice", "transpose-projection", "transpose-projection-left", "transpose-product", "transpose-sum",
    "transpose-scale", "transpose-symmetric", "transpose-skew", "transpose-cross", "transpose-hadamard",
    "transpose-scalar",
    "transpose-zero", "transpose-inverse", "transpose-kronecker", "transpose-index-sum", "transpose-given",
    "transpose-blocks",
)  # fmt: skip
"""Push transposes down to the symbols."""

SUMS = ("sum-sum", "hadamard-sum", "sum-hadamard-vector", "sum-hadamard", "sum-vector", "sum-matrix")
"""Turn sums of entries into traces and inner products."""

ABSORB = (
    "logistic", "logistic-scalar", "relu-step", "relu-step-scalar", "step-step", "abs-sign", "abs-sign-scalar",
    "sign-times", "sign-times-scalar", "sinh-cosh", "sinh-cosh-scalar", "sin-cos", "sin-cos-scalar",
)  # fmt: skip
"""Two factors that make one."""

ORTHOGONAL = (
    "orthogonal-left", "orthogonal-right", "inverse-orthogonal", "inverse-orthogonal-left", "inverse-orthogonal-right",
)  # fmt: skip
"""Use that an orthogonal matrix is inverted by transposing it."""

PROJECTED = ("projected", "projected-away", "projected-away-by-inverse")
"""Use that a projection leaves what it projects on as it is."""

GIVEN = ("transpose-given", "add-given", "multiply-given", "invert-given", "tr-given", "det-given")
"""Work out what is done to matrices of numbers alone."""

SUMS_TO_ONE = (
    "sums-to-one", "sums-to-one-left", "sums-to-one-entries", "sums-to-one-columns", "sums-to-one-rows",
    "sums-to-one-rows-left", "sums-to-one-by-index",
)  # fmt: skip
"""Use that entries add up to one."""

LIKE = (
    *ABSORB, *ORTHOGONAL, "gather-factors", *GIVEN, "gather-terms", "gather-diagonals", "gather-unvec", "tr-of-scalar",
    "tr-of-outer",
    "cancel-inverse", *PROJECTED,
    "block-picked", "add-blocks",
    "inverse-diag", "centered", "softmax", *SUMS_TO_ONE, "cancel-scalars", "index-sum-out", "index-sums-together",
)  # fmt: skip
"""What cancels goes, like terms become one."""

SHORTEN = ("diag-scales-column", "cancel-terms", "common-denominator", "cancel-denominators", "outer-products")
"""Rules that shorten a sum."""

GATHER = (*LIKE, "factor", *SHORTEN)
"""The form that people publish: besides, common factors stand in front."""

DIFFERENTIALS = (
    "d-constant", "d-projection", "d-projection-rows", "d-projection-by-inverse", "d-blocks",
    "d-curve", "d-index-sum", "d-quotient", "d-trace-power", "d-trace", "tr-d-function", "d-entry-sum",
    "d-sum", "d-constant-factor", "d-left-constant", "d-right-constant", "d-product", "d-scaled-constant", "d-scaled",
    "d-log-sum-exp", "d-log-sum-exp-rows", "d-softmax-rows", "d-softmax", "d-softmax-columns", "d-transpose",
    "d-log-det", "d-log-abs-det",
    "d-det", "d-norm-squared", "d-frobenius-squared", "d-norm", "d-frobenius", "d-lambda-max",
    "d-lambda-min", "d-norm-spec", "d-norm1", "d-power", "d-any-power",
    "d-hadamard-constant", "d-hadamard", "d-hadamard-power",
    "d-any-entrywise-power",
    "d-entrywise-exponential", "d-entrywise-exponent", "d-elementwise", "d-diag", "d-diagonal", "d-cross", "d-vec",
    "d-unvec",
    "d-kronecker-constant", "d-kronecker-constant-right", "d-kronecker", "d-matrix-power", "d-function-scalar",
    "d-pseudo-inverse", *ABSORB, "gather-factors", "gather-terms",
)  # fmt: skip
"""Push d inward until it stands at the variable."""


@dataclass(frozen=True)
class Pass:
    """Rules that are applied until none applies, and make one line together."""

    rules: tuple[str, ...]
    scope: str = "anywhere"
    """`whole`: only to the whole; `terms`: also to the terms it adds up; `anywhere`."""
    then: tuple[str, ...] = ()
    """Rules that tidy up behind them, anywhere, in the same line."""


@dataclass(frozen=True)
class Phase:
    """A stage: its title and its passes."""

    title: Message
    """Of `{function}`, which is being differentiated, or the variable's `{differential}`."""
    passes: tuple[Pass, ...]


BLOCKWISE = (
    "block-by-block", "block-by-block-norm", "block-by-block-sum", "block-by-block-trace",
    "block-by-block-determinant", "block-by-block-inverse",
    "inverse-of-block-diagonal", "norm-of-blocks-squared", "norm-of-blocks", "sum-of-blocks",
    "tr-of-blocks", "det-of-triangle", "det-of-bordered", "det-of-bordered-above",
    "det-by-corner", "det-by-last", "det-by-first",
)  # fmt: skip
"""Take block matrices apart."""

LOGARITHMS = ("log-exp", "log-quotient", "log-ratio", "log-product", "log-power")
"""Take logarithms apart."""

SIMPLER = (
    "inner-log-softmax", "entries-log-softmax-rows", "trace-log-softmax-rows",
    "log-softmax", "log-softmax-rows", "log-softmax-columns", *SUMS_TO_ONE,
    *LOGARITHMS, "sqrtm-square", "sqrtm-power", "det-expm",
    "det-power", "det-kronecker",
    "sum-kronecker", "kronecker-vec", "gather-vec", "vec-inner", "row-vec", "sum-diagonal", "tr-of-diag", "norm-vec",
    "norm1-vec", "norm-diag", "norm-kronecker",
    "sum-vec", "power-of-power", "diag-scales", *ABSORB, "logistic-below", "logistic-below-entrywise",
    *ORTHOGONAL, *PROJECTED, "complement", "complement-by-inverse", "norm-projected", "norm-projected-by-inverse",
)  # fmt: skip

SIMPLIFY = Phase(
    Message("simplify", "Simplify {function}"),
    (Pass(BLOCKWISE), Pass(LOGARITHMS), Pass(("softmax",)), Pass(SIMPLER, then=("sign-into-difference",))),
)

MATRIX_FORM = Phase(Message("matrix-form", "Write {function} with matrices"), (Pass(("entries-as-matrices",)),))

AS_TRACE = Phase(
    Message("as-trace", "Write {function} as a trace"), (Pass(("trace-trick", "norm-as-trace", "frobenius-as-trace")),)
)

PUSH = Pass(DIFFERENTIALS)
PUSH_AND_FACTOR = Pass(DIFFERENTIALS, then=("factor",))
"""The same for the differential of a block, which is put in as short as it can be: dR = dW (x - y)."""
TWINS = Pass(("tr-twins", "scalar-twins"), "terms", then=("cancel-scalars",))
"""See that terms are transposes of each other."""

DIFFERENTIATE = Phase(
    Message("differentiate", "Take the differential"),
    (
        Pass(("d-constant-factor", "d-trace-power", "d-trace"), "terms"),
        PUSH,
        TWINS,
    ),
)

AFTER_SUBSTITUTION = Pass((*ABSORB, "gather-factors", "gather-terms"))
"""What becomes shorter when the differentials of blocks are put in."""

SYMMETRIC_TWINS = ("tr-symmetric-twins", "tr-symmetric-twins-left", "tr-symmetric-twins-between")
"""See the same beside a symmetric matrix, before their sum is taken apart."""

SPLIT = Phase(
    Message("split", "Split the trace"),
    (
        Pass(SYMMETRIC_TWINS),
        Pass(
            ("expand-left", "expand-right", "tr-sum", "expand-scale", "index-sum-in", "index-sum-in-product"),
            then=PROJECTED,
        ),
        Pass(("tr-sum-twins",)),
    ),
)

TO_THE_END = Phase(
    Message("to-the-end", "Bring {differential} to the end"),
    (
        Pass(("block-factor", "block-alone")),
        Pass((*SUMS, "diag-times", "cross-swapped")),
        Pass(("scalar-as-trace",), "terms"),
        Pass(("scalar-transpose",), "terms", TRANSPOSES),
        Pass(("tr-transpose", *TRANSPOSES)),
        Pass(("inner-hadamard", "diagonal-as-trace", "tr-kronecker", "tr-kronecker-left", "row-vec", *TRANSPOSES)),
        Pass(("tr-cyclic",), then=("gather-terms",)),
        Pass(SYMMETRIC_TWINS),
        Pass(("tr-hadamard", "tr-entrywise", "tr-diag", "tr-kronecker-vec", "tr-unvec", "ones-outer", *TRANSPOSES)),
        Pass(("tr-twins",)),
        Pass(("kronecker-column", "kronecker-column-left")),
        Pass(("hadamard-sum", "expand-left", "expand-right", "tr-sum", "expand-scale"), then=PROJECTED),
        Pass(("index-sum-split", "index-sum-out")),
    ),
)

JACOBIAN = Phase(
    TO_THE_END.title,
    (
        Pass(("expand-coefficient", "expand-left", "expand-right", "expand-scale", "hadamard-sum")),
        Pass(("block-factor",)),
        Pass(SYMMETRIC_TWINS),
        Pass(SUMS),
        Pass(("inner-turn",), "anywhere", TRANSPOSES),
        Pass(("index-sum-out",)),
        Pass(("diagonal-sum", "diagonal-product", "diagonal-outer", "diag-times", "cross-swapped", *TRANSPOSES)),
        Pass(("kronecker-column", "kronecker-column-left", "hadamard-diag", "scalar-ahead", "scalar-behind")),
        Pass(("diag-columns", "diag-rows", "diag-masked", "diagonal-rows", "diagonal-masked")),
        Pass(("tr-transpose", *TRANSPOSES)),
        Pass(("tr-cyclic",)),
        Pass(("tr-hadamard", "tr-diag", *TRANSPOSES)),
        Pass(("tr-sum", "tr-scalar")),
        Pass(("block-factor", "block-alone")),
    ),
)

COLLECT = Pass(("gather-traces", *GATHER))
"""Takes the terms together; its lines belong to the stage before."""

COLLECT_LIKE = Pass(LIKE)
"""The same where each term is going to be vectorized by itself."""

POLISH = ("inverse-square", "ones-outer", "denominators-last", "sign-into-difference", "gather-terms", "positive-first")
"""Names for what is left when all else is done."""

ANSWER = Pass((*TRANSPOSES, *GATHER))
"""What brings the transpose of G′ into the form that people publish."""

SCALAR_ANSWER = Pass(("factor-scalars",), "terms", then=GATHER)
"""The same for a derivative by a scalar."""

LAST_TOUCH = Pass(POLISH, then=("factor",))
SIGN = Pass(("sign-into-product",), "whole")
"""Turns a difference round instead of a minus sign in front of all."""

FINISH = (Pass(GATHER), Pass(("common-entries",), then=GATHER), LAST_TOUCH, SIGN)
"""Rules for the last form of an answer, applied after the names are put back."""

WITH_WHOLE_SUMS = (Pass(("norm-as-trace", "frobenius-as-trace", "tr-of-scalar")), *FINISH, Pass(("inner-as-norm",)))
"""Passes after whole sums are put back, whose terms have norms where the answer has products of vectors."""

WITH_SAMPLES = (Pass(("samples-as-matrices",), then=TRANSPOSES), *FINISH)
"""Passes that write an answer by samples with the matrices whose rows the samples are."""
