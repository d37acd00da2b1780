"""What is wrong with a worksheet whose keys are right: names, declarations, and what may vary."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import DeclarationError, GeneratorError, UnknownSymbolError, WorksheetError
from generator.expr.evaluate.exact import PROPERTIES
from generator.expr.functions import GREEK
from generator.expr.nodes import Matrix, Number, named, shape_text, terms_of
from generator.expr.parsing.index_sums import member_of
from generator.expr.parsing.lexer import normal_name, symbol_name
from generator.expr.parsing.parse import applied, declare
from generator.expr.printing.plain import plain
from generator.problems.equations import labels, references
from generator.problems.marking import in_words
from generator.worksheet.condition import read_condition
from generator.worksheet.entries import Entries
from generator.worksheet.given import matrices
from generator.worksheet.interpret import (
    NAME,
    SLOT,
    argument_of,
    comparable,
    known_symbols,
    parsed_functions,
    read_function,
    read_optional,
    read_slot,
    read_slots,
    read_value,
    slot_name,
    subject_to,
)
from generator.worksheet.kinds import KINDS
from generator.worksheet.spec import DERIVED, own_words
from generator.worksheet.values import is_undefined, put_in, without_terms
from generator.worksheet.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from generator.errors import Key
    from generator.expr.nodes import Expr, Symbol
    from generator.expr.parsing.parse import Parsed
    from generator.worksheet.entries import Listed
    from generator.worksheet.interpret import FunctionText, Reading, Subject
    from generator.worksheet.kinds.protocol import Mistake
    from generator.worksheet.spec import Asking, Choice, Problem, Worksheet
    from generator.worksheet.values import Values
    from generator.worksheet.yaml_source import Slot

    Names: TypeAlias = Mapping[str, Symbol]

NOT_AT_A_POINT = ("stationary", "differential")
"""What is not asked for at a value of the variable."""

DRAWN = "vary: {x: -3..3}  with  symbols: {x: 2}"

MOST_LISTED = 20
"""How many symbols an error lists."""
VARY = ("names", "dimensions", "text", "optional", "where", "nice")
"""The keys below `vary` that are no symbols."""

MOST_COLUMNS, MOST_ENTRIES = 10, 100
"""How large a matrix may be that is drawn as numbers."""

MATH = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)

NOT_A_SYMBOL = re.compile(
    r"\\(?:operatorname\*?|text\w*|math(?:bb|cal|rm|sf|frak)|begin|end|label|(?:eq)?ref)\s*\{[^{}]*\}|\\[A-Za-z]+"
)
"""Letters in LaTeX mathematics that name no symbol of a function."""


def mistakes(worksheet: Worksheet) -> Iterator[GeneratorError]:
    """Everything that is wrong, each with its place."""
    lines: dict[str, int | None] = {}
    for i, problem in enumerate(worksheet.problems):
        for key, error in chain(_taken_id(problem, lines), _in_problem(problem)):
            yield error.at(worksheet.place("problems", i, *key))
        if problem.id is not None:
            lines.setdefault(problem.id, worksheet.place("problems", i, "id").line)
    yield from _arrangement(worksheet)


def _arrangement(worksheet: Worksheet) -> Iterator[GeneratorError]:
    """What keeps versions from being worth the same, and questions from being where they have to be."""
    for slot in worksheet.slots:
        if slot.varies:
            yield from (error.at(slot.place) for error in _pool(worksheet, slot) if slot.place)
        if worksheet.print.is_fixed and worksheet.order_of(slot.section) == "shuffled":
            yield WorksheetError(
                f"papers for {worksheet.print.profile} have every question at the same place in every version, and"
                " shuffled problems have not",
                remedy="Remove  order: shuffled  or the profile.",
                file=worksheet.place("order") if slot.section is None else worksheet.place("sections", slot.section),
            )
            return


def _pool(worksheet: Worksheet, slot: Slot) -> Iterator[GeneratorError]:
    """What keeps the problems of a pool from taking each other's place."""
    problems = [worksheet.problems[i] for i in slot.problems]
    worths = dict.fromkeys(
        (sum(one.points for _, one in problem.asked if not (one.bonus or problem.bonus)), _bonus(problem))
        for problem in problems
    )
    if len(worths) > 1:
        said = " or ".join(
            in_words(points) + f" with a bonus of {in_words(bonus)}" * bool(bonus) for points, bonus in worths
        )
        yield WorksheetError(
            f"problems of this pool are worth {said}, so that the total of a version would depend on those that it has",
            remedy="Give them all the same points, such as  points: 5  beside  pick.",
        )
    if worksheet.print.is_fixed and len({len(problem.asked) for problem in problems}) > 1:
        yield WorksheetError(
            f"papers for {worksheet.print.profile} have the same questions in every version, and problems of this pool"
            " have different numbers of parts",
            remedy="Give them all as many parts, or remove the profile.",
        )
    for i, problem in zip(slot.problems, problems, strict=True):
        if problem.fixed:
            yield WorksheetError(
                "a problem of a pool is not in every version, and so it is not the same in all",
                remedy="Remove  fixed, or put it beside the pool.",
                file=worksheet.place("problems", i, "fixed"),
            )


