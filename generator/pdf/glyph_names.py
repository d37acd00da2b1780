"""Glyphs of large symbols as characters: what readers get of them, as their names are on no common list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIZED: Final = {
    "parenleft": "(", "parenright": ")", "bracketleft": "[", "bracketright": "]", "braceleft": "{", "braceright": "}",
    "angbracketleft": "⟨", "angbracketright": "⟩", "floorleft": "⌊", "floorright": "⌋", "ceilingleft": "⌈",
    "ceilingright": "⌉", "radical": "√", "slash": "/", "backslash": "\\",
}  # fmt: skip
_SIZES: Final = ("big", "Big", "bigg", "Bigg")
LARGE_GLYPHS: Final = {
    **{f"{name}{size}": character for name, character in _SIZED.items() for size in _SIZES},
    **{f"{name}{style}": character
       for name, character in {"summation": "∑", "product": "∏", "integral": "∫"}.items()
       for style in ("display", "text")},
    "parenlefttp": "⎛", "parenleftex": "⎜", "parenleftbt": "⎝", "parenrighttp": "⎞", "parenrightex": "⎟",
    "parenrightbt": "⎠", "bracketlefttp": "⎡", "bracketleftex": "⎢", "bracketleftbt": "⎣", "bracketrighttp": "⎤",
    "bracketrightex": "⎥", "bracketrightbt": "⎦", "bracelefttp": "⎧", "braceleftmid": "⎨", "braceleftbt": "⎩",
    "bracerighttp": "⎫", "bracerightmid": "⎬", "bracerightbt": "⎭", "braceex": "⎪", "radicalvertex": "√",
    "radicaltp": "√", "radicalbt": "⎷", "vextendsingle": "|", "vextenddouble": "‖", "circlecopyrt": "○",
    "hatwide": "^", "hatwider": "^", "hatwidest": "^", "tildewide": "~", "tildewider": "~", "tildewidest": "~",
}  # fmt: skip
"""Characters by the names of glyphs in the fonts of TeX."""


def add_unicode_maps(document: pikepdf.Pdf) -> None:
    """Give a map to characters to each font of a document that has none and whose glyphs are large symbols."""
    done: set[tuple[int, int]] = set()
    for page in document.pages:
        for font in page.resources.get("/Font", pikepdf.Dictionary()).values():
            if font.objgen not in done and "/ToUnicode" not in font and font.get("/Subtype") == "/Type1":
                done.add(font.objgen)
                names = font.get("/Encoding", pikepdf.Dictionary())
                if isinstance(names, pikepdf.Dictionary) and (known := dict(_known(names.get("/Differences", ())))):
                    font.ToUnicode = document.make_stream(_map(known))


def _known(differences: Iterable[object]) -> Iterable[tuple[int, str]]:
    """The codes of large symbols in a table of differences, with their characters."""
    code = 0
    for item in differences:
        if isinstance(item, pikepdf.Name):
            if character := LARGE_GLYPHS.get(str(item)[1:]):
                yield code, character
            code += 1
        else:
            code = int(str(item))


def _map(characters: dict[int, str]) -> bytes:
    rows = "".join(f"<{code:02X}> <{character.encode('utf-16-be').hex()}>\n" for code, character in characters.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"{len(characters)} beginbfchar\n{rows}endbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end\n"
    ).encode()
