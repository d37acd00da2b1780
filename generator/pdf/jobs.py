"""PDF from LaTeX: one TeX job for many papers, split by page, each fault traced to its problem and version."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from errno import ENOSPC
from functools import cache
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path
from shutil import copytree, rmtree
from string import ascii_lowercase
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeAlias

import pikepdf

from generator.errors import BuildError, InFile, InText
from generator.pdf import confinement, tex_log
from generator.pdf.confinement import FILE_SIZE, MEMORY, Confinement
from generator.pdf.engines import FETCHING, INSTALL_TEX, OUTPUT, SOURCE_DATE, find_engine, source_date
from generator.pdf.installation import installation
from generator.pdf.lockdown import FIRST, LATE, LATER, LUA
from generator.pdf.qr_code import drawn
from generator.pdf.read_guard import JOB, MADE_OF_FONTS, is_recorded, may_be_told, trees, trespass
from generator.system.disk_cache import folder as cache_folder
from generator.system.disk_cache import remembered
from generator.system.output_dir import Scratch
from generator.system.workers import ending_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.pdf.engines import Engine

Kind: TypeAlias = "tuple[str, str | None]"
Font: TypeAlias = "tuple[str, str]"
"""Its name, and the glyphs that are in the file."""
Span: TypeAlias = "range | tuple[BuildError, Kind | None] | None"

PATIENCE = 30.0
"""How many seconds TeX may take for one paper: a hundred times as long as for a long one."""
GRACE = 3.0
"""How many seconds TeX has to say where it was, once it is told to stop."""
SPARE = 1_000_000
"""With less than so many bytes free, a disk is taken to be the reason why TeX failed."""
LEVEL: Final = 3
"""How much pages are compressed: 6, as usual, takes half as long again, and makes files half a percent smaller."""
SAID = "said.txt"
"""What the engine has said."""
MISSING = re.compile(r"File `(.*?)(?:\.\w+)?' not found")
UNTOLD = "TeX cannot go on from here"
PLACE = re.compile(r"place (\d+) (\S+) (\d+) (-?\d+)")
"""What a paper notes about one of its questions: the number of the paper, its label, its page, and how far down."""
NO_MEMORY = re.compile(r"not enough memory|memory exhausted|bad_alloc|memory allocation of")
"""What programs say before they end because they got no more memory."""
SCALED_POINTS_IN_MM = 65536 * 72.27 / 25.4
FLOOD = 100_000_000
"""More characters than any job has to say; beyond it TeX is stopped."""

REMEDIES = (
    (rf"^undefined command \\({'|'.join((*FIRST, *LATER, *LUA))})$", "A paper writes no files and runs no programs."),
    (r"^undefined command", "Correct it, or define it in a preamble.tex.j2 of your own."),
    (r"Unicode character|Invalid UTF-8", "Write it with Latin letters, or as a TeX command."),
    (r"Missing \$ inserted|only in math mode", "Put mathematics between dollar signs: $…$."),
    (r"ended by|is never closed|orgotten|Missing \} inserted|File ended", "Close everything where it was opened."),
    (r"alignment tab", r"Write an ampersand as \&."),
    (r"macro parameter character", r"Write a number sign as \#."),
    (
        r"still busy|capacity exceeded|takes more than|writes more than",
        "Look for a loop, or for a macro that calls itself.",
    ),
    (r"File `.*\.(cls|sty|def|fd)' not found", INSTALL_TEX),
    (r"^it reads |File `.*' not found", "A paper can use the packages of TeX, and no other file."),
    (r"^\\today has", f"Write the date itself, or give one in the environment variable {SOURCE_DATE}."),
    (r"", "Correct the TeX at this place."),
)
"""What to do about a message: the first pattern that is found in it counts."""

_MACROS = r"""
\makeatletter
\newcommand\jobnoteMARK[1]{\immediate\write\m@ne{MARK #1 \the\ReadonlyShipoutCounter\space
  \the\currentgrouplevel\space\detokenize\expandafter{\@currenvir}\@currenvline}}
