"""What an instructor writes, as frozen models; every mistake is reported with file, line and key."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property, partial
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from string import ascii_lowercase
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from generator.errors import GeneratorError, InFile
from generator.expr.nodes import Dim
from generator.expr.parsing.lexer import normal_name
from generator.expr.printing.notation import Notation
from generator.forms import FORMS
from generator.forms.choice import LETTERS
from generator.problems.marking import read_points
from generator.rules.identities import RULES
from generator.solver.conventions import Convention
from generator.solver.detail import Detail
from generator.system.output_dir import is_inside
from generator.worksheet.condition import HOW as CONDITIONS
from generator.worksheet.fairness import Tolerance
from generator.worksheet.interpret import Reading, declaration_of, readings
from generator.worksheet.values import Renaming, Values, read_items, read_names, read_sizes, read_values
from generator.worksheet.yaml_source import Key, Source, nearest

MAX_VERSIONS = 9999
MAX_BLANKS = 40

EQUATIONS = "Write an equation, such as A x = b, or a list of them."
FUNCTIONS = "Write a function, such as Tr(A X), or a list of alternatives."
TERMS = "Write terms of the function that a version may leave out, such as [Tr(B^T X)]"

LENGTH = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(cm|mm|in)")
CENTIMETERS = {"cm": 1.0, "mm": 0.1, "in": 2.54}
PAGE_CENTIMETERS = 22
FORMULAS = ("used", "basic", "all")
"""What the formula sheet may have, besides rules by name."""
SHARES = ("third", "half", "page")
"""How much of a page a question may take, with the room to answer it."""
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text):
        raise ValueError(f"{text!r} cannot be an id\nWrite letters, digits, '-' and '_', such as least-squares.")
    return text


def _form(name: object) -> str:
    if not isinstance(name, str) or name not in FORMS:
        known = [f"'{form}'" for form in FORMS]
        raise ValueError(f"must be {', '.join(known[:-1])} or {known[-1]}")
    return name


def _space(text: str) -> str:
    if text in SHARES:
        return text
    found = LENGTH.fullmatch(text)
    if not found or float(found[1]) * CENTIMETERS[found[2]] > PAGE_CENTIMETERS:
        raise ValueError(
            f"must be a length up to {PAGE_CENTIMETERS} cm or {', '.join(SHARES[:-1])} or {SHARES[-1]}, not {text!r}\n"
            "Write it as 6cm, 60mm, 2.5in or half."
        )
    return found[1] + found[2]


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


def _given(said: Mapping[str, str]) -> Mapping[str, str]:
    for name, text in said.items():
        try:
            declaration_of(text)
        except GeneratorError as error:
            raise ValueError(f"{name} is no matrix of numbers: {error}") from None
    return said


def _parts(parts: tuple[object, ...]) -> tuple[object, ...]:
    if len(parts) > len(ascii_lowercase):
        raise ValueError(f"there are more than {len(ascii_lowercase)} parts\nMake it two problems.")
    return parts


Words = Annotated[str, AfterValidator(_words)]

Ground: TypeAlias = Literal["blank", "ruled", "grid"]
KeyName: TypeAlias = Literal["compact", "by problem", "practice"]
FormatName: TypeAlias = Literal["pdf", "tex", "html"]
Profile: TypeAlias = Literal["plain", "gradescope", "crowdmark"]

OneOrMore = str | list[str]
"""How items are written, of which one may stand alone."""


def _items(how: str) -> PlainValidator:
    return PlainValidator(partial(read_items, how=how), json_schema_input_type=OneOrMore)


def _formulas(said: object) -> str | tuple[str, ...]:
    """One of `FORMULAS`, or names of rules."""
    how = f"Write one of {', '.join(FORMULAS)}, or a list of names that  worksheets rules  shows."
    if isinstance(said, str) and said in FORMULAS:
        return said
    names = [said] if isinstance(said, str) else said
    if not isinstance(names, list) or not names:
        raise ValueError(f"must be {', '.join(FORMULAS)} or a list of rules\n{how}")
    known = {rule.name for rule in RULES}
    for name in names:
        if not isinstance(name, str) or name not in known:
            meant = nearest(str(name), (*known, *FORMULAS))
            raise ValueError(f"there is no rule {name!r}\n" + (f"Did you mean '{meant}'?" if meant else how))
    return tuple(names)


class _Model(BaseModel):
    """Keys with values; the text below a key is what the schema and the reference say of it.

    Only models that read something are built, as building takes longer than reading.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Print(_Model):
    """How papers are laid out."""

    paper: Literal["letter", "a4"] = "letter"
    """The size of the pages."""
    profile: Profile = "plain"
    """A scan-and-grade service that the papers are for: every version then has every question at the same place."""
    theme: Literal["exam", "worksheet", "lecture-notes"] = "exam"
    """How papers look; lecture-notes have no names, scores or room. A course may have a theme.tex.j2 of its own."""
    ground: Ground = "blank"
    """What is printed in the room to work: nothing, lines that are 8 mm apart, or squares of 5 mm."""
    room: Literal["full", "none"] = "full"
    """Room to work below each question; none leaves out all that no `space` asks for, as for homework."""
    two_sided: bool = True
    """Is for copies on both sides: where papers are all in one file, a blank page ends each that has an odd number."""
    qr: bool = False
    """Puts a QR code in the corner of each page of a problem set's PDF: the worksheet, the version and the page."""
    tagged: bool = False
    """Tags the PDF by PDF/UA-1: its structure, and a text for each formula, for readers who cannot see it."""
    formats: tuple[FormatName, ...] = Field(default=("pdf", "tex"), min_length=1, examples=[["pdf", "html"]])
    """What papers are written as, where the command line does not say: PDF, its LaTeX sources, HTML."""
    keys: tuple[KeyName, ...] = Field(default=(), examples=[["compact", "by problem"]])
    """More keys: compact, a version's answers alone; by problem, one problem of all versions; practice, as HTML alone,
    a key in which each step opens when it is wanted."""

    @property
    def is_fixed(self) -> bool:
        """Every version has every question at the same place: a cover, then each problem on a page of its own."""
        return self.profile != "plain"

    def share(self, parts: int) -> str | None:
        """How much of a page each of so many parts takes by default, with its room, where places are fixed."""
        return SHARES[-min(parts, len(SHARES))] if self.is_fixed else None


