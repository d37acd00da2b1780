"""Faults are classified from TeX's messages, and remedies and groups of errors follow from their fields alone."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from generator.errors import BuildError, InFile
from generator.pdf import tex_log
from generator.pdf.faults import REMEDIES, FaultKind
from generator.pdf.tex_batch import mistakes

MARK = "abc"


@pytest.mark.parametrize(
    ("message", "kind", "subject", "quotes"),
    [
        ("Undefined control sequence.", FaultKind.UNDEFINED_COMMAND, r"\oops", (r"\oops",)),
        ("LaTeX Error: File `nothing.sty' not found.", FaultKind.MISSING_PACKAGE, "nothing", ("nothing",)),
        ("LaTeX Error: File `nothing' not found.", FaultKind.MISSING_FILE, "nothing", ("nothing",)),
        ("LaTeX Error: Unicode character Ж (U+0416)", FaultKind.CHARACTER, "", None),
        ("Missing character: There is no Ж (U+0416) in font x", FaultKind.CHARACTER, "Ж (U+0416)", None),
        ("Missing $ inserted.", FaultKind.MATH_MODE, "", None),
        ("LaTeX Error: \\begin{a} on input line 3 ended by \\end{b}.", FaultKind.UNCLOSED, "", None),
        ("Misplaced alignment tab character &.", FaultKind.ALIGNMENT_TAB, "", None),
        ("You can't use `macro parameter character #' in x mode.", FaultKind.PARAMETER_CHARACTER, "", None),
        ("TeX capacity exceeded, sorry [save size=100000].", FaultKind.CAPACITY, "", ()),
        ("capacity exceeded: secret", FaultKind.CAPACITY, "", None),
        (rf"LaTeX Error: \today {tex_log.NO_DATE}.", FaultKind.NO_DATE, "", None),
        ("Interruption.", FaultKind.INTERRUPTION, "", None),
        ("Double superscript.", FaultKind.OTHER, "", None),
        ("still busy, it reads nothing, is never closed", FaultKind.OTHER, "", None),
    ],
)
def test_a_message_of_tex_has_a_kind(
    message: str, kind: FaultKind, subject: str, quotes: tuple[str, ...] | None
) -> None:
    log = [tex_log.MARKER.format(MARK, 0), f"./0.tex:3: {message}", r"l.3 Say \oops", "        again"]
    (fault,) = tex_log.faults(log, MARK)
    assert (fault.kind, fault.subject, fault.quotes, fault.line) == (kind, subject, quotes, 3)


def test_a_removed_command_is_forbidden() -> None:
    log = [tex_log.MARKER.format(MARK, 0), "./0.tex:3: Undefined control sequence.", r"l.3 \pdffiledump"]
    (fault,) = tex_log.faults(log, MARK)
    assert fault.kind is FaultKind.FORBIDDEN_COMMAND


def test_every_kind_has_a_remedy() -> None:
    assert REMEDIES.keys() == set(FaultKind)


def test_equal_mistakes_are_counted_whatever_their_sentences_say() -> None:
    file = InFile(Path("sheet.yaml"), 3)
    errors = [BuildError(f"problem a: part {n}: oops", file=file, mistake="oops") for n in (1, 2, 3)]
    others = [BuildError(f"{n}: the same end", file=file) for n in (1, 2)]
    found = mistakes([pickle.loads(pickle.dumps(one)) for one in errors + others])
    assert str(found).splitlines() == [
        "sheet.yaml:3: problem a: part 1: oops (and in 2 more papers)",
        "sheet.yaml:3: 1: the same end",
        "sheet.yaml:3: 2: the same end",
    ]