\newcommand\remembercounter[1]{\expandafter\xdef\csname first@#1\endcsname{\the\value{#1}}}
\newcommand\restorecounter[1]{\ifcsname first@#1\endcsname\setcounter{#1}{\csname first@#1\endcsname}\fi}
% The first page of a job sets up colors and fonts, so it is one that belongs to no paper.
\newcommand\jobbeginsMARK{%
  \begingroup\let\@elt\remembercounter\cl@@ckpt\endgroup
  % pages are compressed when they are papers, but fonts only once
  \ifdefined\pdfcompresslevel\chardef\usual@level\pdfcompresslevel \pdfcompresslevel\z@\fi
  \thispagestyle{empty}\ifdefined\allcharacters\allcharacters\fi\null\clearpage
  \tracinglostchars3 } % a character that no font has is an error
\newcommand\paperbeginsMARK[1]{\clearpage\typeout{}\typeout{MARKER}%
  \begingroup\let\@elt\restorecounter\cl@@ckpt\endgroup
  \begingroup\def\thispaper{#1}\jobnoteMARK{begins #1}}
% where a question is: the number of its page in the paper, and how far down, when that page is done
\def\noteplace#1{\ifdefined\pdfsavepos\pdfsavepos\else\savepos\fi
  \write\m@ne{place \thispaper\space #1 \the\c@page\space
    \the\numexpr\number\paperheight-\ifdefined\pdflastypos\pdflastypos\else\lastypos\fi\relax}}
\newcommand\paperendsMARK[1]{\clearpage\jobnoteMARK{ends #1}\endgroup}
\newcommand\jobendsMARK[1]{\clearpage\ifdefined\usual@level\global\pdfcompresslevel\usual@level\fi
  \typeout{}\typeout{MARKER}\jobnoteMARK{END -}}
\makeatother
""".replace("MARKER", tex_log.MARKER.format("MARK", "#1"))
"""MARK stands for letters that differ in each run, so that no paper can name these commands, or note what they note."""

_UNDATED = (
    r"\makeatletter\protected\def\today{\@latex@error{\string\today\space has no date, as the same input gives"
    r" the same pages on any day}\@ehd}\makeatother"
    "\n"
)
"""What a job without a date says of one."""


@dataclass(frozen=True)
class Part:
    """The lines of a paper, counted from 1, that belong to one problem, and where its author wrote it."""

    first: int
    last: int
    problem: str
    source: InFile
    label: str = ""
    """The question's number, and the letter of a part: 2(b)."""
    version: str | None = None
    """The version that it belongs to, where the paper is of several."""


@dataclass(frozen=True)
class Paper:
    """One document: LaTeX between preamble and end, and what its lines are about."""

    name: str
    title: str
    body: str
    worksheet: InFile
    label: str | None = None
    parts: tuple[Part, ...] = ()
    code: str = ""
    """What a QR code says on each of its pages, before the number of the page; none if this is empty."""
    engines: tuple[str, ...] = ()
    """Those that can set it, where not any will do; it is then typeset alone."""

    @property
    def source(self) -> tuple[bytes, ...]:
        """All that its PDF comes from, besides the preamble."""
        return self.title.encode(), self.body.encode(), self.code.encode()

    def part(self, line: int | None) -> Part | None:
        """The problem that a line belongs to, if any."""
        return next((part for part in self.parts if line and part.first <= line <= part.last), None)

    def place(self, line: int | None) -> tuple[InFile, str]:
        """Where its author wrote a line, and what to call that place: `problem quadratic, version 07`."""
        part = self.part(line)
        if part is None:
            return self.worksheet, self.title
        version = part.version or self.label
        return part.source, f"problem {part.problem}" + (f", version {version}" if version else "")


@dataclass(frozen=True)
class Overfull:
    """Something bigger than its place on the page, by so many points."""

    paper: Paper
    line: int | None
    points: float

    def __str__(self) -> str:
        file, place = self.paper.place(self.line)
        return f"{file}: {place}: something is {self.points:.1f} pt too big for its place on the page"


def standalone(paper: Paper, preamble: str) -> str:
    """The source of one paper that compiles alone."""
    return f"{preamble.rstrip()}\n\\begin{{document}}\n{paper.body.rstrip()}\n\\end{{document}}\n"


@dataclass(frozen=True)
class Place:
    """Where a question begins: on which page of its paper, and how many millimeters below the edge of that."""

    label: str
    page: int
    down: float


@dataclass(frozen=True)
class Printed:
    """What one run of TeX made of a paper: its pages as a document, or why it has none."""

    paper: Paper
    content: bytes = b""
    pages: int = 0
    error: BuildError | None = None
    overfull: tuple[Overfull, ...] = ()
    places: tuple[Place, ...] = ()
    """Where its questions begin."""
    kind: Kind | None = None
    """What it has in common with other papers that have the same mistake: the message, and the problem it is about."""
    timed_out: bool = False
    is_shared: bool = False
    """What another paper of the run may have brought is in it: glyphs in its fonts, or a file that was read."""


def attempt(
    papers: Sequence[Paper],
    preamble: str,
    *,
    begun: Callable[[int], None] = lambda number: None,
    patience: float = PATIENCE,
    engine: Engine | None = None,
) -> list[Printed]:
    """What one run of TeX makes of papers; `begun` hears when it turns to each, by its place in the list.

    The same paper gives the same bytes on any day, beside any other papers that use the preamble's fonts. Of a run
    that met a fault only the papers before it can be trusted: all from there on are without content, and of these the
    ones that TeX complained about have an error. Nothing is made of a run that read what it must not. A fault that is
    in no paper is raised as a `BuildError`.
    """
    if not papers:
        return []
    engine = engine or find_engine()
    try:
        with Scratch("worksheets-", ignore_cleanup_errors=True) as name:
            printed = _attempt(papers, preamble, Path(name), begun, patience, engine)
            is_full = shutil.disk_usage(name).free < SPARE
    except OSError as error:
        raise _no_room(error.strerror or str(error)) from error
    if is_full and any(one.error for one in printed):
        raise _no_room(os.strerror(ENOSPC))
    return printed


def _no_room(why: str) -> BuildError:
    return BuildError(
        f"cannot write in {tempfile.gettempdir()}, where TeX works: {why}",
        remedy="Make room there, or name another folder in the environment variable TMPDIR.",
    )


@dataclass(frozen=True)
class Job:
    """One run of TeX: the folder of its sources, the one where it writes, and the mark of its notes."""

    folder: Path
    source: Path
    output: Path
    mark: str

    @classmethod
    def of(cls, papers: Sequence[Paper], preamble: str, folder: Path, engine: Engine) -> Job:
        """Write the sources of a job into a folder."""
        source = folder / "source"
        job = cls(folder, source, folder / OUTPUT if engine.writes_apart else source, _mark())
        source.mkdir()
        job.output.mkdir(exist_ok=True)
        for number, paper in enumerate(papers):
            (source / f"{number}.tex").write_text(paper.body.rstrip() + "\n", encoding="utf-8")
        (source / JOB).write_text(_driver(preamble, len(papers), engine, job.mark), encoding="utf-8")
        return job

    @property
    def pdf(self) -> Path:
        """The document that it makes."""
        return self.output / "job.pdf"

    def confined(self, engine: Engine) -> Confinement:
        """What the engine may read and write."""
        return Confinement((self.source, *trees(), *engine.reads), (self.output, *engine.writes), engine.uses_network)


def _mark() -> str:
    """Letters that nobody can guess."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(20))


def _attempt(
    papers: Sequence[Paper],
    preamble: str,
    folder: Path,
    begun: Callable[[int], None],
    patience: float,
    engine: Engine,
) -> list[Printed]:
    job = Job.of(papers, preamble, folder, engine)
    try:
        why = _run(job, engine, patience, begun, len(papers))
    except _TrespassError as forbidden:
        return _suspected(papers, preamble, str(forbidden))
    log, said = tex_log.unwrapped(_lines(job.output / "job.log"), engine.wraps_at), _lines(folder / SAID)
    if why:
        place, error = _stopped(papers, log or said, why, job.mark)
        return [Printed(p, error=error, timed_out=True) if n == place else Printed(p) for n, p in enumerate(papers)]
    wide, (notes, places) = _overfull(papers, log, job.mark), _notes(log, job.mark)
    faults = list(tex_log.faults(log, job.mark))
    if excuse := engine.excuse("\n".join(said), bool(faults) or job.pdf.exists()):
        raise excuse
    if not is_recorded(job.output):
        known = preamble + "".join(paper.body for paper in papers)
        faults = [one if may_be_told(one.message, known) else replace(one, message=UNTOLD) for one in faults]
    if faults and faults[0].paper is None:
        raise _preamble_error(papers[0], preamble, faults[0])
    spans = list(_spans(papers, faults, notes))
    sound = next((n for n, span in enumerate(spans) if not isinstance(span, range)), len(papers))
    is_ended = ("END", "-") in notes
    if sound == len(papers) and not (is_ended and _is_whole(job.pdf)):
        sound -= 1
        spans[-1] = _error(papers[-1], None, "TeX stopped before the end of the job"), None
    usable = sound if is_ended and _is_whole(job.pdf) else 0  # its fonts are as always only if the job came to its end
    usual = glyphs(preamble, engine.name) if len(papers) > 1 and engine.tells_glyphs else None
    printed = [
        Printed(
            paper,
            content,
            len(span),
            overfull=wide.get(n, ()),
            places=places.get(n, ()),
            is_shared=bool(usual and not fonts <= usual),
        )
        for n, (paper, span, content, fonts) in enumerate(_split(job.pdf, papers, spans[:usable]))
    ]
    for paper, span in zip(papers[usable:], spans[usable:], strict=True):
        printed.append(Printed(paper, error=span[0], kind=span[1]) if isinstance(span, tuple) else Printed(paper))
    return printed


def _is_whole(pdf: Path) -> bool:
    """The document is there, and its last line is, too."""
    with suppress(OSError), pdf.open("rb") as file:
        file.seek(-min(1024, pdf.stat().st_size), os.SEEK_END)
        return b"%%EOF" in file.read()
    return False


def join(parts: Sequence[tuple[Path, Sequence[Place]]], *, two_sided: bool = False) -> bytes:
    """All pages of some PDFs in order, every font stored once, with a bookmark for each PDF and each of its places.

    Where they are for two sides of a sheet, a PDF with an odd number of pages ends with a blank one.
    """
    fonts: dict[tuple[str, ...], pikepdf.Object] = {}
    count = 0  # as a document goes through all of its pages to tell how many there are, or which is the last
    with pikepdf.new() as joined:
        with joined.open_outline() as outline:
            for part, places in parts:
                with pikepdf.open(part) as pdf:
                    item = pikepdf.OutlineItem(str(pdf.docinfo.get("/Title", "")), count)
                    item.is_closed = True
                    item.children += [_bookmark(place, count) for place in places]
                    outline.root.append(item)
                    tables = [list(_font_tables(page.resources)) for page in pdf.pages]
                    met: dict[tuple[int, int], pikepdf.Object] = {}
                    shared = [[_shared(table, joined, fonts, met) for table in some] for some in tables]
                    for table in chain.from_iterable(tables):
                        for name in table.keys():  # noqa: SIM118 - a table cannot change while it is gone through
                            table[name] = pikepdf.Name.Shared
                    for page, some in zip(pdf.pages, shared, strict=True):
                        joined.pages.append(page)
                        for table, known in zip(_font_tables(joined.pages[count].resources), some, strict=True):
                            for name, font in known.items():
                                table[name] = font
                        count += 1
                    if two_sided and len(shared) % 2:
                        last = joined.pages[count - 1]
                        joined.add_blank_page().mediabox = last.mediabox
                        count += 1
        return _saved(joined)


def _bookmark(place: Place, first: int) -> pikepdf.OutlineItem:
    """A bookmark for a question of a paper that begins on a page of the joined document, counted from 0."""
    return pikepdf.OutlineItem(f"Problem {place.label}", first + place.page - 1)


def _font_tables(resources: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The fonts by their names, of a page, of the forms on it, and of the forms on these."""
    if "/Font" in resources:
        yield resources["/Font"]
    forms = resources.get("/XObject", pikepdf.Dictionary())
    for name in sorted(forms.keys()):
        yield from _font_tables(forms[name].get("/Resources", pikepdf.Dictionary()))


def _shared(
    table: pikepdf.Object,
    joined: pikepdf.Pdf,
    fonts: dict[tuple[str, ...], pikepdf.Object],
    met: dict[tuple[int, int], pikepdf.Object],
) -> dict[str, pikepdf.Object]:
    """The fonts of a table as they are in the joined document, where each is stored once.

    Those that were met in the same document are known by their numbers there.
    """
    found = {}
    for name, font in table.items():
        if (known := met.get(font.objgen)) is None:
            key = _identity(font)
            if key not in fonts:
                fonts[key] = joined.copy_foreign(font)
            known = fonts[key]
            if font.is_indirect:
                met[font.objgen] = known
        found[name] = known
    return found


def _identity(font: pikepdf.Object) -> tuple[str, ...]:
    """The same for fonts that are the same, wherever they are stored."""
    if "/FontDescriptor" not in font:  # made of other fonts
        return (_whole(font),)
    descriptor = font["/FontDescriptor"]
    parts = [font.get(key) for key in ("/FirstChar", "/LastChar", "/Widths", "/Encoding", "/ToUnicode")]
    parts += [descriptor.get(key) for key in ("/FontName", "/CharSet")]
    files = [descriptor[key] for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in descriptor]
    if "/CharSet" in descriptor:  # a font of this name with these glyphs is told by its lengths, and need not be read
        files = [file.stream_dict for file in files]
    parts += files
    return tuple(map(_said, parts))


def _whole(part: pikepdf.Object | int) -> str:
    """All that an object is made of, wherever that is stored."""
    match part:
        case pikepdf.Stream():
            return _whole(part.stream_dict) + _said(part)
        case pikepdf.Dictionary():
            return "".join(f"{name} {_whole(one)}\n" for name, one in sorted(part.items()))
        case pikepdf.Array():
            said = _said(part)
            return "".join(f"{_whole(one)}\n" for one in part) if " R" in said else said  # it refers to objects
        case _:
            return _said(part)


def _said(part: pikepdf.Object | int | None) -> str:
    if isinstance(part, pikepdf.Stream):
        return sha256(part.read_raw_bytes()).hexdigest()
    return str(part.unparse(resolved=True) if isinstance(part, pikepdf.Object) else part)


# The job


def _driver(preamble: str, papers: int, engine: Engine, mark: str) -> str:
    """The source of the job: each paper in a group of its own, its pages and group levels noted in the log."""
    each = "".join(f"\\paperbegins{mark}{{{n}}}\\input{{{n}.tex}}\\paperends{mark}{{{n}}}\n" for n in range(papers))
    files = "" if engine.passes > 1 else "\n\\nofiles"  # what is written for the next pass
    undated = _UNDATED if source_date() is None else ""
    macros = _MACROS.replace("MARK", mark)
    body = f"\\begin{{document}}\n{undated}\\jobbegins{mark}\n{each}\\jobends{mark}{{{papers}}}\n\\end{{document}}\n"
    return f"{engine.prologue}{preamble.rstrip()}{files}{macros}{LATE}\n{body}"


def _run(job: Job, engine: Engine, patience: float, begun: Callable[[int], None], papers: int) -> str:
    """Run TeX; why it had to be stopped, or nothing."""
    for number, command in enumerate(engine.commands, 1):
        tell = begun if number == engine.passes else (lambda number: None)
        if why := _call(command, job, engine, patience, tell, papers):
            return why
        if what := trespass(job.source, job.output):
            raise _TrespassError(what)
    return ""


def _call(
    command: Sequence[str], job: Job, engine: Engine, patience: float, tell: Callable[[int], None], papers: int
) -> str:
    """Run one program; why it had to be stopped, or nothing."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script; TeX would ignore it too
        with suppress(ValueError):  # in a thread
            signal.signal(signal.SIGINT, lambda *_: None)
    stopped, ended = Event(), Event()
    with (
        (job.folder / SAID).open("a", encoding="utf-8") as output,
        confinement.start(
            command,
            job.confined(engine),
            seconds=int(patience * (papers + 1)),  # should nobody be left to stop it, it stops itself
            cwd=job.source,
            env={**os.environ, **engine.environment, **_fonts_of_lua(job, engine)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; TeX is ended below
            preexec_fn=ending_with_parent(signal.SIGKILL),
            encoding="utf-8",
            errors="replace",
        ) as tex,
    ):
        deadline = monotonic() + patience + engine.errands

        def stop() -> None:
            stopped.set()
            _signal(tex, signal.SIGINT)  # TeX answers by naming the file and line that it was reading

        def watch() -> None:
            nonlocal deadline
            while not ended.wait(min(patience, deadline - monotonic())):
                if monotonic() < deadline:  # which has been moved
                    continue
                if stopped.is_set():
                    _kill(tex)
                    return
                stop()
                deadline = monotonic() + GRACE

        said = 0
        watchdog = Thread(target=watch)
        try:
            watchdog.start()
            for line in tex.stdout or ():
                said += len(line)
                output.write(line)
                if said > FLOOD and not stopped.is_set():
                    stop()
                number = tex_log.begun(line, job.mark)
                if number is not None and not stopped.is_set():
                    deadline = monotonic() + (patience if number < papers else patience + engine.errands)
                    tell(number)
        except BaseException:
            _kill(tex)
            raise
        finally:
            ended.set()
            watchdog.join()
    if stopped.is_set():
        return f"TeX was still busy after {patience:g} seconds"
    if os.name == "posix" and tex.returncode == -signal.SIGXFSZ:
        return f"TeX writes more than {FILE_SIZE // 10**6} MB into one file"
    words = (job.folder / SAID).read_text(encoding="utf-8", errors="replace") if tex.returncode else ""
    if denied := re.search(rf"{re.escape(command[0])}: (.+): Permission denied", words):
        raise _TrespassError(denied[1])
    if NO_MEMORY.search(words):
        return f"TeX takes more than {MEMORY / 1e9:g} GB of memory"
    return ""


def _fonts_of_lua(job: Job, engine: Engine) -> dict[str, str]:
    """Where LuaTeX keeps what it has made of fonts: in a copy for each job, as LuaTeX runs what it finds there."""
    if not engine.keeps_fonts:
        return {}
    copy = job.output / MADE_OF_FONTS
    if not copy.exists():
        copy.mkdir()
        if kept := _lua_fonts(engine.program):
            copytree(kept, copy, dirs_exist_ok=True)
    return {"TEXMFCACHE": str(copy)}


@cache
def _lua_fonts(program: str) -> Path | None:
    """What LuaTeX makes of the fonts that papers have: made once, by a run without any words of an author.

    None where it cannot be kept: then each job makes it again.
    """
    from generator.formats.latex.templates import Templates
    from generator.worksheet.spec import Print

    engine = replace(find_engine("lualatex"), program=program, keeps_fonts=False)
    name = sha256(f"{program}\n{engine.version()}".encode()).hexdigest()[:16]
    kept = cache_folder() / f"lua-fonts-{name}"
    if not kept.is_dir():
        preamble = Templates().fill("preamble.tex.j2", print=Print(), accents=True, own_words=True)
        work = Path(tempfile.mkdtemp(prefix="worksheets-"))
        try:
            job = Job.of((), preamble, work, engine)
            fonts = job.output / MADE_OF_FONTS
            fonts.mkdir()
            slow = replace(engine, errands=FETCHING, environment={**engine.environment, "TEXMFCACHE": str(fonts)})
            _run(job, slow, PATIENCE, lambda number: None, 0)
            if not _is_whole(job.pdf):
                return None
            kept.parent.mkdir(parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(prefix="lua-fonts-", dir=kept.parent))
            copytree(fonts, new, dirs_exist_ok=True)
            with suppress(OSError):  # another process was first
                new.rename(kept)
            rmtree(new, ignore_errors=True)
        except OSError:  # it cannot be kept
            return None
        finally:
            rmtree(work, ignore_errors=True)
    return kept


def _signal(tex: subprocess.Popen[str], what: signal.Signals) -> None:
    """Tell TeX, and whatever it has started itself."""
    with suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(tex.pid, what)
        else:
            tex.terminate()


def _kill(tex: subprocess.Popen[str]) -> None:
    if os.name == "posix":
        _signal(tex, signal.SIGKILL)
    else:
        tex.kill()


class _TrespassError(Exception):
    """What a run read, or wants its driver to read, and must not."""


def _suspected(papers: Sequence[Paper], preamble: str, what: str) -> list[Printed]:
    """A run that read what it must not has made nothing; the papers that name this have an error.

    If none does, and the preamble does not, it may be any of them.
    """
    message = f"it reads {what}"
    name = re.split(r"[\\/(]", what)[-1].rstrip(")")
    lines = [_first_line(paper.body, name) for paper in papers]
    if not any(lines) and (line := _first_line(preamble, name)):
        raise BuildError(
            f"the preamble: {message}",
            remedy=_remedy(message),
            file=papers[0].worksheet,
            text=_shown(preamble, line, None),
        )
    if not any(lines) and len(papers) > 1:
        return [Printed(paper, is_shared=True) for paper in papers]
    printed = []
    for paper, line in zip(papers, lines, strict=True):
        if line is None and len(papers) > 1:
            printed.append(Printed(paper))
        else:
            part, error = paper.part(line), _error(paper, line, message)
            kind = f"{message}: {error.text}", part.problem if part else None  # not what just speaks of such a file
            printed.append(Printed(paper, error=error, kind=kind))
    return printed


def _first_line(text: str, name: str) -> int | None:
    """The line, counted from 1, that first has a name in it."""
    return next((n for n, line in enumerate(text.splitlines(), 1) if name and name in line), None)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


# Faults


def _stopped(papers: Sequence[Paper], log: Sequence[str], why: str, mark: str) -> tuple[int, BuildError]:
    """The paper that a job was stopped at, and the error for it, at the place that TeX named then."""
    for fault in tex_log.faults(log, mark):
        if fault.message == "Interruption" and fault.paper is not None:
            return fault.paper, _error(papers[fault.paper], fault.line, why)
    last = next((number for line in reversed(log) if (number := tex_log.begun(line, mark)) is not None), 0)
    place = min(last, len(papers) - 1)
    return place, _error(papers[place], None, why)


def _notes(log: Sequence[str], mark: str) -> tuple[dict[tuple[str, str], list[str]], dict[int, tuple[Place, ...]]]:
    """What the job has noted of its papers, by kind and number; and where the questions of each paper begin."""
    notes: dict[tuple[str, str], list[str]] = {}
    places: dict[int, tuple[Place, ...]] = {}
    inside = ""
    for line in log:
        if line.startswith(f"{mark} "):
            _, kind, number, *rest = line.split(maxsplit=5)
            notes[kind, number] = rest
            inside = number if kind == "begins" else ""
        elif (found := PLACE.fullmatch(line)) and found[1] == inside:
            label, page, down = found[2], int(found[3]), round(int(found[4]) / SCALED_POINTS_IN_MM, 1)
            places[int(inside)] = (*places.get(int(inside), ()), Place(label, page, down))
    return notes, places


def _spans(
    papers: Sequence[Paper], faults: Sequence[tex_log.Fault], noted: Mapping[tuple[str, str], Sequence[str]]
) -> Iterator[Span]:
    """The pages of each paper in the job's PDF, or its error and that one's kind; None behind one that is open."""
    first: dict[int, tex_log.Fault] = {}
    for fault in faults:
        first.setdefault(-1 if fault.paper is None else fault.paper, fault)
    is_open = False
    for number, paper in enumerate(papers):
        begins, ends = noted.get(("begins", str(number))), noted.get(("ends", str(number)))
        if is_open:
            yield None
            continue
        is_open = not begins or not ends or begins[1] != ends[1]
        if number in first:
            fault = first[number]
            missing = MISSING.match(fault.message)
            line = _first_line(paper.body, missing[1]) if missing and not fault.line else fault.line
            part = paper.part(line)
            kind = fault.message, part.problem if part else None
            yield _error(paper, line, fault.message, fault), kind
        elif not begins or not ends:
            yield _error(paper, None, "TeX stopped before the end of this paper"), None
        elif is_open:
            yield _error(paper, *_unclosed(" ".join(ends[2:]))), None
        elif begins[0] == ends[0]:
            yield _error(paper, None, "this paper has no page"), None
        else:
            yield range(int(begins[0]), int(ends[0]))


def _overfull(papers: Sequence[Paper], log: Sequence[str], mark: str) -> dict[int, tuple[Overfull, ...]]:
    """What does not fit, by papers: the worst of each problem."""
    worst: dict[int, dict[Part | None, Overfull]] = {}
    for box in tex_log.overfull(log, mark):
        if box.paper is not None:
            paper = papers[box.paper]
            part = paper.part(box.line)
            found = worst.setdefault(box.paper, {})
            if part not in found or found[part].points < box.points:
                found[part] = Overfull(paper, box.line, box.points)
    return {number: tuple(found.values()) for number, found in worst.items()}


def _unclosed(environment: str) -> tuple[int | None, str]:
    """Line and message for a paper that leaves something open: `environment` is LaTeX's innermost one."""
    found = re.fullmatch(r"(\S+) +on input line (\d+)", environment)
    if found:
        return int(found[2]), rf"\begin{{{found[1]}}} is never closed"
    return None, "a brace or a group is never closed"


def _preamble_error(paper: Paper, preamble: str, fault: tex_log.Fault) -> BuildError:
    line = None if fault.message.endswith("not found") else fault.line  # a package is missed one line later
    return BuildError(
        f"the preamble: {fault.message}",
        remedy=_remedy(fault.message),
        file=paper.worksheet,
        text=_shown(preamble, line, fault),
    )


def _error(paper: Paper, line: int | None, message: str, fault: tex_log.Fault | None = None) -> BuildError:
    file, place = paper.place(line)
    return BuildError(
        f"{place}: {message}",
        remedy=_remedy(message),
        file=file,
        text=_shown(paper.body, line, fault),
    )


def _remedy(message: str) -> str:
    return next(remedy for pattern, remedy in REMEDIES if re.search(pattern, message))


def _shown(source: str, line: int | None, fault: tex_log.Fault | None) -> InText | None:
    """The offending line, with carets under the token that TeX stopped at, or under all of the line."""
    lines = source.splitlines()
    if not line or line > len(lines) or not lines[line - 1].strip():
        return None
    text = lines[line - 1].rstrip()
    if fault and fault.token:
        read = fault.read.rstrip().removeprefix("...")
        stop = text.find(read) + len(read) if read in text else len(text)
        start = text.rfind(fault.token, 0, stop)
        if start >= 0:
            return InText(text, start, start + len(fault.token))
    return InText(text, 0, len(text))


# The documents


def _split(
    pdf: Path, papers: Sequence[Paper], spans: Sequence[Span]
) -> Iterator[tuple[Paper, range, bytes, frozenset[Font]]]:
    """Each paper's pages as a document of its own, with its title, without date or program; and the fonts in it."""
    if not spans:
        return
    with pikepdf.open(pdf) as job:
        known: dict[tuple[int, int], Font] = {}
        for paper, span in zip(papers, spans, strict=False):
            assert isinstance(span, range)
            pages = job.pages[span.start : span.stop]
            fonts = frozenset(font for page in pages for font in _fonts(page, known))
            with pikepdf.new() as document:
                document.pages.extend(pages)
                for number, page in enumerate(document.pages if paper.code else (), 1):
                    code = drawn(f"{paper.code} p{number}", float(page.mediabox[2]))
                    page.contents_add(document.make_stream(code), prepend=True)
                _number_forms(document)
                document.docinfo["/Title"] = paper.title
                yield paper, span, _saved(document), fonts


def _fonts(page: pikepdf.Page, known: dict[tuple[int, int], Font]) -> Iterator[Font]:
    for font in page.resources.get("/Font", pikepdf.Dictionary()).values():
        if font.objgen not in known:
            known[font.objgen] = _font(font.get("/FontDescriptor", pikepdf.Dictionary()))
        yield known[font.objgen]


def _font(descriptor: pikepdf.Object) -> Font:
    return str(descriptor.get("/FontName", "")).rpartition("+")[2], str(descriptor.get("/CharSet", ""))


NAMELESS = "mark"
"""What stands for the mark of a run where all runs are meant."""


@cache
def glyphs(preamble: str, name: str | None) -> frozenset[Font]:
    """The fonts that every job of an engine with a preamble holds, whatever its papers say, with their glyphs."""
    engine = find_engine(name)
    here = installation()
    key = f"{engine.version()}\n{here.identity} {here.changed}\n{_driver(preamble, 0, engine, NAMELESS)}"
    return frozenset(remembered("glyphs", key, lambda: _glyphs(preamble, engine), _checked_fonts))


def _checked_fonts(found: object) -> list[Font]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[tuple[str, str]]).validate_python(found)


def _glyphs(preamble: str, engine: Engine) -> list[Font]:
    with Scratch("worksheets-", ignore_cleanup_errors=True) as name:
        job = Job.of((), preamble, Path(name), engine)
        with suppress(_TrespassError):  # which the papers' own run tells
            _run(job, engine, PATIENCE, lambda number: None, 0)
        if not job.pdf.exists():
            return []
        with pikepdf.open(job.pdf) as pdf:
            descriptors = (thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary))
            return sorted(_font(one) for one in descriptors if one.get("/Type") == "/FontDescriptor")


def _number_forms(document: pikepdf.Pdf) -> None:
    """Number form objects from 1 in every document; TeX counts them through the whole job."""
    names: dict[bytes, bytes] = {}
    for page in document.pages:
        page.contents_coalesce()
        forms = page.resources.get("/XObject", pikepdf.Dictionary())
        for old in sorted(map(str, forms)):
            if re.fullmatch(r"/Fm\d+", old):
                new = names.setdefault(old.encode(), b"/Form%d" % (len(names) + 1))
                forms[new.decode()] = forms[old]
                del forms[old]
        drawn = re.sub(rb"/Fm\d+(?= Do\b)", lambda name: names.get(name[0], name[0]), page.Contents.read_bytes())
        page.Contents = document.make_stream(drawn)


def _saved(document: pikepdf.Pdf) -> bytes:
    """The bytes of a document: the same for the same pages, on any day unless the environment gives a date."""
    if (date := source_date()) is not None:
        document.docinfo["/CreationDate"] = datetime.fromtimestamp(date, UTC).strftime("D:%Y%m%d%H%M%SZ")
    document.Root.Lang = pikepdf.String("en-US")
    document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    drawn = sha256(b"".join(page.Contents.read_raw_bytes() for page in document.pages)).digest()[:16]
    identity = pikepdf.String(drawn)
    document.trailer.ID = pikepdf.Array([identity, identity])  # of which the first is kept
    content = BytesIO()
    pikepdf.settings.set_flate_compression_level(LEVEL)
    document.save(content, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, min_version="1.5")
    return content.getvalue()
