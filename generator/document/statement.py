"""What a question asks, in words: its setting, and what is to be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.document.formula import (
    NOTHING,
    DerivativeOf,
    Equation,
    Factors,
    Formula,
    FunctionOf,
    Membership,
    Parenthesized,
    Sentence,
    Stated,
    Substituted,
)
from generator.document.words import concatenated, enumerated, joined, say, sentence
from generator.expr.derivatives import definition
from generator.expr.evaluate.exact import as_expr
from generator.expr.functions import FUNCTIONS, OF_ENTRIES
from generator.expr.inequalities import is_inequality, relation
from generator.expr.messages import Message
from generator.expr.nodes import (
    ONE,
    SCALAR,
    CrossMatrix,
    Dim,
    Elementwise,
    MatrixFunction,
    Softmax,
    Spectral,
    Symbol,
    Vec,
    d,
    parameter_of,
    quotient_of,
    tr,
    walk,
)
from generator.solver.conventions import structure_of
from generator.solver.linear_algebra import value as linear_algebra
from generator.solver.remarks import PROPERTY_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.document.formula import Math
    from generator.expr.evaluate.exact import Rows
    from generator.problems.solved import SolvedDerived
    from generator.solver.derivation import Derivation

PROPERTIES = (
    "diagonal",
    "lower triangular",
    "orthogonal",
    "invertible",
    "symmetric",
    "skew-symmetric",
    "positive definite",
    "positive",
    "one-hot",
)
"""Declared properties of a symbol, in the order in which a sentence names them."""
BOTH_PROPERTIES = Message("properties", "{first} {second}")
AT_POINT, FOR_POINT = Message("at-point", " at {point}"), Message("for-point", " for {point}")


@dataclass(frozen=True)
class Facts:
    """What the sentences of a statement depend on."""

    solved: SolvedDerived
    everywhere: Mapping[Symbol, Rows]
    """The numbers of symbols that all parts of the problem share."""
    seeks_values: bool
    """Nothing but its value is asked of the function."""

    @property
    def derivation(self) -> Derivation:
        """The derivation of the answer."""
        return self.solved.derivation

    @property
    def value(self) -> Symbol:
        """The name of the function."""
        constraints = self.derivation.subject_to
        return self.derivation.value if constraints is None else constraints.value

    @property
    def begins_with_numbers(self) -> bool:
        """Nothing is said of a function and its variable, as only values at numbers are asked for."""
        return self.seeks_values and bool(self.solved.question.data)

    @property
    def point(self) -> tuple[Formula, ...]:
        """The numbers at which the answer is wanted: a point, and those of symbols that other parts have in letters.

        None for a value whose numbers the statement begins with.
        """
        question = self.solved.question
        if self.begins_with_numbers:
            return ()
        constants = [symbol for symbol in question.symbols if symbol != question.wrt]
        numbers = [
            symbol
            for symbol in (*constants, question.wrt)
            if symbol in question.data and (symbol == question.wrt or not self.everywhere)
        ]
        return tuple(given(symbol, question.data) for symbol in numbers)


def given(symbol: Symbol, data: Mapping[Symbol, Rows]) -> Formula:
    """The equation of a symbol with its numbers."""
    return Formula(Equation((symbol, as_expr(data[symbol]))))


def target(derivation: Derivation, *, inline: bool = False) -> Math:
    """The name of the answer."""
    value, wrt = derivation.value, derivation.wrt
    match derivation.find:
        case "value":
            return linear_algebra.name(derivation.function, value)
        case "differential":
            return d(value)
        case "derivative" | "stationary" if value.is_scalar or wrt.is_scalar:
            return DerivativeOf(value, wrt, inline)
        case _:
            return derivation.answer


def sought_kind(derivation: Derivation) -> str:
    """What is asked for: gradient, derivative or Jacobian where `find` says derivative."""
    if derivation.find != "derivative":
        return derivation.find
    if derivation.function.is_scalar or derivation.wrt.is_scalar:
        return "gradient" if derivation.is_gradient else "derivative"
    return "Jacobian"


N = Dim.of("n")
DEFINED_FUNCTION = Message("defined-function", " Here {definition}.")
OF_MATRIX = Message("of-matrix", " Here {value} is the function of the matrix, by its power series.")
ROOT_OF_MATRIX = Message(
    "root-of-matrix",
    " Here {value} is the principal square root of the matrix, whose eigenvalues have positive real parts.",
)


SPECTRAL = {
    "lambda_max": (
        Message(
            "defined-lambda-max",
            " Here {value} is the largest eigenvalue of a symmetric matrix {matrix}, and {left} a unit eigenvector for"
            " it.",
        ),
        "eigvec_max",
        "eigvec_max",
    ),
    "lambda_min": (
        Message(
            "defined-lambda-min",
            " Here {value} is the smallest eigenvalue of a symmetric matrix {matrix}, and {left} a unit eigenvector for"
            " it.",
        ),
        "eigvec_min",
        "eigvec_min",
    ),
    "norm_spec": (
        Message(
            "defined-spectral-norm",
            " Here {value} of a matrix {matrix} is its largest singular value, and {left} and {right} are unit left and"
            " right singular vectors for it.",
        ),
        "left_singular",
        "right_singular",
    ),
}
"""Definitions of an extreme eigenvalue or singular value, with the names of its unit vectors."""


def setting(facts: Facts) -> Sentence:
    """The function, its constants and its variable, and what its functions mean where a reader has to be told."""
    return concatenated((_function_and_symbols(facts), *_meanings(facts)))


ON_EACH_ENTRY = Message(
    "entrywise",
    " The function {functions} acts on each entry.",
    " The functions {functions} act on each entry.",
)


def reading(derivation: Derivation) -> Sentence:
    """The interpretation of a text: the function, the shapes of all symbols, and the choices made."""
    value, function = derivation.asked
    known = [symbol for _, symbol in sorted(derivation.symbols.items())]
    functions = tuple(Formula(symbol) for symbol in known if OF_ENTRIES in symbol.properties)
    symbols = [_constant(symbol) for symbol in known if OF_ENTRIES not in symbol.properties]
    message = Message("read-as", "Read as {function}, with {symbols}.")
    texts = (derivation.terms, *((note,) for note in derivation.notes))
    notes = [concatenated((" ", sentence(text))) for text in texts if text]
    read_as = say(message, function=Formula(Equation((value, function))), symbols=joined(symbols))
    of_entries = [say(ON_EACH_ENTRY, functions=functions)] if functions else []
    return concatenated((read_as, *of_entries, *notes))


def _meanings(facts: Facts) -> Iterator[Sentence]:
    """The definitions of σ, relu and their like, and whether functions are taken of a matrix or of its entries."""
    function = facts.solved.question.function
    used = [part for part in walk(function) if isinstance(part, Elementwise | MatrixFunction | Softmax)]
    names = {"t", "s", "z", "r"} - {symbol.name for symbol in (*facts.solved.question.symbols, facts.value)}
    t = Symbol(max(names, default="t_0"), SCALAR)
    entrywise = dict.fromkeys(part.name for part in used if isinstance(part, Elementwise) and not part.arg.is_scalar)
    for name in dict.fromkeys(part.name for part in used if isinstance(part, Elementwise)):
        meaning, value = FUNCTIONS[name].definition, Elementwise(name, t)
        if isinstance(meaning, Message):
            yield say(meaning, value=Formula(value), argument=Formula(t))
        elif meaning:
            formula = Formula(Equation((value, definition(name, t))))
            yield say(DEFINED_FUNCTION, definition=formula)
    columns = [part for part in used if isinstance(part, Softmax)]
    if columns:
        x = Symbol(max({"t", "s", "z", "r"} - {symbol.name for symbol in function.symbols}, default="t_0"), (N, ONE))
        yield say(DEFINED_FUNCTION, definition=Formula(Equation((Softmax(x), quotient_of(Softmax(x))))))
    if any(part.shape[1] != ONE for part in columns):
        yield say(
            Message("softmax-of-matrix", " Of a matrix it is taken of each row or each column, as its index says.")
        )
    M = Symbol(max({"M", "S"} - {symbol.name for symbol in function.symbols}, default="M_0"), (N, N))
    for name in dict.fromkeys(p.name for p in walk(function) if isinstance(p, Spectral) and p.name in SPECTRAL):
        message, first, second = SPECTRAL[name]
        vectors = (Formula(Spectral(first, M)), Formula(Spectral(second, M)))
        yield say(message, value=Formula(Spectral(name, M)), matrix=Formula(M), left=vectors[0], right=vectors[1])
    for cross in dict.fromkeys(part for part in walk(function) if isinstance(part, CrossMatrix)):
        yield say(
            Message("defined-cross", " Here {value} is the matrix of the cross product with {argument}."),
            value=Formula(cross),
            argument=Formula(cross.arg),
        )
    if entrywise:
        yield say(ON_EACH_ENTRY, functions=tuple(Formula(Elementwise(name, t)) for name in entrywise))
    for part in dict.fromkeys(part for part in used if isinstance(part, MatrixFunction)):
        yield say(OF_MATRIX if part.name != "sqrtm" else ROOT_OF_MATRIX, value=Formula(part))


def _function_and_symbols(facts: Facts) -> Sentence:
    question = facts.solved.question
    if facts.begins_with_numbers:
        known = [given(symbol, question.data) for symbol in question.symbols if symbol in question.data]
        return say(Message("setting-given", "Let {symbols}."), symbols=joined(known))
    variable = question.wrt
    function = Stated(Formula(Equation((FunctionOf(facts.value, variable), question.function))))
    curves = [symbol for symbol in question.symbols if parameter_of(symbol)]
    family = None if question.member is None else question.member.family
    constants = [symbol for symbol in question.symbols if symbol not in (variable, family, *curves)]
    variable_words = _variable(variable, family)
    if curves:
        return _along_curves(facts, curves, constants)
    if not constants:
        return say(
            Message("setting-variable", "Let {function}, where {variable}."), function=function, variable=variable_words
        )
    if facts.everywhere:
        known = [given(s, facts.everywhere) if s in facts.everywhere else Formula(Membership(s)) for s in constants]
        return say(
            Message("setting-numbers", "Let {function}, where {constants} and {variable}."),
            function=function,
            constants=joined(known),
            variable=variable_words,
        )
    message = Message(
        "setting-constants",
        "Let {function}, where {constants} is constant and {variable}.",
        "Let {function}, where {constants} are constant and {variable}.",
    )
    if len(constants) == 1 and constants[0].total is not None:
        message = Message("setting-family", "Let {function}, where {constants} are constant and {variable}.")
    return say(message, function=function, constants=tuple(map(_constant, constants)), variable=variable_words)


def _along_curves(facts: Facts, curves: Sequence[Symbol], constants: Sequence[Symbol]) -> Sentence:
    """The function, what depends on a scalar in it, and its constants."""
    question = facts.solved.question
    depends = Message(
        "setting-curves",
        "Let {function}, where {curves} depends smoothly on {variable}.",
        "Let {function}, where {curves} depend smoothly on {variable}.",
    )
    function = Stated(Formula(Equation((FunctionOf(facts.value, question.wrt), question.function))))
    said = say(depends, function=function, curves=tuple(map(_constant, curves)), variable=_variable(question.wrt))
    if not constants:
        return said
    known = Message("setting-known", " Here {constants} is constant.", " Here {constants} are constant.")
    numbers = facts.everywhere
    described = [given(symbol, numbers) if symbol in numbers else _constant(symbol) for symbol in constants]
    return concatenated((said, say(known, constants=tuple(described))))


def _constant(symbol: Symbol) -> Sentence:
    known = _described(symbol)
    if "rows sum to one" in symbol.properties:
        return say(Message("rows-sum-to-one", "{symbol} with rows that add up to 1"), symbol=known)
    if "one-hot rows" in symbol.properties:
        return say(Message("one-hot-rows", "{symbol} with one entry 1 and zeros in each row"), symbol=known)
    if "sums to one" not in symbol.properties:
        return known
    if symbol.shape[1] == ONE:
        return say(Message("entries-sum-to-one", "{symbol} with entries that add up to 1"), symbol=known)
    return say(Message("columns-sum-to-one", "{symbol} with columns that add up to 1"), symbol=known)


def _described(symbol: Symbol) -> Sentence:
    space = Formula(Membership(symbol))
    if not (words := _properties(symbol)):
        return Sentence((space,))
    properties = joined(words, BOTH_PROPERTIES)
    shape = 0 if symbol.is_scalar else 1 if symbol.is_vector else 2
    message = (ONE_WITH if symbol.total is None else SEVERAL_WITH)[shape]
    return say(message, properties=properties, symbol=space)


ONE_WITH = (
    Message("scalar-with", "the {properties} scalar {symbol}"),
    Message("vector-with", "the {properties} vector {symbol}"),
    Message("matrix-with", "the {properties} matrix {symbol}"),
)
SEVERAL_WITH = (
    Message("scalars-with", "the {properties} scalars {symbol}"),
    Message("vectors-with", "the {properties} vectors {symbol}"),
    Message("matrices-with", "the {properties} matrices {symbol}"),
)
"""A constant, and a family of them, by whether they are scalars, vectors or matrices."""


def _variable(symbol: Symbol, family: Symbol | None = None) -> Sentence:
    if family is not None:
        return say(
            Message("variable-among", "{symbol} is one of {family}"), symbol=Formula(symbol), family=_described(family)
        )
    space = Formula(Membership(symbol))
    properties = _properties(symbol)
    return (
        say(Message("variable-with", "{symbol} is {properties}"), symbol=space, properties=properties)
        if properties
        else Sentence((space,))
    )


def _properties(symbol: Symbol) -> tuple[Sentence, ...]:
    return tuple(sentence(PROPERTY_WORDS[name]()) for name in PROPERTIES if name in symbol.properties)


DERIVED_CONSTRAINED = Message(
    "derived-constrained", "Below, the points are found where {value} is stationary subject to {constraints}{at}."
)
DERIVED_BOUNDED = Message("derived-bounded", "Below, the minimizer of {value} is found subject to {constraints}{at}.")


def given_derivation(facts: Facts) -> Sentence:
    """What the derivation that a student is given derives."""
    if facts.solved.question.subject_to:
        return say(
            DERIVED_BOUNDED if any(map(is_inequality, facts.solved.question.subject_to)) else DERIVED_CONSTRAINED,
            value=Formula(facts.value),
            constraints=constraint_list(facts),
            at=at_point(FOR_POINT, facts),
        )
    if facts.derivation.find == "stationary":
        return say(
            Message("derived-stationary", "Below, {target} is derived and set to zero."),
            target=Formula(target(facts.derivation, inline=True)),
        )
    return say(Message("derived", "Below, {sought} is derived."), sought=sought(facts))


def constraint_list(facts: Facts) -> Sentence:
    """The equations and inequalities that a point is subject to."""
    stated = map(relation, facts.solved.question.subject_to)
    return enumerated([Formula(Equation((left, right), sign)) for left, sign, right in stated])


def at_point(message: Message, facts: Facts) -> Sentence:
    """A message with the numbers at which the answer is wanted as its `{point}`; nothing where there are none."""
    return say(message, point=facts.point) if facts.point else NOTHING


def sought(facts: Facts, *, among_transposes: bool = False) -> Sentence:
    """What is asked for, with all that tells it apart from what else could be meant."""
    derivation = facts.derivation
    wanted, value = Formula(target(derivation, inline=True)), Formula(facts.value)
    layout = layout_equation(derivation, among_transposes=among_transposes)
    match sought_kind(derivation):
        case "hessian" if not derivation.wrt.is_vector and not derivation.wrt.is_scalar:
            name = say(
                Message("sought-hessian-vec", "the Hessian matrix\u00a0{target} of\u00a0{value} by\u00a0{columns}"),
                target=wanted,
                value=value,
                columns=Formula(Vec(derivation.wrt)),
            )
        case "hessian":
            name = say(
                Message("sought-hessian", "the Hessian matrix\u00a0{target} of\u00a0{value}"),
                target=wanted,
                value=value,
            )
        case "Jacobian":
            name = say(
                Message("sought-jacobian", "the Jacobian matrix\u00a0{target} of\u00a0{value}"),
                target=wanted,
                value=value,
            )
        case "gradient":
            name = say(Message("sought-gradient", "the gradient\u00a0{target}"), target=wanted)
        case "differential":
            name = say(Message("sought-differential", "the differential\u00a0{target}"), target=wanted)
        case "value":
            name = _value(facts)
        case _:
            name = say(Message("sought-derivative", "the derivative\u00a0{target}"), target=wanted)
    if layout:
        name = say(Message("sought-layout", "{name}, with {layout}"), name=name, layout=layout)
    return concatenated((name, _how(facts)))


def _value(facts: Facts) -> Sentence:
    """The value that is sought, in the words of linear algebra, or of a function that has a name already."""
    derivation = facts.solved.derivation
    value = Formula(derivation.value)
    match linear_algebra.asked(derivation.function):
        case linear_algebra.System(A, b):
            system = Formula(Equation((Factors((A, derivation.value)), b)))
            return say(Message("sought-solution", "the solution\u00a0{value} of {system}"), value=value, system=system)
        case linear_algebra.Projection(A, b):
            message = Message(
                "sought-projection",
                "the orthogonal projection\u00a0{value} of\u00a0{column} onto the column space of\u00a0{matrix}",
            )
            return say(message, value=value, column=Formula(b), matrix=Formula(A))
        case linear_algebra.Spectrum(Spectral(name, A)):
            matrix = Formula(A)
            if name == "eigenvalues":
                return say(Message("sought-eigenvalues", "the eigenvalues of\u00a0{matrix}"), matrix=matrix)
            message = Message("sought-eigenvectors", "the eigenvalues of\u00a0{matrix}, and an eigenvector for each")
            return say(message, matrix=matrix)
        case None:
            if isinstance(derivation.function, Spectral):
                matrix = Formula(derivation.function.arg)
                return say(Message("sought-rank", "the rank of\u00a0{matrix}"), matrix=matrix)
            if facts.begins_with_numbers:
                return say(Message("sought-number", "{target}"), target=Formula(derivation.function))
            return say(Message("sought-value", "the value\u00a0{target}"), target=value)


def _how(facts: Facts) -> Sentence:
    """The convention, the layout and the point, where a student has to be told of them."""
    derivation, question = facts.derivation, facts.solved.question
    variable = Formula(question.wrt)
    parts: list[Sentence] = []
    convention, layout = _convention(facts), _layout_name(derivation)
    if convention == "independent entries":
        parts.append(say(Message("how-independent", " by the independent entries of {variable}"), variable=variable))
    elif convention == "projection":
        structure = structure_of(question.wrt)
        assert structure is not None
        parts.append(say(Message("how-projection", " within the {structure} matrices"), structure=structure.property))
    elif convention == "unstructured":
        parts.append(say(Message("how-free", ", with all entries of {variable} taken as free"), variable=variable))
    if layout == "numerator":
        parts.append(say(Message("how-numerator", " in numerator layout")))
    elif layout == "denominator":
        parts.append(say(Message("how-denominator", " in denominator layout")))
    return concatenated([*parts, at_point(AT_POINT, facts)])


def _convention(facts: Facts) -> str:
    """The convention for a structured variable; empty where there is no choice."""
    question, derivation = facts.solved.question, facts.derivation
    usual = structure_of(question.wrt) is None or question.find in ("differential", "stationary", "value")
    return "" if usual else derivation.convention


def _layout_name(derivation: Derivation) -> str:
    """The layout where it can make a difference; else empty."""
    layout = derivation.conventions.layout
    differs = derivation.find == "derivative" and not (derivation.function.is_scalar and derivation.wrt.is_scalar)
    return layout if differs and layout != "gradient" else ""


def layout_equation(derivation: Derivation, *, among_transposes: bool) -> Formula | None:
    """The equation that says how an answer is laid out: dy = J dx, vec(dF) = J vec(dX), or dL = Tr(∇L′ dX).

    A gradient needs one among its own transposes to choose from, which have its shape.
    """
    if sought_kind(derivation) != "Jacobian" and not (among_transposes and could_be_transposed(derivation)):
        return None
    if derivation.is_gradient:
        name = Parenthesized(target(derivation, inline=True))
        paired = Substituted(tr(derivation.answer.T @ d(derivation.wrt)), {derivation.answer: name})
        return Formula(Equation((d(derivation.value), paired)))
    value, step = (d(s) for s in (derivation.value, derivation.wrt))
    columns = ONE in value.shape and step.shape[1] == ONE
    if columns and value.shape[0] == ONE:
        value = value.T
    left, right = (e if columns or e.shape[1] == ONE else Vec(e) for e in (value, step))
    answer = derivation.answer
    turned = derivation.conventions.turn(derivation.function.shape, derivation.wrt.shape)
    return Formula(Equation((left, Factors((answer.T if turned else answer, right)))))


def could_be_transposed(derivation: Derivation) -> bool:
    """The answer is a gradient by a square matrix, which some write as its transpose: a choice says which it is."""
    wrt = derivation.wrt
    is_square = wrt.is_square and not wrt.is_scalar and structure_of(wrt) is None
    return derivation.find == "derivative" and derivation.is_gradient and is_square
