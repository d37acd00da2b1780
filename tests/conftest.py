"""Property tests draw the same examples each time, unless HYPOTHESIS_PROFILE=explore asks for new ones.

Tests with "tectonic" in their names find files for it without a network.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from generator.pdf.engines import BUNDLE
from tests.support.tectonic import make_bundle

settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def tectonic_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which Tectonic works without a network."""
    folder = tmp_path_factory.mktemp("bundle")
    make_bundle(folder, tmp_path_factory.mktemp("work"))
    return {BUNDLE: str(folder), "TECTONIC_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(autouse=True)
def _tectonic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "tectonic" in request.node.name:
        for name, value in request.getfixturevalue("tectonic_files").items():
            monkeypatch.setenv(name, value)
