"""Standing: how queues, processes, schedule and backups stand, as metrics, asked of PostgreSQL.

Labels are the queues, kinds and entries of this release, and `other`: their number is bounded. What
never happened is infinitely long ago, so that whoever waits for it is woken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import text
from sqlalchemy.orm import Session

from beat_schedule import SCHEDULE
from kernel.metrics import OTHER
from services.jobs import backlog, dead, queues
from services.kinds import KINDS
from services.upkeep import schedule
from services.upkeep.pulse import pulse

_QUEUES = frozenset(kind.queue for kind in KINDS)
_KINDS = frozenset(kind.name for kind in KINDS)

Value = Callable[[queues.Queue], float]
Together = Callable[[Iterable[float]], float]
#: Name, meaning, what it is of a queue, and of several queues that share a label.
_OF_A_QUEUE: tuple[tuple[str, str, Value, Together], ...] = (
    (
        "nutrition_queue_depth",
        f"Due jobs that no worker was sent yet, counted up to {backlog.MOST}.",
        lambda queue: queue.depth,
        sum,
    ),
    (
        "nutrition_queue_oldest_age_seconds",
        "Seconds since the oldest of them came due; 0 where there is none.",
        lambda queue: queue.oldest_seconds or 0.0,
        max,
    ),
    ("nutrition_queue_running", "Jobs at work.", lambda queue: queue.running, sum),
    (
        "nutrition_queue_slots",
        "Jobs that its living workers execute at once.",
        lambda queue: queue.slots,
        sum,
    ),
    ("nutrition_queue_paused", "1 where a rule stops it.", lambda queue: queue.paused, max),
)
_LEASE = text("""
    SELECT extract(epoch FROM expires_at - now())::float8 FROM leases WHERE name = 'dispatcher'
""")
# Of the newest that was restored and found whole, how old what it holds is.
_BACKUP = text("""
    SELECT extract(epoch FROM now() - max(coalesce(snapshot_at, started_at)))::float8
    FROM backups WHERE verified_at IS NOT NULL
""")
_BACKUPS_EXIST = text("SELECT to_regclass('backups') IS NOT NULL")


def of_queues(session: Session, silence: float) -> Iterator[GaugeMetricFamily]:
    """Depth, age, slots of each queue; dead jobs of each kind."""
    found = queues.standing(session, timedelta(seconds=silence), most=backlog.MOST)
    for name, told, value, most in _OF_A_QUEUE:
        values = [(one.name, value(one)) for one in found]
        yield _gauge(name, told, "queue", _bounded(values, _QUEUES, most))
    yield _gauge(
        "nutrition_dead_jobs",
        f"Dead and failed jobs that are kept, counted up to {dead.COUNTED}.",
        "kind",
        _bounded(dead.by_kind(session).items(), _KINDS, sum),
    )


def of_parts(session: Session) -> Iterator[GaugeMetricFamily]:
    """Signs of life of processes and canaries, the dispatcher's lease, schedule, backups."""
    signs = pulse(session)
    yield _gauge(
        "nutrition_heartbeat_age_seconds",
        "Seconds since any process of the role said that it lives.",
        "role",
        {role: _age(age) for role, age in signs.roles.items()},
    )
    yield _gauge(
        "nutrition_canary_age_seconds",
        "Seconds since a small job last came through the queue's workers.",
        "queue",
        {queue: _age(age) for queue, age in signs.queues.items()},
    )
    left = session.scalar(_LEASE)
    yield _single(
        "nutrition_dispatcher_lease_seconds",
        "Seconds that the leading dispatcher's lease lasts; below 0 nobody leads.",
        -math.inf if left is None else left,
    )
    yield _gauge(
        "nutrition_schedule_overdue_seconds",
        "Seconds that the entry's latest slot waits for beat; 0 where it fired.",
        "entry",
        schedule.overdue(session, SCHEDULE),
    )
    if session.scalar(_BACKUPS_EXIST):
        yield _single(
            "nutrition_backup_verified_age_seconds",
            "Seconds since the moment that the newest verified backup holds.",
            _age(session.scalar(_BACKUP)),
        )


def _age(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


def _single(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)


def _gauge(name: str, told: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, told, labels=[label])
    for value, amount in sorted(values.items()):
        made.add_metric([value], amount)
    return made


def _bounded(
    values: Iterable[tuple[str, Any]], known: frozenset[str], together: Together
) -> dict[str, float]:
    """The values by label; all that this release does not know share OTHER. 0 where none is."""
    grouped: dict[str, list[float]] = {name: [] for name in known}
    for name, value in values:
        grouped.setdefault(name if name in known else OTHER, []).append(float(value))
    return {name: together([0.0, *amounts]) for name, amounts in grouped.items()}
