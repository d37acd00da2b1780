"""The plan of a derivation, as data: its phases, each with a title and the rules that it may use, in order."""

from __future__ import annotations

from dataclasses import dataclass

TRANSPOSES = (
    "transpose-twice", "transpose-product", "transpose-sum", "transpose-symmetric", "transpose-scale",
    "transpose-hadamard", "transpose-scalar", "transpose-zero", "inverse-transpose",
)  # fmt: skip
"""Push transposes down to the symbols."""

DIFFERENTIALS = (
    "d-constant", "d-trace", "d-entry-sum", "d-sum", "d-constant-factor", "d-left-constant", "d-right-constant",
    "d-product", "d-scaled", "d-transpose", "d-log-det", "d-det", "d-norm", "d-frobenius", "d-power", "d-hadamard",
    "d-elementwise", "d-diag", "d-diagonal",
)  # fmt: skip
"""Push d inward until it stands at the variable."""


@dataclass(frozen=True)
class Pass:
    """Rules that are applied until none applies, and make one line together."""

    rules: tuple[str, ...]
    scope: str = "anywhere"
    """`root`: only to the whole; `terms`: to the whole and the terms it adds up; `anywhere`."""


@dataclass(frozen=True)
class Phase:
    """A stage: its title, its passes, and if what happens to a single term is shown apart first."""

    title: str
    passes: tuple[Pass, ...]
    aside: bool = False


AS_TRACE = Phase("Write {L} as a trace", (Pass(("norm-as-trace", "frobenius-as-trace")),))

DIFFERENTIATE = Phase(
    "Take the differential",
    (
        Pass(("d-trace",), "root"),
        Pass(DIFFERENTIALS),
        Pass(("tr-twins",)),
        Pass(("scalar-twins",), "terms"),
    ),
)

SPLIT = Phase(
    "Split the trace",
    (Pass(("expand-left", "expand-right", "tr-sum", "expand-scale")), Pass(("tr-sum-twins",))),
)

TO_THE_END = Phase(
    "Bring {dX} to the end",
    (
        Pass(("scalar-as-trace",), "terms"),
        Pass(("scalar-transpose", *TRANSPOSES), "terms"),
        Pass(("tr-transpose", "tr-hadamard", *TRANSPOSES)),
        Pass(("tr-cyclic",)),
    ),
    aside=True,
)

COLLECT = Phase("", (Pass(("gather-traces", "gather-terms", "factor")),))
"""Has no title: its lines belong to the stage before."""

ANSWER = Pass((*TRANSPOSES, "gather-terms", "factor"))
"""What brings the transpose of G′ into the form that people publish."""
