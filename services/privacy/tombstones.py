"""Tombstones: a word in the object store for every account that was erased, so that it stays so.

A backup that is restored brings back whom it knew. Tombstones lie outside the database, and are
applied again before the restored one opens. One names the account by its id, which leads to nobody
once the account is gone, and nothing else of it. None is ever deleted: nobody knows how old the
backup is that somebody restores.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from kernel import codec
from kernel.ids import parse_id
from kernel.objects import Objects

FOLDER = "tombstones"


def put(objects: Objects, account_id: uuid.UUID, asked_at: datetime) -> None:
    """Set the account's tombstone. asked_at: when its erasure was asked for."""
    stone = {"format": 1, "account_id": account_id, "asked_at": asked_at}
    objects.put(f"{FOLDER}/{account_id}.json", codec.dumps(stone))


def accounts(objects: Objects) -> Iterator[uuid.UUID]:
    """Whom tombstones name."""
    for key in objects.keys(FOLDER):
        name = key.removeprefix(f"{FOLDER}/").removesuffix(".json")
        if (account_id := parse_id(name)) is not None:
            yield account_id
