"""A worker's runtime on the engines of the tests."""

from __future__ import annotations

import pytest

from kernel.settings import Settings
from worker import runtime


@pytest.fixture(autouse=True)
def worker_settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers read the settings of the tests, where a test has a database at all."""
    if "database" in request.fixturenames:
        settings: Settings = request.getfixturevalue("settings")
        monkeypatch.setattr(runtime, "settings", lambda: settings)
