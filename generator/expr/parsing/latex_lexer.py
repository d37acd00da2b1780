r"""LaTeX to the tokens of the grammar: commands by tables, scripts and arguments as TeX takes them.

A script or an argument is a group in braces, or else one letter, digit or command: `X^TAX` is X⊤AX and `\frac12` a
half. Spaces and the sizes of brackets mean nothing. What the page would show otherwise than it is typed is refused.
"""

from __future__ import annotations

import difflib
import re
from collections import deque
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from generator.errors import ExpressionError
from generator.expr.functions import ACCENTS, GREEK, spelled_out
from generator.expr.parsing.calls import CONJUGATE, FUNCTION_NAMES, FUNCTION_SPELLINGS, LOGARITHMS
from generator.expr.parsing.grammar import lex, made, place
from generator.expr.parsing.index_sums import INDICES, NESTED

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from lark import Token

SPACES = frozenset((*",;:!> ", "quad", "qquad", "thinspace", "displaystyle", "textstyle", "limits", "nolimits"))
SIZES = {
    "left": "OPEN",
    "right": "CLOSE",
    **{
        size + side: kind
        for size in ("big", "Big", "bigg", "Bigg")
        for side, kind in (("", ""), ("l", "OPEN"), ("r", "CLOSE"))
    },
}
"""What makes the bracket behind it larger, and whether that opens or closes."""
BRACKETS = {"{": "LPAR", "}": "RPAR", "lbrace": "LPAR", "rbrace": "RPAR", "lbrack": "LPAR", "rbrack": "RPAR"}
NORMS = {
    "|": "NORM",
    "Vert": "NORM",
    "lVert": "NORM_OPEN",
    "rVert": "NORM_CLOSE",
    "vert": "BAR",
    "lvert": "BAR_OPEN",
    "rvert": "BAR_CLOSE",
    "parallel": "NORM",
    "mid": "BAR",
}
AROUND = {"norm": "NORM", "abs": "BAR"}
"""Commands that put what they stand for around their argument."""
ANGLES = {"langle": "ANGLE_OPEN", "rangle": "ANGLE_CLOSE"}
SIGNS = {
    "cdot": "·",
    "colon": ":",
    "ast": "*",
    "times": "×",
    "div": "/",
    "circ": "∘",
    "odot": "∘",
    "oslash": "./",
    "otimes": "⊗",
}
FRACTIONS = frozenset(("frac", "tfrac", "dfrac", "cfrac", "nicefrac", "sfrac"))
VARIANTS = {f"var{name}": name for name in ("epsilon", "theta", "pi", "rho", "sigma", "phi", "kappa")}
LETTERS = {**{name: name for name in (*GREEK, "pi", "ell")}, **VARIANTS}
"""Letters by their commands."""
ARROWS = frozenset(("vec", "overrightarrow"))
ACCENT_COMMANDS = {**{name: name for name in ACCENTS}, **{f"wide{name}": name for name in ("hat", "tilde", "check")}}
ACCENT_COMMANDS["overline"] = "bar"
BOLD = frozenset(("mathbf", "boldsymbol", "bm", "symbf", "pmb", "textbf", "bold", "underline")) | ARROWS
"""Commands that make a small letter a vector."""
ALPHABETS = frozenset(("mathcal", "mathscr", "mathfrak", "mathbb", "mathds"))
WORDS = frozenset(
    ("operatorname", "operatorname*", "mathrm", "mathit", "mathsf", "mathtt", "text", "textrm", "textit", "textup")
) | {"textsf", "mbox", "hbox"}
"""Fonts in which several letters are one word."""
FONTS = BOLD | ALPHABETS | WORDS | {"mathop", "mathnormal"}
SWITCHES = {"bf": "mathbf", "rm": "mathrm", "it": "mathit", "sf": "mathsf", "cal": "mathcal"}
"""Fonts of the rest of a group."""
NOT_COMMANDS = frozenset(("sum", "vec", "vector", "matrix", "norm1", "norm2", "sqrt", "abs", "dot", "square", "norm"))
"""Functions whose command would be something else in LaTeX."""
STARS = frozenset(("*", r"\ast", r"\star"))
"""Signs that as the index of a norm mean the sum of all singular values."""
PRIMES = frozenset(("'", "′", "’", r"\prime"))
TRANSPOSES = frozenset(("T", "⊤", r"\top", r"\intercal"))
CONJUGATES = frozenset(("H", r"\mathsf H"))

