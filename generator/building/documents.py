"""The documents of a worksheet: of each version its problem set and its keys; of all versions what is for graders."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from generator.document.formula import DerivativeOf, Equation, Formula
from generator.document.model import (
    AnswerGrid,
    AnswerKey,
    CompactKey,
    Copy,
    FinalAnswer,
    FormulaSheet,
    Identity,
    Index,
    PracticeKey,
    Preview,
    ProblemKey,
    ProblemSet,
    Sample,
    SampledProblem,
)
from generator.document.words import EVERY, joined, say, sentence
from generator.expr.messages import CLAUSES, Message, clauses
from generator.expr.nodes import ONE, Commutation, Dim, Ones, Unvec, d, tr, walk
from generator.expr.parsing.parse import declare
from generator.formats.titles import title_text
from generator.rules.identities import CONSTANT, topic
from generator.rules.plan import SYMMETRIC_TWINS
from generator.solver.conditions import Condition
from generator.solver.conventions import Conventions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from generator.document.formula import Sentence
    from generator.document.model import Entry, Person, Question
    from generator.expr.messages import Text
    from generator.expr.nodes import Expr, Symbol
    from generator.rules.rule import Rule
    from generator.worksheet.spec import Worksheet

SHEET = (
    (Message("sheet-trace", "Properties of the trace"), "trace"),
    (Message("sheet-differential", "Properties of differentials"), "differential"),
    (Message("sheet-entrywise", "Sums of entries and entrywise products"), "entrywise"),
)
"""The parts of the formula sheet, each with the topic of its rules."""

SPECIAL_CASES = {
    **dict.fromkeys(("d-left-constant", "d-right-constant"), ("d-product", "d-constant")),
    **dict.fromkeys(("d-kronecker-constant", "d-kronecker-constant-right"), ("d-kronecker", "d-constant")),
    "d-hadamard-constant": ("d-hadamard", "d-constant"),
    "d-scaled-constant": ("d-scaled", "d-constant"),
    **dict.fromkeys(("tr-twins", "tr-sum-twins", *SYMMETRIC_TWINS), ("tr-transpose",)),
    **dict.fromkeys(("gather-traces", "factor-scalars"), ("tr-sum",)),
    "tr-scalar": ("scalar-as-trace",),
}
"""Rules that are not on the formula sheet, each with those on it that it follows from."""

OF_VERSION = Message("title-version", "{worksheet}, version {version}")
OF_STUDENT = Message("title-student", "{worksheet}, version {version}, {student}")
TEMPLATE = Message("title-template", "{worksheet}, template")
KEY_OF = Message("title-answer-key", "{paper}, answer key")
ANSWERS_OF = Message("title-answers", "{paper}, answers")
PRACTICE_OF = Message("title-practice", "{paper}, practice")
ALL_VERSIONS = Message("title-all-versions", "{worksheet}, all versions")
PROBLEM_KEY = Message("title-problem-key", "{worksheet}, problem {number}, answer key of all versions")
GRID = Message("title-grid", "{worksheet}, answers of all versions")
PREVIEW = Message("title-preview", "{worksheet}, preview")
FORMULAS = Message("title-formula-sheet", "{worksheet}, formula sheet")
"""The titles of documents, as lists of files have them."""

FORMULAS_FILE = Message("file-formulas", "Formula sheet")
GRID_FILE = Message("file-answers", "Final answers of all versions")
VERSION_FILE = Message("file-version", "Version {version}")
STUDENT_FILE = Message("file-student", "Version {version}, {student}")
PROBLEM_FILE = Message("file-problem", "Problem {number} of all versions")
"""The titles of files in an index."""

COLUMN = Message("grid-column", "Problem {number}")

BASIC = frozenset(
    {
        *("tr-sum", "tr-scale", "tr-cyclic", "tr-transpose"),
        *("scalar-as-trace", "norm-as-trace", "frobenius-as-trace"),
        *("d-constant", "d-sum", "d-constant-factor", "d-product", "d-trace", "d-inverse", "d-det", "d-log-det"),
    }
)
"""The rules of a formula sheet with `formulas: basic`."""

NOT_PRINTED = (Unvec, Commutation)
"""Functions that no question asks for and no lecture introduces: the formula sheet has no rule with one."""

CONCLUSION = Message(
    "theorem-gradient",
    "where {answer} has the shape of {like} and does not contain {step}, then its gradient is {gradient}.",
)
CONCLUSION_IN_NUMERATOR_LAYOUT = Message(
    "theorem-derivative",
    "where {answer} has the shape of {like} and does not contain {step},"
    " then its derivative in numerator layout is {gradient}.",
)
KINDS: tuple[tuple[Callable[[Symbol], bool], Message], ...] = (
    (lambda symbol: symbol.is_vector, Message("legend-columns", "{symbols} is a column", "{symbols} are columns")),
    (
        lambda symbol: not symbol.is_scalar and symbol.shape[0] == ONE,
        Message("legend-rows", "{symbols} is a row", "{symbols} are rows"),
    ),
    (lambda symbol: symbol.is_scalar, Message("legend-scalars", "{symbols} is a scalar", "{symbols} are scalars")),
)
"""What the formula sheet says of symbols that are not just any matrix: of one, and of several."""


def copy_of(worksheet: Worksheet, label: str, student: Person | None = None) -> Copy:
    """The copy of a version, for a student where there is a class list."""
    return Copy(label, student, by_id=worksheet.names == "id", is_shared=worksheet.share)


def problem_set(worksheet: Worksheet, copy: Copy, questions: Sequence[Question]) -> ProblemSet:
    """What a student gets."""
    return _problem_set(worksheet, copy, questions, name=copy.name, title=_title(worksheet, copy))


def blank_problem_set(worksheet: Worksheet, questions: Sequence[Question]) -> ProblemSet:
    """A problem set of no version, on which a scan-and-grade service is shown where everything stands."""
    title = say(TEMPLATE, worksheet=title_text(worksheet.title))
    return _problem_set(worksheet, None, questions, name="template", title=title)


def _problem_set(
    worksheet: Worksheet, copy: Copy | None, questions: Sequence[Question], *, name: str, title: Sentence
) -> ProblemSet:
    instructions = worksheet.instructions.paragraphs if worksheet.instructions else ()
    return ProblemSet(name, title, copy, tuple(questions), instructions)


def answer_key(worksheet: Worksheet, copy: Copy, questions: Sequence[Question]) -> AnswerKey:
    """The answers to a problem set, each with its derivation."""
    return AnswerKey(f"{copy.name}-key", say(KEY_OF, paper=_title(worksheet, copy)), copy, tuple(questions))


def compact_key(worksheet: Worksheet, copy: Copy, questions: Sequence[Question]) -> CompactKey:
    """The answers to a problem set, and nothing else."""
    return CompactKey(
        f"{copy.name}-key-compact", say(ANSWERS_OF, paper=_title(worksheet, copy)), copy, tuple(questions)
    )


def practice_key(worksheet: Worksheet, copy: Copy, questions: Sequence[Question]) -> PracticeKey:
    """The answers to a problem set, each with its derivation, to be opened step by step."""
    return PracticeKey(f"{copy.name}-practice", say(PRACTICE_OF, paper=_title(worksheet, copy)), copy, tuple(questions))


def index(worksheet: Worksheet, students: Sequence[Entry], graders: Sequence[Entry]) -> Index:
    """The files of a worksheet, for students and for graders."""
    return Index("index", say(ALL_VERSIONS, worksheet=title_text(worksheet.title)), tuple(students), tuple(graders))


def _title(worksheet: Worksheet, copy: Copy) -> Sentence:
    title = title_text(worksheet.title)
    if copy.student:
        return say(OF_STUDENT, worksheet=title, version=copy.label, student=copy.student.name)
    return say(OF_VERSION, worksheet=title, version=copy.label)


def name_of_problem(worksheet: Worksheet, number: int) -> int | str:
    """A problem, by its place in the worksheet from 1, as documents about all versions call it.

    Where versions differ in the problems that they have, or in their order, a number would name different problems: it
    is the id then.
    """
    return number if worksheet.is_arranged_alike else worksheet.ids[number - 1]


def problem_key(worksheet: Worksheet, number: int, versions: Sequence[tuple[str, tuple[Question, ...]]]) -> ProblemKey:
    """The answers to one problem, by its place in the worksheet, in all versions that have it, by their labels."""
    name = name_of_problem(worksheet, number)
    title = say(PROBLEM_KEY, worksheet=title_text(worksheet.title), number=str(name))
    return ProblemKey(f"problem-{name}-key", title, name, tuple(versions))


def answer_grid(
    worksheet: Worksheet,
    rows: Sequence[tuple[str, Sequence[tuple[str, FinalAnswer]]]],
    students: Sequence[tuple[str, Person]] = (),
) -> AnswerGrid:
    """The final answers of all versions, by their labels, for whoever grades them side by side.

    `rows` has for each version the labels of its questions with their answers.
    """
    answers = [(label, dict(row)) for label, row in rows]
    labels = sorted({one for _, row in answers for one in row}, key=_printed_order)
    nothing = FinalAnswer(())
    return AnswerGrid(
        "answers",
        say(GRID, worksheet=title_text(worksheet.title)),
        tuple(say(COLUMN, number=one) for one in labels),
        tuple(labels),
        tuple((label, tuple(row.get(one, nothing) for one in labels)) for label, row in answers),
        tuple(students),
    )


def _printed_order(label: str) -> tuple[int, str]:
    """By which the labels of questions, 2(b), are sorted: the number, then the letter."""
    number, _, part = label.partition("(")
    return int(number), part


def preview(worksheet: Worksheet, versions: Sequence[tuple[str, tuple[Question, ...]]]) -> Preview:
    """What each problem becomes in versions, by their labels, for whoever looks through them before printing."""
    problems: list[SampledProblem] = []
    before = None
    for number in range(1, len(worksheet.problems) + 1):
        if sampled := _sampled(worksheet, number, versions):
            section = worksheet.section_of(number - 1)
            if section is not None and section != before:
                sampled = replace(sampled, section=worksheet.sections[section].title)
            problems.append(sampled)
            before = section
    return Preview("preview", say(PREVIEW, worksheet=title_text(worksheet.title)), len(versions), tuple(problems))


def _sampled(
    worksheet: Worksheet, number: int, versions: Sequence[tuple[str, tuple[Question, ...]]]
) -> SampledProblem | None:
    """A problem, by its place in the worksheet, in all versions, those that are alike together; None if none has it."""
    labels: dict[tuple[Question, ...], list[str]] = {}
    printed: dict[int, list[str]] = {}
    for label, questions in versions:
        if own := tuple(one for one in questions if one.problem == number):
            printed.setdefault(own[0].number, []).append(label)
            alike = tuple(replace(one, number=number, section=None, starts_page=False) for one in own)
            labels.setdefault(alike, []).append(label)
    if not labels:
        return None
    first = next(iter(labels))[0]
    samples = (
        Sample(say(EVERY) if len(alike) == len(versions) > 1 else sentence((", ".join(alike),)), questions)
        for questions, alike in labels.items()
    )
    differs = not worksheet.is_arranged_alike
    numbers = tuple((one, ", ".join(some)) for one, some in sorted(printed.items())) if differs else ()
    return SampledProblem(name_of_problem(worksheet, number), first.title, first.total, tuple(samples), numbers)


def formula_sheet(worksheet: Worksheet, used: Collection[str]) -> FormulaSheet:
    """The theorem that turns a differential into a gradient, and rules.

    `used` are the names of rules that the worksheet's derivations use.
    """
    value, variable = declare("L", "scalar"), declare("X", "n x m")
    turned = Conventions(layout=worksheet.notation.layout).turn(value.shape, variable.shape)
    answer, like = (declare("D", "m x n"), variable.T) if turned else (declare("G", "n x m"), variable)
    shown = _on_sheet(worksheet.formulas, used)
    parts = [(say(title), rules) for title, of in SHEET if (rules := [rule for rule in topic(of) if shown(rule)])]
    return FormulaSheet(
        "formulas",
        say(FORMULAS, worksheet=title_text(worksheet.title)),
        theorem=say(
            Message("theorem-form", "If the differential of a scalar function {value} of {variable} can be written as"),
            value=Formula(value),
            variable=Formula(variable),
        ),
        form=Formula(Equation((d(value), tr((answer if turned else answer.T) @ d(variable))))),
        conclusion=say(
            CONCLUSION_IN_NUMERATOR_LAYOUT if turned else CONCLUSION,
            answer=Formula(answer),
            like=Formula(like),
            step=Formula(d(variable)),
            gradient=Formula(Equation((DerivativeOf(value, variable, inline=True), answer))),
        ),
        legend=_legend([rule for _, rules in parts for rule in rules]),
        parts=tuple((title, tuple(_identities(rules))) for title, rules in parts),
    )


def _on_sheet(formulas: str | tuple[str, ...], used: Collection[str]) -> Callable[[Rule], bool]:
    """Which rules are printed: never those with functions that students are not told of."""
    general = chain.from_iterable(SPECIAL_CASES.get(name, ()) for name in used)
    names = {*used, *general} if formulas == "used" else BASIC if formulas == "basic" else frozenset(formulas)

    def shown(rule: Rule) -> bool:
        is_readable = not any(isinstance(e, NOT_PRINTED) for side in (rule.left, rule.right) for e in walk(side))
        return is_readable and (formulas == "all" or rule.name in names)

    return shown


def _legend(rules: Sequence[Rule]) -> Sentence:
    """What the symbols of the formula sheet stand for; each name once, if it always stands for the same kind."""
    symbols = [symbol for rule in rules for symbol in rule.symbols]
    words = say(
        Message(
            "legend-capitals",
            "Capital letters are matrices, of sizes for which both sides are defined; a matrix in a trace is square",
        )
    )
    for holds, message in KINDS:
        named = {s.name: s for s in symbols if all(holds(other) for other in symbols if other.name == s.name)}
        if named:
            found = say(message, symbols=tuple(Formula(symbol) for _, symbol in sorted(named.items())))
            words = joined((words, found), CLAUSES)
    if any(isinstance(e, Ones) for rule in rules for side in (rule.left, rule.right) for e in walk(side)):
        message = Message("legend-ones", "{ones} is the column whose entries are all 1")
        words = joined((words, say(message, ones=Formula(Ones((Dim.of("n"), ONE))))), CLAUSES)
    return say(Message("legend", "{words}."), words=words)


def _identities(rules: Sequence[Rule]) -> Iterator[Identity]:
    """Each equation once, whichever way rules read it."""
    seen: set[frozenset[Expr]] = set()
    for rule in rules:
        sides = frozenset((rule.left, rule.right))
        if sides not in seen:
            seen.add(sides)
            yield Identity(Formula(rule.left), Formula(rule.right), sentence(_reason(rule)))


def _reason(rule: Rule) -> Text:
    """Why the rule holds, and for which matrices."""
    symbols: dict[str, Expr] = {symbol.name: symbol for symbol in rule.symbols}
    provisos = [Condition(kind, about).text for kind, about in rule.conditions]
    if rule.role != "constant":
        provisos += [CONSTANT(names=[symbols[name]]) for name in rule.constant]
    return clauses(rule.reason, *provisos)
