"""Pages: a version of a worksheet, with its derivations, becomes what the templates print.

Formulas come from `latex` and `prose`, words from the templates; here they are only brought together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count, groupby
from string import ascii_lowercase
from typing import TYPE_CHECKING

from pylatex import LongTable, Tabular

from generator.algebra.exact import as_expr
from generator.algebra.expr import ONE, Matrix, Symbol, Vec, d, size, tr, walk
from generator.algebra.latex import declaration, derivative, latex, prose
from generator.algebra.parse import declare
from generator.derivation.conditions import say
from generator.derivation.conventions import Conventions, structure_of
from generator.derivation.derivation import result_latex
from generator.derivation.identities import topic
from generator.derivation.rule import Match, at, reason, replaced
from generator.derivation.wrong import WrongDerivation
from generator.errors import InFile
from generator.render import scripts
from generator.render.pdf import Paper, Part
from generator.render.tex import NoEscape
from generator.worksheet.blanks import Blanks, symbol_for
from generator.worksheet.forms import Choices, could_be_transposed
from generator.worksheet.marking import NO_MARKING, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.algebra.exact import Rows
    from generator.algebra.expr import Expr
    from generator.algebra.latex import Notation
    from generator.algebra.plain import Text
    from generator.derivation.derivation import Derivation
    from generator.derivation.derivation import Stage as DerivedStage
    from generator.derivation.rule import Rule
    from generator.render.template import Templates
    from generator.worksheet.draw import Question
    from generator.worksheet.forms import Asked, FormName
    from generator.worksheet.marking import Marking
    from generator.worksheet.roster import Student
    from generator.worksheet.spec import Worksheet

PROPERTIES = (
    "diagonal",
    "lower triangular",
    "orthogonal",
    "invertible",
    "symmetric",
    "skew-symmetric",
    "positive definite",
    "positive",
)
"""What a symbol can be declared to be, in the order in which a sentence says it."""

SHEET = (
    ("Properties of the trace", "trace"),
    ("Properties of differentials", "differential"),
    ("Sums of entries and entrywise products", "entrywise"),
)
"""The parts of the formula sheet, each with the topic of its rules."""

KINDS: dict[str, Callable[[Symbol], bool]] = {
    "scalars": lambda symbol: symbol.is_scalar,
    "columns": lambda symbol: symbol.is_vector,
    "rows": lambda symbol: not symbol.is_scalar and symbol.shape[0] == ONE,
}
"""What the formula sheet tells of its symbols."""

PROBLEMS_IN_A_ROW = 8
"""How many problems fit beside each other in a grading table."""

BLANK_ROOM, BLANK_GROWTH, TERM_AT_MOST = 4, 1, 24
"""How wide a blank is, in em, how much more for each part of what belongs there, and how wide within a formula."""

ANSWERS_IN_A_ROW = {3: 18, 2: 28}
"""How many answers may stand beside each other in the grid of answers, by how many glyphs none may be longer than
that stand in a row without a good place to break; a longer one stands alone."""

FORMULA = re.compile(r"\$(.*?)\$")
TOKEN = re.compile(r"\\(?:begin|end)\{\w+\}|\\[a-zA-Z]+|\\?\S")
OPENING, CLOSING = ("{", "(", r"\left"), ("}", ")", r"\right")
BREAKING = ("=", "+", "-", r"\circ", r"\oslash", r"\otimes", r"\cdot")
SILENT = re.compile(r"[\^_&{}]|\\\\|\\(?:left|right|big[lr]|t?frac|math\w+|operatorname)")
"""What a formula in LaTeX is read by, to tell how long it will be: tokens, and those that stand for no glyph."""


@dataclass(frozen=True)
class Answered:
    """A question, its derivation, what its form makes of that, and what its points are given for."""

    question: Question
    derivation: Derivation
    asked: Asked = None
    marking: Marking = NO_MARKING
    source: Answered | None = None
    """An earlier part of the same problem, which found what this one starts from."""
    printed: dict[Notation, Item] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The item that it is printed as, once that is made: versions that ask the same show the same."""

    @property
    def left(self) -> Derivation:
        """What there is to derive beyond what its source has found."""
        if self.source is None:
            return self.derivation
        return replace(self.derivation, stages=self.derivation.after(self.source.derivation))


@dataclass(frozen=True)
class Copy:
    """Whose papers are made: the label of a version, and the student who has it, where there is a class list."""

    label: str
    student: Student | None = None