class Vary(BaseModel):
    """What a version may change: names, sizes, terms, and what stands for a symbol.

    Every other key is a symbol, and its value what may stand in its place: numbers (`2..9`, `[1/2, -3]`) or
    expressions of its shape (`[A, A', A + B]`).
    """

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)
    __pydantic_extra__: dict[str, Annotated[Values, PlainValidator(read_values, json_schema_input_type=OneOrMore)]] = (
        Field(init=False)
    )

    names: Annotated[
        tuple[tuple[Renaming, ...], ...],
        PlainValidator(read_names, json_schema_input_type=list[dict[str, str]] | dict[str, OneOrMore]),
    ] = Field(default=(), examples=[[{"A": "A", "X": "X"}, {"A": "M", "X": "Y"}], {"A": ["A", "M"], "x": ["x", "w"]}])
    """New names: sets that go together, or a pool for each symbol."""
    dimensions: Mapping[
        str, Annotated[tuple[Dim, ...], PlainValidator(read_sizes, json_schema_input_type=OneOrMore)]
    ] = Field(default={}, examples=[{"n": ["n", "p"], "m": "2..4"}])
    """For a dimension its sizes, or its names."""
    optional: Annotated[tuple[str, ...], _items(TERMS)] = Field(default=(), examples=[["Tr(B^T X)"]])
    """Terms of the function that a version may leave out."""
    where: Annotated[tuple[str, ...], _items(CONDITIONS)] = Field(
        default=(), examples=["c != d", ["c > 2", "c*d != 6"]]
    )
    """Conditions on what is drawn as a number, decided exactly."""

    nice: Literal["integers"] | None = None
    """Has answers that are worked out in numbers be whole numbers."""

    @property
    def written(self) -> dict[str, str]:
        """For each symbol that varies, its name as the author wrote it."""
        return {normal_name(name): name for name in self.__pydantic_extra__}

    @property
    def values(self) -> dict[str, Values]:
        """For each symbol that varies, what may stand in its place."""
        return {normal_name(name): values for name, values in sorted(self.__pydantic_extra__.items())}

    @property
    def renamed(self) -> frozenset[str]:
        """The symbols that can have another name in some version."""
        return frozenset(
            old
            for choice in self.names
            for one in choice
            for old, new in one.names.items()
            if len(choice) > 1 or old != new
        )

    @property
    def varied(self) -> tuple[str, ...]:
        """The symbols and dimensions that can look different in some version."""
        return tuple(sorted(self.renamed)) + tuple(self.values) + tuple(self.dimensions)


