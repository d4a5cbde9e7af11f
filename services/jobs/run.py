"""Run: what a handler holds while it works on one job.

with run.finish({"recipes": 50}) as session:  # locks the job by its claim
    batches.store_chunk(session, ...)
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import Database, announce_after_commit
from services.jobs import end, settle
from services.jobs.claim import Claimed
from services.jobs.enqueue import Order, enqueue_many

#: Progress is written at most this often (seconds); a cancellation is noticed as often.
PROGRESS = 0.5


class HandBack(Exception):
    """This worker is told to stop: the job goes back to the queue and spends nothing."""


_PROGRESS = text("""
    WITH job AS (
        UPDATE jobs SET progress_done = :done, progress_total = :total, event_seq = event_seq + 1
        WHERE id = :id AND claim = :claim AND state = 'running'
        RETURNING id, event_seq, cancel_at
    ), told AS (
        INSERT INTO job_events (job_id, seq, name, data)
        SELECT id, event_seq, 'progress',
            jsonb_build_object('done', CAST(:done AS int), 'total', CAST(:total AS int))
        FROM job
    )
    SELECT cancel_at IS NOT NULL AS cancelled FROM job
""")


@dataclass(frozen=True, slots=True)
class Done:
    """What the handler of a small job asks to have finished: its result, and its effects.

    effects: called with the session of the transaction that ends the job, perhaps with others.
    """

    result: dict[str, Any] | None = None
    effects: Callable[[Session], None] | None = None


class Run:
    """One attempt at one job.

    stopping: answers whether this process is told to stop; asked at every progress point.
    """

    def __init__(self, database: Database, job: Claimed, stopping: Callable[[], bool]) -> None:
        self.job = job
        self.finished = False
        self._database = database
        self._stopping = stopping
        self._told = time.monotonic()

    def read(self) -> AbstractContextManager[Session]:
        """A transaction before the final one: for reading, or for what may be repeated."""
        return self._database.transaction()

    def progress(self, done: int, total: int, *, at_once: bool = False) -> None:
        """Report how far the job is. Also the point where it stops if it must.

        at_once: written even where the last report was a moment ago, so that whoever runs the job
        after this process died knows how far it came.
        Raises HandBack (worker told to stop), CancelRequested or Fenced: let them pass.
        """
        if self._stopping():
            raise HandBack
        now = time.monotonic()
        if now - self._told < PROGRESS and not at_once:
            return
        self._told = now
        with self._database.transaction() as session:
            row = session.execute(
                _PROGRESS,
                {"id": self.job.id, "claim": self.job.claim, "done": done, "total": total},
            ).one_or_none()
            announce_after_commit(session, str(self.job.id))
        if row is None:
            raise settle.Fenced(f"job {self.job.id} claim {self.job.claim} was taken back")
        if row.cancelled:
            raise settle.CancelRequested(str(self.job.id))

    @contextmanager
    def finish(self, result: dict[str, Any] | None = None) -> Iterator[Session]:
        """The job's one effective transaction: effects, result, state and event commit together.

        The row is locked by its claim before the block runs, so that of two attempts only one has
        effects. The block may fill *result* (it is read when the block ends). Raises Fenced or
        CancelRequested before the block runs.
        """
        with self._database.transaction() as session:
            settle.lock(session, self.job)
            yield session
            end.succeed(session, [(self.job.id, self.job.claim, result)])
        self.finished = True

    def spawn(self, session: Session, payloads: Iterable[object], then: object) -> uuid.UUID:
        """Fan out and join: a job for each payload, and one that waits until all have ended.

        In the finishing transaction. They are this job's owner's, and inherit its deadline. Answers
        the id of the job that joins.
        """
        mine: dict[str, Any] = {
            "owner": self.job.owner_id,
            "actor": f"job:{self.job.id}",
            "deadline": self.job.deadline,
        }
        join = Order(payload=then, **mine)
        children = [Order(payload=payload, parent=join.id, **mine) for payload in payloads]
        enqueue_many(session, [replace(join, pending=len(children)), *children])
        return join.id


def advance(session: Session, parent: uuid.UUID, by: int) -> None:
    """Add *by* to the progress of a waiting job, in a child's finishing transaction."""
    session.execute(_ADVANCE, {"id": parent, "by": by})
    announce_after_commit(session, str(parent))


_ADVANCE = text("""
    WITH job AS (
        UPDATE jobs SET progress_done = progress_done + :by, event_seq = event_seq + 1,
            started_at = coalesce(started_at, now())
        WHERE id = :id RETURNING id, event_seq, progress_done, progress_total
    )
    INSERT INTO job_events (job_id, seq, name, data)
    SELECT id, event_seq, 'progress',
        jsonb_build_object('done', progress_done, 'total', progress_total)
    FROM job
""")