@dataclass(frozen=True)
class Declared:
    """A symbol in a statement: where it lives, in mathematics, and what it is, in words."""

    where: NoEscape
    kind: str
    properties: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line of a chain; `left` is empty where it is that of the line above."""

    left: NoEscape
    right: NoEscape
    because: NoEscape
    mark: int | None = None
    number: str = ""


@dataclass(frozen=True)
class Mark:
    """Points, as a number, and what they are given for."""

    points: str
    what: NoEscape


@dataclass(frozen=True)
class Stage:
    """A title and the lines under it; in a key, what it is worth."""

    title: NoEscape
    lines: tuple[Line, ...]
    mark: Mark | None = None

    @property
    def lefts(self) -> tuple[NoEscape, ...]:
        """The left sides that are printed."""
        return tuple(line.left for line in self.lines if line.left)


@dataclass(frozen=True)
class Shown:
    """A derivation as it is printed: what its names stand for, and its stages."""

    definitions: tuple[NoEscape, ...]
    stages: tuple[Stage, ...]
    blanks: tuple[NoEscape, ...] = ()
    """What belongs into its blanks, by their numbers from 1."""
    since: str = ""
    """The letter of an earlier part, where it goes on from what was found there."""
    known: NoEscape = field(default=NoEscape(""))
    """The equation that was found there."""

    @property
    def has_numbers(self) -> bool:
        """Some of its lines are numbered."""
        return any(line.number for stage in self.stages for line in stage.lines)


@dataclass(frozen=True)
class Option:
    """An answer to choose; of a wrong one also why it tempts, and what is right."""

    letter: str
    formula: NoEscape
    is_right: bool
    tempts: str
    correction: NoEscape


@dataclass(frozen=True)
class Flaw:
    """The wrong line of a derivation: its number, what it should say, why it tempts, and what is right."""

    number: int
    right: NoEscape
    tempts: str
    correction: NoEscape


@dataclass(frozen=True)
class Item:
    """A question as the templates see it."""

    number: int
    part: str
    """The letter of a part; empty for a problem that has none."""
    opens: bool
    """A problem begins here."""
    heading_mark: NoEscape
    id: str
    mark: NoEscape
    title: str
    points: int
    total: int
    """The points of all parts."""
    preface: NoEscape | None
    """The author's own words before all parts."""
    room: str
    """A length below it, or the share of a page that it takes with its room: third, half or page."""
    ground: str
    own_statement: NoEscape | None
    function: NoEscape
    constants: tuple[Declared, ...]
    variable: Declared
    is_numeric: bool
    at: tuple[NoEscape, ...]
    """The numbers at which it is asked for: a point, and what parts before it had in letters."""
    since: str
    """The letter of the part that its derivation goes on from."""
    found: str
    """What that part has found, by its proper name."""
    find: str
    value: NoEscape
    wrt: NoEscape
    target: NoEscape
    constraints: tuple[NoEscape, ...]
    layout: NoEscape
    layout_name: str
    convention: str
    form: str
    options: tuple[Option, ...]
    given: Shown | None
    """The derivation that a student is given, where there is one."""
    flaw: Flaw | None
    solution: Shown
    answers: tuple[NoEscape, ...]
    conditions: tuple[NoEscape, ...]
    remarks: tuple[NoEscape, ...]
    marks: tuple[Mark, ...]
    """What points are given for, where that does not stand beside the stages of its derivation."""

    @property
    def letter(self) -> str:
        """The letter of the right answer, where there are any to choose from."""
        return next((option.letter for option in self.options if option.is_right), "")

    @property
    def label(self) -> str:
        """Its number, and the letter of a part: 2(b)."""
        return f"{self.number}({self.part})" if self.part else str(self.number)


@dataclass(frozen=True)
class Worked:
    """A problem of a version with its derivations, and which of its lines belong to each question."""

    text: NoEscape
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Sample:
    """A problem as some versions have it, by their labels: its questions, each with its answer."""

    labels: str
    questions: tuple[tuple[Item, NoEscape], ...]


@dataclass(frozen=True)
class Sampled:
    """A problem and what versions make of it."""

    number: int
    title: str
    points: int
    samples: tuple[Sample, ...]


def preamble(worksheet: Worksheet, templates: Templates, *, accents: bool = False) -> str:
    """The preamble that all papers of a worksheet share; with fonts for letters beyond ASCII in names."""
    own_words = any(
        asking.statement is not None for problem in worksheet.problems for asking in (problem, *problem.parts)
    )
    return templates.fill(
        "preamble.tex.j2",
        title=worksheet.title,
        course=worksheet.course,
        print=worksheet.print,
        accents=accents,
        own_words=own_words,
    )


