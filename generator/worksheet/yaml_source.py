"""A YAML file as plain data in which every value knows its line.

Every value stays the text that its author wrote: `y`, `n`, `no` and `1:30` are names and not, as in YAML 1.1,
booleans and numbers of base sixty. What kind of value a key wants is for its model to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner, ScannerError

from generator.errors import InFile, InText, Key, WorksheetError
from generator.system import inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Data: TypeAlias = "str | list[Data] | dict[str, Data] | None"

MAX_BYTES = 1_000_000
MAX_VALUES = 20_000
MAX_DEPTH = 20
MAX_SHOWN = 80

BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(#|\r|\n|\0|$)")
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
TEXT_TAG = "tag:yaml.org,2002:str"
OWN_TAGS = (TEXT_TAG, BaseResolver.DEFAULT_SEQUENCE_TAG, BaseResolver.DEFAULT_MAPPING_TAG)

NOT_YAML = (
    (
        "mapping values are not allowed here",
        "a ':' that cannot be understood here",
        "A value that contains ': ' needs quotes; otherwise check its indentation and the line above.",
    ),
    (
        r"found character '\\t' that cannot start any token",
        "a line indented with a tab",
        "Indent with spaces.",
    ),
    (
        r"found character '(.)' that cannot start any token",
        r"a value that begins with '\1'",
        "Put the value in single quotes.",
    ),
    (
        "sequence entries are not allowed here",
        "a '-' that cannot be understood here",
        "A list begins on a line of its own; a value that begins with '- ' needs quotes.",
    ),
    (
        "found unexpected end of stream|found unexpected document separator",
        "a quote that is never closed",
        "Close the quote that opens in line {context}.",
    ),
    (
        "found unknown escape character|expected escape sequence of",
        "a backslash in double quotes",
        "Use single quotes: in them a backslash is a backslash.",
    ),
    (
        r"expected ',' or '([]}])'|expected the node content, but found '<stream end>'",
        "a bracket that is never closed",
        "Close the bracket opened in line {context}; a value that begins with '[' or '{{' needs quotes.",
    ),
    (
        "but found '<(scalar|alias|anchor|tag)>'|expected alphabetic or numeric character",
        "a value that cannot be understood",
        "A value that begins with a quote, a bracket, '*', '&' or '!' needs quotes around all of it.",
    ),
    (
        "found undefined alias",
        "a value that begins with '*'",
        "Put the value in single quotes.",
    ),
    (
        "expected <block end>, but found|could not find expected ':'|mapping keys are not allowed here",
        "a line that does not continue what stands above it",
        "Check its indentation, and that every key is followed by ': '.",
    ),
    (
        "found a number behind '#'",
        "'#' begins a comment",
        "If it belongs to the value, put the value in quotes; a comment has a space behind its '#'.",
    ),
    (
        "but found another document",
        "a second document",
        "A file holds one worksheet: remove the line '---'.",
    ),
)  # fmt: skip
"""What PyYAML says (a pattern), what that means, and what to do about it."""


@dataclass(frozen=True)
class Slot:
    """Problems of a worksheet of which every version has so many: those of a pool, or one alone."""

    problems: tuple[int, ...]
    """Their places in the worksheet, counted from 0."""
    pick: int = 1
    section: int | None = None
    """The section that it is in, counted from 0."""
    place: InFile | None = None
    """Where the problems of a pool are listed."""

    @property
    def varies(self) -> bool:
        """Versions have different problems of it."""
        return self.pick < len(self.problems)


@dataclass(frozen=True)
class Source:
    """What a file says, and in which line it says it."""

    path: Path
    data: Data
    lines: Mapping[Key, int]
    origins: Mapping[Key, tuple[Path, Key]] = field(default_factory=dict)
    """For keys of data that was put together from several places, the file and the key where it is written."""
    slots: tuple[Slot, ...] = ()
    """The problems of a worksheet by pools and sections; empty where it has neither."""

    def place(self, key: Key = ()) -> InFile:
        """Where a key stands; where it is missing, the place that lacks it."""
        known = key
        while known and known not in self.lines:
            known = known[:-1]
        moved = next((key[:n] for n in range(len(key), 0, -1) if key[:n] in self.origins), ())
        path, written = self.origins.get(moved, (self.path, ()))
        return InFile(path, self.lines.get(known), dotted((*written, *key[len(moved) :])) or None)


@dataclass(frozen=True)
class Node:
    """A value in a file, with its key."""

    data: Data
    source: Source
    key: Key

    def place(self, *key: str | int) -> InFile:
        """The place of a key below it."""
        return self.source.place((*self.key, *key))

    def lines(self, at: Key) -> dict[Key, int]:
        """The lines of all that is below it, by keys that begin with another one."""
        size = len(self.key)
        return {at + key[size:]: line for key, line in self.source.lines.items() if key[:size] == self.key}


def dotted(key: Key) -> str:
    """A key as people write it: `problems[1].function`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).removeprefix(".")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    by_folded = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def described(value: object) -> str:
    """A value as a message may show it."""
    match value:
        case None:
            return "nothing"
        case str() if len(value) > MAX_SHOWN:
            return f"{value[:MAX_SHOWN]!r}…"
        case str():
            return value if re.fullmatch(r"[-+]?\d+", value) else repr(value)
        case list():
            return "a list"
        case _:
            return "keys with values"


