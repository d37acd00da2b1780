"""The parts of documents, and the documents themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal, Protocol

from generator.document.author_text import AuthorText
from generator.document.formula import NOTHING, Formula, Sentence
from generator.document.words import EVERY, say


@dataclass(frozen=True)
class Line:
    """One line of a chain of equations; `left` is None where it is that of the line above."""

    left: Formula | None
    right: Formula
    because: Sentence
    mark: int | None = None
    """The number in a circle by which a later line refers to this one."""
    number: int | None = None
    """Its number in the derivation, or that of its blank, where these are numbered."""
    blank: Literal["", "reason", "right"] = ""
    """The blank of the line: its reason, or all or part of its right side."""


@dataclass(frozen=True)
class Award:
    """Points, and what they are given for."""

    points: Fraction
    what: Sentence


@dataclass(frozen=True)
class Stage:
    """A step of a derivation: its title, its lines and, in a key, what it is worth."""

    title: Sentence
    lines: tuple[Line, ...]
    award: Award | None = None
    in_numbers: bool = False
    """Some of its lines have matrices that are written out, and so are high."""

    @property
    def lefts(self) -> tuple[Formula, ...]:
        """The left sides that are printed."""
        return tuple(line.left for line in self.lines if line.left)


@dataclass(frozen=True)
class Derivation:
    """Premises and definitions of names, then stages of lines."""

    definitions: tuple[Formula, ...]
    stages: tuple[Stage, ...]
    blanks: tuple[Sentence, ...] = ()
    """What belongs into its blanks, by their numbers from 1."""
    premises: tuple[Sentence, ...] = ()
    """The result of an earlier part, or the terms of the function that contain the variable."""

    @property
    def has_numbers(self) -> bool:
        """Some of its lines are numbered."""
        return any(line.number for line in self.lines)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all stages."""
        return tuple(line for stage in self.stages for line in stage.lines)

    @property
    def asks_reasons(self) -> bool:
        """Some reasons are to be filled in."""
        return any(line.blank == "reason" for line in self.lines)

    @property
    def asks_lines(self) -> bool:
        """Some right sides are to be filled in."""
        return any(line.blank == "right" for line in self.lines)


@dataclass(frozen=True)
class Option:
    """An answer to choose; for a wrong one also why it tempts, and what is right."""

    letter: str
    formula: Formula | None
    """The answer as a formula; None where it is `words`."""
    is_right: bool
    words: Sentence = NOTHING
    tempts: Sentence = NOTHING
    correction: Sentence = NOTHING


@dataclass(frozen=True)
class Flaw:
    """The wrong line of a derivation: its number, what it should say, why it tempts, and what is right."""

    number: int
    right: Formula
    tempts: Sentence
    correction: Sentence


@dataclass(frozen=True)
class FinalAnswer:
    """An answer in short, by paragraphs."""

    paragraphs: tuple[Sentence, ...]


