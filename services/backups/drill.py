"""The drill: a backup is one once it was restored. Into a throwaway server, by the same code."""

from __future__ import annotations

import contextlib
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field

import psycopg
import structlog

from kernel.database import Database
from kernel.errors import NotFound, PlatformError
from kernel.settings import Settings
from services.backups import records, throwaway
from services.backups.keys import Tampered, UnknownKey
from services.backups.manifest import Manifest
from services.backups.restore import Restored, restore
from services.backups.snapshot import exclusively
from services.backups.vault import Progress, Vault, unobserved

log = structlog.get_logger()
#: Seconds between two looks at whether to go on.
LOOK = 0.5
NAME = "drill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A backup that was restored and found equal. restore_seconds: checks included."""

    backup_id: uuid.UUID
    tables: int
    rows: int
    restore_seconds: float


class _Stopped(Exception):
    """Nobody waits for this restore any more."""


@dataclass(slots=True)
class _Meter:
    """How far the thread is that restores: what is checked first and then restored."""

    size: int
    done: int = field(default=0)
    stopped: bool = field(default=False)

    def checking(self, done: int, _total: int) -> None:
        self.tell(done)

    def restoring(self, done: int, _total: int) -> None:
        self.tell(self.size + done)

    def tell(self, done: int) -> None:
        if self.stopped:
            raise _Stopped
        self.done = done


def drill(
    settings: Settings,
    database: Database,
    vault: Vault,
    backup_id: uuid.UUID | None = None,
    progress: Progress = unobserved,
) -> Outcome:
    """Restore a backup, the newest where none is named, compare it, and record how it went.

    Raises Tampered and UnknownKey where it cannot be restored, Busy, NotFound, MachineError.
    """
    with exclusively(settings.database_url):
        if left := throwaway.sweep(settings.work):
            log.info("throwaway_servers_swept", servers=left)
        manifest = _chosen(database, vault, backup_id)
        try:
            restored = _restored(settings, vault, manifest, progress)
        except (Tampered, UnknownKey, psycopg.Error) as error:
            _refute(database, manifest.id, error)
            raise
        with database.transaction() as session:
            records.complete(session, manifest)
            records.verified(session, manifest.id, restored.seconds)
    log.info("backup_verified", backup_id=str(manifest.id), restore_seconds=restored.seconds)
    return Outcome(
        backup_id=manifest.id,
        tables=len(manifest.tables),
        rows=manifest.rows,
        restore_seconds=restored.seconds,
    )


def _chosen(database: Database, vault: Vault, backup_id: uuid.UUID | None) -> Manifest:
    if backup_id is None:
        newest = next(iter(vault.listing()), None)
        if newest is None:
            raise NotFound("There is no backup to test yet.")
        backup_id = newest.id
    try:
        return vault.find(backup_id)
    except (Tampered, UnknownKey) as error:
        _refute(database, backup_id, error)
        raise


def _refute(database: Database, backup_id: uuid.UUID, error: Exception) -> None:
    with contextlib.suppress(PlatformError), database.transaction() as session:
        records.refuted(session, backup_id, error)


def _restored(settings: Settings, vault: Vault, manifest: Manifest, progress: Progress) -> Restored:
    """Restore in a thread of its own, so that a wish to stop is heard while the server works."""
    meter = _Meter(manifest.bytes)
    with throwaway.throwaway(settings.work) as server:
        server.prepare(NAME, manifest.owner, manifest.roles)
        with ThreadPoolExecutor(1, "drill") as beside:
            restoring = beside.submit(
                restore,
                server.url(manifest.owner, NAME),
                vault,
                manifest,
                checking=meter.checking,
                restoring=meter.restoring,
            )
            try:
                return _awaited(restoring, meter, progress)
            except BaseException:
                # The thread ends, whether it reads the store or waits for the server.
                meter.stopped = True
                server.kill()
                raise


def _awaited(restoring: Future[Restored], meter: _Meter, progress: Progress) -> Restored:
    while True:
        try:
            return restoring.result(timeout=LOOK)
        except NotYet:
            progress(meter.done, 2 * meter.size)
