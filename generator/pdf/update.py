"""Objects added to a PDF as text by an incremental update (ISO 32000-1, 7.5.6), and read from there.

A structure tree has hundreds of small objects, on each of which a library of PDF spends more time than it takes to
write all of them as text. Here they stand in compressed object streams; what they attach are streams of their own. The
text of an object has characters up to U+00FF, each for a byte; it refers to others by `NUMBER 0 R`.

A new PDF says in its trailer, for the update, where the root of the tree and the pages are: see `prepare`.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVEL: Final = 3
CONTAINED: Final = 1000
"""The largest number of objects in one object stream."""
KEPT: Final = ("Root", "Info", "ID")
"""Entries of a trailer that an update repeats."""
START: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
STREAM: Final = re.compile(rb"(?P<number>\d+) 0 obj\n(?P<stream><<(?P<entries>.*?)/Length (?P<length>\d+)>>\nstream\n)")
ENDSTREAM: Final = b"\nendstream"
ENDOBJ: Final = b"\nendobj\n"
ENTRY: Final = re.compile(r"/(\w+)\s*(\d+ 0 R|\d+|\[[^\]]*\])")


def prepare(document: pikepdf.Pdf) -> None:
    """Give a document a root of a tree, for an update to replace, and name that and the pages in the trailer."""
    root = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    document.Root.StructTreeRoot = root
    document.trailer["/TreeRoot"] = root
    document.trailer["/TreePages"] = pikepdf.Array([page.obj for page in document.pages])


class Update:
    """Objects to be added to a PDF that was prepared; their numbers follow those of the PDF."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pdf
        self._start = _start(pdf)
        self._trailer = _entries(pdf, self._start)
        (self.root,) = _references(self._trailer["TreeRoot"])
        """The number of the root of the structure tree."""
        self.pages = _references(self._trailer["TreePages"])
        """The numbers of the pages, in order."""
        self._first = self._next = int(self._trailer["Size"])
        self._texts: dict[int, str] = {}
        self._streams: dict[int, bytes] = {}

    def new(self) -> int:
        """The number of an object that is to be set."""
        self._next += 1
        return self._next - 1

    def set(self, number: int, text: str) -> None:
        """Give an object its text."""
        self._texts[number] = text

    def add(self, text: str) -> int:
        """Add an object; returns its number."""
        number = self.new()
        self._texts[number] = text
        return number

    def add_stream(self, stream: bytes) -> int:
        """Add a stream as `stream` writes it; returns its number."""
        number = self.new()
        self._streams[number] = stream
        return number

    def applied(self) -> bytes:
        """The PDF with the update."""
        pieces, size = [self._pdf], len(self._pdf)
        rows: dict[int, bytes] = {}

        def append(number: int, written: bytes) -> None:
            nonlocal size
            rows[number] = b"\1%b\0\0" % size.to_bytes(4, "big")
            pieces.append(b"%d 0 obj\n%b%b" % (number, written, ENDOBJ))
            size += len(pieces[-1])

        for number, written in self._streams.items():
            append(number, written)
        numbers = list(self._texts)
        for start in range(0, len(numbers), CONTAINED):
            some = numbers[start : start + CONTAINED]
            container = self.new()
            for place, number in enumerate(some):
                rows[number] = b"\2%b%b" % (container.to_bytes(4, "big"), place.to_bytes(2, "big"))
            append(container, _container({number: self._texts[number] for number in some}))
        table, table_start = self.new(), size
        append(table, b"")
        order = (self.root, *range(self._first, self._next))
        kept = "".join(f"/{key} {self._trailer[key]}" for key in KEPT if key in self._trailer)
        index = f"{self.root} 1 {self._first} {self._next - self._first}"
        entries = f"/Type/XRef/Size {self._next}/Index[{index}]/W[1 4 2]/Prev {self._start}{kept}"
        pieces[-1] = b"%d 0 obj\n%b%b" % (table, stream(entries, b"".join(rows[number] for number in order)), ENDOBJ)
        return b"%bstartxref\n%d\n%%%%EOF\n" % (b"".join(pieces), table_start)


@dataclass(frozen=True)
class Updated:
    """The objects of an incremental update: texts and streams, by their numbers."""

    root: int
    pages: tuple[int, ...]
    texts: dict[int, str]
    streams: dict[int, bytes]


def read_update(pdf: bytes) -> Updated | None:
    """The update of a PDF, as `Update` has written it; None if it has none."""
    trailer = _entries(pdf, _start(pdf))
    if "Prev" not in trailer:
        return None
    before = int(trailer["Prev"])
    named = _entries(pdf, before)
    if "TreeRoot" not in named:
        return None
    texts: dict[int, str] = {}
    streams: dict[int, bytes] = {}
    place = pdf.index(b"%%EOF\n", before) + len(b"%%EOF\n")
    while found := STREAM.match(pdf, place):
        end = found.end() + int(found["length"])
        if found["entries"].startswith(b"/Type/ObjStm"):
            texts |= _texts(zlib.decompress(pdf[found.end() : end]).decode("latin-1"))
        elif not found["entries"].startswith(b"/Type/XRef"):
            streams[int(found["number"])] = pdf[found.start("stream") : end] + ENDSTREAM
        place = end + len(ENDSTREAM + ENDOBJ)
    return Updated(_references(named["TreeRoot"])[0], _references(named["TreePages"]), texts, streams)


def stream(entries: str, content: bytes) -> bytes:
    """A compressed stream with entries of its dictionary."""
    packed = zlib.compress(content, LEVEL)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b%b" % (entries.encode(), len(packed), packed, ENDSTREAM)


def _container(texts: Mapping[int, str]) -> bytes:
    """An object stream with objects by their numbers."""
    heads, offset = [], 0
    for number, text in texts.items():
        heads.append(f"{number} {offset}")
        offset += len(text) + 1
    head = " ".join(heads) + "\n"
    content = (head + "\n".join(texts.values())).encode("latin-1")
    return stream(f"/Type/ObjStm/N {len(heads)}/First {len(head)}", content)


def _texts(content: str) -> dict[int, str]:
    """The objects of an object stream, none of which has more than one line."""
    head, *texts = content.split("\n")
    return dict(zip(map(int, head.split()[::2]), texts, strict=True))


def _start(pdf: bytes) -> int:
    """The place of the last table of a PDF."""
    found = START.search(pdf, len(pdf) - 64)
    assert found
    return int(found[1])


def _entries(pdf: bytes, start: int) -> dict[str, str]:
    """The entries of the table at a place, which is a stream."""
    return dict(ENTRY.findall(pdf[start : pdf.index(b"stream", start)].decode("latin-1")))


def _references(text: str) -> tuple[int, ...]:
    """The numbers of the objects that an entry names."""
    return tuple(int(number) for number in re.findall(r"(\d+) 0 R", text))
