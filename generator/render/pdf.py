"""PDF from LaTeX: one TeX job for many papers, split by page, each fault traced to its problem and version."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Event, Timer
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

import pikepdf

from generator.errors import BuildError, InFile, InText
from generator.render import texlog
from generator.render.engines import INSTALL_TEX, find_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from generator.render.engines import Engine

    Progress: TypeAlias = Callable[[str, int, int], None]

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
    (r"File `.*' not found", "A paper can use the packages of TeX, and no other file."),
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
% The first page of a job sets up colors, so it is one that belongs to no paper.
\newcommand\jobbegins{\immediate\openout\jobmap=job.map
  \begingroup\let\@elt\remembercounter\cl@@ckpt\endgroup
  \thispagestyle{empty}\null\clearpage}
\newcommand\paperbegins[1]{\clearpage\typeout{}\typeout{MARKER}%
  \begingroup\let\@elt\restorecounter\cl@@ckpt\endgroup
  \begingroup\jobnote{begins #1}}
\newcommand\paperends[1]{\clearpage\jobnote{ends #1}\endgroup}
\newcommand\jobends{\clearpage\jobnote{END -}\immediate\closeout\jobmap}
\makeatother
""".replace("MARKER", texlog.MARKER.format("#1"))


@dataclass(frozen=True)
class Part:
    """The lines of a paper, counted from 1, that belong to one problem, and where its author wrote it."""

    first: int
    last: int
    problem: str
    source: InFile


@dataclass(frozen=True)
class Paper:
    """One document: LaTeX between preamble and end, and what its lines are about."""

    name: str
    title: str
    body: str
    worksheet: InFile
    label: str | None = None
    parts: tuple[Part, ...] = ()

    def part(self, line: int | None) -> Part | None:
        """The problem that a line belongs to, if any."""
        return next((part for part in self.parts if line and part.first <= line <= part.last), None)

    def place(self, line: int | None) -> tuple[InFile, str]:
        """Where its author wrote a line, and what to call that place: `problem quadratic, version 07`."""
        part = self.part(line)
        if part is None:
            return self.worksheet, self.title
        return part.source, f"problem {part.problem}" + (f", version {self.label}" if self.label else "")


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


def typeset(
    papers: Sequence[Paper],
    preamble: str,
    progress: Progress | None = None,
    *,
    warn: Callable[[Overfull], None] | None = None,
    limit: float | None = None,
    engine: Engine | None = None,
) -> list[bytes]:
    """Each paper as a PDF, from one run of TeX that may take `limit` seconds; `warn` hears of what does not fit.

    The same paper gives the same bytes on any day, beside any other papers that use the preamble's fonts.
    A fault in any paper is a `BuildError`: there is no partial result.
    """
    if not papers:
        return []
    engine = engine or find_engine()
    limit = limit or 30 + len(papers) * engine.passes
    with tempfile.TemporaryDirectory(prefix="worksheets-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for number, paper in enumerate(papers):
            (folder / f"{number}.tex").write_text(paper.body.rstrip() + "\n", encoding="utf-8")
        (folder / "job.tex").write_text(_driver(preamble, len(papers), engine), encoding="utf-8")
        finished = _run(folder, engine, limit, len(papers), progress)
        log, notes = _lines(folder / "job.log"), _lines(folder / "job.map")
        if not finished:
            raise _overdue(papers, log, limit)
        spans = _spans(papers, preamble, log, notes)
        if warn:
            for overfull in _overfull(papers, log):
                warn(overfull)
        return list(_split(folder / "job.pdf", papers, spans))


def join(pdfs: Sequence[bytes]) -> bytes:
    """All pages in order, with a bookmark for each document and every font file stored once."""
    with pikepdf.new() as joined:
        with joined.open_outline() as outline:
            for content in pdfs:
                with pikepdf.open(BytesIO(content)) as pdf:
                    title = str(pdf.docinfo.get("/Title", ""))
                    outline.root.append(pikepdf.OutlineItem(title, len(joined.pages)))
                    joined.pages.extend(pdf.pages)
        fonts: dict[bytes, pikepdf.Object] = {}
        for thing in joined.objects:
            if isinstance(thing, pikepdf.Dictionary) and "/FontFile" in thing:
                font = thing["/FontFile"]
                thing["/FontFile"] = fonts.setdefault(sha256(font.read_raw_bytes()).digest(), font)
        return _saved(joined)


# The job


def _driver(preamble: str, papers: int, engine: Engine) -> str:
    """The source of the job: each paper in a group of its own, its pages and group levels noted in job.map."""
    each = "".join(f"\\paperbegins{{{n}}}\\input{{{n}.tex}}\\paperends{{{n}}}\n" for n in range(papers))
    files = "" if engine.passes > 1 else "\n\\nofiles"  # what is written for the next pass
    return f"{preamble.rstrip()}{files}{_MACROS}\\begin{{document}}\n\\jobbegins\n{each}\\jobends\n\\end{{document}}\n"


def _run(folder: Path, engine: Engine, limit: float, papers: int, progress: Progress | None) -> bool:
    """Run TeX in `folder`, telling `progress` of each paper begun; False if it had to be stopped."""
    ends = monotonic() + limit
    total = papers * engine.passes
    done = 0
    for command in engine.commands:

        def tell(number: int, before: int = done) -> None:
            if progress:
                progress("Typesetting", before + number, total)

        if not _call(command, folder, engine.environment, ends - monotonic(), tell):
            return False
        if command[0] == engine.program:
            done += papers
    if progress:
        progress("Typesetting", total, total)
    return True


def _call(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], limit: float, tell: Callable[[int], None]
) -> bool:
    """Run one program; False if it had to be stopped."""
    stopped = Event()
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for us; TeX is ended below
        encoding="utf-8",
        errors="replace",
    ) as tex:

        def stop() -> None:
            stopped.set()
            # TeX answers SIGINT by naming the file and line that it was reading.
            tex.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)

        timers = (Timer(limit, stop), Timer(limit + 3, tex.kill))
        said = 0
        try:
            for timer in timers:
                timer.start()
            for line in tex.stdout or ():
                said += len(line)
                if said > FLOOD and not stopped.is_set():
                    stop()
                number = texlog.begun(line)
                if number is not None:
                    tell(number)
        except BaseException:
            tex.kill()
            raise
        finally:
            for timer in timers:
                timer.cancel()
    return not stopped.is_set()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


