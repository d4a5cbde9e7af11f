"""Real engines for every test that asks: one PostgreSQL and two Valkeys a test process.

Unit tests ask for none of these and start nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from embedded.engines import Engines
from kernel.database import Database
from kernel.ids import new_id
from kernel.redis import BestEffort, client
from kernel.settings import Settings
from migrations.run import upgrade
from services.jobs.hints import Hints

# Speed belongs in benchmarks: a busy machine makes no test fail.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent

#: What a test may leave behind and the next must not find. The catalogue stays.
_KEPT = ("alembic", "catalogue", "food", "nutrients", "value_", "langual")
_EMPTIED = frozenset({"food_uses", "food_counts"})


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Running engines. fsync is off: a test's crash is a process's, never the machine's."""
    # A space in the path: there are people with one in theirs.
    with Engines(tmp_path_factory.mktemp("real engines"), durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def work_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the memory-mapped catalogue is unpacked, once a test process."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def migrated(engines: Engines) -> dict[str, str]:
    """The engines' addresses, of a database with schema and catalogue."""
    env = engines.env
    upgrade(env["DATABASE_OWNER_URL"], env["DATABASE_URL"])
    from services.catalogue.load import load

    owner = Database(env["DATABASE_OWNER_URL"], pool=1, idle_seconds=300)
    with owner.transaction() as session:
        load(session, ROOT / "data" / "sr28.npz")
    owner.close()
    return env


@pytest.fixture(scope="session")
def settings(
    migrated: dict[str, str], work_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings on those engines, as an entry point would read them."""
    environ = migrated | {
        "OBJECT_STORE_URL": (tmp_path_factory.mktemp("objects")).as_uri(),
        "DATA_FOLDER": str(ROOT / "data"),
        "WORK_FOLDER": str(work_folder),
        "JWT_SECRET": "a secret of the tests, long enough to be one",
    }
    return Settings.read(environ)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The database as the platform's role; what the test wrote is gone after it."""
    hints = Hints(BestEffort(client(settings.redis_url, timeout=1)))
    opened = Database(settings.database_url, pool=8, announce=hints.send)
    yield opened
    opened.close()
    _empty(settings.database_owner_url)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One transaction, committed at the end of the test."""
    with database.transaction() as opened:
        yield opened


def _empty(owner_url: str) -> None:
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        tables = connection.scalars(
            text("""
                SELECT c.relname FROM pg_class c
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                    AND c.relnamespace = 'public'::regnamespace
            """)
        ).all()
        names = [table for table in tables if table in _EMPTIED or not table.startswith(_KEPT)]
        connection.execute(text("TRUNCATE " + ", ".join(f'"{name}"' for name in names)))
    engine.dispose()


@pytest.fixture
def owner_id() -> object:
    """The id of some account: jobs name owners, and need no row of theirs."""
    return new_id()
