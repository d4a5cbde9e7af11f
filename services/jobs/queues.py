"""Queues: how every queue, kind and owner stands at this moment, and who works."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import now
from services.jobs import backlog, rules
from services.jobs.kinds import all_kinds

#: Owners shown: those with the most jobs.
OWNERS = 20
#: What ended is counted over this many seconds.
LATELY = 60
ENDED = ("succeeded", "failed", "dead", "cancelled")


@dataclass(slots=True, kw_only=True)
class Standing:
    """How a queue, a kind or an owner stands. Counts of jobs.

    depth: due, and not sent yet; at_least: there may be more than were counted. later: not due yet.
    waiting: for other jobs. dispatched: in the broker. oldest_seconds: since the oldest came due.
    """

    name: str
    paused: bool = False
    depth: int = 0
    at_least: bool = False
    oldest_seconds: float | None = None
    later: int = 0
    waiting: int = 0
    dispatched: int = 0
    running: int = 0


@dataclass(slots=True, kw_only=True)
class Flow(Standing):
    """And what ended within the last LATELY seconds. per_second: of all that ended."""

    succeeded: int = 0
    failed: int = 0
    dead: int = 0
    cancelled: int = 0
    per_second: float = 0.0


@dataclass(slots=True, kw_only=True)
class Queue(Flow):
    """slots: jobs that its living workers execute at once. They may serve other queues too."""

    slots: int = 0
    processes: int = 0


@dataclass(slots=True, kw_only=True)
class KindFlow(Flow):
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that beats, or did within a day. alive: it is not taken for dead yet."""

    id: uuid.UUID
    role: str
    host: str
    pid: int
    queues: list[str]
    slots: int
    running: int
    started_at: datetime
    beat_seconds: float
    alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment, by the database's clock. owners: those with the most jobs."""

    at: datetime
    queues: list[Queue]
    kinds: list[KindFlow]
    owners: list[Standing]
    processes: list[Process] = field(default_factory=list)


# Small by construction, and in ix_jobs_in_flight.
_IN_FLIGHT = text("""
    SELECT queue, kind, owner_id, count(*) FILTER (WHERE state = 'dispatched') AS dispatched,
        count(*) FILTER (WHERE state = 'running') AS running
    FROM jobs WHERE state IN ('dispatched', 'running') GROUP BY queue, kind, owner_id
""")
# ix_jobs_later and ix_jobs_waiting.
_LATER = text("""
    SELECT queue, kind, owner_id, count(*) AS jobs
    FROM (SELECT queue, kind, owner_id FROM jobs
          WHERE state = 'queued' AND NOT due LIMIT :most) AS seen
    GROUP BY queue, kind, owner_id
""")
_WAITING = text("""
    SELECT queue, kind, owner_id, count(*) AS jobs
    FROM (SELECT queue, kind, owner_id FROM jobs WHERE state = 'waiting' LIMIT :most) AS seen
    GROUP BY queue, kind, owner_id
""")
# Rows lie in the order in which jobs ended, so the brin index on finished_at leads to the last
# pages of each partition: of 300,000 rows over a week, 22 of 20,000 pages are read in 0.3 ms where
# nothing ended lately. What did end is read: 30,000 rows of a minute (500 a second) are 2,300 pages
# and take about 100 ms. So whoever looks again and again rests in between (cli/top.py).
_ENDED = text("""
    SELECT queue, kind, state, count(*) AS jobs FROM jobs_archive
    WHERE finished_at > now() - make_interval(secs => :seconds) GROUP BY queue, kind, state
""")
_SLOTS = text("""
    SELECT queue, sum(slots)::int AS slots, count(*) AS processes
    FROM processes, unnest(queues) AS queue
    WHERE role = 'worker' AND beat_at > now() - :silence GROUP BY queue
""")
_PROCESSES = text("""
    SELECT id, role, host, pid, queues, slots, started_at,
        (SELECT count(*) FROM jobs WHERE state = 'running' AND process_id = processes.id)::int
            AS running,
        extract(epoch FROM now() - beat_at)::float AS beat_seconds,
        beat_at > now() - :silence AS alive
    FROM processes ORDER BY role, host, started_at, pid
""")


