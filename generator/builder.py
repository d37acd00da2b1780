"""The one use case: a worksheet file becomes problem sets and answer keys in a folder of its own."""

from __future__ import annotations

import gc
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from shutil import copy2
from signal import SIG_IGN, SIGINT, signal
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from generator.errors import BuildError, FormError, GeneratorError, UnfairError, WorksheetError, together
from generator.render import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.algebra.exact import Rows
    from generator.algebra.expr import Expr, Symbol
    from generator.derivation.conventions import Conventions
    from generator.derivation.derivation import Derivation
    from generator.derivation.detail import Detail
    from generator.render.page import Answered
    from generator.render.pdf import Paper
    from generator.worksheet.draw import Draws, Question, Version
    from generator.worksheet.fairness import Difference
    from generator.worksheet.forms import Asked, Form
    from generator.worksheet.roster import Student
    from generator.worksheet.spec import Worksheet

    S = TypeVar("S")
    T = TypeVar("T")
    Task: TypeAlias = tuple[Expr, Symbol, str, Conventions, tuple[tuple[Expr, Expr], ...], Detail]
    Given: TypeAlias = tuple[tuple[Symbol, Rows], ...]
    Progress: TypeAlias = Callable[[str, int, int], None]
    Solved: TypeAlias = tuple[Version, tuple[Answered, ...]]

FORMATS = ("pdf", "tex")
MANIFEST = "manifest.json"
WORTH_PROCESSES = 50
"""So many questions take as long as it takes to start processes that share them."""
PROGRAM = Path(__file__).parent


@dataclass(frozen=True)
class Options:
    """What a build is asked for besides its worksheet; None leaves it to the worksheet."""

    output: Path = Path("output")
    versions: int | None = None
    seed: int | None = None
    formats: tuple[str, ...] = FORMATS
    templates: Path | None = None
    only: tuple[int, ...] = ()
    """The versions to build, leaving all other files as they are; every version where it is empty."""
    jobs: int | None = None
    repeats: bool | None = None
    roster: Path | None = None
    """A class list: each student on it gets a version, with the name on it."""


DEFAULTS = Options()


@dataclass(frozen=True)
class Built:
    """What a build has done; nothing where its folder was `current` already."""

    folder: Path
    current: bool = False
    versions: int = 0
    distinct: int = 0
    problems: int = 0
    files: int = 0
    kept: tuple[Path, ...] = ()
    """Where to find what a person had edited in files that were built again."""
    warnings: tuple[str, ...] = ()


def _silent(kind: str, done: int, total: int) -> None:
    """Tell nobody."""


def load(path: Path, options: Options = DEFAULTS) -> Worksheet:
    """The worksheet, with what the options say of its seed and its versions."""
    from generator.worksheet.spec import load_worksheet

    wanted = {"seed": options.seed, "versions": options.versions, "repeats": options.repeats}
    return load_worksheet(path).model_copy(update={k: v for k, v in wanted.items() if v is not None})


