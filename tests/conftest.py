"""Property tests draw the same examples each time, unless HYPOTHESIS_PROFILE=explore asks for new ones.

Tests with "tectonic" in their names find files for it without a network.
"""

import gc
import os
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from generator.errors import InFile
from generator.pdf.engines import BUNDLE, find_engine
from generator.pdf.paper import Paper
from generator.pdf.typesetting import typeset_once
from generator.system.workers import processors
from tests.support.tectonic import make_bundle

FIRST = Paper("first", "First", "Alpha.", InFile(Path("first.yaml")))
"""What Tectonic typesets to make its format."""

gc.set_threshold(100_000)  # expressions are trees without cycles, so a tenth of all time went into looking for them

settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_xdist_auto_num_workers() -> int:
    """One more process than there are cores: some tests wait, for a browser, or for a limit of time to pass."""
    return processors() + 1


@pytest.fixture(scope="session")
def tectonic_files(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, str]:
    """The environment in which Tectonic works without a network: made once, by the first process that needs it."""
    here = tmp_path_factory.getbasetemp()
    place = (here if worker_id == "master" else here.parent) / "tectonic"
    environment = {BUNDLE: str(place / "bundle"), "TECTONIC_CACHE_DIR": str(place / "cache")}
    with FileLock(f"{place}.lock"), pytest.MonkeyPatch.context() as patch:
        if not place.exists():
            for name in ("bundle", "cache", "work"):
                (place / name).mkdir(parents=True)
            make_bundle(place / "bundle", place / "work")
            for name, value in environment.items():
                patch.setenv(name, value)
            typeset_once([FIRST], r"\documentclass{article}", engine=find_engine("tectonic"))
    return environment


@pytest.fixture(autouse=True)
def _tectonic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "tectonic" in request.node.name:
        for name, value in request.getfixturevalue("tectonic_files").items():
            monkeypatch.setenv(name, value)
