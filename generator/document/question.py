"""Questions of documents, made from solved questions."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, groupby
from typing import TYPE_CHECKING

from generator.algebra.expr import Matrix, size, walk
from generator.derivation.derivation import Equation as EquationOutcome
from generator.derivation.rule import at, replaced
from generator.derivation.wrong import WrongDerivation
from generator.document.formula import (
    NOTHING,
    AuthorSource,
    Blank,
    Equation,
    Filled,
    Formula,
    ReasonBlank,
    Sentence,
    Substituted,
)
from generator.document.model import Award, Derivation, FinalAnswer, Flaw, Line, Option, Question, Stage
from generator.document.statement import Facts, request, setting, target
from generator.document.words import say, sentence
from generator.worksheet.blanks import Blanks, symbol_for
from generator.worksheet.forms import Choices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.algebra.expr import Expr
    from generator.derivation import derivation as solver
    from generator.solved import SolvedQuestion
    from generator.worksheet.draw import AuthorWords
    from generator.worksheet.forms import FormName
    from generator.worksheet.marking import Marking

BLANK_WIDTH, BLANK_GROWTH, WIDEST_TERM = 4, 1, 24
"""The width of a blank in em, what each node of its filling adds, and the most for a term within a formula."""


class QuestionWriter:
    """Writes questions; those that versions share are written once."""

    def __init__(self) -> None:
        self.written: dict[SolvedQuestion, Question] = {}

    def questions(self, solved: Sequence[SolvedQuestion]) -> tuple[Question, ...]:
        """The questions of a version or a problem."""
        for _, parts in groupby(solved, key=lambda one: one.question.number):
            together = tuple(parts)
            for one in together:
                if one not in self.written:
                    self.written[one] = _question(one, together)
        return tuple(self.written[one] for one in solved)


def _question(solved: SolvedQuestion, parts: Sequence[SolvedQuestion]) -> Question:
    """A question, which is one of the parts of its problem, or alone."""
    question, derivation, asked = solved.question, solved.derivation, solved.asked
    facts = Facts(solved, question.data if all(one.question.data for one in parts) else {})
    setting_words = setting(facts)
    preface = NOTHING
    if question.part:
        preface = setting_words if question.preface is None else _author_words(question.preface)
    if question.statement is not None:
        statement = _author_words(question.statement)
    else:
        statement = request(facts) if question.part else say("{a}\n{b}", a=setting_words, b=request(facts))
    return Question(
        number=question.number,
        part=question.part,
        opens=solved is parts[0],
        id=question.id,
        title=question.title,
        points=question.points,
        total=sum(one.question.points for one in parts),
        preface=preface,
        has_own_preface=question.preface is not None,
        statement=statement,
        has_own_statement=question.statement is not None,
        form=question.form.name,
        options=tuple(_options(asked)) if isinstance(asked, Choices) else (),
        given=_given(derivation, asked),
        room=question.space or _room(solved.remaining, question.form.name),
        ground=question.ground,
        solution=_solution(solved),
        flaw=_flaw(asked) if isinstance(asked, WrongDerivation) else None,
        answers=tuple(_answers(solved.remaining)),
        conditions=tuple(map(sentence, derivation.conditions)),
        remarks=tuple(map(sentence, derivation.remarks)),
        awards=() if solved.marking.follows_stages else _awards(solved.marking),
    )


def _author_words(words: AuthorWords) -> Sentence:
    return Sentence((AuthorSource(tuple(part if isinstance(part, str) else Formula(part) for part in words)),))


def _room(derivation: solver.Derivation, form: FormName) -> str:
    """Room to work, from what the key takes: handwriting needs 8 mm for a line."""
    match form:
        case "derive":
            return f"{min(max(5.0, 1.0 + 0.8 * len(derivation.lines)), 17.0):.1f}cm"
        case "choice":
            return f"{min(max(3.0, 0.5 + 0.4 * len(derivation.lines)), 9.0):.1f}cm"
        case "find-the-error":
            return "3.0cm"
        case "fill-in" | "identify":
            return "0.5cm"


def _options(asked: Choices) -> Iterator[Option]:
    for option in asked.options:
        answer = Formula(option.answer)
        if option.mistake is None:
            yield Option(option.letter, answer, is_right=True)
        else:
            tempts, correction = Sentence((option.mistake.tempts,)), sentence(option.mistake.correction)
            yield Option(option.letter, answer, is_right=False, tempts=tempts, correction=correction)


def _flaw(asked: WrongDerivation) -> Flaw:
    right = Formula(Equation(asked.right.sides))
    return Flaw(asked.number, right, Sentence((asked.mistake.tempts,)), sentence(asked.mistake.correction))


def _given(derivation: solver.Derivation, asked: object) -> Derivation | None:
    """The derivation that a student is given: a wrong one with numbers for its lines, or a right one with blanks."""
    match asked:
        case WrongDerivation():
            numbers = count(1)
            return _with_lines(_derivation(asked.derivation), lambda line: replace(line, number=next(numbers)))
        case Blanks():
            return _with_blanks(derivation, asked, to_fill=True)
        case _:
            return None


def _solution(solved: SolvedQuestion) -> Derivation:
    """The derivation as the key has it, where blanks are filled in and stages are worth points.

    What an earlier part has found is not found again.
    """
    asked, marking, source = solved.asked, solved.marking, solved.source
    if isinstance(asked, Blanks):
        return _with_blanks(solved.derivation, asked)
    found = _derivation(solved.remaining)
    if source is not None:
        known = Formula(Equation(source.derivation.lines[-1].sides))
        found = replace(found, definitions=(), since=source.question.part, known=known)
    if not marking.follows_stages:
        return found
    worth = zip(found.stages, _awards(marking), strict=True)
    return replace(found, stages=tuple(replace(stage, award=award) for stage, award in worth))


def _awards(marking: Marking) -> tuple[Award, ...]:
    return tuple(Award(mark.points, sentence(mark.what)) for mark in marking.marks)


def _derivation(derivation: solver.Derivation) -> Derivation:
    definitions = (Formula(Equation((symbol, block))) for symbol, block in derivation.blocks.items())
    return Derivation(tuple(definitions), tuple(map(_stage, derivation.stages)))


def _stage(stage: solver.Stage) -> Stage:
    lines = []
    above: Expr | None = None
    for line in stage.lines:
        left = None if line.left == above else Formula(line.left)
        lines.append(Line(left, Formula(line.right), sentence(line.because), line.mark))
        above = line.left
    return Stage(sentence(stage.title), tuple(lines))


def _with_lines(derivation: Derivation, change: Callable[[Line], Line]) -> Derivation:
    """The same with each line changed, from the first to the last."""
    stages = (replace(stage, lines=tuple(map(change, stage.lines))) for stage in derivation.stages)
    return replace(derivation, stages=tuple(stages))


def _with_blanks(derivation: solver.Derivation, asked: Blanks, *, to_fill: bool = False) -> Derivation:
    """A derivation with numbers at its blanks, which are filled in, or are to be."""
    numbered = {gap.line: (number, gap) for number, gap in enumerate(asked.gaps, 1)}
    lines = enumerate(derivation.lines)

    def changed(line: Line) -> Line:
        i, derived = next(lines)
        if i not in numbered:
            return line
        number, gap = numbered[i]
        line = replace(line, number=number)
        if gap.path is None:
            return replace(line, because=Sentence((ReasonBlank(),))) if to_fill else line
        part = at(derived.right, gap.path)
        placeholder = symbol_for(part)
        stands = _blank(part, whole=not gap.path) if to_fill else Filled(part)
        right = replaced(derived.right, gap.path, placeholder)
        return replace(line, right=Formula(Substituted(right, {placeholder: stands})))

    fillings = tuple(sentence(gap.filling) for gap in asked.gaps)
    return replace(_with_lines(_derivation(derivation), changed), blanks=fillings)


def _blank(part: Expr, *, whole: bool) -> Blank:
    """A blank for a term or for a whole right side, as wide and as high as what belongs there needs by hand."""
    width = BLANK_WIDTH + BLANK_GROWTH * size(part)
    if not whole:
        return Blank(min(width, WIDEST_TERM))
    rows = (len(e.rows) for e in walk(part) if isinstance(e, Matrix))
    return Blank(width, max(rows, default=1))


def _answers(derivation: solver.Derivation) -> Iterator[Formula]:
    """The equations that answer the question: a gradient, unless it is known, and where it is zero."""
    name = target(derivation)
    if derivation.find != "stationary":
        outcome = derivation.outcome
        sides = outcome.sides if isinstance(outcome, EquationOutcome) else (outcome,)
        yield Formula(Equation((name, *sides)))
        return
    if derivation.subject_to is None:
        found = [line.right for line in derivation.lines if line.left == derivation.answer and not line.where]
        if found:
            yield Formula(Equation((name, found[-1])))
    yield Formula(Equation(derivation.point))


def final_answer(question: Question) -> FinalAnswer:
    """The letter, the line or the blanks that are asked for; else equations, and their conditions."""
    if question.flaw is not None:
        return FinalAnswer((say("Line {number}", number=str(question.flaw.number)),))
    if question.options:
        return FinalAnswer((Sentence((question.letter,)),))
    blanks = question.solution.blanks
    if blanks:
        return FinalAnswer(tuple(say("({n}) {filling}", n=str(n), filling=one) for n, one in enumerate(blanks, 1)))
    paragraphs = [Sentence((answer,)) for answer in question.answers]
    if question.conditions:
        paragraphs.append(say("({conditions})", conditions=_separated(question.conditions)))
    return FinalAnswer(tuple(paragraphs))


def _separated(items: Sequence[Sentence]) -> Sentence:
    whole = items[0]
    for item in items[1:]:
        whole = say("{items}; {item}", items=whole, item=item)
    return whole
