"""What is known of an expression without knowing its numbers: symmetric, positive definite, invertible, positive."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from generator.expr.evaluate import exact
from generator.expr.functions import FUNCTIONS, PROBABILITY, UP_TO_ONE
from generator.expr.nodes import (
    ONE,
    Adjugate,
    BlockMatrix,
    Commutation,
    CrossMatrix,
    Curve,
    Determinant,
    Diag,
    Diagonal,
    Differential,
    Elementwise,
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
    add,
    factors_of,
    hadamard,
    in_blocks,
    index_sum,
    number,
    product,
    rebuild,
    scale,
    split_scale,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

IMPLIED: dict[str, frozenset[str]] = {
    "symmetric": frozenset({"positive definite", "diagonal"}),
    "invertible": frozenset({"positive definite", "orthogonal"}),
    "lower triangular": frozenset({"diagonal"}),
    "sums to one": frozenset({"one-hot"}),
    "rows sum to one": frozenset({"one-hot rows"}),
}
"""For a property, the declarations that imply it."""

KEPT = ("symmetric", "skew-symmetric", "diagonal", "lower triangular")
"""Properties that the derivatives of a matrix which depends on a scalar have, too."""
UNIT_SUMS = ("sums to one", "one-hot", "rows sum to one", "one-hot rows")
"""Properties by which entries add up to one."""
OF_ANY_SHAPE = ("positive", *UNIT_SUMS)
"""Properties that matrices need not be square for."""

RankCondition: TypeAlias = Literal["invertible", "full row rank", "full column rank"]
"""What is asked of a matrix so that an inverse exists."""

REMEMBERED = 1 << 14
"""How many expressions' transposes are kept; a derivation asks for the same ones again and again."""


def declared(e: Symbol | Member | Curve | Matrix, name: str) -> bool:
    """The declaration of a symbol, or of a family, says, or implies, a property; of a matrix, its numbers say it."""
    if isinstance(e, Matrix):
        return holds(name, e)
    if isinstance(e, Curve):
        return declared(e.symbol, name) and (e.order == 0 or name in KEPT)
    symbol = e.family if isinstance(e, Member) else e
    return name in symbol.properties or not symbol.properties.isdisjoint(IMPLIED.get(name, frozenset()))


def has(e: Expr, name: str) -> bool:
    """A property is known to hold; False where it is not known."""
    match name:
        case "symmetric":
            return is_symmetric(e)
        case "positive definite":
            return is_positive_definite(e)
        case "invertible":
            return is_invertible(e)
        case "positive":
            return is_positive(e)
        case "sums to one" if isinstance(e, Softmax):
            return True
        case "rows sum to one" if isinstance(e, Transpose):
            return has(e.arg, "sums to one")
        case "skew-symmetric":
            return is_skew_symmetric(e)
        case "orthogonal":
            return is_orthogonal(e)
        case "diagonal":
            inner = e.arg if isinstance(e, Inverse) else e
            return isinstance(inner, Identity | Diag) or (
                isinstance(inner, Symbol | Member | Curve | Matrix) and declared(inner, name)
            )
        case _:
            return isinstance(e, Symbol | Member | Curve | Matrix) and declared(e, name)


@lru_cache(maxsize=REMEMBERED)
def holds(name: str, e: Matrix) -> bool:
    """A property of a matrix of numbers, decided by these."""
    rows, columns = e.shape
    return (rows == columns or name in OF_ANY_SHAPE) and exact.PROPERTIES[name](e.rows)


@lru_cache(maxsize=REMEMBERED)
def transpose_of(e: Expr) -> Expr:  # noqa: C901 - one branch per node
    """The transpose with its marks pushed down to the symbols, and dropped where nothing changes."""
    if e.is_scalar and not isinstance(e, Product):
        return settled(e)
    match e:
        case Transpose(arg):
            return settled(arg)
        case Sum(terms):
            return add(*map(transpose_of, terms))
        case Product((A, PseudoInverse(B)) | (PseudoInverse(B), A)) if A == B:  # an orthogonal projection
            return e
        case Product(factors):
            return product(*map(transpose_of, reversed(factors)))
        case Scale(coefficient, body):
            return scale(coefficient, transpose_of(body))
        case Hadamard(factors):
            return hadamard(*map(transpose_of, factors))
        case Zero((rows, columns)):
            return Zero((columns, rows))
        case Ones((rows, columns)) if columns != ONE:
            return Ones((columns, rows)) if rows != ONE else Transpose(e)
        case Identity() | Diag():
            return e
        case Inverse() | Power() | CrossMatrix() if is_skew_symmetric(e):
            return scale(Number(Fraction(-1)), e)
        case Power() if is_symmetric(e):
            return e
        case Inverse(arg):
            inner = transpose_of(arg)
            return Inverse(inner) if not isinstance(inner, Transpose) else Transpose(Inverse(inner.arg))
        case Power(base, exponent):
            inner = transpose_of(base)
            return Power(inner, exponent) if not isinstance(inner, Transpose) else Transpose(e)
        case Kronecker(left, right):
            return Kronecker(transpose_of(left), transpose_of(right))
        case BlockMatrix():
            new = in_blocks([list(map(transpose_of, column)) for column in e.columns])
            return new if all(map(is_unit, e.blocks)) or new == _settled_below(e) else Transpose(e)
        case Commutation(n, m):
            return Commutation(m, n)
        case IndexSum(index, body):
            return index_sum(index, transpose_of(body))
        case Symbol() | Member() | Curve() | Differential():
            if has(e, "symmetric"):
                return e
            return scale(Number(Fraction(-1)), e) if has(e, "skew-symmetric") else Transpose(e)
        case _:
            return Matrix(exact.transposed(e.rows)) if isinstance(e, Matrix) else Transpose(e)


