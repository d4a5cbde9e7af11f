"""OUTBOUND_LOOPBACK is for development, and says so where it is anything else."""

from __future__ import annotations

import pytest

from kernel.errors import SettingsError
from kernel.settings import Settings

NEEDED = {"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x"}


@pytest.mark.parametrize(
    ("said", "meant"), [("1", True), ("true", True), ("0", False), ("False", False), ("", False)]
)
def test_the_setting_is_one_or_zero(said, meant):
    assert Settings.read(NEEDED | {"OUTBOUND_LOOPBACK": said}).outbound_loopback is meant


def test_another_value_stops_the_start_by_name():
    with pytest.raises(SettingsError, match="OUTBOUND_LOOPBACK is 'maybe'; it must be 1 or 0"):
        Settings.read(NEEDED | {"OUTBOUND_LOOPBACK": "maybe"})


def test_production_does_not_start_with_it():
    secret = {"ENVIRONMENT": "production", "JWT_SECRET": "x" * 32, "OUTBOUND_LOOPBACK": "1"}
    with pytest.raises(SettingsError, match="OUTBOUND_LOOPBACK is on"):
        Settings.read(NEEDED | secret)
