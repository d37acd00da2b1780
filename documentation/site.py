"""Hooks of MkDocs: pages and styles of the site that the program makes of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

from documentation import gallery
from documentation.commands import commands
from generator.formats.html.templates import FONTS
from generator.system.shipped import TEMPLATES

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

STYLES = "stylesheets/worksheets.css"
PARTS = TEMPLATES / "html" / "parts.css.j2"
SLOT = re.compile(r'<div class="slot" id="[^"]*"></div>')
CODE = re.compile("<pre(?=[^>]*><span></span><code)")
_slots: dict[str, str] = {}
"""The HTML of questions and derivations, by the elements that stand for them."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the gallery, the reference of the commands, and the styles and fonts of questions."""
    assert config.nav is not None
    found = gallery.families()
    for family in found:
        _slots[gallery.slot(family, "question")] = family.question
        _slots[gallery.slot(family, "derivation")] = family.derivation
    made = {"gallery/index.md": gallery.overview(found), "commands.md": commands(), STYLES: _styles()}
    for topic, title, text in gallery.pages(found):
        name = f"gallery/{gallery.page(topic)}"
        made[name] = text
        config.nav[-1]["Gallery"].append({title: name})
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    for font in sorted(FONTS.glob("*.woff2")):
        files.append(File.generated(config, f"stylesheets/{font.name}", abs_src_path=str(font)))
    return files


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Put questions and derivations where they belong, after the search has read the page: nobody types MathML."""
    return SLOT.sub(lambda slot: f'<div class="worksheets">{_slots[slot[0]]}</div>', _accessible(output))


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """The page for what is not found has the same frame as all others."""
    return _accessible(output_content) if template_name.endswith(".html") else output_content


def _accessible(html: str) -> str:
    """A page in which what the theme leaves without a name, or out of reach of the keyboard, has what it needs."""
    named = html.replace('role="dialog">', 'role="dialog" aria-label="Search">')
    return CODE.sub(r'\g<0> tabindex="0"', named)


def _styles() -> str:
    """The styles of the HTML format, within elements of the class `worksheets`, in the colors of the site."""
    parts = PARTS.read_text(encoding="utf-8").partition("%>")[2]
    return f"""@font-face {{ font-family: "Worksheets Math"; font-display: swap; src: url(math.woff2) }}
.md-typeset math {{ font-family: "Worksheets Math", "Latin Modern Math", "STIX Two Math", math; font-size: 1.1em }}
.md-typeset .worksheets.worksheets {{ /* named twice, so that it counts more than what the theme says of lists */
  --ink: var(--md-typeset-color); --quiet: var(--worksheets-quiet); --accent: var(--worksheets-accent);
  --faint: var(--md-default-fg-color--lightest); --tint: var(--md-code-bg-color);
{parts}
  ol, ul, li, dd {{ margin-left: 0; margin-bottom: 0 }}
}}
"""
