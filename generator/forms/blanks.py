"""Blanks in a derivation: lines, terms and reasons that are left out for a student to fill in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from generator.document.derivation import with_lines, written
from generator.document.formula import Blank, Filled, Formula, ReasonBlank, Sentence, Substituted
from generator.document.model import FinalAnswer
from generator.document.statement import given_derivation
from generator.document.words import say, sentence
from generator.errors import FormError
from generator.expr.messages import Message
from generator.expr.messages import Sentence as Reason
from generator.expr.nodes import (
    Expr,
    Hadamard,
    Matrix,
    Product,
    Scale,
    Sum,
    Symbol,
    Trace,
    size,
    split_scale,
    walk,
)
from generator.expr.printing.plain import prose
from generator.forms.protocol import DERIVE_INSTEAD, TASK, Form, Shown
from generator.forms.ranking import rank
from generator.problems.marking import evenly
from generator.rules.rule import at, replaced
from generator.solver.evaluation import evaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from fractions import Fraction

    from generator.document import model
    from generator.document.model import Line, Question
    from generator.document.statement import Facts
    from generator.expr.evaluate.exact import Rows
    from generator.expr.messages import Text
    from generator.problems.marking import Marking
    from generator.problems.settings import FormSettings
    from generator.problems.solved import SolvedDerived
    from generator.solver import derivation as solver
    from generator.solver.derivation import Derivation

ROOM = "0.5cm"
BLANK = Message("mark-blank", "blank {number}")
EACH_BLANK = Message("mark-each-blank", "each blank")
NUMBERED = Message("answer-blank", "({n})\u00a0{filling}")
BLANK_WIDTH, BLANK_GROWTH, WIDEST_TERM = 4, 1, 24
"""The width of a blank in em, what each node of its filling adds, and the most for a term within a formula."""
Path = tuple[int, ...]

ONE_IN = 3
"""One line in so many is left blank, if a problem does not say."""
SMALLEST_TERM = 3
"""How many nodes a term has at least that is worth asking for."""
NO_PROPERTY = frozenset({"definition", "substitute", "numbers"})
"""Lines that only put something in: their reason says what, and names no property."""


@dataclass(frozen=True)
class Gap:
    """A blank: the line, counted from 0, and the path to what is left out of its right side; none for its reason."""

    line: int
    path: Path | None
    filling: Text


@dataclass(frozen=True)
class Blanks:
    """The blanks of a derivation, from the first to the last; a page numbers them from 1."""

    gaps: tuple[Gap, ...]


def symbol_for(part: Expr) -> Symbol:
    """What stands in an expression where a part is left out; no symbol of an author has this name."""
    return Symbol("_", part.shape)


def lines_to_fill(derivation: Derivation, count: int | None, rank: Callable[[str], bytes]) -> tuple[Gap, ...]:
    """So many lines or terms of a derivation, or as many as there are; by a rank, and apart from each other.

    Never the first line, which begins the derivation, nor what can be copied from above or from the line below.
    """
    paths = dict(_fillable(derivation))
    chosen = [*_apart(sorted(paths, key=lambda line: rank(f"line {line}")))]
    lines = derivation.lines
    gaps = []
    for line in sorted(chosen[: max(1, len(lines) // ONE_IN) if count is None else count]):
        path = min(paths[line], key=lambda path: rank(f"part {line} {path}"))
        gaps.append(Gap(line, path, (at(lines[line].right, path),)))
    return tuple(gaps)


def reasons_to_name(derivation: Derivation, count: int | None, rank: Callable[[str], bytes]) -> tuple[Gap, ...]:
    """So many reasons, or all of them: those that name a property, and that no title says."""
    introduced = (stage.introduces for stage in derivation.stages for _ in stage.lines)
    found = [
        Gap(i, None, line.because)
        for i, (line, rule) in enumerate(zip(derivation.lines, introduced, strict=True))
        if line.because and line.rule not in NO_PROPERTY and not (rule and _is_reason_of(line, rule))
    ]
    found.sort(key=lambda gap: rank(f"reason {gap.line}"))
    return tuple(sorted(found[:count], key=lambda gap: gap.line))


def _is_reason_of(line: solver.Line, rule: str) -> bool:
    """The reason is that of the rule, and no other."""
    return isinstance(line.because, Reason) and line.because.message.id == rule


def _apart(lines: Sequence[int]) -> Iterator[int]:
    """Lines in their order, but those beside one before last."""
    taken: set[int] = set()
    for line in lines:
        if taken.isdisjoint((line - 1, line + 1)):
            taken.add(line)
            yield line
    yield from (line for line in lines if line not in taken)


def _fillable(derivation: Derivation) -> Iterator[tuple[int, list[Path]]]:
    """Lines that can have a blank, by their numbers from 0, and the paths to what can be left out of each.

    There is one thing that belongs into it: what the reason makes of the line above, or a result in numbers.
    """
    lines = derivation.lines
    for i, line in enumerate(lines[1:], 1):
        if (not line.because and line.right.symbols) or line.rule == "numbers":
            continue
        around = [side for other in (*lines[:i], *lines[i + 1 : i + 2]) for side in other.sides]
        around += [line.left, *(part for part in line.because if isinstance(part, Expr)), *derivation.blocks.values()]
        found: list[Path] = []
        for path in ((), *_terms(line.right)):
            part = at(line.right, path)
            rest = replaced(line.right, path, symbol_for(part))
            is_worth_it = size(part) >= (SMALLEST_TERM if path else 2) or not line.because
            if is_worth_it and not _is_given_away(part, [*around, rest]):
                found.append(path)
        if found:
            yield i, found


def _terms(e: Expr, path: Path = ()) -> Iterator[Path]:
    """Paths to the terms of sums and to what traces are taken of, without their coefficients."""
    match e:
        case Scale():
            yield from _terms(e.body, (*path, 1))
        case Trace(arg):
            yield (*path, 0)
            yield from _terms(arg, (*path, 0))
        case Sum(terms):
            for i, term in enumerate(terms):
                body = split_scale(term)[1]
                inside = (*path, i, 1) if isinstance(term, Scale) else (*path, i)
                if not isinstance(body, Sum):  # which would need parentheses
                    yield inside
                yield from _terms(body, inside)
        case Product(factors):
            for i, factor in enumerate(factors):
                yield from _terms(factor, (*path, i))
        case _:
            return


def _is_given_away(part: Expr, around: Sequence[Expr]) -> bool:
    """It can be copied, but for a coefficient: whole, or term by term."""
    _, body = split_scale(part)
    if isinstance(body, Sum) and all(_is_given_away(term, around) for term in body.terms):
        return True
    return bool(body.symbols) and any(_stands_in(body, e) for e in around)


def _stands_in(part: Expr, e: Expr) -> bool:
    """It occurs there as it is, be it as some of the factors in a row, or some of the terms."""
    for node in walk(e):
        match part, node:
            case Product(run), Product(factors):
                if any(factors[i : i + len(run)] == run for i in range(len(factors) - len(run) + 1)):
                    return True
            case (Sum(some), Sum(parts)) | (Hadamard(some), Hadamard(parts)):
                if set(some) <= set(parts):
                    return True
            case _ if part == node:
                return True
            case _:
                pass
    return False


class _WithBlanks(Form[Blanks]):
    """What both forms with blanks have in common; points are the same for each blank."""

    keys: ClassVar[frozenset[str]] = frozenset({"blanks"})
    takes_values: ClassVar[bool] = True
    task: ClassVar[Message]
    candidates: ClassVar[str]
    """What blanks are taken from, in the plural."""

    def gaps(self, derivation: Derivation, count: int | None, key: str) -> tuple[Gap, ...]:
        """So many blanks, or as many as suit the derivation, by a key."""
        raise NotImplementedError

    def ask(self, derivation: Derivation, settings: FormSettings, data: Mapping[Symbol, Rows]) -> Blanks:
        """So many blanks as are asked for, else as many as suit the derivation; at least one."""
        derivation = evaluated(derivation, data) if data else derivation
        gaps = self.gaps(derivation, settings.blanks, settings.key)
        wanted = settings.blanks or 1
        if len(gaps) < wanted:
            count = len(derivation.lines)
            finer = (
                DERIVE_INSTEAD
                if settings.detail == "full"
                else "Show every rule with  detail: full, or ask for it with  form: derive"
            )
            raise FormError(
                f"too few {self.candidates}: {wanted} needed, {len(gaps) or 'none'} found in a derivation of {count}"
                f" line{'s' * (count > 1)}",
                remedy=f"Write  blanks: {len(gaps)}" if gaps else finer,
            )
        return Blanks(gaps)

    def to_json(self, asked: Blanks) -> dict[str, object]:
        """The lines, counted from 1, and what belongs into their blanks."""
        return {"blanks": [{"line": gap.line + 1, "filling": prose(gap.filling)} for gap in asked.gaps]}

    def marking(self, points: Fraction, asked: Blanks, derivation: Derivation, weights: Sequence[int]) -> Marking:
        """The same for each blank."""
        texts = [BLANK(number=str(number)) for number in range(1, len(asked.gaps) + 1)]
        return evenly(points, texts, each=EACH_BLANK())

    def request(self, facts: Facts) -> Sentence:
        """What is derived, and what is to be filled in."""
        return say(TASK, derivation=given_derivation(facts), task=say(self.task))

    def show(self, solved: SolvedDerived, asked: Blanks) -> Shown:
        """The derivation with blanks; in the key these are filled in."""
        derivation = solved.derivation
        return Shown(_with_blanks(derivation, asked), given=_with_blanks(derivation, asked, to_fill=True))

    def room(self, derivation: Derivation) -> str:
        """Next to nothing: there is room in the blanks."""
        return ROOM

    def final_answer(self, question: Question) -> FinalAnswer:
        """What belongs into the blanks."""
        blanks = enumerate(question.solution.blanks, 1)
        return FinalAnswer(tuple(say(NUMBERED, n=str(n), filling=filling) for n, filling in blanks))


class FillIn(_WithBlanks):
    """Fill in lines and terms."""

    name: ClassVar[str] = "fill-in"
    task: ClassVar[Message] = Message(
        "ask-fill-in",
        "Fill in the blanks: each line follows from what stands above it, by the property beside it.",
    )
    candidates: ClassVar[str] = "lines that can be left blank"

    def gaps(self, derivation: Derivation, count: int | None, key: str) -> tuple[Gap, ...]:
        """Lines and terms."""
        return lines_to_fill(derivation, count, lambda text: rank(key, text))


class Identify(_WithBlanks):
    """Name the properties that justify lines."""

    name: ClassVar[str] = "identify"
    task: ClassVar[Message] = Message(
        "ask-identify",
        "In each blank, name the property that justifies the line; if there are several, name them all.",
    )
    candidates: ClassVar[str] = "reasons that name a property"

    def gaps(self, derivation: Derivation, count: int | None, key: str) -> tuple[Gap, ...]:
        """Reasons."""
        return reasons_to_name(derivation, count, lambda text: rank(key, text))


def _with_blanks(derivation: solver.Derivation, asked: Blanks, *, to_fill: bool = False) -> model.Derivation:
    """A derivation with numbers at its blanks, which are filled in, or are to be."""
    numbered = {gap.line: (number, gap) for number, gap in enumerate(asked.gaps, 1)}
    lines = enumerate(derivation.lines)

    def changed(line: Line) -> Line:
        i, derived = next(lines)
        if i not in numbered:
            return line
        number, gap = numbered[i]
        line = replace(line, number=number)
        if gap.path is None:
            return replace(line, because=Sentence((ReasonBlank(number),)), blank="reason") if to_fill else line
        part = at(derived.right, gap.path)
        placeholder = symbol_for(part)
        stands = _blank(part, number, whole=not gap.path) if to_fill else Filled(part)
        right = replaced(derived.right, gap.path, placeholder)
        blank: Literal["", "right"] = "right" if to_fill else ""
        return replace(line, right=Formula(Substituted(right, {placeholder: stands})), blank=blank)

    fillings = tuple(sentence(gap.filling) for gap in asked.gaps)
    return replace(with_lines(written(derivation), changed), blanks=fillings)


def _blank(part: Expr, number: int, *, whole: bool) -> Blank:
    """A blank for a term or for a whole right side, as wide and as high as what belongs there needs by hand."""
    width = BLANK_WIDTH + BLANK_GROWTH * size(part)
    if not whole:
        return Blank(min(width, WIDEST_TERM), number=number)
    rows = (len(e.rows) for e in walk(part) if isinstance(e, Matrix))
    return Blank(width, max(rows, default=1), number)
