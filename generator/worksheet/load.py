"""Worksheet files as validated models: each mistake is reported with file, line and key; nothing is drawn or solved."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from generator.errors import GeneratorError, InFile, Key, WorksheetError, together
from generator.expr.printing.notation import Notation
from generator.system import inputs
from generator.worksheet.files import read_figures
from generator.worksheet.other_names import (
    CHOICE,
    COVER,
    FIGURE,
    NOTATION,
    PRINT,
    PROBLEM,
    SECTION,
    VARY,
    WHOLE,
    what_to_write,
)
from generator.worksheet.spec import (
    OF_A_PART,
    TAGS,
    Alternatives,
    Choice,
    ChoiceAlternatives,
    Cover,
    Family,
    Figure,
    Part,
    Print,
    Problem,
    Section,
    Vary,
    Worksheet,
    class_list,
    written_keys,
)
from generator.worksheet.structure import structured
from generator.worksheet.validate import mistakes
from generator.worksheet.yaml_source import Source, described, nearest, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.worksheet.bank import Entry

MISSING = {
    "title": "Say what it is called, such as  title: Ridge regression",
    "topic": "Say what it is about, such as  topic: regression",
    "difficulty": "Say how hard it is, from 1 to 5, such as  difficulty: 2",
    "source": "Say where it is from, such as  source: The Matrix Cookbook, eq. 57",
    "function": "Say which function, such as  function: Tr(A X)",
    "wrt": "Say what the derivative is taken by, such as  wrt: X",
    "problems": "Two lines make a problem:\n    problems:\n      - function: Tr(A X)\n        wrt: X",
    "file": "Name its file, such as  file: plot.pdf",
    "alt": "Say what it shows, for readers who cannot see it, such as  alt: Level sets of f",
    "choices": "Two choices are written\n    choices:\n      - {text: linear, right: true}\n      - text: quadratic",
    "formats": "Say which files are made, such as  formats: [pdf, html]",
    "sections": "A section is written\n    sections:\n      - title: Theory\n        problems: …",
    "parts": "Two parts are written\n    parts:\n      - find: derivative\n      - find: stationary",
}
"""What to write where a key that has no default is missing, or has a list that is too short."""

EXAMPLES = {
    "problems": "Begin each problem with '- '.",
    "parts": "Begin each part with '- '.",
    "dimensions": "Write them as {n: 2..4, m: [m, p]}",
    "symbols": "Write them as {A: n x n symmetric, X: n x m}",
    "vary": "Write it as {c: 2..9}",
    "rubric": "Write it as {differential of the trace: 3, gradient: 2}",
    "notation": "Write it as {trace: tr, transpose: T}",
    "print": "Write it as {paper: a4, ground: ruled}",
    "cover": "Write it as {duration: 90 minutes, fields: [Section, Seat]}",
    "fields": "Write it as [Section, Seat]",
    "keys": "Write it as [compact, by problem]",
    "formats": "Write it as [pdf, html]",
}
"""What to write where a key has the wrong kind of value."""

UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
"""What pydantic calls a key that it does not know, of a model and of a dataclass."""

WORDS = {
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be keys with values",
    "model_type": "must be keys with values",
    "dataclass_type": "must be keys with values",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of a sensible size",
    "int_from_float": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "too_long": "must have at most {max_length} items",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}
"""What pydantic found, in words."""


def load_worksheet(path: Path | str, templates: Path | None = None) -> Worksheet:
    """The worksheet in a file, every function parsed and every figure read; a `GeneratorError` says all that is wrong.

    Figures are beside the worksheet, or in the templates of its course.
    """
    _require_name(Path(path))
    source = read_source(Path(path))
    if source.data is None:
        raise WorksheetError("the file is empty", remedy=MISSING["problems"], file=source.place())
    if not isinstance(source.data, dict):
        raise WorksheetError(
            f"a worksheet is made of keys with values, not of {described(source.data)}",
            remedy=MISSING["problems"],
            file=source.place(),
        )
    source = structured(source, OF_A_PART)
    assert isinstance(source.data, dict)
    try:
        worksheet = Worksheet.model_validate({"title": _title(source.path.stem)} | source.data, context=source)
    except ValidationError as error:
        raise together(_invalid(error, source)) from None
    files, missing = read_figures(worksheet, templates)
    if found := [*mistakes(worksheet), *_no_class_list(source), *missing]:
        raise together(found)
    worksheet.keep_files(files)
    return worksheet


def _require_name(path: Path) -> None:
    """The files that are built begin with the name of the worksheet's file: not with a dot, or what is an option."""
    if path.stem.startswith((".", "-")) or not path.stem.isprintable():
        raise WorksheetError(
            "papers cannot be named after this file",
            remedy="Let its name begin with a letter or a digit, and have letters that can be seen.",
            file=InFile(path),
        )


def _no_class_list(source: Source) -> Iterator[WorksheetError]:
    """A class list that is named, and is not there."""
    assert isinstance(source.data, dict)
    if (said := source.data.get("roster")) and not ((path := class_list(source)) and inputs.kind(path) == "file"):
        what = f"there is no class list {said} beside the worksheet"
        yield WorksheetError(what, remedy="Check its name and its folder.", file=source.place(("roster",)))


