"""Effects: a table in which every run of a test job that counts leaves one row.

No key keeps a second row of the same job out: two rows are what the tests look for.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

_MAKE = """
    DROP SCHEMA IF EXISTS faults CASCADE;
    CREATE SCHEMA faults;
    GRANT USAGE ON SCHEMA faults TO nutrition_app;
    CREATE TABLE faults.effects (
        job_id uuid NOT NULL,
        claim  integer NOT NULL,
        at     timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    GRANT SELECT, INSERT ON faults.effects TO nutrition_app;
"""
_ADD = text("INSERT INTO faults.effects (job_id, claim) VALUES (:job, :claim)")


@contextmanager
def table(admin_url: str) -> Iterator[None]:
    """The table while the context lasts, in a schema of its own. admin_url: the superuser's."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(_MAKE)
    yield
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA faults CASCADE")


def add(session: Session, job: uuid.UUID, claim: int) -> None:
    """One effect of the attempt with that claim."""
    session.execute(_ADD, {"job": job, "claim": claim})