def _bonus(problem: Problem) -> Fraction:
    return sum((one.points for _, one in problem.asked if one.bonus or problem.bonus), Fraction(0))


def _taken_id(problem: Problem, lines: Mapping[str, int | None]) -> Iterator[Mistake]:
    if problem.id is not None and problem.id in lines:
        yield (
            ("id",),
            WorksheetError(
                f"the id {problem.id!r} is already in use, in line {lines[problem.id]}",
                remedy="Give each problem an id of its own, or none.",
            ),
        )


def _in_problem(problem: Problem) -> Iterator[Mistake]:
    """The mistakes of one problem; what could only follow from one before it is left out."""
    for check in (_parts, _kinds, _declarations, _functions, _variation, _fixed):
        found = list(check(problem))
        yield from found
        if found:
            return
    names = _known(problem)
    found = [*_statements(problem, names), *_own_statements(problem, names)]
    yield from found or _unasked(problem)
    yield from _unknown_labels(problem)
    for place, asking in problem.asked:
        yield from KINDS[problem.kind_of(asking)].mistakes(problem, place, asking)
        for key, error in mismarked(asking):
            yield (*place, key), error


def _kinds(problem: Problem) -> Iterator[Mistake]:
    """Kinds that there are not, what questions lack, and keys of another kind."""
    for place, asking in {(): problem, **dict(problem.asked)}.items():
        if asking.kind is not None and asking.kind not in KINDS:
            meant = nearest(asking.kind, KINDS)
            yield (
                (*place, "kind"),
                WorksheetError(
                    f"there is no kind of problem {asking.kind!r}",
                    remedy=f"Did you mean '{meant}'?" if meant else f"There are: {', '.join(KINDS)}.",
                ),
            )
            return
    for place, asking in problem.asked:
        kind = KINDS[problem.kind_of(asking)]
        lacks = list(kind.missing(problem, place, asking))
        yield from lacks
        said = {key for key in asking.model_fields_set if getattr(asking, key) is not None}
        for key in sorted(said - kind.keys) if not lacks else ():
            if owner := next((other for other in KINDS.values() if key in other.keys), None):
                yield (
                    (*place, key),
                    WorksheetError(
                        f"'{key}' is of {owner.description}, and this is {kind.description}",
                        remedy="Remove it, or write the question as one of that kind.",
                    ),
                )


def _parts(problem: Problem) -> Iterator[Mistake]:
    """Keys beside the parts that belong to each of them."""
    for key in problem.misplaced:
        what = "the points of a problem are those of its parts together" if key == "points" else f"'{key}' is of a part"
        yield (key,), WorksheetError(what, remedy=f"Say '{key}' in the parts, and not beside them.")


def _fixed(problem: Problem) -> Iterator[Mistake]:
    """What varies in a problem that is to be the same in all versions."""
    if not problem.fixed:
        return
    vary = problem.vary
    differing: list[tuple[Key, str]] = [
        ((*at, "function"), "the function") for at, text in problem.functions.items() if len(text.function) > 1
    ]
    differing += [(("vary", vary.written[name]), name) for name, values in vary.values.items() if len(values.items) > 1]
    differing += [(("vary", "names"), "names")] * any(len(choice) > 1 for choice in vary.names)
    differing += [(("vary", "dimensions", name), name) for name, sizes in vary.dimensions.items() if len(sizes) > 1]
    differing += [(("vary", "text", name), name) for name, words in vary.text.items() if len(words) > 1]
    differing += [(("vary", "optional"), "optional")] * bool(vary.optional)
    differing += [((*place, "shuffle"), "shuffle") for place, asking in problem.asked if asking.shuffle]
    for key, what in differing:
        yield (
            key,
            WorksheetError(
                f"the problem is fixed, the same in all versions, and {what} would differ",
                remedy="Leave one alternative, or remove  fixed: true.",
            ),
        )


def _declarations(problem: Problem) -> Iterator[Mistake]:
    for name, said in problem.symbols.items():
        try:
            declare(name, said)
        except DeclarationError as error:
            yield ("symbols", name), error.without_name()
        except GeneratorError as error:
            yield ("symbols", name), error


def _alternative(written: FunctionText, at: Key, index: int) -> Key:
    """Where an alternative for a function stands."""
    return (*at, "function") if len(written.function) == 1 else (*at, "function", index)


