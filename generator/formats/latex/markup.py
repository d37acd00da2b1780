"""LaTeX among texts: a string of its own type, which templates print as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylatex.utils import NoEscape as Marked

if TYPE_CHECKING:
    from typing import Any

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class NoEscape(Marked):  # type: ignore[misc]  # PyLaTeX has no type hints
    """LaTeX. What is kept of a page as JSON is read again as this where a field has this type, and only there."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core.core_schema import no_info_after_validator_function, str_schema

        return no_info_after_validator_function(cls, str_schema())
