"""CONTRIBUTING.md is true: its picture is the contract of the imports, and what it names is there."""

import itertools
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def layers() -> list[str]:
    """The layers of the packages, from the top; packages that share one are in a row."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(
        one for one in project["tool"]["importlinter"]["contracts"] if one["name"] == "Imports run one way only"
    )
    return [", ".join(name.strip().removeprefix("generator.") for name in one.split("|")) for one in contract["layers"]]


def test_the_picture_is_the_contract() -> None:
    arrows = re.findall(r"^    (.+) --> (.+)$", TEXT, re.MULTILINE)
    shown = [re.sub(r'^\w+\["(.+)"\]$', r"\1", name) for name in (arrows[0][0], *(below for _, below in arrows))]
    assert shown == layers()
    assert all(above == below for (_, above), (below, _) in itertools.pairwise(arrows))


def test_every_package_is_described() -> None:
    named = set(re.findall(r"^\| `generator/([\w.]+)` \|", TEXT, re.MULTILINE))
    packages = {path.parent.name for path in (ROOT / "generator").glob("*/__init__.py") if path.parent.name != "course"}
    assert packages | {"catalogs.py"} == named


def test_every_file_that_is_named_is_there() -> None:
    files = set(re.findall(r"`((?:generator|tests|templates|benchmarks)/[\w/.*-]*)`", TEXT))
    assert files
    for name in files:
        assert list(ROOT.glob(name.rstrip("/"))), name
