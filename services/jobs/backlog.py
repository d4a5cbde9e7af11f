"""Backlog: how many jobs of each queue, kind and owner are due, and how long the oldest waits.

Counted in PostgreSQL, at a bounded price. With 200,000 queued jobs of 500 bytes, an index-only
scan of ix_jobs_backlog reads 1,500 pages and takes 25 ms for each 100,000 jobs; a scan of the table
reads 22,000 pages and takes 70 ms, and grows with the payloads. So a queue is counted through the
index, up to a limit; what lies behind it is walked lane by lane, one probe each.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Due jobs counted of one queue; more are told as "at least".
MOST = 100_000
#: Behind that: lanes looked at, and due jobs counted of each.
LANES, FEW = 500, 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """Due jobs of one queue, kind and owner. oldest: seconds since its oldest came due.

    capped: there may be more than *jobs*.
    """

    queue: str
    kind: str
    owner_id: uuid.UUID
    jobs: int
    capped: bool
    oldest: float


# Of queues that no kind of this release names, there may be jobs all the same.
_QUEUES = text("""
    WITH RECURSIVE queues (queue) AS (
        (SELECT queue FROM jobs WHERE state = 'queued' AND due ORDER BY queue LIMIT 1)
        UNION ALL
        SELECT next.queue FROM queues, LATERAL (
            SELECT queue FROM jobs WHERE state = 'queued' AND due AND jobs.queue > queues.queue
            ORDER BY queue LIMIT 1) AS next
    )
    SELECT queue FROM queues
""")
_COUNT = text("""
    SELECT kind, owner_id, count(*) AS jobs,
        extract(epoch FROM now() - min(next_at))::float AS oldest
    FROM (SELECT kind, owner_id, next_at FROM jobs
          WHERE queue = :queue AND state = 'queued' AND due LIMIT :most) AS looked_at
    GROUP BY kind, owner_id
""")
# The order is the index's, so the first of each lane is the oldest of its highest priority.
_HEAD = """
    SELECT owner_id, kind, limit_key, next_at FROM jobs
    WHERE queue = :queue AND state = 'queued' AND due {behind}
    ORDER BY owner_id, kind, limit_key, priority DESC, next_at, id LIMIT 1
"""
_BEHIND = """AND (jobs.owner_id, jobs.kind, jobs.limit_key)
        > (lanes.owner_id, lanes.kind, lanes.limit_key)"""
_WALK = text(f"""
    WITH RECURSIVE lanes (owner_id, kind, limit_key, next_at, n) AS (
        SELECT head.*, 1 FROM ({_HEAD.format(behind="")}) AS head
        UNION ALL
        SELECT next.*, lanes.n + 1 FROM lanes, LATERAL ({_HEAD.format(behind=_BEHIND)}) AS next
        WHERE lanes.n < :lanes
    )
    SELECT kind, owner_id, sum(counted.jobs)::int AS jobs, max(counted.jobs) >= :few AS capped,
        extract(epoch FROM now() - min(next_at))::float AS oldest, max(n) AS n
    FROM lanes CROSS JOIN LATERAL (
        SELECT count(*) AS jobs FROM (
            SELECT FROM jobs WHERE queue = :queue AND state = 'queued' AND due
                AND owner_id = lanes.owner_id AND kind = lanes.kind
                AND limit_key = lanes.limit_key LIMIT :few) AS few) AS counted
    GROUP BY kind, owner_id
""")


def queues(session: Session) -> Sequence[str]:
    """The queues that have a due job."""
    return session.scalars(_QUEUES).all()


def backlog(session: Session, queue: str, most: int = MOST) -> list[Part]:
    """The due jobs of *queue*, exact where they are fewer than *most*.

    Else each part is told as at least as many as were seen, and the oldest may be older still.
    """
    rows = session.execute(_COUNT, {"queue": queue, "most": most}).all()
    seen = {(row.kind, row.owner_id): (row.jobs, False, row.oldest) for row in rows}
    if sum(row.jobs for row in rows) >= most:
        args = {"queue": queue, "lanes": LANES, "few": min(FEW, most)}
        walked = {(row.kind, row.owner_id): row for row in session.execute(_WALK, args)}
        whole = max((row.n for row in walked.values()), default=0) < LANES
        # Which of the parts were counted to their end, the first count does not say.
        seen = {part: (jobs, True, oldest) for part, (jobs, _, oldest) in seen.items()}
        for part, row in walked.items():
            jobs, capped, oldest = seen.get(part, (0, False, 0.0))
            capped = row.capped or row.jobs < jobs or not whole
            seen[part] = (max(jobs, row.jobs), capped, max(oldest, row.oldest))
    return [
        Part(queue, *part, jobs, capped, oldest) for part, (jobs, capped, oldest) in seen.items()
    ]
