"""What a run of TeX must not have done: reading a file that is neither its own nor TeX's.

TeX is told to stay inside (`openin_any=p`), but some of its primitives and the driver of XeTeX do not ask. So what a
run has read, and what it tells the driver to read, is looked at before anything is made of it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FONTS = (".bdf", ".dfont", ".otc", ".otf", ".pcf", ".pfa", ".pfb", ".t1", ".ttc", ".ttf")
"""What may be anywhere: the fonts of the computer."""

MADE_OF_FONTS = "fonts"
"""The folder where LuaTeX keeps what it has made of fonts."""
FONTS_KNOWN = Path("/etc/fonts")
"""Where fontconfig says which these are."""

SPECIALS = re.compile(
    rb"\s*(?:color|background|landscape|papersize"
    rb"|pdf:\s*(?:pagesize|literal|code|content|[be]content|[be]trans|[be]gcolor|[bes]color|dest|[be]?ann|out|doc(?:info|view)"
    rb"|[beu]xobj|obj|put|close|names|trailerid|m(?:in|aj)orversion|stream)"
    rb"|dvipdfmx:config C 0x[0-9a-f]+$"
    rb"|x:\s*(?:scale|rotate|gsave|grestore|bbcolor|backcolor))\b"
)
"""What a page may tell the driver; most other specials name files."""

FIGURE = re.compile(rb"pdf:image [\w.+\- ]*\((?:\./)?figures/+(?:[A-Za-z0-9_][\w.\-]*/)*[A-Za-z0-9_][\w.\-]*\)\s*")
"""How it is told of a figure of the job, by a name that does not lead out of their folder."""

JOB = "job.tex"
"""The source of a job; those of its papers are numbered."""
SOURCE = re.compile(r"(?:\./)?(?:job|\d+)\.tex")
WRITTEN = (".aux",)
"""What a run may read of what it wrote: not what it said, which has notes about all papers."""

RULES = ("first.d", "job.d")
"""Where Tectonic says in each pass what it has read, by the names that the source used; not if it had to give up."""

# The lengths of the commands of a DVI file that have a fixed one, by their codes; then where each of the others is.
_FIXED = {
    **dict.fromkeys((*range(128), 138, *range(140, 143), 147, 152, 161, 166, *range(171, 235)), 1),
    **{first + k: k + 2 for first in (128, 133, 143, 148, 153, 157, 162, 167, 235) for k in range(4)},
    132: 9,
    137: 9,
    139: 45,
}
_SPECIAL = range(239, 243)
_FONT = range(243, 247)
_PREAMBLE, _POSTAMBLE, _NATIVE_FONT, _GLYPHS, _TEXT_AND_GLYPHS = 247, 248, 252, 253, 254
_FLAGS = ((0x0200, 4), (0x1000, 4), (0x2000, 4), (0x4000, 4))
"""What follows the name of a native font: a color, and how it is stretched, slanted and emboldened."""


def trespass(source: Path, output: Path) -> str | None:
    """What a run read, or wants to be read, that it must not; None if all is well.

    `source` is the folder of its sources, and `output` the one where it wrote; they may be the same.
    """
    allowed = trees()
    read = list(_recorded(output / "job.fls")) if allowed else []
    for name in dict.fromkeys(read):
        if not _is_inside(Path(name), source, output, allowed):
            return name
    if again := _read_again(read):
        return again
    for rules in RULES:
        for name in _ruled(output / rules):
            if not _is_inside(Path(name), source, output, ()):
                return name
    pages = output / "job.xdv"
    if pages.exists():
        for special in specials(pages.read_bytes()):
            if not (SPECIALS.match(special) or FIGURE.fullmatch(special)):
                return special.decode(errors="replace")
    return None


def _read_again(read: Sequence[str]) -> str | None:
    """The source of the job, or of a paper, that was read once more than those of the other papers, if any."""
    sources = [Path(name).name for name in read if SOURCE.fullmatch(name)]
    if JOB not in sources:
        return None
    places = [place for place, name in enumerate(read) if Path(name).name == JOB]
    if places[-1] - places[0] >= len(places):  # it is opened more than once before the first line is read
        return JOB
    times = Counter(name for name in sources if name != JOB)
    fewest = min(times.values(), default=0)
    return next((name for name, count in times.items() if count > fewest), None)


def is_recorded(output: Path) -> bool:
    """The last run that wrote in a folder has said what it read."""
    return any((output / name).exists() for name in ("job.fls", RULES[-1]))


def _recorded(record: Path) -> Iterator[str]:
    """What a run of TeX has read."""
    lines = record.read_text(encoding="utf-8", errors="replace").splitlines() if record.exists() else ()
    for line in lines:
        kind, _, name = line.partition(" ")
        if kind == "INPUT":
            yield name


def _ruled(rules: Path) -> Iterator[str]:
    """What a run of Tectonic has read: behind the colon of a rule for make."""
    if rules.exists():
        _, _, names = rules.read_text(encoding="utf-8", errors="replace").partition(" : ")
        yield from filter(None, (name.strip() for name in names.split(" \\\n")))


def _is_inside(path: Path, source: Path, output: Path, allowed: tuple[Path, ...]) -> bool:
    if not path.is_absolute():
        place = (source / path).resolve()
        if place.parent == output.resolve():
            return place.suffix in WRITTEN or source == output
        return ".." not in path.parts
    if ".." in path.parts:
        return False
    own = source, source.resolve(), output / MADE_OF_FONTS, output.resolve() / MADE_OF_FONTS
    return path.suffix.lower() in FONTS or any(path.is_relative_to(tree) for tree in (*own, FONTS_KNOWN, *allowed))


@cache
def trees() -> tuple[Path, ...]:
    """The folders that belong to TeX; none where it does not tell."""
    kpsewhich = shutil.which("kpsewhich")
    if kpsewhich is None:
        return ()
    lists = {"TEXMFDBS": os.devnull}  # where lists of all files are, which it would read before it answers
    environment = {**os.environ, **lists}
    command = [kpsewhich, "--expand-path=$TEXMF:$TEXMFROOT"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
    found = (Path(name) for name in said.strip().split(os.pathsep) if name)
    return tuple(tree for tree in found if tree.is_absolute() and tree != Path(tree.anchor))


def specials(xdv: bytes) -> Iterator[bytes]:
    """What an XDV file tells its driver, in order; a `ValueError` if it is not one."""

    def number(place: int, size: int) -> int:
        return int.from_bytes(xdv[place : place + size], "big")

    place = 0
    while place < len(xdv):
        code = xdv[place]
        if code in _FIXED:
            place += _FIXED[code]
        elif code in _SPECIAL:
            size = code - _SPECIAL.start + 1
            length = number(place + 1, size)
            yield xdv[place + 1 + size : place + 1 + size + length]
            place += 1 + size + length
        elif code in _FONT:
            place += 1 + code - _FONT.start + 1 + 12
            place += 2 + xdv[place] + xdv[place + 1]
        elif code == _PREAMBLE:
            place += 15 + xdv[place + 14]
        elif code == _POSTAMBLE:
            return
        elif code == _NATIVE_FONT:
            flags = number(place + 9, 2)
            place += 12 + xdv[place + 11] + 4 + sum(size for flag, size in _FLAGS if flags & flag)
        elif code in (_GLYPHS, _TEXT_AND_GLYPHS):
            place += 1
            if code == _TEXT_AND_GLYPHS:
                place += 2 + 2 * number(place, 2)
            place += 4
            place += 2 + 10 * number(place, 2)
        else:
            raise ValueError(f"byte {place} of an XDV file cannot be {code}")
