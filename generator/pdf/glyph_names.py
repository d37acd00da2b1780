"""Glyphs of symbols as characters: what readers get of them, as many of their names are on no common list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_ROWS: Final = 100
"""Of a block of a map (Adobe Technical Note 5014)."""
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
"""Characters by the names of large glyphs in the fonts of TeX."""
_MATH_GLYPHS: Final = {
    "Omega": "Ω", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon1": "ϵ", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "epsilon": "ε",
    "theta1": "ϑ", "pi1": "ϖ", "rho1": "ϱ", "sigma1": "ς", "phi1": "ϕ", "arrowlefttophalf": "↼",
    "arrowleftbothalf": "↽", "arrowrighttophalf": "⇀", "arrowrightbothalf": "⇁", "arrowhookleft": "↩",
    "arrowhookright": "↪", "triangleright": "▷", "triangleleft": "◁", "zero.taboldstyle": "0",
    "one.taboldstyle": "1", "two.taboldstyle": "2", "three.taboldstyle": "3", "four.taboldstyle": "4",
    "five.taboldstyle": "5", "six.taboldstyle": "6", "seven.taboldstyle": "7", "eight.taboldstyle": "8",
    "nine.taboldstyle": "9", "period": ".", "comma": ",", "slash": "/", "star": "⋆", "partialdiff": "∂",
    "flat": "♭", "natural": "♮", "sharp": "♯", "slurbelow": "⌣", "slurabove": "⌢", "lscript": "ℓ", "dotlessi": "ı",
    "dotlessj": "ȷ", "weierstrass": "℘", "vector": "\u20d7", "tie": "⁀", "minus": "−", "periodcentered": "·",
    "multiply": "×", "asteriskmath": "∗", "divide": "÷", "diamondmath": "⋄", "plusminus": "±", "minusplus": "∓",
    "circleplus": "⊕", "circleminus": "⊖", "circlemultiply": "⊗", "circledivide": "⊘", "circledot": "⊙",
    "openbullet": "◦", "bullet": "•", "equivasymptotic": "≍", "equivalence": "≡",
    "reflexsubset": "⊆", "reflexsuperset": "⊇", "lessequal": "≤", "greaterequal": "≥", "precedesequal": "⪯",
    "followsequal": "⪰", "similar": "∼", "approxequal": "≈", "propersubset": "⊂", "propersuperset": "⊃",
    "lessmuch": "≪", "greatermuch": "≫", "precedes": "≺", "follows": "≻", "arrowleft": "←", "arrowright": "→",
    "arrowup": "↑", "arrowdown": "↓", "arrowboth": "↔", "arrownortheast": "↗", "arrowsoutheast": "↘",
    "similarequal": "≃", "arrowdblleft": "⇐", "arrowdblright": "⇒", "arrowdblup": "⇑", "arrowdbldown": "⇓",
    "arrowdblboth": "⇔", "arrownorthwest": "↖", "arrowsouthwest": "↙", "proportional": "∝", "prime": "′",
    "infinity": "∞", "element": "∈", "owner": "∋", "triangle": "△", "triangleinv": "▽", "negationslash": "\u0338",
    "mapsto": "↦", "universal": "∀", "existential": "∃", "logicalnot": "¬", "emptyset": "∅", "Rfractur": "ℜ",
    "Ifractur": "ℑ", "latticetop": "⊤", "perpendicular": "⊥", "aleph": "ℵ", "union": "∪", "intersection": "∩",
    "unionmulti": "⊎", "logicaland": "∧", "logicalor": "∨", "turnstileleft": "⊢", "turnstileright": "⊣",
    "floorleft": "⌊", "floorright": "⌋", "ceilingleft": "⌈", "ceilingright": "⌉", "braceleft": "{",
    "braceright": "}", "angbracketleft": "⟨", "angbracketright": "⟩", "bar": "|", "bardbl": "‖", "arrowbothv": "↕",
    "arrowdblbothv": "⇕", "backslash": "\\", "wreathproduct": "≀", "radical": "√", "coproduct": "∐", "nabla": "∇",
    "integral": "∫", "unionsq": "⊔", "intersectionsq": "⊓", "subsetsqequal": "⊑", "supersetsqequal": "⊒",
    "section": "§", "dagger": "†", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
}  # fmt: skip
"""Characters by the names of other glyphs in TeX's fonts for mathematics (Latin Modern Math, encodings OML and OMS)."""
_CHARACTERS: Final = {**_MATH_GLYPHS, **LARGE_GLYPHS}


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
            if character := _CHARACTERS.get(str(item)[1:]):
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