def is_zero(e: Expr) -> bool:
    """It is zero, as a matrix or as a number."""
    return isinstance(e, Zero) or e == number(0)


def is_unit(e: Expr) -> bool:
    """It is zero, or the identity; as a number, 0 or 1."""
    return is_zero(e) or isinstance(e, Identity) or e == number(1)


@lru_cache(maxsize=REMEMBERED)
def settled(e: Expr) -> Expr:
    """The expression with every transpose in it pushed down to the symbols."""
    if isinstance(e, Transpose):
        return transpose_of(e.arg)
    if isinstance(e, Inverse) and isinstance(inner := settled(e.arg), Transpose):
        return Transpose(Inverse(inner.arg))
    if isinstance(e, Power) and isinstance(inner := settled(e.base), Transpose):
        return Transpose(Power(inner.arg, e.exponent))
    return _settled_below(e)


def _settled_below(e: Expr) -> Expr:
    return rebuild(e, [settled(child) for child in e.children]) if e.children else e


def is_symmetric(e: Expr) -> bool:
    """It equals its transpose."""
    if e.is_scalar:
        return True
    if not e.is_square:
        return False
    match e:
        case Symbol() | Member() | Curve() | Matrix():
            return declared(e, "symmetric")
        case Identity() | Diag() | Zero() | Ones():
            return True
        case (
            Inverse(arg)
            | Transpose(arg)
            | Adjugate(arg)
            | PseudoInverse(arg)
            | MatrixFunction(_, arg)
            | Elementwise(_, arg)
            | Differential(arg)
        ):
            return is_symmetric(arg)
        case Power(base, Number(Fraction(numerator=power, denominator=1))) if is_skew_symmetric(base):
            return power % 2 == 0
        case IndexSum(_, body):
            return is_symmetric(body)
        case Unvec(Product((Inverse(Sum((Kronecker(A, Identity()), Kronecker(Identity(), B)))), Vec(C)))):
            return settled(A) == settled(B) and is_symmetric(C)  # Y with A Y + Y A′ = C
        case Power(base):
            return is_symmetric(base)
        case HadamardPower(base, exponent):
            return is_symmetric(base) and is_symmetric(exponent)
        case Scale(_, body):
            return is_symmetric(body)
        case Sum(terms):
            left, right = [settled(t) for t in terms], [transpose_of(t) for t in terms]
            return all(left.count(t) == right.count(t) for t in left)
        case _:
            return settled(e) == transpose_of(e)


def is_skew_symmetric(e: Expr) -> bool:
    """It equals the opposite of its transpose."""
    match e:
        case Symbol() | Member() | Curve() | Matrix():
            return declared(e, "skew-symmetric")
        case CrossMatrix():
            return True
        case Transpose(arg) | Inverse(arg) | Differential(arg):
            return is_skew_symmetric(arg)
        case Scale(_, body):
            return is_skew_symmetric(body)
        case Sum(terms):
            return all(map(is_skew_symmetric, terms))
        case Power(base, Number(Fraction(numerator=power, denominator=1))):
            return power % 2 == 1 and is_skew_symmetric(base)
        case Product(factors):
            middle = middle_of(factors)
            return middle is not None and is_skew_symmetric(middle)
        case _:
            return False


def is_orthogonal(e: Expr) -> bool:
    """Its inverse is its transpose."""
    match e:
        case Symbol() | Member() | Curve() | Matrix():
            return declared(e, "orthogonal")
        case Identity():
            return True
        case Transpose(arg) | Inverse(arg):
            return is_orthogonal(arg)
        case Product(factors):
            return all(map(is_orthogonal, factors))
        case Kronecker(left, right):
            return is_orthogonal(left) and is_orthogonal(right)
        case _:
            return False


