"""What an instructor writes, as frozen models; every mistake is reported with file, line and key."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property, partial
from hashlib import sha256
from importlib import import_module
from itertools import chain, count
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    PrivateAttr,
    Tag,
    WithJsonSchema,
    model_validator,
)

from generator.document.author_text import AuthorText
from generator.errors import GeneratorError, InFile, Key
from generator.expr.nodes import Dim
from generator.expr.parsing.lexer import normal_name
from generator.expr.parsing.parse import relations
from generator.expr.printing.notation import Notation
from generator.forms import FORMS
from generator.forms.choice import LETTERS
from generator.problems.marking import read_points, read_worth
from generator.rules.identities import RULES
from generator.solver.conventions import Convention
from generator.solver.detail import Detail
from generator.system.output_dir import is_inside
from generator.worksheet.condition import HOW as CONDITIONS
from generator.worksheet.fairness import Tolerance
from generator.worksheet.given import matrix_of, with_given
from generator.worksheet.interpret import FunctionText, Reading, readings
from generator.worksheet.values import Renaming, Values, read_items, read_names, read_sizes, read_values
from generator.worksheet.yaml_source import Slot, Source, nearest

if TYPE_CHECKING:
    from generator.document.model import Question

MAX_VERSIONS = 9999
MAX_BLANKS = 40

EQUATIONS = "Write an equation, such as A x = b, or a list of them."
FUNCTIONS = "Write a function, such as Tr(A X), or a list of alternatives."
FOLDERS = "Write the folder of a build, such as output/midterm, or a list of them."
WORDS = "Write a list of words, such as [symmetric, orthogonal]."
TERMS = "Write terms of the function that a version may leave out, such as [Tr(B^T X)]"

LENGTH = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(cm|mm|in)")
CENTIMETERS = {"cm": 1.0, "mm": 0.1, "in": 2.54}
WIDTH = re.compile(r"(?:\d{1,2}(?:\.\d+)?(?:cm|in)|\d{1,3}mm)|([1-9]\d?|100)%")
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


def _printed(text: AuthorText) -> AuthorText:
    return AuthorText(_words(text))


def _given(said: Mapping[str, str]) -> Mapping[str, str]:
    for name, text in said.items():
        try:
            matrix_of(text)
        except GeneratorError as error:
            raise ValueError(f"{name} is no matrix of numbers: {error}") from None
    return said


def _parts(parts: tuple[object, ...]) -> tuple[object, ...]:
    if len(parts) > len(ascii_lowercase):
        raise ValueError(f"there are more than {len(ascii_lowercase)} parts\nMake it two problems.")
    return parts


Words = Annotated[str, AfterValidator(_words)]
PrintedWords = Annotated[AuthorText, AfterValidator(_printed)]
"""Words that papers print: as they are typed, but for $mathematics$, *emphasis* and **strong emphasis**."""

Ground: TypeAlias = Literal["blank", "ruled", "grid"]
KeyName: TypeAlias = Literal["compact", "by problem", "practice"]
FormatName: TypeAlias = Literal["pdf", "tex", "html"]
Profile: TypeAlias = Literal["plain", "gradescope", "crowdmark"]
Order: TypeAlias = Literal["written", "shuffled"]

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
    size: Literal["normal", "large"] = "normal"
    """The print: large is 17 pt. A class list may have a column `size`, for single students."""
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
    tagged: bool = True
    """Tags the PDF by PDF/UA-1: its structure, and words for each formula and figure, for those who cannot see it."""
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


def _figure(said: object) -> object:
    """A figure with its alt text; a name alone lacks that."""
    if not isinstance(said, str):
        return said
    raise ValueError(f"the figure has no alt text\nWrite it as {{file: {said}, alt: What it shows}}")


def _width(text: str) -> str:
    if not (found := WIDTH.fullmatch(text)):
        raise ValueError(f"must be a length or a share of the line, not {text!r}\nWrite it as 8cm, 3in or 60%.")
    return text if found[1] is None else f"{int(found[1]) / 100:g}\\linewidth"


class Figure(_Model):
    """A picture below the words of a problem."""

    file: Words = Field(examples=["plot.pdf"])
    """A PDF, PNG or JPEG beside the worksheet or in a folder below, or in the course's templates."""
    alt: Words = Field(examples=["Level sets of f, an ellipse for each value"])
    """What it shows, for readers who cannot see it."""
    width: Annotated[str, AfterValidator(_width)] = "0.6\\linewidth"
    """How wide it is printed: a length, or a share of the line; by default 60%."""