def _functions(problem: Problem) -> Iterator[Mistake]:
    """What is wrong with functions."""
    counts = {len(written.function) for written in problem.functions.values()} - {1}
    if len(counts) > 1:
        at = max(problem.functions, key=len)
        yield (
            (*at, "function"),
            WorksheetError(
                "functions have different numbers of alternatives, which are drawn together",
                remedy="Give each as many alternatives, or one.",
            ),
        )
        return
    found = list(chain.from_iterable(_function(problem, at, written) for at, written in problem.functions.items()))
    yield from found
    if not found:
        try:
            list(_alternatives(problem))
        except GeneratorError as error:
            at = max(problem.functions, key=len, default=())
            yield (*at, "function") if problem.functions else ("symbols",), error


def _alternatives(problem: Problem) -> Iterator[dict[str, Symbol]]:
    """The symbols of each alternative."""
    for i in range(max((len(written.function) for written in problem.functions.values()), default=1)):
        yield known_symbols(problem, parsed_functions(problem, i))


def _function(problem: Problem, at: Key, written: FunctionText) -> Iterator[Mistake]:
    """What is wrong with the alternatives for a function, each by itself and beside the first."""
    first: tuple[str, str] | None = None
    for i, text in enumerate(written.function):
        try:
            parsed = read_function(problem, written, text)
        except GeneratorError as error:
            said = error.text.text if error.text is not None else text
            yield _alternative(written, at, i) if said in text else _constraint(problem, said), error
            continue
        try:
            variable = argument_of(parsed.symbols, written.variable)
        except KeyError:
            variable = None
        if variable not in parsed.expr.symbols:
            has_own = not at or getattr(dict(problem.asked)[at], "wrt", None)
            key = _alternative(written, at, i)
            if len(written.function) == 1:
                key = (*at, "wrt") if has_own else ("wrt",)
            yield key, _absent(written.wrt, parsed.expr.symbols)
            continue
        yield from _constraints(problem, at, parsed, variable)
        kinds = _kind(parsed.expr), _kind(variable)
        first = first or kinds
        if kinds != first:
            yield (
                _alternative(written, at, i),
                WorksheetError(
                    f"the shapes disagree: here a {kinds[0]} depends on a {kinds[1]}, and a {first[0]} on a {first[1]}"
                    " in the first alternative",
                    remedy="Alternatives ask for the same kind of answer; make this one a problem of its own.",
                ),
            )


def _constraints(problem: Problem, at: Key, parsed: Parsed, variable: Symbol) -> Iterator[Mistake]:
    """What is wrong with the equations that a point is subject to."""
    for place, part in problem.derived:
        if problem.subject_of(place, part) == at and part.subject_to and part.find != "stationary":
            yield (*place, "subject_to"), WorksheetError("only a stationary point is subject to a constraint",
                                                         remedy="Add  find: stationary")  # fmt: skip
    for text, sides in zip(problem.functions[at].equations, parsed.equations, strict=True):
        if all(variable not in side.symbols for side in sides):
            what = f"the constraint {text} does not depend on {problem.functions[at].wrt}"
            yield _constraint(problem, text), WorksheetError(what)


def _constraint(problem: Problem, text: str) -> Key:
    """Where a constraint stands, or the first that a text is of."""
    has = (place for place, part in problem.asked if any(text in equation for equation in part.subject_to))
    return (*next(has, ()), "subject_to")


def _kind(e: Expr) -> str:
    return "scalar" if e.is_scalar else "vector" if e.is_vector else "matrix"


def _known(problem: Problem) -> dict[str, Symbol]:
    """The symbols that occur in some version before it is renamed, by name."""
    known: dict[str, Symbol] = {}
    for reading in problem.readings:
        for symbol in frozenset().union(*(e.symbols for e in reading.expressions)):
            known.setdefault(symbol.name, symbol)
    return known


def _absent(name: str, symbols: Iterable[Symbol], where: str = "the function") -> WorksheetError:
    *first, last = sorted(plain(named(symbol)) for symbol in symbols)[: MOST_LISTED + 1] or [""]
    more = last if len(first) < MOST_LISTED else "and others"
    present = f"Its symbols are {', '.join((*first, more))}." if last else "It has no symbols."
    return WorksheetError(f"{name} does not occur in {where}", remedy=present)


def _variation(problem: Problem) -> Iterator[Mistake]:
    """What is wrong with what may vary."""
    found = list(chain(_values(problem), _optional(problem)))
    yield from found
    if found:
        return
    known = _known(problem)
    functions = {f.name for reading in problem.readings for f in applied(reading.symbols.values(), reading.expressions)}
    for name in problem.symbols:
        if symbol_name(name, known) not in known and normal_name(name) not in functions:
            yield ("symbols", name), _absent(name, known.values())
    yield from _dimensions(problem, known)
    yield from _renamings(problem, known)
    yield from _conditions(problem)
    yield from _numbers(problem)


