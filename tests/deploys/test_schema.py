"""The queue engine's migration under live rows: up, down and up again, and no job is lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from embedded.engines import Engines
from kernel.ids import new_id
from kernel.settings import Settings
from migrations.run import downgrade, upgrade

BEFORE, AFTER = "0002", "0003"
OWNER = uuid.UUID(int=5)
#: Where a job leaves rows, and the column that names it.
TABLES = {"jobs": "id", "jobs_archive": "id", "job_events": "job_id", "job_keys": "job_id"}
STATES = ("queued", "waiting", "dispatched", "running")

_JOB = text("""
    INSERT INTO jobs (id, kind, version, queue, payload, owner_id, actor, state, claim, attempts,
        failures, lost, pending, next_at, dedupe_key, history)
    VALUES (:id, 'upkeep.partitions', 1, 'maintenance', '{"days": 7}', :owner, 'test', :state, 4, 2,
        1, 1, 1, now() + interval '30 seconds', 'a key', '[{"attempt": 1, "outcome": "failed"}]')
""")
_ENDED = text("""
    INSERT INTO jobs_archive (id, kind, version, queue, payload, owner_id, actor, state, error,
        finished_at)
    VALUES (:id, 'upkeep.partitions', 1, 'maintenance', '{"days": 7}', :owner, 'test', :state,
        '{"type": "Permanent", "message": "no"}', now())
""")


class Spare:
    """A database of its own, at any revision."""

    def __init__(self, owner_url: str, app_url: str) -> None:
        self._urls = owner_url, app_url
        self.engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))

    def go(self, revision: str, *, down: bool = False) -> None:
        (downgrade if down else upgrade)(*self._urls, revision)

    def rows(self) -> dict[str, Any]:
        """Every row of a job's life, by table and id of the job."""
        found: dict[str, Any] = {}
        with self.engine.connect() as connection:
            for table, key in TABLES.items():
                for row in connection.execute(
                    text(f"SELECT {key}, to_jsonb(found) FROM {table} AS found")
                ):
                    found[f"{table} {row[0]}"] = row[1]
        return found


@pytest.fixture
def spare(engines: Engines, settings: Settings) -> Iterator[Spare]:
    admin = make_url(engines.env["DATABASE_ADMIN_URL"]).set(drivername="postgresql+psycopg")
    server = create_engine(admin, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS deploys WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE deploys OWNER nutrition_owner"))
    inside = create_engine(admin.set(database="deploys"))
    with inside.begin() as connection:
        for extension in ("pg_trgm", "unaccent", "btree_gin"):
            connection.execute(text(f"CREATE EXTENSION {extension}"))
    inside.dispose()
    owner = make_url(engines.env["DATABASE_OWNER_URL"]).set(database="deploys")
    made = Spare(owner.render_as_string(hide_password=False), settings.database_url)
    made.go(BEFORE)
    yield made
    made.engine.dispose()
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE deploys WITH (FORCE)"))
    server.dispose()


def fill(connection: Connection) -> None:
    """A job in every state, with an event and a key each."""
    for state in (*STATES, "succeeded", "failed", "dead", "cancelled"):
        job = new_id()
        connection.execute(
            _JOB if state in STATES else _ENDED, {"id": job, "owner": OWNER, "state": state}
        )
        connection.execute(
            text("INSERT INTO job_events (job_id, seq, name) VALUES (:id, 2, 'running')"),
            {"id": job},
        )
        connection.execute(
            text("""INSERT INTO job_keys (owner_id, key, job_id, expires_at)
                    VALUES (:owner, :key, :id, now() + interval '1 day')"""),
            {"owner": OWNER, "key": state, "id": job},
        )


def test_live_rows_survive_the_way_up_down_and_up_again(spare: Spare) -> None:
    with spare.engine.begin() as connection:
        fill(connection)
    first = spare.rows()
    assert len(first) == 24

    for _ in range(2):
        spare.go(AFTER)
        above = spare.rows()
        assert above.keys() == first.keys()
        for name, row in first.items():
            assert above[name].items() >= row.items(), name
        spare.go(BEFORE, down=True)
        assert spare.rows() == first


def test_a_key_until_the_end_of_its_job_is_given_up_on_the_way_down(spare: Spare) -> None:
    """The previous release would keep it for ever; the job itself stays."""
    spare.go(AFTER)
    with spare.engine.begin() as connection:
        fill(connection)
        connection.execute(text("UPDATE job_keys SET expires_at = NULL WHERE key = 'queued'"))

    spare.go(BEFORE, down=True)

    assert len([name for name in spare.rows() if name.startswith("job_keys")]) == 7
    assert len([name for name in spare.rows() if name.startswith("jobs ")]) == 4


@pytest.mark.parametrize("what", ["waits for another", "is followed by another"])
def test_the_way_down_is_refused_where_it_would_lose_a_job(spare: Spare, what: str) -> None:
    spare.go(AFTER)
    job, other = new_id(), new_id()
    with spare.engine.begin() as connection:
        connection.execute(_JOB, {"id": job, "owner": OWNER, "state": "waiting"})
        connection.execute(
            text("INSERT INTO job_edges (awaited_id, waiter_id) VALUES (:other, :id)")
            if what == "waits for another"
            else text("UPDATE jobs SET on_end = '{}' WHERE id = :id AND id <> :other"),
            {"id": job, "other": other},
        )
    before = spare.rows()

    with pytest.raises(DBAPIError, match="let them end, or cancel them, then go back"):
        spare.go(BEFORE, down=True)

    assert spare.rows() == before
