"""Records: what became of every backup, beside those that the object store has."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import now
from kernel.errors import NotFound
from kernel.redaction import redact
from services.jobs.settle import storable

if TYPE_CHECKING:
    from services.backups.manifest import Manifest

_AFTER_ALL = uuid.UUID(int=2**128 - 1)
#: Characters of an error that are kept.
ERROR = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One backup, as its row has it (services/backups/models.py)."""

    id: uuid.UUID
    state: str
    job_id: uuid.UUID | None
    actor: str
    started_at: datetime
    finished_at: datetime | None
    snapshot_at: datetime | None
    bytes: int | None
    dump_bytes: int | None
    rows: int | None
    schema_revision: str | None
    server_version: int | None
    newest_row_at: datetime | None
    verified_at: datetime | None
    drill_failed_at: datetime | None
    restore_seconds: float | None
    age_seconds: float | None
    error: str | None


_FIELDS = ", ".join(Record.__dataclass_fields__)
_BEGIN = text("INSERT INTO backups (id, job_id, actor) VALUES (:id, :job, :actor)")
# Its row may be missing: made by a command while another database was in its place, or restored.
_COMPLETE = text("""
    INSERT INTO backups (id, state, actor, started_at, finished_at, snapshot_at, bytes, dump_bytes,
        rows, schema_revision, server_version, newest_row_at)
    VALUES (:id, 'complete', 'unknown', :snapshot_at, now(), :snapshot_at, :bytes, :dump_bytes,
        :rows, :schema_revision, :server_version, :newest_row_at)
    ON CONFLICT (id) DO UPDATE SET state = 'complete', finished_at = now(), error = NULL,
        snapshot_at = excluded.snapshot_at, bytes = excluded.bytes,
        dump_bytes = excluded.dump_bytes, rows = excluded.rows,
        schema_revision = excluded.schema_revision, server_version = excluded.server_version,
        newest_row_at = excluded.newest_row_at
    WHERE backups.state <> 'complete'
""")
_FAIL = text("""
    UPDATE backups SET state = 'failed', finished_at = now(), error = :error
    WHERE id = :id AND state = 'running'
""")
_VERIFIED = text("""
    UPDATE backups SET verified_at = now(), drill_failed_at = NULL, restore_seconds = :seconds,
        age_seconds = extract(epoch FROM now() - newest_row_at)
    WHERE id = :id
""")
_REFUTED = text("UPDATE backups SET drill_failed_at = now(), error = :error WHERE id = :id")
_LIST = text(f"""
    SELECT {_FIELDS} FROM backups WHERE id < :before ORDER BY id DESC LIMIT :limit
""")
_FIND = text(f"SELECT {_FIELDS} FROM backups WHERE id = :id")
_NEWEST_VERIFIED = text("""
    SELECT now() AS now, (
        SELECT id FROM backups WHERE verified_at IS NOT NULL AND id = ANY(CAST(:ids AS uuid[]))
        ORDER BY id DESC LIMIT 1
    ) AS id
""")
_UNFINISHED = text("SELECT id FROM backups WHERE state = 'running'")
_GONE = text("""
    DELETE FROM backups WHERE (state = 'complete' AND NOT id = ANY(CAST(:ids AS uuid[])))
        OR (state = 'failed' AND started_at < now() - interval '90 days')
""")


def begin(session: Session, backup_id: uuid.UUID, actor: str, job_id: uuid.UUID | None) -> None:
    """Note that a backup is being made."""
    session.execute(_BEGIN, {"id": backup_id, "job": job_id, "actor": actor})


def complete(session: Session, manifest: Manifest) -> None:
    """Note that it is made."""
    session.execute(
        _COMPLETE,
        {
            "id": manifest.id,
            "snapshot_at": manifest.snapshot_at,
            "bytes": manifest.bytes,
            "dump_bytes": manifest.dump_bytes,
            "rows": manifest.rows,
            "schema_revision": manifest.schema_revision,
            "server_version": manifest.server_version,
            "newest_row_at": manifest.newest_row_at,
        },
    )


def fail(session: Session, backup_id: uuid.UUID, error: BaseException) -> None:
    """Note that nothing came of it, and why."""
    session.execute(_FAIL, {"id": backup_id, "error": _words(error)})


def verified(session: Session, backup_id: uuid.UUID, restore_seconds: float) -> None:
    """Note that it was restored and found equal, and how long that took."""
    session.execute(_VERIFIED, {"id": backup_id, "seconds": restore_seconds})


def refuted(session: Session, backup_id: uuid.UUID, error: BaseException) -> None:
    """Note that it could not be restored, and why."""
    session.execute(_REFUTED, {"id": backup_id, "error": _words(error)})


def listing(session: Session, *, before: uuid.UUID | None = None, limit: int = 50) -> list[Record]:
    """Backups, newest first: those older than *before*, at most *limit*."""
    rows = session.execute(_LIST, {"before": before or _AFTER_ALL, "limit": limit}).mappings()
    return [_record(row) for row in rows]


def find(session: Session, backup_id: uuid.UUID) -> Record:
    """One backup. Raises NotFound."""
    row = session.execute(_FIND, {"id": backup_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no backup {backup_id}.")
    return _record(row)


def newest_verified(session: Session, ids: list[uuid.UUID]) -> tuple[uuid.UUID | None, datetime]:
    """Of *ids*, the newest that was restored and found equal; and the present."""
    row = session.execute(_NEWEST_VERIFIED, {"ids": ids}).one()
    return row.id, row.now


def unfinished(session: Session) -> tuple[list[uuid.UUID], datetime]:
    """Backups that this database believes are being made; and the present."""
    return list(session.scalars(_UNFINISHED)), now(session)


def reconcile(session: Session, stored: list[Manifest]) -> None:
    """Have the rows say what the store has. Only while no backup is being made.

    A process that was killed left `running` what it did not end; a restored database knows nothing
    of what was made since.
    """
    good = {manifest.id for manifest in stored}
    for manifest in stored:
        complete(session, manifest)
    for backup_id in session.scalars(_UNFINISHED).all():
        if backup_id not in good:
            session.execute(_FAIL, {"id": backup_id, "error": "Its process ended before it did."})


def forget(session: Session, stored: list[uuid.UUID]) -> None:
    """Delete the rows of backups that the store has no more, and of old failures."""
    session.execute(_GONE, {"ids": stored})


def _record(row: Any) -> Record:
    return Record(**row)


def _words(error: BaseException) -> str:
    # PostgreSQL's errors show rows; these words are kept, and no erasure looks for anybody here.
    return storable(redact(f"{type(error).__name__}: {error}")[:ERROR])
