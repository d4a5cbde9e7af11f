"""One whole platform for the tests that watch it; none of them harms it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from embedded.engines import Engines
from embedded.ports import free_port
from kernel.database import Database
from kernel.settings import Settings
from tests.conftest import _empty
from tests.faults.stage import Stage, opened

BACKUP_KEY = hashlib.sha256(b"the tests that watch").hexdigest()
MAIL_PASSWORD = "mail-password-of-the-tests"
FLOWER = ("watcher", "flower-password-of-the-tests")


@dataclass(frozen=True, slots=True)
class Watched:
    """A running platform, and where it can be watched."""

    stage: Stage
    metrics: str
    flower: str
    secrets: tuple[str, ...]

    def tasks(self) -> dict[str, dict[str, Any]]:
        """What Flower knows, by task id."""
        answer = httpx2.get(f"{self.flower}/api/tasks?limit=10000", auth=FLOWER, timeout=30)
        assert answer.status_code == 200
        found: dict[str, dict[str, Any]] = answer.json()
        return found


@pytest.fixture(scope="module")
def watched(
    engines: Engines, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """Every program of supervisord.conf, with secrets of its own."""
    folder = tmp_path_factory.mktemp("watched")
    metrics, flower = free_port(), free_port()
    environ = {
        "OUTBOUND_LOOPBACK": "1",
        "BACKUP_KEY": BACKUP_KEY,
        # Nobody listens there: every mail fails, and says so.
        "SMTP_URL": f"smtps://mailer:{MAIL_PASSWORD}@127.0.0.1:{free_port()}",
        "MAIL_FROM": "nutrition@watched.example",
        "METRICS_PORT": str(metrics),
        "WORK_FOLDER": str(folder / "work"),
    }
    programs = {"flower": {"FLOWER_PORT": str(flower), "FLOWER_BASIC_AUTH": ":".join(FLOWER)}}
    database = Database(settings.database_url, pool=4)
    with opened(engines, settings, database, folder, environ=environ, environ_of=programs) as stage:
        yield Watched(
            stage,
            f"http://127.0.0.1:{metrics}/metrics",
            f"http://127.0.0.1:{flower}",
            secrets=(
                settings.jwt_secret,
                BACKUP_KEY,
                MAIL_PASSWORD,
                FLOWER[1],
                urlsplit(settings.database_url).password or "",
                stage.key,
            ),
        )
    database.close()
    _empty(settings.database_owner_url)


@pytest.fixture
def folder(watched: Watched) -> Path:
    """Where the platform's logs are."""
    return watched.stage.platform.folder / "log"
