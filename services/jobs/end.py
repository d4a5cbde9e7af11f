"""End: live jobs move into the archive, and whoever waits for that is told in the same transaction.

Order of locks, everywhere: a child before its parent, what is awaited before what waits.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, insert, text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.database import Database, announce_after_commit
from kernel.ids import new_id
from services.jobs import edges, ended, unique
from services.jobs.hints import RING
from services.jobs.kinds import Kind, all_kinds, kind_named
from services.jobs.models import COLUMNS, jobs

# One attempt that did not succeed, as `models.Job.history` describes it; nothing where it did.
HISTORY = """CASE WHEN CAST(:outcome AS text) IS NULL THEN '[]' ELSE jsonb_build_array(
        jsonb_build_object('attempt', attempts, 'outcome', CAST(:outcome AS text),
            'error', CAST(:error AS jsonb), 'at', now(), 'process', process_id,
            'host', (SELECT host || ' ' || pid FROM processes WHERE processes.id = process_id),
            'seconds', round(extract(epoch FROM now() - claimed_at), 3),
            'log', CAST(:log AS jsonb))) END"""

# The columns that ending a job changes are overridden on the way into the archive.
_CHANGED = {
    "state": ":state",
    "result": "CAST(new_result AS jsonb)",
    "error": "CAST(:error AS jsonb)",
    "history": f"history || {HISTORY}",
    "event_seq": "event_seq + 1",
    "failures": "failures + :failed",
    "lost": "lost + :vanished",
    "reason": ":reason",
}
_SELECT = ", ".join(_CHANGED.get(name, name) for name in COLUMNS.split(", "))
_SUCCEEDED = {
    "state": "'succeeded'",
    "result": "CAST(new_result AS jsonb)",
    "error": "NULL::jsonb",
    "event_seq": "event_seq + 1",
}
_PLAIN = ", ".join(_SUCCEEDED.get(name, name) for name in COLUMNS.split(", "))

# Where a claim is given, a job that runs no more under it, or is to be cancelled, stays as it is.
# The event of a success is derived from the row (`events.after`).
_ARCHIVE = text(f"""
    WITH ending AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[]), CAST(:results AS text[]))
            AS ending (ending_id, ending_claim, new_result)
    ), gone AS (
        DELETE FROM jobs USING ending WHERE id = ending_id AND (ending_claim IS NULL
            OR claim = ending_claim AND state = 'running' AND cancel_at IS NULL)
        RETURNING jobs.*, new_result
    ), kept AS (
        INSERT INTO jobs_archive ({COLUMNS}, finished_at) SELECT {_SELECT}, now() FROM gone
    ), told AS (
        INSERT INTO job_events (job_id, seq, name, data)
        SELECT id, event_seq + 1, :state, CAST(:data AS jsonb) FROM gone
        WHERE CAST(:state AS text) <> 'succeeded'
    )
    SELECT id, kind, owner_id, parent_id, follow_up, on_end, dedupe_key, created_at, deadline_at,
        correlation_id, traceparent, now() AS finished_at,
        EXISTS (SELECT 1 FROM job_edges WHERE awaited_id = id) AS awaited,
        state = 'waiting' AS waited
    FROM gone
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How jobs end. state: a final one. reason: why, where not by success or the owner's wish.

    outcome, log: what the history says of their last attempt, where it is to say something.
    failed, vanished: what is added to their counts.
    """

    state: str
    reason: str | None = None
    error: Mapping[str, Any] | None = None
    outcome: str | None = None
    log: Sequence[str] | None = None
    failed: int = 0
    vanished: int = 0


SUCCESS = Ending(state="succeeded")
CANCELLED = Ending(state="cancelled")
DEADLINE = Ending(
    state="failed",
    reason="deadline",
    error={"type": "DeadlineExceeded", "message": "It had not ended by its deadline."},
)
EXPIRED = Ending(
    state="failed",
    reason="expired",
    error={"type": "Expired", "message": "It could not start before it expired."},
)
_DEPENDENCY = Ending(
    state="failed",
    reason="dependency",
    error={"type": "DependencyFailed", "message": "A job that had to succeed first did not."},
)


def end(session: Session, ids: Sequence[uuid.UUID], how: Ending) -> None:
    """End live jobs whose rows the caller has locked."""
    _end(session, ids, [None] * len(ids), [None] * len(ids), how)


# Whom nobody waits for, and nothing follows, ends in one statement.
_ARCHIVE_PLAIN = text(f"""
    WITH ending AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[]), CAST(:results AS text[]))
            AS ending (ending_id, ending_claim, new_result)
    ), gone AS (
        DELETE FROM jobs USING ending WHERE id = ending_id AND claim = ending_claim
            AND state = 'running' AND cancel_at IS NULL AND parent_id IS NULL
            AND coalesce(follow_up, 'null') = 'null' AND on_end IS NULL AND dedupe_key IS NULL
            AND NOT EXISTS (SELECT 1 FROM job_edges WHERE awaited_id = id)
        RETURNING jobs.*, new_result
    )
    INSERT INTO jobs_archive ({COLUMNS}, finished_at)
    SELECT {_PLAIN}, now() FROM gone RETURNING id
