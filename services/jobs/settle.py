"""Settle: what becomes of a claimed job. Each function locks the row by its claim first.

Order of locks, everywhere: a child before its parent.
"""

from __future__ import annotations

import uuid
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.database import announce_after_commit
from services.jobs.claim import Claimed
from services.jobs.enqueue import Order, enqueue
from services.jobs.hints import RING
from services.jobs.kinds import kind_named
from services.jobs.models import COLUMNS

#: An error message is kept up to this many characters: it may carry a whole request.
MESSAGE = 1_000


class Fenced(Exception):
    """The claim is no longer ours: the job was taken from this process, and runs elsewhere."""


class CancelRequested(Exception):
    """The job's owner asked to cancel it; what it did is not committed."""


_LOCK = text("""
    SELECT cancel_at IS NOT NULL AS cancelled, follow_up FROM jobs
    WHERE id = :id AND claim = :claim AND state = 'running' FOR UPDATE
""")

# The columns that ending a job changes are overridden on the way into the archive.
# One attempt that did not succeed, as `models.Job.history` describes it; nothing where it did.
HISTORY = """CASE WHEN CAST(:outcome AS text) IS NULL THEN '[]' ELSE jsonb_build_array(
        jsonb_build_object('attempt', attempts, 'outcome', CAST(:outcome AS text),
            'error', CAST(:error AS jsonb), 'at', now(), 'process', process_id)) END"""

_CHANGED = {"state": ":state", "result": "CAST(:result AS jsonb)", "error": "CAST(:error AS jsonb)"}
_CHANGED |= {
    "history": f"history || {HISTORY}",
    "event_seq": "event_seq + 1",
    "failures": "failures + :failed",
    "lost": "lost + :vanished",
}
_SELECT = ", ".join(_CHANGED.get(name, name) for name in COLUMNS.split(", "))

_ARCHIVE = text(f"""
    WITH gone AS (
        DELETE FROM jobs WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING *
    ), kept AS (
        INSERT INTO jobs_archive ({COLUMNS}, finished_at)
        SELECT {_SELECT}, now() FROM gone RETURNING id, event_seq
    ), told AS (
        INSERT INTO job_events (job_id, seq, name, data)
        SELECT id, event_seq, :state, CAST(:data AS jsonb) FROM kept
    )
    SELECT id, parent_id FROM gone
""")

_CHILD_ENDED = text("""
    UPDATE jobs SET pending = pending - :ended,
        state = CASE WHEN state = 'waiting' AND pending <= :ended THEN 'queued' ELSE state END,
        next_at = CASE WHEN state = 'waiting' AND pending <= :ended THEN now() ELSE next_at END
    WHERE id = :id
""")

_REQUEUE = text(f"""
    WITH job AS (
        UPDATE jobs SET state = 'queued', process_id = NULL, event_seq = event_seq + 1,
            next_at = now() + make_interval(secs => :delay),
            failures = failures + :failed,
            error = coalesce(CAST(:error AS jsonb), error),
            history = history || {HISTORY}
        WHERE id = :id RETURNING id, event_seq, next_at
    )
    INSERT INTO job_events (job_id, seq, name, data)
    SELECT id, event_seq, 'queued', CAST(:data AS jsonb) || jsonb_build_object('run_at', next_at)
    FROM job
""")


def lock(session: Session, job: Claimed) -> dict[str, Any] | None:
    """Lock the running job by its claim; answers its follow-up.

    Raises Fenced where the claim is lost, CancelRequested where the owner asked for it.
    """
    row = session.execute(_LOCK, {"id": job.id, "claim": job.claim}).one_or_none()
    if row is None:
        raise Fenced(f"job {job.id} claim {job.claim} was taken back")
    if row.cancelled:
        raise CancelRequested(str(job.id))
    follow_up: dict[str, Any] | None = row.follow_up
    return follow_up


