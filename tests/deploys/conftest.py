"""Two releases on one database: the previous one from its archive, and this one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.redis import client
from kernel.settings import Settings
from services.accounts import keys
from tests.conftest import ROOT
from tests.deploys.release import PREVIOUS, Release, unpack
from tests.processes import eventually


@pytest.fixture(scope="session")
def previous_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The previous release's code, with its own names and weights beside today's catalogue."""
    folder = unpack(PREVIOUS, tmp_path_factory.mktemp("previous release"))
    for shared in ("sr28.npz", "nltk_data"):
        (folder / "data" / shared).symlink_to(ROOT / "data" / shared)
    return folder


@pytest.fixture
def environ(settings: Settings, database: Database) -> dict[str, str]:
    """What both releases read. The lease is short, so that a lost message is soon sent anew."""
    client(settings.redis_url, timeout=2).flushdb()
    return {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "CACHE_REDIS_URL": settings.cache_redis_url,
        "OBJECT_STORE_URL": settings.object_store_url,
        "DATA_FOLDER": settings.data_folder,
        "WORK_FOLDER": settings.work_folder,
        "JWT_SECRET": settings.jwt_secret,
        "DISPATCH_LEASE_SECONDS": "4",
    }


@pytest.fixture
def old(previous_folder: Path, environ: dict[str, str], tmp_path: Path) -> Iterator[Release]:
    """The previous release; nothing of it runs yet."""
    own = environ | {"DATA_FOLDER": str(previous_folder / "data")}
    made = Release("old", previous_folder, own, tmp_path)
    yield made
    made.kill_all()


@pytest.fixture
def new(environ: dict[str, str], tmp_path: Path) -> Iterator[Release]:
    """This release; nothing of it runs yet."""
    made = Release("new", ROOT, environ, tmp_path)
    yield made
    made.kill_all()


@pytest.fixture
def key(database: Database) -> str:
    """An API key that may do anything of its account's."""
    with database.transaction() as session:
        account = keys.create_account(session, "deploys")
        return keys.create(session, account.id, "deploys", role="admin")[1]


class Ledger:
    """What the database says of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self._database.transaction() as session:
            return list(session.execute(text(statement), values))

    def job(self, job_id: uuid.UUID | str) -> Any:
        """The job's row, live or archived; None where there is none."""
        found = self.rows(
            """
            SELECT state, claim, attempts, failures, lost, error, result FROM jobs WHERE id = :id
            UNION ALL
            SELECT state, claim, attempts, failures, lost, error, result FROM jobs_archive
            WHERE id = :id
            """,
            id=job_id,
        )
        return found[0] if found else None

    def await_state(self, job_id: uuid.UUID | str, *states: str) -> Any:
        """The job's row, once it is in one of *states*."""
        eventually(f"job {job_id} is {' or '.join(states)}", self._is(job_id, states), 240)
        return self.job(job_id)

    def await_working(self, kind: str) -> None:
        """Wait until a job of *kind* runs."""
        eventually(
            f"a {kind} runs",
            lambda: bool(
                self.rows("SELECT 1 FROM jobs WHERE kind = :k AND state = 'running'", k=kind)
            ),
        )

    def _is(self, job_id: uuid.UUID | str, states: tuple[str, ...]) -> Callable[[], bool]:
        def holds() -> bool:
            row = self.job(job_id)
            return row is not None and row.state in states

        return holds


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def recipes(count: int) -> bytes:
    """NDJSON of recipes whose lines nobody has seen before, so that a chunk takes a second."""
    return b"\n".join(
        json.dumps(
            {
                "custom_id": f"r{number}",
                "ingredients": [f"{number + 1} g flour", f"{number + 2} g sugar", "1 egg"],
            }
        ).encode()
        for number in range(count)
    )