def read_source(path: Path) -> Source:
    """The data of a YAML file; raises `WorksheetError` for anything that keeps it from being read."""
    text = _read_text(path)
    try:
        root = _Loader(path, text).get_single_node()
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        raise WorksheetError(
            f"not YAML: the character U+{code:04X} has no place in a text", file=InFile(path, line)
        ) from None
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, path, text) from None
    except RecursionError:
        raise _too_deep(InFile(path)) from None
    lines: dict[Key, int] = {}
    return Source(path, None if root is None else _Reading(path, lines).value(root, ()), lines)


def _read_text(path: Path) -> str:
    place = InFile(path)
    try:
        raw = inputs.read(path, MAX_BYTES + 1)
    except FileNotFoundError:
        meant = nearest(path.name, (p.name for p in path.parent.glob("*.y*ml")))
        remedy = f"Did you mean {path.with_name(meant)}?" if meant else "Check the name and the folder."
        raise WorksheetError("there is no such file", remedy=remedy, file=place) from None
    except IsADirectoryError:
        raise WorksheetError(
            "this is a folder, not a worksheet", remedy=f"Name the files in it: {path / '*.yaml'}", file=place
        ) from None
    except OSError as error:
        raise WorksheetError(f"cannot be read: {error.strerror}", file=place) from None
    if len(raw) > MAX_BYTES:
        raise WorksheetError("too large for a worksheet: it is over 1 MB", file=place)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise WorksheetError(
            f"not UTF-8 text: the byte 0x{raw[error.start]:02x}",
            remedy="Save the file with the encoding UTF-8.",
            file=InFile(path, line),
        ) from None


class _Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    """PyYAML's parser up to the tree of nodes, in which all that is not a list or a mapping is text."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)

    def fetch_block_scalar(self, style: str) -> None:
        """Take `||A x - b||` for the norm that it is: a block of text has nothing behind its `|`."""
        header = self.prefix(80)
        if BLOCK_HEADER.match(header):
            super().fetch_block_scalar(style)
        else:
            self.fetch_plain()

    def fetch_flow_collection_start(self, kind: type[yaml.Token]) -> None:
        """Refuse many brackets at once: the time that they take grows with the square of their number."""
        if self.flow_level == MAX_DEPTH:
            raise _too_deep(InFile(self.path, self.line + 1))
        super().fetch_flow_collection_start(kind)

    def scan_plain(self) -> yaml.ScalarToken:
        """Do not let `Homework #3` become `Homework` without a word."""
        token = super().scan_plain()
        if re.match(r"#\d", self.prefix(2)) and self.line == token.end_mark.line:
            raise ScannerError(None, None, "found a number behind '#'", self.get_mark())
        return token


def _too_deep(place: InFile) -> WorksheetError:
    return WorksheetError("nested too deeply for a worksheet", file=place)


def _not_yaml(error: yaml.MarkedYAMLError, path: Path, text: str) -> WorksheetError:
    said = " ".join(part for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    context = error.context_mark or mark
    what, remedy = said, "Check the indentation and the quotes near this line."
    for pattern, meaning, advice in NOT_YAML:
        if found := re.search(pattern, said):
            what = found.expand(meaning)
            remedy = advice.format(context=context.line + 1 if context else "?")
            break
    if mark is None:
        return WorksheetError(f"not YAML: {what}", remedy=remedy, file=InFile(path))
    line = mark.line
    shown = None
    rows = LINE_BREAK.split(text)
    if line < len(rows) and rows[line].strip():
        shown = InText(rows[line].expandtabs(1), mark.column, mark.column + 1)
    return WorksheetError(f"not YAML: {what}", remedy=remedy, file=InFile(path, line + 1), text=shown)


class _Reading:
    """One walk over the nodes of a file, which notes where each key stands."""

    def __init__(self, path: Path, lines: dict[Key, int]) -> None:
        self.path = path
        self.lines = lines
        self.values = 0

    def value(self, node: yaml.Node, key: Key) -> Data:
        """The data of a node, with the lines of all that is below it noted."""
        self.lines.setdefault(key, node.start_mark.line + 1)
        place = InFile(self.path, self.lines[key], dotted(key) or None)
        self.values += 1
        if self.values > MAX_VALUES:
            raise WorksheetError(f"too large for a worksheet: over {MAX_VALUES} values", file=InFile(self.path))
        if len(key) > MAX_DEPTH:
            raise _too_deep(InFile(self.path, self.lines[key]))
        if node.tag not in OWN_TAGS:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            raise WorksheetError(
                f"the tag {tag} has no meaning in a worksheet",
                remedy="A value that begins with '!' needs single quotes.",
                file=place,
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*key, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._text(node, place)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Data]:
        found: dict[str, Data] = {}
        for name_node, child in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, yaml.ScalarNode):
                raise WorksheetError(
                    "a key that is a list or a mapping",
                    remedy="A value that begins with '[' or '{' needs single quotes.",
                    file=InFile(self.path, line, dotted(key) or None),
                )
            name = str(name_node.value)
            if name in found:
                raise WorksheetError(
                    f"the key '{name}' occurs twice; the first time in line {self.lines[*key, name]}",
                    remedy="Remove one of the two.",
                    file=InFile(self.path, line, dotted(key) or None),
                )
            self.lines[*key, name] = line
            found[name] = self.value(child, (*key, name))
        return found

    def _text(self, node: yaml.ScalarNode, place: InFile) -> str | None:
        text = str(node.value)
        if node.style is None:
            return None if text in {"", "~"} else text
        if node.style == '"' and any(ord(c) < 32 for c in text):
            raise WorksheetError(
                "a backslash in double quotes that makes a character nobody sees, as \\t makes a tab",
                remedy="Use single quotes: in them a backslash is a backslash.",
                file=place,
            )
        return text