def solve_all(
    draws: Draws,
    progress: Progress = _silent,
    *,
    only: Sequence[int] = (),
    jobs: int | None = None,
) -> list[Solved]:
    """Every version, or only some, with its derivations; questions that are alike are solved once."""
    from generator.render.page import Answered

    versions = [draws.version(number) for number in only or range(1, draws.worksheet.versions + 1)]
    asked: dict[Task, tuple[Question, Version]] = {}
    given: dict[tuple[Task, Given], tuple[Question, Version]] = {}
    formed: dict[tuple[Task, Given, Form], tuple[Question, Version]] = {}
    for version in versions:
        for question in version.questions:
            task, data = _task(question), _given(question)
            asked.setdefault(task, (question, version))
            if data:
                given.setdefault((task, data), (question, version))
            if question.form.name != "derive":
                formed.setdefault((task, data, question.form), (question, version))
    found: dict[tuple[Task, Given], Derivation] = {}
    posed: dict[tuple[Task, Given, Form], Asked] = {}
    jobs = jobs or _processors()
    total = len(asked) + len(given) + len(formed)

    def checked(solution: T | GeneratorError, where: tuple[Question, Version]) -> T:
        if isinstance(solution, GeneratorError):
            if isinstance(solution, FormError):
                solution.at(draws.worksheet.place("problems", where[0].number - 1, "form"))
            raise _with_question(solution, *where)
        progress("Solving", len(found) + len(posed) + 1, total)
        return solution

    progress("Solving", 0, total)
    for task, solution in zip(asked, _spread(_solution, list(asked), jobs), strict=True):
        found[task, ()] = checked(solution, asked[task])
    numeric = [(found[task, ()], data) for task, data in given]
    for key, solution in zip(given, _spread(_evaluation, numeric, jobs), strict=True):
        found[key] = checked(solution, given[key])
    forms = [(found[task, ()], data, form) for task, data, form in formed]
    for made, in_form in zip(formed, _spread(_posed, forms, jobs), strict=True):
        posed[made] = checked(in_form, formed[made])

    def answered(question: Question) -> Answered:
        key = _task(question), _given(question)
        return Answered(question, found[key], posed.get((*key, question.form)))

    return [(version, tuple(map(answered, version.questions))) for version in versions]


def _task(question: Question) -> Task:
    q = question
    return q.function, q.wrt, q.find, q.conventions, q.subject_to, q.detail


def _given(question: Question) -> Given:
    return tuple(question.data.items())


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _spread(work: Callable[[T], S], tasks: Sequence[T], jobs: int) -> Iterator[S]:
    """What some work makes of each task, in order, by so many processes if there is enough for them."""
    if jobs == 1 or len(tasks) < WORTH_PROCESSES or sys.platform != "linux":  # elsewhere a fork is not safe
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(jobs, get_context("fork"), initializer=_quietly) as pool:
        try:
            yield from pool.map(work, tasks, chunksize=8)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _quietly() -> None:
    """What a process does first: leave Ctrl-C to the one that started it, and memory to its own end, which is near."""
    signal(SIGINT, SIG_IGN)
    gc.disable()


def _solution(task: Task) -> Derivation | GeneratorError:
    from generator.worksheet.draw import formula

    try:
        return formula(*task)
    except GeneratorError as error:
        return error


def _evaluation(task: tuple[Derivation, Given]) -> Derivation | GeneratorError:
    from generator.derivation.evaluation import evaluated

    derivation, data = task
    try:
        return evaluated(derivation, dict(data))
    except GeneratorError as error:
        return error


def _posed(task: tuple[Derivation, Given, Form]) -> Asked | GeneratorError:
    from generator.worksheet.forms import ask

    derivation, data, form = task
    try:
        return ask(derivation, form, dict(data))
    except GeneratorError as error:
        return error


def shortages(draws: Draws) -> list[GeneratorError]:
    """An error for each question that cannot differ in as many versions as are asked for."""
    worksheet = draws.worksheet
    if worksheet.repeats:
        return []
    return [
        WorksheetError(
            f"{capacity} distinct; you asked for {worksheet.versions}",
            remedy="Give it more to vary, ask for fewer versions, or allow repetitions with 'repeats: true'.",
            file=worksheet.place("problems", i, "vary"),
        )
        for i, deck in enumerate(draws.decks)
        if deck.varies and (capacity := deck.capacity(worksheet.versions)) < worksheet.versions
    ]


def compared(worksheet: Worksheet, solved: Sequence[Solved]) -> list[tuple[int, list[Difference]]]:
    """For each problem, by its number from 0, how the derivations of its versions differ, where they do."""
    from generator.worksheet.fairness import differences

    found = [
        (i, differences((version.label, answered[i].derivation) for version, answered in solved))
        for i in range(len(worksheet.problems))
    ]
    return [(i, some) for i, some in found if some]


