"""Sweep: what silence and overdue times say. Run by the leading dispatcher, every second.

All times are the database's. After an outage of the database itself nobody could say that he
lives, so nothing counts as lost until heartbeats had time to come back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from services.jobs import settle
from services.jobs.hints import RING

#: A job whose worker vanished this often is taken for the cause, and is run no more.
QUARANTINE = 3
#: Jobs handled by one sweep.
LIMIT = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found."""

    lost: int = 0
    undelivered: int = 0
    quarantined: int = 0
    expired: int = 0

    def __bool__(self) -> bool:
        return bool(self.lost or self.undelivered or self.quarantined or self.expired)


_SETTLED = text("SELECT pg_postmaster_start_time() < now() - :silence")

# Running, and either overdue or vouched for by no living process.
_LOST = text("""
    SELECT jobs.id, jobs.lost, jobs.cancel_at IS NOT NULL AS cancelled
    FROM jobs LEFT JOIN processes ON processes.id = jobs.process_id
    WHERE jobs.state = 'running'
        AND (jobs.next_at < now() OR processes.id IS NULL
             OR processes.beat_at < now() - :silence)
    ORDER BY jobs.id LIMIT :limit FOR UPDATE OF jobs SKIP LOCKED
""")
_REQUEUE_LOST = text("""
    WITH job AS (
        UPDATE jobs SET state = 'queued', next_at = now(), lost = lost + 1, process_id = NULL,
            event_seq = event_seq + 1,
            history = history || jsonb_build_array(jsonb_build_object(
                'attempt', attempts, 'outcome', 'lost', 'error', NULL, 'at', now(),
                'process', process_id))
        WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING id, event_seq
    )
    INSERT INTO job_events (job_id, seq, name, data)
    SELECT id, event_seq, 'queued', '{"reason": "worker lost"}' FROM job
""")
# Dispatched, and nobody claimed it within the dispatch lease: the broker lost the message.
_UNDELIVERED = text("""
    WITH late AS (
        SELECT id FROM jobs WHERE state = 'dispatched' AND next_at < now()
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = 'queued' FROM late WHERE jobs.id = late.id RETURNING jobs.id
""")
_EXPIRED = text("""
    SELECT id FROM jobs WHERE state = 'queued' AND expires_at < now()
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")
# For a day, so that /readyz can say how long a process is silent.
_BURY = text("""
    DELETE FROM processes WHERE beat_at < now() - interval '1 day' AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE process_id = processes.id AND state = 'running')
""")
_UNDISPATCH = text("""
    UPDATE jobs SET state = 'queued', next_at = now()
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'dispatched'
        AND claim = coalesce(:claim, claim)
""")


def sweep(session: Session, silence: timedelta) -> Swept:
    """Make due again what was lost, end what is poison or expired, forget dead processes."""
    if not session.scalar(_SETTLED, {"silence": silence}):
        return Swept()
    lost = session.execute(_LOST, {"silence": silence, "limit": LIMIT}).all()
    again = [row.id for row in lost if row.lost + 1 < QUARANTINE and not row.cancelled]
    if again:
        session.execute(_REQUEUE_LOST, {"ids": again})
        announce_after_commit(session, RING, *map(str, again))
    cancelled = [row.id for row in lost if row.cancelled]
    if cancelled:
        settle.end(session, cancelled, "cancelled", outcome="lost", vanished=1)
    poison = [row.id for row in lost if row.lost + 1 >= QUARANTINE and not row.cancelled]
    if poison:
        settle.end(session, poison, "dead", error=_POISON, outcome="lost", vanished=1)
    undelivered = session.scalars(_UNDELIVERED, {"limit": LIMIT}).all()
    expired = session.scalars(_EXPIRED, {"limit": LIMIT}).all()
    if expired:
        settle.end(session, list(expired), "failed", error=_TOO_LATE)
    session.execute(_BURY)
    return Swept(len(again), len(undelivered), len(poison), len(expired))


def undispatch(session: Session, ids: Iterable[uuid.UUID], claim: int | None = None) -> None:
    """Take dispatched jobs back: the broker was out of reach, or their worker is told to stop.

    A message that is about after all is refused: the next dispatch raises the claim.
    claim: only where the job still carries it.
    """
    session.execute(_UNDISPATCH, {"ids": list(ids), "claim": claim})
    announce_after_commit(session, RING)


_POISON = {
    "type": "Quarantined",
    "message": f"Its worker vanished {QUARANTINE} times while running it.",
}
_TOO_LATE = {"type": "Expired", "message": "It could not start before it expired."}
