"""What can go wrong, said so that a person can mend it: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self, TypeAlias

Key: TypeAlias = tuple[str | int, ...]
"""A place in a worksheet: the keys of mappings and the places in lists, from 0, that lead to it."""


@dataclass(frozen=True)
class InFile:
    """A place in a file: its line (counted from 1) and, in YAML, the key."""

    path: Path
    line: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        line = f":{self.line}" if self.line is not None else ""
        return f"{self.path}{line}" + (f": {self.key}" if self.key else "")


WIDEST = 120
"""So many columns of a line are shown, about the place."""


@dataclass(frozen=True)
class InText:
    """A stretch of an expression, `text[start:stop]`, shown with carets under it."""

    text: str
    start: int
    stop: int

    @classmethod
    def whole(cls, text: str) -> Self:
        """All of an expression."""
        return cls(text, 0, len(text))

    def __str__(self) -> str:
        opening = self.text.rfind("\n", 0, self.start) + 1
        closing = self.text.find("\n", self.start)
        closing = closing if closing >= 0 else len(self.text)
        if closing - opening > WIDEST:
            opening = max(opening, min(self.start - WIDEST // 3, closing - WIDEST))
            closing = min(closing, opening + WIDEST)
        line = self.text[opening:closing]
        width = max(1, min(self.stop - self.start, len(line) - (self.start - opening)))
        return f"    {line}\n    {' ' * (self.start - opening)}{'^' * width}"


class GeneratorError(Exception):
    """A mistake that its user can mend. `str` gives place, what is wrong, and what to do."""

    page: str = ""
    """The page of the documentation that explains it, without the ending of the file; empty where there is none."""
    exit_status: int = 2
    """What the command line exits with: 2 for wrong input, 1 for a build or check that failed."""

    def __init__(self, what: str, *, remedy: str = "", file: InFile | None = None, text: InText | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.file = file
        self.text = text

    def at(self, file: InFile) -> Self:
        """The same error with the file it was met in, unless it names one already."""
        self.file = self.file or file
        return self

    def __str__(self) -> str:
        head = f"{self.file}: {self.what}" if self.file else self.what
        return "\n".join(part for part in (head, str(self.text or ""), self.remedy) if part)


class ExpressionError(GeneratorError):
    """Text that is not an expression: its syntax, an unknown name, a wrong declaration."""

    page = "expressions"


class UnknownSymbolError(ExpressionError):
    """A name that is neither declared nor a function."""


class DeclarationError(ExpressionError):
    """A declaration that says something impossible or unknown of a symbol."""

    def __init__(self, name: str, problem: str, *, remedy: str = "") -> None:
        super().__init__(f"{name}: {problem}", remedy=remedy)
        self.problem = problem
        """What is wrong, without the symbol's name."""

    def without_name(self) -> Self:
        """The same where the place of the error names the symbol already."""
        self.what = self.problem
        return self


class ShapeError(ExpressionError):
    """Shapes that do not conform; names both sides and why they must agree."""


class Unsupported(GeneratorError):
    """A sound question that the solver cannot answer; says what is missing."""

    page = "expressions"


class VerificationError(GeneratorError):
    """A line or a result that failed its numeric check: a fault of this program, never printed."""

    page = "verification"
    exit_status = 1


class WorksheetError(GeneratorError):
    """A worksheet file that says something impossible or unknown."""

    page = "reference"


class RosterError(GeneratorError):
    """A class list, or a table of versions, that cannot be used."""

    page = "how-to/roster"


class FormError(WorksheetError):
    """A question that cannot be asked in the form its author wants."""

    page = "how-to/exam"


class CombinedError(WorksheetError):
    """All the mistakes of one file, in the order of its lines."""

    def __init__(self, errors: Sequence[GeneratorError]) -> None:
        first = errors[0]
        super().__init__(first.what, remedy=first.remedy, file=first.file, text=first.text)
        self.errors = tuple(errors)
        self.page = first.page
        self.exit_status = max(error.exit_status for error in errors)

    def __str__(self) -> str:
        told = [str(error) for error in self.errors]
        for n, (error, following) in enumerate(pairwise(self.errors)):
            if error.remedy and error.remedy == following.remedy:  # said once, behind the last of them
                told[n] = told[n].removesuffix(f"\n{error.remedy}")
        return "\n".join(told)


def together(errors: Sequence[GeneratorError]) -> GeneratorError:
    """One error for one or several."""
    ordered = sorted(errors, key=lambda error: (error.file.line or 0) if error.file else 0)
    return ordered[0] if len(ordered) == 1 else CombinedError(ordered)


class BuildError(GeneratorError):
    """A build that failed for a reason outside the worksheet: TeX, the disk, a template."""

    page = "how-to/engines"
    exit_status = 1

    def __init__(
        self,
        what: str,
        *,
        remedy: str = "",
        file: InFile | None = None,
        text: InText | None = None,
        mistake: str = "",
    ) -> None:
        super().__init__(what, remedy=remedy, file=file, text=text)
        self.mistake = mistake or what
        """The mistake without its paper: equal for papers with the same mistake."""


class UnfairError(GeneratorError):
    """Versions of a question that are not equally hard."""

    page = "fairness"
    exit_status = 1
