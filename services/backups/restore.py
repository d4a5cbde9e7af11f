"""Restore: a backup into a database, in one transaction that commits when everything is right."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import psycopg
from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.errors import Conflict
from services.backups import target
from services.backups.keys import Tampered
from services.backups.manifest import Manifest
from services.backups.replay import replay
from services.backups.snapshot import digests, revision
from services.backups.vault import Progress, Vault, unobserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored. seconds: for the whole, checks included."""

    manifest: Manifest
    seconds: float


def check(
    url: str, vault: Vault, manifest: Manifest, replace: str | None, progress: Progress
) -> None:
    """All that can be known before the first write: of the backup, and of the target at *url*.

    Raises Tampered, UnknownKey, Conflict, Forbidden.
    """
    # Alembic takes 7 MB, and the worker that may once restore something does without till then.
    from migrations.run import revisions

    if manifest.schema_revision not in revisions():
        raise Conflict(
            f"The backup's schema is at {manifest.schema_revision}, which this release does not "
            "know: restore it with the release that made it, or a newer one."
        )
    database = Database(url, pool=1, name="nutrition-restore")
    try:
        with database.transaction() as session:
            target.check(_driver(session), manifest, replace)
    finally:
        database.close()
    vault.verify(manifest, progress)


def restore(
    url: str,
    vault: Vault,
    manifest: Manifest,
    *,
    replace: str | None = None,
    settle: Callable[[Session], None] | None = None,
    checking: Progress = unobserved,
    restoring: Progress = unobserved,
) -> Restored:
    """Restore a backup into the database at *url*, of the schema's owner or a superuser.

    Checked is all of it before anything is written. Then, in one transaction: the target is
    emptied where *replace* is its name, the dump replayed, every table compared with the manifest,
    and *settle* called. Where any of it fails, the target is as it was.
    """
    began = time.monotonic()
    check(url, vault, manifest, replace, checking)
    database = Database(url, pool=1, name="nutrition-restore", idle_seconds=0)
    try:
        with database.transaction() as session:
            connection = _driver(session)
            # Again, and under locks from here on: minutes may have passed.
            target.check(connection, manifest, replace)
            if replace is not None:
                target.empty(connection)
            replay(connection, vault.dump(manifest, restoring))
            # The dump sets what suits it, such as an empty search path.
            connection.execute("RESET ALL")
            compare(connection, manifest)
            if settle is not None:
                settle(session)
    finally:
        database.close()
    return Restored(manifest=manifest, seconds=time.monotonic() - began)


def compare(connection: psycopg.Connection, manifest: Manifest) -> None:
    """Raise Tampered unless every table holds what the manifest says, at the same migration."""
    found, _ = digests(connection)
    differing = sorted(
        name
        for name in found.keys() | manifest.tables.keys()
        if found.get(name) != manifest.tables.get(name)
    )
    if differing:
        raise Tampered(f"Restored, it differs from its manifest in {', '.join(differing)}.")
    if (at := revision(connection)) != manifest.schema_revision:
        raise Tampered(f"Restored, it is at {at}; its manifest says {manifest.schema_revision}.")


def _driver(session: Session) -> psycopg.Connection:
    """The driver's connection of the session, in its transaction."""
    return cast(psycopg.Connection, session.connection().connection.driver_connection)