class _Board:
    """The standings, by name, while they are added up."""

    def __init__(self) -> None:
        self.queues = {name: Queue(name=name) for name in _known_queues()}
        self.kinds = {one.name: KindFlow(name=one.name, queue=one.queue) for one in all_kinds()}
        self.owners: dict[str, Standing] = {}

    def of(self, queue: str, kind: str) -> tuple[Queue, KindFlow]:
        """Those of a job's queue and kind; of a release other than this, they are made."""
        return (
            self.queues.setdefault(queue, Queue(name=queue)),
            self.kinds.setdefault(kind, KindFlow(name=kind, queue=queue)),
        )

    def all_of(self, row: Any) -> Iterable[Standing]:
        """Those of a job's queue, kind and owner."""
        owner = str(row.owner_id)
        return (
            *self.of(row.queue, row.kind),
            self.owners.setdefault(owner, Standing(name=owner)),
        )


def snapshot(
    session: Session, silence: timedelta, *, most: int = backlog.MOST, owners: int = OWNERS
) -> Snapshot:
    """How everything stands. silence: after which a process counts as dead.

    most: due jobs counted of one queue, and jobs that wait or come later counted in all. owners:
    how many are shown.
    """
    board = _Board()
    _add_backlog(board, session, most)
    for row in session.execute(_IN_FLIGHT):
        for one in board.all_of(row):
            one.dispatched += row.dispatched
            one.running += row.running
    for row in session.execute(_LATER, {"most": most}):
        for one in board.all_of(row):
            one.later += row.jobs
    for row in session.execute(_WAITING, {"most": most}):
        for one in board.all_of(row):
            one.waiting += row.jobs
    _add_ended(board, session)
    _add_slots(board, session, silence)
    _mark_paused(board, session)
    busiest = sorted(board.owners.values(), key=_jobs, reverse=True)
    return Snapshot(
        at=now(session),
        queues=[board.queues[name] for name in sorted(board.queues)],
        kinds=[board.kinds[name] for name in sorted(board.kinds)],
        owners=busiest[:owners],
        processes=[
            Process(**row) for row in session.execute(_PROCESSES, {"silence": silence}).mappings()
        ],
    )


def standing(session: Session, silence: timedelta, *, most: int) -> list[Queue]:
    """Depth, oldest age, slots and what is in flight of every queue, and nothing else of it.

    For whoever asks often and may be anybody: *most* bounds what an answer costs.
    """
    board = _Board()
    _add_backlog(board, session, most)
    for row in session.execute(_IN_FLIGHT):
        queue, _ = board.of(row.queue, row.kind)
        queue.dispatched += row.dispatched
        queue.running += row.running
    _add_slots(board, session, silence)
    _mark_paused(board, session)
    return [board.queues[name] for name in sorted(board.queues)]


def _known_queues() -> set[str]:
    return {kind.queue for kind in all_kinds()}


def _add_backlog(board: _Board, session: Session, most: int) -> None:
    for queue in sorted({*board.queues, *backlog.queues(session)}):
        for part in backlog.backlog(session, queue, most):
            for one in board.all_of(part):
                one.depth += part.jobs
                one.at_least = one.at_least or part.capped
                one.oldest_seconds = max(one.oldest_seconds or 0.0, part.oldest)


def _add_ended(board: _Board, session: Session) -> None:
    for row in session.execute(_ENDED, {"seconds": LATELY}):
        for one in board.of(row.queue, row.kind):
            setattr(one, row.state, getattr(one, row.state) + row.jobs)
            one.per_second = sum(getattr(one, state) for state in ENDED) / LATELY


def _add_slots(board: _Board, session: Session, silence: timedelta) -> None:
    for row in session.execute(_SLOTS, {"silence": silence}):
        queue = board.queues.setdefault(row.queue, Queue(name=row.queue))
        queue.slots, queue.processes = row.slots, row.processes


def _mark_paused(board: _Board, session: Session) -> None:
    standings: dict[str, Mapping[str, Standing]] = {
        "queue": board.queues,
        "kind": board.kinds,
        "owner": board.owners,
    }
    for rule in rules.listing(session):
        if rule.paused and rule.name in standings[rule.scope]:
            standings[rule.scope][rule.name].paused = True


def _jobs(one: Standing) -> tuple[int, int, int]:
    return one.depth + one.dispatched + one.running, one.later, one.waiting
