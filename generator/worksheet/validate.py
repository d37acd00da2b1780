"""What is wrong with a worksheet whose keys are right: names, declarations, and what may vary."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from generator.errors import DeclarationError, GeneratorError, UnknownSymbolError, WorksheetError
from generator.expr.evaluate.exact import PROPERTIES
from generator.expr.functions import GREEK
from generator.expr.nodes import Matrix, Number, shape_text, terms_of
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.parse import declare
from generator.expr.printing.plain import plain
from generator.forms import misplaced
from generator.problems.marking import in_words
from generator.worksheet.condition import read_condition
from generator.worksheet.entries import Entries
from generator.worksheet.interpret import SLOT, comparable, read_function, read_optional, read_value, subject_to
from generator.worksheet.values import is_undefined, put_in, without_terms
from generator.worksheet.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from generator.expr.nodes import Expr, Symbol
    from generator.expr.parsing.parse import Parsed
    from generator.worksheet.entries import Listed
    from generator.worksheet.interpret import Reading
    from generator.worksheet.spec import Asking, Problem, Worksheet
    from generator.worksheet.values import Values
    from generator.worksheet.yaml_source import Key

    Names: TypeAlias = Mapping[str, Symbol]
    Mistake: TypeAlias = tuple[Key, GeneratorError]

NOT_AT_A_POINT = ("stationary", "differential")
"""What is not asked for at a value of the variable."""

DRAWN = "vary: {x: -3..3}  with  symbols: {x: 2}"

MOST_LISTED = 20
"""How many symbols an error lists."""
VARY = ("names", "dimensions", "optional", "where", "nice")
"""The keys below `vary` that are no symbols."""

MOST_COLUMNS, MOST_ENTRIES = 10, 100
"""How large a matrix may be that is drawn as numbers."""

MATH = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)

NOT_A_SYMBOL = re.compile(r"\\(?:operatorname\*?|text\w*|math(?:bb|cal|rm|sf|frak)|begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+")
"""Letters in LaTeX mathematics that name no symbol of a function."""


def mistakes(worksheet: Worksheet) -> Iterator[GeneratorError]:
    """Everything that is wrong, each with its place."""
    lines: dict[str, int | None] = {}
    for i, problem in enumerate(worksheet.problems):
        for key, error in chain(_taken_id(problem, lines), _in_problem(problem)):
            yield error.at(worksheet.place("problems", i, *key))
        if problem.id is not None:
            lines.setdefault(problem.id, worksheet.place("problems", i, "id").line)


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
    for check in (_parts, _declarations, _functions, _variation):
        found = list(check(problem))
        yield from found
        if found:
            return
    found = list(_statements(problem, _known(problem)))
    yield from found or _unasked(problem)
    for place, part in problem.asked:
        said = frozenset(key for key in part.model_fields_set if getattr(part, key) is not None)
        for key, error in (*misplaced(part.form, said), *mismarked(part)):
            yield (*place, key), error


def _parts(problem: Problem) -> Iterator[Mistake]:
    """Keys beside the parts that belong to each of them."""
    for key in problem.misplaced:
        what = "the points of a problem are those of its parts together" if key == "points" else f"'{key}' is of a part"
        yield (key,), WorksheetError(what, remedy=f"Say '{key}' in the parts, and not beside them.")


def _declarations(problem: Problem) -> Iterator[Mistake]:
    for name, said in problem.symbols.items():
        try:
            declare(name, said)
        except DeclarationError as error:
            yield ("symbols", name), error.without_name()
        except GeneratorError as error:
            yield ("symbols", name), error


def _alternative(problem: Problem, index: int) -> Key:
    """Where an alternative for the function stands."""
    return ("function",) if len(problem.function) == 1 else ("function", index)


def _functions(problem: Problem) -> Iterator[Mistake]:
    """What is wrong with the alternatives for the function, each by itself and beside the first."""
    first: tuple[str, str] | None = None
    for i, text in enumerate(problem.function):
        try:
            parsed = read_function(problem, text)
        except GeneratorError as error:
            said = error.text.text if error.text is not None else text
            yield _alternative(problem, i) if said in text else _constraint(problem, said), error
            continue
        variable = parsed.symbols.get(normal_name(problem.wrt))
        if variable is None or variable not in parsed.expr.symbols:
            key = ("wrt",) if len(problem.function) == 1 else _alternative(problem, i)
            yield key, _absent(problem.wrt, {symbol.name for symbol in parsed.expr.symbols})
            continue
        yield from _constraints(problem, parsed, variable)
        kinds = _kind(parsed.expr), _kind(variable)
        first = first or kinds
        if kinds != first:
            yield (
                _alternative(problem, i),
                WorksheetError(
                    f"the shapes disagree: here a {kinds[0]} depends on a {kinds[1]}, and a {first[0]} on a {first[1]}"
                    " in the first alternative",
                    remedy="Alternatives ask for the same kind of answer; make this one a problem of its own.",
                ),
            )


def _constraints(problem: Problem, parsed: Parsed, variable: Symbol) -> Iterator[Mistake]:
    """What is wrong with the equations that a point is subject to."""
    for place, part in problem.asked:
        if part.subject_to and part.find != "stationary":
            yield (*place, "subject_to"), WorksheetError("only a stationary point is subject to a constraint",
                                                         remedy="Add  find: stationary")  # fmt: skip
    for text, sides in zip(problem.equations, parsed.equations, strict=True):
        if all(variable not in side.symbols for side in sides):
            what = f"the constraint {text} does not depend on {problem.wrt}"
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


def _absent(name: str, names: Iterable[str]) -> WorksheetError:
    *first, last = sorted(names)[: MOST_LISTED + 1] or [""]
    more = last if len(first) < MOST_LISTED else "and others"
    present = f"Its symbols are {', '.join((*first, more))}." if last else "It has no symbols."
    return WorksheetError(f"{name} does not occur in the function", remedy=present)


def _variation(problem: Problem) -> Iterator[Mistake]:
    """What is wrong with what may vary."""
    found = list(chain(_values(problem), _optional(problem)))
    yield from found
    if found:
        return
    known = _known(problem)
    for name in problem.symbols:
        if normal_name(name) not in known:
            yield ("symbols", name), _absent(name, known)
    yield from _dimensions(problem, known)
    yield from _renamings(problem, known)
    yield from _conditions(problem)
    yield from _numbers(problem)


def _values(problem: Problem) -> Iterator[Mistake]:
    """What is wrong with the values of a symbol."""
    functions = [read_function(problem, text) for text in problem.function]
    names = {symbol.name for parsed in functions for symbol in parsed.occurring}
    for name, values in problem.vary.values.items():
        written = problem.vary.written[name]
        key = ("vary", written)
        if name not in names:
            meant = nearest(written, VARY)
            yield (
                key,
                WorksheetError(f"unknown key '{written}'; did you mean '{meant}'?")
                if meant
                else _absent(written, names),
            )
            continue
        if name == normal_name(problem.wrt) and not values.are_numbers and written not in problem.given:
            yield key, WorksheetError(f"{written} is the variable, and only numbers can stand in its place")
            continue
        if name == normal_name(problem.wrt) and all(part.find in NOT_AT_A_POINT for _, part in problem.asked):
            what = " or ".join(dict.fromkeys(part.find for _, part in problem.asked))
            yield key, WorksheetError(f"{written} is the variable; with find: {what} nothing can stand in its place")
            continue
        for parsed in functions:
            if parsed.symbols.get(name) in parsed.occurring:
                error = _wrong_value(problem, parsed, written, values)
                if error:
                    yield key, error
                    break


def _wrong_value(problem: Problem, parsed: Parsed, written: str, values: Values) -> GeneratorError | None:
    """What goes wrong where one of its values stands for a symbol, and everything else stays."""
    symbol = parsed.symbols[normal_name(written)]
    variable = parsed.symbols[normal_name(problem.wrt)]
    if not symbol.is_scalar and any(isinstance(value, Fraction) for value in values.items):
        if not values.are_numbers:
            return WorksheetError(
                f"{written} is not a scalar, and numbers and expressions cannot both stand in its place"
            )
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
    if symbol == variable:
        return None
    if not values.coefficients:
        return WorksheetError(
            f"the range {values.items[0]}..{values.items[-1]} holds no coefficient",
            remedy="A range leaves out 0, 1 and -1; a list, such as [0, 1], does not.",
        )
    for value in values.coefficients:
        try:
            option = read_value(parsed, symbol, value)
        except GeneratorError as error:
            return error
        if isinstance(option, Matrix):
            for name in sorted(symbol.properties):
                if not PROPERTIES[name](option.rows):
                    return WorksheetError(f"{value} is not {name}, as {written} is declared to be")
            continue
        drawn = put_in(parsed.expr, {symbol: option})
        if is_undefined(drawn):
            return WorksheetError(f"with {symbol.name} = {value} the function is undefined", remedy="Leave it out.")
        if variable not in drawn.symbols:
            return WorksheetError(
                f"with {symbol.name} = {value} the function does not depend on {problem.wrt}", remedy="Leave it out."
            )
    return None


def _optional(problem: Problem) -> Iterator[Mistake]:
    functions = [read_function(problem, text) for text in problem.function]
    for i, text in enumerate(problem.vary.optional):
        key = ("vary", "optional", i)
        try:
            terms = [(parsed, read_optional(parsed, text)) for parsed in functions]
        except GeneratorError as error:
            yield key, error
            continue
        present = [(parsed, term) for parsed, term in terms if term is not None]
        if not present:
            whole = ", ".join(plain(term) for term in terms_of(functions[0].expr))
            yield key, WorksheetError(f"{text} is not a term of the function", remedy=f"Its terms are {whole}.")
        for parsed, term in present:
            rest = without_terms(parsed.expr, frozenset({term}))
            if parsed.symbols[normal_name(problem.wrt)] not in rest.symbols:
                yield key, WorksheetError(f"without {text} the function does not depend on {problem.wrt}")
                break


def _numbers(problem: Problem) -> Iterator[Mistake]:
    """Where some symbols have numbers that are put in, all have, or nothing can be worked out."""
    for reading in problem.readings:
        given = _given(reading)
        numeric = {name for name, options in reading.options.items() if _holds_numbers(options)}
        for place, part in problem.asked:
            if not part.in_numbers:
                continue
            wanted = given - ({reading.variable.name} if part.find in NOT_AT_A_POINT else set())
            wholes = (reading.function, *chain.from_iterable(subject_to(part, problem, reading.equations)))
            sought = {reading.variable.name} if part.find != "value" else set()  # an answer may do without
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
        asked = [part for _, part in problem.asked if part.in_numbers]
        if given and not asked:
            yield (
                ("vary", problem.vary.written[min(given)]),
                WorksheetError(
                    f"numbers are drawn for {' and '.join(sorted(given))}, and no part is worked out in numbers",
                    remedy="Add  numeric: true  to a part.",
                ),
            )
        elif problem.vary.nice and not given:
            yield (
                ("vary", "nice"),
                WorksheetError("no answer is a number here", remedy="Draw matrices, or leave it out."),
            )


def _given(reading: Reading) -> set[str]:
    """The symbols whose numbers stand beside the function: matrices, and the variable."""
    return {
        name
        for name, options in reading.options.items()
        if _holds_numbers(options) and (name == reading.variable.name or not reading.symbols[name].is_scalar)
    }


def _holds_numbers(options: Listed | Entries) -> bool:
    return isinstance(options, Entries) or all(isinstance(item, Number | Matrix) for item in options.items)


def _dimensions(problem: Problem, known: Names) -> Iterator[Mistake]:
    present = {name for symbol in known.values() for dim in symbol.shape for name in dim.names}
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
    dimensions = {name for symbol in known.values() for dim in symbol.shape for name in dim.names}
    numbers = {name for name, values in problem.vary.values.items() if values.are_numbers}
    numbers -= set().union(*map(_given, problem.readings))  # their letters are still there
    together = len(problem.vary.names) == 1
    for one in (one for choice in problem.vary.names for one in choice):
        for old, new in one.written.items():
            name, target = normal_name(old), normal_name(new)
            clash = [n for n in sorted(known) if together and n != name and one.names.get(n, n) == target]
            error: GeneratorError | None = None
            if name not in known:
                error = _absent(old, known)
            elif name in numbers:
                error = WorksheetError(f"{old} is drawn as a number, and cannot be renamed as well")
            elif clash:
                error = WorksheetError(
                    f"{old} and {clash[0]} would both be called {new}",
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

    What stands before parts shows all that varies, but no numbers that some part does without; a part shows those.
    """
    given = set().union(*map(_given, problem.readings))
    varied = set(problem.vary.varied)
    everywhere = given if all(part.in_numbers for _, part in problem.asked) else set()
    elsewhere = given - everywhere - problem.vary.renamed
    for key, text in (("statement", problem.statement), ("alt", problem.alt)):
        yield from _statement(problem, (key,), text, names, everywhere, varied - elsewhere)
    for place, part in problem.asked if problem.parts else ():
        sought = {normal_name(problem.wrt)} if part.find in NOT_AT_A_POINT else set()
        numbers = given - sought if part.in_numbers else set()
        for key, text in (("statement", part.statement), ("alt", part.alt)):
            yield from _statement(problem, (*place, key), text, names, numbers, numbers - everywhere)


