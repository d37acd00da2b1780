"""Forms of a question: how it is asked, and what is printed with it besides its statement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypeAlias

from generator.algebra.exact import NoValueError, as_expr
from generator.algebra.plain import plain, prose
from generator.derivation.conventions import structure_of
from generator.derivation.derivation import Equation
from generator.derivation.evaluation import answer, evaluated
from generator.derivation.wrong import WrongDerivation, distractors, is_short, wrong_derivations
from generator.errors import FormError, Unsupported, WorksheetError
from generator.worksheet.blanks import Blanks, lines_to_fill, reasons_to_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.algebra.exact import Rows
    from generator.algebra.expr import Expr, Symbol
    from generator.derivation.derivation import Derivation
    from generator.derivation.detail import Detail
    from generator.derivation.mistakes import Mistake
    from generator.derivation.wrong import Distractor
    from generator.worksheet.source import Key
    from generator.worksheet.spec import Asking

FormName = Literal["derive", "choice", "find-the-error", "fill-in", "identify"]
WITH_BLANKS = ("fill-in", "identify")

LETTERS = "ABCDEFGH"
OTHERWISE = "Ask for it with  form: derive"
MANY = 20
"""How many wrong formulas are looked for where numbers have to tell them apart."""
CHOICES = 4
"""How many answers there are to choose from, if a problem does not say."""


@dataclass(frozen=True)
class Form:
    """How a question is asked; all that is drawn for it follows from its key."""

    name: FormName = "derive"
    choices: int = CHOICES
    blanks: int | None = None
    """How many there are; None leaves it to the derivation."""
    detail: Detail = "standard"
    own_words: bool = False
    """The statement is the author's own, and need not say how a derivative is laid out."""
    key: str = ""


DERIVE = Form()


@dataclass(frozen=True)
class Option:
    """An answer to choose, and the mistake that leads to it; none for the right one."""

    letter: str
    answer: Expr
    mistake: Mistake | None = None


@dataclass(frozen=True)
class Choices:
    """The answers to choose from, in the order in which they are printed."""

    options: tuple[Option, ...]

    @property
    def right(self) -> Option:
        """The right one."""
        return next(option for option in self.options if option.mistake is None)


Asked: TypeAlias = Choices | WrongDerivation | Blanks | None
"""What a student is given besides the statement: nothing where a derivation is asked for."""


def ask(derivation: Derivation, form: Form, data: Mapping[Symbol, Rows]) -> Asked:
    """What a form makes of a derivation, before numbers are put in; raises FormError where it can make nothing."""
    if derivation.find == "value":
        raise FormError("the value of a function comes without a derivation", remedy=OTHERWISE)
    match form.name:
        case "derive":
            return None
        case "choice":
            return _choices(derivation, form, data)
        case "find-the-error" if data:
            raise FormError("a derivation with an error ends in a formula, not in numbers", remedy=OTHERWISE)
        case "find-the-error":
            return _with_error(derivation, form)
        case "fill-in" | "identify":
            return _blanks(evaluated(derivation, data) if data else derivation, form)


def told(asked: Choices | WrongDerivation | Blanks) -> dict[str, object]:
    """What is to be found, for programs."""
    match asked:
        case Choices():
            return {
                "choices": {option.letter: plain(option.answer) for option in asked.options},
                "letter": asked.right.letter,
            }
        case WrongDerivation():
            return {"line": asked.number, "mistake": asked.mistake.name}
        case Blanks(gaps):
            return {"blanks": [{"line": gap.line + 1, "filling": prose(gap.filling)} for gap in gaps]}


def misplaced(problem: Asking) -> Iterator[tuple[Key, WorksheetError]]:
    """Keys that say something of another form than the problem's."""
    if problem.choices is not None and problem.form != "choice":
        yield ("choices",), WorksheetError("there is nothing to choose in this form", remedy="Add  form: choice")
    if problem.blanks is not None and problem.form not in WITH_BLANKS:
        yield ("blanks",), WorksheetError("there are no blanks in this form", remedy="Add  form: fill-in")


def could_be_transposed(derivation: Derivation) -> bool:
    """The answer is a gradient by a square matrix, which some write as its transpose: a choice says which it is."""
    wrt = derivation.wrt
    is_square = wrt.is_square and not wrt.is_scalar and structure_of(wrt) is None
    return derivation.find == "derivative" and derivation.is_gradient and is_square