def problem_set(worksheet: Worksheet, copy: Copy, questions: Sequence[Item], templates: Templates) -> Paper:
    """The paper that a student gets."""
    return _problem_set(worksheet, copy, questions, templates, name=f"v{copy.label}", title=_whose(worksheet, copy))


def blank_template(worksheet: Worksheet, questions: Sequence[Item], templates: Templates) -> Paper:
    """A problem set of no version, on which a scan-and-grade service is shown where everything stands."""
    title = f"{worksheet.title}, template"
    return _problem_set(worksheet, None, questions, templates, name="template", title=title)


def _problem_set(
    worksheet: Worksheet, copy: Copy | None, questions: Sequence[Item], templates: Templates, *, name: str, title: str
) -> Paper:
    paper = _paper(
        worksheet,
        templates,
        "problem-set.tex.j2",
        name=name,
        title=title,
        copy=copy,
        questions=questions,
        grading=grading_table(tuple((item.label, item.points) for item in questions)),
    )
    return replace(paper, code=f"{worksheet.stem} {name}") if worksheet.print.qr else paper


def _whose(worksheet: Worksheet, copy: Copy) -> str:
    """A version, and the student whose it is."""
    name = f", {copy.student.name}" if copy.student else ""
    return f"{worksheet.title}, version {copy.label}{name}"


def answer_key(worksheet: Worksheet, copy: Copy, questions: Sequence[Item], templates: Templates) -> Paper:
    """The answers to a problem set, each with its derivation."""
    return _paper(
        worksheet,
        templates,
        "answer-key.tex.j2",
        name=f"v{copy.label}-key",
        title=f"{_whose(worksheet, copy)}, answer key",
        copy=copy,
        questions=questions,
    )


def compact_key(worksheet: Worksheet, copy: Copy, questions: Sequence[Item], templates: Templates) -> Paper:
    """The answers to a problem set, and nothing else."""
    return _paper(
        worksheet,
        templates,
        "compact-key.tex.j2",
        name=f"v{copy.label}-key-compact",
        title=f"{_whose(worksheet, copy)}, answers",
        copy=copy,
        questions=questions,
    )


def worked(worksheet: Worksheet, questions: Sequence[Item], templates: Templates) -> tuple[Worked, ...]:
    """Each problem of a version with its derivations, for `problem_key`."""
    problems = (tuple(some) for _, some in groupby(questions, key=lambda item: item.number))
    texts = [(templates.fill("problem-worked.tex.j2", questions=some), some) for some in problems]
    return tuple(Worked(NoEscape(text), tuple(_parts(worksheet, text, some))) for text, some in texts)


def problem_key(
    worksheet: Worksheet, number: int, versions: Sequence[tuple[str, Worked]], templates: Templates
) -> Paper:
    """The answers to one problem in all versions, each with its label and what `worked` has made of it."""
    paper = _paper(
        worksheet,
        templates,
        "problem-key.tex.j2",
        name=f"problem-{number}-key",
        title=f"{worksheet.title}, problem {number}, answer key of all versions",
        number=number,
        versions=tuple((label, one.text) for label, one in versions),
    )
    return replace(paper, parts=tuple(_parts_of_versions(paper.body, versions)))


def _parts_of_versions(body: str, versions: Sequence[tuple[str, Worked]]) -> Iterator[Part]:
    """The lines of each question of each version, wherever these stand."""
    end = 0
    for label, one in versions:
        start = body.find(one.text, end)
        if start >= 0:
            above = body.count("\n", 0, start)
            for part in one.parts:
                yield replace(part, first=part.first + above, last=part.last + above, version=label)
            end = start + len(one.text)


