"""Edges: one job waits for others to succeed. Counted in PostgreSQL, in the waiter's `pending`.

(A parent waits for its children in the same count; but for their end, however they end.)
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from kernel.errors import Conflict, Invalid
from services.jobs.hints import RING

# The lock keeps those that live alive until our edges are seen; it stops nobody who works on them.
_LIVE = text("""
    SELECT id FROM jobs WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR KEY SHARE
""")
_ENDED = text("SELECT id, state FROM jobs_archive WHERE id = ANY(CAST(:ids AS uuid[]))")
_ADD = text("""
    INSERT INTO job_edges (awaited_id, waiter_id)
    SELECT * FROM unnest(CAST(:awaited AS uuid[]), CAST(:waiters AS uuid[]))
""")
_CUT = text("""
    DELETE FROM job_edges WHERE awaited_id = ANY(CAST(:ids AS uuid[])) RETURNING waiter_id
""")
# What is locked is being cut by whoever ends the awaited job, and wants the waiter next.
_FORGET = text("""
    DELETE FROM job_edges WHERE (awaited_id, waiter_id) IN (
        SELECT awaited_id, waiter_id FROM job_edges
        WHERE waiter_id = ANY(CAST(:ids AS uuid[])) FOR UPDATE SKIP LOCKED)
""")
_STILL_WAITING = text("""
    SELECT id FROM jobs WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'waiting'
    ORDER BY id FOR UPDATE
""")
# Those of ended jobs that nobody cut: a worker of a release that knows no edges ended them, or the
# edge was committed while the end waited for our lock, and its look was older.
_STALE = text("""
    SELECT DISTINCT awaited_id FROM job_edges
    WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = awaited_id) LIMIT 500
""")
# A job that waits for nothing any more is due.
_COUNT_DOWN = text("""
    WITH ended AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:counts AS int[])) AS ended (id, jobs)
    )
    UPDATE jobs SET pending = pending - ended.jobs,
        state = CASE WHEN state = 'waiting' AND pending <= ended.jobs THEN 'queued' ELSE state END,
        next_at = CASE WHEN state = 'waiting' AND pending <= ended.jobs
            THEN greatest(next_at, now()) ELSE next_at END
    FROM ended WHERE jobs.id = ended.id
""")


def wait(session: Session, after: Mapping[uuid.UUID, Collection[uuid.UUID]]) -> None:
    """Make each waiter, whose row counts its edges already, wait for its jobs.

    Raises Invalid where one does not exist, Conflict where one has ended without success.
    """
    if not after:
        return
    asked = {job for jobs in after.values() for job in jobs}
    live = set(session.scalars(_LIVE, {"ids": list(asked)}))
    missing = list(asked - live)
    ended = {row.id: row.state for row in session.execute(_ENDED, {"ids": missing})}
    for job in missing:
        if job not in ended:
            raise Invalid(f"There is no job {job} to wait for.")
        if ended[job] != "succeeded":
            raise Conflict(f"The job {job}, which was to succeed first, ended as {ended[job]}.")
    pairs = [(job, waiter) for waiter, jobs in after.items() for job in jobs]
    standing = [pair for pair in pairs if pair[0] in live]
    session.execute(
        _ADD, {"awaited": [pair[0] for pair in standing], "waiters": [pair[1] for pair in standing]}
    )
    count_down(session, [waiter for job, waiter in pairs if job not in live])


def cut(session: Session, ended: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Take away the edges to jobs that have ended; answers their waiters, once for each edge."""
    return list(session.scalars(_CUT, {"ids": list(ended)}))


def forget(session: Session, waiters: Sequence[uuid.UUID]) -> None:
    """Take away the edges of waiters that have ended: a replay would find them standing."""
    if waiters:
        session.execute(_FORGET, {"ids": list(waiters)})


def still_waiting(session: Session, waiters: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Of *waiters* those that still wait, locked, in order."""
    return list(session.scalars(_STILL_WAITING, {"ids": list(set(waiters))}))


def stale(session: Session) -> list[uuid.UUID]:
    """Jobs that are waited for, and live no more."""
    return list(session.scalars(_STALE))


def count_down(session: Session, waiters: Sequence[uuid.UUID]) -> None:
    """Count one less to wait for, for each mention of a waiter."""
    counts: dict[uuid.UUID, int] = {}
    for waiter in waiters:
        counts[waiter] = counts.get(waiter, 0) + 1
    if counts:
        ids = sorted(counts)
        session.execute(_COUNT_DOWN, {"ids": ids, "counts": [counts[waiter] for waiter in ids]})
        announce_after_commit(session, RING)
