"""Claim: a worker takes a dispatched job by compare-and-set on its claim."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from services.jobs.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A job that this process runs now, as it was when claimed."""

    id: uuid.UUID
    claim: int
    kind: Kind[Any]
    version: int
    payload: dict[str, Any]
    owner_id: uuid.UUID
    actor: str
    attempt: int
    failures: int
    lost: int
    parent_id: uuid.UUID | None
    correlation_id: str | None
    traceparent: str | None
    created_at: datetime


# Waiting on the row's lock, never SKIP LOCKED: whoever holds it is about to decide the claim.
# The commit is synchronous: after a crash a forgotten claim number could be handed out again.
_CLAIM = text("""
    WITH claimed AS (
        UPDATE jobs SET state = 'running', process_id = :process,
            attempts = attempts + (state = 'dispatched')::int,
            started_at = coalesce(started_at, now()), event_seq = event_seq + 1,
            next_at = now() + make_interval(secs => :deadline)
        WHERE id = :id AND claim = :claim AND (
            state = 'dispatched' OR (:again AND state = 'running' AND process_id = :process))
        RETURNING *
    ), told AS (
        INSERT INTO job_events (job_id, seq, name, data)
        SELECT id, event_seq, 'running', jsonb_build_object('attempt', attempts) FROM claimed
    )
    SELECT version, payload, owner_id, actor, attempts, failures, lost, parent_id, correlation_id,
        traceparent, created_at
    FROM claimed
""")

#: Seconds past a kind's hard limit after which a running job counts as hung.
GRACE = 15


def claim(
    session: Session,
    kind: Kind[Any],
    job_id: uuid.UUID,
    claim: int,
    process: uuid.UUID,
    *,
    again: bool = False,
) -> Claimed | None:
    """The job, running from now on in *process*; None where the message is a duplicate or stale.

    again: this process has asked before and had no answer. Its commit may have stood.
    """
    row = session.execute(
        _CLAIM,
        {
            "id": job_id,
            "claim": claim,
            "process": process,
            "deadline": kind.hard_limit + GRACE,
            "again": again,
        },
    ).one_or_none()
    if row is None:
        return None
    announce_after_commit(session, str(job_id))
    return Claimed(
        id=job_id,
        claim=claim,
        kind=kind,
        version=row.version,
        payload=row.payload,
        owner_id=row.owner_id,
        actor=row.actor,
        attempt=row.attempts,
        failures=row.failures,
        lost=row.lost,
        parent_id=row.parent_id,
        correlation_id=row.correlation_id,
        traceparent=row.traceparent,
        created_at=row.created_at,
    )