class Logo(Figure):
    """A picture at the end of the line with the title of a problem set."""

    width: Annotated[str, AfterValidator(_width)] = "2.5cm"
    """How wide it is printed: a length, or a share of the line; by default 2.5 cm. It is at most 2 cm high."""


class ChoiceFigure(Figure):
    """A picture among the answers to choose from, below the words of its answer, if there are any."""

    width: Annotated[str, AfterValidator(_width)] = "5cm"
    """How wide it is printed: a length, or a share of the line; by default 5 cm; at most a fifth of a page high."""


class Cover(_Model):
    """A page before the problems; everything on it may be left out. The instructions stand on it, too."""

    date: PrintedWords | None = Field(default=None, examples=["14 October 2026, 9:00"])
    """When the exam is."""
    place: PrintedWords | None = Field(default=None, examples=["Hall 3"])
    """Where it is."""
    duration: PrintedWords | None = Field(default=None, examples=["90 minutes"])
    """How long it takes. A class list may have a column `extra time`, which is printed below."""
    aids: PrintedWords | None = Field(default=None, examples=["One sheet of notes; no calculators."])
    """What students may use."""
    pledge: PrintedWords | None = Field(default=None, examples=["I have neither given nor received help."])
    """What students sign; a line for the signature stands below."""
    fields: Annotated[tuple[PrintedWords, ...], Field(max_length=8)] = Field(default=(), examples=[["Section", "Seat"]])
    """What students write besides name and number, each on a line of its own."""
    grading: Literal["problems", "pages", "none"] = "problems"
    """The table for scores: a column for each problem, or for each page on which questions begin; or no table."""


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
    text: Mapping[str, Annotated[tuple[str, ...], _items(WORDS)]] = Field(
        default={}, examples=[{"kind": ["symmetric", "orthogonal"]}]
    )
    """Alternatives for words of your own: for each slot, such as <<kind>>, what may stand there, in LaTeX."""
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

    @cached_property
    def values(self) -> dict[str, Values]:
        """For each symbol that varies, what may stand in its place."""
        return {normal_name(name): values for name, values in sorted(self.__pydantic_extra__.items())}

    @property
    def renamed(self) -> frozenset[str]:
        """The symbols that can have another name in some version, as their names are written."""
        return frozenset(
            normal_name(old)
            for choice in self.names
            for one in choice
            for old, new in one.written.items()
            if len(choice) > 1 or normal_name(old) != normal_name(new)
        )

    @property
    def varied(self) -> tuple[str, ...]:
        """The symbols and dimensions that can look different in some version."""
        return tuple(sorted(self.renamed)) + tuple(self.values) + tuple(self.dimensions)


COUNTED, LISTED = "<number>", "<list>"
"""Tags of the two ways to say `choices`, which no place in a file has."""
ALONE, BY_KEY = "<words>", "<keys>"
"""The same for `alt`."""
TAGS = frozenset({COUNTED, LISTED, ALONE, BY_KEY})


class ChoiceAlternatives(_Model):
    """Plain words for a choice, each with the key whose LaTeX it is."""

    text: Words | None = None
    """What is printed."""
    why: Words | None = None
    """What the key says about it."""


