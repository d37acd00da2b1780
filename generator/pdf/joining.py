"""Several PDFs joined into one, with every font stored once."""

from __future__ import annotations

from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

import pikepdf

from generator.pdf.bookmarks import items
from generator.pdf.pdf_file import to_bytes
from generator.pdf.structure import JoinedTrees, declare_tagged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from generator.pdf.bookmarks import Bookmark


def join(parts: Sequence[tuple[Path, Sequence[Bookmark]]], title: str = "", *, two_sided: bool = False) -> bytes:
    """All pages of some PDFs in order, every font stored once, with a bookmark for each PDF, and its own below that.

    Where they are for two sides of a sheet, a PDF with an odd number of pages ends with a blank one. If all of them
    are tagged, so is the whole, with the title.
    """
    fonts: dict[tuple[str, ...], pikepdf.Object] = {}
    count = 0  # as a document goes through all of its pages to tell how many there are, or which is the last
    with pikepdf.new() as joined:
        trees = JoinedTrees(joined)
        with joined.open_outline() as outline:
            for part, below in parts:
                with pikepdf.open(part) as pdf:
                    item = pikepdf.OutlineItem(str(pdf.docinfo.get("/Title", "")), count)
                    item.is_closed = True
                    outline.root.append(item)
                    tables = [list(_font_tables(page.resources)) for page in pdf.pages]
                    met: dict[tuple[int, int], pikepdf.Object] = {}
                    shared = [[_shared(table, joined, fonts, met) for table in some] for some in tables]
                    for table in chain.from_iterable(tables):
                        for name in table.keys():  # noqa: SIM118 - a table cannot change while it is gone through
                            table[name] = pikepdf.Name.Shared
                    for page, some in zip(pdf.pages, shared, strict=True):
                        joined.pages.append(page)
                        for table, known in zip(_font_tables(joined.pages[count].resources), some, strict=True):
                            for name, font in known.items():
                                table[name] = font
                        count += 1
                    item.children += items(joined, below, count - len(shared))
                    trees.add(part.read_bytes(), count - len(shared))
                    if two_sided and len(shared) % 2:
                        last = joined.pages[count - 1]
                        joined.add_blank_page().mediabox = last.mediabox
                        count += 1
        if not trees.is_tagged:
            return to_bytes(joined)
        joined.docinfo["/Title"] = title
        declare_tagged(joined, title)
        return trees.added_to(to_bytes(joined))


def _font_tables(resources: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The fonts by their names, of a page, of the forms on it, and of the forms on these."""
    if "/Font" in resources:
        yield resources["/Font"]
    forms = resources.get("/XObject", pikepdf.Dictionary())
    for name in sorted(forms.keys()):
        yield from _font_tables(forms[name].get("/Resources", pikepdf.Dictionary()))


def _shared(
    table: pikepdf.Object,
    joined: pikepdf.Pdf,
    fonts: dict[tuple[str, ...], pikepdf.Object],
    met: dict[tuple[int, int], pikepdf.Object],
) -> dict[str, pikepdf.Object]:
    """The fonts of a table as they are in the joined document, where each is stored once.

    Those that were met in the same document are known by their numbers there.
    """
    found = {}
    for name, font in table.items():
        if (known := met.get(font.objgen)) is None:
            key = _identity(font)
            if key not in fonts:
                fonts[key] = joined.copy_foreign(font)
            known = fonts[key]
            if font.is_indirect:
                met[font.objgen] = known
        found[name] = known
    return found


def _identity(font: pikepdf.Object) -> tuple[str, ...]:
    """The same for fonts that are the same, wherever they are stored."""
    if "/FontDescriptor" not in font:  # made of other fonts
        return (_recursive_content(font),)
    descriptor = font["/FontDescriptor"]
    parts = [font.get(key) for key in ("/FirstChar", "/LastChar", "/Widths", "/Encoding", "/ToUnicode")]
    parts += [descriptor.get(key) for key in ("/FontName", "/CharSet")]
    files = [descriptor[key] for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in descriptor]
    if "/CharSet" in descriptor:  # a font of this name with these glyphs is told by its lengths, and need not be read
        files = [file.stream_dict for file in files]
    parts += files
    return tuple(map(_content, parts))


def _recursive_content(part: pikepdf.Object | int) -> str:
    """The whole content of an object, with all that it refers to."""
    match part:
        case pikepdf.Stream():
            return _recursive_content(part.stream_dict) + _content(part)
        case pikepdf.Dictionary():
            return "".join(f"{name} {_recursive_content(one)}\n" for name, one in sorted(part.items()))
        case pikepdf.Array():
            source = _content(part)
            has_references = " R" in source
            return "".join(f"{_recursive_content(one)}\n" for one in part) if has_references else source
        case _:
            return _content(part)


def _content(part: pikepdf.Object | int | None) -> str:
    if isinstance(part, pikepdf.Stream):
        return sha256(part.read_raw_bytes()).hexdigest()
    return str(part.unparse(resolved=True) if isinstance(part, pikepdf.Object) else part)
