"""A contact sheet: what each problem becomes in many versions, with the answers, before any is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.builder import DEFAULTS, Options, load, overrides
from generator.disk import disk
from generator.known import Known
from generator.render import page
from generator.render.press import typeset
from generator.render.template import environment
from generator.solving import silent
from generator.worksheet.draw import Draws

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.known import Ready
    from generator.render.page import Item
    from generator.solving import Progress


@dataclass(frozen=True)
class Previewed:
    """The file that was written, of how many versions it shows what, and what does not fit on its pages."""

    file: Path
    versions: int
    warnings: tuple[str, ...]


def preview(path: Path, options: Options = DEFAULTS, progress: Progress = silent) -> Previewed:
    """Write the contact sheet of a worksheet into the folder that its builds fill, and leave all else there."""
    worksheet = load(path, options)
    draws = Draws(worksheet)

    def shown(number: int, problems: Sequence[Ready]) -> tuple[str, tuple[Item, ...]]:
        return draws.label(number), tuple(item for problem in problems for item in problem.items)

    versions = Known(draws).made_of_all(shown, progress, jobs=options.jobs)
    templates = environment(overrides(options))
    paper = page.preview(worksheet, versions, templates)
    warnings: list[str] = []
    progress("Typesetting", 0, 1)
    (content,) = typeset([paper], page.preamble(worksheet, templates), warn=lambda found: warnings.append(str(found)))
    folder = options.output / worksheet.stem
    with disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{paper.name}.pdf"
        file.write_bytes(content)
    return Previewed(file, len(versions), tuple(warnings))