class Alternatives(_Model):
    """Plain words for a question, each with the key whose LaTeX it is, and with the same slots."""

    statement: Words | None = Field(default=None, examples=["Find the gradient of <<function>> by <<wrt>>."])
    """The question."""
    hint: Words | None = None
    """What is printed below the question to help."""
    solution: Words | None = Field(default=None, examples=["The diagram shows a triangle with sides u, v and u + v."])
    """What the key says at length."""
    answer: Words | None = None
    """The short answer."""
    note: Words | None = None
    """What the key says to those who grade."""


def _how_alternatives_are_said(said: object) -> str:
    return BY_KEY if isinstance(said, dict | _Model) else ALONE


class Choice(_Model):
    """One of the answers to choose from in a question of your own."""

    text: Words | None = Field(default=None, examples=[r"$\operatorname{Tr}(AX)$"])
    """What is printed, in LaTeX, with slots for what versions change; may be left out beside a figure."""
    right: bool = False
    """It is a right answer."""
    why: Words | None = Field(default=None, examples=["It is homogeneous of degree n."])
    """What the key says about it."""
    figure: Annotated[ChoiceFigure | None, BeforeValidator(_figure)] = Field(
        default=None, examples=[{"file": "plot.pdf", "alt": "A parabola that opens upwards"}]
    )
    """A picture below its words, or in place of them."""
    alt: (
        Annotated[
            Annotated[Words, Tag(ALONE)] | Annotated[ChoiceAlternatives, Tag(BY_KEY)],
            Discriminator(_how_alternatives_are_said),
        ]
        | None
    ) = Field(default=None, examples=["the trace of AX", {"why": "The curve has a corner at 0."}])
    """Its `text` in plain words, or texts by their keys, for HTML and tags, where these cannot have its LaTeX."""

    @property
    def alternatives(self) -> dict[str, tuple[Key, str]]:
        """For keys of it, where the plain words in place of LaTeX stand below it, and what they are."""
        return _alternatives(self.alt, "text")

    @property
    def shown(self) -> tuple[str, str]:
        """Its words and the file of its figure, by which it differs from the other choices."""
        return self.text or "", self.figure.file if self.figure else ""


def _alternatives(said: str | BaseModel | None, main: str) -> dict[str, tuple[Key, str]]:
    """What `alt` says, by the keys whose LaTeX it is; words alone are those of the main key."""
    match said:
        case None:
            return {}
        case str():
            return {main: (("alt",), said)}
        case _:
            return {name: (("alt", name), text) for name, text in said if text is not None}


Choices: TypeAlias = Annotated[
    Annotated[Annotated[int, Field(ge=2, le=len(LETTERS))], Tag(COUNTED)]
    | Annotated[Annotated[tuple[Choice, ...], Field(min_length=2, max_length=len(LETTERS))], Tag(LISTED)],
    Discriminator(lambda said: LISTED if isinstance(said, list | tuple) else COUNTED),
]


class _Function(_Model):
    """The function that an answer is derived from."""

    function: Annotated[tuple[str, ...], _items(FUNCTIONS)] = Field(
        default=(), examples=["Tr(A X)", ["Tr(A X)", "Tr(X A B)"]]
    )
    """The function, as on the board, in plain text or in LaTeX; or a list of alternatives, one for each version.
    Without it the question is your own, and so is its answer."""
    wrt: Words | None = Field(default=None, examples=["X"])
    """The symbol that the derivative is taken by."""

    @property
    def variable(self) -> str:
        """Its variable, by its usual name; empty where it has none."""
        return normal_name(self.wrt) if self.wrt else ""


class _Subject(_Function):
    """What a problem is about."""

    @model_validator(mode="before")
    @classmethod
    def _with_given(cls, said: object) -> object:
        """Numbers that are given are one value to draw from, and declare their symbols."""
        return with_given(said) if isinstance(said, dict) else said

    id: Annotated[str, AfterValidator(_identifier)] | None = Field(default=None, examples=["least-squares"])
    """A name that stays when the problem is edited: it decides what versions draw. By default from the function."""
    title: PrintedWords | None = Field(default=None, examples=["Trace of a linear product"])
    """What is printed beside the problem's number."""
    figure: Annotated[Figure | None, BeforeValidator(_figure)] = Field(
        default=None, examples=[{"file": "plot.pdf", "alt": "Level sets of f", "width": "8cm"}]
    )
    """A picture below its words."""
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
    fixed: bool = False
    """It is the same in all versions, at the same place: nothing in it may vary, and its choices are not shuffled."""
    break_before: Literal["before"] | None = Field(default=None, alias="break")
    """Begins a new page before it."""


