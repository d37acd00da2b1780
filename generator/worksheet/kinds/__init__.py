"""Kinds of problem, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.worksheet.kinds.author import AuthorKind
from generator.worksheet.kinds.derived import DerivedKind

if TYPE_CHECKING:
    from generator.worksheet.kinds.protocol import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (DerivedKind(), AuthorKind())}
"""All kinds of problem."""