def formula_sheet(worksheet: Worksheet, templates: Templates) -> Paper:
    """The rules of the trace and of differentials, and the theorem that turns a differential into a gradient."""
    notation = worksheet.notation
    L, X = declare("L", "scalar"), declare("X", "n x m")
    turned = Conventions(layout=notation.layout).turn(L.shape, X.shape)
    G, like = (declare("D", "m x n"), X.T) if turned else (declare("G", "n x m"), X)
    parts = [(title, topic(of)) for title, of in SHEET]
    return _paper(
        worksheet,
        templates,
        "formula-sheet.tex.j2",
        name="formulas",
        title=f"{worksheet.title}, formula sheet",
        parts=tuple(Stage(NoEscape(title), tuple(_rule_lines(rules, notation))) for title, rules in parts),
        symbols=_legend([symbol for _, rules in parts for rule in rules for symbol in rule.symbols], notation),
        value=NoEscape(latex(L, notation)),
        variable=NoEscape(latex(X, notation)),
        answer=NoEscape(latex(G, notation)),
        like=NoEscape(latex(like, notation)),
        step=NoEscape(latex(d(X), notation)),
        form=NoEscape(f"{latex(d(L), notation)} = {latex(tr((G if turned else G.T) @ d(X)), notation)}"),
        turned=turned,
        conclusion=NoEscape(f"{derivative(L, X, notation, inline=True)} = {latex(G, notation)}"),
    )


def answer_row(questions: Sequence[Item]) -> tuple[NoEscape, ...]:
    """The final answers of a version, for a row of the grid."""
    return tuple(map(_grid_answer, questions))


def answer_grid(worksheet: Worksheet, rows: Sequence[tuple[str, Sequence[NoEscape]]], templates: Templates) -> Paper:
    """The final answers of all versions, each with its label, for whoever grades them side by side."""
    return _paper(
        worksheet,
        templates,
        "answer-grid.tex.j2",
        name="answers",
        title=f"{worksheet.title}, answers of all versions",
        tables=tuple(answer_tables([f"Problem {i + 1}{part}" for i, part in worksheet.asked], rows)),
    )


def preview(worksheet: Worksheet, versions: Sequence[tuple[str, tuple[Item, ...]]], templates: Templates) -> Paper:
    """What each problem becomes in versions, each with its label, for whoever looks through them before printing."""
    return _paper(
        worksheet,
        templates,
        "preview.tex.j2",
        name="preview",
        title=f"{worksheet.title}, preview",
        count=len(versions),
        problems=tuple(_sampled(number + 1, versions) for number in range(len(worksheet.problems))),
    )


def _sampled(number: int, versions: Sequence[tuple[str, tuple[Item, ...]]]) -> Sampled:
    """A problem in all versions, those that are alike together."""
    labels: dict[tuple[Item, ...], list[str]] = {}
    for label, shown in versions:
        labels.setdefault(tuple(item for item in shown if item.number == number), []).append(label)
    first = next(iter(labels))[0]
    samples = (
        Sample(
            "all" if len(alike) == len(versions) > 1 else ", ".join(alike),
            tuple((item, _grid_answer(item)) for item in shown),
        )
        for shown, alike in labels.items()
    )
    return Sampled(number, first.title, first.total, tuple(samples))


def _paper(
    worksheet: Worksheet,
    templates: Templates,
    template: str,
    *,
    name: str,
    title: str,
    copy: Copy | None = None,
    questions: Sequence[Item] = (),
    **context: object,
) -> Paper:
    """A filled template, with the lines that belong to each question."""
    student = copy.student if copy else None
    in_script = student is not None and not scripts.is_plain(student.name + student.id)
    body = templates.fill(
        template,
        title=worksheet.title,
        course=worksheet.course,
        instructions=_paragraphs(worksheet.instructions or ""),
        print=worksheet.print,
        version=copy.label if copy else "",
        student=student and replace(student, name=scripts.shown(student.name), id=scripts.shown(student.id)),
        questions=questions,
        **context,
    )
    return Paper(
        name=f"{worksheet.stem}-{name}",
        title=title,
        body=body,
        worksheet=InFile(worksheet.path),
        label=copy.label if copy else None,
        parts=tuple(_parts(worksheet, body, questions)),
        engines=scripts.ENGINES if in_script else (),
    )


def _paragraphs(text: str) -> list[str]:
    """What blank lines separate."""
    return [paragraph for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]


def _mark(label: int | str, problem: str) -> str:
    """The TeX comment that begins the lines of a question, or of what stands before parts."""
    return f"%% Problem {label}: {problem}"


def _parts(worksheet: Worksheet, body: str, questions: Sequence[Item]) -> Iterator[Part]:
    """The lines of each question: from its mark to the next one's, or to the end."""
    lines = body.splitlines()
    marks: dict[str, tuple[Item, InFile]] = {}
    for item in questions:
        problem = ("problems", item.number - 1)
        part = ("parts", ascii_lowercase.index(item.part)) if item.part else ()
        for mark, own, key in (
            (item.heading_mark, item.preface, problem),
            (item.mark, item.own_statement, (*problem, *part)),
        ):
            place = (*problem, "function") if own is None else (*key, "statement")
            marks[mark] = item, worksheet.place(*place)
    starts = [(number, *marks[line]) for number, line in enumerate(lines, 1) if line in marks]
    ends = [*(start[0] - 1 for start in starts), len(lines)][1:]
    for (start, question, source), end in zip(starts, ends, strict=True):
        yield Part(start, end, question.id, source, question.label)


