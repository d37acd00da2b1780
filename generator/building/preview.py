"""A contact sheet: what each problem becomes in many versions, with the answers, before any is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.building.builder import DEFAULTS, Options, load, overrides
from generator.building.documents import preview as preview_document
from generator.building.solution_cache import SolutionCache
from generator.building.solving import silent
from generator.formats.latex.writer import LatexWriter
from generator.pdf.tex_batch import typeset
from generator.system.output_dir import disk
from generator.worksheet.variants import Draws

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.building.solution_cache import SolvedProblem
    from generator.building.solving import Progress
    from generator.document.model import Question


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

    def shown(number: int, problems: Sequence[SolvedProblem]) -> tuple[str, tuple[Question, ...]]:
        return draws.label(number), tuple(question for problem in problems for question in problem.questions)

    writer = LatexWriter(worksheet, overrides(options))
    versions = SolutionCache(draws, (writer.printer,)).made_of_all(shown, progress, jobs=options.jobs)
    paper = writer.write(preview_document(worksheet, versions))
    warnings: list[str] = []
    progress("Typesetting", 0, 1)
    (content,) = typeset([paper], writer.preamble(), warn=lambda found: warnings.append(str(found)))
    folder = options.output / worksheet.stem
    with disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{paper.name}.pdf"
        file.write_bytes(content)
    return Previewed(file, len(versions), tuple(warnings))
