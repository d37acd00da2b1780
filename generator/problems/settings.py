"""How a question is asked: the form's name and what its author said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.solver.detail import Detail

CHOICES = 4
"""How many answers there are to choose from, if a problem does not say."""


@dataclass(frozen=True)
class FormSettings:
    """How a question is asked; all that is drawn for it follows from its key."""

    name: str = "derive"
    choices: int = CHOICES
    blanks: int | None = None
    """How many there are; None leaves it to the derivation."""
    detail: Detail = "standard"
    own_words: bool = False
    """The statement is the author's own, and need not say how a derivative is laid out."""
    key: str = ""
    turn: int = 0
    """Which of the lines that can be wrong is wrong: versions that follow each other take one after the other."""


DERIVE = FormSettings()