def unfair(worksheet: Worksheet, solved: Sequence[Solved]) -> list[GeneratorError]:
    """An error for each question whose versions differ by more than its author tolerates."""
    from generator.worksheet.fairness import beyond

    return [
        UnfairError(
            f"versions are not equally hard: {difference}",
            remedy="Choose alternatives that are more alike, or tolerate it with 'fair: similar' or 'fair: off'.",
            file=worksheet.place("problems", i, "vary"),
        )
        for i, found in compared(worksheet, solved)
        for difference in beyond(found, worksheet.problems[i].fair or worksheet.fair)[:1]
    ]


def _with_question(error: GeneratorError, question: Question, version: Version) -> GeneratorError:
    """The error with the question that led to it."""
    from generator.algebra.plain import plain

    where = f"This is question {question.number} of version {version.label}: {plain(question.function)}"
    error.remedy = "\n".join(filter(None, (error.remedy, where)))
    return error.at(question.source)


def build(path: Path | str, options: Options = DEFAULTS, progress: Progress = _silent) -> Built:
    """Problem sets, keys, formula sheet and sources of a worksheet; after an error, all is as before."""
    path = Path(path)
    folder = options.output / path.stem
    inputs = _fingerprint(path, options)
    before = _read_manifest(folder)
    current = inputs is not None and before.get("inputs") == inputs
    known = {int(label) for label in before.get("answers", {})}
    if current and known.issuperset(options.only) and _intact(folder, before["files"]):
        return Built(folder, current=True)
    from generator.worksheet.draw import Draws

    worksheet = load(path, options)
    students, left = _students(worksheet, options, folder)
    if students:
        most = max(number for number, _ in (*students.items(), *left.items()))
        worksheet = worksheet.model_copy(update={"versions": max(worksheet.versions, most)})
    _require_versions(worksheet, options.only, students)
    with _staging(folder) as staging:
        draws = Draws(worksheet)
        if short := shortages(draws):
            raise together(short)
        solved = solve_all(draws, progress, only=options.only or tuple(students), jobs=options.jobs)
        if found := unfair(worksheet, solved):
            raise together(found)
        warnings: list[str] = []
        named = [(replace(version, student=students.get(version.number)), answered) for version, answered in solved]
        accents = not all(student.name.isascii() and student.id.isascii() for student in students.values())
        contents = _contents(worksheet, named, options, progress, warnings.append, accents=accents)
        roster = _roster_name(worksheet.stem)
        if students:
            contents[roster] = _roster(draws, students, left, options)
        manifest = _manifest(worksheet, solved, contents, inputs)
        files = {name: checksum for name, checksum in before.get("files", {}).items() if name != roster or students}
        if options.only:
            files = {name: checksum for name, checksum in files.items() if name in contents}
            manifest = _merged(before, manifest, current=current)
        with _disk(folder):
            _write(staging, contents | {MANIFEST: _json(manifest)})
            kept = _rescue(folder, staging, files)
            _swap(staging, folder)
    return Built(
        folder,
        versions=len(solved),
        distinct=len(
            {tuple((_task(one.question), _given(one.question)) for one in answered) for _, answered in solved}
        ),
        problems=len(worksheet.problems),
        files=len(contents),
        kept=tuple(folder / name for name in kept),
        warnings=tuple(warnings),
    )


def _roster_name(stem: str) -> str:
    return f"{stem}-roster.csv"


def _students(worksheet: Worksheet, options: Options, folder: Path) -> tuple[dict[int, Student], dict[int, Student]]:
    """By their versions, the students of the class list, and those whom only the table of the build before knows."""
    if options.roster is None:
        return {}, {}
    from generator.worksheet.roster import assigned, read_roster, read_table

    before = read_table(folder / _roster_name(worksheet.stem))
    key = json.dumps([worksheet.seed, worksheet.stem])
    here, left = assigned(read_roster(options.roster), before, worksheet.versions, key)
    return {student.version: student for student in here}, {student.version: student for student in left}


