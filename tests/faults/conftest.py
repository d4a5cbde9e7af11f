"""A whole platform of real processes, that the tests may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.settings import Settings
from services.accounts import keys
from tests.processes import eventually
from tests.supervised import Supervised


@pytest.fixture
def platform(settings: Settings, database: Database, tmp_path: Path) -> Iterator[Supervised]:
    """All that supervisord.conf runs, ready; killed at the end."""
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "CACHE_REDIS_URL": settings.cache_redis_url,
        "OBJECT_STORE_URL": settings.object_store_url,
        "DATA_FOLDER": settings.data_folder,
        "WORK_FOLDER": settings.work_folder,
        "JWT_SECRET": settings.jwt_secret,
    }
    made = Supervised(environ, tmp_path)
    try:
        made.start()
        eventually("four slots offered", lambda: slots(database) >= 4)
        yield made
    finally:
        made.close()


@pytest.fixture
def key(database: Database) -> str:
    """An API key that may do anything of its account's."""
    with database.transaction() as session:
        account = keys.create_account(session, "faults")
        return keys.create(session, account.id, "faults", role="admin")[1]


def slots(database: Database) -> int:
    """Slots that living workers offer."""
    with database.transaction() as session:
        found = session.scalar(
            text("""
                SELECT coalesce(sum(slots), 0) FROM processes
                WHERE role = 'worker' AND beat_at > now() - interval '8 seconds'
            """)
        )
    return int(found or 0)
