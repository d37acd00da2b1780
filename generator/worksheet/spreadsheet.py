"""CSV files that a spreadsheet has saved: their encodings and separators, and ids that it took for numbers.

A cell such as 0001, 1e5 or 12345678901234567 is a number to a spreadsheet, which saves it as 1, 100000 or
1.23457E+16.
"""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from io import StringIO
from typing import TYPE_CHECKING

from generator.errors import InFile, RosterError
from generator.system import inputs

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1_000_000
SEPARATORS = ",;\t"
DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""

SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;\t]*')
"""A first line that tells a spreadsheet the separator."""
NUMBER = re.compile(r"(\d+)(?:[.,](\d+))?(?:[eE]([+-]?\d{1,3}))?", re.ASCII)


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file that are not empty, each with its line number; a `RosterError` if it is not one.

    UTF-8 or UTF-16; the separator is that of the line `sep=`, or the most frequent one in the first line.
    """
    place = InFile(path)
    try:
        raw = inputs.read(path, MAX_BYTES + 1)
    except OSError as error:
        raise RosterError(f"cannot be read: {error.strerror}", remedy="Check the name.", file=place) from None
    if len(raw) > MAX_BYTES:
        raise RosterError("too large for a class list: it is over 1 MB", file=place)
    try:
        text = raw.decode(_encoding(raw))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RosterError(
            "not UTF-8 text", remedy="Save the file as CSV with the encoding UTF-8.", file=InFile(path, line)
        ) from None
    lines = (line for line in text.splitlines() if line.strip())
    head = next(lines, "")
    told = SEPARATOR_LINE.fullmatch(head.rstrip(" "))
    separator = told[1] if told else max(SEPARATORS, key=head.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, [" ".join(cell.split()) for cell in row]))
    except csv.Error as error:
        raise RosterError(
            f"not a table: {error}", remedy="Check the quotes.", file=InFile(path, reader.line_num)
        ) from None
    return rows[1:] if told else rows


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if raw[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if raw[:1] == b"\0" else "utf-8-sig"


def cell_value(text: str) -> Fraction | str:
    """The value of a cell: two ids with the same value are one cell to a spreadsheet."""
    if found := _number(text):
        return found[0]
    return text.upper() if text.lower() in ("true", "false") else text


def is_same_cell(one: str, other: str) -> bool:
    """One of two ids may be what a spreadsheet has saved of the other: equal numbers, or one rounded to the other."""
    if cell_value(one) == cell_value(other):
        return True
    first, second = _number(one), _number(other)
    if first is None or second is None:
        return False
    (a, unit_of_a), (b, unit_of_b) = first, second
    return abs(a - b) < max(unit_of_a, unit_of_b)


def _number(text: str) -> tuple[Fraction, Fraction] | None:
    """The value, and the unit of the last digit if it may have been rounded, else 0; None if it is not a number."""
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    whole, decimals, exponent = found[1], found[2] or "", found[3]
    ten = Fraction(10)
    value = int(whole + decimals) * ten ** (int(exponent or 0) - len(decimals))
    if exponent:
        return value, ten ** (int(exponent) - len(decimals))
    lost = len((whole + decimals).lstrip("0")) - DIGITS
    return value, ten ** (lost - len(decimals)) if lost > 0 else Fraction(0)
