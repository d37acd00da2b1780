"""The one use case: a worksheet file becomes problem sets and answer keys in a folder of its own."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from generator.building.fingerprint import fingerprint, hashed
from generator.building.given import SCHEME, makeup_stem
from generator.building.joined import JoinedFile, joined_files
from generator.building.solving import WORTH_PROCESSES, silent
from generator.errors import GeneratorError, WorksheetError, together
from generator.pdf.engines import source_date
from generator.pdf.installation import Installation, installation
from generator.system.inputs import Record, existing, is_same, recorded
from generator.system.output_dir import (
    MANIFEST,
    checksum,
    clear,
    disk,
    is_intact,
    keep,
    locked,
    read_manifest,
    replace,
    staging,
    write,
)
from generator.system.shipped import PACKAGE, TEMPLATES
from generator.system.workers import parallel_map, processors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from generator.building.solving import Progress
    from generator.building.versions import Writers, WrittenDocument, WrittenVersion
    from generator.document.formula import Sentence
    from generator.document.model import Index
    from generator.errors import BuildError
    from generator.pdf.paper import Paper, Place
    from generator.pdf.tex_batch import TypesetPaper
    from generator.system.workers import Tick
    from generator.worksheet.roster import Assignment, Student
    from generator.worksheet.spec import Worksheet
    from generator.worksheet.variants import Draws

Inputs: TypeAlias = "dict[str, Any]"
"""What the manifest says of what a build depends on: a hash of its settings, and what it has read (see `Record`)."""


@dataclass(frozen=True)
class Options:
    """What a build is asked for besides its worksheet; None leaves it to the worksheet."""

    output: Path = Path("output")
    versions: int | None = None
    seed: int | None = None
    formats: tuple[str, ...] | None = None
    templates: Path | None = None
    only: tuple[int, ...] = ()
    """The versions to build, leaving all other files as they are; every version where it is empty."""
    jobs: int | None = None
    repeats: bool | None = None
    engine: str | None = None
    roster: Path | None = None
    """A class list: each student on it gets a version, with the name on it."""
    makeup: bool = False
    """Makes an exam like the one that was built before, in a folder of its own, with none of its questions."""
    reassign: bool = False
    """Students may get another version than they had."""
    keep_going: bool = False
    """Deliver what is sound where TeX cannot typeset some papers, or some overflow; otherwise all stays as it was."""


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
    pages: int = 0
    typeset: int = 0
    """How many papers TeX has made; the others were as they had to be."""
    kept: tuple[Path, ...] = ()
    """Where to find what a person had edited in files that were built again."""
    warnings: tuple[str, ...] = ()
    error: GeneratorError | None = None
    """What keeps some papers from being made, where the rest was to be delivered."""


def load(path: Path, options: Options = DEFAULTS) -> Worksheet:
    """The worksheet, with what the options say of its seed and its versions, and with what it avoids."""
    from generator.building.given import avoiding
    from generator.worksheet.load import load_worksheet

    wanted = {"seed": options.seed, "versions": options.versions, "repeats": options.repeats}
    worksheet = load_worksheet(path, overrides(options)).model_copy(
        update={k: v for k, v in wanted.items() if v is not None}
    )
    return avoiding(worksheet, options.output, makeup=options.makeup)


def folder_of(path: Path, options: Options = DEFAULTS) -> Path:
    """Where a worksheet is built."""
    return options.output / (makeup_stem(path.stem) if options.makeup else path.stem)


def build(path: Path | str, options: Options = DEFAULTS, progress: Progress = silent) -> Built:
    """Problem sets, keys, formula sheet and sources of a worksheet; after an error, all is as before."""
    path = Path(path)
    folder = folder_of(path, options)
    source_date()  # so that a wrong one is said first
    clear(options.output)
    settings = _settings(path, options)
    before = read_manifest(folder)
    built = {int(label) for label in before.get("answers", {})}
    if (
        built.issuperset(options.only)
        and _is_current(before, path, options, settings)
        and not _is_older(folder, settings)
        and _is_complete(folder, before["files"])
    ):
        return Built(folder, current=True)
    with recorded(_record(path, options)) as record:
        return _built(path, options, progress, settings, record)


def _built(path: Path, options: Options, progress: Progress, settings: Settings, record: Record) -> Built:
    from generator.building.solution_cache import SolutionCache
    from generator.building.solving import shortages, unfair
    from generator.building.versions import Writers
    from generator.building.versions import write as write_documents
    from generator.worksheet.variants import Draws

    folder = folder_of(path, options)
    worksheet = load(path, options)
    assignment = _students(worksheet, options, folder, read_manifest(folder))
    students, everybody = assignment.by_version, (*assignment.students, *assignment.left)
    if students:
        most = max(student.version for student in everybody)
        worksheet = worksheet.model_copy(update={"versions": max(worksheet.versions, most)})
    _require_versions(worksheet, options.only, students)
    wanted = {number: students[number] for number in options.only or students} if students else {}
    unprintable = _unprintable(chain.from_iterable(wanted.values()))
    printed = {number: some for number in wanted if (some := [s for s in wanted[number] if s.id not in unprintable])}
    if unprintable and not (options.keep_going and printed):
        raise together(list(unprintable.values()))
    with staging(folder) as new:
        draws = Draws(worksheet)
        writers = Writers(worksheet, options.formats or worksheet.print.formats, overrides(options))
        solutions = SolutionCache(draws, writers.printers)
        if short := shortages(draws, solutions.capacities):
            raise together(short)
        written = write_documents(
            solutions, writers, progress, only=tuple(printed) or options.only, students=printed, jobs=options.jobs
        )
        if found := unfair(worksheet, [(one.label, one.signatures) for one in written]):
            raise together(found)
        errors = list(unprintable.values())
        made = _Making(worksheet, options, writers, settings, folder, new, progress, errors=errors)
        with disk(folder):
            made.documents(written, assignment)
            roster = _roster_name(worksheet.stem)
            if students:
                made.write(roster, _roster(draws, assignment, writers.formats, missing=unprintable))
            inputs = None if made.error else {"settings": settings.identity, "read": record.found}
            manifest = _manifest(worksheet, written, made, inputs)
            with locked(folder.parent):
                before = read_manifest(folder)
                if assigned := {one.id: one.version for one in everybody} or before.get("roster"):
                    manifest["roster"], manifest["share"] = assigned, worksheet.share
                files = {name: known for name, known in before.get("files", {}).items() if name != roster or students}
                if options.only:
                    files = {name: known for name, known in files.items() if name in made.files}
                    manifest = _merged(before, manifest, current=before.get("inputs") == inputs)
                write(new, MANIFEST, _json(manifest))
                kept = replace(folder, new, files)
    return Built(
        folder,
        versions=len(written),
        distinct=len({one.identity for one in written}),
        problems=worksheet.problems_in_a_version,
        files=len(made.files),
        pages=sum(told["pages"] for told in made.printed.values()),
        typeset=made.typeset,
        kept=tuple(folder / name for name in kept),
        warnings=(*assignment.warnings, *made.warnings),
        error=made.error,
    )


def _unprintable(students: Iterable[Student]) -> dict[str, BuildError]:
    """By their ids, why a name or an id cannot be printed on this computer."""
    from generator.errors import BuildError
    from generator.formats.latex.scripts import shown

    errors: dict[str, BuildError] = {}
    for student in students:
        try:
            shown(student.name)
            shown(student.id)
            shown(student.extra_time)
        except BuildError as error:
            error.mistake, error.what = error.what, f"{student.name}: {error.what}"
            errors[student.id] = error.at(student.place) if student.place else error
    return errors


def _roster_name(stem: str) -> str:
    return f"{stem}-roster.csv"


def _students(worksheet: Worksheet, options: Options, folder: Path, manifest: Mapping[str, Any]) -> Assignment:
    """Who is on the class list, if there is one, and in the table of the build before."""
    from generator.worksheet.roster import Assignment, assign_versions, require_file_names

    roster = options.roster or worksheet.class_list
    if roster is None:
        return Assignment()
    table = folder / _roster_name(worksheet.stem)
    key = json.dumps([worksheet.seed, worksheet.stem])
    found = assign_versions(
        roster,
        table,
        manifest.get("roster"),
        worksheet.versions,
        key,
        share=worksheet.share,
        reassign=options.reassign,
    )
    if worksheet.share or worksheet.names == "id":
        require_file_names(found.students)
    return found


def _roster(draws: Draws, assignment: Assignment, formats: Sequence[str], missing: Collection[str]) -> bytes:
    """The table of who has which version, and in which files; those whose ids are missing have none."""
    from generator.building import documents
    from generator.worksheet.roster import table

    ending = next((name for name in formats if name != "tex"), "tex") if "pdf" not in formats else "pdf"
    folder = "tex/" if ending == "tex" else ""
    worksheet = draws.worksheet
    files = {}
    for student in assignment.students:
        if student.id not in missing:
            copy = documents.copy_of(worksheet, draws.label(student.version), student)
            names = copy.name, f"{copy.of_key.name}-key"
            files[student.id] = [f"{folder}{worksheet.stem}-{name}.{ending}" for name in names]
    return table(assignment.students, assignment.left, files)


def _require_versions(worksheet: Worksheet, only: Sequence[int], students: Collection[int]) -> None:
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


@dataclass
class _Making:
    """The files of one build on their way from the old folder, where they are as they have to be, to the new one."""

    worksheet: Worksheet
    options: Options
    writers: Writers
    settings: Settings
    old: Path
    new: Path
    progress: Progress
    files: dict[str, str] = field(default_factory=dict)
    """The checksum of each file, by its name."""
    printed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """For each PDF how many pages it has, and a hash of all that it comes from."""
    warnings: list[str] = field(default_factory=list)
    typeset: int = 0
    tex: str = ""
    """What the engine calls itself."""
    errors: list[BuildError] = field(default_factory=list)
    """What keeps papers from being made, where the others are to be delivered."""

    @property
    def error(self) -> GeneratorError | None:
        """All of it as one error."""
        from generator.pdf.tex_batch import mistakes

        return mistakes(self.errors) if self.errors else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file into the new folder."""
        write(self.new, name, content)
        self.files[name] = checksum(content)

    def documents(self, written: Sequence[WrittenVersion], assignment: Assignment) -> None:
        """All documents as files; those of all versions not where only some are built."""
        sets = [document for one in written for document in one.problem_sets]
        keys = [one.answer_key for one in written]
        compact = [one.compact_key for one in written if one.compact_key]
        practice = [one.practice_key for one in written if one.practice_key]
        blank = [] if self.options.only else [one.template for one in written if one.template]
        others = [] if self.options.only else [*self._of_all_versions(written, assignment), *blank]
        for document in (*sets, *keys, *compact, *practice, *others):
            for name, content in document.files.items():
                self.write(name, content.encode())
        if not self.options.only:
            for name, content in self.writers.write_indices(self._index(written)).items():
                self.write(name, content.encode())
        if self.writers.typesets:
            accents = not all(f"{one.name}{one.id}{one.extra_time}".isascii() for one in assignment.students)
            joined = tuple(joined_files(written, assignment))
            self._papers([*sets, *keys, *compact, *others], joined, [*sets, *blank], accents=accents)

    def _index(self, written: Sequence[WrittenVersion]) -> Index:
        """The files for students and for graders."""
        from generator.building import documents
        from generator.document.model import Entry
        from generator.document.words import say

        formats = [name for name in self.writers.formats if name != "tex"]

        def entry(title: Sentence, name: str, formats: Sequence[str] = formats) -> Entry:
            return Entry(title, tuple((f"{self.worksheet.stem}-{name}.{ending}", ending) for ending in formats))

        others = [name for name in formats if name != "pdf"]
        students = [entry(say(documents.FORMULAS_FILE), "formulas")]
        graders = [entry(say(documents.GRID_FILE), "answers")]
        for one in written:
            for copy in one.copies:
                whose = copy.student.id if copy.student and copy.is_shared else ""
                title = documents.STUDENT_FILE if whose else documents.VERSION_FILE
                students.append(entry(say(title, version=one.label, student=whose), copy.name))
            key, version = one.copies[0].of_key.name, say(documents.VERSION_FILE, version=one.label)
            if one.practice_key:
                graders.append(entry(say(documents.PRACTICE_OF, paper=version), f"{key}-practice", others))
            graders.append(entry(say(documents.KEY_OF, paper=version), f"{key}-key"))
            if one.compact_key:
                graders.append(entry(say(documents.ANSWERS_OF, paper=version), f"{key}-key-compact"))
        for number in self._numbers_of_keys(written):
            name = documents.name_of_problem(self.worksheet, number)
            graders.append(entry(say(documents.PROBLEM_FILE, number=str(name)), f"problem-{name}-key"))
        return documents.index(self.worksheet, students, graders)

    def _numbers_of_keys(self, written: Sequence[WrittenVersion]) -> Sequence[int]:
        """The places in the worksheet, from 1, of the problems that have a key of all versions."""
        return sorted({question.problem for one in written for question in one.questions})

    def _of_all_versions(self, written: Sequence[WrittenVersion], assignment: Assignment) -> Iterator[WrittenDocument]:
        """The formula sheet, the grid of answers, and keys that have one problem of all versions."""
        from generator.building import documents

        worksheet, writers = self.worksheet, self.writers
        yield writers.write(documents.formula_sheet(worksheet, {rule for one in written for rule in one.rules}))
        printed = {copy.student.id: one.label for one in written for copy in one.copies if copy.student}
        students = [(printed[one.id], one) for one in assignment.students if one.id in printed]
        yield writers.write(documents.answer_grid(worksheet, [(one.label, one.row) for one in written], students))
        for number in self._numbers_of_keys(written):
            of_problem = [
                (one.label, own)
                for one in written
                if (own := tuple(question for question in one.questions if question.problem == number))
            ]
            yield writers.write(documents.problem_key(worksheet, number, of_problem))

    def _papers(
        self,
        documents: Sequence[WrittenDocument],
        joined: Sequence[JoinedFile],
        alike: Sequence[WrittenDocument],
        *,
        accents: bool,
    ) -> None:
        """Sources and PDFs; `alike` have every question at the same place, if the worksheet fixes places."""
        from generator.pdf.paper import FIGURES, standalone

        def papers(some: Sequence[WrittenDocument]) -> list[Paper]:
            return [document.paper for document in some if document.paper]

        if self.writers.latex.by_page and "pdf" not in self.writers.formats:
            raise WorksheetError(
                "the points on each page are known only when there is a PDF",
                remedy="Build the format pdf as well, or write  cover: {grading: problems}",
                file=self.worksheet.place("cover", "grading"),
            )
        if "tex" in self.writers.formats:
            for name, content in self.worksheet.files.items():
                self.write(f"tex/{FIGURES}/{name}", content)
        for size in dict.fromkeys(paper.size for paper in papers(documents)):
            preamble = self.writers.latex.preamble(accents=accents, size=size)
            some = [paper for paper in papers(documents) if paper.size == size]
            if "pdf" in self.writers.formats:
                self._print(some, preamble)
            if "tex" in self.writers.formats:
                for paper in map(self._with_pages, some):
                    self.write(f"tex/{paper.name}.tex", standalone(paper, preamble).encode())
            if "pdf" in self.writers.formats and self.worksheet.print.is_fixed:
                self._require_same_places([paper for paper in papers(alike) if paper.size == size])
        if "pdf" in self.writers.formats and not self.options.only:
            self._join(joined)

    def _print(self, papers: Sequence[Paper], preamble: str) -> None:
        from generator.building.pages import typeset_with_pages
        from generator.pdf.engines import find_engine
        from generator.pdf.tex_batch import typeset_into

        engine = find_engine(self.options.engine or self.worksheet.engine)
        if self.worksheet.files and not engine.takes_figures:
            raise WorksheetError(
                f"{engine.name} cannot have figures here",
                remedy="Build with another engine, such as pdflatex.",
                file=self.worksheet.place("engine"),
            )
        self.tex = engine.version()
        here = self.settings.tex.identity if self.settings.tex else ""
        common = hashed(
            fingerprint(), self.tex.encode(), here.encode(), str(source_date()).encode(), preamble.encode()
        ).encode()
        sources = {f"{one.name}.pdf": hashed(common, *one.source) for one in papers}
        current = self._kept(sources)
        changed = [paper for paper in papers if f"{paper.name}.pdf" not in current]
        tell = partial(self._tell, "Typesetting", len(changed))
        tell(0)
        jobs = self.options.jobs or processors()

        def typeset_all(some: Sequence[Paper]) -> list[TypesetPaper]:
            return typeset_into(some, preamble, self.new, jobs=jobs, on_progress=tell, engine=engine)

        typeset = typeset_with_pages(changed, self.writers.latex.with_pages, typeset_all)
        errors = [one.error for one in typeset if one.error]
        if errors:
            self._keep_going(errors)
        for one in typeset:
            if one.error is None:
                name = f"{one.name}.pdf"
                places = [list(astuple(place)) for place in one.places]
                self.files[name] = one.checksum
                self.printed[name] = {"pages": one.pages, "source": sources[name], "places": places}
                self.warnings += one.warnings
                self.typeset += 1

    def _with_pages(self, paper: Paper) -> Paper:
        """A paper with its table of the points on each page, if it has one; without a PDF that has but the total."""
        from generator.pdf.paper import pages_of

        if not paper.worth:
            return paper
        is_printed = f"{paper.name}.pdf" in self.printed
        places = self._places(f"{paper.name}.pdf") if is_printed else ()
        return self.writers.latex.with_pages(paper, pages_of(places))

    def _keep_going(self, errors: Sequence[BuildError]) -> None:
        """Go on without the papers that have errors, or raise these, as the options say."""
        self.errors += errors
        if not self.options.keep_going and (error := self.error):
            raise error

    def _require_same_places(self, papers: Sequence[Paper]) -> None:
        """Every version has every question at the same place, or it is said which does not, and that is left out."""
        from generator.pdf.layout import overflows

        here = [(paper, told) for paper in papers if (told := self.printed.get(f"{paper.name}.pdf"))]
        places = [self._places(f"{paper.name}.pdf") for paper, _ in here]
        found = list(overflows([paper for paper, _ in here], places, [told["pages"] for _, told in here]))
        if found:
            self._keep_going([one.error for one in found])
        for name in {f"{paper.name}.pdf" for one in found for paper in one.papers}:
            (self.new / name).unlink()
            del self.files[name], self.printed[name]

    def _join(self, joined_files: Sequence[JoinedFile]) -> None:
        """Several papers in one file, for the copier."""
        from generator.formats.titles import title_text
        from generator.pdf.bookmarks import bookmarks
        from generator.pdf.joining import join

        by_name = {f"{self.worksheet.stem}-{one.name}.pdf": one for one in joined_files}
        papers = {f"{one.paper.name}.pdf": one.paper for file in joined_files for one in file.documents if one.paper}
        parts = {
            name: [part for one in file.documents if one.paper and (part := f"{one.paper.name}.pdf") in self.files]
            for name, file in by_name.items()
        }
        two_sided = {name: self.worksheet.print.two_sided and file.on_sheets for name, file in by_name.items()}
        titles = {name: f"{title_text(self.worksheet.title)}, {file.title}" for name, file in by_name.items()}
        sources = {
            name: hashed(
                fingerprint(),
                str(two_sided[name]).encode(),
                titles[name].encode(),
                *(self.files[part].encode() for part in some),
            )
            for name, some in parts.items()
        }
        current = self._kept(sources)
        names = [name for name in by_name if name not in current and parts[name]]

        def joined(name: str, tick: Tick) -> str:
            placed = [(self.new / part, bookmarks(papers[part].headings, self._places(part))) for part in parts[name]]
            content = join(placed, titles[name], two_sided=two_sided[name])
            write(self.new, name, content)
            tick(1)
            return checksum(content)

        jobs = 1 if sum(map(len, parts.values())) < WORTH_PROCESSES else self.options.jobs or processors()
        found = parallel_map(joined, names, jobs, partial(self._tell, "Joining", len(names)))
        for name, known in zip(names, found, strict=True):
            counts = [self.printed[part]["pages"] for part in parts[name]]
            pages = sum(count + count % 2 if two_sided[name] else count for count in counts)
            self.files[name], self.printed[name] = known, {"pages": pages, "source": sources[name]}

    def _places(self, name: str) -> tuple[Place, ...]:
        """Where the questions of a paper begin."""
        from generator.pdf.paper import Place

        return tuple(Place(*place) for place in self.printed[name]["places"])

    def _kept(self, sources: Mapping[str, str]) -> set[str]:
        """The names of those PDFs that were there already, made from the same; they are in the new folder now."""
        kept: set[str] = set()
        with locked(self.old.parent):
            before = read_manifest(self.old)
            if not before or _is_older(self.old, self.settings):
                return kept
            files, printed = before.get("files", {}), before.get("printed", {})
            for name, source in sources.items():
                known = printed.get(name, {})
                if known.get("source") == source and is_intact(self.old, name, files):
                    keep(self.old, self.new, name)
                    self.files[name], self.printed[name] = files[name], known
                    kept.add(name)
        return kept

    def _tell(self, kind: str, total: int, done: int) -> None:
        if total:
            self.progress(kind, done, total)