def sign(e: Expr) -> int:
    """1 for a positive scalar, -1 for a negative one, 0 where it is not known."""
    match e:
        case Number(value):
            return (value > 0) - (value < 0)
        case Pi():
            return 1
        case Symbol() | Member() | Curve():
            return int(e.is_scalar and declared(e, "positive"))
        case Scale(coefficient, body) if body.is_scalar:
            return sign(coefficient) * sign(body)
        case Sum(terms):
            signs = {sign(t) for t in terms}
            if (1 in signs and all(map(is_nonnegative, terms))) or _is_one_less(terms):
                return 1
            return signs.pop() if len(signs) == 1 else 0
        case IndexSum(_, body):
            return sign(body)
        case Power(base):
            return int(sign(base) > 0)
        case Determinant(Matrix(rows)):
            value = exact.determinant(rows)
            return (value > 0) - (value < 0)
        case Determinant(arg):
            return int(is_positive_definite(arg))
        case EntrySum(arg):
            return int(is_positive(arg))
        case Trace(arg) | Spectral("lambda_max" | "lambda_min", arg):
            return int(is_positive_definite(arg))
        case Product(factors):
            return int(all(map(is_positive, factors)))
        case Elementwise(name) if name in FUNCTIONS:
            return int(FUNCTIONS[name].sign == "positive")
        case _:
            return 0


def _is_one_less(terms: Sequence[Expr]) -> bool:
    """The terms are 1 and the opposite of something whose entries are all below 1, as those of σ(t) and tanh(t)²."""
    if len(terms) != 2 or not (terms[0] == number(1) or isinstance(terms[0], Ones)):
        return False
    match split_scale(terms[1]):
        case ((Number(Fraction(numerator=-1, denominator=1)),), Elementwise(name)) if name in FUNCTIONS:
            return FUNCTIONS[name].range in (PROBABILITY, UP_TO_ONE)
        case (
            (Number(Fraction(numerator=-1, denominator=1)),),
            Power(Elementwise(name), Number(value)) | HadamardPower(Elementwise(name), Number(value)),
        ) if name in FUNCTIONS and value > 0 and value.denominator == 1 and value.numerator % 2 == 0:
            return FUNCTIONS[name].range in (PROBABILITY, UP_TO_ONE)
        case _:
            return False


def is_nonnegative(e: Expr) -> bool:
    """It is a scalar that is never below zero."""
    match e:
        case Norm() | Spectral("norm_spec"):
            return True
        case Elementwise(name) if name in FUNCTIONS:
            return FUNCTIONS[name].sign != ""
        case Scale(coefficient, body) if body.is_scalar:
            return is_nonnegative(coefficient) and is_nonnegative(body)
        case IndexSum(_, body):
            return is_nonnegative(body)
        case Sum(terms):
            return all(map(is_nonnegative, terms))
        case Product(factors):
            return is_mirrored(factors)
        case Trace(arg):
            return is_positive_semidefinite(arg)
        case Power(base, Number(value)):
            return is_nonnegative(base) or (value.denominator == 1 and value.numerator % 2 == 0)
        case _:
            return sign(e) > 0


