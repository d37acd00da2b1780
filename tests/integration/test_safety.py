"""Attacks: nothing in a worksheet, a roster or a template reads a file outside, writes one, or runs a program."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from generator.errors import BuildError, InFile
from generator.pdf.engines import ENGINES, find_engine
from generator.pdf.paper import Paper
from generator.pdf.tex_batch import typeset
from generator.pdf.typesetting import typeset_once

PREAMBLE = r"\documentclass{article}\newenvironment{paper}[2]{}{}"
"""What a paper needs, and no more, as each attack is a run of TeX; no command that is gone has another name in our own
preamble, as `test_confinement.py` shows.
"""
SECRET = "secret-b7f3"

READING = {
    "input": r"\input{FILE}",
    "openin": r"\newread\r \openin\r=FILE \ifeof\r none\else\read\r to\x \x\fi",
    "file-get": r"\ExplSyntaxOn\file_get:nnN{FILE}{}\l_tmpa_tl\tl_use:N\l_tmpa_tl\ExplSyntaxOff",
    "pdffiledump": r"\edef\x{\pdffiledump offset 0 length 40{FILE}}\x",
    "filedump": r"\catcode`\:=11 \catcode`\_=11 \edef\x{\tex_filedump:D offset 0 length 40{FILE}}\x",
    "pdfobj-stream": r"\immediate\pdfobj stream file {FILE}",
    "pdfobj-file": r"\pdfobj file {FILE}\pdfrefobj\pdflastobj",
    "pdfobj-by-another-name": r"\catcode`\:=11 \catcode`\_=11 \immediate\tex_pdfobj:D stream file {FILE}",
    "pdfextension": r"\immediate\pdfextension obj stream file {FILE}",
    "special": r"\special{pdf:fstream @a (FILE) <<>>}\special{pdf:put @resources <</A @a>>}",
    "special-with-spaces": r"\special{ pdf:  fstream @a (FILE) <<>>}\special{pdf:put @resources <</A @a>>}",
    "psfile": r"\special{psfile=FILE}",
    "map": r"\special{pdf:mapfile FILE}",
    "verbatim": r"\makeatletter\@@input FILE ",
    "relative": r"\input{NEAR}",
    "relative-openin": r"\newread\r \openin\r=NEAR \ifeof\r none\else\read\r to\x \x\fi",
    "relative-fatal": r"\newread\r \openin\r=NEAR \ifeof\r\else\read\r to\x\errmessage{\x}\read16 to\x\fi",
    "special-relative": r"\special{pdf:fstream @a (NEAR) <<>>}\special{pdf:put @resources <</A @a>>}",
    "special-in-the-last-pass": r"\ifcsname r@total1\endcsname"
    r"\special{pdf:fstream @a (NEAR) <<>>}\special{pdf:put @resources <</A @a>>}\fi",
    "lua-open": r"\directlua{tex.print(io.open('FILE'):read('a'))}",
    "lua-late": r"\latelua{pdf.print(io.open('FILE'):read('a'))}x",
    "lua-by-another-name": r"\ExplSyntaxOn\lua_now:n{tex.print(io.open('FILE'):read('a'))}\ExplSyntaxOff",
    "lua-primitive": r"\primitive\directlua{tex.print(io.open('FILE'):read('a'))}",
}
WRITING = {
    "write18": r"\immediate\write18{touch FILE}",
    "openout": r"\immediate\openout15=FILE \immediate\write15{x}\immediate\closeout15 ",
    "openout-late": r"\openout15=FILE \write15{x}x",
    "openout-relative": r"\immediate\openout15=NEAR \immediate\write15{x}\immediate\closeout15 ",
    "openout-by-another-name": r"\catcode`\:=11 \catcode`\_=11 "
    r"\immediate\tex_openout:D15=FILE \immediate\write15{x}\immediate\closeout15 ",
    "openout-primitive": r"\immediate\primitive\openout15=FILE \immediate\write15{x}\immediate\closeout15 ",
    "iow": r"\ExplSyntaxOn\iow_open:Nn\g_tmpa_iow{FILE}\iow_now:Nn\g_tmpa_iow{x}\iow_close:N\g_tmpa_iow\ExplSyntaxOff",
    "openout-parent": r"\immediate\openout15=../NAME \immediate\write15{x}\immediate\closeout15 ",
    "pipe": r"\input{|touch FILE}",
    "special-pipe": r"\special{pdf:image (|touch FILE)}",
    "special-config": r"\special{dvipdfmx:config D touch FILE}\special{psfile=FILE}",
    "lua-execute": r"\directlua{os.execute('touch FILE')}",
    "lua-open": r"\directlua{io.open('FILE', 'w'):write('x'):close()}",
    "lua-popen": r"\directlua{io.popen('touch FILE')}",
    "lua-function": r"\luadef\x 1 \luafunction 1 \latelua{os.execute('touch FILE')}x",
}
XETEX, LUATEX, TECTONIC = ("xelatex", "tectonic"), ("lualatex",), ("tectonic",)
ONLY = {
    **dict.fromkeys(("lua", "pdfextension"), LUATEX),
    **dict.fromkeys(("pdffiledump", "filedump"), ("pdflatex", "xelatex", "lualatex")),
    **dict.fromkeys(("special", "psfile", "map"), XETEX),
    **dict.fromkeys(("relative", "openout-relative", "openout-by", "openout-primitive", "iow"), TECTONIC),
}
"""Attacks on some engines, by how their names begin."""


def tried(attacks: dict[str, str]) -> list[tuple[str, str]]:
    """Each attack with each engine that it is an attack on."""
    return [
        (attack, engine)
        for attack in attacks
        for engine in ENGINES
        if engine in next((only for kind, only in ONLY.items() if attack.startswith(kind)), ENGINES)
        and (engine == "pdflatex" or not attack.startswith("pdfobj"))
    ]


def near(file: Path) -> str:
    """A file as a paper can name it from the folder where it is typeset."""
    return os.path.relpath(file, Path(tempfile.gettempdir()) / "worksheets-")


def paper(statement: str) -> Paper:
    body = f"\\begin{{paper}}{{Course}}{{Version 01}}\n{statement}\nAlpha.\n\\end{{paper}}\n"
    return Paper("sheet-v01", "Sheet", body, InFile(Path("worksheets/sheet.yaml")), "01")


def holds(pdf: bytes, text: str) -> bool:
    """The text is on a page, or anywhere in it, in any stream, as it is or in hexadecimal digits."""
    with pikepdf.open(BytesIO(pdf)) as document:
        streams = [thing.read_bytes() for thing in document.objects if isinstance(thing, pikepdf.Stream)]
    shown = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return text.encode() in shown or any(
        form in stream for form in (text.encode(), text.encode().hex().upper().encode()) for stream in streams
    )


@pytest.mark.parametrize(("attack", "engine"), tried(READING))
def test_a_paper_cannot_read_a_file_outside(attack: str, engine: str, tmp_path: Path) -> None:
    file = tmp_path / "outside.tex"
    file.write_text(SECRET)
    trick = READING[attack].replace("FILE", str(file)).replace("NEAR", near(file))
    try:
        (pdf,) = typeset([paper(trick)], PREAMBLE, patience=3, engine=find_engine(engine))
    except BuildError as error:
        assert SECRET not in str(error)  # noqa: PT017 - what is refused and what is harmless are both right
    else:
        assert not holds(pdf, SECRET)
        assert b"outside.tex" not in pdf


@pytest.mark.parametrize("engine", ENGINES)
def test_a_paper_cannot_write_elsewhere_or_run_a_program(engine: str, tmp_path: Path) -> None:
    """All in few runs, as what is written stays, whatever becomes of a paper; behind a fatal error another run goes on.

    What asks the driver for something has a run of its own, as no other page of it would reach the driver.
    """
    file = tmp_path / "written.txt"
    runs: list[list[Paper]] = [[]]
    for attack in (attack for attack, one in tried(WRITING) if one == engine):
        trick = WRITING[attack].replace("FILE", str(file)).replace("NEAR", near(file))
        made = paper(trick.replace("NAME", "written-by-a-worksheet.txt"))
        if attack.startswith("special"):
            runs.append([made])
        else:
            runs[0].append(made)
    while runs:
        papers, reached = runs.pop(), [0]
        with suppress(BuildError):
            typeset_once(papers, PREAMBLE, on_begin=reached.append, engine=find_engine(engine))
        if left := papers[reached[-1] + 1 :]:
            runs.append(left)
    assert list(tmp_path.iterdir()) == []
    assert not list(tmp_path.parent.glob("**/written-by-a-worksheet.txt"))


def test_a_read_that_tex_itself_permits_names_the_file_and_the_line(tmp_path: Path) -> None:
    file = tmp_path / "outside.tex"
    file.write_text(SECRET)
    with pytest.raises(BuildError) as caught:
        typeset([paper(rf"\immediate\pdfobj stream file {{{file}}}")], PREAMBLE)
    assert str(caught.value).startswith(f"worksheets/sheet.yaml: Sheet: it reads {file}\n    \\immediate\\pdfobj")
