"""Figures of the author's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """A figure from a file, below the words before it."""

    file: str
    alt: str
    """What it shows, for readers who cannot see it."""
    width: str
    """A length in LaTeX."""
