"""Sweep: what silence and overdue times say. Run by the leading dispatcher, every second.

All times are the database's. After an outage of the database itself nobody could say that he
lives, so nothing counts as lost until heartbeats had time to come back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from services.jobs import edges, settle
from services.jobs.end import CANCELLED, DEADLINE, EXPIRED, HISTORY, Ending, end, settle_edges
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
    overdue: int = 0

    def __bool__(self) -> bool:
        return any(astuple(self))


_SETTLED = text("SELECT pg_postmaster_start_time() < now() - :silence")

# Running, and either overdue or vouched for by no living process.
_LOST = text("""
    SELECT jobs.id, jobs.lost, jobs.reason, jobs.cancel_at IS NOT NULL AS cancelled
    FROM jobs LEFT JOIN processes ON processes.id = jobs.process_id
    WHERE jobs.state = 'running'
        AND (jobs.next_at < now() OR processes.id IS NULL
             OR processes.beat_at < now() - :silence)
    ORDER BY jobs.id LIMIT :limit FOR UPDATE OF jobs SKIP LOCKED
""")
# A job that lost its worker has the next message to itself (`take`): it may be the cause.
_REQUEUE_LOST = text(f"""
    WITH job AS (
        UPDATE jobs SET state = 'queued', next_at = now(), due = true, lost = lost + 1,
            process_id = NULL, event_seq = event_seq + 1, history = history || {HISTORY}
        WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING id, event_seq
    )
    INSERT INTO job_events (job_id, seq, name, data)
    SELECT id, event_seq, 'queued', '{{"reason": "worker lost"}}' FROM job
""")
# Dispatched, and nobody claimed it within the dispatch lease: the broker lost the message. With the
# time of its acceptance it has its old place among its owner's jobs back.
_UNDELIVERED = text("""
    WITH late AS (
        SELECT id FROM jobs WHERE state = 'dispatched' AND next_at < now()
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = 'queued', next_at = created_at, due = true
    FROM late WHERE jobs.id = late.id RETURNING jobs.id
""")
_EXPIRED = text("""
    SELECT id FROM jobs WHERE state = 'queued' AND expires_at < now()
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")
# Past its deadline: what runs is asked to stop, as if it were cancelled; the rest ends.
_STOP = text("""
    UPDATE jobs SET cancel_at = now(), reason = 'deadline' WHERE id IN (
        SELECT id FROM jobs
        WHERE deadline_at < now() AND state = 'running' AND cancel_at IS NULL
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
""")
_OVERDUE = text("""
    SELECT id FROM jobs WHERE deadline_at < now() AND state <> 'running'
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")
# For a day, so that /readyz can say how long a process is silent.
_BURY = text("""
    DELETE FROM processes WHERE beat_at < now() - interval '1 day' AND NOT EXISTS (
        SELECT 1 FROM jobs WHERE process_id = processes.id AND state = 'running')
""")
_UNDISPATCH = text("""
    UPDATE jobs SET state = 'queued', next_at = created_at, due = true
    FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS taken (job, number)
    WHERE id = job AND claim = number AND state = 'dispatched'
""")


def sweep(session: Session, silence: timedelta) -> Swept:
    """Make due again what was lost, end what is poison or expired, forget dead processes."""
    if not session.scalar(_SETTLED, {"silence": silence}):
        return Swept()
    session.execute(_STOP, {"limit": LIMIT})
    lost = session.execute(_LOST, {"silence": silence, "limit": LIMIT}).all()
    again = [row.id for row in lost if row.lost + 1 < QUARANTINE and not row.cancelled]
    if again:
        nothing = {"outcome": "lost", "error": None, "log": None}
        session.execute(_REQUEUE_LOST, {"ids": again, **nothing})
        announce_after_commit(session, RING, *map(str, again))
    for how in (CANCELLED, DEADLINE):
        stopped = [
            row.id for row in lost if row.cancelled and settle.cancelled_as(row.reason) is how
        ]
        if stopped:
            end(session, stopped, replace(how, outcome="lost", vanished=1))
    poison = [row.id for row in lost if row.lost + 1 >= QUARANTINE and not row.cancelled]
    if poison:
        end(session, poison, _POISON)
    undelivered = session.scalars(_UNDELIVERED, {"limit": LIMIT}).all()
    overdue = session.scalars(_OVERDUE, {"limit": LIMIT}).all()
    if overdue:
        end(session, overdue, DEADLINE)
    expired = session.scalars(_EXPIRED, {"limit": LIMIT}).all()
    if expired:
        end(session, expired, EXPIRED)
    _release_waiters(session)
    session.execute(_BURY)
    return Swept(len(again), len(undelivered), len(poison), len(expired), len(overdue))


def _release_waiters(session: Session) -> None:
    """Settle the edges to jobs that were ended by a release which knows none."""
    stale = edges.stale(session)
    if stale:
        well = set(session.scalars(_SUCCEEDED, {"ids": stale}))
        settle_edges(session, sorted(well), succeeded=True)
        settle_edges(session, sorted(set(stale) - well), succeeded=False)


def unclaim(session: Session, members: Iterable[tuple[uuid.UUID, int]], process: uuid.UUID) -> None:
    """Take jobs back that *process* asked for and had no answer about. Nothing is spent."""
    ids, claims = zip(*members, strict=True)
    args = {"ids": list(ids), "claims": list(claims)}
    session.execute(_UNCLAIM, args | {"process": process})
    undispatch(session, members)


def undispatch_queues(session: Session, queues: Sequence[str]) -> None:
    """Take back all that was sent to *queues* and that nobody has claimed."""
    session.execute(_UNDISPATCH_QUEUES, {"queues": list(queues)})
    announce_after_commit(session, RING)


def undispatch(session: Session, members: Iterable[tuple[uuid.UUID, int]]) -> None:
    """Take dispatched jobs back: the broker was out of reach, or their worker is told to stop.

    members: id and claim of each; one that carries another claim by now is not touched. A message
    that is about after all is refused: the next dispatch raises the claim.
    """
    ids, claims = zip(*members, strict=True)
    session.execute(_UNDISPATCH, {"ids": list(ids), "claims": list(claims)})
    announce_after_commit(session, RING)


_UNCLAIM = text("""
    WITH job AS (
        UPDATE jobs SET state = 'queued', process_id = NULL, next_at = now(), due = true,
            event_seq = event_seq + 1
        FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS taken (job, number)
        WHERE id = job AND claim = number AND state = 'running' AND process_id = :process
        RETURNING id, event_seq
    )
    INSERT INTO job_events (job_id, seq, name, data)
    SELECT id, event_seq, 'queued', '{"reason": "claim unheard"}' FROM job
""")
_UNDISPATCH_QUEUES = text("""
    UPDATE jobs SET state = 'queued', next_at = created_at, due = true
    WHERE queue = ANY(:queues) AND state = 'dispatched'
""")
_SUCCEEDED = text("""
    SELECT id FROM jobs_archive WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'succeeded'
""")
_POISON = Ending(
    state="dead",
    reason="quarantined",
    error={
        "type": "Quarantined",
        "message": f"Its worker vanished or hung {QUARANTINE} times while running it.",
    },
    outcome="lost",
    vanished=1,
)
