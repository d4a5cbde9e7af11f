"""Sealing: a stream of bytes as a sequence of authenticated chunks, in bounded memory.

STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) with AES-256-GCM: the nonce of a chunk is a random
prefix of 7 bytes, its number (4 bytes, big-endian), and 1 for the last chunk, else 0. So none can
be changed, left out, doubled, moved, or cut off at the end without being noticed. The header, with
which every chunk is authenticated, is

    magic "NPBACKUP"  8    format 1  1    backup's id  16    key's id  8    wrapped key  40
    nonce prefix      7

and chunks follow, each of CHUNK bytes sealed, the last of at most as many, with 16 bytes of tag.
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.backups.keys import Keys, Tampered

MAGIC = b"NPBACKUP"
FORMAT = 1
#: Plain bytes of a chunk, and the tag that each has more when it is sealed.
CHUNK = 1 << 20
TAG = 16
_HEADER = struct.Struct(">8sB16s8s40s7s")
_LARGEST = 2**32


def seal(pieces: Iterable[bytes], backup_id: uuid.UUID, keys: Keys) -> Iterator[bytes]:
    """The header, then every chunk sealed. *pieces* may have any sizes."""
    secret = AESGCM.generate_key(256)
    key, prefix = keys.current, os.urandom(7)
    header = _HEADER.pack(MAGIC, FORMAT, backup_id.bytes, key.id, key.wrap(secret), prefix)
    yield header
    cipher = AESGCM(secret)
    for number, (chunk, last) in enumerate(_chunks(pieces, CHUNK)):
        yield cipher.encrypt(_nonce(prefix, number, last), chunk, header)


def unseal(pieces: Iterable[bytes], backup_id: uuid.UUID, keys: Keys) -> Iterator[bytes]:
    """What was sealed, chunk by chunk, each authenticated before it is handed on.

    Raises Tampered at the first byte that is not as it was written, UnknownKey.
    """
    source = _chunks(pieces, CHUNK + TAG, first=_HEADER.size)
    header, last = next(source)
    if len(header) < _HEADER.size or last:
        raise Tampered("It ends within its header.")
    magic, version, owner, key_id, wrapped, prefix = _HEADER.unpack(header)
    if magic != MAGIC or version != FORMAT:
        raise Tampered("Its header is none of a backup, or of a newer release's.")
    if owner != backup_id.bytes:
        raise Tampered(f"It is that of the backup {uuid.UUID(bytes=owner)}.")
    cipher = AESGCM(keys.named(key_id).unwrap(wrapped))
    for number, (chunk, last) in enumerate(source):
        try:
            yield cipher.decrypt(_nonce(prefix, number, last), chunk, header)
        except InvalidTag:
            where = "last chunk" if last else f"chunk {number}"
            raise Tampered(f"Its {where} is not as it was written, or not in its place.") from None


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    if number >= _LARGEST:
        raise OverflowError("a backup has at most 2^32 chunks")
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _chunks(
    pieces: Iterable[bytes], size: int, first: int | None = None
) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in chunks of *size*, and whether each is the last; at least one.

    first: the size of the first chunk, where it is another.
    """
    held = bytearray()
    due = first or size
    for piece in pieces:
        held += piece
        # One byte more tells that this chunk is not the last.
        while len(held) > due:
            yield bytes(held[:due]), False
            del held[:due]
            due = size
    yield bytes(held), True