def _roster(draws: Draws, students: Mapping[int, Student], left: Mapping[int, Student], options: Options) -> bytes:
    """The table of who has which version, and in which files."""
    from generator.worksheet.roster import table

    ending, folder = ("pdf", "") if "pdf" in options.formats else ("tex", "tex/")
    stem = f"{folder}{draws.worksheet.stem}-v"
    labels = {number: draws.version(number).label for number in students}
    files = {number: (f"{stem}{label}.{ending}", f"{stem}{label}-key.{ending}") for number, label in labels.items()}
    return table(tuple(students.values()), tuple(left.values()), files)


def _require_versions(worksheet: Worksheet, only: Sequence[int], students: Mapping[int, Student]) -> None:
    """A version that is to be built alone has to be one of the worksheet's, and of a student if there is a list."""
    for number in only:
        if students and number not in students:
            raise WorksheetError(
                f"no student on the list has version {number}",
                remedy=f"{_roster_name(worksheet.stem)} says who has which.",
                file=worksheet.place("versions"),
            )
        if not 1 <= number <= worksheet.versions:
            raise WorksheetError(
                f"there is no version {number}: the versions are 1 to {worksheet.versions}",
                remedy="Ask for as many versions as there were, with 'versions' or -n.",
                file=worksheet.place("versions"),
            )


def _contents(
    worksheet: Worksheet,
    solved: Sequence[Solved],
    options: Options,
    progress: Progress,
    warn: Callable[[str], None],
    *,
    accents: bool = False,
) -> dict[str, bytes]:
    """The files of a build by their names in its folder; without what is of all versions, if only some are built."""
    from generator.render import page
    from generator.render.pdf import join, standalone, typeset
    from generator.render.template import environment

    templates = environment(_overrides(options))
    stem = worksheet.stem
    sets = [page.problem_set(worksheet, version, answered, templates) for version, answered in solved]
    keys = [page.answer_key(worksheet, version, answered, templates) for version, answered in solved]
    formulas, grid = [], []
    if not options.only:
        formulas = [page.formula_sheet(worksheet, templates)]
        grid = [page.answer_grid(worksheet, solved, templates)]
    jobs: tuple[tuple[str, str, list[Paper], list[Paper]], ...] = (
        ("problem sets", f"{stem}-all.pdf", sets, formulas),
        ("answer keys", f"{stem}-all-key.pdf", keys, grid),
    )
    preamble = page.preamble(worksheet, templates, accents=accents)
    contents: dict[str, bytes] = {}
    for what, all_in_one, papers, extra in jobs:
        everything = [*papers, *extra]
        if "tex" in options.formats:
            contents |= {f"tex/{paper.name}.tex": standalone(paper, preamble).encode() for paper in everything}
        if "pdf" in options.formats:
            tell = partial(_tell, progress, what)
            pdfs = typeset(everything, preamble, tell, warn=lambda overfull: warn(str(overfull)))
            contents |= {f"{paper.name}.pdf": pdf for paper, pdf in zip(everything, pdfs, strict=True)}
            if not options.only:
                contents[all_in_one] = join(pdfs[: len(papers)])
    return contents


def _tell(progress: Progress, what: str, kind: str, done: int, total: int) -> None:
    progress(f"{kind} {what}", done, total)


def _manifest(
    worksheet: Worksheet, solved: Sequence[Solved], contents: Mapping[str, bytes], inputs: str | None
) -> dict[str, Any]:
    """What was built from what, with every answer, for people and for the next build."""
    from generator.algebra.exact import as_expr
    from generator.algebra.plain import plain, prose
    from generator.worksheet.forms import told

    answers = {
        version.label: [
            {
                "number": question.number,
                "id": question.id,
                "points": question.points,
                "function": plain(question.function),
                "wrt": question.wrt.name,
                "find": question.find,
                "subject_to": [" = ".join(map(plain, sides)) for sides in question.subject_to],
                "numbers": {symbol.name: plain(as_expr(rows)) for symbol, rows in question.data.items()},
                "answer": str(derivation.outcome),
                "conditions": [prose(condition) for condition in derivation.conditions],
                **({"form": question.form.name} | told(asked) if asked else {}),
            }
            for question, derivation, asked in ((one.question, one.derivation, one.asked) for one in answered)
        ]
        for version, answered in solved
    }
    return {
        "worksheet": worksheet.path.name,
        "title": worksheet.title,
        "seed": worksheet.seed,
        "versions": worksheet.versions,
        "answers": answers,
        "files": {name: _checksum(content) for name, content in sorted(contents.items())},
        "inputs": inputs,
    }


