"""The sandbox in which templates are filled: delimiters that TeX never uses, and faults named by file and line."""

from __future__ import annotations

from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.exceptions import SecurityError
from jinja2.utils import missing
from pylatex.utils import NoEscape

from generator.document.formula import Formula, Sentence
from generator.document.words import points_in_words
from generator.errors import BuildError, InFile
from generator.formats.templates import budget, words
from generator.formats.templates.budget import BUDGET, EndlessError
from generator.formats.templates.words import WordedEnvironment
from generator.problems.marking import written as in_figures
from generator.system import compiled, disk_cache, inputs
from generator.system.output_dir import is_inside
from generator.system.shipped import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from jinja2 import Environment
    from jinja2.bccache import Bucket

    from generator.formats import Printer


class _UnknownNameError(UndefinedError):
    """A name that nothing defines, and the object it was looked up on (`missing` for a variable)."""

    def __init__(self, message: str, name: object, owner: object) -> None:
        super().__init__(message)
        self.name = name
        self.owner = owner


class _Undefined(StrictUndefined):
    """An undefined name that raises wherever it is used, and remembers what it was."""

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        raising: Any = partial(_UnknownNameError, name=name, owner=obj) if exc is UndefinedError else exc
        super().__init__(hint, obj, name, raising)


def _described(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


class _OwnFolder(FileSystemLoader):
    """The templates of a folder, and none that a link in it finds elsewhere."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        found = super().get_source(environment, template)
        file = Path(found[1])
        if not is_inside(file, self.folder):
            raise BuildError(
                "the template is a link to a file in another folder",
                remedy="Put a copy of that file in its place.",
                file=InFile(file),
            )
        return found


class _Compiled(BytecodeCache):
    """Our own templates in compiled form, kept beside the compiled form of this module; of a course's own, nothing."""

    @cached_property
    def made_by(self) -> bytes:
        """A hash of what compiles templates, this sandbox and this Jinja, which what is kept begins with."""
        made_by = [
            jinja2.__version__.encode(),
            *(Path(name).read_bytes() for name in (budget.__file__, words.__file__, __file__)),
        ]
        return sha256(b"".join(made_by)).digest()

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Empty for a template that is not ours."""
        ours = filename and Path(filename).is_relative_to(TEMPLATES)
        return Path(name).name if ours else ""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read what is kept, if it is of this template and this Python."""
        file = compiled.place(__file__, bucket.key) if bucket.key else None
        content = disk_cache.read(file) if file else None
        if content and content.startswith(self.made_by):
            bucket.bytecode_from_string(content.removeprefix(self.made_by))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, if that is possible."""
        if bucket.key and (file := compiled.place(__file__, bucket.key)):
            disk_cache.write(file, self.made_by + bucket.bytecode_to_string())


class Templates(WordedEnvironment):
    """A course's templates before ours; `default/NAME` is always ours, so that an override may extend it."""

    suffix: str
    """What the names of templates of this format end in."""

    def __init__(self, overrides: Path | None, printer: Printer) -> None:
        ours = FileSystemLoader(TEMPLATES)
        own = [_OwnFolder(overrides)] if overrides else []
        if overrides:
            for entry in inputs.names(overrides):  # all of them now, as workers will load them, too
                if entry.is_file() and is_inside(entry, overrides):
                    inputs.read(entry)
        super().__init__(
            printer,
            loader=ChoiceLoader([*own, ours, PrefixLoader({"default": ours})]),
            block_start_string="<%",
            block_end_string="%>",
            variable_start_string="<%=",
            variable_end_string="%>",
            comment_start_string="<%#",
            comment_end_string="%>",
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            bytecode_cache=_Compiled(),
            undefined=_Undefined,
            finalize=self.printed,
        )
        self.globals |= {"points": points_in_words, "in_figures": in_figures}

    def printed(self, value: object) -> str:
        """What a template prints of a value: formulas and sentences in this format, plain text escaped."""
        match value:
            case str():
                return self.escaped(value)
            case Formula():
                return self.printer.formula(value)
            case Sentence():
                return self.printer.sentence(value)
            case Fraction() | float():
                return f"{float(value):g}"
            case int() if not isinstance(value, bool):
                return str(value)
            case _Undefined():
                return str(value)
            case _:
                pass
        raise TypeError(f"a template can print text, formulas and numbers, and this is {_described(value)}")

    def in_words(self, value: object) -> NoEscape:
        """What a sentence has of a value."""
        return NoEscape(self.printed(value))

    def concat(self, pieces: Iterable[str]) -> NoEscape:
        """What a macro, a block or `super()` returns, which was escaped piece by piece already."""
        made: NoEscape = self._made(NoEscape("".join(pieces)))
        return made

    def _is_listed(self, name: str) -> bool:
        """A template of this format, once: every one of ours has a second name in `default/`."""
        return name.endswith(self.suffix) and not name.startswith("default/")

    def fill(self, name: str, /, **context: object) -> str:
        """The text of template `name` with the names of `context` defined; every fault is a `BuildError`."""
        self.left = BUDGET
        try:
            return self.get_template(name).render(context)
        except TemplateSyntaxError as error:
            file = InFile(Path(error.filename or error.name or name), error.lineno)
            raise BuildError(
                f"the template is not well formed: {_sentence(error.message)}",
                remedy="Blocks are written <% … %>, values <%= … %>, comments <%# … %>.",
                file=file,
            ) from error
        except TemplateNotFound as error:
            raise BuildError(
                f"there is no template {error.name!r}",
                remedy=_nearest(error.name or "", self.list_templates(filter_func=self._is_listed)),
                file=_place(error),
            ) from error
        except _UnknownNameError as error:
            owner = "" if error.owner is missing else f" in what is {_described(error.owner)}"
            raise BuildError(
                f"{error.name!r} is undefined{owner}",
                remedy=_nearest(error.name, _known(error)),
                file=_place(error),
            ) from error
        except SecurityError as error:
            raise BuildError(
                f"the template does what templates may not: {_sentence(error.message)}",
                remedy="Templates may read the values they are given, and nothing else.",
                file=_place(error),
            ) from error
        except (EndlessError, MemoryError) as error:
            raise BuildError(
                f"the template asks for too much: {_sentence(str(error) or 'the memory is full')}",
                remedy="Look for loops in loops, and for texts that grow with every step.",
                file=_place(error),
            ) from error
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            place = _place(error)
            if place is None:  # not a template's fault but a bug of ours: let it be seen
                raise
            raise BuildError(
                f"the template fails: {_sentence(str(error))}",
                remedy="Compare it with the template of the same name that this program ships.",
                file=place,
            ) from error


def _frame(error: BaseException) -> TracebackType | None:
    """The innermost template on the way to `error`."""
    found, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(".j2"):
            found = step
        step = step.tb_next
    return found


def _place(error: BaseException) -> InFile | None:
    """The line of a template that `error` comes from."""
    frame = _frame(error)
    return InFile(Path(frame.tb_frame.f_code.co_filename), frame.tb_lineno) if frame else None


def _known(error: _UnknownNameError) -> list[str]:
    """What could have been meant: what the object has, or, for a variable, what the template knows there."""
    if error.owner is not missing:
        keys = [key for key in error.owner if isinstance(key, str)] if isinstance(error.owner, dict) else []
        return keys + [name for name in dir(error.owner) if not name.startswith("_")]
    frame = _frame(error)
    return [name for name in frame.tb_frame.f_locals if not name.startswith("_")] if frame else []


def _nearest(name: object, known: list[str]) -> str:
    close = get_close_matches(str(name), known, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known here: {', '.join(sorted(known))}."


def _sentence(message: str | None) -> str:
    return (message or "unknown fault").strip().rstrip(".")
