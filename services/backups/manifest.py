"""The manifest: what a backup holds, signed. Written last, it is what makes a backup one.

Two lines: the document in JSON, and `{"key", "signature"}` over the very bytes of the first, so
that nothing of it is read before it is known to be ours.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kernel import codec
from kernel.errors import Malformed
from services.backups.keys import Keys, Tampered

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
    document = codec.dumps(manifest)
    key = keys.current
    signed = {"key": key.id.hex(), "signature": key.sign(document).hex()}
    return document + b"\n" + codec.dumps(signed) + b"\n"


def read(stored: bytes, backup_id: uuid.UUID, keys: Keys) -> Manifest:
    """The manifest of the backup *backup_id*. Raises Tampered, UnknownKey."""
    document, _, rest = stored.partition(b"\n")
    try:
        signed = msgspec.json.decode(rest, type=dict[str, str])
        key_id, signature = bytes.fromhex(signed["key"]), bytes.fromhex(signed["signature"])
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        raise Tampered("Its manifest is cut off or damaged.") from error
    if not hmac.compare_digest(keys.named(key_id).sign(document), signature):
        raise Tampered("Its manifest is not as it was signed.")
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