def _merged(before: Mapping[str, Any], some: Mapping[str, Any], *, current: bool) -> dict[str, Any]:
    """The manifest of a folder in which only some versions are new; the rest is as it was, current or not."""
    return {
        **some,
        "answers": dict(sorted({**before.get("answers", {}), **some["answers"]}.items())),
        "files": dict(sorted({**before.get("files", {}), **some["files"]}.items())),
        "inputs": some["inputs"] if current else None,
    }


def _json(data: object) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


# Whether there is anything to do


def _checksum(content: bytes) -> str:
    return sha256(content).hexdigest()


def _overrides(options: Options) -> Path | None:
    """The course's own templates: the folder that was named, or `templates` in the current one."""
    if options.templates is not None:
        return options.templates
    here = Path("templates")
    return here if here.is_dir() and not here.samefile(TEMPLATES) else None


def _fingerprint(path: Path, options: Options) -> str | None:
    """A hash of all that the output depends on; None if the worksheet cannot be read."""
    try:
        worksheet = path.read_bytes()
        roster = _checksum(options.roster.read_bytes()) if options.roster else None
    except OSError:
        return None
    hashed = sha256()
    asked = [path.name, options.versions, options.seed, options.repeats, sorted(options.formats), roster]
    folders = [folder for folder in (PROGRAM, TEMPLATES, _overrides(options)) if folder]
    if b"bank:" in worksheet:  # YAML is loaded only where it may name a folder
        from generator.worksheet import bank

        folders += bank.folders(path)
    for part in (json.dumps(asked).encode(), worksheet, *chain.from_iterable(map(_files, folders))):
        hashed.update(sha256(part).digest())
    return hashed.hexdigest()


def _files(folder: Path) -> Iterator[bytes]:
    """The names and the bytes of the files in a folder that are not Python's own."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file.relative_to(folder).as_posix().encode()
            yield file.read_bytes()


def _read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the build before; empty if there is none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else {}


def _intact(folder: Path, files: Mapping[str, str]) -> bool:
    """Every file is there, and as it was built; the sources may have been edited."""
    return all(
        (folder / name).is_file() and (name.startswith("tex/") or _checksum((folder / name).read_bytes()) == checksum)
        for name, checksum in files.items()
    )


# The disk


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """What the operating system refuses is an error that can be read."""
    try:
        yield
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from error


def _unwritable(folder: Path, why: str) -> BuildError:
    return BuildError(
        f"cannot write to {folder}: {why}", remedy="Name another folder with -o, or make this one writable."
    )


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A new folder beside the one to replace, gone afterwards unless it has been moved."""
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        raise _unwritable(folder, f"{nearest} is a file")
    with _disk(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        parent = TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent)
    with parent as name:
        staging = Path(name) / "new"
        staging.mkdir()
        yield staging


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)


def _rescue(old: Path, new: Path, files: Mapping[str, str]) -> list[str]:
    """Copy what the build before did not make, and name what a person had edited and is built again."""
    edited = []
    for file in sorted(old.rglob("*")):
        name = file.relative_to(old).as_posix()
        if not file.is_file() or name == MANIFEST or files.get(name) == _checksum(file.read_bytes()):
            continue
        target = new / name
        if target.is_file() and target.read_bytes() == file.read_bytes():
            continue
        attempt = 0
        while target.exists():
            attempt += 1
            target = new / Path(name).with_stem(f"{file.stem}.edited{attempt}")
        target.parent.mkdir(parents=True, exist_ok=True)
        copy2(file, target)
        if attempt:
            edited.append(target.relative_to(new).as_posix())
    return edited


def _swap(new: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one, which stays if that fails."""
    old = new.with_name("old")
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
