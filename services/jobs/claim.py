"""Claim: a worker takes dispatched jobs, one or a group, by compare-and-set on their claims."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from kernel.database import Database
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
    #: Seconds from its acceptance to this claim, by the database's clock.
    waited: float
    deadline: datetime | None
    #: How far an earlier attempt had come, where it said so.
    progress_done: int | None


# Waiting on the row's lock, never SKIP LOCKED: whoever holds it is about to decide the claim.
# The commit is synchronous: after a crash a forgotten claim number could be handed out again.
# The event of an uneventful first attempt, number 2, is derived from the row (`events.after`).
_CLAIM = text("""
    WITH claimed AS (
        UPDATE jobs SET state = 'running', process_id = :process,
            attempts = attempts + (state = 'dispatched')::int,
            started_at = coalesce(started_at, now()),
            claimed_at = CASE WHEN state = 'dispatched' THEN now() ELSE claimed_at END,
            event_seq = event_seq + 1, next_at = now() + make_interval(secs => :limit)
        FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS held (held_id, held_claim)
        WHERE id = held_id AND claim = held_claim AND kind = :kind AND (
            state = 'dispatched' OR (:again AND state = 'running' AND process_id = :process))
        RETURNING jobs.*
    ), told AS (
        INSERT INTO job_events (job_id, seq, name, data)
        SELECT id, event_seq, 'running', jsonb_build_object('attempt', attempts) FROM claimed
        WHERE event_seq > 2
    )
    SELECT id, claim, version, payload, owner_id, actor, attempts AS attempt, failures, lost,
        parent_id, correlation_id, traceparent, created_at, deadline_at AS deadline, progress_done,
        extract(epoch FROM now() - created_at)::float8 AS waited
    FROM claimed
""")

#: Seconds past a kind's hard limit after which a running job counts as hung.
GRACE = 15


def claim(
    database: Database,
    kind: Kind[Any],
    members: Sequence[tuple[uuid.UUID, int]],
    process: uuid.UUID,
    *,
    again: bool = False,
) -> list[Claimed]:
    """The jobs of a message that run from now on in *process*, in the order of its members.

    In one statement, a transaction of its own. A member that is missing was a duplicate, stale, or
    cancelled meanwhile.
    again: this process has asked before and had no answer. Its commit may have stood.
    """
    rows = database.statement(
        _CLAIM,
        {
            "ids": [job for job, _ in members],
            "claims": [number for _, number in members],
            "kind": kind.name,
            "process": process,
            "limit": kind.hard_limit * len(members) + GRACE,
            "again": again,
        },
    )
    found = {row.id: Claimed(kind=kind, **row._asdict()) for row in rows}
    if found:
        database.announce(*(str(job) for job in found))
    return [found[job] for job, _ in members if job in found]
