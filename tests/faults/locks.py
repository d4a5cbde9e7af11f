"""Hold a table's lock, so that a process can be frozen in the midst of a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.faults.stage import Stage


@contextmanager
def locked(stage: Stage, table: str) -> Iterator[None]:
    """Whoever writes to *table* waits, inside his transaction, until the block ends."""
    with psycopg.connect(stage.engines.env["DATABASE_ADMIN_URL"]) as connection:
        connection.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
        yield
        connection.rollback()


def waiting_for(stage: Stage, table: str, name: str = "%") -> int:
    """How many sessions of programs called *name* (LIKE) wait for a lock on *table*."""
    return int(
        stage.scalar(
            """SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE NOT granted AND relation = CAST(:table AS regclass)
                AND application_name LIKE :name""",
            table=table,
            name=name,
        )
    )
