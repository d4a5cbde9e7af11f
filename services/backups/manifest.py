"""The manifest: what a backup holds, signed. Written last, it is what makes a backup one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kernel import codec
from kernel.errors import Malformed
from services.backups.keys import Keys, Tampered
from services.backups.signed import sign, verified

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One object of the sealed dump. bytes: its size; sha256: of what lies in the store, in hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a table held. checksum: the sum of its rows' hashes, whatever their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds, at the moment of its one snapshot.

    snapshot_at: that moment, by the database's clock. server_version: as `server_version_num`
    gives it, such as 180006. schema_revision: the newest migration in it. owner: the role that owns
    the schema; roles: all that it names. dump_bytes: of the dump before it is compressed.
    newest_row_at: when the newest row was written, of the tables that say so.
    """

    format: int = FORMAT
    id: uuid.UUID
    snapshot_at: datetime
    server_version: int
    schema_revision: str
    owner: str
    roles: list[str]
    extensions: list[str]
    tables: dict[str, Digest]
    newest_row_at: datetime | None
    dump_bytes: int
    parts: list[Part]

    @property
    def bytes(self) -> int:
        """What it takes in the store."""
        return sum(part.bytes for part in self.parts)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def write(manifest: Manifest, keys: Keys) -> bytes:
    """The manifest as it is stored."""
    return sign(codec.dumps(manifest), keys)


def read(stored: bytes, backup_id: uuid.UUID, keys: Keys) -> Manifest:
    """The manifest of the backup *backup_id*. Raises Tampered, UnknownKey."""
    document = verified(stored, keys, "Its manifest")
    try:
        found = codec.loads(document)
        if found["format"] > FORMAT:
            raise Tampered(
                f"Its manifest has the format {found['format']}; this release reads {FORMAT}. "
                "Restore it with the release that made it."
            )
        manifest = msgspec.convert(found, Manifest)
    except (Malformed, KeyError, TypeError, msgspec.ValidationError) as error:
        raise Tampered(f"Its manifest is signed, and cannot be read: {error}") from error
    if manifest.id != backup_id:
        raise Tampered(f"Its manifest is that of the backup {manifest.id}.")
    return manifest