def middle_of(factors: tuple[Expr, ...]) -> Expr | None:
    """A of B′AB, the identity of B′B; None of a product that is not mirrored."""
    count = len(factors)
    half = factors[: count // 2]
    if not half or not all(transpose_of(a) == settled(b) for a, b in zip(half, reversed(factors), strict=False)):
        return None
    size = half[-1].shape[1]
    return factors[count // 2] if count % 2 else number(1) if size == ONE else Identity(size)


@lru_cache(maxsize=REMEMBERED)
def commute(a: Expr, b: Expr) -> bool:
    """AB = BA, because both are made of one matrix by sums, products, inverses and power series."""
    if a == b or a.is_scalar or b.is_scalar or isinstance(a, Identity) or isinstance(b, Identity):
        return True
    for whole, other in ((a, b), (b, a)):
        made = isinstance(whole, Sum | Product | Scale | Power | Inverse | Adjugate | MatrixFunction)
        if made and all(commute(part, other) for part in whole.children):
            return True
    return False


def is_mirrored(factors: tuple[Expr, ...]) -> bool:
    """The product is B′B, or B′AB with A positive semidefinite."""
    middle = middle_of(factors)
    return middle is not None and is_positive_semidefinite(middle)


def is_positive(e: Expr) -> bool:
    """Every entry is above zero."""
    if e.is_scalar:
        return sign(e) > 0
    match e:
        case Symbol() | Member() | Curve() | Matrix():
            return declared(e, "positive")
        case Ones() | Softmax():
            return True
        case Elementwise(name) if name in FUNCTIONS:
            return FUNCTIONS[name].sign == "positive"
        case Transpose(arg):
            return is_positive(arg)
        case Diagonal(arg):
            return is_positive(arg) or is_positive_definite(arg)
        case Sum(terms) | Product(terms) | Hadamard(terms):
            return all(map(is_positive, terms)) or (isinstance(e, Sum) and _is_one_less(terms))
        case Scale(coefficient, body):
            return is_positive(coefficient) and is_positive(body)
        case HadamardPower(base):
            return is_positive(base)
        case _:
            return False


def is_positive_semidefinite(e: Expr) -> bool:
    """It is symmetric and x′Ax is never negative."""
    if not e.is_square or e.is_scalar:
        return e.is_scalar and is_nonnegative(e)
    if is_positive_definite(e) or isinstance(e, Zero):
        return True
    match e:
        case Diag(arg):
            return is_positive(arg)
        case Matrix(rows):
            return exact.is_positive_semidefinite(rows)
        case IndexSum(_, body):
            return is_positive_semidefinite(body)
        case Sum(terms):
            return all(map(is_positive_semidefinite, terms))
        case Scale(coefficient, body):
            return sign(coefficient) > 0 and is_positive_semidefinite(body)
        case Product(factors):
            return is_mirrored(factors)
        case Kronecker(left, right):
            return is_positive_semidefinite(left) and is_positive_semidefinite(right)
        case _:
            return False


def is_positive_definite(e: Expr) -> bool:
    """It is symmetric and x′Ax is above zero for x ≠ 0."""
    if e.is_scalar:
        return sign(e) > 0
    match e:
        case Symbol() | Member() | Curve() | Matrix():
            return declared(e, "positive definite")
        case Identity():
            return True
        case Inverse(arg) | Transpose(arg):
            return is_positive_definite(arg)
        case Diag(arg):
            return is_positive(arg)
        case Scale(coefficient, body):
            return sign(coefficient) > 0 and is_positive_definite(body)
        case IndexSum(_, body):
            return is_positive_definite(body)
        case Sum(terms):
            return any(map(is_positive_definite, terms)) and all(map(is_positive_semidefinite, terms))
        case MatrixFunction("expm", arg):
            return is_symmetric(arg)
        case MatrixFunction("sqrtm", arg):
            return is_positive_definite(arg)
        case Kronecker(left, right):
            return is_positive_definite(left) and is_positive_definite(right)
        case Product(factors):  # B′AB with A positive definite and B invertible
            middle = middle_of(factors)
            half = factors[: len(factors) // 2]
            return middle is not None and is_positive_definite(middle) and all(map(is_invertible, half))
        case _:
            return False


def is_negative_definite(e: Expr) -> bool:
    """Its opposite is positive definite."""
    match e:
        case Matrix(rows):
            return e.is_square and exact.is_positive_definite(exact.scaled(Fraction(-1), rows))
        case Inverse(arg):
            return is_negative_definite(arg)
        case Scale(coefficient, body):
            return (sign(coefficient) < 0 and is_positive_definite(body)) or (
                sign(coefficient) > 0 and is_negative_definite(body)
            )
        case Sum(terms):
            return all(map(is_negative_definite, terms))
        case _:
            return False


def is_invertible(e: Expr) -> bool:
    """It is square and has an inverse."""
    if e.is_scalar:
        return sign(e) != 0
    if not e.is_square:
        return False
    match e:
        case Symbol() | Member() | Curve() | Matrix():
            return declared(e, "invertible")
        case Inverse() | Identity() | MatrixFunction("expm" | "sqrtm"):  # a principal root has no eigenvalue zero
            return True
        case Transpose(arg) | Adjugate(arg) | PseudoInverse(arg):
            return is_invertible(arg)
        case Product(factors):
            return all(map(is_invertible, factors)) or is_positive_definite(e)
        case Scale(coefficient, body):
            return sign(coefficient) != 0 and is_invertible(body)
        case Power(base):
            return is_invertible(base)
        case Kronecker(left, right):
            return is_invertible(left) and is_invertible(right)
        case _:
            return is_positive_definite(e)


def rank_condition(e: Expr) -> tuple[RankCondition, Expr] | None:
    """What must hold for a square matrix to be invertible, said of its smallest part; None where nothing is needed."""
    if is_invertible(e):
        return None
    if isinstance(e, Scale):
        return rank_condition(split_scale(e)[1])
    factors = factors_of(e)
    middle = middle_of(factors)
    if middle is None or not is_positive_definite(middle):
        return ("invertible", e)
    column = product(*factors[(len(factors) + 1) // 2 :])  # B of B′AB, whose columns have to be independent
    needed = [f for f in factors_of(column) if not is_invertible(f)]
    tall = needed[0] if len(needed) == 1 else column
    return ("full row rank", tall.arg) if isinstance(tall, Transpose) else ("full column rank", tall)