def _values(problem: Problem) -> Iterator[Mistake]:
    """What is wrong with the values of a symbol."""
    functions = _parsed(problem)
    in_functions = {symbol.name: symbol for _, parsed in functions for symbol in parsed.occurring}
    in_slots = _in_slots(problem)
    variables = {normal_name(text.wrt) for text in problem.functions.values()}
    for name, values in problem.vary.values.items():
        written = problem.vary.written[name]
        key = ("vary", written)
        if symbol_name(written, in_functions) != name:
            yield (
                key,
                WorksheetError(
                    f"{written} has many members, and nothing can stand in their place",
                    remedy="Write the function with other terms as an alternative:  function: [..., ...]",
                ),
            )
            continue
        if name not in in_functions | in_slots:
            meant = nearest(written, VARY)
            yield (
                key,
                WorksheetError(f"unknown key '{written}'; did you mean '{meant}'?")
                if meant
                else _absent(written, (in_functions | in_slots).values(), "the function" if functions else "any slot"),
            )
            continue
        texts = [value for value in values.items if isinstance(value, str)]
        found = matrices(texts)
        unlike = next((text for text, one in zip(texts, found, strict=False) if one.shape != found[0].shape), None)
        if unlike is not None:
            yield key, WorksheetError(f"{unlike} and {texts[0]} are not of the same shape")
            continue
        if name in variables and texts and not found:
            yield key, WorksheetError(f"{written} is the variable, and only numbers can stand in its place")
            continue
        if name in variables and all(part.find in NOT_AT_A_POINT for _, part in problem.derived):
            what = " or ".join(dict.fromkeys(part.find for _, part in problem.derived))
            yield key, WorksheetError(f"{written} is the variable; with find: {what} nothing can stand in its place")
            continue
        for wrt, parsed in functions:
            if parsed.symbols.get(name) in parsed.occurring:
                error = _wrong_value(wrt, parsed, written, values)
                if error:
                    yield key, error
                    break
        if name not in in_functions:
            for symbols in _alternatives(problem):
                if error := _wrong_value_in_slot(symbols, written, values):
                    yield key, error
                    break


def _parsed(problem: Problem) -> list[tuple[str, Parsed]]:
    """All alternatives for functions, each with its variable."""
    return [
        (text.wrt, read_function(problem, text, one)) for text in problem.functions.values() for one in text.function
    ]


def _in_slots(problem: Problem) -> dict[str, Symbol]:
    """The symbols in slots, by their names."""
    return {
        symbol.name: symbol
        for symbols in _alternatives(problem)
        for e in read_slots(problem, symbols).values()
        for symbol in e.symbols
    }


def _wrong_value_in_slot(symbols: Names, written: str, values: Values) -> GeneratorError | None:
    """What goes wrong where values stand for a symbol that is in no function."""
    symbol = symbols[normal_name(written)]
    if is_in_numbers(symbol, values):
        return _wrong_size(symbol, written, values)
    if not values.coefficients:
        return _no_coefficient(values)
    for value in values.coefficients:
        try:
            option = read_value(symbols, symbol, value)
        except GeneratorError as error:
            return error
        if lacks := _lacks_a_property(symbol, written, value, option):
            return lacks
    return None


def is_in_numbers(symbol: Symbol, values: Values) -> bool:
    """Numbers stand for the entries of a matrix."""
    return not symbol.is_scalar and any(isinstance(value, Fraction) for value in values.items)


def _wrong_size(symbol: Symbol, written: str, values: Values) -> GeneratorError | None:
    """Why numbers cannot be the entries of a matrix."""
    if not values.are_numbers:
        return WorksheetError(f"{written} is not a scalar, and numbers and expressions cannot both stand in its place")
    if any(dim.names for dim in symbol.shape):
        return WorksheetError(
            f"{written} is {shape_text(symbol.shape)}, and numbers need a size",
            remedy=f"Declare all symbols, this one by its size or as a scalar:  symbols: {{{written}: 2 x 2, ...}}",
        )
    rows, columns = (dim.number for dim in symbol.shape)
    if rows * columns > MOST_ENTRIES or columns > MOST_COLUMNS:
        return WorksheetError(
            f"{written} is {shape_text(symbol.shape)}, and numbers are drawn for up to {MOST_COLUMNS} columns and"
            f" {MOST_ENTRIES} entries, which fit on a page",
            remedy=f"Make it smaller, such as  symbols: {{{written}: {min(rows, 4)} x {min(columns, 4)}, ...}}",
        )
    return None


def _no_coefficient(values: Values) -> GeneratorError:
    return WorksheetError(
        f"the range {values.items[0]}..{values.items[-1]} holds no coefficient",
        remedy="A range leaves out 0, 1 and -1; a list, such as [0, 1], does not.",
    )


