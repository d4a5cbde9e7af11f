"""The platform's own jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services import analyses, batches
from services.jobs.run import Run
from services.upkeep import canary, retention
from services.upkeep.jobs import (
    BulkCanary,
    EnforceRetention,
    EnsurePartitions,
    InteractiveCanary,
    MaintenanceCanary,
)
from worker import runtime
from worker.handlers import handles


def come_home(_: object, run: Run) -> None:
    with run.finish() as session:
        canary.came_home(session, run.job.kind.queue, run.job.created_at)


for payload in (InteractiveCanary, BulkCanary, MaintenanceCanary):
    handles(payload)(come_home)


@handles(EnsurePartitions)
def ensure_partitions(job: EnsurePartitions, run: Run) -> None:
    result: dict[str, int] = {}
    with run.finish(result) as session:
        result["made"] = retention.ensure_partitions(session, job.days)


@handles(EnforceRetention)
def enforce_retention(_: EnforceRetention, run: Run) -> None:
    result: dict[str, int] = {}
    with run.read() as session:
        result["batches"] = batches.delete_expired(session, runtime.objects())
        result["uploads"] = batches.delete_abandoned(session, runtime.objects(), datetime.now(UTC))
    with run.finish(result) as session:
        result["analyses"] = analyses.delete_expired(session)
        retention.delete_expired_keys(session)
        keep = timedelta(days=runtime.settings().retention_days)
        result["partitions"] = retention.drop_partitions(session, keep)
