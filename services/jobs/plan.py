"""Plan: which jobs go to the broker next, owners in turn, then priority, then age.

The backlog stays in PostgreSQL. The broker holds a small window of each queue, so that a queue
can be paused, cancelled and counted, and one owner's hundred thousand jobs delay nobody else's one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.jobs.kinds import Kind

#: Owners looked at for one refill; the next refill goes on where this one ended.
OWNERS = 256


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the broker for one job: a hint to claim it, nothing else."""

    job_id: uuid.UUID
    kind: str
    queue: str
    claim: int
    owner_id: uuid.UUID
    correlation_id: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """How many messages a queue may have in the broker and at work, and how many it has."""

    size: int
    in_flight: int

    @property
    def free(self) -> int:
        return max(0, self.size - self.in_flight)


def window_factor(kinds: Iterable[Kind[object]], factor: int, lease: float) -> dict[str, int]:
    """Messages for each slot, by queue.

    A few times the slots where jobs are short, so that no worker waits for the dispatcher; the
    slots alone where a job may run longer than the dispatch *lease* (seconds): a message behind
    such a job would run out of it, be published anew, and come twice.
    """
    factors: dict[str, int] = {}
    for kind in kinds:
        short = kind.soft_limit <= lease
        factors[kind.queue] = min(factors.get(kind.queue, factor), factor if short else 1)
    return factors


_WINDOWS = text("""
    WITH slots AS (
        SELECT queue, sum(slots) AS slots FROM processes, unnest(queues) AS queue
        WHERE role = 'worker' AND beat_at > now() - :silence GROUP BY queue
    ), used AS (
        SELECT queue, count(*) AS jobs FROM jobs WHERE state IN ('dispatched', 'running')
        GROUP BY queue
    )
    SELECT slots.queue, slots.slots, coalesce(used.jobs, 0) AS in_flight
    FROM slots LEFT JOIN used USING (queue)
    WHERE EXISTS (SELECT 1 FROM jobs WHERE jobs.queue = slots.queue AND jobs.state = 'queued')
""")


def windows(session: Session, factors: dict[str, int], silence: timedelta) -> dict[str, Window]:
    """The window of every queue that has a backlog and a living worker."""
    return {
        row.queue: Window(row.slots * factors[row.queue], row.in_flight)
        for row in session.execute(_WINDOWS, {"silence": silence})
        if row.queue in factors
    }


# Owners by a loose index scan, one probe of ix_jobs_backlog each, however long their backlogs:
# those behind the owner served last, then from the beginning. The first :free of them who have a
# due job get a turn; then their jobs by turn, so that nobody has two before each had one.
_WALK = """
    {name} (owner_id, n) AS (
        (SELECT owner_id, 1 FROM jobs
         WHERE queue = :queue AND state = 'queued' AND owner_id > {after}
         ORDER BY owner_id LIMIT 1)
        UNION ALL
        SELECT next.owner_id, {name}.n + 1 FROM {name}, LATERAL (
            SELECT owner_id FROM jobs
            WHERE queue = :queue AND state = 'queued' AND owner_id > {name}.owner_id
            ORDER BY owner_id LIMIT 1) AS next
        WHERE {name}.n < :owners
    )"""
_TAKE = text(f"""
    WITH RECURSIVE
    {_WALK.format(name="behind", after="CAST(:after AS uuid)")},
    {_WALK.format(name="start", after="CAST(:before_all AS uuid)")},
    owners AS (
        SELECT owner_id, round, row_number() OVER (ORDER BY round, owner_id) AS place FROM (
            SELECT owner_id, 1 AS round FROM behind
            UNION ALL SELECT owner_id, 2 FROM start WHERE owner_id <= :after
        ) AS both_rounds
        WHERE EXISTS (
            SELECT 1 FROM jobs WHERE queue = :queue AND state = 'queued'
            AND jobs.owner_id = both_rounds.owner_id AND next_at <= now())
        ORDER BY round, owner_id LIMIT :free
    ), ranked AS (
        SELECT due.id, owners.place, due.turn FROM owners CROSS JOIN LATERAL (
            SELECT id, row_number() OVER (ORDER BY priority DESC, next_at, id) AS turn
            FROM jobs
            WHERE queue = :queue AND state = 'queued' AND owner_id = owners.owner_id
                AND next_at <= now()
            ORDER BY priority DESC, next_at, id LIMIT :free) AS due
    ), chosen AS (
        SELECT id, turn, place FROM ranked ORDER BY turn, place LIMIT :free
    )
    UPDATE jobs SET state = 'dispatched', claim = claim + 1, next_at = now() + :lease,
        process_id = NULL
    FROM chosen WHERE jobs.id = chosen.id AND jobs.state = 'queued'
    RETURNING jobs.id, jobs.kind, jobs.queue, jobs.claim, jobs.owner_id,
        jobs.correlation_id, chosen.turn, chosen.place
""")

#: Lies before every owner, the platform's own id included.
BEFORE_ALL = uuid.UUID(int=0)


def take(
    session: Session, queue: str, free: int, after: uuid.UUID, lease: timedelta
) -> tuple[list[Message], uuid.UUID]:
    """Take up to *free* due jobs of *queue*; answers them in order, and the owner served last.

    The next refill begins behind that owner. Each job taken has a new claim and a dispatch lease;
    the caller commits, then publishes.
    """
    rows = session.execute(
        _TAKE,
        {
            "queue": queue,
            "free": free,
            "after": after,
            "before_all": BEFORE_ALL,
            "owners": OWNERS,
            "lease": lease,
        },
    ).all()
    taken = [
        Message(row.id, row.kind, row.queue, row.claim, row.owner_id, row.correlation_id)
        for row in sorted(rows, key=lambda row: (row.turn, row.place))
    ]
    return taken, taken[-1].owner_id if taken else after
