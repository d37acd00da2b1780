"""What a version is: each problem of a worksheet with its choices made, by a seed alone.

Nothing here depends on a random generator, the clock, another problem, or how many versions there are: all that a
problem can become is shuffled by a key of its own, and version after version takes the next that is of use.
"""

from __future__ import annotations

import json
from bisect import bisect, insort
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import sha256
from itertools import chain
from string import ascii_lowercase
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from generator.errors import GeneratorError, Unsupported, WorksheetError, together
from generator.expr.evaluate.exact import NoValueError, Rows, as_expr, exact, is_integral, scalar, work
from generator.expr.evaluate.numeric import array, weighed
from generator.expr.nodes import (
    BlockMatrix,
    Determinant,
    Dim,
    Expr,
    Inverse,
    Matrix,
    Norm,
    Number,
    Sum,
    Symbol,
    add,
    shape_text,
    substitute,
    walk,
)
from generator.expr.parsing.index_sums import member_of
from generator.expr.printing.plain import plain
from generator.problems.question import Pattern
from generator.solver.conventions import Conventions
from generator.solver.evaluation import answer, in_full
from generator.solver.task import Task, solve_task
from generator.solver.verify import is_defined
from generator.worksheet.arrangement import Arrangement, Placed
from generator.worksheet.condition import read_condition
from generator.worksheet.draw import Asked, DrawnSubject, Renaming, Substance, filled
from generator.worksheet.entries import Entries
from generator.worksheet.equivalence import RECORDED_TOLERANCE, TOLERANCE, are_close, fingerprint, recorded
from generator.worksheet.interpret import SLOT, comparable, subject_to
from generator.worksheet.kinds import KINDS
from generator.worksheet.kinds.derived import given_to
from generator.worksheet.space import Space
from generator.worksheet.values import is_undefined, put_in, without_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from generator.errors import Key
    from generator.problems.question import AuthorWords, Question
    from generator.solver.derivation import Derivation
    from generator.solver.solve import Equations
    from generator.worksheet.interpret import Reading, Subject
    from generator.worksheet.spec import Problem, Worksheet


T = TypeVar("T")

PATIENCE = 5000
"""After so many choices of no use in a row no more of their kind are looked at."""
EFFORT = 300_000
"""The same after so much work, in products of exact numbers: a second or two."""
EFFORT_FOR_MORE = EFFORT // 20
"""How much more work each choice of use allows, at least."""
LOOKS_FOR_MORE = 4
"""How many looks at further choices it allows, at least: where every fourth is of use, the search does not end."""
EFFORT_TO_COUNT = 5 * EFFORT
"""After so much work draws are counted no further than there are versions: a few seconds."""
LOOKING = 20
"""The least work that it takes to look at a choice."""
FLOATING = 10
"""So many products of the computer's own numbers take as long as one of exact numbers."""
CONSTRUCTING = 300
"""The work that it takes to construct a matrix."""
CONSTRUCTED = 2**32
"""How many matrices can be constructed for a symbol, not all different."""


@dataclass(frozen=True)
class Version:
    """One draw of a whole worksheet; its label is as wide as that of the last one."""

    number: int
    label: str
    questions: tuple[Question, ...]


class Capacity(NamedTuple):
    """How many draws of a problem differ as mathematics."""

    found: int
    """So many were found, up to a limit."""
    tried: int
    """How many draws were looked at."""
    is_complete: bool
    """There are no others."""


