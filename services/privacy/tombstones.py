"""Tombstones: a word in the object store for every account that was erased, so that it stays so.

A backup that is restored brings back whom it knew. Tombstones lie outside the database, and are
applied again before the restored one opens. One names the account by its id, which leads to nobody
once the account is gone, and nothing else of it. None is ever deleted: nobody knows how old the
backup is that somebody restores.

They are signed with BACKUP_KEY, where there is one: else whoever can write to the object store
could have anybody erased at the next restore.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from kernel import codec
from kernel.ids import parse_id
from kernel.objects import Objects
from kernel.settings import Settings
from services.backups.keys import Keys, Tampered
from services.backups.signed import sign, verified

FOLDER = "tombstones"


def put(objects: Objects, keys: Keys | None, account_id: uuid.UUID, asked_at: datetime) -> None:
    """Set the account's tombstone. asked_at: when its erasure was asked for."""
    stone = codec.dumps({"format": 1, "account_id": account_id, "asked_at": asked_at})
    objects.put(_key(account_id), stone if keys is None else sign(stone, keys))


def accounts(objects: Objects) -> Iterator[uuid.UUID]:
    """Whom tombstones name."""
    for key in objects.keys(FOLDER):
        name = key.removeprefix(f"{FOLDER}/").removesuffix(".json")
        if (account_id := parse_id(name)) is not None:
            yield account_id


def check(objects: Objects, keys: Keys, account_id: uuid.UUID) -> None:
    """Raise Tampered or UnknownKey unless the account's tombstone was set by this platform."""
    stone = verified(objects.get(_key(account_id)), keys, "It")
    if codec.loads(stone).get("account_id") != str(account_id):
        raise Tampered("It is that of another account.")


def keys_of(settings: Settings) -> Keys | None:
    """What signs them; None where there is no BACKUP_KEY, and so no backup either."""
    return Keys.of(settings) if settings.backup_key else None


def _key(account_id: uuid.UUID) -> str:
    return f"{FOLDER}/{account_id}.json"