LETTERS_ALONE = frozenset(
    ("NAME", "WORD", "ONES", "HAT", "LBRACE", "RBRACE", "SUPERSCRIPT", "PRIME", "TRANSPOSED", "INVERSE_TRANSPOSED")
) | {"PSEUDO_INVERSE", "STARRED"}
"""What is set in a font and remains what it is, factor by factor."""
ENDS = frozenset(("PLUS", "MINUS", "RPAR", "CLOSE", "NORM", "BAR", "COMMA", "SEMICOLON", "MATRIX_CLOSE", "RBRACE"))
STARTS = frozenset(
    ("LPAR", "OPEN", "LBRACE", "NORM_OPEN", "BAR_OPEN", "NORM", "BAR", "ANGLE_OPEN", "PLUS", "COMMA", "SEMICOLON")
) | {"MATRIX_OPEN"}
"""Tokens behind which a group may stand without its braces."""

_INDEXED = (
    r"Its index stands below it, as in \sum_{i=1}^n or \sum_i; for the sum of all entries write \operatorname{sum}(…)."
)
REMEDIES = {
    "sum": _INDEXED,
    "prod": _INDEXED,
    "\\": "An expression is one line.",
    "top": r"It stands behind ^, as in X^\top or X^{-\top}.",
    "in": "Shapes are declared under `symbols`.",
    **dict.fromkeys(("nabla", "partial"), "Write the function alone; the variable is named beside it."),
    **dict.fromkeys(
        ("min", "arg", "argmin", "argmax"),
        "Write the function alone; where it is stationary is another question. max(0, x) is the positive part.",
    ),
    "mathbb": "Expectations are not read; write what is inside of the brackets.",
}


_RUN = re.compile("[A-Za-z0-9]*")


def _factors(name: str) -> str:
    """The letters of a name, as TeX sets it, that surely have no part in an index: a and x of `a_ix_i`."""
    first, *others = name.split("_")
    return "".join([first, *(other[-1:] for other in others[:-1])])


def has_index(name: str) -> bool:
    """A name has an index; an accent, as in x_hat, is part of the name."""
    _, *behind = name.split("_")
    return bool(behind) and (len(behind) > 1 or behind[0] not in ACCENTS)


def from_latex(text: str, raw: Sequence[Token], declared: Container[str]) -> tuple[list[Token], frozenset[str]]:
    """The tokens that LaTeX stands for, with single words marked WORD, and the names that are set in bold."""
    page = _Page(text, declared, raw)
    tokens = _Group(page, _without_math(text, raw)).read()
    faces: dict[str, tuple[str, Token]] = {}
    for token in tokens:
        for name in page.names(token):
            face, first = faces.setdefault(name, (page.faces.get(token.start_pos, ""), token))
            if face != page.faces.get(token.start_pos, ""):
                raise ExpressionError(
                    f"{name} is set in two ways, and would be one symbol",
                    text=place(text, token),
                    remedy=f"It is {page.slice(first)} before. Use one of them, or another letter.",
                )
    return tokens, frozenset(name for name, (face, _) in faces.items() if face == "bold")


def _without_math(text: str, raw: Sequence[Token]) -> Sequence[Token]:
    r"""What stands between `$…$`, `\(…\)` or `\[…\]` around the whole."""
    pairs = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
    if raw[0] not in pairs:
        return raw
    if len(raw) < 3 or raw[-1] != pairs[str(raw[0])]:
        raise ExpressionError(
            f"{raw[0]} is not closed by {pairs[str(raw[0])]} at the end",
            text=place(text, raw[0]),
            remedy="Leave both out; the whole is mathematics.",
        )
    return raw[1:-1]


class _Page:
    """The fonts of letters in a whole text, and the letters that are surely factors."""

    def __init__(self, text: str, declared: Container[str], raw: Sequence[Token]) -> None:
        self.text = text
        self.declared = declared
        self.factors = {
            letter
            for before, token in pairwise((None, *raw))
            if token is not None and token.type == "NAME"
            for letter in _factors(f"_{token}" if before == "_" else token)
        }
        self.faces: dict[int | None, str] = {}
        """The font of a name by where it begins, if it is not the usual one."""

    def index_is_clear(self, token: Token, at: int) -> bool:
        """One character is the whole index, and what is behind it are factors: B_k p of `B_kp`, but not `x_new`."""
        run = _RUN.match(token, at)
        assert run is not None
        index, behind = run[0][0], run[0][1 : -1 if token[run.end() : run.end() + 1] == "_" else None]
        if behind[:1].isdigit():
            return False
        if index.isdigit() or not behind:
            return True
        word = re.match("[a-z]*" if index.islower() else "[A-Z]*", behind)
        assert word is not None
        letters = word[0]
        if INDICES.issuperset(index + behind):
            return False  # `A_ij` may be typed for two indices
        return not letters or (len(letters) == 1 and letters in self.factors | {index})

    def names(self, token: Token) -> list[str]:
        """The names in a token, each letter one unless it is a word or declared."""
        if token.type not in ("NAME", "WORD") or token in FUNCTION_NAMES:
            return []
        name = spelled_out(token)
        if token.type == "WORD" or name in self.declared:
            return [name]
        last = len(name.split("_")[0]) - 1
        return [*name[:last], name[last:]]

    def slice(self, *tokens: Token) -> str:
        """What stands in the text."""
        return self.text[tokens[0].start_pos : tokens[-1].end_pos]


