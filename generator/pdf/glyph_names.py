"""Characters of the glyphs of symbols by their names, many of which are on no common list."""

from __future__ import annotations

from typing import Final

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
CHARACTERS: Final = {**_MATH_GLYPHS, **LARGE_GLYPHS}
"""Characters by the names of all these."""