def succeed(
    session: Session, job: Claimed, result: dict[str, Any] | None, follow_up: dict[str, Any] | None
) -> None:
    """The end of a job whose row `lock` holds: archived with its result, follow-up enqueued."""
    end(session, [job.id], "succeeded", result=result)
    if follow_up is not None:
        kind = kind_named(follow_up["kind"])
        payload = kind.decode(follow_up["payload"], follow_up["version"])
        enqueue(session, Order(payload=payload, owner=job.owner_id, actor=f"job:{job.id}"))


def fail(session: Session, job: Claimed, error: Exception, rng: Random) -> str:
    """A failure spent against the policy: `queued` again, `failed` (permanent) or `dead`.

    Raises Fenced where the claim is lost.
    """
    row = session.execute(_LOCK, {"id": job.id, "claim": job.claim}).one_or_none()
    if row is None:
        raise Fenced(f"job {job.id} claim {job.claim} was taken back")
    policy = job.kind.retry
    problem = describe(error)
    delay = None if row.cancelled else policy.delay(error, job.failures + 1, rng)
    if delay is not None:
        _requeue(session, job, delay, error=problem)
        return "queued"
    exhausted = "dead" if policy.may_mend(error) else "failed"
    state = "cancelled" if row.cancelled else exhausted
    end(session, [job.id], state, error=problem, outcome="failed", failed=1)
    return state


def hand_back(session: Session, job: Claimed, reason: str) -> None:
    """Give the job back unspent: its worker is told to stop, a store is away, or the payload is
    newer than the worker. A no-op where the claim is lost.
    """
    row = session.execute(_LOCK, {"id": job.id, "claim": job.claim}).one_or_none()
    if row is None:
        return
    if row.cancelled:
        end(session, [job.id], "cancelled")
        return
    # A store comes back, and a newer worker up, in seconds: not asked for in a tight loop.
    delay = 0.0 if reason == "stopping" else 3.0
    _requeue(session, job, delay, reason=reason)


def cancelled(session: Session, job: Claimed) -> None:
    """The end of a running job whose cancellation its handler honoured. No-op where fenced."""
    if session.execute(_LOCK, {"id": job.id, "claim": job.claim}).one_or_none() is not None:
        end(session, [job.id], "cancelled")


def end(
    session: Session,
    ids: list[uuid.UUID],
    state: str,
    *,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
    outcome: str | None = None,
    failed: int = 0,
    vanished: int = 0,
) -> None:
    """Move live jobs, whose rows the caller has locked, into the archive in a final *state*.

    outcome: what the history says of their last attempt, where it is to say something.
    """
    rows = session.execute(
        _ARCHIVE,
        {
            "ids": ids,
            "state": state,
            "result": _json(result),
            "error": _json(error),
            "outcome": outcome,
            "failed": failed,
            "vanished": vanished,
            "data": _json({"error": error} if error else {}),
        },
    ).all()
    parents: dict[uuid.UUID, int] = {}
    for row in rows:
        if row.parent_id is not None:
            parents[row.parent_id] = parents.get(row.parent_id, 0) + 1
    for parent, ended in sorted(parents.items()):
        session.execute(_CHILD_ENDED, {"id": parent, "ended": ended})
    # A slot is free, or a parent is due.
    announce_after_commit(session, RING, *(str(row.id) for row in rows))


def describe(error: Exception) -> dict[str, str]:
    """The error as clients see it: its class's name, and its message cut to a decent length."""
    return {"type": type(error).__name__, "message": str(error)[:MESSAGE]}


def _requeue(
    session: Session,
    job: Claimed,
    delay: float,
    *,
    error: dict[str, str] | None = None,
    reason: str = "retry",
) -> None:
    session.execute(
        _REQUEUE,
        {
            "id": job.id,
            "delay": delay,
            "failed": 1 if error else 0,
            "error": _json(error),
            "outcome": "failed" if error else None,
            "data": _json({"reason": reason, **({"error": error} if error else {})}),
        },
    )
    announce_after_commit(session, RING, str(job.id))


def _json(value: Any) -> str | None:
    return None if value is None else codec.dumps(value).decode()
