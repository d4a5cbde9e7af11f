"""Again: whoever has a tombstone is erased once more, in a database that was restored.

Tombstones are never deleted, and few of their accounts are in any one backup: who is there at all
is asked once for every table.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, exists, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Session

from kernel.errors import PlatformError
from kernel.objects import Objects
from services.backups.keys import Keys, Tampered
from services.privacy import tombstones
from services.privacy.declarations import declarations
from services.privacy.erase import EXPORTS, Stores, Transaction, pass_over

#: Tombstones that an error names.
NAMED = 10
_ACCOUNT = text("DELETE FROM accounts WHERE id = :account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """tombstones: how many there are; erased: accounts of them that were in the database."""

    tombstones: int
    erased: int


def apply_tombstones(
    transaction: Transaction, objects: Objects, keys: Keys, *, trusting: bool = False
) -> Applied:
    """Erase again whoever has a tombstone.

    transaction: opens one there (`Database.transaction`), or hands out the one that restores.
    trusting: also where the tombstone of somebody who is there is not signed by a key of *keys*;
    else Tampered is raised, which names them. To be called before that database opens: nothing may
    write to it meanwhile. Harmless where nobody of them is left, and where it is killed and called
    again.
    """
    named = set(tombstones.accounts(objects))
    with transaction() as session:
        there = sorted(_present(session, named))
    if not trusting:
        _check(objects, keys, there)
    stores = Stores(transaction=transaction, objects=objects, keys=keys)
    for account_id in there:
        pass_over(stores, account_id, lambda _: None)
        with transaction() as session:
            session.execute(_ACCOUNT, {"account": account_id})
    # Also of whom the database does not know any more, or not yet.
    for account in {str(one) for one in named}.intersection(objects.folders(EXPORTS)):
        objects.delete(f"{EXPORTS}/{account}")
    return Applied(tombstones=len(named), erased=len(there))


def _present(session: Session, named: set[uuid.UUID]) -> set[uuid.UUID]:
    """Whoever of them has a row in any table, or stands in one."""
    found: set[uuid.UUID] = set()
    # Accounts first: who is there is mostly there.
    for one in reversed(declarations().values()):
        asked = func.unnest(cast(list(named - found), ARRAY(UUID))).column_valued("asked")
        # Arrays are unpacked, to be hashed once: they have no index, and may name everybody.
        conditions: list[ColumnElement[bool]] = [
            asked.in_(select(func.unnest(one.table.columns[name]))) for name in one.arrays
        ]
        if one.deletes and not one.parents:
            column = one.table.columns[one.column or ""]
            same = cast(asked, Text) if isinstance(column.type, Text) else asked
            conditions.append(exists().where(column == same))
        for condition in conditions:
            found.update(session.scalars(select(asked).where(condition)))
    return found


def _check(objects: Objects, keys: Keys, account_ids: list[uuid.UUID]) -> None:
    if not (bad := list(_untrusted(objects, keys, account_ids))):
        return
    more = f", and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
    raise Tampered(
        f"{len(bad)} tombstones of accounts in this backup are not to be trusted: "
        f"{'; '.join(bad[:NAMED])}{more}. Whoever set them is not this platform with this "
        "BACKUP_KEY. Move those aside that nobody asked for, or have all of them applied: "
        "--trust-tombstones"
    )


def _untrusted(objects: Objects, keys: Keys, account_ids: list[uuid.UUID]) -> Iterator[str]:
    for account_id in account_ids:
        try:
            tombstones.check(objects, keys, account_id)
        except PlatformError as error:
            yield f"{tombstones.FOLDER}/{account_id}.json ({str(error).rstrip('.')})"
