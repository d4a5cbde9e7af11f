"""Settle: what becomes of a claimed job that does not simply succeed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from kernel.redaction import redact
from services.jobs.claim import Claimed
from services.jobs.end import CANCELLED, DEADLINE, HISTORY, Ending, as_json, end
from services.jobs.hints import RING
from services.jobs.retry import Snooze, failure_of

#: An error message is kept up to this many characters: it may carry a whole request.
MESSAGE = 1_000
#: Seconds after which a job comes again that a store or a release was not ready for: the longer it
#: has waited already, the longer.
SOON, LATE = 3.0, 60.0


class Fenced(Exception):
    """The claim is no longer ours: the job was taken from this process, and runs elsewhere."""


class CancelRequested(Exception):
    """The job is to be cancelled, or its deadline is over; what it did is not committed."""


_LOCK = text("""
    SELECT cancel_at IS NOT NULL AS cancelled, reason,
        extract(epoch FROM now() - created_at)::float8 AS age,
        extract(epoch FROM deadline_at - now())::float8 AS left
    FROM jobs WHERE id = :id AND claim = :claim AND state = 'running' FOR UPDATE
""")
_REQUEUE = text(f"""
    WITH job AS (
        UPDATE jobs SET state = 'queued', process_id = NULL, event_seq = event_seq + 1,
            next_at = now() + make_interval(secs => :delay), due = :delay <= 0,
            failures = failures + :failed,
            -- It came back from an attempt: whatever it lost before, it did not kill.
            lost = CASE WHEN :failed > 0 THEN 0 ELSE lost END,
            error = coalesce(CAST(:error AS jsonb), error),
            history = history || {HISTORY}
        WHERE id = :id RETURNING id, event_seq, next_at
    )
    INSERT INTO job_events (job_id, seq, name, data)
    SELECT id, event_seq, 'queued', CAST(:data AS jsonb) || jsonb_build_object('run_at', next_at)
    FROM job
""")


def lock(session: Session, job: Claimed) -> None:
    """Lock the running job by its claim.

    Raises Fenced where the claim is lost, CancelRequested where it is to be cancelled.
    """
    if _held(session, job).cancelled:
        raise CancelRequested(str(job.id))


def fail(
    session: Session,
    job: Claimed,
    error: Exception,
    rng: Random,
    log: Sequence[str] | None = None,
) -> str:
    """A failure spent against the policy: `queued` again, `failed` (permanent) or `dead`.

    log: the attempt's last lines, for its history. Raises Fenced where the claim is lost.
    """
    row = _held(session, job)
    problem = describe(error)
    if row.cancelled:
        how = cancelled_as(row.reason)
        end(session, [job.id], how)
        return how.state
    delay = job.kind.retry.delay(error, job.failures + 1, rng, age=row.age)
    if delay is not None and (row.left is None or delay < row.left):
        _requeue(session, job, delay, reason="retry", error=problem, log=log)
        return "queued"
    permanent = failure_of(error) == "permanent"
    how = Ending(
        state="failed" if permanent else "dead",
        reason="permanent" if permanent else "exhausted" if delay is None else "deadline",
        error=problem,
        outcome="failed",
        log=log,
        failed=1,
    )
    end(session, [job.id], how)
    return how.state


def hand_back(session: Session, job: Claimed, reason: str) -> None:
    """Give the job back unspent: its worker is told to stop, a store is away, or the payload is
    newer than the worker. A no-op where the claim is lost.
    """

    def delay(age: float) -> float:
        # A store comes back, and a newer worker up, in seconds: not asked for in a tight loop. What
        # stays away is asked for ever less often.
        return 0.0 if reason == "stopping" else min(LATE, max(SOON, age / 10))

    _again(session, job, reason, delay)


def snooze(session: Session, job: Claimed, snoozed: Snooze) -> None:
    """The handler asked to come again later: nothing is spent. A no-op where the claim is lost."""
    _again(session, job, str(snoozed), lambda _: max(0.0, snoozed.seconds))


def _again(session: Session, job: Claimed, reason: str, delay: Callable[[float], float]) -> None:
    """Queue the job again with nothing spent, or end it where it is to be cancelled.

    delay: seconds, by the seconds since it was accepted. A no-op where the claim is lost.
    """
    try:
        row = _held(session, job)
    except Fenced:
        return
    if row.cancelled:
        end(session, [job.id], cancelled_as(row.reason))
    else:
        _requeue(session, job, delay(row.age), reason=reason)


def cancelled(session: Session, job: Claimed) -> None:
    """The end of a running job whose cancellation its handler honoured. No-op where fenced."""
    try:
        row = _held(session, job)
    except Fenced:
        return
    end(session, [job.id], cancelled_as(row.reason))


def cancelled_as(reason: str | None) -> Ending:
    """How a job ends that was to be cancelled: by its owner's wish, or for its deadline."""
    return DEADLINE if reason == "deadline" else CANCELLED


def describe(error: BaseException) -> dict[str, str]:
    """The error as clients see it: its class's name, and its message without secrets, and cut."""
    return {"type": type(error).__name__, "message": storable(redact(str(error))[:MESSAGE])}


def storable(text: str) -> str:
    """The text as PostgreSQL can keep it: without NUL, and without half a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _held(session: Session, job: Claimed) -> Row[Any]:
    row = session.execute(_LOCK, {"id": job.id, "claim": job.claim}).one_or_none()
    if row is None:
        raise Fenced(f"job {job.id} claim {job.claim} was taken back")
    return row


def _requeue(
    session: Session,
    job: Claimed,
    delay: float,
    *,
    reason: str,
    error: dict[str, str] | None = None,
    log: Sequence[str] | None = None,
) -> None:
    session.execute(
        _REQUEUE,
        {
            "id": job.id,
            "delay": delay,
            "failed": 1 if error else 0,
            "error": as_json(error),
            "outcome": "failed" if error else None,
            "log": as_json(log),
            "data": as_json({"reason": reason, **({"error": error} if error else {})}),
        },
    )
    announce_after_commit(session, RING, str(job.id))
