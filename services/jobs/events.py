"""Events: every change of a job's state or progress, with a number of its own per job.

The first, `queued`, is derived from the job's row, so that accepting a job writes one row only.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit

#: Names of events after which nothing comes.
FINAL = frozenset({"succeeded", "failed", "dead", "cancelled"})


@dataclass(frozen=True, slots=True)
class Event:
    """One event: seq rises by one per job; name is a state, `progress` or `cancelling`."""

    seq: int
    at: datetime
    name: str
    data: dict[str, Any]


_AFTER = text("""
    SELECT seq, at, name, data FROM job_events
    WHERE job_id = :id AND seq > :after ORDER BY seq LIMIT :limit
""")
_ACCEPTED = text("""
    SELECT created_at FROM jobs WHERE id = :id
    UNION ALL SELECT created_at FROM jobs_archive WHERE id = :id LIMIT 1
""")
_RECORD = text("""
    WITH job AS (
        UPDATE jobs SET event_seq = event_seq + 1 WHERE id = :id RETURNING id, event_seq
    )
    INSERT INTO job_events (job_id, seq, name, data)
    SELECT id, event_seq, :name, CAST(:data AS jsonb) FROM job
""")


def after(session: Session, job_id: uuid.UUID, seq: int, limit: int = 500) -> list[Event]:
    """The job's events with a number above *seq*, in order, at most *limit*."""
    found = [Event(*row) for row in session.execute(_AFTER, _args(job_id, seq, limit))]
    if seq < 1:
        accepted = session.scalar(_ACCEPTED, {"id": job_id})
        if accepted is not None:
            found.insert(0, Event(1, accepted, "queued", {}))
    return found


def record(session: Session, job_id: uuid.UUID, name: str, data: str = "{}") -> None:
    """Add an event to a live job; data is JSON text."""
    session.execute(_RECORD, {"id": job_id, "name": name, "data": data})
    announce_after_commit(session, str(job_id))


def _args(job_id: uuid.UUID, seq: int, limit: int) -> dict[str, Any]:
    return {"id": job_id, "after": seq, "limit": limit}
