"""Whether the versions of a question are equally hard: what their derivations use, side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.solver.derivation import Derivation

Tolerance: TypeAlias = Literal["strict", "similar", "off"]
Signature: TypeAlias = tuple[str, ...]
"""The rules that the lines of a derivation are named by, in order."""

LINES_APART = 2
"""In how many lines derivations may differ that are similar: left out, put in, or by another rule."""


@dataclass(frozen=True)
class Difference:
    """What derivations of some versions use more, and less, than those of most."""

    labels: tuple[str, ...]
    usual: tuple[str, ...]
    lines: int
    usual_lines: int
    more: tuple[str, ...]
    less: tuple[str, ...]

    @property
    def is_similar(self) -> bool:
        """They differ in a few lines at most."""
        return max(len(self.more), len(self.less)) <= LINES_APART

    def __str__(self) -> str:
        takes = (
            f"version {self.labels[0]} takes {self.lines} lines, and version {self.usual[0]} takes {self.usual_lines}"
        )
        rules = [f"{word} {', '.join(rules)}" for word, rules in (("with", self.more), ("without", self.less)) if rules]
        return f"{takes}: {' and '.join(rules) or 'the same rules in another order'}"


def signature(derivation: Derivation) -> Signature:
    """What a derivation uses."""
    return tuple(line.rule for line in derivation.lines)


def differences(versions: Iterable[tuple[str, Signature]]) -> list[Difference]:
    """How versions of one question, each with its label, differ from what most of them use."""
    groups: dict[Signature, list[str]] = {}
    for label, used in versions:
        groups.setdefault(used, []).append(label)
    usual = max(groups, key=lambda rules: len(groups[rules]))  # the first of those that are equally many
    return [
        Difference(
            labels=tuple(labels),
            usual=tuple(groups[usual]),
            lines=len(rules),
            usual_lines=len(usual),
            more=_listed(Counter(rules) - Counter(usual)),
            less=_listed(Counter(usual) - Counter(rules)),
        )
        for rules, labels in groups.items()
        if rules != usual
    ]


def beyond(found: Sequence[Difference], tolerance: Tolerance) -> list[Difference]:
    """The differences that a tolerance does not allow."""
    match tolerance:
        case "off":
            return []
        case "similar":
            return [difference for difference in found if not difference.is_similar]
        case "strict":
            return list(found)


def _listed(rules: Counter[str]) -> tuple[str, ...]:
    return tuple(rules.elements())