def _states_layout(derivation: Derivation, form: Form) -> bool:
    """The statement leaves no doubt of how the answer is laid out."""
    if form.own_words or derivation.find != "derivative":
        return False
    if could_be_transposed(derivation):
        return True
    function, wrt = derivation.function, derivation.wrt
    is_jacobian = not function.is_scalar and not wrt.is_scalar
    return is_jacobian or (derivation.conventions.layout != "gradient" and structure_of(wrt) is None)


def _choices(derivation: Derivation, form: Form, data: Mapping[Symbol, Rows]) -> Choices:
    if isinstance(derivation.outcome, Equation):
        raise FormError("the answer is an equation, and there are no wrong ones to choose from", remedy=OTHERWISE)
    needed = form.choices - 1
    stated = _states_layout(derivation, form)
    if data:
        right, wrong = _in_numbers(derivation, distractors(derivation, MANY, form.key, layout_is_stated=stated), data)
    else:
        right, wrong = derivation.result, distractors(derivation, needed, form.key, layout_is_stated=stated)
    if len(wrong) < needed:
        raise FormError(
            f"too few wrong answers for {form.choices} choices: {needed} needed, {len(wrong) or 'none'} found in the"
            f" table of mistakes that differ{'s' * (len(wrong) < 2)} from the right one and from all others",
            remedy=f"Write  choices: {len(wrong) + 1}" if wrong else OTHERWISE,
        )
    answers = [(right, None), *((one.answer, one.mistake) for one in wrong[:needed])]
    answers.sort(key=lambda pair: _rank(form, plain(pair[0])))
    return Choices(tuple(Option(letter, *pair) for letter, pair in zip(LETTERS, answers, strict=False)))


def _in_numbers(
    derivation: Derivation, wrong: Sequence[Distractor], data: Mapping[Symbol, Rows]
) -> tuple[Expr, tuple[Distractor, ...]]:
    """The answers at given numbers, exactly; wrong ones that have a value there, each another."""
    right = answer(derivation, data)
    taken = [right]
    found = []
    for one in wrong:
        try:
            rows = answer(replace(derivation, outcome=one.answer), data)
        except (NoValueError, Unsupported):
            continue
        if rows not in taken:
            taken.append(rows)
            found.append(replace(one, answer=as_expr(rows)))
    return as_expr(right), tuple(found)


def _rank(form: Form, text: str) -> bytes:
    """A place in an order by the form's key."""
    return sha256(f"{form.key} {text}".encode()).digest()


def _with_error(derivation: Derivation, form: Form) -> WrongDerivation:
    """The first wrong derivation by the form's key; if it can be, one in which something follows from the error."""
    best: WrongDerivation | None = None
    for wrong in wrong_derivations(derivation, form.detail, form.key):
        if is_short(wrong.derivation.result, derivation):
            if wrong.below:
                return _without_steps(wrong)
            best = best or wrong
    if best is None:
        raise FormError("no mistake of the table leads to another answer here", remedy=OTHERWISE)
    return _without_steps(best)


def _without_steps(wrong: WrongDerivation) -> WrongDerivation:
    """What is printed of it: single steps are not, and those by false rules cannot be handed between processes."""
    stages = tuple(
        replace(stage, lines=tuple(replace(line, steps=()) for line in stage.lines))
        for stage in wrong.derivation.stages
    )
    return replace(wrong, derivation=replace(wrong.derivation, stages=stages))


def _blanks(derivation: Derivation, form: Form) -> Blanks:
    """So many blanks as are asked for, else as many as suit the derivation; at least one."""
    to_fill = lines_to_fill if form.name == "fill-in" else reasons_to_name
    gaps = to_fill(derivation, form.blanks, lambda text: _rank(form, text))
    wanted = form.blanks or 1
    if len(gaps) < wanted:
        count = len(derivation.lines)
        kinds = "lines that can be left blank" if form.name == "fill-in" else "reasons that name a property"
        raise FormError(
            f"too few {kinds}: {wanted} needed, {len(gaps) or 'none'} found in a derivation of {count}"
            f" line{'s' * (count > 1)}",
            remedy=f"Write  blanks: {len(gaps)}" if gaps else _finer(form),
        )
    return Blanks(gaps)


def _finer(form: Form) -> str:
    return (
        OTHERWISE if form.detail == "full" else "Show every rule with  detail: full, or ask for it with  form: derive"
    )