class Asking(_Model):
    """What is asked about a function, and how."""

    statement: Words | None = Field(default=None, examples=["Find the gradient of $<<function>>$ by $<<wrt>>$."])
    """Your own LaTeX for the question, with slots for what versions change; by default it is written for you."""
    alt: (
        Annotated[
            Annotated[Words, Tag(ALONE)] | Annotated[Alternatives, Tag(BY_KEY)],
            Discriminator(_how_alternatives_are_said),
        ]
        | None
    ) = Field(
        default=None,
        examples=["Find the gradient of <<function>> by <<wrt>>.", {"solution": "The triangle has sides u and v."}],
    )
    """Your `statement` in plain words with the same slots, or texts by their keys, for HTML and tags, where these
    cannot have the LaTeX."""
    kind: Words | None = Field(default=None, examples=["author"])
    """The kind of problem: derived, by the program, or author, your own; by default derived if it has a function."""
    solution: Words | None = Field(
        default=None, examples=[r"If $dL = \operatorname{Tr}(G^\top dX)$, then $\nabla L = G$."]
    )
    """Of a question of your own, what the key says at length, in LaTeX."""
    answer: Words | None = Field(default=None, examples=["false", "<<det(A)>>"])
    """Of a question of your own, true or false, with boxes to tick; or a short answer, with a line to write it on."""
    shuffle: bool | None = None
    """Puts the choices of a question of your own into another order in each version; by default true."""
    hint: Words | None = Field(default=None, examples=["Write the norm as a trace."])
    """What is printed below the question to help, in LaTeX."""
    note: Words | None = Field(default=None, examples=["Accept any order of the factors."])
    """What the key says to those who grade, in LaTeX."""
    bonus: bool = False
    """Its points are not in the total."""
    shows: Literal["function"] | None = None
    """Declares that a `statement` without <<function>> or <<wrt>> says in other words what the key works out."""
    find: Literal["derivative", "differential", "hessian", "stationary", "value"] = "derivative"
    """What is asked for: derivative is the gradient or Jacobian; stationary, where it is 0; value, the function."""
    detail: Detail | None = None
    """How much of the derivation the key shows; by default as the worksheet says."""
    convention: Convention | None = None
    """What the derivative by a structured variable means; by default as the worksheet says."""
    subject_to: Annotated[tuple[str, ...], _items(EQUATIONS), AfterValidator(relations)] = Field(
        default=(), examples=["A x = b"]
    )
    """Equations that a stationary point has to meet, or bounds of the variable: `x >= 0`, `l <= x <= u`."""
    points: Annotated[
        Fraction, PlainValidator(read_worth, json_schema_input_type=Annotated[float, Field(ge=0, le=1000)])
    ] = Field(default=Fraction(5), examples=[6, 2.5])
    """What it is worth, in whole points or halves; 0 prints no points."""
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
    choices: Choices | None = Field(
        default=None, examples=[5, [{"text": "linear", "right": True}, {"text": "convex", "why": "Not for $A = -I$."}]]
    )
    """How many answers there are to choose from, in the form choice, by default 4; or in a question of your own, the
    answers."""
    blanks: Annotated[int, Field(ge=1, le=MAX_BLANKS)] | None = Field(default=None, examples=[3])
    """How many blanks there are, in the forms fill-in (by default every third line) and identify (every reason)."""

    @property
    def in_numbers(self) -> bool:
        """It is worked out at the numbers that are drawn for matrices and vectors, where there are any."""
        return True

    @property
    def alternatives(self) -> dict[str, tuple[Key, str]]:
        """For keys of it, where the plain words in place of LaTeX stand below it, and what they are."""
        return _alternatives(self.alt, "statement")


