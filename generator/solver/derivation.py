"""What the solver makes: stages of lines, each line an equation with the rule that gave it, ending in the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from generator.errors import Unsupported
from generator.expr.functions import OF_ENTRIES
from generator.expr.inequalities import constraint_text
from generator.expr.messages import Message, Sentence
from generator.expr.nodes import INDEX_NAMES, ONE, Member, named
from generator.expr.printing.latex import latex
from generator.expr.printing.notation import STANDARD, Notation
from generator.expr.printing.plain import plain, prose, terminal, terminal_prose
from generator.solver.short_names import in_names

if TYPE_CHECKING:
    from generator.expr.messages import Text
    from generator.expr.nodes import Expr, Symbol
    from generator.rules.rule import Step
    from generator.solver.conventions import Conventions
    from generator.solver.short_names import Named


@dataclass(frozen=True)
class Line:
    """left = right, the rule that it follows by, and why."""

    left: Expr
    right: Expr
    rule: str
    because: Text
    steps: tuple[Step, ...] = ()
    """The single rewritings that this line takes together."""
    start: Expr | None = None
    """What the steps begin from: equal to the left side by an earlier line or by definition."""
    where: str | None = None
    """"stationary" for a line that holds only where the gradient is zero."""
    mark: int | None = None
    """The number in a circle by which a later line refers to this one."""

    @property
    def sides(self) -> tuple[Expr, Expr]:
        """Left and right."""
        return self.left, self.right


@dataclass(frozen=True)
class Stage:
    """What a page calls a step: a title and a chain of lines."""

    title: Text
    lines: tuple[Line, ...]
    introduces: str = ""
    """The rule whose reason the title gives already."""

    @property
    def kind(self) -> str:
        """The id of its title's message, which is the same whatever symbols the title names."""
        return self.title.message.id if isinstance(self.title, Sentence) else ""

    @property
    def equations(self) -> tuple[tuple[Expr, Expr], ...]:
        """The sides of its lines."""
        return tuple(line.sides for line in self.lines)


@dataclass(frozen=True)
class Verified:
    """How many lines were checked on random numbers, and the largest relative error among them."""

    lines: int
    max_error: float


@dataclass(frozen=True)
class Equation:
    """Left = right, which holds exactly at the stationary points where no formula gives them: A x = L x."""

    left: Expr
    right: Expr
    factor: Expr
    """The gradient is this, which is never zero, times left - right."""
    pencil: tuple[Expr, Expr]
    """The matrices A and B whose eigenvectors, A x = λ B x, solve it."""

    @property
    def sides(self) -> tuple[Expr, Expr]:
        """Left and right."""
        return self.left, self.right

    def __str__(self) -> str:
        return f"{plain(self.left)} = {plain(self.right)}"


@dataclass(frozen=True)
class Constraints:
    """What a function, by its own name, is subject to: equations, and the multiplier of each at the solution."""

    objective: Expr
    value: Symbol
    equations: tuple[tuple[Expr, Expr], ...]
    multipliers: dict[Symbol, Expr]
    others: tuple[dict[Symbol, Expr], ...] = ()
    """Other points, each as the values of the variable and the multipliers."""


TERMS = Message("terms-of-member", "These are the terms of {whole} that contain {member}; the others are constant.")


@dataclass(frozen=True)
class Whole:
    """A function of a family; a derivation by one member begins with the terms that contain that."""

    function: Expr
    member: Member
    alike: dict[Symbol, Member | None]
    """Symbols with the index of the member: members of other families, and None for a unit vector."""


