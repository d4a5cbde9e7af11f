"""The vault: where backups lie in the object store, and the ways in and out.

`backups/<id>/part-00001`, …: the sealed dump; `backups/<id>/manifest`, written last: without it
there is no backup, only what an interrupted one left.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import IO, cast

import zstandard

from kernel.errors import NotFound, PlatformError
from kernel.ids import made_at, parse_id
from kernel.objects import Objects
from services.backups import manifest as manifests
from services.backups.keys import Keys, Tampered
from services.backups.manifest import Manifest, Part
from services.backups.sealing import unseal

FOLDER = "backups"
#: Bytes of one object of the dump, and how many are in memory at once: one that grows, two that go
#: out.
PART = 16 << 20
OUTGOING = 2
#: Bytes of the dump that are handed on at once, however well they were compressed.
PIECE = 1 << 20
#: Told how many bytes of how many are done; raises where the work is to stop.
Progress = Callable[[int, int], None]


def unobserved(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A backup of the vault: its manifest, or why that is not to be trusted."""

    id: uuid.UUID
    manifest: Manifest | None = None
    problem: str | None = None


class Vault:
    """The backups of one object store, as they are opened by *keys*."""

    def __init__(self, objects: Objects, keys: Keys) -> None:
        self.keys = keys
        self._objects = objects

    def listing(self) -> list[Entry]:
        """Every backup, newest first; of an interrupted one there is no word."""
        ids = self._ids()
        return [entry for found in reversed(ids) if (entry := self._entry(found)) is not None]

    def find(self, backup_id: uuid.UUID) -> Manifest:
        """Its manifest. Raises NotFound, Tampered, UnknownKey."""
        try:
            stored = self._objects.get(_manifest_key(backup_id))
        except NotFound:
            raise NotFound(f"There is no backup {backup_id}.") from None
        return manifests.read(stored, backup_id, self.keys)

    def newest(self) -> Manifest | None:
        """The newest backup whose manifest is good."""
        return next((one.manifest for one in self.listing() if one.manifest is not None), None)

    def store(self, backup_id: uuid.UUID, sealed: Iterable[bytes]) -> list[Part]:
        """Store the sealed dump, part by part, while the next is made; answers what was stored."""
        parts: list[Part] = []
        outgoing: list[Future[None]] = []
        with ThreadPoolExecutor(OUTGOING, "backup-part") as senders:
            try:
                for number, data in enumerate(_joined(sealed, PART), 1):
                    parts.append(Part(bytes=len(data), sha256=hashlib.sha256(data).hexdigest()))
                    if len(outgoing) >= OUTGOING:
                        outgoing.pop(0).result()
                    key = _part_key(backup_id, number)
                    outgoing.append(senders.submit(self._objects.put, key, data))
                for sent in outgoing:
                    sent.result()
            except BaseException:
                for sent in outgoing:
                    sent.cancel()
                raise
        return parts

    def conclude(self, manifest: Manifest) -> None:
        """Write the manifest: from here on the backup is one.

        Raises Tampered where a part is not there any more: then somebody else writes to this store.
        """
        there = set(self._objects.keys(_folder(manifest.id)))
        for number in range(1, len(manifest.parts) + 1):
            if _part_key(manifest.id, number) not in there:
                raise Tampered(
                    f"Its part {number} is gone again: is another platform, or somebody, deleting "
                    "from the same object store?"
                )
        self._objects.put(_manifest_key(manifest.id), manifests.write(manifest, self.keys))

    def dump(self, manifest: Manifest, progress: Progress = unobserved) -> Iterator[bytes]:
        """The dump of a backup in pieces of at most PIECE, authenticated before they are handed on.

        Raises Tampered where it is not what was stored, also at its end.
        """
        source = _Unsealed(unseal(self._stored(manifest, progress), manifest.id, self.keys))
        total = 0
        try:
            unpacked = zstandard.ZstdDecompressor().stream_reader(cast(IO[bytes], source))
            with unpacked as reader:
                while plain := reader.read(PIECE):
                    total += len(plain)
                    yield plain
        except zstandard.ZstdError as error:
            raise Tampered(f"It is authentic, and cannot be decompressed: {error}") from error
        # The end is authenticated too, and only once it was read.
        if source.read() or total != manifest.dump_bytes:
            raise Tampered(f"Its dump has {total} bytes of {manifest.dump_bytes}.")

    def verify(self, manifest: Manifest, progress: Progress = unobserved) -> None:
        """Read all of it as a restore would. Raises Tampered, saying what is wrong."""
        for _ in self.dump(manifest, progress):
            pass

    def delete(self, backup_id: uuid.UUID) -> None:
        """Delete a backup: its manifest first, so that half of it is never taken for one."""
        self._objects.remove(_manifest_key(backup_id))
        self._objects.delete(_folder(backup_id))

    def sweep(self, before: datetime, dead: Collection[uuid.UUID] = ()) -> list[uuid.UUID]:
        """Delete what interrupted backups left; answers whose.

        before: those begun earlier than that, since another platform of the same store may be
        making a newer one. dead: of which it is known that nobody does.
        """
        left = [
            found
            for found in self._ids()
            if (found in dead or made_at(found) < before) and not self._concluded(found)
        ]
        for found in left:
            self._objects.delete(_folder(found))
        return left

    def _ids(self) -> list[uuid.UUID]:
        """Oldest first: their ids tell when they were begun."""
        names = self._objects.folders(FOLDER)
        return sorted(found for name in names if (found := parse_id(name)) is not None)

    def _concluded(self, backup_id: uuid.UUID) -> bool:
        return _manifest_key(backup_id) in set(self._objects.keys(_folder(backup_id)))

    def _entry(self, backup_id: uuid.UUID) -> Entry | None:
        try:
            return Entry(id=backup_id, manifest=self.find(backup_id))
        except NotFound:
            return None
        except PlatformError as error:
            return Entry(id=backup_id, problem=str(error))

    def _stored(self, manifest: Manifest, progress: Progress) -> Iterator[bytes]:
        """What lies in the store, part by part, each as the manifest says."""
        done = 0
        for number, part in enumerate(manifest.parts, 1):
            progress(done, manifest.bytes)
            try:
                data = self._objects.get(_part_key(manifest.id, number))
            except NotFound:
                raise Tampered(f"Its part {number} is missing.") from None
            if len(data) != part.bytes:
                raise Tampered(f"Its part {number} has {len(data)} bytes of {part.bytes}.")
            if hashlib.sha256(data).hexdigest() != part.sha256:
                raise Tampered(f"Its part {number} is not as it was stored.")
            done += len(data)
            yield data
        progress(done, manifest.bytes)


class _Unsealed:
    """Chunks as a file, for the decompressor: it asks for more once it has made all of the last."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, _size: int = -1) -> bytes:
        """The next chunk, whatever its size; empty after the last."""
        return next(filter(None, self._chunks), b"")


def _folder(backup_id: uuid.UUID) -> str:
    return f"{FOLDER}/{backup_id}"


def _manifest_key(backup_id: uuid.UUID) -> str:
    return f"{_folder(backup_id)}/manifest"


def _part_key(backup_id: uuid.UUID, number: int) -> str:
    return f"{_folder(backup_id)}/part-{number:05d}"


def _joined(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of *size* or a little more, the last excepted."""
    held: list[bytes] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)
