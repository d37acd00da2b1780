"""Maps from the glyphs of fonts to characters, by which readers get the text of a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pikepdf

from generator.pdf.glyph_names import CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_ROWS: Final = 100
"""Of a block of a map (Adobe Technical Note 5014)."""


def add_unicode_maps(document: pikepdf.Pdf) -> None:
    """Give a map to characters to each font of a document that has none and has glyphs of mathematics."""
    done: set[tuple[int, int]] = set()
    for page in document.pages:
        for font in page.resources.get("/Font", pikepdf.Dictionary()).values():
            if font.objgen not in done and "/ToUnicode" not in font and font.get("/Subtype") == "/Type1":
                done.add(font.objgen)
                names = font.get("/Encoding", pikepdf.Dictionary())
                if isinstance(names, pikepdf.Dictionary) and (known := dict(_known(names.get("/Differences", ())))):
                    letters = {code: chr(code) for code in range(33, 127)} if "/BaseEncoding" in names else {}
                    font.ToUnicode = document.make_stream(unicode_map(letters | known))


def _known(differences: Iterable[object]) -> Iterable[tuple[int, str]]:
    """The codes of symbols in a table of differences, with their characters."""
    code = 0
    for item in differences:
        if isinstance(item, pikepdf.Name):
            if character := CHARACTERS.get(str(item)[1:]):
                yield code, character
            code += 1
        else:
            code = int(str(item))


def unicode_map(characters: Mapping[int, str]) -> bytes:
    """A map from the codes of a font to characters."""
    rows = [f"<{code:02X}> <{character.encode('utf-16-be').hex()}>\n" for code, character in characters.items()]
    blocks = (rows[start : start + MOST_ROWS] for start in range(0, len(rows), MOST_ROWS))
    written = "".join(f"{len(some)} beginbfchar\n{''.join(some)}endbfchar\n" for some in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"{written}"
        "endcmap CMapName currentdict /CMap defineresource pop end end\n"
    ).encode()
