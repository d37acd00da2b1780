"""PDF from LaTeX: one TeX job for many papers, split by page, each fault traced to its problem and version."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from errno import ENOSPC
from functools import cache, partial
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeAlias

import pikepdf

from generator.cache import remembered
from generator.disk import Scratch
from generator.errors import BuildError, InFile, InText
from generator.processes import ending_with_parent
from generator.render import texlog
from generator.render.code import drawn
from generator.render.engines import INSTALL_TEX, SOURCE_DATE, find_engine, source_date
from generator.render.guard import is_recorded, may_be_told, trespass
from generator.render.installation import installation

if sys.platform == "linux":
    from resource import RLIMIT_CPU, prlimit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.render.engines import Engine

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
OUTPUT = "job.out"
"""What the engine has said."""
MISSING = re.compile(r"File `(.*?)(?:\.\w+)?' not found")
UNTOLD = "TeX cannot go on from here"
NOTE = re.compile(r"(?:begins|ends|END|place) \S+ \S+ \S")
"""What the job notes about its papers."""
SCALED_POINTS_IN_MM = 65536 * 72.27 / 25.4
FLOOD = 100_000_000
"""More characters than any job has to say; beyond it TeX is stopped."""

REMEDIES = (
    (r"^undefined command", "Correct it, or define it in a preamble.tex.j2 of your own."),
    (r"Unicode character|Invalid UTF-8", "Write it with Latin letters, or as a TeX command."),
    (r"Missing \$ inserted|only in math mode", "Put mathematics between dollar signs: $…$."),
    (r"ended by|is never closed|orgotten|Missing \} inserted|File ended", "Close everything where it was opened."),
    (r"alignment tab", r"Write an ampersand as \&."),
    (r"macro parameter character", r"Write a number sign as \#."),
    (r"still busy|capacity exceeded", "Look for a loop, or for a macro that calls itself."),
    (r"File `.*\.(cls|sty|def|fd)' not found", INSTALL_TEX),
    (r"^it reads |File `.*' not found", "A paper can use the packages of TeX, and no other file."),
    (r"^\\today has", f"Write the date itself, or give one in the environment variable {SOURCE_DATE}."),
    (r"", "Correct the TeX at this place."),
)
"""What to do about a message: the first pattern that is found in it counts."""

_MACROS = r"""
\makeatletter
\newwrite\jobmap
\newcommand\jobnote[1]{\immediate\write\jobmap{#1 \the\ReadonlyShipoutCounter\space
  \the\currentgrouplevel\space\detokenize\expandafter{\@currenvir}\@currenvline}}