""")

#: Id, claim and result of a running job.
Held = tuple[uuid.UUID, int, dict[str, Any] | None]


def succeed_plainly(database: Database, kind: Kind[Any], held: Sequence[Held]) -> set[uuid.UUID]:
    """End with success, in one statement of its own, those of the jobs that nothing follows.

    For jobs without effects. Answers which those were; the others are as they were.
    """
    if kind.tells:
        return set()
    order = sorted(held, key=itemgetter(0))
    rows = database.statement(
        _ARCHIVE_PLAIN,
        {
            "ids": [job for job, _, _ in order],
            "claims": [claim for _, claim, _ in order],
            "results": [as_json(result) for _, _, result in order],
        },
    )
    if rows:
        # Where only so many of a lane may run, its next one may be due.
        database.announce(*(str(row.id) for row in rows), *([RING] if kind.per_key else []))
    return {row.id for row in rows}


def succeed(session: Session, held: Sequence[Held]) -> set[uuid.UUID]:
    """End running jobs with success. held: id, claim and result of each.

    Answers those that ended so. One whose claim is lost, or that is to be cancelled, is not
    touched: its effects must not stand either.
    """
    order = sorted(held, key=itemgetter(0))
    return _end(
        session,
        [job for job, _, _ in order],
        [claim for _, claim, _ in order],
        [as_json(result) for _, _, result in order],
        SUCCESS,
    )


def _end(
    session: Session,
    ids: Sequence[uuid.UUID],
    claims: Sequence[int | None],
    results: Sequence[str | None],
    how: Ending,
) -> set[uuid.UUID]:
    rows = session.execute(
        _ARCHIVE,
        {
            "ids": list(ids),
            "claims": list(claims),
            "results": list(results),
            "state": how.state,
            "reason": how.reason,
            "error": as_json(how.error),
            "outcome": how.outcome,
            "log": as_json(how.log),
            "failed": how.failed,
            "vanished": how.vanished,
            "data": as_json({"error": how.error} if how.error else {}),
        },
    ).all()
    if rows:
        _tell(session, rows, how)
    return {row.id for row in rows}


def _tell(session: Session, rows: Sequence[Row[Any]], how: Ending) -> None:
    """Parents and waiters, follow-ups, keys, listeners, and whoever watches."""
    keyed = [(row.id, row.owner_id, row.dedupe_key) for row in rows if row.dedupe_key is not None]
    if keyed:
        unique.release(session, keyed)
    for row in rows:
        if how.state == "succeeded" and row.follow_up is not None:
            _follow(session, row, row.follow_up, deadline=row.deadline_at)
        if row.on_end is not None:
            # Without the deadline: it may be what ended the job.
            _follow(session, row, row.on_end, deadline=None)
    edges.forget(session, [row.id for row in rows if row.waited])
    edges.count_down(session, [row.parent_id for row in rows if row.parent_id is not None])
    settle_edges(
        session, [row.id for row in rows if row.awaited], succeeded=how.state == "succeeded"
    )
    listened = {kind.name for kind in all_kinds() if kind.tells}
    told = [
        ended.Ended(
            id=row.id,
            kind=row.kind,
            owner_id=row.owner_id,
            state=how.state,
            reason=how.reason,
            error=None if how.error is None else dict(how.error),
            created_at=row.created_at,
            finished_at=row.finished_at,
        )
        for row in rows
        if row.kind in listened
    ]
    if told:
        ended.tell(session, told)
    announce_after_commit(session, *(str(row.id) for row in rows))
    # Where only so many of a lane may run, its next one may be due.
    if any(kind.per_key and kind.name in {row.kind for row in rows} for kind in all_kinds()):
        announce_after_commit(session, RING)


def settle_edges(session: Session, awaited: Sequence[uuid.UUID], *, succeeded: bool) -> None:
    """Release the waiters of jobs that have ended well; fail those of jobs that have not."""
    if not awaited:
        return
    waiters = edges.cut(session, awaited)
    if succeeded:
        edges.count_down(session, waiters)
    else:
        end(session, edges.still_waiting(session, waiters), _DEPENDENCY)


def _follow(
    session: Session, row: Row[Any], follow_up: Mapping[str, Any], *, deadline: datetime | None
) -> None:
    """Enqueue a follow-up as it was ordered; its kind may be one that a newer release knows."""
    queue = follow_up.get("queue") or kind_named(follow_up["kind"]).queue  # 0.1.0 kept no queue
    session.execute(
        insert(jobs).values(
            id=new_id(),
            kind=follow_up["kind"],
            version=follow_up["version"],
            queue=queue,
            payload=follow_up["payload"],
            owner_id=row.owner_id,
            actor=f"job:{row.id}",
            deadline_at=deadline,
            correlation_id=row.correlation_id,
            traceparent=row.traceparent,
        )
    )
    announce_after_commit(session, RING)


def as_json(value: Any) -> str | None:
    """The value as JSON text for a parameter; None, which is NULL, for none."""
    return None if value is None else codec.dumps(value).decode()
