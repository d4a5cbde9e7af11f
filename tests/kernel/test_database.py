"""Transactions and single statements on one pool: neither changes what the other means."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.database import Database

LEAVE = text(
    "INSERT INTO leases (name, holder, expires_at) VALUES (:name, gen_random_uuid(), now())"
)
FIND = text("SELECT name FROM leases WHERE name = :name")


def test_a_statement_stands_by_itself(database: Database) -> None:
    assert database.statement(text("SELECT CAST(:n AS int) AS n"), {"n": 7})[0].n == 7


def test_a_statement_that_failed_leaves_no_connection_that_commits_by_itself(
    database: Database,
) -> None:
    with pytest.raises(Exception, match="division by zero"):
        database.statement(text("SELECT 1 / CAST(:zero AS int) AS n"), {"zero": 0})

    # Each connection of the pool in turn, the one that failed among them.
    for _ in range(10):
        with pytest.raises(DBAPIError), database.transaction() as session:
            session.execute(LEAVE, {"name": "half done"})
            session.execute(text("SELECT nothing_of_the_kind"))

    assert database.statement(FIND, {"name": "half done"}) == []
