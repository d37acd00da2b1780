"""Files that come with the program."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
"""The folder of the program."""
TEMPLATES = next(folder for folder in (PACKAGE / "templates", PACKAGE.parent / "templates") if folder.is_dir())
"""The templates: inside the package where it is installed, beside it in a checkout."""
DOCS = next((folder for folder in (PACKAGE / "docs", PACKAGE.parent / "docs") if folder.is_dir()), None)
"""The documentation, in the same places; None where an installation has left it out."""
