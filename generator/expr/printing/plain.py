"""Expressions and sentences as plain text that `parse` reads back to the same tree."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.expr.messages import Text
from generator.expr.nodes import (
    ONE,
    SCALAR,
    Adjugate,
    BlockMatrix,
    Commutation,
    CrossMatrix,
    Curve,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Dim,
    Elementwise,
    Entry,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    IndexSum,
    Inverse,
    Kronecker,
    Matrix,
    MatrixFunction,
    Member,
    Members,
    Norm,
    Number,
    Ones,
    Pi,
    Power,
    Product,
    PseudoInverse,
    Scale,
    Softmax,
    Spectral,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    Zero,
    entry_of,
    hadamard,
    named_from_outside,
    product,
    quotient_of,
    rebuild,
    split_scale,
    substitute,
    turned,
    walk,
)
from generator.expr.printing.binding import ATOM, CHAIN, FACTOR, POSTFIX, POWER, SUM, TERM

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUS_ONE = Fraction(-1)


def plain(e: Expr) -> str:
    """The expression in plain text, as on matrixcalculus.org."""
    return _print(named_from_outside(_with_counts(e)), SUM, free=False)


def terminal(e: Expr, *, sized: bool = False) -> str:
    """The expression in plain text for people, with signs that `parse` does not read.

    K_{n,m} is the commutation matrix, vec^-1_{n,m} undoes vec, and 1[x > 0] is the indicator. `sized` gives the sizes
    of identities, zeros and ones that nothing beside them shows.
    """
    e = named_from_outside(_with_counts(e))
    named: dict[Expr, Expr] = {}
    _name_for_people(e, named, sized=sized)
    return _print(_drawn(e, named), SUM, free=False)


def _drawn(e: Expr, named: Mapping[Expr, Expr]) -> Expr:
    """The expression with symbols for the parts that have a drawing of their own; indices keep their names."""
    if e in named:
        return named[e]
    if isinstance(e, IndexSum):
        return IndexSum(e.index, _drawn(e.body, named))
    return rebuild(e, [_drawn(child, named) for child in e.children]) if named and e.children else e


def _name_for_people(e: Expr, named: dict[Expr, Expr], *, sized: bool) -> None:
    """Note a symbol for each outermost part that is drawn in a way of its own; its name is the drawing."""
    match e:
        case Commutation(n, m):
            drawing = f"K_{{{n},{m}}}"
        case Unvec(arg, n, m):
            drawing = f"vec^-1_{{{n},{m}}}({terminal(arg)})"
        case Softmax(arg) if arg.shape[1] == ONE:
            drawing = f"softmax({terminal(arg)})"
        case Softmax(Transpose(arg)):
            drawing = f"softmax_rows({terminal(arg)})'"
        case Softmax(arg):
            drawing = f"softmax_columns({terminal(arg)})"
        case Transpose(Softmax(arg)) if arg.shape[1] != ONE:
            drawing = f"softmax_rows({terminal(turned(arg))})"
        case Elementwise("relu", Elementwise("sign", arg)):
            drawing = f"1[{terminal(arg)} > 0]"
        case Trace(Identity(n)):
            drawing = str(n) if n.is_one_word else f"({n})"
        case Identity(n) if sized:
            drawing = f"eye({n})"
        case Zero((rows, columns)) if sized:
            drawing = f"zeros({rows}, {columns})"
        case Ones((rows, columns)) if sized:
            drawing = f"vector(1, {rows})" if columns == ONE else f"matrix(1, {rows}, {columns})"
        case _:
            for child in e.children:
                _name_for_people(child, named, sized=sized and _is_shapeless(e))
            return
    named[e] = Symbol(drawing, e.shape)


def _with_counts(e: Expr) -> Expr:
    """With the number n of terms by its name, where a sum up to n says what that is."""
    if not e.sum_depth:
        return e
    counts = {part.index.total for part in walk(e) if isinstance(part, IndexSum) and part.index.total is not None}
    return substitute(
        e, {Trace(Identity(n)): Symbol(str(n), SCALAR) for n in counts if n.names and n == Dim.of(n.names[0])}
    )


def member_name(family: Symbol) -> str:
    """What the members of a family are called, before their index."""
    return family.name.removesuffix("_")


def prose(text: Text) -> str:
    """A sentence with its expressions in plain text."""
    return "".join(part if isinstance(part, str) else plain(part) for part in text)


def terminal_prose(text: Text) -> str:
    """A sentence with its expressions in plain text for people."""
    return "".join(part if isinstance(part, str) else terminal(part) for part in text)


def denominator(e: Expr) -> Expr | None:
    """What an expression is one over, where it is printed as a denominator: q of q^-1, q^2 of q^-2."""
    if not isinstance(e, Power) or not isinstance(e.exponent, Number) or e.exponent.value >= 0:
        return None
    if isinstance(e.base, Number) or not e.is_scalar:
        return None
    if e.exponent.value == MINUS_ONE:
        positive = isinstance(e.base, Power) and isinstance(e.base.exponent, Number) and e.base.exponent.value > 0
        return None if positive else e.base
    return Power(e.base, Number(-e.exponent.value))


def divides(e: Number, before: Expr | None) -> bool:
    """A number such as 1/2 that stands behind a scalar which is no number, printed as a denominator: c/2."""
    return e.value.numerator == 1 and e.value.denominator > 1 and not isinstance(before, Number | None)


def is_entrywise_reciprocal(e: Expr) -> bool:
    """It is one over each entry, printed as an entrywise denominator."""
    return isinstance(e, HadamardPower) and e.exponent == Number(MINUS_ONE)


def without_sign(e: Expr) -> Expr | None:
    """The expression of opposite sign, if this one is written with a minus; else None."""
    if isinstance(e, Number):
        return Number(-e.value) if e.value < 0 else None
    scalars, body = split_scale(e)
    if not scalars or not isinstance(scalars[0], Number) or scalars[0].value >= 0:
        return None
    rest = (*scalars[1:], body)
    if scalars[0].value == MINUS_ONE:
        if isinstance(rest[0], Number):
            return None
    else:
        rest = (Number(-scalars[0].value), *rest)
    result = rest[0]
    for part in rest[1:]:
        result = Scale(result, part)
    return result


def written_out(e: Commutation | Unvec) -> Expr:
    """By Kronecker products, what has no name in plain text.

    An entry of the commutation matrix is 1 where row (i, j) meets column (j, i), the first index outermost. Column j of
    I ⊗ a holds the whole of a vector in its block j, of which vec(I)′ ⊗ I leaves part j.
    """
    if isinstance(e, Unvec):
        return product(Kronecker(Transpose(Vec(Identity(e.m))), Identity(e.n)), Kronecker(Identity(e.m), e.arg))
    one_n, one_m = Ones((e.n, ONE)), Ones((e.m, ONE))
    same_i = Kronecker(Transpose(one_m), Kronecker(Identity(e.n), one_m))
    same_j = Kronecker(one_n, Kronecker(Identity(e.m), Transpose(one_n)))
    return hadamard(same_i, same_j)


def _print(e: Expr, binding: int, *, free: bool = True) -> str:
    """The text, in parentheses where the place binds tighter; `free` where no neighbor fixes the shape."""
    text, own = _form(e, free)
    return f"({text})" if own < binding else text


def _call(name: str, *args: Expr) -> tuple[str, int]:
    return f"{name}({', '.join(_print(arg, SUM) for arg in args)})", ATOM


def _form(e: Expr, free: bool) -> tuple[str, int]:  # noqa: C901 - one branch per node
    match e:
        case Number(value):
            return str(value), ATOM if value >= 0 and value.denominator == 1 else CHAIN
        case Pi():
            return "pi", ATOM
        case Matrix(rows):
            return f"[{'; '.join(', '.join(map(str, row)) for row in rows)}]", ATOM
        case BlockMatrix():
            return f"[{'; '.join(', '.join(_print(entry, SUM) for entry in row) for row in e.lines)}]", ATOM
        case Symbol(name):
            return name, ATOM
        case Member(family, index):
            return f"{member_name(family)}_{index}", ATOM
        case Members(family):
            return f"[{member_name(family)}_1, ..., {member_name(family)}_{family.total}]", ATOM
        case Curve(symbol, at, order):
            return _call(symbol.name + "'" * order, at)
        case Entry():
            arg, (row, *others) = entry_of(e)
            places = [str(row), *map(str, others)]
            indices = f"{{{(',' if all(map(str.isdigit, places)) else '').join(places)}}}" if others else places[0]
            return f"{_print(arg, ATOM)}_{indices}", POSTFIX
        case IndexSum(index, body):
            return f"sum_{{{index}=1}}^{index.total} {_print(body, TERM)}", TERM
        case Identity(n):
            return (f"eye({n})" if free else "eye"), ATOM
        case Zero(shape):
            return (f"zeros({shape[0]}, {shape[1]})" if free else "zeros"), ATOM
        case Ones(shape):
            if shape[1] == ONE:
                return (f"eye({shape[0]})*vector(1)", CHAIN) if free else ("vector(1)", ATOM)
            return (f"eye({shape[0]})*matrix(1)*eye({shape[1]})", CHAIN) if free else ("matrix(1)", ATOM)
        case Sum(terms):
            return _sum(terms, free), SUM
        case Product(factors):
            last = TERM if isinstance(factors[-1], IndexSum) else FACTOR  # it takes all factors behind it
            bindings = [*[FACTOR] * (len(factors) - 1), last]
            pieces = (_print(f, bindings[i], free=_is_free(factors, i, free)) for i, f in enumerate(factors))
            return "*".join(pieces), min(last, CHAIN)
        case Scale():
            return _scale(e, free)
        case Power(base, exponent):
            return f"{_print(base, POSTFIX)}^{_exponent(exponent)}", POWER
        case HadamardPower(base, exponent):
            return f"{_print(base, POSTFIX, free=free)}.^{_exponent(exponent, free)}", POWER
        case Hadamard(factors):
            text = _print(factors[0], FACTOR, free=free)
            for f in factors[1:]:
                if isinstance(f, HadamardPower) and is_entrywise_reciprocal(f):
                    text += f"./{_print(f.base, FACTOR, free=False)}"
                else:
                    text += f".*{_print(f, FACTOR, free=False)}"
            return text, CHAIN
        case Transpose(arg):
            return f"{_print(arg, POSTFIX, free=free)}'", POSTFIX
        case Inverse(arg):
            return _call("inv", arg)
        case PseudoInverse(arg):
            return _call("pinv", arg)
        case Adjugate(arg):
            return _call("adj", arg)
        case Trace(arg):
            return _call_square("tr", arg)
        case Determinant(arg):
            return _call_square("det", arg)
        case EntrySum(arg):
            return _call("sum", arg)
        case Norm(kind, arg):
            return _call("norm1" if kind == "1" else "norm2", arg)
        case Diag(arg) | Diagonal(arg):
            return _call("diag", arg)
        case CrossMatrix(arg):
            return _call("skew", arg)
        case Vec(arg):
            return _call("vec", arg)
        case Kronecker(left, right):
            return _call("kron", left, right)
        case Softmax():
            return _form(quotient_of(e), free)
        case Commutation() | Unvec():
            return _form(written_out(e), free)
        case Spectral(name, arg) | MatrixFunction(name, arg) | Elementwise(name, arg):
            return _call(name, arg)
        case Differential(Symbol(name)):
            return f"d{name}", ATOM
        case Differential(Differential(Symbol(name))):
            return f"d2{name}", ATOM
        case Differential(arg):
            return _call("d", arg)


def _call_square(name: str, arg: Expr) -> tuple[str, int]:
    """A function of a square matrix, whose columns follow from its rows and the other way round."""
    ends = (arg.factors[0], arg.factors[-1]) if isinstance(arg, Product) else (arg,)
    return f"{name}({_print(arg, SUM, free=all(map(_is_shapeless, ends)))})", ATOM


def _exponent(e: Expr, free: bool = False) -> str:
    if isinstance(e, Number) and e.value.denominator == 1:
        return str(e.value)
    return _print(e, ATOM, free=free)


def _sum(terms: tuple[Expr, ...], free: bool) -> str:
    free = free and all(map(_is_shapeless, terms))
    text = _print(terms[0], TERM, free=free)
    for term in terms[1:]:
        opposite = without_sign(term)
        if opposite is None:
            text += f" + {_print(term, TERM, free=free)}"
        else:
            text += f" - {_print(opposite, TERM, free=free)}"
    return text


def _is_free(factors: tuple[Expr, ...], i: int, free: bool) -> bool:
    """A factor's own text and its neighbors do not say its shape."""
    rows = factors[i].shape[0] == ONE or (not _is_shapeless(factors[i - 1]) if i else not free)
    columns = factors[i].shape[1] == ONE or (not _is_shapeless(factors[i + 1]) if i + 1 < len(factors) else not free)
    return _is_shapeless(factors[i]) and not (rows and columns)


