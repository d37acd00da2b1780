"""What stands before vec(dX) when the columns of an expression that is linear in dX are stacked.

The formulas are those of Magnus and Neudecker, Matrix Differential Calculus, chapter 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.messages import Message
from generator.expr.nodes import (
    ONE,
    Commutation,
    Diag,
    Differential,
    Dim,
    EntrySum,
    Expr,
    Hadamard,
    Identity,
    Kronecker,
    Ones,
    Product,
    Scale,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Unvec,
    Vec,
    add,
    commutation,
    factors_of,
    hadamard,
    product,
    scaled,
    split_scale,
    tr,
    walk,
)
from generator.expr.properties import transpose_of
from generator.rules.predicates import ends_in_differential

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.expr.messages import Text
    from generator.expr.nodes import Shape
    from generator.rules.rule import Context


COLUMNS_STACKED = Message("columns-stacked", "columns stacked")
VEC_OF = Message("vec-of", "{whole} = {parts}")
COMMUTATION = Message(
    "commutation", "{matrix} is the commutation matrix, whose zeros and ones turn {vec} into {turned}"
)


def matrix_before(term: Expr, dX: Expr) -> Expr | None:
    """The matrix M in vec(term) = M vec(dX); None where the term has first to be brought into another form."""
    match term:
        case _ if term == dX or (term == Transpose(dX) and dX.shape[1] == ONE):
            return Identity(dX.shape[0] * dX.shape[1])
        case Sum(terms):
            found = [matrix_before(part, dX) for part in terms]
            known = [part for part in found if part is not None]
            return add(*known) if len(known) == len(found) else None
        case Scale():
            return _of_scaled(term, dX)
        case Transpose(arg):
            return _behind(commutation(*arg.shape), matrix_before(arg, dX))
        case Vec(arg) | Unvec(arg):
            return matrix_before(arg, dX)
        case Product(factors) if (i := _only_moving(factors)) is not None:
            return _of_product(factors[:i], factors[i], factors[i + 1 :], dX)
        case Hadamard(factors) if (i := _only_moving(factors)) is not None:
            rest = hadamard(*(f for f in factors if f is not factors[i]))
            return _behind(Diag(stacked(rest)), matrix_before(factors[i], dX))
        case Kronecker(left, right) if not right.has_differential:
            return _behind(before_left(left.shape, right), matrix_before(left, dX))
        case Kronecker(left, right) if not left.has_differential:
            return _behind(before_right(left, right.shape), matrix_before(right, dX))
        case _:
            return None


def before_left(shape: Shape, B: Expr) -> Expr:
    """The matrix M in vec(Z ⊗ B) = M vec(Z) for a Z of some shape."""
    (r, s), (p, q) = shape, B.shape
    inner = _behind(_kronecker(commutation(q, r), _identity(p)), _kronecker(_identity(r), stacked(B)))
    return _kronecker(_identity(s), inner) or Identity(ONE)


def before_right(A: Expr, shape: Shape) -> Expr:
    """The matrix M in vec(A ⊗ Z) = M vec(Z) for a Z of some shape."""
    (m, n), (p, q) = A.shape, shape
    inner = _behind(_kronecker(_identity(n), commutation(q, m)), _kronecker(stacked(A), _identity(q)))
    return _kronecker(inner, _identity(p)) or Identity(ONE)


def row_before(scalar: Expr, dX: Expr) -> Expr | None:
    """The row r in s = r vec(dX) for a scalar that moves; None where it has first to be brought into another form."""
    scalars, body = split_scale(scalar)
    inner = body.arg if isinstance(body, Trace) else body
    if any(s.has_differential for s in scalars):
        return None
    row: Expr | None
    if body == EntrySum(dX):
        row = Transpose(Ones((dX.shape[0] * dX.shape[1], ONE)))
    elif ends_in_differential(inner):
        before = factors_of(inner)[:-1]
        row = Transpose(stacked(transpose_of(product(*before) if before else Identity(dX.shape[0]))))
    else:
        row = None if isinstance(body, Trace) else matrix_before(body, dX)
    return row if row is None or not scalars else scaled(scalars, row)


def formulas(term: Expr, found: Expr) -> tuple[Text, ...]:
    """What is used of vec to find the matrix before vec(dX), each formula once, with letters that the term leaves."""
    free = (letter for letter in "ABCMNPQRSTUVWYZ" if letter not in {s.name for s in term.symbols})
    A, B, C = (Symbol(name, (Dim.of("n"), Dim.of("n"))) for name, _ in zip(free, "ABC", strict=False))
    said: dict[Text, None] = {}
    for part in walk(term):
        if not part.has_differential or ONE in part.shape:
            continue
        if isinstance(part, Product):
            said[VEC_OF(whole=Vec(A @ B @ C), parts=Kronecker(C.T, A) @ Vec(B))] = None
        elif isinstance(part, Hadamard):
            said[VEC_OF(whole=Vec(Hadamard((A, B))), parts=Diag(Vec(A)) @ Vec(B))] = None
        elif isinstance(part, Kronecker):
            (r, s), (p, q) = part.left.shape, part.right.shape
            middle = _kronecker(_identity(s), _kronecker(commutation(q, r), _identity(p)))
            both = Kronecker(stacked(part.left), stacked(part.right))
            said[VEC_OF(whole=Vec(part), parts=both if middle is None else product(middle, both))] = None
    for K in walk(found):
        if isinstance(K, Commutation):
            said[COMMUTATION(matrix=K, vec=Vec(A), turned=Vec(A.T))] = None
    return tuple(said)


def stacked(e: Expr) -> Expr:
    """Its columns stacked: of one column itself, of a row its transpose."""
    if e.shape[1] == ONE:
        return e
    return transpose_of(e) if e.shape[0] == ONE else Vec(e)


def _of_scaled(term: Scale, dX: Expr) -> Expr | None:
    scalars, body = split_scale(term)
    moving = [s for s in scalars if s.has_differential]
    still = [s for s in scalars if not s.has_differential]
    if not moving:
        found = matrix_before(body, dX)
    elif len(moving) == 1 and not body.has_differential:
        row = row_before(moving[0], dX)
        found = None if row is None else product(stacked(body), row)
    else:
        found = None
    return found if found is None or not still else scaled(still, found)


def _of_product(before: Sequence[Expr], moving: Expr, after: Sequence[Expr], dX: Expr) -> Expr | None:
    """vec(A dZ B) = (B′ ⊗ A) vec(dZ); with dZ′, of the transpose B′ dZ A′."""
    if isinstance(moving, Transpose) and ONE not in moving.shape:
        turned = product(*map(transpose_of, reversed(after)), moving.arg, *map(transpose_of, reversed(before)))
        return matrix_before(Transpose(turned), dX)
    rows, columns = moving.shape
    left = product(*before) if before else _identity(rows)
    right = transpose_of(product(*after)) if after else _identity(columns)
    return _behind(_kronecker(right, left), matrix_before(moving, dX))


def _only_moving(factors: Sequence[Expr]) -> int | None:
    """Where the one factor stands that moves."""
    places = [i for i, f in enumerate(factors) if f.has_differential]
    return places[0] if len(places) == 1 else None


def _identity(n: Dim) -> Expr | None:
    """The identity, or nothing where it is the number 1."""
    return None if n == ONE else Identity(n)


def _kronecker(left: Expr | None, right: Expr | None) -> Expr | None:
    """The Kronecker product, of identities again one; what is 1 × 1 and known to be 1 leaves no trace."""
    if left is None or left == Identity(ONE):
        return right
    if right is None or right == Identity(ONE):
        return left
    both = isinstance(left, Identity) and isinstance(right, Identity)
    return Identity(left.shape[0] * right.shape[0]) if both else Kronecker(left, right)


def _behind(left: Expr | None, right: Expr | None) -> Expr | None:
    """The product of two matrices, of which identities leave no trace; None if the second is not known."""
    if right is None or left is None or isinstance(left, Identity):
        return right
    return left if isinstance(right, Identity) else product(left, right)


# -- the laws by which vec comes and goes


def kronecker_vec(e: Expr, context: Context) -> Expr | None:
    """(C ⊗ A) vec(B) = vec(A B C′), of anything that varies; what is no vec of a matrix is made one by vec⁻¹."""
    if not isinstance(e, Product) or e.shape[1] != ONE:
        return None
    for i, f in enumerate(e.factors[:-1]):
        column = product(*e.factors[i + 1 :])
        if isinstance(f, Kronecker) and not (context.is_constant(f) and not isinstance(column, Vec)):
            if ONE in (f.left.shape[1], f.right.shape[1]) or context.is_constant(product(f, column)):
                continue
            inner = unstacked(column, f.right.shape[1], f.left.shape[1])
            return product(*e.factors[:i], Vec(product(f.right, inner, transpose_of(f.left))))
    return None


def inner_vec(e: Expr, context: Context) -> Expr | None:
    """vec(A)′ vec(B) = Tr(A′ B) where the one or the other varies."""
    found = _row_and_stacked(e)
    if found is None or context.is_constant(e) or not isinstance(found[0], Vec):
        return None
    if found[0].arg.shape != found[1].arg.shape:
        return None
    inner = product(Transpose(found[0].arg), found[1].arg)
    return inner if inner.is_scalar else tr(inner)


def row_vec(e: Expr, context: Context) -> Expr | None:
    """A row r times vec(A) is Tr(vec⁻¹(r′)′ A) where A moves alone, or varies alone."""
    found = _row_and_stacked(e)
    if found is None:
        return None
    column, last = found
    alone = not column.has_differential if last.has_differential else context.is_constant(column)
    if not alone or not (last.has_differential or not context.is_constant(last)):
        return None
    return tr(product(Transpose(unstacked(column, *last.arg.shape)), last.arg))


def trace_of_unvec(e: Expr, context: Context) -> Expr | None:
    """Tr(B vec⁻¹(x)) = vec(B′)′ x for a column x that moves."""
    del context
    if not isinstance(e, Trace) or not isinstance(last := factors_of(e.arg)[-1], Unvec) or not last.has_differential:
        return None
    before = factors_of(e.arg)[:-1]
    if any(f.has_differential for f in before):
        return None
    B = product(*before) if before else Identity(last.n)
    return product(Transpose(stacked(transpose_of(B))), last.arg)


def _row_and_stacked(e: Expr) -> tuple[Expr, Vec] | None:
    """What stands before vec(A) in a scalar, as a column, and vec(A)."""
    if not isinstance(e, Product) or not e.is_scalar:
        return None
    *before, last = e.factors
    return (transpose_of(product(*before)), last) if isinstance(last, Vec) else None


def unstacked(column: Expr, n: Dim, m: Dim) -> Expr:
    """The n × m matrix with stacked columns: of vec(A), A itself."""
    return column.arg if isinstance(column, Vec) and column.arg.shape == (n, m) else Unvec(column, n, m)


def kronecker_trace(e: Expr, context: Context) -> Expr | None:
    """Tr(B (A ⊗ dX)) = Tr(vec⁻¹(M′ vec(B′))′ dX), where vec(A ⊗ dX) = M vec(dX)."""
    if not isinstance(e, Trace) or not isinstance(e.arg, Product):
        return None
    *before, last = e.arg.factors
    if not isinstance(last, Kronecker) or not last.has_differential or any(f.has_differential for f in before):
        return None
    M = matrix_before(last, Differential(context.wrt))
    return None if M is None else trace_by_vec(product(*before), M, Differential(context.wrt))


def trace_by_vec(B: Expr, M: Expr, dX: Expr) -> Expr:
    """Tr(B F) = Tr(vec⁻¹(M′ vec(B′))′ dX) where vec(F) = M vec(dX)."""
    return tr(product(Transpose(Unvec(product(transpose_of(M), Vec(transpose_of(B))), *dX.shape)), dX))