# Questions


def items(worksheet: Worksheet, answered: Sequence[Answered]) -> tuple[Item, ...]:
    """The questions of a version as the templates see them."""
    notation = worksheet.notation
    for _, parts in groupby(answered, key=lambda one: one.question.number):
        together = tuple(parts)
        for one in together:
            if notation not in one.printed:
                one.printed[notation] = _item(one, together, notation)
    return tuple(one.printed[notation] for one in answered)


def _item(answered: Answered, parts: Sequence[Answered], notation: Notation) -> Item:
    """A question, which is one of the parts of a problem, or alone."""
    question, derivation, asked, source = answered.question, answered.derivation, answered.asked, answered.source
    everywhere = question.data if all(one.question.data for one in parts) else {}
    constants = [symbol for symbol in question.symbols if symbol != question.wrt]
    in_letters = [s for s in (*constants, question.wrt) if s in question.data and (s == question.wrt or not everywhere)]
    constraints = derivation.subject_to
    value, wrt = derivation.value if constraints is None else constraints.value, question.wrt
    return Item(
        number=question.number,
        part=question.part,
        opens=answered is parts[0],
        heading_mark=NoEscape(_mark(question.number, question.id)),
        id=question.id,
        mark=NoEscape(_mark(question.label, question.id)),
        title=question.title,
        points=question.points,
        total=sum(one.question.points for one in parts),
        preface=NoEscape(question.preface) if question.preface is not None else None,
        room=question.space or _room(answered.left, question.form.name),
        ground=question.ground,
        own_statement=NoEscape(question.statement) if question.statement is not None else None,
        function=NoEscape(f"{latex(value, notation)}({latex(wrt, notation)}) = {latex(question.function, notation)}"),
        constants=tuple(_declared(symbol, notation, everywhere) for symbol in constants),
        variable=_declared(wrt, notation),
        is_numeric=bool(everywhere),
        at=tuple(_declared(symbol, notation, question.data).where for symbol in in_letters),
        since=source.question.part if source else "",
        found=_sought(source.derivation) if source else "",
        find=_sought(derivation),
        value=NoEscape(latex(value, notation)),
        wrt=NoEscape(latex(wrt, notation)),
        target=_target(derivation, notation, inline=True),
        constraints=tuple(NoEscape(" = ".join(latex(e, notation) for e in sides)) for sides in question.subject_to),
        layout=_layout(derivation, question.form.name, notation),
        layout_name=_layout_name(derivation),
        convention=_convention(question, derivation),
        form=question.form.name,
        options=tuple(_options(asked, notation)) if isinstance(asked, Choices) else (),
        given=_given(derivation, asked, notation),
        flaw=_flaw(asked, notation) if isinstance(asked, WrongDerivation) else None,
        solution=_solution(answered, notation),
        answers=tuple(_answers(answered.left, notation)),
        conditions=tuple(NoEscape(prose(text, notation)) for text in derivation.conditions),
        remarks=tuple(NoEscape(prose(text, notation)) for text in derivation.remarks),
        marks=() if answered.marking.follows_stages else _marks(answered.marking, notation),
    )


def _room(derivation: Derivation, form: FormName) -> str:
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


def _options(asked: Choices, notation: Notation) -> Iterator[Option]:
    for option in asked.options:
        formula = NoEscape(latex(option.answer, notation))
        if option.mistake is None:
            yield Option(option.letter, formula, is_right=True, tempts="", correction=NoEscape(""))
        else:
            correction = NoEscape(prose(option.mistake.correction, notation))
            yield Option(option.letter, formula, is_right=False, tempts=option.mistake.tempts, correction=correction)


def _flaw(asked: WrongDerivation, notation: Notation) -> Flaw:
    right = NoEscape(f"{latex(asked.right.left, notation)} = {latex(asked.right.right, notation)}")
    return Flaw(asked.number, right, asked.mistake.tempts, NoEscape(prose(asked.mistake.correction, notation)))


