"""Settings that contradict each other, or lack, do not start; the message says the way out."""

from __future__ import annotations

import base64

import pytest

from kernel.errors import SettingsError
from kernel.settings import Settings

SEALING = base64.b64encode(bytes(range(32))).decode()
GOOD = {"DATABASE_URL": "postgresql://localhost/x", "REDIS_URL": "redis://localhost"}


def test_two_addresses_are_enough():
    settings = Settings.read(GOOD)
    assert settings.cache_redis_url == GOOD["REDIS_URL"]
    assert settings.database_owner_url == GOOD["DATABASE_URL"]


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"REDIS_URL": "redis://localhost"}, "DATABASE_URL is not set"),
        (GOOD | {"WEB_PORT": "http"}, "WEB_PORT is 'http'"),
        (GOOD | {"SILENCE_SECONDS": "3"}, "SILENCE_SECONDS"),
        (GOOD | {"MAX_STREAMS": "5000"}, "WEB_THREADS"),
        (GOOD | {"ENVIRONMENT": "prod"}, "ENVIRONMENT"),
        (GOOD | {"ENVIRONMENT": "production", "JWT_SECRET": "changeme"}, "JWT_SECRET"),
        (GOOD | {"ANALYTICS_DAYS": "30"}, "ANALYTICS_DAYS"),
        (
            GOOD
            | {
                "ENVIRONMENT": "production",
                "JWT_SECRET": "x" * 32,
                "BACKUP_KEY": SEALING,
            },
            "CACHE_REDIS_URL",
        ),
    ],
)
def test_what_is_wrong_is_named(environ, named):
    with pytest.raises(SettingsError, match=named):
        Settings.read(environ)
