"""What a build needs of this computer: what is there, what is missing, and what to type."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import GeneratorError
from generator.formats.latex import scripts
from generator.pdf import confinement
from generator.pdf.engines import (
    ENGINES,
    INSTALL_ENGINE,
    INSTALL_TEX,
    NO_BUNDLE,
    find_engine,
    own_bundle,
    programs,
    reaches_bundle,
)
from generator.system.disk_cache import folder as cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.pdf.engines import Engine

TEX_FILES = (
    "exam.cls", "lmodern.sty", "lmroman10-regular.otf", "amsmath.sty", "mleftright.sty", "microtype.sty", "xcolor.sty",
    "multicol.sty", "geometry.sty",
)  # fmt: skip
"""What the papers use of a TeX distribution."""
ROOM = 200_000_000
"""So many bytes are enough for the work of TeX on a large class."""
NO_CONFINEMENT = """\
Linux confines TeX from kernel 5.13 on, with Landlock, and macOS with sandbox-exec. Here nothing does: build worksheets
of strangers on such a computer, or in a container."""
"""What to do where a system confines nothing."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for; without what is needed nothing can be built."""

    what: str
    found: str = ""
    remedy: str = ""
    is_needed: bool = False

    @property
    def is_missing(self) -> bool:
        """It was not found."""
        return not self.found


def findings(output: Path) -> Iterator[Finding]:
    """All that there is to say, in order."""
    yield Finding("Python", platform.python_version())
    engines: dict[str, Engine] = {}
    for name in ENGINES:
        try:
            engines[name] = find_engine(name)
        except GeneratorError as error:
            if any(programs(name)):  # yet none of them is fit to use
                yield Finding(error.what, remedy=error.remedy)
            continue
        yield Finding(name, f"{engines[name].version()} ({engines[name].program})")
    if not engines:
        yield Finding("a TeX engine", remedy=INSTALL_TEX, is_needed=True)
    if engines.keys() - {"tectonic"}:
        yield from _missing_files()
    if "tectonic" in engines:
        is_there = reaches_bundle(engines["tectonic"])
        bundle = own_bundle() or "fetched when they are used, and kept"
        yield Finding("Tectonic's files of TeX", bundle if is_there else "", NO_BUNDLE, is_needed=len(engines) == 1)
    if engines.keys() & set(scripts.ENGINES):
        known = dict.fromkeys(scripts.SCRIPTS.values())
        lacking = [script for script in known if not _has_font(script.letter)]
        names = dict.fromkeys(script.name for script in known if script not in lacking)
        if names:
            yield Finding("fonts for names in other scripts", ", ".join(names))
        if lacking:
            lacks = ", ".join(dict.fromkeys(script.name for script in lacking))
            yield Finding(f"fonts for names in {lacks}", remedy=scripts.advice(lacking))
    else:
        name = scripts.ENGINES[0]
        yield Finding(f"{name}, for names in other scripts", remedy=INSTALL_ENGINE[name])
    yield from _safety(engines)
    yield _room()
    yield _writable("the output folder", output, is_needed=True)
    yield _writable("the cache", cache_folder())


def _safety(engines: Mapping[str, Engine]) -> Iterator[Finding]:
    """What keeps a worksheet of a stranger from other files, by engine; docs/security.md says more."""
    means = confinement.means()
    for name, engine in engines.items():
        layers = ["commands that write files are removed"]
        if engine.keeps_fonts:
            layers[0] += ", and those that run Lua"
        if means:
            network = "uses the network" if engine.uses_network else "no network"
            if not engine.uses_network and not confinement.denies_network():
                network = "the network is not denied"
            layers.append(f"{means} confines it ({network})")
        if bounds := confinement.limits():
            layers.append(f"limits on {', '.join(bounds)}")
        layers.append("what it read is checked")
        yield Finding(f"safety with {name}", "; ".join(layers))
    if engines and not means:
        yield Finding("confinement of TeX by the system", remedy=NO_CONFINEMENT)


def _missing_files() -> Iterator[Finding]:
    kpsewhich = shutil.which("kpsewhich")
    if kpsewhich is None:
        return
    done = subprocess.run([kpsewhich, *TEX_FILES], capture_output=True, text=True, check=False)
    there = {Path(line).name for line in done.stdout.splitlines()}
    missing = [name for name in TEX_FILES if name not in there]
    packages = "" if missing else "all that the papers use"
    yield Finding(f"TeX's {', '.join(missing) or 'packages and fonts'}", packages, INSTALL_TEX, is_needed=True)


def _has_font(letter: str) -> bool:
    try:
        return bool(scripts.shown(letter))
    except GeneratorError:
        return False


def _room() -> Finding:
    free = shutil.disk_usage(tempfile.gettempdir()).free
    found = f"{free / 1e9:.1f} GB free" if free > ROOM else ""
    where = f"room in {tempfile.gettempdir()}, where TeX works"
    return Finding(
        where, found, "Make room, or name another folder in the environment variable TMPDIR.", is_needed=True
    )


def _writable(what: str, folder: Path, *, is_needed: bool = False) -> Finding:
    nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    allowed = nearest.is_dir() and os.access(nearest, os.W_OK)
    return Finding(
        what, f"{folder} can be written" if allowed else "", f"Make {nearest} writable, or use another.", is_needed
    )


def report(output: Path) -> tuple[str, bool]:
    """The findings as text, and whether a worksheet can be built."""
    lines = []
    ready = True
    for finding in findings(output):
        if finding.is_missing:
            ready = ready and not finding.is_needed
            mark = "MISSING" if finding.is_needed else "not there"
            lines += [f"{mark}: {finding.what}", *(f"    {line}" for line in finding.remedy.splitlines())]
        else:
            lines.append(f"{finding.what}: {finding.found}")
    lines.append("Worksheets can be built." if ready else "Worksheets cannot be built yet.")
    return "\n".join(lines), ready