class Part(Asking, _Function):
    """A part of a problem: another question about the same function, about one of its own, or your own question.

    It shares all that versions draw.
    """

    numeric: bool = False
    """Asks for it at the numbers drawn for matrices and vectors; other parts are asked in letters."""

    @property
    def in_numbers(self) -> bool:
        """It is worked out at the numbers that are drawn for matrices and vectors."""
        return self.numeric or self.find == "value"


ASKS_FOR_VALUES: dict[str, Any] = {
    "anyOf": [{"required": ["parts"]}, {"properties": {"find": {"const": "value"}}, "required": ["find"]}]
}
"""The JSON Schema of problems that may do without a variable."""


class Problem(Asking, _Subject):
    """One problem as its author wrote it."""

    model_config = ConfigDict(
        json_schema_extra={"if": {"required": ["function"], "not": ASKS_FOR_VALUES}, "then": {"required": ["wrt"]}}
    )

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

    def kind_of(self, asking: Asking) -> str:
        """The name of the kind of problem that the problem or one of its parts is."""
        if (said := asking.kind or self.kind) is not None:
            return said
        if isinstance(asking, _Function) and asking.function:
            return DERIVED
        is_own = asking.solution or asking.answer or isinstance(asking.choices, tuple)
        return AUTHOR if is_own or not self.function else DERIVED

    def subject_of(self, place: Key, asking: Asking) -> Key:
        """Where the function stands that a derived question is about: in its part, or beside all parts."""
        return place if isinstance(asking, Part) and asking.function else ()

    @property
    def derived(self) -> tuple[tuple[Key, Asking], ...]:
        """The questions whose answers are derived from a function."""
        return tuple((place, asking) for place, asking in self.asked if self.kind_of(asking) == DERIVED)

    def _drawn_in(self, place: Key) -> str:
        """A symbol with numbers in the function at a place, if nothing but its value is asked for; else empty.

        A value is not taken by any variable; it is told apart from others by the numbers of its first symbol.
        """
        asked = [asking for at, asking in self.derived if self.subject_of(at, asking) == place]
        subject = dict(self.asked)[place] if place else self
        function = subject.function if isinstance(subject, _Function) else ()
        if not asked or any(asking.find != "value" for asking in asked):
            return ""
        return next((name for name in self.vary.values if all(name in text for text in function)), "")

    @cached_property
    def functions(self) -> dict[Key, FunctionText]:
        """The functions of the problem and of its parts, by the places where they stand."""
        own = {place: part for place, part in self.asked if isinstance(part, Part) and part.function}
        written = {(): self.function, **{place: part.function for place, part in own.items()}}
        wrt = {place: getattr(own.get(place), "wrt", None) or self.wrt or self._drawn_in(place) for place in written}
        return {
            place: FunctionText(
                function,
                wrt[place],
                tuple(
                    dict.fromkeys(
                        chain.from_iterable(
                            asking.subject_to for at, asking in self.derived if self.subject_of(at, asking) == place
                        )
                    )
                ),
            )
            for place, function in written.items()
            if function
        }

    @property
    def words(self) -> Iterator[tuple[Key, str]]:
        """All words of the author with slots, by their places below the problem."""
        for place, asking in {(): self, **dict(self.asked)}.items():
            yield from (((*place, *key), text) for key, text in own_words(asking))

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """What the alternatives for the function mean; raises what `read` raises."""
        return readings(self)


DERIVED, AUTHOR = "derived", "author"
"""The kinds of problem that are recognized by their keys."""

OF_A_PART = tuple(key for key in Asking.model_fields if key not in {"detail", "convention", "ground", "kind", "bonus"})
"""What each part says for itself; the rest it may leave to its problem."""


LATEX_KEYS = tuple(Alternatives.model_fields)
"""The keys of a question that are LaTeX."""


