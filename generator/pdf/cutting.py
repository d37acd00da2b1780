"""The PDF of a job cut into one document for each paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pikepdf

from generator.pdf.bookmarks import add_bookmarks, bookmarks
from generator.pdf.fonts import fonts_of_page
from generator.pdf.pdf_file import to_bytes
from generator.pdf.qr_code import drawn
from generator.pdf.structure import mark
from generator.pdf.tags import artifact
from generator.pdf.unicode_maps import add_unicode_maps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from generator.pdf.fonts import Font
    from generator.pdf.paper import Paper, Place


def cut(
    pdf: Path, papers: Sequence[tuple[Paper, range, Sequence[Place]]], usual: frozenset[Font] | None
) -> Iterator[bytes | None]:
    """For each paper, with its pages counted from 0 and the places of its headings: a PDF of its own.

    The PDF has the title of the paper, and a bookmark for each heading. None stands for a paper that has other fonts
    than the usual ones, where these are given.
    """
    if not papers:
        return
    with pikepdf.open(pdf) as job:
        if any(paper.tagged_body for paper, *_ in papers):
            add_unicode_maps(job)
        known: dict[tuple[int, int], Font] = {}
        for paper, span, places in papers:
            pages = job.pages[span.start : span.stop]
            if usual and any(font not in usual for page in pages for font in fonts_of_page(page, known)):
                yield None
                continue
            with pikepdf.new() as document:
                document.pages.extend(pages)
                tree = mark(document, paper.title, paper.formulas) if paper.tagged_body else None
                for number, page in enumerate(document.pages if paper.code else (), 1):
                    code = drawn(f"{paper.code} p{number}", float(page.mediabox[2]))
                    page.contents_add(document.make_stream(artifact(code) if tree else code), prepend=True)
                _number_forms(document)
                add_bookmarks(document, bookmarks(paper.headings, places))
                document.docinfo["/Title"] = paper.title
                content = to_bytes(document)
                yield tree.added_to(content) if tree else content


def _number_forms(document: pikepdf.Pdf) -> None:
    """Number forms and images from 1 in every document; TeX counts them through the whole job."""
    names: dict[bytes, bytes] = {}
    for page in document.pages:
        page.contents_coalesce()
        forms = page.resources.get("/XObject", pikepdf.Dictionary())
        for old in sorted(map(str, forms)):
            if re.fullmatch(r"/(?:Fm|Im)\d+", old):
                new = names.setdefault(old.encode(), b"/Form%d" % (len(names) + 1))
                forms[new.decode()] = forms[old]
                del forms[old]
        content = re.sub(
            rb"/(?:Fm|Im)\d+(?= Do\b)", lambda name: names.get(name[0], name[0]), page.Contents.read_bytes()
        )
        page.Contents = document.make_stream(content)