# Faults


def _overdue(papers: Sequence[Paper], log: Sequence[str], limit: float) -> BuildError:
    """The error for a job that was stopped, at the place that TeX named when it was."""
    message = f"TeX was still busy after {limit:g} seconds"
    for fault in texlog.faults(log):
        if fault.message == "Interruption" and fault.paper is not None:
            return _error(papers[fault.paper], fault.line, message)
    return _error(papers[max((texlog.begun(line) or 0 for line in log), default=0)], None, message)


def _spans(papers: Sequence[Paper], preamble: str, log: Sequence[str], notes: Sequence[str]) -> list[range]:
    """The pages of each paper in the job's PDF, or the `BuildError` that this run amounts to."""
    faults = list(texlog.faults(log))
    if faults and faults[0].paper is None:
        raise _preamble_error(papers[0], preamble, faults[0])
    noted = {(kind, number): rest for kind, number, *rest in (note.split(maxsplit=4) for note in notes)}
    spans = []
    for number, paper in enumerate(papers):
        # What TeX says of later papers may follow from what it did not notice in this one.
        if fault := next((fault for fault in faults if fault.paper == number), None):
            raise _paper_error(papers, fault, faults)
        begins, ends = noted.get(("begins", str(number))), noted.get(("ends", str(number)))
        if not begins or not ends:
            raise _error(paper, None, "TeX stopped before the end of this paper")
        if begins[1] != ends[1]:
            raise _error(paper, *_unclosed(" ".join(ends[2:])))
        if begins[0] == ends[0]:
            raise _error(paper, None, "this paper has no page")
        spans.append(range(int(begins[0]), int(ends[0])))
    if ("END", "-") not in noted:
        raise _error(papers[-1], None, "TeX stopped before the end of the job")
    return spans


def _overfull(papers: Sequence[Paper], log: Sequence[str]) -> Iterable[Overfull]:
    """What does not fit, the worst of each problem and each version."""
    worst: dict[tuple[int, Part | None], Overfull] = {}
    for box in texlog.overfull(log):
        if box.paper is not None:
            paper = papers[box.paper]
            key = box.paper, paper.part(box.line)
            if key not in worst or worst[key].points < box.points:
                worst[key] = Overfull(paper, box.line, box.points)
    return worst.values()


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


def _paper_error(papers: Sequence[Paper], fault: texlog.Fault, faults: Sequence[texlog.Fault]) -> BuildError:
    """The error for a fault, which says how many other versions have it too."""
    alike = {other.paper for other in faults if _kind(papers, other) == _kind(papers, fault)}
    more = len(alike) - 1
    also = f" (and in {more} more version{'s' * (more > 1)})" if more else ""
    return _error(papers[fault.paper or 0], fault.line, fault.message + also, fault)


def _kind(papers: Sequence[Paper], fault: texlog.Fault) -> tuple[str, str | None]:
    """What makes the faults of several versions one mistake: the same message about the same problem."""
    part = papers[fault.paper].part(fault.line) if fault.paper is not None else None
    return fault.message, part.problem if part else None


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
        stop = len(fault.read.rstrip()) if text.startswith(fault.read.rstrip()) else len(text)
        start = text.rfind(fault.token, 0, stop)
        if start >= 0:
            return InText(text, start, start + len(fault.token))
    return InText(text, 0, len(text))


# The documents


def _split(pdf: Path, papers: Sequence[Paper], spans: Sequence[range]) -> Iterator[bytes]:
    """Each paper's pages as a document of its own, with its title, without date or program."""
    with pikepdf.open(pdf) as job:
        for paper, span in zip(papers, spans, strict=True):
            with pikepdf.new() as document:
                document.pages.extend(job.pages[span.start : span.stop])
                _number_forms(document)
                document.docinfo["/Title"] = paper.title
                yield _saved(document)


def _number_forms(document: pikepdf.Pdf) -> None:
    """Number form objects from 1 in every document; TeX counts them through the whole job."""
    names: dict[bytes, bytes] = {}
    for page in document.pages:
        forms = page.resources.get("/XObject", pikepdf.Dictionary())
        for old in sorted(map(str, forms)):
            if re.fullmatch(r"/Fm\d+", old):
                new = names.setdefault(old.encode(), b"/Form%d" % (len(names) + 1))
                forms[new.decode()] = forms[old]
                del forms[old]
        drawn = re.sub(rb"/Fm\d+(?= Do\b)", lambda name: names.get(name[0], name[0]), page.Contents.read_bytes())
        page.Contents = document.make_stream(drawn)


def _saved(document: pikepdf.Pdf) -> bytes:
    """The bytes of a document: the same for the same pages."""
    document.Root.Lang = pikepdf.String("en-US")
    document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    content = BytesIO()
    document.save(
        content, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, min_version="1.5"
    )
    return content.getvalue()