def _lacks_a_property(symbol: Symbol, written: str, value: object, option: Expr) -> GeneratorError | None:
    if not isinstance(option, Matrix):
        return None
    for name in sorted(symbol.properties):
        if not PROPERTIES[name](option.rows):
            return WorksheetError(f"{value} is not {name}, as {written} is declared to be")
    return None


def _wrong_value(wrt: str, parsed: Parsed, written: str, values: Values) -> GeneratorError | None:
    """What goes wrong where one of its values stands for a symbol of a function, and everything else stays."""
    symbol = parsed.symbols[normal_name(written)]
    variable = argument_of(parsed.symbols, normal_name(wrt))
    if is_in_numbers(symbol, values):
        return _wrong_size(symbol, written, values)
    if symbol != variable and not values.coefficients:
        return _no_coefficient(values)
    for value in values.items if symbol == variable else values.coefficients:
        try:
            option = read_value(parsed.symbols, symbol, value)
        except GeneratorError as error:
            return error
        if isinstance(option, Matrix) and (lacks := _lacks_a_property(symbol, written, value, option)):
            return lacks
        if isinstance(option, Matrix) or symbol == variable:
            continue
        drawn = put_in(parsed.expr, {symbol: option})
        if is_undefined(drawn):
            return WorksheetError(f"with {symbol.name} = {value} the function is undefined", remedy="Leave it out.")
        if variable not in drawn.symbols:
            return WorksheetError(
                f"with {symbol.name} = {value} the function does not depend on {wrt}", remedy="Leave it out."
            )
    return None


def _optional(problem: Problem) -> Iterator[Mistake]:
    functions = _parsed(problem)
    for i, text in enumerate(problem.vary.optional):
        key = ("vary", "optional", i)
        try:
            terms = [(wrt, parsed, read_optional(parsed, text)) for wrt, parsed in functions]
        except GeneratorError as error:
            yield key, error
            continue
        present = [(wrt, parsed, term) for wrt, parsed, term in terms if term is not None]
        if not functions:
            yield key, WorksheetError("there is no function with terms to leave out", remedy="Remove it.")
        elif not present:
            whole = ", ".join(plain(term) for term in terms_of(functions[0][1].expr))
            yield key, WorksheetError(f"{text} is not a term of the function", remedy=f"Its terms are {whole}.")
        for wrt, parsed, term in present:
            rest = without_terms(parsed.expr, frozenset({term}))
            if argument_of(parsed.symbols, normal_name(wrt)) not in rest.symbols:
                yield key, WorksheetError(f"without {text} the function does not depend on {wrt}")
                break


def _numbers(problem: Problem) -> Iterator[Mistake]:
    """Where some symbols have numbers that are put in, all have, or nothing can be worked out."""
    for reading in problem.readings:
        numeric = {name for name, options in reading.options.items() if _holds_numbers(options)}
        shown = {
            symbol.name
            for _, text in _own_words(problem)
            for slot in SLOT.findall(text)
            for symbol in (reading.slots[slot].symbols if slot in reading.slots else ())
        }
        for place, part in problem.derived:
            at = problem.subject_of(place, part)
            subject = reading.subjects[at]
            variable = subject.variable
            given = _given_to(reading, subject)
            if not part.in_numbers:
                continue
            wanted = given - ({variable.name} if part.find in NOT_AT_A_POINT else set())
            equations = subject_to(part, problem.functions[at], subject.equations)
            wholes = (subject.function, *chain.from_iterable(equations))
            sought = {variable.name} if part.find != "value" else set()  # an answer may do without
            missing = sorted({symbol.name for e in wholes for symbol in e.symbols} - numeric - sought)
            if given and part.find == "differential":
                yield (
                    (*place, "find"),
                    WorksheetError("a differential has no numbers", remedy="Ask for the derivative."),
                )
            elif missing and (wanted or place or part.find == "value"):
                yield (
                    place or ("vary",),
                    WorksheetError(
                        f"there are no numbers for {' and '.join(missing)}, and so nothing can be worked out",
                        remedy=f"Draw them as well, such as  vary: {{{missing[0]}: -3..3}}",
                    ),
                )
            elif place and not wanted:
                yield place, WorksheetError("there are no numbers to put in", remedy=f"Draw some, such as  {DRAWN}")
        given = _given(reading)
        asked = [part for _, part in problem.derived if part.in_numbers]
        if unused := given - shown if not asked else set():
            yield (
                ("vary", problem.vary.written[min(unused)]),
                WorksheetError(
                    f"numbers are drawn for {' and '.join(sorted(unused))}, and no part is worked out in numbers",
                    remedy="Add  numeric: true  to a part.",
                ),
            )
        elif problem.vary.nice and not given and problem.functions:
            yield (
                ("vary", "nice"),
                WorksheetError("no answer is a number here", remedy="Draw matrices, or leave it out."),
            )


