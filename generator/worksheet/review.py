"""What is wrong with a worksheet whose keys are right: names, declarations, and what may vary."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from generator.algebra.expr import Number, Power, walk
from generator.algebra.functions import GREEK
from generator.algebra.parse import declare
from generator.algebra.scan import normal_name
from generator.errors import GeneratorError, WorksheetError
from generator.worksheet.coefficient import with_numbers
from generator.worksheet.source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.algebra.expr import Symbol
    from generator.worksheet.source import Key
    from generator.worksheet.spec import Problem, Worksheet

    Names: TypeAlias = Mapping[str, Symbol]
    Mistake: TypeAlias = tuple[Key, GeneratorError]

SLOT = re.compile(r"<<\s*([^<>\s]+)\s*>>")
"""Where a version fills an author's statement: `<<function>>`, `<<wrt>>` or a symbol, `<<A>>`."""

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
    ill_declared = list(_declarations(problem))
    if ill_declared:
        yield from ill_declared
        return
    try:
        names = {symbol.name: symbol for symbol in problem.parsed.expr.symbols}
    except GeneratorError as error:
        yield ("function",), error
        return
    yield from _names(problem, names)
    yield from _coefficients(problem, names)
    yield from _renamings(problem, names)
    yield from _statement(problem, names)


def _declarations(problem: Problem) -> Iterator[Mistake]:
    for name, said in problem.symbols.items():
        try:
            declare(name, said)
        except GeneratorError as error:
            error.what = error.what.removeprefix(f"{name}: ")  # the key says it
            yield ("symbols", name), error


def _names(problem: Problem, names: Names) -> Iterator[Mistake]:
    if normal_name(problem.wrt) not in names:
        yield ("wrt",), _absent(problem.wrt, names)
    for name in problem.symbols:
        if normal_name(name) not in names:
            yield ("symbols", name), _absent(name, names)


def _absent(name: str, names: Names) -> WorksheetError:
    present = f"Its symbols are {', '.join(sorted(names))}." if names else "It has no symbols."
    return WorksheetError(f"{name} does not occur in the function", remedy=present)


def _coefficients(problem: Problem, names: Names) -> Iterator[Mistake]:
    for written in problem.vary.written:
        name, key = normal_name(written), ("vary", written)
        if name not in names:
            yield key, _absent(written, names)
        elif name == normal_name(problem.wrt):
            yield key, WorksheetError(f"{written} is the variable, and cannot be drawn as a number")
        elif not names[name].is_scalar:
            yield (
                key,
                WorksheetError(
                    f"{written} is not a scalar, and only a scalar can be drawn as a number",
                    remedy=f"If it is one, declare all symbols:  symbols: {{{written}: scalar, ...}}",
                ),
            )
        else:
            yield from ((key, error) for error in _spoiled(problem, names[name]))


def _spoiled(problem: Problem, coefficient: Symbol) -> Iterator[WorksheetError]:
    """What goes wrong with the function where a coefficient is one of its numbers."""
    for value in problem.vary.coefficients[coefficient.name]:
        drawn = with_numbers(problem.parsed.expr, {coefficient: Number(value)})
        if any(isinstance(part, Power) and part.base == Number(Fraction(0)) for part in walk(drawn)):
            yield WorksheetError(f"with {coefficient.name} = {value} the function divides by zero")
        elif problem.variable not in drawn.symbols:
            yield WorksheetError(f"with {coefficient.name} = {value} the function does not depend on {problem.wrt}")


def _renamings(problem: Problem, names: Names) -> Iterator[Mistake]:
    dimensions = {name for symbol in names.values() for dim in symbol.shape for name in dim.names}
    for i, alternative in enumerate(problem.vary.names):
        renaming = problem.vary.renamings[i]
        for old, new in alternative.items():
            name, target = normal_name(old), normal_name(new)
            clash = [n for n in sorted(names) if n != name and renaming.get(n, n) == target]
            error: GeneratorError | None = None
            if name not in names:
                error = _absent(old, names)
            elif name in problem.vary.coefficients:
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
                yield ("vary", "names", i, old), error


def _not_a_name(name: str) -> GeneratorError | None:
    try:
        declare(name, "scalar")
    except GeneratorError as error:
        return error
    return None


def _statement(problem: Problem, names: Names) -> Iterator[Mistake]:
    """An author's own words must follow what varies, or a sheet and its key would not agree."""
    if problem.statement is None:
        return
    slots = {"function", "wrt", *names}
    filled = {normal_name(slot) for slot in SLOT.findall(problem.statement)}
    for slot in sorted(filled - slots):
        meant = nearest(slot, slots)
        yield (
            ("statement",),
            WorksheetError(
                f"<<{slot}>> stands for nothing" + (f"; did you mean <<{meant}>>?" if meant else ""),
                remedy="It can be <<function>>, <<wrt>> or a symbol of the function.",
            ),
        )
    if "wrt" in filled:
        filled.add(normal_name(problem.wrt))
    for name in problem.vary.varied:
        remedy = f"Write <<{name}>> where it stands, or <<function>> for the whole."
        if _mentions(problem.statement, name):
            yield (
                ("statement",),
                WorksheetError(f"{name} varies, but is written here as it is", remedy=remedy),
            )
        elif not filled & {name, "function"}:
            yield ("statement",), WorksheetError(f"{name} varies, but is not shown here", remedy=remedy)


def _mentions(statement: str, name: str) -> bool:
    """The mathematics in a statement names a symbol."""
    math = " ".join(chain.from_iterable(MATH.findall(SLOT.sub("", statement))))
    if name in GREEK:
        return re.search(rf"\\{name}(?![A-Za-z])", math) is not None
    return name in re.sub(r"[{}]", "", NOT_A_SYMBOL.sub(" ", math))
