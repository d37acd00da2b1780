"""What a student sees: pages from versions, and PDF from pages."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
TEMPLATES = next(folder for folder in (_PACKAGE / "templates", _PACKAGE.parent / "templates") if folder.is_dir())
"""The shipped templates: inside the package where it is installed, beside it in a checkout."""
