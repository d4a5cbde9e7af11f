"""The worker's modules read their settings once: here they are the tests' own."""

from __future__ import annotations

import pytest

from kernel.settings import Settings
from worker import runtime


@pytest.fixture
def runtime_settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(runtime, "settings", lambda: settings)
    return settings