def _is_shapeless(e: Expr) -> bool:
    """Its text alone does not say its shape."""
    match e:
        case Identity() | Zero() | Ones():
            return True
        case Scale(_, body):
            return _is_shapeless(body)
        case Transpose(arg):
            return _is_shapeless(arg)
        case HadamardPower(base, exponent):
            return all(part.is_scalar or _is_shapeless(part) for part in (base, exponent))
        case Sum(terms) | Hadamard(terms):
            return all(_is_shapeless(t) for t in terms)
        case Product(factors):
            return any(
                end.shape[axis] != ONE and _is_shapeless(end) for axis, end in ((0, factors[0]), (1, factors[-1]))
            )
        case _:
            return False


def _scale(e: Expr, free: bool) -> tuple[str, int]:
    opposite = without_sign(e)
    if opposite is not None and not isinstance(e, Number):
        inner, own = _form(opposite, free)
        return (f"-{inner}", min(own, CHAIN)) if own > SUM else (f"-({inner})", CHAIN)
    scalars, body = split_scale(e)
    behind: tuple[Expr, ...] = ()
    if not body.is_scalar:  # denominators that come last may stand behind the body: 2*x/q
        cut = len(scalars)
        while cut and denominator(scalars[cut - 1]) is not None:
            cut -= 1
        scalars, behind = scalars[:cut], scalars[cut:]
    text = ""
    before: Expr | None = None
    parts = (*scalars, body, *behind)
    last = TERM if ends_in_sum(parts[-1]) else CHAIN
    for i, part in enumerate(parts):
        below = denominator(part)
        if below is not None and text != "1":
            text = f"{text or '1'}/{_print(below, POWER)}"
            before = part
            continue
        if isinstance(part, Number) and divides(part, before):
            text = f"{text}/{part.value.denominator}"
            before = part
            continue
        before = part
        loose = part is body and isinstance(part, Product | Hadamard)
        numeric = isinstance(part, Number) and part.value > 0
        binding = last if i == len(parts) - 1 and last == TERM else CHAIN if loose or numeric else FACTOR
        piece = _print(part, binding, free=free and part is body)
        text = f"{text}*{piece}" if text else piece
    return text, last


def ends_in_sum(e: Expr) -> bool:
    """It is a sum over an index, which takes all factors behind it, or a product that ends in one."""
    return isinstance(e, IndexSum) or (isinstance(e, Product) and isinstance(e.factors[-1], IndexSum))