def _given(derivation: Derivation, asked: Asked, notation: Notation) -> Shown | None:
    """The derivation that a student is given: a wrong one with numbers for its lines, or a right one with blanks."""
    match asked:
        case WrongDerivation():
            shown = _shown(asked.derivation, notation)
            numbers = count(1)
            return _changed(shown, lambda line: replace(line, number=str(next(numbers))))
        case Blanks():
            return _with_blanks(derivation, asked, notation, to_fill=True)
        case _:
            return None


def _solution(answered: Answered, notation: Notation) -> Shown:
    """The derivation as the key has it, where blanks are filled in and stages are worth points.

    What an earlier part has found is not found again.
    """
    asked, marking, source = answered.asked, answered.marking, answered.source
    if isinstance(asked, Blanks):
        return _with_blanks(answered.derivation, asked, notation)
    shown = _shown(answered.left, notation)
    if source is not None:
        known = source.derivation.lines[-1]
        found = NoEscape(f"{latex(known.left, notation)} = {latex(known.right, notation)}")
        shown = replace(shown, definitions=(), since=source.question.part, known=found)
    if not marking.follows_stages:
        return shown
    marked = zip(shown.stages, _marks(marking, notation), strict=True)
    return replace(shown, stages=tuple(replace(stage, mark=mark) for stage, mark in marked))


def _marks(marking: Marking, notation: Notation) -> tuple[Mark, ...]:
    return tuple(Mark(written(mark.points), NoEscape(prose(mark.what, notation))) for mark in marking.marks)


def _shown(derivation: Derivation, notation: Notation) -> Shown:
    definitions = (f"{latex(s, notation)} = {latex(block, notation)}" for s, block in derivation.blocks.items())
    return Shown(tuple(map(NoEscape, definitions)), tuple(_stage(stage, notation) for stage in derivation.stages))


def _changed(shown: Shown, change: Callable[[Line], Line]) -> Shown:
    """The same with each line changed, from the first to the last."""
    stages = (replace(stage, lines=tuple(map(change, stage.lines))) for stage in shown.stages)
    return replace(shown, stages=tuple(stages))


def _with_blanks(derivation: Derivation, asked: Blanks, notation: Notation, *, to_fill: bool = False) -> Shown:
    """A derivation with numbers at its blanks, which are filled in, or are to be."""
    numbered = {gap.line: (number, gap) for number, gap in enumerate(asked.gaps, 1)}
    lines = enumerate(derivation.lines)

    def changed(line: Line) -> Line:
        i, derived = next(lines)
        if i not in numbered:
            return line
        number, gap = numbered[i]
        line = replace(line, number=str(number))
        if gap.path is None:
            return replace(line, because=NoEscape(r"\reasonblank")) if to_fill else line
        part = at(derived.right, gap.path)
        ink = _blank(part, whole=not gap.path) if to_fill else rf"\filled{{{latex(part, notation)}}}"
        right = replaced(derived.right, gap.path, symbol_for(part))
        return replace(line, right=NoEscape(latex(right, notation, {symbol_for(part): ink})))

    fillings = tuple(NoEscape(prose(gap.filling, notation)) for gap in asked.gaps)
    return replace(_changed(_shown(derivation, notation), changed), blanks=fillings)


def _blank(part: Expr, *, whole: bool) -> str:
    """Room for a term or for a whole right side, as wide or as high as what belongs there needs by hand."""
    width = BLANK_ROOM + BLANK_GROWTH * size(part)
    if not whole:
        return rf"\termblank{{{min(width, TERM_AT_MOST)}}}"
    rows = (len(e.rows) for e in walk(part) if isinstance(e, Matrix))
    return rf"\lineblank{{{width}}}{{{max(rows, default=1)}}}"


def _declared(symbol: Symbol, notation: Notation, data: Mapping[Symbol, Rows] | None = None) -> Declared:
    """Where a symbol lives; if numbers are given for it, which."""
    if data and symbol in data:
        numbers = latex(as_expr(data[symbol]), notation)
        return Declared(NoEscape(f"{latex(symbol, notation)} = {numbers}"), "", ())
    kind = "scalar" if symbol.is_scalar else "vector" if symbol.is_vector else "matrix"
    properties = tuple(p for p in PROPERTIES if p in symbol.properties)
    return Declared(NoEscape(declaration(symbol, notation)), kind, properties)


def _sought(derivation: Derivation) -> str:
    """What is asked for, by its proper name."""
    if derivation.find != "derivative":
        return derivation.find
    if derivation.function.is_scalar or derivation.wrt.is_scalar:
        return "gradient" if derivation.is_gradient else "derivative"
    return "Jacobian"


