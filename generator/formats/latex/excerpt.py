"""A derivation as LaTeX for anybody's document: `amsmath` is all that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.expr.functions import OF_ENTRIES
from generator.expr.nodes import ONE, named
from generator.expr.printing.latex import dim_latex, escape, latex, prose
from generator.expr.printing.notation import STANDARD, Notation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.expr.nodes import Symbol
    from generator.solver.derivation import Derivation, Stage

REASON = r"\parbox[t]{15em}{\small\raggedright\strut "


def excerpt(derivation: Derivation, notation: Notation = STANDARD) -> str:
    """The stages one below the other, each with its lines aligned and the reasons beside them."""
    return "\n".join(_parts(derivation, notation))


def _parts(derivation: Derivation, notation: Notation) -> Iterator[str]:
    value, function = derivation.asked
    symbols = ", ".join(_declared(symbol, notation) for _, symbol in sorted(derivation.symbols.items()))
    read_as = f"Read as ${latex(value, notation)} = {latex(function, notation)}$, with {symbols}."
    yield " ".join(filter(None, (read_as, prose(derivation.terms, notation), *map(escape, derivation.notes)))) + "\n"
    if derivation.blocks:
        named = (f"${latex(s, notation)} = {latex(e, notation)}$" for s, e in derivation.blocks.items())
        yield f"With {', '.join(named)}:\n"
    for number, stage in enumerate(derivation.stages, 1):
        yield rf"\textbf{{Step {number}.}} {prose(stage.title, notation)}"
        rows = " \\\\\n".join(_rows(stage, notation))
        yield f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"
    if derivation.conditions:
        yield f"Provided that {'; '.join(prose(text, notation) for text in derivation.conditions)}."
    for text in derivation.remarks:
        yield f"{prose(text, notation)}."


def _declared(symbol: Symbol, notation: Notation) -> str:
    """A symbol with its shape and what is declared of it, in the words of a declaration."""
    sizes = r" \times ".join(map(dim_latex, symbol.shape[: 1 if symbol.shape[1] == ONE else 2]))
    size = "" if OF_ENTRIES in symbol.properties else "scalar" if symbol.is_scalar else f"${sizes}$"
    words = filter(None, (size, *sorted(symbol.properties)))
    return f"${latex(named(symbol), notation)}$: {' '.join(words)}"


def _rows(stage: Stage, notation: Notation) -> Iterator[str]:
    previous = None
    for line in stage.lines:
        left = "" if line.left == previous else f"{latex(line.left, notation)} "
        mark = rf" \quad \textcircled{{\scriptsize {line.mark}}}" if line.mark else ""
        because = rf" && {REASON}{prose(line.because, notation)}}}" if line.because else ""
        yield f"  {left}&= {latex(line.right, notation)}{mark}{because}"
        previous = line.left
