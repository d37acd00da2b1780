"""Tables and templates in compiled form, which are run when they are loaded.

They lie where Python keeps what it has compiled of this program itself, so whoever can change them can change that as
well. The user's cache, which may come from elsewhere, holds nothing that is run.
"""

from __future__ import annotations

from importlib.util import cache_from_source
from pathlib import Path


def place(module: str, name: str) -> Path | None:
    """The file for something that the module in a file has compiled; None where there can be none.

    PYTHONDONTWRITEBYTECODE is about modules that are imported, and says nothing here.
    """
    found = Path(cache_from_source(module))
    try:
        found.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return found.with_name(f"{found.stem}.{name}")
