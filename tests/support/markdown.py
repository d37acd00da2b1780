"""A format from outside: documents as Markdown."""

from __future__ import annotations

from pathlib import Path

from generator.document.formula import AuthorSource, Formula, ReasonBlank, Sentence, Stated
from generator.document.model import AnswerKey, Derivation, Document, OfVersion, Question
from generator.formats.latex.formulas import LatexPrinter
from generator.problems.picture import Picture
from generator.worksheet.spec import Worksheet


class MarkdownWriter:
    """Problem sets and keys, with formulas between dollar signs."""

    def __init__(self, worksheet: Worksheet, overrides: Path | None = None) -> None:
        self.printer = LatexPrinter(worksheet.notation)

    def write(self, document: Document) -> str:
        lines = [f"# {self.sentence(document.title)}"]
        for question in document.questions if isinstance(document, OfVersion) else ():
            lines += self.question(question, is_key=isinstance(document, AnswerKey))
        return "\n\n".join(lines) + "\n"

    def question(self, question: Question, *, is_key: bool) -> list[str]:
        lines = [
            f"## {question.label}. {question.title}",
            self.sentence(question.preface) + self.sentence(question.statement),
        ]
        for option in question.options:
            words = f"${self.printer.formula(option.formula)}$" if option.formula else self.sentence(option.words)
            lines.append(f"- {option.letter}. {words}")
        lines += self.derivation(question.given) if question.given else []
        if is_key:
            lines += self.derivation(question.solution)
            lines += [f"**Answer** {question.letter} ${self.printer.formula(answer)}$" for answer in question.answers]
        return lines

    def derivation(self, derivation: Derivation) -> list[str]:
        lines = []
        for number, stage in enumerate(derivation.stages, 1):
            lines.append(f"### Step {number}. {self.sentence(stage.title)}")
            for line in stage.lines:
                left = self.printer.formula(line.left) if line.left else ""
                lines.append(f"${left} = {self.printer.formula(line.right)}$ ({self.sentence(line.because)})")
        return lines

    def sentence(self, sentence: Sentence) -> str:
        pieces = []
        for part in sentence.inlines or ():
            match part:
                case str():
                    pieces.append(part)
                case Formula() | Stated(Formula()):
                    formula = part.formula if isinstance(part, Stated) else part
                    pieces.append(f"${self.printer.formula(formula)}$")
                case AuthorSource():
                    pieces.append(self.printer.source(part))
                case ReasonBlank():
                    pieces.append("____")
                case Picture(file, alt):
                    pieces.append(f"![{alt}]({file})")
        return "".join(pieces)