def own_words(asking: Asking) -> Iterator[tuple[Key, str]]:
    """The author's words of a question, by the keys that they are said with."""
    for key in LATEX_KEYS:
        if text := getattr(asking, key):
            yield (key,), text
    yield from asking.alternatives.values()
    for i, choice in enumerate(asking.choices if isinstance(asking.choices, tuple) else ()):
        if choice.text:
            yield ("choices", i, "text"), choice.text
        if choice.why:
            yield ("choices", i, "why"), choice.why
        yield from ((("choices", i, *key), text) for key, text in choice.alternatives.values())


class Section(_Model):
    """Problems below a heading."""

    title: PrintedWords = Field(examples=["Short questions"])
    """The heading."""
    instructions: PrintedWords | None = Field(default=None, examples=["Circle one answer. No reasons are needed."])
    """Words below the heading; blank lines separate paragraphs."""
    order: Order | None = None
    """The order of its problems; by default as the worksheet says."""
    break_before: Literal["before"] | None = Field(default=None, alias="break")
    """Begins a new page before it."""


def written_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model as they are written in a file."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


class Family(Problem):
    """A problem of the bank, with what it is about and where it comes from."""

    title: PrintedWords
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

    title: PrintedWords = Field(default=AuthorText(), examples=["The Trace Trick"])
    """The heading of every paper; by default the name of the file."""
    course: AuthorText = Field(default=AuthorText(), examples=["MATH 541: Matrix Calculus"])
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
    instructions: PrintedWords | None = Field(default=None, examples=["Name the property that justifies each step."])
    """Words at the top of the problem set; blank lines separate paragraphs. In all words that papers print, $...$ is
    mathematics and *...* emphasis."""
    logo: Annotated[Logo | None, BeforeValidator(_figure)] = Field(
        default=None, examples=[{"file": "seal.png", "alt": "University of Examples"}]
    )
    """A logo beside the title of each problem set."""
    cover: Cover | None = Field(default=None, examples=[{"duration": "90 minutes", "fields": ["Section"]}])
    """A cover page; without it, name, instructions and the table for scores stand above the first problem."""
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
    avoid: Annotated[tuple[str, ...], _items(FOLDERS)] = Field(default=(), examples=["output/midterm"])
    """Folders of earlier builds: no question is, as mathematics, one of theirs, as for a make-up exam."""
    print: Print = Print()
    """The size of the pages, what they are for, and what is on them besides the questions."""
    engine: EngineName | None = Field(default=None, examples=["lualatex"])
    """The TeX that makes PDF; by default the first of them that is on the computer."""
    order: Order = "written"
    """The order of the problems: as they are written, or shuffled anew for each version, in each section by itself."""
    sections: Annotated[tuple[Section, ...], Field(min_length=1)] = Field(
        default=(), examples=[[{"title": "Short questions", "problems": [{"function": "Tr(A X)", "wrt": "X"}]}]]
    )
    """Headings with their problems, in place of `problems`."""
    problems: Annotated[tuple[Problem, ...], Field(min_length=1)] = Field(
        examples=[[{"function": "Tr(A X)", "wrt": "X"}]]
    )
    """The problems, in order."""

    _source: Source = PrivateAttr()
    _files: Mapping[str, bytes] = PrivateAttr(default={})
    _stem: str = PrivateAttr("")
    _given: tuple[float, ...] = PrivateAttr(())

    def model_post_init(self, context: Source) -> None:
        """Keep the file that it was written in."""
        self._source = context

    @property
    def path(self) -> Path:
        """The file."""
        return self._source.path

    @property
    def files(self) -> Mapping[str, bytes]:
        """The contents of its figures, by their names."""
        return self._files

    def keep_files(self, files: Mapping[str, bytes]) -> None:
        """Set the contents of its figures, which are read when it is loaded."""
        self._files = files

    @property
    def stem(self) -> str:
        """The name of the file without its ending, which the files that are built from it begin with."""
        return self._stem or self.path.stem

    @property
    def given(self) -> tuple[float, ...]:
        """The fingerprints, in ascending order, of questions that were given before and are to be avoided."""
        return self._given

    def avoiding(self, given: tuple[float, ...], stem: str) -> "Worksheet":
        """The worksheet with questions, by their fingerprints, to avoid, and with a name for what is built from it."""
        found = self.model_copy()
        found._given, found._stem = given, stem
        return found

    def _repr_html_(self) -> str:
        """The problems of the first version with their answers, as notebooks show them: HTML with MathML.

        Notebooks ask the object itself, though HTML is made by a package above this one, which is why it is imported by
        its name.
        """
        return str(import_module("generator.building.preview").preview_excerpt(self))

    @property
    def class_list(self) -> Path | None:
        """The file of its class list."""
        return class_list(self._source) if self.roster else None

    def place(self, *key: str | int) -> InFile:
        """Where a key stands in the file."""
        return self._source.place(key)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Its problems in order, those of a pool together."""
        return self._source.slots or tuple(Slot((i,)) for i in range(len(self.problems)))

    @property
    def problems_in_a_version(self) -> int:
        """How many problems each version has."""
        return sum(slot.pick for slot in self.slots)

    @property
    def is_arranged_alike(self) -> bool:
        """Every version has every problem, with the same number."""
        return not any(slot.varies or self.order_of(slot.section) == "shuffled" for slot in self.slots)

    def section_of(self, problem: int) -> int | None:
        """The section, counted from 0, of a problem by its place from 0; None where there are no sections."""
        return next(slot.section for slot in self.slots if problem in slot.problems)

    def order_of(self, section: int | None) -> Order:
        """The order of the problems of a section, or of all where there is none."""
        own = None if section is None else self.sections[section].order
        return own or self.order

    def place_of(self, question: "Question", *, whole: bool = False) -> InFile:
        """Where the words of a question of a document stand, or those before all parts of its problem.

        Where its author has written none, it is the place of the function.
        """
        is_own = question.has_own_preface if whole else question.has_own_statement
        part = ("parts", ascii_lowercase.index(question.part)) if is_own and question.part and not whole else ()
        return self.place("problems", question.problem - 1, *part, "statement" if is_own else "function")

    @property
    def printed_words(self) -> Iterator[tuple[Key, AuthorText]]:
        """The author's words that are no LaTeX but may have formulas in it, by their places."""
        yield from _printed_words((), self)
        if self.cover:
            yield from _printed_words(("cover",), self.cover)
            yield from ((("cover", "fields", i), text) for i, text in enumerate(self.cover.fields))
        for i, section in enumerate(self.sections):
            yield from _printed_words(("sections", i), section)
        for i, problem in enumerate(self.problems):
            yield from _printed_words(("problems", i), problem)

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


def _printed_words(place: Key, model: _Model) -> Iterator[tuple[Key, AuthorText]]:
    """The keys of a model itself that have such words."""
    yield from (((*place, name), value) for name, value in model if isinstance(value, AuthorText) and value)


def class_list(source: Source) -> Path | None:
    """The class list that a worksheet file names, in its own folder or below; None if it names none there."""
    said = source.data.get("roster") if isinstance(source.data, dict) else None
    here = source.path.parent
    return here / said if isinstance(said, str) and is_inside(here / said, here) else None


def _default_ids(problem: Problem) -> Iterator[str]:
    """The function in letters, with a mark that tells apart what is the same in letters; then numbered.

    Of a problem without a function, the author's words.
    """
    said = problem.function or (problem.title or "", *(text for _, text in problem.words))
    function = " | ".join(" ".join(text.split()) for text in said)
    letters = re.sub(r"[^a-z0-9]+", "-", function.lower()).strip("-")[:24]
    mark = sha256(f"{function}|{problem.wrt}|{problem.find}".encode()).hexdigest()[:4]
    base = f"{letters}-{mark}".strip("-")
    yield base
    yield from (f"{base}-{number}" for number in count(2))
