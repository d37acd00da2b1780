"""What a version draws of a problem, and the author's words with it in their slots."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from generator.expr.evaluate.exact import Rows, as_expr, exact
from generator.expr.nodes import Dim, Expr, Member, Number, Scale, Sum, Symbol, named, substitute, with_dims
from generator.expr.printing.plain import without_sign
from generator.problems.question import NO_WORDS, Pattern
from generator.solver.members import argument, symbol_of
from generator.worksheet.interpret import SLOT, slot_name
from generator.worksheet.values import put_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.errors import Key
    from generator.problems.question import AuthorWords
    from generator.solver.conventions import Conventions
    from generator.solver.solve import Equations
    from generator.worksheet.interpret import Reading
    from generator.worksheet.spec import Asking, Choice, Problem, Worksheet


@dataclass(frozen=True)
class DrawnSubject:
    """A function as it is drawn: an alternative, without some terms, with values for symbols."""

    function: Expr
    equations: Equations
    variable: Symbol
    member: Member | None
    """Which one of a family the variable is, where it is one."""
    pattern: Pattern | None

    @property
    def is_of_its_variable(self) -> bool:
        """The variable, or its family, occurs in the function."""
        return argument(self.variable, self.member) in self.function.symbols


@dataclass(frozen=True)
class Substance:
    """What a draw is as mathematics: an alternative of the problem, with values for symbols."""

    reading: Reading
    subjects: Mapping[Key, DrawnSubject]
    """The functions, by the places where they stand."""
    values: Mapping[Expr, Expr]
    numbers: Mapping[Symbol, Rows]
    """What is drawn as a number, for conditions and slots."""
    data: Mapping[Symbol, Rows]
    """Numbers that stay beside the functions: matrices, and the points at which answers are wanted."""
    words: Mapping[str, str] = field(default_factory=dict)
    """The author's words that are drawn, by their slots."""
    fingerprint: float | None = None
    """The same for draws that are the same mathematics; None where the author asks the same of all."""

    def slot(self, text: str) -> Expr:
        """The expression in a slot with what is drawn put in, worked out exactly where all of it is numbers.

        Raises NoValueError where it has no value, and Unsupported where that is no fraction.
        """
        e = self.reading.slots[text]
        if e.symbols and e.symbols <= self.numbers.keys():
            return as_expr(exact(e, self.numbers))
        return put_in(e, {**self.values, **{symbol: as_expr(rows) for symbol, rows in self.data.items()}})


@dataclass(frozen=True)
class Renaming:
    """The appearance of a draw: new names for symbols, and sizes for dimensions."""

    names: Mapping[str, str]
    sizes: Mapping[str, Dim]

    def of(self, e: Expr) -> Expr:
        """An expression in these names and sizes."""
        renamed: dict[Expr, Expr] = {
            symbol: Symbol(self.names[symbol.name], symbol.shape, symbol.properties, symbol.total)
            for symbol in e.symbols
            if symbol.name in self.names
        }
        return with_dims(substitute(e, renamed), self.sizes)

    def symbol(self, symbol: Symbol) -> Symbol:
        """A symbol by its new name, in its new size."""
        return cast("Symbol", self.of(symbol))

    def variable(self, subject: DrawnSubject) -> Symbol:
        """The variable of a function by its new name: that of a member goes with its family."""
        return self.symbol(subject.variable) if subject.member is None else symbol_of(self.member(subject.member))

    def member(self, member: Member) -> Member:
        """A member of a family by its new name."""
        return cast("Member", self.of(member))

    def pattern(self, pattern: Pattern) -> Pattern:
        """A pattern in these names and sizes."""
        return Pattern(
            self.of(pattern.function),
            tuple((self.of(left), self.of(right)) for left, right in pattern.subject_to),
            {self.symbol(symbol): value for symbol, value in pattern.numbers.items()},
        )


MATHEMATICS = ("equation", "align", "gather", "multline", "flalign", "alignat", "eqnarray", "displaymath", "math")
"""Environments in math mode."""
MODE = re.compile(
    r"(?P<escaped>\\[\\$])|(?P<dollars>\$\$?)|\\(?P<bracket>[()\[\]])|\\(?P<edge>begin|end)\{(?P<name>[A-Za-z]+)\*?\}"
)
RELATIONS = r"le|leq|ge|geq|ne|neq|lt|gt|in|mid|approx|quad|qquad|implies|iff|to|mapsto|\\|,|;"
SAFE_BEFORE = re.compile(rf"(?:^|[=(\[{{,;:&<>|$]|\\(?:{RELATIONS}|left|\(|\[))\s*$")
"""What may stand before a negative number or a sum without parentheses around it."""
SAFE_BEHIND = re.compile(rf"\s*(?:$|[=)\]}},;:.&<>|$+-]|\\(?:{RELATIONS}|right|\)|\]))")
"""The same behind a sum."""


