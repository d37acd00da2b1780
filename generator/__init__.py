"""Problem sets in matrix calculus, in many versions, with answer keys derived line by line.

`solve` derives a gradient; `load_worksheet` and `build` turn a YAML file into printed problem sets and keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import GeneratorError, Unsupported

if TYPE_CHECKING:
    from generator.building.builder import build
    from generator.solver.solve import solve
    from generator.worksheet.load import load_worksheet

__all__ = ["GeneratorError", "Unsupported", "build", "load_worksheet", "solve"]

_HOMES = {
    "build": "generator.building.builder",
    "load_worksheet": "generator.worksheet.load",
    "solve": "generator.solver.solve",
}


def __getattr__(name: str) -> Any:
    """Load a public function when it is first asked for, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