def _unasked(problem: Problem) -> Iterator[Mistake]:
    """Words of the author that do not refer to what the key works out.

    A statement says by a slot, or by `shows`, that it is about the function or its variable. What stands before parts
    counts for each of them.
    """
    silent: dict[Key, None] = {}
    for place, part in problem.asked:
        own = {(*at, "statement"): asking for at, asking in (((), problem), (place, part)) if asking.statement}
        if own and not any(_refers(problem, asking) for asking in own.values()):
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
        for name, said in (("shows", asking.shows), ("alt", asking.alt)):
            if said and not asking.statement:
                yield (
                    (*place, name),
                    WorksheetError("there is no statement of your own to speak of", remedy="Remove it."),
                )


def _refers(problem: Problem, asking: Asking) -> bool:
    """A slot of a statement, or `shows` beside it, says that it is about the function or its variable."""
    slots = {normal_name(slot) for slot in SLOT.findall(asking.statement or "")}
    return asking.shows is not None or not slots.isdisjoint({"function", "wrt", normal_name(problem.wrt)})


def _statement(
    problem: Problem,
    key: Key,
    text: str | None,
    names: Names,
    numbers: AbstractSet[str],
    shown: AbstractSet[str],
) -> Iterator[Mistake]:
    """What is wrong with words of the author, in which some symbols are numbers, and which have to show some."""
    if text is None:
        return
    slots = {"function", "wrt", *names, *problem.vary.dimensions}
    filled = {normal_name(slot) for slot in SLOT.findall(text)}
    for slot in sorted(filled - slots):
        meant = nearest(slot, slots)
        yield (
            key,
            WorksheetError(
                f"<<{slot}>> stands for nothing" + (f"; did you mean <<{meant}>>?" if meant else ""),
                remedy="It can be <<function>>, <<wrt>> or a symbol of the function.",
            ),
        )
    varies = len(problem.function) > 1 or problem.vary.optional
    if varies and "function" not in filled and key in {("statement",), ("alt",)}:
        yield (
            key,
            WorksheetError("the function varies, but is not shown here", remedy="Write <<function>> where it stands."),
        )
    letters = set().union(*map(_given, problem.readings)) - problem.vary.renamed
    variable = normal_name(problem.wrt)
    for name in problem.vary.varied:
        remedy = f"Write <<{name}>> where it stands" + ("." if name in numbers else ", or <<function>> for the whole.")
        showing = {name} if name in numbers else {name, "function", *(["wrt"] if name == variable else [])}
        if name not in letters and _mentions(text, name):
            yield key, WorksheetError(f"{name} varies, but is written here as it is", remedy=remedy)
        elif name in shown and not filled & showing:
            yield key, WorksheetError(f"{name} varies, but is not shown here", remedy=remedy)


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
