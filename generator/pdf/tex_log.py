"""Faults and overfull boxes in TeX's log, each with the paper and the line that TeX was reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.pdf.faults import FaultKind
from generator.pdf.lockdown import FIRST, LATER, LUA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARKER = "[[{} {}]]"
"""The line that a job writes before each paper, into its log and its terminal output: a mark that no paper knows, and
the paper's number."""
NO_DATE = "has no date, as the same input gives the same pages on any day"
"""TeX's message for `\\today` in a job without a date, after the command."""

_FAULT = re.compile(r"(?:(?:\./)?(?P<file>[^\s:]+\.\w+):(?P<line>\d+): |!\s?)(?P<message>\S.*)")
_READ = re.compile(r"l\.(?P<line>\d+) ?(?P<read>.*)")
_INSIDE = re.compile(r"(?:<[a-z ]+>|\\\S+ [^>]*->) ?(?P<read>.*)")
_OVERFULL = re.compile(r"Overfull \\[hv]box \((?P<points>[\d.]+)pt too \w+\)(?:.* at lines? (?P<line>\d+))?")
_LOST = re.compile(r"Missing character: There is no (?P<character>\S+ \(U\+[0-9A-F]+\))")
_SPEAKER = re.compile(r"^(?:LaTeX|(?:Package|Class) \S+) Error: ")
_UNDEFINED = "Undefined control sequence"
_FORBIDDEN = {rf"\{name}" for name in (*FIRST, *LATER, *LUA)}
_CAPACITY = re.compile(r"TeX capacity exceeded, sorry \[[a-z ]+=\d+\]")
_MISSING = re.compile(r"File `(?P<name>.*?)(?:\.(?P<suffix>\w+))?' not found")
_PACKAGE_FILES = ("cls", "sty", "def", "fd")
_KINDS = (
    (re.compile(r"Unicode character|Invalid UTF-8"), FaultKind.CHARACTER),
    (re.compile(r"Missing \$ inserted|only in math mode"), FaultKind.MATH_MODE),
    (re.compile(r"ended by|orgotten|Missing \} inserted|File ended"), FaultKind.UNCLOSED),
    (re.compile(r"alignment tab"), FaultKind.ALIGNMENT_TAB),
    (re.compile(r"macro parameter character"), FaultKind.PARAMETER_CHARACTER),
    (re.compile(r"capacity exceeded"), FaultKind.CAPACITY),
    (re.compile(rf"\\today\s+{NO_DATE}"), FaultKind.NO_DATE),
    (re.compile(r"Interruption$"), FaultKind.INTERRUPTION),
)
"""Words in TeX's messages, and the kind of fault that they stand for; the first found counts."""
_LAST_TOKEN = re.compile(r"(\\[A-Za-z@]+|\\?\S)\s*$")


@dataclass(frozen=True)
class Fault:
    """An error in TeX's words: where it was reading, how far, and the token that it could not take."""

    kind: FaultKind
    message: str
    subject: str
    """The command, the character or the file, without its ending, that the message is about; empty for other kinds."""
    quotes: tuple[str, ...] | None
    """All words of the message that are from what TeX read; None where they are not known."""
    paper: int | None
    """None before the first paper: `line` is then a line of the preamble."""
    line: int | None
    read: str
    token: str


@dataclass(frozen=True)
class TooBig:
    """A box with more in it than its size, by so many points."""

    points: float
    paper: int | None
    line: int | None


def unwrapped(log: Sequence[str], width: int | None) -> list[str]:
    """A log as it would be if it had not been wrapped at some width."""
    lines: list[str] = []
    is_open = False
    for text in log:
        if is_open:
            lines[-1] += text
        else:
            lines.append(text)
        is_open = len(text) == width
    return lines


def faults(log: Sequence[str], mark: str) -> Iterator[Fault]:
    """Every error, in the order in which TeX met them."""
    for index, text, paper in _entries(log, mark):
        lost = _LOST.match(text)
        if lost and paper is not None:  # as LuaTeX says it, when the page is done
            yield Fault(*_classified(text, ""), paper, None, "", "")
        found = _FAULT.fullmatch(text)
        if not found:
            continue
        line, read, token = _reading(log[index + 1 : index + 30])
        own_file = found["file"] in (None, "job.tex" if paper is None else f"{paper}.tex")
        message = _SPEAKER.sub("", found["message"]).rstrip(".")
        yield Fault(*_classified(message, token), paper, line if own_file else None, read, token)


def _classified(message: str, token: str) -> tuple[FaultKind, str, str, tuple[str, ...] | None]:
    """Kind, message, subject and quotes of a fault, from TeX's message and the last token that it read."""
    if message == _UNDEFINED:
        kind = FaultKind.FORBIDDEN_COMMAND if token in _FORBIDDEN else FaultKind.UNDEFINED_COMMAND
        return kind, f"undefined command {token}", token, (token,) if token else None
    if lost := _LOST.match(message):
        return FaultKind.CHARACTER, f"Unicode character {lost['character']}", lost["character"], None
    if missing := _MISSING.match(message):
        kind = FaultKind.MISSING_PACKAGE if missing["suffix"] in _PACKAGE_FILES else FaultKind.MISSING_FILE
        return kind, message, missing["name"], (missing["name"],) if missing[0] == message else None
    kind = next((kind for words, kind in _KINDS if words.search(message)), FaultKind.OTHER)
    return kind, message, "", () if _CAPACITY.fullmatch(message) else None


def overfull(log: Sequence[str], mark: str) -> Iterator[TooBig]:
    """Every overfull box, in order."""
    for _, text, paper in _entries(log, mark):
        if found := _OVERFULL.match(text):
            yield TooBig(float(found["points"]), paper, int(found["line"]) if found["line"] else None)


def begun(line: str, mark: str) -> int | None:
    """The number of the paper that a line announces, if it is a marker with this mark."""
    if not line.startswith("[["):  # as most lines
        return None
    found = re.match(rf"\[\[{mark} (\d+)\]\]", line)
    return int(found[1]) if found else None


def _entries(log: Sequence[str], mark: str) -> Iterator[tuple[int, str, int | None]]:
    """Each line with its index and the paper that it was written in."""
    paper = None
    for index, text in enumerate(log):
        number = begun(text, mark)
        paper = paper if number is None else number
        yield index, text, paper


def _reading(following: Sequence[str]) -> tuple[int | None, str, str]:
    """The line of the file that TeX was reading, how far it had read it, and the last token of the innermost text.

    Below an error TeX shows what it was reading, each text cut in two where it stands: macros first, the file last.
    Where a file is missing it says so before it stops, and shows this only after.
    """
    token = ""
    for text in following:
        if _FAULT.fullmatch(text) and not text.endswith(": Emergency stop."):
            break
        of_file = _READ.match(text)
        found = of_file or _INSIDE.match(text)
        if found and not token:
            last = _LAST_TOKEN.search(found["read"])
            token = last[1] if last else ""
        if of_file:
            return int(of_file["line"]), of_file["read"], token
    return None, "", token
