"""A mistake with numbers, by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.expr.messages import Sentence


@dataclass(frozen=True)
class Slip:
    """A mistake with numbers: its name, why it tempts, and what is right."""

    name: str
    tempting: Sentence
    correction: Sentence
