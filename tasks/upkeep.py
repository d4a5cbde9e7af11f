"""The platform's own jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import redis
import structlog
from sqlalchemy.orm import Session

from kernel.database import now
from kernel.errors import Unavailable
from kernel.redis import client
from services import analyses, batches, notifications, webhooks
from services.accounts import keys, sign_ins
from services.analytics import retention as events
from services.backups.snapshot import under_way
from services.jobs.retry import Snooze
from services.jobs.run import Run
from services.privacy import requests as exports
from services.upkeep import broker, retention, watch
from services.upkeep.jobs import (
    EnforceRetention,
    EnsurePartitions,
    SweepBroker,
    WatchDatabase,
)
from worker import runtime
from worker.handlers import handles

log = structlog.get_logger()

#: Seconds that retention gives a backup before it looks again.
BACKUP = 300.0


@handles(EnsurePartitions)
def ensure_partitions(job: EnsurePartitions, run: Run) -> None:
    result: dict[str, int] = {}
    with run.finish(result) as session:
        result["made"] = retention.ensure_partitions(session, job.days)
        result["made"] += events.ensure_partitions(session, job.days)


@handles(EnforceRetention)
def enforce_retention(_: EnforceRetention, run: Run) -> None:
    """In small transactions, each of which may be repeated: stopped half-way, nothing is lost."""
    with run.read() as session:
        if under_way(session):
            # pg_dump has every table: whoever drops a partition waits, and all others behind it.
            raise Snooze(BACKUP, "a backup is under way")
    settings, objects = runtime.settings(), runtime.objects()
    keep = timedelta(days=settings.retention_days)
    keep_events = timedelta(days=settings.analytics_days)
    result = {
        "batches": _all(run, lambda session: batches.delete_expired(session, objects)),
        "analyses": _all(run, analyses.delete_expired),
        "deliveries": _all(run, lambda session: webhooks.delete_expired(session, keep)),
        "stale_sends": _all(run, notifications.expire),
        "notifications": _all(run, lambda session: notifications.delete_expired(session, keep)),
        "sign_ins": _all(run, sign_ins.delete_expired),
        "keys": _all(run, keys.delete_expired),
    }
    with run.read() as session:
        present = now(session)
        result["uploads"] = batches.delete_abandoned(session, objects, present)
    result["exports"] = exports.delete_expired(objects, present)
    with run.finish(result) as session:
        retention.delete_expired_keys(session)
        result["partitions"] = retention.drop_partitions(session, keep)
        result["event_partitions"] = events.drop_expired(session, keep_events)


@handles(SweepBroker)
def sweep_broker(_: SweepBroker, run: Run) -> None:
    """Drop abandoned replies. A broker that is away is looked at again."""
    try:
        with client(runtime.settings().redis_url, timeout=5, connections=1) as connection:
            dropped = broker.drop_abandoned_replies(connection)
    except redis.RedisError as error:
        raise Unavailable(f"The broker did not answer: {type(error).__name__}.") from error
    with run.finish({"dropped": dropped}):
        pass  # nothing in the database changes


@handles(WatchDatabase)
def watch_database(_: WatchDatabase, run: Run) -> None:
    """What was found is the job's result, as `nutrition schedule --json` shows; and logged."""
    report: dict[str, object] = {}
    with run.finish(report) as session:
        report |= watch.look(session)
    if report.keys() - {"unseen"}:
        log.warning("database_watch", **report)


def _all(run: Run, delete: Callable[[Session], int]) -> int:
    """Delete round by round until nothing is left; answers how many went."""
    total = 0
    while True:
        with run.read() as session:
            gone = delete(session)
        if not gone:
            return total
        total += gone
        run.progress(total, total)
