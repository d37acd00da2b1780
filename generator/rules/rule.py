"""Rules: true identities with a name and a reason, matched modulo associativity, applied at one place.

In a rule every symbol stands for anything of its shape that has its declared properties; dimensions are matched along.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from generator.expr.messages import NOTHING, Message
from generator.expr.nodes import (
    BlockMatrix,
    Commutation,
    Curve,
    Dim,
    Elementwise,
    Expr,
    Hadamard,
    Identity,
    Inverse,
    Number,
    Ones,
    Product,
    PseudoInverse,
    Shape,
    Sum,
    Symbol,
    Transpose,
    Unvec,
    Zero,
    add,
    fields,
    hadamard,
    named,
    product,
    rebuild,
    substitute,
    substitute_products,
    with_dims,
)
from generator.expr.printing.plain import plain
from generator.expr.properties import has, settled, transpose_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.expr.messages import Sentence


@dataclass(frozen=True)
class Context:
    """What a derivation takes for variable: the symbol it differentiates by, and blocks that contain it."""

    variables: frozenset[Symbol]
    wrt: Symbol

    def is_constant(self, e: Expr) -> bool:
        """It does not depend on the variable, and is no differential."""
        return self.variables.isdisjoint(e.symbols)


@dataclass(frozen=True)
class Match:
    """What the symbols and dimensions of a pattern stand for."""

    symbols: dict[Symbol, Expr] = field(default_factory=dict)
    dims: dict[str, Dim] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Expr:
        for symbol, e in self.symbols.items():
            if symbol.name == name:
                return e
        raise KeyError(name)

    def instance(self, pattern: Expr) -> Expr:
        """The pattern with everything put in."""
        if not self.symbols:
            return with_dims(pattern, self.dims)
        return _instance(pattern, self)


NO_REASON = Message("", "")

KEPT_BY_LAWS = (BlockMatrix, Elementwise, Curve, Inverse, PseudoInverse)
"""The kinds of nodes of its identity that a law never does without."""

DECLARED_ONLY = frozenset({"orthogonal", "skew-symmetric"})
"""Properties that nothing has without a symbol declared so; of zero and the identity other rules speak."""

Role: TypeAlias = Literal[
    "simplify", "trace", "linearity", "entrywise", "vec", "differential", "product", "chain", "constant", "transpose",
    "property", "collect", "arithmetic", "substitution", "mistake",
]  # fmt: skip
"""What a rule does: `constant` uses that something does not depend on the variable, `property` what is declared."""

SAID_LAST: frozenset[Role] = frozenset({"constant"})
"""A line that other rules made, too, is named by one of those, and gives their reasons first."""

ConditionKind: TypeAlias = Literal[
    "invertible", "full rank", "positive determinant", "positive definite", "constant rank", "nonzero",
    "nonzero entries", "positive", "whole number", "off the negative axis", "simple largest eigenvalue",
    "simple smallest eigenvalue", "simple largest singular value",
]  # fmt: skip
"""What may have to hold of an expression."""

Predicate: TypeAlias = "Callable[[Match, Context], bool]"
Selection: TypeAlias = "tuple[int, ...] | None"
Place: TypeAlias = "tuple[tuple[int, ...], Selection]"


@dataclass(frozen=True, eq=False)
class Rule:
    """An identity `left = right` with its name, the sentence that justifies it, and when it may be used.

    The sentence has the rule's name for its id, unless it is a message that several rules share. It may name what
    the symbol `about` stands for: `{names}`; in the role `constant` these are
    the symbols in it. A `law`, where there is one, does the same as the identity in more general cases.
    """

    name: str
    left: Expr
    right: Expr
    because: str | Message = ""
    topic: str = ""
    role: Role | None = None
    source: str = ""
    """Where the identity is published, with the number of an equation where that is sure."""
    where: Predicate | None = None
    """When the rule is of use; it is true without."""
    constant: tuple[str, ...] = ()
    """Symbols that must not depend on the variable, without which the rule is false."""
    law: Callable[[Expr, Context], Expr | None] | None = None
    quiet: bool = False
    """Its reason is given only where no other rule of the same line has one."""
    about: str = ""
    """The symbol of the pattern that the reason speaks of."""
    title: Message | None = None
    """A rule with a title is introduced by a stage of its own, which gives its `proof`; the title gives its reason."""
    proof: tuple[tuple[Expr, Expr, Sentence], ...] = ()
    conditions: tuple[tuple[ConditionKind, Expr], ...] = ()
    """The conditions of the rule: their kinds, and the matrices that they are about, in the rule's symbols."""

    def __post_init__(self) -> None:
        unbound = self.right.symbols - self.left.symbols
        if unbound:
            raise ValueError(f"rule {self.name}: unbound {', '.join(s.name for s in unbound)}")
        if self.left.shape != self.right.shape:
            raise ValueError(f"rule {self.name}: the sides differ in shape")

    @cached_property
    def message(self) -> Message:
        """Its reason, which several rules may share."""
        return Message(self.name, self.because) if isinstance(self.because, str) else self.because

    @property
    def reason(self) -> Sentence:
        """Its reason with the symbols of the identity itself."""
        return reason([(self, Match({symbol: symbol for symbol in self.symbols}))])

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols of the identity, by name."""
        return tuple(sorted(self.left.symbols, key=lambda s: s.name))

    @cached_property
    def root(self) -> type | None:
        """The kind of the nodes that it applies to; None for every kind."""
        return None if isinstance(self.left, Symbol) else type(self.left)

    @cached_property
    def needs(self) -> frozenset[type]:
        """The kinds of nodes without which it does not apply to an expression.

        A law may take more or fewer terms and factors than its identity has.
        """
        kinds = _fixed_kinds(self.left)
        return kinds if self.law is None else kinds & {self.root, *KEPT_BY_LAWS}

    @cached_property
    def declared(self) -> frozenset[str]:
        """What has to be declared of symbols of an expression that it applies to."""
        return self.left.declarations & DECLARED_ONLY if self.law is None else frozenset()

    def rewrites(self, e: Expr, context: Context) -> Iterator[tuple[Selection, Match, Expr]]:
        """Every way to apply the rule at the root of an expression: which children, what matched, and the result."""
        if self.law is not None:
            result = self.law(e, context)
            if result is not None and result != e:
                yield None, Match(), result
            return
        for selection, match in _matches_at_root(self.left, e):
            if not all(map(context.is_constant, (match[name] for name in self.constant))):
                continue
            if self.where is None or self.where(match, context):
                yield selection, match, _replaced(e, selection, match.instance(self.right))

    def __str__(self) -> str:
        return f"{self.name}: {plain(self.left)} = {plain(self.right)}"


@dataclass(frozen=True)
class Substitution:
    """Equals for equals: results found earlier in a derivation, put in wherever they occur."""

    name: str
    equations: tuple[tuple[Expr, Expr], ...]
    message: Message = NO_REASON
    quiet: bool = False
    role: ClassVar[Role] = "substitution"
    about: ClassVar[str] = ""
    root: ClassVar[type | None] = None
    needs: ClassVar[frozenset[type]] = frozenset()
    declared: ClassVar[frozenset[str]] = frozenset()

    def rewrites(self, e: Expr, context: Context) -> Iterator[tuple[Selection, Match, Expr]]:
        """The expression with every left side replaced by its right side."""
        del context
        has_products = any(isinstance(left, Product) for left, _ in self.equations)
        result = (substitute_products if has_products else substitute)(e, dict(self.equations))
        if result != e:
            yield None, Match(), result


@dataclass(frozen=True)
class Step:
    """One rule applied at one place: a path of child numbers, and which children of that node it took."""

    rule: Rule | Substitution
    path: tuple[int, ...]
    selection: Selection
    match: Match
    before: Expr
    after: Expr


def at(e: Expr, path: Sequence[int]) -> Expr:
    """The node at a path."""
    for index in path:
        e = e.children[index]
    return e


def replaced(e: Expr, path: Sequence[int], new: Expr) -> Expr:
    """The expression with the node at a path replaced."""
    if not path:
        return new
    children = list(e.children)
    children[path[0]] = replaced(children[path[0]], path[1:], new)
    return rebuild(e, children)


def _replaced(e: Expr, selection: Selection, new: Expr) -> Expr:
    if selection is None:
        return new
    children = list(e.children)
    if isinstance(e, Product):
        return product(*children[: selection[0]], new, *children[selection[-1] + 1 :])
    kept = [c for i, c in enumerate(children) if i not in selection]
    kept.insert(min(selection), new)
    return add(*kept) if isinstance(e, Sum) else hadamard(*kept)


def _matches_at_root(pattern: Expr, e: Expr) -> Iterator[tuple[Selection, Match]]:
    """Matches of the whole node, or of a run of factors or a pair of terms in a longer one."""
    if isinstance(pattern, Product) and isinstance(e, Product):
        count = len(e.factors)
        for length in range(count, 1, -1):
            for start in range(count - length + 1):
                whole = length == count
                run = e if whole else product(*e.factors[start : start + length])
                if whole or isinstance(run, Product):
                    for match in matches(pattern, run, Match()):
                        yield (None if whole else tuple(range(start, start + length))), match
    elif isinstance(pattern, Sum) and isinstance(e, Sum) and len(pattern.terms) == 2:
        for i, a in enumerate(e.terms):
            for first in matches(pattern.terms[0], a, Match()):
                for j, b in enumerate(e.terms):
                    if i != j:
                        for both in matches(pattern.terms[1], b, first):
                            yield (i, j), both
    else:
        for match in matches(pattern, e, Match()):
            yield None, match


def matches(pattern: Expr, e: Expr, so_far: Match) -> Iterator[Match]:
    """Every way in which an expression is an instance of a pattern."""
    match pattern:
        case Symbol():
            yield from _bind(pattern, e, so_far)
        case Transpose(Symbol() as s) if s in so_far.symbols:
            # what A′ looks like once its marks are pushed down, so that tr(A + A′) finds its twins
            if transpose_of(so_far.symbols[s]) == settled(e):
                yield so_far
        case Number():
            if pattern == e:
                yield so_far
        case Identity(n):
            if isinstance(e, Identity):
                yield from _with_dims(((n, e.n),), so_far)
        case Commutation(n, m):
            if isinstance(e, Commutation):
                yield from _with_dims(((n, e.n), (m, e.m)), so_far)
        case Unvec(arg, n, m):
            if isinstance(e, Unvec):
                for sized in _with_dims(((n, e.n), (m, e.m)), so_far):
                    yield from matches(arg, e.arg, sized)
        case Zero(shape) | Ones(shape):
            if type(e) is type(pattern):
                yield from _with_dims(tuple(zip(shape, e.shape, strict=True)), so_far)
        case Product(factors):
            if isinstance(e, Product):
                yield from _in_sequence(factors, e.factors, so_far)
        case Sum((first, rest)) if isinstance(e, Sum):
            yield from _one_and_rest(first, rest, e.terms, add, so_far)
        case Hadamard((first, rest)) if isinstance(e, Hadamard):
            yield from _one_and_rest(first, rest, e.factors, hadamard, so_far)
        case _:
            if type(e) is type(pattern) and _labels(e) == _labels(pattern):
                yield from _all(pattern.children, e.children, so_far)


def _fixed_kinds(pattern: Expr) -> frozenset[type]:
    """The kinds of nodes that any instance of a pattern has; a transposed symbol may have lost its mark."""
    if isinstance(pattern, Symbol) or (isinstance(pattern, Transpose) and isinstance(pattern.arg, Symbol)):
        return frozenset()
    return frozenset((type(pattern),)).union(*map(_fixed_kinds, pattern.children))


def _labels(e: Expr) -> tuple[object, ...]:
    """The attributes of a node besides its children, such as the name of a function or the blocks in a row."""
    return tuple(value for value in fields(e) if isinstance(value, str | int))


def _all(patterns: Sequence[Expr], parts: Sequence[Expr], so_far: Match) -> Iterator[Match]:
    if len(patterns) != len(parts):
        return
    if not patterns:
        yield so_far
        return
    for first in matches(patterns[0], parts[0], so_far):
        yield from _all(patterns[1:], parts[1:], first)


def _in_sequence(patterns: Sequence[Expr], factors: Sequence[Expr], so_far: Match) -> Iterator[Match]:
    """Factors in order; a symbol may stand for several in a row, anything else for one."""
    if not patterns:
        if not factors:
            yield so_far
        return
    longest = len(factors) - len(patterns) + 1 if isinstance(patterns[0], Symbol) else 1
    if len(patterns) == 1 and isinstance(patterns[0], Symbol):
        lengths = range(len(factors), len(factors) + 1)
    else:
        lengths = range(1, longest + 1)
    for length in lengths:
        if not 0 < length <= len(factors):
            continue
        part = factors[0] if length == 1 else product(*factors[:length])
        for match in matches(patterns[0], part, so_far):
            yield from _in_sequence(patterns[1:], factors[length:], match)


def _one_and_rest(
    first: Expr, rest: Expr, parts: Sequence[Expr], join: Callable[..., Expr], so_far: Match
) -> Iterator[Match]:
    """One part against the first pattern, the others together against the second."""
    for i, part in enumerate(parts):
        for match in matches(first, part, so_far):
            yield from matches(rest, join(*parts[:i], *parts[i + 1 :]), match)


def _bind(symbol: Symbol, e: Expr, so_far: Match) -> Iterator[Match]:
    bound = so_far.symbols.get(symbol)
    if bound is not None:
        if bound == e:
            yield so_far
        return
    for sized in _with_dims(tuple(zip(symbol.shape, e.shape, strict=True)), so_far):
        if all(has(e, name) for name in symbol.properties):
            yield Match({**sized.symbols, symbol: e}, sized.dims)


def _with_dims(pairs: tuple[tuple[Dim, Dim], ...], so_far: Match) -> Iterator[Match]:
    dims = so_far.dims
    for pattern, actual in pairs:
        if len(pattern.names) != 1 or pattern.is_sum:  # a number, or a product of names that are known by now
            if pattern.replace(dims) != actual:
                return
            continue
        (name,) = pattern.names
        if dims.get(name, actual) != actual:
            return
        dims = {**dims, name: actual}
    yield so_far if dims is so_far.dims else Match(so_far.symbols, dims)


def _instance(pattern: Expr, match: Match) -> Expr:
    if isinstance(pattern, Symbol):
        return match.symbols[pattern]
    if not pattern.children:
        return with_dims(pattern, match.dims)
    if isinstance(pattern, Unvec):
        return Unvec(_instance(pattern.arg, match), pattern.n.replace(match.dims), pattern.m.replace(match.dims))
    return rebuild(pattern, [_instance(child, match) for child in pattern.children])


def reason(uses: Sequence[tuple[Rule | Substitution, Match]]) -> Sentence:
    """The sentence for uses of rules that share their reason: `A and b are constant`; empty where it names nothing."""
    first = uses[0][0]
    if not first.about:
        return first.message()
    bound = [match[rule.about] for rule, match in uses]
    things: list[Expr] = list(dict.fromkeys(bound))
    if first.role == "constant":
        symbols = {s for e in bound for s in e.symbols if not s.is_index}
        things = [named(symbol) for symbol in sorted(symbols, key=_matrices_first)]
    return first.message(names=things) if things else NOTHING  # numbers need no mention


def _matrices_first(symbol: Symbol) -> tuple[bool, str]:
    return symbol.name[0].islower(), symbol.name


__all__ = [
    "NO_REASON",
    "SAID_LAST",
    "ConditionKind",
    "Context",
    "Match",
    "Place",
    "Predicate",
    "Role",
    "Rule",
    "Selection",
    "Shape",
    "Step",
    "Substitution",
    "at",
    "matches",
    "reason",
    "replaced",
]
