"""Layers of the defence: the kernel confines TeX, commands are gone by all of their names, papers keep apart."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from generator.errors import BuildError
from generator.pdf import confinement, tex_batch
from generator.pdf.confinement import Confinement, profile, start
from generator.pdf.engines import ENGINES, find_engine
from generator.pdf.lockdown import FIRST, LATE, LATER, LUA
from generator.pdf.tex_batch import typeset
from generator.pdf.typesetting import typeset_once
from tests.integration.test_safety import SECRET, holds
from tests.integration.test_tex_jobs import BARE, PREAMBLE, paper, text

CONFINED = pytest.mark.skipif(not confinement.means(), reason="the kernel confines nothing here")
PDFTEX, XETEX, LUATEX = ("pdflatex",), ("xelatex", "tectonic"), ("lualatex",)
ATTACHED = (
    r"width 9pt height 9pt{/Subtype/FileAttachment /FS << /Type /Filespec /F (x) /EF << /F \the\numexpr OBJECT\relax"
    r"\space 0 R >> >>}x"
)
OVERWRITTEN = r"\newwrite\w\immediate\openout\w=RECORD \immediate\write\w{}\immediate\closeout\w "
ATTACKS = {
    "the source of another paper is written": (
        tuple(ENGINES),
        r"\newwrite\w\immediate\openout\w=1.tex \immediate\write\w{\detokenize{\begin{paper}{C}{V}Evil\end{paper}}}"
        r"\immediate\closeout\w ",
    ),
    "the same by a name of expl3": (
        tuple(ENGINES),
        r"\ExplSyntaxOn\iow_open:Nn\g_tmpa_iow{1.tex}\iow_now:Nn\g_tmpa_iow{Evil}\iow_close:N\g_tmpa_iow\ExplSyntaxOff",
    ),
    "the record of files is overwritten": (tuple(ENGINES), OVERWRITTEN.replace("RECORD", "job.fls") + r"\input{FILE}"),
    "the source of another paper is shown": (tuple(ENGINES), r"\makeatletter\@@input 1.tex "),
    "the source of the job is read": (
        PDFTEX + XETEX + LUATEX,
        r"\newread\r \openin\r=job.tex \read\r to\x \x\x\x\undefined",
    ),
    "what the job said is read": (PDFTEX + XETEX[:1] + LUATEX, r"\newread\r \openin\r=job.log \read\r to\x \undefined"),
    "a font is a program": (
        LUATEX,
        OVERWRITTEN.replace("RECORD", "evil.lua").replace("{}", r"{io.open('WRITTEN','w'):write('x')}")
        + r"\font\x={file:evil.lua}\x a",
    ),
    "a font is a program outside": (LUATEX, r"\font\x={file:PROGRAM}\x a"),
    "a file is attached": (
        PDFTEX,
        r"\immediate\pdfobj stream file{FILE}\pdfannot " + ATTACHED.replace("OBJECT", r"\pdflastobj"),
    ),
    "a file is attached by LuaTeX": (
        LUATEX,
        r"\immediate\pdfextension obj stream file{FILE}\pdfextension annot "
        + ATTACHED.replace("OBJECT", r"\pdffeedback lastobj"),
    ),
    "a picture": (LUATEX, r"\saveimageresource{PICTURE}\useimageresource\lastsavedimageresourceindex"),
    "a picture of pdfTeX": (PDFTEX, r"\immediate\pdfximage{PICTURE}\pdfrefximage\pdflastximage"),
    "a picture of XeTeX": (XETEX, r"\XeTeXpicfile PICTURE "),
    "a file for a font": (PDFTEX, r"\pdfmapline{=evil cmr10 <FILE}\font\x=evil\x a"),
    "bytes of a file": (PDFTEX, r"\pdffiledump offset 0 length 40{FILE}"),
    "bytes by a name of expl3": (
        PDFTEX + XETEX[:1],
        r"\catcode`\:=11 \catcode`\_=11 \edef\x{\tex_filedump:D offset 0 length 40{FILE}}",
    ),
    "a checksum of a file": (PDFTEX, r"\pdfmdfivesum file{FILE}"),
    "any command": (PDFTEX, r"\immediate\pdfprimitive\openout15=1.tex \immediate\write15{Evil}\immediate\closeout15 "),
}
GOOD = paper("01", "Alpha.")
WRITTEN = "written"


@cache
def alone(engine: str) -> bytes:
    """What an engine makes of a good paper without any other."""
    return typeset([GOOD], BARE, engine=find_engine(engine))[0]


# Every engine without the help of the kernel, where commands that are gone are all that stops an attack; one with it.
@pytest.mark.parametrize(
    ("engine", "kernel"), [*((engine, False) for engine in ENGINES), pytest.param("pdflatex", True, marks=CONFINED)]
)
def test_attacks_are_told_of_their_papers_and_harm_nothing(
    engine: str, kernel: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernel:
        monkeypatch.setattr(confinement, "means", lambda: "")
    attacks = {name: trick for name, (engines, trick) in ATTACKS.items() if engine in engines}
    papers = []
    for number, trick in enumerate(attacks.values(), 2):
        words = trick
        for word, file in _files(tmp_path / str(number)).items():
            words = words.replace(word, str(file))
        papers += [paper(f"{number:02}", words), GOOD]
    printed = tex_batch.isolated(papers, BARE, patience=20, engine=find_engine(engine))
    assert {one.content for one in printed[1::2]} == {alone(engine)}
    assert not list(tmp_path.rglob(WRITTEN))
    errors = dict(zip(attacks, (one.error for one in printed[::2]), strict=True))
    assert [name for name, error in errors.items() if error is None] == []
    for number, error in enumerate(errors.values(), 2):
        assert f"version {number:02}" in str(error)
        assert SECRET not in str(error)


def _files(folder: Path) -> dict[str, Path]:
    """What an attack reads and writes, by the words that stand for it: all but what it is to write."""
    folder.mkdir()
    files = {"FILE": "file", "PICTURE": "picture.pdf", "PROGRAM": "program.lua", "WRITTEN": WRITTEN}
    found = {word: folder / name for word, name in files.items()}
    found["FILE"].write_text(SECRET)
    found["PROGRAM"].write_text(f"io.open('{found['WRITTEN']}', 'w'):write('x')")
    found["PICTURE"].write_bytes(_picture())
    return found


def _picture() -> bytes:
    """A page of PDF with nothing on it."""
    import io

    import pikepdf

    with pikepdf.new() as document:
        document.add_blank_page(page_size=(72, 72))
        document.docinfo["/Title"] = SECRET
        document.save(content := io.BytesIO())
        return content.getvalue()


PREAMBLES = {
    "a file is written": (
        r"\newwrite\w\immediate\openout\w=WRITTEN \immediate\write\w{x}",
        r"the preamble: undefined command \openout",
    ),
    "a command is kept": (r"\let\x\openout", ""),
    "a command is kept by a name of expl3": (r"\expandafter\let\expandafter\x\csname tex_openout:D\endcsname", ""),
    "any command is kept": (r"\ifdefined\pdfprimitive\let\x\pdfprimitive\else\let\x\primitive\fi", ""),
}


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
@pytest.mark.parametrize("attack", PREAMBLES)
def test_a_preamble_keeps_no_command_that_writes(attack: str, engine: str, tmp_path: Path) -> None:
    addition, message = PREAMBLES[attack]
    written = tmp_path / "written"
    used = paper("00", r"\immediate\x15=1.tex \immediate\x\openout15=1.tex ")
    with pytest.raises(BuildError) as caught:
        typeset([used], BARE + addition.replace("WRITTEN", str(written)), engine=find_engine(engine))
    assert not written.exists()
    told = re.escape(message) or r"version 00: undefined command \\(x|openout)\b"
    assert re.search(told, str(caught.value))


# The names of commands

NAME = re.compile(r"\\([A-Za-z@_:]{3,})")
SPOKEN = re.compile(r"\[\[(\S+) is (\\\w+)\]\]")


def _names(engine: str, folder: Path) -> list[str]:
    """Every name that the format, and the packages of a paper, speak of."""
    subprocess.run(
        [engine, "-interaction=batchmode", "-recorder", "one.tex"],
        cwd=folder, check=False, capture_output=True,
    )  # fmt: skip
    read = {line[6:] for line in (folder / "one.fls").read_text().splitlines() if line.startswith("INPUT /")}
    kernel = ["latex.ltx", "expl3-code.tex", "expl3.ltx", "ltluatex.tex", "pdftexconfig.tex", "luatexconfig.tex"]
    found = subprocess.run(["kpsewhich", *kernel], capture_output=True, text=True, check=False).stdout.split()
    names: set[str] = set()
    for file in (*found, *read):
        if file.endswith((".ltx", ".tex", ".sty", ".cls", ".def", ".fd", ".cfg", ".lua")):
            names.update(NAME.findall(Path(file).read_text(encoding="utf-8", errors="replace")))
    return sorted(names)


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
def test_no_name_stands_for_a_command_that_is_removed(engine: str, tmp_path: Path) -> None:
    chosen = find_engine(engine)
    tell = "".join(
        rf"\ifcsname {name}\endcsname\immediate\write-1{{[[{name} is "
        rf"\expandafter\meaning\csname {name}\endcsname]]}}\fi" + "\n"
        for name in _named(engine, tmp_path)
    )
    gone = {f"\\{name}" for name in (*FIRST, *LATER, *(LUA if engine == "lualatex" else ()))}
    spoken = {}
    for prologue, late in (("", ""), (chosen.prologue, LATE)):
        source = rf"{prologue}{PREAMBLE}{late}\begin{{document}}\catcode`\_=11 {tell}x\end{{document}}"
        (tmp_path / "two.tex").write_text(source)
        subprocess.run(
            [engine, "-interaction=batchmode", "two.tex"],
            cwd=tmp_path, check=False, capture_output=True, env={**chosen.environment, **_path()},
        )  # fmt: skip
        log = (tmp_path / "two.log").read_text(encoding="utf-8", errors="replace")
        spoken[late] = [(name, meaning) for name, meaning in SPOKEN.findall(log) if meaning in gone]
    assert {r"\openout"} <= {meaning for _, meaning in spoken[""]}
    assert len(spoken[""]) > 3  # the commands have more names than their own
    assert spoken[LATE] == []


def _path() -> dict[str, str]:
    import os

    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def _named(engine: str, folder: Path) -> list[str]:
    """The names of a format: all that LuaTeX lists, or all that its sources speak of."""
    body = r"\begin{document}x\end{document}"
    if engine == "lualatex":
        body = r"\begin{document}\directlua{for _, name in ipairs(tex.hashtokens()) do texio.write_nl('log', 'NAME ' .. name) end}x\end{document}"  # noqa: E501
    (folder / "one.tex").write_text(PREAMBLE + body)
    names = _names(engine, folder)
    if engine == "lualatex":
        log = (folder / "one.log").read_text(encoding="utf-8", errors="replace")
        listed = set(re.findall(r"^NAME ([A-Za-z@_:]+)$", log, re.MULTILINE))
        assert len(listed) > 5000
        names = sorted({*names, *listed})
    return names


def test_what_a_paper_notes_is_about_itself_alone() -> None:
    place = r"\nextplace{7}"
    liar = paper("00", r"\immediate\write-1{place 1 9 9 9}\immediate\write-1{xyz begins 1 0 0 }" + place)
    honest = paper("01", place)
    assert typeset_once([liar, honest], PREAMBLE)[1].places == typeset_once([honest], PREAMBLE)[0].places


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
@pytest.mark.parametrize("read", ["1.tex", "0.tex", "job.tex", "job.log"])
def test_nothing_is_made_of_a_run_in_which_a_paper_reads_what_is_not_its_own(read: str, engine: str) -> None:
    opened = paper("00", rf"\newread\r \openin\r={read} \ifeof\r none\else\read\r to\x\fi")
    printed = typeset_once([opened, paper("01", "Alpha.")], BARE, engine=find_engine(engine))
    assert [one.content for one in printed] == [b"", b""]
    assert f"version 00: it reads {read}" in str(printed[0].error).replace("../output/", "")
    assert printed[1].error is None


LEGITIMATE = {
    "a picture": r"\begin{tikzpicture}\fill (0,0) rectangle (1,1);\shade (0,0) circle (1);"
    r"\end{tikzpicture}",
    "a font on demand": r"{\usefont{T1}{lmss}{m}{n}Alpha}{\usefont{OT1}{lmtt}{m}{n}A}",
    "a link": r"\href{https://example.org}{Alpha}",
    "a macro of its own": r"\newcommand\third{\frac13}\def\x#1{#1}$\third\x{y}$",
}


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
def test_what_papers_need_goes_on_working(engine: str, tmp_path: Path) -> None:
    packages = r"\usepackage{graphicx}\usepackage{tikz}"
    packages += r"\usepackage{hyperref}" if engine == "pdflatex" else r"\newcommand\href[2]{#2}"
    papers = [paper(f"{n:02}", f"Beta. {use}") for n, use in enumerate(LEGITIMATE.values(), 1)]
    pdfs = typeset(papers, PREAMBLE + packages, engine=find_engine(engine))
    assert all("Beta." in text(pdf, tmp_path)[0] for pdf in pdfs)


def test_a_picture_of_tex_itself_can_be_included(tmp_path: Path) -> None:
    (pdf,) = typeset([paper("01", r"Beta. \includegraphics{example-image-a}")], PREAMBLE + r"\usepackage{graphicx}")
    assert "Beta." in text(pdf, tmp_path)[0]


# The kernel


def _tried(folder: Path, script: str, *, network: bool = False) -> tuple[int, str]:
    """What a script of the shell says in a confinement, and how it ends."""
    for name in ("source", "output"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "source" / "run.sh").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "source" / "run.sh").chmod(0o755)
    with start(
        [str(folder / "source" / "run.sh")],
        Confinement((folder / "source",), (folder / "output",), network),
        cwd=folder / "source",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        said = process.stdout.read() if process.stdout else ""
    return process.returncode, said


@CONFINED
@pytest.mark.parametrize(
    ("script", "works"),
    [
        ("cat run.sh", True),
        ("echo x > ../output/y && cat ../output/y", True),
        ("cat ../secret", False),
        ("ls ..", False),
        ("echo x > z", False),
        ("echo x > run.sh", False),
        ("echo x > ../z", False),
        ("ln ../secret ../output/secret", False),
        ("ln -s ../secret ../output/link; cat ../output/link", False),
        ("cp /bin/true ../output/program; ../output/program", False),
    ],
)
def test_a_confined_program_reads_its_source_and_writes_its_output(script: str, works: bool, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    status, said = _tried(tmp_path, script)
    assert (status == 0) == works
    assert SECRET not in said
    assert sorted(file.name for file in tmp_path.iterdir()) == ["output", "secret", "source"]
    assert sorted(file.name for file in (tmp_path / "source").iterdir()) == ["run.sh"]


@CONFINED
@pytest.mark.skipif("not confinement.denies_network()", reason="the kernel cannot deny it")
@pytest.mark.parametrize("network", [True, False])
def test_a_confined_program_reaches_no_network(network: bool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        status, _ = _tried(tmp_path, f"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'", network=network)
    assert (status == 0) == network


@CONFINED
def test_this_process_itself_stays_free(tmp_path: Path) -> None:
    _tried(tmp_path, "true")
    (tmp_path / "free").write_text("x")
    assert subprocess.run(["cat", tmp_path / "free"], capture_output=True, check=True).stdout == b"x"


@pytest.mark.skipif("sys.platform != 'linux'", reason="limits are set by what Linux has")
@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
def test_a_paper_that_fills_the_disk_is_stopped_and_named(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "FILE_SIZE", 3_000_000)
    flood = paper("00", r"\def\x{\immediate\write-1{" + "y" * 900 + r"}\x}\x")
    one, other = tex_batch.isolated([flood, paper("01", "Alpha.")], BARE, engine=find_engine(engine))
    assert "version 00: TeX writes more than" in str(one.error)
    assert other.content


@pytest.mark.skipif("sys.platform != 'linux'", reason="limits are set by what Linux has")
def test_a_paper_that_fills_the_memory_is_stopped_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "MEMORY", 250_000_000)
    flood = paper("00", r"\edef\x{aaaaaaaaaa}\loop\edef\x{\x\x}\iftrue\repeat")
    one, other = tex_batch.isolated([flood, paper("01", "Alpha.")], BARE, engine=find_engine("lualatex"))
    assert re.search("version 00: (TeX takes more than|TeX capacity exceeded)", str(one.error))
    assert other.content


def test_the_profile_of_macos_names_what_is_allowed_and_nothing_else(tmp_path: Path) -> None:
    told = profile(sys.executable, Confinement((tmp_path / 'a "b"',), (tmp_path / "out",)))
    assert told.startswith("(version 1)\n(deny default)\n")
    assert f'(allow file-write* (subpath "{tmp_path.resolve()}/out") (literal "/dev/null"))' in told
    assert f'{tmp_path.resolve()}/a \\"b\\"' in told
    assert "(deny network*)" in told
    assert told.count("(") == told.count(")")


def test_a_secret_is_in_no_stream() -> None:
    """The other tests look for it as this does, so it must be found where it is."""
    (pdf,) = typeset([paper("00", SECRET)], BARE)
    assert holds(pdf, SECRET)