def _given_to(reading: Reading, subject: Subject) -> set[str]:
    """The symbols of a function whose numbers stand beside it: matrices, and the variable."""
    known = {symbol.name for symbol in subject.symbols}
    return {
        name
        for name, options in reading.options.items()
        if name in known
        and _holds_numbers(options)
        and (name == subject.variable.name or not reading.symbols[name].is_scalar)
    }


def _given(reading: Reading) -> set[str]:
    """The symbols whose numbers stand beside the function: matrices, and the variable."""
    return {
        name
        for name, options in reading.options.items()
        if _holds_numbers(options)
        and (reading.symbols[name] in reading.variables or not reading.symbols[name].is_scalar)
    }


def _holds_numbers(options: Listed | Entries) -> bool:
    return isinstance(options, Entries) or all(isinstance(item, Number | Matrix) for item in options.items)


def _dimensions(problem: Problem, known: Names) -> Iterator[Mistake]:
    present = {name for symbol in known.values() for dim in symbol.dims for name in dim.names}
    for name, sizes in problem.vary.dimensions.items():
        key = ("vary", "dimensions", name)
        if name not in present:
            yield key, WorksheetError(f"{name} is no dimension of this problem", remedy=_among("dimensions", present))
        for new in (new for size in sizes for new in size.names):
            if new in known:
                yield key, WorksheetError(f"{new} is a symbol of this problem", remedy="Choose a name that is free.")
            elif new in present - {name}:
                yield key, WorksheetError(f"{name} and {new} would both be called {new}")


def _among(what: str, names: Iterable[str]) -> str:
    return f"Its {what} are {', '.join(sorted(names))}." if names else f"It has no {what} with a name."


def _renamings(problem: Problem, known: Names) -> Iterator[Mistake]:
    dimensions = {name for symbol in known.values() for dim in symbol.dims for name in dim.names}
    numbers = {name for name, values in problem.vary.values.items() if values.are_numbers}
    numbers -= set().union(*map(_given, problem.readings))  # their letters are still there
    together = len(problem.vary.names) == 1
    for one in (one for choice in problem.vary.names for one in choice):
        for old, new in one.written.items():
            name, names = symbol_name(old, known), one.names(known)
            target = names[name]
            clash = [n for n in sorted(known) if together and n != name and names.get(n, n) == target]
            error: GeneratorError | None = None
            if name not in known:
                error = _absent(old, known.values())
            elif known[name].total is not None and member_of(normal_name(new)) is None:
                error = WorksheetError(f"{old} has members, and {new} has none", remedy=f"Write it as {new}_i.")
            elif name in numbers:
                error = WorksheetError(f"{old} is drawn as a number, and cannot be renamed as well")
            elif clash:
                error = WorksheetError(
                    f"{old} and {plain(named(known[clash[0]]))} would both be called {new}",
                    remedy="Choose another name, or rename both.",
                )
            elif target in dimensions:
                error = WorksheetError(f"{new} is a dimension of this problem", remedy="Choose a name that is free.")
            else:
                error = _not_a_name(new)
            if error:
                yield ("vary", "names", *one.key, *([old] if isinstance(one.key[0], int) else [])), error


def _conditions(problem: Problem) -> Iterator[Mistake]:
    for i, text in enumerate(problem.vary.where):
        key = ("vary", "where", i)
        try:
            read_condition(text, comparable(problem))
        except GeneratorError as error:
            if isinstance(error, UnknownSymbolError):
                error.remedy = _drawn(problem)
            yield key, error


def _drawn(problem: Problem) -> str:
    names = sorted(comparable(problem))
    return (
        f"It can speak of what is drawn as a number: {', '.join(names)}." if names else "Nothing is drawn as a number."
    )


def _not_a_name(name: str) -> GeneratorError | None:
    try:
        declare(name, "scalar")
    except GeneratorError as error:
        return error
    return None


def _statements(problem: Problem, names: Names) -> Iterator[Mistake]:
    """An author's own words must follow what varies, or a sheet and its key would not agree.

    What stands before parts shows all that varies in the function, but no numbers that some part does without; a part
    shows those, and all that varies in a function of its own.
    """
    known = dict(problem.asked)
    given = set().union(*map(_given, problem.readings))
    everywhere = given if all(part.in_numbers for _, part in problem.derived) else set()
    elsewhere = given - everywhere - {symbol_name(name, names) for name in problem.vary.renamed}
    varied = {symbol_name(name, names) for name in problem.vary.varied}
    for at in problem.functions:
        in_it = {s.name for reading in problem.readings for s in reading.subjects[at].symbols}
        in_it |= {name for s in names.values() if s.name in in_it for dim in s.dims for name in dim.names}
        asking = known[at] if at else problem
        is_alone = not at and len(problem.derived) == len(problem.asked)
        shown = (varied if is_alone else varied & in_it) - elsewhere
        for key, text in _statements_of(asking):
            yield from _statement(problem, at, (*at, *key), text, names, (everywhere, shown))
    for place, part in problem.derived if problem.parts else ():
        at = problem.subject_of(place, part)
        sought = {problem.functions[at].variable} if part.find in NOT_AT_A_POINT else set()
        numbers = given - sought if part.in_numbers else set()
        for key, text in _statements_of(part) if not at else ():
            yield from _statement(problem, at, (*place, *key), text, names, (numbers, numbers - everywhere))