@dataclass(frozen=True)
class Derivation:
    """An answer and every line of the way to it."""

    function: Expr
    wrt: Symbol
    find: str
    conventions: Conventions
    symbols: dict[str, Symbol]
    value: Symbol
    answer: Symbol
    definitions: dict[Symbol, Expr]
    stages: tuple[Stage, ...]
    outcome: Expr | Equation
    """The answer; an equation where no formula gives the stationary points."""
    conditions: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()
    divisors: tuple[Expr, ...] = ()
    """Inverses and reciprocals that must exist for the outcome to be the only one, whether or not it shows them."""
    subject_to: Constraints | None = None
    """Where there are constraints, `function` is the Lagrangian."""
    verified: Verified = field(default_factory=lambda: Verified(0, 0.0))
    solutions: tuple[tuple[Expr, Expr], ...] = ()
    """The equations that answer the question, where the outcome has several parts: each eigenvalue, for one."""
    notes: tuple[str, ...] = ()
    """Notes on parts of the text with several readings: the one that was chosen."""
    with_matrices: Named | None = None
    """The outcome by samples, said with the matrices whose rows they are."""
    others: dict[Symbol | Member, Expr] = field(default_factory=dict)
    """Definitions of constants: sums over a family without the terms of the member that is the variable."""
    whole: Whole | None = None
    """Where the variable is a member of a family, the function of which `function` has the terms that contain it."""

    @property
    def convention(self) -> str:
        """What the derivative by a structured variable means; "unstructured" for a variable that has no structure."""
        return str(self.conventions.structured)

    @property
    def is_gradient(self) -> bool:
        """The derivative is of a scalar, has the shape of the variable, and dL = Tr(G′dX) holds for it."""
        turned = self.conventions.turn(self.function.shape, self.wrt.shape)
        scalar = self.function.is_scalar and not self.wrt.is_scalar
        return scalar and not turned and self.convention != "independent entries"

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of all stages."""
        return tuple(line for stage in self.stages for line in stage.lines)

    def after(self, earlier: Derivation) -> tuple[Stage, ...]:
        """The stages that are left where an earlier derivation ends; none if this one does not go on from there."""
        done = len(earlier.stages)
        same = all(
            ours.equations == theirs.equations for ours, theirs in zip(self.stages, earlier.stages, strict=False)
        )
        return self.stages[done:] if done and same else ()

    @property
    def terms(self) -> Text:
        """The statement that the function has the terms with one member; empty where the variable is no member."""
        return () if self.whole is None else TERMS(whole=self.whole.function, member=self.wrt)

    @property
    def constants(self) -> dict[Symbol, Expr]:
        """The definitions in `others` by symbols alone: the family of each that depends on an index."""
        return {named.family if isinstance(named, Member) else named: e for named, e in self.others.items()}

    @property
    def defined(self) -> list[tuple[Symbol | Member, Expr]]:
        """All definitions."""
        return [*self.others.items(), *self.definitions.items()]

    @property
    def blocks(self) -> dict[Symbol | Member, Expr]:
        """The definitions that no line derives: what a reader has to be told beforehand."""
        derived = {line.left for line in self.lines}
        return {symbol: e for symbol, e in self.defined if symbol not in derived}

    def to_dict(self, notation: Notation = STANDARD) -> dict[str, Any]:
        """The derivation as JSON can hold it: text that the parser reads back, and LaTeX."""
        told: dict[str, Any] = {
            "function": plain(self.function),
            "wrt": self.wrt.name,
            "find": self.find,
            "convention": self.convention,
            "layout": self.conventions.layout,
            "symbols": {declared_name(symbol): declaration_text(symbol) for symbol in self.symbols.values()},
            "value": self.value.name,
            "answer": self.answer.name,
            "definitions": {plain(s): plain(e) for s, e in self.defined},
            "stages": [
                {"title": prose(stage.title), "lines": [_line(line, notation) for line in stage.lines]}
                for stage in self.stages
            ],
            "result": str(self.outcome),
            "result_latex": result_latex(self.outcome, notation),
            "conditions": [prose(text) for text in self.conditions],
            "remarks": [prose(text) for text in self.remarks],
            "notes": [*filter(None, [prose(self.terms)]), *self.notes],
            "verified": {"lines": self.verified.lines, "max_error": self.verified.max_error},
        }
        if self.named is not None:
            told["result_with_names"] = plain(self.named.answer)
            told["names"] = {symbol.name: plain(e) for symbol, e in self.named.definitions.items()}
        if self.with_matrices is not None:
            told["result_with_matrices"] = plain(self.with_matrices.answer)
            told["matrices"] = {symbol.name: plain(e) for symbol, e in self.with_matrices.definitions.items()}
        if isinstance(self.outcome, Equation):
            told["characterization"] = dict(zip(("left", "right"), map(plain, self.outcome.sides), strict=True))
        if self.subject_to is not None:
            told["objective"] = plain(self.subject_to.objective)
            told["subject_to"] = list(map(constraint_text, self.subject_to.equations))
            told["multipliers"] = {s.name: plain(e) for s, e in self.subject_to.multipliers.items()}
        return told

    @property
    def result(self) -> Expr:
        """The expression that answers the question; raises Unsupported where only an equation does."""
        if isinstance(self.outcome, Equation):
            raise Unsupported(
                f"no formula gives {self.wrt.name}: the gradient is zero exactly where {self.outcome}",
                remedy="The derivation's `outcome` is this equation.",
            )
        return self.outcome

    @cached_property
    def named(self) -> Named | None:
        """The answer with names for what recurs in it; None where they make it no shorter, or it is an equation."""
        if self.find not in ("derivative", "hessian") or isinstance(self.outcome, Equation):
            return None
        sizes = {name for symbol in self.symbols.values() for dim in symbol.dims for name in dim.names}
        given = {s.name for s in (*self.symbols.values(), *self.definitions, self.value, self.answer)}
        return in_names(self.outcome, self.definitions, sizes | given | {f"d{name}" for name in self.symbols})

    @property
    def point(self) -> tuple[Expr, Expr]:
        """The two sides of the equation that says where the gradient is zero."""
        last = self.lines[-1]
        return (self.outcome if isinstance(self.outcome, Equation) else last).sides

    @property
    def asked(self) -> tuple[Symbol, Expr]:
        """The function that was asked about, by its name."""
        constraints = self.subject_to
        return (self.value, self.function) if constraints is None else (constraints.value, constraints.objective)

    def reading(self) -> str:
        """What a text was read as, for a terminal: the function, the shapes of all symbols, and the choices made."""
        value, function = self.asked
        symbols = ", ".join(f"{plain(named(s))}: {declaration_text(s)}" for _, s in sorted(self.symbols.items()))
        notes = filter(None, (terminal_prose(self.terms), *self.notes))
        return "\n".join((f"Read as {value.name} = {terminal(function)}", f"  with {symbols}", *notes))

    def text(self) -> str:
        """The derivation for a terminal: stages, aligned lines, a reason beside each."""
        out: list[str] = []
        if self.blocks:
            out.append("With " + ", ".join(f"{terminal(s)} = {terminal(e)}" for s, e in self.blocks.items()) + ":")
        for number, stage in enumerate(self.stages, 1):
            out += ["", f"Step {number}. {terminal_prose(stage.title)}"]
            width = max(len(terminal(line.left)) for line in stage.lines)
            previous: Expr | None = None
            for line in stage.lines:
                left = "" if line.left == previous else terminal(line.left)
                mark = f"  {circled(line.mark)}" if line.mark else ""
                out.append(f"  {left:>{width}} = {terminal(line.right)}{mark}")
                if line.because:
                    out.append(f"  {'':>{width}}     — {terminal_prose(line.because)}")
                previous = line.left
        if self.find != "differential":
            kind = "Hessian" if self.find == "hessian" else "gradient" if self.is_gradient else "derivative"
            answer = f"the {kind} of {self.value.name} by {self.wrt.name} = {self._outcome_for_people()}"
            if self.find == "stationary":
                answer = " = ".join(map(terminal, self.point))
            if self.find == "value":
                answer = f"{terminal(self.lines[-1].left if self.lines else self.value)} = {self._outcome_for_people()}"
                if self.solutions:
                    answer = ", ".join(f"{terminal(left)} = {terminal(right)}" for left, right in self.solutions)
            out += ["", f"Answer: {answer}"]
        if self.conditions:
            out += ["", "Provided that " + "; ".join(terminal_prose(text) for text in self.conditions) + "."]
        out += [f"\n{terminal_prose(text)}." for text in self.remarks]
        return "\n".join(out).strip("\n")

    def _outcome_for_people(self) -> str:
        if isinstance(self.outcome, Equation):
            return str(self.outcome)
        if self.named is not None:
            where = ", ".join(f"{s.name} = {terminal(e)}" for s, e in self.named.definitions.items())
            return f"{terminal(self.named.answer, sized=True)} where {where}"
        return terminal(self.outcome, sized=True)

    def _repr_html_(self) -> str:
        """The derivation as notebooks show it: HTML with MathML.

        Notebooks ask the object itself, though HTML is made by a package above this one, which is why it is imported by
        its name.
        """
        return str(import_module("generator.formats.html.excerpt").excerpt(self))

    def _repr_latex_(self) -> str:
        """The answer as notebooks show it where they show no HTML."""
        return f"$\\displaystyle {result_latex(self.outcome)}$"


def result_latex(result: Expr | Equation, notation: Notation = STANDARD) -> str:
    """A result in LaTeX, whether an expression or an equation."""
    if isinstance(result, Equation):
        return f"{latex(result.left, notation)} = {latex(result.right, notation)}"
    return latex(result, notation)


def circled(number: int) -> str:
    """① for 1, and so on."""
    return chr(ord("①") + number - 1) if number <= 20 else f"({number})"


def declared_name(symbol: Symbol) -> str:
    """The name that a declaration is of: x_i for a family."""
    return symbol.name if symbol.total is None else f"{symbol.name}{INDEX_NAMES[0]}"


def declaration_text(symbol: Symbol) -> str:
    """A declaration as an author writes it: `n x m symmetric`."""
    if OF_ENTRIES in symbol.properties:
        return OF_ENTRIES
    rows, columns = symbol.shape
    column = columns == ONE and "*" not in str(rows)  # n*m alone would be n x m
    size = "scalar" if symbol.is_scalar else str(rows) if column else f"{rows} x {columns}"
    return " ".join([size, *sorted(symbol.properties)])


def _line(line: Line, notation: Notation) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "left": plain(line.left),
        "right": plain(line.right),
        "rule": line.rule,
        "because": prose(line.because),
        "latex": f"{latex(line.left, notation)} = {latex(line.right, notation)}",
    }
    if line.where:
        entry["where"] = line.where
    if line.mark:
        entry["mark"] = line.mark
    return entry
