"""A vault of the test's own, a database with something in it, and empty ones to restore into."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from embedded.engines import Engines
from kernel.database import Database
from kernel.objects import Objects
from kernel.settings import Settings
from migrations.run import upgrade
from services.backups.keys import Keys
from services.backups.make import make
from services.backups.manifest import Manifest
from services.backups.vault import Vault
from tests.cli.conftest import command, nutrition, operator, pauses, stage  # noqa: F401 - fixtures

# What dumps have stumbled over: quotes, backslashes, the line that ends a block, nothing at all.
AWKWARD = ["", "\\.", "a\n\\.\nb", "tab\tand \\N", "Żółć 🍏", "it's; DROP TABLE x;", "\\restrict"]


@pytest.fixture
def key() -> str:
    return os.urandom(32).hex()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The folder of the object store."""
    return tmp_path / "objects"


@pytest.fixture(scope="session")
def source(engines: Engines) -> dict[str, str]:
    """A database without the catalogue, which would be dumped and restored every time."""
    name = f"source_{os.getpid()}"
    with psycopg.connect(engines.env["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER nutrition_owner")
    urls = {
        variable: engines.env[variable].rpartition("/")[0] + f"/{name}"
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    upgrade(urls["DATABASE_OWNER_URL"], urls["DATABASE_URL"])
    return urls


@pytest.fixture
def backup_settings(
    engines: Engines, source: dict[str, str], tmp_path: Path, store: Path, key: str
) -> Settings:
    """Settings with a database, a key, a store and a work folder for backups."""
    return Settings.read(
        engines.env
        | source
        | {
            "BACKUP_KEY": key,
            "OBJECT_STORE_URL": store.as_uri(),
            "WORK_FOLDER": str(tmp_path / "work"),
            "JWT_SECRET": "a secret of the tests, long enough to be one",
        }
    )


@pytest.fixture
def vault(backup_settings: Settings) -> Vault:
    return Vault(Objects(backup_settings.object_store_url), Keys.of(backup_settings))


@pytest.fixture
def filled(backup_settings: Settings) -> Iterator[Database]:
    """The database, with rows in a plain and in a partitioned table, and no backup yet."""
    database = Database(backup_settings.database_url)
    with database.transaction() as session:
        for table in ("backups", "jobs", "jobs_archive", "job_rules", "accounts"):
            session.execute(text(f"DELETE FROM {table}"))
        for number, name in enumerate(AWKWARD):
            session.execute(
                text("INSERT INTO accounts (id, name) VALUES (uuidv7(), :name)"),
                {"name": f"{number}{name}"},
            )
        session.execute(
            text("""
                INSERT INTO jobs_archive (id, kind, version, queue, payload, owner_id, actor, state,
                    finished_at)
                SELECT uuidv7(i * interval '-1 day'), 'k', 1, 'q', jsonb_build_object('n', i,
                    'noise', md5(i::text)), gen_random_uuid(), 'somebody', 'succeeded', now()
                FROM generate_series(0, 400) AS i
            """)
        )
    yield database
    database.close()


@pytest.fixture
def made(backup_settings: Settings, filled: Database, vault: Vault) -> Manifest:
    """A backup of it."""
    return make(backup_settings, filled, vault, actor="test")


@pytest.fixture
def empty_database(engines: Engines) -> Iterator[Callable[[], str]]:
    """Makes an empty database of the owner's on the same server; answers its address."""
    made: list[str] = []

    def make_one() -> str:
        made.append(f"spare_{len(made)}_{os.getpid()}")
        with psycopg.connect(engines.env["DATABASE_ADMIN_URL"], autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {made[-1]}")
            admin.execute(f"CREATE DATABASE {made[-1]} OWNER nutrition_owner")
        return engines.env["DATABASE_OWNER_URL"].rpartition("/")[0] + f"/{made[-1]}"

    yield make_one
    with psycopg.connect(engines.env["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        for name in made:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def target(empty_database: Callable[[], str]) -> str:
    """The address of an empty database."""
    return empty_database()


def tables_of(url: str) -> set[str]:
    """The tables that the database at *url* has."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in found}