class _Group:
    """The tokens of a group while they are read from the left."""

    def __init__(self, page: _Page, raw: Iterable[Token], face: str = "", *, words: bool = False) -> None:
        self.page = page
        self.ahead = deque(raw)
        self.face = face
        self.words = words
        self.done: list[Token] = []
        self.nucleus: int | None = None
        """Where what an index belongs to stands in `done`, while only scripts have followed it."""
        self.side = ""

    def read(self) -> list[Token]:
        """The tokens of the grammar for those of the group."""
        over = self._over()
        if over is not None:
            raw = list(self.ahead)
            sign = raw[over]
            self._put(made("FRACTION", "over", sign.start_pos or 0, sign.end_pos or 0))
            for inner in (raw[:over], raw[over + 1 :]):
                if not inner:
                    raise self._fail(r"nothing stands on one side of \over", sign)
                start, stop = inner[0].start_pos or 0, inner[-1].end_pos or 0
                self._put(made("LBRACE", "{", start, start), *self._inside(inner), made("RBRACE", "}", stop, stop))
            return self.done
        while self.ahead:
            self._next(self.ahead.popleft())
        return self.done

    def _over(self) -> int | None:
        r"""Where `\over` splits the group, if it does."""
        depth = 0
        for i, token in enumerate(self.ahead):
            depth += {"LBRACE": 1, "RBRACE": -1}.get(token.type, 0)
            if depth == 0 and token == r"\over":
                return i
        return None

    def _fail(self, what: str, *tokens: Token, remedy: str = "") -> ExpressionError:
        return ExpressionError(what, text=place(self.page.text, *tokens), remedy=remedy)

    def _put(self, *tokens: Token) -> None:
        self.done.extend(tokens)
        self.nucleus = None

    def _put_nucleus(self, token: Token) -> None:
        self.nucleus = len(self.done)
        self.done.append(token)

    def _set(self, token: Token, variant: str = "") -> None:
        if face := f"{self.face} {variant}".strip():
            self.page.faces[token.start_pos] = face

    def _inside(self, raw: Iterable[Token]) -> list[Token]:
        return _Group(self.page, raw, self.face, words=self.words).read()

    def _next(self, token: Token) -> None:
        match token.type:
            case "COMMAND":
                self._command(token)
            case "NAME":
                self._name(token)
            case "BIGSUM":
                self._sum(token)
            case "NUMBER" if self.face or (token == "1" and self.ahead and self.ahead[0].type == "UNDERSCORE"):
                self._figure(token)
            case "ONES":
                self._put_nucleus(token)
            case "UNDERSCORE":
                self._index(token)
            case "HAT":
                self._exponent(token)
            case "LBRACE":
                self._braces(token)
            case "NORM" | "BAR":
                self._delimiter(token, token.type)
            case "OPEN" | "LPAR":
                self._put(token.update(type="LPAR"))
                self.side = ""
            case "CLOSE" | "RPAR":
                self._put(token.update(type="RPAR"))
                self.side = ""
            case "MATRIX_OPEN" | "MATRIX_CLOSE":
                self._put(token)
                self.side = ""
            case "TRANSPOSED" | "INVERSE_TRANSPOSED" | "PSEUDO_INVERSE" | "SUPERSCRIPT" | "PRIME" | "SUBSCRIPT":
                self.done.append(token)
            case "TIE":
                pass
            case "MATH":
                raise self._fail("'$' has no meaning here", token)
            case _:
                self._put(token)

    # -- names

    def _name(self, token: Token) -> None:
        """Letters, and an index behind the last: of an index without braces TeX takes one character."""
        if self.words or spelled_out(token) in self.page.declared:
            self._symbol(token, word=self.words)
            return
        m = re.match(r"[^_]+(_\{[^{}]+\}|_\w)?", token)
        assert m is not None
        rest = token[m.end() :]
        if rest:
            if rest[0] == "_" or not (token[m.end() - 1] == "}" or self.page.index_is_clear(token, m.end() - 1)):
                raise self._several(token)
            self._put_back(token, m.end())
        self._symbol(made("NAME", m[0], token.start_pos or 0, (token.start_pos or 0) + m.end()), word=False)

    def _sum(self, token: Token) -> None:
        r"""A sum and its index, which in \sum_i x is one letter; `\sum_ij` may be meant of two."""
        behind = self.ahead[0] if self.ahead else token
        if token[-1] in INDICES and behind in INDICES and behind.start_pos == token.end_pos:
            raise self._fail(
                f"{token}{behind} could have one index or two",
                token,
                behind,
                remedy=f"Write {token[:-1]}{{{token[-1]}{behind}}} for a sum over both, or a space behind {token}.",
            )
        self._put(token)

    def _several(self, token: Token) -> ExpressionError:
        return self._fail(
            f"{token} could have an index of one character or of more",
            token,
            remedy="Put the index in braces, as in x_{12}, or spaces between the factors.",
        )

    def _symbol(self, token: Token, *, word: bool) -> None:
        name = FUNCTION_SPELLINGS.get(str(token), str(token)) if word else str(token)
        if name not in FUNCTION_NAMES:
            if self.face == "mathbb" and name != "I":
                raise self._fail(f"{self.page.slice(token)} in blackboard bold is a set or an expectation", token)
            self._set(token)
        self._put_nucleus(token.update(type="WORD" if word else "NAME", value=name))

    def _figure(self, token: Token) -> None:
        """1 in bold is the vector of ones, 0 that of zeros."""
        if token == "1":
            self._put_nucleus(token.update(type="ONES"))
        elif token == "0":
            self._put(token.update(type="WORD", value="zeros"))
        else:
            raise self._fail(f"{token} in another font has no meaning", token)

    # -- commands

    def _command(self, token: Token) -> None:
        name = token[1:]
        start, end = token.start_pos or 0, token.end_pos or 0
        function = FUNCTION_SPELLINGS.get(name, name)
        if name in SPACES or name.endswith("."):  # \left. and \right. show nothing
            return
        if name in SIZES:
            self.side = SIZES[name]
        elif name in LETTERS:
            self._set(token, name if name in VARIANTS else "")
            self._put_nucleus(made("WORD", LETTERS[name], start, end))
        elif name in SIGNS:
            self._put(made("TIMES", SIGNS[name], start, end))
        elif name in BRACKETS:
            bracket = {"lbrack": "[", "rbrack": "]"}.get(name, "{" if BRACKETS[name] == "LPAR" else "}")
            self._put(made(BRACKETS[name], bracket, start, end))
            self.side = ""
        elif name in ANGLES:
            self._put_nucleus(made(ANGLES[name], str(token), start, end))
            self.side = ""
        elif name in NORMS:
            self._delimiter(token, NORMS[name])
        elif name == "sum" and not (self.ahead and self.ahead[0].type in ("UNDERSCORE", "HAT")):
            self._put(made("ENTRYSUM", name, start, end))
        elif name == "vec" and self._stacks(token):
            self._put(made("WORD", name, start, end))
        elif name in AROUND:
            inner, begin, stop = self._argument(token)
            self._put(made(f"{AROUND[name]}_OPEN", "", start, begin), *self._inside(inner))
            self._put_nucleus(made(f"{AROUND[name]}_CLOSE", "", stop, stop))
        elif name in FRACTIONS:
            self._put(made("FRACTION", name, start, end))
            for _ in range(2):
                inner, begin, stop = self._argument(token)
                self._put(made("LBRACE", "{", begin, begin), *self._inside(inner), made("RBRACE", "}", stop, stop))
        elif name == "sqrt":
            self._square_root(token)
        elif name in ACCENT_COMMANDS:
            self._accent(token, ACCENT_COMMANDS[name])
        elif name in SWITCHES and not (self.ahead and self.ahead[0].type == "LBRACE"):
            self._switch(name)
        elif name in FONTS or name in SWITCHES:
            token = token.update(value="\\" + SWITCHES.get(name, name))
            inner, _, stop = self._argument(token)
            self._font(token, inner, stop)
        elif function in FUNCTION_NAMES - NOT_COMMANDS or (name == "min" and self._before_bracket()):
            self._put_nucleus(made("WORD", function, start, end))
        else:
            raise self._unknown(token)

    def _before_bracket(self) -> bool:
        return bool(self.ahead) and (self.ahead[0].type == "LPAR" or self.ahead[0][1:] in (*SIZES, "{"))

    def _square_root(self, token: Token) -> None:
        if self.ahead and self.ahead[0].type == "OPEN":
            self._root(token)
            return
        braced = bool(self.ahead) and self.ahead[0].type == "LBRACE"
        inner, begin, stop = self._argument(token)
        if not braced and self.ahead and self.ahead[0].type in ("HAT", "TRANSPOSED", "PRIME"):
            raise self._fail("it is not clear how far the root goes", token, remedy=r"Write \sqrt{…} in braces.")
        self._put(made("WORD", "sqrt", token.start_pos or 0, token.end_pos or 0), made("LPAR", "(", begin, begin))
        self._put(*self._inside(inner), made("RPAR", ")", stop, stop))

    def _switch(self, name: str) -> None:
        r"""A font of the rest of the group, as {\bf x'x} has it; upright letters are the word behind the switch."""
        if SWITCHES[name] in BOLD | ALPHABETS:
            self.face = SWITCHES[name]
        elif self.ahead and self.ahead[0].type == "NAME":
            self._symbol(self.ahead.popleft(), word=True)

    def _accent(self, token: Token, accent: str) -> None:
        r"""A letter with an accent is a name of its own: x_hat for \hat{x}."""
        inner, _, end = self._argument(token)
        read = self._inside(inner)
        letter, _, index = (read[0] if read else "").partition("_")
        if len(read) != 1 or read[0].type not in ("NAME", "WORD") or index in ACCENTS:
            raise self._fail(f"{token} stands over one letter", token)
        self._put_nucleus(made("WORD", "_".join(filter(None, (letter, accent, index))), token.start_pos or 0, end))

    def _stacks(self, token: Token) -> bool:
        r"""\vec stacks columns where a bracket follows, and is an arrow over a small letter or a figure."""
        if self.ahead and (self.ahead[0].type == "LPAR" or self.ahead[0][1:] in SIZES):
            return True
        follows = [t for t in self.ahead if t.type != "LBRACE" and t[1:] not in FONTS]
        if follows and follows[0].type == "NAME" and follows[0][0].isupper():
            raise self._fail(
                "an arrow over a matrix has two meanings",
                token,
                remedy=r"For the columns stacked write \operatorname{vec}(X); a vector is named in bold, \mathbf{X}.",
            )
        return False

    def _unknown(self, token: Token) -> ExpressionError:
        name = token[1:]
        commands = [*LETTERS, *SIGNS, *FONTS, *NORMS, *SIZES, *FRACTIONS, "sqrt", *(FUNCTION_NAMES - NOT_COMMANDS)]
        near = difflib.get_close_matches(name, commands, 1, 0.7)
        if name in REMEDIES:
            remedy = REMEDIES[name]
        elif near:
            remedy = f"Did you mean \\{near[0]}?"
        elif name in FUNCTION_NAMES:
            remedy = rf"Write \operatorname{{{name}}}(…)."
        else:
            remedy = r"Functions are written \operatorname{…}, names of several letters \mathit{…}."
        return self._fail(f"{token} is not read", token, remedy=remedy)

    def _font(self, token: Token, inner: Sequence[Token], end: int) -> None:
        name = token[1:]
        if name == "mathop" and not inner:
            return
        words = self.words or name in WORDS
        own = "bold" if name in BOLD else name if name in ALPHABETS or name == "mathsf" else ""
        face = own or self.face
        read = _Group(self.page, inner, face, words=words).read()
        if any(part.type not in LETTERS_ALONE for part in read):
            self._put_braces(token, read, token.start_pos or 0, end)
            return
        for part in read:
            if name.startswith("operatorname") and part not in FUNCTION_NAMES:
                near = difflib.get_close_matches(part.lower(), sorted(FUNCTION_NAMES), 1)
                hint = f"Did you mean {near[0]}? " if near else ""
                raise self._fail(
                    f"{part} is not a function that is known",
                    part,
                    remedy=rf"{hint}A name is written \mathit{{{part}}}.",
                )
        if not read:
            raise self._fail(f"nothing is set in {token}", token)
        self._put(*read[:-1])
        last = read[-1]
        start = (token if len(read) == 1 else last).start_pos or 0
        if last.start_pos in self.page.faces:
            self.page.faces[start] = self.page.faces[last.start_pos]
        self._put_nucleus(made(last.type, str(last), start, end))

    # -- groups, arguments, brackets

    def _until_brace(self, opening: Token) -> tuple[list[Token], Token]:
        """The tokens up to the brace that closes, and that brace."""
        found: list[Token] = []
        depth = 1
        while self.ahead:
            token = self.ahead.popleft()
            depth += {"LBRACE": 1, "RBRACE": -1}.get(token.type, 0)
            if depth == 0:
                return found, token
            found.append(token)
        raise self._fail("{ is not closed", opening, remedy="A closing } is missing.")

    def _root(self, command: Token) -> None:
        r"""The root with a whole number for its index, \sqrt[3]{t}, as the power (t)^{1/3}."""
        opening = self.ahead.popleft()
        if len(self.ahead) < 2 or self.ahead[0].type != "NUMBER" or not self.ahead[0].isdigit() or self.ahead[1] != "]":
            raise self._fail("the index of a root is no whole number", command, remedy="Write a power such as t^{1/k}.")
        index, closing = self.ahead.popleft(), self.ahead.popleft()
        inner, begin, stop = self._argument(command)
        self._put(made("LPAR", "(", begin, begin), *self._inside(inner), made("RPAR", ")", stop, stop))
        one, over = made("NUMBER", "1", stop, stop), made("TIMES", "/", stop, stop)
        hat = made("HAT", "^", opening.start_pos or 0, closing.end_pos or 0)
        self._raise(hat, (one, over, index), stop)

    def _argument(self, command: Token, *, script: bool = False) -> tuple[list[Token], int, int]:
        """What TeX takes as an argument, and where it begins and ends."""
        while self.ahead and (
            self.ahead[0].type == "TIE" or (self.ahead[0].type == "COMMAND" and self.ahead[0][1:] in SPACES)
        ):
            self.ahead.popleft()
        if not self.ahead:
            raise self._fail(f"nothing follows {command}", command)
        token = self.ahead.popleft()
        start, end = token.start_pos or 0, token.end_pos or 0
        match token.type:
            case "LBRACE":
                inner, closing = self._until_brace(token)
                if not inner and command != r"\mathop":
                    raise self._fail("nothing stands in the braces", token, closing)
                return inner, start, closing.end_pos or 0
            case "RBRACE" | "RPAR" | "CLOSE":
                raise self._fail(f"nothing follows {command}", command)
            case "MINUS" if script:
                inner, _, stop = self._argument(command, script=True)
                return [token, *inner], start, stop
            case "COMMAND" if token[1:] in FONTS | FRACTIONS | {"sqrt"}:
                found = [token]
                for _ in range(2 if token[1:] in FRACTIONS else 1):
                    inner, begin, end = self._argument(token)
                    found += [made("LBRACE", "{", begin, begin), *inner, made("RBRACE", "}", end, end)]
                return found, start, end
            case "NAME" | "NUMBER" if len(token) > 1:
                is_clear = command == "_" and token.type == "NAME" and self.page.index_is_clear(token, 0)
                if script and token[1] != "_" and (command, token[0]) != ("^", "T") and not is_clear:
                    sign = str(command)
                    raise self._fail(
                        f"{sign}{token} is {sign}{token[0]} in LaTeX, with {token[1:]} behind it",
                        command,
                        token,
                        remedy=f"Write {sign}{{{token}}}, or {sign}{{{token[0]}}} {token[1:]}.",
                    )
                self._put_back(token, 1)
                return [made(token.type, token[0], start, start + 1)], start, start + 1
            case _:
                return [token], start, end

    def _put_back(self, token: Token, taken: int) -> None:
        """What follows the first characters of a token is read again."""
        offset = (token.start_pos or 0) + taken
        rest = [
            made(t.type, str(t), (t.start_pos or 0) + offset, (t.end_pos or 0) + offset) for t in lex(token[taken:])
        ]
        self.ahead.extendleft(reversed(rest))

    def _braces(self, opening: Token) -> None:
        """Braces are not seen: they may hold a function's argument, or one factor with its scripts."""
        inner, closing = self._until_brace(opening)
        start, end = opening.start_pos or 0, closing.end_pos or 0
        if not inner:
            return
        if inner[0].type == "COMMAND" and inner[0][1:] in SWITCHES:
            switch = made("COMMAND", "\\" + SWITCHES[inner[0][1:]], start, end)
            self._font(switch, inner[1:], end)
            return
        self._put_braces(opening, self._inside(inner), start, end)

    def _put_braces(self, opening: Token, read: Sequence[Token], start: int, end: int) -> None:
        """What stands in braces: an argument, one factor, or what means the same without them."""
        before = self.done[-1] if self.done else None
        is_argument = before is not None and (
            before.type == "ENTRYSUM" or (before.type == "WORD" and before in FUNCTION_NAMES)
        )
        if len(read) == 1 and not is_argument:
            self._put_nucleus(read[0])
        elif not is_argument and read[0].type in ("NORM_OPEN", "BAR_OPEN") and self._is_one_factor(read):
            self._put(*read[:-1])  # an index may stand behind the braces
            self._put_nucleus(read[-1])
        elif is_argument or self._is_one_factor(read):
            self._put(made("LPAR", "", start, start + 1), *read, made("RPAR", "", end - 1, end))
        elif (before is None or before.type in STARTS) and (not self.ahead or self._ends_here(self.ahead[0])):
            self._put(*read)
        else:
            closing = made("RBRACE", "}", end - 1, end)
            raise self._fail(
                "braces are not seen on the page", opening, closing, remedy="Write ( ) around what belongs together."
            )

    def _ends_here(self, token: Token) -> bool:
        r"""A token behind a group to which nothing in it belongs: + or -, or what closes."""
        if token.type == "COMMAND":
            name = str(token[1:])
            if name in SIZES and len(self.ahead) > 1:
                return SIZES[name] == "CLOSE" or self._ends_here(self.ahead[1])
            return name in {*SPACES, "|", "Vert", "rVert", "vert", "rvert", "rangle", "}", "rbrace", "rbrack"}
        return token.type in ENDS

    def _is_one_factor(self, tokens: Sequence[Token]) -> bool:
        depth = operands = 0
        if tokens[0].type == "FRACTION":
            return str(tokens[0]) == "over"  # braces around a \over b are seen
        for token in tokens:
            if depth == 0:
                if token.type in ("PLUS", "MINUS", "TIMES", "FRACTION", "NORM", "BAR"):
                    return False
                if token.type == "NAME" and spelled_out(token) not in self.page.declared:
                    operands += len(token.split("_")[0])
                elif token.type in ("NAME", "WORD", "NUMBER", "ONES", "LPAR", "NORM_OPEN", "BAR_OPEN", "MATRIX_OPEN"):
                    operands += 1
            if token.type in ("LPAR", "LBRACE", "NORM_OPEN", "BAR_OPEN", "MATRIX_OPEN"):
                depth += 1
            elif token.type in ("RPAR", "RBRACE", "NORM_CLOSE", "BAR_CLOSE", "MATRIX_CLOSE"):
                depth -= 1
        return operands == 1

    def _delimiter(self, token: Token, kind: str) -> None:
        r"""A norm's or an absolute value's bars; `\left|\left|` and `\lvert\lvert` are a norm's."""
        if kind.startswith("BAR"):
            sized = bool(self.side and self.ahead) and SIZES.get(self.ahead[0][1:]) == self.side
            second = self.ahead[sized] if len(self.ahead) > sized else None
            is_double = second is not None and second.partition("_")[0] == token
            if second is not None and (sized or token.type == "COMMAND") and is_double:
                if sized:
                    self.ahead.popleft()
                kind = kind.replace("BAR", "NORM")
                index = second[len(token) :]
                token = made("NORM", f"||{index}", token.start_pos or 0, self.ahead.popleft().end_pos or 0)
        if kind in ("NORM", "BAR") and self.side:
            kind = f"{kind}_{self.side}"
        self.side = ""
        value = str(token) if token.type in ("NORM", "BAR") else ""  # its index, if the lexer found one
        self._put_nucleus(made(kind, value, token.start_pos or 0, token.end_pos or 0))

    # -- scripts

    def _index(self, token: Token) -> None:
        inner, _, end = self._argument(token, script=True)
        if [part.type for part in inner] == ["PLUS"]:  # the positive part of a bracket
            self.done.append(made("POSITIVE_PART", "_+", token.start_pos or 0, end))
            return
        of_norm = self.nucleus is not None and self.done[self.nucleus].type in ("NORM", "NORM_CLOSE")
        mark = "".join(part for part in inner if part.type not in ("LBRACE", "RBRACE", "MINUS"))
        if of_norm and mark.endswith("^1") and any(part.type == "MINUS" for part in inner):
            at = next(i for i, part in enumerate(inner) if part.type == "HAT")
            inner, inverted = inner[:at], "^-1"
        else:
            inverted = ""
        words = self._index_words(inner, of_norm=of_norm)
        if self.nucleus is None:
            raise self._fail("an index belongs behind a name or a norm", token)
        owner = self.done[self.nucleus]
        index = "".join(words) + inverted
        if NESTED.fullmatch(f"{owner}_{{{index}}}") and owner.type in ("NAME", "WORD"):
            index = f"{{{index}}}"
        owner_end = end if self.nucleus == len(self.done) - 1 else owner.end_pos or 0
        if has_index(owner):
            raise self._fail("a second index", token, remedy="A name has one index, such as x_{12}.")
        match owner.type:
            case "ONES":
                kind = "NUMBER" if index.isdigit() else "WORD"
                self.done[self.nucleus : self.nucleus + 1] = [
                    made("WORD", "vector", owner.start_pos or 0, owner_end),
                    *(made(kind, value, owner_end, owner_end) for kind, value in (("LPAR", "("), ("NUMBER", "1"))),
                    *(made(kind, value, owner_end, owner_end) for kind, value in (("COMMA", ","), (kind, index))),
                    made("RPAR", ")", owner_end, owner_end),
                ]
                self.nucleus = None
            case "NAME" | "WORD" if owner == "log" and (found := LOGARITHMS.get(index)):
                self.done[self.nucleus] = made(owner.type, found, owner.start_pos or 0, owner_end)
            case "NAME" | "WORD" if f"{owner}_{index}" in FUNCTION_NAMES:  # softmax of rows
                self.done[self.nucleus] = made(owner.type, f"{owner}_{index}", owner.start_pos or 0, owner_end)
            case "NAME" | "WORD" if owner in FUNCTION_NAMES:
                raise self._fail(f"{owner} takes no index", token, remedy=f"Write {owner}(…), without an index.")
            case "NAME" | "WORD":
                self.done[self.nucleus] = made(owner.type, f"{owner}_{index}", owner.start_pos or 0, owner_end)
            case _:
                self.done[self.nucleus] = made(owner.type, f"_{index}", owner.start_pos or 0, owner_end)

    def _index_words(self, inner: Sequence[Token], *, of_norm: bool) -> list[str]:
        """The parts of an index in plain text."""
        words: list[str] = []
        for part, behind in zip_longest(inner, inner[1:]):
            if part.type == "COMMA" and words and behind and not (words[-1].isdigit() and behind.type == "NUMBER"):
                continue  # X_{i,j} is X_{ij}, but x_{1,12} is not x_{11,2}
            if part.type in ("NAME", "NUMBER"):
                words.append(str(part))
            elif part.type == "COMMAND" and part[1:] in LETTERS:
                words.append(LETTERS[part[1:]])
            elif part == r"\infty":
                words.append("inf")
            elif part in STARS:
                words.append("nuc" if of_norm else "star")
            elif part in (r"\max", r"\min"):
                words.append(part[1:])
            elif part.type in ("PLUS", "MINUS") and words and [p.type for p in inner[-1:]] == ["NUMBER"]:
                words.append("plus" if part.type == "PLUS" else "minus")
            elif part.type not in ("LBRACE", "RBRACE") and not (part.type == "COMMAND" and part[1:] in FONTS | SPACES):
                raise self._fail("an index is letters and digits", part, remedy="Choose a name such as x_1 or x_{new}.")
        return words

    def _exponent(self, token: Token) -> None:
        if self.ahead and self.ahead[0].type == "LPAR":  # ^(1/2), as in plain text
            self.done.append(token)
            return
        inner, begin, end = self._argument(token, script=True)
        start = token.start_pos or 0
        seen = [t for t in inner if not (t.type == "COMMAND" and t[1:] in FONTS | SPACES | SWITCHES.keys())]
        marks = [t for t in seen if t.type not in ("LBRACE", "RBRACE")]
        mark = "".join(marks)
        if marks and PRIMES.issuperset(marks):
            self.done += [made("PRIME", "'", t.start_pos or 0, t.end_pos or 0) for t in marks]
        elif mark in TRANSPOSES:
            self.done.append(made("TRANSPOSED", mark, start, end))
        elif mark[:1] in ("-", "−") and mark[1:] in TRANSPOSES | PRIMES:
            self.done.append(made("INVERSE_TRANSPOSED", mark, start, end))
        elif mark in ("+", r"\dagger", r"\dag", "†"):
            if self.ahead and begin + 1 == end and self.ahead[0].type == "NUMBER" and mark == "+":
                raise self._fail("^+ is the pseudo-inverse", token, remedy="Write a number as ^{2}.")
            self.done.append(made("PSEUDO_INVERSE", mark, start, end))
        elif mark in STARS:
            self.done.append(made("STARRED", "*", start, end))
        elif mark in CONJUGATES and mark not in self.page.declared and self.done[-1:] != ["e"]:
            self.done.append(made("TRANSPOSED", CONJUGATE, start, end))
        elif mark in (r"\circ", r"\odot"):
            self._entrywise(token, end)
        elif mark.startswith((r"\circ", r"\odot")):
            self._raise(made("DOTHAT", ".^", start, inner[0].end_pos or 0), self._inside(inner[1:]), end)
        else:
            self._raise(token, self._inside(inner), end)

    def _raise(self, hat: Token, exponent: Sequence[Token], end: int) -> None:
        begin = hat.end_pos or 0
        self.done += [hat, made("LBRACE", "{", begin, begin), *exponent, made("RBRACE", "}", end, end)]

    def _entrywise(self, token: Token, end: int) -> None:
        r"""A function that is applied to each entry, where it could be meant of the whole matrix: \exp^{\circ}(X)."""
        if not self.done or self.done[-1].type not in ("WORD", "NAME") or self.done[-1] not in FUNCTION_NAMES:
            raise self._fail("nothing stands behind the circle", token, remedy=r"Write X^{\circ 2}.")
        self.done[-1] = made("WORD", str(self.done[-1]), self.done[-1].start_pos or 0, end)
