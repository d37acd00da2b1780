r"""Figures in an author's LaTeX: `\includegraphics[width=5cm, alt={What it shows}]{plot.png}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ALT = "alt"
"""The option with what a figure shows, for readers who cannot see it."""
_PLAIN = r"(?:[^{}\\]|\\.)*"


def _balanced(depth: int) -> str:
    """A pattern of LaTeX with braces in pairs, so many within each other."""
    return _PLAIN if not depth else rf"{_PLAIN}(?:\{{{_balanced(depth - 1)}\}}{_PLAIN})*"


_GROUP = rf"\{{{_balanced(3)}\}}"
INCLUDED = re.compile(
    rf"\\includegraphics\s*\*?\s*(?:\[(?P<options>(?:[^\]{{}}]|{_GROUP})*)\])?\s*\{{(?P<file>[^{{}}]*)\}}", re.DOTALL
)
"""A figure in LaTeX."""
_OPTION = re.compile(rf"\s*(?P<key>[^=,{{}}]+?)\s*(?:=\s*(?P<value>(?:[^,{{}}]|{_GROUP})*?)\s*)?(?:,|$)", re.DOTALL)


@dataclass(frozen=True)
class Included:
    """A figure in LaTeX: the name of its file, its options, and what it shows, if its author says that."""

    file: str
    options: Mapping[str, str]
    """All but what it shows; an option without a value has an empty one."""
    alt: str | None

    @property
    def latex(self) -> str:
        """The command without what the figure shows, which old versions of LaTeX do not know."""
        options = ",".join(f"{key}={value}" if value else key for key, value in self.options.items())
        return rf"\includegraphics{f'[{options}]' if options else ''}{{{self.file}}}"


def included(found: re.Match[str]) -> Included:
    """The figure of a match that has the groups of `INCLUDED`."""
    options = {m["key"]: m["value"] or "" for m in _OPTION.finditer(found["options"] or "")}
    alt = options.pop(ALT, None)
    if alt is not None and re.fullmatch(_GROUP, alt, re.DOTALL):
        alt = alt[1:-1]
    return Included(found["file"].strip(), options, " ".join(alt.split()) if alt and alt.strip() else None)
