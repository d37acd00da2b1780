"""Text to the tokens of the grammar: names told from functions, bars opened and closed, `AX` read as A X."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from generator.errors import ExpressionError, InText, UnknownSymbolError
from generator.expr.functions import GREEK, GREEK_LETTERS, OF_ENTRIES, spelled_out
from generator.expr.nodes import Differential, Expr, Symbol, parameter_of
from generator.expr.parsing.brackets import CLOSING, OPENING, closing, outermost
from generator.expr.parsing.calls import (
    FUNCTION_NAMES,
    FUNCTION_SPELLINGS,
    LETTERS_OF_FUNCTIONS,
    LOGARITHMS,
    NOT_SUPPORTED,
)
from generator.expr.parsing.grammar import LATEX_ONLY, TIE, lex, made, place
from generator.expr.parsing.index_sums import (
    INDICES,
    NESTED,
    family,
    member_of,
    signs,
    subscript,
    with_exponents,
    with_scopes,
)
from generator.expr.parsing.latex_lexer import from_latex
from generator.expr.parsing.literals import with_matrices
from generator.expr.parsing.spellings import (
    BOLD_LETTERS,
    ENDS_OPERAND,
    MARKS,
    canonical,
    in_usual_letters,
    with_indices_below,
    with_inner_products,
    with_left_divisions,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from lark import Token

    from generator.expr.parsing.index_sums import Sign

_MEMBER = re.compile(r"[^_]+_\{?([i-n])\}?")
"""A name with a letter below it that people use for indices."""
BRACKETS = {"(": ")", "[": "]", "{": "}"}
FEATURES = frozenset(("phi", "psi", "Phi", "Psi"))
"""What people call functions of data: of what is no variable they are symbols."""
FUNCTION_LETTERS = frozenset(("f", "g", "h", "phi", "psi", "Psi", "rho", "ell", "Gamma", "E"))
"""Usual names of functions: before brackets they are refused, unless they are factors elsewhere."""
OF_VALUES = {
    "lambda": ("an eigenvalue", "The sum of all eigenvalues is tr(…), their product det(…), the largest lambda_max(…)"),
    "sigma": ("a singular value", "The sum of all singular values is norm_nuc(…), the largest norm_spec(…)"),
}
"""Letters that with an index, before a matrix in brackets, may be of its spectrum; and what to write."""
PROSE = frozenset((
    "where", "with", "for", "is", "are", "of", "and", "or", "to", "the", "such", "that", "if", "when", "let", "given",
    "subject", "respect", "wrt", "by", "as", "be", "then", "any", "all", "find", "denotes", "equals", "constant",
    "symmetric", "invertible", "derivative", "gradient",
))  # fmt: skip
"""Words of sentences, which are no names of symbols."""
SURELY_FUNCTIONS = frozenset(("f", "phi", "psi", "Phi", "Psi"))
"""Letters whose prime, before brackets, is a derivative."""
_TIGHT = re.compile(
    r"[A-Za-zΑ-ωϕϵ][A-Za-z]*(_(\{[^{}]*\}[A-Za-z]+|\d[A-Za-z]+|[A-Za-z]{2}|[a-z][A-Z][A-Za-z]+|[A-Z][a-z][A-Za-z]+))+"
    r"_(\{[^{}]*\}|[A-Za-z0-9]+)"
)
"""A name with several indices, each with at least one letter behind it, but the last; no word such as `new`."""
_SHIFTED = re.compile(r"\{(\w+?)\s*([-+−])\s*(\d)\}")
OF_SUMS = re.compile(r"Σ_([A-Za-z])|Σ_\{([A-Za-z])\}")
"""The Greek letter with an index, which may be the sign of a sum."""


def normal_name(name: str) -> str:
    r"""A name as plain text has it: `lambda` for `λ` and `\lambda`, `W_12` for `W_{12}`, `x` for `\mathbf{x}`."""
    if not any(sign in name for sign in "\\$^*"):
        return spelled_out(name)
    raw, _ = with_indices_below(name, lex(name), ())
    tokens, _ = from_latex(name, raw, ())
    if len(tokens) != 1 or tokens[0].type not in ("NAME", "WORD"):
        raise ExpressionError(
            f"{name} is not a name", text=InText.whole(name), remedy=r"A name is such as X, x_1 or \lambda."
        )
    return spelled_out(tokens[0])


def symbol_name(written: str, known: Container[str]) -> str:
    """The name that a known symbol has where an author writes `written`: that of the family, `x_`, for x_i."""
    name = normal_name(written)
    found = member_of(name)
    return found if found is not None and name not in known and found in known else name


def members(texts: Iterable[str]) -> Iterator[str]:
    """The names in texts that have an index which a sum in the same text runs over: x of sum_i x_i."""
    for text in texts:
        tokens = _unscanned(text, ())[0].tokens
        bound = {letter for sign in signs(text, tokens) for letter in sign.letters}
        for token in tokens:
            stem, _, index = spelled_out(token).rpartition("_") if token.type in ("NAME", "WORD") else ("", "", "")
            if stem and index and bound.issuperset(index):
                yield stem


def bound_in(text: str) -> list[Sign]:
    """The signs of sums in a text."""
    return signs(text, _unscanned(text, ())[0].tokens)


def _unscanned(text: str, declared: Container[str]) -> tuple[Scanned, bool]:
    """The tokens of a text before names are split, with its bold names and notes, and whether it is LaTeX."""
    raw = with_left_divisions(lex(in_usual_letters(text)))
    bold = frozenset(in_usual_letters(letter) for letter in text if letter in BOLD_LETTERS)
    typeset = any(token.type in LATEX_ONLY or _is_latex(token, declared) for token in raw)
    tie = next((token for token in raw if token.type == TIE), None)
    if tie is not None and not typeset:
        raise ExpressionError(
            "'~' has no meaning here",
            text=place(text, tie),
            remedy="Relations such as y ~ x are not read: write the function alone. Where it is a space of LaTeX,"
            " put dollar signs around the whole: $x^T~x$.",
        )
    raw, notes = with_indices_below(text, raw, declared)
    raw = [token.update(value=_below(token)) if token.type == "NAME" else token for token in raw]
    tokens = with_matrices(text, raw)
    if typeset:
        tokens, bold = from_latex(text, tokens, declared)
    return Scanned(list(_with_index(tokens, declared)), bold, notes), typeset


def _is_latex(token: Token, declared: Container[str]) -> bool:
    """A sum by its command, or a product whose indices are of one character each, as x_1A_1 and a_ix_i."""
    if token.type == "BIGSUM":
        return token.startswith("\\")
    name = spelled_out(token)
    own = name in declared or family(name.rpartition("_")[0]) in declared
    return token.type == "NAME" and not own and _TIGHT.fullmatch(token) is not None


def _below(name: str) -> str:
    """A name with letters below the line as an index behind an underscore, and t+1 in an index in letters."""
    return spelled_out(name) if re.search("[ᵢⱼₖₗₘₙₚₛₜ]", name) and "_" not in name else _shifted(name)


def _shifted(name: str) -> str:
    return re.sub(
        r"\{(\w+?)\s*([-+−])\s*(\d)\}", lambda m: f"{{{m[1]}{'plus' if m[2] == '+' else 'minus'}{m[3]}}}", name
    )


def _is_sum(tokens: Sequence[Token], at: int, bound: Container[str], declared: Container[str]) -> str:
    """The index of Σ_i, typed as a Greek letter, before something with this index: a sum; empty for a matrix Σ_i."""
    found = OF_SUMS.fullmatch(tokens[at])
    index = (found[1] or found[2]) if found is not None else ""
    if not index or index in bound or {f"Sigma_{index}", "Sigma", family("Sigma")} & {*declared}:  # type: ignore[misc]
        return ""
    if at + 1 == len(tokens) or tokens[at + 1].type not in ("NAME", "WORD", "LPAR", "OPEN", "NORM", "BAR", "NUMBER"):
        return ""
    behind = [t for t in tokens[at + 1 :] if t.type == "NAME" and t.rpartition("_")[2].strip("{}") == index]
    return index if behind else ""


def _with_index(tokens: Sequence[Token], declared: Container[str]) -> Iterator[Token]:
    """The tokens, where a sum without an index runs over the one letter that undeclared names behind it have."""
    bound = {letter for token in tokens if token.type == "BIGSUM" for letter in re.findall("[A-Za-z]", token)}
    for i, token in enumerate(tokens):
        if token.type == "NAME" and (letter := _is_sum(tokens, i, bound, declared)):
            yield token.update("BIGSUM", f"∑_{letter}")
            continue
        letters: set[str] = set()
        if token.type == "ENTRYSUM":
            members = (_MEMBER.fullmatch(t) for t in tokens[i:] if t.type == "NAME" and t not in declared)
            letters = {found[1] for found in members if found}
        if len(letters) == 1 and letters.isdisjoint(bound):
            yield token.update("BIGSUM", rf"\sum_{min(letters)}")
        else:
            yield token


@dataclass(frozen=True)
class Scanned:
    """The tokens of a text, the names that are set in bold, and notes on what was chosen among readings."""

    tokens: list[Token]
    bold: frozenset[str]
    notes: list[str]


def scan(
    text: str,
    declared: Mapping[str, Symbol],
    wrt: str | None,
    *,
    differentials: bool,
    closed: bool = False,
    functions: Container[str] = (),
    bound: Iterable[str] = (),
) -> Scanned:
    """The tokens that the grammar knows; `closed` if no names are inferred besides the declared ones.

    `functions` are names that the text around it defines as functions, `bound` letters that sums there run over.
    """
    raw, typeset = _unscanned(text, declared)
    paired, of_pairs = with_inner_products(text, raw.tokens)
    tokens = list(canonical(paired, declared))
    scanner = _Scanner(text, tokens, declared, wrt, typeset, differentials, closed, functions, {*bound})
    tokens, notes = with_scopes(text, with_exponents(scanner.scan()))
    return replace(raw, tokens=tokens, notes=[*raw.notes, *of_pairs, *notes])


def differential_of(name: str, declared: Mapping[str, Symbol]) -> Expr | None:
    """What a name such as `dX` or `d2L` stands for, where X and L are declared."""
    if name.startswith("d2") and name[2:] in declared:
        return Differential(Differential(declared[name[2:]]))
    if name.startswith("d") and name[1:] in declared:
        return Differential(declared[name[1:]])
    return None


@dataclass
class _Scanner:
    """Looks at each token between its neighbors."""

    text: str
    tokens: Sequence[Token]
    declared: Mapping[str, Symbol]
    wrt: str | None
    typeset: bool
    differentials: bool
    closed: bool
    """No names are inferred besides the declared ones."""
    functions: Container[str]
    outer: set[str]
    """Letters that sums around the text run over."""
    result: list[Token] = field(default_factory=list)
    open_brackets: list[Token] = field(default_factory=list)

    def scan(self) -> list[Token]:
        self.alone = {
            spelled_out(t)
            for t, after in zip_longest(self.tokens, self.tokens[1:])
            if t.type in ("NAME", "WORD") and (after is None or after.type not in ("LPAR", "OPEN"))
        }
        sides = [side for symbol in self.declared.values() for side in symbol.dims]
        over = signs(self.text, self.tokens)
        self.bound = {letter for sign in over for letter in (*sign.letters, sign.excluded) if letter}
        self.bound |= self.outer
        self.dimensions = {d for side in sides for d in side.names} | {sign.last for sign in over if sign.last}
        self.families = {stem for name in self.alone if (stem := self._stem(name)) is not None}
        self.of_calls: dict[int, str] = {}
        """Brackets and braces around the argument of a function, by where they stand in the tokens."""
        self.skipped: set[int] = set()
        """Places of tokens that were read with those before them."""
        for i, token in enumerate(self.tokens):
            if i in self.skipped:
                continue
            match self.of_calls.get(i, token.type):
                case "NAME" | "WORD":
                    self._name(token, i)
                case "NORM" | "BAR":
                    self._bar(token)
                case "OPEN" if self._takes_an_entry(i):
                    behind = self.text[token.start_pos : self.tokens[i + 2].end_pos]
                    raise self._fail(
                        f"{behind} could be an entry or a factor",
                        token,
                        "Write x_1 for the first entry, or (…) for a factor.",
                    )
                case kind if kind in OPENING:
                    self.open_brackets.append(token)
                    self.result.append(token.update(type=kind))
                case kind if kind in CLOSING:
                    self._close(token.update(type=kind))
                case _:
                    self.result.append(token)
        return self.result

    def _fail(self, what: str, token: Token, remedy: str = "") -> ExpressionError:
        return ExpressionError(what, text=place(self.text, token), remedy=remedy)

    # -- brackets

    def _takes_an_entry(self, at: int) -> bool:
        """A bracket right behind a name holds one number, as in x[0]."""
        close = [token.type for token in self.tokens[at + 1 : at + 3]] == ["NUMBER", "CLOSE"]
        before = self.tokens[at - 1] if at else None
        return close and before is not None and before.type == "NAME" and before.end_pos == self.tokens[at].start_pos

    def _bar(self, token: Token) -> None:
        """Bars close where the innermost bracket is open bars and an operand ends; else they open."""
        opened = bool(self.open_brackets) and self.open_brackets[-1].type == f"{token.type}_OPEN"
        in_bar = bool(self.open_brackets) and self.open_brackets[-1].type == "BAR_OPEN"
        if token == "||" and in_bar and self.result[-1].type in ENDS_OPERAND:  # |a||b| is |a| times |b|
            middle = (token.start_pos or 0) + 1
            self._bar(made("BAR", "|", middle - 1, middle))
            self._bar(made("BAR", "|", middle, middle + 1))
        elif opened and self.result[-1].type in ENDS_OPERAND:
            self._close(token.update(type=f"{token.type}_CLOSE"))
        else:
            self.result.append(token.update(type=f"{token.type}_OPEN"))
            self.open_brackets.append(self.result[-1])

    def _close(self, token: Token) -> None:
        opening = self.open_brackets.pop() if self.open_brackets else None
        if opening is not None and BRACKETS.get(str(opening), token) != token:
            raise self._fail(f"{token} cannot close {opening}", token, "Brackets open and close in pairs of one kind.")
        self.result.append(token)

    # -- names

    def _stem(self, name: str) -> str | None:
        """x of x_i or X of X_ij, where letters behind are indices that sums run over; else None.

        Of several indices one is enough: no sum over i has a factor b_ik that is the same for all i.
        """
        stem, _, index = name.rpartition("_")
        parts = subscript(index)
        are_indices = "".join(parts) == index and (
            len(parts) == 2 or (INDICES.issuperset(parts) and parts == sorted(parts))
        )
        some = are_indices and not self.bound.isdisjoint(parts)
        of_matrix = len(index) == 2 and stem[:1].isupper() and INDICES.issuperset(index)
        by_number = index in set("123456789") and not stem[:1].isupper()
        is_entry = stem == self.wrt and ((len(index) == 1 and index.isalpha()) or of_matrix)
        is_entry = is_entry or (stem == self.wrt and stem not in self.alone and by_number)  # by x of x_1 and x_2
        indexed = bool(stem) and bool(index) and (is_entry or some or self.bound.issuperset(index))
        return stem if indexed and name not in self.declared else None

    def _is_member(self, name: str) -> bool:
        """It is x_1 where x_i is among the names, too, or declared; x_0 is none of those, which are counted from 1."""
        stem, _, index = name.rpartition("_")
        known = stem in self.families or family(stem) in self.declared
        return known and index.isdigit() and int(index) > 0 and name not in self.declared

    def _indexed(self, token: Token) -> None:
        """The name and the index, for x_i; of a product such as a x_i the last name has it."""
        name, _, index = token.rpartition("_")
        end = (token.start_pos or 0) + len(name)
        stem = made("NAME", name, token.start_pos or 0, end)
        known = spelled_out(name) in self.declared or family(name) in self.declared or not self.declared
        words = [name] if token.type == "WORD" or len(name) == 1 or spelled_out(name) in GREEK else [*name]
        if known and len(words) > 1 and (self.declared or not self.typeset):
            words = [name]
        elif not known and (splits := list(_segments(name[:-1], self.declared))):
            words = [*splits[0], name[-1]]
        self.result += _parts(stem, words)
        self.result.append(made("SUBSCRIPT", f"_{index}", end, token.end_pos or 0))

    def _name(self, token: Token, at: int) -> None:
        name = spelled_out(token)
        behind = self.tokens[at + 1 : at + 4]
        if (nested := NESTED.fullmatch(token)) is not None and name not in self.declared:
            self._nested(token, nested)
            return
        if name not in (*self.declared, self.wrt, *FUNCTION_NAMES, *FUNCTION_SPELLINGS):
            self._check_values(token, name, at)
        if self._stem(name) is not None or self._is_member(name):
            self._indexed(token)
            return
        following = behind[0] if behind else None
        known = name in self.declared or name == self.wrt
        if known and name in self.declared and OF_ENTRIES in self.declared[name].properties:
            self._declared_function(token, name, at)
            return
        if name in self.functions and following is not None and following.type in ("LPAR", "OPEN"):
            self.result.append(token.update(self._is_called(name, at), name))
            return
        if (stem := self._curve(name)) and (stem != name or self._curve_is_marked(stem, at)):
            self._put_curve(token, stem, name, at)
            return
        if stem and following is not None and following.type in ("LPAR", "OPEN"):
            t = parameter_of(self.declared[stem])
            raise self._fail(
                f"{token} depends on {t}, and could be taken at something else, or be a factor",
                token,
                f"Write {token}({t}) * (…) for the product; it is read at {t} only.",
            )
        if not known:
            self._check_index(token, name)
            self._check_prose(token, name, following)
            self._check_meaning(token, name, behind)
            name = LOGARITHMS.get(name[4:], name) if name.startswith("log_") else name
        applied = following is not None and following.type in ("LPAR", "OPEN")
        if not known and (applied or self.typeset or name == "√"):
            name = self._usual_function(name, at)
        if (
            name in FUNCTION_NAMES
            or (name == "min" and not known and applied and self._has_two_arguments(at + 1))
            or (name == "d" and applied and self.differentials)
            or (name in ("eye", "zeros", "ones") and applied and not known)
            or (name == "I" and not known and self._is_dimension(behind))
        ):
            self.result.append(token.update(self._is_called(name, at), name))
        elif name in LETTERS_OF_FUNCTIONS and applied and not known:
            self.result.append(self._letter_of_function(token, following))
        elif (data := self._of_data(name, behind)) is not None:
            self.skipped |= {at + 1, at + 2, at + 3}
            self.result.append(token.update("NAME"))
            if data:
                self.result.append(made("SUBSCRIPT", f"_{data}", token.end_pos or 0, token.end_pos or 0))
        elif applied and self._is_of_variable(token, behind):
            raise self._fail(
                f"{token}({behind[1]}) could be a function of {behind[1]}, or a product",
                token,
                f"Write {token} * {behind[1]} for the product; what a symbol depends on is not read.",
            )
        elif applied and self._looks_like_a_function(token):
            raise self._fail(f"{token} is not a function that is known", token, self._instead_of_function(name))
        else:
            raised = following is not None and following.type == "HAT"
            letters = [letter.update(type="NAME") for letter in self._letters(token, raised=raised)]
            if len(letters) > 1 and self.result and self.result[-1] == "/":
                product = " ".join(letters)
                raise self._fail(
                    f"{token} is read as a product, and it is not clear how far the division goes",
                    token,
                    f"Write /({product}), or put the fraction in parentheses and {' '.join(letters[1:])} behind it.",
                )
            for letter in letters:
                self._letter(letter)

    def _usual_function(self, name: str, at: int) -> str:
        """The usual name of a function; slogdet(S)[1], the second of two values, is log det S."""
        second = self._closing(at + 1) + 1 if name == "slogdet" else 0
        if second and [str(token) for token in self.tokens[second : second + 3]] == ["[", "1", "]"]:
            self.skipped |= {second, second + 1, second + 2}
            return "logdet"
        return FUNCTION_SPELLINGS.get(name, name)

    def _curve(self, name: str) -> str:
        """A of A and of A_dot, where A is declared to depend on a scalar; else empty."""
        stem = name.removesuffix("_ddot").removesuffix("_dot") if name not in self.declared else name
        return stem if stem in self.declared and parameter_of(self.declared[stem]) else ""

    def _primes(self, at: int) -> int:
        """Where the marks that stand behind a name end."""
        at += 1
        while at < len(self.tokens) and self.tokens[at].type in MARKS and not {*"TH"} & {*self.tokens[at]}:
            at += 1
        return at

    def _is_argument(self, stem: str, at: int) -> bool:
        """The argument in brackets is exactly the scalar on which a symbol depends."""
        inside = self.tokens[at : at + 3]
        types = [token.type for token in inside]
        return types == ["LPAR", "NAME", "RPAR"] and spelled_out(inside[1]) == parameter_of(self.declared[stem])

    def _curve_is_marked(self, stem: str, at: int) -> bool:
        """Behind a symbol that depends on t stand the brackets of (t), perhaps behind primes."""
        return self._is_argument(stem, self._primes(at))

    def _put_curve(self, token: Token, stem: str, name: str, at: int) -> None:
        """A(t), A'(t) or a dot over A: a name with as many primes as it is differentiated."""
        order = {"_dot": 1, "_ddot": 2}.get(name.removeprefix(stem), 0)
        end = self._primes(at)
        if self._is_argument(stem, end):
            order += end - at - 1
            self.skipped |= {*range(at + 1, end + 3)}
        if not order:
            self.result.append(token.update("NAME", stem))
            return
        ends = [(token.end_pos or 0)] * 2
        call = (("LPAR", "("), ("NAME", parameter_of(self.declared[stem])), ("RPAR", ")"))
        self.result.append(token.update("FUNCTION", stem + "'" * order))
        self.result += [made(kind, written, *ends) for kind, written in call]

    def _declared_function(self, token: Token, name: str, at: int) -> None:
        """A function that an author declares, with the primes of a derivative, in front of its argument."""
        first = self._primes(at)
        if first == len(self.tokens) or self.tokens[first].type not in ("LPAR", "OPEN"):
            raise self._fail(f"{token} is declared as a function", token, f"Put its argument in brackets: {token}(…).")
        self.skipped |= {*range(at + 1, first)}
        self.result.append(token.update(self._is_called(name, first - 1), name + "'" * (first - at - 1)))

    def _check_index(self, token: Token, name: str) -> None:
        """Refuse an index that is no name's own: of an entry, beside the variable, or of a member before or behind."""
        stem, _, index = name.rpartition("_")
        if stem == self.wrt and len(index) == 2 and INDICES.issuperset(index):
            raise self._fail(
                f"{token} could be an entry of {stem}, or a symbol", token, f"A column's entry is {stem}_i."
            )
        if (shifted := re.fullmatch(r"([A-Za-z])(plus|minus)\d", index)) and shifted[1] in self.bound:
            raise self._fail(
                "a member before or behind that of the index is not read",
                token,
                f"Where the derivative is by something else, name these as others, such as z_{shifted[1]} for {token}.",
            )
        letters = index if index.isalpha() and len(index) <= 3 else ""
        entries = (f"{self.wrt}_{one}" for one in letters if one not in self.bound)
        entry = next((one for one in entries if one in self.alone), None)
        if stem and entry is not None and INDICES.issuperset(index):
            raise self._fail(
                f"{token} has the index of {entry}, and no sum runs over it",
                token,
                f"Write the sum, as in sum_{entry.rpartition('_')[2]}; if no sum is meant, rename {token}.",
            )

    def _nested(self, token: Token, found: re.Match[str]) -> None:
        """s_{y_i}: an entry of the variable s, or a symbol; refused in a sum over i, where it differs in each term."""
        if not self.bound.isdisjoint((found["letter"], found["of"])):
            raise self._fail(
                f"{token} has an index that itself has an index of a sum",
                token,
                f"Take the entry by a one-hot vector for each {found['of']}, as in t_{found['of']}'*{found['stem']}.",
            )
        stem = spelled_out(found["stem"])
        if stem != self.wrt and stem not in self.declared:
            self.result.append(token)
            return
        end = (token.start_pos or 0) + len(stem)
        self.result.append(made("NAME", stem, token.start_pos or 0, end))
        self.result.append(made("SUBSCRIPT", f"_{found['index']}", end, token.end_pos or 0))

    def _check_prose(self, token: Token, name: str, following: Token | None) -> None:
        """Refuse words of a sentence, which would be factors."""
        is_word = name in PROSE and (token.type == "WORD" or not self.typeset)
        if is_word and not all(letter in self.alone for letter in name):
            raise self._fail(
                f"{token} is a word of a sentence, and no symbol",
                token,
                "Write the function alone. What a symbol is like is declared under `symbols`, such as A = symmetric;"
                " the variable is named beside the function.",
            )
        if name == "d" and token.type == "WORD" and not self.differentials:
            raise self._fail("an upright d is a differential", token, "Write the function alone.")
        is_applied = following is not None and following.type in ("LPAR", "OPEN")
        if is_applied and self.wrt is not None and name == f"D_{self.wrt}":
            raise self._fail(f"{token} could be a derivative or a factor", token, "Write the function alone.")

    def _check_values(self, token: Token, name: str, at: int) -> None:
        """Refuse an eigenvalue such as λ_i(A), and Σ (x_i - c) where it may be a sum."""
        opening = at + 1
        if opening == len(self.tokens) or self.tokens[opening].type not in ("LPAR", "OPEN"):
            return
        inside = [t for t in self.tokens[opening:][: self._closing(opening) - opening] if t.type in ("NAME", "WORD")]
        stem, _, index = name.partition("_")
        matrices = [t for t in inside if t[0].isupper() or spelled_out(t)[0].isupper()]
        if index and stem in OF_VALUES and inside and len(matrices) == len(inside):
            what, remedy = OF_VALUES[stem]
            raise self._fail(f"{token} could be {what} or a factor", token, f"{remedy}; put a * behind a factor.")
        starts = not self.result or self.result[-1].type not in ENDS_OPERAND or self.result[-1].type == "NUMBER"
        if token == "Σ" and starts and any(_MEMBER.fullmatch(t) and t not in self.declared for t in inside):
            raise self._fail(
                "Σ could be a sum or a matrix", token, "Write sum_i (…) for the sum; put a * behind the matrix."
            )

    def _check_meaning(self, token: Token, name: str, behind: Sequence[Token]) -> None:
        """Refuse words and marks that mean something else than a factor."""
        types = [t.type for t in behind]
        if name in NOT_SUPPORTED and len(name) > 2 and name not in GREEK and types[:1] not in (["LPAR"], ["OPEN"]):
            raise self._fail(f"{token} is not read", token, NOT_SUPPORTED[name])
        if name in SURELY_FUNCTIONS and types[:2] == ["PRIME", "LPAR"] and name not in self.declared:
            raise self._fail(
                f"{token}'(…) could be the derivative of a function",
                token,
                f"Declare {token} as elementwise for a function of each entry; for a factor write {token}' * (…).",
            )
        stem = self.wrt or ""
        if types[:1] and behind[0].type in MARKS and stem and name in (f"{stem}1", f"{stem}11"):
            raise self._glued(token)

    def _of_data(self, name: str, behind: Sequence[Token]) -> str | None:
        """The index of phi(x_n), a function of data without the variable, or empty for phi(x); None for others."""
        if name not in FEATURES or name in self.declared or self.wrt is None:
            return None
        if [t.type for t in behind] != ["LPAR", "NAME", "RPAR"]:
            return None
        argument = spelled_out(behind[1])
        others = {
            spelled_out(inside) if self._stem(spelled_out(inside)) is None else self._stem(spelled_out(inside))
            for t, _, inside in zip(self.tokens, self.tokens[1:], self.tokens[2:], strict=False)
            if spelled_out(t) == name
        }
        if name in self.alone or self.wrt in others or len(others) > 1:
            return None
        if argument.isalpha() and argument not in GREEK and self.wrt in [*argument]:  # phi(Wx), of the variable W
            return None
        return "" if self._stem(argument) is None else argument.rpartition("_")[2]

    def _is_of_variable(self, token: Token, behind: Sequence[Token]) -> bool:
        """It is an undeclared letter right before the variable in brackets, as A(t) is."""
        close = [t.type for t in behind] == ["LPAR", "NAME", "RPAR"] and spelled_out(behind[1]) == self.wrt
        name = spelled_out(token)
        together = token.end_pos == behind[0].start_pos
        letter = (len(name) == 1 or name in GREEK) and (name.isupper() or name not in FUNCTION_LETTERS)
        known = name in (*self.declared, self.wrt) or (name in self.alone and not name.isupper())
        return close and together and letter and not known

    def _instead_of_function(self, name: str) -> str:
        """What to write where a name before a bracket is no function."""
        if name in NOT_SUPPORTED:
            return NOT_SUPPORTED[name]
        near = difflib.get_close_matches(name.lower(), sorted(FUNCTION_NAMES), 1, 1 if name.isupper() else 0.75)
        hint = f"Did you mean {near[0]}? " if near else ""
        if name.isalpha() and name.isupper() and len(name) > 1:
            return f"{hint}A product is written {' '.join(name)} (…)."
        return (
            f"{hint}If it is a factor, put a * behind it or declare it under `symbols`, as elementwise if it is any"
            " function of each entry."
        )

    def _letter(self, token: Token) -> None:
        """A name of its own, of which I_n and I_3 are identities with their size."""
        name = spelled_out(token)
        if name in self.declared or name == self.wrt or not re.fullmatch(r"I_(?:[a-z]|\d+)", name):
            self.result.append(token.update(value="I") if name == "Id" and name not in self.declared else token)
            return
        end = token.end_pos or 0
        size = made("NAME" if name[2].isalpha() else "NUMBER", name[2:], end - 1, end)
        self.result += [token.update("FUNCTION", "I"), made("LPAR", "(", end, end), size, made("RPAR", ")", end, end)]

    def _is_called(self, name: str, at: int) -> str:
        """FUNCTION where brackets around the argument follow, perhaps behind a power; APPLY where other factors do."""
        at += 1
        types = [token.type for token in self.tokens]
        if types[at : at + 1] == ["SUPERSCRIPT"]:
            at += 1
        elif at < len(types) and types[at] in ("HAT", "DOTHAT"):
            at += 1 + (types[at + 1 : at + 2] == ["MINUS"])
            at = (self._closing(at) if types[at : at + 1] == ["LBRACE"] else at) + 1
        if at >= len(types) or types[at] not in ("LPAR", "OPEN", "LBRACE"):
            return "APPLY"
        self._check_power(at)
        if types[at] != "LPAR":
            self.of_calls |= {at: "LPAR", self._closing(at): "RPAR"}
        return "FUNCTION"

    def _check_power(self, opening: int) -> None:
        """Refuse `sum (x)^2` with a space, where the power could be of the argument."""
        behind = self._closing(opening) + 1
        function, bracket = self.tokens[opening - 1], self.tokens[opening]
        apart = function.type in ("NAME", "WORD") and function.end_pos != bracket.start_pos
        if apart and not self.typeset and behind < len(self.tokens):
            mark = self.tokens[behind]
            if mark.type in ("HAT", "DOTHAT", "SUPERSCRIPT"):
                inside = self.text[bracket.start_pos : mark.start_pos]
                power = self.text[mark.start_pos : self.tokens[min(behind + 1, len(self.tokens) - 1)].end_pos]
                power = power if mark.type != "SUPERSCRIPT" else str(mark)
                raise self._fail(
                    f"it is not clear what is raised to a power behind {function}",
                    function,
                    f"Write {function}({inside}{power}), or ({function}{inside}){power}.",
                )

    def _closing(self, opening: int) -> int:
        """Where the bracket closes that opens at a place; the end of the text where it does not."""
        found = closing(self.tokens, opening)
        return len(self.tokens) if found is None else found

    def _has_two_arguments(self, opening: int) -> bool:
        """A comma stands in the bracket that opens at a place."""
        inside = self.tokens[opening + 1 : self._closing(opening)]
        return any(token.type == "COMMA" for _, token in outermost(inside))

    def _is_dimension(self, behind: Sequence[Token]) -> bool:
        """What stands behind I is (n) or (3), its size, and no factor in brackets."""
        if [t.type for t in behind] not in (["LPAR", "NAME", "RPAR"], ["LPAR", "NUMBER", "RPAR"]):
            return False
        name = spelled_out(behind[1])
        return name not in self.declared and name != self.wrt and len(name) == 1 and not name.isupper()

    def _letter_of_function(self, token: Token, bracket: Token | None) -> Token:
        """σ(…): the logistic function, unless it could be a factor, as in σ (…) or where σ stands alone too."""
        letter = spelled_out(token)
        name, words = LETTERS_OF_FUNCTIONS[letter]
        alone = any(
            spelled_out(t) == letter and (after is None or after.type != "LPAR")
            for t, after in zip_longest(self.tokens, self.tokens[1:])
            if t.type in ("NAME", "WORD")
        )
        between = self.text[token.end_pos : bracket.start_pos if bracket is not None else None]
        if not self.declared and (alone or between[:1].isspace()):
            raise self._fail(
                f"{letter} could be {words} or a factor",
                token,
                f"Write {name}(…) for the function; for a factor put a product sign behind it, or declare it under"
                " `symbols`.",
            )
        return token.update("FUNCTION", name)

    def _looks_like_a_function(self, token: Token) -> bool:
        """An undeclared name of several letters, or one that people use for functions, right before a bracket."""
        name = spelled_out(token)
        if name in self.declared or name == self.wrt or name in ("eye", "zeros", "pi", "I", "Id"):
            return False
        first, _, index = name.partition("_")
        if first in FUNCTION_LETTERS:
            return name not in self.alone
        if index and first in GREEK:
            return first in LETTERS_OF_FUNCTIONS and name not in self.alone
        if name in GREEK or any(letter in GREEK_LETTERS for letter in token):
            return False
        stem = re.sub(r"_.*|\d", "", name)
        if len(stem) < 2 or (self.declared and any(_segments(str(token), self.declared))):
            return False
        factors = self.alone | {self.wrt, "I"}
        product = all(letter in factors for letter in stem) or (self.typeset and stem.isupper())
        return not product or stem.lower() in FUNCTION_NAMES or stem.lower() in NOT_SUPPORTED

    def _letters(self, token: Token, *, raised: bool) -> list[Token]:
        """The token, or its parts if it is a product written without spaces."""
        name = spelled_out(token)
        if name in self.dimensions and name not in self.declared:
            return [token]  # as in eye(n); anywhere else it is rejected as an unknown symbol
        if name in self.declared or (name == self.wrt and not self.declared):
            return [token]
        if name in ("eye", "zeros", "pi") or name in GREEK or (name == "e" and raised):
            return [token]
        if self.differentials and differential_of(name, self.declared) is not None:
            return [token]
        if self.declared:
            return self._declared_letters(token, raised=raised)
        if name == "I" or token.type == "WORD":
            return [token]
        return self._inferred_letters(token)

    def _declared_letters(self, token: Token, *, raised: bool) -> list[Token]:
        name = spelled_out(token)
        if self.typeset and (joined := name.replace("_", "")) in self.declared:
            return [token.update(value=joined)]  # W1 is printed as W_1
        splits = list(_segments(str(token), self.declared, "e" if raised else "")) if token.type == "NAME" else []
        if len(splits) == 1:
            return _parts(token, splits[0])
        if name == "I":
            return [token]
        if len(splits) > 1:
            ways = " or ".join(" ".join(s) for s in splits[:2])
            raise self._fail(f"{token} could mean {ways}", token, "Put spaces between the factors.")
        if not self.closed and len(name.split("_")[0]) == 1:
            return [token]
        if not self.closed and len(letters := self._inferred_letters(token)) > 1:
            return letters
        near = difflib.get_close_matches(name, [*self.declared, *FUNCTION_NAMES], 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UnknownSymbolError(
            f"unknown symbol {token}",
            text=place(self.text, token),
            remedy=f"{hint}Declared are {', '.join(self.declared)}; declare {token} under `symbols` too, or leave"
            " `symbols` out and all are inferred.",
        )

    def _inferred_letters(self, token: Token) -> list[Token]:
        name, wrt = spelled_out(token), self.wrt
        stem, index = re.fullmatch(r"([^_₀-₉]*)(.*)", token, re.DOTALL).groups()  # type: ignore[union-attr]
        if re.fullmatch(r"_?\d+[A-Za-z]+", index) and wrt is not None and wrt in index:
            raise self._glued(token)
        if len(stem) == 1 or stem in GREEK:
            return [token]
        if index and stem in FUNCTION_NAMES:
            raise self._fail(f"{token} is no function", token, f"Write {stem}(…), without an index.")
        parts = [*stem[:-1], stem[-1] + index]
        is_word = re.search("[a-z]{2}", stem) is not None
        if self.typeset:  # on the page letters side by side are a product; a word of small letters may be a slip
            if not stem.isalpha() or (len(stem) > 2 and is_word):
                raise self._glued(token)
            return _parts(token, parts)
        if not stem.isalpha():
            if wrt is not None and len(wrt) == 1 and wrt in re.sub(r"_(\{\w+\}|[0-9]+|[A-Za-z]$)", "", token)[1:]:
                raise self._glued(token)
            return [token]
        normal = [spelled_out(p) for p in parts]
        others = (self.alone - {name}) | self.declared.keys() | {wrt}
        word = re.fullmatch(r"([A-Z]+)([a-z]{2,})", stem)
        if word is not None and word[2] in GREEK and (len(word[2]) > 3 or word[2] == wrt):
            return _parts(token, [*word[1], word[2] + index])  # Xbeta
        mixed = not is_word and any(letter.isupper() for letter in stem)
        if mixed or all(p in others for p in normal) or (len(stem) == 2 and wrt in normal):
            return _parts(token, parts)
        if any(p in GREEK_LETTERS for p in stem):
            return _parts(token, parts)
        if wrt in normal:
            raise self._glued(token)
        return [token]

    def _glued(self, token: Token) -> ExpressionError:
        return self._fail(
            f"{token} could be one name or a product",
            token,
            "Put spaces between the factors of a product; declare a name of several letters under `symbols`.",
        )


def _segments(word: str, declared: Mapping[str, Symbol], last: str = "") -> Iterator[list[str]]:
    """The ways to write a word as declared names side by side, of which the last may be another one."""
    if not word:
        yield []
    for end in range(1, len(word) + 1):
        if spelled_out(word[:end]) in declared or word == last:
            for rest in _segments(word[end:], declared, last):
                yield [word[:end], *rest]


def _parts(token: Token, words: Sequence[str]) -> list[Token]:
    result, start = [], token.start_pos or 0
    for word in words:
        result.append(made("NAME", word, start, start + len(word)))
        start += len(word)
    return result