def is_in_math(before: str) -> bool:
    """What follows some LaTeX stands in math mode."""
    inside = False
    for match in MODE.finditer(before):
        if match["dollars"]:
            inside = not inside
        elif match["bracket"]:
            inside = match["bracket"] in "(["
        elif match["edge"] and match["name"] in MATHEMATICS:
            inside = match["edge"] == "begin"
    return inside


def needs_parentheses(e: Expr | Dim, before: str, behind: str) -> bool:
    """An expression in a slot of a formula would be misread between what stands beside it."""
    if isinstance(e, Dim):
        return False
    is_sum, is_negative = isinstance(e, Sum), without_sign(e) is not None
    is_fraction = isinstance(e, Number) and e.value.denominator != 1
    if (is_sum or is_negative or is_fraction or isinstance(e, Scale)) and behind.lstrip().startswith(("^", "'")):
        return True
    if is_sum and not SAFE_BEHIND.match(behind):
        return True
    return (is_sum or is_negative) and not SAFE_BEFORE.search(before)


@dataclass(frozen=True)
class Asked:
    """A question of a version before its kind makes it: what is asked for, and what is drawn."""

    worksheet: Worksheet
    problem: Problem
    place: Key
    """The place of the part below the problem; empty where it has none."""
    asking: Asking
    letter: str
    """The letter of the part; empty where it has none."""
    substance: Substance
    renaming: Renaming
    conventions: Conventions
    key: str
    """By which all is drawn that is drawn for this question alone."""
    turn: int
    """Goes up by one from version to version, and begins at another number in each question."""
    head: Mapping[str, Any]
    """What questions of all kinds have."""

    def words(self, text: str | None, data: Mapping[Symbol, Rows] | None = None, *, latex: bool = True) -> AuthorWords:
        """Words of the author with the slots filled; nothing where there are none.

        Symbols in `data` have their numbers there, by default all that have any.
        """
        subject = self.problem.subject_of(self.place, self.asking)
        known = self.substance.data if data is None else data
        return filled(text or "", subject, self.substance, known, self.renaming, latex=latex)

    def plain_words(self, said: Asking | Choice, data: Mapping[Symbol, Rows] | None = None) -> dict[str, AuthorWords]:
        """The words without commands of a question or a choice, by the keys whose LaTeX they stand for."""
        return {name: self.words(text, data, latex=False) for name, (_, text) in said.alternatives.items()}


def filled(
    text: str,
    subject: Key,
    substance: Substance,
    data: Mapping[Symbol, Rows],
    renaming: Renaming,
    *,
    latex: bool = True,
) -> AuthorWords:
    """Words of the author with the slots filled for a version; in LaTeX a formula in text gets dollar signs."""
    known: dict[Expr, Expr] = dict(substance.values)
    known |= {symbol: as_expr(rows) for symbol, rows in data.items()}
    fillings: dict[str, Expr | Dim] = {
        name: renaming.of(known.get(symbol, named(symbol))) for name, symbol in substance.reading.symbols.items()
    }
    fillings |= renaming.sizes
    if subject in substance.subjects:
        fillings["function"] = renaming.of(substance.subjects[subject].function)
        fillings["wrt"] = renaming.variable(substance.subjects[subject])
    return tuple(_pieces(text, fillings, substance, renaming, latex=latex)) if text else NO_WORDS


def _pieces(
    text: str, fillings: Mapping[str, Expr | Dim], substance: Substance, renaming: Renaming, *, latex: bool
) -> Iterator[str | Expr | Dim]:
    end = 0
    before = ""
    for slot in SLOT.finditer(text):
        yield text[end : slot.start()]
        before += text[end : slot.start()]
        end = slot.end()
        said = slot[1]
        if said in substance.words:
            yield substance.words[said]
            before += substance.words[said]
            continue
        name = slot_name(said, fillings)
        filling = fillings[name] if name in fillings else renaming.of(substance.slot(said))
        if not latex:
            yield filling
        elif not is_in_math(before):
            yield from ("$", filling, "$")
        elif needs_parentheses(filling, before, text[end:]):
            yield from ("(", filling, ")")
        else:
            yield filling
        before += "x"
    yield text[end:]
