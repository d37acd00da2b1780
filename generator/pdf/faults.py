"""Kinds of faults in a paper or its preamble, and what an author can do about each."""

from __future__ import annotations

from enum import Enum, auto

from generator.pdf.engines import INSTALL_TEX, SOURCE_DATE


class FaultKind(Enum):
    """What is wrong, as far as the remedy depends on it."""

    FORBIDDEN_COMMAND = auto()
    UNDEFINED_COMMAND = auto()
    CHARACTER = auto()
    """A character that no font has."""
    MATH_MODE = auto()
    UNCLOSED = auto()
    """A group or an environment without an end."""
    ALIGNMENT_TAB = auto()
    PARAMETER_CHARACTER = auto()
    CAPACITY = auto()
    """More time, memory or output than a paper may take."""
    MISSING_PACKAGE = auto()
    MISSING_FILE = auto()
    FORBIDDEN_FILE = auto()
    NO_DATE = auto()
    INTERRUPTION = auto()
    """TeX was stopped by a signal."""
    OTHER = auto()


_USES_PACKAGES_ONLY = "A paper can use the packages of TeX, and no other file."

REMEDIES = {
    FaultKind.FORBIDDEN_COMMAND: "A paper writes no files and runs no programs.",
    FaultKind.UNDEFINED_COMMAND: "Correct it, or define it in a preamble.tex.j2 of your own.",
    FaultKind.CHARACTER: "Write it with Latin letters, or as a TeX command.",
    FaultKind.MATH_MODE: "Put mathematics between dollar signs: $…$.",
    FaultKind.UNCLOSED: "Close everything where it was opened.",
    FaultKind.ALIGNMENT_TAB: r"Write an ampersand as \&.",
    FaultKind.PARAMETER_CHARACTER: r"Write a number sign as \#.",
    FaultKind.CAPACITY: "Look for a loop, or for a macro that calls itself.",
    FaultKind.MISSING_PACKAGE: INSTALL_TEX,
    FaultKind.MISSING_FILE: _USES_PACKAGES_ONLY,
    FaultKind.FORBIDDEN_FILE: _USES_PACKAGES_ONLY,
    FaultKind.NO_DATE: f"Write the date itself, or give one in the environment variable {SOURCE_DATE}.",
    FaultKind.INTERRUPTION: "Correct the TeX at this place.",
    FaultKind.OTHER: "Correct the TeX at this place.",
}
"""What to do about a fault, in the words that follow its message."""
