"""Names in any script: those that the fonts of TeX lack are set in a font of the computer, by a XeTeX."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from functools import cache

from pylatex.utils import NoEscape

from generator.errors import BuildError
from generator.render.engines import find_engine
from generator.render.template import escape
from generator.worksheet.roster import LETTERS

ENGINES = ("xelatex", "tectonic")
"""Those that can use any font."""
PREFERRED = ("lmroman10-regular", "dejavuserif.", "notoserif", "serif", "regular", "")
"""Parts of the names of font files, the best first: what looks most like the rest of the page."""
UNWANTED = ("bold", "italic", "oblique", "condensed", "light", "mono", "narrow", "-bd", "-it")
FILES = (".otf", ".ttf", ".ttc")
FONTS = """\
Install a font that has it, then build again:
    Debian, Ubuntu   sudo apt-get install fonts-dejavu-core fonts-droid-fallback     or  fonts-noto-core fonts-noto-cjk
    Fedora           sudo dnf install dejavu-serif-fonts google-noto-sans-cjk-fonts
    macOS, Windows   these have fonts for most scripts"""


def is_plain(text: str) -> bool:
    """The fonts of TeX have all of its letters."""
    return all(letter.isascii() or letter in LETTERS for letter in text)


def shown(text: str) -> NoEscape:
    """A name as TeX, in a font of its own where it needs one; a `BuildError` says what is missing for that."""
    if is_plain(text):
        return escape(text)
    if font := _font(_letters(text)):
        inside = rf"\inscript{{{font}}}{{{escape(text)}}}"
    else:  # then word by word
        inside = " ".join(map(_word, text.split(" ")))
    from_right = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return NoEscape(rf"\fromright{{{inside}}}" if from_right else inside)


def _word(word: str) -> str:
    if is_plain(word):
        return str(escape(word))
    font = _font(_letters(word))
    if not font:
        missing = next((letter for letter in word if not is_plain(letter) and not _font(letter)), word)
        codes = " ".join(f"U+{ord(letter):04X}" for letter in missing)
        raise BuildError(f"no font of this computer has {missing!r} ({codes})", remedy=FONTS)
    return rf"\inscript{{{font}}}{{{escape(word)}}}"


def _letters(text: str) -> str:
    return "".join(sorted({letter for letter in text if not letter.isspace()}))


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
