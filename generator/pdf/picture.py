"""The first page of a PDF as a picture for what cannot show PDFs.

A program of its own reads the PDF, which may come from a stranger: it is confined as TeX is, and bounded in time.
"""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from generator.errors import GeneratorError
from generator.pdf import confinement
from generator.pdf.confinement import Confinement
from generator.system import disk_cache

PIXELS: Final = 1200
"""The larger of width and height of a picture: twice what a figure takes on most screens."""
SECONDS: Final = 30
"""How long a conversion may take: a hundred times as long as usual."""
FOLDER: Final = "pictures"
LIBRARIES: Final = ("pypdfium2", "pypdfium2_raw", "PIL")
CONVERTER: Final = f"""
import sys
sys.path = sys.argv[1:]
from pypdfium2 import PdfDocument, PdfiumError
try:
    page = PdfDocument(sys.stdin.buffer.read())[0]
    page.render(scale={PIXELS} / max(page.get_size())).to_pil().save(sys.stdout.buffer, "PNG", optimize=True)
except (PdfiumError, IndexError) as error:
    sys.exit(str(error))
"""


class NoPictureError(GeneratorError):
    """A PDF that cannot be converted; it has neither place nor remedy, which the format knows."""


def png(pdf: bytes) -> bytes:
    """The first page of a PDF as a PNG of `PIXELS` pixels. Raises NoPictureError."""
    made_by = f"{version('pypdfium2')} {CONVERTER}".encode()
    name = f"{FOLDER}/{sha256(made_by + pdf).hexdigest()[:32]}"
    if (known := disk_cache.kept(name)) is not None:
        return known
    made = _converted(pdf)
    disk_cache.keep(name, made)
    return made


def _converted(pdf: bytes) -> bytes:
    folders = {
        str(Path(found.origin).parent.parent) for name in LIBRARIES if (found := find_spec(name)) and found.origin
    }
    paths = [*(path for path in sys.path if path.startswith(sys.base_prefix)), *sorted(folders)]
    process: Any = confinement.start(
        [str(Path(sys.executable).resolve()), "-I", "-S", "-c", CONVERTER, *paths],
        Confinement(read=(Path(sys.base_prefix), *map(Path, folders)), write=()),
        seconds=SECONDS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            made, said = process.communicate(pdf, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise NoPictureError(f"it takes more than {SECONDS} seconds") from None
        except BaseException:
            process.kill()
            raise
    if process.returncode or not made:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        raise NoPictureError(last[0] if last else f"the converter ended with status {process.returncode}")
    assert isinstance(made, bytes)
    return made
