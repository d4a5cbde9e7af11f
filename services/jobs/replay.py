"""Replay: a dead job lives again, under its own id and with its history.

Its failures and its lost workers are forgiven. Its claim is not reset: whoever still holds an old
one stays fenced off.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit, now
from kernel.errors import Conflict, Invalid, NotFound
from kernel.ids import new_id
from services.audit import record
from services.jobs import unique
from services.jobs.dead import Search
from services.jobs.hints import RING
from services.jobs.models import COLUMNS
from services.jobs.read import find

#: Jobs replayed in one transaction.
CHUNK = 1_000
#: Jobs a second, where nobody says otherwise.
RATE = 50.0
#: And at most.
FASTEST = 100_000.0

# What becomes of each column on the way back; the others stay as they are. An expiry or a deadline
# of the first life would end the second at once.
_CHANGED = {
    "state": "'queued'",
    "next_at": "run_at",
    "due": "run_at <= now()",
    "failures": "0",
    "lost": "0",
    "process_id": "NULL",
    "message_id": "NULL",
    "claimed_at": "NULL",
    "cancel_at": "NULL",
    "expires_at": "NULL",
    "deadline_at": "NULL",
    "pending": "0",
    "reason": "NULL",
    "result": "NULL",
    "event_seq": "event_seq + 1",
    "history": """history || jsonb_build_array(jsonb_build_object(
        'outcome', 'replayed', 'by', CAST(:actor AS text), 'at', now()))""",
}
_SELECT = ", ".join(_CHANGED.get(name, name) for name in COLUMNS.split(", "))
_MOVE = text(f"""
    WITH gone AS (
        DELETE FROM jobs_archive
        WHERE id = ANY(CAST(:ids AS uuid[])) AND state IN ('dead', 'failed') RETURNING *
    ), timed AS (
        SELECT *, CAST(:start AS timestamptz) + make_interval(secs =>
            (:before + row_number() OVER (ORDER BY id) - 1) / CAST(:rate AS float8)) AS run_at
        FROM gone
    ), back AS (
        INSERT INTO jobs ({COLUMNS}) SELECT {_SELECT} FROM timed
        RETURNING id, event_seq, next_at, parent_id
    ), told AS (
        INSERT INTO job_events (job_id, seq, name, data)
        SELECT id, event_seq, 'queued',
            jsonb_build_object('reason', 'replayed', 'run_at', next_at) FROM back
    )
    SELECT id, next_at, parent_id FROM back ORDER BY id
""")
# A parent that still waits for others waits for this one again, or it would begin one too early.
_PARENT_WAITS = text("""
    UPDATE jobs SET pending = pending + :children WHERE id = :id AND state = 'waiting'
""")
_ONE = text("""
    SELECT id, owner_id, dedupe_key, now() AS now FROM jobs_archive
    WHERE id = :id AND state IN ('dead', 'failed') FOR UPDATE
""")
# Oldest first, and only what had ended when the replay began: what dies again is not its business.
# A job that failed because another had is replayed where that reason is asked for: when the other
# has succeeded, which nothing here waits for.
_NEXT = """
    WITH RECURSIVE {kinds}
    SELECT found.* FROM kinds CROSS JOIN LATERAL (
        SELECT id, owner_id, dedupe_key FROM jobs_archive
        WHERE state IN ('dead', 'failed') AND kind = kinds.kind AND id > :after
            AND finished_at <= :began {conditions}
            AND (reason IS DISTINCT FROM 'dependency' OR CAST(:reason AS text) = 'dependency')
        ORDER BY id LIMIT :limit
    ) AS found ORDER BY id LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class _Key:
    """A job's dedupe key, as `services.jobs.unique` is asked for it."""

    id: uuid.UUID
    owner: uuid.UUID
    dedupe: str | None
    dedupe_for: timedelta | None = None


def replay(session: Session, job_id: uuid.UUID, actor: str, owner: uuid.UUID | None = None) -> None:
    """Queue one dead job again, due at once. owner: whose it must be; None: whoever's.

    Raises NotFound where there is no such job, Conflict where it did not end as `dead` or `failed`,
    or where another job has taken its dedupe key.
    """
    row = session.execute(_ONE, {"id": job_id}).one_or_none()
    if row is None or (owner is not None and row.owner_id != owner):
        job = find(session, job_id, owner)
        if job is None:
            raise NotFound(f"There is no job {job_id}.")
        raise Conflict(f"The job is {job.state}; only a dead or failed one can be run again.")
    if _superseded(session, [row]):
        raise Conflict("Another job with the same dedupe key has taken its place.")
    _move(session, [job_id], actor, start=row.now, before=0, rate=RATE)
    record(session, actor=actor, action="job.replayed", target=f"job:{job_id}")