\newcommand\remembercounter[1]{\expandafter\xdef\csname first@#1\endcsname{\the\value{#1}}}
\newcommand\restorecounter[1]{\ifcsname first@#1\endcsname\setcounter{#1}{\csname first@#1\endcsname}\fi}
% The first page of a job sets up colors and fonts, so it is one that belongs to no paper.
\newcommand\jobbegins{\ifdefined\openout\immediate\openout\jobmap=job.map \fi % else the log has the notes
  \begingroup\let\@elt\remembercounter\cl@@ckpt\endgroup
  % pages are compressed when they are papers, but fonts only once
  \ifdefined\pdfcompresslevel\chardef\usual@level\pdfcompresslevel \pdfcompresslevel\z@\fi
  \thispagestyle{empty}\ifdefined\allcharacters\allcharacters\fi\null\clearpage
  \tracinglostchars3 } % a character that no font has is an error
\newcommand\paperbegins[1]{\clearpage\typeout{}\typeout{MARKER}%
  \begingroup\let\@elt\restorecounter\cl@@ckpt\endgroup
  \begingroup\def\thispaper{#1}\jobnote{begins #1}}
% where a question is: the number of its page in the paper, and how far down, when that page is done
\def\noteplace#1{\ifdefined\pdfsavepos\pdfsavepos\else\savepos\fi
  \write\jobmap{place \thispaper\space #1 \the\c@page\space
    \the\numexpr\number\paperheight-\ifdefined\pdflastypos\pdflastypos\else\lastypos\fi\relax}}
\newcommand\paperends[1]{\clearpage\jobnote{ends #1}\endgroup}
\newcommand\jobends[1]{\clearpage\ifdefined\usual@level\global\pdfcompresslevel\usual@level\fi
  \typeout{}\typeout{MARKER}\jobnote{END -}\immediate\closeout\jobmap}
\makeatother
""".replace("MARKER", texlog.MARKER.format("#1"))

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


def _attempt(
    papers: Sequence[Paper],
    preamble: str,
    folder: Path,
    begun: Callable[[int], None],
    patience: float,
    engine: Engine,
) -> list[Printed]:
    for number, paper in enumerate(papers):
        (folder / f"{number}.tex").write_text(paper.body.rstrip() + "\n", encoding="utf-8")
    (folder / "job.tex").write_text(_driver(preamble, len(papers), engine), encoding="utf-8")
    try:
        finished = _run(folder, engine, patience, begun, partial(_stay_inside, folder))
    except _TrespassError as forbidden:
        return _suspected(papers, preamble, str(forbidden))
    log, said = texlog.unwrapped(_lines(folder / "job.log"), engine.wraps_at), _lines(folder / OUTPUT)
    notes = _lines(folder / "job.map") or [line for line in log if NOTE.match(line)]
    if not finished:
        place, error = _overdue(papers, log or said, patience)
        return [Printed(p, error=error, timed_out=True) if n == place else Printed(p) for n, p in enumerate(papers)]
    wide, places = _overfull(papers, log), _places(notes)
    faults = list(texlog.faults(log))
    if excuse := engine.excuse("\n".join(said), bool(faults) or (folder / "job.pdf").exists()):
        raise excuse
    if not is_recorded(folder):
        known = preamble + "".join(paper.body for paper in papers)
        faults = [one if may_be_told(one.message, known) else replace(one, message=UNTOLD) for one in faults]
    if faults and faults[0].paper is None:
        raise _preamble_error(papers[0], preamble, faults[0])
    spans = list(_spans(papers, faults, notes))
    sound = next((n for n, span in enumerate(spans) if not isinstance(span, range)), len(papers))
    is_ended = any(note.startswith("END ") for note in notes)
    if sound == len(papers) and not is_ended:
        sound -= 1
        spans[-1] = _error(papers[-1], None, "TeX stopped before the end of the job"), None
    pdf = folder / "job.pdf"
    usable = sound if is_ended and pdf.exists() else 0  # its fonts are as always only if the job came to its end
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
        for n, (paper, span, content, fonts) in enumerate(_split(pdf, papers, spans[:usable]))
    ]
    for paper, span in zip(papers[usable:], spans[usable:], strict=True):
        printed.append(Printed(paper, error=span[0], kind=span[1]) if isinstance(span, tuple) else Printed(paper))
    return printed


def join(parts: Sequence[tuple[Path, Sequence[Place]]], *, two_sided: bool = False) -> bytes:
    """All pages of some PDFs in order, every font stored once, with a bookmark for each PDF and each of its places.

    Where they are for two sides of a sheet, a PDF with an odd number of pages ends with a blank one.
    """
    fonts: dict[tuple[str, ...], pikepdf.Object] = {}
    with pikepdf.new() as joined:
        with joined.open_outline() as outline:
            for part, places in parts:
                with pikepdf.open(part) as pdf:
                    first = len(joined.pages)
                    item = pikepdf.OutlineItem(str(pdf.docinfo.get("/Title", "")), first)
                    item.is_closed = True
                    item.children += [_bookmark(place, first) for place in places]
                    outline.root.append(item)
                    tables = [list(_font_tables(page.resources)) for page in pdf.pages]
                    met: dict[tuple[int, int], pikepdf.Object] = {}
                    shared = [[_shared(table, joined, fonts, met) for table in some] for some in tables]
                    for table in chain.from_iterable(tables):
                        for name in table.keys():  # noqa: SIM118 - a table cannot change while it is gone through
                            table[name] = pikepdf.Name.Shared
                    for page, some in zip(pdf.pages, shared, strict=True):
                        joined.pages.append(page)
                        for table, known in zip(_font_tables(joined.pages[-1].resources), some, strict=True):
                            for name, font in known.items():
                                table[name] = font
                    if two_sided and len(pdf.pages) % 2:
                        last = joined.pages[-1]
                        joined.add_blank_page().mediabox = last.mediabox
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


def _driver(preamble: str, papers: int, engine: Engine) -> str:
    """The source of the job: each paper in a group of its own, its pages and group levels noted in job.map."""
    each = "".join(f"\\paperbegins{{{n}}}\\input{{{n}.tex}}\\paperends{{{n}}}\n" for n in range(papers))
    files = "" if engine.passes > 1 else "\n\\nofiles"  # what is written for the next pass
    undated = _UNDATED if source_date() is None else ""
    body = f"\\begin{{document}}\n{undated}\\jobbegins\n{each}\\jobends{{{papers}}}\n\\end{{document}}\n"
    return f"{engine.prologue}{preamble.rstrip()}{files}{_MACROS}{body}"


def _run(
    folder: Path, engine: Engine, patience: float, begun: Callable[[int], None], check: Callable[[], None]
) -> bool:
    """Run TeX in `folder`; False if it had to be stopped, as it had been busy with one paper for too long."""
    for number, command in enumerate(engine.commands, 1):
        tell = begun if number == engine.passes else (lambda number: None)
        if not _call(command, folder, engine, patience, tell):
            return False
        check()
    return True


def _call(command: Sequence[str], folder: Path, engine: Engine, patience: float, tell: Callable[[int], None]) -> bool:
    """Run one program; False if it had to be stopped."""
    papers = len(list(folder.glob("*.tex"))) - 1
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script; TeX would ignore it too
        with suppress(ValueError):  # in a thread
            signal.signal(signal.SIGINT, lambda *_: None)
    stopped, ended = Event(), Event()
    with (
        (folder / OUTPUT).open("a", encoding="utf-8") as output,
        subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **engine.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; TeX is ended below
            preexec_fn=ending_with_parent(signal.SIGKILL),  # noqa: PLW1509 - it is one system call, made ready before
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
        if sys.platform == "linux":  # should nobody be left to stop it, it stops itself
            seconds = int(patience * (papers + 1))
            with suppress(ProcessLookupError):
                prlimit(tex.pid, RLIMIT_CPU, (seconds, seconds))
        watchdog = Thread(target=watch)
        try:
            watchdog.start()
            for line in tex.stdout or ():
                said += len(line)
                output.write(line)
                if said > FLOOD and not stopped.is_set():
                    stop()
                number = texlog.begun(line)
                if number is not None and not stopped.is_set():
                    deadline = monotonic() + (patience if number < papers else patience + engine.errands)
                    tell(number)
        except BaseException:
            _kill(tex)
            raise
        finally:
            ended.set()
            watchdog.join()
    return not stopped.is_set()


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


def _stay_inside(folder: Path) -> None:
    """Make nothing of a run that read, or wants the driver to read, a file that is none of its business."""
    if what := trespass(folder):
        raise _TrespassError(what)


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


def _overdue(papers: Sequence[Paper], log: Sequence[str], patience: float) -> tuple[int, BuildError]:
    """The paper that a job was stopped at, and the error for it, at the place that TeX named then."""
    message = f"TeX was still busy after {patience:g} seconds"
    for fault in texlog.faults(log):
        if fault.message == "Interruption" and fault.paper is not None:
            return fault.paper, _error(papers[fault.paper], fault.line, message)
    place = next((number for line in reversed(log) if (number := texlog.begun(line)) is not None), 0)
    return place, _error(papers[place], None, message)


def _spans(papers: Sequence[Paper], faults: Sequence[texlog.Fault], notes: Sequence[str]) -> Iterator[Span]:
    """The pages of each paper in the job's PDF, or its error and that one's kind; None behind one that is open."""
    noted = {(kind, number): rest for kind, number, *rest in (note.split(maxsplit=4) for note in notes)}
    first: dict[int, texlog.Fault] = {}
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


def _overfull(papers: Sequence[Paper], log: Sequence[str]) -> dict[int, tuple[Overfull, ...]]:
    """What does not fit, by papers: the worst of each problem."""
    worst: dict[int, dict[Part | None, Overfull]] = {}
    for box in texlog.overfull(log):
        if box.paper is not None:
            paper = papers[box.paper]
            part = paper.part(box.line)
            found = worst.setdefault(box.paper, {})
            if part not in found or found[part].points < box.points:
                found[part] = Overfull(paper, box.line, box.points)
    return {number: tuple(found.values()) for number, found in worst.items()}


def _places(notes: Sequence[str]) -> dict[int, tuple[Place, ...]]:
    """Where questions begin, by papers."""
    places: dict[int, tuple[Place, ...]] = {}
    for kind, number, *rest in (note.split() for note in notes):
        if kind == "place":
            label, page, down = rest
            here = Place(label, int(page), round(int(down) / SCALED_POINTS_IN_MM, 1))
            places[int(number)] = (*places.get(int(number), ()), here)
    return places


def _unclosed(environment: str) -> tuple[int | None, str]:
    """Line and message for a paper that leaves something open: `environment` is LaTeX's innermost one."""
    found = re.fullmatch(r"(\S+) +on input line (\d+)", environment)
    if found:
        return int(found[2]), rf"\begin{{{found[1]}}} is never closed"
    return None, "a brace or a group is never closed"


def _preamble_error(paper: Paper, preamble: str, fault: texlog.Fault) -> BuildError:
    line = None if fault.message.endswith("not found") else fault.line  # a package is missed one line later
    return BuildError(
        f"the preamble: {fault.message}",
        remedy=_remedy(fault.message),
        file=paper.worksheet,
        text=_shown(preamble, line, fault),
    )


def _error(paper: Paper, line: int | None, message: str, fault: texlog.Fault | None = None) -> BuildError:
    file, place = paper.place(line)
    return BuildError(
        f"{place}: {message}",
        remedy=_remedy(message),
        file=file,
        text=_shown(paper.body, line, fault),
    )


def _remedy(message: str) -> str:
    return next(remedy for pattern, remedy in REMEDIES if re.search(pattern, message))


def _shown(source: str, line: int | None, fault: texlog.Fault | None) -> InText | None:
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


@cache
def glyphs(preamble: str, name: str | None) -> frozenset[Font]:
    """The fonts that every job of an engine with a preamble holds, whatever its papers say, with their glyphs."""
    engine = find_engine(name)
    here = installation()
    key = f"{engine.version()}\n{here.identity} {here.changed}\n{_driver(preamble, 0, engine)}"
    return frozenset(remembered("glyphs", key, lambda: _glyphs(preamble, engine), _checked_fonts))


def _checked_fonts(found: object) -> list[Font]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[tuple[str, str]]).validate_python(found)


def _glyphs(preamble: str, engine: Engine) -> list[Font]:
    with Scratch("worksheets-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "job.tex").write_text(_driver(preamble, 0, engine), encoding="utf-8")
        _run(folder, engine, PATIENCE, lambda number: None, lambda: None)
        if not (folder / "job.pdf").exists():
            return []
        with pikepdf.open(folder / "job.pdf") as job:
            descriptors = (thing for thing in job.objects if isinstance(thing, pikepdf.Dictionary))
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
