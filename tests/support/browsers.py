"""What Chromium, axe-core and the Nu checker find on pages of HTML; `make pagetools` installs them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "browse.mjs"
MODULES = Path(sys.prefix) / "pages" / "node_modules"
NOT_YET = ("Attribute “intent” not allowed", "Attribute “arg” not allowed", "Property “math-style” doesn't exist")
"""What the checker says of attributes of MathML 4 and of a property of MathML Core, which it does not know yet."""
MISSING = "is missing; type: make pagetools"


@dataclass(frozen=True)
class Seen:
    """What a browser shows of a page."""

    violations: tuple[str, ...]
    """Of the rules of WCAG and of good practice, in a narrow dark window and in a wide light one."""
    widths: dict[str, int]
    """How wide the content is, in pixels, by the widths of windows."""
    scrolled: dict[str, list[str]]
    """The elements that have to be scrolled sideways, as tag.class, by the widths of windows."""
    requests: tuple[str, ...]
    """What the page loads from elsewhere."""
    errors: tuple[str, ...]


def browse(files: Sequence[Path]) -> list[Seen]:
    """What Chromium and axe-core find on pages, in one start of the browser."""
    chromium = shutil.which("chromium")
    assert chromium, f"Chromium {MISSING}"
    assert (MODULES / "axe-core").is_dir(), f"axe-core {MISSING}"
    command = ["node", str(SCRIPT), str(MODULES), chromium, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120 + 30 * len(files))
    assert done.returncode == 0, done.stderr
    keys = ("violations", "requests", "errors")
    return [
        Seen(widths=one["widths"], scrolled=one["scrolled"], **{key: tuple(one[key]) for key in keys})
        for one in json.loads(done.stdout)
    ]


def faults_of_markup(files: Sequence[Path]) -> list[str]:
    """Errors of markup by the Nu checker, without its guess at the language, which formulas mislead."""
    jar = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    assert jar.is_file(), f"the Nu checker {MISSING}"
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss8m")  # half the time, where it is so short
    options = ("--no-langdetect", "--format", "json", "--exit-zero-always")
    command = ["java", *quick, "-jar", str(jar), *options, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = json.loads(done.stderr)["messages"]
    return [f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}" for one in found]
