"""Reproducible bytes of a PDF."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Final

import pikepdf

from generator.pdf.engines import source_date

LEVEL: Final = 3
"""Compression level of pages: 6, the usual one, takes half as long again, and makes files half a percent smaller."""


def to_bytes(document: pikepdf.Pdf) -> bytes:
    """The bytes of a document: the same for the same pages, on any day unless the environment gives a date."""
    if (date := source_date()) is not None:
        document.docinfo["/CreationDate"] = datetime.fromtimestamp(date, UTC).strftime("D:%Y%m%d%H%M%SZ")
    document.Root.Lang = pikepdf.String("en-US")
    document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    digest = sha256(b"".join(page.Contents.read_raw_bytes() for page in document.pages)).digest()[:16]
    identity = pikepdf.String(digest)
    document.trailer.ID = pikepdf.Array([identity, identity])  # of which the first is kept
    content = BytesIO()
    pikepdf.settings.set_flate_compression_level(LEVEL)
    version = "1.7" if "/StructTreeRoot" in document.Root else "1.5"
    document.save(content, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, min_version=version)
    return content.getvalue()
