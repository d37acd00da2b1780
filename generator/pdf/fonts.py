"""Fonts of a PDF, and the fonts that every job with one preamble has."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pikepdf

from generator.pdf.engine_run import ForbiddenFileError, run
from generator.pdf.engines import find_engine
from generator.pdf.installation import installation
from generator.pdf.job import Job, driver
from generator.system.disk_cache import remembered
from generator.system.output_dir import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.pdf.engines import Engine

Font: TypeAlias = "tuple[str, str]"
"""The name of a font without its subset's tag, and the glyphs that the file has of it."""


def fonts_of_page(page: pikepdf.Page, known: dict[tuple[int, int], Font]) -> Iterator[Font]:
    """The fonts of a page; `known` has those met in the same document, by their object numbers."""
    for font in page.resources.get("/Font", pikepdf.Dictionary()).values():
        if font.objgen not in known:
            known[font.objgen] = _font(font.get("/FontDescriptor", pikepdf.Dictionary()))
        yield known[font.objgen]


def _font(descriptor: pikepdf.Object) -> Font:
    return str(descriptor.get("/FontName", "")).rpartition("+")[2], str(descriptor.get("/CharSet", ""))


@cache
def common_fonts(preamble: str, name: str | None) -> frozenset[Font]:
    """The fonts that every job of an engine with a preamble has, whatever is in its papers, with their glyphs."""
    engine = find_engine(name)
    here = installation()
    key = f"{engine.version()}\n{here.identity} {here.changed}\n{driver(preamble, 0, engine, 'mark')}"
    return frozenset(remembered("glyphs", key, lambda: _fonts_of_empty_job(preamble, engine), _checked_fonts))


def _checked_fonts(found: object) -> list[Font]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[tuple[str, str]]).validate_python(found)


def _fonts_of_empty_job(preamble: str, engine: Engine) -> list[Font]:
    with Scratch("worksheets-", ignore_cleanup_errors=True) as name:
        job = Job.of((), preamble, Path(name), engine)
        with suppress(ForbiddenFileError):  # which the run with papers reports
            run(job, engine)
        if not job.pdf.exists():
            return []
        with pikepdf.open(job.pdf) as pdf:
            descriptors = (thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary))
            return sorted(_font(one) for one in descriptors if one.get("/Type") == "/FontDescriptor")