class _Subject(_Model):
    """What a problem is about."""

    @model_validator(mode="before")
    @classmethod
    def _with_given(cls, said: object) -> object:
        """Numbers that are given are one value to draw from, and declare their symbols."""
        if not isinstance(said, dict) or not isinstance(said.get("given"), dict):
            return said
        vary, symbols = said.get("vary", {}), said.get("symbols", {})
        try:
            declared = {name: declaration_of(text) for name, text in said["given"].items()}
        except (GeneratorError, ValueError, TypeError):
            return said  # the key itself is reported
        if not isinstance(vary, dict) or not isinstance(symbols, dict):
            return said
        drawn = {name: [text] for name, text in said["given"].items() if name not in vary}
        return {**said, "vary": {**vary, **drawn}, "symbols": {**declared, **symbols}}

    function: Annotated[tuple[str, ...], _items(FUNCTIONS)] = Field(examples=["Tr(A X)", ["Tr(A X)", "Tr(X A B)"]])
    """The function, as on the board, in plain text or in LaTeX; or a list of alternatives, one for each version."""
    wrt: Words = Field(examples=["X"])
    """The symbol that the derivative is taken by."""
    id: Annotated[str, AfterValidator(_identifier)] | None = Field(default=None, examples=["least-squares"])
    """A name that stays when the problem is edited: it decides what versions draw. By default from the function."""
    title: Words | None = Field(default=None, examples=["Trace of a linear product"])
    """What is printed beside the problem's number."""
    symbols: Mapping[str, str] = Field(default={}, examples=[{"A": "n x n symmetric", "b": "n", "c": "scalar"}])
    """Shapes and properties of the symbols; what is not said is inferred from their names and the function."""
    given: Annotated[Mapping[str, str], AfterValidator(_given)] = Field(
        default={}, examples=[{"A": "[2 1; 1 3]", "b": "[1; -1]"}]
    )
    """Numbers of matrices and columns, the same in all versions; shape and properties follow from them."""
    vary: Vary = Vary()
    """What differs from version to version."""
    fair: Tolerance | None = None
    """How alike the derivations of its versions must be; by default as the worksheet says."""


