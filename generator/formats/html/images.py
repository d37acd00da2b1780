"""Figures in HTML: elements that name a file while they are printed, and hold all of it in a finished page."""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.errors import WorksheetError
from generator.pdf import picture
from generator.worksheet.files import named_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.worksheet.spec import Figure, Worksheet

IMAGES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}
"""Image types that browsers show, by file extension."""
PDF = ".pdf"
"""The ending of files of which it shows a picture."""
SOURCE = "\ufdd4{}\ufdd5"
"""The placeholder of a file's content, between two characters that no text has."""
SOURCE_HERE = re.compile("\ufdd4([^\ufdd5]*)\ufdd5")
LENGTH = re.compile(r"([\d.]+)\s*(pt|in|cm|mm|em|ex|pc|bp)")
SHARE = re.compile(r"([\d.]*)\s*\\(?:line|text|column)width")
WITHOUT_EFFECT = frozenset({"keepaspectratio"})
"""Options of a figure that say what pages do anyhow."""
SMALLEST = "15rem"
"""A figure with a share of the line is at least as wide as that, where there is room."""


def image(file: str, alt: str, options: Mapping[str, str]) -> str:
    """A figure as an element, with the file named; `options` are those of LaTeX.

    A PDF without a size is as wide as the figure of a problem without a width.

    Raises WorksheetError, without the place, for options that pages cannot have.
    """
    if PurePosixPath(file).suffix.lower() == PDF and not {"width", "height"} & options.keys():
        from generator.worksheet.spec import Figure

        options = {**options, "width": Figure.model_fields["width"].default}
    style = "".join(_style(key, value, file) for key, value in options.items() if key not in WITHOUT_EFFECT)
    shown = f' style="{style}"' if style else ""
    return f'<img src="{SOURCE.format(file)}" alt="{escape(alt)}"{shown}>'


def _style(key: str, value: str, file: str) -> str:
    """An option of a figure as CSS."""
    if length := LENGTH.fullmatch(value):
        size = f"{length[1]}{ {'bp': 'pt'}.get(length[2], length[2]) }"
    elif (share := SHARE.fullmatch(value)) and key == "width":
        size = f"max({float(share[1] or 1):.0%}, min(100%, {SMALLEST}))"
    else:
        size = ""
    match key:
        case "width" if size:
            return f"width: {size};"
        case "height" if size:
            return f"height: {size};"
        case _:
            raise WorksheetError(
                f"HTML cannot have the option {f'{key}={value}' if value else key} of the figure {file}",
                remedy="Give it a width, such as  width=5cm  or  width=0.5\\linewidth, or leave HTML out.",
            )


class Images:
    """The figures of a worksheet as addresses that hold all of them."""

    def __init__(self, worksheet: Worksheet) -> None:
        self._worksheet = worksheet
        self._addresses: dict[str, str] = {}

    def in_page(self, page: str) -> str:
        """A page with the content of each file that it names. Raises WorksheetError for a file that it cannot show."""
        return SOURCE_HERE.sub(lambda found: self._address(found[1]), page)

    def of_problems(self) -> dict[int, dict[str, str]]:
        """The figures below the words of problems as templates have them, by the numbers of the problems."""
        problems = enumerate(self._worksheet.problems, 1)
        return {number: in_templates(problem.figure) for number, problem in problems if problem.figure}

    def _address(self, name: str) -> str:
        if name not in self._addresses:
            self._addresses[name] = self._made(name)
        return self._addresses[name]

    def _made(self, name: str) -> str:
        content, ending = self._worksheet.files[name], PurePosixPath(name).suffix.lower()
        if ending != PDF:
            return _address(content, IMAGES[ending])
        try:
            return _address(picture.png(content), IMAGES[".png"])
        except picture.NoPictureError as error:
            key = next(key for key, named in named_figures(self._worksheet) if named == name)
            raise WorksheetError(
                f"HTML cannot show {name}: {error.what}",
                remedy="Save it as PDF again, or as PNG, or leave HTML out.",
                file=self._worksheet.place(*key),
            ) from None


def _address(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"


def in_templates(figure: Figure) -> dict[str, str]:
    """A figure as templates have it; a page has the content of the file in place of `source`."""
    return {
        "source": SOURCE.format(figure.file),
        "alt": figure.alt,
        "style": _style("width", figure.width, figure.file),
    }
