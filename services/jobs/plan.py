"""Plan: how much of each queue the broker may hold now.

The backlog stays in PostgreSQL, where it can be paused, reordered, cancelled and counted; the
broker holds a small window of each queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.jobs.kinds import Kind

#: Jobs whose time has come, made due in one look.
PROMOTED = 1_000


@dataclass(frozen=True, slots=True)
class Window:
    """How many messages a queue may have in the broker and at work, and how many it has."""

    size: int
    in_flight: int

    @property
    def free(self) -> int:
        return max(0, self.size - self.in_flight)


def window_factor(kinds: Iterable[Kind[Any]], factor: int, lease: float) -> dict[str, int]:
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


# What was planned for later comes due here; of the queues only those with something to hand out
# are counted.
_WINDOWS = text("""
    WITH promoted AS (
        UPDATE jobs SET due = true WHERE id IN (
            SELECT id FROM jobs WHERE state = 'queued' AND NOT due AND next_at <= now()
            ORDER BY next_at LIMIT :promoted FOR UPDATE SKIP LOCKED)
        RETURNING queue
    ), slots AS (
        SELECT queue, sum(slots) AS slots FROM processes, unnest(queues) AS queue
        WHERE role = 'worker' AND beat_at > now() - :silence GROUP BY queue
    ), used AS (
        SELECT queue, count(DISTINCT coalesce(message_id, id)) AS messages FROM jobs
        WHERE state IN ('dispatched', 'running') GROUP BY queue
    )
    SELECT slots.queue, slots.slots, coalesce(used.messages, 0) AS in_flight
    FROM slots LEFT JOIN used USING (queue)
    WHERE (EXISTS (SELECT 1 FROM jobs
                   WHERE jobs.queue = slots.queue AND jobs.state = 'queued' AND jobs.due)
           OR slots.queue IN (SELECT queue FROM promoted))
        AND NOT EXISTS (SELECT 1 FROM job_rules
                        WHERE scope = 'queue' AND name = slots.queue AND paused)
""")


def windows(session: Session, factors: dict[str, int], silence: timedelta) -> dict[str, Window]:
    """The window of every queue that has a due job and a living worker, and is not paused.

    Jobs whose time has come are made due here.
    """
    rows = session.execute(_WINDOWS, {"silence": silence, "promoted": PROMOTED})
    return {
        row.queue: Window(row.slots * factors[row.queue], row.in_flight)
        for row in rows
        if row.queue in factors
    }
