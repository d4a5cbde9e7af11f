"""What lies in the vault is read in bounded memory, whole, and from beginning to end."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from kernel.objects import Objects
from services.backups.keys import Keys, Tampered
from services.backups.manifest import Manifest
from services.backups.sealing import seal
from services.backups.vault import PIECE, Vault
from tests.backups.test_manifest import MANIFEST

KEYS = Keys(bytes(range(32)))
MIB = 1 << 20


@pytest.fixture
def unfilled(tmp_path: Path) -> Vault:
    return Vault(Objects(tmp_path.as_uri()), KEYS)


def stored(vault: Vault, compressed: bytes, dump_bytes: int) -> Manifest:
    """A backup of a dump that was compressed before."""
    made = replace(MANIFEST, id=uuid.uuid4(), dump_bytes=dump_bytes)
    return replace(made, parts=vault.store(made.id, seal([compressed], made.id, KEYS)))


def test_however_well_it_was_compressed_little_of_it_is_in_memory_at_once(unfilled: Vault) -> None:
    manifest = stored(unfilled, zstandard.compress(b"a" * (64 * MIB)), 64 * MIB)
    told: list[int] = []

    sizes = [len(piece) for piece in unfilled.dump(manifest, lambda done, _: told.append(done))]

    assert sum(sizes) == 64 * MIB
    assert max(sizes) <= PIECE
    assert told[-1] == manifest.bytes


@pytest.mark.parametrize(
    ("compressed", "dump_bytes"),
    [
        (zstandard.compress(b"a" * MIB)[:-8], MIB),
        (zstandard.compress(b"a" * MIB) + b"more", MIB),
        (zstandard.compress(b"a" * MIB) + zstandard.compress(b"b" * 3 * MIB), MIB),
        (zstandard.compress(b"a" * MIB), MIB + 1),
        (b"no frame at all", 15),
    ],
    ids=["cut off", "more", "two frames", "too short", "no frame"],
)
def test_authentic_or_not_it_must_be_the_dump_that_was_made(
    unfilled: Vault, compressed: bytes, dump_bytes: int
) -> None:
    manifest = stored(unfilled, compressed, dump_bytes)

    with pytest.raises(Tampered):
        unfilled.verify(manifest)
