"""What nobody would write: a factor 1, two signs in a row, a power 1, a term that is 0."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.expr.printing.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.expr.nodes import Expr
    from generator.solver.derivation import Derivation

UGLY = re.compile(r"(?<![\w./^])1\*|\+ -|- -|\+ \+|--|\*-|\^1(?![\w./])|(?<![\w.])0\*|[-+] 0(?![\w./])")
"""Signs of it in plain text."""


def is_ugly(e: Expr) -> bool:
    """Something in an expression that nobody would write."""
    return UGLY.search(plain(e)) is not None


def faults(derivation: Derivation) -> Iterator[str]:
    """What is ugly in a derivation: its function, its lines, its answer."""
    for e in dict.fromkeys((derivation.function, *(line.right for line in derivation.lines))):
        if is_ugly(e):
            yield plain(e)