def _convention(question: Question, derivation: Derivation) -> str:
    """The convention that a student has to be told of: another than the gradient within the space of the variable."""
    usual = structure_of(question.wrt) is None or question.find in ("differential", "stationary")
    return "" if usual or derivation.convention == "projection" else derivation.convention


def _target(derivation: Derivation, notation: Notation, *, inline: bool = False) -> NoEscape:
    """The name on the left of the answer."""
    value, wrt = derivation.value, derivation.wrt
    match derivation.find:
        case "differential":
            return NoEscape(latex(d(value), notation))
        case "derivative" | "stationary" if value.is_scalar or wrt.is_scalar:
            return NoEscape(derivative(value, wrt, notation, inline=inline))
        case _:
            return NoEscape(latex(derivation.answer, notation))


def _layout_name(derivation: Derivation) -> str:
    """The layout that a student has to be told of, where it can make a difference."""
    layout = derivation.conventions.layout
    differs = derivation.find == "derivative" and not (derivation.function.is_scalar and derivation.wrt.is_scalar)
    return layout if differs and layout != "gradient" else ""


def _layout(derivation: Derivation, form: FormName, notation: Notation) -> NoEscape:
    """The equation that says how an answer is laid out: dy = J dx, vec(dF) = J vec(dX), or dL = Tr(∇L′ dX).

    A gradient needs one among its own transposes to choose from, which have its shape.
    """
    if _sought(derivation) != "Jacobian" and not (form == "choice" and could_be_transposed(derivation)):
        return NoEscape("")
    if derivation.is_gradient:
        gradient = {derivation.answer: f"({_target(derivation, notation, inline=True)})"}
        paired = latex(tr(derivation.answer.T @ d(derivation.wrt)), notation, gradient)
        return NoEscape(f"{latex(d(derivation.value), notation)} = {paired}")
    value, step = (d(s) for s in (derivation.value, derivation.wrt))
    columns = ONE in value.shape and step.shape[1] == ONE
    if columns and value.shape[0] == ONE:
        value = value.T
    left, right = (e if columns or e.shape[1] == ONE else Vec(e) for e in (value, step))
    answer = derivation.answer
    before = answer.T if derivation.conventions.turn(derivation.function.shape, derivation.wrt.shape) else answer
    return NoEscape(f"{latex(left, notation)} = {latex(before, notation)} \\, {latex(right, notation)}")


def _answers(derivation: Derivation, notation: Notation) -> Iterator[NoEscape]:
    """The equations that answer the question: a gradient, unless it is known, and where it is zero."""
    target = _target(derivation, notation)
    if derivation.find != "stationary":
        yield NoEscape(f"{target} = {result_latex(derivation.outcome, notation)}")
        return
    if derivation.subject_to is not None:
        yield NoEscape(" = ".join(latex(side, notation) for side in derivation.point))
        return
    found = [line.right for line in derivation.lines if line.left == derivation.answer and not line.where]
    if found:
        yield NoEscape(f"{target} = {latex(found[-1], notation)}")
    yield NoEscape(" = ".join(latex(side, notation) for side in derivation.point))


def _stage(stage: DerivedStage, notation: Notation) -> Stage:
    lines = []
    above: Expr | None = None
    for line in stage.lines:
        lines.append(
            Line(
                left=NoEscape("" if line.left == above else latex(line.left, notation)),
                right=NoEscape(latex(line.right, notation)),
                because=NoEscape(prose(line.because, notation)),
                mark=line.mark,
            )
        )
        above = line.left
    return Stage(NoEscape(prose(stage.title, notation)), tuple(lines))


def _rule_lines(rules: Sequence[Rule], notation: Notation) -> Iterator[Line]:
    """Rules as lines, each equation once, whichever way it is read."""
    seen: set[frozenset[Expr]] = set()
    for rule in rules:
        sides = frozenset((rule.left, rule.right))
        if sides not in seen:
            seen.add(sides)
            yield Line(
                left=NoEscape(latex(rule.left, notation)),
                right=NoEscape(latex(rule.right, notation)),
                because=NoEscape(prose(_reason(rule), notation)),
            )


