"""A manifest is read once it is known to be ours, and of this backup."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.backups import manifest as manifests
from services.backups.keys import Keys, Tampered, UnknownKey
from services.backups.manifest import Digest, Manifest, Part

KEYS = Keys(bytes(range(32)))
MANIFEST = Manifest(
    id=uuid.UUID(int=7),
    snapshot_at=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
    server_version=180006,
    schema_revision="0007",
    owner="owner",
    roles=["app", "owner"],
    extensions=["unaccent"],
    tables={"public.a": Digest(rows=3, checksum="-12")},
    newest_row_at=None,
    dump_bytes=10,
    parts=[Part(bytes=5, sha256="00" * 32)],
)


def test_it_reads_back_as_it_was_written() -> None:
    assert manifests.read(manifests.write(MANIFEST, KEYS), MANIFEST.id, KEYS) == MANIFEST


def test_a_bit_flipped_anywhere_is_found() -> None:
    stored = manifests.write(MANIFEST, KEYS)
    for at in range(len(stored) - 1):
        changed = bytearray(stored)
        changed[at] ^= 1
        with pytest.raises((Tampered, UnknownKey)):
            manifests.read(bytes(changed), MANIFEST.id, KEYS)


def test_one_cut_off_is_found() -> None:
    stored = manifests.write(MANIFEST, KEYS)
    for end in range(0, len(stored) - 2, 7):
        with pytest.raises(Tampered):
            manifests.read(stored[:end], MANIFEST.id, KEYS)


def test_another_backup_s_is_found() -> None:
    with pytest.raises(Tampered, match="that of the backup"):
        manifests.read(manifests.write(MANIFEST, KEYS), uuid.UUID(int=8), KEYS)


def test_one_signed_with_another_key_says_which_it_needs() -> None:
    with pytest.raises(UnknownKey, match=KEYS.current.id.hex()):
        manifests.read(manifests.write(MANIFEST, KEYS), MANIFEST.id, Keys(os.urandom(32)))


def test_one_of_a_later_format_says_so() -> None:
    later = manifests.write(replace(MANIFEST, format=2), KEYS)

    with pytest.raises(Tampered, match="format 2"):
        manifests.read(later, MANIFEST.id, KEYS)