class Bulk:
    """A replay of all that a search finds, a chunk of it in each transaction.

        bulk = Bulk(search, actor, rate=50)
        while not bulk.done:
            with database.transaction() as session:
                bulk.step(session)

    rate: jobs that come due in a second. most: jobs replayed at most. Interrupted, it has replayed
    what it has, and the same search finds the rest. Each transaction leaves an entry in the audit
    log, with the id of the replay.
    """

    def __init__(
        self, search: Search, actor: str, rate: float = RATE, most: int | None = None
    ) -> None:
        if not 0 < rate <= FASTEST:
            raise Invalid(
                f"A rate of {rate:g} jobs a second makes no sense.",
                {"rate": [f"Above 0, and at most {FASTEST:,.0f} a second."]},
            )
        self.id = new_id()
        self._search = search
        self._actor = actor
        self._rate = rate
        self._most = most
        self._after = uuid.UUID(int=0)
        self._began: datetime | None = None
        #: Jobs queued again, and those passed over since another job holds their dedupe key.
        self.replayed = self.skipped = 0
        #: When the last of them comes due.
        self.until: datetime | None = None
        #: Nothing is left to do; more: since *most* is reached, though there may be more.
        self.done = self.more = False

    def step(self, session: Session) -> None:
        """Replay the next chunk."""
        if self._began is None:
            self._began = now(session)
        room = CHUNK if self._most is None else min(CHUNK, self._most - self.replayed)
        rows = self._next(session, room + 1)
        # One more than there is room for tells whether there are more.
        self.done, rows = len(rows) <= room, rows[:room]
        if rows:
            self._replay(session, rows)
        if not self.done and self.replayed == self._most:
            self.done = self.more = True

    def _next(self, session: Session, limit: int) -> Sequence[Any]:
        statement = _NEXT.format(kinds=self._search.kinds(), conditions=self._search.conditions())
        args = {"after": self._after, "began": self._began, "limit": limit}
        return session.execute(text(statement), self._search.args() | args).all()

    def _replay(self, session: Session, rows: Sequence[Any]) -> None:
        superseded = _superseded(session, rows)
        moved = _move(
            session,
            [row.id for row in rows if row.id not in superseded],
            self._actor,
            start=self._began,
            before=self.replayed,
            rate=self._rate,
        )
        self._after = rows[-1].id
        self.skipped += len(superseded)
        if not moved:
            return
        self.replayed += len(moved)
        self.until = moved[-1].next_at
        record(
            session,
            actor=self._actor,
            action="jobs.replayed",
            target="dead-jobs",
            details={
                "replay": str(self.id),
                "search": self._search.given(),
                "rate": self._rate,
                "jobs": len(moved),
                "so_far": self.replayed,
            },
        )


def _superseded(session: Session, rows: Sequence[Any]) -> set[uuid.UUID]:
    """Take the dedupe keys again; answers the jobs whose key another job holds."""
    keyed = [_Key(row.id, row.owner_id, row.dedupe_key) for row in rows if row.dedupe_key]
    if not keyed:
        return set()
    return {job for job, holder in unique.take(session, keyed).items() if holder != job}


def _move(
    session: Session,
    ids: list[uuid.UUID],
    actor: str,
    *,
    start: datetime | None,
    before: int,
    rate: float,
) -> Sequence[Any]:
    """Bring the jobs back, each due 1/rate seconds after the other; answers the rows of those.

    before: jobs that were brought back since *start*.
    """
    args = {"ids": ids, "actor": actor, "start": start, "before": before, "rate": rate}
    back = session.execute(_MOVE, args).all()
    parents: dict[uuid.UUID, int] = {}
    for row in back:
        if row.parent_id is not None:
            parents[row.parent_id] = parents.get(row.parent_id, 0) + 1
    for parent, children in sorted(parents.items()):
        session.execute(_PARENT_WAITS, {"id": parent, "children": children})
    if back:
        announce_after_commit(session, RING, *(str(row.id) for row in back))
    return back
