"""Sealed bytes come back as they were, or not at all."""

from __future__ import annotations

import os
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import SettingsError
from kernel.settings import secret_bytes
from services.backups import sealing
from services.backups.keys import Keys, Tampered, UnknownKey
from services.backups.sealing import CHUNK, TAG, seal, unseal

ID = uuid.UUID(int=7)
KEYS = Keys(bytes(range(32)))
HEADER = 80
SEALED = CHUNK + TAG
PLAIN = os.urandom(2 * CHUNK + 1000)


def sealed(plain: bytes = PLAIN, keys: Keys = KEYS) -> bytes:
    return b"".join(seal([plain], ID, keys))


def opened(stored: bytes, keys: Keys = KEYS, backup_id: uuid.UUID = ID) -> bytes:
    return b"".join(unseal([stored], backup_id, keys))


@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(1, 50), st.integers(1, 20))
def test_what_was_sealed_comes_back_whatever_the_sizes_of_its_pieces(
    pieces: list[bytes], chunk: int, step: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "CHUNK", chunk)
        stored = b"".join(seal(pieces, ID, KEYS))
        again = [stored[at : at + step] for at in range(0, len(stored), step)]

        assert b"".join(unseal(again, ID, KEYS)) == b"".join(pieces)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_sizes_about_a_chunk_come_back(size: int) -> None:
    assert opened(sealed(PLAIN[:size])) == PLAIN[:size]


@pytest.mark.parametrize(
    "at",
    [0, 8, 9, 25, 33, 60, 75, HEADER, HEADER + 5, HEADER + SEALED + 9, HEADER + 2 * SEALED, -1],
    ids=lambda at: f"byte {at}",
)
def test_a_flipped_bit_is_found_wherever_it_is(at: int) -> None:
    stored = bytearray(sealed())
    stored[at] ^= 0x10

    with pytest.raises((Tampered, UnknownKey)):
        opened(bytes(stored))


@pytest.mark.parametrize(
    "end", [0, 10, HEADER, HEADER + 1, HEADER + SEALED, HEADER + 2 * SEALED, -1]
)
def test_an_end_that_was_cut_off_is_found(end: int) -> None:
    with pytest.raises(Tampered):
        opened(sealed()[:end])


def test_chunks_that_change_places_are_left_out_or_come_twice_are_found() -> None:
    stored = sealed()
    header, rest = stored[:HEADER], stored[HEADER:]
    first, second, last = rest[:SEALED], rest[SEALED : 2 * SEALED], rest[2 * SEALED :]

    for pieces in (
        [second, first, last],
        [first, last],
        [first, first, second, last],
        [first, second, last, last],
        [first, second],
    ):
        with pytest.raises(Tampered):
            opened(header + b"".join(pieces))


def test_another_backup_s_chunks_do_not_fit() -> None:
    one, other = sealed(), sealed()

    with pytest.raises(Tampered):
        opened(one[: HEADER + SEALED] + other[HEADER + SEALED :])
    with pytest.raises(Tampered, match="that of the backup"):
        opened(one, backup_id=uuid.UUID(int=8))


def test_a_wrong_key_is_named_and_the_one_before_still_opens() -> None:
    newer = os.urandom(32)

    with pytest.raises(UnknownKey, match=KEYS.current.id.hex()):
        opened(sealed(), Keys(newer))
    assert opened(sealed(), Keys(newer, bytes(range(32)))) == PLAIN


def test_nothing_of_a_key_shows_where_it_is_printed() -> None:
    key = Keys(b"secret-secret-secret-secret-1234").current

    assert key._wrapping.hex() not in repr(key)
    assert repr(key._signing) not in repr(key)


@pytest.mark.parametrize("given", ["ab" * 32, "short", "=" * 44, "A" * 43, "x" * 64])
def test_a_key_that_is_none_is_refused_by_its_name(given: str) -> None:
    with pytest.raises(SettingsError, match="BACKUP_KEY"):
        secret_bytes("BACKUP_KEY", given)