class Finds(Generic[T]):
    """The choices of a space that are of use, in its order, looked for as far as they are asked for.

    Where too much is looked at in vain, those of further spaces follow. What is too much is counted in choices and, if
    the work is given that was done for them, in that, and never in time.
    """

    def __init__(
        self,
        space: Space,
        use: Callable[[tuple[int, ...]], T | None],
        work: Callable[[], int] = int,
        further: Iterable[tuple[Space, Callable[[tuple[int, ...]], T | None]]] = (),
    ) -> None:
        self.space = space
        self.use = use
        self.work = work
        self.further = iter(further)
        self.found: list[T] = []
        self.next = 0
        self.vain = 0
        self.looked_at = 0
        """How many choices, in all spaces."""
        self.allowed = EFFORT
        """How much work may be done before this space is given up."""
        self.gave_up = False
        """Not all choices of a space were looked at before it was left: there may be more that is of use."""
        self.ended = False
        """No more is looked for."""

    @property
    def is_complete(self) -> bool:
        """Every choice was looked at."""
        return self.next == self.space.size and not self.gave_up

    def has(self, count: int, most_work: int | None = None) -> bool:
        """So many are found, which may end before that where it takes too much work."""
        while len(self.found) < count and (most_work is None or self.work() < most_work) and self._goes_on():
            made = self.use(self.space[self.next])
            self.next += 1
            self.looked_at += 1
            self.vain += 1
            if made is not None:
                self.found.append(made)
                self.vain = 0
                self.allowed += max(EFFORT_FOR_MORE, LOOKS_FOR_MORE * self.work() // self.looked_at)
        return len(self.found) >= count

    def _goes_on(self) -> bool:
        """There is another choice to look at, here or in a further space."""
        if self.next == self.space.size or self.ended:
            return False
        if self.vain < PATIENCE and self.work() < self.allowed:
            return True
        self.gave_up = True
        if (another := next(self.further, None)) is None:
            self.ended = True
            return False
        self.space, self.use = another
        self.next = self.vain = 0
        self.allowed = self.work() + EFFORT
        return True

    def __getitem__(self, index: int) -> T:
        """The one with a number; after the last comes the first again. Raises IndexError where there is none."""
        if self.has(index + 1):
            return self.found[index]
        if not self.found:
            raise IndexError("no choice is of use")
        return self.found[index % len(self.found)]


class ProblemVariants:
    """All draws of one problem, in the order in which versions take them.

    First come draws that differ as mathematics. When all of them are used, they come again under other renamings,
    as far as there are any.
    """

    def __init__(self, problem: Problem, key: str, usual: Conventions, given: Sequence[float] = ()) -> None:
        """With the fingerprints, in ascending order, of questions that were given before and are to be avoided."""
        self.problem = problem
        self.conventions = {
            place: replace(usual, structured=part.convention or problem.convention or usual.structured)
            for place, part in problem.asked
        }
        self.key = key
        self.numbers = comparable(problem)
        conditions = [read_condition(text, self.numbers) for text in problem.vary.where]
        sizes = {self.numbers[name] for name in problem.vary.dimensions if name in self.numbers}
        self.conditions = [condition for condition in conditions if condition.symbols.isdisjoint(sizes)]
        self.size_conditions = [condition for condition in conditions if condition not in self.conditions]
        self.fingerprints: dict[tuple[str, ...], list[float]] = {}
        """Of draws before, by the author's words with what was drawn."""
        self.given = given
        self.met_given = 0
        """How many draws were questions that had been given."""
        choices = [
            max(reading.options[name].size for reading in problem.readings if name in reading.options)
            for name in problem.vary.values
        ]
        self.refusal: GeneratorError | None = None
        self.failure_key: Key = ("vary",)
        """The key below the problem that an error of a draw is reported at."""
        self.formulas: dict[tuple[Key, Expr, Equations], Derivation] = {}
        self.own_slots = _own_slots(problem)
        self.own_words = _own_words(problem)
        self.work = 0
        """How much has been worked out, in products of exact numbers."""
        self.work_to_make = (
            LOOKING
            + sum(condition.work for condition in conditions)
            + sum(
                max(options.work for reading in problem.readings if (options := reading.options.get(name)))
                for name in problem.vary.values
            )
            + max(sum(work(reading.slots[text]) for text in self.own_slots) for reading in problem.readings)
        )
        alternatives = (len(problem.readings), *(2 for _ in problem.vary.optional))
        choices += map(len, problem.vary.text.values())
        space = Space((*alternatives, *choices), key)
        self.varies = space.size > 1
        """More than its renaming may change."""
        self.substances = Finds(
            space, self._substance, lambda: self.work, self._with_constructed(alternatives, choices)
        )

    @property
    def gave_up(self) -> bool:
        """There may be other draws than those that were found."""
        return self.substances.gave_up

    def _with_constructed(
        self, alternatives: tuple[int, ...], choices: Sequence[int]
    ) -> Iterator[tuple[Space, Callable[[tuple[int, ...]], Substance | None]]]:
        """The choices in which matrices are constructed of which too few draws have an inverse in whole numbers."""
        if names := self._to_construct():
            drawn = (*self.problem.vary.values, *self.problem.vary.text)
            sizes = (CONSTRUCTED if name in names else size for name, size in zip(drawn, choices, strict=True))
            yield Space((*alternatives, *sizes), f"{self.key}/constructed"), partial(self._substance, constructed=names)

    def _to_construct(self) -> frozenset[str]:
        """The square matrices drawn that are inverted, or have a determinant in a condition, or are hard to draw."""
        wholes = [side for condition in self.conditions for side in condition.sides]
        wholes += [reading.slots[text] for reading in self.problem.readings for text in self.own_slots]
        if self.problem.vary.nice == "integers":
            wholes += map(in_full, self.formulas.values())
        inverted = frozenset[Symbol]().union(*map(_inverted, wholes))
        hard = {"positive definite", *(["orthogonal"] if self.problem.vary.nice == "integers" else [])}
        drawn = (
            (name, options.symbol)
            for reading in self.problem.readings
            for name, options in reading.options.items()
            if isinstance(options, Entries)
        )
        return frozenset(
            name
            for name, symbol in drawn
            if symbol.is_square and (symbol in inverted or not symbol.properties.isdisjoint(hard))
        )

    def capacity(self, needed: int, limit: int = 0) -> Capacity:
        """How many draws differ as mathematics, counted up to those needed, and on to a limit while the work is little.

        The same on any machine, if no more were drawn before than are needed.
        """
        finds = self.substances
        if finds.has(needed):
            finds.has(limit, EFFORT_TO_COUNT)
        return Capacity(min(len(finds.found), max(needed, limit)), finds.looked_at, finds.is_complete)

    @property
    def matrices(self) -> tuple[Symbol, ...]:
        """What is drawn as a matrix of numbers."""
        drawn = (options for reading in self.problem.readings for options in reading.options.values())
        return tuple(dict.fromkeys(options.symbol for options in drawn if isinstance(options, Entries)))

    @property
    def way_out(self) -> str:
        """What makes draws easier to find, as a sentence."""
        sizes = [f"{symbol.name} is {shape_text(symbol.shape)}" for symbol in self.matrices]
        ways = [
            *([f"make matrices smaller ({listed(sizes)})"] if sizes else []),
            *(["relax a condition"] if self.problem.vary.where else []),
            "give more values to choose from",
        ]
        said = listed(ways, "or")
        return f"{said[0].upper()}{said[1:]}."

    def __getitem__(self, index: int) -> tuple[Substance, Renaming]:
        """The draw of the version with a number, counted from 0; raises GeneratorError if there is none at all."""
        again = 0 if self.substances.has(index + 1) else index // max(1, len(self.substances.found))
        place = index if not again else index % len(self.substances.found)
        try:
            substance = self.substances[place]
            if self.size_conditions:
                return substance, self._renamings(substance.numbers, str(place))[again]
            return substance, self.renamings[place + again]
        except IndexError:
            if self.refusal:
                raise self.refusal from None
            self.failure_key = ("vary", "where") if self.problem.vary.where else ("vary",)
            raise self._nothing_drawn() from None

    def _nothing_drawn(self) -> WorksheetError:
        """There is no draw, or none was found among those that were tried."""
        vary = self.problem.vary
        if self.met_given:
            all_of = "every draw" if not self.gave_up else f"each of the {self.substances.looked_at} draws tried"
            return WorksheetError(
                f"{all_of} that could be asked is a question that was given before",
                remedy=f"{self.way_out} Or leave this problem out.",
            )
        if not self.gave_up:
            return WorksheetError(
                "there is no draw that meets all conditions" if vary.where else "there is nothing to draw",
                remedy="Relax a condition, or give it more values to choose from.",
            )
        wanted = [
            *(["meets all conditions"] if vary.where else []),
            *(
                f"makes {symbol.name} {listed(sorted(symbol.properties))}"
                for symbol in self.matrices
                if symbol.properties
            ),
        ]
        if vary.nice:
            wanted.append("has answers in whole numbers")
        elif self.matrices or not wanted:
            wanted.append("has an answer in numbers")
        return WorksheetError(
            f"none of the {self.substances.looked_at} draws that were tried {listed(wanted)}", remedy=self.way_out
        )

    def _substance(self, digits: tuple[int, ...], constructed: frozenset[str] = frozenset()) -> Substance | None:
        """What a choice makes of the problem; None if it may not be, or has been before."""
        self.work += self.work_to_make + CONSTRUCTING * len(constructed)
        vary, reading = self.problem.vary, self.problem.readings[digits[0]]
        split = 1 + len(vary.optional)
        split_words = split + len(vary.values)
        left_out = [i for i, digit in enumerate(digits[1:split]) if digit]
        chosen = dict(zip(vary.values, digits[split:split_words], strict=True))
        words = {
            name: alternatives[digit]
            for (name, alternatives), digit in zip(vary.text.items(), digits[split_words:], strict=True)
        }
        made = {name: self._made(name, digit, name in constructed) for name, digit in chosen.items()}
        if None in made.values():
            return None
        options = {name: option for name, option in made.items() if option is not None}
        numbers = {symbol: exact(options[name], {}) for name, symbol in self.numbers.items() if name in options}
        if not all(condition.holds(numbers) for condition in self.conditions):
            return None
        if self.size_conditions and not self._renamings(numbers, "").has(1):
            return None
        values: dict[Expr, Expr] = {}
        data: dict[Symbol, Rows] = {}
        for name, option in options.items():
            symbol = reading.symbols.get(name)
            if symbol in reading.variables or isinstance(option, Matrix):
                data |= {symbol: exact(option, {})} if symbol else {}
            elif symbol:
                values[symbol] = reading.options[name][chosen[name]] or option
        subjects = {place: _drawn(subject, left_out, values) for place, subject in reading.subjects.items()}
        if any(is_undefined(subject.function) or not subject.is_of_its_variable for subject in subjects.values()):
            return None
        if data and not self._has_answers(reading, subjects, data):
            return None
        drawn = Substance(reading, subjects, values, numbers, data, words)
        if (slots := self._slots(drawn)) is None:
            return None
        found = _identity(subjects, data)
        fingerprint = self._recordable(found, slots) if subjects or slots else None
        if fingerprint is not None and _is_among(self.given, fingerprint, RECORDED_TOLERANCE):
            self.met_given += 1
            return None
        if not self._is_new(found, slots):
            return None
        return replace(drawn, fingerprint=fingerprint)

    @property
    def was_given(self) -> bool:
        """It has one question only, and that was given before."""
        if not self.given or self.varies:
            return False
        if self.wording is not None:
            return _is_among(self.given, self.wording, RECORDED_TOLERANCE)
        return not self.substances.has(1) and self.met_given > 0

    @cached_property
    def wording(self) -> float | None:
        """A number for the author's words where nothing is derived and nothing is drawn in them; else None."""
        if self.problem.functions or self.own_slots or self.problem.vary.text:
            return None
        return recorded(float(int.from_bytes(sha256(json.dumps(self.own_words).encode()).digest()[:6])))

    def _recordable(self, found: float, slots: tuple[str, ...]) -> float:
        """A fingerprint of the functions, and of the author's words with what stands in their slots."""
        if not slots:
            return found
        told = json.dumps([self.own_words, slots, recorded(found)])
        return float(int.from_bytes(sha256(told.encode()).digest()[:6]))

    def _slots(self, drawn: Substance) -> tuple[str, ...] | None:
        """What stands in the slots of the author's questions; None if it has no value, or is not as nice as asked."""
        found = []
        for text in self.own_slots:
            try:
                e = drawn.slot(text)
            except NoValueError:
                return None
            except Unsupported as error:
                self.refusal = error
                return None
            if self.problem.vary.nice == "integers" and not e.symbols and not is_integral(exact(e, {})):
                return None
            found.append(plain(e))
        return (*found, *drawn.words.values())

    def _made(self, name: str, digit: int, constructed: bool) -> Expr | None:
        """What a choice puts in the place of a symbol, wherever that is known first."""
        options = next(reading.options[name] for reading in self.problem.readings if name in reading.options)
        if constructed and isinstance(options, Entries):
            return options.constructed(digit)
        return options[digit] if digit < options.size else None

    def _has_answers(self, reading: Reading, subjects: Mapping[Key, DrawnSubject], data: Mapping[Symbol, Rows]) -> bool:
        """Every answer that is to be in numbers can be worked out from them, is not zero, and is as nice as asked."""
        for place, asking in self.problem.derived:
            at = self.problem.subject_of(place, asking)
            subject = subjects[at]
            given = given_to(asking, reading.subjects[at], data)
            asked = place, subject.function, subject_to(asking, self.problem.functions[at], subject.equations)
            if given and asked not in self.formulas:
                task = Task(subject.function, subject.variable, asking.find, self.conventions[place], asked[-1])
                self.formulas[asked] = solve_task(task)
            if given and not self._has_answer(self.formulas[asked], given):
                return False
        return True

    def _has_answer(self, derivation: Derivation, data: Mapping[Symbol, Rows]) -> bool:
        rows, columns = (dim.number for dim in derivation.wrt.shape)
        self.work += work(in_full(derivation)) + rows * columns * work(derivation.function) // FLOATING
        try:
            found = answer(derivation, data)
        except NoValueError:
            return False
        except Unsupported as error:
            self.refusal = error
            return False
        if isinstance(found, BlockMatrix):  # it has roots
            return self.problem.vary.nice != "integers"
        entries = exact(found, {})
        if not any(map(any, entries)) or (self.problem.vary.nice == "integers" and not is_integral(entries)):
            return False
        there = {derivation.wrt: entries, **data} if derivation.find == "stationary" else data
        return not derivation.function.symbols <= set(there) or is_defined(derivation, there)

    def _is_new(self, found: float, slots: tuple[str, ...]) -> bool:
        """No draw before had this fingerprint with these slots; now one has."""
        fingerprints = self.fingerprints.setdefault(slots, [])
        if _is_among(fingerprints, found, TOLERANCE):
            return False
        insort(fingerprints, found)
        return True

    @cached_property
    def renamings(self) -> Finds[Renaming]:
        """Names and sizes, where no condition ties sizes to drawn numbers."""
        return self._renamings({}, "")

    def _renamings(self, numbers: Mapping[Symbol, Rows], key: str) -> Finds[Renaming]:
        vary = self.problem.vary
        everything = frozenset().union(*(e.symbols for reading in self.problem.readings for e in reading.expressions))
        occurring = {symbol.name for symbol in everything}
        # where one alternative has the family of x_i, it is a member in slots of the others, too
        symbols = {name for name in occurring if member_of(name) not in occurring}
        dims = {name for symbol in everything for dim in symbol.dims for name in dim.names}

        def renaming(digits: tuple[int, ...]) -> Renaming | None:
            split = len(vary.names)
            names: dict[str, str] = {}
            for choice, digit in zip(vary.names, digits[:split], strict=True):
                names |= choice[digit].names(symbols)
            sizes = {
                name: choice[digit]
                for (name, choice), digit in zip(vary.dimensions.items(), digits[split:], strict=True)
            }
            called = [names.get(name, name) for name in symbols]
            measured = [name for old in dims for name in sizes.get(old, Dim.of(old)).names]
            if len({*called, *measured}) < len(called) + len(measured):
                return None
            drawn = {self.numbers[name]: scalar(dim.number) for name, dim in sizes.items() if name in self.numbers}
            return Renaming(names, sizes) if all(c.holds({**numbers, **drawn}) for c in self.size_conditions) else None

        ways = (*(len(choice) for choice in vary.names), *(len(sizes) for sizes in vary.dimensions.values()))
        return Finds(Space(ways, f"{self.key}/look/{key}"), renaming)


def _is_among(fingerprints: Sequence[float], found: float, tolerance: float) -> bool:
    """One of these, in ascending order, is the same but for rounding."""
    place = bisect(fingerprints, found)
    return any(are_close(found, other, tolerance) for other in fingerprints[max(0, place - 1) : place + 1])


def _own_words(problem: Problem) -> tuple[str, ...]:
    """What the author's questions say, with slots."""
    return tuple(text for _, asking in problem.asked for text in KINDS[problem.kind_of(asking)].substance(asking))


def _own_slots(problem: Problem) -> tuple[str, ...]:
    """The expressions in slots of the author's questions."""
    slots = dict.fromkeys(slot for text in _own_words(problem) for slot in SLOT.findall(text))
    return tuple(slot for slot in slots if all(slot in reading.slots for reading in problem.readings))


def _drawn(subject: Subject, left_out: Sequence[int], values: Mapping[Expr, Expr]) -> DrawnSubject:
    """A function without some terms, by their numbers, and with values for symbols."""
    terms = frozenset(term for i in left_out if (term := subject.optional[i]))
    function, equations = _with(subject, terms, values)
    numbers = {e: value for e, value in values.items() if isinstance(e, Symbol) and isinstance(value, Number)}
    pattern = None
    if numbers:
        others = {e: value for e, value in values.items() if e not in numbers}
        pattern = Pattern(*_with(subject, terms, others), numbers)
    return DrawnSubject(function, equations, subject.variable, subject.member, pattern)


def _with(subject: Subject, left_out: frozenset[Expr], values: Mapping[Expr, Expr]) -> tuple[Expr, Equations]:
    function = put_in(without_terms(subject.function, left_out), values)
    return function, tuple((put_in(left, values), put_in(right, values)) for left, right in subject.equations)


class Draws:
    """All versions of a worksheet; a question follows from the seed, the stem, its problem's id and the version."""

    def __init__(self, worksheet: Worksheet) -> None:
        self.worksheet = worksheet
        self.problems = tuple(
            ProblemVariants(
                problem,
                json.dumps([worksheet.seed, worksheet.stem, own]),
                Conventions(worksheet.convention, worksheet.notation.layout),
                worksheet.given,
            )
            for problem, own in zip(worksheet.problems, worksheet.ids, strict=True)
        )
        self.was_given = {
            i: self.problems[i].wording is not None
            for slot in worksheet.slots
            if slot.varies and worksheet.given
            for i in slot.problems
            if self.problems[i].was_given
        }
        """The problems of pools that have one question only, which was given before; whether it can be given again."""
        self.arrangement = Arrangement(worksheet, self.was_given)

    def placed(self, version: int) -> tuple[Placed, ...]:
        """The problems of a version, counted from 1, in the order in which they are printed."""
        return self.arrangement.version(version)

    def needed(self, i: int) -> int:
        """How many draws of a problem, counted from 0, all versions have; at least one is looked for."""
        return max(i not in self.was_given, self.arrangement.uses(i, self.worksheet.versions))

    def mistakes(self) -> Iterator[GeneratorError]:
        """An error for each problem of which no version can be drawn."""
        for i, variants in enumerate(self.problems):
            if not self.needed(i):
                continue
            try:
                variants[0]
            except GeneratorError as error:
                yield error.at(self.worksheet.place("problems", i, *variants.failure_key))

    def capacities(self) -> tuple[Capacity, ...]:
        """For each problem in how many versions it can differ, counted up to all; all where none is to differ."""
        return tuple(map(self.capacity, range(len(self.problems))))

    def capacity(self, i: int) -> Capacity:
        """The same for one problem, counted from 0."""
        variants, needed = self.problems[i], self.needed(i)
        if not needed:
            return Capacity(0, 0, is_complete=True)
        is_free = not variants.varies and variants.substances.has(1)
        return Capacity(needed, 1, is_complete=True) if is_free else variants.capacity(needed)

    def label(self, number: int) -> str:
        """What a version is called: its number, as wide as that of the last one."""
        width = max(2, len(str(self.worksheet.versions)))
        return f"{number:0{width}d}"

    def version(self, number: int) -> Version:
        """A version, counted from 1."""
        questions = chain.from_iterable(self.questions(one.problem, one.draw) for one in self.placed(number))
        return Version(number, self.label(number), tuple(questions))

    def questions(self, i: int, draw: int) -> tuple[Question, ...]:
        """A draw, counted from 1, of a problem, counted from 0: its parts, or if it has none, all of it.

        Of a problem that every version has, it is that of the version with this number. Raises GeneratorError with all
        problems that cannot be drawn, where this one cannot.
        """
        try:
            drawn = self.problems[i][draw - 1]
        except GeneratorError:
            raise together(list(self.mistakes())) from None
        return tuple(self._questions(i, self.problems[i], draw, *drawn))

    def fingerprint(self, i: int, draw: int) -> float | None:
        """A number for a draw of a problem, counted from 0, that is the same where it is the same mathematics.

        None where nothing is derived and nothing drawn is in the author's words.
        """
        substance, _ = self.problems[i][draw - 1]
        return substance.fingerprint

    def wording(self, i: int) -> float | None:
        """A number for the author's words of a problem where nothing is derived or drawn; else None."""
        return self.problems[i].wording

    def _questions(
        self, i: int, variants: ProblemVariants, draw: int, substance: Substance, renaming: Renaming
    ) -> Iterator[Question]:
        problem, worksheet = variants.problem, self.worksheet
        turn_number = 1 if problem.fixed else draw
        for letter, (place, asking) in zip(ascii_lowercase, problem.asked, strict=False):
            at = problem.subject_of(place, asking)
            function = (*at, "function") if at in problem.functions else (*place, "statement")
            key = json.dumps([variants.key, turn_number, *([letter] if place else [])])
            first = int.from_bytes(sha256(json.dumps([variants.key, letter]).encode()).digest()[:4])
            turn = first + turn_number - 1
            asked = Asked(
                worksheet,
                problem,
                place,
                asking,
                letter,
                substance,
                renaming,
                variants.conventions[place],
                key,
                turn,
                {},
            )
            head = {
                "number": i + 1,
                "id": worksheet.ids[i],
                "title": problem.title or "",
                "points": asking.points,
                "source": worksheet.place("problems", i, *function),
                "key": ("problems", i, *place),
                "rubric": asking.rubric,
                "space": asking.space or worksheet.print.share(len(problem.asked)),
                "ground": asking.ground or problem.ground or worksheet.print.ground,
                "part": letter if place else "",
                "preface": self._preface(asked, problem.statement) if place else None,
                "hint": asked.words(asking.hint),
                "note": asked.words(asking.note),
                "bonus": asking.bonus or problem.bonus,
                "alternatives": {**self._plain_preface(asked), **asked.plain_words(asking)},
            }
            yield KINDS[problem.kind_of(asking)].question(replace(asked, head=head))

    def _plain_preface(self, asked: Asked) -> dict[str, AuthorWords]:
        """What the author says for all parts without commands; nothing where there is none."""
        _, text = asked.problem.alternatives.get("statement", ((), None)) if asked.place else ((), None)
        return {"preface": said} if (said := self._preface(asked, text, latex=False)) else {}

    def _preface(self, asked: Asked, text: str | None, *, latex: bool = True) -> AuthorWords | None:
        """What the author says once for all parts, with the numbers that all parts share."""
        problem, substance = asked.problem, asked.substance
        everywhere = substance.data if all(asking.in_numbers for _, asking in problem.derived) else {}
        return filled(text, (), substance, everywhere, asked.renaming, latex=latex) if text else None


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Texts in a row: `a, b and c`."""
    *others, last = texts
    return f"{', '.join(others)} {word} {last}" if others else last


def _inverted(e: Expr) -> frozenset[Symbol]:
    """The symbols in products of which an inverse or a determinant is taken."""
    found: frozenset[Symbol] = frozenset()
    for part in walk(e):
        match part:
            case Inverse(arg) | Determinant(arg) if not any(isinstance(inner, Sum) for inner in walk(arg)):
                found |= arg.symbols
            case _:
                pass
    return found


def _identity(subjects: Mapping[Key, DrawnSubject], data: Mapping[Symbol, Rows]) -> float:
    """The fingerprint of what a problem derives: of its functions and equations with numbers put in, and of points."""
    return sum(
        factor * _fingerprint(subject.function, subject.equations, subject.variable, data)
        for factor, subject in enumerate(subjects.values(), 1)
    )


def _fingerprint(function: Expr, equations: Equations, wrt: Symbol, data: Mapping[Symbol, Rows]) -> float:
    gaps = (Norm("2", add(left, -right)) ** 2 for left, right in equations)
    known: dict[Expr, Expr] = {symbol: as_expr(rows) for symbol, rows in data.items() if symbol != wrt}
    found = fingerprint(substitute(add(function, *gaps), known), wrt)
    return found + weighed(array(data[wrt])) if wrt in data else found


class Seeds(Draws):
    """The first version of a worksheet under many seeds, counted from 1: what it could have become."""

    def __init__(self, worksheet: Worksheet, count: int) -> None:
        super().__init__(worksheet.model_copy(update={"versions": count}))
        self.last: Draws | None = None
        """What was drawn from last."""

    def label(self, number: int) -> str:
        """The seed."""
        return str(number)

    def placed(self, version: int) -> tuple[Placed, ...]:
        """The problems of the first version under a seed."""
        return tuple(replace(one, draw=version) for one in self._under(version).placed(1))

    def questions(self, i: int, draw: int) -> tuple[Question, ...]:
        """The first draw of a problem under a seed."""
        return self._under(draw).questions(i, 1)

    def _under(self, seed: int) -> Draws:
        if self.last is None or self.last.worksheet.seed != seed:
            self.last = Draws(self.worksheet.model_copy(update={"seed": seed}))
        return self.last


def draw(worksheet: Worksheet, version: int) -> Version:
    """One version, counted from 1."""
    return Draws(worksheet).version(version)