class Asking(_Model):
    """What is asked about a function, and how."""

    statement: Words | None = Field(default=None, examples=["Find the gradient of $<<function>>$ by $<<wrt>>$."])
    """Your own LaTeX for the question, with slots for what versions change; by default it is written for you."""
    alt: Words | None = Field(default=None, examples=["Find the gradient of <<function>> by <<wrt>>."])
    """Your `statement` in plain words with the same slots, for HTML, where that cannot have its LaTeX."""
    shows: Literal["function"] | None = None
    """Declares that a `statement` without <<function>> or <<wrt>> says in other words what the key works out."""
    find: Literal["derivative", "differential", "hessian", "stationary", "value"] = "derivative"
    """What is asked for: derivative is the gradient or Jacobian; stationary, where it is 0; value, the function."""
    detail: Detail | None = None
    """How much of the derivation the key shows; by default as the worksheet says."""
    convention: Convention | None = None
    """What the derivative by a structured variable means; by default as the worksheet says."""
    subject_to: Annotated[tuple[str, ...], _items(EQUATIONS)] = Field(default=(), examples=["A x = b"])
    """Equations that a stationary point has to meet."""
    points: Annotated[int, Field(ge=0, le=1000)] = 5
    """What it is worth; 0 prints no points."""
    rubric: Mapping[str, Annotated[Fraction, PlainValidator(read_points, json_schema_input_type=str)]] = Field(
        default={}, examples=[{"differential of the trace": 2, "dX brought to the end": 2, "gradient": 1}]
    )
    """What the points are given for, printed in the key; by default shared out among the steps of the derivation."""
    space: Annotated[str, AfterValidator(_space)] | None = Field(default=None, examples=["6cm", "2.5in", "half"])
    """Room to write below it; or what it takes with its room: third, half or page. By default what the key takes."""
    ground: Ground | None = None
    """What is printed in that room; by default as `print` says."""
    form: Annotated[str, PlainValidator(_form), WithJsonSchema({"enum": list(FORMS)})] = "derive"
    """How it is asked: derive; choice among answers; or by a derivation: find-the-error, fill-in, identify reasons."""
    choices: Annotated[int, Field(ge=2, le=len(LETTERS))] | None = None
    """How many answers there are to choose from, in the form choice; by default 4."""
    blanks: Annotated[int, Field(ge=1, le=MAX_BLANKS)] | None = Field(default=None, examples=[3])
    """How many blanks there are, in the forms fill-in (by default every third line) and identify (every reason)."""

    @property
    def in_numbers(self) -> bool:
        """It is worked out at the numbers that are drawn for matrices and vectors, where there are any."""
        return True


class Part(Asking):
    """A part of a problem: another question about the same function. It shares all that versions draw."""

    numeric: bool = False
    """Asks for it at the numbers drawn for matrices and vectors; other parts are asked in letters."""

    @property
    def in_numbers(self) -> bool:
        """It is worked out at the numbers that are drawn for matrices and vectors."""
        return self.numeric or self.find == "value"


class Problem(Asking, _Subject):
    """One problem as its author wrote it."""

    parts: Annotated[tuple[Part, ...], Field(min_length=1), AfterValidator(_parts)] = Field(
        default=(), examples=[[{"points": 4}, {"find": "stationary", "points": 3}]]
    )
    """Questions (a), (b), (c) about the function; `statement` is then said once, before them."""

    @property
    def asked(self) -> tuple[tuple[Key, Asking], ...]:
        """What is asked, each with its place below the problem: its parts, or if it has none, all of it."""
        return tuple((("parts", i), part) for i, part in enumerate(self.parts)) or (((), self),)

    @property
    def misplaced(self) -> tuple[str, ...]:
        """Keys beside the parts that each part says for itself."""
        return tuple(
            key for key in OF_A_PART if self.parts and key in self.model_fields_set - {"statement", "alt", "shows"}
        )

    @cached_property
    def equations(self) -> tuple[str, ...]:
        """What a point is subject to in some part, each equation once."""
        return tuple(dict.fromkeys(chain.from_iterable(part.subject_to for _, part in self.asked)))

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """What the alternatives for the function mean; raises what `read` raises."""
        return readings(self)


OF_A_PART = tuple(key for key in Asking.model_fields if key not in {"detail", "convention", "ground"})
"""What each part says for itself; the rest it may leave to its problem."""


class Family(Problem):
    """A problem of the bank, with what it is about and where it comes from."""

    title: Words
    """What is printed beside the problem's number."""
    topic: Words = Field(examples=["regression"])
    """What it is about, by which worksheets pick it."""
    difficulty: Annotated[int, Field(ge=1, le=5)]
    """How hard it is: 1 for a first exercise."""
    source: Words = Field(examples=["The Matrix Cookbook, eq. 57"])
    """Where it is from."""


EngineName: TypeAlias = Literal["pdflatex", "xelatex", "lualatex", "tectonic"]


