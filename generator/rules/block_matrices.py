"""The laws of block matrices: what is done to them block by block, and the way to a block of its own."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from generator.expr.nodes import (
    ONE,
    BlockMatrix,
    Determinant,
    Differential,
    Dim,
    Elementwise,
    EntrySum,
    Expr,
    Hadamard,
    HadamardPower,
    Identity,
    Inverse,
    Matrix,
    Norm,
    Number,
    Ones,
    Power,
    Product,
    Scale,
    Sum,
    Trace,
    Transpose,
    Zero,
    add,
    d,
    entrywise_power,
    factors_of,
    hadamard,
    in_blocks,
    inverse,
    number,
    product,
    scale,
    scaled,
    split_scale,
    tr,
    zeros,
)
from generator.expr.properties import is_unit, is_zero, transpose_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.rules.rule import Context

Lines: TypeAlias = "tuple[tuple[Expr, ...], ...]"
"""Blocks, row by row."""


def blocks_of(e: Expr) -> Lines | None:
    """The blocks of a matrix that is made of block matrices; None where it is not, or their blocks do not conform."""
    match e:
        case BlockMatrix():
            return e.lines
        case Transpose(arg):
            inner = blocks_of(arg)
            return inner and tuple(tuple(map(transpose_of, column)) for column in zip(*inner, strict=True))
        case Scale(coefficient, arg):
            return _each(blocks_of(arg), lambda block: scale(coefficient, block))
        case Elementwise(name, arg):
            return _each(blocks_of(arg), lambda block: Elementwise(name, block))
        case HadamardPower(arg, exponent) if exponent.is_scalar:
            return _each(blocks_of(arg), lambda block: entrywise_power(block, exponent))
        case Sum(terms):
            return _alike(terms, add)
        case Hadamard(factors):
            return _alike(factors, hadamard)
        case Product(factors):
            return _multiplied(factors)
        case _:
            return None


def _each(lines: Lines | None, change: Callable[[Expr], Expr]) -> Lines | None:
    return lines and tuple(tuple(map(change, line)) for line in lines)


def _alike(parts: Sequence[Expr], join: Callable[..., Expr]) -> Lines | None:
    """Matrices of the same blocks, joined block by block."""
    found = [blocks_of(part) for part in parts]
    first = next((lines for lines in found if lines), None)
    if first is None:
        return None
    heights, widths = [line[0].shape[0] for line in first], [block.shape[1] for block in first[0]]
    cut = [lines or _cut(part, heights, widths) for lines, part in zip(found, parts, strict=True)]
    grids = [[[block.shape for block in line] for line in lines] for lines in cut if lines]
    if len(grids) < len(cut) or any(grid != grids[0] for grid in grids):
        return None
    whole = [lines for lines in cut if lines]
    return tuple(
        tuple(join(*blocks) for blocks in zip(*together, strict=True)) for together in zip(*whole, strict=True)
    )


def _cut(e: Expr, heights: Sequence[Dim], widths: Sequence[Dim]) -> Lines | None:
    """The blocks of a matrix of zeros, of ones, or of the identity; of any, where the whole is one block."""
    match e:
        case _ if len(heights) == len(widths) == 1:
            return ((e,),)
        case Scale(coefficient, body):
            return _each(_cut(body, heights, widths), lambda block: scale(coefficient, block))
        case Zero():
            return tuple(tuple(zeros((rows, columns)) for columns in widths) for rows in heights)
        case Ones():
            return tuple(tuple(_ones(rows, columns) for columns in widths) for rows in heights)
        case Identity() if [*heights] == [*widths]:
            return tuple(
                tuple(_identity(rows) if i == j else zeros((rows, columns)) for j, columns in enumerate(widths))
                for i, rows in enumerate(heights)
            )
        case _:
            return None


def _ones(rows: Dim, columns: Dim) -> Expr:
    return number(1) if rows == columns == ONE else Ones((rows, columns))


def _identity(rows: Dim) -> Expr:
    return number(1) if rows == ONE else Identity(rows)


def _multiplied(factors: Sequence[Expr]) -> Lines | None:
    """The blocks of a product; what has no blocks goes to all of a column in front of it, or of a row behind it."""
    parts = [blocks_of(factor) or ((factor,),) for factor in factors]
    if all(len(lines) == len(lines[0]) == 1 for lines in parts):
        return None
    for left, right in pairwise(parts):
        if [block.shape[1] for block in left[0]] != [line[0].shape[0] for line in right]:
            return None
    return reduce(_times, parts)


def _times(left: Lines, right: Lines) -> Lines:
    columns = [*zip(*right, strict=True)]
    return tuple(tuple(add(*map(product, line, column)) for column in columns) for line in left)


def block_by_block(e: Expr, context: Context) -> Expr | None:
    """‖[A; B] x − [b; c]‖ = ‖[A x − b; B x − c]‖: what is asked of a matrix is asked of its blocks."""
    del context
    if BlockMatrix not in e.kinds:
        return None
    match e:
        case Product() if e.is_scalar:
            lines = blocks_of(e)
            return None if lines is None else in_blocks(lines)
        case Norm(kind, arg) if not isinstance(arg, BlockMatrix) and (lines := blocks_of(arg)):
            return Norm(kind, in_blocks(lines))
        case Trace(arg) | EntrySum(arg) | Determinant(arg) | Inverse(arg) if not isinstance(arg, BlockMatrix) and (
            lines := blocks_of(arg)
        ):
            return type(e)(in_blocks(lines))
        case _:
            return None


def squared_norm(e: Expr, context: Context) -> Expr | None:
    """‖[A; B]‖² = ‖A‖² + ‖B‖²."""
    del context
    match e:
        case Power(Norm("2", BlockMatrix(_, blocks)), Number(value)) if value == 2:
            return add(*(_square(block) for block in blocks if not is_zero(block)))
        case _:
            return None


def norm(e: Expr, context: Context) -> Expr | None:
    """The norm of a block matrix by the norms of its blocks."""
    del context
    match e:
        case Norm("1", BlockMatrix(_, blocks)):
            return add(*(Elementwise("abs", b) if b.is_scalar else Norm("1", b) for b in blocks if not is_zero(b)))
        case Norm("2", BlockMatrix(_, blocks)):
            return Power(add(*(_square(block) for block in blocks if not is_zero(block))), number("1/2"))
        case _:
            return None


def _square(block: Expr) -> Expr:
    scalars, body = split_scale(block)
    parts = [*scalars, body if body.is_scalar else Norm("2", body)]
    return scaled([Power(part, number(2)) for part in parts])


def trace(e: Expr, context: Context) -> Expr | None:
    """tr [A B; C D] = tr A + tr D, where A and D are square."""
    del context
    match e:
        case Trace(BlockMatrix() as whole) if whole.heights == whole.widths:
            diagonal = [whole.lines[i][i] for i in range(whole.width)]
            return add(*(block if block.is_scalar else tr(block) for block in diagonal))
        case _:
            return None


def entry_sum(e: Expr, context: Context) -> Expr | None:
    """The sum of the entries of all blocks."""
    del context
    match e:
        case EntrySum(BlockMatrix(_, blocks)):
            return add(*(block if block.is_scalar else EntrySum(block) for block in blocks))
        case _:
            return None


def _determinant(block: Expr) -> Expr:
    return block if block.is_scalar else Determinant(block)


def triangular_determinant(e: Expr, context: Context) -> Expr | None:
    """det [A B; 0 D] = det A · det D, where A and D are square."""
    del context
    match e:
        case Determinant(BlockMatrix() as whole) if whole.heights == whole.widths:
            rows = range(whole.width)
            below = all(is_zero(whole.lines[i][j]) for i in rows for j in rows if i > j)
            above = all(is_zero(whole.lines[i][j]) for i in rows for j in rows if i < j)
            return scaled([_determinant(whole.lines[i][i]) for i in rows]) if below or above else None
        case _:
            return None


def diagonal_inverse(e: Expr, context: Context) -> Expr | None:
    """The inverse of a block diagonal matrix, block by block."""
    del context
    match e:
        case Inverse(BlockMatrix() as whole) if whole.heights == whole.widths:
            rows = range(whole.width)
            if not all(is_zero(whole.lines[i][j]) for i in rows for j in rows if i != j):
                return None
            return in_blocks([[inverse(b) if i == j else b for j, b in enumerate(whole.lines[i])] for i in rows])
        case _:
            return None


def differential(e: Expr, context: Context) -> Expr | None:
    """d [A B; C D] = [dA dB; dC dD]."""
    del context
    match e:
        case Differential(BlockMatrix(width, blocks)):
            return BlockMatrix(width, tuple(map(d, blocks)))
        case _:
            return None


def transposed(e: Expr, context: Context) -> Expr | None:
    """The transpose of a symmetric block matrix, or of identities and zeros in their places."""
    del context
    match e:
        case Transpose(BlockMatrix() as whole) if not isinstance(new := transpose_of(whole), Transpose):
            return new
        case _:
            return None


def added(e: Expr, context: Context) -> Expr | None:
    """[A; 0] + c [0; B] = [A; c B]: block matrices of the same blocks are added block by block."""
    del context
    if not isinstance(e, Sum):
        return None
    found = [term for term in e.terms if isinstance(split_scale(term)[1], BlockMatrix)]
    lines = _alike(found, add) if len(found) > 1 else None
    return None if lines is None else add(in_blocks(lines), *(term for term in e.terms if term not in found))


def of_zeros(e: Expr, context: Context) -> Expr | None:
    """A block matrix of zeros is zero, and one of numbers a matrix of numbers."""
    del context
    if not isinstance(e, BlockMatrix):
        return None
    if all(map(is_zero, e.blocks)):
        return zeros(e.shape)
    if all(isinstance(block, Number) for block in e.blocks):
        return Matrix(tuple(tuple(b.value for b in line if isinstance(b, Number)) for line in e.lines))
    return None


def common_factor(e: Expr, context: Context) -> Expr | None:
    """[A dx; B dx] = [A; B] dx, and [A dt, B dt] = [A, B] dt for a scalar."""
    del context
    if not isinstance(e, BlockMatrix) or not e.has_differential:
        return None
    moving = [block for block in e.blocks if block.has_differential]
    last = _last(moving[0])
    if last is None or any(block.has_differential or not is_zero(block) for block in e.blocks if block not in moving):
        return None
    if e.width > 1 and not last.is_scalar:
        return None
    parts = [part for block in e.blocks if (part := _without(block, last)) is not None]
    if len(parts) < len(e.blocks):
        return None
    constant = BlockMatrix(e.width, tuple(parts))
    return scale(last, constant) if last.is_scalar else product(constant, last)


def _last(block: Expr) -> Expr | None:
    """The differential that a block ends in."""
    scalars, body = split_scale(block)
    if body.has_differential:
        last = factors_of(body)[-1]
        return last if isinstance(last, Differential) else None
    return next((scalar for scalar in scalars if isinstance(scalar, Differential)), None)


def _without(block: Expr, last: Expr) -> Expr | None:
    """A block without the differential that it ends in."""
    if is_zero(block):
        return zeros((block.shape[0], block.shape[1] if last.is_scalar else last.shape[0]))
    scalars, body = split_scale(block)
    if last.is_scalar:
        parts = [*scalars, body]
        if parts.count(last) != 1:
            return None
        parts.remove(last)
        return None if any(part.has_differential for part in parts) else scaled(parts)
    factors = factors_of(body)
    if factors[-1] != last or any(part.has_differential for part in (*scalars, *factors[:-1])):
        return None
    rest = product(*factors[:-1]) if len(factors) > 1 else Identity(last.shape[0])
    return scaled(scalars, rest) if scalars else rest


def one_by_one(e: Expr, context: Context) -> Expr | None:
    """[0 dB; 0 0] = [dB; 0] [0 I], and [dB; 0] = [I; 0] dB: what moves, brought to its place."""
    del context
    if not isinstance(e, BlockMatrix) or not e.has_differential:
        return None
    terms = []
    for k, line in enumerate(e.columns if e.width > 1 else e.lines):
        if all(map(is_zero, line)):
            continue
        if e.width > 1:
            terms.append(
                product(in_blocks([[block] for block in line]), in_blocks([unit_blocks(e.widths, k, across=True)]))
            )
        else:
            terms.append(product(in_blocks([[part] for part in unit_blocks(e.heights, k)]), *line))
    return add(*terms)


def unit_blocks(sizes: Sequence[Dim], place: int, *, across: bool = False) -> list[Expr]:
    """The blocks of [0; I; 0], or of [0 I 0], with the identity at a place."""
    size = sizes[place]
    shapes = [(size, other) if across else (other, size) for other in sizes]
    return [_identity(size) if k == place else zeros(shape) for k, shape in enumerate(shapes)]


def picked(e: Expr, context: Context) -> Expr | None:
    """[I 0] [A B; C D] = [A B]: a product with zeros and identities is worked out."""
    del context
    if not isinstance(e, Product):
        return None
    for i, pair in enumerate(pairwise(e.factors)):
        moves = any(part.has_differential for part in pair)
        if not moves and any(isinstance(part, BlockMatrix) and all(map(is_unit, part.blocks)) for part in pair):
            lines = _multiplied(pair)
            if lines:
                return product(*e.factors[:i], in_blocks(lines), *e.factors[i + 2 :])
    return None
