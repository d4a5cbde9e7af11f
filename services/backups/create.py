"""Create: the database at one moment, compressed, sealed and stored, with its signed manifest.

Everything overlaps: the server and pg_dump write, zstd compresses in a thread of its own, this one
seals, others store; meanwhile a second session of the same snapshot counts and hashes every table.
Nothing plain touches a disk.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
import zstandard

from services.backups.dump import EXTENSIONS, LOOK, dump
from services.backups.keys import Tampered
from services.backups.manifest import Digest, Manifest
from services.backups.sealing import seal
from services.backups.snapshot import Snapshot, digests, owner, revision, roles, snapshot
from services.backups.vault import Progress, Vault, unobserved

#: zstd's own default: twice the speed of level 6 for 5 % more bytes.
LEVEL = 3


@dataclass(slots=True)
class _Meter:
    """How much of the dump has passed."""

    progress: Progress
    estimate: int
    done: int = field(default=0)

    def look(self) -> None:
        self.progress(self.done, max(self.estimate, self.done))


def create(
    connection: psycopg.Connection,
    url: str,
    vault: Vault,
    backup_id: uuid.UUID,
    progress: Progress = unobserved,
) -> Manifest:
    """Make the backup *backup_id* of the database at *url*; answers its manifest.

    connection: one to it that holds the lock (`snapshot.exclusively`). progress: told bytes of the
    dump, of about how many; where it raises, pg_dump is ended and what was stored is deleted.
    """
    try:
        with snapshot(connection) as seen:
            manifest = _stored(seen, url, vault, backup_id, progress)
        vault.conclude(manifest)
    except BaseException:
        vault.delete(backup_id)
        raise
    return manifest


def _stored(
    seen: Snapshot, url: str, vault: Vault, backup_id: uuid.UUID, progress: Progress
) -> Manifest:
    meter = _Meter(progress, seen.estimate)
    schema_revision = revision(seen.connection)
    who, named = owner(seen.connection), roles(seen.connection)
    with (
        dump(url, seen.id, seen.server_version, meter.look) as pieces,
        _counting(seen, meter.look) as counted,
    ):
        parts = vault.store(backup_id, seal(_compressed(pieces, meter), backup_id, vault.keys))
        tables, newest = counted()
    if not meter.done:
        raise Tampered("pg_dump wrote nothing.")
    return Manifest(
        id=backup_id,
        snapshot_at=seen.at,
        server_version=seen.server_version,
        schema_revision=schema_revision,
        owner=who,
        roles=named,
        extensions=list(EXTENSIONS),
        tables=tables,
        newest_row_at=newest,
        dump_bytes=meter.done,
        parts=parts,
    )


def _compressed(pieces: Iterable[bytes], meter: _Meter) -> Iterator[bytes]:
    # One worker thread: compression runs beside the reading and sealing here.
    writer = zstandard.ZstdCompressor(level=LEVEL, threads=1, write_checksum=True).compressobj()
    for piece in pieces:
        meter.done += len(piece)
        if made := writer.compress(piece):
            yield made
    yield writer.flush()


@contextmanager
def _counting(
    seen: Snapshot, look: Callable[[], None]
) -> Iterator[Callable[[], tuple[dict[str, Digest], datetime | None]]]:
    """Count and hash the tables beside the dump; yields what waits for the outcome."""
    with ThreadPoolExecutor(1, "backup-digests") as beside:
        counting = beside.submit(digests, seen.connection)

        def counted() -> tuple[dict[str, Digest], datetime | None]:
            while True:
                try:
                    return counting.result(timeout=LOOK)
                except NotYet:
                    look()

        try:
            yield counted
        finally:
            if not counting.done():
                seen.connection.cancel_safe()