@dataclass(frozen=True)
class Heading:
    """The heading of a section, and the words below it by paragraphs."""

    title: AuthorText
    instructions: tuple[AuthorText, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question with its answer: a problem, or a part of one."""

    number: int
    """The number that is printed."""
    problem: int
    """The place of its problem in the worksheet, from 1."""
    part: str
    """The letter of a part; empty for a problem that has none."""
    opens: bool
    """It is the first, or the only one, of its problem."""
    id: str
    title: AuthorText
    points: Fraction
    total: Fraction
    """The points of all parts of its problem."""
    preface: Sentence
    """What stands before all parts of its problem; empty where it has none."""
    has_own_preface: bool
    statement: Sentence
    has_own_statement: bool
    """The statement is its author's own."""
    form: str
    options: tuple[Option, ...]
    given: Derivation | None
    """The derivation that a student is given, if any."""
    room: str
    """A length below it, or the share of a page that it takes with its room: third, half or page."""
    has_own_room: bool
    """The room is its author's own."""
    ground: str
    solution: Derivation
    flaw: Flaw | None
    answers: tuple[Formula, ...]
    conditions: tuple[Sentence, ...]
    remarks: tuple[Sentence, ...]
    marking: Sentence
    """What points are given for, unless that stands beside the stages of its derivation."""
    final: FinalAnswer = FinalAnswer(())
    """Its answer in short."""
    answer_line: bool = False
    """There is a line to write a short answer on."""
    explanation: Sentence = NOTHING
    """The solution in words, where there is no derivation."""
    answer_words: Sentence = NOTHING
    """The answer in words, where it is no equation."""
    hint: Sentence = NOTHING
    """Help for students, printed with the question."""
    note: Sentence = NOTHING
    """Remark for graders, printed in the key alone."""
    bonus: bool = False
    """Its points are not in the total."""
    is_bonus: bool = False
    """The same for all parts of its problem."""
    section: Heading | None = None
    """The heading above it, where it is the first of a section."""
    starts_page: bool = False
    """A new page begins before it, as its author wants."""

    @property
    def letter(self) -> str:
        """The letters of the right answers, where there are answers to choose from."""
        return ", ".join(option.letter for option in self.options if option.is_right)

    @property
    def label(self) -> str:
        """Its number, and the letter of a part: 2(b)."""
        return f"{self.number}({self.part})" if self.part else str(self.number)


class Person(Protocol):
    """Who gets a copy."""

    @property
    def name(self) -> str:
        """The name as it is printed."""

    @property
    def id(self) -> str:
        """What tells people of the same name apart."""

    @property
    def size(self) -> str:
        """The size of print, normal or large; empty for that of the worksheet."""

    @property
    def extra_time(self) -> str:
        """The time beyond that of the others, in words; empty where there is none."""


@dataclass(frozen=True)
class Copy:
    """Whose document it is: the label of a version, and the student who has it, where there is a class list."""

    label: str
    student: Person | None = None
    by_id: bool = False
    """Its files are named by the student's id."""
    is_shared: bool = False
    """Other students have the same version."""

    @property
    def name(self) -> str:
        """The end of the names of its files: the version, the student's id, or both."""
        version = f"v{self.label}"
        if not self.student or not (self.by_id or self.is_shared):
            return version
        return self.student.id if self.by_id else f"{version}-{self.student.id}"

    @property
    def of_key(self) -> Copy:
        """The copy that the answer key is for: students who share a version share its key."""
        return Copy(self.label) if self.is_shared else self


@dataclass(frozen=True)
class Document:
    """What one paper says."""

    template: ClassVar[str]
    """The template that prints it, without the ending of a format."""
    on_paper: ClassVar[bool] = True
    """It can be printed."""
    name: str
    """Its file's name after that of the worksheet: v01-key."""
    title: Sentence
    """What it is called in a list of documents."""

    @property
    def has_sections(self) -> bool:
        """There are headings of sections above its problems."""
        return False


@dataclass(frozen=True)
class OfVersion(Document):
    """A document about all questions of one version; without a copy, of no version in particular."""

    copy: Copy | None
    questions: tuple[Question, ...]

    @property
    def has_sections(self) -> bool:
        return any(question.section for question in self.questions)


@dataclass(frozen=True)
class ProblemSet(OfVersion):
    """What a student gets."""

    template: ClassVar[str] = "problem-set"
    instructions: tuple[AuthorText, ...]
    """The author's words at its top, by paragraphs."""


@dataclass(frozen=True)
class AnswerKey(OfVersion):
    """Each question again, with its derivation and its answer."""

    template: ClassVar[str] = "answer-key"


@dataclass(frozen=True)
class CompactKey(OfVersion):
    """The answers alone."""

    template: ClassVar[str] = "compact-key"


@dataclass(frozen=True)
class PracticeKey(OfVersion):
    """Each question with its derivation, of which each step is opened when it is wanted; no paper can do that."""

    template: ClassVar[str] = "practice"
    on_paper: ClassVar[bool] = False


@dataclass(frozen=True)
class ProblemKey(Document):
    """The questions of one problem with their derivations, in all versions, each with its label."""

    template: ClassVar[str] = "problem-key"
    number: int | str
    """The number of the problem, or its id where its number is not the same in all versions."""
    versions: tuple[tuple[str, tuple[Question, ...]], ...]


@dataclass(frozen=True)
class Identity:
    """left = right for all symbols of fitting shapes, and its name."""

    left: Formula
    right: Formula
    because: Sentence


@dataclass(frozen=True)
class FormulaSheet(Document):
    """The rules of the trace and of differentials, and the theorem that reads a gradient off a differential."""

    template: ClassVar[str] = "formula-sheet"
    theorem: Sentence
    """What is assumed of the function's value and its variable; ends before `form`."""
    form: Formula
    """How its differential can be written."""
    conclusion: Sentence
    """What follows from `form`."""
    legend: Sentence
    """What the symbols of the identities stand for."""
    parts: tuple[tuple[Sentence, tuple[Identity, ...]], ...]
    """Titles with identities."""


@dataclass(frozen=True)
class AnswerGrid(Document):
    """The final answers of all versions: a row for each label, a column for each question that some version has.

    An answer without paragraphs stands where a version has no such question.
    """

    template: ClassVar[str] = "answer-grid"
    columns: tuple[Sentence, ...]
    labels: tuple[str, ...]
    """The label of the question of each column, such as 2(b)."""
    rows: tuple[tuple[str, tuple[FinalAnswer, ...]], ...]
    students: tuple[tuple[str, Person], ...] = ()
    """The labels of versions with the students who have them, where there is a class list."""

    @property
    def by_question(self) -> tuple[tuple[Sentence, tuple[tuple[Sentence, FinalAnswer], ...]], ...]:
        """The columns with their answers, each answer once, with the labels of all versions that have it."""
        order = [label for label, _ in self.rows]
        found = []
        for number, column in enumerate(self.columns):
            labels: dict[FinalAnswer, list[str]] = {}
            for label, answers in self.rows:
                if answers[number].paragraphs:
                    labels.setdefault(answers[number], []).append(label)
            found.append((column, tuple((_ranges(alike, order), answer) for answer, alike in labels.items())))
        return tuple(found)


def _ranges(labels: Sequence[str], order: Sequence[str]) -> Sentence:
    """Labels in short: all, or 01–03, 07."""
    if len(labels) == len(order) > 1:
        return say(EVERY)
    place = {label: i for i, label in enumerate(order)}
    runs: list[list[str]] = []
    for label in labels:
        if runs and place[label] == place[runs[-1][-1]] + 1:
            runs[-1].append(label)
        else:
            runs.append([label])
    ends = ((run[0], run[-1], "–" if len(run) > 2 else ", ") for run in runs)
    return Sentence((", ".join(first if first == last else f"{first}{dash}{last}" for first, last, dash in ends),))


@dataclass(frozen=True)
class Sample:
    """A problem as some versions have it, by their labels: its questions."""

    labels: Sentence
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class SampledProblem:
    """A problem and what versions make of it."""

    number: int | str
    """The number of the problem, or its id where its number is not the same in all versions."""
    title: AuthorText
    points: Fraction
    samples: tuple[Sample, ...]
    numbers: tuple[tuple[int, str], ...] = ()
    """Where its numbers differ, each with the labels of the versions in which it is printed."""
    section: AuthorText | None = None
    """The title of the section that it is the first of."""


@dataclass(frozen=True)
class Preview(Document):
    """What each problem becomes in so many versions."""

    template: ClassVar[str] = "preview"
    count: int
    problems: tuple[SampledProblem, ...]

    @property
    def has_sections(self) -> bool:
        return any(problem.section for problem in self.problems)


@dataclass(frozen=True)
class Entry:
    """A document that an index lists: what it is called, and its files, each with the name of its format."""

    title: Sentence
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Index(Document):
    """All files of a worksheet: those for students, and those for graders."""

    template: ClassVar[str] = "index"
    on_paper: ClassVar[bool] = False
    students: tuple[Entry, ...]
    graders: tuple[Entry, ...]
