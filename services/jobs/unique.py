"""Unique: of an owner's jobs with one dedupe key there is one, for a time or while it lives."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session


class Keyed(Protocol):
    """What of an order matters here."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def owner(self) -> uuid.UUID: ...
    @property
    def dedupe(self) -> str | None: ...
    @property
    def dedupe_for(self) -> timedelta | None: ...


# One statement's look at `jobs` would be older than the key that it waited for; so whether the
# holder of a key without a date still lives is asked afterwards (`_FREE`).
_TAKE = text("""
    INSERT INTO job_keys (owner_id, key, job_id, expires_at)
    SELECT owner_id, key, job_id, now() + life FROM unnest(
        CAST(:owners AS uuid[]), CAST(:keys AS text[]), CAST(:jobs AS uuid[]),
        CAST(:lives AS interval[])) AS asked (owner_id, key, job_id, life)
    ORDER BY owner_id, key
    ON CONFLICT (owner_id, key) DO UPDATE
        SET job_id = excluded.job_id, expires_at = excluded.expires_at
        WHERE job_keys.expires_at < now()
    RETURNING job_id
""")
# Keys whose job was ended by a release that knows none without a date, and so released none.
_FREE = text("""
    DELETE FROM job_keys WHERE (owner_id, key, job_id) IN (
        SELECT * FROM unnest(CAST(:owners AS uuid[]), CAST(:keys AS text[]),
            CAST(:jobs AS uuid[])))
        AND expires_at IS NULL AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_keys.job_id)
    RETURNING owner_id, key
""")
_HOLDERS = text("""
    SELECT owner_id, key, job_id FROM job_keys
    WHERE (owner_id, key) IN (SELECT * FROM unnest(CAST(:owners AS uuid[]), CAST(:keys AS text[])))
""")
_RELEASE = text(
    "DELETE FROM job_keys WHERE job_id = ANY(CAST(:ids AS uuid[])) "
    "AND (owner_id, key) IN (SELECT * FROM unnest(CAST(:owners AS uuid[]), CAST(:keys AS text[]))) "
    "AND expires_at IS NULL"
)


def take(session: Session, orders: Sequence[Keyed]) -> dict[uuid.UUID, uuid.UUID]:
    """Take the orders' keys; answers, of those whose key is held already, the job that holds it."""
    first: dict[tuple[uuid.UUID, str | None], Keyed] = {}
    for order in orders:
        first.setdefault((order.owner, order.dedupe), order)
    held: dict[uuid.UUID, uuid.UUID] = {}
    asked = list(first.values())
    while asked:
        args = {
            "owners": [order.owner for order in asked],
            "keys": [order.dedupe for order in asked],
            "jobs": [order.id for order in asked],
            "lives": [order.dedupe_for for order in asked],
        }
        taken = set(session.scalars(_TAKE, args))
        asked = [order for order in asked if order.id not in taken]
        if asked:
            holders = {
                (row.owner_id, row.key): row.job_id for row in session.execute(_HOLDERS, args)
            }
            owners, keys = zip(*holders, strict=True) if holders else ((), ())
            named = {"owners": list(owners), "keys": list(keys), "jobs": list(holders.values())}
            for row in session.execute(_FREE, named) if holders else ():
                del holders[row.owner_id, row.key]
            for order in asked:
                if (order.owner, order.dedupe) in holders:
                    held[order.id] = holders[order.owner, order.dedupe]
            # The others' holders have ended meanwhile: their keys are free, and asked for again.
            asked = [order for order in asked if order.id not in held]
    for order in orders:  # of twins in one call, the second is the first
        winner = first[order.owner, order.dedupe]
        if winner is not order:
            held[order.id] = held.get(winner.id, winner.id)
    return held


def release(session: Session, ended: Iterable[tuple[uuid.UUID, uuid.UUID, str]]) -> None:
    """Free the keys that hold until their job ends. ended: (job, owner, key) of those with one."""
    jobs, owners, keys = zip(*ended, strict=True)
    session.execute(_RELEASE, {"ids": list(jobs), "owners": list(owners), "keys": list(keys)})
