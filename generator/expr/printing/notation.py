"""The notation of a course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Notation:
    """How a course writes the trace, transposes, differentials, gradients and matrices, and lays derivatives out."""

    trace: Literal["Tr", "tr"] = "Tr"
    """How the trace begins."""
    transpose: Literal["top", "T", "prime"] = "top"
    """The mark of a transpose: a ⊤, an italic T, or a prime."""
    differential: Literal["upright", "italic"] = "upright"
    """The d of a differential."""
    gradient: Literal["nabla", "partial"] = "nabla"
    """A gradient as ∇ with the variable below it, or as a fraction of ∂."""
    layout: Literal["gradient", "numerator", "denominator"] = "gradient"
    """Whether the derivative of a scalar by a column is a column, and what the rows of a Jacobian are."""
    bold: bool = False
    """Prints the names of matrices and vectors in bold."""


STANDARD = Notation()
