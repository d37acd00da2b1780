"""Templates escape what is plain, refuse what is unsafe, and name file and line of what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pylatex.utils import NoEscape

from generator.errors import BuildError
from generator.formats.latex.templates import LatexTemplates
from generator.formats.latex.text import escape
from generator.system.shipped import TEMPLATES
from generator.worksheet.spec import Print


@pytest.mark.parametrize(
    ("plain", "tex"),
    [
        ("R&D: 50% of $3, #1_a", r"R\&D: 50\% of \$3, \#1\_a"),
        ("{x}", r"\{x\}"),
        ("\\", r"\textbackslash{}"),
        ("~ ^", r"\textasciitilde{} \textasciicircum{}"),
        (
            '<a> "b" `c`',
            r"\textless{}a\textgreater{} \textquotedbl{}b\textquotedbl{} \textasciigrave{}c\textasciigrave{}",
        ),
        ("trace-trick -- [1]", "trace{-}trick {-}{-} {[}1{]}"),
        ("a,,b ''c'''", "a,{},b '{}'c'{}'{}'"),
        ("one\n  two\tthree\u2003four", "one two three four"),
        ("a\xa0b", "a~b"),
        ("be\x00ll\x07 \u200bzero", "bell zero"),
        ("Žofie Łąska", "Žofie Łąska"),
    ],
)
def test_plain_text_is_escaped(plain: str, tex: str) -> None:
    assert escape(plain) == tex


def test_what_is_marked_as_tex_is_left_alone() -> None:
    assert escape(NoEscape(r"\alpha_1")) == r"\alpha_1"


def filled(folder: Path, text: str, **context: object) -> str:
    """What a template of a course's own, with this text, is filled to."""
    (folder / "own.tex.j2").write_text(text)
    return LatexTemplates(folder).fill("own.tex.j2", **context)


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("<%= plain %> <%= tex %> <%= -3 %>", r"50\% \x -3"),
        ("<%# 50% { } %>x", "x"),
        ("<% for c in plain %>\n<%= c %>;\n<% endfor %>", "5;\n0;\n\\%;\n"),
        ("<% macro m(x) %>\\b{<%= x %>}<% endmacro %><%= m(plain) %>", r"\b{50\%}"),
        ("<% set s %>\\b{<%= plain %>}<% endset %><%= s %>", r"\b{50\%}"),
        ("<%= plain ~ tex %>", r"50\%\textbackslash{}x"),
        ("<%= tex | upper %>", r"\textbackslash{}X"),
        (r"{{ }} {% %} {# #} \x{a}% <", r"{{ }} {% %} {# #} \x{a}% <"),
    ],
)
def test_values_are_escaped_once(tmp_path: Path, template: str, printed: str) -> None:
    assert filled(tmp_path, template, plain="50%", tex=NoEscape(r"\x")) == printed


def test_a_course_replaces_one_file_and_may_extend_ours(tmp_path: Path) -> None:
    (tmp_path / "preamble.tex.j2").write_text(
        '<% extends "default/preamble.tex.j2" %><% block paper %>a4<%= super() %><% endblock %>'
    )
    ours, theirs = (
        LatexTemplates(own).fill("preamble.tex.j2", print=Print(), accents=False, own_words=False)
        for own in (None, tmp_path)
    )
    assert theirs == ours.replace("letterpaper", "a4letterpaper", 1)


@pytest.mark.parametrize(
    ("template", "line", "what", "remedy"),
    [
        ("a\n<%= titel %>", 2, "'titel' is undefined", "Did you mean 'title'?"),
        ("<% for word in qs %>\n<%= wrod %>\n<% endfor %>", 2, "'wrod' is undefined", "Did you mean 'word'?"),
        (
            "<%= title.uper %>",
            1,
            "'uper' is undefined in what is of type NoEscape",
            "Did you mean 'upper'?",
        ),
        (
            "\n<% if title %>",
            2,
            "the template is not well formed: Unexpected end of template",
            "Blocks are written",
        ),
        (
            "\n\n<% include 'questoin.tex.j2' %>",
            3,
            "there is no template 'questoin.tex.j2'",
            "Did you mean 'question.tex.j2'?",
        ),
        (
            "<%= none %>",
            1,
            "the template fails: a template can print text, formulas and numbers, and this is None",
            "Compare",
        ),
        ("<%= 1 / 0 %>", 1, "the template fails: division by zero", "Compare"),
        (
            "x\n<%= ().__class__.__bases__ %>",
            2,
            "the template does what templates may not: access to attribute '__class__' of 'tuple' object is unsafe",
            "Templates may read",
        ),
        ("<% include '../../etc/passwd' %>", 1, "there is no template '../../etc/passwd'", ""),
        ("<% extends 'own.tex.j2' %>", 1, "the template fails", "Compare"),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, template: str, line: int, what: str, remedy: str) -> None:
    with pytest.raises(BuildError) as caught:
        filled(tmp_path, template, title=NoEscape("x"), qs=[1])
    assert caught.value.what.startswith(what)
    assert caught.value.remedy.startswith(remedy)
    assert caught.value.file is not None
    assert (caught.value.file.path, caught.value.file.line) == (tmp_path / "own.tex.j2", line)


def test_every_shipped_template_is_well_formed() -> None:
    templates = LatexTemplates()
    for file in TEMPLATES.glob("*.j2"):
        templates.get_template(file.name)
