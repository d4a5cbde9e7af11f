"""Events: every change of a job's state or progress, with a number of its own per job.

Those of an uneventful life are derived from the job's row: 1 `queued`, 2 `running` where no row
says otherwise, and the last where it is `succeeded`. So such a job writes no event at all.
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
_LIFE = text("""
    SELECT event_seq, created_at, started_at, NULL AS finished_at, 'live' AS state
    FROM jobs WHERE id = :id
    UNION ALL
    SELECT event_seq, created_at, started_at, finished_at, state FROM jobs_archive WHERE id = :id
    LIMIT 1
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
    # The row first: an event that comes between the two statements is left for the next look.
    life = session.execute(_LIFE, {"id": job_id}).one_or_none()
    if life is None:
        return []
    args = {"id": job_id, "after": seq, "limit": limit}
    rows = session.execute(_AFTER, args).all()
    found = {row.seq: Event(*row) for row in rows if row.seq <= life.event_seq}
    derived = [Event(1, life.created_at, "queued", {})]
    if life.state == "succeeded":
        derived.append(Event(life.event_seq, life.finished_at, "succeeded", {}))
    if life.event_seq >= 2 and life.started_at is not None:
        derived.append(Event(2, life.started_at, "running", {"attempt": 1}))
    furthest = rows[-1].seq if len(rows) == limit else life.event_seq
    for event in derived:
        if seq < event.seq <= furthest:
            found.setdefault(event.seq, event)
    return [found[number] for number in sorted(found)][:limit]


def record(session: Session, job_id: uuid.UUID, name: str, data: str = "{}") -> None:
    """Add an event to a live job; data is JSON text."""
    session.execute(_RECORD, {"id": job_id, "name": name, "data": data})
    announce_after_commit(session, str(job_id))
