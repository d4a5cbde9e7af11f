"""Backups on the queue."""

from __future__ import annotations

from collections.abc import Callable

from services.backups import drill, make
from services.backups.jobs import CreateBackup, DrillBackup
from services.backups.keys import Keys, Tampered, UnknownKey
from services.backups.snapshot import Busy
from services.backups.vault import Vault
from services.jobs.enqueue import Order, enqueue
from services.jobs.retry import Permanent, Snooze
from services.jobs.run import Run
from worker import runtime
from worker.handlers import handles

MIB = 1 << 20
#: Seconds until one comes again that met another at work.
TURN = 30.0


@handles(CreateBackup)
def create_backup(job: CreateBackup, run: Run) -> None:
    try:
        made = make.make(
            runtime.settings(),
            runtime.current().database,
            _vault(),
            actor=run.job.actor,
            job_id=run.job.id,
            progress=_in_mebibytes(run),
        )
    except Busy as error:
        raise Snooze(TURN, "another backup is under way") from error
    with run.finish({"backup_id": str(made.id), "bytes": made.bytes, "rows": made.rows}) as session:
        if job.drill:
            test = DrillBackup(backup_id=made.id)
            enqueue(session, Order(payload=test, owner=run.job.owner_id, actor=run.job.actor))


@handles(DrillBackup)
def drill_backup(job: DrillBackup, run: Run) -> None:
    """Restore a backup where nobody uses it; one that cannot be restored fails the job at once."""
    try:
        outcome = drill.drill(
            runtime.settings(),
            runtime.current().database,
            _vault(),
            job.backup_id,
            _in_mebibytes(run),
        )
    except Busy as error:
        raise Snooze(TURN, "another backup is under way") from error
    except (Tampered, UnknownKey) as error:
        raise Permanent(str(error)) from error
    result = {
        "backup_id": str(outcome.backup_id),
        "tables": outcome.tables,
        "rows": outcome.rows,
        "restore_seconds": round(outcome.restore_seconds, 3),
    }
    with run.finish(result):
        pass


def _vault() -> Vault:
    return Vault(runtime.objects(), Keys.of(runtime.settings()))


def _in_mebibytes(run: Run) -> Callable[[int, int], None]:
    """The job's progress: its numbers are too small for bytes."""
    return lambda done, total: run.progress(done // MIB, max(1, -(-total // MIB)))