class Worksheet(_Model):
    """One worksheet file."""

    title: Words = Field(default="", examples=["The Trace Trick"])
    """The heading of every paper; by default the name of the file."""
    course: str = Field(default="", examples=["MATH 541: Matrix Calculus"])
    """What stands at the top of every page."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Decides what versions draw: another seed gives other versions."""
    versions: Annotated[int, Field(ge=1, le=MAX_VERSIONS)] = 1
    """How many versions there are."""
    repeats: bool = False
    """Lets questions repeat, in other letters, where there are fewer distinct ones than versions."""
    fair: Tolerance = "similar"
    """How alike the derivations of a question's versions must be: similar is up to two lines apart."""
    notation: Notation = Notation()
    """How mathematics is written."""
    detail: Detail = "standard"
    """How much of each derivation the keys show: every rule, a lecturer's lines, or the result of each chain."""
    convention: Convention | None = None
    """What the derivative by a structured variable means; by default the gradient within its space."""
    instructions: Words | None = Field(default=None, examples=["Name the property that justifies each step."])
    """Words at the top of the problem set; blank lines separate paragraphs."""
    formulas: Annotated[str | tuple[str, ...], PlainValidator(_formulas, json_schema_input_type=OneOrMore)] = Field(
        default="used", examples=["basic", ["tr-cyclic", "d-inverse"]]
    )
    """What the formula sheet has: the rules used in the derivations, basic ones, all, or a list of rules by name."""
    bank: Words | None = Field(default=None, examples=["families"])
    """A folder beside the worksheet with problem families of your own, for `use` and `pick`."""
    roster: Words | None = Field(default=None, examples=["students.csv"])
    """A class list beside the worksheet: each student on it gets a version, with the name on it."""
    share: bool = False
    """Lets the students of a class list share the versions: neighbors in the list get different ones."""
    names: Literal["version", "id"] = "version"
    """What files of students are named by: the version, or the student's id."""
    print: Print = Print()
    """The size of the pages, what they are for, and what is on them besides the questions."""
    engine: EngineName | None = Field(default=None, examples=["lualatex"])
    """The TeX that makes PDF; by default the first of them that is on the computer."""
    problems: Annotated[tuple[Problem, ...], Field(min_length=1)] = Field(
        examples=[[{"function": "Tr(A X)", "wrt": "X"}]]
    )
    """The problems, in order."""

    _source: Source = PrivateAttr()

    def model_post_init(self, context: Source) -> None:
        """Keep the file that it was written in."""
        self._source = context

    @property
    def path(self) -> Path:
        """The file."""
        return self._source.path

    @property
    def stem(self) -> str:
        """The name of the file without its ending, which the files that are built from it begin with."""
        return self.path.stem

    @property
    def class_list(self) -> Path | None:
        """The file of its class list."""
        return class_list(self._source) if self.roster else None

    def place(self, *key: str | int) -> InFile:
        """Where a key stands in the file."""
        return self._source.place(key)

    @property
    def asked(self) -> tuple[tuple[int, str], ...]:
        """For each question its problem, counted from 0, and which part of that it is: (b), or nothing."""
        return tuple(
            (i, f"({letter})" if place else "")
            for i, problem in enumerate(self.problems)
            for letter, (place, _) in zip(ascii_lowercase, problem.asked, strict=False)
        )

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """For each problem its own id, or one made from its function, with a number for a repetition."""
        taken = {problem.id for problem in self.problems}
        ids: list[str] = []
        for problem in self.problems:
            ids.append(problem.id or next(name for name in _default_ids(problem) if name not in taken))
            taken.add(ids[-1])
        return tuple(ids)


def class_list(source: Source) -> Path | None:
    """The class list that a worksheet file names, in its own folder or below; None if it names none there."""
    said = source.data.get("roster") if isinstance(source.data, dict) else None
    here = source.path.parent
    return here / said if isinstance(said, str) and is_inside(here / said, here) else None


def _default_ids(problem: Problem) -> Iterator[str]:
    """The function in letters, with a mark that tells apart what is the same in letters; then numbered."""
    function = " | ".join(" ".join(text.split()) for text in problem.function)
    letters = re.sub(r"[^a-z0-9]+", "-", function.lower()).strip("-")[:24]
    mark = sha256(f"{function}|{problem.wrt}|{problem.find}".encode()).hexdigest()[:4]
    base = f"{letters}-{mark}".strip("-")
    yield base
    yield from (f"{base}-{number}" for number in count(2))
