"""Make: a backup from beginning to end, by a job or a command: swept, made, recorded, pruned."""

from __future__ import annotations

import contextlib
import uuid
from datetime import timedelta

import structlog

from kernel.database import Database
from kernel.errors import PlatformError
from kernel.ids import new_id
from kernel.settings import Settings
from services.backups import records
from services.backups.create import create
from services.backups.jobs import CREATE
from services.backups.manifest import Manifest
from services.backups.retention import Policy, keep
from services.backups.snapshot import exclusively
from services.backups.vault import Progress, Vault, unobserved

log = structlog.get_logger()
#: What lies in the store for longer and is no backup yet, becomes none.
LONGEST = timedelta(seconds=CREATE.hard_limit)


def make(
    settings: Settings,
    database: Database,
    vault: Vault,
    *,
    actor: str,
    job_id: uuid.UUID | None = None,
    progress: Progress = unobserved,
) -> Manifest:
    """Make a backup of the platform's database; answers its manifest.

    Raises Busy where another is under way; Unavailable, MachineError. What stops it (also an error
    that *progress* raises) is in its record.
    """
    with exclusively(settings.database_url) as connection:
        with database.transaction() as session:
            # Under the lock nobody makes one for this database; another one's may be under way.
            dead, now = records.unfinished(session)
        if swept := vault.sweep(now - LONGEST, dead):
            log.info("backups_swept", backups=[str(one) for one in swept])
        with database.transaction() as session:
            records.reconcile(session, _stored(vault))
        backup_id = new_id()
        with database.transaction() as session:
            records.begin(session, backup_id, actor, job_id)
        try:
            manifest = create(connection, settings.database_url, vault, backup_id, progress)
        except BaseException as error:
            # The database may be what failed; then the next backup's reconciling says it.
            with contextlib.suppress(PlatformError), database.transaction() as session:
                records.fail(session, backup_id, error)
            raise
        with database.transaction() as session:
            records.complete(session, manifest)
        log.info("backup_made", backup_id=str(backup_id), bytes=manifest.bytes, rows=manifest.rows)
        prune(settings, database, vault)
    return manifest


def prune(settings: Settings, database: Database, vault: Vault) -> list[uuid.UUID]:
    """Delete the backups that are not kept any longer; answers which. Under the lock.

    One whose manifest is not to be trusted is left: whether it is worth anything is for a person.
    """
    policy = Policy(
        daily=settings.backup_keep_daily,
        weekly=settings.backup_keep_weekly,
        monthly=settings.backup_keep_monthly,
    )
    entries = vault.listing()
    stored = {one.manifest.snapshot_at: one.id for one in entries if one.manifest is not None}
    with database.transaction() as session:
        best, now = records.newest_verified(session, list(stored.values()))
    verified = next((at for at, found in stored.items() if found == best), None)
    kept = keep(stored, policy, now, verified)
    gone = [found for at, found in stored.items() if at not in kept]
    for backup_id in gone:
        vault.delete(backup_id)
        log.info("backup_deleted", backup_id=str(backup_id))
    with database.transaction() as session:
        records.forget(session, [one.id for one in entries if one.id not in gone])
    return gone


def _stored(vault: Vault) -> list[Manifest]:
    return [entry.manifest for entry in vault.listing() if entry.manifest is not None]
