"""The documentation site builds without a warning, leads nowhere that is not there, and shows all of the bank."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from generator.cli import main
from generator.worksheet.bank import Bank
from tests.support.browsers import browse

ROOT = Path(__file__).parents[2]


class _Page(HTMLParser):
    """The anchors and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if name := given.get("id"):
            self.anchors.add(name)
        if tag == "a" and (link := given.get("href")):
            self.links.append(link)
        elif of := given.get("src") or (given.get("href") if tag == "link" else None):
            self.loaded.append(of)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    found = {file: _Page(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")}
    assert len(found) > 30
    return found


def test_every_link_and_every_file_that_is_loaded_is_there(site: Path, pages: dict[Path, _Page]) -> None:
    wrong = []
    for file, page in pages.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or file.name == "404.html":
                continue
            there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            there = there / "index.html" if there.is_dir() else there
            anchors = pages[there].anchors if there in pages else {parts.fragment}
            if not there.is_file() or (parts.fragment and unquote(parts.fragment) not in anchors):
                wrong.append(f"{file.relative_to(site)}: {link}")
    assert not wrong


def test_nothing_comes_from_the_network(site: Path, pages: dict[Path, _Page]) -> None:
    assert [one for page in pages.values() for one in page.loaded if urlsplit(one).netloc] == []
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style


def test_the_gallery_shows_every_family_with_its_derivation(site: Path) -> None:
    texts = {file.stem: file.read_text(encoding="utf-8") for file in (site / "gallery").glob("*.html")}
    for family in Bank().families.values():
        _, _, section = texts[family.topic.replace(" ", "-")].partition(f'<h2 id="{family.name}"')
        section = section.partition("<h2 id=")[0]
        assert f"<code>{family.name}</code>" in section
        assert "Distinct versions: " in section
        assert section.count("<math>") > 3, family.name
        assert 'class="answer"' in section, family.name
        assert 'class="slot"' not in section, family.name
    assert "The gradient of least squares" in (site / "search/search_index.json").read_text(encoding="utf-8")


def test_the_commands_are_those_of_the_program(site: Path, pages: dict[Path, _Page]) -> None:
    assert pages[site / "commands.html"].anchors >= main.commands.keys()
    assert "Tr(X^T A X)" in (site / "commands.html").read_text(encoding="utf-8")


def test_dialogs_have_names_and_the_keyboard_reaches_all_code(site: Path) -> None:
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert all("aria-label" in dialog for dialog in re.findall(r'<[^>]*role="dialog"[^>]*>', text)), file
        assert all("tabindex" in box for box in re.findall(r"<pre[^>]*>(?=<span></span><code)", text)), file


def test_pages_of_each_kind_shut_nobody_out(site: Path) -> None:
    kinds = ["index.html", "tutorial.html", "gallery/index.html", "gallery/pca.html"]
    found = [site / kind for kind in kinds]
    for file, seen in zip(found, browse(found), strict=True):
        assert not seen.violations, (file, seen.violations)
        assert seen.widths["320"] == 320, (file, seen.widths)
