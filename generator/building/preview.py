"""A contact sheet: what each problem becomes in many versions, with the answers, before any is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.building.builder import DEFAULTS, Options, load, overrides
from generator.building.documents import preview as preview_document
from generator.building.solution_cache import SolutionCache
from generator.building.solving import silent
from generator.formats.html.excerpt import excerpt_of_preview
from generator.formats.html.formulas import HtmlPrinter
from generator.formats.html.images import Images
from generator.formats.html.writer import HtmlWriter
from generator.formats.latex.writer import LatexWriter
from generator.pdf.tex_batch import typeset
from generator.system.output_dir import disk
from generator.worksheet.variants import Draws

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.building.solution_cache import SolvedProblem
    from generator.building.solving import Progress
    from generator.document.model import Preview, Question
    from generator.formats import Printer
    from generator.worksheet.spec import Worksheet


@dataclass(frozen=True)
class Previewed:
    """The file that was written, of how many versions it shows what, and what does not fit on its pages."""

    file: Path
    versions: int
    warnings: tuple[str, ...]


def preview(path: Path, options: Options = DEFAULTS, progress: Progress = silent) -> Previewed:
    """Write the contact sheet of a worksheet into the folder that its builds fill, and leave all else there."""
    worksheet = load(path, options)
    writer = LatexWriter(worksheet, overrides(options))
    document = _document(worksheet, writer.printer, options, progress)
    paper = writer.write(document)
    warnings: list[str] = []
    progress("Typesetting", 0, 1)
    (content,) = typeset([paper], writer.preamble(), warn=lambda found: warnings.append(str(found)))
    folder = options.output / worksheet.stem
    with disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{paper.name}.pdf"
        file.write_bytes(content)
    return Previewed(file, document.count, tuple(warnings))


def preview_page(path: Path, options: Options = DEFAULTS, progress: Progress = silent) -> str:
    """The contact sheet of a worksheet as a page of HTML, which needs no TeX."""
    worksheet = load(path, options)
    writer = HtmlWriter(worksheet, overrides(options))
    return writer.write(_document(worksheet, writer.printer, options, progress))


def preview_excerpt(worksheet: Worksheet) -> str:
    """The contact sheet of the first version of a worksheet as a part of a page of HTML."""
    printer = HtmlPrinter(worksheet.notation)
    document = _document(worksheet, printer, Options(only=(1,)), silent)
    return excerpt_of_preview(document, Images(worksheet), worksheet.notation)


def _document(worksheet: Worksheet, printer: Printer, options: Options, progress: Progress) -> Preview:
    draws = Draws(worksheet)

    def shown(number: int, problems: Sequence[SolvedProblem]) -> tuple[str, tuple[Question, ...]]:
        return draws.label(number), tuple(question for problem in problems for question in problem.questions)

    solutions = SolutionCache(draws, (printer,))
    return preview_document(worksheet, solutions.made_of_all(shown, progress, only=options.only, jobs=options.jobs))
