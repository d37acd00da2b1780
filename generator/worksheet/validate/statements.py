"""Validation of the author's words in a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import GeneratorError, WorksheetError
from generator.expr.parsing.lexer import symbol_name
from generator.problems.equations import labels, references
from generator.worksheet.interpret import NAME, SLOT, read_slot, slot_name
from generator.worksheet.spec import own_words
from generator.worksheet.validate.names import (
    NOT_AT_A_POINT,
    given_names,
    mentions,
    names_in_slots,
    occurring,
    statements_of,
    words_of_author,
)
from generator.worksheet.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from generator.errors import Key
    from generator.worksheet.kinds.protocol import Mistake
    from generator.worksheet.spec import Asking, Choice, Problem
    from generator.worksheet.validate.names import Names


def mistakes(problem: Problem) -> Iterator[Mistake]:
    """The mistakes in statements, and words that belong to nothing."""
    names = occurring(problem)
    found = [*_statements(problem, names), *_own_statements(problem, names)]
    yield from found or _unasked(problem)
    yield from _unknown_labels(problem)


def _statements(problem: Problem, names: Names) -> Iterator[Mistake]:
    """An author's own words must follow what varies, or a sheet and its key would not agree.

    What stands before parts shows all that varies in the function, but no numbers that some part does without; a part
    shows those, and all that varies in a function of its own.
    """
    known = dict(problem.asked)
    given = set().union(*map(given_names, problem.readings))
    everywhere = given if all(part.in_numbers for _, part in problem.derived) else set()
    elsewhere = given - everywhere - {symbol_name(name, names) for name in problem.vary.renamed}
    varied = {symbol_name(name, names) for name in problem.vary.varied}
    for at in problem.functions:
        in_it = {s.name for reading in problem.readings for s in reading.subjects[at].symbols}
        in_it |= {name for s in names.values() if s.name in in_it for dim in s.dims for name in dim.names}
        asking = known[at] if at else problem
        is_alone = not at and len(problem.derived) == len(problem.asked)
        shown = (varied if is_alone else varied & in_it) - elsewhere
        for key, text in statements_of(asking):
            yield from _statement(problem, at, (*at, *key), text, names, (everywhere, shown))
    for place, part in problem.derived if problem.parts else ():
        at = problem.subject_of(place, part)
        sought = {problem.functions[at].variable} if part.find in NOT_AT_A_POINT else set()
        numbers = given - sought if part.in_numbers else set()
        for key, text in statements_of(part) if not at else ():
            yield from _statement(problem, at, (*place, *key), text, names, (numbers, numbers - everywhere))


def _own_statements(problem: Problem, names: Names) -> Iterator[Mistake]:
    """What is wrong in slots of the author's own questions, and of hints and notes; what varies and is not shown."""
    own = dict(words_of_author(problem))
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
            if mentions(text, name):
                yield (
                    key,
                    WorksheetError(
                        f"{name} varies, but is written here as it is",
                        remedy=f"Write <<{name}>> where it stands.",
                    ),
                )
        if key[-1] in ("statement", "text") and "alt" not in key and key in own:
            printed |= names_in_slots(problem, text)
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
    slots = names_in_slots(problem, asking.statement or "")
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
    filled = names_in_slots(problem, text)
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
    letters = set().union(*map(given_names, problem.readings)) - problem.vary.renamed
    variable = written.variable
    for said in problem.vary.varied:
        name = symbol_name(said, names)
        remedy = f"Write <<{said}>> where it stands" + ("." if name in numbers else ", or <<function>> for the whole.")
        showing = {name} if name in numbers else {name, "function", *(["wrt"] if name == variable else [])}
        if name not in letters and mentions(text, name):
            yield key, WorksheetError(f"{said} varies, but is written here as it is", remedy=remedy)
        elif name in shown and not filled & showing:
            yield key, WorksheetError(f"{said} varies, but is not shown here", remedy=remedy)