def _statements_of(asking: Asking) -> Iterator[tuple[Key, str]]:
    """The author's statement, and what stands for it where there is no LaTeX, with their places below the question."""
    if asking.statement:
        yield ("statement",), asking.statement
    if "statement" in asking.alternatives:
        yield asking.alternatives["statement"]


def _own_words(problem: Problem) -> Iterator[tuple[Key, str]]:
    """The words of questions that are the author's own, and those before parts that have no function in common."""
    for place, asking in problem.asked:
        if problem.kind_of(asking) != DERIVED:
            yield from ((place + key, text) for key, text in own_words(asking))
    if problem.parts and () not in problem.functions:
        yield from _statements_of(problem)


def _own_statements(problem: Problem, names: Names) -> Iterator[Mistake]:
    """What is wrong in slots of the author's own questions, and of hints and notes; what varies and is not shown."""
    own = dict(_own_words(problem))
    remarks = {
        (*place, *key): text
        for place, asking in problem.derived
        for key, text in own_words(asking)
        if {"hint", "note"} & set(key)
    }
    printed: set[str] = set()
    for key, text in (own | remarks).items():
        found = False
        for slot in SLOT.findall(text):
            if error := _wrong_slot(problem, slot):
                yield key, error
                found = True
        for name in sorted(problem.vary.renamed) if not found else ():
            if _mentions(text, name):
                yield (
                    key,
                    WorksheetError(
                        f"{name} varies, but is written here as it is",
                        remedy=f"Write <<{name}>> where it stands.",
                    ),
                )
        if key[-1] in ("statement", "text") and "alt" not in key and key in own:
            printed |= _filled(problem, text)
    if not own:
        return
    in_functions = {s.name for reading in problem.readings for e in reading.wholes for s in e.symbols}
    in_functions |= {name for e in names.values() if e.name in in_functions for dim in e.dims for name in dim.names}
    for name in (*problem.vary.varied, *problem.vary.text):
        if name not in printed | in_functions:
            section = next((s for s in ("text", "dimensions") if name in getattr(problem.vary, s)), "")
            at = (section, name) if section else (problem.vary.written[name],) if name in problem.vary.values else ()
            yield (
                ("vary", *at),
                WorksheetError(
                    f"{name} varies, but no statement shows it", remedy=f"Write <<{name}>> where it stands."
                ),
            )


def _filled(problem: Problem, text: str) -> set[str]:
    """The names in the slots of some words."""
    found: set[str] = set()
    for slot in SLOT.findall(text):
        found.add(slot_name(slot, problem.readings[0].symbols))
        for reading in problem.readings:
            if slot in reading.slots:
                found |= {symbol.name for symbol in reading.slots[slot].symbols}
    return found


def _wrong_slot(problem: Problem, slot: str) -> GeneratorError | None:
    """What is wrong with a slot, in which an expression may stand."""
    if slot in problem.vary.text or slot_name(slot) in problem.vary.dimensions:
        return None
    if slot in ("function", "wrt") and () in problem.functions:
        return None
    known = problem.readings[0].symbols
    try:
        for reading in problem.readings:
            read_slot(slot, reading.symbols)
    except GeneratorError as error:
        if NAME.fullmatch(slot_name(slot)):
            slots = [*known, *problem.vary.text, *problem.vary.dimensions]
            remedy = "Declare what is drawn under  vary,  such as  vary: {c: 2..9}, and matrices under  symbols."
            return _stands_for_nothing(slot, slot, slots, remedy)
        return error
    return None


def _stands_for_nothing(slot: str, name: str, slots: Iterable[str], remedy: str) -> GeneratorError:
    meant = nearest(name, slots)
    return WorksheetError(
        f"<<{slot}>> stands for nothing" + (f"; did you mean <<{meant}>>?" if meant else ""), remedy=remedy
    )