def _legend(symbols: Sequence[Symbol], notation: Notation) -> dict[str, tuple[NoEscape, ...]]:
    """The symbols of the formula sheet that are not just any matrix, by what they are."""
    kinds: dict[str, tuple[NoEscape, ...]] = {}
    for kind, holds in KINDS.items():
        named = {s.name: s for s in symbols if all(holds(other) for other in symbols if other.name == s.name)}
        kinds[kind] = tuple(NoEscape(f"${latex(s, notation)}$") for _, s in sorted(named.items()))
    return kinds


def _reason(rule: Rule) -> Text:
    """Why the rule holds, and for which matrices."""
    match = Match({symbol: symbol for symbol in rule.symbols})
    provisos: list[Text] = [say(kind, match[name]) for kind, name in rule.conditions]
    if "constant" not in rule.because:
        provisos += [(match[name], " is constant") for name in rule.constant]
    return reason([(rule.because, match)]) + tuple(part for proviso in provisos for part in ("; ", *proviso))


# Tables


@lru_cache(8)
def grading_table(points_of: Sequence[tuple[str, int]]) -> NoEscape:
    """Problems, by their labels, with their points and room for scores; a long worksheet has several rows of them."""
    rows = [points_of[i : i + PROBLEMS_IN_A_ROW] for i in range(0, len(points_of), PROBLEMS_IN_A_ROW)]
    tables = []
    for row in rows:
        heads, points = [label for label, _ in row], [str(points) for _, points in row]
        if row is rows[-1]:
            heads.append("Total")
            points.append(str(sum(points for _, points in points_of)))
        table = Tabular("|l|" + r">{\centering\arraybackslash}m{2.6em}|" * len(heads), width=len(heads) + 1)
        table.add_hline()
        table.add_row(["Problem", *heads])
        table.add_hline()
        table.add_row(["Points", *points])
        table.add_hline()
        table.add_row([NoEscape(r"\scorestrut Score"), *[""] * len(heads)])
        table.add_hline()
        tables.append(table.dumps())
    return NoEscape("\\par\\medskip\n".join(tables))


def answer_tables(titles: Sequence[str], rows: Sequence[tuple[str, Sequence[NoEscape]]]) -> Iterator[NoEscape]:
    """The answers of all versions: a row for each version, a few questions beside each other in each table."""
    lengths = [max(solid_length(cell) for cell in column) for column in zip(*(cells for _, cells in rows), strict=True)]
    first = 0
    while first < len(lengths):
        fitting = (n for n, most in ANSWERS_IN_A_ROW.items() if max(lengths[first : first + n]) <= most)
        here = range(first, min(first + next(fitting, 1), len(lengths)))
        first = here.stop
        answer = rf">{{\raggedright\arraybackslash}}p{{\dimexpr(\linewidth-4.5em)/{len(here)}-2\tabcolsep\relax}}"
        table = LongTable(rf"@{{}}p{{4.5em}}{answer * len(here)}@{{}}", width=len(here) + 1)
        heads = (NoEscape(rf"\gridhead{{{titles[number]}}}") for number in here)
        table.add_row([NoEscape(r"\gridhead{Version}"), *heads])
        table.add_hline()
        table.end_table_header()
        for label, answers in rows:
            table.add_row([NoEscape(rf"\gridcell{{{label}}}"), *(answers[number] for number in here)])
            table.add_hline()
        yield NoEscape(table.dumps())


def solid_length(text: str) -> int:
    """About how many glyphs of a text's formulas stand in a row without a place to break outside of parentheses."""
    longest = 0
    for formula in FORMULA.findall(text):
        length = depth = 0
        for token in TOKEN.findall(formula):
            depth += (token in OPENING) - (token in CLOSING)
            if token in BREAKING and not depth:
                length = 0
            elif not SILENT.fullmatch(token):
                length += min(len(token), 2)
                longest = max(longest, length)
    return longest


def _grid_answer(item: Item) -> NoEscape:
    """The letter, the line or the blanks that are asked for; else equations, and their conditions."""
    if item.flaw is not None:
        return NoEscape(rf"\gridcell{{Line {item.flaw.number}}}")
    if item.options:
        return NoEscape(rf"\gridcell{{{item.letter}}}")
    if item.solution.blanks:
        numbered = r" \par ".join(f"({number}) {filling}" for number, filling in enumerate(item.solution.blanks, 1))
        return NoEscape(rf"\gridcell{{{numbered}}}")
    rows = [f"${answer}$" for answer in item.answers]
    if item.conditions:
        rows.append(f"({'; '.join(item.conditions)})")
    stacked = r" \par ".join(rows)
    return NoEscape(rf"\gridcell{{{stacked}}}")
