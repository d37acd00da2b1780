# ruff: noqa: D301 - click reads the \b in help texts
"""The command line: `worksheets`, which is the same as `python -m generator`."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

import click

from generator import formats as known_formats
from generator.building.builder import DEFAULTS, Options
from generator.errors import GeneratorError
from generator.pdf.engines import ENGINES
from generator.system.output_dir import MANIFEST
from generator.system.shipped import DOCS
from generator.system.workers import collect_seldom, stopped_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from tqdm import tqdm

    from generator.building.builder import Built
    from generator.building.solving import Progress
    from generator.expr.printing.notation import Notation
    from generator.worksheet.bank import Entry

    Command = TypeVar("Command", bound=Callable[..., Any])

INTERRUPTED = 130
MAX_VERSIONS = 9999
"""The highest number of a version."""
PREVIEWED = 12
"""Of how many versions a preview shows what they ask."""
FINDS = ("derivative", "stationary", "hessian", "differential")
"""Values of --find for a function without numbers."""
WATCHED = 3
"""The same of a preview that follows an edited file."""


class _Commands(click.Group):
    """Commands that give back their exit status, if it is not 0.

    Errors are for people: no traceback, and an exit status that says whose turn it is.
    """

    def invoke(self, ctx: click.Context) -> None:
        try:
            with stopped_once():
                status = super().invoke(ctx)
        except GeneratorError as error:
            _say(error)
            status = error.exit_status
        except KeyboardInterrupt:
            click.echo("\nStopped. Nothing that was there before has changed.", err=True)
            status = INTERRUPTED
        ctx.exit(status or 0)


def _say(error: GeneratorError) -> None:
    """An error on stderr; on a terminal with the page of the documentation that explains it."""
    click.echo(str(error), err=True)
    if error.page and sys.stderr.isatty() and DOCS:
        page = DOCS / f"{error.page}.md"
        here = Path.cwd()
        click.echo(f"More about this: {page.relative_to(here) if page.is_relative_to(here) else page}", err=True)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trace-trick-worksheets", prog_name="worksheets")
def main() -> None:
    """Problem sets in matrix calculus, in many versions, with fully derived answer keys.

    \b
    Examples:
      worksheets build worksheets/trace-trick.yaml
      worksheets build worksheets/*.yaml -n 30 -o output
      worksheets solve "Tr(X^T A X)" --wrt X
      worksheets check worksheets/*.yaml
    """
    collect_seldom()


def _files(command: Command) -> Command:
    """Give a command its worksheet files and what may stand in for their settings."""
    for decorate in (
        click.option("--seed", type=click.IntRange(0), help="Draw with this seed instead of the worksheet's."),
        click.option(
            "-n",
            "--versions",
            type=click.IntRange(1, MAX_VERSIONS),
            help="How many versions, instead of the worksheet's.",
        ),
        click.option(
            "--repeats",
            is_flag=True,
            default=None,
            help="Let questions repeat where there are fewer distinct ones than versions.",
        ),
        click.option(
            "--makeup",
            is_flag=True,
            help="A make-up of what was built before, in a folder of its own, with none of its questions.",
        ),
        click.option(
            "-j", "--jobs", type=click.IntRange(1), help="How many processes solve questions; one for each core."
        ),
        click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)),
    ):
        command = decorate(command)
    return command


def _formats(_: click.Context, __: click.Parameter, said: str | None) -> tuple[str, ...] | None:
    if said is None:
        return None
    formats = tuple(dict.fromkeys(part.strip().lower() for part in said.split(",")))
    for one in formats:
        if one not in (known := known_formats.names()):
            raise click.BadParameter(f"{one!r} is not one of {', '.join(known)}.")
    return formats


def _numbers(_: click.Context, __: click.Parameter, said: str) -> tuple[int, ...]:
    numbers: set[int] = set()
    for part in filter(None, map(str.strip, said.split(","))):
        first, dash, last = map(str.strip, part.partition("-"))
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise click.BadParameter(f"{part!r} is neither the number of a version nor a range such as 2-5.")
        if dash and not int(first) <= int(last) <= MAX_VERSIONS:
            raise click.BadParameter(
                f"{part!r} is no range: its numbers go from the lower to the higher, up to {MAX_VERSIONS}."
            )
        numbers.update(range(int(first), int(last or first) + 1))
    return tuple(sorted(numbers))


@main.command()
@_files
@click.option(
    "--only", default="", metavar="LIST", callback=_numbers,
    help="Build these versions alone, such as 17 or 2-5,17, and leave other files as they are.",
)  # fmt: skip
@click.option(
    "--depfile", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Write what each folder depends on as rules for make.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what needs your attention.")
@click.option(
    "--keep-going", is_flag=True,
    help="Deliver all papers but those that TeX cannot typeset or that overflow; without it, all stays as it was.",
)  # fmt: skip
@click.option(
    "--roster", metavar="CSV", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A class list, for a version with the name on it for each student.",
)  # fmt: skip
@click.option(
    "--reassign", is_flag=True,
    help="Let students get another version than they had, where the class list or the table of versions asks for it.",
)  # fmt: skip
@click.option(
    "-o", "--output", default=DEFAULTS.output, show_default=True, metavar="DIR",
    type=click.Path(path_type=Path), help="Where each worksheet gets its folder.",
)  # fmt: skip
@click.option(
    "--format", "formats", metavar="LIST", callback=_formats,
    help="What to make: pdf, tex (the sources), html, or several of them; by default as the worksheet says.",
)  # fmt: skip
@click.option(
    "--engine", type=click.Choice(ENGINES),
    help="The TeX to use instead of the worksheet's; by default the first that is here.",
)  # fmt: skip
@click.option(
    "--templates", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with templates of your own, instead of ./templates.",
)  # fmt: skip
def build(files: tuple[Path, ...], quiet: bool, depfile: Path | None, **options: Any) -> int:
    """Make problem sets and answer keys from worksheet files.

    Each FILE gets a folder in DIR with a PDF for each version and its key, all of them in one, a formula
    sheet, the answers of all versions side by side, and the TeX sources. Where nothing has changed, nothing
    is done.

    A class list is a CSV file in UTF-8 as Canvas, Moodle, Gradescope or Blackboard export it, or one whose first line
    names its columns: "name" and "id", or "given name", "last name" and "id". WORKSHEET-roster.csv in the folder then
    says who has which version. It is read by the next build, so that everybody keeps theirs when others join or leave;
    those who left keep a row there until you delete it. A build that would give a student another version stops,
    unless --reassign allows it.

    \b
    Examples:
      worksheets build worksheets/trace-trick.yaml
      worksheets build quiz.yaml --roster students.csv
      worksheets build quiz.yaml -n 30 --seed 7 -o printed
      worksheets build quiz.yaml -n 30 --only 17
      worksheets build midterm.yaml -n 3 --makeup
      worksheets build quiz.yaml --format pdf,html
      worksheets build quiz.yaml --engine lualatex
    """
    from generator.building.builder import build as build_one
    from generator.building.builder import folder_of, sources

    stems = Counter(path.stem for path in files)
    if same := [stem for stem, count in stems.items() if count > 1]:
        raise click.UsageError(f"More than one file would be built into {options['output'] / same[0]}.")
    wanted = Options(**options)
    rows: list[tuple[str, ...]] = []

    def run(path: Path, progress: Progress) -> str:
        start = perf_counter()
        built = build_one(path, wanted, progress)
        seconds = perf_counter() - start
        rows.append(_row(path, built, seconds))
        lines = [] if quiet else [_report(path, built, seconds)]
        report = "\n".join([*lines, *_remarks(built)])
        if built.error:
            click.echo(report)
            raise built.error
        return report

    status = _each(files, run, quiet=quiet)
    if depfile:
        manifests = ((folder_of(path, wanted) / MANIFEST, path) for path in files)
        depfile.write_text("".join(_rule(manifest, sources(path, wanted)) for manifest, path in manifests))
    if len(rows) > 1 and not quiet:
        click.echo(_table((("", "versions", "files", "pages", "typeset", "seconds", "warnings"), *rows)))
    return status


def _report(path: Path, built: Built, seconds: float) -> str:
    if built.current:
        return f"{path}: nothing has changed since {built.folder} was built"
    what = f"{_count(built.versions, 'version')} of {_count(built.problems, 'problem')}"
    return f"{path}: {what}, {_count(built.files, 'file')} in {built.folder} ({seconds:.1f} s)"


def _remarks(built: Built) -> Iterator[str]:
    """What needs attention."""
    if built.distinct < built.versions:
        yield f"  only {built.distinct} of them differ: give the problems more to vary"
    yield from (f"  look at this: {warning}" for warning in built.warnings)
    yield from (f"  kept your edits as {kept}" for kept in built.kept)


def _row(path: Path, built: Built, seconds: float) -> tuple[str, ...]:
    if built.current:
        return (path.stem, "", "", "", "0", f"{seconds:.1f}", "")
    numbers = (built.versions, built.files, built.pages, built.typeset)
    return (path.stem, *map(str, numbers), f"{seconds:.1f}", str(len(built.warnings)))


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Rows with their columns below one another, the first to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    )


def _rule(target: Path, sources: Sequence[Path]) -> str:
    """A rule for make."""
    escaped = [str(path).replace("$", "$$").replace(" ", "\\ ").replace("#", "\\#") for path in (target, *sources)]
    return f"{escaped[0]}: {' '.join(escaped[1:])}\n" + "".join(f"{path}:\n" for path in escaped[1:])


@main.command()
@_files
@click.option(
    "--seeds",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Draw each question under so many seeds, and report what came up.",
)
def check(files: tuple[Path, ...], seeds: int | None, **options: Any) -> int:
    """Solve every version of worksheet files, without TeX.

    Every line of every derivation is verified on random numbers, as it is before each build. What is said of each
    question: how many distinct ones it can give, how its versions differ in difficulty, and how a text was read that
    has several readings.

    \b
    Examples:
      worksheets check worksheets/*.yaml
      worksheets check quiz.yaml -n 500
      worksheets check quiz.yaml --seeds 1000
    """
    from generator.building.builder import load
    from generator.building.check import check as checked
    from generator.errors import together

    def run(path: Path, progress: Progress) -> str:
        wanted = Options(**options)
        found = checked(load(path, wanted), seeds, progress, jobs=wanted.jobs)
        first, *more = found.report
        report = "\n".join([f"{path}: {first}", *more])
        if found.errors:
            click.echo(report)
            raise together(found.errors)
        return report

    return _each(files, run)


@main.command()
@_files
@click.option(
    "-o", "--output", default=DEFAULTS.output, show_default=True, metavar="DIR",
    type=click.Path(path_type=Path), help="Where each worksheet gets its folder.",
)  # fmt: skip
@click.option(
    "--templates", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with templates of your own, instead of ./templates.",
)  # fmt: skip
def preview(files: tuple[Path, ...], **options: Any) -> int:
    """Show many versions of each problem with their answers.

    Each FILE gets one PDF in its folder in DIR with each problem as the first versions ask it, and the answers: 12
    versions, or as many as you say with -n. Versions that ask the same stand together.

    \b
    Examples:
      worksheets preview quiz.yaml
      worksheets preview quiz.yaml -n 30 --seed 7
    """
    from generator.building.preview import preview as preview_one

    options["versions"] = options["versions"] or PREVIEWED

    def run(path: Path, progress: Progress) -> str:
        found = preview_one(path, Options(**options), progress)
        lines = [f"{path}: {_count(found.versions, 'version')} of each problem in {found.file}"]
        return "\n".join(lines + [f"  look at this: {warning}" for warning in found.warnings])

    return _each(files, run)


@main.command()
@click.option("--seed", type=click.IntRange(0), help="Draw with this seed instead of the worksheet's.")
@click.option(
    "-n", "--versions", type=click.IntRange(1, MAX_VERSIONS), default=WATCHED, show_default=True,
    help="How many versions to show.",
)  # fmt: skip
@click.option(
    "--build", "builds", is_flag=True, help="After each change, also build the papers of the worksheet again.",
)  # fmt: skip
@click.option(
    "-o", "--output", default=DEFAULTS.output, show_default=True, metavar="DIR",
    type=click.Path(path_type=Path), help="Where --build puts the folder of the worksheet.",
)  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port of the preview; by default any.")
@click.option("--no-browser", is_flag=True, help="Only say where the preview is.")
@click.option(
    "--templates", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with templates of your own, instead of ./templates.",
)  # fmt: skip
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def watch(file: Path, builds: bool, port: int, no_browser: bool, **options: Any) -> None:
    """Show a preview of FILE that follows what you save.

    The preview stands in your browser: the problems of the first versions with their answers, or what is wrong and
    where. It needs no TeX, is served to this computer alone, and ends with Ctrl-C.

    \b
    Examples:
      worksheets watch quiz.yaml
      worksheets watch quiz.yaml -n 1 --build
    """
    from generator.building.builder import build as build_papers
    from generator.watching import Shown, serving
    from generator.watching import watch as follow

    preview_options = Options(**options, repeats=True)
    build_options = Options(**options | {"versions": None})
    shown = Shown()

    def report(error: GeneratorError | None) -> None:
        if error:
            _say(error)
            return
        click.echo(f"{file}: the preview is up to date")
        if builds:
            _each(
                [file], lambda path, progress: _report(path, build_papers(path, build_options, progress), 0), quiet=True
            )

    with serving(shown, port) as address:
        click.echo(f"{file}: the preview is at {address} until you press Ctrl-C")
        if not no_browser and _has_windows():
            import webbrowser

            webbrowser.open(address)
        follow(file, preview_options, shown, report)


def _has_windows() -> bool:
    """Programs can open windows here; where they cannot, a browser would take the terminal."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _each(files: Sequence[Path], run: Callable[[Path, Progress], str], *, quiet: bool = False) -> int:
    """Do all files, even after an error in one of them; gives back the worst status."""
    status = 0
    for path in files:
        try:
            with _Display(path, quiet=quiet) as progress:
                report = run(path, progress)
        except GeneratorError as error:
            _say(error)
            status = max(status, error.exit_status)
        else:
            if report:
                click.echo(report)
    return status


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


class _Display:
    """Shows how far the work is: a bar on a terminal, elsewhere a line for each kind of work."""

    def __init__(self, path: Path, *, quiet: bool = False) -> None:
        self.path = path
        self.quiet = quiet
        self.kind = ""
        self.bar: tqdm[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()

    def __call__(self, kind: str, done: int, total: int) -> None:
        """Show that of one kind of work so much is done."""
        if self.quiet:
            return
        if kind != self.kind:
            self._begin(kind, total)
        if self.bar is not None:
            self.bar.update(done - self.bar.n)

    def _begin(self, kind: str, total: int) -> None:
        self.kind = kind
        if not sys.stderr.isatty():
            click.echo(f"{self.path}: {kind}", err=True)
            return
        from tqdm import tqdm

        if self.bar is not None:
            self.bar.close()
        self.bar = tqdm(
            total=total,
            desc=f"{self.path.stem}: {kind}",
            leave=False,
            bar_format="{desc} {bar} {n_fmt}/{total_fmt}, {remaining} left",
        )


def _notation(_: click.Context, __: click.Parameter, said: tuple[str, ...]) -> Notation:
    """The notation that pairs such as `transpose=T` make, with the keys of a worksheet."""
    from generator.expr.printing.notation import Notation

    known = {key: tuple(map(str, get_args(kind))) for key, kind in get_type_hints(Notation).items()}
    chosen: dict[str, Any] = {}
    for pair in said:
        key, value = (part.strip() for part in pair.partition("=")[::2])
        if key not in known:
            raise click.BadParameter(f"{key!r} is not one of {', '.join(known)}.")
        allowed = known[key] or ("true", "false")
        if value not in allowed:
            raise click.BadParameter(f"{key} is {' or '.join(allowed)}, not {value!r}.")
        chosen[key] = value if known[key] else value == "true"
    return Notation(**chosen)


class _OfExpression(click.Command):
    """A command whose argument may begin with a minus sign, as expressions do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put expressions behind `--`, where click takes nothing for an option."""
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        valued = {name for option in options if not option.is_flag for name in option.opts}
        expressions: list[str] = []
        others: list[str] = []
        follows_option = False
        for text in args:
            is_attached = text[:2] in valued and "=" in text  # -sA=n
            is_expression = text.startswith("-") and not text.startswith("--") and text not in valued
            (expressions if is_expression and not is_attached and not follows_option else others).append(text)
            follows_option = not follows_option and text in valued
        if not expressions or "--" in others:
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, [*others, "--", *expressions])


def _named(said: str, option: str, form: str) -> tuple[str, str]:
    """The two sides of NAME=WHAT, as an option has it."""
    name, equals, what = said.partition("=")
    if not equals or not what.strip():
        raise click.BadParameter(f"{said!r} is not {form}.", param_hint=option)
    return name.strip(), what.strip()


@main.command(cls=_OfExpression)
@click.argument("function", metavar="EXPR")
@click.option(
    "--wrt",
    metavar="X",
    help="The variable that the derivative is taken by; EXPR names it in d/dX (…) or \\nabla_X (…). A value has none.",
)
@click.option(
    "-s", "--symbol", "declarations", multiple=True, metavar="NAME=SHAPE",
    help="Declare a symbol: A='n x n symmetric', b=n, c=scalar, S=symmetric. All else is inferred.",
)  # fmt: skip
@click.option(
    "--find",
    default="derivative",
    show_default=True,
    metavar="WHAT",
    help="derivative, differential, hessian, stationary or value.",
)
@click.option(
    "--given", "given", multiple=True, metavar="NAME=MATRIX",
    help="The numbers of a matrix, of which a value is worked out: A='[2 1; 1 3]'.",
)  # fmt: skip
@click.option(
    "--subject-to", "subject_to", multiple=True, metavar="EQUATION",
    help="A constraint on a stationary point, such as \"A*x = b\" or \"0 <= x <= u\". Give it again for another.",
)  # fmt: skip
@click.option(
    "--detail",
    default="standard",
    show_default=True,
    metavar="HOW",
    help="full (a line for every rule), standard or brief (the result of each chain).",
)
@click.option(
    "--convention",
    metavar="WHAT",
    help="By a structured variable: projection, independent entries or unstructured.",
)
@click.option(
    "-N", "--notation", "notation", multiple=True, metavar="KEY=VALUE", callback=_notation,
    help="As in a worksheet: layout=numerator, transpose=T, trace=tr, bold=true, …",
)  # fmt: skip
@click.option("--json", "form", flag_value="json", help="Print JSON for programs.")
@click.option("--latex", "form", flag_value="latex", help="Print LaTeX for your own document.")
def solve(
    function: str,
    wrt: str | None,
    declarations: tuple[str, ...],
    given: tuple[str, ...],
    notation: Notation,
    form: str | None,
    **options: Any,
) -> None:
    """Derive the answer for EXPR, line by line.

    Each line comes with its reason, and is verified on random numbers before it is printed.

    \b
    Examples:
      worksheets solve "Tr(X^T A X)" --wrt X
      worksheets solve "||A x - b||_2^2" --wrt x --find stationary
      worksheets solve "x'*x" --wrt x --find stationary --subject-to "A*x = b"
      worksheets solve "x'*A*x" --wrt x -s "A=n x n symmetric" -s x=n
      worksheets solve "eigenvalues([2 1; 1 3])" --find value
      worksheets solve "inv(A) b" --find value --given "A=[2 1; 1 3]" --given "b=[1; 2]"
      worksheets solve '\\log\\det X' --wrt X --json
      worksheets solve "d/dX tr(A X)"
      worksheets solve "Tr(A X)" --wrt X -s A="n x n" -s X="n x n symmetric" --convention "independent entries"
      worksheets solve "||A x - b||_2^2" --wrt x -N layout=numerator -N transpose=T --latex
    """
    symbols = dict(_named(said, "--symbol", "NAME=SHAPE, such as A='n x m'") for said in declarations)
    numbers = dict(_named(said, "--given", "NAME=MATRIX, such as A='[2 1; 1 3]'") for said in given)

    from generator import solve as derive

    derivation = derive(function, wrt, symbols or None, layout=notation.layout, given=numbers, **options)
    if form == "json":
        import json

        click.echo(json.dumps(derivation.to_dict(notation), indent=2, ensure_ascii=False))
    elif form == "latex":
        from generator.formats.latex.excerpt import excerpt

        click.echo(excerpt(derivation, notation))
    else:
        click.echo(f"{derivation.reading()}\n\n{derivation.text()}")


@main.command()
@click.argument("words", metavar="[NAME|WORD...]", nargs=-1)
@click.option("--topic", multiple=True, metavar="TOPIC", help="Only families of this topic; may be given again.")
@click.option("--difficulty", metavar="N", help="Only families of this difficulty: 2, or 2..3.")
@click.option(
    "--families", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
    help="A folder of a course's own families, which come before ours.",
)  # fmt: skip
def bank(words: tuple[str, ...], topic: tuple[str, ...], difficulty: str | None, folder: Path | None) -> None:
    """List the bank's problem families, or show one of them.

    \b
    Examples:
      worksheets bank
      worksheets bank --topic inverse --difficulty 2..3
      worksheets bank ridge-regression
    """
    from generator.worksheet.bank import Bank, read_difficulty

    shelf = Bank((folder,) if folder else ())
    if len(words) == 1 and words[0] in shelf.families:
        _show(shelf.families[words[0]])
        return
    bounds = read_difficulty(difficulty) if difficulty else (1, 5)
    if bounds is None:
        what = f"{difficulty!r} is not a number from 1 to 5, or a range such as 2..3."
        raise click.BadParameter(what, param_hint="--difficulty")
    if unknown := set(topic) - set(shelf.topics):
        what = f"there is no topic {min(unknown)!r}; topics are {', '.join(shelf.topics)}."
        raise click.BadParameter(what, param_hint="--topic")
    found = [
        entry
        for entry in shelf.selected(topic, bounds)
        if all(word.lower() in f"{entry.name} {entry.title} {entry.topic}".lower() for word in words)
    ]
    if not found:
        raise click.UsageError(f"No family matches. `worksheets bank` lists all {len(shelf.families)}.")
    names, topics = (max(map(len, column)) for column in zip(*((e.name, e.topic) for e in found), strict=True))
    for entry in sorted(found, key=lambda e: (e.topic, e.difficulty, e.name)):
        click.echo(f"{entry.topic:{topics}}  {entry.difficulty}  {entry.name:{names}}  {entry.title}")


def _show(family: Entry) -> None:
    """A family as it is written, and the derivation of its first version."""
    from generator.problems.question import DerivedQuestion
    from generator.solver.task import solve_task
    from generator.worksheet.load import load_family
    from generator.worksheet.variants import draw

    click.echo(family.text)
    for question in draw(load_family(family), 1).questions:
        if question.part:
            click.echo(f"\n({question.part})")
        if isinstance(question, DerivedQuestion):
            click.echo(solve_task(question.task).text())


@main.command()
@click.option("--mistakes", is_flag=True, help="List the false rules that students believe instead, and what is right.")
def rules(mistakes: bool) -> None:
    """List the rules: name, identity and reason.

    \b
    Examples:
      worksheets rules
      worksheets rules --mistakes
    """
    from generator.expr.printing.plain import plain, prose

    if mistakes:
        from generator.rules.mistakes import MISTAKES

        for mistake in MISTAKES:
            lines = (mistake.identity, mistake.tempts, prose(mistake.correction))
            click.echo("\n    ".join((mistake.name, *lines)))
        return

    from generator.rules.identities import RULES

    rows = [
        (
            rule.name,
            f"{plain(rule.left)} = {plain(rule.right)}",
            prose(rule.reason) or rule.topic,
        )
        for rule in RULES
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, identity, why in rows:
        click.echo(f"{name:<{widths[0]}}  {identity:<{widths[1]}}  {why}")


@main.command()
@click.option("--markdown", is_flag=True, help="Write the reference of all keys for people instead.")
@click.option("--families", is_flag=True, help="The schema of files with families of the bank.")
def schema(markdown: bool, families: bool) -> None:
    """Write the schema by which editors check worksheets.

    A first line "# yaml-language-server: $schema=worksheet.schema.json" in a worksheet tells an editor where it is.

    \b
    Examples:
      worksheets schema > worksheet.schema.json
      worksheets schema --families > families.schema.json
      worksheets schema --markdown > reference.md
    """
    from generator.worksheet.schema import reference, written

    click.echo(reference() if markdown else written(families=families), nl=False)


@main.command()
@click.option(
    "-o", "--output", default=DEFAULTS.output, show_default=True, metavar="DIR",
    type=click.Path(path_type=Path), help="Where worksheets are to be built.",
)  # fmt: skip
def doctor(output: Path) -> int:
    """Say what is here, what is missing, and what to type.

    \b
    Examples:
      worksheets doctor
    """
    from generator.doctor import report

    text, ready = report(output)
    click.echo(text)
    return 0 if ready else 1


def _requirement(_: click.Context, __: click.Parameter, said: str | None) -> str | None:
    if said is not None and (not said.strip() or not said.isprintable()):
        raise click.BadParameter("it is one line of text.")
    return said


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--package", metavar="REQUIREMENT", callback=_requirement,
    help="What pip installs for the course: an address, a file or a folder. By default this program, from where it was "
    "installed.",
)  # fmt: skip
def init(folder: Path, package: str | None) -> None:
    """Begin a course in a new folder.

    It gets a Makefile, a first worksheet, a place for your own templates, and a README for teaching assistants. Where
    there is no command worksheets, the Makefile installs this program from where it was installed here.

    \b
    Examples:
      worksheets init my-course
      worksheets init "$HOME/teaching/matrix-calculus"
      worksheets init my-course --package "trace-trick-worksheets @ git+https://git.example.org/worksheets.git@v1"
    """
    from generator.course import create
    from generator.origin import origin, said

    source = said(package) if package else origin()
    for name in create(folder, source):
        click.echo(f"  {folder / name}")
    click.echo(f"Its Makefile installs:  {source.requirement}")
    if source.warning:
        click.echo(f"Look at this: {source.warning}. Name what others can install with --package.", err=True)
    click.echo(f"Now type:  cd {shlex.quote(str(folder))} && make worksheets")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new(file: Path) -> None:
    """Ask for a problem, and add it to FILE.

    FILE is made if it is not there. The problem is solved before it is added, so that you see what was read, and the
    answer.

    \b
    Examples:
      worksheets new quiz.yaml
    """
    from generator import solve as derive
    from generator.course.problems import add_problem

    while True:
        function = click.prompt("Function, such as ||A x - b||_2^2")
        wrt = click.prompt("Variable to differentiate by", default="X")
        find = click.prompt("What to find", type=click.Choice(FINDS), default=FINDS[0])
        try:
            derivation = derive(function, wrt, find=find)
        except GeneratorError as error:
            _say(error)
            continue
        click.echo(f"\n{derivation.reading()}\n\nAnswer: {derivation.outcome}\n")
        if click.confirm("Is this the problem that you mean?", default=True):
            break
    title = click.prompt("Title, or nothing", default="", show_default=False)
    points = click.prompt("Points", type=click.IntRange(0), default=5)
    keys = {"title": title, "function": function, "wrt": wrt, "find": "" if find == FINDS[0] else find}
    added = add_problem(file, {key: value for key, value in keys.items() if value} | {"points": points})
    click.echo(f"{file}: problem {added} added. Next: worksheets check {shlex.quote(str(file))}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Write the completion of commands and options for a shell.

    \b
    Examples:
      eval "$(worksheets completion bash)"                                 # in ~/.bashrc
      eval "$(worksheets completion zsh)"                                  # in ~/.zshrc
      worksheets completion fish > ~/.config/fish/completions/worksheets.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "worksheets", "_WORKSHEETS_COMPLETE").source())
