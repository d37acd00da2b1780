"""Problems whose answers the program derives from a function, and verifies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from generator.errors import GeneratorError, WorksheetError
from generator.expr.evaluate.exact import as_expr
from generator.expr.inequalities import constraint_text
from generator.expr.nodes import SCALAR, Symbol
from generator.expr.parsing.parse import read
from generator.expr.printing.plain import plain, prose
from generator.forms import FORMS, misplaced
from generator.forms.writer import derived_question
from generator.problems.question import DerivedQuestion, Pattern
from generator.problems.settings import CHOICES, DERIVE, FormSettings
from generator.problems.solved import SolvedDerived
from generator.worksheet.fairness import signature
from generator.worksheet.interpret import subject_to
from generator.worksheet.kinds.derived_solver import DerivedSolver
from generator.worksheet.kinds.protocol import Findings, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.document import model
    from generator.errors import Key
    from generator.expr.evaluate.exact import Rows
    from generator.problems.question import Question
    from generator.problems.solved import SolvedQuestion
    from generator.worksheet.draw import Asked, DrawnSubject
    from generator.worksheet.fairness import Signature
    from generator.worksheet.interpret import FunctionText, Subject
    from generator.worksheet.kinds.protocol import Drawn, Mistake
    from generator.worksheet.spec import Asking, Problem

LAGRANGIAN = Symbol("L", SCALAR)
"""What no part may call the function of a problem where another part writes down a Lagrangian."""

WIDEST = 66
"""So many glyphs that stand in a row, with no place to break, are as wide as a page."""


class DerivedKind(Kind):
    """The gradient of a function, where it is zero, its value."""

    name: ClassVar[str] = "derived"
    description: ClassVar[str] = "a question that is derived from a function"
    is_verified: ClassVar[bool] = True
    keys: ClassVar[frozenset[str]] = frozenset(
        {"shows", "find", "detail", "convention", "subject_to", "form", "blanks", "numeric", "function", "wrt"}
    )
    told: ClassVar[frozenset[str]] = frozenset(
        ("function", "wrt", "find", "subject_to", "numbers", "answer", "conditions")
    )

    def missing(self, problem: Problem, place: Key, asking: Asking) -> Iterator[Mistake]:
        """A function and its variable."""
        written = problem.functions.get(problem.subject_of(place, asking))
        if written is None:
            lacks, remedy = "function", "Say which function, such as  function: Tr(A X)"
        elif not written.wrt and asking.find == "value":
            for text in written.function:
                try:
                    read(text)
                except GeneratorError as error:
                    yield (*problem.subject_of(place, asking), "function"), error
                    return
            yield (
                (*place, "find"),
                WorksheetError(
                    "there are no numbers of which a value could be worked out",
                    remedy="Write them where they stand, such as  function: det([2 1; 1 3]), give them, such as"
                    "  given: {A: '[2 1; 1 3]'}, or draw them, such as  vary: {A: -3..3}",
                ),
            )
            return
        elif not written.wrt:
            lacks, remedy = "wrt", "Say what the derivative is taken by, such as  wrt: X"
        else:
            return
        yield place, WorksheetError(f"the key '{lacks}' is missing", remedy=remedy)

    def mistakes(self, problem: Problem, place: Key, asking: Asking) -> Iterator[Mistake]:
        """A form that lacks a key, or has one of another form."""
        if isinstance(asking.choices, tuple):
            yield (
                (*place, "choices"),
                WorksheetError(
                    "a question that is derived from a function finds its own wrong answers",
                    remedy="Say how many there are, such as  form: choice  and  choices: 4",
                ),
            )
        said = frozenset(key for key in asking.model_fields_set if getattr(asking, key) is not None)
        for key, error in misplaced(asking.form, said):
            yield (*place, key), error

    def question(self, asked: Asked) -> DerivedQuestion:
        """The function, with what is drawn put in."""
        problem, asking, renaming = asked.problem, asked.asking, asked.renaming
        at = problem.subject_of(asked.place, asking)
        written, subject = problem.functions[at], asked.substance.subjects[at]
        present = subject.function.symbols.union(*(side.symbols for both in subject.equations for side in both))
        symbols = [*asked.substance.reading.symbols.values(), *sorted(present, key=lambda s: s.name)]
        declared = tuple(renaming.symbol(symbol) for symbol in dict.fromkeys(symbols) if symbol in present)
        free = written.equations and LAGRANGIAN.name not in {symbol.name for symbol in declared}
        data = given_to(asking, asked.substance.reading.subjects[at], asked.substance.data)
        head = {**asked.head, "alternatives": {**asked.head["alternatives"], **asked.plain_words(asking, data)}}
        return DerivedQuestion(
            **head,
            statement=asked.words(asking.statement, data) or None,
            function=renaming.of(subject.function),
            wrt=renaming.variable(subject),
            member=renaming.member(subject.member) if subject.member is not None else None,
            find=asking.find,
            conventions=asked.conventions,
            detail=asking.detail or problem.detail or asked.worksheet.detail,
            subject_to=tuple(
                (renaming.of(left), renaming.of(right))
                for left, right in subject_to(asking, written, subject.equations)
            ),
            symbols=declared,
            pattern=subject.pattern and renaming.pattern(_pattern_of(asking, written, subject)),
            data={renaming.symbol(symbol): rows for symbol, rows in data.items()},
            form=_form(asked),
            others=(*declared, *([LAGRANGIAN] if free and not asking.subject_to else [])) if asked.place else (),
            has_own_function=bool(at),
        )

    def solver(self, draws: Drawn) -> DerivedSolver:
        """Derives each question once."""
        return DerivedSolver(draws)

    def document(self, solved: SolvedQuestion, parts: Sequence[SolvedQuestion]) -> model.Question:
        """A question in its form."""
        return derived_question(_derived(solved), parts)

    def to_json(self, solved: SolvedQuestion) -> dict[str, Any]:
        """What is derived from what."""
        one = _derived(solved)
        question, derivation, form = one.question, one.derivation, FORMS[one.question.form.name]
        return {
            "function": plain(question.function),
            "wrt": question.wrt.name,
            "find": question.find,
            "subject_to": list(map(constraint_text, question.subject_to)),
            "numbers": {symbol.name: plain(as_expr(rows)) for symbol, rows in question.data.items()},
            "answer": str(derivation.outcome),
            "conditions": [prose(condition) for condition in derivation.conditions],
            **({"form": form.name} | form.to_json(one.asked) if one.asked else {}),
        }

    def signature(self, solved: SolvedQuestion) -> Signature:
        """The rules of the lines, in order."""
        return signature(_derived(solved).derivation)

    def rules(self, solved: SolvedQuestion) -> Iterator[str]:
        """The rules of all lines and of the single steps that lines take together."""
        for line in _derived(solved).derivation.lines:
            yield line.rule
            yield from (step.rule.name for step in line.steps)

    def findings(self, solved: SolvedQuestion) -> Findings:
        """The lines that were verified, what is ugly, and what is too wide."""
        from generator.document.formula import Formula, Sentence
        from generator.document.width import longest_run
        from generator.forms.choice import Choices
        from generator.solver.wrong import WrongDerivation
        from generator.worksheet.lint import faults

        one = _derived(solved)
        lines = dict.fromkeys(line.right for line in one.derivation.lines)
        return Findings(
            one.derivation.verified.lines,
            len(one.asked.options) - 1 if isinstance(one.asked, Choices) else 0,
            tuple(faults(one.derivation)),
            tuple(plain(e) for e in lines if longest_run(Sentence((Formula(e),))) > WIDEST),
            one.asked.number if isinstance(one.asked, WrongDerivation) else 0,
        )

    def identity(self, question: Question) -> str:
        """The function and its variable, what is sought, and the numbers."""
        assert isinstance(question, DerivedQuestion)
        equations = list(map(constraint_text, question.subject_to))
        numbers = {symbol.name: plain(as_expr(rows)) for symbol, rows in question.data.items()}
        return json.dumps([plain(question.function), question.wrt.name, question.find, equations, numbers])


def given_to(asking: Asking, subject: Subject, data: Mapping[Symbol, Rows]) -> dict[Symbol, Rows]:
    """The numbers that a question is worked out at: all of its symbols but those of what it looks for."""
    sought = {subject.variable} if asking.find in ("stationary", "differential") else set()
    known = {subject.variable, *subject.symbols} - sought
    return {symbol: rows for symbol, rows in data.items() if asking.in_numbers and symbol in known}


def _derived(solved: SolvedQuestion) -> SolvedDerived:
    assert isinstance(solved, SolvedDerived)
    return solved


def _pattern_of(asking: Asking, written: FunctionText, subject: DrawnSubject) -> Pattern:
    """What a question is drawn from: the numbers and equations that occur in it."""
    pattern = subject.pattern
    assert pattern
    equations = subject_to(asking, written, pattern.subject_to)
    present = pattern.function.symbols.union(*(side.symbols for sides in equations for side in sides))
    return Pattern(pattern.function, equations, {e: value for e, value in pattern.numbers.items() if e in present})


def _form(asked: Asked) -> FormSettings:
    """How a question is asked, with a key of its own where something is drawn for that."""
    asking = asked.asking
    if asking.form == "derive":
        return DERIVE
    return FormSettings(
        asking.form,
        choices=asking.choices if isinstance(asking.choices, int) else CHOICES,
        blanks=asking.blanks,
        detail=asking.detail or asked.problem.detail or asked.worksheet.detail,
        own_words=asking.statement is not None,
        key=asked.key,
        turn=asked.turn if FORMS[asking.form].takes_turns else 0,
    )
