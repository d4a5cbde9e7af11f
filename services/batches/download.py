"""Results: a batch's outcomes as NDJSON, in order, as far as they are there."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import text

from kernel.database import Database
from kernel.errors import NotFound
from kernel.objects import Objects

_OWNED = text("SELECT 1 FROM batches WHERE id = :id AND owner_id = :owner")
_KEYS = text("""
    SELECT object_key FROM batch_chunks
    WHERE batch_id = :id AND object_key IS NOT NULL AND failed >= :failed ORDER BY number
""")


class _Status(msgspec.Struct):
    status: str


def results(
    database: Database, objects: Objects, batch_id: uuid.UUID, owner: uuid.UUID
) -> Iterator[bytes]:
    """The outcomes so far, a line each, in pieces. Raises NotFound at once.

    What is streamed is what was there at the call; no connection is held meanwhile.
    """
    return _pieces(objects, _keys(database, batch_id, owner, failed=0))


def errors(
    database: Database, objects: Objects, batch_id: uuid.UUID, owner: uuid.UUID
) -> Iterator[bytes]:
    """Of the outcomes so far those that failed, a line each. Raises NotFound at once."""
    return _failed(objects, _keys(database, batch_id, owner, failed=1))


def _keys(database: Database, batch_id: uuid.UUID, owner: uuid.UUID, failed: int) -> list[str]:
    """Objects of the chunks in which at least so many recipes failed."""
    with database.transaction() as session:
        if session.scalar(_OWNED, {"id": batch_id, "owner": owner}) is None:
            raise NotFound(f"There is no batch {batch_id}.")
        return list(session.scalars(_KEYS, {"id": batch_id, "failed": failed}))


def _pieces(objects: Objects, keys: Iterable[str]) -> Iterator[bytes]:
    for key in keys:
        yield from _unpacked(objects, key)


def _failed(objects: Objects, keys: Iterable[str]) -> Iterator[bytes]:
    for key in keys:
        rest = b""
        for piece in _unpacked(objects, key):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if msgspec.json.decode(line, type=_Status).status == "failed":
                    yield line + b"\n"


def _unpacked(objects: Objects, key: str) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    for piece in objects.stream(key):
        if unpacked := unpack.decompress(piece):
            yield unpacked
    if rest := unpack.flush():
        yield rest