def load_family(entry: Entry) -> Worksheet:
    """A family of the bank as a worksheet with one problem; a `GeneratorError` says all that is wrong with it."""
    try:
        Family.model_validate({"id": entry.name, **entry.keys})
        alone = Worksheet.model_validate({"title": entry.title, "problems": [entry.problem]}, context=entry.alone)
    except ValidationError as error:
        raise together(_invalid(error, entry.file, (entry.name,))) from None
    if found := list(mistakes(alone)):
        raise together(found)
    return alone


def _title(stem: str) -> str:
    return re.sub(r"[-_\s]+", " ", stem).strip().title() or "Worksheet"


# What pydantic found


MODEL_KEYS: Mapping[str, tuple[str, ...]] = {
    WHOLE: written_keys(Worksheet),
    SECTION: (*written_keys(Section), "problems"),
    PROBLEM: written_keys(Problem),
    VARY: tuple(Vary.model_fields),
    PRINT: tuple(Print.model_fields),
    COVER: tuple(Cover.model_fields),
    FIGURE: tuple(Figure.model_fields),
    CHOICE: tuple(Choice.model_fields),
    NOTATION: tuple(Notation.__dataclass_fields__),
}
"""The keys of each level of a file, in their order."""


def _level(key: Key) -> str:
    """The level of a place in the file."""
    match key:
        case ():
            return WHOLE
        case (*_, "choices", int()):
            return CHOICE
        case ("sections", int()):
            return SECTION
        case ("notation" | "print" | "cover" as level,) | (*_, "vary" | "figure" as level):
            return level
        case ("logo",):
            return FIGURE
        case _:
            return PROBLEM


def _keys_at(key: Key) -> tuple[str, ...]:
    """The keys that may stand at a place in the file."""
    match key:
        case (*_, "parts", int()):
            return tuple(Part.model_fields)
        case (*_, "choices", int(), "alt"):
            return tuple(ChoiceAlternatives.model_fields)
        case (*_, "alt"):
            return tuple(Alternatives.model_fields)
        case _:
            return MODEL_KEYS[_level(key)]


def _invalid(error: ValidationError, source: Source, below: Key = ()) -> list[GeneratorError]:
    """The mistakes behind a validation error, each once: a misspelled key is not also a missing one."""
    found: list[GeneratorError] = []
    details = error.errors(include_url=False)
    for detail in details:
        detail["loc"] = (*below, *(part for part in detail["loc"] if part not in TAGS))
    unknown: dict[Key, set[str]] = {}
    for detail in details:
        if detail["type"] in UNKNOWN:
            unknown.setdefault(detail["loc"][:-1], set()).add(str(detail["loc"][-1]))
    for detail in details:
        key = detail["loc"]
        parent = key[:-1]
        match detail["type"]:
            case kind if kind in UNKNOWN:
                found.append(_unknown_key(parent, str(key[-1]), source))
            case "missing":
                lacks = str(key[-1])
                others = unknown.get(parent, set())
                if any(nearest(name, _keys_at(parent)) == lacks for name in others):
                    continue
                found.append(
                    WorksheetError(f"the key '{lacks}' is missing", remedy=MISSING[lacks], file=source.place(parent))
                )
            case "too_short" if (there := len(detail["input"])) < (least := detail["ctx"]["min_length"]):
                what = str(key[-1])
                lack = (
                    f"there are too few {what}: {there} of at least {least}"
                    if there
                    else f"there is no {what[:-1]} in the list"
                )
                found.append(WorksheetError(lack, remedy=MISSING[what], file=source.place(key)))
            case "too_short":
                continue  # its items were reported
            case "value_error" if detail["input"] is None:
                found.append(_wrong_value("value_error", None, {}, source.place(key)))
            case "value_error" if (
                parent[-1:] == ("vary",)
                and key[-1] not in Vary.model_fields
                and (nearest(str(key[-1]), Vary.model_fields))
            ):
                found.append(_unknown_key(parent, str(key[-1]), source))
            case "value_error":
                what, _, remedy = str(detail["ctx"]["error"]).partition("\n")
                found.append(WorksheetError(what, remedy=remedy, file=source.place(key)))
            case kind:
                found.append(_wrong_value(kind, detail["input"], detail.get("ctx", {}), source.place(key)))
    return found


def _unknown_key(parent: Key, name: str, source: Source) -> WorksheetError:
    place = replace(source.place((*parent, name)), key=source.place(parent).key)
    known = _keys_at(parent)
    is_known = name.lower() in known  # but for capitals
    if not is_known and (remedy := what_to_write(_level(parent), name, MODEL_KEYS)):
        return WorksheetError(f"unknown key '{name}'", remedy=remedy, file=place)
    if meant := nearest(name, known):
        return WorksheetError(f"unknown key '{name}'; did you mean '{meant}'?", file=place)
    return WorksheetError(f"unknown key '{name}'", remedy=f"Known here are: {', '.join(known)}.", file=place)


def _wrong_value(kind: str, value: object, context: Mapping[str, Any], place: InFile) -> WorksheetError:
    if value is None:
        return WorksheetError("has no value", remedy="Give it one, or remove the key.", file=place)
    what = f"{WORDS[kind].format(**context)}, not {described(value)}"
    remedy = EXAMPLES.get((place.key or "").rpartition(".")[2], "")
    if kind == "literal_error" and isinstance(value, str):
        allowed = re.findall(r"'([^']*)'", context["expected"])
        meant = nearest(value, allowed)
        remedy = f"Did you mean '{meant}'?" if meant else ""
    return WorksheetError(what, remedy=remedy, file=place)