def _unasked(problem: Problem) -> Iterator[Mistake]:
    """Words of the author that do not refer to what the key works out.

    A statement says by a slot, or by `shows`, that it is about the function or its variable. What stands before parts
    counts for each of them that has no function of its own.
    """
    silent: dict[Key, None] = {}
    for place, part in problem.derived:
        before = [] if problem.subject_of(place, part) else [((), problem)]
        own = {(*at, "statement"): asking for at, asking in (*before, (place, part)) if asking.statement}
        if own and not any(_refers(problem, place, part, asking) for asking in own.values()):
            silent[max(own, key=len)] = None
    for key in silent:
        yield (
            key,
            WorksheetError(
                "this statement shows neither the function nor its variable, and its key is worked out from them",
                remedy="Write <<function>> or <<wrt>> where they stand. If it asks for what the key works out, in other"
                " words, add  shows: function",
            ),
        )
    for place, asking in {(): problem, **dict(problem.asked)}.items():
        if asking.shows and not asking.statement:
            yield (
                (*place, "shows"),
                WorksheetError("there is no statement of your own to speak of", remedy="Remove it."),
            )
        choices = asking.choices if isinstance(asking.choices, tuple) else ()
        for i, choice in enumerate(choices):
            yield from _said_of_nothing((*place, "choices", i), choice)
        yield from _said_of_nothing(place, asking)


def _unknown_labels(problem: Problem) -> Iterator[Mistake]:
    """References to labels that no equation of the problem has."""
    words = tuple(problem.words)
    known = {label for _, text in words for label in labels(text)}
    for key, text in words:
        for name in references(text):
            if name not in known:
                yield (
                    key,
                    WorksheetError(
                        f"no equation of this problem has the label {name!r}",
                        remedy=rf"Write  \label{{{name}}}  in an equation that has a number, in the same problem.",
                    ),
                )


def _said_of_nothing(place: Key, said: Asking | Choice) -> Iterator[Mistake]:
    """Plain words for LaTeX that is not there."""
    for name, (key, _) in said.alternatives.items():
        if not getattr(said, name):
            yield (
                (*place, *key),
                WorksheetError(f"there is no {name} of your own to say in other words", remedy="Remove it."),
            )


def _refers(problem: Problem, place: Key, part: Asking, asking: Asking) -> bool:
    """A slot of a statement, or `shows` beside it, says that it is about the function or its variable."""
    slots = _filled(problem, asking.statement or "")
    variable = problem.functions[problem.subject_of(place, part)].variable
    return asking.shows is not None or not slots.isdisjoint({"function", "wrt", variable})


def _statement(
    problem: Problem,
    at: Key,
    key: Key,
    text: str,
    names: Names,
    numbers_and_shown: tuple[AbstractSet[str], AbstractSet[str]],
) -> Iterator[Mistake]:
    """What is wrong with words of the author about the function at a place.

    Some symbols are numbers there, and some have to be shown.
    """
    numbers, shown = numbers_and_shown
    slots = {"function", "wrt", *names, *problem.vary.dimensions, *problem.vary.text}
    filled = _filled(problem, text)
    for slot in SLOT.findall(text):
        name = slot_name(slot, names)
        if name in slots:
            continue
        if NAME.fullmatch(name) or not problem.readings[0].slots.keys() >= {slot}:
            remedy = "It can be <<function>>, <<wrt>> or a symbol of the function."
            yield key, _stands_for_nothing(slot, name, slots, remedy)
    written = problem.functions[at]
    varies = len(written.function) > 1 or problem.vary.optional
    if varies and "function" not in filled and key[: len(at) + 1] in {(*at, "statement"), (*at, "alt")}:
        yield (
            key,
            WorksheetError("the function varies, but is not shown here", remedy="Write <<function>> where it stands."),
        )
    letters = set().union(*map(_given, problem.readings)) - problem.vary.renamed
    variable = written.variable
    for said in problem.vary.varied:
        name = symbol_name(said, names)
        remedy = f"Write <<{said}>> where it stands" + ("." if name in numbers else ", or <<function>> for the whole.")
        showing = {name} if name in numbers else {name, "function", *(["wrt"] if name == variable else [])}
        if name not in letters and _mentions(text, name):
            yield key, WorksheetError(f"{said} varies, but is written here as it is", remedy=remedy)
        elif name in shown and not filled & showing:
            yield key, WorksheetError(f"{said} varies, but is not shown here", remedy=remedy)


def _mentions(statement: str, name: str) -> bool:
    """The mathematics in a statement names a symbol."""
    math = " ".join(chain.from_iterable(MATH.findall(SLOT.sub(" ", statement))))
    if name in GREEK:
        return re.search(rf"\\{name}(?![A-Za-z])", math) is not None
    return name in re.sub(r"[{}]", "", NOT_A_SYMBOL.sub(" ", math))


def mismarked(problem: Asking) -> Iterator[tuple[str, WorksheetError]]:
    """A rubric that gives more points, or fewer, than there are."""
    total = sum(problem.rubric.values(), Fraction(0))
    if problem.rubric and total != problem.points:
        whole = total.denominator == 1
        yield (
            "rubric",
            WorksheetError(
                f"the rubric gives {in_words(total)} in all, and it is for {in_words(problem.points)}",
                remedy=f"Write  points: {total}  or change the rubric." if whole else "Change the rubric.",
            ),
        )
