"""The one use case: a worksheet file becomes problem sets and answer keys in a folder of its own."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from shutil import copy2
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from generator.errors import BuildError, GeneratorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.derivation.derivation import Derivation
    from generator.render.page import Answered
    from generator.render.pdf import Paper
    from generator.worksheet.draw import Question, Version
    from generator.worksheet.spec import Worksheet

    Progress: TypeAlias = Callable[[str, int, int], None]
    Solved: TypeAlias = tuple[Version, tuple[Answered, ...]]

FORMATS = ("pdf", "tex")
MANIFEST = "manifest.json"
PROGRAM = Path(__file__).parent
TEMPLATES = PROGRAM.parent / "templates"


@dataclass(frozen=True)
class Options:
    """What a build is asked for besides its worksheet; None leaves it to the worksheet."""

    output: Path = Path("output")
    versions: int | None = None
    seed: int | None = None
    formats: tuple[str, ...] = FORMATS
    templates: Path | None = None


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

    wanted = {"seed": options.seed, "versions": options.versions}
    return load_worksheet(path).model_copy(update={k: v for k, v in wanted.items() if v is not None})


def solve_all(worksheet: Worksheet, progress: Progress = _silent) -> list[Solved]:
    """Every version with its derivations; questions that are alike are solved once."""
    from generator import solve
    from generator.render.page import Answered
    from generator.worksheet.draw import draw

    versions = [draw(worksheet, number) for number in range(1, worksheet.versions + 1)]
    asked: dict[object, tuple[Question, Version]] = {}
    for version in versions:
        for question in version.questions:
            asked.setdefault(_essence(question), (question, version))
    solutions: dict[object, Derivation] = {}
    for done, (essence, (question, version)) in enumerate(asked.items()):
        progress("Solving", done, len(asked))
        try:
            solutions[essence] = solve(question.function, question.wrt, find=question.find)
        except GeneratorError as error:
            raise _asked(error, question, version) from error
    progress("Solving", len(asked), len(asked))
    return [
        (version, tuple(Answered(question, solutions[_essence(question)]) for question in version.questions))
        for version in versions
    ]


def _essence(question: Question) -> object:
    return question.function, question.wrt, question.find


def _asked(error: GeneratorError, question: Question, version: Version) -> GeneratorError:
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
    if inputs is not None and before.get("inputs") == inputs and _intact(folder, before["files"]):
        return Built(folder, current=True)
    worksheet = load(path, options)
    with _staging(folder) as staging:
        solved = solve_all(worksheet, progress)
        warnings: list[str] = []
        contents = _contents(worksheet, solved, options, progress, warnings.append)
        manifest = _manifest(worksheet, solved, contents, inputs)
        with _disk(folder):
            _write(staging, contents | {MANIFEST: manifest})
            kept = _rescue(folder, staging, before.get("files", {}))
            _swap(staging, folder)
    return Built(
        folder,
        versions=worksheet.versions,
        distinct=len({tuple(_essence(one.question) for one in answered) for _, answered in solved}),
        problems=len(worksheet.problems),
        files=len(contents),
        kept=tuple(folder / name for name in kept),
        warnings=tuple(warnings),
    )


def _contents(
    worksheet: Worksheet,
    solved: Sequence[Solved],
    options: Options,
    progress: Progress,
    warn: Callable[[str], None],
) -> dict[str, bytes]:
    """The files of a build by their names in its folder."""
    from generator.render import page
    from generator.render.pdf import join, standalone, typeset
    from generator.render.template import environment

    templates = environment(_overrides(options))
    stem = worksheet.stem
    sets = [page.problem_set(worksheet, version, answered, templates) for version, answered in solved]
    keys = [page.answer_key(worksheet, version, answered, templates) for version, answered in solved]
    jobs: tuple[tuple[str, str, list[Paper], Paper], ...] = (
        ("problem sets", f"{stem}-all.pdf", sets, page.formula_sheet(worksheet, templates)),
        ("answer keys", f"{stem}-all-key.pdf", keys, page.answer_grid(worksheet, solved, templates)),
    )
    preamble = page.preamble(worksheet, templates)
    contents: dict[str, bytes] = {}
    for what, together, papers, extra in jobs:
        everything = [*papers, extra]
        if "tex" in options.formats:
            contents |= {f"tex/{paper.name}.tex": standalone(paper, preamble).encode() for paper in everything}
        if "pdf" in options.formats:
            tell = partial(_tell, progress, what)
            pdfs = typeset(everything, preamble, tell, warn=lambda overfull: warn(str(overfull)))
            contents |= {f"{paper.name}.pdf": pdf for paper, pdf in zip(everything, pdfs, strict=True)}
            contents[together] = join(pdfs[: len(papers)])
    return contents


def _tell(progress: Progress, what: str, kind: str, done: int, total: int) -> None:
    progress(f"{kind} {what}", done, total)


def _manifest(
    worksheet: Worksheet, solved: Sequence[Solved], contents: Mapping[str, bytes], inputs: str | None
) -> bytes:
    """What was built from what, with every answer, for people and for the next build."""
    from generator.algebra.plain import plain, prose

    answers = {
        version.label: [
            {
                "number": question.number,
                "id": question.id,
                "points": question.points,
                "function": plain(question.function),
                "wrt": question.wrt.name,
                "find": question.find,
                "answer": plain(derivation.result),
                "conditions": [prose(condition) for condition in derivation.conditions],
            }
            for question, derivation in ((one.question, one.derivation) for one in answered)
        ]
        for version, answered in solved
    }
    return _json(
        {
            "worksheet": worksheet.path.name,
            "title": worksheet.title,
            "seed": worksheet.seed,
            "versions": worksheet.versions,
            "answers": answers,
            "files": {name: _checksum(content) for name, content in sorted(contents.items())},
            "inputs": inputs,
        }
    )


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
    except OSError:
        return None
    hashed = sha256()
    asked = [path.name, options.versions, options.seed, sorted(options.formats)]
    folders = filter(None, (PROGRAM, TEMPLATES, _overrides(options)))
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