def _manifest(
    worksheet: Worksheet, written: Sequence[WrittenVersion], made: _Making, inputs: Inputs | None
) -> dict[str, Any]:
    """What was built from what, with every answer, for people and for the next build."""
    from importlib.metadata import version

    from generator.worksheet.equivalence import scheme

    return {
        "worksheet": worksheet.path.name,
        "title": worksheet.title.plain,
        "seed": worksheet.seed,
        "versions": worksheet.versions,
        SCHEME: scheme(),
        "answers": {one.label: list(one.answers) for one in written},
        "files": dict(sorted(made.files.items())),
        "printed": dict(sorted(made.printed.items())),
        "program": {"worksheets": version("trace-trick-worksheets"), **({"tex": made.tex} if made.tex else {})},
        "inputs": inputs,
    }


def _merged(before: Mapping[str, Any], some: Mapping[str, Any], *, current: bool) -> dict[str, Any]:
    """The manifest of a folder in which only some versions are new; the rest is as it was, current or not."""
    merged = {
        key: dict(sorted({**before.get(key, {}), **some[key]}.items())) for key in ("answers", "files", "printed")
    }
    return {**some, **merged, "inputs": some["inputs"] if current else None}


def _json(data: object) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


# Whether there is anything to do


def overrides(options: Options) -> Path | None:
    """The course's own templates: the folder that was named, or `templates` in the current one."""
    if options.templates is not None:
        return options.templates
    here = Path("templates")
    return here if here.is_dir() and not here.samefile(TEMPLATES) else None


