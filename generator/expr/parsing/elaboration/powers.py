"""Powers: of numbers, of matrices and of each entry, exponentials, and the marks behind a matrix."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from lark import Tree

from generator.errors import ShapeError, Unsupported
from generator.expr.evaluate.exact import NoValueError, exact
from generator.expr.nodes import (
    ONE,
    Elementwise,
    Identity,
    Inverse,
    MatrixFunction,
    Number,
    Power,
    PseudoInverse,
    Spectral,
    Symbol,
    Transpose,
    entrywise_power,
    inverse,
    number,
)
from generator.expr.parsing.calls import CONJUGATE
from generator.expr.parsing.elaboration.norms import (
    is_square_of_weighted,
    is_to_its_own_power,
    of_two_norms,
    powers_of_entries,
    weighted,
)
from generator.expr.parsing.trees import child, is_e, is_mark, is_number

if TYPE_CHECKING:
    from lark import Token

    from generator.expr.nodes import Expr
    from generator.expr.parsing.elaboration.scope import Scope

LARGEST_POWER = 30
"""A derivation has as many terms as the power of a matrix, and nobody reads more."""
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def power(scope: Scope, tree: Tree[Token]) -> Expr:
    """A power written with `^`, an exponential, or a transpose whose mark is an exponent."""
    base, exponent = child(tree, 0), child(tree, -1)
    scope.mark_lengths(base)
    if is_e(base) and "e" not in scope.symbols:
        return _exponential(scope, exponent, tree)
    if exponent.data == "transpose" and (inner := child(exponent, 0)).data == "group":
        # in X^{-1}' the mark behind the brackets is of the power, since an exponent is a scalar
        return Transpose(scope.build(Tree("power", [base, inner], tree.meta)))
    if is_mark(exponent) and "t" not in scope.symbols:
        return _marked(scope, tree)
    if is_square_of_weighted(base, exponent):
        return weighted(scope, base)
    if is_to_its_own_power(base, exponent):
        return powers_of_entries(scope.build(base.children[1]), exponent_of(scope, tree))
    value = _operand(scope, tree)
    if isinstance(value, Spectral) and base.data == "norm":
        raise of_two_norms(scope, tree)
    return raised(scope, value, exponent_of(scope, tree), tree)


def superscript(scope: Scope, tree: Tree[Token]) -> Expr:
    """A power whose exponent is written in small digits."""
    scope.mark_lengths(child(tree, 0))
    return raised(scope, _operand(scope, tree), number(small_digits(str(tree.children[1]))), tree)


def small_digits(written: str) -> str:
    """A number that is written in small digits, in those on the line."""
    return written.translate(SUPERSCRIPTS)


def power_of_entries(scope: Scope, tree: Tree[Token]) -> Expr:
    """The power of each entry, written with `.^`."""
    return entrywise_power(_operand(scope, tree), scope.build(tree.children[-1]))


def exponent_of(scope: Scope, tree: Tree[Token]) -> Expr:
    """The exponent of a power; raises `ShapeError` where it is no scalar."""
    written = child(tree, -1)
    exponent = scope.build(written)
    if isinstance(exponent, Symbol) and exponent.name == "H" and not exponent.is_scalar:
        raise scope.fail("the conjugate transpose ^H is not read", written, "Of real matrices write X^T.")
    if not exponent.is_scalar:
        raise ShapeError(
            "an exponent is a scalar",
            text=scope.place(written),
            remedy="For a power with each entry as its exponent write .^ instead of ^.",
        )
    return exponent


def raised(scope: Scope, base: Expr, exponent: Expr, tree: Tree[Token]) -> Expr:
    """The power of a scalar or a matrix; of each entry where it is of a column."""
    if base.is_scalar:
        return Power(base, exponent)
    if not exponent.symbols and not isinstance(exponent, Number):
        try:
            exponent = number(exact(exponent, {})[0][0])
        except (NoValueError, Unsupported) as error:
            raise scope.fail(f"the power has no value: {error.args[0]}", tree, "Write it as a number.") from None
    if not isinstance(exponent, Number):
        if any(s.name == "T" and "T" not in scope.given for s in exponent.symbols):
            raise scope.fail("it is not clear what is transposed", tree, "Write (X^{-1})^T, or declare T.")
        return Power(base, exponent)
    value = exponent.value
    of_entries = scope.is_line(base) or scope.in_sum
    if of_entries and isinstance(base, Transpose) and not scope.in_sum and value not in (1, -1):
        raise scope.fail("the power of a row", tree, "For the power of each entry write .^ instead of ^.")
    if of_entries and value not in (1, -1):
        scope.entrywise = True
        scope.note(f"{scope.written(tree)} is taken of each entry.")
        return entrywise_power(base, exponent)
    return _power_of_matrix(scope, base, value, tree)


def _power_of_matrix(scope: Scope, base: Expr, exponent: Fraction, tree: Tree[Token]) -> Expr:
    if abs(exponent) == Fraction(1, 2):
        root = scope.required(MatrixFunction("sqrtm", base), tree)
        return root if exponent > 0 else inverse(root)
    if exponent.denominator != 1:
        raise scope.fail(
            "a matrix can be raised to whole powers, 1/2 and -1/2 only",
            tree,
            r"For the power of each entry write .^ instead of ^, in LaTeX ^{\circ …}.",
        )
    if exponent == 1:
        return base
    if abs(exponent) * _power_within(base) > LARGEST_POWER:
        raise scope.fail(f"a power above {LARGEST_POWER}", tree, "Smaller powers show the same.")
    square = scope.required(Power(base, number(2)), tree)
    match int(exponent):
        case -1:
            return inverse(base)
        case 0:
            return Identity(square.shape[0])
        case k:
            return Power(base, number(k)) if k > 0 else Power(inverse(base), number(-k))


def _power_within(e: Expr) -> Fraction:
    """The product of the powers that a matrix is raised to, one after the other."""
    match e:
        case Power(base, Number(exponent)) if not base.is_scalar:
            return abs(exponent) * _power_within(base)
        case Transpose(arg) | Inverse(arg):
            return _power_within(arg)
        case _:
            return Fraction(1)


def _exponential(scope: Scope, written: Tree[Token], tree: Tree[Token]) -> Expr:
    """e to a scalar, or to a square matrix, of which it is the matrix exponential."""
    exponent = scope.build(written)
    if exponent.is_scalar:
        return Elementwise("exp", exponent)
    if scope.shapes.find(exponent.shape[0]) == ONE:
        raise ShapeError(
            "it is not clear how far the exponent goes",
            text=scope.place(tree),
            remedy="Put the whole exponent in brackets: e^(-x'x).",
        )
    if exponent.is_vector or scope.in_sum:
        scope.entrywise = True
        scope.note(f"{scope.written(tree)} is taken of each entry.")
        return Elementwise("exp", exponent)
    scope.note(f"{scope.written(tree)} is the exponential of the matrix.")
    return MatrixFunction("expm", exponent)


def _marked(scope: Scope, tree: Tree[Token]) -> Expr:
    """`A^t`, where t is no symbol: the transpose."""
    base = _operand(scope, tree)
    if base.is_scalar:
        raise ShapeError("the transpose of a scalar", text=scope.place(tree))
    scope.note(f"{scope.written(tree)} is the transpose.")
    return Transpose(base)


def transpose(scope: Scope, tree: Tree[Token]) -> Expr:
    """The transpose; raises `ShapeError` for numbers in brackets, so that other kinds are tried."""
    written = child(tree, 0)
    if is_number(written) or _ends_in_exponent(written):
        raise scope.fail("it is not clear what is transposed", tree, "Put the power in parentheses: (X^2)'.")
    if tree.children[-1] in (CONJUGATE, "*"):
        scope.note(f"{scope.written(tree)} is the transpose, since all numbers are real.")
    e = _operand(scope, tree)
    if written.data == "group" and e.symbols and all(s.is_scalar and s.name not in scope.given for s in e.symbols):
        raise ShapeError("the transpose of a number", text=scope.place(tree))
    return Transpose(e)


def inverse_transpose(scope: Scope, tree: Tree[Token]) -> Expr:
    """The transpose of the inverse, written as one mark."""
    return Transpose(scope.required(inverse(_operand(scope, tree)), tree))


def pseudo_inverse(scope: Scope, tree: Tree[Token]) -> Expr:
    """The pseudo-inverse of a matrix."""
    base = _operand(scope, tree)
    if not scope.given and (base.is_scalar or scope.is_line(base)):
        written = scope.written(child(tree, 0))
        raise scope.fail(
            "it is not clear what is meant of a column or a number",
            tree,
            f"Of real columns the conjugate transpose is {written}', the pseudo-inverse pinv({written}), and the"
            f" positive part relu({written}).",
        )
    if "†" in scope.written(tree) or "dag" in scope.written(tree):
        scope.note(f"{scope.written(tree)} is the pseudo-inverse.")
    return PseudoInverse(base)


def positive_part(scope: Scope, tree: Tree[Token]) -> Expr:
    """The positive part of each entry, marked by a lowered +."""
    return Elementwise("relu", scope.build(tree.children[0]))


def _operand(scope: Scope, tree: Tree[Token]) -> Expr:
    """The operand of a mark or an exponent."""
    base = child(tree, 0)
    if base.data == "fraction":
        raise scope.fail("a fraction with a mark behind it", tree, "Put the fraction in parentheses.")
    powers = ("power", "entrywise_power", "superscript")
    if tree.data in powers and base.data in powers:
        raise scope.fail("a power of a power", tree, "Say with parentheses which is meant: (a^2)^3 or a^(2^3).")
    return scope.build(base)


def _ends_in_exponent(tree: Tree[Token]) -> bool:
    """It is a power written without brackets, as in `X^-1'`, where the mark could belong to the exponent."""
    return tree.data in ("power", "entrywise_power") and child(tree, -1).data != "group"
