"""Names in any script: those that the fonts of TeX lack are set in a font of the computer, by a XeTeX."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pylatex.utils import NoEscape

from generator.errors import BuildError
from generator.formats.latex.text import escape
from generator.pdf.engines import find_engine
from generator.worksheet.roster import LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

ENGINES = ("xelatex", "tectonic")
"""Those that can use any font."""
PREFERRED = ("lmroman10-regular", "dejavuserif.", "notoserif", "serif", "regular", "")
"""Parts of the names of font files, the best first: what looks most like the rest of the page."""
UNWANTED = ("bold", "italic", "oblique", "condensed", "light", "mono", "narrow", "-bd", "-it")
FILES = (".otf", ".ttf", ".ttc")
JOINERS = "\u200c\u200d"
"""What joins or separates letters, and is not printed itself."""


@dataclass(frozen=True)
class Font:
    """A font that can be installed: its family, and the packages of Debian, Fedora and Homebrew that have it."""

    family: str
    debian: str = ""
    fedora: str = ""
    cask: str = ""


@dataclass(frozen=True)
class Script:
    """A script, with a common letter of it, and fonts that have it, the best first."""

    name: str
    letter: str
    fonts: tuple[Font, ...]


def _noto(name: str, letter: str, style: str = "sans") -> Script:
    family = f"Noto {style.title()} {name}"
    package = f"noto-{style}-{name.lower()}"
    return Script(name, letter, (Font(family, "fonts-noto-core", f"google-{package}-fonts", f"font-{package}"),))


_DEJAVU = (
    Font("DejaVu Serif", "fonts-dejavu-core", "dejavu-serif-fonts", "font-dejavu"),
    Font("Noto Serif", "fonts-noto-core", "google-noto-serif-fonts", "font-noto-serif"),
)
_CJK = (
    Font("Noto Sans CJK JP", "fonts-noto-cjk", "google-noto-sans-cjk-fonts", "font-noto-sans-cjk"),
    Font("BabelStone Han", "fonts-babelstone-han"),
)
SCRIPTS = {
    "LATIN": Script("Latin with many accents", "ễ", _DEJAVU),
    "GREEK": Script("Greek", "Ω", _DEJAVU),
    "CYRILLIC": Script("Cyrillic", "Ж", _DEJAVU),
    "CJK": Script("Chinese", "王", _CJK),
    "HIRAGANA": Script("Japanese", "の", _CJK),
    "KATAKANA": Script("Japanese", "ア", _CJK),
    "HANGUL": Script("Korean", "김", (Font("NanumGothic", "fonts-nanum", "", "font-nanum-gothic"), *_CJK[:1])),
} | {
    one.name.upper(): one
    for one in (
        _noto("Arabic", "م"), _noto("Hebrew", "ש"), _noto("Armenian", "Ա"), _noto("Georgian", "გ"),
        _noto("Ethiopic", "አ"), _noto("Devanagari", "क"), _noto("Bengali", "ক"), _noto("Gurmukhi", "ਕ"),
        _noto("Gujarati", "ક"), _noto("Oriya", "କ"), _noto("Tamil", "க"), _noto("Telugu", "క"), _noto("Kannada", "ಕ"),
        _noto("Malayalam", "ക"), _noto("Sinhala", "ක"), _noto("Thai", "ก"), _noto("Lao", "ກ"), _noto("Khmer", "ក"),
        _noto("Myanmar", "က"), _noto("Tibetan", "ཀ", "serif"),
    )
}  # fmt: skip
"""Scripts by the first word of the names that Unicode gives to their letters."""
SYSTEMS = {
    "debian": "Debian, Ubuntu   sudo apt-get install",
    "fedora": "Fedora           sudo dnf install",
    "cask": "macOS            brew install --cask",
}
OTHER = (Font("Noto Sans Symbols2", "fonts-noto-core"),)
"""One of the fonts of a package that has letters of most other scripts."""


def script_of(letter: str) -> Script:
    """The script of a letter, by its name in Unicode."""
    word = unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
    return SCRIPTS.get(word) or Script(word.title(), letter, OTHER)


def advice(scripts: Iterable[Script]) -> str:
    """How to get fonts for these scripts, none of which is here; a line for each system."""
    chosen = {script: [font for font in script.fonts if font.family not in _families()] for script in scripts}
    lines = []
    if here := [script.name for script, fonts in chosen.items() if not fonts]:
        lines.append(f"Write it in other letters, or install another font for {_listed(here)}, then build again.")
    wanted = {script: fonts for script, fonts in chosen.items() if fonts}
    if wanted:
        lines.append(f"Install a font for {_listed(script.name for script in wanted)}, then build again:")
        for system, command in SYSTEMS.items():
            packages = [
                next((name for font in fonts if (name := getattr(font, system))), "") for fonts in wanted.values()
            ]
            if any(packages):
                lines.append(f"    {command} {' '.join(dict.fromkeys(filter(None, packages)))}")
        if named := _listed(fonts[0].family for script, fonts in wanted.items() if script.fonts != OTHER):
            lines.append(f"    any system       {named}")
    return "\n".join(lines)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def is_plain(text: str) -> bool:
    """The fonts of TeX have all of its letters."""
    return all(letter.isascii() or letter in LETTERS for letter in text)


def shown(text: str) -> NoEscape:
    """A name as TeX, in a font of its own where it needs one; a `BuildError` says what is missing for that."""
    if is_plain(text):
        return escape(text)
    font = _font(_letters(text))
    inside = _inscript(font, text) if font else " ".join(map(_word, text.split(" ")))
    from_right = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return NoEscape(rf"\fromright{{{inside}}}" if from_right else inside)


def _word(word: str) -> str:
    if is_plain(word):
        return str(escape(word))
    if font := _font(_letters(word)):
        return _inscript(font, word)
    set_in = [(run, "" if is_plain(run) else _font(_letters(run))) for run in _runs(word)]
    if any(font is None for _, font in set_in):
        lacking = [letter for run, font in set_in if font is None for letter in run if not _font(_letters(letter))]
        missing = list(dict.fromkeys(lacking or _letters(word)))
        scripts = [script_of(letter) for letter in missing if not unicodedata.category(letter).startswith("M")]
        letters = ", ".join(f"{letter!r} (U+{ord(letter):04X})" for letter in missing)
        names = _listed(script.name for script in scripts)
        raise BuildError(f"no font of this computer has {letters}, {names}", remedy=advice(scripts))
    return "".join(_inscript(font, run) if font else str(escape(run)) for run, font in set_in)


def _inscript(font: str, text: str) -> str:
    """Text in a font, with its joiners, which `escape` leaves out."""
    parts = re.split(f"([{JOINERS}])", text)
    return rf"\inscript{{{font}}}{{{''.join(part if part in JOINERS else escape(part) for part in parts)}}}"


def _runs(word: str) -> list[str]:
    """The word in parts of one script each; marks and joiners go with the letter before them."""
    runs: list[tuple[str, str]] = []
    for letter in word:
        attached = letter in JOINERS or unicodedata.category(letter).startswith("M")
        script = runs[-1][0] if attached and runs else "" if is_plain(letter) else script_of(letter).name
        if runs and runs[-1][0] == script:
            runs[-1] = (script, runs[-1][1] + letter)
        else:
            runs.append((script, letter))
    return [run for _, run in runs]


def _letters(text: str) -> str:
    return "".join(sorted({letter for letter in text if not letter.isspace() and letter not in JOINERS}))


@cache
def _families() -> frozenset[str]:
    """The families of the fonts that are here."""
    lister = shutil.which("fc-list")
    if lister is None:
        return frozenset()
    done = subprocess.run([lister, "--format", "%{family}\n"], capture_output=True, text=True, check=False)
    return frozenset(name for line in done.stdout.splitlines() for name in line.split(","))


@cache
def _font(letters: str) -> str | None:
    """The file of a font that has some letters, with its number in it, as XeTeX wants to be told; None if none has."""
    find_engine(among=ENGINES)
    lister = shutil.which("fc-list")
    if lister is None:
        raise BuildError(
            f"no program is here that finds a font for {letters}", remedy="Install fontconfig, then build again."
        )
    codes = " ".join(f"{ord(letter):x}" for letter in letters)
    command = [lister, f":charset={codes}", "--format", "%{file}\t%{index}\n"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = sorted(row.partition("\t")[::2] for row in done.stdout.splitlines())
    usable = [(file, index) for file, index in found if file.lower().endswith(FILES)]
    if not usable:
        return None
    file, index = min(usable, key=_rank)
    return f"{file}:{index}" if index not in ("", "0") else file


def _rank(font: tuple[str, str]) -> tuple[object, ...]:
    name = font[0].lower().rpartition("/")[2]
    plainness = sum(word in name for word in UNWANTED)
    return plainness, next(i for i, part in enumerate(PREFERRED) if part in name), len(name), font