@dataclass(frozen=True)
class Settings:
    """What a build depends on besides the files that it reads."""

    identity: str
    """A hash of the program, its libraries, the options, the environment and the TeX that is installed."""
    tex: Installation | None
    """The TeX that is installed, where it is needed."""


def _settings(path: Path, options: Options) -> Settings:
    tex = installation() if options.formats is None or "pdf" in options.formats else None
    asked = [
        path.name,
        options.versions,
        options.seed,
        options.repeats,
        options.makeup,
        options.formats and sorted(options.formats),
        options.engine,
        options.roster is not None,
        overrides(options) is not None,
        source_date(),
        tex.identity if tex else None,
    ]
    return Settings(hashed(fingerprint(), json.dumps(asked).encode()), tex)


def _record(path: Path, options: Options) -> Record:
    """An empty record of what is read, with names for the places where inputs may lie."""
    own = {
        "templates": overrides(options),
        "roster": options.roster,
        "output": options.output,
        "worksheet": path.parent,
    }
    roots = {label: root for label, root in own.items() if root is not None}
    return Record(roots, (PACKAGE, TEMPLATES, folder_of(path, options)))


def _is_current(manifest: Mapping[str, Any], path: Path, options: Options, settings: Settings) -> bool:
    """The build before had the same settings, and read what is there now."""
    inputs = manifest.get("inputs")
    if not inputs or inputs["settings"] != settings.identity:
        return False
    return is_same(inputs["read"], _record(path, options).roots)


def _is_older(folder: Path, settings: Settings) -> bool:
    """TeX was changed after a folder was built."""
    return settings.tex is not None and settings.tex.changed > (folder / MANIFEST).stat().st_mtime_ns


def sources(path: Path, options: Options = DEFAULTS) -> list[Path]:
    """The files and folders that the output depends on, but for this program's own, the worksheet first.

    They are those that the build before has read; where it failed or something was changed since, those that are read
    now as well.
    """
    record = _record(path, options)
    manifest = read_manifest(folder_of(path, options))
    before = (manifest.get("inputs") or {}).get("read", {})
    if not _is_current(manifest, path, options, _settings(path, options)):
        from generator.formats.latex.templates import LatexTemplates

        with recorded(record), suppress(GeneratorError):
            LatexTemplates(overrides(options))
            worksheet = load(path, options)
            _students(worksheet, options, folder_of(path, options), manifest)
    return list(dict.fromkeys((path, *record.paths, *existing(before, record.roots))))


def _is_complete(folder: Path, files: Mapping[str, str]) -> bool:
    """Every file is there, and as it was built; the sources may have been edited."""
    return all(
        (folder / name).is_file() if name.startswith("tex/") else is_intact(folder, name, files) for name in files
    )
